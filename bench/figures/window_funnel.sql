-- title: window_funnel() GROUP BY user_id, over max(at) GROUP BY user_id
-- goal: 1.6 times
--
-- The rows are sorted by user, and a column holds the step, so only the aggregate is
-- measured. Both statements have the same plan, a GroupAggregate over the index.

-- setup: journey
CREATE UNLOGGED TABLE scratch.by_user AS
SELECT user_id, at, step_of(event, ARRAY['loan_view', 'loan_apply', 'loan_sign']) AS step
FROM events ORDER BY user_id, at;
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
SELECT count(x) FROM (SELECT user_id, window_funnel(at, step, '7 days') AS x
                      FROM scratch.by_user GROUP BY user_id) AS users;
