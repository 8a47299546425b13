-- attribution_holding_constant against its definition in SQL: every model that touches share by
-- place, paths, steps, reset; many equal times, seqs and NULLs; every plan, spilled and not.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(70);

CREATE TABLE event AS
SELECT i, nullif(1 + rnd(i, 1, 120), 120) AS user_id, CASE WHEN rnd(i, 2, 40) > 0 THEN moment(rnd(i, 3, 60) * 7200) END AS at, nullif(rnd(i, 4, 3), 2)::bigint AS seq,
	(ARRAY['ads', 'mail', '(direct)', 'open', 'open', 'é', '', NULL, NULL])[1 + rnd(i, 5, 9)] AS touch, nullif(rnd(i, 6, 5), 4) = 0 AS converts, CASE WHEN rnd(i, 8, 9) > 0 THEN (rnd(i, 7, 400) - 50) / 4.0::float8 END AS amount,
	(ARRAY['', 'a', 'ä', 'ab', NULL, NULL])[1 + rnd(i, 9, 6)] AS property
FROM generate_series(1, 4000) AS i;
ALTER TABLE event SET (parallel_workers = 2);
CREATE FUNCTION answer(call text, source text DEFAULT 'event') RETURNS attribution_stats LANGUAGE plpgsql AS $$
DECLARE
	answer attribution_stats;
BEGIN
	EXECUTE format('SELECT %s FROM %s', call, source) INTO answer;
	RETURN answer;
END $$;

-- ---- the oracle -------------------------------------------------------------------------

CREATE TABLE asked (id int, has_seq boolean, has_value boolean, look_back interval, resets boolean, through boolean, call text);
INSERT INTO asked
SELECT row_number() OVER (), s, v, l, r, t, format('attribution_holding_constant(user_id, at, %s touch, converts, %s property, %L, %L, ''UTC'')', CASE WHEN s THEN 'seq,' END, CASE WHEN v THEN 'amount,' END, l,
	concat_ws(', ', 'depth 50', CASE WHEN r THEN 'reset' END, CASE WHEN t THEN 'through open' END))
FROM (VALUES (false, false), (true, true)) AS f(s, v), unnest('{0,5 h,4 days}'::interval[]) AS l, (VALUES (false), (true)) AS r(r), (VALUES (false), (true)) AS t(t);

-- Touches (1), steps (2) and conversions (3) in their order.
CREATE FUNCTION ordered(has_seq boolean, through boolean) RETURNS TABLE (user_id int, at timestamptz, kind int, touch text, amount float8, property text, n bigint) LANGUAGE sql AS $$
	SELECT user_id, at, kind, touch, amount, property, row_number() OVER (PARTITION BY user_id ORDER BY at, CASE WHEN has_seq THEN seq END NULLS LAST, kind, touch COLLATE "C", CASE WHEN has_seq THEN amount END NULLS FIRST, property COLLATE "C" NULLS FIRST)
	FROM (SELECT user_id, at, seq, CASE WHEN through AND touch = 'open' THEN 2 ELSE 1 END AS kind, CASE WHEN NOT through OR touch <> 'open' THEN touch END AS touch, NULL::float8 AS amount, property FROM event WHERE touch IS NOT NULL
		UNION ALL SELECT user_id, at, seq, 3, NULL, amount, property FROM event WHERE converts) AS e
	WHERE user_id IS NOT NULL AND at IS NOT NULL
$$;
CREATE TABLE step AS SELECT s AS has_seq, t AS through, o.* FROM (VALUES (false), (true)) AS s(s), (VALUES (false), (true)) AS t(t), ordered(s, t) AS o;
CREATE INDEX ON step (has_seq, through, user_id, n);
ANALYZE step;
CREATE FUNCTION goes_with(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN a IS NULL OR b IS NULL OR a = b;
-- The touches before each conversion that could lead to it, but for the time between.
CREATE TABLE leads AS
SELECT c.has_seq, c.through, c.user_id, c.n AS c, c.at AS converted_at, c.property AS held, coalesce(c.amount, 0) AS amount, t.n AS t, t.at, t.touch
FROM step AS c JOIN step AS t ON (t.has_seq, t.through, t.user_id, t.kind) = (c.has_seq, c.through, c.user_id, 1) AND t.n < c.n AND goes_with(t.property, c.property)
	AND (NOT c.through OR EXISTS (SELECT FROM step AS s WHERE (s.has_seq, s.through, s.user_id, s.kind) = (c.has_seq, c.through, c.user_id, 2) AND s.n BETWEEN t.n AND c.n AND goes_with(s.property, c.property)))
WHERE c.kind = 3;
CREATE INDEX ON leads (has_seq, through, user_id, t);
ANALYZE leads;
CREATE TABLE led AS
SELECT a.id, c.user_id, c.n AS c, c.at AS converted_at, CASE WHEN a.has_value THEN coalesce(c.amount, 0) ELSE 0 END AS amount, l.t, l.at, coalesce(l.touch, '(direct)') AS touch, row_number() OVER w AS k, count(l.t) OVER (PARTITION BY a.id, c.user_id, c.n) AS of
FROM asked AS a JOIN step AS c ON (c.has_seq, c.through, c.kind) = (a.has_seq, a.through, 3)
	LEFT JOIN leads AS l ON (l.has_seq, l.through, l.user_id, l.c) = (a.has_seq, a.through, c.user_id, c.n) AND c.at - l.at <= a.look_back
		AND NOT (a.resets AND EXISTS (SELECT FROM leads AS b WHERE (b.has_seq, b.through, b.user_id, b.t) = (l.has_seq, l.through, l.user_id, l.t) AND b.c < l.c AND b.held IS NOT DISTINCT FROM l.held))
WINDOW w AS (PARTITION BY a.id, c.user_id, c.n ORDER BY l.t);
ANALYZE led;
CREATE TABLE found AS
SELECT id, touch, count(DISTINCT (user_id, c)) AS conversions, count(DISTINCT user_id) AS converted_users, sum((k = 1)::int) AS first, sum((k = of OR of = 0)::int) AS last, round(sum(1.0 / greatest(of, 1)), 9) AS linear, sum(CASE WHEN k = 1 THEN amount ELSE 0 END) AS first_value
FROM led GROUP BY 1, 2;
-- Paths: of conversions, and of touches of one property that led to none.
CREATE TABLE path AS SELECT id, user_id, coalesce(array_agg(touch ORDER BY k) FILTER (WHERE t IS NOT NULL), '{}') AS path, true AS converts FROM led GROUP BY id, user_id, c;
DO $$
DECLARE
	a asked;
	s record;
	names text[];
	begins timestamptz;
	owner record;
BEGIN
	FOR a IN SELECT * FROM asked LOOP
		names := NULL;
		owner := ROW(0, NULL::text);
		FOR s IN SELECT e.user_id, e.property, e.at, e.n, CASE WHEN u.t IS NULL THEN touch END AS lost FROM step AS e LEFT JOIN (SELECT DISTINCT user_id, t FROM led WHERE id = a.id AND t IS NOT NULL) AS u ON u.user_id = e.user_id AND u.t = e.n
			WHERE (has_seq, through, kind) = (a.has_seq, a.through, 1) UNION ALL SELECT NULL, NULL, NULL, NULL, NULL ORDER BY user_id NULLS LAST, property NULLS LAST, n LOOP
			IF names IS NOT NULL AND (s.lost IS NULL OR ROW(s.user_id, s.property) IS DISTINCT FROM owner OR s.at - begins > a.look_back) THEN
				INSERT INTO path VALUES (a.id, (SELECT (to_jsonb(owner) ->> 'f1')::int), names, false);
				names := NULL;
			END IF;
			IF s.lost IS NOT NULL THEN
				IF names IS NULL THEN
					begins := s.at;
				END IF;
				names := names || s.lost;
			END IF;
			owner := ROW(s.user_id, s.property);
		END LOOP;
	END LOOP;
END $$;

-- ---- the answers ------------------------------------------------------------------------

CREATE TABLE answered AS SELECT id, answer(call) AS s FROM asked;
SELECT bag_eq(format($$ SELECT touch, conversions, converted_users, first, last, round(linear::numeric, 9), coalesce(first_value, 0) FROM answered, attribution_touches(s) WHERE id = %s AND conversions > 0 $$, id),
	format($$ SELECT touch, conversions, converted_users, first::float8, last::float8, linear, first_value FROM found WHERE id = %s $$, id), call) FROM asked;
SELECT bag_eq(format($$ SELECT path, conversions, non_conversions FROM answered, attribution_paths(s) WHERE id = %s AND conversions > 0 $$, id),
	format($$ SELECT path, count(*) FILTER (WHERE converts), count(*) FILTER (WHERE NOT converts) AS lost FROM path WHERE id = %s GROUP BY 1 HAVING bool_or(converts) $$, id), id || ': paths') FROM asked;
SELECT is_empty($$ SELECT id, touch FROM answered CROSS JOIN attribution_touches(s) AS l JOIN asked AS a USING (id) LEFT JOIN (SELECT has_seq, through, touch, count(*) AS touches, count(DISTINCT user_id) AS users FROM step WHERE kind = 1 GROUP BY 1, 2, 3) AS t USING (has_seq, through, touch)
	WHERE l.touches <> coalesce(t.touches, 0) OR (touch <> '(direct)' AND l.users <> t.users) $$, 'a touch counts once');
SELECT is_empty($$ SELECT id, touch, l.avg_time, mean FROM answered CROSS JOIN attribution_touches(s) AS l LEFT JOIN (SELECT id, touch, avg(took) AS mean FROM (SELECT id, touch, user_id, t, min(converted_at - at) AS took FROM led WHERE t IS NOT NULL GROUP BY 1, 2, 3, 4) AS m GROUP BY 1, 2) AS m USING (id, touch)
	WHERE NOT coalesce(abs(extract(epoch FROM l.avg_time - mean)) < 0.000002, l.avg_time IS NULL AND mean IS NULL) $$, 'times to the first conversion of any property');
SELECT is_empty($$ SELECT id FROM answered CROSS JOIN attribution_touches(s) GROUP BY id, s::text HAVING abs(sum(linear) - max((s::text::jsonb ->> 'conversions')::float8)) > 1e-9 OR abs(sum(time_decay) - sum(first)) > 1e-9 OR abs(sum(position) - sum(first)) > 1e-9
	OR abs(sum(time_decay_value) - sum(first_value)) > 1e-6 $$, 'credits add up to conversions');
SELECT is((answer(replace(call, 'property,', '''one'',')))::text::jsonb - 'held', (answer(replace(replace(call, 'property,', ''), '_holding_constant', '')))::text::jsonb - 'held', id || ': one property is none') FROM asked WHERE id % 5 = 0;
SELECT is((answer(replace(call, 'property,', 'NULL::text,')))::text::jsonb - 'held', (answer(replace(replace(call, 'property,', ''), '_holding_constant', '')))::text::jsonb - 'held', id || ': so is NULL') FROM asked WHERE id % 5 = 1;

-- ---- every plan -------------------------------------------------------------------------

CREATE FUNCTION plans(query text) RETURNS TABLE (plan text, answer text) LANGUAGE plpgsql AS $$
DECLARE
	scan text;
	workers int;
	memory text;
BEGIN
	SET LOCAL parallel_setup_cost = 0;
	SET LOCAL parallel_tuple_cost = 0;
	SET LOCAL min_parallel_table_scan_size = 0;
	FOREACH scan IN ARRAY '{on,off}'::text[] LOOP
		FOREACH workers IN ARRAY '{0,2}'::int[] LOOP
			FOREACH memory IN ARRAY '{64kB,64MB}'::text[] LOOP
				PERFORM set_config('journey.enable_scan', scan, true), set_config('max_parallel_workers_per_gather', workers::text, true), set_config('work_mem', memory, true);
				plan := format('scan %s, %s workers, %s', scan, workers, memory);
				EXECUTE query INTO answer;
				RETURN NEXT;
			END LOOP;
		END LOOP;
	END LOOP;
	SET LOCAL journey.enable_scan = on;
	SET LOCAL max_parallel_workers_per_gather = 0;
	SET LOCAL work_mem = '64MB';
END $$;
SELECT is((SELECT count(DISTINCT answer) FROM plans(format('SELECT %s::text FROM event', call))), 1::bigint, id || ': in every plan') FROM asked WHERE id IN (4, 12, 24);
SELECT is(answer(replace(call, 'depth 50', 'top 2'), '(SELECT * FROM event ORDER BY hashint8extended(i, 5)) AS e')::text, answer(replace(call, 'depth 50', 'top 2'))::text, id || ': shuffled, with top') FROM asked WHERE id IN (4, 24);
SELECT is((SELECT rollup(s)::text FROM (SELECT attribution_holding_constant(user_id, at, touch, converts, property, '4 days') AS s FROM event GROUP BY user_id % 3) AS g), (SELECT attribution_holding_constant(user_id, at, touch, converts, property, '4 days')::text FROM event), 'rolled up');
SELECT throws_ok($$ SELECT rollup(s) FROM (VALUES ((SELECT attribution(1, now(), 'a', false, '3 days'))), ((SELECT attribution_holding_constant(2, now(), 'a', false, 'x', '3 days')))) AS v(s) $$, '22023', 'cannot roll up attributions that differ in look_back, options, time zone, or in having values', 'held, and not');
SELECT is(length(attribution_holding_constant(1, moment(i), 'ads', i = 3, repeat('x', 100000) || i / 2, '1 day')::text) < 2000, true, 'a long property') FROM generate_series(1, 3) AS i;
SELECT throws_ok($$ SELECT attribution_holding_constant(1, now(), 'a', true, 'NaN'::float8, 'x', '3 days') $$, '22003', 'value must be from -1e15 to 1e15, not NaN');
-- One user with many touches without a property, and many conversions each of its own.
SELECT is((SELECT sum(linear) FROM attribution_touches((SELECT attribution_holding_constant(1, moment(i), CASE WHEN i % 2 = 0 THEN 'ads' END, i % 2 = 1, CASE WHEN i % 2 = 1 THEN 'order ' || i END, '10 seconds') FROM generate_series(1, 100000) AS i))), 50000::float8, 'as many properties as conversions');

SELECT * FROM finish();
ROLLBACK;
