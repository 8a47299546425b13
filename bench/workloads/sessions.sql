-- title: Sessions with a gap of 30 minutes
-- question: How many sessions are there, and how many customers have how many?

-- run: plain
SELECT sessions, count(*)
FROM (SELECT user_id, count(*) FILTER (WHERE starts) AS sessions
      FROM (SELECT user_id, (at - lag(at) OVER (PARTITION BY user_id ORDER BY at)
                             <= interval '30 minutes') IS NOT TRUE AS starts
            FROM events) AS e
      GROUP BY user_id) AS users
GROUP BY sessions;

-- run: journey
SELECT sessions, count(*)
FROM (SELECT user_id, max(session) AS sessions
      FROM (SELECT user_id, sessionize(at, '30 minutes') OVER (PARTITION BY user_id ORDER BY at) AS session
            FROM events) AS e
      GROUP BY user_id) AS users
GROUP BY sessions;

-- run: duckdb
SELECT sessions, count(*)
FROM (SELECT user_id, count(*) FILTER (WHERE starts) AS sessions
      FROM (SELECT user_id, (time - lag(time) OVER (PARTITION BY user_id ORDER BY time)
                             <= interval '30 minutes') IS NOT TRUE AS starts
            FROM events) AS e
      GROUP BY user_id) AS users
GROUP BY sessions;

-- run: clickhouse
SELECT sessions, count()
FROM (SELECT user_id, 1 + arrayCount(d -> d > 1800, arrayDifference(arraySort(groupArray(toUInt32(at))))) AS sessions
      FROM events
      GROUP BY user_id)
GROUP BY sessions;
