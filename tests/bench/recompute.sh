#!/bin/bash
# recompute.sh - a calendar change with many open dossiers: what counting
# their due dates anew costs, and making that the due in force.
#
# The offices close half an hour earlier, so that nearly every due moves.
# Each figure is given by the wall clock and by the processor's: on a shared
# machine the second says more.  ROWS and RUNS in the environment change the
# number of open dossiers and of runs (medians are printed).
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${ROWS:=500000}" "${RUNS:=3}" "${CC:=cc}"
needs dossier-db dossier-import route gen git
scratch

# shellcheck disable=SC2046	# words of pkg-config
"$CC" -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE \
    -I"$top/include" -I"$top/lib" -o recompute \
    "$top/tests/bench/recompute.c" "$MOTCUA_B/libmotcua.a" \
    $(pkg-config --libs sqlite3 jansson libgit2 libcrypto libutf8proc \
        libzstd) -pthread

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

echo "a calendar change, $n of $(median rows 1) open dossiers move:"
echo "  counted anew: $(median rows 3) us a dossier, processor $(
    median rows 4) us"
echo "  counted and rewritten in one pass over the open table:" \
    "$(median rows 5) us, processor $(median rows 6) us"
for what in plan apply both; do
	awk -v what=$what -v n="$n" -v wall="$(median $what 1)" \
	    -v cpu="$(median $what 2)" 'BEGIN {
		name["plan"] = "route plan --recompute"
		name["apply"] = "route apply"
		name["both"] = "route plan --recompute | route apply -"
		printf "  %s: %.2f s, %.0f dossiers/s; processor %.2f s, " \
		    "%.0f dossiers/s\n", name[what], wall, n / wall, cpu,
		    n / cpu
	}'
done
