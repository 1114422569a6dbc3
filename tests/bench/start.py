"""./bootstrap run on a state that is there: from its start until it says that it is
ready, against a bare PostgreSQL cluster until it answers, and against 3 s."""
import os
import re
import signal
import subprocess
import tempfile
import time

import bench
from bench import desk

TARGET_S = 3


def start(state):
    """Seconds until it is ready; everything has ended afterwards."""
    env = dict(os.environ, TOCSIN_STATE=state,
               TOCSIN_HTTP="127.0.0.1:%d" % desk.free_port(),
               TOCSIN_SMTP="127.0.0.1:%d" % desk.free_port())
    run = subprocess.Popen([bench.TOP + "/bootstrap", "run"], env=env, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, began = [], time.monotonic()
    for line in run.stdout:
        said.append(line)
        if re.search("Tocsin is ready", line):
            break
    else:
        raise AssertionError("it did not get ready: " + "".join(said))
    took = time.monotonic() - began
    run.send_signal(signal.SIGTERM)
    run.stdout.read()
    run.wait(30)
    return took


def measure(b):
    with tempfile.TemporaryDirectory(prefix="tocsin-start-") as folder:
        os.chmod(folder, 0o755)
        cluster = bench.Cluster(folder + "/bare")
        cluster.stop()

        def bare(_):
            began = time.monotonic()
            cluster.start()
            took = time.monotonic() - began
            cluster.stop()
            return took

        first = start(folder + "/state")
        ours, reference, ratio = b.turns(lambda _: start(folder + "/state"), bare)
        b.note("the first start, which makes the cluster and the demo: %.1f s" % first)
        b.row("second start", ours, reference, ratio, unit=" s")
        b.row("second start, against 3 s", ours, TARGET_S, target=1, most=True, unit=" s")
