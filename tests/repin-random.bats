#!/usr/bin/env bats
# Pairs of definitions at random, and dossiers in every place of the old one:
# what holds of every move to another version (route plan --rules).

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

NOW=--now='2026-03-10 10:00'

setup() {
	python3 -c '' 2>/dev/null || skip 'no python3'
	cd "$BATS_TEST_TMPDIR" || return
}

# What does not change where nothing moves; what was counted stays out.
rows() {
	sql 'SELECT * FROM dossier ORDER BY id; SELECT * FROM step
	    ORDER BY dossier, step; SELECT dossier, due_at, due_day, status,
	    was, flags & ~136, unit, pin, paused_at, overdue_on, holder,
	    officer, changed_at, fields FROM open ORDER BY dossier'
}

closed() {
	sql 'SELECT * FROM dossier WHERE status IS NOT NULL ORDER BY id'
}

# The world of one seed: received and worked on by the old version.
made() {
	local day list act

	rm -rf world db
	mkdir -p world/old world/new
	python3 "$TOP/tests/repin.py" world "$1" "$2" "$3"
	office_rules "$PWD/world/rules"
	cat >world/rules/units.csv <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.31,Xã A,commune,one-stop,H42,2000-01-01,,
	END
	cp world/old/*.json world/rules/procedures/xd/
	make_rules "$PWD/world/rules" >/dev/null
	fresh_db "$PWD/world/rules"
	dossier-import --now='2026-03-06 18:00' world/rows.csv >log 2>&1 || {
		cat log
		return 1
	}
	while IFS='|' read -r day act list; do
		# Some are refused, by the state they are in then.
		IFS='~' read -ra act <<<"$act"
		tr ' ' '\n' <<<"$list" | route --now="$day 17:00" \
		    "${act[@]}" - \
		    >>log 2>&1 || [ $? = 1 ]
	done <world/acts
	cp world/new/*.json world/rules/procedures/xd/
	NEW=$(make_rules "$PWD/world/rules" 'The other version')
}

holds() {
	run -0 dossier-db check sqlite foreign-keys log replay balance
	silent
}

# Open steps that the definition does not have, or has as a final one.
astray() {
	sql "SELECT c.code, n.code FROM step s JOIN code c ON c.id = s.dossier
	    JOIN open o ON o.dossier = s.dossier
	    JOIN step_name n ON n.id = s.step JOIN pin p ON p.id = o.pin
	    JOIN definition f ON f.blob = p.blob WHERE NOT EXISTS (
		SELECT 1 FROM json_each(f.body, '\$.steps') j
		WHERE json_extract(j.value, '\$.id') = n.code
		AND json_extract(j.value, '\$.final') IS NULL)"
}

# Whatever is open is worked on until nothing moves any more.
work() {
	local step

	dossier-find --status=supplement,stopped,payment -f ndjson |
	    route --now='2026-03-11 08:00' resume - >>log 2>&1 || [ $? = 1 ]
	dossier-find --status=received -f ndjson |
	    route --now='2026-03-11 08:30' start - >>log 2>&1 || [ $? = 1 ]
	for _ in {1..14}; do
		for step in $(sql 'SELECT DISTINCT n.code FROM step s
		    JOIN step_name n ON n.id = s.step
		    JOIN open o ON o.dossier = s.dossier'); do
			dossier-find --step="$step" --open -f ndjson |
			    route --now='2026-03-11 09:00' next \
				--step="$step" - >>log 2>&1 || [ $? = 1 ]
		done
	done
}

one_world() {
	local how=$2 maps

	made "$1" 5 "${ROWS:-24}"
	mapfile -t maps <world/maps
	holds
	rows >before
	closed >closed.before
	route plan "$NOW" --rules=main --deadline="$how" "${maps[@]}" \
	    -f ndjson >plan.ndjson 2>said || [ $? = 1 ]
	rows | diff before -
	# A dry run says what will be, and does nothing.
	route apply "$NOW" --dry-run -f ndjson plan.ndjson >dry 2>>said ||
	    [ $? = 1 ]
	rows | diff before -
	# Every second line; then all, of which those are there already.
	sed -n 'p;n' plan.ndjson | route apply "$NOW" -f ndjson - >half \
	    2>>said || [ $? = 1 ]
	holds
	route apply "$NOW" -f ndjson plan.ndjson >all 2>>said || [ $? = 1 ]
	holds
	diff <(jq -r 'select(.result == "planned").code' plan.ndjson | sort) \
	    <(jq -r 'select(.result == "done").code' half all | sort)
	diff <(jq -r 'select(.result == "done").code' dry | sort) \
	    <(jq -r 'select(.result == "done").code' half all | sort)
	diff <(jq -r 'select(.result != "planned").code' plan.ndjson | sort) \
	    <(jq -r 'select(.result == "refused").code' all | sort)
	# Twice is once.
	sql 'SELECT size FROM tree' >size
	route apply "$NOW" -f ndjson plan.ndjson >again 2>>said || [ $? = 1 ]
	[ "$(jq -r .result again | grep -c 'done')" = 0 ]
	sql 'SELECT size FROM tree' | diff size -
	# Where each is, and when it is due, is what its line says.
	jq -r 'select(.result == "planned") | [.code, .path, (.new_due_at //
	    "-")[:19], ([.steps[].to] | sort | join("+"))] | join(" ")' \
	    plan.ndjson | sort >wanted
	jq -r 'select(.result == "planned").code' plan.ndjson |
	    dossier-find -f ndjson - | jq -r --arg new "$NEW" \
	    'select(.revision == $new) | [.code, "procedures/xd/" +
	    .procedure + ".json", (.due_at // "-")[:19], ((.step // "") |
	    split("+") | sort | join("+"))] | join(" ")' | sort |
	    diff wanted -
	[ -z "$(astray)" ]
	# Nobody else has moved, and what was closed not at all.
	closed | diff closed.before -
	[ "$(jq -r 'select(.result == "planned") | .code' plan.ndjson |
	    wc -l)" = "$(dossier-find --open -f ndjson | jq -r --arg new \
	    "$NEW" 'select(.revision == $new).code' | wc -l)" ]
	# By today's calendars nothing is another date.
	run -0 --separate-stderr route plan "$NOW" --recompute -f ndjson
	[ -z "$output" ]
	jq -r .result plan.ndjson >>told
}

@test "replay, steps, dates: what holds of every move" {
	local seed n=4

	[ -z "${MOTCUA_SAN-}" ] || n=1
	for ((seed = 1; seed <= n; seed++)); do
		one_world "$seed" recount
		one_world "$((seed + 100))" keep
	done
	one_world 7 recount-all
	# All of it was really met.
	sort told | uniq -c
	[ "$(sort -u told | tr '\n' ' ')" = 'planned undecided ' ]
}

@test "taken back, everything is as it was" {
	local how

	for how in keep recount recount-all; do
		one_world 11 "$how"
		route plan "$NOW" --undo=plan.ndjson -f ndjson >undo.ndjson \
		    2>said || [ $? = 1 ]
		[ "$(grep -c E_STALE said)" = 0 ]
		# Where there was no due date, there is no way back.
		diff <(jq -r 'select(.result == "planned") |
		    select((.due_at == null and .new_due_at != null) | not) |
		    .code' plan.ndjson | sort) \
		    <(jq -r .code undo.ndjson | sort)
		route apply "$NOW" -f ndjson undo.ndjson >undone 2>said
		[ "$(jq -r .result undone | sort -u)" = 'done' ]
		jq -r .code undone | sort >codes
		diff <(grep -c . codes) <(grep -c '"done"' undone)
		[ "$(grep -c E_PLAN said)" = 0 ]
		[ "$(jq -r 'select(.due_at == null and .new_due_at != null)' \
		    plan.ndjson | wc -l)" != 0 ] || rows | diff before -
		holds
		run -0 --separate-stderr route plan "$NOW" --recompute \
		    -f ndjson
		[ -z "$output" ]
	done
}

@test "whoever was moved gets to the end by the new version" {
	local seed

	for seed in 21 22; do
		one_world "$seed" recount
		jq -r 'select(.result == "planned").code' plan.ndjson >moved
		work
		[ -s moved ]
		dossier-find -f ndjson - <moved | jq -c 'select(.status !=
		    "finished" and .status != "returned") |
		    [.code, .status, .step]' >left
		diff left /dev/null
		holds
	done
}
