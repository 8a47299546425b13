-- title: Funnel of three steps within 7 days
-- question: How far does each customer get, at best, from looking at a loan over applying to signing?

-- run: plain
-- For each row the latest start of a chain that ends there: a later start is never
-- worse. One sort, two window passes.
SELECT level, count(*)
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
      GROUP BY user_id) AS users
GROUP BY level;

-- run: journey
SELECT level, count(*)
FROM (SELECT user_id,
             window_funnel(at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']),
                           '7 days') AS level
      FROM events
      WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')
      GROUP BY user_id) AS users
GROUP BY level;

-- run: journey, sorted aggregate
SET enable_hashagg = off;
SELECT level, count(*)
FROM (SELECT user_id,
             window_funnel(at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']),
                           '7 days') AS level
      FROM events
      WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')
      GROUP BY user_id) AS users
GROUP BY level;

-- run: duckdb
SELECT level, count(*)
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
      GROUP BY user_id) AS users
GROUP BY level;

-- run: duckdb, lists
-- A list of times for each user and step, searched for chains.
SELECT level, count(*)
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
            GROUP BY user_id) AS users) AS levels
GROUP BY level;

-- run: clickhouse
SELECT level, count()
FROM (SELECT user_id,
             windowFunnel(604800)(at, event = 'loan_view', event = 'loan_apply', event = 'loan_sign') AS level
      FROM events
      WHERE event IN ('loan_view', 'loan_apply', 'loan_sign')
      GROUP BY user_id)
GROUP BY level;
