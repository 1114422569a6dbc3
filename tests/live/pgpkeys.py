"""An independent owner of OpenPGP keys: gpg with a folder of its own."""

import contextlib
import glob
import subprocess
import tempfile

from desk import read


class Keys:
    """A GNUPGHOME, and an agent that goes with us."""

    all = []

    def __init__(self, *uids):
        # short: gpg's sockets are in it
        self.dir = tempfile.mkdtemp(prefix="tocsin-gpg-", dir="/tmp")
        self.all.append(self)
        for uid in uids:
            self.gpg("--quick-gen-key", "Some One <%s>" % uid, "future-default", "default",
                     "never")
        self.stop()

    def gpg(self, *args, data=None, ok=True):
        done = subprocess.run(
            ["gpg", "--homedir", self.dir, "--batch", "--yes", "--passphrase", "",
             "--pinentry-mode", "loopback", "--trust-model", "always", "--no-auto-key-retrieve",
             *args], input=data, capture_output=True)
        assert not ok or done.returncode == 0, done.stderr.decode()
        return done.stdout

    def public(self, uid=None):
        return self.gpg("--export", "--armor", *([uid] if uid else []))

    def fingerprint(self, uid):
        out = self.gpg("--with-colons", "--list-keys", uid).decode()
        return next(line.split(":")[9] for line in out.splitlines() if line.startswith("fpr:"))

    def stop(self):
        subprocess.run(["gpgconf", "--homedir", self.dir, "--kill", "gpg-agent"],
                       capture_output=True)

    def agent(self):
        """The agent of this folder, if one runs."""
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                line = read(path)
                if line.startswith(b"gpg-agent") and self.dir.encode() in line:
                    return int(path.split("/")[2])
        return None
