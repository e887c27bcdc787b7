# tamper.bash - a database with a history, and ways to falsify it.

# shellcheck shell=bash disable=SC2154

# sample_rows N: dossiers of 2024 in every state, two codes of no standard
# shape and an alias among them.
sample_rows() {
	awk -v n="$1" 'BEGIN {
		print "code,alias,procedure,unit,subject,applicant_name," \
		    "channel,received_at,due_at,paused_at,finished_at," \
		    "returned_at,status,note"
		split("direct online postal", ch, " ")
		split("processing finished returned supplement registered " \
		    "received", st, " ")
		split("1.000656 1.000894 2.001199", pr, " ")
		for (i = 1; i <= n; i++) {
			m = 1 + i % 9
			code = sprintf("H42.02-24%02d%02d-%04d", m,
			    4 + i % 20, i)
			if (i % 50 == 7)
				code = "Sổ/" i
			s = st[1 + i % 6]
			day = sprintf("2024-%02d-%02d", m, 4 + i % 20)
			f = sprintf("2024-%02d-%02d", m + 1, 1 + i % 25)
			closed = s == "finished" || s == "returned"
			printf "%s,%s,%s,H42.02,Việc %d,\"Bà \"\"%d\"\"\",%s,",
			    code, (i % 40 == 3 ? "AL-" i : ""),
			    pr[1 + i % 3], i, i, ch[1 + i % 3]
			printf "%s 08:00,%s,%s,%s,%s,%s,%s\n", day,
			    (s == "registered" ? "" : f),
			    (s == "supplement" ? day " 09:30" : ""),
			    (closed ? f : ""),
			    (s == "returned" ? f : ""), s,
			    (i % 5 ? "" : "ghi chú")
		}
	}'
}

# A database of N dossiers (400): about 700 events, two bundles and a tail.
sample_db() {
	fresh_db
	sample_rows "${1:-400}" >"$BATS_TEST_TMPDIR/rows.csv"
	dossier-import "$BATS_TEST_TMPDIR/rows.csv" \
	    >"$BATS_TEST_TMPDIR/import.out" 2>&1
	dossier-find --status=received --limit=20 | route start - \
	    >"$BATS_TEST_TMPDIR/started"
	head -10 "$BATS_TEST_TMPDIR/started" | route next - >/dev/null
	[ "$(sql 'SELECT count(*) FROM bundle')" -ge 1 ]
}

# tamper SQL: what somebody with the file and sqlite3 can do.  The triggers
# are taken away for it and put back, so that the schema's text is whole.
tamper() {
	local drop make

	drop=$(sql "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema
	    WHERE type = 'trigger'")
	make=$(sql "SELECT sql || ';' FROM sqlite_schema
	    WHERE type = 'trigger'")
	sqlite3 -bail "$MOTCUA_DB" "PRAGMA recursive_triggers = 0; $drop $1;
	    $make"
}

# All findings' values of a member, each once, sorted.
members() {
	jq -r --arg m "$1" '.[$m]' <<<"$output" | sort -u
}
