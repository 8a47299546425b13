/*-------------------------------------------------------------------------
 *
 * sequence.c
 *		The sequence kernel: matching a pattern against one user's events.
 *
 * The pattern runs as a nondeterministic automaton with one bit for each
 * state.  An event enters the states whose conditions it meets and that are
 * reachable from an earlier event, or from the start:
 *
 *	adjacent_to	of the states that the event just before was in
 *	free_to		of those that any event since the search began was in
 *	a range		of a state that one at an admissible distance in time was in
 *
 * For a range [least, most] of a state, the latest event in the state that is
 * at least `least` back decides: the range admits if this event is at most
 * `most` back; otherwise no event qualifies.  With least = 0 this is just the
 * latest event in the state.  With least > 0, a position follows `least`
 * behind the current event and reads from the history the states of each
 * event; it only moves forward.  So the time is bounded by events times
 * states and ranges, and the memory by a word an event, whatever the pattern.
 * There is no backtracking.
 *
 * With a window each state also carries the latest possible start of the
 * match; see sequence_find_within().
 *
 * A match ends at the first possible event.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/sequence.h"

/* What a range with least > 0 remembers. */
typedef struct RangeState
{
	size_t		next;			/* the next event to look at */
	bool		found;			/* has an event been in the state? */
	int64		latest;			/* then the time of the latest admissible one */
} RangeState;

/*
 * Which of the states `wanted` do the ranges of a state open to the event at
 * position i?  Some event has been in the state before it, the latest at
 * `latest`.
 */
static pg_noinline uint64
sequence_ranges_open(const Pattern *pattern, int state, uint64 wanted, int64 latest,
					 RangeState *range_states, const Event *events, size_t i,
					 const uint64 *history)
{
	const int64 at = events[i].at;
	uint64		open = 0;
	int			r;

	for (r = pattern->first_range[state]; r < pattern->first_range[state + 1]; r++)
	{
		const PatternRange *range = &pattern->ranges[r];
		RangeState *seen = &range_states[r];

		if ((range->targets & wanted & ~open) == 0)
			continue;
		if (range->least > 0)
		{
			size_t		next = seen->next;

			while (next < i && time_between(events[next].at, at) >= range->least)
			{
				if (history[next] >> state & 1)
				{
					seen->latest = events[next].at;
					seen->found = true;
				}
				if (++next % KERNEL_CHECK_EVERY == 0)
					kernel_check_interrupts();
			}
			seen->next = next;
			if (seen->found && time_between(seen->latest, at) <= range->most)
				open |= range->targets;
		}
		else if (time_between(latest, at) <= range->most)
			open |= range->targets;
	}
	return open & wanted;
}

/*
 * Search events [begin, n) for the first match, its window aside.  `history`,
 * when given, has room for n words and receives the states that each event was
 * in.  A linear pattern is spared the look-up of where a state leads: to the
 * next.
 */
static pg_attribute_always_inline SequenceMatch
sequence_find_plain(const Pattern *pattern, const Event *events, size_t begin, size_t n,
					uint64 *history, bool linear, bool stop_at_match)
{
	const uint64 adjacent = pattern->adjacent;
	const uint64 free = pattern->free;
	const uint64 timed = pattern->timed;
	const uint64 end_any = linear ? pattern_state_bit(pattern->nevents - 1) : pattern->end_any;
	RangeState	ranges[PATTERN_MAX_RANGES];
	int64		latest[PATTERN_MAX_EVENTS]; /* when each state was last
											 * entered */
	SequenceMatch match = {false, 0, n, 0};
	uint64		now = 0;		/* states that the event just before was in */
	uint64		ever = 0;		/* states that any event so far was in */
	uint64		freed = 0;		/* states that these lead on to freely */
	size_t		i;
	int			r;

	for (r = 0; pattern->looks_back && r < pattern->first_range[pattern->nevents]; r++)
	{
		ranges[r].next = begin;
		ranges[r].found = false;
	}

	for (i = begin; i < n; i++)
	{
		uint64		enter = pattern_states_met(pattern, events[i].step, linear);
		uint64		waiting;

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();

		if (linear)
		{
			waiting = enter & ((ever & timed) << 1);
			now = enter & (((now & adjacent) | (ever & free)) << 1 | 1);
			for (; waiting != 0; waiting &= waiting - 1)
			{
				int			state = pattern_lowest_state(waiting) - 1;

				now |= sequence_ranges_open(pattern, state, enter, latest[state], ranges,
											events, i, history);
			}
		}
		else
		{
			uint64		reached = pattern->begin_any | freed;

			if (i == 0)
				reached |= pattern->begin_first;
			for (waiting = now & adjacent; waiting != 0; waiting &= waiting - 1)
				reached |= pattern->adjacent_to[pattern_lowest_state(waiting)];
			now = enter & reached;
			for (waiting = ever & timed; waiting != 0 && (enter & ~now) != 0; waiting &= waiting - 1)
			{
				int			state = pattern_lowest_state(waiting);

				now |= sequence_ranges_open(pattern, state, enter & ~now, latest[state], ranges,
											events, i, history);
			}
			for (waiting = now & free & ~ever; waiting != 0; waiting &= waiting - 1)
				freed |= pattern->free_to[pattern_lowest_state(waiting)];
		}

		if (history != NULL)
			history[i] = now;
		if (stop_at_match &&
			((now & end_any) != 0 ||
			 (!linear && i + 1 == n && (now & pattern->end_last) != 0)))
		{
			match.matched = true;
			match.nevents = pattern->nevents;
			match.end = i + 1;
			match.reached = ever | now;
			return match;
		}
		ever |= now;

		/*
		 * Note the time in the states entered.  The last state, which has no
		 * gap after it in a linear pattern, stands in for none: one state is
		 * common, and is noted without a branch.
		 */
		waiting = now & timed;
		if (!linear && waiting == 0)
			continue;
		latest[linear ? pattern_lowest_state(waiting | pattern_state_bit(PATTERN_MAX_EVENTS - 1)) :
			   pattern_lowest_state(waiting)] = events[i].at;
		while ((waiting &= waiting - 1) != 0)
			latest[pattern_lowest_state(waiting)] = events[i].at;
	}

	match.nevents = ever == 0 ? 0 : PATTERN_MAX_EVENTS - __builtin_clzll(ever);
	match.reached = ever;
	return match;
}

/*-------------------------------------------------------------------------
 * Patterns with a window
 *-------------------------------------------------------------------------
 */

/* An event that was in a state, and the latest time that the match can have begun. */
typedef struct Reached
{
	int64		at;
	int64		began;
} Reached;

/*
 * What a range remembers: of the events in its state that are at least `least`
 * back, the latest beginning.  If the range has a bound that the window does
 * not imply, events leave it again, and a queue holds those that may become
 * the answer: in order of time, and with ever earlier beginnings.
 */
typedef struct WindowRange
{
	size_t		next;			/* the first event in the state not looked at */
	bool		found;
	int64		began;			/* without a queue */
	uint64	   *queue;			/* positions among the events in the state */
	size_t		head;
	size_t		tail;
} WindowRange;

/* Does a range with a window need to know all events in its state? */
static inline bool
sequence_range_needs_list(const Pattern *pattern, const PatternRange *range)
{
	return range->least > 0 || range->most < pattern->within;
}

/* Words of space that sequence_find_within() needs for n events. */
static size_t
sequence_window_space(const Pattern *pattern, size_t n)
{
	size_t		words = 0;
	int			state;
	int			r;

	for (state = 0; state < pattern->nevents; state++)
	{
		bool		list = false;

		for (r = pattern->first_range[state]; r < pattern->first_range[state + 1]; r++)
		{
			list |= sequence_range_needs_list(pattern, &pattern->ranges[r]);
			if (pattern->ranges[r].most < pattern->within)
				words += n;
		}
		if (list)
			words += n * (sizeof(Reached) / sizeof(uint64));
	}
	return words;
}

/*
 * The latest beginning of a match that a range of a state lets go on with an
 * event at the time `at`; false if there is none.  `reached` are the n earlier
 * events in the state.
 */
static bool
sequence_window_range_began(const PatternRange *range, WindowRange *seen,
							const Reached *reached, size_t n, int64 at, int64 *began)
{
	for (; seen->next < n && time_between(reached[seen->next].at, at) >= range->least; seen->next++)
	{
		const Reached *event = &reached[seen->next];

		if (seen->next % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		if (seen->queue != NULL)
		{
			while (seen->tail > seen->head &&
				   reached[seen->queue[seen->tail - 1]].began <= event->began)
				seen->tail--;
			seen->queue[seen->tail++] = seen->next;
		}
		else if (!seen->found || event->began > seen->began)
		{
			seen->began = event->began;
			seen->found = true;
		}
	}
	if (seen->queue == NULL)
	{
		*began = seen->began;
		return seen->found;
	}
	while (seen->head < seen->tail &&
		   time_between(reached[seen->queue[seen->head]].at, at) > range->most)
		seen->head++;
	if (seen->head == seen->tail)
		return false;
	*began = reached[seen->queue[seen->head]].began;
	return true;
}

/* Let a match that began at `began` enter these states, if none began later. */
static inline uint64
sequence_enter_states(uint64 states, int64 began, uint64 entered, int64 *latest)
{
	uint64		left = states;

	for (; left != 0; left &= left - 1)
	{
		int			state = pattern_lowest_state(left);

		if (!(entered >> state & 1) || latest[state] < began)
			latest[state] = began;
	}
	return entered | states;
}

/*
 * Search events [begin, n) for the first match within the pattern's window.
 * Among all ways to reach a state with an event, the one that began last is
 * at least as good as the others for the rest of the match.  So each state of
 * an event carries only the time of this beginning. *last_end, when given,
 * lets the search go on to the end and receives the last event that ends a
 * match, n if none does.
 */
static SequenceMatch
sequence_find_within(const Pattern *pattern, const Event *events, size_t begin, size_t n,
					 uint64 *space, size_t *last_end)
{
	int64		now_began[PATTERN_MAX_EVENTS];	/* of the states in `now` */
	int64		ever_began[PATTERN_MAX_EVENTS]; /* of those in `ever` */
	Reached    *reached[PATTERN_MAX_EVENTS];	/* the events in a state, or
												 * NULL */
	size_t		nreached[PATTERN_MAX_EVENTS];
	WindowRange ranges[PATTERN_MAX_RANGES];
	SequenceMatch match = {false, 0, n, 0};
	uint64		now = 0;
	uint64		ever = 0;
	uint64		listed = 0;		/* states whose events are kept */
	size_t		i;
	int			state;
	int			r;

	for (state = 0; state < pattern->nevents; state++)
	{
		for (r = pattern->first_range[state]; r < pattern->first_range[state + 1]; r++)
		{
			memset(&ranges[r], 0, sizeof(WindowRange));
			if (pattern->ranges[r].most < pattern->within)
			{
				ranges[r].queue = space;
				space += n;
			}
			if (sequence_range_needs_list(pattern, &pattern->ranges[r]))
				listed |= pattern_state_bit(state);
		}
		nreached[state] = 0;
		if (listed >> state & 1)
		{
			reached[state] = (Reached *) space;
			space += n * (sizeof(Reached) / sizeof(uint64));
		}
	}
	if (last_end != NULL)
		*last_end = n;

	for (i = begin; i < n; i++)
	{
		const int64 at = events[i].at;
		const uint64 enter = pattern_states_met(pattern, events[i].step, false);
		const uint64 fresh = enter & (pattern->begin_any | (i == 0 ? pattern->begin_first : 0));
		const uint64 other = enter & ~fresh;
		int64		began[PATTERN_MAX_EVENTS];
		uint64		next = 0;
		uint64		left;

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		if (other != 0)
		{
			for (left = now & pattern->adjacent; left != 0; left &= left - 1)
			{
				state = pattern_lowest_state(left);
				next = sequence_enter_states(pattern->adjacent_to[state] & other, now_began[state], next, began);
			}
			for (left = ever & pattern->free; left != 0; left &= left - 1)
			{
				state = pattern_lowest_state(left);
				next = sequence_enter_states(pattern->free_to[state] & other, ever_began[state], next, began);
			}
			for (left = ever & pattern->timed; left != 0; left &= left - 1)
			{
				state = pattern_lowest_state(left);
				for (r = pattern->first_range[state]; r < pattern->first_range[state + 1]; r++)
				{
					const PatternRange *range = &pattern->ranges[r];
					int64		latest = ever_began[state];

					if ((range->targets & other) != 0 &&
						(!sequence_range_needs_list(pattern, range) ||
						 sequence_window_range_began(range, &ranges[r], reached[state], nreached[state],
													 at, &latest)))
						next = sequence_enter_states(range->targets & other, latest, next, began);
				}
			}
			for (left = next; left != 0; left &= left - 1)
				if (time_between(began[pattern_lowest_state(left)], at) > pattern->within)
					next &= ~(left & -left);
		}
		next = sequence_enter_states(fresh, at, next, began);

		now = next;
		if ((now & pattern->end_any) != 0 ||
			(i + 1 == n && (now & pattern->end_last) != 0))
		{
			match.matched = true;
			match.nevents = pattern->nevents;
			match.end = i + 1;
			match.reached = ever | now;
			if (last_end == NULL)
				return match;
			*last_end = i;
		}
		for (left = now; left != 0; left &= left - 1)
		{
			state = pattern_lowest_state(left);
			now_began[state] = began[state];
			if (!(ever >> state & 1) || ever_began[state] < began[state])
				ever_began[state] = began[state];
			if (listed >> state & 1)
			{
				reached[state][nreached[state]].at = at;
				reached[state][nreached[state]].began = began[state];
				nreached[state]++;
			}
		}
		ever |= now;
	}
	if (!match.matched)
		match.nevents = ever == 0 ? 0 : PATTERN_MAX_EVENTS - __builtin_clzll(ever);
	match.reached = ever;
	return match;
}

static inline bool
sequence_has_window(const Pattern *pattern)
{
	return pattern->within != UINT64_MAX;
}

/* Words of space that sequence_find() and sequence_count_matches() need. */
size_t
sequence_space(const Pattern *pattern, size_t n)
{
	if (sequence_has_window(pattern))
		return sequence_window_space(pattern, n);
	return pattern->looks_back ? n : 0;
}

/*
 * The first match in events [begin, n), which are in the event order.  If
 * there is none, end is n.  `space` has the room that sequence_space() tells
 * for n events, and may be NULL if that is none.
 */
SequenceMatch
sequence_find(const Pattern *pattern, const Event *events, size_t begin, size_t n,
			  uint64 *space)
{
	if (sequence_has_window(pattern))
		return sequence_find_within(pattern, events, begin, n, space, NULL);
	if (!pattern->linear)
		return sequence_find_plain(pattern, events, begin, n, pattern->looks_back ? space : NULL, false, true);
	if (pattern->looks_back)
		return sequence_find_plain(pattern, events, begin, n, space, true, true);
	return sequence_find_plain(pattern, events, begin, n, NULL, true, true);
}

/*
 * How many matches lie one after the other.  Each ends as early as it can, so
 * no other choice of matches gives more.  What is bound to the user's first or
 * last event matches once.
 */
uint64
sequence_count_matches(const Pattern *pattern, const Event *events, size_t n,
					   uint64 *space)
{
	uint64		count = 0;
	size_t		begin = 0;

	while (begin < n)
	{
		SequenceMatch match = sequence_find(pattern, events, begin, n, space);

		if (!match.matched)
			break;
		count++;
		if (pattern->at_begin || pattern->at_end)
			break;
		begin = match.end;
	}
	return count;
}

/*-------------------------------------------------------------------------
 * The times of a match
 *-------------------------------------------------------------------------
 */

/* Lay events [begin, end) in reverse, mirrored in time, so that times still increase. */
void
sequence_lay_in_reverse(const Event *events, size_t begin, size_t end, Event *reversed)
{
	size_t		i;

	for (i = end; i > begin; i--)
	{
		reversed->at = -events[i - 1].at;
		reversed->step = events[i - 1].step;
		reversed++;
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
}

/* Note for each event in which states it can be on the way to the end. */
void
sequence_find_all(const Pattern *pattern, const Event *events, size_t n, uint64 *history)
{
	if (pattern->linear)
		(void) sequence_find_plain(pattern, events, 0, n, history, true, false);
	else
		(void) sequence_find_plain(pattern, events, 0, n, history, false, false);
}

/*
 * The states that an event in some of `states`, at position `from`, leads on
 * to, for one at `to`.  `freed` are those that it leads to freely.
 */
static uint64
sequence_lead_on(const Pattern *pattern, uint64 states, uint64 freed, const Event *events,
				 size_t from, size_t to)
{
	uint64		apart = time_between(events[from].at, events[to].at);
	uint64		reached = freed;
	uint64		left;
	int			r;

	if (to == from + 1)
		for (left = states & pattern->adjacent; left != 0; left &= left - 1)
			reached |= pattern->adjacent_to[pattern_lowest_state(left)];
	for (left = states & pattern->timed; left != 0; left &= left - 1)
	{
		int			state = pattern_lowest_state(left);

		for (r = pattern->first_range[state]; r < pattern->first_range[state + 1]; r++)
			if (apart >= pattern->ranges[r].least && apart <= pattern->ranges[r].most)
				reached |= pattern->ranges[r].targets;
	}
	return reached;
}

/* Words of space that sequence_match_places() needs. */
size_t
sequence_places_space(const Pattern *pattern, size_t n)
{
	size_t		words = n;

	if (sequence_has_window(pattern))
	{
		Pattern		backwards;
		size_t		needed = sequence_window_space(pattern, n);

		if (needed > words)
			words = needed;
		(void) pattern_reverse(pattern, pattern->nevents, true, &backwards);
		needed = sequence_window_space(&backwards, n);
		if (needed > words)
			words = needed;
	}
	return words;
}

/*
 * The positions of the events of the first match, which sequence_find() has
 * found; if there is none, of a match of the pattern up to the furthest event of
 * it that was matched.  Returns how many.  Of several it is the one whose first event comes first, then whose
 * second does, and so on; if one goes on where another ends, the other.
 *
 * The events are laid in reverse and matched by the reversed pattern: then the
 * history tells for each event in which states it can be on the way to the
 * end, and a walk forward takes the first such event each time.  A window is
 * settled beforehand.  The end of a match is known, so all events of it lie in
 * the window before; without a match the reversed search tells the earliest
 * beginning, and all its events lie in the window after.
 *
 * `space` has the room that sequence_places_space() tells, `reversed` and
 * `places` have room for n.
 */
size_t
sequence_match_places(const Pattern *pattern, const Event *events, size_t n,
					  SequenceMatch match, uint64 *space, Event *reversed, size_t *places)
{
	const int	nstates = match.nevents;
	const uint64 furthest = nstates > 0 ? pattern_state_bit(nstates - 1) : 0;
	Pattern		backwards;
	uint64		states = 0;		/* that the event taken last can be in */
	uint64		freed = 0;		/* those that they lead on to freely */
	size_t		before = 0;
	size_t		begin = 0;
	size_t		end = match.end;
	size_t		i;
	size_t		k = 0;

	if (nstates == 0)
		return 0;

	(void) pattern_reverse(pattern, nstates, match.matched, &backwards);
	if (match.end < n)
		backwards.begin_first = 0;
	if (sequence_has_window(pattern))
	{
		if (match.matched)
		{
			while (time_between(events[begin].at, events[end - 1].at) > pattern->within)
				if (++begin % KERNEL_CHECK_EVERY == 0)
					kernel_check_interrupts();
		}
		else
		{
			size_t		last;

			sequence_lay_in_reverse(events, 0, n, reversed);
			(void) sequence_find_within(&backwards, reversed, 0, n, space, &last);
			begin = n - 1 - last;
			for (end = begin; end < n && time_between(events[begin].at, events[end].at) <= pattern->within;)
				if (++end % KERNEL_CHECK_EVERY == 0)
					kernel_check_interrupts();
		}
	}
	sequence_lay_in_reverse(events, begin, end, reversed);
	sequence_find_all(&backwards, reversed, end - begin, space);

	for (i = begin; i < end; i++)
	{
		uint64		reach;
		uint64		left;

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		if (k == 0)
			reach = pattern->begin_any | (i == 0 ? pattern->begin_first : 0);
		else
			reach = sequence_lead_on(pattern, states, freed, events, before, i);
		reach &= pattern_mirror(space[end - 1 - i], nstates);
		if (reach == 0)
			continue;

		places[k++] = i;
		before = i;
		states = reach;
		if (!match.matched && (states & furthest) != 0)
			break;
		freed = 0;
		for (left = states & pattern->free; left != 0; left &= left - 1)
			freed |= pattern->free_to[pattern_lowest_state(left)];
	}
	return k;
}
