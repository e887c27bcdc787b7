#!/usr/bin/env python3
"""children.py world FOLDER SEED - families at random.

Into FOLDER go procedures/*.json (parents, and children of all kinds that
they share), rows.csv and acts (a line each: action, time, codes).

children.py judge FOLDER DOSSIERS REPORT - what a report must say.

Counts by procedure from motcua.dossier records, on either basis, and compares
with the report's records: prints what differs.
"""
import json
import random
import sys

CHILDREN = ["1.00000%d" % i for i in range(5)]
PARENTS = ["2.00000%d" % i for i in range(3)]


def definition(code, rand, children):
    steps = [{"id": "a", "role": "one-stop", "next": "b"},
             {"id": "b", "role": "one-stop", "next": "z"},
             {"id": "z", "role": "one-stop", "final": True}]
    d = {"code": code, "title": code, "field": "F", "level": "commune",
         "effective_from": "2021-01-01", "steps": steps,
         "fields": [{"name": "n", "type": "integer",
                     "public": rand.random() < .5}]}
    if rand.random() < .8:
        d["limit"] = "%d working days" % rand.randint(1, 9)
    if children:
        d["children"] = children
        if rand.random() < .5:
            steps[rand.randint(0, 1)]["waits"] = "children"
    return d


def world(folder, seed):
    rand = random.Random(seed)
    for code in CHILDREN + PARENTS:
        children = []
        for child in CHILDREN if code in PARENTS else []:
            if rand.random() < .5:
                children.append({"procedure": child})
                if rand.random() < .5:
                    children[-1]["unit"] = rand.choice(["@self", "H42.32"])
                if rand.random() < .4:
                    children[-1]["when"] = {"field": "n",
                                            "gt": rand.randint(0, 5)}
        with open("%s/procedures/%s.json" % (folder, code), "w") as f:
            json.dump(definition(code, rand, children), f)
    codes = []
    with open(folder + "/rows.csv", "w") as f:
        f.write("code,procedure,unit,channel,status,received_at,finished_at,"
                "field.n\n")
        for i in range(40):
            status = rand.choice(["registered", "", "", "finished"])
            codes.append("D-%d" % i)
            f.write("D-%d,%s,%s,%s,%s,2026-03-0%d 09:00,%s,%d\n" % (
                i, rand.choice(PARENTS + CHILDREN[:1]),
                rand.choice(["H42.31", "H42.32"]),
                rand.choice(["direct", "online", "postal"]), status,
                rand.randint(2, 5),
                "2026-03-06 10:00" if status == "finished" else "",
                rand.randint(0, 6)))
    family = codes + ["%s.%d" % (c, k) for c in codes for k in range(1, 6)]
    with open(folder + "/acts", "w") as f:
        for hour in range(40):
            act = "receive" if hour == 0 else rand.choice([
                "receive", "start", "start", "next", "next", "finish",
                "withdraw", "pay", "resume", "return", "reopen", "stop",
                "correct --set=channel=postal"])
            share = codes if hour == 0 else family
            f.write("%s|2026-03-%02d %02d:00|%s\n" % (
                act, 6 + hour // 8, 8 + hour % 8, " ".join(
                    rand.sample(share, len(share) // 6))))


def judge(dossiers, report, basis):
    want, got = {}, {}
    for line in open(dossiers):
        d = json.loads(line)
        if d["received_at"] is None or d["status"] == "not-accepted":
            continue
        if d["parent"] is not None and basis == "submissions":
            continue
        for key in (d["procedure"], None):
            n = want.setdefault(key, [0, 0, 0])
            n[0] += 1
            n[1 if d["verdict"] else 2] += 1
    want.setdefault(None, [0, 0, 0])
    for line in open(report):
        r = json.loads(line)
        got[r["key"]] = [r["received_total"], r["finished_total"],
                         r["open_total"]]
    if want != got:
        print("%s: dossiers give %s, the report %s" % (basis, want, got))


if sys.argv[1] == "world":
    world(sys.argv[2], int(sys.argv[3]))
else:
    judge(*sys.argv[2:5])
