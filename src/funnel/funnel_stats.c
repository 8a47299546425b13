/*-------------------------------------------------------------------------
 *
 * funnel_stats.c
 *		The type funnel_stats: the result of a funnel over a population.
 *
 * Its fields give both its forms: see stats/stats.h.  Version 2 is that of
 * trends; in version 1 they had neither time zone nor end of observation.
 * Version 3 is that of breakdowns by each value or with the option top, and of
 * trends by breakdown.  A group is stored as its label, its bucket, the users of
 * each step, and for each step after the first the histograms of the time from
 * the step before and from step 1.  The text form is
 *
 *	{"version": 1, "kind": "whole", "steps": 2, "within": 604800000000,
 *	 "mode": "", "groups": [{"users": [10, 4],
 *	 "from_before": [{"sum": "380", "least": 90, "most": 100,
 *	 "buckets": [[90, 2], [100, 2]]}], "from_start": [...]}]}
 *
 * Durations are in microseconds; kind is whole, breakdown, trend or
 * trend_breakdown.  A breakdown's groups have a "label", a trend's a "bucket"
 * and "complete_at", in microseconds since 2000-01-01 00:00 UTC.  A trend has a
 * "unit", a "time_zone", "until" if it was given, and "newest"; a breakdown of
 * version 3 has "each_value" and "top".  Histograms stand for steps 2 to the
 * last.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_stats.h"
#include "miscadmin.h"

static const StatsList group_list;

/* latest_chain is the default of all but a trend, so the same is written alike. */
static void
funnel_settle_modes(FunnelStats *stats)
{
	if (!funnel_has_buckets(stats))
		stats->spec.modes &= ~(uint32) FUNNEL_LATEST_CHAIN;
}

/* The rules as they are stored: as options. */
static void
funnel_write_rules(FunnelStats *stats)
{
	const FunnelSpec rules = {.rules = stats->spec.rules};
	StringInfoData out;

	if (stats->spec.rules == NULL)
		return;
	initStringInfo(&out);
	funnel_append_options(&out, &rules);
	stats->rules.bytes = out.data;
	stats->rules.length = (uint32) out.len;
}

/* A result without groups. */
FunnelStats *
funnel_stats_new(MemoryContext context, FunnelKind kind, int nsteps, const FunnelSpec *spec)
{
	FunnelStats *stats = stats_new(&funnel_stats_type, context);

	stats->kind = kind;
	stats->nsteps = nsteps;
	stats->spec = *spec;
	stats->zone = "";
	stats->until = PG_INT64_MAX;
	funnel_settle_modes(stats);
	funnel_write_rules(stats);
	return stats;
}

/* The group of a label or a bucket, made if there is none. */
FunnelGroup *
funnel_stats_group(FunnelStats *stats, TextSlice label, int64 bucket)
{
	FunnelGroup key = {0};

	key.label = label;
	key.bucket = bucket;
	return stats_list_item(&group_list, stats, &key);
}

/* Count a user whose chain reached `level` steps, at these times. */
void
funnel_group_add(FunnelStats *stats, FunnelGroup *group, const int64 *times, int level)
{
	const uint64 optional = funnel_optional_steps(&stats->spec);
	int64		before = times[0];	/* of the last step that is not optional */
	int			k;

	for (k = 0; k < level; k++)
	{
		if (times[k] == FUNNEL_SKIPPED)
			continue;
		group->users[k]++;
		if (k > 0)
		{
			histogram_add(&group->from_before[k], time_between(before, times[k]), stats->context);
			histogram_add(&group->from_start[k], time_between(times[0], times[k]), stats->context);
		}
		if ((optional & stepset_bit(k)) == 0)
			before = times[k];
	}
}

/* Add the users of one group to another. */
static void
funnel_merge_group(void *any, void *item, const void *from, bool is_new)
{
	FunnelStats *stats = any;
	FunnelGroup *group = item;
	const FunnelGroup *more = from;
	int			k;

	for (k = 0; k < stats->nsteps; k++)
	{
		stats_add(&group->users[k], more->users[k], "users");
		histogram_merge(&group->from_before[k], &more->from_before[k], stats->context);
		histogram_merge(&group->from_start[k], &more->from_start[k], stats->context);
	}
}

/*
 * A result of the groups of another, each under the label that is kept; without
 * any to keep all have none.
 */
static FunnelStats *
funnel_regroup(const FunnelStats *stats, FunnelKind kind, const StatsGroup *kept, uint32 nkept)
{
	FunnelStats *result = funnel_stats_new(CurrentMemoryContext, kind, stats->nsteps, &stats->spec);
	const TextSlice no_label = {NULL, 0};
	uint32		i;

	result->each_value = stats->each_value;
	result->unit = stats->unit;
	result->zone = stats->zone;
	result->until = stats->until;
	result->newest = stats->newest;
	for (i = 0; i < stats->ngroups; i++)
	{
		const FunnelGroup *from = &stats->groups[i];
		const uint32 nbefore = result->ngroups;
		FunnelGroup *group = funnel_stats_group(result, kept == NULL ? no_label :
												stats_top_label(kept, nkept, from->label), from->bucket);

		if (result->ngroups > nbefore || from->complete_at > group->complete_at)
			group->complete_at = from->complete_at;
		funnel_merge_group(result, group, from, false);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	stats_list_sort(&group_list, result);
	return result;
}

/* The groups of a breakdown as one, by bucket if there are buckets. */
FunnelStats *
funnel_stats_whole(const FunnelStats *stats)
{
	return funnel_regroup(stats, funnel_has_buckets(stats) ? FUNNEL_TREND : FUNNEL_WHOLE, NULL, 0);
}

/*
 * The result of a breakdown as it is shown: beside none, the labels with the most
 * users at step 1, and "(other)".
 */
FunnelStats *
funnel_stats_top(FunnelStats *stats)
{
	const uint32 top = (uint32) stats->top;
	StatsGroup *groups;
	uint32		n = 0;
	uint32		i;

	if (top == 0 || stats->ngroups <= top)
		return stats;
	groups = MemoryContextAllocHuge(CurrentMemoryContext, stats->ngroups * sizeof(StatsGroup));
	for (i = 0; i < stats->ngroups; i++)
	{
		if (stats->groups[i].label.bytes == NULL)
			continue;
		groups[n].label = stats->groups[i].label;
		groups[n++].users = stats->groups[i].users[0];
	}
	if (!stats_keep_top(groups, n, top))
		return stats;
	return funnel_regroup(stats, stats->kind, groups, top);
}

/* The call that makes such a result, for messages. */
static char *
funnel_describe(const void *any)
{
	static const char *const makers[] = {
		"funnel", "funnel_breakdown", "funnel_trend", "funnel_trend_breakdown"
	};
	const FunnelStats *stats = any;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "of %s with %d steps within %s", makers[stats->kind], stats->nsteps,
					 duration_text(stats->spec.within));
	if (stats->each_value)
		appendStringInfoString(&out, " of each value");
	if (stats->top > 0)
		appendStringInfo(&out, " with the top %d values", stats->top);
	if (funnel_has_buckets(stats))
		appendStringInfo(&out, " by %s", calendar_unit_name(stats->unit));
	if (stats->spec.modes != 0)
	{
		appendStringInfoString(&out, " in ");
		funnel_append_options(&out, &stats->spec);
	}
	return out.data;
}

static bool
funnel_is_trend(const void *any)
{
	return funnel_has_buckets(any);
}

static bool
funnel_is_breakdown(const void *any)
{
	return funnel_has_labels(any);
}

static int
funnel_format(const void *any)
{
	const FunnelStats *stats = any;

	if (stats->kind == FUNNEL_TREND_BREAKDOWN || stats->each_value || stats->top > 0)
		return 3;
	return stats->kind == FUNNEL_TREND ? 2 : 1;
}

/*
 * Parameters as text.
 */

static void
funnel_append_modes(StatsText *out, const char *name, const void *any, const void *item)
{
	const FunnelStats *stats = any;
	StringInfoData options;

	initStringInfo(&options);
	funnel_append_options(&options, &stats->spec);
	stats_append_text(out, name, options.data);
	pfree(options.data);
}

/*
 * Read the options that a result has kept.  Its rules have been settled, so its
 * excluded conditions are those after its steps.
 */
static bool
funnel_keep_options(FunnelStats *stats, TextSlice text)
{
	FunnelOptions options;
	int			nsteps = stats->nsteps;
	int			nconditions;
	int			wrong;

	if (funnel_parse_options(text, false, &options) != FUNNEL_OPTIONS_OK)
		return false;
	stats->spec.modes = options.modes;
	if ((options.modes & FUNNEL_RULED) == 0)
		return true;
	nconditions = nsteps + __builtin_popcountll(options.rules.excluded);
	if (nconditions > STEPSET_MAX)
		return false;
	funnel_read_options(text, &stats->spec, session_timezone, NULL, false, true);
	if (funnel_settle_rules(stats->spec.rules, nconditions, &nsteps, &wrong) != FUNNEL_RULES_OK ||
		nsteps != stats->nsteps)
		return false;
	funnel_write_rules(stats);
	return true;
}

static void
funnel_json_modes(StatsJson *in, const char *name, void *any, void *item)
{
	JsonbValue	mode = stats_json_value(in, name, jbvString);
	TextSlice	text = {mode.val.string.val, (uint32) mode.val.string.len};

	if (!funnel_keep_options(any, text))
		stats_refuse_text(in->type, name);
}

static void
funnel_append_unit(StatsText *out, const char *name, const void *any, const void *item)
{
	stats_append_text(out, name, calendar_unit_name(((const FunnelStats *) any)->unit));
}

static void
funnel_parse_unit(StatsJson *in, const char *name, void *any, void *item)
{
	JsonbValue	unit = stats_json_value(in, name, jbvString);

	((FunnelStats *) any)->unit = calendar_unit(unit.val.string.val, unit.val.string.len);
}

/*
 * The steps of a group.
 */

static void
funnel_write_steps(StatsWriter *out, const void *any, const void *item)
{
	const FunnelStats *stats = any;
	const FunnelGroup *group = item;
	int			k;

	for (k = 0; k < stats->nsteps; k++)
		stats_write_number(out, group->users[k]);
	for (k = 1; k < stats->nsteps; k++)
	{
		stats_write_histogram(out, &group->from_before[k]);
		stats_write_histogram(out, &group->from_start[k]);
	}
}

static bool
funnel_read_steps(ByteReader *in, void *any, void *item)
{
	const FunnelStats *stats = any;
	const uint64 optional = funnel_optional_steps(&stats->spec);
	FunnelGroup *group = item;
	int			before = 0;		/* the last step that is not optional */
	int			k;

	for (k = 0; k < stats->nsteps; k++)
	{
		group->users[k] = read_number(in);
		if (group->users[k] > (uint64) PG_INT64_MAX || group->users[k] > group->users[before])
			return false;
		if ((optional & stepset_bit(k)) == 0)
			before = k;
	}
	for (k = 1; k < stats->nsteps; k++)
		if (!histogram_decode(in, &group->from_before[k]) ||
			!histogram_decode(in, &group->from_start[k]) ||
			group->from_before[k].count != group->users[k] ||
			group->from_start[k].count != group->users[k])
			return false;
	return true;
}

static void
append_histograms(StatsText *out, const char *name, const Histogram *histograms, int nsteps)
{
	int			k;

	stats_append_name(out, name);
	appendStringInfoChar(&out->out, '[');
	out->first = true;
	for (k = 1; k < nsteps; k++)
		stats_append_histogram(out, NULL, &histograms[k]);
	appendStringInfoChar(&out->out, ']');
	out->first = false;
}

static void
funnel_append_steps(StatsText *out, const char *name, const void *any, const void *item)
{
	const FunnelStats *stats = any;
	const FunnelGroup *group = item;
	int			k;

	stats_append_name(out, "users");
	for (k = 0; k < stats->nsteps; k++)
		appendStringInfo(&out->out, "%s" UINT64_FORMAT, k > 0 ? ", " : "[", group->users[k]);
	appendStringInfoChar(&out->out, ']');
	append_histograms(out, "from_before", group->from_before, stats->nsteps);
	append_histograms(out, "from_start", group->from_start, stats->nsteps);
}

static void
parse_histograms(StatsJson *in, const char *name, Histogram *histograms, int nsteps)
{
	StatsJson	array = stats_json_array(in, name, (uint32) nsteps - 1, (uint32) nsteps - 1);
	int			k;

	for (k = 1; k < nsteps; k++)
		stats_json_histogram(&array, NULL, &histograms[k]);
}

static void
funnel_parse_steps(StatsJson *in, const char *name, void *any, void *item)
{
	const FunnelStats *stats = any;
	FunnelGroup *group = item;
	StatsJson	users = stats_json_array(in, "users", (uint32) stats->nsteps, (uint32) stats->nsteps);
	int			k;

	for (k = 0; k < stats->nsteps; k++)
		group->users[k] = (uint64) stats_json_integer(&users, NULL, 0, PG_INT64_MAX);
	parse_histograms(in, "from_before", group->from_before, stats->nsteps);
	parse_histograms(in, "from_start", group->from_start, stats->nsteps);
}

static const StatsHand modes_text = {.append = funnel_append_modes,.parse = funnel_json_modes};
static const StatsHand unit_text = {.append = funnel_append_unit,.parse = funnel_parse_unit};
static const StatsHand steps = {
	.write = funnel_write_steps,.read = funnel_read_steps,.append = funnel_append_steps,.parse = funnel_parse_steps
};

/*
 * Groups.
 */

/* The order of groups: by bucket, the NULL label first, then labels by their bytes. */
static int
funnel_group_order(const void *a, const void *b)
{
	const FunnelGroup *left = a;
	const FunnelGroup *right = b;

	if (left->bucket != right->bucket)
		return left->bucket < right->bucket ? -1 : 1;
	if (left->label.bytes == NULL || right->label.bytes == NULL)
		return (left->label.bytes != NULL) - (right->label.bytes != NULL);
	return slice_order(left->label, right->label);
}

static uint64
funnel_group_hash(const void *item)
{
	const FunnelGroup *group = item;

	return spread((uint64) group->bucket ^ stats_text_hash(group->label));
}

static void
funnel_group_begin(void *any, void *item)
{
	const FunnelStats *stats = any;
	FunnelGroup *group = item;

	group->users = MemoryContextAllocZero(stats->context, stats->nsteps * sizeof(uint64));
	group->from_before = MemoryContextAllocZero(stats->context, stats->nsteps * sizeof(Histogram));
	group->from_start = MemoryContextAllocZero(stats->context, stats->nsteps * sizeof(Histogram));
}

static bool
funnel_group_is_valid(void *any, void *item, const void *before)
{
	const FunnelGroup *group = item;

	return !funnel_is_trend(any) || group->complete_at >= group->bucket;
}

static const StatsField group_fields[] = {
	STATS_FIELD(STATS_TEXT, "label", FunnelGroup, label, STATS_NULLABLE, STATS_IS_KEY, STATS_WHEN(funnel_is_breakdown)),
	STATS_FIELD_WITHIN(STATS_SIGNED, "bucket", FunnelGroup, bucket, EVENT_TIME_MIN, EVENT_TIME_END - 1, STATS_IS_KEY, STATS_WHEN(funnel_is_trend)),
	STATS_FIELD(STATS_SIGNED, "complete_at", FunnelGroup, complete_at, STATS_MERGED(STATS_LATEST), STATS_WHEN(funnel_is_trend)),
	STATS_HAND_FIELD(NULL, &steps)
};

static const StatsList group_list = {
	STATS_FIELDS(group_fields),
	STATS_LIST_OF(FunnelStats, FunnelGroup, groups, index),
	.least_bytes = 1,
	.hash = funnel_group_hash,
	.order = funnel_group_order,
	.begin = funnel_group_begin,
	.is_valid = funnel_group_is_valid,
	.merge_item = funnel_merge_group
};

static bool
funnel_is_ruled(const void *any)
{
	return (((const FunnelStats *) any)->spec.modes & FUNNEL_RULED) != 0;
}

/* Are these the rules, as this code writes them, that the modes speak of? */
static bool
funnel_rules_are_valid(void *any)
{
	FunnelStats *stats = any;
	const FunnelSpec words = {.modes = stats->spec.modes & FUNNEL_ALL_MODES};
	const uint32 modes = stats->spec.modes;
	const TextSlice given = stats->rules;
	TextSlice	all;
	StringInfoData text;

	if ((modes & FUNNEL_RULED) == 0)
		return (modes & FUNNEL_BY_SESSION) == 0;
	initStringInfo(&text);
	funnel_append_options(&text, &words);
	appendStringInfo(&text, "%s%.*s", text.len > 0 ? ", " : "", (int) given.length, given.bytes);
	all.bytes = text.data;
	all.length = (uint32) text.len;
	return funnel_keep_options(stats, all) && stats->spec.modes == modes &&
		slice_equal(given, stats->rules);
}

/* Do the parameters go together?  The zone of a trend must exist, if it is known. */
static bool
funnel_head_is_valid(void *any)
{
	FunnelStats *stats = any;

	if (funnel_check_modes(stats->spec.modes & FUNNEL_ALL_MODES) != FUNNEL_OPTIONS_OK)
		return false;
	if (stats->zone[0] != '\0')
		(void) calendar_zone_kept(stats->zone, strlen(stats->zone));
	funnel_settle_modes(stats);
	return true;
}

/* As text, what is not by groups has one. */
static bool
funnel_has_its_group(void *any)
{
	const FunnelStats *stats = any;

	return stats->kind != FUNNEL_WHOLE || stats->ngroups == 1;
}

static const char *const kind_names[] = {"whole", "breakdown", "trend", "trend_breakdown"};

static const StatsField funnel_fields[] = {
	STATS_NUMBER_FIELD("kind", FunnelStats, kind, 0, FUNNEL_TREND_BREAKDOWN, STATS_NAMED(kind_names)),
	STATS_NUMBER_FIELD("steps", FunnelStats, nsteps, 1, STEPSET_MAX),
	STATS_NUMBER_FIELD("within", FunnelStats, spec.within, 0, DURATION_MAX),
	STATS_NUMBER_FIELD(NULL, FunnelStats, spec.modes, 0, FUNNEL_ALL_MODES | FUNNEL_RULED | FUNNEL_BY_SESSION, STATS_ONLY(STATS_BYTES)),
	STATS_FIELD(STATS_TEXT, "rules", FunnelStats, rules, STATS_ONLY(STATS_BYTES), STATS_WHEN(funnel_is_ruled)),
	STATS_CHECK_FIELD("mode", funnel_rules_are_valid, STATS_ONLY(STATS_BYTES)),
	STATS_HAND_FIELD("mode", &modes_text),
	STATS_NUMBER_FIELD("each_value", FunnelStats, each_value, 0, 1, STATS_SINCE(3), STATS_WHEN(funnel_is_breakdown)),
	STATS_NUMBER_FIELD("top", FunnelStats, top, 0, STATS_TOP_MOST, STATS_SINCE(3), STATS_WHEN(funnel_is_breakdown)),
	STATS_NUMBER_FIELD(NULL, FunnelStats, unit, 0, CALENDAR_LAST, STATS_ONLY(STATS_BYTES), STATS_WHEN(funnel_is_trend)),
	STATS_HAND_FIELD("unit", &unit_text, STATS_WHEN(funnel_is_trend)),
	STATS_FIELD(STATS_ZONE, "time_zone", FunnelStats, zone, STATS_SINCE(2), STATS_MERGED(STATS_IF_KNOWN), STATS_WHEN(funnel_is_trend)),
	STATS_FIELD(STATS_UNTIL, "until", FunnelStats, until, STATS_SINCE(2), STATS_WHEN(funnel_is_trend)),
	STATS_FIELD(STATS_SIGNED, "newest", FunnelStats, newest, STATS_MERGED(STATS_LATEST), STATS_WHEN(funnel_is_trend)),
	STATS_COUNT_FIELD(&group_list),
	STATS_CHECK_FIELD("mode", funnel_head_is_valid),
	STATS_LIST_FIELD("groups", &group_list),
	STATS_CHECK_FIELD("groups", funnel_has_its_group, STATS_ONLY(STATS_AS_TEXT))
};

const StatsType funnel_stats_type = {
	.name = "funnel_stats",
	.makers = "funnel(), funnel_breakdown(), funnel_trend() and funnel_trend_breakdown()",
	.format = 3,
	.size = sizeof(FunnelStats),
	STATS_FIELDS(funnel_fields),
	.whole = "groups",
	.differ = "funnels that differ in kind, steps, within, mode, unit or until",
	.zones_differ = "trends of different time zones",
	.zone_maker = "funnel_trend()",
	.format_of = funnel_format,
	.describe = funnel_describe
};

STATS_TYPE_FUNCTIONS(journey_funnel_stats, journey_rollup, funnel_stats_type)
