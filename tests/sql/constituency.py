"""A made-up constituency: 1,000 organisations and over 5,000 nested prefixes, the same
at every call.  /16 to /29 and /48 to /56, holes, a NAT's /32, prefixes that changed
hands and the one they had before.  No real network: 10/8 and 2001:db8::/32, and all
mail goes to names below .example.

    c = Constituency()
    c.copy()          # psql script that loads it by COPY
    c.holder(a, at)   # the brute-force oracle: (organisation, prefix) or None
"""

import datetime
import ipaddress
import random

ORGANISATIONS = 1000
OPEN = float("inf")
YEAR = 365 * 86400
T0 = 1577836800  # 2020-01-01


class Constituency:
    def __init__(self, seed=786):
        self.random = random.Random(seed)
        self.orgs = ["Member %d" % n for n in range(1, ORGANISATIONS + 1)]
        self.prefixes = []  # (network, organisation from 1, from, to) in seconds
        self.seen = set()
        for i in range(14):
            self.block(ipaddress.ip_network("10.%d.0.0/16" % (i * 9)), (18, 20, 22, 24, 26, 28, 29))
        for i in range(20):
            self.block(ipaddress.ip_network("2001:db8:%x::/40" % (i << 8)), (44, 48, 52, 56))
        # A NAT of one address inside a larger member.
        self.add(ipaddress.ip_network("10.0.7.9/32"), 7)
        assert len(self.prefixes) > 5000, len(self.prefixes)
        assert len({o for _, o, _, _ in self.prefixes}) == ORGANISATIONS
        self.by_net = {}
        for net, org, since, until in self.prefixes:
            self.by_net.setdefault((net.version, int(net.network_address), net.prefixlen),
                                   []).append((since, until, org, net))

    def next_org(self):
        """Each at least once, then some more than others."""
        n = len(self.prefixes) + 1
        return n if n <= ORGANISATIONS else self.random.randint(1, ORGANISATIONS)

    def add(self, net, org=None):
        if net in self.seen:
            return
        self.seen.add(net)
        org = org or self.next_org()
        fate = self.random.random()
        if fate < 0.80:
            self.prefixes.append((net, org, -OPEN, OPEN))
            return
        moved = T0 + self.random.randrange(5 * YEAR)
        other = org % ORGANISATIONS + 1
        if fate < 0.90:                      # given to another at once
            self.prefixes.append((net, org, -OPEN, moved))
            self.prefixes.append((net, other, moved, OPEN))
        elif fate < 0.95:                    # nobody's for a while
            self.prefixes.append((net, org, -OPEN, moved))
            self.prefixes.append((net, other, moved + YEAR // 4, OPEN))
        else:                                # given back
            self.prefixes.append((net, org, moved - YEAR, moved))

    def block(self, net, lengths):
        """Nested assignments below net, with holes between them."""
        if self.random.random() < 0.85:
            self.add(net)
        if not lengths:
            return
        width = lengths[0]
        parts = list(net.subnets(new_prefix=width))
        self.random.shuffle(parts)
        for part in parts[:max(1, min(3, len(parts) * 3 // 4))]:
            if self.random.random() < 0.75:
                self.block(part, lengths[1:])

    def copy(self):
        def moment(t):
            return "" if abs(t) == OPEN else \
                datetime.datetime.fromtimestamp(t, datetime.timezone.utc).isoformat()

        def period(since, until):
            return "%s%s,%s)" % ("(" if since == -OPEN else "[", moment(since), moment(until))

        out = ["CREATE TEMP TABLE made (n bigint, name text);", "COPY made FROM STDIN;"]
        out += ["%d\t%s" % (n, name) for n, name in enumerate(self.orgs, 1)]
        out += ["\\.", "INSERT INTO organisation (name, handle)"
                " SELECT name, 'member-' || n FROM made ORDER BY n;",
                "CREATE TEMP TABLE made_prefix (net cidr, n bigint, period tstzrange);",
                "COPY made_prefix FROM STDIN;"]
        out += ["%s\t%d\t%s" % (net, org, period(since, until))
                for net, org, since, until in self.prefixes]
        out += ["\\.", "INSERT INTO prefix (net, organisation, period) SELECT p.net, o.id, p.period"
                " FROM made_prefix p JOIN organisation o ON o.handle = 'member-' || p.n;",
                "INSERT INTO contact (organisation, email) SELECT id, 'security@' || handle || '.example'"
                " FROM organisation WHERE handle LIKE 'member-%';",
                "INSERT INTO organisation_domain (domain, organisation) SELECT handle || '.example', id"
                " FROM organisation WHERE handle LIKE 'member-%';",
                "ANALYZE;"]
        return "\n".join(out) + "\n"

    def holder(self, address, at):
        """Every length from the longest: whoever held that prefix then."""
        width = 32 if address.version == 4 else 128
        n = int(address)
        for length in range(width, -1, -1):
            key = (address.version, n >> (width - length) << (width - length), length)
            for since, until, org, net in self.by_net.get(key, ()):
                if since <= at < until:
                    return org, net
        return None

    def questions(self, n, seed=1):
        """(address, time): inside prefixes, at their edges, in holes and outside."""
        rng = random.Random(seed)
        found = []
        while len(found) < n:
            net = self.prefixes[rng.randrange(len(self.prefixes))][0]
            base, size = int(net.network_address), net.num_addresses
            where = rng.choice((0, size - 1, size, -1, rng.randrange(size), rng.randrange(size)))
            make = ipaddress.IPv4Address if net.version == 4 else ipaddress.IPv6Address
            if rng.random() < 0.2:   # anywhere
                base, where = (10 << 24, rng.randrange(1 << 24)) if net.version == 4 else \
                    (0x20010db8 << 96, rng.randrange(1 << 96))
            at = T0 + rng.randrange(7 * YEAR)
            for since, until, _, _ in self.by_net.get((net.version, base, net.prefixlen), ()):
                if rng.random() < 0.3:   # the very moment it changed hands
                    at = next((t for t in (until, since) if abs(t) != OPEN), at)
            found.append((make(base + where), at))
        return found
