#!/usr/bin/python3
"""An SMTP peer that fails on command.

  fakesmtp.py [--log FILE] [--chunking] [--greeting TEXT] [--tls CERT]
              [--delay MS] [--port N]

Prints its port, then serves until SIGTERM.  Every accepted message is one
JSON line in FILE: from, to, message_id, size, body.  What to do wrong is in
the local part of the recipient, words separated by dots:

  r550 r451   this reply to RCPT           d554 d451   to DATA
  m550 m451   (in MAIL FROM) to MAIL       e550 e451   to the final dot
  c421        421 to RCPT, then close      k0  close at RCPT, no reply
  k1          close instead of 354         k2  close after the dot, not kept
  k3          keep it, then close without a reply
  k4          close in the middle of the body
  s500        wait 500 ms before the last reply
  hang        never answer the dot
  once        only the first time for this recipient
"""
import argparse
import asyncio
import ctypes
import json
import re
import signal
import ssl
import sys

args = None
log = None
seen = {}
stats = {"connections": 0, "messages": 0, "bdat": 0}


def address(line):
    m = re.search(r"<([^>]*)>", line)
    return m.group(1) if m else ""


def orders(addr):
    words = addr.split("@")[0].split(".")
    if "once" in words:
        n = seen[addr] = seen.get(addr, 0) + 1
        if n > 1:
            return []
    return words


def code_of(words, letter):
    for w in words:
        if re.fullmatch(letter + r"[245]\d\d", w):
            return w[1:]
    return None


class Close(Exception):
    pass


class Peer:
    def __init__(self, reader, writer):
        self.r, self.w = reader, writer
        self.reset()

    def reset(self):
        self.sender, self.to, self.words, self.chunks = None, [], [], b""

    def say(self, text):
        self.w.write(text.encode() + b"\r\n")

    async def body(self):
        data = b""
        while True:
            line = await self.r.readline()
            if not line:
                raise Close
            if line == b".\r\n":
                return data
            data += line[1:] if line.startswith(b".") else line
            if "k4" in self.words and len(data) > 1500:
                raise Close

    def keep(self, data):
        stats["messages"] += 1
        text = data.decode("latin-1")
        m = re.search(r"(?im)^message-id:\s*<([^>]*)>", text)
        if log:
            for to in self.to:
                log.write(json.dumps({
                    "from": self.sender, "to": to, "size": len(data),
                    "message_id": m.group(1) if m else None,
                    "body": text if len(text) < 20000 else None}) + "\n")
            log.flush()

    async def finish(self, data):
        if "k2" in self.words:
            raise Close
        if "k3" in self.words:
            self.keep(data)
            raise Close
        for w in self.words:
            if re.fullmatch(r"s\d+", w):
                await asyncio.sleep(int(w[1:]) / 1000)
        if "hang" in self.words:
            await asyncio.sleep(3600)
        if args.delay:
            await asyncio.sleep(args.delay / 1000)
        code = code_of(self.words, "e")
        if code:
            self.say(f"{code} {code[0]}.6.0 as told, after the dot")
        elif not self.to:
            self.say("554 5.5.1 no valid recipients")
        else:
            self.keep(data)
            self.say(f"250 2.0.0 Ok: queued as F{stats['messages']}")
        self.reset()

    async def command(self, line):
        verb = line[:4].upper()
        if verb in ("EHLO", "HELO"):
            offer = ["fake", "PIPELINING", "SIZE 50000000",
                     "ENHANCEDSTATUSCODES", "8BITMIME"]
            if args.chunking:
                offer.append("CHUNKING")
            if args.tls and not self.w.get_extra_info("sslcontext"):
                offer.append("STARTTLS")
            for o in offer[:-1]:
                self.say("250-" + o)
            self.say("250 " + offer[-1])
        elif verb == "STAR":
            self.say("220 2.0.0 go ahead")
            if args.inject:
                self.say("250-injected\r\n250 AUTH PLAIN")
            await self.w.drain()
            ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            ctx.load_cert_chain(args.tls)
            await self.w.start_tls(ctx)
        elif verb == "MAIL":
            self.reset()
            self.sender = address(line)
            code = code_of(orders(self.sender), "m")
            self.say(f"{code} {code[0]}.1.7 as told, to MAIL" if code
                     else "250 2.1.0 Ok")
        elif verb == "RCPT":
            to = address(line)
            self.words = orders(to)
            if "k0" in self.words:
                raise Close
            if "c421" in self.words:
                self.say("421 4.3.2 as told, going away")
                raise Close
            code = code_of(self.words, "r")
            if code:
                self.say(f"{code}-{code[0]}.1.1 as told, to RCPT\r\n"
                         f"{code} {code[0]}.1.1 in two lines")
            else:
                self.to.append(to)
                self.say("250 2.1.5 Ok")
        elif verb == "DATA":
            code = code_of(self.words, "d")
            if code:
                self.say(f"{code} {code[0]}.3.0 as told, to DATA")
            elif not self.to:
                self.say("554 5.5.1 no valid recipients")
            elif "k1" in self.words:
                raise Close
            else:
                self.say("354 go on")
                await self.finish(await self.body())
        elif verb == "BDAT":
            stats["bdat"] += 1
            _, size, *last = line.split()
            self.chunks += await self.r.readexactly(int(size))
            if last:
                await self.finish(self.chunks)
            else:
                self.say("250 2.0.0 chunk")
        elif verb == "RSET":
            self.reset()
            self.say("250 2.0.0 Ok")
        elif verb == "QUIT":
            self.say("221 2.0.0 Bye")
            raise Close
        elif verb == "STAT":
            self.say("250 " + json.dumps(stats))
        else:
            self.say("250 2.0.0 Ok")

    async def serve(self):
        stats["connections"] += 1
        try:
            self.say(args.greeting)
            if not args.greeting.startswith("220"):
                raise Close
            while True:
                line = await self.r.readline()
                if not line:
                    break
                await self.command(line.decode("latin-1").rstrip("\r\n"))
                # Answer what came in one piece in one piece.
                if not self.r._buffer:
                    await self.w.drain()
        except (Close, ConnectionError, asyncio.IncompleteReadError,
                ssl.SSLError):
            pass
        finally:
            self.w.close()


async def main():
    async def client(reader, writer):
        await Peer(reader, writer).serve()

    server = await asyncio.start_server(
        client, "127.0.0.1", args.port, limit=1 << 20)
    # In one write: who reads the line may close the pipe after it.
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stop.set)
    await stop.wait()


if __name__ == "__main__":
    # Ends with whoever started it, however that ends.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    p = argparse.ArgumentParser()
    p.add_argument("--log")
    p.add_argument("--chunking", action="store_true")
    p.add_argument("--greeting", default="220 fake ESMTP")
    p.add_argument("--tls")
    p.add_argument("--inject", action="store_true")
    p.add_argument("--delay", type=int, default=0)
    p.add_argument("--port", type=int, default=0)
    args = p.parse_args()
    log = open(args.log, "a") if args.log else None
    asyncio.run(main())
    sys.exit(0)
