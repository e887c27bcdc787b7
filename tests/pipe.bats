#!/usr/bin/env bats
# Tools in a pipe over one database: each finds what the one before it told,
# nobody waits for ever, nobody starves.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
	NOW='2024-05-06 10:00'
	export NOW
	cat >x.csv <<-'END'
		code,procedure,unit,received_at,finished_at
		A-1,1.009994,H42.30,2024-04-15,
		A-2,1.009994,H42.30,2024-05-03,
		A-3,1.009994,H42.30,2024-04-24,
		A-4,1.009994,H42.30,2024-04-15,2024-04-16
		A-5,1.009994,H42.30,2024-04-31,
	END
}

# The background jobs of a test that failed go with it.
teardown() {
	cd / || return 1
	jobs -p | xargs -r kill 2>/dev/null || :
}

# many N [LETTER]: that many rows, of codes that begin with the letter.
many() {
	echo code,procedure,unit,received_at
	awk -v n="$1" -v c="${2:-M}" 'BEGIN { for (i = 1; i <= n; i++)
	    printf "%s-%d,1.009994,H42.30,2024-04-%02d\n", c, i, i % 28 + 1 }'
}

chain() {
	dossier-import --now="$NOW" x.csv | route --now="$NOW" - |
	    sla-check --now="$NOW" - | jq -r '"\(.code) \(.step) \(.state) \(.late_days)"'
}

# A statement about the system, that waits for it to become true.
until_true() {
	local i

	for ((i = 0; i < 600; i++)); do
		if "$@"; then
			return 0
		fi
		sleep 0.05
	done
	echo "never true: $*"
	return 1
}

checked() {
	run -0 --separate-stderr dossier-db check
	silent
}

@test "import | route | sla-check | jq" {
	run -0 --separate-stderr chain
	same_text "$output" <<-'END'
		A-1 receive overdue 13
		A-3 receive overdue 5
	END
	same_text "$stderr" <<-'END'
		dossier-import: x.csv:6:4: E_DATE: received_at: "2024-04-31" is no date, or in a form that is not known
		dossier-import: 5 rows: 4 added, 0 updated, 0 unchanged, 1 rejected (E_DATE 1); 5 events, run 1
	END
	# Safe to repeat: the same answer, and no event more.
	local size

	size=$(audit-export | wc -l)
	run -0 --separate-stderr chain
	[ "${#lines[@]}" -eq 2 ]
	[ "$(audit-export | wc -l)" -eq "$size" ]
	checked
}

@test "bare codes fit in between" {
	run -0 --separate-stderr bash -c 'dossier-import --now="$NOW" x.csv 2>/dev/null |
	    jq -r .code | grep -v 2 | route --now="$NOW" - | jq -r ".code + \" \" + .result"'
	same_text "$output" <<-'END'
		A-1 done
		A-3 done
		A-4 unchanged
	END
}

@test "the same while another import runs" {
	many 300000 >big.csv
	dossier-import big.csv >big.out 2>big.err &
	pid=$!
	until_true test -s big.out
	run -0 --separate-stderr timeout 100 bash -c "$(declare -f chain); chain"
	same_text "$output" <<-'END'
		A-1 receive overdue 13
		A-3 receive overdue 5
	END
	wait "$pid"
	[ "$(wc -l <big.out)" -eq 300000 ]
	[[ $(<big.err) == 'dossier-import: 300000 rows: 300000 added, 0 updated, 0 unchanged, 0 rejected; 300000 events, run '[12] ]]
	checked
}

@test "a route waits at most for a batch of an import, not for its end" {
	run -1 dossier-import --now="$NOW" x.csv
	many 300000 >big.csv
	dossier-import big.csv >big.out 2>/dev/null &
	pid=$!
	until_true test -s big.out
	run -0 --separate-stderr timeout 100 route --now="$NOW" A-1 A-2
	kill -0 "$pid"		# the import is not over yet
	[ "$(jq -r .result <<<"$output" | tr '\n' ' ')" = 'done done ' ]
	wait "$pid"
	[ "$(wc -l <big.out)" -eq 300000 ]
	checked
}

@test "an import that waits for its input holds nobody up" {
	mkfifo slow
	dossier-import slow >slow.out 2>slow.err &
	pid=$!
	exec 7>slow
	many 100 S >&7
	until_true test -s slow.out
	# Told at once, although the input goes on: its batch was closed.
	until_true eval '[ "$(wc -l <slow.out)" -eq 100 ]'
	run -0 --separate-stderr timeout 20 route S-1
	[ "$(jq -r .result <<<"$output")" = 'done' ]
	printf 'S-101,1.009994,H42.30,2024-04-02\nS-102,1.0' >&7
	until_true eval '[ "$(wc -l <slow.out)" -eq 101 ]'
	printf '09994,H42.30,2024-04-02' >&7
	exec 7>&-
	wait "$pid"
	[ "$(tail -1 slow.out | jq -r .code)" = S-102 ]
	[ "$(<slow.err)" = 'dossier-import: 102 rows: 102 added, 0 updated, 0 unchanged, 0 rejected; 102 events, run 1' ]
	checked
}

@test "an import and two routers in one pipe never deadlock" {
	many 40000 >big.csv
	run -0 --separate-stderr timeout 100 bash -o pipefail -c '
		dossier-import big.csv 2>/dev/null |
		    tee >(route - >a.out; echo "$?" >a.status) | route - >b.out'
	silent
	until_true test -s a.status
	[ "$(<a.status)" = 0 ]
	# Each dossier was started by the one router or by the other.
	[ "$(cat a.out b.out | jq -r .result | sort | uniq -c | tr -s ' \n' ' ')" = ' 40000 done 40000 unchanged ' ]
	[ "$(jq -r 'select(.result == "done") | .code' a.out b.out | sort -u | wc -l)" -eq 40000 ]
	checked
}

@test "three imports and a router at once" {
	local i

	for i in A B C; do
		many 30000 "$i" >"$i.csv"
	done
	for i in A B C; do
		timeout 100 dossier-import "$i.csv" >"$i.out" 2>"$i.err" &
	done
	until_true test -s A.out
	run -0 timeout 100 bash -c 'jq -r .code A.out | head -5000 | route - >/dev/null'
	wait
	[ "$(cat ?.out | wc -l)" -eq 90000 ]
	[ "$(cat ?.err | grep -c '30000 added, 0 updated, 0 unchanged, 0 rejected')" -eq 3 ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 90000 ]
	checked
}

@test "a reader that goes away ends the tools quietly, nothing half done" {
	many 100000 >big.csv
	run -0 --separate-stderr bash -c 'dossier-import big.csv 2>err | head -1; echo "${PIPESTATUS[0]}"'
	[ "${lines[1]}" -eq 141 ]
	[ ! -s err ]
	checked
	# What was committed is found again, the rest comes now.
	run -0 --separate-stderr dossier-import big.csv
	[ "$(wc -l <<<"$output")" -eq 100000 ]
	[ "$(sql 'SELECT count(*) FROM dossier')" -eq 100000 ]
	checked
}
