#!/usr/bin/env bats
# procedure impact: what a proposed revision would do to open deadlines.

# shellcheck disable=SC2154	# bats sets output, stderr and their _lines

load lib

NOW=--now='2026-04-15 10:00'

setup() {
	RULES=$BATS_TEST_TMPDIR/db/motcua.rules
	WORK=$BATS_TEST_TMPDIR/work
	fresh_db
	{
		dossier-import --now='2026-04-15 08:00' - <<-'CSV' | route "$NOW" -
			code,procedure,unit,channel,received_at,due_at
			H42.60-260413-0001,1.004873,H42.60,online,2026-04-10 10:00,
			H42.60-260414-0001,1.004884,H42.60,online,2026-04-14 10:00,
			H42.60-260414-0002,1.004884,H42.60,online,2026-04-14 10:00,2026-04-22
			H42.67-260414-0001,1.004884,H42.67,online,2026-04-14 10:00,
			H42.67-260414-0002,1.004884,H42.67,online,2026-04-14 10:00,
		CSV
		route "$NOW" finish H42.67-260414-0002
	} >"$BATS_TEST_TMPDIR/made.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/made.log"
		return 1
	}
	git clone -q "$RULES" "$WORK"
}

# propose FILE FILTER: that file as jq makes it, as the branch proposal.
propose() {
	local f

	f=$(cd "$WORK" && echo $1)
	jq "$2" "$WORK/$f" >"$WORK/new"
	mv "$WORK/new" "$WORK/$f"
	make_rules "$WORK" 'A proposal' >/dev/null
	git -C "$WORK" push -q -f origin HEAD:refs/heads/proposal
}

impact() {
	procedure impact "$NOW" --format=ndjson "$@"
}

short() {
	jq -r '[.code, .cause, .due_day, .new_due_day] | join(" ")' \
	    <<<"$output"
}

@test "a proposal that changes nothing" {
	run -0 --separate-stderr impact main
	[ -z "$output" ]
	[ "$stderr" = 'procedure: of 4 open dossiers 0 would be due later, 0 earlier; 0 become late, 0 stop being late' ]
}

@test "a day off: whose deadline moves, and who is late then or no longer" {
	local before

	propose calendars/office.json \
	    '.days_off += [{"date": "2026-04-15", "name": "x"}]'
	before=$(sha256sum "$MOTCUA_DB")
	run -0 --separate-stderr procedure impact --now='2026-04-16 10:00' \
	    --format=ndjson proposal
	same_text "$(short)" <<-'END'
		H42.60-260413-0001 calendar 2026-04-15 2026-04-16
		H42.60-260414-0001 calendar 2026-04-21 2026-04-22
		H42.67-260414-0001 calendar 2026-04-21 2026-04-22
	END
	same_text "${lines[0]}" <<-'END'
		{"schema":"motcua.impact/1","code":"H42.60-260413-0001","procedure":"1.004873","unit":"H42.60","cause":"calendar","due_at":"2026-04-15T17:00:00+07:00","due_day":"2026-04-15","new_due_at":"2026-04-16T17:00:00+07:00","new_due_day":"2026-04-16","provisional":false,"state":"overdue","new_state":"in-time","limit":"3 working days","new_limit":"3 working days","calendar":"office","route":null}
	END
	same_text "$stderr" <<-'END'
		procedure: of 4 open dossiers 3 would be due later, 0 earlier; 0 become late, 1 stop being late
		procedure:   procedure 1.004873: 1 later, 0 earlier; 0 become late, 1 stop being late
		procedure:   procedure 1.004884: 2 later, 0 earlier; 0 become late, 0 stop being late
		procedure:   unit H42.60: 2 later, 0 earlier; 0 become late, 1 stop being late
		procedure:   unit H42.67: 1 later, 0 earlier; 0 become late, 0 stop being late
	END
	[ "$(sha256sum "$MOTCUA_DB")" = "$before" ]
	run -0 --separate-stderr impact --by=unit proposal
	same_text "$output" <<-'END'
		{"schema":"motcua.impact-count/1","by":"unit","key":"H42.60","open":3,"later":2,"earlier":0,"becoming_late":0,"ceasing_late":0,"same_due":0,"pinned":0,"routes":0}
		{"schema":"motcua.impact-count/1","by":"unit","key":"H42.67","open":1,"later":1,"earlier":0,"becoming_late":0,"ceasing_late":0,"same_due":0,"pinned":0,"routes":0}
	END
	run -0 --separate-stderr impact -b procedure proposal
	[ "$(jq -r '[.key, .open, .later] | map(tostring) | join(" ")' \
	    <<<"$output" | tr '\n' ';')" = '1.004873 1 1;1.004884 3 2;' ]
}

@test "it says what route plan would say, were it the ref" {
	propose calendars/office.json \
	    '.days_off += [{"date": "2026-04-20", "name": "x"}]'
	impact proposal 2>/dev/null | jq -cS '{code, due_at, new_due_at,
	    new_due_day, state, new_state, provisional}' \
	    >"$BATS_TEST_TMPDIR/impact"
	git -C "$RULES" update-ref refs/heads/main refs/heads/proposal
	route plan "$NOW" --recompute -f ndjson 2>/dev/null | jq -cS '{code,
	    due_at, new_due_at, new_due_day, state, new_state, provisional}' \
	    >"$BATS_TEST_TMPDIR/plan"
	[ -s "$BATS_TEST_TMPDIR/plan" ]
	diff "$BATS_TEST_TMPDIR/impact" "$BATS_TEST_TMPDIR/plan"
}

@test "another limit: dossiers stay pinned, and are told apart" {
	propose 'procedures/*/1.004884.json' '.limit = "2 working days"'
	run -0 --separate-stderr impact proposal
	# One that was promised keeps its date under any limit.
	same_text "$(short)" <<-'END'
		H42.60-260414-0001 limit 2026-04-21 2026-04-16
		H42.60-260414-0002 limit 2026-04-22 2026-04-22
		H42.67-260414-0001 limit 2026-04-21 2026-04-16
	END
	[ "$(jq -r '[.limit, .new_limit] | join(", ")' <<<"${lines[0]}")" = \
	    '5 working days, 2 working days' ]
	same_text "$stderr" <<-'END'
		procedure: of 4 open dossiers 0 would be due later, 0 earlier; 0 become late, 0 stop being late
		procedure: 3 stay pinned to another limit or policy than the proposed one (cause limit, policy)
	END
	git -C "$RULES" update-ref refs/heads/main refs/heads/proposal
	# It is no proposal any more, and nothing is to be recomputed.
	run -0 --separate-stderr impact proposal
	[ -z "$output" ]
	run -0 --separate-stderr route plan "$NOW" --recompute -f ndjson
	[ -z "$output" ]
}

@test "another limit, had it held from the beginning" {
	route --now='2026-04-15 11:00' extend --by='2 working days' \
	    H42.60-260414-0001 >/dev/null
	route --now='2026-04-15 11:00' supplement H42.67-260414-0001 >/dev/null
	route --now='2026-04-16 11:00' resume H42.67-260414-0001 >/dev/null
	propose 'procedures/*/1.004884.json' '.limit = "2 working days"'
	run -0 --separate-stderr procedure impact --now='2026-04-17 10:00' \
	    -f ndjson proposal
	# Thursday the 16th and two days; the 16th and a day of standing still.
	same_text "$(short)" <<-'END'
		H42.60-260414-0001 limit 2026-04-23 2026-04-20
		H42.60-260414-0002 limit 2026-04-22 2026-04-22
		H42.67-260414-0001 limit 2026-04-22 2026-04-17
	END
	propose 'procedures/*/1.004884.json' 'del(.limit)'
	run -0 --separate-stderr impact proposal
	[ "$(jq -c '[.new_due_at, .new_due_day, .new_limit, .new_state]' \
	    <<<"${lines[0]}")" = '[null,null,null,"in-time"]' ]
	# Another procedure's dossiers are none of it.
	[ "$(jq -r .procedure <<<"$output" | sort -u)" = 1.004884 ]
}

@test "another policy, and a calendar besides" {
	propose rulebook.json '.deadline.due_time = "midnight"'
	run -0 --separate-stderr impact proposal
	[ "$(jq -r .cause <<<"$output" | sort | uniq -c | tr -s ' ')" = \
	    ' 4 policy' ]
	[ "$(jq -r .new_due_at <<<"${lines[1]}")" = 2026-04-22T00:00:00+07:00 ]
	propose calendars/office.json \
	    '.days_off += [{"date": "2026-04-20", "name": "x"}]'
	run -0 --separate-stderr impact proposal
	same_text "$(short)" <<-'END'
		H42.60-260413-0001 policy 2026-04-15 2026-04-15
		H42.60-260414-0001 calendar 2026-04-21 2026-04-22
		H42.60-260414-0001 policy 2026-04-21 2026-04-22
		H42.60-260414-0002 policy 2026-04-22 2026-04-22
		H42.67-260414-0001 calendar 2026-04-21 2026-04-22
		H42.67-260414-0001 policy 2026-04-21 2026-04-22
	END
}

@test "a unit gets a calendar of its own" {
	jq '.weekly.sat = ["07:30-11:30"]' "$WORK/calendars/office.json" \
	    >"$WORK/calendars/saturday.json"
	awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++)
	    if ($i == "calendar") k = i }
	    $1 == "H42.67" { $k = "saturday" } { print }' \
	    "$WORK/units.csv" >"$WORK/new"
	mv "$WORK/new" "$WORK/units.csv"
	make_rules "$WORK" >/dev/null
	git -C "$WORK" push -q -f origin HEAD:refs/heads/proposal
	run -0 --separate-stderr impact proposal
	[ "$(short)" = 'H42.67-260414-0001 calendar 2026-04-21 2026-04-20' ]
	[ "$(jq -r .calendar <<<"$output")" = saturday ]
	[[ $stderr == *' 0 would be due later, 1 earlier; '* ]]
}

@test "any revision; what cannot be used is refused" {
	propose calendars/office.json \
	    '.days_off += [{"date": "2026-04-20", "name": "x"}]'
	run -0 --separate-stderr impact "$(git -C "$RULES" rev-parse proposal)"
	[ "${#lines[@]}" -eq 2 ]
	run -0 --separate-stderr impact proposal~1
	[ -z "$output" ]
	run -2 --separate-stderr impact nowhere
	[ -z "$output" ]
	[[ $stderr == *'"nowhere"'* ]]
	propose calendars/office.json '.weekly = {}'
	run -2 --separate-stderr impact proposal
	[ -z "$output" ]
	[[ $stderr == 'procedure: calendars/office.json:'*': E_CALENDAR: '* ]]
	run -2 --separate-stderr impact
	[[ ${stderr_lines[0]} == *'impact: a revision is missing' ]]
	run -2 --separate-stderr impact --by=colour main
	[[ ${stderr_lines[0]} == *'"colour"'* ]]
	run -2 --separate-stderr impact --rules=x main
	[[ ${stderr_lines[0]} == *'does not take one of these options' ]]
	run -2 --separate-stderr procedure list --by=unit
	[[ ${stderr_lines[0]} == *'does not take one of these options' ]]
	run -2 --separate-stderr procedure impact --db=/nowhere.db main
	[[ $stderr == 'procedure: '*'/nowhere.db'* ]]
}

# ---- routes ----

# Dossiers of a construction permit: one in its first step, one in the third,
# with an officer; the proposal of what comes is made by `propose`.
construction() {
	{
		dossier-import --now='2026-04-15 08:00' - <<-'CSV' | route "$NOW" -
			code,procedure,unit,channel,received_at,field.floor_area
			H42.60-260413-0101,1.013225,H42.60,direct,2026-04-13 10:00,98
			H42.60-260413-0102,1.013225,H42.60,direct,2026-04-13 10:00,98
			H42.67-260413-0103,1.013225,H42.67,direct,2026-04-13 10:00,98
		CSV
		route "$NOW" next H42.60-260413-0102
		route "$NOW" next H42.60-260413-0102
	} >"$BATS_TEST_TMPDIR/made.log" 2>&1
	B=procedures/construction/1.013225.json
	[ "$(dossier-find -f ndjson H42.60-260413-0102 | jq -r .step)" = sign ]
}

routes() {
	jq -r '[.code, .cause, (.route // [] | map(.step + ":" + .what +
	    (if .old then " " + .old + ">" + (.new // "none") else "" end)) |
	    join(","))] | join(" ")' <<<"$output"
}

@test "another way: which steps a dossier would meet, or stands in no more" {
	construction
	propose $B '.steps |= (map(select(.id != "issue")) + [{"id": "check",
	    "role": "one-stop", "next": "return"}]) |
	    (.steps[] | select(.id == "sign") | .next) = "check" |
	    (.steps[] | select(.id == "appraise") | .role) = "land" |
	    (.steps[] | select(.id == "receive") | .title) = "Nhận"'
	run -0 --separate-stderr impact proposal
	same_text "$(routes)" <<-'END'
		H42.60-260413-0101 route appraise:changed,sign:changed,issue:removed,check:added
		H42.60-260413-0102 route sign:changed,issue:removed,check:added
		H42.67-260413-0103 route appraise:changed,sign:changed,issue:removed,check:added
	END
	[[ $stderr == *'3 would go another way to their end, or to another unit (cause route, unit)'* ]]
	[ "$(jq -c '[.due_day == .new_due_day, .state == .new_state]' \
	    <<<"${lines[0]}")" = '[true,true]' ]
	run -0 --separate-stderr impact --by=procedure proposal
	[ "$(jq -c '[.key, .open, .pinned, .routes]' <<<"$output")" = \
	    '["1.013225",3,0,3]' ]
	# In a step that is no more.
	propose $B '.steps |= map(select(.id != "sign")) |
	    (.steps[] | select(.next == "sign") | .next) = "check" |
	    (.steps[] | select(.id == "appraise") | .next[1].to) = "check"'
	run -0 --separate-stderr impact proposal
	[ "$(routes | sed -n 2p)" = \
	    'H42.60-260413-0102 route sign:gone,issue:removed,return:removed' ]
	# It is nobody's doing once it is the rule; they stay pinned.
	git -C "$RULES" update-ref refs/heads/main refs/heads/proposal
	run -0 --separate-stderr impact main
	[ -z "$output" ]
}

@test "another version for later entries is no other way for these" {
	construction
	jq '.effective_from = "2026-05-01" | .steps[1].role = "land"' \
	    "$WORK/$B" >"$WORK/${B%.json}@2026-05-01.json"
	make_rules "$WORK" 'From May' >/dev/null
	git -C "$WORK" push -q -f origin HEAD:refs/heads/proposal
	run -0 --separate-stderr impact proposal
	[ -z "$output" ]
}

@test "units and officers: at once, for what is open and what comes" {
	local unit

	construction
	unit=$(dossier-find -f ndjson H42.60-260413-0102 | jq -r .holder)
	# Who signs at H42.60 does so no more.
	sed -i "/^$unit,/s/leader//" "$WORK/units.csv"
	make_rules "$WORK" 'No leader' >/dev/null
	git -C "$WORK" push -q -f origin HEAD:refs/heads/proposal
	run -0 --separate-stderr impact proposal
	same_text "$(routes)" <<-END
		H42.60-260413-0001 unit sign:role $unit>H42
		H42.60-260413-0101 unit sign:role $unit>H42
		H42.60-260414-0001 unit sign:role $unit>H42
		H42.60-260414-0002 unit sign:role $unit>H42
	END
	run -0 --separate-stderr impact --by=unit proposal
	[ "$(jq -c '[.key, .routes]' <<<"$output")" = '["H42.60",4]' ]
	# Nobody has the role at all; and the unit of an open step has ended.
	sed -i 's/leader//; /^H42.60,/s/2025-07-01,,/2025-07-01,2026-04-14,/' \
	    "$WORK/units.csv"
	make_rules "$WORK" 'No leaders' >/dev/null
	git -C "$WORK" push -q -f origin HEAD:refs/heads/proposal
	run -0 --separate-stderr impact proposal
	[[ $(routes) == *"H42.60-260413-0102 unit sign:unit $unit>none"* ]]
	[[ $(routes) == *'H42.67-260413-0103 unit sign:role H42.67>none'* ]]
}
