-- experiment against its definition in plain SQL; what follows from its sums against the
-- formulas over the users.
\ir ../setup.psql
SET LOCAL jit = off;
SELECT no_plan();

-- 1500 users, most with one variant, many with ties; values of many sizes.
CREATE TABLE event AS
SELECT CASE WHEN rnd(i, 1, 60) > 0 THEN u END AS user_id, 'customer ' || u AS code, CASE WHEN rnd(i, 2, 60) > 0 THEN moment(3600 * rnd(i, 3, 500)) END AS at,
	(ARRAY['control', 'new', '', 'neü'])[1 + CASE WHEN rnd(i, 4, 40) = 0 THEN rnd(i, 5, 4) ELSE u % 4 END] AS variant, (ARRAY[true, false, NULL, false])[1 + rnd(i, 6, 4)] AS shown,
	CASE WHEN rnd(i, 7, 3) > 0 THEN (rnd(i, 8, 2000) - 800) / 8.0::float8 + u % 4 END AS value, (ARRAY[true, false, NULL, false, false])[1 + rnd(i, 9, 5)] AS goal
FROM generate_series(1, 12000) i, LATERAL (SELECT rnd(i, 10, 1500) AS u) c;
INSERT INTO event SELECT user_id, code, at, NULL, true, 1, false FROM event WHERE user_id % 7 = 0;	-- an exposure without a variant is none
ALTER TABLE event SET (parallel_workers = 3);
ANALYZE event;

-- The outcome of each user by the definition.
CREATE FUNCTION outcomes(w interval, b interval, until timestamptz, goals boolean) RETURNS TABLE (user_id int, variant text, crossed boolean, open boolean, y float8, x float8) LANGUAGE sql AS $$
	WITH e AS MATERIALIZED (SELECT *, shown AND variant IS NOT NULL AS exposes FROM event WHERE user_id IS NOT NULL AND at IS NOT NULL AND at < coalesce(until, 'infinity')),
	first AS (SELECT DISTINCT ON (user_id) user_id, at, variant FROM e WHERE exposes ORDER BY user_id, at, variant COLLATE "C")
	SELECT f.user_id, f.variant, bool_or(e.exposes AND e.variant <> f.variant), coalesce(f.at + w >= until, false),
		coalesce(CASE WHEN goals THEN max(e.goal::int) FILTER (WHERE e.at >= f.at AND e.at <= f.at + w) ELSE sum(e.value) FILTER (WHERE e.at >= f.at AND e.at <= f.at + w) END, 0),
		coalesce(CASE WHEN goals THEN max(e.goal::int) FILTER (WHERE e.at < f.at AND e.at >= f.at - b) ELSE sum(e.value) FILTER (WHERE e.at < f.at AND e.at >= f.at - b) END, 0)
	FROM first f JOIN e USING (user_id) GROUP BY f.user_id, f.variant, f.at $$;
CREATE TABLE asked AS SELECT row_number() OVER () AS id, * FROM (VALUES (interval '3 d'), ('0'), ('53375995 d')) w (w), (VALUES (NULL::interval), ('5 d')) b (b), (VALUES (NULL::timestamptz), ('2024-01-15')) u (until), (VALUES (false), (true)) g (goals);
CREATE TABLE outcome AS SELECT a.id, o.* FROM asked a, outcomes(a.w, a.b, a.until, a.goals) o WHERE NOT (a.w > '1000 d' AND a.until IS NOT NULL) AND a.w < '1000 d'
UNION ALL SELECT a.id, o.* FROM asked a, outcomes('1000 d', a.b, a.until, a.goals) o WHERE a.w > '1000 d';
CREATE TABLE answer AS SELECT a.*, CASE WHEN goals THEN (SELECT experiment(user_id, at, variant, shown, goal, a.w, a.b, a.until) FROM event) ELSE (SELECT experiment(user_id, at, variant, shown, value, a.w, a.b, a.until) FROM event) END AS e FROM asked a;
ANALYZE outcome;
SELECT ok(count(*) FILTER (WHERE crossed) > 50 AND count(*) FILTER (WHERE open) > 50 AND count(*) FILTER (WHERE x <> 0) > 50 AND count(*) FILTER (WHERE y <> 0) > 50, 'all comes about') FROM outcome;
SELECT results_eq(format('SELECT v.* FROM answer, experiment_variants(e) v WHERE id = %s', id),
	format('SELECT variant, count(*), count(*) FILTER (WHERE crossed), count(*) FILTER (WHERE open AND NOT crossed), count(*) FILTER (WHERE NOT open AND NOT crossed) FROM outcome WHERE id = %s GROUP BY variant ORDER BY variant COLLATE "C"', id),
	format('variants: %s', asked)) FROM asked ORDER BY id;

-- Means, Welch and Newcombe, over the users themselves; the values have few binary digits.
CREATE TABLE sample AS SELECT id, variant, count(*) AS n, avg(y) AS mean, stddev_samp(y) AS sd, sum(y) AS sum, regr_sxy(y, x) AS sxy, regr_sxx(y, x) AS sxx, avg(x) AS xm, var_samp(x) AS vx, covar_samp(y, x) AS cov FROM outcome WHERE NOT crossed AND NOT open GROUP BY 1, 2;
CREATE TABLE result AS SELECT a.id, a.b, a.goals, r.* FROM answer a, experiment_results(e, 'control') r;
CREATE FUNCTION near(a float8, b float8) RETURNS boolean LANGUAGE sql AS $$ SELECT coalesce(abs(a - b) <= 1e-9 * greatest(abs(a), abs(b), 1), a IS NULL AND b IS NULL) $$;
SELECT is_empty($$ SELECT * FROM result r LEFT JOIN sample s USING (id, variant) WHERE r.users <> coalesce(s.n, 0) OR NOT near(r.mean, s.mean) OR NOT near(r.stddev, s.sd) $$, 'means');
SELECT is_empty($$ SELECT * FROM result r JOIN sample s USING (id, variant) JOIN sample c ON c.id = r.id AND c.variant = 'control',
	LATERAL (SELECT * FROM mean_difference(s.n, s.mean, s.sd, c.n, c.mean, c.sd) WHERE NOT r.goals UNION ALL SELECT * FROM proportion_difference(s.sum::bigint, s.n, c.sum::bigint, c.n) WHERE r.goals) d
	WHERE r.variant <> 'control' AND NOT (near(r.difference, d.difference) AND near(r.lower, d.lower) AND near(r.upper, d.upper) AND near(r.p_value, d.p_value) AND near(r.lift, d.difference / nullif(abs(c.mean), 0))) $$, 'differences');
SELECT is_empty($$ SELECT * FROM (SELECT array_agg(q_value ORDER BY variant) AS q, q_values(array_agg(p_value ORDER BY variant)) AS wanted FROM result WHERE variant <> 'control' GROUP BY id) x WHERE q IS DISTINCT FROM wanted $$, 'q values');
-- mixture of Robbins, as in Waudby-Smith et al. (2024), theorem 2.2, at 10,000 users
SELECT is_empty($$ SELECT * FROM result r JOIN sample s USING (id, variant) JOIN sample c ON c.id = r.id AND c.variant = 'control',
	LATERAL (SELECT s.sd ^ 2 / s.n + c.sd ^ 2 / c.n AS v, s.n + c.n AS t, (-2 * ln(0.05) + ln(-2 * ln(0.05) + 1)) / 10000 AS rho2) x,
	LATERAL (SELECT sqrt(v * 2 * (t * rho2 + 1) / (t * rho2) * ln(sqrt(t * rho2 + 1) / 0.05)) AS half) h
	WHERE r.variant <> 'control' AND v > 0 AND NOT (near(r.sequential_lower, r.mean - c.mean - half) AND near(r.sequential_upper, r.mean - c.mean + half) AND near(r.sequential_p_value, least(1, sqrt(t * rho2 + 1) * exp(0 - (r.mean - c.mean) ^ 2 / v * t * rho2 / (2 * (t * rho2 + 1)))))) $$, 'sequential intervals');
-- CUPED: the residual of a regression within variants
SELECT is_empty($$ WITH theta AS (SELECT id, sum(sxy) / nullif(sum(sxx), 0) AS t FROM sample GROUP BY id), y AS (SELECT o.id, o.variant, count(*) AS n, avg(o.y - t * (o.x - m.x)) AS mean, stddev_samp(o.y - t * (o.x - m.x)) AS sd FROM outcome o JOIN theta USING (id) JOIN (SELECT id, avg(x) AS x FROM outcome WHERE NOT crossed AND NOT open GROUP BY id) m USING (id) WHERE NOT crossed AND NOT open GROUP BY 1, 2)
	SELECT * FROM result r LEFT JOIN y s USING (id, variant) LEFT JOIN y c ON c.id = r.id AND c.variant = 'control', mean_difference(s.n, s.mean, s.sd, c.n, c.mean, c.sd) d
	WHERE r.variant <> 'control' AND r.b IS NOT NULL AND NOT (near(r.adjusted_difference, d.difference) AND near(r.adjusted_lower, d.lower) AND near(r.adjusted_upper, d.upper) AND abs(r.adjusted_p_value - d.p_value) < 1e-7) $$, 'adjusted differences');
SELECT ok(bool_and(adjusted_difference IS NULL AND variance_reduction IS NULL), 'nothing is adjusted without a time before') FROM result WHERE b IS NULL;
SELECT ok(bool_and(difference IS NULL AND p_value IS NULL AND q_value IS NULL), 'the control is not compared with itself') FROM result WHERE variant = 'control';
-- the chi-square test of shares: p by the regularized gamma function of one degree, R in test/reference
SELECT ok(bool_and(near(s.chi_square, w.chi) AND s.users = w.users AND near(s.expected, w.expected) AND near(s.share, w.users / w.total) AND s.p_value BETWEEN 0 AND 1), 'sample ratio')
FROM answer a, experiment_srm(e, '{"control": 1, "new": 2, "neü": 1, "": 1}') s, LATERAL (SELECT count(*) FILTER (WHERE variant = s.variant) AS users, count(*)::float8 AS total, count(*) * (CASE s.variant WHEN 'new' THEN 0.4 ELSE 0.2 END)::float8 AS expected,
	(SELECT sum((n - n_all * p) ^ 2 / (n_all * p)) FROM (SELECT variant, count(*)::float8 AS n, sum(count(*)) OVER ()::float8 AS n_all, CASE variant WHEN 'new' THEN 0.4 ELSE 0.2 END AS p FROM outcome o WHERE o.id = a.id GROUP BY variant) q) AS chi FROM outcome o WHERE o.id = a.id) w;

-- ---- assignment ---------------------------------------------------------------------------

SELECT is_empty($$ SELECT i FROM generate_series(-1000, 1000) i, LATERAL (SELECT ('x' || left(encode(sha256(convert_to('salt:' || i, 'UTF8')), 'hex'), 13))::bit(52)::bigint / 2 ^ 52 AS u) h
	WHERE assign_variant(i, 'salt', '{"b": 2, "a": 1, "c": 1, "none": 0}') <> CASE WHEN u < 0.25 THEN 'a' WHEN u < 0.75 THEN 'b' ELSE 'c' END $$, 'as documented');
SELECT is(array_agg(assign_variant(i, 'x', '{"a": 1, "b": 1}')), array_agg(assign_variant(i::text, 'x', '{"a": 5, "b": 5}')), 'ids of any type by their text; only shares matter') FROM generate_series(1, 500) i;
SELECT ok((SELECT sum((n - 10000) ^ 2 / 10000.0) FROM (SELECT count(*) AS n FROM generate_series(1, 100000) i GROUP BY assign_variant(i, 'uniform', '{"0":1,"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1}')) x) < 27.88, 'uniform: chi-square of 9 degrees below that of p = 0.001');
SELECT ok((SELECT sum((n - 25000) ^ 2 / 25000.0) FROM (SELECT count(*) AS n FROM generate_series(1, 100000) i GROUP BY assign_variant(i, 'one', '{"a":1,"b":1}'), assign_variant(i, 'two', '{"a":1,"b":1}')) x) < 16.27, 'another salt is independent');
SELECT is(assign_variant('ключ'::text, 'соль', '{"а": 1, "б": 1}'), CASE WHEN get_byte(sha256(convert_to('соль:ключ', 'UTF8')), 0) < 128 THEN 'а' ELSE 'б' END, 'text that is not ASCII');
SELECT is(assign_variant(NULL::int, 'x', '{"a": 1}'), NULL, 'NULL has no variant');
SELECT throws_ok(format('SELECT assign_variant(1, ''x'', %L)', w), '22023', NULL, 'weights ' || w) FROM unnest('{"[1]",3,"{}","{\"a\": 0}","{\"a\": -1, \"b\": 2}","{\"a\": \"1\"}","{\"a\": null}","{\"a\": [1]}"}'::text[]) w;

-- ---- plans, bad input ----------------------------------------------------------------------

CREATE TABLE many AS SELECT *, user_id % 3 AS g FROM event;
CREATE TABLE call (call text);
INSERT INTO call VALUES ('experiment(user_id, at, variant, shown, value, ''3 d'')'), ('experiment(code, at, variant, shown, goal, ''3 d'', ''5 d'', ''2024-01-15'')');
\ir ../plans.psql

SELECT throws_ok($$ SELECT experiment(user_id, at, variant, shown, value, '1 month') FROM many $$, '22023', NULL, 'months');
SELECT throws_ok($$ SELECT experiment(user_id, at, variant, shown, value, NULL) FROM many $$, '22004', NULL, 'within is needed');
SELECT throws_ok(format('SELECT experiment(1, now(), ''a'', true, %L::float8, ''1 d'')', v), '22003', NULL, 'value ' || v) FROM unnest('{NaN,inf,-inf,1e13}'::text[]) v;
SELECT throws_ok($$ SELECT experiment(1, now(), 'a', true, 1e12, '1 d') FROM generate_series(1, 2) $$, '22003', NULL, 'the sum of a user');
SELECT throws_ok($$ SELECT experiment(i, now(), 'a', true, 1e12, '1 d') FROM generate_series(1, 1000) i $$, '22003', NULL, 'the sum of squares');
SELECT throws_ok($$ SELECT * FROM experiment_results((SELECT experiment(user_id, at, variant, shown, value, '1 d') FROM many), 'nobody') $$, '22023', 'no user was exposed to control "nobody"', 'no control');
SELECT throws_ok($$ SELECT * FROM experiment_results((SELECT experiment(user_id, at, variant, shown, value, '1 d') FROM many), 'new', 1) $$, '22023', NULL, 'level');
SELECT throws_ok($$ SELECT * FROM experiment_results((SELECT experiment(user_id, at, variant, shown, value, '1 d') FROM many), 'new', 0.9, 0) $$, '22023', NULL, 'tuned_users');
SELECT throws_ok($$ SELECT * FROM experiment_results((SELECT experiment(user_id, at, variant, shown, value, '1 d') FROM many), NULL) $$, '22004', NULL, 'control is needed');
SELECT throws_ok($$ SELECT * FROM experiment_srm((SELECT experiment(user_id, at, variant, shown, value, '1 d') FROM many), '{"control": 1}') $$, '22023', NULL, 'a variant without a weight');
SELECT ok((SELECT experiment(user_id, at, variant, shown, value, '1 d') FROM many WHERE false) IS NULL, 'no rows');
SELECT is((SELECT count(*) FROM experiment_variants((SELECT experiment(1, now(), 'a', false, 1, '1 d')))), 0::bigint, 'nobody is exposed');
SELECT ok(bool_and(mean IS NULL AND difference IS NULL AND sequential_lower IS NULL AND adjusted_p_value IS NULL), 'min_users hides few') FROM experiment_results((SELECT experiment(user_id, at, variant, shown, value, '1 d', '1 d') FROM many), 'new', min_users => 10000);
SELECT is((SELECT count(share) FROM experiment_srm((SELECT experiment(g, now(), CASE WHEN g <= 3 THEN 'few' WHEN g % 2 = 0 THEN 'a' ELSE 'b' END, true, 1::float8, '1 d') FROM generate_series(1, 200) g), '{"a": 1, "b": 1, "few": 1}', 10)), 0::bigint, 'users and share together do not give a hidden variant away');
SELECT is((SELECT count(*) FROM experiment_results((SELECT experiment(user_id, at, variant, shown, value, '1 d') FROM many WHERE user_id < 40), 'control')), 4::bigint, 'few users');
SELECT * FROM finish();
ROLLBACK;
