#!/usr/bin/env bats
# The table of deadlines counted a second time, by a program that shares
# nothing with ours; tests/unit/conformance.c is our own count.

# shellcheck disable=SC2154	# run sets output, stderr and status

load lib

C=$BATS_TEST_DIRNAME/conformance

setup() {
	python3 -c 'import zoneinfo' 2>/dev/null ||
	    skip 'no python3 with zoneinfo (3.9 or later)'
	export PYTHONDONTWRITEBYTECODE=1
}

@test "an independent count comes to the same deadlines" {
	run -0 --separate-stderr python3 "$C/check.py"
	echo "$output$stderr"
	[[ $output =~ ^([0-9]+)' cases, 0 of them different'$ ]]
	[ "${BASH_REMATCH[1]}" -ge 600 ]
	[ "${BASH_REMATCH[1]}" -eq "$(grep -vc '^#' "$C/deadlines.tsv")" ]
	[ -z "$stderr" ]
}

@test "the independent count sees a wrong deadline and a wrong calendar" {
	cp -R "$C" "$BATS_TEST_TMPDIR/c"
	cd "$BATS_TEST_TMPDIR/c"
	sed -i '/^wd-001/s/T17:00/T17:01/' deadlines.tsv
	run -1 --separate-stderr python3 check.py
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *': wd-001: got 2024-05-04T17:00:00+07:00 '* ]]
	cp "$C/deadlines.tsv" .
	sed -i '/2024-05-04/d' calendars/vn-office.json
	run -1 --separate-stderr python3 check.py
	[[ $output == *': wd-001: got 2024-05-06T17:00:00+07:00 '* ]]
}

@test "the table is plain: tabs, known sources, every trap named" {
	run -0 awk -F'\t' '
	    /^#/ { next }
	    NF != 14 { print NR ": " NF " columns" }
	    $13 == "" || $13 == "-" { print NR ": no rule" }
	    $14 !~ /^(statute|official calendar|hand|independent count): ./ {
		print NR ": source " $14 }
	    seen[$1]++ { print NR ": " $1 " twice" }
	    ' "$C/deadlines.tsv"
	[ -z "$output" ]
	# A good part is not only counted by programs.
	[ "$(awk -F'\t' '!/^#/ && $14 !~ /^independent/' "$C/deadlines.tsv" |
	    wc -l)" -ge 400 ]
}
