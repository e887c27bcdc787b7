#!/usr/bin/env bats
# audit-export(1): the log out, and who has touched it.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load tamper

setup() {
	export MOTCUA_DB=$BATS_TEST_TMPDIR/db/motcua.db
	sample_db
}

# verify STATUS: of the database's log.
verify() {
	run -"$1" --separate-stderr audit-export --verify
	[ -z "$stderr" ]
}

@test "the whole log verifies, and so does its export, with one root" {
	local e=$BATS_TEST_TMPDIR/e.ndjson root n

	verify 0
	root=$(jq -r .root <<<"$output")
	n=$(jq .events <<<"$output")
	[ "$n" -gt 512 ]
	[ "$(jq -r .schema <<<"$output")" = motcua.verify/1 ]
	[ "$(jq -r .id <<<"$output")" = "$(sql \
	    "SELECT value FROM meta WHERE name = 'id'")" ]
	[ "$(jq -r .site <<<"$output")" = H42 ]

	run -0 --separate-stderr sh -c "audit-export >$e"
	silent
	[ "$(wc -l <"$e")" -eq "$n" ]
	verified=$(audit-export --verify)
	run -0 --separate-stderr audit-export --verify "$e"
	same_text "$output" <<<"$verified"
	run -0 --separate-stderr sh -c "audit-export --verify - <$e"
	same_text "$output" <<<"$verified"

	# Somebody else's program, which knows only the formats.
	[ "$(perl "$TOP/tests/verify.pl" <"$e")" = "$n $root" ]
	audit-export --personal >"$e"
	[ "$(grep -c '"personal":{' "$e")" -eq \
	    "$(values "$MOTCUA_DB" count)" ]
	[ "$(perl "$TOP/tests/verify.pl" <"$e")" = "$n $root" ]
	run -0 --separate-stderr audit-export --verify "$e"
	same_text "$output" <<<"$verified"
}

@test "a record has its members in their order; nothing personal" {
	run -0 --separate-stderr audit-export --until=2
	[ "${#lines[@]}" -eq 2 ]
	same_text "$(jq -c keys_unsorted <<<"${lines[1]}")" <<-'OUT'
		["schema","seq","code","at","recorded_at","kind","activity","actor","unit","step","officer","status","channel","procedure","due_at","verdict","run","personal","salt","body","leaf"]
	OUT
	same_text "$(jq -c '[.seq, .code, .kind, .run]' <<<"$output")" \
	    <<-'OUT'
		[0,null,"created",null]
		[1,"H42.02-240205-0001","received",1]
	OUT
	same_text "$(jq -r .at <<<"${lines[1]}")" <<<2024-02-05T08:00:00+07:00
	run -0 audit-export
	[[ $output != *'Việc 1'* && $output != *'Bà '* &&
	    $output != *'ghi chú'* ]]
}

@test "a range: numbers or times, --until is not in it" {
	local at size

	run -0 --separate-stderr audit-export --since=3 --until=5
	[ "$(jq -c .seq <<<"$output" | paste -sd,)" = 3,4 ]
	run -0 --separate-stderr audit-export --since=5 --until=5
	silent
	size=$(audit-export --verify | jq .events)
	run -0 --separate-stderr audit-export --since=$((size - 1)) \
	    --until=999999999
	[ "${#lines[@]}" -eq 1 ]
	at=$(jq -r .recorded_at <<<"$output")
	run -0 --separate-stderr audit-export --since="$at"
	[[ ${lines[-1]} == *"\"seq\":$((size - 1)),"* ]]
	run -0 --separate-stderr audit-export --until=2020-01-01
	silent
	run -0 --separate-stderr audit-export --since=2020-01-01
	[ "${#lines[@]}" -eq "$size" ]
	run -0 --separate-stderr audit-export --since=2199-01-01
	silent
	run -2 --separate-stderr audit-export --since=yesterday
	[ -z "$output" ]
	[[ $stderr == 'audit-export: --since: E_DATE: no such time "yesterday"'* ]]
	[ "$(audit-export --since=0 --until=300; audit-export --since=300)" = \
	    "$(audit-export)" ]
}

@test "a dossier's events, by code, alias or pipe; an unknown one is told" {
	run -1 --separate-stderr audit-export Sổ/7 no-such AL-3
	[ "$stderr" = \
	    'audit-export: E_DOSSIER: there is no dossier "no-such"' ]
	[ "$(members code)" = "$(printf '%s\n' H42.02-240407-0003 Sổ/7)" ]
	run -1 --separate-stderr sh -c \
	    'printf "%s\n" Sổ/7 "{\"code\":\"x\"}" | audit-export -'
	[ "$(members code)" = Sổ/7 ]
	[ "$stderr" = \
	    'audit-export: -:2: E_DOSSIER: there is no dossier "x"' ]
	run -0 --separate-stderr sh -c \
	    'audit-export Sổ/7 | audit-export --verify -'
	[ "$(jq -r .root <<<"$output" | sort -u)" = null ]
}

@test "a selection verifies event by event, and says that it is one" {
	run -0 --separate-stderr sh -c 'audit-export Sổ/57 Sổ/7 AL-3 |
	    audit-export --verify -'
	[ "$(jq -r 'select(.error) | .error' <<<"$output")" = W_GAP ]
	[ "$(jq -r 'select(.events) | .root' <<<"$output")" = null ]
	# CSV is one table: of what holds, or of what does not.
	cd "$BATS_TEST_TMPDIR"
	audit-export Sổ/57 Sổ/7 AL-3 >some
	run -0 --separate-stderr audit-export --verify --format=csv some
	[[ $stderr == 'audit-export: some:'*': W_GAP: a selection: '* ]]
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = 'site,id,first,events,root' ]
	sed -i '2s/"leaf":"./"leaf":"_/' some
	run -1 --separate-stderr audit-export --verify --format=csv some
	[[ $stderr == *' W_GAP: '* ]]
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = 'check,error,code,seq,line,message' ]
	[[ ${lines[1]} == log,E_*,2,* ]]
}

@test "a selection has each event once" {
	local e=$BATS_TEST_TMPDIR/e t=$BATS_TEST_TMPDIR/t

	audit-export --since=1 >"$e"
	# twice SED-PROGRAM...: what is found of these lines, one after another.
	twice() {
		local n

		for n; do
			sed -n "$n" "$e"
		done >"$t"
		run -1 --separate-stderr audit-export --verify "$t"
		jq -r 'select(.error != "W_GAP") |
		    "\(.line) \(.error) \(.seq) \(.message)"' <<<"$output" |
		    paste -sd,
	}
	[ "$(twice 5p 5p 3p)" = '2 E_DUPLICATE 5 event 5 stands in line 1 already' ]
	[ "$(twice 5p 3p 9p 5p)" = '4 E_DUPLICATE 5 event 5 stands in line 1 already' ]
	[ "$(twice 4,9p 2p 6,7p 20p)" = '8 E_DUPLICATE 6 event 6 stands in line 3 already,9 E_DUPLICATE 7 event 7 stands in line 4 already' ]
	[ "$(twice 6,7p 4,9p)" = '5 E_DUPLICATE 6 event 6 stands in line 1 already,6 E_DUPLICATE 7 event 7 stands in line 2 already' ]
	[ "$(twice 4p 4p 4p)" = '2 E_DUPLICATE 4 event 4 stands in line 1 already,3 E_DUPLICATE 4 event 4 stands in line 1 already' ]
	# In any order, each is verified, and counted.
	sed -n '9p;3p;5,7p' "$e" | tac >"$t"
	run -0 --separate-stderr audit-export --verify "$t"
	[ "$(jq -r 'select(.events) | .events' <<<"$output")" -eq 5 ]
	# What names a dossier twice selects its events once, whatever its code.
	for code in Sổ/7 H42.02-240407-0003; do
		audit-export "$code" >"$e"
		[ -s "$e" ]
		audit-export "$code" Sổ/57 "$code" | head -n "$(wc -l <"$e")" |
		    diff "$e" -
		[ "$(audit-export "$code" "$code" | wc -l)" -eq "$(wc -l <"$e")" ]
		[ "$(audit-export --format=xes "$code" "$code" |
		    grep -c '<trace>')" -eq 1 ]
		[ "$(audit-export --format=dvcqg "$code" "$code" 2>/dev/null |
		    jq '.data | length')" -eq 1 ]
	done
}

@test "CSV: a heading, RFC 4180, the same bodies" {
	run -0 --separate-stderr audit-export --format=csv --until=1
	[ "${lines[0]}" = "seq,code,at,recorded_at,kind,activity,actor,unit,\
step,officer,status,channel,procedure,due_at,verdict,run,personal,salt,body,\
leaf" ]
	[[ ${lines[1]} == 0,,*,created,,tester,,*'"{""actor"":""tester"",'* ]]
	run -0 --separate-stderr audit-export --format=csv --until=0
	[ "${#lines[@]}" -eq 1 ]
}

@test "every byte of a body counts" {
	local n=0 seq

	for seq in 0 1 100 255 256 400 511; do
		audit-export | sed "$((seq + 1))s/\\\\\"actor\\\\\":\\\\\"t/&x/" \
		    >"$BATS_TEST_TMPDIR/t"
		run -1 --separate-stderr audit-export --verify \
		    "$BATS_TEST_TMPDIR/t"
		[ "$(jq -r 'select(.error == "E_LOG") | .line' <<<"$output")" \
		    -eq $((seq + 1)) ]
		n=$((n + 1))
	done
	[ "$n" -eq 7 ]
}

@test "an exported file: what does not fit is named by its line" {
	local e=$BATS_TEST_TMPDIR/e t=$BATS_TEST_TMPDIR/t

	audit-export --personal >"$e"
	check() { # SED LINE ERROR
		sed "$1" "$e" >"$t"
		! cmp -s "$e" "$t"
		run -1 --separate-stderr audit-export --verify "$t"
		[ -z "$stderr" ]
		same_text "$(jq -r '"\(.line) \(.error)"' <<<"$output")" \
		    <<<"$2 $3"
	}
	check '9s/"leaf":"./"leaf":"-/' 9 E_LOG
	check '9s/"kind":"[a-z]*"/"kind":"voided"/' 9 E_MEMBER
	check '9s/"code":"[^"]*"/"code":null/' 9 E_MEMBER
	check '9s/"code":"[^"]*",//' 9 E_MEMBER
	check '9s/"code":"[^"]*"/"code":"X-1"/' 9 E_MEMBER
	check '9s/+07:00","kind/+08:00","kind/' 9 E_MEMBER
	check '9s/"run":1/"run":2/' 9 E_MEMBER
	check '9s/"unit":"[^"]*"/"unit":"H42.99"/' 9 E_MEMBER
	check '9s/"due_at":[^,]*/"due_at":"2024-01-01T00:00:00Z"/' 9 E_MEMBER
	check '9s/"subject":"Việc/"subject":"Viec/' 9 E_PERSONAL
	check '9s/"salt":"....../"salt":"AAAAAA/' 9 E_PERSONAL
	check '9s/motcua.event.1/motcua.event\/2/' 9 E_FIELD
	check '9s/}$//' 9 E_JSON
	check '9s/^/ [/' 9 E_JSON
	check '9d' 9 E_GAP
	check '9p' 10 E_GAP
	# White space behind a record changes nothing.
	sed '9s/$/ /' "$e" >"$t"
	run -0 audit-export --verify "$t"
}

@test "an empty file proves nothing; a missing one is trouble" {
	run -1 --separate-stderr audit-export --verify /dev/null
	[ "$(members message)" = 'there is no event in it' ]
	run -2 --separate-stderr audit-export --verify /nowhere/x
	[ -z "$output" ]
	[[ $stderr == 'audit-export: E_IO: '*/nowhere/x* ||
	    $stderr == 'audit-export: '*/nowhere/x*E_IO* ]]
	run -2 --separate-stderr sh -c 'audit-export --verify - <&-'
	[[ $stderr == *E_IO* ]]
}

@test "an entry of the tail is changed" {
	local seq

	seq=$(sql 'SELECT max(seq) - 3 FROM entry')
	tamper "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT),
	    '\"uid\":', '\"uid\":1') AS BLOB) WHERE seq = $seq"
	verify 1
	[[ $(members message) == *"the tree's right edge is not that of"* ]]
}

@test "an entry of the tail is no event any more" {
	local seq

	seq=$(sql 'SELECT max(seq) - 3 FROM entry')
	tamper "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT),
	    '{\"actor\"', '{ \"actor\"') AS BLOB) WHERE seq = $seq"
	verify 1
	[ "$(jq -r 'select(.seq) | .seq' <<<"$output")" -eq "$seq" ]
	[[ $(members message) == *"event $seq: an event's body is not in"* ]]
	[ "$(members error)" = E_LOG ]
}

@test "the last event is cut off, or one is added" {
	tamper "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)"
	verify 1
	[[ $(members message) == *'cannot be read: it is not there'* ]]

	sample_db 300
	tamper "INSERT INTO entry SELECT max(seq) + 1, body FROM entry"
	verify 1
	[[ $(members message) == *'entries from '*'; here are '* ]]
}

@test "two events change places" {
	local a b

	a=$(sql 'SELECT max(seq) - 1 FROM entry') b=$((a + 1))
	tamper "CREATE TEMP TABLE t AS SELECT * FROM entry;
	    UPDATE entry SET body = (SELECT body FROM t
	    WHERE t.seq = $a + $b - entry.seq) WHERE seq IN ($a, $b)"
	verify 1
	[[ $(members message) == *"event $a calls itself $b"* ]]
	[[ $(members message) == *"event $b calls itself $a"* ]]
}

@test "a bundle: its data, its root, its time, itself" {
	tamper "UPDATE bundle SET data = CAST(substr(data, 1, 200) || x'00' ||
	    substr(data, 202) AS BLOB) WHERE n = 1"
	verify 1
	[[ $(members message) == *event* ]]

	sample_db
	tamper 'UPDATE bundle SET root = zeroblob(32) WHERE n = 0'
	verify 1
	same_text "$(members message)" <<-'OUT'
		bundle 0 (events 0 to 255) has another root than its events
	OUT

	sample_db
	tamper 'UPDATE bundle SET last_at = last_at - 1 WHERE n = 0'
	verify 1
	same_text "$(members message)" <<-'OUT'
		bundle 0 has another time than its last event
	OUT

	sample_db
	tamper 'DELETE FROM bundle WHERE n = 0'
	verify 1
	[[ $(members message) == *'event 0 cannot be read: it is not there'* ]]
}

@test "the tree's row: size, edge, time" {
	tamper 'UPDATE tree SET edge = zeroblob(length(edge))'
	verify 1
	[[ $(members message) == "the tree's right edge is not that of"* ]]

	sample_db
	tamper 'UPDATE tree SET edge = zeroblob(5)'
	verify 1
	[[ $(members message) == 'the log is damaged: right edge of size '* ]]

	sample_db
	tamper 'UPDATE tree SET last_at = last_at + 1'
	verify 1
	[ "$(members message)" = \
	    'the tree has another time than its last event' ]
}

@test "personal values: changed, lost, added" {
	values "$MOTCUA_DB" set 9 Việc Viec
	verify 1
	[ "$(jq -c '[.check, .error, .seq]' <<<"$output")" = \
	    '["log","E_PERSONAL",9]' ]
	[[ $(members message) == *'are not those that it commits to' ]]
	[[ $output != *Viec* ]]

	sample_db
	values "$MOTCUA_DB" salt 300
	verify 1
	[ "$(members seq)" = 300 ]

	sample_db
	values "$MOTCUA_DB" drop 9
	verify 1
	[ "$(members message)" = \
	    'the personal values of event 9 are missing, and were never erased' ]

	sample_db
	values "$MOTCUA_DB" add 0 '{}'
	values "$MOTCUA_DB" add 999999 '{}'
	verify 1
	[ "$(members seq | paste -sd,)" = 0,999999 ]

	# A row that cannot be read: it is said, and so is what is missing.
	sample_db
	tamper 'UPDATE personal SET head = zeroblob(7)
	    WHERE seq = (SELECT min(seq) FROM personal)'
	verify 1
	[[ ${lines[0]} == *'"E_PERSONAL"'*'the personal values from event '*' on are damaged'* ]]
	[[ ${lines[1]} == *' are missing, and were never erased'* ]]
}

@test "the site is what the first event says" {
	tamper "UPDATE meta SET value = 'H43' WHERE name = 'site'"
	verify 1
	[ "$(members error)" = E_SITE ]
	[ "$(members message)" = \
	    'the database says site "H43", its first event "H42"' ]
}

@test "usage: --verify takes nothing else" {
	run -2 --separate-stderr audit-export --verify --since=1
	[[ $stderr == 'audit-export: E_USAGE: --verify takes no --since'* ]]
	run -2 --separate-stderr audit-export --verify a b
	[[ $stderr == 'audit-export: E_USAGE: --verify takes one file'* ]]
	run -2 --separate-stderr audit-export --verify --format=xes
	[[ $stderr == 'audit-export: E_USAGE: --verify prints ndjson or csv'* ]]
	run -2 --separate-stderr audit-export --format=xml
	[[ $stderr == 'audit-export: --format: E_USAGE: '* ]]
	for o in since until; do
		run -2 --separate-stderr audit-export --$o=1.5
		[ -z "$output" ]
		[[ $stderr == "audit-export: --$o: E_DATE: no such time \"1.5\""* ]]
	done
}

@test "no database, a full disk, a closed pipe" {
	run -2 --separate-stderr audit-export --db=/nowhere/x.db
	[ -z "$output" ]
	[[ $stderr == 'audit-export: E_NODB: no database at "/nowhere/x.db"'* ]]
	run -2 --separate-stderr sh -c 'audit-export >/dev/full'
	[[ $stderr == 'audit-export: E_IO: '* ]]
	run -2 --separate-stderr sh -c 'audit-export --verify >/dev/full'
	[[ $stderr == 'audit-export: E_IO: '* ]]
	run -2 --separate-stderr sh -c 'audit-export >&-'
	[[ $stderr == 'audit-export: E_IO: '* ]]
	run -0 --separate-stderr sh -c 'audit-export | head -1 >/dev/null'
	silent
}
