/*-------------------------------------------------------------------------
 *
 * user_site.c
 *		What the stores of one call site share: the type of the ids, and a
 *		memory limit.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "store/user_site.h"

/* The site of a call. */
UserSite *
user_site_new(FmgrInfo *flinfo, Oid type, Oid collation)
{
	UserSite   *site = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(UserSite));

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of user_id"),
				 errhint("Cast it, for example user_id::bigint.")));
	user_key_type_init(&site->key_type, type, collation, flinfo->fn_mcxt);
	site->context = flinfo->fn_mcxt;
	site->numbers_users = site->partial = false;
	site->names = NULL;
	site->used = 0;
	site->keeper = NULL;
	site->give_back = NULL;

	/*
	 * what is stored is there while a part of it is scattered, so half is for
	 * it
	 */
	site->limit = get_hash_memory_limit() / 2;
	return site;
}

/* The site that a call remembers, or a new one if that is for other ids, or NULL. */
UserSite *
user_site_of_type(FmgrInfo *flinfo, UserSite *site, Oid type, Oid collation)
{
	if (site != NULL && site->key_type.type == type && site->key_type.collation == collation)
		return site;
	return user_site_new(flinfo, type, collation);
}

/*
 * From here on only `keeper` keeps memory that is not counted as used; the store
 * that did gives it back.
 */
void
user_site_keep(UserSite *site, void *keeper, void (*give_back) (void *keeper))
{
	if (site->keeper != NULL && site->keeper != keeper)
		site->give_back(site->keeper);
	site->keeper = keeper;
	site->give_back = give_back;
}
