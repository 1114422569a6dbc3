/*
 * Words that tell the part an address plays, in the languages of reporters
 * (blame.h).
 */
#include "base/base.h"
#include "inspect/letter/blame.h"

#include "base/text.h"

/* Words that say what a neighbouring address is; whole words. */
static const char *const source_words[] = {"src", "source", "sources",
    "originado", "originada", "originados", "originadas", "originaria",
    "oriundo", "oriundos", "oriunda", "partindo", "ursprung", "herkunft",
    "resolves", "resolving", "resolved", "hosted", "sursă", "sursa", "πηγής",
    "πηγή", "lähde",
    "zdrojovej", "útočník", "útočníka", "атакующего", "нападающий",
     "джерела", "джерело",
    "zdroj", "zdroje", "bronadres", "bronadressen",
    "quelladressen", "quellen", "forrás", "kaynağı", "herkomst", "bronnen",
    "fuentes", "sorgenti", "origens", "atacantes", "attaquants",
    "aanvallers", "attaccanti",
    "utgangspunkt", "pochodzący", "pochodzące", "pochodzących", "pocházející",
    "исходящий", "исходящие", "исходящих", "src_ip", "srcip",
    "sourceip", "source_ip", "source-ip", "saddr", "srcaddr", "orig_h",
    "attacker", "attackers", "attacking", "offending", "offender",
    "offenders", "infringing", "infringer", "infringer's", "infringers",
    "abuser", "sending", "abusive", "abusing", "abused", "from", "origin",
    "originating",
    "originator", "client", "client_ip", "clientip", "remote", "rhost", "rip",
    "peer", "poster", "visitor", "hostile", "uploader", "commenter",
    "нарушителя", "нарушитель", "infractor", "auteur", "remip", "raddr",
    "suspect", "suspected", "suspicious",
    "infected", "bot", "drone", "hacker", "scanner", "scanning", "malicious",
    "compromised", "spammer", "intruder", "culprit", "by", "your", "yours",
    "customer", "harvesting", "spamming", "botnet", "zombie", "vulnerable",
    "reported", "caught", "flagged", "sees", "saw", "spotted", "noticed", "somebody", "someone", "jemand", "alguien",
    "qualcuno", "iemand", "ktoś", "x-originating-ip", "sender", "angreifer",
    "quelle", "von",
    "attaquant", "atacante", "origen", "bron", "violator", "perpetrator",
    "quell", "quelladresse", "origem", "origine", "źródłowy",
    "źródłowe", "źródłowa", "źródła", "источника", "zdrojová", "zdrojový",
    "källadress", "kildeadresse", "lähdeosoite", "attaccante", "aanvaller",
    "atakujący", "атакующий",
    "источник", "źródło", "fuente", "sorgente", "kilde", "källa", "saldırgan",
    "kaynak", "blocked", "banned", "ban", "unban", "blacklisted", "resolver",
    "c-ip",
    /* where from and whose, in the languages of reporters */
    "desde", "procedente", "procedentes", "proveniente", "provenienti",
    "provenant", "depuis", "vanaf", "vanuit", "afkomstig", "dal", "dall",
    "dalla", "dai", "dagli", "aus",
    "från", "fra", "adresu", "votre", "vos", "vuestra", "vuestro",
    "vostro", "vostra", "ihr", "ihre", "ihrer", "ihrem", "ihren", "uw", "seu",
    "sua", "wasz", "waszego", "waszej", "от", "из", "адреса", "вашей",
    "вашего", "vaší", "vašeho", "vaše", "vašej", "vašem", "vašich", "σας",
    "από", "osoitteesta", "العنوان", "عنوان", "من", "מכתובת", "از", "teidän",
    "jullie", "twojego", "twojej", "państwa", "sizin",
    "từ", "nguồn", "dari", "sumber", "asal",
    "šaltinio", "šaltinis", "avota", "avots", "allika", "lähte", "ründaja",
    "izvorni", "izvorna", "izvorišna", "izvorišni", "napadač", "napadalec",
    "изворна", "изходен", "нападател", "užpuoliko", "uzbrucēja",
    "вашим", "ваших", "ваш", "deinem", "deine", "tuo", "tua"};
static const char *const target_words[] = {"dst", "dest", "destination",
    "dst_ip", "dstip", "destip", "destination_ip", "dest_ip",
    "destination-ip", "daddr", "dip", "dstaddr", "resp_h", "target",
    "targets", "targeted", "victim", "victims", "attacked", "lip", "local",
    "laddr", "to", "against", "toward", "towards", "our", "ours", "my",
    "server_ip", "listening", "listener", "ziel", "opfer", "gegen",
    "zieladresse", "docelowy", "docelowe", "docelowa", "назначения",
    "cílová", "cílový", "måladress", "måladresse", "kohdeosoite", "kohde",
    "attaqué", "attaquée", "atacada", "atacado", "atacados", "attaccato",
    "attaccata", "angegriffen", "angegriffene", "angegriffener",
    "angegriffenes", "aangevallen", "zaatakowany", "жертва", "жертвы",
    "víctima", "vittima", "bersaglio", "hedef", "cel", "alvo", "cible", "vers",
    "victime", "objetivo", "doel", "honeypot", "sensor", "tarpit", "honeynet", "telescope",
    "onto", "into", "scanned", "protected", "s-ip", "nuestro", "nuestra",
    "nuestros", "nuestras", "nosso", "nossa", "nossos", "nossas", "nostro",
    "nostra", "nostri", "nostre", "notre", "nos", "onze", "ons", "unser",
    "unsere", "unseren", "unserem", "unserer", "unseres", "nasz", "naszego",
    "nasze", "naszych", "naszej", "vår", "våra", "vårt", "vores", "destino",
    "contra", "contro", "hacia", "verso",
    "destinazione", "destinatario", "genuine", "legitimate", "destinație",
    "destinatie", "cieľová",
    "cieľový", "cieľ", "προορισμού", "προορισμός", "στόχος", "mål", "målet",
    "цель", "цели", "получатель", "victimă", "uhri", "призначення", "цілі",
    "cíl", "cíle", "destinasjon",
    "doelwit", "doeladres", "cél", "célpont", "destinations", "destinos",
    "recipient", "receiving", "receiver", "collector", "observer", "checker", "reporting",
    "reporter", "submitter", "denunciante", "plaignant",
    "signalant", "segnalante", "meldende", "meldender", "complainant", "melder",
    "الهدف", "الضحية", "الوجهة",
    "đến", "tới", "đích", "tujuan", "terhadap",
    "tikslo", "taikinys", "paskirties", "mērķa", "mērķis", "sihtkoha", "siht",
    "sihtmärk", "ciljni", "ciljna", "odredišna", "odredišni", "цел", "целеви",
    "tegen", "naar", "nach", "bestemming",
    "náš", "našeho", "naší", "našem", "naši", "μας", "προς", "vårat", "meidän",
    "nosaltres", "meu", "minha", "mein", "meinen", "meinem", "meiner", "meine",
    "mon", "ma", "mes", "mi", "mio", "mia", "moj", "mojego", "mój", "mijn",
    "bizim", "palvelintamme", "palvelimemme", "palvelimeemme", "verkkoomme",
    "sunucumuza", "sunucumuz", "ağımıza", "خادمنا", "شبكتنا", "على", "إلى",
    "ضد",
    "שלנו", "наших", "нашим", "наш", "наша", "наше", "нашего", "нашей", "наши",
    "당사", "우리", "저희", "자사"};

/* The words for roles by their first byte, made once: every word before an
 * address is looked for. */
struct index {
	uint16_t source[256], target[256]; /* 1-based, 0 ends */
	uint16_t source_next[COUNT_OF(source_words)];
	uint16_t target_next[COUNT_OF(target_words)];
};

static void
make_index(const char *const *list, size_t n, uint16_t *first, uint16_t *next)
{
	for (size_t i = n; i-- > 0;) {
		uint8_t c = (uint8_t)list[i][0];

		next[i] = first[c];
		first[c] = (uint16_t)(i + 1);
	}
}

static const struct index *
word_index(void)
{
	static struct index x;
	static gsize once;

	if (g_once_init_enter(&once)) {
		make_index(source_words, COUNT_OF(source_words), x.source,
		    x.source_next);
		make_index(target_words, COUNT_OF(target_words), x.target,
		    x.target_next);
		g_once_init_leave(&once, 1);
	}
	return &x;
}

static bool
is_one(const char *const *list, const uint16_t *first, const uint16_t *next,
    const char *w, size_t len)
{
	for (size_t i = first[(uint8_t)*w]; i != 0; i = next[i - 1])
		if (strncmp(list[i - 1], w, len) == 0 &&
		    list[i - 1][len] == '\0')
			return true;
	return false;
}

/* "Zielserver", "doelhost", "Quelladresse": what such words begin with. */
static bool
compound(const char *const *list, size_t n, const char *w, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (*w == *list[i] && len > strlen(list[i]) &&
		    strncmp(w, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

bool
blame_is_source(const char *w, size_t len)
{
	static const char *const begins[] = {"quell", "angreifer", "absender",
	    "aanvaller", "bronip", "brons", "bronh", "bronn"};
	const struct index *x = word_index();

	return compound(begins, COUNT_OF(begins), w, len) || is_one(source_words, x->source, x->source_next, w, len);
}

bool
blame_is_target(const char *w, size_t len)
{
	static const char *const begins[] = {"ziel", "doel", "opfer",
	    "atakowan", "атакуем", "атакован"};
	const struct index *x = word_index();

	return compound(begins, COUNT_OF(begins), w, len) ||
	    is_one(target_words, x->target, x->target_next, w, len);
}

/* Right behind the address, in languages that put it so. */
static const struct {
	const char *word;
	enum blame blame;
} follow[] = {{"címéről", BLAME_SOURCE}, {"címről", BLAME_SOURCE},
    {"címükről", BLAME_SOURCE}, {"ip címről", BLAME_SOURCE},
    {"ip címéről", BLAME_SOURCE}, {"ip-címről", BLAME_SOURCE},
    {"szerverünk", BLAME_TARGET}, {"hálózatunk", BLAME_TARGET},
    {"címünk", BLAME_TARGET}, {"adresinden", BLAME_SOURCE},
    {"ip adresinden", BLAME_SOURCE}, {"numaralı ip adresinden", BLAME_SOURCE},
    {"adresinizden", BLAME_SOURCE}, {"adresine", BLAME_TARGET},
    {"ip adresine", BLAME_TARGET}, {"adresimize", BLAME_TARGET},
    {"sunucumuz", BLAME_TARGET}, {"palvelim", BLAME_TARGET}};

enum blame
blame_behind(const char *low)
{
	for (size_t i = 0; i < COUNT_OF(follow); i++)
		if (*follow[i].word == *low &&
		    g_str_has_prefix(low, follow[i].word))
			return follow[i].blame;
	return BLAME_NONE;
}

/* "us (192.0.2.1)", "uns (192.0.2.1)": who is meant, in brackets */
bool
blame_is_us(const char *s, const char *p)
{
	static const char *const words[] = {"us", "me", "uns", "mich", "nous",
	    "moi", "nosotros", "noi", "ons", "oss", "nas", "нас", "team",
	    "Team",
	    "desk", "Desk", "department"};
	const char *e = p, *w;

	if (e - s < 5 || e[-1] != '(' || e[-2] != ' ')
		return false;
	for (e -= 2, w = e; w > s && (g_ascii_isalpha(w[-1]) ||
		 (w[-1] & 0x80)); w--)
		;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i]) == (size_t)(e - w) &&
		    memcmp(words[i], w, (size_t)(e - w)) == 0)
			return true;
	return false;
}

/* What acts does so: "x has attacked", "x scanned us"; beginnings.  Verbs that
 * anybody's machine does ("uses", "goes") say nothing of guilt by themselves. */
static const char *const acts[] = {"attack", "scan", "prob", "try", "tries",
    "enter", "tried", "attempt", "sent", "sends", "send", "connect", "host",
    "is host", "brute", "spam", "spew", "swamp", "bombard", "saturat",
    "flood", "hit", "hammer", "generat", "launch", "infect", "particip",
    "y particip", "nimmt teil", "nimmt daran teil", "beteilig", "prend part",
    "doet mee", "neemt deel", "bierze udział", "участвует", "versucht",
    "scannt", "greift", "flutet", "sendet", "verschickt", "attaque", "tente",
    "essaie", "envoie", "inonde", "ataca", "intenta", "escanea", "envía",
    "attacca", "tenta ", "invia ", "valt ", "probeert", "stuurt", "atakuje",
    "skanuje", "próbuje", "wysyła", "атакует", "сканирует", "пытается",
    "рассылает", "took part", "takes part", "distribut", "serv", "run",
    "perform", "perpetrat", "request", "harvest", "part", "involv", "engag",
    "abus", "caus", "ping", "log", "access", "exploit", "download", "upload",
    "shar", "show", "vulnerable", "listed", "compromised", "responsible",
    "open", "still", "hack", "bothers", "bothering", "annoys", "annoying",
    "banned at", "banned for", "banned by", "banned after", "blocked at",
    "blocked for", "blocked by", "blocked after",
    "harass", "knocks", "knocking", "banging", "bangs", "crawl", "scrap",
    "steals", "stealing", "impersonat", "pretend", "pounding", "pounds",
    "bashing", "bashes", "repeatedly", "continu", "keep", "appear", "seem",
    "did ", "does ", "search", "looked for", "looks for", "looking for",
    "looked into our", "guess", "walks through", "walked through",
    "walking through", "posts spam", "posts links", "posted spam",
    "posted links", "posts comments", "fetches our", "fetches all", "spread",
    "mines ", "mining", "calls home", "called home", "calls in", "called in",
    "talks to", "talked to", "talking to", "contacts a", "contacted a",
    "contacts our sinkhole", "contacted our sinkhole", "relays spam",
    "relaying spam", "relays mail", "answers recursive", "answers monlist",
    "answers anyone", "answers any", "answers queries for any",
    "responds to monlist", "reflects ", "amplif", "controls ", "gives orders",
    "delivers mal", "delivers spam", "drops mal", "pushes mal", "publish",
    "targets ", "targeted our", "targeting", "breaks in", "broke into",
    "broke in", "got in", "gained access", "gaining access", "gains access",
    "overload", "exfiltrat", "leaks ", "leaking ", "joined the", "joined a",
    "joins the attack", "takes its orders", "takes orders", "takes over",
    "took over", "makes attempts", "makes login", "makes connection",
    "made attempts", "made login", "made a scan", "starts its", "starts to",
    "started to", "begins to", "began to", "goes through our",
    "went through our", "goes through all", "went through all",
    "wants to log", "wants to get", "wants to break", "wants our",
    "wants to guess", "tests pass", "tested pass", "tests our", "tested our",
    "tests all", "tries out", "rattl", "pokes ", "poking ",
    "asks our sinkhole", "asks for pass", "fills our", "filled our",
    "fills my", "poses as", "posed as", "rummag", "sniff", "crack", "insult",
    "threaten", "ha intentado", "intentó", "ha atacado", "atacó",
    "ha escaneado", "escaneó", "ha enviado", "envió", "a tenté", "a essayé",
    "a attaqué", "a scanné", "a envoyé", "ha tentato", "ha attaccato",
    "ha inviato", "hat versucht", "hat angegriffen", "hat gescannt",
    "hat unser", "hat mehrfach versucht", "heeft geprobeerd",
    "heeft aangevallen", "probeerde", "próbował", "atakował", "skanował",
    "wysyłał", "tentou", "atacou", "enviou", "writes insult", "frappe ", "hands out"};

static bool
begins_any(const char *low, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_begins(low, list[i]))
			return true;
	return false;
}

bool
blame_acts(const char *low)
{
	return begins_any(low, acts, COUNT_OF(acts));
}

/* What the machine does whose log follows. */
static const char *const logs[] = {"wrote:", "logged:", "recorded:", "noted:",
    "registered:", "saw:", "reports:", "says:", "logged this", "wrote this",
    "logged the following", "recorded the following", "hat protokolliert",
    "meldet:", "schrieb:", "a enregistré", "registró:", "logde:"};

bool
blame_logs(const char *low)
{
	return begins_any(low, logs, COUNT_OF(logs));
}

bool
blame_undone(const char *s, const char *end)
{
	static const char *const helpers[] = {" was ", " is ", " has been ",
	    " got ", " were ", " had been "};
	static const char *const done[] = {"hack", "compromis", "infect",
	    "broken", "taken over", "hijack", "deface", "exploited", "abused"};
	size_t left = (size_t)(end - s);

	for (size_t i = 0; i < COUNT_OF(helpers); i++) {
		size_t n = strlen(helpers[i]);

		if (left < n || strncmp(s, helpers[i], n) != 0)
			continue;
		for (size_t k = 0; k < COUNT_OF(done); k++)
			if (left >= n + strlen(done[k]) && strncmp(s + n,
				done[k], strlen(done[k])) == 0)
				return true;
	}
	return false;
}
