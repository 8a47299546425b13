-- title: Shape: GROUP BY channel
-- question: How many customers reach each of the three steps within 7 days on each channel?

-- run: journey
SELECT channel, step, users
FROM (SELECT channel, funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') AS f FROM events GROUP BY channel) AS c, funnel_steps(f);

-- run: journey, with WHERE
SELECT channel, step, users
FROM (SELECT channel, funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') AS f FROM events
      WHERE event IN ('loan_view', 'loan_apply', 'loan_sign') GROUP BY channel) AS c, funnel_steps(f);

-- run: journey, PostgreSQL's scan
SET journey.enable_scan = off;
SELECT channel, step, users
FROM (SELECT channel, funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') AS f FROM events GROUP BY channel) AS c, funnel_steps(f);

-- run: clickhouse
SELECT channel, step, users
FROM (SELECT channel, [countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)] AS reached
      FROM (SELECT channel, user_id, windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level FROM events GROUP BY channel, user_id)
      GROUP BY channel) AS levels
ARRAY JOIN reached AS users, [1, 2, 3] AS step;

-- run: clickhouse, with WHERE
SELECT channel, step, users
FROM (SELECT channel, [countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)] AS reached
      FROM (SELECT channel, user_id, windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level FROM events
            WHERE event IN ('loan_view', 'loan_apply', 'loan_sign') GROUP BY channel, user_id)
      GROUP BY channel) AS levels
ARRAY JOIN reached AS users, [1, 2, 3] AS step;
