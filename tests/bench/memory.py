"""Memory of tocsind with its parser children, by the kernel's proportional sum
(PSS): at rest, while twenty mails of 25 MB come in at once, and after."""
import threading
import time

import bench
import desk
import intake

REST = 60e6  # bytes at rest
MAILS, SIZE = 20, 25 * 1000 * 1000
BACK_SECONDS = 15


def large(path):
    """A letter with an attachment that fills it up."""
    head = intake.message(2000).replace(
        b"Content-Type: text/plain; charset=utf-8",
        b'Content-Type: multipart/mixed; boundary="cut"').replace(
        b"\r\n\r\n", b"\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\n", 1)
    head += (b"\r\n--cut\r\nContent-Type: application/octet-stream\r\n"
             b"Content-Disposition: attachment; filename=capture.pcap\r\n"
             b"Content-Transfer-Encoding: base64\r\n\r\n")
    line = b"VG9jc2luIHRha2VzIGxhcmdlIG1haWxzIHRvbywgYSBwaWVjZSBhdCBhIHRpbWUsIGFu\r\n"
    with open(path, "wb") as f:
        f.write(head)
        f.write(line * ((SIZE - len(head)) // len(line)))
        f.write(b"--cut--\r\n")


class Watch(threading.Thread):
    """The peaks while something goes on."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.05):
            self.peak = max(self.peak, bench.memory(bench.family(self.pid)))

    def end(self):
        self.over.set()
        self.join()


def rest(d):
    return bench.memory(bench.family(d.child.pid))


def measure(b):
    budget = 256 * 1024 * 1024  # conf smtp_inflight_max
    d = b.desk(conf={"smtp": {"inflight_max": budget}})
    web = d.web("analyst")
    for path in ("/", "/desk", "/topics/incident-response", "/lists", "/report"):
        assert web.get(path).status == 200, path
    time.sleep(1)
    b.note("RSS, with the libraries counted once a process: %.1f MB" % (
        bench.memory(bench.family(d.child.pid), "Rss") / 1e6))
    b.row("memory at rest, MB", rest(d) / 1e6, REST / 1e6, target=1.0, most=True)

    path = d.dir + "/large.eml"
    large(path)
    began = rest(d)
    watch = Watch(d.child.pid)
    got = b.program("bench_smtp", d.smtp, MAILS, 0, 1, intake.MARK, path, seconds=300)
    watch.end()
    stored = int(d.sql("SELECT count(*) FROM message WHERE size > %d" % (SIZE - 200))[0][0])
    assert stored == MAILS, "%d of %d stored" % (stored, MAILS)
    b.note("%d mails of %d MB in %.1f s, put off %d times" % (
        MAILS, SIZE // 1000000, got[1], got[2]))
    b.row("20 x 25 MB at once, peak MB", (watch.peak - began) / 1e6, budget / 1e6, target=1.0,
          most=True)
    end = time.monotonic() + BACK_SECONDS
    while rest(d) > REST and time.monotonic() < end:
        time.sleep(0.2)
    b.row("memory %.0f s after, MB" % max(0, BACK_SECONDS - end + time.monotonic()),
          rest(d) / 1e6, REST / 1e6, target=1.0, most=True)
    for pid in bench.family(d.child.pid):
        b.note("%s: PSS %.1f MB, anonymous %.1f MB" % (
            desk.read("/proc/%d/cmdline" % pid).split(b"\0")[0].decode().split("/")[-1],
            bench.memory([pid]) / 1e6, bench.memory([pid], "Anonymous") / 1e6))
    d.stop()
