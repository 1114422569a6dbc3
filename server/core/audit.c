/* See audit.h. */
#include "base/base.h"
#include "core/audit.h"

bool
audit_write(struct db *db, const struct actor *who, const char *action,
    int64_t ticket, int64_t advisory, const char *object,
    const char *old_value, const char *new_value, GError **err)
{
	return db_exec(db, Q_AUDIT_WRITE,
	    DB_ARGS(DB_INT(who->id > 0 ? who->id : DESC_NULL),
		DB_TEXT(who->name != NULL ? who->name : "system"),
		DB_TEXT(action), DB_INT(ticket > 0 ? ticket : DESC_NULL),
		DB_INT(advisory > 0 ? advisory : DESC_NULL), DB_TEXT(object),
		DB_TEXT(old_value), DB_TEXT(new_value)),
	    NULL, err);
}
