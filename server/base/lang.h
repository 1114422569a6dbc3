/*
 * Language tags (BCP 47: RFC 5646 and 4647).  A tag is checked for its form,
 * not whether anybody registered its parts.  Those of RFC 5646 2.2.8
 * ("i-klingon") are not taken.
 */
#ifndef BASE_LANG_H
#define BASE_LANG_H

#include "base/base.h"

enum { LANG_MAX = 35 }; /* bytes (RFC 5646 4.4.1) */
#define LANG_DEFAULT "en"

/* In the usual case ("de-AT", "zh-Hant-TW"); NULL when it is none. */
const char *lang_norm(struct arena *a, const char *tag);
/* Does a text in the language have serve who asks for want?  The same, or
 * want is narrower: "de" serves "de-AT" (RFC 4647 3.4).  Both as lang_norm()
 * gives them. */
bool lang_serves(const char *have, const char *want);

#endif
