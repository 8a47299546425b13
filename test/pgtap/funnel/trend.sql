-- funnel_trend against an oracle: for each user and calendar bucket, window_funnel over the
-- events with condition 1 masked outside of the bucket. The buckets are found by looking at
-- the zone's clock, minute by minute, around every change of the clocks.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
-- A bucket that ended before its events made this run forever once.
SET LOCAL statement_timeout = '120 s';
SELECT plan(128);

-- ---- zones and events around what is odd in them ----------------------------------------

CREATE TABLE zone (zone text, since date);
INSERT INTO zone VALUES ('UTC', '2024-01-01'), ('Asia/Shanghai', '2024-01-01'), ('America/New_York', '2024-01-01'),
	('America/Havana', '2024-01-01'),		-- 00:00 to 01:00 and 01:00 to 00:00: a midnight that is not there, and one twice
	('Australia/Lord_Howe', '2024-01-01'),	-- by half an hour
	('America/St_Johns', '2010-01-01'),		-- 00:01 to 23:01 of the day before
	('America/Sao_Paulo', '2018-01-01'),	-- 00:00 to 01:00 and 00:00 to 23:00
	('Africa/Cairo', '2024-01-01'),
	('Asia/Kathmandu', '1985-07-01'),		-- +05:30 to +05:45 at midnight of a new year
	('Pacific/Apia', '2011-06-01'),			-- without 2011-12-30
	('Asia/Pyongyang', '2018-01-01');		-- +08:30 to +09:00

-- What the zone's clock shows.
CREATE FUNCTION shown(at timestamptz, zone text) RETURNS timestamp LANGUAGE sql IMMUTABLE RETURN at AT TIME ZONE zone;

-- The hours in which the clocks change; the beginning of years, and leap days.
CREATE TABLE odd AS
SELECT zone, h + interval '1 h' AS at FROM zone, generate_series(since::timestamptz, since + interval '13 months', interval '1 h') h
WHERE shown(h + interval '1 h', zone) - shown(h, zone) <> interval '1 h'
UNION ALL SELECT zone, (date_trunc('year', since) + interval '1 year') AT TIME ZONE zone FROM zone
UNION ALL SELECT zone, timestamptz '2024-02-29 12:00+00' FROM zone WHERE since = '2024-01-01';
SELECT ok(count(*) >= 28 AND count(*) FILTER (WHERE zone = 'America/Havana') = 4, 'odd times: ' || count(*)) FROM odd;

-- Each user lives around one of them: within hours, days, or months.
CREATE TABLE event AS
SELECT zone, u AS user_id, o.at + (CASE u % 3 WHEN 0 THEN rnd(key, 3, 40) - 20 WHEN 1 THEN rnd(key, 3, 600) - 300 ELSE rnd(key, 3, 20000) - 10000 END) * interval '10 min'
		+ CASE WHEN u % 2 = 0 THEN rnd(key, 6, 600) ELSE 0 END * interval '1 s' AS at,
	(rnd(key, 4, 8) & rnd(key, 5, 8))::bit(3)::text::stepset AS step
FROM (SELECT *, row_number() OVER (ORDER BY zone, at) AS odd FROM odd) o, generate_series(1, 60) i, LATERAL (SELECT odd * 1000 + i AS u) u,
	generate_series(1, 1 + rnd(u, 1, 12)) j, LATERAL (SELECT u * 100 + j AS key) k;
INSERT INTO event SELECT zone, 1, at, step FROM event WHERE user_id % 7 = 0;
UPDATE event SET at = NULL WHERE at IS NOT NULL AND rnd(extract(epoch FROM at)::bigint, user_id::int, 50) = 0;
CREATE INDEX ON event (zone, user_id);
ANALYZE event;

-- ---- buckets ----------------------------------------------------------------------------

-- The first instant at which the clock shows midnight or later, for each day of a zone.
CREATE TABLE day AS
SELECT zone, d::date AS day, (SELECT min(t) FROM generate_series(m - interval '25 h', m + interval '25 h', CASE WHEN odd THEN interval '1 min' ELSE interval '15 min' END) t WHERE shown(t, zone) >= d) AS at
FROM (SELECT zone, date_trunc('quarter', (since - 200)::timestamp) AS first, date_trunc('quarter', (since + 900)::timestamp) AS last FROM zone) z, generate_series(first, last, interval '1 day') d,
	LATERAL (SELECT d AT TIME ZONE zone AS m) m, LATERAL (SELECT EXISTS (SELECT FROM odd WHERE odd.zone = z.zone AND odd.at BETWEEN m - interval '30 h' AND m + interval '30 h') AS odd) o;
CREATE TABLE boundary AS
SELECT zone, unit, at FROM day, unnest(ARRAY['day', 'week', 'month', 'quarter']) unit WHERE date_trunc(unit, day::timestamp) = day;
CREATE INDEX ON boundary (zone, unit, at);
ANALYZE boundary;
CREATE TABLE bucket AS
SELECT DISTINCT e.zone, b.unit, e.at, (SELECT max(o.at) FROM boundary o WHERE o.zone = e.zone AND o.unit = b.unit AND o.at <= e.at) AS bucket,
	(SELECT min(o.at) FROM boundary o WHERE o.zone = e.zone AND o.unit = b.unit AND o.at > e.at) AS until
FROM (SELECT DISTINCT zone, at FROM event WHERE at IS NOT NULL) e, (SELECT DISTINCT unit FROM boundary) b
UNION ALL
SELECT DISTINCT e.zone, 'hour', e.at, greatest(h, c.before), least(h + interval '1 h', c.after)
FROM event e, LATERAL (SELECT at - (shown(at, zone) - date_trunc('hour', shown(at, zone))) AS h) h, LATERAL (
	-- a change by half an hour cuts an hour in two
	SELECT max(m) FILTER (WHERE m <= e.at) AS before, min(m) FILTER (WHERE m > e.at) AS after
	FROM odd, generate_series(odd.at - interval '59 min', odd.at, interval '1 min') m
	WHERE odd.zone = e.zone AND odd.at BETWEEN h - interval '1 h' AND h + interval '2 h'
		AND shown(m, odd.zone) - shown(m - interval '1 min', odd.zone) NOT IN ('1 min', '61 min', '-59 min', '1 day 1 min')) c
WHERE e.at IS NOT NULL;
CREATE INDEX ON bucket (zone, unit, at);
ANALYZE bucket;

-- date_trunc agrees but where midnight is shown twice, of which it takes the second.
SELECT is_empty($$ SELECT * FROM bucket WHERE bucket <> date_trunc(unit, at, zone) AND zone NOT IN ('America/Havana', 'America/St_Johns') AND unit <> 'hour' $$, 'buckets are those of date_trunc');
SELECT ok(count(*) > 0 AND bool_and(date_trunc(unit, at, zone) = bucket + interval '1 h' OR date_trunc(unit, at, zone) < bucket AND shown(at, zone)::date < shown(bucket, zone)::date),
	'but of a midnight shown twice it takes the second: ' || count(*))
FROM bucket WHERE bucket <> date_trunc(unit, at, zone) AND unit <> 'hour';
SELECT ok(count(*) > 0 AND bool_and(zone IN ('Australia/Lord_Howe', 'Asia/Kathmandu')), 'hours are those of date_trunc where clocks change by whole hours')
FROM bucket WHERE bucket <> date_trunc(unit, at, zone) AND unit = 'hour';

-- ---- trends -----------------------------------------------------------------------------

CREATE FUNCTION wanted(zone text, unit text, within interval, mode text) RETURNS TABLE (bucket timestamptz, step int, users bigint, conversion_rate float8, complete boolean) LANGUAGE sql
BEGIN ATOMIC
	WITH e AS (
		SELECT e.user_id, e.at, e.step, b.bucket, b.until FROM event e JOIN bucket b ON b.zone = e.zone AND b.at = e.at AND b.unit = wanted.unit WHERE e.zone = wanted.zone
	), level AS (
		SELECT s.user_id, s.bucket, s.until, window_funnel(e.at, masked, within, mode) AS level
		FROM (SELECT DISTINCT user_id, bucket, until FROM e WHERE meets(step::text, 1)) s JOIN e USING (user_id),
			LATERAL (SELECT CASE WHEN e.bucket = s.bucket THEN e.step ELSE overlay(e.step::text PLACING '0' FROM 1)::stepset END AS masked) m
		-- an event that met condition 1 only is not there, rather than in the way
		WHERE e.step::text = masked::text OR masked::text ~ '1'
		GROUP BY s.user_id, s.bucket, s.until
	), users AS (
		SELECT bucket, until, k, count(*) FILTER (WHERE level >= k) AS users FROM level, generate_series(1, 3) k GROUP BY bucket, until, k
	)
	SELECT bucket, k, users, users / (first_value(users) OVER (PARTITION BY bucket ORDER BY k))::float8,
		until + within <= (SELECT max(at) FROM event e WHERE e.zone = wanted.zone)
	FROM users;
END;

CREATE FUNCTION compares(zone text, unit text, within interval, mode text) RETURNS text LANGUAGE sql RETURN
	results_eq(format('SELECT * FROM wanted(%L, %L, %L, %L) ORDER BY bucket, step', zone, unit, within, mode),
		format('SELECT bucket, step, users, conversion_rate, complete FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, %1$L, %2$L, %4$L, %3$L) FROM event WHERE zone = %2$L OR zone = %3$L))', within, unit, zone, mode),
		format('%s in %s, within %s, mode %L', unit, zone, within, mode));

SELECT compares(zone, unit, within, '') FROM zone, unnest(ARRAY['hour', 'day', 'week', 'month', 'quarter']) unit, LATERAL (SELECT CASE unit WHEN 'hour' THEN interval '90 min' WHEN 'day' THEN '30 h' ELSE '10 d' END AS within) w;
SELECT compares('America/Havana', 'day', within, mode) FROM unnest(ARRAY[interval '2 h', '60 d']) within, unnest(ARRAY['strict_order', 'strict_order, allow_reentry', 'strict_deduplication', 'strict_increase', 'strict_once']) mode;
SELECT compares(zone, 'week', '5 d', mode) FROM unnest(ARRAY['Asia/Shanghai', 'America/New_York']) zone, unnest(ARRAY['strict_order', 'strict_once']) mode;
SELECT compares('UTC', unit, within, '') FROM (VALUES ('day', interval '0'), ('hour', '0'), ('hour', '53375995 d'), ('quarter', '1 us')) v (unit, within);

SELECT ok(count(*) > 5 AND bool_or(complete) AND NOT bool_and(complete), 'some buckets are complete, some are not')
FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, '10 d', 'week', '', 'UTC') FROM event WHERE zone = 'UTC'));

-- With first_chain or latest_chain a user counts once, where that chain of all starts.
CREATE FUNCTION wanted_once(zone text, unit text, within interval, mode text) RETURNS TABLE (bucket timestamptz, step int, users bigint, conversion_rate float8, complete boolean) LANGUAGE sql
BEGIN ATOMIC
	WITH users AS (
		SELECT b.bucket, b.until, k, count(*) FILTER (WHERE cardinality(t) >= k) AS users
		FROM (SELECT window_funnel_times(at, e.step, within, mode) AS t FROM event e WHERE e.zone = wanted_once.zone GROUP BY user_id) c
			JOIN bucket b ON b.zone = wanted_once.zone AND b.unit = wanted_once.unit AND b.at = t[1], generate_series(1, 3) k
		GROUP BY b.bucket, b.until, k
	)
	SELECT bucket, k, users, users / (first_value(users) OVER (PARTITION BY bucket ORDER BY k))::float8,
		until + within <= (SELECT max(at) FROM event e WHERE e.zone = wanted_once.zone)
	FROM users;
END;
SELECT results_eq(format('SELECT * FROM wanted_once(%L, %L, %L, %L) ORDER BY bucket, step', zone, unit, '30 h', mode),
	format('SELECT bucket, step, users, conversion_rate, complete FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, ''30 h'', %1$L, %3$L, %2$L) FROM event WHERE zone = %2$L))', unit, zone, mode),
	format('%s in %s, mode %L', unit, zone, mode))
FROM unnest(ARRAY['UTC', 'America/Havana']) zone, unnest(ARRAY['hour', 'week']) unit, unnest(ARRAY['first_chain', 'latest_chain', 'strict_once, first_chain']) mode;
SELECT ok(count(DISTINCT s) = 3, 'in each bucket, first and latest are three different answers')
FROM unnest(ARRAY['', 'first_chain', 'latest_chain']) mode, LATERAL (SELECT array_agg(r::text) AS s FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step, '30 h', 'hour', mode, 'UTC') FROM event WHERE zone = 'UTC')) r) x;

-- ---- the zone ---------------------------------------------------------------------------

SET LOCAL timezone = 'America/Havana';
SELECT is(funnel_trend(user_id, at, step, '1 d', 'day')::text, funnel_trend(user_id, at, step, '1 d', 'day', '', 'America/Havana')::text, 'the zone is the session''s where none is given')
FROM event WHERE zone = 'America/Havana';
SELECT is(funnel_trend(user_id, at, step, '1 d', 'day')::text, funnel_trend(user_id, at, step, '1 d', 'day', '', '')::text, 'or an empty one') FROM event WHERE zone = 'America/Havana';
PREPARE trend AS SELECT string_agg(bucket::text, ' ') FROM funnel_trend_steps((SELECT funnel_trend(1, timestamptz '2024-06-01 12:00+00', '1'::stepset, '1 d', 'day')));
PREPARE same AS SELECT '2024-06-01 00:00:00-04';
SELECT results_eq('trend', 'same', 'when it runs');
SET LOCAL timezone = 'Asia/Shanghai';
DEALLOCATE same;
PREPARE same AS SELECT '2024-06-01 00:00:00+08';
SELECT results_eq('trend', 'same', 'even prepared');
SET LOCAL timezone = 'UTC';
SELECT is((SELECT s.bucket FROM (SELECT (SELECT funnel_trend(u, timestamptz '2024-06-01 12:34:56+00', '1'::stepset, '1 d', 'hour', '', v.zone) FROM generate_series(1, 1) u) AS one) f, funnel_trend_steps(one) s), v.bucket::timestamptz, v.zone)
FROM (VALUES ('asia/kolkata', '2024-06-01 12:30+00'), ('Asia/Kathmandu', '2024-06-01 12:15+00'), ('Australia/Darwin', '2024-06-01 12:30+00'), ('Etc/GMT+12', '2024-06-01 12:00+00')) v (zone, bucket);

-- The ends of time.
SELECT is((SELECT array_agg(bucket ORDER BY bucket) FROM funnel_trend_steps((SELECT funnel_trend(1, at::timestamptz, '1'::stepset, '1 d', 'day', '', 'UTC')
		FROM (VALUES ('4714-11-24 00:00 BC'), ('294276-12-30 23:59:59.999999'), ('0001-12-31 23:59 BC'), ('0001-01-01')) v (at)))),
	ARRAY['4714-11-24 BC', '0001-12-31 BC', '0001-01-01', '294276-12-30']::timestamptz[], 'the first and the last day');
SELECT throws_ok($$ SELECT funnel_trend(1, '4714-11-24 00:00 BC'::timestamptz, '1'::stepset, '1 d', 'month', '', 'UTC') $$, '22008', NULL, 'a month that begins before time does');
SELECT throws_ok($$ SELECT funnel_trend(1, '294276-12-31 00:00'::timestamptz, '1'::stepset, '1 d', 'month', '', 'UTC') $$, '22008', NULL, 'a month that ends after it');
SELECT is((SELECT complete FROM funnel_trend_steps((SELECT funnel_trend(1, at::timestamptz, '1'::stepset, '53375995 d', 'day', '', 'UTC') FROM (VALUES ('294276-12-29')) v (at)))), false, 'a window beyond all time');

-- Complete once an event, of whoever and whatever, is as late as the last window.
SELECT is((SELECT complete FROM funnel_trend_steps((SELECT funnel_trend(u, at::timestamptz, step::stepset, '2 h', 'day', '', 'UTC')
		FROM (VALUES (1, '2024-01-01 12:00+00', '10'), (2, last, '00')) v (u, at, step))) WHERE step = 1), complete, 'newest event ' || last)
FROM (VALUES ('2024-01-02 01:59:59.999999+00', false), ('2024-01-02 02:00+00', true)) v (last, complete);

-- Every time has a bucket, in every zone that there is.
SELECT is((SELECT count(*) FROM pg_timezone_names, LATERAL (SELECT funnel_trend(1, h, '1'::stepset, '0', 'day', '', name) AS f
		FROM generate_series(timestamptz '2009-03-01 00:30+00', '2012-01-10', interval '17 h') h) f WHERE f IS NULL), 0::bigint, 'three years in every zone');
SELECT is_empty($$
	SELECT name, bucket, users FROM pg_timezone_names, LATERAL (SELECT funnel_trend(extract(epoch FROM h)::bigint, h, '1'::stepset, '0', 'day', '', name) AS f
		FROM generate_series(timestamptz '2010-10-28 00:30+00', '2010-11-10', interval '1 h') h) f, funnel_trend_steps(f)
	WHERE users NOT BETWEEN 22 AND 26 AND bucket NOT IN (SELECT min(bucket) FROM funnel_trend_steps(f) UNION SELECT max(bucket) FROM funnel_trend_steps(f)) LIMIT 3 $$, 'and a day has about 24 hours');

-- ---- what is refused --------------------------------------------------------------------

SELECT throws_ok(format('SELECT funnel_trend(user_id, at, step, ''1 d'', %s) FROM event', args), state, message, message)
FROM (VALUES ('''year''', '22023', 'unit "year" does not exist'), ('''Dag''', '22023', 'unit "Dag" does not exist'), ('''''', '22023', 'unit "" does not exist'), ('''day ''', '22023', 'unit "day " does not exist'),
	('NULL', '22004', 'unit must not be NULL'), ('''day'', '''', NULL', '22004', 'time_zone must not be NULL'), ('''day'', NULL, ''UTC''', '22004', 'options must not be NULL'),
	('''day'', '''', ''Asia/Beijing''', '22023', 'time_zone "Asia/Beijing" does not exist'), ('''day'', '''', ''../../etc/passwd''', '22023', 'time_zone "../../etc/passwd" does not exist'),
	('''day'', '''', repeat(''x'', 300)', '22023', 'time_zone "' || repeat('x', 300) || '" does not exist'),
	('''day'', ''any_order'', ''UTC''', '22023', 'option any_order does not go with a trend'), ('''day'', ''x'', ''UTC''', '22023', 'option "x" does not exist'),
	('CASE WHEN user_id % 2 = 0 THEN ''day'' ELSE ''hour'' END', '22023', 'unit must be the same for all rows of one group'),
	('''day'', '''', CASE WHEN user_id % 2 = 0 THEN ''UTC'' ELSE ''Asia/Shanghai'' END', '22023', 'time_zone must be the same for all rows of one group')) v (args, state, message);
SELECT throws_ok('SELECT funnel_trend(user_id, at, step, ''1 mon'', ''month'') FROM event', '22023', 'within must not contain months or years: 1 mon');
SELECT ok(funnel_trend(user_id, at, step, '1 d', 'day') IS NULL, 'no rows give NULL') FROM event WHERE false;
SELECT is_empty($$ SELECT * FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, '010', '1 d', 'day') FROM event)) $$, 'nobody at step 1: no buckets');
SELECT throws_ok('SELECT funnel_steps((SELECT funnel_trend(user_id, at, step, ''1 d'', ''day'') FROM event))', '22023', 'funnel_steps cannot add up the buckets of a trend');
SELECT throws_ok('SELECT funnel_times((SELECT funnel_trend(user_id, at, step, ''1 d'', ''day'') FROM event), 2)', '22023', 'funnel_times cannot add up the buckets of a trend');
SELECT throws_ok('SELECT funnel_breakdown_steps((SELECT funnel_trend(user_id, at, step, ''1 d'', ''day'') FROM event))', '22023', 'funnel_breakdown_steps was given a trend');
SELECT throws_ok('SELECT funnel_trend_steps((SELECT funnel(user_id, at, step, ''1 d'') FROM event))', '22023', 'funnel_trend_steps was given a funnel without buckets');

SELECT * FROM finish();
ROLLBACK;
