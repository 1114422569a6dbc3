/*
 * The object of `tocsinctl inspect` (inspect.h).
 */
#include "base/base.h"
#include "inspect/read.h"

static void
put_parts(struct json_out *w, const struct inspection *in, bool texts)
{
	json_key(w, "parts");
	json_begin(w, '[');
	for (size_t i = 0; i < in->parts.n; i++) {
		const struct inspect_part *p =
		    LIST_AT(inspect_part, in->parts, i);

		json_begin(w, '{');
		json_text(w, "path", p->path);
		json_text(w, "type", p->type);
		json_text(w, "charset", p->charset);
		json_int(w, "size", p->size);
		json_text(w, "filename", p->filename);
		if (texts)
			json_text(w, "text",
			    in->part_texts != NULL ? in->part_texts[i] : NULL);
		json_end(w, '}');
	}
	json_end(w, ']');
}

static void
put_list(struct json_out *w, const char *key, const struct desc *d,
    const struct list *l)
{
	json_key(w, key);
	json_put_list(w, d, l);
}

static void
put_returned(struct json_out *w, const struct inspect_returned *t)
{
	json_key(w, "returned");
	if (t->message_id == NULL && t->list_id == NULL &&
	    t->envelope_from == NULL && t->to == NULL)
		json_put_null(w);
	else
		json_put_struct(w, &desc_inspect_returned, t);
}

static void
put_crypto(struct json_out *w, const struct inspection *in)
{
	json_text(w, "crypto", in->crypto != NULL ? in->crypto : "none");
	json_text(w, "outer_subject", in->outer_subject);
	put_list(w, "seals", &desc_inspect_seal, &in->seals);
	put_list(w, "signatures", &desc_inspect_signature, &in->signatures);
}

void
inspect_crypto_to_json(const struct inspection *in, GString *out)
{
	struct json_out w = json_out(out);

	json_begin(&w, '{');
	put_crypto(&w, in);
	json_end(&w, '}');
}

void
inspect_to_json(const struct inspection *in, bool texts, GString *out)
{
	struct json_out w = json_out(out);

	json_begin(&w, '{');
	json_text(&w, "format", in->format);
	json_text(&w, "recognised", in->recognised);
	json_bool(&w, "robot", in->robot);
	json_bool(&w, "may_reply", in->may_reply);
	json_text(&w, "message_id", in->message_id);
	json_text(&w, "from", in->from);
	json_text(&w, "subject", in->subject);
	json_text(&w, "sha256", in->sha256);
	json_int(&w, "size", in->size);
	put_list(&w, "events", &desc_inspect_event, &in->events);
	put_list(&w, "bounces", &desc_inspect_bounce, &in->bounces);
	put_returned(&w, &in->returned);
	put_list(&w, "observables", &desc_inspect_observable,
	    &in->observables);
	put_parts(&w, in, texts);
	json_key(&w, "defects");
	json_begin(&w, '[');
	for (size_t i = 0; i < in->defects.n; i++)
		json_put_text(&w,
		    LIST_AT(inspect_defect, in->defects, i)->text);
	json_end(&w, ']');
	put_crypto(&w, in);
	json_end(&w, '}');
}

bool
inspect_encrypted(const struct inspection *in)
{
	for (size_t i = 0; i < in->seals.n; i++)
		if (strcmp(LIST_AT(inspect_seal, in->seals, i)->state,
			"signed") != 0)
			return true;
	return false;
}

void
inspect_set_crypto(struct inspection *in)
{
	bool encrypted = inspect_encrypted(in), is_signed = false;

	for (size_t i = 0; i < in->seals.n; i++)
		is_signed |= strcmp(LIST_AT(inspect_seal, in->seals, i)
		    ->state, "signed") == 0;
	is_signed |= in->signatures.n > 0;
	in->crypto = encrypted && is_signed ? "encrypted-signed"
	    : encrypted			    ? "encrypted"
	    : is_signed			    ? "signed"
					    : "none";
}

DESC_TABLE(inspect_event, INSPECT_EVENT);
DESC_TABLE(inspect_seal, INSPECT_SEAL);
DESC_TABLE(inspect_signature, INSPECT_SIGNATURE);
DESC_TABLE(inspect_bounce, INSPECT_BOUNCE);
DESC_TABLE(inspect_returned, INSPECT_RETURNED);
DESC_TABLE(inspect_observable, INSPECT_OBSERVABLE);
DESC_TABLE(inspect_part, INSPECT_PART);
DESC_TABLE(inspect_defect, INSPECT_DEFECT);
