-- cohort_retention against an oracle in SQL: joins of starts and returns. The day of a time
-- is the latest date that the zone's clock has shown, and all else follows from the date.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(481);

-- ---- zones and events around what is odd in them ----------------------------------------

CREATE TABLE zone (zone text, since date);
INSERT INTO zone VALUES ('UTC', '2024-01-01'), ('Asia/Shanghai', '2024-01-01'), ('America/New_York', '2024-01-01'),
	('America/Havana', '2024-01-01'),		-- 00:00 to 01:00 and 01:00 to 00:00: a midnight that is not there, and one twice
	('Australia/Lord_Howe', '2024-01-01'),	-- by half an hour
	('America/St_Johns', '2010-01-01'),		-- 00:01 to 23:01 of the day before
	('America/Sao_Paulo', '2018-01-01'),	-- 00:00 to 01:00 and 00:00 to 23:00
	('Asia/Kathmandu', '1985-07-01'),		-- +05:30 to +05:45 at midnight of a new year
	('Pacific/Apia', '2011-06-01'),			-- without 2011-12-30
	('Europe/Berlin', '1999-12-01');		-- with times before 2000

CREATE TABLE odd AS
SELECT zone, h + interval '1 h' AS at FROM zone, generate_series(since::timestamptz, since + interval '13 months', interval '1 h') h
WHERE (h + interval '1 h') AT TIME ZONE zone - h AT TIME ZONE zone <> interval '1 h'
UNION ALL SELECT zone, (date_trunc('year', since) + interval '1 year') AT TIME ZONE zone FROM zone
UNION ALL SELECT zone, timestamptz '2024-02-29 12:00+00' FROM zone WHERE since = '2024-01-01';
SELECT ok(count(*) >= 24 AND count(*) FILTER (WHERE zone = 'America/Havana') = 4, 'odd times: ' || count(*)) FROM odd;

-- Each user lives around one of them: within hours, days, or months.
CREATE TABLE event AS
SELECT zone, u AS user_id, o.at + (CASE u % 3 WHEN 0 THEN rnd(key, 3, 40) - 20 WHEN 1 THEN rnd(key, 3, 600) - 300 ELSE rnd(key, 3, 20000) - 10000 END) * interval '10 min'
		+ CASE WHEN u % 2 = 0 THEN rnd(key, 6, 600) ELSE 0 END * interval '1 s' AS at,
	CASE rnd(key, 4, 5) WHEN 0 THEN NULL ELSE rnd(key, 4, 5) = 1 END AS is_start,
	CASE rnd(key, 5, 6) WHEN 0 THEN NULL ELSE rnd(key, 5, 6) < 4 END AS is_return,
	CASE WHEN rnd(key, 7, 9) > 0 THEN rnd(key, 7, 1000) - 100 END AS value
FROM (SELECT *, row_number() OVER (ORDER BY zone, at) AS odd FROM odd) o, generate_series(1, 40) i, LATERAL (SELECT odd * 1000 + i AS u) u,
	generate_series(1, 1 + rnd(u, 1, 16)) j, LATERAL (SELECT u * 100 + j AS key) k;
-- one user who is everywhere, and users without a time
INSERT INTO event SELECT zone, 1, at, is_start, is_return, value FROM event WHERE user_id % 7 = 0;
INSERT INTO event SELECT zone, user_id, NULL, true, true, 1 FROM event WHERE user_id % 9 = 0;
INSERT INTO event SELECT zone, NULL, at, true, true, 1 FROM event WHERE user_id % 11 = 0;
ANALYZE event;

-- The latest date shown: clocks go back by three hours at most.
CREATE TABLE day AS
SELECT zone, at, (SELECT max((at - m * interval '1 min') AT TIME ZONE zone)::date FROM generate_series(0, 180) m) AS day
FROM (SELECT DISTINCT zone, at FROM event WHERE at IS NOT NULL) e;
CREATE FUNCTION number(unit text, day date, at timestamptz, zone text) RETURNS int LANGUAGE sql IMMUTABLE RETURN CASE unit
	WHEN 'hour' THEN floor(extract(epoch FROM date_trunc('hour', at, zone)) / 3600)
	WHEN 'day' THEN day - date '2000-01-01'
	WHEN 'week' THEN (date_trunc('week', day::timestamp)::date - date '1900-01-01') / 7
	WHEN 'month' THEN extract(year FROM day) * 12 + extract(month FROM day)
	WHEN 'quarter' THEN extract(year FROM day) * 4 + extract(quarter FROM day) END;
CREATE TABLE told AS
SELECT e.*, unit, number(unit, day, at, zone) AS n FROM event e JOIN day USING (zone, at), unnest(ARRAY['hour', 'day', 'week', 'month', 'quarter']) unit
-- where clocks change by a part of an hour, hours are a matter for a test of their own
WHERE unit <> 'hour' OR zone NOT IN ('Australia/Lord_Howe', 'Asia/Kathmandu');
CREATE INDEX ON told (zone, unit, user_id);
ANALYZE told;
-- The number of the bucket that begins at a time.
CREATE FUNCTION begins(unit text, at timestamptz, zone text) RETURNS int LANGUAGE sql STABLE RETURN number(unit, (at AT TIME ZONE zone)::date, at, zone);

CREATE FUNCTION cells(lasts int[]) RETURNS TABLE (first int, last int) LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT 0, 0 UNION ALL SELECT coalesce(lasts[i - 1], 0) + 1, lasts[i] FROM generate_subscripts(lasts, 1) i;
END;

CREATE FUNCTION wanted(zone text, unit text, lasts int[], cohorts text, returns text) RETURNS TABLE (cohort int, period int, users bigint, cohort_users bigint, complete boolean, last_period int, value float8) LANGUAGE sql
BEGIN ATOMIC
	WITH e AS (
		SELECT * FROM told t WHERE t.zone = wanted.zone AND t.unit = wanted.unit AND t.user_id IS NOT NULL
	), start AS (
		SELECT DISTINCT user_id, CASE cohorts WHEN 'first' THEN min(n) OVER (PARTITION BY user_id) ELSE n END AS cohort FROM e WHERE is_start
	), met AS (
		SELECT s.cohort, c.first, c.last, s.user_id, count(r) AS returns, coalesce(sum(r.value), 0) AS value
		FROM start s CROSS JOIN cells(lasts) c LEFT JOIN e r ON r.user_id = s.user_id AND r.is_return
			AND r.n - s.cohort BETWEEN CASE returns WHEN 'within' THEN 0 WHEN 'within_from_1' THEN 1 ELSE c.first END AND CASE returns WHEN 'on_or_after' THEN 1000000000 ELSE c.last END
		GROUP BY s.cohort, c.first, c.last, s.user_id
	)
	SELECT m.cohort, m.first, count(*) FILTER (WHERE m.returns > 0), count(*), m.cohort + m.last < (SELECT max(n) FROM e), m.last, sum(m.value)
	FROM met m GROUP BY m.cohort, m.first, m.last;
END;

-- The call as text: the zone is a constant in it, or the session's.
CREATE FUNCTION call(zone text, unit text, periods text, mode text, value boolean) RETURNS text LANGUAGE sql
	RETURN format('(SELECT cohort_retention(user_id, at, is_start, is_return, %s %L, %s, %L, %L) FROM event WHERE zone = %5$L)', CASE WHEN value THEN 'value,' END, unit, periods, mode, zone);
CREATE FUNCTION compares(zone text, unit text, periods text, cohorts text, returns text, value boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	name text := format('%s in %s, %s, %s, %s%s', unit, zone, periods, cohorts, returns, CASE WHEN value THEN ', value' END);
	lasts int[];
BEGIN
	EXECUTE format('SELECT CASE WHEN %1$L ~ ''ARRAY'' THEN %2$s ELSE (SELECT array_agg(i) FROM generate_series(1, %3$s) i) END', periods, CASE WHEN periods ~ 'ARRAY' THEN periods ELSE 'NULL::int[]' END, CASE WHEN periods ~ 'ARRAY' THEN '1' ELSE periods END) INTO lasts;
	RETURN NEXT set_eq(format('SELECT cohort, period, users, cohort_users, users / cohort_users::float8 AS retention_rate, complete, last_period, %s FROM wanted(%L, %L, %L, %L, %L)',
			CASE WHEN value THEN 'value, value / cohort_users AS mean' ELSE 'NULL::float8 AS value, NULL::float8 AS mean' END, zone, unit, lasts, cohorts, returns),
		format('SELECT begins(%L, cohort, %L), period, users, cohort_users, retention_rate, complete, last_period, value, value_per_user FROM retention_cells(%s)', unit, zone, call(zone, unit, periods, cohorts || ', ' || returns, value)), name);
END $$;

SELECT compares(zone, unit, CASE unit WHEN 'hour' THEN '26' WHEN 'day' THEN '31' WHEN 'week' THEN '9' ELSE '4' END, 'first', 'on', true) FROM zone, unnest(ARRAY['hour', 'day', 'week', 'month', 'quarter']) unit WHERE unit <> 'hour' OR zone NOT IN ('Australia/Lord_Howe', 'Asia/Kathmandu');
SELECT compares(zone, unit, periods, cohorts, returns, value)
FROM unnest(ARRAY['America/Havana', 'Pacific/Apia', 'Europe/Berlin']) WITH ORDINALITY z (zone, i), unnest(ARRAY['day', 'week']) WITH ORDINALITY u (unit, j), unnest(ARRAY['first', 'every']) WITH ORDINALITY c (cohorts, k),
	unnest(ARRAY['on', 'on_or_after', 'within', 'within_from_1']) WITH ORDINALITY r (returns, l), unnest(ARRAY[true, false]) value,
	LATERAL (SELECT CASE WHEN (i + j + k + l) % 2 = 0 THEN '12' ELSE 'ARRAY[1, 3, 4, 14, 60]' END AS periods) p;
SELECT compares('America/New_York', unit, periods, 'every', 'on', true) FROM unnest(ARRAY['hour', 'month', 'quarter']) unit, unnest(ARRAY['ARRAY[1]', 'ARRAY[10000]', 'ARRAY[2, 1000]', '1']) periods;
SELECT compares('UTC', 'day', '1000', 'every', returns, false) FROM unnest(ARRAY['on', 'on_or_after', 'within', 'within_from_1']) returns;

-- A bucket begins with its first moment.
SELECT is_empty(format('SELECT * FROM retention_cells(%s) WHERE begins(%L, cohort, %L) = begins(%2$L, cohort - interval ''1 us'', %3$L) OR period = 0 AND NOT EXISTS (SELECT FROM told WHERE zone = %3$L AND unit = %2$L AND is_start AND at >= cohort AND n = begins(%2$L, cohort, %3$L))', call(zone, unit, '1', 'every', false), unit, zone), format('%s in %s begins', unit, zone))
FROM zone, unnest(ARRAY['hour', 'day', 'week', 'month', 'quarter']) unit WHERE unit <> 'hour' OR zone NOT IN ('Australia/Lord_Howe', 'Asia/Kathmandu');
-- The same buckets as funnel_trend has, in all zones.
SELECT set_eq(format('SELECT cohort, users FROM retention_cells(%s) WHERE period = 0', call(zone, unit, '1', 'every, on_or_after', false)),
	format('SELECT bucket, count(DISTINCT user_id) FILTER (WHERE retained) FROM (SELECT user_id, bucket, EXISTS (SELECT FROM event r WHERE r.zone = %2$L AND r.user_id = u.user_id AND is_return AND r.at >= bucket) AS retained FROM (SELECT user_id, funnel_trend(user_id, at, ''1''::journey.stepset, interval ''0'', %1$L, '''', %2$L) AS f FROM event WHERE zone = %2$L AND is_start AND user_id IS NOT NULL GROUP BY user_id) u, funnel_trend_steps(f)) b GROUP BY bucket', unit, zone),
	format('%s in %s as in funnel_trend', unit, zone))
FROM zone, unnest(ARRAY['day', 'week', 'month', 'quarter']) unit;

-- Where clocks change by half an hour, each hour of UTC still has one bucket that begins in it.
SELECT results_eq($$ SELECT cohort AT TIME ZONE 'UTC', users FROM retention_cells((SELECT cohort_retention(extract(epoch FROM at)::bigint, at, true, true, 'hour', 1, 'every', 'Australia/Lord_Howe')
		FROM generate_series(timestamptz '2024-04-06 13:10+00', '2024-04-06 16:50+00', '20 min') at)) WHERE period = 0 $$,
	$$ VALUES (timestamp '2024-04-06 13:00', 3::bigint), ('2024-04-06 14:00', 3), ('2024-04-06 15:00', 4), ('2024-04-06 16:30', 2) $$, 'an hour cut in two where clocks go back');
SELECT results_eq($$ SELECT cohort AT TIME ZONE 'UTC', period, users FROM retention_cells((SELECT cohort_retention(1, at, at < '2024-10-05 15:00+00', true, 'hour', 3, 'first', 'Australia/Lord_Howe')
		FROM unnest(ARRAY['2024-10-05 14:50+00', '2024-10-05 15:10+00', '2024-10-05 16:20+00', '2024-10-05 17:20+00']::timestamptz[]) at)) $$,
	$$ VALUES (timestamp '2024-10-05 14:30', 0, 1::bigint), ('2024-10-05 14:30', 1, 0), ('2024-10-05 14:30', 2, 1), ('2024-10-05 14:30', 3, 1) $$, 'and where they go forward');

-- ---- rolling ----------------------------------------------------------------------------

CREATE FUNCTION ends(unit text, n int, zone text) RETURNS timestamptz LANGUAGE sql STABLE RETURN CASE unit
	WHEN 'hour' THEN to_timestamp((n + 1) * 3600) WHEN 'day' THEN (date '2000-01-01' + n + 1)::timestamp AT TIME ZONE zone ELSE (date '1900-01-01' + 7 * (n + 1))::timestamp AT TIME ZONE zone END;
CREATE FUNCTION wanted_rolling(zone text, unit text, lasts int[], cohorts text, returns text) RETURNS TABLE (cohort int, period int, users bigint, cohort_users bigint, complete boolean, last_period int, value float8) LANGUAGE sql
BEGIN ATOMIC
	WITH e AS (
		SELECT * FROM told t WHERE t.zone = wanted_rolling.zone AND t.unit = wanted_rolling.unit AND t.user_id IS NOT NULL
	), start AS (
		SELECT user_id, n AS cohort, min(at) AS at FROM e WHERE is_start GROUP BY user_id, n
	), chosen AS (
		SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY at) AS k FROM start
	), length AS (
		SELECT CASE unit WHEN 'hour' THEN 3600 WHEN 'day' THEN 86400 ELSE 604800 END AS seconds
	), met AS (
		SELECT s.cohort, c.first, c.last, s.user_id, count(r) AS returns, coalesce(sum(r.value), 0) AS value
		FROM chosen s CROSS JOIN length l CROSS JOIN cells(lasts) c LEFT JOIN e r ON r.user_id = s.user_id AND r.is_return AND r.at >= s.at
			AND floor(extract(epoch FROM r.at - s.at) / seconds) BETWEEN CASE returns WHEN 'within' THEN 0 WHEN 'within_from_1' THEN 1 ELSE c.first END AND CASE returns WHEN 'on_or_after' THEN 1000000000 ELSE c.last END
		WHERE cohorts = 'every' OR s.k = 1
		GROUP BY s.cohort, c.first, c.last, s.user_id
	)
	SELECT m.cohort, m.first, count(*) FILTER (WHERE m.returns > 0), count(*), ends(unit, m.cohort, zone) + (m.last + 1) * l.seconds * interval '1 s' <= (SELECT max(at) FROM e), m.last, sum(m.value)
	FROM met m, length l GROUP BY m.cohort, m.first, m.last, l.seconds;
END;

SELECT set_eq(format('SELECT cohort, period, users, cohort_users, complete, last_period, %s AS value FROM wanted_rolling(%L, %L, ARRAY[%s], %L, %L)', CASE WHEN value THEN 'value' ELSE 'NULL::float8' END, zone, unit, lasts, cohorts, returns),
	format('SELECT begins(%L, cohort, %L), period, users, cohort_users, complete, last_period, value FROM retention_cells(%s)', unit, zone, call(zone, 'rolling ' || unit, format('ARRAY[%s]', lasts), cohorts || ', ' || returns, value)),
	format('rolling %s in %s: %s %s %s%s', unit, zone, lasts, cohorts, returns, CASE WHEN value THEN ', value' END))
FROM unnest(ARRAY['UTC', 'America/New_York', 'Europe/Berlin']) zone, unnest(ARRAY['hour', 'day', 'week']) unit, unnest(ARRAY['first', 'every']) cohorts, unnest(ARRAY['on', 'on_or_after', 'within', 'within_from_1']) WITH ORDINALITY r (returns, i),
	LATERAL (SELECT i % 2 = 0 OR unit = 'day' AS value, CASE WHEN unit = 'week' THEN '1, 2, 3, 4' WHEN i > 2 THEN '2, 24, 25' ELSE '1, 7, 40' END AS lasts) v;
-- The user's own start counts, and all at the same time.
SELECT results_eq($$ SELECT period, users FROM retention_cells((SELECT cohort_retention(1, at, s, r, 'rolling day', 2, '', 'UTC') FROM (VALUES ('2024-03-01 10:00+00'::timestamptz, true, false), ('2024-03-01 10:00+00', false, true),
	('2024-03-01 09:59:59.999999+00', false, true), ('2024-03-02 09:59:59.999999+00', false, true), ('2024-03-03 10:00+00', false, true)) v (at, s, r))) $$,
	$$ VALUES (0, 1::bigint), (1, 0), (2, 1) $$, 'a period has 24 hours, the first moment included, the last not');

-- ---- who --------------------------------------------------------------------------------

CREATE FUNCTION wanted_members(zone text, unit text, lasts int[], cohorts text, returns text) RETURNS TABLE (user_id bigint, cohort int, returned int[]) LANGUAGE sql
BEGIN ATOMIC
	WITH e AS (
		SELECT * FROM told t WHERE t.zone = wanted_members.zone AND t.unit = wanted_members.unit AND t.user_id IS NOT NULL
	), start AS (
		SELECT DISTINCT user_id, CASE cohorts WHEN 'first' THEN min(n) OVER (PARTITION BY user_id) ELSE n END AS cohort FROM e WHERE is_start
	)
	SELECT s.user_id, s.cohort, ARRAY(SELECT c.first FROM cells(lasts) c WHERE EXISTS (SELECT FROM e r WHERE r.user_id = s.user_id AND r.is_return
			AND r.n - s.cohort BETWEEN CASE returns WHEN 'within' THEN 0 WHEN 'within_from_1' THEN 1 ELSE c.first END AND CASE returns WHEN 'on_or_after' THEN 1000000000 ELSE c.last END) ORDER BY 1)
	FROM start s;
END;
SELECT results_eq(format('SELECT * FROM wanted_members(%L, %L, %s, %L, %L) ORDER BY user_id, cohort', zone, unit, lasts, cohorts, returns),
	format('SELECT user_id, begins(%L, cohort, %L), returned FROM unnest((SELECT retention_members(user_id, at, is_start, is_return, %1$L, %3$s, %4$L, %2$L) FROM event WHERE zone = %2$L))', unit, zone, lasts, cohorts || ',' || returns),
	format('members: %s in %s, %s, %s', unit, zone, cohorts, returns))
FROM unnest(ARRAY['day', 'month']) unit, unnest(ARRAY['America/Havana', 'Europe/Berlin']) zone, unnest(ARRAY['first', 'every']) cohorts, unnest(ARRAY['on', 'on_or_after', 'within', 'within_from_1']) returns,
	LATERAL (SELECT CASE unit WHEN 'day' THEN 'ARRAY[1, 4, 5, 60]' ELSE 'ARRAY[1, 2, 3]' END AS lasts) l;
-- Users of other types are the same.
SELECT results_eq(format('SELECT user_id::text, cohort, returned, cohort_date FROM unnest((SELECT retention_members(user_id, at, is_start, is_return, %L, %s, ''every'', zone) FROM event WHERE zone = ''Europe/Berlin'' GROUP BY zone)) ORDER BY user_id::text COLLATE "C", cohort', unit, periods),
	format('SELECT * FROM unnest((SELECT retention_members(user_id::text COLLATE "C", at, is_start, is_return, %L, %s, ''every'', zone) FROM event WHERE zone = ''Europe/Berlin'' GROUP BY zone))', unit, periods), 'members of text: ' || unit)
FROM (VALUES ('week', 'ARRAY[1, 4]'), ('month', '3'), ('rolling day', '''9''')) v (unit, periods);
SELECT results_eq(format('SELECT lpad(to_hex(user_id), 32, ''0'')::uuid, cohort, returned, cohort_date FROM unnest((SELECT retention_members(user_id, at, is_start, is_return, %L, %s, ''every'', zone) FROM event WHERE zone = ''Europe/Berlin'' GROUP BY zone)) ORDER BY 1, 2', unit, periods),
	format('SELECT * FROM unnest((SELECT retention_members(lpad(to_hex(user_id), 32, ''0'')::uuid, at, is_start, is_return, %L, %s, ''every'', zone) FROM event WHERE zone = ''Europe/Berlin'' GROUP BY zone))', unit, periods), 'members of uuid: ' || unit)
FROM (VALUES ('week', 'ARRAY[1, 4]'), ('month', '3'), ('rolling day', '''9''')) v (unit, periods);
-- They are those that the cells count.
SELECT set_eq(format('SELECT cohort, period, users FROM retention_cells((SELECT cohort_retention(user_id, at, is_start, is_return, %L, %s, %L, %L) FROM event WHERE zone = %4$L)) WHERE users > 0', unit, periods, mode, zone),
	format('SELECT cohort, period, count(*) FROM unnest((SELECT retention_members(user_id, at, is_start, is_return, %L, %s, %L, %L) FROM event WHERE zone = %4$L)), unnest(returned) period GROUP BY cohort, period', unit, periods, mode, zone),
	format('members of cells: %s in %s, %s', unit, zone, mode))
FROM unnest(ARRAY['UTC', 'Pacific/Apia']) zone, unnest(ARRAY['rolling day', 'rolling hour', 'hour', 'week']) unit, unnest(ARRAY['', 'every,within']) mode, LATERAL (SELECT CASE mode WHEN '' THEN '20' ELSE 'ARRAY[2, 24]' END AS periods) p;

-- ---- the curve --------------------------------------------------------------------------

SELECT results_eq(format('SELECT period, coalesce(sum(users) FILTER (WHERE complete), 0)::bigint, coalesce(sum(cohort_users) FILTER (WHERE complete), 0)::bigint, sum(users) FILTER (WHERE complete) / (sum(cohort_users) FILTER (WHERE complete))::float8, count(*) FILTER (WHERE complete), last_period,
		sum(value) FILTER (WHERE complete), sum(value) FILTER (WHERE complete) / (sum(cohort_users) FILTER (WHERE complete)) FROM retention_cells(%s) GROUP BY period, last_period ORDER BY period', call(zone, unit, periods, mode, value)),
	format('SELECT * FROM retention_curve(%s)', call(zone, unit, periods, mode, value)), format('curve: %s in %s, %s, %s', unit, zone, periods, mode))
FROM unnest(ARRAY['UTC', 'America/Havana']) zone, unnest(ARRAY['day', 'rolling day', 'month']) unit, unnest(ARRAY['300', 'ARRAY[1, 30, 200]']) periods, unnest(ARRAY['every', 'within']) mode, unnest(ARRAY[true, false]) value;

-- ---- what is refused --------------------------------------------------------------------

SELECT throws_ok(format('SELECT cohort_retention(user_id, at, is_start, is_return, %s) FROM event', args), state, message, message)
FROM (VALUES ('''year'', 3', '22023', 'unit "year" does not exist'), ('''Dag'', 3', '22023', 'unit "Dag" does not exist'), (''''', 3', '22023', 'unit "" does not exist'), ('''rolling '', 3', '22023', 'unit "rolling " does not exist'),
	('''rolling month'', 3', '22023', 'unit "rolling month" does not exist'), ('''rollingday'', 3', '22023', 'unit "rollingday" does not exist'), ('NULL, 3', '22004', 'unit must not be NULL'),
	('''day'', 0', '22023', 'periods must be from 1 to 10000, not 0'), ('''day'', -1', '22023', 'periods must be from 1 to 10000, not -1'), ('''day'', 2147483647', '22023', 'periods must be from 1 to 10000, not 2147483647'), ('''day'', -2147483648', '22023', 'periods must be from 1 to 10000, not -2147483648'),
	('''day'', NULL::int', '22004', 'periods must not be NULL'), ('''day'', NULL::int[]', '22004', 'periods must not be NULL'), ('''day'', ARRAY[]::int[]', '22023', 'periods must be a list of 1 to 10000 integers without NULL'),
	('''day'', ARRAY[1, NULL]', '22023', 'periods must be a list of 1 to 10000 integers without NULL'), ('''day'', ARRAY[[1, 2], [3, 4]]', '22023', 'periods must be a list of 1 to 10000 integers without NULL'),
	('''day'', array_fill(1, ARRAY[10001])', '22023', 'periods must be a list of 1 to 10000 integers without NULL'), ('''day'', ARRAY[0, 1]', '22023', 'periods must be from 1 to 10000, not 0'), ('''day'', ARRAY[1, 10001]', '22023', 'periods must be from 1 to 10000, not 10001'),
	('''day'', ARRAY[1, 3, 3]', '22023', 'periods must ascend: 3 comes after 3'), ('''day'', ARRAY[1, 3, 2]', '22023', 'periods must ascend: 2 comes after 3'),
	('''day'', 3, ''always''', '22023', 'option "always" does not exist'), ('''day'', 3, ''on,''', '22023', 'options "on," end with a comma'), ('''day'', 3, '',on''', '22023', 'option "" does not exist'), ('''day'', 3, ''Onn''', '22023', 'option "Onn" does not exist'),
	('''day'', 3, ''on, on''', '22023', 'options "on, on" say twice which returns count'), ('''day'', 3, ''every, on, first''', '22023', 'options "every, on, first" say twice which starts make a cohort'), ('''day'', 3, NULL', '22004', 'options must not be NULL'),
	('''day'', 3, '''', ''Asia/Beijing''', '22023', 'time_zone "Asia/Beijing" does not exist'), ('''day'', 3, '''', NULL', '22004', 'time_zone must not be NULL'),
	('CASE WHEN user_id % 2 = 0 THEN ''day'' ELSE ''hour'' END, 3', '22023', 'unit must be the same for all rows of one group'), ('''day'', CASE WHEN user_id % 2 = 0 THEN 3 ELSE 4 END', '22023', 'periods must be the same for all rows of one group'),
	('''day'', 3, CASE WHEN user_id % 2 = 0 THEN ''on'' ELSE '''' END', '22023', 'options must be the same for all rows of one group'), ('''day'', 3, '''', CASE WHEN user_id % 2 = 0 THEN ''UTC'' ELSE ''Asia/Shanghai'' END', '22023', 'time_zone must be the same for all rows of one group')) v (args, state, message);
SELECT throws_ok(format('SELECT cohort_retention(1, %L::timestamptz, true, true, %L, 3)', at, unit), '22008', message, at || ' by ' || unit)
FROM (VALUES ('infinity', 'day', 'at must be a finite time, not infinity'), ('-infinity', 'rolling day', 'at must be a finite time, not -infinity'), ('200000-01-01', 'hour', 'at is too far in the future to count hours'), ('200000-01-01', 'rolling hour', 'at is too far in the future to count hours'), ('294276-12-31', 'month', 'timestamp out of range'), ('4714-11-24 BC', 'month', 'timestamp out of range')) v (at, unit, message);
SELECT lives_ok(format('SELECT * FROM retention_cells((SELECT cohort_retention(1, %L::timestamptz, true, true, %L, 10000, '''', ''UTC'')))', at, unit), at || ' by ' || unit)
FROM (VALUES ('294276-12-30', 'day'), ('4714-11-24 BC', 'day'), ('4714-11-24 BC', 'hour'), ('110000-01-01', 'hour'), ('4714-12-24 BC', 'month'), ('294276-12-29', 'rolling day')) v (at, unit);
SELECT throws_ok(format('SELECT cohort_retention(1, now(), true, true, %L::float8, ''day'', 3)', v), '22003', 'value must be a finite number, not ' || v) FROM unnest(ARRAY['NaN', 'Infinity', '-Infinity']) v;
SELECT lives_ok('SELECT cohort_retention(1, now(), true, false, ''NaN''::float8, ''day'', 3)', 'the value of what is no return is not looked at');
SELECT throws_ok(format('SELECT * FROM retention_cells((SELECT cohort_retention(i %% %s, now(), true, true, 1e308, %L, 3) FROM generate_series(1, 4) i))', users, unit), '22003', 'the sum of value is out of range', format('a sum out of range: %s users, %s', users, unit)) FROM unnest(ARRAY[1, 4]) users, unnest(ARRAY['day', 'rolling day']) unit;
SELECT throws_ok('SELECT cohort_retention(''{}''::json, now(), true, true, ''day'', 3)', '42883', 'user_id must be of a type that can be hashed, not json');

SELECT * FROM finish();
ROLLBACK;
