-- sessionize against lag().
\ir ../setup.psql

-- Half-hour steps through two nights on which the clock is set, with equal times and NULLs.
CREATE TABLE event AS
SELECT u AS user_id, j AS id,
	CASE WHEN rnd(key, 1, 15) > 0 THEN (ARRAY[timestamptz '2024-03-30 22:00+01', '2024-10-26 22:00+02'])[1 + u % 2]
		+ rnd(key, 2, 40) * interval '30 minutes' + (ARRAY[0, 0, 0, 1])[1 + rnd(key, 3, 4)] * interval '1 microsecond' END AS at,
	(ARRAY['0', '1 microsecond', '30 minutes', '1 hour', '1 hour 0.000001 seconds', '1 day', '5 hours', '-1 hour 1 day'])[1 + rnd(u, 4, 8)]::interval AS gap
FROM generate_series(1, 3000) u, generate_series(1, 12) j, LATERAL (SELECT u * 16 + j AS key) k
WHERE j <= rnd(u, 5, 13);
-- In no order.
CREATE TABLE shuffled AS SELECT * FROM event ORDER BY hashint8extended(user_id * 16 + id, 77);

SELECT plan(18);

CREATE TABLE want AS
SELECT user_id, id, CASE WHEN at IS NOT NULL THEN 1 + count(*) FILTER (WHERE at - before > gap) OVER (PARTITION BY user_id ORDER BY at) END AS session
FROM (SELECT *, lag(at) OVER (PARTITION BY user_id ORDER BY at NULLS LAST) AS before FROM event) e;

SELECT ok(max(session) >= 8 AND count(session) FILTER (WHERE session = 2) > 500 AND count(*) FILTER (WHERE session IS NULL) > 500, 'the histories differ') FROM want;

SELECT is_empty(format($q$
	SELECT * FROM (SELECT user_id, id, sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at %s) AS got FROM shuffled) g
	JOIN want USING (user_id, id) WHERE got IS DISTINCT FROM session LIMIT 3 $q$, nulls), format('%L: a session ends when more than the gap passes', nulls))
FROM unnest(ARRAY['', 'NULLS FIRST', ', id', 'ROWS BETWEEN 1 PRECEDING AND CURRENT ROW', 'RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING']) nulls;
SET LOCAL timezone = 'Europe/Berlin';
SELECT is_empty($$
	SELECT * FROM (SELECT user_id, id, sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at) AS got FROM shuffled) g
	JOIN want USING (user_id, id) WHERE got IS DISTINCT FROM session LIMIT 3 $$, 'in a time zone that sets its clock');
SET LOCAL timezone = 'UTC';

-- Events that start and end sessions, NULL counting as false.
SELECT is_empty($$
	WITH e AS (
		SELECT user_id, id, at, gap, rnd(user_id * 16 + id, 8, 4) = 0 AS starts, NULLIF(rnd(user_id * 16 + id, 9, 4), 3) = 0 AS ends FROM event WHERE at IS NOT NULL
	), b AS (
		SELECT *, lag(at) OVER w IS NULL OR at - lag(at) OVER w > gap OR starts OR lag(ends) OVER w IS TRUE AS begins, sessionize(at, gap, starts, ends) OVER w AS got FROM e WINDOW w AS (PARTITION BY user_id ORDER BY at, id)
	), c AS (
		SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY user_id ORDER BY at, id) AS want FROM b
	)
	SELECT * FROM c WHERE want <> got LIMIT 3 $$, 'starts and ends cut sessions');

-- In parallel: a window function runs above the Gather.
ALTER TABLE shuffled SET (parallel_workers = 2);
ANALYZE shuffled;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT ok(string_agg(p, '|') ~ 'WindowAgg.*Gather.*Parallel Seq Scan', 'a parallel plan with a window')
FROM plan_of('SELECT sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at) FROM shuffled') p;
SELECT is_empty($$
	SELECT * FROM (SELECT user_id, id, sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at) AS got FROM shuffled) g
	JOIN want USING (user_id, id) WHERE got IS DISTINCT FROM session LIMIT 3 $$, 'gathered from workers');

-- Next to other window functions, and under them.
SELECT is_empty($$
	SELECT * FROM (SELECT *, lag(s) OVER (PARTITION BY user_id ORDER BY n) AS s_before FROM (
		SELECT user_id, at, gap, sessionize(at, gap) OVER w AS s, lag(at) OVER w AS before, row_number() OVER w AS n
		FROM event WHERE at IS NOT NULL WINDOW w AS (PARTITION BY user_id ORDER BY at)) e) l
	WHERE s <> CASE WHEN before IS NULL THEN 1 WHEN at - before > gap THEN s_before + 1 ELSE s_before END
	LIMIT 3 $$, 'in one window with lag and row_number');
SELECT is_empty($$
	SELECT user_id, s FROM (SELECT user_id, at, gap, sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at) AS s FROM event) e
	GROUP BY user_id, s, gap
	HAVING s IS NOT NULL AND max(at) - min(at) > gap * (count(*) - 1) $$, 'no session is longer than its gaps');
SELECT results_eq($$
	SELECT sum(sessions)::bigint FROM (SELECT max(s) AS sessions FROM (SELECT user_id, sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at) AS s FROM event) e GROUP BY user_id) u $$,
	$$ SELECT count(DISTINCT (user_id, session)) FROM want WHERE session IS NOT NULL $$, 'sessions are numbered without a hole');

SELECT results_eq($$
	SELECT sessionize(at::timestamptz, gap) OVER (PARTITION BY gap ORDER BY at) FROM (VALUES
		('2024-01-01 00:00+00', interval '0'), ('2024-01-01 00:00+00', '0'), ('2024-01-01 00:00:00.000001+00', '0')) v (at, gap) $$,
	ARRAY[1, 1, 2]::bigint[], 'gap 0: one session a time');
SELECT results_eq($$
	SELECT sessionize(at::timestamptz, '1 day') OVER (ORDER BY at) FROM (VALUES ('4713-01-01 BC'::timestamptz), ('0001-01-01'), ('294276-12-31 23:59:59.999999')) v (at) $$,
	ARRAY[1, 2, 3]::bigint[], 'from the first time to the last');
SELECT is_empty($$ SELECT sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at) FROM event WHERE false $$, 'no rows');
SELECT results_eq($$ SELECT sessionize(NULL, '1 h') OVER () FROM generate_series(1, 2) $$, ARRAY[NULL, NULL]::bigint[], 'nothing but NULL');
SELECT results_eq($$ SELECT sessionize(at, '1 h') OVER (PARTITION BY p ORDER BY at) FROM (VALUES (1, moment(0)), (1, moment(7200)), (2, moment(0)), (2, moment(7200))) v (p, at) $$,
	ARRAY[1, 2, 1, 2]::bigint[], 'each partition begins with session 1');

SELECT * FROM finish();
ROLLBACK;
