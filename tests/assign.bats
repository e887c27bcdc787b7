#!/usr/bin/env bats
# route(1): which officer of a unit gets a step, and why everything came so.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

# One step by least load, one by turns, two in parallel, a join.
rules() {
	local r=$BATS_TEST_TMPDIR/rules

	office_rules "$r"
	cat >"$r/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.07,Sở,department,environment,H42,2000-01-01,,
		H42.08,Công an,department,fire-police,H42,2000-01-01,,
		H42.30,Xã A,commune,one-stop leader,H42,2000-01-01,,
		H42.30.1,Địa chính,office,construction,H42.30,2000-01-01,,
	END
	cat >"$r/officers.csv" <<-'END'
		id,name,unit,role,valid_from,valid_to
		an,Nguyễn An,H42.30.1,,2000-01-01,
		binh,Lê Bình,H42.30.1,construction,2000-01-01,
		chi,Trần Chi,H42.30.1,construction,2000-01-01,
		kim,Võ Kim,H42.07,environment,2000-01-01,
		xa,Hồ Xa,H42.30.1,land,2000-01-01,
	END
	cat >"$r/absences.csv" <<-'END'
		id,from,to,reason
		chi,2024-03-11,2024-03-12,Ốm nặng
	END
	cat >"$r/procedures/xd/1.009994.json" <<-'END'
		{"code": "1.009994", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
		 "fields": [{"name": "floor_area", "title": "Diện tích",
		    "type": "decimal", "public": true},
		   {"name": "income", "title": "Thu nhập", "type": "integer"}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "appraise"},
		  {"id": "appraise", "role": "construction",
		   "assign": "least-load", "next": [
		    {"when": {"field": "floor_area", "gt": 250},
		     "to": ["fire", "environment"]},
		    {"when": {"field": "income", "gt": 1000}, "to": "visit"},
		    {"to": "sign"}]},
		  {"id": "visit", "role": "construction",
		   "assign": "round-robin", "next": "sign"},
		  {"id": "fire", "role": "fire-police", "unit": "@province",
		   "assign": "round-robin", "next": "sign"},
		  {"id": "environment", "role": "environment",
		   "unit": "@province", "assign": "least-load", "next": "sign"},
		  {"id": "sign", "role": "leader", "join": "all",
		   "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
}

setup() {
	rules
	COMMIT=$(make_rules "$BATS_TEST_TMPDIR/rules")
	fresh_db "$BATS_TEST_TMPDIR/rules"
}

# Whatever was done: the log verifies, and its fold is what the tables have.
teardown() {
	[ ! -e "${MOTCUA_DB-}" ] ||
	    dossier-db check sqlite foreign-keys log replay balance
}

# dossiers N [AREA [INCOME]]: A-0001 .. received, and in their first step.
dossiers() {
	local i

	{
		echo code,procedure,unit,channel,received_at,field.floor_area,field.income
		for ((i = 1; i <= $1; i++)); do
			printf 'A-%04d,1.009994,H42.30,direct,2024-03-04 09:00,%s,%s\n' \
			    "$i" "${2-100}" "${3-5}"
		done
	} >"$BATS_TEST_TMPDIR/in.csv"
	dossier-import --now='2024-03-04 10:00' --format=ndjson \
	    "$BATS_TEST_TMPDIR/in.csv" >"$BATS_TEST_TMPDIR/codes" \
	    2>"$BATS_TEST_TMPDIR/import.log" ||
	    { cat "$BATS_TEST_TMPDIR/import.log"; return 1; }
	at '2024-03-04 11:00' start - <"$BATS_TEST_TMPDIR/codes" >/dev/null
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

# officers: "an 3, binh 3": how many of the last run's records each got.
officers() {
	jq -r .officer <<<"$output" | sort | uniq -c |
	    awk '{ printf "%s%s %d", (NR > 1 ? ", " : ""), $2, $1 }'
}

@test "the least load, counting what they have already" {
	dossiers 7
	run -0 at '2024-03-05 09:00' next A-0001 A-0002
	[ "$(field code officer)" = "A-0001 an
A-0002 binh" ]
	at '2024-03-05 09:10' assign --officer=chi A-0002
	at '2024-03-05 09:10' assign --officer=chi A-0001
	# binh and an have none, chi two: until it evens out, then by id.
	run -0 --separate-stderr at '2024-03-05 10:00' next \
	    A-0003 A-0004 A-0005 A-0006 A-0007
	[ -z "$stderr" ]
	[ "$(field officer)" = "an
binh
an
binh
an" ]
	[ "$(sql 'SELECT c.code, count(*) FROM step s JOIN officer c
	    ON c.id = s.officer GROUP BY 1' | tr '\n' ' ')" = \
	    'an|3 binh|2 chi|2 ' ]
	same_text "$(sed -n 2p <<<"$output" | jq -c .why)" <<-END
		{"commit":"$COMMIT","rule":"procedures/xd/1.009994.json#/steps/0/next","steps":[{"step":"appraise","at":"H42.30","officer":{"by":"least-load","of":3,"open":0},"role":"construction"}]}
	END
	# It is in the event, as a value of its own.
	run -0 audit-export A-0007
	[ "$(tail -n 1 <<<"$output" | jq -r '.kind + " " + .officer')" = \
	    'started an' ]
}

@test "what is done counts no more; a dossier's own officer counts" {
	dossiers 6
	at '2024-03-05 09:00' next A-0001 A-0002 A-0003
	# an is rid of his, binh of hers; chi has one.
	at '2024-03-05 10:00' next A-0001
	at '2024-03-05 10:00' finish A-0002
	run -0 at '2024-03-05 11:00' next A-0004 A-0005 A-0006
	[ "$(field officer)" = "an
binh
an" ]
	# Nobody's step is the dossier's officer's: an import says so.
	cat >"$BATS_TEST_TMPDIR/more.csv" <<-'END'
		code,procedure,unit,channel,received_at,officer,field.floor_area,field.income
		B-1,1.009994,H42.30,direct,2024-03-05 08:00,binh,1,1
		B-2,1.009994,H42.30,direct,2024-03-05 08:00,binh,1,1
		B-3,1.009994,H42.30,direct,2024-03-05 08:00,,1,1
		B-4,1.009994,H42.30,direct,2024-03-05 08:00,,1,1
		B-5,1.009994,H42.30,direct,2024-03-05 08:00,,1,1
	END
	dossier-import --now='2024-03-05 12:00' "$BATS_TEST_TMPDIR/more.csv" \
	    >/dev/null 2>&1
	at '2024-03-05 12:00' B-1 B-3 B-4 B-5
	# an 2, binh 1 + 2 (one of them started, in nobody's hands), chi 1.
	run -0 at '2024-03-05 13:00' next B-3 B-4 B-5
	[ "$(field officer)" = "chi
an
chi" ]
}

@test "a thousand and more: fair over batches, and after other writers" {
	dossiers 2500
	run -0 at '2024-03-05 09:00' next - <"$BATS_TEST_TMPDIR/codes"
	[ "$(officers)" = 'an 834, binh 833, chi 833' ]
	# Gone from their hands and back, by other processes.
	head -n 900 "$BATS_TEST_TMPDIR/codes" >"$BATS_TEST_TMPDIR/some"
	at '2024-03-05 10:00' finish - <"$BATS_TEST_TMPDIR/some" >/dev/null
	at '2024-03-05 10:00' assign --officer=an A-1000 A-1001 >/dev/null
	run -0 at '2024-03-05 11:00' reopen --step=appraise - \
	    <"$BATS_TEST_TMPDIR/some"
	[ "$(sql 'SELECT c.code, count(*) FROM step s JOIN officer c
	    ON c.id = s.officer GROUP BY 1' | tr '\n' ' ')" = \
	    'an|834 binh|833 chi|833 ' ]
}

@test "two routers at once: each counts what the other has written" {
	dossiers 3000
	split -n r/2 -a 1 "$BATS_TEST_TMPDIR/codes" "$BATS_TEST_TMPDIR/half."
	at '2024-03-05 09:00' next - <"$BATS_TEST_TMPDIR/half.a" \
	    >"$BATS_TEST_TMPDIR/out.a" &
	at '2024-03-05 09:00' next - <"$BATS_TEST_TMPDIR/half.b" \
	    >"$BATS_TEST_TMPDIR/out.b"
	wait $!
	[ "$(cat "$BATS_TEST_TMPDIR"/out.? | jq -r .result | sort | uniq -c |
	    tr -s ' ')" = ' 3000 done' ]
	[ "$(sql 'SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM step
	    WHERE officer IS NOT NULL GROUP BY officer)')" = '1000|1000' ]
}

@test "by turns, going on where the last run stopped" {
	dossiers 6 100 5000
	at '2024-03-05 09:00' next - <"$BATS_TEST_TMPDIR/codes" >/dev/null
	run -0 at '2024-03-05 10:00' next A-0001 A-0002
	[ "$(field to_step officer)" = "visit an
visit binh" ]
	# Not whose hands it is in counts, but whose turn it is.
	at '2024-03-05 10:10' next A-0001 A-0002
	at '2024-03-05 10:10' assign --officer=an A-0003
	run -0 at '2024-03-05 11:00' next A-0003
	[ "$(field officer why.steps[0].officer.after)" = 'chi binh' ]
	# A dry run takes no turn.
	run -0 at '2024-03-05 12:00' next --dry-run A-0004
	[ "$(field officer)" = an ]
	run -0 at '2024-03-05 12:00' next A-0004 A-0005 A-0006
	[ "$(field officer)" = "an
binh
chi" ]
	[ "$(sql 'SELECT c.code FROM turn t JOIN officer c ON c.id = t.officer
	    JOIN step_name s ON s.id = t.step WHERE s.code = '\''visit'\')" = \
	    chi ]
	# Whose turn it is, is checked against the log like all else.
	sqlite3 "$MOTCUA_DB" 'UPDATE turn SET officer = 1'
	run -1 --separate-stderr dossier-db check --format=ndjson replay
	[[ $output$stderr == *'table turn, unit \"H42.30.1\", step \"visit\": \"officer\" is 1, by the log '* ]]
	rm -r "$BATS_TEST_TMPDIR/db"
}

@test "who is absent gets nothing; named by hand he does, with a warning" {
	dossiers 4
	run -0 at '2024-03-11 09:00' next A-0001 A-0002 A-0003
	[ "$(field officer)" = "an
binh
an" ]
	[ "$(field why.steps[0].officer.absent | sort -u)" = 1 ]
	run -0 --separate-stderr at '2024-03-12 09:00' assign --officer=chi A-0001
	[ "$(field result officer)" = 'done chi' ]
	[ "$stderr" = 'route: A-0001: W_ABSENCE: the officer "chi" is absent until 2024-03-12' ]
	[[ $output$stderr != *'Ốm'* ]]
	at '2024-03-12 09:00' assign --officer=binh A-0001
	# Back on the next day; and what is entered late is as of its day.
	run -0 at '2024-03-13 09:00' next --dry-run A-0004
	[ "$(field officer why.steps[0].officer.absent)" = 'chi null' ]
	run -0 at '2024-03-13 09:00' next --at='2024-03-12 16:00' A-0004
	[ "$(field officer why.steps[0].officer.absent)" = 'an 1' ]
}

@test "nobody there: the step opens without one, and says so" {
	local r=$BATS_TEST_TMPDIR/rules

	dossiers 3
	cat >>"$r/absences.csv" <<-'END'
		an,2024-03-11,,
		binh,2024-03-01,2024-03-31,
	END
	make_rules "$r" >/dev/null
	run -0 --separate-stderr at '2024-03-11 09:00' next A-0001
	[ -z "$stderr" ]
	[ "$(field result officer to_step)" = 'done null appraise' ]
	[ "$(jq -c '.why.steps[0].officer' <<<"$output")" = \
	    '{"absent":3,"by":"least-load","of":0}' ]
	# The table is of the present, whatever the dossier is pinned to: the
	# commit it was read from is told.
	[ "$(jq -r '.why.steps[0].commit' <<<"$output")" = \
	    "$(git -C "$r" rev-parse HEAD)" ]
	[ "$(jq -r '.why.commit' <<<"$output")" = "$COMMIT" ]
	# No table at all, and no officers.
	rm "$r/absences.csv"
	make_rules "$r" >/dev/null
	run -0 at '2024-03-11 09:00' next A-0002
	[ "$(field officer)" = an ]
	rm "$r/officers.csv"
	make_rules "$r" >/dev/null
	run -0 at '2024-03-11 09:00' next A-0003
	[ "$(field result officer)" = 'done null' ]
}

@test "parallel steps: why each is where it is; the join: what it waits for" {
	local e

	dossiers 1 300 77777
	at '2024-03-05 09:00' next A-0001
	run -0 at '2024-03-05 10:00' next A-0001
	[ "$(field to_step to_unit officer)" = \
	    'fire+environment H42.08+H42.07 kim' ]
	same_text "$(jq -c .why <<<"$output")" <<-END
		{"commit":"$COMMIT","read":{"floor_area":"300"},"rule":"procedures/xd/1.009994.json#/steps/1/next/0","steps":[{"step":"fire","at":"H42","officer":{"by":"round-robin","of":0},"role":"fire-police","unit":"@province"},{"step":"environment","at":"H42","officer":{"by":"least-load","of":1,"open":0},"role":"environment","unit":"@province"}]}
	END
	run -0 at '2024-03-05 11:00' next --step=environment A-0001
	[ "$(field to_step)" = null ]
	same_text "$(jq -c .why <<<"$output")" <<-END
		{"commit":"$COMMIT","rule":"procedures/xd/1.009994.json#/steps/4/next","waits":{"sign":["fire"]}}
	END
	run -0 at '2024-03-05 12:00' next A-0001
	same_text "$(jq -c .why <<<"$output")" <<-END
		{"commit":"$COMMIT","rule":"procedures/xd/1.009994.json#/steps/3/next","steps":[{"step":"sign","at":"H42.30","join":"all","role":"leader"}]}
	END
	# The same stands in the log, event by event, and a private value never.
	run -0 audit-export A-0001
	[[ $output != *77777* ]]
	e=$(jq -r '.body | fromjson | .data | select(.why) |
	    [.step, (.why | has("waits")), .why.step.at, .why.rule] |
	    map(tostring) | join(" ")' <<<"$output")
	same_text "$e" <<-'END'
		receive false H42.30 procedures/xd/1.009994.json#/steps/0
		appraise false H42.30 procedures/xd/1.009994.json#/steps/0/next
		fire false H42 procedures/xd/1.009994.json#/steps/1/next/0
		environment false H42 procedures/xd/1.009994.json#/steps/1/next/0
		environment true null procedures/xd/1.009994.json#/steps/4/next
		sign false H42.30 procedures/xd/1.009994.json#/steps/3/next
	END
}

@test "a private value that decided is null in why; a receipt has its version" {
	dossiers 1 1 77777
	at '2024-03-05 09:00' next A-0001
	run -0 at '2024-03-05 10:00' next A-0001
	[ "$(jq -c .why.read <<<"$output")" = \
	    '{"floor_area":"1","income":null}' ]
	cat >"$BATS_TEST_TMPDIR/more.csv" <<-'END'
		code,procedure,unit,channel,status,received_at
		B-1,1.009994,H42.30,online,registered,2024-03-05 08:00
	END
	dossier-import --now='2024-03-05 12:00' "$BATS_TEST_TMPDIR/more.csv" \
	    >/dev/null 2>&1
	run -0 at '2024-03-05 12:00' receive B-1
	[ "$(jq -c .why <<<"$output")" = \
	    "{\"commit\":\"$COMMIT\",\"rule\":\"procedures/xd/1.009994.json\"}" ]
}

@test "a step that goes to another unit goes to an officer of that one" {
	dossiers 2 300
	at '2024-03-05 09:00' next - <"$BATS_TEST_TMPDIR/codes" >/dev/null
	at '2024-03-05 09:00' next - <"$BATS_TEST_TMPDIR/codes" >/dev/null
	run -0 at '2024-03-05 10:00' transfer --to=H42.30.1 --step=fire \
	    A-0001 A-0002
	[ "$(field code officer to_unit)" = "A-0001 an H42.30.1
A-0002 an H42.30.1" ]
	run -0 at '2024-03-05 11:00' transfer --to=H42.30.1 \
	    --step=environment A-0001
	[ "$(field result officer)" = 'done an' ]
	at '2024-03-05 12:00' transfer --to=H42.30 --step=environment A-0001
	run -0 at '2024-03-05 12:00' transfer --to=H42.07 --step=environment A-0001
	[ "$(jq -c '.why.steps[0]' <<<"$output")" = \
	    '{"step":"environment","at":"H42","forced":true,"officer":{"by":"least-load","of":1,"open":1},"role":"environment","unit":"@province"}' ]
}

@test "lint: who cannot be given a step, and absences that make no sense" {
	local r=$BATS_TEST_TMPDIR/rules

	dossiers 1
	run -0 --separate-stderr procedure lint --rules="$r" --worktree \
	    --now=2024-03-05 --format=csv
	[[ $output == *W_OFFICER*'there is no officer to give the step ""fire"" to'* ]]
	[[ $output == *'procedures/xd/1.009994.json,18,'* ]]
	[[ $output != *absences* ]]
	cat >"$r/absences.csv" <<-'END'
		id,from,to,reason
		chi,2024-03-11,2024-03-12,Ốm nặng
		chi,2024-03-12,2024-03-14,Ốm nặng
		nobody,2024-03-12,2024-03-14,
		an,2024-03-12,2024-03-11,
		an,soon,,
	END
	run -1 --separate-stderr procedure lint --rules="$r" --worktree \
	    --now=2024-03-05 --format=ndjson
	same_text "$(jq -r 'select(.file == "absences.csv") |
	    [.line, .column, .error, .message, .advice] | map(tostring) |
	    join("|")' <<<"$output")" <<-'END'
		4|1|E_OFFICER|there is no officer "nobody"|add the officer to officers.csv, or mend the id
		5|15|E_DATE|ends before it begins|write YYYY-MM-DD, a day that exists, once
		6|4|E_DATE|no such day "soon" in "from"|write YYYY-MM-DD, a day that exists, once
		3|null|W_ABSENCE|the officer "chi" is absent then already, by line 2|end the earlier one before the later begins
	END
	# Route takes none of it.
	make_rules "$r" >/dev/null
	run -2 --separate-stderr at '2024-03-05 09:00' start A-0001
	[ -z "$output" ]
	[[ $stderr == 'route: absences.csv:4:1: E_OFFICER: '* ]]
}

@test "lint: a way of assigning that there is not" {
	local r=$BATS_TEST_TMPDIR/rules

	sed -i 's/"least-load"/"lottery"/' "$r/procedures/xd/1.009994.json"
	run -1 --separate-stderr procedure lint --rules="$r" --worktree \
	    --now=2024-03-05 --format=ndjson
	[ "$(jq -r '[.error, .line, .message] | map(tostring) | join(" ")
	    ' <<<"$output" | head -n 1)" = \
	    'E_FIELD 10 no such way to assign "lottery": least-load or round-robin' ]
}

@test "diff and show: ways of assigning, absences without their reasons" {
	local r=$BATS_TEST_TMPDIR/rules

	sed -i 's/"round-robin"/"least-load"/; s/"assign": "least-load", "next": \[/"next": [/' \
	    "$r/procedures/xd/1.009994.json"
	sed -i 's/2024-03-12,.*/2024-03-13,Nghỉ phép/' "$r/absences.csv"
	echo 'an,2024-04-01,,Thai sản' >>"$r/absences.csv"
	make_rules "$r" >/dev/null
	run -0 --separate-stderr procedure diff --rules="$r" HEAD~1..HEAD
	[[ $output == *'"path":"steps/visit/assign","change":"changed","old":"round-robin","new":"least-load"'* ]]
	[[ $output == *'"path":"steps/appraise/assign","change":"removed","old":"least-load","new":null'* ]]
	[[ $output == *'"path":"an@2024-04-01","change":"added","old":null,"new":{"id":"an","from":"2024-04-01","to":""}'* ]]
	[[ $output != *'Nghỉ'* && $output != *'Thai'* && $output != *'Ốm'* ]]
	run -0 --separate-stderr procedure diff --rules="$r" --format=table \
	    HEAD~1..HEAD
	[[ $output == *'absence of "an" from 2024-04-01 added'* ]]
	[[ $output == *'absence of "chi" from 2024-03-11: to 2024-03-12 → 2024-03-13'* ]]
	[[ $output == *'absence of "chi" from 2024-03-11: reason changed'* ]]
	[[ $output != *'Nghỉ'* && $output != *'Thai'* && $output != *'Ốm'* ]]
	run -0 --separate-stderr procedure show --rules="$r" --format=table 1.009994
	[[ $output == *'given by least-load'* ]]
}
