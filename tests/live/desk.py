"""One incident desk for a suite of tests: its own PostgreSQL cluster, demo
data, a catcher (or a peer of the suite's own) for outgoing mail, and tocsind,
all on free ports of the loopback and all ended by pid at exit.

    desk = Desk()                      # a running desk
    def a_test(d): "what is promised"  # fails by raising
    run(desk, a_test, ...)             # TAP, and the exit status

Nothing here waits for a fixed time: what takes time is asked for with
wait(), which has a deadline and says what it waited for.
"""
import atexit
import contextlib
import email
import email.policy
import email.utils
import glob
import hashlib
import html
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORPUS = os.path.join(TOP, "..", "shared", "corpus")
PASSWORD = "tocsin-demo"
SLOW = 5 if os.environ.get("ASAN_OPTIONS") else 1  # deadlines of slow builds
DOT = b"\r\n.\r\n"


# ---- small things -------------------------------------------------------------

def free_port():
    """One that stays free while a daemon is down: below the range that the
    kernel gives to outgoing connections, or one of our own takes it."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait(what, probe, seconds=20, pause=0.03):
    """The first true answer of probe, asked again until the time is over."""
    end = time.monotonic() + seconds * SLOW
    while True:
        got = probe()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain: %s" % (seconds * SLOW, what))
        time.sleep(pause)


def canonical(data):
    """The bytes as SMTP carries them: CRLF line ends, the last one too."""
    data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return data if not data or data.endswith(b"\r\n") else data + b"\r\n"


def stuffed(data):
    if not data:
        return b".\r\n"
    data = (b"." if data.startswith(b".") else b"") + data.replace(b"\r\n.", b"\r\n..")
    return data + (b"" if data.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def sha(data):
    return hashlib.sha256(data).hexdigest()


def eq(got, want, what=""):
    assert got == want, "%s: got %r, wanted %r" % (what, got, want)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def samples(*folders):
    """Paths of the corpus' mails in these folders; of our own without it."""
    found = []
    for folder in folders:
        for path in glob.glob(os.path.join(CORPUS, folder, "**"), recursive=True):
            name = os.path.basename(path)
            if os.path.isfile(path) and not name.endswith((".json", ".md")) and \
                    name != "LICENSE":
                found.append(path)
    if not found:
        found = glob.glob(TOP + "/tests/mail/**/*.eml", recursive=True) + \
            glob.glob(TOP + "/templates/demo/reports/*.eml")
    return sorted(found)


# ---- processes ----------------------------------------------------------------

_children = []


def spawn(argv, log=None, user=None, **more):
    """A child that dies with us.  user: setpriv options, for root only."""
    out = open(log, "ab") if log else subprocess.DEVNULL
    child = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *(user or []), "--", *argv],
        stdout=more.pop("stdout", out), stderr=out, stdin=subprocess.DEVNULL, **more)
    _children.append(child)
    return child


def end(child, sig=signal.SIGTERM, seconds=15):
    if child.poll() is None:
        child.send_signal(sig)
        try:
            child.wait(seconds * SLOW)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise AssertionError("no end of %s after %d s" % (child.args[-3:], seconds))
    return child.returncode


@atexit.register
def _end_all():
    for child in reversed(_children):
        if child.poll() is None:
            child.kill()
            child.wait()


def _on_signal(*_):
    sys.exit(1)


for _sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(_sig, _on_signal)


def children_of(pid):
    """(pid, command line) of the direct children."""
    found = []
    for task in glob.glob("/proc/%d/task/*/children" % pid):
        with contextlib.suppress(OSError):
            for child in read(task).split():
                with contextlib.suppress(OSError):
                    line = read("/proc/%d/cmdline" % int(child))
                    found.append((int(child), line.replace(b"\0", b" ").decode()))
    return found


class Cluster:
    """PostgreSQL on a socket that only we reach.  What is lost when the
    machine itself stops is not tried here, so it need not wait for disks."""

    def __init__(self, folder):
        self.dir = folder
        self.log = folder + "/postgres.log"
        self.user = []
        os.makedirs(folder)
        if os.geteuid() == 0:
            self.user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(folder, "nobody", "nogroup")
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        done = subprocess.run(
            ["setpriv", *self.user, "--", self.bin + "/initdb", "-D", folder + "/data",
             "-U", "tocsin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            capture_output=True, text=True, cwd="/", env={**os.environ, "HOME": folder})
        assert done.returncode == 0, done.stderr
        self.child = None
        self.start()
        self.sql("CREATE DATABASE tocsin", database="postgres")

    def uri(self):
        return "postgresql:///tocsin?host=%s&user=tocsin" % urllib.parse.quote(self.dir)

    def start(self):
        """Once more where it ended: after a kill -9 of the first process the
        others may need a second to see that, and a new one does not start
        beside them."""
        def up():
            if self.child is None or self.child.poll() is not None:
                self.child = spawn(
                    [self.bin + "/postgres", "-D", self.dir + "/data", "-c", "listen_addresses=",
                     "-c", "unix_socket_directories=" + self.dir, "-c", "unix_socket_permissions=0700",
                     "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=100"],
                    log=self.log, user=self.user, cwd="/")
                time.sleep(0.05)
            return self.answers()
        self.child = None
        wait("the database answers", up, 30)

    def answers(self):
        return subprocess.run(
            ["psql", "-XAtqc", "SELECT 1", "-h", self.dir, "-U", "tocsin", "-d", "postgres"],
            capture_output=True).returncode == 0

    def stop(self, sig=signal.SIGINT):
        end(self.child, sig, 30)

    def sql(self, text, database="tocsin", want_error=False):
        """Rows as lists of texts; with want_error the error instead."""
        done = subprocess.run(
            ["psql", "-XAtq", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", self.dir,
             "-U", "tocsin", "-d", database], input=text, capture_output=True, text=True)
        if want_error:
            assert done.returncode != 0, "no error: " + text
            return done.stderr
        assert done.returncode == 0, done.stderr
        return [line.split("\x1f") for line in done.stdout.splitlines()]


# ---- mail ---------------------------------------------------------------------

class Mail:
    """What left: the envelope, the exact bytes and the same parsed."""

    def __init__(self, data):
        head, _, rest = data.partition(b"\r\n")
        to, _, self.bytes = rest.partition(b"\r\n")
        self.sender = head.decode().split("<", 1)[1].rstrip(">")
        self.to = re.findall(r"<([^>]*)>", to.decode())
        self.msg = email.message_from_bytes(self.bytes, policy=email.policy.default)

    def __getitem__(self, name):
        value = self.msg[name]
        return None if value is None else str(value)

    @property
    def id(self):
        return self["Message-ID"].strip().strip("<>")

    @property
    def text(self):
        part = self.msg.get_body(("plain",))
        return part.get_content() if part else ""


class Smtp:
    """A client that says what it is told, line by line."""

    def __init__(self, at, hello="EHLO client.example", source=None):
        unix = isinstance(at, str)
        self.s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        if source:
            self.s.bind((source, 0))
        self.s.settimeout(30 * SLOW)
        self.s.connect(at if unix else ("127.0.0.1", at))
        self.f = self.s.makefile("rb")
        if hello:
            self.expect(220)
            self.say(hello)
            self.expect(250)

    def say(self, *lines):
        self.s.sendall("".join(line + "\r\n" for line in lines).encode())

    def reply(self):
        lines = []
        while True:
            line = self.f.readline().decode("latin-1")
            lines.append(line.rstrip("\r\n"))
            if len(line) < 4 or line[3] != "-":
                return " ".join(lines)

    def expect(self, *codes):
        for code in codes:
            line = self.reply()
            assert line.startswith(str(code)), "wanted %s, got %r" % (code, line)
        return line

    def give(self, data, rcpts, sender, lmtp=False):
        """One mail; the replies to its dot (LMTP: one a recipient)."""
        self.say("MAIL FROM:<%s>" % sender)
        self.expect(250)
        for r in rcpts:
            self.say("RCPT TO:<%s>" % r)
            self.expect(250)
        self.say("DATA")
        self.expect(354)
        self.s.sendall(stuffed(data))
        return [self.reply() for _ in (rcpts if lmtp else rcpts[:1])]

    def close(self):
        self.f.close()
        self.s.close()


# ---- the web ------------------------------------------------------------------

class Answer:
    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.head = {}
        self.cookies = []
        for name, value in response.getheaders():
            self.head[name.lower()] = value
            if name.lower() == "set-cookie":
                self.cookies.append(value)

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return "%d %s %.600s" % (self.status, self.head.get("content-type"),
                                 self.body.decode("utf-8", "replace"))


class Web:
    """A client without JavaScript: keeps cookies, follows nothing unasked."""

    def __init__(self, port, token=None):
        self.port, self.token, self.jar = port, token, {}

    def ask(self, method, path, body=None, head=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30 * SLOW)
        headers = dict(head or {})
        if self.token:
            headers.setdefault("Authorization", "Bearer " + self.token)
        if self.jar:
            headers["Cookie"] = "; ".join("%s=%s" % kv for kv in self.jar.items())
        try:
            c.request(method, path, body=body, headers=headers)
            r = c.getresponse()
            a = Answer(r, r.read())
        finally:
            c.close()
        for cookie in a.cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            if "max-age=0" in cookie.lower():
                self.jar.pop(name, None)
            else:
                self.jar[name] = value
        return a

    def get(self, path, **head):
        return self.ask("GET", path, head=head)

    def post(self, path, fields=None, **more):
        """As JSON with a token, as a form without."""
        if isinstance(fields, (dict, list)) and self.token:
            return self.ask("POST", path, json.dumps(fields),
                            {"Content-Type": "application/json", **more})
        pairs = list(fields.items()) if isinstance(fields, dict) else fields or []
        return self.ask("POST", path, urllib.parse.urlencode(pairs, doseq=True),
                        {"Content-Type": "application/x-www-form-urlencoded", **more})

    def csrf(self, path="/desk"):
        return re.search(r'name="csrf" value="([^"]+)"', self.get(path).text).group(1)

    def act(self, page, path, fields):
        """Posts a form of a page, with its token; must be sent elsewhere."""
        a = self.post(path, {"csrf": self.csrf(page), **fields})
        assert a.status == 303, a
        return a

    def login(self, who, password=PASSWORD):
        page = self.get("/login")
        fields = {"login": who, "password": password}
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        if found:
            fields["csrf"] = found.group(1)
        return self.post("/login", fields)

    def all(self, path):
        """The items of a list of the API, page by page."""
        items, total = [], None
        while path:
            a = self.get(path)
            assert a.status == 200, (path, a)
            got = a.json
            assert set(got) >= {"items", "total", "next"}, got.keys()
            total = got["total"] if total is None else total
            items += got["items"]
            path = got["next"]
            assert len(items) < 100000, "pages without an end"
        assert len(items) == total, "%d items, total says %s" % (len(items), total)
        return items


def plain(page):
    """The words of a page."""
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>|<[^>]*>", " ", page)
    return re.sub(r"\s+", " ", html.unescape(page))


# ---- the desk -----------------------------------------------------------------

class Desk:
    def __init__(self, conf=None, relay=None, demo=True, roles=None, start=True):
        self.dir = tempfile.mkdtemp(prefix="tocsin-live-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        atexit.unregister(_end_all)  # the folder goes after who works in it
        atexit.register(shutil.rmtree, self.dir, ignore_errors=True)
        atexit.register(_end_all)
        self.log = self.dir + "/tocsind.log"
        self.maildir = self.dir + "/mail"
        self.http, self.smtp = free_port(), free_port()
        self.lmtp = self.dir + "/lmtp"
        self.roles, self.child, self.tokens = roles, None, {}
        self.db = Cluster(self.dir + "/pg")
        self.sql = self.db.sql
        if relay is None:
            relay = self.start_catcher()
        self.settings = {
            "site": {"mail_domain": "tocsin.example", "demo": "true",
                     "public_url": "http://127.0.0.1:%d" % self.http,
                     "state_dir": self.dir + "/state"},
            "database": {"uri": self.db.uri()},
            "http": {"listen": "127.0.0.1:%d" % self.http},
            "smtp": {"listen": "127.0.0.1:%d" % self.smtp, "lmtp": self.lmtp,
                     "authserv_ids": "mx.tocsin.example"},
            "relay": {"uri": "smtp://127.0.0.1:%d" % relay, "timeout": 20},
            "sender": {"lease": 5, "retry_first": 1},
            "timer": {"at_most": 1},  # nobody waits half a minute for what is due
            # Most suites send the same report many times and look at each.
            "intake": {"group": "false"},
        }
        for section, values in (conf or {}).items():
            self.settings.setdefault(section, {}).update(values)
        self.write_conf()
        self.ctl("migrate")
        if demo:
            self.ctl("demo")
        if start:
            self.start()

    def start_catcher(self):
        port_file = self.dir + "/catcher.port"
        self.catcher = spawn(
            ["/usr/bin/python3", TOP + "/tests/demo/catcher.py", "--maildir", self.maildir,
             "--port-file", port_file], log=self.dir + "/catcher.log")
        wait("the catcher", lambda: os.path.exists(port_file))
        return int(read(port_file))

    def write_conf(self):
        self.conf = self.dir + "/tocsin.conf"
        with open(self.conf, "w") as f:
            for section, values in self.settings.items():
                f.write("[%s]\n" % section)
                f.writelines("%s = %s\n" % kv for kv in values.items())

    def ctl(self, *args, input=None, ok=True):
        done = subprocess.run([TOP + "/tocsinctl", "-c", self.conf, *args], input=input,
                              capture_output=True, text=True, timeout=120 * SLOW)
        if ok:
            assert done.returncode == 0, "tocsinctl %s: %s%s" % (
                " ".join(args), done.stdout, done.stderr)
            return done.stdout
        return done

    def start(self, roles=None):
        self.child = self.daemon(roles or self.roles)
        self.ready()

    def daemon(self, roles=None, conf=None):
        return spawn([TOP + "/tocsind", "-c", conf or self.conf,
                      *(["--role", roles] if roles else [])], log=self.log)

    def ready(self):
        def probe():
            assert self.child.poll() is None, "tocsind ended: " + self.log_end()
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.web().get("/readyz").status == 200
        wait("tocsind is ready", probe, 30)

    def stop(self, sig=signal.SIGTERM, seconds=15):
        return end(self.child, sig, seconds)

    def kill(self):
        self.child.kill()
        self.child.wait()

    def alive(self):
        return self.child.poll() is None

    def log_end(self, n=3000):
        return read(self.log)[-n:].decode("utf-8", "replace")

    def parsers(self):
        return [pid for pid, line in children_of(self.child.pid) if "parser" in line]

    # -- who asks

    def web(self, login=None):
        w = Web(self.http)
        if login:
            a = w.login(login + "@tocsin.example")
            assert a.status == 303, a
        return w

    def api(self, role="analyst", name=None):
        """By a bearer token of that role; name tells principals apart."""
        name = name or "live-" + role
        if name not in self.tokens:
            out = self.ctl("token", "add", name, "--role", role)
            self.tokens[name] = out.strip().splitlines()[-1].strip()
        return Web(self.http, self.tokens[name])

    # -- mail in

    def send(self, data, *rcpts, sender="ops@isp.example", at=None):
        """Hands one mail over; the reply to its dot."""
        data = canonical(data if isinstance(data, bytes) else data.encode())
        c = Smtp(at or self.smtp)
        try:
            return c.give(data, list(rcpts) or ["report@tocsin.example"], sender)[0]
        finally:
            c.close()

    def report(self, subject, text="Port scan from 192.0.2.10 today at 10:00 UTC.\n",
               sender="ops@isp.example", rcpt="report@tocsin.example", head=""):
        """A new report by mail; the number of its ticket."""
        data = letter(subject, text, sender, head=head)
        got = self.send(data, rcpt, sender=sender)
        assert got.startswith("250 "), got
        return self.of(data)["ticket"]

    def of(self, data):
        """How the API tells the message with these bytes (the newest)."""
        want = sha(canonical(data if isinstance(data, bytes) else data.encode()))
        got = self.api("viewer").get("/api/v1/messages").json["items"]
        found = [m for m in got if m["sha256"] == want]
        assert found, "not among the newest messages"
        return found[0]

    def finding(self, text="x"):
        """One sighting, of a host of the demo's first member; its finding."""
        return self.sql("""
          WITH m AS (SELECT min(id) AS id FROM message WHERE direction = 'in'), fd AS (
            INSERT INTO feed (name, first_time, last_time)
            VALUES ('shadowserver/scan_ntp', now(), now()) ON CONFLICT DO NOTHING
          ), f AS (
            INSERT INTO finding (organisation, address, port, type, feeds, severity, first_seen,
              last_seen, count, opened, opened_by)
            SELECT (SELECT min(id) FROM organisation), '192.0.2.10', 123,
              'vulnerable/ddos-amplifier', '{shadowserver/scan_ntp}', 'medium', now(), now(), 1,
              now(), m.id FROM m RETURNING id, organisation
          ), st AS (
            INSERT INTO feed_stat SELECT m.id, 'shadowserver/scan_ntp',
              (now() AT TIME ZONE 'UTC')::date, 'vulnerable/ddos-amplifier', 'medium',
              f.organisation, 'confirmed', NULL, 'count', 1, 1 FROM m, f
          ), o AS (
            INSERT INTO feed_outside SELECT m.id, '198.18.0.0/24', 7 FROM m
          )
          INSERT INTO sighting (finding, message, feed, "time", verdict, row)
          SELECT f.id, m.id, 'shadowserver/scan_ntp', now(), 'confirmed',
            jsonb_build_object('source_ip', '192.0.2.10', 'extra', jsonb_build_object('tag', $x$%s$x$))
          FROM m, f RETURNING finding""" % text)[0][0]

    # -- mail out

    def mails(self):
        found = []
        for path in sorted(glob.glob(self.maildir + "/new/*")):
            found.append(Mail(read(path)))
        return found

    def mail(self, what, want, seconds=20):
        """The first mail that left and is wanted."""
        return wait(what, lambda: next((m for m in self.mails() if want(m)), None), seconds)

    def quiet(self):
        """Waits until everything that was to leave has left."""
        wait("the queue is empty", lambda: self.sql(
            "SELECT count(*) FROM delivery WHERE state IN "
            "('queued', 'claimed', 'handing', 'deferred')") == [["0"]], 60)


def letter(subject, text="Port scan from 192.0.2.10 today at 10:00 UTC.\n",
           sender="ops@isp.example", to="report@tocsin.example", head="", message_id=None):
    letter.n += 1
    message_id = message_id or "live.%d.%d.%d@%s" % (
        os.getpid(), time.monotonic_ns(), letter.n, sender.split("@")[-1] or "isp.example")
    lines = ["From: <%s>" % sender, "To: <%s>" % to, "Subject: " + subject,
             "Date: " + email.utils.formatdate(), "Message-ID: <%s>" % message_id]
    data = "\n".join(lines) + "\n" + head + "\n" + text
    return canonical(data.encode())


letter.n = 0


def dsn(to, recipient, status, action="failed"):
    """A notice (RFC 3464) that a mail to recipient failed, for who sent it."""
    return canonical(("""\
From: Mail Delivery System <MAILER-DAEMON@mx.reporter.example>
To: <%s>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-ID: <dsn.%s.%s@mx.reporter.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reporter.example

Final-Recipient: rfc822; %s
Action: %s
Status: %s
Diagnostic-Code: smtp; 550 %s no

--b--
""" % (to, recipient, status, recipient, action, status, status)).encode())


# ---- TAP ----------------------------------------------------------------------

class Skip(Exception):
    pass


def run(desk, *tests):
    """Runs them in order on one desk, those named in the arguments or all but
    those named with a minus; ends the program."""
    wanted = [a for a in sys.argv[1:] if a[0] != "-"]
    spared = [a[1:] for a in sys.argv[1:] if a[0] == "-"]
    failed = 0
    for test in tests:
        if wanted and test.__name__ not in wanted or test.__name__ in spared:
            continue
        began = time.monotonic()
        name = (test.__doc__ or test.__name__).split("\n\n")[0]
        name = re.sub(r"\s+", " ", name).strip()
        try:
            test(desk)
            print("ok - %s" % name)
        except Skip as e:
            print("ok - %s # SKIP %s" % (name, e))
        except Exception as e:
            failed = 1
            print("not ok - %s" % name)
            where = traceback.extract_tb(e.__traceback__)
            for frame in where:
                print("#   %s:%d %s" % (os.path.basename(frame.filename), frame.lineno,
                                        frame.line))
            for line in ("%s: %s" % (type(e).__name__, e)).splitlines()[:30]:
                print("#   " + line[:1000])
        print("# %.1f s" % (time.monotonic() - began), flush=True)
    if desk is not None:
        if desk.child and desk.alive():
            try:
                rc = desk.stop()
                eq(rc, 0, "status of tocsind at the end")
            except AssertionError as e:
                failed = 1
                print("not ok - tocsind ends well\n#   %s" % e)
        if failed and desk.child:
            with contextlib.suppress(OSError):
                print("# tocsind's exit status: %s; the end of its log:" % (desk.child.poll() if desk.child else None))
                for line in desk.log_end(int(os.environ.get("LOG_END", 6000))).splitlines():
                    print("#   | " + line[:300])
    sys.stdout.flush()
    sys.exit(failed)
