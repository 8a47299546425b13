/*-------------------------------------------------------------------------
 *
 * quality_population.c
 *		log_quality: rows into a population, and counting them user by user.
 *
 * Every row is an event of the population, also one without user or time, which
 * a condition says.  Its node is the name of the event.  Its value is a byte
 * that says whether there is an event_id, when it was received, and the bytes
 * of the id.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "catalog/pg_type.h"
#include "quality/quality_stats.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"

/* The parameters of a call. */
enum
{
	QUALITY_PARAM_UNIT,
	QUALITY_PARAM_OPTIONS,
	QUALITY_PARAM_ZONE
};

static const ParamSpec quality_specs[] = {
	[QUALITY_PARAM_UNIT] = {"unit", PARAM_TEXT, false},
	[QUALITY_PARAM_OPTIONS] = {"options", PARAM_TEXT, false},
	[QUALITY_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false}
};

typedef struct QualityParams
{
	CallParams	given;
	CalendarTable *calendar;
	int64		ahead;			/* microseconds */
} QualityParams;

#define OPTIONS_HINT "The only option is ahead with a duration, for example ahead 5 minutes."

/* Says in errors of reading a duration whose it is. */
static void
quality_duration_context(void *arg)
{
	errcontext("option ahead \"%s\"", (const char *) arg);
}

/* Read the options: ahead DURATION, at most once. */
static int64
quality_compile_options(TextSlice options)
{
	const char *at = options.bytes;
	TextSlice	option;
	int64		ahead = -1;

	while (options_next(&at, options.bytes + options.length, &option))
	{
		TextSlice	rest = option;
		ErrorContextCallback context = {error_context_stack, quality_duration_context, NULL};
		char	   *text;

		if (!option_accept(&rest, "ahead") || rest.length == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" does not exist", pnstrdup(option.bytes, option.length)),
					 calendar_hint_options(option.bytes, option.length, OPTIONS_HINT)));
		if (ahead >= 0)
			options_refuse(options, "say twice how far a time may be ahead", OPTIONS_HINT);
		context.arg = text = pnstrdup(rest.bytes, rest.length);
		error_context_stack = &context;
		ahead = arg_duration(DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(text),
																   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1))),
							 "ahead");
		error_context_stack = context.previous;
	}
	options_refuse_comma(options);
	return Max(ahead, 0);
}

static void
quality_compile(void *kept)
{
	QualityParams *params = kept;
	const CallParam *list = params->given.list;
	const TextSlice unit = list[QUALITY_PARAM_UNIT].text;
	const TextSlice zone = list[QUALITY_PARAM_ZONE].text;

	params->calendar = calendar_table(CurrentMemoryContext, calendar_unit(unit.bytes, unit.length),
									  calendar_zone(zone.bytes, zone.length));
	params->ahead = quality_compile_options(list[QUALITY_PARAM_OPTIONS].text);
}

static const ParamsRoom quality_params = {
	sizeof(QualityParams), lengthof(quality_specs), quality_specs, quality_compile, true
};

POPULATION_SUPPORT(journey_quality, quality_params)

/*-------------------------------------------------------------------------
 * Rows
 *-------------------------------------------------------------------------
 */

/* The arguments of a call. */
enum
{
	USER_ARG = 1,
	AT_ARG,
	RECEIVED_ARG,
	EVENT_ARG,
	ID_ARG,
	UNIT_ARG
};

/* The conditions of an event; the first is the highest bit. */
#define NCONDITIONS		3
#define NULL_USER		(UINT64_C(1) << 63)
#define EMPTY_USER		(UINT64_C(1) << 62)
#define NULL_TIME		(UINT64_C(1) << 61)

/* The types of event_id, and whether a user may be empty: columns of the call. */
#define ID_TYPE			0
#define TEXT_USERS		1

typedef enum QualityIdType
{
	ID_TEXT,
	ID_BIGINT,
	ID_UUID
} QualityIdType;

/* What stands before the id in a value. */
#define VALUE_HEAD		9
#define SHORT_VALUE		128

/* The name of the node that stands for no event. */
static const TextSlice no_event = {NODE_NO_NAME, 1};

static void
quality_take_params(FunctionCallInfo fcinfo)
{
	CallParams	given = {0};
	PopulationCall *call;
	Oid			user_type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, USER_ARG));
	int			n;

	for (n = UNIT_ARG; n < PG_NARGS(); n++)
		param_read(&given, &quality_params, n - UNIT_ARG, fcinfo, n);
	population_take_params(fcinfo, &quality_params, &given, (1 << UNIT_ARG) - 2, true);
	call = fcinfo->flinfo->fn_extra;
	switch (get_fn_expr_argtype(fcinfo->flinfo, ID_ARG))
	{
		case INT8OID:
			call->columns[ID_TYPE] = ID_BIGINT;
			break;
		case UUIDOID:
			call->columns[ID_TYPE] = ID_UUID;
			break;
		default:
			call->columns[ID_TYPE] = ID_TEXT;
	}
	call->columns[TEXT_USERS] = user_type == TEXTOID || user_type == VARCHAROID || user_type == BPCHAROID;
}

/* Is a text blank? */
static bool
quality_is_blank(const char *bytes, uint32 length)
{
	uint32		i;

	for (i = 0; i < length; i++)
		if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\n' && bytes[i] != '\r')
			return false;
	return true;
}

static inline bool
quality_user_is_empty(const PopulationCall *call, Datum user)
{
	struct varlena *packed;

	if (!call->columns[TEXT_USERS])
		return false;
	packed = PG_DETOAST_DATUM_PACKED(user);
	return quality_is_blank(VARDATA_ANY(packed), (uint32) VARSIZE_ANY_EXHDR(packed));
}

/* Times as close as this to the ends of all times begin or end no bucket. */
#define END_MARGIN (400 * USECS_PER_DAY)

/* Is a time none that an event can have? */
static inline bool
quality_time_is_none(TimestampTz at)
{
	return at < MIN_TIMESTAMP + END_MARGIN || at >= END_TIMESTAMP - END_MARGIN;
}

/* Add a row to a population.  Its node is in the event. */
static inline void
quality_add(const PopulationCall *call, Population *population, NullableDatum user, NullableDatum at,
			NullableDatum received_at, NullableDatum id, PopulationEvent *event)
{
	char		short_value[SHORT_VALUE];
	char	   *value = short_value;
	const char *bytes = NULL;
	uint32		length = 0;
	int64		number;
	int64		received = QUALITY_NOT_RECEIVED;
	int64		newest;

	event->step = 0;
	if (user.isnull)
		event->step |= NULL_USER;
	else if (quality_user_is_empty(call, user.value))
		event->step |= EMPTY_USER;
	event->at = at.isnull ? 0 : DatumGetTimestampTz(at.value);
	if (at.isnull || quality_time_is_none(event->at))
	{
		event->step |= NULL_TIME;
		event->at = 0;
	}
	if (!received_at.isnull && !TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(received_at.value)))
		received = DatumGetTimestampTz(received_at.value);
	newest = received != QUALITY_NOT_RECEIVED ? received :
		(event->step & NULL_TIME) != 0 ? QUALITY_NO_NEWEST : event->at;
	population->newest = Max(population->newest, newest);

	if (!id.isnull)
		switch (call->columns[ID_TYPE])
		{
			case ID_BIGINT:
				number = DatumGetInt64(id.value);
				bytes = (const char *) &number;
				length = sizeof(number);
				break;
			case ID_UUID:
				bytes = (const char *) DatumGetUUIDP(id.value)->data;
				length = UUID_LEN;
				break;
			default:
				{
					struct varlena *packed = PG_DETOAST_DATUM_PACKED(id.value);

					bytes = VARDATA_ANY(packed);
					length = (uint32) VARSIZE_ANY_EXHDR(packed);
				}
		}
	if (VALUE_HEAD + length > SHORT_VALUE)
		value = palloc(VALUE_HEAD + length);
	value[0] = id.isnull ? 0 : call->columns[ID_TYPE] == ID_TEXT && quality_is_blank(bytes, length) ? 1 : 2;
	memcpy(value + 1, &received, sizeof(received));
	if (length > 0)
		memcpy(value + VALUE_HEAD, bytes, length);
	event->value.bytes = value;
	event->value.length = VALUE_HEAD + length;
	if (user.isnull)
		population_add_userless(population, event);
	else
		population_add(population, user.value, event);
	if (value != short_value)
		pfree(value);
}

/* Add a row. */
static Datum
quality_row(PG_FUNCTION_ARGS)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};
	TextSlice	name = no_event;

	if (!population_params_known(fcinfo))
		quality_take_params(fcinfo);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, NCONDITIONS, POPULATION_NODES | POPULATION_VALUES);
	if (!PG_ARGISNULL(EVENT_ARG))
	{
		text	   *event_name = PG_GETARG_TEXT_PP(EVENT_ARG);

		name.bytes = VARDATA_ANY(event_name);
		name.length = (uint32) VARSIZE_ANY_EXHDR(event_name);
	}
	event.node = nodes_intern(population->nodes, name);
	quality_add(fcinfo->flinfo->fn_extra, population, fcinfo->args[USER_ARG], fcinfo->args[AT_ARG],
				fcinfo->args[RECEIVED_ARG], fcinfo->args[ID_ARG], &event);
	PG_RETURN_POINTER(population);
}

static inline NullableDatum
quality_vector_value(const ScanVector *vector, int row)
{
	const NullableDatum value = {vector->values[row], vector->has_nulls && vector->nulls[row]};

	return value;
}

/* Add n rows. */
static void
quality_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const PopulationCall *call = fcinfo->flinfo->fn_extra;
	uint16		rows[SCAN_ROWS_MOST];
	uint32		nodes[SCAN_ROWS_MOST];
	int			nrows = 0;
	int			named = 0;
	int			i;

	if (!population_params_known(fcinfo))
	{
		table_scan_each_row(fcinfo, args, n, quality_row);
		return;
	}
	for (i = 0; i < n; i++)
	{
		rows[nrows] = (uint16) i;
		nrows += !(args[EVENT_ARG]->has_nulls && args[EVENT_ARG]->nulls[i]);
	}
	if (nrows > 0)
		nodes_intern_texts(population->nodes, args[EVENT_ARG]->values, rows, nrows, nodes);
	for (i = 0; i < n; i++)
	{
		PopulationEvent event = {0};

		if (named < nrows && rows[named] == i)
			event.node = nodes[named++];
		else
			event.node = nodes_intern(population->nodes, no_event);
		quality_add(call, population, quality_vector_value(args[USER_ARG], i), quality_vector_value(args[AT_ARG], i),
					quality_vector_value(args[RECEIVED_ARG], i), quality_vector_value(args[ID_ARG], i), &event);
		table_scan_reset(CurrentMemoryContext);
	}
}

/*
 * quality_transition(state, user_id, at, received_at, event, event_id, unit
 * [, options [, time_zone]])
 */
POPULATION_TRANSITION_ROWS(journey_quality_transition, quality_row, quality_rows)

/*-------------------------------------------------------------------------
 * Counting
 *-------------------------------------------------------------------------
 */

/* For so many buckets in a row the group is found without a search. */
#define RECENT_BUCKETS 256		/* a power of two */

/* What the visits of users work with. */
typedef struct QualityVisit
{
	QualityStats *stats;
	CalendarTable *calendar;
	uint64		seeds[2];
	uint64		number;			/* of the latest user, or of none */
	QualityGroup *events;		/* [rank] */
	uint32		nevents;
	uint32		recent[RECENT_BUCKETS]; /* place in the stats' buckets + 1, by
										 * the lowest bits of the bucket */
	QualityRow *rows;			/* of the latest user */
	uint32	   *slots;
	size_t		capacity;
} QualityVisit;

/* The group of a bucket, which stays until the next is made. */
static inline QualityGroup *
quality_bucket_group(QualityVisit *visit, int64 bucket)
{
	QualityStats *stats = visit->stats;
	uint32	   *recent = &visit->recent[bucket & (RECENT_BUCKETS - 1)];

	if (unlikely(*recent == 0 || stats->buckets[*recent - 1].bucket != bucket))
		*recent = (uint32) (quality_stats_bucket(stats, bucket) - stats->buckets) + 1;
	return &stats->buckets[*recent - 1];
}

/* Count a row in a group. */
static inline void
quality_count(QualityGroup *group, uint64 number, const QualityRow *row, int id, uint64 conditions,
			  MemoryContext context)
{
	group->rows++;
	if ((conditions & (NULL_USER | EMPTY_USER)) == 0)
	{
		group->users += group->last_user != number;
		group->last_user = number;
	}
	else
	{
		group->null_users += (conditions & NULL_USER) != 0;
		group->empty_users += (conditions & EMPTY_USER) != 0;
	}
	group->same_ids += (row->faults & QUALITY_SAME_ID) != 0;
	group->same_rows += (row->faults & QUALITY_SAME_ROW) != 0;
	group->out_of_order += (row->faults & QUALITY_OUT_OF_ORDER) != 0;
	group->future += (row->faults & QUALITY_FUTURE) != 0;
	group->null_times += (conditions & NULL_TIME) != 0;
	group->null_ids += id == 0;
	group->empty_ids += id == 1;
	group->null_received += row->received == QUALITY_NOT_RECEIVED;
	if (row->received == QUALITY_NOT_RECEIVED || (row->faults & QUALITY_FUTURE) != 0 || (conditions & NULL_TIME) != 0)
		return;
	if (unlikely(group->counts.pages == NULL))
		duration_counts_init(&group->counts);
	duration_counts_add(&group->counts, row->at > row->received ? 0 : histogram_duration(row->at, row->received), context);
}

/* An event as a row; what its value says of the event_id. */
static inline int
quality_read_row(const Event *event, const EventValue *value, QualityRow *row)
{
	int			id;

	if (value->bytes == NULL || value->length < VALUE_HEAD || (unsigned char) value->bytes[0] > 2)
		serialized_refuse();	/* no transition makes it so */
	id = value->bytes[0];
	row->at = event->at;
	row->event = event_node(event);
	row->faults = 0;
	memcpy(&row->received, value->bytes + 1, sizeof(row->received));
	if (row->received != QUALITY_NOT_RECEIVED && !event_time_is_valid(row->received))
		serialized_refuse();
	row->id.bytes = id == 2 ? value->bytes + VALUE_HEAD : NULL;
	row->id.length = id == 2 ? value->length - VALUE_HEAD : 0;
	return id;
}

static void
quality_visit_reserve(QualityVisit *visit, size_t n)
{
	MemoryContext context = visit->stats->context;

	if (n <= visit->capacity)
		return;
	if (n > PG_UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows of one user")));
	visit->capacity = Max(n, 2 * visit->capacity);
	if (visit->rows != NULL)
	{
		pfree(visit->rows);
		pfree(visit->slots);
	}
	visit->rows = MemoryContextAllocHuge(context, visit->capacity * sizeof(QualityRow));
	visit->slots = MemoryContextAllocHuge(context, quality_id_slots(visit->capacity) * sizeof(uint32));
}

/*
 * A PopulationVisitor.  Rows that lack a user or a time are counted as they
 * are, the others once all of them are known.
 */
static void
quality_visit_user(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	QualityVisit *visit = arg;
	MemoryContext context = visit->stats->context;
	const uint64 number = ++visit->number;
	bool		has_user = false;
	size_t		nrows = 0;
	size_t		next = 0;
	size_t		i;

	quality_visit_reserve(visit, n);
	for (i = 0; i < n; i++)
	{
		QualityRow *row = &visit->rows[nrows];

		(void) quality_read_row(&events[i], &values[i], row);
		has_user |= (event_conditions(&events[i]) & (NULL_USER | EMPTY_USER)) == 0;
		nrows += event_conditions(&events[i]) == 0;
	}
	visit->stats->users += has_user;
	quality_judge(visit->rows, nrows, (uint64) visit->stats->ahead, visit->seeds, visit->slots);
	for (i = 0; i < n; i++)
	{
		const uint64 conditions = event_conditions(&events[i]);
		QualityRow	lacking;
		const QualityRow *row;
		const int	id = values[i].bytes[0];

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if (conditions == 0)
			row = &visit->rows[next++];
		else
		{
			(void) quality_read_row(&events[i], &values[i], &lacking);
			if (lacking.received != QUALITY_NOT_RECEIVED && (conditions & NULL_TIME) == 0 && lacking.at > lacking.received &&
				time_between(lacking.received, lacking.at) > (uint64) visit->stats->ahead)
				lacking.faults = QUALITY_FUTURE;
			row = &lacking;
		}
		quality_count(&visit->events[row->event], number, row, id, conditions, context);
		if ((conditions & NULL_TIME) == 0)
			quality_count(quality_bucket_group(visit, calendar_table_number(visit->calendar, row->at)), number, row, id,
						  conditions, context);
	}
}

/* Move what was counted of events into the stats. */
static void
quality_finish(QualityVisit *visit, const Population *population)
{
	const TextSlice no_name = {NULL, 0};
	QualityStats *stats = visit->stats;
	uint32		i;

	for (i = 0; i < visit->nevents; i++)
	{
		const TextSlice name = population_node(population, i);
		QualityGroup *counted = &visit->events[i];
		QualityGroup *group;
		TextSlice	kept;

		if (counted->rows == 0)
			continue;
		group = quality_stats_event(stats, slice_equal(name, no_event) ? no_name : name);
		kept = group->event;
		*group = *counted;
		group->event = kept;
		if (counted->counts.pages != NULL)
			group->lateness = duration_counts_histogram(&counted->counts, stats->context);
	}
	for (i = 0; i < stats->nbuckets; i++)
		if (stats->buckets[i].counts.pages != NULL)
			stats->buckets[i].lateness = duration_counts_histogram(&stats->buckets[i].counts, stats->context);
}

static Datum
quality_final_users(PG_FUNCTION_ARGS)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const QualityParams *params = population->params;
	QualityVisit *visit = palloc0(sizeof(QualityVisit));
	QualityStats *stats = stats_new(&quality_stats_type, CurrentMemoryContext);

	if (population->holds != (POPULATION_NODES | POPULATION_VALUES) || population->nsteps != NCONDITIONS)
		serialized_refuse();	/* no transition makes it so */
	stats->unit = params->calendar->unit;
	stats->zone = pg_get_timezone_name(params->calendar->zone);
	stats->ahead = params->ahead;
	stats->newest = population->newest;
	visit->stats = stats;
	visit->calendar = params->calendar;
	visit->seeds[0] = user_slot_factor();
	visit->seeds[1] = spread(user_slot_factor()) | 1;
	visit->nevents = population->nodes->n;
	visit->events = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) visit->nevents + 1) * sizeof(QualityGroup),
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	population_visit(population, quality_visit_user, visit);
	quality_finish(visit, population);
	if (stats->nevents == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(stats_pack(&quality_stats_type, stats));
}

/*
 * quality_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_quality_final, quality_final_users(fcinfo),.type = &quality_stats_type)
