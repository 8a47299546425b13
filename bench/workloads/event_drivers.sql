-- title: Which events go with signing a loan
-- question: How many customers with and without each of 200 kinds of events after they first viewed a loan signed one within 30 days?

-- run: plain
WITH e AS (SELECT user_id, at, event, event || amount % 10 AS factor, min(at) FILTER (WHERE event = 'loan_view') OVER (PARTITION BY user_id) AS entry FROM events),
	w AS (SELECT *, min(at) FILTER (WHERE event = 'loan_sign') OVER (PARTITION BY user_id) AS goal FROM e WHERE at >= entry AND at <= entry + interval '30 days' AND entry + interval '30 days' < '2025-04-01'),
	u AS (SELECT user_id, max(goal) IS NOT NULL AS signed FROM w GROUP BY user_id),
	f AS (SELECT DISTINCT user_id, factor, goal IS NOT NULL AS signed FROM w WHERE (at > entry OR event <> 'loan_view') AND (at < goal OR goal IS NULL))
SELECT factor, count(*), (SELECT count(*) FROM u) - count(*), count(*) FILTER (WHERE signed), (SELECT count(*) FROM u WHERE signed) - count(*) FILTER (WHERE signed) FROM f GROUP BY factor;

-- run: journey
SELECT factor, users_with, users_without, goal_with, goal_without
FROM driver_rows((SELECT event_drivers(user_id, at, event || amount % 10, event = 'loan_view', event = 'loan_sign', '30 days', '', NULL, '2025-04-01') FROM events));
