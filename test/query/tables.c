/*-------------------------------------------------------------------------
 *
 * tables.c
 *		Random tables: all of the same columns, but each with an order of its
 *		own, with columns dropped and added since, dead rows, other ones on
 *		pages all of whose rows are visible, and values out of line.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "query.h"

const TypeInfo types[NTYPES] = {
	[BOOL] = {"bool", "b", true, {"true", "false", "(2 > 1)", "(2 < 1)"}},
	[CHR] = {"\"char\"", "ch", true, {"'x'::\"char\"", "'a'::\"char\"", "(-1)::\"char\"", "65::\"char\"", "(-128)::\"char\"", "0::\"char\""}},
	[I2] = {"int2", "s", true, {"0::int2", "1::int2", "(-1)::int2", "2::int2", "5::int2", "7::int2", "32767::int2", "(-32768)::int2"}},
	[I4] = {"int4", "i", true, {"0", "1", "(-1)", "2", "5", "7", "2147483647", "(-2147483648)", "hashtext('k1')", "hashtext('k3')", "x'ffffffff'::int4", "4294967295::oid::int4", "x'80000000'::int4", "65"}},
	[I8] = {"int8", "l", true, {"0::int8", "1::int8", "(-1)::int8", "2::int8", "5::int8", "7::int8", "4294967295", "4294967296", "(-2147483648)::int8", "9223372036854775807", "x'ffffffffffffffff'::int8", "hashtextextended('k1', 0)", "hashtext('k1')::int8"}},
	[OID] = {"oid", "o", true, {"0::oid", "1::oid", "5::oid", "2147483648::oid", "4294967295::oid", "(-1)::int4::oid", "hashtext('k1')::oid"}},
	[DATE] = {"date", "d", true, {"'2024-01-05'::date", "'2024-01-01'::date", "'2024-02-29'::date", "('2024-01-01'::date + 3)", "'infinity'::date", "'-infinity'::date", "'1999-12-31'::date", "'0044-03-15 BC'::date"}},
	[TS] = {"timestamp", "t", true, {"'2024-01-05'::timestamp", "'2024-01-01 12:30'::timestamp", "'2024-02-29 23:59:59.999999'::timestamp", "'infinity'::timestamp", "'-infinity'::timestamp", "'1999-12-31'::timestamp"}},
	[TZ] = {"timestamptz", "tz", true, {"'2024-01-05 00:00+00'::timestamptz", "'2024-01-01 12:30+08'::timestamptz", "'2024-01-04 00:00'::timestamptz", "'infinity'::timestamptz", "'-infinity'::timestamptz", "'1999-12-31 00:00+00'::timestamptz"}},
	[F4] = {"float4", "f", true, {"'0'::float4", "'1'::float4", "'-0'::float4", "'0.5'::float4", "'-1'::float4", "'5'::float4", "'NaN'::float4", "'Infinity'::float4", "'-Infinity'::float4"}},
	[F8] = {"float8", "g", true, {"'0'::float8", "'1'::float8", "'-0'::float8", "'0.5'::float8", "'-1'::float8", "'5'::float8", "'NaN'::float8", "'Infinity'::float8", "'-Infinity'::float8"}},
	[NUM] = {"numeric", "n", true, {"0::numeric", "1.0", "1.00", "5::numeric", "(-1.5)", "'NaN'::numeric", "12345678901234567890.5", "'Infinity'::numeric"}},
	[TEXT] = {"text", "x", true, {"'k1'::text", "''::text", "'a'::text", "'view'::text", "'pay'::text", "'cart'::text", "'支付'::text", "'5'::text", "' 12 '::text", "'Zähler'::text", "'view '::text"}},
	[VCHAR] = {"varchar", "v", true, {"'k1'::varchar", "''::varchar", "'view'::varchar", "'pay'::varchar", "'注册'::varchar", "'7'::varchar"}},
	[BPCHAR] = {"char(5)", "p", true, {"'k1'::char(5)", "''::char(5)", "'view'::char(5)", "'pay'::char(5)", "'a b'::char(5)"}},
	[BYTEA] = {"bytea", "y", false, {"'k1'::bytea", "''::bytea", "'\\x00ff'::bytea", "'view'::bytea"}},
	[ENUM] = {"mood", "e", true, {"'new'::mood", "'old'::mood", "'gone'::mood"}},
	[DOM] = {"small", "m", true, {"0::small", "1::small", "(-1)::small", "5::small", "hashtext('k3')::small", "x'ffffffff'::int4::small"}},
	[UUID] = {"uuid", "u", false, {"'00000000-0000-0000-0000-000000000001'::uuid", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid", "'a0000000-0000-0000-0000-000000000001'::uuid"}},
	[I4S] = {"int4[]", "is", true, {"'{1,2,5}'::int4[]", "'{}'::int4[]", "'{-1,NULL}'::int4[]", "array[hashtext('k1'), 7]", "array[x'ffffffff'::int4]", "'{0}'::int4[]"}},
	[TEXTS] = {"text[]", "xs", true, {"'{view,pay}'::text[]", "'{a}'::text[]", "'{支付,注册,k1}'::text[]", "'{pay,view,cart}'::text[]", "'{5,\"\"}'::text[]"}},
	[STEPS] = {"stepset", "st", true, {"'10'::stepset", "'00'::stepset", "'11'::stepset", "'01'::stepset"}},
	[STEPS3] = {"stepset", "sh", true, {"'100'::stepset", "'000'::stepset", "'011'::stepset", "'010'::stepset", "'101'::stepset"}},
	[USERS] = {"userset", "us", true, {"'{1,2,5,7}'::userset", "'{}'::userset", "'{-1,0,4294967295}'::userset", "'{3}'::userset", "'{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19}'::userset"}},
	[SPAN] = {"interval", "w", true, {"'1 hour'::interval", "'2 days'::interval", "'0'::interval", "'1 month'::interval"}},
	[MAC] = {"macaddr", "mc", false, {"'08:00:2b:01:02:03'::macaddr", "'00:00:00:00:00:00'::macaddr", "'ff:ff:ff:ff:ff:ff'::macaddr"}},
	[NAME] = {"name", "na", false, {"'view'::name", "'k1'::name", "''::name", "'支付'::name"}},
	[TIMETZ] = {"timetz", "zz", true, {"'12:30+08'::timetz", "'00:00+00'::timetz", "'04:30:00.5-05'::timetz"}},
	[NOCASE] = {"text", "nc", true, {"'k1'::text", "'K1'::text", "'VIEW'::text", "'view'::text", "'Pay'::text"}},
};

Column		table_columns[MOST_COLUMNS];
int			ntable_columns;
bool		has_nocase = false;

static char names[MOST_COLUMNS][8];
static bool late_column[MOST_COLUMNS];

const char *
some_value(Type type)
{
	int			n = 0;

	while (n < 16 && types[type].values[n] != NULL)
		n++;
	return types[type].values[chance((uint32_t) n)];
}

static void
add_column(Type type, const char *name)
{
	table_columns[ntable_columns].type = type;
	table_columns[ntable_columns++].name = name;
}

/*
 * The columns that all tables have: who and when and what, the number of the
 * table, and some of all types.
 */
void
tables_choose(void)
{
	const uint32_t density = percent(15) ? 15 : percent(30) ? 35 : 65;
	Type		type;
	int			number;

	ntable_columns = 0;
	add_column(I8, "t.id");
	add_column(TZ, "t.at");
	add_column(TEXT, "t.ev");
	add_column(I4, "t.pk");
	for (type = BOOL; type < NTYPES; type++)
		for (number = 1; number <= 2; number++)
			if ((type != NOCASE || has_nocase) && percent(number == 1 ? density : density / 3))
			{
				char	   *name = names[ntable_columns];

				strcpy(name, "t.");
				strcat(name, types[type].column);
				strcat(name, number == 1 ? "1" : "2");
				add_column(type, name);
			}
}

/* The name of a column without "t." */
static const char *
bare(int column)
{
	return table_columns[column].name + 2;
}

/* A column's value in row g, as SQL: one of a few, NULL in some rows. */
static void
add_value(Text *script, int column, uint32_t nulls)
{
	const Type	type = table_columns[column].type;
	const uint32_t salt = chance(1000000);
	int			n = 0;
	int			i;

	while (n < 16 && types[type].values[n] != NULL)
		n++;
	text_print(script, "CASE WHEN h(g, %u) %% 100 < %u THEN NULL ", salt + 1, nulls);
	if (type == TEXT && percent(30))
		text_print(script, "WHEN h(g, %u) %% 20 = 0 THEN repeat('view', 1000) "
				   "WHEN h(g, %u) %% 40 = 1 THEN (SELECT string_agg(md5(j::text), '') FROM generate_series(1, 100) j) ",
				   salt, salt);
	if (type == USERS && percent(50))
		text_print(script, "WHEN h(g, %u) %% 20 = 0 THEN (SELECT userset_agg(j * 977) FROM generate_series(1, 3000) j) ",
				   salt);
	if (type == I8 && percent(60))
		text_print(script, "WHEN h(g, %u) %% 10 < 7 THEN h(g, %u) %% 20 ", salt + 3, salt + 4);
	text_print(script, "ELSE CASE h(g, %u) %% %d ", salt + 2, n);
	for (i = 0; i < n; i++)
		text_print(script, "WHEN %d THEN %s ", i, types[type].values[i]);
	text_add(script, "END END");
}

/* Insert rows into the columns of a table that it has at this time. */
static void
insert_rows(Text *script, const char *table, const int *order, int n, int from, int to, int base,
			int part)
{
	int			i;

	text_print(script, "INSERT INTO %s (", table);
	for (i = 0; i < n; i++)
		text_print(script, "%s%s", i > 0 ? ", " : "", bare(order[i]));
	text_add(script, ") SELECT ");
	for (i = 0; i < n; i++)
	{
		const int	column = order[i];

		if (i > 0)
			text_add(script, ", ");
		if (column == 0)
			text_print(script, "CASE WHEN h(g, 1) %% 40 <> 0 THEN h(g, 2) %% %d END", 12 + part * 3);
		else if (column == 1)
			text_print(script, "timestamptz '2024-01-01 00:00+00' + h(g, 3) %% 240 * interval '1 hour' + %d * interval '1 second' + g * interval '1 ms'",
					   part);
		else if (column == 2)
			text_add(script, "CASE h(g, 4) % 9 WHEN 0 THEN 'view' WHEN 1 THEN 'view' WHEN 2 THEN 'cart' WHEN 3 THEN 'pay' WHEN 4 THEN '支付' WHEN 5 THEN 'a' WHEN 6 THEN NULL ELSE 'k1' END");
		else if (column == 3)
			text_print(script, "%d", part);
		else
			add_value(script, column, percent(40) ? 0 : percent(50) ? 10 : percent(60) ? 50 : 95);
	}
	text_print(script, " FROM generate_series(%d, %d) g;\n", base + from, base + to);
}

/* Make a table and its rows. */
static void
make_table(Text *script, const char *table, int rows, int part)
{
	int			order[MOST_COLUMNS];
	int			nearly = 0;
	int			junk = 0;
	int			i;

	for (i = 0; i < ntable_columns; i++)
	{
		late_column[i] = i > 3 && percent(12);
		if (!late_column[i])
			order[nearly++] = i;
	}
	if (percent(80))
		for (i = nearly - 1; i > 0; i--)
		{
			const int	other = (int) chance((uint32_t) i + 1);
			const int	column = order[i];

			order[i] = order[other];
			order[other] = column;
		}
	text_print(script, "CREATE %sTABLE %s (", strcmp(table, "t3") == 0 ? "UNLOGGED " : "", table);
	for (i = 0; i < nearly; i++)
	{
		const Type	type = table_columns[order[i]].type;

		if (percent(8))
			text_print(script, "%sjunk%d %s DEFAULT %s", i > 0 ? ", " : "", ++junk,
					   percent(50) ? "text" : "int2", percent(50) ? "'7'" : "NULL");
		else if (i > 0)
			text_add(script, "");
		text_print(script, "%s%s %s%s", i > 0 || junk > 0 ? ", " : "", bare(order[i]),
				   types[type].name, type == NOCASE ? " COLLATE nocase" : "");
	}
	text_add(script, ");\n");
	for (i = 4; i < ntable_columns; i++)
		if ((table_columns[i].type == TEXT || table_columns[i].type == USERS) && !late_column[i] &&
			percent(30))
			text_print(script, "ALTER TABLE %s ALTER COLUMN %s SET STORAGE external;\n", table,
					   bare(i));
	insert_rows(script, table, order, nearly, 1, rows / 2, part * 10000, part);
	for (i = 0; i < ntable_columns; i++)
		if (late_column[i])
		{
			const Type	type = table_columns[i].type;

			text_print(script, "ALTER TABLE %s ADD COLUMN %s %s%s", table, bare(i),
					   types[type].name, type == NOCASE ? " COLLATE nocase" : "");
			if (percent(70))
				text_print(script, " DEFAULT %s", types[type].values[0]);
			text_add(script, ";\n");
			order[nearly++] = i;
		}
	insert_rows(script, table, order, nearly, rows / 2 + 1, rows, part * 10000, part);
	for (i = 1; i <= junk; i++)
		text_print(script, "ALTER TABLE %s DROP COLUMN junk%d;\n", table, i);
	if (percent(50))
		text_print(script, "DELETE FROM %s WHERE h(pk + extract(epoch FROM at)::int8, 5) %% %d = 0;\n",
				   table, percent(80) ? 10 : 2);
	if (percent(40))
		text_print(script, "VACUUM %s%s;\n", percent(30) ? "(FREEZE) " : "", table);
	if (percent(50))
		text_print(script, "UPDATE %s SET ev = ev WHERE h(pk + extract(epoch FROM at)::int8, 6) %% 7 = 0;\n",
				   table);
	if (percent(30))
		text_print(script, "BEGIN; UPDATE %s SET id = 3 WHERE id = 5; DELETE FROM %s WHERE id = 4; ROLLBACK;\n",
				   table, table);
	if (percent(60))
		text_print(script, "ANALYZE %s;\n", table);
}

static void
add_names(Text *script, const char *before)
{
	int			i;

	for (i = 0; i < ntable_columns; i++)
		text_print(script, "%s%s%s", i > 0 ? ", " : "", before, bare(i));
}

/*
 * Statements, one a line but for CREATE FUNCTION, that make everything anew.
 */
void
tables_script(Text *script)
{
	int			i;

	make_table(script, "t1", 40 + (int) chance(260), 1);
	make_table(script, "t2", 200 + (int) chance(700), 2);
	make_table(script, "t3", (int) chance(30), 3);

	make_table(script, "pg_temp.tt", (int) chance(300), 10);

	text_add(script, "CREATE TABLE pt (LIKE t1) PARTITION BY LIST (pk);\n");
	for (i = 4; i <= 6; i++)
	{
		char		table[] = {'p', (char) ('0' + i), '\0'};

		make_table(script, table, (int) chance(100), i);
		text_print(script, "ALTER TABLE pt ATTACH PARTITION %s FOR VALUES IN (%d);\n", table, i);
	}
	make_table(script, "ih", (int) chance(100), 7);
	make_table(script, "ic", (int) chance(100), 8);
	text_add(script, "ALTER TABLE ic INHERIT ih;\n");
	text_add(script, "CREATE MATERIALIZED VIEW mv AS SELECT * FROM t1;\n");
	text_add(script, "CREATE VIEW vw AS SELECT * FROM t2 t WHERE t.pk = 2 AND (t.id < 15 OR t.ev = 'view');\n");
	text_add(script, "CREATE VIEW sb WITH (security_barrier) AS SELECT * FROM t2 t WHERE t.id IS NOT NULL;\n");
	text_add(script, "CREATE VIEW ua AS SELECT ");
	add_names(script, "");
	text_add(script, " FROM t1 UNION ALL SELECT ");
	add_names(script, "");
	text_add(script, " FROM p4;\n");

	/* one all of whose numbers are computed, with an effect */
	text_add(script, "CREATE VIEW vv AS SELECT ");
	for (i = 0; i < ntable_columns; i++)
	{
		const Type	type = table_columns[i].type;

		if (i > 3 && (type == I4 || type == I2))
			text_print(script, "%snote(t.%s) AS %s", i > 0 ? ", " : "", bare(i), bare(i));
		else if (i > 3 && type == I8)
			text_print(script, "%snextval('s') AS %s", i > 0 ? ", " : "", bare(i));
		else
			text_print(script, "%st.%s", i > 0 ? ", " : "", bare(i));
	}
	text_add(script, " FROM t1 t;\n");

	/* a small one, for subqueries and outer rows */
	make_table(script, "few", 6, 9);
}

void
tables_pending(Text *script)
{
	text_add(script, "BEGIN;\n");
	if (percent(50))
		text_add(script, "DELETE FROM t1 WHERE id IN (2, 3);\n");
	if (percent(50))
		text_add(script, "INSERT INTO t1 SELECT * FROM t1 LIMIT 20;\n");
	if (percent(50))
		text_add(script, "UPDATE t2 SET id = 1 WHERE id = 6;\n");
	if (percent(30))
		text_add(script, "SELECT count(*) FROM (SELECT FROM t2 WHERE id < 4 FOR UPDATE) q;\n");
}
