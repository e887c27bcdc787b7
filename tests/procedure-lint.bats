#!/usr/bin/env bats
# procedure lint: what cannot work though it can be read, and the hook that
# keeps it out.  What the parser refuses is in tests/unit/procedure.c.

# shellcheck disable=SC2154	# run sets output, stderr and status

load lib

setup() {
	unset MOTCUA_RULES
	cd "$BATS_TEST_TMPDIR" || return
	R=$BATS_TEST_TMPDIR/rules
	P=procedures/construction/1.013225.json
	procedure init rules --now=2024-01-01 2>/dev/null
	# Its steps and fields are what these tests are about.
	rewrite $P 'del(.cases)'
}

g() {
	git -C "${G-$R}" -c user.name=Test -c user.email=test@example.org \
	    -c commit.gpgsign=false -c safe.directory='*' "$@"
}

# rewrite FILE JQ: change a JSON file; the change must take.
rewrite() {
	jq --indent 1 "$2" "$R/$1" >rewritten
	! cmp -s rewritten "$R/$1"
	mv rewritten "$R/$1"
}

commit() {
	make_rules "$R" >/dev/null
}

lint() {
	run --separate-stderr procedure lint -r rules -f table \
	    --now=2026-09-01 "$@"
}

# finds STATUS <<END: findings of the work tree, without line and column;
# each has its line of advice.
finds() {
	lint --worktree
	echo "$output$stderr"
	[ "$status" -eq "$1" ]
	same_text "$(grep -v '^	' <<<"$output" | sed 's/:[0-9]*:[0-9]*: /: /')"
	[ "$(grep -c '^	' <<<"$output")" -eq \
	    "$(grep -cv '^	' <<<"$output")" ]
}

clean() {
	lint --worktree
	[ "$status" -eq 0 ]
	silent
}

# steps JQ: the procedure $P with other steps; a and z are its ends.
steps() {
	rewrite "$P" '.fields = [{name: "area", type: "integer"}] |
	    del(.limit) |
	    def step(i; n): {id: i, role: "one-stop", next: n};
	    def test(f; o; v; t): {when: ({field: f} + {(o): v}), to: t};
	    .steps = ['"$1"', {id: "z", final: true}]'
}

@test "lint: loops, dead ends and steps that nothing leads to" {
	steps 'step("a"; [test("area"; "gt"; 1; "b"), {to: "z"}]),
	    step("b"; "c"), step("c"; "b"), step("d"; "b")'
	finds 1 <<END
$P: E_LOOP: nothing leads out of the loop of the steps "b" and "c"
$P: E_UNREACHABLE: nothing leads to the step "d"
$P: E_DEAD_END: the step "d" leads to no final step
END
}

@test "lint: a loop that one channel never leaves" {
	steps 'step("a"; "b"), step("b"; [test("channel"; "ne"; "direct"; "a"), {to: "z"}])'
	finds 1 <<END
$P: E_LOOP: a dossier of the channel "online" never leaves the loop of the steps "a" and "b"
$P: E_LOOP: a dossier of the channel "postal" never leaves the loop of the steps "a" and "b"
END
	steps 'step("a"; "b"), step("b"; [test("area"; "gt"; 1; "a"), {to: "z"}])'
	clean
}

@test "lint: branches that are never taken" {
	steps 'step("a"; [test("area"; "gt"; 100; "z"), test("area"; "gt"; 250; "b"), {to: "z"}]), step("b"; "z")'
	finds 1 <<END
$P: E_BRANCH: the branch is never taken: whenever it would be, one before it is
$P: E_UNREACHABLE: no dossier can get to the step "b"
END
	steps 'step("a"; [{when: {all: [{field: "area", gt: 1}, {field: "area", lt: 2}]}, to: "z"}, {to: "b"}]), step("b"; "z")'
	finds 1 <<END
$P: E_BRANCH: the branch is never taken: nothing meets its condition
END
	steps 'step("a"; [{to: "b"}, test("area"; "gt"; 250; "z")]), step("b"; "z")'
	finds 1 <<END
$P: E_BRANCH: a branch before this one has no "when": it is never tried
END
	steps 'step("a"; [test("area"; "gt"; 250; "z")])'
	finds 1 <<END
$P: E_BRANCH: the last branch has a "when": with none true the step "a" leads nowhere
END
	steps 'step("a"; [test("area"; "gt"; 250; "b"), test("area"; "gt"; 100; "z"), {to: "b"}]), step("b"; "z")'
	clean
}

@test "lint: conditions on what is not declared" {
	steps 'step("a"; [test("aera"; "gt"; 100; "b"), {to: "z"}]), step("b"; "z")'
	finds 1 <<END
$P: E_CONDITION: the condition names the unknown field "aera"
END
	grep -qx '	declare it under "fields", or use "channel"' <<<"$output"
}

@test "lint: joins that wait for ever, and ends that do not wait" {
	steps 'step("a"; [{to: ["b", "c"]}]),
	    (step("b"; [test("area"; "gt"; 1; "c"), {to: "z"}]) + {join: "all"}),
	    (step("c"; [test("area"; "gt"; 1; "b"), {to: "z"}]) + {join: "all"})'
	finds 1 <<END
$P: E_JOIN: the steps "b" and "c" can wait for each other for ever
END
	steps 'step("a"; [{to: ["b", "c"]}]), step("b"; "z"), step("c"; "z")'
	finds 0 <<END
$P: W_JOIN: the final step "z" can be entered by way of "b" while "c" is still open
END
	rewrite "$P" '.steps[3].join = "all"'
	clean
}

@test "lint: limits of the steps against the legal one" {
	local given legal want

	while IFS='|' read -r given legal want; do
		steps '(step("a"; "b") + {limit: "1 working hour"}), step("b"; "z")'
		rewrite "$P" ".steps[1].limit = \"$given\" | .limit = \"$legal\""
		if [ -z "$want" ]; then
			clean
			continue
		fi
		finds 0 <<-END2
		$P: W_LIMIT: the steps on the longest path add up to $want, the limit is $legal
		END2
	done <<'END'
7 working hours|1 working day|
8 working hours|1 working day|9 working hours
15 working hours|2 working days|
2 working days|2 working days|17 working hours
10 days|10 days|
11 days|10 days|11 days
40 days|15 working days|
10 working days|10 days|81 working hours
31 days|1 month|
32 days|1 month|32 days
END
}

@test "lint: steps that expire" {
	# A step that only time leads to is reached, and time leads out of it.
	steps '(step("a"; "b") + {expires: {after: "2 days", to: "c"}}),
	    step("b"; "z"), (step("c"; "a") + {expires: {after: "3 days", to: "z"}})'
	clean
	rewrite "$P" '.steps[0].expires.to = "d" | .steps[2].expires.to = "c" |
	    .steps[2].expires.whom = "z" | .steps[1].expires = {after: "soon"} |
	    .steps[3].expires = {after: "1 day", to: "a"}'
	finds 1 <<END
$P: E_STEP: there is no step "d"
$P: E_TERM: no term of time: "soon"
$P: E_FIELD: "to" is missing
$P: E_FIELD: unknown member "whom" of "expires"
$P: E_STEP: the step "c" leads to itself
$P: E_STEP: the final step "z" does not expire
END
	steps '(step("a"; "b") + {expires: {after: "2 days", to: "b"}}),
	    (step("b"; "z") + {expires: {after: "2 days", to: "a"}})'
	finds 1 <<END
$P: E_LOOP: a dossier that nobody looks at goes from "a" round to "a" for ever
END
	# Who works in time never gets out of this one.
	steps 'step("a"; "b"), (step("b"; "a") + {expires: {after: "3 days", to: "z"}})'
	finds 1 <<END
$P: E_LOOP: nothing leads out of the loop of the steps "a" and "b"
END
}

@test "lint: when a step expires against its limit, and the legal one" {
	local after limit legal want

	while IFS='|' read -r after limit legal want; do
		steps '(step("a"; "z") + {expires: {after: "12 days", to: "z"}})'
		rewrite "$P" ".steps[0] += {\"limit\": \"$limit\",
		    \"expires\": {\"after\": \"$after\", \"to\": \"z\"}} |
		    .limit = \"$legal\""
		if [ -z "$want" ]; then
			clean
			continue
		fi
		finds 0 <<-END2
		$P: W_EXPIRES: the step "a" expires after $after: $want
		END2
	done <<'END'
12 days|12 days|20 days|
12 days|12 working days|20 days|
12 days|10 days|20 days|it is late for a while before that, with a limit of 10 days
8 days|10 days|20 days|that is before its limit is over, 10 days
1 working day|8 working hours|20 days|
7 working hours|1 working day|20 days|that is before its limit is over, 1 working day
END
	# Without a limit of its own it lasts until then.
	steps '(step("a"; "z") + {expires: {after: "22 days", to: "z"}})'
	rewrite "$P" '.limit = "20 days"'
	finds 0 <<END
$P: W_LIMIT: the steps on the longest path add up to 22 days, the limit is 20 days
END
}

@test "lint: a day has the hours that its calendar says" {
	steps 'step("a"; "z")'
	rewrite "$P" '.steps[0].limit = "8 working hours" | .limit = "1 working day"'
	clean
	jq '.hours_per_day = 7' "$R/calendars/office.json" \
	    >"$R/calendars/short.json"
	rewrite "$P" '.calendar = "short"'
	finds 0 <<END
$P: W_LIMIT: the steps on the longest path add up to 8 working hours, the limit is 1 working day
END
}

@test "lint: texts not in NFC, whatever file they are in" {
	local e

	e=$(printf 'Xa\xcc\x83')
	rewrite "$P" '.title = "'"$e"'" | .steps[0].role = "one-stop "'
	rewrite calendars/office.json '.days_off[3].name = "'"$e"'"'
	rewrite rulebook.json '.name = "a\u200bb"'
	printf 'H42.99,%s,department,,H42,2027-01-01,,,\n' "$e" >>"$R/units.csv"
	finds 1 <<END
calendars/office.json: E_NFC: the text is not in Unicode form NFC, or has invisible characters or space at its ends
$P: E_NFC: "title" is not in Unicode form NFC, or has invisible characters or space at its ends
$P: E_NFC: "role" is not in Unicode form NFC, or has invisible characters or space at its ends
$P: E_FIELD: a step has one role, without spaces: "one-stop "
rulebook.json: E_NFC: the text is not in Unicode form NFC, or has invisible characters or space at its ends
units.csv: E_NFC: a text is not in Unicode form NFC, or has invisible characters
END
	[[ $output == *"units.csv:$(wc -l <"$R/units.csv"):9: E_NFC"* ]]
}

@test "lint: a code with two files, one in another folder" {
	jq '.effective_from = "2019-01-01" | .effective_to = "2020-01-01"' \
	    "$R/$P" >"$R/procedures/land/1.013225.json"
	finds 1 <<END
procedures/land/1.013225.json: E_DUPLICATE: the code has another file without a day in its name, "$P"
END
	mv "$R/procedures/land/1.013225.json" \
	    "$R/procedures/land/1.013225@2019-01-01.json"
	clean
}

@test "lint: roles that nobody has, or that are out of reach" {
	rewrite "$P" '.steps[1].role = "astronaut"'
	finds 0 <<END
$P: W_ROLE: no unit has the role "astronaut"
END
	# There is such a role, but not where this step looks for it.
	rewrite "$P" '.steps[1] += {role: "residence-police", unit: "@self"}'
	lint --worktree
	[ "$status" -eq 0 ]
	[[ $(grep -v '^	' <<<"$output") =~ ^$P:[0-9:]*\ W_ROLE:\ wherever\ it\ is\ received\ \([0-9]+\ units\),\ nobody\ can\ be\ told\ to\ do\ the\ step\ \"[a-z-]+\":\ seen\ from\ unit\ \"H42[.0-9]*\"\ nobody\ has\ the\ role\ \"residence-police\"$ ]]
}

@test "lint: a calendar that ends, and one that is not there" {
	rewrite calendars/office.json '.known_until = "2026-09-15"'
	rewrite "$P" '.calendar = "moon"'
	finds 1 <<END
calendars/office.json: W_HORIZON: the calendar is known until 2026-09-15 only
$P: E_CALENDAR: there is no calendar "moon"
END
}

@test "lint: unknown members, duplicated ids, and steps that are not there" {
	rewrite "$P" '.colour = 1 | .steps[0].colour = 1 | .documents += [.documents[0]] |
	    .steps[1].next = "nowhere" | .steps[2].id = .steps[0].id'
	finds 1 <<END
$P: E_FIELD: unknown member "colour" of a procedure
$P: E_DUPLICATE: "$(jq -r '.documents[0].id' "$R/$P")" stands there twice
$P: E_DUPLICATE: "$(jq -r '.steps[0].id' "$R/$P")" stands there twice
$P: E_FIELD: unknown member "colour" of a step
$P: E_STEP: there is no step "nowhere"
END
}

@test "lint REV..REV: a fault that is there once more is new" {
	rewrite "$P" '.steps[1].role = "astronaut"'
	commit
	rewrite "$P" '.steps[2].role = "astronaut" | .title += " "'
	commit
	lint HEAD~..HEAD
	[ "$status" -eq 1 ]
	[ "$(grep -v '^	' <<<"$output" | cut -d' ' -f2)" = E_NFC: ]
	rewrite "$P" '.title |= rtrimstr(" ")'
	commit
	lint HEAD~2..
	[ "$status" -eq 0 ]
	[ "$(grep -cv '^	' <<<"$output")" -eq 1 ]
	[[ $output == *'W_ROLE: no unit has the role "astronaut"'* ]]
	lint ..HEAD~
	[ "$status" -eq 1 ]
	lint HEAD..HEAD
	[ "$status" -eq 0 ]
	silent
}

# ---- the hook of the manual ----

# The script as procedure(1) gives it.
hook() {
	sed -n '/^#!\/bin\/sh$/,/^\.Ed$/p' "$TOP/man/procedure.1" | sed '$d'
}

push() {
	run --separate-stderr git -C "$R" -c safe.directory='*' push -q \
	    ../central.git "$@"
	echo "$status: $output$stderr"
}

@test "the hook refuses a push with a new error, and lets others pass" {
	local good

	git init -q --bare central.git
	hook >central.git/hooks/pre-receive
	chmod +x central.git/hooks/pre-receive
	[ "$(wc -l <central.git/hooks/pre-receive)" -gt 10 ]
	sh -n central.git/hooks/pre-receive

	push main
	[ "$status" -eq 0 ]
	good=$(g rev-parse main)
	[ "$(git -C central.git rev-parse main)" = "$good" ]

	# A new error: refused, with its place, and nothing stays.
	rewrite "$P" '.limit = "soon"'
	commit
	push main
	[ "$status" -ne 0 ]
	[[ $stderr == *"$P:"*': E_TERM: '* ]]
	[[ $stderr == *'refs/heads/main is refused'* ]]
	[ "$(git -C central.git rev-parse main)" = "$good" ]
	push main:refs/heads/other
	[ "$status" -ne 0 ]

	# Mended; a warning passes and is told.
	rewrite "$P" '.limit = "20 days" | .steps[1].role = "astronaut"'
	commit
	push main
	[ "$status" -eq 0 ]
	[[ $stderr == *'W_ROLE: no unit has the role "astronaut"'* ]]
	[ "$(git -C central.git rev-parse main)" = "$(g rev-parse main)" ]

	# What was wrong before is not this push's fault.
	rewrite "$P" '.limit = "soon"'
	commit
	git -C central.git -c safe.directory='*' fetch -q "$R" +main:main
	rewrite procedures/land/1.012753.json '.title += " mới"'
	commit
	push main
	[ "$status" -eq 0 ]

	# Branches may go.
	push "$good:refs/heads/gone"
	[ "$status" -eq 0 ]
	push :refs/heads/gone
	[ "$status" -eq 0 ]
}
