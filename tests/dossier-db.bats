#!/usr/bin/env bats
# dossier-db(1): making a database, checking it, copying it.

# shellcheck disable=SC2154,SC2030,SC2031	# run sets output, lines ...

load lib
load tamper

setup() {
	export MOTCUA_DB=$BATS_TEST_TMPDIR/db/motcua.db MOTCUA_ACTOR=tester
}

mode() {
	stat -c %a "$1"
}

# findings CHECK: of one check, which must not be silent.
findings() {
	run -1 --separate-stderr dossier-db check "$1"
	[ -z "$stderr" ]
	[ "$(members schema)" = motcua.finding/1 ]
	[ "$(members check)" = "$1" ]
}

# ---- init

@test "init makes directory, database and rulebook, and says so" {
	run -0 --separate-stderr dossier-db init
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	[[ ${stderr_lines[0]} =~ ^"dossier-db: made the rulebook $BATS_TEST_TMPDIR/db/motcua.rules (refs/heads/main of commit "[0-9a-f]{12}")"$ ]]
	[ "${stderr_lines[1]}" = "dossier-db: made the database $MOTCUA_DB \
(site H42, zone Asia/Ho_Chi_Minh)" ]
	[ "$(mode "$BATS_TEST_TMPDIR/db")" = 2770 ]
	[ "$(mode "$MOTCUA_DB")" = 660 ]
	[ "$(mode "$MOTCUA_DB.lock")" = 660 ]
	[ "$(mode "$BATS_TEST_TMPDIR/db/motcua.rules")" = 2770 ]
	[ "$(sql 'PRAGMA journal_mode')" = wal ]
	[ "$(sql 'PRAGMA application_id')" -eq $((0x4d437561)) ]
	git -C "$BATS_TEST_TMPDIR/db/motcua.rules" -c safe.directory='*' \
	    fsck --strict
	run -0 --separate-stderr dossier-db check --all \
	    --now=2026-10-01T00:00:00+07:00
	silent
}

@test "init a second time refuses, and changes nothing" {
	fresh_db
	before=$(cat "$MOTCUA_DB" "$MOTCUA_DB-wal" | sha256sum)
	run -2 --separate-stderr dossier-db init
	[ -z "$output" ]
	[ "$stderr" = \
	    "dossier-db: E_EXISTS: \"$MOTCUA_DB\" is already there" ]
	[ "$(cat "$MOTCUA_DB" "$MOTCUA_DB-wal" | sha256sum)" = "$before" ]
}

@test "init beside a rulebook that is there: left alone, and named" {
	mkdir -p "$BATS_TEST_TMPDIR/db/motcua.rules"
	touch "$BATS_TEST_TMPDIR/db/motcua.rules/mine"
	run -2 --separate-stderr dossier-db init
	[[ $stderr == "dossier-db: "*"E_EXISTS: "*motcua.rules* ]]
	[[ $stderr == *"to use it: --rules=$BATS_TEST_TMPDIR/db/motcua.rules" ]]
	[ "$(find "$BATS_TEST_TMPDIR/db" -type f)" = \
	    "$BATS_TEST_TMPDIR/db/motcua.rules/mine" ]
}

@test "init --rules takes a repository, a branch, a tag" {
	local r=$BATS_TEST_TMPDIR/r c

	fresh_db
	git clone -q "$BATS_TEST_TMPDIR/db/motcua.rules" "$r"
	c=$(git -C "$r" rev-parse HEAD)
	git -C "$r" tag v1
	git -C "$r" checkout -q -b other

	MOTCUA_DB=$BATS_TEST_TMPDIR/1.db dossier-db init --rules="$r"
	MOTCUA_DB=$BATS_TEST_TMPDIR/2.db dossier-db init --rules="$r#main"
	MOTCUA_DB=$BATS_TEST_TMPDIR/3.db dossier-db init --rules="$r#v1"
	MOTCUA_DB=$BATS_TEST_TMPDIR/4.db dossier-db init --rules="$r#$c"
	cd "$BATS_TEST_TMPDIR"
	MOTCUA_DB=5.db dossier-db init --rules=r
	same_text "$(for i in 1 2 3 4 5; do dossier-db info --db=$i.db \
	    --format=ndjson | jq -r '"\(.rules) \(.ref) \(.commit)"'; done)" \
	    <<-END
		$r refs/heads/other $c
		$r refs/heads/main $c
		$r refs/tags/v1 $c
		$r $c $c
		$r refs/heads/other $c
	END
	[ ! -e "$BATS_TEST_TMPDIR/1.rules" ]
}

@test "init that cannot be finished leaves nothing behind" {
	local r=$BATS_TEST_TMPDIR/r

	run -2 --separate-stderr dossier-db init --rules=/nowhere/r
	[[ $stderr == *'E_RULES: there is no rulebook "/nowhere/r"'* ]]
	[ ! -e "$BATS_TEST_TMPDIR/db" ]

	mkdir "$r"
	echo '{"schema": "motcua.rulebook/1", "zone": "Mars/Base"}' \
	    >"$r/rulebook.json"
	make_rules "$r"
	run -2 --separate-stderr dossier-db init --rules="$r"
	[ -n "$stderr" ]
	[ ! -e "$BATS_TEST_TMPDIR/db" ]
	run -2 --separate-stderr dossier-db init --rules="$r#nope"
	[[ $stderr == *E_REV*nope* ]]
	[ ! -e "$BATS_TEST_TMPDIR/db" ]
	[ -e "$r/.git" ]

	run -2 --separate-stderr dossier-db init --now=2199-01-01
	[[ $stderr == *E_NOW* ]]
	[ ! -e "$BATS_TEST_TMPDIR/db" ]
	run -2 --separate-stderr dossier-db init --actor=''
	[[ $stderr == *E_ACTOR* ]]
	[ ! -e "$BATS_TEST_TMPDIR/db" ]
	run -2 --separate-stderr dossier-db init --db=/nowhere/at/all/x.db
	[ "${stderr_lines[0]}" = \
	    'dossier-db: E_IO: /nowhere/at/all: No such file or directory' ]
}

@test "init in a directory that everybody may write" {
	mkdir "$BATS_TEST_TMPDIR/db"
	chmod 0777 "$BATS_TEST_TMPDIR/db"
	run -2 --separate-stderr dossier-db init
	[ "${stderr_lines[0]}" = "dossier-db: E_MODE: everybody may write \
into the directory \"$BATS_TEST_TMPDIR/db\"" ]
	[ "${stderr_lines[1]}" = "chmod o-w $BATS_TEST_TMPDIR/db" ] ||
	    [[ ${stderr_lines[1]} == *"chmod o-w $BATS_TEST_TMPDIR/db" ]]
	chmod 1777 "$BATS_TEST_TMPDIR/db"
	run -0 dossier-db init
	[ "$(mode "$BATS_TEST_TMPDIR/db")" = 1777 ]
}

@test "the actor and the time of the first event" {
	run -0 dossier-db init --actor='Bà Lan' --now='2024-02-05 10:20'
	run -0 --separate-stderr audit-export
	[ "$(jq -c '[.kind, .actor, .at]' <<<"$output")" = \
	    '["created","Bà Lan","2024-02-05T10:20:00+07:00"]' ]
}

# ---- opening

@test "what is no database of ours is refused" {
	local f=$BATS_TEST_TMPDIR/f

	run -2 --separate-stderr dossier-db check
	[ "${stderr_lines[0]}" = \
	    "dossier-db: E_NODB: no database at \"$MOTCUA_DB\"" ]
	[[ ${stderr_lines[1]} == *"dossier-db init --db=$MOTCUA_DB" ]]

	sqlite3 "$f" 'CREATE TABLE t (a)'
	chmod 660 "$f"
	run -2 --separate-stderr dossier-db check --db="$f"
	[ "$stderr" = "dossier-db: E_SCHEMA: $f is no Motcua database" ]
	seq 3000 >"$f"
	run -2 --separate-stderr dossier-db info --db="$f"
	[[ $stderr == "dossier-db: E_SCHEMA: $f is no database at all"$'\n'* ]]
	: >"$f"
	run -2 --separate-stderr dossier-db info --db="$f"
	[ "$stderr" = "dossier-db: E_SCHEMA: $f is no Motcua database" ]
	run -2 --separate-stderr dossier-db info --db=/dev/null
	[[ $stderr == 'dossier-db: E_FILE: "/dev/null" is not a regular'* ]]
}

@test "another schema, another name, another mode" {
	fresh_db
	chmod o+w "$MOTCUA_DB"
	run -2 --separate-stderr dossier-db check
	[[ ${stderr_lines[0]} == *'E_MODE: '*'may be written by everybody' ]]
	chmod o-w "$MOTCUA_DB"
	ln "$MOTCUA_DB" "$MOTCUA_DB.2"
	run -2 --separate-stderr dossier-db check
	[[ $stderr == *'E_FILE: '*'more than one name'* ]]
	rm "$MOTCUA_DB.2"
	ln -s "$MOTCUA_DB" "$BATS_TEST_TMPDIR/link"
	run -2 --separate-stderr dossier-db check --db="$BATS_TEST_TMPDIR/link"
	[[ $stderr == *'E_FILE: '*'not a regular file'* ]]

	sqlite3 "$MOTCUA_DB" 'PRAGMA user_version = 99'
	run -2 --separate-stderr dossier-db check
	[[ ${stderr_lines[0]} =~ "E_SCHEMA: $MOTCUA_DB has schema version 99, this program knows "[0-9]+$ ]]
	[[ ${stderr_lines[1]} == *'install the newer Motcua' ]]
}

@test "a foreign trigger, view, index or column is refused" {
	local s

	for s in 'CREATE TRIGGER x AFTER INSERT ON open BEGIN SELECT 1; END' \
	    'CREATE VIEW x AS SELECT 1' 'CREATE INDEX x ON open (unit)' \
	    'CREATE TABLE x (a)' 'ALTER TABLE run ADD COLUMN x INTEGER' \
	    'DROP TRIGGER entry_no_delete'; do
		fresh_db
		sqlite3 "$MOTCUA_DB" "$s"
		run -2 --separate-stderr dossier-db check
		[ -z "$output" ]
		[ "$stderr" = "dossier-db: E_SCHEMA: $MOTCUA_DB: its tables \
are not those that this version creates" ]
	done
}

# ---- check

@test "check is silent when all holds, by all its names" {
	sample_db
	run -0 --separate-stderr dossier-db check
	silent
	run -0 --separate-stderr dossier-db check sqlite foreign-keys log \
	    replay rules balance
	silent
	run -0 --separate-stderr dossier-db check --all \
	    --now=2026-10-01T00:00:00+07:00
	silent
	run -2 --separate-stderr dossier-db check lgo
	[ "${stderr_lines[0]}" = \
	    'dossier-db: E_USAGE: there is no check "lgo"' ]
	[ "${stderr_lines[1]}" = "Try 'dossier-db --help'." ]
	run -2 --separate-stderr dossier-db check --rules=x
	[[ $stderr == *E_USAGE* ]]
}

# differs SQL CODE TABLE COLUMN: one row falsified is one finding.
differs() {
	sqlite3 -bail "$MOTCUA_DB" "$1"
	findings replay
	[ "${#lines[@]}" -eq 1 ]
	[ "$(members error)" = E_REPLAY ]
	[ "$(members code)" = "$2" ]
	[[ $(members message) == *"$3"* ]]
	[[ $(members message) == *"$4"* ]]
}

@test "replay names the dossier, table and column that differ" {
	local code id

	sample_db
	cp "$MOTCUA_DB" "$BATS_TEST_TMPDIR/kept" # -wal is copied by sqlite3
	sqlite3 "$MOTCUA_DB" '.backup '"$BATS_TEST_TMPDIR/kept"
	again() {
		rm -f "$MOTCUA_DB" "$MOTCUA_DB"-wal "$MOTCUA_DB"-shm
		cp "$BATS_TEST_TMPDIR/kept" "$MOTCUA_DB"
	}
	again
	dossier-db check replay
	code=$(dossier-find --status=returned --limit=1 | jq -r .code)
	id=$(sql 'SELECT min(id) FROM dossier WHERE status = 10')
	differs "UPDATE dossier SET verdict = verdict % 3 + 1 WHERE id = $id" \
	    "$code" 'table dossier' '"verdict" is '
	again
	differs "UPDATE dossier SET finished_at = finished_at - 1000,
	    unit = unit + 1 WHERE id = $id" "$code" '"unit" is ' \
	    '"finished_at" is '
	again
	differs "UPDATE dossier SET events = x'0102' WHERE id = $id" "$code" \
	    'table dossier' '"events" is not what the log gives'
	again
	differs "DELETE FROM dossier WHERE id = $id" "$code" \
	    'table dossier' 'the row is missing that the log gives'
	again
	differs "INSERT INTO dossier SELECT id + 100, procedure, pin, unit,
	    channel, received_at, row_hash, status, due_day, due_at, flags,
	    finished_at, returned_at, verdict, holder, officer, changed_at,
	    version, events FROM dossier WHERE id = $id" \
	    "$(printf %s%04d "${code%????}" $((10#${code: -4} + 100)))" \
	    'table dossier' 'a row that the log does not give'
	again
	code=$(dossier-find --status=supplement --limit=1 | jq -r .code)
	id=$(sql 'SELECT dossier FROM open WHERE status = 5 ORDER BY 1 LIMIT 1')
	differs "UPDATE open SET due_at = due_at + 86400000,
	    due_day = due_day + 1 WHERE dossier = $id" "$code" 'table open' \
	    '"due_day" is '
	again
	differs "UPDATE open SET paused_at = NULL WHERE dossier = $id" \
	    "$code" '"paused_at" is null, by the log '
	again
	id=$(sql 'SELECT dossier FROM step ORDER BY 1 LIMIT 1')
	differs "UPDATE step SET entered_at = entered_at - 1
	    WHERE dossier = $id" "$(head -1 "$BATS_TEST_TMPDIR/started" |
	    jq -r .code)" 'table step, step "' '"entered_at" is '
	again
	differs "DELETE FROM alias WHERE alias = 'AL-3'" H42.02-240407-0003 \
	    'table alias' 'the row is missing'
	again
	sqlite3 "$MOTCUA_DB" 'UPDATE rollup SET late = late + 1 WHERE
	    level = 0 AND period = (SELECT min(period) FROM rollup
	    WHERE level = 0)'
	findings replay
	[[ $(members message) == 'roll-up of level 0, period '*'"late" is '* ]]
}

@test "replay: what reopenings took back" {
	local code

	sample_db
	code=$(dossier-find --status=finished --limit=1 -f ndjson |
	    jq -r .code)
	route reopen --reason=x "$code" >/dev/null
	run -0 --separate-stderr dossier-db check replay balance
	silent
	tamper 'UPDATE reopening SET late = late + 1'
	findings replay
	[ "$(members error)" = E_REPLAY ]
	[[ $(members message) == 'reopenings of day '*', finished on day '*', procedure "'*'", unit "H42.02": "late" is '* ]]
	tamper 'DELETE FROM reopening'
	findings replay
	[[ $(members message) == *': the row is missing that the log gives'* ]]
}

@test "replay: names that are gone, and that another would get" {
	local t n

	sample_db
	dossier-import - >/dev/null 2>&1 <<-'END'
		code,procedure,unit,received_at,officer
		H42.03-240105-0001,1.000656,H42.02,2024-01-05 08:00,lan
	END
	run -0 --separate-stderr dossier-db check
	silent
	for t in agency officer code; do
		n=$(sql "SELECT max(id) FROM $t")
		sqlite3 "$MOTCUA_DB" ".backup $BATS_TEST_TMPDIR/kept"
		sqlite3 -bail "$MOTCUA_DB" "DELETE FROM $t WHERE id = $n"
		findings replay
		[ "$(members error)" = E_REPLAY ]
		[ "$(members message)" = \
		    "table $t, id $n: the row is missing that the log gives" ]
		rm -f "$MOTCUA_DB" "$MOTCUA_DB"-wal "$MOTCUA_DB"-shm
		mv "$BATS_TEST_TMPDIR/kept" "$MOTCUA_DB"
	done
	sqlite3 -bail "$MOTCUA_DB" 'PRAGMA ignore_check_constraints = 1;
	    UPDATE code SET id = -1 WHERE id = 1'
	findings replay
	[[ $output == *'"table code: -1 is no id of a code"'* ]]
}

@test "replay: what runs of dossier-import have done" {
	local id

	sample_db
	dossier-import - >/dev/null 2>&1 <<-'END'
		code,procedure,unit,received_at
		H42.03-240105-0001,1.000656,H42.02,2024-01-05 08:00
		H42.03-240105-0002,1.000656,H42.02,2024-01-05 08:00
	END
	route start H42.03-240105-0002 >/dev/null
	dossier-import --update - >/dev/null 2>&1 <<-'END'
		code,procedure,unit,received_at,channel
		H42.03-240105-0001,1.000656,H42.02,2024-01-05 08:00,online
		H42.03-240105-0003,1.000656,H42.02,2024-01-05 08:00,online
	END
	dossier-import --undo=2 >/dev/null 2>&1 || :
	dossier-import --undo=3 >/dev/null 2>&1 || :
	[ "$(sql 'SELECT added, voided FROM run WHERE id > 1' | paste -sd' ')" = \
	    '2|0 1|1' ]
	run -0 --separate-stderr dossier-db check
	silent
	gone() {
		sqlite3 "$MOTCUA_DB" ".backup $BATS_TEST_TMPDIR/kept"
		sqlite3 -bail "$MOTCUA_DB" "$1"
		findings replay
		[ "$(members error)" = E_REPLAY ]
		[[ $(members message) == "table run, id $2"*"$3"* ]]
		rm -f "$MOTCUA_DB" "$MOTCUA_DB"-wal "$MOTCUA_DB"-shm
		mv "$BATS_TEST_TMPDIR/kept" "$MOTCUA_DB"
	}
	gone 'UPDATE run SET last_seq = first_seq WHERE id = 2' 2 '"last_seq" is '
	gone 'UPDATE run SET events = 1 WHERE id = 2' 2 '"events" is 1, by the log 2'
	gone 'UPDATE run SET added = 1 WHERE id = 2' 2 '"added" is 1, by the log 2'
	gone 'UPDATE run SET voided = 0 WHERE id = 3' 3 '"voided" is 0, by the log 1'
	gone 'UPDATE run SET first_seq = last_seq WHERE id = 2' 2 '"first_seq" is '
	gone 'DELETE FROM run WHERE id = 3' 3 'the row is missing'
	gone "INSERT INTO run VALUES (4, 0, 'x', 1, 1, 0, 0, 0)" 4 \
	    'a row that the log does not give'
}

@test "replay: an event that the log lost, and one that makes no sense" {
	local seq

	sample_db
	seq=$(sql 'SELECT max(seq) FROM entry')
	tamper "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT),
	    '\"kind\":\"', '\"kind\":\"x') AS BLOB) WHERE seq = $seq"
	findings replay
	[ "$(jq -r 'select(.seq) | .seq' <<<"$output")" -eq "$seq" ]
	[ "${#lines[@]}" -ge 2 ] # and the dossier that it belonged to
}

@test "balance: counters against each other, levels, what is open" {
	sample_db
	tamper 'UPDATE rollup SET direct = direct + 1 WHERE level = 0 AND
	    period = (SELECT min(period) FROM rollup WHERE level = 0)'
	findings balance
	[ "$(members error)" = E_BALANCE ]
	[[ $output == *'received by channel is not what was opened'* ]]
	[[ $output == *'it is not the sum of the level below'* ]]
	[[ $output == *'procedure \"'*'unit \"H42.02\"'* ]]

	sample_db
	tamper 'UPDATE rollup SET late = late + 1, closed = closed + 1'
	findings balance
	[[ $output == *'the roll-ups leave '*' open, '*'there are '* ]]

	sample_db
	tamper 'DELETE FROM rollup WHERE level = 0 AND opened > 0'
	findings balance
	[[ $output == *'the level below has nothing of it'* ||
	    $output == *'it is not the sum of the level below'* ]]

	sample_db
	tamper 'DELETE FROM step; DELETE FROM open WHERE dossier IN
	    (SELECT dossier FROM open WHERE status = 4 LIMIT 1)'
	findings balance
	[[ $output == *'the roll-ups leave '* ]]
}

@test "foreign-keys: a row that refers to nothing is named" {
	sample_db
	tamper "DELETE FROM unit WHERE code = 'H42.02'"
	findings foreign-keys
	[ "$(members error)" = E_KEY ]
	[[ $(members message) == *'of dossier has no unit'* ]]
}

@test "sqlite: a damaged page is a finding, not a crash" {
	local page

	sample_db 3000
	page=$(sqlite3 "$MOTCUA_DB" "PRAGMA wal_checkpoint(TRUNCATE);
	    SELECT rootpage FROM sqlite_schema WHERE name = 'dossier'" |
	    tail -1)
	dd if=/dev/urandom of="$MOTCUA_DB" bs=16384 seek=$((page - 1)) \
	    count=1 conv=notrunc status=none
	findings sqlite
	run -1 --separate-stderr dossier-db check
	[ -n "$output" ]
}

@test "log: as audit-export --verify" {
	sample_db
	tamper 'UPDATE tree SET edge = zeroblob(length(edge))'
	findings log
	[ "$(members error)" = E_LOG ]
	run -0 --separate-stderr dossier-db check replay rules balance
	silent
}

@test "rules: the commits, files and texts that dossiers are pinned to" {
	local s

	sample_db
	tamper "UPDATE definition SET body = replace(body, '\"role\"',
	    '\"role\" ')"
	findings rules
	[ "$(members error)" = E_RULES ]
	[[ $output == *' is another text, '* ]]

	sample_db
	tamper "UPDATE pin SET rev = '0123456789abcdef0123456789abcdef01234567'
	    WHERE id = 1"
	findings rules
	[ "${#lines[@]}" -eq 1 ]
	[[ $(members message) == *'the rulebook no longer has that commit' ]]

	sample_db
	tamper "UPDATE pin SET path = 'rulebook.json' WHERE id = 1"
	findings rules
	[[ $output == *'is not the definition pinned'* ]]

	for s in 'title = title || " x"' 'field = NULL'; do
		sample_db
		tamper "UPDATE procedure SET $s WHERE code = '1.000894'"
		findings rules
		[ "$(members message)" = 'procedure "1.000894": no definition kept has its title and field' ]
	done

	sample_db
	mv "$BATS_TEST_TMPDIR/db/motcua.rules" "$BATS_TEST_TMPDIR/elsewhere"
	findings rules
	[[ $output == *motcua.rules* ]]
	rm -rf "$BATS_TEST_TMPDIR/elsewhere"
}

@test "calendar: the horizon, by name or with --all only" {
	sample_db
	run -0 --separate-stderr dossier-db check --now=2026-12-30
	silent
	run -1 --separate-stderr dossier-db check calendar --now=2026-12-30
	[ "$(members error)" = E_HORIZON ]
	[[ $output == *'the calendar \"office\" is known until 2026-12-31 only'* ]]
	run -1 --separate-stderr dossier-db check --all --now=2026-12-30
	[ "$(members check)" = calendar ]
	tamper 'UPDATE open SET flags = flags | 2 WHERE dossier IN
	    (SELECT dossier FROM open WHERE due_at > 0 AND dossier > 1 << 47
	    ORDER BY dossier LIMIT 1)'
	run -1 --separate-stderr dossier-db check calendar \
	    --now=2024-10-01
	[ "${#lines[@]}" -eq 1 ]
	[ "$(members error)" = E_MOVED ]
	[[ $(members message) =~ ^'its deadline, 2024-'..-..', is no longer provisional by the calendar "office"; '.*'route plan --recompute'$ ]]
	[[ $(members code) == H42.02-24* ]]
}

# ---- backup, info, trouble

@test "backup: whole, closed, for reading; never over another file" {
	local b=$BATS_TEST_TMPDIR/b.db

	sample_db
	run -0 --separate-stderr dossier-db backup "$b"
	silent
	[ ! -e "$b-wal" ]
	run -0 --separate-stderr dossier-db check --db="$b"
	silent
	[ "$(audit-export --db="$b" --verify)" = "$(audit-export --verify)" ]
	run -2 --separate-stderr dossier-db backup "$b"
	[ "$stderr" = "dossier-db: E_EXISTS: \"$b\" is already there" ]
	# Who goes back to it has a database like any other.
	dossier-find --db="$b" --open --limit=1 | route withdraw --db="$b" -
	[ "$(sqlite3 -readonly "$b" 'PRAGMA journal_mode')" = wal ]
	run -0 --separate-stderr dossier-db check --db="$b"
	silent
	run -2 --separate-stderr dossier-db backup /nowhere/b.db
	[[ $stderr == 'dossier-db: E_IO: /nowhere/b.db: '* ]]
	run -2 --separate-stderr dossier-db backup
	[[ $stderr == *'E_USAGE: backup takes one file'* ]]
	run -2 --separate-stderr dossier-db backup a b
	[[ $stderr == *'E_USAGE: backup takes one file'* ]]
}

@test "info: one record; a table has a line for each member" {
	sample_db
	run -0 --separate-stderr dossier-db info
	[ -z "$stderr" ]
	same_text "$(jq -c keys_unsorted <<<"$output")" <<-'OUT'
		["schema","site","id","zone","dossiers","open","events","root","last_recorded_at","bytes","schema_version","sqlite","rules","ref","commit","known_until"]
	OUT
	[ "$(jq -c '[.dossiers, .open, .events, .root]' <<<"$output")" = \
	    "[$(sql 'SELECT count(*) FROM dossier'),$(sql \
	    'SELECT count(*) FROM open'),$(audit-export --verify |
	    jq -r '"\(.events),\"\(.root)\""')]" ]
	[ "$(jq -r .known_until <<<"$output")" = 2026-12-31 ]
	run -0 --separate-stderr dossier-db info --format=table
	[ "${#lines[@]}" -eq 16 ]
	[[ ${lines[4]} =~ ^'dossiers '+400$ ]]

	mv "$BATS_TEST_TMPDIR/db/motcua.rules" "$BATS_TEST_TMPDIR/elsewhere"
	run -0 --separate-stderr dossier-db info
	[ "$(jq .commit <<<"$output")" = null ]
	[[ $stderr == 'dossier-db: '*E_RULES* ]]
}

@test "a full disk is trouble" {
	sample_db
	tamper 'UPDATE tree SET edge = zeroblob(length(edge))'
	run -2 --separate-stderr sh -c 'dossier-db info >/dev/full'
	[[ $stderr == 'dossier-db: E_IO: '* ]]
	run -2 --separate-stderr sh -c 'dossier-db check >/dev/full'
	[[ $stderr == 'dossier-db: E_IO: '* ]]
}

@test "a database that stays locked: 75 after half a minute, nothing done" {
	local before

	fresh_db
	before=$(audit-export --verify)
	exec 8<>"$MOTCUA_DB.lock"
	flock 8
	sample_rows 1 >"$BATS_TEST_TMPDIR/one.csv"
	run -75 --separate-stderr dossier-import "$BATS_TEST_TMPDIR/one.csv"
	flock -u 8
	[ -z "$output" ]
	[[ $stderr == *"E_BUSY: $MOTCUA_DB: still locked by "* ]]
	[[ $stderr == *'try again; nothing was written'* ]]
	[ "$(audit-export --verify)" = "$before" ]
	run -0 dossier-import "$BATS_TEST_TMPDIR/one.csv"
}

@test "usage" {
	run -2 --separate-stderr dossier-db
	[[ ${stderr_lines[0]} == 'dossier-db: E_USAGE: say what to do' ]]
	run -2 --separate-stderr dossier-db upgrade
	[[ ${stderr_lines[0]} == *'there is no command "upgrade"' ]]
	run -2 --separate-stderr dossier-db init here
	[[ ${stderr_lines[0]} == *'init takes no operands' ]]
	run -2 --separate-stderr dossier-db info --all
	[[ ${stderr_lines[0]} == *'info does not take that option' ]]
}
