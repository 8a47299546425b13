-- title: A set of customers for each kind of event
-- question: How many different customers had each kind of event?

-- run: plain
SELECT event, count(DISTINCT user_id) FROM events GROUP BY event;

-- run: plain, distinct first
SELECT event, count(*) FROM (SELECT DISTINCT event, user_id FROM events) AS e GROUP BY event;

-- run: journey
SELECT event, cardinality(userset_agg(user_id)) FROM events GROUP BY event;

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT event, cardinality(userset_agg(user_id)) FROM events GROUP BY event;

-- run: roaringbitmap
SELECT event, rb64_cardinality(rb64_build_agg(user_id)) FROM events GROUP BY event;

-- run: duckdb
SELECT event, count(DISTINCT user_id) FROM events GROUP BY event;

-- run: clickhouse
SELECT event, groupBitmap(toUInt64(user_id)) FROM events GROUP BY event;
