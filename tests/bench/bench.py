"""What the measurements share: the desk they run on, and one line each.

A measurement is a module of tests/bench with a function measure(bench); its
docstring says what is compared.  Ours and the reference take turns for some
rounds, so that both meet the same other load of the machine: each turn of ours
has its ratio to the reference's turn beside it, and the median of those counts.
"""
import contextlib
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, TOP + "/tests/live")
import desk  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


class Cluster(desk.Cluster):
    """PostgreSQL as it is installed: a commit waits for the disk."""

    def start(self):
        self.child = desk.spawn(
            [self.bin + "/postgres", "-D", self.dir + "/data", "-c", "listen_addresses=",
             "-c", "unix_socket_directories=" + self.dir, "-c", "unix_socket_permissions=0700",
             *os.environ.get("BENCH_POSTGRES", "").split()],
            log=self.log, user=self.user, cwd="/")
        desk.wait("the database answers", self.answers, 30)

    def processes(self):
        return family(self.child.pid)


desk.Cluster = Cluster


def family(pid):
    """A process and all below it."""
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += [child for child, _ in desk.children_of(pid)]
    return found


def cpu(pids):
    """Seconds of CPU that these have used, and their ended children."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = desk.read("/proc/%d/stat" % pid).rsplit(b")", 1)[1].split()
            total += sum(int(x) for x in fields[11:15])
    return total / TICK


def memory(pids, field="Pss"):
    """Bytes, from the kernel's own sum over the mappings."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            text = desk.read("/proc/%d/smaps_rollup" % pid).decode()
            total += int(re.search(r"(?m)^%s:\s+(\d+)" % field, text).group(1)) * 1024
    return total


class Bench:
    def __init__(self, rounds=3, seconds=5):
        self.rounds, self.seconds = rounds, seconds
        self.lines, self.missed = 0, 0
        print("%-34s %12s %12s %7s  %s" % ("name", "ours", "reference", "ratio", "target"),
              flush=True)

    def row(self, name, ours, reference, ratio=None, target=None, most=False, unit=""):
        """One line.  target is that of the ratio: at least, or with most at most."""
        if ratio is None:
            ratio = ours / reference
        said = ""
        if target is not None:
            met = ratio <= target if most else ratio >= target
            said = "%s %.2f  %s" % ("<=" if most else ">=", target, "met" if met else "MISSED")
            self.missed += not met
        self.lines += 1
        print("%-34s %12s %12s %7.2f  %s" % (name, figure(ours) + unit,
              figure(reference) + unit, ratio, said), flush=True)

    def note(self, text):
        print("#   " + text, flush=True)

    def turns(self, ours, reference, pieces=1):
        """Medians of both and of the ratio, taken in turns; each round is cut
        into so many shorter ones where starting costs nothing."""
        a, b = [], []
        for i in range(self.rounds * pieces):
            # Who goes first alternates too.
            for fn, to in ((ours, a), (reference, b))[::1 if i % 2 else -1]:
                to.append(fn(self.seconds / pieces))
        self.note("ours %s; reference %s" % (
            " ".join(map(figure, a)), " ".join(map(figure, b))))
        return (statistics.median(a), statistics.median(b),
                statistics.median(x / y for x, y in zip(a, b)))

    def desk(self, **more):
        """tocsind on free ports with a database of its own and demo data.
        Mail that leaves has nowhere to go unless a relay is given: what is
        measured is not who takes it."""
        more.setdefault("relay", desk.free_port())
        conf = more.setdefault("conf", {})
        conf.setdefault("site", {}).setdefault("log_level", 4)
        return desk.Desk(**more)

    def program(self, name, *args, seconds=120):
        """Runs one of ours to its end; its output as numbers."""
        done = subprocess.run([HERE + "/" + name, *map(str, args)], capture_output=True,
                              text=True, timeout=seconds)
        if done.returncode != 0:
            raise AssertionError("%s: %s" % (name, done.stderr.strip()))
        return [float(x) for x in done.stdout.split()]

    def settle(self, d):
        """What one round left behind is no load of the next."""
        d.sql("CHECKPOINT")
        time.sleep(0.3)


def figure(x):
    return "%.0f" % x if x >= 100 else "%.1f" % x if x >= 1 else "%.3f" % x
