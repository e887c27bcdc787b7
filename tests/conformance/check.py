#!/usr/bin/env python3
"""check.py [-p] [FILE] - the table of deadlines counted a second time.

An implementation of its own, written from the rules and not from the C code:
it walks day by day and span by span, with Python's own calendar and zones,
and has no table, no shortcut and no limit but the years 1900 to 2199.
Every line of FILE (deadlines.tsv beside this script) must come out as it
stands there; what does not is printed, and the status is 1.

-p prints each line with the results this script finds instead.
"""
import datetime
import json
import os
import re
import sys
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
DAY = datetime.timedelta(days=1)
MS = datetime.timedelta(milliseconds=1)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)

POLICY = {
    "due_time": ("end-of-day", "same-time", "midnight"),
    "late_intake": ("next-working-day", "as-is"),
    "pause": ("extend", "extend-calendar", "restart", "none"),
    "verdict": ("date", "instant"),
}
UNITS = {
    "working day": "wd", "working days": "wd", "ngày làm việc": "wd",
    "day": "d", "days": "d", "ngày": "d",
    "working hour": "wh", "working hours": "wh", "giờ": "wh",
    "giờ làm việc": "wh",
    "working minute": "wm", "working minutes": "wm", "phút": "wm",
    "month": "mo", "months": "mo", "tháng": "mo",
}


class OutOfRange(Exception):
    """A result that no supported year has."""


# ---- instants: whole ms since 1970, UTC ----

def to_ms(moment):
    return (moment - EPOCH) // MS


def parse_instant(text):
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text}: no offset")
    return to_ms(moment)


class Calendar:
    """Working time of one office, looked up day by day."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            doc = json.load(f)
        self.zone = zoneinfo.ZoneInfo(doc["zone"])
        self.week = [self.hours(doc["weekly"].get(d, [])) for d in WEEKDAYS]
        self.off = {d["date"] for d in doc.get("days_off", [])}
        self.on = {}
        for d in doc.get("working_days", []):
            self.on[d["date"]] = (self.week[WEEKDAYS.index(d["as"])]
                                  if "as" in d else self.hours(d["hours"]))
        self.day_ms = round(float(doc.get("hours_per_day", 8)) * 1000) * 3600
        known = doc.get("known_until")
        self.known = datetime.date.fromisoformat(known) if known else None
        self.found = {}

    @staticmethod
    def hours(spans):
        """["07:30-11:30"] as [(450, 690)], minutes of the day."""
        minutes = [[int(t[:2]) * 60 + int(t[3:]) for t in s.split("-")]
                   for s in spans]
        return [tuple(m) for m in minutes]

    def local(self, ms):
        return (EPOCH + ms * MS).astimezone(self.zone).replace(tzinfo=None)

    def date(self, ms):
        return self.local(ms).date()

    def clock(self, ms):
        """Time shown by the clock, as ms after midnight."""
        t = self.local(ms)
        return (t - datetime.datetime.combine(t.date(), datetime.time())) // MS

    def instant(self, date, of_day):
        """What does not exist moves forward; of two, the first."""
        naive = datetime.datetime.combine(date, datetime.time()) + of_day * MS
        # fold 0 is the first of two, and keeps the offset before a gap.
        return to_ms(naive.replace(tzinfo=self.zone, fold=0))

    def plan(self, date):
        """Make-up day beats day off beats weekday."""
        key = date.isoformat()
        if key in self.on:
            return self.on[key]
        return [] if key in self.off else self.week[date.weekday()]

    def raw(self, date):
        return [(self.instant(date, a * 60000), self.instant(date, b * 60000))
                for a, b in self.plan(date)]

    def spans(self, date):
        """Open time of a date as instants; none is open twice."""
        if not FIRST <= date <= LAST:
            raise OutOfRange
        if date not in self.found:
            done = max((b for a, b in self.raw(date - DAY)), default=None)
            out = []
            for a, b in self.raw(date):
                if done is not None:
                    a = max(a, done)
                if a < b:
                    out.append((a, b))
                    done = b
            self.found[date] = out
        return self.found[date]

    def works(self, date):
        return bool(self.spans(date))

    def roll(self, date):
        """The date itself, or the next working day."""
        while not self.works(date):
            date += DAY
        return date

    def close(self, date):
        return self.spans(date)[-1][1]

    def days_from(self, ms):
        """Dates whose open time may lie at or after an instant."""
        date = self.date(ms) - DAY
        if date < FIRST:
            date += DAY
        while True:
            yield date
            date += DAY

    def next_open(self, ms):
        if not FIRST <= self.date(ms) <= LAST:
            raise OutOfRange
        for date in self.days_from(ms):
            for a, b in self.spans(date):
                if ms < b:
                    return max(a, ms)

    def walk(self, ms, work):
        """The earliest instant by which `work` ms of open time are spent."""
        if work == 0:
            return self.next_open(ms)
        for date in self.days_from(ms):
            for a, b in self.spans(date):
                a = max(a, ms)
                if a >= b:
                    continue
                if work <= b - a:
                    return a + work
                work -= b - a

    def between(self, start, end):
        total = 0
        for date in self.days_from(start):
            if self.date(end) < date:
                return total
            for a, b in self.spans(date):
                total += max(0, min(b, end) - max(a, start))

    def into_hours(self, date, of_day):
        """A clock time on a working day, brought into its open time."""
        at = self.instant(date, of_day)
        for a, b in self.spans(date):
            if at < a:
                return a
            if at <= b:
                return at
        return self.close(date)


# ---- terms and policies as the table writes them ----

def parse_term(text):
    """(unit, thousandths), or None where there is no limit."""
    if text in ("no limit", "Không quy định"):
        return None
    if text in ("same day", "trong ngày"):
        return ("same", 0)
    number, unit = re.fullmatch(r"([0-9]+(?:[.,][0-9]+)?) (.+)", text).groups()
    whole, _, part = number.replace(",", ".").partition(".")
    return (UNITS[unit], int(whole) * 1000 + int(part.ljust(3, "0") or 0))


def parse_policy(text):
    policy = {key: words[0] for key, words in POLICY.items()}
    policy["cutoff"] = None
    for pair in text.split() if text != "-" else []:
        key, value = pair.split("=")
        if key == "cutoff":
            policy[key] = int(value[:2]) * 60 + int(value[3:])
        elif value in POLICY[key]:
            policy[key] = value
        else:
            raise ValueError(pair)
    return policy


def by_hours(term):
    return term is not None and (term[0] in ("wh", "wm") or term[1] % 1000 > 0)


class Due:
    """A due day and an instant, and whether the calendar is known so far."""

    def __init__(self, day, at, provisional=False):
        self.day, self.at, self.provisional = day, at, provisional


def conclude(cal, day, at):
    if not FIRST <= day <= LAST:
        raise OutOfRange
    return Due(day, at, cal.known is not None and day > cal.known)


# ---- the rules ----

def at_due_time(cal, rule, day, of_day):
    if rule == "same-time":
        return cal.into_hours(day, of_day)
    if rule == "midnight":
        return cal.instant(day + DAY, 0)
    return cal.close(day)


def add_whole(cal, day, unit, n):
    """n whole units on from day 0."""
    if unit == "wd":
        for _ in range(n):
            day = cal.roll(day + DAY)
        return day
    if unit == "mo":
        month = day.month - 1 + n
        year, month, dom = day.year + month // 12, month % 12 + 1, day.day
        while True:
            if year > LAST.year:
                raise OutOfRange
            try:
                return cal.roll(datetime.date(year, month, dom))
            except ValueError:
                dom -= 1
    return cal.roll(day + n * DAY)


def after_work(cal, start, work):
    at = cal.walk(start, work)
    return conclude(cal, cal.date(at - 1), at)


def count(cal, policy, term, day, at, of_day):
    """A term counted from day 0, the instant and the clock's time on it."""
    unit, milli = term
    if unit == "wh":
        return after_work(cal, at, milli * 3600)
    if unit == "wm":
        return after_work(cal, at, milli * 60)
    whole, part = divmod(milli, 1000)
    if part == 0:
        day = add_whole(cal, day, unit, whole)
        return conclude(cal, day,
                        at_due_time(cal, policy["due_time"], day, of_day))
    if whole > 0:
        day = add_whole(cal, day, unit, whole)
        at = cal.into_hours(day, of_day)
    return after_work(cal, at, part * cal.day_ms // 1000)


def deadline(cal, policy, term, start):
    if term is None:
        return None
    day = cal.date(start)
    if term[0] == "same":
        if (not cal.works(day) or start >= cal.close(day) or
                (policy["cutoff"] is not None and
                 cal.clock(start) >= policy["cutoff"] * 60000)):
            day = cal.roll(day + DAY)
        return conclude(cal, day, cal.close(day))
    if policy["late_intake"] == "next-working-day":
        start = cal.next_open(start)
    return count(cal, policy, term, cal.date(start), start, cal.clock(start))


def due_clock(cal, due):
    """The time of the day of a due; one at 24:00 belongs to its due day."""
    if cal.date(due.at) == due.day:
        return cal.clock(due.at)
    return 24 * 3600000


def given(cal, policy, text):
    if len(text) > 10:
        at = parse_instant(text)
        return Due(cal.date(at), at)
    day = datetime.date.fromisoformat(text)
    if policy["due_time"] != "midnight" and cal.works(day):
        return Due(day, cal.close(day))
    return Due(day, cal.instant(day + DAY, 0))


def resume(cal, policy, limit, due, start, end):
    kind = policy["pause"]
    rule = policy["due_time"]
    if limit is not None and limit[0] == "same":
        rule = "end-of-day"
    elif by_hours(limit):
        rule = "same-time"
    if due is not None and late(policy, cal, due, start):
        return due
    if kind == "restart":
        return due if limit is None else deadline(cal, policy, limit, end)
    if kind == "none" or due is None:
        return due
    if kind == "extend":
        paused = cal.between(start, end)
        if paused <= 0:
            return due
        new = after_work(cal, due.at, paused)
        if rule != "same-time":
            new.at = at_due_time(cal, rule, new.day, 0)
        return new
    days = (cal.date(end) - cal.date(start)).days
    if days <= 0:
        return due
    day = cal.roll(due.day + days * DAY)
    return conclude(cal, day, at_due_time(cal, rule, day, due_clock(cal, due)))


def late(policy, cal, due, at):
    if policy["verdict"] == "instant":
        return at > due.at
    return cal.date(at) > due.day


def run(cal, policy, term, start, events):
    """The due after all that happened."""
    due = deadline(cal, policy, term, start)
    for event in events.split("; ") if events != "-" else []:
        kind, what = event.split(" ", 1)
        if kind == "given":
            due = given(cal, policy, what)
        elif kind == "pause":
            a, b = (parse_instant(t) for t in what.split(".."))
            due = resume(cal, policy, term, due, a, b)
        elif kind == "extend":
            due = count(cal, policy, parse_term(what), due.day, due.at,
                        due_clock(cal, due))
        else:
            raise ValueError(event)
    return due


def judge(cal, policy, due, finished):
    """(verdict, late days)"""
    if due is None:
        return "on-time", "0"
    day = cal.date(finished)
    if late(policy, cal, due, finished):
        verdict = "late"
    else:
        verdict = "early" if day < due.day else "on-time"
    return verdict, str(max(0, (day - due.day).days))


# ---- the table ----

def written(cal, ms):
    """Local time with its offset to the minute, as the table has it."""
    moment = (EPOCH + ms * MS).astimezone(cal.zone)
    text = moment.isoformat(timespec="milliseconds" if ms % 1000 else
                            "seconds")
    if moment.utcoffset().seconds % 60 != 0:
        # No text can say seconds of an offset: in UTC then.
        text = (EPOCH + ms * MS).isoformat()
    return text


def results(cal, case):
    """The columns a case must come to."""
    policy, term = parse_policy(case["policy"]), parse_term(case["term"])
    try:
        due = run(cal, policy, term, parse_instant(case["start"]),
                  case["events"])
    except OutOfRange:
        return ["E_RANGE", "-", "-", "-", "-"]
    out = ["none", "-", "-"]
    if due is not None:
        out = [written(cal, due.at), due.day.isoformat(),
               "provisional" if due.provisional else "-"]
    if case["finished"] == "-":
        return out + ["-", "-"]
    verdict = judge(cal, policy, due, parse_instant(case["finished"]))
    return out + list(verdict)


COLUMNS = ["id", "calendar", "policy", "term", "start", "events", "finished",
           "due", "day", "mark", "verdict", "late_days", "rule", "source"]


def main(argv):
    printing = "-p" in argv[1:]
    names = [a for a in argv[1:] if a != "-p"]
    path = names[0] if names else os.path.join(HERE, "deadlines.tsv")
    calendars, ids, bad = {}, set(), 0
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line == "" or line.startswith("#"):
                if printing:
                    print(line)
                continue
            fields = line.split("\t")
            if len(fields) != len(COLUMNS) or fields[0] in ids:
                print(f"{path}:{number}: {len(fields)} columns, or the id "
                      "once more", file=sys.stderr)
                return 1
            ids.add(fields[0])
            case = dict(zip(COLUMNS, fields))
            name = case["calendar"]
            if name not in calendars:
                calendars[name] = Calendar(os.path.join(
                    os.path.dirname(path), "calendars", name + ".json"))
            got = results(calendars[name], case)
            if printing:
                print("\t".join(fields[:7] + got + fields[12:]))
            elif got != fields[7:12]:
                bad += 1
                print(f"{path}:{number}: {case['id']}: got {' '.join(got)}, "
                      f"not {' '.join(fields[7:12])}")
    if not printing:
        print(f"{len(ids)} cases, {bad} of them different")
    return 1 if bad or not ids else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
