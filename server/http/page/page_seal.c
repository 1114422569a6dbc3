/* See page_seal.h. */
#include "base/base.h"
#include "http/page/page_seal.h"

#include "base/conf.h"
#include "base/text.h"
#include "http/form.h"

DESC_TABLE(seal_choice, SEAL_CHOICE);

enum { KEY_ID = 16, TOLD_MAX = 20 };

/* What a value of a setting is called on the form. */
struct word {
	const char *set, *words;
};
static const struct word sign_words[] = {
    {"off", "As usual: not signed"},
    {"notices", "As usual: signed"},
    {"all", "As usual: signed"},
};
static const struct word encrypt_words[] = {
    {"off", "As usual: not encrypted"},
    {"possible", "As usual: if everybody has a key"},
    {"red", "As usual: if everybody has a key; TLP:RED always"},
};

#define WORDS_OF(table, value) words_of(table, COUNT_OF(table), value)
static const char *
words_of(const struct word *rows, size_t n, const char *set)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].set, set) == 0)
			return rows[i].words;
	return "As usual";
}

static enum sealing_wish
wish(struct req *r, const char *field)
{
	const char *s = form_get(r, field);

	if (*s == '\0')
		return SEALING_AS_SET;
	if (strcmp(s, "yes") == 0 || strcmp(s, "true") == 0)
		return SEALING_YES;
	if (strcmp(s, "no") == 0 || strcmp(s, "false") == 0)
		return SEALING_NO;
	form_error(r, field, "Say yes or no, or leave it out.");
	return SEALING_AS_SET;
}

struct sealing_choice
seal_chosen(struct req *r)
{
	return (struct sealing_choice){wish(r, "sign"), wish(r, "encrypt")};
}

bool
seal_refused(struct req *r, const GError *why)
{
	if (r->face != FACE_PAGE || r->site->sealer == NULL ||
	    !(fault_is(why, FAULT_INPUT) || fault_is(why, FAULT_AWAY)))
		return false;
	form_error(r, "encrypt", "%s", why->message);
	return true;
}

static bool
tell_keys(struct req *r, const char *to, const char **told, GError **err)
{
	g_auto(GStrv) words = g_strsplit_set(to, ",; ", -1);
	GPtrArray *list = arena_ptr_array(r->a);
	GString *s = arena_gstring(r->a);
	struct list keys;

	for (size_t i = 0; words[i] != NULL && list->len < TOLD_MAX; i++)
		if (*words[i] != '\0')
			g_ptr_array_add(list, arena_strdup(r->a, words[i]));
	g_ptr_array_add(list, NULL);
	if (!sealing_keys(r->db, r->a, (const char *const *)list->pdata,
		&keys, err))
		return false;
	for (size_t i = 0; i < keys.n; i++) {
		const struct sealing_key *k = LIST_AT(sealing_key, keys, i);
		size_t n = k->fingerprint != NULL ? strlen(k->fingerprint) : 0;

		g_string_append_printf(s, "%s%s: ", i > 0 ? "; " : "",
		    k->address);
		if (n > KEY_ID)
			g_string_append_printf(s, "key %s, %s",
			    k->fingerprint + n - KEY_ID, k->state);
		else
			g_string_append(s, "no key");
	}
	*told = s->len > 0 ? s->str : NULL;
	return true;
}

bool
seal_choice_view(struct req *r, const char *form, const char *to, bool chosen,
    struct seal_choice **out, GError **err)
{
	struct seal_choice *v = ARENA_NEW(r->a, struct seal_choice);
	const struct conf *c = r->site->conf;

	*out = NULL;
	if (r->site->sealer == NULL)
		return true;
	v->form = form;
	v->sign_set = WORDS_OF(sign_words, c->pgp_sign);
	v->encrypt_set = WORDS_OF(encrypt_words, c->pgp_encrypt);
	if (to != NULL && !tell_keys(r, to, &v->keys, err))
		return false;
	if (chosen) {
		v->sign_yes = form_is(r, "sign", "yes");
		v->sign_no = form_is(r, "sign", "no");
		v->encrypt_yes = form_is(r, "encrypt", "yes");
		v->encrypt_no = form_is(r, "encrypt", "no");
		v->wrong = form_error_of(r, "encrypt") != NULL;
	}
	*out = v;
	return true;
}
