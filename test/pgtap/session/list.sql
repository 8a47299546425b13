-- session_list and session_rows: a row for each session, against window functions; ids of any type,
-- every plan, small memory, groups, rescans and cursors; rights; values that have ended.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(61);

-- 15,000 events of 400 users, one of whom has very many; equal times, NULLs.
CREATE TABLE event (i int, user_id int, at timestamptz, seq bigint, node text, value text, starts boolean, ends boolean);
INSERT INTO event
SELECT i, NULLIF(rnd(i, 1, 400) * (rnd(i, 2, 5) / 4 + 1), 0), CASE WHEN rnd(i, 3, 40) > 0 THEN moment(rnd(i, 4, 20000) * 600) END, NULLIF(rnd(i, 5, 4), 0),
	NULLIF((ARRAY['home', 'buy', '帮助', ''])[1 + rnd(i, 6, 4)], ''), (ARRAY['app', 'web', '', NULL])[1 + rnd(i, 7, 4)], NULLIF(rnd(i, 8, 30), 1) = 0, NULLIF(rnd(i, 9, 30), 1) = 0
FROM generate_series(1, 12000) i;
INSERT INTO event SELECT 20000 + i, 7, moment(rnd(i, 10, 30000) * 60), NULL, 'home', NULL, NULL, NULL FROM generate_series(1, 3000) i;
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;

-- What a call is to give: its columns are in the order in which events of the same time come.
CREATE FUNCTION wanted(with_seq boolean, cuts boolean, with_value boolean, gap interval)
	RETURNS TABLE (user_id int, session bigint, started_at timestamptz, ended_at timestamptz, events bigint, first_node text, last_node text, first_value text, last_value text)
	LANGUAGE sql STABLE AS $$
WITH e AS (
	SELECT e.*, cuts AND coalesce(starts, false) AS s, cuts AND coalesce(ends, false) AS f FROM event e
	WHERE user_id IS NOT NULL AND at IS NOT NULL AND node IS NOT NULL
), o AS (
	SELECT *, row_number() OVER w AS n, coalesce(e.at - lag(e.at) OVER w > gap OR s OR lag(f) OVER w, true) AS begins FROM e
	WINDOW w AS (PARTITION BY user_id ORDER BY at, CASE WHEN with_seq THEN seq END NULLS LAST, NOT s, f, node COLLATE "C", CASE WHEN with_value THEN value END COLLATE "C" NULLS FIRST)
), c AS (SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY user_id ORDER BY n) AS session FROM o)
SELECT user_id, session, min(at), max(at), count(*), (array_agg(node ORDER BY n))[1], (array_agg(node ORDER BY n DESC))[1],
	CASE WHEN with_value THEN (array_agg(value ORDER BY n))[1] END, CASE WHEN with_value THEN (array_agg(value ORDER BY n DESC))[1] END
FROM c GROUP BY user_id, session $$;

CREATE TABLE call (arguments text, with_seq boolean, cuts boolean, with_value boolean, gap interval);
INSERT INTO call SELECT concat_ws(', ', 'at', CASE WHEN s THEN 'seq' END, CASE WHEN c THEN 'starts, ends' END, CASE WHEN v THEN 'value' END, 'node', quote_literal(gap)), s, c, v, gap
FROM unnest('{f,t}'::boolean[]) s, unnest('{f,t}'::boolean[]) c, unnest('{f,t}'::boolean[]) v, unnest('{0,1 day,50 days}'::interval[]) gap;
CREATE FUNCTION got(arguments text, id text DEFAULT 'user_id', type text DEFAULT 'int', source text DEFAULT 'event') RETURNS TABLE (user_id text, session bigint, started_at timestamptz, ended_at timestamptz, events bigint, first_node text, last_node text, first_value text, last_value text)
	LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT user_id::text, session, started_at, ended_at, events, first_node, last_node, first_value, last_value FROM session_rows((SELECT session_list(%s, %s) FROM %s), NULL::%s)', id, arguments, source, type);
END $$;
CREATE FUNCTION differs(call call, id text DEFAULT 'user_id', type text DEFAULT 'int', source text DEFAULT 'event') RETURNS bigint LANGUAGE sql AS $$
	WITH g AS (SELECT * FROM got(call.arguments, id, type, source)), w AS (SELECT w.user_id::text, w.session, w.started_at, w.ended_at, w.events, w.first_node, w.last_node, w.first_value, w.last_value FROM wanted(call.with_seq, call.cuts, call.with_value, call.gap) w)
	SELECT (SELECT count(*) FROM (TABLE g EXCEPT ALL TABLE w) d) + (SELECT count(*) FROM (TABLE w EXCEPT ALL TABLE g) d) $$;
SELECT cmp_ok((SELECT count(*) FROM wanted(true, true, true, '1 day')), '>', 5000::bigint, 'the oracle finds something');
SELECT is(differs(call), 0::bigint, arguments) FROM call;

-- ---- ids ----------------------------------------------------------------------------------

SELECT is(differs(call, id, type), 0::bigint, format('%s as %s', id, type)) FROM call, (VALUES ('user_id', 'bigint'), ('user_id::bigint', 'bigint'), ('user_id::smallint', 'smallint'), ('user_id::smallint', 'bigint'), ('user_id::text', 'text'),
	('user_id::varchar', 'text'), ('user_id::numeric', 'numeric'), ('user_id::float8', 'float8')) v (id, type) WHERE with_seq AND cuts AND with_value AND gap = '1 day';
SELECT results_eq($$ SELECT user_id, count(*) FROM session_rows((SELECT session_list(md5(user_id::text)::uuid, at, node, '1 day') FROM event), NULL::uuid) GROUP BY 1 ORDER BY 1 $$,
	$$ SELECT md5(user_id::text)::uuid, count(*) FROM wanted(false, false, false, '1 day') GROUP BY 1 ORDER BY 1 $$, 'uuid');
SELECT results_eq($$ SELECT user_id, session, events FROM session_rows((SELECT session_list(user_id, at, node, '1 day') FROM event)) ORDER BY 1, 2 $$,
	$$ SELECT user_id::bigint, session, events FROM wanted(false, false, false, '1 day') ORDER BY 1, 2 $$, 'bigint without a second argument');
SELECT throws_ok(format('SELECT session_rows((SELECT session_list(%s, at, node, ''1 day'') FROM event)%s)', id, type), '42804', message, message)
FROM (VALUES ('user_id::text', '', 'the users of the sessions are of type text, not bigint'), ('user_id', ', 1::smallint', 'the users of the sessions are of type integer, not smallint'), ('user_id::bigint', ', NULL::text', 'the users of the sessions are of type bigint, not text')) v (id, type, message);

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE one AS SELECT call FROM call WHERE with_seq AND cuts AND with_value AND gap = '1 day' UNION ALL SELECT call FROM call WHERE NOT with_seq AND NOT cuts AND NOT with_value AND gap = '1 day';
SELECT is((SELECT sum(differs(call, 'user_id', 'int', '(SELECT * FROM event ORDER BY md5(i::text)) e')) FROM one), 0::numeric, 'in any order');
SET LOCAL journey.enable_scan = off;
SELECT is((SELECT sum(differs(call)) FROM one), 0::numeric, 'without the scan');
SET LOCAL journey.enable_scan = on;
SET LOCAL work_mem = '64kB';
SELECT is((SELECT sum(differs(call)) FROM one), 0::numeric, 'in little memory');
CREATE FUNCTION writes_temporary_files(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) ' || query LOOP
		IF line ~ 'temp read=\d+ written=\d+' THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
CREATE FUNCTION of_many(n int) RETURNS text LANGUAGE sql AS $$ SELECT format('SELECT count(*), sum(events) FROM session_rows((SELECT session_list(i %% 1000, moment((i * 7919::bigint) %% 100003), text ''page'', ''1 min'') FROM generate_series(1, %s) i))', n) $$;
SELECT ok(writes_temporary_files(of_many(100000)), 'events and rows go to temporary files');
SELECT results_eq(of_many(100000), $$ SELECT count(*) FILTER (WHERE begins), count(*)::numeric FROM (SELECT moment(s) - lag(moment(s)) OVER (PARTITION BY u ORDER BY s) > interval '1 min' IS DISTINCT FROM false AS begins FROM (SELECT i % 1000 AS u, (i * 7919::bigint) % 100003 AS s FROM generate_series(1, 100000) i) e) e $$, 'and come back');
RESET work_mem;
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is((SELECT sum(differs(call)) FROM one), 0::numeric, 'in parallel');
SELECT is((SELECT sum(differs(call, 'user_id::text', 'text')) FROM one), 0::numeric, 'in parallel, of texts');
SET LOCAL max_parallel_workers_per_gather = 0;

-- Each group's value is read before the next group begins.
CREATE TABLE by_group AS SELECT user_id % 5 AS g, count(*) AS n FROM wanted(false, false, false, '1 day') GROUP BY 1;
\set of_groups 'SELECT g, count(*) AS n FROM (SELECT user_id % 5 AS g, session_list(user_id, at, node, \'1 day\') AS list FROM event WHERE user_id IS NOT NULL GROUP BY 1) l, session_rows(list) GROUP BY 1 ORDER BY 1'
SELECT results_eq(:'of_groups', 'TABLE by_group ORDER BY 1', 'groups that are hashed');
SET LOCAL enable_hashagg = off;
SELECT results_eq(:'of_groups', 'TABLE by_group ORDER BY 1', 'groups that are sorted');
RESET enable_hashagg;
SELECT results_eq($$ SELECT g, (SELECT count(*) FROM session_rows((SELECT session_list(user_id, at, node, '1 day') FROM event WHERE user_id % 5 = g))) FROM by_group ORDER BY 1 $$, 'TABLE by_group ORDER BY 1', 'run again for each row');
SELECT results_eq($$ WITH l AS MATERIALIZED (SELECT session_list(user_id, at, node, '1 day') AS list FROM event)
	SELECT count(*), sum((a = b)::int) FROM l, session_rows(list) a JOIN LATERAL (SELECT * FROM session_rows(list) c) b ON (a.user_id, a.session) = (b.user_id, b.session) $$, 'SELECT sum(n)::bigint, sum(n)::bigint FROM by_group', 'read twice');
SELECT results_eq($$ SELECT count(*) FROM (SELECT (session_rows(session_list(user_id, at, node, '1 day'))).* FROM event) s $$, 'SELECT sum(n)::bigint FROM by_group', 'in the SELECT list');
SELECT is((SELECT count(*) FROM (SELECT FROM session_rows((SELECT session_list(user_id, at, node, '1 day') FROM event)) LIMIT 3) s), 3::bigint, 'LIMIT');

-- ---- rights -------------------------------------------------------------------------------

CREATE ROLE journey_reader;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA journey_test TO journey_reader;
SELECT has_table_privilege('journey_reader', 'event', 'SELECT');
SET LOCAL ROLE journey_reader;
SELECT throws_ok($$ SELECT session_rows((SELECT session_list(user_id, at, node, '1 day') FROM event)) $$, '42501', 'permission denied for table event', 'the table of another role');
RESET ROLE;
GRANT SELECT ON event TO journey_reader;
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON event USING (user_id < 10);
SET LOCAL ROLE journey_reader;
SELECT results_eq($$ SELECT DISTINCT user_id FROM session_rows((SELECT session_list(user_id, at, node, '1 day') FROM event)) ORDER BY 1 $$, 'SELECT generate_series(1, 9)::bigint', 'rows that a policy allows');
RESET ROLE;

-- ---- values that have ended -----------------------------------------------------------------

CREATE TABLE kept AS SELECT session_list(user_id, at, node, '1 day') AS list FROM event;
SELECT throws_ok('SELECT session_rows(list) FROM kept', '55000', 'the session_list has ended', 'a stored one');
SELECT throws_ok('SELECT session_rows(list::text::session_list) FROM kept', '55000', 'the session_list has ended', 'one that was dumped and restored');
SELECT throws_ok($$ SELECT '\x'::text::session_list $$, '0A000', 'a session_list cannot be written');
SELECT is_empty('SELECT session_rows(NULL)', 'NULL has no rows');
SELECT is_empty($$ SELECT session_rows((SELECT session_list(user_id, at, node, '1 day') FROM event WHERE false)) $$, 'nor have no events');

-- A cursor keeps the value, until it is closed; what an error interrupts cannot be read again.
CREATE FUNCTION of_cursor() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	c CURSOR FOR SELECT session_list(user_id, at, node, '1 day') FROM event;
	list session_list;
	message text;
BEGIN
	OPEN c;
	FETCH c INTO list;
	RETURN NEXT (SELECT count(*) FROM session_rows(list));
	BEGIN
		PERFORM 1 / (session - 1) FROM session_rows(list);
	EXCEPTION WHEN division_by_zero THEN
		RETURN NEXT (SELECT count(*) FROM session_rows(list));
	END;
	CLOSE c;
	RETURN NEXT (SELECT count(*) FROM session_rows(list));
EXCEPTION WHEN object_not_in_prerequisite_state THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
	RETURN NEXT message;
END $$;
SELECT results_eq('SELECT of_cursor()', $$ SELECT sum(n)::text FROM by_group UNION ALL SELECT sum(n)::text FROM by_group UNION ALL VALUES ('the session_list has ended') $$, 'of a cursor');
CREATE TABLE cancelled (so boolean);
SET LOCAL statement_timeout = '300ms';
DO $$
BEGIN
	EXECUTE of_many(10000000);
EXCEPTION WHEN query_canceled THEN
	INSERT INTO cancelled VALUES (true);
END $$;
SET LOCAL statement_timeout = '5 min';
SELECT ok((SELECT so FROM cancelled), 'can be cancelled');
SELECT is((SELECT count(*) FROM session_rows((SELECT session_list(user_id, at, node, '1 day') FROM event))), (SELECT sum(n)::bigint FROM by_group), 'and works on');

SELECT * FROM finish();
ROLLBACK;
