-- title: Shape: retention() GROUP BY user_id
-- question: How many customers log in, and how many of them buy a fund or sign a loan?

-- run: journey
SET journey.enable_aggregate = on;
SELECT count(*) FILTER (WHERE r[1]), count(*) FILTER (WHERE r[2]), count(*) FILTER (WHERE r[3]) FROM (SELECT retention(step_of(event, ARRAY['login', 'fund_buy', 'loan_sign'])) AS r FROM events GROUP BY user_id) AS u;

-- run: clickhouse
SELECT countIf(r[1] = 1), countIf(r[2] = 1), countIf(r[3] = 1) FROM (SELECT retention(event = 'login', event = 'fund_buy', event = 'loan_sign') AS r FROM events GROUP BY user_id);
