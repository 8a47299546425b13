-- intervals: how long users take from one event to the next.
SET search_path = journey, public;
SET timezone = 'UTC';
SET intervalstyle = 'postgres';

CREATE TABLE call_log (user_id int, at timestamptz, event text);
INSERT INTO call_log VALUES
    (1, '2026-01-01 09:00', 'apply'), (1, '2026-01-01 10:00', 'apply'), (1, '2026-01-03 09:00', 'sign'),
    (1, '2026-01-04 09:00', 'sign'), (2, '2026-01-01 12:00', 'apply'), (2, '2026-01-01 12:20', 'sign'),
    (2, '2026-01-05 12:00', 'apply'), (3, '2026-01-02 09:00', 'sign'), (NULL, '2026-01-02 09:00', 'sign');

SELECT * FROM interval_summary((SELECT intervals(user_id, at, step_of(event, ARRAY['apply', 'sign'])) FROM call_log)) \gx
SELECT count, users, avg_time FROM interval_summary((SELECT intervals(user_id, at, step_of(event, ARRAY['apply', 'sign']), '30 days', 'latest') FROM call_log));
SELECT count, users, max_time FROM interval_summary((SELECT intervals(user_id, at, step_of(event, ARRAY['apply', 'sign']), '1 day 23:00') FROM call_log));
-- from each event to the next of the same kind
SELECT count, users, avg_time FROM interval_summary((SELECT intervals(user_id, at, step_of(event, ARRAY['apply'])) FROM call_log));
SELECT * FROM interval_histogram((SELECT intervals(user_id, at, step_of(event, ARRAY['apply', 'sign'])) FROM call_log));
SELECT * FROM interval_histogram((SELECT intervals(user_id, at, step_of(event, ARRAY['apply', 'sign'])) FROM call_log), '{20 minutes, 1 day, 2 days}');
SELECT rollup(s), count(*) FROM (SELECT intervals(user_id, at, step_of(event, ARRAY['apply', 'sign']), '7 days') AS s FROM call_log GROUP BY user_id % 2) g;

-- bad input
SELECT intervals(user_id, at, '101') FROM call_log;
SELECT intervals(user_id, at, '10'::stepset, '7 days', 'first') FROM call_log;
SELECT intervals(user_id, timestamptz 'infinity', '10') FROM call_log;
SELECT interval_histogram(intervals(user_id, at, '10'), '{2 days, 1 day}') FROM call_log;
SELECT '{"version": 2}'::interval_stats;
DROP TABLE call_log;
