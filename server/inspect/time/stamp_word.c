/*
 * Words of times, in the languages of reporters (stamp_priv.h).
 */
#include "base/base.h"
#include "inspect/time/stamp_priv.h"

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const months_long[] = {"january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october",
    "november", "december"};

/* Months of reporters who write in their own language; the short English
 * names find the rest. */
static const struct {
	const char *name;
	int month;
} months_other[] = {{"januar", 1}, {"januari", 1}, {"janvier", 1},
    {"enero", 1}, {"gennaio", 1}, {"februar", 2}, {"februari", 2},
    {"f\303\251vrier", 2}, {"febrero", 2}, {"febbraio", 2},
    {"m\303\244rz", 3}, {"mars", 3}, {"marzo", 3}, {"maart", 3},
    {"mrt", 3}, {"avril", 4}, {"abril", 4}, {"aprile", 4}, {"mai", 5},
    {"mei", 5}, {"maj", 5}, {"mayo", 5}, {"maggio", 5}, {"juni", 6},
    {"juin", 6}, {"junio", 6}, {"giugno", 6}, {"juli", 7},
    {"juillet", 7}, {"julio", 7}, {"luglio", 7}, {"ao\303\273t", 8},
    {"augustus", 8}, {"augusti", 8}, {"agosto", 8}, {"septembre", 9},
    {"septiembre", 9}, {"settembre", 9}, {"oktober", 10}, {"okt", 10},
    {"octobre", 10}, {"octubre", 10}, {"ottobre", 10}, {"novembre", 11},
    {"noviembre", 11}, {"dezember", 12}, {"dez", 12},
    {"d\303\251cembre", 12}, {"diciembre", 12}, {"dicembre", 12},
    /* Portuguese, Polish, Czech, Turkish, Finnish, Russian, Ukrainian: as
     * they stand in a date */
    {"janeiro", 1}, {"fevereiro", 2}, {"março", 3}, {"marco", 3},
    {"maio", 5}, {"junho", 6}, {"julho", 7}, {"setembro", 9},
    {"outubro", 10}, {"novembro", 11}, {"dezembro", 12}, {"stycznia", 1},
    {"lutego", 2},
    {"marca", 3}, {"kwietnia", 4}, {"maja", 5}, {"czerwca", 6},
    {"lipca", 7}, {"sierpnia", 8}, {"września", 9}, {"października", 10},
    {"listopada", 11}, {"grudnia", 12}, {"ledna", 1}, {"února", 2},
    {"března", 3}, {"dubna", 4}, {"května", 5}, {"června", 6},
    {"července", 7}, {"srpna", 8}, {"září", 9}, {"října", 10},
    {"listopadu", 11}, {"prosince", 12}, {"ocak", 1}, {"şubat", 2},
    {"nisan", 4}, {"mayıs", 5}, {"haziran", 6}, {"temmuz", 7},
    {"ağustos", 8}, {"eylül", 9}, {"ekim", 10}, {"kasım", 11},
    {"aralık", 12}, {"tammikuuta", 1}, {"helmikuuta", 2},
    {"maaliskuuta", 3}, {"huhtikuuta", 4}, {"toukokuuta", 5},
    {"kesäkuuta", 6}, {"heinäkuuta", 7}, {"elokuuta", 8},
    {"syyskuuta", 9}, {"lokakuuta", 10}, {"marraskuuta", 11},
    {"joulukuuta", 12}, {"января", 1}, {"февраля", 2}, {"марта", 3},
    {"апреля", 4}, {"мая", 5}, {"июня", 6}, {"июля", 7},
    {"августа", 8}, {"сентября", 9}, {"октября", 10}, {"ноября", 11},
    {"декабря", 12}, {"січня", 1}, {"лютого", 2}, {"березня", 3},
    {"квітня", 4}, {"травня", 5}, {"червня", 6}, {"липня", 7},
    {"серпня", 8}, {"вересня", 9}, {"жовтня", 10}, {"листопада", 11},
    {"грудня", 12}, {"янв", 1}, {"фев", 2}, {"апр", 4}, {"июн", 6},
    {"июл", 7}, {"авг", 8}, {"сент", 9}, {"сен", 9}, {"окт", 10},
    {"нояб", 11}, {"ноя", 11}, {"дек", 12}, {"Ιανουαρίου", 1},
    {"Φεβρουαρίου", 2}, {"Μαρτίου", 3}, {"Απριλίου", 4}, {"Μαΐου", 5},
    {"Ιουνίου", 6}, {"Ιουλίου", 7}, {"Αυγούστου", 8}, {"Σεπτεμβρίου", 9},
    {"Οκτωβρίου", 10}, {"Νοεμβρίου", 11}, {"Δεκεμβρίου", 12}};

/* Could it be this name?  Asked of every name at many places. */
static inline bool
may_be(const char *p, const char *name)
{
	return *p == *name || (*p | 32) == *name;
}

/* Full or short English name, or one of another language. */
bool
stamp_month(struct cursor *c, int *out)
{
	size_t left = (size_t)(c->end - c->p);

	if (left < 3)
		return false;
	for (size_t i = 0; i < COUNT_OF(months_other); i++) {
		size_t n;

		if (!may_be(c->p, months_other[i].name))
			continue;
		n = strlen(months_other[i].name);
		if (left >= n &&
		    g_ascii_strncasecmp(c->p, months_other[i].name, n) == 0 &&
		    (left == n || !g_ascii_isalpha(c->p[n]))) {
			c->p += n;
			is(c, ".");
			*out = months_other[i].month;
			return true;
		}
	}

	for (int i = 0; i < 12; i++) {
		size_t n;

		if (!may_be(c->p, months[i]))
			continue;
		n = strlen(months_long[i]);
		if (left >= n &&
		    g_ascii_strncasecmp(c->p, months_long[i], n) == 0) {
			c->p += n;
		} else if (left >= 3 &&
		    g_ascii_strncasecmp(c->p, months[i], 3) == 0) {
			c->p += 3;
			if (i == 8 && c->p < c->end && (*c->p | 32) == 't')
				c->p++; /* Sept */
		} else {
			continue;
		}
		is(c, ".");
		*out = i + 1;
		return c->p == c->end || !g_ascii_isalpha(*c->p);
	}
	return false;
}

/* What begins with a letter of ASCII ends with a blank or a sign, so that
 * no longer word is taken for it. */
static const struct {
	const char *text;
	enum stamp_word kind;
} between[] = {{"on ", STAMP_ON}, {"of ", STAMP_ON}, {"am ", STAMP_ON},
    {"vom ", STAMP_ON}, {"des ", STAMP_ON}, {"le ", STAMP_ON},
    {"du ", STAMP_ON}, {"del día ", STAMP_ON}, {"del giorno ", STAMP_ON},
    {"del ", STAMP_ON}, {"de ", STAMP_ON}, {"el ", STAMP_ON},
    {"il ", STAMP_ON}, {"op ", STAMP_ON}, {"van ", STAMP_ON},
    {"w dniu ", STAMP_ON}, {"dnia ", STAMP_ON}, {"do dia ", STAMP_ON},
    {"em ", STAMP_ON}, {"den ", STAMP_ON}, {"of ", STAMP_OF}, {"de ", STAMP_OF}, {"del ", STAMP_OF},
    {"at ", STAMP_AT}, {"@ ", STAMP_AT}, {"@", STAMP_AT}, {"um ", STAMP_AT},
    {"- ", STAMP_AT}, {"| ", STAMP_AT}, {"à ", STAMP_AT}, {"om ", STAMP_AT},
    {"kl. ", STAMP_AT}, {"kl ", STAMP_AT}, {"klo ", STAMP_AT},
    {"a las ", STAMP_AT}, {"a la ", STAMP_AT}, {"alle ore ", STAMP_AT},
    {"alle ", STAMP_AT}, {"ore ", STAMP_AT}, {"às ", STAMP_AT},
    {"time=\"", STAMP_AT}, {"time=", STAMP_AT}, {"time: ", STAMP_AT},
    {"Time: ", STAMP_AT}, {"o godz. ", STAMP_AT}, {"o godzinie ", STAMP_AT},
    {"o ", STAMP_AT}, {"r. ", STAMP_AT}, {"v ", STAMP_AT},
    {"saat ", STAMP_AT}, {"г., ", STAMP_AT}, {"г. ", STAMP_AT},
    {"г ", STAMP_AT}, {"года ", STAMP_AT}, {"року ", STAMP_AT},
    {"в ", STAMP_AT}, {"с ", STAMP_AT}, {"з ", STAMP_AT}, {"from: ", STAMP_AT},
    {"о ", STAMP_AT}, {"около ", STAMP_AT},
    {"gegen ", STAMP_AT}, {"vers ", STAMP_AT}, {"around ", STAMP_AT},
    {"about ", STAMP_AT}, {"approx. ", STAMP_AT},
    {"approximately ", STAMP_AT}, {"ca. ", STAMP_AT},
    {"between ", STAMP_AT}, {"from ", STAMP_AT}, {"zwischen ", STAMP_AT},
    {"entre ", STAMP_AT}, {"von ", STAMP_AT}, {"de ", STAMP_AT},
    {"klockan ", STAMP_AT}, {"alle h ", STAMP_AT}, {"dalle ore ", STAMP_AT},
    {"dalle ", STAMP_AT}, {"verso le ", STAMP_AT},
    {"intorno alle ", STAMP_AT}, {"sobre las ", STAMP_AT},
    {"hacia las ", STAMP_AT}, {"desde las ", STAMP_AT}, {"las ", STAMP_AT},
    {"cerca das ", STAMP_AT}, {"pelas ", STAMP_AT},
    {"por volta das ", STAMP_AT}, {"as ", STAMP_AT},
    {"rond ", STAMP_AT}, {"omstreeks ", STAMP_AT}, {"godz. ", STAMP_AT},
    {"ok. ", STAMP_AT}, {"około ", STAMP_AT}, {"okolo ", STAMP_AT},
    {"ve ", STAMP_AT}, {"ob ", STAMP_AT}, {"u ", STAMP_AT},
    {"la ora ", STAMP_AT}, {"ora ", STAMP_AT}, {"στις ", STAMP_AT},
    {"και ώρα ", STAMP_AT},
    {"ώρα ", STAMP_AT}, {"klo. ", STAMP_AT}, {"ve dne ", STAMP_AT},
    {"pukul ", STAMP_AT}, {"lúc ", STAMP_AT}, {"omkring ", STAMP_AT},
    {"ab ", STAMP_AT}, {"seit ", STAMP_AT}, {"since ", STAMP_AT},
    {"tussen ", STAMP_AT}, {"vanaf ", STAMP_AT}, {"między ", STAMP_AT},
    {"pomiędzy ", STAMP_AT}, {"od ", STAMP_AT}, {"tra le ", STAMP_AT},
    {"fra le ", STAMP_AT}, {"mellan ", STAMP_AT}, {"mellem ", STAMP_AT},
    {"mellom ", STAMP_AT}, {"dès ", STAMP_AT}, {"depuis ", STAMP_AT},
    {"rhwng ", STAMP_AT}, {"am ", STAMP_AT}, {"kurz nach ", STAMP_AT},
    {"kurz vor ", STAMP_AT}, {"shortly after ", STAMP_AT},
    {"shortly before ", STAMP_AT}, {"just after ", STAMP_AT},
    {"exactly ", STAMP_AT}, {"the first at ", STAMP_AT},
    {"the first one at ", STAMP_AT}, {"first at ", STAMP_AT},
    {"starting at ", STAMP_AT}, {"beginning at ", STAMP_AT},
    {"der erste um ", STAMP_AT}, {"en ", STAMP_UNTIL}, {"och ", STAMP_UNTIL},
    {"og ", STAMP_UNTIL}, {"y las ", STAMP_UNTIL}, {"e le ", STAMP_UNTIL},
    {"e as ", STAMP_UNTIL}, {"i ", STAMP_UNTIL}, {"ac ", STAMP_UNTIL},
    {"- ", STAMP_UNTIL}, {"-", STAMP_UNTIL}, {"~ ", STAMP_UNTIL},
    {"～", STAMP_UNTIL}, {"〜", STAMP_UNTIL}, {"–", STAMP_UNTIL},
    {"to ", STAMP_UNTIL}, {"and ", STAMP_UNTIL}, {"until ", STAMP_UNTIL},
    {"till ", STAMP_UNTIL}, {"und ", STAMP_UNTIL}, {"bis ", STAMP_UNTIL},
    {"et ", STAMP_UNTIL}, {"à ", STAMP_UNTIL}, {"y ", STAMP_UNTIL},
    {"a ", STAMP_UNTIL}, {"e ", STAMP_UNTIL}, {"tot ", STAMP_UNTIL},
    {"до ", STAMP_UNTIL}, {"do ", STAMP_UNTIL}, 
    {"til ", STAMP_UNTIL},
    {"ate ", STAMP_UNTIL}, {"até ", STAMP_UNTIL}, {"hasta ", STAMP_UNTIL},
    {"hasta las ", STAMP_UNTIL}, {"alle ", STAMP_UNTIL}, {"年", STAMP_YEAR},
    {"년", STAMP_YEAR},
    {"月", STAMP_MONTH}, {"월", STAMP_MONTH}, {"日", STAMP_DAY},
    {"일", STAMP_DAY}, {"时", STAMP_HOUR}, {"時", STAMP_HOUR},
    {"点", STAMP_HOUR}, {"點", STAMP_HOUR}, {"시", STAMP_HOUR},
    {"分", STAMP_MINUTE}, {"분", STAMP_MINUTE}, {"秒", STAMP_SECOND},
    {"초", STAMP_SECOND}, {"上午", STAMP_MORNING}, {"午前", STAMP_MORNING},
    {"오전", STAMP_MORNING}, {"下午", STAMP_EVENING}, {"午後", STAMP_EVENING},
    {"오후", STAMP_EVENING}};

bool
stamp_word(struct cursor *c, enum stamp_word kind)
{
	/* most often there is a digit, a blank or a dot */
	if (c->p == c->end || (!g_ascii_isalpha(*c->p) &&
		(unsigned char)*c->p < 0x80 && strchr("@-|~", *c->p) == NULL))
		return false;
	for (size_t i = 0; i < COUNT_OF(between); i++) {
		const char *w = between[i].text;
		size_t n;

		if (between[i].kind != kind || c->p == c->end || *c->p != *w)
			continue;
		n = strlen(w);
		if ((size_t)(c->end - c->p) > n && memcmp(c->p, w, n) == 0) {
			c->p += n;
			return true;
		}
		/* "2026年11月20日" may end the text */
		if ((size_t)(c->end - c->p) == n && (*w & 0x80) != 0 &&
		    memcmp(c->p, w, n) == 0) {
			c->p += n;
			return true;
		}
	}
	return false;
}

bool
stamp_midnight(struct cursor *c)
{
	static const char *const names[] = {"midnight", "noon", "now",
	    "Mitternacht", "minuit", "midi", "medianoche"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (c->end - c->p > (ptrdiff_t)strlen(names[i]) &&
		    strncmp(c->p, names[i], strlen(names[i])) == 0) {
			c->p += strlen(names[i]);
			return true;
		}
	return false;
}

size_t
stamp_half(const struct cursor *c, bool *evening)
{
	const char *p = c->p;
	size_t left = (size_t)(c->end - p), n = 2;

	if (left < 2 || ((p[0] | 32) != 'a' && (p[0] | 32) != 'p'))
		return 0;
	if (left >= 4 && p[1] == '.' && (p[2] | 32) == 'm' && p[3] == '.')
		n = 4;
	else if ((p[1] | 32) != 'm')
		return 0;
	*evening = (p[0] | 32) == 'p';
	return left > n && g_ascii_isalnum(p[n]) ? 0 : n;
}

size_t
stamp_oclock(const struct cursor *c)
{
	static const char *const names[] = {"Uhr", "uhr", "uur", "heures",
	    "horas", "h", "óra", "hodin"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		size_t n = strlen(names[i]);

		/* "3 Uhr 15" is more than an hour */
		if ((size_t)(c->end - c->p) > n + 1 && c->p[n] == ' ' &&
		    memcmp(c->p, names[i], n) == 0)
			return g_ascii_isdigit(c->p[n + 1]) ? 0 : n;
	}
	return 0;
}

void
stamp_hours(struct cursor *c)
{
	static const char *const words[] = {"Uhr", "uhr", "hrs", "hours", "h",
	    "uur", "horas", "heures", "hs", "ore", "hod.", "hodin", "óra",
	    "h.", "u.", "godz.", "o'clock", "часов", "ч.", "год.",
	    "'te", "'de", "'da", "'ta", "-kor", "ώρα"};
	struct cursor x = *c;

	blanks(&x);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(x.end - x.p) >= n &&
		    strncmp(x.p, words[i], n) == 0 &&
		    (x.p + n == x.end || !g_ascii_isalnum(x.p[n]))) {
			c->p = x.p + n;
			return;
		}
	}
}
