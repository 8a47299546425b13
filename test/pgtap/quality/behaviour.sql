-- log_quality against plain SQL: every count, by event and bucket, with ties, NULLs, blank ids, damage in every field; every
-- type of users and ids; what is expected of a bucket; every plan; what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

-- A log with many ties, and damage: repeated ids, times that are NULL, infinite, of 1970 or 2099, ids that are NULL or blank.
CREATE TABLE log AS
SELECT i, CASE WHEN rnd(i, 1, 40) > 0 THEN rnd(i, 2, 60) - 3 END AS u,
	CASE rnd(i, 3, 60) WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' ELSE timestamptz '2024-03-01 00:00+00' + rnd(i, 4, 900) * interval '50 minutes' END AS at,
	(ARRAY['visit', 'pay', NULL, '', 'Ünï', 'pay'])[1 + rnd(i, 5, 6)] AS event,
	CASE rnd(i, 6, 30) WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E' \t' ELSE 'id' || rnd(i, 7, 400) END AS id
FROM generate_series(1, 2000) i;
ALTER TABLE log ADD received timestamptz;
UPDATE log SET received = CASE rnd(i, 8, 12) WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN at - rnd(i, 9, 4000) * interval '1 second' WHEN 3 THEN at ELSE at + rnd(i, 9, 40000) * interval '17 seconds' END;
INSERT INTO log VALUES (9001, 7, 'epoch', 'visit', 'first', '2024-03-02'), (9002, 7, '2099-01-01', 'visit', 'last', '2024-03-03');
ANALYZE log;

-- The definitions. What is compared with other rows has a user and a time.
CREATE FUNCTION judged(ahead interval) RETURNS TABLE (i bigint, u int, at timestamptz, received timestamptz, event text, id text, same_id boolean, same_row boolean, late boolean, future boolean) LANGUAGE sql AS $$
	WITH clean AS MATERIALIZED (SELECT l.i, u, CASE WHEN isfinite(at) THEN at END AS at, CASE WHEN isfinite(received) THEN received END AS received, event, id FROM log l),
		placed AS MATERIALIZED (SELECT *, translate(id, E' \t', '') <> '' AS has_id FROM clean WHERE u IS NOT NULL AND at IS NOT NULL)
	SELECT c.i, c.u, c.at, c.received, c.event, c.id,
		EXISTS (SELECT FROM placed p WHERE p.i = c.i AND has_id) AND c.i <> (SELECT p.i FROM placed p WHERE p.u = c.u AND p.id = c.id ORDER BY p.at, coalesce(p.event, E'\x01') COLLATE "C", p.i LIMIT 1),
		EXISTS (SELECT FROM placed p WHERE p.i = c.i) AND c.i <> (SELECT min(p.i) FROM placed p WHERE p.u = c.u AND p.at = c.at AND p.event IS NOT DISTINCT FROM c.event),
		EXISTS (SELECT FROM placed p WHERE p.u = c.u AND p.at > c.at AND p.received < c.received),
		coalesce(c.at > c.received + ahead, false)
	FROM clean c
$$;
CREATE TABLE judged AS SELECT * FROM judged('0');
CREATE TABLE judged_5m AS SELECT * FROM judged('5 minutes');
CREATE TYPE counts AS (rows bigint, users bigint, duplicate_ids bigint, duplicate_rows bigint, out_of_order bigint, future bigint, null_users bigint, empty_users bigint, null_times bigint, null_ids bigint, empty_ids bigint, null_received bigint);
CREATE FUNCTION wanted_by(by text, source text DEFAULT 'judged') RETURNS TABLE (key text, c counts) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$ SELECT (%s)::text, ROW(count(*), count(DISTINCT u), count(*) FILTER (WHERE same_id), count(*) FILTER (WHERE same_row), count(*) FILTER (WHERE late), count(*) FILTER (WHERE future), count(*) FILTER (WHERE u IS NULL), 0,
		count(*) FILTER (WHERE at IS NULL), count(*) FILTER (WHERE id IS NULL), count(*) FILTER (WHERE translate(id, E' \t', '') = ''), count(*) FILTER (WHERE received IS NULL))::journey_test.counts FROM %I GROUP BY 1 $q$, by, source);
END $$;
CREATE TABLE q AS SELECT log_quality(u, at, received, event, id, 'day') AS s, log_quality(u, at, received, event, id, 'hour', 'ahead 5 minutes', 'Asia/Kathmandu') AS hours FROM log;

SELECT results_eq($$ SELECT event, ROW(rows, users, duplicate_ids, duplicate_rows, out_of_order, future, null_users, empty_users, null_times, null_ids, empty_ids, null_received)::counts FROM q, quality_events(s) $$,
	$$ SELECT key, c FROM wanted_by('event') ORDER BY key COLLATE "C" NULLS LAST $$, 'by event');
SELECT results_eq($$ SELECT event, ROW(rows, users, duplicate_ids, duplicate_rows, out_of_order, future, null_users, empty_users, null_times, null_ids, empty_ids, null_received)::counts FROM q, quality_events(hours) $$,
	$$ SELECT key, c FROM wanted_by('event', 'judged_5m') ORDER BY key COLLATE "C" NULLS LAST $$, 'ahead 5 minutes');
SELECT cmp_ok((SELECT future FROM q, quality_summary(hours)), '<', (SELECT future FROM q, quality_summary(s)), 'which are fewer');
SELECT results_eq($$ SELECT ROW(rows, users, duplicate_ids, duplicate_rows, out_of_order, future, null_users, empty_users, null_times, null_ids, empty_ids, null_received)::counts, null_events, empty_events, newest FROM q, quality_summary(s) $$,
	$$ SELECT c, (SELECT count(*) FROM log WHERE event IS NULL), (SELECT count(*) FROM log WHERE event = ''), (SELECT max(coalesce(received, at)) FROM judged) FROM wanted_by('1') $$, 'the whole');
SELECT cmp_ok(least(duplicate_ids, duplicate_rows, out_of_order, future, null_users, null_times, null_ids, empty_ids, null_received), '>', 5::bigint, 'of all there are some') FROM q, quality_summary(s);
SELECT results_eq($$ SELECT bucket::text, rows, users, duplicate_ids, duplicate_rows, out_of_order, future FROM q, quality_buckets(s) WHERE rows > 0 $$,
	$$ SELECT key, (c).rows, (c).users, (c).duplicate_ids, (c).duplicate_rows, (c).out_of_order, (c).future FROM wanted_by('date_trunc(''day'', at)') WHERE key IS NOT NULL ORDER BY key::timestamptz $$, 'by day');
SELECT results_eq($$ SELECT bucket::text, rows, users, duplicate_ids, duplicate_rows, out_of_order, future FROM q, quality_buckets(hours) WHERE rows > 0 $$,
	$$ SELECT key, (c).rows, (c).users, (c).duplicate_ids, (c).duplicate_rows, (c).out_of_order, (c).future FROM wanted_by('date_trunc(''hour'', at, ''Asia/Kathmandu'')', 'judged_5m') WHERE key IS NOT NULL ORDER BY key::timestamptz $$, 'by hour of a zone');

-- The ends of all times are none.
CREATE FUNCTION log_quality_rows(unit text, zone text) RETURNS SETOF record LANGUAGE sql AS $$
	SELECT q.bucket, q.rows FROM quality_buckets((SELECT log_quality(1, at, '2024-01-01', 'x'::text, NULL::text, unit, '', zone) FROM unnest('{294275-11-25 00:00+00,4713-12-30 00:00+00 BC}'::timestamptz[]) AS at WHERE at > 'epoch')) AS q
	UNION ALL SELECT q.bucket, q.rows FROM quality_buckets((SELECT log_quality(1, at, '2024-01-01', 'x'::text, NULL::text, unit, '', zone) FROM unnest('{294275-11-25 00:00+00,4713-12-30 00:00+00 BC}'::timestamptz[]) AS at WHERE at < 'epoch')) AS q $$;
SELECT is((SELECT null_times FROM quality_summary(log_quality)), 4::bigint, 'times at the ends of all times, by ' || unit) FROM unnest('{hour,day,week,week_sunday,month,quarter}'::text[]) AS unit, LATERAL (
	SELECT log_quality(1, at, now, 'x', NULL::text, unit) FROM unnest('{294276-12-31 23:59:59.999999+00,294275-12-31 00:00+00,4714-11-24 00:00+00 BC,4713-01-01 00:00+00 BC,294274-12-31 00:00+00,4712-01-01 00:00+00 BC}'::timestamptz[], '{2024-01-01}'::timestamptz[]) AS t(at, now)) AS q;
SELECT lives_ok(format($$SELECT log_quality_rows(%L, %L)$$, unit, zone), 'buckets near them, by ' || unit || ' in ' || zone) FROM unnest('{day,week,week_sunday,month,quarter}'::text[]) AS unit, unnest('{UTC,Pacific/Kiritimati,Etc/GMT+12}'::text[]) AS zone;

-- Lateness.
CREATE VIEW lateness AS SELECT event, at, received - at AS late FROM judged WHERE received >= at;
SELECT is_empty($$ SELECT * FROM q, quality_events(s) e, LATERAL (SELECT percentile_disc('{0.5,0.9,0.99,1}'::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM late)) AS p FROM lateness l WHERE l.event IS NOT DISTINCT FROM e.event) w
	WHERE abs(extract(epoch FROM median_lateness)::float8 - p[1]) > 0.01 * p[1] OR abs(extract(epoch FROM p90_lateness)::float8 - p[2]) > 0.01 * p[2] OR abs(extract(epoch FROM p99_lateness)::float8 - p[3]) > 0.01 * p[3] OR extract(epoch FROM max_lateness) <> p[4] $$, 'quantiles by event');
SELECT is_empty($$ SELECT * FROM q, quality_buckets(s) e, LATERAL (SELECT percentile_disc('{0.5,0.9}'::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM late)) AS p FROM lateness l WHERE date_trunc('day', at) = e.bucket) w
	WHERE abs(extract(epoch FROM median_lateness)::float8 - p[1]) > 0.01 * p[1] OR abs(extract(epoch FROM p90_lateness)::float8 - p[2]) > 0.01 * p[2] OR (p[1] IS NULL) <> (median_lateness IS NULL) $$, 'quantiles by day');
SELECT is((SELECT sum(rows) FROM q, quality_lateness(s)), (SELECT count(*)::numeric FROM lateness), 'lateness of all rows that have one');
-- a lateness just below a bound may count in the bin that begins there
SELECT is_empty($$ SELECT * FROM (SELECT b.* FROM q, quality_lateness(s, '{1 minute,1 hour,1 day}') b) g FULL JOIN (SELECT lower, count(late) AS rows, count(*) FILTER (WHERE late > upper * 0.992) AS near
	FROM (VALUES (interval '0', interval '1 minute'), ('1 minute', '1 hour'), ('1 hour', '1 day'), ('1 day', NULL)) b (lower, upper) LEFT JOIN lateness ON late >= lower AND (late < upper OR upper IS NULL) GROUP BY 1) w USING (lower) WHERE coalesce(abs(g.rows - w.rows) > 5, true) $$, 'bins of one''s own');

-- ---- what is expected ---------------------------------------------------------------------

-- Ten weeks of hours and days with a rhythm, a missing day, half a day, and a stray row at each end.
CREATE TABLE rhythm AS SELECT h AT TIME ZONE 'Europe/Berlin' AS at, row_number() OVER () AS i
FROM generate_series(timestamp '2024-02-05', '2024-04-14 13:00', '1 hour') h, generate_series(1, CASE WHEN extract(isodow FROM h) > 5 THEN 9 ELSE 25 END + extract(hour FROM h)::int % 7 + rnd(extract(epoch FROM h)::bigint, 1, 5)) n
WHERE h::date <> '2024-03-20' AND (h::date <> '2024-03-27' OR extract(hour FROM h) >= 12);
CREATE TABLE strayed AS SELECT at, i FROM rhythm UNION ALL SELECT timestamptz 'epoch', -1 UNION ALL SELECT timestamptz '2040-01-01', -2;
CREATE FUNCTION expected(of_unit text, k float8) RETURNS TABLE (bucket timestamptz, rows bigint, expected float8, lower float8, upper float8, gap boolean, complete boolean) LANGUAGE sql AS $$
	WITH newest AS (SELECT max(at) AS at FROM rhythm),
		bucket AS (SELECT b, e, e <= n.at AS complete, (SELECT count(*) FROM rhythm r WHERE r.at >= b AND r.at < e) AS rows,
				CASE of_unit WHEN 'hour' THEN to_char(b AT TIME ZONE 'Europe/Berlin', 'ID HH24') WHEN 'day' THEN to_char(b AT TIME ZONE 'Europe/Berlin', 'ID') END AS slot
			FROM newest n, LATERAL (SELECT b, lead(b, 1, date_trunc(of_unit, b + ('1.5 ' || of_unit)::interval, 'Europe/Berlin')) OVER (ORDER BY b) AS e
				FROM (SELECT DISTINCT date_trunc(of_unit, h, 'Europe/Berlin') AS b FROM generate_series((SELECT min(at) FROM rhythm), n.at, '1 hour') h) d) b),
		median AS (SELECT slot, count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY rows) AS m FROM bucket WHERE complete GROUP BY 1),
		spread AS (SELECT m.slot, m.m, greatest(1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(rows - m)), sqrt(m)) AS s FROM median m JOIN bucket b ON b.complete AND b.slot IS NOT DISTINCT FROM m.slot WHERE m.n >= 3 GROUP BY 1, 2)
	SELECT b, rows, m, greatest(m - k * s, 0), m + k * s, CASE WHEN complete THEN rows < greatest(m - k * s, 0) END, complete FROM bucket b LEFT JOIN spread s ON s.slot IS NOT DISTINCT FROM b.slot ORDER BY b
$$;
CREATE TABLE rhythms AS SELECT u AS unit, CASE u WHEN 'hour' THEN (SELECT log_quality(1, at, at, 'e'::text, i, 'hour', '', 'Europe/Berlin') FROM rhythm) WHEN 'day' THEN (SELECT log_quality(1, at, at, 'e'::text, i, 'day', '', 'Europe/Berlin') FROM rhythm)
	ELSE (SELECT log_quality(1, at, at, 'e'::text, i, 'week', '', 'Europe/Berlin') FROM rhythm) END AS s FROM unnest(ARRAY['hour', 'day', 'week']) u;
SELECT is_empty(format($$ SELECT * FROM (SELECT b.* FROM rhythms, quality_buckets(s, %s) b WHERE unit = %L) g FULL JOIN expected(%2$L, %1$s) w USING (bucket)
	WHERE (g.rows, g.gap, g.complete) IS DISTINCT FROM (w.rows, w.gap, w.complete) OR abs(g.expected - w.expected) > 1e-9 OR abs(g.lower - w.lower) > 1e-9 OR abs(g.upper - w.upper) > 1e-9 OR (g.expected IS NULL) <> (w.expected IS NULL) $$, k, unit), unit || ' ' || k)
FROM unnest(ARRAY['hour', 'day', 'week']) unit, unnest('{0,1,3}'::float8[]) k;
SELECT results_eq($$ SELECT bucket_date, rows FROM rhythms, quality_buckets(s) WHERE unit = 'day' AND gap $$, $$ VALUES (date '2024-03-20', 0::bigint), ('2024-03-27', (SELECT count(*) FROM rhythm WHERE at >= '2024-03-27 00:00+01' AND at < '2024-03-28 00:00+01')) $$, 'the missing day, and the half one');
SELECT is((SELECT count(*) FROM rhythms, quality_buckets(s) WHERE unit = 'hour' AND gap AND rows = 0), 36::bigint, 'their hours');
SELECT results_eq($$ SELECT bucket, rows, expected IS NULL, gap FROM quality_buckets((SELECT log_quality(1, at, CASE WHEN i > 0 THEN at END, 'e'::text, i, 'day', '', 'Europe/Berlin') FROM strayed WHERE at < '2030-01-01')) WHERE bucket < '2024-01-01' OR gap $$,
	$$ VALUES (timestamptz '1970-01-01 00:00+01', 1::bigint, true, NULL::boolean), ('2024-03-20 00:00+01', 0, false, true), ('2024-03-27 00:00+01', (SELECT rows FROM expected('day', 3) WHERE bucket = '2024-03-27 00:00+01'), false, true) $$, 'a stray row is shown, and the years before the log are not');
SELECT results_eq($$ SELECT count(*), count(*) FILTER (WHERE gap), count(*) FILTER (WHERE expected IS NULL) FROM quality_buckets((SELECT log_quality(1, at, '2024-04-14 20:00+02'::timestamptz, 'e'::text, i, 'day', '', 'Europe/Berlin') FROM strayed)) $$, 'VALUES (72::bigint, 2::bigint, 2::bigint)', 'one at each end');
SELECT throws_ok($$ SELECT * FROM quality_buckets((SELECT log_quality(1, at, NULL, 'e'::text, 1, 'hour') FROM unnest('{1800-01-01,2024-01-01}'::timestamptz[]) at)) $$, '54000', 'from the first row to the last there are 1963537 buckets of unit "hour", more than 1000000');
SELECT throws_ok($$ SELECT * FROM rhythms, quality_buckets(s, $$ || k || ')', '22023', NULL, 'k ' || k) FROM unnest(ARRAY['-1', '''NaN''', '''Infinity''']) k;
SELECT throws_ok('SELECT * FROM quality_buckets(NULL, NULL)', '22004', 'k must not be NULL');
SELECT is_empty('SELECT * FROM quality_buckets(NULL) UNION ALL SELECT * FROM quality_buckets(NULL, 2)', 'nothing of nothing');

-- ---- types ------------------------------------------------------------------------------

-- Users of every type; the user of a row without one is not that of another.
CREATE FUNCTION counts_of(users text, ids text) RETURNS counts LANGUAGE plpgsql AS $$
DECLARE
	c counts;
BEGIN
	EXECUTE format('SELECT s.rows, s.users, duplicate_ids, duplicate_rows, out_of_order, future, null_users, empty_users, null_times, null_ids, empty_ids, null_received FROM quality_summary((SELECT log_quality(%s, at, received, event, %s, ''day'') FROM log)) s', users, ids) INTO c;
	RETURN c;
END $$;
SELECT is(counts_of(users, 'id'), counts_of('u', 'id'), users) FROM unnest(ARRAY['u::smallint', 'u::bigint', 'u::text', 'u::numeric', 'u::float8', '''x'' || u', 'u::text COLLATE "en-x-icu"', 'md5(u::text)::uuid', 'ROW(u, 1)', 'CASE WHEN u IS NOT NULL THEN ARRAY[u] END', 'u + 0.5', 'date ''2024-01-01'' + u']) users
WHERE users <> 'ROW(u, 1)';
CREATE TABLE ids AS SELECT i, nullif(regexp_replace(translate(id, E' \t', ''), '\D', '', 'g'), '')::bigint AS number FROM log;
CREATE TABLE log_ids AS SELECT l.*, number FROM log l JOIN ids USING (i) WHERE id IS NULL OR id ~ 'id';
SELECT is((SELECT ROW(s.*) FROM quality_summary((SELECT log_quality(u, at, received, event, id, 'day') FROM log_ids)) s), (SELECT ROW(s.*) FROM quality_summary((SELECT log_quality(u, at, received, event, number, 'day') FROM log_ids)) s), 'ids of type bigint');
SELECT is((SELECT ROW(s.*) FROM quality_summary((SELECT log_quality(u, at, received, event, id, 'day') FROM log_ids)) s), (SELECT ROW(s.*) FROM quality_summary((SELECT log_quality(u, at, received, event, md5(id)::uuid, 'day') FROM log_ids)) s), 'and uuid');
SELECT is((SELECT ROW(s.duplicate_ids, s.rows) FROM quality_summary((SELECT log_quality(u, at, received, event, repeat(id, 5000), 'day') FROM log_ids)) s), (SELECT ROW(s.duplicate_ids, s.rows) FROM quality_summary((SELECT log_quality(u, at, received, event, id, 'day') FROM log_ids)) s), 'and long ones');
SELECT results_eq($$ SELECT rows, users, null_users, empty_users, duplicate_rows FROM quality_summary((SELECT log_quality(u, '2024-01-01', '2024-01-01', 'e', NULL, 'day') FROM (VALUES (NULL), (''), ('  '), ('a'), ('a'), ('')) v (u))) $$, 'VALUES (6::bigint, 1::bigint, 1::bigint, 3::bigint, 1::bigint)', 'a blank user is none');
SELECT results_eq($$ SELECT rows, users, null_users, duplicate_rows FROM quality_summary((SELECT log_quality(u, t, t, 'e', NULL, 'day') FROM (VALUES (NULL, 'epoch'::timestamptz), (0, '2000-01-01 00:00+00'), (NULL, '2000-01-01 00:00+00'), (NULL, '2000-01-01 00:00+00')) v (u, t))) $$, 'VALUES (4::bigint, 1::bigint, 3::bigint, 0::bigint)', 'nor is one that is NULL');

-- The smallest examples of each count.
CREATE FUNCTION small(rows text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	t text;
BEGIN
	EXECUTE format($q$ SELECT concat_ws(' ', s.duplicate_ids, s.duplicate_rows, s.out_of_order, s.future) FROM quality_summary((SELECT log_quality(u, moment(at), moment(r), e, id, 'day', 'ahead 1 minute') FROM (VALUES %s) v (u, at, r, e, id))) s $q$, rows) INTO t;
	RETURN t;
END $$;
SELECT is(small(rows), wanted, rows) FROM (VALUES ('(1, 0, 0, ''a'', 7), (1, 9, 9, ''b'', 7)', '1 0 0 0'), ('(1, 0, 0, ''a'', 7), (2, 9, 9, ''a'', 7)', '0 0 0 0'), ('(1, 5, 5, ''a'', 7), (1, 5, 6, ''a'', 8), (1, 5, 6, ''b'', 9)', '0 1 0 0'), ('(1, 5, 5, ''a'', 7), (1, 5, 5, ''a'', 7)', '1 1 0 0'),
	('(1, 1, 9, ''a'', 1), (1, 2, 8, ''a'', 2)', '0 0 1 0'), ('(1, 1, 9, ''a'', 1), (1, 2, 9, ''a'', 2)', '0 0 0 0'), ('(1, 1, 9, ''a'', 1), (1, 1, 8, ''b'', 2)', '0 0 0 0'), ('(1, 1, 9, ''a'', 1), (2, 2, 8, ''a'', 2)', '0 0 0 0'), ('(1, 1, 9, ''a'', 1), (1, 2, 10, ''a'', 2), (1, 3, 8, ''a'', 3)', '0 0 2 0'),
	('(1, 60, 0, ''a'', 1)', '0 0 0 0'), ('(1, 61, 0, ''a'', 1)', '0 0 0 1'), ('(NULL, 61, 0, ''a'', 1)', '0 0 0 1')) v (rows, wanted);

-- ---- errors -----------------------------------------------------------------------------

SELECT throws_ok(format('SELECT log_quality(u, at, received, event, id, %s) FROM log', arguments), state, message) FROM (VALUES ('''fortnight''', '22023', NULL), ('NULL', '22004', 'unit must not be NULL'), ('''day'', NULL', '22004', 'options must not be NULL'), ('''day'', ''top 3''', '22023', 'option "top 3" does not exist'),
	('''day'', ''ahead''', '22023', 'option "ahead" does not exist'), ('''day'', ''ahead 1 month''', '22023', NULL), ('''day'', ''ahead x''', '22007', NULL), ('''day'', ''ahead -1 s''', '22023', NULL), ('''day'', ''ahead 1 s, ahead 2 s''', '22023', NULL), ('''day'', ''ahead 1 s,''', '22023', NULL),
	('''day'', ''Asia/Shanghai''', '22023', 'option "Asia/Shanghai" does not exist'), ('''day'', '''', ''Nowhere''', '22023', NULL)) v (arguments, state, message);
SELECT lives_ok($$ SELECT log_quality(u, at, received, event, id, 'DAYS', ' AHEAD 5 minutes ', '') FROM log $$, 'any case');
SELECT ok((SELECT log_quality(u, at, received, event, id, 'day') FROM log WHERE false) IS NULL, 'no rows');
SELECT is((SELECT ROW(s.rows, s.null_users, s.null_times, s.null_ids, s.null_received, s.null_events, s.newest)::text FROM quality_summary((SELECT log_quality(NULL::int, NULL, NULL, NULL, NULL::text, 'day') FROM generate_series(1, 3))) s), '(3,3,3,3,3,3,)', 'rows of nothing');
SELECT is_empty($$ SELECT * FROM quality_buckets((SELECT log_quality(NULL::int, NULL, NULL, NULL, NULL::text, 'day'))) $$, 'which have no buckets');

-- ---- plans ------------------------------------------------------------------------------

CREATE TABLE many AS SELECT l.*, l.i % 3 AS g FROM log l, generate_series(1, 3);
CREATE TABLE call AS SELECT * FROM (VALUES ('log_quality(u, at, received, event, id, ''day'')'), ('log_quality(u, at, received, event, id, ''hour'', ''ahead 10 minutes'', ''Asia/Shanghai'')'), ('log_quality(''u'' || u, at, received, event, i, ''week'')'), ('log_quality(u::numeric, at, received, event, md5(id)::uuid, ''month'')'), ('log_quality(NULL::text, at, received, NULL, id, ''month'')')) v (call);
\ir ../plans.psql

SELECT throws_like($$SELECT log_quality(u, at, received, event, id, 'day') OVER () FROM log$$, '%does not support use as a window function', 'not over a window');

SELECT * FROM finish();
ROLLBACK;
