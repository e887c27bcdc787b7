#!/usr/bin/env bats
# route plan --recompute, route apply: a changed calendar and open dossiers.

# shellcheck disable=SC2154	# bats sets output, stderr and their _lines

load lib

NOW=--now='2026-04-15 10:00'

# Dossiers of 15 April 2026, a Wednesday, and the notice of a day off on
# Monday the 20th, on a branch of the rulebook that is not merged yet.
setup() {
	RULES=$BATS_TEST_TMPDIR/db/motcua.rules
	WORK=$BATS_TEST_TMPDIR/work
	fresh_db
	{
		dossier-import --now='2026-04-15 08:00' - <<-'CSV' |
			code,procedure,unit,channel,received_at,due_at
			H42.60-260401-0001,1.004873,H42.60,online,2026-04-01 10:00,
			H42.60-260413-0001,1.004873,H42.60,online,2026-04-13 10:00,
			H42.60-260414-0001,1.004884,H42.60,online,2026-04-14 10:00,
			H42.60-260414-0002,1.004884,H42.60,online,2026-04-14 10:00,2026-04-22
			H42.60-260414-0003,1.004884,H42.60,online,2026-04-14 10:00,
			H42.60-260414-0004,1.004884,H42.60,online,2026-04-14 10:00,
			H42.60-260414-0005,1.004884,H42.60,online,2026-04-14 10:00,
		CSV
		route --now='2026-04-15 08:10' -
		route --now='2026-04-15 09:00' extend --by='2 working days' \
		    H42.60-260414-0003
		route --now='2026-04-15 09:00' supplement H42.60-260414-0004
		route --now='2026-04-15 09:00' finish H42.60-260414-0005
	} >"$BATS_TEST_TMPDIR/made.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/made.log"
		return 1
	}
	git clone -q "$RULES" "$WORK"
	change '.days_off += [{"date": "2026-04-20", "name": "Nghỉ bù",
	    "basis": "99/TB-BNV"}] | .working_days += [{"date": "2026-05-09",
	    "as": "mon", "name": "Làm bù", "basis": "99/TB-BNV"}]'
}

# change FILTER: the calendar as jq makes it, committed to the branch notice.
change() {
	jq "$1" "$WORK/calendars/office.json" >"$WORK/new"
	mv "$WORK/new" "$WORK/calendars/office.json"
	make_rules "$WORK" 'Day off on 20 April' >/dev/null
	git -C "$WORK" push -q -f origin HEAD:refs/heads/notice
}

# The proposal becomes the rule.
merge() {
	git -C "$RULES" update-ref refs/heads/main refs/heads/notice
}

plan() {
	route plan "$NOW" --recompute --format=ndjson "$@"
}

apply() {
	route apply "$NOW" --format=ndjson "$@"
}

short() {
	jq -r '[.code, .due_day, .new_due_day] | join(" ")' <<<"$output"
}

results() {
	jq -r '[.code, .result, (.error // "" | split(":")[0])] | join(" ")' \
	    <<<"$output"
}

due_of() {
	dossier-find -f ndjson "$1" | jq -r '.due_at[:10]'
}

@test "the government announces a day off: from the notice to the dossiers" {
	run -0 procedure lint --rules="$RULES" main..notice
	silent
	# What it would do, before anything is done.
	run -0 --separate-stderr procedure impact "$NOW" -f ndjson notice
	same_text "$(short)" <<-'END'
		H42.60-260414-0001 2026-04-21 2026-04-22
		H42.60-260414-0003 2026-04-23 2026-04-24
		H42.60-260414-0004 2026-04-21 2026-04-22
	END
	run -0 --separate-stderr plan
	[ -z "$output" ]
	merge
	run -1 dossier-db check "$NOW" -f ndjson calendar
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = \
	    'H42.60-260414-0001 H42.60-260414-0003 H42.60-260414-0004 ' ]
	[ "$(jq -r .message <<<"${lines[0]}")" = 'its deadline, 2026-04-21, would be 2026-04-22 by the calendar "office"; to make it so: route plan --recompute' ]
	# A person reads the plan, and applies a part of it.
	run -0 --separate-stderr bash -c "
	    route plan '$NOW' --recompute --basis=99/TB-BNV 2>/dev/null |
	    jq -c 'select(.state != \"paused\")' | route apply '$NOW' -"
	[ "$stderr" = 'route: 2 rescheduled, 0 unchanged, 0 refused' ]
	same_text "$(results)" <<-'END'
		H42.60-260414-0001 done 
		H42.60-260414-0003 done 
	END
	# Why it is due then is told from the beginning.
	run -0 --separate-stderr sla-check "$NOW" -f table \
	    --explain=H42.60-260414-0003
	[[ $output == *'20/04/2026           not counted: Nghỉ bù (99/TB-BNV)'* ]]
	[[ $output == *'extended     15/04/2026 09:00 by tester: by 2 working days'* ]]
	[[ $output == *'rescheduled  15/04/2026 10:00 by tester (99/TB-BNV)'* ]]
	[[ $output != *'recompute '* ]]
	[[ ${lines[-1]} == 'in force     24/04/2026 17:00 (due day 24/04/2026), in-time' ]]
	run -0 --separate-stderr sla-check "$NOW" -f table \
	    --explain=H42.60-260414-0004
	[[ $output == *'recompute    22/04/2026 17:00 (due day 22/04/2026) by the calendar of today, later: calendars/office.json'* ]]
	run -0 dossier-db check
}

@test "--explain: a promise beside the law, and late without a word" {
	merge
	run -0 --separate-stderr sla-check --now='2026-04-24 10:00' -f table \
	    --explain=H42.60-260414-0002
	[[ $output == *'  given      22/04/2026 17:00, not computed
  computed   22/04/2026 17:00 (due day 22/04/2026), had it been counted: 5 working days
days late    2, and nobody has apologised
in force     22/04/2026 17:00 (due day 22/04/2026), overdue' ]]
	run -0 sla-check --now='2026-04-24 10:00' -f ndjson \
	    --explain=H42.60-260414-0002
	[ "$(jq -r 'select(.kind == "no-apology").n' <<<"$output")" = 2 ]
	# An extension is an apology; a recompute is said as data, too.
	run -0 sla-check --now='2026-04-27 10:00' -f ndjson \
	    --explain=H42.60-260414-0003
	[ "$(jq -c 'select(.kind == "no-apology")' <<<"$output")" = '' ]
	same_text "$(jq -c 'select(.kind == "recompute") |
	    [.from, .to, .day, .rule, .name]' <<<"$output")" <<-'END'
		["2026-04-23T17:00:00+07:00","2026-04-24T17:00:00+07:00","2026-04-24","later","calendars/office.json"]
	END
	[ "$(jq -r 'select(.kind == "extended").rule' <<<"$output")" = \
	    'by 2 working days' ]
	# Every day that is not counted says why.
	run -0 sla-check "$NOW" -f table --explain=H42.60-260414-0003
	[[ $output == *'18/04/2026           not counted: weekend
'* ]]
	route apologise --now='2026-04-24 09:00' --reason=x \
	    H42.60-260414-0002 >/dev/null
	run -0 sla-check --now='2026-04-24 10:00' -f table \
	    --explain=H42.60-260414-0002
	[[ $output == *'
apologised   24/04/2026 09:00 by tester
'* ]]
	[[ $output != *'nobody has apologised'* ]]
}

@test "a plan's record" {
	local blob commit

	merge
	commit=$(git -C "$RULES" rev-parse main)
	blob=$(git -C "$RULES" rev-parse main:calendars/office.json)
	run -0 --separate-stderr plan
	[ "$stderr" = 'route: planned 3 of 6 open dossiers: 3 due later, 0 earlier; 0 become late, 0 stop being late' ]
	same_text "${lines[2]}" <<-END
		{"schema":"motcua.plan/1","code":"H42.60-260414-0004","version":3,"action":"reschedule","procedure":"1.004884","unit":"H42.60","status":"supplement","due_at":"2026-04-21T17:00:00+07:00","due_day":"2026-04-21","new_due_at":"2026-04-22T17:00:00+07:00","new_due_day":"2026-04-22","provisional":false,"state":"paused","new_state":"paused","reason":"calendar","basis":null,"calendar":"office","blob":"$blob","commit":"$commit"}
	END
	run -0 --separate-stderr plan --basis='99/TB "BNV"' H42.60-260414-0001
	[ "$(jq -r .basis <<<"$output")" = '99/TB "BNV"' ]
	# Only those, each once; what cannot be found is said.
	run -1 --separate-stderr bash -c "
	    printf '%s\n' H42.60-260414-0004 nope H42.60-260414-0005 \
		H42.60-260414-0001 H42.60-260414-0004 |
	    route plan '$NOW' --recompute -f ndjson -"
	[ "$(short)" = 'H42.60-260414-0001 2026-04-21 2026-04-22
H42.60-260414-0004 2026-04-21 2026-04-22' ]
	[ "${stderr_lines[0]}" = \
	    'route: -:2: E_DOSSIER: there is no dossier "nope"' ]
	run -0 --separate-stderr route plan "$NOW" --recompute -f csv \
	    H42.60-260414-0005
	[ "${lines[0]%%,*}" = code ]
}

@test "the event has old, new, reason and basis, and replay agrees" {
	merge
	plan 2>/dev/null | apply - >/dev/null 2>&1
	run -0 audit-export -f ndjson H42.60-260414-0001
	same_text "$(jq -cr '.body | fromjson | select(.kind == "rescheduled")
	    .data | del(.calendar, .why)' <<<"$output")" <<-'END'
		{"basis":"calendars/office.json","due_at":"2026-04-22T10:00:00Z","due_day":"2026-04-22","old_due_at":"2026-04-21T10:00:00Z"}
	END
	[ "$(jq -r '.body | fromjson | select(.kind == "rescheduled")
	    .data.why | [.commit, .reason, .rule] | join(" ")' \
	    <<<"$output")" = \
	    "$(git -C "$RULES" rev-parse main) calendar calendars/office.json" ]
	[ "$(jq -r '.body | fromjson | select(.kind == "rescheduled")
	    .data.calendar' <<<"$output")" = \
	    "$(git -C "$RULES" rev-parse main:calendars/office.json)" ]
	run -0 dossier-db check --all "$NOW"
	silent
	run -0 --separate-stderr plan
	[ -z "$output" ]
	# A pause is counted from the due that was moved.
	route --now='2026-04-16 09:00' resume H42.60-260414-0004 >/dev/null
	[ "$(due_of H42.60-260414-0004)" = 2026-04-23 ]
	run -0 --separate-stderr plan
	[ -z "$output" ]
}

@test "and back again: what was moved once is counted anew as before" {
	merge
	plan 2>/dev/null | apply - >/dev/null 2>&1
	change 'del(.days_off[] | select(.date == "2026-04-20"))'
	merge
	run -0 --separate-stderr plan
	same_text "$(short)" <<-'END'
		H42.60-260414-0001 2026-04-22 2026-04-21
		H42.60-260414-0003 2026-04-24 2026-04-23
		H42.60-260414-0004 2026-04-22 2026-04-21
	END
	[[ $stderr == *': 0 due later, 3 earlier; '* ]]
	apply - <<<"$output" >/dev/null 2>&1
	[ "$(due_of H42.60-260414-0003)" = 2026-04-23 ]
	run -0 dossier-db check --all "$NOW"
	silent
}

@test "what becomes late, what stops being late" {
	# The 13th to the 17th are off; and then they were not.
	change '.days_off += [range(13; 18) |
	    {"date": "2026-04-\(.)", "name": "x"}]'
	merge
	run -0 --separate-stderr route plan --now='2026-04-17 10:00' \
	    --recompute -f ndjson H42.60-260413-0001
	[ "$(jq -r '[.state, .new_state] | join(" ")' <<<"$output")" = \
	    'overdue in-time' ]
	[[ $stderr == *'; 0 become late, 1 stop being late' ]]
	route apply --now='2026-04-17 10:00' - <<<"$output" >/dev/null 2>&1
	change 'del(.days_off[] | select(.name == "x"))'
	merge
	run -0 --separate-stderr route plan --now='2026-04-17 10:00' \
	    --recompute -f ndjson H42.60-260413-0001
	[ "$(jq -r '[.state, .new_state] | join(" ")' <<<"$output")" = \
	    'in-time overdue' ]
	[[ $stderr == *'; 1 become late, 0 stop being late' ]]
	route apply --now='2026-04-17 10:00' - <<<"$output" >/dev/null 2>&1
	run -0 dossier-db check
	silent
	run -0 sla-check --now='2026-04-17 10:00' -f ndjson --state=overdue \
	    H42.60-260413-0001
	[ "$(jq -r .late_days <<<"$output")" = 1 ]
}

@test "a due beyond the horizon, and the calendar of the next year" {
	change '.known_until = "2026-04-20"'
	merge
	run -0 --separate-stderr plan H42.60-260414-0001
	[ "$(jq -r .provisional <<<"$output")" = true ]
	apply - <<<"$output" >/dev/null 2>&1
	run -1 dossier-db check "$NOW" -f ndjson calendar
	[ "$(jq -r 'select(.code == "H42.60-260414-0001").message' \
	    <<<"$output")" = 'its deadline, 2026-04-22, is provisional: the calendar "office" is known until 2026-04-20' ]
	[ "$(jq -r 'select(.code == null).error' <<<"$output")" = E_HORIZON ]
	# Known by now, and it stays as it is: that is worth an event, too.
	change '.known_until = "2026-12-31"'
	merge
	run -1 dossier-db check "$NOW" -f ndjson calendar
	[[ $(jq -r 'select(.code == "H42.60-260414-0001").message' \
	    <<<"$output") == *' is no longer provisional by the calendar "office"; '* ]]
	run -0 --separate-stderr plan H42.60-260414-0001
	[ "$(short)" = 'H42.60-260414-0001 2026-04-22 2026-04-22' ]
	apply - <<<"$output" >/dev/null 2>&1
	[ "$(dossier-find -f ndjson H42.60-260414-0001 |
	    jq -r .provisional)" = false ]
	run -0 dossier-db check
	silent
}

@test "applied again, in part, or late: unchanged, done, refused" {
	merge
	plan >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	head -n 1 "$BATS_TEST_TMPDIR/plan" | apply - >/dev/null 2>&1
	# One has been moved on, one is finished since.
	route "$NOW" transfer --to=H42.61 H42.60-260414-0003 >/dev/null
	route "$NOW" withdraw H42.60-260414-0004 >/dev/null
	run -1 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	same_text "$(results)" <<-'END'
		H42.60-260414-0001 unchanged 
		H42.60-260414-0003 refused E_STALE
		H42.60-260414-0004 refused E_STATE
	END
	same_text "$stderr" <<-END
		route: $BATS_TEST_TMPDIR/plan:2: E_STALE: "H42.60-260414-0003": it has changed since the plan was made: version 4, planned for 3
		make it anew: route plan --recompute
		route: $BATS_TEST_TMPDIR/plan:3: E_STATE: "H42.60-260414-0004": the dossier is withdrawn: what is not open any more never changes
		route: 0 rescheduled, 1 unchanged, 2 refused
	END
	[ "$(jq -r .version <<<"${lines[1]}")" = 4 ]
	[ "$(due_of H42.60-260414-0003)" = 2026-04-23 ]
}

@test "a plan of another calendar, and one that somebody has touched" {
	merge
	plan >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	run -1 --separate-stderr apply - < <(head -n 1 "$BATS_TEST_TMPDIR/plan" |
	    jq -c '.new_due_at = "2026-05-22T17:00:00+07:00"
	        | .new_due_day = "2026-05-22"')
	[ "$(results)" = 'H42.60-260414-0001 refused E_PLAN' ]
	[ "${stderr_lines[0]}" = 'route: -:1: E_PLAN: "H42.60-260414-0001": the rules now give 2026-04-22T17:00:00+07:00, the plan says 2026-05-22T17:00:00+07:00' ]
	run -1 --separate-stderr apply - < <(head -n 1 "$BATS_TEST_TMPDIR/plan" |
	    jq -c '.provisional = true')
	[[ ${stderr_lines[0]} == *' (provisional)' ]]
	# The calendar has changed after the plan was made.
	change 'del(.days_off[] | select(.date == "2026-04-20"))'
	merge
	run -1 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	[ "$(jq -r '.result + .error[:6]' <<<"$output" | sort -u)" = \
	    refusedE_PLAN ]
	[ "$(sql "SELECT max(version) FROM open")" = 3 ]
}

@test "the same dossier twice" {
	merge
	plan H42.60-260414-0001 >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	run -0 --separate-stderr apply - < <(cat "$BATS_TEST_TMPDIR/plan" \
	    "$BATS_TEST_TMPDIR/plan")
	[ "$(jq -r .result <<<"$output" | tr '\n' ' ')" = 'done unchanged ' ]
	[ "$(sql "SELECT version FROM open WHERE dossier =
	    (SELECT min(dossier) FROM open WHERE due_day = 20565)")" = 3 ]
	run -0 dossier-db check
	silent
}

@test "a dry run says the same and writes nothing" {
	merge
	plan >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	run -0 --separate-stderr apply --dry-run "$BATS_TEST_TMPDIR/plan"
	[ "$(jq -r '[.dry_run, .result] | map(tostring) | join(" ")' \
	    <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 3 true done' ]
	cp "$MOTCUA_DB" "$BATS_TEST_TMPDIR/copy"
	[ "$(due_of H42.60-260414-0001)" = 2026-04-21 ]
	# Its records are nothing to go on with, and neither is one that says so.
	run -2 --separate-stderr apply - < <(head -n 1 "$BATS_TEST_TMPDIR/plan" |
	    jq -c '.dry_run = true')
	[[ $stderr == 'route: -:1: E_DRY_RUN: '* ]]
	run -0 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
}

@test "hostile plans: each line is refused with its place, and the rest goes on" {
	local good deep long

	merge
	good=$(plan H42.60-260414-0001 2>/dev/null)
	deep=$(printf '[%.0s' {1..200})$(printf ']%.0s' {1..200})
	long=$(printf 'x%.0s' {1..401})
	{
		echo 'no plan at all'
		echo '[1]'
		echo "{\"schema\":\"motcua.plan/1\",\"code\":$deep}"
		jq -c '.schema = "motcua.route/1"' <<<"$good"
		jq -c 'del(.version)' <<<"$good"
		jq -c '.version = "2"' <<<"$good"
		jq -c '.version = 2.5' <<<"$good"
		jq -c '.version = 0' <<<"$good"
		jq -c '.version = 99999999999' <<<"$good"
		jq -c '.action = "finish"' <<<"$good"
		jq -c '.code = 7' <<<"$good"
		jq -c '.code = "a b"' <<<"$good"
		jq -c '.new_due_at = "soon"' <<<"$good"
		jq -c '.new_due_at = "2026-04-22"' <<<"$good"
		jq -c '.new_due_at = null' <<<"$good"
		jq -c '.new_due_day = "2026-02-30"' <<<"$good"
		jq -c '.provisional = "no"' <<<"$good"
		jq -c ".basis = \"$long\"" <<<"$good"
		jq -c '.basis = ["x"]' <<<"$good"
		echo "${good%\}},\"version\":3}"
		echo "${good%\}},\"x\":nothing}"
		echo "${good%\}},\"x\":007}"
		echo "${good%\}},\"x\":\"\\u12\"}"
		echo "${good%\}},}"
		echo "${good}x"
		echo "${good%\}}"
		printf '%s\n' "${good/office/off$'\xff'ce}"
		jq -c '.code = "nope"' <<<"$good"
		echo
		# Other members, another order, white space: that is fine.
		jq '{x: [1, {"y": null}]} + . | to_entries | reverse |
		    from_entries' <<<"$good" | tr '\n' ' '
		echo
	} >"$BATS_TEST_TMPDIR/plan"
	run -1 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	same_text "$(results)" <<-'END'
		nope refused E_DOSSIER
		H42.60-260414-0001 done 
	END
	same_text "$(sed "s|^route: $BATS_TEST_TMPDIR/||" <<<"$stderr" |
	    grep '^plan:' | cut -d: -f2- | sed 's/^\([0-9]*\):[0-9]*:/\1:/' |
	    sed '/^2[2-5]:/s/E_JSON.*/E_JSON/' | cut -c1-60)" <<-'END'
		1: E_JSON: a value should be here, not "n"
		2: E_JSON: a line of a plan is a JSON object
		3: E_LIMIT: arrays and objects nested more than 64 deep
		4: E_FIELD: "schema" must be "motcua.plan/1"
		5: E_FIELD: "version" is missing
		6: E_FIELD: "version" must be a whole number
		7: E_FIELD: "version" must be a whole number
		8: E_FIELD: "version" must be a whole number
		9: E_FIELD: "version" must be a whole number
		10: E_FIELD: "action" must be "reschedule", "rehome", "expir
		11: E_FIELD: "code" must be text
		12: E_CODE: "code" must be 1 to 64 visible characters
		13: E_FIELD: "new_due_at" must be a time
		14: E_FIELD: "new_due_at" must be a time
		15: E_FIELD: "new_due_at" must be text
		16: E_FIELD: "new_due_day" must be a day
		17: E_FIELD: "provisional" must be true or false
		18: E_FIELD: "basis" must be 1 to 400 bytes
		19: E_FIELD: "basis" must be text or null
		20: E_DUPLICATE: the member "version" is given twice
		21: E_JSON: a value should be here, not "n"
		22: E_JSON
		23: E_JSON
		24: E_JSON
		25: E_JSON
		26: E_JSON: an object that begins here does not end
		27: E_UTF8: not UTF-8: byte 0xFF
		28: E_DOSSIER: "nope": there is no such dossier
	END
	run -0 dossier-db check
	silent
}

@test "options and operands" {
	run -2 --separate-stderr route plan
	[[ ${stderr_lines[0]} == 'route: E_USAGE: plan what?'* ]]
	run -2 --separate-stderr route plan --recompute --dry-run
	[[ ${stderr_lines[0]} == 'route: E_USAGE: plan writes nothing'* ]]
	run -2 --separate-stderr route plan --recompute --to=x
	[[ ${stderr_lines[0]} == *'does not take one of these options' ]]
	run -2 --separate-stderr route plan --recompute --basis=
	[[ ${stderr_lines[0]} == 'route: E_USAGE: --basis'* ]]
	run -2 --separate-stderr route apply
	[[ ${stderr_lines[0]} == *'apply takes one plan'* ]]
	run -2 --separate-stderr route apply --recompute -
	[[ ${stderr_lines[0]} == *'does not take one of these options' ]]
	run -2 --separate-stderr route start --recompute x
	[[ ${stderr_lines[0]} == *'are for plan' ]]
	run -2 --separate-stderr route apply "$BATS_TEST_TMPDIR/none"
	[ "$stderr" = \
	    "route: $BATS_TEST_TMPDIR/none: E_IO: cannot open: No such file or directory" ]
	run -0 --separate-stderr apply /dev/null
	[ "$stderr" = 'route: 0 rescheduled, 0 unchanged, 0 refused' ]
	run -2 --separate-stderr bash -c "route apply '$NOW' - <&-"
	[[ $stderr == *E_IO* ]]
}

@test "a rulebook without its calendar is trouble, and nothing happens" {
	merge
	plan >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	git -C "$WORK" rm -q calendars/office.json
	make_rules "$WORK" >/dev/null
	git -C "$WORK" push -q -f origin HEAD:refs/heads/notice
	merge
	run -2 --separate-stderr plan
	[ -z "$output" ]
	[[ $stderr == *'E_CALENDAR: there is no calendar "office" in commit '* ]]
	run ! --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	[ "$(sql "SELECT max(version) FROM open")" = 3 ]
	run -1 dossier-db check "$NOW" -f ndjson calendar
	[ "$(jq -r .error <<<"$output")" = E_RULES ]
}

@test "two at once: each dossier is moved once" {
	local i

	for i in {1..300}; do
		printf 'X-%d,1.004884,H42.60,online,2026-04-14 10:00\n' "$i"
	done | { echo code,procedure,unit,channel,received_at; cat; } |
	    dossier-import "$NOW" - >/dev/null 2>&1
	merge
	plan >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	for i in 1 2 3; do
		apply "$BATS_TEST_TMPDIR/plan" >"$BATS_TEST_TMPDIR/out$i" 2>&1 &
	done
	wait
	[ "$(cat "$BATS_TEST_TMPDIR"/out[123] | grep '^{' | jq -r .result |
	    sort | uniq -c | tr -s ' ' | tr '\n' ';')" = \
	    ' 303 done; 606 unchanged;' ]
	run -0 dossier-db check
	silent
}

@test "killed in the middle: applied again it goes on where it was" {
	local i pid

	for i in {1..40}; do
		printf 'X-%d,1.004884,H42.60,online,2026-04-14 10:00\n' "$i"
	done | { echo code,procedure,unit,channel,received_at; cat; } |
	    dossier-import "$NOW" - >/dev/null 2>&1
	merge
	plan >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	apply "$BATS_TEST_TMPDIR/fifo" >"$BATS_TEST_TMPDIR/out" 2>&1 &
	pid=$!
	exec 9>"$BATS_TEST_TMPDIR/fifo"
	head -n 20 "$BATS_TEST_TMPDIR/plan" >&9
	for i in {1..100}; do
		[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -lt 20 ] || break
		sleep 0.1
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -eq 20 ]
	kill -9 "$pid"
	exec 9>&-
	wait "$pid" || true
	run -0 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	[ "$stderr" = 'route: 23 rescheduled, 20 unchanged, 0 refused' ]
	run -0 dossier-db check --all "$NOW"
	silent
}
