"""A daily report of 10,000 rows, as a CSV in a ZIP, from the first byte of DATA to
the 250 that follows the commit of its findings, against the 2 s that it may take;
200 members with 5,000 prefixes.  Reading alone and the database alone are told
beside.  The first mail makes the findings, each later one sees them again."""
import base64
import csv
import datetime
import io
import re
import statistics
import subprocess
import time
import zipfile

import desk

ROWS = 10000
SECONDS = 2.0  # for a mail

MEMBERS = """
INSERT INTO organisation (name, handle)
  SELECT 'Member ' || i, 'member-' || i FROM generate_series(1, 200) i;
INSERT INTO contact (organisation, email)
  SELECT id, 'security@' || handle || '.example' FROM organisation WHERE handle LIKE 'member-%';
INSERT INTO prefix (net, organisation)
  SELECT set_masklen(('10.' || i % 256 || '.' || i / 256 || '.0')::inet, 24)::cidr,
    (SELECT min(id) FROM organisation WHERE handle LIKE 'member-%') + i % 200
  FROM generate_series(0, 4999) i;
ANALYZE"""


def report(day, nth):
    out = io.StringIO()
    w = csv.writer(out, quoting=csv.QUOTE_ALL)
    w.writerow(["timestamp", "severity", "ip", "protocol", "port", "hostname", "tag", "asn", "geo",
                "region", "city", "naics", "hostname_source", "sector", "version", "clk_wander",
                "clock", "error", "frequency", "jitter", "leap", "mintc", "noise", "offset",
                "peer", "phase", "poll", "precision", "processor", "refid", "reftime"])
    for i in range(ROWS):
        ip = "10.%d.%d.%d" % (i % 256, i // 256 % 20, i % 250)
        w.writerow(["%s %02d:%02d:%02d" % (day, i // 3600, i // 60 % 60, i % 60), "medium", ip,
                    "udp", 123, "host-%d.member.test" % i, "ntp;ntpversion", 64496 + i % 4, "GB",
                    "ENGLAND", "YORK", 611310, "ptr", "Education", 4, "0.005",
                    "0xD5E6E4D4.DB5CF9D3", "", "-24.112", "0.977", "0", "3", "1.2", "-0.041",
                    "37512", "", "10", "-23", "unknown", "203.0.113.7", "0xD5E6E3C5.B4D0F4B1"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("%s-scan_ntp-tocsin-asn.csv" % day, out.getvalue())
    head = ["From: autoreports@feeds.example", "To: report@tocsin.example",
            "Subject: Shadowserver scan_ntp Report: " + day,
            "Date: Tue, 21 Jul 2026 10:12:33 +0000", "Message-ID: <feed.%d@feeds.example>" % nth,
            "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="cut"', "", "--cut",
            "Content-Type: text/plain", "", "The report is attached.", "--cut",
            "Content-Type: application/zip",
            'Content-Disposition: attachment; filename="%s-scan_ntp-tocsin-asn.csv.zip"' % day,
            "Content-Transfer-Encoding: base64", ""]
    return desk.canonical("\n".join(head).encode() + b"\n" +
                          base64.encodebytes(packed.getvalue()) + b"--cut--\n")


def given(d, data):
    """Seconds from DATA to its reply."""
    c = desk.Smtp(d.smtp)
    try:
        c.say("MAIL FROM:<autoreports@feeds.example>")
        c.expect(250)
        c.say("RCPT TO:<report@tocsin.example>")
        c.expect(250)
        began = time.monotonic()
        c.say("DATA")
        c.expect(354)
        c.s.sendall(desk.stuffed(data))
        c.expect(250)
        return time.monotonic() - began
    finally:
        c.close()


def measure(b):
    d = b.desk(roles="web,intake", conf={"site": {"log_level": 6}})
    d.sql(MEMBERS)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    path = d.dir + "/feed.eml"
    took, alone = [], []
    for n in range(max(b.rounds, 2)):
        data = report((today - datetime.timedelta(30 - n)).isoformat(), n)
        with open(path, "wb") as f:
            f.write(data)
        b.settle(d)
        took.append(given(d, data))
        began = time.monotonic()
        subprocess.run([desk.TOP + "/tocsinctl", "inspect", path], check=True,
                       stdout=subprocess.DEVNULL)
        alone.append(time.monotonic() - began)
    seen = d.sql("SELECT count(*), min(count) FROM finding WHERE feeds = '{shadowserver/scan_ntp}'")
    desk.eq(seen, [[str(ROWS - ROWS // 5000 * 60), str(len(took))]], "findings and sightings")
    base = [int(ms) / 1000 for ms in re.findall(r"feed\.taken .* ms=(\d+)", d.log_end(1 << 20))]
    desk.eq(len(base), len(took), "mails that the log tells of")
    b.note("seconds: first mail %.2f, later ones %s; of them reading (tocsinctl inspect) %.2f, "
           "the database %.2f" % (took[0], " ".join("%.2f" % x for x in took[1:]),
                                  statistics.median(alone), statistics.median(base)))
    b.row("feed of 10,000 rows, DATA to 250", max(took), SECONDS, target=1.0, most=True, unit=" s")
    d.stop()
