-- Users with millions of events, hundreds of thousands of users, and cancelling. The times
-- are loose: they tell linear from quadratic, not fast from slow.
\ir ../setup.psql
SELECT plan(80);

SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;

-- How long a query takes, in milliseconds, and what it answers.
CREATE FUNCTION timed(query text, OUT ms float8, OUT answer text) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	EXECUTE query INTO answer;
	ms := extract(epoch FROM clock_timestamp() - began) * 1000;
END $$;

-- Answers rightly, within so many seconds.
CREATE FUNCTION answers(query text, want text, seconds int, name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	got record;
BEGIN
	SELECT * INTO got FROM timed(query) t;
	RETURN NEXT is(got.answer, want, name);
	RETURN NEXT cmp_ok(got.ms, '<', seconds * 1000::float8, name || ': in time');
END $$;

-- Nothing here may run away: a quadratic answer fails instead of never ending.
SET LOCAL statement_timeout = '120 s';

-- ---- one user of millions of events -----------------------------------------------------

-- One event a second, conditions 1, 2, 3, 1, 2, 3, ...; the rows come as they are made.
CREATE FUNCTION stream(n int) RETURNS text LANGUAGE sql
	RETURN format('(SELECT timestamptz ''2024-01-01 00:00+00'' + i * interval ''1 s'' AS at,
		(ARRAY[''100'', ''010'', ''001'']::stepset[])[1 + i %% 3] AS step FROM (SELECT generate_series(0, %s) AS i) s) e', n - 1);

SELECT answers('SELECT window_funnel(at, step, ''1 h'') FROM ' || stream(3000000), '3', 30, 'window_funnel over 3,000,000 events');
SELECT answers('SELECT sequence_count(at, step, ''(?1).*(?t<=2)(?3)'') FROM ' || stream(3000000), '1000000', 30, 'sequence_count over 3,000,000 events');

-- The most memory that this session's process has used, by the system's account.
CREATE FUNCTION peak_below(megabytes bigint, name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF pg_stat_file('/proc/self/status', true) IS NULL THEN
		RETURN skip('no /proc here', 1);
	END IF;
	RETURN cmp_ok((regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+)'))[1]::bigint / 1024, '<', megabytes, name);
END $$;
SELECT peak_below(300, 'in memory of a few times the events, 48 MB');

-- A table of a million events of one user, in no order and mostly unlike each other.
CREATE TABLE million AS
SELECT moment(rnd(i, 1, 10000000)) AS at, ((1 << rnd(i, 2, 4)) | (rnd(i, 3, 16) & rnd(i, 4, 16)))::bit(4)::text::stepset AS step, i
FROM generate_series(1, 1000000) i;
CREATE TABLE million_in_order AS SELECT * FROM million ORDER BY at;

SELECT answers('SELECT sequence_match(at, step, ''(?1).*(?t<=3600)(?2).*(?1).*(?2)'') FROM million', 'true', 10, 'a pattern that would make a backtracker despair');
-- One that never matches: everything is tried.
SELECT answers('SELECT sequence_match(at, step, ''(?1).*(?t<=3600)(?2).*(?1).*(?t>=100000000)(?2)'') FROM million', 'false', 10, 'and one that never matches');
SELECT answers('SELECT sequence_count(at, step, repeat(''.(?t!=1)(?t!=7)(?t>=2)'', 30) || ''.'') > 0 FROM million', 'true', 30, 'thirty gaps of three ranges each');
SELECT answers('SELECT cardinality(sequence_match_events(at, step, repeat(''(?1).*(?2)(?t>=2).*'', 10) || ''(?3)'')) FROM million', '21', 15, 'the events of a long pattern');

-- All at one time.
SELECT answers(format('SELECT window_funnel(moment(0), step, ''1 h'', %L) FROM million', mode), level, 15, 'a million events at one time, mode ' || mode)
FROM (VALUES ('strict_once', '4'), ('strict_increase', '1')) v (mode, level);

-- ---- hundreds of thousands of users -----------------------------------------------------

-- Ids chosen so that their hashes agree in the highest bits, or in the lowest, or both: the
-- inverse of spread() in common/hash.h, in numbers that have no overflow.
CREATE FUNCTION unspread(hash numeric) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	x bigint := (CASE WHEN hash >= 9223372036854775808 THEN hash - 18446744073709551616 ELSE hash END)::bigint;
	product numeric;
BEGIN
	FOR i IN 1..2 LOOP
		x := x # ((x >> 32) & 4294967295);
		product := mod((CASE WHEN x < 0 THEN x + 18446744073709551616 ELSE x END) * 14982988110149298331, 18446744073709551616);
		x := (CASE WHEN product >= 9223372036854775808 THEN product - 18446744073709551616 ELSE product END)::bigint;
	END LOOP;
	RETURN x # ((x >> 32) & 4294967295);
END $$;
CREATE TABLE alike AS
SELECT g.what, unspread(g.base + i * g.step) AS user_id, moment(i) AS at, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS event
FROM (VALUES ('highest', 12379813733990400000::numeric, 1::numeric), ('lowest', 0, 1099511627776), ('highest and lowest', 12379813733990400000, 16384)) AS g (what, base, step),
	 generate_series(1, 200000) AS i;
SELECT answers(format($$SELECT string_agg(s.users::text, ',') FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 day') FROM alike WHERE what = %L)) AS s$$, what),
			   '100000,0', 5, 'funnel of users whose hashes agree in the bits that are ' || what)
FROM (VALUES ('highest'), ('lowest'), ('highest and lowest')) AS v (what);
SELECT answers(format($$SELECT sum(active) FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'quarter', 'UTC') FROM alike WHERE what = %L))$$, what),
			   '200000', 5, 'active users whose hashes agree in the bits that are ' || what)
FROM (VALUES ('highest'), ('lowest'), ('highest and lowest')) AS v (what);

-- States in a context of their own would take minutes here, and a parsed pattern for each
-- group more than a gigabyte.
SET LOCAL enable_sort = off;
SET LOCAL work_mem = '1GB';
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
		lines := lines || line || '|';
	END LOOP;
	RETURN lines;
END $$;
CREATE TABLE many (name text, query text);
INSERT INTO many VALUES
	('window_funnel', 'SELECT count(x) FROM (SELECT window_funnel(at, step, ''1 h'') AS x FROM million GROUP BY i % 200000) g'),
	('sequence_count', 'SELECT count(x) FROM (SELECT sequence_count(at, step, ''(?1).*(?2)'') AS x FROM million GROUP BY i % 200000) g'),
	('sequence_next_node', 'SELECT count(*) FILTER (WHERE x IS NULL OR x <> '''') FROM (
		SELECT sequence_next_node(at, step, i::text, true, ''forward'', ''first_match'') AS x FROM million GROUP BY i % 200000) g'),
	('window_funnel, two windows in turn', 'SELECT count(x) FROM (SELECT window_funnel(at, step, CASE i % 2 WHEN 0 THEN interval ''1 h'' ELSE ''1 day'' END) AS x
		FROM million GROUP BY i % 200000) g'),
	('sequence_count, two patterns in turn', 'SELECT count(x) FROM (SELECT sequence_count(at, step, CASE i % 2 WHEN 0 THEN ''(?1)'' ELSE ''(?1).*(?2)'' END) AS x
		FROM million GROUP BY i % 200000) g');
SELECT ok(plan_of(query) ~ 'HashAggregate\|\s+Output: .*(window_funnel|sequence_)', name || ': a hash aggregate') FROM many;
SELECT answers(query, '200000', 20, name || ', 200,000 groups') FROM many;
SELECT peak_below(500, 'all of them in memory of a few times the events');
RESET work_mem;
RESET enable_sort;

-- ---- one user as large as all others ----------------------------------------------------

-- Users are expected to share a population evenly; here they do not. With little memory it
-- is split by files and otherwise.
CREATE TABLE lopsided AS
SELECT CASE WHEN i % 2 = 0 THEN 7 ELSE rnd(i, 1, 40000) END::bigint AS user_id, moment(rnd(i, 2, 100000000)) AS at,
       'page ' || rnd(i, 3, 20) AS page
FROM generate_series(1, 2600000) i;
CREATE FUNCTION at_work_mem(memory text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM set_config('work_mem', memory, true);
	EXECUTE query INTO answer;
	RETURN answer;
END $$;
SELECT is(at_work_mem('1GB', query), at_work_mem('8MB', query), query)
FROM (VALUES ('SELECT sessions(user_id, at, page, ''1 day'')::text FROM lopsided'),
	('SELECT transitions(user_id, at, page, ''1 day'')::text FROM lopsided'),
	('SELECT funnel(user_id, at, step_of(page, ''{page 1,page 2,page 3}''), ''10 days'')::text FROM lopsided')) q (query);
-- With this much, what is in the files of the large user is not split, but takes a
-- partition that was not expected to be that large.
SELECT is(at_work_mem('32MB', query), at_work_mem('1GB', query), query || ', in 32 MB')
FROM (VALUES ('SELECT sessions(user_id, at, page, ''1 day'')::text FROM lopsided'),
	('SELECT funnel(user_id, at, step_of(page, ''{page 1,page 2,page 3}''), ''10 days'')::text FROM lopsided WHERE page <> ''page 4'''),
	('SELECT funnel(user_id, at, ''1''::stepset, ''10 days'')::text FROM lopsided'),
	('SELECT funnel(user_id::text, at, ''1''::stepset, ''10 days'')::text FROM lopsided'),
	('SELECT md5(funnel_breakdown(user_id, at, ''1''::stepset, ''10 days'', page, 1)::text) FROM lopsided')) q (query);
-- Few users: most parts are empty, and none can be split.
SELECT is(at_work_mem(memory, query), at_work_mem('1GB', query), query || ', in ' || memory)
FROM (VALUES ('SELECT funnel(user_id % 3, at, ''1''::stepset, ''10 days'')::text FROM lopsided'),
	('SELECT sessions(user_id % 3, at, page, ''1 day'')::text FROM lopsided')) q (query), unnest(ARRAY['8MB', '32MB']) memory;
-- And where processes share the users through files.
ALTER TABLE lopsided SET (parallel_workers = 2);
ANALYZE lopsided;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
CREATE FUNCTION with_workers(workers int, memory text, query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
	RETURN at_work_mem(memory, query);
END $$;
SELECT is(with_workers(2, memory, query), with_workers(0, '1GB', query), query || ', 2 workers, in ' || memory)
FROM (VALUES ('8MB', 'SELECT sessions(user_id, at, page, ''1 day'')::text FROM lopsided'),
	('16MB', 'SELECT sessions(user_id, at, page, ''1 day'')::text FROM lopsided'),
	('16MB', 'SELECT funnel(user_id::text, at, ''1''::stepset, ''10 days'')::text FROM lopsided')) q (memory, query);
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '1GB';
SELECT results_eq($$SELECT sessions, users, events FROM session_totals((SELECT sessions(user_id, at, page, '1 day') FROM lopsided))$$,
	$$SELECT count(*) FILTER (WHERE (at - before <= interval '1 day') IS NOT TRUE), count(DISTINCT user_id), count(*)
	FROM (SELECT user_id, at, lag(at) OVER (PARTITION BY user_id ORDER BY at) AS before FROM lopsided) e$$, 'and as SQL counts');
RESET work_mem;

-- ---- cancelling -------------------------------------------------------------------------

-- What a query that runs into the timeout raises, and when. OTHERS would not catch it.
CREATE FUNCTION cancelled(query text, OUT state text, OUT ms float8) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	EXECUTE query;
EXCEPTION WHEN query_canceled THEN
	state := SQLSTATE;
	ms := extract(epoch FROM clock_timestamp() - began) * 1000;
END $$;

-- Rows are read, then the final function works. To be cancelled inside that one a query must
-- take much longer than its reading, which `plain` measures: the timeout lies in between.
-- For strict_once, rows that are hard to tell apart: each meets the last 1, 2, ... 57 of 58 conditions.
CREATE TABLE nested AS
SELECT moment(i / 57) AS at, lpad(repeat('1', 1 + i % 57), 58, '0')::stepset AS step FROM generate_series(1, 60000) i;
CREATE TABLE slow (name text, call text, plain text, source text);
INSERT INTO slow VALUES
	('window_funnel', 'window_funnel(at, step, ''0'', ''strict_once'')', 'window_funnel(at, step, ''0'')', 'nested'),
	('window_funnel_times', 'window_funnel_times(at, step, ''0'', ''strict_once'')', 'window_funnel(at, step, ''0'')', 'nested'),
	('sequence_match', 'sequence_match(at, step, repeat(''.(?t>=1)(?t!=5)'', 62) || ''(?3)(?t>=100000000)(?3)'')', 'sequence_match(at, step, ''.'')', 'million_in_order'),
	('sequence_count', 'sequence_count(at, step, repeat(''.(?t>=1)(?t!=5)'', 62) || ''(?3)(?t>=100000000)(?3)'')', 'sequence_match(at, step, ''.'')', 'million_in_order'),
	('sequence_match_events', 'sequence_match_events(at, step, repeat(''.(?t>=1)(?t!=5)'', 62) || ''(?3)(?t>=100000000)(?3)'')', 'sequence_match(at, step, ''.'')', 'million_in_order');
ALTER TABLE slow ADD whole_ms float8, ADD plain_ms float8, ADD timeout_ms int;
-- of the rows the least of some: what else the machine did meanwhile is not theirs
UPDATE slow SET whole_ms = (timed(format('SELECT %s FROM %s', call, source))).ms, plain_ms = (SELECT min(t.ms) FROM generate_series(1, 3), LATERAL timed(format('SELECT %s FROM %s', plain, source)) AS t);
UPDATE slow SET timeout_ms = plain_ms * 1.5 + 50;
SELECT cmp_ok(whole_ms, '>', 2 * timeout_ms::float8, name || ': the final function takes longer than the rows') FROM slow;

-- The timeout counts from the beginning of a statement.
CREATE FUNCTION stops(name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	got record;
	slow slow;
BEGIN
	SELECT * INTO slow FROM slow s WHERE s.name = stops.name;
	SELECT * INTO got FROM cancelled(format('SELECT %s FROM %s', slow.call, slow.source)) c;
	RETURN NEXT is(got.state, '57014', name || ': a timeout cancels it');
	RETURN NEXT cmp_ok(got.ms, '<', slow.timeout_ms + (slow.whole_ms - slow.timeout_ms) / 2, name || ': long before its end');
END $$;
CREATE FUNCTION set_timeout(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('statement_timeout', (SELECT timeout_ms FROM slow s WHERE s.name = set_timeout.name)::text, true);
END $$;
SELECT set_timeout('window_funnel');
SELECT stops('window_funnel');
SELECT set_timeout('window_funnel_times');
SELECT stops('window_funnel_times');
SELECT set_timeout('sequence_match');
SELECT stops('sequence_match');
SELECT set_timeout('sequence_count');
SELECT stops('sequence_count');
SELECT set_timeout('sequence_match_events');
SELECT stops('sequence_match_events');
SET LOCAL statement_timeout = '120 s';

-- Values of a tag are kept user by user, too, as many as there are.
SELECT create_tag('of many values', 'SELECT u, u % 50000 FROM generate_series(1, 100000) AS u', 'sql');
SELECT answers('SELECT users FROM refresh_tag(''of many values'')', '100000', 60, 'refreshing a tag of 50,000 values');

-- And while the rows are still read.
SET LOCAL statement_timeout = '200 ms';
SELECT is(state, '57014', 'a timeout while rows are read')
FROM cancelled('SELECT window_funnel(at, step, ''1 h'') FROM ' || stream(10000000));
SET LOCAL statement_timeout = 0;
SELECT is(window_funnel(at, step, '1 h'), 4, 'the session goes on') FROM million;

SELECT * FROM finish();
ROLLBACK;
