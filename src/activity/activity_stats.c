/*-------------------------------------------------------------------------
 *
 * activity_stats.c
 *		The type activity_stats: the result of an activity analysis over a
 *		population.
 *
 * A value is stored as numbers (see base/codec.h): format version, kind,
 * unit, longer unit, windows, the name of the time zone (length and bytes), the
 * end of observation (0 if it was not given, else 1 and the time; not in version
 * 1), that or the time of the newest event, number of cells, and the cells by bucket and key:
 * for each the difference of its bucket to that of the one before (the first:
 * to 0), its key, and the number of users.  Its text form is a JSON object,
 *
 *	{"version": 2, "kind": "stickiness", "unit": "day", "over_unit": "week",
 *	 "short_window": 0, "long_window": 0, "time_zone": "UTC",
 *	 "newest": 820540800000000, "cells": [[1356, 1, 20], [1356, 2, 7]]}
 *
 * and "until" before "newest" if it was given.  Times are in microseconds since 2000-01-01 00:00 UTC, and a cell has
 * bucket, key and users: see activity_stats.h.  "over_unit" is that of
 * stickiness, otherwise the unit itself.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_stats.h"
#include "base/base.h"
#include "event/event.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* The first number of every stored value, raised when the format changes. */
#define ACTIVITY_STATS_FORMAT 2

/* Buckets of finite times are numbered well within this. */
#define MOST_BUCKET (INT64_C(1) << 40)

/* The most hours of a quarter. */
#define MOST_STICKINESS 2300

JOURNEY_FUNCTION(journey_activity_stats_in);
JOURNEY_FUNCTION(journey_activity_stats_out);
JOURNEY_FUNCTION(journey_activity_stats_recv);
JOURNEY_FUNCTION(journey_activity_stats_send);
JOURNEY_FUNCTION(journey_activity_rollup_transition);
JOURNEY_FUNCTION(journey_activity_rollup_combine);
JOURNEY_FUNCTION(journey_activity_rollup_serialize);
JOURNEY_FUNCTION(journey_activity_rollup_deserialize);
JOURNEY_FUNCTION(journey_activity_rollup_final);

const char *const activity_kind_names[ACTIVITY_NKINDS] = {
	"lifecycle", "ratio", "stickiness", "frequency"
};

static const char *
unit_name(int unit)
{
	return unit == ACTIVITY_TIMES ? "times" : calendar_unit_name((CalendarUnit) unit);
}

/* The unit of a name, which may be `times` if wanted, or an error. */
int
activity_unit(const char *name, size_t length, bool times)
{
	int			unit;

	for (unit = 0; unit < ACTIVITY_NUNITS; unit++)
		if (strlen(unit_name(unit)) == length && memcmp(unit_name(unit), name, length) == 0 &&
			(times || unit != ACTIVITY_TIMES))
			return unit;
	if (!times)
		return calendar_unit(name, length); /* says that it does not exist */
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unit \"%s\" does not exist", pnstrdup(name, length)),
			 errhint("Write 'times', 'hour', 'day', 'week', 'month' or 'quarter'.")));
}

/* Is every bucket of a unit within one of the longer unit? */
bool
activity_units_nest(int unit, CalendarUnit over_unit)
{
	return unit < (int) over_unit && unit != CALENDAR_WEEK;
}

/* A result without cells; the zone's name is copied. */
ActivityStats *
activity_stats_new(MemoryContext context, const ActivitySpec *spec)
{
	ActivityStats *stats = MemoryContextAllocZero(context, sizeof(ActivityStats));

	stats->context = context;
	stats->spec = *spec;
	stats->spec.zone = MemoryContextStrdup(context, spec->zone);
	return stats;
}

static inline uint64
cell_hash(int64 bucket, uint64 key)
{
	return spread((uint64) bucket * 8191 + key);
}

static void
put_into_slot(ActivityStats *stats, uint32 number)
{
	const ActivityCell *cell = &stats->cells[number];
	uint64		slot = cell_hash(cell->bucket, cell->key) & (stats->nslots - 1);

	while (stats->slots[slot] != 0)
		slot = (slot + 1) & (stats->nslots - 1);
	stats->slots[slot] = number + 1;
}

/* Lay out the hash table anew. */
static void
fill_slots(ActivityStats *stats)
{
	uint32		i;

	memset(stats->slots, 0, stats->nslots * sizeof(uint32));
	for (i = 0; i < stats->ncells; i++)
		put_into_slot(stats, i);
}

/* Add a cell behind the others. */
static void
append_cell(ActivityStats *stats, int64 bucket, uint64 key, uint64 users)
{
	ActivityCell *cell;

	if (stats->ncells == stats->capacity)
	{
		if (stats->capacity > UINT32_MAX / 4)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many buckets in one result")));
		stats->capacity = Max(64, stats->capacity * 2);
		stats->nslots = stats->capacity * 2;
		if (stats->cells == NULL)
		{
			stats->cells = MemoryContextAlloc(stats->context, stats->capacity * sizeof(ActivityCell));
			stats->slots = MemoryContextAlloc(stats->context, stats->nslots * sizeof(uint32));
		}
		else
		{
			stats->cells = repalloc_huge(stats->cells, stats->capacity * sizeof(ActivityCell));
			stats->slots = repalloc_huge(stats->slots, stats->nslots * sizeof(uint32));
		}
		fill_slots(stats);
	}
	cell = &stats->cells[stats->ncells];
	cell->bucket = bucket;
	cell->key = key;
	cell->users = users;
	put_into_slot(stats, stats->ncells++);
}

/* Count users in a cell. */
void
activity_stats_count(ActivityStats *stats, int64 bucket, uint64 key, uint64 users)
{
	if (stats->nslots > 0)
	{
		uint64		slot = cell_hash(bucket, key) & (stats->nslots - 1);

		for (; stats->slots[slot] != 0; slot = (slot + 1) & (stats->nslots - 1))
		{
			ActivityCell *cell = &stats->cells[stats->slots[slot] - 1];

			if (cell->bucket == bucket && cell->key == key)
			{
				cell->users += users;
				return;
			}
		}
	}
	append_cell(stats, bucket, key, users);
}

static int
compare_cells(const void *a, const void *b)
{
	const ActivityCell *left = a;
	const ActivityCell *right = b;

	if (left->bucket != right->bucket)
		return left->bucket < right->bucket ? -1 : 1;
	return (left->key > right->key) - (left->key < right->key);
}

/* The value as it is stored. */
struct varlena *
activity_stats_pack(ActivityStats *stats)
{
	const ActivitySpec *spec = &stats->spec;
	uint64		size;
	int64		before = 0;
	bytea	   *packed;
	ByteWriter	out;
	uint32		i;

	if (stats->ncells > 1)
	{
		qsort(stats->cells, stats->ncells, sizeof(ActivityCell), compare_cells);
		fill_slots(stats);
	}
	size = number_size(ACTIVITY_STATS_FORMAT) + number_size(spec->kind) +
		number_size((uint64) spec->unit) + number_size(spec->over_unit) +
		number_size((uint64) spec->short_window) + number_size((uint64) spec->long_window) +
		stats_calendar_size(spec->zone, spec->until) + number_size(fold_sign(stats->newest)) +
		number_size(stats->ncells);
	for (i = 0; i < stats->ncells; i++)
	{
		const ActivityCell *cell = &stats->cells[i];

		size += number_size(fold_sign(cell->bucket - before)) + number_size(cell->key) +
			number_size(cell->users);
		before = cell->bucket;
	}
	packed = serialized_alloc(size);
	out.at = (unsigned char *) VARDATA(packed);
	write_number(&out, ACTIVITY_STATS_FORMAT);
	write_number(&out, spec->kind);
	write_number(&out, (uint64) spec->unit);
	write_number(&out, spec->over_unit);
	write_number(&out, (uint64) spec->short_window);
	write_number(&out, (uint64) spec->long_window);
	stats_write_calendar(spec->zone, spec->until, &out);
	write_number(&out, fold_sign(stats->newest));
	write_number(&out, stats->ncells);
	before = 0;
	for (i = 0; i < stats->ncells; i++)
	{
		const ActivityCell *cell = &stats->cells[i];

		write_number(&out, fold_sign(cell->bucket - before));
		write_number(&out, cell->key);
		write_number(&out, cell->users);
		before = cell->bucket;
	}
	Assert(out.at == (unsigned char *) packed + VARSIZE(packed));
	return packed;
}

/* Do the parameters go together? */
static bool
spec_is_valid(const ActivitySpec *spec)
{
	if (spec->unit < 0 || spec->unit >= ACTIVITY_NUNITS ||
		(spec->unit == ACTIVITY_TIMES && spec->kind != ACTIVITY_FREQUENCY))
		return false;
	if (spec->kind == ACTIVITY_RATIO)
		return spec->short_window >= 1 && spec->short_window < spec->long_window &&
			spec->long_window <= ACTIVITY_LONGEST_WINDOW && (int) spec->over_unit == spec->unit;
	if (spec->short_window != 0 || spec->long_window != 0)
		return false;
	if (spec->kind == ACTIVITY_STICKINESS)
		return activity_units_nest(spec->unit, spec->over_unit);
	return spec->unit == ACTIVITY_TIMES ? spec->over_unit == CALENDAR_HOUR :
		(int) spec->over_unit == spec->unit;
}

/* Could users in this cell have been counted? */
static bool
cell_is_valid(ActivityKind kind, const ActivityCell *cell)
{
	if (cell->users == 0 || cell->users > (uint64) PG_INT64_MAX ||
		cell->bucket < -MOST_BUCKET || cell->bucket > MOST_BUCKET)
		return false;
	switch (kind)
	{
		case ACTIVITY_LIFECYCLE:
			return cell->key < LIFECYCLE_NSTATES;
		case ACTIVITY_RATIO:
			return cell->key <= EDGE_LONG_END;
		case ACTIVITY_STICKINESS:
			return cell->key >= 1 && cell->key <= MOST_STICKINESS;
		default:
			return cell->bucket == 0 && cell->key >= 1 && cell->key <= (uint64) PG_INT64_MAX;
	}
}

/*
 * Are the cells such that all that is worked out of them makes sense?  The sum
 * of all users fits into a bigint, and in every bucket of a ratio there are
 * no less users in the long window than in the short one.
 */
static bool
cells_are_valid(const ActivityStats *stats)
{
	uint64		total = 0;
	int64		in_short = 0;
	int64		in_long = 0;
	uint32		i;

	for (i = 0; i < stats->ncells; i++)
	{
		const ActivityCell *cell = &stats->cells[i];

		total += cell->users;
		if (total > (uint64) PG_INT64_MAX)
			return false;
		if (stats->spec.kind != ACTIVITY_RATIO)
			continue;
		switch ((ActivityEdge) cell->key)
		{
			case EDGE_SHORT_BEGIN:
				in_short += (int64) cell->users;
				break;
			case EDGE_SHORT_END:
				in_short -= (int64) cell->users;
				break;
			case EDGE_LONG_BEGIN:
				in_long += (int64) cell->users;
				break;
			case EDGE_LONG_END:
				in_long -= (int64) cell->users;
				break;
		}
		if ((i + 1 == stats->ncells || stats->cells[i + 1].bucket != cell->bucket) &&
			(in_short < 0 || in_long < in_short))
			return false;
	}
	return in_short == 0 && in_long == 0;
}

/* Read the time zone of version 1; false if the bytes are none. */
static bool
read_zone(ByteReader *in, ActivitySpec *spec)
{
	uint64		length = read_number(in);
	const char *zone = (const char *) read_bytes(in, length);

	if (in->failed || length > TZ_STRLEN_MAX || memchr(zone, '\0', length) != NULL ||
		!pg_verify_mbstr(GetDatabaseEncoding(), zone, (int) length, true))
		return false;
	spec->zone = pnstrdup(zone, length);
	spec->until = PG_INT64_MAX;
	return true;
}

/* Read a value; NULL if the bytes are none. */
static void *
read_stats(MemoryContext context, ByteReader *in)
{
	ActivityStats *stats;
	ActivitySpec spec = {0};
	uint64		numbers[6];
	uint64		ncells;
	int64		newest;
	uint64		bucket = 0;
	int			i;

	for (i = 0; i < 6; i++)
		numbers[i] = read_number(in);
	if (!(numbers[0] == 1 ? read_zone(in, &spec) : stats_read_calendar(in, &spec.zone, &spec.until)))
		return NULL;
	newest = unfold_sign(read_number(in));
	ncells = read_number(in);
	if (in->failed || numbers[0] < 1 || numbers[0] > ACTIVITY_STATS_FORMAT || numbers[1] >= ACTIVITY_NKINDS ||
		numbers[2] >= ACTIVITY_NUNITS || numbers[3] > CALENDAR_QUARTER ||
		numbers[4] > ACTIVITY_LONGEST_WINDOW || numbers[5] > ACTIVITY_LONGEST_WINDOW ||
		spec.zone[0] == '\0' || (spec.until != PG_INT64_MAX && newest != spec.until) ||
		!event_time_is_valid(newest) || ncells > bytes_left(in) / 3)
		return NULL;
	spec.kind = (ActivityKind) numbers[1];
	spec.unit = (int) numbers[2];
	spec.over_unit = (CalendarUnit) numbers[3];
	spec.short_window = (int) numbers[4];
	spec.long_window = (int) numbers[5];
	if (!spec_is_valid(&spec))
		return NULL;
	(void) calendar_zone_kept(spec.zone, strlen(spec.zone));	/* there may be no such
																 * zone */
	stats = activity_stats_new(context, &spec);
	stats->newest = newest;
	for (; ncells > 0; ncells--)
	{
		ActivityCell cell;

		bucket += (uint64) unfold_sign(read_number(in));
		cell.bucket = (int64) bucket;
		cell.key = read_number(in);
		cell.users = read_number(in);
		if (in->failed || !cell_is_valid(spec.kind, &cell) ||
			(stats->ncells > 0 &&
			 compare_cells(&stats->cells[stats->ncells - 1], &cell) >= 0))
			return NULL;
		append_cell(stats, cell.bucket, cell.key, cell.users);
	}
	return bytes_left(in) == 0 && cells_are_valid(stats) ? stats : NULL;
}

static struct varlena *
pack_stats(void *stats)
{
	return activity_stats_pack(stats);
}

/* What a result is, for messages. */
static char *
spec_text(const ActivitySpec *spec)
{
	const char *until = spec->until == PG_INT64_MAX ? "" :
		psprintf(" until %s", timestamptz_to_str(spec->until));

	switch (spec->kind)
	{
		case ACTIVITY_RATIO:
			return psprintf("%s by %s of %d and %d, %s%s", activity_kind_names[spec->kind],
							unit_name(spec->unit), spec->short_window, spec->long_window,
							spec->zone, until);
		case ACTIVITY_STICKINESS:
			return psprintf("%s by %s over %s, %s%s", activity_kind_names[spec->kind],
							unit_name(spec->unit), calendar_unit_name(spec->over_unit),
							spec->zone, until);
		default:
			return psprintf("%s by %s, %s%s", activity_kind_names[spec->kind],
							unit_name(spec->unit), spec->zone, until);
	}
}

static void
merge_stats(void *into, const void *from)
{
	ActivityStats *stats = into;
	const ActivityStats *more = from;
	const ActivitySpec *a = &stats->spec;
	const ActivitySpec *b = &more->spec;
	uint64		total = 0;
	uint32		i;

	if (a->kind != b->kind || a->unit != b->unit || a->over_unit != b->over_unit ||
		a->short_window != b->short_window || a->long_window != b->long_window ||
		strcmp(a->zone, b->zone) != 0 || a->until != b->until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up activity that differs in kind, unit, window, time zone or until"),
				 errdetail("One is %s; another is %s.", spec_text(a), spec_text(b)),
				 errhint("Group the rows by what differs.")));
	for (i = 0; i < more->ncells; i++)
		activity_stats_count(stats, more->cells[i].bucket, more->cells[i].key,
							 more->cells[i].users);
	for (i = 0; i < stats->ncells; i++)
	{
		/* both were sums that fit */
		total += stats->cells[i].users;
		if (total > (uint64) PG_INT64_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("too many users to count")));
	}
	stats->newest = Max(stats->newest, more->newest);
}

const StatsType activity_stats_type = {
	"activity_stats", "active_users(), active_ratio(), stickiness() and frequency()",
	read_stats, pack_stats, merge_stats
};

/*
 * activity_stats_out(activity_stats)
 */
Datum
journey_activity_stats_out(PG_FUNCTION_ARGS)
{
	const ActivityStats *stats = stats_unpack(&activity_stats_type, CurrentMemoryContext,
											  PG_GETARG_VARLENA_PP(0));
	const ActivitySpec *spec = &stats->spec;
	StringInfoData out;
	uint32		i;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": %d, \"kind\": \"%s\", \"unit\": \"%s\", \"over_unit\": \"%s\", \"short_window\": %d, \"long_window\": %d",
					 ACTIVITY_STATS_FORMAT, activity_kind_names[spec->kind], unit_name(spec->unit),
					 spec->unit == ACTIVITY_TIMES ? "times" : calendar_unit_name(spec->over_unit),
					 spec->short_window, spec->long_window);
	stats_append_zone(&out, spec->zone);
	stats_append_until(&out, spec->until);
	appendStringInfo(&out, ", \"newest\": " INT64_FORMAT ", \"cells\": [", stats->newest);
	for (i = 0; i < stats->ncells; i++)
		appendStringInfo(&out, "%s[" INT64_FORMAT ", " UINT64_FORMAT ", " UINT64_FORMAT "]",
						 i > 0 ? ", " : "", stats->cells[i].bucket, stats->cells[i].key,
						 stats->cells[i].users);
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

static int
integer_between(const StatsType *type, JsonbContainer *object, const char *name, int least, int most)
{
	int64		value = stats_integer_member(type, object, name);

	if (value < least || value > most)
		stats_refuse_text(type, name);
	return (int) value;
}

/*
 * activity_stats_in(cstring)
 */
Datum
journey_activity_stats_in(PG_FUNCTION_ARGS)
{
	const StatsType *type = &activity_stats_type;
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	JsonbContainer *object = &json->root;
	const char *names[ACTIVITY_NUNITS];
	ActivitySpec spec = {0};
	ActivityStats *stats;
	JsonbContainer *cells;
	int64		version;
	int			over_unit;
	uint32		i;

	for (i = 0; i < ACTIVITY_NUNITS; i++)
		names[i] = unit_name((int) i);
	version = stats_integer_member(type, object, "version");
	if (version < 1 || version > ACTIVITY_STATS_FORMAT)
		stats_refuse_text(type, "version");
	spec.kind = (ActivityKind) stats_name_member(type, object, "kind", activity_kind_names,
												 ACTIVITY_NKINDS);
	spec.unit = stats_name_member(type, object, "unit", names, ACTIVITY_NUNITS);
	over_unit = stats_name_member(type, object, "over_unit", names, ACTIVITY_NUNITS);
	if ((over_unit == ACTIVITY_TIMES) != (spec.unit == ACTIVITY_TIMES))
		stats_refuse_text(type, "over_unit");
	spec.over_unit = over_unit == ACTIVITY_TIMES ? CALENDAR_HOUR : (CalendarUnit) over_unit;
	spec.short_window = integer_between(type, object, "short_window", 0, ACTIVITY_LONGEST_WINDOW);
	spec.long_window = integer_between(type, object, "long_window", 0, ACTIVITY_LONGEST_WINDOW);
	if (!spec_is_valid(&spec))
		stats_refuse_text(type, "unit");
	spec.zone = stats_zone_member(type, object);
	if (spec.zone[0] == '\0')
		stats_refuse_text(type, "time_zone");
	spec.until = version == 1 ? PG_INT64_MAX : stats_until_member(type, object);
	(void) calendar_zone_kept(spec.zone, strlen(spec.zone));
	stats = activity_stats_new(CurrentMemoryContext, &spec);
	stats->newest = stats_integer_member(type, object, "newest");
	if (!event_time_is_valid(stats->newest))
		stats_refuse_text(type, "newest");

	cells = stats_array_member(type, object, "cells");
	for (i = 0; i < JsonContainerSize(cells); i++)
	{
		JsonbContainer *from = stats_element(type, cells, i, jbvBinary, "cells").val.binary.data;
		int64		numbers[3];
		int			k;

		if (!JsonContainerIsArray(from) || JsonContainerSize(from) != 3)
			stats_refuse_text(type, "cells");
		for (k = 0; k < 3; k++)
		{
			JsonbValue	value = stats_element(type, from, k, jbvNumeric, "cells");

			numbers[k] = stats_integer_of(type, &value, "cells");
		}
		activity_stats_count(stats, numbers[0], (uint64) numbers[1], (uint64) numbers[2]);
		if (stats->ncells != i + 1)
			stats_refuse_text(type, "cells");	/* the same cell twice */
		CHECK_FOR_INTERRUPTS();
	}
	/* what remains to be checked is checked by reading it back */
	PG_RETURN_POINTER(stats_pack_checked(type, stats, "cells"));
}

/*
 * activity_stats_recv(internal)
 */
Datum
journey_activity_stats_recv(PG_FUNCTION_ARGS)
{
	return stats_recv(&activity_stats_type, fcinfo);
}

/*
 * activity_stats_send(activity_stats)
 */
Datum
journey_activity_stats_send(PG_FUNCTION_ARGS)
{
	return stats_send(fcinfo);
}

/*
 * rollup(activity_stats)
 */
Datum
journey_activity_rollup_transition(PG_FUNCTION_ARGS)
{
	return stats_rollup_transition(&activity_stats_type, fcinfo);
}

Datum
journey_activity_rollup_combine(PG_FUNCTION_ARGS)
{
	return stats_rollup_combine(&activity_stats_type, fcinfo);
}

Datum
journey_activity_rollup_serialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_serialize(&activity_stats_type, fcinfo);
}

Datum
journey_activity_rollup_deserialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_deserialize(&activity_stats_type, fcinfo);
}

Datum
journey_activity_rollup_final(PG_FUNCTION_ARGS)
{
	return stats_rollup_final(&activity_stats_type, fcinfo);
}
