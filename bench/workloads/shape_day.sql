-- title: Shape: GROUP BY day
-- question: How many customers reach each of two steps within the hour, of the events of each day?

-- run: journey
SELECT day, step, users
FROM (SELECT date_trunc('day', at, 'UTC')::date AS day, funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply']), '1 hour') AS f
      FROM events GROUP BY date_trunc('day', at, 'UTC')) AS d, funnel_steps(f);

-- run: clickhouse
SELECT day, step, users
FROM (SELECT day, [countIf(level >= 1), countIf(level >= 2)] AS reached
      FROM (SELECT toDate(at, 'UTC') AS day, user_id, windowFunnel(3600)(at, event = 'loan_view', event = 'loan_apply') AS level
            FROM events GROUP BY day, user_id)
      GROUP BY day) AS levels
ARRAY JOIN reached AS users, [1, 2] AS step;
