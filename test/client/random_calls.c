/*-------------------------------------------------------------------------
 *
 * random_calls.c
 *		Random calls of several roles at once, on the same few names, while
 *		sessions are killed. Prints TAP.
 *
 *	random_calls [CALLS [SEED]]
 *
 * Nobody may get an error that is the fault of the extension, such as a
 * deadlock or a row that is gone; and afterwards the catalogue must be whole:
 * every version has its members, counts agree, and every run has its end in
 * the log.  Most calls are refused: names are not there, or somebody else's.
 *
 *-------------------------------------------------------------------------
 */
#include <libpq-fe.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

#define SESSIONS 8
#define NAMES 8
#define STATES 100

static const char *roles[] = {"journey_calls_a", "journey_calls_b", "journey_calls_team", "journey_calls_runner", "postgres"};

#define ROLES ((int) (sizeof(roles) / sizeof(roles[0])))

/* What may come: the caller's fault, a failure that was asked for, or a kill. */
static const char *expected[] = {
	"00000",					/* no error */
	"2BP01",					/* used by another */
	"42501",					/* somebody else's */
	"42704",					/* not there */
	"42710",					/* there already */
	"42809",					/* a tag, not a segment */
	"42P19",					/* would depend on itself */
	"55000",					/* no version yet */
	"57P01",					/* terminated */
	"57P02",					/* another session was killed */
	"P0001",					/* refresh_due(raise_error => true) */
	"lost",						/* the connection */
};

/* How often each SQLSTATE came. */
static struct
{
	char		state[6];
	int			count;
	char		example[400];
}			states[STATES];
static int	known_states = 0;

/* A session: who, doing what. */
static struct
{
	PGconn	   *connection;
	const char *call;			/* its kind; NULL if it is idle */
	char		sql[600];
}			sessions[SESSIONS];

/* How often each kind of call succeeded. */
static struct
{
	const char *call;
	int			made;
	int			done;
}			kinds[60];
static int	known_kinds = 0;

static int	tests = 0;
static int	failed = 0;

static void
ok(int good, const char *name)
{
	tests++;
	failed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", tests, name);
}

static int
any(int n)
{
	return (int) (random() % n);
}

static void
ignore_notice(void *arg, const char *message)
{
	(void) arg;
	(void) message;
}

/* Connect as a role, waiting for a server that recovers. */
static PGconn *
connect_as(const char *role)
{
	char		options[100];
	int			tries;

	snprintf(options, sizeof(options), "options='-c role=%s -c search_path=journey,public'", role);
	for (tries = 0; tries < 600; tries++)
	{
		PGconn	   *connection = PQconnectdb(options);
		struct timespec pause = {0, 100000000L};

		if (PQstatus(connection) == CONNECTION_OK)
		{
			PQsetNoticeProcessor(connection, ignore_notice, NULL);
			return connection;
		}
		PQfinish(connection);
		nanosleep(&pause, NULL);
	}
	printf("Bail out! cannot connect\n");
	exit(1);
}

/* Run a query as superuser; its first value, to be freed. */
static char *
query(const char *sql)
{
	PGconn	   *connection = connect_as("postgres");
	PGresult   *result = PQexec(connection, sql);
	char	   *value;

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
	{
		printf("Bail out! %s: %s\n", sql, PQerrorMessage(connection));
		exit(1);
	}
	value = strdup(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(connection);
	return value;
}

static void
execute(const char *sql)
{
	free(query(sql));
}

static void
is(const char *sql, const char *wanted, const char *name)
{
	char	   *got = query(sql);

	ok(strcmp(got, wanted) == 0, name);
	if (strcmp(got, wanted) != 0)
		printf("# got %s, expected %s: %s\n", got, wanted, sql);
	free(got);
}

/* Note how a call ended. */
static void
note_state(const char *state, const char *sql, const char *message)
{
	int			i;

	for (i = 0; i < known_states && strcmp(states[i].state, state) != 0; i++)
		;
	if (i == STATES)
		return;
	if (i == known_states)
	{
		known_states++;
		snprintf(states[i].state, sizeof(states[i].state), "%s", state);
		snprintf(states[i].example, sizeof(states[i].example), "%.150s: %.200s", sql, message);
	}
	states[i].count++;
}

static void
note_kind(const char *call, int good)
{
	int			i;

	for (i = 0; i < known_kinds && kinds[i].call != call; i++)
		;
	if (i == known_kinds)
		known_kinds++;
	kinds[i].call = call;
	kinds[i].made++;
	kinds[i].done += good;
}

/* The SQL of a session's next call. */
static void
say(int s, const char *call, const char *format,...)
{
	va_list		args;

	sessions[s].call = call;
	va_start(args, format);
	vsnprintf(sessions[s].sql, sizeof(sessions[s].sql), format, args);
	va_end(args);
}

/* A definition: of a segment, as a literal. */
static const char *
any_definition(void)
{
	static char text[200];

	switch (any(9))
	{
		case 7:
			snprintf(text, sizeof(text), "'SELECT tag_users(''t%d'', ''3'')'", any(3));
			break;
		case 0:
			snprintf(text, sizeof(text), "'SELECT generate_series(1, %d)'", any(1000));
			break;
		case 1:
			snprintf(text, sizeof(text), "'SELECT u FROM generate_series(1, %d) AS u, (SELECT pg_sleep(0.0%d)) AS s'", any(1000), any(5));
			break;
		case 2:
			snprintf(text, sizeof(text), "'SELECT 1 / (user_id - %d) FROM public.log'", any(100));
			break;
		case 3:
		case 4:
			snprintf(text, sizeof(text), "'SELECT segment(''n%d'')'", any(NAMES));
			break;
		case 5:
			snprintf(text, sizeof(text), "'{\"source\": \"log\", \"rule\": {\"did\": \"x\"}}'");
			break;
		default:
			snprintf(text, sizeof(text), "'{\"source\": \"log\", \"rule\": {\"and\": [{\"did\": \"x\"}, {\"segment\": \"n%d\"}]}}'", any(NAMES));
			break;
	}
	return text;
}

static void
any_call(int s)
{
	const char *role = roles[any(ROLES - 1)];
	int			n = any(NAMES);
	int			m = any(NAMES);

	/*
	 * in the order of names, or two of these would be a deadlock of the
	 * callers
	 */
	if (m < n)
	{
		int			swap = n;

		n = m;
		m = swap;
	}
	/* names are more often given than taken away */
	switch (any(35))
	{
		case 0:
		case 1:
		case 2:
		case 3:
		case 28:
		case 29:
		case 30:
			say(s, "create_segment", "SELECT create_segment('n%d', %s%s)", n, any_definition(), any(2) ? "" : ", replace => true");
			break;
		case 4:
		case 31:
			say(s, "create_tag", "SELECT create_tag('t%d', 'SELECT user_id, user_id %% 7 FROM public.log', '%s')", n % 3, any(2) ? "sql" : "numeric");
			break;
		case 5:
		case 6:
			say(s, "alter_segment", "SELECT alter_segment('n%d', %s)", n, any_definition());
			break;
		case 7:
			say(s, "drop_segment", "SELECT drop_segment('n%d')", n);
			break;
		case 8:
			say(s, "drop_segment, force", "SELECT drop_segment('n%d', force => true)", n);
			break;
		case 9:
			say(s, "drop of two", "BEGIN; SELECT drop_segment('n%d', force => true); SELECT drop_segment('n%d', force => true); %s",
				n, m, any(2) ? "COMMIT" : "ROLLBACK");
			break;
		case 10:
			say(s, "drop_tag", "SELECT drop_tag('t%d', force => true)", n % 3);
			break;
		case 11:
		case 12:
		case 32:
			say(s, "refresh_segment", "SELECT * FROM refresh_segment('n%d', now() - interval '%d days', %s)", n, any(5), any(2) ? "true" : "false");
			break;
		case 13:
			say(s, "refresh_segments", "SELECT * FROM refresh_segments(ARRAY['n%d', 'n%d'])", n, m);
			break;
		case 14:
			say(s, "refresh_tag", "SELECT * FROM refresh_tag('t%d')", n % 3);
			break;
		case 15:
		case 16:
		case 17:
			say(s, "refresh_due", "CALL refresh_due(%s)", any(4) ? "" : "raise_error => true, as_superuser => true");
			break;
		case 18:
			say(s, "schedule_refresh", "SELECT schedule_refresh('n%d', '%s', 'UTC', %d, '1 second', %s)", n, any(2) ? "1 minute" : "0 0 29 2 *", any(3), any(2) ? "true" : "false");
			break;
		case 19:
			say(s, "make due", "UPDATE schedules SET next_due = now() - interval '1 minute' WHERE id %% 2 = %d", any(2));
			break;
		case 20:
			say(s, "unschedule_refresh", "SELECT unschedule_refresh('n%d')", n);
			break;
		case 21:
			say(s, "grant_segment", "SELECT grant_segment('n%d', '%s')", n, role);
			break;
		case 22:
			say(s, "revoke_segment", "SELECT revoke_segment('n%d', '%s')", n, role);
			break;
		case 23:
			say(s, "profile", "SELECT * FROM profile(%d)", any(1000));
			break;
		case 24:
			say(s, "segment_export", "SELECT count(*) FROM segment_export('n%d', 'test')", n);
			break;
		case 25:
			say(s, "set_definition_owner", "SELECT set_definition_owner('n%d', '%s')", n, role);
			break;
		case 26:
			say(s, "segment", "SELECT segment('n%d'), segment_trend('n%d')", n, n);
			break;
		case 33:
			say(s, "rename_segment", "SELECT rename_segment('n%d', 'n%d'%s)", n, m, any(2) ? "" : ", force => true");
			break;
		default:
			say(s, "views", "SELECT (SELECT count(*) FROM segments), (SELECT count(*) FROM tags), (SELECT count(*) FROM refresh_progress)");
			break;
	}
}

/* Read what has come of a session's call; true when it has ended. */
static int
ended(int s)
{
	PGconn	   *connection = sessions[s].connection;
	PGresult   *result;
	char		state[6] = "00000";
	char		message[300] = "";

	if (!PQconsumeInput(connection))
		strcpy(state, "lost");
	else if (PQisBusy(connection))
		return 0;
	else
		while ((result = PQgetResult(connection)) != NULL)
		{
			if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
			{
				const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);

				snprintf(state, sizeof(state), "%s", code ? code : "lost");
				snprintf(message, sizeof(message), "%.290s", PQresultErrorMessage(result));
			}
			PQclear(result);
		}
	note_state(state, sessions[s].sql, message);
	note_kind(sessions[s].call, strcmp(state, "00000") == 0);
	sessions[s].call = NULL;
	if (PQstatus(connection) != CONNECTION_OK)
	{
		PQfinish(connection);
		sessions[s].connection = NULL;
	}
	else if (PQtransactionStatus(connection) != PQTRANS_IDLE)
		PQclear(PQexec(connection, "ROLLBACK"));
	return 1;
}

/* Make so many calls, now and then killing a session. */
static void
make_calls(int calls)
{
	int			made = 0;
	int			terminated = 0;
	int			killed = 0;
	int			s;

	while (made < calls)
	{
		fd_set		reading;
		struct timeval pause = {0, 20000};
		int			highest = 0;

		FD_ZERO(&reading);
		for (s = 0; s < SESSIONS; s++)
		{
			if (sessions[s].call != NULL)
				ended(s);
			if (sessions[s].connection == NULL)
				sessions[s].connection = connect_as(roles[any(ROLES)]);
			if (sessions[s].call == NULL)
			{
				any_call(s);
				made++;
				if (!PQsendQuery(sessions[s].connection, sessions[s].sql))
					ended(s);
			}
			if (sessions[s].connection != NULL && PQsocket(sessions[s].connection) >= 0)
			{
				FD_SET(PQsocket(sessions[s].connection), &reading);
				if (PQsocket(sessions[s].connection) > highest)
					highest = PQsocket(sessions[s].connection);
			}
		}
		s = any(SESSIONS);
		if (sessions[s].connection != NULL && made / 40 > terminated)
		{
			/* the server may be about to go down, as one was killed just now */
			PGconn	   *connection = connect_as("postgres");
			char		sql[100];

			snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", PQbackendPID(sessions[s].connection));
			PQclear(PQexec(connection, sql));
			PQfinish(connection);
			terminated++;
		}
		if (sessions[s].connection != NULL && (made + 300) / 1000 > killed)
		{
			kill(PQbackendPID(sessions[s].connection), SIGKILL);
			killed++;
		}
		select(highest + 1, &reading, NULL, NULL, &pause);
	}
	for (s = 0; s < SESSIONS; s++)
	{
		while (sessions[s].call != NULL && !ended(s))
		{
			struct timespec pause = {0, 10000000L};

			nanosleep(&pause, NULL);
		}
		if (sessions[s].connection != NULL)
			PQfinish(sessions[s].connection);
	}
	printf("# %d calls, %d sessions terminated, %d killed\n", made, terminated, killed);
}

int
main(int argc, char **argv)
{
	int			calls = argc > 1 ? atoi(argv[1]) : 800;
	unsigned	seed = argc > 2 ? (unsigned) atoi(argv[2]) : (unsigned) time(NULL);
	int			unexpected = 0;
	int			useless = 0;
	int			i;
	int			e;

	printf("# seed %u\n", seed);
	srandom(seed);
	for (i = 0; i < ROLES - 1; i++)
	{
		char		sql[200];

		snprintf(sql, sizeof(sql), "DROP ROLE IF EXISTS %s", roles[i]);
		execute(sql);
		snprintf(sql, sizeof(sql), "CREATE ROLE %s", roles[i]);
		execute(sql);
	}
	execute("CREATE EXTENSION pg_journey");
	execute("GRANT USAGE ON SCHEMA journey TO PUBLIC");
	execute("GRANT journey_calls_team TO journey_calls_a, journey_calls_b");
	execute("GRANT journey_calls_a, journey_calls_b, journey_calls_team TO journey_calls_runner");
	execute("CREATE TABLE public.log AS SELECT i AS user_id, now() - interval '10 years' AS at, 'x' AS event FROM generate_series(1, 1000) i");
	execute("GRANT SELECT ON public.log TO PUBLIC");
	execute("SELECT add_source('log', 'public.log'), grant_source('log', 'public')");

	make_calls(calls);

	for (i = 0; i < known_states; i++)
	{
		for (e = 0; e < (int) (sizeof(expected) / sizeof(expected[0])) && strcmp(states[i].state, expected[e]) != 0; e++)
			;
		printf("# %s %d times%s%s\n", states[i].state, states[i].count,
			   e < (int) (sizeof(expected) / sizeof(expected[0])) ? "" : ", unexpected: ",
			   e < (int) (sizeof(expected) / sizeof(expected[0])) ? "" : states[i].example);
		unexpected += e == (int) (sizeof(expected) / sizeof(expected[0]));
	}
	for (i = 0; i < known_kinds; i++)
	{
		printf("# %s: %d of %d succeeded\n", kinds[i].call, kinds[i].done, kinds[i].made);
		useless += kinds[i].done == 0 && kinds[i].made >= 50;
	}
	ok(unexpected == 0, "no call ended in an unexpected way");
	ok(useless == 0, "each kind of call succeeded now and then");
	is("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0", "no lock is left");
	/* somebody comes by */
	execute("CALL refresh_due(as_superuser => true)");
	is("SELECT count(*) FROM refresh_log WHERE status = 'running'", "0", "in the log every run has its end");
	is("SELECT count(*) FROM refresh_log WHERE sqlstate NOT IN ('22012', '42501', '42704', '42809', '55000', '55006')", "0", "nothing failed in an unexpected way");
	is("SELECT count(*) FROM versions AS v WHERE v.scale IS NULL AND v.users <> (SELECT coalesce(cardinality(union_agg(m.members)), 0) FROM version_members AS m WHERE m.id = v.id AND m.as_of = v.as_of)",
	   "0", "the number of users is that of the members");
	is("SELECT count(*) FROM versions AS v JOIN definitions AS d USING (id) WHERE d.kind = 'segment' AND (SELECT count(*) FROM version_members AS m WHERE m.id = v.id AND m.as_of = v.as_of AND m.value = '') <> 1",
	   "0", "every version of a segment has its members");
	is("SELECT count(*) FROM versions AS v WHERE v.scale IS NOT NULL AND v.users IS DISTINCT FROM (SELECT numset_count(m.numbers) FROM version_numbers AS m WHERE m.id = v.id AND m.as_of = v.as_of)",
	   "0", "every version of a numeric tag has its numbers");
	is("SELECT count(*) FROM version_members AS m WHERE m.users <> cardinality(m.members)", "0", "and each value is counted right");
	is("SELECT count(*) FROM (SELECT v.users - v.entered + v.exited AS before, lag(v.users, 1, 0::bigint) OVER (PARTITION BY v.id ORDER BY v.as_of) AS users FROM versions AS v) AS x WHERE before <> users",
	   "0", "who entered and exited makes the difference between versions");
	is("SELECT count(*) FROM (SELECT id FROM versions UNION ALL SELECT id FROM refresh_log UNION ALL SELECT id FROM schedules UNION ALL SELECT id FROM definition_uses) AS x WHERE id NOT IN (SELECT id FROM definitions)",
	   "0", "nothing belongs to what is gone");
	is("SELECT count(*) FROM (SELECT m.id, m.as_of FROM version_members AS m UNION ALL SELECT m.id, m.as_of FROM version_numbers AS m UNION ALL SELECT m.id, m.as_of FROM numbers_by_user AS m) AS x"
	   " WHERE NOT EXISTS (SELECT FROM versions AS v WHERE v.id = x.id AND v.as_of = x.as_of)", "0", "nor to no version");
	execute("SELECT create_segment('after', 'SELECT generate_series(1, 10)'), create_segment('after it', 'SELECT segment(''after'')')");
	is("SELECT string_agg(users::text, ',') FROM refresh_segments('{after,after it}')", "10,10", "and all goes on");
	execute("DROP EXTENSION pg_journey CASCADE");
	execute("DROP OWNED BY journey_calls_a, journey_calls_b, journey_calls_team, journey_calls_runner");
	execute("DROP ROLE journey_calls_a, journey_calls_b, journey_calls_team, journey_calls_runner");
	printf("1..%d\n", tests);
	return failed > 0;
}
