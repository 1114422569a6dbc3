/*
 * Tables of keeping a house (plain.h): an inventory, a bill, what a monitor
 * sees, a routing table.  Their columns say so; where nothing bad is said
 * beside them, they report nothing.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

/* Words of the names of such columns. */
static const char *const words[] = {"vlan", "price", "preis", "prix", "precio",
    "prijs", "amount", "betrag", "montant", "importe", "qty", "quantity",
    "menge", "plan", "months", "monate", "serial", "seriennummer", "model",
    "modell", "rack", "mac", "lease", "leases", "gateway", "genmask", "netmask",
    "netzmaske", "masque", "iface", "interface", "metric", "nexthop",
    "neighbor", "neighbour", "prefixes", "licence", "licences", "license",
    "licenses", "lizenzen", "uptime", "check", "median", "rtt", "latency",
    "loss", "ttl", "record", "owner", "eigentümer", "propriétaire", "warranty",
    "garantie", "room", "raum", "salle", "backup", "files", "dateien", "used",
    "limit", "quota", "disk", "ram", "cpu", "memory", "management", "location",
    "standort", "emplacement", "ubicación", "expires", "renewal", "state",
    "zustand", "result", "ergebnis", "group",
    "gruppe", "groupe", "department", "abteilung", "valid", "issuer",
    "gültig", "spf", "dkim", "dmarc", "disposition", "sent",
    "received", "delivered", "switch", "patch", "cable", "kabel", "slot"};

static bool
is_word(const char *s, size_t n)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (*words[i] == *s && strlen(words[i]) == n &&
		    memcmp(words[i], s, n) == 0)
			return true;
	return false;
}

void
table_house(struct plain *p, const char *low)
{
	static const char ends[] = " \t|;,()/";
	size_t n = strlen(low);

	if (p->house || n < 8 || n > 200 ||
	    strpbrk(low, "0123456789.:@") != NULL ||
	    (strstr(low, "  ") == NULL && strpbrk(low, "\t|;") == NULL))
		return;
	while (*low != '\0') {
		size_t k;

		low += strspn(low, ends);
		k = strcspn(low, ends);
		p->house |= k > 0 && is_word(low, k);
		low += k;
	}
}
