#!/usr/bin/env bats
# Where -o and --rejects write: files, links, devices, pipes; never a device
# of the system itself.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	D=$BATS_TEST_TMPDIR/here
	mkdir "$D"
	cd "$D" || return 1
	LIST=$(report --list -f ndjson)
}

# Any report will do: this one needs no database.
list() {
	run --separate-stderr report --list -f ndjson -o "$@"
}

wrote() {
	[ "$status" -eq 0 ] && silent && [ "$(cat "$1")" = "$LIST" ]
}

failed() {
	[ "$status" -eq 2 ] && [ -z "$output" ] &&
	    [ "$stderr" = "report: E_IO: $1" ]
}

# device NAME MINOR: 3 takes everything, 7 nothing.
device() {
	need_root
	mknod "$1" c 1 "$2" && chmod 622 "$1" || skip 'no devices here'
	{ : >"$1"; } 2>/dev/null || skip 'no devices here'
}

@test "a device is written, and stays one" {
	device null 3
	device full 7
	list null
	[ "$status" -eq 0 ]
	silent
	list full
	[ "$status" -eq 2 ]
	[[ $stderr == 'report: E_IO: '*'No space left on device' ]]
	[ "$(stat -c '%F %a %t %T' null full)" = \
	    'character special file 622 1 3
character special file 622 1 7' ]
	[ "$(ls -A)" = $'full\nnull' ]
	ln -s null link
	list link
	[ "$status" -eq 0 ]
	[ -L link ] && [ -c null ]
}

@test "a device, for the collector of metrics: its mode stays" {
	device null 3
	fresh_db
	run -0 --separate-stderr sla-check -f prometheus -o null
	silent
	[ "$(stat -c '%F %a' null)" = 'character special file 622' ]
}

@test "a pipe with a name is written when somebody reads it" {
	mkfifo pipe
	timeout 10 cat pipe >got &
	list pipe
	wait "$!"
	[ "$status" -eq 0 ]
	silent
	[ "$(cat got)" = "$LIST" ]
	[ -p pipe ]
	# As a shell does: it waits for the reader.
	run -124 timeout 1 report --list -o pipe
	[ "$(ls -A)" = $'got\npipe' ]
}

@test "process substitution, and descriptors that the caller has open" {
	run -0 report --list -f ndjson -o >(cat >got)
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(cat got)" != "$LIST" ] || break
		sleep 0.2
	done
	[ "$(cat got)" = "$LIST" ]
	# As /dev/stdout is, which no test should be able to break.
	ln -s /proc/self/fd/1 stdout
	for f in stdout /dev/fd/1 /proc/self/fd/1; do
		[ "$(report --list -f ndjson -o "$f")" = "$LIST" ]
		# A file goes on where it was.
		{ echo one; report --list -f ndjson -o "$f"; echo two; } >file
		same_text "$(cat file)" < <(echo one; echo "$LIST"; echo two)
		report --list -f ndjson -o "$f" >>file
		[ "$(sed -n 4p file)" = "$LIST" ]
	done
	[ -L stdout ]
	# Not open, not open for writing, and open only in the tool itself.
	run -2 --separate-stderr bash -c 'exec report --list -o stdout >&-'
	[ "$stderr" = 'report: E_IO: stdout: Bad file descriptor' ]
	run -2 --separate-stderr report --list -o /dev/fd/0 <file
	[ "$stderr" = 'report: E_IO: /dev/fd/0: Bad file descriptor' ]
	fresh_db
	for n in 3 4 5 6 7 8 9; do
		run -2 --separate-stderr bash -c '
		    exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
		    exec sla-check -o "/dev/fd/$1"' - "$n"
		[ "$stderr" = "sla-check: E_IO: /dev/fd/$n: Bad file descriptor" ]
	done
	run -0 dossier-db check
}

@test "a link to a file stays; what it leads to is replaced" {
	mkdir sub
	echo old >sub/target
	ln -s sub/target link
	ln -s "$D/link" further
	list link
	wrote sub/target
	[ -L link ]
	[ -f sub/target ] && [ ! -L sub/target ]
	[ "$(stat -c %a sub/target)" = 640 ]
	echo old >sub/target
	list further
	wrote sub/target
	[ -L further ]
	# One that leads to nothing yet.
	ln -s sub/new later
	list later
	wrote sub/new
	[ -L later ]
	[ "$(ls -A sub)" = $'new\ntarget' ]
	ln -s around round
	ln -s round around
	list round
	failed 'round: Too many levels of symbolic links'
	ln -s none/file astray
	list astray
	failed 'astray: No such file or directory'
}

@test "a file without a name is no file" {
	for o in --output= --db=; do
		run -2 --separate-stderr report --list "$o"
		[ -z "$output" ]
		same_text "$stderr" <<-END
			report: E_USAGE: ${o%=} needs a value: FILE
			Try 'report --help'.
		END
	done
	run -2 --separate-stderr report --list -o ''
	[ "${stderr_lines[0]}" = \
	    'report: E_USAGE: --output needs a value: FILE' ]
	run -2 --separate-stderr dossier-import --rejects= a.csv
	[ "${stderr_lines[0]}" = \
	    'dossier-import: E_USAGE: --rejects needs a value: FILE' ]
	run -2 --separate-stderr dossier-db init --db=
	[ "${stderr_lines[0]}" = \
	    'dossier-db: E_USAGE: --db needs a value: FILE' ]
}

@test "what cannot be a file is refused before any work" {
	mkdir dir
	ln -s dir link
	for f in dir link dir/ .; do
		list "$f"
		failed "$f: Is a directory"
	done
	list none/file
	failed 'none/file: No such file or directory'
	perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or die;
	    bind(S, pack_sockaddr_un("socket")) or die'
	list socket
	failed 'socket: not a file, a terminal or a pipe'
	[ "$(ls -A)" = $'dir\nlink\nsocket' ]
	# Also before there is anything to report.
	run -2 --separate-stderr report 06a --db=none.db -o dir
	failed 'dir: Is a directory'
	run -2 --separate-stderr sla-check --db=none.db -o dir
	[ "$stderr" = 'sla-check: E_IO: dir: Is a directory' ]
}

# terminal COMMAND...: what it writes to a terminal, whose name is appended;
# exit status 77 without any.
terminal() {
	perl -e 'use Fcntl;
	    sysopen(my $m, "/dev/ptmx", O_RDWR | O_NOCTTY) or exit 77;
	    my ($lock, $n) = (pack("i", 0), pack("i", 0));
	    ioctl($m, 0x40045431, $lock) && ioctl($m, 0x80045430, $n)
	        or exit 77;
	    my $name = "/dev/pts/" . unpack("i", $n);
	    sysopen(my $s, $name, O_RDWR | O_NOCTTY) or exit 77;
	    system(@ARGV, $name) == 0 or exit 1;
	    sysread($m, my $text, 65536);
	    print $text' "$@" </dev/null
}

@test "a terminal gets nothing that could reprogram it" {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	printf 'code,procedure,unit,received_at,officer\nA-1,1.009994,H42.30,2024-04-15,a\342\200\256b\n' |
	    dossier-import --now='2024-05-06 10:00' - >/dev/null 2>&1
	run -0 sla-check --now='2024-05-06 10:00' -f ndjson
	[[ $output == *$'"officer":"a\u202eb"'* ]]
	run terminal sla-check --now='2024-05-06 10:00' -f ndjson -o
	[ "$status" -ne 77 ] || skip 'no terminals here'
	[ "$status" -eq 0 ]
	[[ $output == *'"officer":"a\u202eb"'* ]]
}

# A row that goes in, and two that are refused.
rows() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cat >a.csv <<-'END'
		code,procedure,unit,received_at
		A-1,1.009994,H42.30,2024-04-15
		A-2,1.009994,H42.30,x
		A-3,1.009994,H42.30,y
	END
}

imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

count() {
	sql 'SELECT count(*) FROM dossier'
}

@test "--rejects: to a device" {
	device null 3
	device full 7
	rows
	run -1 --separate-stderr imp --rejects=null a.csv
	[ "$(jq -r .code <<<"$output")" = A-1 ]
	[ "$(count)" -eq 1 ]
	run -2 --separate-stderr imp --rejects=full a.csv
	[[ $stderr == *'dossier-import: E_IO: full: No space left on device' ]]
	[ -c null ] && [ -c full ]
	[ "$(ls -A)" = $'a.csv\nfull\nnull' ]
}

@test "--rejects: to a pipe, a descriptor and a link" {
	rows
	imp --dry-run --rejects=want.csv a.csv >log 2>&1 || [ "$?" -eq 1 ]
	[ "$(wc -l <want.csv)" -eq 3 ]
	mkfifo pipe
	timeout 10 cat pipe >got &
	run -1 --separate-stderr imp --dry-run --rejects=pipe a.csv
	wait "$!"
	cmp got want.csv
	run -1 imp --dry-run --rejects=/dev/fd/7 a.csv 7>got
	cmp got want.csv
	echo old >old.csv
	ln -s old.csv link
	run -1 --separate-stderr imp --rejects=link a.csv
	[ -L link ]
	cmp old.csv want.csv
	[ "$(stat -c %a old.csv)" = 600 ]
}

@test "--rejects: while nobody reads the pipe, nothing is held" {
	rows
	mkfifo pipe
	timeout 20 dossier-import --now='2024-05-06 10:00' --rejects=pipe \
	    a.csv >first 2>&1 &
	sleep 0.5
	[ "$(count)" -eq 0 ]
	run -1 --separate-stderr timeout 10 dossier-import \
	    --now='2024-05-06 10:00' a.csv
	[ "$(jq -r .result <<<"$output")" = added ]
	timeout 10 cat pipe >got
	wait "$!" || [ "$?" -eq 1 ]
	[ "$(wc -l <got)" -eq 3 ]
	grep -q '"result":"unchanged"' first
}

@test "--rejects: a directory is refused, and nothing goes in" {
	rows
	mkdir dir
	run -2 --separate-stderr imp --rejects=dir a.csv
	[ "$stderr" = 'dossier-import: E_IO: dir: Is a directory' ]
	[ -z "$output" ]
	[ "$(count)" -eq 0 ]
}

@test "--rejects: never what is read, by whatever name" {
	local sum name

	rows
	ln -s a.csv link
	ln a.csv other
	echo '{"columns": {"code": "code"}}' >map.json
	sum=$(cksum a.csv map.json)
	for name in a.csv ./a.csv "$D/a.csv" link other; do
		run -2 --separate-stderr imp --dry-run --rejects="$name" a.csv
		[ -z "$output" ]
		same_text "$stderr" <<-END
			dossier-import: --rejects: E_USAGE: "$name" is also what is read, "a.csv"
			Try 'dossier-import --help'.
		END
	done
	echo code >b.csv
	run -2 --separate-stderr imp --rejects=a.csv b.csv a.csv
	[[ $stderr == *'--rejects: E_USAGE: "a.csv" is also what is read, "a.csv"'* ]]
	run -2 --separate-stderr imp --rejects=a.csv - <a.csv
	[[ $stderr == *'--rejects: E_USAGE: "a.csv" is also what is read, "-"'* ]]
	run -2 --separate-stderr imp --rejects=map.json --map=map.json a.csv
	[[ $stderr == *'--rejects: E_USAGE: "map.json" is also what is read, "map.json"'* ]]
	run -2 --separate-stderr imp --rejects="$MOTCUA_DB" a.csv
	[[ $stderr == *"--rejects: E_USAGE: \"$MOTCUA_DB\" is also what is read, "* ]]
	[ "$(cksum a.csv map.json)" = "$sum" ]
	[ "$(count)" -eq 0 ]
	run -0 dossier-db check
}

@test "nothing is written over the database, or what stands beside it" {
	local name part sum

	rows
	run -1 imp a.csv
	ls "$MOTCUA_DB-wal" "$MOTCUA_DB-shm" "$MOTCUA_DB.lock"
	sum=$(cksum "$MOTCUA_DB"*)
	for part in '' -wal -shm .lock; do
		name=$MOTCUA_DB$part
		for tool in "report 06a -o" "sla-check -o" \
		    "dossier-import a.csv --rejects"; do
			# shellcheck disable=SC2086	# words
			run -2 --separate-stderr $tool "$name"
			[ -z "$output" ]
			[[ ${stderr_lines[0]} == *": E_USAGE: \"$name\" is also what is read, \"$name\"" ]]
		done
	done
	[ "$(cksum "$MOTCUA_DB"*)" = "$sum" ]
	run -0 dossier-db check
}

@test "--rejects: a device may be what is read" {
	device null 3
	rows
	run -2 --separate-stderr imp --rejects=null null
	[[ $stderr != *E_USAGE* ]]
}

@test "--rejects: trouble before any row leaves the old ones" {
	rows
	echo old >bad.csv
	run -2 imp --rejects=bad.csv missing.csv
	[ "$(cat bad.csv)" = old ]
	printf 'code,colour\nA-1,red\n' >b.csv
	run -2 imp --rejects=bad.csv b.csv
	[ "$(cat bad.csv)" = old ]
	run -2 imp --atomic --rejects=bad.csv b.csv
	[ "$(cat bad.csv)" = old ]
	[ "$(ls -A)" = $'a.csv\nb.csv\nbad.csv' ]
	# Of a file that had its rows, they are kept.
	run -2 imp --rejects=bad.csv a.csv missing.csv
	[ "$(tail -n +2 bad.csv | cut -d, -f1 | tr '\n' ' ')" = 'A-2 A-3 ' ]
	run -2 imp --max-errors=1 --rejects=bad.csv a.csv
	[ "$(tail -n +2 bad.csv | cut -d, -f1)" = A-2 ]
	# No row at all is no trouble.
	head -n 1 a.csv >b.csv
	run -0 imp --rejects=bad.csv b.csv
	[ "$(wc -l <bad.csv)" -eq 1 ]
}
