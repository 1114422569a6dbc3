/* See lifecycle.h. */
#include "base/base.h"
#include "core/case/lifecycle.h"
#include "core/ticket/ticket.h"

static const struct {
	const char *kind, *from, *to, *label;
} moves[] = {
#define MOVE(kind, from, to, label) {kind, from, to, label},
#include "core/case/lifecycle.def"
#undef MOVE
};

DESC_TABLE(resolution_choice, RESOLUTION_CHOICE);

static const struct resolution_choice resolutions[] = {
#define RESOLUTION(status, words) {status, words},
#include "core/case/resolution.def"
#undef RESOLUTION
};

const char *
lifecycle_resolution(const char *status, const char *given)
{
	for (size_t i = 0; i < COUNT_OF(resolutions); i++)
		if (strcmp(resolutions[i].status, status) == 0 &&
		    (given == NULL || strcmp(resolutions[i].words, given) == 0))
			return resolutions[i].words;
	return NULL;
}

struct list
lifecycle_resolutions(struct arena *a, const char *status)
{
	struct list l = {.items = ARENA_ARRAY(a, struct resolution_choice,
	    COUNT_OF(resolutions))};

	for (size_t i = 0; i < COUNT_OF(resolutions); i++)
		if (strcmp(resolutions[i].status, status) == 0)
			*LIST_AT(resolution_choice, l, l.n++) = resolutions[i];
	return l;
}

bool
lifecycle_allowed(const char *kind, const char *from, const char *to)
{
	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (strcmp(moves[i].kind, kind) == 0 &&
		    strcmp(moves[i].from, from) == 0 &&
		    strcmp(moves[i].to, to) == 0)
			return true;
	return false;
}

bool
lifecycle_closed(const char *status)
{
	static const char *const closed[] = {
	    "resolved", "rejected", "abandoned", "removed"};

	for (size_t i = 0; i < COUNT_OF(closed); i++)
		if (strcmp(closed[i], status) == 0)
			return true;
	return false;
}

bool
lifecycle_known(const char *status)
{
	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (strcmp(moves[i].from, status) == 0 ||
		    strcmp(moves[i].to, status) == 0)
			return true;
	return false;
}

bool
lifecycle_kind_known(const char *kind)
{
	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (strcmp(moves[i].kind, kind) == 0)
			return true;
	return false;
}

struct list
lifecycle_moves(struct arena *a, const char *kind, const char *status)
{
	struct list l = {
	    .items = ARENA_ARRAY(a, struct ticket_move, COUNT_OF(moves))};

	for (size_t i = 0; i < COUNT_OF(moves); i++)
		if (strcmp(moves[i].kind, kind) == 0 &&
		    strcmp(moves[i].from, status) == 0) {
			struct ticket_move *m = LIST_AT(ticket_move, l, l.n++);

			m->status = moves[i].to;
			m->label = moves[i].label;
		}
	return l;
}

struct list
lifecycle_targets(struct arena *a)
{
	struct list l = {
	    .items = ARENA_ARRAY(a, struct ticket_move, COUNT_OF(moves))};

	for (size_t i = 0; i < COUNT_OF(moves); i++) {
		bool again = false;

		for (size_t k = 0; k < l.n; k++)
			again |= strcmp(LIST_AT(ticket_move, l, k)->status,
			    moves[i].to) == 0;
		if (!again)
			*LIST_AT(ticket_move, l, l.n++) = (struct ticket_move){
			    moves[i].to, moves[i].label};
	}
	return l;
}
