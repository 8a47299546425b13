/*-------------------------------------------------------------------------
 *
 * funnel_stats.c
 *		The type funnel_stats: the result of a funnel over a population.
 *
 * A value is stored as numbers (see base/codec.h): format version, kind,
 * number of steps, within, modes; for a trend the unit, the name of the time zone
 * (length and bytes), the end of observation (0 if it was not given, else 1 and
 * the time), and that or the time of the newest event; the number of groups; and the groups in order.  A group is its
 * label (length + 1, 0 for NULL, and bytes) or its bucket (begin, and when it
 * is complete), the users of each step, and for each step after the first the
 * histograms of the time from the step before and from step 1.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "common/hashfn.h"
#include "event/event.h"
#include "funnel/funnel_stats.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

/*
 * The first number of every stored value, raised when the format changes.
 * Version 2 is that of trends; in version 1 they had neither time zone nor end of
 * observation.
 */
#define FUNNEL_STATS_FORMAT 1
#define FUNNEL_TREND_FORMAT 2

JOURNEY_FUNCTION(journey_funnel_stats_recv);
JOURNEY_FUNCTION(journey_funnel_stats_send);
JOURNEY_FUNCTION(journey_rollup_transition);
JOURNEY_FUNCTION(journey_rollup_combine);
JOURNEY_FUNCTION(journey_rollup_serialize);
JOURNEY_FUNCTION(journey_rollup_deserialize);
JOURNEY_FUNCTION(journey_rollup_final);

/* A result without groups. */
FunnelStats *
funnel_stats_new(MemoryContext context, FunnelKind kind, int nsteps, const FunnelSpec *spec)
{
	FunnelStats *stats = MemoryContextAllocZero(context, sizeof(FunnelStats));

	stats->context = context;
	stats->kind = kind;
	stats->nsteps = nsteps;
	stats->spec = *spec;
	stats->zone = "";
	stats->until = PG_INT64_MAX;

	/*
	 * latest_chain is the default of all but a trend, so the same is written
	 * alike
	 */
	if (kind != FUNNEL_TREND)
		stats->spec.modes &= ~(uint32) FUNNEL_LATEST_CHAIN;
	return stats;
}

/* The order of groups: the NULL label first, then labels by their bytes. */
static int
group_order(const FunnelGroup *a, TextSlice label, int64 bucket)
{
	int			order;

	if (a->bucket != bucket)
		return a->bucket < bucket ? -1 : 1;
	if (a->label.bytes == NULL || label.bytes == NULL)
		return (a->label.bytes != NULL) - (label.bytes != NULL);
	order = memcmp(a->label.bytes, label.bytes, Min(a->label.length, label.length));
	if (order != 0)
		return order;
	return (a->label.length > label.length) - (a->label.length < label.length);
}

static uint64
group_hash(TextSlice label, int64 bucket)
{
	if (label.bytes == NULL)
		return spread((uint64) bucket);
	return DatumGetUInt64(hash_any_extended((const unsigned char *) label.bytes,
											(int) label.length, 0));
}

static void
put_into_slot(FunnelStats *stats, uint32 number)
{
	const FunnelGroup *group = &stats->groups[number];
	uint64		slot = group_hash(group->label, group->bucket) & (stats->nslots - 1);

	while (stats->slots[slot] != 0)
		slot = (slot + 1) & (stats->nslots - 1);
	stats->slots[slot] = number + 1;
}

/* Add an empty group behind the others. */
static FunnelGroup *
append_group(FunnelStats *stats, TextSlice label, int64 bucket)
{
	MemoryContext old = MemoryContextSwitchTo(stats->context);
	FunnelGroup *group;

	if (stats->ngroups == stats->capacity)
	{
		uint32		i;

		stats->capacity = Max(1, stats->capacity * 2);
		if (stats->groups == NULL)
			stats->groups = palloc(stats->capacity * sizeof(FunnelGroup));
		else
		{
			stats->groups = repalloc_huge(stats->groups, stats->capacity * sizeof(FunnelGroup));
			pfree(stats->slots);
		}
		stats->nslots = stats->capacity * 2;
		stats->slots = MemoryContextAllocExtended(stats->context, stats->nslots * sizeof(uint32),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		for (i = 0; i < stats->ngroups; i++)
			put_into_slot(stats, i);
	}
	group = &stats->groups[stats->ngroups];
	memset(group, 0, sizeof(FunnelGroup));
	if (label.bytes != NULL)
	{
		char	   *copy = palloc(label.length + 1);

		memcpy(copy, label.bytes, label.length);
		group->label.bytes = copy;
		group->label.length = label.length;
	}
	group->bucket = bucket;
	group->users = palloc0(stats->nsteps * sizeof(uint64));
	group->from_before = palloc0(stats->nsteps * sizeof(Histogram));
	group->from_start = palloc0(stats->nsteps * sizeof(Histogram));
	put_into_slot(stats, stats->ngroups++);
	MemoryContextSwitchTo(old);
	return group;
}

/* The group of a label or a bucket, made if there is none. */
FunnelGroup *
funnel_stats_group(FunnelStats *stats, TextSlice label, int64 bucket)
{
	uint64		slot;

	if (stats->nslots > 0)
	{
		slot = group_hash(label, bucket) & (stats->nslots - 1);
		for (; stats->slots[slot] != 0; slot = (slot + 1) & (stats->nslots - 1))
			if (group_order(&stats->groups[stats->slots[slot] - 1], label, bucket) == 0)
				return &stats->groups[stats->slots[slot] - 1];
	}
	return append_group(stats, label, bucket);
}

/* Count a user whose chain reached `level` steps, at these times. */
void
funnel_group_add(FunnelStats *stats, FunnelGroup *group, const int64 *times, int level)
{
	int			k;

	for (k = 0; k < level; k++)
	{
		group->users[k]++;
		if (k > 0)
		{
			histogram_add(&group->from_before[k], time_between(times[k - 1], times[k]),
						  stats->context);
			histogram_add(&group->from_start[k], time_between(times[0], times[k]),
						  stats->context);
		}
	}
}

static int
compare_groups(const void *a, const void *b)
{
	const FunnelGroup *right = b;

	return group_order(a, right->label, right->bucket);
}

/* Put the groups in order. */
void
funnel_stats_sort(FunnelStats *stats)
{
	uint32		i;

	if (stats->ngroups < 2)
		return;
	qsort(stats->groups, stats->ngroups, sizeof(FunnelGroup), compare_groups);
	memset(stats->slots, 0, stats->nslots * sizeof(uint32));
	for (i = 0; i < stats->ngroups; i++)
		put_into_slot(stats, i);
}

/* Add the users of one group to another. */
static void
merge_group(FunnelStats *into, FunnelGroup *group, const FunnelGroup *more)
{
	int			k;

	group->complete_at = Max(group->complete_at, more->complete_at);
	for (k = 0; k < into->nsteps; k++)
	{
		group->users[k] += more->users[k];
		if (group->users[k] > (uint64) PG_INT64_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("too many users to count")));
		histogram_merge(&group->from_before[k], &more->from_before[k], into->context);
		histogram_merge(&group->from_start[k], &more->from_start[k], into->context);
	}
}

/* The groups of a breakdown as one. */
FunnelStats *
funnel_stats_whole(const FunnelStats *stats)
{
	FunnelStats *whole = funnel_stats_new(CurrentMemoryContext, FUNNEL_WHOLE, stats->nsteps,
										  &stats->spec);
	TextSlice	no_label = {NULL, 0};
	FunnelGroup *group = funnel_stats_group(whole, no_label, 0);
	uint32		i;

	for (i = 0; i < stats->ngroups; i++)
		merge_group(whole, group, &stats->groups[i]);
	return whole;
}

/* The call that makes such a result, for messages. */
static char *
describe(const FunnelStats *stats)
{
	StringInfoData out;
	int			k;
	bool		any = false;

	initStringInfo(&out);
	appendStringInfo(&out, "%s with %d steps within %s",
					 stats->kind == FUNNEL_TREND ? "funnel_trend" :
					 stats->kind == FUNNEL_BREAKDOWN ? "funnel_by" : "funnel",
					 stats->nsteps, duration_text(stats->spec.within));
	if (stats->kind == FUNNEL_TREND)
		appendStringInfo(&out, " by %s", calendar_unit_name(stats->unit));
	for (k = 0; k < FUNNEL_NMODES; k++)
		if (stats->spec.modes & (1 << k))
		{
			appendStringInfo(&out, "%s%s", any ? ", " : " in ", funnel_mode_name(k));
			any = true;
		}
	return out.data;
}

/* Add the users of `from`, who are others than those of `into`. */
static void
merge_stats(FunnelStats *into, const FunnelStats *from)
{
	uint32		i;

	if (into->kind != from->kind || into->nsteps != from->nsteps ||
		into->spec.within != from->spec.within || into->spec.modes != from->spec.modes ||
		into->unit != from->unit || into->until != from->until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up funnels that differ in kind, steps, within, mode, unit or until"),
				 errdetail("One is of %s, another of %s.", describe(into), describe(from)),
				 errhint("Group the rows by what differs.")));
	if (into->zone[0] != '\0' && from->zone[0] != '\0' && strcmp(into->zone, from->zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up trends of different time zones"),
				 errdetail("One is of \"%s\", another of \"%s\".", into->zone, from->zone),
				 errhint("Give funnel_trend() the same time_zone everywhere.")));
	if (from->zone[0] == '\0')
		into->zone = "";
	for (i = 0; i < from->ngroups; i++)
	{
		const FunnelGroup *more = &from->groups[i];

		merge_group(into, funnel_stats_group(into, more->label, more->bucket), more);
	}
	into->newest = Max(into->newest, from->newest);
}

static size_t
label_size(TextSlice label)
{
	return label.bytes == NULL ? number_size(0) : number_size((uint64) label.length + 1) + label.length;
}

/* How many bytes the packed form takes, without the varlena header. */
static uint64
packed_size(const FunnelStats *stats)
{
	uint64		size = number_size(FUNNEL_TREND_FORMAT) + number_size(stats->kind) +
		number_size((uint64) stats->nsteps) + number_size((uint64) stats->spec.within) +
		number_size(stats->spec.modes) + number_size(stats->ngroups);
	uint32		i;
	int			k;

	if (stats->kind == FUNNEL_TREND)
		size += number_size(stats->unit) + stats_calendar_size(stats->zone, stats->until) +
			number_size(fold_sign(stats->newest));
	for (i = 0; i < stats->ngroups; i++)
	{
		const FunnelGroup *group = &stats->groups[i];

		if (stats->kind == FUNNEL_BREAKDOWN)
			size += label_size(group->label);
		if (stats->kind == FUNNEL_TREND)
			size += number_size(fold_sign(group->bucket)) + number_size(fold_sign(group->complete_at));
		for (k = 0; k < stats->nsteps; k++)
			size += number_size(group->users[k]);
		for (k = 1; k < stats->nsteps; k++)
			size += histogram_encoded_size(&group->from_before[k]) +
				histogram_encoded_size(&group->from_start[k]);
	}
	return size;
}

/* The value as it is stored. */
struct varlena *
funnel_stats_pack(FunnelStats *stats)
{
	bytea	   *packed;
	ByteWriter	out;
	uint32		i;
	int			k;

	funnel_stats_sort(stats);
	packed = serialized_alloc(packed_size(stats));
	out.at = (unsigned char *) VARDATA(packed);
	write_number(&out, stats->kind == FUNNEL_TREND ? FUNNEL_TREND_FORMAT : FUNNEL_STATS_FORMAT);
	write_number(&out, stats->kind);
	write_number(&out, (uint64) stats->nsteps);
	write_number(&out, (uint64) stats->spec.within);
	write_number(&out, stats->spec.modes);
	if (stats->kind == FUNNEL_TREND)
	{
		write_number(&out, stats->unit);
		stats_write_calendar(stats->zone, stats->until, &out);
		write_number(&out, fold_sign(stats->newest));
	}
	write_number(&out, stats->ngroups);
	for (i = 0; i < stats->ngroups; i++)
	{
		const FunnelGroup *group = &stats->groups[i];

		if (stats->kind == FUNNEL_BREAKDOWN)
		{
			write_number(&out, group->label.bytes == NULL ? 0 : (uint64) group->label.length + 1);
			write_bytes(&out, group->label.bytes, group->label.length);
		}
		if (stats->kind == FUNNEL_TREND)
		{
			write_number(&out, fold_sign(group->bucket));
			write_number(&out, fold_sign(group->complete_at));
		}
		for (k = 0; k < stats->nsteps; k++)
			write_number(&out, group->users[k]);
		for (k = 1; k < stats->nsteps; k++)
		{
			histogram_encode(&group->from_before[k], &out);
			histogram_encode(&group->from_start[k], &out);
		}
	}
	Assert(out.at == (unsigned char *) packed + VARSIZE(packed));
	return packed;
}

/* Read one group; false if the bytes are none, or it is out of order. */
static bool
read_group(ByteReader *in, FunnelStats *stats)
{
	TextSlice	label = {NULL, 0};
	int64		bucket = 0;
	int64		complete_at = 0;
	FunnelGroup *group;
	int			k;

	if (stats->kind == FUNNEL_BREAKDOWN)
	{
		uint64		marked = read_number(in);

		if (marked > 0)
		{
			label.bytes = (const char *) read_bytes(in, marked - 1);
			label.length = (uint32) (marked - 1);
			if (label.bytes == NULL ||
				!pg_verify_mbstr(GetDatabaseEncoding(), label.bytes, (int) label.length, true))
				return false;
		}
	}
	if (stats->kind == FUNNEL_TREND)
	{
		bucket = unfold_sign(read_number(in));
		complete_at = unfold_sign(read_number(in));
		if (!event_time_is_valid(bucket) || complete_at < bucket)
			return false;
	}
	if (in->failed || (stats->ngroups > 0 &&
					   group_order(&stats->groups[stats->ngroups - 1], label, bucket) >= 0))
		return false;

	group = append_group(stats, label, bucket);
	group->complete_at = complete_at;
	for (k = 0; k < stats->nsteps; k++)
	{
		group->users[k] = read_number(in);
		if (group->users[k] > (uint64) PG_INT64_MAX ||
			(k > 0 && group->users[k] > group->users[k - 1]))
			return false;
	}
	for (k = 1; k < stats->nsteps; k++)
		if (!histogram_decode(in, &group->from_before[k]) ||
			!histogram_decode(in, &group->from_start[k]) ||
			group->from_before[k].count != group->users[k] ||
			group->from_start[k].count != group->users[k])
			return false;
	return !in->failed;
}

/* Read a value; NULL if the bytes are none. */
static FunnelStats *
read_stats(MemoryContext context, ByteReader *in)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	FunnelStats *stats;
	FunnelSpec	spec = {0};
	uint64		version = read_number(in);
	uint64		kind = read_number(in);
	uint64		nsteps = read_number(in);
	uint64		within = read_number(in);
	uint64		modes = read_number(in);
	uint64		unit = 0;
	const char *zone = "";
	int64		until = PG_INT64_MAX;
	int64		newest = 0;
	uint64		ngroups;

	if (kind == FUNNEL_TREND)
	{
		unit = read_number(in);
		if (version == FUNNEL_TREND_FORMAT && !stats_read_calendar(in, &zone, &until))
			return NULL;
		newest = unfold_sign(read_number(in));
	}
	ngroups = read_number(in);
	if (in->failed || version < FUNNEL_STATS_FORMAT ||
		version > (kind == FUNNEL_TREND ? FUNNEL_TREND_FORMAT : FUNNEL_STATS_FORMAT) || kind > FUNNEL_TREND ||
		nsteps < 1 || nsteps > STEPSET_MAX || within > (uint64) DURATION_MAX ||
		modes > FUNNEL_ALL_MODES || funnel_check_modes((uint32) modes) != FUNNEL_MODES_OK ||
		unit > CALENDAR_QUARTER || ngroups > bytes_left(in))
		return NULL;
	if (zone[0] != '\0')
		(void) calendar_zone_kept(zone, strlen(zone));	/* there may be no such
														 * zone */
	spec.within = (int64) within;
	spec.modes = (uint32) modes;
	stats = funnel_stats_new(context, (FunnelKind) kind, (int) nsteps, &spec);
	stats->unit = (CalendarUnit) unit;
	stats->zone = zone;
	stats->until = until;
	stats->newest = newest;
	for (; ngroups > 0; ngroups--)
		if (!read_group(in, stats))
			return NULL;
	MemoryContextSwitchTo(old);
	return bytes_left(in) == 0 ? stats : NULL;
}

static void *
read_any(MemoryContext context, ByteReader *in)
{
	return read_stats(context, in);
}

static struct varlena *
pack_any(void *stats)
{
	return funnel_stats_pack(stats);
}

static void
merge_any(void *into, const void *from)
{
	merge_stats(into, from);
}

const StatsType funnel_stats_type = {
	"funnel_stats", "funnel(), funnel_by() and funnel_trend()", read_any, pack_any, merge_any
};

/* A stored value taken apart. */
FunnelStats *
funnel_stats_unpack(MemoryContext context, struct varlena *packed)
{
	return stats_unpack(&funnel_stats_type, context, packed);
}

/*
 * funnel_stats_recv(internal)
 */
Datum
journey_funnel_stats_recv(PG_FUNCTION_ARGS)
{
	return stats_recv(&funnel_stats_type, fcinfo);
}

/*
 * funnel_stats_send(funnel_stats)
 */
Datum
journey_funnel_stats_send(PG_FUNCTION_ARGS)
{
	return stats_send(fcinfo);
}

/*
 * rollup(funnel_stats)
 */
Datum
journey_rollup_transition(PG_FUNCTION_ARGS)
{
	return stats_rollup_transition(&funnel_stats_type, fcinfo);
}

Datum
journey_rollup_combine(PG_FUNCTION_ARGS)
{
	return stats_rollup_combine(&funnel_stats_type, fcinfo);
}

Datum
journey_rollup_serialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_serialize(&funnel_stats_type, fcinfo);
}

Datum
journey_rollup_deserialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_deserialize(&funnel_stats_type, fcinfo);
}

Datum
journey_rollup_final(PG_FUNCTION_ARGS)
{
	return stats_rollup_final(&funnel_stats_type, fcinfo);
}
