#!/usr/bin/env bats
# route(1): actions on dossiers, in batches, and how they are refused.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

# A rulebook with a choice, two parallel steps and a join; and five dossiers,
# the first of which is only registered.
setup() {
	local r=$BATS_TEST_TMPDIR/rules

	office_rules "$r"
	cat >"$r/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.07,Sở,department,environment,H42,2000-01-01,,
		H42.08,Công an,department,fire-police,H42,2000-01-01,,
		H42.30,Xã A,commune,one-stop,H42,2000-01-01,,
		H42.30.1,Địa chính,office,construction,H42.30,2000-01-01,,
		H42.30.2,Lãnh đạo,office,leader,H42.30,2000-01-01,,
	END
	cat >"$r/procedures/xd/1.009994.json" <<-'END'
		{"code": "1.009994", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
		 "fields": [{"name": "floor_area", "title": "Diện tích",
		    "type": "decimal", "public": true},
		   {"name": "income", "title": "Thu nhập", "type": "integer"}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "appraise",
		   "limit": "4 working hours"},
		  {"id": "appraise", "role": "construction", "next": [
		    {"when": {"field": "floor_area", "gt": 250},
		     "to": ["fire", "environment"]},
		    {"when": {"field": "income", "gt": 1000}, "to": "fire"},
		    {"to": "sign"}]},
		  {"id": "fire", "role": "fire-police", "unit": "@province",
		   "next": "sign"},
		  {"id": "environment", "role": "environment",
		   "unit": "@province", "next": "sign"},
		  {"id": "sign", "role": "leader", "join": "all",
		   "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	make_rules "$r" >"$BATS_TEST_TMPDIR/commit"
	fresh_db "$r"
	cat >"$BATS_TEST_TMPDIR/in.csv" <<-'END'
		code,procedure,unit,channel,status,received_at,applicant_name,field.floor_area,field.income
		A-0,1.009994,H42.30,online,registered,2024-03-04 08:00,Nguyễn Văn Kín,100,5
		A-1,1.009994,H42.30,direct,,2024-03-04 09:00,Nguyễn Văn Kín,100,5
		A-2,1.009994,H42.30,direct,,2024-03-04 09:00,Nguyễn Văn Kín,300,5
		A-3,1.009994,H42.30,direct,,2024-03-04 09:00,Nguyễn Văn Kín,100,5000
		A-4,1.009994,H42.30,direct,,2024-03-04 09:00,Nguyễn Văn Kín,,
	END
	dossier-import --now='2024-03-04 10:00' "$BATS_TEST_TMPDIR/in.csv" \
	    >"$BATS_TEST_TMPDIR/import.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/import.log"
		return 1
	}
	COMMIT=$(<"$BATS_TEST_TMPDIR/commit")
}

# Whatever was done: the log verifies, and its fold is what the tables have.
teardown() {
	[ ! -e "${MOTCUA_DB-}" ] ||
	    dossier-db check sqlite foreign-keys log replay balance
}

# at TIME ARGUMENT...: route at that time, as NDJSON.
at() {
	local t=$1

	shift
	route --now="$t" --format=ndjson "$@"
}

# field NAME...: of each record of the last run, with spaces between.
field() {
	jq -r "[$(printf '.%s, ' "$@" | sed 's/, $//')] | map(tostring) |
	    join(\" \")" <<<"$output"
}

@test "start is the action without one, and can be repeated" {
	run -0 --separate-stderr at '2024-03-04 11:00' A-1
	[ -z "$stderr" ]
	same_text "$output" <<-END
		{"schema":"motcua.route/1","code":"A-1","action":"start","from_step":null,"to_step":"receive","from_unit":"H42.30","to_unit":"H42.30","officer":null,"status":"processing","due_at":"2024-03-25T17:00:00+07:00","version":2,"result":"done","error":null,"why":{"commit":"$COMMIT","rule":"procedures/xd/1.009994.json#/steps/0","steps":[{"step":"receive","at":"H42.30","role":"one-stop"}]}}
	END
	run -0 --separate-stderr at '2024-03-04 12:00' A-1
	[ -z "$stderr" ]
	same_text "$output" <<-END
		{"schema":"motcua.route/1","code":"A-1","action":"start","from_step":"receive","to_step":"receive","from_unit":"H42.30","to_unit":"H42.30","officer":null,"status":"processing","due_at":"2024-03-25T17:00:00+07:00","version":2,"result":"unchanged","error":null,"why":null}
	END
	[ "$(sql 'SELECT count(*) FROM step')" = 1 ]
}

@test "what is only registered can be corrected, and is received so" {
	run -0 at '2024-03-04 11:00' correct --set=field.floor_area=300 \
	    --set=channel=postal A-0
	[ "$(field status result)" = 'registered done' ]
	at '2024-03-04 12:00' receive A-0
	at '2024-03-04 12:00' A-0
	at '2024-03-04 12:00' next A-0
	run -0 at '2024-03-04 13:00' next A-0
	[ "$(field to_step why.read.floor_area)" = 'fire+environment 300' ]
}

@test "the whole way: receive, start, next to the end" {
	run -0 --separate-stderr at '2024-03-05 08:00' receive A-0
	[ -z "$stderr" ]
	[ "$(field action status due_at result)" = \
	    'receive received 2024-03-26T17:00:00+07:00 done' ]
	run -0 at '2024-03-05 08:10' A-0
	run -0 at '2024-03-05 09:00' next A-0
	[ "$(field from_step to_step from_unit to_unit)" = \
	    'receive appraise H42.30 H42.30.1' ]
	run -0 at '2024-03-06 09:00' next A-0
	[ "$(field from_step to_step to_unit)" = 'appraise sign H42.30.2' ]
	[ "$(field why.read.floor_area why.read.income why.rule)" = \
	    '100 null procedures/xd/1.009994.json#/steps/1/next/2' ]
	run -0 at '2024-03-07 09:00' next A-0
	[ "$(field from_step to_step status)" = 'sign return finished' ]
	run -0 at '2024-03-08 09:00' next A-0
	[ "$(field from_step to_step status)" = 'return null returned' ]
	run -1 --separate-stderr at '2024-03-08 09:00' next A-0
	[ "$(field result error)" = \
	    'refused E_STATE: next is not for a dossier that is returned; allowed: reopen, correct' ]
	[ "$stderr" = 'route: A-0: E_STATE: next is not for a dossier that is returned; allowed: reopen, correct' ]
}

@test "conditions open parallel steps; the join waits for both" {
	at '2024-03-04 11:00' A-2
	at '2024-03-04 11:00' next A-2
	run -0 at '2024-03-05 11:00' next A-2
	[ "$(field from_step to_step to_unit)" = \
	    'appraise fire+environment H42.08+H42.07' ]
	[ "$(field why.read.floor_area)" = 300 ]
	run -1 --separate-stderr at '2024-03-05 11:00' next A-2
	[ "$stderr" = 'route: A-2: E_STEP: several steps are open: fire, environment; name one with --step' ]
	run -0 at '2024-03-05 11:00' next --step=fire A-2
	[ "$(field from_step to_step status)" = 'fire null processing' ]
	run -0 at '2024-03-06 11:00' next A-2
	[ "$(field from_step to_step)" = 'environment sign' ]
}

@test "a private field decides, and stays private" {
	at '2024-03-04 11:00' A-3
	at '2024-03-04 11:00' next A-3
	run -0 --separate-stderr at '2024-03-05 11:00' next A-3
	[ "$(field to_step)" = fire ]
	[[ $output != *5000* ]]
	# The last correction of it is what counts.
	at '2024-03-04 11:00' A-1
	at '2024-03-04 11:00' next A-1
	run -0 --separate-stderr at '2024-03-05 11:00' correct \
	    --set=field.income=7000 --reason='Nhập nhầm' A-1
	[[ $output$stderr != *7000* ]]
	[[ $output$stderr != *Nhập* ]]
	run -0 at '2024-03-05 11:00' next A-1
	[ "$(field to_step)" = fire ]
}

@test "a missing value is an error with the rule's place" {
	at '2024-03-04 11:00' A-4
	at '2024-03-04 11:00' next A-4
	run -1 --separate-stderr at '2024-03-05 11:00' next A-4
	[ "$(field result to_step why)" = 'refused appraise null' ]
	[[ $stderr == 'route: A-4: E_MISSING: procedures/xd/1.009994.json:'* ]]
	run -0 at '2024-03-05 11:00' correct --set=field.floor_area=1 \
	    --set=field.income=1 A-4
	run -0 at '2024-03-05 12:00' next A-4
	[ "$(field to_step)" = sign ]
}

@test "a refused dossier does not hold up the others; status 1" {
	run -1 --separate-stderr at '2024-03-04 11:00' start A-0 A-1 NONE A-2
	[ "$(field code result)" = "A-0 refused
A-1 done
NONE refused
A-2 done" ]
	same_text "$stderr" <<-'END'
		route: A-0: E_STATE: start is not for a dossier that is registered; allowed: receive, assign, transfer, supplement, refuse, withdraw, correct
		route: NONE: E_DOSSIER: there is no dossier "NONE"
	END
	[ "$(field status version | sed -n 3p)" = 'null null' ]
}

@test "pauses move the due date, and are told apart" {
	at '2024-03-04 11:00' A-1
	run -0 at '2024-03-05 09:00' supplement --reason='Thiếu bản vẽ' A-1
	[ "$(field status due_at)" = 'supplement 2024-03-25T17:00:00+07:00' ]
	[[ $output != *Thiếu* ]]
	run -0 at '2024-03-07 09:00' resume A-1
	[ "$(field status due_at)" = 'processing 2024-03-27T17:00:00+07:00' ]
	run -0 at '2024-03-07 10:00' pay A-1
	[ "$(field status)" = payment ]
	run -0 at '2024-03-07 11:00' stop A-1
	[ "$(field status)" = stopped ]
	run -0 at '2024-03-08 10:00' resume A-1
	[ "$(field status due_at)" = 'processing 2024-03-28T17:00:00+07:00' ]
}

@test "extend: by a term, once; until a day, later than now" {
	at '2024-03-04 11:00' A-1 A-2
	run -0 at '2024-03-05 09:00' extend --by='3 ngày làm việc' A-1
	[ "$(field due_at)" = '2024-03-28T17:00:00+07:00' ]
	run -1 --separate-stderr at '2024-03-05 09:00' extend --by='3 days' A-1
	[[ $stderr == 'route: A-1: E_EXTEND: '* ]]
	run -1 --separate-stderr at '2024-03-05 09:00' extend \
	    --until=2024-03-20 A-2
	[[ $stderr == 'route: A-2: E_DUE: '* ]]
	run -0 at '2024-03-05 09:00' extend --until=2024-03-29 A-2
	[ "$(field due_at)" = '2024-03-29T17:00:00+07:00' ]
}

@test "extend: no more than the policy says, and by whose word" {
	local r=$BATS_TEST_TMPDIR/rules advice='the policy is the one of the day of receipt; without a new date an apology can be recorded: route apologise --reason=TEXT'

	at '2024-03-04 11:00' A-1
	at '2024-03-05 09:00' extend --by='3 working days' A-1
	run -1 --separate-stderr at '2024-03-06 09:00' extend --by='3 days' A-1
	[ "$(field result due_at)" = 'refused 2024-03-28T17:00:00+07:00' ]
	same_text "$stderr" <<-END
		route: A-1: E_EXTEND: extended 1 time already; the policy allows 1 ("extensions" in rulebook.json, or by default)
		$advice
	END
	# What counts is the policy of the day of receipt; the default may have
	# been said, too.
	sed -i 's/"calendar": "office",/& "deadline": {"extensions": 2},/' \
	    "$r/rulebook.json"
	make_rules "$r" >/dev/null
	run -1 --separate-stderr at '2024-03-06 09:00' extend --by='3 days' A-1
	[[ $stderr == *'("extensions" in rulebook.json, or by default)'* ]]
	at '2024-03-06 09:00' receive A-0
	at '2024-03-06 09:00' A-0
	run -0 at '2024-03-06 09:00' extend --by='1 day' A-0
	run -0 at '2024-03-06 09:00' extend --by='1 day' A-0
	run -1 --separate-stderr at '2024-03-06 09:00' extend --by='1 day' A-0
	same_text "$stderr" <<-END
		route: A-0: E_EXTEND: extended 2 times already; the policy allows 2 ("extensions" in rulebook.json)
		$advice
	END
	# After it has passed: only where the policy says so.
	at '2024-03-04 11:00' A-2
	run -1 --separate-stderr at '2024-03-26 09:00' extend \
	    --until=2024-04-01 A-2
	same_text "$stderr" <<-END
		route: A-2: E_EXTEND: the due date 2024-03-25T17:00:00+07:00 has passed; the policy allows extending only before ("extend_after_expiry" in rulebook.json, or by default)
		$advice
	END
	# The door is closed on a Saturday, and on a day off.
	run -1 --separate-stderr at '2024-03-25 09:00' extend \
	    --until=2024-03-30 A-2
	same_text "$stderr" <<-'END'
		route: A-2: E_DUE: the new due date, 2024-03-30, is a day off
		a term that ends on a day off ends on the next working day: --until=2024-04-01
	END
	run -1 --separate-stderr at '2024-03-25 09:00' extend \
	    --until='2024-04-18 10:00' A-2
	[ "${stderr_lines[0]}" = \
	    'route: A-2: E_DUE: the new due date, 2024-04-18, is a day off (Giỗ Tổ)' ]
}

@test "extend: where the procedure says how often and how late" {
	local r=$BATS_TEST_TMPDIR/rules

	sed -i 's/"limit": "15 working days",/& "deadline": {"extensions": 2, "extend_after_expiry": true},/' \
	    "$r/procedures/xd/1.009994.json"
	make_rules "$r" >/dev/null
	at '2024-03-04 12:00' receive A-0
	at '2024-03-04 12:00' A-0
	run -0 at '2024-03-27 09:00' extend --by='3 working days' A-0
	[ "$(field due_at)" = '2024-03-28T17:00:00+07:00' ]
	# A date that has passed already helps nobody.
	run -1 --separate-stderr at '2024-04-10 09:00' extend \
	    --by='1 working day' A-0
	same_text "$stderr" <<-'END'
		route: A-0: E_DUE: the new due date, 2024-03-29T17:00:00+07:00, has passed already
		name a later one with --until
	END
	run -0 at '2024-04-10 09:00' extend --until=2024-04-12 A-0
	run -1 --separate-stderr at '2024-04-10 09:00' extend --by='1 day' A-0
	[[ ${stderr_lines[0]} == *'the policy allows 2 ("extensions" in procedures/xd/1.009994.json)' ]]
}

@test "apologise: what is, or was, late; once, and nothing else changes" {
	at '2024-03-04 11:00' A-1 A-2
	run -0 --separate-stderr at '2024-03-26 09:00' apologise \
	    --reason='Chờ ý kiến sở' A-1
	[ -z "$stderr" ]
	[ "$(field action status due_at result)" = \
	    'apologise processing 2024-03-25T17:00:00+07:00 done' ]
	[[ $output != *Chờ* ]]
	run -0 --separate-stderr at '2024-03-27 09:00' apologise --reason=x A-1
	[ "$(field result)" = unchanged ]
	run -0 audit-export A-1
	[ "$(tail -n 1 <<<"$output" | jq -r '.kind, .due_at')" = \
	    $'apologised\nnull' ]
	# Finished late; and returned; finished in time.
	at '2024-03-26 09:00' finish A-2
	run -0 at '2024-03-26 10:00' apologise --reason=x A-2
	[ "$(field status result)" = 'finished done' ]
	at '2024-03-04 11:00' finish A-3
	at '2024-03-04 11:00' withdraw A-4
	run -1 --separate-stderr at '2024-03-26 10:00' apologise --reason=x \
	    A-0 A-3 A-4
	same_text "$stderr" <<-'END'
		route: A-0: E_STATE: apologise is not for a dossier that is registered; allowed: receive, assign, transfer, supplement, refuse, withdraw, correct
		route: A-3: E_STATE: apologise is not for a dossier that is finished and was not late; allowed: next, assign, transfer, return, reopen, correct
		route: A-4: E_STATE: apologise is not for a dossier that is withdrawn; allowed: correct
	END
	# No rulebook is needed for it.
	mv "$BATS_TEST_TMPDIR/rules" "$BATS_TEST_TMPDIR/gone"
	run -0 at '2024-03-26 11:00' apologise --reason=x A-2
	[ "$(field result)" = unchanged ]
}

@test "assign, transfer, withdraw, finish, return, reopen, refuse" {
	at '2024-03-04 11:00' A-1 A-2
	run -0 at '2024-03-05 09:00' assign --officer=an A-1
	[ "$(field officer to_step)" = 'an receive' ]
	run -0 at '2024-03-05 09:00' assign --officer=an A-1
	[ "$(field result)" = unchanged ]
	run -0 at '2024-03-05 09:00' transfer --to=H42.07 A-1
	[ "$(field from_unit to_unit)" = 'H42.30 H42.07' ]
	run -1 --separate-stderr at '2024-03-05 09:00' transfer --to=H99 A-1
	[ "$stderr" = 'route: A-1: E_UNIT: no unit has the code "H99"' ]
	run -0 at '2024-03-05 09:00' finish A-1
	[ "$(field from_step to_step status)" = 'receive null finished' ]
	run -0 at '2024-03-05 10:00' return A-1
	[ "$(field status)" = returned ]
	run -0 at '2024-03-05 11:00' reopen --step=appraise A-1
	[ "$(field to_step status)" = 'appraise processing' ]
	# What its fields were is known again.
	run -0 at '2024-03-05 12:00' next A-1
	[ "$(field to_step why.read.floor_area)" = 'sign 100' ]
	run -0 at '2024-03-05 09:00' withdraw A-2
	[ "$(field status)" = withdrawn ]
	run -0 at '2024-03-05 10:00' correct --set=field.floor_area=7 \
	    --set=finished_at='2024-03-05 08:00' A-2
	[ "$(field status result)" = 'withdrawn done' ]
	run -0 at '2024-03-05 09:00' refuse A-0
	[ "$(field status)" = not-accepted ]
}

@test "times: --at is not after now, nor before the last change" {
	run -1 --separate-stderr at '2024-03-04 11:00' --at='2024-03-04 11:01' A-1
	[ "$stderr" = 'route: A-1: E_ORDER: the time given lies after now, 2024-03-04T11:00:00+07:00' ]
	run -1 --separate-stderr at '2024-03-04 11:00' --at='2024-03-04 08:59' A-1
	[ "$stderr" = "route: A-1: E_ORDER: the time given lies before the dossier's last change, 2024-03-04T09:00:00+07:00" ]
	run -0 at '2024-03-04 11:00' --at=2024-03-04T03:00:00Z A-1
	[ "$(sql 'SELECT entered_at FROM step')" = 1709521200000 ]
	run -2 --separate-stderr at '2024-03-04 11:00' --at=noon A-1
	[ -z "$output" ]
	[[ $stderr == 'route: --at: E_DATE: '* ]]
	run -2 --separate-stderr route --now=2199-01-01 A-1
	[ -z "$output" ]
	[[ $stderr == 'route: --now: E_NOW: '* ]]
}

@test "a clock that has gone back does not turn a dossier's time back" {
	run -0 at '2024-03-06 11:00' A-1
	run -0 at '2024-03-05 09:00' next A-1
	[ "$(sql 'SELECT entered_at FROM step')" = 1709697600000 ]
	# Others are in the present as it is given.
	run -0 at '2024-03-05 09:00' A-2
	[ "$(sql 'SELECT max(entered_at), min(entered_at) FROM step')" = \
	    '1709697600000|1709604000000' ]
}

@test "a dry run says the same and writes nothing" {
	local before

	before=$(sql 'SELECT count(*) FROM step; SELECT max(version) FROM open')
	run -1 --separate-stderr at '2024-03-04 11:00' --dry-run A-1 A-0
	[ "$(field code to_step result dry_run)" = "A-1 receive done true
A-0 null refused true" ]
	[ "$before" = "$(sql \
	    'SELECT count(*) FROM step; SELECT max(version) FROM open')" ]
	# And its records are refused as input.
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/dry"
	run -2 --separate-stderr at '2024-03-04 11:00' - \
	    <"$BATS_TEST_TMPDIR/dry"
	[ -z "$output" ]
	[[ $stderr == *'E_DRY_RUN'* ]]
	# The same dossiers again, for good, in the same process after it.
	run -0 at '2024-03-04 11:00' A-1
	[ "$(field result version)" = 'done 2' ]
}

@test "codes from a pipe, as records or bare, bad lines passed over" {
	run -1 --separate-stderr at '2024-03-04 11:00' - <<-'END'
		A-1

		{"schema":"motcua.dossier/1","code":"A-2","x":[1]}
		{"no":"code"}
		two words
	END
	[ "$(field code result)" = "A-1 done
A-2 done" ]
	[[ ${stderr_lines[0]} == *':4: E_CODE: '* ]]
	[[ ${stderr_lines[1]} == *':5: E_CODE: '* ]]
	# Nothing is read from standard input without "-".
	run -0 --separate-stderr at '2024-03-04 11:00' A-1 <<<A-3
	[ "$(field code)" = A-1 ]
}

@test "what is there is done while more is awaited" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	route --now='2024-03-04 11:00' --format=ndjson - \
	    <"$BATS_TEST_TMPDIR/pipe" >"$BATS_TEST_TMPDIR/out" 3>&- &
	exec 7>"$BATS_TEST_TMPDIR/pipe"
	echo A-1 >&7
	for _ in {1..100}; do
		[ ! -s "$BATS_TEST_TMPDIR/out" ] || break
		sleep 0.05
	done
	[ "$(jq -r .code "$BATS_TEST_TMPDIR/out")" = A-1 ]
	# It holds no lock meanwhile.
	run -0 at '2024-03-04 11:00' A-2
	echo A-3 >&7
	exec 7>&-
	wait $!
	[ "$(jq -r .code "$BATS_TEST_TMPDIR/out" | tr '\n' ' ')" = 'A-1 A-3 ' ]
}

@test "usage errors: nothing done, nothing on stdout, status 2" {
	local args want help=$'\n'"Try 'route --help'."

	while IFS='|' read -r args want; do
		echo "route $args"
		# shellcheck disable=SC2086	# words on purpose
		run -2 --separate-stderr at '2024-03-04 11:00' $args
		[ -z "$output" ]
		[ "$stderr" = "route: $want$help" ]
	done <<-'END'
		|E_USAGE: no dossier; "-" reads codes from standard input
		finish|E_USAGE: no dossier; "-" reads codes from standard input
		finish --to=x A-1|E_USAGE: finish does not take --to
		transfer A-1|E_USAGE: transfer needs --to
		assign A-1|E_USAGE: assign needs --officer
		extend A-1|E_USAGE: extend needs one of --by and --until
		extend --by=1day --until=2024-03-29 A-1|E_USAGE: extend needs one of --by and --until
		extend --by=none A-1|--by: E_USAGE: not an amount of time to extend by
		apologise A-1|E_USAGE: apologise needs --reason
		apologise --reason=x --by=1day A-1|E_USAGE: apologise does not take --by
		correct A-1|E_USAGE: correct needs --set
		correct --set=note A-1|--set: E_USAGE: not NAME=VALUE
		nxt A-1|E_USAGE: "nxt" is no action; did you mean next?
		strat A-1|E_USAGE: "strat" is no action; did you mean start?
		apologize --reason=x A-1|E_USAGE: "apologize" is no action; did you mean apologise?
		withdraw|E_USAGE: no dossier; "-" reads codes from standard input
	END
	run -2 --separate-stderr at '2024-03-04 11:00' \
	    correct --set=status=4 A-1
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == 'route: --set: E_USAGE: "status" cannot be corrected' ]]
	[[ ${stderr_lines[1]} == 'what can be corrected: '* ]]
	run -2 --separate-stderr at '2024-03-04 11:00' extend --by=15 A-1
	[ -z "$output" ]
	[[ $stderr == 'route: --by: E_TERM: '* ]]
	# A code has a digit: it is never a misspelt action.
	run -1 --separate-stderr at '2024-03-04 11:00' next1
	[ "$stderr" = 'route: next1: E_DOSSIER: there is no dossier "next1"' ]
	run -2 --separate-stderr route --db=/nonexistent A-1
	[ -z "$output" ]
	[[ $stderr == 'route: '*'E_NODB: '* ]]
	[ "$(sql 'SELECT count(*) FROM step')" = 0 ]
}

@test "a full disk is not a success" {
	[ -w /dev/full ] || skip 'no /dev/full here'
	run -2 --separate-stderr bash -c \
	    'route --now="2024-03-04 11:00" A-1 >/dev/full'
	[[ $stderr == *'E_IO'* ]]
}

@test "a rulebook that cannot be read is trouble only where it is needed" {
	at '2024-03-04 11:00' A-1
	mv "$BATS_TEST_TMPDIR/rules" "$BATS_TEST_TMPDIR/gone"
	run -2 --separate-stderr at '2024-03-05 11:00' next A-1
	[ -z "$output" ]
	run -0 at '2024-03-05 11:00' supplement A-1
	[ "$(field status)" = supplement ]
}

@test "a dossier keeps the definition it was received under" {
	local r=$BATS_TEST_TMPDIR/rules

	at '2024-03-04 11:00' A-1
	sed -i 's/"15 working days"/"5 working days"/; s/"next": "appraise"/"next": "sign"/' \
	    "$r/procedures/xd/1.009994.json"
	make_rules "$r" >/dev/null
	run -0 at '2024-03-05 08:00' receive A-0
	[ "$(field due_at)" = '2024-03-12T17:00:00+07:00' ]
	at '2024-03-05 08:00' A-0
	run -0 at '2024-03-05 09:00' next A-0 A-1
	[ "$(field code to_step)" = "A-0 sign
A-1 appraise" ]
}

@test "received under no version that is in force: refused" {
	local r=$BATS_TEST_TMPDIR/rules

	sed -i 's/2021-01-01/2025-01-01/' "$r/procedures/xd/1.009994.json"
	make_rules "$r" >/dev/null
	run -1 --separate-stderr at '2024-03-05 08:00' receive A-0
	[[ $stderr == 'route: A-0: E_VERSION: '* ]]
}

@test "table and CSV" {
	run -0 --separate-stderr route --now='2024-03-04 11:00' --format=csv A-1
	[ "${lines[0]}" = code,action,from_step,to_step,from_unit,to_unit,officer,status,due_at,version,result,error,why ]
	[[ ${lines[1]} == A-1,start,,receive,H42.30,H42.30,,processing,2024-03-25T17:00:00+07:00,2,done,,* ]]
	run -0 --separate-stderr route --now='2024-03-04 11:00' --format=table A-2
	[[ $output == *A-2*'25/03/2024 17:00'* ]]
}
