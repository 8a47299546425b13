-- title: Shape: JOIN customers, GROUP BY tier
-- question: How many customers of each tier reach each of the three steps within 7 days?

-- setup: plain
CREATE UNLOGGED TABLE scratch.customers AS SELECT user_id, 'tier ' || user_id % 4 AS tier FROM (SELECT DISTINCT user_id FROM events) AS u;
ALTER TABLE scratch.customers ADD PRIMARY KEY (user_id);
VACUUM (FREEZE, ANALYZE) scratch.customers;

-- setup: clickhouse
CREATE OR REPLACE TABLE customers ENGINE = MergeTree ORDER BY user_id AS SELECT user_id, concat('tier ', toString(user_id % 4)) AS tier FROM (SELECT DISTINCT user_id FROM events);

-- run: journey
SELECT tier, step, users
FROM (SELECT tier, funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') AS f FROM events JOIN scratch.customers USING (user_id) GROUP BY tier) AS c, funnel_steps(f);

-- run: clickhouse
SELECT tier, step, users
FROM (SELECT tier, [countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)] AS reached
      FROM (SELECT tier, user_id, windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level FROM events JOIN customers USING (user_id) GROUP BY tier, user_id)
      GROUP BY tier) AS levels
ARRAY JOIN reached AS users, [1, 2, 3] AS step;
