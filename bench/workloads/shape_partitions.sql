-- title: Shape: a table in six partitions
-- question: How many customers reach each of the three steps within 7 days, in a table partitioned by time?

-- setup: plain
CREATE TABLE scratch.parted (LIKE events) PARTITION BY RANGE (at);
DO $$ BEGIN FOR i IN 0..5 LOOP EXECUTE format('CREATE UNLOGGED TABLE scratch.parted_%s PARTITION OF scratch.parted FOR VALUES FROM (%L) TO (%L)', i, timestamptz '2025-01-01 00:00:00+00' + i * interval '15 days', timestamptz '2025-01-01 00:00:00+00' + (i + 1) * interval '15 days'); END LOOP; END $$;
INSERT INTO scratch.parted SELECT * FROM events;
VACUUM (FREEZE, ANALYZE) scratch.parted;

-- run: journey, one table
SELECT step, users FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM events));

-- run: journey, partitions
SELECT step, users FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') FROM scratch.parted));

-- run: clickhouse
SELECT step, users
FROM (SELECT [countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)] AS reached
      FROM (SELECT user_id, windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level FROM events GROUP BY user_id)) AS levels
ARRAY JOIN reached AS users, [1, 2, 3] AS step;
