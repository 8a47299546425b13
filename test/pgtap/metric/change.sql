-- metric_change, metric_rolling and metric_ratio against window functions and joins over metric_rows.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS SELECT i, 1 + rnd(i, 1, 60) AS u, timestamptz '2024-02-20 00:00+00' + rnd(i, 2, 350) * interval '5 hours' AS at, (ARRAY['app', 'web', NULL, '', 'b'])[1 + rnd(i, 5, 5)] AS c,
	CASE rnd(i, 6, 4) WHEN 0 THEN NULL ELSE rnd(i, 7, 1000) - 300 END::float8 AS v, rnd(i, 8, 4) = 0 AS paid FROM generate_series(1, 1500) i;
CREATE TABLE made AS SELECT unit, zone, event_metrics(u, at, v, c, unit, '', zone) AS m, event_metrics(u, at, c, unit, 'top 2', zone, '2024-04-20') AS plain, event_metrics(u, at, v, c, unit, '', zone) FILTER (WHERE paid AND c <> 'b') AS paid
FROM event, unnest(ARRAY['day', 'week', 'month']) unit, unnest(ARRAY['UTC', 'America/New_York']) zone GROUP BY unit, zone;

CREATE FUNCTION rows_of(which text) RETURNS TABLE (unit text, zone text, breakdown text, bucket timestamptz, bucket_date date, events bigint, users bigint, value_sum float8, complete boolean, k bigint) LANGUAGE plpgsql AS $$ BEGIN
	RETURN QUERY EXECUTE format('SELECT unit, zone, r.breakdown, r.bucket, r.bucket_date, r.events, r.users, r.value_sum, r.complete, row_number() OVER (PARTITION BY unit, zone ORDER BY r.bucket, r.breakdown COLLATE "C" NULLS LAST) FROM made, metric_rows(%I) r', which);
END $$;
SELECT results_eq(format('SELECT unit, zone, r.* FROM made, metric_change(%I, %s) r ORDER BY 1, 2, r.bucket, r.breakdown COLLATE "C" NULLS LAST', which, n),
	format($$ SELECT unit, zone, breakdown, bucket, bucket_date, events, e, events - e, (events - e) / nullif(e, 0)::float8, users, us, users - us, (users - us) / nullif(us, 0)::float8, value_sum, s, value_sum - s, (value_sum - s) / nullif(s, 0), complete
		FROM (SELECT *, lag(events, %1$s) OVER w AS e, lag(users, %1$s) OVER w AS us, lag(value_sum, %1$s) OVER w AS s FROM rows_of(%2$L) WINDOW w AS (PARTITION BY unit, zone, breakdown ORDER BY bucket)) r ORDER BY 1, 2, bucket, breakdown COLLATE "C" NULLS LAST $$, n, which), concat_ws(' ', 'change', which, n))
FROM unnest(ARRAY[1, 2, 7, 100000]) n, unnest(ARRAY['m', 'plain', 'paid']) which;
SELECT results_eq('SELECT r.* FROM made, metric_change(m) r', 'SELECT r.* FROM made, metric_change(m, 1, 0) r', 'the period before');
SELECT results_eq(format('SELECT unit, zone, r.breakdown, r.bucket, r.bucket_date, events, round(avg_events::numeric, 9), users, round(avg_users::numeric, 9), value_sum, round(avg_value_sum::numeric, 7), complete FROM made, metric_rolling(%I, %s) r ORDER BY 1, 2, r.bucket, r.breakdown COLLATE "C" NULLS LAST', which, n),
	format($$ SELECT unit, zone, breakdown, bucket, bucket_date, events, CASE WHEN f >= %1$s THEN round(e::float8::numeric, 9) END, users, CASE WHEN f >= %1$s THEN round(us::float8::numeric, 9) END, value_sum, CASE WHEN f >= %1$s THEN round(s::numeric, 7) END, complete
		FROM (SELECT *, count(*) OVER w AS f, avg(events) OVER w AS e, avg(users) OVER w AS us, avg(value_sum) OVER w AS s FROM rows_of(%2$L) WINDOW w AS (PARTITION BY unit, zone, breakdown ORDER BY bucket ROWS %1$s - 1 PRECEDING)) r ORDER BY 1, 2, bucket, breakdown COLLATE "C" NULLS LAST $$, n, which), concat_ws(' ', 'rolling', which, n))
FROM unnest(ARRAY[1, 2, 7, 28]) n, unnest(ARRAY['m', 'plain', 'paid']) which;
CREATE FUNCTION ratio_wanted(a text, b text) RETURNS TABLE (unit text, zone text, breakdown text, bucket timestamptz, bucket_date date, ae bigint, be bigint, er float8, au bigint, bu bigint, ur float8, av float8, bv float8, vr float8, complete boolean) LANGUAGE sql AS $$
	WITH a AS (SELECT *, coalesce(breakdown, '<NULL>') AS l FROM rows_of($1)), b AS (SELECT *, coalesce(breakdown, '<NULL>') AS l FROM rows_of($2))
	SELECT unit, zone, nullif(l, '<NULL>'), bucket, coalesce(a.bucket_date, b.bucket_date), coalesce(a.events, 0), coalesce(b.events, 0), coalesce(a.events, 0) / nullif(b.events, 0)::float8, coalesce(a.users, 0), coalesce(b.users, 0), coalesce(a.users, 0) / nullif(b.users, 0)::float8,
		coalesce(a.value_sum, 0), coalesce(b.value_sum, 0), coalesce(a.value_sum, 0) / nullif(b.value_sum, 0), coalesce(a.complete, b.complete) OR coalesce(b.complete, a.complete)
	FROM a FULL JOIN b USING (unit, zone, l, bucket) ORDER BY unit, zone, bucket, l = '<NULL>', l COLLATE "C"
$$;
SELECT results_eq(format('SELECT unit, zone, r.* FROM made, metric_ratio(%I, %I) r ORDER BY 1, 2, r.bucket, r.breakdown COLLATE "C" NULLS LAST', a, b), format('SELECT * FROM ratio_wanted(%L, %L)', a, b), 'ratio of ' || a || ' by ' || b)
FROM (VALUES ('paid', 'm'), ('m', 'paid'), ('m', 'm')) v (a, b);
SELECT is_empty('SELECT FROM made, metric_ratio(plain, plain) WHERE value_sum_ratio IS NOT NULL OR (denominator_users > 0 AND users_ratio <> 1)', 'without values');
SELECT is((SELECT count(*) FROM made, metric_ratio(NULL, m) WHERE numerator_events = 0 AND events_ratio IS NOT DISTINCT FROM CASE WHEN denominator_events > 0 THEN 0 END), (SELECT count(*) FROM made, metric_rows(m)), 'no numerator');
SELECT is((SELECT count(*) FROM made, metric_ratio(m, NULL) WHERE denominator_users = 0 AND users_ratio IS NULL), (SELECT count(*) FROM made, metric_rows(m)), 'no denominator');
SELECT is_empty('SELECT * FROM metric_ratio(NULL, NULL)', 'neither');

-- ---- min_users ----------------------------------------------------------------------------

SELECT is_empty($$ SELECT FROM made, metric_change(m, 1, 15) a JOIN metric_change(m, 1) b ON a.bucket = b.bucket AND a.breakdown IS NOT DISTINCT FROM b.breakdown
	WHERE (b.users < 15 AND num_nonnulls(a.events, a.users, a.events_change, a.users_change, a.users_change_rate, a.value_sum, a.value_sum_change) > 0) OR (b.users_before < 15 AND num_nonnulls(a.events_before, a.users_before, a.events_change, a.users_change_rate, a.value_sum_before, a.value_sum_change_rate) > 0) $$, 'changes of few users');
SELECT is_empty($$ SELECT FROM made, metric_rolling(m, 2, 15) a JOIN metric_change(m, 1) b ON a.bucket = b.bucket AND a.breakdown IS NOT DISTINCT FROM b.breakdown WHERE least(b.users, b.users_before) < 15 AND num_nonnulls(a.avg_events, a.avg_users, a.avg_value_sum) > 0 $$, 'means of few users');
SELECT is_empty($$ SELECT FROM made, metric_ratio(paid, m, 5) a JOIN metric_ratio(paid, m) b ON a.bucket = b.bucket AND a.breakdown IS NOT DISTINCT FROM b.breakdown WHERE b.numerator_users < 5 AND num_nonnulls(a.numerator_users, a.users_ratio, a.events_ratio, a.value_sum_ratio) > 0 $$, 'ratios of few users');

-- ---- what is refused ----------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM made', call), state, message, call)
FROM (VALUES ('metric_change(m, 0)', '22023', 'periods must be a number of buckets from 1 to 100000, not 0'), ('metric_change(m, 100001)', '22023', 'periods must be a number of buckets from 1 to 100000, not 100001'), ('metric_change(m, NULL)', '22004', 'periods must not be NULL'),
	('metric_rolling(m, -1)', '22023', 'buckets must be a number of buckets from 1 to 100000, not -1'), ('metric_ratio(m, (SELECT event_metrics(1, now(), ''a''::text, ''hour'')))', '22023', 'numerator and denominator differ in unit or time zone'),
	('metric_ratio(m, plain)', '22023', 'numerator and denominator show different values')) v (call, state, message);

SELECT * FROM finish();
ROLLBACK;
