/*-------------------------------------------------------------------------
 *
 * interval_stats.c
 *		The type interval_stats: the result of an interval analysis over a
 *		population.
 *
 * Its fields give both its forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "steps": 2, "within": 604800000000, "mode": "each",
 *	 "users": 3, "times": {"sum": "380", "least": 90, "most": 100,
 *	 "buckets": [[90, 2], [100, 2]]}}
 *
 * with durations in microseconds.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "interval/interval_stats.h"

/* A result without intervals. */
IntervalStats *
interval_stats_new(MemoryContext context, int nsteps, const IntervalSpec *spec)
{
	IntervalStats *stats = stats_new(&interval_stats_type, context);

	stats->nsteps = nsteps;
	stats->spec = *spec;
	return stats;
}

static const StatsField interval_fields[] = {
	STATS_NUMBER_FIELD("steps", IntervalStats, nsteps, 1, 2),
	STATS_NUMBER_FIELD("within", IntervalStats, spec.within, 0, DURATION_MAX),
	STATS_NUMBER_FIELD("mode", IntervalStats, spec.mode, 0, INTERVAL_NMODES - 1, STATS_NAMED(interval_mode_names)),
	STATS_COUNTER_FIELD("users", IntervalStats, users),
	STATS_FIELD(STATS_HISTOGRAM, "times", IntervalStats, times, STATS_COUNTED("intervals"))
};

/* Can counting have made this? */
static bool
interval_is_valid(void *any)
{
	const IntervalStats *stats = any;

	return stats->times.count <= (uint64) PG_INT64_MAX && stats->users <= stats->times.count &&
		(stats->users > 0 || stats->times.count == 0) &&
		stats->times.most <= (uint64) stats->spec.within;
}

static char *
interval_describe(const void *any)
{
	const IntervalStats *stats = any;

	return psprintf("%d conditions within %s, mode %s", stats->nsteps,
					duration_text(stats->spec.within), interval_mode_names[stats->spec.mode]);
}

const StatsType interval_stats_type = {
	.name = "interval_stats",
	.makers = "intervals()",
	.format = 1,
	.size = sizeof(IntervalStats),
	STATS_FIELDS(interval_fields),
	.whole = "times",
	.differ = "intervals that differ in conditions, within or mode",
	.is_valid = interval_is_valid,
	.describe = interval_describe
};

STATS_TYPE_FUNCTIONS(journey_interval_stats, journey_interval_rollup, interval_stats_type)
