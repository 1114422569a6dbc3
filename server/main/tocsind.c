/* tocsind: the daemon.  Arguments, start order, signals. */
#include "base/base.h"

int
main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}
