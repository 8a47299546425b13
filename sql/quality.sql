-- log_quality: can the log be trusted?
SET search_path = journey, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

CREATE TABLE log (user_id int, at timestamptz, received_at timestamptz, event text, event_id text);
INSERT INTO log VALUES
    (1, '2026-03-01 10:00', '2026-03-01 10:00:02', 'visit', 'a1'), (1, '2026-03-01 10:05', '2026-03-01 10:05:01', 'pay', 'a2'),
    (1, '2026-03-01 10:05', '2026-03-01 10:09', 'pay', 'a2'),    -- sent twice
    (2, '2026-03-01 11:00', '2026-03-03 08:00', 'visit', 'b1'),  -- late, and
    (2, '2026-03-02 09:00', '2026-03-02 09:00:01', 'pay', 'b2'), -- after this one
    (2, '2026-03-05 09:00', '2026-03-03 09:00', 'visit', 'b3'),  -- a clock that is wrong
    (NULL, '2026-03-03 09:00', '2026-03-03 09:00:05', 'visit', NULL), (3, NULL, '2026-03-03 09:00:05', 'pay', ''), (3, '2026-03-03 12:00', NULL, NULL, 'c2');

SELECT * FROM quality_summary((SELECT log_quality(user_id, at, received_at, event, event_id, 'day', 'ahead 5 minutes') FROM log)) \gx
SELECT event, rows, users, duplicate_ids, duplicate_rows, out_of_order, future, null_users, null_times, null_ids, empty_ids, null_received FROM quality_events((SELECT log_quality(user_id, at, received_at, event, event_id, 'day') FROM log));
SELECT event, rows, users, duplicate_ids, max_lateness FROM quality_events((SELECT log_quality(user_id, at, received_at, event, event_id, 'day') FROM log), 2);
SELECT bucket_date, rows, users, duplicate_ids, future, median_lateness, complete FROM quality_buckets((SELECT log_quality(user_id, at, received_at, event, event_id, 'day', '', 'Asia/Shanghai') FROM log));
SELECT * FROM quality_lateness((SELECT log_quality(user_id, at, received_at, event, event_id, 'day') FROM log), '{10 seconds, 1 hour, 1 day}');

-- a missing day
SELECT bucket_date, rows, expected, round(lower::numeric, 2) AS lower, round(upper::numeric, 2) AS upper, gap
FROM quality_buckets((SELECT log_quality(n, d, d, 'visit', NULL, 'day') FROM generate_series(timestamptz '2026-01-01', '2026-02-01', '1 day') d, generate_series(1, 30 + extract(day FROM d)::int % 4) n WHERE d <> '2026-01-20'))
WHERE extract(isodow FROM bucket_date) = 2;

-- the result is a value
SELECT log_quality(user_id, at, received_at, event, event_id, 'month') FROM log WHERE user_id = 1;
SELECT rollup(s)::text = (SELECT log_quality(user_id, at, received_at, event, event_id, 'week') FROM log)::text AS same
FROM (SELECT log_quality(user_id, at, received_at, event, event_id, 'week') AS s FROM log GROUP BY user_id) AS g;
SELECT log_quality(user_id, at, received_at, event, event_id, 'week') FROM log WHERE false;

-- bad input
SELECT log_quality(user_id, at, received_at, event, event_id, 'year') FROM log;
SELECT log_quality(user_id, at, received_at, event, event_id, 'day', 'late 1 hour') FROM log;
SELECT log_quality(user_id, at, received_at, event, event_id, 'day', 'ahead 1 month') FROM log;
SELECT log_quality(user_id, at, received_at, event, event_id, 'day', 'Asia/Shanghai') FROM log;
SELECT '{"version": 2}'::quality_stats;
DROP TABLE log;
