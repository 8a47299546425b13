/*-------------------------------------------------------------------------
 *
 * retention_stats_text.c
 *		The text form of retention_stats: a JSON object.
 *
 *	{"version": 2, "unit": "day", "mode": "first, on", "periods": 30,
 *	 "value": true, "time_zone": "UTC", "until": 826934400000000,
 *	 "newest": 9571, "cohorts": [{"number": 9556, "begin": 825638400000000,
 *	 "users": 10, "counts": [10, 4, 0, 3], "values": ["12.5", "3", "0", "1e+20"]}]}
 *
 * "periods" is the number of periods, or the list of the last period of each
 * bracket; counts and values are those of the cells up to the last in which
 * there is something, as the kernel counts them: in the mode within a user
 * counts in the first cell only, in the mode on_or_after in the last.  Values
 * are there if the call had a value, as text, which holds every digit.  "newest"
 * is the number of the newest event's bucket (see time/calendar.h), and with
 * a rolling unit its time; then cohorts have an "end" as well.  "until" is there
 * if it was given.  Version 1 had neither "time_zone" nor "until".  Times are in
 * microseconds since 2000-01-01 00:00 UTC.  What is read is checked as the
 * binary form is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "miscadmin.h"
#include "retention/retention_params.h"
#include "retention/retention_stats.h"
#include "utils/builtins.h"


JOURNEY_FUNCTION(journey_retention_stats_in);
JOURNEY_FUNCTION(journey_retention_stats_out);

static const char *const cohort_names[] = {"first", "every"};

/*
 * retention_stats_out(retention_stats)
 */
Datum
journey_retention_stats_out(PG_FUNCTION_ARGS)
{
	RetentionStats *stats = stats_unpack(&retention_stats_type, CurrentMemoryContext,
										 PG_GETARG_VARLENA_PP(0));
	StringInfoData out;
	uint32		i;
	int			k;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": 2, \"unit\": \"%s\", \"mode\": \"%s, %s\", \"periods\": ",
					 cohort_unit_name(stats->unit, stats->rolling),
					 cohort_names[stats->spec.every ? 1 : 0],
					 cohort_returns_names[stats->spec.returns]);
	if (stats->spec.lasts == NULL)
		appendStringInfo(&out, "%d", stats->spec.last_period);
	for (k = 1; stats->spec.lasts != NULL && k < stats->spec.ncells; k++)
		appendStringInfo(&out, "%s%d", k == 1 ? "[" : ", ", stats->spec.lasts[k]);
	appendStringInfo(&out, "%s, \"value\": %s", stats->spec.lasts == NULL ? "" : "]",
					 stats->spec.with_values ? "true" : "false");
	stats_append_zone(&out, stats->zone);
	stats_append_until(&out, stats->until);
	appendStringInfo(&out, ", \"newest\": " INT64_FORMAT ", \"cohorts\": [", stats->newest);
	for (i = 0; i < stats->ncohorts; i++)
	{
		const RetentionCohort *cohort = &stats->cohorts[i];

		appendStringInfo(&out, "%s{\"number\": " INT64_FORMAT ", \"begin\": " INT64_FORMAT,
						 i > 0 ? ", " : "", cohort->number, cohort->begin);
		if (stats->rolling)
			appendStringInfo(&out, ", \"end\": " INT64_FORMAT, cohort->end);
		appendStringInfo(&out, ", \"users\": " UINT64_FORMAT ", \"counts\": [", cohort->users);
		for (k = 0; k < cohort->ncells; k++)
			appendStringInfo(&out, "%s" UINT64_FORMAT, k > 0 ? ", " : "", cohort->counts[k]);
		if (stats->spec.with_values)
		{
			appendStringInfoString(&out, "], \"values\": [");
			for (k = 0; k < cohort->ncells; k++)
			{
				/* the shortest text that reads back as the same number */
				char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

				(void) double_to_shortest_decimal_buf(cohort->values[k], digits);
				appendStringInfo(&out, "%s\"%s\"", k > 0 ? ", " : "", digits);
			}
		}
		appendStringInfoString(&out, "]}");
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

static void
refuse_text(const char *what)
{
	stats_refuse_text(&retention_stats_type, what);
}

/* Read "periods". */
static void
read_periods(JsonbContainer *object, CohortSpec *spec)
{
	JsonbValue	value = {0};
	int64		period = 0;

	if (!JsonContainerIsObject(object) ||
		getKeyJsonValueFromContainer(object, "periods", 7, &value) == NULL)
		refuse_text("periods");
	if (value.type == jbvNumeric)
	{
		period = stats_integer_of(&retention_stats_type, &value, "periods");
		spec->ncells = (int) Min(Max(period, 0), COHORT_MOST_PERIODS) + 1;
	}
	else
	{
		JsonbContainer *list = stats_array_member(&retention_stats_type, object, "periods");
		uint32		n = JsonContainerSize(list);
		int32	   *lasts;
		uint32		i;

		if (n < 1 || n > COHORT_MOST_PERIODS)
			refuse_text("periods");
		lasts = palloc((n + 1) * sizeof(int32));
		lasts[0] = 0;
		for (i = 1; i <= n; i++)
		{
			JsonbValue	item = stats_element(&retention_stats_type, list, i - 1, jbvNumeric,
											 "periods");

			period = stats_integer_of(&retention_stats_type, &item, "periods");
			if (period <= lasts[i - 1] || period > COHORT_MOST_PERIODS)
				refuse_text("periods");
			lasts[i] = (int32) period;
		}
		spec->lasts = lasts;
		spec->ncells = (int) n + 1;
	}
	if (period < 1 || period > COHORT_MOST_PERIODS)
		refuse_text("periods");
	spec->last_period = (int) period;
}

/* Read "mode": both words, as they are written. */
static void
read_mode(JsonbContainer *object, CohortSpec *spec)
{
	JsonbValue	value = stats_member(&retention_stats_type, object, "mode", jbvString);
	char	   *mode = pnstrdup(value.val.string.val, value.val.string.len);
	int			every;
	int			returns;

	for (every = 0; every < 2; every++)
		for (returns = 0; returns < COHORT_NRETURNS; returns++)
			if (strcmp(mode, psprintf("%s, %s", cohort_names[every],
									  cohort_returns_names[returns])) == 0)
			{
				spec->every = every == 1;
				spec->returns = (CohortReturns) returns;
				return;
			}
	refuse_text("mode");
}

/* Read a cohort's counts, and values if there are. */
static void
read_cells(JsonbContainer *object, RetentionStats *stats, RetentionCohort *cohort)
{
	JsonbContainer *counts = stats_array_member(&retention_stats_type, object, "counts");
	JsonbContainer *values = NULL;
	uint32		n = JsonContainerSize(counts);
	uint32		k;

	if (n > (uint32) stats->spec.ncells)
		refuse_text("counts");
	if (stats->spec.with_values)
	{
		values = stats_array_member(&retention_stats_type, object, "values");
		if (JsonContainerSize(values) != n)
			refuse_text("values");
	}
	retention_cohort_cells(stats, cohort, (int) n);
	for (k = 0; k < n; k++)
	{
		JsonbValue	item = stats_element(&retention_stats_type, counts, k, jbvNumeric, "counts");

		cohort->counts[k] = (uint64) stats_integer_of(&retention_stats_type, &item, "counts");
		if (stats->spec.with_values)
		{
			item = stats_element(&retention_stats_type, values, k, jbvString, "values");
			cohort->values[k] =
				DatumGetFloat8(DirectFunctionCall1(float8in,
												   CStringGetDatum(pnstrdup(item.val.string.val,
																			item.val.string.len))));
		}
		if (k % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
}

/*
 * retention_stats_in(cstring)
 */
Datum
journey_retention_stats_in(PG_FUNCTION_ARGS)
{
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	const StatsType *type = &retention_stats_type;
	JsonbContainer *object = &json->root;
	JsonbContainer *cohorts;
	JsonbValue	value;
	CohortSpec	spec = {0};
	CalendarUnit unit = CALENDAR_DAY;
	TextSlice	name;
	RetentionStats *stats;
	int64		version;
	bool		rolling;
	uint32		i;

	version = stats_integer_member(type, object, "version");
	if (version != 1 && version != 2)
		refuse_text("version");
	value = stats_member(type, object, "unit", jbvString);
	name.bytes = value.val.string.val;
	name.length = (uint32) value.val.string.len;
	if (!cohort_parse_unit(name, &unit, &rolling))
		refuse_text("unit");
	read_mode(object, &spec);
	read_periods(object, &spec);
	cohorts = stats_array_member(type, object, "cohorts");
	spec.with_values = stats_member(type, object, "value", jbvBool).val.boolean;
	stats = retention_stats_new(CurrentMemoryContext, unit, rolling, &spec,
								version == 1 ? "" : stats_zone_member(type, object));
	stats->until = version == 1 ? PG_INT64_MAX : stats_until_member(type, object);
	stats->newest = stats_integer_member(type, object, "newest");
	for (i = 0; i < JsonContainerSize(cohorts); i++)
	{
		JsonbContainer *from = stats_element(type, cohorts, i, jbvBinary, "cohorts").val.binary.data;
		RetentionCohort *cohort = retention_cohort(stats, stats_integer_member(type, from, "number"));

		if (stats->ncohorts != i + 1)
			refuse_text("cohorts"); /* the same twice */
		cohort->begin = stats_integer_member(type, from, "begin");
		if (rolling)
			cohort->end = stats_integer_member(type, from, "end");
		cohort->users = (uint64) stats_integer_member(type, from, "users");
		read_cells(from, stats, cohort);
		CHECK_FOR_INTERRUPTS();
	}

	/* what remains to be checked is checked by reading it back */
	PG_RETURN_POINTER(stats_pack_checked(type, stats, "cells"));
}
