-- Metrics at the edges: values that are not finite in comparisons, days that a zone skipped, hours of zones that are off by
-- part of an hour, the same month of last year, no breakdown, no values, users of other types, and every plan with an end of
-- observation.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

-- Hours begin where the clock of the zone shows them.
CREATE TABLE tick AS SELECT i, i % 7 AS u, timestamptz '2024-03-09 00:00+00' + i * interval '13 minutes' AS at FROM generate_series(0, 400) i UNION ALL SELECT i, 1, timestamptz '2024-11-02 20:00+00' + i * interval '17 minutes' FROM generate_series(0, 99) i;
SELECT results_eq(format('SELECT bucket, events, users FROM metric_buckets((SELECT event_metrics(u, at, ''x''::text, ''hour'', '''', %L) FROM tick WHERE (at < ''2024-06-01'') = %L)) WHERE events > 0', zone, spring),
	format('SELECT date_trunc(''hour'', at, %L), count(*), count(DISTINCT u) FROM tick WHERE (at < ''2024-06-01'') = %L GROUP BY 1 ORDER BY 1', zone, spring), concat_ws(' ', 'hours of', zone, spring))
FROM unnest('{UTC,Asia/Kathmandu,America/St_Johns,America/New_York}'::text[]) zone, unnest('{t,f}'::boolean[]) spring WHERE spring OR zone !~ 'America';
SELECT results_eq($$ SELECT bucket, lower, users FROM distribution_rows((SELECT distribution(u, at, NULL, 'times', 'hour', 'Asia/Kathmandu') FROM tick)) $$,
	$$ SELECT b, n, count(*) FROM (SELECT date_trunc('hour', at, 'Asia/Kathmandu') AS b, u, count(*)::float8 AS n FROM tick GROUP BY 1, 2) e GROUP BY 1, 2 ORDER BY 1, 2 $$, 'of distributions, too');

-- A day that a zone skipped: nothing can be compared with it, and it is in no mean.
CREATE TABLE samoa AS SELECT event_metrics(1, at, 'a'::text, 'day', '', 'Pacific/Apia') AS m FROM unnest('{2011-12-29 12:00-10,2011-12-31 09:00+14,2012-01-01 12:00+14,2012-01-01 13:00+14}'::timestamptz[]) at;
SELECT results_eq('SELECT bucket_date, events, events_before FROM samoa, metric_change(m)', $$ VALUES (date '2011-12-29', 1::bigint, NULL::bigint), ('2011-12-31', 1, NULL), ('2012-01-01', 2, 1) $$, 'change in Samoa');
SELECT results_eq('SELECT bucket_date, events_before FROM samoa, metric_change(m, 2)', $$ VALUES (date '2011-12-29', NULL::bigint), ('2011-12-31', 1), ('2012-01-01', NULL) $$, 'change over it');
SELECT results_eq('SELECT bucket_date, avg_events FROM samoa, metric_rolling(m, 2)', $$ VALUES (date '2011-12-29', NULL::float8), ('2011-12-31', 1), ('2012-01-01', 1.5) $$, 'means in Samoa');

-- The same month of last year, the same weekday of last week, quarter by quarter.
CREATE TABLE year AS SELECT i % 5 AS u, timestamptz '2022-11-15 10:00+00' + i * interval '31 hours' AS at, CASE WHEN i % 3 > 0 THEN 'a' ELSE 'b' END AS c, (i % 10)::float8 AS v FROM generate_series(0, 500) i;
SELECT results_eq(format('SELECT breakdown, bucket_date, events, events_before, users_before, value_sum_before FROM metric_change((SELECT event_metrics(u, at, v, c, %L) FROM year), %s)', unit, n),
	format($$ WITH cell AS (SELECT c, date_trunc(%1$L, at)::date AS day, count(*) AS events, count(DISTINCT u) AS users, sum(v) AS v FROM year GROUP BY 1, 2),
		shown AS (SELECT c, d::date AS day FROM (VALUES ('a'), ('b')) c (c), generate_series((SELECT min(day) FROM cell), (SELECT max(day) FROM cell), interval %2$L) d)
	SELECT s.c, s.day, coalesce(now.events, 0), CASE WHEN before >= (SELECT min(day) FROM cell) THEN coalesce(old.events, 0) END, CASE WHEN before >= (SELECT min(day) FROM cell) THEN coalesce(old.users, 0) END, CASE WHEN before >= (SELECT min(day) FROM cell) THEN coalesce(old.v, 0) END
	FROM shown s CROSS JOIN LATERAL (SELECT (s.day - interval %3$L)::date AS before) b LEFT JOIN cell now USING (c, day) LEFT JOIN cell AS old ON old.c = s.c AND old.day = before ORDER BY s.day, s.c $$, unit, step, ago), concat_ws(' ', unit, n, 'before'))
FROM (VALUES ('month', 12, '1 month', '1 year'), ('day', 7, '1 day', '7 days'), ('week', 52, '7 days', '364 days'), ('quarter', 4, '3 months', '1 year')) t (unit, n, step, ago);

-- Values that are not finite spoil what they are in, and nothing else.
CREATE TABLE odd AS SELECT event_metrics(1, moment(86400 * d), v, 'x'::text, 'day') AS m FROM unnest('{1,NaN,3,Infinity,5,-Infinity,0,8}'::float8[]) WITH ORDINALITY AS e (v, d);
SELECT results_eq('SELECT value_sum::text, value_sum_before::text, value_sum_change::text, value_sum_change_rate::text FROM odd, metric_change(m)',
	$$ VALUES ('1', NULL, NULL, NULL), ('NaN', '1', 'NaN', 'NaN'), ('3', 'NaN', 'NaN', 'NaN'), ('Infinity', '3', 'Infinity', 'Infinity'), ('5', 'Infinity', '-Infinity', 'NaN'), ('-Infinity', '5', '-Infinity', '-Infinity'), ('0', '-Infinity', 'Infinity', 'NaN'), ('8', '0', '8', NULL) $$, 'changes of odd values');
SELECT results_eq('SELECT avg_value_sum::text, avg_users FROM odd, metric_rolling(m, 2)', $$ VALUES (NULL, NULL::float8), ('NaN', 1), ('NaN', 1), ('Infinity', 1), ('Infinity', 1), ('-Infinity', 1), ('-Infinity', 1), ('4', 1) $$, 'means of odd values');
SELECT results_eq('SELECT value_sum_ratio::text, users_ratio FROM odd, metric_ratio(m, m)', $$ VALUES ('1', 1::float8), ('NaN', 1), ('1', 1), ('NaN', 1), ('1', 1), ('NaN', 1), (NULL, 1), ('1', 1) $$, 'ratios of odd values');
SELECT is(avg_value_sum, 'Infinity'::float8, 'a mean beyond all doubles') FROM metric_rolling((SELECT event_metrics(1, moment(86400 * d), 1.5e308, 'x'::text, 'day') FROM generate_series(1, 2) d), 2) WHERE avg_value_sum IS NOT NULL;
SELECT results_eq($$ SELECT lower, upper, users FROM distribution_rows((SELECT distribution(u, moment(0), v, 'average', 'day') FROM (VALUES (1, -5), (2, -5), (3, -4), (4, -255), (5, -1), (6, 0), (7, -200), (8, 5)) e (u, v)), '{-255,-200,-5,-4,0}') $$,
	$$ VALUES (NULL::float8, -255::float8, 0::bigint), (-255, -200, 1), (-200, -5, 1), (-5, -4, 2), (-4, 0, 2), (0, NULL, 2) $$, 'numbers below 0 in own bins');
SELECT results_eq($$ SELECT lower, upper, users FROM distribution_rows((SELECT distribution(u, moment(0), v, 'sum', 'day') FROM (VALUES (1, '-Infinity'::float8), (2, 1), (3, 'Infinity'), (4, 'NaN')) e (u, v)), '{-Infinity,0,Infinity}') $$,
	$$ VALUES (NULL::float8, '-Infinity'::float8, 0::bigint), ('-Infinity', 0, 1), (0, 'Infinity', 1), ('Infinity', NULL, 2) $$, 'infinite bounds');

-- No breakdown, no values, no events in reach.
SELECT results_eq('SELECT breakdown, events, users FROM metric_rows((SELECT event_metrics(u, at, NULL::text, ''month'') FROM year)) UNION ALL SELECT breakdown, events, users FROM metric_rows((SELECT event_metrics(u, at, NULL::float8, NULL::text, ''month'', ''top 3'') FROM year))',
	'SELECT c, count, users FROM (SELECT NULL::text AS c, count(*), count(DISTINCT u) AS users, date_trunc(''month'', at) AS b FROM year GROUP BY 4) m, generate_series(1, 2) n ORDER BY n, b', 'no breakdown');
SELECT results_eq('SELECT value_sum, value_avg, value_min, value_median FROM metric_breakdowns((SELECT event_metrics(u, at, NULL::float8, c, ''month'') FROM year))', 'VALUES (0::float8, NULL::float8, NULL::float8, NULL::float8), (0, NULL, NULL, NULL)', 'no values');
SELECT is((SELECT event_metrics(u, at, c, 'day', '', '', '2022-01-01')::text FROM year), NULL, 'all after the end of observation');
SELECT is((SELECT event_metrics(NULL::int, at, c, 'day')::text FROM year), NULL, 'no users');
SELECT is_empty('SELECT * FROM distribution_rows((SELECT distribution(u, at, NULL, ''sum'', ''day'') FROM year))', 'nobody has a sum');
SELECT ok((SELECT distribution(u, at, NULL, 'sum', 'day') FROM year) IS NOT NULL, 'which is a result');
SELECT results_eq('SELECT complete FROM metric_buckets((SELECT event_metrics(1, at, ''x''::text, ''day'', '''', '''', until) FROM (VALUES (timestamptz ''2024-01-01 23:59:59.999999'')) e (at), (VALUES (timestamptz ''2024-01-02'')) u (until)))', 'VALUES (true)', 'a bucket that ends with the observation is complete');
SELECT is((SELECT metric_buckets FROM metric_buckets((SELECT event_metrics(u::text, at, c, 'month') FROM year)) LIMIT 1)::text, (SELECT metric_buckets FROM metric_buckets((SELECT event_metrics(user_id, at, c, 'month') FROM (SELECT *, md5(u::text)::uuid AS user_id FROM year) y)) LIMIT 1)::text, 'users are uuids or texts');

-- Numbers as large as a bigint, and buckets beyond what a time can be, in values made by hand.
CREATE FUNCTION by_hand(bucket bigint, events bigint) RETURNS metric_stats LANGUAGE sql RETURN format('{"version": 1, "unit": "quarter", "time_zone": "UTC", "newest": 0, "top": 0, "has_values": false, "cells": [["cell", false, %1$s, "a", %2$s, %2$s], ["bucket", false, %1$s, null, %2$s, %2$s], ["breakdown", false, 0, "a", %2$s, %2$s], ["whole", false, 0, null, %2$s, %2$s]]}', bucket, events)::metric_stats;
SELECT results_eq('SELECT events, events_before, events_change FROM metric_change(by_hand(-1, 9223372036854775807))', 'VALUES (9223372036854775807, NULL::bigint, NULL::bigint), (0, 9223372036854775807, -9223372036854775807)', 'the largest numbers');
SELECT is((SELECT avg_users FROM metric_rolling(by_hand(-1, 9223372036854775807), 2) WHERE avg_users IS NOT NULL), 9223372036854775807 / 2.0::float8, 'and their mean');
SELECT throws_ok(format('SELECT count(*) FROM %s(by_hand(-900000, 1)%s)', call, more), '22008', 'timestamp out of range', call) FROM (VALUES ('metric_rows', ''), ('metric_change', ''), ('metric_rolling', ', 3')) v (call, more);
SELECT throws_ok('SELECT rollup(m) FROM (SELECT by_hand(0, 9223372036854775807) AS m FROM generate_series(1, 2)) s', '22003', NULL, 'a sum that is no bigint');

-- ---- every plan ---------------------------------------------------------------------------

CREATE TABLE many AS SELECT i, 1 + rnd(i, 1, 900) AS u, moment(i * 400) AS at, CASE WHEN i % 5 > 0 THEN 'c' || rnd(i, 3, 9) END AS c, CASE rnd(i, 5, 9) WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN -rnd(i, 4, 100) ELSE rnd(i, 4, 1000) / 13.0 END::float8 AS v, i % 3 AS g FROM generate_series(1, 12000) i;
CREATE TABLE call AS SELECT call FROM unnest(ARRAY['event_metrics(u, at, v, c, ''week'', ''top 2'', ''Asia/Tokyo'', ''2024-02-20 03:00+00'')', 'event_metrics(md5(u::text)::uuid, at, v, NULL, ''quarter'')', 'event_metrics(u::numeric, at, c, ''hour'', '''', ''America/St_Johns'', ''2024-02-01'')', 'distribution(u::numeric, at, v, ''average'', ''week'', '''', ''2024-02-20'')']) call;
\ir ../plans.psql

SELECT * FROM finish();
ROLLBACK;
