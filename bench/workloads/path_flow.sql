-- title: Paths from the first event of a session
-- question: Which ways do sessions with a gap of 30 minutes take through their first five events?

-- run: plain
SELECT level, source, target, count(DISTINCT user_id) AS users, count(*) AS sessions
FROM (SELECT user_id, session, event AS source,
             lead(event) OVER w AS target, row_number() OVER w AS level
      FROM (SELECT user_id, at, event,
                   count(*) FILTER (WHERE starts) OVER (PARTITION BY user_id ORDER BY at, event COLLATE "C") AS session
            FROM (SELECT user_id, at, event,
                         (at - lag(at) OVER (PARTITION BY user_id ORDER BY at, event COLLATE "C")
                          <= interval '30 minutes') IS NOT TRUE AS starts
                  FROM events) AS e) AS e
      WINDOW w AS (PARTITION BY user_id, session ORDER BY at, event COLLATE "C")) AS e
WHERE level < 5 AND target IS NOT NULL
GROUP BY level, source, target;

-- run: journey
SELECT position, source, target, users, sessions
FROM flow_links((SELECT path_flow(user_id, at, event, '30 minutes', 5) FROM events));

-- run: duckdb
SELECT level, source, target, count(DISTINCT user_id) AS users, count(*) AS sessions
FROM (SELECT user_id, session, event AS source,
             lead(event) OVER w AS target, row_number() OVER w AS level
      FROM (SELECT user_id, time, event,
                   count(*) FILTER (WHERE starts) OVER (PARTITION BY user_id ORDER BY time, event ROWS UNBOUNDED PRECEDING) AS session
            FROM (SELECT user_id, time, event,
                         (time - lag(time) OVER (PARTITION BY user_id ORDER BY time, event)
                          <= interval '30 minutes') IS NOT TRUE AS starts
                  FROM events) AS e) AS e
      WINDOW w AS (PARTITION BY user_id, session ORDER BY time, event)) AS e
WHERE level < 5 AND target IS NOT NULL
GROUP BY level, source, target;

-- run: clickhouse
SELECT level, source, target, uniqExact(user_id) AS users, count() AS sessions
FROM (SELECT user_id, event AS source, leadInFrame(toNullable(event)) OVER w AS target, row_number() OVER w AS level
      FROM (SELECT user_id, at, event, sum(starts) OVER (PARTITION BY user_id ORDER BY at, event ROWS UNBOUNDED PRECEDING) AS session
            FROM (SELECT user_id, at, event,
                         lagInFrame(toNullable(at)) OVER (PARTITION BY user_id ORDER BY at, event ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before,
                         before IS NULL OR at > before + INTERVAL 30 MINUTE AS starts
                  FROM events))
      WINDOW w AS (PARTITION BY user_id, session ORDER BY at, event ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))
WHERE level < 5 AND target IS NOT NULL
GROUP BY level, source, target;
