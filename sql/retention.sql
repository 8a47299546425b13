-- retention: which conditions users met, given the first.
SET search_path = journey, public;

CREATE TABLE visits (user_id int, day date);
INSERT INTO visits VALUES
    (1, '2026-01-01'), (1, '2026-01-02'), (1, '2026-01-08'),
    (2, '2026-01-01'), (2, '2026-01-08'),
    (3, '2026-01-02'), (3, '2026-01-08');

SELECT user_id, retention(steps(day = '2026-01-01', day = '2026-01-02', day = '2026-01-08'))
FROM visits GROUP BY user_id ORDER BY user_id;

-- retained users per day
SELECT count(*) FILTER (WHERE r[1]) AS day_0, count(*) FILTER (WHERE r[2]) AS day_1,
       count(*) FILTER (WHERE r[3]) AS day_7
FROM (SELECT retention(steps(day = '2026-01-01', day = '2026-01-02', day = '2026-01-08')) AS r
      FROM visits GROUP BY user_id) AS users;

SELECT retention(step) AS no_rows FROM (VALUES ('1'::stepset)) AS v(step) WHERE false;
SELECT retention(step) AS null_steps FROM (VALUES ('11'::stepset), (NULL)) AS v(step);

DROP TABLE visits;
