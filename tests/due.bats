#!/usr/bin/env bats
# route plan --due, route apply: what time decides where nobody does.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

# Two opinions are asked for; one not given after 12 days is consent, as the
# law on construction has it.  Papers are waited for 30 days, a submission is
# answered in 8 working hours.
setup() {
	RULES=$BATS_TEST_TMPDIR/rules
	office_rules "$RULES"
	jq '. + {"deadline": {"answer": "8 working hours",
	    "supplement": {"after": "30 days"}}}' "$RULES/rulebook.json" \
	    >"$RULES/new"
	mv "$RULES/new" "$RULES/rulebook.json"
	cat >"$RULES/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,environment fire,,2000-01-01,,
		H42.31,Xã A,commune,one-stop leader,H42,2000-01-01,,
	END
	cat >"$RULES/procedures/xd/1.000001.json" <<-'END'
		{"code": "1.000001", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "limit": "20 days",
		 "steps": [
		  {"id": "receive", "role": "one-stop",
		   "next": [{"to": ["fire", "environment"]}]},
		  {"id": "fire", "role": "fire", "unit": "@province",
		   "next": "sign",
		   "expires": {"after": "12 days", "to": "sign",
		    "basis": "50/2014/QH13, 102"}},
		  {"id": "environment", "role": "environment",
		   "unit": "@province", "next": "sign",
		   "expires": {"after": "12 ngày", "to": "sign"}},
		  {"id": "sign", "role": "leader", "join": "all",
		   "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	make_rules "$RULES" >/dev/null
	fresh_db "$RULES"
	{
		dossier-import --now='2026-03-02 12:00' - <<-'CSV' &&
			code,procedure,unit,channel,status,received_at,applicant_name
			A-1,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín
			A-2,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín
			A-3,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín
			A-4,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín
			O-1,1.000001,H42.31,online,registered,2026-03-02 10:00,Nguyễn Văn Kín
			O-2,1.000001,H42.31,online,registered,2026-03-02 10:00,Nguyễn Văn Kín
			O-3,1.000001,H42.31,direct,registered,2026-03-02 10:00,Nguyễn Văn Kín
		CSV
		printf '%s\n' A-1 A-2 A-3 A-4 |
		    route start --now='2026-03-02 13:00' - &&
		route next --now='2026-03-02 14:00' A-1 A-2 A-3 &&
		route next --step=fire --now='2026-03-04 14:00' A-2 &&
		route supplement --now='2026-03-04 15:00' A-3 A-4 O-2
	} >"$BATS_TEST_TMPDIR/made.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/made.log"
		return 1
	}
}

# at TIME, for what follows
at() {
	NOW=--now=$1
}

plan() {
	route plan "$NOW" --due --format=ndjson "$@"
}

apply() {
	route apply "$NOW" --format=ndjson "$@"
}

short() {
	jq -r '[.code, .action, .step // "-", .to // "-", .due_day, .result] |
	    join(" ")' <<<"$output"
}

results() {
	jq -r '[.code, .result, (.error // "" | split(":")[0])] | join(" ")' \
	    <<<"$output"
}

@test "an opinion that is not given is consent: from the plan to the log" {
	# 12 days from 2 March end on a Saturday, so on Monday the 16th.
	at '2026-03-16 23:59:59'
	run -0 --separate-stderr plan A-1 A-2
	[ -z "$output" ]
	at '2026-03-17'
	run -0 --separate-stderr plan A-1 A-2
	same_text "$(short)" <<-'END'
		A-1 expire fire sign 2026-03-16 planned
		A-1 expire environment sign 2026-03-16 planned
		A-2 expire environment sign 2026-03-16 planned
	END
	[ "$stderr" = 'route: planned 3 of 2 open dossiers: 3 steps expire, 0 wait for papers in vain, 0 undecided; 0 submissions are not answered' ]
	[ "$(jq -r 'select(.step == "fire") | [.after, .since[:16], .due_at[:16],
	    .reason, .basis, .rule] | join(" | ")' <<<"$output")" = \
	    '12 days | 2026-03-02T14:00 | 2026-03-16T17:00 | step | 50/2014/QH13, 102 | procedures/xd/1.000001.json#/steps/1/expires' ]
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/plan"
	# Said, and not done.
	run -0 --separate-stderr apply --dry-run "$BATS_TEST_TMPDIR/plan"
	[ "$(jq -s 'length, all(.dry_run and .result == "done")' \
	    <<<"$output" | tr '\n' ' ')" = '3 true ' ]
	run -0 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	[ "$stderr" = 'route: 3 expired, 0 unchanged, 0 refused' ]
	same_text "$(jq -r '[.code, .action, .from_step, .to_step // "-",
	    .status, .version, .result] | join(" ")' <<<"$output")" <<-'END'
		A-1 expire fire - processing 6 done
		A-1 expire environment sign processing 8 done
		A-2 expire environment sign processing 8 done
	END
	# Which rule decided, what it read, of which commit.
	run -0 --separate-stderr audit-export -f ndjson A-1
	[ "$(jq -r 'select(.kind == "started" and .step == "sign") | .body | fromjson |
	    .data.why | [.rule, .expired.after, .expired.since,
	    (.commit | length)] | join(" ")' <<<"$output")" = \
	    'procedures/xd/1.000001.json#/steps/2/expires 12 days 2026-03-02T14:00:00+07:00 40' ] || {
		echo "$output"
		false
	}
	# Nothing is left to do, and doing it again changes nothing.
	run -0 --separate-stderr plan A-1 A-2
	[ -z "$output" ]
	run -0 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	[ "$(jq -r .result <<<"$output" | sort -u)" = unchanged ]
	run -0 dossier-db check
}

@test "a plan is for the dossier as it was" {
	at '2026-03-17 09:00'
	plan A-1 A-2 >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
	# The fire police answer after all, and somebody stops the other.
	route next "$NOW" --step=fire A-1 >/dev/null
	route pay "$NOW" A-2 >/dev/null
	run -1 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	same_text "$(results)" <<-'END'
		A-1 refused E_STALE
		A-1 refused E_STALE
		A-2 refused E_STALE
	END
	[[ ${stderr_lines[0]} == *'/plan:1: E_STALE: "A-1": it has changed since the plan was made: version 6, planned for 5' ]]
	[[ ${stderr_lines[1]} == *'make it anew: route plan --due' ]]
	run -0 --separate-stderr plan A-1
	[ "$(short)" = 'A-1 expire environment sign 2026-03-16 planned' ]
	run -0 --separate-stderr apply - <<<"$output"
	[ "$(results)" = 'A-1 done ' ]
}

@test "a line is checked against the rules of today" {
	local line

	at '2026-03-17 09:00'
	line=$(plan A-2 2>/dev/null)
	# It would be too early.
	run -1 --separate-stderr route apply -f ndjson --now='2026-03-16 09:00' \
	    - <<<"$line"
	[[ $output == *'"result":"refused","error":"E_PLAN: by the rules of today its time has not run out"'* ]]
	run -1 --separate-stderr apply - <<<"${line/\"to\":\"sign\"/\"to\":\"return\"}"
	[[ $output == *'E_PLAN: its rule leads elsewhere'* ]]
	run -1 --separate-stderr apply - \
	    <<<"${line/\"step\":\"environment\"/\"step\":\"sign\"}"
	[[ $output == *'E_PLAN: '* ]]
	run -1 --separate-stderr apply - \
	    <<<"${line/\"step\":\"environment\"/\"step\":\"none-such\"}"
	[[ $output == *'E_PLAN: it is not in that step'* ]]
	run -1 --separate-stderr apply - <<<"${line/\"to\":\"sign\",/}"
	[ "$stderr" = $'route: -:1: E_FIELD: "to" is missing\nroute: 0 rescheduled, 0 unchanged, 0 refused' ]
	run -0 --separate-stderr apply - <<<"$line"
	[ "$(results)" = 'A-2 done ' ]
}

@test "a clock that stands still waits, and its time does not count" {
	# A-3 waits for papers since 4 March, 15:00.
	at '2026-03-20 09:00'
	run -0 --separate-stderr plan A-3
	[ -z "$output" ]
	route resume --now='2026-03-10 15:00' A-3 >/dev/null
	# Four working days: the 16th becomes the 20th.
	run -0 --separate-stderr plan A-3
	[ -z "$output" ]
	at '2026-03-21'
	run -0 --separate-stderr plan A-3
	same_text "$(short)" <<-'END'
		A-3 expire fire sign 2026-03-20 planned
		A-3 expire environment sign 2026-03-20 planned
	END
}

@test "papers that do not come, and submissions that are not answered" {
	# 30 days from 4 March are 3 April.
	at '2026-04-03 23:00'
	run -1 --separate-stderr plan
	same_text "$(short | grep -v ' expire [fe]')" <<-'END'
		O-1 answer - - 2026-03-03 listed
	END
	at '2026-04-04 00:00'
	run -1 --separate-stderr plan
	same_text "$(short | grep -v ' expire [fe]')" <<-'END'
		A-3 expire - withdrawn 2026-04-03 planned
		A-4 expire - withdrawn 2026-04-03 planned
		O-1 answer - - 2026-03-03 listed
		O-2 expire - not-accepted 2026-04-03 planned
	END
	[ "$stderr" = 'route: planned 6 of 7 open dossiers: 3 steps expire, 3 wait for papers in vain, 0 undecided; 1 submissions are not answered' ]
	[ "$(jq -r 'select(.code == "A-4") | .rule' <<<"$output")" = \
	    'rulebook.json#/deadline/supplement' ]
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/plan"
	route withdraw "$NOW" A-4 >/dev/null
	run -1 --separate-stderr apply "$BATS_TEST_TMPDIR/plan"
	same_text "$(results | sort -u)" <<-'END'
		A-1 done 
		A-2 done 
		A-3 done 
		A-4 refused E_STALE
		O-1 unchanged 
		O-2 done 
	END
	[ "$(jq -r 'select(.code == "O-2") | .status' <<<"$output")" = \
	    not-accepted ]
	[ "$(jq -r 'select(.code == "O-2") | .why | .rule, .expired.after' \
	    <<<"$output" | tr '\n' ' ')" = \
	    'rulebook.json#/deadline/supplement 30 days ' ]
	run -1 --separate-stderr plan
	[ "$(short)" = 'O-1 answer - - 2026-03-03 listed' ]
	# Once answered it is not listed any more.
	route refuse "$NOW" O-1 >/dev/null
	run -0 --separate-stderr plan
	[ -z "$output" ]
	run -0 --separate-stderr apply "$BATS_TEST_TMPDIR/plan" || :
	run -0 dossier-db check
}

@test "an answer counts from the submission, whoever has had it since" {
	at '2026-03-03 10:00'
	run -0 --separate-stderr plan O-1
	[ -z "$output" ]
	route transfer --to=H42 --now='2026-03-03 09:00' O-1 >/dev/null
	at '2026-03-03 10:00:01'
	run -1 --separate-stderr plan O-1
	[ "$(jq -r '.since[:16]' <<<"$output")" = 2026-03-02T10:00 ]
	# Papers are asked for: that is an answer.
	route supplement "$NOW" O-1 >/dev/null
	run -0 --separate-stderr plan O-1
	[ -z "$output" ]
}

@test "the definition counts that the dossier was received under" {
	sed -i 's/"12 days"/"2 days"/; s/"12 ngày"/"2 days"/' \
	    "$RULES/procedures/xd/1.000001.json"
	make_rules "$RULES" 'Two days' >/dev/null
	at '2026-03-10 09:00'
	run -0 --separate-stderr plan A-1
	[ -z "$output" ]
	# It is in the database: the repository's own may be gone.
	rm -r "$RULES/procedures"
	make_rules "$RULES" 'Gone' >/dev/null
	at '2026-03-17 09:00'
	run -0 --separate-stderr plan A-1
	[ "$(jq -s length <<<"$output")" = 2 ]
}

@test "stopped instead of withdrawn, where the policy says so" {
	sed -i 's/"limit": "20 days",/& "deadline": {"supplement": {"after": "5 working days", "then": "stop"}},/' \
	    "$RULES/procedures/xd/1.000001.json"
	make_rules "$RULES" 'Stop' >/dev/null
	dossier-import --now='2026-03-03 09:00' - >/dev/null 2>&1 <<-'CSV'
		code,procedure,unit,channel,received_at
		B-1,1.000001,H42.31,direct,2026-03-03 08:00
	CSV
	route supplement --now='2026-03-03 10:00' B-1 >/dev/null
	at '2026-03-11'
	run -0 --separate-stderr plan B-1
	[ "$(short)" = 'B-1 expire - stopped 2026-03-10 planned' ]
	[ "$(jq -r .rule <<<"$output")" = \
	    'procedures/xd/1.000001.json#/deadline/supplement' ]
	run -0 --separate-stderr apply --actor=cron - <<<"$output"
	[ "$(jq -r '.status, .why.expired.after' <<<"$output" |
	    tr '\n' ' ')" = 'stopped 5 working days ' ]
	run -0 --separate-stderr plan B-1
	[ -z "$output" ]
	run -0 dossier-db check
}

@test "days that the calendar does not know are for people to decide" {
	local line

	jq '.known_until = "2026-03-10"' "$RULES/calendars/office.json" \
	    >"$RULES/new"
	mv "$RULES/new" "$RULES/calendars/office.json"
	make_rules "$RULES" 'Known until March' >/dev/null
	at '2026-03-17 09:00'
	run -1 --separate-stderr plan A-2
	[ "$(short)" = 'A-2 expire environment sign 2026-03-16 undecided' ]
	line=$output
	run -1 --separate-stderr apply - <<<"$line"
	[[ $output == *'E_PLAN: nobody has decided: '* ]]
	run -0 --separate-stderr apply - <<<"${line/undecided/planned}"
	[ "$(results)" = 'A-2 done ' ]
}

@test "with other plans in one batch, and what is no line" {
	local line

	at '2026-03-17 09:00'
	line=$(plan A-2 2>/dev/null)
	run -1 --separate-stderr apply - <<-END
		$line
		$line
		{"schema":"motcua.plan/1","code":"A-2","version":5,"action":"reschedule","new_due_at":"2026-03-30T17:00:00+07:00","new_due_day":"2026-03-30","provisional":false}
		{"schema":"motcua.plan/1","code":"none","version":5,"action":"expire","step":null,"to":"withdrawn"}
		{"schema":"motcua.plan/1","code":"none","version":5,"action":"lapse"}
	END
	same_text "$(results)" <<-'END'
		A-2 done 
		A-2 unchanged 
		A-2 refused E_STALE
		none refused E_DOSSIER
	END
	[[ $stderr == *'-:5: E_FIELD: "action" must be "reschedule", "rehome", "repin", "expire", "answer" or an action of route'* ]]
	run -0 dossier-db check
}

@test "usage: --due" {
	run -2 route plan --due --recompute
	[ "${lines[0]}" = 'route: E_USAGE: one of --recompute, --succession, --rules, --due and --undo at a time' ]
	run -2 route plan
	[ "${lines[0]}" = 'route: E_USAGE: plan what?  an action, --recompute, --succession, --rules, --due or --undo' ]
	run -2 route --due A-1
	[[ ${lines[0]} == *'are for plan' ]]
	run -2 route apply --due -
}

@test "for people: a table, and a count that every line is in" {
	at '2026-03-17 09:00'
	run -0 --separate-stderr route plan "$NOW" --due -f table A-1
	[[ ${lines[0]} == code*action*step*to*after*since*due_at*rule* ]]
	[[ ${lines[1]} == *fire*sign*'12 days'*'02/03/2026 14:00'* ]]
	run -0 --separate-stderr bash -c "
	    route plan '$NOW' --due -f csv A-1 | cut -d, -f1,3,7,8"
	same_text "$output" <<-'END'
		code,action,step,to
		A-1,expire,fire,sign
		A-1,expire,environment,sign
	END
}
