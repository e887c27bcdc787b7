#!/usr/bin/env bats
# Dossiers that all has happened to: out in another form, in again, the same.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

NOW=--now='2026-03-20 15:00'

setup() {
	python3 -c '' 2>/dev/null || skip 'no python3'
	cd "$BATS_TEST_TMPDIR" || return
}

# made SEED N: so many dossiers, received and worked on.
made() {
	local at list codes words

	rm -rf world db
	mkdir -p world/rules
	python3 "$TOP/tests/lives.py" world "$1" "$2"
	office_rules "$PWD/world/rules"
	cat >world/rules/units.csv <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.31,Xã A,commune,one-stop,H42,2000-01-01,,
		H42.32,Xã B,commune,one-stop,H42,2000-01-01,,
	END
	cp world/procedures/*.json world/rules/procedures/xd/
	make_rules "$PWD/world/rules" >/dev/null
	fresh_db "$PWD/world/rules"
	dossier-import --now='2026-03-06 07:30' world/rows.csv >log 2>&1 ||
	    { [ $? = 1 ] || { cat log; return 1; }; }
	while IFS='|' read -r at list codes; do
		# Some are refused, by the state they are in then.
		IFS='~' read -ra words <<<"$list"
		tr ' ' '\n' <<<"$codes" | route --now="$at" "${words[@]}" - \
		    >>log 2>&1 || [ $? = 1 ]
	done <world/acts
}

# What everybody goes by; a due that was moved is a promise afterwards.
found() {
	dossier-find "$NOW" --format=ndjson | jq -c '[.code, .procedure, .unit,
	    .channel, .status, .received_at, .due_at, .paused_at,
	    .finished_at, .returned_at, .verdict, .late_days]' | sort
}

# goes_round FILE FORMAT: to a second database, where all is as before.
goes_round() {
	fresh_db "$PWD/world/rules"
	run -0 --separate-stderr dossier-import "$NOW" --input="$2" "$1"
	[[ $stderr == *' 0 rejected'* ]]
	found | diff before -
	run -0 dossier-db check
	silent
}

@test "due dates, verdicts, days late: the same by XES and by messages" {
	local form

	made 1 300
	found >before
	dossier-find "$NOW" --format=ndjson >records
	# It is about these.
	[ "$(jq -r .status records | sort -u | wc -l)" -ge 8 ]
	[ "$(jq -r .verdict records | sort -u | wc -l)" -eq 4 ]
	for form in xes dvcqg; do
		audit-export --format="$form" --personal >"out.$form"
	done
	for form in xes dvcqg; do
		goes_round "out.$form" "$form"
		# What nobody has moved is nobody's promise.
		[ "$(dossier-find | jq -r .due_source | grep -c computed)" -gt 10 ]
	done
}

@test "a due that a pause has moved" {
	local act

	fresh_db
	printf '%s\n' code,procedure,unit,received_at \
	    'A-1,1.004194,H42.60.04,2025-08-04 08:00' \
	    'A-2,1.004194,H42.60.04,2025-08-04 08:00' |
	    dossier-import --now='2025-08-04 09:00' - >log 2>&1
	for act in 04:start 05:supplement 12:resume 13:finish; do
		route --now="2025-08-${act%:*} 09:30" "${act#*:}" A-1 >>log
	done
	due() {
		dossier-find --now='2025-08-13 10:00' |
		    jq -r '[.code, .due_at, .due_source, .verdict] | @csv' | tr -d '"'
	}
	run -0 due
	[ "${lines[0]}" = A-1,2025-08-14T17:00:00+07:00,computed,early ]
	printf '%s\n' "$output" >before
	audit-export --format=xes --personal >out
	mv db was
	fresh_db "$PWD/was/motcua.rules"
	dossier-import --now='2025-08-13 10:00' --input=xes out >log 2>&1
	# The one that nobody has moved is nobody's promise.
	due | diff <(sed 's/^\(A-1.*\)computed/\1given/' before) -
}

@test "never received: registered, and asked for papers or withdrawn" {
	local form

	made 1 1
	cat >in.csv <<-'END'
		code,procedure,unit,status,received_at
		R-1,1.000001,H42.31,1,2026-03-02 08:00
		R-2,1.000001,H42.31,1,2026-03-02 08:00
		R-3,1.000001,H42.31,1,2026-03-02 08:00
	END
	for form in xes dvcqg; do
		fresh_db "$PWD/world/rules"
		dossier-import --now='2026-03-02 08:30' in.csv >log 2>&1
		route --now='2026-03-03 09:00' supplement R-1 R-2 R-3 >log
		route --now='2026-03-03 10:00' withdraw R-3 >log
		found >before
		audit-export --format="$form" --personal >out
		route --now='2026-03-04 09:00' receive R-1 >log
		found >after
		audit-export --format="$form" --personal >later
		goes_round out "$form"
		[ "$(audit-export R-3 | jq -r .kind | paste -sd,)" = registered,withdrawn ]
		run -0 --separate-stderr dossier-import "$NOW" --input="$form" out
		[[ $stderr == *' 0 updated, 3 unchanged, 0 rejected'* ]]
		run -0 --separate-stderr dossier-import "$NOW" --update \
		    --input="$form" later
		[[ $stderr == *' 0 rejected'* ]]
		found | diff after -
		[ "$(audit-export R-1 | jq -r 'select(.kind != "corrected").kind' | paste -sd,)" = registered,paused,resumed,received ]
		run -0 dossier-db check
		silent
	done
}
