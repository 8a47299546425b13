-- title: Values of customers
-- question: How many customers have spent something, and how much altogether? (The sum of all amounts of each customer is made first.)

-- run: plain
SELECT count(*), sum(total) FROM (SELECT user_id, sum(amount) AS total FROM events WHERE amount IS NOT NULL GROUP BY user_id) AS t;

-- run: journey
SELECT numset_count(n), numset_sum(n) FROM (SELECT numset_agg(user_id, amount) AS n FROM events OFFSET 0) AS t;

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT numset_count(n), numset_sum(n) FROM (SELECT numset_agg(user_id, amount) AS n FROM events OFFSET 0) AS t;

-- run: duckdb
SELECT count(*), sum(total) FROM (SELECT user_id, sum(amount) AS total FROM events WHERE amount IS NOT NULL GROUP BY user_id) AS t;

-- run: clickhouse
SELECT count(), sum(total) FROM (SELECT user_id, sum(amount) AS total FROM events WHERE amount IS NOT NULL GROUP BY user_id) AS t;
