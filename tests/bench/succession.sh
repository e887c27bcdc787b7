#!/bin/bash
# succession.sh - units merged and split under many open dossiers: planning
# where they go, doing it, and taking it back.
#
# The reform is the official table of old and new communes in the shared test
# data (MOTCUA_SHARED).  Each figure is given by the wall clock and by the
# processor's: on a shared machine the second says more.  ROWS and RUNS in the
# environment change the number of open dossiers and of runs (medians are
# printed).
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${ROWS:=100000}" "${RUNS:=3}"
table=${MOTCUA_SHARED:-$top/../shared}/data/vn/ninhbinh_old_to_new_nso.csv
needs dossier-db dossier-import route git python3
[ -e "$table" ] || { echo "bench: no $table" >&2; exit 2; }
scratch

git init -q -b main rules
mkdir -p rules/calendars rules/procedures/xd
cat >rules/rulebook.json <<-'END'
	{"schema": "motcua.rulebook/1", "name": "Bench",
	 "zone": "Asia/Ho_Chi_Minh", "agency": "H37", "calendar": "office",
	 "codes": "any"}
END
cat >rules/calendars/office.json <<-'END'
	{"schema": "motcua.calendar/1", "hours_per_day": 8,
	 "known_until": "2026-12-31", "weekly": {
	 "mon": ["07:30-11:30", "13:00-17:00"],
	 "tue": ["07:30-11:30", "13:00-17:00"],
	 "wed": ["07:30-11:30", "13:00-17:00"],
	 "thu": ["07:30-11:30", "13:00-17:00"],
	 "fri": ["07:30-11:30", "13:00-17:00"]}}
END
for p in 1.000001 2.000001; do
	cat >"rules/procedures/xd/$p.json" <<-END
		{"code": "$p", "title": "Bench", "field": "Bench",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
		 "fields": [{"name": "area", "title": "Area", "type": "text",
		  "public": true}],
		 "steps": [{"id": "receive", "role": "one-stop",
		  "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
done
python3 "$top/tests/succession.py" "$table" rules "$ROWS" >/dev/null
mv rules/rows.csv rules/decisions.csv .
git -C rules add -A
git -C rules -c user.name=Bench -c user.email=bench@example.org \
    commit -qm Reform
dossier-db init --db=m.db --rules="$PWD/rules" 2>/dev/null
dossier-import --db=m.db --now='2025-06-28 10:00' rows.csv >/dev/null 2>&1
awk -F, 'NR > 1 && NR % 2 { print $1 }' rows.csv |
    route --db=m.db --now='2025-06-28 11:00' - >/dev/null

now=--now='2025-07-02 10:00'
for ((i = 0; i < RUNS; i++)); do
	rm -f t.db*
	dossier-db backup --db=m.db t.db
	OUT=plan.ndjson timed plan route plan --db=t.db "$now" --succession \
	    --decisions=decisions.csv
	timed apply route apply --db=t.db "$now" plan.ndjson
	OUT=undo.ndjson timed undo route plan --db=t.db "$now" --undo=plan.ndjson
	timed back route apply --db=t.db "$now" undo.ndjson
done

n=$(grep -c '"result":"planned"' plan.ndjson)
echo "a reform, $n of $ROWS open dossiers move, half of them with an open step:"
for what in plan apply undo back; do
	awk -v what=$what -v n="$n" -v wall="$(median $what 1)" \
	    -v cpu="$(median $what 2)" 'BEGIN {
		name["plan"] = "route plan --succession"
		name["apply"] = "route apply"
		name["undo"] = "route plan --undo"
		name["back"] = "route apply of that"
		printf "  %s: %.2f s, %.0f dossiers/s; processor %.2f s, " \
		    "%.0f dossiers/s\n", name[what], wall, n / wall, cpu,
		    n / cpu
	}'
done
