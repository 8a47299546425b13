/*-------------------------------------------------------------------------
 *
 * expression.c
 *		Is a text one expression?  What add_source is given is put between
 *		parentheses, where "a) AS x, (b" and "t.*" would be something else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_check_expression);

/* Is this the expression of a SELECT that has nothing else? */
static Node *
only_expression(List *statements)
{
	SelectStmt *select;

	if (list_length(statements) != 1 || !IsA(linitial_node(RawStmt, statements)->stmt, SelectStmt))
		return NULL;
	select = (SelectStmt *) linitial_node(RawStmt, statements)->stmt;
	if (select->op != SETOP_NONE || list_length(select->targetList) != 1 ||
		select->distinctClause || select->intoClause || select->fromClause ||
		select->whereClause || select->groupClause || select->havingClause ||
		select->windowClause || select->valuesLists || select->sortClause ||
		select->limitOffset || select->limitCount || select->lockingClause || select->withClause)
		return NULL;
	return linitial_node(ResTarget, select->targetList)->val;
}

/* Does it stand for all columns of something? */
static bool
is_star(Node *expression)
{
	List	   *parts = NIL;

	if (IsA(expression, ColumnRef))
		parts = ((ColumnRef *) expression)->fields;
	else if (IsA(expression, A_Indirection))
		parts = ((A_Indirection *) expression)->indirection;
	return parts != NIL && IsA(llast(parts), A_Star);
}

#define BEFORE "SELECT ("

/* What an expression is, and as which it was given. */
typedef struct Expression
{
	const char *given;
	const char *what;
} Expression;

/* A position in the error is one in the expression, not in the query of the client. */
static void
expression_context(void *arg)
{
	const Expression *expression = arg;
	const int	position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(Max(position - (int) strlen(BEFORE), 1));
		internalerrquery(expression->given);
	}
	errcontext("%s", expression->what);
}

/*
 * check_expression(expression text, what text): the expression
 */
Datum
journey_check_expression(PG_FUNCTION_ARGS)
{
	ErrorContextCallback context;
	Expression	around;
	char	   *given;
	char	   *what;
	Node	   *expression;

	ARG_NOT_NULL(0, "expression");
	ARG_NOT_NULL(1, "what");
	given = text_to_cstring(PG_GETARG_TEXT_PP(0));
	what = text_to_cstring(PG_GETARG_TEXT_PP(1));
	around.given = given;
	around.what = what;
	context.callback = expression_context;
	context.arg = &around;
	context.previous = error_context_stack;
	error_context_stack = &context;
	expression = only_expression(pg_parse_query(psprintf(BEFORE "%s\n)", given)));
	error_context_stack = context.previous;
	if (expression == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s is not one expression: %s", what, given),
				 errhint("Write a column, or an expression over the columns of the relation.")));
	if (is_star(expression))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s stands for several columns: %s", what, given),
				 errhint("Write one column, or an expression over the columns of the relation.")));
	/* it may end with a comment */
	if (strstr(given, "--") != NULL)
		given = psprintf("%s\n", given);
	PG_RETURN_TEXT_P(cstring_to_text(given));
}
