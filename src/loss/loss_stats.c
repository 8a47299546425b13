/*-------------------------------------------------------------------------
 *
 * loss_stats.c
 *		The type loss_stats: why the users of a funnel stopped.
 *
 * Its fields give both its forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "steps": 3, "within": 604800000000, "options": "",
 *	 "held": false, "until": 826416000000000, "users": 10, "completed": 4,
 *	 "items": [{"step": 1, "reason": "too_late", "node": "pay", "users": 2},
 *			   {"step": 1, "reason": "never", "node": null, "users": 4}],
 *	 "late": [{"step": 1, "lateness": {...}}]}
 *
 * Durations are in microseconds, and until in microseconds since 2000-01-01 00:00
 * UTC.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "loss/loss_stats.h"
#include "miscadmin.h"

static const StatsList item_list;
static const StatsList late_list;

/* A result without users. */
LossStats *
loss_stats_new(MemoryContext context, int nsteps, const FunnelSpec *spec, bool held, int64 until)
{
	LossStats  *stats = stats_new(&loss_stats_type, context);
	FunnelSpec	words = *spec;
	StringInfoData options;

	words.modes &= FUNNEL_ALL_MODES & ~(uint32) FUNNEL_LATEST_CHAIN;
	initStringInfo(&options);
	funnel_append_options(&options, &words);
	stats->nsteps = nsteps;
	stats->within = spec->within;
	stats->options.bytes = options.data;
	stats->options.length = (uint32) options.len;
	stats->held = held;
	stats->until = until;
	return stats;
}

/* Count a user who stopped at a step. */
void
loss_stats_count(LossStats *stats, int step, LossReason reason, TextSlice node, int64 lateness)
{
	const LossItem key = {.step = step,.reason = reason,.node = node};
	const LossLate late = {.step = step};

	((LossItem *) stats_list_item(&item_list, stats, &key))->users++;
	if (reason == LOSS_TOO_LATE)
		histogram_add(&((LossLate *) stats_list_item(&late_list, stats, &late))->lateness, (uint64) lateness,
					  stats->context);
}

/* ---- items -------------------------------------------------------------------- */

static int
item_order(const void *left, const void *right)
{
	const LossItem *a = left;
	const LossItem *b = right;

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	if (a->node.bytes == NULL || b->node.bytes == NULL)
		return (a->node.bytes != NULL) - (b->node.bytes != NULL);
	return slice_order(a->node, b->node);
}

static uint64
item_hash(const void *any)
{
	const LossItem *item = any;

	return spread((uint64) (item->step * LOSS_NREASONS + (int) item->reason) ^ stats_text_hash(item->node));
}

static bool
item_is_valid(void *any, void *key, const void *before)
{
	const LossStats *stats = any;
	const LossItem *item = key;

	return item->users > 0 && item->step < stats->nsteps &&
		(stats->until != PG_INT64_MAX || item->reason != LOSS_STILL_OPEN) &&
		(stats->held || item->reason != LOSS_OTHER_VALUE) &&
		(item->step > 0 || (item->reason >= LOSS_INTERRUPTED && item->node.bytes == NULL));
}

static int
late_order(const void *left, const void *right)
{
	return ((const LossLate *) left)->step - ((const LossLate *) right)->step;
}

static uint64
late_hash(const void *item)
{
	return spread((uint64) ((const LossLate *) item)->step);
}

static bool
late_is_valid(void *any, void *item, const void *before)
{
	const LossLate *late = item;

	return late->step < ((const LossStats *) any)->nsteps && late->lateness.count > 0;
}

/* ---- validation --------------------------------------------------------------- */

/* Is a duration written as funnel_append_options() does? */
static bool
loss_duration_is_valid(TextSlice text)
{
	static const char unit[] = " microseconds";
	const uint32 length = sizeof(unit) - 1;
	int64		duration = 0;
	uint32		i;

	if (text.length <= length || text.length > length + 19 ||
		memcmp(text.bytes + text.length - length, unit, length) != 0)
		return false;
	for (i = 0; i < text.length - length; i++)
	{
		if (text.bytes[i] < '0' || text.bytes[i] > '9' || duration > DURATION_MAX / 10)
			return false;
		duration = duration * 10 + (text.bytes[i] - '0');
	}
	return duration <= DURATION_MAX;
}

/* Are these the options, as this code writes them, of so many steps? */
static bool
loss_options_are_valid(void *any)
{
	LossStats  *stats = any;
	FunnelOptions options;
	FunnelSpec	spec = {0};
	StringInfoData text;
	int			nsteps;
	int			nconditions = stats->nsteps;
	int			wrong;
	int			i;

	if (stats->options.bytes == NULL || memchr(stats->options.bytes, '\0', stats->options.length) != NULL ||
		funnel_parse_options(stats->options, false, &options) != FUNNEL_OPTIONS_OK)
		return false;
	for (i = 0; (options.modes & FUNNEL_RULED) != 0 && i < options.rules.n; i++)
		if (options.rules.list[i].kind == FUNNEL_WITHIN_PAIR && !loss_duration_is_valid(options.rules.list[i].text))
			return false;
	if ((options.modes & FUNNEL_RULED) != 0)
		nconditions += __builtin_popcountll(options.rules.excluded);
	if (nconditions > STEPSET_MAX)
		return false;
	if ((options.modes & FUNNEL_RULED) != 0 && options.rules.count == FUNNEL_COUNT_SESSIONS)
		return false;
	funnel_read_options(stats->options, &spec, session_timezone, NULL, false, true);
	nsteps = nconditions;
	if (funnel_counts_attempts(&spec) || (spec.modes & FUNNEL_LATEST_CHAIN) != 0)
		return false;
	if (spec.rules != NULL &&
		(funnel_settle_rules(spec.rules, nconditions, &nsteps, &wrong) != FUNNEL_RULES_OK || nsteps != stats->nsteps))
		return false;
	initStringInfo(&text);
	spec.modes &= FUNNEL_ALL_MODES;
	funnel_append_options(&text, &spec);
	return text.len == (int) stats->options.length && memcmp(text.data, stats->options.bytes, text.len) == 0;
}

/* Can counting have made this? */
static bool
loss_is_valid(void *any)
{
	const LossStats *stats = any;
	uint64		left = stats->users - stats->completed;
	uint32		late = 0;
	uint32		i = 0;
	uint32		k;

	if (stats->completed > stats->users)
		return false;
	for (k = 0; k < stats->nitems; k++)
	{
		if (stats->items[k].users > left)
			return false;
		left -= stats->items[k].users;
	}
	while (i < stats->nitems)	/* each step with users who were late has how
								 * late */
	{
		const int	step = stats->items[i].step;
		uint64		users = 0;

		for (; i < stats->nitems && stats->items[i].step == step; i++)
			if (stats->items[i].reason == LOSS_TOO_LATE)
				users += stats->items[i].users;
		if (users == 0)
			continue;
		if (late == stats->nlates || stats->lates[late].step != step || stats->lates[late].lateness.count != users)
			return false;
		late++;
	}
	return left == 0 && late == stats->nlates;
}

/* ---- fields ------------------------------------------------------------------- */

static const StatsField item_fields[] = {
	STATS_NUMBER_FIELD("step", LossItem, step, 0, STEPSET_MAX - 1, STATS_IS_KEY),
	STATS_NUMBER_FIELD("reason", LossItem, reason, 0, LOSS_NREASONS - 1, STATS_NAMED(loss_reason_names), STATS_IS_KEY),
	STATS_FIELD(STATS_TEXT, "node", LossItem, node, STATS_NULLABLE, STATS_IS_KEY),
	STATS_COUNTER_FIELD("users", LossItem, users)
};

static const StatsField late_fields[] = {
	STATS_NUMBER_FIELD("step", LossLate, step, 1, STEPSET_MAX - 1, STATS_IS_KEY),
	STATS_FIELD(STATS_HISTOGRAM, "lateness", LossLate, lateness)
};

static const StatsList item_list = {
	STATS_FIELDS(item_fields),
	STATS_LIST_OF(LossStats, LossItem, items, item_index),
	.least_bytes = 4,
	.hash = item_hash,
	.order = item_order,
	.is_valid = item_is_valid
};

static const StatsList late_list = {
	STATS_FIELDS(late_fields),
	STATS_LIST_OF(LossStats, LossLate, lates, late_index),
	.least_bytes = 2,
	.hash = late_hash,
	.order = late_order,
	.is_valid = late_is_valid
};

static const StatsField loss_fields[] = {
	STATS_NUMBER_FIELD("steps", LossStats, nsteps, 1, STEPSET_MAX),
	STATS_NUMBER_FIELD("within", LossStats, within, 0, DURATION_MAX),
	STATS_FIELD(STATS_TEXT, "options", LossStats, options),
	STATS_CHECK_FIELD("options", loss_options_are_valid),
	STATS_NUMBER_FIELD("held", LossStats, held, 0, 1),
	STATS_FIELD(STATS_UNTIL, "until", LossStats, until),
	STATS_COUNTER_FIELD("users", LossStats, users),
	STATS_COUNTER_FIELD("completed", LossStats, completed),
	STATS_COUNT_FIELD(&item_list),
	STATS_LIST_FIELD("items", &item_list),
	STATS_COUNT_FIELD(&late_list),
	STATS_LIST_FIELD("late", &late_list)
};

static char *
loss_describe(const void *any)
{
	const LossStats *stats = any;

	return psprintf("%d steps within %s%s%.*s%s%s%s", stats->nsteps, duration_text(stats->within),
					stats->options.length > 0 ? " in " : "", (int) stats->options.length, stats->options.bytes,
					stats->held ? ", a property held constant" : "",
					stats->until == PG_INT64_MAX ? "" : ", until ",
					stats->until == PG_INT64_MAX ? "" : timestamptz_to_str(stats->until));
}

const StatsType loss_stats_type = {
	.name = "loss_stats",
	.makers = "funnel_losses() and funnel_losses_holding_constant()",
	.format = 1,
	.size = sizeof(LossStats),
	STATS_FIELDS(loss_fields),
	.whole = "items",
	.differ = "losses that differ in steps, within, options or until",
	.too_large = "Give coarser nodes.",
	.is_valid = loss_is_valid,
	.describe = loss_describe
};

STATS_TYPE_FUNCTIONS(journey_loss_stats, journey_loss_rollup, loss_stats_type)
