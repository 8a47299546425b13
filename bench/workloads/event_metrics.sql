-- title: Events and customers by day and event
-- question: How many events of each kind were there on each day, and of how many customers?

-- run: plain
SELECT event, at::date, count(*), count(DISTINCT user_id) FROM events GROUP BY 1, 2;

-- run: plain, distinct first
SELECT event, day, sum(n)::bigint, count(*) FROM (SELECT event, at::date AS day, user_id, count(*) AS n FROM events GROUP BY 1, 2, 3) AS e GROUP BY 1, 2;

-- run: journey
SELECT breakdown, bucket_date, events, users
FROM metric_rows((SELECT event_metrics(user_id, at, event, 'day', '', 'UTC') FROM events))
WHERE events > 0;

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT breakdown, bucket_date, events, users
FROM metric_rows((SELECT event_metrics(user_id, at, event, 'day', '', 'UTC') FROM events))
WHERE events > 0;

-- run: journey, values chosen by users
SELECT breakdown, bucket_date, events, users
FROM metric_rows((SELECT event_metrics(user_id, at, event, 'day', 'top 10000', 'UTC') FROM events))
WHERE events > 0;

-- run: duckdb
SELECT event, time::date, count(*), count(DISTINCT user_id) FROM events GROUP BY 1, 2;

-- run: clickhouse
SELECT event, toDate(at) AS day, count(), uniqExact(user_id) FROM events GROUP BY event, day;
