/*-------------------------------------------------------------------------
 *
 * unknown_names.c
 *		A notice about names in an aggregate's parameters that no row has.
 *
 * A misspelled name silently gives an empty or wrong result.  A single group
 * of a query may rightly have no row with the name.  So the notice comes
 * once, at the end of the query, if no group had such a row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "aggregate/unknown_names.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "utils/memutils.h"

/* So many names are remembered: parameters may come from a table. */
#define NAMES_MAX 100

typedef struct NotedName
{
	const char *parameter;
	TextSlice	name;
	bool		known;			/* a group had it */
} NotedName;

/* The names that a call site of an aggregate has been given in this query. */
typedef struct NotedNames
{
	MemoryContext context;
	int			n;
	NotedName	names[NAMES_MAX];
} NotedNames;

/* Say that no row has a name. */
void
unknown_names_tell(const char *parameter, TextSlice name)
{
	ereport(NOTICE,
			(errmsg("no row has the node \"%.*s\" (%s)", (int) name.length, name.bytes, parameter),
			 errhint("Names must be the same to the letter, capitals and blanks included.")));
}

/* At the end of the query. */
static void
unknown_names_tell_all(Datum noted)
{
	const NotedNames *names = (const NotedNames *) DatumGetPointer(noted);
	int			i;

	for (i = 0; i < names->n; i++)
		if (!names->names[i].known)
			unknown_names_tell(names->names[i].parameter, names->names[i].name);
}

/*
 * The final function of an aggregate has looked a name up among those of its
 * rows.  `parameter` lasts.  Not in a parallel worker, which may see a part of
 * the groups.
 */
void
unknown_names_note(FunctionCallInfo fcinfo, const char *parameter, TextSlice name, bool known)
{
	NotedNames *names = fcinfo->flinfo->fn_extra;
	NotedName  *noted;
	EState	   *estate;
	char	   *bytes;
	int			i;

	if (fcinfo->resultinfo != NULL && !known)	/* a function that gives rows,
												 * once */
		unknown_names_tell(parameter, name);
	if (IsParallelWorker() || fcinfo->context == NULL || !IsA(fcinfo->context, AggState))
		return;
	for (i = 0; names != NULL && i < names->n; i++)
		if (names->names[i].parameter == parameter && slice_equal(names->names[i].name, name))
		{
			names->names[i].known |= known;
			return;
		}
	estate = ((AggState *) fcinfo->context)->ss.ps.state;
	if (names == NULL)
	{
		names = MemoryContextAllocZero(estate->es_query_cxt, sizeof(NotedNames));
		names->context = estate->es_query_cxt;
		RegisterExprContextCallback(CreateExprContext(estate), unknown_names_tell_all, PointerGetDatum(names));
		fcinfo->flinfo->fn_extra = names;
	}
	if (names->n == NAMES_MAX)
		return;
	bytes = MemoryContextAlloc(names->context, name.length + 1);
	memcpy(bytes, name.bytes, name.length);
	noted = &names->names[names->n++];
	noted->parameter = parameter;
	noted->name.bytes = bytes;
	noted->name.length = name.length;
	noted->known = known;
}
