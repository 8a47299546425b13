/*-------------------------------------------------------------------------
 *
 * funnel.c
 *		The funnel kernel: how far one user gets through a chain of steps.
 *
 * A chain is events e1 <= ... <= ek in time that meet steps 1 to k in order,
 * with the last at most `within` after the first.  The level of a user is the
 * longest chain.  It is enough to remember, for each level k, the latest
 * start of any chain that has reached the level: whatever a chain with an
 * older start can still reach, this chain can reach too.
 *
 * Events of one time, and of one seq where there is one, are taken together, as
 * simultaneous steps count as being in order.  The modes restrict the chain:
 *
 *	strict_order			an event that comes too early in the order of steps,
 *							or meets no step, ends the search
 *	allow_reentry			with strict_order: such an early step is passed over
 *	strict_deduplication	a repeat of a reached step, other than the first,
 *							ends the search
 *	strict_increase			each step is strictly later than the one before
 *	strict_once				one event counts for one step
 *	any_order				the steps count in whatever order they come, and one
 *							event for one step
 *	consecutive				no other event lies between two steps, and one event
 *							is one step
 *
 * The first three, and their combinations, are ClickHouse's windowFunnel.
 *
 * Several chains may reach the level of a user.  The reported times are those
 * of a chain that reaches it first, with each step as early as possible:
 *
 *	latest_chain			the one that starts last, the default
 *	first_chain				the one that starts first
 *
 * If events have a seq, the one with the higher seq is the later of two
 * events of the same time.
 *
 * A chain that starts earlier reaches a level no later than a chain that
 * starts later, unless its window ends before.  So, of all chains that reach
 * the level, the one that starts first is also among the first to reach it.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel/funnel.h"

/* No chain has reached this level.  Further from any event than DURATION_MAX. */
#define NO_START PG_INT64_MIN

typedef int64 Chain[STEPSET_MAX];	/* the time of each step of a chain */

/*
 * In strict_once: the lowest level from which the events of one time, each
 * used once, lead on to level `step` + 1.  The steps are 0-based, so level i is
 * left by condition i.  A bipartite matching of steps to events, found by
 * augmenting paths from the last step backwards.
 */
typedef struct OnceMatch
{
	uint64		rows[STEPSET_MAX * STEPSET_MAX];	/* conditions each row
													 * meets */
	int			nrows;
	int			step_of[STEPSET_MAX * STEPSET_MAX]; /* the step each row is
													 * used for, or -1 */
} OnceMatch;

/*
 * Collect the events of one time.  A condition that as many events meet as
 * there are steps never runs out, so an event that meets only such conditions
 * is not needed.  Returns false when no event meets two conditions: then one
 * event cannot count twice anyhow.
 */
static bool
once_collect(OnceMatch *match, const Event *events, size_t n, int nsteps)
{
	int			seen[STEPSET_MAX] = {0};
	uint64		plenty = 0;
	bool		overlap = false;
	size_t		i;

	match->nrows = 0;
	for (i = 0; i < n; i++)
	{
		uint64		met = stepset_conditions(events[i].step);
		uint64		left;

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		overlap |= (met & (met - 1)) != 0;
		if ((met & ~plenty) == 0)
			continue;
		match->rows[match->nrows++] = met;
		for (left = met; left != 0;)
		{
			int			k = stepset_lowest(left);

			left &= ~stepset_bit(k);
			if (++seen[k] >= nsteps)
				plenty |= stepset_bit(k);
		}
	}
	return overlap;
}

/* Find a row for a step, a free one or by moving other steps to other rows. */
static bool
once_augment(OnceMatch *match, int step, bool *tried)
{
	int			row;

	for (row = 0; row < match->nrows; row++)
		if (match->step_of[row] < 0 && (match->rows[row] & stepset_bit(step)) != 0)
		{
			match->step_of[row] = step;
			return true;
		}
	for (row = 0; row < match->nrows; row++)
	{
		if (tried[row] || (match->rows[row] & stepset_bit(step)) == 0)
			continue;
		tried[row] = true;
		if (once_augment(match, match->step_of[row], tried))
		{
			match->step_of[row] = step;
			return true;
		}
	}
	return false;
}

static int
once_lowest_level(OnceMatch *match, int step)
{
	int			k;
	int			row;

	for (row = 0; row < match->nrows; row++)
		match->step_of[row] = -1;
	for (k = step; k >= 0; k--)
	{
		bool		tried[STEPSET_MAX * STEPSET_MAX];

		memset(tried, 0, (size_t) match->nrows * sizeof(bool));
		kernel_check_interrupts();
		if (!once_augment(match, k, tried))
			break;
	}
	return k + 1;
}

/*
 * Every mode but any_order and consecutive.  Inlined with constant modes, so
 * that the common case carries none of the others' work.  `times`, if wanted,
 * receives the times of the first chain that reaches the level returned, of
 * several the one that starts last; of several with the same start it is the
 * one whose steps come earliest.  The search ends at level `goal`.  With
 * `one_start` a chain begins only with the events of the first time (and seq).
 */
static pg_attribute_always_inline int
chain_level(const Event *events, size_t n, int nsteps, uint64 within,
			uint32 modes, int goal, bool one_start, int64 *times, Chain *chains,
			Chain *old_chains, OnceMatch *once)
{
	/* what must differ for one event to come after another */
	const bool	by_event = (modes & FUNNEL_SEQUENCED) && !(modes & FUNNEL_STRICT_INCREASE);
	const bool	keep_old = (modes & (FUNNEL_STRICT_INCREASE | FUNNEL_STRICT_ONCE)) != 0;

	/* starts are times, or if of one time one may be later, numbers of events */
	const bool	numbered = times != NULL && (modes & FUNNEL_SEQUENCED);
	int64		start[STEPSET_MAX + 1]; /* latest start of a chain at a level */
	int64		old_start[STEPSET_MAX + 1]; /* the same before this time */
	int64		changed[STEPSET_MAX + 1];	/* the moment a level last changed */
	int			reached = 0;
	size_t		next_check = KERNEL_CHECK_EVERY;
	size_t		i = 0;
	int			k;

	for (k = 0; k <= nsteps; k++)
	{
		start[k] = NO_START;
		changed[k] = NO_START;
	}

	while (i < n)
	{
		const size_t first = i;
		const int64 at = events[i].at;
		const int64 moment = by_event ? (int64) first : at;
		uint64		met = stepset_conditions(events[i].step);
		uint64		repeated = 0;
		bool		stranger = met == 0;
		bool		overlap = false;

		while (++i < n && events[i].at == at &&
			   (!(modes & FUNNEL_SEQUENCED) || event_is_tied(&events[i])))
		{
			uint64		also = stepset_conditions(events[i].step);

			repeated |= met & also;
			stranger |= also == 0;
			met |= also;
			if (i >= next_check)
			{
				kernel_check_interrupts();
				next_check = i + KERNEL_CHECK_EVERY;
			}
		}
		if (i >= next_check)
		{
			kernel_check_interrupts();
			next_check = i + KERNEL_CHECK_EVERY;
		}

		if ((modes & FUNNEL_STRICT_ORDER) && stranger && reached > 0)
			return reached;
		if ((modes & FUNNEL_STRICT_ONCE) && i - first > 1)
			overlap = once_collect(once, events + first, i - first, nsteps);

		start[0] = numbered ? (int64) first : at;
		while (met != 0)
		{
			int			step = stepset_lowest(met);
			int			from = step;	/* the level that the chain leaves */
			bool		old;
			int64		began;
			int64		began_at;

			met &= ~stepset_bit(step);
			if (one_start && step == 0 && first > 0)
				continue;
			if (step > 0)
			{
				if ((modes & FUNNEL_STRICT_DEDUPLICATION) && reached > step)
					return reached;
				if ((modes & FUNNEL_STRICT_ORDER) && reached > 0 && reached < step)
				{
					if (modes & FUNNEL_ALLOW_REENTRY)
						continue;
					return reached;
				}
			}

			if ((modes & FUNNEL_STRICT_ONCE) && !(modes & FUNNEL_STRICT_INCREASE) && overlap)
			{
				from = once_lowest_level(once, step);
				if (one_start && first > 0 && from == 0)
					from = 1;

				/*
				 * with the same start, a higher level has more steps behind
				 * it
				 */
				while (times != NULL && from > 0 && from < step &&
					   (changed[from] == moment ? old_start[from] : start[from]) ==
					   (changed[from + 1] == moment ? old_start[from + 1] : start[from + 1]))
					from++;
			}
			old = (modes & FUNNEL_STRICT_INCREASE) ||
				((modes & FUNNEL_STRICT_ONCE) && (i - first == 1 || overlap));
			old = old && from > 0 && changed[from] == moment;
			began = old ? old_start[from] : start[from];
			began_at = numbered && began != NO_START ? events[began].at : began;

			if (keep_old && changed[step + 1] != moment)
			{
				changed[step + 1] = moment;
				old_start[step + 1] = start[step + 1];
				if (times != NULL)
					memcpy(old_chains[step + 1], chains[step + 1], sizeof(Chain));
			}
			if (times != NULL && time_between(began_at, at) <= within &&
				(start[step + 1] == NO_START || began > start[step + 1]))
			{
				int64	   *chain = chains[step + 1];

				memmove(chain, old ? old_chains[from] : chains[from],
						from * sizeof(int64));
				for (k = from; k <= step; k++)
					chain[k] = at;
				if (step + 1 > reached)
					memcpy(times, chain, (step + 1) * sizeof(int64));
			}

			/*
			 * A start that is too old is stored as well, because any start
			 * before it is even older.  So only a new level checks the time.
			 */
			start[step + 1] = began;
			if (step >= reached && time_between(began_at, at) <= within)
			{
				reached = step + 1;
				if (reached == goal)
					return goal;
			}
			if ((modes & FUNNEL_STRICT_DEDUPLICATION) && step > 0 && reached > step &&
				(repeated & stepset_bit(step)) != 0)
				return reached;
		}
	}
	return reached;
}

/*
 * In any_order: the event that each step is met by.  Together they are as many
 * steps as the events so far can meet with an event for each, and among all such
 * choices the latest events.  So those of them that lie in a window that ends
 * now are as many as the events of that window can meet, whatever its length
 * (they are a basis of greatest weight of a transversal matroid).
 */
typedef struct AnyOrder
{
	uint64		filled;			/* steps that have an event */
	int			nfilled;
	int64		at[STEPSET_MAX];	/* when it was */
	uint64		met[STEPSET_MAX];	/* and which conditions it meets */
} AnyOrder;

/*
 * Take in an event, not before any other.  Where no step is left for it, even by
 * moving events to other steps that they meet, the oldest that it can replace in
 * this way makes room.
 */
static void
any_order_take(AnyOrder *chosen, int64 at, uint64 met)
{
	int			from[STEPSET_MAX];	/* the step whose event can move here; -1:
									 * the new one can */
	uint64		reached = met;
	uint64		pending = met;
	uint64		left;
	int			step = -1;		/* the one to be filled */
	int			oldest = -1;

	for (left = met; left != 0;)
	{
		int			k = stepset_lowest(left);

		left &= ~stepset_bit(k);
		from[k] = -1;
	}
	while (pending != 0)
	{
		int			k = stepset_lowest(pending & ~chosen->filled ? pending & ~chosen->filled : pending);

		pending &= ~stepset_bit(k);
		if ((chosen->filled & stepset_bit(k)) == 0)
		{
			step = k;
			break;
		}
		if (oldest < 0 || chosen->at[k] < chosen->at[oldest])
			oldest = k;
		left = chosen->met[k] & ~reached;
		reached |= left;
		pending |= left;
		while (left != 0)
		{
			int			next = stepset_lowest(left);

			left &= ~stepset_bit(next);
			from[next] = k;
		}
	}
	if (step < 0)
		step = oldest;
	else
	{
		chosen->filled |= stepset_bit(step);
		chosen->nfilled++;
	}
	for (; from[step] >= 0; step = from[step])
	{
		chosen->at[step] = chosen->at[from[step]];
		chosen->met[step] = chosen->met[from[step]];
	}
	chosen->at[step] = at;
	chosen->met[step] = met;
}

/*
 * The times of the events, in order.  `mask` is what the times were combined
 * with when the events were taken in: 0 or -1.
 */
static void
any_order_times(const AnyOrder *chosen, int64 mask, int64 *times)
{
	uint64		left;
	int			filled = 0;

	for (left = chosen->filled; left != 0;)
	{
		int			k = stepset_lowest(left);
		int64		at = chosen->at[k] ^ mask;
		int			place;

		left &= ~stepset_bit(k);
		for (place = filled++; place > 0 && times[place - 1] > at; place--)
			times[place] = times[place - 1];
		times[place] = at;
	}
}

/*
 * any_order: the most steps that the events of one window can meet, each step
 * by an event of its own.  The times are those of the first window that meets so
 * many, in order, of its latest events, or in first_chain of its first.  Events
 * of one time, and of one seq where there is one, are in the same windows.
 */
static int
any_order_level(const Event *events, size_t n, int nsteps, uint64 within,
				uint32 modes, int64 *times)
{
	AnyOrder	chosen;
	int			reached = 0;
	size_t		complete = 0;	/* the last event of the window */
	bool		better = false; /* has the window that ends now more than any
								 * before? */
	size_t		i;

	chosen.filled = 0;
	chosen.nfilled = 0;
	for (i = 0; i < n; i++)
	{
		const int64 at = events[i].at;
		uint64		met = stepset_conditions(events[i].step);
		uint64		left;

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		if (met != 0)
		{
			any_order_take(&chosen, at, met);
			better |= chosen.nfilled > reached;
		}
		if (!better ||
			(i + 1 < n && events[i + 1].at == at &&
			 (!(modes & FUNNEL_SEQUENCED) || event_is_tied(&events[i + 1]))))
			continue;
		better = false;

		/*
		 * forget what the window has left behind; no later one reaches back
		 * as far
		 */
		for (left = chosen.filled; left != 0;)
		{
			int			k = stepset_lowest(left);

			left &= ~stepset_bit(k);
			if (time_between(chosen.at[k], at) > within)
			{
				chosen.filled &= ~stepset_bit(k);
				chosen.nfilled--;
			}
		}
		if (chosen.nfilled <= reached)
			continue;
		reached = chosen.nfilled;
		complete = i;
		if (times != NULL)
			any_order_times(&chosen, 0, times);
		if (reached == nsteps)
			break;
	}
	if (times != NULL && reached > 0 && (modes & FUNNEL_FIRST_CHAIN))
	{
		/*
		 * the same backwards: with all bits of a time inverted the first is
		 * the latest
		 */
		chosen.filled = 0;
		chosen.nfilled = 0;
		for (i = complete + 1; i > 0 && time_between(events[i - 1].at, events[complete].at) <= within; i--)
		{
			uint64		met = stepset_conditions(events[i - 1].step);

			if (i % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
			if (met != 0)
				any_order_take(&chosen, ~events[i - 1].at, met);
		}
		any_order_times(&chosen, -1, times);
	}
	return reached;
}

/* The end of the events of one time, and of one seq where there is one. */
static size_t
moment_end(const Event *events, size_t n, uint32 modes, size_t first)
{
	size_t		i = first + 1;

	for (; i < n && events[i].at == events[first].at &&
		 (!(modes & FUNNEL_SEQUENCED) || event_is_tied(&events[i])); i++)
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	return i;
}

/*
 * How many steps, from `step` on and in order, can events first to end - 1 meet,
 * each step by an event of its own?
 */
static int
consecutive_steps(OnceMatch *once, const Event *events, size_t first, size_t end, int nsteps,
				  int step)
{
	const size_t left = (size_t) (nsteps - step);
	const size_t most = end - first < left ? end - first : left;
	size_t		k;
	int			row;

	(void) once_collect(once, events + first, end - first, nsteps);
	for (row = 0; row < once->nrows; row++)
		once->step_of[row] = -1;
	for (k = 0; k < most; k++)
	{
		bool		tried[STEPSET_MAX * STEPSET_MAX];

		memset(tried, 0, (size_t) once->nrows * sizeof(bool));
		if (!once_augment(once, step + (int) k, tried))
			break;
	}
	return (int) k;
}

/*
 * consecutive: the longest run of events that meet the steps one after the
 * other, with no event between them.  Simultaneous events have no order: a run
 * begins with as many of them as it likes, the others being before it, goes
 * through all of them, and ends with as many as it likes.  `begin` and `end`, if
 * not NULL, receive where the events that are simultaneous with a step of the
 * run begin and end.
 */
int
funnel_consecutive(const Event *events, size_t n, int nsteps, const FunnelSpec *spec,
				   int64 *times, size_t *begin, size_t *end)
{
	const uint32 modes = spec->modes;
	OnceMatch	once;
	int			reached = 0;
	size_t		reached_first = 0;	/* where its first events begin */
	size_t		reached_last = 0;	/* and its last */
	size_t		first;
	size_t		next;			/* after the events that begin at first */

	for (first = 0; first < n; first = next)
	{
		int			taken;		/* of the first events */

		if (reached == nsteps && ((modes & FUNNEL_FIRST_CHAIN) || times == NULL || first > reached_last))
			break;
		next = moment_end(events, n, modes, first);
		for (taken = consecutive_steps(&once, events, first, next, nsteps, 0); taken > 0; taken--)
		{
			int64		run_times[STEPSET_MAX];
			int			level = 0;
			int			more = taken;
			size_t		last = first;
			size_t		i = first;
			size_t		i_end = next;

			kernel_check_interrupts();
			while (more > 0)
			{
				last = i;
				for (; more > 0; more--)
					run_times[level++] = events[i].at;

				/*
				 * all that are simultaneous must be steps, but those before
				 * the first
				 */
				if (i > first && (size_t) (level - taken) < i_end - next)
					break;
				i = i_end;
				if (i == n || level == nsteps ||
					time_between(events[first].at, events[i].at) > (uint64) spec->within)
					break;
				i_end = moment_end(events, n, modes, i);
				more = consecutive_steps(&once, events, i, i_end, nsteps, level);
			}
			if (level > reached ||
				(level == reached && !(modes & FUNNEL_FIRST_CHAIN) && last == reached_last && first > reached_first))
			{
				reached = level;
				reached_first = first;
				reached_last = last;
				if (times != NULL)
					memcpy(times, run_times, level * sizeof(int64));
			}
		}
	}
	if (begin != NULL)
		*begin = reached_first;
	if (end != NULL)
		*end = reached > 0 ? moment_end(events, n, modes, reached_last) : 0;
	return reached;
}

/*
 * The rarer cases have functions of their own, so that their workspace does
 * not weigh on the stack of the common one.
 */
static pg_noinline int
chain_level_modes(const Event *events, size_t n, int nsteps, uint64 within,
				  uint32 modes)
{
	OnceMatch	once;

	return chain_level(events, n, nsteps, within, modes, nsteps, false, NULL, NULL,
					   NULL, &once);
}

static pg_noinline int
chain_level_times(const Event *events, size_t n, int nsteps, uint64 within,
				  uint32 modes, int goal, bool one_start, int64 *times)
{
	Chain		chains[STEPSET_MAX + 1];
	Chain		old_chains[STEPSET_MAX + 1];
	OnceMatch	once;

	return chain_level(events, n, nsteps, within, modes, goal, one_start,
					   times, chains, old_chains, &once);
}

/*
 * Given the times of the chain that counts in latest_chain, put in their place
 * those of the one that starts first.  It starts with the first event of step 1
 * whose window reaches the last of these times, since a chain that starts
 * earlier is never behind one that starts later.  What ended the search came
 * after both, so it need not be looked for again.
 */
static pg_noinline void
first_chain_times(const Event *events, size_t n, int nsteps, uint64 within,
				  uint32 modes, int level, int64 *times)
{
	size_t		low = 0;
	size_t		high = n;

	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (events[middle].at < times[level - 1] &&
			time_between(events[middle].at, times[level - 1]) > within)
			low = middle + 1;
		else
			high = middle;
	}
	while ((events[low].step & stepset_bit(0)) == 0)
	{
		if (low++ % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	if (events[low].at == times[0] && !(modes & FUNNEL_SEQUENCED))
		return;
	modes &= FUNNEL_STRICT_INCREASE | FUNNEL_STRICT_ONCE | FUNNEL_SEQUENCED;
	(void) chain_level_times(events + low, n - low, nsteps, within, modes, level, true, times);
}

/*
 * The level of one user, `goal` at most, by any mode but any_order and
 * consecutive, without rules.
 */
int
funnel_goal_level(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, int goal,
				  int64 *times)
{
	const uint64 within = (uint64) spec->within;
	const uint32 modes = spec->modes & ~(uint32) (FUNNEL_CHAIN_MODES | FUNNEL_RULED | FUNNEL_BY_SESSION);
	int			level = chain_level_times(events, n, nsteps, within, modes, goal, false, times);

	if (level > 1 && (spec->modes & FUNNEL_FIRST_CHAIN))
		first_chain_times(events, n, nsteps, within, modes, level, times);
	return level;
}

/*
 * The level of one user, 0 to nsteps.  The events are in the event order and
 * carry nsteps conditions each, and those excluded.  `times`, if not NULL, has
 * room for nsteps times and receives one for each level reached, not decreasing
 * but for optional steps.
 */
int
funnel_level(const Event *events, size_t n, int nsteps,
			 const FunnelSpec *spec, int64 *times)
{
	const uint64 within = (uint64) spec->within;
	const uint32 modes = spec->modes & ~(uint32) (FUNNEL_CHAIN_MODES | FUNNEL_RULED | FUNNEL_BY_SESSION);

	if (unlikely(funnel_chain_has_rules(spec)))
	{
		FunnelChain chain;

		funnel_ruled_chain(events, n, nsteps, spec, STEPSET_MAX, &chain);
		if (times != NULL)
			memcpy(times, chain.times, chain.level * sizeof(int64));
		return chain.dropped ? 0 : chain.level;
	}
	if (modes & FUNNEL_ANY_ORDER)
		return any_order_level(events, n, nsteps, within, spec->modes, times);
	if (modes & FUNNEL_CONSECUTIVE)
		return funnel_consecutive(events, n, nsteps, spec, times, NULL, NULL);
	if (times != NULL)
		return funnel_goal_level(events, n, nsteps, spec, nsteps, times);
	if (modes != 0)
		return chain_level_modes(events, n, nsteps, within, modes);
	return chain_level(events, n, nsteps, within, 0, nsteps, false, NULL, NULL, NULL, NULL);
}
