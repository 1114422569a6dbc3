/*
 * Letters that report nothing, whatever addresses stand in them (plain.h): what
 * asks something of us, invites, warns all the world, sells, thanks for what
 * was done; and those in which no word speaks of anything bad.
 *
 * All of this is said by words, so lines of a log, a form that somebody filled
 * in, or the way of a mail beside them are stronger: they show what happened.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

/* Also one whose program keeps no references, but our number. */
bool
plain_is_reply(const struct reading *r)
{
	return (r->out->references != NULL && r->out->references[0] != NULL) ||
	    r->out->subject_number != DESC_NULL;
}

/* Does nothing but the subject name an address? */
static bool
only_subject(const struct plain *p)
{
	for (guint i = 0; i < p->list->len; i++)
		if (((struct suspect *)p->list->pdata[i])->any > 0)
			return false;
	return true;
}

/* "Re: scan from 192.0.2.1", and "Thanks!" below it: an answer that names
 * nobody anew; or "Your request has come", of a machine. */
static bool
names_nobody(const struct plain *p)
{
	if ((!plain_is_reply(p->r) && !p->r->out->robot) || p->urls->len > 0)
		return false;
	return only_subject(p);
}

/* "On Monday we will ...": is the time one that is still to come? */
static bool
to_come(const struct plain *p, const struct suspect *s)
{
	return s->timed && s->first.time != DESC_NULL &&
	    p->r->out->date != DESC_NULL &&
	    s->first.time > p->r->out->date + WHEN_DAY;
}

/* Does it show what happened? */
static bool
shows(const struct plain *p)
{
	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *s = p->list->pdata[i];

		/* "C2: x, y" is a row, too, and shows nothing */
		if (s->lines > 0 && !to_come(p, s) && (s->timed ||
			s->facts.source_port != DESC_NULL ||
			s->facts.target_port != DESC_NULL))
			return true;
	}
	return p->route != NULL;
}

/* Has somebody filled in a form, "IP: x", or made a list? */
static bool
fills_in(const struct plain *p)
{
	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *s = p->list->pdata[i];

		if (s->formed || s->facts.type != NULL || s->list > 0)
			return true;
	}
	return false;
}

static bool
timed(const struct plain *p)
{
	for (guint i = 0; i < p->list->len; i++)
		if (((struct suspect *)p->list->pdata[i])->timed)
			return true;
	return false;
}

/* A list or a table of which nothing says who did what, when, or how often:
 * "Address  VLAN", "our hosts: Host  Port". */
static bool
lists_only(const struct plain *p)
{
	if (p->columns.n == 0 || p->doc_timed)
		return false;
	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *s = p->list->pdata[i];

		if (s->source > 0 || s->target > 0 || s->timed ||
		    s->facts.count != DESC_NULL)
			return false;
	}
	return true;
}

/* "Re: ..." of a program that keeps no references */
static bool
looks_like_reply(const struct reading *r)
{
	static const char *const marks[] = {"re:", "aw:", "sv:", "antw:",
	    "odp:", "rv:", "res:", "r:", "rif:", "回复:", "答复:", "回复:"};

	for (size_t i = 0; r->out->subject != NULL && i < COUNT_OF(marks); i++)
		if (text_istarts(r->out->subject, marks[i]))
			return true;
	return false;
}

/* An answer in a thread: its subject is that of what was told before. */
static bool
answers_only(const struct plain *p)
{
	struct told own = {0};
	bool reply = plain_is_reply(p->r);

	if ((!reply && !looks_like_reply(p->r)) || shows(p))
		return false;
	own = classify_letter(NULL, p->words->str);
	/* "here is the page that you asked for: hxxp://..." */
	for (guint i = 0; i < p->urls->len; i++)
		if (((struct page *)p->urls->pdata[i])->hit.defanged)
			return false;
	/* what looks like one may be a report, unless nothing bad is told */
	if (!reply && (own.type != NULL || p->urls->len > 0 || !only_subject(p)))
		return false;
	if (own.again || timed(p))
		return false;
	return own.ceased || own.asks || (own.type == NULL && !own.speaks && !fills_in(p));
}

/* Junk is told in the words of junk. */
static bool
of_junk(const struct plain *p, const struct told *w)
{
	if (w->type == NULL || (!g_str_has_prefix(w->type, "abusive-content/") &&
		!g_str_has_prefix(w->type, "fraud/")))
		return false;
	for (guint i = 0; i < p->list->len; i++)
		if (((struct suspect *)p->list->pdata[i])->source > 0)
			return true;
	return false;
}

/* "Before our maintenance I found that x has probed us since ...": who says
 * what was done to him, by whom and when, reports it, whatever else the letter
 * speaks of. */
static bool
tells_deed(const struct plain *p, const struct told *w)
{
	if (w->type == NULL || !w->ours || w->informs || p->r->bulk)
		return false;
	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *s = p->list->pdata[i];

		if (s->source > s->subject && (s->timed || p->doc_timed) &&
		    !s->cidr)
			return true;
	}
	return false;
}

/* Does it say of any address that it did something? */
static bool
accuses(const struct plain *p)
{
	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *s = p->list->pdata[i];

		if (s->source > s->subject)
			return true;
	}
	return p->urls->len > 0;
}

/* "Credentials of your users have leaked": there need not be an address. */
static bool
of_accounts(const struct plain *p, const struct told *w)
{
	return w->yours && !plain_is_reply(p->r) && w->type != NULL &&
	    (strcmp(w->type, "information-content-security/data-leak") == 0 ||
		strcmp(w->type,
		    "intrusions/unprivileged-account-compromise") == 0);
}

bool
plain_silent(const struct plain *p, const struct told *w)
{
	int genre = w->genre + (p->r->bulk ? w->bulk : 0);

	/* "it was cleaned, you wrote, but it attacks us again" */
	if (w->asks && !(w->again && (w->yours || (w->ours && accuses(p))) &&
		w->type != NULL) &&
	    (w->insists || w->ceased || !tells_deed(p, w)))
		return true;
	if (read_receipt(p->r) || (names_nobody(p) && !of_accounts(p, w)) ||
	    answers_only(p))
		return true;
	if (w->announces >= TOLD_GENRE && !shows(p))
		return true;
	/* a router that will be replaced; but "during the maintenance of our
	 * firewall I saw that x scans us" */
	if (w->upkeep && !shows(p) &&
	    !(w->type != NULL && (w->ours || w->wants || p->urls->len > 0) &&
		accuses(p)))
		return true;
	if (genre >= TOLD_GENRE && !shows(p) && !of_junk(p, w) &&
	    !tells_deed(p, w) &&
	    !(w->yours && p->list->len > 0) &&
	    !(w->wants && p->list->len + p->urls->len > 0))
		return true;
	if (p->house && w->type == NULL && !w->speaks && p->cve == NULL)
		return true;
	if (w->type != NULL || w->speaks || shows(p) || p->cve != NULL ||
	    w->known < TOLD_TONGUE)
		return false;
	/* a machine tells its own state in a form, too */
	if (p->r->out->robot)
		return true;
	if (lists_only(p) && !w->yours)
		return true;
	if (fills_in(p) || (plain_is_reply(p->r) && timed(p)))
		return false;
	/* "why does x connect to our port 5060?" */
	return w->house || ((w->whose || !w->yours) &&
	    (!w->ours || !accuses(p)));
}
