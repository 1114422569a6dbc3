/*
 * What is reported of whom, and events of the pages that a letter is about
 * (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

enum { PAGE_ROW_MAX = 300 };

bool
plain_about_pages(const char *type)
{
	static const char *const types[] = {"fraud/", "vulnerable/",
	    "malicious-code/malware-distribution",
	    "intrusions/application-compromise",
	    "information-content-security/"};

	for (size_t i = 0; type != NULL && i < COUNT_OF(types); i++)
		if (g_str_has_prefix(type, types[i]))
			return true;
	return false;
}

bool
plain_about_machines(const char *type)
{
	return type != NULL && (g_str_has_prefix(type, "intrusion-attempts/") ||
	    g_str_has_prefix(type, "availability/") ||
	    strcmp(type, "information-gathering/scanner") == 0 ||
	    strcmp(type, "malicious-code/infected-system") == 0);
}

bool
plain_about_users(const char *type)
{
	return type != NULL && (strcmp(type,
		"intrusions/unprivileged-account-compromise") == 0 ||
	    strcmp(type, "information-content-security/data-leak") == 0 ||
	    strcmp(type, "abusive-content/harmful-speech") == 0 ||
	    strcmp(type, "abusive-content/violence") == 0);
}

bool
plain_about_letters(const char *type)
{
	return type != NULL && (strcmp(type, "fraud/phishing") == 0 ||
	    strcmp(type, "abusive-content/spam") == 0 ||
	    strcmp(type, "malicious-code/malware-distribution") == 0);
}

void
plain_pages(struct plain *p)
{
	for (guint i = 0; i < p->urls->len; i++) {
		const struct page *page = p->urls->pdata[i];
		const struct scan_hit *h = &page->hit;
		struct inspect_event *e;
		struct net n;
		bool known = false;

		for (guint k = 0; k < i; k++)
			known |= strcmp(((struct page *)p->urls->pdata[k])
			    ->hit.host, h->host) == 0;
		if (known)
			continue;
		e = read_event(p->r, p->part);
		e->url = h->value;
		if (net_parse_host(h->host, &n))
			e->source_ip = net_text(p->r->a, &n);
		else
			e->domain = h->host;
		e->cve = p->cves == 1 ? p->cve : NULL;
		e->reporter_ref = p->r->out->their_ref;
		if (page->timed)
			plain_time(p, &page->st, page->given, e);
		else if (p->doc_timed)
			plain_time(p, &p->doc, p->doc_given, e);
	}
}

void
plain_pages_beside(struct plain *p, guint from)
{
	for (guint i = from; i < p->urls->len; i++) {
		const struct page *page = p->urls->pdata[i];
		struct inspect_event *e;
		const char *type;
		struct net n;

		if (!net_parse_host(page->hit.host, &n) || page->row == NULL ||
		    g_hash_table_contains(p->by_ip, net_text(p->r->a, &n)))
			continue;
		type = classify_text(NULL, text_cut(p->r->a, arena_strndup(
			p->r->a, page->row, page->row_n), PAGE_ROW_MAX));
		if (!plain_about_pages(type))
			continue;
		e = read_event(p->r, p->part);
		e->type = type;
		e->url = page->hit.value;
		e->source_ip = net_text(p->r->a, &n);
		e->reporter_ref = p->r->out->their_ref;
		if (page->timed)
			plain_time(p, &page->st, page->given, e);
	}
}

bool
plain_serves(const struct inspect_event *e)
{
	const char *host = strstr(e->url, "://");
	size_t n = strlen(e->source_ip);

	return host != NULL && strncmp(host + 3, e->source_ip, n) == 0 &&
	    (host[3 + n] == '/' || host[3 + n] == ':');
}

bool
plain_programs(const struct plain *p)
{
	static const char *const ends[] = {".exe", ".apk", ".scr", ".msi",
	    ".dll", ".elf", ".vbs", ".hta", ".ps1", ".bat", ".jar", ".iso",
	    ".lnk", ".docm", ".xlsm"};

	for (guint i = 0; i < p->urls->len; i++) {
		const struct page *page = p->urls->pdata[i];

		for (size_t k = 0; page->hit.value != NULL &&
		     k < COUNT_OF(ends); k++)
			if (text_iends(page->hit.value, ends[k]))
				return true;
	}
	return false;
}
