#!/usr/bin/env bats
# An import killed at any moment leaves a sound database; run again, it
# completes what an undisturbed one would have made.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

ROUNDS=20
ROWS=30000

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	gen --rows="$ROWS" --seed=11 --from=2024-03-01 --days=60 >in.csv
	fresh_db
	cp -r db empty
}

# Batches enough for several chains, which tell what they have done.
IMPORT=(dossier-import '--now=2024-09-01 10:00' --rejects=bad.csv
    --batch=2000)
imp() {
	"${IMPORT[@]}" "$@"
}

# Everything that counts, in files of that name.
state() {
	dossier-find --now='2024-09-01 10:00' >"$1.found"
	audit-export | jq -r 'select(.code) |
	    "\(.code) \(.kind) \(.at) \(.due_at) \(.verdict) \(.channel)"' |
	    sort -s -k1,1 >"$1.histories"
	report 06a --now='2024-09-01 10:00' --calendar --period=2024-04 \
	    --format=csv >"$1.report"
}

same_state() {
	cmp "$1.found" "$2.found"
	cmp "$1.histories" "$2.histories"
	cmp "$1.report" "$2.report"
}

undisturbed() {
	run --separate-stderr imp in.csv
	[ "$status" -le 1 ]
	cp bad.csv whole.bad
	state whole
	[ "$(wc -l <whole.found)" -gt $((ROWS * 9 / 10)) ]
}

# killed MS ARGUMENT...: the import, dead after so many milliseconds; with +MS
# they count from its first record on, when batches follow one another.
killed() {
	local ms=$1 pid

	shift
	: >out
	# Not the function: a shell would be killed in place of its child.
	"${IMPORT[@]}" "$@" in.csv >out 2>err &
	pid=$!
	while [[ $ms == +* && ! -s out ]] && kill -0 "$pid" 2>/dev/null; do
		sleep 0.002
	done
	sleep "$(printf '0.%03d' "${ms#+}")"
	kill -9 "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	run -0 --separate-stderr dossier-db check
	silent
}

# How long it takes, in milliseconds.
duration() {
	local from=$EPOCHREALTIME to

	"$@" >/dev/null 2>&1 || :
	to=$EPOCHREALTIME
	echo $(((${to/./} - ${from/./}) / 1000))
}

fresh() {
	rm -rf db
	cp -r empty db
}

# A conflict says where the other row was: in this run, or an earlier one.
placeless() {
	sed 's/another content, [^;]*;/another content;/' "$1"
}

@test "killed at twenty moments, each time run again" {
	local all i ms told there n short=0

	undisturbed
	n=$(wc -l <whole.found)
	fresh
	all=$(duration imp in.csv)
	RANDOM=4711
	for ((i = 0; i < ROUNDS; i++)); do
		fresh
		if ((i % 2)); then
			ms=+$((RANDOM % (all / 2 + 1)))
		else
			ms=$((RANDOM % (all + 1)))
		fi
		killed "$ms"
		# What was told is there.
		told=$(grep -c '^{.*}$' out || :)
		there=$(sql 'SELECT count(*) FROM dossier')
		[ "$there" -ge "$told" ]
		short=$((short + (there > 0 && there < n)))
		run --separate-stderr imp in.csv
		[ "$status" -le 1 ]
		cmp <(placeless bad.csv) <(placeless whole.bad)
		dossier-find --now='2024-09-01 10:00' | cmp - whole.found
	done
	state again
	same_state whole again
	run -0 --separate-stderr dossier-db check
	silent
	[ "$short" -gt 0 ]
	echo "# $short of $ROUNDS were cut short with something written" >&3
}

@test "killed again and again, and then left alone" {
	local all i

	undisturbed
	fresh
	all=$(duration imp in.csv)
	RANDOM=815
	fresh
	for ((i = 0; i < ROUNDS / 2; i++)); do
		killed $((all / 4 + RANDOM % (all * 3 / 4 + 1)))
	done
	run --separate-stderr imp in.csv
	[ "$status" -le 1 ]
	state again
	same_state whole again
	run -0 --separate-stderr dossier-db check
	silent
}

@test "--atomic, killed: nothing of it, or all" {
	local all i n

	gen --rows="$ROWS" --seed=11 --from=2024-03-01 --days=60 --dirt=0 >in.csv
	fresh
	run --separate-stderr imp --atomic in.csv
	[ "$status" -eq 0 ]
	state whole
	n=$(wc -l <whole.found)
	fresh
	all=$(duration imp --atomic in.csv)
	RANDOM=99
	for ((i = 0; i < ROUNDS / 2; i++)); do
		fresh
		killed $((all / 4 + RANDOM % (all * 3 / 4 + 1))) --atomic
		case $(sql 'SELECT count(*) FROM dossier') in
		0 | "$n") ;;
		*) return 1 ;;
		esac
	done
	run -0 --separate-stderr imp --atomic in.csv
	state again
	same_state whole again
}
