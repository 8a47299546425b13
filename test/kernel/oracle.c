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
 * longer, or complete earlier, or started later, or with earlier steps?  In
 * first_chain: longer, or started earlier, or with earlier steps?
 */
static bool
chain_is_better(const ChainSearch *search, int length)
{
	int			last = length - 1;
	int			k;

	if (length != search->best)
		return length > search->best;
	if (search->spec->modes & FUNNEL_FIRST_CHAIN)
	{
		for (k = 0; k < length; k++)
			if (search->times[k] != search->best_times[k])
				return search->times[k] < search->best_times[k];
		return false;
	}
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
	ChainSearch search = {
		.events = events,
		.n = n,
		.nsteps = nsteps,
		.spec = spec
	};

	chain_extend(&search, 0, 0);
	memcpy(times, search.best_times, search.best * sizeof(int64));
	return search.best;
}

/*-------------------------------------------------------------------------
 * Funnel, any_order: all windows that begin at an event, and in each all ways
 * to give events of their own to conditions k, k+1 ...  The times are those that
 * count in first_chain.
 *-------------------------------------------------------------------------
 */
static void
try_conditions(ChainSearch *search, size_t first, size_t end, int k, int level, uint64 used)
{
	size_t		i;

	if (level + search->nsteps - k < search->best)
		return;
	if (k == search->nsteps)
	{
		int			filled = 0;

		for (i = first; i < end; i++)
			if (used >> i & 1)
				search->times[filled++] = search->events[i].at;
		if (chain_is_better(search, level))
		{
			search->best = level;
			memcpy(search->best_times, search->times, level * sizeof(int64));
		}
		return;
	}
	for (i = first; i < end; i++)
		if (meets(&search->events[i], k) && (used >> i & 1) == 0)
			try_conditions(search, first, end, k + 1, level + 1, used | UINT64_C(1) << i);
	try_conditions(search, first, end, k + 1, level, used);
}

int
oracle_funnel_any_order(const Event *events, size_t n, int nsteps, const FunnelSpec *spec,
						int64 *times)
{
	FunnelSpec	earliest = {spec->within, FUNNEL_FIRST_CHAIN, NULL};
	ChainSearch search = {
		.events = events,
		.n = n,
		.nsteps = nsteps,
		.spec = &earliest
	};
	size_t		first;

	for (first = 0; first < n; first++)
	{
		size_t		end = first;

		while (end < n && apart(events[first].at, events[end].at) <= (uint64) spec->within)
			end++;
		try_conditions(&search, first, end, 0, 0, 0);
	}
	memcpy(times, search.best_times, search.best * sizeof(int64));
	return search.best;
}

/*-------------------------------------------------------------------------
 * Funnel, consecutive: every order that the events of one time may have, and
 * from every event on the steps one after the other.
 *-------------------------------------------------------------------------
 */
static void
try_orders(ChainSearch *search, size_t *order, size_t placed, uint64 used)
{
	size_t		i;
	size_t		earliest = search->n;

	for (i = 0; i < search->n; i++)
		if (!(used >> i & 1) && (earliest == search->n || search->events[i].at < search->events[earliest].at))
			earliest = i;
	for (i = 0; i < search->n; i++)
		if (!(used >> i & 1) && search->events[i].at == search->events[earliest].at)
		{
			order[placed] = i;
			try_orders(search, order, placed + 1, used | UINT64_C(1) << i);
		}
	if (placed < search->n)
		return;
	for (i = 0; i < search->n; i++)
	{
		int			k;

		for (k = 0; k < search->nsteps && i + k < search->n; k++)
		{
			const Event *event = &search->events[order[i + k]];

			if (!meets(event, k) ||
				(k > 0 && apart(search->times[0], event->at) > (uint64) search->spec->within))
				break;
			search->times[k] = event->at;
			if (chain_is_better(search, k + 1))
			{
				search->best = k + 1;
				memcpy(search->best_times, search->times, (k + 1) * sizeof(int64));
			}
		}
	}
}

int
oracle_funnel_consecutive(const Event *events, size_t n, int nsteps, const FunnelSpec *spec,
						  int64 *times)
{
	size_t		order[64];
	ChainSearch search = {
		.events = events,
		.n = n,
		.nsteps = nsteps,
		.spec = spec
	};

	try_orders(&search, order, 0, 0);
	memcpy(times, search.best_times, search.best * sizeof(int64));
	return search.best;
}

/*-------------------------------------------------------------------------
 * Funnel, every mode but any_order: the same procedure as ClickHouse's below,
 * over pairs of time and condition number, but every chain is kept, rather than
 * one start a level.
 *-------------------------------------------------------------------------
 */
#define WALK_MAX_CHAINS 20000

int
oracle_funnel_walk(const Event *events, size_t n, int nsteps, const FunnelSpec *spec,
				   int64 *times)
{
	static struct
	{
		int			length;
		uint64		used;		/* events */
		int64		times[STEPSET_MAX];
	}			chains[WALK_MAX_CHAINS];
	const uint32 modes = spec->modes;
	ChainSearch search = {
		.nsteps = nsteps,
		.spec = spec
	};
	size_t		nchains = 0;
	int			reached = 0;
	bool		ended = false;
	size_t		i = 0;
	size_t		j;

	while (i < n && !ended)
	{
		int64		at = events[i].at;
		size_t		end = i;
		int			number;

		while (end < n && events[end].at == at)
			end++;
		for (number = 0; number <= nsteps && !ended; number++)
		{
			size_t		before = nchains;	/* chains of this turn are not
											 * grown in it */
			int			nrows = 0;

			for (j = i; j < end; j++)
				nrows += number == 0 ? stepset_conditions(events[j].step) == 0 :
					meets(&events[j], number - 1);
			if (nrows == 0)
				continue;
			if (number == 0)
			{
				ended = (modes & FUNNEL_STRICT_ORDER) && reached > 0;
				continue;
			}
			if ((modes & FUNNEL_STRICT_DEDUPLICATION) && number > 1 && reached >= number)
			{
				ended = true;
				continue;
			}
			if ((modes & FUNNEL_STRICT_ORDER) && reached > 0 && reached < number - 1)
			{
				ended = !(modes & FUNNEL_ALLOW_REENTRY);
				continue;
			}
			for (j = i; j < end; j++)
			{
				size_t		c;

				if (!meets(&events[j], number - 1))
					continue;
				if (number == 1)
				{
					chains[nchains].length = 1;
					chains[nchains].used = UINT64_C(1) << j;
					chains[nchains++].times[0] = at;
				}
				for (c = 0; c < before; c++)
				{
					if (chains[c].length != number - 1 ||
						apart(chains[c].times[0], at) > (uint64) spec->within ||
						((modes & FUNNEL_STRICT_INCREASE) && chains[c].times[number - 2] == at) ||
						((modes & FUNNEL_STRICT_ONCE) && (chains[c].used >> j & 1)))
						continue;
					if (nchains == WALK_MAX_CHAINS)
						return -1;
					chains[nchains] = chains[c];
					chains[nchains].length++;
					chains[nchains].used |= UINT64_C(1) << j;
					chains[nchains++].times[number - 1] = at;
				}
			}
			if (nchains > before && reached < number)
				reached = number;
			ended = (modes & FUNNEL_STRICT_DEDUPLICATION) && number > 1 && reached >= number &&
				nrows > 1;
		}
		i = end;
	}
	for (j = 0; j < nchains; j++)
	{
		memcpy(search.times, chains[j].times, sizeof(search.times));
		if (chain_is_better(&search, chains[j].length))
		{
			search.best = chains[j].length;
			memcpy(search.best_times, search.times, sizeof(search.times));
		}
	}
	memcpy(times, search.best_times, search.best * sizeof(int64));
	return search.best;
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
	bool		set[STEPSET_MAX + 1] = {false}; /* has a chain reached level
												 * k? */
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

/* Can times k, k+1 ... be given to events and to conditions of their own, as the mode asks? */
static bool
times_fit(const Event *events, size_t n, int nsteps, uint32 modes, int level,
		  const int64 *times, int k, uint64 used, uint64 used_conditions)
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
			uint64		mark = UINT64_C(1) << condition;

			if (!meets(&events[i], condition))
				continue;
			if ((modes & FUNNEL_ANY_ORDER) ? (used_conditions & mark) != 0 : condition != k)
				continue;
			if ((modes & (FUNNEL_STRICT_ONCE | FUNNEL_ANY_ORDER)) && (used >> i & 1) != 0)
				continue;
			if (times_fit(events, n, nsteps, modes, level, times, k + 1,
						  used | UINT64_C(1) << i, used_conditions | mark))
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
	if (!times_fit(events, n, nsteps, spec->modes, level, times, 0, 0, 0))
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

/* What a row may look like from outside. */
typedef struct Outline
{
	bool		events;			/* does it name any? */
	bool		none;			/* may it match no event? */
	bool		none_gap;		/* may a gap remain then? */
	bool		none_time;		/* may a time condition? */
	bool		lead_time;		/* may one stand before its first event? */
	bool		trail_time;		/* after its last? */
} Outline;

static Outline outline_row(const OracleNode *row);

static Outline
outline_item(const OracleNode *item)
{
	Outline		whole = {0};
	int			i;

	if (item->kind == ORACLE_ANYTHING || item->kind == ORACLE_TIME)
	{
		whole.none = whole.none_gap = true;
		whole.none_time = item->kind == ORACLE_TIME;
		return whole;
	}
	whole.events = true;
	for (i = 0; i < item->nrows; i++)
	{
		Outline		row = outline_row(item->row[i]);

		whole.none |= row.none;
		whole.none_gap |= row.none_gap;
		whole.none_time |= row.none_time;
		whole.lead_time |= row.lead_time;
		whole.trail_time |= row.trail_time;
	}
	whole.none |= item->least == 0;
	return whole;
}

static Outline
outline_row(const OracleNode *row)
{
	Outline		whole = {.none = true};
	const OracleNode *item;

	for (item = row; item != NULL; item = item->next)
	{
		Outline		part = outline_item(item);

		if (part.events)
		{
			whole.events = true;
			whole.lead_time |= whole.none && (part.lead_time || whole.none_time);
			/* a last event before this item, or in it */
			whole.trail_time = part.trail_time ||
				(part.none && (whole.trail_time || part.none_time));
		}
		else
			whole.trail_time |= part.none_time;
		whole.none_time = whole.none && part.none && (whole.none_time || part.none_time);
		whole.none_gap = whole.none && part.none && (whole.none_gap || part.none_gap);
		whole.none &= part.none;
	}
	return whole;
}

/* How many events a row has once its repeats are written out; at most 10000. */
static int	places_of_row(const OracleNode *row);

static int
places_of(const OracleNode *item)
{
	int			times = item->most > 0 ? item->most : item->least > 0 ? item->least : 1;
	int			places = item->kind == ORACLE_EVENT ? 1 : 0;
	int			i;

	for (i = 0; i < item->nrows; i++)
		places += places_of_row(item->row[i]);
	places *= times;
	return places < 10000 ? places : 10000;
}

static int
places_of_row(const OracleNode *row)
{
	int			places = 0;

	for (; row != NULL; row = row->next)
		places += places_of(row);
	return places < 10000 ? places : 10000;
}

static OracleNode *
new_node(OraclePattern *pattern, OracleKind kind)
{
	OracleNode *node;

	if (pattern->nnodes == ORACLE_MAX_NODES)
	{
		pattern->too_long = true;
		return NULL;
	}
	node = &pattern->nodes[pattern->nnodes++];
	memset(node, 0, sizeof(OracleNode));
	node->kind = kind;
	node->least = node->most = 1;
	return node;
}

/* The conditions of an event, after "(?" and blanks. */
static bool
read_conditions(Text *text, OracleNode *event)
{
	if (next_is(text, "!"))
		event->negated = true;
	do
	{
		uint64		condition;

		blanks(text);
		if (!number(text, &condition) || condition < 1 || condition > STEPSET_MAX)
			return false;
		event->conditions |= UINT64_C(1) << (64 - condition);
		blanks(text);
	} while (next_is(text, "|"));
	return next_is(text, ")");
}

/* ? * + {m} {m,} {m,n} or nothing, right here. */
static bool
read_quantifier(Text *text, OracleNode *item)
{
	uint64		least = 1;
	uint64		most = 1;

	if (next_is(text, "?"))
		least = 0;
	else if (next_is(text, "*"))
		least = most = 0;
	else if (next_is(text, "+"))
		most = 0;
	else if (next_is(text, "{"))
	{
		blanks(text);
		if (!number(text, &least))
			return false;
		most = least;
		blanks(text);
		if (next_is(text, ","))
		{
			blanks(text);
			if (next_is(text, "}"))
				most = 0;
			else if (!number(text, &most) || most == 0)
				return false;
			else
				blanks(text);
			if (most > 0 && !next_is(text, "}"))
				return false;
		}
		else if (least == 0 || !next_is(text, "}"))
			return false;
		if (least > 64 || most > 64 || (most > 0 && least > most))
			return false;
	}
	item->least = (int) least;
	item->most = (int) most;
	if (most != 1 && item->kind == ORACLE_GROUP)
	{
		OracleNode	once = *item;
		Outline		outline;

		once.least = 1;
		outline = outline_item(&once);
		return !outline.none || !outline.none_gap;
	}
	return true;
}

static bool
read_row(Text *text, OraclePattern *pattern, int depth, const OracleNode **row)
{
	const OracleNode **end = row;

	*row = NULL;
	for (;;)
	{
		OracleNode *item;

		blanks(text);
		if (text->at == text->end)
			return depth == 0;
		if (depth > 0 && (*text->at == ')' || *text->at == '|'))
			return outline_row(*row).events;
		if (next_is(text, "(?"))
		{
			blanks(text);
			if (next_is(text, "w"))
			{
				OracleTime	window;

				if (depth > 0 || pattern->windowed || !time_condition(text, &window) ||
					window.op[0] != '<' || (window.op[1] == '\0' && window.value == 0))
					return false;
				pattern->windowed = true;
				pattern->within = window.value - (window.op[1] == '\0');
				blanks(text);
				if (!next_is(text, ")"))
					return false;
				continue;
			}
			if (pattern->at_end)
				return false;
			if (next_is(text, "t"))
			{
				if ((item = new_node(pattern, ORACLE_TIME)) == NULL)
					return false;
				if (pattern->ntimes == ORACLE_MAX_TIMES)
				{
					pattern->too_long = true;
					return false;
				}
				item->time = pattern->ntimes;
				if (!time_condition(text, &pattern->times[pattern->ntimes++]))
					return false;
				blanks(text);
				if (!next_is(text, ")"))
					return false;
			}
			else if ((item = new_node(pattern, ORACLE_EVENT)) == NULL ||
					 !read_conditions(text, item) || !read_quantifier(text, item))
				return false;
		}
		else if (pattern->at_end)
			return false;
		else if (next_is(text, ".*"))
		{
			if ((item = new_node(pattern, ORACLE_ANYTHING)) == NULL)
				return false;
		}
		else if (next_is(text, "."))
		{
			if ((item = new_node(pattern, ORACLE_EVENT)) == NULL)
				return false;
			item->negated = true;	/* meets none of no conditions */
			if (!read_quantifier(text, item))
				return false;
		}
		else if (next_is(text, "("))
		{
			if (depth == 32 || (item = new_node(pattern, ORACLE_GROUP)) == NULL)
				return false;
			do
			{
				if (item->nrows == ORACLE_MAX_ALTERNATIVES)
				{
					pattern->too_long = true;
					return false;
				}
				if (!read_row(text, pattern, depth + 1, &item->row[item->nrows++]))
					return false;
			} while (next_is(text, "|"));
			if (!next_is(text, ")") || !read_quantifier(text, item))
				return false;
		}
		else if (depth == 0 && *row == NULL && !pattern->at_begin && next_is(text, "^"))
		{
			pattern->at_begin = true;
			continue;
		}
		else if (depth == 0 && next_is(text, "$"))
		{
			pattern->at_end = true;
			continue;
		}
		else
			return false;
		*end = item;
		end = &item->next;
	}
}

/* Read a pattern; false when the text is not one, or one too long. */
bool
oracle_parse(const char *text_begin, size_t length, OraclePattern *pattern)
{
	Text		text = {text_begin, text_begin + length};
	Outline		outline;

	pattern->nnodes = pattern->ntimes = 0;
	pattern->at_begin = pattern->at_end = pattern->windowed = pattern->too_long = false;
	if (!read_row(&text, pattern, 0, &pattern->row))
		return false;
	pattern->nevents = places_of_row(pattern->row);
	outline = outline_row(pattern->row);
	return !outline.none && !outline.lead_time && !outline.trail_time && pattern->nevents <= 64;
}

/*-------------------------------------------------------------------------
 * Patterns: matching them.  A chain takes events at increasing positions.
 *-------------------------------------------------------------------------
 */

/* What the pattern says about the gap since the event before, so far. */
typedef struct OracleGap
{
	bool		anything;
	int			ntimes;
	int			times[ORACLE_MAX_TIMES];
} OracleGap;

/* What is to be matched next. */
typedef struct Rest
{
	const OracleNode *row;		/* the rest of a row, */
	const OracleNode *repeated; /* or once more of this, perhaps */
	int			place;			/* how many events are written before it */
	int			count;			/* how often it has been repeated */
	size_t		length;			/* of the chain when that began */
	const struct Rest *next;
} Rest;

/* A search that tries more is given up. */
#define MOST_TRIED 100000

typedef struct PatternSearch
{
	const OraclePattern *pattern;
	const Event *events;
	size_t		begin;			/* the chain lies in [begin, end) */
	size_t		first;			/* and begins with this one; SIZE_MAX: any */
	size_t		end;
	size_t		n;
	size_t		chain[64];		/* positions */
	size_t		length;
	uint64		tried;
	/* the answers */
	bool		matched;
	size_t		earliest;		/* end of a match */
	int			furthest;		/* event of the pattern */

	/*
	 * the best chain that ends a match at best_end, or in the event
	 * best_place
	 */
	size_t		best_end;
	int			best_place;
	bool		found;
	size_t		best[64];
	size_t		best_length;
} PatternSearch;

/* Does the gap admit these events on both sides? */
static bool
admits(const PatternSearch *search, const OracleGap *gap, size_t from, size_t to)
{
	uint64		distance = apart(search->events[from].at, search->events[to].at);
	int			i;

	if (!gap->anything && gap->ntimes == 0)
		return to == from + 1;
	for (i = 0; i < gap->ntimes; i++)
	{
		const OracleTime *time = &search->pattern->times[gap->times[i]];
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

/* The chain that has been laid is one to choose from. */
static void
choose_chain(PatternSearch *search)
{
	size_t		k;

	if (search->found)
	{
		for (k = 0; k < search->length && k < search->best_length; k++)
			if (search->chain[k] != search->best[k])
				break;
		if (k < search->length && k < search->best_length ?
			search->chain[k] > search->best[k] : search->length >= search->best_length)
			return;
	}
	search->found = true;
	search->best_length = search->length;
	memcpy(search->best, search->chain, search->length * sizeof(size_t));
}

static void try_rest(PatternSearch *search, const Rest *rest, OracleGap *gap);

/* Match an item once. */
static void
try_once(PatternSearch *search, const OracleNode *item, int place, OracleGap *gap, const Rest *rest)
{
	const OraclePattern *pattern = search->pattern;
	OracleGap	nothing = {0};
	size_t		last;
	size_t		i;

	if (++search->tried > MOST_TRIED)
		return;

	if (item->kind == ORACLE_GROUP)
	{
		int			r;

		for (r = 0; r < item->nrows; r++)
		{
			Rest		row = {item->row[r], NULL, place, 0, 0, rest};

			try_rest(search, &row, gap);
			place += places_of_row(item->row[r]);
		}
		return;
	}

	last = search->length == 0 ? 0 : search->chain[search->length - 1];
	for (i = search->length == 0 ? search->begin : last + 1; i < search->end; i++)
	{
		bool		meets_one = (search->events[i].step & item->conditions) != 0;

		if (search->length == 0 && search->first != SIZE_MAX && i != search->first)
			continue;
		if (meets_one == item->negated)
			continue;
		if (search->length > 0)
		{
			if (!admits(search, gap, last, i))
				continue;
			if (pattern->windowed &&
				apart(search->events[search->chain[0]].at, search->events[i].at) > pattern->within)
				continue;
		}
		else if (pattern->at_begin && !gap->anything && i > 0)
			continue;
		search->chain[search->length++] = i;
		if (place + 1 > search->furthest)
			search->furthest = place + 1;
		if (place + 1 == search->best_place)
			choose_chain(search);
		try_rest(search, rest, &nothing);
		search->length--;
	}
}

/* Match an item as often as it may be, `count` times of which are done. */
static void
try_repeats(PatternSearch *search, const OracleNode *item, int count, int place,
			OracleGap *gap, const Rest *rest)
{
	int			times = item->most > 0 ? item->most : item->least > 0 ? item->least : 1;
	int			size = places_of(item) / times;

	if (count >= item->least)
		try_rest(search, rest, gap);
	if (item->most == 0 || count < item->most)
	{
		Rest		again = {NULL, item, place, count + 1, search->length, rest};

		try_once(search, item, place + size * (count < times ? count : times - 1), gap, &again);
	}
}

/* Match the rest of the pattern in every way. */
static void
try_rest(PatternSearch *search, const Rest *rest, OracleGap *gap)
{
	const OracleNode *item;

	if (rest == NULL)
	{
		size_t		end = search->chain[search->length - 1] + 1;

		if (search->pattern->at_end && !gap->anything && end < search->n)
			return;
		search->matched = true;
		if (end < search->earliest)
			search->earliest = end;
		if (end == search->best_end)
			choose_chain(search);
		return;
	}
	if (rest->repeated != NULL)
	{
		/* if it matched no event, it does so however often */
		if (search->length == rest->length)
			try_rest(search, rest->next, gap);
		else
			try_repeats(search, rest->repeated, rest->count, rest->place, gap, rest->next);
		return;
	}
	item = rest->row;
	if (item == NULL)
		try_rest(search, rest->next, gap);
	else
	{
		Rest		after = {item->next, NULL, rest->place + places_of(item), 0, 0, rest->next};

		if (item->kind == ORACLE_ANYTHING || item->kind == ORACLE_TIME)
		{
			OracleGap	more = *gap;

			if (item->kind == ORACLE_ANYTHING)
				more.anything = true;
			else
				more.times[more.ntimes++] = item->time;
			after.place = rest->place;
			try_rest(search, &after, &more);
		}
		else
			try_repeats(search, item, 0, rest->place, gap, &after);
	}
}

static void
search_pattern_from(PatternSearch *search, const OraclePattern *pattern, const Event *events,
					size_t begin, size_t first, size_t end, size_t n, size_t best_end, int best_place)
{
	Rest		whole = {.row = pattern->row};
	OracleGap	nothing = {0};

	memset(search, 0, sizeof(PatternSearch));
	search->pattern = pattern;
	search->events = events;
	search->begin = begin;
	search->first = first;
	search->end = end;
	search->n = n;
	search->earliest = SIZE_MAX;
	search->best_end = best_end;
	search->best_place = best_place;
	try_rest(search, &whole, &nothing);
}

static void
search_pattern(PatternSearch *search, const OraclePattern *pattern, const Event *events,
			   size_t begin, size_t end, size_t n, size_t best_end, int best_place)
{
	search_pattern_from(search, pattern, events, begin, SIZE_MAX, end, n, best_end, best_place);
}

OracleMatch
oracle_find(const OraclePattern *pattern, const Event *events, size_t begin, size_t n)
{
	PatternSearch search;
	OracleMatch match;

	search_pattern(&search, pattern, events, begin, n, n, SIZE_MAX, -1);
	match.tried_all = search.tried <= MOST_TRIED;
	match.matched = search.matched;
	match.nevents = search.matched ? pattern->nevents : search.furthest;
	match.end = search.matched ? search.earliest : n;
	return match;
}

/* The most matches one after the other, over every way to lay them out. */
uint64
oracle_count(const OraclePattern *pattern, const Event *events, size_t n)
{
	uint64		most[65] = {0}; /* within the first i events; n is at most 64 */
	size_t		begin;
	size_t		end;

	for (end = 1; end <= n; end++)
	{
		most[end] = most[end - 1];
		for (begin = 0; begin < end; begin++)
		{
			PatternSearch search;

			if (most[begin] + 1 <= most[end] || (pattern->at_begin && begin > 0) ||
				(pattern->at_end && end < n))
				continue;
			search_pattern(&search, pattern, events, begin, end, n, SIZE_MAX, -1);
			if (search.matched)
				most[end] = most[begin] + 1;
		}
	}
	return most[n];
}

/*
 * The first match, or without one the match up to the furthest event of the
 * pattern, whose first event is earliest, then whose second is, and so on.
 */
size_t
oracle_match_times(const OraclePattern *pattern, const Event *events, size_t n,
				   int64 *times)
{
	OracleMatch match = oracle_find(pattern, events, 0, n);
	PatternSearch search;
	size_t		k;

	if (match.nevents == 0)
		return 0;
	search_pattern(&search, pattern, events, 0, n, n, match.matched ? match.end : SIZE_MAX,
				   match.matched ? -1 : match.nevents);
	for (k = 0; k < search.best_length; k++)
		times[k] = events[search.best[k]].at;
	return search.best_length;
}

/* The positions of the match that begins with an event and ends first; 0 if there is none. */
size_t
oracle_match_from(const OraclePattern *pattern, const Event *events, size_t first, size_t n,
				  size_t *places)
{
	PatternSearch search;

	search_pattern_from(&search, pattern, events, 0, first, n, n, SIZE_MAX, -1);
	if (!search.matched)
		return 0;
	search_pattern_from(&search, pattern, events, 0, first, n, n, search.earliest, -1);
	memcpy(places, search.best, search.best_length * sizeof(size_t));
	return search.best_length;
}
