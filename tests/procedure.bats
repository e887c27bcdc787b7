#!/usr/bin/env bats
# procedure(1): the rulebook shown, its history, and what is wrong with it.

# shellcheck disable=SC2154	# run sets output, stderr and status

load lib

setup() {
	unset MOTCUA_RULES
	cd "$BATS_TEST_TMPDIR" || return
	R=$BATS_TEST_TMPDIR/rules
	H=$R/procedures/construction/1.009994.json
	S='{"id": "sign"'
}

starter() {
	procedure init rules --now=2024-01-01 2>/dev/null
}

g() {
	git -C "$R" -c user.name=Test -c user.email=test@example.org \
	    -c commit.gpgsign=false -c safe.directory='*' "$@"
}

# edit FILE SED-SCRIPT: change a file and commit; the change must take.
edit() {
	local before

	before=$(cat "$R/$1")
	sed -i "$2" "$R/$1"
	[ "$before" != "$(cat "$R/$1")" ]
	make_rules "$R" "Change $1" >/dev/null
}

lint() {
	run --separate-stderr procedure lint -r rules -f table \
	    --now=2026-09-01 "$@"
}

# The findings alone; each has its line of advice below it.
findings() {
	grep -v '^	' <<<"$output"
	[ "$(grep -c '^	' <<<"$output")" -eq \
	    "$(grep -cv '^	' <<<"$output")" ] || echo 'advice is missing'
}

# finds STATUS <<END: what lint says, and how it ends.
finds() {
	lint
	echo "$output$stderr"
	[ "$status" -eq "$1" ]
	same_text "$(findings)"
}

# ---- the starter rulebook ----

@test "init makes a repository with the starter rulebook, which is clean" {
	run -0 --separate-stderr procedure init rules
	[ -z "$output" ]
	[[ $stderr == 'procedure: the starter rulebook is in "rules", commit '* ]]
	[ "$(g rev-parse --abbrev-ref HEAD)" = main ]
	[ "$(g log --format='%an <%ae>')" = 'motcua <motcua@localhost>' ]
	[ -z "$(g status --porcelain)" ]
	g fsck --strict
	lint
	[ "$status" -eq 0 ]
	silent
	lint --worktree
	[ "$status" -eq 0 ]
	silent
}

@test "init has at least 14 procedures, in force today and before" {
	local n

	starter
	n=$(procedure list -r rules --date=2026-09-01 | wc -l)
	[ "$n" -ge 14 ]
	[ "$(procedure list -r rules --all | wc -l)" -gt "$n" ]
	procedure list -r rules --all |
	    jq -e 'select(.schema != "motcua.procedure/1")' && return 1
	true
}

@test "init fills an empty directory, and refuses any other" {
	mkdir rules
	run -0 procedure init rules
	lint
	[ "$status" -eq 0 ]
	run -2 --separate-stderr procedure init rules
	[ -z "$output" ]
	[ "$stderr" = 'procedure: E_EXISTS: "rules" exists and is not an empty directory
name a directory that does not exist yet' ]
	[ "$(ls)" = rules ]
}

@test "init leaves nothing behind where it cannot write" {
	[ "$(id -u)" -ne 0 ] || skip 'root can write anywhere'
	mkdir locked
	chmod 500 locked
	run -2 --separate-stderr procedure init locked/rules
	[[ $stderr == *'E_IO: locked/rules: Permission denied'* ]]
}

# ---- list, show, log ----

@test "list gives the version in force on a day" {
	starter
	run -0 --separate-stderr procedure list -r rules --date=2022-01-01
	[ -z "$stderr" ]
	same_text "$(grep '"1.009994"' <<<"$output")" <<END
{"schema":"motcua.procedure/1","code":"1.009994","title":"Cấp giấy phép xây dựng mới đối với công trình cấp III, cấp IV và nhà ở riêng lẻ","field":"Hoạt động xây dựng","level":"district","service":"partial","limit":"15 days","effective_from":"2021-01-01","effective_to":"2025-06-30","path":"procedures/construction/1.009994.json","blob":"$(g rev-parse HEAD:procedures/construction/1.009994.json)"}
END
	run -0 procedure list -r rules --date=2016-01-01 -f csv
	grep -q '^1.009994,.*,2015-01-01,2020-12-31,' <<<"$output"
	run -0 procedure list -r rules --date=2026-01-01
	[[ $output != *1.009994* ]]
}

@test "show is for people; its NDJSON is the definition itself" {
	starter
	run -0 --separate-stderr procedure show -r rules -f table \
	    --date=2022-01-01 1.009994
	[ -z "$stderr" ]
	[ "${lines[0]}" = '1.009994  Cấp giấy phép xây dựng mới đối với công trình cấp III, cấp IV và nhà ở riêng lẻ' ]
	grep -qx '  in force    01/01/2021 - 30/06/2025' <<<"$output"
	grep -qx '  limit       15 days' <<<"$output"
	grep -qx "  commit      $(g rev-parse HEAD)" <<<"$output"
	grep -q -- '-> fire + environment  when floor_area gt 250$' <<<"$output"
	procedure show -r rules --date=2022-01-01 1.009994 | jq -S .definition |
	    diff - <(jq -S . "$H")
}

@test "show: unknown codes, days without a version, and bad days" {
	starter
	run -2 --separate-stderr procedure show -r rules 9.999999
	[ -z "$output" ]
	[ "$stderr" = "procedure: E_PROCEDURE: no procedure \"9.999999\" in commit $(g rev-parse --short=10 HEAD)" ]
	run -2 --separate-stderr procedure show -r rules --date=2026-01-01 1.009994
	[ "$stderr" = 'procedure: E_VERSION: no version of procedure "1.009994" is in force on 2026-01-01
in force: 2015-01-01 to 2020-12-31, 2021-01-01 to 2025-06-30' ]
	run -2 --separate-stderr procedure show -r rules --date=2026-02-30 1.009994
	[ "$stderr" = 'procedure: --date: E_DATE: no such day "2026-02-30"' ]
}

@test "only what is committed counts" {
	starter
	sed -i 's/"15 days"/"10 days"/' "$H"
	[ "$(procedure show -r rules --date=2022-01-01 1.009994 |
	    jq -r .definition.limit)" = '15 days' ]
	make_rules "$R" >/dev/null
	[ "$(procedure show -r rules --date=2022-01-01 1.009994 |
	    jq -r .definition.limit)" = '10 days' ]
	[ "$(procedure show -r rules#HEAD~1 --date=2022-01-01 1.009994 |
	    jq -r .definition.limit)" = '15 days' ]
	[ "$(MOTCUA_RULES=rules#HEAD~1 procedure show --date=2022-01-01 \
	    1.009994 | jq -r .definition.limit)" = '15 days' ]
	[ "$(cd rules && procedure show --date=2022-01-01 1.009994 |
	    jq -r .definition.limit)" = '10 days' ]
}

@test "log tells which commits touched a code, newest first" {
	starter
	edit procedures/construction/1.009994.json 's/"15 days"/"10 days"/'
	edit units.csv 's/Sở Tư pháp/Sở Tư Pháp/'
	edit procedures/construction/1.009994@2015-01-01.json 's/"15 days"/"25 days"/'
	run -0 --separate-stderr procedure log -r rules 1.009994
	[ -z "$stderr" ]
	same_text "$(jq -r '[.summary,.path,.author,.at]|join("|")' <<<"$output")" <<'END'
Change procedures/construction/1.009994@2015-01-01.json|procedures/construction/1.009994@2015-01-01.json|Test|2024-01-01T07:00:00+07:00
Change procedures/construction/1.009994.json|procedures/construction/1.009994.json|Test|2024-01-01T07:00:00+07:00
Start with the starter rulebook|procedures/construction/1.009994.json|motcua|2024-01-01T07:00:00+07:00
END
	run -2 --separate-stderr procedure log -r rules 9.999999
	[ "$stderr" = 'procedure: E_PROCEDURE: no commit has touched a procedure "9.999999"' ]
}

@test "log: a merge counts when it agrees with none of its parents" {
	starter
	g checkout -q -b side
	edit procedures/construction/1.009994.json 's/"15 days"/"10 days"/'
	g checkout -q main
	edit units.csv 's/Sở Tư pháp/Sở Tư Pháp/'
	g merge -q --no-ff -m 'Merge side' side
	run -0 procedure log -r rules 1.009994
	[ "${#lines[@]}" -eq 2 ]
	[[ $output != *Merge* ]]
}

# ---- usage ----

@test "usage errors" {
	local a

	for a in '' 'walk' 'show' 'log' 'list x' 'show a b' 'show --all x' \
	    'init -r x y' 'list --worktree' 'lint --worktree HEAD' \
	    'log --date=2024-01-01 x'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr procedure $a
		[ -z "$output" ]
		[[ $stderr == 'procedure: E_USAGE: '* ]]
	done
}

@test "what is no rulebook says so" {
	run -2 --separate-stderr procedure list -r nowhere
	[ -z "$output" ]
	[[ $stderr == 'procedure: E_RULES: cannot open "nowhere" as a git repository: '* ]]
	mkdir rules
	echo hello >rules/README.md
	make_rules "$R" >/dev/null
	run -2 --separate-stderr procedure list -r rules
	[ "$stderr" = "procedure: $R: E_RULES: there is no file \"rulebook.json\" in commit $(g rev-parse HEAD)" ]
	finds 1 <<'END'
rulebook.json: E_RULES: there is no such file
units.csv: E_RULES: there is no such file
END
	run -2 --separate-stderr procedure list -r rules#nobranch
	[[ $stderr == "procedure: "*": E_REV: no such commit \"nobranch\": "* ]]
}

@test "a full disk is no success" {
	[ -w /dev/full ] || skip 'no /dev/full here'
	starter
	run -2 --separate-stderr bash -c 'procedure list -r rules >/dev/full'
	[[ $stderr == 'procedure: '*'E_IO: '*'No space left on device'* ]]
}

@test "the user's git settings do not matter, nor who owns the repository" {
	starter
	cat >gitconfig <<-'END'
		[core]
		bare = true
		autocrlf = true
		[broken
	END
	run -0 --separate-stderr env HOME="$PWD" XDG_CONFIG_HOME="$PWD" \
	    GIT_CONFIG_GLOBAL="$PWD/gitconfig" GIT_DIR=/nowhere \
	    procedure list -r rules
	[ -z "$stderr" ]
	cp gitconfig .gitconfig
	run -0 --separate-stderr env -u GIT_CONFIG_GLOBAL HOME="$PWD" \
	    procedure list -r rules
	[ -z "$stderr" ]
	if [ "$(id -u)" -eq 0 ]; then
		chown -R 12345:12345 rules
		run -0 --separate-stderr procedure list -r rules
		[ -z "$stderr" ]
	fi
}

# ---- lint ----

@test "lint: findings as records" {
	starter
	edit procedures/construction/1.009994.json 's/"15 days"/"soon"/'
	run -1 --separate-stderr procedure lint -r rules --now=2026-09-01
	[ "$(jq -c '[.schema,.file,.line,.column,.error]' <<<"$output")" = \
	    '["motcua.lint/1","procedures/construction/1.009994.json",10,12,"E_TERM"]' ]
	jq -e '.message and has("advice")' <<<"$output"
	[ "$stderr" = 'procedure: errors: 1, warnings: 0' ]
}

@test "lint: warnings alone leave the status 0" {
	starter
	edit procedures/construction/1.009994.json "/$S/s/leader/astronaut/"
	finds 0 <<'END'
procedures/construction/1.009994.json:38:53: W_ROLE: no unit has the role "astronaut"
END
	[ "$stderr" = 'procedure: errors: 0, warnings: 1' ]
}

@test "lint: between files" {
	starter
	mkdir "$R/procedures/x" "$R/junk"
	cp "$H" "$R/procedures/x/1.000001.json"
	sed 's/"effective_from": "2021/"effective_from": "2020/' "$H" \
	    >"$R/procedures/x/1.009994@2021-06-01.json"
	sed -i 's/"role": "one-stop", "final"/"role": "one-stop", "unit": "H99", "final"/
	    s/"effective_to": "2025-06-30"/"calendar": "moon"/' \
	    "$R/procedures/x/1.009994@2021-06-01.json"
	echo >"$R/junk/file"
	edit rulebook.json 's/"office"/"nowhere"/'
	finds 1 <<'END'
junk/file: W_FILE: such a file means nothing here
procedures/x/1.000001.json:2:11: E_NAME: the file is named after "1.000001", the code is "1.009994"
procedures/x/1.000001.json:7:21: E_OVERLAP: it is in force at the same time as "procedures/construction/1.009994.json"
procedures/x/1.009994@2021-06-01.json:7:21: E_NAME: the file is named after the day "2021-06-01", in force is it from another
procedures/x/1.009994@2021-06-01.json:8:15: E_CALENDAR: there is no calendar "moon"
procedures/x/1.009994@2021-06-01.json:42:74: E_UNIT: there is no unit "H99"
procedures/x/1.009994@2021-06-01.json:7:21: E_OVERLAP: it is in force at the same time as "procedures/construction/1.009994@2015-01-01.json"
rulebook.json:6:15: E_CALENDAR: there is no calendar "nowhere"
END
}

@test "lint: a calendar that ends soon, units and officers, maps" {
	starter
	sed -i '2s/,H42$//' "$R/units.csv"
	printf 'H42.77,Nơi nào,commune,one-stop,H99,2020-01-01,,,moon\n' \
	    >>"$R/units.csv"
	printf 'x.1,Tên Riêng,H99,one-stop,2020-01-01,\n' >>"$R/officers.csv"
	echo '{"rows": "beasts"}' >"$R/maps/bad.json"
	make_rules "$R" >/dev/null
	run --separate-stderr procedure lint -r rules -f table --now=2026-12-15
	[ "$status" -eq 1 ]
	grep -q '^calendars/office.json:[0-9]*:[0-9]*: W_HORIZON: the calendar is known until 2026-12-31 only$' <<<"$output"
	grep -q '^maps/bad.json:1:' <<<"$output"
	grep -qx "officers.csv:$(wc -l <"$R/officers.csv"): E_UNIT: no such unit \"H99\"" <<<"$output"
	grep -qx "units.csv:$(wc -l <"$R/units.csv"): E_UNIT: no unit \"H99\" above \"H42.77\"" <<<"$output"
	[[ $output$stderr != *Riêng* ]]
}

@test "lint: paths that cannot work" {
	starter
	edit procedures/construction/1.009994.json '/"id": "sign"/,/"next"/s/"next": "issue"/"next": "appraise"/'
	finds 1 <<'END'
procedures/construction/1.009994.json:29:5: E_DEAD_END: the step "receive" leads to no final step
procedures/construction/1.009994.json:31:5: E_LOOP: nothing leads out of the loop of the steps "appraise", "fire", "environment" and "sign"
procedures/construction/1.009994.json:40:5: E_UNREACHABLE: nothing leads to the step "issue"
procedures/construction/1.009994.json:42:5: E_UNREACHABLE: no dossier can get to the step "return"
END
}

@test "lint REV..REV gives only what is new" {
	starter
	edit procedures/construction/1.009994.json "/$S/s/leader/astronaut/"
	edit procedures/construction/1.009994.json 's/"15 days"/\n\n"2 days"/'
	lint HEAD~1
	[ "$status" -eq 0 ]
	[ "$(findings | wc -l)" -eq 1 ]
	lint HEAD
	[ "$(findings | wc -l)" -eq 2 ]
	lint HEAD~1..HEAD
	[ "$status" -eq 0 ]
	[ "$(findings | wc -l)" -eq 1 ]
	[[ $(findings) == 'procedures/construction/1.009994.json:12:1: W_LIMIT: the steps on the longest path add up to '*', the limit is 2 days' ]]
	lint HEAD..HEAD
	[ "$status" -eq 0 ]
	silent
	lint HEAD~9..HEAD
	[ "$status" -eq 2 ]
	[[ $stderr == *'E_REV: no such commit "HEAD~9"'* ]]
}

@test "lint --worktree looks at the disk" {
	starter
	sed -i 's/"15 days"/"soon"/' "$H"
	lint
	[ "$status" -eq 0 ]
	lint --worktree
	[ "$status" -eq 1 ]
	[[ $output == 'procedures/construction/1.009994.json:10:12: E_TERM: '* ]]
	git init -q --bare bare
	run -2 --separate-stderr procedure lint --worktree -r bare
	[ "$stderr" = 'procedure: E_RULES: "bare" is a repository without a work tree' ]
}

# ---- bad rulebook.json ----

@test "rulebook.json: each thing that can be wrong has its place" {
	local script want

	starter
	while IFS='|' read -r script want; do
		git -C "$R" checkout -q -f main~0 2>/dev/null
		cp "$R/rulebook.json" keep.json
		sed -i "$script" "$R/rulebook.json"
		make_rules "$R" >/dev/null
		run -2 --separate-stderr procedure list -r rules
		[ -z "$output" ]
		diff -u <(echo "procedure: $want") <(printf '%s\n' "${stderr_lines[0]}")
		cp keep.json "$R/rulebook.json"
	done <<'END'
s/rulebook.1"/rulebook\/9"/|rulebook.json:2:13: E_FIELD: "schema" must be "motcua.rulebook/1"
s/"codes": "any"/"codes": "few"/|rulebook.json:15:12: E_FIELD: "codes" is "standard" or "any"
s/"agency"/"agent"/|rulebook.json:5:12: E_FIELD: unknown member "agent" of a rulebook
s/"calendar": "office",//|rulebook.json:1:1: E_FIELD: "calendar" is missing
s/"Asia.Ho_Chi_Minh"/7/|rulebook.json:4:11: E_FIELD: "zone" is text, and not empty
END
}

# ---- hostile repositories ----

# The bytes that hexadecimal digits stand for.
unhex() {
	local h

	for ((h = 0; h < ${#1}; h += 2)); do
		printf '%b' "\\x${1:h:2}"
	done
}

# tree ENTRY...: a tree object, unchecked; an entry is "MODE NAME" (with
# printf's escapes) and an id.
tree() {
	while [ $# -gt 0 ]; do
		printf '%b\0' "$1"
		unhex "$2"
		shift 2
	done | g hash-object -t tree -w --literally --stdin
}

commit_tree() {
	g update-ref refs/heads/main "$(g commit-tree -m x "$1")"
}

@test "hostile trees are refused by name, before any file is read" {
	local blob sub name want

	starter
	blob=$(g rev-parse HEAD:rulebook.json)
	sub=$(tree '100644 x' "$blob")
	while IFS='|' read -r name want; do
		commit_tree "$(tree "$name" "$blob")"
		for a in list lint; do
			run --separate-stderr procedure "$a" -r rules -f table
			[ "$status" -eq "$([ $a = list ] && echo 2 || echo 1)" ]
			diff -u <(echo "$want") \
			    <(printf '%s\n' "$output" "$stderr" | grep . | head -n 1 |
			    sed "s|^procedure: ||; s|.*: E_TREE: |E_TREE: |
			        s|$(g rev-parse HEAD)|COMMIT|")
		done
	done <<'END'
100644 ..|E_TREE: ".." in commit COMMIT: such a name is not allowed
40000 .GIT|E_TREE: ".GIT" in commit COMMIT: such a name is not allowed
100644 a\x1b[2J|E_TREE: "a�[2J" in commit COMMIT: names are made of letters, digits and . _ @ -
100644 a\nb|E_TREE: "a�b" in commit COMMIT: names are made of letters, digits and . _ @ -
100644 ../evil|E_TREE: "../evil" in commit COMMIT: names are made of letters, digits and . _ @ -
100644 \xff\xfe|E_TREE: "��" in commit COMMIT: names are made of letters, digits and . _ @ -
120000 link|E_TREE: "link" in commit COMMIT: a symbolic link
160000 module|E_TREE: "module" in commit COMMIT: a submodule
100666 odd|E_TREE: "odd" in commit COMMIT: mode 100666
10064x odd|E_TREE: "" in commit COMMIT: a damaged directory
100644 |E_TREE: "" in commit COMMIT: a name has 1 to 100 characters
END
	commit_tree "$(tree '100644 a' "$blob" '100644 a' "$blob")"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == *': E_TREE: "a" in commit '*': the name stands there twice, apart from case' ]]
	commit_tree "$(tree '100644 Ab' "$blob" '40000 aB' "$sub")"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == *': E_TREE: "aB" in commit '*': the name stands there twice, apart from case' ]]
	commit_tree "$(tree '40000 d' "$blob")"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == *': E_TREE: "d" in commit '*': not a usable directory' ]]
	commit_tree "$(tree '100644 f' 0000000000000000000000000000000000000001)"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == *': E_TREE: "f" in commit '*'object not found'* ]]
	commit_tree "$(tree "100644 $(printf '%0101d' 0)" "$blob")"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == *': E_TREE: "000'*': a name has 1 to 100 characters' ]]
}

@test "a big file, a deep tree and a bomb are refused, quickly" {
	local blob t i

	starter
	blob=$(head -c 1048577 /dev/zero | g hash-object -w --stdin)
	commit_tree "$(tree '100644 big' "$blob")"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == *': E_TREE: "big" in commit '*': 1048577 bytes; a file has at most 1048576' ]]
	t=$(tree '100644 x' "$(g rev-parse HEAD:big)")
	blob=$(echo x | g hash-object -w --stdin)
	t=$(tree '100644 x' "$blob")
	for ((i = 0; i < 16; i++)); do
		t=$(tree '40000 d' "$t")
	done
	commit_tree "$t"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == *': E_TREE: "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d" in commit '*': deeper than 16 directories' ]]
	t=$(tree '100644 x' "$blob")
	for ((i = 0; i < 10; i++)); do
		t=$(tree '40000 a' "$t" '40000 b' "$t" '40000 c' "$t" \
		    '40000 d' "$t" '40000 e' "$t" '40000 f' "$t" \
		    '40000 g' "$t" '40000 h' "$t" '40000 i' "$t")
	done
	commit_tree "$t"
	run -2 --separate-stderr timeout 5 procedure list -r rules
	[[ $stderr == *': E_TREE: "'*'" in commit '*': more than 10000 files' ]]
	run -1 --separate-stderr timeout 5 procedure lint -r rules -f table
	[[ $(findings) == *': more than 10000 files' ]]
}

@test "a damaged object is refused, with the repository and the commit" {
	local o

	starter
	o=$(g rev-parse HEAD:rulebook.json)
	o=$R/.git/objects/${o:0:2}/${o:2}
	chmod u+w "$o"
	printf 'x' | dd of="$o" bs=1 seek=20 conv=notrunc 2>/dev/null
	run -2 --separate-stderr procedure list -r rules
	[ -z "$output" ]
	[[ $stderr == "procedure: rules: E_TREE: \"rulebook.json\" in commit $(g rev-parse HEAD): "* ]]
	o=$(g rev-parse HEAD)
	rm -f "$R/.git/objects/${o:0:2}/${o:2}"
	run -2 --separate-stderr procedure list -r rules
	[[ $stderr == "procedure: "*": E_REV: no such commit \"refs/heads/main\": "* ]]
}
