/*
 * The table of formats, most specific first: a machine-readable part wins
 * over the envelope that carries it, a letter of a person comes last.
 * Formats without a read function are recognised by name only; their
 * events are those that plain text shows.
 */
#include "base/base.h"
#include "inspect/read.h"

static bool
always(struct reading *r)
{
	(void)r;
	return true;
}

const struct reader readers[] = {
    {"xarf", true, xarf_look, xarf_read},
    {"arf", true, arf_look, arf_read},
    {"arf", true, ses_look, ses_read},
    {"mdn", true, mdn_look, mdn_read},
    {"dsn", true, dsn_look, dsn_read},
    {"iodef", true, iodef_look, iodef_read},
    {"acns", true, acns_look, acns_read},
    {"xarf", true, xarf_said, plain_read},
    {"shadowserver", true, shadowserver_look, shadowserver_read},
    {"dmarc-aggregate", true, dmarc_look, dmarc_read},
    {"dsn", true, bounce_look, bounce_read},
    {"auto-reply", true, auto_look, NULL},
    {"encrypted", false, seal_look, NULL},
    {"csv", true, csv_look, csv_read_files},
    {"forward", false, forward_look, forward_read},
    {"csv", false, csv_letter_look, csv_letter_read},
    {"plain", false, always, plain_read},
    {NULL, false, NULL, NULL},
};
