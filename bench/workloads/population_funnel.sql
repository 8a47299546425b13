-- title: Funnel of a whole population
-- question: How many customers reach each of the three steps within 7 days? (The users grouped inside funnel(), instead of by GROUP BY user_id.)

-- run: plain
SELECT step, count(*) FILTER (WHERE level >= step) AS users
FROM (SELECT user_id,
             max(CASE WHEN event = 'loan_sign' AND at - start_of_2 <= interval '7 days' THEN 3
                      WHEN event = 'loan_apply' AND at - start_of_1 <= interval '7 days' THEN 2
                      WHEN event = 'loan_view' THEN 1
                      ELSE 0 END) AS level
      FROM (SELECT *, max(start_of_1) FILTER (WHERE event = 'loan_apply')
                          OVER (PARTITION BY user_id ORDER BY at) AS start_of_2
            FROM (SELECT user_id, at, event, max(at) FILTER (WHERE event = 'loan_view')
                          OVER (PARTITION BY user_id ORDER BY at) AS start_of_1
                  FROM events
                  WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')) AS e1) AS e2
      GROUP BY user_id) AS levels,
     (VALUES (1), (2), (3)) AS steps(step)
GROUP BY step;

-- run: journey
SELECT step, users
FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days')
                   FROM events
                   WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')));

-- run: journey, without WHERE
SELECT step, users
FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days')
                   FROM events));

-- run: journey, text ids
SELECT step, users
FROM funnel_steps((SELECT funnel(user_id::text, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days')
                   FROM events
                   WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')));

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT step, users
FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days')
                   FROM events
                   WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')));

-- run: duckdb
SELECT step, count(*) FILTER (WHERE level >= step) AS users
FROM (SELECT user_id,
             max(CASE WHEN event = 'loan_sign' AND time - start_of_2 <= interval '7 days' THEN 3
                      WHEN event = 'loan_apply' AND time - start_of_1 <= interval '7 days' THEN 2
                      WHEN event = 'loan_view' THEN 1
                      ELSE 0 END) AS level
      FROM (SELECT *, max(start_of_1) FILTER (WHERE event = 'loan_apply')
                          OVER (PARTITION BY user_id ORDER BY time) AS start_of_2
            FROM (SELECT user_id, time, event, max(time) FILTER (WHERE event = 'loan_view')
                          OVER (PARTITION BY user_id ORDER BY time) AS start_of_1
                  FROM events
                  WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')) AS e1) AS e2
      GROUP BY user_id) AS levels,
     (VALUES (1), (2), (3)) AS steps(step)
GROUP BY step;

-- run: duckdb, lists
SELECT step, count(*) FILTER (WHERE level >= step) AS users
FROM (SELECT CASE
             WHEN len(list_filter(t3, z -> len(list_filter(t2, y -> y <= z AND
                      len(list_filter(t1, x -> x <= y AND z - x <= interval '7 days')) > 0)) > 0)) > 0 THEN 3
             WHEN len(list_filter(t2, y ->
                      len(list_filter(t1, x -> x <= y AND y - x <= interval '7 days')) > 0)) > 0 THEN 2
             WHEN len(t1) > 0 THEN 1
             ELSE 0 END AS level
      FROM (SELECT user_id,
                   list(time) FILTER (WHERE event = 'loan_view') AS t1,
                   list(time) FILTER (WHERE event = 'loan_apply') AS t2,
                   list(time) FILTER (WHERE event = 'loan_sign') AS t3
            FROM events
            WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')
            GROUP BY user_id) AS users) AS levels,
     (VALUES (1), (2), (3)) AS steps(step)
GROUP BY step;

-- run: clickhouse
SELECT step, users
FROM (SELECT [countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)] AS reached
      FROM (SELECT user_id,
             windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level
      FROM events
      WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')
      GROUP BY user_id)) AS levels
ARRAY JOIN reached AS users, [1, 2, 3] AS step;

-- run: clickhouse, without WHERE
SELECT step, users
FROM (SELECT [countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)] AS reached
      FROM (SELECT user_id,
             windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level
      FROM events
      GROUP BY user_id)) AS levels
ARRAY JOIN reached AS users, [1, 2, 3] AS step;
