#include "inspect/read.h"
bool dsn_look(struct reading *r) { (void)r; return false; }
void dsn_read(struct reading *r) { (void)r; }
bool bounce_look(struct reading *r) { (void)r; return false; }
void bounce_read(struct reading *r) { (void)r; }
