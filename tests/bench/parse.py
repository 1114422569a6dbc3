"""Reading a report - parsing, extracting, handing over from the parser child,
all of it - against GMime alone on the same bytes: CPU a message.  The mail is
that of ../shared/corpus, else our own samples."""
import os

import bench


def measure(b):
    """CPU microseconds a message, child process included."""
    folder = os.path.join(os.path.dirname(bench.TOP), "shared", "corpus", "abuse")
    if not os.path.isdir(folder):
        folder = os.path.join(bench.TOP, "tests", "mail")

    def turn(program):
        def run(seconds):
            done, cpu = b.program(program, seconds, folder, seconds=seconds + 60)
            return 1e6 * cpu / done
        return run

    ours, reference, ratio = b.turns(turn("bench_parse"), turn("bare_gmime"))
    b.row("parse", ours, reference, ratio, target=3, most=True, unit=" us")
