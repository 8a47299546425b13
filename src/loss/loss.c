/*-------------------------------------------------------------------------
 *
 * loss.c
 *		The loss kernel: why one user stopped at a step of a funnel.
 *
 * The funnel's kernel is asked again, each time with one rule relaxed.  The
 * first relaxation that lets the user go on is the reason:
 *
 *	still_open		one more event, at the end of observation, that meets the
 *					next step
 *	too_late		no window, and no limits between two steps
 *	interrupted		no exclusions, and without strict_order, allow_reentry,
 *					strict_deduplication and consecutive
 *	other_value		all events count, whatever their value of the property held
 *	other_order		any_order, of the steps up to the next one
 *
 * other_value is for who holds a property, and has the events of other values:
 * this kernel sees those of one value.
 *
 *-------------------------------------------------------------------------
 */
#include "loss/loss.h"

const char *const loss_reason_names[LOSS_NREASONS] = {
	"still_open", "too_late", "interrupted", "other_value", "other_order", "never"
};

/* Modes in which an event between two steps ends a chain. */
#define LOSS_INTERRUPTIBLE \
	(FUNNEL_STRICT_ORDER | FUNNEL_ALLOW_REENTRY | FUNNEL_STRICT_DEDUPLICATION | FUNNEL_CONSECUTIVE)

/* How far do these events get? */
static void
loss_chain(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, Loss *loss)
{
	if (funnel_chain_has_rules(spec))
	{
		FunnelChain chain;

		funnel_ruled_chain(events, n, nsteps, spec, STEPSET_MAX, &chain);
		loss->level = chain.dropped ? 0 : chain.level;
		loss->required = chain.required;
		loss->dropped = chain.required > 0 && chain.dropped;
		if (chain.required > 0)
			memcpy(loss->times, chain.times, chain.level * sizeof(int64));
		return;
	}
	loss->level = loss->required = funnel_level(events, n, nsteps, spec, loss->times);
	loss->dropped = false;
}

/* How far does the user get? */
void
loss_reach(const LossUser *user, Loss *loss)
{
	loss_chain(user->events, user->n, user->nsteps, user->spec, loss);
	loss->reason = LOSS_NEVER;
	loss->lateness = 0;
}

/* Does a chain get further than the user did? */
static bool
loss_goes_on(const Loss *relaxed, const Loss *loss)
{
	if (relaxed->dropped)
		return false;
	return loss->dropped || relaxed->required > loss->required;
}

/* The step, from 0, that the user did not reach: the next one that is not optional. */
static int
loss_next_step(const LossUser *user, const Loss *loss)
{
	const uint64 optional = funnel_optional_steps(user->spec);
	int			left = loss->required;
	int			k = 0;

	for (; k < user->nsteps; k++)
		if ((optional & stepset_bit(k)) == 0 && left-- == 0)
			break;
	return k;
}

/* Copy the events, with those conditions only that are asked. */
static size_t
loss_copy(const LossUser *user, uint64 asked)
{
	size_t		i;

	for (i = 0; i < user->n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		user->copies[i].at = user->events[i].at;
		user->copies[i].step = (user->events[i].step & 63) | (user->events[i].step & asked);
	}
	return user->n;
}

/* The bits of the first conditions. */
static uint64
first_conditions(int n)
{
	return n == 0 ? 0 : ~UINT64_C(0) << (64 - n);
}

/*
 * Is the window open?  The event that is still possible is the next step; in
 * any_order any step.
 */
static bool
loss_is_open(const LossUser *user, const Loss *loss, int next)
{
	Loss		relaxed;
	size_t		n;

	if (user->until == PG_INT64_MAX || loss->dropped || user->n == 0 ||
		time_between(user->events[user->n - 1].at, user->until) > (uint64) user->spec->within)
		return false;
	n = loss_copy(user, ~UINT64_C(63));
	user->copies[n].at = user->until;
	user->copies[n].step = (uint64) user->nconditions |
		((user->spec->modes & FUNNEL_ANY_ORDER) ? first_conditions(user->nsteps) : stepset_bit(next));
	loss_chain(user->copies, n + 1, user->nsteps, user->spec, &relaxed);
	return loss_goes_on(&relaxed, loss);
}

/*
 * Without a window and limits, how far does the user get?  The rules that are
 * left are put into `rules`.
 */
static void
loss_without_limits(const LossUser *user, FunnelRules *rules, Loss *relaxed)
{
	FunnelSpec	spec = *user->spec;
	int			kept = 0;
	int			i;

	spec.within = DURATION_MAX;
	if (spec.rules != NULL)
	{
		*rules = *spec.rules;
		for (i = 0; i < rules->n; i++)
			if (rules->list[i].kind == FUNNEL_EXCLUDE)
				rules->list[kept++] = rules->list[i];
		rules->n = kept;
		spec.rules = rules;
	}
	loss_chain(user->events, user->n, user->nsteps, &spec, relaxed);
}

/*
 * By how much is the next step of a chain without limits too late?  By the most
 * that any limit is broken.
 */
static int64
loss_lateness(const LossUser *user, const Loss *relaxed, int next)
{
	FunnelRules *rules = user->spec->rules;
	const int64 *times = relaxed->times;
	uint64		took = time_between(times[0], times[next]);
	uint64		late = took > (uint64) user->spec->within ? took - (uint64) user->spec->within : 0;
	int			i;

	for (i = 0; rules != NULL && i < rules->n; i++)
	{
		FunnelRule *rule = &rules->list[i];
		uint64		more = 0;

		if (rule->kind == FUNNEL_EXCLUDE || rule->to > next)
			continue;
		took = time_between(times[rule->from], times[rule->to]);
		if (rule->kind == FUNNEL_WITHIN_PAIR)
			more = took > (uint64) rule->within ? took - (uint64) rule->within : 0;
		else
		{
			int64		begin;
			int64		end;

			rules->find_bucket(rules->zone, rule->unit, times[rule->from], &begin, &end);
			if (times[rule->to] >= end)
				more = time_between(end, times[rule->to]);
		}
		if (more > late)
			late = more;
	}
	return (int64) Min(late, (uint64) DURATION_MAX);
}

/* Would the user have gone on without what ends a chain between two steps? */
static bool
loss_is_interrupted(const LossUser *user, const Loss *loss)
{
	FunnelSpec	spec = *user->spec;
	FunnelRules rules;
	Loss		relaxed;
	int			kept = 0;
	int			i;

	if ((spec.modes & LOSS_INTERRUPTIBLE) == 0 && (spec.rules == NULL || spec.rules->excluded == 0))
		return false;
	spec.modes &= ~(uint32) LOSS_INTERRUPTIBLE;
	if (spec.rules != NULL)
	{
		rules = *spec.rules;
		for (i = 0; i < rules.n; i++)
			if (rules.list[i].kind != FUNNEL_EXCLUDE)
				rules.list[kept++] = rules.list[i];
		rules.n = kept;
		rules.excluded = 0;
		spec.rules = &rules;
	}
	(void) loss_copy(user, first_conditions(user->nsteps));
	loss_chain(user->copies, user->n, user->nsteps, &spec, &relaxed);
	return loss_goes_on(&relaxed, loss);
}

/* Do the events of one window meet each step up to the next one, in any order? */
static bool
loss_is_other_order(const LossUser *user, const Loss *loss, int next)
{
	const uint64 optional = funnel_optional_steps(user->spec);
	FunnelSpec	spec = {.within = user->spec->within,.modes = FUNNEL_ANY_ORDER | (user->spec->modes & FUNNEL_SEQUENCED)};
	const int	wanted = loss->required + 1;
	int			place[STEPSET_MAX];
	uint64		asked = 0;
	size_t		i;
	int			k;

	if (user->spec->modes & FUNNEL_ANY_ORDER)
		return false;
	for (k = 0; k <= next; k++)
		if ((optional & stepset_bit(k)) == 0)
		{
			place[k] = __builtin_popcountll(asked);
			asked |= stepset_bit(k);
		}
	(void) loss_copy(user, asked);
	for (i = 0; i < user->n && optional != 0; i++)
	{
		uint64		left = stepset_conditions(user->copies[i].step);

		user->copies[i].step &= 63;
		for (; left != 0; left &= ~stepset_bit(k))
		{
			k = stepset_lowest(left);
			user->copies[i].step |= stepset_bit(place[k]);
		}
	}
	return funnel_level(user->copies, user->n, wanted, &spec, NULL) == wanted;
}

/*
 * The weakest relaxation that lets these events go further than the user did; and
 * how late the next step is.  Where the user has events of several values, those
 * of each are asked in turn: the weakest of all counts, and the least lateness.
 */
void
loss_relax(const LossUser *user, Loss *loss)
{
	const int	next = loss->dropped ? 0 : loss_next_step(user, loss);
	uint64		met = 0;
	FunnelRules rules;
	Loss		relaxed;
	size_t		i;

	if (loss->reason == LOSS_STILL_OPEN)
		return;
	if (loss_is_open(user, loss, next))
	{
		loss->reason = LOSS_STILL_OPEN;
		return;
	}
	if (loss->dropped)
	{
		if (loss_is_interrupted(user, loss) && loss->reason > LOSS_INTERRUPTED)
			loss->reason = LOSS_INTERRUPTED;
		return;
	}

	/* without an event of the next step there is nothing to relax */
	for (i = 0; i < user->n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		met |= user->events[i].step;
	}
	if ((met & stepset_bit(next)) == 0 && (user->spec->modes & FUNNEL_ANY_ORDER) == 0)
		return;
	loss_without_limits(user, &rules, &relaxed);
	if (loss_goes_on(&relaxed, loss))
	{
		int64		lateness = loss_lateness(user, &relaxed, (user->spec->modes & FUNNEL_ANY_ORDER) ? loss->level : next);

		if (loss->reason > LOSS_TOO_LATE || lateness < loss->lateness)
			loss->lateness = lateness;
		loss->reason = LOSS_TOO_LATE;
		return;
	}
	if (loss->reason > LOSS_INTERRUPTED && loss_is_interrupted(user, loss))
		loss->reason = LOSS_INTERRUPTED;
	if (loss->reason > LOSS_OTHER_ORDER && loss_is_other_order(user, loss, next))
		loss->reason = LOSS_OTHER_ORDER;
}

/* The end of the events that are simultaneous with event i. */
static size_t
loss_moment_end(const LossUser *user, size_t i)
{
	const Event *events = user->events;

	for (i++; i < user->n && events[i].at == events[i - 1].at &&
		 (!(user->spec->modes & FUNNEL_SEQUENCED) || event_is_tied(&events[i])); i++)
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	return i;
}

/*
 * The first event after the user's last step: after all that are simultaneous
 * with it; n if there is none.  Of events of one time that have an order, each
 * step is the first one that meets it after the step before.
 */
size_t
loss_after(const LossUser *user, const Loss *loss)
{
	const Event *events = user->events;
	const int64 last = loss->times[loss->level - 1];
	const bool	ordered = (user->spec->modes & FUNNEL_SEQUENCED) && !(user->spec->modes & FUNNEL_ANY_ORDER);
	size_t		low = 0;
	size_t		high = user->n;
	size_t		begin;
	int			k;

	while (low < high)			/* the first event of the time of the last
								 * step; where there is no order, after it */
	{
		const size_t middle = low + (high - low) / 2;

		if (events[middle].at < last || (!ordered && events[middle].at == last))
			low = middle + 1;
		else
			high = middle;
	}
	if (!ordered)
		return low;
	for (k = 0; k < loss->level && loss->times[k] != last; k++)
		;
	for (begin = low; k < loss->level; k++)
	{
		size_t		i = begin;

		if (loss->times[k] != last)
			continue;
		while (i < user->n && events[i].at == last && (events[i].step & stepset_bit(k)) == 0)
			if (i++ % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
		if (i == user->n || events[i].at != last)
			break;
		while (i > low && event_is_tied(&events[i]))
			i--;
		begin = i;
	}
	return begin == user->n ? begin : loss_moment_end(user, begin);
}
