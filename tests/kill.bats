#!/usr/bin/env bats
# An import killed at any moment leaves a sound database; run again, it
# completes what an undisturbed one would have made.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

# `make check-large` runs this file with a million rows.
ROUNDS=${ROUNDS:-20}
ROWS=${ROWS:-30000}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	gen --rows="$ROWS" --seed=11 --from=2024-03-01 --days=60 \
	    --mended=mended.csv --truth=truth.json >in.csv
	fresh_db
	cp -r db empty
}

# Batches enough for several chains, which tell what they have done.
IMPORT=(dossier-import '--now=2024-09-01 10:00' --rejects=bad.csv
    --batch=2000)
imp() {
	"${IMPORT[@]}" "$@"
}

undisturbed() {
	told 1 in.csv
	cp bad.csv whole.bad
	state whole
	[ "$(wc -l <whole.found)" -gt $((ROWS * 9 / 10)) ]
}

# told STATUS ARGUMENT...: what it prints goes to files, as there may be a lot.
told() {
	local want=$1 status=0

	shift
	imp "$@" >out 2>err || status=$?
	[ "$status" -eq "$want" ] || {
		echo "status $status, not $want: $*"
		head -5 err
		return 1
	}
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

# What a reject file says of its rows: their lines and codes.
reasons() {
	grep -aoE ',[0-9]+,[0-9]*,E_[A-Z0-9]+,("([^"]|"")*"|[^",]*)$' "$1" |
	    cut -d, -f2,4
}

@test "exactly the bad rows are rejected; mended, they complete the set" {
	local bad

	told 1 in.csv
	bad=$(jq .bad truth.json)
	[ "$(wc -l <out)" -eq "$(jq .good truth.json)" ]
	diff <(reasons bad.csv) <(reasons mended.csv)
	[ "$(reasons bad.csv | wc -l)" -eq "$bad" ]
	cmp <(head -1 bad.csv) <(head -1 mended.csv)
	# Fed back as it is, it is refused as it was; only rows that were too
	# short are not any more.
	cp bad.csv again.csv
	told 1 again.csv
	[ ! -s out ]
	cp bad.csv still.csv
	[ "$(reasons still.csv | wc -l)" -eq "$bad" ]
	paste -d, <(reasons again.csv) <(reasons still.csv) |
	    awk -F, '$2 != $4 && $2 != "E_FIELDS" { exit 1 }'
	told 0 mended.csv
	[ "$(grep -c '"result":"added"' out)" -eq "$bad" ]
	state mended
	run -0 --separate-stderr dossier-db check
	silent
	fresh
	gen --rows="$ROWS" --seed=11 --from=2024-03-01 --days=60 --mend >whole.csv
	told 0 whole.csv
	state whole
	same_state whole mended
	echo "# $ROWS rows, $bad of them bad" >&3
}

@test "killed at random moments, each time run again" {
	local all i ms sent there n short=0

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
		sent=$(grep -c '^{.*}$' out || :)
		there=$(sql 'SELECT count(*) FROM dossier')
		[ "$there" -ge "$sent" ]
		short=$((short + (there > 0 && there < n)))
		told 1 in.csv
		cmp <(placeless bad.csv) <(placeless whole.bad)
		dossier-find --now='2024-09-01 10:00' | LC_ALL=C sort |
		    cmp - whole.found
		# Of many rounds all that counts is compared in some.
		if ((ROUNDS <= 10 || i % 4 == 3)); then
			state again
			same_state whole again
		fi
	done
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
	told 1 in.csv
	state again
	same_state whole again
	run -0 --separate-stderr dossier-db check
	silent
}

@test "--atomic, killed: nothing of it, or all" {
	local all i n

	gen --rows="$ROWS" --seed=11 --from=2024-03-01 --days=60 --dirt=0 >in.csv
	fresh
	told 0 --atomic in.csv
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
	told 0 --atomic in.csv
	state again
	same_state whole again
}
