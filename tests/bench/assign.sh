#!/bin/bash
# assign.sh - what it costs that a step is given to an officer.
#
# The same dossiers at the same units go on by one step, three times: given
# to nobody, by least load, by turns.  The processor's seconds are compared,
# from runs that take turns; ROWS and RUNS in the environment change the
# number of dossiers and of runs.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${ROWS:=20000}" "${RUNS:=5}"
needs dossier-db dossier-import route git
scratch

# rules NAME MEMBER: 60 communes, each with an office of eight officers, one
# of them away.
rules() {
	local git=(git -C "$1" -c user.name=Bench -c user.email=b@example.org
	    -c init.defaultBranch=main)

	mkdir -p "$1/calendars" "$1/procedures/xd"
	cat >"$1/rulebook.json" <<-'END'
		{"schema": "motcua.rulebook/1", "name": "Bench",
		 "zone": "Asia/Ho_Chi_Minh", "agency": "H42",
		 "calendar": "office", "codes": "any"}
	END
	cat >"$1/calendars/office.json" <<-'END'
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
			print u ".1,D,office,land," u ",2000-01-01,,"
		}
	}' >"$1/units.csv"
	awk 'BEGIN {
		print "id,name,unit,role,valid_from,valid_to"
		for (i = 10; i < 70; i++)
			for (k = 0; k < 8; k++)
				print "o" i "." k ",N,H42." i ".1," \
				    (k % 2 ? "land" : "") ",2000-01-01,"
	}' >"$1/officers.csv"
	awk 'BEGIN {
		print "id,from,to"
		for (i = 10; i < 70; i++)
			print "o" i ".3,2026-03-01,2026-03-31"
	}' >"$1/absences.csv"
	cat >"$1/procedures/xd/1.009994.json" <<-END
		{"code": "1.009994", "title": "T", "field": "F",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "15 working days",
		 "steps": [
		 {"id": "receive", "role": "one-stop", "next": "appraise"},
		 {"id": "appraise", "role": "land", $2
		  "limit": "4 working days", "next": "return"},
		 {"id": "return", "role": "one-stop", "final": true}]}
	END
	"${git[@]}" init -q
	"${git[@]}" add -A
	"${git[@]}" commit -q -m Rules
}

awk -v n="$ROWS" 'BEGIN {
	print "code,procedure,unit,channel,received_at"
	for (i = 0; i < n; i++)
		printf "A-%07d,1.009994,H42.%d,direct,2026-03-02 09:00\n",
		    i, 10 + i % 60
}' >in.csv
awk -F, 'NR > 1 { print $1 }' in.csv >codes
rules none ''
rules least '"assign": "least-load",'
rules turns '"assign": "round-robin",'
for w in none least turns; do
	dossier-db init --db="$w.db/m.db" --rules="$w" 2>/dev/null
	dossier-import --db="$w.db/m.db" --now='2026-03-02 10:00' \
	    --format=csv in.csv >/dev/null 2>&1
	route --db="$w.db/m.db" --now='2026-03-02 10:00' start - <codes \
	    >/dev/null
done
for ((i = 0; i < RUNS; i++)); do
	for w in none least turns; do
		rm -rf now.db
		cp -r "$w.db" now.db
		timed "$w.s" route --db=now.db/m.db --format=ndjson \
		    --now='2026-03-03 10:00' next - <codes
	done
done
awk -v n="$ROWS" -v a="$(median none.s 2)" -v b="$(median least.s 2)" \
    -v c="$(median turns.s 2)" 'BEGIN {
	printf "route next of %d dossiers: %.2f s of the processor; by least " \
	    "load %.2f times that, by turns %.2f times\n", n, a, b / a, c / a
}'
