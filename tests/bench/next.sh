#!/bin/bash
# next.sh - how many dossiers a second `route next -` moves on, each from one
# step to the next: two events, their leaves, the rows.
#
# By the wall clock and by the processor's, medians of runs on copies of one
# database; and the same for two routers at once that were given the same
# dossiers.  ROWS and RUNS in the environment change the number of dossiers
# and of runs.  DIR: where the databases are.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${ROWS:=100000}" "${RUNS:=5}"
needs dossier-db dossier-import route git
scratch

mkdir -p rules/calendars rules/procedures/xd
cat >rules/rulebook.json <<-'END'
	{"schema": "motcua.rulebook/1", "name": "Bench",
	 "zone": "Asia/Ho_Chi_Minh", "agency": "H42",
	 "calendar": "office", "codes": "any"}
END
cat >rules/calendars/office.json <<-'END'
	{"schema": "motcua.calendar/1", "hours_per_day": 8,
	 "known_until": "2026-12-31",
	 "weekly": {"mon": ["08:00-16:00"], "tue": ["08:00-16:00"],
	  "wed": ["08:00-16:00"], "thu": ["08:00-16:00"],
	  "fri": ["08:00-16:00"]}}
END
awk 'BEGIN {
	print "code,name,level,role,parent,valid_from,valid_to,successor"
	print "H42,T,province,,,2000-01-01,,"
	for (i = 10; i < 70; i++) {
		u = "H42." i
		print u ",X,commune,one-stop,H42,2000-01-01,,"
		print u ".01,D,office,land," u ",2000-01-01,,"
	}
}' >rules/units.csv
cat >rules/procedures/xd/1.009994.json <<-END
	{"code": "1.009994", "title": "T", "field": "F",
	 "level": "commune", "effective_from": "2021-01-01",
	 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
	 "steps": [
	 {"id": "receive", "role": "one-stop", "next": "appraise"},
	 {"id": "appraise", "role": "land",
	  "limit": "4 working days", "next": "return"},
	 {"id": "return", "role": "one-stop", "final": true}]}
END
git=(git -C rules -c user.name=Bench -c user.email=b@example.org
    -c init.defaultBranch=main)
"${git[@]}" init -q
"${git[@]}" add -A
"${git[@]}" commit -q -m Rules

awk -v n="$ROWS" 'BEGIN {
	print "code,procedure,unit,channel,received_at"
	for (i = 0; i < n; i++)
		printf "H42.%d-260302-%04d,1.009994,H42.%d,direct," \
		    "2026-03-02 09:00\n", 10 + i % 60, i / 60 + 1, 10 + i % 60
}' >in.csv
awk -F, 'NR > 1 { print $1 }' in.csv | sort >codes
dossier-db init --db=db/m.db --rules=rules 2>/dev/null
dossier-import --db=db/m.db --now='2026-03-02 10:00' --format=csv in.csv \
    >/dev/null 2>&1
route --db=db/m.db --now='2026-03-02 10:00' start - <codes >/dev/null

# fresh DIRECTORY: a copy that nothing has been written to since.
fresh() {
	rm -rf "$1"
	cp -r db "$1"
	sync -f "$1"
}

next() {
	route --db="$1/m.db" --format=ndjson --now='2026-03-03 10:00' \
	    next - <codes
}

for ((i = 0; i < RUNS; i++)); do
	fresh now
	TIMEFORMAT='%R %U %S'
	{ time next now >out; } 2>spent
	[ "$(grep -c '"result":"done"' out)" -eq "$ROWS" ]
	awk '{ print $1 >"wall.now"; print $2 + $3 >"cpu.now" }' spent
	cat wall.now >>wall
	cat cpu.now >>cpu
done
awk -v n="$ROWS" -v w="$(median wall)" -v c="$(median cpu)" 'BEGIN {
	printf "route next - of %d dossiers: %.2f s, %.0f dossiers/s by the " \
	    "wall clock; %.2f s, %.0f/s by the processor (target 14: " \
	    "50000/s)\n", n, w, n / w, c, n / c
}'
