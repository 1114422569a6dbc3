/* See setup.h. */
#include "base/base.h"
#include "http/view.h"
#include "main/setup.h"

#include <errno.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
setup_share_dir(struct arena *a, const struct conf *c)
{
	static const char *const places[] = {PKGDATADIR, SRCDIR};

	if (*c->site_share_dir != '\0')
		return c->site_share_dir;
	/* A program run from its own build tree wants that tree's files. */
	for (size_t i = COUNT_OF(places); i-- > 0;) {
		const char *probe =
		    arena_printf(a, "%s/templates/page", places[i]);

		if (access(probe, R_OK) == 0)
			return places[i];
	}
	return PKGDATADIR;
}

static void
free_templates(void *p)
{
	tmpl_free(p);
}

static bool
load_templates(struct arena *a, struct site *s, GError **err)
{
	const struct conf *c = s->conf;
	struct tmpl_set *set;

	set = tmpl_load(
	    arena_printf(a, "%s/templates", setup_share_dir(a, c)),
	    *c->site_template_dir != '\0' ? c->site_template_dir : NULL,
	    views_all, err);
	if (set == NULL)
		return false;
	arena_defer(a, free_templates, set);
	s->tmpl = set;
	return true;
}

bool
setup_known(struct arena *a, const struct conf *c,
    const struct recognisers **out, GError **err)
{
	return recognise_load(a,
	    arena_printf(a, "%s/templates/recognise", setup_share_dir(a, c)),
	    *c->site_template_dir != '\0' ?
		arena_printf(a, "%s/recognise", c->site_template_dir) : NULL,
	    out, err);
}

static bool
load_calendar(struct arena *a, struct site *s, GError **err)
{
	const struct conf *c = s->conf;

	return calendar_load(a, c->desk_hours,
	    arena_printf(a, "%s/templates/calendar", setup_share_dir(a, c)),
	    *c->site_template_dir != '\0' ?
		arena_printf(a, "%s/calendar", c->site_template_dir) : NULL,
	    &s->calendar, err);
}

bool
setup_site(struct arena *a, const char *conf_path, bool with_templates,
    bool make_key, struct site *out, GError **err)
{
	struct site s = {0};
	const char *key;

	if (!conf_load(a, conf_path, &s.conf, err))
		return false;
	if (make_key && g_mkdir_with_parents(s.conf->site_state_dir, 0700) != 0)
		return fault_set(err, FAULT_INPUT,
		    "The state folder %s cannot be made: %s",
		    s.conf->site_state_dir, g_strerror(errno));
	key = arena_printf(a, "%s/site.key", s.conf->site_state_dir);
	if (!secret_key_load(key, make_key, &s.key, err))
		return false;
	if (with_templates && !load_templates(a, &s, err))
		return false;
	if (!setup_known(a, s.conf, &s.known, err) ||
	    !load_calendar(a, &s, err))
		return false;
	*out = s;
	return true;
}

void
setup_memory(void)
{
	/* A dozen threads with an arena each would keep what one large mail
	 * needed; and a fixed threshold keeps large blocks out of the heap,
	 * so that freeing them gives them back. */
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_TRIM_THRESHOLD, 256 * 1024);
}
