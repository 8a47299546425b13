-- funnel and its relatives: the whole population in one aggregate.
SET search_path = journey, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

CREATE TABLE log (user_id int, at timestamptz, event text, channel text, loan text);
INSERT INTO log VALUES
    (1, '2026-01-01 09:00', 'view', 'app', NULL), (1, '2026-01-01 09:10', 'apply', 'app', 'L1'), (1, '2026-01-03 09:10', 'sign', 'branch', 'L1'),
    (2, '2026-01-01 12:00', 'view', 'web', NULL), (2, '2026-01-01 12:20', 'apply', 'web', 'L2'), (2, '2026-01-02 12:00', 'sign', 'web', 'L3'),
    (3, '2026-01-01 23:00', 'view', 'app', NULL), (3, '2026-01-09 12:00', 'apply', 'app', 'L4'),
    (4, '2026-01-02 09:00', 'view', 'app', NULL),
    (5, '2026-01-02 09:00', 'apply', 'app', 'L5'),
    (NULL, '2026-01-02 09:00', 'view', 'app', NULL);

SELECT * FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days') FROM log)) \gx
SELECT step, users, dropped_off FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days', 'any_order') FROM log));

-- the same users by name
SELECT step, users FROM funnel_steps((SELECT funnel('user ' || user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days') FROM log));

-- no rows, no step 1
SELECT funnel(user_id, at, step_of(event, ARRAY['view']), '7 days') FROM log WHERE false;
SELECT step, users, conversion_rate, step_conversion_rate, dropped_off
FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['sing', 'dance']), '7 days') FROM log));

-- groups
SELECT channel, step, users
FROM (SELECT channel, funnel(user_id, at, step_of(event, ARRAY['view', 'apply']), '7 days') AS f FROM log GROUP BY channel) AS c,
     funnel_steps(f)
ORDER BY channel, step;
SELECT breakdown, step, users, conversion_rate
FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days', channel, 3) FROM log));
SELECT step, users
FROM funnel_steps((SELECT funnel_breakdown(user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days', channel, 3) FROM log));

-- trend; at 16:00 UTC a day begins in Shanghai
SELECT * FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step_of(event, ARRAY['view', 'apply']), '1 day', 'day') FROM log));
SELECT * FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step_of(event, ARRAY['view', 'apply']), '1 day', 'day', '', 'Asia/Shanghai') FROM log));
SELECT * FROM funnel_trend_steps((SELECT funnel_trend(user_id, at, step_of(event, ARRAY['view', 'apply']), '1 day', 'day', '', 'Asia/Shanghai', '2026-01-03') FROM log));

-- each value, the largest groups, and both over time
SELECT breakdown, step, users
FROM funnel_breakdown_steps((SELECT funnel_breakdown(user_id, at, step_of(event, ARRAY['view', 'apply']), '7 days', channel, 'each_value', 'top 1') FROM log));
SELECT bucket_date, breakdown, step, users, complete, avg_time
FROM funnel_trend_breakdown_steps((SELECT funnel_trend_breakdown(user_id, at, step_of(event, ARRAY['view', 'apply']), '1 day', channel, 1, 'day') FROM log));

-- the same loan from application to signature
SELECT step, users FROM funnel_steps((SELECT funnel_holding_constant(user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days', loan) FROM log));

-- who
SELECT * FROM unnest((SELECT funnel_members(user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days') FROM log));

-- the result is a value
CREATE TABLE results AS
SELECT user_id % 2 AS shard, funnel(user_id, at, step_of(event, ARRAY['view', 'apply', 'sign']), '7 days') AS f
FROM log WHERE user_id IS NOT NULL GROUP BY 1;
SELECT step, users, avg_time FROM funnel_steps((SELECT rollup(f) FROM results));
SELECT f FROM results ORDER BY shard;
SELECT shard, f::text::funnel_stats::text = f::text AS same FROM results ORDER BY shard;
SELECT * FROM funnel_times((SELECT rollup(f) FROM results), 2);
SELECT * FROM funnel_times((SELECT rollup(f) FROM results), 3, from_start => true);
SELECT * FROM funnel_times((SELECT rollup(f) FROM results), 2, false, ARRAY['1 hour', '1 day']::interval[]);

-- bad input
SELECT '{"version": 1}'::funnel_stats;
SELECT '{}'::funnel_stats;
SELECT rollup(f) FROM (SELECT f FROM results UNION ALL SELECT funnel(1, now(), '1', '1 day')) AS two;
SELECT * FROM funnel_times((SELECT rollup(f) FROM results), 1);
SELECT * FROM funnel_times((SELECT rollup(f) FROM results), 2, false, ARRAY['1 day', '1 hour']::interval[]);
SELECT * FROM funnel_steps((SELECT funnel_trend(user_id, at, '1', '1 day', 'day') FROM log));
SELECT * FROM funnel_steps((SELECT funnel_breakdown(user_id, at, '1', '1 day', channel, 'each_value') FROM log));
SELECT * FROM funnel_trend_steps((SELECT f FROM results LIMIT 1));
SELECT funnel_trend(user_id, at, '1', '1 day', 'year') FROM log;
SELECT funnel_trend(user_id, at, '1'::stepset, '1 day', 'day', '', 'Mars') FROM log;
SELECT funnel_trend(user_id, at, '1'::stepset, '1 day', 'day', 'Asia/Shanghai') FROM log;
SELECT funnel_trend(user_id, at, '1'::stepset, '1 day', 'day', '', 'first_chain') FROM log;
SELECT funnel_trend(user_id, at, '1'::stepset, '1 day', 'day', '', 'UTC-8') FROM log;
SELECT funnel_trend(user_id, at, '1'::stepset, '1 day', 'day', '', 'UTC', 'infinity') FROM log;
SELECT funnel_trend(user_id, at, '1'::stepset, '1 day', 'day', 'any_order', 'UTC') FROM log;
SELECT funnel_breakdown(user_id, at, '10'::stepset, '1 day', channel, 3) FROM log;
SELECT funnel_breakdown(user_id, at, '10'::stepset, '1 day', channel, 0) FROM log;
SELECT funnel('{}'::json, at, '10', '1 day') FROM log;
SELECT funnel(user_id, at, '1', '1 day') OVER () FROM log;

DROP TABLE log, results;
