#!/usr/bin/env bats
# dossier-import --dry-run: what an import would do, told without one, and
# without keeping anybody waiting.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

HEAD=code,procedure,unit,received_at

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

fingerprint() {
	sha256sum <"$MOTCUA_DB"
	sha256sum <"$MOTCUA_DB-wal"
}

# rows FROM TO: of codes A-FROM to A-TO.
rows() {
	seq -f 'A-%g,1.009994,H42.30,2024-04-15' "$1" "$2"
}

# same_dry ARGUMENT...: a dry run, then the import: the same output, status
# and reject file, and after the dry run the same database as before.
same_dry() {
	local want

	fingerprint >before
	run --separate-stderr imp --dry-run --rejects=dry.bad "$@"
	fingerprint | diff before -
	want=$status
	printf '%s\n' "$output" | jq -c 'del(.dry_run)' >dry.out
	printf '%s\n' "$stderr" >dry.err
	[ -z "$output" ] || [ "$(grep -vc '"dry_run":true' <<<"$output")" -eq 0 ]
	[[ ${stderr_lines[-1]} == *'(dry run: nothing was written)' ]]
	run "-$want" --separate-stderr imp --rejects=real.bad "$@"
	printf '%s\n' "$output" | jq -c . | diff dry.out -
	printf '%s\n' "$stderr" |
	    diff <(sed 's/ (dry run: nothing was written)$//' dry.err) -
	cmp dry.bad real.bad
}

@test "the same as the import, within a batch and over many" {
	{
		echo "$HEAD"
		rows 1 300
		echo A-7,1.009994,H42.30,2024-04-16	# another content
		echo B-1,1.009994,H42.30,2024-04-31
		rows 5 9				# the same
	} >short.csv
	same_dry short.csv
	{
		echo "$HEAD"
		rows 1 20000
		echo A-7,1.009994,H42.30,2024-04-16
		echo A-19000,1.009994,H42.30,2024-04-16
		echo B-1,1.009994,H42.30,2024-04-31
		rows 400 25000
	} >long.csv
	same_dry long.csv
	printf '%s\n' "$HEAD" A-400,1.009994,H42.30,2024-04-17 \
	    C-1,1.009994,H42.30,2024-04-17 >more.csv
	same_dry long.csv more.csv
	same_dry --update more.csv long.csv
	same_dry --batch=7 --update short.csv
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a first batch without a good row counts, too" {
	{
		echo "$HEAD"
		yes bad | head -10
		rows 1 9
		yes bad | head -5
	} >bad.csv
	same_dry --batch=7 bad.csv
	[[ $stderr == *' 9 added, '*' 15 rejected (E_FIELDS 15)'* ]]
	echo "$HEAD" >none.csv
	same_dry --batch=7 none.csv bad.csv none.csv
}

@test "numbers, events and what is read in another way" {
	{
		echo procedure,unit,received_at
		yes 1.009994,H42.30,2024-04-15 | head -40
	} >number.csv
	same_dry --number --batch=16 number.csv
	same_dry --number --batch=16 number.csv
	cat >events.json <<-'END'
		{"rows": "events", "columns": {"code": "c", "activity": "a",
		 "at": "t", "received_at": "r"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}
	END
	{
		echo c,a,t,r
		for i in {1..30}; do
			echo "E-$((i % 4)),do,2024-04-16 09:10,2024-04-15 08:00"
		done
	} >events.csv
	same_dry --map=events.json --batch=5 events.csv
	same_dry --map=events.json --batch=5 events.csv
	same_dry --max-errors=2 --batch=3 number.csv || [ "$status" -eq 2 ]
}

@test "others write while it reads" {
	local pid i

	mkfifo in
	dossier-import --dry-run --now='2024-05-06 10:00' - <in >out 2>err &
	pid=$!
	exec 9>in
	{
		echo "$HEAD"
		rows 1 20000
	} >&9
	for ((i = 0; i < 600; i++)); do
		[ "$(wc -l <out)" -lt 20000 ] || break
		sleep 0.05
	done
	# It is half through, and waits for more; nobody waits for it.
	[ "$(wc -l <out)" -eq 20000 ]
	kill -0 "$pid"
	flock -n "$MOTCUA_DB.lock" true
	printf '%s\n' "$HEAD" A-3,1.009994,H42.30,2024-04-16 >one.csv
	run -0 --separate-stderr imp one.csv
	route start --now='2024-05-06 10:00' A-3 >/dev/null
	# What others have done since it began is not in its copy.
	rows 3 3 >&9
	rows 20001 20010 >&9
	exec 9>&-
	wait "$pid"
	tail -1 err | grep -F '20011 rows: 20010 added, 0 updated, 1 unchanged'
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 1 ]
	run -0 --separate-stderr dossier-db check
	silent
	# Nothing is left of it.
	[ "$(find db -maxdepth 1 -type f | wc -l)" -eq 4 ]
}

@test "it waits for nobody, where its rows come in several batches" {
	{
		echo "$HEAD"
		rows 1 20
	} >a.csv
	flock "$MOTCUA_DB.lock" sleep 20 9>&- 3>&- &
	sleep 0.2
	run -0 --separate-stderr timeout 15 dossier-import -n --batch=7 \
	    --now='2024-05-06 10:00' a.csv
	[ "${#lines[@]}" -eq 20 ]
	kill "$!" 2>/dev/null || :
	wait
}

@test "a named pipe will do: it is read once" {
	mkfifo pipe
	{
		echo "$HEAD"
		rows 1 3
	} >pipe &
	run -0 --separate-stderr timeout 20 dossier-import -n \
	    --now='2024-05-06 10:00' pipe
	[ "${#lines[@]}" -eq 3 ]
	wait
}

@test "killed, it leaves nothing behind" {
	local pid i

	mkfifo in
	dossier-import --dry-run --now='2024-05-06 10:00' - <in >out 2>err &
	pid=$!
	exec 9>in
	{
		echo "$HEAD"
		rows 1 10
	} >&9
	for ((i = 0; i < 600; i++)); do
		[ ! -s out ] || break
		sleep 0.05
	done
	kill -9 "$pid"
	wait "$pid" || :
	exec 9>&-
	[ "$(find db -maxdepth 1 -type f | wc -l)" -eq 4 ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
}
