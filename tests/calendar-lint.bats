#!/usr/bin/env bats
# procedure lint over calendars that would make deadlines wrong: each is
# refused with its file, line and column, and nothing is computed with it.

# shellcheck disable=SC2154	# run sets output, stderr and status

load lib

setup() {
	unset MOTCUA_RULES
	cd "$BATS_TEST_TMPDIR" || return
	procedure init rules --now=2024-01-01 2>/dev/null
}

# calendar <<END: one more calendar in the rulebook, committed.
calendar() {
	cat >rules/calendars/extra.json
	make_rules rules 'Another calendar' >/dev/null
}

# finds STATUS <<END: what lint says, without its advice, and how it ends.
finds() {
	run --separate-stderr procedure lint -r rules -f table \
	    --now=2026-09-01
	echo "$output$stderr"
	[ "$status" -eq "$1" ]
	diff -u --label wanted --label got - \
	    <(grep -v "^$(printf '\t')" <<<"$output" | sed '/^$/d')
}

# with MEMBERS: a calendar of Mondays with these besides.
with() {
	calendar <<-END
		{"schema": "motcua.calendar/1", "known_until": "2026-12-31",
		 "weekly": {"mon": ["07:30-11:30", "13:30-17:00"]},
		$1}
	END
}

@test "a good calendar is no finding" {
	with '"days_off": [{"date": "2024-01-01"}, {"date": "2025-01-01"}],
		 "working_days": [{"date": "2024-01-06", "as": "mon"}]'
	finds 0 </dev/null
}

@test "overlapping spans are refused, in the week and of a make-up day" {
	calendar <<-'END'
		{"schema": "motcua.calendar/1", "known_until": "2026-12-31",
		 "weekly": {"mon": ["07:30-11:30", "11:00-17:00"],
		            "tue": ["13:30-17:00", "07:30-11:30"]},
		 "working_days": [
		   {"date": "2024-05-04", "hours": ["08:00-10:00", "09:59-12:00"]}]}
	END
	finds 1 <<-'END'
		calendars/extra.json:2:36: E_CALENDAR: the span "11:00-17:00" begins before the one before it has ended
		calendars/extra.json:3:36: E_CALENDAR: the span "07:30-11:30" begins before the one before it has ended
		calendars/extra.json:5:52: E_CALENDAR: the span "09:59-12:00" begins before the one before it has ended
	END
}

@test "spans that touch are one, and no finding" {
	calendar <<-'END'
		{"schema": "motcua.calendar/1", "known_until": "2026-12-31",
		 "weekly": {"mon": ["07:30-11:30", "11:30-17:00"]}}
	END
	finds 0 </dev/null
}

@test "dates that do not exist are refused in every place" {
	calendar <<-'END'
		{"schema": "motcua.calendar/1", "known_until": "2026-12-31",
		 "weekly": {"mon": ["07:30-11:30"]},
		 "days_off": [{"date": "2023-02-29"}, {"date": "2024-02-29"},
		   {"date": "2024-04-31"}, {"date": "2024-13-01"},
		   {"date": "01/01/2024"}],
		 "working_days": [{"date": "2024-06-31", "as": "mon"}]}
	END
	finds 1 <<-'END'
		calendars/extra.json:3:24: E_DATE: there is no day "2023-02-29"
		calendars/extra.json:4:13: E_DATE: there is no day "2024-04-31"
		calendars/extra.json:4:37: E_DATE: there is no day "2024-13-01"
		calendars/extra.json:5:13: E_DATE: there is no day "01/01/2024"
		calendars/extra.json:6:28: E_DATE: there is no day "2024-06-31"
	END
	calendar <<-'END'
		{"schema": "motcua.calendar/1", "known_until": "2026-02-29",
		 "weekly": {"mon": ["07:30-11:30"]}}
	END
	run -1 --separate-stderr procedure lint -r rules -f table \
	    --now=2026-09-01
	[ "${lines[0]}" = 'calendars/extra.json:1:48: E_DATE: there is no day "2026-02-29"' ]
}

@test "the same date twice in days_off is refused at the second" {
	with '"days_off": [{"date": "2024-01-01", "name": "New Year"},
		   {"date": "2024-02-08"},
		   {"date": "2024-01-01", "name": "once more"}]'
	finds 1 <<-'END'
		calendars/extra.json:5:15: E_DATE: "2024-01-01" stands twice in "days_off"
	END
}

@test "the same date twice in working_days is refused at the second" {
	with '"working_days": [{"date": "2024-05-04", "as": "mon"},
		   {"date": "2024-05-04", "hours": ["08:00-10:00"]}]'
	finds 1 <<-'END'
		calendars/extra.json:4:15: E_DATE: "2024-05-04" stands twice in "working_days"
	END
}

@test "off and made up is a day worked: no finding" {
	with '"days_off": [{"date": "2024-05-06"}],
		 "working_days": [{"date": "2024-05-06", "as": "mon"}]'
	finds 0 </dev/null
}

@test "a zone that is unknown, or another than the rulebook's, is refused" {
	with '"zone": "Asia/Hanoi"'
	finds 1 <<-'END'
		calendars/extra.json:3:9: E_ZONE: "Asia/Hanoi" is not the rulebook's zone, "Asia/Ho_Chi_Minh"
	END
	with '"zone": "Europe/Amsterdam"'
	finds 1 <<-'END'
		calendars/extra.json:3:9: E_ZONE: "Europe/Amsterdam" is not the rulebook's zone, "Asia/Ho_Chi_Minh"
	END
}

@test "an unknown zone of the rulebook is refused" {
	sed -i 's|Asia/Ho_Chi_Minh|Asia/Hanoi|' rules/rulebook.json
	make_rules rules 'Another zone' >/dev/null
	run --separate-stderr procedure lint -r rules -f table --now=2026-09-01
	echo "$output$stderr"
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == 'rulebook.json:4:11: E_ZONE: no such time zone "Asia/Hanoi"'* ]]
}

@test "a year without days off between two that have some only warns" {
	with '"days_off": [{"date": "2021-01-01"}, {"date": "2018-01-01"},
		   {"date": "2019-01-01"}, {"date": "2023-01-02"}]'
	finds 0 <<-'END'
		calendars/extra.json:3:13: W_YEAR: no day off is listed in 2020, between years that have some
		calendars/extra.json:3:13: W_YEAR: no day off is listed in 2022, between years that have some
	END
	# It is not refused: a database takes the rulebook.
	run -0 --separate-stderr dossier-db init --db="$BATS_TEST_TMPDIR/m.db" \
	    --rules="$BATS_TEST_TMPDIR/rules"
}

@test "an empty week, and hours that are none, are refused" {
	calendar <<-'END'
		{"schema": "motcua.calendar/1", "known_until": "2026-12-31",
		 "weekly": {"mon": []}, "hours_per_day": 0}
	END
	finds 1 <<-'END'
		calendars/extra.json:2:42: E_CALENDAR: "hours_per_day" must be a number above 0, at most 24, with at most 3 decimals
		calendars/extra.json:2:12: E_CALENDAR: the office is not open on any day of the week
	END
}
