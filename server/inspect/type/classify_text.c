/*
 * What kind of incident a letter tells, by its words (read.h): those that name
 * a type, and two ideas near each other, "tried" and "our passwords"; and
 * what kind of letter it is (classify_letters.def).
 */
#include "base/base.h"
#include "inspect/read.h"
#include "inspect/type/classify_types.h"

/* What the words of classify_ideas.def tell. */
enum idea {
	NO_IDEA,
	TRY, LOGIN, PASSWORD, ACCOUNT_OF, GOT_IN, WORK, RIGHTS, PRETEND, MONEY,
	NO_GOODS, OFFLINE, TRAFFIC, PORTS, MANY, SEEK, HOLES, SITE, FOUL,
	PERSONAL, OPEN, NASTY, LETTERS, UNWANTED, TALKS, MASTER, ASKS, SERVES,
	MULTIPLY, REDIRECT, CRAWL, SICK, MACHINE, A_FILE, OLD, VERSION,
	WE_RUN, ASKING, LOOT, SPREADS, ATTACKS,
	WEAK_SPOT, STOLEN, UPLOADS, HOST, SECRET, CALLS, ORDERS, BOTS, TALKS_TO,
	BROKEN, CMS, ROUTES, WITHDRAW,
	IDEAS
};

static const struct {
	const char *word, *type;
	uint8_t weight, idea;
} words[] = {
#define WORD(word, type, weight) {word, type, weight, NO_IDEA},
#define IDEA(word, idea) {word, NULL, 0, idea},
#include "inspect/type/classify_words.def"
#include "inspect/type/classify_tongues.def"
#include "inspect/type/classify_people.def"
#include "inspect/type/classify_free.def"
#include "inspect/type/classify_machines.def"
#include "inspect/type/classify_deeds.def"
#include "inspect/type/classify_ideas.def"
#include "inspect/type/classify_ideas_hosts.def"
#include "inspect/type/classify_ideas_people.def"
#include "inspect/type/classify_ideas_north.def"
#include "inspect/type/classify_letters.def"
#include "inspect/type/classify_says.def"
#include "inspect/type/classify_quiet.def"
#undef IDEA
#undef WORD
};

static const struct {
	enum idea one, other;
	const char *type;
	int weight;
} pairs[] = {
#define PAIR(one, other, type, weight) {one, other, type, weight},
#include "inspect/type/classify_pairs.def"
#undef PAIR
};

enum { SUBJECT_WEIGHT = 4, HITS_MAX = 4, LOOK_AT = 32768,
	BUCKET_BITS = 13, BUCKETS = 1 << BUCKET_BITS,
	NEAR = 110, PAIR_HITS_MAX = 2, FOUND_MAX = 256,
	CLEAR = 6, /* what a letter says, whatever word is in its subject */
	TOLD = 4 /* the same, of a subject that says no more than "attack" */ };

/* A bit for each word. */
enum { SEEN_BITS = (COUNT_OF(words) + 63) / 64 * 64 };

/* Words by their first bytes, made once, so that a text is gone through once.
 * What a bucket holds stands side by side, with the bytes that tell most of
 * it apart: the words themselves are all over the memory. */
struct index {
	struct entry {
		uint32_t head; /* the first four bytes */
		uint16_t word;
	} all[COUNT_OF(words)];
	uint16_t first[BUCKETS + 1]; /* of a bucket; its end is the next's */
	/* The pairs that an idea is in, by idea. */
	uint16_t pair[2 * COUNT_OF(pairs)], first_pair[IDEAS + 1];
};

/* Of four bytes, or of three and 0. */
static inline uint32_t
head_of(const char *s, char fourth)
{
	const char bytes[4] = {s[0], s[1], s[2], fourth};
	uint32_t h;

	memcpy(&h, bytes, sizeof(h));
	return h;
}

static inline size_t
bucket_of(uint32_t head)
{
	return head * UINT32_C(2654435761) >> (32 - BUCKET_BITS);
}

static bool
pair_has(size_t i, size_t idea)
{
	return pairs[i].one == idea || pairs[i].other == idea;
}

static void
index_pairs(struct index *x)
{
	uint16_t n = 0;

	for (size_t idea = 0; idea < IDEAS; idea++) {
		x->first_pair[idea] = n;
		for (size_t i = 0; i < COUNT_OF(pairs); i++)
			if (pair_has(i, idea))
				x->pair[n++] = (uint16_t)i;
	}
	x->first_pair[IDEAS] = n;
}

/* No word has fewer than three bytes. */
static void
index_words(struct index *x)
{
	uint16_t n = 0;

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		const char *w = words[i].word;

		g_assert(w[0] != '\0' && w[1] != '\0' && w[2] != '\0');
		x->first[bucket_of(head_of(w, w[3]))]++;
	}
	for (size_t b = 0; b < BUCKETS; b++) {
		n = (uint16_t)(n + x->first[b]);
		x->first[b] = n;
	}
	x->first[BUCKETS] = n;
	for (size_t i = COUNT_OF(words); i-- > 0;) {
		uint32_t h = head_of(words[i].word, words[i].word[3]);

		x->all[--x->first[bucket_of(h)]] =
		    (struct entry){h, (uint16_t)i};
	}
}

static const struct index *
word_index(void)
{
	static struct index x;
	static gsize once;

	if (g_once_init_enter(&once)) {
		index_words(&x);
		index_pairs(&x);
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
note(const struct index *x, struct hits *hits, enum idea idea, const char *p,
    int most)
{
	hits->at[idea] = p;
	for (size_t k = x->first_pair[idea]; k < x->first_pair[idea + 1]; k++) {
		size_t i = x->pair[k];
		enum idea other = pairs[i].one == idea ? pairs[i].other :
		    pairs[i].one;

		if (hits->at[other] != NULL && p - hits->at[other] < NEAR &&
		    hits->pairs[i] < most) {
			hits->pairs[i]++;
			/* it is told anew before it counts again */
			hits->at[other] = NULL;
		}
	}
}

/* The word, whose head is there, at p?  A short one has to end there too. */
static bool
is_word(const char *w, const char *p)
{
	size_t n = 3;

	while (w[n] != '\0' && w[n] == p[n])
		n++;
	return w[n] == '\0' &&
	    (n > 4 || w[n - 1] == ' ' || !g_ascii_isalpha(p[n]));
}

/* "Once this is solved, please answer": of an end that is only hoped for. */
static bool
if_ever(const char *text, const char *p)
{
	static const char *const ifs[] = {"if", "once", "when", "until",
	    "unless", "whether", "wenn", "sobald", "falls", "sollte",
	    "sollten", "bis", "si", "lorsque", "quand", "cuando", "quando",
	    "zodra", "indien", "jeśli", "gdy", "pokud", "если", "когда"};

	/* within its clause */
	while (p > text && strchr(".,;:!?", p[-1]) == NULL) {
		const char *end = p, *w;

		while (p > text && (g_ascii_isalnum(p[-1]) ||
			(p[-1] & 0x80) != 0))
			p--;
		w = p;
		for (size_t i = 0; w < end && i < COUNT_OF(ifs); i++)
			if (strlen(ifs[i]) == (size_t)(end - w) &&
			    strncmp(ifs[i], w, (size_t)(end - w)) == 0)
				return true;
		if (p > text && p == end)
			p--;
	}
	return false;
}

/* Which words have the head that stands at p, and begin there. */
static void
count_head(const struct index *x, uint32_t head, const char *text,
    const char *p, struct hits *hits, uint64_t *seen, int most)
{
	size_t b = bucket_of(head);

	for (size_t k = x->first[b]; k < x->first[b + 1]; k++) {
		size_t i = x->all[k].word;

		if (x->all[k].head != head || !is_word(words[i].word, p))
			continue;
		if (words[i].type != NULL && *words[i].type == '\0' &&
		    if_ever(text, p))
			continue;
		if (words[i].idea != NO_IDEA)
			note(x, hits, words[i].idea, p, PAIR_HITS_MAX);
		else if (hits->words[i] < most)
			hits->words[i]++;
		seen[i / 64] |= UINT64_C(1) << i % 64;
	}
}

/* Adds the hits of a lower-case text, and which words they are.  A word counts
 * from its start on ("cube" is no "ube").  Scripts without blanks have no
 * start. */
static void
count(const struct index *x, const char *text, struct hits *hits,
    uint64_t *seen, int most)
{
	bool inside = false;

	for (const char *p = text; p[0] != '\0' && p[1] != '\0' &&
	    p[2] != '\0'; p++) {
		if (!inside || (*p & 0x80) != 0) {
			count_head(x, head_of(p, '\0'), text, p, hits, seen,
			    most);
			if (p[3] != '\0')
				count_head(x, head_of(p, p[3]), text, p, hits,
				    seen, most);
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

/* The first word of them from i on. */
static size_t
next_seen(const uint64_t *seen, size_t i)
{
	for (uint64_t rest; i < SEEN_BITS; i = (i / 64 + 1) * 64) {
		rest = seen[i / 64] >> i % 64;
		if (rest != 0)
			return i + (size_t)__builtin_ctzll(rest);
	}
	return i;
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
	case 'u':
		out->users = true;
		break;
	case 'm':
		out->upkeep = true;
		break;
	case 'q':
		out->whose = true;
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
	/* who pretends to be another may do so to phish */
	if (strcmp(subject, MASQ) == 0 && strcmp(letter, PHISH) == 0)
		return false;
	return strncmp(subject, letter, n + 1) == 0 ||
	    (g_str_has_prefix(subject, "intrusion-attempts/") &&
		strcmp(letter, SCAN) == 0) ||
	    (strcmp(subject, SYSTEM) == 0 && strcmp(letter, INFECTED) == 0) ||
	    (g_str_has_prefix(subject, "vulnerable/") &&
		strcmp(letter, LEAK) != 0);
}

/* The score of the type comes back, too. */
static struct told
tell_letter(struct arena *a, const char *subject, const char *text, int *best)
{
	struct hits in_subject = {0}, in_text = {0};
	struct tally found[FOUND_MAX];
	struct told out = {0};
	const struct index *x = word_index();
	uint64_t seen[SEEN_BITS / 64] = {0};
	size_t n = 0;
	int top = 0, told = 0, clear = 0, asks = 0, insists = 0;
	const char *letter = NULL;
	bool many = false;

	if (subject != NULL)
		count(x, one_line(a, subject, strlen(subject)), &in_subject,
		    seen, 1);
	if (text != NULL)
		count(x, one_line(a, text, MIN(strlen(text), LOOK_AT)),
		    &in_text, seen, HITS_MAX);
	for (size_t i = next_seen(seen, 0); i < COUNT_OF(words) &&
	    n < FOUND_MAX; i = next_seen(seen, i + 1)) {
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
			insists = text_score;
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
	/* "Intrusion attempts": which, the letter says */
	if (out.type != NULL && strcmp(out.type, IDS) == 0 && letter != NULL &&
	    top <= 2 * SUBJECT_WEIGHT && clear >= TOLD)
		out.type = letter;
	else if (out.type != NULL && told * 2 <= clear && clear >= CLEAR &&
	    !akin(out.type, top, told > 0, letter))
		out.type = letter;
	if (many && strcmp(out.type, DOS) == 0)
		out.type = DDOS;
	out.asks = asks > top;
	out.insists = insists > clear;
	*best = top;
	return out;
}

/* "Most likely the machine has been compromised": what somebody guesses, who
 * was scanned by it, is not what he reports. */
struct told
classify_letter(const char *subject, const char *text)
{
	ARENA_AUTO(a, "classify");
	int best, sure;
	struct told out = tell_letter(a, subject, text, &best), rest = {0};
	const char *said = classify_state(out.type) ?
	    classify_sure(a, text) : NULL;

	if (said == NULL)
		return out;
	rest = tell_letter(a, subject, said, &sure);
	/* a page or a file of malware is no state either, but a word of it
	 * stands beside every infection */
	if (sure >= CLEAR && (classify_deed(rest.type) ||
		(rest.type != NULL && strcmp(rest.type, MALWARE) == 0 &&
		    strcmp(out.type, INFECTED) != 0)))
		out.type = rest.type;
	return out;
}

const char *
classify_text(const char *subject, const char *text)
{
	struct told x = classify_letter(subject, text);

	return x.asks ? NULL : x.type;
}
