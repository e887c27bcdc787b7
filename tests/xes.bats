#!/usr/bin/env bats
# Event logs in XES: in (dossier-import), out (audit-export), and round.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2024-05-06 10:00' --input=xes "$@"
}

# log <<END: traces, in the smallest log around them.
log() {
	{
		echo '<log xes.version="1849.2016">'
		cat
		echo '</log>'
	} >log.xes
}

# Two dossiers, three activities; attributes that nobody of ours knows.
small() {
	log <<-'END'
		<trace>
		 <string key="concept:name" value="X-1"/>
		 <string key="procedure" value="1.009994"/>
		 <string key="unit" value="H42.30"/>
		 <date key="received_at" value="2024-04-15T08:15:00.000+07:00"/>
		 <string key="applicant_name" value="Trần Thị Bưởi"/>
		 <string key="neighbour" value="Lê Văn Cam"/>
		 <event>
		  <string key="concept:name" value="Thẩm tra &amp; ký"/>
		  <date key="time:timestamp" value="2024-04-15T02:00:00Z"/>
		  <string key="org:resource" value="cb01"/>
		  <string key="lifecycle:transition" value="start"/>
		  <string key="remark" value="gọi Phạm Thị Dừa"/>
		 </event>
		 <event>
		  <string key="concept:name" value="Trả kết quả"/>
		  <date key="time:timestamp" value="2024-04-16T09:30:00.250+07:00"/>
		 </event>
		</trace>
		<trace>
		 <string key="concept:name" value="X-2"/>
		 <string key="procedure" value="1.000002"/>
		 <string key="unit" value="H42.30"/>
		 <date key="received_at" value="2024-04-16T08:15:00+07:00"/>
		 <event>
		  <string key="concept:name" value="Thẩm tra &amp; ký"/>
		  <date key="time:timestamp" value="2024-04-16T08:20:00+07:00"/>
		 </event>
		</trace>
	END
}

activities() {
	audit-export | jq -r 'select(.kind == "activity") |
	    "\(.code) \(.at) \(.activity) \(.officer)"' | sort
}

# ---- in ----

@test "a log without a map: dossiers, activities, times" {
	small
	run -0 --separate-stderr imp log.xes
	same_text "$output" <<-'END'
		{"schema":"motcua.import/1","code":"X-1","result":"added","line":9,"events":3,"run":1}
		{"schema":"motcua.import/1","code":"X-2","result":"added","line":26,"events":2,"run":1}
	END
	same_text "$stderr" <<-'END'
		dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 0 rejected; 5 events, run 1
	END
	same_text "$(activities)" <<-'END'
		X-1 2024-04-15T09:00:00+07:00 Thẩm tra & ký cb01
		X-1 2024-04-16T09:30:00.250+07:00 Trả kết quả null
		X-2 2024-04-16T08:20:00+07:00 Thẩm tra & ký null
	END
	run -0 --separate-stderr dossier-db check
	silent
	run -0 --separate-stderr imp - <log.xes
	[[ $stderr == *'0 added, 0 updated, 2 unchanged, 0 rejected' ]]
}

@test "what no column takes is kept, and of it only what names nobody is public" {
	small
	imp log.xes >/dev/null 2>&1
	audit-export >log.public
	run ! grep -qE 'Cam|Dừa|Bưởi' log.public
	[ "$(jq -r 'select(.seq == 2) | .body | fromjson | .data.attributes["lifecycle:transition"]' log.public)" = start ]
	audit-export --personal >log.all
	[ "$(jq -r 'select(.seq == 1) | .personal.attributes["case:neighbour"]' log.all)" = 'Lê Văn Cam' ]
	[ "$(jq -r 'select(.seq == 2) | .personal.attributes.remark' log.all)" = 'gọi Phạm Thị Dừa' ]
	[ "$(jq -r 'select(.seq == 1) | .personal.applicant_name' log.all)" = 'Trần Thị Bưởi' ]
	run -0 --separate-stderr audit-export --verify log.all
	[ "$(dossier-find --personal X-1 | jq -r .applicant_name)" = 'Trần Thị Bưởi' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "another content of the trace is a conflict, --update takes it over" {
	small
	imp log.xes >/dev/null 2>&1
	sed -i 's/Lê Văn Cam/Lê Văn Chanh/' log.xes
	run -1 --separate-stderr imp log.xes
	[[ $stderr == *'log.xes:9: E_CONFLICT: "X-1" was imported before'* ]]
	[[ $stderr != *Chanh* ]]
	run -0 --separate-stderr imp --update log.xes
	[[ $stderr == *' 1 updated, 1 unchanged, 0 rejected'* ]]
	[ "$(audit-export --personal X-1 | jq -r 'select(.kind == "corrected") | .personal.attributes["case:neighbour"]')" = 'Lê Văn Chanh' ]
	run -0 --separate-stderr imp log.xes
	[[ $stderr == *' 0 updated, 2 unchanged, 0 rejected'* ]]
	dossier-db check
}

@test "namespaces, prefixes, encodings: the same dossiers" {
	local before

	small
	imp log.xes >/dev/null 2>&1
	before=$(activities)
	sed 's/<log /<log xmlns="http:\/\/www.xes-standard.org\/" /' log.xes >ns.xes
	sed -e 's/<\([a-z]\)/<x:\1/; s/<\/\([a-z]\)/<\/x:\1/' \
	    -e 's/<x:log /<x:log xmlns:x="http:\/\/www.xes-standard.org\/" /' \
	    log.xes >prefix.xes
	{ printf '\xEF\xBB\xBF'; cat log.xes; } >bom.xes
	{ echo '<?xml version="1.0" encoding="UTF-16"?>'; cat log.xes; } |
	    iconv -f UTF-8 -t UTF-16 >utf16.xes
	for f in ns prefix bom utf16; do
		echo "$f"
		fresh_db "$BATS_TEST_TMPDIR/rules"
		run -0 --separate-stderr imp $f.xes
		[[ $stderr == *' 2 added, '*' 0 rejected'* ]]
		[ "$(activities)" = "$before" ]
	done
}

@test "attributes within attributes are passed over, and told once" {
	log <<-'END'
		<extension name="Concept" prefix="concept" uri="x"/>
		<global scope="event"><string key="concept:name" value="?"/></global>
		<string key="source" value="s"><string key="inner" value="i"/></string>
		<trace>
		 <string key="concept:name" value="X-1"><int key="n" value="1"/></string>
		 <string key="procedure" value="1.009994"/>
		 <string key="unit" value="H42.30"/>
		 <date key="received_at" value="2024-04-15T08:15:00+07:00"/>
		 <list key="l"><values><string key="a" value="b"/></values></list>
		 <event>
		  <string key="concept:name" value="a"/>
		  <date key="time:timestamp" value="2024-04-15T02:00:00Z"/>
		 </event>
		</trace>
	END
	run -0 --separate-stderr imp log.xes
	same_text "$stderr" <<-'END'
		dossier-import: log.xes:6:41: W_NESTED: 3 attributes or lists inside others: passed over
		dossier-import: 1 row: 1 added, 0 updated, 0 unchanged, 0 rejected; 2 events, run 1
	END
}

@test "a trace without events is a dossier; an event without a trace is none" {
	log <<-'END'
		<trace>
		 <string key="concept:name" value="X-1"/>
		 <string key="procedure" value="1.009994"/>
		 <string key="unit" value="H42.30"/>
		 <date key="received_at" value="2024-04-15T08:15:00+07:00"/>
		</trace>
		<event>
		 <string key="concept:name" value="a"/>
		 <date key="time:timestamp" value="2024-04-15T02:00:00Z"/>
		</event>
	END
	run -1 --separate-stderr imp log.xes
	same_text "$output" <<-'END'
		{"schema":"motcua.import/1","code":"X-1","result":"added","line":2,"events":1,"run":1}
	END
	[[ ${stderr_lines[0]} == 'dossier-import: log.xes:8'*': E_CODE: code is missing' ]]
	[ "$(audit-export X-1 | jq -r .kind)" = received ]
}

@test "rejects are NDJSON, and the same options read them" {
	small
	sed -i '0,/2024-04-15T02:00:00Z/s//2024-04-31T02:00:00Z/; s/X-2/X 2/' log.xes
	run -1 --separate-stderr imp --rejects=bad.ndjson log.xes
	[[ ${stderr_lines[0]} == 'dossier-import: log.xes:9'*': E_DATE: at: "2024-04-31T02:00:00Z" is no date, '* ]]
	[[ $stderr == *' 1 added, '*' 2 rejected (E_DATE 1, E_CODE 1)'* ]]
	[ "$(stat -c %a bad.ndjson)" = 600 ]
	[ "$(jq -r ._code bad.ndjson | paste -sd' ')" = 'E_DATE E_CODE' ]
	sed -i 's/04-31/04-15/; s/X 2/X-2/' bad.ndjson
	run -0 --separate-stderr imp bad.ndjson
	[[ $stderr == *' 1 added, 1 updated, '*' 0 rejected'* ]]
	[ "$(activities | wc -l)" -eq 3 ]
	# It is as if nothing had been wrong.
	run -0 --separate-stderr imp bad.ndjson
	[[ $stderr == *' 0 added, 0 updated, 2 unchanged, 0 rejected'* ]]
	audit-export --format=xes --personal | grep -vE 'motcua:seq|resource' >mended
	fresh_db "$BATS_TEST_TMPDIR/rules"
	small
	imp log.xes >/dev/null 2>&1
	diff <(sort mended) <(audit-export --format=xes --personal |
	    grep -vE 'motcua:seq|resource' | sort)
}

# bad WANT: the log.xes at hand is refused with it, and nothing goes in.
bad() {
	run -2 --separate-stderr imp log.xes
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "dossier-import: log.xes:$1"* ]] || {
		echo "got: $stderr"
		return 1
	}
	[ "$(audit-export | wc -l)" -eq 1 ]
}

# big N: that many letters.
big() {
	head -c "$1" /dev/zero | tr '\0' a
}

@test "hostile XML: refused with its place, whatever its size" {
	local bomb i

	bomb='<!ENTITY a0 "ha">'
	for i in 1 2 3 4 5 6 7 8 9; do
		bomb+="<!ENTITY a$i \"&a$((i - 1));&a$((i - 1));\">"
	done
	printf '<?xml version="1.0"?>\n<!DOCTYPE log [%s]>\n<log>&a9;</log>' "$bomb" >log.xes
	bad '2:15: E_DTD: '
	echo '<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>' >log.xes
	bad '1:42: E_DTD: '
	echo '<!DOCTYPE log [<!ENTITY x SYSTEM "/etc/passwd">]><log>&x;</log>' >log.xes
	bad '1:15: E_DTD: '
	echo '<log>&x;</log>' >log.xes
	bad '1:6: E_XML: not XML: undefined entity'
	{ echo '<log>'; for i in $(seq 5000); do printf '<a>'; done; } >log.xes
	bad '2:190: E_LIMIT: elements are nested more than 64 deep'
	{ printf '<log><trace><string key="concept:name" value="'; big 3000000; } >log.xes
	bad '1:13: E_LIMIT: a tag of more than 2 MiB'
	{ printf '<log><!--'; big 3000000; printf '%s' '--></log>'; } >log.xes
	bad '1:6: E_LIMIT: '
	{ printf '<log><'; big 3000000; } >log.xes
	bad '1:6: E_LIMIT: '
	{ printf '<log><![CDATA['; big 30000000; printf ']]></log'; } >log.xes
	bad '1:30000018: E_XML: cut off: '
}

@test "broken XML and what is no log" {
	: >log.xes
	bad '1:1: E_XML: there is nothing in it'
	printf '<log>\n<trace>\n<event>' >log.xes
	bad '3:8: E_XML: cut off: it ends before its outermost element does'
	printf '<log>\n<trace>\n</event>' >log.xes
	bad '3:3: E_XML: not XML: mismatched tag'
	printf '<log><trace><string key="a" value="\xff"/></trace></log>' >log.xes
	bad '1:36: E_XML: not XML: not well-formed (invalid token)'
	printf '<log a="1" a="2"/>' >log.xes
	bad '1:12: E_XML: not XML: duplicate attribute'
	printf '<?xml version="1.0" encoding="windows-1258"?><log/>' >log.xes
	bad '1:31: E_ENCODING: '
	echo '<html/>' >log.xes
	bad '1:1: E_XES: no event log in XES'
	echo 'code,procedure' >log.xes
	bad '1:1: E_XML: '
	printf '<log><trace><event/>\n<string key="a" value="b"/></trace></log>' >log.xes
	bad '2:1: E_XES: an attribute of a trace behind its events'
}

@test "attributes that make no sense cost their row" {
	local i what

	for what in '<string key="a"/>' '<string value="a"/>' \
	    '<string key="" value="a"/>' \
	    "<string key=\"$(big 251)\" value=\"a\"/>" \
	    '<string key="a" value="1"/><int key="a" value="2"/>' \
	    "$(for i in $(seq 1001); do echo "<int key=\"a$i\" value=\"1\"/>"; done)"
	do
		log <<<"<trace><event>$what</event></trace>"
		run -1 --separate-stderr imp log.xes
		[ -z "$output" ]
		grep -qE '^dossier-import: log.xes:2(:|00|[0-9]).*: E_(XES|LIMIT|DUPLICATE): |^dossier-import: log.xes:[0-9]+:[0-9]+: E_LIMIT' <<<"$stderr"
		[[ $stderr == *' 1 rejected (E_'* ]]
	done
}

@test "options that do not go with XES" {
	small
	run -2 --separate-stderr imp --encoding=tcvn3 log.xes
	[[ $stderr == 'dossier-import: --encoding: E_USAGE: XML and JSON say themselves'* ]]
	echo '{"columns": {"code": "case:concept:name"}}' >rows.json
	run -2 --separate-stderr imp --map=rows.json log.xes
	[[ $stderr == *'E_MAP: rows of XES are events, those of the map are not'* ]]
	run -2 --separate-stderr dossier-import --input=xml log.xes
	[[ $stderr == *'"xml" is none of: csv ndjson xes dvcqg'* ]]
}

@test "--atomic and --dry-run read it twice, from a pipe too" {
	small
	run -0 --separate-stderr imp --dry-run - <log.xes
	[ "$(dossier-find | wc -l)" -eq 0 ]
	sed 's/X-2/X 2/' log.xes >half.xes
	run -2 --separate-stderr imp --atomic half.xes
	[ "$(dossier-find | wc -l)" -eq 0 ]
	run -0 --separate-stderr imp --atomic - <log.xes
	[ "$(dossier-find | wc -l)" -eq 2 ]
}

# ---- out ----

# is_xes FILE: well-formed, and valid where the schema is at hand.
is_xes() {
	command -v xmllint >/dev/null || {
		echo '# no xmllint: not validated' >&3
		return 0
	}
	xmllint --noout "$1"
	if [ -e "$SHARED/schemas/xes-ieee-1849-2016.xsd" ]; then
		xmllint --noout --schema "$SHARED/schemas/xes-ieee-1849-2016.xsd" "$1" 2>&1 |
		    grep -x "$1 validates"
	fi
}

@test "an export: valid, in UTC, one trace a dossier" {
	small
	imp log.xes >/dev/null 2>&1
	run -0 --separate-stderr audit-export --format=xes
	[ -z "$stderr" ]
	echo "$output" >out.xes
	is_xes out.xes
	[ "$(grep -c '<trace>' out.xes)" -eq 2 ]
	[ "$(grep -c '<event>' out.xes)" -eq 5 ]
	grep -qF '<date key="time:timestamp" value="2024-04-16T02:30:00.250Z"/>' out.xes
	grep -qF '<string key="concept:name" value="Thẩm tra &amp; ký"/>' out.xes
	run ! grep -qE 'Cam|Dừa|Bưởi' out.xes
	audit-export --format=xes --personal >all.xes
	is_xes all.xes
	[ "$(grep -cE 'Cam|Dừa|Bưởi' all.xes)" -eq 3 ]
	# A selection: by code, by number.
	[ "$(audit-export --format=xes X-2 | grep -c '<event>')" -eq 2 ]
	[ "$(audit-export --format=xes --since=4 | grep -c '<event>')" -eq 2 ]
	[ "$(audit-export --format=xes --until=2 | grep -c '<event>')" -eq 1 ]
	run -1 --separate-stderr audit-export --format=xes X-9 X-1
	echo "$output" >some.xes
	is_xes some.xes
	[ "$stderr" = 'audit-export: E_DOSSIER: there is no dossier "X-9"' ]
}

@test "an empty log is valid" {
	audit-export --format=xes >out.xes
	is_xes out.xes
	run -0 --separate-stderr imp out.xes
	[[ $stderr == 'dossier-import: 0 rows: '* ]]
}

@test "a full disk is trouble" {
	[ -e /dev/full ] || skip 'no /dev/full'
	run -2 sh -c 'audit-export --format=xes >/dev/full'
}

@test "texts that are hard on XML come back as they were" {
	cat >in.csv <<-'END'
		code,procedure,unit,received_at,applicant_name,note
		X-1,1.009994,H42.30,2024-04-15 08:15,"<b a='1'>&amp;""</b>]]>","a	b"
	END
	dossier-import --now='2024-05-06 10:00' in.csv >/dev/null 2>&1
	dossier-find --personal | jq -c '[.applicant_name, .note]' >before
	audit-export --format=xes --personal >out.xes
	is_xes out.xes
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -0 imp out.xes
	dossier-find --personal | jq -c '[.applicant_name, .note]' | diff before -
}

@test "out and in again: every status, the same dossiers" {
	cat >in.csv <<-'END'
		code,alias,procedure,unit,channel,received_at,due_at,paused_at,finished_at,returned_at,status,step,officer,applicant_kind
		X-1,,1.009994,H42.30,direct,2024-04-01 08:00,,,,,1,,,
		X-2,AL-2,1.009994,H42.30,online,2024-04-01 08:00,2024-04-20 17:00,,,,2,,,person
		X-3,,1.009994,H42.30,postal,2024-04-01 08:00,,,2024-04-02 09:00,,3,,,
		X-4,,1.009994,H42.30,direct,2024-04-01 08:00,,,,,4,appraise,cb01,
		X-5,,1.009994,H42.30,direct,2024-04-01 08:00,,2024-04-02 08:10,,,5,,,
		X-6,,1.009994,H42.30,direct,2024-04-01 08:00,,2024-04-02 08:10,,,6,,,
		X-7,,1.009994,H42.30,direct,2024-04-01 08:00,,,2024-04-03 10:00,,7,,,
		X-8,,1.009994,H42.30,direct,2024-04-01 08:00,,2024-04-02 08:10,,,8,,,
		X-9,,1.009994,H42.30,direct,2024-04-01 08:00,,,2024-04-30 10:00,,9,,,
		X-10,,1.000002,H42.30,direct,2024-04-01 08:00,,,2024-04-03 10:00,2024-04-04 10:00,10,,,
	END
	dossier-import --now='2024-05-06 10:00' in.csv >/dev/null 2>&1
	dossier-find --now='2024-05-06 10:00' | jq -c 'del(.version)' | sort >before
	[ "$(jq -r .status before | sort -u | wc -l)" -eq 10 ]
	audit-export --format=xes >out.xes
	is_xes out.xes
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -0 --separate-stderr imp out.xes
	[[ $stderr == *' 10 added, '*' 0 rejected'* ]]
	dossier-find --now='2024-05-06 10:00' | jq -c 'del(.version)' | sort | diff before -
	[ "$(dossier-find AL-2 | jq -r .code)" = X-2 ]
	audit-export --format=xes | diff out.xes -
	run -0 --separate-stderr dossier-db check
	silent
}

# ---- a real log ----

@test "the municipality's log: as CSV, as XES, out and in again" {
	local map=$TOP/tests/receipt/map.json
	local log=$SHARED/data/eventlogs/receipt.csv.gz

	need_shared data/eventlogs/receipt.csv.gz
	cp -r "$TOP/tests/receipt/rules" permits
	make_rules "$PWD/permits" >/dev/null
	fresh_db "$PWD/permits"
	zcat "$log" | dossier-import --map="$map" - >/dev/null 2>&1
	dossier-find | sort >found
	activities >acts
	[ "$(wc -l <acts)" -eq "$(jq .events "$SHARED/data/eventlogs/receipt_truth.json")" ]
	zcat "$log" | perl "$TOP/tests/xes.pl" >receipt.xes
	fresh_db "$PWD/permits"
	run -0 --separate-stderr dossier-import --input=xes --map="$map" receipt.xes
	[[ $stderr == *'8577 rows: 1434 added, 0 updated, 0 unchanged, 0 rejected, 196 warnings (W_ORDER 196); 11340 events, run 1' ]]
	dossier-find | sort | diff found -
	activities | diff acts -
	run -0 --separate-stderr dossier-import --input=xes --map="$map" receipt.xes
	[[ $stderr == *' 1434 unchanged, '* ]]
	audit-export --format=xes --personal >out.xes
	is_xes out.xes
	fresh_db "$PWD/permits"
	run -0 --separate-stderr dossier-import --input=xes out.xes
	[[ $stderr == *' 1434 added, '*' 0 rejected'* ]]
	dossier-find | sort | diff found -
	activities | diff acts -
	audit-export --format=xes --personal | diff out.xes -
	run -0 --separate-stderr dossier-db check
	silent
}
