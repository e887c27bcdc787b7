#!/usr/bin/env bats
# dossier-import(1) and whoever looks up: an alias finds one dossier.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# imp ARGUMENT...: on the morning of 6 May 2024.
imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

# rows FILE CODE,ALIAS...
rows() {
	local f=$1 row

	shift
	echo code,alias,procedure,unit,received_at >"$f"
	for row; do
		echo "$row,1.009994,H42.30,2024-04-15 08:15"
	done >>"$f"
}

# of CODE: whom it finds.
of() {
	dossier-find --now='2024-05-06 10:00' "$1" | jq -r .code
}

checked() {
	run -0 --separate-stderr dossier-db check
	silent
}

@test "an alias that another dossier has is refused, and stays with it" {
	rows p1.csv H42.30-240415-0900,P-7
	rows p2.csv H42.30-240415-0001,P-7
	imp p1.csv >/dev/null 2>&1
	run -1 --separate-stderr imp p2.csv
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'dossier-import: p2.csv:2:2: E_CONFLICT: alias "P-7" is of "H42.30-240415-0900" already' ]
	[[ $stderr == *'0 added'*'1 rejected (E_CONFLICT 1)'* ]]
	[ "$(of P-7)" = H42.30-240415-0900 ]
	# Both are the same dossier's the second time.
	run -0 --separate-stderr imp p1.csv
	[[ $stderr == *'1 unchanged'* ]]
	# One that another dossier has as its code would never find its own.
	rows p3.csv A-1,H42.30-240415-0900 A-2,P-8
	run -1 --separate-stderr imp p3.csv
	[ "${stderr_lines[0]}" = 'dossier-import: p3.csv:2:2: E_CONFLICT: alias "H42.30-240415-0900" is of "H42.30-240415-0900" already' ]
	[ "$(of P-8)" = A-2 ]
	# Its own may be its code, too.
	rows p4.csv A-3,A-3
	run -0 --separate-stderr imp p4.csv
	run -0 --separate-stderr imp p4.csv
	[[ $stderr == *'1 unchanged'* ]]
	checked
}

@test "the same within a file, a portion, a batch, whatever their order" {
	local batch

	# The second of each pair stands before the first in the table.
	rows b.csv H42.30-240415-0900,P-7 H42.30-240415-0001,P-7 B-1, \
	    H42.30-240415-0002,B-1 H42.30-240415-0003,P-9 P-9,
	seq -f 'H42.30-240401-%04g,,1.009994,H42.30,2024-04-01' 1100 >>b.csv
	for batch in 1 3 65536; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		run -1 --separate-stderr imp "--batch=$batch" b.csv
		[[ $stderr == *'1106 rows: 1103 added, 0 updated, 0 unchanged, 3 rejected (E_CONFLICT 3)'* ]]
		[[ $stderr == *'b.csv:3:2: E_CONFLICT: alias "P-7" is of "H42.30-240415-0900" already'* ]]
		[[ $stderr == *'b.csv:5:2: E_CONFLICT: alias "B-1" is of "B-1" already'* ]]
		[[ $stderr == *'b.csv:7:1: E_CONFLICT: "P-9" was imported before with another content'* ]]
		[ "$(of P-7)" = H42.30-240415-0900 ]
		[ "$(of B-1)" = B-1 ]
		[ "$(of P-9)" = H42.30-240415-0003 ]
		checked
		rm -rf db
	done
	# All or nothing.
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -2 --separate-stderr imp --atomic b.csv
	[ "$(dossier-find --now='2024-05-06 10:00' | wc -l)" -eq 0 ]
}

@test "--update gives no alias away either" {
	local batch

	rows a.csv A-1,P-1 A-2,
	imp a.csv >/dev/null 2>&1
	rows b.csv A-2,P-1
	run -1 --separate-stderr imp --update b.csv
	[ "${stderr_lines[0]}" = 'dossier-import: b.csv:2:2: E_CONFLICT: alias "P-1" is of "A-1" already' ]
	[ "$(audit-export A-2 | jq -r .kind | tr '\n' ' ')" = 'received ' ]
	# It is refused again, not taken for what is there.
	run -1 --separate-stderr imp --update b.csv
	# A new one in the same file, before the row whose code it is.
	rows c.csv A-2,P-2 A-3,P-2 P-2,
	for batch in 1 100; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		imp a.csv >/dev/null 2>&1
		run -1 --separate-stderr imp --update "--batch=$batch" c.csv
		[ "$(jq -c '[.line, .code, .result]' <<<"$output" | tr '\n' ' ')" = \
		    '[2,"A-2","updated"] [4,"P-2","updated"] ' ]
		[ "${stderr_lines[0]}" = 'dossier-import: c.csv:3:2: E_CONFLICT: alias "P-2" is of "A-2" already' ]
		[ "$(of P-2)" = A-2 ]
		checked
		rm -rf db
	done
	# Back to one that it had: that is its own.
	fresh_db "$BATS_TEST_TMPDIR/rules"
	imp a.csv >/dev/null 2>&1
	rows d.csv A-1,P-3
	run -0 --separate-stderr imp --update d.csv
	run -0 --separate-stderr imp --update a.csv
	[ "$(of P-1) $(of P-3)" = 'A-1 A-1' ]
	checked
}

@test "--number: an alias of a row with a code is that dossier's" {
	cat >a.csv <<-'END'
		code,alias,procedure,unit,received_at
		,s-1,1.009994,H42.30,2024-04-15 08:15
		H42.30-240415-0005,s-2,1.009994,H42.30,2024-04-15 08:16
		,s-2,1.009994,H42.30,2024-04-15 08:16
		H42.30-240415-0006,s-1,1.009994,H42.30,2024-04-15 08:15
		C-1,H42.30-240415-0008,1.009994,H42.30,2024-04-15 08:15
		,,1.009994,H42.30,2024-04-15 08:17
	END
	run -0 --separate-stderr imp --number a.csv
	[ "$(jq -r '"\(.code) \(.result)"' <<<"$output")" = \
'H42.30-240415-0006 added
H42.30-240415-0005 added
H42.30-240415-0005 unchanged
H42.30-240415-0006 unchanged
C-1 added
H42.30-240415-0007 added' ]
	# What would be the next is an alias, of before or of this file.
	printf 'procedure,unit,received_at\n1.009994,H42.30,2024-04-15 08:18\n' >b.csv
	run -0 --separate-stderr imp --number b.csv
	[ "$(jq -r .code <<<"$output")" = H42.30-240415-0009 ]
	# A code of its own does not free the alias.
	rows c.csv H42.30-240415-0020,s-1
	run -1 --separate-stderr imp --number c.csv
	[ "${stderr_lines[0]}" = 'dossier-import: c.csv:2:2: E_CONFLICT: alias "s-1" is of "H42.30-240415-0006" already' ]
	checked
}

@test "rows that are events" {
	cat >map.json <<-'END'
		{"rows": "events", "columns": {"code": "case", "alias": "other",
		 "activity": "task", "at": "time", "received_at": "start"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}
	END
	cat >log.csv <<-'END'
		case,other,task,time,start
		c-1,o-1,Check,2024-04-16 09:10,2024-04-16 08:30
		c-2,o-1,Check,2024-04-16 09:20,2024-04-16 08:40
		c-2,o-1,Decide,2024-04-16 09:30,2024-04-16 08:40
		c-1,o-1,Decide,2024-04-16 09:30,2024-04-16 08:30
	END
	run -1 --separate-stderr imp --map=map.json log.csv
	[[ $stderr == *'4 rows: 1 added, 0 updated, 0 unchanged, 2 rejected (E_CONFLICT 2)'* ]]
	[ "$(of o-1)" = c-1 ]
	checked
}

@test "a dossier that was taken back has no alias, and its code is free" {
	rows a.csv A-1,P-1
	imp a.csv >/dev/null 2>&1
	imp --undo=1 >/dev/null 2>&1
	rows b.csv A-2,P-1 A-3,A-1
	run -0 --separate-stderr imp b.csv
	[ "$(of P-1) $(of A-1)" = 'A-2 A-3' ]
	# Its row cannot come again: both have gone to others.
	run -1 --separate-stderr imp a.csv
	[[ ${stderr_lines[0]} == 'dossier-import: a.csv:2:1: E_CONFLICT: "A-1" was imported before with another content'* ]]
	imp --undo=2 >/dev/null 2>&1
	run -0 --separate-stderr imp a.csv
	[ "$(of P-1)" = A-1 ]
	checked
}

@test "a child's code is nobody's alias, and finds the child" {
	mkdir -p "$BATS_TEST_TMPDIR/rules/procedures/xd"
	cat >"$BATS_TEST_TMPDIR/rules/procedures/xd/2.000001.json" <<-'END'
		{"code": "2.000001", "title": "Liên thông", "field": "Hộ tịch",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["60/2014/QH13"], "limit": "5 working days",
		 "children": [{"procedure": "1.000001", "unit": "H42.31"}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	make_rules "$BATS_TEST_TMPDIR/rules" >/dev/null
	echo 'code,procedure,unit,received_at
P-1,2.000001,H42.30,2024-05-02 08:15' >p.csv
	run -0 --separate-stderr imp p.csv
	[ "$(of P-1.1)" = P-1.1 ]
	rows a.csv A-1,P-1.1
	run -1 --separate-stderr imp a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:2: E_CONFLICT: alias "P-1.1" is of "P-1.1" already' ]
	# A database of before may have it all the same: the code goes before.
	rows b.csv A-1,P-9
	imp b.csv >/dev/null 2>&1
	sqlite3 "$MOTCUA_DB" "UPDATE alias SET alias = 'P-1.1'"
	[ "$(of P-1.1)" = P-1.1 ]
}

@test "an alias that two have, of before: whoever looks is told of both" {
	rows a.csv H42.30-240415-0900,P-7 H42.30-240415-0001,P-8 A-3,
	imp a.csv >/dev/null 2>&1
	sqlite3 "$MOTCUA_DB" "UPDATE alias SET alias = 'P-7'"
	says='E_ALIAS: "P-7" is an alias of "H42.30-240415-0001" and of "H42.30-240415-0900"'
	run -1 --separate-stderr dossier-find P-7 A-3
	[ "$stderr" = "dossier-find: $says" ]
	[ "$(jq -r .code <<<"$output")" = A-3 ]
	run -1 --separate-stderr audit-export P-7
	[ "$stderr" = "audit-export: $says" ]
	run -1 --separate-stderr sla-check --now='2024-05-06 10:00' P-7
	[[ $stderr == *"$says" ]]
	run -2 --separate-stderr sla-check --now='2024-05-06 10:00' --explain P-7
	[[ $stderr == *"$says" ]]
	run -1 --separate-stderr route --now='2024-05-06 10:00' finish P-7 A-3
	[ "$(jq -c '[.code, .result]' <<<"$output" | tr '\n' ' ')" = \
	    '["P-7","refused"] ["A-3","done"] ' ]
	[ "$(jq -r '.error // empty' <<<"$output")" = "$says" ]
	# By their codes both are found.
	run -0 --separate-stderr route --now='2024-05-06 10:00' finish \
	    H42.30-240415-0001
	# A plan that somebody wrote with it.
	cat >plan <<-'END'
		{"schema":"motcua.plan/1","code":"P-7","version":1,"action":"finish","options":{}}
		{"schema":"motcua.plan/1","code":"P-7","version":1,"action":"reschedule","new_due_at":"2024-05-07T17:00:00+07:00","new_due_day":"2024-05-07"}
	END
	run -1 --separate-stderr route --now='2024-05-06 10:00' apply plan
	[ "$(jq -r .error <<<"$output")" = "$says
$says" ]
	# Rows of an import are refused, and hold nobody up.
	rows b.csv P-7, B-1,P-7 B-2,
	run -1 --separate-stderr imp b.csv
	[ "$(jq -r .code <<<"$output")" = B-2 ]
	[ "${stderr_lines[0]}" = "dossier-import: b.csv:2:1: $says" ]
	[[ ${stderr_lines[1]} == *'b.csv:3:2: E_CONFLICT: alias "P-7" is of "H42.30-240415-0001" already' ]]
	rows c.csv ,P-7
	run -1 --separate-stderr imp --number c.csv
	[ "${stderr_lines[0]}" = "dossier-import: c.csv:2:2: $says" ]
}

@test "route tells which dossier it was, whatever it was asked for" {
	rows a.csv H42.30-240415-0900,P-7 Sổ/7,P-8
	imp a.csv >/dev/null 2>&1
	run -1 --separate-stderr route --now='2024-05-06 10:00' start P-7 P-8 P-9
	[ "$(jq -c '[.code, .result]' <<<"$output" | tr '\n' ' ')" = \
	    '["H42.30-240415-0900","done"] ["Sổ/7","done"] ["P-9","refused"] ' ]
	# So a refusal, a second time, and a plan.
	run -1 --separate-stderr route --now='2024-05-06 10:01' return P-7 P-7
	[ "$(jq -r .code <<<"$output" | sort -u)" = H42.30-240415-0900 ]
	run -0 --separate-stderr route --now='2024-05-06 10:01' plan next P-8
	[ "$(jq -r .code <<<"$output")" = 'Sổ/7' ]
	run -0 --separate-stderr bash -c \
	    "route --now='2024-05-06 10:01' next P-8 | route --now='2024-05-06 10:02' next -"
	[ "$(jq -r .code <<<"$output")" = 'Sổ/7' ]
	checked
}
