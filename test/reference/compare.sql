-- What R says, from the files :from, against pg_journey; prints TAP. :marketing is the log of a campaign, or empty.
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
SET LOCAL search_path = pg_temp, journey, public;
SELECT no_plan();

-- Equal but for rounding.
CREATE FUNCTION pg_temp.near(found float8, wanted float8, tolerance float8 DEFAULT 1e-9) RETURNS boolean LANGUAGE sql
	RETURN CASE WHEN found IS NULL OR wanted IS NULL THEN found IS NOT DISTINCT FROM wanted WHEN abs(wanted) < 1e-280 THEN abs(found) < 1e-279 ELSE abs(found - wanted) <= tolerance * abs(wanted) END;

CREATE TABLE pg_temp.fourfold (a float8, b float8, c float8, d float8, fisher float8, chi float8, ratio float8, lower float8, upper float8);
CREATE TABLE pg_temp.rates (x float8, n float8, level float8, lower float8, upper float8);
CREATE TABLE pg_temp.strata (i float8, a float8, b float8, c float8, d float8, ratio float8, lower float8, upper float8, p float8, chi float8);
CREATE TABLE pg_temp.samples (n float8, mean float8, sd float8, cn float8, cmean float8, csd float8, level float8, lower float8, upper float8, p float8);
CREATE TABLE pg_temp.q_values (i float8, k float8, p float8, q float8);
\set file :from '.fourfold'
COPY pg_temp.fourfold FROM :'file';
\set file :from '.rates'
COPY pg_temp.rates FROM :'file';
\set file :from '.strata'
COPY pg_temp.strata FROM :'file';
\set file :from '.samples'
COPY pg_temp.samples FROM :'file';
\set file :from '.q_values'
COPY pg_temp.q_values FROM :'file';

SELECT cmp_ok(count(*), '>', 1000::bigint, 'fourfold tables') FROM pg_temp.fourfold;
SELECT is_empty('SELECT f.*, o.p_value FROM pg_temp.fourfold f, odds_ratio(a::bigint, b::bigint, c::bigint, d::bigint) o WHERE NOT pg_temp.near(o.p_value, fisher, 1e-8)', 'fisher.test');
SELECT is_empty('SELECT f.*, x.p_value FROM pg_temp.fourfold f, proportion_difference(a::bigint, (a + b)::bigint, c::bigint, (c + d)::bigint) x WHERE NOT pg_temp.near(x.p_value, chi)', 'chisq.test without correction');
SELECT is_empty('SELECT f.*, o FROM pg_temp.fourfold f, odds_ratio(a::bigint, b::bigint, c::bigint, d::bigint) o WHERE NOT (pg_temp.near(o.odds_ratio, ratio) AND pg_temp.near(o.lower, f.lower) AND pg_temp.near(o.upper, f.upper))', 'odds ratios and their intervals');
SELECT is_empty('SELECT r.*, w FROM pg_temp.rates r, wilson_interval(x::bigint, n::bigint, level) w WHERE NOT (abs(w.lower - r.lower) < 1e-12 AND abs(w.upper - r.upper) < 1e-12)', 'prop.test of one sample');
SELECT is_empty('SELECT s.*, m FROM (SELECT ratio, lower, upper, p, chi, mantel_haenszel(array_agg(a::bigint), array_agg(b::bigint), array_agg(c::bigint), array_agg(d::bigint)) AS m FROM pg_temp.strata GROUP BY i, ratio, lower, upper, p, chi) s
	WHERE NOT (pg_temp.near((m).odds_ratio, ratio) AND pg_temp.near((m).lower, lower) AND pg_temp.near((m).upper, upper) AND pg_temp.near((m).p_value, p, 1e-8) AND abs((m).chi_square - chi) <= 1e-9 * (chi + 1))', 'mantelhaen.test');
SELECT is_empty('SELECT s.*, x FROM pg_temp.samples s, mean_difference(n::bigint, mean, sd, cn::bigint, cmean, csd, level) x WHERE NOT (abs(x.lower - s.lower) < 1e-9 * (abs(s.lower) + s.upper - s.lower) AND abs(x.upper - s.upper) < 1e-9 * (abs(s.upper) + s.upper - s.lower) AND pg_temp.near(x.p_value, p))', 't.test');
SELECT is_empty('SELECT g.i, u.* FROM (SELECT i, array_agg(q ORDER BY k) AS wanted, q_values(array_agg(p ORDER BY k)) AS found FROM pg_temp.q_values GROUP BY i) g, unnest(found, wanted) u (f, w) WHERE NOT pg_temp.near(f, w)', 'p.adjust');

-- Berkeley, 1973: ?UCBAdmissions in R.
CREATE TABLE pg_temp.admission (men bigint, men_not bigint, women bigint, women_not bigint);
INSERT INTO pg_temp.admission VALUES (512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391), (138, 279, 131, 244), (53, 138, 94, 299), (22, 351, 24, 317);
SELECT is((SELECT (round((o).odds_ratio::numeric, 2), round((m).odds_ratio::numeric, 3), round((m).chi_square::numeric, 2)) FROM (SELECT odds_ratio(sum(men)::bigint, sum(men_not)::bigint, sum(women)::bigint, sum(women_not)::bigint) AS o,
	mantel_haenszel(array_agg(men), array_agg(men_not), array_agg(women), array_agg(women_not)) AS m FROM pg_temp.admission) s)::text, '(1.84,0.905,1.43)', 'admissions to Berkeley: crude 1.84, adjusted 0.905, chi-square 1.43');

-- A bank's calls: who subscribed? A customer is one history: the call, what is known of the customer, the outcome.
SELECT :'marketing' <> '' AS has_marketing \gset
\if :has_marketing
CREATE TABLE pg_temp.call (customer_id int, age int, balance int, duration int, campaign int, pdays int, previous int, day int, "default" int, housing int, loan int, job text, marital text, education text, contact text, month text, poutcome text, subscribed int);
COPY pg_temp.call FROM :'marketing' (FORMAT csv, HEADER);
CREATE TABLE pg_temp.history AS
	SELECT customer_id, timestamptz '2026-01-01 00:00+00' AS at, 'call' AS event, education FROM pg_temp.call
	UNION ALL SELECT customer_id, timestamptz '2026-01-01 01:00+00', f, NULL FROM pg_temp.call, LATERAL (VALUES ('housing', housing = 1), ('loan', loan = 1), ('default', "default" = 1), ('cellular', contact = 'cellular'), ('success', poutcome = 'success')) v (f, has) WHERE has
	UNION ALL SELECT customer_id, timestamptz '2026-01-01 02:00+00', 'subscribed', NULL FROM pg_temp.call WHERE subscribed = 1;
CREATE TABLE pg_temp.drivers AS SELECT r.* FROM driver_rows((SELECT event_drivers(customer_id, at, event, event = 'call', event = 'subscribed', '1 day', '', education, '2026-02-01') FROM pg_temp.history)) AS r;
CREATE TABLE pg_temp.crossed AS
	SELECT f AS factor, education, count(*) FILTER (WHERE has AND subscribed = 1) AS a, count(*) FILTER (WHERE has AND subscribed = 0) AS b, count(*) FILTER (WHERE NOT has AND subscribed = 1) AS c, count(*) FILTER (WHERE NOT has AND subscribed = 0) AS d
	FROM pg_temp.call, LATERAL (VALUES ('housing', housing = 1), ('loan', loan = 1), ('default', "default" = 1), ('cellular', contact = 'cellular'), ('success', poutcome = 'success')) v (f, has) GROUP BY f, education;
SELECT results_eq('SELECT factor, goal_with, users_with - goal_with, goal_without, users_without - goal_without FROM pg_temp.drivers ORDER BY factor', 'SELECT factor, sum(a)::bigint, sum(b)::bigint, sum(c)::bigint, sum(d)::bigint FROM pg_temp.crossed GROUP BY factor ORDER BY factor', 'a bank''s calls: the counts of drivers');
SELECT is_empty('SELECT d.factor, m FROM pg_temp.drivers d JOIN (SELECT factor, mantel_haenszel(array_agg(a), array_agg(b), array_agg(c), array_agg(d)) AS m FROM pg_temp.crossed GROUP BY factor) c USING (factor)
	WHERE NOT (pg_temp.near(d.adjusted_odds_ratio, (m).odds_ratio) AND pg_temp.near(d.adjusted_p_value, (m).p_value))', 'and their odds ratios by education');
SELECT is((SELECT factor FROM pg_temp.drivers LIMIT 1), 'success', 'an earlier success goes with a subscription most');
\endif
SELECT * FROM finish();
ROLLBACK;
