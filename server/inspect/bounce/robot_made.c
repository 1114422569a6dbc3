/*
 * "This message was generated automatically", in many languages (robot.h):
 * a letter speaks of itself, and says that a machine made or sent it.
 *
 * "This report is about automatically created accounts" is a person's: only
 * small words may stand between the letter and what was done to it.
 */
#include "base/base.h"
#include "inspect/bounce/robot.h"

enum { WORDS_MAX = 12 };

/* The words before a thing that make it this letter. */
static const char *const these[] = {"this", "diese", "dieses", "dieser", "ce",
    "cet", "cette", "este", "esta", "questo", "questa", "deze", "dit",
    "detta", "denna", "dette", "denne", "abuse", "niniejsza", "tato", "toto",
    "tento", "tämä", "данное", "это", "цей", "це",
    "ez", "bu", "här", "her"};
/* What a letter is, by its beginning. */
static const char *const things[] = {"mail", "e-mail", "email", "message",
    "notification", "notice", "alert", "report", "complaint", "letter",
    "warning", "nachricht", "meldung", "mitteilung", "schreiben",
    "benachrichtigung", "bericht", "hinweis", "courriel", "courrier",
    "signalement", "avis", "mensaje", "correo", "aviso", "notificaci",
    "informe", "messaggio", "segnalazione", "avviso", "comunicazione",
    "notifica", "mensagem", "notificaç", "alerta", "relatório", "aviso",
    "melding", "waarschuwing", "meddelande", "besked", "varsel"};
/* Languages that need no word before it. */
static const char *const bare[] = {"wiadomość", "zgłoszenie", "raport",
    "powiadomienie", "zpráva", "hlášení", "upozornění", "viesti", "ilmoitus",
    "письмо", "сообщение", "уведомление", "отчет", "лист", "повідомлення",
    "üzenet", "értesítés", "mesaj", "e-posta", "ileti", "messaggio", "mensaje",
    "mensagem", "segnalazione", "správa", "mesajul"};
/* How it was made, */
static const char *const machines[] = {"automat", "automá", "автомат",
    "otomatik", "script", "robot", "program", "maschinell", "bot", "software",
    "αυτόματ"};
/* and what was done. */
static const char *const verbs[] = {"generat", "generad", "gerad", "généré",
    "generiert", "gegenereerd", "generov", "generer", "wygenerow", "vygener",
    "генер", "сгенер", "згенер", "sent", "creat", "created", "produc",
    "compos", "written", "issued", "erstellt", "erzeugt", "versandt",
    "versendet", "verschickt", "gesendet", "envoy", "émis", "enviad",
    "inviat", "verstuurd", "verzonden", "aangemaakt", "opgesteld", "wysłan",
    "odesl", "skicka", "sendt", "lähetetty", "luotu", "создан", "сформир",
    "отправл", "створ", "надісл", "készült", "küldt", "oluşturul",
    "gönderil", "odoslan", "vytvor", "vytvoř", "utworz", "creada", "creado",
    "criad", "creato", "créé"};
/* Small words between them. */
static const char *const small[] = {"was", "is", "has", "been", "were", "by",
    "our", "an", "a", "the", "and", "wurde", "wird", "ist", "von", "vom",
    "unserem", "einem", "durch", "ein", "und", "est", "été", "par", "un",
    "une", "notre", "et", "se", "ha", "sido", "fue", "de", "forma", "manera",
    "por", "y", "es", "è", "stato", "stata", "da", "in", "modo", "maniera",
    "e", "foi", "é", "werd", "is", "door", "een", "en", "har", "er", "är",
    "blev", "ble", "av", "została", "zostało", "jest", "przez", "byla", "bylo",
    "je", "on", "было", "была", "системой", "system", "systems", "systemet",
    "monitoring", "sistema", "système", "sent", "out"};

static size_t
word_len(const char *s)
{
	size_t n = 0;

	while (g_ascii_isalnum(s[n]) || (s[n] & 0x80) != 0 || (n > 0 && s[n] == '-'))
		n++;
	return n;
}

static bool
begins_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (*s == *list[i] && g_str_has_prefix(s, list[i]))
			return true;
	return false;
}

static bool
is_any(const char *s, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (*s == *list[i] && strlen(list[i]) == len &&
		    memcmp(s, list[i], len) == 0)
			return true;
	return false;
}

/* What follows the thing that ends before s. */
static bool
made_by_machine(const char *s)
{
	bool machine = false, verb = false;

	for (int i = 0; i < WORDS_MAX && *s == ' '; i++) {
		size_t n = word_len(++s);

		if (n == 0)
			break;
		if (begins_any(s, machines, COUNT_OF(machines)))
			machine = true;
		else if (begins_any(s, verbs, COUNT_OF(verbs)))
			verb = true;
		else if (!is_any(s, n, small, COUNT_OF(small)))
			break;
		s += n;
	}
	return machine && verb;
}

bool
robot_made(const char *words)
{
	const char *before = words; /* the word in front */
	size_t before_n = 0;
	bool begins = true;         /* a sentence */

	for (const char *s = words; *s != '\0';) {
		size_t n = word_len(s);

		if (n == 0) {
			begins |= strchr(".!?:*-(", *s) != NULL;
			s++;
			continue;
		}
		if (((begins || is_any(before, before_n, these,
			  COUNT_OF(these))) &&
			begins_any(s, things, COUNT_OF(things)) &&
			made_by_machine(s + n)) ||
		    (begins_any(s, bare, COUNT_OF(bare)) &&
			made_by_machine(s + n)))
			return true;
		before = s;
		before_n = n;
		begins = false;
		s += n;
	}
	return false;
}
