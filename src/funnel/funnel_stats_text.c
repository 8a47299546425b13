/*-------------------------------------------------------------------------
 *
 * funnel_stats_text.c
 *		The text form of funnel_stats: a JSON object.
 *
 *	{"version": 1, "kind": "whole", "steps": 2, "within": 604800000000,
 *	 "mode": "", "groups": [{"users": [10, 4],
 *	 "from_before": [{"sum": "380", "least": 90, "most": 100,
 *	 "buckets": [[90, 2], [100, 2]]}], "from_start": [...]}]}
 *
 * Durations are in microseconds; kind is whole, breakdown or trend.  A
 * breakdown's groups have a "label", a trend's a "bucket" and "complete_at",
 * in microseconds since 2000-01-01 00:00 UTC.  A trend has "version" 2, a "unit",
 * a "time_zone", "until" if it was given, and "newest"; in version 1 it had
 * neither "time_zone" nor "until".  Histograms stand for steps 2 to the last; "buckets" are pairs of
 * a bucket number (see time/histogram.h) and a count.  What is read is
 * checked as the binary form is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_stats.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"

JOURNEY_FUNCTION(journey_funnel_stats_in);
JOURNEY_FUNCTION(journey_funnel_stats_out);

static const StatsType *const type = &funnel_stats_type;

static const char *const kind_names[] = {"whole", "breakdown", "trend"};

static void
append_histograms(StringInfo out, const char *name, const Histogram *histograms, int nsteps)
{
	int			k;

	appendStringInfo(out, ", \"%s\": [", name);
	for (k = 1; k < nsteps; k++)
	{
		if (k > 1)
			appendStringInfoString(out, ", ");
		stats_append_histogram(out, &histograms[k]);
	}
	appendStringInfoChar(out, ']');
}

/*
 * funnel_stats_out(funnel_stats)
 */
Datum
journey_funnel_stats_out(PG_FUNCTION_ARGS)
{
	FunnelStats *stats = funnel_stats_unpack(CurrentMemoryContext, PG_GETARG_VARLENA_PP(0));
	StringInfoData out;
	uint32		i;
	int			k;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": %d, \"kind\": \"%s\", \"steps\": %d, \"within\": " INT64_FORMAT ", \"mode\": \"",
					 stats->kind == FUNNEL_TREND ? 2 : 1, kind_names[stats->kind], stats->nsteps, stats->spec.within);
	for (k = 0; k < FUNNEL_NMODES; k++)
		if (stats->spec.modes & (1 << k))
			appendStringInfo(&out, "%s%s", out.data[out.len - 1] == '"' ? "" : ", ",
							 funnel_mode_name(k));
	appendStringInfoChar(&out, '"');
	if (stats->kind == FUNNEL_TREND)
	{
		appendStringInfo(&out, ", \"unit\": \"%s\"", calendar_unit_name(stats->unit));
		stats_append_zone(&out, stats->zone);
		stats_append_until(&out, stats->until);
		appendStringInfo(&out, ", \"newest\": " INT64_FORMAT, stats->newest);
	}
	appendStringInfoString(&out, ", \"groups\": [");
	for (i = 0; i < stats->ngroups; i++)
	{
		const FunnelGroup *group = &stats->groups[i];

		appendStringInfoString(&out, i > 0 ? ", {" : "{");
		if (stats->kind == FUNNEL_BREAKDOWN)
		{
			appendStringInfoString(&out, "\"label\": ");
			if (group->label.bytes == NULL)
				appendStringInfoString(&out, "null");
			else
				escape_json(&out, pnstrdup(group->label.bytes, group->label.length));
			appendStringInfoString(&out, ", ");
		}
		if (stats->kind == FUNNEL_TREND)
			appendStringInfo(&out, "\"bucket\": " INT64_FORMAT ", \"complete_at\": " INT64_FORMAT ", ",
							 group->bucket, group->complete_at);
		appendStringInfoString(&out, "\"users\": [");
		for (k = 0; k < stats->nsteps; k++)
			appendStringInfo(&out, "%s" UINT64_FORMAT, k > 0 ? ", " : "", group->users[k]);
		appendStringInfoChar(&out, ']');
		append_histograms(&out, "from_before", group->from_before, stats->nsteps);
		append_histograms(&out, "from_start", group->from_start, stats->nsteps);
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

static void
read_histograms(JsonbContainer *object, const char *name, Histogram *histograms, int nsteps)
{
	JsonbContainer *array = stats_array_member(type, object, name);
	int			k;

	if (JsonContainerSize(array) != (uint32) nsteps - 1)
		stats_refuse_text(type, name);
	for (k = 1; k < nsteps; k++)
		stats_read_histogram(type, stats_element(type, array, k - 1, jbvBinary, name).val.binary.data,
							 &histograms[k], name);
}

/*
 * funnel_stats_in(cstring)
 */
Datum
journey_funnel_stats_in(PG_FUNCTION_ARGS)
{
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	JsonbContainer *object = &json->root;
	JsonbContainer *groups;
	JsonbValue	mode;
	FunnelStats *stats;
	FunnelSpec	spec = {0};
	FunnelKind	kind;
	size_t		bad;
	size_t		bad_length;
	int64		version;
	int64		nsteps;
	uint32		i;
	int			k;

	version = stats_integer_member(type, object, "version");
	if (version < 1 || version > 2)
		stats_refuse_text(type, "version");
	kind = (FunnelKind) stats_name_member(type, object, "kind", kind_names, lengthof(kind_names));
	if (version == 2 && kind != FUNNEL_TREND)
		stats_refuse_text(type, "version");
	nsteps = stats_integer_member(type, object, "steps");
	if (nsteps < 1 || nsteps > STEPSET_MAX)
		stats_refuse_text(type, "steps");
	spec.within = stats_integer_member(type, object, "within");
	if (spec.within < 0 || spec.within > DURATION_MAX)
		stats_refuse_text(type, "within");
	mode = stats_member(type, object, "mode", jbvString);
	if (funnel_parse_modes(mode.val.string.val, mode.val.string.len, &spec.modes,
						   &bad, &bad_length) != FUNNEL_MODES_OK)
		stats_refuse_text(type, "mode");
	stats = funnel_stats_new(CurrentMemoryContext, kind, (int) nsteps, &spec);
	if (kind == FUNNEL_TREND)
	{
		JsonbValue	unit = stats_member(type, object, "unit", jbvString);

		stats->unit = calendar_unit(unit.val.string.val, unit.val.string.len);
		if (version > 1)
		{
			stats->zone = stats_zone_member(type, object);
			stats->until = stats_until_member(type, object);
		}
		stats->newest = stats_integer_member(type, object, "newest");
	}

	groups = stats_array_member(type, object, "groups");
	for (i = 0; i < JsonContainerSize(groups); i++)
	{
		JsonbContainer *from = stats_element(type, groups, i, jbvBinary, "groups").val.binary.data;
		JsonbContainer *users = stats_array_member(type, from, "users");
		TextSlice	label = {NULL, 0};
		int64		bucket = 0;
		FunnelGroup *group;

		if (kind == FUNNEL_BREAKDOWN)
		{
			JsonbValue	value;

			if (getKeyJsonValueFromContainer(from, "label", 5, &value) == NULL ||
				(value.type != jbvNull && value.type != jbvString))
				stats_refuse_text(type, "label");
			if (value.type == jbvString)
			{
				label.bytes = value.val.string.val;
				label.length = (uint32) value.val.string.len;
			}
		}
		if (kind == FUNNEL_TREND)
			bucket = stats_integer_member(type, from, "bucket");
		group = funnel_stats_group(stats, label, bucket);
		if (stats->ngroups != i + 1)
			stats_refuse_text(type, "groups");	/* the same group twice */
		if (kind == FUNNEL_TREND)
			group->complete_at = stats_integer_member(type, from, "complete_at");
		if (JsonContainerSize(users) != (uint32) nsteps)
			stats_refuse_text(type, "users");
		for (k = 0; k < nsteps; k++)
		{
			JsonbValue	value = stats_element(type, users, k, jbvNumeric, "users");

			group->users[k] = (uint64) stats_integer_of(type, &value, "users");
		}
		read_histograms(from, "from_before", group->from_before, (int) nsteps);
		read_histograms(from, "from_start", group->from_start, (int) nsteps);
	}
	if (kind == FUNNEL_WHOLE && stats->ngroups != 1)
		stats_refuse_text(type, "groups");

	/* what remains to be checked is checked by reading it back */
	PG_RETURN_POINTER(stats_pack_checked(type, stats, "groups"));
}
