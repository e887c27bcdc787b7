#!/usr/bin/env bats
# What bad input gets: a clear error with its place, and nothing lost.

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

# A good row, its first field given.
good() {
	printf '%s,1.009994,H42.30,2024-04-15\n' "$@"
}

codes() {
	jq -r .code <<<"$output" | tr '\n' ' '
}

# A string of so many letters x.
xs() {
	head -c "$1" /dev/zero | tr '\0' x
}

# The database is whole, and these dossiers are in it.
has() {
	run -0 --separate-stderr dossier-db check
	silent
	diff -u <(printf '%s' "${1:+$1 }") \
	    <(dossier-find | jq -r .code | tr '\n' ' ')
}

# ---- bytes ----

@test "bytes that are not UTF-8 cost their row" {
	{ echo "$HEAD"; good A-1; printf 'A-\xff2,1.009994,H42.30,2024-04-15\n'; good A-3; } >a.csv
	run -1 --separate-stderr imp --rejects=bad.csv a.csv
	[ "$(codes)" = 'A-1 A-3 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:3:3: E_UTF8: not UTF-8: byte 0xFF
		which encoding is it? --encoding=detect looks at it
		dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 1 rejected (E_UTF8 1); 2 events, run 1
	END
	[ "$(tail -1 bad.csv | tr '\377' '?')" = '"A-?2,1.009994,H42.30,2024-04-15",,,,3,0,E_UTF8,not UTF-8: byte 0xFF' ]
	# Surrogates and overlong forms are no UTF-8 either.
	{ echo "$HEAD"; printf 'A-\xed\xa0\x80,,,\nA-\xc0\xaf,,,\n'; } >b.csv
	run -1 --separate-stderr imp b.csv
	[ "${stderr_lines[0]}" = 'dossier-import: b.csv:2:3: E_UTF8: not UTF-8: byte 0xED' ]
	[ "${stderr_lines[2]}" = 'dossier-import: b.csv:3:3: E_UTF8: not UTF-8: byte 0xC0' ]
	printf 'm\xe3,procedure\n' >c.csv
	run -2 --separate-stderr imp c.csv
	same_text "$stderr" <<-'END'
		dossier-import: c.csv:1:2: E_UTF8: not UTF-8: byte 0xE3
		which encoding is it? --encoding=detect looks at it
	END
	has 'A-1 A-3'
}

@test "so do NUL bytes" {
	{ echo "$HEAD"; good A-1; printf 'A-\0002,1.009994,H42.30,2024-04-15\n'; good A-3; } >a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(codes)" = 'A-1 A-3 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:3:3: E_NUL: a NUL byte
		dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 1 rejected (E_NUL 1); 2 events, run 1
	END
	has 'A-1 A-3'
}

@test "a byte order mark is passed over, also before JSON" {
	{ printf '\xef\xbb\xbf'; echo "$HEAD"; good A-1; } >a.csv
	run -0 --separate-stderr imp a.csv
	printf '\xef\xbb\xbf{"code":"A-2","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15"}\n' >a.ndjson
	run -0 --separate-stderr imp a.ndjson
	printf '\xef\xbb\xbf' >b.csv
	run -2 --separate-stderr imp b.csv
	[ "$stderr" = 'dossier-import: b.csv:1: E_HEADER: there is no heading' ]
	has 'A-1 A-2'
}

@test "UTF-16 is recognised, with and without its mark" {
	local e name

	for e in UTF-16 UTF-16LE UTF-16BE; do
		name=${e,,}
		{ echo "$HEAD"; good A-1; } | iconv -t "$e" >a.csv
		run -2 --separate-stderr imp a.csv
		[ -z "$output" ]
		same_text "$stderr" <<-END
			dossier-import: a.csv:1: E_ENCODING: UTF-16, not UTF-8
			say so: --encoding=$name
		END
	done
	echo '{"code":"A-1"}' | iconv -t UTF-16 >a.ndjson
	for e in '' --input=ndjson; do
		run -2 --separate-stderr imp $e a.ndjson
		[ "${stderr_lines[0]}" = 'dossier-import: a.ndjson:1: E_ENCODING: UTF-16, not UTF-8' ]
	done
	has ''
}

# ---- shape ----

@test "a broken quote costs its line, not what follows" {
	{
		echo "$HEAD"
		good A-1
		echo '"A-2,1.009994,H42.30,2024-04-15'
		good A-3
		echo '"A-4"x,1.009994,H42.30,2024-04-15'
		echo 'A-5, "1.009994",H42.30,2024-04-15'
		good A-6
		echo '"A-7,1.009994,H42.30,2024-04-15'
	} >a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(codes)" = 'A-1 A-3 A-6 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:5:2: E_QUOTE: text after a closing quote
		dossier-import: a.csv:5:6: E_QUOTE: text after a closing quote
		dossier-import: a.csv:6:6: E_QUOTE: a quote behind spaces: quote the whole field, or nothing
		dossier-import: a.csv:8:1: E_QUOTE: a quote that is not closed
		dossier-import: 7 rows: 3 added, 0 updated, 0 unchanged, 4 rejected (E_QUOTE 4); 3 events, run 1
	END
	has 'A-1 A-3 A-6'
	# Inside a field that begins with none it is a sign like others.
	printf '%s,field.floor_area,subject\nA-8,1.009994,H42.30,2024-04-15,3,Công ty TNHH "Kín", 5"\n' "$HEAD" >b.csv
	run -1 imp b.csv
	sed -i 's/", 5"/" 5"/' b.csv
	run -0 imp b.csv
	[ "$(dossier-find --personal A-8 | jq -r .subject)" = 'Công ty TNHH "Kín" 5"' ]
}

@test "ragged rows" {
	{ echo "$HEAD"; echo A-1,1.009994,H42.30; good A-2; echo "$(good A-3),"; } >a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(codes)" = 'A-2 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:2: E_FIELDS: 3 fields where the heading has 4
		dossier-import: a.csv:4: E_FIELDS: 5 fields where the heading has 4
		dossier-import: 3 rows: 1 added, 0 updated, 0 unchanged, 2 rejected (E_FIELDS 2); 1 event, run 1
	END
	has A-2
}

# heading TEXT: the file is refused for it, with the message after the place.
heading() {
	{ echo "$1"; echo A-1,1.009994,H42.30,2024-04-15,,; } >a.csv
	run -2 --separate-stderr imp a.csv
	[ -z "$output" ]
	diff -u <(echo "dossier-import: a.csv:1$2") <(echo "$stderr")
}

@test "headings: a column twice, unknown, unnamed, or not there" {
	heading "$HEAD,code" ':5: E_DUPLICATE: two columns are "code"'
	heading "$HEAD,Mã hồ sơ" ':5: E_DUPLICATE: two columns are "code"'
	heading "$HEAD,field.x,field.x" ':6: E_DUPLICATE: two columns are "field.x"'
	heading "$HEAD,màu" ':5: E_COLUMN: unknown column "màu"
name the columns in a map: --map=FILE'
	heading code,procedure,received_at ': E_HEADER: the heading has no column "unit"
a map can say which it is, or give a default: --map=FILE'
	heading "$(good A-1)" ':1: E_COLUMN: unknown column "A-1"
name the columns in a map: --map=FILE'
	heading "$(seq -s, 300)" ':917: E_LIMIT: more than 256 columns'
	heading "$HEAD$(printf ',field.f%d' {1..65})" ':69: E_LIMIT: more than 64 field columns'
	has ''
}

@test "columns without a name, rows without a value" {
	# As spreadsheets write the empty cells beside and below a table.
	{ echo "$HEAD,,"; echo "$(good A-1),,"; echo ',,,,,'; echo "$(good A-2),, "
	  echo '"",,,,,'; echo ' ,,,,,'; echo "$(good A-3),x,"; echo ',,,,,'; } >a.csv
	run -1 --separate-stderr imp --rejects=bad.csv a.csv
	[ "$(codes)" = 'A-1 A-2 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:7:5: E_COLUMN: a value in a column without a name
		dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 1 rejected (E_COLUMN 1); 2 events, run 1
	END
	same_text "$(<bad.csv)" <<-END
		$HEAD,,,_line,_column,_code,_message
		$(good A-3),x,,7,5,E_COLUMN,a value in a column without a name
	END
	sed -i 's/,x,/,,/' bad.csv
	run -0 --separate-stderr imp bad.csv
	has 'A-1 A-2 A-3'
}

@test "nothing in it, a heading only, no line end" {
	: >a.csv
	run -2 --separate-stderr imp a.csv
	[ "$stderr" = 'dossier-import: a.csv:1: E_HEADER: there is no heading' ]
	printf '\n\n' >a.csv
	run -2 --separate-stderr imp - <a.csv
	[ "$stderr" = 'dossier-import: -:1: E_HEADER: there is no heading' ]
	run -2 --separate-stderr imp - </dev/null
	[ "$stderr" = 'dossier-import: -:1: E_HEADER: there is no heading' ]
	run -0 --separate-stderr imp --input=ndjson - </dev/null
	[ -z "$output" ]
	[ "$stderr" = 'dossier-import: 0 rows: 0 added, 0 updated, 0 unchanged, 0 rejected' ]
	printf %s "$HEAD" >a.csv
	run -0 --separate-stderr imp a.csv
	[ -z "$output" ]
	[ "$stderr" = 'dossier-import: 0 rows: 0 added, 0 updated, 0 unchanged, 0 rejected' ]
	printf '%s\r\n%s' "$HEAD" "$(good A-1)" >a.csv
	run -0 --separate-stderr imp a.csv
	has A-1
}

# ---- values ----

@test "dates that do not exist, or could mean two things, are not guessed" {
	local d

	for d in 2024-02-30 2023-02-29 31/04/2024 2024-13-01 00/01/2024 15/4/24 \
	    04/15/2024 15-04-2024 20240415 45397 '2024-04-15 24:00' \
	    '2024-04-15 23:60' 2024-04-15T08:00:00+25:00 1899-12-31 2200-01-01 \
	    0000-00-00 -1 '15/04/2024 8h' "15/04/2024'--" NULL; do
		printf '%s\nA-1,1.009994,H42.30,%s\n' "$HEAD" "$d" >a.csv
		run -1 --separate-stderr imp a.csv
		[ -z "$output" ]
		diff -u <(echo "dossier-import: a.csv:2:4: E_DATE: received_at: \"$d\" is no date, or in a form that is not known") \
		    <(echo "${stderr_lines[0]}")
	done
	# What is a person's, where cells are shifted, is not told.
	for d in 'Trần Mật' 'TRAN THI MAT' 001099012345 0912345678 +84912345678; do
		printf '%s\nA-1,1.009994,H42.30,%s\n' "$HEAD" "$d" >a.csv
		run -1 --separate-stderr imp a.csv
		[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:4: E_DATE: received_at is no date, or in a form that is not known' ]
	done
	# The day comes first, as everywhere in Vietnam.
	printf '%s\nA-1,1.009994,H42.30,1/2/2024\n' "$HEAD" >a.csv
	run -0 imp a.csv
	[ "$(dossier-find A-1 | jq -r .received_at)" = 2024-02-01T07:30:00+07:00 ]
}

@test "codes that do not fit" {
	local c

	for c in "$(xs 65)" 'A 1' $'A\e[31m1' $'A\u00a01' $'A\u202e1'; do
		printf '%s\n%s,1.009994,H42.30,2024-04-15\n' "$HEAD" "$c" >a.csv
		run -1 --separate-stderr imp a.csv
		[ -z "$output" ]
		[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:1: E_CODE: a code has 1 to 64 visible characters, without spaces' ]
	done
	{ echo "$HEAD"; good "$(xs 64)" H42.30-240415-0001 H42.30-240230-0001 \
	    "A'--" 'A%s%n' Đ-1; } >a.csv
	run -0 --separate-stderr imp a.csv
	run -0 --separate-stderr imp a.csv
	[ "$(jq -r .result <<<"$output" | sort -u)" = unchanged ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a hostile value reaches the terminal as text" {
	printf '%s\nA-1,1.009994,%b,2024-04-15\n' "$HEAD" 'H\033[31m\xe2\x80\xae42' >a.csv
	run -1 --separate-stderr imp a.csv
	[ "${stderr_lines[0]}" = $'dossier-import: a.csv:2:3: E_UNIT: unknown unit "H\ufffd[31m\ufffd42"' ]
}

# ---- sizes ----

@test "a field of a mebibyte, a text too long, fields too many" {
	{ echo "$HEAD,note"; echo "$(good A-1),$(xs 1048577)"; echo "$(good A-2),"
	  echo "$(good A-3),$(xs 8193)"; echo "$(good A-4),$(xs 8192)"; } >a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(codes)" = 'A-2 A-4 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:2:32: E_LIMIT: a field of more than 1048576 bytes
		dossier-import: a.csv:4:5: E_LIMIT: note is longer than 8192 bytes
		dossier-import: 4 rows: 2 added, 0 updated, 0 unchanged, 2 rejected (E_LIMIT 2); 2 events, run 1
	END
	has 'A-2 A-4'
}

@test "public fields that no event can hold" {
	# Twenty text fields, public, 8,000 bytes each.
	jq '.fields = [range(20) | {name: "f\(.)", title: "F", type: "text", public: true}]' \
	    rules/procedures/xd/1.009994.json >p.json
	mv p.json rules/procedures/xd/1.009994.json
	make_rules rules >/dev/null
	{
		echo "$HEAD$(printf ',field.f%d' {0..19})"
		good A-1 | tr -d '\n'
		for _ in {0..19}; do printf ',%s' "$(xs 8000)"; done
		echo
		echo "$(good A-2)$(printf ',%.0s' {0..19})"
	} >a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(codes)" = 'A-2 ' ]
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2: E_LIMIT: the fields have more than 32768 bytes' ]
	has A-2
}

@test "a line of more than four mebibytes ends the run" {
	{ echo "$HEAD"; good A-1; xs 4194305; echo; good A-2; } >a.csv
	run -2 --separate-stderr imp a.csv
	[ -z "$output" ]
	[ "$stderr" = 'dossier-import: a.csv:3:1: E_LIMIT: a line of more than 4194304 bytes' ]
	has ''
	{ xs 4194400; echo; echo '{"code":"A-1","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15"}'; } >a.ndjson
	run -1 --separate-stderr imp --input=ndjson a.ndjson
	[ "${stderr_lines[0]}" = 'dossier-import: a.ndjson:1: E_LIMIT: a line of more than 4194304 bytes' ]
	has A-1
}

@test "a hundred thousand rows of nothing" {
	{ echo "$HEAD"; yes garbage | head -100000; } >a.csv
	run -1 --separate-stderr imp --rejects=bad.csv a.csv
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 22 ]
	[ "${stderr_lines[19]}" = 'dossier-import: a.csv:21: E_FIELDS: 1 fields where the heading has 4' ]
	[ "${stderr_lines[20]}" = 'dossier-import: ... and 99980 more rejects' ]
	[ "${stderr_lines[21]}" = 'dossier-import: 100000 rows: 0 added, 0 updated, 0 unchanged, 100000 rejected (E_FIELDS 100000)' ]
	[ "$(wc -l <bad.csv)" -eq 100001 ]
	has ''
}

@test "random bytes" {
	local i

	for i in 1 2 3; do
		openssl enc -aes-128-ctr -K "0$i" -iv 0 -in /dev/zero 2>/dev/null |
		    head -c 300000 >a.csv || :
		run --separate-stderr imp a.csv
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		run --separate-stderr imp --input=ndjson a.csv
		[ "$status" -eq 1 ]
		[ -z "$output" ]
		{ echo "$HEAD"; cat a.csv; } >b.csv
		run --separate-stderr imp --rejects=bad.csv b.csv
		[ "$status" -le 2 ]
		[ -z "$output" ]
	done
	has ''
}

# ---- JSON ----

@test "JSON: deep, broken, doubled, of other shapes" {
	local ok='"procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15"'

	{
		printf '{"code":%s%s}\n' "$(printf '[%.0s' {1..100})" "$(printf ']%.0s' {1..100})"
		echo '{"code":"A-1","code":"A-2"}'
		echo '{"code":"\u0000"}'
		echo '{"code":"\ud800"}'
		printf '{"code":"\xff"}\n'
		printf '{"co\0de":"x"}\n'
		echo '{"code":NaN}'
		echo '{"code":{"a":1}}'
		echo '"A-3"'
		echo "{\"code\":\"A-4\",$ok}"
		echo "{\"code\":\"A-5\",$ok} x"
		echo "{\"code\":1e400,$ok}"
		echo "{\"code\":\"A-6\",$ok"
	} >a.ndjson
	run -1 --separate-stderr imp --rejects=bad.ndjson a.ndjson
	[ "$(codes)" = 'A-4 ' ]
	same_text "$(sed '$d' <<<"$stderr")" <<-'END'
		dossier-import: a.ndjson:1:72: E_LIMIT: arrays and objects nested more than 64 deep
		dossier-import: a.ndjson:2:15: E_DUPLICATE: the member "code" is given twice
		dossier-import: a.ndjson:3:10: E_NUL: a NUL character in a string
		dossier-import: a.ndjson:4:10: E_JSON: half of a surrogate pair
		dossier-import: a.ndjson:5:10: E_UTF8: not UTF-8: byte 0xFF
		dossier-import: a.ndjson:6:5: E_UTF8: a NUL byte
		dossier-import: a.ndjson:7:9: E_JSON: a value should be here, not "N"
		dossier-import: a.ndjson:8: E_JSON: "code" is no single value
		dossier-import: a.ndjson:9: E_JSON: a row is an object
		dossier-import: a.ndjson:11:82: E_JSON: the end of the text should be here, not "x"
		dossier-import: a.ndjson:12: E_JSON: "code" is no number that can be kept
		dossier-import: a.ndjson:13:1: E_JSON: an object that begins here does not end
	END
	# What cannot be taken apart is kept as it was, for the eye.
	[ "$(sed -n 5p bad.ndjson | jq -c '[._raw, ._line, ._code]')" = '["{\"code\":\"�\"}",5,"E_UTF8"]' ]
	has A-4
}

@test "JSON rows of ever new members do not fill the memory" {
	awk 'BEGIN { for (i = 1; i <= 20000; i++)
	    printf "{\"code\":\"A-%d\",\"procedure\":\"1.009994\",\"unit\":\"H42.30\",\"received_at\":\"2024-04-15\",\"x%d\":1}\n", i, i }' >a.ndjson
	run -1 --separate-stderr timeout 60 dossier-import a.ndjson
	[[ ${stderr_lines[0]} == 'dossier-import: a.ndjson:1:5: E_COLUMN: unknown column "x1"' ||
	    ${stderr_lines[0]} == 'dossier-import: a.ndjson:1: E_COLUMN: unknown column "x1"' ]]
	echo '{"columns":{"code":"code","procedure":"procedure","unit":"unit","received_at":"received_at"}}' >map.json
	run -0 --separate-stderr timeout 60 dossier-import --map=map.json a.ndjson
	[ "$(wc -l <<<"$output")" -eq 20000 ]
	[[ ${stderr_lines[0]} == 'dossier-import: a.ndjson: columns passed over: "x1", "x2", '*'", ...' ]]
	[ "${#stderr_lines[0]}" -lt 1100 ]
}

# ---- the rulebook ----

@test "a rulebook that is missing, damaged, or without its commit" {
	local r=$BATS_TEST_TMPDIR/rules object

	{ echo "$HEAD"; good A-1; } >a.csv
	cp -r rules keep
	object() {
		local id

		id=$(git -c safe.directory='*' -C rules rev-parse "$1")
		object=rules/.git/objects/${id:0:2}/${id:2}
	}
	mv rules gone
	run -2 --separate-stderr imp a.csv
	[[ $stderr == "dossier-import: E_RULES: cannot open \"$r\" as a git repository: "* ]]
	mv gone rules
	for what in HEAD HEAD:procedures HEAD:procedures/xd/1.009994.json; do
		object "$what"
		rm -f "$object"
		for mode in '' --atomic --dry-run; do
			run -2 --separate-stderr imp $mode a.csv
			[ -z "$output" ]
			case $what in
			HEAD)
				[[ $stderr == "dossier-import: $r: E_REV: no such commit \"refs/heads/main\": "* ]]
				;;
			*)
				[[ $stderr == "dossier-import: $r: E_TREE: \"${what#HEAD:}\" in commit "* ]]
				;;
			esac
		done
		rm -rf rules
		cp -r keep rules
	done
	object HEAD:procedures/xd/1.009994.json
	chmod u+w "$object"
	echo garbage >"$object"
	run -2 --separate-stderr imp a.csv
	[[ $stderr == "dossier-import: $r: E_TREE: "* ]]
	rm -rf rules
	cp -r keep rules
	run -0 imp a.csv
	has A-1
}

@test "a rule that cannot be read ends the run, in whatever mode" {
	local mode

	{ echo "$HEAD"; good A-1 A-2; } >a.csv
	echo '{' >rules/procedures/xd/1.009994.json
	make_rules rules >/dev/null
	for mode in '' --atomic --dry-run; do
		run -2 --separate-stderr imp $mode a.csv
		[ -z "$output" ]
		[[ $stderr == 'dossier-import: procedures/xd/1.009994.json:2:1: E_JSON: '* ]]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	has ''
}

@test "what is pinned lives on without the repository" {
	{ echo "$HEAD"; good A-1; } >a.csv
	run -0 imp a.csv
	rm -rf rules
	run -0 dossier-find A-1
	[[ $output == *'"title":"Cấp phép"'* ]]
}

# ---- the database ----

@test "a database that is foreign, damaged, cut off, or open to all" {
	local db=$MOTCUA_DB

	{ echo "$HEAD"; good A-1; } >a.csv
	{ echo "$HEAD"; good A-2; } >b.csv
	run -0 imp a.csv
	echo hello >f.db
	run -2 --separate-stderr imp --db=f.db b.csv
	same_text "$stderr" <<-'END'
		dossier-import: E_SCHEMA: f.db is no database at all
		is --db the right file?  If it was a database, it is damaged: go back to a backup
	END
	[ "$(<f.db)" = hello ]
	sqlite3 s.db 'CREATE TABLE t (x)'
	run -2 --separate-stderr imp --db=s.db b.csv
	[ "$stderr" = 'dossier-import: E_SCHEMA: s.db is no Motcua database' ]
	ln -s "$db" l.db
	run -2 --separate-stderr imp --db=l.db b.csv
	[ "$stderr" = 'dossier-import: E_FILE: "l.db" is not a regular file' ]
	run -2 --separate-stderr imp --db=rules b.csv
	[ "$stderr" = 'dossier-import: E_FILE: "rules" is not a regular file' ]
	chmod o+w "$db"
	run -2 --separate-stderr imp b.csv
	[ "${stderr_lines[0]}" = "dossier-import: E_MODE: \"$db\" may be written by everybody" ]
	chmod o-w "$db"
	sqlite3 "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	cp "$db" cut.db
	truncate -s 20000 cut.db
	run -2 --separate-stderr imp --db=cut.db b.csv
	[ -z "$output" ]
	[[ $stderr == 'dossier-import: E_'*cut.db* ]]
	cp "$db" worn.db
	openssl rand 40000 | dd of=worn.db bs=1 seek=100 conv=notrunc 2>/dev/null
	run -2 --separate-stderr imp --db=worn.db b.csv
	[ -z "$output" ]
	[[ $stderr == 'dossier-import: E_DAMAGED: '*worn.db* ]]
	cp "$db" more.db
	sqlite3 more.db 'CREATE TABLE x (y)'
	run -2 --separate-stderr imp --db=more.db b.csv
	[[ $stderr == 'dossier-import: E_SCHEMA: '*'more.db: its tables are not those that this version creates' ]]
	has A-1
}

@test "a directory that may not be written" {
	[ "$(id -u)" -ne 0 ] || skip 'root may write everywhere'
	{ echo "$HEAD"; good A-1; } >a.csv
	chmod a-w db/*
	run -2 --separate-stderr imp a.csv
	[ -z "$output" ]
	[[ $stderr == 'dossier-import: E_'* ]]
	chmod u+w db/*
}

# many N: that many good rows.
many() {
	echo "$HEAD"
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
	    printf "M-%d,1.009994,H42.30,2024-04-%02d\n", i, i % 28 + 1 }'
}

# what_stopped MESSAGE: exit 2 and what the system said; exactly what was told
# is there, and the database is whole.
what_stopped() {
	[ "$status" -eq 2 ]
	[ "${stderr_lines[-1]}" = "dossier-import: E_IO: $MOTCUA_DB: $1" ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq "$(grep -c . <<<"$output")" ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a file that may not grow any more" {
	many 30000 >a.csv
	run --separate-stderr bash -c 'ulimit -f 1500; exec dossier-import a.csv'
	what_stopped 'disk I/O error'
	run -0 --separate-stderr imp a.csv
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 30000 ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a disk that is full" {
	local disk=$BATS_TEST_TMPDIR/disk

	need_root
	mkdir "$disk"
	mount -t tmpfs -o size=2m tmpfs "$disk" 2>/dev/null ||
	    skip 'nothing can be mounted here'
	MOTCUA_DB=$disk/m.db
	run -0 dossier-db init --rules=rules
	many 30000 >a.csv
	run --separate-stderr imp a.csv
	what_stopped 'No space left on device'
	mount -o remount,size=100m "$disk"
	run -0 --separate-stderr imp a.csv
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 30000 ]
	run -0 --separate-stderr dossier-db check
	silent
}

teardown() {
	cd / || return 1
	if [ -d "$BATS_TEST_TMPDIR/disk" ]; then
		umount "$BATS_TEST_TMPDIR/disk" 2>/dev/null || :
	fi
}

@test "a full disk for the reject file" {
	[ -w /dev/full ] || skip 'no /dev/full here'
	{ echo "$HEAD"; good A-1; yes garbage | head -20000; } >a.csv
	run --separate-stderr bash -c 'ulimit -f 100; exec dossier-import --dry-run --rejects=bad.csv a.csv'
	[ "$status" -eq 2 ]
	[[ $stderr == *'dossier-import: E_IO: bad.csv: File too large' ]]
	[ ! -e bad.csv ]
	[ -z "$(ls bad.csv.* 2>/dev/null)" ]
}

@test "a database that stays locked is 75, after half a minute" {
	{ echo "$HEAD"; good A-1; } >a.csv
	exec 7>>"$MOTCUA_DB.lock"
	flock 7
	local from=$SECONDS
	run -75 --separate-stderr imp a.csv 7>&-
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == 'dossier-import: E_BUSY: '* ]]
	((SECONDS - from >= 29 && SECONDS - from < 45))
	exec 7>&-
	run -0 imp a.csv
}

# ---- files of another kind ----

# alien TEXT ADVICE: a file that begins so is refused, and told what it is.
alien() {
	printf "$1" >a.csv
	run -2 --separate-stderr imp a.csv
	[ -z "$output" ]
	diff -u <(echo "$2") <(tail -n +2 <<<"$stderr")
}

@test "files of another kind are told what they are" {
	local workbook='a workbook is no text: save its sheet as CSV in UTF-8, and import that'
	alien 'PK\3\4\24\0\6\0' "$workbook"
	alien '\320\317\21\340\241\261\32\341\0' "$workbook"
	alien '<html><table><tr><td>code</td></tr></table>' \
	    'a page of the web, whatever its name: open it in a spreadsheet, and save it as CSV in UTF-8'
	alien '<?xml version="1.0"?>\n<log/>\n' 'XML: an event log in XES is read with --input=xes'
	alien '\357\273\277 [{"code":"A-1"}]' "an array of JSON: one object a line is read, and jq -c '.[]' writes them so"
	# Wherever a map has the heading, and whatever it says of the encoding.
	echo '{"heading":3,"encoding":"tcvn3","columns":{"code":"c"}}' >map.json
	printf 'PK\3\4\24\0\6\0' >a.csv
	run -2 --separate-stderr imp --map=map.json a.csv
	[ "${stderr_lines[-1]}" = "$workbook" ]
	# JSON that is no NDJSON, once; a line that is cut off among others, not.
	jq . <<<'{"code":"A-1","procedure":"1.009994","unit":"H42.30"}' >a.json
	run -1 --separate-stderr imp a.json
	[ "$(grep -c "jq -c" <<<"$stderr")" -eq 1 ]
	[ "${stderr_lines[1]}" = 'one object a line is read: jq -c . writes them so' ]
	printf '%s\n' '{"code":"A-1","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15"}' '{"code' >a.json
	run -1 --separate-stderr imp a.json
	[[ $stderr != *jq* ]]
	echo '{"madonvi":"H42.30","service":"DongBoHoSoMC","data":[]}' >a.json
	run -1 --separate-stderr imp a.json
	[ "${stderr_lines[1]}" = 'messages of the national portal are read with --input=dvcqg' ]
}

# ---- the clock ----

@test "the future is told of the column that has it" {
	# What was returned was finished by then, but no finish is in the file.
	{ echo "$HEAD,returned_at"; echo 'A-1,1.009994,H42.30,2024-04-15,2199-04-15'; } >a.csv
	run -1 --separate-stderr imp a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:5: E_FUTURE: returned_at lies after now' ]
	sed -i s/returned_at/finished_at/ a.csv
	run -1 --separate-stderr imp a.csv
	[ "${stderr_lines[0]}" = 'dossier-import: a.csv:2:5: E_FUTURE: finished_at lies after now' ]
	[[ ${stderr_lines[1]} == 'dossier-import: 1 row: '* ]]
}

@test "a day alone may be still to come, though it is today" {
	{ echo "$HEAD,finished_at"; echo 'A-1,1.009994,H42.30,2024-05-06,'
		echo 'A-2,1.009994,H42.30,2024-04-15,2024-05-06'
		echo 'A-3,1.009994,H42.30,2024-04-15,2024-05-06'; } >a.csv
	run -1 --separate-stderr dossier-import --now='2024-05-06 06:00' a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:2:4: E_FUTURE: received_at lies after now
		a day without a time is that day's opening, which is still to come
		dossier-import: a.csv:3:5: E_FUTURE: finished_at lies after now
		dossier-import: a.csv:4:5: E_FUTURE: finished_at lies after now
		dossier-import: 3 rows: 0 added, 0 updated, 0 unchanged, 3 rejected (E_FUTURE 3)
	END
	run -1 --separate-stderr dossier-import --now='2024-05-06 10:00' a.csv
	[ "${stderr_lines[1]}" = "a day without a time is that day's close, which is still to come" ]
	run -0 dossier-import --now='2024-05-06 18:00' a.csv
}

@test "a clock that goes back never turns the log round" {
	{ echo "$HEAD"; good A-1; } >a.csv
	{ echo "$HEAD"; good A-2; } >b.csv
	run -0 dossier-import --now='2024-05-06 10:00' a.csv
	run -0 dossier-import --now='2024-04-20 10:00' b.csv
	audit-export | jq -r .recorded_at >when.txt
	sort -c when.txt
	run -0 --separate-stderr dossier-db check
	silent
	# What lies after the present that is said is refused as the future.
	{ echo "$HEAD"; good A-3; } >c.csv
	run -1 --separate-stderr dossier-import --now='2024-04-10 10:00' c.csv
	[ "${stderr_lines[0]}" = 'dossier-import: c.csv:2:4: E_FUTURE: received_at lies after now' ]
}
