/*-------------------------------------------------------------------------
 *
 * experiment_stats.c
 *		The type experiment_stats: the outcomes of an experiment's variants.
 *
 * Its fields give both its forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "kind": "values", "within": 604800000000, "has_before": true,
 *	 "before": 604800000000, "variants": [{"variant": "control", "exposed": 10,
 *	 "crossed": 1, "open": 0, "users": 9, "sum": "9437184", "squares": "...",
 *	 "pre_sum": "0", "pre_squares": "0", "cross": "0"}, ...]}
 *
 * with durations in microseconds, sums in units of 2^-20, and sums of squares and
 * products in units of 2^-40.  They are text, as they may have 128 bits.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "experiment/experiment_stats.h"

STATS_INT128_HAND(variant_sum, ExperimentVariant, sums.sum)
STATS_INT128_HAND(variant_squares, ExperimentVariant, sums.squares)
STATS_INT128_HAND(variant_pre_sum, ExperimentVariant, sums.pre_sum)
STATS_INT128_HAND(variant_pre_squares, ExperimentVariant, sums.pre_squares)
STATS_INT128_HAND(variant_cross, ExperimentVariant, sums.cross)

static int
variant_order(const void *left, const void *right)
{
	return slice_order(((const ExperimentVariant *) left)->name, ((const ExperimentVariant *) right)->name);
}

static uint64
variant_hash(const void *item)
{
	return spread(stats_text_hash(((const ExperimentVariant *) item)->name));
}

/* Could these be a sum, and one of squares?  What is between them is left to arithmetic. */
static bool
sums_are_possible(uint64 users, int128 sum, int128 squares, bool goals)
{
	const int128 most = (int128) users * ((int128) 1 << 60);

	if (users == 0)
		return sum == 0 && squares == 0;
	if (goals)
		return sum >= 0 && sum <= (int128) users * EXPERIMENT_UNIT && sum % EXPERIMENT_UNIT == 0 &&
			squares == sum * EXPERIMENT_UNIT;
	return squares >= 0 && sum <= most && sum >= -most &&
		(double) sum / (double) users * ((double) sum) <= (double) squares * (1 + 1e-9) + (double) users;
}

static bool
variant_is_valid(void *any, void *item, const void *before)
{
	const ExperimentStats *stats = any;
	const ExperimentVariant *variant = item;
	const ExperimentSums *sums = &variant->sums;
	const bool	goals = stats->kind == EXPERIMENT_GOALS;

	if (variant->name.bytes == NULL || variant->exposed == 0 || variant->crossed > variant->exposed ||
		variant->open > variant->exposed - variant->crossed ||
		sums->users != variant->exposed - variant->crossed - variant->open ||
		(stats->until == PG_INT64_MAX && variant->open > 0) ||
		!sums_are_possible(sums->users, sums->sum, sums->squares, goals) ||
		!sums_are_possible(sums->users, sums->pre_sum, sums->pre_squares, goals))
		return false;
	if (!stats->has_before)
		return sums->pre_squares == 0 && sums->pre_sum == 0 && sums->cross == 0;
	return sums->cross <= sums->squares / 2 + sums->pre_squares / 2 + 1 && -sums->cross <= sums->squares / 2 + sums->pre_squares / 2 + 1;
}

static const StatsField variant_fields[] = {
	STATS_FIELD(STATS_TEXT, "variant", ExperimentVariant, name, STATS_IS_KEY),
	STATS_COUNTER_FIELD("exposed", ExperimentVariant, exposed),
	STATS_COUNTER_FIELD("crossed", ExperimentVariant, crossed),
	STATS_COUNTER_FIELD("open", ExperimentVariant, open),
	STATS_COUNTER_FIELD("users", ExperimentVariant, sums.users),
	STATS_HAND_FIELD("sum", &variant_sum_hand),
	STATS_HAND_FIELD("squares", &variant_squares_hand),
	STATS_HAND_FIELD("pre_sum", &variant_pre_sum_hand),
	STATS_HAND_FIELD("pre_squares", &variant_pre_squares_hand),
	STATS_HAND_FIELD("cross", &variant_cross_hand)
};

static const StatsList variant_list = {
	STATS_FIELDS(variant_fields),
	STATS_LIST_OF(ExperimentStats, ExperimentVariant, variants, index),
	.least_bytes = 15,
	.ordered = true,
	.hash = variant_hash,
	.order = variant_order,
	.is_valid = variant_is_valid
};

static const char *const kind_names[] = {"values", "goals"};

static bool
experiment_before_is_valid(void *any)
{
	const ExperimentStats *stats = any;

	return stats->has_before || stats->before == 0;
}

static const StatsField experiment_fields[] = {
	STATS_NUMBER_FIELD("kind", ExperimentStats, kind, 0, EXPERIMENT_GOALS, STATS_NAMED(kind_names)),
	STATS_NUMBER_FIELD("within", ExperimentStats, within, 0, DURATION_MAX),
	STATS_NUMBER_FIELD("has_before", ExperimentStats, has_before, 0, 1),
	STATS_NUMBER_FIELD("before", ExperimentStats, before, 0, DURATION_MAX),
	STATS_CHECK_FIELD("before", experiment_before_is_valid),
	STATS_FIELD(STATS_UNTIL, "until", ExperimentStats, until),
	STATS_COUNT_FIELD(&variant_list),
	STATS_LIST_FIELD("variants", &variant_list)
};

static char *
experiment_describe(const void *any)
{
	const ExperimentStats *stats = any;

	return psprintf("%s within %s%s%s%s%s", kind_names[stats->kind], duration_text(stats->within),
					stats->has_before ? ", before " : "", stats->has_before ? duration_text(stats->before) : "",
					stats->until == PG_INT64_MAX ? "" : ", until ",
					stats->until == PG_INT64_MAX ? "" : timestamptz_to_str(stats->until));
}

const StatsType experiment_stats_type = {
	.name = "experiment_stats",
	.makers = "experiment()",
	.format = 1,
	.size = sizeof(ExperimentStats),
	STATS_FIELDS(experiment_fields),
	.whole = "variants",
	.differ = "experiments that differ in outcome, within, before or until",
	.describe = experiment_describe
};

STATS_TYPE_FUNCTIONS(journey_experiment_stats, journey_experiment_rollup, experiment_stats_type)

/* The variant of a name, made if there is none. */
ExperimentVariant *
experiment_stats_variant(ExperimentStats *stats, TextSlice name)
{
	const ExperimentVariant key = {.name = name};

	return stats_list_item(&variant_list, stats, &key);
}
