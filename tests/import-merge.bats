#!/usr/bin/env bats
# dossier-import when provinces merge: units of old, agencies by both layouts,
# the same code in several files; how far a run goes, and what --update says.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	cat >>"$BATS_TEST_TMPDIR/rules/units.csv" <<-'END'
		H25,Hà Nam,province,,,2000-01-01,2025-06-30,H42,
		H25.12,Huyện cũ,district,one-stop,H25,2000-01-01,2025-06-30,H42.30,
		000.07.12.H25,Phòng cũ,office,one-stop,H25.12,2000-01-01,2025-06-30,H42.30,
	END
	make_rules "$BATS_TEST_TMPDIR/rules" >/dev/null
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2025-09-06 10:00' "$@"
}

shows() {
	local code=$1

	shift
	dossier-find --now='2025-09-06 10:00' "$code" |
	    jq -c "[$(printf '.%s,' "$@" | sed 's/,$//')]"
}

checked() {
	run -0 --separate-stderr dossier-db check
	silent
}

@test "units of old: kept, and counted where they were not there that day" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at
		A-1,1.009994,H25.12,2025-06-30 08:15
		A-2,1.009994,H25.12,2025-07-01 08:15
		A-3,1.009994,H25.13,2025-06-30 08:15
	END
	run -1 --separate-stderr imp a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:4:3: E_UNIT: unknown unit "H25.13"
		dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 1 rejected (E_UNIT 1), 1 warning (W_VALIDITY 1); 2 events, run 1
	END
	[ "$(shows A-2 unit)" = '["H25.12"]' ]
	# Reports count it with the unit that took over.
	[ "$(report 06a --by=unit --period=2025-06-15..2025-06-30 --now='2025-09-06 10:00' --format=ndjson |
	    jq -rc 'select(.key != null and .received_total > 0) | [.key, .received_total]')" = '["H25.12",1]' ]
	[ "$(report 06a --by=unit --period=2025-Q3 --now='2025-09-06 10:00' --format=ndjson |
	    jq -rc 'select(.key != null) | [.key, .received_total]')" = '["H42.30",2]' ]
	checked
}

@test "agencies by the layout that the rulebook has not" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,holder
		A-1,1.009994,000.00.30.H42,2025-08-04 08:15,
		A-2,1.009994,000.00.12.H25,2025-06-04 08:15,
		A-3,1.009994,H25.12.07,2025-06-04 08:15,000.01.30.H42
		A-4,1.009994,000.99.12.H25,2025-06-04 08:15,
		A-5,1.009994,H42.30,2025-08-04 08:15,
	END
	run -1 --separate-stderr imp a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:4:5: E_UNIT: unknown unit "000.01.30.H42"
		dossier-import: a.csv:5:3: E_UNIT: unknown unit "000.99.12.H25"
		dossier-import: 5 rows: 3 added, 0 updated, 0 unchanged, 2 rejected (E_UNIT 2), 3 warnings (W_LAYOUT 3); 3 events, run 1
	END
	# In the database it is the rulebook's.
	[ "$(shows A-1 unit)" = '["H42.30"]' ]
	[ "$(shows A-2 unit)" = '["H25.12"]' ]
	sed -i '4s/,000.01.30.H42/,000.00.30.H42/' a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(shows A-3 unit holder)" = '["000.07.12.H25","H42.30"]' ]
	# The same row in the rulebook's own layout is unchanged.
	sed -i 's/000.00.30.H42/H42.30/; s/000.00.12.H25/H25.12/' a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 4 unchanged' ]
	checked
}

@test "the same code in three files: both places, and what differs" {
	printf 'code,procedure,unit,received_at,applicant_name,channel\nS-1,1.009994,H42.30,2025-08-04 08:15,Nguyễn Văn Kín,direct\n' >hanam.csv
	printf 'code,unit,procedure,received_at,applicant_name\nT-1,H42.30,1.009994,2025-08-04 08:15,X\nS-1,H42.30,1.009994,2025-08-04 08:15,Trần Thị Mật\n' >namdinh.csv
	printf 'code,procedure,unit,received_at,applicant_name,channel\nS-1,1.009994,H42.30,2025-08-04 08:15,Nguyễn Văn Kín,online\nT-1,1.000001,H42.31,2025-08-05,Y,online\nS-1,1.009994,H42.30,2025-08-04 08:15,Nguyễn Văn Kín,direct\n' >ninhbinh.csv
	run -1 --separate-stderr imp hanam.csv namdinh.csv ninhbinh.csv
	same_text "$stderr" <<-'END'
		dossier-import: namdinh.csv:3:1: E_CONFLICT: "S-1" was imported before with another content, at hanam.csv:2; different: applicant_name
		--update takes over what differs between the two rows
		dossier-import: ninhbinh.csv:2:1: E_CONFLICT: "S-1" was imported before with another content, at hanam.csv:2; different: channel
		dossier-import: ninhbinh.csv:3:1: E_CONFLICT: "T-1" was imported before with another content, at namdinh.csv:2; different: procedure, unit, applicant_name, channel, received_at
		dossier-import: 6 rows: 2 added, 0 updated, 1 unchanged, 3 rejected (E_CONFLICT 3); 2 events, run 1
	END
	# In a later run it is the run that is named.
	run -1 --separate-stderr imp namdinh.csv
	[ "${stderr_lines[0]}" = 'dossier-import: namdinh.csv:3:1: E_CONFLICT: "S-1" was imported before with another content, by run 1 of 2025-09-06T10:00:00+07:00 (hanam.csv); different: applicant_name' ]
	# After an update the row that was taken over is the one to compare with.
	printf 'code,procedure,unit,received_at,channel\nS-1,1.009994,H42.30,2025-08-04 08:15,postal\n' >u.csv
	imp --update u.csv >/dev/null 2>&1
	run -1 --separate-stderr imp hanam.csv
	[ "${stderr_lines[0]}" = 'dossier-import: hanam.csv:2:1: E_CONFLICT: "S-1" was imported before with another content, by run 2 of 2025-09-06T10:00:00+07:00 (u.csv); different: channel' ]
	checked
}

@test "a conflict within rows that are events, and with old batches" {
	printf 'code,procedure,unit,received_at\n' >a.csv
	for i in $(seq 40); do
		echo "N-$i,1.009994,H42.30,2025-08-04 08:15"
	done >>a.csv
	echo 'N-7,1.009994,H42.30,2025-08-04 08:16' >>a.csv
	run -1 --separate-stderr imp --batch=6 a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:42:1: E_CONFLICT: "N-7" was imported before with another content, at a.csv:8; different: received_at' ]
}

@test "--max-errors stops, and what went in stays" {
	printf 'code,procedure,unit,received_at\n' >a.csv
	for i in $(seq 30); do
		[ $((i % 10)) -eq 0 ] && d=soon || d='2025-08-04 08:15'
		echo "N-$i,1.009994,H42.30,$d"
	done >>a.csv
	run -2 --separate-stderr imp --max-errors=2 --rejects=r.csv a.csv
	[ "$(jq -r .code <<<"$output" | tail -1)" = N-19 ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:11:4: E_DATE: received_at: "soon" is no date, or in a form that is not known
		dossier-import: a.csv:21:4: E_DATE: received_at: "soon" is no date, or in a form that is not known
		dossier-import: 20 rows: 18 added, 0 updated, 0 unchanged, 2 rejected (E_DATE 2); 18 events, run 1
		dossier-import: a.csv: E_ERRORS: stopped after 2 refused rows, of at most 2
		what went in stays; mend the rows and import again
	END
	[ "$(dossier-find | wc -l)" -eq 18 ]
	[ "$(tail -n +2 r.csv | cut -d, -f1 | tr '\n' ' ')" = 'N-10 N-20 ' ]
	checked
	# Not reached, it is as if it were not there.
	run -1 --separate-stderr imp --max-errors=4 a.csv
	[ "$(dossier-find | wc -l)" -eq 27 ]
	# Conflicts count, too: the batch they are in is still written.
	sed -i 's/08:15/08:16/; s/soon/2025-08-04/' a.csv
	run -2 --separate-stderr imp --max-errors=5 --batch=3 a.csv
	[[ ${stderr_lines[-2]} == 'dossier-import: a.csv: E_ERRORS: stopped after '*' refused rows, of at most 5' ]]
	[ "$(grep -c E_CONFLICT <<<"$stderr")" -le 9 ]
	checked
}

@test "--max-errors with --atomic, --dry-run and several files" {
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,2025-08-04\nA-2,1.009994,H42.30,x\nA-3,1.009994,H42.30,2025-08-04\n' >a.csv
	sed 's/A-/B-/' a.csv >b.csv
	run -2 --separate-stderr imp --max-errors=1 --atomic a.csv b.csv
	[ -z "$output" ]
	[ "$(dossier-find | wc -l)" -eq 0 ]
	[[ $stderr == *'E_ERRORS: stopped after 1 refused row, of at most 1'* ]]
	run -2 --separate-stderr imp --max-errors=2 --dry-run a.csv b.csv
	[ "$(jq -r '"\(.dry_run) \(.code)"' <<<"$output" | tr '\n' ' ')" = 'true A-1 true A-3 true B-1 ' ]
	[ "$(dossier-find | wc -l)" -eq 0 ]
	run -2 --separate-stderr imp --max-errors=2 a.csv b.csv
	[ "$(dossier-find | jq -r .code | tr '\n' ' ')" = 'A-1 A-3 B-1 ' ]
	run -2 --separate-stderr imp --max-errors=0 a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: --max-errors: E_USAGE: "0" is no number of rows' ]
}

@test "--update says what changed, and of personal columns only which" {
	cat >a.csv <<-'END'
		code,alias,procedure,unit,received_at,finished_at,channel,applicant_name,phone,field.floor_area,field.income,officer
		A-1,,1.009994,H42.30,2025-08-04 08:15,,direct,Nguyễn Văn Kín,0912345678,120,900,an
		A-2,,1.009994,H42.30,2025-08-04 08:15,,direct,,,,,
		A-3,,1.009994,H42.30,2025-08-04 08:15,,direct,,,,,
	END
	imp a.csv >/dev/null 2>&1
	cat >b.csv <<-'END'
		code,alias,procedure,unit,received_at,finished_at,channel,applicant_name,phone,field.floor_area,field.income,officer
		A-1,old-1,1.009994,H42.30,2025-08-04 08:15,,online,Trần Thị Mật,0912345678,130.5,1000,binh
		A-2,,1.009994,H42.30,2025-08-04 08:15,2025-08-06 09:00,direct,,,,,
		A-3,,1.009994,H42.30,2025-08-04 08:15,,direct,,,,,
		A-4,,1.009994,H42.30,2025-08-04 08:15,,direct,,,,,
	END
	run -0 --separate-stderr imp --update --dry-run b.csv
	sed 's/"dry_run":true,//' <<<"$output" >dry
	run -0 --separate-stderr imp --update b.csv
	diff dry - <<<"$output"
	same_text "$(jq -c '[.code, .result, .changed]' <<<"$output")" <<-'END'
		["A-1","updated",[{"name":"alias","old":null,"new":"old-1"},{"name":"applicant_name"},{"name":"channel","old":"direct","new":"online"},{"name":"officer","old":"an","new":"binh"},{"name":"field.floor_area","old":"120","new":"130.5"},{"name":"field.income"}]]
		["A-2","updated",[{"name":"finished_at","old":null,"new":"2025-08-06T09:00:00+07:00"},{"name":"status","old":"received","new":"finished"}]]
		["A-3","unchanged",null]
		["A-4","added",null]
	END
	[ "$(shows old-1 code)" = '["A-1"]' ]
	run -0 --separate-stderr imp --update --format=csv b.csv
	[ "${lines[0]}" = 'code,result,line,events,run,changed' ]
	checked
}

@test "hostile: codes, names of files and rows that try everything" {
	local long

	long=$(printf 'x%.0s' {1..300})
	printf 'code,procedure,unit,received_at,phone\nA-1,1.009994,H42.30,2025-08-04,1\nA-1,1.009994,H42.30,2025-08-04,2\n' >"$long.csv" 2>/dev/null || long=xx
	printf 'code,procedure,unit,received_at,phone\nA-1,1.009994,H42.30,2025-08-04,1\nA-1,1.009994,H42.30,2025-08-04,2\n' >$'t\e[31mệ.csv'
	run -1 --separate-stderr imp $'t\e[31mệ.csv'
	[[ $stderr != *$'\e'* ]]
	# 60 columns that differ: eight are named.
	{ printf 'code,procedure,unit,received_at,applicant_kind,channel,alias,officer,status,note,phone,email,address,subject,applicant_name,applicant_id\n'
	  printf 'H-1,1.009994,H42.30,2025-08-04 08:00,a,direct,a1,o,received,n,1,e,a,s,n,i\n'
	  printf 'H-1,1.009994,H42.30,2025-08-05 08:00,b,online,b1,p,processing,m,2,f,b,t,o,j\n'; } >h.csv
	run -1 --separate-stderr imp h.csv
	[[ ${stderr_lines[0]} == *'at h.csv:2; different: alias, subject, applicant_kind, applicant_name, applicant_id, phone, email, address and 5 more' ]]
	# A unit like an agency of the other layout, and unlike any.
	for u in 000.00.00.000 ...H42 000.00.00.H4 H42.30.H42 '000.00.30.H42 ' "$(printf '0%.0s' {1..4000})"; do
		printf 'code,procedure,unit,received_at\nU-1,1.009994,%s,2025-08-04\n' "$u"
	done | awk 'NR == 1 || !/^code/' >u.csv
	run -1 --separate-stderr imp u.csv
	[[ $stderr == *'5 rejected (E_UNIT 5)'* ]]
	checked
}
