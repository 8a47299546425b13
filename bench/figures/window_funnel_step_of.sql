-- title: the same, with step_of() in the call
-- goal: 1.6 times
--
-- As in window_funnel.sql, but the statement computes the step from the event's name, as
-- most statements do.

-- setup: journey
CREATE UNLOGGED TABLE scratch.by_user AS
SELECT user_id, at, event FROM events ORDER BY user_id, at;
CREATE INDEX ON scratch.by_user (user_id);
VACUUM (FREEZE, ANALYZE) scratch.by_user;

-- run: baseline
SET enable_hashagg = off;
SET enable_sort = off;
SET journey.enable_aggregate = off;
SELECT count(x) FROM (SELECT user_id, max(at) AS x FROM scratch.by_user GROUP BY user_id) AS users;

-- run: measured
SET enable_hashagg = off;
SET enable_sort = off;
SET journey.enable_aggregate = off;
SELECT count(x) FROM (SELECT user_id, window_funnel(at, step_of(event,
                                 ARRAY['loan_view', 'loan_apply', 'loan_sign']), '7 days') AS x
                      FROM scratch.by_user GROUP BY user_id) AS users;
