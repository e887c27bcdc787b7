#!/usr/bin/env bats
# Cases of a procedure (trường hợp) and limits by channel, through all tools.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

units() {
	cat >"$1/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.30,Xã A,commune,one-stop construction leader,H42,2000-01-01,,
	END
}

# definition [LIMIT of works]
definition() {
	cat <<-END
		{"code": "1.009994", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"],
		 "limit": {"online": "3 working days", "default": "5 working days"},
		 "fee": [{"title": "Lệ phí", "amount": 75000}],
		 "fields": [{"name": "floor_area", "title": "Diện tích",
		    "type": "decimal", "public": true},
		   {"name": "income", "title": "Thu nhập", "type": "integer"}],
		 "documents": [{"id": "don", "title": "Đơn"}],
		 "cases": [
		  {"id": "works", "title": "Công trình",
		   "when": {"field": "floor_area", "ge": 1000},
		   "limit": "${1-20 working days}",
		   "fee": [{"title": "Lệ phí", "amount": 150000}],
		   "steps": [
		    {"id": "receive", "role": "one-stop", "next": "inspect"},
		    {"id": "inspect", "role": "construction", "next": "return"},
		    {"id": "return", "role": "one-stop", "final": true}]},
		  {"id": "hurry", "title": "Khẩn", "limit": "1 working day"},
		  {"id": "poor", "title": "Hộ nghèo",
		   "when": {"field": "income", "lt": 100}, "fee": []}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "sign",
		   "limit": "4 working hours"},
		  {"id": "sign", "role": "leader", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
}

setup() {
	R=$BATS_TEST_TMPDIR/rules
	office_rules "$R"
	units "$R"
	definition >"$R/procedures/xd/1.009994.json"
	COMMIT=$(make_rules "$R")
	fresh_db "$R"
	cd "$BATS_TEST_TMPDIR" || return
}

# Whatever was done: the log verifies, and its fold is what the tables have.
teardown() {
	[ ! -e "${MOTCUA_DB-}" ] || dossier-db check --all
}

# import TIME: rows from standard input.
import() {
	dossier-import --now="$1" --format=ndjson "${@:2}" -
}

rows() {
	import '2024-03-04 10:00' <<-'END'
		code,procedure,unit,channel,status,received_at,case,field.floor_area,field.income
		A-0,1.009994,H42.30,online,registered,2024-03-04 08:00,,100,500
		A-1,1.009994,H42.30,direct,,2024-03-04 09:00,,100,500
		A-2,1.009994,H42.30,online,,2024-03-04 09:00,,100,500
		A-3,1.009994,H42.30,direct,,2024-03-04 09:00,,1000,5
		A-4,1.009994,H42.30,direct,,2024-03-04 09:00,,99.5,5
		A-5,1.009994,H42.30,direct,,2024-03-04 09:00,hurry,,
		A-6,1.009994,H42.30,direct,,2024-03-04 09:00,none,2000,5
	END
}

# cases [CODE...]: code, case and due day of dossiers.
cases() {
	dossier-find --now='2024-03-04 10:00' --format=ndjson "$@" |
	    jq -r '[.code, .case // "-", (.due_at // "-")[0:10]] | join(" ")'
}

@test "an import: by field, by channel, by name, by nothing" {
	run -0 --separate-stderr rows
	[[ $stderr == *'7 rows: 7 added'* ]]
	same_text "$(cases)" <<-'END'
		A-0 - -
		A-1 - 2024-03-11
		A-2 - 2024-03-07
		A-3 works 2024-04-01
		A-4 poor 2024-03-11
		A-5 hurry 2024-03-05
		A-6 - 2024-03-11
	END
	# The same again is nothing new.
	run -0 --separate-stderr rows
	[[ $stderr == *'7 rows: 0 added, 0 updated, 7 unchanged'* ]]
	[ "$(dossier-find --format=ndjson A-3 --history | jq -r \
	    'select(.kind == "received").case')" = works ]
}

@test "an import: what names no case, and what cannot be decided" {
	run -1 --separate-stderr import '2024-03-04 10:00' --rejects=bad.csv \
	    <<-'END'
		Mã hồ sơ,Mã TTHC,Mã đơn vị,Ngày tiếp nhận,Trường hợp,field.floor_area,field.income
		A-1,1.009994,H42.30,04/03/2024,hury,100,500
		A-2,1.009994,H42.30,04/03/2024,,,500
		A-3,1.009994,H42.30,04/03/2024,,100,
		A-4,1.009994,H42.30,04/03/2024,hurry,,
	END
	same_text "$(cut -d, -f1,8- bad.csv | sed 's/^[^A_]*//')" <<-'END'
		_line,_column,_code,_message
		A-1,2,5,E_CASE,"1.009994 has no case ""hury"""
		A-2,3,0,E_MISSING,"procedures/xd/1.009994.json:12:12: the dossier has no ""floor_area"", which the rule compares"
		A-3,4,0,E_MISSING,"procedures/xd/1.009994.json:21:12: the dossier has no ""income"", which the rule compares"
	END
	[ "$(cases)" = 'A-4 hurry 2024-03-05' ]
}

@test "registered: the case is decided when it is received" {
	import '2024-03-04 10:00' >/dev/null <<-'END'
		code,procedure,unit,status,received_at,case,field.floor_area,field.income
		B-1,1.009994,H42.30,registered,2024-03-04 08:00,,2000,500
		B-2,1.009994,H42.30,registered,2024-03-04 08:00,hurry,2000,500
		B-3,1.009994,H42.30,registered,2024-03-04 08:00,hurry,2000,500
		B-4,1.009994,H42.30,registered,2024-03-04 08:00,,,
		B-5,1.009994,H42.30,registered,2024-03-04 08:00,,2000,500
	END
	run -1 --separate-stderr route receive --now='2024-03-04 11:00' \
	    --format=ndjson B-1 B-2 B-4
	[ "$(jq -r '[.code, .result, .why.case] | join(" ")' <<<"$output")" = \
	    'B-1 done works
B-2 done hurry
B-4 refused ' ]
	[[ $output == *'E_MISSING: procedures/xd/1.009994.json:12:12: '* ]]
	run -0 --separate-stderr route receive --case=none \
	    --now='2024-03-04 11:00' B-3 B-4
	run -1 --separate-stderr route receive --case=slow \
	    --now='2024-03-04 11:00' B-5
	[[ $output == *'E_CASE: 1.009994 has no case \"slow\"'* ]]
	[[ $stderr == *'there is: works, hurry, poor, none'* ]]
	same_text "$(cases)" <<-'END'
		B-1 works 2024-04-01
		B-2 hurry 2024-03-05
		B-3 - 2024-03-11
		B-4 - 2024-03-11
		B-5 - -
	END
	# An import receives it, too.
	import '2024-03-05 10:00' --update >/dev/null <<-'END'
		code,procedure,unit,status,received_at,case,field.floor_area,field.income
		B-5,1.009994,H42.30,received,2024-03-05 08:00,,2000,500
	END
	[ "$(cases B-5)" = 'B-5 works 2024-04-02' ]
	# What the registration has named counts, unless the row says more.
	import '2024-03-05 10:00' >/dev/null <<-'END'
		code,procedure,unit,status,received_at,case,field.floor_area,field.income
		C-1,1.009994,H42.30,registered,2024-03-04 08:00,hurry,2000,500
		C-2,1.009994,H42.30,registered,2024-03-04 08:00,hurry,2000,500
		C-3,1.009994,H42.30,registered,2024-03-04 08:00,hurry,2000,500
	END
	run -1 --separate-stderr import '2024-03-05 10:00' --update <<-'END'
		code,procedure,unit,status,received_at,case,field.floor_area,field.income
		C-1,1.009994,H42.30,received,2024-03-05 08:00,,2000,500
		C-2,1.009994,H42.30,received,2024-03-05 08:00,works,2000,500
		C-3,1.009994,H42.30,registered,2024-03-05 08:00,works,2000,500
	END
	[[ $stderr == *'E_CONFLICT: case of "C-3" differs: '* ]]
	same_text "$(cases C-1 C-2 C-3)" <<-'END'
		C-1 hurry 2024-03-06
		C-2 works 2024-04-02
		C-3 - -
	END
	run -2 --separate-stderr route start --case=works B-5
	[[ $stderr == *'start does not take --case'* ]]
}

@test "steps of its own, and a correction of the case" {
	rows >/dev/null 2>&1
	run -0 --separate-stderr route --now='2024-03-04 11:00' A-1 A-3
	run -0 --separate-stderr route next --now='2024-03-04 11:00' \
	    --format=ndjson A-1 A-3
	[ "$(jq -r '[.to_step, .why.rule] | join(" ")' <<<"$output")" = \
	    'sign procedures/xd/1.009994.json#/steps/0/next
inspect procedures/xd/1.009994.json#/cases/0/steps/0/next' ]
	run -1 --separate-stderr route correct --set=case=hurry \
	    --now='2024-03-04 11:00' --format=ndjson A-3 A-4 A-5 A-0
	[ "$(jq -r '[.code, .result, .error] | join(" ")' <<<"$output" |
	    cut -c1-21)" = 'A-3 refused E_STEP: t
A-4 done 
A-5 unchanged 
A-0 refused E_FIELD: ' ]
	[[ $output == *'the case \"hurry\" has not the step \"inspect\", which the dossier is in'* ]]
	[ "$(cases A-4)" = 'A-4 hurry 2024-03-05' ]
	[ "$(dossier-find --format=ndjson --history A-4 |
	    jq -r '.kind // empty' | paste -sd' ')" = 'received repinned' ]
	# What was told stays, where there is no limit any more or it moved.
	route supplement --now='2024-03-04 11:00' A-5 >/dev/null
	route resume --now='2024-03-06 11:00' A-5 >/dev/null
	run -1 --separate-stderr route correct --set=case=works \
	    --now='2024-03-06 11:00' A-5
	[[ $output == *'E_DUE: the due date has been moved since the receipt'* ]]
	run -0 --separate-stderr route correct --set=case=works \
	    --set=due_at=2024-03-29 --now='2024-03-06 11:00' A-5
	[ "$(cases A-5)" = 'A-5 works 2024-03-29' ]
	run -2 --separate-stderr route plan --recompute --case=works
	[[ $stderr == *'plan does not take one of these options'* ]]
}

@test "values that would make it another case: it stays, and says so" {
	rows >/dev/null 2>&1
	run -0 --separate-stderr route correct --set=field.floor_area=5000 \
	    --now='2024-03-04 11:00' A-1
	[[ $stderr == *'A-1: W_RECASE: it stays of the case "none"'* ]]
	[ "$(cases A-1)" = 'A-1 - 2024-03-11' ]
	run -0 --separate-stderr import '2024-03-04 12:00' --update <<-'END'
		code,procedure,unit,channel,received_at,case,field.floor_area,field.income
		A-2,1.009994,H42.30,online,2024-03-04 09:00,,3000,500
		A-3,1.009994,H42.30,direct,2024-03-04 09:00,works,1001,5
	END
	[[ $stderr == *'1 warning (W_RECASE 1)'* ]]
	same_text "$(cases A-2 A-3)" <<-'END'
		A-2 - 2024-03-07
		A-3 works 2024-04-01
	END
	run -1 --separate-stderr import '2024-03-04 12:00' --update <<-'END'
		code,procedure,unit,channel,received_at,case,field.floor_area,field.income
		A-3,1.009994,H42.30,direct,2024-03-04 09:00,hurry,1001,5
	END
	[[ $stderr == *'E_CONFLICT: case of "A-3" differs: once decided or named it stays'* ]]
}

@test "the limit follows the channel, corrected or updated" {
	rows >/dev/null 2>&1
	run -0 --separate-stderr route correct --set=channel=online \
	    --now='2024-03-04 11:00' A-1
	[ "$(cases A-1)" = 'A-1 - 2024-03-07' ]
	run -0 --separate-stderr import '2024-03-04 12:00' --update <<-'END'
		code,procedure,unit,channel,received_at,case,field.floor_area,field.income
		A-2,1.009994,H42.30,postal,2024-03-04 09:00,,100,500
	END
	[ "$(cases A-2)" = 'A-2 - 2024-03-11' ]
	# Counted anew by the calendars of today, each by its own.
	route plan --recompute --now='2024-03-04 12:00' >plan
	[ ! -s plan ]
	sed -i 's/"date": "2024-04-18"/"date": "2024-03-06"/' \
	    "$R/calendars/office.json"
	make_rules "$R" >/dev/null
	route plan --recompute --now='2024-03-04 12:00' --format=ndjson >plan
	[ "$(jq -r '[.code, .new_due_day] | join(" ")' plan)" = \
	    'A-1 2024-03-08
A-2 2024-03-12
A-3 2024-04-02
A-4 2024-03-12
A-6 2024-03-12' ]
	route apply --now='2024-03-04 12:00' plan >/dev/null
	route plan --recompute --now='2024-03-04 12:00' >plan
	[ ! -s plan ]
}

# Also of who reads them without what decided: that is personal.
@test "exports name the case, and give the same dossiers" {
	local f p

	rows >/dev/null 2>&1
	import '2024-03-04 10:00' >/dev/null 2>&1 <<-'END'
		code,procedure,unit,status,received_at,case,field.floor_area,field.income
		B-1,1.009994,H42.30,registered,2024-03-04 08:00,hurry,2000,500
	END
	route correct --set=field.floor_area=5000 --now='2024-03-04 10:00' \
	    A-1 >/dev/null 2>&1
	dossier-find --now='2024-03-04 10:00' --format=ndjson |
	    jq -c 'del(.version)' >before
	for f in xes dvcqg; do
		audit-export --format=$f >$f.public 2>/dev/null
		audit-export --format=$f --personal >$f.all
	done
	same_text "$(grep -o 'key="case" value="[^"]*"' xes.public)" <<-'END'
		key="case" value="none"
		key="case" value="none"
		key="case" value="works"
		key="case" value="poor"
		key="case" value="hurry"
		key="case" value="none"
		key="case" value="hurry"
	END
	same_text "$(jq -r '.data[] | "\(.MaHoSo) \(.TruongHop)"' dvcqg.all)" <<-'END'
		A-0 null
		A-1 none
		A-2 none
		A-3 works
		A-4 poor
		A-5 hurry
		A-6 none
		B-1 hurry
	END
	for f in xes dvcqg; do
		for p in public all; do
			fresh_db "$R"
			run -0 --separate-stderr dossier-import --input=$f \
			    --now='2024-03-04 10:00' $f.$p
			[[ $stderr == *' 8 added, '*' 0 rejected'* ]]
			dossier-find --now='2024-03-04 10:00' --format=ndjson |
			    jq -c 'del(.version)' | diff before -
			run -0 dossier-import --input=$f \
			    --now='2024-03-04 10:00' $f.$p
			[[ $output == *' 8 unchanged, 0 rejected'* ]]
		done
		diff <(sed '/<event>/,/<\/event>/d' $f.all) \
		    <(audit-export --format=$f --personal |
		        sed '/<event>/,/<\/event>/d')
	done
	# What was named is what it is received as.
	route receive --now='2024-03-04 11:00' B-1 >/dev/null
	[ "$(cases B-1)" = 'B-1 hurry 2024-03-05' ]
}

@test "sla-check --explain: whose limit it is" {
	rows >/dev/null 2>&1
	run -0 --separate-stderr sla-check --explain=A-3 --format=table \
	    --now='2024-03-04 11:00'
	same_text "$(head -5 <<<"$output")" <<-END
		received     04/03/2024 09:00 by tester
		procedure    Cấp phép, limit 20 working days
		             procedures/xd/1.009994.json in commit ${COMMIT:0:12}
		case         works: Công trình
		policy       due_time end-of-day, late_intake next-working-day, pause extend, verdict date, extensions 1
	END
	run -0 --separate-stderr sla-check --explain=A-2 --format=ndjson \
	    --now='2024-03-04 11:00'
	[ "$(jq -r 'select(.kind == "channel") | [.name, .rule] | join(": ")' \
	    <<<"$output")" = 'online: 3 working days (online), else 5 working days' ]
	# A correction is told with what it leads to.
	route correct --set=case=hurry --now='2024-03-04 11:00' A-2 >/dev/null
	run -0 --separate-stderr sla-check --explain=A-2 --format=table \
	    --now='2024-03-04 11:00'
	[[ $output == *'repinned'*'case         hurry: Khẩn'*'in force     05/03/2024 17:00'* ]]
}

@test "procedure: show, list, graph, diff" {
	export MOTCUA_RULES=$R
	run -0 --separate-stderr procedure show --format=table \
	    --now=2024-03-04 1.009994
	[[ $output == *'  limit       3 working days (online), else 5 working days'* ]]
	same_text "$(sed -n '/^Cases/,/^$/p' <<<"$output")" <<-'END'
		Cases
		  works          Công trình
		                 when floor_area ge 1000; limit 20 working days; fee 150000; steps: 3
		  hurry          Khẩn
		                 when it is named; limit 1 working day
		  poor           Hộ nghèo
		                 when income lt 100; no fee
	END
	run -0 --separate-stderr procedure show --case=works --format=table \
	    --now=2024-03-04 1.009994
	[[ $output == *'  case        Công trình'*'  limit       20 working days'* ]]
	[[ $output == *inspect* && $output != *sign* && $output != *Cases* ]]
	run -0 --separate-stderr procedure show -c hurry --format=ndjson \
	    --now=2024-03-04 1.009994
	[ "$(jq -r '[.case, (.definition.cases | length)] | join(" ")' \
	    <<<"$output")" = 'hurry 3' ]
	run -2 --separate-stderr procedure show --case=slow 1.009994
	[[ $stderr == *'E_CASE: 1.009994 has no case "slow"'* ]]
	run -2 --separate-stderr procedure list --case=works
	[[ $stderr == *'list does not take one of these options'* ]]
	[ "$(procedure list --format=ndjson --now=2024-03-04 |
	    jq -r .limit)" = '3 working days (online), else 5 working days' ]
	run -0 --separate-stderr procedure graph --now=2024-03-04 1.009994
	grep -qF '"/case/works" [shape=note, style=solid, label="Công trình\n20 working days\nsteps of its own\nwhen floor_area ge 1000"];' <<<"$output"
	run -0 --separate-stderr procedure graph --case=works \
	    --now=2024-03-04 1.009994
	[[ $output == *'Cấp phép\nCông trình\n20 working days'*'"inspect" -> "return"'* ]]
	[[ $output != */case/* ]]

	definition '22 working days' |
	    sed 's/"online": "3/"online": "2/; s/"ge": 1000/"ge": 1500/;
		s/"id": "hurry"/"id": "urgent"/' \
		>"$R/procedures/xd/1.009994.json"
	make_rules "$R" >/dev/null
	run -0 --separate-stderr procedure diff --format=table HEAD~1..HEAD
	same_text "$(tr -d '\t' <<<"$output")" <<-'END'
		1.009994  procedures/xd/1.009994.json
		limit online 3 working days, default 5 working days → online 2 working days, default 5 working days
		case "works": when floor_area ge 1000 → floor_area ge 1500
		case "works": limit 20 working days → 22 working days
		case "hurry" removed
		case "urgent" added
	END
}

@test "procedure lint: cases and their steps, with their places" {
	local f=$R/procedures/xd/1.009994.json

	definition | sed 's/"role": "construction"/"role": "builders"/
		s/"lt": 100}, "fee"/"lt": 100}, "deadline"/' >"$f"
	run -1 --separate-stderr procedure lint --worktree -r "$R" -f table \
	    --now=2024-03-04
	[[ $output == *'.json:21:56: E_FIELD: unknown member "deadline" of a case'* ]]
	definition '1 working day' | sed 's/"role": "construction"/"role": "builders"/
		s/"role": "one-stop", "next": "inspect"/&, "limit": "9 working hours"/
		s/"title": "Khẩn"/"title": "Hộ nghèo"/
		s/"field": "income", "lt": 100/"field": "floor_area", "gt": 1000/' \
		>"$f"
	run -1 --separate-stderr procedure lint --worktree -r "$R" -f table \
	    --now=2024-03-04
	same_text "$(grep -v '^	' <<<"$output" |
	    sed 's|^procedures/xd/1.009994.json:||')" <<-'END'
		20:27: W_CASES: the cases "hurry" and "poor" have the same title
		21:12: E_CASE: the case is never chosen: whenever it would be, one before it is
		13:13: W_LIMIT: the steps on the longest path add up to 9 working hours, the limit is 1 working day
		17:31: W_ROLE: no unit has the role "builders"
	END
}

@test "procedure impact: what a case's new limit would do" {
	rows >/dev/null 2>&1
	git -C "$R" checkout -qb proposal
	definition '22 working days' | sed 's/"online": "3/"online": "2/' \
	    >"$R/procedures/xd/1.009994.json"
	make_rules "$R" >/dev/null
	git -C "$R" checkout -q main
	run -0 --separate-stderr procedure impact proposal --format=ndjson \
	    --now='2024-03-04 11:00'
	[ "$(jq -r '[.code, .cause, .limit, .new_limit, .new_due_day] |
	    join(", ")' <<<"$output")" = \
	    'A-2, limit, 3 working days, 2 working days, 2024-03-06
A-3, limit, 20 working days, 22 working days, 2024-04-03' ]
}

@test "plan --rules: a dossier keeps its case, by the limit of that case" {
	import_two() {
		dossier-import --now='2026-03-02 16:00' - <<-'CSV'
			code,procedure,unit,channel,received_at,field.floor_area,field.income
			A-1,1.009994,H42.30,direct,2026-03-02 09:00,1200,500
			A-2,1.009994,H42.30,online,2026-03-02 09:00,80,500
		CSV
	}
	run -0 --separate-stderr import_two
	definition '25 working days' >"$R/procedures/xd/1.009994.json"
	make_rules "$R" >/dev/null
	run -0 --separate-stderr route plan --now='2026-03-10 10:00' \
	    --rules=HEAD --deadline=recount --format=ndjson
	[ "$(jq -r '[.code, .result, .due_day, .new_due_day] | join(" ")' \
	    <<<"$output")" = "$(printf '%s\n' \
	    'A-1 planned 2026-03-30 2026-04-06' \
	    'A-2 planned 2026-03-05 2026-03-05')" ]
	printf '%s\n' "$output" >plan
	run -0 --separate-stderr route apply --now='2026-03-10 10:00' plan
	run -0 dossier-find --format=ndjson A-1 A-2
	[ "$(jq -r '[.code, .case, .due_at[0:10]] | join(" ")' \
	    <<<"$output")" = "$(printf '%s\n' 'A-1 works 2026-04-06' \
	    'A-2  2026-03-05')" ]
	# And back, into the same case.
	run -0 --separate-stderr route plan --now='2026-03-10 10:00' \
	    --undo=plan --format=ndjson
	printf '%s\n' "$output" >back
	run -0 --separate-stderr route apply --now='2026-03-10 10:00' back
	run -0 dossier-find --format=ndjson A-1
	[ "$(jq -r '[.code, .case, .due_at[0:10]] | join(" ")' \
	    <<<"$output")" = 'A-1 works 2026-03-30' ]
	# A version without the case is none for it.
	jq 'del(.cases[0])' "$R/procedures/xd/1.009994.json" >new
	mv new "$R/procedures/xd/1.009994.json"
	make_rules "$R" >/dev/null
	run -1 --separate-stderr route plan --now='2026-03-10 10:00' \
	    --rules=HEAD --format=ndjson A-1
	[ "$(jq -r '[.code, .result, .error] | join(" ")' <<<"$output")" = \
	    "A-1 refused E_CASE: its case \"works\" is none of the new version's" ]
}

@test "plan receive: the case is in the line, and is applied" {
	run -0 --separate-stderr dossier-import --now='2026-03-02 16:00' - <<-'CSV'
		code,procedure,unit,channel,status,received_at,field.floor_area,field.income
		A-1,1.009994,H42.30,direct,registered,2026-03-02 09:00,80,500
	CSV
	run -0 --separate-stderr route plan receive --case=hurry \
	    --now='2026-03-03 10:00' --format=ndjson A-1
	[ "$(jq -c .options <<<"$output")" = '{"case":"hurry"}' ]
	printf '%s\n' "$output" >plan
	run -0 --separate-stderr route apply --now='2026-03-03 10:00' plan
	run -0 dossier-find --format=ndjson A-1
	[ "$(jq -r .case <<<"$output")" = hurry ]
}
