-- title: Quality of a log
-- question: How many rows of each event are there, and how many repeat a customer's event of the same time? (With all other counts of log_quality, which plain SQL and other engines leave out.)

-- run: plain
SELECT event, count(*) AS rows, count(*) - count(DISTINCT (user_id, at)) AS duplicate_rows FROM events GROUP BY event;

-- run: journey
SELECT event, rows, duplicate_rows
FROM journey.quality_events((SELECT journey.log_quality(user_id, at, at, event, NULL::bigint, 'day') FROM events));

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT event, rows, duplicate_rows
FROM journey.quality_events((SELECT journey.log_quality(user_id, at, at, event, NULL::bigint, 'day') FROM events));

-- run: duckdb
SELECT event, count(*), count(*) - count(DISTINCT (user_id, time)) FROM events GROUP BY event;
