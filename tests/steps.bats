#!/usr/bin/env bats
# Real and made-up procedures: what lint says of them, and dossiers that run
# through them under a model of the ten statuses (tests/gen/model.c).

# shellcheck disable=SC2154	# run sets output, stderr and status

load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

need_tables() {
	need_shared data/vn/quy_trinh_noi_bo_steps.csv
	python3 -c '' 2>/dev/null || skip 'no python3'
	TABLES=$SHARED/data/vn/quy_trinh_noi_bo_steps.csv
}

lint() {
	git init -q tables
	run --separate-stderr procedure lint --worktree -r tables -f table \
	    --now=2026-09-01
}

@test "made-up procedures: every dossier moves as it may, and ends" {
	local n=50

	[ -z "${MOTCUA_SAN-}" ] || n=5
	run -0 --separate-stderr timeout 120 model -n $n -r 400 -s 7
	[ -z "$stderr" ]
	echo "$output"
	[[ ${lines[0]} =~ ^procedures\ 400,\ dossiers\ ([0-9]+),\ ended\ ([0-9]+), ]]
	[ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ]
	# Each status, joins and parallel steps were really met.
	[ "$(grep -cE '^status [0-9]+: [1-9]' <<<"$output")" -eq 10 ]
	[[ ! ${lines[0]} =~ (joined|parallel|case|one|expired)\ 0 ]]
}

@test "real tables: what lint finds is true of the source" {
	need_tables
	[ "$(python3 "$TOP/tests/steps.py" "$TABLES" tables)" -eq 92 ]
	lint
	[ "$status" -eq 1 ]
	# Two texts end in a space; one table has two steps of the number 3,
	# and so one that leads to its own name.
	same_text "$(grep -v '^	' <<<"$output" | cut -d: -f1,4- |
	    sed 's|procedures/internal/||')" <<'END'
1.900027.json: E_NFC: "title" is not in Unicode form NFC, or has invisible characters or space at its ends
1.900042.json: E_NFC: "title" is not in Unicode form NFC, or has invisible characters or space at its ends
1.900046.json: E_DUPLICATE: "b3" stands there twice
1.900046.json: E_STEP: the step "b3" leads to itself
END
}

@test "real tables: a thousand dossiers of each reach their end" {
	need_tables
	[ "$(python3 "$TOP/tests/steps.py" --mend "$TABLES" tables)" -eq 92 ]
	lint
	[ "$status" -eq 0 ]
	silent
	[ -z "${MOTCUA_SAN-}" ] || skip 'too slow with sanitizers'
	run -0 --separate-stderr timeout 120 model -n 1000 \
	    tables/procedures/internal/*.json
	[ -z "$stderr" ]
	[[ ${lines[0]} == 'procedures 92, dossiers 92000, ended 92000, '* ]]
	[ "$(grep -cE '^status [0-9]+: [1-9]' <<<"$output")" -eq 10 ]
}
