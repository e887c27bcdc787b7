#!/usr/bin/env python3
"""lives.py FOLDER SEED DOSSIERS - dossiers, and all that may happen to them.

Into FOLDER go procedures/ (limits and deadline policies of all kinds),
rows.csv (DOSSIERS in all) and acts (a line each: time, action, codes; the
words of an action with '~' between).
"""
import json
import os
import random
import sys

folder, seed, dossiers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rand = random.Random(seed)

LIMITS = ["5 working days", "10 days", "12 working hours", "2.5 working days",
          "same day", None]
POLICIES = [None, {"pause": "restart"}, {"pause": "extend-calendar"},
            {"pause": "none", "verdict": "instant"},
            {"due_time": "same-time", "verdict": "instant"},
            {"due_time": "midnight"}]
ACTS = {"receive": .3, "start": .5, "next": .25, "supplement": .12, "pay": .08,
        "stop": .08, "resume": .5, "extend~--by=1 working day": .1,
        "extend~--by=2 days": .05, "extend~--until=2026-04-03": .04,
        "assign~--officer=cb01": .1, "transfer~--to=H42.32": .1,
        "apologise~--reason=x": .1, "refuse": .1, "withdraw": .03,
        "finish": .08, "return": .3, "reopen~--step=b": .06,
        "correct~--set=channel=postal": .05,
        "correct~--set=received_at=2026-03-02 08:20": .03,
        "correct~--set=due_at=2026-03-25 16:00": .03}


def definition(code, limit, policy):
    d = {"code": code, "title": code, "field": "F", "level": "commune",
         "effective_from": "2021-01-01", "steps": [
             {"id": "a", "role": "one-stop", "next": "b"},
             {"id": "b", "role": "one-stop", "next": "z"},
             {"id": "z", "role": "one-stop", "final": True}]}
    if limit:
        d["limit"] = limit
    if policy:
        d["deadline"] = policy
    return d


os.makedirs(folder + "/procedures", exist_ok=True)
codes = []
for i in range(len(LIMITS) * len(POLICIES)):
    code = "1.%06d" % (i + 1)
    d = definition(code, LIMITS[i % len(LIMITS)], POLICIES[i // len(LIMITS)])
    with open("%s/procedures/%s.json" % (folder, code), "w") as f:
        json.dump(d, f)
    codes.append(code)
names = ["D-%d" % i for i in range(dossiers)]
with open(folder + "/rows.csv", "w") as f:
    f.write("code,procedure,unit,channel,status,received_at,due_at\n")
    for name in names:
        f.write("%s,%s,%s,%s,%s,2026-03-0%d %02d:%02d,%s\n" % (
            name, rand.choice(codes), rand.choice(["H42.31", "H42.32"]),
            rand.choice(["direct", "online", "postal"]),
            rand.choice(["registered", "", "", ""]), rand.randint(2, 5),
            rand.randint(6, 18), rand.randint(0, 59),
            rand.choice(["", "", "", "2026-03-%d" % rand.randint(9, 27)])))
with open(folder + "/acts", "w") as f:
    for turn in range(14):
        for act in rand.sample(list(ACTS), len(ACTS)):
            some = [n for n in names if rand.random() < ACTS[act] / 1.4]
            if some:
                f.write("2026-03-%02d %02d:%02d|%s|%s\n" % (
                    6 + turn // 2, 9 + turn % 2 * 5, turn, act,
                    " ".join(some)))
