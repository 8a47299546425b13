/*-------------------------------------------------------------------------
 *
 * retention_stats.c
 *		The type retention_stats: the result of a cohort retention.
 *
 * A value is stored as numbers (see base/codec.h): format version; unit,
 * whether periods are rolling, every start or the first, which returns count,
 * whether there are values; the last period; the newest event; the number of
 * cohorts; the name of the time zone (length and bytes); the end of observation
 * (0 if it was not given, else 1 and the time); the number of brackets, 0 for
 * single periods, and the length of each; and the cohorts in order.  Version 1
 * had neither time zone nor end of observation.  A cohort is the number of its bucket and
 * the bucket's begin, as differences to the cohort before, for rolling periods
 * the length of the bucket, its users, the number of cells up to the last in
 * which there is something, and for each cell its count, and its value as the
 * 64 bits of an IEEE number.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/base.h"
#include "event/event.h"
#include "retention/retention_stats.h"

/* The first number of every stored value, raised when the format changes. */
#define RETENTION_STATS_FORMAT 2

JOURNEY_FUNCTION(journey_retention_stats_recv);
JOURNEY_FUNCTION(journey_retention_stats_send);
JOURNEY_FUNCTION(journey_rollup_retention_transition);
JOURNEY_FUNCTION(journey_rollup_retention_combine);
JOURNEY_FUNCTION(journey_rollup_retention_serialize);
JOURNEY_FUNCTION(journey_rollup_retention_deserialize);
JOURNEY_FUNCTION(journey_rollup_retention_final);

const char *const cohort_returns_names[COHORT_NRETURNS] = {
	"on", "on_or_after", "within", "within_from_1"
};

/* The length of a rolling period in microseconds. */
int64
retention_unit_length(CalendarUnit unit)
{
	switch (unit)
	{
		case CALENDAR_HOUR:
			return USECS_PER_HOUR;
		case CALENDAR_DAY:
			return USECS_PER_DAY;
		default:
			return 7 * USECS_PER_DAY;
	}
}

/* A result without cohorts. */
RetentionStats *
retention_stats_new(MemoryContext context, CalendarUnit unit, bool rolling,
					const CohortSpec *spec, const char *zone)
{
	RetentionStats *stats = MemoryContextAllocZero(context, sizeof(RetentionStats));

	stats->context = context;
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

static void
put_into_slot(RetentionStats *stats, uint32 number)
{
	uint64		slot = spread((uint64) stats->cohorts[number].number) & (stats->nslots - 1);

	while (stats->slots[slot] != 0)
		slot = (slot + 1) & (stats->nslots - 1);
	stats->slots[slot] = number + 1;
}

static void
lay_out_slots(RetentionStats *stats)
{
	uint32		i;

	memset(stats->slots, 0, stats->nslots * sizeof(uint32));
	for (i = 0; i < stats->ncohorts; i++)
		put_into_slot(stats, i);
}

/* Add an empty cohort behind the others. */
static RetentionCohort *
append_cohort(RetentionStats *stats, int64 number)
{
	RetentionCohort *cohort;

	if (stats->ncohorts == stats->capacity)
	{
		stats->capacity = Max(16, stats->capacity * 2);
		stats->nslots = stats->capacity * 2;
		if (stats->cohorts != NULL)
			pfree(stats->slots);
		stats->slots = MemoryContextAllocHuge(stats->context, stats->nslots * sizeof(uint32));
		if (stats->cohorts == NULL)
			stats->cohorts = MemoryContextAlloc(stats->context,
												stats->capacity * sizeof(RetentionCohort));
		else
			stats->cohorts = repalloc_huge(stats->cohorts,
										   stats->capacity * sizeof(RetentionCohort));
		lay_out_slots(stats);
	}
	cohort = &stats->cohorts[stats->ncohorts];
	memset(cohort, 0, sizeof(RetentionCohort));
	cohort->number = number;
	put_into_slot(stats, stats->ncohorts++);
	return cohort;
}

/*
 * The cohort of a bucket's number, made if there is none: then it has no users
 * yet, and its times are for the caller to fill in.
 */
RetentionCohort *
retention_cohort(RetentionStats *stats, int64 number)
{
	uint64		slot;

	if (stats->nslots > 0)
	{
		slot = spread((uint64) number) & (stats->nslots - 1);
		for (; stats->slots[slot] != 0; slot = (slot + 1) & (stats->nslots - 1))
			if (stats->cohorts[stats->slots[slot] - 1].number == number)
				return &stats->cohorts[stats->slots[slot] - 1];
	}
	return append_cohort(stats, number);
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

static void
add_users(uint64 *users, uint64 more)
{
	*users += more;
	if (*users > (uint64) PG_INT64_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many users to count")));
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

static int
compare_cohorts(const void *a, const void *b)
{
	const RetentionCohort *left = a;
	const RetentionCohort *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

/* Do two results ask the same question? */
static bool
spec_equal(const RetentionStats *a, const RetentionStats *b)
{
	return a->unit == b->unit && a->rolling == b->rolling &&
		a->spec.every == b->spec.every && a->spec.returns == b->spec.returns &&
		a->spec.with_values == b->spec.with_values && a->spec.ncells == b->spec.ncells &&
		a->spec.last_period == b->spec.last_period && a->until == b->until &&
		(a->spec.lasts == NULL) == (b->spec.lasts == NULL) &&
		(a->spec.lasts == NULL ||
		 memcmp(a->spec.lasts, b->spec.lasts, a->spec.ncells * sizeof(int32)) == 0);
}

static void
refuse_zones(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot roll up retentions of different time zones"),
			 errdetail("%s", detail),
			 errhint("Give cohort_retention() the same time_zone everywhere.")));
}

/* Add the users of `from`, who are others than those of `into`. */
static void
merge_stats(void *into_any, const void *from_any)
{
	RetentionStats *into = into_any;
	const RetentionStats *from = from_any;
	uint32		i;
	int			k;

	if (!spec_equal(into, from))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up retentions that differ in unit, periods, mode, value or until"),
				 errhint("Group the rows by what differs.")));
	if (into->zone[0] != '\0' && from->zone[0] != '\0' && strcmp(into->zone, from->zone) != 0)
		refuse_zones(psprintf("One is of \"%s\", another of \"%s\".", into->zone, from->zone));
	if (from->zone[0] == '\0')
		into->zone = "";
	for (i = 0; i < from->ncohorts; i++)
	{
		const RetentionCohort *more = &from->cohorts[i];
		RetentionCohort *cohort = retention_cohort(into, more->number);

		if (cohort->users == 0)
		{
			cohort->begin = more->begin;
			cohort->end = more->end;
		}
		else if (cohort->begin != more->begin || cohort->end != more->end)
			refuse_zones("One cohort has two begins.");
		add_users(&cohort->users, more->users);
		retention_cohort_cells(into, cohort, more->ncells);
		for (k = 0; k < more->ncells; k++)
		{
			cohort->counts[k] += more->counts[k];
			if (into->spec.with_values)
				add_value(&cohort->values[k], more->values[k]);
		}
	}
	into->newest = Max(into->newest, from->newest);
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
write_value(ByteWriter *out, double value)
{
	uint64		bits;
	int			i;

	memcpy(&bits, &value, sizeof(bits));
	for (i = 0; i < VALUE_SIZE; i++)
		*out->at++ = (unsigned char) (bits >> (8 * i));
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

/* What is stored besides numbers of cohorts; returns how many there are. */
#define NHEAD 9

static int
head_numbers(const RetentionStats *stats, uint64 *numbers)
{
	int			n = 0;

	numbers[n++] = RETENTION_STATS_FORMAT;
	numbers[n++] = stats->unit;
	numbers[n++] = stats->rolling;
	numbers[n++] = stats->spec.every;
	numbers[n++] = stats->spec.returns;
	numbers[n++] = stats->spec.with_values;
	numbers[n++] = (uint64) stats->spec.last_period;
	numbers[n++] = fold_sign(stats->newest);
	numbers[n++] = stats->ncohorts;
	Assert(n == NHEAD);
	return n;
}

/* Numbers of brackets: how many, then the length of each. */
static uint64
bracket_number(const RetentionStats *stats, int i)
{
	if (stats->spec.lasts == NULL)
		return 0;
	return (uint64) (i == 0 ? stats->spec.ncells - 1 :
					 stats->spec.lasts[i] - stats->spec.lasts[i - 1]);
}

static int
bracket_numbers(const RetentionStats *stats)
{
	return stats->spec.lasts == NULL ? 1 : stats->spec.ncells;
}

/* The value as it is stored. */
static struct varlena *
pack_stats(void *any)
{
	RetentionStats *stats = any;
	uint64		head[NHEAD];
	const int	nhead = head_numbers(stats, head);
	uint64		size = 0;
	int64		number = 0;
	int64		begin = 0;
	bytea	   *packed;
	ByteWriter	out;
	uint32		i;
	int			k;

	if (stats->ncohorts > 1)
	{
		qsort(stats->cohorts, stats->ncohorts, sizeof(RetentionCohort), compare_cohorts);
		lay_out_slots(stats);
	}
	for (k = 0; k < nhead; k++)
		size += number_size(head[k]);
	size += stats_calendar_size(stats->zone, stats->until);
	for (k = 0; k < bracket_numbers(stats); k++)
		size += number_size(bracket_number(stats, k));
	for (i = 0; i < stats->ncohorts; i++)
	{
		const RetentionCohort *cohort = &stats->cohorts[i];
		const int	n = cells_used(cohort);

		size += number_size(fold_sign(cohort->number - number)) +
			number_size(fold_sign((int64) ((uint64) cohort->begin - (uint64) begin))) +
			number_size(cohort->users) + number_size((uint64) n);
		if (stats->rolling)
			size += number_size((uint64) cohort->end - (uint64) cohort->begin);
		for (k = 0; k < n; k++)
			size += number_size(cohort->counts[k]);
		if (stats->spec.with_values)
			size += (uint64) n * VALUE_SIZE;
		number = cohort->number;
		begin = cohort->begin;
		CHECK_FOR_INTERRUPTS();
	}

	packed = serialized_alloc(size);
	out.at = (unsigned char *) VARDATA(packed);
	for (k = 0; k < nhead; k++)
		write_number(&out, head[k]);
	stats_write_calendar(stats->zone, stats->until, &out);
	for (k = 0; k < bracket_numbers(stats); k++)
		write_number(&out, bracket_number(stats, k));
	number = 0;
	begin = 0;
	for (i = 0; i < stats->ncohorts; i++)
	{
		const RetentionCohort *cohort = &stats->cohorts[i];
		const int	n = cells_used(cohort);

		write_number(&out, fold_sign(cohort->number - number));
		write_number(&out, fold_sign((int64) ((uint64) cohort->begin - (uint64) begin)));
		if (stats->rolling)
			write_number(&out, (uint64) cohort->end - (uint64) cohort->begin);
		write_number(&out, cohort->users);
		write_number(&out, (uint64) n);
		for (k = 0; k < n; k++)
		{
			write_number(&out, cohort->counts[k]);
			if (stats->spec.with_values)
				write_value(&out, cohort->values[k]);
		}
		number = cohort->number;
		begin = cohort->begin;
	}
	Assert(out.at == (unsigned char *) packed + VARSIZE(packed));
	return (struct varlena *) packed;
}

/* Numbers of buckets that the calendar has. */
static inline bool
bucket_number_is_valid(int64 number)
{
	return number >= CALENDAR_NUMBER_MIN && number <= CALENDAR_NUMBER_MIN + USER_PERIOD_LAST;
}

/* Read one cohort; false if the bytes are none, or it is out of order. */
static bool
read_cohort(ByteReader *in, RetentionStats *stats, const RetentionCohort *before)
{
	RetentionCohort *cohort;
	uint64		number = (uint64) (before == NULL ? 0 : before->number) +
		(uint64) unfold_sign(read_number(in));
	uint64		begin = (uint64) (before == NULL ? 0 : before->begin) +
		(uint64) unfold_sign(read_number(in));
	uint64		length = stats->rolling ? read_number(in) : 0;
	uint64		users = read_number(in);
	uint64		ncells = read_number(in);
	uint64		counted = 0;
	uint64		i;

	if (in->failed || !bucket_number_is_valid((int64) number) ||
		!event_time_is_valid((int64) begin) ||
		(before != NULL && ((int64) number <= before->number || (int64) begin <= before->begin)) ||
		length > 200 * (uint64) USECS_PER_DAY || (stats->rolling && length == 0) ||
		users < 1 || users > (uint64) PG_INT64_MAX ||
		ncells > (uint64) stats->spec.ncells || ncells > bytes_left(in))
		return false;
	cohort = append_cohort(stats, (int64) number);
	cohort->begin = (int64) begin;
	cohort->end = stats->rolling ? (int64) (begin + length) : 0;
	cohort->users = users;
	retention_cohort_cells(stats, cohort, (int) ncells);
	for (i = 0; i < ncells; i++)
	{
		uint64		count = read_number(in);

		/*
		 * unless a user may count in several cells, no more are counted than
		 * there are
		 */
		if (count > users - counted)
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
	return !in->failed;
}

/* Read a value; NULL if the bytes are none. */
static void *
read_stats(MemoryContext context, ByteReader *in)
{
	RetentionStats *stats;
	CohortSpec	spec = {0};
	uint64		head[NHEAD];
	uint64		nbrackets;
	uint64		i;
	int64		newest;
	int64		until = PG_INT64_MAX;
	const char *zone = "";

	for (i = 0; i < NHEAD; i++)
		head[i] = read_number(in);
	if (head[0] > 1 && !stats_read_calendar(in, &zone, &until))
		return NULL;
	nbrackets = read_number(in);
	newest = unfold_sign(head[7]);
	if (in->failed || head[0] < 1 || head[0] > RETENTION_STATS_FORMAT || head[1] > CALENDAR_QUARTER ||
		head[2] > 1 || (head[2] == 1 && head[1] > CALENDAR_WEEK) || head[3] > 1 ||
		head[4] >= COHORT_NRETURNS || head[5] > 1 ||
		head[6] < 1 || head[6] > COHORT_MOST_PERIODS || nbrackets > head[6] ||
		head[8] > bytes_left(in) ||
		!(head[2] == 1 ? event_time_is_valid(newest) : bucket_number_is_valid(newest)))
		return NULL;
	spec.every = head[3] == 1;
	spec.returns = (CohortReturns) head[4];
	spec.with_values = head[5] == 1;
	spec.last_period = (int) head[6];
	spec.ncells = spec.last_period + 1;
	if (nbrackets > 0)
	{
		int32	   *lasts = palloc((nbrackets + 1) * sizeof(int32));

		spec.ncells = (int) nbrackets + 1;
		spec.lasts = lasts;
		lasts[0] = 0;
		for (i = 1; i <= nbrackets; i++)
		{
			uint64		length = read_number(in);

			if (length < 1 || length > (uint64) (spec.last_period - lasts[i - 1]))
				return NULL;
			lasts[i] = lasts[i - 1] + (int32) length;
		}
		if (lasts[nbrackets] != spec.last_period)
			return NULL;
	}
	stats = retention_stats_new(context, (CalendarUnit) head[1], head[2] == 1, &spec, zone);
	stats->until = until;
	stats->newest = newest;
	for (i = 0; i < head[8]; i++)
	{
		if (!read_cohort(in, stats, i == 0 ? NULL : &stats->cohorts[i - 1]))
			return NULL;
		CHECK_FOR_INTERRUPTS();
	}
	return bytes_left(in) == 0 && !in->failed ? stats : NULL;
}

const StatsType retention_stats_type = {
	"retention_stats", "cohort_retention()", read_stats, pack_stats, merge_stats
};

/*
 * retention_stats_recv(internal), retention_stats_send(retention_stats)
 */
Datum
journey_retention_stats_recv(PG_FUNCTION_ARGS)
{
	return stats_recv(&retention_stats_type, fcinfo);
}

Datum
journey_retention_stats_send(PG_FUNCTION_ARGS)
{
	return stats_send(fcinfo);
}

/*
 * rollup(retention_stats)
 */
Datum
journey_rollup_retention_transition(PG_FUNCTION_ARGS)
{
	return stats_rollup_transition(&retention_stats_type, fcinfo);
}

Datum
journey_rollup_retention_combine(PG_FUNCTION_ARGS)
{
	return stats_rollup_combine(&retention_stats_type, fcinfo);
}

Datum
journey_rollup_retention_serialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_serialize(&retention_stats_type, fcinfo);
}

Datum
journey_rollup_retention_deserialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_deserialize(&retention_stats_type, fcinfo);
}

Datum
journey_rollup_retention_final(PG_FUNCTION_ARGS)
{
	return stats_rollup_final(&retention_stats_type, fcinfo);
}
