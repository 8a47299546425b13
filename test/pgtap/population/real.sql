-- Three public logs of real customers and processes. Every number is checked in, and found
-- a second time in plain SQL. The logs are not part of the source tree: without them, skip.
\set have `test -r "${JOURNEY_DATA:-../shared/data}/expense_claims.csv.gz" && echo yes || echo no`
\set data `echo "${JOURNEY_DATA:-../shared/data}"`
\setenv JOURNEY_DATA :data
\if :have
\else
	\echo '1..0 # SKIP no logs: JOURNEY_DATA names the folder, ../shared/data unless set'
	\quit
\endif
\ir ../setup.psql

CREATE TABLE claim (case_id text, event text, at timestamptz, role text, amount numeric, seq int);
\copy claim FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/expense_claims.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE purchase (customer_id int, purchased_on date, units int, amount numeric);
\copy purchase FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/cdnow_purchases.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE account (account_id int, district_id int, frequency text, date date);
\copy account FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/berka_account.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE disp (disp_id int, client_id int, account_id int, type text);
\copy disp FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/berka_disp.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE card (card_id int, disp_id int, type text, issued timestamp);
\copy card FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/berka_card.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE loan (loan_id int, account_id int, date date, amount numeric, duration int, payments numeric, status text);
\copy loan FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/berka_loan.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE trans (trans_id int, account_id int, date date, type text, operation text, amount numeric, balance numeric, k_symbol text, bank text, account text);
\copy trans FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/berka_trans.csv.gz"' (FORMAT csv, HEADER)

CREATE INDEX ON claim (case_id);
CREATE INDEX ON purchase (customer_id, purchased_on);
CREATE INDEX ON trans (account_id);
ANALYZE;

-- What a query answers, its rows one after the other.
CREATE FUNCTION rows_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE 'SELECT string_agg(concat_ws('' '', ' || 'VARIADIC ARRAY(SELECT value FROM json_each_text(to_json(q)))), E''\n'' ORDER BY n)
		FROM (SELECT row_number() OVER () AS n, q FROM (' || query || ') q) r' INTO answer;
	RETURN answer;
END $$;

-- Our answer, and that of plain SQL.
CREATE FUNCTION twice(name text, want text, ours text, plain text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT is(rows_of(ours), btrim(want, E'\n'), name);
	RETURN NEXT is(rows_of(plain), btrim(want, E'\n'), name || ', in plain SQL');
END $$;

SELECT plan(51);

SELECT is(ARRAY[(SELECT count(*) FROM claim), (SELECT count(*) FROM purchase), (SELECT count(*) FROM account), (SELECT count(*) FROM disp),
	(SELECT count(*) FROM card), (SELECT count(*) FROM loan), (SELECT count(*) FROM trans)], '{55628,69659,4500,5369,892,682,49102}', 'all rows are there');

-- ---- expense claims ---------------------------------------------------------------------

-- How far do declarations get within 30 days of a submission?
CREATE VIEW claim_step AS
SELECT case_id, at, step_of(event, ARRAY['Declaration SUBMITTED by EMPLOYEE', 'Declaration APPROVED by ADMINISTRATION',
	'Declaration FINAL_APPROVED by SUPERVISOR', 'Payment Handled']) AS step FROM claim;
CREATE TABLE step AS			-- the same for plain SQL
SELECT case_id, at, k FROM claim JOIN unnest(ARRAY['Declaration SUBMITTED by EMPLOYEE', 'Declaration APPROVED by ADMINISTRATION',
	'Declaration FINAL_APPROVED by SUPERVISOR', 'Payment Handled']) WITH ORDINALITY u (event, k) USING (event);
CREATE INDEX ON step (case_id, k);
ANALYZE step;

SELECT twice('funnel of claims: declarations that reach each step within 30 days', '
1 10222
2 7770
3 7700
4 7578',
	$$ SELECT k, count(*) FILTER (WHERE level >= k) FROM (SELECT window_funnel(at, step, '30 days') AS level FROM claim_step GROUP BY case_id) c,
		generate_series(1, 4) k GROUP BY k ORDER BY k $$,
	$$ SELECT 1, count(DISTINCT case_id) FROM step WHERE k = 1
	UNION ALL SELECT 2, count(DISTINCT a.case_id) FROM step a JOIN step b USING (case_id) WHERE a.k = 1 AND b.k = 2 AND b.at >= a.at AND b.at <= a.at + interval '720 hours'
	UNION ALL SELECT 3, count(DISTINCT a.case_id) FROM step a JOIN step b USING (case_id) JOIN step c USING (case_id)
		WHERE a.k = 1 AND b.k = 2 AND c.k = 3 AND b.at >= a.at AND c.at >= b.at AND c.at <= a.at + interval '720 hours'
	UNION ALL SELECT 4, count(DISTINCT a.case_id) FROM step a JOIN step b USING (case_id) JOIN step c USING (case_id) JOIN step d USING (case_id)
		WHERE a.k = 1 AND b.k = 2 AND c.k = 3 AND d.k = 4 AND b.at >= a.at AND c.at >= b.at AND d.at >= c.at AND d.at <= a.at + interval '720 hours' ORDER BY 1 $$);

SELECT twice('in any order, within 10 days', '
0 134
1 246
2 986
3 3898
4 5093',
	$$ SELECT level, count(*) FROM (SELECT window_funnel(at, step, '10 days', 'any_order') AS level FROM claim_step GROUP BY case_id) c GROUP BY level ORDER BY level $$,
	$$ SELECT level, count(*) FROM (SELECT c.case_id, coalesce(max(n), 0) AS level FROM (SELECT DISTINCT case_id FROM claim) c LEFT JOIN (
			SELECT e.case_id, count(DISTINCT b.k) AS n FROM step e JOIN step b ON b.case_id = e.case_id AND b.at <= e.at AND b.at >= e.at - interval '240 hours'
			GROUP BY e.case_id, e.at) w USING (case_id) GROUP BY c.case_id) l GROUP BY level ORDER BY level $$);

-- Of all events in order, as digits: nothing but the steps, once each, after the submission.
SELECT twice('declarations that go straight through, in strict order', '4566',
	$$ SELECT count(*) FILTER (WHERE level = 5) FROM (SELECT window_funnel(at, step_of(event, ARRAY['Declaration SUBMITTED by EMPLOYEE',
			'Declaration APPROVED by ADMINISTRATION', 'Declaration FINAL_APPROVED by SUPERVISOR', 'Request Payment', 'Payment Handled']),
		'3650 days', 'strict_order, strict_deduplication') AS level FROM claim GROUP BY case_id) c $$,
	$$ SELECT count(*) FILTER (WHERE way ~ '^[02345]*1+21*31*41*5') FROM (SELECT string_agg(k::text, '' ORDER BY at, k) AS way FROM (SELECT case_id, at,
			coalesce(array_position(ARRAY['Declaration SUBMITTED by EMPLOYEE', 'Declaration APPROVED by ADMINISTRATION',
				'Declaration FINAL_APPROVED by SUPERVISOR', 'Request Payment', 'Payment Handled'], event), 0) AS k FROM claim) c GROUP BY case_id) w $$);

-- When the last step is reached: the first payment, and the latest submission that leads to it.
SELECT twice('days from submission to payment: median and ninth decile', '7.3022 17.0202 7789',
	$$ SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t[4] - t[1]) / 86400)::numeric, 4),
		round(percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM t[4] - t[1]) / 86400)::numeric, 4), count(*)
	FROM (SELECT window_funnel_times(at, step, '3650 days') AS t FROM claim_step GROUP BY case_id) c WHERE cardinality(t) = 4 $$,
	$$ SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM paid - submitted) / 86400)::numeric, 4),
		round(percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM paid - submitted) / 86400)::numeric, 4), count(*)
	FROM (SELECT DISTINCT ON (case_id) d.at AS paid, a.at AS submitted FROM step a JOIN step b USING (case_id) JOIN step c USING (case_id) JOIN step d USING (case_id)
		WHERE a.k = 1 AND b.k = 2 AND c.k = 3 AND d.k = 4 AND b.at >= a.at AND c.at >= b.at AND d.at >= c.at ORDER BY case_id, d.at, a.at DESC) l $$);

-- Who rejects, and what is submitted again.
CREATE VIEW rejection AS
SELECT case_id, at, steps(event ~ 'REJECTED', event ~ 'SUBMITTED', event = 'Payment Handled') AS step FROM claim;
CREATE TABLE turn AS
SELECT case_id, at, CASE WHEN event ~ 'REJECTED' THEN 1 WHEN event ~ 'SUBMITTED' THEN 2 ELSE 3 END AS k FROM claim
WHERE event ~ 'REJECTED|SUBMITTED|^Payment Handled';
CREATE INDEX ON turn (case_id);

SELECT twice('declarations rejected; rejected and submitted again; within a week; and paid in the end', '1278 1006 871 846',
	$$ SELECT count(*) FILTER (WHERE a), count(*) FILTER (WHERE b), count(*) FILTER (WHERE c), count(*) FILTER (WHERE d) FROM (
		SELECT sequence_match(at, step, '(?1)') AS a, sequence_match(at, step, '(?1).*(?2)') AS b,
			sequence_match(at, step, '(?1)(?t<=7d)(?2)') AS c, sequence_match(at, step, '(?1)(?t<=7d)(?2).*(?3)') AS d FROM rejection GROUP BY case_id) r $$,
	$$ SELECT (SELECT count(DISTINCT case_id) FROM turn WHERE k = 1),
		(SELECT count(DISTINCT case_id) FROM turn r JOIN turn s USING (case_id) WHERE r.k = 1 AND s.k = 2 AND s.at >= r.at),
		(SELECT count(DISTINCT case_id) FROM turn r JOIN turn s USING (case_id) WHERE r.k = 1 AND s.k = 2 AND s.at BETWEEN r.at AND r.at + interval '168 hours'),
		(SELECT count(DISTINCT case_id) FROM turn r JOIN turn s USING (case_id) JOIN turn p USING (case_id)
			WHERE r.k = 1 AND s.k = 2 AND p.k = 3 AND s.at BETWEEN r.at AND r.at + interval '168 hours' AND p.at >= s.at) $$);
SELECT twice('how often a declaration is rejected and next submitted again', '
0 9351
1 882
2 111
3 10
4 1
5 1
6 1',
	$$ SELECT n, count(*) FROM (SELECT sequence_count(at, step, '(?1)(?2)') AS n FROM rejection GROUP BY case_id) r GROUP BY n ORDER BY n $$,
	$$ SELECT n, count(*) FROM (SELECT case_id, count(*) FILTER (WHERE k = 1 AND next = 2) AS n FROM (
			SELECT case_id, k, lead(k) OVER (PARTITION BY case_id ORDER BY at, k) AS next
			FROM (TABLE turn UNION ALL SELECT DISTINCT case_id, timestamptz '9999-01-01', 3 FROM claim) t) l GROUP BY case_id) r GROUP BY n ORDER BY n $$);
SELECT twice('days until the first rejection that is followed by a submission', '1006 7748.287',
	$$ SELECT count(*), round(sum(extract(epoch FROM e[2] - e[1])) / 86400, 3) FROM (
		SELECT sequence_match_events(at, step, '(?1).*(?2)') AS e FROM rejection GROUP BY case_id) r WHERE cardinality(e) = 2 $$,
	$$ SELECT count(*), round(sum(extract(epoch FROM s - r)) / 86400, 3) FROM (SELECT case_id, min(s.at) AS s FROM turn r JOIN turn s USING (case_id)
			WHERE r.k = 1 AND s.k = 2 AND s.at >= r.at GROUP BY case_id) m JOIN (SELECT case_id, min(at) AS r FROM turn WHERE k = 1 GROUP BY case_id) f USING (case_id) $$);

SELECT twice('what comes next after the first submission', '
Declaration APPROVED by ADMINISTRATION 7214
Declaration FINAL_APPROVED by SUPERVISOR 1462
Declaration REJECTED by ADMINISTRATION 817
Declaration APPROVED by PRE_APPROVER 597
Declaration REJECTED by PRE_APPROVER 80
Declaration REJECTED by SUPERVISOR 52',
	$$ SELECT coalesce(next, '(nothing)'), count(*) FROM (SELECT case_id, sequence_next_node(at, steps(event ~ 'SUBMITTED'), event, true, 'forward', 'first_match') AS next
		FROM claim GROUP BY case_id HAVING bool_or(event ~ 'SUBMITTED')) c GROUP BY 1 ORDER BY 2 DESC, 1 $$,
	$$ SELECT coalesce(next, '(nothing)'), count(*) FROM (SELECT DISTINCT ON (case_id) case_id, next FROM (
			SELECT *, lead(event) OVER w AS next, row_number() OVER w AS n FROM claim WINDOW w AS (PARTITION BY case_id ORDER BY at, event COLLATE "C")) l
		WHERE event ~ 'SUBMITTED' ORDER BY case_id, n) c GROUP BY 1 ORDER BY 2 DESC, 1 $$);
SELECT twice('what led to the last rejection by the supervisor', '
Declaration APPROVED by ADMINISTRATION 179
Declaration SUBMITTED by EMPLOYEE 53
Declaration APPROVED by BUDGET OWNER 31
Declaration APPROVED by PRE_APPROVER 11',
	$$ SELECT before, count(*) FROM (SELECT sequence_next_node(at, steps(event ~ 'REJECTED by SUPERVISOR'), event, true, 'backward', 'last_match') AS before
		FROM claim GROUP BY case_id) c WHERE before IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 $$,
	$$ SELECT before, count(*) FROM (SELECT DISTINCT ON (case_id) case_id, before FROM (
			SELECT *, lag(event) OVER w AS before, row_number() OVER w AS n FROM claim WINDOW w AS (PARTITION BY case_id ORDER BY at, event COLLATE "C")) l
		WHERE event ~ 'REJECTED by SUPERVISOR' ORDER BY case_id, n DESC) c WHERE before IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 $$);
SELECT twice('bursts of work on a declaration, a week apart', '
1 8284
2 1895
3 163
4 15',
	$$ SELECT bursts, count(*) FROM (SELECT max(s) AS bursts FROM (SELECT case_id, sessionize(at, '7 days') OVER (PARTITION BY case_id ORDER BY at) AS s FROM claim) c
		GROUP BY case_id) b GROUP BY bursts ORDER BY bursts $$,
	$$ SELECT bursts, count(*) FROM (SELECT 1 + count(*) FILTER (WHERE at - before > interval '168 hours') AS bursts FROM (
		SELECT case_id, at, lag(at) OVER (PARTITION BY case_id ORDER BY at) AS before FROM claim) c GROUP BY case_id) b GROUP BY bursts ORDER BY bursts $$);
SELECT twice('retention: of the declarations ever rejected, those ever finally approved, and ever paid', '1278 994 967',
	$$ SELECT count(*) FILTER (WHERE r[1]), count(*) FILTER (WHERE r[2]), count(*) FILTER (WHERE r[3]) FROM (
		SELECT retention(steps(event ~ 'REJECTED', event ~ 'FINAL_APPROVED', event = 'Payment Handled')) AS r FROM claim GROUP BY case_id) c $$,
	$$ SELECT count(DISTINCT case_id), count(DISTINCT case_id) FILTER (WHERE event ~ 'FINAL_APPROVED'), count(DISTINCT case_id) FILTER (WHERE event = 'Payment Handled')
		FROM claim WHERE case_id IN (SELECT case_id FROM claim WHERE event ~ 'REJECTED') $$);

-- ---- CDNOW ------------------------------------------------------------------------------

-- Of those who first bought in a month, how many bought in each of the six months after it?
CREATE TABLE cohort AS SELECT customer_id, date_trunc('month', min(purchased_on))::date AS month FROM purchase GROUP BY customer_id;
SELECT twice('month cohorts of buyers: those who came back 0 to 6 months later', '
2021-01-01 7844 1157 964 810 678 736 720
2021-02-01 8475 1313 980 783 847 786 626
2021-03-01 7225 1031 752 756 674 564 561',
	$$ SELECT month, count(*) FILTER (WHERE r[1]), count(*) FILTER (WHERE r[2]), count(*) FILTER (WHERE r[3]), count(*) FILTER (WHERE r[4]),
		count(*) FILTER (WHERE r[5]), count(*) FILTER (WHERE r[6]), count(*) FILTER (WHERE r[7])
	FROM (SELECT customer_id, month, retention(steps(later = 0, later = 1, later = 2, later = 3, later = 4, later = 5, later = 6)) AS r
		FROM purchase JOIN cohort USING (customer_id), LATERAL (SELECT (extract(year FROM purchased_on) - extract(year FROM month)) * 12
			+ extract(month FROM purchased_on) - extract(month FROM month) AS later) l GROUP BY customer_id, month) c
	GROUP BY month ORDER BY month $$,
	$$ SELECT month, c0, c1, c2, c3, c4, c5, c6 FROM (SELECT month,
			count(DISTINCT customer_id) FILTER (WHERE came = month) AS c0, count(DISTINCT customer_id) FILTER (WHERE came = month + interval '1 month') AS c1,
			count(DISTINCT customer_id) FILTER (WHERE came = month + interval '2 months') AS c2, count(DISTINCT customer_id) FILTER (WHERE came = month + interval '3 months') AS c3,
			count(DISTINCT customer_id) FILTER (WHERE came = month + interval '4 months') AS c4, count(DISTINCT customer_id) FILTER (WHERE came = month + interval '5 months') AS c5,
			count(DISTINCT customer_id) FILTER (WHERE came = month + interval '6 months') AS c6
		FROM (SELECT customer_id, month, date_trunc('month', purchased_on) AS came FROM purchase JOIN cohort USING (customer_id)) p GROUP BY month) m ORDER BY month $$);
SELECT twice('the most purchases, up to 5, that a customer makes within 90 days', '
1 14616
2 4697
3 1910
4 1022
5 1299',
	$$ SELECT n, count(*) FROM (SELECT window_funnel(purchased_on, steps(true, true, true, true, true), '90 days', 'strict_once') AS n FROM purchase GROUP BY customer_id) c GROUP BY n ORDER BY n $$,
	$$ SELECT n, count(*) FROM (SELECT customer_id, 1 + max((d1 <= 90)::int + (d2 <= 90)::int + (d3 <= 90)::int + (d4 <= 90)::int) AS n FROM (
			SELECT customer_id, coalesce(lead(purchased_on, 1) OVER w - purchased_on, 999) AS d1, coalesce(lead(purchased_on, 2) OVER w - purchased_on, 999) AS d2,
				coalesce(lead(purchased_on, 3) OVER w - purchased_on, 999) AS d3, coalesce(lead(purchased_on, 4) OVER w - purchased_on, 999) AS d4
			FROM purchase WINDOW w AS (PARTITION BY customer_id ORDER BY purchased_on)) l GROUP BY customer_id) c GROUP BY n ORDER BY n $$);
SELECT twice('buying days, up to 5, within 90 days', '
1 14839
2 4643
3 1883
4 1000
5 1179',
	$$ SELECT n, count(*) FROM (SELECT window_funnel(purchased_on, steps(true, true, true, true, true), '90 days', 'strict_increase') AS n FROM purchase GROUP BY customer_id) c GROUP BY n ORDER BY n $$,
	$$ SELECT n, count(*) FROM (SELECT customer_id, least(5, max(days)) AS n FROM (SELECT customer_id, purchased_on,
			count(*) OVER (PARTITION BY customer_id ORDER BY purchased_on RANGE BETWEEN CURRENT ROW AND interval '90 days' FOLLOWING) AS days
			FROM (SELECT DISTINCT customer_id, purchased_on FROM purchase) d) l GROUP BY customer_id) c GROUP BY n ORDER BY n $$);
SELECT twice('how often a customer comes back after more than half a year', '
0 18662
1 4710
2 172',
	$$ SELECT n, count(*) FROM (SELECT customer_id, max(s) - 1 AS n FROM (SELECT customer_id, purchased_on, sessionize(purchased_on, '182 days') OVER (PARTITION BY customer_id ORDER BY purchased_on) AS s FROM purchase) p
		GROUP BY customer_id) c GROUP BY n ORDER BY n $$,
	$$ SELECT n, count(*) FROM (SELECT customer_id, count(*) FILTER (WHERE purchased_on - before > 182) AS n FROM (
		SELECT customer_id, purchased_on, lag(purchased_on) OVER (PARTITION BY customer_id ORDER BY purchased_on) AS before FROM purchase) l GROUP BY customer_id) c GROUP BY n ORDER BY n $$);
SELECT twice('customers who buy for less than 20 dollars, and within 30 days for more than 100', '165',
	$$ SELECT count(*) FROM (SELECT sequence_match(purchased_on, steps(amount < 20, amount > 100), '(?1)(?t<=30d)(?2)') AS m FROM purchase GROUP BY customer_id) c WHERE m $$,
	$$ SELECT count(DISTINCT customer_id) FROM purchase a JOIN purchase b USING (customer_id) WHERE a.amount < 20 AND b.amount > 100
		AND b.purchased_on BETWEEN a.purchased_on AND a.purchased_on + 30 $$);

-- ---- Berka ------------------------------------------------------------------------------

-- What an account's owner takes up: an account, then a loan, then a card.
CREATE VIEW product AS
SELECT account_id, date::timestamptz AS at, '100'::stepset AS step FROM account
UNION ALL SELECT account_id, date, '010' FROM loan
UNION ALL SELECT account_id, issued, '001' FROM card JOIN disp USING (disp_id);
SELECT twice('account, then a loan, then a card, within three years', '
1 3818
2 581
3 101',
	$$ SELECT level, count(*) FROM (SELECT window_funnel(at, step, '1095 days') AS level FROM product GROUP BY account_id) a GROUP BY level ORDER BY level $$,
	$$ SELECT level, count(*) FROM (SELECT a.account_id, 1 + coalesce(max(CASE WHEN l.date BETWEEN a.date AND a.date + 1095
				THEN CASE WHEN c.issued >= l.date AND c.issued <= a.date + 1095 THEN 2 ELSE 1 END END), 0) AS level
		FROM account a LEFT JOIN loan l USING (account_id) LEFT JOIN (SELECT account_id, issued FROM card JOIN disp USING (disp_id)) c USING (account_id) GROUP BY a.account_id) x
		GROUP BY level ORDER BY level $$);
SELECT twice('in whatever order', '
1 3260
2 1103
3 137',
	$$ SELECT level, count(*) FROM (SELECT window_funnel(at, step, '1095 days', 'any_order') AS level FROM product GROUP BY account_id) a GROUP BY level ORDER BY level $$,
	$$ SELECT level, count(*) FROM (SELECT account_id, max(n) AS level FROM (SELECT e.account_id, count(DISTINCT b.step::text) AS n FROM product e JOIN product b
			ON b.account_id = e.account_id AND b.at <= e.at AND b.at >= e.at - interval '26280 hours' GROUP BY e.account_id, e.at) w GROUP BY account_id) l GROUP BY level ORDER BY level $$);

SELECT twice('penalty interest, and another within 40 days', '23 64 18',
	$$ SELECT count(*) FILTER (WHERE n >= 1), sum(n), count(*) FILTER (WHERE again) FROM (
		SELECT sequence_count(date, steps(k_symbol = 'SANKC. UROK'), '(?1)') AS n,
			sequence_match(date, steps(k_symbol = 'SANKC. UROK'), '(?1)(?t<=40d)(?1)') AS again FROM trans GROUP BY account_id) a $$,
	$$ SELECT count(DISTINCT account_id), count(*), count(DISTINCT account_id) FILTER (WHERE next - date <= 40) FROM (
		SELECT account_id, date, lead(date) OVER (PARTITION BY account_id ORDER BY date) AS next FROM trans WHERE k_symbol = 'SANKC. UROK') s $$);
SELECT twice('the first operation after the first deposit', '
PRIJEM VKLAD 758
PRIJEM PREVOD Z UCTU 222
PRIJEM PREVOD Z UCTU DUCHOD 208
(none) 22
PRIJEM UROK 19',
	$$ SELECT coalesce(next, '(none)'), count(*) FROM (SELECT account_id, sequence_next_node(date, steps(operation = 'VKLAD'),
			concat_ws(' ', type, operation, k_symbol), true, 'forward', 'first_match') AS next FROM trans GROUP BY account_id HAVING bool_or(operation = 'VKLAD')) a GROUP BY 1 ORDER BY 2 DESC, 1 $$,
	$$ SELECT coalesce(next, '(none)'), count(*) FROM (SELECT DISTINCT ON (account_id) account_id, next FROM (
			SELECT account_id, operation, lead(value) OVER w AS next, row_number() OVER w AS n FROM (SELECT *, concat_ws(' ', type, operation, k_symbol) AS value FROM trans) t
			WINDOW w AS (PARTITION BY account_id ORDER BY date, value COLLATE "C", (operation = 'VKLAD') DESC)) l
		WHERE operation = 'VKLAD' ORDER BY account_id, n) a GROUP BY 1 ORDER BY 2 DESC, 1 $$);
SELECT twice('spells of an account without a month of silence', '
1 1024
2 43
3 130
4 32',
	$$ SELECT spells, count(*) FROM (SELECT max(s) AS spells FROM (SELECT account_id, sessionize(date, '30 days') OVER (PARTITION BY account_id ORDER BY date) AS s FROM trans) t
		GROUP BY account_id) a GROUP BY spells ORDER BY spells $$,
	$$ SELECT spells, count(*) FROM (SELECT 1 + count(*) FILTER (WHERE date - before > 30) AS spells FROM (
		SELECT account_id, date, lag(date) OVER (PARTITION BY account_id ORDER BY date) AS before FROM trans) t GROUP BY account_id) a GROUP BY spells ORDER BY spells $$);

-- ---- cohorts ----------------------------------------------------------------------------

SELECT twice('CDNOW, month cohorts: users who bought again, by month since the first purchase', '
2021-01 7844 1157 964 810 678 736 720 582 559 594 673 634 528 511 664 472 497
2021-02 8475 1313 980 783 847 786 626 619 666 721 661 545 568 718 545 548
2021-03 7225 1031 752 756 674 564 561 579 634 568 464 472 678 420 443',
	$$ SELECT to_char(cohort, 'YYYY-MM'), string_agg(users::text, ' ' ORDER BY period) FROM retention_cells((SELECT cohort_retention(customer_id, purchased_on, true, true, 'month', 17) FROM purchase)) WHERE complete GROUP BY cohort ORDER BY cohort $$,
	$$ SELECT to_char(first, 'YYYY-MM'), string_agg(users::text, ' ' ORDER BY age) FROM (
		SELECT first, age, count(DISTINCT customer_id) FILTER (WHERE extract(year FROM m) * 12 + extract(month FROM m) = extract(year FROM first) * 12 + extract(month FROM first) + age) AS users
		FROM (SELECT customer_id, date_trunc('month', purchased_on) AS m, min(date_trunc('month', purchased_on)) OVER (PARTITION BY customer_id) AS first FROM purchase) p, generate_series(0, 17) age
		WHERE first + (age + 1) * interval '1 month' <= (SELECT max(purchased_on) FROM purchase) GROUP BY first, age) c GROUP BY first ORDER BY first $$);

SELECT twice('CDNOW, customers who bought again within 30, 90, 180 and 365 days of their first purchase', '
30 4122 23544 84
90 6892 23544 84
180 8827 23544 84
365 10807 23544 84',
	$$ SELECT last_period, users, cohort_users, cohorts FROM retention_curve((SELECT cohort_retention(customer_id, purchased_on, true, true, 'rolling day', ARRAY[30, 90, 180, 365], 'within_from_1') FROM purchase)) WHERE last_period > 0 $$,
	$$ SELECT d, count(*) FILTER (WHERE again), count(*), count(DISTINCT first) FROM (
		SELECT d, customer_id, first, bool_or(purchased_on > first AND purchased_on <= first + d) AS again
		FROM (SELECT *, min(purchased_on) OVER (PARTITION BY customer_id) AS first FROM purchase) p, unnest(ARRAY[30, 90, 180, 365]) d GROUP BY d, customer_id, first) c
	WHERE first + 1 + d + 1 <= (SELECT max(purchased_on) FROM purchase) GROUP BY d ORDER BY d $$);

SELECT twice('CDNOW, what customers of each month are worth after 0, 1, 6 and 12 months', '
2021-01 0 7844 299060.17 38.1260
2021-01 1 7844 360101.86 45.9079
2021-01 6 7844 561822.27 71.6245
2021-01 12 7844 751276.88 95.7773
2021-02 0 8475 318548.34 37.5868
2021-02 1 8475 381149.34 44.9734
2021-02 6 8475 581771.11 68.6456
2021-02 12 8475 770837.08 90.9542
2021-03 0 7225 279870.52 38.7364
2021-03 1 7225 332791.81 46.0612
2021-03 6 7225 493309.65 68.2782
2021-03 12 7225 665781.26 92.1497',
	$$ SELECT to_char(cohort, 'YYYY-MM'), last_period, cohort_users, round(value::numeric, 2), round(value_per_user::numeric, 4) FROM retention_cells((SELECT cohort_retention(customer_id, purchased_on, true, true, amount, 'month', ARRAY[1, 6, 12], 'within') FROM purchase)) ORDER BY cohort, period $$,
	$$ SELECT to_char(first, 'YYYY-MM'), age, count(DISTINCT customer_id), sum(amount) FILTER (WHERE purchased_on < first + (age + 1) * interval '1 month'), round(sum(amount) FILTER (WHERE purchased_on < first + (age + 1) * interval '1 month') / count(DISTINCT customer_id), 4)
	FROM (SELECT *, min(date_trunc('month', purchased_on)) OVER (PARTITION BY customer_id) AS first FROM purchase) p, unnest(ARRAY[0, 1, 6, 12]) age GROUP BY first, age ORDER BY first, age $$);

SELECT twice('Berka, accounts opened in each quarter of 1993 that sent a transfer in the same quarter, the next, and the one after', '
1993 Q1 0 2 298 true
1993 Q1 1 73 298 true
1993 Q1 2 222 298 true
1993 Q2 0 0 256 true
1993 Q2 1 62 256 true
1993 Q2 2 179 256 true
1993 Q3 0 1 304 true
1993 Q3 1 81 304 true
1993 Q3 2 234 304 true
1993 Q4 0 1 281 true
1993 Q4 1 61 281 true
1993 Q4 2 0 281 true',
	$$ SELECT to_char(cohort, 'YYYY "Q"Q'), period, users, cohort_users, complete FROM retention_cells((SELECT cohort_retention(account_id, at, opened, sent, 'quarter', 2) FROM (
		SELECT account_id, date AS at, true AS opened, false AS sent FROM account UNION ALL SELECT account_id, date, false, operation = 'PREVOD NA UCET' FROM trans) e)) WHERE cohort < '1994-01-01' $$,
	$$ SELECT to_char(q, 'YYYY "Q"Q'), age, count(*) FILTER (WHERE EXISTS (SELECT FROM trans t WHERE t.account_id = a.account_id AND t.operation = 'PREVOD NA UCET' AND date_trunc('quarter', t.date) = q + age * interval '3 months')), count(*),
		q + (age + 1) * interval '3 months' <= (SELECT greatest((SELECT max(date) FROM trans), (SELECT max(date) FROM account)))
	FROM (SELECT account_id, date_trunc('quarter', date) AS q FROM account WHERE date < '1994-01-01') a, generate_series(0, 2) age GROUP BY q, age ORDER BY q, age $$);

SELECT * FROM finish();
ROLLBACK;
