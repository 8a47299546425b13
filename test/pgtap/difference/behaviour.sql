-- Differences of two results: each row is that of both accessors, with proportion_difference() and q_values().
\ir ../setup.psql
SELECT no_plan();
CREATE TABLE event AS SELECT u, u % 2 AS g, moment(rnd(i, 2, 400) * 3600) AS at, (ARRAY['visit', 'apply', 'sign', 'pay'])[1 + least(3, rnd(i, 3, 4 + u % 2))] AS event
FROM (SELECT i, 1 + rnd(i, 1, 300) AS u FROM generate_series(1, 3000) i) e;
CREATE TABLE result AS SELECT g, funnel(u, at, step_of(event, '{visit,apply,sign}'), '4 days') AS f, cohort_retention(u, at, event = 'visit', event = 'pay', 'day', ARRAY[1, 3, 7]) AS r, path_flow(u, at, event, '2 days', 3) AS p FROM event GROUP BY g;
CREATE TABLE pair AS SELECT a.f AS fa, b.f AS fb, a.r AS ra, b.r AS rb, a.p AS pa, b.p AS pb FROM result a, result b WHERE a.g = 0 AND b.g = 1;

CREATE TABLE got AS
SELECT 'funnel' AS kind, step::text AS key, x.users_a, x.users_b, x.rate_a, x.rate_b, x.difference, x.lower, x.upper, x.p_value, x.q_value FROM pair, funnel_difference(fa, fb) AS x
UNION ALL SELECT 'retention', concat(period, '-', last_period), users_a, users_b, rate_a, rate_b, difference, lower, upper, p_value, q_value FROM pair, retention_difference(ra, rb)
UNION ALL SELECT 'flow', concat(position, source, '>', target), users_a, users_b, rate_a, rate_b, difference, lower, upper, p_value, q_value FROM pair, flow_difference(pa, pb);
CREATE TABLE counted AS
SELECT 'funnel' AS kind, a.step::text AS key, a.users AS ua, b.users AS ub, (SELECT users FROM funnel_steps(fa) WHERE step = 1) AS ta, (SELECT users FROM funnel_steps(fb) WHERE step = 1) AS tb FROM pair, funnel_steps(fa) a JOIN LATERAL funnel_steps(fb) b USING (step)
UNION ALL SELECT 'retention', concat(a.period, '-', a.last_period), a.users, b.users, a.cohort_users, b.cohort_users FROM pair, retention_curve(ra) a JOIN LATERAL retention_curve(rb) b USING (period)
UNION ALL SELECT 'flow', concat(position, source, '>', target), sum(users) FILTER (WHERE g = 0)::bigint, sum(users) FILTER (WHERE g = 1)::bigint, NULL, NULL FROM (SELECT g, l.* FROM result, flow_links(p) l) l GROUP BY position, source, target;
UPDATE counted SET ua = coalesce(ua, 0), ub = coalesce(ub, 0), ta = coalesce((SELECT users FROM pair, flow_nodes(pa) WHERE starts_with(key, concat(position, node, '>'))), 0), tb = coalesce((SELECT users FROM pair, flow_nodes(pb) WHERE starts_with(key, concat(position, node, '>'))), 0) WHERE kind = 'flow';
CREATE TABLE wanted AS SELECT c.*, ua / nullif(ta, 0)::float8 AS rate_a, ub / nullif(tb, 0)::float8 AS rate_b, d.* FROM counted c, proportion_difference(ua, ta, ub, tb) d;
SELECT cmp_ok(count(*)::int, '>=', n, kind || ' has rows') FROM got JOIN (VALUES ('funnel', 3), ('retention', 3), ('flow', 20)) v (kind, n) USING (kind) GROUP BY kind, n;
SELECT results_eq('SELECT kind, key, users_a, users_b, rate_a, rate_b, difference, lower, upper, p_value FROM got ORDER BY 1, 2', 'SELECT kind, key, ua, ub, rate_a, rate_b, difference, lower, upper, p_value FROM wanted ORDER BY 1, 2', 'counts, rates, difference, interval and p value');
SELECT is_empty($$ SELECT * FROM (SELECT kind, array_agg(q_value) AS q, q_values(array_agg(p_value)) AS w FROM got GROUP BY kind) g WHERE q <> w $$, 'q values over the rows of a result');
SELECT is_empty('SELECT * FROM pair, funnel_difference(fa, fb, 0.5) x JOIN LATERAL funnel_difference(fa, fb) y USING (step) WHERE x.step > 1 AND NOT (x.lower > y.lower AND x.upper < y.upper)', 'level');
SELECT is_empty($$ SELECT * FROM pair, flow_difference(pa, pb, 0.95, 5) WHERE users_a < 5 OR users_b < 5 OR ((users_a IS NULL OR users_b IS NULL) AND (difference IS NOT NULL OR q_value IS NOT NULL)) OR (users_a IS NULL AND rate_a IS NOT NULL) $$, 'min_users');
SELECT is_empty('SELECT funnel_difference(NULL, fb), retention_difference(ra, NULL), flow_difference(pa, NULL) FROM pair', 'NULL: no rows');

-- the sides exchanged
SELECT is_empty('SELECT x FROM pair, funnel_difference(fa, fb) x JOIN LATERAL funnel_difference(fb, fa) y USING (step) WHERE abs(x.difference + y.difference) > 1e-12 OR abs(x.lower + y.upper) > 1e-12 OR abs(x.p_value - y.p_value) > 1e-12', 'exchanged: the same with the other sign');
SELECT throws_ok($$ SELECT funnel_difference(fa, (SELECT funnel(u, at, '10', '1 day') FROM event)) FROM pair $$, '22023', 'a has 3 steps, but b has 2', 'other steps');
SELECT throws_ok($$ SELECT flow_difference(pa, pb, NULL) FROM pair $$, '22004', 'level must not be NULL', 'no level');
SELECT throws_ok($$ SELECT retention_difference(ra, rb, 1) FROM pair $$, '22023', 'level is 1, which is not between 0 and 1', 'a wrong level');
SELECT throws_ok($$ SELECT funnel_difference(fa, fb, 0.5, NULL) FROM pair $$, '22004', 'min_users must not be NULL', 'no min_users');
SELECT * FROM finish();
ROLLBACK;
