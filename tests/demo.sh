#!/bin/sh
# demo.sh - the main job, from an empty folder to a verified log.
#
# Run by `make demo`; every step is shown as the command a person would type.
# The month is generated, the same each time, and lies in the past, so that
# what is late stays late.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
: "${MOTCUA_B:=$top/build/opt}"
dir=${1:-$top/demo}
PATH=$MOTCUA_B:$MOTCUA_B/gen:$PATH
now='2025-09-15 08:00'

rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
export MOTCUA_DB=motcua.db MOTCUA_ACTOR=demo
unset LC_ALL 2>/dev/null || :

say() {
	printf '\n# %s\n' "$*"
}

# show STATUS COMMAND: as it is typed, run, and held to its exit status.
show() {
	want=$1
	shift
	printf '$ %s\n' "$*"
	status=0
	sh -c "$*" || status=$?
	if [ "$status" -ne "$want" ]; then
		echo "demo.sh: exit status $status, not $want" >&2
		exit 1
	fi
}

echo "\$ cd $dir"
echo "\$ export MOTCUA_DB=$MOTCUA_DB MOTCUA_ACTOR=$MOTCUA_ACTOR"

say 'A database, and the starter rulebook in a git repository beside it.'
show 0 "dossier-db init --now='2025-08-15 07:00'"
show 0 'procedure list --rules=motcua.rules | jq -r "[.code, .limit, .title] | @tsv" | head -6'

say 'A month of a province: 5,000 dossiers, 1 % of them as dirty as in life.'
show 0 'gen --rows=5000 --from=2025-08-15 --days=31 --dirt=10 --truth=truth.json >month.csv'

say 'Take them in.  Exit status 1: some rows were refused, and are kept.'
show 1 "dossier-import --now='$now' --rejects=rejects.csv month.csv >imported.ndjson"
show 0 "grep -o '[^,]*,[^,]*,E_[^,]*,.*' rejects.csv | head -3"

say 'Every received dossier goes to the first step of its procedure.'
show 0 "route start --now='$now' - <imported.ndjson >routed.ndjson"
show 0 "jq -r .result routed.ndjson | sort | uniq -c"

say 'Who is late?'
show 0 "sla-check --now='$now' --format=table | head -10"
show 0 "sla-check --now='$now' --format=table --by=unit --state=overdue | head -8"
late=$(sla-check --now="$now" --format=ndjson --state=overdue |
	jq -r 'select(.procedure == "1.004194" and
	    .received_at >= "2025-08-28") | .code' | head -1)
show 0 "sla-check --now='$now' --format=table --explain '$late'"

say 'Form II.06a of the statutory month, on the terminal and as a page.'
show 0 "report 06a --period=2025-09 --now='$now'"
show 0 "report 06a --period=2025-09 --now='$now' --format=html -o 06a.html"

say 'The log: out of the database, and verified, here and there.'
show 0 'audit-export --format=ndjson >log.ndjson'
show 0 'audit-export --verify log.ndjson'
show 0 'dossier-db check'

cat <<END

Everything is in $dir:
  motcua.db       the database
  motcua.rules/   the rulebook, a git repository
  month.csv       the generated month, truth.json what is wrong in it
  rejects.csv     rows that were refused, with the reasons: mend and import it
  06a.html        the report, for a browser
  log.ndjson      the event log, verifiable by anybody
END
