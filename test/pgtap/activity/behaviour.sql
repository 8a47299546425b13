-- lifecycle, active_ratio, stickiness, frequency and lifecycle_users against oracles in
-- SQL. The buckets are found by looking at each zone's clock.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(207);

-- ---- zones and events around what is odd in them ----------------------------------------

CREATE TABLE zone (zone text, since date);
INSERT INTO zone VALUES ('UTC', '2024-01-01'), ('Asia/Shanghai', '2024-01-01'), ('America/New_York', '2024-01-01'),
	('America/Havana', '2024-01-01'),		-- 00:00 to 01:00 and 01:00 to 00:00: a midnight that is not there, and one twice
	('Australia/Lord_Howe', '2024-01-01'),	-- by half an hour
	('America/St_Johns', '2010-01-01'),		-- 00:01 to 23:01 of the day before
	('Asia/Kathmandu', '1985-07-01'),		-- +05:30 to +05:45 at midnight of a new year
	('Pacific/Apia', '2011-06-01'),			-- without 2011-12-30
	('Pacific/Kiritimati', '1994-06-01');	-- without 1994-12-31, the last day of a month, a quarter and a year

-- What the zone's clock shows.
CREATE FUNCTION shown(at timestamptz, zone text) RETURNS timestamp LANGUAGE sql IMMUTABLE RETURN at AT TIME ZONE zone;

-- The hours in which the clocks change; the beginning of years, and leap days.
CREATE TABLE odd AS
SELECT zone, h + interval '1 h' AS at FROM zone, generate_series(since::timestamptz, since + interval '13 months', interval '1 h') h
WHERE shown(h + interval '1 h', zone) - shown(h, zone) <> interval '1 h'
UNION ALL SELECT zone, (date_trunc('year', since) + interval '1 year') AT TIME ZONE zone FROM zone
UNION ALL SELECT zone, timestamptz '2024-02-29 12:00+00' FROM zone WHERE since = '2024-01-01';
SELECT ok(count(*) >= 20 AND count(*) FILTER (WHERE zone = 'America/Havana') = 4, 'odd times: ' || count(*)) FROM odd;

-- Each user lives around one of them: within hours, days, or months.
CREATE TABLE event AS
SELECT zone, u AS user_id, o.at + (CASE u % 3 WHEN 0 THEN rnd(key, 3, 40) - 20 WHEN 1 THEN rnd(key, 3, 600) - 300 ELSE rnd(key, 3, 20000) - 10000 END) * interval '10 min'
		+ CASE WHEN u % 2 = 0 THEN rnd(key, 6, 600) ELSE 0 END * interval '1 s' AS at
FROM (SELECT *, row_number() OVER (ORDER BY zone, at) AS odd FROM odd) o, generate_series(1, 60) i, LATERAL (SELECT odd * 1000 + i AS u) u,
	generate_series(1, 1 + rnd(u, 1, 14)) j, LATERAL (SELECT u * 100 + j AS key) k;
INSERT INTO event SELECT zone, 1, at FROM event WHERE user_id % 7 = 0;
INSERT INTO event SELECT zone, NULL, max(at) + interval '400 days' FROM event GROUP BY zone UNION ALL SELECT zone, user_id, NULL FROM event WHERE user_id % 30 = 0;
CREATE INDEX ON event (zone, user_id);
ANALYZE event;

-- The first instant at which the clock shows midnight or later, for each day of a zone; for hours,
-- where clocks change by whole ones, all instants at which it shows one.
CREATE TABLE day AS
SELECT zone, d::date AS day, (SELECT min(t) FROM generate_series(m - interval '25 h', m + interval '25 h', CASE WHEN odd THEN interval '1 min' ELSE interval '15 min' END) t WHERE shown(t, zone) >= d) AS at
FROM (SELECT zone, date_trunc('quarter', (since - 200)::timestamp) AS first, date_trunc('quarter', (since + 900)::timestamp) AS last FROM zone) z, generate_series(first, last, interval '1 day') d,
	LATERAL (SELECT d AT TIME ZONE zone AS m) m, LATERAL (SELECT EXISTS (SELECT FROM odd WHERE odd.zone = z.zone AND odd.at BETWEEN m - interval '30 h' AND m + interval '30 h') AS odd) o;
-- Numbered one after the other: a day that never was has the same instant as the next.
CREATE TABLE boundary AS
SELECT zone, unit, at, row_number() OVER (PARTITION BY zone, unit ORDER BY at) AS n, lead(at) OVER (PARTITION BY zone, unit ORDER BY at) AS until
FROM (SELECT DISTINCT zone, unit, at FROM day, unnest(ARRAY['day', 'week', 'month', 'quarter']) unit WHERE date_trunc(unit, day::timestamp) = day
	UNION ALL SELECT zone, 'hour', t FROM zone, generate_series(since::timestamptz - interval '100 days', since::timestamptz + interval '500 days', interval '1 h') t WHERE zone IN ('UTC', 'America/Havana', 'America/New_York')) b;
CREATE UNIQUE INDEX ON boundary (zone, unit, at);
CREATE UNIQUE INDEX ON boundary (zone, unit, n);
ANALYZE boundary;
SELECT is(array_agg(shown(at, zone)::date ORDER BY at), ARRAY['2011-12-28', '2011-12-29', '2011-12-31']::date[], 'Samoa had no 2011-12-30') FROM boundary WHERE zone = 'Pacific/Apia' AND unit = 'day' AND at BETWEEN '2011-12-28' AND '2011-12-30 23:00+00';
CREATE TABLE asked AS SELECT DISTINCT zone, unit FROM boundary;
CREATE TABLE active AS		-- which user was active in which bucket
SELECT DISTINCT zone, unit, user_id, b.n FROM event e JOIN asked USING (zone) CROSS JOIN LATERAL (SELECT n FROM boundary WHERE boundary.zone = e.zone AND boundary.unit = asked.unit AND boundary.at <= e.at ORDER BY at DESC LIMIT 1) b
WHERE user_id IS NOT NULL AND e.at IS NOT NULL;
CREATE UNIQUE INDEX ON active (zone, unit, user_id, n);
CREATE INDEX ON active (zone, unit, n);
ANALYZE active;
CREATE TABLE span AS		-- all buckets that must appear
SELECT a.zone, a.unit, b.n, b.at, b.until <= newest AS complete, first FROM (SELECT zone, unit, min(n) AS first, max(n) AS last FROM active GROUP BY 1, 2) a
	JOIN (SELECT zone, max(at) AS newest FROM event WHERE user_id IS NOT NULL GROUP BY zone) e USING (zone) JOIN boundary b ON b.zone = a.zone AND b.unit = a.unit AND b.n BETWEEN first AND last;
SELECT ok(count(*) = 39 AND min(n) >= 2 AND max(n) > 10000, format('%s zones and units; %s to %s buckets', count(*), min(n), max(n))) FROM (SELECT count(*) AS n FROM span GROUP BY zone, unit) s;
SELECT ok(count(*) FILTER (WHERE NOT EXISTS (SELECT FROM active a WHERE (a.zone, a.unit, a.n) = (s.zone, s.unit, s.n))) > 100, 'in some of them nobody is active') FROM span s;

-- The date on which a bucket begins: what the zone's clock shows.
CREATE FUNCTION date_of(unit text, bucket timestamptz, zone text) RETURNS date LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN unit <> 'hour' THEN (bucket AT TIME ZONE zone)::date END;

-- ---- lifecycle --------------------------------------------------------------------------

CREATE TABLE state AS		-- what each user is in each bucket
SELECT zone, unit, user_id, n, CASE WHEN n = min(n) OVER u THEN 'new' WHEN lag(n) OVER w = n - 1 THEN 'returning' ELSE 'resurrected' END AS state FROM active WINDOW u AS (PARTITION BY zone, unit, user_id), w AS (u ORDER BY n)
UNION ALL SELECT zone, unit, user_id, n + 1, 'dormant' FROM active a WHERE NOT EXISTS (SELECT FROM active b WHERE (b.zone, b.unit, b.user_id, b.n) = (a.zone, a.unit, a.user_id, a.n + 1));
CREATE INDEX ON state (zone, unit, n);
ANALYZE state;
CREATE TABLE lifecycle AS
SELECT zone, unit, s.at AS bucket, count(*) FILTER (WHERE state <> 'dormant') AS active, count(*) FILTER (WHERE state = 'new') AS new, count(*) FILTER (WHERE state = 'returning') AS "returning",
	count(*) FILTER (WHERE state = 'resurrected') AS resurrected, count(*) FILTER (WHERE state = 'dormant') AS dormant, complete
FROM span s LEFT JOIN state USING (zone, unit, n) GROUP BY zone, unit, s.at, complete;
SELECT ok(bool_and(n > 0), 'all states come about') FROM (SELECT count(*) FILTER (WHERE state = s) AS n FROM state, unnest('{new,returning,resurrected,dormant}'::text[]) s GROUP BY s, unit) s;
SELECT results_eq(format('SELECT * FROM lifecycle_buckets((SELECT lifecycle(user_id, at, %L, %L) FROM event WHERE zone = %2$L))', unit, zone),
	format('SELECT bucket, date_of(unit, bucket, zone), active, new, "returning", resurrected, dormant, complete FROM lifecycle WHERE zone = %L AND unit = %L ORDER BY bucket', zone, unit), format('lifecycle by %s in %s', unit, zone)) FROM asked ORDER BY zone, unit;
-- The accounts balance: who was active in a bucket comes back in the next, or is dormant.
SELECT is_empty($$ SELECT * FROM (SELECT *, lag(active) OVER (PARTITION BY zone, unit ORDER BY bucket) AS before FROM asked, LATERAL (SELECT lifecycle(user_id, at, unit, zone) AS s FROM event WHERE event.zone = asked.zone) a, lifecycle_buckets(s)) l
	WHERE active <> new + "returning" + resurrected OR before <> "returning" + dormant $$, 'the accounts balance');
SET LOCAL timezone = 'America/Havana';
SELECT is((SELECT lifecycle(user_id, at, 'day')::text FROM event), (SELECT lifecycle(user_id, at, 'day', 'America/Havana')::text FROM event), 'without a time zone: that of the session');
SET LOCAL timezone = 'UTC';

-- Who.
CREATE TABLE sample AS SELECT s.*, row_number() OVER (PARTITION BY unit ORDER BY rnd(n, 1, 1000), zone, n) AS k FROM span s;
SELECT is_empty($$
	SELECT s.zone, s.unit, s.at, st FROM sample s, unnest('{new,returning,resurrected,dormant,active}'::text[]) st WHERE k <= 12 AND
		(SELECT lifecycle_users(user_id, at, unit, s.at + (k % 2) * interval '30 min', st, zone) FROM event e WHERE e.zone = s.zone)
		IS DISTINCT FROM (SELECT coalesce(userset_agg(user_id), '{}') FROM state WHERE (state.zone, state.unit, n) = (s.zone, s.unit, s.n) AND (state = st OR st = 'active' AND state <> 'dormant')) $$, 'the members of 60 buckets, by state');
SELECT ok(a = b AND cardinality(a) > 0, 'the active of the last bucket are dormant after it')
FROM (SELECT max(at) AS newest FROM event WHERE zone = 'UTC' AND user_id IS NOT NULL) n, LATERAL (SELECT lifecycle_users(user_id, at, 'day', newest + interval '1 day', 'dormant', 'UTC') AS a, lifecycle_users(user_id, at, 'day', newest, 'active', 'UTC') AS b FROM event WHERE zone = 'UTC') m;

-- ---- rolling windows --------------------------------------------------------------------

CREATE FUNCTION wanted_ratio(zone text, unit text, short int, long int) RETURNS TABLE (bucket timestamptz, bucket_date date, short_active bigint, long_active bigint, active_ratio float8, complete boolean) LANGUAGE sql AS $$
	SELECT s.at, date_of(s.unit, s.at, s.zone), n.short, n.long, n.short::float8 / nullif(n.long, 0), s.complete AND s.n - first + 1 >= wanted_ratio.long
	FROM span s, LATERAL (SELECT count(DISTINCT user_id) FILTER (WHERE a.n > s.n - wanted_ratio.short) AS short, count(DISTINCT user_id) AS long FROM active a WHERE (a.zone, a.unit) = (s.zone, s.unit) AND a.n > s.n - wanted_ratio.long AND a.n <= s.n) n
	WHERE s.zone = wanted_ratio.zone AND s.unit = wanted_ratio.unit ORDER BY s.at
$$;
SELECT results_eq(format('SELECT * FROM active_ratio_buckets((SELECT active_ratio(user_id, at, %L, %s, %s, %L) FROM event WHERE zone = %4$L))', unit, short, long, zone),
	format('SELECT * FROM wanted_ratio(%L, %L, %s, %s)', zone, unit, short, long), format('%s of %s by %s in %s', short, long, unit, zone))
FROM (SELECT DISTINCT ON (zone, unit) * FROM asked, (VALUES (1, 7), (1, 28), (7, 30), (2, 3), (1, 1000)) w (short, long) WHERE unit <> 'hour' OR zone = 'America/Havana' AND long < 10 ORDER BY zone, unit, rnd(length(zone || unit) + long, 3, 100)) a;

-- ---- stickiness -------------------------------------------------------------------------

SELECT results_eq(format('SELECT bucket, bucket_date, active_units, users, users_or_more, share, complete FROM stickiness_buckets((SELECT stickiness(user_id, at, %L, %L, %L) FROM event WHERE zone = %3$L)) WHERE users_or_more > 0 OR users > 0', unit, over, zone),
	format($$ WITH k AS (SELECT user_id, o.n, count(*) AS k FROM active a JOIN boundary b USING (zone, unit, n) JOIN boundary o ON o.zone = a.zone AND o.unit = %3$L AND b.at >= o.at AND b.at < o.until WHERE a.zone = %1$L AND a.unit = %2$L GROUP BY 1, 2)
		SELECT s.at, date_of(%3$L, s.at, %1$L), u::int, count(*) FILTER (WHERE k.k = u), count(*) FILTER (WHERE k.k >= u), count(*) FILTER (WHERE k.k = u)::float8 / count(*), s.complete
		FROM span s JOIN k USING (n), generate_series(1, (SELECT max(k.k) FROM k)) u WHERE s.zone = %1$L AND s.unit = %3$L GROUP BY s.at, u, s.complete HAVING count(*) FILTER (WHERE k.k >= u) > 0 ORDER BY 1, 3 $$, zone, unit, over), format('%s of the %s in %s', unit, over, zone))
FROM (SELECT DISTINCT zone FROM asked) z, (VALUES ('day', 'week'), ('day', 'month'), ('month', 'quarter'), ('hour', 'day')) u (unit, over) WHERE unit <> 'hour' OR zone = 'America/New_York' ORDER BY zone, unit, over;
-- Each bucket has a row for each of its units.
SELECT is(array_agg(n ORDER BY bucket), ARRAY[31, 29, 31, 30]::bigint[], 'the days of each month, leap day too') FROM (SELECT bucket, count(*) AS n FROM stickiness_buckets((SELECT stickiness(1, at::timestamptz, 'day', 'month') FROM (VALUES ('2024-01-31'), ('2024-04-02')) v (at))) GROUP BY 1) b;
SELECT is(array_agg(n ORDER BY bucket), ARRAY[23, 24, 24]::bigint[], 'the hours of each day') FROM (SELECT bucket, count(*) AS n FROM stickiness_buckets((SELECT stickiness(1, at::timestamptz, 'hour', 'day', 'America/New_York') FROM (VALUES ('2024-03-10 12:00+00'), ('2024-03-12 12:00+00')) v (at))) GROUP BY 1) b;
SELECT is(array_agg(n ORDER BY bucket), ARRAY[6, 7]::bigint[], 'and the days of a week that lacks one') FROM (SELECT bucket, count(*) AS n FROM stickiness_buckets((SELECT stickiness(1, at::timestamptz, 'day', 'week', 'Pacific/Apia') FROM (VALUES ('2011-12-28 00:00+00'), ('2012-01-03')) v (at))) GROUP BY 1) b;

-- ---- frequency --------------------------------------------------------------------------

SELECT results_eq(format('SELECT lower, upper, users FROM frequency_bins((SELECT frequency(user_id, at, %L, %L) FROM event WHERE zone = %2$L))', unit, zone),
	format('SELECT k, k + 1, count(*) FROM (SELECT count(*) AS k FROM active WHERE zone = %L AND unit = %L GROUP BY user_id) k GROUP BY k ORDER BY k', zone, unit), format('frequency by %s in %s', unit, zone)) FROM asked ORDER BY zone, unit LIMIT 12;
SELECT results_eq('SELECT lower, upper, users, share FROM frequency_bins((SELECT frequency(user_id, at, ''times'') FROM event))',
	'SELECT k, k + 1, count(*), count(*)::float8 / sum(count(*)) OVER ()::float8 FROM (SELECT count(at) AS k FROM event WHERE user_id IS NOT NULL GROUP BY user_id) k WHERE k > 0 GROUP BY k ORDER BY k', 'frequency by times');
SELECT results_eq('SELECT lower, upper, users FROM frequency_bins((SELECT frequency(user_id, at, ''times'') FROM event), ARRAY[1, 2, 5, 12, 100000])',
	$$ SELECT l::bigint, u::bigint, (SELECT count(*) FROM (SELECT count(at) AS k FROM event WHERE user_id IS NOT NULL GROUP BY user_id) k WHERE k >= l AND k < coalesce(u, 1e9::int)) FROM (VALUES (1, 2), (2, 5), (5, 12), (12, 100000), (100000, NULL)) b (l, u) $$, 'in bins');
SELECT is((SELECT frequency(i % 3, moment(0), 'times')::text::jsonb -> 'cells' FROM generate_series(1, 1000000) i), '[[0, 333333, 2], [0, 333334, 1]]', 'a million times');

-- ---- every plan -------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, u AS user_id, 'customer ' || u AS code, moment(rnd(i, 2, 200) * 43200) AS at, u % 6 AS g FROM generate_series(1, 40000) i, LATERAL (SELECT 1 + rnd(i, 1, 4000) AS u) c;
ALTER TABLE many SET (parallel_workers = 4);
ANALYZE many;
CREATE TABLE call (name text, call text);
INSERT INTO call VALUES ('lifecycle', 'lifecycle(user_id, at, ''day'')'), ('lifecycle of text', 'lifecycle(code, at, ''week'', ''Asia/Shanghai'')'), ('active_ratio', 'active_ratio(user_id::numeric, at, ''day'', 1, 28)'),
	('stickiness', 'stickiness(user_id, at, ''day'', ''month'')'), ('frequency', 'frequency(user_id, at, ''day'')'), ('frequency of text', 'frequency(code, at, ''times'')'), ('lifecycle_users', 'lifecycle_users(user_id, at, ''week'', ''2024-02-07'', ''resurrected'')');
CREATE FUNCTION answer(call text, clause text DEFAULT '', source text DEFAULT 'many') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(s, '' '' ORDER BY s) FROM (SELECT %s::text AS s FROM %s %s) s', call, source, clause) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE whole AS SELECT name, answer(call) AS one, answer(call, 'GROUP BY g') AS groups FROM call;
SELECT ok(bool_and(length(groups) > length(one) AND length(one) > 200), 'answers say something') FROM whole;
SELECT is(answer(call, '', '(SELECT * FROM many ORDER BY hashint8extended(i, 9)) e'), one, name || ': shuffled') FROM whole JOIN call USING (name);
SELECT is(answer(call, '', '(SELECT * FROM many, generate_series(1, 3)) e'), one, name || ': the same thrice') FROM whole JOIN call USING (name) WHERE call !~ 'times';
SET LOCAL enable_hashagg = off;
SELECT is(answer(call, 'GROUP BY g'), groups, name || ': sorted groups') FROM whole JOIN call USING (name);
SET LOCAL enable_hashagg = on;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is(answer(call), one, name || ': in little memory') FROM whole JOIN call USING (name);
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer(call), one, name || ': in little memory, by workers') FROM whole JOIN call USING (name);
SET LOCAL work_mem = '64MB';
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines := lines || line || '|';
	END LOOP;
	RETURN lines;
END $$;
SELECT matches(plan_of('SELECT ' || call || ' FROM many'), 'Finalize Aggregate.*Gather.*Partial Aggregate', name || ' runs in parallel') FROM call;
SELECT is(answer(call), one, name || ': in parallel') FROM whole JOIN call USING (name);
SELECT is(answer(call, 'GROUP BY g'), groups, name || ': groups in parallel') FROM whole JOIN call USING (name);
CREATE FUNCTION summed(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT rollup(s)::text FROM (SELECT %s AS s FROM many GROUP BY g UNION ALL SELECT NULL) s', call) INTO answer;
	RETURN answer;
END $$;
SELECT is(summed(call), one, name || ': rollup of groups is the whole') FROM whole JOIN call USING (name) WHERE name <> 'lifecycle_users';
SET LOCAL max_parallel_workers_per_gather = 0;
-- Shards that end at different times: who has left a window, or is dormant, has in the whole too.
UPDATE many SET at = moment(0) + (at - moment(0)) / (1 + g);
SELECT is(summed(call), answer(call), name || ': rollup of shards that end early') FROM call WHERE name <> 'lifecycle_users';
SELECT is((SELECT count(*) FROM lifecycle_buckets((SELECT rollup(s) FROM (SELECT lifecycle(user_id, at, 'day') AS s FROM many GROUP BY g) g))), 100::bigint, 'which has all its days');
SELECT ok(answer(call, 'WHERE false') IS NULL, name || ': no rows give NULL') FROM call;

SELECT * FROM finish();
ROLLBACK;
