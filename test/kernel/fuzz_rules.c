/*-------------------------------------------------------------------------
 *
 * fuzz_rules.c
 *		Any few events through a funnel with any rules, and its attempts.
 *
 * The input is ten bytes and four for each of two rules, then two bytes an event:
 * how much later it is than the one before, and its conditions.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "oracle.h"

#define RULES		3
#define HEAD		(6 + 4 * RULES)
#define FEW_EVENTS	8

/* Buckets of 4, 8 ... microseconds. */
static void
find_bucket(void *zone, int unit, int64 at, int64 *begin, int64 *end)
{
	const int64 length = INT64_C(4) << unit;

	must(zone == NULL);
	*begin = at - at % length;
	*end = *begin + length;
}

static bool
read_rules(const uint8_t *data, FunnelRules *rules, int nconditions, int *nsteps)
{
	int			wrong;
	int			i;

	memset(rules, 0, sizeof(FunnelRules));
	rules->find_bucket = find_bucket;
	rules->optional = (uint64) (data[0] & 0x0E) << 59;
	rules->n = data[1] % (RULES + 1);
	for (i = 0; i < rules->n; i++)
	{
		const uint8_t *bytes = data + 2 + 4 * i;
		FunnelRule *rule = &rules->list[i];

		rule->kind = (FunnelRuleKind) (bytes[0] % 3);
		rule->drops = rule->kind == FUNNEL_EXCLUDE && bytes[0] > 200;
		rule->from = bytes[1] % 4;
		rule->to = bytes[1] / 4 % 5 == 0 ? FUNNEL_LAST_STEP : rule->from + bytes[1] / 4 % 5;
		rule->within = rule->kind == FUNNEL_WITHIN_PAIR ? bytes[2] % 32 : 0;
		rule->unit = rule->kind == FUNNEL_SAME_BUCKET ? bytes[2] % 4 : 0;
		if (rule->kind == FUNNEL_EXCLUDE)
		{
			rule->condition = bytes[3] % nconditions;
			rules->excluded |= stepset_bit(rule->condition);
		}
	}
	if (funnel_settle_rules(rules, nconditions, nsteps, &wrong) != FUNNEL_RULES_OK)
		return false;
	must(*nsteps >= 1 && *nsteps <= nconditions);
	for (i = 0; i < rules->n; i++)
		must(rules->list[i].to >= 0 && rules->list[i].to < *nsteps);
	return rules->n > 0 || rules->optional != 0;
}

/* The question and both answers, for whoever looks for the fault. */
static void
describe(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, const FunnelChain *chain,
		 const FunnelChain *expected)
{
	const FunnelRules *rules = spec->rules;
	size_t		i;
	int			k;

	fprintf(stderr, "%d steps, within %d, modes %x\n", nsteps, (int) spec->within, spec->modes);
	for (k = 0; k < rules->n; k++)
		fprintf(stderr, "rule %d: condition %d from %d to %d drops %d within %d unit %d\n", rules->list[k].kind,
				rules->list[k].condition + 1, rules->list[k].from + 1, rules->list[k].to + 1,
				rules->list[k].drops, (int) rules->list[k].within, rules->list[k].unit);
	for (k = 0; k < nsteps; k++)
		if (rules->optional & stepset_bit(k))
			fprintf(stderr, "optional %d\n", k + 1);
	for (i = 0; i < n; i++)
	{
		fprintf(stderr, "at %d%s:", (int) events[i].at, event_is_tied(&events[i]) ? " tied" : "");
		for (k = 0; k < 8; k++)
			if (events[i].step & stepset_bit(k))
				fprintf(stderr, " %d", k + 1);
		fprintf(stderr, "\n");
	}
	for (; chain != NULL; chain = chain == expected ? NULL : expected)
	{
		fprintf(stderr, "%s level %d, required %d, dropped %d:", chain == expected ? "expected" : "found",
				chain->level, chain->required, chain->dropped);
		for (k = 0; k < chain->level; k++)
			fprintf(stderr, " %d", chain->times[k] == FUNNEL_SKIPPED ? -1 : (int) chain->times[k]);
		fprintf(stderr, "\n");
	}
}

/* A chain is that of the oracle. */
static void
compare(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, const FunnelChain *chain)
{
	FunnelChain expected;
	bool		same;
	int			k;

	must(oracle_funnel_rules(events, n, nsteps, spec, &expected));
	same = chain->level == expected.level &&
		(chain->level == 0 ||
		 (chain->required == expected.required && chain->dropped == expected.dropped &&
		  memcmp(chain->times, expected.times, (size_t) chain->level * sizeof(int64)) == 0));
	if (!same)
		describe(events, n, nsteps, spec, chain, &expected);
	must(same);
	for (k = 0; k < chain->level; k++)
		must(chain->times[k] == FUNNEL_SKIPPED ||
			 (chain->firsts[k] < n && events[chain->firsts[k]].at == chain->times[k]));
}

/* The chain of a user, by whichever kernel it is found. */
static void
user_chain(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, FunnelChain *chain)
{
	FunnelAttempts attempts;

	must(!funnel_counts_attempts(spec));
	funnel_begin_attempts(&attempts, events, n, nsteps, spec);
	must(funnel_next_attempt(&attempts, chain) || chain->dropped);
	must(!funnel_next_attempt(&attempts, chain) || chain->dropped);
}

/*
 * Attempts: complete ones do not overlap and are as many as the greedy search
 * finds; the furthest of all is the user's chain.
 */
static void
check_attempts(const Event *events, size_t n, int nsteps, const FunnelSpec *spec)
{
	FunnelRules rules = *spec->rules;
	FunnelSpec	counting = *spec;
	FunnelAttempts attempts;
	FunnelChain chain;
	FunnelChain whole;
	int64		end = PG_INT64_MIN;
	size_t		begin = 0;
	int			level = 0;
	int			found = 0;
	int			expected = 0;
	int			i;

	for (i = 0; i < rules.n; i++)
		if (rules.list[i].drops)
			return;
	rules.count = FUNNEL_COUNT_COMPLETIONS;
	counting.rules = &rules;
	funnel_begin_attempts(&attempts, events, n, nsteps, &counting);
	while (funnel_next_attempt(&attempts, &chain))
	{
		must(chain.level > 0 && chain.begin < chain.end && chain.end <= n);
		level = chain.required > level ? chain.required : level;
		if (chain.level < nsteps)
			continue;
		found++;
		must(found == 1 || chain.times[0] > end || chain.times[nsteps - 1] < end);
		end = chain.times[nsteps - 1];
	}
	user_chain(events, n, nsteps, spec, &whole);
	if (level != whole.required)
		describe(events, n, nsteps, spec, &whole, &whole);
	must(level == whole.required);
	for (;;)
	{
		user_chain(events + begin, n - begin, nsteps, spec, &whole);
		if (whole.level < nsteps)
			break;
		expected++;
		while (begin < n && events[begin].at <= whole.times[nsteps - 1])
			begin++;
	}
	must(found == expected);

	/* sessions: each event is in one */
	rules.count = FUNNEL_COUNT_SESSIONS;
	rules.gap = 3;
	begin = 0;
	funnel_begin_attempts(&attempts, events, n, nsteps, &counting);
	while (funnel_next_attempt(&attempts, &chain))
	{
		must(chain.begin >= begin && chain.end > chain.begin && chain.end <= n);
		must(chain.begin == 0 || events[chain.begin].at - events[chain.begin - 1].at > 3);
		must(chain.end == n || events[chain.end].at - events[chain.end - 1].at > 3);
		if (funnel_chain_has_rules(spec))
			compare(events + chain.begin, chain.end - chain.begin, nsteps, &counting, &chain);
		begin = chain.end;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t		n = size < HEAD ? 0 : (size - HEAD) / 2;
	FunnelRules rules;
	FunnelSpec	spec;
	FunnelChain chain;
	Event	   *events;
	int			nconditions;
	int			nsteps;
	int64		at = 0;
	size_t		i;

	if (size < HEAD || n > FEW_EVENTS)
		return 0;
	nconditions = 2 + data[0] / 16 % 4;
	if (!read_rules(data + 4, &rules, nconditions, &nsteps))
		return 0;
	spec.modes = FUNNEL_RULED | (data[1] & 1 ? FUNNEL_STRICT_INCREASE : 0) |
		(data[1] & 2 ? FUNNEL_FIRST_CHAIN : 0) | (data[1] & 4 ? FUNNEL_SEQUENCED : 0);
	spec.within = data[2];
	spec.rules = &rules;
	events = fuzz_allocate(n * sizeof(Event));
	for (i = 0; i < n; i++)
	{
		const uint8_t later = data[HEAD + 2 * i];

		at += later % 8;
		events[i].at = at;
		events[i].step = (uint64) data[HEAD + 2 * i + 1] << 56 >> (64 - nconditions) << (64 - nconditions) |
			(uint64) nconditions;
	}
	fuzz_sort(events, n);
	for (i = 1; i < n && (spec.modes & FUNNEL_SEQUENCED); i++)
		if (events[i].at == events[i - 1].at && (data[3] >> i & 1))
			event_set_tied(&events[i], nconditions, true);
	funnel_ruled_chain(events, n, nsteps, &spec, STEPSET_MAX, &chain);
	compare(events, n, nsteps, &spec, &chain);
	check_attempts(events, n, nsteps, &spec);

	/* what is counted goes without other rules, too */
	memset(&rules, 0, sizeof(rules));
	spec.modes &= ~(uint32) FUNNEL_RULED;
	check_attempts(events, n, nconditions, &spec);
	free(events);
	return 0;
}
