-- Inference in SQL: published examples, definitions in plain SQL, and what cannot be said.
\ir ../setup.psql
SELECT no_plan();

CREATE FUNCTION near(found float8, wanted float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean
	LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN wanted IS NULL OR found IS NULL THEN found IS NOT DISTINCT FROM wanted ELSE abs(found - wanted) <= tolerance * abs(wanted) END;

CREATE TABLE fourfold AS
	SELECT id, rnd(id, 1, size) AS a, rnd(id, 2, size) AS b, rnd(id, 3, size) AS c, rnd(id, 4, size) AS d
	FROM (SELECT id, CASE WHEN id % 3 = 0 THEN 4 ELSE 12 END AS size FROM generate_series(1, 300) AS id) g;

-- Fisher: the sum over all tables of the same totals, in exact numbers.
CREATE FUNCTION choose(n int, k int) RETURNS numeric LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN k < 0 OR k > n THEN 0 ELSE factorial(n) / factorial(k) / factorial(n - k) END;
SELECT is_empty($$ SELECT f.*, o.p_value, w.p FROM fourfold f, odds_ratio(a, b, c, d) o, LATERAL (
		SELECT sum(choose(a + b, x) * choose(c + d, a + c - x)) FILTER (WHERE choose(a + b, x) * choose(c + d, a + c - x) <= choose(a + b, a) * choose(c + d, c)) / choose(a + b + c + d, a + c) AS p FROM generate_series(0, a + c) AS x) w
	WHERE least(a + b, c + d, a + c, b + d) > 0 AND NOT near(o.p_value, w.p::float8) $$, 'p value of odds_ratio: all tables that are at most as likely');
SELECT is_empty($$ SELECT * FROM fourfold f, odds_ratio(a, b, c, d) o, LATERAL (SELECT CASE WHEN least(a, b, c, d) = 0 THEN 0.5::float8 ELSE 0 END AS h) h,
		LATERAL (SELECT ln((a + h) * (d + h) / (b + h) / (c + h)) AS l, 1.959963984540054 * sqrt(1 / (a + h) + 1 / (b + h) + 1 / (c + h) + 1 / (d + h)) AS e
			WHERE least(a + b, c + d, a + c, b + d) > 0) w
	WHERE NOT (near(o.odds_ratio, exp(l)) AND near(o.lower, exp(l - e)) AND near(o.upper, exp(l + e))) $$, 'odds_ratio: the interval of its logarithm, 0.5 more where a count is 0');
SELECT is_empty('SELECT * FROM fourfold, odds_ratio(a, b, c, d) o WHERE (least(a + b, c + d, a + c, b + d) = 0) <> (o IS NULL)', 'NULL if a row or column is 0');

-- Wilson: the ends are where the test of the rate just rejects.
SELECT is_empty($$ SELECT * FROM fourfold, wilson_interval(a, a + b, 0.9) w, unnest(ARRAY[w.lower, w.upper]) AS e
	WHERE e > 0 AND e < 1 AND NOT near(abs(w.rate - e), 1.6448536269514722 * sqrt(e * (1 - e) / (a + b))) $$, 'wilson_interval: the score test rejects beyond it');
SELECT is_empty($$ SELECT * FROM fourfold, wilson_interval(a, a + b) w WHERE a + b > 0 AND ((a = 0) <> (w.lower = 0) OR (b = 0) <> (w.upper = 1) OR w.rate NOT BETWEEN w.lower AND w.upper) $$, 'and contains the rate');
SELECT is_empty($$ SELECT * FROM fourfold, wilson_interval(a, a + b) w, wilson_interval(c, c + d) v, proportion_difference(a, a + b, c, c + d) x
	WHERE NOT (near(x.difference, w.rate - v.rate) AND near(x.lower, x.difference - sqrt((w.rate - w.lower) ^ 2 + (v.upper - v.rate) ^ 2)) AND near(x.upper, x.difference + sqrt((w.upper - w.rate) ^ 2 + (v.rate - v.lower) ^ 2))) $$,
	'proportion_difference: from both intervals of Wilson');
SELECT is_empty($$ SELECT * FROM fourfold, proportion_difference(a, a + b, c, c + d) x, LATERAL (SELECT (a + c)::float8 / nullif(a + b + c + d, 0) AS rate) r
	WHERE least(a + b, c + d) > 0 AND (coalesce(x.p_value, 1) > 0.05) <> (coalesce(abs(x.difference) / nullif(sqrt(rate * (1 - rate) * (1.0 / (a + b) + 1.0 / (c + d))), 0), 0) < 1.959963984540054) $$, 'and the test of a common rate');

-- q values, by their definition
CREATE TABLE tested AS SELECT family, id, CASE WHEN rnd(id, family + 10, 6) > 0 THEN rnd(id, family, 40) / 39.0::float8 END AS p FROM generate_series(1, 30) AS family, generate_series(1, 25) AS id;
SELECT is_empty($$ WITH found AS (SELECT family, array_agg(p ORDER BY id) AS ps, q_values(array_agg(p ORDER BY id)) AS qs FROM tested GROUP BY family)
	SELECT * FROM found, unnest(ps, qs) AS u(p, q), LATERAL (SELECT least(1, min(t.p * (SELECT count(p) FROM tested WHERE family = found.family) / (SELECT count(*) FROM tested s WHERE s.family = found.family AND s.p <= t.p))) AS q FROM tested t WHERE t.family = found.family AND t.p >= u.p) w
	WHERE p IS NOT NULL AND NOT near(u.q, w.q) OR p IS NULL AND u.q IS NOT NULL $$, 'q_values: by their definition, without NULLs');
SELECT is(q_values('[3:4][1:2]={{0.01,0.02},{NULL,NaN}}'), '[3:4][1:2]={{0.02,0.02},{NULL,NaN}}', 'q_values of an array of two dimensions');

-- samples
SELECT is_empty($$ SELECT * FROM (SELECT rnd(1, s, 30) + 2 AS n, rnd(2, s, 100) / 7.0 AS m, rnd(3, s, 9) + 0.5 AS d, rnd(4, s, 30) + 2 AS cn, rnd(5, s, 100) / 7.0 AS cm, rnd(6, s, 9) + 0.5 AS cd, s FROM generate_series(1, 200) s) g,
		mean_difference(n, m, d, cn, cm, cd) x
	WHERE NOT (near(x.difference, m - cm) AND near((x.upper + x.lower) / 2 + 100, x.difference + 100) AND (x.p_value > 0.05) = (x.lower < 0 AND x.upper > 0)) $$, 'mean_difference: the interval contains 0 if the test does not reject');
SELECT is((SELECT x FROM mean_difference(1, 2, 0, 5, 1, 1) x)::text, '(1,,,)', 'of one number: the difference only');
SELECT is((SELECT x FROM mean_difference(0, 2, 0, 5, 1, 1) x)::text, '(,,,)', 'of nothing: nothing');

-- huge counts
SELECT ok((SELECT near(odds_ratio, 1) AND lower < 1 AND upper > 1 AND p_value = 1 FROM odds_ratio(9223372036854775807, 9223372036854775807, 9223372036854775807, 9223372036854775807)), 'the largest counts');
SELECT ok((SELECT near(o.p_value, p.p_value, 0.01) FROM odds_ratio(1000000000, 1000000000, 1000050000, 999950000) o, proportion_difference(1000000000, 2000000000, 1000050000, 2000000000) p), 'Fisher of billions is near chi-square');
SELECT ok((SELECT p_value = 0 AND lower > 1e18 FROM odds_ratio(1000000000, 1, 1, 1000000000 * 1000000000::bigint)), 'far apart');

-- errors
SELECT throws_ok(format('SELECT %s', call), '22023', message, call) FROM (VALUES
	('wilson_interval(-1, 2)', 'successes is -1'), ('wilson_interval(0, -2)', 'n is -2'), ('wilson_interval(3, 2)', 'successes is 3, but n is 2'),
	('wilson_interval(1, 2, 0)', 'level is 0, which is not between 0 and 1'), ('wilson_interval(1, 2, ''NaN'')', 'level is NaN, which is not between 0 and 1'),
	('proportion_difference(1, 2, 3, 2)', 'control_successes is 3, but control_n is 2'), ('odds_ratio(1, 2, 3, -4)', 'without_no is -4'),
	('mean_difference(1, 2, -1, 1, 2, 3)', 'stddev is -1'), ('mean_difference(1, 2, 1, -1, 2, 3)', 'control_n is -1'),
	('mantel_haenszel(''{-1}'', ''{1}'', ''{1}'', ''{1}'')', 'with_yes is -1'), ('q_values(''{0.1,-0.1}'')', 'p_values has -0.1, which is not between 0 and 1'), ('q_values(''{Infinity}'')', 'p_values has Infinity, which is not between 0 and 1')) AS c(call, message);
SELECT throws_ok($$ SELECT mantel_haenszel('{1,1}', '{1}', '{1,1}', '{1,1}') $$, '2202E', 'with_no has 1 elements, but with_yes has 2', 'arrays of several lengths');
SELECT is((SELECT m FROM mantel_haenszel('{NULL}', '{1}', '{1}', '{1}') m)::text, '(,,,,)', 'a stratum with a NULL is left out');
SELECT finish();
ROLLBACK;
