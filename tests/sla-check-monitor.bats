#!/usr/bin/env bats
# sla-check for monitoring: a plugin, and Prometheus' textfile collector.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

setup() {
	fresh_db
	dossier-import --now='2026-04-08 12:00' - \
	    >"$BATS_TEST_TMPDIR/in.log" 2>&1 <<-'CSV'
		code,procedure,unit,channel,received_at,due_at,applicant_name
		H42.67-260401-0001,1.013225,H42.67,direct,2026-04-01 08:30,2026-04-07,Nguyễn Thị Bí Mật
		H42.60-260401-0001,1.013225,H42.60,direct,2026-04-01 08:30,2026-04-07,
		H42.67-260402-0001,1.013225,H42.67,online,2026-04-02 09:00,2026-04-09,
		H42.67-260402-0003,1.013225,H42.67,online,2026-04-02 09:00,2026-04-13,
		H42.60-260408-0001,1.013225,H42.60,online,2026-04-08 10:00,,
	CSV
	NOW=--now='2026-04-09 08:30'
}

plugin() {
	sla-check --format=nagios "$@"
}

# One line, text and data, each datum as the guidelines want it.
well_formed() {
	local n='-?[0-9]+(\.[0-9]+)?' r datum
	r="(@?(~|$n)?:?($n)?)?"
	datum="'[^'=]+'=$n(s|%|B|c)?;$r;$r;($n)?;($n)?"

	[ "${#lines[@]}" -eq 1 ] &&
	    [[ $output =~ ^SLA\ (OK|WARNING|CRITICAL|UNKNOWN)\ -\ [^|]+\|(\ $datum)+$ ]]
}

@test "the plugin: status, one line, performance data" {
	run -2 --separate-stderr plugin "$NOW"
	[ -z "$stderr" ]
	well_formed
	[[ $output == "SLA CRITICAL - 2 overdue, 1 due soon, 2 late without apology | 'overdue'=2;;0;0; 'due_soon'=1;0;;0; "* ]]
	[[ $output == *"'max_late_days'=2;;;0;"* ]]
	run -1 plugin "$NOW" --critical=2
	[[ $output == 'SLA WARNING - '*"'overdue'=2;;2;0; "* ]]
	well_formed
	run -0 plugin "$NOW" --critical=2 --warning=@5:10
	[[ $output == 'SLA OK - '*"'due_soon'=1;@5:10;;0; "* ]]
	well_formed
	run -2 plugin "$NOW" --critical=5: --warning=~:9
	well_formed
	run -2 plugin "$NOW" --unit=H42.60
	[[ $output == 'SLA CRITICAL - H42.60: 1 overdue, 0 due soon, '* ]]
	run -2 plugin "$NOW" --state=in-time,paused
	[[ $output == *'2 overdue, 1 due soon, 2 in time, 0 paused, '* ]]
	well_formed
	[[ $output != *Bí* ]]
}

@test "the plugin: steps" {
	route --now='2026-04-08 13:30' start H42.67-260401-0001 \
	    >"$BATS_TEST_TMPDIR/route.log"
	run -2 plugin "$NOW" --steps
	[[ $output == 'SLA CRITICAL - steps: 1 overdue, 0 due soon, '* ]]
	well_formed
}

@test "the plugin: what is stale is unknown" {
	# The events have been recorded when this test ran.
	run -3 --separate-stderr plugin --now=2030-01-15
	[ -z "$stderr" ]
	well_formed
	[[ $output == 'SLA UNKNOWN - the last event, of '*', is more than 2 working days old; the calendar "office" is known until 31/12/2026 only; '*' overdue, '* ]]
	run -3 plugin --now=2030-01-15 --stale=none
	[[ $output == 'SLA UNKNOWN - the calendar "office" is known until '* ]]
	run -2 plugin "$NOW" --stale='1 working hours'
}

@test "the plugin: trouble is one line on standard output, and 3" {
	local want args

	while IFS='|' read -r args want; do
		# shellcheck disable=SC2086	# a list of arguments
		run -3 --separate-stderr sla-check $args
		echo "$args: $output"
		[ -z "$stderr" ]
		[ "${#lines[@]}" -eq 1 ]
		[[ $output == "SLA UNKNOWN - $want"* ]]
	done <<-'END'
		--format=nagios --bogus|E_USAGE: unknown option "--bogus"
		--bogus --format nagios|E_USAGE: unknown option "--bogus"
		-x -fnagios|E_USAGE: unknown option "-x"
		-ef nagios|E_USAGE: --format=nagios has its own
		-f nagios --db=/none/x.db|E_NODB: no database at "/none/x.db"
		-f nagios --critical=20:10|--critical: E_USAGE: "20:10" is no range
		-f nagios --warning=|--warning: E_USAGE: "" is no range
		-f nagios --stale=soon|--stale: E_TERM: 
		-f nagios --warn=soon|--warn: E_TERM: 
		-f nagios --state=late|--state: E_STATE: 
		-f nagios --unit=H99|E_UNIT: the rulebook has no unit "H99"
		-f nagios --now=soon|--now: E_DATE: 
		-f nagios --by=unit|E_USAGE: a monitoring format counts by unit
		-f nagios H42.67-260401-0001|E_USAGE: a monitoring format
		-f nagios --changes=x|E_USAGE: a monitoring format
		-f nagios --unit=a|E_UNIT: 
		-f nagios --db=/dev/null|E_FILE: 
	END
	run -3 sla-check --format=nagios --help
	[[ ${lines[0]} == 'usage: sla-check '* ]]
	run -3 sla-check --format=nagios --version
	# Not asked for.
	run -2 --separate-stderr sla-check -u fnagios -f ndjson
	[ -z "$output" ]
	run -2 --separate-stderr sla-check --critical=3
	[[ $stderr == *'go with --format=nagios'* ]]
	# A damaged database.
	printf 'not a database, but as long as one has to be' \
	    >"$BATS_TEST_TMPDIR/bad.db"
	run -3 --separate-stderr plugin --db="$BATS_TEST_TMPDIR/bad.db"
	[ -z "$stderr" ]
	[[ $output == 'SLA UNKNOWN - E_'* && ${#lines[@]} -eq 1 ]]
	# A line's end in what is quoted.
	run -3 plugin --unit=$'a|b\nc'
	[ "${#lines[@]}" -eq 1 ]
	[[ $output != *'|'* ]]
	[ -w /dev/full ] || skip 'no /dev/full here'
	run -3 --separate-stderr sh -c "sla-check '$NOW' -f nagios >/dev/full"
	[[ $stderr == *'E_IO: '* ]]
}

@test "prometheus: every state of every unit" {
	run -0 --separate-stderr sla-check "$NOW" --format=prometheus
	[ -z "$stderr" ]
	same_text "$(grep -v '_timestamp_seconds' <<<"$output")" <<-'END'
		# HELP motcua_dossiers Open dossiers by receiving unit and state of the deadline.
		# TYPE motcua_dossiers gauge
		motcua_dossiers{unit="H42.60",state="overdue"} 1
		motcua_dossiers{unit="H42.60",state="due-soon"} 0
		motcua_dossiers{unit="H42.60",state="in-time"} 1
		motcua_dossiers{unit="H42.60",state="paused"} 0
		motcua_dossiers{unit="H42.67",state="overdue"} 1
		motcua_dossiers{unit="H42.67",state="due-soon"} 1
		motcua_dossiers{unit="H42.67",state="in-time"} 1
		motcua_dossiers{unit="H42.67",state="paused"} 0
		# HELP motcua_dossiers_provisional Open dossiers whose deadline leans on days that the calendar does not know yet.
		# TYPE motcua_dossiers_provisional gauge
		motcua_dossiers_provisional{unit="H42.60"} 0
		motcua_dossiers_provisional{unit="H42.67"} 0
		# HELP motcua_dossiers_late_without_apology Open dossiers that are late, and nobody has apologised.
		# TYPE motcua_dossiers_late_without_apology gauge
		motcua_dossiers_late_without_apology{unit="H42.60"} 1
		motcua_dossiers_late_without_apology{unit="H42.67"} 1
		# HELP motcua_dossiers_overdue_seconds_max Time since the latest of the open dossiers was due, 0 when none is overdue.
		# TYPE motcua_dossiers_overdue_seconds_max gauge
		motcua_dossiers_overdue_seconds_max{unit="H42.60"} 142200
		motcua_dossiers_overdue_seconds_max{unit="H42.67"} 142200
	END
	[[ $output == *$'\nmotcua_calendar_known_until_timestamp_seconds{calendar="office"} 1798736400\n'* ]]
	[[ $output == *$'\nmotcua_sla_check_timestamp_seconds 1775698200' ]]
	[[ $output != *Bí* ]]
	run -1 sla-check "$NOW" --format=prometheus --exit-code
	run -2 --separate-stderr sla-check -f prometheus --by=unit
}

@test "prometheus: promtool is content" {
	local promtool=$TOP/build/tools/promtool

	[ -x "$promtool" ] || promtool=$(command -v promtool) ||
	    skip 'no promtool (see tests/setup.sh)'
	sla-check "$NOW" -f prometheus >"$BATS_TEST_TMPDIR/m.prom"
	run -0 "$promtool" check metrics <"$BATS_TEST_TMPDIR/m.prom"
	[ -z "$output" ]
	sla-check "$NOW" -f prometheus --steps >"$BATS_TEST_TMPDIR/m.prom"
	run -0 "$promtool" check metrics <"$BATS_TEST_TMPDIR/m.prom"
	[ -z "$output" ]
}

@test "-o: a file that is whole, and that the collector can read" {
	local f=$BATS_TEST_TMPDIR/motcua.prom

	echo old >"$f"
	run -0 --separate-stderr sla-check "$NOW" -f prometheus -o "$f"
	silent
	[ "$(stat -c %a "$f")" = 644 ]
	[ "$(head -c 6 "$f")" = '# HELP' ]
	run -2 --separate-stderr sla-check "$NOW" -f prometheus --unit=H99 \
	    -o "$f"
	[ "$(head -c 6 "$f")" = '# HELP' ]
	run -0 sla-check "$NOW" -f csv -o "$BATS_TEST_TMPDIR/list.csv"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/list.csv")" -eq 4 ]
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/list.csv")" = 640 ]
	[ "$(find "$BATS_TEST_TMPDIR" -name '*.tmp')" = '' ]
}
