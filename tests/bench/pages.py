"""The topic page and its feed against a bare libmicrohttpd program that answers
the same bytes (header fields too) from as many threads; and the queue page of
50 rows with 10,000 open tickets, which has a goal in pages a second on two
cores shared with wrk."""
import http.client
import re
import subprocess

import bench
import desk

CONNECTIONS = 32
THREADS = 4  # conf http_threads
PAGES_GOAL = 1000

TICKETS = """
INSERT INTO organisation (name, handle)
  SELECT 'Member ' || i, 'member-' || i FROM generate_series(1, 200) i;
INSERT INTO ticket (subject, status, type, reporter, reporter_name, organisation, owner, due,
    created, updated, priority)
  SELECT (ARRAY['Port scan from', 'Spam sent by', 'Login attempts from', 'Phishing page on',
      'Open resolver at'])[i % 5 + 1] || ' 192.0.2.' || i % 256 || ', case ' || i,
    CASE WHEN i % 3 = 0 THEN 'open' ELSE 'new' END,
    (ARRAY['information-gathering/scanner', 'abusive-content/spam',
      'intrusion-attempts/brute-force', 'fraud/phishing', NULL])[i % 5 + 1],
    'ops' || i % 700 || '@isp.example', 'Operations', orgs[i % 200 + 1],
    CASE WHEN i % 3 = 0 THEN (SELECT min(id) FROM principal) END,
    now() + (i % 4000 - 500) * interval '1 minute', now() - i * interval '1 minute',
    now() - i * interval '30 seconds', i % 3 + 1
  FROM generate_series(1, 10000) i, (SELECT array_agg(id) AS orgs FROM organisation) o;
ANALYZE"""


def wrk(port, path, seconds, head=()):
    # Whole seconds are all it takes.
    done = subprocess.run(
        ["wrk", "-t1", "-c%d" % CONNECTIONS, "-d%ds" % max(1, round(seconds)), *head,
         "http://127.0.0.1:%d%s" % (port, path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))


class Bare:
    """The same answer from bare_mhd."""

    def __init__(self, d, path):
        c = http.client.HTTPConnection("127.0.0.1", d.http)
        c.request("GET", path)
        r = c.getresponse()
        assert r.status == 200, r.status
        body = r.read()
        c.close()
        with open(d.dir + "/bare.head", "w") as f:
            f.writelines("%s: %s\n" % (k, v) for k, v in r.getheaders()
                         if k.lower() not in ("date", "content-length", "connection"))
        with open(d.dir + "/bare.body", "wb") as f:
            f.write(body)
        self.size = len(body)
        self.child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", bench.HERE + "/bare_mhd", str(THREADS),
             d.dir + "/bare.head", d.dir + "/bare.body"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        desk._children.append(self.child)
        self.port = int(self.child.stdout.readline())

    def close(self):
        self.child.stdin.close()
        self.child.wait(10)


def measure(b):
    d = b.desk(roles="web", conf={"http": {"threads": THREADS}})
    for name, path in (("topic page", "/topics/incident-response"),
                       ("topic feed", "/topics/incident-response/feed")):
        bare = Bare(d, path)
        got = b.turns(lambda s: wrk(d.http, path, s), lambda s: wrk(bare.port, path, s), pieces=3)
        bare.close()
        b.row("%s, %.1f kB" % (name, bare.size / 1000), *got, target=0.6, unit="/s")
    queue(b, d)
    d.stop()


def queue(b, d):
    d.sql(TICKETS)
    web = d.web("analyst")
    page = web.get("/desk")
    shown = len(re.findall(r'href="/desk/tickets/\d+"', page.text))
    assert page.status == 200 and shown >= 50, (page.status, shown)
    head = ["-H", "Cookie: " + "; ".join("%s=%s" % kv for kv in web.jar.items())]
    wrk(d.http, "/desk", 1, head)
    rates = []
    before = usage(d)
    seconds = max(1, round(b.seconds))
    for _ in range(b.rounds):
        rates.append(wrk(d.http, "/desk", seconds, head))
    used = [y - x for x, y in zip(before, usage(d))]
    pages = sum(rates) * seconds
    rate = sorted(rates)[len(rates) // 2]
    b.note("rounds: %s; CPU us a page: tocsind %d + PostgreSQL %d" % (
        " ".join(map(bench.figure, rates)), used[0] * 1e6 / pages, used[1] * 1e6 / pages))
    b.row("queue page, 50 of 10,000, %.1f kB" % (len(page.body) / 1000), rate, PAGES_GOAL,
          target=1.0, unit="/s")


def usage(d):
    return bench.cpu([d.child.pid]), bench.cpu(d.db.processes())
