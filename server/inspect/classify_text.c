/*
 * What kind of incident a letter tells, by its words (read.h): those that name
 * a type, and two ideas near each other, "tried" and "our passwords"; and
 * what kind of letter it is (classify_letters.def).
 */
#include "base/base.h"
#include "inspect/classify_types.h"
#include "inspect/read.h"

/* What the words of classify_ideas.def tell. */
enum idea {
	NO_IDEA,
	TRY, LOGIN, PASSWORD, ACCOUNT_OF, GOT_IN, WORK, RIGHTS, PRETEND, MONEY,
	NO_GOODS, OFFLINE, TRAFFIC, PORTS, MANY, SEEK, HOLES, SITE, FOUL,
	PERSONAL, OPEN, NASTY, LETTERS, UNWANTED, TALKS, MASTER, ASKS, SERVES,
	MULTIPLY, REDIRECT, CRAWL, SICK, MACHINE, A_FILE, OLD, VERSION,
	WE_RUN, ASKING, LOOT, SPREADS, ATTACKS,
	WEAK_SPOT,
	IDEAS
};

static const struct {
	const char *word, *type;
	uint8_t weight, idea;
} words[] = {
#define WORD(word, type, weight) {word, type, weight, NO_IDEA},
#define IDEA(word, idea) {word, NULL, 0, idea},
#include "inspect/classify_words.def"
#include "inspect/classify_tongues.def"
#include "inspect/classify_people.def"
#include "inspect/classify_machines.def"
#include "inspect/classify_deeds.def"
#include "inspect/classify_ideas.def"
#include "inspect/classify_ideas_hosts.def"
#include "inspect/classify_ideas_people.def"
#include "inspect/classify_ideas_north.def"
#include "inspect/classify_letters.def"
#include "inspect/classify_says.def"
#undef IDEA
#undef WORD
};

static const struct {
	enum idea one, other;
	const char *type;
	int weight;
} pairs[] = {
#define PAIR(one, other, type, weight) {one, other, type, weight},
#include "inspect/classify_pairs.def"
#undef PAIR
};

enum { SUBJECT_WEIGHT = 4, HITS_MAX = 4, LOOK_AT = 32768, BUCKETS = 4096,
	NEAR = 110, PAIR_HITS_MAX = 2, FOUND_MAX = 256,
	CLEAR = 6 /* what a letter says, whatever word is in its subject */ };

/* Words by their first bytes, made once, so that a text is gone through
 * once. */
struct index {
	uint16_t first[BUCKETS], next[COUNT_OF(words)]; /* 1-based, 0 ends */
};

/* By three bytes: no word has fewer. */
static inline size_t
bucket_of(const char *s)
{
	return s[1] == '\0' ? 0 : ((size_t)(uint8_t)s[0] * 317 +
	    (size_t)(uint8_t)s[1] * 37 + (size_t)(uint8_t)s[2] * 5) % BUCKETS;
}

static const struct index *
word_index(void)
{
	static struct index x;
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (size_t i = COUNT_OF(words); i-- > 0;) {
			size_t b = bucket_of(words[i].word);

			x.next[i] = x.first[b];
			x.first[b] = (uint16_t)(i + 1);
		}
		g_once_init_leave(&once, 1);
	}
	return &x;
}

/* What a text was found to hold. */
struct hits {
	uint8_t words[COUNT_OF(words)];
	uint8_t pairs[COUNT_OF(pairs)];
	const char *at[IDEAS];   /* where each was told last */
};

/* The idea is told at p: with which others? */
static void
note(struct hits *x, enum idea idea, const char *p, int most)
{
	x->at[idea] = p;
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		enum idea other = pairs[i].one == idea ? pairs[i].other :
		    pairs[i].other == idea ? pairs[i].one : NO_IDEA;

		if (other != NO_IDEA && x->at[other] != NULL &&
		    p - x->at[other] < NEAR && x->pairs[i] < most) {
			x->pairs[i]++;
			/* it is told anew before it counts again */
			x->at[other] = NULL;
		}
	}
}

/* Adds the hits of a lower-case text.  A word counts from its start on
 * ("cube" is no "ube"); a short one has to end there too.  Scripts without
 * blanks have no start. */
static void
count(const struct index *x, const char *text, struct hits *hits, int most)
{
	bool inside = false;

	for (const char *p = text; *p != '\0'; p++) {
		if (!inside || (*p & 0x80) != 0)
			for (size_t i = x->first[bucket_of(p)]; i != 0;
			    i = x->next[i - 1]) {
				const char *w = words[i - 1].word;
				size_t n;

				for (n = 0; w[n] != '\0' && w[n] == p[n]; n++)
					;
				if (w[n] != '\0' ||
				    (n <= 4 && w[n - 1] != ' ' &&
					g_ascii_isalpha(p[n])))
					continue;
				if (words[i - 1].idea != NO_IDEA)
					note(hits, words[i - 1].idea, p,
					    PAIR_HITS_MAX);
				else if (hits->words[i - 1] < most)
					hits->words[i - 1]++;
			}
		inside = g_ascii_isalpha(*p);
	}
}

/* In lower case, and a word may be broken at the end of a line. */
static const char *
one_line(struct arena *a, const char *s, size_t n)
{
	char *low = read_lower(a, s, n);

	for (char *p = low; (p = strpbrk(p, "\n\t\r")) != NULL; p++)
		*p = ' ';
	return low;
}

/* What was found, with its score, and how much of that the text has. */
struct tally {
	const char *type;
	int score, in_text;
};

/* What was found of the words that name no type. */
static void
tell(const struct tally *t, int once, struct told *out)
{
	switch (t->type[1]) {
	case 'g':
		out->genre += once;
		break;
	case 'n':
		out->announces += once;
		break;
	case 'b':
		out->bulk += once;
		break;
	case 's':
		out->speaks = true;
		break;
	case 'k':
		out->known += t->score;
		break;
	case 'i':
		out->informs = true;
		break;
	case 'w':
		out->wants = true;
		break;
	case 'o':
		out->ours = true;
		break;
	case 'h':
		out->house = true;
		break;
	case 'y':
		out->yours = true;
		break;
	case 'c':
		out->ceased = true;
		break;
	case 'a':
		out->again = true;
		break;
	}
}

/* Two sides of one thing, which a letter may mix up: then its subject decides,
 * as it does on what is weak and was used for an attack.  told: the letter
 * speaks of the subject's type, too. */
static bool
akin(const char *subject, int score, bool told, const char *letter)
{
	size_t n = strcspn(subject, "/");

	/* "intrusion attempt" may be any of the others */
	if (strcmp(subject, IDS) == 0 && score <= 2 * SUBJECT_WEIGHT)
		return false;
	/* and "malware" be where it lies, whom it caught, who steers it */
	if (strcmp(subject, MALWARE) == 0 && !told)
		return false;
	return strncmp(subject, letter, n + 1) == 0 ||
	    (g_str_has_prefix(subject, "intrusion-attempts/") &&
		strcmp(letter, SCAN) == 0) ||
	    (strcmp(subject, SYSTEM) == 0 && strcmp(letter, INFECTED) == 0) ||
	    (g_str_has_prefix(subject, "vulnerable/") &&
		strcmp(letter, LEAK) != 0);
}

struct told
classify_letter(const char *subject, const char *text)
{
	ARENA_AUTO(a, "classify");
	struct hits in_subject = {0}, in_text = {0};
	struct tally found[FOUND_MAX];
	struct told out = {0};
	const struct index *x = word_index();
	size_t n = 0;
	int top = 0, told = 0, clear = 0, asks = 0;
	const char *letter = NULL;
	bool many = false;

	if (subject != NULL)
		count(x, one_line(a, subject, strlen(subject)), &in_subject, 1);
	if (text != NULL)
		count(x, one_line(a, text, MIN(strlen(text), LOOK_AT)),
		    &in_text, HITS_MAX);
	for (size_t i = 0; i < COUNT_OF(words) && n < FOUND_MAX; i++) {
		if (in_subject.words[i] + in_text.words[i] == 0)
			continue;
		found[n] = (struct tally){words[i].type, words[i].weight *
			(in_text.words[i] + SUBJECT_WEIGHT *
				in_subject.words[i]),
			words[i].weight * in_text.words[i]};
		if (*words[i].type == '-')
			tell(&found[n], words[i].weight, &out);
		else
			n++;
	}
	for (size_t i = 0; i < COUNT_OF(pairs) && n < FOUND_MAX; i++) {
		if (in_subject.pairs[i] + in_text.pairs[i] == 0)
			continue;
		found[n] = (struct tally){pairs[i].type, pairs[i].weight *
			(in_text.pairs[i] + in_subject.pairs[i]),
			pairs[i].weight * in_text.pairs[i]};
		if (*pairs[i].type == '-')
			tell(&found[n], pairs[i].weight, &out);
		else
			n++;
	}
	for (size_t i = 0; i < n; i++) {
		int score = 0, text_score = 0;

		for (size_t k = 0; k < n; k++)
			if (strcmp(found[k].type, found[i].type) == 0) {
				score += found[k].score;
				text_score += found[k].in_text;
			}
		if (*found[i].type == '\0') {
			asks = score;
			continue;
		}
		if (score > top) {
			top = score;
			told = text_score;
			out.type = found[i].type;
		}
		/* a flood of many is one, too */
		many |= text_score >= CLEAR && strcmp(found[i].type, DDOS) == 0;
		if (text_score > clear) {
			clear = text_score;
			letter = found[i].type;
		}
	}
	if (out.type != NULL && told * 2 <= clear && clear >= CLEAR &&
	    !akin(out.type, top, told > 0, letter))
		out.type = letter;
	if (many && strcmp(out.type, DOS) == 0)
		out.type = DDOS;
	out.asks = asks > top;
	return out;
}

const char *
classify_text(const char *subject, const char *text)
{
	struct told x = classify_letter(subject, text);

	return x.asks ? NULL : x.type;
}
