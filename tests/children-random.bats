#!/usr/bin/env bats
# Families at random: what holds whatever is done to them.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib

setup() {
	python3 -c '' 2>/dev/null || skip 'no python3'
	cd "$BATS_TEST_TMPDIR" || return
}

# made SEED [OPTION...]: received, imported and worked on.
made() {
	local seed=$1 act at list words

	shift
	rm -rf world db
	mkdir -p world/rules world/procedures
	python3 "$TOP/tests/children.py" world world "$seed"
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
	dossier-import --now='2026-03-06 07:30' "$@" world/rows.csv >log 2>&1 || {
		[ $? = 1 ] || { cat log; return 1; }
	}
	while IFS='|' read -r act at list; do
		read -ra words <<<"$act"
		tr ' ' '\n' <<<"$list" | route --now="$at" "${words[@]}" - \
		    >>log 2>&1 || [ $? = 1 ]
	done <world/acts
}

holds() {
	local basis

	run -0 dossier-db check sqlite foreign-keys log replay rules balance
	silent
	dossier-find --now=2026-03-20 --format=ndjson >dossiers
	for basis in submissions dossiers; do
		run -0 --separate-stderr report 06a --by=procedure \
		    --basis="$basis" --period=2026-03-01..2026-03-31 \
		    --now=2026-03-20 --format=ndjson
		[ -z "$stderr" ]
		printf '%s\n' "$output" >report
		run -0 python3 "$TOP/tests/children.py" judge dossiers report \
		    "$basis"
		silent
	done
}

@test "families at random: replay, balance, both bases" {
	local seed

	for seed in {1..12}; do
		made "$seed"
		[ "$(sql 'SELECT count(*) FROM child')" -gt 10 ]
		holds
	done
}

@test "families at random: taken back, and imported again" {
	local seed kept

	for seed in {21..26}; do
		made "$seed"
		run ! dossier-import --undo=1 --now='2026-03-20 10:00' \
		    --format=ndjson
		# Whole families: none has a member that went and one that stayed.
		kept=$(jq -rs 'map(select(.code and .result)) |
		    group_by(.code | split(".")[0]) |
		    map(select((map(.result) | unique | length) > 1)) | length' \
		    <<<"$(grep '^{' <<<"$output")")
		[ "$kept" = 0 ]
		holds
		run dossier-import --now='2026-03-20 11:00' world/rows.csv
		[ "$status" -le 1 ]
		holds
	done
}
