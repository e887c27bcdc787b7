#!/bin/bash
# overdue.sh - the list of overdue dossiers against the same rows by a full
# scan of a table of all dossiers, and of our own.
#
# Two months of dossiers: those of their end are open, one in twenty of all,
# and five of a thousand were never finished and are overdue.  sqlite3 has
# them in one plain table with status and due, and prints the same members as
# JSON.  ROWS, DAYS, OPEN (never finished, of a thousand) and RUNS in the
# environment change that.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
: "${ROWS:=1000000}" "${DAYS:=60}" "${OPEN:=5}" "${RUNS:=7}"
needs dossier-db dossier-import sla-check gen sqlite3
scratch
now='2026-07-31 17:00'
from=$(date -d "2026-08-01 - $DAYS days" +%F)

dossier-db init --db=m.db --now="$from 00:00" 2>/dev/null
gen --rows="$ROWS" --from="$from" --days="$DAYS" --dirt=0 --open="$OPEN" |
    dossier-import --db=m.db --format=csv - >/dev/null 2>&1
sqlite3 t.db <<-'SQL'
	ATTACH 'm.db' AS m;
	CREATE TABLE t AS SELECT d.id AS code, d.procedure, d.unit,
	    coalesce(o.officer, d.officer) AS officer,
	    coalesce(o.status, d.status) AS status, d.received_at,
	    coalesce(o.due_at, d.due_at) AS due_at,
	    coalesce(o.flags, d.flags) & 2 AS provisional, d.channel,
	    d.finished_at, d.returned_at, d.verdict
	FROM m.dossier d LEFT JOIN m.open o ON o.dossier = d.id;
SQL
# By instant; the day's end is the tool's business, and moves few.
end=$(($(TZ=Asia/Ho_Chi_Minh date -d "$now" +%s) * 1000))
open=$(sqlite3 m.db 'SELECT count(*) FROM open')

ours() {
	sla-check --db=m.db --now="$now" --state="$1" --format=ndjson
}
# The same rows from our own tables, without the one of open dossiers.
scan() {
	sqlite3 -json m.db "SELECT d.id AS code, d.procedure, d.unit,
	    coalesce(o.officer, d.officer) AS officer,
	    coalesce(o.status, d.status) AS status, d.received_at,
	    coalesce(o.due_at, d.due_at) AS due_at,
	    coalesce(o.flags, d.flags) & 2 AS provisional,
	    ($end - coalesce(o.due_at, d.due_at)) / 86400000 AS late_days,
	    ($end - coalesce(o.due_at, d.due_at)) / 60000 AS left_minutes
	    FROM dossier d LEFT JOIN open o ON o.dossier = d.id
	    WHERE coalesce(o.status, d.status) IN (1, 2, 4) AND
	    coalesce(o.due_at, d.due_at) < $end
	    ORDER BY coalesce(o.due_at, d.due_at)"
}
theirs() {
	sqlite3 -json t.db "SELECT code, procedure, unit, officer, status,
	    received_at, due_at, provisional, ($end - due_at) / 86400000 AS
	    late_days, ($end - due_at) / 60000 AS left_minutes FROM t
	    WHERE status IN (1, 2, 4) AND due_at < $end ORDER BY due_at"
}
for ((i = 0; i < RUNS; i++)); do
	OUT=ours.out timed ours ours overdue
	OUT=theirs.out timed theirs theirs
	timed scan scan
	timed soon sla-check --db=m.db --now="$now" --state=due-soon \
	    --warn='2 working days' --by=unit --format=ndjson
	timed start sla-check --version
done
awk -v ours="$(median ours)" -v theirs="$(median theirs)" -v rows="$ROWS" \
    -v open="$open" -v n="$(wc -l <ours.out)" -v m="$(wc -l <theirs.out)" \
    -v scan="$(median scan)" -v soon="$(median soon)" -v start="$(median start)" 'BEGIN {
	printf "%d overdue of %d open of %d dossiers: %.3f s; sqlite3 by a " \
	    "full scan, %d rows: %.3f s\n", n, open, rows, ours, m, theirs
	printf "  1/%.1f of its time; of our own tables scanned: %.3f s, " \
	    "1/%.1f\n", theirs / ours, scan, scan / ours
	printf "  due in 2 days: %.3f s, an empty process: %.3f s\n", soon,
	    start
}'
