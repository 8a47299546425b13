-- reconcile: two sources that should say the same, with a known number of differences, against plain SQL.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

-- Transfers of the app, and what the ledger booked: 20 not booked, 15 booked only, 10 with another amount, 5 too late, 8 sent twice, 3 without a number.
CREATE TABLE app AS SELECT i, 1 + rnd(i, 1, 40) AS u, moment(i * 4000) AS at, CASE WHEN i > 3 THEN 'N' || i END AS order_no, 100 + rnd(i, 2, 50) AS amount FROM generate_series(1, 500) i;
INSERT INTO app SELECT i + 1000, u, at + interval '1 s', order_no, amount FROM app WHERE i BETWEEN 101 AND 108;
CREATE TABLE ledger AS SELECT u AS customer, at + CASE WHEN i BETWEEN 201 AND 205 THEN interval '3 hours' ELSE rnd(i, 3, 3000) * interval '1 s' END AS booked, order_no, CASE WHEN i BETWEEN 301 AND 310 THEN amount + 1 ELSE amount END AS amount FROM app WHERE i <= 480;
INSERT INTO ledger SELECT 7, moment(n * 9000), 'L' || n, 5 FROM generate_series(1, 15) n;
SELECT lives_ok($$ SELECT add_source('app', 'app', user_id => 'u', event => '''transfer''::text', attrs => '{"order_no": "order_no"}', value => 'amount'), add_source('ledger', 'ledger', user_id => 'customer', at => 'booked', event => '''booking''::text', attrs => '{"order_no": "order_no"}', value => 'amount') $$, 'sources');
SELECT results_eq($$ SELECT sum(in_both), sum(only_a), sum(only_b), sum(different_values) FROM reconcile('app', 'ledger', '{order_no}', '1 hour') $$, 'VALUES (480 - 3 - 5::numeric, 20 + 3 + 5 + 8::numeric, 15 + 3 + 5::numeric, 10::numeric)', 'all that was planted');
SELECT results_eq($$ SELECT problem, count(*) FROM reconcile_list('app', 'ledger', '{order_no}', '1 hour') GROUP BY 1 ORDER BY 1 $$, $$ VALUES ('only_a'::text, 36::bigint), ('only_b', 23), ('value', 10) $$, 'is listed');
SELECT is((SELECT array_agg(key[1] ORDER BY key[1]) FROM reconcile_list('app', 'ledger', '{order_no}', '1 hour') WHERE problem = 'value'), (SELECT array_agg(order_no ORDER BY order_no) FROM app WHERE i BETWEEN 301 AND 310), 'by its keys');
SELECT results_eq($$ SELECT sum(in_both), sum(only_a), sum(only_b) FROM reconcile('app', 'ledger', '{order_no}', '4 hours') $$, 'VALUES (477::numeric, 31::numeric, 18::numeric)', 'four hours apart');
SELECT results_eq($$ SELECT sum(in_both), sum(only_a), sum(only_b) FROM reconcile('app', 'ledger', '{user_id,order_no}', '4 hours') $$, 'VALUES (477::numeric, 31::numeric, 18::numeric)', 'users are a key, too');
SELECT results_eq($$ SELECT sum(in_both), sum(only_a), sum(only_b), sum(value_a) - sum(value_b), sum(different_values) FROM reconcile('app', 'app', '{user_id,order_no}', '0') $$, 'VALUES (505::numeric, 3::numeric, 3::numeric, 0::float8, 0::numeric)', 'with itself');

-- Pairs by their order of time, against plain SQL, for every unit.
CREATE TABLE a AS SELECT rnd(i, 1, 5) AS user_id, moment(rnd(i, 2, 4000000)) AS at, 'x'::text AS event, nullif(rnd(i, 3, 60), 0) AS k, nullif(rnd(i, 4, 4), 0)::float8 AS v FROM generate_series(1, 800) i;
CREATE TABLE b AS SELECT rnd(i, 11, 5) AS user_id, moment(rnd(i, 12, 4000000)) AS at, 'y'::text AS event, nullif(rnd(i, 13, 60), 0) AS k, nullif(rnd(i, 14, 4), 0)::float8 AS v FROM generate_series(1, 700) i;
SELECT lives_ok($$ SELECT add_source('a', 'a', attrs => '"jsonb_build_object(''k'', k)"', value => 'v'), add_source('b', 'b', attrs => '{"k": "k"}', value => 'v') $$, 'one with jsonb, one with a column');
CREATE FUNCTION wanted(unit text, within interval) RETURNS TABLE (bucket timestamptz, in_both bigint, only_a bigint, only_b bigint, different bigint, va float8, vb float8) LANGUAGE sql AS $$
	WITH x AS (SELECT *, row_number() OVER (PARTITION BY user_id, k ORDER BY at, v) AS n FROM a), y AS (SELECT *, row_number() OVER (PARTITION BY user_id, k ORDER BY at, v) AS n FROM b),
		pairs AS (SELECT x.at AS at, x.v AS va, y.v AS vb, true AS a, true AS b FROM x JOIN y USING (user_id, k, n) WHERE greatest(x.at - y.at, y.at - x.at) <= within
			UNION ALL SELECT x.at, NULL, NULL, true, false FROM x WHERE NOT EXISTS (SELECT FROM y WHERE (x.user_id, x.k, x.n) = (y.user_id, y.k, y.n) AND greatest(x.at - y.at, y.at - x.at) <= within)
			UNION ALL SELECT y.at, NULL, NULL, false, true FROM y WHERE NOT EXISTS (SELECT FROM x WHERE (x.user_id, x.k, x.n) = (y.user_id, y.k, y.n) AND greatest(x.at - y.at, y.at - x.at) <= within))
	SELECT date_trunc(unit, at), count(*) FILTER (WHERE a AND b), count(*) FILTER (WHERE NOT b), count(*) FILTER (WHERE NOT a), count(*) FILTER (WHERE a AND b AND va IS DISTINCT FROM vb), coalesce(sum(va), 0), coalesce(sum(vb), 0) FROM pairs GROUP BY 1 ORDER BY 1
$$;
SELECT results_eq(format('SELECT bucket, in_both, only_a, only_b, different_values, value_a, value_b FROM reconcile(''a'', ''b'', ''{user_id,k}'', %L, %L)', within, unit), format('SELECT * FROM wanted(%L, %L)', unit, within), concat_ws(' ', unit, within))
FROM unnest(ARRAY['hour', 'day', 'week', 'month']) unit, unnest('{0,1 day,100 days}'::interval[]) within;
SELECT results_eq($$ SELECT bucket, in_both FROM reconcile('a', 'b', '{user_id,k}', '9 days', 'WEEK') $$, $$ SELECT bucket, in_both FROM wanted('week', '9 days') $$, 'a unit in any case');

SELECT throws_ok(call, state, NULL, call) FROM (VALUES ('SELECT * FROM reconcile(''a'', ''nowhere'', ''{k}'', ''1 day'')', '42704'), ('SELECT * FROM reconcile(''a'', ''b'', ''{}'', ''1 day'')', '22023'), ('SELECT * FROM reconcile(''a'', ''b'', NULL, ''1 day'')', '22023'), ('SELECT * FROM reconcile(''a'', ''b'', ''{k,NULL}'', ''1 day'')', '22023'),
	('SELECT * FROM reconcile(''a'', ''b'', ''{k}'', NULL)', '22023'), ('SELECT * FROM reconcile(''a'', ''b'', ''{k}'', ''-1 s'')', '22023'), ('SELECT * FROM reconcile(''a'', ''b'', ''{k}'', ''1 month'')', '22023'), ('SELECT * FROM reconcile(''a'', ''b'', ''{k}'', ''1 s'', ''fortnight'')', '22023'), ('SELECT * FROM reconcile(''a'', ''b'', ''{k}'', ''1 s'', NULL)', '22023'),
	('SELECT * FROM reconcile_list(''nowhere'', ''b'', ''{k}'', ''1 s'')', '42704')) c (call, state);
SELECT is((SELECT sum(only_a) FROM reconcile('a', 'b', ARRAY['x'') --', 'k'], '1 s')), 800::numeric, 'a key that is in neither');
SELECT is((SELECT sum(only_a) FROM reconcile('a', 'b', ARRAY['100%', '%s', '%1$s', 'k'], '1 s')), 800::numeric, 'nor is one with percent signs');

-- times as clients send them
CREATE TABLE odd (user_id bigint, at timestamptz, event text, k text);
INSERT INTO odd SELECT 1, at, 'x', 'k' || n FROM unnest('{infinity,-infinity,294276-12-31 23:59:59.999999+00,4714-11-24 00:00:00+00 BC,2024-01-01 00:00:00+00,NULL}'::timestamptz[]) WITH ORDINALITY AS t(at, n);
SELECT add_source('odd', 'odd', attrs => '{"k": "k"}');
CREATE TABLE odd_later AS SELECT user_id, CASE WHEN at < '9999-01-01' THEN at + interval '1 hour' ELSE at END AS at, event, k FROM odd;
SELECT add_source('odd_later', 'odd_later', attrs => '{"k": "k"}');
SELECT results_eq($$ SELECT sum(in_both), sum(only_a), sum(only_b) FROM reconcile('odd', 'odd', '{k}', '1 day') $$, 'VALUES (5::numeric, 1::numeric, 1::numeric)', 'times without end, and the last of all');
SELECT results_eq($$ SELECT sum(in_both), sum(only_a), sum(only_b) FROM reconcile('odd', 'odd_later', '{k}', '1 hour') $$, 'VALUES (5::numeric, 1::numeric, 1::numeric)', 'an hour apart');
SELECT results_eq($$ SELECT sum(in_both), sum(only_a), sum(only_b) FROM reconcile('odd', 'odd_later', '{k}', '59 minutes') $$, 'VALUES (3::numeric, 3::numeric, 3::numeric)', 'and nearer');
SELECT lives_ok($$ SELECT create_plan('odd', 'odd', '{"events": {"x": {"attributes": {"k": {"values": ["none"]}}}}}') $$, 'a plan of them');
SELECT is((SELECT example ->> 'at' FROM check_plan('odd') WHERE rule = 'values'), '-infinity', 'which the first of all breaks');
SELECT lives_ok($$ SELECT create_plan('odd hours', 'odd', '{"events": {"*": {"every": "hour"}}}') $$, 'another');
SELECT results_eq($$ SELECT rows, bad FROM check_plan('odd hours') WHERE rule = 'every hour' $$, $$ SELECT ((extract(epoch FROM timestamptz '294276-12-31 23:00:00+00') - extract(epoch FROM timestamptz '4714-11-24 00:00:00+00 BC')) / 3600 + 1)::bigint, ((extract(epoch FROM timestamptz '294276-12-31 23:00:00+00') - extract(epoch FROM timestamptz '4714-11-24 00:00:00+00 BC')) / 3600 - 2)::bigint $$, 'all hours of all times');
DELETE FROM odd WHERE at = '-infinity';
SELECT is((SELECT (example ->> 'at')::timestamptz FROM check_plan('odd') WHERE rule = 'values'), '4714-11-24 00:00:00+00 BC', 'or the first with a date');
DELETE FROM odd WHERE at < '9999-01-01';
SELECT is((SELECT (example ->> 'at')::timestamptz FROM check_plan('odd') WHERE rule = 'values'), '294276-12-31 23:59:59.999999+00', 'or the last, to the microsecond');

SELECT * FROM finish();
ROLLBACK;
