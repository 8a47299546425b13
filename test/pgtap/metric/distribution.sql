-- distribution and week_hours against plain SQL: units, zones, ties, NULLs and values that are not finite; bins,
-- min_users, results that are added up, every plan, what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 8, 50) > 0 THEN 1 + rnd(i, 1, 120) END AS u, CASE WHEN rnd(i, 9, 60) > 0 THEN timestamptz '2024-02-20 00:00+00' + rnd(i, 2, 1400) * interval '45 minutes' END AS at,
	CASE rnd(i, 6, 6) WHEN 0 THEN NULL WHEN 1 THEN rnd(i, 7, 40) - 10 ELSE rnd(i, 7, 12) * 10 END::float8 AS v, i % 4 AS g
FROM generate_series(1, 3000) i;
ANALYZE event;
CREATE FUNCTION first_of(unit text, at timestamptz, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN (date_trunc('week', (at AT TIME ZONE zone) + interval '1 day') - interval '1 day') AT TIME ZONE zone ELSE date_trunc(unit, at, zone) END;
CREATE FUNCTION numbers(measure text, unit text, zone text, until timestamptz DEFAULT NULL) RETURNS TABLE (bucket timestamptz, u int, number float8) LANGUAGE sql AS $$
	SELECT * FROM (SELECT first_of(unit, at, zone) AS bucket, u, CASE measure WHEN 'times' THEN count(*)::float8 WHEN 'days' THEN count(DISTINCT (at AT TIME ZONE zone)::date)::float8 WHEN 'sum' THEN sum(v) ELSE avg(v) END AS number
		FROM event WHERE u IS NOT NULL AND at < coalesce(until, 'infinity') GROUP BY 1, 2) n WHERE number IS NOT NULL
$$;
-- Whole numbers, and sums and means of few.
SELECT results_eq(format('SELECT bucket, lower, users, round(share::numeric, 12) FROM distribution_rows((SELECT distribution(u, at, NULL, %L, %L, %L) FROM event))', measure, unit, zone),
	format('SELECT bucket, number, count(*), round(count(*) / sum(count(*)) OVER (PARTITION BY bucket), 12) FROM numbers(%L, %L, %L) GROUP BY 1, 2 ORDER BY 1, 2', measure, unit, zone), concat_ws(' ', measure, unit, zone))
FROM unnest(ARRAY['times', 'days']) measure, unnest(ARRAY['hour', 'day', 'week', 'week_sunday', 'month', 'quarter']) unit, unnest(ARRAY['UTC', 'America/New_York', 'Asia/Kathmandu']) zone WHERE unit <> 'hour' OR zone <> 'Asia/Kathmandu';
SELECT is_empty($$ SELECT FROM distribution_rows((SELECT distribution(u, at, NULL, 'times', 'week') FROM event)) WHERE upper <> lower + 1 $$, 'each number has a bin');
SELECT is_empty(format($q$ SELECT * FROM distribution_rows((SELECT distribution(u, at, v, %1$L, %2$L, %3$L, %4$L) FROM event), '{-5,0,0.5,20,33,200}') r FULL JOIN
	(SELECT bucket, lower, upper, count(*) AS users FROM numbers(%1$L, %2$L, %3$L, %4$L) n JOIN (VALUES (NULL::float8, -5::float8), (-5, 0), (0, 0.5), (0.5, 20), (20, 33), (33, 200), (200, NULL)) b (lower, upper) ON n.number >= coalesce(lower, '-infinity') AND n.number < coalesce(upper, 'infinity') GROUP BY 1, 2, 3) w
	ON r.bucket = w.bucket AND coalesce(r.lower, -99) = coalesce(w.lower, -99) WHERE coalesce(r.users, 0) <> coalesce(w.users, 0) OR (w.bucket IS NOT NULL AND r.upper IS DISTINCT FROM w.upper) $q$, measure, unit, zone, until), concat_ws(' ', 'own bins', measure, unit, zone))
FROM unnest(ARRAY['sum', 'average', 'times', 'days']) measure, unnest(ARRAY['day', 'week', 'month']) unit, (VALUES ('UTC', NULL::timestamptz), ('America/New_York', '2024-03-12 09:00+00')) z (zone, until) WHERE measure IN ('sum', 'average');
SELECT results_eq($$ SELECT bucket, lower, upper, users FROM distribution_rows((SELECT distribution(u, at, NULL, 'times', 'month', 'UTC') FROM event), '{3,10}') $$,
	$$ SELECT d.bucket, lower, upper, count(number) FROM (VALUES (1::float8, 3::float8), (3, 10), (10, NULL)) b (lower, upper) CROSS JOIN (SELECT DISTINCT bucket FROM numbers('times', 'month', 'UTC')) d
		LEFT JOIN numbers('times', 'month', 'UTC') n ON n.bucket = d.bucket AND number >= lower AND number < coalesce(upper, 'infinity') GROUP BY 1, 2, 3 ORDER BY 1, 2 $$, 'counts begin at 1');
SELECT is((SELECT count(*) FROM distribution_rows((SELECT distribution(u, at, NULL, 'times', 'day', '', '2024-06-01') FROM event), '{1,2}') WHERE users = 0 AND share IS NULL AND bucket > '2024-04-10' AND complete), 2 * 51::bigint, 'bins without users, up to the end of observation');
SELECT is_empty(format($q$ SELECT * FROM distribution_buckets((SELECT distribution(u, at, v, %1$L, 'week', 'Asia/Tokyo') FROM event)) r FULL JOIN (SELECT bucket, count(*) AS users, avg(number) AS avg, min(number) AS min, max(number) AS max, percentile_disc(0.5) WITHIN GROUP (ORDER BY number) AS median, percentile_disc(0.9) WITHIN GROUP (ORDER BY number) AS p90 FROM numbers(%1$L, 'week', 'Asia/Tokyo') GROUP BY 1) w USING (bucket)
	WHERE r.users IS DISTINCT FROM w.users OR abs(avg_number - avg) > 1e-9 OR abs(min_number - min) > 1e-9 OR abs(max_number - max) > 1e-9 OR abs(median_number - median) > 0.008 * abs(median) OR abs(p90_number - p90) > 0.008 * abs(p90) OR avg_number IS NULL $q$, measure), 'buckets ' || measure) FROM unnest(ARRAY['times', 'days', 'sum', 'average']) measure;
-- Many events: whole numbers of 256 and more share bins.
SELECT results_eq($$ SELECT lower, upper, users FROM distribution_rows((SELECT distribution(u, moment(i), NULL, 'times', 'day') FROM generate_series(250, 262) u, generate_series(1, u) i)) $$,
	$$ VALUES (250::float8, 251::float8, 1::bigint), (251, 252, 1), (252, 253, 1), (253, 254, 1), (254, 255, 1), (255, 256, 1), (256, 258, 2), (258, 260, 2), (260, 262, 2), (262, 264, 1) $$, 'many times');
-- Values that are not finite.
SELECT results_eq($$ SELECT lower, upper, users FROM distribution_rows((SELECT distribution(u, moment(0), v, 'sum', 'day') FROM (VALUES (1, 'NaN'::float8), (2, 'Infinity'), (3, '-Infinity'), (4, NULL), (5, 1), (5, 2), (6, 0), (7, -1)) e (u, v)), '{0,3}') $$, $$ VALUES (NULL::float8, 0::float8, 2::bigint), (0, 3, 1), (3, NULL, 3) $$, 'NaN and infinity');
SELECT is((SELECT sum(users) FROM distribution_rows((SELECT distribution(u, moment(0), v, 'sum', 'day') FROM (VALUES (1, 'NaN'::float8), (2, 'Infinity'), (3, '-Infinity'), (4, NULL), (5, 1), (6, 0), (7, -1)) e (u, v)))), 6::numeric, 'each in a bin');
SELECT is((SELECT distribution(1, moment(i), (CASE i WHEN 1 THEN 1e17 WHEN 2 THEN 1 ELSE -1e17 END)::float8, 'sum', 'day')::text FROM (VALUES (1), (2), (3)) v (i)), (SELECT distribution(1, moment(i), (CASE i WHEN 1 THEN 1e17 WHEN 2 THEN 1 ELSE -1e17 END)::float8, 'sum', 'day')::text FROM (VALUES (3), (2), (1)) v (i)), 'sums are in the order of time');

-- ---- week_hours ---------------------------------------------------------------------------

SELECT results_eq(format('SELECT * FROM week_hours_rows((SELECT week_hours(u, at, %L) FROM event))', zone),
	format($$ SELECT weekday, hour, count(e.u), count(DISTINCT e.u), count(e.u) / (SELECT count(*) FROM event WHERE u IS NOT NULL AND at IS NOT NULL)::float8 FROM generate_series(1, 7) weekday CROSS JOIN generate_series(0, 23) hour
		LEFT JOIN event e ON extract(isodow FROM at AT TIME ZONE %1$L) = weekday AND extract(hour FROM at AT TIME ZONE %1$L) = hour AND e.u IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 $$, zone), 'week hours in ' || zone)
FROM unnest(ARRAY['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia']) zone;
-- Far times, and a zone of another offset before 1900.
SELECT results_eq(format($$ SELECT weekday, hour FROM week_hours_rows((SELECT week_hours(1, %1$L::timestamptz, 'Europe/Amsterdam'))) WHERE events > 0 $$, at), format('SELECT extract(isodow FROM t)::int, extract(hour FROM t)::int FROM (SELECT %L::timestamptz AT TIME ZONE ''Europe/Amsterdam'' AS t) t', at), at)
FROM unnest(ARRAY['1999-12-31 23:59:59.999999+00', '2000-01-01 00:00+00', '1880-05-03 23:41:00+00', '1880-05-03 23:40:00+00', '4713-01-01 00:00+00 BC', '290000-12-31 23:00+00', '1937-07-01 00:00+00']) at;
SELECT is((SELECT count(*) FROM week_hours_rows((SELECT week_hours(u, at) FROM event))), 168::bigint, 'every hour');
SELECT is_empty('SELECT FROM week_hours_rows((SELECT week_hours(u, at) FROM event), 12) a JOIN week_hours_rows((SELECT week_hours(u, at) FROM event)) b USING (weekday, hour) WHERE (b.users < 12 AND num_nonnulls(a.events, a.users, a.share) > 0) OR (b.users >= 12 AND a.events IS DISTINCT FROM b.events)', 'min_users');
SELECT is_empty($$ SELECT FROM distribution_rows((SELECT distribution(u, at, NULL, 'times', 'week') FROM event), NULL, 12) a JOIN distribution_rows((SELECT distribution(u, at, NULL, 'times', 'week') FROM event)) b USING (bucket, lower) WHERE (b.users < 12) <> (a.users IS NULL) OR (b.users < 12) <> (a.share IS NULL) $$, 'of distributions, too');
SELECT ok((SELECT week_hours(u, at) FROM event WHERE false) IS NULL AND (SELECT distribution(u, at, NULL, 'times', 'day') FROM event WHERE false) IS NULL, 'no rows give NULL');

-- ---- results ------------------------------------------------------------------------------

SELECT is((SELECT rollup(s)::text FROM (SELECT distribution(u, at, v, measure, 'day', '', '2024-04-01') AS s FROM event GROUP BY u % 4) s), (SELECT distribution(u, at, v, measure, 'day', '', '2024-04-01')::text FROM event), 'distributions of different users add up: ' || measure) FROM unnest(ARRAY['times', 'days', 'sum', 'average']) measure;
SELECT is((SELECT rollup(s)::text FROM (SELECT week_hours(u, at, 'Asia/Tokyo') AS s FROM event WHERE u IS NOT NULL GROUP BY u) s), (SELECT week_hours(u, at, 'Asia/Tokyo')::text FROM event), 'and week hours');
SELECT throws_ok(format('SELECT rollup(s) FROM (SELECT distribution(u, at, NULL, ''times'', ''day'') AS s FROM event UNION ALL SELECT %s FROM event) s', other), '22023', 'cannot roll up distributions that differ in measure, unit, time zone or until', 'but not with ' || other)
FROM unnest(ARRAY['distribution(u, at, NULL, ''days'', ''day'')', 'distribution(u, at, NULL, ''times'', ''week'')', 'distribution(u, at, NULL, ''times'', ''day'', ''Asia/Tokyo'')', 'distribution(u, at, NULL, ''times'', ''day'', '''', ''2024-05-01'')']) other;
SELECT throws_ok('SELECT rollup(s) FROM (SELECT week_hours(u, at, zone) AS s FROM event, unnest(ARRAY[''UTC'', ''Asia/Tokyo'']) zone GROUP BY zone) s', '22023', 'cannot roll up week hours of different time zones', 'nor zones');

-- ---- what is refused ----------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call)
FROM (VALUES ('distribution(u, at, NULL, ''count'', ''day'')', '22023', 'measure "count" does not exist'), ('distribution(u, at, v, NULL, ''day'')', '22004', 'measure must not be NULL'), ('distribution(u, at, NULL, ''times'', ''year'')', '22023', 'unit "year" does not exist'),
	('distribution(u, at, NULL, ''times'', ''day'', ''Mars'')', '22023', 'time_zone "Mars" does not exist'), ('distribution(u, ''infinity'', v, ''times'', ''day'')', '22008', NULL), ('week_hours(u, at, ''Mars'')', '22023', 'time_zone "Mars" does not exist'), ('week_hours(u, at, NULL)', '22004', 'time_zone must not be NULL'),
	('week_hours(u, ''-infinity'')', '22008', NULL), ('distribution(u, at, NULL, CASE WHEN i % 2 = 0 THEN ''days'' ELSE ''times'' END, ''week'')', '22023', NULL)) v (call, state, message);
SELECT throws_ok(format('SELECT distribution_rows((SELECT distribution(u, at, NULL, ''times'', ''day'') FROM event), %L::float8[])', bounds), state, message, bounds)
FROM (VALUES ('{1,NULL}', '22004', 'bounds must not contain NULL'), ('{NaN}', '22023', 'bounds must not contain NaN'), ('{2,1}', '22023', 'bounds must ascend, but 1 comes after 2')) v (bounds, state, message);
SELECT is((SELECT distribution(u, at, NULL, ' Times ', 'Days')::text FROM event WHERE false), NULL, 'no rows, no errors');

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 1000) END AS u, CASE WHEN i % 89 > 0 THEN moment(i * 180 + rnd(i, 2, 3) * 3600) END AS at, CASE WHEN i % 3 > 0 THEN rnd(i, 4, 10000) / 13.0 END::float8 AS v, i % 4 AS g FROM generate_series(1, 20000) i;
CREATE TABLE call AS SELECT format(call, '') AS call FROM unnest(ARRAY['distribution(u, at, NULL, ''times'', ''day'')', 'distribution(u::text, at, NULL, ''days'', ''month'', ''Asia/Kathmandu'')', 'distribution(u, at, v, ''sum'', ''week'')', 'distribution(u::text, at, v, ''average'', ''month'', '''', ''2024-02-01'')', 'week_hours(u, at)', 'week_hours(u::text, at, ''Asia/Tokyo'')']) call;
\ir ../plans.psql

SELECT * FROM finish();
ROLLBACK;
