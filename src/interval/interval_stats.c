/*-------------------------------------------------------------------------
 *
 * interval_stats.c
 *		The type interval_stats: the result of an interval analysis over a
 *		population.
 *
 * A value is stored as numbers (see base/codec.h): format version, number of
 * conditions, within, mode, users, and the histogram of the intervals.  Its
 * text form is a JSON object,
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

#include "base/base.h"
#include "event/event.h"
#include "interval/interval_stats.h"
#include "utils/builtins.h"

/* The first number of every stored value, raised when the format changes. */
#define INTERVAL_STATS_FORMAT 1

JOURNEY_FUNCTION(journey_interval_stats_in);
JOURNEY_FUNCTION(journey_interval_stats_out);
JOURNEY_FUNCTION(journey_interval_stats_recv);
JOURNEY_FUNCTION(journey_interval_stats_send);
JOURNEY_FUNCTION(journey_interval_rollup_transition);
JOURNEY_FUNCTION(journey_interval_rollup_combine);
JOURNEY_FUNCTION(journey_interval_rollup_serialize);
JOURNEY_FUNCTION(journey_interval_rollup_deserialize);
JOURNEY_FUNCTION(journey_interval_rollup_final);

/* A result without intervals. */
IntervalStats *
interval_stats_new(MemoryContext context, int nsteps, const IntervalSpec *spec)
{
	IntervalStats *stats = MemoryContextAllocZero(context, sizeof(IntervalStats));

	stats->context = context;
	stats->nsteps = nsteps;
	stats->spec = *spec;
	return stats;
}

/* The value as it is stored. */
struct varlena *
interval_stats_pack(const IntervalStats *stats)
{
	bytea	   *packed;
	ByteWriter	out;

	packed = serialized_alloc(number_size(INTERVAL_STATS_FORMAT) +
							  number_size((uint64) stats->nsteps) +
							  number_size((uint64) stats->spec.within) +
							  number_size(stats->spec.mode) + number_size(stats->users) +
							  histogram_encoded_size(&stats->times));
	out.at = (unsigned char *) VARDATA(packed);
	write_number(&out, INTERVAL_STATS_FORMAT);
	write_number(&out, (uint64) stats->nsteps);
	write_number(&out, (uint64) stats->spec.within);
	write_number(&out, stats->spec.mode);
	write_number(&out, stats->users);
	histogram_encode(&stats->times, &out);
	Assert(out.at == (unsigned char *) packed + VARSIZE(packed));
	return packed;
}

static const IntervalSpec no_spec;

/* Read a value; NULL if the bytes are none. */
static void *
read_stats(MemoryContext context, ByteReader *in)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	IntervalStats *stats = interval_stats_new(context, 0, &no_spec);
	uint64		version = read_number(in);
	uint64		nsteps = read_number(in);
	uint64		within = read_number(in);
	uint64		mode = read_number(in);
	bool		valid;

	stats->users = read_number(in);
	valid = histogram_decode(in, &stats->times) && !in->failed && bytes_left(in) == 0 &&
		version == INTERVAL_STATS_FORMAT && (nsteps == 1 || nsteps == 2) &&
		within <= (uint64) DURATION_MAX && mode < INTERVAL_NMODES &&
		stats->times.count <= (uint64) PG_INT64_MAX &&
		stats->users <= stats->times.count &&
		(stats->users > 0 || stats->times.count == 0) &&
		stats->times.most <= within;
	stats->nsteps = (int) nsteps;
	stats->spec.within = (int64) within;
	stats->spec.mode = (IntervalMode) mode;
	MemoryContextSwitchTo(old);
	return valid ? stats : NULL;
}

static struct varlena *
pack_stats(void *stats)
{
	return interval_stats_pack(stats);
}

static void
merge_stats(void *into, const void *from)
{
	IntervalStats *stats = into;
	const IntervalStats *more = from;

	if (stats->nsteps != more->nsteps || stats->spec.within != more->spec.within ||
		stats->spec.mode != more->spec.mode)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up intervals that differ in conditions, within or mode"),
				 errdetail("One has %d conditions within %s, mode %s, another %d within %s, mode %s.",
						   stats->nsteps, duration_text(stats->spec.within),
						   interval_mode_name(stats->spec.mode),
						   more->nsteps, duration_text(more->spec.within),
						   interval_mode_name(more->spec.mode)),
				 errhint("Group the rows by what differs.")));
	if (more->times.count > (uint64) PG_INT64_MAX - stats->times.count)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many intervals to count")));
	stats->users += more->users;
	histogram_merge(&stats->times, &more->times, stats->context);
}

const StatsType interval_stats_type = {
	"interval_stats", "interval_stats()", read_stats, pack_stats, merge_stats
};

/*
 * interval_stats_out(interval_stats)
 */
Datum
journey_interval_stats_out(PG_FUNCTION_ARGS)
{
	const IntervalStats *stats = stats_unpack(&interval_stats_type, CurrentMemoryContext,
											  PG_GETARG_VARLENA_PP(0));
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": %d, \"steps\": %d, \"within\": " INT64_FORMAT ", \"mode\": \"%s\", \"users\": " UINT64_FORMAT ", \"times\": ",
					 INTERVAL_STATS_FORMAT, stats->nsteps, stats->spec.within,
					 interval_mode_name(stats->spec.mode), stats->users);
	stats_append_histogram(&out, &stats->times);
	appendStringInfoChar(&out, '}');
	PG_RETURN_CSTRING(out.data);
}

/*
 * interval_stats_in(cstring)
 */
Datum
journey_interval_stats_in(PG_FUNCTION_ARGS)
{
	const StatsType *type = &interval_stats_type;
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	JsonbContainer *object = &json->root;
	IntervalStats *stats = interval_stats_new(CurrentMemoryContext, 0, &no_spec);
	JsonbValue	mode;
	int64		number;

	if (stats_integer_member(type, object, "version") != INTERVAL_STATS_FORMAT)
		stats_refuse_text(type, "version");
	number = stats_integer_member(type, object, "steps");
	if (number < 1 || number > 2)
		stats_refuse_text(type, "steps");
	stats->nsteps = (int) number;
	stats->spec.within = stats_integer_member(type, object, "within");
	if (stats->spec.within < 0 || stats->spec.within > DURATION_MAX)
		stats_refuse_text(type, "within");
	mode = stats_member(type, object, "mode", jbvString);
	if (!interval_parse_mode(mode.val.string.val, mode.val.string.len, &stats->spec.mode))
		stats_refuse_text(type, "mode");
	number = stats_integer_member(type, object, "users");
	if (number < 0)
		stats_refuse_text(type, "users");
	stats->users = (uint64) number;
	stats_read_histogram(type, stats_member(type, object, "times", jbvBinary).val.binary.data,
						 &stats->times, "times");
	PG_RETURN_POINTER(stats_pack_checked(type, stats, "times"));
}

/*
 * interval_stats_recv(internal)
 */
Datum
journey_interval_stats_recv(PG_FUNCTION_ARGS)
{
	return stats_recv(&interval_stats_type, fcinfo);
}

/*
 * interval_stats_send(interval_stats)
 */
Datum
journey_interval_stats_send(PG_FUNCTION_ARGS)
{
	return stats_send(fcinfo);
}

/*
 * rollup(interval_stats)
 */
Datum
journey_interval_rollup_transition(PG_FUNCTION_ARGS)
{
	return stats_rollup_transition(&interval_stats_type, fcinfo);
}

Datum
journey_interval_rollup_combine(PG_FUNCTION_ARGS)
{
	return stats_rollup_combine(&interval_stats_type, fcinfo);
}

Datum
journey_interval_rollup_serialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_serialize(&interval_stats_type, fcinfo);
}

Datum
journey_interval_rollup_deserialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_deserialize(&interval_stats_type, fcinfo);
}

Datum
journey_interval_rollup_final(PG_FUNCTION_ARGS)
{
	return stats_rollup_final(&interval_stats_type, fcinfo);
}
