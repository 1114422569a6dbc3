/*
 * What both programs do first: settings, key, templates, folders.
 */
#ifndef MAIN_SETUP_H
#define MAIN_SETUP_H

#include "core/site.h"

/* The folder that holds templates/ and web/: conf site_share_dir, else the
 * installed one, else the source tree that this program was built from. */
const char *setup_share_dir(struct arena *a, const struct conf *c);

/* The recognisers of templates/recognise, and of the site's folder. */
bool setup_known(struct arena *a, const struct conf *c,
    const struct recognisers **out, GError **err);

/* with_templates: tocsind and what sends mail; make_key: migrate and the
 * daemon make a missing key file. */
bool setup_site(struct arena *a, const char *conf_path, bool with_templates,
    bool make_key, struct site *out, GError **err);

/* glibc gives freed memory back instead of keeping it for each thread. */
void setup_memory(void);

#endif
