-- differences: how two groups of users differ in a funnel, in retention, in a flow.
SET search_path = journey, public;
SET timezone = 'UTC';
CREATE TABLE two_groups (user_id int, at timestamptz, event text, variant text);
INSERT INTO two_groups SELECT u, '2026-01-01'::timestamptz + n * interval '1 minute', (ARRAY['visit', 'apply', 'sign'])[n], CASE WHEN u <= 100 THEN 'a' ELSE 'b' END
FROM generate_series(1, 180) u, generate_series(1, 3) n WHERE n = 1 OR u % 100 < 90 - 15 * n OR u > 100 AND u % 4 = 0;
INSERT INTO two_groups VALUES (900, '2026-01-01 05:00', 'end', 'a'), (901, '2026-01-01 05:00', 'end', 'b');

CREATE TABLE funnels AS SELECT variant, funnel(user_id, at, step_of(event, '{visit,apply,sign}'), '1 day') AS f, cohort_retention(user_id, at, event = 'visit', event <> 'visit', 'hour', 1) AS r, path_flow(user_id, at, event, '1 hour', 3) AS p FROM two_groups GROUP BY variant;
SELECT step, users_a, users_b, round(rate_a::numeric, 3) AS rate_a, round(rate_b::numeric, 3) AS rate_b, round(difference::numeric, 3) AS difference, round(lower::numeric, 3) AS lower, round(upper::numeric, 3) AS upper, round(p_value::numeric, 4) AS p_value, round(q_value::numeric, 4) AS q_value
FROM funnels a, funnels b, funnel_difference(a.f, b.f) WHERE a.variant = 'a' AND b.variant = 'b';
SELECT period, last_period, cohort_users_a, cohort_users_b, users_a, users_b, round(difference::numeric, 3) AS difference, round(q_value::numeric, 4) AS q_value
FROM funnels a, funnels b, retention_difference(a.r, b.r) WHERE a.variant = 'a' AND b.variant = 'b';
SELECT position, source, target, users_a, users_b, round(rate_a::numeric, 3) AS rate_a, round(rate_b::numeric, 3) AS rate_b, round(q_value::numeric, 4) AS q_value
FROM funnels a, funnels b, flow_difference(a.p, b.p) WHERE a.variant = 'a' AND b.variant = 'b';

-- bad input
SELECT funnel_difference(f, (SELECT funnel(user_id, at, '10', '1 day') FROM two_groups)) FROM funnels;
SELECT funnel_difference(f, f, NULL) FROM funnels;
SELECT funnel_difference(f, f, 2) FROM funnels;
SELECT flow_difference(p, p, 0.9, -1) FROM funnels;
DROP TABLE two_groups, funnels;
