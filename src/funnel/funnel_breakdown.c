/*-------------------------------------------------------------------------
 *
 * funnel_breakdown.c
 *		funnel_breakdown: a funnel for the users of each value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_visit.h"
#include "miscadmin.h"

/* The first of the events that are tied with event i, and the first after them. */
static size_t
tied_begin(const Event *events, size_t i)
{
	while (i > 0 && event_is_tied(&events[i]))
		i--;
	return i;
}

static size_t
tied_end(const Event *events, size_t n, size_t i)
{
	while (++i < n && event_is_tied(&events[i]))
		continue;
	return i;
}

/* May only another event be the next step, or the one before? */
#define OTHER_EVENT(modes)	(((modes) & (FUNNEL_STRICT_ONCE | FUNNEL_STRICT_INCREASE)) != 0)

/*
 * Of events that have a seq, from event `begin` on: the first that can be step
 * k + 1 of a chain with these times; the last of all if there is none.
 */
static size_t
earliest_step(const FunnelVisit *visit, const Event *events, size_t n, const int64 *times,
			  size_t begin, int k)
{
	size_t		first = begin;	/* of the events that are tied with event i */
	size_t		i = begin;
	int			step;

	for (step = 0; step <= k; step++)
	{
		/* tied events have no order, so any of them may come next */
		if (step > 0 && OTHER_EVENT(visit->spec.modes) && tied_end(events, n, first) == first + 1)
			first = ++i;
		else
			i = first;
		while (i < n && (events[i].at < times[step] || (events[i].step & stepset_bit(step)) == 0))
			if (++i < n && !event_is_tied(&events[i]))
				first = i;
	}
	return Min(i, n - 1);
}

/*
 * In strict_once: can event i be step k + 1 of a chain of this level with these
 * times?  Only if the funnel gets as far when it is that step and no other, and
 * each event no step but those of its time.
 */
static bool
can_be_step(FunnelVisit *visit, const Event *events, size_t n, const int64 *times, int level,
			size_t i, int k)
{
	FunnelSpec	spec = visit->spec;
	Event	   *copies = funnel_event_copies(visit, n);
	size_t		ncopies = 0;
	int			low = 0;		/* steps low to high - 1 are at the time of
								 * the event */
	int			high = 0;
	size_t		j;

	spec.modes &= FUNNEL_STRICT_ONCE | FUNNEL_STRICT_INCREASE | FUNNEL_SEQUENCED;
	for (j = 0; j < n && events[j].at <= times[level - 1]; j++)
	{
		uint64		kept = 0;
		int			step;

		if (j % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		while (low < level && times[low] < events[j].at)
			low++;
		for (high = low; high < level && times[high] == events[j].at; high++)
			continue;
		if (high == low)
			continue;
		for (step = low; step < high; step++)
			if ((step == k) == (j == i))
				kept |= stepset_bit(step);
		copies[ncopies] = events[j];
		copies[ncopies++].step &= kept | UINT64_C(63);
	}
	return funnel_level(copies, ncopies, visit->nsteps, &spec, NULL) == level;
}

/*
 * Of events that have a seq: the last that can be step 1 of a chain of this
 * level with these times, that gets there as early as any.
 */
static size_t
latest_start(FunnelVisit *visit, const Event *events, size_t n, const int64 *times,
			 int level)
{
	const size_t end_of_chain = tied_end(events, n, earliest_step(visit, events, n, times, 0, level - 1));
	size_t		i = end_of_chain - 1;
	size_t		tried = n;		/* one that cannot be the step */
	int			step;

	for (step = level - 1; step >= 0; step--)
	{
		if (step < level - 1)
		{
			size_t		first = tied_begin(events, i);
			size_t		end = tied_end(events, n, i);

			i = OTHER_EVENT(visit->spec.modes) && first > 0 && end == first + 1 ? first - 1 : end - 1;
		}
		while (i > 0 && (events[i].at > times[step] || (events[i].step & stepset_bit(step)) == 0))
			i--;
	}
	/* in strict_once that was a guess, not too early */
	for (; (visit->spec.modes & FUNNEL_STRICT_ONCE) && i > 0 && events[i - 1].at == times[0]; i--)
	{
		if (i + 1 < end_of_chain && !event_is_tied(&events[i + 1]))
			tried = n;
		if ((events[i].step & stepset_bit(0)) == 0 ||
			(tried < n && (events[tried].step | EVENT_TIED) == (events[i].step | EVENT_TIED)))
			continue;
		if (can_be_step(visit, events, end_of_chain, times, level, i, 0))
			break;
		tried = i;
	}
	return i;
}

/*
 * In consecutive: the event that gives the group, as breakdown_event() has it.
 * An event can be the step if the run is found where no other can be, and that
 * one can be no other step.
 */
static size_t
consecutive_event(FunnelVisit *visit, const Event *events, const EventValue *values, size_t n,
				  const int64 *times, int level)
{
	const uint64 step = stepset_bit(visit->params->breakdown_step - 1);
	int64		again[STEPSET_MAX];
	size_t		begin;
	size_t		end;
	size_t		i;
	size_t		j;

	(void) funnel_consecutive(events, n, visit->nsteps, &visit->spec, again, &begin, &end);
	for (i = begin; i < end; i++)
	{
		Event	   *copies;

		CHECK_FOR_INTERRUPTS();
		if ((events[i].step & step) == 0 || values[i].bytes == NULL ||
			events[i].at != times[visit->params->breakdown_step - 1])
			continue;
		copies = funnel_event_copies(visit, end - begin);
		for (j = begin; j < end; j++)
		{
			copies[j - begin] = events[j];
			copies[j - begin].step &= j == i ? step | EVENT_TIED | UINT64_C(63) : ~step;
		}
		if (funnel_level(copies, end - begin, visit->nsteps, &visit->spec, again) == level &&
			memcmp(again, times, level * sizeof(int64)) == 0)
			return i;
	}
	return n;
}

/*
 * Which event gives the group of a user: of those that can be the chosen step of
 * the chain that counts, and have a value, the first, or n.  Only simultaneous
 * events can be several.
 */
static size_t
breakdown_event(FunnelVisit *visit, const Event *events, const EventValue *values, size_t n,
				const int64 *times, int level)
{
	const uint32 modes = visit->spec.modes;
	const int	k = visit->params->breakdown_step - 1;
	const bool	once = (modes & FUNNEL_STRICT_ONCE) != 0;
	const bool	sequenced = (modes & FUNNEL_SEQUENCED) && !(modes & FUNNEL_ANY_ORDER);
	size_t		begin = 0;		/* the chain starts with this event, or a
								 * later one */
	uint64		asked = 0;		/* the conditions of the last event asked
								 * about */
	bool		can_be = false; /* and the answer */
	bool		found = false;	/* has one been found that has no value? */
	size_t		i = 0;

	if (modes & FUNNEL_CONSECUTIVE)
		return consecutive_event(visit, events, values, n, times, level);
	if (sequenced)
	{
		/*
		 * a user who stays at step 1 has the first of them in every mode
		 */
		if (level > 1 && !(modes & FUNNEL_FIRST_CHAIN))
			begin = tied_begin(events, latest_start(visit, events, n, times, level));
		i = tied_begin(events, earliest_step(visit, events, n, times, begin, k));
	}
	for (; i < n && events[i].at <= times[k]; i++)
	{
		const uint64 met = stepset_conditions(events[i].step);

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (sequenced && !event_is_tied(&events[i]))
		{
			if (found)
				break;
			asked = 0;
		}
		if (events[i].at < times[k] || (met & stepset_bit(k)) == 0)
			continue;

		/*
		 * of all that meet a step, but one for each step, any can be it: so
		 * few are asked in vain
		 */
		if (found && values[i].bytes == NULL)
			continue;

		/*
		 * simultaneous events that meet the same steps are as good as one
		 * another
		 */
		if (met != asked)
			can_be = !once || can_be_step(visit, events + begin, n - begin, times, level, i - begin, k);
		asked = met;
		found |= can_be;
		if (can_be && values[i].bytes != NULL)
			return i;
	}
	return n;
}

/* With rules: the same, where the chain knows its events. */
static size_t
ruled_event(const FunnelVisit *visit, const Event *events, const EventValue *values, size_t n,
			const FunnelChain *chain)
{
	const int	k = visit->params->breakdown_step - 1;
	size_t		i;

	if (chain->times[k] == FUNNEL_SKIPPED)
		return n;
	for (i = chain->firsts[k]; i < n && events[i].at == chain->times[k]; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > chain->firsts[k] && (visit->spec.modes & FUNNEL_SEQUENCED) && !event_is_tied(&events[i]))
			break;
		if ((events[i].step & stepset_bit(k)) != 0 && values[i].bytes != NULL)
			return i;
	}
	return n;
}

static TextSlice
label_of_value(EventValue value)
{
	TextSlice	label = {value.bytes, value.length};

	return label;
}

/*
 * The group of a user of this chain: the value of the event that was the chosen
 * step, of several that can be it the first that has one.  There is none if they
 * did not get that far.
 */
TextSlice
funnel_step_label(FunnelVisit *visit, const Event *events, const EventValue *values,
				  const FunnelChain *chain)
{
	const size_t n = chain->end - chain->begin;
	size_t		i = n;

	events += chain->begin;
	values += chain->begin;
	if (chain->level >= visit->params->breakdown_step)
		i = funnel_chain_has_rules(&visit->spec) ? ruled_event(visit, events, values, n, chain) :
			breakdown_event(visit, events, values, n, chain->times, chain->level);
	return i < n ? label_of_value(values[i]) : FUNNEL_NO_LABEL;
}

/* The first value of all, or the last, whatever the event was. */
TextSlice
funnel_touch_label(FunnelTouch touch, const EventValue *values, size_t n)
{
	size_t		i;

	for (i = 0; i < n; i++)
	{
		size_t		event = touch == TOUCH_FIRST ? i : n - 1 - i;

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if (values[event].bytes != NULL)
			return label_of_value(values[event]);
	}
	return FUNNEL_NO_LABEL;
}

/* A user in the group of a step of their chain, or of their first or last touch. */
static void
visit_breakdown(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const FunnelTouch touch = visit->params->touch;
	TextSlice	label = FUNNEL_NO_LABEL;
	FunnelAttempts attempts;
	FunnelChain chain;

	visit->user = user;
	if (touch != TOUCH_NONE)
		label = funnel_touch_label(touch, values, n);
	funnel_begin_attempts(&attempts, events, n, visit->nsteps, &visit->spec);
	while (funnel_next_attempt(&attempts, &chain))
		if (chain.level > 0)
		{
			if (touch == TOUCH_NONE)
				label = funnel_step_label(visit, events, values, &chain);
			funnel_count(visit, label, NULL, &chain);
		}
}

/* A user in the group of each value. */
static void
visit_value(FunnelVisit *visit, TextSlice label, Event *events, size_t n)
{
	FunnelAttempts attempts;
	FunnelChain chain;

	funnel_begin_attempts(&attempts, events, n, visit->nsteps, &visit->spec);
	while (funnel_next_attempt(&attempts, &chain))
		if (chain.level > 0)
			funnel_count(visit, label, NULL, &chain);
}

static void
visit_each_value(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;

	visit->user = user;
	funnel_visit_values(visit, events, values, n, visit_value);
}

static void
visit_groups(FunnelVisit *visit, Population *population)
{
	population_visit(population, visit->params->touch == TOUCH_EACH ? visit_each_value : visit_breakdown,
					 visit);
}

static Datum
funnel_breakdown_final_users(PG_FUNCTION_ARGS)
{
	FunnelVisit visit;

	funnel_begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_BREAKDOWN);
	visit_groups(&visit, (Population *) PG_GETARG_POINTER(0));
	PG_RETURN_POINTER(stats_pack(&funnel_stats_type, visit.stats));
}

RESULTS_FINAL(journey_funnel_breakdown_final, funnel_breakdown_final_users(fcinfo),
			  .type = &funnel_stats_type)

static void
funnel_visit_breakdown_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	FunnelVisit visit;

	(void) fcinfo;
	funnel_begin_visit(&visit, (Population *) store, FUNNEL_BREAKDOWN);
	funnel_begin_group_members(&visit, members);
	visit_groups(&visit, (Population *) store);
}

/*
 * funnel_breakdown_members_final(state): an array of funnel_group_member, by
 * user_id.
 */
MEMBERS_FINAL(journey_funnel_breakdown_members_final, journey_funnel_breakdown_member_list_final,
			  .row = "funnel_group_member",
			  .call = "funnel_breakdown_members(user_id, at, step, within, breakdown, breakdown_event)",
			  .list = "funnel_breakdown_member_list(user_id, at, step, within, breakdown, breakdown_event)",
			  .visit = funnel_visit_breakdown_members)
