#!/bin/bash
# import.sh - a million clean dossiers against sqlite3 .import, whole processes,
# interleaved runs in one go, with both sides' medians.
#
# Single times say little on a shared machine; compare ratios.  ROWS and RUNS
# in the environment change the size and the number of runs.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
: "${MOTCUA_B:=$top/build/opt}" "${ROWS:=1000000}" "${RUNS:=5}"
PATH=$MOTCUA_B:$MOTCUA_B/gen:$PATH
for c in dossier-db dossier-import gen sqlite3; do
	command -v "$c" >/dev/null || { echo "bench: no $c" >&2; exit 2; }
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/motcua-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

median() {
	sort -n | awk '{ v[NR] = $1 }
	    END { print v[int((NR + 1) / 2)] }'
}

# timed FILE COMMAND...: its seconds are added to FILE.  Nothing else runs
# beside it: looking on would take from the side that uses both cores.
timed() {
	local file=$1 start=$EPOCHREALTIME

	shift
	"$@" >/dev/null 2>"$file.err" || { cat "$file.err" >&2; exit 2; }
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }' \
	    >>"$file"
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
	wait "$pid"
	echo "$kb"
}

fresh() {
	rm -rf m.db* m.rules t.db*
	dossier-db init --db=m.db --now='2025-08-01 00:00' 2>/dev/null
}

ours() {
	dossier-import --db=m.db --format=csv clean.csv
}

theirs() {
	sqlite3 t.db <<-'SQL'
		PRAGMA cache_size = -524288;
		CREATE TABLE t (code TEXT PRIMARY KEY, procedure TEXT,
		    unit TEXT, subject TEXT, applicant_kind TEXT,
		    applicant_name TEXT, applicant_id TEXT, phone TEXT,
		    email TEXT, address TEXT, channel TEXT, received_at TEXT,
		    due_at TEXT, finished_at TEXT, returned_at TEXT,
		    status TEXT, floor_area TEXT);
		CREATE INDEX t1 ON t (procedure);
		CREATE INDEX t2 ON t (unit, status);
		CREATE INDEX t3 ON t (due_at);
		.mode csv
		.import --skip 1 clean.csv t
	SQL
}

gen --rows="$ROWS" --from=2025-08-01 --days=365 --dirt=0 --open=50 >clean.csv
for ((i = 0; i < RUNS; i++)); do
	fresh
	timed ours ours
	timed theirs theirs
done
fresh
kb=$(peak exec dossier-import --db=m.db --format=csv clean.csv)
awk -v ours="$(median <ours)" -v theirs="$(median <theirs)" -v rows="$ROWS" \
    -v kb="$kb" 'BEGIN {
	printf "import of %d clean dossiers: %.2f s; sqlite3 .import " \
	    "(TEXT, key and 3 indexes): %.2f s\n", rows, ours, theirs
	printf "  %.2f times its rows a second; peak memory %.0f MB\n",
	    theirs / ours, kb / 1024
}'
