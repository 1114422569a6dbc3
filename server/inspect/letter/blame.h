/*
 * What an address does in the sentence or log line where it stands.
 */
#ifndef INSPECT_BLAME_H
#define INSPECT_BLAME_H

#include "inspect/read.h"
#include "inspect/text/lines.h"

enum blame {
	BLAME_NONE,   /* merely there */
	BLAME_WEAK,   /* "X: x", and X does not speak of addresses */
	BLAME_LIST,   /* alone on its line */
	BLAME_LABEL,  /* "IP: x" */
	BLAME_SOURCE,
	BLAME_TARGET,
};

/* hit stands in l (offsets are of the line); before is what comes before
 * the line in its paragraph, one line with blanks, may be "". */
enum blame blame_of(struct arena *a, const struct line *l,
    const struct scan_hit *hit, const char *before);
/* The words of a label, lower case: "source ip", "dst port". */
enum blame blame_of_label(const char *label);

/* ---- blame_after.c: of what goes on at p, behind an address */
enum blame blame_after(const char *p, const char *end);
/* Of a sentence that ends with a colon, in lower case: "hosts of yours that
 * attacked our server", "sent over your network"; "ours that were hit" */
enum blame blame_of_sentence(const char *label);
/* Was it surely the one that was hit?  "Is being" may go on otherwise. */
bool blame_struck(const char *p, const char *end);

/* ---- blame_beside.c */
/* Does it stand in text that HTML hides, "[hidden: ..." (html.h)? */
bool beside_hidden(const struct line *l, const struct scan_hit *hit);
/* Is it the client of a line of a web server's access log? */
bool blame_access(const struct line *l, const struct scan_hit *hit);
/* "${jndi:ldap://x/a}": is x, at p, what somebody else is told to ask?  It is
 * whoever attacks who has it there: no source and no target. */
bool beside_lookup(const char *s, const char *p);
/* "->" or "=>" or ">" at p, right behind an address; right before p */
bool beside_arrow(const char *p, const char *end);
bool beside_arrow_before(const char *s, const char *p);
/* "y <- x": the role of what stands from p to q */
enum blame beside_arrow_left(const char *s, const char *p, const char *q,
    const char *end);
/* "relay=mx.example[x]:25" of a mail log */
enum blame beside_relay(const struct line *l, const struct scan_hit *hit);
/* A label of the line s that ends right before p: its words in lower case,
 * or NULL. */
const char *beside_label(struct arena *a, const char *s, const char *p);
/* Does the label speak of an address or of a machine?  Behind any other word
 * there may be whoever. */
bool beside_of_address(const char *label);

/* ---- blame_before.c: of the word from w to end in s, lower case */
/* "assigned to x" is no target; "seen by x", "we tested from x" no source */
bool blame_belongs(const char *s, const char *w, const char *end);
/* w, "from", of "report from x" */
bool blame_who_reports(const char *s, const char *w, const char *end);
/* "attack on x", "scan of x" */
bool blame_attack_on(const char *s, const char *w, const char *end);
/* "bound for x", "directed at x" */
bool blame_bound_for(const char *s, const char *w, const char *end);
/* "Angriffe per SSH auf x", "attaque sur x" */
bool blame_acts_upon(const char *s, const char *w, const char *end);
/* "our customer x", "our scanning hosts are x", "against your customer x":
 * the word does not accuse */
bool blame_of_ours(const char *s, const char *w, const char *end);
/* "120 probes, x": how many, and no verb before x */
bool blame_counted(const char *s, const char *w);
/* "against your customer x": a victim, though theirs */
bool blame_against_theirs(const char *s, const char *w, const char *end);
/* "your report about x": says nothing of x */
bool blame_your_letter(const char *w, const char *end);
/* "our complaint about x": nor does this make it ours */
bool blame_our_letter(const char *w, const char *end);
/* w, "botnet", of "connected to the controller of the y botnet (at x)": what
 * those who are infected asked */
bool blame_head_of_botnet(const char *s, const char *w, const char *end);
/* "blocked on server x": where somebody was kept out */
bool blame_kept_out(const char *w, const char *end);
/* w, "our", of "according to our logs, x" */
bool blame_told_by_us(const char *s, const char *w);
/* "our IDS has detected x" */
bool blame_seen_by_us(const char *s, const char *w, const char *end);
/* "Is x ..." */
bool blame_is_asked(const char *s, const char *end);
/* "it comes through x" */
bool blame_comes_by(const char *s, const char *w, const char *end);
/* "hosted elsewhere: x", "open from the Internet: x": nothing of theirs */
bool blame_elsewhere(const char *end);
bool blame_is_yours(const char *w, size_t len);
/* Is it one of the list? */
bool blame_in(const char *const *list, size_t n, const char *w, size_t len);

/* ---- blame_ours.c: our customers are no victims when we tell of what they
 * did */
/* w, "our", of "was attacked by our customer x" */
bool blame_by_ours(const char *s, const char *w, const char *end);
/* "y wurde von unserem Kunden x angegriffen": the same where the verb comes
 * last, of y; of x, before whom t stands in lower case */
bool blame_wurde(const char *p, const char *end);
bool blame_von_unserem(const char *t, const char *p, const char *end);
/* w, "your", of "our customer x attacked your host y": who was hit */
bool blame_hit_by_ours(const char *s, const char *w, const char *end);
/* w, "your", of "x tried to get into your server y": who was hit, too */
bool blame_hit_by_other(const char *s, const char *w, const char *end);
/* w, "ihr", of "wisst ihr, wem x gehört": you, not your */
bool blame_ihr_is_you(const char *s, const char *w, const char *end);
/* w, "from", of "scans are done from x", "our own monitoring runs from x": what
 * the reporter always does.  Somebody else's deed is told of once. */
bool blame_of_habit(const char *s, const char *w);
/* What stands between s and w, and from p on, in any case: "our customer", x,
 * "has attacked your host"; is x who did it? */
bool blame_ours_acts(const char *s, const char *w, const char *p,
    const char *end);

/* ---- blame_words.c: is the word, in lower case, one of theirs, of ours? */
bool blame_is_source(const char *w, size_t len);
bool blame_is_target(const char *w, size_t len);
/* What the words, in lower case, right behind an address say of it. */
enum blame blame_behind(const char *low);
/* Are the words, in lower case, right behind an address what somebody does? */
bool blame_acts(const char *low);
/* Do they say that its log follows, "wrote:"? */
bool blame_logs(const char *low);
/* "was hacked", right behind an address: what befell it, whosever it is */
bool blame_undone(const char *s, const char *end);
/* Of the address that begins at p in s: is it "us (x)"? */
bool blame_is_us(const char *s, const char *p);

#endif
