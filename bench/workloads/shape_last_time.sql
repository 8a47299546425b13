-- title: Shape: max(at) GROUP BY user_id
-- question: How many customers were last seen on each day?

-- run: plain
SELECT day, count(*) FROM (SELECT user_id, (max(at) AT TIME ZONE 'UTC')::date AS day FROM events GROUP BY user_id) AS u GROUP BY day;

-- run: journey
SET journey.enable_aggregate = always;
SELECT day, count(*) FROM (SELECT user_id, (max(at) AT TIME ZONE 'UTC')::date AS day FROM events GROUP BY user_id) AS u GROUP BY day;

-- run: clickhouse
SELECT day, count() FROM (SELECT user_id, toDate(max(at), 'UTC') AS day FROM events GROUP BY user_id) GROUP BY day;
