-- title: Shape: window_funnel GROUP BY user_id
-- question: How many customers reach each level, counted from one level for each customer?

-- run: journey
SET journey.enable_aggregate = on;
SELECT level, count(*) FROM (SELECT user_id, window_funnel(at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') AS level FROM events GROUP BY user_id) AS u GROUP BY level;

-- run: journey, PostgreSQL's grouping
SET journey.enable_aggregate = off;
SELECT level, count(*) FROM (SELECT user_id, window_funnel(at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') AS level FROM events GROUP BY user_id) AS u GROUP BY level;

-- run: clickhouse
SELECT level, count() FROM (SELECT user_id, windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level FROM events GROUP BY user_id) GROUP BY level;
