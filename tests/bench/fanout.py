"""One advisory to 10,000 subscribers, 4 kB, personal headers, the ledger on,
to Postfix's smtp-sink; against a bare libESMTP program (its stall removed, 100
messages a session, 2 threads) that sends as much and writes nothing down."""
import os
import pwd
import socket
import subprocess

import desk

RECIPIENTS = 10000
SIZE = 3500  # the shared half; with the personal one it is 4 kB
THREADS, MESSAGES = 2, 100

ISSUE = """
DELETE FROM delivery;
DELETE FROM subscriber;
INSERT INTO subscriber (list, email, status, source)
  SELECT l.id, 'u' || i || '@x.example', 'active', 'staff'
  FROM list l, generate_series(1, %(n)d) i WHERE l.name = 'advisories';
INSERT INTO advisory (title, body, tlp, lists, author, edited_by)
  SELECT 'bench', 'b', 'CLEAR', '{advisories}', id, id FROM principal LIMIT 1;
VACUUM ANALYZE delivery;
CHECKPOINT;
WITH b (t) AS (
  SELECT E'From: Tocsin CSIRT <report@tocsin.example>\\r\\nSubject: bench\\r\\n'
    'Date: Mon, 23 Nov 2026 04:10:00 +0000\\r\\nMIME-Version: 1.0\\r\\n'
    'Content-Type: text/plain; charset=utf-8\\r\\n\\r\\n' || repeat(
    E'One more line of an advisory that is long enough to matter.\\r\\n', %(size)d / 61)),
m AS (
  INSERT INTO message (direction, subject, sha256, size, purpose)
  SELECT 'out', 'bench', '', length(t), 'advisory' FROM b RETURNING id),
r AS (
  INSERT INTO message_raw SELECT m.id, 0, convert_to(t, 'UTF8') FROM m, b)
INSERT INTO delivery (message, address, advisory, subscriber, list)
  SELECT m.id, s.email, (SELECT max(number) FROM advisory), s.id, s.list
  FROM m, subscriber s ORDER BY s.id;
SELECT extract(epoch FROM clock_timestamp());
NOTIFY tocsin_outbox;
"""


def peers():
    """Folder of smtp-sink; unpacked once for all build trees."""
    env = dict(os.environ)
    if desk.TOP.endswith("/build/bench"):
        env.setdefault("BUILD", os.path.dirname(desk.TOP))
    said = subprocess.run([desk.TOP + "/tests/peers"], env=env, check=True,
                          capture_output=True, text=True).stdout
    for line in said.splitlines():
        if line.startswith("PEERS_BIN="):
            return line.split("=", 1)[1].strip("'\"")
    raise AssertionError("tests/peers names no PEERS_BIN")


def sink():
    port = desk.free_port()
    args = [peers() + "/smtp-sink"]
    if os.getuid() == 0:
        args += ["-u", pwd.getpwnam("nobody").pw_name]
    desk.spawn(args + ["127.0.0.1:%d" % port, "1000"], log=os.devnull)
    desk.wait("smtp-sink", lambda: answers(port))
    return port


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def measure(b):
    from bench import cpu, family
    port = sink()
    d = b.desk(roles="web,sender", relay=port)
    each = {}

    def processes():
        return cpu([d.child.pid]), cpu(family(d.db.child.pid))

    def ours(_seconds):
        start = d.sql(ISSUE % {"n": RECIPIENTS, "size": SIZE})[0][0]
        used = processes()
        desk.wait("everybody has it", lambda: d.sql(
            "SELECT count(*) FROM (SELECT FROM delivery WHERE open LIMIT 1) q")[0][0] == "0",
            seconds=120, pause=0.4)  # (each look is a process, on the same cores)
        assert d.sql("SELECT count(*) FROM delivery WHERE state = 'sent'") == [[str(RECIPIENTS)]]
        each["ours"] = [(y - x) * 1e6 / RECIPIENTS for x, y in zip(used, processes())]
        end = d.sql("SELECT extract(epoch FROM max(sent)) FROM delivery")[0][0]
        return RECIPIENTS / (float(end) - float(start))

    def bare(_seconds):
        sent, seconds, used = b.program("bare_esmtp", port, THREADS, MESSAGES, RECIPIENTS, SIZE)
        assert sent == RECIPIENTS
        each["bare"] = used * 1e6 / RECIPIENTS
        return sent / seconds

    rate, reference, ratio = b.turns(ours, bare)
    b.row("fan-out, 10,000 recipients, 4 kB", rate, reference, ratio, target=0.5, unit="/s")
    # Both against the bare client; the sink's part is the same for all.
    for name, used in zip(("tocsind", "PostgreSQL"), each["ours"]):
        b.row("fan-out, CPU a recipient, " + name, used, each["bare"], unit=" us")
    d.stop()
