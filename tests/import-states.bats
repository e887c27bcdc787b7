#!/usr/bin/env bats
# dossier-import(1): what --update may change in which state.  Nothing that a
# record calls changed is lost: an event says it, or the row is refused.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import
load import-rows

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Each status with each column as it was, and as another row says.
each_status() {
	local s c n

	for s in $STATUSES; do
		for c in "${!OTHER[@]}"; do
			n=A-$s-$c
			row "$n" "$s" >&3
			row "$n" "$s" "$c" "${OTHER[$c]/#al/al-$n}" >&4
		done
	done 3>rows 4>others
}

# Each status, then each other one with a column that changes, and a third row
# that has one more.  (A received one with a step is processed.)
each_change() {
	local from to c n o

	for from in $STATUSES; do
		for to in $STATUSES; do
			for c in "${!OTHER[@]}"; do
				[ "$from" != "$to" ] || continue
				[ "$to-$c" != received-step ] || continue
				n=A-$from-$to-$c
				o=${OTHER[$c]/#al/al-$n}
				row "$n" "$from" >&3
				row "$n" "$to" "$c" "$o" >&4
				row "$n" "$to" "$c" "$o" email x@y.vn >&5
			done
		done
	done 3>rows 4>others 5>thirds
}

# told FILE: import it with --update; a line for each row, what its record and
# the log say of it.  Fails when something that is called changed is in no
# event, and when a row that was taken over, or refused, is not a second time.
told() {
	local before

	before=$(audit-export | jq -s length)
	imp --update --rejects=bad.csv "$1" >out 2>err || :
	audit-export --since="$before" | jq -r '.code + " " + .kind + " " +
	    (.body | fromjson | .data.set // {} | keys_unsorted |
	    join(" "))' | LC_ALL=C sort -s -k1,1 >log
	run -0 jq -r 'select((.changed | length > 0) and .events == 0) | .code' out
	[ -z "$output" ]
	diff <(jq -r 'select(.events > 0) | .code' out | LC_ALL=C sort) \
	    <(cut -d' ' -f1 log | uniq)
	sed -n 's/^A-\([^,]*\),.*,\(E_[A-Z]*\),"*\(.*[^"]\)"*$/\1 \2: \3/p' bad.csv |
	    sed 's/""A-[^"]*""/it/; s/""/"/g' >refused
	cp out first
	cp bad.csv again.csv
	imp --update --rejects=bad.csv "$1" >out 2>err || :
	diff again.csv bad.csv
	[ "$(jq -r .result out | sort -u)" = unchanged ]
	diff <(jq -r .code first) <(jq -r .code out)
}

@test "every status, every column: applied as an event, or refused" {
	set +T # no trap for each line of them
	each_status
	set -T
	{ echo $HEAD; cat rows; } >a.csv
	{ echo $HEAD; cat others; } >u.csv
	run -0 --separate-stderr imp a.csv
	told u.csv
	# Those that have no meaning there (less the last quote); and times that contradict it.
	same_text "$(grep -v E_STATUS refused | LC_ALL=C sort)" <<-'END'
		finished-paused_at E_CONFLICT: paused_at of it cannot be updated in status "finished
		finished-returned_at E_CONFLICT: returned_at of it cannot be updated in status "finished
		not-accepted-paused_at E_CONFLICT: paused_at of it cannot be updated in status "not-accepted
		not-accepted-returned_at E_CONFLICT: returned_at of it cannot be updated in status "not-accepted
		payment-paused_at E_CONFLICT: paused_at of it differs: when it was resumed in between is not known
		processing-paused_at E_CONFLICT: paused_at of it cannot be updated in status "processing
		received-paused_at E_CONFLICT: paused_at of it cannot be updated in status "received
		registered-paused_at E_CONFLICT: paused_at of it cannot be updated in status "registered
		registered-step E_CONFLICT: step of it cannot be updated in status "registered
		returned-paused_at E_CONFLICT: paused_at of it cannot be updated in status "returned
		stopped-paused_at E_CONFLICT: paused_at of it differs: when it was resumed in between is not known
		supplement-paused_at E_CONFLICT: paused_at of it differs: when it was resumed in between is not known
		withdrawn-paused_at E_CONFLICT: paused_at of it cannot be updated in status "withdrawn
		withdrawn-returned_at E_CONFLICT: returned_at of it cannot be updated in status "withdrawn
	END
	[ "$(grep -c E_STATUS refused)" -eq 12 ]
	# The others in their own way; a closed one's step is not kept, nor is
	# anything promised before the receipt.
	[ "$(jq -r 'select(.events == 0) | .code' first |
	    sed '/-step$/d; s/^A-//' | tr '\n' ' ')" = \
	    'registered-due_at not-accepted-due_at ' ]
	same_text "$(sed 's/^A-[a-z-]*-//' log | LC_ALL=C sort | uniq -c |
	    sed 's/ *$//; s/^ *//')" <<-'END'
		10 alias corrected
		10 applicant_kind corrected applicant_kind
		10 applicant_name corrected
		10 channel corrected channel
		3 due_at corrected
		5 due_at rescheduled
		10 field.floor_area corrected fields
		10 field.income corrected
		4 finished_at corrected finished_at
		4 holder corrected holder
		6 holder transferred
		6 officer assigned
		4 officer corrected officer
		8 received_at corrected received_at
		2 received_at corrected registered_at
		1 returned_at corrected returned_at
		5 step started
		10 subject corrected
	END
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a column that changes together with the status is not lost either" {
	set +T
	each_change
	set -T
	{ echo $HEAD; cat rows; } >a.csv
	{ echo $HEAD; cat others; } >u.csv
	{ echo $HEAD; cat thirds; } >v.csv
	run -0 --separate-stderr imp a.csv
	told u.csv
	jq -r .code first | LC_ALL=C sort >taken
	[ "$(wc -l <taken)" -gt 300 ]
	# The next row finds nothing else changed than it has itself.
	imp --update v.csv >out 2>err || :
	[ "$(jq -c '[.changed[]?.name]' out | sort -u)" = '["email"]' ]
	jq -r .code out | LC_ALL=C sort | diff taken -
	run -0 --separate-stderr dossier-db check
	silent
	balanced
}

# found ROWS: what the dossiers of the file `taken` are now.
found() {
	xargs dossier-find <taken | jq -c 'del(.version)' | LC_ALL=C sort
}

@test "an updated dossier is what the last row alone would have made it" {
	set +T
	each_status
	cat rows >base
	cat others >last
	each_change
	set -T
	{ echo $HEAD; cat base rows; } >a.csv
	{ echo $HEAD; cat last others; } >u.csv
	imp a.csv >/dev/null 2>&1
	imp --update u.csv >out 2>err || :
	jq -r .code out >taken
	[ "$(wc -l <taken)" -gt 500 ]
	found >updated
	fresh_db "$BATS_TEST_TMPDIR/rules"
	imp u.csv >out 2>err || :
	found >added
	# But a pause that the update saw end has moved the due date.
	diff <(grep -vE '"A-(supplement|payment|stopped)-(received|processing)-' \
	    updated) <(grep -vE \
	    '"A-(supplement|payment|stopped)-(received|processing)-' added)
}

@test "nothing is promised before the receipt" {
	local d='2024-04-29 17:00' due

	due='[.status, .received_at != null, .due_at, .due_source]'
	{ echo $HEAD; row A-1 registered; row A-2 registered
	  row A-3 registered due_at "$d"; } >a.csv
	imp a.csv >/dev/null 2>&1
	{ echo $HEAD; row A-1 registered due_at "$d"
	  row A-2 not-accepted due_at "$d"
	  row A-3 registered due_at '2024-04-30 17:00'; } >b.csv
	run -0 --separate-stderr imp --update b.csv
	[ "$(jq -c '[.code, .result, .events, [.changed[]?.name]]' <<<"$output" |
	    tr '\n' ' ')" = '["A-1","updated",0,[]] ["A-2","updated",1,["finished_at","status"]] ["A-3","updated",0,[]] ' ]
	[ "$(dossier-find A-1 A-2 A-3 | jq -c "$due" | tr '\n' ' ')" = \
	    '["registered",false,null,null] ["not-accepted",false,null,null] ["registered",false,null,null] ' ]
	run -0 --separate-stderr imp --update b.csv
	[ "$(jq -r .result <<<"$output" | sort -u)" = unchanged ]
	# With the receipt; or, where the shop receives it, what the rules say.
	{ echo $HEAD; row A-1 received due_at "$d"; } >c.csv
	run -0 --separate-stderr imp --update c.csv
	[ "$(dossier-find A-1 | jq -c "$due")" = \
	    '["received",true,"2024-04-29T17:00:00+07:00","given"]' ]
	route --now='2024-04-29 10:00' receive A-3 >/dev/null
	{ echo $HEAD; row A-3 registered due_at "$d" officer an; } >d.csv
	run -0 --separate-stderr imp --update d.csv
	[ "$(jq -c '[.events, .changed[].name]' <<<"$output")" = '[1,"officer"]' ]
	[ "$(dossier-find A-3 | jq -c "$due")" = \
	    '["received",true,"2024-05-06T17:00:00+07:00","computed"]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a registration at another time" {
	{ echo $HEAD; row G-1 registered; } >a.csv
	imp a.csv >/dev/null 2>&1
	sed 's/08:15/09:30/' a.csv >b.csv
	run -0 --separate-stderr imp --update b.csv
	[ "$(jq -c '[.result, .events, .run, [.changed[].name]]' <<<"$output")" = \
	    '["updated",1,2,["received_at"]]' ]
	[ "$(audit-export | tail -1 | jq -c '.body | fromjson | .data.set')" = \
	    '{"registered_at":"2024-04-15T02:30:00Z"}' ]
	[ "$(dossier-find G-1 | jq -c '[.status, .received_at, .due_at]')" = \
	    '["registered",null,null]' ]
	audit-export --format=dvcqg G-1 | grep -q 20240415093000
	# Then it is received, as if it had been so from the first.
	sed 's/registered/received/; s/09:30/10:30/' b.csv >c.csv
	run -0 --separate-stderr imp --update c.csv
	[ "$(dossier-find G-1 | jq -c '[.status, .received_at]')" = \
	    '["received","2024-04-15T10:30:00+07:00"]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what a first row said and no event keeps is not taken for a change" {
	{ echo $HEAD
	  row A-1 processing paused_at '2024-04-16 09:00' applicant_name An
	  row A-2 finished returned_at '2024-04-18 09:00' applicant_name An
	  row A-3 supplement applicant_name An; } >a.csv
	imp a.csv >/dev/null 2>&1
	sed 's/,An,/,Bo,/; s/supplement/processing/' a.csv >b.csv
	run -0 --separate-stderr imp --update b.csv
	[ "$(jq -c '[.code, .result, [.changed[].name]]' <<<"$output" | tr '\n' ' ')" = \
	    '["A-1","updated",["applicant_name"]] ["A-2","updated",["applicant_name"]] ["A-3","updated",["applicant_name","status"]] ' ]
	# The pause that is over is told on, and is not another one.
	sed 's/processing/finished/; s/,,,1.009994/,2024-04-19 09:00,,1.009994/' b.csv |
	    sed -n '1p; /A-3/p' >c.csv
	run -0 --separate-stderr imp --update c.csv
	[ "$(audit-export A-3 | jq -r .kind | tr '\n' ' ')" = \
	    'received paused corrected resumed finished ' ]
	# Another one is a change, and so is one with a change.
	sed 's/04-16 09:00/04-16 10:00/; s/04-18/04-19/; s/,Bo,/,Cu,/' b.csv |
	    sed '/A-3/d' >d.csv
	run -1 --separate-stderr imp --update d.csv
	[ "${stderr_lines[0]}" = 'dossier-import: d.csv:2:4: E_CONFLICT: paused_at of "A-1" cannot be updated in status "processing"' ]
	[ "${stderr_lines[1]}" = 'dossier-import: d.csv:3:6: E_CONFLICT: returned_at of "A-2" cannot be updated in status "finished"' ]
	[ -z "$output" ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "routed further than the row says: nothing to do, as before" {
	{ echo $HEAD; row A-1 received; } >a.csv
	imp a.csv >/dev/null 2>&1
	route --now='2024-05-06 10:00' finish A-1 >/dev/null
	{ echo $HEAD; row A-1 supplement; } >b.csv
	run -0 --separate-stderr imp --update b.csv
	[ "$(jq -c '[.result, .events]' <<<"$output")" = '["updated",0]' ]
	[ "$(dossier-find A-1 | jq -r .status)" = finished ]
	run -0 --separate-stderr imp --update b.csv
	[[ $output == *'"result":"unchanged"'* ]]
}

@test "nothing open is in the final step" {
	local s

	{ echo $HEAD; row A-1 processing step appraise; } >a.csv
	run -0 --separate-stderr imp a.csv
	for s in '' registered received processing supplement payment stopped; do
		{ echo $HEAD; row A-1 "$s" step return; row B-1 "$s" step return
		} >b.csv
		for update in '' --update; do
			run -1 --separate-stderr imp $update b.csv
			[ -z "$output" ]
			[ "${stderr_lines[0]}" = "dossier-import: b.csv:2:10: E_STATUS: status \"${s:-processing}\", but step \"return\" is final: finished_at is needed" ]
			[[ $stderr == *'2 rejected (E_STATUS 2)'* ]]
		done
	done
	[ "$(dossier-find A-1 | jq -r .step)" = appraise ]
	# What is finished may name it.
	{ echo $HEAD; row A-1 finished step return; row B-1 returned step return
	  row C-1 '' step return finished_at '2024-04-17 09:00'; } >c.csv
	run -0 --separate-stderr imp --update c.csv
	[ "$(dossier-find A-1 B-1 C-1 | jq -r .status | tr '\n' ' ')" = \
	    'finished returned finished ' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a pause that nobody ended is told of" {
	{ echo $HEAD
	  # Due on the 23rd, and with the pause later.
	  row A-1 finished paused_at '2024-04-16 09:00' finished_at '2024-04-24 09:00'
	  row A-2 returned paused_at '2024-04-16 09:00' finished_at '2024-04-23 09:00' \
	      returned_at '2024-04-24 09:00'
	  row A-3 processing paused_at '2024-04-16 09:00'
	  # These are paused, or early, or without a due date, or not judged.
	  row A-4 supplement
	  row A-5 withdrawn paused_at '2024-04-16 09:00'
	  row A-6 finished paused_at '2024-04-16 09:00' procedure 1.000002
	  row A-7 registered paused_at '2024-04-16 09:00'
	  row A-8 finished paused_at '2024-04-16 09:00'; } >a.csv
	run -0 --separate-stderr imp a.csv
	[[ $stderr == 'dossier-import: 8 rows: 8 added, 0 updated, 0 unchanged, 0 rejected, 3 warnings (W_PAUSE 3); '* ]]
	[ "$(dossier-find A-1 A-2 A-8 | jq -r .verdict | tr '\n' ' ')" = \
	    'late on-time early ' ]
	# It counts where it is written.
	run -0 --separate-stderr imp a.csv
	[[ $stderr != *W_PAUSE* ]]
	run -0 --separate-stderr imp --dry-run <(sed 's/A-/B-/' a.csv)
	[[ $stderr == *'3 warnings (W_PAUSE 3)'* ]]
	{ echo $HEAD; row A-4 finished finished_at '2024-04-24 09:00'; } >b.csv
	run -0 --separate-stderr imp --update b.csv
	[[ $stderr == *', 1 warning (W_PAUSE 1); '* ]]
	# Known to have gone on, it was paused no longer when it was finished.
	{ echo $HEAD; row C-1 supplement; } >c.csv
	imp c.csv >/dev/null 2>&1
	{ echo $HEAD; row C-1 processing paused_at '2024-04-16 09:00'; } >d.csv
	run -0 --separate-stderr imp --update d.csv
	{ echo $HEAD; row C-1 finished finished_at '2024-05-06 09:30'; } >e.csv
	run -0 --separate-stderr imp --update e.csv
	[[ $stderr != *W_PAUSE* ]]
	# Nor where a pause moves nothing.
	sed 's/"steps"/"deadline": {"pause": "none"}, &/' \
	    rules/procedures/xd/1.009994.json >p.json
	mv p.json rules/procedures/xd/1.009994.json
	make_rules rules >/dev/null
	{ echo $HEAD; row D-1 finished paused_at '2024-04-16 09:00'
	  row D-2 supplement; } | sed 's/17 09:00/24 09:00/' >f.csv
	run -0 --separate-stderr imp f.csv
	[[ $stderr != *W_PAUSE* ]]
	{ echo $HEAD; row D-2 finished finished_at '2024-04-24 09:00'; } >g.csv
	run -0 --separate-stderr imp --update g.csv
	[[ $stderr != *W_PAUSE* ]]
}
