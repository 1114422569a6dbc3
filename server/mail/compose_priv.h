/* What the files of compose share. */
#ifndef MAIL_COMPOSE_PRIV_H
#define MAIL_COMPOSE_PRIV_H

#include "mail/compose.h"

/* Body part: Content-Type, Content-Transfer-Encoding and the encoded text
 * with the blank line between them.  strict: no server may find anything in
 * it that it could change. */
void compose_text_part(struct arena *a, GString *out, const char *text,
    bool strict);
void compose_file_part(GString *out, const struct compose_file *f,
    bool strict);
/* multipart/signed or multipart/encrypted, from its Content-Type on. */
bool compose_seal(struct arena *a, GString *out, const GString *entity,
    const struct compose_sealer *sealer, GError **err);
/* The text without control characters that a header must not have. */
const char *compose_clean(struct arena *a, const char *s, size_t max);

#endif
