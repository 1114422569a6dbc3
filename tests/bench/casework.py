"""The desk's pages at 100,000 tickets, 500,000 events and 300,000 messages
(load.py): p50, p99 and pages a second for one and for eight readers, each page
on two cores shared with wrk and PostgreSQL.  The goal is p99 under 20 ms for
eight."""
import os
import re
import subprocess
import time

import load

READERS = (1, 8)
GOAL_MS = 20
PARTIES, SEND_MS = 400, 1000

SCRIPT = """
local paths = { %s }
local n = 0
request = function()
  n = n %% #paths + 1
  return wrk.format("GET", paths[n])
end
"""


def wrk(d, paths, readers, seconds, cookie):
    name = d.dir + "/paths.lua"
    with open(name, "w") as f:
        f.write(SCRIPT % ", ".join('"%s"' % p for p in paths))
    done = subprocess.run(
        ["wrk", "-t1", "-c%d" % readers, "-d%ds" % max(1, round(seconds)), "--latency", "-s", name,
         "-H", "Cookie: " + cookie, "http://127.0.0.1:%d" % d.http],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout

    def ms(which):
        x, unit = re.search(r"%s%%\s+([\d.]+)(us|ms|s)\b" % which, done.stdout).groups()
        return float(x) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return ms(50), ms(99), float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))


def pages(d, base):
    """Name and paths of each measurement; numbers spread over all years."""
    spread = range(1, load.TICKETS, load.TICKETS // 211)
    newest = range(load.TICKETS - 900, load.TICKETS, 13)
    return (
        ("today", ["/desk/today"]),
        ("queue", ["/desk"]),
        ("queue, later pages", ["/desk?page=%d" % p for p in range(1, 60, 7)]),
        ("queue, mine", ["/desk?view=mine"]),
        ("queue, waiting", ["/desk?view=waiting"]),
        ("queue, of one member", ["/desk?org=big-%d" % o for o in range(1, 400, 37)]),
        ("queue, by address", ["/desk?ip=%s" % load.address(n) for n in range(3, 900, 31)]),
        ("queue, by words", ["/desk?status=any&q=case+%d" % n for n in range(77, 90000, 9001)]),
        ("ticket", ["/desk/tickets/%d" % (base + i) for i in spread if load.kind(i) == "report"]),
        ("ticket, newest", ["/desk/tickets/%d" % (base + i) for i in newest]),
        ("incident", ["/desk/tickets/%d" % (base + i) for i in range(7, load.TICKETS - 60, 4950)]),
        ("notices", ["/desk/notices"]),
    )


def campaign(b, d):
    """From the press of the button until 400 mails are queued; its id."""
    api = d.api()
    a = api.post("/api/v1/campaigns", {
        "title": "Old X", "type": "vulnerable/vulnerable-system", "tlp": "AMBER",
        "text": "".join("2001:db8:%x::%x port 443 2026-11-20 10:00 UTC\n" % (4097 + i, k)
                        for i in range(PARTIES) for k in range(3))})
    assert a.status == 201, a
    n = a.json["id"]
    began = time.perf_counter()
    a = api.post("/api/v1/campaigns/%d/send" % n, {})
    took = (time.perf_counter() - began) * 1000
    assert a.status == 200 and a.json["done"] == PARTIES, a
    b.row("campaign of 400, confirm to queued", took, SEND_MS, target=1.0, most=True, unit=" ms")
    return n


def measure(b):
    d = b.desk(roles="web")
    began = time.monotonic()
    base = load.load(d)
    b.note("%d tickets, %d events, %d messages loaded in %d s" % (
        load.TICKETS, load.EVENTS, load.MESSAGES, time.monotonic() - began))
    n = campaign(b, d)
    web = d.web("analyst")
    cookie = "; ".join("%s=%s" % kv for kv in web.jar.items())
    only = os.environ.get("BENCH_PAGES", "")
    for name, paths in (*pages(d, base), ("board of 400", ["/desk/campaigns/%d/board" % n])):
        if only and only not in name:
            continue
        for path in paths[:3]:
            got = web.get(path)
            assert got.status == 200, (path, got.status)
        wrk(d, paths, 2, 1, cookie)
        for readers in READERS:
            rounds = sorted(wrk(d, paths, readers, b.seconds, cookie) for _ in range(b.rounds))
            p50, p99, rate = rounds[len(rounds) // 2]
            b.row("%s, %d reader%s: p99" % (name, readers, "s" if readers > 1 else ""), p99, GOAL_MS,
                  target=1.0 if readers > 1 else None, most=True, unit=" ms")
            b.note("p50 %.2f ms, %.0f pages/s, %.1f kB" % (p50, rate, len(got.body) / 1000))
    d.stop()
