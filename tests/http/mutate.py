"""Broken requests: seeds that work, changed at random, thrown at the server.
It must live, answer others, and leave no report of a sanitizer.

	tests/http/run mutate.py [SECONDS [SEED]]
"""

import random
import re
import socket
import sys
import time

import pages
from pages import HOST


def post(path, kind, body, extra=b""):
    return (b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Type: " +
            kind + b"\r\nContent-Length: " + str(len(body)).encode() +
            b"\r\n" + extra + b"\r\n" + body)


def seeds(s):
    c = pages.login(s)
    bearer = b"Authorization: Bearer " + s.tokens["analyst"].encode() + b"\r\n"
    session = (b"Cookie: " + c.encode() + b"\r\nX-CSRF-Token: " +
               pages.csrf(s, c).encode() + b"\r\n")
    parts = pages.multipart([
        ("statement", b"abc", ""), ("email", b"a@b.example", ""),
        ("text", b"answer", ""),
        ("files", b"x" * 300, '; filename="a/../b"')])
    form = b"application/x-www-form-urlencoded"
    mixed = b"multipart/form-data; boundary=xyz"
    data = (b'{"statement":"x","text":"y","email":"a@b.example","source_ip":'
            b'["192.0.2.1"],"start":"2026-11-22T04:10:00Z",'
            b'"files":[{"name":"a","base64":"aGk="}]}')
    advisory = (b'{"title":"t","body":"# x","tlp":"CLEAR","lists":'
                b'["advisories"],"topics":["incident-response"],'
                b'"cves":["CVE-2026-1234"]}')
    return [
        b"GET /desk?status=any&page=1&q=a%20b HTTP/1.1\r\nHost: a\r\n" +
        session + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: W/\"x\", \"y\"\r\n"
        b"If-Modified-Since: Mon, 23 Nov 2026 04:10:00 GMT\r\n"
        b"Accept-Encoding: gzip;q=0.5\r\n\r\n",
        b"GET /api/v1/lookup?ip=192.0.2.1&at=2026-11-22T04:10:00Z HTTP/1.1"
        b"\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, ::1\r\n\r\n",
        b"POST /report HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: " + form + b"\r\n\r\n5\r\nstate\r\n6\r\nment=x\r\n"
        b"0\r\n\r\n",
        post(b"/report", form, b"statement=a%20b+c&email=x%40y.example&"
             b"type=scan&source_ip=192.0.2.1"),
        post(b"/report", mixed, parts),
        post(b"/login", form, b"login=a&password=b&next=/desk"),
        post(b"/desk/tickets/1001/reply", mixed, parts, session),
        post(b"/api/v1/reports", b"application/json", data, bearer),
        post(b"/api/v1/reports", b"message/rfc822",
             b"From: a@b.example\r\nSubject: x\r\n\r\n192.0.2.1\r\n", bearer),
        post(b"/api/v1/tickets/1001/reply", b"application/json", data, bearer),
        post(b"/api/v1/advisories", b"application/json", advisory, bearer),
    ]


TOKENS = [
    b"\r\n", b"\n", b"\0", b"%00", b"%", b"=", b"&", b'"', b"--xyz",
    b"--xyz--\r\n", b"Content-Length: 5\r\n", b"\xff\xfe", b"A" * 5000, b"{",
    b"]", b'; filename="', b"null", b"-1", b"99999999999999999999", b":",
    b" ", b"\t", b"/", b"..", b"?"]


def mutate(rnd, every):
    b = bytearray(rnd.choice(every))
    for _ in range(rnd.choice([1, 1, 2, 4, 9])):
        k, i = rnd.random(), rnd.randrange(len(b) + 1)
        if k < 0.3:
            b[i:i] = rnd.choice(TOKENS)
        elif k < 0.5:
            del b[i:i + rnd.randrange(1, 20)]
        elif k < 0.7 and i < len(b):
            b[i] = rnd.randrange(256)
        elif k < 0.85:
            j = rnd.randrange(len(b) + 1)
            b[i:i] = b[j:j + rnd.randrange(200)]
        else:
            b += rnd.choice(every)
    return bytes(b)


def throw(s, rnd, data):
    """In one piece or in four; sometimes nobody waits for the answer."""
    try:
        with socket.create_connection((HOST, s.port), timeout=2) as c:
            c.settimeout(0.05)
            step = max(1, len(data) // 4) if rnd.random() < 0.3 else len(data)
            for i in range(0, len(data), step):
                c.sendall(data[i:i + step])
            if rnd.random() < 0.8:
                c.recv(4000)
    except OSError:
        pass


def main(seconds=8.0, seed=1):
    rnd = random.Random(int(seed))
    s = pages.Server("threads = 2\n").start()
    every = seeds(s)
    end, n, last = time.time() + float(seconds), 0, b""
    while time.time() < end and s.p.poll() is None:
        last = mutate(rnd, every)
        throw(s, rnd, last)
        n += 1
        if n % 300 == 0:
            pages.sql("DELETE FROM login_throttle; DELETE FROM rate_bucket")
    alive = s.p.poll() is None and s.get("/healthz").status == 200
    print(f"{'ok' if alive else 'not ok'} - http lives after {n} broken "
          f"requests, seed {seed}")
    if not alive:
        print("# the last one:", last)
    rc, log = s.stop()
    found = [x for x in log.splitlines()
             if re.search(r"Sanitizer|runtime error|kind=BUG", x)]
    print(f"{'not ok' if rc or found else 'ok'} - http made no mistake in "
          "them")
    if rc and not found:
        found = [f"exit status {rc}"] + log.splitlines()[-12:]
    for x in found[:20]:
        print("#", x[:400])
    sys.exit(0 if alive and not rc and not found else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
