/*-------------------------------------------------------------------------
 *
 * user_store.h
 *		The interface of an aggregate to its state, for every kind of store of
 *		users.
 *
 * population/ keeps the events of users, periods/ the periods in which they
 * were active.  A store of either kind begins with the same fields, among
 * them the functions for the rest.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USER_STORE_H
#define JOURNEY_USER_STORE_H

#include "postgres.h"

#include "event/event.h"
#include "share/exchange.h"
#include "share/shared_results.h"
#include "store/store.h"

typedef struct UserStore UserStore;

typedef struct UserStoreMethods
{
	/* an empty store in `context`, laid out like another */
	UserStore  *(*new_like) (MemoryContext context, UserSite *site, const void *params,
							 const UserStore *other);
	/* refuse stores that are not laid out alike; their ids are */
	void		(*check_alike) (const UserStore *left, const UserStore *right);
	/* add what a store has that has just been deserialized */
	void		(*combine) (UserStore *left, const UserStore *right);
	void		(*exchange) (UserStore *store, dsa_area *area);
	/* give back memory and files */
	void		(*release) (UserStore *store);
	bytea	   *(*serialize) (UserStore *store, const void *params_bytes, size_t params_size);
	UserStore  *(*deserialize) (bytea *bytes, FmgrInfo *flinfo, UserSite **site,
								EventsHeader *header);
} UserStoreMethods;

/* What every store begins with. */
#define USER_STORE_FIELDS \
	Results		results;		/* of users that are finished */ \
	const UserStoreMethods *methods; \
	const void *params;			/* the room's own, shared between groups */ \
	UserSite   *site; \
	MemoryContext context; \
	int64		newest;			/* time of the newest event */ \
	Exchange   *exchange		/* with the other processes of a scan, or NULL */

struct UserStore
{
	USER_STORE_FIELDS;
};

#endif							/* JOURNEY_USER_STORE_H */
