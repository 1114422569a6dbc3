#!/usr/bin/python3
"""The outgoing-mail catcher: takes every mail and puts it into a Maildir.

    catcher.py --maildir DIR --port-file FILE [--listen HOST:PORT] [--prefer PORT]

It stands where a site has its relay, so that the demo and the tests see what
would have left the machine.  A file holds two lines of its own, the envelope,

    X-Catcher-From: <b+TOKEN@tocsin.example>
    X-Catcher-To: <ops@alder.example>, <soc@alder.example>

and after them exactly the bytes of DATA: CRLF line ends, any 8-bit byte,
lines of any length; only the dots that SMTP stuffed are taken out.  250 is
said after the file stands in new/.  Port 0 means any free one; the one taken
is written to FILE once it listens; --prefer names the one to try first, so
that a catcher started again is found where it was.  Loopback only.
SIGTERM ends it once the sessions in hand are told 421.
"""
import argparse
import asyncio
import ipaddress
import itertools
import logging
import os
import signal
import socket
import sys
import time

from aiosmtpd.smtp import SMTP

SIZE_MAX = 64 * 1024 * 1024  # well above what tocsind sends, bounded all the same


class Wire(SMTP):
    # aiosmtpd's 1001 octets are RFC 5321's limit; tests send longer lines on
    # purpose, and a catcher that refuses them would hide our mistakes.
    line_length_limit = SIZE_MAX


class Maildir:
    def __init__(self, path):
        self.path = path
        self.count = itertools.count()
        for sub in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(path, sub), mode=0o700, exist_ok=True)

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        now = time.time()
        name = "%d.M%06dP%dQ%d.catcher" % (
            now, now % 1 * 1e6, os.getpid(), next(self.count))
        head = "X-Catcher-From: <%s>\r\nX-Catcher-To: %s\r\n" % (
            (envelope.mail_from or "").strip("<>"),  # aiosmtpd's null is "<>"
            ", ".join("<%s>" % a for a in envelope.rcpt_tos))
        tmp = os.path.join(self.path, "tmp", name)
        with open(tmp, "xb") as f:
            f.write(head.encode("utf-8", "surrogateescape"))
            f.write(envelope.original_content)
        os.rename(tmp, os.path.join(self.path, "new", name))
        return "250 2.0.0 caught as " + name


def bound(host, wishes):
    """A socket that listens on the first of the ports that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wish in wishes:
        s = socket.socket(family, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, wish))
            s.listen(128)
            return s
        except OSError as e:
            s.close()
            fault = e
    sys.exit("catcher: can't listen on %s:%d: %s" % (host, wishes[-1], fault.strerror))


def write_port(port_file, port):
    # Renamed into place: whoever waits for the file never reads half of it.
    with open(port_file + ".new", "w") as f:
        f.write("%d\n" % port)
    os.rename(port_file + ".new", port_file)


async def serve(sock, maildir):
    loop = asyncio.get_running_loop()
    sessions = set()

    def session():
        # decode_data off: the bytes stay bytes; SMTPUTF8 on: any address is taken.
        s = Wire(maildir, data_size_limit=SIZE_MAX, enable_SMTPUTF8=True,
                 decode_data=False, hostname="catcher.invalid", loop=loop)
        sessions.add(s)
        return s

    server = await loop.create_server(session, sock=sock)
    over = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, over.set)
    await over.wait()
    server.close()
    for s in sessions:
        if s.transport is not None and not s.transport.is_closing():
            s.transport.write(b"421 4.3.2 the catcher is stopping\r\n")
            s.transport.close()
    await asyncio.sleep(0.05)


def main():
    p = argparse.ArgumentParser(description="catch outgoing mail in a Maildir")
    p.add_argument("--maildir", required=True)
    p.add_argument("--port-file", required=True)
    p.add_argument("--listen", default="127.0.0.1:0")
    p.add_argument("--prefer", type=int, default=0)
    a = p.parse_args()
    host, _, port = a.listen.rpartition(":")
    host = host.strip("[]")
    if not ipaddress.ip_address(host).is_loopback:
        sys.exit("catcher: %s is not a loopback address" % host)
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    os.umask(0o077)
    sock = bound(host, [a.prefer or int(port), int(port)])
    maildir = Maildir(a.maildir)
    write_port(a.port_file, sock.getsockname()[1])
    asyncio.run(serve(sock, maildir))


if __name__ == "__main__":
    main()
