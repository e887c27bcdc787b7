#!/usr/bin/env bats
# Rulebooks made to harm: refused with a message, in bounded time and memory,
# whichever action reads them.  Names and modes that no rulebook may have are
# in procedure.bats.

# shellcheck disable=SC2154	# run sets output, stderr and status

load lib

MEMORY=192000 # KiB of address space; an ordinary run needs about half
SECONDS_MAX=10

setup() {
	unset MOTCUA_RULES
	cd "$BATS_TEST_TMPDIR" || return
	R=$BATS_TEST_TMPDIR/rules
	procedure init rules --now=2024-01-01 2>/dev/null
	H=procedures/construction/1.009994.json
}

g() {
	git -C "$R" -c user.name=Test -c user.email=test@example.org \
	    -c commit.gpgsign=false -c safe.directory='*' "$@"
}

commit() {
	make_rules "$R" >/dev/null
}

# bounded COMMAND...: within the limits, which a sanitizer cannot keep.
bounded() {
	(
		[ -n "${MOTCUA_SAN-}" ] || ulimit -v $MEMORY
		exec timeout $SECONDS_MAX "$@"
	)
}

# lint_says TEXT: that is among the findings, and the status is 1.
lint_says() {
	run --separate-stderr bounded procedure lint -r rules -f table \
	    --now=2026-09-01
	[ "$status" -eq 1 ] || { echo "$status: $output$stderr"; return 1; }
	[[ $output == *"$1"* ]] || { echo "$output"; return 1; }
}

# all_refuse TEXT: every action that reads the commit says so and stops; none
# ends in a crash or for want of time or memory.
all_refuse() {
	local a

	for a in 'list' 'show --date=2022-01-01 1.009994' 'log 1.009994' \
	    'graph --date=2022-01-01 1.009994' 'diff HEAD~..HEAD'; do
		# shellcheck disable=SC2086
		run --separate-stderr bounded procedure $a -r rules
		[ "$status" -eq 2 ] && [[ $stderr == *"$1"* ]] || {
			echo "$a: $status: $output$stderr"
			return 1
		}
	done
}

# big BYTES CHARACTER: that many of it.
big() {
	head -c "$1" /dev/zero | tr '\0' "$2"
}

@test "an ordinary rulebook keeps the limits that the others are held to" {
	local a

	for a in 'lint' 'list' 'show --date=2022-01-01 1.009994' \
	    'log 1.009994' 'graph --date=2022-01-01 1.009994' \
	    'diff HEAD..HEAD'; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr bounded procedure $a -r rules \
		    --now=2026-09-01
		[ -z "$stderr" ]
	done
}

@test "a blob of 100 MB is refused before it is read" {
	big 100000000 x >"$R/$H"
	commit
	rm "$R/$H"
	lint_says "E_TREE: \"$H\" in commit $(g rev-parse HEAD): 100000000 bytes; a file has at most 1048576"
	all_refuse ': 100000000 bytes; a file has at most 1048576'
}

@test "a blob of 100 MB in the work tree is refused before it is read" {
	big 100000000 x >"$R/$H"
	run --separate-stderr bounded procedure lint -w -r rules -f table
	[ "$status" -eq 1 ]
	[[ $output == *"E_TREE: \"$H\" in the work tree: 100000000 bytes; "* ]]
	run -2 --separate-stderr bounded procedure diff -w -r rules
	[[ $stderr == *': 100000000 bytes; a file has at most 1048576'* ]]
}

@test "many files that are big together are refused" {
	local i

	mkdir -p "$R/maps"
	big 1000000 x >"$R/maps/0.json"
	for ((i = 1; i < 70; i++)); do
		cp "$R/maps/0.json" "$R/maps/$i.json"
	done
	commit
	lint_says ': more than 67108864 bytes in all files'
	all_refuse ': more than 67108864 bytes in all files'
}

@test "10,001 files are refused" {
	mkdir "$R/junk"
	(cd "$R/junk" && for ((i = 0; i < 10001; i++)); do : >"f$i"; done)
	commit
	lint_says ': more than 10000 files'
	all_refuse ': more than 10000 files'
}

@test "symbolic links and submodules on disk are refused" {
	ln -s /etc/passwd "$R/procedures/construction/1.000001.json"
	run --separate-stderr bounded procedure lint -w -r rules -f table
	[ "$status" -eq 1 ]
	[[ $output == *'E_TREE: "procedures/construction/1.000001.json" in the work tree: a symbolic link'* ]]
	commit
	lint_says ': a symbolic link'
	all_refuse ': a symbolic link'
	[[ $output$stderr != *root:* ]]
	g rm -q --cached procedures/construction/1.000001.json
	rm "$R/procedures/construction/1.000001.json"
	g update-index --add --cacheinfo \
	    160000,"$(g rev-parse HEAD)",procedures/evil
	g commit -qm 'A submodule'
	lint_says 'E_TREE: "procedures/evil" in commit '"$(g rev-parse HEAD)"': a submodule'
}

@test "10,000 steps are refused" {
	local i

	{
		sed '/"steps"/,$d' "$R/$H"
		echo ' "steps": ['
		for ((i = 0; i < 10000; i++)); do
			printf '{"id":"s%d","role":"leader","next":"s%d"},\n' \
			    $i $((i + 1))
		done
		echo '{"id":"s10000","final":true}]}'
	} >definition
	mv definition "$R/$H"
	commit
	lint_says "$H:28:11: E_LIMIT: \"steps\" has 10001 entries, at most 200"
	run -2 --separate-stderr bounded procedure show -r rules \
	    --date=2022-01-01 1.009994
	[[ $stderr == *'E_LIMIT: "steps" has 10001 entries, at most 200'* ]]
	# What is no good can still be compared.
	run -0 --separate-stderr bounded procedure diff -r rules HEAD~..HEAD
	[ "$(grep -c '"change":"added"' <<<"$output")" -ge 10000 ]
}

@test "200 steps of 32 branches each are refused, 1,000 branches are linted" {
	local i k

	{
		sed '/"steps"/,$d' "$R/$H"
		echo ' "steps": ['
		for ((i = 0; i < 199; i++)); do
			printf '{"id":"s%d","role":"leader","join":"all","next":[' $i
			for ((k = 0; k < 31; k++)); do
				printf '{"when":{"field":"floor_area","gt":%d},"to":"s%d"},' \
				    $((1000 - k)) $(((i * 7 + k * 13) % 199 == i ? 199 : (i * 7 + k * 13) % 199))
			done
			printf '{"to":"s199"}]},\n'
		done
		echo '{"id":"s199","final":true}]}'
	} >definition
	mv definition "$R/$H"
	commit
	lint_says 'E_LIMIT: 199 steps join, at most 32'
	[[ $output == *': E_LIMIT: the steps up to here have 1024 branches, at most 1000'* ]]
	# Five branches are left of each.
	sed -i 's/"join":"all",//; s/\(\({"when"[^}]*},"to":"s[0-9]*"},\)\{4\}\)\({"when"[^}]*},"to":"s[0-9]*"},\)*/\1/' "$R/$H"
	commit
	[ "$(grep -o '"to"' "$R/$H" | wc -l)" -eq 995 ]
	run --separate-stderr bounded procedure lint -r rules -f table
	[ "$status" -le 1 ]
	run -0 --separate-stderr bounded procedure graph -r rules \
	    --date=2022-01-01 1.009994
}

@test "loops are found, not followed" {
	sed -i '/"id": "sign"/,/"next"/s/"next": "issue"/"next": "receive"/' "$R/$H"
	commit
	lint_says 'E_LOOP: nothing leads out of the loop of the steps "receive", "appraise", "fire", "environment" and "sign"'
	sed -i 's/^\(H42,.*,\),\(2010-01-01\)/\1H42.01,\2/' "$R/units.csv"
	commit
	lint_says 'E_CYCLE: '
}

@test "deep JSON is refused" {
	{ big 100000 '['; big 100000 ']'; } >"$R/$H"
	commit
	lint_says "$H:1:65: E_LIMIT: "
	run -2 --separate-stderr bounded procedure diff -r rules HEAD~..HEAD
	[[ $stderr == *"HEAD:$H:1:65: E_LIMIT: "* ]]
	{ echo '{"a":'; big 63 '['; big 63 ']'; echo '}'; } >"$R/$H"
	cp "$R/$H" "$R/maps.json"
	commit
	run --separate-stderr bounded procedure diff -r rules HEAD~2..HEAD
	[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
}

@test "deep and wide conditions are refused, or judged in time" {
	local i c='{"field":"floor_area","eq":1}'

	for ((i = 0; i < 17; i++)); do
		c="{\"not\":$c}"
	done
	sed -i "s/{\"field\": \"floor_area\", \"gt\": 250}/$c/" "$R/$H"
	commit
	lint_says 'E_LIMIT: conditions are nested deeper than 16'
	# A hundred tests of a hundred: too many combinations to be judged.
	{
		printf '{"any":['
		for ((i = 0; i < 100; i++)); do
			printf '%s{"all":[' "${SEP-}"
			for ((k = 0; k < 100; k++)); do
				[ $k -eq 0 ] || printf ,
				printf '{"field":"floor_area","lt":%d}' $((i * 100 + k))
			done
			printf ']}'
			SEP=,
		done
		printf ']}'
	} >when
	python3 - "$R/$H" when <<'END' 2>/dev/null || skip 'no python3'
import json, sys
d = json.load(open(sys.argv[1]))
d["steps"][1]["next"][0]["when"] = json.load(open(sys.argv[2]))
json.dump(d, open(sys.argv[1], "w"))
END
	commit
	run --separate-stderr bounded procedure lint -r rules -f table \
	    --now=2026-09-01
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "files that are not UTF-8, or hold a NUL, are refused with their place" {
	printf '{"code": "\xff\xfe"}' >"$R/$H"
	printf 'code,name,level,role,parent,valid_from,valid_to,successor\nH42,T\xecnh,province,,,2010-01-01,,\n' >"$R/units.csv"
	commit
	lint_says "$H:1:11: E_UTF8: "
	lint_says 'units.csv:2:'
	printf '{"code": "1.009994\0"}' >"$R/$H"
	commit
	lint_says "$H:1:"
	{ printf '\xff\xfe'; printf '{}' | iconv -t UTF-16LE; } >"$R/$H"
	commit
	lint_says "$H:1:1: E_ENCODING: "
}

@test "thousands of faults are told once, and soon" {
	local i

	{
		echo '{"schema": "motcua.calendar/1", "weekly": {"mon": ["07:30-11:30"]}, "days_off": ['
		for ((i = 0; i < 19999; i++)); do
			echo "{\"date\": \"x$i\", \"name\": \"a\", \"basis\": \"b\"},"
		done
		echo '{"date": "x", "name": "a", "basis": "b"}]}'
	} >"$R/calendars/office.json"
	{
		printf '{'
		for ((i = 0; i < 999; i++)); do
			printf '"member_%d": 1,' $i
		done
		printf '"x": 1}'
	} >"$R/$H"
	for ((i = 0; i < 9000; i++)); do
		printf 'H42,Again,province,,,2010-01-01,,\n'
	done >>"$R/units.csv"
	commit
	lint_says 'calendars/office.json: W_MORE: 20000 findings; only the first is listed'
	[[ $output == *"$H: W_MORE: more than 100 findings; the others are not listed"* ]]
	[[ $output == *'units.csv: W_MORE: more than 100 findings; the others are not listed'* ]]
	[ "${#lines[@]}" -lt 1000 ]
}

@test "a calendar of thousands of faults stops a tool at the first" {
	local i

	dossier-db init --db=m.db --rules=rules --now=2024-01-01 2>/dev/null
	{
		echo '{"schema": "motcua.calendar/1", "weekly": {"mon": ["07:30-11:30"]}, "days_off": ['
		for ((i = 0; i < 19999; i++)); do
			echo "{\"date\": \"x$i\", \"name\": \"a\", \"basis\": \"b\"},"
		done
		echo '{"date": "x", "name": "a", "basis": "b"}]}'
	} >"$R/calendars/office.json"
	commit
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.02,2024-02-01\n' >a.csv
	run --separate-stderr bounded dossier-import --db=m.db a.csv
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == 'dossier-import: calendars/office.json:2:10: E_DATE: there is no day "x0"'* ]]
}

@test "no text of a rulebook gets to the terminal as it is" {
	local a

	sed -i 's/"title": "Ký/"title": "K\\u001b[2Jy\\u202e/' "$R/$H"
	commit
	lint_says 'E_FIELD: a control character in "title"'
	for a in 'diff HEAD~..HEAD' 'lint'; do
		# shellcheck disable=SC2086
		run --separate-stderr bounded procedure $a -r rules -f table
		[[ $output$stderr != *$'\x1b'* ]]
		[[ $output$stderr != *$'\u202e'* ]]
	done
}

@test "nothing outside the rulebook is written, and nothing in it" {
	local before

	before=$(find . -type f -newer rules -o -type f | sort | xargs sha1sum)
	for a in lint list 'diff HEAD..HEAD' 'log 1.009994'; do
		# shellcheck disable=SC2086
		procedure $a -r rules >/dev/null 2>"$BATS_TEST_TMPDIR/../err.$$"
	done
	rm -f "$BATS_TEST_TMPDIR/../err.$$"
	[ "$before" = "$(find . -type f -newer rules -o -type f | sort | xargs sha1sum)" ]
}
