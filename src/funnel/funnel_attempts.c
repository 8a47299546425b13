/*-------------------------------------------------------------------------
 *
 * funnel_attempts.c
 *		What counts in a funnel: a user's one chain, every attempt, or every
 *		session.
 *
 * Completions are as many complete chains of a user as there can be, none of
 * which begins before, or when, the one before has ended: each is the first to be
 * completed after that.  They cut the user's events into parts.  In each part the
 * chains that have one step fewer are found in the same way, and so on: those
 * are attempts that failed.  A failed attempt takes up its whole window, so
 * starting again in it is no other attempt.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel/funnel.h"

/* Get ready for the attempts in the events of one user. */
void
funnel_begin_attempts(FunnelAttempts *attempts, const Event *events, size_t n, int nsteps,
					  const FunnelSpec *spec)
{
	attempts->events = events;
	attempts->n = n;
	attempts->nsteps = nsteps;
	attempts->spec = spec;
	attempts->next = 0;
	attempts->depth = 1;
	attempts->parts[0].begin = 0;
	attempts->parts[0].end = n;
	attempts->parts[0].goal = funnel_required_steps(nsteps, spec);
}

/* The chain that counts in events begin to end - 1, of `goal` required steps at most. */
static void
attempt_chain(const FunnelAttempts *attempts, size_t begin, size_t end, int goal, FunnelChain *chain)
{
	const FunnelSpec *spec = attempts->spec;

	chain->begin = begin;
	chain->end = end;
	if (funnel_chain_has_rules(spec))
	{
		funnel_ruled_chain(attempts->events + begin, end - begin, attempts->nsteps, spec, goal, chain);
		return;
	}
	chain->level = goal < attempts->nsteps ?
		funnel_goal_level(attempts->events + begin, end - begin, attempts->nsteps, spec, goal, chain->times) :
		funnel_level(attempts->events + begin, end - begin, attempts->nsteps, spec, chain->times);
	chain->required = chain->level;
	chain->dropped = false;
}

/* The first event that is later than a time, or with `at` as late. */
static size_t
attempt_after(const FunnelAttempts *attempts, size_t begin, size_t end, int64 time, bool at)
{
	while (begin < end)
	{
		size_t		middle = begin + (end - begin) / 2;

		if (attempts->events[middle].at < time || (!at && attempts->events[middle].at == time))
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

/* When the chain that starts first, of those that end with a chain, starts. */
static int64
attempt_first_start(const FunnelAttempts *attempts, const FunnelChain *chain)
{
	FunnelSpec	spec = *attempts->spec;
	FunnelAttempts again = *attempts;
	FunnelChain first;

	spec.modes = (spec.modes & ~(uint32) FUNNEL_LATEST_CHAIN) | FUNNEL_FIRST_CHAIN;
	again.spec = &spec;
	attempt_chain(&again, chain->begin, chain->end, chain->required, &first);
	return first.times[0];
}

static void
attempt_push(FunnelAttempts *attempts, size_t begin, size_t end, int goal)
{
	if (begin < end && goal > 0)
	{
		attempts->parts[attempts->depth].begin = begin;
		attempts->parts[attempts->depth].end = end;
		attempts->parts[attempts->depth].goal = goal;
		attempts->depth++;
	}
}

static bool
next_completion(FunnelAttempts *attempts, FunnelChain *chain)
{
	const int	all = funnel_required_steps(attempts->nsteps, attempts->spec);

	while (attempts->depth > 0)
	{
		const int	part = --attempts->depth;
		const size_t begin = attempts->parts[part].begin;
		const size_t end = attempts->parts[part].end;
		const int	goal = attempts->parts[part].goal;
		int64		start;
		int64		last;

		kernel_check_interrupts();
		attempt_chain(attempts, begin, end, goal, chain);
		if (chain->required == 0)
			continue;
		if (chain->required < goal)
		{
			attempt_push(attempts, begin, end, chain->required);
			continue;
		}
		start = attempt_first_start(attempts, chain);
		if (goal < all)
			last = start < PG_INT64_MAX - attempts->spec->within ? start + attempts->spec->within : PG_INT64_MAX;
		else
			last = chain->times[chain->level - 1];
		attempt_push(attempts, attempt_after(attempts, begin, end, last, false), end, goal);
		attempt_push(attempts, begin, attempt_after(attempts, begin, end, start, true), goal - 1);
		if (!chain->dropped)
			return true;
	}
	return false;
}

static bool
next_session(FunnelAttempts *attempts, FunnelChain *chain)
{
	const Event *events = attempts->events;

	while (attempts->next < attempts->n)
	{
		const size_t begin = attempts->next;
		size_t		end = begin + 1;

		while (end < attempts->n &&
			   time_between(events[end - 1].at, events[end].at) <= (uint64) attempts->spec->rules->gap)
			if (end++ % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
		attempts->next = end;
		kernel_check_interrupts();
		attempt_chain(attempts, begin, end, attempts->nsteps, chain);
		if (chain->level > 0 && !chain->dropped)
			return true;
	}
	return false;
}

/*
 * The next attempt that counts; false if there are no more.  Without rules it is
 * the user's chain, whose level may be 0.
 */
bool
funnel_next_attempt(FunnelAttempts *attempts, FunnelChain *chain)
{
	const FunnelRules *rules = attempts->spec->rules;

	if (rules != NULL && rules->count == FUNNEL_COUNT_COMPLETIONS)
		return next_completion(attempts, chain);
	if (rules != NULL && rules->count == FUNNEL_COUNT_SESSIONS)
		return next_session(attempts, chain);
	if (attempts->depth == 0)
		return false;
	attempts->depth = 0;
	attempt_chain(attempts, 0, attempts->n, attempts->nsteps, chain);
	return !chain->dropped;
}
