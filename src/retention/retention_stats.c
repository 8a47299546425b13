/*-------------------------------------------------------------------------
 *
 * retention_stats.c
 *		The type retention_stats: the result of a cohort retention.
 *
 * Its fields give both its forms: see stats/stats.h.  Version 1 had neither
 * time zone nor end of observation.  Brackets are stored as their number, 0 for
 * single periods, and the length of each; a cohort's cells as their number up to
 * the last in which there is something, and for each its count, and its value as
 * the 64 bits of an IEEE number.  The text form is
 *
 *	{"version": 2, "unit": "day", "mode": "first, on", "periods": 30,
 *	 "value": true, "time_zone": "UTC", "until": 826934400000000,
 *	 "newest": 9571, "cohorts": [{"number": 9556, "begin": 825638400000000,
 *	 "users": 10, "counts": [10, 4, 0, 3], "values": ["12.5", "3", "0", "1e+20"]}]}
 *
 * "periods" is the number of periods, or the list of the last period of each
 * bracket; counts and values are those of the cells up to the last in which
 * there is something, as the kernel counts them: with the option within a user
 * counts in the first cell only, with on_or_after in the last.  Values
 * are there if the call had a value, as text, which holds every digit.  "newest"
 * is the number of the newest event's bucket (see time/calendar.h), and with
 * a rolling unit its time; then cohorts have an "end" as well.  "until" is there
 * if it was given.  Times are in microseconds since 2000-01-01 00:00 UTC.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "miscadmin.h"
#include "retention/retention_params.h"
#include "retention/retention_stats.h"
#include "utils/builtins.h"

static const StatsList cohort_list;

const char *const cohort_returns_names[COHORT_NRETURNS] = {
	"on", "on_or_after", "within", "within_from_1"
};

/* A result without cohorts. */
RetentionStats *
retention_stats_new(MemoryContext context, CalendarUnit unit, bool rolling,
					const CohortSpec *spec, const char *zone)
{
	RetentionStats *stats = stats_new(&retention_stats_type, context);

	stats->unit = unit;
	stats->rolling = rolling;
	stats->spec = *spec;
	if (spec->lasts != NULL)
	{
		int32	   *lasts = MemoryContextAlloc(context, spec->ncells * sizeof(int32));

		memcpy(lasts, spec->lasts, spec->ncells * sizeof(int32));
		stats->spec.lasts = lasts;
	}
	stats->zone = MemoryContextStrdup(context, zone);
	stats->until = PG_INT64_MAX;
	stats->newest = PG_INT64_MIN;
	return stats;
}

/*
 * The cohort of a bucket's number and of a label, made if there is none: then it has no users
 * yet, and its times are for the caller to fill in.
 */
RetentionCohort *
retention_cohort(RetentionStats *stats, int64 number, TextSlice label)
{
	RetentionCohort key = {0};

	key.number = number;
	key.label = label;
	return stats_list_item(&cohort_list, stats, &key);
}

/* Have numbers for that many cells of a cohort at least. */
void
retention_cohort_cells(RetentionStats *stats, RetentionCohort *cohort, int ncells)
{
	uint64	   *counts;
	double	   *values;

	if (ncells <= cohort->ncells)
		return;
	ncells = Min(Max(ncells, cohort->ncells + cohort->ncells / 2), stats->spec.ncells);
	counts = MemoryContextAllocZero(stats->context, ncells * sizeof(uint64));
	if (cohort->ncells > 0)
	{
		memcpy(counts, cohort->counts, cohort->ncells * sizeof(uint64));
		pfree(cohort->counts);
	}
	cohort->counts = counts;
	if (stats->spec.with_values)
	{
		values = MemoryContextAllocZero(stats->context, ncells * sizeof(double));
		if (cohort->ncells > 0)
		{
			memcpy(values, cohort->values, cohort->ncells * sizeof(double));
			pfree(cohort->values);
		}
		cohort->values = values;
	}
	cohort->ncells = ncells;
}

static void
add_value(double *sum, double value)
{
	*sum += value;
	if (isinf(*sum) || isnan(*sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the sum of value is out of range")));
}

/* Count a user of a cohort who came back in n cells. */
void
retention_cohort_add(RetentionStats *stats, RetentionCohort *cohort, const CohortCell *cells,
					 int n)
{
	int			i;

	cohort->users++;
	if (n == 0)
		return;
	retention_cohort_cells(stats, cohort, cells[n - 1].cell + 1);
	for (i = 0; i < n; i++)
	{
		cohort->counts[cells[i].cell] += cells[i].counts;
		if (stats->spec.with_values)
			add_value(&cohort->values[cells[i].cell], cells[i].value);
	}
}

/* Add the users of a cohort, whose buckets must be the same. */
static void
retention_merge_cohort(void *any, void *item, const void *from, bool is_new)
{
	RetentionCohort *cohort = item;
	const RetentionCohort *more = from;

	if (is_new)
	{
		cohort->begin = more->begin;
		cohort->end = more->end;
	}
	else if (cohort->begin != more->begin || cohort->end != more->end)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up %s", retention_stats_type.zones_differ),
				 errdetail("One cohort has two begins."),
				 errhint("Give %s the same time_zone everywhere.", retention_stats_type.zone_maker)));
}

static void
retention_merge_cells(void *any, void *item, const void *from)
{
	RetentionStats *stats = any;
	RetentionCohort *cohort = item;
	const RetentionCohort *more = from;
	int			k;

	retention_cohort_cells(stats, cohort, more->ncells);
	for (k = 0; k < more->ncells; k++)
	{
		cohort->counts[k] += more->counts[k];
		if (stats->spec.with_values)
			add_value(&cohort->values[k], more->values[k]);
	}
}

/* The labels of a breakdown that are shown: those with the most users over all cohorts. */
ShownLabels
retention_stats_shown(const RetentionStats *stats)
{
	StatsGroup *groups = MemoryContextAllocHuge(CurrentMemoryContext,
												((Size) stats->ncohorts + 1) * sizeof(StatsGroup));
	uint32		n = 0;
	uint32		i;

	for (i = 0; i < stats->ncohorts; i++)
		if (stats->cohorts[i].label.bytes != NULL)
		{
			groups[n].label = stats->cohorts[i].label;
			groups[n++].users = stats->cohorts[i].users;
		}
	return breakdown_shown(groups, n, stats->breakdown.top);
}

/* The result of a breakdown in which all labels that are not shown are one. */
RetentionStats *
retention_stats_top(RetentionStats *stats)
{
	ShownLabels shown;
	RetentionStats *result;
	uint32		i;

	if (stats->breakdown.top == 0)
		return stats;
	shown = retention_stats_shown(stats);
	if (shown.all)
		return stats;

	result = retention_stats_new(CurrentMemoryContext, stats->unit, stats->rolling, &stats->spec,
								 stats->zone);
	result->breakdown = stats->breakdown;
	result->until = stats->until;
	result->newest = stats->newest;
	for (i = 0; i < stats->ncohorts; i++)
	{
		const RetentionCohort *from = &stats->cohorts[i];
		RetentionCohort *into = retention_cohort(result, from->number, breakdown_label(&shown, from->label));

		retention_merge_cohort(result, into, from, into->users == 0);
		into->users += from->users;
		retention_merge_cells(result, into, from);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	stats_list_sort(&cohort_list, result);
	return result;
}

/* How many cells there are up to the last in which there is something. */
static int
cells_used(const RetentionCohort *cohort)
{
	int			n = cohort->ncells;

	while (n > 0 && cohort->counts[n - 1] == 0 &&
		   (cohort->values == NULL || cohort->values[n - 1] == 0))
		n--;
	return n;
}

#define VALUE_SIZE 8

static void
write_value(StatsWriter *out, double value)
{
	uint64		bits;
	int			i;

	memcpy(&bits, &value, sizeof(bits));
	stats_writer_reserve(out, VALUE_SIZE);
	for (i = 0; i < VALUE_SIZE; i++)
		*out->out.at++ = (unsigned char) (bits >> (8 * i));
}

static double
read_value(ByteReader *in)
{
	const unsigned char *bytes = read_bytes(in, VALUE_SIZE);
	uint64		bits = 0;
	double		value;
	int			i;

	for (i = 0; bytes != NULL && i < VALUE_SIZE; i++)
		bits |= (uint64) bytes[i] << (8 * i);
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/*
 * Brackets.
 */

static void
retention_write_brackets(StatsWriter *out, const void *any, const void *item)
{
	const CohortSpec *spec = &((const RetentionStats *) any)->spec;
	int			i;

	stats_write_number(out, spec->lasts == NULL ? 0 : (uint64) (spec->ncells - 1));
	for (i = 1; spec->lasts != NULL && i < spec->ncells; i++)
		stats_write_number(out, (uint64) (spec->lasts[i] - spec->lasts[i - 1]));
}

static bool
retention_read_brackets(ByteReader *in, void *any, void *item)
{
	CohortSpec *spec = &((RetentionStats *) any)->spec;
	uint64		n = read_number(in);
	int32	   *lasts;
	uint64		i;

	spec->ncells = spec->last_period + 1;
	if (in->failed || n > (uint64) spec->last_period)
		return false;
	if (n == 0)
		return true;
	spec->ncells = (int) n + 1;
	spec->lasts = lasts = palloc0((n + 1) * sizeof(int32));
	for (i = 1; i <= n; i++)
	{
		uint64		length = read_number(in);

		if (length < 1 || length > (uint64) (spec->last_period - lasts[i - 1]))
			return false;
		lasts[i] = lasts[i - 1] + (int32) length;
	}
	return lasts[n] == spec->last_period;
}

static void
retention_append_periods(StatsText *out, const char *name, const void *any, const void *item)
{
	const CohortSpec *spec = &((const RetentionStats *) any)->spec;
	int			k;

	stats_append_name(out, name);
	if (spec->lasts == NULL)
	{
		appendStringInfo(&out->out, "%d", spec->last_period);
		return;
	}
	for (k = 1; k < spec->ncells; k++)
		appendStringInfo(&out->out, "%s%d", k == 1 ? "[" : ", ", spec->lasts[k]);
	appendStringInfoChar(&out->out, ']');
}

static void
retention_parse_periods(StatsJson *in, const char *name, void *any, void *item)
{
	CohortSpec *spec = &((RetentionStats *) any)->spec;
	JsonbValue	value = {0};

	if (stats_json_find(in, name, &value) && value.type == jbvNumeric)
	{
		spec->last_period = (int) stats_json_integer(in, name, 1, COHORT_MOST_PERIODS);
		spec->ncells = spec->last_period + 1;
	}
	else
	{
		StatsJson	list = stats_json_array(in, name, 1, COHORT_MOST_PERIODS);
		const int	n = (int) JsonContainerSize(list.array);
		int32	   *lasts = palloc0((n + 1) * sizeof(int32));
		int			i;

		for (i = 1; i <= n; i++)
			lasts[i] = (int32) stats_json_integer(&list, name, lasts[i - 1] + 1, COHORT_MOST_PERIODS);
		spec->lasts = lasts;
		spec->ncells = n + 1;
		spec->last_period = lasts[n];
	}
}

static bool
retention_same_brackets(const void *a, const void *b)
{
	const CohortSpec *x = &((const RetentionStats *) a)->spec;
	const CohortSpec *y = &((const RetentionStats *) b)->spec;

	return x->ncells == y->ncells && (x->lasts == NULL) == (y->lasts == NULL) &&
		(x->lasts == NULL || memcmp(x->lasts, y->lasts, x->ncells * sizeof(int32)) == 0);
}

/*
 * The unit and the options, whose name in text is mode.
 */

static void
retention_append_unit(StatsText *out, const char *name, const void *any, const void *item)
{
	const RetentionStats *stats = any;

	stats_append_text(out, name, calendar_period_name(stats->unit, stats->rolling));
}

static void
retention_parse_unit(StatsJson *in, const char *name, void *any, void *item)
{
	RetentionStats *stats = any;
	JsonbValue	value = stats_json_value(in, name, jbvString);

	if (!calendar_find_period(value.val.string.val, (size_t) value.val.string.len, &stats->unit,
							  &stats->rolling))
		stats_refuse_text(in->type, name);
}

static char *
retention_options(bool every, CohortReturns returns)
{
	return psprintf("%s, %s", every ? "every" : "first", cohort_returns_names[returns]);
}

static void
retention_append_options(StatsText *out, const char *name, const void *any, const void *item)
{
	const CohortSpec *spec = &((const RetentionStats *) any)->spec;

	stats_append_text(out, name, retention_options(spec->every, spec->returns));
}

/* Both words, as they are written. */
static void
retention_parse_options(StatsJson *in, const char *name, void *any, void *item)
{
	CohortSpec *spec = &((RetentionStats *) any)->spec;
	JsonbValue	value = stats_json_value(in, name, jbvString);
	char	   *options = pnstrdup(value.val.string.val, value.val.string.len);
	int			i;

	for (i = 0; i < 2 * COHORT_NRETURNS; i++)
		if (strcmp(options, retention_options(i % 2 == 1, (CohortReturns) (i / 2))) == 0)
		{
			spec->every = i % 2 == 1;
			spec->returns = (CohortReturns) (i / 2);
			return;
		}
	stats_refuse_text(in->type, name);
}

/*
 * Cohorts.
 */

static bool
retention_is_rolling(const void *any)
{
	return ((const RetentionStats *) any)->rolling;
}

/* The end of a rolling bucket: its length. */
static void
retention_write_end(StatsWriter *out, const void *any, const void *item)
{
	const RetentionCohort *cohort = item;

	stats_write_number(out, (uint64) cohort->end - (uint64) cohort->begin);
}

static bool
retention_read_end(ByteReader *in, void *any, void *item)
{
	RetentionCohort *cohort = item;
	uint64		length = read_number(in);

	cohort->end = (int64) ((uint64) cohort->begin + length);
	return length > 0 && length <= 200 * (uint64) USECS_PER_DAY;
}

static void
retention_write_cells(StatsWriter *out, const void *any, const void *item)
{
	const RetentionStats *stats = any;
	const RetentionCohort *cohort = item;
	const int	n = cells_used(cohort);
	int			k;

	stats_write_number(out, (uint64) n);
	for (k = 0; k < n; k++)
	{
		stats_write_number(out, cohort->counts[k]);
		if (stats->spec.with_values)
			write_value(out, cohort->values[k]);
	}
}

static bool
retention_read_cells(ByteReader *in, void *any, void *item)
{
	RetentionStats *stats = any;
	RetentionCohort *cohort = item;
	uint64		ncells = read_number(in);
	uint64		counted = 0;
	uint64		i;

	if (ncells > (uint64) stats->spec.ncells || ncells > bytes_left(in))
		return false;
	retention_cohort_cells(stats, cohort, (int) ncells);
	for (i = 0; i < ncells; i++)
	{
		uint64		count = read_number(in);

		/*
		 * unless a user may count in several cells, no more are counted than
		 * there are
		 */
		if (count > cohort->users - counted)
			return false;
		if (stats->spec.returns != COHORT_ON)
			counted += count;
		cohort->counts[i] = count;
		if (stats->spec.with_values)
		{
			double		value = read_value(in);

			if (isinf(value) || isnan(value))
				return false;
			cohort->values[i] = value;
		}
	}
	return true;
}

static void
retention_append_cells(StatsText *out, const char *name, const void *any, const void *item)
{
	const RetentionStats *stats = any;
	const RetentionCohort *cohort = item;
	int			k;

	stats_append_name(out, "counts");
	appendStringInfoChar(&out->out, '[');
	for (k = 0; k < cohort->ncells; k++)
		appendStringInfo(&out->out, "%s" UINT64_FORMAT, k > 0 ? ", " : "", cohort->counts[k]);
	appendStringInfoChar(&out->out, ']');
	if (!stats->spec.with_values)
		return;
	stats_append_name(out, "values");
	appendStringInfoChar(&out->out, '[');
	for (k = 0; k < cohort->ncells; k++)
	{
		/* the shortest text that reads back as the same number */
		char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

		(void) double_to_shortest_decimal_buf(cohort->values[k], digits);
		appendStringInfo(&out->out, "%s\"%s\"", k > 0 ? ", " : "", digits);
	}
	appendStringInfoChar(&out->out, ']');
}

static void
retention_parse_cells(StatsJson *in, const char *name, void *any, void *item)
{
	RetentionStats *stats = any;
	RetentionCohort *cohort = item;
	StatsJson	counts = stats_json_array(in, "counts", 0, (uint32) stats->spec.ncells);
	const uint32 n = JsonContainerSize(counts.array);
	StatsJson	values = {0};
	uint32		k;

	if (stats->spec.with_values)
		values = stats_json_array(in, "values", n, n);
	retention_cohort_cells(stats, cohort, (int) n);
	for (k = 0; k < n; k++)
	{
		cohort->counts[k] = (uint64) stats_json_integer(&counts, NULL, 0, PG_INT64_MAX);
		if (stats->spec.with_values)
		{
			JsonbValue	value = stats_json_value(&values, NULL, jbvString);
			char	   *text = pnstrdup(value.val.string.val, value.val.string.len);

			cohort->values[k] = DatumGetFloat8(DirectFunctionCall1(float8in, CStringGetDatum(text)));
		}
		if (k % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
}

static const StatsHand unit_text = {.append = retention_append_unit,.parse = retention_parse_unit};
static const StatsHand options_text = {.append = retention_append_options,.parse = retention_parse_options};
static const StatsHand brackets = {
	.write = retention_write_brackets,.read = retention_read_brackets,.same = retention_same_brackets
};
static const StatsHand periods_text = {.append = retention_append_periods,.parse = retention_parse_periods};
static const StatsHand end_of_bucket = {.write = retention_write_end,.read = retention_read_end};
static const StatsHand cells = {
	.write = retention_write_cells,.read = retention_read_cells,.append = retention_append_cells,.parse = retention_parse_cells,.merge = retention_merge_cells
};

static uint64
retention_cohort_hash(const void *item)
{
	const RetentionCohort *cohort = item;

	return spread((uint64) cohort->number ^ stats_text_hash(cohort->label));
}

/* By buckets, and in one by the bytes of labels, none last. */
static int
retention_cohort_order(const void *a, const void *b)
{
	const RetentionCohort *left = a;
	const RetentionCohort *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	if (left->label.bytes == NULL || right->label.bytes == NULL)
		return (left->label.bytes == NULL) - (right->label.bytes == NULL);
	return slice_order(left->label, right->label);
}

/* Buckets begin in the order of their numbers. */
static bool
retention_cohort_is_valid(void *any, void *item, const void *before)
{
	const RetentionCohort *cohort = item;
	const RetentionCohort *last = before;

	return last == NULL ||
		(cohort->number == last->number ? cohort->begin == last->begin && cohort->end == last->end :
		 cohort->begin > last->begin);
}

/* The numbers of buckets that the calendar has. */
#define BUCKET_FIRST	CALENDAR_NUMBER_MIN
#define BUCKET_LAST		(CALENDAR_NUMBER_MIN + USER_PERIOD_LAST)

static bool
retention_is_by(const void *any)
{
	return ((const RetentionStats *) any)->breakdown.value != BREAKDOWN_NONE;
}

static int
retention_format(const void *any)
{
	return retention_is_by(any) ? 3 : 2;
}

static const StatsField cohort_fields[] = {
	STATS_FIELD_WITHIN(STATS_STEP, "number", RetentionCohort, number, BUCKET_FIRST, BUCKET_LAST, STATS_IS_KEY),
	STATS_FIELD(STATS_TEXT, "label", RetentionCohort, label, STATS_NULLABLE, STATS_IS_KEY, STATS_WHEN(retention_is_by)),
	STATS_FIELD_WITHIN(STATS_STEP, "begin", RetentionCohort, begin, EVENT_TIME_MIN, EVENT_TIME_END - 1),
	STATS_HAND_FIELD(NULL, &end_of_bucket, STATS_WHEN(retention_is_rolling)),
	STATS_FIELD(STATS_SIGNED, "end", RetentionCohort, end, STATS_ONLY(STATS_AS_TEXT), STATS_WHEN(retention_is_rolling)),
	STATS_FIELD_WITHIN(STATS_NUMBER, "users", RetentionCohort, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM)),
	STATS_HAND_FIELD(NULL, &cells)
};

static const StatsList cohort_list = {
	STATS_FIELDS(cohort_fields),
	STATS_LIST_OF(RetentionStats, RetentionCohort, cohorts, index),
	.least_bytes = 4,
	.hash = retention_cohort_hash,
	.order = retention_cohort_order,
	.is_valid = retention_cohort_is_valid,
	.merge_item = retention_merge_cohort
};

/* Do the parameters go together? */
static bool
retention_head_is_valid(void *any)
{
	const RetentionStats *stats = any;

	if (stats->rolling)
		return calendar_unit_length(stats->unit) > 0 && event_time_is_valid(stats->newest);
	return stats->newest >= BUCKET_FIRST && stats->newest <= BUCKET_LAST;
}

static const StatsField retention_fields[] = {
	STATS_NUMBER_FIELD(NULL, RetentionStats, unit, CALENDAR_HOUR, CALENDAR_LAST, STATS_ONLY(STATS_BYTES)),
	STATS_NUMBER_FIELD(NULL, RetentionStats, rolling, 0, 1, STATS_ONLY(STATS_BYTES)),
	STATS_NUMBER_FIELD(NULL, RetentionStats, spec.every, 0, 1, STATS_ONLY(STATS_BYTES)),
	STATS_NUMBER_FIELD(NULL, RetentionStats, spec.returns, 0, COHORT_NRETURNS - 1, STATS_ONLY(STATS_BYTES)),
	STATS_HAND_FIELD("unit", &unit_text),
	STATS_HAND_FIELD("mode", &options_text),
	STATS_HAND_FIELD("periods", &periods_text),
	STATS_NUMBER_FIELD("value", RetentionStats, spec.with_values, 0, 1),
	STATS_NUMBER_FIELD(NULL, RetentionStats, spec.last_period, 1, COHORT_MOST_PERIODS, STATS_ONLY(STATS_BYTES)),
	STATS_FIELD(STATS_SIGNED, NULL, RetentionStats, newest, STATS_ONLY(STATS_BYTES), STATS_MERGED(STATS_LATEST)),
	STATS_COUNT_FIELD(&cohort_list),
	STATS_FIELD(STATS_ZONE, "time_zone", RetentionStats, zone, STATS_SINCE(2), STATS_MERGED(STATS_IF_KNOWN)),
	STATS_FIELD(STATS_UNTIL, "until", RetentionStats, until, STATS_SINCE(2)),
	STATS_NUMBER_FIELD("breakdown", RetentionStats, breakdown.value, 0, BREAKDOWN_LAST_VALUE, STATS_NAMED(breakdown_value_names), STATS_SINCE(3)),
	STATS_NUMBER_FIELD("top", RetentionStats, breakdown.top, 0, STATS_TOP_MOST, STATS_SINCE(3)),
	STATS_HAND_FIELD(NULL, &brackets),
	STATS_FIELD(STATS_SIGNED, "newest", RetentionStats, newest, STATS_ONLY(STATS_AS_TEXT)),
	STATS_CHECK_FIELD("cells", retention_head_is_valid),
	STATS_LIST_FIELD("cohorts", &cohort_list)
};

const StatsType retention_stats_type = {
	.name = "retention_stats",
	.makers = "cohort_retention() and cohort_retention_by()",
	.format = 3,
	.size = sizeof(RetentionStats),
	STATS_FIELDS(retention_fields),
	.whole = "cells",
	.differ = "retentions that differ in unit, periods, options, value or until",
	.zones_differ = "retentions of different time zones",
	.zone_maker = "cohort_retention()",
	.format_of = retention_format
};

STATS_TYPE_FUNCTIONS(journey_retention_stats, journey_rollup_retention, retention_stats_type)
