/*-------------------------------------------------------------------------
 *
 * runners.c
 *		Several runners of refresh_due() at once, some of them killed. Prints TAP.
 *
 * Whatever happens, each segment that was due is computed, once: the log has
 * one success for each and round, dependents come after what they use, and no
 * two runners were at the same segment at the same time.  What is computed can
 * be dropped meanwhile.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define SEGMENTS 24				/* besides those that depend on others */
#define RUNNERS 4
#define GATE "4712"				/* an advisory lock that segments wait for */

static int	tests = 0;
static int	failed = 0;

static void
ok(int good, const char *name)
{
	tests++;
	failed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", tests, name);
}

static void
sleep_ms(int ms)
{
	struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&pause, NULL);
}

/* Connect, waiting for a server that recovers; what it says is of no interest. */
static void
ignore_notice(void *arg, const char *message)
{
	(void) arg;
	(void) message;
}

static PGconn *
connect_server(void)
{
	int			tries;

	for (tries = 0; tries < 300; tries++)
	{
		PGconn	   *connection = PQconnectdb("");

		if (PQstatus(connection) == CONNECTION_OK)
		{
			PQsetNoticeProcessor(connection, ignore_notice, NULL);
			return connection;
		}
		PQfinish(connection);
		sleep_ms(100);
	}
	printf("Bail out! cannot connect\n");
	exit(1);
}

/* Run a query and return its first column of the first row, to be freed. */
static char *
query(const char *sql)
{
	PGconn	   *connection = connect_server();
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
is(const char *sql, const char *expected, const char *name)
{
	char	   *got = query(sql);

	ok(strcmp(got, expected) == 0, name);
	if (strcmp(got, expected) != 0)
		printf("# got %s, expected %s: %s\n", got, expected, sql);
	free(got);
}

typedef enum Attack
{
	NOTHING,
	TERMINATE,					/* pg_terminate_backend */
	KILL						/* SIGKILL: the server recovers from a crash */
} Attack;

/* Is the runner still at work? */
static int
at_work(PGconn *runner)
{
	if (!PQconsumeInput(runner))
		return 0;
	return PQisBusy(runner);
}

/*
 * One round: everything is due, runners start at once, and after a while
 * `victims` of them are killed: at any moment, also after their end, or, if it is
 * `gated`, while all are at something, as no segment is done before the gate opens.
 * Returns how many runs ended by themselves.
 */
static int
run(Attack attack, int victims, int gated)
{
	PGconn	   *gate = connect_server();
	PGconn	   *runners[RUNNERS];
	int			done = 0;
	int			i;

	execute("UPDATE journey.schedules SET next_due = now()");
	execute("TRUNCATE round");
	execute("INSERT INTO round VALUES (clock_timestamp())");
	if (gated)
		PQclear(PQexec(gate, "SELECT pg_advisory_lock(" GATE ")"));
	for (i = 0; i < RUNNERS; i++)
		runners[i] = connect_server();
	for (i = 0; i < RUNNERS; i++)
		if (!PQsendQuery(runners[i], "CALL journey.refresh_due()"))
			printf("# %s", PQerrorMessage(runners[i]));
	/* until some are at something */
	for (i = 0; victims > 0 && i < (gated ? 1500 : 100); i++)
	{
		char	   *running = query("SELECT count(DISTINCT pid) FROM journey.refresh_progress WHERE status = 'running'");
		int			n = atoi(running);

		free(running);
		if (n >= (gated ? RUNNERS : 2))
			break;
		sleep_ms(20);
	}
	for (i = 0; i < victims; i++)
	{
		int			pid = PQbackendPID(runners[i]);

		printf("# killing a runner that is %s\n", at_work(runners[i]) ? "at work" : "done");
		if (attack == TERMINATE)
		{
			char		sql[64];

			snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)", pid);
			execute(sql);
		}
		else if (kill(pid, SIGKILL) != 0)
			printf("# cannot kill %d: %s\n", pid, strerror(errno));
	}
	PQfinish(gate);
	for (i = 0; i < RUNNERS; i++)
	{
		PGresult   *result;
		int			good = 1;

		while ((result = PQgetResult(runners[i])) != NULL)
		{
			good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
			PQclear(result);
		}
		done += good && PQstatus(runners[i]) == CONNECTION_OK;
		PQfinish(runners[i]);
	}
	return done;
}

/* What must hold after every round. */
static void
check(const char *what)
{
	char		name[200];

	snprintf(name, sizeof(name), "%s: each was computed once", what);
	is("SELECT count(*) || ' segments, ' || min(n) || ' to ' || max(n) || ' times' FROM"
	   " (SELECT s.id, (SELECT count(*) FROM journey.refresh_log l WHERE l.id = s.id AND l.status = 'succeeded'"
	   "  AND l.started_at > (SELECT began FROM round)) AS n FROM journey.schedules s) x",
	   "30 segments, 1 to 1 times", name);
	snprintf(name, sizeof(name), "%s: none is due any more, none running", what);
	is("SELECT count(*) FILTER (WHERE next_due <= now()) || ' ' || count(*) FILTER (WHERE status <> 'succeeded') FROM journey.refresh_progress",
	   "0 0", name);
	snprintf(name, sizeof(name), "%s: every version is whole", what);
	is("SELECT count(*) FROM journey.versions v JOIN journey.version_members m USING (id, as_of)"
	   " WHERE v.users = m.users AND m.users = journey.cardinality(m.members) AND m.users = 1000",
	   "30", name);
	snprintf(name, sizeof(name), "%s: what uses others came after them", what);
	is("SELECT count(*) FROM journey.definition_uses u"
	   " JOIN journey.refresh_log a ON a.id = u.used AND a.status = 'succeeded' AND a.started_at > (SELECT began FROM round)"
	   " JOIN journey.refresh_log b ON b.status = 'succeeded' AND b.started_at > (SELECT began FROM round)"
	   " WHERE b.id = u.id AND b.started_at < a.finished_at", "0", name);
}

/*
 * A runner that reads what is due, and takes the lock only when another one has
 * done that and gone: there is nothing left to claim.  If it claimed it again
 * and were killed then, the log would have it as interrupted for ever.
 */
static void
check_late_claim(void)
{
	PGconn	   *first = connect_server();
	PGconn	   *late = connect_server();
	PGresult   *result;
	int			waiting = 0;
	int			i;

	/* a lock that is waited for before each of try_lock()'s */
	execute("ALTER FUNCTION journey_internal.try_lock(bigint) RENAME TO try_lock_at_once");
	execute("CREATE FUNCTION journey_internal.try_lock(id bigint) RETURNS boolean LANGUAGE sql AS"
			" 'SELECT pg_advisory_xact_lock(4711); SELECT journey_internal.try_lock_at_once(id)'");
	execute("UPDATE journey.schedules SET next_due = now() WHERE id = (SELECT id FROM journey.definitions WHERE name = 's1')");
	PQclear(PQexec(first, "SELECT pg_advisory_lock(4711)"));
	if (!PQsendQuery(late, "SELECT coalesce((journey_internal.claim_due(NULL)).ids::text, 'nothing')"))
		printf("# %s", PQerrorMessage(late));
	for (i = 0; i < 500 && !waiting; i++)
	{
		char	   *locks = query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");

		waiting = atoi(locks);
		free(locks);
		sleep_ms(20);
	}
	ok(waiting == 1, "a late runner has read what is due");
	PQclear(PQexec(first, "CALL journey.refresh_due()"));
	PQclear(PQexec(first, "SELECT pg_advisory_unlock(4711)"));
	result = PQgetResult(late);
	ok(strcmp(PQgetvalue(result, 0, 0), "nothing") == 0, "and claims nothing once another has done it");
	PQclear(result);
	PQfinish(late);
	PQfinish(first);
	is("SELECT status FROM journey.refresh_progress WHERE name = 's1'", "succeeded", "which is what the log says");
	execute("DROP FUNCTION journey_internal.try_lock(bigint)");
	execute("ALTER FUNCTION journey_internal.try_lock_at_once(bigint) RENAME TO try_lock");
}

/* Wait until a query says "t", for as long as 30 s. */
static int
wait_until(const char *sql)
{
	int			i;

	for (i = 0; i < 1500; i++)
	{
		char	   *value = query(sql);
		int			good = strcmp(value, "t") == 0;

		free(value);
		if (good)
			return 1;
		sleep_ms(20);
	}
	return 0;
}

/*
 * While a runner computes, what it is at can be dropped at once, even all of
 * it, and the others are kept.  The same of one that is refreshed by hand.
 */
static void
check_drop(void)
{
	PGconn	   *gate = connect_server();
	PGconn	   *runner = connect_server();
	PGresult   *result;
	int			by_hand;

	for (by_hand = 0; by_hand < 2; by_hand++)
	{
		const char *what = by_hand ? "refresh_segments()" : "refresh_due()";
		char		name[200];

		execute("SELECT journey.create_segment('gone', 'SELECT 1 FROM (SELECT wait_at_gate()) g'),"
				" journey.create_segment('gone too', 'SELECT 1 FROM (SELECT wait_at_gate()) g'),"
				" journey.create_segment('kept', 'SELECT 1 FROM (SELECT wait_at_gate()) g'),"
				" journey.create_segment('user of kept', 'SELECT journey.segment(''kept'')')");
		execute("SELECT journey.schedule_refresh(n, '0 0 29 2 *') FROM unnest('{gone,gone too,kept,user of kept}'::text[]) n");
		execute("UPDATE journey.schedules SET next_due = now() WHERE id IN (SELECT id FROM journey.definitions WHERE name ~ 'gone|kept')");
		PQclear(PQexec(gate, "SELECT pg_advisory_lock(" GATE ")"));
		PQsendQuery(runner, by_hand ? "SELECT string_agg(name, ',' ORDER BY name) FROM journey.refresh_segments('{gone,gone too,kept,user of kept}')" : "CALL journey.refresh_due()");
		snprintf(name, sizeof(name), "%s: progress says that it is running", what);
		ok(wait_until("SELECT bool_or(status = 'running') FROM journey.refresh_progress WHERE name ~ 'gone'"), name);
		snprintf(name, sizeof(name), "%s: what it computes is dropped without waiting", what);
		is("SET statement_timeout = '5 s'; SELECT journey.drop_segment('gone'), journey.drop_segment('gone too'); SELECT 'dropped'", "dropped", name);
		PQclear(PQexec(gate, "SELECT pg_advisory_unlock(" GATE ")"));
		result = PQgetResult(runner);
		snprintf(name, sizeof(name), "%s comes to its end", what);
		ok(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK, name);
		if (PQresultStatus(result) == PGRES_FATAL_ERROR)
			printf("# %s", PQresultErrorMessage(result));
		PQclear(result);
		PQclear(PQgetResult(runner));
		snprintf(name, sizeof(name), "%s: and the others are kept", what);
		is("SELECT string_agg(concat(name, ' ', status), ', ' ORDER BY name) FROM journey.refresh_progress WHERE name ~ 'gone|kept'",
		   "kept succeeded, user of kept succeeded", name);
		execute("SELECT journey.drop_segment('user of kept'), journey.drop_segment('kept')");
	}

	/*
	 * so can what a rule uses that takes long to be compiled; and others
	 * create theirs meanwhile
	 */
	execute("SELECT journey.create_segment('gone', 'SELECT 1')");
	PQsendQuery(runner, "SELECT journey.create_segment('long', jsonb_build_object('source', 'events', 'rule', jsonb_build_object('or',"
				" (SELECT jsonb_agg(jsonb_build_object('did', 'e' || i)) || '{\"segment\": \"gone\"}' FROM generate_series(1, 5000) i)))::text)");
	sleep_ms(200);
	is("SET statement_timeout = '5 s'; SELECT journey.create_segment('short', 'SELECT 1'); SELECT journey.drop_segment('gone'), journey.drop_segment('short'); SELECT 'dropped'",
	   "dropped", "while a rule is compiled, others create, and drop what it uses");
	ok(at_work(runner), "and it still is");
	{
		PGcancel   *cancel = PQgetCancel(runner);
		char		error[256];

		PQcancel(cancel, error, sizeof(error));
		PQfreeCancel(cancel);
	}
	while ((result = PQgetResult(runner)) != NULL)
		PQclear(result);

	/* what another session is at is no input */
	execute("SELECT journey.create_segment('slow', 'SELECT 1 FROM (SELECT wait_at_gate()) g'), journey.create_segment('user of slow', 'SELECT journey.segment(''slow'')')");
	execute("SELECT journey.refresh_segment('slow', '2020-01-01')");
	execute("SELECT journey.schedule_refresh('user of slow', '0 0 29 2 *')");
	execute("UPDATE journey.schedules SET next_due = now() WHERE id = (SELECT id FROM journey.definitions WHERE name = 'user of slow')");
	PQclear(PQexec(gate, "SELECT pg_advisory_lock(" GATE ")"));
	PQsendQuery(runner, "SELECT * FROM journey.refresh_segment('slow', '2020-01-02')");
	ok(wait_until("SELECT status = 'running' FROM journey.refresh_progress WHERE name = 'slow'"), "a refresh by hand is running, not interrupted");
	is("SELECT error FROM journey.refresh_segment('user of slow')", "its input \"slow\" is being refreshed by another session", "what uses it fails meanwhile, by hand");
	execute("CALL journey.refresh_due()");
	is("SELECT count(*) FROM journey.schedules WHERE next_due <= now()", "1", "and waits for the next runner, by refresh_due()");
	PQclear(PQexec(gate, "SELECT pg_advisory_unlock(" GATE ")"));
	while ((result = PQgetResult(runner)) != NULL)
		PQclear(result);
	execute("CALL journey.refresh_due()");
	is("SELECT status FROM journey.refresh_progress WHERE name = 'user of slow'", "succeeded", "which does it");
	execute("SELECT journey.drop_segment('user of slow'), journey.drop_segment('slow')");
	PQfinish(runner);
	PQfinish(gate);
}

/* What a call says: its notices, and its error. */
static char said[2000];

static void
note_notice(void *arg, const char *message)
{
	(void) arg;
	if (strlen(said) + strlen(message) < sizeof(said))
		strcat(said, message);
}

/* Does a call, as a role, say this? */
static void
says(const char *role, const char *sql, const char *expected, const char *name)
{
	PGconn	   *connection = connect_server();
	PGresult   *result;
	char		set[100];

	snprintf(set, sizeof(set), "SET ROLE %s", role);
	PQclear(PQexec(connection, set));
	PQsetNoticeProcessor(connection, note_notice, NULL);
	said[0] = '\0';
	result = PQexec(connection, sql);
	note_notice(NULL, PQresultErrorMessage(result));
	ok(strstr(said, expected) != NULL && (expected[0] != '\0' || said[0] == '\0'), name);
	if (strstr(said, expected) == NULL || (expected[0] == '\0' && said[0] != '\0'))
		printf("# %s says %s", sql, said);
	PQclear(result);
	PQfinish(connection);
}

/* What a runner may not run, and what failed, it does not pass over in silence. */
static void
check_silence(void)
{
	execute("CREATE ROLE journey_runners_owner");
	execute("CREATE ROLE journey_runners_reader");
	execute("GRANT USAGE ON SCHEMA journey TO journey_runners_owner, journey_runners_reader");
	execute("SET ROLE journey_runners_owner; SELECT journey.create_segment('theirs', 'SELECT 1'), journey.create_segment('their broken', 'SELECT 1 / (u - u) FROM generate_series(1, 10) AS u')");
	execute("SET ROLE journey_runners_owner; SELECT journey.schedule_refresh(n, '0 0 29 2 *') FROM unnest('{theirs,their broken}'::text[]) AS n");
	execute("UPDATE journey.schedules SET next_due = now() WHERE id IN (SELECT id FROM journey.definitions WHERE name ~ 'their')");
	says("journey_runners_reader", "CALL journey.refresh_due()", "nothing that is scheduled belongs to a role whose rights", "a runner without rights is told");
	execute("SELECT journey.grant_segment('theirs', 'journey_runners_reader')");
	says("journey_runners_reader", "CALL journey.refresh_due()", "does not have the rights of their owners: 1 due", "also how many it may see and not run");
	says("postgres", "CALL journey.refresh_due()", "their owners are no superusers: 2 due", "a superuser is told what it leaves out");
	is("SELECT count(*) FROM journey.refresh_progress WHERE name ~ 'their' AND status IS NOT NULL", "0", "and it leaves it out");
	says("journey_runners_owner", "CALL journey.refresh_due(raise_error => true)", "1 of 2 refreshes failed: \"their broken\"", "who asks for it gets an error at the end");
	is("SELECT status FROM journey.refresh_progress WHERE name = 'theirs'", "succeeded", "when all is done");
	says("journey_runners_owner", "CALL journey.refresh_due(raise_error => true)", "", "and none if there is nothing to do");
	says("journey_runners_owner", "BEGIN; CALL journey.refresh_due()", "refresh_due() cannot run inside a transaction block", "a transaction block is refused at once");
	says("journey_runners_owner", "CALL journey.refresh_due(); SELECT 1", "refresh_due() cannot run inside a transaction block", "so are several statements at once");
	says("journey_runners_owner", "DO $$ BEGIN CALL journey.refresh_due(); END $$", "", "but not a procedure that can commit");
	execute("SELECT journey.drop_segment('theirs'), journey.drop_segment('their broken')");
	execute("DROP OWNED BY journey_runners_owner, journey_runners_reader");
	execute("DROP ROLE journey_runners_owner, journey_runners_reader");
}

/* Rows of its own that a role locks, or writes before a runner does, keep nobody waiting for long. */
static void
check_locked(void)
{
	PGconn	   *owner = connect_server();

	execute("UPDATE journey.schedules SET next_due = now()");
	execute("DELETE FROM journey.refresh_log");
	PQclear(PQexec(owner, "BEGIN; INSERT INTO journey.versions (id, as_of, computed_at, duration, users, entered, exited)"
				   " SELECT d.id, journey_internal.schedule_time(s.schedule, s.time_zone, now(), false) - interval '4 years' * n, now(), '0', 0, 0, 0"
				   " FROM journey.definitions AS d JOIN journey.schedules AS s USING (id), generate_series(0, 1) AS n WHERE d.name = 's1' ON CONFLICT DO NOTHING;"
				   " SELECT FROM journey.versions AS v JOIN journey.definitions AS d USING (id) WHERE d.name = 's1' FOR UPDATE OF v"));
	execute("CALL journey.refresh_due()");
	is("SELECT string_agg(name || ' ' || status || ' ' || error, ',') FROM journey.refresh_progress WHERE status <> 'succeeded'",
	   "s1 failed canceling statement due to lock timeout", "what is locked fails, and all others are done");
	is("SELECT count(*) FROM journey.schedules WHERE next_due <= now()", "0", "nothing is left");
	PQfinish(owner);
}

int
main(void)
{
	int			done;
	int			i;

	execute("CREATE EXTENSION pg_journey");
	execute("CREATE TABLE round (began timestamptz)");
	execute("CREATE TABLE events AS SELECT i % 1000 AS user_id, now() - interval '10 years' AS at, 'x' AS event FROM generate_series(1, 10000) i");
	execute("SELECT journey.add_source('events', 'events')");
	/* a definition can take no lock, but it can see one */
	execute("CREATE FUNCTION wait_at_gate() RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
			" WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = " GATE " AND mode = 'ExclusiveLock' AND granted) LOOP"
			" PERFORM pg_sleep(0.01); END LOOP; END $$");
	for (i = 0; i < SEGMENTS; i++)
	{
		char		sql[300];

		/* each takes some 40 ms; those of rules are computed together */
		snprintf(sql, sizeof(sql), i % 4 == 0 ?
				 "SELECT journey.create_segment('s%d', '{\"source\": \"events\", \"rule\": {\"did\": \"x\"}}'::text)" :
				 "SELECT journey.create_segment('s%d', 'SELECT user_id FROM events, (SELECT pg_sleep(0.04), wait_at_gate()) s')", i);
		execute(sql);
	}
	for (i = 0; i < 6; i++)
	{
		char		sql[300];

		snprintf(sql, sizeof(sql), "SELECT journey.create_segment('u%d', 'SELECT journey.members(journey.segment(''%s%d'')) FROM (SELECT pg_sleep(0.04)) s')",
				 i, i < 3 ? "s" : "u", i < 3 ? i * 5 : i - 3);
		execute(sql);
	}
	/* a day that does not come soon: nothing is due but what a round makes so */
	execute("SELECT count(journey.schedule_refresh(name, '0 0 29 2 *')) FROM journey.definitions");

	done = run(NOTHING, 0, 0);
	ok(done == RUNNERS, "four runners at once come to their end");
	check("four runners");
	is("SELECT count(DISTINCT pid) > 1 FROM journey.refresh_log", "t", "they shared the work");
	is("SELECT count(*) FROM journey.refresh_log", "30", "and left no other traces");

	/*
	 * isolation that lets no session see what another did since it began is
	 * not for these
	 */
	execute("ALTER DATABASE client_runners SET default_transaction_isolation = 'serializable'");
	done = run(NOTHING, 0, 0);
	ok(done == RUNNERS, "so they do where transactions are serializable by default");
	check("serializable by default");
	execute("ALTER DATABASE client_runners RESET default_transaction_isolation");

	check_late_claim();
	check_locked();
	check_drop();
	check_silence();

	for (i = 0; i < 3; i++)
	{
		done = run(TERMINATE, 1 + i, 0);
		ok(done >= RUNNERS - 1 - i, "some were terminated, the others come to their end");
		execute("CALL journey.refresh_due()");
		check("after pg_terminate_backend");
	}

	done = run(TERMINATE, RUNNERS, 1);
	ok(done == 0, "all were terminated");
	is("SELECT count(*) > 0 FROM journey.refresh_progress WHERE status = 'interrupted'", "t", "what they were at is shown as interrupted");
	is("SELECT count(*) FROM journey.refresh_progress WHERE status = 'running'", "0", "and not as running");
	execute("CALL journey.refresh_due()");
	check("after all were terminated");

	for (i = 0; i < 2; i++)
	{
		done = run(KILL, 1, i == 0);
		ok(done == 0 || i > 0, "one was killed, and the server recovered");
		execute("CALL journey.refresh_due()");
		check("after SIGKILL");
	}
	is("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0", "no lock is left");
	is("SELECT count(*) FILTER (WHERE status = 'running') || ' ' || (count(*) FILTER (WHERE status = 'interrupted') > 0) FROM journey.refresh_log", "0 true",
	   "and in the log nothing runs: what was killed is interrupted");

	printf("1..%d\n", tests);
	return failed > 0;
}
