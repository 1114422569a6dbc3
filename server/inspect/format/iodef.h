/*
 * What the files of the IODEF reader share: iodef.c makes events,
 * iodef_facts.c answers its questions, iodef_json.c makes JSON the same
 * tree.
 */
#ifndef INSPECT_IODEF_H
#define INSPECT_IODEF_H

#include "inspect/read.h"

#define IODEF_ROOT "IODEF-Document"

/* The incidents of a document, as XML or made from JSON. */
bool iodef_document(struct reading *r, const struct xml *root,
    const char *part);

enum iodef_role { ROLE_SOURCE, ROLE_TARGET, ROLE_OTHER };

/* An attribute, or in JSON a member. */
const char *iodef_prop(const struct xml *e, const char *name);
enum iodef_role iodef_role(const struct xml *system);
/* Canonical; a network for "192.0.2.0/255.255.255.0"; NULL: none. */
const char *iodef_ip(struct arena *a, const struct xml *address);
const char *iodef_domain(struct arena *a, const struct xml *system);
const char *iodef_protocol(struct arena *a, const struct xml *service);
/* A single port; of a list or range *list is the text. */
int64_t iodef_port(const struct xml *system, const char **list);
/* Events, not bytes or packets a second. */
int64_t iodef_count(const struct xml *system);
/* From the flow or the nearest around it that tells: times; type, severity
 * and CVE; what senders put into AdditionalData. */
void iodef_times(struct reading *r, const struct xml *flow,
    struct inspect_event *e);
void iodef_type(struct reading *r, const struct xml *flow,
    struct inspect_event *e);
void iodef_additional(struct reading *r, const struct xml *flow,
    struct inspect_event *e);

/* RFC 8727 */
bool iodef_json_has(struct reading *r, size_t part);
bool iodef_json_read(struct reading *r, size_t part);

#endif
