"""A desk that has worked for years, loaded by COPY: 100,000 tickets (a tenth of
them open), 500,000 events, 300,000 messages, their history, 1,000 members.

Triggers do not run (the log of deeds stays short: no page reads it whole);
all that pages read is as intake and the desk would have left it.  The same
numbers come every time: nothing is drawn by chance.
"""
import datetime
import hashlib
import subprocess

TICKETS, EVENTS, MESSAGES, MEMBERS = 100000, 500000, 300000, 1000
ACTIVE = 10  # one of so many is open
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
TYPES = ("information-gathering/scanner", "abusive-content/spam", "fraud/phishing",
         "intrusion-attempts/brute-force", "malicious-code/infected-system", "availability/dos",
         "fraud/copyright", "vulnerable/vulnerable-service")
WHAT = ("Port scan from", "Spam sent by", "Phishing page on", "Login attempts from",
        "Infected host", "Flood from", "Copyright notice for", "Open resolver at")
WORDS = ("The following connections reached our network and were not asked for.",
         "Please look at this host and tell us what you find.",
         "Our users received mail that they did not ask for from this address.",
         "The page asks for the passwords of our customers.",
         "All times are in UTC, taken from our border router.")


def when(minutes):
    return (NOW + datetime.timedelta(minutes=minutes)).isoformat()


def address(n):
    return "10.%d.%d.%d" % (n % 250, n // 250 % 250, n % 253 + 1)


def ago(i):
    """Minutes since ticket i came: the last ones today, the first in 2022."""
    return (TICKETS - i) * 20


def active(i):
    return i % ACTIVE == 0 or i > TICKETS - TICKETS // 100


def kind(i):
    return "incident" if i % 50 == 7 else "investigation" if i % 20 == 3 else "report"


def member(i):
    return 1000001 + i * 7 % MEMBERS


def tickets(base):
    for i in range(1, TICKETS + 1):
        k, on = kind(i), active(i)
        status = ("new" if k == "report" and i % 3 == 0 else "open") if on else "resolved"
        waits = on and status == "open" and i % 4 == 0
        yield (base + i, k, "%s %s, case %d" % (WHAT[i % 8], address(i % 5000), i), status,
               TYPES[i % 8], "email", "ops%d@isp.example" % (i % 700), "Operations",
               member(i), None if status == "new" or i % 7 == 0 else i * 7919 // 64 % 3 + 1, i % 3 + 1,
               when(-ago(i) + 2880), when(-ago(i)), when(-ago(i) + 30),
               None if on else when(-ago(i) + 600), when(-ago(i) + 60) if waits else None,
               "member" if waits else None,
               when(-i % 600) if not on and i % 400 == 1 else None, "t", 1,
               100 - i % 5 * 10)


def messages(base):
    for n in range(1, MESSAGES + 1):
        i = (n - 1) // 3 + 1
        text = "%s\n\n%s from %s, %d times.\n%s\n" % (
            WORDS[n % 5], WHAT[i % 8], address(i % 5000), n % 90, "\n".join(
                "%s src %s dst 192.0.2.%d port %d" % (when(-ago(i) + k)[:19], address(i % 5000),
                                                      k, 20 + n % 400) for k in range(6)))
        which = n % 3
        yield (n, "in" if which == 1 else "out" if which == 2 else "comment",
               "report" if which == 1 else None, base + i, when(-ago(i) + which * 20),
               "ops%d@isp.example" % (i % 700), "Operations", "abuse@tocsin.example",
               "%s %s" % (WHAT[i % 8], address(i % 5000)), "<%d@isp.example>" % n,
               hashlib.sha256(b"%d" % n).hexdigest(), len(text),
               "plain" if which == 1 else None, text, 1 if which != 1 else None,
               "ack" if which == 2 else None)


def raws():
    for n in range(1, MESSAGES + 1):
        yield (n, 0, "\\x" + ("Subject: %d\r\n\r\n%s\r\n" % (n, WORDS[n % 5])).encode().hex())


def events(base):
    for n in range(1, EVENTS + 1):
        i = (n - 1) // 5 + 1
        yield (base + i, (i - 1) * 3 + 1, TYPES[i % 8], address(i % 5000 + n % 5),
               "192.0.2.%d" % (n % 250), 1024 + n % 60000, 20 + n % 400, "tcp",
               when(-ago(i) - n % 60), when(-ago(i) - n % 60)[:19], "given",
               "confirmed", "inside 10.0.0.0/8 at that time", member(i))


def history(base):
    for i in range(1, TICKETS + 1):
        for k, (who, action, new) in enumerate((
                (None, "ticket.create", None), (1, "ticket.take", None),
                (2, "ticket.reply", None), (None, "message.reply", None))):
            yield (when(-ago(i) + k * 10), who, "Ann Analyst" if who else "intake", action,
                   base + i, new)


def links(base):
    """Every incident has a report and, where there is one, an investigation."""
    for i in range(7, TICKETS - 60, 50):
        yield base + i, base + i + 1
        if kind(i + 16) == "investigation":
            yield base + i, base + i + 16


def cell(x):
    if x is None:
        return "\\N"
    return str(x).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") \
        .replace("\t", "\\t")


def copy(d, into, rows):
    child = subprocess.Popen(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", d.db.dir, "-U", "tocsin", "-d", "tocsin",
         "-c", "SET session_replication_role = replica", "-c", "COPY %s FROM STDIN" % into],
        stdin=subprocess.PIPE, text=True)
    for row in rows:
        child.stdin.write("\t".join(map(cell, row)) + "\n")
    child.stdin.close()
    assert child.wait() == 0, into


def load(d):
    """Into a desk with its demo data; returns the number before the first ticket."""
    base = 10000
    # (Our members' own numbers follow those of the demo.)
    d.sql("""INSERT INTO organisation (id, name, handle) OVERRIDING SYSTEM VALUE
        SELECT 1000000 + i, 'Member ' || i, 'big-' || i FROM generate_series(1, %d) i""" % MEMBERS)
    d.sql("""WITH o AS (SELECT id, substr(handle, 5)::int AS i FROM organisation WHERE handle LIKE 'big-%'),
        c AS (INSERT INTO contact (organisation, email) SELECT id, 'security@big-' || i || '.example' FROM o)
        INSERT INTO prefix (net, organisation)
        SELECT ('2001:db8:' || to_hex(4096 + i) || '::/48')::cidr, id FROM o""")
    copy(d, "ticket (number, kind, subject, status, type, how_reported, reporter, reporter_name,"
         " organisation, owner, priority, due, created, updated, closed, waiting, waiting_for,"
         " answered, sorted, reports, completeness)", tickets(base))
    copy(d, 'message (id, direction, disposition, ticket, received, "from", from_name, recipients,'
         " subject, message_id, sha256, size, format, text, author, purpose)", (
             (m[0] + 100000, *m[1:]) for m in messages(base)))
    copy(d, "message_raw (message, seq, bytes)", ((r[0] + 100000, *r[1:]) for r in raws()))
    copy(d, 'event (ticket, message, type, source_ip, destination_ip, source_port,'
         ' destination_port, protocol, "time", time_given, zone, verdict, reason, organisation)',
         ((e[0], e[1] + 100000, *e[2:]) for e in events(base)))
    copy(d, "audit (at, principal, actor, action, ticket, new)", history(base))
    copy(d, "ticket_link (incident, child)", links(base))
    d.sql("""UPDATE ticket t SET held = true FROM ticket_link l JOIN ticket i ON i.number = l.incident
        WHERE l.child = t.number AND is_active(i.status);
        SELECT setval('ticket_number', (SELECT max(number) FROM ticket));
        SELECT setval(pg_get_serial_sequence('message', 'id'), (SELECT max(id) FROM message))""")
    d.sql("VACUUM ANALYZE")
    return base
