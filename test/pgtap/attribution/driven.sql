-- Models that learn from all paths: the published example, walks of the Markov chain step by
-- step, the Shapley value over all orders of touches.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(44);

-- Paths as histories: a user for each time that a path leads to a conversion, or to none.
CREATE FUNCTION of_paths(paths text) RETURNS attribution_stats LANGUAGE sql AS $$
	SELECT attribution(n, moment(k), nullif(touch, '!'), touch = '!', 2.5, '1 day'::interval) FROM regexp_split_to_table(paths, ', ') WITH ORDINALITY p (path, n), regexp_split_to_table(path, '>') WITH ORDINALITY t (touch, k)
$$;

-- The README of pychattr: its simulation gives 1.991 and 1.009, removal effects of 1 and 0.5067.
SELECT results_eq($$ SELECT touch, removal_effect, round(conversions::numeric, 12), round(value::numeric, 12), round(share::numeric, 12) FROM attribution_markov(of_paths('A>B>A>B>B>A>!, A>B>B>A>A>!, A>A>!')) $$,
	$$ VALUES ('A', 1::float8, 2.000000000000, 5.000000000000, round(2 / 3.0, 12)), ('B', 0.5, 1, 2.5, round(1 / 3.0, 12)) $$, 'the example of pychattr');
SELECT results_eq($$ SELECT touch, round(removal_effect::numeric, 12), round(conversions::numeric, 12) FROM attribution_markov(of_paths('a>b>!, a>!, b, c, c>b')) $$,
	$$ VALUES ('a', round(2 / 3.0, 12), 1.0), ('b', 0.5, 0.75), ('c', round(1 / 6.0, 12), 0.25) $$, 'worked out by hand');
SELECT results_eq($$ SELECT touch, round(shapley_value::numeric, 12), round(conversions::numeric, 12) FROM attribution_shapley(of_paths('a>!, b, a>b>!')) $$, $$ VALUES ('a', round(5 / 6.0, 12), 2.5), ('b', round(-1 / 6.0, 12), -0.5) $$, 'a touch that lowers the rate');

-- 800 histories of up to 9 touches, conversions without touches, and direct touches.
CREATE TABLE event AS
SELECT u AS user_id, moment(k * 60) AS at, CASE WHEN k <= n THEN (ARRAY['ads', 'mail', 'search', 'social', '(direct)', 'news'])[1 + least(rnd(u * 20 + k, 2, 6), rnd(u * 20 + k, 3, 9))] END AS touch, k > n AND rnd(u, 4, 3) = 0 AS converts, (1 + rnd(u, 5, 90)) / 4.0::float8 AS value, u % 3 AS g
FROM generate_series(1, 800) u, LATERAL (SELECT rnd(u, 1, 10) AS n) l, generate_series(1, n + 1) k;
CREATE TABLE answered AS SELECT name, s FROM (SELECT 'all' AS name, attribution(user_id, at, touch, converts, value, '1 day') AS s FROM event
	UNION ALL SELECT 'depth ' || g, attribution(user_id, at, touch, converts, '1 day', 'depth 4') FROM event GROUP BY g) a;
CREATE TABLE path AS SELECT name, row_number() OVER () AS id, p.* FROM answered, attribution_paths(s) p;

-- ---- Markov -----------------------------------------------------------------------------

-- What follows each state, the last k touches, and how often: until the end, with a conversion or not.
CREATE TABLE follows AS
WITH state AS (SELECT name, o AS k, id, i, conversions::float8 AS conversions, non_conversions::float8 AS lost, CASE WHEN i = 0 THEN '{}' ELSE path[greatest(i - o + 1, 1):i] END AS state, i = cardinality(path) AS is_last
	FROM path, generate_series(1, 3) o, LATERAL generate_series(0, cardinality(path)) i WHERE path <> '{}')
SELECT name, k, state, next, sum(n) / sum(sum(n)) OVER (PARTITION BY name, k, state) AS p FROM (
	SELECT s.name, s.k, s.state, t.state AS next, s.conversions + s.lost AS n FROM state s JOIN state t USING (name, k, id) WHERE t.i = s.i + 1
	UNION ALL SELECT name, k, state, ARRAY['!'], conversions FROM state WHERE is_last UNION ALL SELECT name, k, state, NULL, lost FROM state WHERE is_last) f
GROUP BY 1, 2, 3, 4;
CREATE INDEX ON follows (name, k, state);
ANALYZE follows;
-- The probability of a conversion without a touch, walking until nothing is left.
CREATE TABLE mass (n int, state text[], p float8);
CREATE INDEX ON mass (n);
CREATE FUNCTION chance(which text, k int, without text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	moved bigint;
	chance float8;
	steps int := 0;
BEGIN
	TRUNCATE mass;
	INSERT INTO mass VALUES (0, '{}', 1);
	LOOP
		INSERT INTO mass SELECT steps + 1, f.next, sum(m.p * f.p) FROM mass m JOIN follows f ON f.name = which AND f.k = chance.k AND f.state = m.state
			WHERE m.n = steps AND f.next IS NOT NULL AND f.next[cardinality(f.next)] IS DISTINCT FROM without GROUP BY f.next HAVING sum(m.p * f.p) > 1e-13;
		GET DIAGNOSTICS moved = ROW_COUNT;
		EXIT WHEN moved = 0;
		steps := steps + 1;
	END LOOP;
	SELECT coalesce(sum(p), 0) INTO chance FROM mass WHERE state = '{!}';
	RETURN chance;
END $$;
CREATE TABLE whole AS SELECT name, k, chance(name, k, NULL) AS chance FROM answered, generate_series(1, 3) k;
CREATE TABLE effect AS SELECT name, k, touch, 1 - chance(name, k, touch) / whole.chance AS effect FROM (SELECT DISTINCT name, touch FROM path, unnest(path) touch) t JOIN whole USING (name);
CREATE TABLE markov AS SELECT name, k, m.* FROM answered, generate_series(1, 3) k, attribution_markov(s, k) m;
SELECT is_empty(format($$ SELECT touch, removal_effect, effect FROM markov FULL JOIN effect USING (name, k, touch) WHERE (name, k) = (%L, %s) AND NOT coalesce(abs(removal_effect - effect) < 1e-9, false) $$, name, k), format('%s: removal effects of order %s', name, k))
FROM answered, generate_series(1, 3) k;
SELECT is_empty($$ SELECT name, k, touch, conversions, (c - u) * effect / sum(effect) OVER (PARTITION BY name, k) FROM (SELECT name, sum(conversions) AS c, sum(value) AS v, coalesce(sum(conversions) FILTER (WHERE path = '{}'), 0) AS u, coalesce(sum(value) FILTER (WHERE path = '{}'), 0) AS w FROM path GROUP BY 1) p
	JOIN LATERAL (SELECT m.*, e.effect, sum(effect) OVER (PARTITION BY e.k) AS all_effects FROM markov m JOIN effect e USING (name, k, touch) WHERE name = p.name) m USING (name)
	WHERE abs(conversions - ((c - u) * effect / all_effects + CASE WHEN touch = '(direct)' THEN u ELSE 0 END)) > 1e-7 OR abs(value - ((v - w) * effect / all_effects + CASE WHEN touch = '(direct)' THEN w ELSE 0 END)) > 1e-7
	OR (value IS NULL) <> (name <> 'all') OR abs(share - conversions / c::float8) > 1e-12 $$, 'conversions and values in proportion to the effects');
SELECT is((SELECT count(*) FROM (SELECT removal_effect FROM markov WHERE name = 'all' GROUP BY touch, removal_effect) x), 18::bigint, 'orders differ');
SELECT results_eq($$ SELECT * FROM attribution_markov((SELECT s FROM answered WHERE name = 'all')) $$, $$ SELECT touch, removal_effect, conversions, value, share FROM markov WHERE (name, k) = ('all', 1) $$, 'order is 1 by default');

-- ---- Shapley ----------------------------------------------------------------------------

-- The mean of what a touch adds, over all orders in which the touches come.
CREATE TABLE bits AS SELECT name, touch, row_number() OVER (PARTITION BY name ORDER BY touch) - 1 AS b FROM (SELECT DISTINCT name, touch FROM path, unnest(path) touch) t;
CREATE TABLE worth AS SELECT name, s, coalesce(sum(conversions)::float8 / nullif(sum(conversions + non_conversions), 0), 0) AS worth
FROM (SELECT DISTINCT name FROM bits) n CROSS JOIN generate_series(0, 63) s LEFT JOIN LATERAL (SELECT p.id, conversions, non_conversions FROM path p WHERE p.name = n.name AND path <> '{}' AND (SELECT bit_or(1 << b::int) FROM bits WHERE bits.name = p.name AND touch = ANY (path)) & ~s = 0) p ON true
GROUP BY 1, 2;
CREATE TABLE orders AS WITH RECURSIVE o (o) AS (VALUES ('{}'::int[]) UNION ALL SELECT o || b FROM o, generate_series(0, 5) b WHERE cardinality(o) < 6 AND b <> ALL (o)) SELECT o FROM o WHERE cardinality(o) = 6;
CREATE TABLE shapley AS
SELECT bits.name, touch, avg(w.worth - v.worth) AS value FROM bits CROSS JOIN orders CROSS JOIN LATERAL (SELECT coalesce((SELECT sum(1 << x) FROM unnest(o[:array_position(o, b::int) - 1]) x), 0)::int AS before) l
	JOIN worth v ON true JOIN worth w ON w.s = before | (1 << b::int) AND w.name = v.name WHERE v.name = bits.name AND v.s = before GROUP BY 1, 2;
SELECT is_empty(format($$ SELECT touch, shapley_value, h.value FROM answered, attribution_shapley(s) r FULL JOIN (SELECT * FROM shapley WHERE name = %1$L) h USING (touch) WHERE answered.name = %1$L AND NOT coalesce(abs(shapley_value - h.value) < 1e-12, false) $$, name), name || ': Shapley values') FROM answered;
SELECT is_empty($$ SELECT * FROM (SELECT name, sum(shapley_value) AS value, sum(conversions) AS conversions FROM answered CROSS JOIN attribution_shapley(s) GROUP BY 1) r
	JOIN (SELECT name, sum(conversions) AS c, sum(conversions) FILTER (WHERE path <> '{}') / sum(conversions + non_conversions) FILTER (WHERE path <> '{}') AS rate FROM path GROUP BY 1) p USING (name)
	WHERE NOT (abs(conversions - c) < 1e-9 AND abs(value - rate) < 1e-12) $$, 'they add up to the rate of all, and conversions to all');
SELECT is((SELECT count(*) FROM attribution_shapley(of_paths(repeat('a>b>', 20) || 'c>d>e>f>g>h>i>j>k>l>m>n>o>p>!'))), 16::bigint, '16 touches');

-- More than 16: a sample of orders. 17 touches against all sets, 120 against what can be worked out.
CREATE TABLE many AS SELECT attribution(u, moment(k), CASE WHEN k <= n THEN chr(97 + rnd(u * 7 + k, 1, 17)) END, k > n AND rnd(u, 3, 3) < 1 + ascii(chr(97 + rnd(u * 7 + 1, 1, 17))) % 2, 2.0, '1 day') AS s
FROM generate_series(1, 60) u, LATERAL (SELECT 1 + rnd(u, 2, 3) AS n) l, generate_series(1, n + 1) k;
CREATE TABLE many_path AS SELECT (SELECT bit_or(1 << (ascii(t) - 97)) FROM unnest(path) t) AS s, sum(conversions)::float8 AS c, sum(conversions + non_conversions)::float8 AS n FROM many, attribution_paths(s) WHERE path <> '{}' GROUP BY 1;
CREATE TABLE many_worth AS SELECT g AS s, bit_count(g::bit(17)) AS size, coalesce((SELECT sum(c) / sum(n) FROM many_path p WHERE p.s & ~g = 0), 0) AS worth FROM generate_series(0, (1 << 17) - 1) g;
CREATE INDEX ON many_worth (s);
ANALYZE many_worth;
CREATE TABLE many_value AS SELECT chr(97 + b) AS touch, sum((w.worth - v.worth) * factorial(v.size::int)::float8 * factorial(16 - v.size::int)::float8 / factorial(17)::float8) AS value
FROM generate_series(0, 16) b, many_worth v, many_worth w WHERE v.s >> b & 1 = 0 AND w.s = v.s | (1 << b) GROUP BY b;
CREATE TABLE sampled AS SELECT r.* FROM many, attribution_shapley(s) r;
SELECT is((SELECT count(*) FROM sampled), 17::bigint, '17 touches');
SELECT is_empty($$ SELECT touch, shapley_value, v.value, standard_error FROM sampled FULL JOIN many_value v USING (touch) WHERE NOT coalesce(abs(shapley_value - v.value) < 4.5 * standard_error AND standard_error BETWEEN 1e-9 AND 0.01, false) $$, 'as near as the standard error says');
SELECT ok(abs(sum(shapley_value) - (SELECT sum(c) / sum(n) FROM many_path)) < 1e-12, 'they add up to the rate of all') FROM sampled;
SELECT is_empty($$ SELECT touch, conversions, r.value, share FROM sampled r WHERE abs(conversions - shapley_value / (SELECT sum(shapley_value) FROM sampled) * (SELECT sum(c) FROM many_path)) > 1e-9 OR abs(r.value - 2 * conversions) > 1e-9 OR abs(share - conversions / (SELECT sum(c) FROM many_path)) > 1e-12 $$, 'conversions in proportion');
SELECT bag_eq('SELECT r.* FROM (SELECT rollup(v) AS s FROM (SELECT s FROM many UNION ALL SELECT NULL) n(v)) m, attribution_shapley(s) r', 'SELECT * FROM sampled', 'always the same');
-- Paths of one touch: half of 120 touches always convert, the others never.
SELECT is_empty($$ WITH e AS (SELECT sum((k * 59 / 119.0 + 1) / (k + 1) - CASE WHEN k > 0 THEN 59 / 119.0 ELSE 0 END) / 120 AS value FROM generate_series(0, 119) k)
	SELECT touch, shapley_value, standard_error FROM e, attribution_shapley(of_paths((SELECT string_agg(format(CASE WHEN i <= 60 THEN 't%s>!' ELSE 't%s' END, i), ', ') FROM generate_series(1, 120) i)))
	WHERE NOT abs(shapley_value - CASE WHEN substr(touch, 2)::int <= 60 THEN e.value ELSE 1 / 120.0 - e.value END) < 5 * standard_error $$, '120 touches');
SELECT is((SELECT max(standard_error) FROM answered, attribution_shapley(s)), 0::float8, 'up to 16 touches are exact');
SELECT throws_ok($$ SELECT attribution_shapley((SELECT attribution(i, now(), i::text, false, '1 day') FROM generate_series(1, 10001) i)) $$, '54000', 'attribution_shapley() takes at most 10000 different touches');

-- ---- edges ------------------------------------------------------------------------------

SELECT results_eq(format($$ SELECT touch, %s, conversions, value, share FROM attribution_%s(of_paths('!, !')) $$, c, f), $$ VALUES ('(direct)', 0::float8, 2::float8, 5::float8, 1::float8) $$, f || ': conversions without touches') FROM (VALUES ('markov', 'removal_effect'), ('shapley', 'shapley_value')) v (f, c);
SELECT results_eq(format($$ SELECT touch, %s, conversions, value, share FROM attribution_%s(of_paths('a>b')) $$, c, f), $$ VALUES ('a', 0::float8, 0::float8, 0::float8, NULL::float8), ('b', 0, 0, 0, NULL) $$, f || ': no conversion') FROM (VALUES ('markov', 'removal_effect'), ('shapley', 'shapley_value')) v (f, c);
SELECT is_empty(format('SELECT * FROM attribution_%s((SELECT attribution(1, now(), NULL, false, ''1 day'')))', f), f || ': no touch') FROM unnest('{markov,shapley}'::text[]) f;
SELECT is_empty(format('SELECT * FROM attribution_%s(NULL)', f), f || ': NULL') FROM unnest('{markov,shapley}'::text[]) f;
SELECT throws_ok($$ SELECT attribution_markov(of_paths('a>!'), 4) $$, '22023', 'order must be 1 to 3, not 4');
SELECT throws_ok($$ SELECT attribution_markov(of_paths('a>!'), NULL) $$, '22004', 'order must not be NULL');
SELECT throws_ok($$ SELECT attribution_markov((SELECT attribution(i, now(), i::text, false, '1 day') FROM generate_series(1, 2001) i)) $$, '54000', 'the Markov chain has more than 2000 states');
SELECT ok((SELECT abs(sum(conversions) - 900) < 1e-6 FROM attribution_markov((SELECT attribution(i / 3, moment(i), CASE WHEN i % 3 < 2 THEN (i * 7 % 300)::text END, i % 3 = 2, '1 day') FROM generate_series(0, 2699) i), 2)), 'a chain of hundreds of states');

SELECT * FROM finish();
ROLLBACK;
