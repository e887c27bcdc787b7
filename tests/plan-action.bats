#!/usr/bin/env bats
# route plan ACTION, route apply: what would happen, and exactly that.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

NOW=--now='2026-03-10 10:00'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	office_rules rules
	cat >rules/units.csv <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,fire tax,,2000-01-01,,
		H42.31,Xã A,commune,one-stop land leader,H42,2000-01-01,,
		H42.32,Xã B,commune,one-stop,H42,2000-01-01,,
	END
	cat >rules/officers.csv <<-'END'
		id,name,unit,role,valid_from,valid_to
		an,Trần An,H42.31,,2020-01-01,
		binh,Lê Bình,H42.31,,2020-01-01,
		chi,Phạm Chi,H42.31,,2020-01-01,
	END
	cat >rules/procedures/xd/1.000001.json <<-'END'
		{"code": "1.000001", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
		 "fields": [{"name": "area", "title": "Diện tích",
		    "type": "decimal", "public": true}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "survey"},
		  {"id": "survey", "role": "land", "assign": "least-load",
		   "limit": "4 working days",
		   "next": [{"when": {"field": "area", "gt": 50},
		     "to": ["fire", "tax"]}, {"to": "sign"}]},
		  {"id": "fire", "role": "fire", "next": "sign"},
		  {"id": "tax", "role": "tax", "next": "sign"},
		  {"id": "sign", "role": "leader", "join": "all", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	make_rules "$PWD/rules" >/dev/null
	fresh_db "$PWD/rules"
	{
		dossier-import --now='2026-03-02 16:00' - <<-'CSV' &&
			code,procedure,unit,channel,status,received_at,applicant_name,field.area
			A-1,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín,10
			A-2,1.000001,H42.31,online,,2026-03-02 09:00,Nguyễn Văn Kín,90
			A-3,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín,300
			A-4,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín,10
			A-5,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín,10
			A-6,1.000001,H42.31,direct,,2026-03-02 09:00,Nguyễn Văn Kín,10
			A-7,1.000001,H42.31,direct,registered,2026-03-02 09:00,Nguyễn Văn Kín,10
		CSV
		route --now='2026-03-03 09:00' start A-2 A-3 A-4 A-5 A-6 &&
		route --now='2026-03-03 10:00' next A-2 A-3 A-6 &&
		route --now='2026-03-03 11:00' next A-3 &&
		route --now='2026-03-03 11:00' finish A-5 &&
		route --now='2026-03-03 11:00' supplement A-6
	} >"$BATS_TEST_TMPDIR/made.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/made.log"
		return 1
	}
}

teardown() {
	[ ! -e "${MOTCUA_DB-}" ] || dossier-db check sqlite foreign-keys log \
	    replay balance
}

plan() {
	route plan "$NOW" --format=ndjson "$@"
}

apply() {
	route apply "$NOW" --format=ndjson "$@"
}

results() {
	jq -r '[.code, .result, (.error // "" | split(":")[0])] | join(" ")' \
	    <<<"$output"
}

# What happened, but for when it was recorded.
log_of() {
	audit-export -f ndjson --personal "$@" |
	    jq -c '.body | fromjson | del(.seq, .recorded_at, .personal)'
	audit-export -f ndjson --personal "$@" | jq -c '.personal? // empty'
}

rows() {
	sql 'SELECT * FROM dossier ORDER BY id; SELECT * FROM step
	    ORDER BY dossier, step; SELECT * FROM rollup ORDER BY 1, 2, 3, 4;
	    SELECT * FROM turn ORDER BY 1, 2; SELECT dossier, due_at, due_day,
	    status, was, flags, unit, pin, paused_at, overdue_on, holder,
	    officer, changed_at, version, fields FROM open ORDER BY dossier'
}

# twin NAME: another database with the same in it, to go on with.
twin() {
	dossier-db backup "$1" >/dev/null
	chmod 660 "$1"
}

@test "planned and applied is what the action itself would have done" {
	local args db=$MOTCUA_DB n=0

	while read -r args; do
		n=$((n + 1))
		export MOTCUA_DB=$db
		twin "plain$n"
		twin "planned$n"
		export MOTCUA_DB=$PWD/plain$n
		# shellcheck disable=SC2086
		eval "run route -f ndjson --now='2026-03-10 10:00' $args"
		[ "$status" -eq 0 ] || { echo "$args: $output"; return 1; }
		rows >plain.rows
		log_of A-1 A-2 A-3 A-4 A-5 A-6 A-7 >plain.log
		export MOTCUA_DB=$PWD/planned$n
		rows >untouched
		eval "plan --personal $args" >plan.ndjson 2>/dev/null
		rows | diff untouched -
		run -0 --separate-stderr apply plan.ndjson
		[[ $stderr == 'route: '*' done, 0 unchanged, 0 refused' ]]
		rows | diff plain.rows -
		log_of A-1 A-2 A-3 A-4 A-5 A-6 A-7 | diff plain.log -
		dossier-db check log replay balance
		rm -f plain$n* planned$n*
	done <<-'END'
		receive A-7
		start A-1
		next A-2 A-4
		next --to=sign --reason='Không cần' A-2
		next --step=fire A-3
		assign --officer=chi A-2 A-4
		transfer --to=H42.32 A-1 A-4
		supplement --reason='Thiếu giấy' A-1 A-2
		pay A-2
		stop A-1 A-2 A-6
		resume A-6
		extend --by='3 ngày' --reason='Chờ ý kiến' A-1 A-2
		extend --until=2026-03-27 A-3
		extend --until='2026-03-27 15:00' A-3
		apologise --reason='Chậm' A-1
		refuse --reason='Không đủ' A-7
		withdraw --at='2026-03-09 08:15:30' A-2
		finish A-1 A-4
		return --at=2026-03-05 A-5
		reopen --step=sign --reason='Sai' A-5
		correct --set=phone=0912 --set=field.area=70 --set=channel=online A-2
		correct --set=received_at='2026-02-27 10:00' A-1
	END
	[ "$n" -eq 22 ]
	export MOTCUA_DB=$db
}

@test "a plan's record, and that nothing is written" {
	local commit

	commit=$(git -C rules rev-parse main)
	cksum "$MOTCUA_DB" >before
	run -0 --separate-stderr plan next A-4
	same_text "$output" <<-END
		{"schema":"motcua.plan/1","code":"A-4","version":2,"action":"next","procedure":"1.000001","unit":"H42.31","status":"processing","options":{},"from_step":"receive","to_step":"survey","from_unit":"H42.31","to_unit":"H42.31","officer":"binh","new_status":"processing","due_at":"2026-03-23T17:00:00+07:00","due_day":"2026-03-23","new_due_at":"2026-03-23T17:00:00+07:00","new_due_day":"2026-03-23","provisional":false,"result":"planned","error":null,"why":{"commit":"$commit","rule":"procedures/xd/1.000001.json#/steps/0/next","steps":[{"step":"survey","at":"H42.31","officer":{"by":"least-load","of":3,"open":0},"role":"land"}]}}
	END
	[ "$stderr" = 'route: planned 1, 0 unchanged, 0 refused' ]
	run -0 --separate-stderr plan extend --by='2 working days' \
	    --at='2026-03-09 09:30' --reason='Kín' A-2
	[ "$(jq -c '[.options, .due_day, .new_due_day]' <<<"$output")" = \
	    '[{"at":"2026-03-09T09:30:00+07:00","by":"2 working days","reason":null},"2026-03-23","2026-03-25"]' ]
	cksum "$MOTCUA_DB" | diff before -
	[ "$(sql 'SELECT count(*) FROM dossier')" = 7 ]
	run -0 --separate-stderr route plan "$NOW" next -f csv A-4
	[ "${lines[0]%%,*}" = code ]
	# Without an action it is start, which leaves alone what is further on.
	run -0 --separate-stderr plan A-1 A-2
	[ "$(jq -r '[.code, .action, .result] | join(" ")' <<<"$output")" = \
	    $'A-1 start planned\nA-2 start unchanged' ]
}

@test "what is refused is in the plan, with its reason, and status 1" {
	run -1 --separate-stderr plan next A-1 A-2 nope A-3
	[ "$(results)" = 'A-1 refused E_STATE
A-2 planned 
A-3 refused E_STEP' ]
	same_text "$(cut -c1-70 <<<"$stderr")" <<-'END'
		route: A-1: E_STATE: next is not for a dossier that is received; allow
		route: nope: E_DOSSIER: there is no dossier "nope"
		route: A-3: E_STEP: several steps are open: fire, tax; name one with -
		route: planned 1, 0 unchanged, 3 refused
	END
	run -1 --separate-stderr apply - <<<"$output"
	same_text "$stderr" <<-'END'
		route: -:1: E_PLAN: "A-1": it was refused when it was planned
		route: -:3: E_PLAN: "A-3": it was refused when it was planned
		route: 1 done, 0 unchanged, 2 refused
	END
	# A unit that is none, an officer who is none, a time to come.
	run -1 --separate-stderr plan transfer --to=H42.99 A-1
	[ "$(results)" = 'A-1 refused E_UNIT' ]
	run -1 --separate-stderr plan assign --officer=dung A-4
	[ "$(results)" = 'A-4 refused E_OFFICER' ]
	run -1 --separate-stderr plan finish --at='2026-03-11' A-1
	[ "$(results)" = 'A-1 refused E_ORDER' ]
}

@test "what is personal is in no plan, and such a plan does nothing" {
	run -0 --separate-stderr plan correct --set=phone=0912 \
	    --set=channel=online --reason='Bí mật' A-2
	[[ $output != *0912* ]] && [[ $output != *mật* ]]
	[ "$(jq -c .options <<<"$output")" = \
	    '{"reason":null,"set":{"phone":null,"channel":null}}' ]
	printf '%s\n' "$output" >plan.ndjson
	run -1 --separate-stderr apply plan.ndjson
	same_text "$stderr" <<-'END'
		route: plan.ndjson:1: E_HIDDEN: "A-2": the plan hides a reason or a value
		make it anew with --personal, or write it in
		route: 0 done, 0 unchanged, 1 refused
	END
	[ "$(sql 'SELECT max(version) FROM open o JOIN code c ON c.id = o.dossier
	    WHERE c.code = "A-2"')" = 4 ]
	# Written in, it is done; and so it is with --personal.
	jq -c '.options.reason = "Bí mật" | .options.set.phone = "0912" |
	    .options.set.channel = "online"' plan.ndjson >mended.ndjson
	run -0 --separate-stderr plan correct --set=phone=0912 \
	    --set=channel=online --reason='Bí mật' --personal A-2
	[ "$(jq -c .options <<<"$output")" = \
	    "$(jq -c .options mended.ndjson)" ]
	run -0 --separate-stderr apply mended.ndjson
	[ "$stderr" = 'route: 1 done, 0 unchanged, 0 refused' ]
	# Neither is it in what is said when it is refused.
	run -1 --separate-stderr apply - <<<"$output"
	run -1 --separate-stderr apply mended.ndjson
	[[ $stderr == *E_STALE* ]]
	[[ $stderr$output != *0912* ]]
}

@test "a part of a plan, and the same plan twice" {
	# By whom the survey is done is another question (below).
	sed -i 's/"assign": "least-load",//' rules/procedures/xd/1.000001.json
	make_rules "$PWD/rules" 'Nobody in particular' >/dev/null
	dossier-import --now='2026-03-05 10:00' - <<-'CSV' >/dev/null 2>&1
		code,procedure,unit,channel,received_at,field.area
		B-1,1.000001,H42.31,direct,2026-03-05 09:00,10
	CSV
	route --now='2026-03-05 11:00' start B-1 >/dev/null
	run -0 --separate-stderr plan next B-1 A-2
	printf '%s\n' "$output" >plan.ndjson
	run -0 --separate-stderr bash -c "jq -c 'select(.from_step == \"survey\")' \
	    plan.ndjson | route apply '$NOW' -f ndjson -"
	[ "$(results)" = 'A-2 done ' ]
	# What was done before is stale by now: nothing is done twice.
	run -1 --separate-stderr apply plan.ndjson
	[ "$(results)" = 'B-1 done 
A-2 refused E_STALE' ]
	[ "${stderr_lines[0]}" = 'route: plan.ndjson:2: E_STALE: "A-2": it has changed since the plan was made: version 7, planned for 4' ]
	run -1 --separate-stderr apply plan.ndjson
	[ "${stderr_lines[-1]}" = 'route: 0 done, 0 unchanged, 2 refused' ]
	[ "$(sql 'SELECT max(version) FROM open')" = 7 ]
	# A dossier twice in one plan goes two steps, one after the other.
	run -0 --separate-stderr plan next B-1 B-1
	[ "$(jq -r '[.version, .from_step, .to_step] | join(" ")' <<<"$output")" = \
	    $'4 survey sign\n6 sign return' ]
	run -0 --separate-stderr apply - <<<"$output"
	[ "$(results)" = $'B-1 done \nB-1 done ' ]
	# Actions and moves in one plan: each by the version it was made for.
	sed -i 's/15 working days/20 working days/' \
	    rules/procedures/xd/1.000001.json
	make_rules "$PWD/rules" 'Longer' >/dev/null
	{
		plan supplement A-1
		plan --rules=main A-1
		plan --rules=main A-4
		plan finish A-3
	} >plan.ndjson 2>/dev/null
	run -1 --separate-stderr apply plan.ndjson
	[ "$(results)" = 'A-1 refused E_STALE
A-1 done 
A-4 done 
A-3 done ' ]
	[ "${stderr_lines[-1]}" = \
	    'route: 2 repinned, 1 done, 0 unchanged, 1 refused' ]
}

@test "who is given a step is as the plan says, or it is refused" {
	local i

	for i in {1..7}; do
		printf 'X-%d,1.000001,H42.31,online,2026-03-05 10:00,10\n' "$i"
	done | { echo code,procedure,unit,channel,received_at,field.area; cat; } |
	    dossier-import "$NOW" - >/dev/null 2>&1
	route "$NOW" start X-{1..7} >/dev/null
	run -0 --separate-stderr plan next X-{1..7}
	printf '%s\n' "$output" >plan.ndjson
	jq -r .officer plan.ndjson | sort | uniq -c | tr -s ' ' >spread
	# In turn, as the lines before it would have it; none gets all.
	[ "$(wc -l <spread)" -eq 3 ]
	twin whole
	MOTCUA_DB=$PWD/whole run -0 --separate-stderr apply plan.ndjson
	[ "$(jq -r .officer <<<"$output")" = "$(jq -r .officer plan.ndjson)" ]
	# A part of it: whoever would get another is left out.
	run -1 --separate-stderr apply <(sed -n '2p;4p;6p' plan.ndjson)
	[ "$(jq -r 'select(.result == "done").code' <<<"$output" |
	    wc -l)" -ge 1 ]
	[ "$(jq -r 'select(.result == "refused").error' <<<"$output" |
	    sed 's/"[a-z]*"/NAME/g' | sort -u)" = \
	    'E_PLAN: the rules now give officer NAME, the plan says NAME' ]
	jq -r 'select(.result == "done") | .code + " " + .officer' \
	    <<<"$output" | sort >got
	jq -r '.code + " " + .officer' plan.ndjson | sort | comm -23 got - |
	    diff - /dev/null
	# Without a name in the line it is whom the rules give it to.
	jq -c '.officer = null' plan.ndjson >any.ndjson
	run -1 --separate-stderr apply any.ndjson
	[ "$(jq -r 'select(.result == "refused").error' <<<"$output" |
	    cut -d: -f1 | sort -u)" = E_STALE ]
	[ "$(sql 'SELECT count(*) FROM step s JOIN step_name n ON n.id = s.step
	    JOIN code c ON c.id = s.dossier
	    WHERE n.code = "survey" AND c.code LIKE "X-%"')" = 7 ]
}

@test "the rules have changed since: another result is refused" {
	plan next A-2 >plan.ndjson 2>/dev/null
	plan supplement A-4 >>plan.ndjson 2>/dev/null
	plan receive A-7 >>plan.ndjson 2>/dev/null
	# The role is somebody else's by now, and the day is another one.
	sed -i 's/^H42,Tỉnh,province,fire tax/H42,Tỉnh,province,tax/;
	    s/^H42.32,Xã B,commune,one-stop/&/' rules/units.csv
	echo 'H42.5,Cảnh sát,office,fire,H42,2000-01-01,,' >>rules/units.csv
	make_rules "$PWD/rules" 'Fire police' >/dev/null
	run -1 --separate-stderr route apply --now='2026-03-11 10:00' \
	    -f ndjson plan.ndjson
	[ "$(jq -r '[.code, .error // .result] | join(" ")' <<<"$output")" = \
	    'A-2 E_PLAN: the rules now give unit "H42.5+H42", the plan says "H42"
A-4 done
A-7 E_PLAN: the rules now give due day "2026-04-01", the plan says "2026-03-31"' ]
	# With its moment in the plan it is that moment.
	run -0 --separate-stderr plan receive --at='2026-03-10 09:00' A-7
	run -0 --separate-stderr route apply --now='2026-03-11 10:00' \
	    -f ndjson - <<<"$output"
	[ "$(jq -r '.due_at[:10]' <<<"$output")" = 2026-03-31 ]
	# A start that would do nothing any more.
	plan start A-1 >plan.ndjson 2>/dev/null
	run -1 --separate-stderr apply - <<<"$(jq -c '.code = "A-3" |
	    .version = 7' plan.ndjson)"
	[[ $stderr == *'E_PLAN: "A-3": there is nothing to do any more'* ]]
}

@test "hostile lines are refused with their place, and nothing is written" {
	local line want text

	line='{"schema":"motcua.plan/1","code":"A-1","version":1,"action":"start","options":{}}'
	while IFS='|' read -r want text; do
		run -1 --separate-stderr apply - <<<"$(jq -c "$text" <<<"$line")"
		[ "${stderr_lines[0]}" = "route: -:1: $want" ] || {
			printf '%s\n' "$text" "$want" "$stderr"
			return 1
		}
	done <<-'END'
		E_FIELD: "options" must be an object|del(.options)
		E_FIELD: "options" must be an object|.options = [1]
		E_FIELD: "options" has an unknown member "file"|.options.file = "x"
		E_FIELD: "at" must be text|.options.at = 7
		E_FIELD: "at" must be a time|.options.at = "soon"
		E_FIELD: "to" must be text|.options.to = null
		E_FIELD: "by" must be an amount of time|.action = "extend" | .options.by = "long"
		E_FIELD: "set" must be an object of texts|.action = "correct" | .options.set = {}
		E_FIELD: "set" must be an object of texts|.action = "correct" | .options.set = {"phone": 7}
		E_FIELD: "cannot" cannot be corrected|.action = "correct" | .options.set = {"cannot": "x"}
		E_FIELD: "to_step" must be text or null|.to_step = 7
		E_FIELD: start does not take --officer|.options.officer = "an"
		E_FIELD: transfer needs --to|.action = "transfer"
		E_DOSSIER: "Z-1": there is no dossier "Z-1"|.code = "Z-1"
		E_STALE: "A-1": it has changed since the plan was made: version 1, planned for 3|.version = 3
		E_STATE: "A-1": next is not for a dossier that is received; allowed: start, assign, transfer, supplement, pay, stop, extend, apologise, withdraw, finish, correct|.action = "next"
		E_PLAN: "A-1": the rules now give step "receive", the plan says "sign"|.to_step = "sign"
		E_PLAN: "A-1": the rules now give step "receive", the plan says none|.to_step = null
		E_PLAN: "A-1": the rules now give status "processing", the plan says "finished"|.new_status = "finished"
		E_ORDER: "A-1": the time given lies after now, 2026-03-10T10:00:00+07:00|.options.at = "2026-03-12"
	END
	run -0 --separate-stderr apply --dry-run - <<<"$line"
	[ "$(jq -r '[.result, .dry_run] | join(" ")' <<<"$output")" = 'done true' ]
	run -2 --separate-stderr apply - <<<"${line%\}},\"dry_run\":true}"
	[[ $stderr == *E_DRY_RUN* ]]
	[ "$(sql 'SELECT version FROM open o JOIN code c ON c.id = o.dossier
	    WHERE c.code = "A-1"')" = 1 ]
	# And what a person writes by hand is enough.
	run -0 --separate-stderr apply - <<<"$line"
}

@test "it is no plan that can be taken back, and that is said" {
	plan start A-1 >plan.ndjson 2>/dev/null
	run -0 --separate-stderr apply plan.ndjson
	run -1 --separate-stderr plan --undo=plan.ndjson
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'route: plan.ndjson:1: E_PLAN: "A-1": what was done to one dossier is not taken back like this: see route reopen and route correct' ]
}

@test "codes from a pipe; a plan of many is one whole" {
	local i

	for i in {1..2500}; do
		printf 'X-%d,1.000001,H42.31,online,2026-03-05 10:00\n' "$i"
	done | { echo code,procedure,unit,channel,received_at; cat; } |
	    dossier-import "$NOW" - >/dev/null 2>&1
	run -1 --separate-stderr bash -c "{ dossier-find -f ndjson --status=received
	    echo '{\"code\":7}'; } | route plan '$NOW' -f ndjson start -"
	[ "$(wc -l <<<"$output")" -eq 2501 ]
	[[ ${stderr_lines[0]} == 'route: -:2502: E_'* ]]
	[ "${stderr_lines[-1]}" = 'route: planned 2501, 0 unchanged, 0 refused' ]
	printf '%s\n' "$output" >plan.ndjson
	apply plan.ndjson >out1 2>&1 &
	apply plan.ndjson >out2 2>&1 &
	wait
	[ "$(cat out[12] | grep '^{' | jq -r .result | sort | uniq -c |
	    tr -s ' ' | tr '\n' ';')" = ' 2501 done; 2501 refused;' ]
}

@test "options and operands" {
	local want args

	while IFS='|' read -r want args; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr route $args
		[ "${stderr_lines[0]}" = "route: $want" ] || {
			printf '%s\n' "$args" "$want" "$stderr"
			return 1
		}
	done <<-'END'
		E_USAGE: plan what?  an action, --recompute, --succession, --rules, --due or --undo|plan
		E_USAGE: no dossier; "-" reads codes from standard input|plan next
		E_USAGE: "nxt" is no action; did you mean next?|plan nxt A-1
		E_USAGE: "apply" is no action that can be planned|plan apply A-1
		E_USAGE: "plan" is no action that can be planned|plan plan A-1
		E_USAGE: start does not take --officer|plan --officer=an A-1
		E_USAGE: transfer needs --to|plan transfer A-1
		E_USAGE: an action takes no --basis|plan next --basis=x A-1
		E_USAGE: --decisions is for --succession|plan next --decisions=x A-1
		E_USAGE: --map and --deadline are for --rules|plan next --map=a=b A-1
		E_USAGE: plan writes nothing: no --dry-run|plan next --dry-run A-1
		E_USAGE: apply does not take one of these options|apply --reason=x p
		E_USAGE: apply does not take one of these options|apply --personal p
		E_USAGE: --recompute, --succession, --rules, --due, --undo and what goes with them are for plan|next --personal A-1
	END
	run -2 --separate-stderr plan next --at=soon A-4
	[[ $stderr == *'--at'* ]] && [ -z "$output" ]
}
