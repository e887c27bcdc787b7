#!/usr/bin/env bats
# Batches of an import that follow one another under one lock: what is told
# is there, whatever ends the run, and whoever waits gets a turn.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

# rows N [BAD]: N clean ones, every BADth of an unknown unit.
rows() {
	awk -v n="$1" -v bad="${2:-0}" 'BEGIN {
		print "code,procedure,unit,received_at,finished_at,applicant_name,note"
		for (i = 1; i <= n; i++)
			printf "H42.30-240415-%04d,1.009994,%s,2024-04-15 08:15,%s,Trần Văn %d,%s\n",
			    i, bad && i % bad == 0 ? "H99" : "H42.30",
			    i % 3 ? "2024-04-16 09:00" : "", i * 7919,
			    i * 104729 % 1000003 }'
}

checked() {
	run -0 --separate-stderr dossier-db check
	silent
}

codes() {
	jq -r .code | sort
}

@test "any number of rows: as many batches as it takes, none told twice" {
	local n

	for n in 99 100 101 400 500 801; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		rows "$n" >a.csv
		run -0 --separate-stderr sh -c \
		    "dossier-import --now='2024-05-06 10:00' --batch=100 a.csv >out"
		[[ $stderr == *"$n rows: $n added, 0 updated, 0 unchanged, 0 rejected;"* ]]
		same_text "$(jq -r .line out)" < <(seq 2 $((n + 1)))
		checked
		rm -rf db
	done
}

@test "rejects keep their places among the results" {
	rows 950 7 >a.csv
	run -1 --separate-stderr imp --batch=60 --rejects=bad.csv a.csv
	[ "${#lines[@]}" -eq $((950 - 950 / 7)) ]
	same_text "$(jq -r .line <<<"$output")" < <(awk 'NR > 1 && (NR - 1) % 7 { print NR }' a.csv)
	[ "$(wc -l <bad.csv)" -eq $((950 / 7 + 1)) ]
	[[ $stderr == *"950 rows: 815 added, 0 updated, 0 unchanged, 135 rejected (E_UNIT 135)"* ]]
	# Counted as one by one: the run ends with the tenth.
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -2 --separate-stderr imp --batch=8 --max-errors=10 --rejects=bad.csv a.csv
	[[ $stderr == *'E_ERRORS: stopped after 10 refused rows'* ]]
	dossier-find | codes >there
	codes <<<"$output" >told
	[ -s told ]
	cmp there told
	checked
}

@test "refused rows of the portion in hand count for the next one" {
	local batch

	rows 2000 7 >a.csv
	for batch in 800 2400 16000; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		run -2 --separate-stderr imp "--batch=$batch" --max-errors=20 a.csv
		[[ $stderr == *'E_ERRORS: stopped after 20 refused rows, of at most 20'* ]]
		[[ $stderr == *'140 rows: 120 added, 0 updated, 0 unchanged, 20 rejected (E_UNIT 20)'* ]]
		[ "${#lines[@]}" -eq 120 ]
		checked
		rm -rf db
	done
	# Where whole portions are refused, too.
	rows 2000 1 >a.csv
	fresh_db "$BATS_TEST_TMPDIR/rules"
	run -2 --separate-stderr imp --batch=800 --max-errors=150 a.csv
	[[ $stderr == *'E_ERRORS: stopped after 150 refused rows, of at most 150'* ]]
}

@test "what is lost when too many rows were refused is told" {
	rows 3000 1500 >a.csv
	run -2 --separate-stderr bash -c "ulimit -f 100
	    exec dossier-import --now='2024-05-06 10:00' --batch=8000 \
	    --max-errors=1 a.csv"
	[ -z "$output" ]
	[[ $stderr == *E_IO* ]]
	[[ $stderr != *'what went in stays'* ]]
	[ -z "$(dossier-find)" ]
	checked
}

# again N: rows of N dossiers in the order of their codes, some of them twice
# or three times, near or far, and every other one of these changed; first.csv
# has each third dossier; want: line and result of each row that is not refused.
again() {
	rows "$1" | awk -F, '
	    NR == 1 { print >"first.csv"; print >"again.csv"; next }
	    { code[++n] = $1; row[n] = $0 }
	    n % 3 == 0 { print >"first.csv"; there[$1] = $0 }
	    function put(i, change,    r) {
		r = row[i]
		if (change)
			sub("Trần Văn", "Lê Thị", r)
		print r >"again.csv"
		line++
		if (!(code[i] in there)) {
			print line + 1, "added" >"want"
			there[code[i]] = r
		} else if (there[code[i]] == r)
			print line + 1, "unchanged" >"want"
	    }
	    END {
		for (i = 1; i <= n; i++) {
			put(i, 0)
			if (i % 50 == 7)
				put(i, 0)
			if (i % 50 == 11)
				put(i, 1)
			if (i % 50 == 13 && i > 40)
				put(i - 40, i % 100 == 13)
			if (i % 500 == 17 && i > 300)
				put(i - 300, i % 1000 == 17)
		}
	    }'
}

@test "rows that are there, or come twice, near or far, in batches of any size" {
	local batch

	again 3000
	for batch in 8 100 1000 3000 65536; do
		rm -rf db
		fresh_db "$BATS_TEST_TMPDIR/rules"
		imp first.csv >/dev/null 2>&1
		run -1 --separate-stderr imp --batch="$batch" again.csv
		same_text "$(jq -r '"\(.line) \(.result)"' <<<"$output")" <want
		[[ $stderr == *" rows: 2000 added, 0 updated, "*" rejected (E_CONFLICT "* ]]
		checked
	done
}

@test "a row of an earlier batch of the chain is found again" {
	{
		rows 400
		rows 250 | tail -n +2
		rows 10 | tail -n +2 | sed 's/08:15/08:45/'
	} >a.csv
	run -1 --separate-stderr imp --batch=100 a.csv
	[[ $stderr == *"660 rows: 400 added, 0 updated, 250 unchanged, 10 rejected (E_CONFLICT 10)"* ]]
	checked
}

@test "a full disk in the midst of it: what was told is there, no more" {
	local limit

	rows 9000 >a.csv
	for limit in 700 1000 1300 1700 2100 2600; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		run --separate-stderr bash -c "ulimit -f $limit
		    exec dossier-import --now='2024-05-06 10:00' --batch=300 a.csv"
		[ "$status" -eq 0 ] || [ "$status" -eq 2 ]
		[ "$status" -eq 0 ] || [[ $stderr == *E_IO* ]]
		dossier-find | codes >there
		codes <<<"$output" >told
		cmp there told
		checked
		run -0 --separate-stderr imp a.csv
		[ "$(grep -c '"added"' <<<"$output")" -le 9000 ]
		[ "$(dossier-find | jq -s length)" -eq 9000 ]
		checked
	done
}

@test "whoever reads the results may want the lock: no one waits for ever" {
	rows 3000 >a.csv
	run -0 --separate-stderr timeout 120 sh -c \
	    "dossier-import --now='2024-05-06 10:00' --batch=100 a.csv |
	    route --now='2024-05-06 10:00' start - >out"
	[ "$(jq -s length out)" -eq 3000 ]
	checked
}

@test "a reader that stands still stops an import, and nobody else" {
	local before=-1 now=0 pid

	rows 20000 >a.csv
	rows 20001 | sed -n '1p;$p' >b.csv
	mkfifo out
	imp --batch=100 a.csv >out 2>err &
	pid=$!
	exec 7<out
	until [ "$now" -gt 0 ] && [ "$now" -eq "$before" ]; do
		sleep 0.5
		before=$now
		now=$(dossier-find 2>/dev/null | wc -l)
	done
	[ "$now" -lt 20000 ]
	run -0 --separate-stderr timeout 25 dossier-import --now='2024-05-06 10:00' b.csv
	[[ $stderr == *': 1 added, '* ]]
	kill -0 "$pid"
	jq -r .line <&7 >told
	exec 7<&-
	wait "$pid"
	same_text "$(<told)" < <(seq 2 20001)
	[[ $(<err) == *'20000 rows: 20000 added'* ]]
	checked
}

@test "rows may be large: they are not all in memory until a chain ends" {
	[ -z "${MOTCUA_SAN-}" ] || skip 'sanitizers keep to no limit'
	perl -e 'print "code,procedure,unit,received_at,note\n";
	    printf "H42.30-240415-%04d,1.009994,H42.30,2024-04-15 08:15,%s\n",
	    $_, $_ % 2 ? "x" x 30000 : "" for 1 .. 16000' >a.csv
	run -1 --separate-stderr bash -c "ulimit -v 450000
	    exec dossier-import --now='2024-05-06 10:00' --rejects=bad.csv a.csv"
	[[ $stderr == *'16000 rows: 8000 added, 0 updated, 0 unchanged, 8000 rejected (E_LIMIT 8000)'* ]]
	[ "$(wc -l <bad.csv)" -eq 8001 ]
	rm a.csv bad.csv
	checked
}
