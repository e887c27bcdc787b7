# lib.bash - what the bats files share.  First line of each: load lib

# shellcheck shell=bash disable=SC2034	# output, stderr, lines: for tests

TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
MOTCUA_B=${MOTCUA_B:-$TOP/build/opt}
SHARED=${MOTCUA_SHARED:-$TOP/../shared}
PATH=$MOTCUA_B:$MOTCUA_B/gen:$PATH
export TOP MOTCUA_B PATH LC_ALL=C.UTF-8 TZ=UTC0
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
unset MOTCUA_DB MOTCUA_ACTOR SUDO_USER COLUMNS
umask 022

# Older versions of bats have no directory for each test.
if [ -z "${BATS_TEST_TMPDIR-}" ]; then
	BATS_TEST_TMPDIR=$(mktemp -d "${BATS_TMPDIR:-/tmp}/motcua.XXXXXX")
fi

ALL_TOOLS='dossier-db dossier-import dossier-find procedure route sla-check
report audit-export'

# The tools that are built.
tools() {
	local t

	for t in $ALL_TOOLS; do
		if [ -x "$MOTCUA_B/$t" ]; then
			echo "$t"
		fi
	done
}

# run [-STATUS | !] [--separate-stderr] COMMAND...: as in bats 1.5 and later,
# which not every supported release has.  Sets status, output, lines, and
# with --separate-stderr stderr and stderr_lines.
run() {
	local want='' separate='' f=$BATS_TEST_TMPDIR/.stderr

	while :; do
		case $1 in
		-[0-9]*) want=${1#-} ;;
		'!') want='!' ;;
		--separate-stderr) separate=1 ;;
		--) shift; break ;;
		*) break ;;
		esac
		shift
	done
	status=0 stderr='' lines=() stderr_lines=()
	if [ -n "$separate" ]; then
		output=$("$@" 2>"$f") || status=$?
		stderr=$(<"$f")
	else
		output=$("$@" 2>&1) || status=$?
	fi
	[ -z "$output" ] || readarray -t lines <<<"$output"
	[ -z "$stderr" ] || readarray -t stderr_lines <<<"$stderr"
	case $want in
	'')	return 0 ;;
	'!')	[ "$status" -eq 0 ] || return 0 ;;
	*)	[ "$status" -ne "$want" ] || return 0 ;;
	esac
	echo "status $status, not $want: $*"
	printf '%s\n' "stdout: $output" "stderr: $stderr" | head -c 4000
	return 1
}

# same_text TEXT <<END: equal, or the difference.
same_text() {
	diff -u --label wanted --label got - <(printf '%s\n' "$1")
}

# What a command was silent about.
silent() {
	if [ -n "$output$stderr" ]; then
		printf '%s\n' "stdout: $output" "stderr: $stderr"
		return 1
	fi
}

# need_shared FILE: skip where the test data beside the checkout is absent.
need_shared() {
	[ -e "$SHARED/$1" ] || skip "no $1 in $SHARED (see MOTCUA_SHARED)"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip 'only root can set this up'
}

# office_rules FOLDER: what rulebooks of tests begin with: office hours Monday
# to Friday with one day off.
office_rules() {
	mkdir -p "$1/calendars" "$1/procedures/xd"
	cat >"$1/rulebook.json" <<-'END'
		{"schema": "motcua.rulebook/1", "name": "Test",
		 "zone": "Asia/Ho_Chi_Minh", "agency": "H42",
		 "calendar": "office", "codes": "any"}
	END
	cat >"$1/calendars/office.json" <<-'END'
		{"schema": "motcua.calendar/1", "hours_per_day": 8,
		 "known_until": "2026-12-31", "weekly": {
		 "mon": ["07:30-11:30", "13:00-17:00"],
		 "tue": ["07:30-11:30", "13:00-17:00"],
		 "wed": ["07:30-11:30", "13:00-17:00"],
		 "thu": ["07:30-11:30", "13:00-17:00"],
		 "fri": ["07:30-11:30", "13:00-17:00"]},
		 "days_off": [{"date": "2024-04-18", "name": "Giỗ Tổ",
		  "basis": "45/2019/QH14"}]}
	END
}

# make_rules FOLDER [MESSAGE]: commit what the folder holds; prints the commit.
# Dates and names are fixed, so that equal content has equal commits.
make_rules() {
	local g=(git -C "$1" -c user.name=Test -c user.email=test@example.org
	    -c init.defaultBranch=main -c commit.gpgsign=false
	    -c safe.directory='*')

	[ -e "$1/.git" ] || "${g[@]}" init -q "$1"
	"${g[@]}" add -A
	GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' \
	GIT_COMMITTER_DATE='2024-01-01T00:00:00Z' \
	    "${g[@]}" commit -q --allow-empty -m "${2:-Rules for a test}"
	"${g[@]}" rev-parse HEAD
}

# fresh_db [REPOSITORY]: a new database of this test's own, in $MOTCUA_DB;
# its rules are the starter rulebook's, or those of the repository.
fresh_db() {
	export MOTCUA_DB=$BATS_TEST_TMPDIR/db/motcua.db
	export MOTCUA_ACTOR=tester

	rm -rf "$BATS_TEST_TMPDIR/db"
	dossier-db init ${1:+--rules="$1"} >"$BATS_TEST_TMPDIR/init.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/init.log"
		return 1
	}
}

# One value from the database, past all tools: for asserting, never for
# setting up.
sql() {
	sqlite3 -readonly "$MOTCUA_DB" "$@"
}
