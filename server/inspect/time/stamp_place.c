/*
 * Zones that are told as the time of a place (stamp_priv.h).
 *
 * A parser child can open no file, so what it has to know of the tz database
 * stands here: places that reporters name, and the two rules by which the
 * European Union (since 1996) and the United States (since 2007) put their
 * clocks forward and back.
 */
#include "base/base.h"
#include "inspect/time/stamp_priv.h"

enum { FIXED, EUROPE, AMERICA };

/* Lower case where it is ASCII; a name of capitals only is taken as such. */
static const struct stamp_place {
	const char *name;
	int minutes;
	int rule;
} places[] = {{"coordinated universal time", 0, FIXED},
    {"universal time", 0, FIXED}, {"greenwich mean time", 0, FIXED},
    {"british summer time", 60, FIXED}, {"uk time", 0, EUROPE},
    {"london time", 0, EUROPE}, {"central european summer time", 120, FIXED},
    {"central european time", 60, FIXED},
    {"mitteleuropäische sommerzeit", 120, FIXED},
    {"mitteleuropäische zeit", 60, FIXED}, {"paris time", 60, EUROPE},
    {"heure de paris", 60, EUROPE}, {"heure française", 60, EUROPE},
    {"heure locale à paris", 60, EUROPE}, {"berlin time", 60, EUROPE},
    {"berliner zeit", 60, EUROPE}, {"deutscher zeit", 60, EUROPE},
    {"german time", 60, EUROPE}, {"amsterdam time", 60, EUROPE},
    {"nederlandse tijd", 60, EUROPE}, {"ora italiana", 60, EUROPE},
    {"hora de madrid", 60, EUROPE}, {"hora peninsular", 60, EUROPE},
    {"swiss time", 60, EUROPE}, {"eastern standard time", -300, FIXED},
    {"eastern daylight time", -240, FIXED}, {"eastern time", -300, AMERICA},
    {"ET", -300, AMERICA}, {"PT", -480, AMERICA},
    {"north american eastern time", -300, AMERICA},
    {"new york time", -300, AMERICA}, {"central standard time", -360, FIXED},
    {"central daylight time", -300, FIXED},
    {"mountain standard time", -420, FIXED},
    {"mountain daylight time", -360, FIXED},
    {"mountain time", -420, AMERICA}, {"pacific standard time", -480, FIXED},
    {"pacific daylight time", -420, FIXED}, {"pacific time", -480, AMERICA},
    {"australian eastern daylight time", 660, FIXED},
    {"australian eastern standard time", 600, FIXED},
    {"moscow time", 180, FIXED}, {"msk time", 180, FIXED},
    {"SEČ", 60, FIXED}, {"SELČ", 120, FIXED}, {"МСК", 180, FIXED},
    {"мск", 180, FIXED}, {"по москве", 180, FIXED},
    {"по Москве", 180, FIXED}, {"по московскому времени", 180, FIXED},
    {"московского времени", 180, FIXED}, {"московское", 180, FIXED},
    {"beijing time", 480, FIXED}, {"china standard time", 480, FIXED},
    {"北京时间", 480, FIXED}, {"北京時間", 480, FIXED},
    {"中国标准时间", 480, FIXED}, {"日本時間", 540, FIXED},
    {"日本標準時", 540, FIXED}, {"japan standard time", 540, FIXED},
    {"한국시간", 540, FIXED}, {"한국 시간", 540, FIXED},
    {"한국표준시", 540, FIXED}, {"korea standard time", 540, FIXED},
    {"singapore time", 480, FIXED}, {"hong kong time", 480, FIXED},
    {"india standard time", 330, FIXED}, {"indian standard time", 330, FIXED},
    {"horário de brasília", -180, FIXED}, {"hora de brasília", -180, FIXED},
    {"hora de brasilia", -180, FIXED},
    /* of more countries, in the words of their people */
    {"wiener zeit", 60, EUROPE}, {"schweizer zeit", 60, EUROPE},
    {"mitteleurop. zeit", 60, EUROPE}, {"deutsche zeit", 60, EUROPE},
    {"österreichische zeit", 60, EUROPE},
    {"heure d'europe centrale", 60, EUROPE},
    {"heure d’europe centrale", 60, EUROPE},
    {"heure de bruxelles", 60, EUROPE}, {"heure belge", 60, EUROPE},
    {"heure suisse", 60, EUROPE}, {"heure de genève", 60, EUROPE},
    {"heure francaise", 60, EUROPE}, {"french time", 60, EUROPE},
    {"spanish time", 60, EUROPE}, {"italian time", 60, EUROPE},
    {"dutch time", 60, EUROPE}, {"belgian time", 60, EUROPE},
    {"polish time", 60, EUROPE}, {"austrian time", 60, EUROPE},
    {"swedish time", 60, EUROPE}, {"norwegian time", 60, EUROPE},
    {"danish time", 60, EUROPE}, {"czech time", 60, EUROPE},
    {"hungarian time", 60, EUROPE}, {"rome time", 60, EUROPE},
    {"madrid time", 60, EUROPE}, {"vienna time", 60, EUROPE},
    {"zurich time", 60, EUROPE}, {"brussels time", 60, EUROPE},
    {"warsaw time", 60, EUROPE}, {"prague time", 60, EUROPE},
    {"budapest time", 60, EUROPE}, {"stockholm time", 60, EUROPE},
    {"copenhagen time", 60, EUROPE}, {"oslo time", 60, EUROPE},
    {"ora di roma", 60, EUROPE}, {"ora locale italiana", 60, EUROPE},
    {"hora española", 60, EUROPE}, {"hora de españa", 60, EUROPE},
    {"hora peninsular española", 60, EUROPE},
    {"hora central europea", 60, EUROPE}, {"belgische tijd", 60, EUROPE},
    {"amsterdamse tijd", 60, EUROPE}, {"midden-europese tijd", 60, EUROPE},
    {"czasu polskiego", 60, EUROPE}, {"czas polski", 60, EUROPE},
    {"czasu warszawskiego", 60, EUROPE},
    {"czasu środkowoeuropejskiego", 60, EUROPE},
    {"czas środkowoeuropejski", 60, EUROPE},
    {"středoevropského času", 60, EUROPE},
    {"středoevropský čas", 60, EUROPE}, {"svensk tid", 60, EUROPE},
    {"norsk tid", 60, EUROPE}, {"dansk tid", 60, EUROPE},
    {"magyar idő szerint", 60, EUROPE},
    {"közép-európai idő", 60, EUROPE}, {"finnish time", 120, EUROPE},
    {"helsinki time", 120, EUROPE}, {"greek time", 120, EUROPE},
    {"athens time", 120, EUROPE}, {"kyiv time", 120, EUROPE},
    {"kiev time", 120, EUROPE}, {"romanian time", 120, EUROPE},
    {"bucharest time", 120, EUROPE}, {"suomen aikaa", 120, EUROPE},
    {"ώρα ελλάδας", 120, EUROPE},
    {"ώρα ελλάδος", 120, EUROPE},
    {"ώρα Ελλάδας", 120, EUROPE},
    {"ώρα Ελλάδος", 120, EUROPE},
    {"за київським часом", 120, EUROPE},
    {"київського часу", 120, EUROPE},
    {"за києвом", 120, EUROPE}, {"за Києвом", 120, EUROPE},
    {"ora româniei", 120, EUROPE},
    {"българско време", 120, EUROPE}, {"irish time", 0, EUROPE},
    {"dublin time", 0, EUROPE}, {"lisbon time", 0, EUROPE},
    {"horário de lisboa", 0, EUROPE}, {"hora de lisboa", 0, EUROPE},
    {"hora de portugal", 0, EUROPE}, {"istanbul time", 180, FIXED},
    {"turkish time", 180, FIXED}, {"turkey time", 180, FIXED},
    {"türkiye saati", 180, FIXED}, {"по мск", 180, FIXED},
    {"московскому времени", 180, FIXED},
    {"время московское", 180, FIXED},
    {"brasilia time", -180, FIXED}, {"brazil time", -180, FIXED},
    {"brazilian time", -180, FIXED}, {"horário de brasilia", -180, FIXED},
    {"hora de argentina", -180, FIXED}, {"argentina time", -180, FIXED},
    {"tokyo time", 540, FIXED}, {"seoul time", 540, FIXED},
    {"korean time", 540, FIXED}, {"korea time", 540, FIXED},
    {"japan time", 540, FIXED}, {"한국 표준시", 540, FIXED},
    {"東京時間", 540, FIXED}, {"chinese time", 480, FIXED},
    {"china time", 480, FIXED}, {"shanghai time", 480, FIXED},
    {"taiwan time", 480, FIXED}, {"taipei time", 480, FIXED},
    {"philippine time", 480, FIXED}, {"malaysia time", 480, FIXED},
    {"台北時間", 480, FIXED}, {"台湾时间", 480, FIXED},
    {"台灣時間", 480, FIXED}, {"香港時間", 480, FIXED},
    {"香港时间", 480, FIXED}, {"vietnam time", 420, FIXED},
    {"thailand time", 420, FIXED}, {"bangkok time", 420, FIXED},
    {"jakarta time", 420, FIXED}, {"dubai time", 240, FIXED},
    {"gulf standard time", 240, FIXED}, {"india time", 330, FIXED},
    {"hora de colombia", -300, FIXED}, {"hora de perú", -300, FIXED},
    {"hora de bogotá", -300, FIXED}, {"hora de lima", -300, FIXED},
    {"hora de méxico", -360, FIXED},
    {"hora del centro de méxico", -360, FIXED},
    {"brisbane time", 600, FIXED}, {"south african time", 120, FIXED},
    {"south africa standard time", 120, FIXED},
    {"heure de montréal", -300, AMERICA}, {"heure de l'est", -300, AMERICA},
    {"heure de l’est", -300, AMERICA}, {"toronto time", -300, AMERICA},
    {"us eastern time", -300, AMERICA}, {"chicago time", -360, AMERICA},
    {"us central time", -360, AMERICA}, {"us pacific time", -480, AMERICA},
    {"los angeles time", -480, AMERICA},
    /* of the tz database */
    {"europe/london", 0, EUROPE}, {"europe/dublin", 0, EUROPE},
    {"europe/lisbon", 0, EUROPE}, {"europe/amsterdam", 60, EUROPE},
    {"europe/belgrade", 60, EUROPE}, {"europe/berlin", 60, EUROPE},
    {"europe/bratislava", 60, EUROPE}, {"europe/brussels", 60, EUROPE},
    {"europe/budapest", 60, EUROPE}, {"europe/copenhagen", 60, EUROPE},
    {"europe/ljubljana", 60, EUROPE}, {"europe/luxembourg", 60, EUROPE},
    {"europe/madrid", 60, EUROPE}, {"europe/malta", 60, EUROPE},
    {"europe/oslo", 60, EUROPE}, {"europe/paris", 60, EUROPE},
    {"europe/prague", 60, EUROPE}, {"europe/rome", 60, EUROPE},
    {"europe/stockholm", 60, EUROPE}, {"europe/vienna", 60, EUROPE},
    {"europe/warsaw", 60, EUROPE}, {"europe/zagreb", 60, EUROPE},
    {"europe/zurich", 60, EUROPE}, {"europe/athens", 120, EUROPE},
    {"europe/bucharest", 120, EUROPE}, {"europe/helsinki", 120, EUROPE},
    {"europe/kiev", 120, EUROPE}, {"europe/kyiv", 120, EUROPE},
    {"europe/riga", 120, EUROPE}, {"europe/sofia", 120, EUROPE},
    {"europe/tallinn", 120, EUROPE}, {"europe/vilnius", 120, EUROPE},
    {"europe/istanbul", 180, FIXED}, {"europe/moscow", 180, FIXED},
    {"america/new_york", -300, AMERICA}, {"us/eastern", -300, AMERICA},
    {"america/toronto", -300, AMERICA}, {"america/chicago", -360, AMERICA},
    {"us/central", -360, AMERICA}, {"america/denver", -420, AMERICA},
    {"america/los_angeles", -480, AMERICA}, {"us/pacific", -480, AMERICA},
    {"america/sao_paulo", -180, FIXED}, {"asia/shanghai", 480, FIXED},
    {"asia/hong_kong", 480, FIXED}, {"asia/singapore", 480, FIXED},
    {"asia/tokyo", 540, FIXED}, {"asia/seoul", 540, FIXED},
    {"asia/kolkata", 330, FIXED}, {"asia/dubai", 240, FIXED},
    {"asia/bangkok", 420, FIXED}, {"asia/ho_chi_minh", 420, FIXED},
    {"asia/saigon", 420, FIXED}, {"asia/jakarta", 420, FIXED},
    {"asia/kuala_lumpur", 480, FIXED}, {"asia/manila", 480, FIXED},
    {"asia/taipei", 480, FIXED}, {"asia/macau", 480, FIXED},
    {"asia/tashkent", 300, FIXED}, {"asia/karachi", 300, FIXED},
    {"asia/dhaka", 360, FIXED}, {"asia/kathmandu", 345, FIXED},
    {"asia/colombo", 330, FIXED}, {"asia/calcutta", 330, FIXED},
    {"asia/tehran", 210, FIXED}, {"asia/baghdad", 180, FIXED},
    {"asia/riyadh", 180, FIXED}, {"asia/kuwait", 180, FIXED},
    {"asia/qatar", 180, FIXED}, {"asia/bahrain", 180, FIXED},
    {"asia/muscat", 240, FIXED}, {"asia/yerevan", 240, FIXED},
    {"asia/baku", 240, FIXED}, {"asia/tbilisi", 240, FIXED},
    {"asia/yekaterinburg", 300, FIXED}, {"asia/omsk", 360, FIXED},
    {"asia/novosibirsk", 420, FIXED}, {"asia/krasnoyarsk", 420, FIXED},
    {"asia/irkutsk", 480, FIXED}, {"asia/vladivostok", 600, FIXED},
    {"africa/johannesburg", 120, FIXED}, {"africa/lagos", 60, FIXED},
    {"africa/nairobi", 180, FIXED}, {"africa/algiers", 60, FIXED},
    {"africa/tunis", 60, FIXED}, {"africa/accra", 0, FIXED},
    {"africa/addis_ababa", 180, FIXED}, {"australia/brisbane", 600, FIXED},
    {"australia/perth", 480, FIXED}, {"australia/darwin", 570, FIXED},
    {"pacific/honolulu", -600, FIXED}, {"us/hawaii", -600, FIXED},
    {"america/bogota", -300, FIXED}, {"america/lima", -300, FIXED},
    {"america/guayaquil", -300, FIXED}, {"america/panama", -300, FIXED},
    {"america/jamaica", -300, FIXED}, {"america/caracas", -240, FIXED},
    {"america/la_paz", -240, FIXED}, {"america/puerto_rico", -240, FIXED},
    {"america/buenos_aires", -180, FIXED},
    {"america/argentina/buenos_aires", -180, FIXED},
    {"america/montevideo", -180, FIXED}, {"america/fortaleza", -180, FIXED},
    {"america/mexico_city", -360, FIXED}, {"america/costa_rica", -360, FIXED},
    {"america/guatemala", -360, FIXED}, {"america/phoenix", -420, FIXED},
    {"us/arizona", -420, FIXED}, {"atlantic/reykjavik", 0, FIXED},
    {"europe/minsk", 180, FIXED}, {"europe/samara", 240, FIXED},
    {"europe/volgograd", 180, FIXED}, {"etc/utc", 0, FIXED},
    {"etc/gmt", 0, FIXED}, {"europe/belfast", 0, EUROPE},
    {"atlantic/canary", 0, EUROPE}, {"europe/sarajevo", 60, EUROPE},
    {"europe/skopje", 60, EUROPE}, {"europe/podgorica", 60, EUROPE},
    {"europe/tirane", 60, EUROPE}, {"europe/andorra", 60, EUROPE},
    {"europe/monaco", 60, EUROPE}, {"europe/vaduz", 60, EUROPE},
    {"europe/gibraltar", 60, EUROPE}, {"europe/mariehamn", 120, EUROPE},
    {"europe/nicosia", 120, EUROPE}, {"asia/nicosia", 120, EUROPE},
    {"america/halifax", -240, AMERICA}, {"america/montreal", -300, AMERICA},
    {"america/detroit", -300, AMERICA}, {"america/winnipeg", -360, AMERICA},
    {"america/edmonton", -420, AMERICA}, {"us/mountain", -420, AMERICA},
    {"america/vancouver", -480, AMERICA}, {"canada/eastern", -300, AMERICA},
    {"canada/central", -360, AMERICA}, {"canada/mountain", -420, AMERICA},
    {"canada/pacific", -480, AMERICA}};
G_STATIC_ASSERT(COUNT_OF(places) < UINT16_MAX);

/* A Sunday of a month: the nth, or with n 0 the last of one with 31 days. */
static int
sunday(int year, int month, int n)
{
	GDate first;
	int weekday;

	g_date_clear(&first, 1);
	g_date_set_dmy(&first, n > 0 ? 1 : 31, (GDateMonth)month,
	    (GDateYear)year);
	weekday = (int)g_date_get_weekday(&first) % 7; /* Sunday is 0 */
	return n > 0 ? 1 + (7 - weekday) % 7 + (n - 1) * 7 : 31 - weekday;
}

static int64_t
at(int year, int month, int day, int minute)
{
	struct when_fields f = {.year = year, .month = month, .day = day,
	    .hour = minute / 60, .minute = minute % 60};
	int64_t t = 0;

	when_from_fields(&f, &t);
	return t;
}

static bool
summer(const struct stamp_place *p, int year, int64_t t)
{
	if (p->rule == EUROPE)
		return t >= at(year, 3, sunday(year, 3, 0), 60) &&
		    t < at(year, 10, sunday(year, 10, 0), 60);
	return t >= at(year, 3, sunday(year, 3, 2), 120 - p->minutes) &&
	    t < at(year, 11, sunday(year, 11, 1), 60 - p->minutes);
}

bool
stamp_place_offset(const struct stamp_place *p, const struct when_fields *f,
    int *offset)
{
	struct when_fields x = *f;
	int64_t winter_time, summer_time;
	bool w, s;

	*offset = p->minutes * 60;
	if (p->rule == FIXED)
		return true;
	if (f->year < 2007 || f->year > 2100)
		return false;
	x.offset = p->minutes * 60;
	if (!when_from_fields(&x, &winter_time))
		return false;
	summer_time = winter_time - 3600 * WHEN_SECOND;
	w = !summer(p, f->year, winter_time);
	s = summer(p, f->year, summer_time);
	*offset += s ? 3600 : 0;
	return w != s;
}

/* The places by the first byte of their names, made once. */
struct index {
	uint16_t first[256], next[COUNT_OF(places)]; /* 1-based, 0 ends */
};

static const struct index *
place_index(void)
{
	static struct index x;
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (size_t i = COUNT_OF(places); i-- > 0;) {
			uint8_t c = (uint8_t)*places[i].name;

			x.next[i] = x.first[c];
			x.first[c] = (uint16_t)(i + 1);
		}
		g_once_init_leave(&once, 1);
	}
	return &x;
}

/* Of the names with that first byte, the first in the table. */
static const struct stamp_place *
begins_with(const char *s, const char *end, uint8_t first, size_t *len)
{
	const struct index *x = place_index();

	for (size_t i = x->first[first]; i != 0; i = x->next[i - 1]) {
		const char *name = places[i - 1].name;
		size_t n;

		/* most differ in their second letter too */
		if (end - s < 2 || (s[1] | 32) != (name[1] | 32))
			continue;
		n = strlen(name);
		if ((size_t)(end - s) < n ||
		    (g_ascii_isupper(*name) ? strncmp(s, name, n) :
			g_ascii_strncasecmp(s, name, n)) != 0 ||
		    ((size_t)(end - s) > n && g_ascii_isalnum(s[n]) &&
			g_ascii_isalnum(s[n - 1])))
			continue;
		*len = n;
		return &places[i - 1];
	}
	return NULL;
}

const struct stamp_place *
stamp_place_at(const char *s, const char *end, size_t *len)
{
	const struct stamp_place *p;

	if (s == end)
		return NULL;
	p = begins_with(s, end, (uint8_t)*s, len);
	return p == NULL && g_ascii_isupper(*s) ?
	    begins_with(s, end, (uint8_t)g_ascii_tolower(*s), len) : p;
}

bool
stamp_place(const char *s, const char *end, const struct when_fields *f,
    int *offset, size_t *len)
{
	const char *p = s;
	const struct stamp_place *place;

	while (p < end && p - s < 3 && strchr(" ,([", *p) != NULL)
		p++;
	place = stamp_place_at(p, end, len);
	if (place == NULL || !stamp_place_offset(place, f, offset))
		return false;
	*len += (size_t)(p - s);
	if (p > s && (p[-1] == '(' || p[-1] == '[') && s + *len < end &&
	    (s[*len] == ')' || s[*len] == ']'))
		(*len)++;
	return true;
}
