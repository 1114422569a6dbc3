/* Views of page_text.c. */
#ifndef HTTP_PAGE_TEXT_H
#define HTTP_PAGE_TEXT_H

#include "core/case/lifecycle.h"
#include "core/ticket/text_template.h"
#include "http/page/page_desk.h"

/* Texts and notes, and below them the one that is written or tried. */
#define TEXTS_VIEW(F, S)                                                      \
	PAGE(F, S)                                                            \
	F(S, LIST, texts, text_template)                                      \
	F(S, LIST, notes, handling_note)                                      \
	F(S, LIST, variables, text_variable)                                  \
	F(S, PAGE_BOOL, may_decide, none)                                     \
	F(S, PAGE_INT, id, none)        /* null: a new one */                 \
	F(S, PAGE_INT, version, none)                                         \
	F(S, PAGE_TEXT, name, none)                                           \
	F(S, PAGE_TEXT, lang, none)                                           \
	F(S, PAGE_TEXT, type, none)                                           \
	F(S, PAGE_TEXT, subject, none)                                        \
	F(S, PAGE_TEXT, text, none)                                           \
	F(S, PAGE_BOOL, asks, none)                                           \
	F(S, PAGE_LIST, directions, text_direction)                           \
	F(S, PAGE_LIST, resolutions, desk_option)                             \
	F(S, PAGE_TEXT, ticket, none)   /* to try it with, as typed */        \
	F(S, PAGE_INT, tried, none)     /* with this one; 0: not tried */     \
	F(S, PAGE_TEXT, tried_subject, none)                                  \
	F(S, PAGE_TEXT, tried_text, none)                                     \
	F(S, PAGE_TEXT, note_type, none)                                      \
	F(S, PAGE_TEXT, note_text, none)                                      \
	F(S, PAGE_INT, note_version, none)
DESC_STRUCT(texts_view, TEXTS_VIEW);

#define TEXT_SAVED(F, S)                                                      \
	PAGE(F, S)                                                            \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, direction, none)                                           \
	F(S, TEXT, name, none)                                                \
	F(S, INT, version, none)
DESC_STRUCT(text_saved, TEXT_SAVED);

#define TEXT_FILLED(F, S)                                                     \
	PAGE(F, S)                                                            \
	F(S, INT, id, none)                                                   \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)
DESC_STRUCT(text_filled, TEXT_FILLED);

#define NOTE_SAVED(F, S)                                                      \
	PAGE(F, S)                                                            \
	F(S, TEXT, type, none)
DESC_STRUCT(note_saved, NOTE_SAVED);

#endif
