#!/usr/bin/env bats
# dossier-import --undo: a wrong import is taken back, and --runs.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
	cat >good.csv <<-'END'
		code,procedure,unit,received_at,finished_at,returned_at,alias
		G-1,1.009994,H42.30,2024-04-15 08:15,,,
		H42.30-240415-0009,1.009994,H42.30,2024-04-15 08:15,2024-04-16 09:00,,old-9
	END
	cat >wrong.csv <<-'END'
		code,procedure,unit,received_at,finished_at,returned_at,paused_at,status,alias,phone
		A-1,1.009994,H42.30,2024-04-01 08:15,,,,,,
		A-2,1.009994,H42.30,2024-04-01 08:15,2024-04-16 09:00,,,,,
		A-3,1.009994,H42.30,2024-04-01 08:15,2024-04-16 09:00,2024-04-17 10:00,2024-04-02 09:00,,old-3,0912345678
		A-4,1.009994,H42.30,2024-04-01 08:15,,,2024-04-16 09:00,,,
		A-5,1.009994,H42.31,2024-04-01 08:15,2024-04-19 09:00,,,withdrawn,,
		A-6,1.009994,H42.31,2024-04-01 08:15,2024-04-19 09:00,,,not-accepted,,
		H42.30-240401-0001,1.009994,H42.30,2024-04-01 08:15,,,,,old-1,
		H42.30-240401-0002,1.009994,H42.30,2024-05-01 08:15,,,,registered,,
	END
}

imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

later() {
	dossier-import --now='2024-05-08 10:00' "$@"
}

checked() {
	run -0 --separate-stderr dossier-db check
	silent
}

# Everything that people are told of the dossiers.
told() {
	local now=${NOW:-2024-05-08 11:00} p

	for p in 2024-03 2024-04 2024-05 2024 2024-04-01..2024-04-10; do
		report 06a --period="$p" --by=unit --now="$now" --format=ndjson
		report 06a --period="$p" --by=procedure --now="$now" \
		    --format=ndjson
	done
	sla-check --warn='5 working days' --now="$now" \
	    --state=overdue,due-soon,in-time,paused --format=ndjson
	sla-check --steps --now="$now" --format=ndjson
	sla-check --by=unit --now="$now" --format=ndjson
	sla-check --now="$now" --format=prometheus | grep -v last_event
	dossier-find --now="$now" --format=ndjson | jq -c 'del(.version, .revision)' | sort
	dossier-db info --format=ndjson | jq -c '[.dossiers, .open]'
}

@test "what a run added is in no report, no list, as if it never came" {
	imp good.csv >/dev/null 2>&1
	told >before
	imp wrong.csv >/dev/null 2>&1
	told >with
	run ! diff -q before with
	checked
	run -0 --separate-stderr later --undo=2
	same_text "$output" <<-'END'
		{"schema":"motcua.undo/1","code":"A-1","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
		{"schema":"motcua.undo/1","code":"A-2","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
		{"schema":"motcua.undo/1","code":"A-3","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
		{"schema":"motcua.undo/1","code":"A-4","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
		{"schema":"motcua.undo/1","code":"A-5","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
		{"schema":"motcua.undo/1","code":"A-6","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
		{"schema":"motcua.undo/1","code":"H42.30-240401-0001","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
		{"schema":"motcua.undo/1","code":"H42.30-240401-0002","result":"voided","why":null,"seq":null,"kind":null,"recorded_at":null}
	END
	[ "$stderr" = 'dossier-import: run 2: 8 voided, 0 kept, 0 were voided before' ]
	told | diff before -
	checked
	# The log has all of it, the end entered as of the receipt.
	[ "$(audit-export A-3 | jq -r '"\(.kind) \(.at[:16]) \(.actor)"')" = \
'received 2024-04-01T08:15 tester
paused 2024-04-02T09:00 tester
finished 2024-04-16T09:00 tester
returned 2024-04-17T10:00 tester
voided 2024-04-01T08:15 tester' ]
	audit-export A-3 | jq -se '.[4].recorded_at >= .[3].recorded_at' >/dev/null
	[ "$(sql 'SELECT count(*) FROM rollup WHERE direct <> 0 AND level = 0')" = 1 ]
	# Once more, nothing is left to do.
	audit-export | jq -s length >size
	run -0 --separate-stderr later --undo=2
	[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 8 unchanged' ]
	[ "$stderr" = 'dossier-import: run 2: 0 voided, 0 kept, 8 were voided before' ]
	[ "$(audit-export | jq -s length)" = "$(<size)" ]
}

@test "a voided dossier is shown when it is asked for, and refused elsewhere" {
	imp good.csv >/dev/null 2>&1
	imp wrong.csv >/dev/null 2>&1
	later --undo=2 >/dev/null 2>&1
	[ "$(dossier-find | jq -r .code | tr '\n' ' ')" = 'G-1 H42.30-240415-0009 ' ]
	[ "$(dossier-find --voided | jq -rc '[.code, .status, .verdict]' | head -2 | tr '\n' ' ')" = \
	    '["A-1",null,null] ["A-2",null,null] ' ]
	[ "$(dossier-find --voided | wc -l)" -eq 8 ]
	run -1 --separate-stderr dossier-find A-1
	[ "$output" = '' ]
	[ "$stderr" = 'dossier-find: E_VOIDED: dossier "A-1" was voided: its import was taken back' ]
	[ "$(dossier-find --voided --history A-1 | jq -r .kind | tail -1)" = voided ]
	# Without --voided neither its alias finds it, with it its code does.
	run -1 --separate-stderr dossier-find old-3
	[ "$stderr" = 'dossier-find: E_DOSSIER: there is no dossier "old-3"' ]
	[ "$(dossier-find --voided G-1)" = '' ]
	run -1 --separate-stderr route start A-1
	[ "$(jq -rc '[.result, .error[:8]]' <<<"$output")" = '["refused","E_VOIDED"]' ]
	run -1 --separate-stderr sh -c 'dossier-find --voided | route -'
	[ "$(jq -rc '[.result, .error[:8]]' <<<"$output" | sort -u)" = '["refused","E_VOIDED"]' ]
	run ! --separate-stderr sla-check --explain A-1
	[[ $stderr == *'E_VOIDED: dossier "A-1" was voided: its import was taken back'* ]]
	run -0 --separate-stderr sla-check A-1
	[ "$output" = '' ]
}

@test "what others went on with is kept, and named" {
	imp good.csv >/dev/null 2>&1
	imp wrong.csv >/dev/null 2>&1
	route --now='2024-05-06 11:00' start A-1 >/dev/null
	printf 'code,procedure,unit,received_at,paused_at,phone\nA-4,1.009994,H42.30,2024-04-01 08:15,2024-04-16 09:00,0911111111\n' >u.csv
	dossier-import --now='2024-05-06 12:00' --update u.csv >/dev/null 2>&1
	run -1 --separate-stderr later --undo=2
	[ "$(jq -c 'select(.result == "kept") | [.code, .why, .kind, .seq]' <<<"$output")" = \
'["A-1","touched","started",19]
["A-4","touched","corrected",20]' ]
	[ "$(jq -r 'select(.code == "A-1") | .recorded_at' <<<"$output")" = \
	    "$(audit-export A-1 | jq -r 'select(.seq == 19) | .recorded_at')" ]
	[ "$stderr" = 'dossier-import: run 2: 6 voided, 2 kept, 0 were voided before' ]
	[ "$(dossier-find | jq -r .code | tr '\n' ' ')" = 'G-1 A-1 A-4 H42.30-240415-0009 ' ]
	# The run that only updated added nothing: all of it is kept.
	run -1 --separate-stderr later --undo=3
	[ "$(jq -c '[.code, .result, .why, .kind]' <<<"$output")" = '["A-4","kept","updated","received"]' ]
	checked
	# No personal value is told.
	[[ $output$stderr != *0911111111* ]]
}

@test "a dry run says the same and writes nothing" {
	imp wrong.csv >/dev/null 2>&1
	route --now='2024-05-06 11:00' start A-1 >/dev/null
	sha256sum "$MOTCUA_DB" "$MOTCUA_DB-wal" >before
	run -1 --separate-stderr later --undo=1 --dry-run
	[ "$(jq -r '"\(.dry_run) \(.result)"' <<<"$output" | sort | uniq -c | tr -s ' ')" = \
' 1 true kept
 7 true voided' ]
	[ "$stderr" = 'dossier-import: run 1: 7 voided, 1 kept, 0 were voided before (dry run: nothing was written)' ]
	sha256sum "$MOTCUA_DB" "$MOTCUA_DB-wal" | diff before -
	jq -r .code <<<"$output" >codes
	run -1 --separate-stderr later --undo=1 --batch=2
	jq -r .code <<<"$output" | diff codes -
}

@test "the mended file goes in under the same codes" {
	imp good.csv >/dev/null 2>&1
	imp wrong.csv >/dev/null 2>&1
	later --undo=2 >/dev/null 2>&1
	sed 's/2024-04-01 08:15/2024-04-02 08:15/; s/0912345678/0987654321/; s/H42.31/H42.30/; s/old-3/old-33/' wrong.csv >mended.csv
	run -0 --separate-stderr later mended.csv
	[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 8 added' ]
	[ "$stderr" = 'dossier-import: 8 rows: 8 added, 0 updated, 0 unchanged, 0 rejected, 1 warning (W_PAUSE 1); 15 events, run 3' ]
	checked
	# It is as if only the mended file had come.
	told >twice
	[ "$(dossier-find --personal A-3 | jq -rc '[.phone, .received_at, .unit]')" = \
	    '["0987654321","2024-04-02T08:15:00+07:00","H42.30"]' ]
	[ "$(audit-export A-3 | jq -r .kind | tr '\n' ' ')" = \
	    'received paused finished returned voided received paused finished returned ' ]
	[ "$(dossier-find old-33 | jq -r .code)" = A-3 ]
	run -1 dossier-find old-3
	[ "$(dossier-find --voided | wc -l)" -eq 0 ]
	# Why it is due is told of the mended one only.
	sla-check --now='2024-05-08 11:00' --explain A-1 --format=ndjson >explained
	run ! grep -q 2024-04-01 explained
	grep -q 2024-04-02 explained
	# Unchanged the second time; taken back again, and back to the first.
	run -0 --separate-stderr later mended.csv
	[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 8 unchanged' ]
	run -0 --separate-stderr later --undo=2
	[ "$stderr" = 'dossier-import: run 2: 0 voided, 0 kept, 8 were voided before' ]
	run -0 --separate-stderr later --undo=3
	[ "$stderr" = 'dossier-import: run 3: 8 voided, 0 kept, 0 were voided before' ]
	checked
	run -0 --separate-stderr later wrong.csv
	checked
	[ "$(sql 'SELECT voided FROM run ORDER BY id' | tr '\n' ' ')" = '0 8 8 0 ' ]

	# The same in a database that never saw the wrong file.
	cp twice once.other
	fresh_db "$BATS_TEST_TMPDIR/rules"
	imp good.csv >/dev/null 2>&1
	later mended.csv >/dev/null 2>&1
	told | diff twice -
}

@test "--update after it compares with the mended row, not the voided one" {
	imp wrong.csv >/dev/null 2>&1
	later --undo=1 >/dev/null 2>&1
	sed 's/0912345678/0987654321/; s/old-3//' wrong.csv >mended.csv
	later mended.csv >/dev/null 2>&1
	run -0 --separate-stderr later --update mended.csv
	[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 8 unchanged' ]
	sed 's/0987654321/0912345678/; s/,,0912345678/,old-3,0912345678/' mended.csv >again.csv
	run -0 --separate-stderr later --update again.csv
	[ "$(jq -r 'select(.result == "updated") | .code' <<<"$output")" = A-3 ]
	[ "$(dossier-find old-3 | jq -r .code)" = A-3 ]
	checked
}

@test "a number that was a code by mistake becomes an alias" {
	printf 'code,procedure,unit,received_at\n1234,1.009994,H42.30,2024-04-15 08:15\n' >wrong.csv
	printf 'code,alias,procedure,unit,received_at\nH42.30-240415-0001,1234,1.009994,H42.30,2024-04-15 08:15\n' >right.csv
	imp wrong.csv >/dev/null 2>&1
	later --undo=1 >/dev/null 2>&1
	later right.csv >/dev/null 2>&1
	[ "$(dossier-find 1234 | jq -r .code)" = H42.30-240415-0001 ]
	run -0 --separate-stderr later --undo=1
	[ "$stderr" = 'dossier-import: run 1: 0 voided, 0 kept, 1 were voided before' ]
	# As a code it is the alias's dossier now.
	run -1 --separate-stderr later wrong.csv
	[ "${stderr_lines[0]%%\"*}" = 'dossier-import: wrong.csv:2:1: E_CONFLICT: ' ]
	checked
}

@test "rows that are events" {
	cat >map.json <<-'END'
		{"rows": "events", "columns": {"code": "case", "activity": "task",
		 "at": "time", "received_at": "start"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}
	END
	cat >log.csv <<-'END'
		case,task,time,start
		c-1,Check,2024-04-16 09:10,2024-04-16 08:30
		c-2,Check,2024-04-16 09:20,2024-04-16 08:40
		c-1,Decide,2024-04-16 09:30,2024-04-16 08:30
	END
	told >before
	imp --map=map.json log.csv >/dev/null 2>&1
	run -0 --separate-stderr later --undo=1
	[ "$stderr" = 'dossier-import: run 1: 2 voided, 0 kept, 0 were voided before' ]
	told | diff before -
	# All of them come again, and once.
	run -0 --separate-stderr later --map=map.json log.csv
	[ "$stderr" = 'dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 0 rejected; 5 events, run 2' ]
	run -0 --separate-stderr later --map=map.json log.csv
	[ "$stderr" = 'dossier-import: 3 rows: 0 added, 0 updated, 2 unchanged, 0 rejected' ]
	checked
	# A run that added to what was there already.
	echo 'c-1,Sign,2024-04-16 10:30,2024-04-16 08:30' >>log.csv
	later --map=map.json log.csv >/dev/null 2>&1
	run -1 --separate-stderr later --undo=3
	[ "$(jq -c '[.code, .result, .why, .kind]' <<<"$output")" = '["c-1","kept","updated","received"]' ]
	run -1 --separate-stderr later --undo=2
	[ "$(jq -c '[.code, .result, .why, .kind]' <<<"$output")" = \
'["c-1","kept","touched","activity"]
["c-2","voided",null,null]' ]
	checked
}

@test "what makes no sense" {
	run -2 --separate-stderr imp --undo=7
	[ "$stderr" = 'dossier-import: E_RUN: there was no run 7' ]
	run -2 --separate-stderr imp --undo=x
	[ "${stderr_lines[0]}" = 'dossier-import: --undo: E_USAGE: "x" is no number of a run; --runs lists them' ]
	run -2 --separate-stderr imp --undo=0
	run -2 --separate-stderr imp --undo=1 wrong.csv
	[ "${stderr_lines[0]}" = 'dossier-import: --undo: E_USAGE: it takes no file' ]
	run -2 --separate-stderr imp --batch=0 wrong.csv
	[ "${stderr_lines[0]}" = 'dossier-import: --batch: E_USAGE: "0" is no number from 1 to 65536' ]
}

@test "--undo and --runs take none of the options for rows" {
	local o

	imp good.csv >/dev/null 2>&1
	for o in --runs --update --number --atomic --max-errors=1 --map=x \
	    --rejects=x --check-map=x '--delimiter=,' --encoding=vni \
	    --encoding=detect --input=csv; do
		run -2 --separate-stderr imp --undo=1 "$o"
		[ -z "$output" ]
		[[ $stderr == 'dossier-import: E_USAGE: --'*' does not take one of these options'* ]]
		[ "$o" = --runs ] && continue
		run -2 --separate-stderr imp --runs "$o"
		[ "${stderr_lines[0]}" = 'dossier-import: E_USAGE: --runs does not take one of these options' ]
	done
	run -2 --separate-stderr imp --runs --batch=5
	[ ! -e x ]
	run -0 --separate-stderr imp --runs
	[ "$(jq -c .voided <<<"$output")" = 0 ]
	run -0 --separate-stderr imp --undo=1 --batch=5 --dry-run
}

@test "--runs lists the imports" {
	run -0 --separate-stderr imp --runs --format=csv
	[ "$output" = 'run,started_at,source,events,added,voided' ]
	imp good.csv >/dev/null 2>&1
	imp --batch=3 wrong.csv >/dev/null 2>&1
	later --undo=2 >/dev/null 2>&1
	run -0 --separate-stderr imp --runs --format=csv
	same_text "$output" <<-'END'
		run,started_at,source,events,added,voided
		1,2024-05-06T10:00:00+07:00,good.csv,3,2,0
		2,2024-05-06T10:00:00+07:00,wrong.csv,15,8,8
	END
	run -2 --separate-stderr imp --runs good.csv
	[ "${stderr_lines[0]}" = 'dossier-import: --runs: E_USAGE: it takes no file' ]
}

@test "taking back goes on where it was killed" {
	local i

	gen --rows=20000 --seed=7 >g.csv 2>/dev/null || skip 'no gen'
	fresh_db
	dossier-import g.csv >/dev/null 2>&1 || [ $? -eq 1 ]
	for i in 1 2 3; do
		timeout -s KILL "0.0$((i * 3))" dossier-import --batch=50 --undo=1 \
		    >/dev/null 2>&1 || :
	done
	dossier-import --undo=1 >/dev/null 2>&1
	[ "$(dossier-find | wc -l)" -eq 0 ]
	[ "$(sql 'SELECT count(*) FROM open')" -eq 0 ]
	[ "$(sql 'SELECT added - voided FROM run')" -eq 0 ]
	[ "$(report 06a --period=2025 --format=ndjson | tail -1 | jq -c '[.received_total, .open_total]')" = '[0,0]' ]
	checked
}

@test "thousands of generated rows leave no trace in any number" {
	gen --rows=4000 --seed=3 --from=2024-01-01 --days=200 >one.csv \
	    2>/dev/null || skip 'no gen'
	gen --rows=6000 --seed=4 --from=2024-02-01 --days=80 --dirt=20 \
	    >two.csv 2>/dev/null
	NOW='2024-08-02 10:00'
	fresh_db
	dossier-import --now='2024-08-01 10:00' one.csv >/dev/null 2>&1 ||
	    [ $? -eq 1 ]
	told >before
	dossier-import --now='2024-08-01 11:00' two.csv >added 2>/dev/null ||
	    [ $? -eq 1 ]
	told >with
	run ! diff -q before with
	sla-check --now='2024-08-01 12:00' --changes=night >/dev/null
	# A few are gone on with, and stay.
	grep '"added"' added | head -3 | route --now='2024-08-01 12:00' start - \
	    >/dev/null 2>&1 || :
	run -0 --separate-stderr sh -c "dossier-import --undo=2 --batch=700 || [ \$? -eq 1 ]"
	kept=$(jq -s '[.[] | select(.result == "kept")] | length' <<<"$output")
	[ "$(sql 'SELECT added - voided FROM run WHERE id = 2')" -eq "$kept" ]
	[ "$kept" -le 3 ]
	checked
	# Without those, it is as before.
	if [ "$kept" -eq 0 ]; then
		told | diff before -
	fi
	# The second time, undone to the last one.
	fresh_db
	dossier-import --now='2024-08-01 10:00' one.csv >/dev/null 2>&1 ||
	    [ $? -eq 1 ]
	dossier-import --now='2024-08-01 11:00' two.csv >/dev/null 2>&1 ||
	    [ $? -eq 1 ]
	sla-check --now='2024-08-01 12:00' --changes=night >first
	run -0 --separate-stderr dossier-import --undo=2
	told | diff before -
	run -0 --separate-stderr sla-check --now='2024-08-01 12:00' --changes=night
	[ -z "$output" ]
	# And in again, as often as one likes.
	dossier-import --now='2024-08-01 11:00' two.csv >/dev/null 2>&1 ||
	    [ $? -eq 1 ]
	told | diff with -
	sla-check --now='2024-08-01 12:00' --changes=night >again
	[ "$(wc -l <again)" -gt 0 ]
	grep -vxFf first again | diff /dev/null -
	checked
}
