-- title: Events of a segment
-- question: How many events have the customers of a stored segment, a third of all?

-- setup: plain
CREATE TABLE scratch.segment_users AS SELECT DISTINCT user_id FROM events WHERE user_id % 3 = 0;
CREATE UNIQUE INDEX ON scratch.segment_users (user_id);
ANALYZE scratch.segment_users;

-- setup: journey
CREATE TABLE scratch.segments AS
SELECT 'third' AS name, userset_agg(user_id) AS users FROM events WHERE user_id % 3 = 0;

-- setup: clickhouse
CREATE OR REPLACE TABLE segments ENGINE = Memory AS
SELECT groupBitmapState(toUInt64(user_id)) AS users FROM events WHERE user_id % 3 = 0;

-- run: plain
SELECT event, count(*) FROM events JOIN scratch.segment_users USING (user_id) GROUP BY event;

-- run: journey
SELECT event, count(*)
FROM events
WHERE contains((SELECT users FROM scratch.segments WHERE name = 'third'), user_id)
GROUP BY event;

-- run: journey, join members
SELECT event, count(*)
FROM events JOIN (SELECT members(users) AS user_id FROM scratch.segments WHERE name = 'third') AS m USING (user_id)
GROUP BY event;

-- run: clickhouse
SELECT event, count() FROM events WHERE bitmapContains((SELECT users FROM segments), toUInt64(user_id)) GROUP BY event;
