#!/usr/bin/env bats
# dossier-import(1): what goes in, what it becomes, what is refused.

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

# One dossier as it is now: the members named, as a JSON list.
shows() {
	local code=$1

	shift
	dossier-find --now='2024-05-06 10:00' "$code" |
	    jq -c "[$(printf '.%s,' "$@" | sed 's/,$//')]"
}

# The kinds of a dossier's events, with when they happened.
events() {
	audit-export "$1" | jq -r '"\(.kind) \(.at[:16])"'
}

# Everything that a second run must not touch.
fingerprint() {
	sha256sum <"$MOTCUA_DB"
	[ ! -e "$MOTCUA_DB-wal" ] || sha256sum <"$MOTCUA_DB-wal"
	audit-export | jq -s length
}

checked() {
	run -0 --separate-stderr dossier-db check
	silent
}

@test "canonical CSV: one record a row, counts for people" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,finished_at,returned_at,paused_at
		A-1,1.009994,H42.30,2024-04-15 08:15,,,
		A-2,1.009994,H42.30,2024-04-15 08:15,2024-04-16 09:00,,
		A-3,1.009994,H42.30,2024-04-15 08:15,2024-04-16 09:00,2024-04-17 10:00,
		A-4,1.009994,H42.30,2024-04-15 08:15,,,2024-04-16 09:00
		A-5,1.009994,H42.30,2024-04-15 08:15,2024-04-19 09:00,2024-04-19 10:00,2024-04-16 09:00
	END
	run -0 --separate-stderr imp a.csv
	same_text "$output" <<-'END'
		{"schema":"motcua.import/1","code":"A-1","result":"added","line":2,"events":1,"run":1}
		{"schema":"motcua.import/1","code":"A-2","result":"added","line":3,"events":2,"run":1}
		{"schema":"motcua.import/1","code":"A-3","result":"added","line":4,"events":3,"run":1}
		{"schema":"motcua.import/1","code":"A-4","result":"added","line":5,"events":2,"run":1}
		{"schema":"motcua.import/1","code":"A-5","result":"added","line":6,"events":4,"run":1}
	END
	[ "$stderr" = 'dossier-import: 5 rows: 5 added, 0 updated, 0 unchanged, 0 rejected; 12 events, run 1' ]
	same_text "$(events A-5)" <<-'END'
		received 2024-04-15T08:15
		paused 2024-04-16T09:00
		finished 2024-04-19T09:00
		returned 2024-04-19T10:00
	END
	checked
}

@test "a second run changes nothing, not even a byte" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,applicant_name
		A-1,1.009994,H42.30,2024-04-15 08:15,Nguyễn Văn Kín
		H42.30-240415-0001,1.009994,H42.30,15/04/2024,Nguyễn Văn Kín
	END
	imp a.csv >/dev/null 2>&1
	fingerprint >before
	run -0 --separate-stderr imp a.csv
	same_text "$output" <<-'END'
		{"schema":"motcua.import/1","code":"A-1","result":"unchanged","line":2,"events":0,"run":null}
		{"schema":"motcua.import/1","code":"H42.30-240415-0001","result":"unchanged","line":3,"events":0,"run":null}
	END
	[ "$stderr" = 'dossier-import: 2 rows: 0 added, 0 updated, 2 unchanged, 0 rejected' ]
	fingerprint | diff before -
	# The same content in another form is the same row.
	printf '\xef\xbb\xbfcode;applicant_name;received_at;unit;procedure\r\nA-1; Nguyễn Văn Kín ;15/04/2024 08:15;H42.30;1.009994\r\n' >b.csv
	run -0 --separate-stderr imp b.csv
	[[ $output == *'"result":"unchanged"'* ]]
	fingerprint | diff before -
}

@test "standard input, and formats of the output" {
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,2024-04-15\n' >a.csv
	run -0 --separate-stderr imp --format=csv - <a.csv
	same_text "$output" <<-'END'
		code,result,line,events,run
		A-1,added,2,1,1
	END
	run -0 --separate-stderr sh -c 'cat a.csv | dossier-import --format=table -'
	same_text "$output" <<-'END'
		code  result     line  events  run
		A-1   unchanged     2       0  -
	END
}

@test "NDJSON: recognised, or said; values of any scalar type" {
	cat >a.ndjson <<-'END'
		{"schema":"x/1","code":"A-1","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15T08:15:00+07:00","field.floor_area":120.50,"phone":null}

		{"unit":"H42.30","code":7,"procedure":"1.009994","received_at":"2024-04-15 08:15","field.income":900}
	END
	run -0 --separate-stderr imp a.ndjson
	same_text "$output" <<-'END'
		{"schema":"motcua.import/1","code":"A-1","result":"added","line":1,"events":1,"run":1}
		{"schema":"motcua.import/1","code":"7","result":"added","line":3,"events":1,"run":1}
	END
	[ "$(audit-export A-1 | jq -r .body | jq -c .data.fields)" = '{"floor_area":"120.5"}' ]
	run -0 --separate-stderr sh -c 'printf "\357\273\277" | cat - a.ndjson | dossier-import -'
	[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 2 unchanged' ]
	run -0 --separate-stderr imp --input=ndjson a.ndjson
	run -2 --separate-stderr imp --input=csv a.ndjson
	[ "$stderr" = 'dossier-import: a.ndjson:1:23: E_QUOTE: text after a closing quote' ]
	run -2 --separate-stderr imp --input=xml a.ndjson
	[ "${stderr_lines[0]}" = 'dossier-import: --input: E_USAGE: "xml" is none of: csv ndjson xes dvcqg' ]
}

@test "Vietnamese headings need no map" {
	cat >a.csv <<-'END'
		Mã hồ sơ,Mã TTHC,Đơn vị tiếp nhận,Chủ hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Ngày kết thúc xử lý,Ngày trả,Kênh tiếp nhận,Trạng thái,Ghi chú
		A-1,1.009994,H42.30,Nguyễn Văn Kín,15/04/2024 08:15,23/04/2024,22/04/2024 15:00,,Trực tuyến,Đã xử lý xong,gấp
	END
	run -0 --separate-stderr imp a.csv
	[ "$(shows A-1 status channel received_at due_at due_source finished_at verdict)" = \
	    '["finished","online","2024-04-15T08:15:00+07:00","2024-04-23T17:00:00+07:00","given","2024-04-22T15:00:00+07:00","early"]' ]
}

@test "the delimiter is found, or given" {
	printf 'code;procedure;unit;received_at\nA-1;1.009994;H42.30;2024-04-15\n' >semi.csv
	printf 'code\tprocedure\tunit\treceived_at\nA-2\t1.009994\tH42.30\t2024-04-15\n' >tab.csv
	printf 'code|procedure|unit|received_at\nA-3|1.009994|H42.30|2024-04-15\n' >bar.csv
	run -0 --separate-stderr imp semi.csv tab.csv
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'A-1 A-2 ' ]
	run -2 --separate-stderr imp bar.csv
	[[ $stderr == 'dossier-import: bar.csv:1:1: E_COLUMN: unknown column "code|procedure|unit|received_at"'* ]]
	run -0 --separate-stderr imp --delimiter='|' bar.csv
	run -0 --separate-stderr imp -t '\t' tab.csv
	run -2 --separate-stderr imp -t ';' tab.csv
	for d in ab a '"' '' 1; do
		run -2 --separate-stderr imp --delimiter="$d" bar.csv
		[ "${stderr_lines[0]}" = "dossier-import: --delimiter: E_USAGE: \"$d\" is no delimiter: one character, or tab" ]
		[ -z "$output" ]
	done
}

@test "dates without a time: opening, close, the policy's due time" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,due_at,finished_at,returned_at
		A-1,1.009994,H42.30,2024-04-15,,2024-04-23,24/04/2024
		A-2,1.009994,H42.30,2024-04-15,2024-04-25,,
		A-3,1.009994,H42.30,2024-04-15,2024-04-25 10:00,,
		A-4,1.000001,H42.30,2024-04-15,,,
		A-5,1.000002,H42.30,2024-04-15,,,
		A-6,1.009994,H42.30,2021-12-31,,,
		A-7,1.009994,H42.30,2024-04-13,,2024-04-14,
	END
	run -0 --separate-stderr imp a.csv
	# Five working days over a day off; the day itself is still on time.
	[ "$(shows A-1 received_at due_at due_source finished_at returned_at verdict)" = \
	    '["2024-04-15T07:30:00+07:00","2024-04-23T17:00:00+07:00","computed","2024-04-23T17:00:00+07:00","2024-04-24T17:00:00+07:00","on-time"]' ]
	[ "$(shows A-2 due_at due_source)" = '["2024-04-25T17:00:00+07:00","given"]' ]
	[ "$(shows A-3 due_at due_source)" = '["2024-04-25T10:00:00+07:00","given"]' ]
	[ "$(shows A-4 due_at)" = '["2024-04-15T11:30:00+07:00"]' ]
	[ "$(shows A-5 due_at due_source)" = '[null,null]' ]
	# The definition in force on that day: 10 working days.
	[ "$(shows A-6 due_at)" = '["2022-01-14T17:00:00+07:00"]' ]
	# A Saturday has no opening and a Sunday no close.
	[ "$(shows A-7 received_at finished_at)" = \
	    '["2024-04-13T00:00:00+07:00","2024-04-14T17:00:00+07:00"]' ]
	checked
}

@test "each unit of a code has its own calendar, by the day of receipt" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at
		A-1,1.009994,H42.31,2023-12-11
		A-2,1.009994,H42.31,2024-04-15
		A-3,1.009994,H42.31,2023-12-11
	END
	run -0 --separate-stderr imp a.csv
	[ "$(shows A-1 due_at)" = '["2023-12-18T17:00:00+07:00"]' ]
	[ "$(shows A-2 due_at)" = '["2024-04-23T16:00:00+07:00"]' ]
	[ "$(shows A-3 due_at)" = '["2023-12-18T17:00:00+07:00"]' ]
}

@test "a status is a name, a number or a label, or follows from the dates" {
	cat >a.csv <<-'END'
		code,procedure,unit,status,received_at,paused_at,finished_at,returned_at,step
		A-01,1.009994,H42.30,registered,2024-04-15,,,,
		A-02,1.009994,H42.30,2,2024-04-15,,,,
		A-03,1.009994,H42.30,Không được tiếp nhận,2024-04-15,,,,
		A-04,1.009994,H42.30,processing,2024-04-15,,,,
		A-05,1.009994,H42.30,Yêu cầu bổ sung giấy tờ,2024-04-15,2024-04-16,,,
		A-06,1.009994,H42.30,6,2024-04-15,2024-04-16,,,
		A-07,1.009994,H42.30,withdrawn,2024-04-15,,2024-05-02,,
		A-08,1.009994,H42.30,stopped,2024-04-15,2024-04-16,,,
		A-09,1.009994,H42.30,9,2024-04-15,,2024-05-02,,
		A-10,1.009994,H42.30,Đã trả kết quả,2024-04-15,,2024-04-17,,
		A-11,1.009994,H42.30,,2024-04-15,,,,
		A-12,1.009994,H42.30,,2024-04-15,,,,appraise
		A-13,1.009994,H42.30,,2024-04-15,2024-04-16,,,
		A-14,1.009994,H42.30,,2024-04-15,,2024-04-17,,
		A-15,1.009994,H42.30,,2024-04-15,,2024-04-17,2024-04-18,
	END
	run -0 --separate-stderr imp a.csv
	dossier-find --now='2024-05-06 10:00' | jq -r '"\(.code) \(.status) \(.step) \(.verdict)"' >got
	same_text "$(<got)" <<-'END'
		A-01 registered null null
		A-02 received null null
		A-03 not-accepted null null
		A-04 processing null null
		A-05 supplement null null
		A-06 payment null null
		A-07 withdrawn null on-time
		A-08 stopped null null
		A-09 finished null late
		A-10 returned null early
		A-11 received null null
		A-12 processing appraise null
		A-13 supplement null null
		A-14 finished null early
		A-15 returned null early
	END
	checked
}

@test "a status that the dates contradict is refused" {
	cat >a.csv <<-'END'
		code,procedure,unit,status,received_at,paused_at,finished_at
		A-1,1.009994,H42.30,finished,2024-04-15,,
		A-2,1.009994,H42.30,supplement,2024-04-15,,
		A-3,1.009994,H42.30,processing,2024-04-15,,2024-04-16
		A-4,1.009994,H42.30,11,2024-04-15,,
		A-5,1.009994,H42.30,done,2024-04-15,,
	END
	run -1 --separate-stderr imp a.csv
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:2:4: E_STATUS: status "finished" needs finished_at
		dossier-import: a.csv:3:4: E_STATUS: status "supplement" needs paused_at
		dossier-import: a.csv:4:4: E_STATUS: status "processing", but it was finished
		dossier-import: a.csv:5:4: E_STATUS: unknown status "11"
		dossier-import: a.csv:6:4: E_STATUS: unknown status "done"
		dossier-import: 5 rows: 0 added, 0 updated, 0 unchanged, 5 rejected (E_STATUS 5)
	END
}

@test "everything that a row can be refused for, with its place" {
	cat >a.csv <<-'END'
		code,procedure,unit,channel,received_at,due_at,step,holder,alias,field.floor_area,field.income,officer
		,1.009994,H42.30,,2024-04-15,,,,,,,
		A 1,1.009994,H42.30,,2024-04-15,,,,,,,
		A-2,1.999999,H42.30,,2024-04-15,,,,,,,
		A-3,1.009994,H42.30,,2020-12-31,,,,,,,
		A-4,,H42.30,,2024-04-15,,,,,,,
		A-5,1.009994,H42.99,,2024-04-15,,,,,,,
		A-6,1.009994,,,2024-04-15,,,,,,,
		A-7,1.009994,H42.30,fax,2024-04-15,,,,,,,
		A-8,1.009994,H42.30,,,,,,,,,
		A-9,1.009994,H42.30,,2024-04-31,,,,,,,
		A-10,1.009994,H42.30,,04/15/2024,,,,,,,
		A-11,1.009994,H42.30,,2024-05-07,,,,,,,
		A-12,1.009994,H42.30,,2024-04-15,hôm qua,,,,,,
		A-13,1.009994,H42.30,,2024-04-15,,sign,,,,,
		A-14,1.009994,H42.30,,2024-04-15,,,H42.77,,,,
		A-15,1.009994,H42.30,,2024-04-15,,,,X 1,,,
		A-16,1.009994,H42.30,,2024-04-15,,,,,rộng,,
		A-17,1.000001,H42.30,,2024-04-15,,,,,12,,
		A-18,1.009994,H42.30,,2024-04-15,,,,,,12.5,
		A-19,1.009994,H42.30,,2024-04-15,,,,,,,0123456789012345678901234567890123456789012345678901234567890123456789
		A-20,1.009994,H42.30,,2024-04-15,,,,,,
	END
	run -1 --separate-stderr imp a.csv
	[ -z "$output" ]
	same_text "$(head -21 <<<"$stderr" | sed "s/${COMMIT:0:10}/COMMIT/")" <<-'END'
		dossier-import: a.csv:2:1: E_CODE: code is missing
		dossier-import: a.csv:3:1: E_CODE: a code has 1 to 64 visible characters, without spaces
		dossier-import: a.csv:4:2: E_PROCEDURE: no procedure "1.999999" in commit COMMIT
		dossier-import: a.csv:5:2: E_VERSION: no version of procedure "1.009994" is in force on 2020-12-31
		dossier-import: a.csv:6:2: E_PROCEDURE: procedure is missing
		dossier-import: a.csv:7:3: E_UNIT: unknown unit "H42.99"
		dossier-import: a.csv:8:3: E_UNIT: unit is missing
		dossier-import: a.csv:9:4: E_CHANNEL: unknown channel "fax"
		dossier-import: a.csv:10:5: E_DATE: received_at is missing
		dossier-import: a.csv:11:5: E_DATE: received_at: "2024-04-31" is no date, or in a form that is not known
		dossier-import: a.csv:12:5: E_DATE: received_at: "04/15/2024" is no date, or in a form that is not known
		with the month first? A map says so: "time": "%m/%d/%Y"
		dossier-import: a.csv:13:5: E_FUTURE: received_at lies after now
		dossier-import: a.csv:14:6: E_DATE: due_at is no date, or in a form that is not known
		dossier-import: a.csv:15:7: E_STEP: the procedure has no step "sign"
		dossier-import: a.csv:16:8: E_UNIT: unknown unit "H42.77"
		dossier-import: a.csv:17:9: E_CODE: an alias has 1 to 64 visible characters
		dossier-import: a.csv:18:10: E_FIELD: field.floor_area is not a decimal number (such as 62.5) of at most 30 digits
		dossier-import: a.csv:19:10: E_FIELD: the procedure declares no field "floor_area"
		dossier-import: a.csv:20:11: E_FIELD: field.income is not a whole number of at most 30 digits
		dossier-import: a.csv:21:12: E_LIMIT: officer is longer than 64 bytes
	END
	[ "${stderr_lines[21]}" = 'dossier-import: ... and 1 more reject; --rejects=FILE keeps them all' ]
	[[ ${stderr_lines[22]} == 'dossier-import: 21 rows: 0 added, 0 updated, 0 unchanged, 21 rejected (E_CODE 3, '* ]]
	[ "${#stderr_lines[@]}" -eq 23 ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
}

@test "codes of the standard shape only, where the rulebook says so" {
	sed -i 's/"any"/"standard"/' rules/rulebook.json
	make_rules rules >/dev/null
	cat >a.csv <<-'END'
		code,procedure,unit,received_at
		H42.30-240415-0001,1.009994,H42.30,2024-04-15
		000.00.30.H42-240415-0001,1.009994,H42.30,2024-04-15
		A-1,1.009994,H42.30,2024-04-15
	END
	run -1 --separate-stderr imp a.csv
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'H42.30-240415-0001 000.00.30.H42-240415-0001 ' ]
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:4:1: E_CODE: "A-1" is not of the standard shape' ]
}

@test "odd times are kept, and counted" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,finished_at
		A-1,1.009994,H42.30,2024-04-15 08:00,2024-04-14 08:00
		A-2,1.009994,H42.30,2024-04-15T08:00:00.1234567+07:00,
	END
	run -0 --separate-stderr imp a.csv
	[ "$stderr" = 'dossier-import: 2 rows: 2 added, 0 updated, 0 unchanged, 0 rejected, 2 warnings (W_ORDER 1, W_TIME 1); 3 events, run 1' ]
	[ "$(shows A-2 received_at)" = '["2024-04-15T08:00:00.123+07:00"]' ]
	checked
}

@test "an alias finds its dossier" {
	cat >a.csv <<-'END'
		code,alias,procedure,unit,received_at
		A-1,CU-77,1.009994,H42.30,2024-04-15
	END
	imp a.csv >/dev/null 2>&1
	[ "$(shows CU-77 code)" = '["A-1"]' ]
	checked
}

@test "an alias that is another row's code: the file's order decides" {
	local batch

	{
		echo code,procedure,unit,received_at,alias
		seq -f 'H42.30-240401-%04g,1.009994,H42.30,2024-04-01,' 1100
		echo H42.30-240415-0900,1.009994,H42.30,2024-04-15,H42.30-240415-0005
		echo H42.30-240415-0005,1.009994,H42.30,2024-04-15,
	} >b.csv
	{ sed 1q b.csv; sed -n 2p b.csv; } >a.csv
	for batch in 1 65536; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		imp a.csv >/dev/null 2>&1
		run -1 --separate-stderr imp "--batch=$batch" b.csv
		[[ $stderr == *'1102 rows: 1100 added, 0 updated, 1 unchanged, 1 rejected (E_CONFLICT 1)'* ]]
		[ "$(shows H42.30-240415-0005 code)" = '["H42.30-240415-0900"]' ]
		checked
		rm -rf db
	done
}

@test "an alias that is the code of a dossier taken back, before its row" {
	local batch

	{
		echo code,procedure,unit,received_at,alias
		echo A-2,1.009994,H42.30,2024-04-15,A-1
		echo A-1,1.009994,H42.30,2024-04-15,
	} >b.csv
	{ sed 1q b.csv; sed -n 3p b.csv; } >a.csv
	for batch in 1 100; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		imp a.csv >/dev/null 2>&1
		dossier-import --undo=1 >/dev/null 2>&1
		run -1 --separate-stderr imp "--batch=$batch" b.csv
		[[ $stderr == *'2 rows: 1 added, 0 updated, 0 unchanged, 1 rejected (E_CONFLICT 1)'* ]]
		[ "$(shows A-1 code)" = '["A-2"]' ]
		checked
		rm -rf db
	done
}

@test "another content for the same code is a conflict" {
	printf 'code,procedure,unit,received_at,phone\nA-1,1.009994,H42.30,2024-04-15,0912345678\n' >a.csv
	imp a.csv >/dev/null 2>&1
	fingerprint >before
	sed -i 's/0912345678/0987654321/' a.csv
	run -1 --separate-stderr imp a.csv
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:2:1: E_CONFLICT: "A-1" was imported before with another content, by run 1 of 2024-05-06T10:00:00+07:00 (a.csv); different: phone
		--update takes over what differs between the two rows
		dossier-import: 1 row: 0 added, 0 updated, 0 unchanged, 1 rejected (E_CONFLICT 1)
	END
	fingerprint | diff before -
	# In one file, too: the first of them stands.
	cat >b.csv <<-'END'
		code,procedure,unit,received_at
		B-1,1.009994,H42.30,2024-04-15
		B-1,1.009994,H42.30,2024-04-15
		B-1,1.009994,H42.30,2024-04-16
	END
	run -1 --separate-stderr imp b.csv
	[ "$(jq -r '"\(.line) \(.result)"' <<<"$output" | tr '\n' ' ')" = '2 added 3 unchanged ' ]
	[ "${stderr_lines[0]}" = 'dossier-import: b.csv:4:1: E_CONFLICT: "B-1" was imported before with another content, at b.csv:2; different: received_at' ]
}

# update DAY TIME ROW: import A-1 with --update at that time; the kinds of
# the events that it gave are in $kinds.
HEAD=code,procedure,unit,channel,status,received_at,due_at,paused_at,finished_at,returned_at,step,holder,officer,applicant_name,phone,field.floor_area,field.income
update() {
	local before

	before=$(audit-export | jq -s length)
	printf '%s\n' "$HEAD" "$2" >u.csv
	run --separate-stderr dossier-import --now="$1" --update u.csv
	kinds=$(audit-export --since="$before" | jq -r .kind | tr '\n' ' ')
}

@test "a value of another column is another content, whatever its length" {
	local i names=code,procedure,unit,received_at,applicant_name,applicant_id

	# A hash of the row decides it: many rows, as many chances to be wrong.
	for ((i = 0; i < 60; i++)); do
		echo "A-$i,1.009994,H42.30,2024-04-15 08:$((i % 50 + 10)),,11"
	done >a
	sed 's/,,11$/,111,/' a >b
	{ echo $names; cat a; } >a.csv
	{ echo $names; cat b; } >b.csv
	run -0 --separate-stderr imp a.csv
	run -1 --separate-stderr imp b.csv
	[[ $stderr == *'60 rows: 0 added, 0 updated, 0 unchanged, 60 rejected (E_CONFLICT 60)'* ]]
	run -0 --separate-stderr imp --update b.csv
	[[ $stderr == *'60 rows: 0 added, 60 updated, 0 unchanged'* ]]
	checked
}

@test "--update: personal values become a correction that shows none" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,direct,,2024-04-15 09:00,,,,,,,,Nguyễn Văn Kín,0912345678,120,900'
	[ "$kinds" = 'received ' ]
	update '2024-04-16 10:00' 'A-1,1.009994,H42.30,direct,,2024-04-15 09:00,,,,,,,,Nguyễn Văn Mật,0912345678,120,5000'
	[ "$status" -eq 0 ]
	[ "$output" = '{"schema":"motcua.import/1","code":"A-1","result":"updated","line":2,"events":1,"run":2,"changed":[{"name":"applicant_name"},{"name":"field.income"}]}' ]
	[ "$stderr" = 'dossier-import: 1 row: 0 added, 1 updated, 0 unchanged, 0 rejected; 1 event, run 2' ]
	[ "$kinds" = 'corrected ' ]
	audit-export >log.ndjson
	run -1 grep -E 'Nguy|Kín|Mật|0912345678|5000' log.ndjson
	audit-export --personal >log.ndjson
	grep -q 'Nguyễn Văn Mật' log.ndjson
	[ "$(audit-export | tail -1 | jq -r .body | jq -c .data)" = '{"run":2}' ]
	# An empty cell takes nothing away.
	update '2024-04-17 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,,,'
	[ "$status" -eq 0 ]
	[ "$kinds" = '' ]
	[[ $output == *'"result":"updated"'*'"events":0'* ]]
	update '2024-04-17 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,,,'
	[[ $output == *'"result":"unchanged"'* ]]
	checked
}

@test "--update: channel, public fields, status without a step" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,direct,,2024-04-15 09:00,,,,,,,,,,120,'
	update '2024-04-16 10:00' 'A-1,1.009994,H42.30,online,processing,2024-04-15 09:00,,,,,,,,,,121,'
	[ "$kinds" = 'corrected ' ]
	[ "$(audit-export | tail -1 | jq -r .body | jq -c .data)" = \
	    '{"run":2,"set":{"channel":"online","fields":{"floor_area":"121"},"status":"processing"}}' ]
	[ "$(shows A-1 channel status)" = '["online","processing"]' ]
	checked
}

@test "--update: steps, holders and officers" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,,,'
	update '2024-04-15 11:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,receive,,an,,,,'
	[ "$kinds" = 'started ' ]
	update '2024-04-15 12:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,appraise,H42.30.1,binh,,,,'
	[ "$kinds" = 'completed started ' ]
	[ "$(shows A-1 status step holder officer)" = '["processing","appraise","H42.30.1","binh"]' ]
	update '2024-04-15 13:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,appraise,H42.30,chi,,,,'
	[ "$kinds" = 'transferred assigned ' ]
	[ "$(shows A-1 status step holder officer)" = '["processing","appraise","H42.30","chi"]' ]
	checked
	# Routed on in the meantime: the row's step cannot be taken over.
	cp u.csv old.csv
	sed -i 's/A-1/A-2/; s/appraise,H42.30,chi/,,/' u.csv
	imp u.csv >/dev/null 2>&1
	run -0 route --now='2024-05-06 10:00' start A-2
	update '2024-05-06 10:00' 'A-2,1.009994,H42.30,,,2024-04-15 09:00,,,,,appraise,H42.30,chi,,,,'
	[ "$status" -eq 1 ]
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:11: E_CONFLICT: step of "A-2" differs, and the dossier has been moved on since' ]
	checked
}

@test "--update: paused, resumed, finished, returned; never back" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,,,'
	update '2024-04-17 10:00' 'A-1,1.009994,H42.30,,supplement,2024-04-15 09:00,,2024-04-17 09:00,,,,,,,,,'
	[ "$kinds" = 'paused ' ]
	update '2024-04-19 10:00' 'A-1,1.009994,H42.30,,supplement,2024-04-15 09:00,,2024-04-18 09:00,,,,,,,,,'
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:8: E_CONFLICT: paused_at of "A-1" differs: when it was resumed in between is not known' ]
	# Two and a half working days were not ours.
	update '2024-04-22 13:00' 'A-1,1.009994,H42.30,,processing,2024-04-15 09:00,,,,,,,,,,,'
	[ "$kinds" = 'resumed ' ]
	[ "$(shows A-1 status paused_at due_at due_source)" = '["processing",null,"2024-04-26T17:00:00+07:00","computed"]' ]
	update '2024-04-23 13:00' 'A-1,1.009994,H42.30,,received,2024-04-15 09:00,,,,,,,,,,,'
	[ "$status" -eq 1 ]
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:5: E_CONFLICT: status of "A-1" would move back, which an update never does' ]
	update '2024-05-02 13:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,2024-04-29 15:00,,,,,,,,'
	[ "$kinds" = 'finished ' ]
	[ "$(shows A-1 status finished_at verdict)" = '["finished","2024-04-29T15:00:00+07:00","late"]' ]
	update '2024-05-02 14:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,2024-04-26 15:00,2024-05-02 08:00,,,,,,,'
	[ "$kinds" = 'corrected returned ' ]
	[ "$(shows A-1 status finished_at returned_at verdict)" = \
	    '["returned","2024-04-26T15:00:00+07:00","2024-05-02T08:00:00+07:00","on-time"]' ]
	update '2024-05-02 15:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,2024-04-26 15:00,,,,,,,,'
	[ "$status" -eq 1 ]
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:5: E_CONFLICT: status of "A-1" would move back, which an update never does' ]
	checked
}

@test "--update: a given due date, before and after the finish" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,,,'
	update '2024-04-16 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,2024-04-30,,,,,,,,,,'
	[ "$kinds" = 'rescheduled ' ]
	[ "$(shows A-1 due_at due_source)" = '["2024-04-30T17:00:00+07:00","given"]' ]
	update '2024-04-17 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,2024-04-24,,2024-04-17 08:00,,,,,,,,'
	[ "$kinds" = 'rescheduled finished ' ]
	[ "$(shows A-1 due_at verdict)" = '["2024-04-24T17:00:00+07:00","early"]' ]
	update '2024-04-18 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,2024-04-16,,2024-04-17 08:00,,,,,,,,'
	[ "$kinds" = 'corrected ' ]
	[ "$(shows A-1 due_at verdict)" = '["2024-04-16T17:00:00+07:00","late"]' ]
	checked
}

@test "--update: another moment of receipt moves what follows from it" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,,,'
	update '2024-04-16 10:00' 'A-1,1.009994,H42.30,,,2024-04-12 09:00,,,,,,,,,,,'
	[ "$kinds" = 'corrected ' ]
	[ "$(shows A-1 received_at due_at)" = '["2024-04-12T09:00:00+07:00","2024-04-22T17:00:00+07:00"]' ]
	run -0 route --now='2024-04-16 11:00' extend --by='1 working day' --reason=x A-1
	update '2024-04-16 12:00' 'A-1,1.009994,H42.30,,,2024-04-11 09:00,,,,,,,,,,,'
	[ "$status" -eq 1 ]
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:6: E_CONFLICT: received_at of "A-1" differs, and the due date has been moved since' ]
	checked
}

@test "--update: registered, then received, then what it may not change" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,,registered,2024-04-15 08:00,,,,,,,,,,,'
	update '2024-04-15 11:00' 'A-1,1.009994,H42.30,,received,2024-04-15 09:00,,,,,,,,Kín,,,'
	[ "$kinds" = 'received corrected ' ]
	[ "$(shows A-1 status received_at due_at)" = '["received","2024-04-15T09:00:00+07:00","2024-04-23T17:00:00+07:00"]' ]
	update '2024-04-15 12:00' 'A-1,1.009994,H42.30.1,,received,2024-04-15 09:00,,,,,,,,Kín,,,'
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:3: E_CONFLICT: unit of "A-1" differs, and cannot be updated' ]
	update '2024-04-15 12:00' 'A-1,1.000001,H42.30,,received,2024-04-15 09:00,,,,,,,,Kín,,,'
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:2: E_CONFLICT: procedure of "A-1" differs, and cannot be updated' ]
	[ "$status" -eq 1 ]
	checked
}

@test "--update: several rows of one dossier in one file" {
	{
		echo "$HEAD"
		echo 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,Kín,,,'
		for i in {1..300}; do
			echo "B-$i,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,Kín,,,"
		done
		echo 'A-1,1.009994,H42.30,online,,2024-04-15 09:00,,,,,,,,Kín,,,'
		echo 'A-1,1.009994,H42.30,online,,2024-04-15 09:00,,,2024-04-16 09:00,,,,,Mật,,,'
	} >a.csv
	run -0 --separate-stderr imp --update a.csv
	[ "$(jq -r 'select(.code == "A-1") | "\(.result) \(.events)"' <<<"$output" | tr '\n' ' ')" = 'added 1 updated 1 updated 2 ' ]
	[ "$(audit-export A-1 | jq -r .kind | tr '\n' ' ')" = 'received corrected corrected finished ' ]
	[ "$(shows A-1 channel verdict)" = '["online","early"]' ]
	fingerprint >before
	tail -1 a.csv >last
	{ head -1 a.csv; cat last; } >b.csv
	run -0 --separate-stderr imp b.csv
	[[ $output == *'"unchanged"'* ]]
	fingerprint | diff before -
	checked
}

@test "--update looks at rows, never at what the dossier is now" {
	update '2024-04-15 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,0912345678,,'
	run -0 route --now='2024-04-16 08:00' finish A-1
	# Finished here, open there: only the telephone differs.
	update '2024-04-16 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,,,,,,,0987654321,,'
	[ "$kinds" = 'corrected ' ]
	[ "$(shows A-1 status)" = '["finished"]' ]
	# The other side catches up: nothing is left to do.
	update '2024-04-17 10:00' 'A-1,1.009994,H42.30,,,2024-04-15 09:00,,,2024-04-16 15:00,,,,,,0987654321,,'
	[ "$status" -eq 0 ]
	[ "$kinds" = '' ]
	[ "$(shows A-1 status finished_at)" = '["finished","2024-04-16T08:00:00+07:00"]' ]
	checked
}

# What a database says about every dossier, and reports.
answers() {
	dossier-find --now=2024-09-01 | jq -c 'del(.version, .revision)' >"$1.found"
	report 06a --now=2024-09-01 --period=2024-01-01..2024-08-31 \
	    --format=csv >"$1.report"
}

@test "--update, day by day, ends where the last file alone would" {
	gen --rows=3000 --seed=8 --from=2024-03-01 --days=60 --dirt=0 >c.csv
	# As it was before the finish, and before the return.
	sed -E '2,$s/,([^,]*),([^,]*),([^,]+),([^,]*),([^,]*),([^,]*)$/,\1,\2,,,,\6/' c.csv >a.csv
	sed -E '2,$s/,([^,]*),([^,]*),([^,]*),([^,]+),([^,]*),([^,]*)$/,\1,\2,\3,,,\6/' c.csv >b.csv
	fresh_db
	run -0 --separate-stderr dossier-import --now=2024-09-01 c.csv
	answers once
	fresh_db
	for f in a b c; do
		run -0 --separate-stderr dossier-import --now=2024-09-01 --update "$f.csv"
	done
	[[ $stderr == *' 0 rejected; '* ]]
	answers daily
	diff once.found daily.found
	diff once.report daily.report
	checked
	run -0 --separate-stderr dossier-import --now=2024-09-01 c.csv
	[ "$stderr" = 'dossier-import: 3000 rows: 0 added, 0 updated, 3000 unchanged, 0 rejected' ]
}

@test "--rejects: the rows with four columns, to be mended and fed back" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,applicant_name
		A-1,1.009994,H42.30,2024-04-15,"Nguyễn, Kín"
		A-2,1.009994,H42.30,2024-04-31,"Trần ""Mật"", Thị"
		A-3,1.999999,H42.30,2024-04-15,
		A-4,1.009994
		A-5,1.009994,H42.30,2024-04-15,x,y
		A-6,1.009994,H42.30, "2024-04-15",x
	END
	run -1 --separate-stderr imp --rejects=bad.csv a.csv
	[ "$(jq -r .code <<<"$output")" = A-1 ]
	[ "$(stat -c %a bad.csv)" = 600 ]
	same_text "$(sed "s/${COMMIT:0:10}/COMMIT/" bad.csv)" <<-'END'
		code,procedure,unit,received_at,applicant_name,_line,_column,_code,_message
		A-2,1.009994,H42.30,2024-04-31,"Trần ""Mật"", Thị",3,4,E_DATE,"received_at: ""2024-04-31"" is no date, or in a form that is not known"
		A-3,1.999999,H42.30,2024-04-15,,4,2,E_PROCEDURE,"no procedure ""1.999999"" in commit COMMIT"
		A-4,1.009994,,,,5,0,E_FIELDS,2 fields where the heading has 5
		A-5,1.009994,H42.30,2024-04-15,x,y,6,0,E_FIELDS,6 fields where the heading has 5
		"A-6,1.009994,H42.30, ""2024-04-15"",x",,,,,7,0,E_QUOTE,"a quote behind spaces: quote the whole field, or nothing"
	END
	# Half mended: what is still wrong comes back in the same form.
	sed -i -e 's/2024-04-31,/2024-04-30,/' -e 's/A-3,1.999999/A-3,1.999998/' \
	    -e '/^A-[45]/d' -e '/^"/d' bad.csv
	run -1 --separate-stderr imp --rejects=worse.csv bad.csv
	[ "$(jq -r .code <<<"$output")" = A-2 ]
	same_text "$(sed "s/${COMMIT:0:10}/COMMIT/" worse.csv)" <<-'END'
		code,procedure,unit,received_at,applicant_name,_line,_column,_code,_message
		A-3,1.999998,H42.30,2024-04-15,,3,2,E_PROCEDURE,"no procedure ""1.999998"" in commit COMMIT"
	END
	sed -i 's/1.999998/1.009994/' worse.csv
	run -0 --separate-stderr imp --rejects=none.csv worse.csv
	[ "$(jq -r .code <<<"$output")" = A-3 ]
	# No reject: the heading alone, which can be fed back as well.
	same_text "$(<none.csv)" <<-'END'
		code,procedure,unit,received_at,applicant_name,_line,_column,_code,_message
	END
	run -0 --separate-stderr imp none.csv
	[ "$stderr" = 'dossier-import: 0 rows: 0 added, 0 updated, 0 unchanged, 0 rejected' ]
}

@test "--rejects of NDJSON" {
	cat >a.ndjson <<-'END'
		{"code":"A-1","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-31","applicant_name":"Kín","field.floor_area":1.5}
		{"code":"A-2"
		["A-3"]
		{"code":"A-4","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","colour":"red"}
		{"code":"A-5","procedure":["1.009994"]}
	END
	run -1 --separate-stderr imp --rejects=bad.ndjson a.ndjson
	[ -z "$output" ]
	jq -c '[.code,._raw,._line,._column,._code]' bad.ndjson >got
	same_text "$(<got)" <<-'END'
		["A-1",null,1,4,"E_DATE"]
		[null,"{\"code\":\"A-2\"",2,0,"E_JSON"]
		[null,"[\"A-3\"]",3,0,"E_JSON"]
		["A-4",null,4,0,"E_COLUMN"]
		["A-5",null,5,0,"E_JSON"]
	END
	same_text "$(grep -v '^name' <<<"$stderr" | tail -5)" <<-'END'
		dossier-import: a.ndjson:2:1: E_JSON: an object that begins here does not end
		dossier-import: a.ndjson:3: E_JSON: a row is an object
		dossier-import: a.ndjson:4: E_COLUMN: unknown column "colour"
		dossier-import: a.ndjson:5: E_JSON: "procedure" is no single value
		dossier-import: 5 rows: 0 added, 0 updated, 0 unchanged, 5 rejected (E_DATE 1, E_JSON 3, E_COLUMN 1)
	END
	sed -i -e 's/2024-04-31/2024-04-30/' -e '/_raw/d' -e 's/"colour":"red",//' -e '/A-5/d' bad.ndjson
	run -0 --separate-stderr imp bad.ndjson
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'A-1 A-4 ' ]
	[ "$(audit-export A-1 | jq -r .body | jq -c .data.fields)" = '{"floor_area":"1.5"}' ]
}

@test "--rejects of NDJSON: every value as it was" {
	cat >a.ndjson <<-'END'
		{"code":"A-1","procedure":"9.9","unit":"H42.30","received_at":"2024-04-15","alias":12345678901234567,"note":1.50}
		{"code":"A-2","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","note":1e400}
		{"code":"A-3","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","note":["a",2.5,{"b":3E+2}]}
	END
	run -1 --separate-stderr imp --rejects=bad.ndjson a.ndjson
	[ -z "$output" ]
	same_text "$(sed 's/,"_line".*/}/' bad.ndjson)" <a.ndjson
	# What is not mended is refused again.
	run -1 --separate-stderr imp --rejects=worse.ndjson bad.ndjson
	[ -z "$output" ]
	same_text "$(sed 's/,"_line".*/}/' worse.ndjson)" <a.ndjson
	sed -i 's/"9.9"/"1.009994"/' bad.ndjson
	run -1 --separate-stderr imp bad.ndjson
	[ "$(jq -r .code <<<"$output")" = A-1 ]
	[ "$(dossier-find 12345678901234567 --personal | jq -r '.code + " " + .note')" = 'A-1 1.5' ]
}

@test "--rejects of several files: one heading, or none" {
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,x\n' >a.csv
	printf 'code,procedure,unit,received_at\nB-1,1.009994,H42.30,y\n' >b.csv
	printf 'code,unit,procedure,received_at\nC-1,H42.30,1.009994,z\n' >c.csv
	run -1 --separate-stderr imp --rejects=bad.csv a.csv b.csv
	[ "$(cut -d, -f1 bad.csv | tr '\n' ' ')" = 'code A-1 B-1 ' ]
	run -2 --separate-stderr imp --rejects=bad.csv a.csv c.csv
	[[ $stderr == *'dossier-import: c.csv: E_HEADER: not the heading of the file before it
with --rejects files of different headings are imported one by one'* ]]
	[ "$(cut -d, -f1 bad.csv | tr '\n' ' ')" = 'code A-1 ' ]
	run -1 --separate-stderr imp a.csv c.csv
}

@test "--rejects that cannot be written is trouble, before anything goes in" {
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,2024-04-15\n' >a.csv
	run -2 --separate-stderr imp --rejects=no/such/bad.csv a.csv
	silent_stdout=$output
	[ -z "$silent_stdout" ]
	[ "$stderr" = 'dossier-import: E_IO: no/such/bad.csv: No such file or directory' ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
}

@test "--atomic: all or nothing" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at
		A-1,1.009994,H42.30,2024-04-15
		A-2,1.009994,H42.30,2024-04-31
	END
	fingerprint >before
	run -2 --separate-stderr imp --atomic --rejects=bad.csv a.csv
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:3:4: E_DATE: received_at: "2024-04-31" is no date, or in a form that is not known
		dossier-import: 2 rows: nothing went in, 1 rejected (E_DATE 1)
	END
	[ "$(tail -n +2 bad.csv | cut -d, -f1)" = A-2 ]
	fingerprint | diff before -
	sed -i s/04-31/04-30/ a.csv
	run -0 --separate-stderr sh -c 'cat a.csv | dossier-import --atomic -'
	[ "$(jq -r '"\(.code) \(.result)"' <<<"$output" | tr '\n' ' ')" = 'A-1 added A-2 added ' ]
	[ "$stderr" = 'dossier-import: 2 rows: 2 added, 0 updated, 0 unchanged, 0 rejected; 2 events, run 1' ]
	# What only the database knows is found while it is written.
	printf 'code,procedure,unit,received_at\nA-3,1.009994,H42.30,2024-04-15\nA-1,1.009994,H42.30,2024-04-16\n' >b.csv
	fingerprint >before
	run -2 --separate-stderr imp --atomic b.csv
	[ -z "$output" ]
	same_text "$(sed 's/run 1 of [^;]*;/run 1;/' <<<"$stderr")" <<-'END'
		dossier-import: b.csv:3:1: E_CONFLICT: "A-1" was imported before with another content, by run 1; different: received_at
		--update takes over what differs between the two rows
		dossier-import: 2 rows: nothing went in, 1 rejected (E_CONFLICT 1)
	END
	fingerprint | diff before -
	run -2 --separate-stderr imp --atomic a.csv no.csv
	[ -z "$output" ]
	[[ $stderr == 'dossier-import: no.csv: E_IO: cannot open: No such file or directory'* ||
	    $stderr == *'dossier-import: no.csv: E_IO: cannot open: No such file or directory' ]]
	fingerprint | diff before -
	checked
}

@test "--atomic wants files, or standard input" {
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,2024-04-15\n' >a.csv
	mkfifo pipe
	run -2 --separate-stderr timeout 20 dossier-import --atomic pipe
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: pipe: E_IO: not a file, and to be read twice
		give it as standard input: -
	END
	run -0 --separate-stderr sh -c 'dossier-import --atomic - <a.csv'
	run -0 --separate-stderr sh -c 'dossier-import --dry-run - <a.csv'
}

@test "--dry-run: the same, and nothing written" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at
		A-1,1.009994,H42.30,2024-04-15
		A-2,1.009994,H42.30,2024-04-31
	END
	fingerprint >before
	run -1 --separate-stderr imp --dry-run a.csv
	[ "$output" = '{"schema":"motcua.import/1","dry_run":true,"code":"A-1","result":"added","line":2,"events":1,"run":1}' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:3:4: E_DATE: received_at: "2024-04-31" is no date, or in a form that is not known
		dossier-import: 2 rows: 1 added, 0 updated, 0 unchanged, 1 rejected (E_DATE 1); 1 event, run 1 (dry run: nothing was written)
	END
	fingerprint | diff before -
	printf '%s\n' "$output" >dry.ndjson
	run -2 --separate-stderr route --now='2024-05-06 10:00' - <dry.ndjson
	[ -z "$output" ]
	[[ $stderr == 'route: -:1: E_DRY_RUN: '* ]]
	run -2 --separate-stderr imp dry.ndjson
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: dry.ndjson:1: E_DRY_RUN: a record of a dry run: what it says did not happen
	END
	run -2 --separate-stderr imp --dry-run --atomic a.csv
	[ -z "$output" ]
	imp a.csv >/dev/null 2>&1 || [ $? -eq 1 ]
	sed -i s/04-15/04-16/ a.csv
	run -1 --separate-stderr imp -n a.csv
	[ -z "$output" ]
	[[ $stderr == *'E_CONFLICT'* ]]
	run -1 --separate-stderr imp -n --update a.csv
	[[ $output == *'"dry_run":true'*'"result":"updated"'* ]]
	[ "$(shows A-1 received_at)" = '["2024-04-15T07:30:00+07:00"]' ]
}

@test "personal data is in no output" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,applicant_name,applicant_id,phone,email,address,subject,note,field.income
		A-1,1.009994,H42.30,2024-04-15,Nguyễn Văn Kín,036099001234,0912345678,kin@example.vn,12 Trần Phú,Xin xây nhà,việc riêng,4321
		A-2,1.009994,H42.30,2024-04-31,Nguyễn Văn Kín,036099001234,0912345678,kin@example.vn,12 Trần Phú,Xin xây nhà,việc riêng,4321
		A-3,1.009994,H42.30,2024-04-15,Nguyễn Văn Kín,036099001234,0912345678,kin@example.vn,12 Trần Phú,Xin xây nhà,việc riêng,nhiều
		A-1,1.009994,H42.30,2024-04-15,Nguyễn Văn Kín,036099001234,0987654321,kin@example.vn,12 Trần Phú,Xin xây nhà,việc riêng,4321
		A-4,1.009994,H42.30,2024-04-15,Nguyễn Văn Kín
		"Nguyễn Văn Kín",1.009994,H42.30,2024-04-15,,,,,,,,
	END
	run -1 --separate-stderr imp a.csv
	run ! grep -E 'Nguy|Kín|036099001234|09[18]|kin@|Trần|xây|riêng|4321|nhiều' <<<"$output$stderr"
	imp a.csv >all 2>&1 || [ $? -eq 1 ]
	audit-export >>all
	dossier-find --history A-1 >>all
	dossier-db info >>all
	run ! grep -E 'Nguy|Kín|036099001234|09[18]2345678|kin@|Trần|xây|riêng|4321' all
}

@test "a reader that goes away, a full disk, closed descriptors" {
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,2024-04-15\n' >a.csv
	run -2 --separate-stderr sh -c 'dossier-import - <&-'
	[ -z "$output" ]
	[ "$stderr" = 'dossier-import: -: E_IO: cannot read: Bad file descriptor' ]
	run -2 --separate-stderr sh -c 'dossier-import --atomic - <&-'
	[ "$stderr" = 'dossier-import: E_IO: -: cannot read: Bad file descriptor' ]
	[ -w /dev/full ] || skip 'no /dev/full here'
	run -2 --separate-stderr sh -c 'dossier-import a.csv >/dev/full'
	[[ $stderr == *'dossier-import: E_IO: '*'No space left on device'* ]]
	# It was committed before it was to be told.
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 1 ]
	run -2 --separate-stderr sh -c 'dossier-import a.csv >&-'
	[[ $stderr == *'dossier-import: E_IO: '* ]]
}

@test "usage: no file, unknown files, a --now after the clock" {
	run -2 --separate-stderr imp
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: E_USAGE: no file; "-" is standard input
		Try 'dossier-import --help'.
	END
	run -2 --separate-stderr imp no.csv
	[ "$stderr" = 'dossier-import: no.csv: E_IO: cannot open: No such file or directory' ]
	run -2 --separate-stderr imp .
	[ "$stderr" = 'dossier-import: .: E_IO: cannot read: Is a directory' ]
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,2024-04-15\n' >a.csv
	run -2 --separate-stderr dossier-import --now=2199-01-01 a.csv
	[ -z "$output" ]
	[[ $stderr == 'dossier-import: --now: E_NOW: "2199-01-01" lies after the clock' ]]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
	run -2 --separate-stderr imp --db=no.db a.csv
	[[ ${stderr_lines[0]} == 'dossier-import: E_NODB: no database at "no.db"' ]]
	[ ! -e no.db ]
}

@test "several files are one run" {
	printf 'code,procedure,unit,received_at\nA-1,1.009994,H42.30,2024-04-15\n' >a.csv
	printf '{"code":"B-1","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15"}\n' >b.ndjson
	run -0 --separate-stderr sh -c 'dossier-import a.csv - b.ndjson <<END
code;procedure;unit;received_at
C-1;1.009994;H42.30;2024-04-15
END'
	[ "$(jq -r '"\(.code) \(.line) \(.run)"' <<<"$output" | tr '\n' ' ')" = 'A-1 2 1 C-1 2 1 B-1 1 1 ' ]
	[ "$stderr" = 'dossier-import: 3 rows: 3 added, 0 updated, 0 unchanged, 0 rejected; 3 events, run 1' ]
}

# ---- map files ----

@test "a map: columns, values, defaults, time formats" {
	cat >map.json <<-'END'
		{"columns": {"code": "Số", "received_at": "Nhận", "channel": "Nộp",
		  "field.floor_area": "m2", "alias": "Số"},
		 "values": {"channel": {"mạng": "online", "bưu điện": "postal"}},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30", "channel": "direct"},
		 "time": ["%d.%m.%Y %H:%M", "%d.%m.%Y"],
		 "delimiter": "|", "encoding": "utf-8", "rows": "dossiers",
		 "note": "Sổ của xã A"}
	END
	cat >a.csv <<-'END'
		Số|Nhận|Nộp|m2|Khác|STT
		A-1|15.04.2024 08:15|mạng|120.5|x|1
		A-2|15.04.2024||99|x|2
		A-3|2024-04-15||99|x|3
	END
	run -1 --separate-stderr imp --map=map.json a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv: columns passed over: "Khác", "STT"
		dossier-import: a.csv:4:2: E_DATE: received_at: "2024-04-15" is no date, or in a form that is not known
		dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 1 rejected (E_DATE 1); 2 events, run 1
	END
	[ "$(shows A-1 channel received_at)" = '["online","2024-04-15T08:15:00+07:00"]' ]
	[ "$(shows A-2 channel received_at)" = '["direct","2024-04-15T07:30:00+07:00"]' ]
	checked
}

@test "a map is strict when it says so; it names only what is there" {
	printf 'Số,Nhận,Khác\nA-1,2024-04-15,x\n' >a.csv
	echo '{"columns":{"code":"Số","received_at":"Nhận"},"strict":true,"defaults":{"procedure":"1.009994","unit":"H42.30"}}' >strict.json
	run -2 --separate-stderr imp --map=strict.json a.csv
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:1:3: E_COLUMN: unknown column "Khác"
		the map is strict: name the column in it
	END
	echo '{"columns":{"code":"Số","received_at":"Ngày"},"defaults":{"procedure":"1.009994","unit":"H42.30"}}' >lacks.json
	run -2 --separate-stderr imp --map=lacks.json a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:1: E_COLUMN: the map's column "Ngày" is not in the file
		is the heading further down? "heading": LINE says where
	END
	# What a JSON row leaves out, it has no value for.
	echo '{"columns":{"code":"Số","received_at":"Nhận","phone":"ĐT"},"defaults":{"procedure":"1.009994","unit":"H42.30"}}' >map.json
	printf '{"Số":"A-1","Nhận":"2024-04-15","Khác":1}\n{"Số":"A-2","Nhận":"2024-04-15","ĐT":"0912345678"}\n' >a.ndjson
	run -0 --separate-stderr imp --map=map.json a.ndjson
	same_text "$stderr" <<-'END'
		dossier-import: a.ndjson: columns passed over: "Khác"
		dossier-import: 2 rows: 2 added, 0 updated, 0 unchanged, 0 rejected; 2 events, run 1
	END
	# Each row names its own: what any has is told, once.
	printf '{"Số":"A-%s","Nhận":"2024-04-15"%s}\n' 3 '' 4 ',"Lạ":1' \
	    5 ',"Khác":1,"Lạ":2' 6 ',"Lạ":1,"_line":3' >a.ndjson
	run -0 --separate-stderr imp --map=map.json a.ndjson
	[ "${stderr_lines[0]}" = 'dossier-import: a.ndjson: columns passed over: "Lạ", "Khác"' ]
}

@test "a map file with a mistake says where it is" {
	local want map

	printf 'code\nA-1\n' >a.csv
	while IFS='~' read -r map want; do
		printf '%s\n' "$map" >map.json
		run --separate-stderr imp --map=map.json a.csv
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		diff -u <(echo "dossier-import: map.json:$want") <(echo "$stderr")
	done <<-'END'
		{"columns":{"code":"c"},"colums":{}}~1:34: E_FIELD: unknown member "colums"
		{"columns":{"kode":"c"}}~1:20: E_COLUMN: there is no column "kode"
		{"columns":{"code":1}}~1:20: E_MAP: a column's name is text: "code"
		{"rows":"lines","columns":{}}~1:9: E_MAP: "rows" is "dossiers" or "events"
		{"encoding":"latin1","columns":{}}~1:13: E_ENCODING: "encoding" is one of utf-8, utf-16, utf-16le, utf-16be, cp1258, tcvn3, vni, viscii
		{"delimiter":";;","columns":{}}~1:14: E_MAP: "delimiter" is one character, or "tab"
		{"strict":"yes","columns":{}}~1:11: E_MAP: "strict" is true or false
		{"time":5,"columns":{}}~1:9: E_MAP: "time" is a format, a list of up to 16, or an object of these by column
		{"time":[5],"columns":{}}~1:9: E_MAP: a time format is text
		{"time":"%d/%m","columns":{}}~1:9: E_MAP: not a time format: %Y or %y, %m and %d, if wanted %H %M %S %f %z, and text; or "excel"
		{"values":{"chanel":{}},"columns":{}}~1:21: E_COLUMN: no column with words of its own: "chanel"
		{"values":{"channel":{"a":1}},"columns":{}}~1:27: E_MAP: a value is text: "a"
		{"values":{"channel":{"web":"internet"}},"columns":{}}~1:29: E_CHANNEL: no channel of ours is given for "web"
		{"values":{"status":{"mới":"new"}},"columns":{}}~1:28: E_STATUS: no status of ours is given for "mới"
		{"defaults":{"channel":"internet"},"columns":{}}~1:24: E_CHANNEL: no value of ours is given for "channel"
		{"defaults":{"unit":1},"columns":{}}~1:21: E_COLUMN: no column that can have a default: "unit"
		{"rows":"events"}~1:1: E_MAP: a map has "columns"
		[1]~1:1: E_MAP: a map is a JSON object
	END
	echo '{"columns":{"code":"c",' >map.json
	run -2 --separate-stderr imp --map=map.json a.csv
	[[ $stderr == 'dossier-import: map.json:'*': E_JSON: '* ]]
	run -2 --separate-stderr imp --map=no.json a.csv
	[ "$stderr" = 'dossier-import: no.json: E_IO: cannot open: No such file or directory' ]
}

# ---- rows that are events ----

event_map() {
	cat >map.json <<-'END'
		{"rows": "events", "columns": {"code": "case", "activity": "what",
		  "at": "when", "actor": "who", "received_at": "in", "finished_at": "out"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}
	END
}

@test "events: one record a dossier, in any order of rows" {
	event_map
	cat >a.csv <<-'END'
		case,what,when,who,in,out
		A-1,check,2024-04-16 09:00,an,2024-04-15 08:00,
		B-1,check,2024-04-16 09:00,,2024-04-15 08:00,2024-04-17 08:00
		A-1,check,2024-04-16 09:00,an,2024-04-15 08:00,
		A-1,open,2024-04-15 09:00,binh,2024-04-15 08:00,
		B-1,late,2024-04-18 09:00,,2024-04-15 08:00,2024-04-17 08:00
		A-1,other,2024-04-15 10:00,,2024-04-14 08:00,
		C-1,,2024-04-15 10:00,,2024-04-14 08:00,
		C-1,x,,,2024-04-14 08:00,
		C-1,x,2024-05-07,,2024-04-14 08:00,
	END
	run -1 --separate-stderr imp --map=map.json a.csv
	same_text "$output" <<-'END'
		{"schema":"motcua.import/1","code":"A-1","result":"added","line":2,"events":5,"run":1}
		{"schema":"motcua.import/1","code":"B-1","result":"added","line":3,"events":4,"run":1}
	END
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:8:2: E_ACTIVITY: activity is missing
		dossier-import: a.csv:9:3: E_DATE: at is missing
		dossier-import: a.csv:10:3: E_FUTURE: at lies after now
		dossier-import: 9 rows: 2 added, 0 updated, 0 unchanged, 3 rejected (E_ACTIVITY 1, E_DATE 1, E_FUTURE 1), 2 warnings (W_ORDER 1, W_ATTR 1); 9 events, run 1
	END
	[ "$(audit-export A-1 | jq -r 'select(.kind == "activity") | "\(.activity) \(.actor)"' | tr '\n' ' ')" = \
	    'check an check an open binh other tester ' ]
	checked
}

@test "events: imported again, only the surplus of the multiset is added" {
	event_map
	cat >a.csv <<-'END'
		case,what,when,who,in,out
		A-1,check,2024-04-16 09:00,an,2024-04-15 08:00,
		A-1,check,2024-04-16 09:00,an,2024-04-15 08:00,
		A-1,open,2024-04-15 09:00,,2024-04-15 08:00,
		B-1,open,2024-04-15 09:00,,2024-04-15 08:00,
	END
	imp --map=map.json a.csv >/dev/null 2>&1
	fingerprint >before
	run -0 --separate-stderr imp --map=map.json a.csv
	[ "$(jq -r '"\(.code) \(.result) \(.events)"' <<<"$output" | tr '\n' ' ')" = 'A-1 unchanged 0 B-1 unchanged 0 ' ]
	[ "$stderr" = 'dossier-import: 4 rows: 0 added, 0 updated, 2 unchanged, 0 rejected' ]
	fingerprint | diff before -
	# Without the actor, it is another event; a third check is a surplus.
	cat >>a.csv <<-'END'
		A-1,check,2024-04-16 09:00,,2024-04-15 08:00,
		A-1,check,2024-04-16 09:00,an,2024-04-15 08:00,
	END
	run -0 --separate-stderr imp --map=map.json a.csv
	[ "$(jq -r '"\(.code) \(.result) \(.events)"' <<<"$output" | tr '\n' ' ')" = \
	    'A-1 updated 2 B-1 unchanged 0 ' ]
	[[ $stderr == *'; 2 events, run 2' ]]
	[ "$(audit-export A-1 | jq -r .activity | sort | uniq -c | tr -s ' \n' ' ')" = ' 4 check 1 null 1 open ' ]
	# Another finish is a conflict, and with --update an event.
	sed -i '/^A-1/s/,$/,2024-04-17 08:00/' a.csv
	run -1 --separate-stderr imp --map=map.json a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:1: E_CONFLICT: "A-1" was imported before with another content, by run 1 of 2024-05-06T10:00:00+07:00 (a.csv); different: finished_at, status' ]
	[ "${stderr_lines[1]}" = '--update takes over what differs between the two rows' ]
	run -0 --separate-stderr imp --map=map.json --update a.csv
	[ "$(jq -r '"\(.code) \(.result) \(.events)"' <<<"$output" | tr '\n' ' ')" = \
	    'A-1 updated 1 B-1 unchanged 0 ' ]
	[ "$(shows A-1 status)" = '["finished"]' ]
	checked
}

@test "events: a dossier has one record in a run, whatever comes later" {
	local batch

	event_map
	awk 'BEGIN { print "case,what,when,who,in,out"
		for (r = 0; r < 3; r++)
			for (i = 1; i <= 40; i++)
				printf "A-%d,w%d,2024-04-16 09:00,,2024-04-15 08:00,\n", i, r
	}' >a.csv
	# Some rows more: of A-1 to A-5 at the end, of A-5 to A-9 at once.
	awk -F, 'NR > 1 && $1 ~ /^A-[5-9]$/ && $2 == "w0" {
		l = $0; sub(/w0/, "at once", l); print l
	} 1' a.csv >b.csv
	sed -n 's/w2/later/p' a.csv | head -5 >>b.csv
	sed -n 's/w2/last/p' a.csv | head -5 >>b.csv
	for batch in 1 7 60 2000; do
		rm -rf db
		fresh_db "$BATS_TEST_TMPDIR/rules"
		run -0 --separate-stderr imp --map=map.json "--batch=$batch" a.csv
		[ "$(jq -r .code <<<"$output" | sort | uniq -d)" = '' ]
		[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 40 added' ]
		run -0 --separate-stderr imp --map=map.json "--batch=$batch" b.csv
		[ "$(jq -r .code <<<"$output" | sort | uniq -d)" = '' ]
		[ "$(jq -r 'select(.result == "updated") | .code' <<<"$output" |
		    sort | tr '\n' ' ')" = "$(echo A-{1..9}) " ]
		[ "$(jq -r 'select(.result == "unchanged") | "\(.code) \(.line) \(.events)"' <<<"$output")" = \
		    "$(for i in {10..40}; do echo "A-$i $((i + 6)) 0"; done)" ]
		[[ $stderr == *': 0 added, 9 updated, 31 unchanged, 0 rejected; 15 events, run 2' ]]
		told=$output
		checked
	done
	# Where all rows are read together, all that was written is told.
	[ "$(jq -c 'select(.code == "A-1" or .code == "A-5" or .code == "A-9") | [.code, .line, .events]' <<<"$told")" = \
'["A-5",6,3]
["A-9",14,1]
["A-1",2,2]' ]
	# So the next tool in the pipe moves each once.
	echo 'A-20,more,2024-04-16 09:00,,2024-04-15 08:00,' >>b.csv
	run -0 --separate-stderr bash -c "dossier-import --now='2024-05-06 10:00' \
	    --map=map.json --batch=1 b.csv | route --now='2024-05-06 10:00' start -"
	[ "$(wc -l <<<"$output")" -eq 40 ]
	# The same when nothing is written, or all or nothing.
	echo 'A-21,more,2024-04-16 09:00,,2024-04-15 08:00,' >>b.csv
	for how in --dry-run --atomic; do
		run -0 --separate-stderr imp --map=map.json $how b.csv
		[ "$(jq -r .code <<<"$output" | sort | uniq -d)" = '' ]
		[ "$(jq -r .result <<<"$output" | sort | uniq -c | tr -s ' \n' ' ')" = \
		    ' 39 unchanged 1 updated ' ]
	done
	checked
}

@test "events: one source column may be two of ours" {
	cat >map.json <<-'END'
		{"rows": "events", "columns": {"code": "case", "activity": "what",
		  "at": "when", "received_at": "when"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}
	END
	printf 'case,what,when\nA-1,open,2024-04-15 08:00\nA-1,check,2024-04-16 08:00\n' >a.csv
	run -0 --separate-stderr imp --map=map.json a.csv
	[ "$stderr" = 'dossier-import: 2 rows: 1 added, 0 updated, 0 unchanged, 0 rejected, 1 warning (W_ATTR 1); 3 events, run 1' ]
	[ "$(shows A-1 received_at)" = '["2024-04-15T08:00:00+07:00"]' ]
	fingerprint >before
	run -0 --separate-stderr imp --map=map.json a.csv
	fingerprint | diff before -
}

@test "events: what others do between two batches is not lost" {
	event_map
	mkfifo pipe
	dossier-import --map=map.json pipe >out 2>err &
	exec 7>pipe
	printf 'case,what,when,who,in,out\nA-1,open,2024-04-15 09:00,,2024-04-15 08:00,\n' >&7
	for _ in {1..100}; do
		[ -s out ] && break
		sleep 0.1
	done
	[ -s out ]
	run -0 route correct --set=channel=postal A-1
	printf 'A-1,check,2024-04-16 09:00,,2024-04-15 08:00,\n' >&7
	exec 7>&-
	wait $!
	[ "$(shows A-1 channel version)" = '["postal",4]' ]
	checked
}

@test "batches of any size write what one would" {
	local n

	awk 'BEGIN {
		print "code,procedure,unit,received_at,finished_at,returned_at,applicant_name,phone,note"
		for (i = 1; i <= 6000; i++)
			printf "A-%d,1.009994,H42.30,2024-04-15 08:15,%s,%s,%s,0%d,%s\n",
			    i, i % 20 ? "2024-04-16 09:00" : "",
			    i % 20 ? "2024-04-17 10:00" : "",
			    i % 7 ? "Trần Văn " i : "", i * 7919,
			    i % 50 ? "" : "gọi lại \"\"\"\"" i
	}' | sed 's/gọi lại """"\([0-9]*\)/"gọi ""lại"" \1"/' >a.csv
	for n in 1 2500 6000; do
		rm -f "$MOTCUA_DB"*
		fresh_db "$BATS_TEST_TMPDIR/rules"
		if [ "$n" = 1 ]; then
			head -301 a.csv >b.csv
		else
			cp a.csv b.csv
		fi
		run -0 --separate-stderr imp --batch="$n" b.csv
		checked
		audit-export --personal |
		    jq -c '[.seq, .code, .kind, .personal]' >"log.$n"
	done
	same_text "$(head -n "$(wc -l <log.1)" log.6000)" <log.1
	same_text "$(<log.6000)" <log.2500
}
