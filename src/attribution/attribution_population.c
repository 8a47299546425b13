/*-------------------------------------------------------------------------
 *
 * attribution_population.c
 *		Rows of attribution and its relative, which look at all users of a
 *		population at once (attribution_visit.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "attribution/attribution_visit.h"
#include "catalog/pg_type.h"
#include "port/pg_bswap.h"

POPULATION_SUPPORT(journey_attribution, attribution_params)

/* The columns of a call; is_conversion comes after touch. */
enum
{
	ATTRIBUTION_SEQ,
	ATTRIBUTION_TOUCH,
	ATTRIBUTION_VALUE,
	ATTRIBUTION_PROPERTY
};

/*
 * Find the columns by their types: after user_id and at come, as far as they are
 * given, seq, touch, is_conversion and value, then the property if one is held.
 * Gives back which argument is next.
 */
static int
attribution_find_columns(FunctionCallInfo fcinfo, bool held, uint8 *columns)
{
	int			n = 3;

	if (get_fn_expr_argtype(fcinfo->flinfo, n) == INT8OID)
		columns[ATTRIBUTION_SEQ] = n++;
	columns[ATTRIBUTION_TOUCH] = n;
	n += 2;
	if (get_fn_expr_argtype(fcinfo->flinfo, n) == FLOAT8OID)
		columns[ATTRIBUTION_VALUE] = n++;
	if (held)
		columns[ATTRIBUTION_PROPERTY] = n++;
	if (get_fn_expr_argtype(fcinfo->flinfo, columns[ATTRIBUTION_TOUCH]) != TEXTOID ||
		(get_fn_expr_argtype(fcinfo->flinfo, n) != INTERVALOID &&
		 get_fn_expr_argtype(fcinfo->flinfo, n) != TEXTOID))
		elog(ERROR, "attribution of other arguments than are declared");
	return n;
}

static void
attribution_take_params(FunctionCallInfo fcinfo, bool held)
{
	uint8		columns[POPULATION_COLUMNS] = {0};
	CallParams	given = {0};
	const int	first = attribution_find_columns(fcinfo, held, columns);
	int			which;

	for (which = ATTRIBUTION_PARAM_LOOK_BACK; first + which < PG_NARGS(); which++)
		param_read(&given, &attribution_params, which, fcinfo, first + which);
	given.list[ATTRIBUTION_PARAM_HELD].given = held;
	given.list[ATTRIBUTION_PARAM_HELD].number = held && columns[ATTRIBUTION_VALUE] > 0 ? 1 : 0;
	population_take_params(fcinfo, &attribution_params, &given, (UINT32_C(1) << first) - 2,
						   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
	memcpy(((PopulationCall *) fcinfo->flinfo->fn_extra)->columns, columns, sizeof(columns));
}

/* A value as bytes in the order of numbers. */
static EventValue
attribution_value_arg(FunctionCallInfo fcinfo, int n, uint64 *bytes)
{
	EventValue	value = {NULL, 0};
	double		number;
	uint64		bits;

	if (n == 0 || PG_ARGISNULL(n))
		return value;
	number = PG_GETARG_FLOAT8(n) + 0.0; /* no -0 */
	if (!(fabs(number) <= VALUE_MOST))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value must be from -1e15 to 1e15, not %g", number),
				 errhint("Write NULL for a conversion without a value.")));
	memcpy(&bits, &number, 8);
	bits ^= bits >> 63 != 0 ? ~UINT64_C(0) : UINT64_C(1) << 63;
	*bytes = pg_hton64(bits);
	value.bytes = (const char *) bytes;
	value.length = 8;
	return value;
}

/* The value and the property of a conversion, or only the latter, of a touch. */
static EventValue
attribution_held_arg(FunctionCallInfo fcinfo, EventValue number, int property)
{
	const EventValue held = PG_ARGISNULL(property) ? number : population_value_arg(fcinfo, property);
	EventValue	value = {NULL, 0};
	char	   *bytes;

	if (PG_ARGISNULL(property) && number.bytes == NULL)
		return value;
	value.bytes = bytes = palloc((Size) held.length + 11);
	*bytes++ = number.bytes != NULL;
	if (number.bytes != NULL)
	{
		memcpy(bytes, number.bytes, 8);
		bytes += 8;
	}
	*bytes++ = !PG_ARGISNULL(property);
	if (!PG_ARGISNULL(property))
	{
		memcpy(bytes, held.bytes, held.length);
		bytes += held.length;
	}
	value.length = (uint32) (bytes - value.bytes);
	return value;
}

/* Add a touch or a conversion, whose value is `number`. */
static void
attribution_add(FunctionCallInfo fcinfo, Population *population, PopulationEvent *event, EventValue number,
				int property)
{
	event->value = number;
	if (property > 0)
		event->value = attribution_held_arg(fcinfo, number, property);
	population_add(population, PG_GETARG_DATUM(1), event);
	if (property > 0 && event->value.bytes != NULL)
		pfree(unconstify(char *, event->value.bytes));
}

/* Take one row. */
static pg_attribute_always_inline Datum
attribution_add_row(FunctionCallInfo fcinfo, bool held)
{
	static const EventValue none = {NULL, 0};
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};
	const uint8 *columns;
	const TextSlice no_name = {NODE_NO_NAME, 1};
	TextSlice	name;
	TextSlice	through;
	int			touch;
	bool		converts;
	uint64		bytes;

	if (!population_params_known(fcinfo))
		attribution_take_params(fcinfo, held);
	columns = ((const PopulationCall *) fcinfo->flinfo->fn_extra)->columns;
	touch = columns[ATTRIBUTION_TOUCH];
	converts = !PG_ARGISNULL(touch + 1) && PG_GETARG_BOOL(touch + 1);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, NCONDITIONS,
									  POPULATION_NODES | (columns[ATTRIBUTION_SEQ] > 0 ? POPULATION_SEQ : 0) |
									  (held || columns[ATTRIBUTION_VALUE] > 0 ? POPULATION_VALUES : 0));
	event.seq = population_seq_arg(fcinfo, columns[ATTRIBUTION_SEQ]);
	if (!PG_ARGISNULL(touch))
	{
		text	   *text_name = PG_GETARG_TEXT_PP(touch);

		name.bytes = VARDATA_ANY(text_name);
		name.length = (uint32) VARSIZE_ANY_EXHDR(text_name);
		through = ((const AttributionParams *) population_params(fcinfo))->through;
		if (through.bytes != NULL && slice_equal(name, through))
		{
			event.step = IS_STEP;
			name = no_name;
		}
		else
			event.step = IS_TOUCH;
		event.node = nodes_intern(population->nodes, name);
		attribution_add(fcinfo, population, &event, none, columns[ATTRIBUTION_PROPERTY]);
	}
	if (converts)
	{
		event.step = IS_CONVERSION;
		event.node = nodes_intern(population->nodes, no_name);
		attribution_add(fcinfo, population, &event,
						attribution_value_arg(fcinfo, columns[ATTRIBUTION_VALUE], &bytes),
						columns[ATTRIBUTION_PROPERTY]);
	}
	PG_RETURN_POINTER(population);
}

static Datum
attribution_row(PG_FUNCTION_ARGS)
{
	return attribution_add_row(fcinfo, false);
}

static Datum
attribution_holding_row(PG_FUNCTION_ARGS)
{
	return attribution_add_row(fcinfo, true);
}

/* Take those of n rows that are a touch or a conversion, or must be refused. */
static pg_attribute_always_inline void
attribution_add_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n, PGFunction row)
{
	const PopulationCall *call = fcinfo->flinfo->fn_extra;
	const ScanVector *touches;
	const ScanVector *conversions;
	uint16		rows[SCAN_ROWS_MOST];
	int			nrows = 0;
	int			i;

	if (!population_params_known(fcinfo))
	{
		table_scan_each_row(fcinfo, args, n, row);
		return;
	}
	touches = args[call->columns[ATTRIBUTION_TOUCH]];
	conversions = args[call->columns[ATTRIBUTION_TOUCH] + 1];
	for (i = 0; i < n; i++)
	{
		rows[nrows] = (uint16) i;
		nrows += !touches->has_nulls || !touches->nulls[i] ||
			(DatumGetBool(conversions->values[i]) && (!conversions->has_nulls || !conversions->nulls[i])) ||
			TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(args[2]->values[i]));
	}
	table_scan_some_rows(fcinfo, args, rows, nrows, row);
}

static void
attribution_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	attribution_add_rows(fcinfo, args, n, attribution_row);
}

static void
attribution_holding_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	attribution_add_rows(fcinfo, args, n, attribution_holding_row);
}

/*
 * attribution_transition(state, user_id, at [, seq], touch, is_conversion
 * [, value], look_back [, options [, time_zone]])
 */
POPULATION_TRANSITION_ROWS(journey_attribution_transition, attribution_row, attribution_rows)

/*
 * attribution_holding_constant_transition(state, user_id, at [, seq], touch,
 * is_conversion [, value], property, look_back [, options [, time_zone]])
 */
POPULATION_TRANSITION_ROWS(journey_attribution_holding_constant_transition, attribution_holding_row,
						   attribution_holding_rows)
