/*
 * Names of columns that no table has whole (feed.h): those that say how often,
 * "Login attempts", "Nb. de tentatives", and those of addresses and ports in
 * the languages of reporters, "Zielport", "Puerto de destino".
 */
#include "base/base.h"
#include "inspect/feed/feed.h"

#include <string.h>

/* What is counted, in the languages of reporters. */
static const char *const things[] = {"hits", "attempts", "tries", "count",
    "counts", "counter", "cnt", "occurrences", "requests", "queries", "probes",
    "logins", "connects", "failures", "connections", "sessions", "detections", "alerts",
    "versuche", "anmeldeversuche", "loginversuche", "zugriffe", "anfragen",
    "treffer", "anzahl", "häufigkeit", "ereignisse", "pogingen",
    "inlogpogingen", "aantal", "treffers", "meldingen", "tentatives", "essais",
    "requêtes", "échecs", "intentos", "accesos", "peticiones", "eventos",
    "tentativi", "richieste", "tentativas", "ocorrências", "prób", "próby",
    "pokusů", "pokusy", "försök", "forsøg", "forsøk", "yritykset", "попыток",
    "попытки", "attacks", "ocurrencias", "occorrenze", "complaints", "beschwerden", "plaintes", "klachten",
    "conexiones", "connexions", "verbindungen", "verbindingen", "pakete", "pakketten", "paquets", "paquetes", "pacchetti",
    "pacotes", "次数", "回数", "횟수"};
/* Beside them: when, how fast, and how much is allowed. */
static const char *const others[] = {"first", "last", "start", "end", "time",
    "date", "max", "curr", "current", "active", "open", "limit", "rate", "per", "sec", "min", "erster", "letzter",
    "port", "ports", "ip", "user", "users", "type", "from", "source"};

static bool
in(const char *const *list, size_t n, const char *w, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (*list[i] == *w && strlen(list[i]) == len &&
		    memcmp(list[i], w, len) == 0)
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

enum column
column_worded(const char *name)
{
	static const struct {
		const char *name;
		enum column column;
	} names[] = {{"adres", COL_IP}, {"adresse", COL_IP},
	    {"dirección", COL_IP}, {"direccion", COL_IP}, {"endereço", COL_IP},
	    {"adresa", COL_IP}, {"adress", COL_IP}, {"osoite", COL_IP},
	    {"adres_ipv4", COL_IP}, {"poort", COL_PORT}, {"puerto", COL_PORT},
	    {"porta", COL_PORT}, {"portti", COL_PORT}, {"порт", COL_PORT},
	    {"doelpoort", COL_DST_PORT}, {"puerto_destino", COL_DST_PORT},
	    {"puerto_de_destino", COL_DST_PORT}, {"port_cible", COL_DST_PORT},
	    {"port_de_destination", COL_DST_PORT},
	    {"port_destination", COL_DST_PORT},
	    {"porta_di_destinazione", COL_DST_PORT},
	    {"porta_de_destino", COL_DST_PORT}, {"bronpoort", COL_SRC_PORT},
	    {"port_source", COL_SRC_PORT}, {"puerto_origen", COL_SRC_PORT},
	    {"puerto_de_origen", COL_SRC_PORT},
	    {"porta_sorgente", COL_SRC_PORT}};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].column;
	return column_counts(name) ? COL_COUNT : column_guess(name);
}
