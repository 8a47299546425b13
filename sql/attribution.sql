-- attribution: which touches lead to a conversion, and how they share the credit.
SET search_path = journey, public;
SET timezone = 'UTC';
SET intervalstyle = 'postgres';

CREATE TABLE visit (user_id int, at timestamptz, channel text, paid boolean, amount numeric);
INSERT INTO visit VALUES
    (1, '2026-03-01 09:00', 'ads', false, NULL), (1, '2026-03-02 09:00', 'mail', false, NULL),
    (1, '2026-03-03 09:00', 'search', false, NULL), (1, '2026-03-03 10:00', NULL, true, 90),
    (2, '2026-03-01 12:00', 'ads', false, NULL), (2, '2026-03-05 12:00', '(direct)', true, 10),
    (3, '2026-03-02 09:00', NULL, true, 5), (4, '2026-03-02 09:00', 'mail', false, NULL),
    (4, '2026-03-20 09:00', 'ads', NULL, NULL), (NULL, '2026-03-02 09:00', 'ads', true, 1);

SELECT touch, touches, users, converted_users, conversions, first, last, last_non_direct, linear, position, round(time_decay::numeric, 4) AS time_decay
FROM attribution_touches((SELECT attribution(user_id, at, channel, paid, '14 days') FROM visit));
SELECT touch, first_value, linear_value, avg_touches, avg_time, median_time, p90_time
FROM attribution_touches((SELECT attribution(user_id, at, channel, paid, amount, '14 days') FROM visit));
SELECT model, touch, conversions, value, round(share::numeric, 4) AS share
FROM attribution_models((SELECT attribution(user_id, at, channel, paid, amount, '14 days') FROM visit)) WHERE model IN ('first', 'last_non_direct', 'position');
SELECT * FROM attribution_paths((SELECT attribution(user_id, at, channel, paid, amount, '14 days') FROM visit));
SELECT * FROM attribution_paths((SELECT attribution(user_id, at, channel, paid, amount, '14 days') FROM visit), 2, min_users => 2);
SELECT touch, position FROM attribution_touches((SELECT attribution(user_id, at, channel, paid, '14 days', 'same day, direct none, position 1 0 3, half_life 1 day', 'Asia/Shanghai') FROM visit));
SELECT path, conversions, non_conversions FROM attribution_paths((SELECT rollup(s) FROM (SELECT attribution(user_id, at, channel, paid, amount, '2 days', 'reset, depth 2') AS s FROM visit GROUP BY user_id % 2) g));

-- Published: touches 6.9 and 0.1 days before a conversion, half-life 7 days.
SELECT touch, round(time_decay::numeric, 6) AS time_decay
FROM attribution_touches((SELECT attribution(1, timestamptz '2026-03-10' - ago, touch, touch IS NULL, '28 days')
    FROM (VALUES ('far', interval '6.9 days'), ('near', '0.1 days'), (NULL, '0')) v (touch, ago)));

-- bad input
SELECT attribution(user_id, at, channel, paid, NULL::interval) FROM visit;
SELECT attribution(user_id, at, channel, paid, '-1 day'::interval) FROM visit;
SELECT attribution(user_id, at, channel, paid, '1 month'::interval) FROM visit;
SELECT attribution(user_id, at, channel, paid, '7 days', 'position 0 1 0') FROM visit;
SELECT attribution(user_id, at, channel, paid, '7 days', 'half_life 1 month') FROM visit;
SELECT attribution(user_id, at, channel, paid, '7 days', 'latest') FROM visit;
SELECT attribution(user_id, at, channel, paid, '7 days', 'reset,') FROM visit;
SELECT attribution(user_id, at, channel, paid, 'NaN'::float8, '7 days') FROM visit;
SELECT attribution(user_id, 'infinity', channel, paid, '7 days') FROM visit;
SELECT '{"version": 3}'::attribution_stats;
DROP TABLE visit;
