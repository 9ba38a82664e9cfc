"""A plant in network namespaces: loads each table of a list, sends packets, and says which arrive.

    unshare -rn python3 lab.py CASES.json > OBSERVED.json

    W (everybody else) --- Q (a link of 1280 bytes) --- R (a router; of ACLs) --- H (the host under test) --- C, D (containers)

Nothing is pinned: neighbours are found as on a real link. What a case expects is not known here.
"""

import json
import sys
import time

import link
from plant import build, forget, run
from probes import Probes

# How long what should not arrive is waited for, and what should, in seconds.
WAIT = 0.3
PATIENCE = 6


def case(one):
    run("H", "nft", "-f", "-", given=one.get("host") or "table inet leastwise\ndelete table inet leastwise\n")
    run("R", "nft", "-f", "-", given="table inet acl\ndelete table inet acl\n" + one.get("acl", ""))
    for space in "HCWRQ":
        run(space, "ip", "route", "flush", "cache")
        run(space, "ip", "-6", "route", "flush", "cache")
        run(space, "ip", "neigh", "flush", "all")
    forget("H")
    special = {"advertised": link.advertised, "grouped": link.grouped,
               "asks4": lambda: link.lease(False, False), "gives4": lambda: link.lease(False, True),
               "asks6": lambda: link.lease(True, False), "gives6": lambda: link.lease(True, True)}
    probes = one["probes"]
    found = Probes(probes)
    found.serve()
    found.start()
    # What takes its time is waited for, so that a busy machine loses nothing; then a moment for what should not arrive.
    slow = [at for at, probe in enumerate(probes) if probe["patient"] and probe["kind"] not in special]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not all(found.seen[at] for at in slow):
        found.turn(time.monotonic() + 0.05)
    found.turn(time.monotonic() + WAIT)
    found.close()
    for at, probe in enumerate(probes):
        if probe["kind"] in special:
            link.wait = PATIENCE if probe["patient"] else WAIT
            found.seen[at] = special[probe["kind"]]()
    return found.seen


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    build()
    # New links say a few things of themselves.
    time.sleep(1.5)
    json.dump([case(one) for one in cases], sys.stdout)


main()
