/*
 * Columns that say how often: "Hits", "Login attempts", "Nb. de tentatives"
 * (feed.h).
 */
#include "base/base.h"
#include "inspect/feed.h"

#include <string.h>

/* What is counted, in the languages of reporters. */
static const char *const things[] = {"hits", "attempts", "tries", "count",
    "counts", "counter", "occurrences", "requests", "queries", "probes",
    "logins", "failures", "connections", "sessions", "detections", "alerts",
    "versuche", "anmeldeversuche", "loginversuche", "zugriffe", "anfragen",
    "treffer", "anzahl", "häufigkeit", "ereignisse", "pogingen",
    "inlogpogingen", "aantal", "treffers", "meldingen", "tentatives",
    "essais", "requêtes", "échecs", "intentos", "accesos",
    "peticiones", "eventos", "tentativi", "richieste", "tentativas",
    "ocorrências", "prób", "próby", "pokusů", "pokusy", "försök", "forsøg",
    "forsøk", "yritykset", "попыток", "попытки", "次数", "回数", "횟수"};
/* Beside them: when, how fast, and how much is allowed. */
static const char *const others[] = {"first", "last", "start", "end", "time",
    "date", "max", "limit", "rate", "per", "sec", "min", "erster", "letzter",
    "port", "ports", "ip", "user", "users", "type", "from", "source"};

static bool
in(const char *const *list, size_t n, const char *w, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && memcmp(list[i], w, len) == 0)
			return true;
	return false;
}

bool
column_counts(const char *name)
{
	bool found = false;

	while (*name != '\0') {
		size_t n = strcspn(name, "_./");

		if (in(others, COUNT_OF(others), name, n))
			return false;
		found |= in(things, COUNT_OF(things), name, n);
		name += n;
		name += strspn(name, "_./");
	}
	return found;
}
