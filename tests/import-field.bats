#!/usr/bin/env bats
# Files as the field makes them: exports of spreadsheets, printed registers.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

HEAD=code,procedure,unit,received_at

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

shows() {
	local code=$1

	shift
	dossier-find --personal --now='2024-05-06 10:00' "$code" |
	    jq -c "[$(printf '.%s,' "$@" | sed 's/,$//')]"
}

# A register as it is printed: title, a heading of two rows with merged cells
# and numbers below, totals and signatures at the end; CRLF.
register() {
	sed 's/$/\r/' <<-'END'
		UBND XÃ GIA THỦY;;;;;;;;
		SỔ THEO DÕI HỒ SƠ;;;;"quý ""I""";;;;
		;;;;;;;;

		TT;"Mã
		hồ sơ";Mã TTHC;Tổ chức, cá nhân;;"Ngày, tháng, năm";;;Ghi chú
		;;;Họ và tên;Số CCCD;Nhận hồ sơ;Hẹn trả;Trả kết quả;
		(1);(2);(3);(4);(5);(6);(7)=(6)+(3);(8);(9)
		1;A-1;1.009994;Nguyễn Thị Hường;036099001234;15/04/2024 08:15;22/04/24;;
		2;A-2;1.009994;Trần Văn Bé;036099005678;15/04/2024;45404;;"trả ""tại
		xã"""
		3;A-3;1.009994;Lê Quý;3,6099E+10;16/04/2024;45404;45401,5;
		4;A-4;1.009994;Tổng Văn Cộng;036099009999;16/04/2024;45404;;
		;;;;;;;;
		Tổng cộng: 4 hồ sơ;;;;;;;;
		Tổng số đã trả;1;;;;;;;
		;;;;;;Người lập biểu;;
		;;;"không có gì để đọc;;;;
		;;;;;;Nguyễn Văn Nam;;
	END
}

register_map() {
	cat >map.json <<-'END'
		{"schema": "motcua.map/1", "note": "Sổ theo dõi, in ra",
		 "heading": {"lines": [5, 7], "numbered": true},
		 "totals": ["Tổng cộng", "Tổng số"], "end": "Người lập",
		 "time": {"due_at": ["excel", "%d/%m/%y"], "returned_at": "excel",
		          "*": ["%d/%m/%Y %H:%M", "%d/%m/%Y"]},
		 "columns": {"code": "Mã hồ sơ", "procedure": "Mã TTHC",
		  "applicant_name": "Tổ chức, cá nhân / Họ và tên",
		  "applicant_id": "Số CCCD", "received_at": "Nhận hồ sơ",
		  "due_at": "Hẹn trả", "returned_at": "Ngày, tháng, năm / Trả kết quả",
		  "note": "Ghi chú"},
		 "defaults": {"unit": "H42.30"}}
	END
}

@test "a printed register: title, merged heading, numbers, totals, signatures" {
	register >a.csv
	register_map
	run -0 --separate-stderr dossier-import --check-map=map.json
	silent
	sed -i 's/^Tổng số đã trả;1/Tổng số đã trả;/' a.csv
	run -1 --separate-stderr imp --map=map.json --rejects=bad.csv a.csv
	[ "$(jq -r '"\(.code) \(.line)"' <<<"$output" | tr '\n' ' ')" = 'A-1 9 A-2 10 A-4 13 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv: columns passed over: "TT"
		dossier-import: a.csv:12:5: E_NUMBER: applicant_id: a spreadsheet made a number of it and lost its digits (as in 3.7E+10)
		export it anew with that column as text
		dossier-import: a.csv: 5 lines passed over, the first is 15
		dossier-import: 4 rows: 3 added, 0 updated, 0 unchanged, 1 rejected (E_NUMBER 1); 3 events, run 1
	END
	[ "$(shows A-1 applicant_name applicant_id received_at due_at)" = \
	    '["Nguyễn Thị Hường","036099001234","2024-04-15T08:15:00+07:00","2024-04-22T17:00:00+07:00"]' ]
	[ "$(shows A-2 due_at note)" = '["2024-04-22T17:00:00+07:00","trả \"tại\r\nxã\""]' ]
	# The reject file begins as the file did, so that the map fits it.
	same_text "$(tr -d '\r' <bad.csv)" <<-'END'
		UBND XÃ GIA THỦY;;;;;;;;
		SỔ THEO DÕI HỒ SƠ;;;;"quý ""I""";;;;
		;;;;;;;;

		TT;"Mã
		hồ sơ";Mã TTHC;Tổ chức, cá nhân;;"Ngày, tháng, năm";;;Ghi chú
		;;;Họ và tên;Số CCCD;Nhận hồ sơ;Hẹn trả;Trả kết quả;;_line;_column;_code;_message
		(1);(2);(3);(4);(5);(6);(7)=(6)+(3);(8);(9)
		3;A-3;1.009994;Lê Quý;3,6099E+10;16/04/2024;45404;45401,5;;12;5;E_NUMBER;applicant_id: a spreadsheet made a number of it and lost its digits (as in 3.7E+10)
	END
	sed -i 's/3,6099E+10/036199001234/' bad.csv
	run -0 --separate-stderr imp --map=map.json --rejects=none.csv bad.csv
	[ "$(shows A-3 applicant_id returned_at)" = '["036199001234","2024-04-19T12:00:00+07:00"]' ]
	run -0 --separate-stderr imp --map=map.json --rejects=none2.csv none.csv
	[[ $stderr == *' 0 rows: '* ]]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a line with a code is a row, whatever it begins with" {
	register | sed -n '1,9p;16p' >a.csv
	register_map
	run -1 --separate-stderr imp --map=map.json a.csv
	[[ $stderr == *'a.csv:10:3: E_PROCEDURE: procedure is missing'* ||
	    $stderr == *'a.csv:10:'*': E_DATE: received_at is missing'* ]]
}

@test "a heading that is not where the map says" {
	register >a.csv
	register_map
	sed 's/\[5, 7\]/[5, 6]/' map.json >m.json
	run -2 --separate-stderr imp --map=m.json a.csv
	[ -z "$output" ]
	[ "$stderr" = 'dossier-import: a.csv:6: E_HEADER: no row begins on line 6, where the map has the heading' ]
	sed 's/\[5, 7\]/[50, 51]/' map.json >m.json
	run -2 --separate-stderr imp --map=m.json a.csv
	[ "$stderr" = 'dossier-import: a.csv:50: E_HEADER: no row begins on line 50, where the map has the heading' ]
	sed '/^(1)/d' a.csv >b.csv
	run -2 --separate-stderr imp --map=map.json b.csv
	same_text "$stderr" <<-'END'
		dossier-import: b.csv:8: E_HEADER: no row of column numbers, such as (1) (2), stands below the heading
		the map says that there is one: "numbered": true
	END
	run -2 --separate-stderr imp a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:1:1: E_COLUMN: unknown column "UBND XÃ GIA THỦY"
		is the heading further down? A map says where: "heading": LINE
	END
	sed 's/Hẹn trả"/Hẹn"/' map.json >m.json
	run -2 --separate-stderr imp --map=m.json a.csv
	[ "$stderr" = "dossier-import: a.csv:7: E_COLUMN: the map's column \"Hẹn\" is not in the file" ]
	sed 's/\[5, 7\]/5/; s/, "numbered": true//' map.json >m.json
	run -2 --separate-stderr imp --map=m.json a.csv
	[[ ${stderr_lines[0]} == 'dossier-import: a.csv:5: E_COLUMN: the map'* ]]
}

@test "delimiters: tab, the word for it, sep=, found below a title" {
	printf 'code\tprocedure\tunit\treceived_at\nA-1\t1.009994\tH42.30\t15/04/2024\n' >a.csv
	run -0 --separate-stderr imp --delimiter=tab a.csv
	run -0 --separate-stderr imp --delimiter='\t' a.csv
	run -0 --separate-stderr imp a.csv
	printf '\xef\xbb\xbfsep=;\r\ncode;procedure;unit;received_at\r\nA-2;1.009994;H42.30;15/04/2024\r\nA-3;1.009994;H42.30;x\r\n' >b.csv
	run -1 --separate-stderr imp --rejects=bad.csv b.csv
	[ "$(jq -r .code <<<"$output")" = A-2 ]
	[ "${stderr_lines[0]}" = 'dossier-import: b.csv:4:4: E_DATE: received_at: "x" is no date, or in a form that is not known' ]
	[ "$(head -1 bad.csv | tr -d '\r')" = 'sep=;' ]
	sed -i 's/;x;/;16\/04\/2024;/' bad.csv
	run -0 --separate-stderr imp bad.csv
	[ "$(jq -r .code <<<"$output")" = A-3 ]
	# The heading is more than its first line, where a cell has two.
	printf '"code\n";procedure;"unit\r\n";received_at\nA-4;1.009994;H42.30;15/04/2024\n' >c.csv
	run -0 --separate-stderr imp c.csv
	[ "$(jq -r .code <<<"$output")" = A-4 ]
	run -0 --separate-stderr sh -c '{ head -c 8 c.csv; sleep 0.2; tail -c +9 c.csv; } | dossier-import -'
	run -2 --separate-stderr imp --delimiter=tabs a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: --delimiter: E_USAGE: "tabs" is no delimiter: one character, or tab' ]
}

@test "rows that a spreadsheet has cut short, where the map allows it" {
	echo '{"ragged":true,"columns":{"code":"code","procedure":"procedure","unit":"unit","received_at":"received_at","note":"note"}}' >map.json
	{ echo "$HEAD,note"; echo 'A-1,1.009994,H42.30,2024-04-15'; echo 'A-2,1.009994,H42.30,2024-04-15,x,,'
	  echo 'A-3,1.009994,H42.30,2024-04-15,x,,y'; echo 'A-4,1.009994'; } >a.csv
	run -1 --separate-stderr imp --map=map.json a.csv
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'A-1 A-2 ' ]
	[ "$(shows A-2 note)" = '["x"]' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:4: E_FIELDS: 7 fields where the heading has 5
		dossier-import: a.csv:5:4: E_DATE: received_at is missing
		dossier-import: 4 rows: 2 added, 0 updated, 0 unchanged, 2 rejected (E_FIELDS 1, E_DATE 1); 2 events, run 1
	END
}

@test "columns of a map that a file may lack" {
	echo '{"optional":["note"],"columns":{"code":"code","procedure":"procedure","unit":"unit","received_at":"received_at","note":"note","phone":"phone"}}' >map.json
	{ echo "$HEAD,phone"; echo 'A-1,1.009994,H42.30,2024-04-15,0912345678'; } >a.csv
	run -0 --separate-stderr imp --map=map.json a.csv
	{ echo "$HEAD"; echo 'A-1,1.009994,H42.30,2024-04-15'; } >a.csv
	run -2 --separate-stderr imp --map=map.json a.csv
	[ "${stderr_lines[0]}" = "dossier-import: a.csv:1: E_COLUMN: the map's column \"phone\" is not in the file" ]
	sed 's/\["note"\]/true/' map.json >m.json
	run -1 --separate-stderr imp --map=m.json a.csv
	[[ $stderr == *E_CONFLICT* ]] # the phone is gone: another content
}

@test "digits that a spreadsheet has destroyed, and those it has not" {
	{
		echo "$HEAD,applicant_id,phone,alias"
		echo 'A-1,1.009994,H42.30,2024-04-15,037099001234,0912345678,'
		echo 'A-2,1.009994,H42.30,2024-04-15,3.70990E+10,,'
		echo 'A-3,1.009994,H42.30,2024-04-15,,9.12e+8,'
		echo '4.2E+15,1.009994,H42.30,2024-04-15,,,'
		echo 'A-5,1.009994,H42.30,2024-04-15,,+84 912 345 678,1E+10x'
	} >a.csv
	run -1 --separate-stderr imp --rejects=bad.csv a.csv
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'A-1 A-5 ' ]
	[ "$(shows A-1 applicant_id phone)" = '["037099001234","0912345678"]' ]
	[ "$(grep -c 'a spreadsheet made a number of it' <<<"$stderr")" -eq 3 ]
	[[ $stderr != *3.70990* && $stderr != *9.12* ]]
	[ "$(cut -d, -f9,10 bad.csv | tail -3 | tr '\n' ' ')" = '5,E_NUMBER 6,E_NUMBER 1,E_NUMBER ' ]
	echo '{"code":"A-6","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","phone":"9E+8"}' >a.ndjson
	run -1 --separate-stderr imp a.ndjson
	[ "${stderr_lines[0]}" = 'dossier-import: a.ndjson:1: E_NUMBER: phone: a spreadsheet made a number of it and lost its digits (as in 3.7E+10)' ]
	# JSON can have it as a number, too; in a column of numbers it is one.
	cat >a.ndjson <<-'END'
		{"code":"A-7","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","phone":9.1E+8}
		{"code":"A-8","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","applicant_id":3.7E10}
		{"code":4e3,"procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15"}
		{"code":"A-9","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","phone":912345678.0,"field.floor_area":1.2E+2}
	END
	run -1 --separate-stderr imp a.ndjson
	[ "$(jq -r .code <<<"$output")" = A-9 ]
	[ "$(grep -c 'E_NUMBER: .*: a spreadsheet made a number of it' <<<"$stderr")" -eq 3 ]
	[ "$(shows A-9 phone fields.floor_area)" = '["912345678","120"]' ]
	echo '{"MaHoSo":"A-10","madonvi":"H42.30","MaTTHC":"1.009994","NgayTiepNhan":"20240415081500","TrangThaiHoSo":"2","SoDienThoai":9.1E+8}' >a.json
	run -1 --separate-stderr imp --input=dvcqg a.json
	[[ ${stderr_lines[0]} == *': E_NUMBER: phone: '* ]]
}

@test "numbers with a comma: one reading, or none" {
	{
		echo "$HEAD;field.floor_area;field.income" | tr , ';'
		echo 'A-1;1.009994;H42.30;2024-04-15;12,5;1.234.567'
		echo 'A-2;1.009994;H42.30;2024-04-15;1,234;'
		echo 'A-3;1.009994;H42.30;2024-04-15;1.234,5;'
		echo 'A-4;1.009994;H42.30;2024-04-15;;1,234'
	} >a.csv
	run -1 --separate-stderr imp a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:3:5: E_FIELD: field.floor_area: its comma or point can be read in two ways
		a map says which is the decimal one: "decimal": ","
		dossier-import: a.csv:5:6: E_FIELD: field.income: its comma or point can be read in two ways
		a map says which is the decimal one: "decimal": ","
		dossier-import: 4 rows: 2 added, 0 updated, 0 unchanged, 2 rejected (E_FIELD 2); 2 events, run 1
	END
	[ "$(audit-export A-1 A-3 | jq -r .body | jq -rc .data.fields.floor_area | tr '\n' ' ')" = '12.5 1234.5 ' ]
	echo '{"decimal":",","columns":{"code":"code","procedure":"procedure","unit":"unit","received_at":"received_at","field.floor_area":"field.floor_area","field.income":"field.income"}}' >map.json
	grep -v A-4 a.csv | sed 's/A-/B-/' >b.csv
	run -0 --separate-stderr imp --map=map.json b.csv
	[ "$(audit-export B-2 | jq -r .body | jq -rc .data.fields.floor_area)" = 1.234 ]
	# What is no number is told as without a map; what is one by the other
	# sign is not taken for another.
	{
		head -n 1 a.csv
		echo 'C-1;1.009994;H42.30;2024-04-15;x;'
		echo 'C-2;1.009994;H42.30;2024-04-15;1e5;'
		echo 'C-3;1.009994;H42.30;2024-04-15;;12abc'
		echo 'C-4;1.009994;H42.30;2024-04-15;12.5;'
		echo 'C-5;1.009994;H42.30;2024-04-15;1.234;'
		echo 'C-6;1.009994;H42.30;2024-04-15;;1,5'
	} >c.csv
	run -1 --separate-stderr imp --map=map.json c.csv
	same_text "$stderr" <<-'END'
		dossier-import: c.csv:2:5: E_FIELD: field.floor_area is not a decimal number (such as 62.5) of at most 30 digits
		dossier-import: c.csv:3:5: E_FIELD: field.floor_area is not a decimal number (such as 62.5) of at most 30 digits
		dossier-import: c.csv:4:6: E_FIELD: field.income is not a whole number of at most 30 digits
		dossier-import: c.csv:5:5: E_FIELD: field.floor_area is no number with "," as its decimal sign
		dossier-import: c.csv:7:6: E_FIELD: field.income is not a whole number of at most 30 digits
		dossier-import: 6 rows: 1 added, 0 updated, 0 unchanged, 5 rejected (E_FIELD 5); 1 event, run 3
	END
	[ "$(audit-export C-5 | jq -r .body | jq -rc .data.fields.floor_area)" = 1234 ]
}

@test "a date that is refused says what it looks like" {
	local d advice

	while IFS='|' read -r d advice; do
		printf '%s\nA-1,1.009994,H42.30,"%s"\n' "$HEAD" "$d" >a.csv
		run -1 --separate-stderr imp a.csv
		[ "${stderr_lines[0]}" = "dossier-import: a.csv:2:4: E_DATE: received_at: \"$d\" is no date, or in a form that is not known" ]
		[[ ${stderr_lines[1]} == "$advice"* ]]
	done <<-'END'
		45397|a day's number from Excel? A map says so: "time": "excel"
		45397,34|a day's number from Excel?
		15/4/24|with two digits of the year? A map says so: "time": "%d/%m/%y"
		04/15/2024|with the month first? A map says so: "time": "%m/%d/%Y"
		2024/04/15|the year first, with slashes? A map says so: "time": "%Y/%m/%d"
		2024/4/5 8:15|the year first, with slashes? A map says so: "time": "%Y/%m/%d %H:%M"
		45/04/24|dossier-import: 1 row
		########|a spreadsheet's column was too narrow
		31/02/2024|dossier-import: 1 row
	END
}

# ---- maps ----

@test "--check-map: all that is wrong, with line and column; imports nothing" {
	register_map
	MOTCUA_DB=/nonexistent run -0 --separate-stderr dossier-import --check-map map.json
	silent
	cat >bad.json <<-'END'
		{"rows": "lines",
		 "time": ["%d/%m"],
		 "colour": 1,
		 "columns": {"kode": "Mã",
		             "unit": 7}}
	END
	run -1 --separate-stderr dossier-import --check-map bad.json map.json
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: bad.json:1:10: E_MAP: "rows" is "dossiers" or "events"
		dossier-import: bad.json:2:10: E_MAP: not a time format: %Y or %y, %m and %d, if wanted %H %M %S %f %z, and text; or "excel"
		dossier-import: bad.json:3:12: E_FIELD: unknown member "colour"
		dossier-import: bad.json:4:22: E_COLUMN: there is no column "kode"
		dossier-import: bad.json:5:22: E_MAP: a column's name is text: "unit"
	END
	echo '{"columns": {"code": "Mã"}}' >thin.json
	run -1 --separate-stderr dossier-import --check-map=thin.json
	same_text "$stderr" <<-'END'
		dossier-import: thin.json:1:13: E_HEADER: neither a column nor a default for "procedure"
		dossier-import: thin.json:1:13: E_HEADER: neither a column nor a default for "unit"
		dossier-import: thin.json:1:13: E_HEADER: neither a column nor a default for "received_at"
	END
	# With --number no row needs a code, but the dossier of an event has one.
	echo '{"columns": {"unit": "ĐV", "received_at": "Ngày"}, "defaults": {"procedure": "1.009994"}}' >none.json
	run -0 --separate-stderr dossier-import --check-map=none.json --number
	silent
	run -1 --separate-stderr dossier-import --check-map=none.json
	[ "$stderr" = 'dossier-import: none.json:1:13: E_HEADER: neither a column nor a default for "code"' ]
	sed 's/{/{"rows": "events", /; s/"unit"/"activity": "a", "at": "b", "unit"/' none.json >event.json
	run -1 --separate-stderr dossier-import --check-map=event.json --number
	[[ $stderr == *'neither a column nor a default for "code"' ]]
	echo '{"columns": {"code": "Mã"}, "defaults": {"received_at": "foo"}}' >day.json
	run -1 --separate-stderr dossier-import --check-map=day.json
	[ "$stderr" = 'dossier-import: day.json:1:57: E_DATE: no date, or in a form that is not known, is given for "received_at"' ]
	run -2 --separate-stderr dossier-import --check-map=no.json
	[ "$stderr" = 'dossier-import: no.json: E_IO: cannot open: No such file or directory' ]
	head -c 1048577 /dev/zero >big.json
	run -2 --separate-stderr dossier-import --check-map=big.json
	[ "$stderr" = 'dossier-import: big.json: E_LIMIT: a map has at most 1048576 bytes' ]
}

@test "the starter rulebook's maps are good, and fit what they are for" {
	local m=$TOP/lib/starter/maps

	run -0 --separate-stderr dossier-import --check-map "$m"/*.json
	silent
	fresh_db
	# Our own columns, all of them and the four that must be.
	printf '%s\nA-1,1.000894,H42.31.21,2024-04-15\n' "$HEAD" >a.csv
	run -0 --separate-stderr imp --map="$m/canonical.json" a.csv
	# The register that a vendor's system exports.
	{
		echo STT,MaHoSo,TrichYeuHoSo,SoBoHoSo,ChuHoSo,DiaChi,SoDienThoai,NgayTiepNhan,NgayHenTra,NgayTra,TenNguoiNhanHoSo,TenDiaBan
		echo '1,A-2,Đăng ký kết hôn,1,Trần Thị B,Thôn 1,0912345678,15/04/2024 08:10:00,18/04/2024 17:00:00,16/04/2024 10:00:00,Lê C,Gia Thủy'
	} >b.csv
	run -0 --separate-stderr imp --map="$m/so-theo-doi.json" b.csv
	[ "$(shows A-2 procedure applicant_name received_at due_at returned_at)" = \
	    '["1.000894","Trần Thị B","2024-04-15T08:10:00+07:00","2024-04-18T17:00:00+07:00","2024-04-16T10:00:00+07:00"]' ]
	# Form 07 (06 until June 2025) as it is printed.
	{
		echo 'UBND XÃ GIA THỦY;;;;;;;;;;;;'
		echo 'SỔ THEO DÕI HỒ SƠ;;;;;;;;;;;;'
		echo 'TT;Mã hồ sơ;Tên thủ tục hành chính;Số lượng hồ sơ (bộ);Tên cá nhân, tổ chức;Địa chỉ, số điện thoại;Cơ quan chủ trì giải quyết;Ngày, tháng, năm;;;Phương thức nhận kết quả;Ký nhận;Ghi chú'
		echo ';;;;;;;Nhận hồ sơ;Hẹn trả kết quả;Trả kết quả;;;'
		echo '1;2;3;4;5;6;7;8;9;10;11;12;13'
		echo '1;A-3;Đăng ký kết hôn;1;Phạm Văn D;Thôn 2, 0912345679;UBND xã;15/04/2024 08:10;18/04/2024;;Trực tiếp;;gấp'
		echo 'Tổng số: 1;;;;;;;;;;;;'
	} >c.csv
	run -0 --separate-stderr imp --map="$m/so-theo-doi-07.json" c.csv
	[ "$(shows A-3 procedure applicant_name address note)" = '["1.000894","Phạm Văn D","Thôn 2, 0912345679","gấp"]' ]
}

# ---- what is written meanwhile ----

@test "--atomic from standard input goes through a file beside the database" {
	local pid kept=''

	[ -d /proc/self/fd ] || skip 'no /proc'
	printf '%s\nA-1,1.009994,H42.30,2024-04-15\n' "$HEAD" >a.csv
	mkfifo in
	dossier-import --atomic --now='2024-05-06 10:00' - <in >out 2>err &
	pid=$!
	exec 9>in
	cat a.csv >&9
	# It has no name any more, and is where the database is.
	for _ in {1..100}; do
		kept=$(find "/proc/$pid/fd" -lname "$MOTCUA_DB.?????? (deleted)" \
		    2>/dev/null) || :
		[ -z "$kept" ] || break
		sleep 0.05
	done
	[ -n "$kept" ]
	exec 9>&-
	wait "$pid"
	[ "$(jq -r .code out)" = A-1 ]
	[ -z "$(find db -name 'motcua.db.??????')" ]
}

@test "--dry-run and --atomic refuse before they lock, where they can" {
	printf '%s\nA-1,1.009994,H42.30,2024-04-31\n' "$HEAD" >a.csv
	# Somebody else writes: what needs no database is told all the same.
	flock "$MOTCUA_DB.lock" sleep 5 &
	sleep 0.3
	run -2 --separate-stderr timeout 4 dossier-import --atomic --now='2024-05-06 10:00' a.csv
	[[ ${stderr_lines[0]} == *E_DATE* ]]
	wait
}

# ---- corpora ----

@test "every name of a procedure survives, as it is after cleaning" {
	need_shared data/vn/tthc_2642.csv
	# Quoted by another program than ours.
	sqlite3 :memory: ".mode csv" ".import $SHARED/data/vn/tthc_2642.csv t" \
	    ".headers off" \
	    "SELECT 'T-' || rowid, '1.009994', 'H42.30', '2024-04-15', name, agency FROM t ORDER BY rowid" >rows.csv
	{ echo "$HEAD,subject,address"; cat rows.csv; } >a.csv
	run -0 --separate-stderr imp a.csv
	[[ $stderr == *' 2642 added, 0 updated, 0 unchanged, 0 rejected'* ]]
	sqlite3 :memory: ".mode csv" ".import $SHARED/data/vn/tthc_2642.csv t" \
	    ".mode tabs" "SELECT json_array('T-' || rowid, name) FROM t ORDER BY rowid" >want.json
	perl -MUnicode::Normalize -CSD -ne '
	    s/[\x{a0}\x{2007}\x{202f}]/ /g; s/[\x{200b}-\x{200d}\x{2060}\x{feff}]//g;
	    tr/\x{d0}\x{f0}/\x{110}\x{111}/; $_ = NFC($_);
	    s/^(\["T-\d+",")\s+/$1/; s/\s+"\]$/"]/; print' want.json >clean.json
	dossier-find --personal | jq -c '[.code, .subject]' | sort -t- -k2n >got.json
	[ "$(wc -l <got.json)" -eq 2642 ]
	diff <(jq -c . clean.json) got.json
	audit-export --personal | jq -c 'select(.kind == "received") | [.code, .personal.subject]' |
	    sort -t- -k2n >exported.json
	diff <(jq -c . clean.json) exported.json
}

@test "any JSON at all, as NDJSON: an answer with a place, never a crash" {
	local f crashed=0 n=0

	need_shared data/corpora/json
	for f in "$SHARED"/data/corpora/json/*.json; do
		n=$((n + 1))
		run --separate-stderr imp --input=ndjson "$f"
		# Blank lines are no rows: two of the files have nothing else.
		if [ "$status" -gt 2 ] || [ -n "$output" ] ||
		    { [[ $stderr != "dossier-import: $f:"[0-9]* ]] &&
		    [ -n "$(tr -d ' \n\357\273\277' <"$f")" ]; }; then
			echo "$f: $status $stderr"
			crashed=1
		fi
	done
	[ "$n" -eq 318 ]
	[ "$crashed" -eq 0 ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
}
