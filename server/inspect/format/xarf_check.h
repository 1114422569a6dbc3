/*
 * Whether a XARF report is one: the JSON Schemas of its versions as tables
 * (xarf_old.def, xarf_v4.def, xarf_v4_content.def) and the small reader of
 * those tables.  Lines of a table:
 *
 *	SCHEMA(name)            begins one; it ends where the next begins
 *	USE(name)               all lines of another
 *	NEED(field, KIND, arg)  must be there and of that kind
 *	MAY(field, KIND, arg)   is of that kind when it is there
 *	NEED_EACH, MAY_EACH(field, KIND, arg, "min..max")  a list of it
 *	NEED_IF, NEED_UNLESS(field, "other=value")  "other:address": is one
 *	EITHER(a, KIND, b, KIND) one of two is there and right
 *	ONE_OF("a|b")           one of them is there
 *	NEVER(field)            is not there
 *	CLOSED()                no field that no line of this schema names
 *	NOT_EMPTY()             some field is there
 *
 * and their kinds, with what arg means: ANY; TEXT "min..max" characters;
 * WORD "a|b|c"; INT and NUMBER "min..max"; BOOL; TIME (RFC 3339); DAY;
 * ADDRESS; URI; HOST; EMAIL; NOT_EMAIL; UUID; CVE; HEX "digits"; HASH
 * "md5|sha1": "md5:0a0b"; TAG "space:name"; PREFIX "text"; VECTOR: of CVSS;
 * VERSION "4": "4.0.0"; SOURCE: an address, a domain or another name; PORTS:
 * one or a list; OBJECT; MAP "text|number": an object of such values; SUB "schema";
 * SAMPLE "a|b": an object of one of the schemas.
 *
 * Depth of recursion is that of the tables.  Thread: any.
 */
#ifndef INSPECT_XARF_CHECK_H
#define INSPECT_XARF_CHECK_H

#include "base/json.h"

enum { XARF_FAULTS_MAX = 10 };

enum xarf_version { XARF_NONE, XARF_OLD, XARF_4 };

/* What an object means to be, by its members. */
enum xarf_version xarf_version(const struct json *j);
/* What is wrong with it, as sentences that name the field; at most
 * XARF_FAULTS_MAX, none when it is right. */
GPtrArray *xarf_faults(struct arena *a, const struct json *j);

#endif
