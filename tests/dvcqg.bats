#!/usr/bin/env bats
# Messages of the national portal: in (dossier-import), out (audit-export).

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2024-05-06 10:00' --input=dvcqg "$@"
}

# message DOSSIER...: in an envelope of a commune.
message() {
	local IFS=,

	printf '{"session":"s3cr3t","madonvi":"H42.30","service":"DongBoHoSoMC","isUpdating":"False","data":[%s]}\n' "$*"
}

# dossier MEMBER...: one received, with these members more or other.
dossier() {
	jq -cn '{MaHoSo: "P-1", MaTTHC: "1.009994", KenhThucHien: "2",
	    ChuHoSo: "Trần Thị Bưởi", LoaiDoiTuong: "1",
	    NgayTiepNhan: "20240415081500", NgayHenTra: "",
	    TrangThaiHoSo: "2"} + ('"${1:-{\}}"')'
}

# Every status, and what else a row of ours can say.
all_ten() {
	cat >in.csv <<-'END'
		code,alias,procedure,unit,subject,applicant_kind,applicant_name,applicant_id,phone,email,address,channel,received_at,due_at,paused_at,finished_at,returned_at,status,holder,officer,step,note
		P-1,,1.009994,H42.30,Xin phép,person,Nguyễn Văn A,037000000001,0912345678,a@example.org,Xã A,direct,2024-04-01 08:00,,,,,1,,,,ghi chú
		P-2,AL-2,1.009994,H42.30,Xin phép,enterprise,"Cty ""B"" & con",0101234567,,,,online,2024-04-01 08:00:30,2024-04-20 17:00,,,,2,H42.30.1,,,
		P-3,,1.009994,H42.30,,agency,C,,,,,postal,2024-04-01 08:00,,,2024-04-02 09:00,,3,,,,
		P-4,,1.009994,H42.31,Xin phép,organisation,D,,,,,direct,2024-04-01 08:00,,,,,4,,cb01,appraise,
		P-5,,1.009994,H42.30,Xin phép,person,E,037012345,,,,direct,2024-04-01 08:00,,2024-04-02 08:10:11,,,5,,,,
		P-6,,1.009994,H42.30,Xin phép,person,F,,,,,direct,2024-04-01 08:00,,2024-04-02 08:10:11,,,6,,,,
		P-7,,1.009994,H42.30,Xin phép,person,G,,,,,direct,2024-04-01 08:00,,,2024-04-03 10:00,,7,,,,
		P-8,,1.009994,H42.30,Xin phép,person,H,,,,,direct,2024-04-01 08:00,,2024-04-02 08:10:11,,,8,,,,
		P-9,,1.009994,H42.30,Xin phép,person,I,,,,,direct,2024-04-01 08:00,,,2024-04-30 10:00,,9,,,,
		P-10,,1.000002,H42.30,Xin phép,person,J,,,,,direct,2024-04-01 08:00,,,2024-04-03 10:00,2024-04-04 10:00,10,,,,
	END
	dossier-import --now='2024-05-06 10:00' in.csv >/dev/null 2>&1
}

found() {
	dossier-find --now='2024-05-06 10:00' --personal |
	    jq -cS 'del(.version)'
}

# member NAME CODE: of that dossier in the message out.json.
member() {
	jq -r ".data[] | select(.MaHoSo == \"$2\") | .$1" out.json
}

@test "what goes out comes in again: the same dossiers, whatever their status" {
	all_ten
	found >before
	[ "$(jq -r .status before | sort -u | wc -l)" -eq 10 ]
	run -0 --separate-stderr audit-export --format=dvcqg --personal
	[ -z "$stderr" ]
	echo "$output" >out.json
	# The true code, always.
	[ "$(jq -r '.data[] | "\(.MaHoSo)=\(.TrangThaiHoSo)"' out.json | sort -V | paste -sd' ')" = \
	    'P-1=1 P-2=2 P-3=3 P-4=4 P-5=5 P-6=6 P-7=7 P-8=8 P-9=9 P-10=10' ]
	# Envelopes are of one unit.
	same_text "$(jq -c '[.session, .madonvi, .service, .isUpdating, (.data | length)]' out.json)" <<-'END'
		["","H42.30","DongBoHoSoMC","False",3]
		["","H42.31","DongBoHoSoMC","False",1]
		["","H42.30","DongBoHoSoMC","False",6]
	END
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -0 --separate-stderr imp out.json
	[[ $stderr == *'10 rows: 10 added, 0 updated, 0 unchanged, 0 rejected; 18 events, run 1' ]]
	found | diff before -
	[ "$(dossier-find AL-2 | jq -r .code)" = P-2 ]
	audit-export --format=dvcqg --personal | diff out.json -
	run -0 --separate-stderr imp out.json
	[[ $stderr == *' 0 added, 0 updated, 10 unchanged, 0 rejected' ]]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "members: text, times of Vietnam, codes of the lists" {
	all_ten
	audit-export --format=dvcqg --personal >out.json
	# All scalars are text.
	[ "$(jq -r '.data[] | .[] | scalars | type' out.json | sort -u)" = string ]
	[ "$(member NgayTiepNhan P-2)" = 20240401080030 ]
	[ "$(member NgayHenTra P-2)" = 20240420170000 ]
	[ "$(member KenhThucHien P-2)$(member KenhThucHien P-1)$(member KenhThucHien P-3)" = 213 ]
	[ "$(member LoaiDoiTuong P-1)$(member LoaiDoiTuong P-2)$(member LoaiDoiTuong P-3)$(member LoaiDoiTuong P-4)" = 1234 ]
	# Who was never received has no day of receipt.
	[ "$(member NgayTiepNhan P-1)/$(member NgayNopHoSo P-1)" = /20240401080000 ]
	[ "$(member NgayTuChoi P-3)/$(member NgayKetThucXuLy P-3)" = 20240402090000/ ]
	[ "$(member 'DanhSachHoSoBoSung[0].NgayBoSung' P-5)" = 20240402081011 ]
	[ "$(member NgayTamDung P-8)" = 20240402081011 ]
	[ "$(member NgayTra P-10)" = 20240404100000 ]
	# Numbers are of a kind that is known, or of none: nothing is made up.
	[ "$(member 'DinhDanhCHS | tojson' P-1)" = '[{"LoaiDinhDanh":"1","SoDinhDanh":"037000000001"}]' ]
	[ "$(member 'DinhDanhCHS[0].LoaiDinhDanh' P-5)" = 2 ]
	[ "$(member 'DinhDanhCHS | tojson' P-2)" = '[]' ]
	[ "$(member 'DinhDanhCHS | tojson' P-9)" = '[]' ]
	[ "$(member TenTTHC P-1)" = 'Cấp phép' ]
	[ "$(member ChuHoSo P-2)" = 'Cty "B" & con' ]
	[ "$(member BuocXuLy P-4)/$(member NguoiXuLy P-4)/$(member DonViXuLy P-4)" = appraise/cb01/H42.31 ]
}

@test "without --personal nothing personal, and that is said" {
	all_ten
	run -0 --separate-stderr audit-export --format=dvcqg
	[ "$stderr" = 'audit-export: names, numbers and what else is personal were left empty; the portal wants them: --personal' ]
	echo "$output" >out.json
	run ! grep -qE 'Nguyễn|03700|0912|example|Xã A|Xin phép|ghi chú|Cty' out.json
	[ "$(jq -r '.data[] | .ChuHoSo, .SoGiayToChuHoSo, .TrichYeuHoSo' out.json | sort -u)" = '' ]
	[ "$(member TrangThaiHoSo P-10)" = 10 ]
}

@test "a message of the portal, with members that nobody knows" {
	message "$(dossier '{TenLinhVuc: "Xây dựng", ThongTinKhac: "con của Lê Văn Cam",
	    HinhThuc: "1", MoiCo: {a: [1, 2.50, null, true]},
	    DanhSachLePhi: [{TenPhiLePhi: "Lệ phí", Gia: "150000"}], Fax: "", Lon: "@"}')" |
	    sed 's/"@"/1E+400/' >in.json
	run -0 --separate-stderr imp in.json
	same_text "$output" <<-'END'
		{"schema":"motcua.import/1","code":"P-1","result":"added","line":1,"events":1,"run":1}
	END
	[ "$(dossier-find P-1 | jq -c '[.unit, .channel, .status, .received_at]')" = '["H42.30","online","received","2024-04-15T08:15:00+07:00"]' ]
	[ -z "$(audit-export | grep -E 'Cam|Bưởi|s3cr3t')" ]
	[ -z "$(audit-export --personal | grep s3cr3t)" ]
	audit-export --format=dvcqg --personal >out.json
	[ "$(member ThongTinKhac P-1)" = 'con của Lê Văn Cam' ]
	[ "$(member HinhThuc P-1)" = 1 ]
	[ "$(member 'MoiCo | tojson' P-1)" = '{"a":[1,"2.5",null,true]}' ]
	[ "$(member 'DanhSachLePhi[0].Gia' P-1)" = 150000 ]
	[ "$(member Lon P-1)" = 1E+400 ]
	[ "$(audit-export --format=dvcqg | jq -r '.data[0] | .ThongTinKhac, .MoiCo')" = $'\nnull' ]
}

@test "rules of the portal's own" {
	{
		message "$(dossier '{MaHoSo: "P-1", MaTTHC: "1.009994.000.00.00.H42"}')" \
		    "$(dossier '{MaHoSo: "P-2", DonViXuLy: "Phòng Kinh tế"}')"
		message "$(dossier '{MaHoSo: "P-3", TrangThaiHoSo: 5,
		    DanhSachHoSoBoSung: [{NgayBoSung: "20240416080000"}, {NgayBoSung: "20240417090000"}]}')" \
		    "$(dossier '{MaHoSo: "P-4", SoGiayToChuHoSo: null,
		    DinhDanhCHS: [{LoaiDinhDanh: "1", SoDinhDanh: "037000000001"}]}')"
		message "$(dossier '{MaHoSo: "P-5", TrangThaiHoSo: "1", NgayTiepNhan: "", NgayNopHoSo: "20240412101500"}')"
	} >in.json
	run -0 --separate-stderr imp in.json
	[[ $stderr == *' 5 added, '*' 0 rejected'* ]]
	[ "$(dossier-find P-1 | jq -r .procedure)" = 1.009994 ]
	[ "$(dossier-find P-3 | jq -r .paused_at)" = 2024-04-17T09:00:00+07:00 ]
	[ "$(dossier-find --personal P-4 | jq -r .applicant_id)" = 037000000001 ]
	[ "$(dossier-find P-5 | jq -r .status)" = registered ]
	audit-export --format=dvcqg --personal >out.json
	[ "$(member MaTTHC P-1)" = 1.009994.000.00.00.H42 ]
	[ "$(member NgayNopHoSo P-5)" = 20240412101500 ]
}

@test "a due that the rules come to is theirs, another one was promised" {
	message "$(dossier '{MaHoSo: "P-1", NgayHenTra: "20240423170000"}')" \
	    "$(dossier '{MaHoSo: "P-2", NgayHenTra: "20240422170000"}')" \
	    "$(dossier '{MaHoSo: "P-3"}')" >in.json
	imp in.json >/dev/null 2>&1
	[ "$(dossier-find | jq -r '"\(.code) \(.due_at[:10]) \(.due_source)"' | sort | paste -sd,)" = \
	    'P-1 2024-04-23 computed,P-2 2024-04-22 given,P-3 2024-04-23 computed' ]
	# Other days off later: the message is still the same message.
	sed -i 's/2024-04-18/2024-04-16/' rules/calendars/office.json
	make_rules "$PWD/rules" >/dev/null
	run -0 --separate-stderr imp in.json
	[[ $stderr == *' 3 unchanged, 0 rejected'* ]]
}

@test "envelopes in one line, in many, a list, or none" {
	local one

	one=$(message "$(dossier)" "$(dossier '{MaHoSo: "P-2"}')")
	for f in "$one" "$(jq . <<<"$one")" "$(jq '.data | map(.madonvi = "H42.30")' <<<"$one")" \
	    "$(jq -c '.data[] | .madonvi = "H42.30"' <<<"$one")" \
	    "$(printf '\xEF\xBB\xBF%s' "$one")" \
	    "$(jq -c 'del(.data) + {data: .data, behind: "it"}' <<<"$one")"
	do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		printf '%s' "$f" >in.json
		run -0 --separate-stderr imp in.json
		[[ $stderr == *' 2 added, '*' 0 rejected'* ]]
		[ "$(dossier-find | jq -r .unit | sort -u)" = H42.30 ]
	done
}

@test "rejects are dossiers with their unit, and the same options read them" {
	message "$(dossier '{MaHoSo: "P-1", MoiCo: "x"}')" \
	    "$(dossier '{MaHoSo: "P-2", NgayTiepNhan: "20240431081500", MoiCo: "x"}')" \
	    "$(dossier '{MaHoSo: "P-3", ChuHoSo: ["x"]}')" \
	    '{"MaHoSo": "P-4", }' >in.json
	run -1 --separate-stderr imp --rejects=bad.ndjson in.json
	[[ ${stderr_lines[0]} == 'dossier-import: in.json:1: E_DATE: received_at: "20240431081500" is no date, '* ]]
	[[ ${stderr_lines[1]} == 'dossier-import: in.json:1: E_JSON: "ChuHoSo" is no single value' ]]
	[[ ${stderr_lines[2]} == 'dossier-import: in.json:1: E_JSON: '* ]]
	[[ $stderr == *' 1 added, '*' 3 rejected (E_DATE 1, E_JSON 2)'* ]]
	run ! grep -q s3cr3t bad.ndjson
	[ "$(head -1 bad.ndjson | jq -r '.madonvi, ._code')" = $'H42.30\nE_DATE' ]
	head -1 bad.ndjson | sed 's/20240431/20240430/' >mended.ndjson
	run -0 --separate-stderr imp mended.ndjson
	[[ $stderr == *' 1 added, '* ]]
	[ "$(dossier-find P-2 | jq -r .unit)" = H42.30 ]
	audit-export --format=dvcqg --personal >out.json
	[ "$(member MoiCo P-2)" = x ]
	[ "$(member _code P-2)" = null ]
}

# bad TEXT WANT
bad() {
	printf '%b' "$1" >in.json
	run -2 --separate-stderr imp in.json
	[[ ${stderr_lines[0]} == "dossier-import: in.json:$2"* ]] || {
		echo "$1: $stderr"
		return 1
	}
	[ "$(dossier-find | wc -l)" -eq 0 ]
}

@test "what is no message" {
	bad 'x' '1: E_JSON: no message of the portal'
	bad '{"data":[' '1: E_JSON: the file ends inside a message'
	bad '{"data":[{"MaHoSo":"P-1"' '1: E_JSON: the file ends inside a message'
	bad '{"data":\n[1]}' '2: E_JSON: an object, a dossier, is to come here'
	bad '{"data":[{},]}' '1: E_JSON: an object, a dossier, '
	bad '{"data":[{} {}]}' '1: E_JSON: an object, a dossier, '
	bad '{"service":"CapNhatTienDoHoSoMC","data":[{}]}' '1: E_SERVICE: service "CapNhatTienDoHoSoMC" carries no dossiers'
	{ printf '{"data":[{"a":"'; head -c 5000000 /dev/zero | tr '\0' a; } >in.json
	run -2 --separate-stderr imp in.json
	[[ $stderr == 'dossier-import: in.json:1: E_LIMIT: a dossier, '* ]]
	{ printf '{"a":"'; head -c 5000000 /dev/zero | tr '\0' a; } >in.json
	run -2 --separate-stderr imp in.json
	[[ $stderr == 'dossier-import: in.json:1: E_LIMIT: a dossier, '* ]]
	: >in.json
	run -0 --separate-stderr imp in.json
	[[ $stderr == 'dossier-import: 0 rows: '* ]]
}

@test "what is kept may be 32 deep" {
	local deep="[1]"

	for _ in $(seq 31); do
		deep="[$deep]"
	done
	message "$(dossier "{Moi: $deep}")" "$(dossier "{MaHoSo: \"P-2\", Moi: [$deep]}")" >in.json
	run -1 --separate-stderr imp in.json
	[[ ${stderr_lines[0]} == 'dossier-import: in.json:1: E_LIMIT: a member to be kept is nested more than 32 deep' ]]
	audit-export --format=dvcqg --personal >out.json
	[ "$(member 'Moi | tojson' P-1)" = "$deep" ]
	dossier-db check
}

@test "a text that is too long is cut between characters, and told" {
	local long

	long=$(printf 'ế%.0s' $(seq 1001))
	message "$(dossier "{TrichYeuHoSo: \"$long\"}")" \
	    "$(dossier "{MaHoSo: \"P-2\", TrichYeuHoSo: \"${long#ế}\"}")" >in.json
	imp in.json >/dev/null 2>&1
	run -0 --separate-stderr audit-export --format=dvcqg --personal
	[ "$stderr" = 'audit-export: W_CUT: 1 text cut to the length that the portal takes, the last in TrichYeuHoSo' ]
	echo "$output" >out.json
	[ "$(member TrichYeuHoSo P-1)" = "${long#ế}" ]
	[ "$(member TrichYeuHoSo P-2)" = "${long#ế}" ]
	# What is kept here is whole.
	[ "$(dossier-find --personal P-1 | jq -r .subject)" = "$long" ]
}

@test "a second export has what has happened since, as an update" {
	message "$(dossier)" "$(dossier '{MaHoSo: "P-2"}')" >in.json
	imp in.json >/dev/null 2>&1
	message "$(dossier '{MaHoSo: "P-2", TrangThaiHoSo: "9", NgayKetThucXuLy: "20240417160000"}')" \
	    "$(dossier '{MaHoSo: "P-3"}')" >more.json
	imp --update more.json >/dev/null 2>&1
	audit-export --format=dvcqg --personal --since=3 >out.json
	[ "$(jq -r '"\(.isUpdating) \(.data[].MaHoSo)"' out.json | paste -sd,)" = 'True P-2,False P-3' ]
	[ "$(member TrangThaiHoSo P-2)" = 9 ]
	run -1 --separate-stderr audit-export --format=dvcqg --personal P-3 P-9
	[ "$(jq -r '.data[].MaHoSo' <<<"$output")" = P-3 ]
	[ "$stderr" = 'audit-export: E_DOSSIER: there is no dossier "P-9"' ]
}

@test "the built-in map is the starter rulebook's" {
	message "$(dossier)" >in.json
	run -0 --separate-stderr imp --map="$TOP/lib/starter/maps/dvcqg.json" in.json
	run -0 --separate-stderr imp in.json
	[[ $stderr == *' 1 unchanged, '* ]]
	echo '{"rows": "events", "columns": {"code": "MaHoSo"}}' >events.json
	run -2 --separate-stderr imp --map=events.json in.json
	[[ $stderr == *"E_MAP: the portal's messages are dossiers, rows of the map are events"* ]]
}
