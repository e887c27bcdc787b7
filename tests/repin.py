#!/usr/bin/env python3
"""repin.py FOLDER SEED PROCEDURES DOSSIERS - pairs of definitions at random.

Into FOLDER go old/ and new/ (the procedures of either version), maps (new
names of steps, most of those that are needed), rows.csv (DOSSIERS of each
procedure) and acts (what is done to which of them before they move).

A definition is a row of places: a step, a choice between two by a field, or
two at once that meet in the next.  The new one keeps, renames, drops and adds
places, or is another altogether.  Every path ends.
"""
import json
import random
import sys

folder, seed, procedures, dossiers = sys.argv[1], *map(int, sys.argv[2:5])
rand = random.Random(seed)
serial = 0


def place():
    global serial
    serial += 1
    kind = rand.choice(["one", "one", "choice", "both"])
    n = 1 if kind == "one" else 2
    return kind, ["s%d%s" % (serial, "ab"[i] if n > 1 else "")
                  for i in range(n)]


def branches(kind, ids, n):
    if kind == "one":
        return ids[0]
    if kind == "both":
        return [{"to": ids}]
    return [{"when": {"field": "n", rand.choice(["gt", "le"]): n},
             "to": ids[0]}, {"to": ids[1]}]


def definition(code, places, limit, policy):
    """Places to steps: what is entered from each, and who joins."""
    steps, before = [], None
    for kind, ids in places + [("one", ["end"])]:
        for i in ids:
            step = {"id": i, "role": "one-stop"}
            if rand.random() < .5:
                step["limit"] = "%d working days" % rand.randint(1, 4)
            if before == "both":
                step["join"] = "all"
            steps.append((step, kind))
        before = kind
    out = []
    order = places + [("one", ["end"])]
    for at, (kind, ids) in enumerate(order):
        for i in ids:
            step = next(s for s, _ in steps if s["id"] == i)
            if at + 1 == len(order):
                step["final"] = True
            else:
                step["next"] = branches(*order[at + 1],
                                        rand.randint(1, 9))
            out.append(step)
    d = {"code": code, "title": "T", "field": "F", "level": "commune",
         "effective_from": "2021-01-01", "legal_basis": ["x"],
         "fields": [{"name": "n", "title": "N", "type": "integer",
                     "public": True}], "steps": out}
    if limit:
        d["limit"] = limit
    if policy:
        d["deadline"] = policy
    return d


def limit():
    return rand.choice([None, "%d working days" % rand.randint(5, 20),
                        "%d days" % rand.randint(5, 30),
                        "%d working hours" % rand.randint(10, 90)])


def policy():
    return rand.choice([None, {"pause": "restart"}, {"verdict": "instant"},
                        {"pause": "none", "due_time": "same-time"}])


def first(places):
    """A join cannot be the first step, and the first is one."""
    return [("one", place()[1][:1])] + places


def joined(places):
    """After two at once comes one, which joins them."""
    out = []
    for p in places:
        if out and out[-1][0] == "both" and p[0] != "one":
            out.append(("one", place()[1][:1]))
        out.append(p)
    if out and out[-1][0] == "both":
        out.append(("one", place()[1][:1]))
    return out


def changed(places, maps):
    if rand.random() < .15:
        new = [place() for _ in range(rand.randint(1, 4))]
    else:
        new = []
        for kind, ids in places:
            luck = rand.random()
            if luck < .5:
                new.append((kind, ids))
            elif luck < .8:
                renamed = [i + "x" for i in ids]
                maps.update(zip(ids, renamed))
                new.append((kind, renamed))
            if rand.random() < .2:
                new.append(place())
    new = joined(first(new) if not new or new[0][0] != "one" else new)
    left = [i for _, ids in new for i in ids]
    for _, ids in places:
        for i in ids:
            if i not in left and i not in maps and rand.random() < .6:
                maps[i] = rand.choice(left)
    return new


maps, rows, acts, both = {}, [], [], []
for p in range(procedures):
    code = "1.%06d" % (p + 1)
    old = joined(first([place() for _ in range(rand.randint(1, 3))]))
    both += [i for kind, ids in old if kind == "both" for i in ids]
    new = changed(old, maps)
    for name, places in ("old", old), ("new", new):
        with open("%s/%s/%s.json" % (folder, name, code), "w") as f:
            json.dump(definition(code, places, limit(), policy()), f)
    for i in range(dossiers):
        day = rand.randint(2, 6)
        rows.append([
            "P%d-%d" % (p, i), code, "H42.31",
            rand.choice(["direct", "online", "postal"]),
            "2026-03-%02d %02d:30" % (day, rand.randint(8, 15)),
            rand.choice(["", "", "", "2026-03-%02d" % rand.randint(9, 31)]),
            rand.choice(["", "3", "5", "8"])])
codes = [r[0] for r in rows]
for day in range(7, 10):
    for act in ["start", "next", "next", "supplement", "resume", "next",
                "extend~--by=1 working day", "extend~--until=2026-03-27", "finish", "withdraw", "stop"] + [
                    "next~--step=" + i for i in both]:
        share = {"start": .9, "next": .5}.get(act.split("~--step")[0], .12)
        some = [c for c in codes if rand.random() < share]
        if act == "finish":
            some = some[:len(some) // 3]
        if some:
            acts.append("2026-03-%02d|%s|%s" % (day, act, " ".join(some)))
with open(folder + "/maps", "w") as f:
    keys = list(maps)
    rand.shuffle(keys)
    for k in keys[:64]:
        f.write("--map=%s=%s\n" % (k, maps[k]))
with open(folder + "/rows.csv", "w") as f:
    f.write("code,procedure,unit,channel,received_at,due_at,field.n\n")
    for r in rows:
        f.write(",".join(r) + "\n")
with open(folder + "/acts", "w") as f:
    f.write("".join(a + "\n" for a in acts))
