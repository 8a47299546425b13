-- cohort_retention_by: the groups of cohorts against an oracle in SQL, with many ties and NULLs; its
-- options, top and (other), results that are stored and added up, every plan, and what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(109);

CREATE TABLE event AS
SELECT i, CASE WHEN rnd(i, 8, 50) > 0 THEN 1 + rnd(i, 1, 70) END AS u, CASE WHEN rnd(i, 9, 60) > 0 THEN timestamptz '2024-02-20 00:00+00' + rnd(i, 2, 350) * interval '3 hours' END AS at,
	CASE rnd(i, 3, 9) WHEN 0 THEN NULL ELSE rnd(i, 3, 9) < 4 END AS s, CASE rnd(i, 4, 9) WHEN 0 THEN NULL ELSE rnd(i, 4, 9) < 6 END AS r,
	(ARRAY['app', 'web', NULL, '', 'Ünïcode', 'b', 'B', 'app'])[1 + rnd(i, 5, 8)] AS c, i % 3 AS g
FROM generate_series(1, 1500) i;
ANALYZE event;
CREATE FUNCTION first_of(unit text, at timestamptz, zone text) RETURNS date LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'week_sunday' THEN date_trunc('week', (at AT TIME ZONE zone) + interval '1 day')::date - 1 ELSE date_trunc(unit, at AT TIME ZONE zone)::date END;
CREATE FUNCTION period_of(unit text, day date) RETURNS int LANGUAGE sql IMMUTABLE RETURN CASE unit WHEN 'day' THEN day - date '2000-01-01' WHEN 'month' THEN extract(year FROM day) * 12 + extract(month FROM day) ELSE (day - date '2000-01-02') / 7 END;

-- Whose label is what: of the starts in the bucket with a value, the first or last time, then the least by bytes.
CREATE FUNCTION wanted(unit text, zone text, cohorts text, value text, returns text, until timestamptz) RETURNS TABLE (breakdown text, cohort timestamptz, cohort_date date, period int, users bigint, cohort_users bigint, complete boolean) LANGUAGE sql AS $$
	WITH seen AS (SELECT *, first_of(unit, at, zone) AS day, period_of(unit, first_of(unit, at, zone)) AS p FROM event WHERE u IS NOT NULL AND at < coalesce(until, 'infinity')),
		starts AS (SELECT DISTINCT u, CASE cohorts WHEN 'first' THEN min(day) OVER (PARTITION BY u) ELSE day END AS day FROM seen WHERE s),
		labelled AS (SELECT *, (SELECT c FROM seen e WHERE (e.u, e.day) = (starts.u, starts.day) AND e.s AND c IS NOT NULL
			ORDER BY CASE value WHEN 'last_value' THEN at END DESC, at, c COLLATE "C" LIMIT 1) AS label FROM starts)
	SELECT label, day::timestamp AT TIME ZONE zone, day, k,
		count(*) FILTER (WHERE EXISTS (SELECT FROM seen e WHERE e.u = l.u AND e.r AND e.p - period_of(unit, l.day) BETWEEN CASE returns WHEN 'within' THEN 0 ELSE k END AND CASE returns WHEN 'on_or_after' THEN 100000 ELSE k END)),
		count(*), period_of(unit, day) + k < period_of(unit, first_of(unit, coalesce(until, (SELECT max(at) FROM seen)), zone))
	FROM labelled l, generate_series(0, 4) k GROUP BY label, day, k ORDER BY day, label COLLATE "C" NULLS LAST, k
$$;
SELECT results_eq(format('SELECT breakdown, cohort, cohort_date, period, users, cohort_users, complete FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, %L, 4, %L, %L, %L) FROM event))', unit, concat_ws(', ', cohorts, value, returns), zone, until),
	format('SELECT * FROM wanted(%L, %L, %L, %L, %L, %L)', unit, zone, cohorts, value, returns, until), concat_ws(' ', unit, zone, cohorts, value, returns, until))
FROM unnest(ARRAY['day', 'week', 'week_sunday', 'month']) unit, unnest(ARRAY['first', 'every']) cohorts, unnest(ARRAY['first_value', 'last_value']) value, (VALUES ('UTC', NULL::timestamptz), ('America/New_York', '2024-03-20 13:00+00')) z (zone, until), LATERAL (SELECT (ARRAY['on', 'within', 'on_or_after'])[1 + (length(unit) + length(value) + length(zone)) % 3] AS returns) r;
SELECT is((SELECT cohort_retention_by(u, at, s, r, c, 'day', 4)::text FROM event), (SELECT cohort_retention_by(u, at, s, r, c, 'day', 4, 'FIRST, first_VALUE,on')::text FROM event), 'the default');

-- The groups of a cohort make up the cohort, also of rolling periods and of hours.
SELECT is_empty(format($$ SELECT * FROM (SELECT cohort, cohort_date, period, last_period, complete, sum(users) AS users, sum(cohort_users) AS cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, %1$L, %2$s, %3$L) FROM event)) GROUP BY 1, 2, 3, 4, 5) a
	FULL JOIN retention_cells((SELECT cohort_retention(u, at, s, r, %1$L, %2$s, %3$L) FROM event)) b USING (cohort, period, last_period, complete) WHERE (a.users, a.cohort_users, a.cohort_date) IS DISTINCT FROM (b.users::numeric, b.cohort_users::numeric, b.cohort_date) $$, unit, periods, options), concat_ws(' ', unit, options))
FROM unnest(ARRAY['hour', 'quarter', 'rolling day', 'rolling hour', 'rolling week_sunday']) unit, unnest(ARRAY['first', 'every, within', 'every, on_or_after', 'within_from_1']) options, LATERAL (SELECT CASE WHEN options ~ 'every' THEN 'ARRAY[1, 3, 40]' ELSE '7' END AS periods) p;
-- Rolling periods have the same labels as those of the calendar.
SELECT is_empty($$ SELECT * FROM (SELECT breakdown, cohort, cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, 'rolling week', 3, 'every, last_value') FROM event)) WHERE period = 0) a
	FULL JOIN (SELECT breakdown, cohort, cohort_users FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, 'week', 3, 'every, last_value') FROM event)) WHERE period = 0) b ON a.cohort = b.cohort AND a.breakdown IS NOT DISTINCT FROM b.breakdown WHERE a.cohort_users IS DISTINCT FROM b.cohort_users $$, 'labels of rolling weeks');

-- ---- top and (other) ----------------------------------------------------------------------

SELECT results_eq(format('SELECT breakdown, cohort, period, users, cohort_users, complete, last_period FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, ''week'', 3, %L) FROM event))', options || ', top ' || n),
	format($$ WITH cell AS (SELECT * FROM retention_by_cells((SELECT cohort_retention_by(u, at, s, r, c, 'week', 3, %1$L) FROM event))),
			kept AS (SELECT breakdown FROM cell WHERE period = 0 AND breakdown IS NOT NULL GROUP BY 1 ORDER BY sum(cohort_users) DESC, breakdown COLLATE "C" LIMIT %2$s)
		SELECT b, cohort, period, sum(users)::bigint, sum(cohort_users)::bigint, complete, last_period FROM (SELECT *, CASE WHEN breakdown IS NULL THEN NULL WHEN breakdown IN (TABLE kept) THEN breakdown ELSE '(other)' END AS b FROM cell) c
		GROUP BY b, cohort, period, complete, last_period ORDER BY cohort, b COLLATE "C" NULLS LAST, period $$, options, n), options || ' top ' || n)
FROM unnest(ARRAY['first', 'every, within']) options, unnest(ARRAY[1, 2, 4, 6, 10000]) n;

-- ---- results ------------------------------------------------------------------------------

CREATE TABLE kept AS SELECT unit, options, cohort_retention_by(u, at, s, r, c, unit, 5, options, 'Europe/Berlin', until) AS s, g FROM event, unnest(ARRAY['day', 'rolling day']) unit, (VALUES ('', NULL::timestamptz), ('every, last_value, top 2', '2024-04-01')) v (options, until) GROUP BY unit, options, until, g;
SELECT ok(bool_and(s::text::retention_stats::text = s::text), 'text is read again') FROM kept;
CREATE TEMP TABLE received (s retention_stats) ON COMMIT DROP;
CREATE FUNCTION again(retention_stats) RETURNS retention_stats LANGUAGE plpgsql AS $$
DECLARE
	path text := current_setting('data_directory') || '/pg_journey_breakdown';
BEGIN
	TRUNCATE received;
	EXECUTE format('COPY (SELECT %L::retention_stats) TO %L (FORMAT binary)', $1, path);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', path);
	RETURN (SELECT s FROM received);
END $$;
SELECT ok(again(s)::text = s::text, 'bytes are read again: ' || unit || ' ' || options) FROM kept WHERE g = 0;
SELECT is((SELECT rollup(s)::text FROM (SELECT cohort_retention_by(u, at, s, r, c, 'day', 5, 'every, top 2', '', '2024-04-01') AS s FROM event GROUP BY u % 4) s), (SELECT cohort_retention_by(u, at, s, r, c, 'day', 5, 'every, top 2', '', '2024-04-01')::text FROM event), 'results of different users add up');
SELECT throws_ok(format('SELECT rollup(s) FROM (SELECT cohort_retention_by(u, at, s, r, c, ''day'', 5) AS s FROM event UNION ALL SELECT %s FROM event) s', other), '22023', NULL, 'but not with ' || other)
FROM unnest(ARRAY['cohort_retention(u, at, s, r, ''day'', 5)', 'cohort_retention_by(u, at, s, r, c, ''day'', 5, ''top 3'')', 'cohort_retention_by(u, at, s, r, c, ''day'', 5, ''last_value'')']) other;
SELECT ok((SELECT cohort_retention(u, at, s, r, 'day', 5)::text FROM event) LIKE '{"version": 2,%', 'without a breakdown the format is as it was');
SELECT throws_ok(format('SELECT %L::retention_stats', replace((SELECT cohort_retention_by(u, at, s, r, c, 'day', 5)::text FROM event), a, b)), '22P02', NULL, a || ' as ' || b)
FROM (VALUES ('"version": 3', '"version": 2'), ('"first_value"', '"none"'), ('"first_value"', '"any"'), ('"top": 0', '"top": -1'), ('"top": 0', '"top": 10001'), ('"label": "app"', '"label": 1')) v (a, b);
SELECT throws_ok('SELECT retention_cells(s) FROM kept', '22023', 'this retention has a breakdown', 'cells of a breakdown');
SELECT throws_ok('SELECT retention_curve(s) FROM kept', '22023', 'this retention has a breakdown', 'curve of a breakdown');
SELECT throws_ok('SELECT retention_by_cells((SELECT cohort_retention(u, at, s, r, ''day'', 5) FROM event))', '22023', 'this retention has no breakdown', 'groups of none');

-- ---- what is refused ----------------------------------------------------------------------

SELECT throws_ok(format('SELECT cohort_retention_by(u, at, s, r, c, ''day'', 3, %L) FROM event', options), '22023', message, options)
FROM (VALUES ('top', 'option "top" does not exist'), ('top 0', 'option "top 0" must be top and a number from 1 to 10000'), ('top 10001', 'option "top 10001" must be top and a number from 1 to 10000'), ('top 99999999999999999999', 'option "top 99999999999999999999" must be top and a number from 1 to 10000'), ('top -1', 'option "top -1" must be top and a number from 1 to 10000'), ('top ten', 'option "top ten" must be top and a number from 1 to 10000'),
	('top 3, top 3', 'options "top 3, top 3" say twice how many values there are'), ('first_value, last_value', 'options "first_value, last_value" say twice which value counts'), ('first value', 'option "first value" does not exist'), ('first_value,', 'options "first_value," end with a comma')) v (options, message);
SELECT throws_ok('SELECT cohort_retention(u, at, s, r, ''day'', 3, ''first_value'') FROM event', '22023', 'option "first_value" does not exist', 'not without a breakdown');

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, CASE WHEN i % 97 > 0 THEN 1 + rnd(i, 1, 3000) END AS u, CASE WHEN i % 89 > 0 THEN moment(i * 60 + rnd(i, 2, 3) * 3600) END AS at, i % 7 = 0 AS s, i % 3 = 0 AS r, CASE WHEN i % 5 > 0 THEN 'c' || rnd(i, 3, 40) END AS c, i % 4 AS g FROM generate_series(1, 60000) i;
ALTER TABLE many SET (parallel_workers = 3);
ANALYZE many;
CREATE TABLE call AS SELECT format('cohort_retention_by(u%s, at, s, r, c, %L, 9, %L)', type, unit, options) AS call FROM (VALUES ('', 'day', ''), ('::text', 'day', 'every, last_value'), ('', 'rolling day', 'every, top 5')) v (type, unit, options);
CREATE FUNCTION answer(call text, clause text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(s, '' '' ORDER BY s)) FROM (SELECT %s::text AS s FROM many %s) s', call, clause) INTO answer;
	RETURN answer;
END $$;
SET LOCAL journey.enable_scan = off;
CREATE TABLE whole AS SELECT call, answer(call) AS one, answer(call, 'GROUP BY g') AS groups FROM call;
SET LOCAL journey.enable_scan = on;
SELECT is(answer(call), one, call || ': by the table scan') FROM whole;
SET LOCAL enable_hashagg = off;
SELECT is(answer(call, 'GROUP BY g'), groups, call || ': sorted groups') FROM whole;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer(call), one, call || ': in parallel') FROM whole;
SET LOCAL journey.enable_scan = off;
SELECT is(answer(call), one, call || ': in parallel, without the scan') FROM whole;
SET LOCAL work_mem = '64kB';
SELECT is(answer(call), one, call || ': in little memory') FROM whole;

SELECT * FROM finish();
ROLLBACK;
