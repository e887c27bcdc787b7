#!/usr/bin/env bats
# Several routers at once: whoever comes second finds what the first has done.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

N=3000
[ -z "${MOTCUA_SAN-}" ] || N=600

setup() {
	local r=$BATS_TEST_TMPDIR/rules

	office_rules "$r"
	cat >"$r/units.csv" <<-'END'
		code,name,level,role,parent,valid_from,valid_to,successor
		H42,Tỉnh,province,,,2000-01-01,,
		H42.31,Xã A,commune,one-stop leader,H42,2000-01-01,,
	END
	cat >"$r/procedures/xd/1.000001.json" <<-'END'
		{"code": "1.000001", "title": "Cấp phép", "field": "Xây dựng",
		 "level": "commune", "effective_from": "2021-01-01",
		 "limit": "20 days",
		 "steps": [
		  {"id": "receive", "role": "one-stop", "next": "sign",
		   "expires": {"after": "2 days", "to": "sign"}},
		  {"id": "sign", "role": "leader", "next": "return"},
		  {"id": "return", "role": "one-stop", "final": true}]}
	END
	make_rules "$r" >/dev/null
	fresh_db "$r"
	cd "$BATS_TEST_TMPDIR" || return 1
	{
		echo code,procedure,unit,channel,received_at
		seq -f 'H42.31-260302-%04g,1.000001,H42.31,direct,2026-03-02 09:00' \
		    "$N"
	} >in.csv
	sed 1d in.csv | cut -d, -f1 >codes
	dossier-import --now='2026-03-02 10:00' in.csv >import.log 2>&1
}

# both COMMAND...: twice at the same time, over codes that come in shares of
# some hundred, so that their transactions take turns.
both() {
	local i pid=()

	for i in 1 2; do
		awk '{ print } NR % 150 == 0 { fflush(); system("") }' codes |
		    "$@" >"out.$i" 2>"err.$i" &
		pid+=("$!")
	done
	wait "${pid[0]}" || status=$?
	wait "${pid[1]}" || status=$?
}

# Of every dossier: which results the two have told.
told() {
	jq -r '[.code, .result] | join(" ")' out.1 out.2 | sort |
	    awk '$1 == code { r = r " " $2; next }
	        { if (code != "") n[r]++; code = $1; r = $2 }
	        END { n[r]++; for (r in n) print n[r], r }'
}

@test "start twice: one does it, the other finds it done" {
	both route start --now='2026-03-02 11:00' --format=ndjson -
	[ "$(told)" = "$N done unchanged" ]
	[ "$(sql 'SELECT count(*) FROM step')" = "$N" ]
	run -0 dossier-db check
}

@test "next of a named step twice: nobody is moved two steps" {
	route start --now='2026-03-02 11:00' - <codes >/dev/null
	both route next --step=receive --now='2026-03-02 12:00' \
	    --format=ndjson -
	[ "$(told)" = "$N done refused" ]
	[ "$(jq -r 'select(.result == "refused") | .error' out.1 out.2 |
	    sort -u)" = 'E_STEP: "receive" is not an open step; there is: sign' ]
	[ "$(sql 'SELECT count(DISTINCT dossier), count(*), min(n.code)
	    FROM step JOIN step_name n ON n.id = step')" = "$N|$N|sign" ]
	run -0 dossier-db check
}

@test "two crons apply the same plan: every step expires once" {
	route start --now='2026-03-02 11:00' - <codes >/dev/null
	route plan --due --now='2026-03-05' >plan.ndjson 2>/dev/null
	[ "$(wc -l <plan.ndjson)" -eq "$N" ]
	cp plan.ndjson codes
	both route apply --now='2026-03-05' --format=ndjson -
	[ "$(told)" = "$N done unchanged" ]
	[ "$(sql 'SELECT count(*) FROM step')" = "$N" ]
	run -0 --separate-stderr route plan --due --now='2026-03-05'
	[ -z "$output" ]
	run -0 dossier-db check
}

@test "a dossier that stands there twice in a batch" {
	route start --now='2026-03-02 11:00' - <codes >/dev/null
	head -n 3 codes >some
	run -1 --separate-stderr route next --step=receive \
	    --now='2026-03-02 12:00' --format=ndjson - \
	    <<<"$(cat some some)"
	[ "$(jq -r .result <<<"$output" | tr '\n' ' ')" = \
	    'done done done refused refused refused ' ]
	# Without a step it goes on twice, as it was told to.
	run -0 --separate-stderr route next --now='2026-03-02 13:00' \
	    --format=ndjson "$(sed -n 9p codes)" "$(sed -n 9p codes)"
	[ "$(jq -r '.to_step' <<<"$output" | tr '\n' ' ')" = 'sign return ' ]
	[ "$(jq -r '.version' <<<"$output" | tr '\n' ' ')" = '4 7 ' ]
	run -0 dossier-db check
}
