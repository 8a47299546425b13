-- title: Traffic by page
-- question: For each kind of event: how many are there, of how many customers, how many begin a session, how many end one, and how many seconds pass until the next event of the session, in all? (A session ends after 30 minutes without an event; of events of one time the name decides.)

-- run: plain
SELECT event, count(*) AS views, count(DISTINCT user_id) AS visitors,
       count(*) FILTER (WHERE before IS NOT TRUE) AS entries, count(*) FILTER (WHERE after IS NOT TRUE) AS exits,
       coalesce(sum(extract(epoch FROM took)) FILTER (WHERE after), 0)::bigint AS seconds
FROM (SELECT user_id, event, at - lag(at) OVER w <= interval '30 minutes' AS before,
             lead(at) OVER w - at AS took, lead(at) OVER w - at <= interval '30 minutes' AS after
      FROM events WINDOW w AS (PARTITION BY user_id ORDER BY at, event COLLATE "C")) AS e
GROUP BY event ORDER BY event COLLATE "C";

-- run: journey
SELECT node, events, users, entries, exits,
       round(coalesce(extract(epoch FROM avg_time), 0) * (events - exits))::bigint AS seconds
FROM session_nodes((SELECT sessions(user_id, at, event, '30 minutes', 'UTC') FROM events));

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT node, events, users, entries, exits,
       round(coalesce(extract(epoch FROM avg_time), 0) * (events - exits))::bigint AS seconds
FROM session_nodes((SELECT sessions(user_id, at, event, '30 minutes', 'UTC') FROM events));

-- run: duckdb
SELECT event, count(*) AS views, count(DISTINCT user_id) AS visitors,
       count(*) FILTER (WHERE before IS NOT TRUE) AS entries, count(*) FILTER (WHERE after IS NOT TRUE) AS exits,
       coalesce(sum(epoch(took)) FILTER (WHERE after), 0)::bigint AS seconds
FROM (SELECT user_id, event, time - lag(time) OVER w <= interval '30 minutes' AS before,
             lead(time) OVER w - time AS took, lead(time) OVER w - time <= interval '30 minutes' AS after
      FROM events WINDOW w AS (PARTITION BY user_id ORDER BY time, event)) AS e
GROUP BY event ORDER BY event;

-- run: clickhouse
SELECT node, count() AS views, uniqExact(user_id) AS visitors, countIf(before) AS entries, countIf(after) AS exits,
       sum(if(after, 0, took)) AS seconds
FROM (SELECT user_id,
             arraySort(groupArray((toUInt32(at), toString(event)))) AS pages,
             arrayMap(r -> r.1, pages) AS times,
             arrayDifference(times) AS since,
             arrayPushBack(arrayPopFront(since), 4294967295) AS until,
             arrayJoin(arrayZip(arrayMap(r -> r.2, pages), arrayMap((d, i) -> d > 1800 OR i = 1, since, arrayEnumerate(since)),
                                arrayMap(d -> d > 1800, until), until)) AS e,
             e.1 AS node, e.2 AS before, e.3 AS after, e.4 AS took
      FROM events
      GROUP BY user_id)
GROUP BY node ORDER BY node;
