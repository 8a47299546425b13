-- lifecycle and its relatives: how many users are active, come back, or stay away.
SET search_path = journey, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';

CREATE TABLE visit (user_id int, at timestamptz);
INSERT INTO visit VALUES (1, '2026-01-01 09:00'), (1, '2026-01-01 17:00'), (1, '2026-01-02 09:00'), (1, '2026-01-05 09:00'),
    (2, '2026-01-02 23:30'), (2, '2026-01-03 09:00'), (3, '2026-01-06 10:00'), (NULL, '2026-01-02 09:00'), (3, NULL);

SELECT * FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'day') FROM visit));
SELECT l.bucket, l.active, l.returning FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'day', 'Asia/Shanghai') FROM visit)) AS l;
SELECT * FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'week') FROM visit));
SELECT * FROM active_ratio_buckets((SELECT active_ratio(user_id, at, 'day', 1, 3) FROM visit));
SELECT bucket, active_units, users, users_or_more FROM stickiness_buckets((SELECT stickiness(user_id, at, 'day', 'week') FROM visit)) WHERE users_or_more > 0;
SELECT * FROM frequency_bins((SELECT frequency(user_id, at, 'times') FROM visit));
SELECT * FROM frequency_bins((SELECT frequency(user_id, at, 'day') FROM visit), '{2, 5}');
SELECT state, lifecycle_users(user_id, at, 'day', '2026-01-05', state)
FROM visit, (VALUES ('new'), ('returning'), ('resurrected'), ('dormant'), ('active')) AS s (state) GROUP BY state ORDER BY state;
SELECT lifecycle_users(user_id, at, 'day', '2026-01-03', 'dormant', 'Asia/Shanghai') FROM visit;
SELECT lifecycle(user_id, at, 'day') FROM visit WHERE false;

-- the end of observation
SELECT bucket_date, active, dormant, complete FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'day', 'Asia/Shanghai', '2026-01-05 17:00+00') FROM visit));
SELECT bucket_date, short_active, long_active, complete FROM active_ratio_buckets((SELECT active_ratio(user_id, at, 'day', 1, 3, '', '2026-01-09') FROM visit));
SELECT bucket_date, active_units, users, complete FROM stickiness_buckets((SELECT stickiness(user_id, at, 'day', 'week', '', '2026-01-05') FROM visit)) WHERE users > 0;
SELECT lifecycle_users(user_id, at, 'week', '2026-01-05', 'dormant', '', '2026-01-06') FROM visit;
SELECT lifecycle(user_id, at, 'day', '', '-infinity') FROM visit;
-- the newest event lies in the future
SELECT count(*) FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'month') FROM (SELECT * FROM visit UNION ALL SELECT 1, '2199-01-01 00:00+00') AS v));
SELECT count(*) FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'month', '', '2026-03-01') FROM (SELECT * FROM visit UNION ALL SELECT 1, '2199-01-01 00:00+00') AS v));

-- the result is a value
SELECT lifecycle(user_id, at, 'day') FROM visit;
SELECT frequency(user_id, at, 'times')::text::activity_stats FROM visit;
SELECT rollup(s)::text = (SELECT lifecycle(user_id, at, 'day') FROM visit)::text AS same
FROM (SELECT lifecycle(user_id, at, 'day') AS s FROM visit GROUP BY user_id) AS g;

-- bad input
SELECT lifecycle(user_id, at, 'year') FROM visit;
SELECT lifecycle(user_id, at, 'day', 'Mars') FROM visit;
SELECT lifecycle(user_id, at, 'day', '2026-03-01') FROM visit;
SELECT lifecycle(user_id, at, 'day', 'GMT+8') FROM visit;
SELECT lifecycle(user_id, at, 'day', '+08') FROM visit;
SELECT lifecycle(user_id, at, 'month', 'Etc/GMT-8') FROM visit;
SELECT lifecycle(user_id, '-infinity', 'day') FROM visit;
SELECT active_ratio(user_id, at, 'day', 0, 28) FROM visit;
SELECT active_ratio(user_id, at, 'day', 28, 7) FROM visit;
SELECT stickiness(user_id, at, 'week', 'month') FROM visit;
SELECT stickiness(user_id, at, 'month', 'week') FROM visit;
SELECT frequency(user_id, at, 'often') FROM visit;
SELECT lifecycle_users(user_id, at, 'day', '2026-01-05', 'asleep') FROM visit;
SELECT lifecycle_users(user_id, at, 'day', 'infinity', 'new') FROM visit;
SELECT frequency_bins((SELECT frequency(user_id, at, 'times') FROM visit), '{3, 2}');
SELECT frequency_bins((SELECT frequency(user_id, at, 'times') FROM visit), '{0}');
SELECT lifecycle_buckets((SELECT frequency(user_id, at, 'times') FROM visit));
SELECT lifecycle_buckets((SELECT lifecycle(user_id, at, 'hour') FROM (VALUES (1, '0001-01-01'::timestamptz), (1, '2026-01-01')) AS v (user_id, at)));
SELECT rollup(s) FROM (SELECT lifecycle(user_id, at, 'day') FROM visit UNION ALL SELECT lifecycle(user_id, at, 'week') FROM visit) AS v (s);
SELECT '{"version": 1, "kind": "weekly"}'::activity_stats;
DROP TABLE visit;
