#!/usr/bin/env bats
# Liên thông: dossiers that come with another, through all tools.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

units() {
	cat >"$1/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.10,Công an tỉnh,department,police one-stop,H42,2000-01-01,,
		H42.30,Xã A,commune,one-stop civil leader,H42,2000-01-01,,
		H42.31,BHXH,commune,insurance one-stop,H42.30,2000-01-01,,
	END
}

# One step after another, and what is there besides.
# procedure CODE LIMIT FIELDS [MORE [WAITS]]
definition() {
	cat <<-END
		{"code": "$1", "title": "Thủ tục $1", "field": "Hộ tịch",
		 "level": "commune", "effective_from": "2021-01-01",
		 "limit": "$2", "fields": [$3],${4-}
		 "steps": [
		  {"id": "receive", "role": "one-stop", "unit": "@self",
		   "next": "wait"},
		  {"id": "wait", "role": "one-stop", "unit": "@self",${5-}
		   "next": "return"},
		  {"id": "return", "role": "one-stop", "unit": "@self",
		   "final": true}]}
	END
}

NAME='{"name": "baby", "type": "text"}'
WARD='{"name": "ward", "type": "text", "public": true}'
MOVES='{"name": "moves", "type": "boolean", "public": true}'
KIN='"children": [
  {"procedure": "1.000010", "unit": "@province", "role": "police",
   "when": {"field": "moves", "eq": true}},
  {"procedure": "1.000020", "role": "insurance"}],'

setup() {
	R=$BATS_TEST_TMPDIR/rules
	office_rules "$R"
	units "$R"
	definition 2.000001 '5 working days' "$NAME, $WARD, $MOVES" "$KIN" \
	    '"waits": "children",' >"$R/procedures/xd/2.000001.json"
	definition 1.000010 '3 working days' "$WARD" \
	    >"$R/procedures/xd/1.000010.json"
	definition 1.000020 '2 working days' \
	    "$NAME, {\"name\": \"ward\", \"type\": \"text\"}" \
	    >"$R/procedures/xd/1.000020.json"
	make_rules "$R" >/dev/null
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

# do ACTION TIME CODE [OPTION...]
do_it() {
	route "$1" --now="2024-03-$2" --format=ndjson "${@:4}" "$3"
}

registered() {
	import '2024-03-04 08:30' <<-'END'
		code,procedure,unit,channel,status,received_at,applicant_kind,applicant_name,phone,note,field.baby,field.ward,field.moves
		P-1,2.000001,H42.30,online,registered,2024-03-04 08:00,person,Trần A,0912,ghi,Bé,3,true
		P-2,2.000001,H42.30,direct,registered,2024-03-04 08:00,,Lê B,,,Na,4,false
	END
}

found() {
	dossier-find --now='2024-03-20 10:00' --format=ndjson "$@" | jq -r \
	    '[.code, .procedure, .unit, .channel, .status, (.due_at // "-")[0:10],
	      .parent // "-"] | join(" ")'
}

counts() {
	report 06a --period=2024-03-01..2024-03-31 --now='2024-03-31' \
	    --by=procedure --format=ndjson "$@" | jq -r \
	    '[.key // "all", .received_total, .finished_total, .open_total,
	      .open_overdue] | join(" ")'
}

@test "a dossier is received with its children" {
	registered >/dev/null
	run -0 --separate-stderr do_it receive '04 09:00' P-1
	[ -z "$stderr" ]
	run -0 do_it receive '05 09:00' P-2
	same_text "$(found)" <<-'END'
		P-1 2.000001 H42.30 online received 2024-03-11 -
		P-2 2.000001 H42.30 direct received 2024-03-12 -
		P-1.1 1.000010 H42.10 online received 2024-03-07 P-1
		P-1.2 1.000020 H42.31 online received 2024-03-06 P-1
		P-2.2 1.000020 H42.31 direct received 2024-03-07 P-2
	END
	same_text "$(found --parent=P-1)" <<-'END'
		P-1.1 1.000010 H42.10 online received 2024-03-07 P-1
		P-1.2 1.000020 H42.31 online received 2024-03-06 P-1
	END
	[ -z "$(found --parent=P-1.1)" ]
	# What both declare is taken over, public where it is in both.
	same_text "$(dossier-find --format=ndjson --history --personal P-1.1 \
	    P-1.2 | jq -c 'select(.kind) | [.kind, .parent, .personal]')" \
	    <<-'END'
		["received","P-1",{"applicant_name":"Trần A","phone":"0912"}]
		["received","P-1",{"applicant_name":"Trần A","fields":{"baby":"Bé","ward":"3"},"phone":"0912"}]
	END
	same_text "$(dossier-find --format=ndjson P-1.1 P-1.2 | jq -c .fields)" \
	    <<-'END'
		{"ward":"3"}
		null
	END
	[[ $(audit-export P-1.1) == *'\"applicant_kind\":\"person\"'* ]]
	run ! grep -q 'Trần A' <(audit-export P-1.1 P-1.2)
}

@test "a child has no children, and its parent cannot be received twice" {
	registered >/dev/null
	do_it receive '04 09:00' P-1 >/dev/null
	run -1 --separate-stderr do_it receive '04 10:00' P-1
	[[ $output == *E_STATE* ]]
	[ "$(found | wc -l)" = 4 ]
	# As any other dossier: started, moved on, by their own steps.
	do_it start '05 09:00' P-1.1 >/dev/null
	[ "$(do_it next '05 10:00' P-1.1 | jq -r .to_unit)" = H42.10 ]
}

@test "what is in the way of a child refuses the parent as a whole" {
	registered >/dev/null
	import '2024-03-04 08:40' >/dev/null <<-'END'
		code,alias,procedure,unit,received_at,status,field.ward
		P-1.2,,1.000020,H42.31,2024-03-04 08:00,,
		X-1,P-2.2,1.000020,H42.31,2024-03-04 08:00,,
	END
	run -1 --separate-stderr do_it receive '04 09:00' P-1
	[ "$(jq -r .error <<<"$output")" = 'E_CHILD: child 2, procedure 1.000020: there is a dossier with its code "P-1.2" already' ]
	[ "$(jq -r .status <<<"$output")" = registered ]
	run -1 do_it receive '04 09:00' P-2
	[[ $output == *E_CHILD*'"P-2.2" already'* ]]
	[ -z "$(found --parent=P-1)" ]

	long=$(printf 'K%.0s' {1..63})
	import '2024-03-04 08:40' >/dev/null <<-END
		code,procedure,unit,status,received_at,field.moves
		$long,2.000001,H42.30,registered,2024-03-04 08:00,true
		N-1,2.000001,H42.30,registered,2024-03-04 08:00,
		Q-1,2.000001,H42.10,registered,2024-03-04 08:00,false
	END
	run -1 do_it receive '04 09:00' "$long"
	[[ $output == *'E_CHILD: child 1, procedure 1.000010: its code'*64* ]]
	run -1 do_it receive '04 09:00' N-1
	[[ $output == *E_MISSING*'has no \"moves\"'* ]]
	run -1 do_it receive '04 09:00' Q-1
	[[ $output == *'E_ROLE: child 2, procedure 1.000020:'* ]]
	[ "$(found --status=received)" = 'P-1.2 1.000020 H42.31 direct received 2024-03-06 -
X-1 1.000020 H42.31 direct received 2024-03-06 -' ]
}

@test "a step waits for the children, and so does finish" {
	registered >/dev/null
	do_it receive '04 09:00' P-1 >/dev/null
	do_it start '04 10:00' P-1 >/dev/null
	do_it next '04 11:00' P-1 >/dev/null
	run -1 --separate-stderr do_it next '04 12:00' P-1
	[ "$(jq -r .error <<<"$output")" = 'E_CHILDREN: the step "wait" waits for 2 children that are open: P-1.1, P-1.2' ]
	run -1 do_it finish '04 12:00' P-1
	[[ $output == *'E_CHILDREN: the procedure waits for 2 '* ]]
	do_it finish '05 09:00' P-1.1 >/dev/null
	run -1 do_it next '05 12:00' P-1
	[[ $output == *'waits for 1 child that is open: P-1.2'* ]]
	do_it withdraw '05 09:00' P-1.2 >/dev/null
	run -0 do_it next '05 12:00' P-1
	[ "$(jq -r .status <<<"$output")" = finished ]
	# One without a step is not led past it.
	do_it receive '04 09:00' P-2 >/dev/null
	run -1 do_it finish '05 09:00' P-2
	[[ $output == *E_CHILDREN*P-2.2* ]]
	do_it finish '05 09:00' P-2.2 >/dev/null
	run -0 do_it finish '05 09:00' P-2
}

@test "plans: what would happen to the parent, its children with it" {
	registered >/dev/null
	run -0 --separate-stderr do_it receive '04 09:00' P-1 --dry-run
	[ -z "$(found --parent=P-1)" ]
	run -0 --separate-stderr route plan receive --now='2024-03-04 09:00' P-1
	[ -z "$(found --parent=P-1)" ]
	printf '%s\n' "$output" >plan
	run -0 route apply --now='2024-03-04 09:00' plan
	[ "$(found --parent=P-1 | wc -l)" = 2 ]
	do_it start '04 10:00' P-1 >/dev/null
	do_it next '04 11:00' P-1 >/dev/null
	run -1 route plan next --now='2024-03-04 12:00' P-1
	[[ $output == *E_CHILDREN* ]]
	run -0 --separate-stderr route plan withdraw --now='2024-03-04 12:00' P-1
	[[ $stderr == *W_CHILDREN* || $output == *W_CHILDREN* ]]
}

@test "withdrawing the parent: the children go on, and are named" {
	registered >/dev/null
	do_it receive '04 09:00' P-1 >/dev/null
	run -0 --separate-stderr do_it withdraw '05 09:00' P-1
	[[ $stderr == *'W_CHILDREN: 2 children go on without it: P-1.1, P-1.2'* ]]
	[ "$(dossier-find --open --format=ndjson | jq -r .code | tr '\n' ' ')" = \
	    'P-2 P-1.1 P-1.2 ' ]
}

@test "a child moves on as any dossier does: other rules, other units" {
	registered >/dev/null
	do_it receive '04 09:00' P-1 >/dev/null
	# Its unit ends, and its procedure gets another limit.
	sed -i 's/^H42.31,.*/H42.31,BHXH,commune,insurance one-stop,H42.30,2000-01-01,2024-03-05,H42.32\
	    H42.32,BHXH mới,commune,insurance one-stop,H42.30,2024-03-06,,/;
	    s/^[[:space:]]*//' "$R/units.csv"
	definition 1.000020 '9 working days' "$NAME" \
	    >"$R/procedures/xd/1.000020.json"
	definition 2.000001 '5 working days' "$NAME, $WARD, $MOVES" \
	    >"$R/procedures/xd/2.000001.json"
	make_rules "$R" Later >/dev/null
	route plan --succession --now='2024-03-06 09:00' >plan
	run -0 --separate-stderr route apply --now='2024-03-06 09:00' plan
	[ "$(dossier-find --format=ndjson P-1.2 | jq -r .holder)" = H42.32 ]
	route plan --rules=HEAD --now='2024-03-06 10:00' P-1.2 P-1 >plan
	run -0 --separate-stderr route apply --now='2024-03-06 10:00' plan
	[ "$(found P-1.2)" = \
	    'P-1.2 1.000020 H42.31 online received 2024-03-06 P-1' ]
	# Of the other version it has none, and its children are children still.
	run -0 do_it finish '06 11:00' P-1
	[ "$(counts --basis=dossiers | tail -n 1)" = 'all 3 1 2 2' ]
	[ "$(counts | tail -n 1)" = 'all 1 1 0 0' ]
	# Another channel: counted where it was, as the other.
	do_it correct '06 12:00' P-1.1 --set=channel=postal >/dev/null
	[ "$(found P-1.1 | cut -d' ' -f4)" = postal ]
}

# As a step's unit is: where the receiving one has ended, from its successor;
# where it was split, from the one that has the dossier.
@test "children of a unit that has ended since" {
	cat >>"$R/units.csv" <<-'END'
		H42.40,Xã B,commune,one-stop,H42,2000-01-01,2024-03-05,H42.30
		H42.41,Xã C,commune,one-stop,H42,2000-01-01,2024-03-05,H42.30 H42.10
	END
	make_rules "$R" >/dev/null
	fresh_db "$R"
	import '2024-03-04 08:30' >/dev/null <<-'END'
		code,procedure,unit,status,received_at,field.moves
		P-1,2.000001,H42.40,registered,2024-03-04 08:00,true
		P-2,2.000001,H42.41,registered,2024-03-04 08:00,false
	END
	run -0 --separate-stderr do_it receive '06 09:00' P-1
	run -1 do_it receive '06 09:00' P-2
	[[ $output == *'E_ROLE: child 2, procedure 1.000020: '*'"H42.41"'* ]]
	do_it transfer '06 09:10' P-2 --to=H42.30 >/dev/null
	run -0 --separate-stderr do_it receive '06 09:20' P-2
	run -1 --separate-stderr import '2024-03-06 10:00' <<-'END'
		code,procedure,unit,received_at,holder,field.moves
		I-1,2.000001,H42.40,2024-03-06 08:00,,false
		I-2,2.000001,H42.41,2024-03-06 08:00,H42.30,false
		I-3,2.000001,H42.41,2024-03-06 08:00,,false
	END
	[[ $stderr == *'3 rows: 2 added'* ]]
	same_text "$(for p in P-1 P-2 I-1 I-2 I-3; do
	    found --parent=$p; done)" <<-'END'
		P-1.1 1.000010 H42.10 direct received 2024-03-11 P-1
		P-1.2 1.000020 H42.31 direct received 2024-03-08 P-1
		P-2.2 1.000020 H42.31 direct received 2024-03-08 P-2
		I-1.2 1.000020 H42.31 direct received 2024-03-08 I-1
		I-2.2 1.000020 H42.31 direct received 2024-03-08 I-2
	END
}

@test "a submission counts once, its dossiers where that is asked" {
	registered >/dev/null
	do_it receive '04 09:00' P-1 >/dev/null
	do_it receive '05 09:00' P-2 >/dev/null
	same_text "$(counts)" <<-'END'
		2.000001 2 0 2 2
		all 2 0 2 2
	END
	[ "$(counts)" = "$(counts --basis=submissions)" ]
	same_text "$(counts --basis=dossiers)" <<-'END'
		1.000010 1 0 1 1
		1.000020 2 0 2 2
		2.000001 2 0 2 2
		all 5 0 5 5
	END
	do_it finish '06 09:00' P-1.1 >/dev/null
	do_it pay '06 09:00' P-2.2 >/dev/null
	do_it resume '07 09:00' P-2.2 >/dev/null
	do_it withdraw '07 09:00' P-2 >/dev/null
	same_text "$(counts)" <<-'END'
		2.000001 2 1 1 1
		all 2 1 1 1
	END
	same_text "$(counts --basis=dossiers)" <<-'END'
		1.000010 1 1 0 0
		1.000020 2 0 2 2
		2.000001 2 1 1 1
		all 5 2 3 3
	END
	[ "$(sla-check --now=2024-03-31 --format=ndjson | jq -r .code | sort |
	    tr '\n' ' ')" = 'P-1 P-1.2 P-2.2 ' ]
	run -0 --separate-stderr report 06a --period=2024-03 --basis=dossiers \
	    --now=2024-03-31
	[[ $output == *'số hồ sơ, tính cả hồ sơ thành phần'* ]]
	run -2 report 06a --basis=people
	[[ $output == *'"people" is none of: submissions dossiers'* ]]
	# Both are checked against the dossiers.
	cp "$MOTCUA_DB" ok
	sqlite3 "$MOTCUA_DB" 'UPDATE rollup SET direct = direct + 1,
	    opened = opened + 1 WHERE level = 3 AND direct > 0'
	run -1 dossier-db check balance
	[[ $output == *E_BALANCE*1.000020* ]]
	sqlite3 "$MOTCUA_DB" 'UPDATE rollup SET direct = direct - 1,
	    opened = opened - 1 WHERE level = 3 AND direct > 0'
	sqlite3 "$MOTCUA_DB" "UPDATE child SET parent = 'P-9' WHERE
	    parent = 'P-2'"
	run -1 dossier-db check replay
	[[ $output == *'table child: \"parent\" is not what the log gives'* ]]
	sqlite3 "$MOTCUA_DB" "UPDATE child SET parent = 'P-2' WHERE
	    parent = 'P-9'"
}

# shellcheck disable=SC2120	# run passes options, which it does not see
rows() {
	import '2024-03-05 10:00' "$@" <<-'END'
		code,procedure,unit,channel,status,received_at,finished_at,applicant_name,field.baby,field.ward,field.moves
		I-1,2.000001,H42.30,online,,2024-03-04 08:00,,Trần A,Bé,3,true
		I-2,2.000001,H42.30,online,finished,2024-03-01 08:00,2024-03-04 09:00,,Bé,3,true
		I-3,2.000001,H42.30,direct,processing,2024-03-04 08:00,,,Na,4,false
		I-4,2.000001,H42.30,direct,,2024-03-04 08:00,,,Na,4,
		H42.30-240304-0007,2.000001,H42.30,direct,,2024-03-04 08:00,,,Na,4,false
	END
}

@test "an import: what is open has children, what is over has none" {
	run -1 --separate-stderr rows --rejects=bad.csv
	[[ $stderr == *'5 rows: 4 added'*'; 9 events'* ]]
	[[ $(cat bad.csv) == *'E_MISSING,child 1, procedure 1.000010: '* ||
	    $(cat bad.csv) == *'E_MISSING,"child 1, procedure 1.000010: '* ]]
	same_text "$(found --parent=I-1; found --parent=I-3; found --parent=I-2
	    found --parent=H42.30-240304-0007)" <<-'END'
		I-1.1 1.000010 H42.10 online received 2024-03-07 I-1
		I-1.2 1.000020 H42.31 online received 2024-03-06 I-1
		I-3.2 1.000020 H42.31 direct received 2024-03-06 I-3
		H42.30-240304-0007.2 1.000020 H42.31 direct received 2024-03-06 H42.30-240304-0007
	END
	[ "$(dossier-find --personal --format=ndjson I-1.2 | jq -r .applicant_name)" = \
	    'Trần A' ]
	# Nothing of a second run is new.
	run -1 --separate-stderr rows
	[[ $stderr == *'4 unchanged, 1 rejected '* ]]
	[ "$(counts | tail -n 1)" = 'all 4 1 3 3' ]
	[ "$(counts --basis=dossiers | tail -n 1)" = 'all 8 1 7 7' ]
}

@test "an import: a row with a child's code" {
	rows >/dev/null 2>&1 || [ $? -eq 1 ]
	run -1 --separate-stderr import '2024-03-05 10:00' --rejects=bad.csv \
	    <<-'END'
		code,procedure,unit,received_at,field.moves
		I-1.2,1.000020,H42.31,2024-03-04 08:00,
		Z-1,2.000001,H42.30,2024-03-04 08:00,false
		Z-1.2,1.000020,H42.31,2024-03-04 08:00,
		Y-1.2,1.000020,H42.31,2024-03-04 08:00,
		Y-1,2.000001,H42.30,2024-03-04 08:00,false
	END
	[ "$(cut -d, -f1,8 bad.csv)" = "$(printf '%s\n' code,_code \
	    I-1.2,E_CONFLICT Z-1.2,E_CONFLICT Y-1,E_CHILD)" ]
	# A child that route has made was never a row.
	registered >/dev/null
	do_it receive '04 09:00' P-2 >/dev/null
	for update in '' --update; do
		run ! import '2024-03-05 10:00' $update <<-'END'
			code,procedure,unit,received_at
			P-2.2,1.000020,H42.31,2024-03-04 09:00
		END
		[[ $output == *E_* ]]
	done
}

@test "an import taken back takes whole families" {
	rows >/dev/null 2>&1 || [ $? -eq 1 ]
	do_it start '05 11:00' I-3.2 >/dev/null
	run -1 --separate-stderr dossier-import --undo=1 --now='2024-03-06 10:00' \
	    --format=ndjson
	same_text "$(jq -r '[.code, .result, .why // "-", .kind // "-"] |
	    join(" ")' <<<"$output")" <<-'END'
		I-1 voided - -
		I-1.1 voided - -
		I-1.2 voided - -
		I-2 voided - -
		I-3 kept family started
		I-3.2 kept touched started
		H42.30-240304-0007 voided - -
		H42.30-240304-0007.2 voided - -
	END
	dossier-db check --all
	[ "$(counts)" = $'2.000001 1 0 1 1\nall 1 0 1 1' ]
	[ "$(counts --basis=dossiers | tail -n 1)" = 'all 2 0 2 2' ]
	run -2 --separate-stderr dossier-find --parent=I-9
	[[ $stderr == *'--parent: E_DOSSIER: there is no dossier "I-9"'* ]]
	[ -z "$(found --parent=I-1)" ]
	# They come again, with the log of both lives.
	run -1 --separate-stderr rows
	[[ $stderr == *'3 added'*'1 unchanged, 1 rejected '*'; 7 events'* ]]
	[ "$(found --parent=I-1 | wc -l)" = 2 ]
	[ "$(counts --basis=dossiers | tail -n 1)" = 'all 8 1 7 7' ]
	# A part of the family has been worked on: nothing of it goes.
	do_it pay '05 11:00' I-1 >/dev/null
	run -1 dossier-import --undo=2 --now='2024-03-06 10:00' --format=ndjson
	[ "$(grep '^{' <<<"$output" | jq -r 'select(.result == "kept") |
	    .code + " " + .why' | grep I-1)" = \
	    $'I-1 touched\nI-1.1 family\nI-1.2 family' ]
}

@test "an import that updates: received now, with children" {
	registered >/dev/null
	run -0 --separate-stderr import '2024-03-06 10:00' --update <<-'END'
		code,procedure,unit,channel,status,received_at,applicant_kind,applicant_name,phone,note,field.baby,field.ward,field.moves
		P-1,2.000001,H42.30,online,received,2024-03-05 08:00,person,Trần A,0912,ghi,Bé,3,true
	END
	[[ $stderr == *'1 updated'*'; 3 events'* ]]
	same_text "$(found --parent=P-1)" <<-'END'
		P-1.1 1.000010 H42.10 online received 2024-03-08 P-1
		P-1.2 1.000020 H42.31 online received 2024-03-07 P-1
	END
	# What was there before the run stays, and so does what came with it.
	run -1 --separate-stderr dossier-import --undo=2 --format=ndjson \
	    --now='2024-03-06 11:00'
	[ "$(jq -r '.code + " " + .result + " " + .why' <<<"$output")" = \
	    $'P-1 kept updated\nP-1.1 kept family\nP-1.2 kept family' ]
	# One that is in the way leaves everything as it was.
	import '2024-03-06 10:00' >/dev/null <<-'END'
		code,procedure,unit,received_at
		P-2.2,1.000020,H42.31,2024-03-04 08:00
	END
	run -1 --separate-stderr import '2024-03-06 10:00' --update <<-'END'
		code,procedure,unit,channel,status,received_at,applicant_name,field.baby,field.ward,field.moves
		P-2,2.000001,H42.30,direct,received,2024-03-05 08:00,Lê B,Na,4,false
	END
	[[ $stderr == *E_CHILD* ]]
	[ "$(found P-2 | cut -d' ' -f5)" = registered ]
}

@test "an import of thousands: by id, in events, whole, and dry" {
	{
		echo code,procedure,unit,received_at,field.moves,field.ward
		for i in {1..1300}; do
			printf 'H42.30-24030%d-%04d,2.000001,H42.30,2024-03-0%d 08:00,%s,%d\n' \
			    $((i % 4 + 4)) "$i" $((i % 4 + 4)) \
			    "$([ $((i % 3)) = 0 ] && echo true || echo false)" "$i"
		done
	} >big.csv
	run -0 dossier-import --now='2024-03-08 10:00' --dry-run big.csv
	[ "$(sql 'SELECT count(*) FROM dossier')" = 0 ]
	dossier-import --now='2024-03-08 10:00' big.csv >/dev/null
	[ "$(sql 'SELECT count(*) FROM child')" = 1733 ]
	[ "$(counts | tail -n 1)" = 'all 1300 0 1300 1300' ]
	[ "$(counts --basis=dossiers | tail -n 1)" = 'all 3033 0 3033 3033' ]
	[ "$(counts --basis=dossiers --unit=H42.10 | tail -n 1)" = 'all 433 0 433 433' ]

	cat >map.json <<-'END'
		{"rows": "events", "columns": {"code": "case", "activity": "act",
		 "at": "time", "received_at": "from",
		 "field.moves": "moves"},
		 "defaults": {"procedure": "2.000001", "unit": "H42.30"}}
	END
	run -1 --separate-stderr dossier-import --now='2024-03-08 10:00' --map=map.json - <<-'END'
		case,act,time,moves,from
		E-1,a,2024-03-04 08:00,false,2024-03-04 08:00
		E-2,a,2024-03-04 08:00,,2024-03-04 08:00
		E-1,b,2024-03-04 09:00,false,2024-03-04 08:00
		E-2,b,2024-03-04 09:00,,2024-03-04 08:00
		E-1,c,2024-03-04 10:00,false,2024-03-04 08:00
	END
	[[ $stderr == *'1 added'*'2 rejected'* ]]
	[ "$(found --parent=E-1)" = 'E-1.2 1.000020 H42.31 direct received 2024-03-06 E-1' ]
	run -2 dossier-import --now='2024-03-08 10:00' --atomic - <<-'END'
		code,procedure,unit,received_at,field.moves
		W-1,2.000001,H42.30,2024-03-04 08:00,false
		W-2,2.000001,H42.30,2024-03-04 08:00,
	END
	run ! dossier-find W-1.2
}

lint() {
	procedure lint --rules="$R" --worktree --format=ndjson 2>&- | jq -r \
	    '"\(.file | split("/")[-1]):\(.line) \(.error) \(.message)"'
}

@test "lint: children that there are not, and that come back" {
	definition 1.000010 '3 working days' "$WARD" '"children": [
	  {"procedure": "1.000020", "unit": "H42.99", "role": "nobody"},
	  {"procedure": "1.999999"}],' >"$R/procedures/xd/1.000010.json"
	same_text "$(lint)" <<-'END'
		1.000010.json:4 W_ROLE no unit has the role "nobody"
		1.000010.json:4 E_UNIT there is no unit "H42.99"
		1.000010.json:5 E_PROCEDURE there is no procedure "1.999999"
		2.000001.json:4 W_CHILD "1.000010" has children of its own, which are not made for a child
	END
	definition 1.000020 '3 working days' "$WARD" '"children": [
	  {"procedure": "2.000001"}],' >"$R/procedures/xd/1.000020.json"
	same_text "$(lint | grep E_CHILD)" <<-'END'
		1.000010.json:4 E_CHILD the children of "1.000020" lead back to "1.000010"
		1.000020.json:4 E_CHILD the children of "2.000001" lead back to "1.000020"
		2.000001.json:4 E_CHILD the children of "1.000010" lead back to "2.000001"
		2.000001.json:6 E_CHILD the children of "1.000020" lead back to "2.000001"
	END
	# And still nothing goes round.
	make_rules "$R" >/dev/null
	registered >/dev/null
	do_it receive '04 09:00' P-2 >/dev/null
	[ "$(found | wc -l)" = 3 ]
}

@test "exports name the parent, and an import makes the same families" {
	local f

	registered >/dev/null
	do_it receive '04 09:00' P-1 >/dev/null
	do_it receive '05 09:00' P-2 >/dev/null
	do_it finish '06 09:00' P-1.1 >/dev/null
	do_it start '06 09:00' P-2.2 >/dev/null
	found | sort >before
	counts >counted
	for f in xes dvcqg; do
		audit-export --format=$f --personal >out.$f
	done
	same_text "$(sed -n 's/.*"concept:name" value="\(P.*\)".*/\1/p;
	    s/.*"motcua:parent" value="\(.*\)".*/of \1/p' out.xes |
	    paste -sd' ')" <<<'P-1 P-2 P-1.1 of P-1 P-1.2 of P-1 P-2.2 of P-2'
	# What has become of children comes behind what made them.
	for f in xes dvcqg; do
		fresh_db "$R"
		run -0 dossier-import --input=$f --update \
		    --now='2024-03-07 10:00' out.$f
		[[ $output == *' 2 added, 3 updated, '*' 0 rejected'* ]]
		found | sort | diff before -
		counts | diff counted -
	done
}

# A code of standard shape has a higher id than its children's.
@test "exports: children behind their parent, whatever its code" {
	local f

	registered >/dev/null
	import '2024-03-04 08:30' >/dev/null <<-'END'
		code,procedure,unit,channel,status,received_at,field.baby,field.ward,field.moves
		H42.30-240304-0001,2.000001,H42.30,online,received,2024-03-04 08:00,Bé,3,true
		H42.30-240304-0002,2.000001,H42.30,direct,received,2024-03-04 08:00,Na,4,false
	END
	do_it receive '05 09:00' P-2 >/dev/null
	do_it finish '06 09:00' H42.30-240304-0001.1 >/dev/null
	found | sort >before
	counts >counted
	for f in xes dvcqg; do
		audit-export --format=$f --personal >out.$f
	done
	same_text "$(sed -n 's/.*"concept:name" value="\([HP].*\)".*/\1/p' \
	    out.xes)" <<-'END'
		P-1
		P-2
		H42.30-240304-0001
		H42.30-240304-0002
		H42.30-240304-0001.1
		H42.30-240304-0001.2
		H42.30-240304-0002.2
		P-2.2
	END
	[ "$(sed -n 's/.*"concept:name" value="\([HP].*\)".*/\1/p' out.xes)" = \
	    "$(jq -r '.data[].MaHoSo' out.dvcqg)" ]
	for f in xes dvcqg; do
		fresh_db "$R"
		run -0 dossier-import --input=$f --update \
		    --now='2024-03-07 10:00' out.$f
		[[ $output == *' 4 added, 4 updated, '*' 0 rejected'* ]]
		found | sort | diff before -
		counts | diff counted -
	done
	audit-export --format=xes --since=99 | grep -c '<trace>' | grep -qx 0
	[ "$(audit-export --format=xes P-2.2 P-2 | grep -c '<trace>')" = 2 ]
}

@test "graph: one form, whatever is asked for" {
	local format

	for format in csv ndjson table; do
		run -2 --separate-stderr procedure graph --rules="$R" \
		    --format="$format" 2.000001
		[ -z "$output" ]
		[ "${stderr_lines[0]}" = 'procedure: E_USAGE: graph writes DOT, and takes no --format' ]
	done
}

@test "graph: children, where they begin and who waits for them" {
	# One that nobody has put in force is called by its code alone.
	sed -i 's/"effective_from": "2021/"effective_from": "2031/' \
	    "$R/procedures/xd/1.000020.json"
	make_rules "$R" >/dev/null
	run -0 --separate-stderr procedure graph --rules="$R" \
	    --date=2024-03-04 2.000001
	[ -z "$stderr" ]
	same_text "$output" <<'END'
digraph "2.000001" {
	graph [labelloc=t, label="2.000001\nThủ tục 2.000001\n5 working days"];
	node [shape=box, style=rounded];
	"/start" [shape=point];
	"receive" [label="receive\none-stop at @self"];
	"wait" [label="wait\none-stop at @self"];
	"return" [label="return\none-stop at @self", peripheries=2];
	"/start" -> "receive";
	"receive" -> "wait";
	"wait" -> "return";
	"/child/1" [label="1.000010\nThủ tục 1.000010\npolice at @province", shape=folder, style=solid];
	"/start" -> "/child/1" [label="moves eq true", style=dashed];
	"/child/1" -> "wait" [style=dashed];
	"/child/2" [label="1.000020\ninsurance", shape=folder, style=solid];
	"/start" -> "/child/2" [style=dashed];
	"/child/2" -> "wait" [style=dashed];
}
END
}

# impact REV: code, cause and new due day of who is touched.
impact() {
	procedure impact --now='2024-03-06 10:00' --format=ndjson "$1" \
	    2>/dev/null | jq -r '[.code, .cause, .new_due_day] | join(" ")'
}

@test "impact: children by their own procedure, parents by theirs" {
	registered >/dev/null
	do_it receive '04 09:00' P-1 >/dev/null
	do_it receive '05 09:00' P-2 >/dev/null
	git -C "$R" checkout -q -b proposal
	definition 1.000010 '8 working days' "$WARD" \
	    >"$R/procedures/xd/1.000010.json"
	sed -i 's/"wait"/"hold"/' "$R/procedures/xd/1.000020.json"
	make_rules "$R" >/dev/null
	same_text "$(impact proposal)" <<-'END'
		P-1.1 limit 2024-03-14
		P-1.2 route 2024-03-06
		P-2.2 route 2024-03-07
	END
	# Which children there are is for those that are received from then on.
	git -C "$R" checkout -q main
	git -C "$R" checkout -q -b kin
	definition 2.000001 '5 working days' "$NAME, $WARD, $MOVES" \
	    "$(tr -d '\n' <<<"$KIN" | sed 's/,  {"procedure": "1.000020".*}/ /')" \
	    '"waits": "children",' >"$R/procedures/xd/2.000001.json"
	make_rules "$R" >/dev/null
	run -0 procedure diff --rules="$R" main..kin
	[ "$(jq -r '.path + " " + .change' <<<"$output")" = \
	    'children/1.000020 removed' ]
	[ -z "$(impact kin)" ]
	# By the calendars all of them, each in its own place.
	git -C "$R" checkout -q main
	git -C "$R" checkout -q -b days
	sed -i 's/"2024-04-18"/"2024-03-07"/' "$R/calendars/office.json"
	make_rules "$R" >/dev/null
	same_text "$(impact days)" <<-'END'
		P-1 calendar 2024-03-12
		P-2 calendar 2024-03-13
		P-1.1 calendar 2024-03-08
		P-2.2 calendar 2024-03-08
	END
}

@test "show and diff" {
	run -0 procedure show --rules="$R" 2.000001 --format=table
	[[ $output == *'Children
    1  1.000010       police at @province, when moves eq true
    2  1.000020       insurance at @self
'* ]]
	[[ $output == *'one-stop at @self, waits for the children'* ]]
	definition 2.000001 '5 working days' "$NAME, $WARD, $MOVES" \
	    "${KIN/insurance/one-stop}" >"$R/procedures/xd/2.000001.json"
	make_rules "$R" Change >/dev/null
	run -0 procedure diff --rules="$R" HEAD~1..HEAD --format=table
	[[ $output == *'child "1.000020"'*'role'*'insurance'*'one-stop'* ]]
	[[ $output == *'step "wait"'*waits* ]]
}
