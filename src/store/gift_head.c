/*-------------------------------------------------------------------------
 *
 * gift_head.c
 *		The head of a store that is given to another process.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "store/gift_head.h"

GiftHead
gift_head(const UserSite *site, uint32 layout, int64 newest)
{
	const GiftHead head = {site->key_type.type, site->key_type.collation, layout, newest};

	return head;
}

/*
 * Refuse what is not laid out like the store that takes it; returns the time of the
 * newest event.
 */
int64
gift_head_check(const GiftHead *head, const UserSite *site, uint32 layout)
{
	if (head->type != site->key_type.type || head->collation != site->key_type.collation ||
		head->layout != layout)
		serialized_refuse();
	return head->newest;
}
