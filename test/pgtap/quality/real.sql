-- Public logs of real processes, with the ties and duplicates that they have: every number is checked in, and found a
-- second time in plain SQL. The logs are not part of the source tree: without them, skip.
\set have `test -r "${JOURNEY_DATA:-../shared/data}/expense_claims.csv.gz" && echo yes || echo no`
\set data `echo "${JOURNEY_DATA:-../shared/data}"`
\setenv JOURNEY_DATA :data
\if :have
\else
	\echo '1..0 # SKIP no logs: JOURNEY_DATA names the folder, ../shared/data unless set'
	\quit
\endif
\ir ../setup.psql
SELECT no_plan();

CREATE TABLE claim (case_id text, event text, at timestamptz, role text, amount numeric, seq int);
\copy claim FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/expense_claims.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE item (case_id bigint, event text, at timestamptz, seq int);
\copy item FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/loan_work_items.csv.gz"' (FORMAT csv, HEADER)
ANALYZE claim;
ANALYZE item;

-- rows, users, duplicate_rows, null_users, null_times
CREATE TABLE log AS SELECT 'claim' AS log, case_id AS u, event, at FROM claim UNION ALL SELECT 'item', case_id::text, event, at FROM item;
CREATE TABLE wanted AS
SELECT l.log, l.event, count(*) AS rows, count(DISTINCT l.u) AS users, (count(*) - count(DISTINCT (l.u, l.at)))::bigint AS duplicate_rows, 0::bigint AS null_users, 0::bigint AS null_times FROM log AS l GROUP BY l.log, l.event;
CREATE TABLE q AS SELECT 'claim' AS log, log_quality(case_id, at, NULL, event, NULL::text, 'day') AS s FROM claim UNION ALL SELECT 'item', log_quality(case_id, at, NULL, event, NULL::text, 'day') FROM item;
SELECT set_eq('SELECT q.log, e.event, e.rows, e.users, e.duplicate_rows, e.null_users, e.null_times FROM q, quality_events(q.s) AS e', 'TABLE wanted', 'by event');
SELECT set_eq('SELECT q.log, e.rows, e.users FROM q, quality_summary(q.s) AS e', 'SELECT log, count(*) AS rows, count(DISTINCT u) AS users FROM log GROUP BY log', 'the whole');
SELECT set_eq($$ SELECT q.log, e.bucket, e.rows, e.users FROM q, quality_buckets(q.s) AS e WHERE e.rows > 0 $$, $$ SELECT log, date_trunc('day', at), count(*) AS rows, count(DISTINCT u) AS users FROM log GROUP BY 1, 2 $$, 'by day');
SELECT results_eq('SELECT q.log, e.rows, e.users, e.duplicate_rows FROM q, quality_summary(q.s) AS e ORDER BY 1', $$ VALUES ('claim'::text, 55628::bigint, 10357::bigint, 0::bigint), ('item', 72413, 9658, 0) $$, 'the numbers of these logs');

-- the order of arrival is seq: who comes before a row of the case with an earlier time
CREATE TABLE arrived AS SELECT log_quality(case_id, at, '2020-01-01'::timestamptz + seq * interval '1 second', event, case_id || '/' || (seq / 2), 'day') AS s FROM claim;
SELECT is((SELECT out_of_order FROM arrived, quality_summary(s)), (SELECT count(*) FROM claim AS c WHERE EXISTS (SELECT FROM claim AS d WHERE d.case_id = c.case_id AND d.at > c.at AND d.seq < c.seq)), 'out of order');
SELECT is((SELECT duplicate_ids FROM arrived, quality_summary(s)), (SELECT count(*) - count(DISTINCT (case_id, seq / 2)) FROM claim), 'ids of two rows each');


SELECT * FROM finish();
ROLLBACK;
