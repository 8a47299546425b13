/*-------------------------------------------------------------------------
 *
 * path_params.c
 *		The parameters of the path aggregates.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "path/path_params.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#define OPTIONS_HINT \
	"The options are collapse, every, top N, ignore NODE and, of path_members, exits, separated by commas; a node with a comma goes in double quotes."

/* The node after ignore: all that is left of the option, or in double quotes. */
static TextSlice
path_read_node(TextSlice *option, TextSlice options)
{
	TextSlice	node = *option;

	if (node.length == 0)
		options_refuse(options, "lack the node after ignore", OPTIONS_HINT);
	if (node.bytes[0] == '"')
	{
		if (!option_unquote(option, palloc(node.length), &node))
			options_refuse(options, "lack a closing double quote", OPTIONS_HINT);
	}
	else
		option->length = 0;
	return node;
}

static void
path_read_options(PathParams *params, TextSlice options)
{
	const char *at = options.bytes;
	TextSlice	option;

	params->ignored = palloc((options.length / 2 + 1) * sizeof(TextSlice));
	while (options_next(&at, options.bytes + options.length, &option))
	{
		if (option_accept(&option, "collapse"))
			params->spec.collapse = true;
		else if (option_accept(&option, "every"))
			params->spec.every = true;
		else if (option_accept(&option, "exits"))
			params->exits = true;
		else if (option_accept(&option, "top"))
		{
			if (!option_number(&option, 1000000000, &params->top))
				options_refuse(options, "lack the number of nodes after top", OPTIONS_HINT);
		}
		else if (option_accept(&option, "ignore"))
			params->ignored[params->nignored++] = path_read_node(&option, options);
		else
			options_refuse(options, "are not understood", OPTIONS_HINT);
		if (option.length > 0)
			options_refuse(options, "lack a comma", OPTIONS_HINT);
	}
	options_refuse_comma(options);
}

/* Read the argument path, an array of nodes, as text. */
void
path_read_nodes(CallParams *given, FunctionCallInfo fcinfo, int n)
{
	CallParam  *param = &given->list[PATH_NODES];
	const char *text;

	ARG_NOT_NULL(n, "path");
	text = OidOutputFunctionCall(F_ARRAY_OUT, PG_GETARG_DATUM(n));
	param->given = true;
	param->text.bytes = text;
	param->text.length = (uint32) strlen(text);
}

/* The names of its nodes, at most PATH_DEPTH_MAX; gives back how many. */
int
path_parse_nodes(const PathParams *params, TextSlice *nodes)
{
	const TextSlice path = params->given.list[PATH_NODES].text;
	ArrayType  *array;
	Datum	   *items;
	int			n;
	int			i;

	array = DatumGetArrayTypeP(OidInputFunctionCall(F_ARRAY_IN, pnstrdup(path.bytes, path.length),
													TEXTOID, -1));
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] > params->spec.depth || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("path must be an array of 1 to %d nodes without NULL, not %s",
						params->spec.depth, pnstrdup(path.bytes, path.length)),
				 errhint("Write a path of top_paths() with the same depth, for example ARRAY['home', 'fund'].")));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &items, NULL, &n);
	for (i = 0; i < n; i++)
	{
		nodes[i].bytes = VARDATA_ANY(DatumGetPointer(items[i]));
		nodes[i].length = (uint32) VARSIZE_ANY_EXHDR(DatumGetPointer(items[i]));
	}
	return n;
}

static void
path_compile(void *kept)
{
	PathParams *params = kept;
	const CallParam *list = params->given.list;
	const bool	positions = list[PATH_DEPTH].given;

	params->spec.gap = list[PATH_GAP].given ? list[PATH_GAP].number : PATH_WHOLE;
	params->spec.depth = PATH_DEPTH_MAX;
	if (positions)
	{
		if (list[PATH_DEPTH].number < 1 || list[PATH_DEPTH].number > PATH_DEPTH_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("depth must be 1 to %d, not %d", PATH_DEPTH_MAX,
							(int) list[PATH_DEPTH].number),
					 errhint("It is the number of nodes of a path.")));
		params->spec.depth = (int) list[PATH_DEPTH].number;
	}
	params->spec.from_start = list[PATH_START].given;
	params->spec.to_end = list[PATH_END].given;
	if (list[PATH_OPTIONS].given)
		path_read_options(params, list[PATH_OPTIONS].text);

	if (params->top > 0 && (!positions || list[PATH_N].given || list[PATH_NODES].given))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option top does not go with transitions, top_paths or top_path_members"),
				 errhint("Leave it out, or ORDER BY and LIMIT the rows.")));
	if (params->spec.every && !params->spec.from_start && !params->spec.to_end)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option every needs a start_node or an end_node"),
				 errdetail("It makes a path of each occurrence of that node, not of the first in a session alone.")));
	if (list[PATH_N].given && (list[PATH_N].number < 1 || list[PATH_N].number > 1000000))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be 1 to 1000000, not %d", (int) list[PATH_N].number),
				 errhint("It is the number of paths to list.")));
	if (params->exits && (!list[PATH_POSITION].given || list[PATH_TARGET].given))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option exits is for path_members with a NULL target"),
				 errhint("It lists the users whose paths end at the source.")));
	if (list[PATH_NODES].given)
	{
		TextSlice	nodes[PATH_DEPTH_MAX];

		(void) path_parse_nodes(params, nodes);
	}
	if (list[PATH_POSITION].given)
	{
		int64		position = list[PATH_POSITION].number;
		bool		backward = params->spec.to_end && !params->spec.from_start;
		int			after = list[PATH_TARGET].given ? 1 : 0;

		if (backward ? position > -1 - after || position < -params->spec.depth :
			position < 1 || position > params->spec.depth - after)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("no %s of these paths has position %d", after > 0 ? "link" : "node", (int) position),
					 after > 0 ? errhint("Positions of links are 1 to depth - 1; with an end_node alone, -depth to -2.") :
					 errhint("Positions of nodes are 1 to depth; with an end_node alone, -depth to -1.")));
	}
}

static const ParamSpec path_specs[] = {
	[PATH_GAP] = {"gap", PARAM_DURATION, true},
	[PATH_DEPTH] = {"depth", PARAM_INTEGER, false},
	[PATH_START] = {"start_node", PARAM_TEXT, true},
	[PATH_END] = {"end_node", PARAM_TEXT, true},
	[PATH_OPTIONS] = {"options", PARAM_TEXT, true},
	[PATH_N] = {"n", PARAM_INTEGER, false},
	[PATH_CONVERSION_NODE] = {"conversion_node", PARAM_TEXT, true},
	[PATH_POSITION] = {"position", PARAM_INTEGER, false},
	[PATH_SOURCE] = {"source", PARAM_TEXT, false},
	[PATH_TARGET] = {"target", PARAM_TEXT, true},
	[PATH_NODES] = {"path", PARAM_TEXT, false}
};

const ParamsRoom path_params = {sizeof(PathParams), lengthof(path_specs), path_specs, path_compile, false};
