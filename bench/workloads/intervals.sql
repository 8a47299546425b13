-- title: Time from one event to the next
-- question: How long, in whole seconds, does it take from the latest look at a loan to the application for it: how many times, of how many customers, shortest, mean, longest?

-- run: plain
SELECT count(*), count(DISTINCT user_id), min(took)::bigint, round(avg(took))::bigint, max(took)::bigint
FROM (SELECT user_id, event, lead(event) OVER w AS next, extract(epoch FROM lead(at) OVER w - at) AS took
      FROM events
      WHERE event IN ('loan_view', 'loan_apply')
      WINDOW w AS (PARTITION BY user_id ORDER BY at)) AS pairs
WHERE event = 'loan_view' AND next = 'loan_apply';

-- run: journey
SELECT count, users, extract(epoch FROM min_time)::bigint, round(extract(epoch FROM avg_time))::bigint, extract(epoch FROM max_time)::bigint
FROM interval_summary((SELECT intervals(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply']), '36500 days', 'latest')
                       FROM events
                       WHERE event IN ('loan_view', 'loan_apply')));

-- run: journey, without WHERE
SELECT count, users, extract(epoch FROM min_time)::bigint, round(extract(epoch FROM avg_time))::bigint, extract(epoch FROM max_time)::bigint
FROM interval_summary((SELECT intervals(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply']), '36500 days', 'latest')
                       FROM events));

-- run: journey, one process
SET max_parallel_workers_per_gather = 0;
SELECT count, users, extract(epoch FROM min_time)::bigint, round(extract(epoch FROM avg_time))::bigint, extract(epoch FROM max_time)::bigint
FROM interval_summary((SELECT intervals(user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply']), '36500 days', 'latest')
                       FROM events
                       WHERE event IN ('loan_view', 'loan_apply')));

-- run: duckdb
SELECT count(*), count(DISTINCT user_id), min(took)::bigint, round(avg(took))::bigint, max(took)::bigint
FROM (SELECT user_id, event, lead(event) OVER w AS next, epoch(lead(time) OVER w) - epoch(time) AS took
      FROM events
      WHERE event IN ('loan_view', 'loan_apply')
      WINDOW w AS (PARTITION BY user_id ORDER BY time)) AS pairs
WHERE event = 'loan_view' AND next = 'loan_apply';

-- run: clickhouse
SELECT count(), uniqExact(user_id), min(took), toInt64(round(avg(took))), max(took)
FROM (SELECT user_id, arraySort(groupArray((toUInt32(at), event = 'loan_apply'))) AS es
      FROM events
      WHERE event IN ('loan_view', 'loan_apply')
      GROUP BY user_id) AS users
ARRAY JOIN arrayMap((a, b) -> b.1 - a.1, arrayPopBack(es), arrayPopFront(es)) AS took,
           arrayMap((a, b) -> a.2 = 0 AND b.2 = 1, arrayPopBack(es), arrayPopFront(es)) AS counts
WHERE counts;

-- run: clickhouse, windows
SELECT count(), uniqExact(user_id), min(took), toInt64(round(avg(took))), max(took)
FROM (SELECT user_id, event, leadInFrame(event) OVER w AS next, toUInt32(leadInFrame(at) OVER w) - toUInt32(at) AS took
      FROM events
      WHERE event IN ('loan_view', 'loan_apply')
      WINDOW w AS (PARTITION BY user_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS pairs
WHERE event = 'loan_view' AND next = 'loan_apply';
