/*
 * What every act of the team needs and nobody changes: settings, site key,
 * templates, recognisers, calendar, who signs.  Owner: main, made before
 * threads start; immutable.  After SIGHUP main makes a new one and keeps the
 * old until its users are done.
 */
#ifndef CORE_SITE_H
#define CORE_SITE_H

#include "base/base.h"
#include "base/conf.h"
#include "base/secret.h"
#include "base/tmpl.h"
#include "core/notice/calendar.h"
#include "inspect/recognise/recognise.h"

struct keeper; /* inspect/process/keeper.h */

struct site {
	const struct conf *conf;
	struct secret_key key;
	const struct tmpl_set *tmpl;
	const struct recognisers *known; /* senders that reports come from */
	const struct calendar *calendar; /* when the desk works */
	struct keeper *sealer; /* signs and encrypts what leaves; NULL: no key */
};

/* Who acts: a person, an API principal, or the system itself (id 0). */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_ANALYST, ROLE_LEAD, ROLE_ADMIN };
struct actor {
	int64_t id;       /* principal; 0: the system */
	const char *name; /* as the audit trail shows it */
	const char *email;
	enum role role;
};

#endif
