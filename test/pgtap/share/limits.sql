-- Processes that share users, or groups, are cancelled while they read, spill, give each other users, and
-- count them: the query ends, and leaves neither temporary files nor shared memory behind.
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL hash_mem_multiplier = 1;
SELECT plan(100);

CREATE TABLE log AS
SELECT rnd(i, 1, 20000)::bigint AS user_id, moment(rnd(i, 2, 3000000)) AS at, 'page ' || rnd(i, 3, 20) AS page, (ARRAY['100', '010', '001', '110']::stepset[])[1 + rnd(i, 4, 4)] AS step
FROM generate_series(1, 200000) AS i;
CREATE TABLE parted (LIKE log) PARTITION BY HASH (page);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted TABLE log;
SELECT format('ALTER TABLE %s SET (parallel_workers = 3)', t) FROM unnest('{log,parted_0,parted_1}'::text[]) AS t \gexec
ANALYZE log, parted;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;

-- Queries, the memory they have, their answers, and how long they take.
CREATE TABLE asked (id int, query text, memory text, answer text, ms float8);
SET LOCAL journey.enable_aggregate = always;
INSERT INTO asked
SELECT row_number() OVER (), format('SELECT md5(concat(%s)) FROM %s', call, source), memory FROM (VALUES
	('transitions(user_id, at, page, ''1 hour'')', 'log', '64kB'),
	('funnel_breakdown(''customer '' || user_id, at, step, ''7 days'', page, 1)', 'parted', '64kB'),
	('cohort_retention(''customer '' || user_id, at, true, true, ''hour'', 30), lifecycle(user_id, at, ''hour''), funnel(user_id, at, step, ''7 days'')', 'log', '64kB'),
	('sessions(user_id, at, page, ''1 hour''), lifecycle(''customer '' || user_id, at, ''hour'')', 'parted', '64MB')) AS v (call, source, memory);
INSERT INTO asked
SELECT id, format('SELECT md5(string_agg(x, '''' ORDER BY x)) FROM (SELECT concat(%s) AS x FROM %s OFFSET 0) AS t', calls, source), memory FROM (VALUES
	(5, 'user_id, window_funnel(at, step, ''7 days''), user_path(at, page)', 'log GROUP BY user_id', '64kB'),
	(6, 'page, funnel(user_id, at, step, ''7 days''), lifecycle(''customer '' || user_id, at, ''day'')', 'parted GROUP BY page', '64MB')) AS v (id, calls, source, memory);
CREATE FUNCTION run(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE query INTO answer;
	RETURN answer;
EXCEPTION WHEN query_canceled THEN
	RETURN 'cancelled';
END $$;
SET LOCAL max_parallel_workers_per_gather = 0;
UPDATE asked SET answer = run(query);
SET LOCAL max_parallel_workers_per_gather = 3;
CREATE FUNCTION measure(asked) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	PERFORM set_config('work_mem', $1.memory, true);
	PERFORM set_config('journey.enable_aggregate', CASE $1.id WHEN 6 THEN 'off' ELSE 'always' END, true);
	RETURN CASE WHEN run($1.query) = $1.answer THEN extract(epoch FROM clock_timestamp() - began) * 1000 END;
END $$;
UPDATE asked AS a SET ms = measure(a);
SELECT ok(bool_and(ms > 0), 'processes that share users answer what one process answers') FROM asked;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan;
END $$;
SET LOCAL journey.enable_aggregate = always;
SELECT ok(bool_and(plan_of(query) LIKE '%JourneyShare%'), 'they do share them') FROM asked WHERE id < 5;
SELECT ok(plan_of(query) LIKE '%JourneyGroup%', 'they share groups') FROM asked WHERE id = 5;
SET LOCAL journey.enable_aggregate = off;
SET LOCAL enable_sort = off;
SELECT ok(plan_of(query) LIKE '%JourneyShare%', 'they share users of groups') FROM asked WHERE id = 6;
SET LOCAL journey.enable_aggregate = always;

-- Shared memory that this session maps: some stays after the first parallel query.
CREATE FUNCTION mapped() RETURNS bigint LANGUAGE sql VOLATILE
	RETURN (SELECT coalesce(sum(('x' || lpad(m[2], 16, '0'))::bit(64)::bigint - ('x' || lpad(m[1], 16, '0'))::bit(64)::bigint), 0)
		FROM regexp_matches(pg_read_file('/proc/self/maps', 0, 1000000, true), '^([0-9a-f]+)-([0-9a-f]+)[^\n]*/dev/shm/PostgreSQL', 'gn') AS m);
SELECT mapped() AS mapped \gset

CREATE FUNCTION stops(id int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	a asked;
	said text;
	timeout text := current_setting('statement_timeout');
BEGIN
	SELECT * INTO a FROM asked WHERE asked.id = stops.id;
	PERFORM set_config('work_mem', a.memory, true);
	PERFORM set_config('journey.enable_aggregate', CASE a.id WHEN 6 THEN 'off' ELSE 'always' END, true);
	-- It may be quicker this time: the timeout, which comes once a statement, is waited for,
	-- so that it cannot come later.
	BEGIN
		said := run(a.query);
		PERFORM pg_sleep(300) WHERE said <> 'cancelled';
	EXCEPTION WHEN query_canceled THEN
		said := coalesce(said, 'cancelled');
	END;
	RETURN ok(said IN ('cancelled', a.answer), format('query %s is cancelled after %s or answers rightly', id, timeout));
END $$;
SELECT format('SET LOCAL statement_timeout = %s', greatest(1, ms * share / 15)::int), format('SELECT stops(%s)', id) FROM asked, generate_series(1, 15) AS share ORDER BY id, share \gexec
SET LOCAL statement_timeout = '5 min';

-- Of this session and of processes that have ended, which are its workers. Files of a process
-- that has just been cancelled go when it ends.
CREATE FUNCTION files() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	FOR i IN 1 .. 100 LOOP
		PERFORM pg_stat_clear_snapshot();
		SELECT count(*) INTO n FROM pg_ls_dir('base/pgsql_tmp', true, false) AS file
		WHERE substring(file FROM '^pgsql_tmp(\d+)')::int IN (SELECT pg_backend_pid()) OR NOT EXISTS (SELECT FROM pg_stat_get_activity(NULL) AS a WHERE a.pid = substring(file FROM '^pgsql_tmp(\d+)')::int);
		EXIT WHEN n = 0;
		PERFORM pg_sleep(0.1);
	END LOOP;
	RETURN n;
END $$;
SELECT is(files(), 0::bigint, 'no temporary file is left');
SELECT cmp_ok(mapped() - :mapped, '<', 3000000::bigint, 'nor shared memory');
SELECT is(measure(a) > 0, true, 'query ' || id || ' still answers') FROM asked AS a WHERE id NOT IN (4, 6);

SELECT * FROM finish();
ROLLBACK;
