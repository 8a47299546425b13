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

-- cohort_retention: the users of a whole table.
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE TABLE log (user_id int, at timestamptz, start boolean, back boolean, amount int);
INSERT INTO log VALUES
    (1, '2026-01-01 09:00', true, true, 10), (1, '2026-01-02 08:00', false, true, 20), (1, '2026-01-08 09:00', true, true, NULL),
    (2, '2026-01-01 23:30', true, NULL, 5), (2, '2026-01-02 00:30', NULL, true, 7), (2, '2026-01-04 12:00', false, true, 1),
    (3, '2026-01-02 12:00', true, true, 3),
    (NULL, '2026-01-02 12:00', true, true, 3), (4, NULL, true, true, 3);

SELECT * FROM retention_cells((SELECT cohort_retention(user_id, at, start, back, 'day', 3) FROM log));
SELECT * FROM retention_curve((SELECT cohort_retention(user_id, at, start, back, 'day', 3) FROM log));
SELECT * FROM retention_cells((SELECT cohort_retention(user_id, at, start, back, amount, 'day', ARRAY[1, 7], 'every, within') FROM log));
SELECT cohort, period, users FROM retention_cells((SELECT cohort_retention(user_id, at, start, back, 'day', 2, '', 'Asia/Shanghai') FROM log));
SELECT cohort, period, users, complete FROM retention_cells((SELECT cohort_retention('user ' || user_id, at, start, back, 'rolling day', 3, 'within_from_1') FROM log));
SELECT cohort, period, users FROM retention_cells((SELECT cohort_retention(user_id, at, start, back, 'week', 1, 'on_or_after') FROM log));
SELECT * FROM unnest((SELECT retention_members(user_id, at, start, back, 'day', 3) FROM log));
SELECT * FROM unnest((SELECT retention_members(user_id, at, start, back, 'day', ARRAY[1, 7], 'every,on_or_after') FROM log));

-- nobody, and no rows
SELECT * FROM retention_cells((SELECT cohort_retention(user_id, at, false, true, 'day', 3) FROM log));
SELECT * FROM retention_curve((SELECT cohort_retention(user_id, at, false, true, 'day', 1) FROM log));
SELECT cohort_retention(user_id, at, start, back, 'day', 3) FROM log WHERE false;
SELECT retention_members(user_id, at, false, back, 'day', 3) FROM log;
SELECT start, count(*) FROM (SELECT start, cohort_retention(user_id, at, start, back, 'day', 1) AS s FROM log GROUP BY start) AS g, retention_cells(s) GROUP BY start ORDER BY start;

-- the end of observation
SELECT cohort_date, period, users, complete FROM retention_cells((SELECT cohort_retention(user_id, at, start, back, 'day', 2, '', 'Asia/Shanghai', '2026-01-04 16:00+00') FROM log));
SELECT cohort_date, period, users, value, complete FROM retention_cells((SELECT cohort_retention(user_id, at, start, back, amount, 'day', ARRAY[1, 3], 'every', '', '2026-01-08') FROM log));
SELECT user_id, cohort_date, returned FROM unnest((SELECT retention_members(user_id, at, start, back, 'day', 3, '', '', '2026-01-04') FROM log));
SELECT user_id, cohort_date, returned FROM unnest((SELECT retention_members(user_id, at, start, back, 'day', ARRAY[1, 3], '', '', NULL) FROM log)) LIMIT 1;
SELECT cohort_retention(user_id, at, start, back, 'day', 2, '', '', 'infinity') FROM log;
-- the newest event lies in the future: said once for a statement
SELECT count(s), count(t) FROM (SELECT user_id % 2, cohort_retention(user_id, at, start, back, 'day', 1) AS s, cohort_retention(user_id, at, start, back, 'week', 1) AS t
    FROM (SELECT * FROM log UNION ALL SELECT user_id, '2199-01-01 00:00+00', true, true, 1 FROM log WHERE user_id IS NOT NULL) AS l GROUP BY 1) AS g;
-- however many processes there are
CREATE TABLE future AS SELECT i % 9 AS user_id, timestamptz '2199-01-01' + i * interval '1 minute' AS at FROM generate_series(1, 20000) AS i;
ALTER TABLE future SET (parallel_workers = 2);
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT cohort_retention(user_id, at, true, true, 'day', 1) IS NULL AS none FROM future;
SET LOCAL journey.enable_scan = off;
SELECT cohort_retention(user_id, at, true, true, 'day', 1) IS NULL AS none, lifecycle(user_id, at, 'day') IS NULL AS none_either FROM future;
COMMIT;
DROP TABLE future;
SELECT cohort_retention(user_id, at, start, back, 'day', 1, '', '', '2026-02-01') IS NULL AS none
FROM (SELECT * FROM log UNION ALL SELECT 1, '2199-01-01 00:00+00', true, true, 1) AS l;

-- the result is a value
CREATE TABLE results AS
SELECT user_id % 2 AS shard, cohort_retention(user_id, at, start, back, amount, 'day', 3) AS s
FROM log WHERE user_id IS NOT NULL GROUP BY 1;
SELECT period, users, value FROM retention_curve((SELECT rollup(s) FROM results));
SELECT s FROM results ORDER BY shard;
SELECT shard, s::text::retention_stats::text = s::text AS same FROM results ORDER BY shard;

-- bad input
SELECT cohort_retention(user_id, at, start, back, 'year', 3) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'rolling quarter', 3) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 0) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 10001) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', ARRAY[1, 1]) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', ARRAY[]::int[]) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', ARRAY[1, NULL]) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 3, 'sometimes') FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 3, 'on, within') FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 3, 'first,every') FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 3, 'on', 'Mars') FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 3, 'on', 'UTC+8') FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', user_id) FROM log;
SELECT cohort_retention(user_id, at, start, back, NULL, 3) FROM log;
SELECT cohort_retention(user_id, 'infinity'::timestamptz, start, back, 'day', 3) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'NaN'::float8, 'day', 3) FROM log;
SELECT cohort_retention('{}'::json, at, start, back, 'day', 3) FROM log;
SELECT cohort_retention(user_id, at, start, back, 'day', 3) OVER () FROM log;
SELECT rollup(s) FROM (SELECT s FROM results UNION ALL SELECT cohort_retention(1, now(), true, true, 'day', 3)) AS two;
SELECT rollup(s) FROM (SELECT cohort_retention(user_id, at, start, back, 'day', 3, '', 'UTC') FROM log
    UNION ALL SELECT cohort_retention(user_id, at, start, back, 'day', 3, '', 'Asia/Shanghai') FROM log) AS two (s);
SELECT '{"version": 1}'::retention_stats;

DROP TABLE log, results;
