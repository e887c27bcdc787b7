#!/usr/bin/env bats
# A real event log of a municipality's permits: what its independent analysis
# counts is what the tools count.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

setup() {
	need_shared data/eventlogs/receipt.csv.gz
	LOG=$SHARED/data/eventlogs/receipt.csv.gz
	TRUTH=$SHARED/data/eventlogs/receipt_truth.json
	MAP=$TOP/tests/receipt/map.json
	cp -r "$TOP/tests/receipt/rules" "$BATS_TEST_TMPDIR/rules"
	make_rules "$BATS_TEST_TMPDIR/rules" >/dev/null
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

import() {
	zcat "$LOG" | dossier-import --map="$MAP" -
}

# truth FILTER: a number of the analysis.
truth() {
	jq -S "$1" "$TRUTH"
}

# A list of words, one a line, as an object of their counts.
counted() {
	jq -RnS '[inputs] | group_by(.) | map({(.[0]): length}) | add'
}

@test "dossiers, activities, channels, open and closed, lateness" {
	run -0 --separate-stderr import
	[ "$(jq -r .result <<<"$output" | counted)" = "{
  \"added\": $(truth .cases)
}" ]
	same_text "$stderr" <<-'END'
		dossier-import: -: columns passed over: "case:department", "case:enddate_planned", "case:group", "case:responsible", "concept:instance", "lifecycle:transition", "org:group"
		dossier-import: 8577 rows: 1434 added, 0 updated, 0 unchanged, 0 rejected, 196 warnings (W_ORDER 196); 11340 events, run 1
	END
	dossier-find >found
	audit-export >log
	diff <(jq -r 'select(.kind == "activity") | .activity' log | counted) \
	    <(truth .activities)
	[ "$(jq -r 'select(.kind == "activity") | .activity' log | wc -l)" -eq "$(truth .events)" ]
	# The channels, in our words.
	diff <(jq -r .channel found | counted) \
	    <(truth '."cases_per_case:channel" | {direct: (.Desk + .Intern), online: (.Internet + ."e-mail"), postal: .Post}')
	[ "$(jq -r 'select(.finished_at == null) | .status' found | counted)" = "{
  \"received\": $(truth .open_cases_no_enddate)
}" ]
	# Given deadlines, judged by the instant.
	[ "$(jq -r 'select(.verdict == "late") | .code' found | wc -l)" -eq "$(truth .R1_enddate_gt_deadline.late)" ]
	[ "$(jq -r 'select(.verdict != null) | .code' found | wc -l)" -eq "$(truth .R1_enddate_gt_deadline.closed_with_deadline)" ]
	diff <(jq -r 'select(.verdict == "late") | .channel' found | counted) \
	    <(truth '.R1_late_by_channel | {direct: .Desk, online: (.Internet + ."e-mail"), postal: .Post}')
	[ "$(jq -r .due_source found | sort -u)" = given ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "who is late, at the end of the log" {
	import >/dev/null 2>&1
	local cut

	cut=$(truth .R4_open_and_deadline_before_last_event_of_log.cut |
	    sed 's/"//g; s/ /T/; s/000+/+/')
	dossier-find --now="$cut" --late >late
	[ "$(jq -r 'select(.finished_at != null) | .code' late | wc -l)" -eq "$(truth .R1_enddate_gt_deadline.late)" ]
	[ "$(jq -r 'select(.finished_at == null) | .code' late | wc -l)" -eq "$(truth .R4_open_and_deadline_before_last_event_of_log.open_overdue)" ]
	sla-check --now="$cut" --state=overdue >overdue
	diff <(jq -r 'select(.finished_at == null) | .code' late | sort) \
	    <(jq -r .code overdue | sort)
	[ "$(sla-check --now="$cut" --state=overdue,due-soon,in-time | wc -l)" -eq "$(truth .open_cases_no_enddate)" ]
}

@test "report 06a adds up to the same" {
	import >/dev/null 2>&1
	run -0 --separate-stderr report 06a --format=ndjson --period=2010-01-01..2012-12-31
	tail -1 <<<"$output" >total
	[ "$(jq .finished_total total)" -eq "$(truth .R1_enddate_gt_deadline.closed_with_deadline)" ]
	[ "$(jq .finished_late total)" -eq "$(truth .R1_enddate_gt_deadline.late)" ]
	[ "$(jq .open_total total)" -eq "$(truth .open_cases_no_enddate)" ]
	[ "$(jq .received_online total)" -eq "$(truth '."cases_per_case:channel" | .Internet + ."e-mail"')" ]
	[ "$(jq .received_total total)" -eq "$(truth .cases)" ]
}

@test "a second run changes nothing" {
	local before

	import >/dev/null 2>&1
	before=$(sha256sum db/motcua.db db/motcua.db-wal)
	run -0 --separate-stderr import
	[ "$(jq -r .result <<<"$output" | counted)" = "{
  \"unchanged\": $(truth .cases)
}" ]
	[[ ${stderr_lines[-1]} == 'dossier-import: 8577 rows: 0 added, 0 updated, 1434 unchanged, 0 rejected, 196 warnings (W_ORDER 196)' ]]
	[ "$(sha256sum db/motcua.db db/motcua.db-wal)" = "$before" ]
}

@test "rows in any order make the same dossiers" {
	import >/dev/null 2>&1
	dossier-find | jq -c 'del(.version)' | sort >one
	audit-export | jq -r 'select(.code) | "\(.code) \(.at) \(.kind) \(.activity) \(.actor)"' | sort >log.one
	fresh_db "$BATS_TEST_TMPDIR/rules"
	zcat "$LOG" | awk 'NR == 1 { print; next } { line[NR] = $0 }
	    END { srand(7); for (i = 2; i <= NR; i++) { j = 2 + int(rand() * (i - 1))
	    t = line[i]; line[i] = line[j]; line[j] = t }
	    for (i = 2; i <= NR; i++) print line[i] }' >shuffled.csv
	run -0 --separate-stderr dossier-import --map="$MAP" shuffled.csv
	dossier-find | jq -c 'del(.version)' | sort | diff one -
	audit-export | jq -r 'select(.code) | "\(.code) \(.at) \(.kind) \(.activity) \(.actor)"' | sort | diff log.one -
	run -0 --separate-stderr dossier-db check
	silent
}
