/*-------------------------------------------------------------------------
 *
 * funnel_rules.c
 *		The funnel kernel with rules: exclusions, optional steps, limits between
 *		two steps.
 *
 * The required steps make the chain.  If of two chains of as many steps one takes
 * the later event for each step, it is a chain, too: a limit that both keep, it
 * keeps, and between two of its steps lie no other events than between those of
 * the chain that gives the second.  So there is one chain whose steps are all as
 * late as possible.  For each number of steps it is enough to remember that one:
 * whatever another can still reach, it can reach.  It is made of the shortest
 * one remembered that can be completed by the events of one time.
 *
 * The same holds for the earlier event, so there is one chain whose steps are all
 * as early as possible, given its end and, if the chain that starts last counts,
 * its start.  That is the chain that counts.  To find it, a step that a limit or
 * an exclusion forbids, given a later one, is moved on, until nothing is
 * forbidden.
 *
 * An optional step counts if an event between the required steps around it, or
 * at the time of one of them, meets it.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel/funnel.h"

/* The first event of the time (and seq) of each step of a chain. */
typedef size_t ChainEvents[STEPSET_MAX];

typedef struct Ruled
{
	const Event *events;
	size_t		n;
	int			nsteps;			/* optional ones included */
	const FunnelSpec *spec;
	bool		sequenced;		/* have events of one time an order? */
	bool		strict;			/* must each step be later than the one
								 * before? */
	int			nrequired;
	int			required[STEPSET_MAX];	/* their steps */
	int			rank[STEPSET_MAX];	/* of each required step among them */
} Ruled;

/* The first of the events that are simultaneous with event i. */
static size_t
ruled_begin(const Ruled *ruled, size_t i)
{
	while (i > 0 && ruled->events[i - 1].at == ruled->events[i].at &&
		   (!ruled->sequenced || event_is_tied(&ruled->events[i])))
		if (i-- % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	return i;
}

/* The first event after those that are simultaneous with event i. */
static size_t
ruled_end(const Ruled *ruled, size_t i)
{
	while (++i < ruled->n && ruled->events[i].at == ruled->events[i - 1].at &&
		   (!ruled->sequenced || event_is_tied(&ruled->events[i])))
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	return i;
}

static bool
ruled_meets(const Ruled *ruled, size_t i, int condition)
{
	return (ruled->events[i].step & stepset_bit(condition)) != 0;
}

/* Does a limit allow a step at one time and another at a later time? */
static bool
rule_allows(const Ruled *ruled, FunnelRule *rule, int64 from, int64 to)
{
	if (rule->kind == FUNNEL_WITHIN_PAIR)
		return time_between(from, to) <= (uint64) rule->within;
	if (from < rule->bucket_begin || from >= rule->bucket_end)
		ruled->spec->rules->find_bucket(ruled->spec->rules->zone, rule->unit, from,
										&rule->bucket_begin, &rule->bucket_end);
	return to < rule->bucket_end;
}

/*
 * May a chain that had `before` required steps take the next ones up to number
 * `level` now?
 */
static bool
ruled_may_go_on(const Ruled *ruled, const ChainEvents chain, int before, int level, int64 now)
{
	FunnelRules *rules = ruled->spec->rules;
	int			i;

	if (before == 0)
		return true;
	if (time_between(ruled->events[chain[0]].at, now) > (uint64) ruled->spec->within)
		return false;
	for (i = 0; i < rules->n; i++)
	{
		FunnelRule *rule = &rules->list[i];
		const int	from = ruled->rank[rule->from];
		const int	to = ruled->rank[rule->to];

		if (rule->kind != FUNNEL_EXCLUDE && from < before && to >= before && to < level &&
			!rule_allows(ruled, rule, ruled->events[chain[from]].at, now))
			return false;
	}
	return true;
}

/*
 * Does a chain that had `before` required steps and now has `level` end now, by
 * an excluded event?  `excluded` are the conditions of those of now.
 */
static bool
ruled_ends(const Ruled *ruled, int before, int level, uint64 excluded)
{
	const FunnelRules *rules = ruled->spec->rules;
	int			i;

	for (i = 0; i < rules->n && excluded != 0; i++)
	{
		const FunnelRule *rule = &rules->list[i];

		if (rule->kind == FUNNEL_EXCLUDE && !rule->drops && ruled->rank[rule->from] < before &&
			level <= ruled->rank[rule->to] && (excluded & stepset_bit(rule->condition)) != 0)
			return true;
	}
	return false;
}

/*
 * The most required steps that a chain has, `goal` at most.  `start` and `last`
 * receive the first events of the times at which the chain that counts, if it is
 * the one that starts last, starts and ends.
 */
static int
ruled_level(const Ruled *ruled, int goal, size_t *start, size_t *last)
{
	const Event *events = ruled->events;
	const FunnelRules *rules = ruled->spec->rules;
	ChainEvents chains[STEPSET_MAX + 1];	/* the chain of so many steps made
											 * last */
	ChainEvents olds[STEPSET_MAX + 1];	/* the last made before this time */
	bool		alive[STEPSET_MAX + 1] = {false};
	bool		old_alive[STEPSET_MAX + 1] = {false};
	int			reached = 0;
	size_t		first;
	size_t		end;

	for (first = 0; first < ruled->n && reached < goal; first = end)
	{
		const int64 now = events[first].at;
		bool		made[STEPSET_MAX + 1] = {false};
		uint64		met = 0;
		uint64		excluded;
		size_t		i;
		int			level;

		end = ruled_end(ruled, first);
		for (i = first; i < end; i++)
			met |= events[i].step;
		if (first / KERNEL_CHECK_EVERY != end / KERNEL_CHECK_EVERY)
			kernel_check_interrupts();
		excluded = met & rules->excluded;
		if (stepset_conditions(met) == 0)
			continue;
		for (level = goal; level > 0; level--)
		{
			int			from = level;	/* steps from + 1 to level are met now */
			bool		old = false;

			while (from > 0 && (met & stepset_bit(ruled->required[from - 1])) != 0 &&
				   !(ruled->strict && from < level))
				from--;
			for (; from < level; from++)
			{
				const size_t *chain = chains[from];

				old = ruled->strict && from > 0 && alive[from] &&
					events[chains[from][from - 1]].at == now;
				if (old)
					chain = olds[from];
				if ((from > 0 && !(old ? old_alive[from] : alive[from])) ||
					!ruled_may_go_on(ruled, chain, from, level, now))
					continue;
				if (level > reached)
				{
					reached = level;
					*start = from > 0 ? chain[0] : first;
					*last = first;
				}
				if (!ruled_ends(ruled, from, level, excluded))
					break;
			}
			if (from == level)
				continue;
			if (ruled->strict && alive[level] && events[chains[level][level - 1]].at < now)
			{
				memcpy(olds[level], chains[level], level * sizeof(size_t));
				old_alive[level] = true;
			}
			memmove(chains[level], old ? olds[from] : chains[from], from * sizeof(size_t));
			for (; from < level; from++)
				chains[level][from] = first;
			alive[level] = true;
			made[level] = true;
		}
		for (i = 0; excluded != 0 && i < (size_t) rules->n; i++)
		{
			const FunnelRule *rule = &rules->list[i];

			if (rule->kind != FUNNEL_EXCLUDE || rule->drops ||
				(excluded & stepset_bit(rule->condition)) == 0)
				continue;
			for (level = ruled->rank[rule->from] + 1; level <= ruled->rank[rule->to]; level++)
			{
				alive[level] &= made[level];
				old_alive[level] = false;
			}
		}
	}
	return reached;
}

/* How far a rule of a chain is known to be kept, for ruled_earliest(). */
typedef struct RuleChecked
{
	size_t		to;				/* no excluded event before this one */
} RuleChecked;

/* The first event from i on that meets a condition; `end` or later if none before it does. */
static size_t
ruled_next(const Ruled *ruled, size_t i, size_t end, int condition)
{
	while (i < end && !ruled_meets(ruled, i, condition))
		if (i++ % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	return i;
}

/*
 * The chain of so many required steps that ends with the events from `last` on,
 * and starts with those from `start` on or later: each step as early as
 * possible.  There is one.
 */
static void
ruled_earliest(const Ruled *ruled, int level, size_t start, size_t last, size_t *chain)
{
	const Event *events = ruled->events;
	FunnelRules *rules = ruled->spec->rules;
	RuleChecked checked[FUNNEL_RULES_MAX] = {{0}};
	ChainEvents found;			/* where each step was found last */
	bool		changed = true;
	int			i;
	int			k;

	for (k = 0; k < level; k++)
	{
		chain[k] = start;
		found[k] = ruled->n;
	}
	chain[level - 1] = last;
	while (changed)
	{
		changed = false;
		for (k = 0; k < level; k++)
		{
			size_t		at = chain[k];

			if (k > 0 && at < chain[k - 1])
				at = chain[k - 1];
			while (ruled->strict && k > 0 && at < ruled->n && events[at].at == events[chain[k - 1]].at)
				at = ruled_end(ruled, at);
			if (at == found[k] || k == level - 1)
				continue;
			at = ruled_next(ruled, at, last, ruled->required[k]);
			chain[k] = found[k] = ruled_begin(ruled, Min(at, last));
		}
		while (time_between(events[chain[0]].at, events[last].at) > (uint64) ruled->spec->within)
		{
			chain[0]++;
			changed = true;
		}
		for (i = 0; i < rules->n; i++)
		{
			FunnelRule *rule = &rules->list[i];
			const int	from = ruled->rank[rule->from];
			const int	to = ruled->rank[rule->to] < level ? ruled->rank[rule->to] : level - 1;
			size_t		at;

			if (from >= to || (rule->kind == FUNNEL_EXCLUDE && rule->drops))
				continue;
			if (rule->kind != FUNNEL_EXCLUDE)
			{
				while (ruled->rank[rule->to] < level && chain[from] < chain[to] &&
					   !rule_allows(ruled, rule, events[chain[from]].at, events[chain[to]].at))
				{
					chain[from]++;
					changed = true;
				}
				continue;
			}
			for (at = chain[to]; at > checked[i].to && at > chain[from]; at--)
				if (ruled_meets(ruled, at - 1, rule->condition))
				{
					size_t		begin = ruled_begin(ruled, at - 1);

					if (begin > chain[from])
					{
						chain[from] = begin;
						changed = true;
					}
					break;
				}
				else if (at % KERNEL_CHECK_EVERY == 0)
					kernel_check_interrupts();
			checked[i].to = chain[to];
		}
	}
}

/* Where the window that starts with an event ends: before this one. */
static size_t
ruled_window_end(const Ruled *ruled, size_t start)
{
	size_t		low = start;
	size_t		high = ruled->n;

	while (low < high)
	{
		const size_t middle = low + (high - low) / 2;

		if (time_between(ruled->events[start].at, ruled->events[middle].at) <= (uint64) ruled->spec->within)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Is there an excluded event, of an exclusion that drops the chain, between its
 * two steps, or where the chain waits for the second?
 */
static bool
ruled_is_dropped(const Ruled *ruled, int level, const size_t *chain)
{
	const FunnelRules *rules = ruled->spec->rules;
	int			i;

	for (i = 0; i < rules->n; i++)
	{
		const FunnelRule *rule = &rules->list[i];
		const int	from = ruled->rank[rule->from];
		const int	to = ruled->rank[rule->to];
		size_t		end;

		if (rule->kind != FUNNEL_EXCLUDE || !rule->drops || from >= level)
			continue;
		end = to < level ? chain[to] : ruled_window_end(ruled, chain[0]);
		if (ruled_next(ruled, ruled_end(ruled, chain[from]), end, rule->condition) < end)
			return true;
	}
	return false;
}

/* Where a chain of so many required steps ends at the latest: before this event. */
static size_t
ruled_chain_end(const Ruled *ruled, int level, const size_t *chain)
{
	const FunnelRules *rules = ruled->spec->rules;
	size_t		end = ruled_end(ruled, chain[level - 1]);
	size_t		window_end;
	uint64		excluded = 0;
	int			i;

	if (level == ruled->nrequired)
		return end;
	for (i = 0; i < rules->n; i++)
		if (rules->list[i].kind == FUNNEL_EXCLUDE && !rules->list[i].drops &&
			ruled->rank[rules->list[i].from] < level && ruled->rank[rules->list[i].to] >= level)
			excluded |= stepset_bit(rules->list[i].condition);
	window_end = ruled_window_end(ruled, chain[0]);
	for (; end < window_end; end++)
	{
		if ((ruled->events[end].step & excluded) != 0)
			return ruled_end(ruled, end);
		if (end % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	return end;
}

/* Put the required steps of a chain in their places, and the optional ones. */
static void
ruled_put_steps(const Ruled *ruled, int level, const size_t *required, FunnelChain *chain)
{
	const size_t end = ruled_chain_end(ruled, level, required);
	size_t		from = 0;
	size_t		to = 0;			/* where an optional step must lie */
	int			done = 0;		/* required steps so far */
	int			k;

	for (k = 0; k < ruled->nsteps; k++)
	{
		size_t		at;

		chain->times[k] = FUNNEL_SKIPPED;
		chain->firsts[k] = 0;
		if (done < level && k == ruled->required[done])
		{
			at = required[done++];
			from = at;
			to = done < level ? ruled_end(ruled, required[done]) : end;
		}
		else if (done == 0 || (ruled->spec->rules->optional & stepset_bit(k)) == 0)
			break;
		else
		{
			at = ruled_next(ruled, from, to, k);
			while (ruled->strict && at < to && ruled->events[at].at == ruled->events[from].at)
				at = ruled_next(ruled, at + 1, to, k);
			if (at >= to || (ruled->strict && done < level && ruled->events[at].at == ruled->events[required[done]].at))
				continue;
			at = ruled_begin(ruled, at);
		}
		chain->times[k] = ruled->events[at].at;
		chain->firsts[k] = at;
		chain->level = k + 1;
	}
}

/*
 * The chain of a user that counts, of `goal` required steps at most.  The rules
 * are settled, and go with the modes.
 */
void
funnel_ruled_chain(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, int goal,
				   FunnelChain *chain)
{
	Ruled		ruled;
	ChainEvents required;
	size_t		start = 0;
	size_t		last = 0;
	int			k;

	ruled.events = events;
	ruled.n = n;
	ruled.nsteps = nsteps;
	ruled.spec = spec;
	ruled.sequenced = (spec->modes & FUNNEL_SEQUENCED) != 0;
	ruled.strict = (spec->modes & FUNNEL_STRICT_INCREASE) != 0;
	ruled.nrequired = 0;
	for (k = 0; k < nsteps; k++)
	{
		ruled.rank[k] = ruled.nrequired;
		if ((spec->rules->optional & stepset_bit(k)) == 0)
			ruled.required[ruled.nrequired++] = k;
	}
	chain->level = 0;
	chain->dropped = false;
	chain->required = ruled_level(&ruled, Min(goal, ruled.nrequired), &start, &last);
	if (chain->required == 0)
		return;
	ruled_earliest(&ruled, chain->required, (spec->modes & FUNNEL_FIRST_CHAIN) ? 0 : start, last, required);
	chain->dropped = ruled_is_dropped(&ruled, chain->required, required);
	ruled_put_steps(&ruled, chain->required, required, chain);
}
