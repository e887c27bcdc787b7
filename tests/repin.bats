#!/usr/bin/env bats
# route plan --rules, route apply: open dossiers under another version.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

NOW=--now='2026-03-10 10:00'

# A procedure of 15 working days, and dossiers in every place of it.
setup() {
	local r=$BATS_TEST_TMPDIR/rules

	office_rules "$r"
	cat >"$r/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,fire tax,,2000-01-01,,
		H42.31,Xã A,commune,one-stop land leader,H42,2000-01-01,,
	END
	cat >"$r/procedures/xd/1.000001.json" <<-'END'
		{"code": "1.000001", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
		 "documents": [{"id": "don", "title": "Đơn", "required": true}],
		 "fields": [{"name": "area", "title": "Diện tích",
		    "type": "decimal", "public": true}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "survey"},
		  {"id": "survey", "role": "land", "limit": "4 working days",
		   "next": [{"to": ["fire", "tax"]}]},
		  {"id": "fire", "role": "fire", "next": "sign"},
		  {"id": "tax", "role": "tax", "next": "sign"},
		  {"id": "sign", "role": "leader", "join": "all", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	OLD=$(make_rules "$r")
	fresh_db "$r"
	{
		dossier-import --now='2026-03-02 16:00' - <<-'CSV' &&
			code,procedure,unit,channel,status,received_at,due_at,applicant_name,field.area
			A-1,1.000001,H42.31,direct,,2026-03-02 09:00,,Nguyễn Văn Kín,
			A-2,1.000001,H42.31,online,,2026-03-02 09:00,,Nguyễn Văn Kín,90
			A-3,1.000001,H42.31,direct,,2026-03-02 09:00,,Nguyễn Văn Kín,300
			A-4,1.000001,H42.31,direct,,2026-03-02 09:00,2026-03-20,Nguyễn Văn Kín,10
			A-5,1.000001,H42.31,direct,,2026-03-02 09:00,,Nguyễn Văn Kín,10
			A-6,1.000001,H42.31,direct,,2026-03-02 09:00,,Nguyễn Văn Kín,10
			A-7,1.000001,H42.31,direct,registered,2026-03-02 09:00,,Nguyễn Văn Kín,10
			A-8,1.000001,H42.31,direct,,2026-03-02 09:00,,Nguyễn Văn Kín,10
		CSV
		route --now='2026-03-03 09:00' start A-2 A-3 A-4 A-5 A-6 A-8 &&
		route --now='2026-03-03 10:00' next A-2 A-3 A-6 &&
		route --now='2026-03-03 11:00' next A-3 &&
		route --now='2026-03-03 11:00' finish A-5 &&
		route --now='2026-03-03 11:00' supplement A-6 &&
		route --now='2026-03-03 11:00' withdraw A-8
	} >"$BATS_TEST_TMPDIR/made.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/made.log"
		return 1
	}
	cd "$BATS_TEST_TMPDIR" || return
}

# Whatever was done: the log verifies, and its fold is what the tables have.
teardown() {
	[ ! -e "${MOTCUA_DB-}" ] || dossier-db check sqlite foreign-keys log \
	    replay balance
}

# change FILTER [MESSAGE]: the procedure as jq makes it.
change() {
	jq "$1" rules/procedures/xd/1.000001.json >new
	mv new rules/procedures/xd/1.000001.json
	make_rules rules "${2:-Another version}"
}

plan() {
	route plan "$NOW" --format=ndjson "$@"
}

apply() {
	route apply "$NOW" --format=ndjson "$@"
}

# code result due: step>to ...
short() {
	jq -r '"\(.code) \(.result) \(.due_day // "-")>\(.new_due_day // "-"):" +
	    ([.steps[] | " \(.step)>\(.to // "?")"] | join(""))' <<<"$output"
}

results() {
	jq -r '[.code, .result, (.error // "" | split(":")[0])] | join(" ")' \
	    <<<"$output"
}

# Everything a dossier's rows say, but what tells of its events so far.
rows() {
	sql "SELECT * FROM dossier ORDER BY id; SELECT * FROM step
	    ORDER BY dossier, step;
	    SELECT dossier, due_at, due_day, status, was, flags & ~136, unit,
	    pin, paused_at, overdue_on, holder, officer, changed_at, fields
	    FROM open ORDER BY dossier"
}

# And what reports say.
state() {
	rows
	sql 'SELECT * FROM rollup WHERE direct OR online OR postal OR early OR
	    on_time OR late OR opened OR closed OR became OR ceased
	    ORDER BY 1, 2, 3, 4'
}

RENAME='.limit = "10 working days" | .steps |= map(
    if .id == "survey" then .id = "appraise" | .limit = "3 working days"
    elif .next == "survey" then .next = "appraise" else . end)'

@test "a step has another name: undecided, mapped, applied, taken back" {
	change "$RENAME" >/dev/null
	run -1 --separate-stderr plan --rules=main
	same_text "$(short)" <<-'END'
		A-1 planned 2026-03-23>2026-03-23:
		A-2 undecided 2026-03-23>2026-03-23: survey>?
		A-3 planned 2026-03-23>2026-03-23: fire>fire tax>tax
		A-4 planned 2026-03-20>2026-03-20: receive>receive
		A-6 undecided 2026-03-23>2026-03-23: survey>?
	END
	[ "$stderr" = 'route: planned 3 of 5 open dossiers, 2 undecided, 0 refused; 0 get another due date' ]
	[ "$(jq -c 'select(.code == "A-2").steps' <<<"$output")" = \
	    '[{"step":"survey","to":null,"why":"is no step of the new version","choices":["receive","appraise","fire","tax","sign"]}]' ]
	# What nobody has decided is not done.
	run -1 --separate-stderr apply --dry-run - <<<"$output"
	[ "$(grep -c 'E_PLAN: "A-[26]": nobody has decided how it goes on' \
	    <<<"$stderr")" = 2 ]
	[ "${stderr_lines[-1]}" = 'route: 3 repinned, 0 unchanged, 2 refused' ]
	run -0 --separate-stderr plan --rules=main --map=survey=appraise
	same_text "$(short)" <<-'END'
		A-1 planned 2026-03-23>2026-03-23:
		A-2 planned 2026-03-23>2026-03-23: survey>appraise
		A-3 planned 2026-03-23>2026-03-23: fire>fire tax>tax
		A-4 planned 2026-03-20>2026-03-20: receive>receive
		A-6 planned 2026-03-23>2026-03-23: survey>appraise
	END
	printf '%s\n' "$output" >plan.ndjson
	state >before
	# A part of it, then all.
	run -0 --separate-stderr bash -c "head -n 2 plan.ndjson |
	    route apply '$NOW' -f ndjson -"
	[ "$(results)" = 'A-1 done 
A-2 done ' ]
	run -0 --separate-stderr apply plan.ndjson
	[ "$stderr" = 'route: 3 repinned, 2 unchanged, 0 refused' ]
	[ "$(jq -r 'select(.code == "A-6") | .from_step + ">" + .to_step' \
	    <<<"$output")" = 'survey>appraise' ]
	run -0 --separate-stderr apply plan.ndjson
	[ "$stderr" = 'route: 0 repinned, 5 unchanged, 0 refused' ]
	# Dates, units, officers and the moment of entering stay.
	[ "$(sql 'SELECT count(*) FROM step s JOIN step_name n ON n.id = s.step
	    WHERE n.code = "appraise" AND s.due_day IS NOT NULL')" = 2 ]
	run -0 --separate-stderr plan --rules=main
	[ -z "$output" ]
	run -0 --separate-stderr route plan "$NOW" --recompute -f ndjson
	[ -z "$output" ]
	run -0 dossier-db check --all "$NOW"
	silent
	run -0 --separate-stderr plan --undo=plan.ndjson
	[ "$stderr" = 'route: planned 5, 0 were not done yet' ]
	printf '%s\n' "$output" >undo.ndjson
	run -0 --separate-stderr apply undo.ndjson
	[ "$stderr" = 'route: 5 repinned, 0 unchanged, 0 refused' ]
	state >after
	diff before after
	run -0 --separate-stderr apply undo.ndjson
	[ "$stderr" = 'route: 0 repinned, 5 unchanged, 0 refused' ]
	run -0 audit-export -f ndjson A-2
	[ "$(jq -rc '.body | fromjson | select(.kind == "repinned").data |
	    [.steps, .why.reason, .why.deadline, .due_at]' <<<"$output")" = \
	    '[{"survey":"appraise"},"rules","keep",null]
[{"appraise":"survey"},"undo",null,null]' ]
}

@test "a plan's record" {
	local new old_blob new_blob

	new=$(change "$RENAME")
	old_blob=$(git -C rules rev-parse "$OLD:procedures/xd/1.000001.json")
	new_blob=$(git -C rules rev-parse "$new:procedures/xd/1.000001.json")
	run -0 --separate-stderr plan --rules="$new" --map=survey=appraise \
	    --deadline=recount --basis='7/2026/TT' A-2
	same_text "$output" <<-END
		{"schema":"motcua.plan/1","code":"A-2","version":4,"action":"repin","procedure":"1.000001","unit":"H42.31","status":"processing","old_commit":"$OLD","old_path":"procedures/xd/1.000001.json","old_blob":"$old_blob","commit":"$new","path":"procedures/xd/1.000001.json","blob":"$new_blob","due_at":"2026-03-23T17:00:00+07:00","due_day":"2026-03-23","new_due_at":"2026-03-16T17:00:00+07:00","new_due_day":"2026-03-16","provisional":false,"state":"in-time","new_state":"in-time","deadline":"recount","steps":[{"step":"survey","to":"appraise"}],"missing":[],"differs":["limit 15 working days → 10 working days","step \"receive\": next survey → appraise","step \"survey\" removed","step \"appraise\" added"],"result":"planned","error":null,"reason":"rules","basis":"7/2026/TT"}
	END
	# And the events that come of it.
	run -0 apply - <<<"$output"
	run -0 audit-export -f ndjson A-2
	same_text "$(jq -c '.body | fromjson | select(.kind == "repinned" or
	    .kind == "rescheduled") | [.kind, (.data | del(.calendar))]' \
	    <<<"$output")" <<-END
		["repinned",{"basis":"7/2026/TT","blob":"$new_blob","commit":"$new","path":"procedures/xd/1.000001.json","policy":{},"procedure":"1.000001","steps":{"survey":"appraise"},"why":{"commit":"$new","deadline":"recount","reason":"rules","rule":"procedures/xd/1.000001.json"}}]
		["rescheduled",{"basis":"7/2026/TT","blob":"$new_blob","due_at":"2026-03-16T10:00:00Z","due_day":"2026-03-16","old_due_at":"2026-03-23T10:00:00Z","why":{"commit":"$new","deadline":"recount","reason":"rules","rule":"procedures/xd/1.000001.json"}}]
	END
	run -0 --separate-stderr route plan "$NOW" --rules=main -f csv A-5
	[ "${lines[0]%%,*}" = code ]
}

@test "due dates: kept, counted anew, and a promise only where it is asked" {
	change "$RENAME | .limit = \"5 working days\"" >/dev/null
	route extend --now='2026-03-04 09:00' --by='1 working day' A-3 \
	    >/dev/null
	run -0 --separate-stderr plan --rules=main --map=survey=appraise
	[[ $stderr == *'; 0 get another due date' ]]
	run -0 --separate-stderr plan --rules=main --map=survey=appraise \
	    --deadline=recount
	same_text "$(short | cut -d: -f1)" <<-'END'
		A-1 planned 2026-03-23>2026-03-09
		A-2 planned 2026-03-23>2026-03-09
		A-3 planned 2026-03-24>2026-03-10
		A-4 planned 2026-03-20>2026-03-20
		A-6 planned 2026-03-23>2026-03-09
	END
	[ "$(jq -r 'select(.code == "A-1" or .code == "A-6") |
	    .state + ">" + .new_state' <<<"$output")" = \
	    'in-time>overdue
paused>paused' ]
	[[ $stderr == *'; 4 get another due date' ]]
	run -0 --separate-stderr plan --rules=main --map=survey=appraise \
	    --deadline=recount-all
	[ "$(short | grep A-4)" = \
	    'A-4 planned 2026-03-20>2026-03-09: receive>receive' ]
	printf '%s\n' "$output" >plan.ndjson
	rows >before
	run -0 --separate-stderr apply plan.ndjson
	run -0 dossier-db check --all "$NOW"
	silent
	run -0 --separate-stderr route plan "$NOW" --recompute -f ndjson
	[ -z "$output" ]
	# Told from the beginning: counted, and counted anew.
	run -0 --separate-stderr sla-check "$NOW" -f table --explain=A-3
	[[ $output == *'repinned     10/03/2026 10:00 by tester'* ]]
	[[ $output == *'limit 5 working days'* ]]
	[[ $output == *'  due        10/03/2026 17:00 (due day 10/03/2026) by rescheduled'* ]]
	[[ $output != *'recompute '* ]]
	[[ ${lines[-1]} == 'in force     10/03/2026 17:00 (due day 10/03/2026), in-time' ]]
	# What became late at once is in the report, and stays on its day.
	run -0 sla-check "$NOW" -f ndjson --state=overdue
	[ "$(jq -r .code <<<"$output" | sort | tr '\n' ' ')" = 'A-1 A-2 A-4 ' ]
	# Back: the promise is a promise again.
	run -0 --separate-stderr plan --undo=plan.ndjson
	run -0 --separate-stderr apply - <<<"$output"
	rows >after
	diff before after
	run -0 --separate-stderr route plan "$NOW" --recompute -f ndjson
	[ -z "$output" ]
	run -0 dossier-db check --all "$NOW"
	silent
}

@test "after the move a pause and an extension count by the new version" {
	change '.limit = "10 working days" | .deadline = {"pause": "restart",
	    "extensions": 5}' >/dev/null
	run -0 --separate-stderr plan --rules=main --deadline=recount A-6 A-1
	run -0 apply - <<<"$output"
	route --now='2026-03-10 11:00' resume A-6 >/dev/null
	[ "$(dossier-find -f ndjson A-6 | jq -r '.due_at[:10]')" = 2026-03-24 ]
	route --now='2026-03-10 11:00' extend --by='1 working day' A-1 \
	    >/dev/null
	route --now='2026-03-10 12:00' extend --by='1 working day' A-1 \
	    >/dev/null
	[ "$(dossier-find -f ndjson A-1 | jq -r '.due_at[:10]')" = 2026-03-18 ]
	run -0 --separate-stderr route plan --now='2026-03-10 13:00' \
	    --recompute -f ndjson
	[ -z "$output" ]
}

@test "a dossier goes on in the new version, to its end" {
	change "$RENAME | .steps |= map(if .id == \"appraise\"
	    then .next = \"tax\" else . end)" >/dev/null
	run -0 --separate-stderr plan --rules=main --map=survey=appraise
	run -0 apply - <<<"$output"
	run -0 route -f ndjson --now='2026-03-10 11:00' next A-2
	[ "$(jq -r '.from_step + ">" + .to_step' <<<"$output")" = 'appraise>tax' ]
	run -0 route -f ndjson --now='2026-03-10 11:00' next A-2
	[ "$(jq -r .to_step <<<"$output")" = sign ]
	# Both of the two that were open lead to the join.
	run -0 route -f ndjson --now='2026-03-10 11:00' next --step=fire A-3
	[ "$(jq -c .why.waits <<<"$output")" = '{"sign":["tax"]}' ]
	run -0 route -f ndjson --now='2026-03-10 11:00' next A-3
	run -0 route -f ndjson --now='2026-03-10 11:00' next A-2 A-3
	[ "$(jq -r .status <<<"$output" | sort -u)" = finished ]
	run -0 route -f ndjson --now='2026-03-10 11:00' start A-1
	run -0 route -f ndjson --now='2026-03-10 11:00' next A-1
	[ "$(jq -r .to_step <<<"$output")" = appraise ]
	[[ $(jq -r .why.commit <<<"$output") == "$(git -C rules rev-parse main)" ]]
}

@test "steps that cannot be: final, dead ends, two that become one" {
	# "fire" is final there, and "tax" is gone.
	change '.steps |= map(select(.id != "tax") |
	    if .id == "survey" then .next = "sign"
	    elif .id == "fire" then {id, role, final: true} else . end)' \
	    >/dev/null
	run -1 --separate-stderr plan --rules=main A-3
	[ "$(jq -r '.steps[].why' <<<"$output")" = \
	    'is a final step there, and the dossier is not finished
is no step of the new version' ]
	run -1 --separate-stderr plan --rules=main --map=tax=sign \
	    --map=fire=sign A-3
	[ "$(jq -c '[.steps[] | [.step, .to, .why]]' <<<"$output")" = \
	    '[["fire","sign",null],["tax",null,"would be open twice"]]' ]
	run -0 --separate-stderr plan --rules=main --map=tax=sign \
	    --map=fire=survey A-3
	[ "$(short)" = \
	    'A-3 planned 2026-03-23>2026-03-23: fire>survey tax>sign' ]
	run -0 --separate-stderr apply - <<<"$output"
	run -0 dossier-find -f ndjson A-3
	[ "$(jq -r .step <<<"$output" | tr + '\n' | sort | tr '\n' ' ')" = \
	    'sign survey ' ]
}

@test "names are swapped, and the plan itself can be completed" {
	change '.steps |= map(if .id == "fire" then .role = "tax"
	    elif .id == "tax" then .role = "fire" else . end)' >/dev/null
	run -0 --separate-stderr plan --rules=main --map=fire=tax \
	    --map=tax=fire A-3
	[ "$(short)" = 'A-3 planned 2026-03-23>2026-03-23: fire>tax tax>fire' ]
	sql 'SELECT step, unit, entered_at FROM step WHERE dossier = (SELECT id
	    FROM code WHERE code = "A-3") ORDER BY 1' >before
	run -0 apply - <<<"$output"
	run -0 audit-export -f ndjson A-3
	[ "$(jq -rc '.body | fromjson | select(.kind == "repinned").data.steps' \
	    <<<"$output")" = '{"fire":"tax","tax":"fire"}' ]
	# Somebody writes a step into the line, and that it is decided.
	change "$RENAME" >/dev/null
	run -1 plan --rules=main A-2
	plan --rules=main A-2 2>/dev/null >plan.ndjson || true
	run -1 --separate-stderr apply - <<<"$(jq -c '.result = "planned"' \
	    plan.ndjson)"
	[[ $stderr == *'-:1: E_PLAN: "A-2": nobody has decided what step "survey" is there'* ]]
	run -1 --separate-stderr apply - <<<"$(jq -c '.result = "planned" |
	    .steps[0].to = "nowhere"' plan.ndjson)"
	[[ $stderr == *'-:1: E_STEP: "A-2": step "survey": "nowhere" is no step of the new version'* ]]
	run -0 --separate-stderr apply - <<<"$(jq -c '.result = "planned" |
	    .steps[0].to = "fire"' plan.ndjson)"
	[ "$(jq -r .to_step <<<"$output")" = fire ]
}

@test "a field that the new version asks for and the dossier has not" {
	change '.fields += [{"name": "floors", "title": "Số tầng",
	    "type": "integer", "public": true}, {"name": "owner",
	    "title": "Chủ", "type": "text"}] |
	    .steps |= map(if .id == "sign" then .next = [
	    {"when": {"field": "area", "le": 50}, "to": "return"},
	    {"when": {"field": "floors", "gt": 3}, "to": "survey"},
	    {"to": "return"}] else . end)' >/dev/null
	run -1 --separate-stderr plan --rules=main
	# A-2 has 90 m2 and comes to the question, A-4 and A-6 never do.
	[ "$(jq -c '[.code, .result, .missing]' <<<"$output")" = \
	    '["A-1","undecided",[{"step":"sign","field":"area"}]]
["A-2","undecided",[{"step":"sign","field":"floors"}]]
["A-3","undecided",[{"step":"sign","field":"floors"}]]
["A-4","planned",[]]
["A-6","planned",[]]' ]
	# Moved all the same, it is told there, and the value can be given.
	jq -c 'select(.code == "A-2") | .result = "planned"' <<<"$output" \
	    >plan.ndjson
	run -0 apply plan.ndjson
	run -0 route --now='2026-03-10 11:00' correct --set=field.floors=5 A-2
	run -0 --separate-stderr plan --rules=main A-2
	[ -z "$output" ]
	run -0 dossier-db check replay balance
	silent
}

@test "a value that is not public any more is looked for where it is" {
	change '.fields[0].public = false | .steps |= map(if .id == "receive"
	    then .next = [{"when": {"field": "area", "gt": 5},
	    "to": "survey"}, {"to": "fire"}] else . end)' >/dev/null
	run -1 --separate-stderr plan --rules=main A-4
	[ "$(jq -c .missing <<<"$output")" = \
	    '[{"step":"receive","field":"area"}]' ]
	[[ $output != *'"10"'* ]]
}

@test "what is not open never moves, whatever a plan says" {
	local line

	change '.limit = "20 working days"' >/dev/null
	run -0 --separate-stderr plan --rules=main A-5 A-7 A-8
	[ -z "$output" ]
	plan --rules=main A-1 2>/dev/null >plan.ndjson
	for line in A-5 A-7 A-8; do
		run -1 --separate-stderr apply - <<<"$(jq -c \
		    ".code = \"$line\" | .version = 3" plan.ndjson)"
		[ "$(jq -r .error <<<"$output" | cut -d: -f1)" = E_STATE ]
	done
	# Between the plan and its application it was finished.
	route --now='2026-03-10 10:00' finish A-1 >/dev/null
	run -1 --separate-stderr apply plan.ndjson
	[[ $stderr == *'E_STATE: "A-1": the dossier is finished: what is not open any more never changes'* ]]
}

@test "lines that are stale, wrong or hostile are refused with their place" {
	local want text line blob

	change '.limit = "20 working days"' >/dev/null
	run -0 --separate-stderr plan --rules=main A-1
	line=$(plan --rules=main A-1 2>/dev/null)
	blob=$(jq -r .old_blob <<<"$line")
	while IFS='|' read -r want text; do
		run -1 --separate-stderr apply - <<<"$(jq -c "$text" <<<"$line")"
		[ "${stderr_lines[0]}" = "route: -:1: $want" ] || {
			printf '%s\n' "$text" "$want" "$stderr"
			return 1
		}
	done <<-END
		E_FIELD: "commit" must be text of 1 to 400 bytes|del(.commit)
		E_FIELD: "commit" must be 40 hexadecimal digits|.commit = "main"
		E_FIELD: "blob" must be 40 hexadecimal digits|.blob = "0"
		E_FIELD: "path" must be text of 1 to 400 bytes|.path = 3
		E_FIELD: "deadline" must be "keep", "recount" or "recount-all"|.deadline = "never"
		E_FIELD: "steps" must be an array of objects|.steps = {}
		E_FIELD: "steps" must be an array of objects|.steps = [3]
		E_FIELD: "steps" must be an array of objects|.steps = [range(300)]
		E_FIELD: "step" must be text of 1 to 400 bytes|.steps = [{}]
		E_FIELD: "steps" has a step twice|.steps = [{"step":"a"},{"step":"a"}]
		E_FIELD: "new_due_at" is missing|del(.new_due_at)
		E_FIELD: "new_due_at" must be a time|.new_due_at = 7
		E_FIELD: "new_due_day" must be a day|.new_due_day = null
		E_FIELD: "provisional" must be true or false|.provisional = "no"
		E_STALE: "A-1": it has changed since the plan was made: version 1, planned for 2|.version = 2
		E_PLAN: "A-1": it names a step that is not open|.steps = [{"step":"survey","to":"sign"}]
		E_PLAN: "A-1": of its day of receipt that commit has procedures/xd/1.000001.json, not what the plan says|.path = "procedures/xd/2.json"
		E_PLAN: "A-1": of its day of receipt that commit has procedures/xd/1.000001.json, not what the plan says|.blob = "$blob"
		E_PLAN: "A-1": the rules now give 2026-03-23T17:00:00+07:00, the plan says another|.new_due_day = "2026-03-24"
		E_PLAN: "A-1": the rules now give 2026-03-30T17:00:00+07:00, the plan says another|.deadline = "recount"
		E_PLAN: "A-1": that is not what its last move has left|.reason = "undo"
		E_PLAN: "A-1": it was refused when it was planned|.result = "refused"
	END
	run -1 --separate-stderr apply - <<<"$(jq -c '.commit =
	    "0123456789012345678901234567890123456789"' <<<"$line")"
	[[ $stderr == *'-:1: E_REV: "A-1": no such commit "0123456789012345678901234567890123456789"'* ]]
	[ "$(sql 'SELECT max(version) FROM open')" = 7 ]
	# Twice in one plan: done once.  Another word after it: too late.
	run -1 --separate-stderr apply - <<<"$line
$line
$(jq -c '.deadline = "recount" | .new_due_at = "2026-03-30T17:00:00+07:00" |
    .new_due_day = "2026-03-30"' <<<"$line")"
	[ "$(jq -r .result <<<"$output" | tr '\n' ' ')" = \
	    'done unchanged refused ' ]
}

@test "a commit that no branch leads to is no rule to go by" {
	local new

	new=$(change '.limit = "20 working days"')
	git -C rules tag v2 && git -C rules reset -q --hard "$OLD"
	run -0 --separate-stderr plan --rules=v2 A-1
	printf '%s\n' "$output" >plan.ndjson
	[ "$(jq -r .commit plan.ndjson)" = "$new" ]
	git -C rules tag -d v2 >/dev/null
	run -1 --separate-stderr apply plan.ndjson
	same_text "$stderr" <<-END
		route: plan.ndjson:1: E_REV: "A-1": no branch and no tag leads to commit ${new:0:12}, and git may throw it away
		put it on a branch first
		route: 0 repinned, 0 unchanged, 1 refused
	END
	git -C rules branch later "$new"
	run -0 --separate-stderr apply plan.ndjson
	run -2 --separate-stderr plan --rules=nowhere
	[[ $stderr == *'E_REV: no such commit "nowhere"'* ]]
	[ -z "$output" ]
}

@test "a plan that names too many commits is refused from there on" {
	local i

	for i in {1..33}; do
		change ".title = \"$i\"" >/dev/null
		plan --rules=main A-1 2>/dev/null
	done >plan.ndjson
	run -1 --separate-stderr apply --dry-run plan.ndjson
	[ "$(jq -r .error <<<"$output" | grep -c E_LIMIT)" = 1 ]
	[ "$(grep -c ': E_LIMIT: "A-1": lines with more than 32 commits' \
	    <<<"$stderr")" = 1 ]
}

@test "a version that is not there any more: refused, and the rest goes on" {
	mkdir -p rules/procedures/yy
	jq '.code = "2.000001"' rules/procedures/xd/1.000001.json \
	    >rules/procedures/yy/2.000001.json
	make_rules rules 'A second one' >/dev/null
	dossier-import --now='2026-03-05 10:00' - <<-'CSV' >/dev/null 2>&1
		code,procedure,unit,channel,received_at
		B-1,2.000001,H42.31,direct,2026-03-05 09:00
	CSV
	change '.effective_from = "2026-03-03" | .limit = "20 days"' >/dev/null
	jq '.limit = "20 days"' rules/procedures/yy/2.000001.json >new
	mv new rules/procedures/yy/2.000001.json
	make_rules rules 'From another day on' >/dev/null
	run -1 --separate-stderr plan --rules=main A-1 B-1
	[ "$(jq -c '[.code, .result, .error]' <<<"$output")" = \
	    '["A-1","refused","E_VERSION: no version of procedure \"1.000001\" is in force on 2026-03-02"]
["B-1","planned",null]' ]
	[ "${stderr_lines[0]}" = 'route: A-1: E_VERSION: no version of procedure "1.000001" is in force on 2026-03-02' ]
	[ "${stderr_lines[-1]}" = 'route: planned 1 of 2 open dossiers, 0 undecided, 1 refused; 0 get another due date' ]
	run -1 --separate-stderr apply - <<<"$output"
	[ "$(results)" = $'A-1 refused E_PLAN\nB-1 done ' ]
	[ "${stderr_lines[0]}" = \
	    'route: -:1: E_PLAN: "A-1": it was refused when it was planned' ]
	git -C rules rm -q procedures/xd/1.000001.json
	make_rules rules 'Gone' >/dev/null
	run -1 --separate-stderr plan --rules=main A-1
	[[ $(jq -r .error <<<"$output") == 'E_PROCEDURE: no procedure "1.000001" in commit '* ]]
}

@test "another policy of the rulebook alone is another version" {
	jq '.deadline = {"verdict": "instant", "due_time": "same-time"}' \
	    rules/rulebook.json >new
	mv new rules/rulebook.json
	make_rules rules 'To the minute' >/dev/null
	run -0 --separate-stderr plan --rules=main A-1
	[[ $(jq -r '.differs[0]' <<<"$output") == 'policy due_time end-of-day, '*' → due_time same-time, '* ]]
	run -0 --separate-stderr plan --rules=main
	run -0 --separate-stderr apply - <<<"$output"
	run -0 dossier-db check --all --now='2026-03-24 12:00'
	silent
	run -0 sla-check --now='2026-03-24 12:00' -f ndjson --state=overdue
	[ "$(jq -r .code <<<"$output" | sort | tr '\n' ' ')" = \
	    'A-1 A-2 A-3 A-4 ' ]
}

@test "what cannot be taken back is told with the reason" {
	# A procedure without a limit gets one.
	change 'del(.limit)' >/dev/null
	dossier-import --now='2026-03-05 10:00' - <<-'CSV' >/dev/null 2>&1
		code,procedure,unit,channel,received_at
		C-1,1.000001,H42.31,direct,2026-03-05 09:00
	CSV
	change '.limit = "20 working days"' >/dev/null
	plan --rules=main --deadline=recount 2>/dev/null >plan.ndjson
	[ "$(jq -r 'select(.code == "C-1") | .due_day, .new_due_day' \
	    plan.ndjson)" = $'null\n2026-04-02' ]
	head -n 3 plan.ndjson >part
	tail -n 1 plan.ndjson >>part
	run -0 --separate-stderr apply part
	route --now='2026-03-10 11:00' start A-1 >/dev/null
	route --now='2026-03-10 11:00' withdraw A-2 >/dev/null
	jq -c 'select(.code == "A-3") | .result = "undecided"' plan.ndjson \
	    >>plan.ndjson
	echo nothing >>plan.ndjson
	run -1 --separate-stderr route plan --now='2026-03-10 12:00' \
	    -f ndjson --undo=plan.ndjson
	[ "$(jq -r .code <<<"$output")" = A-3 ]
	same_text "$stderr" <<-'END'
		route: plan.ndjson:8:1: E_JSON: a value should be here, not "n"
		route: plan.ndjson:1: E_STALE: "A-1": it has changed since: version 4, planned for 1
		route: plan.ndjson:2: E_STATE: "A-2": the dossier is withdrawn
		route: plan.ndjson:6: E_PLAN: "C-1": it had no due date before, and one in force stays
		route: planned 1, 3 were not done yet
	END
	run -1 --separate-stderr route plan "$NOW" --undo=<(echo "$output")
	[[ $stderr == *'this line takes back itself; apply the first plan again'* ]]
}

@test "without a limit in the new version the due date stays" {
	change 'del(.limit)' >/dev/null
	run -0 --separate-stderr plan --rules=main --deadline=recount-all A-1
	[ "$(short)" = 'A-1 planned 2026-03-23>2026-03-23:' ]
	run -0 apply - <<<"$output"
	run -0 --separate-stderr route plan "$NOW" --recompute -f ndjson
	[ -z "$output" ]
}

@test "two appliers: each dossier is moved once" {
	local i

	for i in {1..300}; do
		printf 'X-%d,1.000001,H42.31,online,2026-03-05 10:00\n' "$i"
	done | { echo code,procedure,unit,channel,received_at; cat; } |
	    dossier-import "$NOW" - >/dev/null 2>&1
	change '.limit = "20 working days"' >/dev/null
	plan --rules=main --deadline=recount 2>/dev/null >plan.ndjson
	for i in 1 2 3; do
		apply plan.ndjson >"out$i" 2>&1 &
	done
	wait
	[ "$(cat out[123] | grep '^{' | jq -r .result |
	    sort | uniq -c | tr -s ' ' | tr '\n' ';')" = \
	    ' 305 done; 610 unchanged;' ]
	[ "$(sql 'SELECT count(*) FROM open WHERE version > 20')" = 0 ]
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
		--map: E_USAGE: not OLD=NEW|plan --rules=main --map=x
		--map: E_USAGE: not OLD=NEW|plan --rules=main --map=x=
		--map: E_USAGE: "x" stands there twice|plan --rules=main --map=x=y --map=x=z
		--deadline: E_USAGE: "soon" is not keep, recount or recount-all|plan --rules=main --deadline=soon
		E_USAGE: --map and --deadline are for --rules|plan --recompute --map=x=y
		E_USAGE: --map and --deadline are for --rules|plan --undo=x --deadline=keep
		E_USAGE: one of --recompute, --succession, --rules, --due and --undo at a time|plan --rules=main --recompute
		E_USAGE: --personal is for plan with an action|plan --rules=main --personal
		E_USAGE: plan writes nothing: no --dry-run|plan --rules=main --dry-run
		E_USAGE: apply does not take one of these options|apply --rules=main x
		E_USAGE: apply does not take one of these options|apply --map=a=b x
		E_USAGE: --recompute, --succession, --rules, --due, --undo and what goes with them are for plan|next --rules=main A-1
	END
	# A name that nothing uses is told.
	run -0 --separate-stderr plan --rules=main --map=survey=nowhere
	[ "${stderr_lines[0]}" = "route: --map: W_IDLE: \"survey\" leads no dossier's open step to one of its new version" ]
}
