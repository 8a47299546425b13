/*-------------------------------------------------------------------------
 *
 * oracle.c
 *		The definitions of the funnel and of patterns, written down once more
 *		as plainly as possible: by trying everything.  For a few events only.
 *
 * Nothing here is shared with the kernels but the layout of an event.
 *
 *-------------------------------------------------------------------------
 */
#include "oracle.h"

static bool
meets(const Event *event, int condition)
{
	return (event->step >> (63 - condition) & 1) != 0;
}

/* Microseconds between two times, the first not after the second. */
static uint64
apart(int64 from, int64 to)
{
	return (uint64) to - (uint64) from;
}

/*-------------------------------------------------------------------------
 * Funnel, modes '', strict_increase, strict_once and both: all chains.
 *-------------------------------------------------------------------------
 */
typedef struct ChainSearch
{
	const Event *events;
	size_t		n;
	int			nsteps;
	const FunnelSpec *spec;
	int64		times[STEPSET_MAX]; /* of the chain being tried */
	int			best;			/* the length of the best chain */
	int64		best_times[STEPSET_MAX];
} ChainSearch;

/*
 * Is the chain being tried, of `length` events, better than the best so far:
 * longer, or complete earlier, or started later, or with earlier steps?
 */
static bool
chain_is_better(const ChainSearch *search, int length)
{
	int			last = length - 1;
	int			k;

	if (length != search->best)
		return length > search->best;
	if (search->times[last] != search->best_times[last])
		return search->times[last] < search->best_times[last];
	if (search->times[0] != search->best_times[0])
		return search->times[0] > search->best_times[0];
	for (k = 1; k < last; k++)
		if (search->times[k] != search->best_times[k])
			return search->times[k] < search->best_times[k];
	return false;
}

/* Try every event as step `step` of the chain. */
static void
chain_extend(ChainSearch *search, int step, uint64 used)
{
	size_t		i;

	if (step == search->nsteps)
		return;
	for (i = 0; i < search->n; i++)
	{
		int64		at = search->events[i].at;

		if (!meets(&search->events[i], step))
			continue;
		if (step > 0)
		{
			int64		before = search->times[step - 1];

			if (at < before ||
				((search->spec->modes & FUNNEL_STRICT_INCREASE) && at == before) ||
				apart(search->times[0], at) > (uint64) search->spec->within)
				continue;
		}
		if ((search->spec->modes & FUNNEL_STRICT_ONCE) && (used >> i & 1))
			continue;
		search->times[step] = at;
		if (chain_is_better(search, step + 1))
		{
			search->best = step + 1;
			memcpy(search->best_times, search->times, (step + 1) * sizeof(int64));
		}
		chain_extend(search, step + 1, used | UINT64_C(1) << i);
	}
}

int
oracle_funnel_chains(const Event *events, size_t n, int nsteps,
					 const FunnelSpec *spec, int64 *times)
{
	ChainSearch search = {.events = events, .n = n, .nsteps = nsteps, .spec = spec};

	chain_extend(&search, 0, 0);
	memcpy(times, search.best_times, search.best * sizeof(int64));
	return search.best;
}

/*-------------------------------------------------------------------------
 * Funnel, any_order: all windows that begin at an event.
 *-------------------------------------------------------------------------
 */
int
oracle_funnel_any_order(const Event *events, size_t n, int nsteps, const FunnelSpec *spec)
{
	int			best = 0;
	size_t		first;
	size_t		i;
	int			k;

	for (first = 0; first < n; first++)
	{
		int			level = 0;

		for (k = 0; k < nsteps; k++)
		{
			for (i = 0; i < n; i++)
				if (meets(&events[i], k) && events[i].at >= events[first].at &&
					apart(events[first].at, events[i].at) <= (uint64) spec->within)
					break;
			level += i < n;
		}
		if (level > best)
			best = level;
	}
	return best;
}

/*-------------------------------------------------------------------------
 * Funnel, strict_order, strict_deduplication, allow_reentry: ClickHouse's
 * procedure over pairs of time and condition number, in the order of both.
 * An event that meets no condition is a pair with the number 0.
 *-------------------------------------------------------------------------
 */
int
oracle_funnel_procedure(const Event *events, size_t n, int nsteps,
						const FunnelSpec *spec, int64 *times)
{
	const uint32 modes = spec->modes;
	bool		set[STEPSET_MAX + 1] = {false};	/* has a chain reached level k? */
	int64		chain[STEPSET_MAX + 1][STEPSET_MAX];	/* the latest that has */
	int			highest = 0;
	size_t		i = 0;

	while (i < n)
	{
		int64		at = events[i].at;
		size_t		end = i;
		int			number;

		while (end < n && events[end].at == at)
			end++;
		for (number = 0; number <= nsteps; number++)
		{
			size_t		j;

			for (j = i; j < end; j++)
			{
				if (number == 0 ? stepset_conditions(events[j].step) != 0 :
					!meets(&events[j], number - 1))
					continue;
				if (number == 0)
				{
					if ((modes & FUNNEL_STRICT_ORDER) && set[1])
						return highest;
				}
				else if (number == 1)
				{
					set[1] = true;
					chain[1][0] = at;
				}
				else if ((modes & FUNNEL_STRICT_DEDUPLICATION) && set[number])
					return highest;
				else if ((modes & FUNNEL_STRICT_ORDER) && set[1] && !set[number - 1])
				{
					if (modes & FUNNEL_ALLOW_REENTRY)
						continue;
					return highest;
				}
				else if (set[number - 1] &&
						 apart(chain[number - 1][0], at) <= (uint64) spec->within)
				{
					if (!set[number] || chain[number][0] < chain[number - 1][0])
					{
						memcpy(chain[number], chain[number - 1], (number - 1) * sizeof(int64));
						chain[number][number - 1] = at;
					}
					set[number] = true;
				}
				if (highest < nsteps && set[highest + 1])
				{
					highest++;
					memcpy(times, chain[highest], highest * sizeof(int64));
				}
			}
		}
		i = end;
	}
	return highest;
}

/* Can times k, k+1 ... be given to events, or to conditions, of their own? */
static bool
times_fit(const Event *events, size_t n, int nsteps, uint32 modes, int level,
		  const int64 *times, int k, uint64 used)
{
	size_t		i;
	int			condition;

	if (k == level)
		return true;
	for (i = 0; i < n; i++)
	{
		if (events[i].at != times[k])
			continue;
		for (condition = 0; condition < nsteps; condition++)
		{
			uint64		mark = 0;

			if (!meets(&events[i], condition))
				continue;
			if (modes & FUNNEL_ANY_ORDER)
				mark = UINT64_C(1) << condition;
			else if (condition != k)
				continue;
			else if (modes & FUNNEL_STRICT_ONCE)
				mark = UINT64_C(1) << i;
			if ((used & mark) == 0 &&
				times_fit(events, n, nsteps, modes, level, times, k + 1, used | mark))
				return true;
		}
	}
	return false;
}

/*
 * Do these times prove the level?  Each is the time of an event that meets its
 * step, they are in order, and the last is within the window of the first.
 * Returns what is wrong, or NULL.
 */
const char *
oracle_check_times(const Event *events, size_t n, int nsteps, const FunnelSpec *spec,
				   int level, const int64 *times)
{
	int			k;

	for (k = 1; k < level; k++)
	{
		if (times[k] < times[k - 1])
			return "times decrease";
		if ((spec->modes & FUNNEL_STRICT_INCREASE) && times[k] == times[k - 1])
			return "times do not increase";
	}
	if (level > 0 && apart(times[0], times[level - 1]) > (uint64) spec->within)
		return "the last time is too long after the first";
	if (!times_fit(events, n, nsteps, spec->modes, level, times, 0, 0))
		return "no events that meet the steps are at these times";
	return NULL;
}

/*-------------------------------------------------------------------------
 * Patterns: reading them.
 *-------------------------------------------------------------------------
 */
typedef struct Text
{
	const char *at;
	const char *end;
} Text;

static void
blanks(Text *text)
{
	while (text->at < text->end && *text->at == ' ')
		text->at++;
}

static bool
next_is(Text *text, const char *word)
{
	size_t		length = strlen(word);

	if ((size_t) (text->end - text->at) < length || memcmp(text->at, word, length) != 0)
		return false;
	text->at += length;
	return true;
}

/* A number of at most 2^62. */
static bool
number(Text *text, uint64 *value)
{
	const char *begin = text->at;

	*value = 0;
	while (text->at < text->end && *text->at >= '0' && *text->at <= '9')
	{
		if (*value > ((uint64) 1 << 62) / 10)
			return false;
		*value = *value * 10 + (uint64) (*text->at++ - '0');
		if (*value > (uint64) 1 << 62)
			return false;
	}
	return text->at > begin;
}

/* The operator, value and unit of a time condition. */
static bool
time_condition(Text *text, OracleTime *time)
{
	static const char *const operators[] = {">=", "<=", "==", "!=", ">", "<"};
	uint64		unit = 1000000;
	int			i;

	blanks(text);
	for (i = 0; i < 6; i++)
		if (next_is(text, operators[i]))
			break;
	if (i == 6)
		return false;
	strcpy(time->op, operators[i]);
	blanks(text);
	if (!number(text, &time->value))
		return false;
	blanks(text);
	if (next_is(text, "m"))
		unit *= 60;
	else if (next_is(text, "h"))
		unit *= 60 * 60;
	else if (next_is(text, "d"))
		unit *= 24 * 60 * 60;
	else
		(void) next_is(text, "s");
	if (time->value > ((uint64) 1 << 62) / unit)
		return false;
	time->value *= unit;
	return true;
}

/* Read a pattern; false when the text is not one, or one too long. */
bool
oracle_parse(const char *text_begin, size_t length, OraclePattern *pattern)
{
	Text		text = {text_begin, text_begin + length};
	OracleItem	item = {.condition = -1};

	pattern->nitems = 0;
	pattern->ntimes = 0;
	for (;;)
	{
		blanks(&text);
		if (text.at == text.end)
			return pattern->nitems > 0 && item.ntimes == 0;
		if (next_is(&text, ".*"))
		{
			item.anything_before = true;
			continue;
		}
		item.condition = -1;
		if (!next_is(&text, "."))
		{
			uint64		condition;

			if (!next_is(&text, "(?"))
				return false;
			blanks(&text);
			if (next_is(&text, "t"))
			{
				if (pattern->nitems == 0 || pattern->ntimes == ORACLE_MAX_TIMES ||
					!time_condition(&text, &pattern->times[pattern->ntimes]))
					return false;
				pattern->ntimes++;
				item.ntimes++;
				blanks(&text);
				if (!next_is(&text, ")"))
					return false;
				continue;
			}
			if (!number(&text, &condition) || condition < 1 || condition > STEPSET_MAX)
				return false;
			blanks(&text);
			if (!next_is(&text, ")"))
				return false;
			item.condition = (int) condition - 1;
		}
		if (pattern->nitems == ORACLE_MAX_ITEMS)
			return false;
		item.first_time = pattern->ntimes - item.ntimes;
		pattern->items[pattern->nitems++] = item;
		memset(&item, 0, sizeof(item));
	}
}

/*-------------------------------------------------------------------------
 * Patterns: matching them.  A chain takes events at increasing positions.
 *-------------------------------------------------------------------------
 */

/* May the events at these positions be event k - 1 and event k of a match? */
static bool
follows(const OraclePattern *pattern, int k, const Event *events, size_t from, size_t to)
{
	const OracleItem *item = &pattern->items[k];
	uint64		distance = apart(events[from].at, events[to].at);
	int			i;

	if (item->condition >= 0 && !meets(&events[to], item->condition))
		return false;
	if (k == 0)
		return true;
	if (!item->anything_before && item->ntimes == 0)
		return to == from + 1;
	for (i = 0; i < item->ntimes; i++)
	{
		const OracleTime *time = &pattern->times[item->first_time + i];
		bool		holds;

		if (strcmp(time->op, ">=") == 0)
			holds = distance >= time->value;
		else if (strcmp(time->op, ">") == 0)
			holds = distance > time->value;
		else if (strcmp(time->op, "<=") == 0)
			holds = distance <= time->value;
		else if (strcmp(time->op, "<") == 0)
			holds = distance < time->value;
		else if (strcmp(time->op, "==") == 0)
			holds = distance == time->value;
		else
			holds = distance != time->value;
		if (!holds)
			return false;
	}
	return true;
}

/*
 * Extend a chain of k events, the last at `before`, in every way.  Returns the
 * most events that a chain gets to; *end becomes the earliest end of a whole
 * match.
 */
static int
extend(const OraclePattern *pattern, const Event *events, size_t n, int k,
	   size_t before, size_t begin, size_t *end)
{
	int			most = k;
	size_t		i;

	if (k == pattern->nitems)
	{
		if (before + 1 < *end)
			*end = before + 1;
		return k;
	}
	for (i = k == 0 ? begin : before + 1; i < n; i++)
	{
		int			reached;

		if (!follows(pattern, k, events, k == 0 ? i : before, i))
			continue;
		reached = extend(pattern, events, n, k + 1, i, begin, end);
		if (reached > most)
			most = reached;
	}
	return most;
}

OracleMatch
oracle_find(const OraclePattern *pattern, const Event *events, size_t begin, size_t n)
{
	OracleMatch match;
	size_t		end = SIZE_MAX;

	match.nevents = extend(pattern, events, n, 0, 0, begin, &end);
	match.end = match.nevents == pattern->nitems ? end : n;
	return match;
}

/* Is the event at `end` - 1 the last of a match within [begin, end)? */
static bool
match_fits(const OraclePattern *pattern, const Event *events, size_t begin, size_t end)
{
	return oracle_find(pattern, events, begin, end).nevents == pattern->nitems;
}

/* The most matches one after the other, over every way to lay them out. */
uint64
oracle_count(const OraclePattern *pattern, const Event *events, size_t n)
{
	uint64		most[65] = {0};	/* within the first i events; n is at most 64 */
	size_t		begin;
	size_t		end;

	for (end = 1; end <= n; end++)
	{
		most[end] = most[end - 1];
		for (begin = 0; begin < end; begin++)
			if (most[begin] + 1 > most[end] && match_fits(pattern, events, begin, end))
				most[end] = most[begin] + 1;
	}
	return most[n];
}

/* Can a chain of k events be completed to `length` events? */
static bool
completes(const OraclePattern *pattern, const Event *events, size_t n, int k,
		  size_t before, int length)
{
	OraclePattern part = *pattern;
	size_t		end = SIZE_MAX;

	part.nitems = length;
	return extend(&part, events, n, k, before, 0, &end) == length;
}

/*
 * The match, or the longest beginning of one, whose first event is earliest,
 * then whose second is, and so on.
 */
int
oracle_match_times(const OraclePattern *pattern, const Event *events, size_t n,
				   int64 *times)
{
	OracleMatch match = oracle_find(pattern, events, 0, n);
	size_t		before = 0;
	size_t		i;
	int			k;

	for (k = 0; k < match.nevents; k++)
	{
		for (i = k == 0 ? 0 : before + 1; i < match.end; i++)
			if (follows(pattern, k, events, k == 0 ? i : before, i) &&
				completes(pattern, events, match.end, k + 1, i, match.nevents))
				break;
		times[k] = events[i].at;
		before = i;
	}
	return match.nevents;
}
