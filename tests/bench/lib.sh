# lib.sh - what the benches share; sourced.
# shellcheck shell=bash
set -eu

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${MOTCUA_B:=$top/build/opt}"
PATH=$MOTCUA_B:$MOTCUA_B/gen:$PATH
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export MOTCUA_ACTOR=bench

# needs COMMAND...: without one of them there is no bench.
needs() {
	local c

	for c; do
		command -v "$c" >/dev/null ||
		    { echo "bench: no $c" >&2; exit 2; }
	done
}

# scratch: a folder of its own, gone at the end.  DIR: where.
scratch() {
	dir=$(mktemp -d "${DIR:-${TMPDIR:-/tmp}}/motcua-bench.XXXXXX")
	trap 'rm -rf "$dir"' EXIT
	cd "$dir"
}

# timed FILE COMMAND...: its seconds by the wall clock and those that
# processors worked for it are added to FILE, a line a run.  What it prints
# goes to $OUT, if that is set.  Nothing else runs beside it: looking on would
# take from the side that uses both cores.  Nor does the disk write for a
# command before it.  Status 1, findings, is no trouble.
timed() {
	local file=$1 rc=0 TIMEFORMAT='%R %U %S'

	shift
	sync
	{ time "$@" >"${OUT:-/dev/null}" 2>"$file.err" || rc=$?; } \
	    2>"$file.time"
	[ "$rc" -le 1 ] || { cat "$file.err" >&2; exit 2; }
	awk '{ print $1, $2 + $3 }' "$file.time" >>"$file"
}

# median FILE [COLUMN]
median() {
	awk -v c="${2:-1}" '{ print $c }' "$1" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
