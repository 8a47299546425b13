-- inference: how sure a number is.
SET search_path = journey, public;
SET extra_float_digits = 0;

SELECT round(rate::numeric, 6) AS rate, round(lower::numeric, 6) AS lower, round(upper::numeric, 6) AS upper FROM wilson_interval(3, 10);
SELECT round(difference::numeric, 6) AS difference, round(lower::numeric, 6) AS lower, round(upper::numeric, 6) AS upper, round(p_value::numeric, 6) AS p_value FROM proportion_difference(56, 70, 48, 80);
SELECT round(difference::numeric, 6) AS difference, round(lower::numeric, 6) AS lower, round(upper::numeric, 6) AS upper, round(p_value::numeric, 6) AS p_value FROM mean_difference(10, 0.75, 1.78901, 10, 2.33, 2.002249);
SELECT round(odds_ratio::numeric, 6) AS odds_ratio, round(lower::numeric, 6) AS lower, round(upper::numeric, 6) AS upper, round(p_value::numeric, 6) AS p_value FROM odds_ratio(3, 1, 1, 3);
-- Berkeley: men were admitted more often, but not in the same department
CREATE TABLE admission (department text, men bigint, men_not bigint, women bigint, women_not bigint);
INSERT INTO admission VALUES ('A', 512, 313, 89, 19), ('B', 353, 207, 17, 8), ('C', 120, 205, 202, 391), ('D', 138, 279, 131, 244), ('E', 53, 138, 94, 299), ('F', 22, 351, 24, 317);
SELECT round((o).odds_ratio::numeric, 3) AS crude, round((m).odds_ratio::numeric, 3) AS adjusted, round((m).lower::numeric, 3) AS lower, round((m).upper::numeric, 3) AS upper, round((m).chi_square::numeric, 2) AS chi_square
FROM (SELECT odds_ratio(sum(men)::bigint, sum(men_not)::bigint, sum(women)::bigint, sum(women_not)::bigint) AS o,
             mantel_haenszel(array_agg(men), array_agg(men_not), array_agg(women), array_agg(women_not)) AS m FROM admission) s;
SELECT q_values('{0.01, 0.04, NULL, 0.03, NaN, 0.5}');

-- nothing to say
SELECT * FROM wilson_interval(0, 0);
SELECT * FROM proportion_difference(1, 2, 0, 0);
SELECT * FROM odds_ratio(0, 0, 3, 4);
SELECT * FROM mantel_haenszel('{1}', '{0}', '{0}', '{0}');
SELECT * FROM mantel_haenszel('{3}', '{0}', '{2}', '{5}');
SELECT q_values('{}'), q_values(NULL);

-- bad input
SELECT wilson_interval(3, 2);
SELECT wilson_interval(3, 20, 1);
SELECT odds_ratio(3, -1, 1, 3);
SELECT mean_difference(10, 0, -1, 10, 0, 1);
SELECT mantel_haenszel('{1}', '{1,2}', '{1}', '{1}');
SELECT q_values('{0.5, 1.5}');
DROP TABLE admission;
