/*-------------------------------------------------------------------------
 *
 * generate.c
 *		Random queries of the kinds that the table scan takes on, and of
 *		those next to them that it must leave alone.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>

#include "query.h"

/* The columns that an expression may use. */
typedef struct Scope
{
	Column		columns[MOST_COLUMNS];
	int			n;
	const char *row;			/* the name of the row, if it is a table's */
	bool		places;			/* do rows have a place in a table? */
	const struct Scope *outer;	/* around a subquery */
} Scope;

/* What is known of the query at hand. */
static struct
{
	bool		fail;			/* may expressions fail? */
	bool		effects;		/* may they have effects? */
	bool		params;			/* may they have parameters? */
	int			nfail;			/* how many do fail */
	bool		any_effect;
	bool		unordered;		/* does the answer depend on the order of the
								 * rows? */
	bool		shuffled;		/* do rows come in any order, as of a join? */
	bool		joined;			/* is a subquery joined, in a way that costs
								 * decide? */
	int			nsubqueries;
	int			names;			/* given to subqueries */
}			now;

static Node *expression(Type type, int depth, const Scope *scope);
static Node *condition(int depth, const Scope *scope);

/* ---- leaves ------------------------------------------------------------------ */

/* A column of a type; NULL if there is none. */
static Node *
column(Type type, const Scope *scope)
{
	int			found[MOST_COLUMNS];
	int			n = 0;
	int			i;

	if (scope->places && type == TEXT && percent(3))
		return node(type, keep("%s.ctid::text", scope->row), NULL);
	if (scope->places && type == OID && percent(20))
		return node(type, keep("%s.tableoid", scope->row), NULL);
	for (i = 0; i < scope->n; i++)
		if (scope->columns[i].type == type)
			found[n++] = i;
	if (n == 0)
		return NULL;
	return node(type, scope->columns[found[chance((uint32_t) n)]].name, NULL);
}

/* Is there min() of a type? */
static bool
has_least(Type type)
{
	return types[type].ordered && type != BOOL && type != CHR && type != USERS && type != STEPS &&
		type != STEPS3 && type != NOCASE;
}

/* A column of the small table; NULL if it has none of a type. */
static Node *
column_of_few(Type type)
{
	int			i;

	for (i = 0; i < ntable_columns; i++)
		if (table_columns[i].type == type)
			return node(type, table_columns[i].name, NULL);
	return NULL;
}

/* A constant, whose value comes in one of many ways. */
static Node *
constant(Type type, const Scope *scope)
{
	const char *value = some_value(type);
	Node	   *of;

	switch (chance(24))
	{
		case 0:
		case 1:
		case 2:
		case 3:
			if (now.params)
				return param(type, value, percent(20) ? "NULL" : some_value(type));
			break;
		case 4:
			return node(type, "(SELECT @1)", node(type, value, NULL), NULL);
		case 5:
			return node(type, "(SELECT @1 OFFSET 0)", node(type, value, NULL), NULL);
		case 6:
			return node(type, "imm(@1)", node(type, value, NULL), NULL);
		case 7:
			return node(type, percent(50) ? "sta(@1)" : "sqlimm(@1)", node(type, value, NULL), NULL);
		case 8:
			if (has_least(type) && (of = column_of_few(type)) != NULL)
				return node(type, percent(50) ? "(SELECT min(@1) FROM few t)" :
							"(SELECT max(@1) FROM few t)", of, NULL);
			break;
		case 9:
			return node(type, keep("NULL::%s", types[type].name), NULL);
		case 10:
		case 11:
		case 12:
			if (scope->outer != NULL && (of = column(type, scope->outer)) != NULL)
				return of;
			break;
		case 13:
			if (now.effects && type != USERS && percent(30))
			{
				now.any_effect = true;
				return node(type, "note(@1)", node(type, value, NULL), NULL);
			}
			break;
		case 14:
			if (now.params)
				return node(type, "(SELECT @1)", param(type, value, some_value(type)), NULL);
			break;
		case 15:
			if (type == TEXT)
				return node(type, "current_setting('fuzz.name')", NULL);
			if (type == I4)
				return node(type, "current_setting('fuzz.number')::int4", NULL);
			break;
		default:
			break;
	}
	return node(type, value, NULL);
}

/* ---- functions --------------------------------------------------------------- */

#define FAILS 1					/* can raise an error for some values */
#define EFFECT 2				/* has an effect, or sees one */

typedef struct Rule
{
	Type		type;
	int			weight;
	const char *text;
	Type		args[5];
	int			flags;
} Rule;

/* CONSTANT + type: an argument that is one */
#define CONSTANT 100

static const Rule rules[] = {
	{BOOL, 3, "(@1 IS NULL)", {I8}},
	{BOOL, 2, "(@1 IS NOT NULL)", {TEXT}},
	{BOOL, 1, "(@1 IS NULL)", {BOOL}},
	{BOOL, 1, "(@1 IS NOT NULL)", {I4}},
	{BOOL, 1, "(@1 IS NULL)", {USERS}},
	{BOOL, 1, "(@1 IS NOT NULL)", {STEPS}},
	{BOOL, 1, "(@1 IS NULL)", {I4S}},
	{BOOL, 2, "(@1 IS TRUE)", {BOOL}},
	{BOOL, 2, "(@1 IS NOT TRUE)", {BOOL}},
	{BOOL, 1, "(@1 IS NOT FALSE)", {BOOL}},
	{BOOL, 1, "(@1 IS UNKNOWN)", {BOOL}},
	{BOOL, 4, "(NOT @1)", {BOOL}},
	{BOOL, 2, "(@1 BETWEEN @2 AND @3)", {I4, CONSTANT + I4, CONSTANT + I4}},
	{BOOL, 2, "(@1 BETWEEN @2 AND @3)", {I8, CONSTANT + I4, I8}},
	{BOOL, 2, "(@1 BETWEEN @2 AND @3)", {TZ, CONSTANT + TZ, CONSTANT + TZ}},
	{BOOL, 1, "(@1 BETWEEN @2 AND @3)", {F8, CONSTANT + F8, F4}},
	{BOOL, 2, "(@1 IN (@2, @3, @4))", {TEXT, CONSTANT + TEXT, CONSTANT + TEXT, CONSTANT + TEXT}},
	{BOOL, 2, "(@1 IN (@2, @3))", {VCHAR, CONSTANT + TEXT, CONSTANT + VCHAR}},
	{BOOL, 2, "(@1 IN (@2, @3, @4))", {I4, CONSTANT + I4, CONSTANT + I4, CONSTANT + I4}},
	{BOOL, 2, "(@1 IN (@2, @3))", {I8, CONSTANT + I4, CONSTANT + I8}},
	{BOOL, 1, "(@1 NOT IN (@2, @3))", {TEXT, CONSTANT + TEXT, CONSTANT + TEXT}},
	{BOOL, 1, "(@1 NOT IN (@2, @3))", {I2, CONSTANT + I2, CONSTANT + I4}},
	{BOOL, 1, "(@1 IN (@2, @3))", {NOCASE, CONSTANT + TEXT, CONSTANT + TEXT}},
	{BOOL, 1, "(@1 = @2)", {NOCASE, CONSTANT + TEXT}},
	{BOOL, 1, "(@1 <> @2)", {NOCASE, CONSTANT + TEXT}},
	{BOOL, 2, "(@1 = ANY (@2::text[]))", {TEXT, CONSTANT + TEXTS}},
	{BOOL, 1, "(@1 = ANY (@2::text[]))", {TEXT, TEXTS}},
	{BOOL, 1, "(@1 <> ALL (@2::text[]))", {TEXT, CONSTANT + TEXTS}},
	{BOOL, 2, "(@1 = ANY (@2::int4[]))", {I4, CONSTANT + I4S}},
	{BOOL, 1, "(@1 = ANY (@2::int4[]))", {I8, I4S}},
	{BOOL, 1, "(@1 > ALL (@2::int4[]))", {I2, CONSTANT + I4S}},
	{BOOL, 1, "(@1 = ANY ('{view,pay,NULL}'::text[]))", {TEXT}},
	{BOOL, 2, "(@1 LIKE 'v%')", {TEXT}},
	{BOOL, 1, "(@1 ~ '^[a-k]')", {VCHAR}},
	{BOOL, 1, "starts_with(@1, @2)", {TEXT, TEXT}},
	{BOOL, 10, "contains(@1, @2)", {CONSTANT + USERS, I8}},
	{BOOL, 3, "contains(@1, @2)", {CONSTANT + USERS, I4}},
	{BOOL, 2, "contains(@1, @2)", {USERS, I8}},
	{BOOL, 2, "contains((SELECT userset_agg(t.id) FROM few t), @1)", {I8}},
	{BOOL, 1, "(@1 @> @2)", {I4S, CONSTANT + I4S}},
	{BOOL, 1, "(@1 && @2)", {USERS, CONSTANT + USERS}},
	{BOOL, 2, "coalesce(@1, @2)", {BOOL, BOOL}},
	{BOOL, 1, "nullif(@1, @2)", {BOOL, BOOL}},
	{BOOL, 3, "CASE WHEN @1 THEN @2 ELSE @3 END", {BOOL, BOOL, BOOL}},
	{BOOL, 2, "CASE @1 WHEN 1 THEN @2 WHEN 5 THEN @3 ELSE @4 END", {I4, BOOL, BOOL, BOOL}},
	{BOOL, 1, "(@1::int4)::bool", {I4}},
	{BOOL, 1, "((@1, @2) < (@3, @4))", {I4, I8, CONSTANT + I4, I8}},
	{BOOL, 1, "(ROW(@1, @2) = ROW(@3, @4))", {I4, TEXT, I4, TEXT}},
	{BOOL, 1, "(ROW(@1, @2) IS NULL)", {I4, TEXT}},
	{BOOL, 1, "sqland(@1, @2)", {BOOL, BOOL}},
	{BOOL, 1, "(step_of(@1, @2) IS NULL)", {TEXT, CONSTANT + TEXTS}, FAILS},
	{BOOL, 6, "(1 / (@1 - @2) >= 0)", {I8, CONSTANT + I8}, FAILS},
	{BOOL, 3, "(@1 / @2 > 0)", {I4, I4}, FAILS},
	{BOOL, 3, "(@1::int4 > 0)", {TEXT}, FAILS},
	{BOOL, 4, "(@1 IS NULL AND @1 = 1 / (@2 - @3))", {I4, I8, CONSTANT + I8}, FAILS},
	{BOOL, 3, "(@1 IS NULL AND @1 = 1 / (@2 - @3))", {I8, I8, CONSTANT + I4}, FAILS},
	{BOOL, 5, "(step_of(@1, NULL) IS NULL)", {TEXT}, FAILS},
	{BOOL, 2, "(step_of(@1, '{}') IS NULL)", {TEXT}, FAILS},
	{BOOL, 2, "boom(@1)", {BOOL}, FAILS},
	{BOOL, 2, "(steps_at('110', @1, step_of(@2, NULL) IS NULL) = '110')", {BOOL, TEXT}, FAILS},
	{BOOL, 2, "(steps(@1, @2) = '11')", {BOOL, BOOL}},
	{BOOL, 2, "(first_step(@1) = @2)", {STEPS3, CONSTANT + I4}},
	{BOOL, 2, "note(@1)", {BOOL}, EFFECT},
	{BOOL, 2, "(nextval('s') > @1)", {I8}, EFFECT},
	{BOOL, 1, "(nextval('s') % 3 > 0)", {NOTHING}, EFFECT},
	{BOOL, 1, "(set_config('fuzz.log', @1, false) IS NOT NULL)", {TEXT}, EFFECT},
	{BOOL, 2, "(@1 =#= @2)", {I8, I8}, EFFECT},
	{BOOL, 1, "(@1 =#= ANY (array[@2, 3, 5]))", {I8, I8}, EFFECT},
	{BOOL, 1, "(currval('s') > @1)", {I4}, EFFECT},

	{CHR, 1, "coalesce(@1, @2)", {CHR, CHR}},
	{CHR, 1, "@1::\"char\"", {TEXT}},

	{I2, 1, "coalesce(@1, @2)", {I2, I2}},
	{I2, 1, "(@1 % 3::int2)", {I2}},
	{I2, 1, "(@1 & @2)", {I2, I2}},
	{I2, 1, "@1::int2", {I4}, FAILS},

	{I4, 2, "@1::int4", {I2}},
	{I4, 2, "@1::int4", {DOM}},
	{I4, 1, "@1::int4", {BOOL}},
	{I4, 2, "@1::int4", {CHR}},
	{I4, 3, "@1::int4", {OID}},
	{I4, 2, "length(@1)", {TEXT}},
	{I4, 3, "hashtext(@1)", {TEXT}},
	{I4, 1, "hashint8(@1)", {I8}},
	{I4, 1, "first_step(@1)", {STEPS}},
	{I4, 1, "first_step(@1)", {STEPS3}},
	{I4, 2, "coalesce(@1, @2)", {I4, I4}},
	{I4, 1, "nullif(@1, @2)", {I4, CONSTANT + I4}},
	{I4, 1, "greatest(@1, @2)", {I4, I4}},
	{I4, 1, "(@1 % 7)", {I4}},
	{I4, 1, "(@1 & @2)", {I4, I4}},
	{I4, 2, "CASE @1 WHEN 1 THEN @2 WHEN 2 THEN @3 ELSE @4 END", {I4, I4, I4, I4}},
	{I4, 1, "CASE WHEN @1 THEN @2 END", {BOOL, I4}},
	{I4, 1, "CASE @1 WHEN 'view' THEN @2 ELSE @3 END", {TEXT, I4, I4}},
	{I4, 1, "(@1)[@2]", {I4S, I4}},
	{I4, 1, "array_length(@1, 1)", {I4S}},
	{I4, 1, "position(@1 IN @2)", {TEXT, TEXT}},
	{I4, 1, "imm(@1)", {I4}},
	{I4, 1, "strictimm(@1, @2)", {I4, I4}},
	{I4, 2, "(@1 + @2)", {I4, I4}, FAILS},
	{I4, 2, "(100 / @1)", {I4}, FAILS},
	{I4, 1, "@1::int4", {I8}, FAILS},
	{I4, 1, "@1::int4", {TEXT}, FAILS},
	{I4, 2, "strictimm(@1, 1 / (@2 - @3))", {I4, I4, CONSTANT + I4}, FAILS},
	{I4, 2, "note(@1)", {I4}, EFFECT},
	{I4, 1, "snote(@1)", {I4}, EFFECT},
	{I4, 2, "@1::noisy", {I4}, EFFECT},
	{I4, 1, "length(current_setting('fuzz.log'))", {NOTHING}, EFFECT},
	{I4, 1, "strictimm(@1, note(@2))", {I4, I4}, EFFECT},

	{I8, 4, "@1::int8", {I4}},
	{I8, 2, "@1::int8", {I2}},
	{I8, 2, "@1::int8", {OID}},
	{I8, 1, "@1::int8", {DOM}},
	{I8, 1, "(@1 & 255)", {I8}},
	{I8, 1, "(@1 % 10)", {I8}},
	{I8, 1, "coalesce(@1, @2)", {I8, I8}},
	{I8, 1, "CASE @1 WHEN 0 THEN @2 WHEN 1 THEN @3 ELSE @4 END", {I4, I8, I8, I8}},
	{I8, 1, "CASE WHEN @1 THEN @2 ELSE @3 END", {BOOL, I8, I8}},
	{I8, 1, "hashtextextended(@1, 0)", {TEXT}},
	{I8, 1, "cardinality(@1)", {USERS}},
	{I8, 1, "busy(@1)", {I8}},
	{I8, 1, "caught(@1)", {I8}},
	{I8, 2, "(@1 + @2)", {I8, I4}, FAILS},
	{I8, 2, "(12 / (@1 - @2))", {I8, CONSTANT + I8}, FAILS},
	{I8, 2, "nextval('s')", {NOTHING}, EFFECT},
	{I8, 2, "note(@1)", {I8}, EFFECT},
	{I8, 1, "(SELECT note(@1))", {I8}, EFFECT},
	{I8, 1, "(SELECT nextval('s') WHERE @1 > 0)", {I8}, EFFECT},

	{OID, 3, "@1::oid", {I4}},
	{OID, 1, "coalesce(@1, @2)", {OID, OID}},

	{DATE, 2, "@1::date", {TS}},
	{DATE, 2, "@1::date", {TZ}},
	{DATE, 1, "(@1 + 1)", {DATE}},
	{DATE, 1, "coalesce(@1, @2)", {DATE, DATE}},
	{TS, 2, "@1::timestamp", {DATE}},
	{TS, 1, "(@1 AT TIME ZONE 'Asia/Shanghai')", {TZ}},
	{TS, 1, "date_trunc('day', @1)", {TS}},
	{TZ, 1, "@1::timestamptz", {DATE}},
	{TZ, 1, "@1::timestamptz", {TS}},
	{TZ, 1, "(@1 + interval '1 hour')", {TZ}},
	{TZ, 1, "greatest(@1, @2)", {TZ, TZ}},

	{F4, 1, "coalesce(@1, @2)", {F4, F4}},
	{F4, 1, "(- @1)", {F4}},
	{F4, 1, "@1::float4", {I4}},
	{F8, 2, "@1::float8", {I4}},
	{F8, 2, "@1::float8", {I8}},
	{F8, 1, "@1::float8", {I2}},
	{F8, 2, "@1::float8", {F4}},
	{F8, 1, "(- @1)", {F8}},
	{F8, 1, "(@1 * 0.5)", {F8}},
	{F8, 1, "nullif(@1, @2)", {F8, F8}},
	{F8, 1, "(1 / @1)", {F8}, FAILS},
	{NUM, 2, "@1::numeric", {I4}},
	{NUM, 1, "(@1 + @2)", {NUM, NUM}},
	{NUM, 1, "round(@1)", {NUM}},
	{NUM, 1, "(1 / @1)", {NUM}, FAILS},

	{OID, 1, "@1::oid", {I8}, FAILS},

	{TEXT, 3, "@1::text", {VCHAR}},
	{TEXT, 1, "@1::text", {BPCHAR}},
	{TEXT, 1, "@1::text", {I4}},
	{TEXT, 1, "@1::text", {ENUM}},
	{TEXT, 1, "@1::text", {DATE}},
	{TEXT, 1, "@1::text", {BOOL}},
	{TEXT, 1, "@1::text", {USERS}},
	{TEXT, 1, "upper(@1)", {TEXT}},
	{TEXT, 1, "lower(@1)", {TEXT}},
	{TEXT, 1, "(@1 || @2)", {TEXT, TEXT}},
	{TEXT, 1, "concat(@1, @2)", {TEXT, I4}},
	{TEXT, 2, "coalesce(@1, @2)", {TEXT, TEXT}},
	{TEXT, 1, "nullif(@1, @2)", {TEXT, TEXT}},
	{TEXT, 1, "left(@1, 3)", {TEXT}},
	{TEXT, 1, "(@1)[1]", {TEXTS}},
	{TEXT, 1, "(@1 COLLATE \"C\")", {TEXT}},
	{TEXT, 1, "CASE @1 WHEN 1 THEN @2 WHEN 7 THEN @3 ELSE @4 END", {I4, TEXT, TEXT, TEXT}},
	{TEXT, 1, "CASE WHEN @1 THEN @2 ELSE @3 END", {BOOL, TEXT, TEXT}},
	{TEXT, 1, "md5(@1)", {TEXT}},
	{TEXT, 2, "note(@1)", {TEXT}, EFFECT},
	{TEXT, 2, "current_setting('fuzz.log')", {NOTHING}, EFFECT},
	{TEXT, 1, "set_config('fuzz.log', @1, false)", {TEXT}, EFFECT},
	{VCHAR, 1, "@1::varchar", {TEXT}},
	{VCHAR, 1, "coalesce(@1, @2)", {VCHAR, VCHAR}},
	{BPCHAR, 1, "@1::char(5)", {TEXT}},
	{BYTEA, 1, "convert_to(@1, 'UTF8')", {TEXT}},
	{ENUM, 1, "coalesce(@1, @2)", {ENUM, ENUM}},
	{ENUM, 1, "@1::mood", {TEXT}, FAILS},
	{DOM, 1, "@1::small", {I4}},
	{UUID, 1, "coalesce(@1, @2)", {UUID, UUID}},
	{I4S, 1, "array[@1, @2]", {I4, I4}},
	{I4S, 1, "(@1 || @2)", {I4S, I4}},
	{TEXTS, 1, "array[@1, @2]", {TEXT, TEXT}},
	{SPAN, 1, "coalesce(@1, @2)", {SPAN, SPAN}},
	{MAC, 1, "coalesce(@1, @2)", {MAC, MAC}},
	{TEXT, 1, "@1::text", {NAME}},
	{NAME, 1, "@1::name", {TEXT}},
	{NOCASE, 1, "coalesce(@1, @2)", {NOCASE, NOCASE}},

	{STEPS, 6, "step_of(@1, '{view,pay}')", {TEXT}},
	{STEPS3, 4, "step_of(@1, '{view,cart,pay}')", {TEXT}},
	{STEPS, 1, "step_of(@1, '{支付,view}')", {VCHAR}},
	{STEPS, 4, "steps(@1, @2)", {BOOL, BOOL}},
	{STEPS3, 4, "steps(@1, @2, @3)", {BOOL, BOOL, BOOL}},
	{STEPS, 1, "steps(VARIADIC array[@1, @2])", {BOOL, BOOL}},
	{STEPS, 2, "steps_at('11', @1, @2)", {BOOL, BOOL}},
	{STEPS3, 2, "steps_at('101', @1, @2)", {BOOL, BOOL}},
	{STEPS3, 1, "CASE @1 WHEN 0 THEN steps_at('110', @2, @3) WHEN 5 THEN steps(@2, @3, @4) ELSE '000'::stepset END", {I4, BOOL, BOOL, BOOL}},
	{STEPS, 1, "CASE @1 WHEN 1 THEN steps_at('10', @2) WHEN 2 THEN steps_at('01', @3) ELSE '00'::stepset END", {I4, BOOL, BOOL}},
	{STEPS, 1, "coalesce(@1, @2)", {STEPS, STEPS}},
	{STEPS, 1, "step_of(@1, @2)", {TEXT, TEXTS}, FAILS},
	{STEPS3, 1, "step_of(@1, @2)", {TEXT, CONSTANT + TEXTS}, FAILS},
	{STEPS, 1, "step_of(@1, NULL)", {TEXT}, FAILS},
	{USERS, 1, "(@1 | @2)", {USERS, CONSTANT + USERS}},
	{USERS, 1, "(@1 & @2)", {USERS, USERS}},
	{USERS, 1, "coalesce(@1, @2)", {USERS, USERS}},
	{USERS, 1, "CASE WHEN @1 THEN @2 END", {BOOL, USERS}},
};

#define NRULES ((int) (sizeof(rules) / sizeof(rules[0])))

/* Types that are compared with one another. */
static const Type compared[][2] = {
	{I2, I2}, {I2, I4}, {I2, I8}, {I4, I2}, {I4, I4}, {I4, I4}, {I4, I4}, {I4, I8}, {I8, I2},
	{I8, I4}, {I8, I8}, {I8, I8}, {OID, OID}, {DATE, DATE}, {DATE, TS}, {DATE, TZ}, {TS, DATE},
	{TS, TS}, {TS, TZ}, {TZ, DATE}, {TZ, TS}, {TZ, TZ}, {TZ, TZ}, {F4, F4}, {F4, F8}, {F8, F4},
	{F8, F8}, {F8, F8}, {F8, I4}, {F8, I8}, {F4, I4}, {I8, F8}, {NUM, NUM}, {NUM, I4}, {I8, NUM}, {F8, NUM},
	{TEXT, TEXT}, {TEXT, TEXT}, {TEXT, VCHAR}, {VCHAR, TEXT}, {VCHAR, VCHAR}, {BPCHAR, BPCHAR},
	{BPCHAR, TEXT}, {BYTEA, BYTEA}, {ENUM, ENUM}, {DOM, I4}, {DOM, I8}, {DOM, DOM}, {UUID, UUID},
	{I4S, I4S}, {TEXTS, TEXTS}, {STEPS, STEPS}, {STEPS3, STEPS3}, {BOOL, BOOL}, {CHR, CHR}, {SPAN, SPAN}, {USERS, USERS}, {MAC, MAC}, {NAME, NAME}, {TIMETZ, TIMETZ},
	{I4, OID}
};

static const char *const comparisons[] = {
	"(@1 = @2)", "(@1 = @2)", "(@1 = @2)", "(@1 <> @2)", "(@1 < @2)", "(@1 <= @2)", "(@1 > @2)",
	"(@1 >= @2)", "(@1 IS DISTINCT FROM @2)", "(@1 IS NOT DISTINCT FROM @2)"
};

static Node *
argument(Type type, int depth, const Scope *scope)
{
	if (type >= CONSTANT)
		return constant(type - CONSTANT, scope);
	return expression(type, depth - 1, scope);
}

/* How likely is a rule? With `failing` only those that can fail are. */
static uint32_t
weight_of(const Rule *rule, Type type, bool failing)
{
	if (rule->type != type || ((rule->flags & FAILS) != 0 && !now.fail) ||
		((rule->flags & EFFECT) != 0 && !now.effects) ||
		(failing && (rule->flags & FAILS) == 0))
		return 0;
	return (uint32_t) rule->weight * (rule->flags != 0 ? 2 : 1);
}

/* A call by some rule of a type; NULL if there is none. */
static Node *
by_rule(Type type, int depth, const Scope *scope, bool failing)
{
	uint32_t	weight = 0;
	uint32_t	chosen;
	const Rule *rule = rules;
	Node	   *made;
	int			i;

	for (i = 0; i < NRULES; i++)
		weight += weight_of(&rules[i], type, failing);
	if (weight == 0)
		return NULL;
	chosen = chance(weight);
	for (; chosen >= weight_of(rule, type, failing); rule++)
		chosen -= weight_of(rule, type, failing);
	now.nfail += (rule->flags & FAILS) != 0;
	now.any_effect |= (rule->flags & EFFECT) != 0;
	made = node(type, rule->text, NULL);
	for (i = 0; i < 5 && rule->args[i] != NOTHING; i++)
		with(made, argument(rule->args[i], depth, scope));
	return made;
}

/* A condition that is true of all rows, or of none, which nobody sees. */
static Node *
sure(bool value, const Scope *scope)
{
	int			i;

	for (i = 0; i < scope->n; i++)
		if (strstr(scope->columns[i].name, ".pk") != NULL)
			return node(BOOL, value ? "(@1 > 0)" : "(@1 > 1000)",
						node(I4, scope->columns[i].name, NULL), NULL);
		else if (strstr(scope->columns[i].name, ".at") != NULL && percent(50))
			return node(BOOL, value ? "(@1 >= '2000-01-01')" : "(@1 < '2000-01-01')",
						node(TZ, scope->columns[i].name, NULL), NULL);
	return node(BOOL, keep("(%s IS %sNULL)", scope->columns[0].name, value ? "NOT " : ""), NULL);
}

/* A condition that can fail, but is not come to. */
static Node *
guarded(int depth, const Scope *scope)
{
	static const struct
	{
		const char *text;
		bool		value;		/* of the guard */
	}			guards[] = {
		{"(@1 OR @2)", true},
		{"(@1 AND @2)", false},
		{"(NOT (@1 AND @2))", false},
		{"CASE WHEN @1 THEN true ELSE @2 END", true},
		{"CASE WHEN @1 THEN @2 END", false},
		{"coalesce(@1, @2)", true},
	};
	const uint32_t chosen = chance(sizeof(guards) / sizeof(guards[0]));
	Node	   *guard = sure(guards[chosen].value, scope);

	return node(BOOL, guards[chosen].text, guard, by_rule(BOOL, depth, scope, true), NULL);
}

static Node *
comparison(int depth, const Scope *scope)
{
	const Type *pair = compared[chance(sizeof(compared) / sizeof(compared[0]))];
	const char *text = comparisons[chance(sizeof(comparisons) / sizeof(comparisons[0]))];
	Node	   *left = NULL;
	Node	   *right;
	int			tries;

	/* rather of a type that the table has */
	for (tries = 0; tries < 4 && (left = column(pair[0], scope)) == NULL; tries++)
		pair = compared[chance(sizeof(compared) / sizeof(compared[0]))];
	if (left == NULL || percent(25))
		left = expression(pair[0], depth - 1, scope);
	right = percent(70) ? constant(pair[1], scope) : expression(pair[1], depth - 1, scope);
	return percent(20) ? node(BOOL, text, right, left, NULL) : node(BOOL, text, left, right, NULL);
}

/* ---- subqueries -------------------------------------------------------------- */

static const char *const relations[] = {
	"t1", "t1", "t1", "t2", "t2", "t2", "t3", "pt", "ih", "vw", "ua", "mv", "ONLY ih", "p5", "tt", "sb"
};

static void
table_scope(Scope *scope, const char *row, const Scope *outer)
{
	int			i;

	scope->n = ntable_columns;
	scope->row = row;
	scope->places = false;
	scope->outer = outer;
	for (i = 0; i < ntable_columns; i++)
	{
		scope->columns[i].type = table_columns[i].type;
		scope->columns[i].name = keep("%s.%s", row, table_columns[i].name + 2);
	}
}

/*
 * A condition with a query in it, of the small table.  PostgreSQL may join some
 * of them in an order that it likes; not where that could be seen.
 */
static Node *
subquery_condition(int depth, const Scope *scope)
{
	const char *row = keep("f%d", ++now.names);
	Scope		inner;
	Node	   *of;
	const bool	seen = now.fail || now.effects;

	table_scope(&inner, row, percent(60) ? scope : NULL);
	now.nsubqueries++;
	now.joined = true;
	switch (seen ? 1 + chance(3) : chance(4))
	{
		case 0:
			of = list(NOTHING, " WHERE ", " AND ", "", 0);
			with(of, condition(depth - 1, &inner));
			return node(BOOL, keep("EXISTS (SELECT FROM few %s@1)", row), of, NULL);
		case 1:
			return node(BOOL, keep("(@1 IN (SELECT %s.id FROM few %s WHERE @2)%s)", row, row,
								   seen ? " IS TRUE" : ""),
						expression(I8, depth - 1, scope), condition(depth - 1, &inner), NULL);
		case 2:
			return node(BOOL, keep("(@1 = ANY (SELECT %s.ev FROM few %s)%s)", row, row,
								   seen ? " IS TRUE" : ""),
						expression(TEXT, depth - 1, scope), NULL);
		default:
			return node(BOOL, keep("contains((SELECT userset_agg(%s.id) FROM few %s WHERE @1), @2)",
								   row, row),
						condition(depth - 1, &inner), expression(I8, depth - 1, scope), NULL);
	}
}

/* ---- expressions ------------------------------------------------------------- */

static Node *
connected(int depth, const Scope *scope)
{
	Node	   *made = percent(50) ? list(BOOL, "(", " AND ", ")", 1) : list(BOOL, "(", " OR ", ")", 1);
	int			n = 2 + (int) chance(2);

	while (n-- > 0)
		with(made, condition(depth - 1, scope));
	return made;
}

static Node *
condition(int depth, const Scope *scope)
{
	Node	   *made = NULL;
	const uint32_t kind = chance(100);

	if (depth <= 0)
	{
		if (percent(15) && (made = column(BOOL, scope)) != NULL)
			return made;
		return comparison(0, scope);
	}
	if (kind < 40)
		return comparison(depth, scope);
	if (kind < 62)
		return connected(depth, scope);
	if (kind < 65 && now.nsubqueries < 3)
		return subquery_condition(depth, scope);
	if (kind < 67 && scope->row != NULL)
		return node(BOOL, keep("(%s.* IS %s NULL)", scope->row, percent(50) ? "NOT" : ""), NULL);
	if (now.fail && percent(40))
		return guarded(depth, scope);
	made = by_rule(BOOL, depth, scope, false);
	return made != NULL ? made : comparison(depth, scope);
}

static Node *
expression(Type type, int depth, const Scope *scope)
{
	Node	   *made = NULL;
	const uint32_t kind = chance(100);

	if (type == BOOL && kind < 60)
		return condition(depth, scope);
	if (depth > 0 && kind >= 70)
		made = by_rule(type, depth, scope, false);
	if (made == NULL && kind < 92)
		made = column(type, scope);
	return made != NULL ? made : constant(type, scope);
}

/* ---- aggregates -------------------------------------------------------------- */

#define UNORDERED 4				/* gives what depends on the order of the rows */
#define OURS 8
#define NO_ROWS 16				/* alone, needs no row to be stored by group */
#define SOME_ROWS 32			/* alone, needs just some */

typedef struct Aggregate
{
	int			weight;
	const char *text;
	Type		args[5];
	int			flags;
} Aggregate;

/* ANYONE: whose type tells users apart; TIME: when it was; ANY: of some type */
#define ANYONE 200
#define TIME 201
#define ANY 202
#define ORDERED 203
#define SAME 204				/* as the argument before */

static const Aggregate aggregates[] = {
	{30, "userset_agg(@1@2)", {I8}, OURS},
	{8, "numset_agg(@1, @2@3)", {I8, I2}, OURS},
	{6, "funnel(@1, @2, @3, '1 day'@4)", {ANYONE, TIME, STEPS}, OURS},
	{2, "funnel(@1, @2, @3, '3 days', 'strict_order'@4)", {ANYONE, TIME, STEPS}, OURS},
	{3, "funnel(@1, @2, @3, '2 days'@4)", {ANYONE, TIME, STEPS3}, OURS},
	{3, "funnel_breakdown(@1, @2, @3, '2 days', @4, 1@5)", {ANYONE, TIME, STEPS, TEXT}, OURS},
	{1, "funnel_breakdown(@1, @2, @3, '2 days', @4, 'each_value', 'top 2'@5)", {ANYONE, TIME, STEPS, TEXT}, OURS},
	{2, "funnel_trend(@1, @2, @3, '1 day', 'day'@4)", {ANYONE, TIME, STEPS}, OURS},
	{1, "funnel_trend_breakdown(@1, @2, @3, '1 day', @4, 1, 'day'@5)", {ANYONE, TIME, STEPS, TEXT}, OURS},
	{1, "funnel_trend_breakdown(@1, @2, @3, '1 day', @4, 'each_value', 'week'@5)", {ANYONE, TIME, STEPS, TEXT}, OURS},
	{5, "cohort_retention(@1, @2, @3, @4, 'day', 5@5)", {ANYONE, TIME, BOOL, BOOL}, OURS},
	{2, "cohort_retention_by(@1, @2, @3, @4, @5, 'day', 5@6)", {ANYONE, TIME, BOOL, BOOL, TEXT}, OURS},
	{5, "lifecycle(@1, @2, 'day'@3)", {ANYONE, TIME}, OURS},
	{2, "lifecycle_by(@1, @2, @3, 'day'@4)", {ANYONE, TIME, TEXT}, OURS},
	{2, "event_metrics(@1, @2, @3, 'day'@4)", {ANYONE, TIME, TEXT}, OURS},
	{1, "event_metrics(@1, @2, @3, 'week', 'top 2'@4)", {ANYONE, TIME, TEXT}, OURS},
	{2, "event_metrics(@1, @2, @3, @4, 'day'@5)", {ANYONE, TIME, F8, TEXT}, OURS},
	{1, "distribution(@1, @2, NULL, 'times', 'day'@3)", {ANYONE, TIME}, OURS},
	{1, "distribution(@1, @2, @3, 'sum', 'week'@4)", {ANYONE, TIME, F8}, OURS},
	{1, "week_hours(@1, @2@3)", {ANYONE, TIME}, OURS},
	{1, "log_quality(@1, @2, @3, @4, @5, 'day'@6)", {ANYONE, TIME, TIME, TEXT, TEXT}, OURS},
	{1, "log_quality(@1, @2, @3, @4, @5, 'hour', 'ahead 1 hour'@6)", {ANYONE, TIME, TIME, TEXT, I8}, OURS},
	{1, "frequency_by(@1, @2, @3, 'times', 'each_value'@4)", {ANYONE, TIME, TEXT}, OURS},
	{2, "frequency(@1, @2, 'week'@3)", {ANYONE, TIME}, OURS},
	{5, "sessions(@1, @2, @3, '30 minutes'@4)", {ANYONE, TIME, TEXT}, OURS},
	{2, "sessions_by_channel(@1, @2, @3, @4, '2 hours'@5)", {ANYONE, TIME, TEXT, TEXT}, OURS},
	{1, "sessions_by_channel(@1, @2, @3, @4, '2 hours', 'week', 'top 2'@5)", {ANYONE, TIME, TEXT, TEXT}, OURS},
	{5, "transitions(@1, @2, @3@4)", {ANYONE, TIME, TEXT}, OURS},
	{3, "path_flow(@1, @2, @3, '1 day', 3@4)", {ANYONE, TIME, TEXT}, OURS},
	{2, "top_paths(@1, @2, @3, '1 day', 3, 4@4)", {ANYONE, TIME, TEXT}, OURS},
	{2, "pattern_matches(@1, @2, @3, @4, '(?1).*(?2)'@5)", {I8, TIME, STEPS, TEXT}, OURS},
	{5, "users_matching(@1, @2, @3, '(?1)(?2)'@4)", {I8, TIME, STEPS}, OURS},
	{2, "journey_internal.pattern_users(@1, @2, @3, '[2024-01-01 00:00+00, 2024-02-01 00:00+00) 1,2: (?1)(?2);'@4)", {I8, TIME, STEPS}, OURS},
	{5, "journey_internal.step_users(@1, @2, @3, '1 [2024-01-01 00:00+00, 2024-02-01 00:00+00) 2; 2 [2024-01-02 00:00+00, 2024-01-05 00:00+00) 1'@4)", {I8, TIME, STEPS}, OURS},
	{2, "intervals(@1, @2, @3@4)", {ANYONE, TIME, STEPS}, OURS},
	{2, "attribution(@1, @2, @3, @4, '2 days'@5)", {ANYONE, TIME, TEXT, BOOL}, OURS},
	{1, "attribution(@1, @2, @3, @4, '1 day', 'reset, same day'@5)", {ANYONE, TIME, TEXT, BOOL}, OURS},
	{2, "window_funnel(@1, @2, '1 day'@3)", {TIME, STEPS}, OURS | SOME_ROWS},
	{1, "window_funnel(@1, @2, '1 day', 'strict_once'@3)", {TIME, STEPS}, OURS | SOME_ROWS},
	{2, "sequence_progress(@1, @2, '(?1)(?!2)*(?2)'@3)", {TIME, STEPS}, OURS | SOME_ROWS},
	{2, "sequence_count(@1, @2, '(?1)(?2)'@3)", {TIME, STEPS}, OURS | SOME_ROWS},
	{1, "retention(@1@2)", {STEPS}, OURS | SOME_ROWS | NO_ROWS},
	{2, "journey_internal.users_by_total(@1, @2, 'sum', '>', '3'@3)", {I8, F8}, OURS},
	{2, "union_agg(@1@2)", {USERS}, OURS},
	{1, "xor_agg(@1@2)", {USERS}, OURS},
	{1, "user_path(@1, @2@3)", {TIME, TEXT}, OURS},

	{10, "count(*@1)", {NOTHING}, NO_ROWS},
	{5, "count(@1@2)", {ANY}, NO_ROWS},
	{5, "sum(@1@2)", {I4}, NO_ROWS},
	{3, "sum(@1@2)", {I8}, NO_ROWS},
	{3, "avg(@1@2)", {I4}, NO_ROWS},
	{1, "avg(@1@2)", {I8}, NO_ROWS},
	{2, "sum(@1@2)", {F8}, UNORDERED},
	{2, "sum(@1@2)", {NUM}},
	{5, "min(@1@2)", {ORDERED}, UNORDERED},
	{5, "max(@1@2)", {ORDERED}, UNORDERED},
	{2, "max(@1@2)", {I4}, NO_ROWS},
	{1, "min(@1@2)", {I8}, NO_ROWS},
	{1, "max(@1@2)", {TZ}, NO_ROWS},
	{1, "min(@1@2)", {DATE}, NO_ROWS},
	{1, "bool_or(@1@2)", {BOOL}, NO_ROWS},
	{2, "bool_and(@1@2)", {BOOL}, NO_ROWS},
	{2, "bit_or(@1@2)", {I4}},
	{4, "array_agg(@1@2)", {ANY}, UNORDERED},
	{2, "string_agg(@1, ','@2)", {TEXT}, UNORDERED},
	{2, "array_agg(@1 ORDER BY @2@3)", {I4, SAME}},
	{1, "string_agg(@1, ',' ORDER BY @2@3)", {TEXT, SAME}},
	{2, "count(DISTINCT @1@2)", {ANY}},
	{1, "sum(DISTINCT @1@2)", {I4}},
	{1, "userset_agg(DISTINCT @1@2)", {I8}, OURS},
	{1, "userset_agg(@1 ORDER BY @2@3)", {I8, SAME}, OURS},
	{1, "percentile_disc(0.5) WITHIN GROUP (ORDER BY @1@2)", {I4}},
	{1, "regr_count(@1, @2@3)", {F8, F8}},
	{3, "smax(@1@2)", {I4}},
	{2, "keep(@1@2)", {I4}, UNORDERED},
	{2, "chain(@1@2)", {TEXT}, UNORDERED},
	{3, "vsum(@1@2)", {I4}, UNORDERED | EFFECT},
};

#define NAGGREGATES ((int) (sizeof(aggregates) / sizeof(aggregates[0])))

static Type
anyone(void)
{
	static const Type some[] = {I8, I8, I8, I4, TEXT, UUID, DOM, I2, VCHAR};

	return some[chance(sizeof(some) / sizeof(some[0]))];
}

static Type
any_type(bool ordered)
{
	Type		type;

	do
		type = 1 + chance(NTYPES - 1);
	while (type == USERS || (type == NOCASE && !has_nocase) ||
		   (ordered && !has_least(type)));
	return type;
}

/* The time of an event, mostly the column that gives each its own. */
static Node *
time_of(int depth, const Scope *scope)
{
	int			i;

	for (i = 0; i < scope->n; i++)
		if (strstr(scope->columns[i].name, ".at") != NULL && percent(92))
			return node(TZ, scope->columns[i].name, NULL);
	/* some are infinite, and some are the same */
	now.nfail++;
	now.unordered = true;
	return expression(TZ, depth, scope);
}

/* A call of an aggregate with the flags wanted; its condition and such stand in the last part. */
static Node *
aggregate(int depth, const Scope *scope, int wanted)
{
	const Aggregate *chosen;
	uint32_t	weight = 0;
	uint32_t	at;
	Node	   *made;
	Node	   *tail;
	const char *end;
	Type		type;
	int			i;

#define AGGREGATE_WEIGHT(i) \
	((aggregates[i].flags & wanted) != wanted || \
	 ((aggregates[i].flags & EFFECT) != 0 && !now.effects) ? 0 : (uint32_t) aggregates[i].weight)

	for (i = 0; i < NAGGREGATES; i++)
		weight += AGGREGATE_WEIGHT(i);
	do
	{
		at = chance(weight);
		for (i = 0; at >= AGGREGATE_WEIGHT(i); i++)
			at -= AGGREGATE_WEIGHT(i);
		chosen = &aggregates[i];
	} while (now.shuffled && (chosen->flags & UNORDERED) != 0);
	now.unordered |= (chosen->flags & UNORDERED) != 0;
	now.any_effect |= (chosen->flags & EFFECT) != 0;

	/* the tail follows the arguments, after the bracket */
	end = chosen->text + strlen(chosen->text) - 3;
	made = node(NOTHING, keep("%.*s)%s", (int) (end - chosen->text), chosen->text, end), NULL);
	((char *) made->text)[strlen(made->text) - 1] = '\0';
	for (i = 0; i < 5 && chosen->args[i] != NOTHING; i++)
		switch ((int) chosen->args[i])
		{
			case ANYONE:
				with(made, expression(anyone(), depth, scope));
				break;
			case TIME:
				with(made, time_of(depth, scope));
				break;
			case ANY:
			case ORDERED:
				type = any_type((int) chosen->args[i] == ORDERED);
				with(made, expression(type, depth, scope));
				/* array_agg() refuses arrays of different sizes */
				now.nfail += type == I4S || type == TEXTS;
				break;
			case SAME:
				with(made, made->parts[i - 1]);
				break;
			default:
				with(made, expression(chosen->args[i], depth, scope));
				break;
		}
	tail = list(NOTHING, " FILTER (WHERE ", "", ")", 0);
	if (percent((wanted & SOME_ROWS) != 0 ? 3 : 30))
		with(tail, condition(depth, scope));
	return with(made, tail);
}

/* ---- queries ----------------------------------------------------------------- */

static Node *
where(int depth, const Scope *scope, int most)
{
	Node	   *made = list(NOTHING, " WHERE ", " AND ", "", 0);
	int			n = (int) chance((uint32_t) most + 1);

	while (n-- > 0)
		with(made, condition(depth, scope));
	return made;
}

/* What rows are joined by: a column mostly. */
static Node *
joined_key(Type type, const Scope *scope)
{
	Node	   *key = percent(95) ? column(type, scope) : NULL;

	return key != NULL ? key : expression(type, 1, scope);
}

/*
 * A table whose rows look up those of another one, which are unique by what they
 * are looked up by.  Columns of both come into the scope.
 */
static Node *
joined_source(Scope *scope, const Scope *outer)
{
	static const Type keys[] = {I8, I8, I8, I4, I4, I2, TEXT, TEXT, UUID, DATE, TZ, TS, OID, NUM, F4, F8, VCHAR, BPCHAR, ENUM, BYTEA, CHR, NAME, MAC, BOOL, NOCASE};
	static const Type numbers[] = {I2, I4, I8};
	static const Type some[] = {I8, I4, I4, TEXT, TEXT, BOOL, F8, I2, TZ, NUM};
	Type		type;
	Type		other;
	const char *row = keep("t%d", ++now.names);
	const char *found = keep("t%d", ++now.names);
	const char *below = keep("t%d", ++now.names);
	Scope	   *of = take(sizeof(Scope));
	Scope	   *from = take(sizeof(Scope));
	Node	   *targets = list(NOTHING, "", ", ", "", 1);
	Node	   *conditions = list(NOTHING, " AND ", " AND ", "", 0);
	int			n = 1 + (int) chance(4);
	int			i;

	now.fail = now.effects = false;
	now.shuffled = now.joined = true;
	table_scope(of, row, outer);
	table_scope(from, below, NULL);
	do
	{
		type = keys[chance(sizeof(keys) / sizeof(keys[0]) - (has_nocase ? 0 : 1))];
		other = type == I2 || type == I4 || type == I8 ? numbers[chance(3)] : type;
	} while (column(type, of) == NULL || column(other, from) == NULL);
	scope->n = 0;
	scope->row = NULL;
	scope->places = false;
	scope->outer = outer;
	with(targets, node(NOTHING, "@1 AS k", joined_key(other, from), NULL));
	for (i = 0; i < n; i++)
	{
		const Type	of_column = some[chance(sizeof(some) / sizeof(some[0]))];

		with(targets, node(NOTHING, keep("@1 AS c%d", i), expression(of_column, 1, from), NULL));
		scope->columns[scope->n].type = of_column;
		scope->columns[scope->n++].name = keep("%s.c%d", found, i);
	}
	scope->columns[scope->n].type = other;
	scope->columns[scope->n++].name = keep("%s.k", found);
	for (i = 0; i < of->n && scope->n < MOST_COLUMNS; i++)
		scope->columns[scope->n++] = of->columns[i];
	if (percent(25))
		with(conditions, condition(1, scope));
	return node(NOTHING, keep("%s %s %sJOIN (SELECT DISTINCT ON (1) @1 FROM %s %s@4 ORDER BY 1, %s.at, %s.ctid) %s ON %s.k = @2@3",
							  percent(60) ? "t2" : relations[chance(sizeof(relations) / sizeof(relations[0]))], row,
							  percent(40) ? "LEFT " : "", percent(80) ? "few" : "t1", below, below, below,
							  found, found),
				targets, joined_key(type, of), conditions, where(1, from, 1), NULL);
}

/*
 * Something to read from: a table, or a query of one whose columns are
 * computed.  The names of its columns come into the scope.
 */
static Node *
source(Scope *scope, const Scope *outer, int depth)
{
	const char *row = keep("t%d", ++now.names);
	const char *name = relations[chance(sizeof(relations) / sizeof(relations[0]))];
	Scope		below;
	Node	   *made;
	Node	   *targets;
	Node	   *from;
	int			n;
	int			i;

	if (now.effects && percent(15))
	{
		name = "vv";
		now.any_effect = true;
	}
	if (depth <= 0 || percent(80))
	{
		table_scope(scope, row, outer);
		scope->places = name[0] != 'v' && name[0] != 'u' && name[0] != 's'; /* no view */
		return node(NOTHING, keep("%s %s", name, row), NULL);
	}

	/* a query whose columns are used several times */
	from = source(&below, outer, depth - 1);
	targets = list(NOTHING, "", ", ", "", 1);
	n = 3 + (int) chance(4);
	scope->n = 0;
	scope->row = row;
	scope->places = false;
	scope->outer = outer;
	for (i = 0; i < n; i++)
	{
		static const Type some[] = {I8, I8, I4, I4, TEXT, BOOL, STEPS, F8, I2, TZ};
		const Type	type = i == 0 ? I8 : some[chance(sizeof(some) / sizeof(some[0]))];

		with(targets, node(NOTHING, keep("@1 AS c%d", i), expression(type, 2, &below), NULL));
		scope->columns[scope->n].type = type;
		scope->columns[scope->n++].name = keep("%s.c%d", row, i);
	}
	for (i = 0; i < below.n; i++)
		if (strstr(below.columns[i].name, ".at") != NULL)
		{
			with(targets, node(NOTHING, keep("%s AS at", below.columns[i].name), NULL));
			scope->columns[scope->n].type = TZ;
			scope->columns[scope->n++].name = keep("%s.at", row);
			break;
		}
	made = node(NOTHING, NULL, targets, from, where(2, &below, 2), NULL);
	switch (chance(6))
	{
		case 0:
		case 1:
		case 2:
			made->text = keep("(SELECT @1 FROM @2@3) %s", row);
			break;
		case 3:
			made->text = keep("(SELECT @1 FROM @2@3 OFFSET 0) %s", row);
			break;
		case 4:
			made->text = keep("(SELECT @1 FROM @2@3 LIMIT %u) %s", 1 + chance(40), row);
			now.unordered = true;
			break;
		default:
			made->text = keep("(WITH w AS %s (SELECT @1 FROM @2@3) SELECT * FROM w) %s",
							  percent(50) ? "MATERIALIZED" : "NOT MATERIALIZED", row);
			break;
	}
	return made;
}

/* One row of aggregates, with no GROUP BY mostly. */
static Node *
aggregates_query(const Scope *outer, bool single, bool *ordered)
{
	Scope	   *scope = take(sizeof(Scope));
	Node	   *targets = list(NOTHING, "", single ? "" : ", ", "", 1);
	Node	   *from = percent(36) ? joined_source(scope, outer) : source(scope, outer, 1);
	Node	   *tail = list(NOTHING, "", "", "", 0);
	Node	   *conditions = where(3, scope, 3);
	const char *text = "SELECT @1 FROM @2@3@4";
	int			n = single ? 1 : 1 + (int) chance(4);
	int			wanted = 0;
	bool		grouped;

	/*
	 * rows come to a group in any order, as PostgreSQL may sort them by the
	 * key
	 */
	grouped = !single && !now.unordered && percent(18);
	/* the node of groups does not store all rows of some aggregates */
	if (grouped && percent(50))
		wanted = percent(50) ? NO_ROWS : SOME_ROWS;
	with(targets, aggregate(2, scope, wanted | (percent(90) ? OURS : 0)));
	while (--n > 0)
		with(targets, percent(10) ? targets->parts[0] :
			 aggregate(2, scope, wanted != 0 ? (percent(40) ? NO_ROWS : wanted) : percent(40) ? OURS : 0));
	*ordered = true;

	if (grouped && !now.unordered)
	{
		/* types whose values are equal only if they look so */
		static const Type keys[] = {I4, TEXT, I8, I2, DATE, TZ, UUID, VCHAR, BOOL, ENUM};
		Node	   *key = column(keys[percent(60) ? chance(2) : chance(sizeof(keys) / sizeof(keys[0]))], scope);
		Node	   *second = percent(20) ? column(keys[chance(sizeof(keys) / sizeof(keys[0]))], scope) : NULL;

		if (key == NULL)
			key = column(I8, scope);
		*ordered = false;
		if (second != NULL && strcmp(second->text, key->text) != 0)
			key = node(NOTHING, "@1, @2", key, second, NULL);
		text = "SELECT @5, @1 FROM @2@3 GROUP BY @5@4";
		if (percent(30))
			with(tail, node(NOTHING, " HAVING count(*) > 3", NULL));
		if (percent(20))
		{
			/* an aggregate of groups */
			*ordered = true;
			text = "SELECT count(*), sum(hashtext(g::text)) FROM (SELECT @5, @1 FROM @2@3 GROUP BY @5@4) AS g";
		}
		return node(NOTHING, text, targets, from, conditions, tail, key, NULL);
	}
	if (!single && percent(6))
		with(tail, node(NOTHING, " HAVING @1", node(BOOL, "(count(*) > 5)", NULL), NULL));
	if (single && targets->parts[0]->type == NOTHING)
		text = "SELECT (@1)::text FROM @2@3@4";
	return node(NOTHING, text, targets, from, conditions, tail, NULL);
}

/* Rows that are looked up in a set. */
static Node *
rows_query(bool *ordered)
{
	Scope	   *scope = take(sizeof(Scope));
	Node	   *targets = list(NOTHING, "", ", ", "", 1);
	Node	   *from = source(scope, NULL, 1);
	Node	   *conditions;
	Node	   *tail = list(NOTHING, "", "", "", 0);
	Node	   *looked_up;
	int			n = 1 + (int) chance(4);

	now.unordered = true;
	looked_up = column(I8, scope);
	if (looked_up == NULL)
		looked_up = expression(I8, 1, scope);
	conditions = where(3, scope, 2);
	with(conditions, node(BOOL, "contains(@1, @2)", constant(USERS, scope), looked_up, NULL));
	while (n-- > 0)
		with(targets, expression(any_type(false), 3, scope));
	if (scope->row != NULL && percent(5))
		with(targets, node(NOTHING, keep("%s::text", scope->row), NULL));
	if (percent(5))
		with(targets, node(NOTHING, "count(*) OVER ()", NULL));
	if (percent(5))
		with(targets, node(NOTHING, "generate_series(1, 2)", NULL));
	*ordered = true;
	if (percent(30))
		with(tail, node(NOTHING, keep(" LIMIT %u", 1 + chance(20)), NULL));
	if (percent(10))
		with(tail, node(NOTHING, keep(" OFFSET %u", chance(10)), NULL));
	return node(NOTHING, "SELECT @1 FROM @2@3@4", targets, from, conditions, tail, NULL);
}

/* Outer rows, for each of which a query of aggregates runs. */
static Node *
correlated_query(bool *ordered)
{
	Scope	   *outer = take(sizeof(Scope));
	Node	   *targets = list(NOTHING, "", ", ", "", 1);
	Node	   *inner;
	int			n = 1 + (int) chance(2);
	bool		ignored;

	table_scope(outer, "o", NULL);
	while (n-- > 0)
	{
		inner = aggregates_query(outer, true, &ignored);
		with(targets, node(NOTHING, "(@1)", inner, NULL));
	}
	*ordered = true;
	if (percent(30))
		return node(NOTHING, "SELECT o.at, q.* FROM few o, LATERAL (@1) q",
					aggregates_query(outer, false, ordered), NULL);
	return node(NOTHING, "SELECT o.at, @1 FROM few o", targets, NULL);
}

/* A table joined with a small one. */
static Node *
join_query(void)
{
	Scope	   *scope = take(sizeof(Scope));
	Node	   *targets = list(NOTHING, "", ", ", "", 1);
	Node	   *conditions;
	int			n = 1 + (int) chance(3);

	now.fail = now.effects = false;
	now.shuffled = true;
	table_scope(scope, "t", NULL);
	conditions = where(2, scope, 2);
	with(conditions, node(BOOL, "contains(@1, t.id)", constant(USERS, scope), NULL));
	while (n-- > 0)
		with(targets, aggregate(1, scope, percent(70) ? OURS : 0));
	now.unordered = true;
	return node(NOTHING, keep("SELECT @1 FROM %s t %sJOIN few o ON %s@2",
							  relations[chance(sizeof(relations) / sizeof(relations[0]))],
							  percent(30) ? "LEFT " : "",
							  percent(50) ? "t.id = o.id" : "t.ev = o.ev AND t.id > o.pk"),
				targets, conditions, NULL);
}

/*
 * A random query.
 */
Query
generate(void)
{
	Query		query;
	const uint32_t kind = chance(100);

	memset(&query, 0, sizeof(query));
	memset(&now, 0, sizeof(now));
	now.fail = percent(22);
	now.effects = percent(20);
	query.frame = percent(55) ? PLAIN : percent(45) ? PREPARED : percent(60) ? PLPGSQL : CURSOR;
	now.params = query.frame == PREPARED || query.frame == PLPGSQL;
	query.generic = percent(50);
	query.groups = percent(50);
	query.twice = percent(30);
	query.scroll = (int) chance(3);
	query.fetch = 1 + (int) chance(8);
	if (kind < 64)
		query.root = aggregates_query(NULL, false, &query.ordered);
	else if (kind < 82)
		query.root = rows_query(&query.ordered);
	else if (kind < 96)
	{
		query.root = correlated_query(&query.ordered);
		query.correlated = true;
	}
	else
		query.root = join_query();
	if (!query.ordered && query.frame == CURSOR)
		query.frame = PLAIN;	/* what it fetches depends on the order */
	query.ordered &= !now.joined;
	query.parallel = !now.unordered && !now.any_effect;
	query.effects = now.any_effect;
	query.may_fail = now.nfail;
	return query;
}
