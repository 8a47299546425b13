-- event_metrics against plain SQL: every unit, zones with and without summer time, ties, NULLs and values that
-- are not finite; top and (other), min_users, results that are added up, every plan, and what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 8, 50) > 0 THEN 1 + rnd(i, 1, 70) END AS u, CASE WHEN rnd(i, 9, 60) > 0 THEN timestamptz '2024-02-20 00:00+00' + rnd(i, 2, 350) * interval '3 hours' END AS at,
	(ARRAY['app', 'web', NULL, '', 'Ünïcode', 'b', 'B', 'app'])[1 + rnd(i, 5, 8)] AS c,
	CASE rnd(i, 6, 6) WHEN 0 THEN NULL WHEN 1 THEN rnd(i, 7, 40) - 10 WHEN 2 THEN rnd(i, 7, 1000000) / 7.0 WHEN 3 THEN -0.0 ELSE (rnd(i, 7, 12) * 10)::float8 END::float8 AS v
FROM generate_series(1, 2500) i
UNION ALL SELECT i, 200 + i % 3, timestamptz '2024-03-10 05:00+00' + i * interval '20 minutes', 'rare' || i % 4, NULL FROM generate_series(1, 40) i;
ANALYZE event;
CREATE FUNCTION first_of(unit text, at timestamptz, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN (date_trunc('week', (at AT TIME ZONE zone) + interval '1 day') - interval '1 day') AT TIME ZONE zone WHEN 'hour' THEN date_trunc('hour', at, zone) ELSE date_trunc(unit, at, zone) END;
CREATE FUNCTION step_of_unit(unit text) RETURNS interval LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN '7 days' WHEN 'quarter' THEN '3 months' ELSE '1 ' || unit END::interval;
CREATE TYPE measures AS (events bigint, users bigint, events_per_user float8, value_sum numeric, value_avg numeric, value_min float8, value_max float8);

-- The events that count, with the label that is shown: of the top n, and NULL.
CREATE FUNCTION labelled(top int, until timestamptz) RETURNS TABLE (u int, at timestamptz, label text, other boolean, v float8) LANGUAGE sql AS $$
	WITH seen AS MATERIALIZED (SELECT * FROM event e WHERE e.u IS NOT NULL AND e.at < coalesce(until, 'infinity')),
		kept AS (SELECT c FROM seen WHERE c IS NOT NULL GROUP BY c ORDER BY count(DISTINCT u) DESC, c COLLATE "C" LIMIT top)
	SELECT u, at, CASE WHEN c IS NULL OR c IN (TABLE kept) THEN c ELSE '(other)' END, c IS NOT NULL AND c NOT IN (TABLE kept), v FROM seen
$$;
CREATE FUNCTION wanted(unit text, zone text, top int, until timestamptz) RETURNS TABLE (breakdown text, bucket timestamptz, bucket_date date, events bigint, users bigint, events_per_user float8, value_sum numeric, value_avg numeric, value_min float8, value_max float8, complete boolean) LANGUAGE sql AS $$
	WITH e AS MATERIALIZED (SELECT label, u, v, first_of(unit, at, zone) AS b FROM labelled(top, until)),
		ends AS (SELECT coalesce(until, max(at)) AS at, first_of(unit, coalesce(until - interval '1 microsecond', max(at)), zone) AS last FROM labelled(top, until)),
		bucket AS (SELECT CASE unit WHEN 'hour' THEN d AT TIME ZONE 'UTC' ELSE d AT TIME ZONE zone END AS b, CASE unit WHEN 'hour' THEN (d + interval '1 hour') AT TIME ZONE 'UTC' ELSE (d + step_of_unit(unit)) AT TIME ZONE zone END AS e, CASE WHEN unit <> 'hour' THEN d::date END AS day
			FROM ends, generate_series((SELECT min(b) FROM e) AT TIME ZONE CASE unit WHEN 'hour' THEN 'UTC' ELSE zone END, last AT TIME ZONE CASE unit WHEN 'hour' THEN 'UTC' ELSE zone END, step_of_unit(unit)) d)
	SELECT l.label, b.b, b.day, count(e.u), count(DISTINCT e.u), count(e.u) / nullif(count(DISTINCT e.u), 0)::float8, coalesce(sum(v::numeric), 0), avg(v::numeric), min(v) + 0, max(v) + 0, b.e <= (SELECT at FROM ends)
	FROM bucket b CROSS JOIN (SELECT DISTINCT label FROM e) l LEFT JOIN e ON e.b = b.b AND e.label IS NOT DISTINCT FROM l.label
	GROUP BY l.label, b.b, b.e, b.day ORDER BY b.b, l.label COLLATE "C" NULLS LAST
$$;
SELECT is_empty(format($q$ WITH got AS (SELECT row_number() OVER () AS n, * FROM metric_rows((SELECT event_metrics(u, at, v, c, %1$L, %5$L, %2$L, %4$L) FROM event))), wanted AS (SELECT row_number() OVER () AS n, * FROM wanted(%1$L, %2$L, %3$L, %4$L))
	SELECT * FROM got FULL JOIN wanted USING (n) WHERE (got.breakdown, got.bucket, got.bucket_date, got.events, got.users, got.events_per_user, got.value_min, got.value_max, got.complete) IS DISTINCT FROM (wanted.breakdown, wanted.bucket, wanted.bucket_date, wanted.events, wanted.users, wanted.events_per_user, wanted.value_min, wanted.value_max, wanted.complete)
		OR abs(got.value_sum - wanted.value_sum) > 1e-7 OR abs(got.value_avg - wanted.value_avg) > 1e-7 OR (got.value_avg IS NULL) <> (wanted.value_avg IS NULL) $q$, unit, zone, coalesce(top, 1000), until, coalesce('top ' || top, '')), concat_ws(' ', unit, zone, top, until))
FROM unnest(ARRAY['hour', 'day', 'Weeks', 'week_sunday', 'month', 'quarter']) n, lower(rtrim(n, 's')) unit, (VALUES ('UTC', NULL::timestamptz), ('America/New_York', '2024-03-20 13:00+00'), ('Asia/Kathmandu', '2024-04-20')) z (zone, until), (VALUES (NULL), (1), (3), (9)) t (top)
WHERE unit <> 'hour' OR zone <> 'Asia/Kathmandu';
-- Without a value.
SELECT results_eq('SELECT breakdown, bucket, events, users, complete FROM metric_rows((SELECT event_metrics(u, at, c, ''day'') FROM event))', 'SELECT breakdown, bucket, events, users, complete FROM wanted(''day'', ''UTC'', 1000, NULL)', 'without a value');
SELECT is_empty('SELECT FROM metric_rows((SELECT event_metrics(u, at, c, ''day'') FROM event)) WHERE num_nulls(value_sum, value_avg, value_min, value_max, value_median, value_p90) < 6', 'then there are no values');

-- Totals: a user of several values, or several buckets, counts once.
SELECT results_eq(format('SELECT bucket, events, users, value_min, value_max FROM metric_buckets((SELECT event_metrics(u, at, v, c, ''week'', %L, ''Asia/Shanghai'') FROM event)) WHERE events > 0', options),
	$$ SELECT date_trunc('week', at, 'Asia/Shanghai'), count(*), count(DISTINCT u), min(v) + 0, max(v) + 0 FROM event WHERE u IS NOT NULL AND at IS NOT NULL GROUP BY 1 ORDER BY 1 $$, 'buckets ' || options) FROM unnest(ARRAY['', 'top 2']) options;
SELECT results_eq(format('SELECT breakdown, events, users, value_min, value_max FROM metric_breakdowns((SELECT event_metrics(u, at, v, c, ''week'', %L) FROM event))', coalesce('top ' || top, '')),
	format($$ SELECT label, count(*), count(DISTINCT u), min(v) + 0, max(v) + 0 FROM labelled(%L, NULL) WHERE at IS NOT NULL GROUP BY 1 ORDER BY label COLLATE "C" NULLS LAST $$, coalesce(top, 1000)), 'breakdowns ' || coalesce(top, 0)) FROM (VALUES (NULL), (1), (2), (4), (100)) t (top);
SELECT is_empty($$ SELECT FROM metric_summary((SELECT event_metrics(u, at, v, c, 'month') FROM event)) s, (SELECT count(*) AS events, count(DISTINCT u) AS users, sum(v::numeric) AS sum, avg(v::numeric) AS avg, min(v) AS min, max(v) AS max FROM event WHERE u IS NOT NULL AND at IS NOT NULL) w
	WHERE (s.events, s.users, s.value_min, s.value_max) <> (w.events, w.users, w.min, w.max) OR abs(s.value_sum - w.sum) > 1e-6 OR abs(s.value_avg - w.avg) > 1e-6 $$, 'the whole');

-- Quantiles: percentile_disc, within 0.8 %, in cells and in totals.
SELECT is_empty($$ SELECT * FROM metric_rows((SELECT event_metrics(u, at, v, c, 'week') FROM event)) r JOIN (SELECT c, date_trunc('week', at) AS bucket, percentile_disc(0.5) WITHIN GROUP (ORDER BY v) AS median, percentile_disc(0.9) WITHIN GROUP (ORDER BY v) AS p90 FROM event WHERE u IS NOT NULL AND at IS NOT NULL GROUP BY 1, 2) w ON r.bucket = w.bucket AND r.breakdown IS NOT DISTINCT FROM w.c
	WHERE abs(value_median - median) > 0.008 * abs(median) OR abs(value_p90 - p90) > 0.008 * abs(p90) OR (median = trunc(median) AND abs(median) < 256 AND value_median <> median) OR (value_median IS NULL) <> (median IS NULL) $$, 'quantiles of cells');
SELECT is_empty($$ SELECT * FROM metric_summary((SELECT event_metrics(u, at, v, c, 'week') FROM event)), (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY v) AS median, percentile_disc(0.9) WITHIN GROUP (ORDER BY v) AS p90 FROM event WHERE u IS NOT NULL AND at IS NOT NULL) w WHERE abs(value_median - median) > 0.008 * median OR abs(value_p90 - p90) > 0.008 * p90 $$, 'quantiles of the whole');

-- Sums are exact, whatever the order: the double nearest to the sum of the doubles.
CREATE FUNCTION summary_of(vals float8[]) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', value_sum, value_avg, value_min, value_max, value_median, value_p90) FROM metric_summary((SELECT event_metrics(n, moment(0), v, 'x'::text, 'day') FROM unnest(vals) WITH ORDINALITY v (v, n))) $$;
SELECT is(summary_of(vals), wanted, vals::text) FROM (VALUES
	('{1e308,1e308,-1e308,-1e308,1}'::float8[], '1 0.2 -1e+308 1e+308 1 1e+308'), ('{1e16,1,-1e16}', '1 0.3333333333333333 -1e+16 1e+16 1 1e+16'), ('{0.1,0.2,0.3}', '0.6 0.19999999999999998 0.1 0.3 0.2 0.3'),
	('{5e-324,5e-324,-1e-323}', '0 0 -1e-323 5e-324 5e-324 5e-324'), ('{2.2250738585072014e-308,5e-324}', '2.225073858507202e-308 1.1125369292536007e-308 5e-324 2.2250738585072014e-308 5e-324 2.2250738585072014e-308'),
	('{-0}', '0 0 0 0 0 0'), ('{NaN,1}', 'NaN NaN 1 NaN 1 NaN'), ('{NaN}', 'NaN NaN NaN NaN NaN NaN'), ('{Infinity,1}', 'Infinity Infinity 1 Infinity 1 Infinity'), ('{-Infinity,1}', '-Infinity -Infinity -Infinity 1 -Infinity 1'),
	('{Infinity,-Infinity,3}', 'NaN NaN -Infinity Infinity 3 Infinity'), ('{-3,-2,-1}', '-6 -2 -3 -1 -2 -1'), ('{256,256,256,255}', '1023 255.75 255 256 256 256'), ('{1.7976931348623157e308,1.7976931348623157e308}', 'Infinity Infinity 1.7976931348623157e+308 1.7976931348623157e+308 1.7976931348623157e+308 1.7976931348623157e+308'),
	('{NULL,7}', '7 7 7 7 7 7'), ('{NULL}', '0')) v (vals, wanted);
SELECT is(summary_of(array_agg(v ORDER BY i)), summary_of(array_agg(v ORDER BY v, i)), 'in any order') FROM event WHERE v IS NOT NULL;

-- Values that are not shown: a user of several of them counts once. A value that is "(other)" is one of them.
CREATE TABLE tiny AS SELECT u, c, timestamptz '2024-01-01' AS at FROM (VALUES (1, 'x'), (1, 'y'), (2, 'z'), (3, 'x'), (1, 'a'), (2, 'a'), (3, 'a'), (4, 'a'), (3, '(other)'), (5, '(other)'), (6, '(other)'), (7, '(other)'), (8, '(other)'), (9, NULL)) e (u, c);
SELECT results_eq('SELECT breakdown, events, users FROM metric_rows((SELECT event_metrics(u, at, c, ''day'', ''TOP 1'') FROM tiny))', $$ VALUES ('(other)', 9::bigint, 7::bigint), ('a', 4, 4), (NULL, 1, 1) $$, 'users of the other values');
SELECT results_eq('SELECT breakdown, events, users FROM metric_rows((SELECT event_metrics(u, at, c, ''day'', ''top 5'') FROM tiny))', $$ VALUES ('(other)', 5::bigint, 5::bigint), ('a', 4, 4), ('x', 2, 2), ('y', 1, 1), ('z', 1, 1), (NULL, 1, 1) $$, 'no others');
SELECT results_eq('SELECT breakdown, events, users FROM metric_rows((SELECT event_metrics(u, at, NULL, ''day'', ''top 5'') FROM tiny))', $$ VALUES (NULL::text, 14::bigint, 9::bigint) $$, 'no value at all');

-- Days that a zone skipped have no row; the hour that comes twice is two.
SELECT is((SELECT array_agg(bucket_date) FROM metric_rows((SELECT event_metrics(1, at, 'a'::text, 'day', '', 'Pacific/Apia') FROM unnest('{2011-12-29 12:00-10,2012-01-01 12:00+14}'::timestamptz[]) at))), '{2011-12-29,2011-12-31,2012-01-01}'::date[], 'Samoa, 2011');
SELECT is((SELECT count(*) FROM metric_rows((SELECT event_metrics(1, at, 'a'::text, 'hour', '', 'Europe/Berlin') FROM unnest('{2024-10-26 22:00+00,2024-10-27 22:59+00}'::timestamptz[]) at))), 25::bigint, 'a day of 25 hours');

-- ---- min_users ----------------------------------------------------------------------------

SELECT is_empty($$ SELECT * FROM metric_rows((SELECT event_metrics(u, at, v, c, 'week') FROM event), 20) a JOIN metric_rows((SELECT event_metrics(u, at, v, c, 'week') FROM event)) b ON a.bucket = b.bucket AND a.breakdown IS NOT DISTINCT FROM b.breakdown
	WHERE (b.users < 20 AND num_nulls(a.events, a.users, a.events_per_user) < 3) OR (b.users >= 20 AND (a.events, a.users) IS DISTINCT FROM (b.events, b.users)) OR (b.users < 20 AND num_nonnulls(a.value_sum, a.value_avg, a.value_min, a.value_max, a.value_median, a.value_p90) > 0) $$, 'few users are not shown');
SELECT results_eq($$ SELECT users, value_sum FROM metric_summary((SELECT event_metrics(n, moment(0), CASE WHEN n < 3 THEN 5 END, 'a'::text, 'day') FROM generate_series(1, 10) n), 3) $$, 'VALUES (10::bigint, NULL::float8)', 'nor values of few of the users');
SELECT throws_ok('SELECT metric_rows(NULL, NULL)', '22004', 'min_users must not be NULL', 'min_users');
SELECT is_empty('SELECT * FROM metric_rows(NULL)', 'no rows of NULL');
SELECT ok(metric_summary(NULL) IS NULL, 'no row of NULL');

-- ---- results ------------------------------------------------------------------------------

SELECT is((SELECT rollup(s)::text FROM (SELECT event_metrics(u, at, v, c, 'day', '', '', '2024-04-01') AS s FROM event GROUP BY u % 4) s), (SELECT event_metrics(u, at, v, c, 'day', '', '', '2024-04-01')::text FROM event), 'results of different users add up');
SELECT is((SELECT rollup(s)::text FROM (SELECT event_metrics(u, at, c, 'hour', '', 'Asia/Tokyo') AS s FROM event WHERE u IS NOT NULL GROUP BY u) s), (SELECT event_metrics(u, at, c, 'hour', '', 'Asia/Tokyo')::text FROM event), 'and without values');
SELECT is((SELECT rollup(s)::text FROM (SELECT event_metrics(u, at, c, 'day', 'top 1', '', '2024-04-01') AS s FROM tiny GROUP BY u < 3 HAVING false) s), NULL, 'of nothing');
SELECT throws_ok('SELECT rollup(s) FROM (SELECT event_metrics(u, at, c, ''day'', ''top 2'') AS s FROM tiny GROUP BY u < 3) s', '22023', 'cannot roll up metrics that show different values', 'top that differ');
SELECT ok(rollup(s)::text = (SELECT event_metrics(u, at, c, 'day', 'top 1')::text FROM (SELECT u, at, c FROM tiny WHERE u <> 9 UNION ALL SELECT u + 10, at, c FROM tiny WHERE u <> 9) s), 'top that are the same')
FROM (SELECT event_metrics(u, at, c, 'day', 'top 1') AS s FROM tiny WHERE u <> 9 UNION ALL SELECT event_metrics(u + 10, at, c, 'day', 'top 1') FROM tiny WHERE u <> 9) s;
SELECT throws_ok(format('SELECT rollup(s) FROM (SELECT event_metrics(u, at, c, ''day'') AS s FROM event UNION ALL SELECT %s FROM event) s', other), '22023', 'cannot roll up metrics that differ in unit, time zone, until, top or whether there is a value', 'but not with ' || other)
FROM unnest(ARRAY['event_metrics(u, at, v, c, ''day'')', 'event_metrics(u, at, c, ''week'')', 'event_metrics(u, at, c, ''day'', ''top 3'')', 'event_metrics(u, at, c, ''day'', '''', ''Asia/Tokyo'')', 'event_metrics(u, at, c, ''day'', '''', '''', ''2024-05-01'')']) other;
SELECT is((SELECT event_metrics(u, at, c, 'day')::text FROM event WHERE u > 1000), NULL, 'no rows give NULL');

-- ---- what is refused ----------------------------------------------------------------------

SELECT throws_ok(format('SELECT event_metrics(u, at, c, %s) FROM event', arguments), state, message, arguments)
FROM (VALUES ('''year''', '22023', 'unit "year" does not exist'), ('NULL', '22004', 'unit must not be NULL'), ('''day'', ''top''', '22023', 'option "top" does not exist'), ('''day'', ''top 0''', '22023', 'option "top 0" must be top and a number from 1 to 10000'),
	('''day'', ''top 3, top 3''', '22023', 'options "top 3, top 3" say twice how many values there are'), ('''day'', ''top 3,''', '22023', 'options "top 3," end with a comma'), ('''day'', ''Asia/Shanghai''', '22023', 'option "Asia/Shanghai" does not exist'),
	('''day'', NULL', '22004', 'options must not be NULL'), ('''day'', '''', ''Mars''', '22023', 'time_zone "Mars" does not exist'), ('''day'', '''', '''', ''infinity''', '22008', 'until must be a finite time, not infinity'),
	('CASE WHEN i % 2 = 0 THEN ''day'' ELSE ''week'' END', '22023', NULL)) v (arguments, state, message);
SELECT throws_ok('SELECT event_metrics(u, ''infinity'', c, ''day'') FROM event', '22008', NULL, 'an infinite time');
SELECT throws_ok($$ SELECT count(*) FROM metric_rows((SELECT event_metrics(i, moment(3600 * i), 'c' || i, 'hour') FROM generate_series(1, 1200) i)) $$, '54000', '1200 values have 1200 buckets of unit "hour" each, together more than 1000000', 'too many rows');
SELECT is((SELECT count(*) FROM metric_rows((SELECT event_metrics(i, moment(3600 * i), 'c' || i, 'hour', 'top 10') FROM generate_series(1, 1200) i))), 1200 * 11::bigint, 'but not of fewer values');

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 1000) END AS u, CASE WHEN i % 89 > 0 THEN moment(i * 180 + rnd(i, 2, 3) * 3600) END AS at, CASE WHEN i % 5 > 0 OR i < 7000 THEN 'c' || rnd(i, 3, 40) END AS c, CASE WHEN i % 3 > 0 THEN rnd(i, 4, 10000) / 13.0 END::float8 AS v, i % 4 AS g FROM generate_series(1, 20000) i;
CREATE TABLE call AS SELECT format(call, '') AS call FROM unnest(ARRAY['event_metrics(u, at, c, ''day'')', 'event_metrics(u::text, at, c, ''hour'', ''top 5'')', 'event_metrics(u, at, c, ''week'', '''', '''', ''2024-02-05'')', 'event_metrics(u, at, v, c, ''day'', '''', ''Asia/Kathmandu'')', 'event_metrics(u, at, v, c, ''day'', ''top 3'')',
	'event_metrics(u::text, at, v, c, ''month'')', 'event_metrics(u, at, ''x''::text, ''day'')']) call;
\ir ../plans.psql

SELECT * FROM finish();
ROLLBACK;
