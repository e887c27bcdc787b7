#!/usr/bin/env bats
# dossier-import --encoding: old files, whole, and what cannot be carried.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

HEAD='Mã hồ sơ,Mã TTHC,Mã đơn vị,Ngày tiếp nhận,Chủ hồ sơ,Địa chỉ'

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

# to ENCODING: standard input from UTF-8.
to() {
	case $1 in
	utf-8) cat ;;
	utf-16) iconv -f UTF-8 -t UTF-16 ;;
	vni) perl "$TOP/tests/vni.pl" ;;
	tcvn3) iconv -f UTF-8 -t TCVN5712-1 ;;
	*) iconv -f UTF-8 -t "$1" ;;
	esac
}

need_iconv() {
	local e

	for e in CP1258 TCVN5712-1 VISCII; do
		iconv -f UTF-8 -t "$e" </dev/null 2>/dev/null ||
		    skip "iconv here has no $e"
	done
}

# All that is known of the dossiers but numbers and salts.
everything() {
	dossier-find --personal --format=ndjson |
	    jq -c 'del(.version)' | sort
	audit-export --personal | jq -c 'select(.code != null) |
	    [.code, .kind, .at, .unit]' | sort
}

LETTERS='áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ'
CAPITALS='ÁÀẢÃẠĂẮẰẲẴẶÂẤẦẨẪẬÉÈẺẼẸÊẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌÔỐỒỔỖỘƠỚỜỞỠỢÚÙỦŨỤƯỨỪỬỮỰÝỲỶỸỴĐ'

@test "every letter comes through every encoding" {
	local e text

	need_iconv
	for e in utf-8 utf-16 utf-16le utf-16be cp1258 viscii vni tcvn3; do
		text="$LETTERS $CAPITALS"
		[ "$e" != tcvn3 ] || text="$LETTERS ĂÂÊÔƠƯĐ"
		{ echo "$HEAD"; echo "A-$e,1.009994,H42.30,15/04/2024,$text,\"a, b\""; } |
		    to "$e" >a.csv
		run -0 --separate-stderr imp --encoding="$e" a.csv
		[ "$stderr" = "dossier-import: 1 row: 1 added, 0 updated, 0 unchanged, 0 rejected; 1 event, run $(sql 'SELECT max(id) FROM run')" ]
		diff -u <(echo "$text") \
		    <(dossier-find --personal "A-$e" | jq -r .applicant_name)
	done
	run -0 --separate-stderr dossier-db check
	silent
}

@test "the same file in every encoding gives the same dossiers and histories" {
	local e

	need_iconv
	perl -CS -e '
	    use utf8;
	    my @family = qw(Nguyễn Trần Lê Phạm Hoàng Đỗ Bùi Vũ Đặng Ngô Dương Lý Ông);
	    my @middle = qw(Văn Thị Hữu Đức Ngọc Quốc Đình Mỹ Xuân);
	    my @given = qw(Hường Bé Kín Ân Ơn Thủy Huệ Tuyết Yến Quỳnh Nghĩa Hạnh Phượng Ước);
	    print "Mã hồ sơ;Mã TTHC;Mã đơn vị;Chủ hồ sơ;Số CCCD;Địa chỉ;Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc;Trạng thái;Ghi chú\r\n";
	    for my $i (1 .. 10000) {
		my $d = 1 + $i % 28;
		printf "H42.30-2403%02d-%04d;1.009994;H42.30;%s %s %s;03609900%04d;thôn %d, xã Gia Thủy;%02d/03/2024 %02d:%02d;;%s;%s;%s\r\n",
		    $d, $i, $family[$i % 13], $middle[$i % 9], $given[$i % 14], $i,
		    $i % 30, $d, 7 + $i % 9, $i % 60,
		    $i % 3 ? "" : sprintf("%02d/04/2024 09:00", $d),
		    $i % 3 ? "Đang xử lý" : "Đã xử lý xong",
		    $i % 50 ? "" : "\"đã nộp \"\"bản sao\"\";\nthiếu sổ hộ khẩu\"";
	    }' >utf8.csv
	[ "$(wc -l <utf8.csv)" -eq 10201 ]
	for e in utf-8 utf-16le utf-16be cp1258 viscii vni tcvn3; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		to "$e" <utf8.csv >a.csv
		if [ "$e" = vni ]; then # by option, map, and standard input
			imp --encoding=vni - <a.csv >out 2>err
		elif [ "$e" = tcvn3 ]; then
			imp --encoding=tcvn3 --atomic a.csv >out 2>err
		else
			imp --encoding="$e" a.csv >out 2>err
		fi
		cat err
		[ "$(cat err)" = 'dossier-import: 10000 rows: 10000 added, 0 updated, 0 unchanged, 0 rejected; 13333 events, run 1' ]
		[ "$(wc -l <out)" -eq 10000 ]
		everything >"$e.txt"
		cmp utf-8.txt "$e.txt"
		# And is known again as the same.
		run -0 --separate-stderr imp utf8.csv
		[[ $stderr == *' 10000 unchanged, 0 rejected' ]]
	done
	run -0 --separate-stderr dossier-db check
	silent
}

@test "an encoding may be the map's; the option goes before it" {
	need_iconv
	cat >map.json <<-'END'
		{"encoding": "VISCII", "columns": {"code": "Mã hồ sơ", "received_at":
		  "Ngày tiếp nhận", "applicant_name": "Chủ hồ sơ"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}
	END
	{ echo "$HEAD"; echo 'A-1,,,15/04/2024,Lý Ỵ,'; } | to viscii >a.csv
	run -0 --separate-stderr imp --map=map.json a.csv
	[ "$(dossier-find --personal A-1 | jq -r .applicant_name)" = 'Lý Ỵ' ]
	{ echo "$HEAD"; echo 'A-2,,,15/04/2024,Lý Ỵ,'; } | to vni >b.csv
	run -0 --separate-stderr imp --map=map.json --encoding=vni b.csv
	[ "$(dossier-find --personal A-2 | jq -r .applicant_name)" = 'Lý Ỵ' ]
	run -2 --separate-stderr imp --encoding=latin1 a.csv
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'dossier-import: --encoding: E_USAGE: "latin1" is none of: utf-8, utf-16, utf-16le, utf-16be, cp1258, tcvn3, vni, viscii, detect' ]
	echo '{"code":"A-3","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","applicant_name":"Đỗ Ước"}' |
	    to utf-16 >a.ndjson
	run -0 --separate-stderr imp --encoding=utf-16 a.ndjson
	[ "$(dossier-find --personal A-3 | jq -r .applicant_name)" = 'Đỗ Ước' ]
}

@test "what a conversion cannot carry is told before anything is written" {
	need_iconv
	{
		echo "$HEAD" | to tcvn3
		# The capitals of .VnTimeH have the bytes of small letters.
		echo 'A-1,1.009994,H42.30,15/04/2024,NGUYễN THị Hà,x' | to tcvn3
		printf 'A-2,1.009994,H42.30,15/04/2024,b\x81\x82c,x\n'
		echo 'A-3,1.009994,H42.30,15/04/2024,TRầN,x' | to tcvn3
	} >a.csv
	run -1 --separate-stderr imp --encoding=tcvn3 --rejects=bad.csv a.csv
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'A-1 A-3 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:3: W_BYTES: 2 bytes mean nothing in tcvn3, the first 0x81
		their rows will be refused; is it the right encoding? --encoding=detect
		dossier-import: a.csv:2: W_CASE: 3 words in capitals have letters that tcvn3 has as small ones only
		its capitals are another font's, which no file says: they come in small
		dossier-import: a.csv:3:33: E_ENCODING: byte 0x81 means nothing in tcvn3
		dossier-import: 3 rows: 2 added, 0 updated, 0 unchanged, 1 rejected (E_ENCODING 1); 2 events, run 1
	END
	[ "$(dossier-find --personal A-1 | jq -r .applicant_name)" = 'NGUYễN THị Hà' ]
	# The rejects are UTF-8, say so, and go in whatever is said of them.
	[ "$(head -c 3 bad.csv | od -An -tx1)" = ' ef bb bf' ]
	printf '\xef\xbb\xbf%s,_line,_column,_code,_message\nA-2,1.009994,H42.30,15/04/2024,bỏ,x,3,0,E,m\n' "$HEAD" >mended.csv
	[ "$(head -1 bad.csv)" = "$(head -1 mended.csv)" ]
	run -0 --separate-stderr imp --encoding=tcvn3 mended.csv
	[ "$(dossier-find --personal A-2 | jq -r .applicant_name)" = bỏ ]
	# All or nothing: told, then nothing.
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -2 --separate-stderr imp --encoding=tcvn3 --atomic a.csv
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == *W_BYTES* ]]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
}

@test "an encoding that the file contradicts" {
	{ echo "$HEAD"; echo 'A-1,1.009994,H42.30,15/04/2024,x,y'; } | iconv -t UTF-16 >a.csv
	run -2 --separate-stderr imp --encoding=vni a.csv
	[ -z "$output" ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:1: E_ENCODING: the file begins with the mark of UTF-16, and is not vni
		--encoding=utf-16
	END
	{ echo "$HEAD"; echo 'A-1,1.009994,H42.30,15/04/2024,x,y'; } | iconv -t UTF-16LE >a.csv
	run -2 --separate-stderr imp --encoding=utf-16 a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:1: E_ENCODING: UTF-16 has no byte order mark here
		say which: --encoding=utf-16le or utf-16be
	END
	run -0 --separate-stderr imp --encoding=utf-16le a.csv
	mkfifo pipe
	run -2 --separate-stderr timeout 20 dossier-import --encoding=vni pipe
	[ "${stderr_lines[0]}" = 'dossier-import: pipe: E_IO: not a file, and to be read twice' ]
}

@test "UTF-8 that was read as Latin-1 is refused, with a way back" {
	{
		echo code,procedure,unit,received_at,applicant_name
		echo 'A-1,1.009994,H42.30,15/04/2024,Nguyễn Thị Hường'
		echo 'A-2,1.009994,H42.30,15/04/2024,"«Hà», 5 °C, 3 m² · XÃ HỘI"'
	} >good.csv
	iconv -f CP1252 -t UTF-8 <<<'A-3,1.009994,H42.30,15/04/2024,Bé Mơ' >tail.csv
	{ cat good.csv tail.csv; sed 's/A-3/A-4/' tail.csv; } >a.csv
	run -1 --separate-stderr imp --rejects=bad.csv a.csv
	[ "$(jq -r .code <<<"$output" | tr '\n' ' ')" = 'A-1 A-2 ' ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:4:5: E_MOJIBAKE: applicant_name was UTF-8, read as Latin-1, and saved again
		export it anew as UTF-8; or this brings it back: iconv -f UTF-8 -t CP1252
		dossier-import: a.csv:5:5: E_MOJIBAKE: applicant_name was UTF-8, read as Latin-1, and saved again
		dossier-import: 4 rows: 2 added, 0 updated, 0 unchanged, 2 rejected (E_MOJIBAKE 2); 2 events, run 1
	END
	[ "$(cut -d, -f8 bad.csv | tail -2 | sort -u)" = E_MOJIBAKE ]
	# What the advice says works.
	{ head -1 good.csv; iconv -f UTF-8 -t CP1252 tail.csv; } >back.csv
	run -0 --separate-stderr imp back.csv
	[ "$(dossier-find --personal A-3 | jq -r .applicant_name)" = 'Bé Mơ' ]
	echo "${HEAD%,*}" | iconv -f CP1252 -t UTF-8 >h.csv
	run -2 --separate-stderr imp h.csv
	[[ ${stderr_lines[0]} == 'dossier-import: h.csv:1:'*': E_MOJIBAKE: the heading was UTF-8, read as Latin-1, and saved again' ]]
	echo '{"code":"A-5","procedure":"1.009994","unit":"H42.30","received_at":"2024-04-15","note":"LÃª"}' >a.ndjson
	run -1 --separate-stderr imp a.ndjson
	[ "${stderr_lines[0]}" = 'dossier-import: a.ndjson:1: E_MOJIBAKE: note was UTF-8, read as Latin-1, and saved again' ]
}

@test "an old font's text in columns of a file that is Unicode" {
	cat >map.json <<-'END'
		{"recode": {"applicant_name": "tcvn3", "address": "vni"},
		 "columns": {"code": "Mã hồ sơ", "received_at": "Ngày tiếp nhận",
		  "applicant_name": "Chủ hồ sơ", "address": "Địa chỉ"},
		 "defaults": {"procedure": "1.009994", "unit": "H42.30"}}
	END
	{
		echo "$HEAD"
		echo 'A-1,,,15/04/2024,NguyÔn V¨n Hïng,"xaõ Gia Thuûy, tænh Ninh Bình"'
		echo 'A-2,,,15/04/2024,Nguyễn Văn Kín,x'
	} >a.csv
	run -1 --separate-stderr imp --map=map.json a.csv
	[ "$(dossier-find --personal A-1 | jq -r '.applicant_name, .address')" = "$(printf 'Nguyễn Văn Hùng\nxã Gia Thủy, tỉnh Ninh Bình')" ]
	same_text "$stderr" <<-'END'
		dossier-import: a.csv: columns passed over: "Mã TTHC", "Mã đơn vị"
		dossier-import: a.csv:3:5: E_ENCODING: applicant_name has characters that tcvn3 does not have
		dossier-import: 2 rows: 1 added, 0 updated, 0 unchanged, 1 rejected (E_ENCODING 1); 1 event, run 1
	END
}

# verdict FILE WANTED: of its columns, then of the file.
verdict() {
	run --separate-stderr imp --encoding=detect "$1"
	diff -u <(printf '%s ' "$2") \
	    <(jq -r '.verdict // "-"' <<<"$output" | tr '\n' ' ')
}

@test "--encoding=detect: evidence by column, and nothing imported" {
	local e

	need_iconv
	{
		echo 'Mã hồ sơ,Chủ hồ sơ,Số CCCD'
		for e in Hường Thủy Huệ Tuyết Yến Quỳnh Nghĩa Hạnh Phượng Ước; do
			echo "A-$e,Nguyễn Thị $e xã Gia Thủy,1"
		done
	} >a.csv
	sed 's/^A-[^,]*/A-1/' -i a.csv
	for e in cp1258 viscii vni tcvn3; do
		to "$e" <a.csv >b.csv
		verdict b.csv "- $e - $e"
		run -0 --separate-stderr imp --encoding=detect b.csv
		[ "$stderr" = "dossier-import: b.csv: $e: import it with --encoding=$e" ]
		[ "$(jq -c '[.column, .name, .values, .foreign]' <<<"${lines[1]}")" = '[2,"Chủ hồ sơ",11,11]' ]
		[ "$(jq ".$e" <<<"${lines[3]}")" -ge 95 ]
	done
	verdict a.csv 'utf-8 utf-8 - utf-8'
	for e in utf-16 utf-16le utf-16be; do
		to "$e" <a.csv >b.csv
		verdict b.csv "$e"
	done
	# Too little, nothing at all, and what is none of them.
	printf 'a,b\nNguyễn Văn Bé,1\n' | to tcvn3 >b.csv
	verdict b.csv '- ascii -'
	run -1 --separate-stderr imp --encoding=detect b.csv
	[ "$stderr" = 'dossier-import: b.csv: too little to go by, nothing is guessed: whoever made the file knows' ]
	printf 'a,b\n1,2\n' >b.csv
	verdict b.csv 'ascii ascii ascii'
	[ "$stderr" = 'dossier-import: b.csv: ASCII: any encoding will do' ]
	# What is no text is no ASCII either.
	printf 'PK\3\4\24\0\6\0' >b.csv
	verdict b.csv -
	[ "$status" -eq 1 ]
	[ "$stderr" = 'dossier-import: b.csv: a workbook is no text: save its sheet as CSV in UTF-8, and import that' ]
	printf 'a,b\n1,\0\n' >b.csv
	verdict b.csv 'ascii ascii -'
	[ "$stderr" = 'dossier-import: b.csv: too little to go by, nothing is guessed: whoever made the file knows' ]
	iconv -c -f CP1252 -t UTF-8 a.csv >b.csv
	verdict b.csv 'garbled garbled garbled garbled'
	to tcvn3 <a.csv | iconv -f ISO-8859-1 -t UTF-8 >b.csv
	verdict b.csv '- tcvn3 in utf-8 - tcvn3 in utf-8'
	[[ $stderr == *'"recode": {"applicant_name": "tcvn3", ...}' ]]
	paste -d, <(cut -d, -f1,2 a.csv | to tcvn3) <(cut -d, -f2 a.csv | to viscii) >b.csv
	verdict b.csv '- tcvn3 viscii mixed'
	[ "$status" -eq 1 ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 0 ]
	# Rows that are no CSV speak for the file all the same.
	tail -n +2 a.csv | sed 's/.*,\(.*\),.*/{"code":"A-1","applicant_name":"\1"}/' >a.ndjson
	verdict a.ndjson 'utf-8'
	for e in cp1258 viscii vni tcvn3; do
		to "$e" <a.ndjson >b.csv
		verdict b.csv "$e"
		[ "$(jq -c '[.column, .values, .foreign]' <<<"$output")" = '[null,10,10]' ]
	done
	# It needs no database, and no name of a person is in what it says.
	tail -n +2 a.csv >b.csv
	run -0 --separate-stderr imp --encoding=detect b.csv
	[[ $output != *Nguyễn* ]]
	[ "$(jq -c .name <<<"$output" | sort -u)" = null ]
	MOTCUA_DB=/nonexistent run -0 --separate-stderr imp --encoding=detect a.csv
	[[ $output$stderr != *Hường* ]]
}
