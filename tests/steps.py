"""Internal procedures as provinces publish them, made a rulebook.

usage: steps.py [--mend] STEPS.csv DIRECTORY

STEPS.csv has a line for each step of each table: table, province, number (of
the decision), step, actor, work, time.  Nothing is mended on the way: texts,
times and the order are those of the table, so that what lint finds is true
of it.  Of what a table does not say, a code and a day are made up; the
decisions are of 2025.  The steps follow each other; the last is final.

--mend does what an editor would do about the findings: texts in NFC without
space at their ends, a second step of one number told apart.
"""

import csv
import json
import os
import re
import sys
import unicodedata

CALENDAR = {
    "schema": "motcua.calendar/1", "hours_per_day": 8,
    "known_until": "2030-12-31",
    "weekly": {d: ["07:30-11:30", "13:30-17:30"]
               for d in ("mon", "tue", "wed", "thu", "fri")}}


def role(actor):
    """Who does it, as a word: "Lãnh đạo phòng" is "lanh-dao-phong"."""
    s = unicodedata.normalize("NFD", actor.replace("đ", "d").replace("Đ", "D"))
    s = "".join(c for c in s if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9]+", "-", s).strip("-")[:60] or "unknown"


def mend(rows):
    seen = set()
    for row in rows:
        while row["step"] in seen:
            row["step"] += "b"
        seen.add(row["step"])
        for name in ("work", "province", "number"):
            row[name] = unicodedata.normalize("NFC", " ".join(
                row[name].split()))


def definition(number, rows):
    steps = []
    for i, row in enumerate(rows):
        step = {"id": "b" + row["step"], "title": row["work"],
                "role": role(row["actor"])}
        if row["time"]:
            step["limit"] = row["time"]
        if i + 1 < len(rows):
            step["next"] = "b" + rows[i + 1]["step"]
        else:
            step["final"] = True
        steps.append(step)
    first = rows[0]
    d = {"code": "1.9%05d" % number,
         "title": "%s, table %d" % (first["province"], number),
         "field": "internal", "level": "province",
         "effective_from": "2025-07-01", "steps": steps}
    if first["number"]:
        d["legal_basis"] = [first["number"]]
    return d


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main(source, target, mending):
    tables = {}
    with open(source, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            tables.setdefault(int(row["table"]), []).append(row)
    roles = set()
    for number, rows in tables.items():
        if mending:
            mend(rows)
        d = definition(number, rows)
        roles.update(s["role"] for s in d["steps"])
        write(os.path.join(target, "procedures/internal", d["code"] + ".json"),
              json.dumps(d, ensure_ascii=False, indent=1) + "\n")
    write(os.path.join(target, "rulebook.json"), json.dumps(
        {"schema": "motcua.rulebook/1", "name": "Internal procedures",
         "zone": "Asia/Ho_Chi_Minh", "calendar": "office"}) + "\n")
    write(os.path.join(target, "calendars/office.json"),
          json.dumps(CALENDAR) + "\n")
    write(os.path.join(target, "units.csv"),
          "code,name,level,role,parent,valid_from,valid_to,successor\n"
          "P,A province,province,%s,,2010-01-01,,\n" % " ".join(sorted(roles)))
    print(len(tables))


if __name__ == "__main__":
    main(*sys.argv[-2:], "--mend" in sys.argv)
