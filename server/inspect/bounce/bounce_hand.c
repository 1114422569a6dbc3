/*
 * Who wrote a letter about mail that was not delivered, where its header
 * leaves that open: a mail system under an odd name, or somebody who asks
 * about it (bounce.h).
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/bounce/bounce.h"
#include "inspect/passed.h"

/* Programs that people write mail with, at the start of the field. */
static const char *const programs[] = {"mozilla", "thunderbird", "k-9",
    "roundcube", "squirrelmail", "evolution", "kmail", "mutt", "neomutt",
    "alpine", "microsoft-macoutlook", "em client", "apple mail",
    "iphone mail", "ipad mail", "the bat", "claws mail", "sylpheed", "gnus",
    "horde", "mailmate", "airmail", "ymail", "open-xchange"};

/* No system asks these or says so. */
static const char *const hands[] = {" my ", " i am ", " i have ", " i get ",
    " i got ", " i see ", " i cannot ", " i can't ",
    " we see ", " we get ", " we got ", " we receive ", " we are getting",
    " we still ", " our users ", " our mails ", " our mail to ",
    " our mail server ", "could you ", "can you ", "would you ",
    "let me know", "please stop", "please make ", "have a look",
    "please correct", "please change", "please update", " ich ",
    " wir bekommen", " wir sehen", " wir erhalten", " unsere mail",
    " unsere nachricht", "können sie", "könnten sie", "bitte prüfen",
    " j'ai ", " nous recevons", " nous avons", "pouvez-vous",
    "pourriez-vous", " nos mails", "podrían", "pueden ustedes",
    "nuestros correos", "hemos visto", "potete ", "potreste ",
    "abbiamo visto", "kunnen jullie", "kunt u ", "czy mogą", "proszę o ",
    "můžete", "не могли бы", "наши письма"};
static const char *const greetings[] = {"hello", "hi ", "hi,", "dear ",
    "good morning", "good day", "guten ", "hallo", "sehr geehrte", "liebe ",
    "moin", "bonjour", "madame", "buenos ", "buenas ", "estimad", "hola",
    "olá", "prezad", "bom dia", "buongiorno", "gentil", "salve", "beste ",
    "geachte", "dzień dobry", "dobrý den", "hej", "hei ", "добрый",
    "здравствуйте", "уважаем"};
static const char *const closings[] = {"\nregards", "\nbest", "\nkind ",
    "\nthanks", "\nthank you", "\nsincerely", "\ncheers", "\nyours",
    "\nmit freundlichen", "\nmfg", "\nviele grüße", "\ngruß", "\ngrüße",
    "\nbeste grüße", "\nfreundliche", "\nlg", "\ncordialement",
    "\nbien à vous", "\nmerci", "\nsaludos", "\nun saludo", "\ngracias",
    "\natt", "\nobrigad", "\ncumprimentos", "\ncordiali", "\nsaluti",
    "\ngrazie", "\nmet vriendelijke", "\ngroet", "\npozdraw", "\ns pozdravem",
    "\nmed vänlig", "\nvenlig", "\nс уважением"};

/* Polite systems write of the mail of whom they write to; he himself, of
 * his own. */
static const char *const yours[] = {"your message ", "your mail ",
    "your e-mail ", "your email ", "ihre nachricht ", "ihre e-mail ",
    "ihre mail ", "votre message ", "su mensaje ", "su correo ",
    "sua mensagem ", "il suo messaggio ", "il messaggio ", "uw bericht ",
    "twoja wiadomość ", "państwa wiadomość ", "vaše zpráva ",
    "ditt meddelande ", "din besked ", "ваше письмо ", "ваше сообщение "};

/* Somebody speaks of himself and his own. */
static const char *const selves[] = {" our mails", " our messages",
    " our server", " our mail server", " our user", " our list",
    " our address", " our admin", " our network", " our mailbox", " our old",
    " our customer", " our newsletter", "our ", " us ", " us.",
    " instead", " unser", "unser", " wir ", "wir ", " uns ",
    " notre ", "notre ", " nos ", " nuestr", "nuestr", " nostr",
    " nosso", " nossa", " ons ", " onze ", " nasz", " наш", "наш"};

/* "What should I do?" on a line of its own, "Questions?": headings. */
static bool
heading(const char *text, const char *mark)
{
	enum { HEADING_MAX = 50 }; /* bytes */
	static const char *const openers[] = {"what ", "why ", "how ",
	    "questions?", "need help?", "any questions?", "was kann ich",
	    "was ist ", "warum ", "pourquoi ", "que faire", "comment ",
	    "¿qué ", "¿por qué", "¿cómo", "perché ", "cosa ", "как ",
	    "почему ", "что "};
	const char *s = mark;

	while (s > text && s[-1] != '\n')
		s--;
	s += strspn(s, " \t>*#-");
	for (size_t i = 0; i < COUNT_OF(openers); i++)
		if (strncmp(s, openers[i], strlen(openers[i])) == 0)
			return g_str_has_suffix(openers[i], "?") ||
			    (mark - s < HEADING_MAX && mark[1] != ' ');
	return false;
}

/* A question mark, ASCII's or the wide one; not that of a URL. */
static bool
asks(const char *s)
{
	for (const char *p = s; (p = strchr(p, '?')) != NULL; p++)
		if ((p[1] == '\0' || p[1] == ' ' || p[1] == '\n') &&
		    !heading(s, p))
			return true;
	return strstr(s, "？") != NULL;
}

static bool
written_with(struct reading *r)
{
	static const char *const fields[] = {"User-Agent", "X-Mailer"};
	const struct mail_headers *h = &r->m->headers;

	if (mail_header(h, "Thread-Index") != NULL ||
	    (r->out->message_id != NULL &&
		g_str_has_suffix(r->out->message_id, "@mail.gmail.com")))
		return true;
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		const char *s = mail_get(r->a, h, fields[i]);

		if (s != NULL && text_istarts_any(s, programs, COUNT_OF(programs)))
			return true;
	}
	return false;
}

bool
bounce_by_hand(struct reading *r, const char *low, bool named)
{
	static const char *const answers[] = {"re:", "aw:", "sv:", "vs:",
	    "antw:", "odp:"};
	const char *s = r->out->subject;

	if (passed_says(s) || written_with(r) || asks(low) ||
	    (s != NULL && (text_istarts_any(s, answers, COUNT_OF(answers)) ||
		asks(s))))
		return true;
	low += strspn(low, " \t\n-=*_#|>");
	return TEXT_HAS_ANY(text_squash(r->a, low), hands) ||
	    text_istarts(low, "i ") || text_istarts(low, "my ") ||
	    (text_istarts_any(low, greetings, COUNT_OF(greetings)) &&
		TEXT_HAS_ANY(low, closings) &&
		!(named && TEXT_HAS_ANY(low, yours)));
}

bool
bounce_of_self(const char *low)
{
	enum { GREETING_MAX = 40 }; /* bytes of a line of its own */

	low += strspn(low, " \t\n-=*_#|>");
	if (text_istarts_any(low, greetings, COUNT_OF(greetings)) &&
	    strcspn(low, "\n") < GREETING_MAX)
		return true;
	for (size_t i = 0; i < COUNT_OF(selves); i++)
		if (selves[i][0] == ' ' ? strstr(low, selves[i]) != NULL :
			text_istarts(low, selves[i]))
			return true;
	return false;
}
