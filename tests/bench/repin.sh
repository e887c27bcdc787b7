#!/bin/bash
# repin.sh - many open dossiers move to another version of their procedure:
# planning it, doing it, and taking it back; and a plan of an action, applied.
#
# Each figure is given by the wall clock and by the processor's: on a shared
# machine the second says more.  ROWS and RUNS in the environment change the
# number of open dossiers and of runs (medians are printed).
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${ROWS:=100000}" "${RUNS:=3}"
needs dossier-db dossier-import route git
scratch

git init -q -b main rules
mkdir -p rules/calendars rules/procedures/xd
cat >rules/rulebook.json <<-'END'
	{"schema": "motcua.rulebook/1", "name": "Bench",
	 "zone": "Asia/Ho_Chi_Minh", "agency": "H42", "calendar": "office",
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
cat >rules/units.csv <<-'END'
	code,name,level,role,parent,valid_from,valid_to,successor
	H42,Bench,province,,,2000-01-01,,
	H42.31,Bench,commune,one-stop,H42,2000-01-01,,
END
# version LIMIT STEP
version() {
	cat >rules/procedures/xd/1.000001.json <<-END
		{"code": "1.000001", "title": "Bench", "field": "Bench",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "$1",
		 "steps": [{"id": "receive", "role": "one-stop", "next": "$2"},
		  {"id": "$2", "role": "one-stop", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	git -C rules add -A
	git -C rules -c user.name=Bench -c user.email=bench@example.org \
	    commit -qm "$1"
}
version '15 working days' survey
dossier-db init --db=m.db --rules="$PWD/rules" 2>/dev/null
awk -v n="$ROWS" 'BEGIN {
	print "code,procedure,unit,channel,received_at"
	for (i = 0; i < n; i++)
		printf "H42-2603%02d-%06d,1.000001,H42.31,direct,%s09:00\n",
		    2 + i % 4, i, sprintf("2026-03-%02d ", 2 + i % 4)
}' >rows.csv
dossier-import --db=m.db --now='2026-03-05 18:00' rows.csv >/dev/null 2>&1
awk -F, 'NR > 1 { print $1 }' rows.csv | tee codes |
    route --db=m.db --now='2026-03-06 08:00' - >/dev/null
awk 'NR % 2' codes |
    route --db=m.db --now='2026-03-06 09:00' next - >/dev/null
version '10 working days' appraise

now=--now='2026-03-10 10:00'
for ((i = 0; i < RUNS; i++)); do
	rm -f t.db*
	dossier-db backup --db=m.db t.db
	OUT=plan.ndjson timed plan route plan --db=t.db "$now" --rules=main \
	    --map=survey=appraise --deadline=recount
	timed apply route apply --db=t.db "$now" plan.ndjson
	OUT=undo.ndjson timed undo route plan --db=t.db "$now" --undo=plan.ndjson
	timed back route apply --db=t.db "$now" undo.ndjson
	OUT=next.ndjson timed next route plan --db=t.db "$now" next - <codes
	timed act route apply --db=t.db "$now" next.ndjson
	timed plain route --db=m.db --dry-run "$now" next - <codes
done

echo "another version for $ROWS open dossiers, all with an open step:"
for what in plan apply undo back next act plain; do
	awk -v what=$what -v n="$ROWS" -v wall="$(median $what 1)" \
	    -v cpu="$(median $what 2)" 'BEGIN {
		name["plan"] = "route plan --rules"
		name["apply"] = "route apply"
		name["undo"] = "route plan --undo"
		name["back"] = "route apply of that"
		name["next"] = "route plan next"
		name["act"] = "route apply of that"
		name["plain"] = "route next --dry-run"
		printf "  %s: %.2f s, %.0f dossiers/s; processor %.2f s, " \
		    "%.0f dossiers/s\n", name[what], wall, n / wall, cpu,
		    n / cpu
	}'
done
