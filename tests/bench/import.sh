#!/bin/bash
# import.sh - imports against sqlite3 .import of the same file, whole
# processes, interleaved runs in one go, with both sides' medians:
#   1   a million clean dossiers, into an empty database; the other side has a
#       text table with a key and three indexes
#   2   the same; the other side has no index
#   3   as many, one row in a hundred bad, where there are as many already
#   4   the most memory that 1 and 3 ever had
#   13  an event log, three events a dossier, by its rows
#
# Single times say little on a shared machine; compare ratios.  ROWS and RUNS
# in the environment change the size and the number of runs; TARGETS="1 13"
# runs some of them.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${ROWS:=1000000}" "${RUNS:=5}"
: "${TARGETS:=1 2 3 4 13}"
needs dossier-db dossier-import gen sqlite3
scratch

wanted() {
	[[ " $TARGETS " == *" $1 "* ]]
}

# peak COMMAND...: the most memory it ever had, in KiB.
peak() {
	local kb=0 now pid

	"$@" >/dev/null 2>&1 &
	pid=$!
	while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
	do
		[ -z "$now" ] || kb=$now
		sleep 0.05
		kill -0 "$pid" 2>/dev/null || break
	done
	wait "$pid" || :
	echo "$kb"
}

fresh() {
	rm -rf m.db* m.rules t.db*
	dossier-db init --db=m.db --now='2025-08-01 00:00' 2>/dev/null
}

# The database that holds a year already, made once.
full() {
	if [ ! -e full ]; then
		fresh
		dossier-import --db=m.db clean.csv >/dev/null 2>&1
		mkdir full
		cp -r m.db m.db-wal m.rules full
	fi
	rm -rf m.db* m.rules t.db*
	cp -r full/. .
}

ours() {
	dossier-import --db=m.db --format=csv "$@"
}

columns='code TEXT, procedure TEXT, unit TEXT, subject TEXT,
    applicant_kind TEXT, applicant_name TEXT, applicant_id TEXT, phone TEXT,
    email TEXT, address TEXT, channel TEXT, received_at TEXT, due_at TEXT,
    finished_at TEXT, returned_at TEXT, status TEXT, floor_area TEXT'

# theirs [INDEXED]
theirs() {
	sqlite3 t.db <<-SQL
		PRAGMA cache_size = -524288;
		CREATE TABLE t ($columns${1:+, PRIMARY KEY (code)});
		${1:+CREATE INDEX t1 ON t (procedure);
		CREATE INDEX t2 ON t (unit, status);
		CREATE INDEX t3 ON t (due_at);}
		.mode csv
		.import --skip 1 clean.csv t
	SQL
}

# events: three of each dossier of clean.csv, in the order of their times
# within it, as a CSV and the map for it; cut to as many events as ROWS.
events() {
	cat >events.json <<-'JSON'
		{"rows": "events", "columns": {"code": "case",
		 "procedure": "type", "unit": "office", "activity": "what",
		 "at": "when", "actor": "who", "received_at": "opened",
		 "applicant_name": "name"}}
	JSON
	gen --rows=$((ROWS / 3 + 1)) --from=2025-08-01 --days=365 --dirt=0 \
	    --open=0 | awk -F, -v rows="$ROWS" '
	    BEGIN {
		print "case,type,office,what,when,who,opened,name"
		split("receive appraise sign", what, " ")
	    }
	    NR > 1 && n < rows {
		match($0, /20[0-9][0-9]-[0-9-]+ [0-9:]+/)
		at = substr($0, RSTART, RLENGTH)
		for (i = 1; i <= 3 && n < rows; i++) {
			printf "%s,%s,%s,%s,%s,officer %d,%s,\"%s\"\n", $1,
			    $2, $3, what[i], at, (NR * 7 + i) % 90, at, $6
			n++
		}
	    }' >events.csv
}

ratio() {
	awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { print a / b }'
}

gen --rows="$ROWS" --from=2025-08-01 --days=365 --dirt=0 --open=50 >clean.csv
if wanted 3; then
	gen --rows="$ROWS" --seed=2 --from=2024-08-01 --days=365 --dirt=10 \
	    --open=50 >dirty.csv
fi
if wanted 13; then
	events
fi
for ((i = 0; i < RUNS; i++)); do
	fresh
	timed ours ours clean.csv
	! wanted 1 || timed theirs theirs indexed
	rm -f t.db
	! wanted 2 || timed bare theirs
	if wanted 3; then
		full
		timed again ours dirty.csv
	fi
	if wanted 13; then
		fresh
		timed log ours --map=events.json events.csv
	fi
done
us=$(median ours)
printf 'import of %d clean dossiers: %.2f s (%.2f s of CPU)\n' "$ROWS" \
    "$us" "$(median ours 2)"
! wanted 1 || printf '  %-52s %.2f s: %.2f times its rows a second\n' \
    'sqlite3 .import, key and 3 indexes' "$(median theirs)" \
    "$(ratio theirs ours)"
! wanted 2 || printf '  %-52s %.2f s: %.2f times its rows a second\n' \
    'sqlite3 .import, no index' "$(median bare)" "$(ratio bare ours)"
! wanted 3 || printf '  %-52s %.2f s: %.2f times its speed\n' \
    "$(sed -n 's/.*updated, .* unchanged, \([0-9]*\) rejected.*/with \1 bad rows, as many dossiers there/p' \
	again.err)" "$(median again)" "$(ratio ours again)"
! wanted 13 || printf '  %-52s %.2f s: %.2f times its speed\n' \
    "an event log of $ROWS events" "$(median log)" "$(ratio ours log)"
if wanted 4; then
	fresh
	printf '  peak memory %.0f MB' \
	    "$(($(peak exec dossier-import --db=m.db clean.csv) / 1024))"
	if wanted 3; then
		full
		printf ', with bad rows and dossiers there %.0f MB' \
		    "$(($(peak exec dossier-import --db=m.db dirty.csv) / 1024))"
	fi
	printf '\n'
fi
