/* Shared by the readers of registry.h; nothing else includes it. */
#ifndef CORE_REGISTRY_PRIV_H
#define CORE_REGISTRY_PRIV_H

#include "core/member/registry.h"

struct registry_rows {
	struct arena *a;
	GArray *nets, *routes, *orgs, *notes;
	size_t notes_total;
};

struct registry_rows registry_rows_new(struct arena *a);
void registry_rows_free(struct registry_rows *r);
void registry_note(struct registry_rows *r, int line, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);
/* Moves all into out. */
void registry_take(struct registry_rows *r, const char *format,
    struct registry *out);

/* "" for NULL; cut. */
const char *registry_text(struct arena *a, const char *s);
/* A mailbox somebody reads: an address that is no placeholder, normalised;
 * NULL otherwise. */
const char *registry_mailbox(struct arena *a, const char *s);
/* The whole-Internet blocks that registries fill gaps with name nobody. */
bool registry_filler(const char *netname);

#endif
