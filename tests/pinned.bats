#!/usr/bin/env bats
# What a dossier was received under stays what it is: ten commits later, and
# when the history that had it was rewritten.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

# The i-th version: another limit, other steps, other papers.
version() {
	jq -n --argjson i "$1" '{code: "1.000001", title: "Cấp phép \($i)",
	    field: "Xây dựng", level: "commune",
	    effective_from: "2021-01-01", legal_basis: ["50/2014/QH13"],
	    limit: "\(5 + $i) working days",
	    documents: [{id: "paper-\($i)", title: "Giấy \($i)",
		required: true}],
	    steps: [
	      {id: "receive", role: "one-stop", next: "work-\($i)"},
	      {id: "work-\($i)", role: "land", limit: "\($i + 1) working days",
	       next: "return"},
	      {id: "return", role: "one-stop", final: true}]}' \
	    >rules/procedures/xd/1.000001.json
	make_rules "$PWD/rules" "Version $1"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	office_rules rules
	cat >rules/units.csv <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.31,Xã A,commune,one-stop land,H42,2000-01-01,,
	END
	OLD=$(version 0)
	fresh_db "$PWD/rules"
	receive D-1 D-2 D-3
	route --now='2026-03-02 16:30' start D-1 D-2 >/dev/null
}

teardown() {
	[ ! -e "${MOTCUA_DB-}" ] || dossier-db check sqlite foreign-keys log \
	    replay balance
}

receive() {
	printf '%s,1.000001,H42.31,direct,2026-03-02 09:00\n' "$@" |
	    { echo code,procedure,unit,channel,received_at; cat; } |
	    dossier-import --now='2026-03-02 16:00' - >/dev/null 2>&1
}

# Its limit, its papers and its steps, by the definition that it is pinned to.
kept() {
	sql "SELECT f.body FROM code c JOIN dossier d ON d.id = c.id
	    JOIN pin p ON p.id = d.pin JOIN definition f ON f.blob = p.blob
	    WHERE c.code = '$1'" |
	    jq -r '[.limit, .documents[].id, .steps[].id] | join(" ")'
}

found() {
	dossier-find -f ndjson "$1" | jq -r "$2"
}

# Everything that is done with a dossier goes by the version of its receipt.
works_as_before() {
	[ "$(kept D-1)" = '5 working days paper-0 receive work-0 return' ]
	[ "$(found D-1 '.revision + " " + .due_at[:10]')" = "$OLD 2026-03-09" ]
	run -0 --separate-stderr sla-check --now='2026-03-04 10:00' -f table \
	    --explain=D-1
	[[ $output == *"procedure    Cấp phép 0, limit 5 working days
             procedures/xd/1.000001.json in commit ${OLD:0:12}"* ]]
	[[ $output == *'in force     09/03/2026 17:00 (due day 09/03/2026), in-time' ]]
	run -0 --separate-stderr route plan --now='2026-03-04 10:00' \
	    --recompute -f ndjson
	[ -z "$output" ]
	[[ $stderr == 'route: planned 0 of '* ]]
	run -0 route --now='2026-03-04 09:00' -f ndjson next D-1
	[ "$(jq -r '[.to_step, .why.commit] | join(" ")' <<<"$output")" = \
	    "work-0 $OLD" ]
	[ "$(sql 'SELECT s.due_day - s.entered_at / 86400000 FROM step s
	    JOIN step_name n ON n.id = s.step WHERE n.code = "work-0"')" = 1 ]
	run -0 route --now='2026-03-04 10:00' supplement D-2
	run -0 route --now='2026-03-05 10:00' resume D-2
	[ "$(found D-2 '.due_at[:10]')" = 2026-03-10 ]
	run -0 route --now='2026-03-05 10:00' extend --by='2 working days' D-2
	[ "$(found D-2 '.due_at[:10]')" = 2026-03-12 ]
	run -0 route --now='2026-03-05 10:00' -f ndjson start D-3
	[ "$(jq -r .to_step <<<"$output")" = receive ]
	run -0 route --now='2026-03-05 11:00' -f ndjson next D-1
	[ "$(jq -r '[.to_step, .status] | join(" ")' <<<"$output")" = \
	    'return finished' ]
	[ "$(found D-1 .verdict)" = early ]
	run -0 route --now='2026-03-05 12:00' -f ndjson reopen --step=work-0 \
	    D-1
	run -0 route --now='2026-03-05 12:00' next D-1
}

@test "ten commits later: limit, steps and papers are those of the receipt" {
	local i

	for i in {1..10}; do
		version "$i" >/dev/null
	done
	run -0 dossier-db check rules
	silent
	works_as_before
	# Whoever comes now gets the tenth.
	receive E-1
	[ "$(kept E-1)" = '15 working days paper-10 receive work-10 return' ]
	[ "$(found E-1 '.due_at[:10]')" = 2026-03-23 ]
	run -0 dossier-db check
	silent
}

@test "a rewritten history is reported, and dossiers work on" {
	local i new

	for i in {1..10}; do
		version "$i" >/dev/null
	done
	receive E-1
	# Somebody pushes another history over it, and git cleans up.
	git clone -q rules other
	git -C other checkout -q --orphan fresh
	make_rules "$PWD/other" 'A history without a past' >/dev/null
	git -C rules checkout -q --detach
	git -C other push -q -f origin fresh:main
	git -C rules checkout -q main
	git -C rules reflog expire --expire=now --all
	git -C rules gc -q --prune=now
	run ! git -C rules cat-file -e "$OLD"
	new=$(git -C rules rev-parse main)
	run -1 --separate-stderr dossier-db check -f ndjson rules
	[ "$(jq -r .error <<<"$output" | sort | uniq -c | tr -s ' ')" = \
	    ' 2 E_RULES' ]
	[ "$(jq -r .message <<<"${lines[0]}")" = "procedure \"1.000001\" (procedures/xd/1.000001.json of commit ${OLD:0:12}): the rulebook no longer has that commit" ]
	run -1 dossier-db check
	works_as_before
	# And may be moved to what there is now, and back to what is not.
	run -0 --separate-stderr route plan --now='2026-03-05 13:00' -f ndjson \
	    --rules=main --map=work-0=work-10 D-2 D-3 E-1
	printf '%s\n' "$output" >plan.ndjson
	[ "$(jq -r '[.code, .result, .old_commit, .commit] | join(" ")' \
	    plan.ndjson)" = "D-2 planned $OLD $new
D-3 planned $OLD $new" ]
	run -0 --separate-stderr route apply --now='2026-03-05 13:00' \
	    plan.ndjson
	[ "$(found D-2 .revision)" = "$new" ]
	run -0 --separate-stderr route plan --now='2026-03-05 14:00' -f ndjson \
	    --undo=plan.ndjson
	run -0 --separate-stderr route apply --now='2026-03-05 14:00' - \
	    <<<"$output"
	[ "$(found D-2 .revision)" = "$OLD" ]
	run -0 route --now='2026-03-05 15:00' -f ndjson next D-3
	[ "$(jq -r .to_step <<<"$output")" = work-0 ]
}
