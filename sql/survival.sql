-- How long users stay: the curve, its groups, and the test that they are alike.
SET search_path = public, journey;
SET timezone = 'UTC';
-- weeks in remission of leukaemia patients (Freireich and others, 1963); + means that observation ended
CREATE TABLE remission (patient int, drug text, week int, ended boolean);
INSERT INTO remission
SELECT row_number() OVER (), drug, trim(trailing '+' FROM week)::int, week !~ '\+'
FROM (VALUES ('6-MP', '6,6,6,6+,7,9+,10,10+,11+,13,16,17+,19+,20+,22,23,25+,32+,32+,34+,35+'),
             ('placebo', '1,1,2,2,3,4,4,5,5,8,8,8,8,11,11,12,12,15,17,22,23')) AS v (drug, weeks), unnest(string_to_array(weeks, ',')) AS week;
CREATE VIEW stay AS
SELECT patient, drug, timestamptz '2026-01-05' + week * interval '1 week' * last AS at, NOT last::boolean AS is_start, last::boolean AND ended AS is_end
FROM remission, (VALUES (0), (1)) AS v (last);

SELECT breakdown, period, at_risk, ended, censored, round(survival::numeric, 4) AS survival, round(std_error::numeric, 4) AS std_error, round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper
FROM survival_curve((SELECT survival_by(patient, at, is_start, is_end, drug, 'rolling week', 40) FROM stay))
WHERE ended > 0;
SELECT breakdown, users, ended, censored, median_period, round(avg_periods::numeric, 4) AS avg_periods, round(expected::numeric, 4) AS expected
FROM survival_summary((SELECT survival_by(patient, at, is_start, is_end, drug, 'week', 23) FROM stay));
SELECT groups, round(chi_square::numeric, 3) AS chi_square, degrees, round(p_value::numeric, 8) AS p_value
FROM survival_test((SELECT survival_by(patient, at, is_start, is_end, drug, 'week', 40) FROM stay));
SELECT * FROM survival_test((SELECT survival(patient, at, is_start, is_end, 'week', 40) FROM stay));
SELECT period, at_risk, ended, censored FROM survival_curve((SELECT survival(patient, at, is_start, is_end, 'month', 2, 'Asia/Shanghai', '2026-06-01') FROM stay), min_users => 9);
SELECT rollup(s) FROM (SELECT survival_by(patient, at, is_start, is_end, drug, 'quarter', 2) AS s FROM stay GROUP BY patient % 2) AS g;

-- what is refused
SELECT survival(patient, at, is_start, is_end, 'year', 3) FROM stay;
SELECT survival(patient, at, is_start, is_end, 'rolling month', 3) FROM stay;
SELECT survival(patient, at, is_start, is_end, 'day', 0) FROM stay;
SELECT survival_curve(survival(patient, at, is_start, is_end, 'day', 9), 1) FROM stay;
