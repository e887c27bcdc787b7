#!/usr/bin/env bats
# --spreadsheet: CSV that a spreadsheet takes for text, and for UTF-8.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

BOM=$'\xEF\xBB\xBF'
NOW=--now='2024-05-06 10:00'

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
	cat >in.ndjson <<-'END'
		{"code":"F-1","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15 08:15","applicant_name":"=HYPERLINK(\"http://x\")","phone":"+84912345678","note":"-1+cmd","address":"@SUM(A1)"}
		{"code":"F-2","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15 08:15","applicant_name":"＝1+1","phone":"-5","note":"-1.234,5","address":"A = B"}
		{"code":"F-3","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15 08:15","applicant_name":"'=1","phone":"0912345678","note":"a, \"b\"","address":"-"}
	END
	dossier-import "$NOW" in.ndjson >log 2>&1
}

@test "formulas are text, numbers are numbers, and it says that it is UTF-8" {
	run -0 --separate-stderr dossier-find --personal --format=csv --spreadsheet
	[ -z "$stderr" ]
	[[ ${lines[0]} == "$BOM"code,procedure,* ]]
	[[ ${lines[1]} == *',"'\''=HYPERLINK(""http://x"")",,"'\''+84912345678",,"'\''@SUM(A1)","'\''-1+cmd"' ]]
	[[ ${lines[2]} == *',"'\''＝1+1",,-5,,A = B,"-1.234,5"' ]]
	[[ ${lines[3]} == *",'=1,,0912345678,,\"'-\",\"a, \"\"b\"\"\"" ]]
	# Without it, and in other formats, all is as it was.
	run -0 --separate-stderr dossier-find --personal --format=csv
	[[ ${lines[0]} == code,* ]]
	[[ ${lines[1]} == *',"=HYPERLINK(""http://x"")",,+84912345678,,@SUM(A1),-1+cmd' ]]
}

@test "every tool has it, and takes it for CSV only" {
	local t with

	for t in $(tools); do
		echo "$t"
		"$t" --dump-options | cut -f2 | grep -qx -- --spreadsheet
		for with in -- --format=ndjson; do
			run -2 --separate-stderr "$t" --spreadsheet "$with"
			[ -z "$output" ]
			[ "${stderr_lines[0]}" = "$t: E_USAGE: --spreadsheet goes with --format=csv" ]
			[ "${stderr_lines[1]}" = "Try '$t --help'." ]
		done
	done
	run -3 --separate-stderr sla-check --spreadsheet --format=nagios
	[ "$output" = 'SLA UNKNOWN - E_USAGE: --spreadsheet goes with --format=csv' ]
}

@test "whatever writes it: one mark, before the heading" {
	local csv=(--format=csv --spreadsheet) late=--now='2024-05-20 10:00'
	local marks

	one_mark() {
		[ "$(head -c 3 "$1")" = "$BOM" ]
		marks=$(grep -c "$BOM" "$1")
		[ "$marks" -eq 1 ]
	}
	sla-check "$late" "${csv[@]}" >out
	one_mark out
	sla-check "$late" "${csv[@]}" --output=file.csv
	one_mark file.csv
	cmp out file.csv
	sla-check "$NOW" "${csv[@]}" --changes=x >out
	one_mark out
	sla-check "$late" "${csv[@]}" --explain=F-1 >out
	one_mark out
	report 06a "$NOW" --period=2024-04 "${csv[@]}" >out
	one_mark out
	report 06a "$NOW" --period=2024-04 "${csv[@]}" --output=form.csv
	cmp out form.csv
	route start "$NOW" "${csv[@]}" F-1 F-2 >out
	one_mark out
	audit-export --personal "${csv[@]}" >out
	one_mark out
	audit-export --verify "${csv[@]}" >out
	one_mark out
	dossier-db info "${csv[@]}" >out
	one_mark out
	procedure list --rules="$PWD/rules" "${csv[@]}" >out
	one_mark out
	dossier-import "$NOW" --dry-run "${csv[@]}" in.ndjson >out 2>log
	one_mark out
	# Also of nothing at all.
	dossier-find --status=withdrawn "${csv[@]}" >out
	one_mark out
	[ "$(wc -l <out)" -eq 1 ]
}

@test "an import passes over the mark, and keeps the apostrophe" {
	dossier-find --personal --format=csv --spreadsheet >all.csv
	cat >map.json <<-'END'
		{"columns": {"code": "code", "procedure": "procedure",
		 "unit": "unit", "received_at": "received_at",
		 "applicant_name": "applicant_name", "phone": "phone"}}
	END
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -0 --separate-stderr dossier-import "$NOW" --map=map.json all.csv
	[[ $stderr == *' 3 added, '* ]]
	[ "$(dossier-find --personal F-1 | jq -r .phone)" = "'+84912345678" ]
	[ "$(dossier-find --personal F-2 | jq -r .phone)" = -5 ]
}

@test "on a terminal there is no mark to be seen" {
	command -v script >/dev/null || skip 'no script(1)'
	script -qec 'dossier-find --format=csv --spreadsheet' typescript >seen </dev/null
	grep -q '^code,' seen
	run ! grep -q "$BOM" seen
}
