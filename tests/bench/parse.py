"""Reading a report - parsing, extracting, handing over from the parser child,
all of it - against GMime alone on the same bytes: CPU a message.  The mail is
that of ../shared/corpus, else our own samples.

Twice: on every processor at once, as when reports come in faster than they are
read, which is when their CPU counts; and one report at a time on an idle
machine, where waking a sleeping processor for each answer is part of it."""
import concurrent.futures
import os

import bench


def measure(b):
    """CPU microseconds a message, child process included."""
    folder = os.path.join(os.path.dirname(bench.TOP), "shared", "corpus", "abuse")
    if not os.path.isdir(folder):
        folder = os.path.join(bench.TOP, "tests", "mail")

    def turn(program, copies):
        def run(seconds):
            with concurrent.futures.ThreadPoolExecutor(copies) as pool:
                got = list(pool.map(lambda _: b.program(
                    program, seconds, folder, seconds=seconds + 60), range(copies)))
            return 1e6 * sum(cpu for _, cpu in got) / sum(done for done, _ in got)
        return run

    for name, copies in (("parse, all processors", os.cpu_count()), ("parse, one at a time", 1)):
        ours, reference, ratio = b.turns(turn("bench_parse", copies), turn("bare_gmime", copies))
        b.row(name, ours, reference, ratio, target=3, most=True, unit=" us")
