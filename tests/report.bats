#!/usr/bin/env bats
# report(1): form II.06a from the counters, in every format.

# shellcheck disable=SC2154	# bats sets output, stderr and their _lines

load lib

# Statutory August 2025: 15 July to 14 August.
setup() {
	fresh_db
	cat >"$BATS_TEST_TMPDIR/in.csv" <<-'CSV'
		code,procedure,unit,channel,received_at,due_at,finished_at,returned_at,status
		A-1,1.001193,H42.67,direct,2025-07-10 08:30,2025-07-10,2025-07-16 10:00,,
		A-2,1.001193,H42.67,online,2025-07-16 09:00,2025-07-16,2025-07-16 10:00,2025-07-20 10:00,
		A-3,1.001193,H42.60,postal,2025-07-16 09:00,2025-07-17,2025-07-16 10:00,,
		A-4,1.013225,H42.60,online,2025-07-20 09:00,2025-08-05,,,
		A-5,1.013225,H42.67,online,2025-08-14 09:00,2025-08-28,,,
		A-6,1.013225,H42.67,direct,2025-08-15 09:00,2025-08-29,,,
		A-7,1.001193,H42.67,direct,2025-08-01 09:00,,,,registered
		A-8,1.001193,H42.67,direct,2025-08-01 09:00,2025-08-02,2025-08-04 09:00,,withdrawn
		B-1,1.009994,H42.34,direct,2025-06-10 08:30,2025-08-20,,,
	CSV
	dossier-import --now='2025-08-30 07:00' "$BATS_TEST_TMPDIR/in.csv" \
	    >"$BATS_TEST_TMPDIR/import.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/import.log"
		return 1
	}
	NOW=--now='2025-08-30 08:00'
}

form() {
	report "$NOW" 06a --format=ndjson "$@"
}

numbers() {
	jq -r '[.key // "total", .received_total, .received_online,
	    .received_other, .carried_over, .finished_total, .finished_early,
	    .finished_on_time, .finished_late, .open_total, .open_in_time,
	    .open_overdue] | map(tostring) | join(" ")' <<<"$output"
}

@test "a month, field by field; the total last" {
	run -0 --separate-stderr form --period=2025-08
	[ -z "$stderr" ]
	# Key: received (online other carried) finished (early, on time,
	# late) open (in time, overdue).
	same_text "$(numbers)" <<-'END'
		Hoạt động xây dựng 3 2 0 1 0 0 0 0 3 2 1
		Hộ tịch 4 1 2 1 4 1 2 1 0 0 0
		total 7 3 2 2 4 1 2 1 3 2 1
	END
	same_text "${lines[2]}" <<-'END'
		{"schema":"motcua.report-06a/1","key":null,"title":null,"received_total":7,"received_online":3,"received_other":2,"carried_over":2,"finished_total":4,"finished_early":1,"finished_on_time":2,"finished_late":1,"open_total":3,"open_in_time":2,"open_overdue":1,"basis":"submissions"}
	END
}

@test "periods: statutory and calendar, days, and the default" {
	run -0 form --period=2025-08 --calendar
	[ "$(numbers | tail -n 1)" = 'total 5 1 2 2 1 0 1 0 4 0 4' ]
	run -0 form --period=2025-07-16..2025-07-16
	[ "$(numbers | tail -n 1)" = 'total 4 1 1 2 3 1 1 1 1 1 0' ]
	# The month that is going on: 15 August to 14 September.
	run -0 form
	[ "$(numbers | tail -n 1)" = 'total 4 0 1 3 0 0 0 0 4 0 4' ]
	run -0 form --period=2025-Q3
	[ "$(numbers | tail -n 1)" = 'total 8 3 4 1 4 1 2 1 4 0 4' ]
	run -0 form --period=2024
	[ "$(numbers)" = 'total 0 0 0 0 0 0 0 0 0 0 0' ]
	run -2 --separate-stderr form --period=2025-13
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		report: --period: E_PERIOD: no such period: "2025-13"
		a period is like 2026-09, 2026-Q3, 2026-H1, 2026-9M, 2026, or 2026-01-05..2026-02-10
	END
}

@test "nothing is overdue later than now, and the past stays as it was" {
	# A-5 came on the 14th.
	run -0 report --now='2025-08-06 08:00' 06a -f ndjson --period=2025-08
	[ "$(numbers | tail -n 1 | cut -d' ' -f 10-)" = '2 1 1' ]
	run -0 form --period=2025-08
	before=$output
	route --now='2025-08-30 09:00' withdraw A-4 >/dev/null
	route --now='2025-08-30 09:00' supplement --reason=x A-5 >/dev/null
	run -0 form --period=2025-08
	[ "$output" = "$before" ]
	run -0 report --now='2025-08-31 08:00' 06a -f ndjson
	[ "$(numbers | tail -n 1)" = 'total 4 0 1 3 1 0 1 0 3 1 2' ]
}

# It was finished in August and goes on in September: carried over.
@test "reopened in a later period: carried over, and no finish less than none" {
	printf '%s\n' 'code,procedure,unit,channel,received_at' \
	    'R-1,2.000635,H42.60,direct,2025-08-04 08:00' \
	    >"$BATS_TEST_TMPDIR/r.csv"
	fresh_db
	dossier-import --now='2025-08-04 09:00' "$BATS_TEST_TMPDIR/r.csv" \
	    >/dev/null 2>&1
	route finish R-1 --now='2025-08-04 10:30' >/dev/null
	run -0 form --period=2025-08
	before=$output
	[ "$(numbers | tail -n 1)" = 'total 1 0 1 0 1 0 1 0 0 0 0' ]
	route reopen --reason=x R-1 --now='2025-08-20 10:30' >/dev/null
	NOW=--now='2025-09-20 10:30'
	run -0 --separate-stderr form --period=2025-09
	[ -z "$stderr" ]
	[ "$(numbers | tail -n 1)" = 'total 1 0 0 1 0 0 0 0 1 0 1' ]
	route finish R-1 --now='2025-09-03 10:30' >/dev/null
	run -0 form --period=2025-09
	[ "$(numbers | tail -n 1)" = 'total 1 0 0 1 1 0 0 1 0 0 0' ]
	# Units that took over, and the dossiers of one unit only.
	run -0 form --period=2025-09 --unit=H42.60 --by=unit
	[ "$(numbers | head -n 1)" = 'H42.60 1 0 0 1 1 0 0 1 0 0 0' ]
	run -0 form --period=2025-09 --unit=H42.67
	[ "$(numbers)" = 'total 0 0 0 0 0 0 0 0 0 0 0' ]
	# Both in it: once, with its last verdict.
	run -0 form --period=2025
	[ "$(numbers | tail -n 1)" = 'total 1 0 1 0 1 0 0 1 0 0 0' ]
	run -0 form --period=2025-08
	[ "$output" = "$before" ]
	run -0 --separate-stderr dossier-db check
	silent
}

# What is entered with an earlier day is known of that day on.
@test "finished before its due date was moved: overdue no day since" {
	route --now='2025-08-30 08:00' --reason=x \
	    --set=due_at='2025-09-05 17:00' correct A-4 >/dev/null
	run -0 form --period=2025-08
	[ "$(numbers | tail -n 1)" = 'total 7 3 2 2 4 1 2 1 3 2 1' ]
	route --now='2025-08-30 09:00' --at='2025-08-01 10:00' finish A-4 \
	    >/dev/null
	run -0 --separate-stderr form --period=2025-08
	[ -z "$stderr" ]
	[ "$(numbers | tail -n 1)" = 'total 7 3 2 2 5 2 2 1 2 2 0' ]
	run -0 --separate-stderr form --period=2025-08-15..2025-08-29
	[ -z "$stderr" ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "an earlier now: the report of then, whatever has happened since" {
	run -0 report --now='2025-08-30 08:00' 06a -f ndjson
	before=$output
	route --now='2025-09-02 09:00' finish A-4 A-5 >/dev/null
	run -0 --separate-stderr report --now='2025-08-30 08:00' 06a -f ndjson
	[ -z "$stderr" ]
	[ "$output" = "$before" ]
	run -0 report --now='2025-09-02 10:00' 06a -f ndjson
	[ "$(numbers | tail -n 1)" = 'total 4 0 1 3 2 0 0 2 2 0 2' ]
	# A period that has not begun: what there is will be carried over.
	run -0 report --now='2025-08-30 08:00' 06a -f ndjson -p 2025-10
	[ "$(numbers | tail -n 1)" = 'total 4 0 0 4 0 0 0 0 4 0 4' ]
}

# A-2 came online and A-3 was on time in August; its report stays.
@test "a correction counts where it is made: below 0 is said, and why" {
	run -0 form --period=2025-08
	before=$output
	route correct --set=channel=direct --reason=x A-2 \
	    --now='2025-08-30 09:00' >/dev/null
	NOW=--now='2025-08-30 10:00'
	run -0 --separate-stderr form
	[ "$(numbers | grep '^Hộ tịch')" = 'Hộ tịch 0 -1 1 0 0 0 0 0 0 0 0' ]
	[ "$stderr" = 'report: W_NEGATIVE: "Hộ tịch": received_online is -1: what an earlier period has counted was corrected in this one' ]
	for f in html table; do
		run -0 report "$NOW" 06a -f $f
		[[ $output == *'Số âm: trong kỳ này có hồ sơ đã tính ở kỳ trước được đính chính;'* ]]
		run -0 --separate-stderr report "$NOW" 06a -f $f -p 2025-08
		[ -z "$stderr" ]
		[[ $output != *'Số âm'* ]]
	done
	# It stays counted in the period that has it.
	route correct --set=received_at='2025-07-16 09:00' --reason=x A-1 \
	    --now='2025-08-30 09:30' >/dev/null
	run -0 form --period=2025-08
	[ "$output" = "$before" ]
	# What was taken back never was: every period is without it.
	printf '%s\n' code,procedure,unit,channel,received_at \
	    'U-1,1.001193,H42.67,direct,2025-08-12 09:00' \
	    >"$BATS_TEST_TMPDIR/u.csv"
	dossier-import --now='2025-08-30 09:40' "$BATS_TEST_TMPDIR/u.csv" \
	    >/dev/null 2>&1
	run -0 form --period=2025-08
	[ "$(numbers | tail -n 1 | cut -d' ' -f 2)" = 8 ]
	dossier-import --now='2025-08-30 09:50' --undo=2 >/dev/null 2>&1
	run -0 form --period=2025-08
	[ "$output" = "$before" ]
}

@test "units: those below, and those that were before" {
	run -0 form --period=2025-08 --by=unit
	same_text "$(numbers | cut -d' ' -f -2)" <<-'END'
		H42.60 2
		H42.67 5
		total 7
	END
	[ "$(jq -r .title <<<"${lines[1]}")" = 'UBND xã Gia Viễn' ]
	run -0 form --period=2025-08 --unit=H42.67
	[ "$(numbers | tail -n 1)" = 'total 5 2 1 2 3 0 2 1 2 2 0' ]
	run -0 form --period=2025-08 --unit=H42
	[ "$(numbers | tail -n 1 | cut -d' ' -f 2)" = 7 ]
	# While it was there it had its own.
	run -0 form --period=2025-06 --unit=H42.34
	[ "$(numbers | tail -n 1)" = 'total 1 0 1 0 0 0 0 0 1 1 0' ]
	run -2 --separate-stderr form --period=2025-08 --unit=H42.34
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		report: --unit: E_UNIT: the unit "H42.34" had ended by then
		"H42.67" took over from it
	END
	run -2 --separate-stderr form --unit=H99
	[ "$stderr" = 'report: --unit: E_UNIT: the rulebook has no unit "H99"' ]
}

@test "procedures" {
	run -0 form --period=2025-08 --by=procedure
	same_text "$(numbers)" <<-'END'
		1.001193 4 1 2 1 4 1 2 1 0 0 0
		1.009994 1 0 0 1 0 0 0 0 1 1 0
		1.013225 2 2 0 0 0 0 0 0 2 1 1
		total 7 3 2 2 4 1 2 1 3 2 1
	END
	[ "$(jq -r .title <<<"${lines[0]}")" = 'Đăng ký khai sinh' ]
	run -2 --separate-stderr form --by=colour
	same_text "$stderr" <<-'END'
		report: --by: E_USAGE: "colour" is none of: field procedure unit
		Try 'report --help'.
	END
}

@test "CSV: the form's headings, plain numbers" {
	run -0 --separate-stderr report "$NOW" 06a --period=2025-08 -f csv
	[ -z "$stderr" ]
	same_text "$output" <<-'END'
		TT,"Lĩnh vực, công việc giải quyết theo cấp",Tiếp nhận: Tổng số,Tiếp nhận: Trực tuyến,"Tiếp nhận: Trực tiếp, dịch vụ bưu chính",Tiếp nhận: Từ kỳ trước,Đã giải quyết: Tổng số,Đã giải quyết: Trước hạn,Đã giải quyết: Đúng hạn,Đã giải quyết: Quá hạn,Đang giải quyết: Tổng số,Đang giải quyết: Trong hạn,Đang giải quyết: Quá hạn
		1,Hoạt động xây dựng,3,2,0,1,0,0,0,0,3,2,1
		2,Hộ tịch,4,1,2,1,4,1,2,1,0,0,0
		,Tổng số,7,3,2,2,4,1,2,1,3,2,1
	END
	run -0 report "$NOW" 06a --period=2025-08 -f csv --by=procedure
	[[ ${lines[0]} == 'TT,Mã TTHC,Thủ tục hành chính,'* ]]
	[ "${lines[1]}" = \
	    '1,1.001193,Đăng ký khai sinh,4,1,2,1,4,1,2,1,0,0,0' ]
}

# Tables of both bases are put together by people; the form is not.
@test "what is counted is said: in records always, in CSV where asked for" {
	local basis

	run -0 report "$NOW" 06a --period=2025-08 -f csv
	[[ $output != *'Cách tính'* ]] && [[ $output != *submissions* ]]
	before=$output
	for basis in submissions dossiers; do
		run -0 report "$NOW" 06a --period=2025-08 -f csv --basis=$basis
		same_text "$output" < <(sed "1s/\$/,Cách tính/; 1!s/\$/,$basis/" \
		    <<<"$before")
		run -0 form --period=2025-08 --basis=$basis
		[ "$(jq -r .basis <<<"$output" | uniq -c | tr -s ' ')" = \
		    " 3 $basis" ]
		[ "$(jq -r 'keys_unsorted[-1]' <<<"$output" | uniq)" = basis ]
	done
}

@test "the table has the form's number, period and columns" {
	run -0 --separate-stderr report "$NOW" 06a --period=2025-Q3
	[ -z "$stderr" ]
	[ "${lines[0]}" = 'Biểu số II.06a/VPCP/KSTT' ]
	[[ $output == *'Đơn vị báo cáo: UBND tỉnh Ninh Bình'* ]]
	[[ $output == *'Kỳ báo cáo: Quý III năm 2025 (Từ ngày 15/06/2025 đến ngày 14/09/2025)'* ]]
	[[ $output == *'Tiếp nhận'*'Đã giải quyết'*'Đang giải quyết'*'(13)'* ]]
	[[ $(grep 'Tổng số' <<<"$output") =~ ^\ +Tổng\ số\ +8\ +3\ +4\ +1\ +4\ +1\ +2\ +1\ +4\ +0\ +4$ ]]
}

@test "who reports to whom, as of when, and who signs" {
	local f

	for f in table html; do
		run -0 --separate-stderr report "$NOW" 06a -f $f -u H42.67
		[ -z "$stderr" ]
		text=$(sed 's/<[^>]*>//g' <<<"$output")
		[[ $text == *'Đơn vị báo cáo: UBND xã Gia Viễn'* ]]
		[[ $text == *'Đơn vị nhận báo cáo: UBND tỉnh Ninh Bình'* ]]
		# Of a period that goes on.
		[[ $text == *'đến ngày 14/09/2025), số liệu đến 08:00 30/08/2025'* ]]
		[[ $text == *'Người lập biểu'*'(Ký, ghi rõ họ tên)'* ]]
		[[ $text == *', ngày ...... tháng ...... năm ....'* ]]
		[[ $text == *'Thủ trưởng đơn vị'* ]]
		[[ $text == *'(Ký, ghi rõ họ tên, đóng dấu)'* ]]
		[[ $text == *'Lập lúc 30/08/2025 08:00'* ]]
		# One that has ended, and a unit with none above it.
		run -0 report "$NOW" 06a -f $f --period=2025-08
		text=$(sed 's/<[^>]*>//g' <<<"$output")
		[[ $text == *'Đơn vị nhận báo cáo: ......'* ]]
		[[ $text != *'số liệu đến'* ]]
		[[ $text == *'Lập lúc 30/08/2025 08:00'* ]]
	done
	# Its last day goes on, too.
	run -0 report --now='2025-09-14 23:59' 06a --period=2025-09
	[[ $output == *', số liệu đến 23:59 14/09/2025'* ]]
	run -0 report --now='2025-09-15 00:00' 06a --period=2025-09
	[[ $output != *'số liệu đến'* ]]
}

@test "HTML: one file, accessible, escaped, nothing from elsewhere" {
	run -0 --separate-stderr report "$NOW" 06a --period=2025-08 -f html
	[ -z "$stderr" ]
	[ "${lines[0]}" = '<!DOCTYPE html>' ]
	[[ $output == *'<html lang="vi">'*'<meta charset="utf-8">'* ]]
	[[ $output == *'Biểu số II.06a/VPCP/KSTT'*'(Từ ngày 15/07/2025 đến ngày 14/08/2025)'* ]]
	[ "$(grep -o 'scope="colgroup"' <<<"$output" | wc -l)" -eq 3 ]
	[ "$(grep -o '<th scope="row">' <<<"$output" | wc -l)" -eq 3 ]
	# What is counted stands where nothing scrolls.
	[[ $output == *'<p id="unit">Đơn vị tính: số hồ sơ</p>'*'<div class="sheet"'* ]]
	[[ $output == *'<table aria-labelledby="title" aria-describedby="unit">'* ]]
	[[ $output != *'<caption'* ]]
	# On paper each cell has its own borders, whichever row ends a page,
	# and nothing is as large as on a screen.
	[[ $output == *'@media print{'*'.sheet{overflow:visible;border-width:0}'*'border-collapse:collapse'* ]]
	run ! grep -E 'font-size:[0-9.]+rem' <<<"$output"
	run -0 report "$NOW" 06a --period=2025-08 -f html
	run ! grep -iE '<script|https?:|src=|@import|url\(' <<<"$output"
	# Well-formed enough for a parser of XML, but for the doctype and meta.
	python3 - "$output" <<-'END' || [ $? -eq 127 ]
		import sys, html.parser
		class P(html.parser.HTMLParser):
		    def __init__(self):
		        super().__init__(); self.s = []
		    def handle_starttag(self, t, a):
		        if t not in ("meta",): self.s.append(t)
		    def handle_endtag(self, t):
		        assert self.s.pop() == t, t
		p = P(); p.feed(sys.argv[1]); assert p.s == []
	END
}

@test "a title from the rulebook cannot become markup" {
	local r=$BATS_TEST_TMPDIR/rules

	git -c safe.directory='*' clone -q \
	    "$BATS_TEST_TMPDIR/db/motcua.rules" "$r"
	rm -rf "$r/.git"
	jq '.field = "<b>\"A\" & B</b>" | .title = "=1+1"' \
	    "$r/procedures/civil-status/1.001193.json" >"$r/new.json"
	mv "$r/new.json" "$r/procedures/civil-status/1.001193.json"
	make_rules "$r" >/dev/null
	fresh_db "$r"
	dossier-import --now='2025-08-30 07:00' "$BATS_TEST_TMPDIR/in.csv" \
	    >/dev/null 2>&1
	run -0 report "$NOW" 06a --period=2025-08 -f html
	[[ $output == *'&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;'* ]]
	[[ $output != *'<b>'* ]]
	run -0 report "$NOW" 06a --period=2025-08 -f csv --by=procedure
	[[ ${lines[1]} == "1,1.001193,\"'=1+1\","* ]]
}

@test "-o: whole or not at all" {
	local f=$BATS_TEST_TMPDIR/out/06a.html

	mkdir "${f%/*}"
	run -0 --separate-stderr report "$NOW" 06a --period=2025-08 \
	    --format=html -o "$f"
	silent
	same_text "$(sed '/Lập lúc/d' "$f")" < <(
	    report "$NOW" 06a --period=2025-08 -f html | sed '/Lập lúc/d')
	# Replaced, and nothing else is left there.
	report "$NOW" 06a --period=2025-08 -f csv --output="$f"
	[ "$(head -c 2 "$f")" = TT ]
	[ "$(ls -A "${f%/*}")" = 06a.html ]
	run -2 --separate-stderr report "$NOW" 06a -o "${f%/*}/none/x"
	[[ $stderr == 'report: '*'E_IO: '* ]]
}

@test "a counter that was changed: the report says so, and names dossiers" {
	sqlite3 "$MOTCUA_DB" 'UPDATE rollup SET late = late + 1
	    WHERE level = 0 AND late > 0'
	run -1 --separate-stderr form --period=2025-07-16..2025-07-16
	[ "${#lines[@]}" -eq 3 ]
	[ "${stderr_lines[0]}" = 'report: E_BALANCE: "Hộ tịch": finished_total is 3, but finished_early + finished_on_time + finished_late is 4' ]
	[[ $stderr == *'the dossiers give more by: procedure 1.001193 at H42.67 from 2025-07-16 late -1'* ]]
	[[ $stderr == *'dossier A-1 counts on 2025-07-16, where the roll-ups differ'* ]]
	# Another period does not read it.
	run -0 form --period=2025-08-15..2025-08-20
}

@test "--list, and what is not a report" {
	run -0 --separate-stderr report --list -f ndjson
	[ -z "$stderr" ]
	same_text "$output" <<-'END'
		{"schema":"motcua.report-list/1","name":"06a","title":"Biểu số II.06a/VPCP/KSTT"}
	END
	run -2 --separate-stderr report "$NOW" 07z
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == 'report: E_USAGE: '* ]]
	run -2 report "$NOW"
	run -2 report --list 06a
	run -2 --separate-stderr report --list -f html
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'report: E_USAGE: --list has no html; it is table, csv or ndjson' ]
}

@test "no database, a full disk" {
	run -2 --separate-stderr report --db="$BATS_TEST_TMPDIR/none.db" 06a
	[ -z "$output" ]
	[[ $stderr == *'E_NODB: no database at'* ]]
	[ -w /dev/full ] || skip 'no /dev/full here'
	run -2 --separate-stderr bash -c "report '$NOW' 06a >/dev/full"
	[[ $stderr == 'report: E_IO: '* ]]
}
