/*-------------------------------------------------------------------------
 *
 * session_top.c
 *		The option `top N` of sessions_by_channel: only the channels of the
 *		most users are shown, and the others as one.
 *
 * Which channels those are is known when the result is read, after all rollups.
 * A user has sessions of several channels, so the users of the others are not
 * the sum of theirs.  The result therefore counts the users of each set of two
 * or more channels that somebody has, as a text: the names in byte order,
 * separated by commas, with a backslash before a comma or backslash in a name.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "miscadmin.h"
#include "session/session_stats.h"
#include "utils/memutils.h"

/* The text of a set of names, which are in byte order. */
TextSlice
session_set_text(const TextSlice *names, int n, MemoryContext context)
{
	size_t		length = 0;
	char	   *text;
	char	   *at;
	int			i;
	uint32		j;

	for (i = 0; i < n; i++)
		length += 2 * (size_t) names[i].length + 1;
	at = text = MemoryContextAllocHuge(context, length);
	for (i = 0; i < n; i++)
	{
		if (i > 0)
			*at++ = ',';
		for (j = 0; j < names[i].length; j++)
		{
			if (names[i].bytes[j] == ',' || names[i].bytes[j] == '\\')
				*at++ = '\\';
			*at++ = names[i].bytes[j];
		}
	}
	if (at - text > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a user has sessions of too many channels"),
				 errhint("Leave out the option top.")));
	return (TextSlice)
	{
		text, (uint32) (at - text)
	};
}

/*
 * Take the first name off the text of a set, written to `name`, which has room
 * for all of it; false if there is none.  `set` starts with all of the text;
 * bytes are NULL after the last name.
 */
static bool
session_set_next(TextSlice *set, char *room, TextSlice *name)
{
	uint32		i;
	uint32		n = 0;

	if (set->bytes == NULL)
		return false;
	for (i = 0; i < set->length && set->bytes[i] != ','; i++)
	{
		if (set->bytes[i] == '\\' && i + 1 < set->length)
			i++;
		room[n++] = set->bytes[i];
	}
	*name = (TextSlice)
	{
		room, n
	};
	*set = i == set->length ? (TextSlice)
	{
		NULL, 0
	} : (TextSlice)
	{
		set->bytes + i + 1, set->length - i - 1
	};
	return true;
}

/* The group of a channel, or NULL. */
static const SessionGroup *
session_find_channel(const SessionGroup *groups, uint32 n, int64 bucket, TextSlice channel)
{
	SessionGroup key = {.bucket = bucket,.channel = channel};

	return bsearch(&key, groups, n, sizeof(SessionGroup), session_group_order);
}

/*
 * Are sets those of the users of groups?  Each is of two groups or more, and
 * has its one text, and no group has fewer users than the sets with it.
 */
bool
session_sets_are_valid(const SessionSet *sets, uint32 nsets, const SessionGroup *groups, uint32 n)
{
	uint64	   *users = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) n + 1) * sizeof(uint64),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint32		i;

	for (i = 0; i < nsets; i++)
	{
		TextSlice	left = sets[i].channels;
		char	   *room = MemoryContextAllocHuge(CurrentMemoryContext, (Size) left.length + 1);
		TextSlice  *names = NULL;
		TextSlice	name;
		char	   *at = room;
		int			nnames = 0;
		int			most = 0;
		TextSlice	again;

		while (session_set_next(&left, at, &name))
		{
			const SessionGroup *group = session_find_channel(groups, n, sets[i].bucket, name);

			if (group == NULL || (nnames > 0 && slice_order(names[nnames - 1], name) >= 0))
				return false;
			users[group - groups] += sets[i].users;
			if (sets[i].users > group->users || users[group - groups] > group->users)
				return false;
			if (nnames == most)
			{
				most = Max(8, 2 * most);
				names = names == NULL ? palloc(most * sizeof(TextSlice)) :
					repalloc_huge(names, most * sizeof(TextSlice));
			}
			names[nnames++] = name;
			at += name.length;
		}
		if (nnames < 2)
			return false;
		again = session_set_text(names, nnames, CurrentMemoryContext);
		if (!slice_equal(again, sets[i].channels))
			return false;
		pfree((char *) again.bytes);
		pfree(names);
		pfree(room);
		CHECK_FOR_INTERRUPTS();
	}
	pfree(users);
	return true;
}

/* The channels that are shown. */
typedef struct SessionShown
{
	ShownLabels labels;
	TextSlice	other;			/* what the others are shown as */
} SessionShown;

static bool
session_is_other(const SessionShown *shown, TextSlice channel)
{
	const TextSlice label = breakdown_label(&shown->labels, channel);

	return label.bytes != NULL && slice_equal(label, shown->other);
}

/* How many users of a bucket are in the sets more often than once. */
static uint64
session_counted_again(const SessionShown *shown, const SessionSet *sets, uint32 nsets)
{
	uint64		again = 0;
	uint32		i;

	for (i = 0; i < nsets; i++)
	{
		TextSlice	left = sets[i].channels;
		char	   *room = MemoryContextAllocHuge(CurrentMemoryContext, (Size) left.length + 1);
		TextSlice	name;
		uint64		n = 0;

		while (session_set_next(&left, room, &name))
			n += session_is_other(shown, name);
		if (n > 1)
			again += (n - 1) * sets[i].users;
		pfree(room);
		CHECK_FOR_INTERRUPTS();
	}
	return again;
}

/* The groups of which those that are not shown are one in each bucket. */
static SessionGroup *
session_top_groups(const SessionShown *shown, const SessionGroup *groups, uint32 *n,
				   const SessionSet *sets, uint32 nsets)
{
	SessionGroup *top = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) *n + 1) * sizeof(SessionGroup));
	uint32		ntop = 0;
	uint32		i = 0;
	uint32		first = 0;		/* set of the bucket */

	while (i < *n)
	{
		SessionGroup other = {.bucket = groups[i].bucket,.channel = shown->other};
		uint32		nbucket = 0;

		for (; i < *n && groups[i].bucket == other.bucket; i++)
		{
			if (!session_is_other(shown, groups[i].channel))
			{
				top[ntop++] = groups[i];
				continue;
			}
			other.users += groups[i].users;
			histogram_merge(&other.durations, &groups[i].durations, CurrentMemoryContext);
			histogram_merge(&other.depths, &groups[i].depths, CurrentMemoryContext);
		}
		while (first + nbucket < nsets && sets[first + nbucket].bucket == other.bucket)
			nbucket++;
		other.users -= session_counted_again(shown, &sets[first], nbucket);
		first += nbucket;
		if (other.users > 0)
			top[ntop++] = other;
		CHECK_FOR_INTERRUPTS();
	}
	qsort(top, ntop, sizeof(SessionGroup), session_group_order);
	*n = ntop;
	return top;
}

/* Show no more channels than the option top says. */
void
session_show_top(SessionStats *stats)
{
	const TextSlice none = {"", 0};
	StatsGroup *groups;
	SessionShown shown;
	uint32		n = 0;
	uint32		i;

	if (stats->top == 0)
		return;
	groups = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) stats->nchannels + 1) * sizeof(StatsGroup));
	for (i = 0; i < stats->nchannels; i++)
		if (stats->channels[i].channel.bytes != NULL)
		{
			groups[n].label = stats->channels[i].channel;
			groups[n++].users = stats->channels[i].users;
		}
	shown.labels = breakdown_shown(groups, n, stats->top);
	if (shown.labels.all)
		return;
	shown.other = stats_top_label(NULL, 0, none);
	stats->channels = session_top_groups(&shown, stats->channels, &stats->nchannels, stats->sets, stats->nsets);
	stats->cells = session_top_groups(&shown, stats->cells, &stats->ncells, stats->cell_sets, stats->ncell_sets);
}
