-- title: window_funnel() GROUP BY user_id, over max(at) GROUP BY user_id
-- goal: 1.6 times
--
-- On rows already sorted by user, with the step at hand in a column: what is measured
-- is the aggregate. Both statements have one plan, a GroupAggregate fed by the index.

-- setup: journey
CREATE UNLOGGED TABLE scratch.by_user AS
SELECT user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']) AS step
FROM events ORDER BY user_id, at;
CREATE INDEX ON scratch.by_user (user_id);
VACUUM (FREEZE, ANALYZE) scratch.by_user;

-- run: baseline
SET enable_hashagg = off;
SET enable_sort = off;
SELECT count(x) FROM (SELECT user_id, max(at) AS x FROM scratch.by_user GROUP BY user_id) AS users;

-- run: measured
SET enable_hashagg = off;
SET enable_sort = off;
SELECT count(x) FROM (SELECT user_id, window_funnel(at, step, '7 days') AS x
                      FROM scratch.by_user GROUP BY user_id) AS users;
