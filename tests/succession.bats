#!/usr/bin/env bats
# route plan --succession, --undo, route apply: units that merge and split.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

NOW=--now='2025-07-02 10:00'

# Three communes merge on 1 July 2025 (31, 32 and 33 into 31, a code that is
# used again), a fourth (34) is split between 31 and the new 35, and 36 has
# another role from that day on.
setup() {
	local r=$BATS_TEST_TMPDIR/rules

	office_rules "$r"
	cat >"$r/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.31,Xã A,commune,one-stop,H42,2000-01-01,2025-06-30,H42.31
		H42.32,Xã B,commune,one-stop,H42,2000-01-01,2025-06-30,H42.31
		H42.33,Xã C,commune,one-stop,H42,2000-01-01,2025-06-30,H42.31
		H42.34,Xã D,commune,one-stop,H42,2000-01-01,2025-06-30,H42.31 H42.35
		H42.36,Xã E,commune,one-stop,H42,2000-01-01,2025-06-30,
		H42.31,Xã Mới,commune,one-stop,H42,2025-07-01,,
		H42.35,Xã Khác,commune,one-stop,H42,2025-07-01,,
		H42.36,Xã E,commune,one-stop leader,H42,2025-07-01,,
		H42.32.1,Địa chính B,office,land,H42.32,2000-01-01,2025-06-30,H42.31.1
		H42.34.1,Địa chính D,office,land,H42.34,2000-01-01,2025-06-30,H42.31.1
		H42.31.1,Địa chính,office,land,H42.31,2025-07-01,,
	END
	cat >"$r/procedures/xd/1.000001.json" <<-'END'
		{"code": "1.000001", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
		 "fields": [{"name": "area", "title": "Địa bàn",
		    "type": "text", "public": true}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "survey"},
		  {"id": "survey", "role": "land", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	sed 's/1\.000001/2.000001/' "$r/procedures/xd/1.000001.json" \
	    >"$r/procedures/xd/2.000001.json"
	make_rules "$r" >/dev/null
	fresh_db "$r"
	{
		dossier-import --now='2025-06-24 10:00' - <<-'CSV' &&
			code,procedure,unit,channel,status,received_at,applicant_name,field.area
			A-1,1.000001,H42.31,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
			B-1,1.000001,H42.32,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
			B-2,1.000001,H42.32,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
			B-3,1.000001,H42.32,online,registered,2025-06-23 09:00,Nguyễn Văn Kín,
			B-4,1.000001,H42.32,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
			C-1,1.000001,H42.33,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
			D-1,1.000001,H42.34,direct,,2025-06-23 09:00,Nguyễn Văn Kín,north-1
			D-2,1.000001,H42.34,direct,,2025-06-23 09:00,Nguyễn Văn Kín,south
			D-3,2.000001,H42.34,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
			D-4,1.000001,H42.34,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
			E-1,1.000001,H42.36,direct,,2025-06-23 09:00,Nguyễn Văn Kín,
		CSV
		route --now='2025-06-24 11:00' start B-2 B-4 C-1 &&
		route --now='2025-06-24 12:00' next B-2 &&
		route --now='2025-06-24 12:00' pay C-1 &&
		route --now='2025-06-24 12:00' finish B-4
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

plan() {
	route plan "$NOW" --format=ndjson "$@"
}

apply() {
	route apply "$NOW" --format=ndjson "$@"
}

# code result: step from>to by rule ...
short() {
	jq -r '"\(.code) \(.result):" + ([.moves[] |
	    " \(.step // "-") \(.from)>\(.to // "?") \(.rule // "?")"] |
	    join(";"))' <<<"$output"
}

results() {
	jq -r '[.code, .result, .from_unit, .to_unit,
	    (.error // "" | split(":")[0])] | join(" ")' <<<"$output"
}

# Everything a dossier's rows say, but what counts its events.
state() {
	sql "SELECT * FROM dossier ORDER BY id; SELECT * FROM step
	    ORDER BY dossier, step; SELECT * FROM rollup; SELECT * FROM pin;
	    SELECT * FROM code; SELECT * FROM alias; SELECT * FROM turn;
	    SELECT dossier, due_at, due_day, status, was, flags, unit, pin,
	    paused_at, overdue_on, holder, officer, changed_at, fields
	    FROM open ORDER BY dossier"
}

decide() {
	cat >decisions.csv <<-'END'
		from,to,procedure,receiving,field,value
		H42.34,H42.35,,,area,north*
		H42.34,H42.31,1.*,,area,south
		H42.34,H42.35,2.000001,H42.34,,
	END
}

@test "three communes merge and one is split: planned, applied, taken back" {
	run -0 procedure lint --rules="$BATS_TEST_TMPDIR/rules" HEAD
	silent
	run -1 --separate-stderr plan --succession
	same_text "$(short)" <<-'END'
		B-1 planned: - H42.32>H42.31 units.csv
		B-2 planned: - H42.32>H42.31 units.csv; survey H42.32.1>H42.31.1 units.csv
		B-3 planned: - H42.32>H42.31 units.csv
		C-1 planned: - H42.33>H42.31 units.csv; receive H42.33>H42.31 units.csv
		D-1 undecided: - H42.34>? ?
		D-2 undecided: - H42.34>? ?
		D-3 undecided: - H42.34>? ?
		D-4 undecided: - H42.34>? ?
	END
	[ "$stderr" = \
	    'route: planned 4 of 10 open dossiers, 4 undecided' ]
	[ "$(jq -c 'select(.code == "D-1").moves[0].choices' <<<"$output")" = \
	    '["H42.31","H42.35"]' ]
	# What nobody has decided is not done.
	run -1 --separate-stderr apply --dry-run - <<<"$output"
	[ "$(grep -c '^route: .*E_PLAN: ' <<<"$stderr")" = 4 ]
	decide
	run -1 --separate-stderr plan --succession --decisions=decisions.csv
	same_text "$(short | grep ^D)" <<-'END'
		D-1 planned: - H42.34>H42.35 decisions.csv:2
		D-2 planned: - H42.34>H42.31 decisions.csv:3
		D-3 planned: - H42.34>H42.35 decisions.csv:4
		D-4 undecided: - H42.34>? ?
	END
	printf '%s\n' "$output" >plan.ndjson
	state >before
	run -1 --separate-stderr apply plan.ndjson
	same_text "$(results)" <<-'END'
		B-1 done H42.32 H42.31 
		B-2 done H42.32.1 H42.31.1 
		B-3 done H42.32 H42.31 
		C-1 done H42.33 H42.31 
		D-1 done H42.34 H42.35 
		D-2 done H42.34 H42.31 
		D-3 done H42.34 H42.35 
		D-4 refused H42.34 H42.34 E_PLAN
	END
	[ "${stderr_lines[-1]}" = 'route: 7 moved, 0 unchanged, 1 refused' ]
	run -0 dossier-find -f ndjson --holder=H42.35
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'D-1 D-3 ' ]
	# The receiving unit, the number and the clock stay.
	[ "$(sql 'SELECT count(*) FROM open o JOIN unit u ON u.id = o.unit
	    WHERE u.code = "H42.31"')" = 1 ]
	run -0 dossier-find -f ndjson B-2
	[ "$(jq -r '[.unit, .holder] | join(" ")' <<<"$output")" = \
	    'H42.32 H42.31.1' ]
	# Once more: it is so already.  And nothing is left but the undecided.
	run -1 --separate-stderr apply plan.ndjson
	[ "${stderr_lines[-1]}" = 'route: 0 moved, 7 unchanged, 1 refused' ]
	run -1 --separate-stderr plan --succession
	[ "$(short)" = 'D-4 undecided: - H42.34>? ?' ]
	# Taken back; the log has both.
	run -0 --separate-stderr plan --undo=plan.ndjson
	[ "$stderr" = 'route: planned 7, 1 were not done yet' ]
	same_text "$(head -n 2 <<<"$output")" <<-'END'
		{"schema":"motcua.plan/1","code":"B-1","version":2,"action":"rehome","procedure":"1.000001","unit":"H42.32","status":"received","moves":[{"step":null,"from":"H42.31","to":null,"rule":null}],"result":"planned","reason":"undo","basis":null,"commit":null}
		{"schema":"motcua.plan/1","code":"B-2","version":6,"action":"rehome","procedure":"1.000001","unit":"H42.32","status":"processing","moves":[{"step":null,"from":"H42.31","to":null,"rule":null},{"step":"survey","from":"H42.31.1","to":"H42.32.1","rule":null}],"result":"planned","reason":"undo","basis":null,"commit":null}
	END
	printf '%s\n' "$output" >undo.ndjson
	run -0 --separate-stderr apply undo.ndjson
	[ "$stderr" = 'route: 7 moved, 0 unchanged, 0 refused' ]
	state >after
	diff before after
	run -0 --separate-stderr apply undo.ndjson
	[[ $stderr == *' 7 unchanged, 0 refused' ]]
	run -0 audit-export -f ndjson B-1
	[ "$(jq -r '.body | fromjson | select(.kind == "rehomed") |
	    "\(.data.unit) \(.data.why.reason)"' <<<"$output")" = \
	    $'H42.31 succession\nnull undo' ]
	# And again, as if nothing had been.
	run -1 --separate-stderr plan --succession
	[ "$stderr" = \
	    'route: planned 4 of 10 open dossiers, 4 undecided' ]
}

@test "and the procedure goes on: roles are those of the unit that has it now" {
	# Merged: even before the plan is applied.
	run -0 route --now='2025-07-01 09:00' -f ndjson start B-1
	[ "$(jq -r .to_unit <<<"$output")" = H42.31 ]
	# The search began where the successor is, and found the role there.
	[ "$(jq -r '.why.steps[0].at' <<<"$output")" = H42.31 ]
	[ "$(audit-export B-1 | jq -r 'select(.kind == "started") | .body |
	    fromjson | .data.why.step.at')" = H42.31 ]
	run -0 route --now='2025-07-01 10:00' -f ndjson next B-1 B-2
	[ "$(jq -r .to_unit <<<"$output" | tr '\n' ' ')" = 'H42.31.1 H42.31 ' ]
	[ "$(jq -r '.why.steps[0].at' <<<"$output" | tr '\n' ' ')" = 'H42.31 H42.31 ' ]
	# Split: nobody knows before it is decided.
	run -1 --separate-stderr route --now='2025-07-01 11:00' start D-1
	[[ $stderr == *'E_ROLE: the unit "H42.34" does not exist on that day'* ]]
	decide
	plan --succession --decisions=decisions.csv 2>/dev/null >plan.ndjson ||
	    true
	run -1 --separate-stderr apply plan.ndjson
	run -0 route --now='2025-07-03 09:00' -f ndjson start D-1 D-2 E-1 A-1
	[ "$(jq -r .to_unit <<<"$output" | tr '\n' ' ')" = \
	    'H42.35 H42.31 H42.36 H42.31 ' ]
	# Who received it is in its record as before.
	run -0 dossier-find -f ndjson D-1
	[ "$(jq -r '.unit + " " + .holder' <<<"$output")" = 'H42.34 H42.35' ]
}

@test "a unit answers for what those received that merged into it" {
	# of TOOL UNIT: the codes it lists, on one line.
	of() {
		case $1 in
		dossier-find) set -- dossier-find --open "--unit=$2" ;;
		*) set -- sla-check --state=overdue,due-soon,in-time,paused \
		    "--unit=$2" ;;
		esac
		run -0 --separate-stderr "$@" "$NOW" -f ndjson
		jq -r 'select(.status != "registered").code' <<<"$output" |
		    sort | tr '\n' ' '
	}
	local tool

	for tool in dossier-find sla-check; do
		echo "$tool"
		[ "$(of $tool H42.31)" = 'A-1 B-1 B-2 C-1 ' ]
		# Who has ended is asked for by its own code.
		[ "$(of $tool H42.32)" = 'B-1 B-2 ' ]
		# Of one that was split nobody knows before it is decided.
		[ "$(of $tool H42.34)" = 'D-1 D-2 D-3 D-4 ' ]
		[ "$(of $tool H42.35)" = '' ]
		[[ $(of $tool H42) == 'A-1 B-1 B-2 C-1 D-1 '* ]]
	done
	# As a report counts them.
	[ "$(report 06a "$NOW" --unit=H42.31 --period=2025-06-20..2025-07-02 \
	    -f ndjson | jq -r 'select(.key == null).open_total')" -eq 4 ]
	# Before they merged each answered for itself.
	[ "$(dossier-find --now='2025-06-30 10:00' --unit=H42.31 -f ndjson |
	    jq -r .code)" = A-1 ]
	# In hand is another question.
	[ "$(dossier-find "$NOW" --holder=H42.31 -f ndjson | jq -r .code)" = A-1 ]
}

# What a decision file must not say, and a plan must not either.
@test "decisions that are wrong are refused with their place" {
	local want text

	while IFS='|' read -r want text; do
		printf '%b' "$text" >d.csv
		run -2 --separate-stderr plan --succession --decisions=d.csv
		[ -z "$output" ]
		[ "${stderr_lines[0]}" = "route: d.csv:$want" ] || {
			printf '%s\n' "$text" "$want" "$stderr"
			return 1
		}
	done <<-'END'
		1: E_HEADER: the file is empty|
		1: E_HEADER: there is no column "to"|from\n
		1: E_HEADER: unknown column "who"|from,to,who\n
		1: E_HEADER: the column "to" stands there twice|from,to,to\n
		1: E_HEADER: "field" and "value" go together|from,to,field\n
		2: E_FIELD: "to" is empty|from,to\nH42.34,\n
		2: E_FIELD: a value, and of no field|from,to,field,value\nH42.34,H42.31,,x\n
		2: E_UNIT: no unit "H42.99" in units.csv|from,to\nH42.99,H42.31\n
		2: E_UNIT: no unit "H42.99" in units.csv|from,to\nH42.34,H42.99\n
		2: E_UNIT: the unit "H42.35" has not ended: nothing is to be decided|from,to\nH42.35,H42.31\n
		2: E_UNIT: the unit "H42.33" is not one of today|from,to\nH42.34,H42.33\n
		3: E_DUPLICATE: line 2 decides all of this for "H42.34" already|from,to,procedure\nH42.34,H42.31,\nH42.34,H42.35,1.000001\n
	END
	run -2 --separate-stderr plan --succession --decisions=nowhere.csv
	[[ $stderr == 'route: nowhere.csv: '* ]]
	# One that decides nothing is said; one for what is left is enough.
	printf 'from,to,field,value\nH42.33,H42.35,area,z\nH42.34,H42.35,area,\nH42.34,H42.31,,\n' >d.csv
	run -0 --separate-stderr plan --succession --decisions=d.csv
	same_text "$(short | grep ^D)" <<-'END'
		D-1 planned: - H42.34>H42.31 d.csv:4
		D-2 planned: - H42.34>H42.31 d.csv:4
		D-3 planned: - H42.34>H42.35 d.csv:3
		D-4 planned: - H42.34>H42.35 d.csv:3
	END
	[ "${stderr_lines[0]}" = \
	    'route: d.csv:2: W_IDLE: this decision moves no dossier' ]
}

@test "a code that was used again: dossiers of before and of now" {
	sed -i '/^H42.31,Xã A/s/H42.31$/H42.31 H42.35/' rules/units.csv
	make_rules rules 'A is split, too' >/dev/null
	# The new commune has received one of its own, and got one.
	dossier-import --now='2025-07-01 10:00' - <<-'CSV' >/dev/null 2>&1
		code,procedure,unit,channel,received_at
		N-1,1.000001,H42.31,direct,2025-07-01 09:00
		N-2,1.000001,H42.36,direct,2025-07-01 09:00
	CSV
	route --now='2025-07-01 11:00' transfer --to=H42.31 N-2 >/dev/null
	run -1 --separate-stderr plan --succession A-1 N-1 N-2 E-1
	[ "$(short)" = 'A-1 undecided: - H42.31>? ?' ]
	printf 'from,to\nH42.31,H42.31\n' >d.csv
	run -0 --separate-stderr plan --succession --decisions=d.csv \
	    --basis=1/NQ A-1 N-1 N-2 E-1
	[ "$(short)" = 'A-1 planned: - H42.31>H42.31 d.csv:2' ]
	printf '%s\n' "$output" >plan.ndjson
	state >before
	run -0 --separate-stderr apply plan.ndjson
	[ "$(jq -r .result <<<"$output")" = 'done' ]
	run -0 --separate-stderr apply plan.ndjson
	[ "$(jq -r .result <<<"$output")" = unchanged ]
	run -0 --separate-stderr plan --succession --decisions=d.csv A-1
	[ -z "$output" ]
	# Taken back, it is the old one's again.
	run -0 --separate-stderr plan --undo=plan.ndjson
	run -0 --separate-stderr apply - <<<"$output"
	diff before <(state)
	run -1 --separate-stderr plan --succession A-1
	[ "$(short)" = 'A-1 undecided: - H42.31>? ?' ]
}

@test "a step that has another name since is still where it was brought" {
	# The step of B-2 is at a code that is used again, and then renamed.
	sed -i '/^H42.32.1,/s/H42.31.1$/H42.32.1 H42.31.1/' rules/units.csv
	echo 'H42.32.1,Địa chính Mới,office,land,H42.31,2025-07-01,,' \
	    >>rules/units.csv
	make_rules rules 'The same code' >/dev/null
	printf 'from,to\nH42.32.1,H42.32.1\n' >d.csv
	run -0 --separate-stderr plan --succession --decisions=d.csv B-2
	[ "$(short)" = 'B-2 planned: - H42.32>H42.31 units.csv; survey H42.32.1>H42.32.1 d.csv:2' ]
	run -0 --separate-stderr apply - <<<"$output"
	sed -i 's/survey/appraise/' rules/procedures/xd/1.000001.json
	make_rules rules 'Another name' >/dev/null
	run -0 --separate-stderr plan --rules=main --map=survey=appraise B-2
	run -0 --separate-stderr apply - <<<"$output"
	[ "$(jq -r .to_step <<<"$output")" = appraise ]
	run -0 --separate-stderr plan --succession --decisions=d.csv B-2
	[ -z "$output" ]
}

@test "hostile lines are refused with their place, and nothing is written" {
	local line='{"schema":"motcua.plan/1","code":"B-1","version":1,"action":"rehome","moves":[{"step":null,"from":"H42.32","to":"H42.31"}]}'
	local want text

	while IFS='|' read -r want text; do
		run -1 --separate-stderr apply - <<<"$(jq -c "$text" <<<"$line")"
		[ "${stderr_lines[0]}" = "route: -:1: $want" ] || {
			printf '%s\n' "$text" "$want" "$stderr"
			return 1
		}
	done <<-'END'
		E_FIELD: "moves" must be an array of 1 to 201 objects|del(.moves)
		E_FIELD: "moves" must be an array of 1 to 201 objects|.moves = []
		E_FIELD: "moves" must be an array of 1 to 201 objects|.moves = "x"
		E_FIELD: "moves" must be an array of 1 to 201 objects|.moves = [range(300)]
		E_FIELD: "moves"[0] must be an object|.moves = [1]
		E_FIELD: "moves"[0].from is missing|del(.moves[0].from)
		E_FIELD: "moves"[0].to must be text of 1 to 400 bytes, or null|.moves[0].to = 7
		E_FIELD: "moves"[0].to must be text of 1 to 400 bytes, or null|.moves[0].to = ""
		E_FIELD: "moves"[1].step stands there twice|.moves += .moves
		E_FIELD: "basis" must be text or null|.basis = 3
		E_STALE: "B-1": it has changed since the plan was made: version 1, planned for 2|.version = 2
	END
	while IFS='|' read -r want text; do
		run -1 --separate-stderr apply - <<<"$(jq -c "${text//¦/|}" <<<"$line")"
		[ "$(jq -r .error <<<"$output")" = "$want" ] || {
			printf '%s\n' "$text" "$want" "$output"
			return 1
		}
	done <<-'END'
		E_DOSSIER: there is no such dossier|.code = "Z-9"
		E_STATE: the dossier is finished: what is not open any more never changes|.code = "B-4"
		E_PLAN: is not at "H42.33"|.moves[0].from = "H42.33"
		E_PLAN: step "receive": is not open; it was at "H42.32"|.moves[0].step = "receive"
		E_PLAN: step "nope": is not open; it was at "H42.32"|.moves[0].step = "nope"
		E_UNIT: there is no unit "H42.99"|.moves[0].to = "H42.99"
		E_UNIT: not a unit of today: "H42.33"|.moves[0].to = "H42.33"
		E_PLAN: nobody has decided where it goes from "H42.32"|.moves[0].to = null
		E_PLAN: nobody has decided where it goes|.result = "undecided"
		E_PLAN: that is not what its last move has left|.reason = "undo" ¦ .moves[0].to = "H42.33"
		E_PLAN: that is not what its last move has left|.reason = "undo" ¦ .moves[0].to = "H42.31"
	END
	[ "$(sql 'SELECT max(version) FROM open WHERE holder IS NOT NULL')" = '' ]
	# Twice in one plan: done once.  With another place: too late.
	run -1 --separate-stderr apply - <<<"$line
$line
$(jq -c '.moves[0].to = "H42.35"' <<<"$line")"
	[ "$(jq -r .result <<<"$output" | tr '\n' ' ')" = \
	    'done unchanged refused ' ]
}

@test "two appliers, and one that is killed: nothing is moved twice" {
	decide
	plan --succession --decisions=decisions.csv 2>/dev/null |
	    jq -c 'select(.result == "planned")' >plan.ndjson
	[ "$(wc -l <plan.ndjson)" = 7 ]
	apply plan.ndjson >one 2>/dev/null &
	apply plan.ndjson >two 2>/dev/null
	wait
	[ "$(cat one two | jq -r .result | sort | uniq -c | tr -s ' \n' ' ')" = \
	    ' 7 done 7 unchanged ' ]
	plan --undo=plan.ndjson 2>/dev/null >undo.ndjson
	apply undo.ndjson >/dev/null 2>&1
	# The plan stops in its middle; then it comes once more.
	plan --succession --decisions=decisions.csv 2>/dev/null |
	    jq -c 'select(.result == "planned")' >plan.ndjson
	mkfifo pipe
	apply pipe >out 2>/dev/null &
	exec 9>pipe
	head -n 3 plan.ndjson >&9
	while [ "$(wc -l <out)" -lt 3 ]; do sleep 0.05; done
	sed -n 4p plan.ndjson | head -c 60 >&9
	kill -KILL $!
	exec 9>&-
	wait $! || true
	run -0 dossier-db check sqlite foreign-keys log replay balance
	run -0 --separate-stderr apply plan.ndjson
	[ "$stderr" = 'route: 4 moved, 3 unchanged, 0 refused' ]
}

@test "undo: what was not done, what has changed since, what it cannot" {
	plan --succession B-1 B-2 B-3 C-1 2>/dev/null >plan.ndjson
	head -n 3 plan.ndjson | apply - >/dev/null 2>&1
	route --now='2025-07-02 11:00' receive B-3 >/dev/null 2>&1
	{
		echo '{"schema":"motcua.plan/1","code":"B-1","version":1,"action":"reschedule","new_due_at":"2025-07-02T10:00:00+07:00","new_due_day":"2025-07-02"}'
		echo nothing
	} >>plan.ndjson
	run -1 --separate-stderr route plan --now='2025-07-02 12:00' \
	    -f ndjson --undo=plan.ndjson
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'B-1 B-2 ' ]
	same_text "$(cut -c1-84 <<<"$stderr")" <<-'END'
		route: plan.ndjson:6:1: E_JSON: a value should be here, not "n"
		route: plan.ndjson:5: E_PLAN: "B-1": due dates go back with the calendar: route plan
		route: plan.ndjson:3: E_STALE: "B-3": it has changed since: version 3, the plan left
		route: planned 2, 1 were not done yet
	END
	run -2 --separate-stderr plan --undo=plan.ndjson B-1
	[[ $stderr == *'E_USAGE: --undo takes back what is in the plan: no codes'* ]]
	run -2 --separate-stderr plan --undo=plan.ndjson --succession
	[[ $stderr == *'one of --recompute, --succession, --rules, --due and --undo at a time'* ]]
	run -2 --separate-stderr plan --recompute --decisions=x
	[[ $stderr == *'--decisions is for --succession'* ]]
}

# ROWS in the environment makes it bigger.
@test "a real reform: 405 lines, 129 new communes, six splits" {
	local table=data/vn/ninhbinh_old_to_new_nso.csv n=${ROWS:-1000}

	need_shared "$table"
	run -0 python3 "$TOP/tests/succession.py" "$SHARED/$table" rules "$n"
	[ "$output" = '399 129 6 14503' ]
	mv rules/rows.csv rules/decisions.csv .
	make_rules rules 'Reform' >/dev/null
	fresh_db "$PWD/rules"
	dossier-import --now='2025-06-28 10:00' --format=ndjson rows.csv \
	    >import.log 2>&1
	# Half of them have an open step.
	awk -F, 'NR > 1 && NR % 2 { print $1 }' rows.csv |
	    route --now='2025-06-28 11:00' - >start.log 2>&1
	[ "$(sql 'SELECT count(*) FROM open')" = "$n" ]
	[ "$(sql 'SELECT count(*) > 0 FROM step')" = 1 ]
	state >before
	sql 'SELECT dossier, due_at, due_day, unit FROM open' >dues
	plan --succession --decisions=decisions.csv >plan.ndjson ||
	    [ $? = 1 ]
	apply plan.ndjson >done.ndjson || [ $? = 1 ]
	# Who is left behind is of the one split that nobody has decided.
	jq -r 'select(.result == "undecided") | .code' plan.ndjson |
	    sort >undecided
	[ -s undecided ]
	awk -F, '$3 == 14503 { print $1 }' rows.csv | sort | diff - undecided
	jq -r 'select(.result == "refused") | .code' done.ndjson | sort |
	    diff undecided -
	# Everybody else is at a unit of today.
	cut -d, -f1,6 rules/units.csv | sed -n 's/,2025-07-01$//p' | sort \
	    >units
	{
		sql 'SELECT u.code FROM open o
		    JOIN unit u ON u.id = coalesce(o.holder, o.unit)'
		sql 'SELECT u.code FROM step s JOIN unit u ON u.id = s.unit'
	} | sort -u | comm -23 - units >lost
	[ "$(cat lost)" = 14503 ]
	# No clock and no number has changed, nor who received it.
	sql 'SELECT dossier, due_at, due_day, unit FROM open' | diff dues -
	run -0 dossier-db check sqlite foreign-keys log replay balance
	silent
	plan --undo=plan.ndjson >undo.ndjson
	apply undo.ndjson >/dev/null
	state | diff before -
	[ "$(sql 'SELECT count(*) > 0 FROM open WHERE version > 2')" = 1 ]
}

# Plans are files, and two of them make one: what the undo shows of both.
@test "a plan that moves and repins is taken back, and shown in every format" {
	local f own

	jq '.limit = "20 working days"' rules/procedures/xd/1.000001.json >new
	mv new rules/procedures/xd/1.000001.json
	make_rules rules 'Another limit' >/dev/null
	{
		plan --succession B-1 B-2
		plan --rules=main A-1 E-1
		plan --succession C-1
	} >plan.ndjson 2>said
	own="SELECT * FROM dossier ORDER BY id; SELECT * FROM step
	    ORDER BY dossier, step; SELECT dossier, due_at, due_day, status,
	    unit, holder, officer, pin FROM open ORDER BY dossier"
	sql "$own" >before
	run -0 --separate-stderr apply plan.ndjson
	[ "$stderr" = 'route: 3 moved, 2 repinned, 0 unchanged, 0 refused' ]
	for f in csv table ndjson; do
		run -0 --separate-stderr route plan "$NOW" --undo=plan.ndjson \
		    --format="$f"
		[ "$stderr" = 'route: planned 5, 0 were not done yet' ]
		printf '%s\n' "$output" >"undo.$f"
	done
	# Each says of each dossier what would be done to it.
	same_text "$(cut -d, -f1-6 undo.csv)" <<-'END'
		code,version,action,procedure,unit,status
		A-1,2,repin,1.000001,H42.31,received
		B-1,2,rehome,1.000001,H42.32,received
		B-2,6,rehome,1.000001,H42.32,processing
		C-1,5,rehome,1.000001,H42.33,payment
		E-1,2,repin,1.000001,H42.36,received
	END
	[ "$(head -n 1 undo.csv | cut -d, -f7-)" = 'moves,old_commit,old_path,old_blob,commit,path,blob,due_at,due_day,new_due_at,new_due_day,provisional,state,new_state,deadline,steps,missing,differs,result,error,reason,basis' ]
	[[ $(sed -n 3p undo.csv) == *',received,"[{""step"":null,""from"":""H42.31"",""to"":null,""rule"":null}]",,,,,,,,,,,,,,,,,,planned,,undo,' ]]
	[[ $(sed -n 2p undo.csv) == A-1,*',received,,'*,2025-07-14,false,in-time,in-time,undo,'[],[],[],planned,,undo,' ]]
	[ "$(awk '{ print $1, $3 }' undo.table)" = "$(cut -d, -f1,3 undo.csv |
	    tr , ' ')" ]
	[ "$(head -n 1 undo.table | tr -s ' ' ,)" = "$(head -n 1 undo.csv)" ]
	[ "$(jq -r '[.code, .action] | join(" ")' undo.ndjson)" = \
	    "$(awk 'NR > 1 { print $1, $3 }' undo.table)" ]
	# Of one kind: a table as the plan's own, CSV as always.
	for f in B- E-; do
		grep "\"$f" plan.ndjson >one
		run -0 --separate-stderr route plan "$NOW" --undo=one -f csv
		[ "${lines[0]}" = "$(head -n 1 undo.csv)" ]
		[ "$(tail -n +2 <<<"$output")" = "$(grep "^$f" undo.csv)" ]
		run -0 --separate-stderr route plan "$NOW" --undo=one -f table
		case $f in
		B-) [[ ${lines[0]} == *' moves '* ]] &&
		    [[ ${lines[0]} != *' steps '* ]] ;;
		E-) [[ ${lines[0]} != *' moves '* ]] &&
		    [[ ${lines[0]} == *' steps '* ]] ;;
		esac
	done
	run -0 --separate-stderr route plan "$NOW" --undo=/dev/null -f csv
	[ "$output" = "$(head -n 1 undo.csv)" ]
	run -0 --separate-stderr apply undo.ndjson
	[ "$stderr" = 'route: 3 moved, 2 repinned, 0 unchanged, 0 refused' ]
	sql "$own" >after
	diff before after
}
