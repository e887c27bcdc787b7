#!/usr/bin/env bats
# dossier-import --number: rows without a code get one.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

checked() {
	run -0 --separate-stderr dossier-db check
	silent
}

# codes <RECORDS: with their results.
codes() {
	jq -r '"\(.code) \(.result)"'
}

@test "the next of the agency and the day, in the order of the rows" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,applicant_name
		,1.009994,H42.30,2024-04-15 08:15,A
		,1.009994,H42.30,2024-04-16 08:15,B
		,1.009994,H42.31,2024-04-15 08:15,C
		H42.30-240415-0007,1.009994,H42.30,2024-04-15 08:15,D
		,1.009994,H42.30,2024-04-15 14:00,E
		odd-1,1.009994,H42.30,2024-04-15 08:15,F
	END
	run -1 --separate-stderr imp a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:1: E_CODE: code is missing' ]
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -0 --separate-stderr imp --number a.csv
	# A code that comes in the same batch is not given to another row.
	same_text "$(codes <<<"$output")" <<-'END'
		H42.30-240415-0008 added
		H42.30-240416-0001 added
		H42.31-240415-0001 added
		H42.30-240415-0007 added
		H42.30-240415-0009 added
		odd-1 added
	END
	checked
	[ "$(dossier-find --personal H42.30-240415-0009 | jq -r .applicant_name)" = E ]
}

@test "a second run knows the rows again" {
	cat >a.csv <<-'END'
		procedure,unit,received_at,applicant_name
		1.009994,H42.30,2024-04-15 08:15,A
		1.009994,H42.30,2024-04-15 08:15,B
		1.009994,H42.30,2024-04-15 08:15,A
	END
	run -0 --separate-stderr imp --number a.csv
	same_text "$(codes <<<"$output")" <<-'END'
		H42.30-240415-0001 added
		H42.30-240415-0002 added
		H42.30-240415-0003 added
	END
	sha256sum "$MOTCUA_DB" "$MOTCUA_DB-wal" >before
	run -0 --separate-stderr imp --number a.csv
	same_text "$(codes <<<"$output")" <<-'END'
		H42.30-240415-0001 unchanged
		H42.30-240415-0002 unchanged
		H42.30-240415-0003 unchanged
	END
	sha256sum "$MOTCUA_DB" "$MOTCUA_DB-wal" | diff before -
	# Equal rows are as many dossiers; only the surplus is new.
	echo '1.009994,H42.30,2024-04-15 08:15,A' >>a.csv
	run -0 --separate-stderr imp --number --batch=1 a.csv
	[ "$(codes <<<"$output" | tail -1)" = 'H42.30-240415-0004 added' ]
	[ "$(codes <<<"$output" | grep -c unchanged)" -eq 3 ]
	# The file with its numbers filled in is the same rows.
	{ echo 'code,procedure,unit,received_at,applicant_name'
	  paste -d, <(jq -r .code <<<"$output") <(tail -n +2 a.csv); } >b.csv
	run -0 --separate-stderr imp b.csv
	[ "$(codes <<<"$output" | grep -c unchanged)" -eq 4 ]
	checked
}

@test "by its alias a row is known also when it has changed" {
	cat >a.csv <<-'END'
		alias,procedure,unit,received_at,channel
		so 17,1.009994,H42.30,2024-04-15 08:15,direct
	END
	run -1 --separate-stderr imp --number a.csv
	[ "$stderr" != '' ]
	cat >a.csv <<-'END'
		alias,procedure,unit,received_at,channel
		s-17,1.009994,H42.30,2024-04-15 08:15,direct
		s-18,1.009994,H42.30,2024-04-15 08:15,direct
		s-17,1.009994,H42.30,2024-04-15 08:15,direct
	END
	run -0 --separate-stderr imp --number a.csv
	same_text "$(codes <<<"$output")" <<-'END'
		H42.30-240415-0001 added
		H42.30-240415-0002 added
		H42.30-240415-0001 unchanged
	END
	sed -i '4d; s/direct/online/' a.csv
	run -1 --separate-stderr imp --number a.csv
	[[ $stderr == *'"H42.30-240415-0001" was imported before with another content'* ]]
	run -0 --separate-stderr imp --number --update a.csv
	same_text "$(codes <<<"$output")" <<-'END'
		H42.30-240415-0001 updated
		H42.30-240415-0002 updated
	END
	[ "$(dossier-find s-18 | jq -rc '[.code, .channel]')" = '["H42.30-240415-0002","online"]' ]
	checked
	# Taken back and imported anew, it has its number again.
	imp --undo=1 >/dev/null 2>&1 || :
	fresh_db "$BATS_TEST_TMPDIR/rules"
	imp --number a.csv >/dev/null 2>&1
	imp --undo=1 >/dev/null 2>&1
	sed -i 's/online/postal/' a.csv
	run -0 --separate-stderr imp --number a.csv
	same_text "$(codes <<<"$output")" <<-'END'
		H42.30-240415-0001 added
		H42.30-240415-0002 added
	END
	checked
}

@test "a number that another dossier has as its alias is passed over" {
	cat >a.csv <<-'END'
		code,alias,procedure,unit,received_at
		X-1,H42.30-240415-0001,1.009994,H42.30,2024-04-15 08:15
	END
	imp a.csv >/dev/null 2>&1
	printf 'procedure,unit,received_at\n1.009994,H42.30,2024-04-15 08:16\n' >b.csv
	run -0 --separate-stderr imp --number b.csv
	[ "$(codes <<<"$output")" = 'H42.30-240415-0002 added' ]
	checked
}

@test "where only standard codes will do, another one becomes the alias" {
	sed -i 's/"any"/"standard"/' "$BATS_TEST_TMPDIR/rules/rulebook.json"
	make_rules "$BATS_TEST_TMPDIR/rules" >/dev/null
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cat >a.csv <<-'END'
		code,alias,procedure,unit,received_at
		HS/2024/77,,1.009994,H42.30,2024-04-15 08:15
		HS/2024/78,other,1.009994,H42.30,2024-04-15 08:15
		H42.30-240415-0010,old,1.009994,H42.30,2024-04-15 08:15
	END
	run -1 --separate-stderr imp a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:1: E_CODE: "HS/2024/77" is not of the standard shape' ]
	run -1 --separate-stderr imp --number a.csv
	same_text "$(codes <<<"$output")" <<-'END'
		H42.30-240415-0011 added
		H42.30-240415-0010 unchanged
	END
	# Two numbers besides the code cannot both be kept.
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:3:1: E_CODE: "HS/2024/78" is not of the standard shape' ]
	[ "$(dossier-find HS/2024/77 | jq -r .code)" = H42.30-240415-0011 ]
	run -1 --separate-stderr imp --number a.csv
	[ "$(codes <<<"$output" | grep -c unchanged)" -eq 2 ]
	checked
}

@test "an office numbers under the unit above it that has an identifier" {
	cat >>"$BATS_TEST_TMPDIR/rules/units.csv" <<-'END'
		H42.30-dc,Tổ địa chính,office,construction,H42.30,2000-01-01,,,
		X,Khác,office,,,2000-01-01,,,
	END
	make_rules "$BATS_TEST_TMPDIR/rules" >/dev/null
	printf 'procedure,unit,received_at\n1.009994,H42.30-dc,2024-04-15\n1.009994,X,2024-04-15\n' >a.csv
	run -0 --separate-stderr imp --number a.csv
	[ "$(codes <<<"$output")" = 'H42.30-240415-0001 added
H42-240415-0001 added' ]
}

@test "a dry run shows the numbers, and --atomic gives them once" {
	printf 'procedure,unit,received_at,note\n' >a.csv
	for i in $(seq 30); do
		echo "1.009994,H42.30,2024-04-15,$i"
	done >>a.csv
	run -0 --separate-stderr imp --number --dry-run --batch=7 a.csv
	codes <<<"$output" >dry
	[ "$(dossier-find | wc -l)" -eq 0 ]
	run -0 --separate-stderr imp --number --atomic --batch=7 a.csv
	codes <<<"$output" | diff dry -
	[ "$(codes <<<"$output" | tail -1)" = 'H42.30-240415-0030 added' ]
	checked
}

@test "two imports at once leave no gap and give no number twice" {
	local f n=400

	for f in a b c; do
		{ echo 'procedure,unit,received_at,note'
		  for i in $(seq "$n"); do
			echo "1.009994,H42.30,2024-04-1$((5 + i % 2)),$f $i"
		  done; } >"$f.csv"
		# Read as it comes: many small transactions.
		imp --number --batch=20 "$f.csv" >"$f.out" 2>"$f.err" &
	done
	wait
	cat ./*.err
	cat ./*.out | jq -r .code | sort >got
	for d in 15 16; do
		for i in $(seq $((n * 3 / 2))); do
			printf 'H42.30-2404%s-%04d\n' "$d" "$i"
		done
	done | sort | diff got -
	checked
}

@test "more than four digits, and an end" {
	printf 'code,procedure,unit,received_at\nH42.30-240415-9999,1.009994,H42.30,2024-04-15\n,1.009994,H42.30,2024-04-15\n' >a.csv
	run -0 --separate-stderr imp --number a.csv
	[ "$(codes <<<"$output" | tail -1)" = 'H42.30-240415-10000 added' ]
	printf 'code,procedure,unit,received_at\nH42.30-240415-131071,1.009994,H42.30,2024-04-15\n,1.009994,H42.30,2024-04-15 09:00\n' >a.csv
	run -1 --separate-stderr imp --number a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:3:1: E_LIMIT: "H42.30" has no number left on its day' ]
	checked
}

@test "a rejected row uses no number up; events have none to give" {
	printf 'procedure,unit,received_at\n1.009994,H42.30,2024-04-15\n1.009994,H42.30,soon\n1.009994,H42.30,2024-04-15 09:00\n' >a.csv
	run -1 --separate-stderr imp --number --rejects=r.csv a.csv
	[ "$(codes <<<"$output")" = 'H42.30-240415-0001 added
H42.30-240415-0002 added' ]
	sed -i 's/soon/2024-04-15 10:00/' r.csv
	run -0 --separate-stderr imp --number r.csv
	[ "$(codes <<<"$output")" = 'H42.30-240415-0003 added' ]
	echo '{"rows": "events", "columns": {"code": "c", "activity": "a", "at": "t", "received_at": "t"},
	 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}' >map.json
	run -2 --separate-stderr imp --number --map=map.json a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: --number: E_USAGE: rows that are events say which dossier they are of' ]
	checked
}
