#!/bin/bash
# recompute.sh - a calendar change with many open dossiers: what counting
# their due dates anew costs, and making that the due in force.
#
# The offices close half an hour earlier, so that nearly every due moves.
# Each figure is given by the wall clock and by the processor's: on a shared
# machine the second says more.  ROWS and RUNS in the environment change the
# number of open dossiers and of runs (medians are printed).
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
: "${MOTCUA_B:=$top/build/opt}" "${ROWS:=500000}" "${RUNS:=3}" "${CC:=cc}"
PATH=$MOTCUA_B:$MOTCUA_B/gen:$PATH
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
for c in dossier-db dossier-import route gen git; do
	command -v "$c" >/dev/null || { echo "bench: no $c" >&2; exit 2; }
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/motcua-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# shellcheck disable=SC2046	# words of pkg-config
"$CC" -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE \
    -I"$top/include" -I"$top/lib" -o recompute \
    "$top/tests/bench/recompute.c" "$MOTCUA_B/libmotcua.a" \
    $(pkg-config --libs sqlite3 jansson libgit2 libcrypto libutf8proc \
        libzstd) -pthread

# median COLUMN FILE
median() {
	cut -d' ' -f"$1" "$2" | sort -n | awk '{ v[NR] = $1 }
	    END { print v[int((NR + 1) / 2)] }'
}

# timed FILE COMMAND...: wall and processor seconds are added to FILE.
timed() {
	local file=$1 TIMEFORMAT='%R %U %S'

	shift
	{ time "$@" >/dev/null 2>"$file.err"; } 2>"$file.time" ||
	    { cat "$file.err" >&2; exit 2; }
	awk '{ print $1, $2 + $3 }' "$file.time" >>"$file"
}

dossier-db init --db=m.db --now='2025-08-01 00:00' 2>/dev/null
gen --rows="$ROWS" --from=2025-08-01 --days=60 --dirt=0 --open=1000 |
    dossier-import --db=m.db --format=csv - >/dev/null 2>&1
git clone -q m.rules work
sed -i 's/17:00/16:30/g' work/calendars/*.json
git -C work -c user.name=Bench -c user.email=bench@example.org \
    commit -qam 'Close earlier'
git -C work push -q origin HEAD:refs/heads/earlier
git -C m.rules update-ref refs/heads/main refs/heads/earlier

for ((i = 0; i < RUNS; i++)); do
	rm -f t.db* plan.ndjson
	dossier-db backup --db=m.db t.db
	./recompute t.db >>rows
	rm -f t.db*
	dossier-db backup --db=m.db t.db
	timed plan route plan --db=t.db --recompute
	route plan --db=t.db --recompute >plan.ndjson 2>/dev/null
	timed apply route apply --db=t.db plan.ndjson
	rm -f t.db*
	dossier-db backup --db=m.db t.db
	timed both bash -c 'route plan --db=t.db --recompute |
	    route apply --db=t.db -'
done
n=$(wc -l <plan.ndjson)

echo "a calendar change, $n of $(median 1 rows) open dossiers move:"
echo "  counted anew: $(median 3 rows) us a dossier, processor $(
    median 4 rows) us"
echo "  and the rows of the open table rewritten: $(median 5 rows) us," \
    "processor $(median 6 rows) us"
for what in plan apply both; do
	awk -v what=$what -v n="$n" -v wall="$(median 1 $what)" \
	    -v cpu="$(median 2 $what)" 'BEGIN {
		name["plan"] = "route plan --recompute"
		name["apply"] = "route apply"
		name["both"] = "route plan --recompute | route apply -"
		printf "  %s: %.2f s, %.0f dossiers/s; processor %.2f s, " \
		    "%.0f dossiers/s\n", name[what], wall, n / wall, cpu,
		    n / cpu
	}'
done
