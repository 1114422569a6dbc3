/* Views of page_case.c. */
#ifndef HTTP_PAGE_CASE_H
#define HTTP_PAGE_CASE_H

#include "core/case/case.h"
#include "http/view.h"

/* What an act answers to the API: the ticket that is to be looked at next. */
#define CASE_VIEW(F, S)                                                       \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, owner, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, INT, deed, none)           /* for POST /deeds/N/undo */
DESC_STRUCT(case_view, CASE_VIEW);

#define MERGE_VIEW(F, S)                                                      \
	PAGE(F, S)                                                            \
	CASE_MERGE(F, S)
DESC_STRUCT(merge_view, MERGE_VIEW);

#endif
