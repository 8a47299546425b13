/*-------------------------------------------------------------------------
 *
 * test_loss.c
 *		The loss kernel against the definitions of the funnel, with each rule
 *		relaxed in turn.
 *
 *-------------------------------------------------------------------------
 */
#include "cases.h"
#include "loss/loss.h"
#include "oracle.h"
#include "tap.h"
#include "tests.h"

#define CASES 150000
#define MOST_EVENTS 7

/* Buckets of 4 microseconds. */
static void
four_of_time(void *zone, int unit, int64 at, int64 *begin, int64 *end)
{
	(void) zone;
	(void) unit;
	*begin = at - at % 4;
	*end = *begin + 4;
}

/* How many steps that are not optional are reached?  -1: the chain is dropped. */
static int
oracle_reach(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, int64 *times)
{
	FunnelChain chain;

	if (funnel_chain_has_rules(spec))
	{
		if (!oracle_funnel_rules(events, n, nsteps, spec, &chain))
			return -2;
		if (chain.required > 0)
			memcpy(times, chain.times, sizeof(chain.times));
		return chain.dropped ? -1 : chain.required;
	}
	if (spec->modes & FUNNEL_ANY_ORDER)
		return oracle_funnel_any_order(events, n, nsteps, spec, times);
	if (spec->modes & FUNNEL_CONSECUTIVE)
		return oracle_funnel_consecutive(events, n, nsteps, spec, times);
	return oracle_funnel_walk(events, n, nsteps, spec, times);
}

/* A spec whose rules are those of another of one kind, or not of it. */
static FunnelSpec
with_rules(const FunnelSpec *spec, bool exclusions, FunnelRules *rules)
{
	FunnelSpec	result = *spec;
	int			n = 0;
	int			i;

	if (spec->rules == NULL)
		return result;
	*rules = *spec->rules;
	for (i = 0; i < rules->n; i++)
		if ((rules->list[i].kind == FUNNEL_EXCLUDE) == exclusions)
			rules->list[n++] = rules->list[i];
	rules->n = n;
	if (!exclusions)
		rules->excluded = 0;
	result.rules = rules;
	return result;
}

/* The reason by the definition, for a user who reached so many steps. */
static LossReason
oracle_reason(const Case *c, int nconditions, int64 until, int reached, int64 *lateness)
{
	const FunnelSpec *spec = &c->spec;
	const uint64 optional = funnel_optional_steps(spec);
	const uint64 steps = ~UINT64_C(0) << (64 - c->nsteps);
	Event		events[MOST_EVENTS + 1];
	FunnelRules rules;
	FunnelSpec	relaxed;
	int64		times[STEPSET_MAX];
	int			next = 0;
	int			left = reached;
	uint64		taken = 0;
	size_t		i;
	int			k;

	while ((optional & stepset_bit(next)) != 0 || left-- > 0)
		next++;
	memcpy(events, c->events, c->n * sizeof(Event));
	if (until != PG_INT64_MAX && reached >= 0)
	{
		events[c->n].at = until;
		events[c->n].step = (uint64) nconditions | ((spec->modes & FUNNEL_ANY_ORDER) ? steps : stepset_bit(next));
		if (oracle_reach(events, c->n + 1, c->nsteps, spec, times) > reached)
			return LOSS_STILL_OPEN;
	}
	relaxed = with_rules(spec, true, &rules);
	relaxed.within = DURATION_MAX;
	if (reached >= 0 && oracle_reach(events, c->n, c->nsteps, &relaxed, times) > reached)
	{
		/* at least one limit is broken */
		const int	to = (spec->modes & FUNNEL_ANY_ORDER) ? reached : next;

		*lateness = times[to] - times[0] - spec->within;
		for (i = 0; spec->rules != NULL && i < (size_t) spec->rules->n; i++)
		{
			const FunnelRule *rule = &spec->rules->list[i];
			int64		late;

			if (rule->kind == FUNNEL_EXCLUDE || rule->to > next)
				continue;
			late = times[rule->to] - (rule->kind == FUNNEL_WITHIN_PAIR ? times[rule->from] + rule->within :
									  times[rule->from] - times[rule->from] % 4 + 4);
			*lateness = Max(*lateness, late);
		}
		return LOSS_TOO_LATE;
	}
	relaxed = with_rules(spec, false, &rules);
	relaxed.modes &= ~(uint32) (FUNNEL_STRICT_ORDER | FUNNEL_ALLOW_REENTRY | FUNNEL_STRICT_DEDUPLICATION | FUNNEL_CONSECUTIVE);
	for (i = 0; i < c->n; i++)
		events[i].step = (c->events[i].step & steps) | (uint64) nconditions;
	if (oracle_reach(events, c->n, c->nsteps, &relaxed, times) > Max(reached, 0))
		return LOSS_INTERRUPTED;
	if (reached < 0 || (spec->modes & FUNNEL_ANY_ORDER))
		return LOSS_NEVER;
	for (i = 0; i < c->n; i++)
		events[i].step = (uint64) (reached + 1);
	for (k = 0; k <= next; k++)
		if ((optional & stepset_bit(k)) == 0)
		{
			for (i = 0; i < c->n; i++)
				if ((c->events[i].step & stepset_bit(k)) != 0)
					events[i].step |= stepset_bit(__builtin_popcountll(taken));
			taken |= stepset_bit(k);
		}
	relaxed = (FunnelSpec)
	{
		spec->within, FUNNEL_ANY_ORDER, NULL
	};
	return oracle_funnel_any_order(events, c->n, reached + 1, &relaxed, times) == reached + 1 ? LOSS_OTHER_ORDER : LOSS_NEVER;
}

/* Rules that go together, of the case's last condition, which is then no step. */
static bool
random_rules(Case *c, Random *random, FunnelRules *rules, int *nconditions)
{
	int			wrong;
	int			i;

	memset(rules, 0, sizeof(FunnelRules));
	rules->find_bucket = four_of_time;
	rules->optional = random_below(random, 3) == 0 ? stepset_bit(1) : 0;
	rules->n = 1 + (int) random_below(random, 2);
	for (i = 0; i < rules->n; i++)
	{
		FunnelRule *rule = &rules->list[i];

		rule->kind = (FunnelRuleKind) random_below(random, 3);
		rule->from = (int) random_below(random, 2);
		rule->to = random_below(random, 2) == 0 ? FUNNEL_LAST_STEP : rule->from + 1 + (int) random_below(random, 2);
		if (rule->kind == FUNNEL_EXCLUDE)
		{
			rule->drops = random_below(random, 3) == 0;
			rule->condition = *nconditions - 1;
			rules->excluded = stepset_bit(rule->condition);
		}
		else if (rule->kind == FUNNEL_WITHIN_PAIR)
			rule->within = (int64) random_below(random, 5);
	}
	c->spec.rules = rules;
	c->spec.modes &= FUNNEL_STRICT_INCREASE | FUNNEL_FIRST_CHAIN;
	return funnel_settle_rules(rules, *nconditions, &c->nsteps, &wrong) == FUNNEL_RULES_OK;
}

/* The step reached, and the next event, by the definition. */
static size_t
oracle_after(const Case *c, const Loss *loss)
{
	size_t		i = 0;

	while (i < c->n && c->events[i].at <= loss->times[loss->level - 1])
		i++;
	return i;
}

void
test_loss(void)
{
	static const Shape shape = {MOST_EVENTS, 4, 12, 1, 0};
	static const uint32 modes[] = {
		0, 0, FUNNEL_FIRST_CHAIN, FUNNEL_STRICT_INCREASE, FUNNEL_STRICT_ONCE, FUNNEL_ANY_ORDER, FUNNEL_CONSECUTIVE,
		FUNNEL_STRICT_ORDER, FUNNEL_STRICT_DEDUPLICATION, FUNNEL_STRICT_ORDER | FUNNEL_STRICT_DEDUPLICATION,
		FUNNEL_STRICT_ORDER | FUNNEL_ALLOW_REENTRY
	};
	Random		random = {77};
	int			wrong = 0;
	int			found[2][LOSS_NREASONS] = {{0}};
	int			dropped = 0;
	int			i;

	for (i = 0; i < CASES; i++)
	{
		Case		c;
		FunnelRules rules;
		Event		copies[MOST_EVENTS + 1];
		LossUser	user = {.events = c.events,.copies = copies,.spec = &c.spec};
		Loss		loss;
		LossReason	wanted;
		int64		lateness = 0;
		int64		times[STEPSET_MAX];
		const bool	ruled = i % 4 > 0;
		bool		agrees;		/* in how late */
		int			reached;

		case_random(&c, &random, &shape);
		user.nconditions = c.nsteps;
		c.spec.within = (int64) random_below(&random, 6);
		c.spec.modes = modes[random_below(&random, sizeof(modes) / sizeof(modes[0]))];
		if (ruled && (c.nsteps < 3 || !random_rules(&c, &random, &rules, &user.nconditions)))
			continue;
		user.nsteps = c.nsteps;
		user.n = c.n;
		user.until = random_below(&random, 3) == 0 ? PG_INT64_MAX : 13 + (int64) random_below(&random, 4);
		reached = oracle_reach(c.events, c.n, c.nsteps, &c.spec, times);
		loss_reach(&user, &loss);
		if (loss.dropped != (reached == -1) || (reached >= 0 && loss.required != reached))
			wrong++;
		if (reached == 0 || !loss_stopped(&loss, c.nsteps, &c.spec))
			continue;
		wanted = oracle_reason(&c, user.nconditions, user.until, reached, &lateness);
		loss_relax(&user, &loss);
		/* any_order: which of several chains counts, only first_chain says */
		agrees = wanted != LOSS_TOO_LATE || loss.lateness == lateness ||
			(c.spec.modes & (FUNNEL_ANY_ORDER | FUNNEL_FIRST_CHAIN)) == FUNNEL_ANY_ORDER;
		if (loss.reason != wanted || !agrees ||
			(loss.level > 0 && loss_after(&user, &loss) != oracle_after(&c, &loss)))
		{
			if (wrong++ == 0)
			{
				case_print(&c);
				test_note("reached %d, reason %s, not %s; lateness %d, not %d; modes %x, until %d, %d rules", reached,
						  loss_reason_names[loss.reason], loss_reason_names[wanted], (int) loss.lateness, (int) lateness,
						  c.spec.modes, (int) (user.until == PG_INT64_MAX ? -1 : user.until), ruled ? rules.n : 0);
			}
		}
		found[ruled][wanted]++;
		dropped += reached == -1;
		/* the next step came later than a limit allows */
		wrong += wanted == LOSS_TOO_LATE && loss.lateness < (ruled ? 0 : 1);
	}
	test_ok(wrong == 0, "loss: the reasons of the definition (%d cases)", CASES);
	for (i = 0; i < 2; i++)
		test_ok(found[i][LOSS_STILL_OPEN] > 500 && found[i][LOSS_TOO_LATE] > 500 && found[i][LOSS_INTERRUPTED] > 100 &&
				found[i][LOSS_OTHER_ORDER] > 100 && found[i][LOSS_NEVER] > 500,
				"loss: %d open, %d late, %d interrupted, %d in another order, %d never", found[i][LOSS_STILL_OPEN],
				found[i][LOSS_TOO_LATE], found[i][LOSS_INTERRUPTED], found[i][LOSS_OTHER_ORDER], found[i][LOSS_NEVER]);
	test_ok(dropped > 100, "loss: %d dropped", dropped);
}
