/*
 * Our own addresses: which door a recipient opens, and the keyed addresses
 * that we hand out.  Pure computation over settings and site key, so that
 * an MTA may verify recipients as often as it likes.
 *
 *	report@ abuse@ ...        DOOR_REPORT   conf site_report_addresses
 *	report+t4711-MAC@         DOOR_TICKET   replies to a ticket
 *	bounce+d8812-MAC@         DOOR_BOUNCE   VERP of one delivery
 *	leave+s77-MAC@            DOOR_LEAVE    unsubscribe one subscriber
 *	contacts-request@ ...     DOOR_REQUEST  commands to a list (RFC 2142)
 *
 * Local parts stay under 64 octets (RFC 5321 4.5.3.1.1).
 */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include "core/site.h"

enum door {
	DOOR_NONE, /* 550 5.1.1 */
	DOOR_REPORT,
	DOOR_TICKET,
	DOOR_BOUNCE,
	DOOR_LEAVE,
	DOOR_REQUEST,
};

/* The lists are the two of the design; their names are data of the
 * database, but the door must not ask it: main passes them once. */
enum door address_door(const struct site *s, const char *rcpt, int64_t *id,
    const char **list);

const char *address_report(struct arena *a, const struct site *s);
const char *address_ticket(struct arena *a, const struct site *s, int64_t n);
const char *address_bounce(struct arena *a, const struct site *s, int64_t id);
const char *address_leave(struct arena *a, const struct site *s, int64_t id);
const char *address_request(struct arena *a, const struct site *s,
    const char *list);
/* A new Message-ID of our domain without brackets: "t4711.RANDOM@domain". */
const char *address_message_id(struct arena *a, const struct site *s,
    int64_t ticket);
/* The Message-ID of one delivery of an advisory: the same on every retry. */
const char *address_delivery_id(struct arena *a, const struct site *s,
    int64_t delivery);
/* The way back, for bounces that only quote the header. */
bool address_delivery_of(const struct site *s, const char *message_id,
    int64_t *delivery);
/* public_url/unsubscribe/TOKEN of List-Unsubscribe (RFC 8058): good for as
 * long as the subscription; and who it is for. */
const char *address_leave_url(struct arena *a, const struct site *s,
    int64_t subscriber);
bool address_leave_token(const struct site *s, const char *token,
    int64_t *subscriber);
/* Is this one of our own addresses or their sub-addresses? */
bool address_ours(const struct site *s, const char *addr);

#endif
