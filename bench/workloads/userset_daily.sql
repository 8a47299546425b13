-- title: Retention from a set of customers a day
-- question: Of the customers of each day, how many came back one, seven and thirty days later? (From one stored set a day.)

-- setup: plain
CREATE TABLE scratch.daily_users AS
SELECT DISTINCT (at AT TIME ZONE 'UTC')::date AS day, user_id FROM events;
CREATE INDEX ON scratch.daily_users (day, user_id);
ANALYZE scratch.daily_users;

-- setup: journey
CREATE TABLE scratch.daily AS
SELECT (at AT TIME ZONE 'UTC')::date AS day, userset_agg(user_id) AS users FROM events GROUP BY 1;
ANALYZE scratch.daily;

-- setup: clickhouse
CREATE OR REPLACE TABLE daily ENGINE = MergeTree ORDER BY day AS
SELECT toDate(at, 'UTC') AS day, groupBitmapState(toUInt64(user_id)) AS users FROM events GROUP BY day;

-- run: plain
SELECT d.day, count(*) AS users, count(d1.user_id), count(d7.user_id), count(d30.user_id)
FROM scratch.daily_users AS d
LEFT JOIN scratch.daily_users AS d1 ON d1.user_id = d.user_id AND d1.day = d.day + 1
LEFT JOIN scratch.daily_users AS d7 ON d7.user_id = d.user_id AND d7.day = d.day + 7
LEFT JOIN scratch.daily_users AS d30 ON d30.user_id = d.user_id AND d30.day = d.day + 30
GROUP BY d.day;

-- run: journey
SELECT d.day, cardinality(d.users), coalesce(and_cardinality(d.users, d1.users), 0),
       coalesce(and_cardinality(d.users, d7.users), 0), coalesce(and_cardinality(d.users, d30.users), 0)
FROM scratch.daily AS d
LEFT JOIN scratch.daily AS d1 ON d1.day = d.day + 1
LEFT JOIN scratch.daily AS d7 ON d7.day = d.day + 7
LEFT JOIN scratch.daily AS d30 ON d30.day = d.day + 30;

-- run: clickhouse
SELECT d.day, bitmapCardinality(d.users), bitmapAndCardinality(d.users, d1.users),
       bitmapAndCardinality(d.users, d7.users), bitmapAndCardinality(d.users, d30.users)
FROM daily AS d
LEFT JOIN daily AS d1 ON d1.day = d.day + 1
LEFT JOIN daily AS d7 ON d7.day = d.day + 7
LEFT JOIN daily AS d30 ON d30.day = d.day + 30;
