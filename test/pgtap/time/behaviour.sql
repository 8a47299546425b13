-- until, the end of observation, and the dates of buckets: cohort_retention, lifecycle,
-- active_ratio, stickiness, funnel_trend and their members against an oracle in SQL that counts dates.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(214);

-- Two months around a change of clocks, with ties, rows without a user or time, and rows of
-- the future.
CREATE TABLE zone (zone text);
INSERT INTO zone VALUES ('UTC'), ('Asia/Shanghai'), ('America/New_York'), ('Europe/Berlin');
CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 8, 50) > 0 THEN 1 + rnd(i, 1, 60) END AS u,
	CASE rnd(i, 9, 60) WHEN 0 THEN NULL WHEN 1 THEN timestamptz '2099-01-01' + rnd(i, 2, 9) * interval '1 day' ELSE timestamptz '2024-02-20 00:00+00' + rnd(i, 2, 1400) * interval '1 hour' END AS at,
	CASE rnd(i, 3, 9) WHEN 0 THEN NULL ELSE rnd(i, 3, 9) < 3 END AS s, CASE rnd(i, 4, 9) WHEN 0 THEN NULL ELSE rnd(i, 4, 9) < 6 END AS r, rnd(i, 5, 100) AS v
FROM generate_series(1, 900) i;
ANALYZE event;
-- Ends of observation: in a day, at midnight of a zone, at that of an event, before all but a few.
CREATE TABLE ends AS SELECT zone, until FROM zone, unnest(ARRAY['2024-03-31 13:37:42.123456+00', '2024-04-01 00:00+00', '2024-03-17 16:00+00', '2024-02-21 05:00+00', '2024-06-30 12:00+00']::timestamptz[]) until
UNION ALL SELECT zone, (date '2024-04-08')::timestamp AT TIME ZONE zone FROM zone;
-- each zone with some of them
DELETE FROM ends WHERE (SELECT k FROM (SELECT zone, row_number() OVER (ORDER BY zone) AS k FROM zone) z WHERE z.zone = ends.zone) % 2 = extract(day FROM until AT TIME ZONE 'UTC')::int % 2;

CREATE FUNCTION first_of(unit text, at timestamptz, zone text) RETURNS date LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN date_trunc('week', (at AT TIME ZONE zone) + interval '1 day')::date - 1 ELSE date_trunc(unit, at AT TIME ZONE zone)::date END;
CREATE FUNCTION after(unit text, day date, n int) RETURNS date LANGUAGE sql IMMUTABLE RETURN (day + n * CASE unit WHEN 'quarter' THEN interval '3 months' WHEN 'week_sunday' THEN interval '7 days' ELSE ('1 ' || unit)::interval END)::date;
CREATE FUNCTION begins(day date, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN day::timestamp AT TIME ZONE zone;
CREATE TABLE seen AS
SELECT zone, until, unit, e.*, first_of(unit, at, zone) AS day FROM ends, event e, unnest(ARRAY['day', 'week', 'month', 'week_sunday']) unit WHERE u IS NOT NULL AND at < until;
CREATE INDEX ON seen (zone, until, unit, u);
ANALYZE seen;
CREATE TABLE asked AS SELECT DISTINCT zone, until, unit FROM seen;
SELECT is(count(*), 48::bigint, 'zones, ends and units') FROM asked;

-- ---- retention --------------------------------------------------------------------------

CREATE FUNCTION wanted(asked, returns text) RETURNS TABLE (cohort timestamptz, cohort_date date, period int, users bigint, cohort_users bigint, complete boolean) LANGUAGE sql AS $$
	WITH start AS (SELECT u, min(day) AS day FROM seen WHERE (zone, until, unit) = ($1.zone, $1.until, $1.unit) AND s GROUP BY u)
	SELECT begins(c.day, $1.zone), c.day, p, count(*) FILTER (WHERE back), count(*), begins(after($1.unit, c.day, p + 1), $1.zone) <= $1.until
	FROM start c, generate_series(0, 9) p, LATERAL (SELECT EXISTS (SELECT FROM seen e WHERE (e.zone, e.until, e.unit, e.u) = ($1.zone, $1.until, $1.unit, c.u) AND e.r
		AND e.day >= CASE returns WHEN 'within' THEN c.day ELSE after($1.unit, c.day, p) END AND (returns = 'on_or_after' OR e.day <= after($1.unit, c.day, p))) AS back) b
	GROUP BY c.day, p
$$;
SELECT results_eq(format('SELECT cohort, cohort_date, period, users, cohort_users, complete FROM retention_cells((SELECT cohort_retention(u, at, s, r, %L, 9, %L, %L, %L) FROM event))', unit, returns, zone, until),
	format('SELECT * FROM wanted(ROW(%L, %L, %L), %L) ORDER BY cohort, period', zone, until, unit, returns), format('%s by %s in %s until %s', returns, unit, zone, until))
FROM (SELECT *, (ARRAY['on', 'within', 'on_or_after'])[1 + row_number() OVER (ORDER BY unit, until, zone) % 3] AS returns FROM asked) a;
SELECT ok(bool_or(complete) AND NOT bool_and(complete), 'some are complete, some are not') FROM asked, wanted(asked, 'on') WHERE unit LIKE 'week%';
-- Members agree with numbers.
SELECT is_empty($$
	SELECT * FROM asked, LATERAL (SELECT cohort_retention(u, at, s, r, unit, 9, 'every', zone, until) AS c, retention_members(u::bigint, at, s, r, unit, 9, 'every', zone, until) AS m FROM event) x
	WHERE (SELECT array_agg((cohort, cohort_date, period, users, cohort_users) ORDER BY cohort, period) FROM retention_cells(c))
		<> (SELECT array_agg((cohort, cohort_date, p, users, all_users) ORDER BY cohort, p) FROM (SELECT cohort, cohort_date, p, count(*) FILTER (WHERE p = ANY (returned)) AS users, count(*) AS all_users FROM unnest(m), generate_series(0, 9) p GROUP BY 1, 2, 3) g) $$, 'retention_members agrees');
-- Values and brackets have the same ends.
SELECT is_empty($$
	SELECT * FROM asked, LATERAL (SELECT cohort_retention(u, at, s, r, v, unit, ARRAY[2, 5], 'first', zone, until) AS a, cohort_retention(u, at, s, r, v, unit, ARRAY[2, 5], 'first', zone) FILTER (WHERE at < until) AS b FROM event) x
	WHERE (SELECT array_agg((cohort, period, users, value) ORDER BY cohort, period) FROM retention_cells(a)) IS DISTINCT FROM (SELECT array_agg((cohort, period, users, value) ORDER BY cohort, period) FROM retention_cells(b)) $$, 'with values and brackets');
-- Rolling periods are complete when they have passed for who started last.
SELECT is_empty($$
	SELECT * FROM ends, LATERAL (SELECT cohort_retention(u, at, s, r, 'rolling day', 9, '', zone, until) AS a, cohort_retention(u, at, s, r, 'rolling day', 9, '', zone) FILTER (WHERE at < until) AS b FROM event) x,
		retention_cells(a) c FULL JOIN retention_cells(b) d USING (cohort, period)
	WHERE (c.users, c.cohort_users, c.cohort_date) IS DISTINCT FROM (d.users, d.cohort_users, first_of('day', cohort, zone)) OR c.complete <> (begins(c.cohort_date + 1, zone) + (period + 1) * interval '24 hours' <= until) $$, 'rolling days');
SELECT ok(bool_and(cohort_date IS NULL) AND count(*) > 10, 'hours have no date') FROM unnest(ARRAY['hour', 'rolling hour']) unit, LATERAL (SELECT cohort_retention(u, at, s, r, unit, 2, '', '', '2024-06-01') AS f FROM event) f, retention_cells(f);

-- ---- activity ---------------------------------------------------------------------------

CREATE TABLE span AS		-- every bucket that must appear
SELECT zone, until, unit, day::date, begins(day::date, zone) AS bucket, begins(after(unit, day::date, 1), zone) <= until AS complete, row_number() OVER (PARTITION BY zone, until, unit ORDER BY day) AS n
FROM (SELECT zone, until, unit, min(day) AS first, first_of(unit, until - interval '1 us', zone) AS last FROM seen GROUP BY 1, 2, 3) a, generate_series(first, last, CASE unit WHEN 'week_sunday' THEN '7 days' ELSE '1 ' || unit END::interval) day;
CREATE TABLE active AS SELECT DISTINCT zone, until, unit, u, n, day FROM seen JOIN span USING (zone, until, unit, day);
CREATE INDEX ON active (zone, until, unit, u, n);
ANALYZE active;
CREATE FUNCTION wanted_lifecycle(asked) RETURNS TABLE (bucket timestamptz, bucket_date date, active bigint, new bigint, "returning" bigint, resurrected bigint, dormant bigint, complete boolean) LANGUAGE sql AS $$
	WITH a AS (SELECT *, lag(n) OVER (PARTITION BY u ORDER BY n) AS before FROM active WHERE (zone, until, unit) = ($1.zone, $1.until, $1.unit))
	SELECT s.bucket, s.day, count(a), count(a) FILTER (WHERE before IS NULL), count(a) FILTER (WHERE before = s.n - 1), count(a) FILTER (WHERE before < s.n - 1),
		(SELECT count(*) FROM a b WHERE b.n = s.n - 1 AND NOT EXISTS (SELECT FROM a c WHERE c.u = b.u AND c.n = s.n)), s.complete
	FROM span s LEFT JOIN a USING (n) WHERE (s.zone, s.until, s.unit) = ($1.zone, $1.until, $1.unit) GROUP BY s.bucket, s.day, s.n, s.complete
$$;
SELECT results_eq(format('SELECT * FROM lifecycle_buckets((SELECT lifecycle(u, at, %L, %L, %L) FROM event))', unit, zone, until),
	format('SELECT * FROM wanted_lifecycle(ROW(%L, %L, %L)) ORDER BY bucket', zone, until, unit), format('lifecycle by %s in %s until %s', unit, zone, until)) FROM asked;
SELECT ok(count(*) > 100, 'somewhere all are away before the end') FROM asked, wanted_lifecycle(asked) WHERE active = 0 AND complete;
SELECT is_empty($$ SELECT * FROM asked, unnest(ARRAY['new', 'returning', 'resurrected', 'dormant', 'active']) state, wanted_lifecycle(asked) w
	WHERE asked.unit LIKE 'week%' AND cardinality((SELECT lifecycle_users(u::bigint, at, unit, w.bucket, state, zone, until) FROM event)) <> CASE state WHEN 'new' THEN w.new WHEN 'returning' THEN w.returning WHEN 'resurrected' THEN w.resurrected WHEN 'dormant' THEN w.dormant ELSE w.active END $$, 'lifecycle_users agrees');
SELECT is_empty($$
	SELECT asked, array_agg(r) FROM asked, LATERAL (SELECT active_ratio(u, at, unit, 1, 4, zone, until) AS f FROM event) f, span s FULL JOIN active_ratio_buckets(f) r ON r.bucket = s.bucket AND r.bucket_date = s.day,
		LATERAL (SELECT count(DISTINCT u) FILTER (WHERE a.n = s.n) AS short, count(DISTINCT u) AS long FROM active a WHERE (a.zone, a.until, a.unit) = (s.zone, s.until, s.unit) AND a.n > s.n - 4 AND a.n <= s.n) w
	WHERE (s.zone, s.until, s.unit) = (asked.zone, asked.until, asked.unit) AND (r.short_active, r.long_active, r.complete) IS DISTINCT FROM (short, long, s.complete AND s.n >= 4) GROUP BY asked $$, 'active_ratio');
SELECT is_empty($$
	SELECT * FROM ends JOIN span s USING (zone, until) CROSS JOIN LATERAL (SELECT stickiness(u, at, 'day', s.unit, zone, until) AS f FROM event) f CROSS JOIN generate_series(1, 7) k LEFT JOIN stickiness_buckets(f) r ON r.bucket = s.bucket AND r.bucket_date = s.day AND r.active_units = k
	WHERE s.unit LIKE 'week%' AND (r.complete IS DISTINCT FROM s.complete OR r.users <> (SELECT count(*) FROM (SELECT FROM active a WHERE (a.zone, a.until, a.unit) = (s.zone, s.until, 'day') AND a.day BETWEEN s.day AND s.day + 6 GROUP BY a.u HAVING count(*) = k) w)) $$, 'stickiness');

SELECT is_empty($$
	SELECT * FROM ends, unnest(ARRAY['times', 'day', 'week_sunday']) unit, LATERAL (SELECT frequency(u, at, unit, zone, until) AS a, frequency(u, at, unit, zone) FILTER (WHERE at < until) AS b FROM event) f
	WHERE (SELECT array_agg(r) FROM frequency_bins(a) r) IS DISTINCT FROM (SELECT array_agg(r) FROM frequency_bins(b) r) OR a::text NOT LIKE '%until%' OR a::text::activity_stats::text <> a::text $$, 'frequency');

-- ---- trends -----------------------------------------------------------------------------

-- The same as of the rows before the end, and complete when all windows have passed by it.
CREATE TABLE trend AS
SELECT asked.*, within, a, b, a_seq, b_seq FROM asked, unnest(ARRAY[interval '5 days', '36 hours']) within,
	LATERAL (SELECT funnel_trend(u, at, step, within, unit, 'strict_increase', zone, until) AS a, funnel_trend(u, at, step, within, unit, 'strict_increase', zone) FILTER (WHERE at < until) AS b,
		funnel_trend(u, at, v, step, within, unit, '', zone, until) AS a_seq, funnel_trend(u, at, v, step, within, unit, '', zone) FILTER (WHERE at < until) AS b_seq FROM (SELECT *, steps(s, r, v > 70) AS step FROM event) e) f;
SELECT is_empty($$ SELECT t.zone, t.until, t.unit, c, d FROM trend t, LATERAL (SELECT bucket, step, c.bucket_date, c.users, c.conversion_rate, c.complete, d.bucket_date, d.users, d.conversion_rate, d.complete FROM funnel_trend_steps(a) c FULL JOIN funnel_trend_steps(b) d USING (bucket, step)) x (bucket, step, c_date, c_users, c_conversion, c_complete, d_date, d_users, d_conversion, d_complete),
		LATERAL (SELECT c_users AS c, d_users AS d) y
	WHERE (c_date, c_users) IS DISTINCT FROM (d_date, d_users) OR c_date <> first_of(unit, bucket, zone) OR c_complete IS DISTINCT FROM (begins(after(unit, c_date, 1), zone) + within <= until) $$, 'funnel_trend');
SELECT ok(bool_or(complete) AND NOT bool_and(complete), 'some are complete') FROM trend, funnel_trend_steps(a);
SELECT is_empty($$ SELECT * FROM trend t WHERE (SELECT array_agg((bucket, bucket_date, step, users) ORDER BY bucket, step) FROM funnel_trend_steps(a_seq)) IS DISTINCT FROM (SELECT array_agg((bucket, bucket_date, step, users) ORDER BY bucket, step) FROM funnel_trend_steps(b_seq))
	OR (SELECT array_agg((bucket, complete) ORDER BY bucket) FROM funnel_trend_steps(a) WHERE step = 1) IS DISTINCT FROM (SELECT array_agg((bucket, complete) ORDER BY bucket) FROM funnel_trend_steps(a_seq) WHERE step = 1) $$, 'with a seq');
SELECT ok(bool_and(bucket_date IS NULL) AND count(*) > 10, 'a trend by hours has no dates') FROM funnel_trend_steps((SELECT funnel_trend(u, at, steps(s, r), '1 h', 'hour', '', '', '2024-06-01') FROM event));

-- ---- one wrong date, NULL, and what is refused ------------------------------------------

CREATE TABLE few AS SELECT u, at::timestamptz FROM (VALUES (1, '2024-03-01'), (1, '2024-03-02'), (2, '2024-03-02'), (3, '2024-03-04')) v (u, at);
CREATE FUNCTION cells(query text, OUT text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT string_agg(c::text, '' '') FROM retention_cells((SELECT cohort_retention(u, at, true, true, ''day'', 2, '''', ''''%s)) c', query) INTO $2;
END $$;
SELECT isnt(cells(') FROM (TABLE few UNION ALL VALUES (4, ''2099-01-01''::timestamptz)) e'), cells(') FROM few'), 'one row dated 2099 completes everything');
SELECT is(cells(', ''2024-03-05'') FROM (TABLE few UNION ALL VALUES (4, ''2099-01-01''::timestamptz)) e'), cells(', ''2024-03-05'') FROM few'), 'but not with until');
SELECT is(cells(', NULL) FROM few'), cells(') FROM few'), 'until is NULL: as if not given');
SELECT is(cells(', ''2000-01-01'') FROM few'), NULL, 'no rows before the end give NULL');
SELECT is((SELECT lifecycle(u, at, 'day', '', NULL)::text FROM few), (SELECT lifecycle(u, at, 'day')::text FROM few), 'also of activity');
SELECT is((SELECT lifecycle(u, at, 'day', '', '2000-01-01')::text FROM few), NULL, 'NULL if there are no rows');
SELECT is((SELECT lifecycle_users(u, at, 'day', '2024-03-04', 'active', '', '2024-03-04') FROM few), '{}', 'at the end itself nothing is seen');
SELECT throws_ok(format('SELECT %s(u, at, %s, ''infinity'') FROM few', name, args), '22008', 'until must be a finite time, not infinity', name || ' with no end')
FROM (VALUES ('cohort_retention', 'true, true, ''day'', 3, '''', '''''), ('cohort_retention', 'true, true, 1, ''day'', ARRAY[3], '''', '''''), ('retention_members', 'true, true, ''day'', 3, '''', '''''), ('lifecycle', '''day'', '''''), ('active_ratio', '''day'', 1, 2, '''''), ('stickiness', '''day'', ''week'', '''''), ('frequency', '''day'', '''''), ('funnel_trend', '''1''::stepset, ''1 d'', ''day'', '''', '''''), ('funnel_trend', '1, ''1''::stepset, ''1 d'', ''day'', '''', '''''), ('lifecycle_users', '''day'', ''2024-03-02'', ''new'', ''''')) v (name, args);
SELECT throws_ok('SELECT lifecycle(u, at, ''day'', '''', at + interval ''1 d'') FROM few', '22023', 'until must be the same for all rows of one group');
SELECT throws_ok('SELECT lifecycle(1, ''infinity'', ''day'', '''', ''2024-01-01'')', '22008', 'at must be a finite time, not infinity', 'an infinite time is wrong also after the end');
SELECT is((SELECT count(*) FROM lifecycle_buckets((SELECT lifecycle(u, at, 'hour', '', '2024-03-04 00:00:00.000001') FROM few))), 73::bigint, 'an end just after an hour began shows that hour');
SELECT lives_ok(format('SELECT * FROM retention_cells((SELECT cohort_retention(u, at, true, true, %L, 3, '''', '''', ''290000-01-01'') FROM few))', unit), 'a far end, by ' || unit) FROM unnest(ARRAY['hour', 'day', 'quarter', 'rolling hour', 'rolling week']) unit;
SELECT throws_ok($$ SELECT rollup(s) FROM (SELECT lifecycle(u, at, 'day', '', '2024-04-01') AS s FROM few UNION ALL SELECT lifecycle(u + 9, at, 'day', '', '2024-04-02') FROM few) s $$, '22023', 'cannot roll up activity that differs in kind, unit, window, time zone or until', 'results of different ends');
SELECT throws_ok($$ SELECT rollup(s) FROM (SELECT funnel_trend(u, at, '1'::stepset, '1 d', 'day', '', '', '2024-04-01') AS s FROM few UNION ALL SELECT funnel_trend(u + 9, at, '1'::stepset, '1 d', 'day', '', '', '2024-04-02') FROM few) s $$, '22023', 'cannot roll up funnels that differ in kind, steps, within, mode, unit or until', 'also of trends');
SELECT throws_ok($$ SELECT rollup(s) FROM (SELECT funnel_trend(u, at, '1'::stepset, '1 d', 'day', '', 'UTC') AS s FROM few UNION ALL SELECT funnel_trend(u + 9, at, '1'::stepset, '1 d', 'day', '', 'Asia/Shanghai') FROM few) s $$, '22023', 'cannot roll up trends of different time zones', 'and those of different zones');
SELECT is((SELECT rollup(s)::text FROM (SELECT lifecycle(u, at, 'day', '', '2024-04-01') AS s FROM few GROUP BY u) s), (SELECT lifecycle(u, at, 'day', '', '2024-04-01')::text FROM few), 'those of one end add up');
SELECT is((SELECT rollup(s)::text FROM (SELECT cohort_retention(u, at, true, true, 'day', 3, '', '', '2024-04-01') AS s FROM few GROUP BY u) s), (SELECT cohort_retention(u, at, true, true, 'day', 3, '', '', '2024-04-01')::text FROM few), 'and of retention');

-- ---- units ------------------------------------------------------------------------------

-- One function reads them: in any case, singular or plural.
CREATE FUNCTION unit_says(call text, unit text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT (' || call || ')::text FROM few', unit) INTO answer;
	RETURN answer;
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN SQLERRM;
END $$;
CREATE TABLE unit_room (call text);
INSERT INTO unit_room VALUES ('cohort_retention(u, at, true, true, %L, 3)'), ('retention_members(u, at, true, true, %L, ARRAY[3])'), ('lifecycle(u, at, %L)'), ('active_ratio(u, at, %L, 1, 2)'), ('frequency(u, at, %L)'), ('lifecycle_users(u, at, %L, ''2024-03-02'', ''new'')'), ('funnel_trend(u, at, ''1''::stepset, ''1 d'', %L)');
SELECT is_empty($$ SELECT call, unit, unit_says(call, other) FROM unit_room, (VALUES ('hour', 'Hours'), ('day', 'DAY'), ('day', 'days'), ('week', 'Weeks'), ('month', 'MONTHS'), ('quarter', 'qUARTERs'), ('week_sunday', 'Weeks_Sunday'), ('week_sunday', 'WEEK_SUNDAY')) v (unit, other)
	WHERE unit_says(call, other) <> unit_says(call, unit) OR unit_says(call, unit) ~ 'exist' $$, 'units in upper and lower case, singular and plural');
SELECT is_empty($$ SELECT call, unit, unit_says(call, unit) FROM unit_room, unnest(ARRAY['', 's', 'dayss', 'day ', ' day', 'da', 'weeks_sundays', 'week_', 'week sunday', 'year', '5', repeat('day', 9999)]) unit
	WHERE unit_says(call, unit) <> format('unit "%s" does not exist', unit) $$, 'and nothing else');
SELECT is(unit_says('cohort_retention(u, at, true, true, %L, 3)', 'Rolling DAYS'), unit_says('cohort_retention(u, at, true, true, %L, 3)', 'rolling day'), 'rolling units too');
SELECT is(unit_says('stickiness(u, at, ''Days'', %L)', 'MONTHS'), unit_says('stickiness(u, at, ''day'', %L)', 'month'), 'and per');
SELECT is(unit_says('frequency(u, at, %L)', 'TIMES'), unit_says('frequency(u, at, %L)', 'times'), 'and times');
SELECT is(unit_says('stickiness(u, at, ''week_sunday'', %L)', per), 'weeks do not fit into a ' || per, 'weeks from Sunday and ' || per) FROM unnest(ARRAY['month', 'quarter', 'week', 'week_sunday']) per;
SELECT is(unit_says('stickiness(u, at, ''week'', %L)', 'week_sunday'), 'weeks do not fit into a week_sunday', 'nor those from Monday into them');
SELECT results_eq($$ SELECT cohort, period, users FROM retention_cells((SELECT cohort_retention(u, at, true, true, 'rolling week_sunday', 3) FROM few)) $$, $$ VALUES (timestamptz '2024-02-25', 0, 2::bigint), ('2024-02-25', 1, 0), ('2024-02-25', 2, 0), ('2024-02-25', 3, 0), ('2024-03-03', 0, 1), ('2024-03-03', 1, 0), ('2024-03-03', 2, 0), ('2024-03-03', 3, 0) $$, 'rolling weeks of cohorts from Sunday');
SELECT is_empty($$ SELECT bucket_date FROM lifecycle_buckets((SELECT lifecycle(1, at, 'week_sunday') FROM (VALUES (timestamptz '4000-01-01 BC'), ('3999-01-01 BC')) v (at))) b WHERE extract(dow FROM bucket_date) <> 0 $$, 'Sundays of old');
SELECT throws_ok(format('SELECT %L::%s', replace(result, 'week_sunday', 'Sunday'), type), NULL, NULL, 'no such unit in ' || type) FROM (SELECT lifecycle(u, at, 'week_sunday')::text, 'activity_stats' FROM few UNION ALL SELECT cohort_retention(u, at, true, true, 'week_sunday', 3)::text, 'retention_stats' FROM few UNION ALL SELECT funnel_trend(u, at, '1'::stepset, '1 d', 'week_sunday')::text, 'funnel_stats' FROM few) v (result, type);

-- A time zone given as options, and options as a time zone.
CREATE FUNCTION hint_of(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE format('SELECT %s FROM few', call);
	RETURN NULL;
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN hint;
END $$;
SELECT is(hint_of('cohort_retention(u, at, true, true, ''day'', 3, ''Asia/Shanghai'')'), '"Asia/Shanghai" is a time zone, which comes after options. Write '''' as options for the default.', 'a time zone as options');
SELECT is(hint_of('cohort_retention(u, at, true, true, ''day'', 3, '''', ''first, within'')'), 'Options come before time_zone, which is a name such as ''Asia/Shanghai'' or ''UTC''; pg_timezone_names lists them.', 'options as a time zone');
SELECT is(hint_of('cohort_retention(u, at, true, true, ''day'', 3, ''optional 3'')'), 'The options are first or every, and on, on_or_after, within or within_from_1; two are separated by a comma.', 'what PostgreSQL would take for a specification is none');

-- ---- time zones -------------------------------------------------------------------------

CREATE FUNCTION zone_says(call text, zone text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT ' || call || ' FROM few', zone);
	RETURN 'accepted';
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN SQLERRM;
END $$;
CREATE TABLE room (call text);
INSERT INTO room VALUES ('cohort_retention(u, at, true, true, ''day'', 3, '''', %L)'), ('retention_members(u, at, true, true, ''day'', ARRAY[3], '''', %L)'), ('lifecycle(u, at, ''day'', %L)'), ('active_ratio(u, at, ''day'', 1, 2, %L)'), ('stickiness(u, at, ''day'', ''week'', %L)'),
	('frequency(u, at, ''day'', %L)'), ('lifecycle_users(u, at, ''day'', ''2024-03-02'', ''new'', %L)'), ('funnel_trend(u, at, ''1''::stepset, ''1 d'', ''day'', '''', %L)'), ('sessions(u, at, ''a''::text, interval ''1 h'', %L)'), ('sessions_by_channel(u, at, ''a''::text, ''b''::text, interval ''1 h'', %L)');
SELECT is_empty($$ SELECT call, zone, zone_says(call, zone) FROM room, unnest(ARRAY['UTC+8', 'utc-8', 'GMT+8', '+08', '-8', '<+08>-08', 'EST6EDT', 'CST6CDT5', 'Asia/Shanghai8', 'Etc/GMT-20', 'FOO0']) zone
	WHERE zone_says(call, zone) <> format('time_zone "%s" is a POSIX specification and not the name of a time zone', zone) $$, 'POSIX specifications are refused everywhere');
-- (not every system has the old ones among them)
SELECT is_empty($$ SELECT call, zone, zone_says(call, zone) FROM room, unnest(ARRAY['EST5EDT', 'cst6cdt', 'GMT+0', 'gmt0', 'Etc/GMT-8', 'etc/gmt+12', 'UTC', 'Etc/UTC', 'PRC', 'Asia/Shanghai', '']) zone
	WHERE lower(zone) IN (SELECT lower(name) FROM pg_timezone_names UNION ALL SELECT '') AND zone_says(call, zone) <> 'accepted' $$, 'names are accepted, also those with a digit');
SET LOCAL timezone = 'UTC+8';
SELECT results_eq($$ SELECT l.bucket_date, l.bucket::date FROM lifecycle_buckets((SELECT lifecycle(u, at, 'day')::text::activity_stats FROM few)) l LIMIT 1 $$, $$ VALUES (date '2024-02-29', date '2024-02-29') $$, 'but for that of the session');
SET LOCAL timezone = 'UTC';

-- ---- every plan -------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 3000) END AS u, CASE WHEN i % 89 > 0 THEN moment(CASE WHEN i % 5000 = 0 THEN 3e9 ELSE i * 60 + rnd(i, 2, 3) * 3600 END) END AS at, i % 7 = 0 AS s, i % 3 = 0 AS r, i % 4 AS g FROM generate_series(1, 60000) i;
ALTER TABLE many SET (parallel_workers = 3);
ANALYZE many;
CREATE TABLE call (name text, call text);
INSERT INTO call VALUES ('retention', 'cohort_retention(u, at, s, r, ''day'', 9, '''', ''Europe/Berlin'', ''2024-02-01 10:00+00'')'), ('of values', 'cohort_retention(u, at, s, r, 1, ''day'', 9, ''every'', '''', ''2024-02-01 10:00+00'')'),
	('rolling', 'cohort_retention(u, at, s, r, ''rolling day'', 9, '''', '''', ''2024-02-01 10:00+00'')'), ('of text', 'cohort_retention(u::text, at, s, r, ''day'', 9, '''', '''', ''2024-02-01 10:00+00'')'),
	('members', 'retention_members(u, at, s, r, ''day'', 9, '''', '''', ''2024-02-01 10:00+00'')'), ('lifecycle', 'lifecycle(u, at, ''day'', '''', ''2024-02-01 10:00+00'')'), ('ratio', 'active_ratio(u, at, ''day'', 1, 28, '''', ''2024-02-01'')'),
	('stickiness', 'stickiness(u, at, ''day'', ''week'', '''', ''2024-02-01'')'), ('trend', 'funnel_trend(u, at, steps(s, r), ''5 days'', ''day'', '''', ''Europe/Berlin'', ''2024-02-01 10:00+00'')'), ('trend by seq', 'funnel_trend(u, at, i::bigint, steps(s, r), ''5 days'', ''day'', ''strict_order'', '''', ''2024-02-01 10:00+00'')'),
	('dormant', 'lifecycle_users(u, at, ''week'', ''2024-01-30'', ''dormant'', '''', ''2024-02-01'')');
CREATE FUNCTION answer(call text, clause text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(s, '' '' ORDER BY s)) FROM (SELECT %s::text AS s FROM many %s) s', call, clause) INTO answer;
	RETURN answer;
END $$;
SET LOCAL journey.enable_scan = off;
CREATE TABLE whole AS SELECT name, call, answer(call) AS one, answer(call, 'GROUP BY g') AS groups FROM call;
SELECT is(answer(replace(call, ' 1,', ' 1::float8,'), 'WHERE at < ''2024-02-01 10:00+00'' OR at IS NULL'), one, name || ': rows after the end say nothing') FROM whole WHERE call ~ '10:00';
SET LOCAL journey.enable_scan = on;
SELECT is(answer(call), one, name || ': by the table scan') FROM whole;
SET LOCAL enable_hashagg = off;
SELECT is(answer(call, 'GROUP BY g'), groups, name || ': sorted groups') FROM whole;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer(call), one, name || ': in parallel') FROM whole;
SET LOCAL journey.enable_scan = off;
SELECT is(answer(call), one, name || ': in parallel, without the scan') FROM whole;

SELECT * FROM finish();
ROLLBACK;
