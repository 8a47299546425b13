-- Buckets of every unit, channels in them, and the end of observation, against plain SQL; by every
-- plan, and with the table scan.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(63);

-- 12,000 events of 800 users over a year and a half; equal times, NULLs, times at the edges of buckets.
CREATE TABLE event (i int, user_id int, at timestamptz, seq bigint, node text, channel text);
INSERT INTO event
SELECT i, NULLIF(rnd(i, 1, 800), 0), CASE WHEN rnd(i, 2, 40) > 0 THEN timestamptz '2023-10-27 00:00+00' + rnd(i, 3, 13000) * CASE rnd(i, 4, 3) WHEN 0 THEN interval '1 h' ELSE interval '37 min 7.000003 s' END END,
	NULLIF(rnd(i, 6, 4), 0), NULLIF((ARRAY['home', 'buy', 'help', ''])[1 + rnd(i, 7, 4)], ''), NULLIF((ARRAY['app', 'web', '柜台', ''])[1 + rnd(i, 8, 4)], '')
FROM generate_series(1, 12000) i;
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;

CREATE TABLE asked AS
SELECT row_number() OVER () AS id, unit, zone, until, format('%L, %L, %%s%L%s', interval '5 h', unit, zone, ', ' || quote_literal(until)) AS parameters
FROM unnest(ARRAY['hour', 'day', 'week', 'month', 'quarter', 'week_sunday']) unit, unnest(ARRAY['UTC', 'Asia/Kolkata', 'America/St_Johns']) zone, (VALUES (NULL::timestamptz), ('2024-07-01 00:00+00')) u (until);
CREATE TABLE session AS
WITH e AS (
	SELECT a.id, a.unit, a.zone, e.*, row_number() OVER w AS n, coalesce(e.at - lag(e.at) OVER w > interval '5 h', true) AS begins
	FROM asked a, event e WHERE user_id IS NOT NULL AND at IS NOT NULL AND node IS NOT NULL AND (until IS NULL OR at < until)
	WINDOW w AS (PARTITION BY a.id, user_id ORDER BY at, seq NULLS LAST, node COLLATE "C", channel COLLATE "C" NULLS FIRST)
), s AS (SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY id, user_id ORDER BY n) AS session FROM e)
SELECT id, user_id, session, count(*) AS depth, max(at) - min(at) AS duration, (array_agg(channel ORDER BY n))[1] AS channel,
	CASE unit WHEN 'hour' THEN min(at) - extract(minute FROM min(at) AT TIME ZONE zone) * interval '1 min' - extract(second FROM min(at)) * interval '1 s' WHEN 'week_sunday' THEN (date_trunc('week', min(at) AT TIME ZONE zone + interval '1 day') - interval '1 day') AT TIME ZONE zone ELSE date_trunc(unit, min(at) AT TIME ZONE zone) AT TIME ZONE zone END AS bucket
FROM s GROUP BY id, unit, zone, user_id, session;

CREATE TABLE answered (id bigint, s session_stats, t session_stats);
DO $$
DECLARE
	a record;
BEGIN
	FOR a IN SELECT * FROM asked LOOP
		EXECUTE format('INSERT INTO answered SELECT %1$s, sessions(user_id, at, seq, node, %2$s), sessions_by_channel(user_id, at, seq, channel, node, %3$s) FROM event', a.id, format(a.parameters, ''), format(a.parameters, ''''', '));
	END LOOP;
END $$;
CREATE VIEW want AS
SELECT id, bucket, CASE WHEN unit <> 'hour' THEN (bucket AT TIME ZONE zone)::date END AS bucket_date, channel, by_channel, count(*) AS sessions, count(DISTINCT user_id) AS users, sum(depth)::bigint AS events, count(*) FILTER (WHERE depth = 1) / count(*)::float8 AS bounce_rate,
	avg(extract(epoch FROM duration)) AS duration,
	coalesce(until, (SELECT max(at) FROM event WHERE user_id IS NOT NULL AND node IS NOT NULL)) >= CASE unit WHEN 'hour' THEN bucket + interval '1 h' ELSE (bucket AT TIME ZONE zone + ('1 ' || replace(replace(unit, 'quarter', 'months'), '_sunday', ''))::interval * CASE unit WHEN 'quarter' THEN 3 ELSE 1 END) AT TIME ZONE zone END AS complete
FROM (SELECT id, user_id, depth, duration, bucket, NULL AS channel, false AS by_channel FROM session UNION ALL SELECT id, user_id, depth, duration, bucket, channel, true FROM session) s JOIN asked USING (id)
GROUP BY id, unit, zone, until, bucket, channel, by_channel;
CREATE VIEW got AS
SELECT id, bucket, bucket_date, NULL AS channel, false AS by_channel, sessions, users, events, bounce_rate, extract(epoch FROM avg_duration) AS duration, complete FROM answered, session_buckets(s)
UNION ALL SELECT id, bucket, bucket_date, channel, true, sessions, users, events, bounce_rate, extract(epoch FROM avg_duration), complete FROM answered, session_channel_buckets(t);
CREATE TABLE wanted AS SELECT * FROM want;
CREATE TABLE gotten AS SELECT * FROM got;
SELECT ok((SELECT count(*) FROM wanted WHERE NOT complete) > 10 AND (SELECT count(*) FROM wanted WHERE id = 1) > 3000, 'the oracle finds something');
SELECT is_empty(format('SELECT * FROM (SELECT * FROM wanted WHERE id = %1$s) w FULL JOIN (SELECT * FROM gotten WHERE id = %1$s) g ON g.bucket = w.bucket AND g.by_channel = w.by_channel AND coalesce(g.channel, ''none'') = coalesce(w.channel, ''none'')
	WHERE (w.bucket_date, w.sessions, w.users, w.events, w.bounce_rate, w.complete) IS DISTINCT FROM (g.bucket_date, g.sessions, g.users, g.events, g.bounce_rate, g.complete) OR abs(w.duration - g.duration) > 0.000001 LIMIT 3', id), parameters) FROM asked ORDER BY id;
SELECT results_eq('SELECT bucket, channel FROM answered, session_channel_buckets(t) WHERE id = 13', 'SELECT bucket, channel FROM wanted WHERE id = 13 AND by_channel ORDER BY bucket, channel COLLATE "C" NULLS LAST', 'in the order of buckets, and of channels in them');
SELECT is_empty($$ SELECT id FROM answered WHERE t::text::session_stats::text <> t::text OR s::text::session_stats::text <> s::text $$, 'through text');

-- ---- every plan, the scan and rollup ----------------------------------------------------

CREATE FUNCTION answer(call text, source text DEFAULT 'event') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT %s::text FROM %s', call, source) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE call AS SELECT call, answer(call) AS answer FROM unnest(ARRAY['sessions(user_id, at, node, ''5 h'', ''week'', ''Asia/Kolkata'', ''2024-07-01'')', 'sessions(user_id::text, at, node, ''5 h'', ''hour'', ''UTC'', ''2024-01-01'')',
	'sessions_by_channel(user_id, at, seq, node = ''home'', node = ''buy'', channel, node, ''5 h'', ''month'', '''', '''', timestamptz ''2024-07-01'')']) call;
SET LOCAL journey.enable_scan = off;
SELECT is(answer(call), answer, 'without the scan: ' || call) FROM call;
SET LOCAL journey.enable_scan = on;
SELECT is(answer(call, '(SELECT * FROM event ORDER BY md5(i::text)) e'), answer, 'in any order: ' || call) FROM call;
SET LOCAL work_mem = '64kB';
SELECT is(answer(call), answer, 'in little memory: ' || call) FROM call;
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer(call), answer, 'in parallel: ' || call) FROM call;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(answer('(SELECT rollup(s) FROM (SELECT ' || call || ' AS s FROM event GROUP BY user_id % 7) s)', '(VALUES (1)) v'), answer, 'rolled up: ' || call) FROM call;
SELECT is((SELECT sessions(user_id, at, node, '5 h', 'day', 'UTC', NULL)::text FROM event), (SELECT sessions(user_id, at, node, '5 h', 'UTC')::text FROM event), 'a NULL until is none; a time zone alone is of days');
SELECT ok((SELECT sessions(user_id, at, node, '5 h', 'day', 'UTC', '2001-01-01') FROM event) IS NULL, 'no rows before until give NULL');

-- ---- bad input --------------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call)
FROM (VALUES ('sessions(user_id, at, node, ''5 h'', ''fortnight'')', '22023', 'unit "fortnight" does not exist'), ('sessions(user_id, at, node, ''5 h'', ''UTC'', ''UTC'')', '22023', 'unit "UTC" does not exist'),
	('sessions(user_id, at, node, ''5 h'', repeat(''x'', 1000))', '22023', format('unit "%s" does not exist', repeat('x', 1000))), ('sessions(user_id, at, node, ''5 h'', ''day'', ''day'')', '22023', 'time_zone "day" does not exist'),
	('sessions(user_id, at, node, ''5 h'', ''day'', ''UTC'', ''infinity'')', '22008', 'until must be a finite time, not infinity'), ('rollup(s) FROM (SELECT sessions(user_id, at, node, ''5 h'', u) AS s FROM event, unnest(ARRAY[''day'', ''week'']) u GROUP BY u) s CROSS JOIN (VALUES (1)) v (i) --', '22023', 'cannot roll up sessions of different kinds')) v (call, state, message);
SELECT throws_ok('SELECT session_channel_buckets(s) FROM answered', '22023', 'the sessions have no channels');

SELECT * FROM finish();
ROLLBACK;
