/*-------------------------------------------------------------------------
 *
 * params.c
 *		The parameters of an aggregate call: as given, as parsed, and as
 *		bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/params.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "utils/builtins.h"

/* A time that is given as text, as by a parameter without a type. */
static int64
param_time(Datum value)
{
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
												   CStringGetDatum(TextDatumGetCString(value)),
												   ObjectIdGetDatum(InvalidOid),
												   Int32GetDatum(-1)));
}

/* A duration that is given as text, where a literal could be of several types. */
static Interval *
param_interval(Datum value)
{
	return DatumGetIntervalP(DirectFunctionCall3(interval_in,
												 CStringGetDatum(TextDatumGetCString(value)),
												 ObjectIdGetDatum(InvalidOid),
												 Int32GetDatum(-1)));
}

/* Read argument n as parameter `which` of a room. */
void
param_read(CallParams *params, const ParamsRoom *room, int which, FunctionCallInfo fcinfo, int n)
{
	const ParamSpec *spec = &room->specs[which];
	CallParam  *param = &params->list[which];

	if (PG_ARGISNULL(n))
	{
		if (!spec->nullable)
			arg_refuse_null(spec->name);
		return;
	}
	param->given = true;
	switch (spec->kind)
	{
		case PARAM_DURATION:
			param->number = arg_duration(get_fn_expr_argtype(fcinfo->flinfo, n) == TEXTOID ?
										 param_interval(PG_GETARG_DATUM(n)) : PG_GETARG_INTERVAL_P(n),
										 spec->name);
			break;
		case PARAM_INTEGER:
			param->number = PG_GETARG_INT32(n);
			break;
		case PARAM_TIME:
			param->number = get_fn_expr_argtype(fcinfo->flinfo, n) == TEXTOID ?
				param_time(PG_GETARG_DATUM(n)) : PG_GETARG_TIMESTAMPTZ(n);
			if (TIMESTAMP_NOT_FINITE(param->number))
				ereport(ERROR,
						(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						 errmsg("%s must be a finite time, not %s", spec->name,
								TIMESTAMP_IS_NOBEGIN(param->number) ? "-infinity" : "infinity"),
						 spec->nullable ? errhint("Leave %s out, or write NULL, for no limit.", spec->name) : 0));
			break;
		case PARAM_TEXT:
			{
				text	   *value = PG_GETARG_TEXT_PP(n);

				param->text.bytes = VARDATA_ANY(value);
				param->text.length = (uint32) VARSIZE_ANY_EXHDR(value);
				break;
			}
	}
}

static inline bool
param_equal(const CallParam *a, const CallParam *b)
{
	return a->given == b->given && a->number == b->number && slice_equal(a->text, b->text);
}

static bool
params_equal(const ParamsRoom *room, const CallParams *a, const CallParams *b)
{
	int			i;

	for (i = 0; i < room->n; i++)
		if (!param_equal(&a->list[i], &b->list[i]))
			return false;
	return true;
}

/* A parameter as text. */
static char *
param_text(const ParamSpec *spec, const CallParam *param)
{
	if (!param->given)
		return pstrdup(spec->nullable ? "NULL" : "");
	if (spec->kind == PARAM_DURATION)
		return duration_text(param->number);
	if (spec->kind == PARAM_TIME)
		return pstrdup(timestamptz_to_str(param->number));
	if (spec->kind == PARAM_INTEGER)
		return psprintf(INT64_FORMAT, param->number);
	return pnstrdup(param->text.length > 0 ? param->text.bytes : "", param->text.length);
}

/* Say which of the parameters differs. */
static void
params_refuse_changed(const ParamsRoom *room, const CallParams *before, const CallParams *now)
{
	int			i;

	for (i = 0; i < room->n; i++)
		if (!param_equal(&before->list[i], &now->list[i]))
			arg_refuse_changed(room->specs[i].name,
							   param_text(&room->specs[i], &before->list[i]),
							   param_text(&room->specs[i], &now->list[i]));
}

/* Keep parameters in `context` and work them out. */
static const void *
params_keep(MemoryContext context, const ParamsRoom *room, const CallParams *given)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	CallParams *kept = palloc0(room->size);
	int			i;

	memcpy(kept, given, sizeof(CallParams));
	for (i = 0; i < room->n; i++)
	{
		CallParam  *param = &kept->list[i];

		if (param->given && room->specs[i].kind == PARAM_TEXT)
			param->text.bytes = param->text.length == 0 ? "" :
				pnstrdup(param->text.bytes, param->text.length);
	}
	room->compile(kept);
	MemoryContextSwitchTo(old);
	return kept;
}

/*
 * Take the parameters that a row gives into site->params.  They rarely differ
 * from those of the row before.  If they do, they must equal the parameters
 * of the row's group, `group` (NULL for its first row).  With keep = false
 * they are only checked.
 */
void
params_of_row(FunctionCallInfo fcinfo, ParamsSite *site, const ParamsRoom *room,
			  uint32 data_args, const void *group, const CallParams *given, bool keep)
{
	if (group != NULL)
		site->params = group;
	if (likely(site->params != NULL && params_equal(room, site->params, given)))
		return;
	/* errors in what is given come first */
	(void) params_keep(CurrentMemoryContext, room, given);
	if (group != NULL)
		params_refuse_changed(room, group, given);
	if (keep)
	{
		site->params = params_keep(fcinfo->flinfo->fn_mcxt, room, given);
		site->constant = arg_parameters_are_constant(fcinfo, data_args);
	}
}

/*
 * The parameters of two states that are combined. `group` is NULL if there is
 * only the other state, whose memory may be freed.
 */
const void *
params_joined(MemoryContext context, const ParamsRoom *room, const void *last,
			  const void *group, const void *other)
{
	if (group != NULL)
	{
		params_refuse_changed(room, group, other);
		return group;
	}
	if (last != NULL && params_equal(room, last, other))
		return last;
	return params_keep(context, room, other);
}

/*
 * The parameters as bytes: for each whether it is given, and if so the number,
 * or the length of the text and its bytes.
 */
size_t
params_size(const ParamsRoom *room, const void *params)
{
	const CallParams *given = params;
	size_t		size = 0;
	int			i;

	for (i = 0; i < room->n; i++)
	{
		const CallParam *param = &given->list[i];

		size += 1;
		if (!param->given)
			continue;
		if (room->specs[i].kind == PARAM_TEXT)
			size += number_size(param->text.length) + param->text.length;
		else
			size += number_size(fold_sign(param->number));
	}
	return size;
}

void
params_encode(const ParamsRoom *room, const void *params, ByteWriter *out)
{
	const CallParams *given = params;
	int			i;

	for (i = 0; i < room->n; i++)
	{
		const CallParam *param = &given->list[i];

		write_number(out, param->given);
		if (!param->given)
			continue;
		if (room->specs[i].kind == PARAM_TEXT)
		{
			write_number(out, param->text.length);
			write_bytes(out, param->text.bytes, param->text.length);
		}
		else
			write_number(out, fold_sign(param->number));
	}
}

/* The parameters that were encoded; invalid bytes are an error. */
const void *
params_decode(MemoryContext context, const ParamsRoom *room, const void *last, ByteReader *in)
{
	CallParams	given = {0};
	int			i;

	for (i = 0; i < room->n; i++)
	{
		CallParam  *param = &given.list[i];
		uint64		marked = read_number(in);

		if (marked > 1)
			serialized_refuse();
		param->given = marked == 1;
		if (!param->given)
			continue;
		if (room->specs[i].kind == PARAM_TEXT)
		{
			uint64		length = read_number(in);

			param->text.bytes = (const char *) read_bytes(in, length);
			param->text.length = in->failed ? 0 : (uint32) length;
		}
		else
			param->number = unfold_sign(read_number(in));
		if (in->failed ||
			(room->specs[i].kind == PARAM_DURATION &&
			 (param->number < 0 || param->number > DURATION_MAX)) ||
			(room->specs[i].kind == PARAM_TIME && !event_time_is_valid(param->number)) ||
			(room->specs[i].kind == PARAM_INTEGER &&
			 (param->number < PG_INT32_MIN || param->number > PG_INT32_MAX)))
			serialized_refuse();
	}
	if (in->failed || bytes_left(in) != 0)
		serialized_refuse();
	if (last != NULL && params_equal(room, last, &given))
		return last;
	return params_keep(context, room, &given);
}
