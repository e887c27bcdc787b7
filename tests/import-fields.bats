#!/usr/bin/env bats
# The fields of procedures on their way: out as XES and the portal's JSON, in
# again; and whole months of generated dossiers with them.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

NOW='2024-05-06 10:00'

imp() {
	dossier-import --now="$NOW" "$@"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	import_rules "$PWD/rules"
	fresh_db "$PWD/rules"
	cat >in.csv <<-'END'
		code,procedure,unit,received_at,field.floor_area,field.income,applicant_name
		F-1,1.009994,H42.30,2024-04-01 08:00,120.5,900,Nguyễn Văn A
		F-2,1.009994,H42.30,2024-04-02 08:00,,12000000,Nguyễn Văn B
		F-3,1.009994,H42.30,2024-04-03 08:00,7,,
		F-4,1.000002,H42.30,2024-04-03 08:00,,,
	END
	imp in.csv >/dev/null 2>&1
}

# What a dossier's records say of it; its fields too.
found() {
	dossier-find --now="$NOW" --personal | jq -cS 'del(.version)' | sort
}

# The form: the option of audit-export and of dossier-import.
both_ways() {
	local f=$1

	found >"before.$f"
	grep -q 'floor_area' "before.$f"
	audit-export --format="$f" --personal >"out.$f"
	fresh_db "$PWD/rules"
	run -0 --separate-stderr imp --input="$f" "out.$f"
	[[ $stderr == *' 4 added, '*' 0 rejected'* ]]
	found | diff "before.$f" -
	audit-export --format="$f" --personal | diff "out.$f" -
	run -0 --separate-stderr imp --input="$f" "out.$f"
	[[ $stderr == *' 4 unchanged, '* ]]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "XES has them as attributes of the trace" {
	both_ways xes
	[ "$(grep -c 'key="field\.' out.xes)" -eq 4 ]
	grep -qF '<string key="field.floor_area" value="120.5"/>' out.xes
	# What is not declared public is personal.
	audit-export --format=xes >public.xes
	grep -qF 'key="field.floor_area"' public.xes
	run ! grep -qE 'income|12000000|Nguy' public.xes
	# Without them a dossier has changed; with --update they stay.
	run -1 --separate-stderr imp --input=xes public.xes
	[[ $stderr == *'different: '*field.income* ]]
	if command -v xmllint >/dev/null &&
	    [ -e "$SHARED/schemas/xes-ieee-1849-2016.xsd" ]; then
		xmllint --noout --schema "$SHARED/schemas/xes-ieee-1849-2016.xsd" out.xes
	fi
}

@test "the portal's messages have them as members of ours" {
	both_ways dvcqg
	[ "$(jq -c '.data[] | select(.MaHoSo == "F-1") | with_entries(select(.key | startswith("field.")))' out.dvcqg)" = \
	    '{"field.floor_area":"120.5","field.income":"900"}' ]
	audit-export --format=dvcqg >public.dvcqg 2>/dev/null
	grep -qF '"field.floor_area":"120.5"' public.dvcqg
	run ! grep -qE 'income|12000000|Nguy' public.dvcqg
}

@test "fields that are no fields of the procedure, or not of their type" {
	audit-export --format=dvcqg --personal | jq -c '.data[].MaHoSo |= "N-" + .' >new.dvcqg
	sed -i 's/"field.floor_area":"7"/"field.floor_area":"wide"/; s/"field.income":"900"/"field.height":"900"/' new.dvcqg
	run -1 --separate-stderr imp --input=dvcqg --rejects=bad.json new.dvcqg
	[ "$(grep -c '"result":"added"' <<<"$output")" -eq 2 ]
	same_text "$(printf '%s\n' "${stderr_lines[@]:0:2}")" <<-'END'
		dossier-import: new.dvcqg:1: E_FIELD: the procedure declares no field "height"
		dossier-import: new.dvcqg:1: E_FIELD: field.floor_area is not a decimal number (such as 62.5) of at most 30 digits
	END
	sed -i 's/"wide"/"7"/; s/"field.height"/"field.income"/' bad.json
	run -0 --separate-stderr imp --input=dvcqg bad.json
	[ "${#lines[@]}" -eq 2 ]
	[ "$(dossier-find N-F-3 --now="$NOW" --personal | jq -c .fields)" = \
	    "$(dossier-find F-3 --now="$NOW" --personal | jq -c .fields)" ]
}

@test "a map takes any field by a name that ends in a star" {
	cat >any.json <<-'END'
		{"columns": {"code": "m", "procedure": "p", "unit": "u",
		 "received_at": "r", "field.income": "thu", "field.*": "x_*"}}
	END
	run -0 --separate-stderr dossier-import --check-map=any.json
	silent
	cat >a.csv <<-'END'
		m,p,u,r,x_floor_area,thu,khac
		M-1,1.009994,H42.30,2024-04-15,88,5,-
	END
	run -0 --separate-stderr imp --map=any.json a.csv
	[[ ${stderr_lines[0]} == *': columns passed over: "khac"' ]]
	[ "$(dossier-find --now="$NOW" --personal M-1 | jq -c .fields)" = \
	    '{"floor_area":"88","income":"5"}' ]
	# It need not be there; more than one star is none.
	sed -i 's/,x_floor_area,thu/,x_,thu/' a.csv
	run -1 --separate-stderr imp --map=any.json a.csv
	sed -i 's/"x_\*"/"x_"/' any.json
	run -1 --separate-stderr dossier-import --check-map=any.json
	[[ $stderr == *'any.json:2:'*': E_MAP: a name that ends in *, and has no other, is missing for "field.*"'* ]]
}

@test "more fields than columns can be, in one file" {
	local i

	fresh_db
	for ((i = 0; i < 20; i++)); do
		jq -cn --arg i "$i" '{madonvi: "H42.60", MaHoSo: ("G-" + $i),
		    MaTTHC: "1.013225", NgayTiepNhan: "20250815081500",
		    TrangThaiHoSo: "2"} + ([range(8) | {("field.f" + $i + "_" + tostring): "1"}] | add)'
	done >many.json
	echo '{"madonvi":"H42.60","MaHoSo":"G-ok","MaTTHC":"1.013225","NgayTiepNhan":"20250815081500","TrangThaiHoSo":"2","field.floor_area":"70"}' >>many.json
	run -1 --separate-stderr dossier-import --input=dvcqg many.json
	[ "$(jq -r .code <<<"$output")" = G-ok ]
	[ "$(grep -c 'E_FIELD: the procedure declares no field "f' <<<"$stderr")" -eq 20 ]
	jq -cn '{madonvi: "H42.60", MaHoSo: "G-2", MaTTHC: "1.013225"} +
	    ([range(70) | {("field.f" + tostring): "1"}] | add)' >one.json
	run -1 --separate-stderr dossier-import --input=dvcqg one.json
	[[ $stderr == *': E_LIMIT: more than 64 fields'* ]]
}

# The whole of it: what comes in again is what went out.
@test "a generated month goes out and comes in again" {
	local f

	gen --rows=2000 --seed=5 --from=2025-08-01 --days=30 --dirt=0 >month.csv
	for f in xes dvcqg; do
		fresh_db
		NOW='2025-09-20 10:00'
		imp month.csv >/dev/null 2>&1
		found >"month.$f.before"
		grep -q floor_area "month.$f.before"
		audit-export --format="$f" --personal >"month.$f"
		report 06a --now="$NOW" --calendar --period=2025-08 --format=csv >"report.$f"
		fresh_db
		run -0 --separate-stderr imp --input="$f" "month.$f"
		[[ $stderr == *' 2000 added, 0 updated, 0 unchanged, 0 rejected'* ]]
		found | jq -c 'del(.revision)' | sort >"month.$f.after"
		jq -c 'del(.revision)' "month.$f.before" | sort |
		    diff - "month.$f.after"
		report 06a --now="$NOW" --calendar --period=2025-08 --format=csv |
		    cmp "report.$f" -
	done
}
