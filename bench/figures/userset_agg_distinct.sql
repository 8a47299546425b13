-- title: userset_agg(user_id) of all events, over max(user_id)
-- goal: 40 ns
-- plans: may differ
--
-- The 20 million events have 500 thousand different customers. Both statements of the first
-- pair use PostgreSQL's own scan.

-- run: baseline, a sequential scan
SELECT max(user_id) FROM events;

-- run: measured, a sequential scan
SET journey.enable_scan = off;
SELECT cardinality(userset_agg(user_id)) FROM events;

-- run: baseline, the scan that the planner chooses
SELECT max(user_id) FROM events;

-- run: measured, the scan that the planner chooses
SELECT cardinality(userset_agg(user_id)) FROM events;
