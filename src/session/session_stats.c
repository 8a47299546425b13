/*-------------------------------------------------------------------------
 *
 * session_stats.c
 *		The type session_stats: the sessions of a population and the nodes in
 *		them.
 *
 * A value is stored as numbers (see base/codec.h): format version, flags,
 * gap, the time zone's name, users; then the days, the channels and the nodes,
 * each as how many and one after the other.  A day is how much further it is
 * than the one before, users, and the histograms of the durations and depths
 * of its sessions.  How many sessions there are, how many bounced and how many
 * events they have, all of that the histogram of depths says.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "mb/pg_wchar.h"
#include "session/session_stats.h"
#include "time/time.h"
#include "utils/date.h"
#include "utils/memutils.h"

/* The first number of every stored value, raised when the format changes. */
#define SESSION_STATS_FORMAT 1

#define FLAG_CUTS		1
#define FLAG_TRAFFIC	2

JOURNEY_FUNCTION(journey_session_stats_recv);
JOURNEY_FUNCTION(journey_session_stats_send);
JOURNEY_FUNCTION(journey_session_rollup_transition);
JOURNEY_FUNCTION(journey_session_rollup_combine);
JOURNEY_FUNCTION(journey_session_rollup_serialize);
JOURNEY_FUNCTION(journey_session_rollup_deserialize);
JOURNEY_FUNCTION(journey_session_rollup_final);

/* Is there a date for this day? */
bool
session_day_is_valid(int64 day)
{
	return day >= DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE &&
		day < DATE_END_JULIAN - POSTGRES_EPOCH_JDATE;
}

/* The order of channels: by their bytes, and none last. */
int
session_channel_order(TextSlice a, TextSlice b)
{
	if (a.bytes == NULL || b.bytes == NULL)
		return (a.bytes == NULL) - (b.bytes == NULL);
	return slice_order(a, b);
}

/* All sessions together; users are those of the stats. */
void
session_stats_total(const SessionStats *stats, SessionGroup *total)
{
	uint32		i;

	memset(total, 0, sizeof(SessionGroup));
	total->users = stats->users;
	for (i = 0; i < stats->ndays; i++)
	{
		histogram_merge(&total->durations, &stats->days[i].durations, CurrentMemoryContext);
		histogram_merge(&total->depths, &stats->days[i].depths, CurrentMemoryContext);
		CHECK_FOR_INTERRUPTS();
	}
}

/*-------------------------------------------------------------------------
 * Storing
 *-------------------------------------------------------------------------
 */
static size_t
slice_size(TextSlice slice)
{
	return slice.bytes == NULL ? number_size(0) :
		number_size((uint64) slice.length + 1) + slice.length;
}

static void
write_slice(ByteWriter *out, TextSlice slice)
{
	write_number(out, slice.bytes == NULL ? 0 : (uint64) slice.length + 1);
	if (slice.bytes != NULL)
		write_bytes(out, slice.bytes, slice.length);
}

/* The bytes of a text, which may be none, copied; false if it is no text. */
static bool
read_slice(MemoryContext context, ByteReader *in, TextSlice *slice)
{
	uint64		length = read_number(in);
	const unsigned char *bytes;
	char	   *copy;

	slice->bytes = NULL;
	slice->length = 0;
	if (length == 0)
		return !in->failed;
	bytes = read_bytes(in, length - 1);
	if (in->failed || length > MaxAllocSize ||
		!pg_verify_mbstr(GetDatabaseEncoding(), (const char *) bytes, (int) (length - 1), true))
		return false;
	copy = MemoryContextAlloc(context, length);
	memcpy(copy, bytes, length - 1);
	copy[length - 1] = '\0';
	slice->bytes = copy;
	slice->length = (uint32) (length - 1);
	return true;
}

static size_t
group_size(const SessionGroup *group)
{
	return number_size(group->users) + histogram_encoded_size(&group->durations) +
		histogram_encoded_size(&group->depths);
}

static void
write_group(ByteWriter *out, const SessionGroup *group)
{
	write_number(out, group->users);
	histogram_encode(&group->durations, out);
	histogram_encode(&group->depths, out);
}

/* The distance of a day from the one before. */
static uint64
day_step(const SessionStats *stats, uint32 i)
{
	return fold_sign(stats->days[i].day - (i > 0 ? stats->days[i - 1].day : 0));
}

/* The value as it is stored. */
struct varlena *
session_stats_pack(const SessionStats *stats)
{
	const TextSlice zone = {stats->zone, (uint32) strlen(stats->zone)};
	const uint64 flags = (stats->cuts ? FLAG_CUTS : 0) | (stats->traffic ? FLAG_TRAFFIC : 0);
	uint64		size;
	bytea	   *packed;
	ByteWriter	out;
	uint32		i;

	size = number_size(SESSION_STATS_FORMAT) + number_size(flags) +
		number_size((uint64) stats->gap) + slice_size(zone) + number_size(stats->users) +
		number_size(stats->ndays) + number_size(stats->nchannels) + number_size(stats->nnodes);
	for (i = 0; i < stats->ndays; i++)
		size += number_size(day_step(stats, i)) + group_size(&stats->days[i]);
	for (i = 0; i < stats->nchannels; i++)
		size += slice_size(stats->channels[i].channel) + group_size(&stats->channels[i]);
	for (i = 0; i < stats->nnodes; i++)
	{
		const SessionNode *node = &stats->nodes[i];

		size += slice_size(node->name) + number_size(node->views) + number_size(node->visitors) +
			number_size(node->entries) + number_size(node->exits) +
			histogram_encoded_size(&node->times);
	}
	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the sessions are too large for one value"),
				 errdetail("There are %u nodes, %u channels and %u days; the limit is 1 GB.",
						   stats->nnodes, stats->nchannels, stats->ndays),
				 errhint("Take nodes that are pages, not pages with ids of customers or orders in them.")));

	packed = palloc(VARHDRSZ + size);
	SET_VARSIZE(packed, VARHDRSZ + size);
	out.at = (unsigned char *) VARDATA(packed);
	write_number(&out, SESSION_STATS_FORMAT);
	write_number(&out, flags);
	write_number(&out, (uint64) stats->gap);
	write_slice(&out, zone);
	write_number(&out, stats->users);
	write_number(&out, stats->ndays);
	write_number(&out, stats->nchannels);
	write_number(&out, stats->nnodes);
	for (i = 0; i < stats->ndays; i++)
	{
		write_number(&out, day_step(stats, i));
		write_group(&out, &stats->days[i]);
	}
	for (i = 0; i < stats->nchannels; i++)
	{
		write_slice(&out, stats->channels[i].channel);
		write_group(&out, &stats->channels[i]);
	}
	for (i = 0; i < stats->nnodes; i++)
	{
		const SessionNode *node = &stats->nodes[i];

		write_slice(&out, node->name);
		write_number(&out, node->views);
		write_number(&out, node->visitors);
		write_number(&out, node->entries);
		write_number(&out, node->exits);
		histogram_encode(&node->times, &out);
	}
	Assert(out.at == (unsigned char *) packed + VARSIZE(packed));
	return packed;
}

/*-------------------------------------------------------------------------
 * Reading
 *-------------------------------------------------------------------------
 */

/* What the parts of a value must add up to. */
typedef struct Sums
{
	uint128		sessions;
	uint128		views;
	uint128		users;
	uint64		most_users;
} Sums;

/* Is a group of sessions one that there can be? Then add it to the sums. */
static bool
group_is_valid(const SessionGroup *group, Sums *sums)
{
	if (group->users == 0 || group->users > group->depths.count ||
		group->durations.count != group->depths.count ||
		group->depths.count > (uint64) PG_INT64_MAX ||
		group->depths.least < 1 || group->depths.sum_high != 0 ||
	/* a session of one event takes no time */
		(group->durations.most > 0 && group->depths.most == 1))
		return false;
	sums->sessions += group->depths.count;
	sums->views += group->depths.sum_low;
	sums->users += group->users;
	sums->most_users = Max(sums->most_users, group->users);
	return true;
}

static bool
node_is_valid(const SessionNode *node, uint64 users)
{
	return node->views <= (uint64) PG_INT64_MAX &&
		node->visitors >= 1 && node->visitors <= Min(node->views, users) &&
		node->entries <= node->views && node->exits <= node->views &&
		node->times.count == node->views - node->exits;
}

static bool
sums_agree(const Sums *a, const Sums *b)
{
	return a->sessions == b->sessions && a->views == b->views;
}

/* Read a value; NULL if the bytes are none. */
static void *
read_stats(MemoryContext context, ByteReader *in)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	SessionStats *stats = palloc0(sizeof(SessionStats));
	uint64		version = read_number(in);
	uint64		flags = read_number(in);
	uint64		gap = read_number(in);
	TextSlice	zone;
	uint64		numbers[3];
	Sums		days = {0};
	Sums		channels = {0};
	Sums		nodes = {0};
	uint128		exits = 0;
	uint64		day = 0;
	bool		valid;
	uint64		i;

	valid = read_slice(context, in, &zone) && version == SESSION_STATS_FORMAT &&
		flags <= (FLAG_CUTS | FLAG_TRAFFIC) && gap <= (uint64) DURATION_MAX &&
		zone.length > 0 && zone.length <= TZ_STRLEN_MAX && strlen(zone.bytes) == zone.length;
	stats->users = read_number(in);
	for (i = 0; i < 3; i++)
		numbers[i] = read_number(in);
	/* each takes some bytes */
	valid = valid && !in->failed && numbers[0] >= 1 && numbers[2] >= 1 &&
		numbers[0] <= bytes_left(in) / 4 && numbers[1] <= bytes_left(in) / 4 &&
		numbers[2] <= bytes_left(in) / 4 &&
		((flags & FLAG_TRAFFIC) != 0) == (numbers[1] > 0);
	if (!valid)
	{
		MemoryContextSwitchTo(old);
		return NULL;
	}
	(void) calendar_zone_kept(zone.bytes, zone.length); /* there may be no such
														 * zone */
	stats->context = context;
	stats->gap = (int64) gap;
	stats->cuts = (flags & FLAG_CUTS) != 0;
	stats->traffic = (flags & FLAG_TRAFFIC) != 0;
	stats->zone = unconstify(char *, zone.bytes);
	stats->ndays = (uint32) numbers[0];
	stats->nchannels = (uint32) numbers[1];
	stats->nnodes = (uint32) numbers[2];
	stats->days = MemoryContextAllocExtended(context, stats->ndays * sizeof(SessionGroup),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	stats->channels = MemoryContextAllocExtended(context, ((Size) stats->nchannels + 1) * sizeof(SessionGroup),
												 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	stats->nodes = MemoryContextAllocExtended(context, stats->nnodes * sizeof(SessionNode),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (i = 0; i < stats->ndays && valid; i++)
	{
		SessionGroup *group = &stats->days[i];

		day += (uint64) unfold_sign(read_number(in));
		group->day = (int64) day;
		group->users = read_number(in);
		valid = histogram_decode(in, &group->durations) && histogram_decode(in, &group->depths) &&
			session_day_is_valid(group->day) && (i == 0 || group->day > stats->days[i - 1].day) &&
			group_is_valid(group, &days);
		CHECK_FOR_INTERRUPTS();
	}
	for (i = 0; i < stats->nchannels && valid; i++)
	{
		SessionGroup *group = &stats->channels[i];

		valid = read_slice(context, in, &group->channel);
		group->users = read_number(in);
		valid = valid && histogram_decode(in, &group->durations) &&
			histogram_decode(in, &group->depths) &&
			(i == 0 || session_channel_order(stats->channels[i - 1].channel, group->channel) < 0) &&
			group_is_valid(group, &channels);
		CHECK_FOR_INTERRUPTS();
	}
	for (i = 0; i < stats->nnodes && valid; i++)
	{
		SessionNode *node = &stats->nodes[i];

		valid = read_slice(context, in, &node->name);
		node->views = read_number(in);
		node->visitors = read_number(in);
		node->entries = read_number(in);
		node->exits = read_number(in);
		valid = valid && node->name.bytes != NULL && histogram_decode(in, &node->times) &&
			(i == 0 || slice_order(stats->nodes[i - 1].name, node->name) < 0) &&
			node_is_valid(node, stats->users);
		nodes.sessions += node->entries;
		nodes.views += node->views;
		exits += node->exits;
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
	if (!valid || in->failed || bytes_left(in) != 0 ||
		days.views > (uint64) PG_INT64_MAX || !sums_agree(&days, &nodes) ||
		exits != days.sessions ||
		(stats->nchannels > 0 && (!sums_agree(&days, &channels) ||
								  stats->users < channels.most_users || stats->users > channels.users)) ||
		stats->users < days.most_users || stats->users > days.users)
		return NULL;
	return stats;
}

static struct varlena *
pack_stats(void *stats)
{
	return session_stats_pack(stats);
}

/*-------------------------------------------------------------------------
 * Merging
 *-------------------------------------------------------------------------
 */

/* The name as the stats keep it. */
static TextSlice
copy_slice(SessionStats *stats, TextSlice slice)
{
	if (slice.bytes != NULL)
		slice.bytes = memcpy(MemoryContextAlloc(stats->context, (Size) slice.length + 1), slice.bytes, slice.length);
	return slice;
}

static void
merge_group(SessionStats *stats, SessionGroup *into, const SessionGroup *from)
{
	into->users += from->users;
	histogram_merge(&into->durations, &from->durations, stats->context);
	histogram_merge(&into->depths, &from->depths, stats->context);
}

static int
group_order(const SessionGroup *a, const SessionGroup *b)
{
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return session_channel_order(a->channel, b->channel);
}

/* Merge groups into others, both in order. */
static void
merge_groups(SessionStats *stats, SessionGroup **groups, uint32 *n, const SessionGroup *from,
			 uint32 nfrom)
{
	SessionGroup *merged;
	uint32		k = 0;
	uint32		i = 0;
	uint32		j = 0;

	merged = MemoryContextAllocExtended(stats->context,
										((Size) *n + nfrom + 1) * sizeof(SessionGroup),
										MCXT_ALLOC_HUGE);
	while (i < *n || j < nfrom)
	{
		int			order = i == *n ? 1 : j == nfrom ? -1 : group_order(&(*groups)[i], &from[j]);

		if (order <= 0)
			merged[k] = (*groups)[i++];
		else
		{
			memset(&merged[k], 0, sizeof(SessionGroup));
			merged[k].day = from[j].day;
			merged[k].channel = copy_slice(stats, from[j].channel);
		}
		if (order >= 0)
			merge_group(stats, &merged[k], &from[j++]);
		k++;
		CHECK_FOR_INTERRUPTS();
	}
	if (*groups != NULL)
		pfree(*groups);
	*groups = merged;
	*n = k;
}

static void
merge_nodes(SessionStats *stats, const SessionStats *more)
{
	SessionNode *merged;
	uint32		k = 0;
	uint32		i = 0;
	uint32		j = 0;

	merged = MemoryContextAllocExtended(stats->context,
										((Size) stats->nnodes + more->nnodes) * sizeof(SessionNode),
										MCXT_ALLOC_HUGE);
	while (i < stats->nnodes || j < more->nnodes)
	{
		int			order = i == stats->nnodes ? 1 : j == more->nnodes ? -1 :
			slice_order(stats->nodes[i].name, more->nodes[j].name);

		if (order <= 0)
			merged[k] = stats->nodes[i++];
		else
		{
			memset(&merged[k], 0, sizeof(SessionNode));
			merged[k].name = copy_slice(stats, more->nodes[j].name);
		}
		if (order >= 0)
		{
			const SessionNode *from = &more->nodes[j++];

			merged[k].views += from->views;
			merged[k].visitors += from->visitors;
			merged[k].entries += from->entries;
			merged[k].exits += from->exits;
			histogram_merge(&merged[k].times, &from->times, stats->context);
		}
		k++;
		CHECK_FOR_INTERRUPTS();
	}
	pfree(stats->nodes);
	stats->nodes = merged;
	stats->nnodes = k;
}

static uint64
total_views(const SessionStats *stats)
{
	uint64		views = 0;
	uint32		i;

	for (i = 0; i < stats->ndays; i++)
		views += stats->days[i].depths.sum_low;
	return views;
}

static void
merge_stats(void *into, const void *from)
{
	SessionStats *stats = into;
	const SessionStats *more = from;

	if (stats->gap != more->gap || stats->cuts != more->cuts || stats->traffic != more->traffic ||
		strcmp(stats->zone, more->zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up sessions of different kinds"),
				 errdetail("One has the gap %s%s%s and days of %s, another the gap %s%s%s and days of %s.",
						   duration_text(stats->gap), stats->cuts ? ", starts and ends" : "",
						   stats->traffic ? ", channels" : "", stats->zone,
						   duration_text(more->gap), more->cuts ? ", starts and ends" : "",
						   more->traffic ? ", channels" : "", more->zone),
				 errhint("Group the rows by what differs.")));
	if (total_views(more) > (uint64) PG_INT64_MAX - total_views(stats))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many events to count")));
	stats->users += more->users;
	merge_groups(stats, &stats->days, &stats->ndays, more->days, more->ndays);
	merge_groups(stats, &stats->channels, &stats->nchannels, more->channels, more->nchannels);
	merge_nodes(stats, more);
}

const StatsType session_stats_type = {
	"session_stats", "session_summary() and traffic()", read_stats, pack_stats, merge_stats
};

/*
 * session_stats_recv(internal)
 */
Datum
journey_session_stats_recv(PG_FUNCTION_ARGS)
{
	return stats_recv(&session_stats_type, fcinfo);
}

/*
 * session_stats_send(session_stats)
 */
Datum
journey_session_stats_send(PG_FUNCTION_ARGS)
{
	return stats_send(fcinfo);
}

/*
 * rollup(session_stats)
 */
Datum
journey_session_rollup_transition(PG_FUNCTION_ARGS)
{
	return stats_rollup_transition(&session_stats_type, fcinfo);
}

Datum
journey_session_rollup_combine(PG_FUNCTION_ARGS)
{
	return stats_rollup_combine(&session_stats_type, fcinfo);
}

Datum
journey_session_rollup_serialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_serialize(&session_stats_type, fcinfo);
}

Datum
journey_session_rollup_deserialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_deserialize(&session_stats_type, fcinfo);
}

Datum
journey_session_rollup_final(PG_FUNCTION_ARGS)
{
	return stats_rollup_final(&session_stats_type, fcinfo);
}
