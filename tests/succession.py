#!/usr/bin/env python3
"""succession.py TABLE FOLDER ROWS - a real reform as a rulebook and dossiers.

TABLE is the official list of old and new communes.  Into FOLDER go units.csv
(the old ones until 30 June 2025, the new ones from then on, a reused code
twice), decisions.csv for the communes that were split but one, which is left
undecided, and rows.csv: open dossiers that the old communes have received.
"""
import csv
import random
import sys

table, folder, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(20250701)
old, new = {}, {}
with open(table, encoding="utf-8-sig", newline="") as f:
    for r in csv.DictReader(f):
        # A flat by the sea that no commune had, and that has no code.
        code = r["old_ward_code"] or "K" + r["old_district_code"]
        old.setdefault(code, (r["old_ward"], []))[1].append(r["new_ward_code"])
        new[r["new_ward_code"]] = r["new_ward"]

with open(folder + "/units.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow("code name level role parent valid_from valid_to successor"
               .split())
    w.writerow(["37", "Tỉnh", "province", "", "", "2000-01-01", "", ""])
    for code, (name, to) in old.items():
        w.writerow([code, name, "commune", "one-stop", "37", "2000-01-01",
                    "2025-06-30", " ".join(to)])
    for code, name in new.items():
        w.writerow([code, name, "commune", "one-stop", "37", "2025-07-01",
                    "", ""])

split = sorted(c for c, (_, to) in old.items() if len(to) > 1)
with open(folder + "/decisions.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["from", "to", "procedure", "receiving", "field", "value"])
    for n, code in enumerate(split[:-1]):
        a, b = old[code][1]
        if n % 3 == 0:  # by area
            w.writerow([code, a, "", "", "area", "north*"])
            w.writerow([code, b, "", "", "area", "south*"])
        elif n % 3 == 1:  # by procedure
            w.writerow([code, a, "1.*", "", "", ""])
            w.writerow([code, b, "2.*", "", "", ""])
        else:  # by who received it
            w.writerow([code, b, "", code, "", ""])

codes = sorted(old)
with open(folder + "/rows.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["code", "procedure", "unit", "channel", "received_at",
                "field.area"])
    for i in range(rows):
        code = random.choice(split if i % 20 == 0 else codes)
        day = 2 + i * 25 // rows
        w.writerow(["H37-2506%02d-%06d" % (day, i), random.choice(
            ["1.000001", "2.000001"]), code, random.choice(
                ["direct", "online"]), "2025-06-%02d 09:00" % day,
            random.choice(["north-1", "south-2"])])
print(len(old), len(new), len(split), *split[-1:])
