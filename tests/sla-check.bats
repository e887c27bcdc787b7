#!/usr/bin/env bats
# sla-check(1): who is late, who soon will be, and why.

# shellcheck disable=SC2154	# bats sets output, stderr and their _lines

load lib

# 9 April 2026 is a Thursday; Monday the 27th is a day off.
setup() {
	fresh_db
	cat >"$BATS_TEST_TMPDIR/in.csv" <<-'CSV'
		code,procedure,unit,channel,received_at,due_at,finished_at,status
		H42.67-260401-0001,1.013225,H42.67,direct,2026-04-01 08:30,2026-04-07,,
		H42.60-260401-0001,1.013225,H42.60,direct,2026-04-01 08:30,2026-04-07,,
		H42.67-260402-0001,1.013225,H42.67,online,2026-04-02 09:00,2026-04-09,,
		H42.67-260402-0002,1.013225,H42.67,online,2026-04-02 09:00,2026-04-10,,
		H42.67-260402-0003,1.013225,H42.67,online,2026-04-02 09:00,2026-04-13,,
		H42.67-260402-0004,1.013225,H42.67,online,2026-04-02 09:00,2026-04-07,,
		H42.67-260402-0005,1.001193,H42.67,online,2026-04-02 09:00,2026-04-02,2026-04-08 09:00,
		H42.60-260408-0001,1.013225,H42.60,online,2026-04-08 10:00,,,
		HS-7,1.001193,H42.60,direct,2026-04-08 08:00,,,registered
	CSV
	{
		dossier-import --now='2026-04-08 12:00' \
		    "$BATS_TEST_TMPDIR/in.csv"
		route --now='2026-04-08 13:30' start H42.67-260401-0001
		route --now='2026-04-08 13:40' assign --officer=vx.01 \
		    H42.67-260401-0001
		route --now='2026-04-08 14:00' supplement --reason=x \
		    H42.67-260402-0004
	} >"$BATS_TEST_TMPDIR/made.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/made.log"
		return 1
	}
	NOW=--now='2026-04-09 08:30'
}

check() {
	sla-check "$NOW" --format=ndjson "$@"
}

short() {
	jq -r '[.code, .state, .late_days, .left_minutes] | map(tostring) |
	    join(" ")' <<<"$output"
}

@test "overdue and due soon, most late first, ties by code" {
	run -0 --separate-stderr check
	[ -z "$stderr" ]
	# A day has 4 + 3.5 hours; 08:30 is an hour after opening.
	same_text "$(short)" <<-'END'
		H42.60-260401-0001 overdue 2 -510
		H42.67-260401-0001 overdue 2 -510
		H42.67-260402-0001 due-soon 0 390
		H42.67-260402-0002 due-soon 0 840
	END
	same_text "${lines[1]}" <<-'END'
		{"schema":"motcua.sla/1","code":"H42.67-260401-0001","procedure":"1.013225","title":"Cấp giấy phép xây dựng mới đối với công trình cấp III, cấp IV và nhà ở riêng lẻ","unit":"H42.67","step":"receive","officer":"vx.01","status":"processing","received_at":"2026-04-01T08:30:00+07:00","due_at":"2026-04-07T17:00:00+07:00","provisional":false,"state":"overdue","late_days":2,"left_minutes":-510,"apologised":false}
	END
}

@test "the warning is in working time" {
	run -0 check --warn='same day' --state=due-soon
	[ "$(jq -r .code <<<"$output")" = H42.67-260402-0001 ]
	run -0 check --warn='2 ngày làm việc' --state=due-soon
	[ "${#lines[@]}" -eq 3 ]
	run -0 check --warn='8 working hours' --state=due-soon
	[ "${#lines[@]}" -eq 1 ]
	run -0 check --warn='90 days'
	[ "${#lines[@]}" -eq 6 ]
	run -2 --separate-stderr check --warn=soon
	[ -z "$output" ]
	[[ $stderr == 'sla-check: --warn: E_TERM: '* ]]
}

@test "what has no due comes last" {
	local r=$BATS_TEST_TMPDIR/rules p=procedures/civil-status/1.001193.json

	git -c safe.directory='*' clone -q \
	    "$BATS_TEST_TMPDIR/db/motcua.rules" "$r"
	rm -rf "$r/.git"
	jq 'del(.limit)' "$r/$p" >"$r/new.json"
	mv "$r/new.json" "$r/$p"
	make_rules "$r" >/dev/null
	fresh_db "$r"
	sed -i '/^HS-7/s/registered$//' "$BATS_TEST_TMPDIR/in.csv"
	dossier-import --now='2026-04-08 12:00' "$BATS_TEST_TMPDIR/in.csv" \
	    >/dev/null 2>&1
	run -0 check --state=in-time
	[ "$(short | tail -n 2)" = 'H42.60-260408-0001 in-time 0 4890
HS-7 in-time 0 null' ]
	[ "$(jq -c '[.due_at, .received_at]' <<<"${lines[-1]}")" = \
	    '[null,"2026-04-08T08:00:00+07:00"]' ]
}

# No clock runs for it, and it is in no report: nobody is late with it.
@test "what is only registered is neither listed nor counted" {
	run -0 --separate-stderr check --state=overdue,due-soon,in-time,paused
	[ -z "$stderr" ]
	[ "${#lines[@]}" -eq 7 ]
	[[ $output != *HS-7* ]]
	run -0 --separate-stderr check --state=in-time HS-7
	silent
	run -0 check --state=in-time --by=unit
	[ "$(jq -c '[.key, .count]' <<<"$output" | tr '\n' ' ')" = \
	    '["H42.60",1] ["H42.67",1] ' ]
	run -0 sla-check "$NOW" --format=prometheus
	[[ $output == *'motcua_dossiers{unit="H42.60",state="in-time"} 1'* ]]
	# Nor where papers were asked for before it was received.
	route --now='2026-04-08 15:00' supplement --reason=x HS-7 >/dev/null
	run -0 --separate-stderr check --state=paused HS-7
	silent
	run -0 check --state=paused --by=unit
	[ "$(jq -c '[.key, .count]' <<<"$output")" = '["H42.67",1]' ]
}

@test "other states" {
	run -0 check --state=in-time
	same_text "$(short)" <<-'END'
		H42.67-260402-0003 in-time 0 1290
		H42.60-260408-0001 in-time 0 4890
	END
	# Paused on the 8th at 14:00, past its due: the clock stands still.
	run -0 check --state=paused
	same_text "$(short)" <<-'END'
		H42.67-260402-0004 paused 0 -270
	END
	run -0 check --state=overdue,in-time,paused,due-soon
	[ "${#lines[@]}" -eq 7 ]
	run -2 --separate-stderr check --state=late
	[ "${stderr_lines[0]}" = \
	    'sla-check: --state: E_STATE: there is no state "late"' ]
}

@test "a due day is over when the day is" {
	local at

	run -0 sla-check --now='2026-04-09 17:30' -f ndjson --state=overdue
	[ "${#lines[@]}" -eq 2 ]
	run -0 sla-check --now='2026-04-09 17:30' -f ndjson --state=due-soon
	[ "$(jq -r .left_minutes <<<"${lines[0]}")" = 0 ]
	run -0 sla-check --now='2026-04-10 00:00' -f ndjson --state=overdue
	[ "$(short | tail -n 1)" = 'H42.67-260402-0001 overdue 1 0' ]
	# What is asked for alone is what it is among others.
	for at in '2026-04-09 00:00' '2026-04-09 17:30' '2026-04-10 00:00'; do
		same_text "$(sla-check --now="$at" -f ndjson --state=due-soon)" \
		    < <(sla-check --now="$at" -f ndjson |
			grep '"state":"due-soon"')
	done
}

@test "units, and counts" {
	run -0 check --unit=H42.60
	[ "$(jq -r .code <<<"$output")" = H42.60-260401-0001 ]
	run -0 check --unit=H42
	[ "${#lines[@]}" -eq 4 ]
	run -0 check --by=unit
	same_text "$output" <<-'END'
		{"schema":"motcua.sla-count/1","by":"unit","key":"H42.60","state":"overdue","count":1}
		{"schema":"motcua.sla-count/1","by":"unit","key":"H42.67","state":"overdue","count":1}
		{"schema":"motcua.sla-count/1","by":"unit","key":"H42.67","state":"due-soon","count":2}
	END
	run -0 check --by=officer --state=overdue
	same_text "$output" <<-'END'
		{"schema":"motcua.sla-count/1","by":"officer","key":"vx.01","state":"overdue","count":1}
		{"schema":"motcua.sla-count/1","by":"officer","key":null,"state":"overdue","count":1}
	END
	run -0 check --by=procedure --state=in-time
	[ "$(jq -c '[.key, .count]' <<<"$output" | tr '\n' ' ')" = \
	    '["1.013225",2] ' ]
	run -2 --separate-stderr check --by=colour
	[ "${stderr_lines[0]}" = 'sla-check: --by: E_USAGE: "colour" is none of: unit procedure officer' ]
	run -2 --separate-stderr check --unit=H99
	[ "$stderr" = 'sla-check: E_UNIT: the rulebook has no unit "H99"' ]
}

@test "--exit-code speaks of what is overdue" {
	run -1 --separate-stderr check --exit-code
	[ -z "$stderr" ]
	[ "${#lines[@]}" -eq 4 ]
	run -1 check --exit-code --by=unit
	run -0 check --exit-code --state=due-soon
	run -0 sla-check --now='2026-04-07 16:59' --exit-code -f ndjson
}

@test "steps are judged by their own limit, to the minute" {
	route --now='2026-04-08 13:30' start H42.67-260402-0001 \
	    >"$BATS_TEST_TMPDIR/route.log"
	route --now='2026-04-08 15:00' next H42.67-260402-0001 \
	    >"$BATS_TEST_TMPDIR/route.log"
	# Four working hours from 13:30: half past eight would be too late.
	run -0 sla-check --now='2026-04-09 08:00' -f ndjson --steps
	[ "$(jq -r '[.code, .step, .state, .left_minutes] | map(tostring) |
	    join(" ")' <<<"$output")" = \
	    'H42.67-260401-0001 receive due-soon 0' ]
	run -0 sla-check --now='2026-04-09 08:00:00.001' -f ndjson --steps
	[ "$(jq -r .state <<<"$output")" = overdue ]
	run -0 check --steps --state=overdue,due-soon,in-time,paused
	same_text "$(jq -r '[.code, .step, .officer, .state, .due_at,
	    .late_days, .left_minutes, .apologised, .unit, .holder,
	    .dossier_due_at] | map(tostring) | join(" ")' <<<"$output")" <<-'END'
		H42.67-260401-0001 receive vx.01 overdue 2026-04-09T08:00:00+07:00 0 -30 false H42.67 H42.67 2026-04-07T17:00:00+07:00
		H42.67-260402-0001 appraise null in-time 2026-04-14T17:00:00+07:00 0 1740 null H42.67 H42.67.02 2026-04-09T17:00:00+07:00
	END
	[ "$(jq -r .provisional <<<"${lines[1]}")" = false ]
	run -0 check --steps --warn='5 working days' --state=due-soon
	[ "$(jq -r .step <<<"$output")" = appraise ]
	run -0 check --steps --unit=H42.60
	[ -z "$output" ]
	run -0 check --steps --by=officer --state=overdue,in-time
	same_text "$(jq -r '[.key, .state, .count] | map(tostring) |
	    join(" ")' <<<"$output")" <<-'END'
		vx.01 overdue 1
		null in-time 1
	END
	run -1 check --steps --exit-code
	run -0 check --steps --state=in-time,overdue H42.67-260402-0001 \
	    H42.67-260402-0001 HS-7
	[ "$(jq -r .step <<<"$output")" = appraise ]
	# A paused dossier's steps are.
	route --now='2026-04-08 15:30' supplement --reason=x \
	    H42.67-260402-0001 >"$BATS_TEST_TMPDIR/route.log"
	run -0 check --steps --state=paused
	[ "$(jq -r '[.state, .left_minutes, .apologised] | map(tostring) |
	    join(" ")' <<<"$output")" = 'paused 1890 null' ]
	# Of a finished dossier no step is watched.
	route --now='2026-04-09 08:00' finish H42.67-260401-0001 \
	    >"$BATS_TEST_TMPDIR/route.log"
	run -0 check --steps
	[ -z "$output" ]
	run -0 check --steps --format=csv
	[ "$output" = 'code,procedure,title,unit,step,officer,status,received_at,due_at,provisional,state,late_days,left_minutes,apologised,holder,dossier_due_at' ]
}

@test "parallel steps are two, the earlier due first" {
	route --now='2026-04-08 13:35' correct --set=field.floor_area=300 \
	    --reason=x H42.67-260401-0001 >"$BATS_TEST_TMPDIR/route.log"
	route --now='2026-04-08 15:00' next H42.67-260401-0001 \
	    >>"$BATS_TEST_TMPDIR/route.log"
	route --now='2026-04-08 15:10' next H42.67-260401-0001 \
	    >>"$BATS_TEST_TMPDIR/route.log"
	run -0 check --steps --state=in-time,due-soon,overdue
	[ "$(jq -r '[.code, .step] | join(" ")' <<<"$output" | sort)" = \
'H42.67-260401-0001 environment
H42.67-260401-0001 fire' ]
	[ "$(jq -r .due_at <<<"$output" | sort -c && echo sorted)" = sorted ]
	run -0 check H42.67-260401-0001
	[ "$(jq -r .step <<<"$output" | tr + '\n' | sort | tr '\n' ' ')" = \
	    'environment fire ' ]
}

@test "late without an apology" {
	local late=H42.60-260401-0001 c

	run -0 check --no-apology
	[ "$(jq -c '[.code, .state, .apologised]' <<<"${lines[0]}")" = \
	    "[\"$late\",\"overdue\",false]" ]
	[ "${#lines[@]}" -eq 2 ]
	# What is not late has nobody to apologise to.
	run -0 check --state=due-soon,in-time,paused
	[ "$(jq -c .apologised <<<"$output" | sort -u)" = null ]
	# An extension is one (form 04), also when it has run out.
	c=H42.67-260402-0003
	route --now='2026-04-08 15:00' extend --by='1 working day' --reason=x \
	    $c >"$BATS_TEST_TMPDIR/route.log"
	run -0 sla-check --now='2026-04-20 08:00' -f ndjson --state=overdue $c
	[ "$(jq -c .apologised <<<"$output")" = true ]
	run -0 sla-check --now='2026-04-20 08:00' -f ndjson --no-apology $c
	[ -z "$output" ]
	# So is an apology without a new date.
	route --now='2026-04-08 15:00' apologise --reason=x $late \
	    >"$BATS_TEST_TMPDIR/route.log"
	run -0 check --state=overdue $late
	[ "$(jq -c '[.late_days, .apologised]' <<<"$output")" = '[2,true]' ]
	run -0 check --no-apology
	[ "$(jq -r .code <<<"$output")" = H42.67-260401-0001 ]
	run -1 check --no-apology -e
	run -0 check --no-apology --by=unit
	[ "$(jq -c '[.key, .count]' <<<"$output")" = '["H42.67",1]' ]
	run -2 --separate-stderr check --no-apology --state=paused
	[[ $stderr == 'sla-check: E_USAGE: --no-apology '* ]]
}

@test "options that exclude each other" {
	local args

	while read -r args; do
		# shellcheck disable=SC2086	# a list of arguments
		run -2 --separate-stderr sla-check $args
		echo "$args: $stderr"
		[ -z "$output" ]
		[[ $stderr == 'sla-check: E_USAGE: '* ]]
	done <<-'END'
		--explain=A --steps
		--explain=A B
		--explain=A -f prometheus
		--changes=a --by=unit
		--changes=a -o x
		--stale=none
		--warning=1 -f prometheus
		-f prometheus --no-apology
		-f prometheus HS-7
		-n
	END
}

@test "codes and pipes: only those, still the latest first" {
	run -0 --separate-stderr bash -c "printf '%s\n' H42.67-260402-0002 \
	    H42.67-260402-0005 '{\"code\":\"H42.67-260401-0001\"}' \
	    H42.67-260402-0002 | sla-check '$NOW' -f ndjson -"
	[ -z "$stderr" ]
	same_text "$(jq -r .code <<<"$output")" <<-'END'
		H42.67-260401-0001
		H42.67-260402-0002
	END
	run -1 --separate-stderr check nope H42.67-260402-0002
	[ "$stderr" = 'sla-check: E_DOSSIER: there is no dossier "nope"' ]
	[ "${#lines[@]}" -eq 1 ]
	run -0 check --by=unit H42.67-260401-0001 H42.67-260402-0002
	[ "${#lines[@]}" -eq 2 ]
}

@test "the whole pipe" {
	run -0 --separate-stderr bash -c "dossier-import --now='2026-04-08 15:00' \
	    - <<<\$'code,procedure,unit,channel,received_at,due_at
P-1,1.001193,H42.67,direct,2026-04-08 14:40,2026-04-09' 2>/dev/null |
	    route --now='2026-04-08 15:00' - | sla-check '$NOW' -f ndjson -"
	[ "$(jq -r '[.code, .step, .state] | join(" ")' <<<"$output")" = \
	    'P-1 receive due-soon' ]
}

@test "--explain counts the days and says why some are not counted" {
	local c=H42.60-260420-0001

	dossier-import --now='2026-04-21 12:00' - <<-'CSV' >/dev/null 2>&1
		code,procedure,unit,channel,received_at
		H42.60-260420-0001,1.013978,H42.60,direct,2026-04-20 18:00
	CSV
	run -0 --separate-stderr sla-check --now='2026-04-22 09:00' -f table \
	    --explain="$c"
	[ -z "$stderr" ]
	[[ ${lines[0]} == 'received     20/04/2026 18:00 by '* ]]
	[[ ${lines[1]} == 'procedure    '*', limit '* ]]
	[[ ${lines[2]} == *'procedures/'*'1.013978'*' in commit '* ]]
	[[ $output == *'calendar     '*'office'*'known until 31/12/2026'* ]]
	# After hours: the clock starts the next morning.
	[[ $output == *'start      20/04/2026 18:00: the clock starts at 21/04/2026 07:30'* ]]
	[[ $output == *'25/04/2026           not counted'* ]]
	[[ $output == *'27/04/2026           not counted: '*' ('*')'* ]]
	[[ ${lines[-1]} == "in force     "*"in-time" ]]
	run -0 sla-check --now='2026-04-22 09:00' -f ndjson --explain="$c"
	[ "$(jq -r 'select(.kind == "skip" and .day == "2026-04-27") |
	    .rule' <<<"$output")" = day-off ]
	# Everything that is said to be due is.
	[ "$(jq -r 'select(.kind == "due").to' <<<"$output")" = \
	    "$(dossier-find "$c" -f ndjson | jq -r .due_at)" ]
	[ "$(jq -r 'select(.kind == "differs")' <<<"$output")" = '' ]
}

@test "--explain tells pauses, and a calendar that has changed since" {
	local c=H42.60-260408-0001 rules=$BATS_TEST_TMPDIR/db/motcua.rules
	local work=$BATS_TEST_TMPDIR/work

	route --now='2026-04-09 09:00' supplement --reason=x $c >/dev/null
	route --now='2026-04-13 09:00' resume $c >/dev/null
	run -0 sla-check --now='2026-04-14 09:00' -f ndjson --explain=$c
	same_text "$(jq -r .kind <<<"$output" | grep -vE 'skip|count')" <<-'END'
		received
		procedure
		policy
		calendar
		start
		due
		paused
		resumed
		restart
		start
		due
		in-force
	END
	# A further day off where the limit would have ended.
	git -c safe.directory='*' clone -q "$rules" "$work"
	jq '.days_off += [{"date": "2026-04-28", "name": "Mới", "basis": "thử"}]' \
	    "$work/calendars/office.json" >"$work/new.json"
	mv "$work/new.json" "$work/calendars/office.json"
	make_rules "$work" 'A day off' >/dev/null
	git -C "$work" -c safe.directory='*' push -q origin HEAD:main 2>/dev/null ||
	    git -C "$rules" -c safe.directory='*' fetch -q "$work" HEAD:main ||
	    git -C "$rules" -c safe.directory='*' fetch -q --update-head-ok \
	        "$work" +HEAD:main
	run -0 sla-check --now='2026-04-14 09:00' -f ndjson --explain=$c
	[ "$(jq -r 'select(.kind == "differs") | [.from, .to, .rule] |
	    join(" ")' <<<"$output")" = \
	    '2026-04-28T17:00:00+07:00 2026-04-29T17:00:00+07:00 calendar-changed' ]
	run -2 --separate-stderr sla-check --explain=nope
	[ "$stderr" = 'sla-check: E_DOSSIER: there is no dossier "nope"' ]
	run -2 sla-check --explain=$c --by=unit
}

@test "CSV has its heading without a row; tables are for people" {
	run -0 check --format=csv --unit=H42.02
	[ "$output" = 'code,procedure,title,unit,step,officer,status,received_at,due_at,provisional,state,late_days,left_minutes,apologised' ]
	run -0 check --format=table
	[[ ${lines[0]} == code*state*title* ]]
	[[ ${lines[1]} == *'07/04/2026 17:00'* ]]
}

@test "no database, a full disk" {
	run -2 --separate-stderr sla-check --db="$BATS_TEST_TMPDIR/none.db"
	[ -z "$output" ]
	[[ $stderr == *'E_NODB: no database at'* ]]
	[ -w /dev/full ] || skip 'no /dev/full here'
	run -2 --separate-stderr bash -c \
	    "sla-check '$NOW' -f ndjson >/dev/full"
	[[ $stderr == 'sla-check: E_IO: '* ]]
}
