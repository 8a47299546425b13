-- event_metrics: events, users and values by bucket and breakdown.
SET search_path = journey, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';

CREATE TABLE payment (user_id int, at timestamptz, channel text, amount numeric);
INSERT INTO payment VALUES (1, '2026-01-01 09:00', 'ads', 20), (1, '2026-01-01 17:00', 'mail', 30), (1, '2026-01-02 09:00', 'ads', 10), (2, '2026-01-01 23:30', 'ads', 50),
    (2, '2026-01-04 09:00', 'mail', NULL), (3, '2026-01-04 10:00', NULL, 5), (3, '2026-01-04 11:00', 'feed', 7), (NULL, '2026-01-02 09:00', 'ads', 1), (3, NULL, 'ads', 1);

SELECT * FROM metric_rows((SELECT event_metrics(user_id, at, amount, channel, 'day') FROM payment));
SELECT bucket_date, events, users, value_sum FROM metric_buckets((SELECT event_metrics(user_id, at, amount, channel, 'day', '', 'Asia/Shanghai') FROM payment));
SELECT * FROM metric_breakdowns((SELECT event_metrics(user_id, at, amount, channel, 'month') FROM payment));
SELECT * FROM metric_summary((SELECT event_metrics(user_id, at, amount, channel, 'month') FROM payment));
SELECT breakdown, events, users FROM metric_breakdowns((SELECT event_metrics(user_id, at, channel, 'month', 'top 1') FROM payment));
SELECT breakdown, events, users FROM metric_breakdowns((SELECT event_metrics(user_id, at, channel, 'month') FROM payment), 2);

-- in comparison
SELECT breakdown, bucket_date, events, events_before, events_change, events_change_rate, complete FROM metric_change((SELECT event_metrics(user_id, at, amount, channel, 'day') FROM payment), 2) WHERE breakdown = 'ads';
SELECT breakdown, bucket_date, avg_events, avg_users, avg_value_sum FROM metric_rolling((SELECT event_metrics(user_id, at, amount, channel, 'day') FROM payment), 2) WHERE breakdown = 'ads';
SELECT r.breakdown, r.bucket_date, numerator_users, denominator_users, users_ratio, value_sum_ratio
FROM (SELECT event_metrics(user_id, at, amount, channel, 'month') FILTER (WHERE amount >= 20) AS large, event_metrics(user_id, at, amount, channel, 'month') AS any_amount FROM payment) m, metric_ratio(large, any_amount) r;

-- the result is a value
SELECT event_metrics(user_id, at, amount, channel, 'month', 'top 1') FROM payment;
SELECT rollup(s)::text = (SELECT event_metrics(user_id, at, amount, channel, 'week') FROM payment)::text AS same
FROM (SELECT event_metrics(user_id, at, amount, channel, 'week') AS s FROM payment GROUP BY user_id) AS g;
SELECT event_metrics(user_id, at, channel, 'day') FROM payment WHERE false;

-- bad input
SELECT event_metrics(user_id, at, channel, 'year') FROM payment;
SELECT event_metrics(user_id, at, channel, 'day', 'first_value') FROM payment;
SELECT event_metrics(user_id, at, channel, 'day', '', 'Mars') FROM payment;

-- how many users have which number, and when
SELECT bucket_date, lower, upper, users, share, complete FROM distribution_rows((SELECT distribution(user_id, at, NULL, 'times', 'month') FROM payment));
SELECT bucket_date, lower, upper, users, share FROM distribution_rows((SELECT distribution(user_id, at, amount, 'sum', 'month') FROM payment), '{0,50,100}');
SELECT * FROM distribution_buckets((SELECT distribution(user_id, at, amount, 'average', 'week') FROM payment));
SELECT * FROM week_hours_rows((SELECT week_hours(user_id, at, 'Asia/Shanghai') FROM payment)) WHERE events > 0;
SELECT count(*) FROM week_hours_rows((SELECT week_hours(user_id, at) FROM payment));
SELECT distribution(user_id, at, NULL, 'days', 'month') AS distribution, week_hours(user_id, at) AS week_hours FROM payment;
SELECT distribution(user_id, at, amount, 'median', 'month') FROM payment;
DROP TABLE payment;
