-- title: Shape: customers by channel
-- question: How many customers used each channel?

-- run: plain
SELECT channel, count(DISTINCT user_id) FROM events GROUP BY channel;

-- run: journey
SELECT channel, cardinality(userset_agg(user_id)) FROM events GROUP BY channel;

-- run: clickhouse
SELECT channel, uniqExact(user_id) FROM events GROUP BY channel;
