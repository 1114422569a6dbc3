"""An independent owner of OpenPGP keys: gpg with a folder of its own, and what it
says of a mail."""

import contextlib
import email
import email.policy
import glob
import shutil
import subprocess
import tempfile

from desk import eq, read

TEAM = "report@tocsin.example"


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

    def close(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def agent(self):
        """The agent of this folder, if one runs."""
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                line = read(path)
                if line.startswith(b"gpg-agent") and self.dir.encode() in line:
                    return int(path.split("/")[2])
        return None


def status(keys, *args):
    """gpg's own status lines, by their names."""
    done = subprocess.run(
        ["gpg", "--homedir", keys.dir, "--batch", "--pinentry-mode", "loopback", "--passphrase", "",
         "--trust-model", "always", "--no-auto-key-retrieve", "--status-fd", "2", *args],
        capture_output=True)
    found = {}
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        if line.startswith("[GNUPG:] "):
            words = line.split()[1:]
            found.setdefault(words[0], []).append(words[1:])
    return done, found


HASHES = {"8": "pgp-sha256", "9": "pgp-sha384", "10": "pgp-sha512"}


def signed_entity(data):
    """Of multipart/signed: the exact bytes that were signed, the signature, micalg."""
    msg = email.message_from_bytes(data, policy=email.policy.default)
    eq(msg.get_content_type(), "multipart/signed")
    eq(msg.get_param("protocol"), "application/pgp-signature")
    parts = list(msg.iter_parts())
    eq([len(parts), parts[1].get_content_type()], [2, "application/pgp-signature"])
    edge = b"--" + msg.get_boundary().encode()
    pieces = data.split(b"\r\n" + edge)
    eq([len(pieces), pieces[3]], [4, b"--\r\n"])
    assert pieces[1].startswith(b"\r\n"), pieces[1][:20]
    return pieces[1][2:], parts[1].get_payload(decode=True), msg.get_param("micalg"), parts[0]


def sturdy(data):
    """Nothing in it that a mail server may change."""
    assert max(data) < 128, "8bit"
    eq(data.count(b"\n"), data.count(b"\r\n"))
    for line in data.split(b"\r\n"):
        assert len(line) <= 998 and line.rstrip() == line, line
        assert not line.startswith(b"From "), line


def verify(d, data):
    """A stranger who has the team's public key checks the mail; the part that is signed."""
    entity, signature, micalg, part = signed_entity(data)
    sturdy(entity)
    with open(d.dir + "/entity", "wb") as f:
        f.write(entity)
    with open(d.dir + "/entity.asc", "wb") as f:
        f.write(signature)
    done, said = status(d.reader, "--verify", d.dir + "/entity.asc", d.dir + "/entity")
    eq(done.returncode, 0, done.stderr.decode())
    assert "GOODSIG" in said, said
    valid = said["VALIDSIG"][0]
    eq(valid[9], d.team.fingerprint(TEAM), "by the team's key")
    eq(HASHES[valid[7]], micalg)
    with open(d.dir + "/entity", "wb") as f:
        f.write(entity.replace(b"192", b"193", 1) if b"192" in entity else entity + b"x")
    assert status(d.reader, "--verify", d.dir + "/entity.asc", d.dir + "/entity")[0].returncode
    return part
