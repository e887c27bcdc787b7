#!/usr/bin/env bats
# An import that the system lets down: signals, limits, errors of reading and
# writing.  What was told is there, the database is whole, and the same
# command again completes what an undisturbed run would have made.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

ROWS=1500
IMPORT=(dossier-import '--now=2024-09-01 10:00' --batch=200 --rejects=bad.csv)

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	gen --rows="$ROWS" --seed=21 --from=2024-03-01 --days=60 >in.csv
	fresh_db
	cp -r db empty
	run -1 --separate-stderr "${IMPORT[@]}" in.csv
	placeless bad.csv >whole.bad
	state whole
	N=$(wc -l <whole.found)
	fresh
}

fresh() {
	rm -rf db bad.csv*
	cp -r empty db
}

# A conflict says where the other row was: in this run, or an earlier one.
placeless() {
	sed 's/another content, [^;]*;/another content;/' "$1"
}

mute='' # set where messages cannot be written either
# sound STATUS...: the status is one of these; what was told is there; the
# database is whole, and so is whatever has its final name.
sound() {
	local told there

	[[ " $* " == *" $status "* ]] || {
		echo "status $status is none of: $*"
		tail -3 err
		return 1
	}
	[ "$status" -ne 2 ] || [ -n "$mute" ] || grep -q ': E_[A-Z]*: ' err
	told=$(grep -c '^{.*}$' out || :)
	there=$(sql 'SELECT count(*) FROM dossier')
	[ "$there" -ge "$told" ]
	[ "$status" -gt 1 ] || [ "$there" -eq "$N" ]
	[ ! -e bad.csv ] || [ "$status" -gt 1 ] ||
	    placeless bad.csv | cmp whole.bad -
	run -0 --separate-stderr dossier-db check
	silent
}

# again: the same command once more, left alone.
again() {
	run -1 --separate-stderr "${IMPORT[@]}" in.csv
	placeless bad.csv | cmp whole.bad -
	state again
	same_state whole again
}

# disturbed COMMAND...: with its status, out and err.
disturbed() {
	status=0
	"$@" >out 2>err || status=$?
}

@test "signals end it between two batches, or take a whole one with them" {
	local i pid signal

	RANDOM=7
	for signal in TERM INT HUP PIPE TERM INT HUP TERM; do
		fresh
		: >out
		# A shell starts what is in its background with INT ignored.
		perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
		    "${IMPORT[@]}" in.csv >out 2>err 3>&- &
		pid=$!
		for ((i = 0; i < 2000; i++)); do
			[ ! -s out ] && kill -0 "$pid" 2>/dev/null || break
			sleep 0.002
		done
		sleep "0.0$((RANDOM % 90 + 10))"
		kill -s "$signal" "$pid" 2>/dev/null || :
		status=0
		wait "$pid" || status=$?
		sound 1 "$((128 + $(kill -l "$signal")))"
		again
	done
}

@test "stopped and continued, it is as if nothing had been" {
	local i pid

	"${IMPORT[@]}" in.csv >out 2>err 3>&- &
	pid=$!
	for ((i = 0; i < 10; i++)); do
		kill -STOP "$pid" 2>/dev/null || break
		sleep 0.01
		kill -CONT "$pid" 2>/dev/null || break
		sleep 0.005
	done
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
	state again
	same_state whole again
}

@test "files that may not grow beyond a limit, whatever it is" {
	local blocks failed=0

	for blocks in 1 40 300 800 1200 1500 1700 1900 2100 2400 3000 100000; do
		fresh
		disturbed bash -c 'ulimit -f "$1"; shift; exec "$@"' - \
		    "$blocks" "${IMPORT[@]}" in.csv
		failed=$((failed + (status == 2)))
		[ "$status" -eq 1 ] || grep -q 'E_IO: ' err
		sound 1 2
		again
	done
	[ "$failed" -gt 2 ]
	[ "$failed" -lt 12 ]
}

# Can errors be injected into system calls here?
can_trace() {
	command -v strace >/dev/null || return 1
	[ -z "${MOTCUA_SAN-}" ] || return 1 # its leak checker cannot be traced
	strace -f -qq -o /dev/null -e inject=fdatasync:error=EIO:when=1 \
	    true 2>/dev/null
}

@test "an error of each kind of writing, once and for good" {
	local call n how failed=0 runs=0 mute

	can_trace || skip 'no strace that may inject errors'
	for call in pwrite64 fdatasync fsync ftruncate write flock; do
		mute=''
		[ "$call" != write ] || mute=1
		for n in 1 4; do
			for how in '' +; do
				fresh
				disturbed strace -f -qq -o /dev/null \
				    -e "trace=$call" \
				    -e "inject=$call:error=EIO:when=$n$how" \
				    "${IMPORT[@]}" in.csv
				runs=$((runs + 1))
				failed=$((failed + (status == 2)))
				sound 0 1 2 75
				again
			done
		done
	done
	[ "$failed" -gt 0 ]
	echo "# $failed of $runs runs failed, each with a message" >&3
}

@test "the rulebook's commit is on the disk before what it decided is" {
	can_trace || skip 'no strace that may inject errors'
	strace -f -qq -o calls -e trace=syncfs,fdatasync \
	    "${IMPORT[@]}" in.csv >/dev/null 2>err || [ $? -eq 1 ]
	grep -oE 'syncfs|fdatasync' calls | head -1 | grep -qx syncfs
	[ "$(grep -c syncfs calls)" -eq 1 ]
	# Dossiers are pinned to it: it is known.
	sed 1q in.csv >one.csv
	grep -m1 '^H42' in.csv | sed 's/^[^,]*/H42.60-240301-9999/' >>one.csv
	strace -f -qq -o calls -e trace=syncfs,fdatasync \
	    dossier-import '--now=2024-09-01 10:00' one.csv >/dev/null 2>err
	grep -q fdatasync calls
	run ! grep -q syncfs calls
	# A disk that fails then: nothing was decided.
	fresh
	disturbed strace -f -qq -o /dev/null -e trace=syncfs \
	    -e inject=syncfs:error=EIO "${IMPORT[@]}" in.csv
	[ "$status" -eq 2 ]
	grep -q 'E_IO: .*Input/output error$' err
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
	sound 2
	again
}

@test "input that cannot be read to its end" {
	can_trace || skip 'no strace that may inject errors'
	# Two portions, each read by a thread with a count of its own: one of them
	# reads twice.
	disturbed strace -f -qq -o /dev/null -P "$PWD/in.csv" \
	    -e inject=read:error=EIO:when=2+ "${IMPORT[@]}" --batch=65536 \
	    "$PWD/in.csv"
	[ "$status" -eq 2 ]
	grep -q "in.csv: E_IO: cannot read: Input/output error" err
	sound 2
	again
	# A directory is no file.
	fresh
	disturbed "${IMPORT[@]}" - </
	[ "$status" -eq 2 ]
	grep -q '^dossier-import: -: E_IO: cannot read: Is a directory$' err
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
}

@test "threads that are not to be had are done without" {
	local n

	can_trace || skip 'no strace that may inject errors'
	for n in 1 2 3 4; do
		fresh
		disturbed strace -f -qq -o calls -e trace=clone,clone3 \
		    -e "inject=clone,clone3:error=EAGAIN:when=$n+" \
		    "${IMPORT[@]}" in.csv
		grep -q INJECTED calls
		sound 1
		state again
		same_state whole again
	done
}

@test "no room for the copy that a dry run works on" {
	fresh
	disturbed bash -c 'ulimit -f 10; exec "$@"' - \
	    dossier-import --dry-run --batch=200 in.csv
	[ "$status" -eq 2 ]
	grep -q "^dossier-import: E_IO: $MOTCUA_DB: " err
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
	again
}

@test "streams that are closed, or full" {
	local f

	disturbed "${IMPORT[@]}" in.csv
	for f in in.csv ''; do
		fresh
		status=0
		"${IMPORT[@]}" "${f:--}" <&- >&- 2>&- || status=$?
		[ "$status" -eq 2 ]
		# No message has gone into a file that was opened in its place.
		run -0 --separate-stderr dossier-db check
		silent
	done
	again
	[ -w /dev/full ] || skip 'no /dev/full here'
	fresh
	status=0
	"${IMPORT[@]}" in.csv >/dev/full 2>err || status=$?
	[ "$status" -eq 2 ]
	run -0 --separate-stderr dossier-db check
	silent
	again
}

@test "on a terminal it says how far it is, how fast, and how long still" {
	local i

	script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
	    skip 'no terminal can be made here'
	fresh
	mkfifo slow
	# Nothing is known of how much is to come: no share of it is told.
	{
		head -300 in.csv
		sleep 1.2
		tail -n +301 in.csv
	} >slow &
	script -qec "${IMPORT[*]@Q} - <slow >out" typescript \
	    </dev/null >/dev/null || [ $? -eq 1 ]
	wait
	tr '\r' '\n' <typescript >shown
	grep -qE '^dossier-import: [0-9,]+ rows, [0-9,]+/s.\[K' shown
	grep -q 'rows: .* added' shown
	# Of a file it is.
	fresh
	for ((i = 0; i < 5; i++)); do
		gen --rows=4000 --seed=$i --from=2024-0$((i + 1))-01 --days=28 --dirt=0
	done | awk 'NR == 1 || !/^code,/' >many.csv
	# However fast the machine is: it is made to wait.
	cat >wait.sh <<-'END'
		dossier-import --batch=5 many.csv >out &
		while ! [ -s out ]; do sleep 0.002; done
		kill -STOP $!
		sleep 1.2
		kill -CONT $!
		wait $!
	END
	: >out
	script -qec 'sh wait.sh' typescript </dev/null >/dev/null
	tr '\r' '\n' <typescript >shown
	grep -qE '^dossier-import: [0-9,]+ rows, [0-9,]+/s, [0-9]+ %, [0-9]+:[0-9][0-9] left.\[K' shown
	# Elsewhere there is none of it.
	fresh
	disturbed "${IMPORT[@]}" in.csv
	run ! grep -qE '/s|left' err
}
