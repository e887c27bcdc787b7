#!/usr/bin/env bats
# Rows as people write them: what is understood, and what the message says of
# the rest.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

MAPS=$TOP/lib/starter/maps

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	fresh_db
}

imp() {
	dossier-import --now='2025-09-01 10:00' "$@"
}

# of CODE FILTER: that dossier.
of() {
	dossier-find --now='2025-09-01 10:00' --personal "$1" | jq -rc "$2"
}

@test "the vendor's register of DOMAIN 1.3 goes in with the ready map" {
	cat >so.csv <<-'END'
		STT,MaHoSo,TrichYeuHoSo,SoBoHoSo,ChuHoSo,DiaChi,SoDienThoai,NgayTiepNhan,NgayHenTra,NgayTra,TenNguoiNhanHoSo,TenDiaBan
		1,H42.60-250715-0001,Đăng ký khai sinh,1,Nguyễn Văn A,"Tổ 3, phường Hoa Lư",0912345678,15/07/2025 08:10:00,15/07/2025 17:00:00,15/07/2025 10:30:00,Trần Thị B,phường Hoa Lư
		2,H42.60-250715-0002,ĐĂNG KÝ KẾT HÔN,1,Lê Thị C,"Tổ 4, phường Hoa Lư",0912345679,15/07/2025 15:40:00,16/07/2025 17:00:00,,Trần Thị B,phường Hoa Lư
		3,01234,Xoá đăng ký thường trú,1,Phạm D,Tổ 5,0912345680,15/07/2025 09:00:00,,,Trần Thị B,phường Hoa Lư
		4,H42.60-250715-0004,Xin việc cho Phạm Văn E,1,Phạm Văn E,Tổ 5,0912345680,15/07/2025 09:00:00,,,Trần Thị B,phường Hoa Lư
		5,H42.60-250715-0005,Xin việc cho Phạm Văn F,1,Phạm Văn F,Tổ 5,0912345680,15/07/2025 09:00:00,,,Trần Thị B,phường Hoa Lư
	END
	run -1 --separate-stderr imp --map="$MAPS/so-theo-doi.json" so.csv
	[ "$(jq -r .code <<<"$output" | paste -sd' ')" = \
	    'H42.60-250715-0001 H42.60-250715-0002 01234' ]
	# A subject may name people: the message has no word of it.
	same_text "$stderr" <<-'END'
		dossier-import: so.csv: columns passed over: "STT", "SoBoHoSo", "TenNguoiNhanHoSo", "TenDiaBan"
		dossier-import: so.csv:5:3: E_PROCEDURE: no procedure is called what this subject says
		a map says which code a name means: "values": {"procedure": {NAME: CODE}}
		dossier-import: so.csv:6:3: E_PROCEDURE: no procedure is called what this subject says
		dossier-import: 5 rows: 3 added, 0 updated, 0 unchanged, 2 rejected (E_PROCEDURE 2); 5 events, run 1
	END
	[ "$(of H42.60-250715-0001 '[.procedure, .subject, .applicant_name, .phone, .received_at, .due_at, .due_source, .returned_at, .status]')" = \
	    '["1.001193","Đăng ký khai sinh","Nguyễn Văn A","0912345678","2025-07-15T08:10:00+07:00","2025-07-15T17:00:00+07:00","given","2025-07-15T10:30:00+07:00","returned"]' ]
	# Whatever the case, and wherever the tone stands.
	[ "$(of H42.60-250715-0002 .procedure)" = 1.000894 ]
	[ "$(of 01234 .procedure)" = 1.003197 ]
}

@test "words of a map in any case; not where two could be meant" {
	cat >m.json <<-'END'
		{"columns": {"code": "m", "procedure": "p", "unit": "u", "received_at": "r"},
		 "values": {"unit": {"Phường Hòa Bình": "H42.60",
		   "phường hoá bình": "H42.61", "XÃ GIA VÂN": "H42.68",
		   "Xã gia vân": "H42.69"},
		  "procedure": {"Khai sinh": "1.001193", "KHAI SINH": "1.001193"}}}
	END
	cat >a.csv <<-'END'
		m,p,u,r
		A-1,khai  sinh,PHƯỜNG HOÀ BÌNH,15/07/2025
		A-2,Khai Sinh,Phường Hóa Bình,15/07/2025
		A-3,Khai sinh,XÃ GIA VÂN,15/07/2025
		A-4,Khai sinh,Xã Gia Vân,15/07/2025
		A-5,Khai sinh,Phường Hoa Bình,15/07/2025
		A-6,Khai sình,XÃ GIA VÂN,15/07/2025
	END
	run -1 --separate-stderr imp --map=m.json a.csv
	[ "$(of A-1 .unit) $(of A-2 .unit) $(of A-3 .unit)" = 'H42.60 H42.61 H42.68' ]
	same_text "$(head -n -1 <<<"$stderr" | sed 's/ in commit.*//')" <<-'END'
		dossier-import: a.csv:5:3: E_UNIT: unknown unit "Xã Gia Vân"
		a map says which code a name means: "values": {"unit": {NAME: CODE}}
		dossier-import: a.csv:6:3: E_UNIT: unknown unit "Phường Hoa Bình"
		dossier-import: a.csv:7:2: E_PROCEDURE: no procedure "Khai sình"
		a map says which code a name means: "values": {"procedure": {NAME: CODE}}
	END
}

@test "labels of channels and statuses in any case" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,finished_at,channel,status
		A-1,1.001193,H42.60,15/07/2025,15/07/2025,TRỰC TUYẾN,ĐÃ XỬ LÝ XONG
		A-2,1.001193,H42.60,15/07/2025,15/07/2025,qua bưu chính công ích,Đã Trả Kết Quả
		A-3,1.001193,H42.60,15/07/2025,,Online,Received
		A-4,1.001193,H42.60,15/07/2025,,truc tuyen,
		A-5,1.001193,H42.60,15/07/2025,,,da tra ket qua
	END
	run -1 --separate-stderr imp a.csv
	[ "$(of A-1 '[.channel, .status]')" = '["online","finished"]' ]
	[ "$(of A-2 '[.channel, .status]')" = '["postal","returned"]' ]
	[ "$(of A-3 '[.channel, .status]')" = '["online","received"]' ]
	same_text "$(printf '%s\n' "${stderr_lines[@]:0:2}")" <<-'END'
		dossier-import: a.csv:5:6: E_CHANNEL: unknown channel "truc tuyen"
		dossier-import: a.csv:6:7: E_STATUS: unknown status "da tra ket qua"
	END
	# How it is written is no other content.
	sed -i 's/TRỰC TUYẾN,ĐÃ XỬ LÝ XONG/online,9/; s/Online,Received/2,Được tiếp nhận/' a.csv
	run -1 --separate-stderr imp a.csv
	[[ $stderr == *' 3 unchanged, 2 rejected (E_CHANNEL 1, E_STATUS 1)'* ]]
}

@test "a procedure's code with the authority that published it" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at
		A-1,1.001193.000.00.00.H42,H42.60,2025-07-15
		A-2,1.001193.H42,H42.60,2025-07-15
		A-3,1.001193.what,H42.60,2025-07-15
		A-4,9.001193.000.00.00.H42,H42.60,2025-07-15
	END
	run -1 --separate-stderr imp a.csv
	[[ $stderr == *'2 rejected (E_PROCEDURE 2), 2 warnings (W_AUTHORITY 2)'* ]]
	[ "$(of A-1 .procedure) $(of A-2 .procedure)" = '1.001193 1.001193' ]
	sed -i 's/1.001193.000.00.00.H42/1.001193/' a.csv
	run -1 --separate-stderr imp a.csv
	[[ $stderr == *' 2 unchanged, '* ]]
}

@test "what the message says of dates" {
	local f

	echo code,procedure,unit,received_at >a.csv
	for f in 15-07-2025 '15-07-2025 08:30' 15.07.2025 5/7/25 '5/7/25 8:30' \
	    '5/7/25 8:30:10' 07/15/2025 '07/15/2025 08:30' 29/02/2025 \
	    31/04/2025 2025-02-29 2025-13-01 '15/07/2025 08h30' 2025 07/2025 \
	    45853 45853.35 '######' '15-7-25'; do
		echo "A-$((++i)),1.001193,H42.60,$f"
	done >>a.csv
	run -1 --separate-stderr imp a.csv
	[ -z "$output" ]
	same_text "$(sed -n 's/^dossier-import: .*received_at: "\(.*\)" is no date, or in a form that is not known$/\1/; /rows:/!p' <<<"$stderr")" <<-'END'
		15-07-2025
		the day first, with dashes? A map says so: "time": "%d-%m-%Y"
		15-07-2025 08:30
		the day first, with dashes? A map says so: "time": "%d-%m-%Y %H:%M"
		15.07.2025
		the day first, with points? A map says so: "time": "%d.%m.%Y"
		5/7/25
		with two digits of the year? A map says so: "time": "%d/%m/%y"
		5/7/25 8:30
		with two digits of the year? A map says so: "time": "%d/%m/%y %H:%M"
		5/7/25 8:30:10
		with two digits of the year? A map says so: "time": "%d/%m/%y %H:%M:%S"
		07/15/2025
		with the month first? A map says so: "time": "%m/%d/%Y"
		07/15/2025 08:30
		with the month first? A map says so: "time": "%m/%d/%Y %H:%M"
		29/02/2025
		31/04/2025
		2025-02-29
		2025-13-01
		15/07/2025 08h30
		2025
		07/2025
		45853
		a day's number from Excel? A map says so: "time": "excel"
		45853.35
		a day's number from Excel? A map says so: "time": "excel"
		######
		a spreadsheet's column was too narrow: widen it and export again
		15-7-25
	END
	# What was advised works.
	for f in '%d-%m-%Y|15-07-2025' '%d/%m/%y %H:%M|5/7/25 8:30' \
	    '%d.%m.%Y|15.07.2025' 'excel|45853.35'; do
		echo '{"columns": {"code": "c", "received_at": "r"}, "time": "'"${f%|*}"'",
		    "defaults": {"procedure": "1.001193", "unit": "H42.60"}}' >m.json
		printf 'c,r\nB-%s,%s\n' "$((++i))" "${f#*|}" >b.csv
		run -0 --separate-stderr imp --map=m.json b.csv
		[ "$(of "B-$i" '.received_at[:7]')" = 2025-07 ]
	done
}

@test "advice that is the same for many rows is given once" {
	printf 'code,procedure,unit,received_at\n' >a.csv
	printf 'C-%s,1.001193,H42.60,2025-07-15\n' 1 2 3 >>a.csv
	imp a.csv >/dev/null 2>&1
	sed -i s/-15$/-16/ a.csv
	run -1 --separate-stderr imp a.csv
	[ "$(grep -c E_CONFLICT <<<"$stderr")" -eq 4 ]
	[ "$(grep -c 'update takes over' <<<"$stderr")" -eq 1 ]
}

@test "headings of registers and exports need no map" {
	printf '%s\n' 'Mã số hồ sơ;Mã thủ tục hành chính;Mã đơn vị tiếp nhận;Tên chủ hồ sơ;Số CCCD/CMND;Ngày nhận hồ sơ;TÌNH TRẠNG' \
	    'A-1;1.001193;H42.60;Nguyễn Văn A;037012345678;15/7/2025;Được tiếp nhận' >a.csv
	run -0 --separate-stderr imp a.csv
	[ "$(of A-1 '[.applicant_name, .applicant_id, .status]')" = \
	    '["Nguyễn Văn A","037012345678","received"]' ]
	printf '%s\n' 'Mã hồ sơ;Mã TTHC;Mã đơn vị;Người nộp hồ sơ;Số giấy tờ;Ngày tiếp nhận hồ sơ;Cán bộ thụ lý' \
	    'A-2;1.001193;H42.60;Nguyễn Văn A;037012345678;15/7/2025;cb01' >a.csv
	run -0 --separate-stderr imp a.csv
	[ "$(of A-2 '[.applicant_name, .applicant_id, .officer]')" = \
	    '["Nguyễn Văn A","037012345678","cb01"]' ]
}

@test "a first zero that a spreadsheet has dropped" {
	cat >a.csv <<-'END'
		code,procedure,unit,received_at,applicant_id,phone
		A-1,1.001193,H42.60,15/07/2025,037012345678,0912345678
		A-2,1.001193,H42.60,15/07/2025,37012345678,0912345678
		A-3,1.001193,H42.60,15/07/2025,12345678,912345678
		A-4,1.001193,H42.60,15/07/2025,123456789,02293871234
		A-5,1.001193,H42.60,15/07/2025,2700123456,
	END
	run -0 --separate-stderr imp a.csv
	same_text "$stderr" <<-'END'
		dossier-import: a.csv:3:5: W_DIGITS: 3 identity numbers or phones without a first zero, it seems: kept as they are
		spreadsheets drop it: export these columns as text
		dossier-import: 5 rows: 5 added, 0 updated, 0 unchanged, 0 rejected; 5 events, run 1
	END
	[ "$(of A-2 .applicant_id)" = 37012345678 ]
	jq -cn '{code: "B-1", procedure: "1.001193", unit: "H42.60",
	    received_at: "2025-07-15", phone: 912345678}' >b.ndjson
	run -0 --separate-stderr imp b.ndjson
	[[ ${stderr_lines[0]} == 'dossier-import: b.ndjson:1: W_DIGITS: 1 identity number or phone without'* ]]
}
