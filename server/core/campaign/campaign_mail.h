/*
 * The mails of a campaign: one to each party, with its own rows alone.  Each
 * is composed by itself, and all are stored together with what says that they
 * were: the addresses on their tickets, the trail, and who of the parties was
 * told.  Campaigns that ask (campaign_send.c) and digests (digest.c) send this
 * way.
 *
 * Owner: the arena given.  Thread: any, with a connection of its own.
 */
#ifndef CORE_CAMPAIGN_MAIL_H
#define CORE_CAMPAIGN_MAIL_H

#include "core/outgoing/outbox.h"

struct campaign_mails {
	struct arena *a;
	const struct actor *who;
	const char *purpose; /* of the mails */
	const char *act;     /* in the trail */
	size_t n;
	struct outbox_made *made;
	/* a column each, ended by NULL */
	const char **numbers, **to, **messages;
	GPtrArray *numbers_of, *addresses; /* side by side */
};

void campaign_mails_init(struct campaign_mails *m, struct arena *a,
    const struct actor *who, const char *purpose, const char *act, size_t n);
/* Composes the i-th of them; mail->ticket is that of its party. */
bool campaign_mails_compose(struct db *db, const struct site *s,
    struct campaign_mails *m, size_t i, struct outbox_mail *mail,
    GError **err);
/* In the caller's transaction; messages are known behind it.  The party of
 * place[k] is that of n first + k; place[k] < 0: it is not told. */
bool campaign_mails_queue(struct db *db, const struct site *s,
    struct campaign_mails *m, int64_t campaign, int64_t first,
    const int *place, size_t places, GError **err);

#endif
