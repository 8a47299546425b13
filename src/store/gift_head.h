/*-------------------------------------------------------------------------
 *
 * gift_head.h
 *		The head of a store that is given to another process.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GIFT_HEAD_H
#define JOURNEY_GIFT_HEAD_H

#include "postgres.h"

#include "store/user_site.h"

typedef struct GiftHead
{
	Oid			type;			/* of the ids */
	Oid			collation;
	uint32		layout;			/* what records hold, as the store says it */
	int64		newest;			/* time of the newest event */
} GiftHead;

extern GiftHead gift_head(const UserSite *site, uint32 layout, int64 newest);
extern int64 gift_head_check(const GiftHead *head, const UserSite *site, uint32 layout);

#endif							/* JOURNEY_GIFT_HEAD_H */
