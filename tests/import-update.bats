#!/usr/bin/env bats
# dossier-import(1): --update, row after row of the same dossier.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import
load import-rows

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

P='2024-04-16 09:00'

# up STATUS CODE ...: --update with that row must end so.
up() {
	local want=$1

	shift
	{ echo $HEAD; row "$@"; } >u.csv
	run "-$want" --separate-stderr imp --update u.csv
}

# shows CODE: its state.
shows() {
	dossier-find "$1" | jq -c '[.status, .step, .holder, .officer]'
}

# kinds CODE: its events and the step of each.
kinds() {
	audit-export "$1" | jq -r '.kind + (if .step then ":" + .step
	    else "" end)' | tr '\n' ' '
}

@test "a step that is told no more has not been left" {
	up 0 A-1 processing step receive officer an holder H42.30
	up 0 A-1 processing officer binh holder H42.30.1
	[[ $output == *'"result":"updated","line":2,"events":2,'* ]]
	[ "$(shows A-1)" = '["processing","receive","H42.30.1","binh"]' ]
	[ "$(kinds A-1)" = \
	    'received:receive transferred:receive assigned:receive ' ]
	# Nor where the row tells of something else, too.
	up 0 A-1 supplement officer cuong
	[ "$(shows A-1)" = '["supplement","receive","H42.30.1","cuong"]' ]
	up 0 A-1 received officer dung
	[ "$(shows A-1)" = '["processing","receive","H42.30.1","dung"]' ]
	up 0 A-1 stopped holder H42.30
	[ "$(shows A-1)" = '["stopped","receive","H42.30","dung"]' ]
	# Routed further, it is not handed over by a row that does not know.
	up 0 A-2 processing step receive officer an
	route --now='2024-05-06 10:00' next A-2 >/dev/null
	up 0 A-2 processing officer binh
	[[ $output == *'"result":"updated","line":2,"events":0,'* ]]
	[ "$(shows A-2)" = '["processing","appraise","H42.30.1","an"]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what goes on in a step is processed" {
	up 0 A-1 supplement
	up 0 A-1 received step receive
	[ "$(shows A-1)" = '["processing","receive","H42.30",null]' ]
	up 0 A-1 received step receive officer an
	up 0 A-1 received officer binh
	[ "$(shows A-1)" = '["processing","receive","H42.30","binh"]' ]
	run -0 --separate-stderr route --now='2024-05-06 10:00' next A-1
	[ "$(shows A-1)" = '["processing","appraise","H42.30.1",null]' ]
	# The same from the first.
	up 0 B-1 received step receive
	up 0 B-1 received step receive officer an
	[ "$(shows B-1)" = '["processing","receive","H42.30","an"]' ]
	# What a row has called processed does not move back.
	up 0 D-1 processing step receive
	up 1 D-1 received step receive
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:2: E_CONFLICT: status of "D-1" would move back, which an update never does' ]
	# Without a step it is received.
	up 0 E-1 supplement
	up 0 E-1 received
	[ "$(shows E-1)" = '["received",null,"H42.30",null]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what was received is not said never to have been" {
	local s

	{ echo $HEAD; row S-1 supplement; row W-1 processing
	  row N-1 received; } >a.csv
	imp a.csv >/dev/null 2>&1
	audit-export --format=dvcqg >m.json 2>err
	run -0 --separate-stderr imp --update --input=dvcqg m.json
	for s in 3 5 7; do
		jq -c '.data |= map(.NgayTiepNhan = "" |
		    .NgayNopHoSo = "20240410093000" |
		    .NgayKetThucXuLy = (if "'$s'" == "5" then "" else
		    "20240426093000" end) | .NgayTamDung = "20240416090000" |
		    .TrangThaiHoSo = "'$s'")' m.json >n.json
		run -1 --separate-stderr imp --update --input=dvcqg n.json
		[ -z "$output" ]
		[ "$(grep -c 'E_CONFLICT: status of "[SWN]-1" would move back, which an update never does' \
		    <<<"$stderr")" -eq 3 ]
	done
	up 1 N-1 not-accepted
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:2: E_CONFLICT: status of "N-1" would move back, which an update never does' ]
	[ "$(dossier-find S-1 W-1 N-1 | jq -c '[.status, .received_at]' |
	    tr '\n' ' ')" = '["supplement","2024-04-15T08:15:00+07:00"] ["processing","2024-04-15T08:15:00+07:00"] ["received","2024-04-15T08:15:00+07:00"] ' ]
	# What was not is.
	up 0 R-1 registered
	up 0 R-1 not-accepted
	[ "$(dossier-find R-1 | jq -r .status)" = not-accepted ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a step is opened once" {
	up 0 A-1 registered step receive
	up 0 A-1 processing step appraise
	[ "$(kinds A-1)" = 'registered received:appraise ' ]
	# Paused, it stays so in another step.
	up 0 C-1 supplement
	up 0 C-1 supplement step receive
	up 1 C-1 supplement step receive paused_at '2024-04-16 10:00'
	[[ $stderr == *'E_CONFLICT: paused_at of "C-1" differs: when it was resumed in between is not known'* ]]
	run -0 --separate-stderr dossier-db check
	silent
}
