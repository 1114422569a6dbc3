/* Shared by the files of campaigns; nothing else includes it. */
#ifndef CORE_CAMPAIGN_PRIV_H
#define CORE_CAMPAIGN_PRIV_H

#include "core/campaign/campaign.h"
#include "core/notice/investigate_priv.h"

#define CAMPAIGN_CONTACT(F, S)                                                \
	F(S, INT, n, none)                                                    \
	CONSTITUENCY_CONTACT(F, S)
DESC_STRUCT(campaign_contact, CAMPAIGN_CONTACT);

#define CAMPAIGN_LADDER(F, S)                                                 \
	F(S, INT, n, none)                                                    \
	F(S, INT, answer_days, none)                                          \
	F(S, INT, answer_minutes, none)                                       \
	F(S, INT, days, none)                                                 \
	F(S, INT, minutes, none)
DESC_STRUCT(campaign_ladder, CAMPAIGN_LADDER);

#define CAMPAIGN_LOCKED(F, S)                                                 \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, state, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, tlp, none)                                                 \
	F(S, INT, incident, none)                                             \
	F(S, INT, message, none)
DESC_STRUCT(campaign_locked, CAMPAIGN_LOCKED);

/* A statement for 20,000 rows may take longer than one of a page. */
enum { CAMPAIGN_MS = 60000 };

/* Its row until the transaction ends; FAULT_CONFLICT when it is no draft or
 * not the version that was seen. */
bool campaign_lock(struct db *db, struct arena *a, int64_t id,
    int64_t version, struct campaign_locked *out, GError **err);
/* The same of one in another state. */
bool campaign_lock_in(struct db *db, struct arena *a, int64_t id,
    const char *wanted, int64_t version, struct campaign_locked *out,
    GError **err);

/* Parties from one n to another with the facts of each, side by side. */
struct campaign_facts {
	struct list parties;             /* campaign_party */
	struct investigate_facts *facts; /* without times and, unless asked
					  * for, events */
};
/* The words of the campaign as this party reads them, behind gathering with
 * events: the variables of text_template.h are filled. */
void campaign_fill(struct arena *a, const struct site *s,
    const struct actor *who, int64_t number, struct investigate_facts *f);
bool campaign_gather(struct db *db, struct arena *a,
    const struct campaign *c, int64_t from, int64_t to, bool events,
    struct campaign_facts *out, GError **err);

/* Does sealing so many mails take longer than somebody should wait?  Then
 * they are noted as chosen, and it is left to campaign_work(). */
bool campaign_takes_long(const struct site *s, size_t mails);
bool campaign_begin_sending(struct db *db, struct arena *a,
    const struct actor *who, const struct campaign *c,
    const struct campaign_facts *chosen, GError **err);
/* One that is sending, at once; tick hears of each mail that is composed, and
 * its failure ends it. */
bool campaign_send_now(struct db *db, const struct site *s,
    const struct actor *who, int64_t id, int64_t version,
    bool (*tick)(void *ctx, GError **err), void *ctx, int64_t *sent,
    GError **err);

#endif
