#!/usr/bin/env bats
# dossier-find(1): what it selects, what it shows, what it keeps to itself.

# shellcheck disable=SC2154	# bats sets output, stderr and their _lines

load lib

# Three communes' dossiers, by the starter rulebook: 5 March 2026 is a
# Thursday; 1.001193 is due the same day, 1.013225 in 15 days.
setup() {
	fresh_db
	cat >"$BATS_TEST_TMPDIR/in.csv" <<-'CSV'
		code,procedure,unit,channel,received_at,due_at,finished_at,returned_at,status,subject,applicant_name,applicant_id,phone,note,field.floor_area
		H42.67-260302-0001,1.001193,H42.67,direct,2026-03-02 08:30,2026-03-02,2026-03-02 10:00,2026-03-02 10:30,,Khai sinh A,Nguyễn Thị Kín,037190000001,0912345678,giấu,
		H42.67-260302-0002,1.001193,H42.67,online,2026-03-02 09:00,2026-03-02,2026-03-04 10:00,,,Khai sinh B,Trần Văn Kín,,,,
		H42.67-260303-0001,1.013225,H42.67,online,2026-03-03 09:00,,,,,Nhà ở,Lê Văn Kín,,,,98.5
		H42.60-260303-0001,1.013225,H42.60,postal,2026-03-03 14:00,2026-03-04,,,,Nhà ở,Vũ Văn Kín,,,,120
		HS-cũ-7,1.001193,H42.60,direct,2026-03-04 08:00,,,,registered,Khai sinh C,Đỗ Thị Kín,,,,
	CSV
	dossier-import --now='2026-03-05 07:00' "$BATS_TEST_TMPDIR/in.csv" \
	    >"$BATS_TEST_TMPDIR/import.log" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/import.log"
		return 1
	}
	COMMIT=$(dossier-find --format=ndjson H42.67-260302-0001 |
	    jq -r .revision)
	NOW=--now='2026-03-05 08:00'
}

codes() {
	jq -r .code <<<"$output" | tr '\n' ' ' | sed 's/ $//'
}

# selects WANTED OPTION...: these codes and nothing else.
selects() {
	local want=$1

	shift
	run -0 --separate-stderr dossier-find "$NOW" --format=ndjson "$@"
	[ -z "$stderr" ]
	echo "got: $(codes)"
	[ "$(codes)" = "$want" ]
}

@test "a record has every member, in order" {
	run -0 --separate-stderr dossier-find "$NOW" --format=ndjson --late \
	    --status=finished
	[ -z "$stderr" ]
	same_text "$output" <<-END
		{"schema":"motcua.dossier/1","code":"H42.67-260302-0002","procedure":"1.001193","title":"Đăng ký khai sinh","field":"Hộ tịch","revision":"$COMMIT","case":null,"parent":null,"unit":"H42.67","channel":"online","status":"finished","step":null,"holder":"H42.67","officer":null,"received_at":"2026-03-02T09:00:00+07:00","due_at":"2026-03-02T17:00:00+07:00","due_source":"given","provisional":false,"paused_at":null,"finished_at":"2026-03-04T10:00:00+07:00","returned_at":null,"verdict":"late","late_days":2,"version":2}
	END
}

@test "all of them, in the order of ids" {
	selects 'HS-cũ-7 H42.67-260302-0001 H42.67-260302-0002 H42.67-260303-0001 H42.60-260303-0001'
	selects 'HS-cũ-7 H42.67-260302-0001' --limit=2
	selects '' --limit=0
}

@test "each filter" {
	selects 'H42.67-260302-0001 H42.67-260302-0002' \
	    --status=finished,returned
	selects 'H42.67-260302-0001' --status='Đã trả kết quả'
	selects 'H42.67-260302-0001' --status='đã trả kết quả'
	selects 'H42.67-260302-0001 H42.67-260302-0002' \
	    --status='ĐÃ TRẢ KẾT QUẢ, Finished'
	selects 'H42.67-260302-0001' \
	    --status=$'đa\u0303 tra\u0309 ke\u0302\u0301t qua\u0309'
	selects 'HS-cũ-7 H42.67-260303-0001 H42.60-260303-0001' --open
	selects 'HS-cũ-7' --status=1
	selects 'H42.67-260302-0002 H42.60-260303-0001' --late
	selects 'H42.60-260303-0001' --late --open
	selects 'H42.67-260303-0001 H42.60-260303-0001' --procedure=1.013225
	selects 'H42.67-260302-0002 H42.67-260303-0001' --channel=online
	selects 'H42.67-260302-0002 H42.67-260303-0001' --channel='trực tuyến'
	selects 'H42.67-260302-0002 H42.67-260303-0001' --channel=ONLINE
	selects 'H42.67-260302-0001 H42.67-260302-0002 H42.67-260303-0001' \
	    --unit=H42.67
	selects 'H42.60-260303-0001' --channel=3 --unit=H42.60
	selects 'H42.67-260302-0001 H42.67-260302-0002' \
	    --received=2026-03-02..2026-03-02
	selects 'H42.67-260302-0002' --received='2026-03-02 08:31..2026-03-02'
	selects 'H42.67-260303-0001 H42.60-260303-0001' --received=2026-03-03..
	selects 'H42.67-260302-0001 H42.67-260302-0002' --due=..2026-03-03
	selects 'H42.60-260303-0001' --due=2026-03-04
}

@test "units take in those below them, holders are where it is now" {
	local all

	all=$(dossier-find --format=ndjson | wc -l)
	run -0 dossier-find --format=ndjson --unit=H42
	[ "${#lines[@]}" -eq "$all" ]
	route --now='2026-03-05 07:30' H42.67-260303-0001 >/dev/null
	selects 'H42.67-260303-0001' --step=receive
	selects 'H42.67-260303-0001' --step=receive --holder=H42.67
	selects '' --step=receive --holder=H42.60
	route --now='2026-03-05 07:40' assign --officer=vx.01 \
	    H42.67-260303-0001 >/dev/null
	selects 'H42.67-260303-0001' --officer=vx.01
}

@test "what nobody knows is an error, not an empty answer" {
	local option id text

	while read -r option id text; do
		echo "$option"
		run -2 --separate-stderr dossier-find "$NOW" "$option"
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "dossier-find: ${option%%=*}: $id: $text" ]]
	done <<-'END'
		--status=done E_STATUS there is no status "done"
		--status=9, E_STATUS there is no status ""
		--channel=pigeon E_CHANNEL there is no channel "pigeon"
		--procedure=9.9 E_PROCEDURE neither the database nor its rulebook knows procedure "9.9"
		--unit=H99 E_UNIT the rulebook has no unit "H99"
		--holder=H99 E_UNIT the rulebook has no unit "H99"
		--officer=nobody E_OFFICER neither the database nor its rulebook knows officer "nobody"
		--step=nowhere E_STEP neither the database nor its rulebook knows step "nowhere"
		--due=soon E_DATE no such time "soon"
		--received=2026-02-30.. E_DATE no such time "2026-02-30"
		--received= E_DATE no such time ""
		--due= E_DATE no such time ""
		--due=2026-03-02..2026-03-01 E_DATE the range "2026-03-02..2026-03-01" ends before it begins
		--limit=-1 E_USAGE "-1" is no number
	END
	# Known to the rulebook, but no dossier has had it.
	selects '' --procedure=2.000635
	selects '' --step=sign
}

@test "codes: in the order given, aliases and pipes too" {
	selects 'H42.60-260303-0001 HS-cũ-7' H42.60-260303-0001 HS-cũ-7
	run -0 --separate-stderr bash -c "printf '%s\n' HS-cũ-7 '' \
	    '{\"code\":\"H42.67-260302-0001\"}' | dossier-find -f ndjson -"
	[ "$(codes)" = 'HS-cũ-7 H42.67-260302-0001' ]
	# Filters judge those too.
	selects 'H42.60-260303-0001' --late H42.60-260303-0001 HS-cũ-7
}

@test "a code that no dossier has is a finding, and stops nothing" {
	run -1 --separate-stderr dossier-find "$NOW" -f ndjson nope HS-cũ-7
	[ "$(codes)" = HS-cũ-7 ]
	[ "$stderr" = \
	    'dossier-find: E_DOSSIER: there is no dossier "nope"' ]
	run -1 --separate-stderr bash -c \
	    "printf '%s\n' HS-cũ-7 'no such' nope | dossier-find -f ndjson -"
	[ "$(codes)" = HS-cũ-7 ]
	[[ ${stderr_lines[0]} == *': E_CODE: '* ]]
	[[ ${stderr_lines[-1]} == *'3: E_DOSSIER: there is no dossier "nope"' ]]
}

@test "a dry run's records are refused" {
	run -2 --separate-stderr bash -c \
	    "echo '{\"code\":\"HS-cũ-7\",\"dry_run\":true}' | dossier-find -"
	[ -z "$output" ]
	[[ $stderr == *': E_DRY_RUN: '* ]]
}

@test "personal data only with --personal" {
	run -0 bash -c 'dossier-find -f ndjson; dossier-find -f csv --history
	    dossier-find -f table; dossier-find -f table --history \
	    H42.67-260302-0001 H42.67-260303-0001
	    dossier-find -f ndjson --history H42.67-260302-0001'
	run ! grep -E 'Kín|0371900|0912345|Khai sinh A|giấu' <<<"$output"
	run -0 dossier-find -f ndjson --personal H42.67-260302-0001
	[ "$(jq -c '[.subject, .applicant_name, .applicant_id, .phone,
	    .email, .address, .note]' <<<"$output")" = \
	    '["Khai sinh A","Nguyễn Thị Kín","037190000001","0912345678",null,null,"giấu"]' ]
}

@test "public fields with codes, the others with --personal" {
	run -0 dossier-find -f ndjson H42.67-260303-0001
	[ "$(jq -c .fields <<<"$output")" = '{"floor_area":"98.5"}' ]
	run -0 dossier-find -f ndjson --open --procedure=1.013225
	[ "$(jq -c 'has("fields")' <<<"${lines[0]}")" = false ]
}

@test "the history follows its dossier" {
	run -0 --separate-stderr dossier-find -f ndjson --history \
	    H42.67-260302-0002 HS-cũ-7
	[ -z "$stderr" ]
	same_text "$(jq -r '[.schema, .code, .kind, .at, .verdict] | @csv' \
	    <<<"$output" | tr -d '"')" <<-'END'
		motcua.dossier/1,H42.67-260302-0002,,,late
		motcua.history/1,H42.67-260302-0002,received,2026-03-02T09:00:00+07:00,
		motcua.history/1,H42.67-260302-0002,finished,2026-03-04T10:00:00+07:00,late
		motcua.dossier/1,HS-cũ-7,,,
		motcua.history/1,HS-cũ-7,registered,2026-03-04T08:00:00+07:00,
	END
	same_text "$(jq -c keys_unsorted <<<"${lines[1]}")" <<-'END'
		["schema","code","seq","at","recorded_at","kind","activity","actor","unit","case","parent","step","officer","status","due_at","old_due_at","verdict","basis","reason"]
	END
	# CSV has one kind of record.
	run -0 dossier-find -f csv --history H42.67-260302-0002
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == code,seq,at,* ]]
}

@test "a reason is personal" {
	route --now='2026-03-05 07:30' supplement --reason='thiếu giấy kín' \
	    H42.67-260303-0001 >/dev/null
	run -0 dossier-find -f ndjson --history H42.67-260303-0001
	[ "$(jq -c '.reason' <<<"${lines[-1]}")" = null ]
	run -0 dossier-find -f ndjson --history --personal H42.67-260303-0001
	[ "$(jq -r '.reason' <<<"${lines[-1]}")" = 'thiếu giấy kín' ]
	selects H42.67-260303-0001 --status=supplement
	[ "$(jq -r .paused_at <<<"$output")" = 2026-03-05T07:30:00+07:00 ]
}

@test "a person who asks for one sees a line for each value" {
	run -0 --separate-stderr dossier-find "$NOW" -f table \
	    H42.60-260303-0001
	[ -z "$stderr" ]
	[ "${lines[0]}" = 'code            H42.60-260303-0001' ]
	[[ $output == *'
due_at          04/03/2026 17:00
due_source      given
late_days       1
'* ]]
	run -0 dossier-find "$NOW" -f table --late
	[[ ${lines[0]} == code*procedure*late_days ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "CSV has its heading, also without a record" {
	run -0 dossier-find -f csv --status=withdrawn
	[ "$output" = 'code,procedure,title,field,revision,case,parent,unit,channel,status,step,holder,officer,received_at,due_at,due_source,provisional,paused_at,finished_at,returned_at,verdict,late_days,version' ]
}

@test "looking for a code needs no rulebook" {
	mv "$BATS_TEST_TMPDIR/db/motcua.rules" "$BATS_TEST_TMPDIR/away"
	selects 'HS-cũ-7' HS-cũ-7
	run -2 --separate-stderr dossier-find --unit=H42
	[ -z "$output" ]
	[[ $stderr == 'dossier-find: '* ]]
}

@test "no database, a full disk" {
	run -2 --separate-stderr dossier-find --db="$BATS_TEST_TMPDIR/none.db"
	[ -z "$output" ]
	[[ $stderr == *'E_NODB: no database at'* ]]
	[ -w /dev/full ] || skip 'no /dev/full here'
	run -2 --separate-stderr bash -c 'dossier-find -f ndjson >/dev/full'
	[[ $stderr == 'dossier-find: E_IO: '* ]]
}
