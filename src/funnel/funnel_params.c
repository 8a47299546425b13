/*-------------------------------------------------------------------------
 *
 * funnel_params.c
 *		The parameters of a funnel call: as given, compiled, and as bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/event_buffer.h"
#include "funnel/funnel_params.h"
#include "utils/builtins.h"

/* A text argument that must not be NULL. */
TextSlice
funnel_text_arg(FunctionCallInfo fcinfo, int n, const char *name)
{
	TextSlice	slice;
	text	   *value;

	ARG_NOT_NULL(n, name);
	value = PG_GETARG_TEXT_PP(n);
	slice.bytes = VARDATA_ANY(value);
	slice.length = (uint32) VARSIZE_ANY_EXHDR(value);
	return slice;
}

static inline bool
slice_equal(TextSlice a, TextSlice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool
funnel_args_equal(const FunnelArgs *a, const FunnelArgs *b)
{
	return a->within == b->within && a->breakdown_step == b->breakdown_step &&
		slice_equal(a->mode, b->mode) && slice_equal(a->unit, b->unit) &&
		slice_equal(a->zone, b->zone);
}

static char *
slice_text(TextSlice slice)
{
	return slice.length > 0 ? pnstrdup(slice.bytes, slice.length) : pstrdup("");
}

/* Say which of the parameters differs. */
static void
refuse_changed(const FunnelArgs *before, const FunnelArgs *now)
{
	if (before->within != now->within)
		arg_refuse_changed("within", duration_text(before->within), duration_text(now->within));
	if (before->breakdown_step != now->breakdown_step)
		arg_refuse_changed("breakdown_step", psprintf("%d", before->breakdown_step),
						   psprintf("%d", now->breakdown_step));
	if (!slice_equal(before->mode, now->mode))
		arg_refuse_changed("mode", slice_text(before->mode), slice_text(now->mode));
	if (!slice_equal(before->unit, now->unit))
		arg_refuse_changed("unit", slice_text(before->unit), slice_text(now->unit));
	arg_refuse_changed("time_zone", slice_text(before->zone), slice_text(now->zone));
}

/* Read the modes, or say what is wrong with them. */
static uint32
read_modes(TextSlice mode)
{
	uint32		modes;
	size_t		bad;
	size_t		bad_length;

	switch (funnel_parse_modes(mode.bytes, mode.length, &modes, &bad, &bad_length))
	{
		case FUNNEL_MODES_OK:
			break;
		case FUNNEL_MODE_UNKNOWN:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("mode \"%s\" does not exist", pnstrdup(mode.bytes + bad, bad_length)),
					 errhint("The modes are %s; several are separated by commas.",
							 FUNNEL_MODE_NAMES)));
			break;
		case FUNNEL_REENTRY_ALONE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("mode \"%s\" has allow_reentry without strict_order",
							slice_text(mode)),
					 errhint("Write 'strict_order, allow_reentry'.")));
			break;
		case FUNNEL_ANY_ORDER_COMBINED:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("mode \"%s\" combines any_order with another mode",
							slice_text(mode)),
					 errhint("Write 'any_order' alone.")));
			break;
	}
	return modes;
}

/* Work out the parameters; errors say what is wrong with them. */
static void
compile(const FunnelArgs *args, FunnelParams *params)
{
	params->args = *args;
	params->spec.within = args->within;
	params->spec.modes = read_modes(args->mode);
	if (args->unit.length > 0)
	{
		params->unit = calendar_unit(args->unit.bytes, args->unit.length);
		(void) calendar_zone(args->zone.bytes, args->zone.length);
		if (params->spec.modes & FUNNEL_ANY_ORDER)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("mode any_order does not go with a trend"),
					 errdetail("A trend counts by the time of step 1, and in any_order no step is the first."),
					 errhint("Leave the mode out.")));
	}
}

static TextSlice
keep_slice(char **bytes, TextSlice slice)
{
	TextSlice	kept = {*bytes, slice.length};

	if (slice.length > 0)
		memcpy(*bytes, slice.bytes, slice.length);
	*bytes += slice.length;
	return kept;
}

static const FunnelParams *
keep_params(MemoryContext context, const FunnelParams *params)
{
	FunnelParams *kept = MemoryContextAlloc(context, sizeof(FunnelParams) +
											params->args.mode.length +
											params->args.unit.length + params->args.zone.length);
	char	   *bytes = (char *) (kept + 1);

	*kept = *params;
	kept->args.mode = keep_slice(&bytes, params->args.mode);
	kept->args.unit = keep_slice(&bytes, params->args.unit);
	kept->args.zone = keep_slice(&bytes, params->args.zone);
	return kept;
}

/*
 * Take the parameters that a row gives into site->params.  They hardly ever
 * differ from those of the row before; where they do, the parameters of the
 * row's group, `group`, must be the same, or NULL for its first row.  With
 * keep = false they are only checked.
 */
void
funnel_params_of_row(FunctionCallInfo fcinfo, FunnelSite *site, uint32 data_args,
					 const FunnelParams *group, const FunnelArgs *args, bool keep)
{
	FunnelParams params;

	if (group != NULL)
		site->params = group;
	if (likely(site->params != NULL && funnel_args_equal(&site->params->args, args)))
		return;
	compile(args, &params);
	if (group != NULL)
		refuse_changed(&group->args, args);
	if (keep)
	{
		site->params = keep_params(fcinfo->flinfo->fn_mcxt, &params);
		site->constant = arg_parameters_are_constant(fcinfo, data_args);
	}
}

/*
 * The parameters of two states that are joined, `group` being NULL when there
 * is only the other one, whose memory may not last.
 */
const FunnelParams *
funnel_params_joined(MemoryContext context, const FunnelParams *last,
					 const FunnelParams *group, const FunnelParams *other)
{
	if (group != NULL)
	{
		if (!funnel_args_equal(&group->args, &other->args))
			refuse_changed(&group->args, &other->args);
		return group;
	}
	if (last != NULL && funnel_args_equal(&last->args, &other->args))
		return last;
	return keep_params(context, other);
}

/* The parameters as bytes: numbers, then texts with their lengths. */
size_t
funnel_params_size(const FunnelParams *params)
{
	const FunnelArgs *args = &params->args;

	return number_size((uint64) args->within) + number_size((uint64) args->breakdown_step) +
		number_size(args->mode.length) + args->mode.length +
		number_size(args->unit.length) + args->unit.length +
		number_size(args->zone.length) + args->zone.length;
}

static void
write_slice(ByteWriter *out, TextSlice slice)
{
	write_number(out, slice.length);
	write_bytes(out, slice.bytes, slice.length);
}

static TextSlice
read_slice(ByteReader *in)
{
	uint64		length = read_number(in);
	const char *bytes = (const char *) read_bytes(in, length);
	TextSlice	slice = {bytes, bytes == NULL ? 0 : (uint32) length};

	return slice;
}

void
funnel_params_encode(const FunnelParams *params, ByteWriter *out)
{
	write_number(out, (uint64) params->args.within);
	write_number(out, (uint64) params->args.breakdown_step);
	write_slice(out, params->args.mode);
	write_slice(out, params->args.unit);
	write_slice(out, params->args.zone);
}

/* The parameters that were encoded; bytes that are none are an error. */
const FunnelParams *
funnel_params_decode(MemoryContext context, const FunnelParams *last, ByteReader *in)
{
	FunnelArgs	args;
	FunnelParams params;
	uint64		within = read_number(in);
	uint64		breakdown_step = read_number(in);

	args.within = (int64) within;
	args.breakdown_step = (int32) breakdown_step;
	args.mode = read_slice(in);
	args.unit = read_slice(in);
	args.zone = read_slice(in);
	if (in->failed || bytes_left(in) != 0 || within > (uint64) DURATION_MAX ||
		breakdown_step > STEPSET_MAX)
		serialized_refuse();
	if (last != NULL && funnel_args_equal(&last->args, &args))
		return last;
	compile(&args, &params);
	return keep_params(context, &params);
}
