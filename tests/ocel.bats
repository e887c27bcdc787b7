#!/usr/bin/env bats
# Object-centric event logs, OCEL 2.0 in JSON: out (audit-export).

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# is_ocel FILE: what the format's schema and its constraints demand.
is_ocel() {
	local broken

	broken=$(jq -r '
	    def text: type == "string";
	    def instant: text and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$");
	    def types(list): [list[] | {key: .name, value: [.attributes[].name]}] | from_entries;
	    def fails(what; test): if test then empty else what end;
	    types(.objectTypes) as $o | types(.eventTypes) as $e |
	    ([.objects[].id] | map({key: ., value: 1}) | from_entries) as $ids |
	    fails("members"; (keys - ["eventTypes", "events", "objectTypes", "objects"]) == [] and length == 4),
	    fails("type names"; ([.objectTypes[].name, .eventTypes[].name] | all(text)) and
	        (.objectTypes | length) == ($o | length) and (.eventTypes | length) == ($e | length)),
	    fails("attribute types"; [.objectTypes[], .eventTypes[] | .attributes[].type] |
	        all(. == "string" or . == "time")),
	    fails("object ids"; (.objects | length) == ($ids | length)),
	    fails("event ids"; ([.events[].id] | all(text) and (length == (unique | length)))),
	    fails("object types"; [.objects[].type] | all($o[.] != null)),
	    fails("event types"; [.events[].type] | all($e[.] != null)),
	    fails("object attributes"; [.objects[] | .type as $t | .attributes // [] | .[] |
	        (.value | text) and (.time | instant) and (.name as $n | $o[$t] | index($n) != null)] | all),
	    fails("event attributes"; [.events[] | .type as $t | .attributes[] |
	        (.value | text) and (.name as $n | $e[$t] | index($n) != null)] | all),
	    fails("times"; [.events[].time] | all(instant)),
	    fails("relations"; [(.objects[], .events[]) | .relationships // [] | .[] |
	        (.qualifier | text) and $ids[.objectId] != null] | all),
	    fails("events without objects"; [.events[].relationships | length > 0] | all)
	    ' "$1")
	[ -z "$broken" ] || { echo "broken: $broken"; return 1; }
}

some() {
	cat >in.csv <<-'END'
		code,procedure,unit,received_at,finished_at,status,applicant_name
		X-1,1.009994,H42.30,2024-04-15 08:15,,,Trần Thị Bưởi
		X-2,1.009994,H42.30,2024-04-15 08:15,2024-04-16 09:00:00.25,,
		"X-""3",1.009994,H42.31,2024-04-15 08:15,,1,
		H42.30,1.000002,H42.30,2024-04-15 08:15,,,
	END
	cat >events.json <<-'END'
		{"rows": "events", "columns": {"code": "c", "activity": "a", "at": "t", "actor": "w"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30", "received_at": "2024-04-15 08:00"}}
	END
	cat >events.csv <<-'END'
		c,a,t,w
		X-4,received,2024-04-15 09:00,cb01
		X-4,"Ký ""số""",2024-04-15 09:30,
	END
	dossier-import --now='2024-05-06 10:00' in.csv >/dev/null 2>&1
	dossier-import --now='2024-05-06 10:00' --map=events.json events.csv >/dev/null 2>&1
}

@test "an export keeps the format's constraints, and has every event" {
	some
	run -0 --separate-stderr audit-export --format=ocel
	[ -z "$stderr" ]
	echo "$output" >out.json
	is_ocel out.json
	run ! grep -q Bưởi out.json
	[ "$(jq -c '[.objects[].id]' out.json)" = \
	    '["dossier:X-1","dossier:X-2","dossier:X-\"3","dossier:H42.30","dossier:X-4","unit:H42.30","unit:H42.31"]' ]
	# The same events as in the log.
	jq -r '.events[] | "\(.id) \(.time) \(.relationships[0].objectId[8:])"' out.json | sort >got
	audit-export | jq -r 'select(.code) | (.body | fromjson) as $b |
	    "\(.seq) \($b.at) \(.code)"' | sort | diff - got
	[ "$(jq -r '.events[] | select(.type == "Ký \"số\"") | .time' out.json)" = 2024-04-15T02:30:00Z ]
	[ "$(jq -r '.events[] | select(.type == "received") | .attributes[0].value' out.json | sort | uniq -c | tr -s ' ' | paste -sd,)" = ' 1 activity, 4 received' ]
	audit-export --format=ocel | diff out.json -
}

@test "a range, an empty log, a full disk" {
	audit-export --format=ocel >out.json
	is_ocel out.json
	[ "$(jq -c '[.events, .objects]' out.json)" = '[[],[]]' ]
	some
	audit-export --format=ocel --since=3 --until=5 >out.json
	is_ocel out.json
	[ "$(jq -c '[.events[].id]' out.json)" = '["3","4"]' ]
	[ "$(jq -c '[.objects[] | select(.type == "dossier") | .id]' out.json)" = '["dossier:X-2","dossier:X-\"3"]' ]
	[ ! -e /dev/full ] || run -2 sh -c 'audit-export --format=ocel >/dev/full'
}

# Births with two registrations that go to other agencies; and cases.
families() {
	cat >rules/procedures/xd/1.000010.json <<-'END'
		{"code": "1.000010", "title": "Thẻ", "field": "Hộ tịch",
		 "level": "commune", "effective_from": "2021-01-01",
		 "cases": [{"id": "hurry", "title": "Khẩn", "limit": "1 day"}],
		 "limit": "3 working days", "steps": [
		  {"id": "receive", "role": "one-stop", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	jq '.code = "2.000001" | .children = [
	    {"procedure": "1.000002", "role": "one-stop"},
	    {"procedure": "1.000010", "role": "one-stop"}] | del(.cases)' \
	    rules/procedures/xd/1.000010.json \
	    >rules/procedures/xd/2.000001.json
	make_rules "$PWD/rules" >/dev/null
	dossier-import --now='2024-04-15 10:00' - >/dev/null 2>&1 <<-'END'
		code,procedure,unit,received_at,case,status
		F-1,2.000001,H42.30,2024-04-15 08:15,,
		F-2,2.000001,H42.31,2024-04-15 08:15,,
		C-1,1.000010,H42.31,2024-04-15 08:15,hurry,
		C-2,1.000010,H42.31,2024-04-15 08:15,hurry,registered
	END
	route --now='2024-04-15 11:00' start F-1.1 F-2 >/dev/null
}

@test "a dossier is related to its children, whose objects are there" {
	families
	audit-export --format=ocel >out.json
	is_ocel out.json
	same_text "$(jq -r '.objects[] | .id as $id | .relationships // [] | .[] |
	    select(.qualifier == "parent of") | "\($id) \(.objectId)"' out.json)" <<-'END'
		dossier:F-1 dossier:F-1.1
		dossier:F-1 dossier:F-1.2
		dossier:F-2 dossier:F-2.1
		dossier:F-2 dossier:F-2.2
	END
	# The case of who has any, as it was decided or named.
	same_text "$(jq -r '.objects[] | .id as $id | .attributes // [] | .[] |
	    select(.name == "case") | "\($id) \(.value)"' out.json)" <<-'END'
		dossier:F-1.2 none
		dossier:F-2.2 none
		dossier:C-1 hurry
		dossier:C-2 hurry
	END
	# In a range where a child had no events it is an object all the same.
	audit-export --format=ocel --since="$(audit-export F-1.1 |
	    jq -s '.[-1].seq')" >out.json
	is_ocel out.json
	same_text "$(jq -c '.objects[] | select(.type == "dossier") |
	    [.id, (.attributes // [] | length > 0)]' out.json)" <<-'END'
		["dossier:F-1.1",true]
		["dossier:F-2",true]
		["dossier:F-2.1",false]
		["dossier:F-2.2",false]
	END
	[ "$(jq -c '[.events[].relationships[0].objectId]' out.json)" = \
	    '["dossier:F-1.1","dossier:F-2"]' ]
	# Taken back, a family is in none.
	dossier-import --now='2024-04-16 10:00' - >/dev/null 2>&1 <<-'END'
		code,procedure,unit,received_at
		F-3,2.000001,H42.30,2024-04-15 08:15
	END
	audit-export --format=ocel | grep -q '"dossier:F-3.2"'
	dossier-import --undo=2 --now='2024-04-16 11:00' >/dev/null 2>&1
	audit-export --format=ocel >out.json
	is_ocel out.json
	run ! grep -q F-3 out.json
}

@test "it takes neither codes nor --personal" {
	run -2 --separate-stderr audit-export --format=ocel X-1
	[[ $stderr == 'audit-export: E_USAGE: --format=ocel takes no codes and no --personal'* ]]
	run -2 --separate-stderr audit-export --format=ocel --personal
	[[ $stderr == 'audit-export: E_USAGE: --format=ocel takes no codes'* ]]
}

@test "the municipality's log: counts, and what follows what" {
	need_shared data/eventlogs/receipt.csv.gz
	cp -r "$TOP/tests/receipt/rules" permits
	make_rules "$PWD/permits" >/dev/null
	fresh_db "$PWD/permits"
	zcat "$SHARED/data/eventlogs/receipt.csv.gz" |
	    dossier-import --map="$TOP/tests/receipt/map.json" - >/dev/null 2>&1
	audit-export --format=ocel >out.json
	is_ocel out.json
	[ "$(jq '[.objects[] | select(.type == "dossier")] | length' out.json)" -eq \
	    "$(jq .cases "$SHARED/data/eventlogs/receipt_truth.json")" ]
	jq -S '[.events[] | select(.attributes[0].value == "activity") | .type] |
	    group_by(.) | map({(.[0]): length}) | add' out.json |
	    diff - <(jq -S .activities "$SHARED/data/eventlogs/receipt_truth.json")
}
