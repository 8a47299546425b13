-- sessions_by_channel with the option top: which channels are shown, and the users of the others,
-- each counted once, against plain SQL; by every plan, rolled up, stored, and from hostile text.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(40);

-- 12,000 events of 300 users. Channels that are alike, empty, with commas and backslashes, and of
-- the name (other); some have equally many users. Equal times and NULLs.
CREATE TABLE event (i int, user_id int, at timestamptz, seq bigint, node text, channel text);
INSERT INTO event
SELECT i, NULLIF(rnd(i, 1, 300), 0), CASE WHEN rnd(i, 2, 40) > 0 THEN timestamptz '2024-01-01 00:00+00' + rnd(i, 3, 1500) * interval '1 h' END,
	NULLIF(rnd(i, 6, 4), 0), NULLIF((ARRAY['home', 'buy', ''])[1 + rnd(i, 7, 3)], ''),
	(ARRAY['app', 'app', 'app', 'web', 'web', '', ',', 'a,b', 'a', 'b', '\', '\\', 'a\,b', '柜台', NULL, '(other)', '(other', 'x', 'y', 'z'])[1 + rnd(i, 8, 20) * rnd(i, 9, 20) / 19]
FROM generate_series(1, 12000) i;
INSERT INTO event SELECT 20000 + i, 1000 + i, timestamptz '2024-02-01 00:00+00' + n * interval '1 day', NULL, 'home', c
FROM generate_series(1, 3) i, unnest('{p1,p2,p3,p4}'::text[]) WITH ORDINALITY AS u(c, n);
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;

CREATE TABLE session AS
WITH e AS (
	SELECT e.*, row_number() OVER w AS n, coalesce(e.at - lag(e.at) OVER w > interval '2 h', true) AS begins
	FROM event e WHERE user_id IS NOT NULL AND at IS NOT NULL AND node IS NOT NULL
	WINDOW w AS (PARTITION BY user_id ORDER BY at, seq NULLS LAST, node COLLATE "C", channel COLLATE "C" NULLS FIRST)
), s AS (SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY user_id ORDER BY n) AS session FROM e)
SELECT user_id, session, count(*) AS depth, max(at) - min(at) AS duration, (array_agg(channel ORDER BY n))[1] AS channel, min(at) AS at
FROM s GROUP BY user_id, session;
SELECT cmp_ok((SELECT count(*) FROM (SELECT FROM session GROUP BY user_id HAVING count(DISTINCT channel) > 1) s), '>', 200::bigint, 'most have several channels');

CREATE FUNCTION shown(top int) RETURNS TABLE (user_id int, depth bigint, duration interval, channel text, at timestamptz) LANGUAGE sql STABLE AS $$
	SELECT s.user_id, s.depth, s.duration, CASE WHEN s.channel IS NULL OR s.channel IN (SELECT b.channel FROM session b WHERE b.channel IS NOT NULL GROUP BY b.channel
		ORDER BY count(DISTINCT b.user_id) DESC, b.channel COLLATE "C" LIMIT top) THEN s.channel ELSE '(other)' END, s.at FROM session s $$;
SELECT results_eq(format('SELECT channel, sessions, users, events, bounce_rate, (extract(epoch FROM avg_duration) * 1000)::bigint FROM session_channels((SELECT sessions_by_channel(user_id, at, seq, channel, node, ''2 h'', ''week'', %L, ''UTC'') FROM event))', 'TOP ' || top),
	format('SELECT channel, count(*), count(DISTINCT user_id), sum(depth)::bigint, count(*) FILTER (WHERE depth = 1) / count(*)::float8, (extract(epoch FROM avg(duration)) * 1000)::bigint FROM shown(%s) GROUP BY channel ORDER BY channel COLLATE "C" NULLS LAST', top), 'channels, top ' || top)
FROM unnest('{1,2,3,4,5,9,13,15,18,19,22,10000}'::int[]) top;
SELECT results_eq(format('SELECT bucket_date, channel, sessions, users, events FROM session_channel_buckets((SELECT sessions_by_channel(user_id, at, seq, channel, node, ''2 h'', %L, %L, ''UTC'') FROM event))', unit, 'top ' || top),
	format('SELECT date_trunc(%L, at)::date AS b, channel, count(*), count(DISTINCT user_id), sum(depth)::bigint FROM shown(%s) GROUP BY b, channel ORDER BY b, channel COLLATE "C" NULLS LAST', unit, top), unit || ', top ' || top)
FROM unnest('{1,3,9}'::int[]) top, unnest('{day,month}'::text[]) unit;
SELECT is((SELECT t::text FROM (SELECT session_totals(s) t FROM (SELECT sessions_by_channel(user_id, at, seq, channel, node, '2 h', 'day', 'top 2') AS s FROM event) s) x),
	(SELECT session_totals(sessions_by_channel(user_id, at, seq, channel, node, '2 h'))::text FROM event), 'the whole stays');
SELECT is((SELECT sessions_by_channel(user_id, at, seq, channel, node, '2 h', 'day', ' ', 'UTC')::text FROM event), (SELECT sessions_by_channel(user_id, at, seq, channel, node, '2 h')::text FROM event), 'no options');
SELECT results_eq($$ SELECT channel, users FROM session_channels((SELECT sessions_by_channel(user_id, at, channel, node, '2 h', 'day', 'top 1') FROM event WHERE user_id > 1000), min_users => 4) $$,
	$$ VALUES ('(other)', NULL::bigint), ('p1', NULL) $$, 'min_users counts the users of the others');

-- ---- every plan ---------------------------------------------------------------------------

CREATE FUNCTION answer(source text, id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT sessions_by_channel(%s, at, seq, channel, node, ''2 h'', ''week'', ''top 4'', ''UTC'')::text FROM %s', id, source) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE whole AS SELECT answer('event', 'user_id') AS answer;
SET LOCAL journey.enable_scan = off;
SELECT is(answer('event', 'user_id::text'), answer, 'without the scan, of texts') FROM whole;
SET LOCAL journey.enable_scan = on;
SELECT is(answer('(SELECT * FROM event ORDER BY md5(i::text)) e', 'user_id'), answer, 'in any order') FROM whole;
SET LOCAL work_mem = '64kB';
SELECT is(answer('event', 'user_id'), answer, 'in little memory') FROM whole;
RESET work_mem;
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer('event', 'user_id'), answer, 'in parallel') FROM whole;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE kept AS SELECT user_id % 5 AS g, sessions_by_channel(user_id, at, seq, channel, node, '2 h', 'week', 'top 4', 'UTC') AS s FROM event GROUP BY 1;
SELECT is((SELECT rollup(s)::text FROM kept), answer, 'rolled up: the channels are chosen of all') FROM whole;
SELECT is(answer::session_stats::text, answer, 'through text') FROM whole;
SELECT throws_like($$ SELECT rollup(s) FROM (SELECT s FROM kept UNION ALL SELECT sessions_by_channel(user_id, at, seq, channel, node, '2 h', 'week', $$ || o || $$, 'UTC') FROM event) s $$, 'cannot roll up sessions of different kinds', o)
FROM unnest(ARRAY['''''', '''top 5''']) o;

-- ---- bad input ----------------------------------------------------------------------------

SELECT throws_ok(format('SELECT sessions_by_channel(user_id, at, channel, node, ''2 h'', ''day'', %L) FROM event', o), '22023', message, o)
FROM (VALUES ('top', 'option "top" does not exist'), ('top 0', 'option "top 0" must be top and a number from 1 to 10000'), ('top 2, top 2', 'options "top 2, top 2" say twice how many values there are'),
	('each_value', 'option "each_value" does not exist'), ('none', 'option "none" does not exist'), ('UTC', 'option "UTC" does not exist'), ('top 2,', 'options "top 2," end with a comma')) v (o, message);
CREATE FUNCTION refused(text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN $1::session_stats IS NULL;
EXCEPTION WHEN invalid_text_representation THEN
	RETURN true;
END $$;
CREATE TABLE small AS SELECT sessions_by_channel(u, at, c, text 'n', '1 h', 'day', 'top 1', 'UTC')::text AS t
FROM (VALUES (1, moment(0), 'a'), (1, moment(9000), 'b'), (1, moment(20000), 'c'), (2, moment(0), 'a'), (2, moment(90000), 'b'), (3, moment(90000), 'c')) v (u, at, c);
SELECT is_empty($$ SELECT a, b, t FROM small, (VALUES ('"top": 1', '"top": 0'), ('"top": 1', '"top": 10001'), ('"channels": "a,b,c"', '"channels": "a"'), ('"channels": "a,b,c"', '"channels": "a,c,b"'), ('"channels": "a,b,c"', '"channels": "a,b,d"'), ('"channels": "a,b,c"', '"channels": ""'),
	('"channels": "a,b,c"', '"channels": "a,\\b,c"'), ('"channels": "a,b,c"', '"channels": "a,b,c,"'), ('"channels": "a,b,c"', '"channels": "a,b,c\\"'), ('"channels": "a,b", "users": 1', '"channels": "a,b", "users": 2'), ('"channels": "a,b", "users": 1', '"channels": "a,b", "users": 9223372036854775807'), ('"channels": "a,b", "users": 1', '"channels": "a,b", "users": 0')) v (a, b)
	WHERE NOT (position(a in t) > 0 AND refused(replace(t, a, b))) $$, 'what does not go together');
SELECT results_eq('SELECT channel, users FROM small, session_channels(t::session_stats)', $$ VALUES ('(other)', 3::bigint), ('a', 2) $$, 'a result read again');
SELECT is((SELECT users FROM session_channels((SELECT sessions_by_channel(i % 10, moment(i * 4000), 'c ' || i, 'page', '1 h', 'day', 'top 5') FROM generate_series(1, 20000) i)) WHERE channel = '(other)'), 10::bigint, 'users of two thousand channels each');
SELECT * FROM finish();
ROLLBACK;
