#!/usr/bin/env bats
# procedure diff and graph: what a change means, and how it looks.

# shellcheck disable=SC2154	# run sets output, stderr and status

load lib

setup() {
	unset MOTCUA_RULES
	cd "$BATS_TEST_TMPDIR" || return
	R=$BATS_TEST_TMPDIR/rules
	P=procedures/construction/1.009994.json
	procedure init rules --now=2024-01-01 2>/dev/null
}

g() {
	git -C "$R" -c user.name=Test -c user.email=test@example.org \
	    -c commit.gpgsign=false -c safe.directory='*' "$@"
}

# edit FILE SED-SCRIPT: change a file; the change must take.
edit() {
	local before

	before=$(cat "$R/$1")
	sed -i "$2" "$R/$1"
	[ "$before" != "$(cat "$R/$1")" ]
}

# rewrite FILE JQ: the same for JSON.
rewrite() {
	jq --indent 1 "$2" "$R/$1" >rewritten
	mv rewritten "$R/$1"
}

commit() {
	make_rules "$R" >/dev/null
}

# tells <<END: what diff says between the last two commits, for people.
tells() {
	run --separate-stderr procedure diff -r rules -f table "${@-HEAD~..}"
	echo "$output$stderr"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	same_text "$output"
}

@test "diff: a limit, a step, documents, fees, fields and policy in words" {
	rewrite "$P" '.limit = "10 ngày làm việc" | .deadline.pause = "extend" |
	    .legal_basis += ["1/2026/QH16"] | .fee[0].amount = 100000 |
	    del(.fields[0].public) | del(.documents[] | select(.id == "pccc")) |
	    .documents += [{id: "anh", title: "Ảnh", copies: 2}] |
	    .steps[1].next[0].when.gt = 300 | .steps[1].next[1].to = ["consult"] |
	    .steps += [{id: "consult", title: "Lấy ý kiến", role: "construction",
	        limit: "1 working day", next: "sign"}]'
	commit
	tells <<END
1.009994  $P
	legal basis "1/2026/QH16" added
	limit 15 days → 10 working days
	deadline: pause restart → extend
	fee "Lệ phí cấp giấy phép xây dựng nhà ở riêng lẻ": amount 75000 → 100000
	field "floor_area": public true → false
	document "pccc" removed
	document "anh" added
	step "appraise": next fire + environment when floor_area gt 250; otherwise sign → fire + environment when floor_area gt 300; otherwise consult
	step "consult" added
END
}

@test "diff: records, and the same as CSV" {
	edit "$P" 's/"15 days"/"10 days"/
	    s/"id": "environment", /&"limit": "5 working hours", "x": /'
	edit "$P" 's/"x": "title": /"title": /
	    /"id": "environment"/,/next/s/, "limit": "3 working days"//'
	commit
	run -0 --separate-stderr procedure diff -r rules HEAD~..HEAD
	[ -z "$stderr" ]
	same_text "$output" <<END
{"schema":"motcua.diff/1","file":"$P","old_file":"$P","code":"1.009994","path":"limit","change":"changed","old":"15 days","new":"10 days"}
{"schema":"motcua.diff/1","file":"$P","old_file":"$P","code":"1.009994","path":"steps/environment/limit","change":"changed","old":"3 working days","new":"5 working hours"}
END
	run -0 procedure diff -r rules HEAD~..HEAD -f csv
	same_text "$output" <<END
file,old_file,code,path,change,old,new
$P,$P,1.009994,limit,changed,"""15 days""","""10 days"""
$P,$P,1.009994,steps/environment/limit,changed,"""3 working days""","""5 working hours"""
END
	run -0 procedure diff -r rules HEAD..HEAD -f csv
	[ "$output" = 'file,old_file,code,path,change,old,new' ]
}

@test "diff: what means the same is no difference" {
	edit "$P" 's/"15 days"/"15 ngày"/
	    s/"role": "leader"/"final": false, &/
	    s/"next": "issue"/"next": [{"to": ["issue"]}]/
	    s/{"/{  "/'
	commit
	run -0 --separate-stderr procedure diff -r rules HEAD~..
	silent
}

@test "diff: only what is asked for, and from either end" {
	edit "$P" 's/"15 days"/"10 days"/'
	edit units.csv 's/Sở Tư pháp/Sở Tư Pháp/'
	commit
	tells HEAD~.. 1.009994 <<END
1.009994  $P
	limit 15 days → 10 days
END
	tells ..HEAD~ 1.009994 <<END
1.009994  $P
	limit 10 days → 15 days
END
	tells HEAD~ 1.009994 <<END
1.009994  $P
	limit 15 days → 10 days
END
	run -0 procedure diff -r rules#HEAD~ ..HEAD 1.009994 -f table
	[[ $output == *'limit 15 days → 10 days' ]]
	run -0 --separate-stderr procedure diff -r rules HEAD~.. 1.013225
	silent
	run -2 --separate-stderr procedure diff -r rules HEAD~.. 9.999999
	[ -z "$output" ]
	[ "$stderr" = 'procedure: E_PROCEDURE: neither revision has a procedure "9.999999"' ]
	run -2 --separate-stderr procedure diff -r rules nothing..HEAD
	[[ $stderr == *'E_REV: no such commit "nothing"'* ]]
}

@test "diff: files that move, and versions that are added" {
	g mv "$P" procedures/land/1.009994.json
	commit
	tells <<END
1.009994  procedures/land/1.009994.json
	moved from $P
END
	# The old text is kept for late entries, the new one takes its name.
	cp "$R/procedures/land/1.009994.json" \
	    "$R/procedures/land/1.009994@2021-01-01.json"
	edit procedures/land/1.009994.json 's/"2021-01-01"/"2025-01-01"/
	    s/"15 days"/"10 days"/'
	edit procedures/land/1.009994@2021-01-01.json 's/2025-06-30/2024-12-31/'
	commit
	tells <<END
1.009994  procedures/land/1.009994.json
	version from 2025-01-01 added; what it changes in procedures/land/1.009994@2021-01-01.json:
	effective_to 2024-12-31 → 2025-06-30
	limit 15 days → 10 days
1.009994  procedures/land/1.009994@2021-01-01.json
	moved from procedures/land/1.009994.json
	effective_to 2025-06-30 → 2024-12-31
END
	run -0 procedure diff -r rules HEAD~..
	[ "$(jq -rc '[.path,.change,.file,.old_file]|join(" ")' <<<"$output" | head -n 2)" = \
' added procedures/land/1.009994.json 
effective_to changed procedures/land/1.009994.json procedures/land/1.009994@2021-01-01.json' ]
	# Its day moves; the file goes.
	edit procedures/land/1.009994.json 's/"2025-01-01"/"2025-02-01"/'
	commit
	tells <<END
1.009994  procedures/land/1.009994.json
	effective_from 2025-01-01 → 2025-02-01
END
	g rm -q procedures/land/1.009994@2021-01-01.json \
	    procedures/civil-status/1.000656.json
	commit
	tells <<END
1.000656  procedures/civil-status/1.000656.json
	procedure "Đăng ký khai tử" removed
1.009994  procedures/land/1.009994@2021-01-01.json
	version from 2021-01-01 removed
END
}

@test "diff: calendars, the rulebook itself, units and officers" {
	edit rulebook.json 's/"codes": "any"/"codes": "standard"/'
	rewrite calendars/office.json 'del(.days_off[0]) |
	    .known_until = "2027-12-31" | .weekly.sat = ["07:30-11:30"] |
	    .days_off += [{date: "2027-01-01", name: "Tết Dương lịch"}]'
	edit units.csv 's/Sở Tư pháp/Sở Tư Pháp/
	    s/^H42.05,\(.*\),2025-02-28,/H42.05,\1,2025-03-31,/
	    /^H42.12,/d'
	printf 'H42.99,Nơi mới,department,,H42,2027-01-01,,,\n' >>"$R/units.csv"
	edit officers.csv '2s/,[^,]*,\(H42[^,]*\)/,Tên Riêng,\1/'
	printf 'x.1,Tên Khác,H42,,2020-01-01,\n' >>"$R/officers.csv"
	echo '{}' >"$R/maps/new.json"
	echo hello >"$R/README"
	commit
	run -0 --separate-stderr procedure diff -r rules -f table HEAD~..
	[ -z "$stderr" ]
	[[ $output != *Riêng* ]]
	[[ $output != *Khác* ]]
	same_text "$output" <<END
README
	file added
calendars/office.json
	known_until 2026-12-31 → 2027-12-31
	weekly: sat 07:30-11:30 added
	day off 2018-01-01 (Tết Dương lịch) removed
	day off 2027-01-01 (Tết Dương lịch) added
maps/new.json
	map added
officers.csv
	officer "$(sed -n 2p "$R/officers.csv" | cut -d, -f1)": name changed
	officer "x.1" added
rulebook.json
	codes any → standard
units.csv
	unit "H42.03" (Sở Tư Pháp): name Sở Tư pháp → Sở Tư Pháp
	unit "H42.05" (Sở Kế hoạch và Đầu tư): valid_to 2025-02-28 → 2025-03-31
	unit "H42.12" (Sở Giao thông vận tải) removed
	unit "H42.99" (Nơi mới) added
END
	run -0 procedure diff -r rules HEAD~..
	[[ $output != *Riêng* ]]
	[[ $output != *Khác* ]]
	jq -ce 'select(.path == "x.1") | .new.name' <<<"$output" && return 1
	[ "$(jq -rc 'select(.path == "H42.05/valid_to") | [.old,.new]' <<<"$output")" = '["2025-02-28","2025-03-31"]' ]
}

@test "diff --worktree: the disk against a commit" {
	edit "$P" 's/"15 days"/"10 days"/'
	tells --worktree <<END
1.009994  $P
	limit 15 days → 10 days
END
	tells --worktree 1.009994 <<END
1.009994  $P
	limit 15 days → 10 days
END
	commit
	run -0 --separate-stderr procedure diff -r rules --worktree
	silent
	tells --worktree HEAD~ 1.009994 <<END
1.009994  $P
	limit 15 days → 10 days
END
}

@test "diff: what is no JSON or no table has its revision and place" {
	echo '{' >"$R/$P"
	commit
	run -2 --separate-stderr procedure diff -r rules HEAD~..
	[ -z "$output" ]
	[[ $stderr == "procedure: HEAD:$P:2:0: E_JSON: "* ||
	    $stderr == "procedure: HEAD:$P:"*": E_JSON: "* ]]
	g reset -q --hard HEAD~
	printf 'H42.1,"a\n' >>"$R/units.csv"
	commit
	run -2 --separate-stderr procedure diff -r rules HEAD~..
	[[ $stderr == 'procedure: HEAD:units.csv:'*': E_QUOTE: '* ]]
}

@test "diff: usage" {
	local a

	for a in 'diff' 'diff a..b c d' 'diff --worktree HEAD..HEAD' \
	    'diff --load a..b' 'diff --date=2024-01-01 a..b'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr procedure $a
		[ -z "$output" ]
		[[ $stderr == 'procedure: E_USAGE: '* ]]
	done
}

# ---- graph ----

@test "graph: the whole drawing, Vietnamese as it is" {
	run -0 --separate-stderr procedure graph -r rules --date=2022-01-01 \
	    1.009994
	[ -z "$stderr" ]
	same_text "$output" <<'END'
digraph "1.009994" {
	graph [labelloc=t, label="1.009994\nCấp giấy phép xây dựng mới\nđối với công trình cấp III,\ncấp IV và nhà ở riêng lẻ\n15 days"];
	node [shape=box, style=rounded];
	"/start" [shape=point];
	"receive" [label="Tiếp nhận, kiểm tra và số\nhóa hồ sơ\none-stop\n4 working hours"];
	"appraise" [label="Thẩm định hồ sơ, kiểm tra\nthực địa\nconstruction\n4 working days"];
	"fire" [label="Ý kiến về phòng cháy, chữa\ncháy\nfire-police at @province\n3 working days"];
	"environment" [label="Ý kiến về môi trường\nenvironment at @province\n3 working days"];
	"sign" [label="Ký giấy phép\nleader\n1 working day", shape=invtrapezium, style=solid];
	"issue" [label="Vào sổ, đóng dấu\nclerk\n2 working hours"];
	"return" [label="Trả kết quả\none-stop", peripheries=2];
	"/start" -> "receive";
	"receive" -> "appraise";
	"appraise" -> "fire" [label="floor_area gt 250", style=bold];
	"appraise" -> "environment" [label="floor_area gt 250", style=bold];
	"appraise" -> "sign" [label="otherwise"];
	"fire" -> "sign";
	"environment" -> "sign";
	"sign" -> "issue";
	"issue" -> "return";
}
END
	run -2 --separate-stderr procedure graph -r rules 9.999999
	[ -z "$output" ]
	[[ $stderr == 'procedure: E_PROCEDURE: '* ]]
}

# Every line is a node, an edge or the frame, and every edge has its nodes.
sound() {
	local bad

	bad=$(grep -vE '^(digraph "[^"]*" \{|	(graph|node) \[.*\];|	"[^"]+" \[.*\];|	"[^"]+" -> "[^"]+"( \[label="([^"\\]|\\.)*"(, style=(bold|dashed))?\]| \[style=dashed\]| \[style=dotted, arrowhead=none\])?;|\})$' <<<"$1") || true
	[ -z "$bad" ] || { echo "$bad"; return 1; }
	diff <(grep -oE '^	"[^"]+" -> "[^"]+"' <<<"$1" |
	    grep -oE '"[^"]+"' | sort -u) \
	    <(grep -vE '^	"[^"]+" -> |/other' <<<"$1" |
	    grep -oE '^	"[^"]+"' | tr -d '\t' | sort -u)
	if command -v dot >/dev/null; then
		dot -Tsvg <<<"$1" >drawing.svg
		grep -q '</svg>' drawing.svg
	fi
}

@test "graph: sound for every procedure of the starter rulebook" {
	local code n=0

	for code in $(procedure list -r rules --date=2026-09-01 |
	    jq -r .code); do
		run -0 procedure graph -r rules --date=2026-09-01 "$code"
		[[ $output == "digraph \"$code\" {"* ]]
		sound "$output"
		n=$((n + 1))
	done
	[ "$n" -ge 14 ]
}

@test "graph: quotes and backslashes in texts are escaped" {
	edit "$P" 's/"title": "Ký giấy phép"/"title": "Ký \\"giấy\\" C:\\\\x -> y; }"/
	    s/{"field": "floor_area", "gt": 250}/{"any": [&, {"field": "channel", "in": ["online", "postal"]}]}/'
	commit
	run -0 procedure graph -r rules --date=2022-01-01 1.009994
	grep -qF '"sign" [label="Ký \"giấy\" C:\\x -> y; }\n' <<<"$output"
	grep -qF 'label="any (floor_area gt 250;\nchannel in (online; postal))", style=bold' <<<"$output"
	sound "$output"
}

@test "graph --load: how many dossiers are in each step" {
	fresh_db rules
	cat >rows.csv <<'END'
code,procedure,unit,channel,received_at,applicant_name
A-1,1.009994,H42.34,direct,2022-03-01 09:00,Tên Riêng
A-2,1.009994,H42.34,direct,2022-03-01 09:00,Tên Riêng
A-3,1.009994,H42.34,direct,2022-03-01 09:00,Tên Riêng
END
	run -0 dossier-import rows.csv
	run -0 route --at='2022-03-01 10:00' start A-1 A-2
	run -0 route --at='2022-03-01 10:30' next A-2
	run -0 --separate-stderr procedure graph --load -r rules \
	    --date=2022-01-01 1.009994
	[ -z "$stderr" ]
	[[ $output != *Riêng* ]]
	grep -qF '"/start" [shape=plaintext, label="not started\n1 dossier"];' <<<"$output"
	grep -qF '\n4 working hours\n1 dossier", penwidth=2];' <<<"$output"
	grep -qF '\n4 working days\n1 dossier", penwidth=2];' <<<"$output"
	grep -qF '\n3 working days\n0 dossiers"];' <<<"$output"
	sound "$output"
	# Drawn by another version, which has not that step.
	edit "$P" 's/"appraise"/"examine"/g'
	commit
	run -0 procedure graph -l -r rules --date=2022-01-01 1.009994
	grep -qF '"/other" [shape=note, style=solid, label="steps of other versions\nappraise: 1 dossier"];' <<<"$output"
	sound "$output"
	run -2 --separate-stderr procedure graph -l -d nowhere.db -r rules \
	    --date=2022-01-01 1.009994
	[ -z "$output" ]
	[[ $stderr == *'E_NODB'* ]]
}

@test "steps that expire: shown, compared, drawn" {
	P=procedures/construction/1.013225.json
	rewrite "$P" '.steps[1].expires = {after: "12 ngày", to: "sign",
	    basis: "50/2014/QH13, 102"}'
	commit
	run -0 --separate-stderr procedure show -r rules -f table 1.013225
	grep -q -- '-> sign  after 12 days without an answer (50/2014/QH13, 102)$' \
	    <<<"$output"
	run -0 --separate-stderr procedure graph -r rules 1.013225
	grep -q $'\t"[a-z]*" -> "sign" \[label="after 12 days", style=dashed\];' \
	    <<<"$output"
	rewrite "$P" '.steps[1].expires.after = "12 days"'
	commit
	run -0 --separate-stderr procedure diff -r rules -f table HEAD~1..HEAD
	[[ $output != *expires* ]]
	rewrite "$P" '.steps[1].expires.after = "10 days"'
	commit
	run -0 --separate-stderr procedure diff -r rules -f table HEAD~1..HEAD
	[[ $output == *'expires: after 12 days → 10 days'* ]]
}
