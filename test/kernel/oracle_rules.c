/*-------------------------------------------------------------------------
 *
 * oracle_rules.c
 *		The definition of a funnel with rules, by trying every chain.  For a few
 *		events only.
 *
 * Nothing here is shared with the kernel but the layout of an event and of the
 * rules.
 *
 *-------------------------------------------------------------------------
 */
#include "oracle.h"

typedef struct RuleSearch
{
	const Event *events;
	size_t		n;
	const FunnelSpec *spec;
	int			nrequired;
	int			required[STEPSET_MAX];
	int			moment[64];		/* of each event: the same if simultaneous */
	int			chain[STEPSET_MAX]; /* the events being tried */
	int			length;			/* of the chains that are looked for */
	int			last;			/* the moment at which they end; -1: any */
	int			start;			/* and start */
	bool		found;
	int			best_last;
	int			best_start;
	int			least[STEPSET_MAX]; /* the earliest moment of each step */
} RuleSearch;

static bool
condition_met(const RuleSearch *search, int event, int condition)
{
	return (search->events[event].step >> (63 - condition) & 1) != 0;
}

static int
required_rank(const RuleSearch *search, int step)
{
	int			k;

	for (k = 0; k < search->nrequired; k++)
		if (search->required[k] == step)
			return k;
	return -1;
}

static bool
chain_is_allowed(const RuleSearch *search)
{
	const FunnelRules *rules = search->spec->rules;
	const int	last = search->length - 1;
	int			i;
	size_t		e;

	for (i = 1; i <= last; i++)
	{
		if (search->moment[search->chain[i]] < search->moment[search->chain[i - 1]])
			return false;
		if ((search->spec->modes & FUNNEL_STRICT_INCREASE) &&
			search->events[search->chain[i]].at == search->events[search->chain[i - 1]].at)
			return false;
	}
	if (search->events[search->chain[last]].at - search->events[search->chain[0]].at > search->spec->within)
		return false;
	for (i = 0; i < rules->n; i++)
	{
		const FunnelRule *rule = &rules->list[i];
		const int	from = required_rank(search, rule->from);
		const int	to = required_rank(search, rule->to);

		if (from > last)
			continue;
		if (rule->kind == FUNNEL_EXCLUDE)
		{
			const int	until = to < last ? to : last;

			for (e = 0; e < search->n && !rule->drops; e++)
				if (condition_met(search, (int) e, rule->condition) &&
					search->moment[e] > search->moment[search->chain[from]] &&
					search->moment[e] < search->moment[search->chain[until]])
					return false;
			continue;
		}
		if (to > last)
			continue;
		if (rule->kind == FUNNEL_WITHIN_PAIR)
		{
			if (search->events[search->chain[to]].at - search->events[search->chain[from]].at > rule->within)
				return false;
		}
		else
		{
			int64		begin;
			int64		end;

			rules->find_bucket(rules->zone, rule->unit, search->events[search->chain[from]].at, &begin, &end);
			if (search->events[search->chain[to]].at >= end)
				return false;
		}
	}
	return true;
}

static void
try_chains(RuleSearch *search, int k)
{
	size_t		e;

	if (k < search->length)
	{
		for (e = 0; e < search->n; e++)
			if (condition_met(search, (int) e, search->required[k]))
			{
				search->chain[k] = (int) e;
				try_chains(search, k + 1);
			}
		return;
	}
	if (chain_is_allowed(search))
	{
		const int	start = search->moment[search->chain[0]];
		const int	last = search->moment[search->chain[search->length - 1]];
		int			i;

		if (search->last >= 0 && (last != search->last || (search->start >= 0 && start != search->start)))
			return;
		if (!search->found || last < search->best_last ||
			(last == search->best_last && start > search->best_start))
		{
			search->best_last = last;
			search->best_start = start;
		}
		for (i = 0; i < search->length; i++)
			if (!search->found || search->moment[search->chain[i]] < search->least[i])
				search->least[i] = search->moment[search->chain[i]];
		search->found = true;
	}
}

/* The time of a moment. */
static int64
moment_time(const RuleSearch *search, int moment)
{
	size_t		e;

	for (e = 0; search->moment[e] != moment; e++)
		;
	return search->events[e].at;
}

/* Fills level, required, dropped and times; false if the steps' earliest times are no chain. */
bool
oracle_funnel_rules(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, FunnelChain *chain)
{
	const FunnelRules *rules = spec->rules;
	const bool	strict = (spec->modes & FUNNEL_STRICT_INCREASE) != 0;
	RuleSearch	search = {.events = events,.n = n,.spec = spec};
	int			required[STEPSET_MAX];
	bool		together = false;
	int			open = INT32_MAX;	/* the moment at which the chain ends */
	int			i;
	int			k;
	size_t		e;

	for (k = 0; k < nsteps; k++)
		if ((rules->optional & stepset_bit(k)) == 0)
			search.required[search.nrequired++] = k;
	for (e = 0; e < n; e++)
		search.moment[e] = e == 0 ? 0 : search.moment[e - 1] +
			(events[e].at != events[e - 1].at || ((spec->modes & FUNNEL_SEQUENCED) && !event_is_tied(&events[e])));
	chain->level = 0;
	chain->dropped = false;
	for (search.length = search.nrequired; search.length > 0; search.length--)
	{
		search.last = -1;
		search.start = -1;
		search.found = false;
		try_chains(&search, 0);
		if (search.found)
			break;
	}
	chain->required = search.length;
	if (search.length == 0)
		return true;
	search.last = search.best_last;
	search.start = (spec->modes & FUNNEL_FIRST_CHAIN) ? -1 : search.best_start;
	search.found = false;
	try_chains(&search, 0);
	memcpy(required, search.least, sizeof(required));

	/* the earliest moments of all steps must be those of one chain */
	for (k = 0; k < search.length; k++)
		for (e = 0; e < n; e++)
			if (search.moment[e] == required[k] && condition_met(&search, (int) e, search.required[k]))
				search.chain[k] = (int) e;
	together = chain_is_allowed(&search);

	for (i = 0; i < rules->n; i++)
	{
		const FunnelRule *rule = &rules->list[i];
		const int	from = required_rank(&search, rule->from);
		const int	to = required_rank(&search, rule->to);

		if (rule->kind != FUNNEL_EXCLUDE || from >= search.length)
			continue;
		for (e = 0; e < n; e++)
		{
			if (!condition_met(&search, (int) e, rule->condition) || search.moment[e] <= required[from])
				continue;
			if (rule->drops)
				chain->dropped |= to < search.length ? search.moment[e] < required[to] :
					events[e].at - moment_time(&search, required[0]) <= spec->within;
			else if (to >= search.length && search.moment[e] > required[search.length - 1] && search.moment[e] < open)
				open = search.moment[e];
		}
	}
	for (k = 0, i = 0; k < nsteps; k++)
	{
		int			found = -1;

		chain->times[k] = FUNNEL_SKIPPED;
		if (i < search.length && k == search.required[i])
			found = required[i++];
		else if ((rules->optional & stepset_bit(k)) != 0)
		{
			for (e = 0; e < n && found < 0; e++)
			{
				if (!condition_met(&search, (int) e, k) || search.moment[e] < required[i - 1] ||
					(strict && events[e].at == moment_time(&search, required[i - 1])))
					continue;
				if (i < search.length ?
					search.moment[e] <= required[i] && !(strict && events[e].at == moment_time(&search, required[i])) :
					search.moment[e] <= open && events[e].at - moment_time(&search, required[0]) <= spec->within)
					found = search.moment[e];
			}
		}
		else
			break;
		if (found < 0)
			continue;
		chain->times[k] = moment_time(&search, found);
		chain->level = k + 1;
	}
	return together;
}
