-- The paths of a real process: expense claims and their rejections (see population/real.sql). Every
-- number is checked in, and found a second time in plain SQL.
\set have `test -r "${JOURNEY_DATA:-../shared/data}/expense_claims.csv.gz" && echo yes || echo no`
\set data `echo "${JOURNEY_DATA:-../shared/data}"`
\setenv JOURNEY_DATA :data
\if :have
\else
	\echo '1..0 # SKIP no logs: JOURNEY_DATA names the folder, ../shared/data unless set'
	\quit
\endif
\ir ../setup.psql
SELECT plan(13);

CREATE TABLE claim (case_id text, event text, at timestamptz, role text, amount numeric, seq int);
\copy claim FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/expense_claims.csv.gz"' (FORMAT csv, HEADER)
UPDATE claim SET event = replace(replace(event, 'Declaration ', ''), ' by', '');
ANALYZE claim;

-- What plain SQL has: each event with the next one.
CREATE TABLE step AS
SELECT case_id, event AS source, lead(event) OVER w AS target, lead(at) OVER w - at AS took, row_number() OVER w AS place FROM claim WINDOW w AS (PARTITION BY case_id ORDER BY at, seq);
SELECT is(count(*), 10::bigint, 'events whose order only seq tells') FROM claim a JOIN claim b USING (case_id, at) WHERE a.seq < b.seq;

-- The directly-follows graph.
CREATE TABLE graph AS SELECT transitions(case_id, at, seq, event) AS g FROM claim;
SELECT set_eq('SELECT source, target, count, users FROM graph, transition_links(g)',
	'SELECT source, target, count(*) AS n, count(DISTINCT case_id) AS cases FROM step WHERE target IS NOT NULL GROUP BY source, target', 'the directly-follows graph');
SELECT results_eq($$ SELECT source || ' > ' || target, count FROM graph, transition_links(g) ORDER BY count DESC LIMIT 4 $$,
	$$ VALUES ('FINAL_APPROVED SUPERVISOR > Request Payment', 9912::bigint), ('Request Payment > Payment Handled', 9911), ('SUBMITTED EMPLOYEE > APPROVED ADMINISTRATION', 8061), ('APPROVED ADMINISTRATION > FINAL_APPROVED SUPERVISOR', 5073) $$, 'its widest links');
SELECT is((SELECT count(*) FROM graph, transition_links(g)), 32::bigint, 'in all 32');
SELECT is_empty($$ SELECT * FROM graph, transition_links(g) l JOIN (SELECT source, target, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS m FROM step GROUP BY 1, 2) s USING (source, target)
	WHERE abs(extract(epoch FROM median_time - m)) > 0.008 * extract(epoch FROM m) $$, 'median times');

-- Rejection and resubmission: how often, and how long it takes to come again.
SELECT results_eq($$ SELECT source, count, users FROM graph, transition_links(g) WHERE target = 'SUBMITTED EMPLOYEE' AND source ~ 'REJECTED' ORDER BY count DESC $$,
	$$ VALUES ('REJECTED EMPLOYEE', 1066::bigint, 948::bigint), ('REJECTED MISSING', 61, 58), ('REJECTED ADMINISTRATION', 19, 14), ('REJECTED SUPERVISOR', 2, 2), ('REJECTED PRE_APPROVER', 1, 1) $$, 'resubmitted after a rejection');
SELECT results_eq($$ SELECT repeats, returns, users, sessions FROM graph, transition_loops(g) WHERE node = 'SUBMITTED EMPLOYEE' $$, 'VALUES (0::bigint, 1149::bigint, 1006::bigint, 1006::bigint)', 'loops of resubmission');
SELECT results_eq($$ SELECT returns, users, round(avg_steps::numeric, 9) FROM graph, transition_loops(g) WHERE node = 'SUBMITTED EMPLOYEE' $$, $$
	SELECT count(*), count(DISTINCT case_id), round(avg(after), 9) FROM (SELECT case_id, place - lag(place) OVER (PARTITION BY case_id ORDER BY place) AS after FROM step WHERE source = 'SUBMITTED EMPLOYEE') s WHERE after > 1 $$, 'in plain SQL');

-- The variants.
CREATE TABLE variant AS SELECT path, count(*) AS cases FROM (SELECT case_id, array_agg(event ORDER BY at, seq) AS path FROM claim GROUP BY case_id) p GROUP BY path;
SELECT set_eq('SELECT path, sessions FROM unnest((SELECT top_paths(case_id, at, seq, event, NULL, 50, 1000) FROM claim))', 'SELECT path, cases FROM variant', 'all variants');
SELECT results_eq('SELECT sessions FROM unnest((SELECT top_paths(case_id, at, seq, event, NULL, 50, 6) FROM claim))', 'VALUES (4566::bigint), (2411), (1392), (575), (342), (183)', 'the ranking of variants');
SELECT is((SELECT path FROM unnest((SELECT top_paths(case_id, at, seq, event, NULL, 50, 1) FROM claim))), '{SUBMITTED EMPLOYEE,APPROVED ADMINISTRATION,FINAL_APPROVED SUPERVISOR,Request Payment,Payment Handled}', 'the first of them');
SELECT set_eq('SELECT user_path(at, seq, event) FROM claim GROUP BY case_id', 'SELECT path FROM variant', 'user_path of each claim');

-- What led to the first payment.
SELECT results_eq($$ SELECT position, source, sessions FROM flow_links((SELECT path_flow(case_id, at, seq, event, NULL, 3, NULL, 'Payment Handled') FROM claim)) WHERE target = 'Request Payment' OR position = -2 ORDER BY position DESC, sessions DESC $$, $$
	SELECT * FROM (SELECT -2, a.source, count(*) FROM step a WHERE a.target = 'Payment Handled' AND NOT EXISTS (SELECT FROM step b WHERE b.case_id = a.case_id AND b.target = 'Payment Handled' AND b.place < a.place) GROUP BY 2
	UNION ALL SELECT -3, b.source, count(*) FROM step a JOIN step b ON b.case_id = a.case_id AND b.place = a.place - 1 WHERE a.target = 'Payment Handled' AND b.target = 'Request Payment' GROUP BY 2) s (position, source, n) ORDER BY position DESC, n DESC $$, 'backwards from the payment');
SELECT * FROM finish();
ROLLBACK;
