-- title: Sessions by day
-- question: For each day (UTC): how many sessions begin, by how many customers, how many have one event only, how many events do they have, and how many seconds do they take in all? (A session ends after 30 minutes without an event.)

-- run: plain
SELECT (began AT TIME ZONE 'UTC')::date AS day, count(*) AS sessions, count(DISTINCT user_id) AS users,
       count(*) FILTER (WHERE views = 1) AS bounces, sum(views)::bigint AS views, sum(seconds)::bigint AS seconds
FROM (SELECT user_id, min(at) AS began, count(*) AS views, extract(epoch FROM max(at) - min(at)) AS seconds
      FROM (SELECT user_id, at, count(*) FILTER (WHERE starts) OVER (PARTITION BY user_id ORDER BY at) AS session
            FROM (SELECT user_id, at, (at - lag(at) OVER (PARTITION BY user_id ORDER BY at)
                                       <= interval '30 minutes') IS NOT TRUE AS starts
                  FROM events) AS e) AS e
      GROUP BY user_id, session) AS sessions
GROUP BY day ORDER BY day;

-- run: plain, first and last events of sessions only
SELECT (at AT TIME ZONE 'UTC')::date AS day, count(*) AS sessions, count(DISTINCT user_id) AS users,
       count(*) FILTER (WHERE last_n = n) AS bounces, sum(last_n - n + 1)::bigint AS views,
       sum(extract(epoch FROM last_at - at))::bigint AS seconds
FROM (SELECT user_id, at, n, starts,
             CASE WHEN ends THEN n ELSE lead(n) OVER w END AS last_n,
             CASE WHEN ends THEN at ELSE lead(at) OVER w END AS last_at
      FROM (SELECT user_id, at, row_number() OVER w AS n,
                   (at - lag(at) OVER w <= interval '30 minutes') IS NOT TRUE AS starts,
                   (lead(at) OVER w - at <= interval '30 minutes') IS NOT TRUE AS ends
            FROM events WINDOW w AS (PARTITION BY user_id ORDER BY at)) AS e
      WHERE starts OR ends
      WINDOW w AS (PARTITION BY user_id ORDER BY at, n)) AS e
WHERE starts
GROUP BY day ORDER BY day;

-- run: journey
SELECT bucket_date AS day, sessions, users, round(bounce_rate * sessions)::bigint AS bounces, events,
       round(extract(epoch FROM avg_duration) * sessions)::bigint AS seconds
FROM session_buckets((SELECT sessions(user_id, at, event, '30 minutes', 'UTC') FROM events));

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT bucket_date AS day, sessions, users, round(bounce_rate * sessions)::bigint AS bounces, events,
       round(extract(epoch FROM avg_duration) * sessions)::bigint AS seconds
FROM session_buckets((SELECT sessions(user_id, at, event, '30 minutes', 'UTC') FROM events));

-- run: duckdb
SELECT began::date AS day, count(*) AS sessions, count(DISTINCT user_id) AS users,
       count(*) FILTER (WHERE views = 1) AS bounces, sum(views)::bigint AS views, sum(seconds)::bigint AS seconds
FROM (SELECT user_id, min(time) AS began, count(*) AS views, epoch(max(time) - min(time)) AS seconds
      FROM (SELECT user_id, time, count(*) FILTER (WHERE starts) OVER (PARTITION BY user_id ORDER BY time) AS session
            FROM (SELECT user_id, time, (time - lag(time) OVER (PARTITION BY user_id ORDER BY time)
                                         <= interval '30 minutes') IS NOT TRUE AS starts
                  FROM events) AS e) AS e
      GROUP BY user_id, session) AS sessions
GROUP BY day ORDER BY day;

-- run: clickhouse
SELECT toDate(session[1], 'UTC') AS day, count() AS sessions, uniqExact(user_id) AS users,
       countIf(length(session) = 1) AS bounces, sum(length(session)) AS views,
       sum(session[-1] - session[1]) AS seconds
FROM (SELECT user_id, arraySort(groupArray(toUInt32(at))) AS times,
             arrayJoin(arraySplit((t, d) -> d > 1800, times, arrayDifference(times))) AS session
      FROM events
      GROUP BY user_id)
GROUP BY day ORDER BY day;
