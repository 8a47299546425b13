/*-------------------------------------------------------------------------
 *
 * queries.c
 *		Asks random queries with the table scan on and off, without and with
 *		workers, and compares the answers. Prints TAP.
 *
 *-------------------------------------------------------------------------
 */
#define _DEFAULT_SOURCE
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "query.h"

#define PER_TABLES 4000			/* so many queries ask the same tables */
#define EXPLAINED 8				/* one in so many queries */
#define IN_PARALLEL 20			/* so many of 100, where it makes no
								 * difference in which order rows come, are
								 * asked with workers as well */

static PGconn *connection = NULL;
static PGconn *other = NULL;	/* whose transaction stays open */

static uint64_t seed = 1;
static uint64_t number;			/* of the query at hand */
static int	tests = 0;
static int	tests_failed = 0;

static struct
{
	long		queries;
	long		failing;		/* fail, as they do without the scan */
	long		in_parallel;
	long		explained;
	long		scans;			/* of those explained, use the scan */
	long		lookups;		/* and look rows up */
	long		feeding;		/* and it feeds aggregates by the page, as it
								 * seems */
	long		workers;		/* of those explained for that, use workers */
	long		workers_of;
	long		counted;		/* plans whose rows are counted */
	long		miscounted;
	long		differences;
	long		empty;			/* have no rows, or one of nothing */
}			count;

/* ---- the server -------------------------------------------------------------- */

static void
bail_out(const char *what, const char *message)
{
	printf("Bail out! %s: %s\n", what, message);
	exit(1);
}

static void
ignore_notice(void *arg, const char *message)
{
	(void) arg;
	(void) message;
}

static double
seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* Connect, waiting for a server that recovers. */
static PGconn *
connect_server(void)
{
	int			tries;

	for (tries = 0; tries < 600; tries++)
	{
		const struct timespec pause = {0, 100000000};
		PGconn	   *made = PQconnectdb("");

		if (PQstatus(made) == CONNECTION_OK)
		{
			PQsetNoticeProcessor(made, ignore_notice, NULL);
			return made;
		}
		PQfinish(made);
		nanosleep(&pause, NULL);
	}
	bail_out("no server", "cannot connect");
	return NULL;
}

/* Run statements that must succeed. */
static void
must(PGconn *at, const char *sql)
{
	PGresult   *result = PQexec(at, sql);

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		bail_out(sql, PQerrorMessage(at));
	PQclear(result);
}

static const char *const session[] = {
	"SET search_path = fuzz, journey, public",
	"SET client_min_messages = error",
	"SET statement_timeout = '60s'",
	"SET parallel_setup_cost = 0",
	"SET parallel_tuple_cost = 0",
	"SET min_parallel_table_scan_size = 0",
	"SET jit = off",
	"SET fuzz.name = 'view'",
	"SET fuzz.number = '5'",
	"SET fuzz.log = '0'",
	NULL
};

static const char *const functions[] = {
	"CREATE SEQUENCE s",
	"CREATE TYPE mood AS ENUM ('new', 'old', 'gone')",
	"CREATE DOMAIN small AS int4 CHECK (value IS DISTINCT FROM 99)",
	"CREATE FUNCTION h(g int8, salt int8) RETURNS int8 IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql"
	" AS 'SELECT hashint8extended(g, salt) & 9223372036854775807'",
	"CREATE FUNCTION imm(a anyelement) RETURNS anyelement IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql"
	" AS 'BEGIN RETURN a; END'",
	"CREATE FUNCTION sta(a anyelement) RETURNS anyelement STABLE PARALLEL SAFE LANGUAGE plpgsql"
	" AS 'BEGIN RETURN a; END'",
	"CREATE FUNCTION sqlimm(a anyelement) RETURNS anyelement IMMUTABLE PARALLEL SAFE LANGUAGE sql"
	" AS 'SELECT $1'",
	"CREATE FUNCTION sqland(a bool, b bool) RETURNS bool IMMUTABLE PARALLEL SAFE LANGUAGE sql"
	" AS 'SELECT $1 AND $2'",
	"CREATE FUNCTION strictimm(a int4, b int4) RETURNS int4 IMMUTABLE STRICT PARALLEL SAFE"
	" LANGUAGE plpgsql AS 'BEGIN RETURN a # b; END'",
	"CREATE FUNCTION boom(a bool) RETURNS bool IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql"
	" AS 'BEGIN IF a THEN RAISE ''boom''; END IF; RETURN a; END'",
	"CREATE FUNCTION note(a anyelement) RETURNS anyelement VOLATILE LANGUAGE plpgsql"
	" AS 'BEGIN PERFORM set_config(''fuzz.log'', hashtext(current_setting(''fuzz.log'')"
	" || coalesce(a::text, ''-''))::text, false); RETURN a; END'",
	"CREATE FUNCTION snote(a anyelement) RETURNS anyelement VOLATILE LANGUAGE sql"
	" AS 'SELECT note($1)'",
	"CREATE FUNCTION noted_equal(a int8, b int8) RETURNS bool VOLATILE LANGUAGE plpgsql"
	" AS 'BEGIN RETURN note(a) = b; END'",
	"CREATE OPERATOR =#= (leftarg = int8, rightarg = int8, function = noted_equal)",
	"CREATE DOMAIN noisy AS int4 CHECK (note(value) IS DISTINCT FROM 99)",
	"CREATE FUNCTION vsum_step(state int8, a int4) RETURNS int8 VOLATILE LANGUAGE plpgsql"
	" AS 'BEGIN PERFORM note(a); RETURN (state * 31 + coalesce(a, 7) + nextval(''s'')) % 1000007; END'",
	"CREATE AGGREGATE vsum(int4) (sfunc = vsum_step, stype = int8, initcond = '0')",
	"CREATE AGGREGATE smax(int4) (sfunc = int4larger, stype = int4, combinefunc = int4larger, parallel = safe)",
	"CREATE AGGREGATE keep(int4) (sfunc = array_append, stype = int4[], initcond = '{}')",
	"CREATE AGGREGATE chain(text) (sfunc = textcat, stype = text)",
	"CREATE FUNCTION busy(a int8) RETURNS int8 STABLE PARALLEL SAFE LANGUAGE plpgsql"
	" SET max_parallel_workers_per_gather = 0"	/* for it is called for each
												 * row */
	" AS 'BEGIN RETURN (SELECT cardinality(userset_agg(t.id)) FROM t3 t WHERE t.id < a % 10); END'",
	"CREATE FUNCTION caught(a int8) RETURNS int8 STABLE LANGUAGE plpgsql"
	" AS 'BEGIN RETURN 12 / (a - 5); EXCEPTION WHEN OTHERS THEN RETURN 77; END'",
	"CREATE FUNCTION scan_is_on() RETURNS bool VOLATILE LANGUAGE sql"
	" AS 'SELECT current_setting(''journey.enable_scan'')::bool'",
	NULL
};

static void
begin_session(PGconn *at)
{
	int			i;

	for (i = 0; session[i] != NULL; i++)
		must(at, session[i]);
}

/* Run a script, a line at a time. */
static void
run_script(PGconn *at, char *script)
{
	char	   *line;
	char	   *rest = script;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			must(at, line);
}

static void
drop_tables(void)
{
	if (other != NULL)
		PQfinish(other);
	other = NULL;
	must(connection, "DROP TABLE IF EXISTS pg_temp.tt");
	must(connection, "DROP SCHEMA IF EXISTS fuzz CASCADE");
	must(connection, "CREATE SCHEMA fuzz");
}

/* Settings that plans depend on, or how they run. */
static void
choose_settings(void)
{
	static const char *const zones[] = {"UTC", "Asia/Shanghai", "America/New_York"};
	static Text sql;

	text_clear(&sql);
	text_print(&sql, "SET timezone = '%s'; SET work_mem = '%s'; SET track_functions = '%s';"
			   " SET parallel_leader_participation = %s; SET enable_hashagg = %s;"
			   " SET enable_nestloop = %s; SET enable_mergejoin = %s; SET enable_sort = %s",
			   zones[chance(3)], percent(20) ? "64kB" : "4MB", percent(15) ? "all" : "none",
			   percent(20) ? "off" : "on", percent(20) ? "off" : "on",
			   percent(70) ? "off" : "on", percent(70) ? "off" : "on", percent(70) ? "off" : "on");
	must(connection, sql.bytes);
}

/* Make tables of which the seed and a number say everything. */
static void
make_tables(uint64_t which)
{
	static Text script;
	int			i;

	chance_seed(seed ^ UINT64_C(0x5ca1ab1e), which);
	drop_tables();
	choose_settings();
	for (i = 0; functions[i] != NULL; i++)
		must(connection, functions[i]);
	if (has_nocase)
		must(connection, "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
	tables_choose();
	text_clear(&script);
	tables_script(&script);
	run_script(connection, script.bytes);
	other = connect_server();
	begin_session(other);
	text_clear(&script);
	tables_pending(&script);
	run_script(other, script.bytes);
}

/* ---- asking ------------------------------------------------------------------ */

typedef struct Answer
{
	bool		lost;			/* the connection */
	bool		failed;
	char		sqlstate[6];
	Text		message;
	Text		rows;
	Text		effects;
} Answer;

/* The statements that put a query in its frame. */
static void
write_query(Text *sql, const Query *query)
{
	static Text body;
	Params		params = {AS_VALUES, 0, {NULL}};
	int			again;
	int			i;

	text_clear(&body);
	switch (query->frame)
	{
		case PREPARED:
			params.style = AS_NUMBERS;
			write_node(&body, query->root, &params);
			text_add(sql, "PREPARE q");
			for (i = 0; i < params.n; i++)
				text_print(sql, "%s%s%s", i == 0 ? " (" : ", ", types[params.values[i]->type].name,
						   i + 1 == params.n ? ")" : "");
			text_add(sql, " AS ");
			text_add(sql, body.bytes);
			for (again = 0; again <= query->twice; again++)
			{
				text_add(sql, "; EXECUTE q");
				for (i = 0; i < params.n; i++)
					text_print(sql, "%s%s%s", i == 0 ? " (" : ", ",
							   again ? params.values[i]->after : params.values[i]->text,
							   i + 1 == params.n ? ")" : "");
			}
			break;
		case PLPGSQL:
			params.style = AS_VARIABLES;
			write_node(&body, query->root, &params);
			text_add(sql, "DO $fuzz$ DECLARE");
			for (i = 0; i < params.n; i++)
				text_print(sql, " v%d_ %s := %s;", i + 1, types[params.values[i]->type].name,
						   params.values[i]->text);
			text_print(sql, " row_ record; all_ text := ''; BEGIN FOR again_ IN 0..%d LOOP FOR row_ IN ",
					   query->twice);
			text_add(sql, body.bytes);
			text_add(sql, " LOOP all_ := all_ || row_::text || E'\\n'; END LOOP;");
			for (i = 0; i < params.n && query->twice; i++)
				text_print(sql, " v%d_ := %s;", i + 1, params.values[i]->after);
			text_add(sql, " END LOOP; PERFORM set_config('fuzz.answer', all_, false); END $fuzz$;"
					 " SELECT unnest(string_to_array(current_setting('fuzz.answer'), E'\\n'))");
			break;
		case CURSOR:
			write_node(&body, query->root, &params);
			text_print(sql, "DECLARE c %sCURSOR FOR ", query->scroll == 0 ? "NO SCROLL " :
					   query->scroll == 1 ? "" : "SCROLL ");
			text_add(sql, body.bytes);
			text_print(sql, "; FETCH %d FROM c; SELECT current_setting('fuzz.log'); FETCH %d FROM c",
					   query->fetch, query->fetch + 5);
			if (query->scroll > 0)
				text_print(sql, "; FETCH BACKWARD %d FROM c; FETCH %d FROM c; FETCH ALL FROM c;"
						   " FETCH BACKWARD %d FROM c; FETCH BACKWARD ALL FROM c",
						   query->fetch + 2, query->fetch, query->fetch);
			text_add(sql, "; FETCH ALL FROM c");
			break;
		default:
			write_node(&body, query->root, &params);
			text_add(sql, body.bytes);
			break;
	}
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Add the rows of a result, sorted if their order means nothing. */
static void
add_rows(Text *rows, const PGresult *result, bool ordered)
{
	const int	n = PQntuples(result);
	const size_t begin = rows->length;
	char	  **lines;
	char	   *copy;
	int			i;
	int			k;

	for (i = 0; i < n; i++)
	{
		for (k = 0; k < PQnfields(result); k++)
		{
			text_add(rows, PQgetisnull(result, i, k) ? "NULL" : PQgetvalue(result, i, k));
			text_add(rows, k + 1 < PQnfields(result) ? " | " : "");
		}
		text_add(rows, ordered || i + 1 == n ? "\n" : "\x01");
	}
	if (ordered || n < 2)
		return;
	copy = strdup(rows->bytes + begin);
	copy[strlen(copy) - 1] = '\0';
	lines = malloc((size_t) n * sizeof(char *));
	lines[0] = copy;
	for (i = 1; i < n; i++)
	{
		lines[i] = strchr(lines[i - 1], 1);
		*lines[i]++ = '\0';
	}
	qsort(lines, (size_t) n, sizeof(char *), compare_lines);
	rows->length = begin;
	for (i = 0; i < n; i++)
	{
		text_add(rows, lines[i]);
		text_add(rows, "\n");
	}
	free(lines);
	free(copy);
}

#define EFFECTS "SELECT last_value, is_called, current_setting('fuzz.log') FROM s"

/* Ask a query. Everything that it can change is first set as it was. */
static void
ask(const Query *query, bool scan, int workers, Answer *answer)
{
	static Text sql;
	PGresult   *result;
	int			before = 1;		/* results that are not of the query */

	text_clear(&sql);
	text_print(&sql, "SELECT set_config('journey.enable_scan', '%s', false),"
			   " set_config('journey.enable_aggregate', '%s', false),"
			   " set_config('max_parallel_workers_per_gather', '%d', false),"
			   " set_config('plan_cache_mode', 'force_%s_plan', false),"
			   " set_config('fuzz.log', '0', false), setval('s', 1, true); ",
			   scan ? "on" : "off", scan && query->groups ? "always" : "off", workers, query->generic ? "generic" : "custom");
	write_query(&sql, query);
	text_add(&sql, "; " EFFECTS);

	text_clear(&answer->message);
	text_clear(&answer->rows);
	text_clear(&answer->effects);
	answer->failed = answer->lost = false;
	text_add(&answer->rows, "");
	if (!PQsendQuery(connection, sql.bytes))
		answer->lost = true;
	while (!answer->lost && (result = PQgetResult(connection)) != NULL)
	{
		if (PQresultStatus(result) == PGRES_TUPLES_OK)
		{
			if (before-- > 0)
				;
			else if (PQnfields(result) == 3 && strcmp(PQfname(result, 1), "is_called") == 0)
				add_rows(&answer->effects, result, true);
			else
				add_rows(&answer->rows, result, query->ordered);
		}
		else if (PQresultStatus(result) == PGRES_FATAL_ERROR)
		{
			const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

			answer->failed = true;
			strncpy(answer->sqlstate, state == NULL ? "" : state, 5);
			text_add(&answer->message, state == NULL ? PQresultErrorMessage(result) :
					 PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
		}
		PQclear(result);
	}
	if (PQstatus(connection) != CONNECTION_OK)
	{
		answer->lost = true;
		return;
	}
	if (query->frame == PREPARED)
		PQclear(PQexec(connection, "DEALLOCATE ALL"));
	if (answer->failed && query->effects)
	{
		result = PQexec(connection, EFFECTS);
		add_rows(&answer->effects, result, true);
		PQclear(result);
	}
}

/* ---- comparing --------------------------------------------------------------- */

typedef struct Comparison
{
	Query	   *query;
	int			workers_without;	/* how it is asked without the scan */
	bool		scan;			/* the way that is compared with that */
	int			workers;
	Answer		expected;
	Answer		got;
} Comparison;

static bool
same_text(const Text *a, const Text *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/*
 * Are two answers the same?  Where several rows fail it may be another of them
 * that is found first, unless the rows must be gone through one by one.  With
 * GROUP BY, arguments are evaluated before any aggregate fails on another row.
 */
static bool
same_answer(const Query *query, const Answer *a, const Answer *b, bool serial)
{
	if (a->lost || b->lost || a->failed != b->failed)
		return false;
	if (!a->failed)
		return same_text(&a->rows, &b->rows) && same_text(&a->effects, &b->effects);
	if (serial && query->effects && query->ordered)
		return strcmp(a->sqlstate, b->sqlstate) == 0 && same_text(&a->message, &b->message) &&
			same_text(&a->effects, &b->effects);
	if (query->may_fail > 1 || (query->may_fail > 0 && (!serial || !query->ordered)))
		return true;
	if (strcmp(a->sqlstate, b->sqlstate) != 0)
		return false;
	return query->may_fail > 0 || same_text(&a->message, &b->message);
}

/* After a crash, also tables are gone. */
static void
reconnect(void)
{
	PQfinish(connection);
	connection = connect_server();
	begin_session(connection);
	make_tables(number / PER_TABLES);
}

/* Do the two ways of a comparison differ? */
static bool
differ(Comparison *comparison)
{
	const Query *query = comparison->query;

	ask(query, false, comparison->workers_without, &comparison->expected);
	if (comparison->expected.lost)
		return true;
	ask(query, comparison->scan, comparison->workers, &comparison->got);
	return !same_answer(query, &comparison->expected, &comparison->got, comparison->workers == 0);
}

/* For shrink(): a query that differs, and does not fail for want of sense. */
static bool
still_differs(const Node *root, void *arg)
{
	Comparison *comparison = arg;
	bool		differs;

	(void) root;
	differs = differ(comparison);
	if (comparison->expected.lost || comparison->got.lost)
		reconnect();
	return differs;
}

static void
show(const char *what, const char *text, size_t most)
{
	size_t		i;

	printf("#   %s ", what);
	for (i = 0; text != NULL && text[i] != '\0' && i < most; i++)
	{
		putchar(text[i]);
		if (text[i] == '\n' && text[i + 1] != '\0')
			printf("#   %*s ", (int) strlen(what), "");
	}
	if (text != NULL && text[i] != '\0')
		printf("â63¦");
	if (i == 0 || text[i - 1] != '\n' || text[i] != '\0')
		putchar('\n');
}

static void
show_answer(const char *what, const Answer *answer)
{
	static Text text;

	text_clear(&text);
	if (answer->lost)
		text_add(&text, "the connection is lost");
	else if (answer->failed)
	{
		text_print(&text, "%s ", answer->sqlstate);
		text_add(&text, answer->message.bytes);
	}
	else if (answer->rows.length > 0)
		text_add(&text, answer->rows.bytes);
	if (!answer->lost && answer->effects.length > 0)
	{
		text_add(&text, "\neffects: ");
		text_add(&text, answer->effects.bytes);
	}
	show(what, text.bytes, 1500);
}

static void
show_query(const char *what, const Query *query)
{
	static Text text;

	text_clear(&text);
	write_query(&text, query);
	show(what, text.bytes, 6000);
}

/* Show a difference, in its smallest form. */
static void
report(Comparison *comparison)
{
	Query	   *query = comparison->query;

	count.differences++;
	printf("# difference: QUERY_SEED=%llu QUERY_FIRST=%llu QUERY_COUNT=1, scan %s, %d workers%s\n",
		   (unsigned long long) seed, (unsigned long long) number,
		   comparison->scan ? "on" : "off", comparison->workers,
		   query->frame == PREPARED ? query->generic ? ", generic plan" : ", custom plan" : "");
	show_query("query:", query);
	show_answer("without:", &comparison->expected);
	show_answer("with:   ", &comparison->got);
	if (comparison->expected.lost || comparison->got.lost)
		reconnect();
	if (query->frame != PLAIN)
	{
		const Frame before = query->frame;

		query->frame = PLAIN;
		if (!still_differs(query->root, comparison))
			query->frame = before;
	}
	shrink(&query->root, still_differs, comparison);
	(void) still_differs(query->root, comparison);
	show_query("smaller:", query);
	show_answer("without:", &comparison->expected);
	show_answer("with:   ", &comparison->got);
	fflush(stdout);
}

/* Does the plan of a query use the scan, and workers? */
static void
explain(const Query *query)
{
	static Text sql;
	Query		plain = *query;
	PGresult   *result;
	bool		scan = false;
	bool		by_row = false;
	bool		lookup = false;
	bool		workers = false;
	int			i;

	plain.frame = PLAIN;
	text_clear(&sql);
	text_print(&sql, "SELECT set_config('journey.enable_scan', 'on', false),"
			   " set_config('journey.enable_aggregate', '%s', false),"
			   " set_config('max_parallel_workers_per_gather', '%d', false);"
			   " EXPLAIN (COSTS OFF) ", query->groups ? "always" : "off", query->parallel ? 2 : 0);
	write_query(&sql, &plain);
	result = PQexec(connection, sql.bytes);
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
	{
		for (i = 0; i < PQntuples(result); i++)
		{
			scan |= strstr(PQgetvalue(result, i, 0), "JourneyScan") != NULL;
			lookup |= strstr(PQgetvalue(result, i, 0), "Lookup Cond") != NULL;
			by_row |= strstr(PQgetvalue(result, i, 0), "Row by Row") != NULL;
			workers |= strstr(PQgetvalue(result, i, 0), "Workers Planned") != NULL;
		}
		count.explained++;
		count.scans += scan;
		count.lookups += lookup;
		count.feeding += scan && !by_row;
		count.workers_of += query->parallel;
		count.workers += query->parallel && workers;
	}
	PQclear(result);
}

/* Add the lines of a plan that has run, and its lines without what was counted. */
static void
add_plan(Text *lines, Text *shape, const Query *query, bool scan)
{
	static const char ours[] = "Custom Scan (JourneyScan)";
	static Text sql;
	static Text line;
	PGresult   *result;
	int			i;

	text_clear(&sql);
	text_print(&sql, "SELECT set_config('journey.enable_scan', '%s', false),"
			   " set_config('journey.enable_aggregate', 'off', false),"
			   " set_config('max_parallel_workers_per_gather', '0', false);"
			   " EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ",
			   scan ? "on" : "off");
	write_query(&sql, query);
	text_clear(lines);
	text_clear(shape);
	result = PQexec(connection, sql.bytes);
	for (i = 0; i < PQntuples(result); i++)
	{
		const char *got = PQgetvalue(result, i, 0);
		const char *found = strstr(got, ours);
		const char *counted;

		if (strstr(got, "Row by Row") != NULL || strstr(got, "Memory") != NULL)
			continue;
		text_clear(&line);
		if (found != NULL)
		{
			text_add_n(&line, got, (size_t) (found - got));
			text_add(&line, "Seq Scan");
			got = found + strlen(ours);
		}
		text_add(&line, got);
		text_add(&line, "\n");
		text_add(lines, line.bytes);
		counted = strstr(line.bytes, " (actual");
		if (strstr(line.bytes, "Rows Removed") == NULL)
			text_add_n(shape, line.bytes, counted == NULL ? line.length :
					   (size_t) (counted - line.bytes));
	}
	PQclear(result);
}

/* Does the scan count rows, for EXPLAIN ANALYZE, as a sequential scan does? */
static void
count_rows(const Query *query)
{
	static Text lines[2];
	static Text shapes[2];
	Query		plain = *query;

	plain.frame = PLAIN;
	add_plan(&lines[0], &shapes[0], &plain, false);
	add_plan(&lines[1], &shapes[1], &plain, true);
	if (!same_text(&shapes[0], &shapes[1]))
		return;
	count.counted++;
	if (same_text(&lines[0], &lines[1]))
		return;
	count.miscounted++;
	printf("# other counts of rows: QUERY_SEED=%llu QUERY_FIRST=%llu QUERY_COUNT=1\n",
		   (unsigned long long) seed, (unsigned long long) number);
	show_query("query:", &plain);
	show("without:", lines[0].bytes, 3000);
	show("with:   ", lines[1].bytes, 3000);
}

/* Ask one query in all ways. */
static void
one_query(void)
{
	static Comparison comparison;
	Query		query;
	bool		in_parallel;

	chance_seed(seed, number);
	nodes_clear();
	query = generate();

	/*
	 * workers take their time, and a correlated query starts them for each
	 * row
	 */
	in_parallel = query.parallel && percent(query.correlated ? IN_PARALLEL / 5 : IN_PARALLEL);
	comparison.query = &query;
	comparison.workers_without = 0;
	comparison.scan = true;
	comparison.workers = 0;
	count.queries++;
	if (differ(&comparison))
	{
		report(&comparison);
		return;
	}
	count.failing += comparison.expected.failed;
	count.empty += comparison.expected.rows.length <= 3 && !comparison.expected.failed;
	if (in_parallel)
	{
		count.in_parallel++;
		comparison.workers = 2;

		/*
		 * with workers, PostgreSQL evaluates subqueries that it would perhaps
		 * not come to
		 */
		if (query.may_fail > 0)
			comparison.workers_without = 2;
		else
		{
			comparison.scan = false;
			ask(&query, false, 2, &comparison.got);
			if (!same_answer(&query, &comparison.expected, &comparison.got, false))
			{
				report(&comparison);
				return;
			}
		}
		comparison.scan = true;
		if (differ(&comparison))
		{
			report(&comparison);
			return;
		}
	}
	if (number % EXPLAINED == 0)
		explain(&query);
	if (number % EXPLAINED == 1 && !comparison.expected.failed && !query.effects &&
		query.may_fail == 0)
		count_rows(&query);
}

/* ---- testing ----------------------------------------------------------------- */

static void
ok(bool good, const char *format,...)
{
	va_list		args;

	tests++;
	tests_failed += !good;
	printf("%sok %d - ", good ? "" : "not ", tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/* A difference that is made by hand is seen, and made smaller. */
static void
test_difference(void)
{
	Comparison	comparison;
	Query		query;
	Text		sql = {NULL, 0, 0};
	Node	   *conditions = list(NOTHING, " WHERE ", " AND ", "", 0);
	Node	   *targets = list(NOTHING, "", ", ", "", 1);
	Node	   *nested;

	memset(&query, 0, sizeof(query));
	memset(&comparison, 0, sizeof(comparison));
	with(targets, node(NOTHING, "userset_agg(t.id)", NULL));
	with(targets, node(NOTHING, "count(*)", NULL));
	nested = list(BOOL, "(", " AND ", ")", 1);
	with(nested, node(BOOL, "(NOT @1)", node(BOOL, "scan_is_on()", NULL), NULL));
	with(nested, node(BOOL, "(t.id < 15)", NULL));
	with(conditions, node(BOOL, "(t.pk > 0)", NULL));
	with(conditions, nested);
	query.root = node(NOTHING, "SELECT @1 FROM t2 t@2", targets, conditions, NULL);
	query.frame = PREPARED;
	query.ordered = true;
	comparison.query = &query;
	comparison.scan = true;
	ok(differ(&comparison), "a difference is seen");
	shrink(&query.root, still_differs, &comparison);
	query.frame = PLAIN;
	write_query(&sql, &query);
	ok(strlen(sql.bytes) < 60 && strstr(sql.bytes, "scan_is_on()") != NULL,
	   "and made smaller: %s", sql.bytes);
	free(sql.bytes);

	query.root = node(NOTHING, "SELECT pg_terminate_backend(pg_backend_pid()) FROM t2 WHERE scan_is_on()", NULL);
	ok(differ(&comparison) && comparison.got.lost, "so is a connection that is lost");
	reconnect();
}

static uint64_t
option(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? otherwise : strtoull(value, NULL, 10);
}

static double
share(long part, long whole)
{
	return whole == 0 ? 0 : 100.0 * (double) part / (double) whole;
}

int
main(void)
{
	const uint64_t first = option("QUERY_FIRST", 0);
	const uint64_t limit = option("QUERY_SECONDS", 0);
	const long	most = (long) option("QUERY_DIFFERENCES", 10);
	const uint64_t last = option("QUERY_COUNT", limit > 0 ? UINT64_MAX - first : 30000) + first;
	const double began = seconds();
	PGresult   *result;

	seed = option("QUERY_SEED", 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	connection = connect_server();
	begin_session(connection);
	result = PQexec(connection, "SELECT FROM pg_catalog.pg_collation WHERE collprovider = 'i' LIMIT 1");
	has_nocase = PQntuples(result) > 0;
	PQclear(result);

	for (number = first; number < last && count.differences + count.miscounted < most; number++)
	{
		if (number == first || number % PER_TABLES == 0)
			make_tables(number / PER_TABLES);
		if (number == first)
			test_difference();
		one_query();
		if (count.queries % 10000 == 0)
			printf("# %ld queries, %ld differences, %.0f s\n", count.queries, count.differences,
				   seconds() - began);
		if (limit > 0 && seconds() - began > (double) limit)
			break;
	}
	drop_tables();

	ok(count.differences == 0, "%ld queries, %ld of them with workers as well: the scan changes no answer (seed %llu)",
	   count.queries, count.in_parallel, (unsigned long long) seed);
	ok(count.miscounted == 0, "EXPLAIN ANALYZE counts the rows of %ld queries as without it",
	   count.counted);
	if (count.queries >= 1000)
	{
		ok(share(count.scans, count.explained) > 60, "%.0f %% of the queries use the scan",
		   share(count.scans, count.explained));
		ok(share(count.lookups, count.explained) > 1, "%.0f %% look rows up",
		   share(count.lookups, count.explained));
		ok(share(count.feeding, count.explained) > 50, "%.0f %% use it by the page",
		   share(count.feeding, count.explained));
		ok(share(count.workers, count.workers_of) > 60, "%.0f %% of those asked with workers use them",
		   share(count.workers, count.workers_of));
		ok(share(count.failing, count.queries) < 25, "%.0f %% fail, scan or not",
		   share(count.failing, count.queries));
		ok(share(count.empty, count.queries) < 50, "%.0f %% find next to nothing",
		   share(count.empty, count.queries));
	}
	printf("# %.0f s, %.2f ms for each query\n", seconds() - began,
		   (seconds() - began) * 1000 / (double) (count.queries > 0 ? count.queries : 1));
	printf("1..%d\n", tests);
	PQfinish(connection);
	return tests_failed > 0;
}
