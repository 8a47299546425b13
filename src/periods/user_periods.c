/*-------------------------------------------------------------------------
 *
 * user_periods.c
 *		The periods in which each user of a query was active.
 *
 * The layout of a set: periods/layout.h.  Adding to a set: period_buffer.c
 * and period_parts.c.  Runs: period_run.c and period_merge.c.  Between
 * processes: period_gift.c, and the serialized form here.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "periods/layout.h"
#include "utils/memutils.h"

/*
 * Chunks and runs go with their context, which may be before the end, as when a
 * scan of groups is begun anew after the first of them.
 */
static void
user_periods_forget(void *arg)
{
	UserPeriods *set = arg;

	set->site->used -= set->chunk_bytes + set->part_bytes + set->run_bytes;
	set->chunk_bytes = set->part_bytes = set->run_bytes = 0;
	user_periods_leave_names(set);
}

/* An empty set in `context`. */
UserPeriods *
user_periods_new(MemoryContext context, UserSite *site, const void *params,
				 bool with_values)
{
	UserPeriods *set = MemoryContextAllocZero(context, sizeof(UserPeriods));

	set->methods = &user_periods_methods;
	set->params = params;
	set->site = site;
	set->context = context;
	set->newest = EVENT_TIME_MIN - 1;
	set->with_values = with_values;
	set->last_part = USER_PARTS - 1;
	set->forget.func = user_periods_forget;
	set->forget.arg = set;
	MemoryContextRegisterResetCallback(context, &set->forget);
	return set;
}

/* Give back the memory and the files of a set that is used up. */
static void
user_periods_release(UserStore *store)
{
	UserPeriods *set = (UserPeriods *) store;

	period_buffer_free(set);
	period_parts_free(set);
	user_periods_leave_names(set);
	while (set->nruns > 0)
		period_run_free(set, &set->runs[--set->nruns]);
}

/*
 * Call `visit` for each user, in no particular order.  The set is used up.
 */
void
user_periods_visit(UserPeriods *set, UserPeriodsVisitor visit, void *arg)
{
	PeriodMergeOutput out = {NULL, visit, arg};

	period_buffer_flush(set);
	period_merge(set, set->runs, set->nruns, true, &out);
	user_periods_release((UserStore *) set);
}

/* Add what a set has that has just been deserialized. */
static void
user_periods_combine(UserStore *store, const UserStore *other)
{
	UserPeriods *left = (UserPeriods *) store;
	const UserPeriods *right = (const UserPeriods *) other;

	Assert(right->buffer.newest == NULL && right->part_bytes == 0 && right->nruns == 0);
	left->newest = Max(left->newest, right->newest);
	if (results_combine(&left->results,
						left->buffer.newest != NULL || left->part_bytes > 0 || left->nruns > 0,
						&right->results, left->context))
		return;
	if (right->received_length > 0)
	{
		UserPeriodsRun run = {NULL, NULL, right->received_length, 0, false};

		period_buffer_flush(left);
		run.bytes = MemoryContextAllocHuge(left->context, run.size);
		memcpy(run.bytes, right->received, run.size);
		period_run_keep(left, &run);
		if (period_runs_must_spill(left))
			period_merge_spill(left);
	}
}

/*
 * A set as bytes.  After the header, whose counts mean nothing here: the type
 * and collation of the ids, whether there are values, whether the users are
 * finished, and the time of the newest event; then a run, to the end, or for
 * finished users the results.  The set is used up.
 */
static bytea *
user_periods_serialize(UserStore *store, const void *params_bytes, size_t params_size)
{
	UserPeriods *set = (UserPeriods *) store;
	EventsHeader header = {params_bytes, params_size, 1, 0, false};
	const uint64 numbers[] = {set->site->key_type.type, set->site->key_type.collation,
	set->with_values, set->results.finished, fold_sign(set->newest)};
	PeriodRunWriter writer = {
		.context = CurrentMemoryContext,
		.most = MaxAllocSize
	};
	PeriodMergeOutput out = {&writer, NULL, NULL};
	size_t		size = VARHDRSZ + events_header_size(&header);
	ByteWriter	to;
	int			i;

	for (i = 0; i < (int) lengthof(numbers); i++)
		size += number_size(numbers[i]);
	if (set->results.finished)
		size += results_size(&set->results);
	to = period_run_reserve(&writer, size);
	to.at += VARHDRSZ;
	events_write_header(&header, &to);
	for (i = 0; i < (int) lengthof(numbers); i++)
		write_number(&to, numbers[i]);
	writer.used = size;
	if (set->results.finished)
	{
		results_write(&set->results, &to);
		SET_VARSIZE(writer.data, writer.used);
		return (bytea *) writer.data;
	}

	period_buffer_flush(set);
	(void) period_run_reserve(&writer, Min(set->run_bytes, MaxAllocSize - writer.used));
	period_merge(set, set->runs, set->nruns, true, &out);
	user_periods_release((UserStore *) set);
	SET_VARSIZE(writer.data, writer.used);
	return (bytea *) writer.data;
}

/*
 * The set that was serialized, in the current context and without its
 * parameters, which the header points to.  The run stays in the bytes given
 * until user_periods_combine() takes it, and is checked as it is read.  `site`
 * remembers the type of the ids from call to call.
 */
static UserStore *
user_periods_deserialize(bytea *bytes, FmgrInfo *flinfo, UserSite **site, EventsHeader *header)
{
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	UserPeriods *set;
	uint64		numbers[5];
	int			i;

	if (!events_read_header(&in, header))
		serialized_refuse();
	for (i = 0; i < (int) lengthof(numbers); i++)
		numbers[i] = read_number(&in);
	if (in.failed || numbers[0] > UINT32_MAX || numbers[1] > UINT32_MAX || numbers[2] > 1 ||
		numbers[3] > 1)
		serialized_refuse();
	*site = user_site_of_type(flinfo, *site, (Oid) numbers[0], (Oid) numbers[1]);
	set = user_periods_new(CurrentMemoryContext, *site, NULL, numbers[2] == 1);
	set->newest = unfold_sign(numbers[4]);
	if (numbers[3] == 1)
	{
		results_read(&set->results, &in);
		return (UserStore *) set;
	}
	set->received = (const char *) in.at;
	set->received_length = bytes_left(&in);
	return (UserStore *) set;
}

static UserStore *
user_periods_new_like(MemoryContext context, UserSite *site, const void *params,
					  const UserStore *other)
{
	return (UserStore *) user_periods_new(context, site, params,
										  ((const UserPeriods *) other)->with_values);
}

static void
user_periods_check_alike(const UserStore *left, const UserStore *right)
{
	if (((const UserPeriods *) left)->with_values != ((const UserPeriods *) right)->with_values)
		serialized_refuse();
}

const UserStoreMethods user_periods_methods = {
	user_periods_new_like,
	user_periods_check_alike,
	user_periods_combine,
	user_periods_exchange,
	user_periods_release,
	user_periods_serialize,
	user_periods_deserialize
};
