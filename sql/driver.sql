-- event_drivers: which events go with reaching a goal.
SET search_path = journey, public;
SET timezone = 'UTC';

-- Of 12 customers 6 close their account within 30 days; 5 of them had an error.
CREATE TABLE account_log (user_id int, at timestamptz, event text, plan text);
INSERT INTO account_log SELECT u, '2026-01-01'::timestamptz + u * interval '1 hour', 'open', CASE WHEN u % 2 = 0 THEN 'gold' ELSE 'basic' END FROM generate_series(1, 12) u;
INSERT INTO account_log SELECT u, '2026-01-03'::timestamptz + n * interval '1 day', 'error', NULL FROM generate_series(1, 12) u, generate_series(1, 2) n WHERE u <= 5 OR u = 8 AND n = 1;
INSERT INTO account_log SELECT u, '2026-01-04'::timestamptz, 'pay', NULL FROM generate_series(3, 12) u;
INSERT INTO account_log SELECT u, '2026-01-10'::timestamptz, 'close', NULL FROM generate_series(1, 6) u;
INSERT INTO account_log SELECT u, '2026-01-12'::timestamptz, 'refund', NULL FROM generate_series(1, 6) u;
INSERT INTO account_log VALUES (13, '2026-02-20', 'open', 'gold'), (13, '2026-02-21', 'error', NULL);

CREATE TABLE result AS SELECT event_drivers(user_id, at, event, event = 'open', event = 'close', '30 days') AS d FROM account_log;
SELECT users, goal_users, goal_rate, open_users, as_of FROM result, driver_summary(d);
SELECT factor, times, days, users_with, users_without, goal_with, goal_without, round(odds_ratio::numeric, 4) AS odds_ratio, round(p_value::numeric, 6) AS p_value, round(q_value::numeric, 6) AS q_value, round(information_value::numeric, 4) AS information_value FROM result, driver_rows(d);
SELECT factor, times, days, users_with, goal_with, round(lift::numeric, 4) AS lift, round(adjusted_odds_ratio::numeric, 4) AS adjusted_odds_ratio
FROM driver_rows((SELECT event_drivers(user_id, at, event, event = 'open', event = 'close', '30 days', 'times 1 2, days 4', plan) FROM account_log));
SELECT * FROM driver_rows((SELECT event_drivers(user_id, at, event, event = 'open', event = 'close', '30 days', '', NULL, '2026-01-20') FROM account_log));
SELECT d FROM result;

-- bad input
SELECT event_drivers(user_id, at, event, true, true, '1 month') FROM account_log;
SELECT event_drivers(user_id, at, event, true, true, '1 day', 'times 2 1') FROM account_log;
SELECT driver_rows(d, 95) FROM result;
DROP TABLE account_log, result;
