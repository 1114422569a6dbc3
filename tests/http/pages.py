"""Pages and API of tests/http/serve: signing in, CSRF, bodies, limits,
roles, the cache with the database away.  Prints one TAP line a test."""

import concurrent.futures
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

TOP = os.getcwd()
URI = os.environ["TOCSIN_TEST_URI"]
HOST = "127.0.0.1"
failed = 0
tests = []


def test(fn):
    tests.append(fn)
    return fn


class Answer:
    def __init__(self, r):
        self.status = r.status
        self.body = r.read()
        self.headers = r.headers
        self.text = self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


class Server:
    def __init__(self, more=""):
        self.dir = tempfile.mkdtemp(prefix="tocsin-http-")
        self.more = more
        self.tokens = {}

    def start(self):
        conf = os.path.join(self.dir, "tocsin.conf")
        with open(conf, "w") as f:
            f.write(f"[site]\nstate_dir = {self.dir}\n"
                    f"[database]\nuri = {URI}\n"
                    f"[http]\nlisten = {HOST}:0\n{self.more}")
        self.log = open(os.path.join(self.dir, "log"), "a")
        self.p = subprocess.Popen(
            [os.path.join(TOP, "tests/http/serve"), conf],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.p.stdout:
            w = line.split()
            if w[0] == "token":
                self.tokens[w[1]] = w[2]
            if w[0] == "port":
                self.port = int(w[1])
                return self
        raise SystemExit("not ok - the server does not start\n# " +
                         open(self.log.name).read())

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        rc = self.p.wait(20)
        self.log.close()
        with open(self.log.name, errors="replace") as f:
            text = f.read()
        shutil.rmtree(self.dir)
        return rc, text

    def ask(self, method, path, body=None, headers=None, timeout=20):
        c = http.client.HTTPConnection(HOST, self.port, timeout=timeout)
        try:
            c.request(method, path, body, headers or {})
            return Answer(c.getresponse())
        finally:
            c.close()

    def get(self, path, **headers):
        return self.ask("GET", path, None,
                        {k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, fields, **headers):
        h = {"Content-Type": "application/x-www-form-urlencoded"}
        h.update({k.replace("_", "-"): v for k, v in headers.items()})
        return self.ask("POST", path, urllib.parse.urlencode(fields), h)

    def api(self, who, method, path, data=None):
        h = {"Authorization": "Bearer " + self.tokens[who]}
        if data is not None:
            h["Content-Type"] = "application/json"
            data = json.dumps(data)
        return self.ask(method, path, data, h)

    def raw(self, data, wait=1.0, one=False):
        """All that is answered, and whether the server closed; with one, no
        more is waited for than one whole answer."""
        s = socket.create_connection((HOST, self.port), timeout=wait)
        out = b""
        try:
            s.sendall(data)
            while True:
                piece = s.recv(65536)
                if not piece:
                    return out, True
                out += piece
                size = re.search(rb"(?i)\r\ncontent-length: (\d+)\r\n(?:.+\r\n)*\r\n", out)
                if one and size and len(out) >= size.end() + int(size.group(1)):
                    return out, False
        except (socket.timeout, ConnectionError):
            return out, False
        finally:
            s.close()


def sql(text, db=None):
    uri = URI if db is None else URI.replace("/tocsin?", f"/{db}?")
    return subprocess.run(["psql", "-XAtq", "-d", uri, "-c", text],
                          check=True, capture_output=True, text=True).stdout


def cookie(answer, name="tocsin"):
    for v in answer.headers.get_all("Set-Cookie") or []:
        if v.startswith(name + "="):
            return v.split(";")[0]
    return None


def login(s, who="analyst", password="tocsin-demo"):
    a = s.post("/login", {"login": who + "@tocsin.example",
                          "password": password, "next": "/desk/account"})
    assert a.status == 303, (a.status, a.text[:300])
    assert a.headers["Location"] == "/desk/account"
    return cookie(a)


def csrf(s, c, path="/desk/account"):
    return re.search(r'name="csrf" value="(\w+)"',
                     s.get(path, Cookie=c).text).group(1)


def stamp(s):
    return re.search(r'name="stamp" value="([^"]+)"',
                     s.get("/report").text).group(1)


@test
def desk_needs_a_login(s):
    a = s.get("/desk/account?x=1")
    assert a.status == 303
    assert a.headers["Location"] == "/login?next=%2Fdesk%2Faccount%3Fx%3D1", \
        a.headers["Location"]
    for path in ("/api/v1/account", "/api/v1/tickets"):
        a = s.get(path)
        assert a.status == 401 and a.json()["status"] == 401
        assert a.headers["Content-Type"] == "application/problem+json"
        assert "Location" not in a.headers
    a = s.get("/api/v1/account", Authorization="Bearer wrong")
    assert a.status == 401


@test
def wrong_password_says_nothing(s):
    one = s.post("/login", {"login": "viewer@tocsin.example",
                            "password": "x"})
    two = s.post("/login", {"login": "nobody@tocsin.example",
                            "password": "x"})
    assert one.status == two.status == 401
    assert one.text.replace("viewer", "nobody") == two.text
    assert cookie(one) is None


@test
def session_cookie(s):
    a = s.post("/login", {"login": "analyst@tocsin.example",
                          "password": "tocsin-demo"})
    v = a.headers["Set-Cookie"]
    assert "HttpOnly" in v and "SameSite=Lax" in v and "Secure" not in v
    token = cookie(a).split("=")[1]
    assert sql(f"SELECT count(*) FROM session WHERE token_hash = '{token}'") \
        .strip() == "0", "the token itself stands in the database"


@test
def next_stays_here(s):
    for evil in ("//evil.example", "https://evil.example", "/\\evil.example"):
        a = s.post("/login", {"login": "analyst@tocsin.example",
                              "password": "tocsin-demo", "next": evil})
        assert a.headers["Location"] == "/desk", a.headers["Location"]


@test
def csrf_and_origin(s):
    c = login(s)
    t = csrf(s, c)
    assert s.post("/desk/account/end", {}, Cookie=c).status == 403
    assert s.post("/desk/account/end", {"csrf": ("x" if t[0] != "x" else "y") + t[1:]},
                  Cookie=c).status == 403
    assert s.post("/desk/account/end", {"csrf": t}, Cookie=c,
                  Sec_Fetch_Site="cross-site").status == 403
    assert s.post("/desk/account/end", {"csrf": t}, Cookie=c,
                  Origin="http://evil.example").status == 403
    assert s.post("/desk/account/end", {"csrf": t}, Cookie=c,
                  Origin="null").status == 403
    assert s.post("/desk/account/end", {"csrf": t}, Cookie=c,
                  Origin=f"http://{HOST}:{s.port}").status == 303
    # The API by session: in a header; by token: not at all.
    assert s.ask("POST", "/api/v1/account/end", None,
                 {"Cookie": c}).status == 403
    assert s.ask("POST", "/api/v1/account/end", None,
                 {"Cookie": c, "X-CSRF-Token": t}).status == 200
    assert s.api("analyst", "POST", "/api/v1/account/end").status == 200


@test
def logout_ends_it(s):
    c = login(s)
    a = s.post("/logout", {"csrf": csrf(s, c)}, Cookie=c)
    assert a.status == 303 and a.headers["Location"] == "/login"
    assert s.get("/desk/account", Cookie=c).status == 303
    said = cookie(a, "tocsin-said")
    a = s.get("/login", Cookie=said)
    assert "You are signed out." in a.text
    assert any(v.startswith("tocsin-said=;")
               for v in a.headers.get_all("Set-Cookie"))


@test
def password_change(s):
    c, other = login(s, "second"), login(s, "second")
    t = csrf(s, c)
    a = s.post("/desk/account/password",
               {"csrf": t, "old": "wrong", "password": "a new password",
                "again": "another"}, Cookie=c)
    assert a.status == 422 and "differ" in a.text
    a = s.post("/desk/account/password",
               {"csrf": t, "old": "wrong", "password": "a new password",
                "again": "a new password"}, Cookie=c)
    assert a.status == 422 and "not your present password" in a.text
    a = s.post("/desk/account/password",
               {"csrf": t, "old": "tocsin-demo", "password": "a new password",
                "again": "a new password"}, Cookie=c)
    assert a.status == 303
    assert s.get("/desk/account", Cookie=cookie(a)).status == 200
    assert s.get("/desk/account", Cookie=c).status == 303
    assert s.get("/desk/account", Cookie=other).status == 303
    login(s, "second", "a new password")


@test
def idle_session_ends(s):
    c = login(s)
    assert s.get("/desk/account", Cookie=c).status == 200
    sql("UPDATE session SET last_seen = now() - interval '9 hours'")
    assert s.get("/desk/account", Cookie=c).status == 303


@test
def disabled_account_is_out(s):
    c = login(s, "lead")
    sql("UPDATE principal SET disabled_at = now() WHERE email LIKE 'lead@%'")
    assert s.get("/desk/account", Cookie=c).status == 303
    a = s.post("/login", {"login": "lead@tocsin.example",
                          "password": "tocsin-demo"})
    assert a.status == 401
    sql("UPDATE principal SET disabled_at = NULL WHERE email LIKE 'lead@%'")


@test
def throttle(s):
    for i in range(5):
        a = s.post("/login", {"login": "admin@tocsin.example",
                              "password": "x"})
        assert a.status == 401, (i, a.status)
    a = s.post("/login", {"login": "admin@tocsin.example",
                          "password": "tocsin-demo"})
    assert a.status == 429, a.status
    sql("DELETE FROM login_throttle")
    login(s, "admin")


@test
def seen_once_a_minute(s):
    c = login(s)
    sql("UPDATE session SET last_seen = now() - interval '30 seconds'")
    before = sql("SELECT max(last_seen) FROM session")
    s.get("/desk/account", Cookie=c)
    assert sql("SELECT max(last_seen) FROM session") == before
    sql("UPDATE session SET last_seen = now() - interval '2 minutes'")
    s.get("/desk/account", Cookie=c)
    assert sql("SELECT max(last_seen) > now() - interval '1 minute' "
               "FROM session").strip() == "t"


@test
def methods(s):
    a = s.ask("POST", "/healthz")
    assert a.status == 405 and a.headers["Allow"] == "GET, HEAD"
    a = s.ask("DELETE", "/login")
    assert a.status == 405 and a.headers["Allow"] == "GET, HEAD, POST"
    a = s.ask("HEAD", "/login")
    assert a.status == 200 and a.body == b""
    assert int(a.headers["Content-Length"]) > 500


@test
def roles(s):
    a = s.api("viewer", "POST", "/api/v1/tickets/1/take", {})
    assert a.status == 403 and "viewer" in a.json()["detail"]


@test
def too_large_before_the_body(s):
    out, closed = s.raw(b"POST /login HTTP/1.1\r\nHost: a\r\n"
                        b"Content-Type: application/x-www-form-urlencoded\r\n"
                        b"Content-Length: 99999999\r\n\r\n")
    assert out.startswith(b"HTTP/1.1 413") and closed, out[:200]


@test
def too_large_in_chunks(s):
    piece = b"2000\r\n" + b"a" * 0x2000 + b"\r\n"
    out, closed = s.raw(b"POST /login HTTP/1.1\r\nHost: a\r\n"
                        b"Content-Type: application/x-www-form-urlencoded\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n" + piece * 10 +
                        b"0\r\n\r\n")
    assert out.startswith(b"HTTP/1.1 413") and closed, out[:200]
    # Without an end: cut off, not read for ever.
    with socket.create_connection((HOST, s.port), timeout=10) as c:
        c.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Type: application/x-www-form-urlencoded\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(8000):
                c.sendall(piece)
            raise AssertionError("64 MB were read")
        except ConnectionError:
            pass


@test
def too_large_while_it_is_written(s):
    """Who only reads once all is written reads the 413, 10 MB too much or not;
    who waits for our leave hears it at once."""
    head = (b"POST /login HTTP/1.1\r\nHost: a\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 10485760\r\n")
    for _ in range(3):
        out, _ = s.raw(head + b"\r\n" + b"a" * 10485760, wait=10, one=True)
        assert out.startswith(b"HTTP/1.1 413") and b"at most" in out, out[:200]
    # All is read by then, and the connection does not stay for its idle time.
    out, closed = s.raw(head + b"\r\n" + b"a" * 10485760, wait=10)
    assert out.startswith(b"HTTP/1.1 413") and b"at most" in out and closed, out[:200]
    out, closed = s.raw(head + b"Expect: 100-continue\r\n\r\n")
    assert out.startswith(b"HTTP/1.1 413") and closed, out[:200]


@test
def asked_before_the_body(s):
    """Whose session it is, is looked up by a thread that may wait: 401, 403 and 413 are still said before the
    body, leave to send it is given when asked for, and a body that came along is read whole."""
    def head(who, path, more=b"Content-Length: 99999999\r\n"):
        token = s.tokens.get(who, who)
        return (b"POST " + path.encode() + b" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token.encode() +
                b"\r\nContent-Type: application/json\r\n" + more)

    take = "/api/v1/tickets/1/comment"
    for who, code in (("nosuch", b"401"), ("viewer", b"403"), ("analyst", b"413")):
        for expect in (b"", b"Expect: 100-continue\r\n"):
            out, closed = s.raw(head(who, take) + expect + b"\r\n")
            assert out.startswith(b"HTTP/1.1 " + code) and closed, (who, expect, out[:200])
    c = login(s)
    out, closed = s.raw(b"POST /desk/tickets/1/comment HTTP/1.1\r\nHost: a\r\nCookie: " + c.encode() +
                        b"\r\nOrigin: http://evil.example\r\nContent-Length: 99999999\r\n\r\n")
    assert out.startswith(b"HTTP/1.1 403") and closed, out[:200]

    def answer(f):
        status = f.readline()
        size = 0
        while (line := f.readline().strip()):
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        return status, f.read(size)

    def comment(text):
        return json.dumps({"text": text}).encode()

    def number():
        return int(sql("INSERT INTO ticket (subject, kind, status) VALUES ('asked', 'report', 'open') RETURNING"
                       " number").strip())

    path = f"/api/v1/tickets/{number()}/comment"
    with socket.create_connection((HOST, s.port), timeout=10) as k, k.makefile("rb") as f:
        body = comment("after leave")
        k.sendall(head("analyst", path, b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body)))
        status, _ = answer(f)
        assert status.startswith(b"HTTP/1.1 100"), status
        k.sendall(body)
        status, text = answer(f)
        assert status.startswith(b"HTTP/1.1 201"), (status, text)
        # On the same connection: all at once, two in a row, in chunks, and byte by byte.
        one, two = comment("at once"), comment("behind it " + "x" * 60000)
        k.sendall(b"".join(head("analyst", path, b"Content-Length: %d\r\n\r\n" % len(b)) + b for b in (one, two)))
        for _ in range(2):
            status, text = answer(f)
            assert status.startswith(b"HTTP/1.1 201"), (status, text)
        three = comment("in chunks")
        k.sendall(head("analyst", path, b"Transfer-Encoding: chunked\r\n\r\n") +
                  b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (three[:5], three[5:])) + b"0\r\n\r\n")
        status, text = answer(f)
        assert status.startswith(b"HTTP/1.1 201"), (status, text)
        four = comment("byte by byte")
        for b in head("analyst", path, b"Content-Length: %d\r\n\r\n" % len(four)) + four:
            k.sendall(bytes([b]))
        status, text = answer(f)
        assert status.startswith(b"HTTP/1.1 201"), (status, text)
    said = sql("SELECT left(text, 12) FROM message WHERE direction = 'comment' ORDER BY id DESC LIMIT 5").split("\n")
    assert said[:5] == ["byte by byte", "in chunks", "behind it xx", "at once", "after leave"], said
    assert sql("SELECT length(text) FROM message WHERE text LIKE 'behind it%'").strip() == "60010"


@test
def too_slow_is_told(first):
    """408: a header or a body that stops, and those that drip beyond their time;
    a connection at rest ends without a word."""
    s = Server("timeout = 1\nheader_timeout = 1\nbody_timeout = 3\n").start()
    post = (b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: "
            b"application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n")
    slow = (b"GET /lo", False), (b"GET /login HTTP/1.1\r\nX-Lo", False), \
        (post + b"login=", False), (b"GET /login HTTP/1.1\r\nX-Long: ", True), (post, True)
    quiet = b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

    def answer(data, drips):
        out = b""
        with socket.create_connection((HOST, s.port), timeout=0.2) as c:
            c.sendall(data)
            began = time.time()
            while time.time() - began < 8:
                try:
                    piece = c.recv(65536)
                    if not piece:
                        return out
                    out += piece
                except socket.timeout:
                    if drips:
                        c.sendall(b"a")
                except ConnectionError:
                    return out
        raise AssertionError("still open: %r %r" % (data[:20], out[:80]))

    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            told = [pool.submit(answer, *x) for x in slow]
            rest = [pool.submit(answer, x, False) for x in quiet]
            for (data, drips), a in zip(slow, told):
                out = a.result()
                assert out.startswith(b"HTTP/1.1 408 Request Timeout\r\n") and \
                    out.endswith(b"took too long to arrive.\n"), (data, drips, out)
            assert rest[0].result() == b""
            assert rest[1].result().startswith(b"HTTP/1.1 200") and \
                b"408" not in rest[1].result()
    finally:
        rc, log = s.stop()
    assert rc == 0, rc
    assert len(re.findall("http.request.* status=408", log)) == 2, log[-2000:]


@test
def refused_but_heard(s):
    """A small body of a request that is refused is read, so that the client
    hears why and may go on; a large one is not."""
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    for path, code in ((b"/api/v1/tickets/1/take", 401),
                       (b"/nothing", 404)):
        post = (b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Type: "
                b"application/json\r\nContent-Length: 2\r\n\r\n{}")
        out, _ = s.raw(post + one)
        assert [int(x) for x in re.findall(rb"HTTP/1\.1 (\d+)", out)] == \
            [code, 200], out
    out, closed = s.raw(b"POST /desk/tickets/1/reply HTTP/1.1\r\nHost: a\r\n"
                        b"Content-Length: 9999999\r\n\r\n" + b"a" * 9999)
    assert out.startswith(b"HTTP/1.1 303") and closed, out[:100]
    c = login(s)
    a = s.ask("POST", "/desk/tickets/1/comment", "csrf=x&text=" + "y" * 9000,
              {"Cookie": c, "Sec-Fetch-Site": "cross-site",
               "Content-Type": "application/x-www-form-urlencoded"})
    assert a.status == 403


@test
def body_types(s):
    a = s.ask("POST", "/login", "x", {"Content-Type": "text/plain"})
    assert a.status == 422, a.status
    a = s.ask("POST", "/login", "x", {"Content-Type": "multipart/form-data"})
    assert a.status == 422, a.status
    a = s.ask("POST", "/api/v1/reports", "{", {
        "Content-Type": "application/json"})
    assert a.status == 422 and "line 1" in a.json()["detail"], a.text
    a = s.ask("POST", "/api/v1/reports", "[" * 100000, {
        "Content-Type": "application/json"})
    assert a.status == 422, a.status


def multipart(fields, boundary="xyz"):
    out = b""
    for name, value, extra in fields:
        out += (f'--{boundary}\r\nContent-Disposition: form-data; '
                f'name="{name}"{extra}\r\n\r\n').encode() + value + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


@test
def multipart_and_encoding(s):
    text = "Größe \u202e <script>alert(1)</script> \U0001f525"
    body = multipart([
        ("statement", text.encode() + b"\xff\r\nzwei", ""),
        ("email", b"", ""), ("nothing", b"x" * 50000, ""),
        ("stamp", stamp(s).encode(), "")])
    a = s.ask("POST", "/report", body,
              {"Content-Type": "multipart/form-data; boundary=xyz"})
    assert a.status == 422
    assert "<script>alert" not in a.text
    assert "Größe \u202e &lt;script&gt;" in a.text
    assert "\U0001f525\ufffd\nzwei</textarea>" in a.text
    assert "Error: " in re.search("<title>(.*?)</title>", a.text).group(1)
    assert 'href="#email"' in a.text


@test
def long_values(s):
    a = s.post("/report", {"statement": "x" * 17000, "email": "a@b.example",
                           "stamp": stamp(s)})
    assert a.status == 422 and "too long" in a.text
    assert "x" * 17000 + "</textarea>" in a.text, "who wrote it can cut it down"
    assert len(s.post("/report", {"statement": "x" * 900000, "email": "a@b.example",
                                  "stamp": stamp(s)}).text) < 150000, "there is an end"


@test
def report_by_form(s):
    f = {"type": "scan", "statement": "port 22, 40 hosts",
         "source_ip": "192.0.2.7\r\n192.0.2.8", "email": "ops@isp.example",
         "start": "2026-11-22 04:10", "zone": "UTC", "may_name": "1",
         "stamp": stamp(s)}
    a = s.post("/report", f)
    assert a.status == 303, (a.status, a.text[:2000])
    r = s.get(a.headers["Location"])
    number = re.search(r"#(\d+)", r.text).group(1)
    assert "192.0.2.8" in r.text
    assert sql("SELECT how_reported || name_reporter FROM ticket "
               f"WHERE number = {number}").strip() == "webtrue"
    # The same page sent again, and a receipt that is not ours.
    a = s.post("/report", f)
    assert a.status == 422 and "sent already" in a.text
    assert "192.0.2.8" in a.text, "the input is kept"
    assert s.get("/report/receipt/1.9999999999999999.aaaaaaaaaaaaaaaa") \
        .status == 404


@test
def report_trap(s):
    before = sql("SELECT count(*) FROM ticket")
    a = s.post("/report", {"statement": "buy", "email": "a@b.example",
                           "website": "http://x", "stamp": stamp(s)})
    assert a.status == 422 and ">\nbuy</textarea>" in a.text
    assert sql("SELECT count(*) FROM ticket") == before


@test
def report_by_api(s):
    f = {"type": "dos", "statement": "flood", "source_ip": ["192.0.2.1"],
         "email": "ops@isp.example", "start": "2026-11-22T04:10:00Z"}
    a = s.api("analyst", "POST", "/api/v1/reports", f)
    assert a.status == 201, a.text
    j = a.json()
    assert j["number"] > 1000 and j["verdicts"][0]["verdict"] == "outside"
    assert j["missing"] and all(m["fact"] for m in j["missing"])
    a = s.api("analyst", "POST", "/api/v1/reports",
              {"statement": "x", "source_ip": "10.0.0.1"})
    assert a.status == 422 and a.json()["errors"][0]["field"] == "source_ip"


@test
def report_raw(s):
    raw = b"From: a@b.example\r\nSubject: raw\r\n\r\n192.0.2.9 scans\r\n"
    h = {"Content-Type": "message/rfc822"}
    assert s.ask("POST", "/api/v1/reports", raw, h).status == 401
    h["Authorization"] = "Bearer " + s.tokens["viewer"]
    assert s.ask("POST", "/api/v1/reports", raw, h).status == 403
    h["Authorization"] = "Bearer " + s.tokens["analyst"]
    a = s.ask("POST", "/api/v1/reports", raw, h)
    assert a.status == 201, a.text
    m = s.api("viewer", "GET", "/api/v1/messages").json()["items"][0]
    b = s.ask("GET", m["raw"], None, {
        "Authorization": "Bearer " + s.tokens["viewer"]})
    assert b.body == raw
    assert b.headers["Content-Type"] == "message/rfc822"
    assert b.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in b.headers["Content-Security-Policy"]


@test
def report_raw_large(s):
    raw = b"From: a@b.example\r\nSubject: large\r\n\r\n" + \
        b"".join(b"%07d " % i * 9 + b"\r\n" for i in range(40000))
    a = s.ask("POST", "/api/v1/reports", raw, {
        "Content-Type": "message/rfc822",
        "Authorization": "Bearer " + s.tokens["analyst"]})
    assert a.status == 201, a.text
    m = s.api("viewer", "GET", "/api/v1/messages").json()["items"][0]
    b = s.ask("GET", m["raw"], None, {
        "Authorization": "Bearer " + s.tokens["viewer"]})
    assert len(b.body) == len(raw) and b.body == raw


@test
def rate_limit(s):
    sql("DELETE FROM rate_bucket")
    codes = [s.ask("POST", "/api/v1/reports", json.dumps({
        "statement": f"n {i}", "email": "a@b.example"}),
        {"Content-Type": "application/json"}).status for i in range(22)]
    assert codes[0] == 201 and codes[-1] == 429, codes
    a = s.ask("POST", "/api/v1/reports", "{}",
              {"Content-Type": "application/json"})
    assert a.status == 429 and a.headers["Retry-After"]
    sql("DELETE FROM rate_bucket")


@test
def lookup(s):
    sql("INSERT INTO organisation (name, handle) VALUES ('U', 'u');"
        "INSERT INTO contact (organisation, email) VALUES (1, 'c@u.example');"
        "INSERT INTO prefix (net, organisation) VALUES ('203.0.113.0/25', 1)")
    a = s.get("/api/v1/lookup?ip=203.0.113.9").json()
    assert a["verdict"] == "confirmed" and a["organisation"] == "U"
    assert a["prefix"] == "203.0.113.0/25" and a["contacts"] == []
    a = s.api("viewer", "GET", "/api/v1/lookup?ip=203.0.113.9").json()
    assert a["contacts"][0]["email"] == "c@u.example"
    assert s.get("/api/v1/lookup?ip=x").status == 422
    assert s.get("/api/v1/lookup").status == 422
    assert s.get("/api/v1/lookup?ip=203.0.113.9&at=now").status == 422
    a = s.get("/lookup?ip=203.0.113.9")
    assert "confirmed" in a.text and "c@u.example" not in a.text
    assert s.get("/lookup?ip=%3Cb%3E").status == 422


@test
def report_of_a_private_address_that_a_member_holds(s):
    """100.64.0.0/10 is routed between some networks: what a member holds is its own."""
    f = {"type": "dos", "statement": "x", "source_ip": ["100.64.8.7"]}
    assert s.api("analyst", "POST", "/api/v1/reports", f).status == 422
    sql("INSERT INTO prefix (net, organisation) VALUES ('100.64.8.0/24', "
        "(SELECT id FROM organisation WHERE handle = 'u'))")
    a = s.api("analyst", "POST", "/api/v1/reports", f)
    assert a.status == 201, a.text
    assert a.json()["verdicts"][0]["verdict"] == "confirmed", a.text
    # the look-up said "confirmed" and that it exists in every network
    a = s.get("/api/v1/lookup?ip=100.64.8.7").json()
    assert a["verdict"] == "confirmed" and "belongs to U" in a["says"], a
    sql("DELETE FROM prefix WHERE net = '100.64.8.0/24'")


@test
def openapi(s):
    j = s.get("/api/v1/openapi.json").json()
    assert j["openapi"].startswith("3.1")
    post = j["paths"]["/api/v1/tickets/{number}/take"]["post"]
    assert post["security"] and post["parameters"][0]["in"] == "path"
    ref = j["paths"]["/api/v1/lookup"]["get"]["responses"]["2XX"]
    name = ref["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
    assert "verdict" in j["components"]["schemas"][name]["properties"]
    for m in re.finditer(r'"#/components/schemas/(\w+)"', json.dumps(j)):
        assert m.group(1) in j["components"]["schemas"], m.group(1)


@test
def pages_have_no_inline(s):
    for path in ("/", "/report", "/lookup", "/privacy", "/accessibility",
                 "/login"):
        a = s.get(path)
        assert a.status == 200, path
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\son\w+=",
                             a.text), path
        assert "Set-Cookie" not in a.headers, path


@test
def assets(s):
    css = re.search(r'href="(/static/style\.\w+\.css)"',
                    s.get("/").text).group(1)
    a = s.get(css, Accept_Encoding="gzip")
    assert "immutable" in a.headers["Cache-Control"]
    assert gzip.decompress(a.body) == s.get(css).body
    assert s.get(css, If_None_Match=a.headers["ETag"]).status == 304
    assert s.get("/static/style.000000000000.css").status == 404
    assert s.get("/static/../server.c").status == 404
    assert s.get("/favicon.ico").status == 200


def fresh(s, path):
    return s.get(path).headers["ETag"]


@test
def cache_follows_the_database(s):
    one = fresh(s, "/")
    assert fresh(s, "/") == one
    sql("INSERT INTO item (slug, kind, title, body, teaser, guid) VALUES "
        "('a', 'guidance', 'Aa<b>', 'x', 'x', 'tag:a')")
    for _ in range(40):
        if fresh(s, "/") != one:
            break
        time.sleep(0.05)
    a = s.get("/")
    assert "Aa&lt;b&gt;" in a.text
    assert s.get("/", If_None_Match=a.headers["ETag"]).status == 304
    assert s.get("/", If_Modified_Since=a.headers["Last-Modified"]) \
        .status == 304


@test
def database_away(s):
    home = s.get("/").text
    sql("ALTER DATABASE tocsin ALLOW_CONNECTIONS false", "postgres")
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = 'tocsin'", "postgres")
    try:
        time.sleep(0.3)
        assert s.get("/").text == home, "stale is better than nothing"
        a = s.get("/desk", Cookie="tocsin=abcdefgh")
        assert a.status == 503 and a.headers["Retry-After"]
        assert "socket" not in a.text
        a = s.get("/readyz")
        assert a.status == 503 and "socket" not in a.text
        assert s.get("/healthz").status == 200
        a = s.ask("POST", "/api/v1/reports",
                  json.dumps({"statement": "x", "email": "a@b.example"}),
                  {"Content-Type": "application/json"})
        assert a.status == 503 and "detail" in a.json()
        a = s.post("/report", {"statement": "all that I wrote",
                               "email": "a@b.example", "stamp": stamp(s)})
        assert a.status == 503 and a.headers["Retry-After"]
        assert "all that I wrote</textarea>" in a.text
    finally:
        sql("ALTER DATABASE tocsin ALLOW_CONNECTIONS true", "postgres")
    for _ in range(100):
        if s.get("/readyz").status == 200:
            break
        time.sleep(0.1)
    assert s.get("/readyz").status == 200
    login(s)


@test
def slow_body_holds_nobody(s):
    slow = []
    for _ in range(30):
        c = socket.create_connection((HOST, s.port))
        c.sendall(b"POST /report HTTP/1.1\r\nHost: a\r\nContent-Type: "
                  b"application/x-www-form-urlencoded\r\n"
                  b"Content-Length: 1000\r\n\r\nstatement=")
        slow.append(c)
    t = time.time()
    for _ in range(20):
        assert s.get("/lookup?ip=192.0.2.1").status == 200
    assert time.time() - t < 5
    for c in slow:
        c.close()


@test
def dripping_header(first):
    """A header has a deadline, however it drips; what is not a header has not."""
    s = Server("timeout = 1\nheader_timeout = 1\n").start()

    def drip(data, begin=b""):
        """Seconds until the connection is cut; None: it was not."""
        with socket.create_connection((HOST, s.port), timeout=5) as c:
            c.sendall(begin)
            while begin and not c.recv(65536).endswith(b"</html>\n"):
                pass
            c.settimeout(0.2)
            began = time.time()
            for i in range(len(data)):
                try:
                    c.sendall(data[i:i + 1])
                    if not c.recv(65536):
                        return time.time() - began
                except socket.timeout:
                    pass
                except ConnectionError:
                    return time.time() - began
        return None

    whole = b"GET /login HTTP/1.1\r\nHost: a.example\r\n\r\n"
    field = b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 40

    def quick():
        """Who is quick may stay longer than any of it."""
        c = http.client.HTTPConnection(HOST, s.port, timeout=5)
        began = time.time()
        c.connect()
        port = c.sock.getsockname()
        while time.time() - began < 4:
            c.request("GET", "/login")
            assert c.getresponse().read().endswith(b"</html>\n")
            assert c.sock.getsockname() == port, "another connection"
            time.sleep(0.5)
        c.close()

    def slow_body():
        """And a body may take its time."""
        body = b"login=a&password=" + b"b" * 23
        with socket.create_connection((HOST, s.port), timeout=5) as c:
            c.sendall(b"POST /login HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n"
                      b"Content-Type: application/x-www-form-urlencoded\r\n"
                      b"Content-Length: 40\r\n\r\n")
            for i in range(40):
                c.sendall(body[i:i + 1])
                time.sleep(0.1)
            assert re.match(rb"HTTP/1\.1 [34]\d\d ", c.recv(65536))

    try:
        # Nothing but waiting: all beside each other.
        with concurrent.futures.ThreadPoolExecutor(5) as beside:
            drips = [(what, begin, beside.submit(drip, what, begin)) for what, begin in
                     ((b"a" * 60, b""), (field, b""), (field, whole))]
            others = [beside.submit(quick), beside.submit(slow_body)]
            for what, begin, took in drips:
                took = took.result()
                assert took is not None and 1 < took < 6, (what, begin, took)
            for one in others:
                one.result()
    finally:
        rc, log = s.stop()
    assert rc == 0, rc
    assert log.count("http.slow") == 3, log[-2000:]


@test
def large_headers(s):
    out, closed = s.raw(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 60000 +
                        b"\r\n\r\n")
    assert out.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400")), out[:80]
    out, closed = s.raw(b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\nHost: a\r\n"
                        b"\r\n")
    assert out.startswith((b"HTTP/1.1 414", b"HTTP/1.1 400")), out[:80]


@test
def pipelined(s):
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    post = (b"POST /api/v1/reports HTTP/1.1\r\nHost: a\r\nContent-Type: "
            b"application/json\r\nContent-Length: 2\r\n\r\n{}")
    out, _ = s.raw(one + post + one)
    assert [int(x) for x in re.findall(rb"HTTP/1\.1 (\d+)", out)] == \
        [200, 422, 200], out


@test
def behind_a_proxy(first):
    """https in front, X-Forwarded-For from it: cookies, HSTS, client."""
    s = Server("trusted_proxies = 127.0.0.0/8\n"
               "[site]\npublic_url = https://desk.example\n").start()
    try:
        a = s.post("/login", {"login": "viewer@tocsin.example",
                              "password": "tocsin-demo"},
                   Origin="https://desk.example",
                   X_Forwarded_For="203.0.113.66, 198.51.100.9, 127.0.0.1")
        assert a.status == 303, a.status
        v = a.headers["Set-Cookie"]
        assert v.startswith("__Host-tocsin=") and "; Secure" in v, v
        a = s.get("/desk/account", Cookie=v.split(";")[0])
        assert "max-age" in a.headers["Strict-Transport-Security"]
        assert "198.51.100.9" in a.text, "the last hop that is not ours"
        for path in ("/", "/static/style.css", "/api/v1/nothing"):
            assert "Strict-Transport-Security" in s.get(path).headers, path
        a = s.post("/login", {}, Origin="http://desk.example")
        assert a.status == 403
        # Who reports from a member is sent to its own service desk first.
        for client, inside in (("203.0.113.9", True), ("203.0.113.250", False)):
            a = s.get("/report", X_Forwarded_For=client)
            assert a.status == 200 and inside == (
                "You seem to be at <strong>U</strong>" in a.text), client
        # Junk in the list ends the walk at the last good hop.
        for bad in ("junk", ", ,", "1.2.3.4.5", "192.0.2.7:80", "a" * 5000):
            assert s.get("/login", X_Forwarded_For=bad).status == 200
    finally:
        s.stop()


@test
def stopped_in_a_rush(_):
    """Who is told to stop while many come ends well (the library aborted now
    and then), and answers whom it let in: the one whose request is read only
    after the last of the others had his, is told to come again."""
    for _ in range(4):
        s = Server("threads = 3\n").start()
        going, odd = True, []

        def come():
            while going:
                try:
                    a = s.get("/healthz", Connection="close")
                    if a.status != 200 and (going is True or a.status != 503
                                            or "Retry-After" not in a.headers):
                        odd.append(a.status)
                except (OSError, http.client.HTTPException):
                    pass
        crowd = [threading.Thread(target=come) for _ in range(4)]
        for t in crowd:
            t.start()
        time.sleep(0.3)
        going, began = "still", time.time()
        try:
            rc, log = s.stop()
        finally:
            going = False
            for t in crowd:
                t.join()
        assert rc == 0 and not odd, (rc, odd, log[-500:])
        assert time.time() - began < 4, "it waited for who was turned away"


def main(tests, area):
    global failed
    s = Server("session_idle = 28800\nthreads = 3\n").start()
    for fn in tests:
        name = area + " " + fn.__name__.replace("_", " ")
        try:
            fn(s)
            print("ok -", name, flush=True)
        except Exception:
            failed += 1
            print("not ok -", name)
            print("# " + traceback.format_exc().replace("\n", "\n# "),
                  flush=True)
    began = time.time()
    rc, log = s.stop()
    quiet = not re.search(r"AddressSanitizer|ThreadSanitizer|runtime error|"
                          r"kind=BUG|CRITICAL", log)
    print("ok" if rc == 0 and quiet and time.time() - began < 8 else "not ok",
          "-", area, "stops in order and logged no mistake")
    if rc or not quiet:
        failed += 1
        print("# " + "\n# ".join(log.splitlines()[-40:]))
    secret = any(t in log for t in s.tokens.values())
    print("not ok" if secret else "ok", "-", area, "logs no token")
    sys.exit(1 if failed or secret else 0)


if __name__ == "__main__":
    main(tests, "http")
