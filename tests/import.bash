# import.bash - a small rulebook and rows for the tests of dossier-import.

# shellcheck shell=bash disable=SC2034	# COMMIT: for tests

# import_rules FOLDER: office hours Monday to Friday with one day off; one
# procedure of 5 working days that changed its limit in 2022, one of 4
# working hours, one without a limit; a unit that was renamed.
import_rules() {
	local r=$1

	office_rules "$r"
	sed 's/07:30-11:30", "13:00-17:00/08:00-12:00", "12:00-16:00/' \
	    "$r/calendars/office.json" >"$r/calendars/early.json"
	cat >"$r/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor,calendar
		H42,Tỉnh,province,,,2000-01-01,,,
		H42.30,Xã A,commune,one-stop,H42,2000-01-01,,,
		H42.30.1,Địa chính,office,construction,H42.30,2000-01-01,,,
		H42.31,Xã B cũ,commune,one-stop,H42,2000-01-01,2023-12-31,,
		H42.31,Xã B mới,commune,one-stop,H42,2024-01-01,,,early
	END
	cat >"$r/procedures/xd/1.009994@2021.json" <<-'END'
		{"code": "1.009994", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "10 working days",
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	mv "$r/procedures/xd/1.009994@2021.json" \
	    "$r/procedures/xd/1.009994@2021-01-01.json"
	cat >"$r/procedures/xd/1.009994.json" <<-'END'
		{"code": "1.009994", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2022-01-01",
		 "legal_basis": ["50/2014/QH13"], "limit": "5 working days",
		 "fields": [{"name": "floor_area", "title": "Diện tích",
		    "type": "decimal", "public": true},
		   {"name": "income", "title": "Thu nhập", "type": "integer"}],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "appraise"},
		  {"id": "appraise", "role": "construction", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	cat >"$r/procedures/xd/1.000001.json" <<-'END'
		{"code": "1.000001", "title": "Trong ngày", "field": "Hộ tịch",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["60/2014/QH13"], "limit": "4 working hours",
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	cat >"$r/procedures/xd/1.000002.json" <<-'END'
		{"code": "1.000002", "title": "Không hạn", "field": "Hộ tịch",
		 "level": "commune", "effective_from": "2021-01-01",
		 "legal_basis": ["60/2014/QH13"],
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	COMMIT=$(make_rules "$r")
}

# histories: every event with its personal values, dossier by dossier, less
# what differs between two databases that the same rows have made.
histories() {
	audit-export --personal | perl -ne '
	    next unless /"code":("(?:[^"\\]|\\.)*")/;
	    my $code = $1;
	    s/"seq":\d+,//; s/"recorded_at":"[^"]*",//; s/"run":\d+,//;
	    s/"salt":"[^"]*",//; s/,"leaf":.*//;
	    s/\\"personal\\":\\"[^"\\]*\\",?//; s/\\"run\\":\d+,?//;
	    s/\\"recorded_at\\":\\"[^"\\]*\\",//; s/\\"seq\\":\d+,//;
	    s/ /_/g; print "$code $_";' | LC_ALL=C sort -s -k1,1
}

# state NAME: all that counts in a database of generated rows, in files of
# that name: dossiers, histories, and a report of each month.
state() {
	local m

	dossier-find --now='2024-09-01 10:00' | LC_ALL=C sort >"$1.found"
	histories >"$1.histories"
	for m in 03 04 05 06; do
		report 06a --now='2024-09-01 10:00' --calendar \
		    --period="2024-$m" --format=csv
	done >"$1.report"
}

same_state() {
	cmp "$1.found" "$2.found"
	cmp "$1.histories" "$2.histories"
	cmp "$1.report" "$2.report"
}
