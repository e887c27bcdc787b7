#!/usr/bin/env bats
# README.md and the demonstration: what they show is what happens.

# shellcheck disable=SC2154	# bats sets output, stderr and their _lines

load lib

@test "the demonstration runs, and the README's pipe gives what it shows" {
	local pipe wanted

	run -0 --separate-stderr sh "$TOP/tests/demo.sh" "$BATS_TEST_TMPDIR/demo"
	[[ $output == *'Everything is in '* ]]
	[[ $output == *'"events":'* ]]
	[ -s "$BATS_TEST_TMPDIR/demo/06a.html" ]

	cd "$BATS_TEST_TMPDIR/demo"
	# shellcheck disable=SC2016	# the back quotes are the README's
	pipe=$(sed -n '/^    \$ dossier-find/,/head -4$/p' "$TOP/README.md" |
	    sed 's/^    \$ //')
	wanted=$(sed -n '/head -4$/,/^$/p' "$TOP/README.md" |
	    sed -n 's/^    \(H42.*\)/\1/p')
	[ -n "$wanted" ]
	MOTCUA_DB=motcua.db run -0 --separate-stderr bash -c "$pipe"
	[ "$output" = "$wanted" ]
	[ -z "$stderr" ]
}

@test "the generated month's dirt is refused, row for row" {
	cd "$BATS_TEST_TMPDIR"
	sh "$TOP/tests/demo.sh" "$PWD/demo" >/dev/null 2>&1
	[ "$(jq .bad demo/truth.json)" -eq \
	    "$(($(wc -l <demo/rejects.csv) - 1))" ]
	[ "$(jq .good demo/truth.json)" -eq "$(wc -l <demo/imported.ndjson)" ]
	same_text "$(grep -o ',E_[A-Z0-9]*,' demo/rejects.csv | tr -d , |
	    sort | uniq -c | awk '{ print $2, $1 }')" < <(
		jq -r '.bad_by_code | to_entries[] | "\(.key) \(.value)"' \
		    demo/truth.json | sort)
}
