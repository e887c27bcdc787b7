#!/usr/bin/env bats
# sla-check --changes: each piece of news once, whatever happens to the run.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

setup() {
	fresh_db
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Five dossiers, three of them overdue or due soon on 9 April.
few() {
	dossier-import --now='2026-04-08 12:00' - >in.log 2>&1 <<-'CSV'
		code,procedure,unit,channel,received_at,due_at
		H42.67-260401-0001,1.013225,H42.67,direct,2026-04-01 08:30,2026-04-07
		H42.60-260401-0001,1.013225,H42.60,direct,2026-04-01 08:30,2026-04-07
		H42.67-260402-0001,1.013225,H42.67,online,2026-04-02 09:00,2026-04-09
		H42.67-260402-0003,1.013225,H42.67,online,2026-04-02 09:00,2026-04-13
		H42.60-260408-0001,1.013225,H42.60,online,2026-04-08 10:00,
	CSV
}

# All that a generated month has open: some hundreds.
many() {
	gen --rows=6000 --from=2026-03-01 --days=30 --dirt=0 --open=120 \
	    >in.csv
	dossier-import --now='2026-05-04 08:00' in.csv >in.log 2>&1
	NOW=--now='2026-05-05 08:00'
	sla-check "$NOW" -f ndjson --state=overdue,due-soon,in-time |
	    jq -r .code | sort >want
	[ "$(wc -l <want)" -gt 300 ]
}

ALL=--state=overdue,due-soon,in-time

news() {
	sla-check --now="$1" --changes=mail -f ndjson "${@:2}"
}

short() {
	jq -r '[.code, .state] | join(" ")' <<<"$output"
}

@test "news once; what comes back is news again" {
	few
	run -0 --separate-stderr news '2026-04-08 13:00'
	[ -z "$stderr" ]
	same_text "$(short)" <<-'END'
		H42.60-260401-0001 overdue
		H42.67-260401-0001 overdue
		H42.67-260402-0001 due-soon
	END
	# A record is what it is without the option.
	run -0 sla-check --now='2026-04-08 13:00' -f ndjson \
	    --state=due-soon
	local plain=$output
	run -0 sla-check --now='2026-04-08 13:00' --changes=other -f ndjson \
	    --state=due-soon
	[ "$output" = "$plain" ]

	run -0 --separate-stderr news '2026-04-08 13:01'
	silent
	# Another state is news; so is a due that moved.
	run -0 --separate-stderr news '2026-04-10 08:00'
	same_text "$(short)" <<-'END'
		H42.67-260402-0001 overdue
		H42.67-260402-0003 due-soon
	END
	# Paused, it has left; resumed, it is there again.
	route --now='2026-04-10 08:30' start H42.67-260401-0001 >route.log
	route --now='2026-04-10 08:31' supplement --reason=x \
	    H42.67-260401-0001 >route.log
	run -0 --separate-stderr news '2026-04-10 09:00'
	silent
	[ "$(sql 'SELECT count(*) FROM told WHERE name = "mail"')" -eq 3 ]
	route --now='2026-04-10 10:00' resume H42.67-260401-0001 >route.log
	run -0 --separate-stderr sla-check --now='2026-04-28 10:00' \
	    --changes=mail -f ndjson H42.67-260401-0001
	[ "$(jq -r .code <<<"$output")" = H42.67-260401-0001 ]
	# Only that dossier was looked at: the others are forgotten.
	[ "$(sql 'SELECT count(*) FROM told WHERE name = "mail"')" -eq 1 ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "names keep apart; formats; --exit-code" {
	few
	run -1 sla-check --now='2026-04-09 08:00' --changes=a.b_c-1 -e -f csv
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[0]} == code,procedure,* ]]
	[[ ${lines[1]} == H42.60-260401-0001,* ]]
	run -0 --separate-stderr sla-check --now='2026-04-09 08:00' \
	    --changes=a.b_c-1 -e -f csv
	silent
	run -0 sla-check --now='2026-04-09 08:00' --changes=other -f table
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[0]} == code*title ]]
	[[ ${lines[3]} == H42.67-260402-0001*due-soon* ]]
	local name
	for name in '' 'a b' ../x 'a/b' "$(printf 'a%.0s' {1..65})"; do
		run -2 --separate-stderr sla-check --changes="$name"
		[ -z "$output" ]
		[[ $stderr == 'sla-check: --changes: E_USAGE: '* ]]
	done
	run -0 sla-check --now='2026-04-09 08:00' \
	    --changes="$(printf 'a%.0s' {1..64})"
}

@test "steps have news of their own" {
	few
	route --now='2026-04-08 13:30' start H42.67-260402-0001 >route.log
	run -0 news '2026-04-09 08:30' --steps
	[ "$(jq -r '[.code, .step] | join(" ")' <<<"$output")" = \
	    'H42.67-260402-0001 receive' ]
	run -0 --separate-stderr news '2026-04-09 08:30' --steps
	silent
	route --now='2026-04-09 09:00' next H42.67-260402-0001 >route.log
	run -0 news '2026-04-09 09:00' --steps --state=in-time
	[ "$(jq -r '[.code, .step] | join(" ")' <<<"$output")" = \
	    'H42.67-260402-0001 appraise' ]
}

@test "--dry-run shows the news and writes nothing" {
	few
	run -0 --separate-stderr news '2026-04-08 13:00' --dry-run
	[ "${#lines[@]}" -eq 3 ]
	[ "$(jq -r .dry_run <<<"${lines[0]}")" = true ]
	[ "$(sql 'SELECT count(*) FROM told')" -eq 0 ]
	[ ! -e "$MOTCUA_DB.told-mail" ]
	run -0 news '2026-04-08 13:00'
	[ "${#lines[@]}" -eq 3 ]
	run -0 --separate-stderr news '2026-04-08 13:00' -n
	silent
	run -2 --separate-stderr sla-check --dry-run
	[[ $stderr == 'sla-check: E_USAGE: --dry-run goes with --changes'* ]]
	run -2 --separate-stderr sla-check --changes=a --now=2190-01-01
	[[ $stderr == 'sla-check: --now: E_NOW: '* ]]
}

@test "a full disk: nothing is lost" {
	[ -w /dev/full ] || skip 'no /dev/full here'
	few
	run -2 --separate-stderr bash -c \
	    "sla-check --now='2026-04-08 13:00' --changes=mail >/dev/full"
	[[ $stderr == 'sla-check: E_IO: '* ]]
	# It waits to be sent: a look shows it, and takes nothing away.
	run -0 news '2026-04-08 13:00' --dry-run
	[ "${#lines[@]}" -eq 3 ]
	run -0 news '2026-04-08 13:00'
	[ "${#lines[@]}" -eq 3 ]
}

@test "a reader that goes away: the rest comes with the next run" {
	local first=$BATS_TEST_TMPDIR/first

	many
	sla-check "$NOW" --changes=mail "$ALL" -f ndjson | head -n 1 >"$first"
	run -0 sla-check "$NOW" --changes=mail "$ALL" -f ndjson
	# A pipe may hold a few lines that nobody has read.
	[ "${#lines[@]}" -lt "$(wc -l <want)" ]
	[ "${#lines[@]}" -gt $(($(wc -l <want) - 100)) ]
	[ "$(jq -r .code "$first" <(printf '%s\n' "${lines[@]}") | sort |
	    uniq -d)" = '' ]
	run -0 --separate-stderr sla-check "$NOW" --changes=mail "$ALL" \
	    -f ndjson
	silent
}

@test "runs at the same time tell each piece of news once" {
	local i

	many
	for i in 1 2 3 4; do
		sla-check "$NOW" --changes=mail "$ALL" -f ndjson >"out.$i" &
	done
	wait
	jq -r .code out.? | sort | diff - want
	[ "$(sql 'SELECT count(*) FROM told WHERE n IS NOT NULL')" -eq 0 ]
}

@test "a run waits for the one before it" {
	few
	: >"$MOTCUA_DB.told-mail"
	flock "$MOTCUA_DB.told-mail" sleep 1 &
	sleep 0.2
	local from=$EPOCHREALTIME
	run -0 news '2026-04-08 13:00'
	[ "${#lines[@]}" -eq 3 ]
	[ $((${EPOCHREALTIME/./} - ${from/./})) -gt 500000 ]
	wait
	# Another name does not.
	flock "$MOTCUA_DB.told-mail" sleep 5 &
	run -0 sla-check --now='2026-04-08 13:00' --changes=other -f ndjson
	[ "${#lines[@]}" -eq 3 ]
	kill %+ 2>/dev/null || :
}

# killed MODE NAME: until one run lives, each dead soon after its first line.
# Adds to $kills.
killed() {
	local i pid to before

	for ((i = 0; i < 200; i++)); do
		to=out.$i
		[ "$1" != append ] || to=out.all
		: >>"$to"
		before=$(stat -c %s "$to")
		case $1 in
		file)	sla-check "$NOW" --changes="$2" "$ALL" -f ndjson >"$to" & ;;
		append)	sla-check "$NOW" --changes="$2" "$ALL" -f ndjson >>"$to" & ;;
		csv)	sla-check "$NOW" --changes="$2" "$ALL" -f csv >"$to" & ;;
		pipe)	sla-check "$NOW" --changes="$2" "$ALL" -f ndjson \
			    > >(cat >"$to") & ;;
		esac
		pid=$!
		# Some at any moment, most of them while it sends.
		if ((i % 4 != 3)); then
			while [ "$(stat -c %s "$to")" -eq "$before" ] &&
			    kill -0 "$pid" 2>/dev/null; do :; done
		else
			sleep "0.0$((RANDOM % 10))"
		fi
		kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
		wait "$pid" 2>/dev/null && break
	done
	sleep 0.1
}

# A piece that a kill has left at the end of a file of its own is no line:
# the next run, which writes elsewhere, has printed it anew.
drop_pieces() {
	local f

	for f in out.*; do
		[ -z "$(tail -c 1 "$f")" ] || sed -i '$d' "$f"
	done
}

@test "killed again and again: nothing is lost, nothing repeated" {
	local mode k kills=0

	many
	RANDOM=4711
	for mode in file append csv pipe; do
		for k in 1 2 3 4; do
			rm -f out.*
			killed $mode $mode$k
			case $mode in file | csv) drop_pieces ;; esac
			if [ $mode = csv ]; then
				cut -d, -f1 out.* | grep -v '^code$'
			else
				jq -r .code out.*
			fi | sort | diff - want
			run -0 --separate-stderr sla-check "$NOW" \
			    --changes=$mode$k "$ALL" -f ndjson
			silent
		done
	done
	echo "# $kills runs were killed" >&3
	[ "$kills" -ge 5 ]
	run -0 --separate-stderr dossier-db check
	silent
}
