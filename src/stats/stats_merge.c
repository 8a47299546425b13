/*-------------------------------------------------------------------------
 *
 * stats_merge.c
 *		Merging finished results of disjoint users, field by field.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "stats/stats.h"

/* What is asked differs. */
void
stats_refuse_rollup(const StatsType *type, const void *into, const void *from)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot roll up %s", type->differ),
			 type->describe == NULL ? 0 :
			 errdetail("One is %s; another is %s.", type->describe(into), type->describe(from)),
			 errhint("Group the rows by what differs.")));
}

/* Add to a sum, which must not be more than a bigint holds. */
void
stats_add(uint64 *sum, uint64 more, const char *counted)
{
	if (more > (uint64) PG_INT64_MAX - Min(*sum, (uint64) PG_INT64_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many %s to count", counted != NULL ? counted : "users")));
	*sum += more;
}

/* Is a parameter the same? */
static bool
field_is_same(const StatsField *field, const char *a, const char *b)
{
	switch (field->kind)
	{
		case STATS_TEXT:
			{
				const TextSlice *x = (const TextSlice *) a;
				const TextSlice *y = (const TextSlice *) b;

				return (x->bytes == NULL) == (y->bytes == NULL) && slice_equal(*x, *y);
			}
		case STATS_ZONE:
			return strcmp(*(const char *const *) a, *(const char *const *) b) == 0;
		default:
			return memcmp(a, b, field->size) == 0;
	}
}

/* Are two values answers to the same question? */
static void
stats_check_same(const StatsType *type, const void *into, const void *from)
{
	uint32		i;

	for (i = 0; i < type->nfields; i++)
	{
		const StatsField *field = &type->fields[i];

		if (field->forms == STATS_AS_TEXT && field->kind != STATS_HAND)
			continue;
		if (field->kind == STATS_HAND ? field->hand->same != NULL && !field->hand->same(into, from) :
			field->kind < STATS_HISTOGRAM && field->merge == STATS_SAME &&
			!field_is_same(field, (const char *) into + field->offset,
						   (const char *) from + field->offset))
			stats_refuse_rollup(type, into, from);
	}
}

/* A zone is known of the whole if it is of both parts, and must be one then. */
static void
merge_zone(const StatsType *type, const char **into, const char *from)
{
	if ((*into)[0] != '\0' && from[0] != '\0' && strcmp(*into, from) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up %s", type->zones_differ),
				 errdetail("One is of \"%s\", another of \"%s\".", *into, from),
				 errhint("Give %s the same time_zone everywhere.", type->zone_maker)));
	if (from[0] == '\0')
		*into = "";
}

static void merge_list(const StatsType *type, const StatsList *list, void *stats, const void *from);

/* Add the fields of a value, or of an item, which has nothing yet if it is new. */
static void
merge_fields(const StatsType *type, const StatsField *fields, uint32 nfields, void *stats,
			 const void *from_stats, void *item, const void *from, bool is_new)
{
	uint32		i;

	for (i = 0; i < nfields; i++)
	{
		const StatsField *field = &fields[i];
		char	   *at = (char *) item + field->offset;
		const char *more = (const char *) from + field->offset;

		if (field->merge == STATS_KEY || field->forms == STATS_AS_TEXT || (field->when != NULL && !field->when(stats)))
			continue;
		if (field->kind == STATS_LIST && field->list->merge != NULL)
			field->list->merge(stats, from_stats);
		else if (field->kind == STATS_LIST && field->list->hash != NULL)
			merge_list(type, field->list, stats, from_stats);
		else if (field->kind == STATS_HISTOGRAM)
		{
			uint64		count = ((Histogram *) at)->count;

			stats_add(&count, ((const Histogram *) more)->count, field->counted);
			histogram_merge((Histogram *) at, (const Histogram *) more, *(MemoryContext *) stats);
		}
		else if (field->kind == STATS_HAND && field->hand->merge != NULL)
			field->hand->merge(stats, item, from);
		else if (field->merge == STATS_SUM)
			stats_add((uint64 *) at, *(const uint64 *) more, field->counted);
		else if (field->merge == STATS_LATEST)
			*(int64 *) at = is_new ? *(const int64 *) more : Max(*(int64 *) at, *(const int64 *) more);
		else if (field->merge == STATS_IF_KNOWN)
			merge_zone(type, (const char **) at, *(const char *const *) more);
	}
}

/*
 * Add the items of a list.  Lists usually have the same keys in the same
 * order, so the item after the previous one is tried first.
 */
static void
merge_list(const StatsType *type, const StatsList *list, void *stats, const void *from)
{
	const uint32 n = stats_list_n(list, from);
	char	   *next = stats_list_nth(list, stats, 0);
	uint32		i;

	for (i = 0; i < n; i++)
	{
		const uint32 nbefore = stats_list_n(list, stats);
		const void *more = stats_list_nth(list, from, i);
		const char *end = stats_list_nth(list, stats, nbefore);
		char	   *item = next;
		bool		is_new = false;

		if (item == end || list->order(item, more) != 0)
		{
			item = stats_list_item(list, stats, more);
			is_new = stats_list_n(list, stats) > nbefore;
		}
		next = item + list->size;
		if (list->merge_item != NULL)
			list->merge_item(stats, item, more, is_new);
		merge_fields(type, list->fields, list->nfields, stats, from, item, more, is_new);
		CHECK_FOR_INTERRUPTS();
	}
}

/* Give the items of a list, which number names, the numbers that these have now. */
static void
renumber_list(const StatsList *list, void *stats, const uint32 *numbers, bool shared)
{
	uint32		i;
	uint32		k;

	for (i = 0; i < stats_list_n(list, stats); i++)
		for (k = 0; k < list->nfields; k++)
		{
			const StatsField *field = &list->fields[k];
			char	   *item = stats_list_nth(list, stats, i);

			if (field->is_name)
			{
				uint32	   *name = (uint32 *) (item + field->offset);

				*name = numbers[*name];
			}
			else if (field->kind == STATS_HAND && field->hand->renumber != NULL)
				field->hand->renumber(item, numbers, shared);
		}
	((StatsIndex *) ((char *) stats + list->index))->nslots = 0;	/* other keys */
}

/*
 * Give `into` the names of both in one list, in which they keep their order.
 * Returns `from` with the numbers that its names have there.
 */
static const void *
merge_names(const StatsType *type, void *into, const void *from)
{
	const StatsList *list = type->names;
	const uint32 ninto = stats_list_n(list, into);
	const uint32 nfrom = stats_list_n(list, from);
	TextSlice  *old = stats_list_nth(list, into, 0);
	uint32	   *into_numbers = palloc_extended(((Size) ninto + 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	uint32	   *from_numbers = palloc_extended(((Size) nfrom + 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	TextSlice  *names = stats_list_alloc(list, into, ninto + nfrom);
	void	   *renumbered = memcpy(palloc(type->size), from, type->size);
	uint32		n = 0;
	uint32		i = 0;
	uint32		j = 0;

	while (i < ninto || j < nfrom)
	{
		const TextSlice *more = stats_list_nth(list, from, j);
		const int	order = i == ninto ? 1 : j == nfrom ? -1 : list->order(&old[i], more);

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		names[n] = order <= 0 ? old[i] : stats_text_copy(*(MemoryContext *) into, *more);
		if (order <= 0)
			into_numbers[i++] = n;
		if (order >= 0)
			from_numbers[j++] = n;
		n++;
	}
	pfree(old);
	*(uint32 *) ((char *) into + list->n) = n;

	*(MemoryContext *) renumbered = CurrentMemoryContext;
	for (i = 0; i < type->nfields; i++)
	{
		const StatsList *of_names = type->fields[i].list;
		void	   *items;

		if (type->fields[i].kind != STATS_LIST || of_names == list)
			continue;
		if (n > ninto)
			renumber_list(of_names, into, into_numbers, false);
		items = stats_list_alloc(of_names, renumbered, stats_list_n(of_names, from));
		memcpy(items, stats_list_nth(of_names, from, 0), (Size) stats_list_n(of_names, from) * of_names->size);
		renumber_list(of_names, renumbered, from_numbers, true);
	}
	return renumbered;
}

/* Add the users of `from`, who are others than those of `into`. */
void
stats_merge(const StatsType *type, void *into, const void *from)
{
	stats_check_same(type, into, from);
	if (type->check_sum != NULL)
		type->check_sum(into, from);
	if (type->prepare_merge != NULL)
		from = type->prepare_merge(into, from);
	if (type->names != NULL)
		from = merge_names(type, into, from);
	merge_fields(type, type->fields, type->nfields, into, from, into, from, false);
}
