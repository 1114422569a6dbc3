"""Reports by SMTP (4 kB, plain, each from another sender with another
Message-ID, 8 connections) against bare libpq, which commits the same rows by
the same statement on 8 connections and does nothing else."""
import os
import re

import desk

MARK = "73519264"
CONNECTIONS = 8
SIZE = 4096


PROSE = """\
Hello,

a host of your network scans ours.  It was seen by three sensors in two of our
sites, always with the same pattern: connections to one port of many addresses
in a row, a few a second, with source ports that go up one by one.  Nobody here
has a contract with the owner, and nothing was asked for.  Please look into it
and tell us what you found; a short answer is enough.

We keep the captured packets for thirty days and can send them when you need
them.  The clock of the sensor is set by NTP and all times below are UTC.
"""


def message(size=SIZE):
    """What comes by mail: trace headers, a letter, some lines of a log."""
    head = "\n".join([
        "Received: from mx7.isp.example (mx7.isp.example [198.18.9.7])",
        "\tby mail.tocsin.example (Postfix) with ESMTPS id 4XyZ%s" % MARK,
        "\tfor <report@tocsin.example>; Tue, 21 Jul 2026 10:12:35 +0000 (UTC)",
        "Received: from desk.isp.example (desk.isp.example [198.18.9.20])",
        "\tby mx7.isp.example (Postfix) with ESMTPSA id 4XyA%s" % MARK,
        "\tfor <report@tocsin.example>; Tue, 21 Jul 2026 10:12:34 +0000 (UTC)",
        "From: Operations <ops%s@isp.example>" % MARK,
        "To: report@tocsin.example",
        "Subject: Port scan from 192.0.2.10, case %s" % MARK,
        "Date: Tue, 21 Jul 2026 10:12:33 +0000",
        "Message-ID: <case.%s@isp.example>" % MARK,
        "User-Agent: Desk 4.1",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 7bit", "", ""])
    text, i = PROSE + "\n", 0
    while len(head) + len(text) + i < size - 150:
        text += "2026-07-21 10:%02d:%02d 192.0.2.10:%d -> 198.18.7.%d:22 SYN, refused by rule %s\n" % (
            i // 60 % 60, i % 60, 40000 + i, i % 250, MARK)
        i += 1
    text += "\nOur reference is %s.\n\nKind regards\nOperations\n" % MARK
    return desk.canonical((head + text).encode())


def element(array):
    """The one element of an array as PostgreSQL writes it, None for NULL."""
    assert array[0] == "{" and array[-1] == "}", array
    inner = array[1:-1]
    if inner.startswith('"'):
        return re.sub(r"\\(.)", r"\1", inner[1:-1], flags=re.S)
    return None if inner == "NULL" else inner


def caught(d, program, path):
    """The arguments of the storing statement of one report, as the database
    saw them; the reference sends the same."""
    d.stop()
    d.sql("ALTER DATABASE tocsin SET log_min_duration_statement = 0;"
          "ALTER DATABASE tocsin SET log_parameter_max_length = -1")
    d.start()
    program(0)
    d.stop()
    d.sql("ALTER DATABASE tocsin RESET ALL")
    with open(d.db.log, encoding="utf-8") as f:
        log = f.read()
    found = re.search(r"execute intake_report: WITH r AS.*?\n\S[^\n]* DETAIL:  parameters: "
                      r"(\$1 = .*?)\n(?=\S)", log, re.S)
    assert found, "the log shows no report"
    # The server's log marks lines that go on with a tab.
    values = re.findall(r"\$(\d+) = (?:(NULL)|'((?:[^']|'')*)')",
                        found.group(1).replace("\n\t", "\n"))
    assert [int(n) for n, _, _ in values] == list(range(1, len(values) + 1)), values
    with open(path, "w") as f:
        for n, null, text in values:
            assert not null, n
            text = text.replace("''", "'")
            if n == "1":  # one for all rows; the others are arrays of one
                f.write("=%s\n" % text.encode().hex())
                continue
            text = element(text)
            if text is None:
                f.write("-\n")
            elif n == "3":
                f.write("k\n")
            elif text.startswith("\\x"):
                f.write("b%s\n" % text[2:])
            else:
                if n in ("2", "39"):  # digest, Message-ID of the acknowledgement
                    text = MARK + text[len(MARK):]
                f.write("t%s\n" % text.encode().hex())
    d.start()


def rows(d):
    """Rows of each table, and bytes of what a report stores."""
    tables = ("ticket", "message", "message_raw", "message_seen", "event", "ticket_party",
              "audit", "delivery")
    got = d.sql("SELECT " + ", ".join("(SELECT count(*) FROM %s)" % t for t in tables) +
                ", (SELECT sum(octet_length(bytes)) FROM message_raw)")[0]
    return [int(x) for x in got]


def measure(b):
    d = b.desk(roles="web,intake")
    path, args = d.dir + "/report.eml", d.dir + "/args"
    with open(path, "wb") as f:
        f.write(message())
    state = {"ours": 1, "bare": 50000000}
    each = {}

    def smtp(seconds):
        got = b.program("bench_smtp", d.smtp, CONNECTIONS if seconds else 1, seconds,
                        state["ours"] if seconds else 0, MARK, path)
        return got

    def counted(name, fn):
        b.settle(d)
        before = rows(d)
        used = [bench_cpu(d)]
        got = fn()
        used.append(bench_cpu(d))
        after = rows(d)
        state[name] += int(got[0])
        each[name] = [(y - x) / got[0] for x, y in zip(before, after)]
        each[name + " cpu"] = [(y - x) * 1e6 / got[0] for x, y in zip(*used)]
        return got[3]

    def ours(seconds):
        return counted("ours", lambda: smtp(seconds))

    def bare(seconds):
        return counted("bare", lambda: b.program(
            "bare_pq", d.db.uri(), CONNECTIONS, seconds, state["bare"], MARK, args))

    caught(d, smtp, args)
    got = b.turns(ours, bare, pieces=2)
    # Both must have stored the same, or the comparison means nothing.
    for x, y in zip(each["ours"], each["bare"]):
        assert abs(x - y) <= 0.01 * max(x, y) + 0.01, "different rows: %r" % each
    b.note("CPU us a report: tocsind %d + parsers %d + PostgreSQL %d; bare: PostgreSQL %d" % (
        *each["ours cpu"], each["bare cpu"][2]))
    b.row("intake over SMTP, 4 kB", *got, target=0.6, unit="/s")
    d.stop()


def bench_cpu(d):
    from bench import cpu, family
    parsers = d.parsers()
    return (cpu([d.child.pid]), cpu(parsers), cpu(family(d.db.child.pid)))
