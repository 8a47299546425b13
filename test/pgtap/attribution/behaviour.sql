-- attribution against its definition in SQL, conversion by conversion: every model and option,
-- with and without seq and values. Every plan, spilled and not; groups and rollup; bad input.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(203);

-- 6,000 rows of 400 users; many equal times, and of those equal seqs, NULLs, touches that convert.
CREATE TABLE event (i int, user_id int, code text, at timestamptz, seq bigint, touch text, converts boolean, amount float8, g int);
INSERT INTO event
SELECT i, u, 'customer ' || u, CASE WHEN rnd(i, 2, 40) > 0 THEN moment(rnd(i, 3, 60) * CASE u % 3 WHEN 0 THEN 900 WHEN 1 THEN 7200.000007 ELSE 86400 END) END,
	nullif(rnd(i, 4, 4), 3), (ARRAY['ads', 'mail', '(direct)', 'Suche', 'sucheüber', '', NULL, NULL, NULL])[1 + rnd(i, 5, 9)],
	(ARRAY[true, false, false, NULL])[1 + rnd(i, 6, 4)], CASE WHEN rnd(i, 7, 8) > 0 THEN (rnd(i, 8, 2000) - 200) / 8.0 END, u % 5
FROM generate_series(1, 6000) i, LATERAL (SELECT NULLIF(1 + rnd(i, 1, 400), 400) AS u) c;
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;

-- ---- the oracle -------------------------------------------------------------------------

-- What is asked; unit NULL: touches of any day.
CREATE TABLE asked (id int, has_seq boolean, has_value boolean, look_back interval, resets boolean, unit text, zone text, w1 float8, w2 float8, w3 float8, half_life float8, direct text, depth int);
INSERT INTO asked
SELECT row_number() OVER (), s, v, l, r, u, z, w[1], w[2], w[3], coalesce(h, least(extract(epoch FROM l) / 4, 7 * 86400), 0.000001), d, p
FROM (VALUES (false, false), (true, true)) f (s, v), (VALUES (interval '0'), ('3 h'), ('9 days'), ('5000 days')) b (l), (VALUES (false), (true)) r (r),
	(VALUES (NULL, NULL, ARRAY[0.4, 0.2, 0.4], NULL, '(direct)', 50), ('day', 'Asia/Shanghai', '{1,0,3}', 5400.5, 'mail', 2), ('week_sunday', 'America/New_York', '{0,5,1}', 86400 * 30, 'none', 1)) o (u, z, w, h, d, p);
UPDATE asked SET half_life = greatest(half_life, 0.000001);

CREATE FUNCTION options(a asked) RETURNS text LANGUAGE sql IMMUTABLE
	RETURN concat_ws(', ', CASE WHEN a.resets THEN 'Reset' END, 'same ' || a.unit, CASE WHEN a.unit IS NOT NULL THEN format('position %s %s %s', a.w1, a.w2, a.w3) END,
		CASE WHEN a.unit IS NOT NULL THEN format('half_life %s seconds', a.half_life) END, CASE WHEN a.direct <> '(direct)' THEN format('direct %s', a.direct) END,
		CASE WHEN a.depth < 50 THEN 'depth ' || a.depth END);

-- The bucket that a time is in.
CREATE FUNCTION bucket(unit text, zone text, at timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE
	RETURN CASE unit WHEN 'day' THEN date_trunc('day', at AT TIME ZONE zone) WHEN 'week_sunday' THEN date_trunc('week', at AT TIME ZONE zone + interval '1 day') END;

-- Touches and conversions in their order.
CREATE FUNCTION ordered(has_seq boolean) RETURNS TABLE (user_id int, at timestamptz, touch text, amount float8, n bigint) LANGUAGE sql AS $$
	SELECT user_id, at, touch, amount, row_number() OVER (PARTITION BY user_id ORDER BY at, CASE WHEN has_seq THEN seq END NULLS LAST, touch IS NULL, touch COLLATE "C", amount NULLS FIRST)
	FROM (SELECT user_id, at, seq, touch, NULL::float8 AS amount FROM event WHERE touch IS NOT NULL UNION ALL SELECT user_id, at, seq, NULL, amount FROM event WHERE converts) e
	WHERE user_id IS NOT NULL AND at IS NOT NULL
$$;
CREATE TABLE step AS SELECT s AS has_seq, o.* FROM (VALUES (false), (true)) v (s), ordered(s) o;
CREATE INDEX ON step (has_seq, user_id, n);
ANALYZE step;

-- The touches of each conversion. With reset, those after the conversion before.
CREATE TABLE led AS
SELECT a.id, c.user_id, c.n AS c, c.at AS converted_at, CASE WHEN a.has_value THEN coalesce(c.amount, 0) ELSE 0 END AS amount, t.n AS t, t.at, t.touch, row_number() OVER w AS k, count(t.n) OVER (PARTITION BY a.id, c.user_id, c.n) AS of
FROM asked a JOIN step c ON c.has_seq = a.has_seq AND c.touch IS NULL
	LEFT JOIN step t ON t.has_seq = a.has_seq AND t.user_id = c.user_id AND t.n < c.n AND t.touch IS NOT NULL AND extract(epoch FROM c.at - t.at) <= extract(epoch FROM a.look_back)
		AND bucket(a.unit, a.zone, t.at) IS NOT DISTINCT FROM bucket(a.unit, a.zone, c.at)
		AND NOT (a.resets AND EXISTS (SELECT FROM step b WHERE b.has_seq = a.has_seq AND b.user_id = c.user_id AND b.touch IS NULL AND b.n > t.n AND b.n < c.n))
WINDOW w AS (PARTITION BY a.id, c.user_id, c.n ORDER BY t.n);
ANALYZE led;
-- The weights of each touch, by the formulas.
CREATE TABLE weighed AS
SELECT l.*, CASE WHEN t IS NULL THEN a.direct ELSE l.touch END AS name,
	CASE WHEN t IS NULL THEN ARRAY[1, 1, 1, 1, 1, 1]::float8[] ELSE ARRAY[(k = 1)::int::float8, (k = of)::int::float8,
		(k = coalesce(max(k) FILTER (WHERE l.touch <> a.direct) OVER conversion, of))::int::float8, 1.0::float8 / of,
		CASE WHEN of = 1 THEN 1 WHEN of = 2 THEN CASE k WHEN 1 THEN w1 ELSE w3 END / (w1 + w3) ELSE CASE k WHEN 1 THEN w1 WHEN of THEN w3 ELSE w2 / (of - 2) END / (w1 + w2 + w3) END,
		(2::float8 ^ greatest(-extract(epoch FROM l.last_at - l.at)::float8 / half_life, -900)) / sum(2::float8 ^ greatest(-extract(epoch FROM l.last_at - l.at)::float8 / half_life, -900)) OVER conversion] END AS w
FROM (SELECT led.*, max(at) OVER (PARTITION BY id, user_id, c) AS last_at FROM led) l JOIN asked a USING (id)
WINDOW conversion AS (PARTITION BY id, user_id, c ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
ANALYZE weighed;
CREATE TABLE found AS
SELECT id, name AS touch, count(DISTINCT (user_id, c)) AS conversions, count(DISTINCT user_id) AS converted_users,
	sum(w[1]) AS first, sum(w[2]) AS last, sum(w[3]) AS last_non_direct, sum(w[4]) AS linear, sum(w[5]) AS "position", sum(w[6]) AS time_decay,
	sum(w[1] * amount) AS first_value, sum(w[2] * amount) AS last_value, sum(w[3] * amount) AS last_non_direct_value, sum(w[4] * amount) AS linear_value, sum(w[5] * amount) AS position_value, sum(w[6] * amount) AS time_decay_value
FROM weighed GROUP BY 1, 2;
-- How many touches the conversions of a touch have, and how long it took to the first of them.
CREATE TABLE length AS SELECT id, touch, avg(of) AS avg_touches FROM (SELECT DISTINCT id, user_id, c, name AS touch, of FROM weighed) l GROUP BY 1, 2;
CREATE TABLE took AS SELECT id, touch, user_id, t, min(converted_at - at) AS took FROM led WHERE t IS NOT NULL GROUP BY 1, 2, 3, 4;

-- Paths: of conversions, and of touches that led to none, the longest that could lead to the same one.
CREATE FUNCTION last_of(names text[], depth int) RETURNS text[] LANGUAGE sql IMMUTABLE RETURN names[greatest(cardinality(names) - depth + 1, 1):];
CREATE TABLE path AS SELECT id, user_id, last_of(coalesce(array_agg(touch ORDER BY k) FILTER (WHERE t IS NOT NULL), '{}'), depth) AS path, true AS converts, min(amount) AS amount
FROM led JOIN asked USING (id) GROUP BY id, user_id, c, depth;
DO $$
DECLARE
	a asked;
	s record;
	names text[];
	begins timestamptz;
	owner int;
BEGIN
	FOR a IN SELECT * FROM asked LOOP
		names := NULL;
		FOR s IN SELECT e.*, CASE WHEN u.t IS NULL THEN touch END AS lost FROM step e LEFT JOIN (SELECT DISTINCT user_id, t FROM led WHERE id = a.id AND t IS NOT NULL) u ON u.user_id = e.user_id AND u.t = e.n
			WHERE has_seq = a.has_seq AND touch IS NOT NULL UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL ORDER BY user_id NULLS LAST, n LOOP
			IF names IS NOT NULL AND (s.lost IS NULL OR s.user_id <> owner OR extract(epoch FROM s.at - begins) > extract(epoch FROM a.look_back)
				OR bucket(a.unit, a.zone, s.at) <> bucket(a.unit, a.zone, begins)) THEN
				INSERT INTO path VALUES (a.id, owner, last_of(names, a.depth), false, 0);
				names := NULL;
			END IF;
			IF s.lost IS NOT NULL THEN
				IF names IS NULL THEN
					begins := s.at;
				END IF;
				names := names || s.lost;
			END IF;
			owner := s.user_id;
		END LOOP;
	END LOOP;
END $$;

-- ---- the answers ------------------------------------------------------------------------

CREATE FUNCTION call(a asked) RETURNS text LANGUAGE sql IMMUTABLE
	RETURN format('attribution(user_id, at, %s touch, converts, %s %L::interval, %L, %L)', CASE WHEN a.has_seq THEN 'seq,' END, CASE WHEN a.has_value THEN 'amount,' END, a.look_back, options(a), coalesce(a.zone, 'UTC'));
CREATE FUNCTION answer(call text, source text DEFAULT 'event') RETURNS attribution_stats LANGUAGE plpgsql AS $$
DECLARE
	answer attribution_stats;
BEGIN
	EXECUTE format('SELECT %s FROM %s', call, source) INTO answer;
	RETURN answer;
END $$;
CREATE TABLE answered AS SELECT id, answer(call(a)) AS s FROM asked a;
SELECT ok(count(*) > 20000 AND count(*) FILTER (WHERE t IS NULL) > 5000 AND max(of) > 15, format('the oracle finds %s touches of conversions', count(*))) FROM led;

CREATE TABLE listed AS SELECT id, t.* FROM answered, attribution_touches(s) t;
SELECT is_empty(format($$ SELECT touch, l.conversions, f.conversions, l.converted_users, f.converted_users FROM (SELECT * FROM listed WHERE id = %1$s AND conversions > 0) l FULL JOIN (SELECT * FROM found WHERE id = %1$s) f USING (touch)
	WHERE l.conversions IS DISTINCT FROM f.conversions OR l.converted_users IS DISTINCT FROM f.converted_users $$, id), id || ': conversions of touches') FROM asked;
CREATE FUNCTION numbers(r jsonb) RETURNS float8[] LANGUAGE sql IMMUTABLE
	RETURN (SELECT array_agg((r ->> m)::float8 ORDER BY m) FROM unnest(ARRAY['first', 'last', 'last_non_direct', 'linear', 'position', 'time_decay', 'first_value', 'last_value', 'last_non_direct_value', 'linear_value', 'position_value', 'time_decay_value']) m);
SELECT is_empty(format($$ SELECT touch, n, ours, theirs FROM listed l JOIN found f USING (id, touch) JOIN asked USING (id), unnest(numbers(to_jsonb(l)), numbers(to_jsonb(f))) WITH ORDINALITY u (ours, theirs, n)
	WHERE id = %s AND NOT coalesce(abs(ours - theirs) < 1e-7, ours IS NULL AND NOT has_value AND theirs = 0) $$, id), id || ': credits of all models') FROM asked;
SELECT is_empty($$ SELECT id, touch, numbers(to_jsonb(l)) FROM listed l JOIN asked USING (id) WHERE conversions = 0 AND (first, last, linear, time_decay, coalesce(linear_value, 0), avg_touches, avg_time) IS DISTINCT FROM (0::float8, 0::float8, 0::float8, 0::float8, 0::float8, NULL::float8, NULL::interval) $$, 'nothing is credited to what led to nothing');
SELECT is_empty($$ SELECT id FROM listed JOIN answered USING (id) GROUP BY id, s::text HAVING (sum(first), sum(last), sum(linear)) IS DISTINCT FROM (max((s::text::jsonb ->> 'conversions')::float8), max((s::text::jsonb ->> 'conversions')::float8), max((s::text::jsonb ->> 'conversions')::float8))
	AND abs(sum(linear) - max((s::text::jsonb ->> 'conversions')::float8)) > 1e-9 $$, 'credits add up to conversions');
SELECT is_empty($$ SELECT id, touch, l.avg_touches, a.avg_touches FROM listed l FULL JOIN (SELECT * FROM length) a USING (id, touch) WHERE NOT coalesce(abs(l.avg_touches - a.avg_touches) < 1e-9, l.avg_touches IS NULL AND a.avg_touches IS NULL) $$, 'mean number of touches');
SELECT is_empty($$ SELECT id, touch, l.avg_time, a.mean FROM listed l LEFT JOIN (SELECT id, touch, make_interval(secs => avg(extract(epoch FROM took))::float8) AS mean, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS median FROM took GROUP BY 1, 2) a USING (id, touch)
	WHERE NOT coalesce(abs(extract(epoch FROM l.avg_time - mean)) < 0.000002 AND abs(extract(epoch FROM l.median_time) - extract(epoch FROM median)) <= 0.01 * extract(epoch FROM median), l.avg_time IS NULL AND mean IS NULL) $$, 'times to conversion');
SELECT is_empty($$ SELECT id, touch FROM listed l JOIN asked a USING (id) LEFT JOIN (SELECT has_seq, touch, count(*) AS touches, count(DISTINCT user_id) AS users FROM step WHERE touch IS NOT NULL GROUP BY 1, 2) s USING (has_seq, touch)
	WHERE l.touches <> coalesce(s.touches, 0) OR (touch <> direct AND l.users <> s.users) $$, 'touches and users');
SELECT is((SELECT count(DISTINCT (a.id, touch)) FROM step JOIN asked a USING (has_seq) WHERE touch IS NOT NULL), (SELECT count(*) FROM listed WHERE touches > 0), 'each touch is listed');
SELECT is_empty(format($$ (SELECT path, count(DISTINCT user_id), count(*) FILTER (WHERE converts), count(*) FILTER (WHERE NOT converts), CASE WHEN (SELECT has_value FROM asked WHERE id = %1$s) THEN sum(amount) END FROM path WHERE id = %1$s GROUP BY 1
		EXCEPT SELECT path, users, conversions, non_conversions, value FROM answered, attribution_paths(s) WHERE id = %1$s)
	UNION ALL (SELECT path, users, conversions, non_conversions, value FROM answered, attribution_paths(s) WHERE id = %1$s
		EXCEPT SELECT path, count(DISTINCT user_id), count(*) FILTER (WHERE converts), count(*) FILTER (WHERE NOT converts), CASE WHEN (SELECT has_value FROM asked WHERE id = %1$s) THEN sum(amount) END FROM path WHERE id = %1$s GROUP BY 1) $$, id), id || ': paths') FROM asked;
SELECT is_empty($$ SELECT model, touch FROM answered, attribution_models(s) m JOIN (SELECT id, touch, u.* FROM listed l, LATERAL (VALUES ('first', first, first_value), ('last', last, last_value), ('last_non_direct', last_non_direct, last_non_direct_value), ('linear', linear, linear_value), ('position', position, position_value), ('time_decay', time_decay, time_decay_value)) u (model, c, v)) t USING (model, touch)
	WHERE t.id = answered.id AND (m.conversions, m.value) IS DISTINCT FROM (c, v) $$, 'models are the columns of touches, as rows');
SELECT is_empty($$ SELECT id, model FROM answered, attribution_models(s) GROUP BY 1, 2 HAVING abs(sum(share) - 1) > 1e-9 $$, 'shares add up to 1');

-- ---- every plan -------------------------------------------------------------------------

CREATE TABLE whole AS SELECT id, call(a) AS call, s::text AS one FROM asked a JOIN answered USING (id) WHERE id IN (5, 14, 24, 33, 47, 48);
SELECT is(answer(call, '(SELECT * FROM event ORDER BY hashint8extended(i, 9)) e')::text, one, id || ': shuffled') FROM whole;
SELECT is(answer(replace(call, 'user_id', 'user_id::text'))::text, one, id || ': ids of text') FROM whole;
SET LOCAL journey.enable_scan = off;
SELECT is(answer(call)::text, one, id || ': without the scan') FROM whole;
SET LOCAL journey.enable_scan = on;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is(answer(call)::text, one, id || ': in little memory') FROM whole;
SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer(call)::text, one, id || ': spilled by workers') FROM whole;
SET LOCAL work_mem = '64MB';
SELECT is(answer(call)::text, one, id || ': in parallel') FROM whole;
SET LOCAL journey.enable_scan = off;
SELECT is(answer(call)::text, one, id || ': in parallel without the scan') FROM whole;
SET LOCAL journey.enable_scan = on;
SET LOCAL max_parallel_workers_per_gather = 0;
-- Groups of different users add up to the whole.
SELECT is(answer('rollup(s)', format('(SELECT %s AS s FROM event GROUP BY g) e', call))::text, one, id || ': groups, rolled up') FROM whole;

-- ---- large ------------------------------------------------------------------------------

-- One user with everything is not quadratic; all models agree where touches are alike.
CREATE TABLE large AS SELECT attribution(1, moment(i), 't' || i % 3, i % 2 = 0, 1.5, '40 days'::interval, 'half_life 1 hour, depth 1') AS s FROM generate_series(1, 1000000) i;
SELECT ok(sum(conversions) = 1500000 - 1 AND abs(sum(linear) - 500000) < 1e-6 AND abs(sum(time_decay) - 500000) < 1e-6 AND abs(sum(time_decay_value) - 750000) < 1e-6 AND max(linear) - min(linear) < 20, 'a million touches and half as many conversions') FROM large, attribution_touches(s);
SELECT is((SELECT round(time_decay::numeric, 9) FROM attribution_touches((SELECT attribution(1, moment(CASE WHEN i > 100000 THEN 1000000 ELSE 0 END), CASE WHEN i > 100000 THEN 'one' ELSE 'many' END, i > 100000, '12 days'::interval, 'half_life 1 second') FROM generate_series(1, 100001) i)) WHERE touch = 'one'), 1::numeric, 'many touches that weigh nothing');

SELECT * FROM finish();
ROLLBACK;
