/*
 * What an administrator downloaded: RPSL and RDAP.  Every range that is
 * taken must split into prefixes that begin and end where it does.
 */
#include "base/base.h"
#include "base/text.h"
#include "core/member/registry.h"

#include "fuzz.h"

static void
check(const struct registry *r)
{
	for (size_t i = 0; i < r->n_nets; i++) {
		const struct registry_net *n = &r->nets[i];
		struct net parts[NET_SPLIT_MAX], end;
		size_t k = net_split(&n->first, &n->last, parts);

		g_assert_cmpuint(k, >, 0);
		g_assert_true(net_contains(&parts[0], &n->first));
		end = net_last(&parts[k - 1]);
		g_assert_true(net_equal(&end, &n->last));
		g_assert_true(*n->abuse == '\0' || text_address_ok(n->abuse));
		g_assert_nonnull(n->mnt_by);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	struct registry r;

	if (registry_read_rpsl(a, bytes, n, &r, NULL))
		check(&r);
	if (registry_read_rdap(a, bytes, n, &r, NULL))
		check(&r);
	return 0;
}
