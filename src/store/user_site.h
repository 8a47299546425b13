/*-------------------------------------------------------------------------
 *
 * user_site.h
 *		What the stores of one call site share: the type of the ids, and a
 *		memory limit.
 *
 * With GROUP BY a call site has many stores.  Together they stay within the
 * memory of a hash table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USER_SITE_H
#define JOURNEY_USER_SITE_H

#include "postgres.h"

#include "store/user_key.h"

struct UserNames;

typedef struct UserSite
{
	MemoryContext context;
	UserKeyType key_type;
	bool		numbers_users;	/* may records have numbers instead of ids? */
	bool		partial;		/* do other processes get what the stores
								 * have? */
	struct UserNames *names;	/* of those that have, or NULL */
	size_t		used;			/* bytes that its stores have */
	size_t		limit;
	void	   *keeper;			/* the store that keeps memory which is not
								 * counted as used, or NULL */
	void		(*give_back) (void *keeper);	/* frees what the keeper keeps */
} UserSite;

extern UserSite *user_site_new(FmgrInfo *flinfo, Oid type, Oid collation);
extern UserSite *user_site_of_type(FmgrInfo *flinfo, UserSite *site, Oid type, Oid collation);
extern void user_site_keep(UserSite *site, void *keeper, void (*give_back) (void *keeper));

/* A store keeps nothing more that is not counted as used. */
static inline void
user_site_keeps_nothing(UserSite *site, const void *store)
{
	if (site->keeper == store)
		site->keeper = NULL;
}

#endif							/* JOURNEY_USER_SITE_H */
