-- Activity and intervals of real customers: CD buyers and bank accounts. Every number is
-- checked in, and found a second time in plain SQL. Without the logs, skip.
\set have `test -r "${JOURNEY_DATA:-../shared/data}/cdnow_purchases.csv.gz" && echo yes || echo no`
\set data `echo "${JOURNEY_DATA:-../shared/data}"`
\setenv JOURNEY_DATA :data
\if :have
\else
	\echo '1..0 # SKIP no logs: JOURNEY_DATA names the folder, ../shared/data unless set'
	\quit
\endif
\ir ../setup.psql

CREATE TABLE purchase (customer_id int, purchased_on date, units int, amount numeric);
\copy purchase FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/cdnow_purchases.csv.gz"' (FORMAT csv, HEADER)
CREATE TABLE trans (trans_id int, account_id int, date date, type text, operation text, amount numeric, balance numeric, k_symbol text, bank text, account text);
\copy trans FROM PROGRAM 'gzip -dc "$JOURNEY_DATA/berka_trans.csv.gz"' (FORMAT csv, HEADER)
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

SELECT plan(19);

-- ---- CD buyers --------------------------------------------------------------------------

SELECT twice('time to the next purchase', '46115 11658 0 533 5954326.77',
	$$ SELECT count, users, extract(epoch FROM min_time)::int / 86400, extract(epoch FROM max_time)::int / 86400, extract(epoch FROM avg_time)::numeric(20,2) FROM interval_summary((SELECT intervals(customer_id, purchased_on, '1') FROM purchase)) $$,
	$$ SELECT count(*), count(DISTINCT customer_id), min(days), max(days), (avg(days) * 86400)::numeric(20,2) FROM (SELECT customer_id, lead(purchased_on) OVER (PARTITION BY customer_id ORDER BY purchased_on) - purchased_on AS days FROM purchase) p WHERE days IS NOT NULL $$);
-- (Bounds of less than 64 days, so that no bucket of the histogram holds two days.)
SELECT twice('in bins', '
2073
6483
5391
8420
8012
15736',
	$$ SELECT count FROM interval_histogram((SELECT intervals(customer_id, purchased_on, '1') FROM purchase), '{1 day, 7 days, 14 days, 30 days, 60 days}') $$,
	$$ SELECT count(*) FROM (SELECT lead(purchased_on) OVER (PARTITION BY customer_id ORDER BY purchased_on) - purchased_on AS days FROM purchase) p WHERE days IS NOT NULL GROUP BY width_bucket(days, ARRAY[1, 7, 14, 30, 60]) ORDER BY width_bucket(days, ARRAY[1, 7, 14, 30, 60]) $$);
SELECT twice('a customer''s next purchase within 30 days of one of at least 50 dollars', '5305 2262',
	$$ SELECT count, users FROM interval_summary((SELECT intervals(customer_id, purchased_on, steps(amount >= 50, true), '30 days') FROM purchase)) $$,
	$$ SELECT count(*), count(DISTINCT customer_id) FROM (SELECT customer_id, amount, lead(purchased_on) OVER (PARTITION BY customer_id ORDER BY purchased_on, (amount >= 50) DESC) - purchased_on AS days FROM purchase) p WHERE amount >= 50 AND days <= 30 $$);
-- New customers came in the first three months: that is how the log was chosen.
SELECT twice('lifecycle by month', '
2021-01-01 7844 7844 0 0 0
2021-02-01 9632 8475 1157 0 6687
2021-03-01 9502 7225 1682 595 7950
2021-04-01 2821 0 1773 1048 7729
2021-05-01 2213 0 852 1361 1969
2021-06-01 2339 0 748 1591 1465
2021-07-01 2180 0 746 1434 1593
2021-08-01 1772 0 604 1168 1576
2021-09-01 1739 0 528 1211 1244
2021-10-01 1839 0 532 1307 1207
2021-11-01 2028 0 624 1404 1215
2021-12-01 1863 0 632 1231 1396
2022-01-01 1537 0 512 1025 1351
2022-02-01 1551 0 472 1079 1065
2022-03-01 2060 0 571 1489 980
2022-04-01 1437 0 518 919 1542
2022-05-01 1488 0 459 1029 978
2022-06-01 1506 0 446 1060 1042',
	$$ SELECT bucket::date, active, new, "returning", resurrected, dormant FROM lifecycle_buckets((SELECT lifecycle(customer_id, purchased_on, 'month') FROM purchase)) $$,
	$$ WITH m AS (SELECT DISTINCT customer_id, date_trunc('month', purchased_on)::date AS month FROM purchase)
		SELECT month, count(*) AS active, count(*) FILTER (WHERE before IS NULL) AS new, count(*) FILTER (WHERE before = month - interval '1 month') AS again, count(*) FILTER (WHERE before < month - interval '1 month') AS resurrected,
			(SELECT count(*) FROM m b WHERE b.month = l.month - interval '1 month' AND NOT EXISTS (SELECT FROM m c WHERE c.customer_id = b.customer_id AND c.month = l.month)) AS dormant
		FROM (SELECT *, lag(month) OVER (PARTITION BY customer_id ORDER BY month) AS before FROM m) l GROUP BY month ORDER BY month $$);
SELECT twice('how often they bought', '
1 2 11886
2 3 4069
3 4 2218
4 5 1441
5 10 2775
10 20 918
20 50 217
50 100 12
100 8',
	$$ SELECT lower, upper, users FROM frequency_bins((SELECT frequency(customer_id, purchased_on, 'times') FROM purchase), '{1,2,3,4,5,10,20,50,100}') $$,
	$$ SELECT l, u, (SELECT count(*) FROM (SELECT count(*) AS n FROM purchase GROUP BY customer_id) c WHERE n >= l AND n < coalesce(u, 100000)) FROM (VALUES (1, 2), (2, 3), (3, 4), (4, 5), (5, 10), (10, 20), (20, 50), (50, 100), (100, NULL)) b (l, u) $$);

-- ---- accounts ---------------------------------------------------------------------------

SELECT twice('from a cash deposit to the next cash withdrawal', '
each 9466 1109 240
latest 6092 1109 177',
	$$ SELECT mode, count, users, extract(epoch FROM max_time)::int / 86400 AS days FROM (SELECT mode, intervals(account_id, date, steps(operation = 'VKLAD', operation = 'VYBER'), '365 days', mode) AS s FROM trans, (VALUES ('each'), ('latest')) m (mode) GROUP BY mode) g, interval_summary(s) ORDER BY mode $$,
	$$ WITH t AS (SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY date, operation) AS n FROM trans WHERE operation IN ('VKLAD', 'VYBER')),
			n AS (SELECT *, min(n) FILTER (WHERE operation = 'VYBER') OVER (PARTITION BY account_id ORDER BY n DESC) AS m FROM t),
			p AS (SELECT n.account_id, e.date - n.date AS days, e.n - n.n AS apart FROM n JOIN t e ON e.account_id = n.account_id AND e.n = n.m WHERE n.operation = 'VKLAD' AND e.date - n.date <= 365)
		SELECT 'each', count(*), count(DISTINCT account_id), max(days) FROM p UNION ALL SELECT 'latest', count(*), count(DISTINCT account_id), max(days) FROM p WHERE apart = 1 $$);
SELECT twice('months of a quarter in which an account was used', '
1993-01-01 1 104
1993-01-01 2 98
1993-01-01 3 96
1993-04-01 1 89
1993-04-01 2 90
1993-04-01 3 375
1993-07-01 1 103
1993-07-01 2 104
1993-07-01 3 651
1993-10-01 1 91
1993-10-01 2 117
1993-10-01 3 931
1994-01-01 1 32
1994-01-01 2 37
1994-01-01 3 1160',
	$$ SELECT bucket::date, active_units, users FROM stickiness_buckets((SELECT stickiness(account_id, date, 'month', 'quarter') FROM trans)) $$,
	$$ SELECT quarter, months, count(*) FROM (SELECT account_id, date_trunc('quarter', date)::date AS quarter, count(DISTINCT date_trunc('month', date)) AS months FROM trans GROUP BY 1, 2) m GROUP BY 1, 2 ORDER BY 1, 2 $$);
SELECT twice('used in the last 7 and in the last 30 days', '
1993-12-29 380 1135
1993-12-30 383 1138
1993-12-31 1009 1138
1994-01-01 1011 1139
1994-01-02 1011 1140',
	$$ SELECT bucket::date, short_active, long_active FROM active_ratio_buckets((SELECT active_ratio(account_id, date, 'day', 7, 30) FROM trans)) WHERE bucket BETWEEN '1993-12-29' AND '1994-01-02' $$,
	$$ SELECT day::date, (SELECT count(DISTINCT account_id) FROM trans WHERE date > day::date - 7 AND date <= day), (SELECT count(DISTINCT account_id) FROM trans WHERE date > day::date - 30 AND date <= day) FROM generate_series(timestamp '1993-12-29', '1994-01-02', '1 day') day $$);
-- Whom to ring: accounts that were used all year and not in March 1994.
SELECT results_eq($$ SELECT members(lifecycle_users(account_id, date, 'month', '1994-03-15', 'dormant')) FROM trans $$,
	$$ SELECT account_id::bigint FROM trans GROUP BY account_id HAVING bool_or(date BETWEEN '1994-02-01' AND '1994-02-28') AND NOT bool_or(date >= '1994-03-01' AND date < '1994-04-01') ORDER BY 1 $$, 'accounts not used in March');
SELECT ok(count(*) = 5 AND bool_and(active = new + "returning" + resurrected), 'in Prague a quarter begins an hour or two earlier') FROM lifecycle_buckets((SELECT lifecycle(account_id, date::timestamp AT TIME ZONE 'Europe/Prague', 'quarter', 'Europe/Prague') FROM trans)) WHERE (bucket AT TIME ZONE 'Europe/Prague')::time = '00:00';
SELECT is((SELECT string_agg(concat_ws(' ', l.active, l.new, l.returning), ', ' ORDER BY bucket) FROM lifecycle_buckets((SELECT lifecycle(account_id, date::timestamp AT TIME ZONE 'Europe/Prague', 'quarter', 'Europe/Prague') FROM trans)) l), '298 298 0, 554 256 298, 858 304 554, 1139 281 858, 1229 90 1139', 'and has the same accounts');

SELECT * FROM finish();
ROLLBACK;
