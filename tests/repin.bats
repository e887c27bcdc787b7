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

# Everything a dossier's rows say, but what counts its events.
state() {
	sql "SELECT * FROM dossier ORDER BY id; SELECT * FROM step
	    ORDER BY dossier, step; SELECT * FROM rollup ORDER BY 1, 2, 3, 4;
	    SELECT dossier, due_at, due_day, status, was, flags & ~8, unit,
	    pin, paused_at, overdue_on, holder, officer, changed_at, fields
	    FROM open ORDER BY dossier"
}

RENAME='.limit = "10 working days" | .steps |= map(
    if .id == "survey" then .id = "appraise" | .limit = "3 working days"
    elif .next == "survey" then .next = "appraise" else . end)'

@test "one" {
	new=$(change "$RENAME")
	run --separate-stderr plan --rules=main
	echo "$status"; echo "$output"; echo "$stderr"
	run --separate-stderr plan --rules=main --map=survey=appraise --deadline=recount
	echo "$status"; echo "$output"; echo "$stderr"
	printf '%s\n' "$output" >p
	state >before
	run --separate-stderr apply p
	echo "$status"; echo "$output"; echo "$stderr"
	run --separate-stderr apply p
	echo "$status"; echo "$stderr"
	dossier-db check
	route plan "$NOW" --recompute -f ndjson
	sla-check "$NOW" -f table --explain=A-2
	run --separate-stderr plan --undo=p
	echo "$status"; echo "$output"; echo "$stderr"
	run --separate-stderr apply - <<<"$output"
	echo "$status"; echo "$output"; echo "$stderr"
	route plan "$NOW" --recompute -f ndjson
	state >after; diff before after
	false
}
