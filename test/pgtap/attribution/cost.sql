-- What conversions cost: channel_cost against plain SQL over the credit of each model and a table of costs; touches on one
-- side only, no cost, costs of nothing and below; numbers of every type; what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS
SELECT u AS user_id, moment(u * 1000 + k * 60) AS at, (ARRAY['ads', 'mail', 'search', '(direct)', 'Ünï"code', '', NULL])[1 + rnd(u * 20 + k, 2, 7)] AS touch, rnd(u * 20 + k, 4, 4) = 0 AS converts, (1 + rnd(u, 5, 90)) / 4.0::float8 AS value
FROM generate_series(1, 200) u, generate_series(1, 1 + rnd(u, 1, 7)) k;
CREATE TABLE spend AS SELECT (ARRAY['ads', 'mail', 'tv', 'Ünï"code', '', 'radio'])[1 + rnd(i, 1, 6)] AS channel, CASE WHEN rnd(i, 2, 5) > 0 THEN (rnd(i, 3, 100000) - 20000) / 100.0 END AS cost, i AS day FROM generate_series(1, 60) i
UNION ALL SELECT 'free', 0, 1 UNION ALL SELECT 'unknown', NULL, 1 UNION ALL SELECT 'search', cost, 1 FROM unnest('{0.1,0.2,-0.3}'::numeric[]) cost;
CREATE TABLE whole AS SELECT has_value, CASE WHEN has_value THEN attribution(user_id, at, touch, converts, value, '10 minutes') ELSE attribution(user_id, at, touch, converts, '10 minutes') END AS s FROM event, unnest('{f,t}'::boolean[]) has_value GROUP BY has_value;
CREATE TABLE costs AS SELECT json_object_agg(channel, cost) AS j FROM spend;

SELECT results_eq(format('SELECT c.* FROM whole, costs, channel_cost(s, j, %s) c WHERE has_value = %L', min_users, has_value), format($$
	WITH model AS (SELECT model, n FROM unnest('{first,last,last_non_direct,linear,position,time_decay}'::text[]) WITH ORDINALITY m (model, n)),
		credit AS (SELECT m.* FROM whole, attribution_models(s, %1$s) m WHERE has_value = %2$L),
		spent AS (SELECT channel, sum(cost)::float8 AS cost FROM spend GROUP BY 1),
		both_sides AS (SELECT touch FROM credit UNION SELECT channel FROM spent)
	SELECT model, touch, CASE WHEN c.model IS NULL AND %1$s = 0 THEN 0 ELSE c.conversions END, CASE WHEN c.model IS NULL AND %1$s = 0 AND %2$L THEN 0 ELSE c.value END, s.cost,
		CASE WHEN c.conversions <> 0 THEN s.cost / c.conversions END, CASE WHEN s.cost <> 0 THEN CASE WHEN c.model IS NULL AND %1$s = 0 AND %2$L THEN 0 ELSE c.value END / s.cost END
	FROM model CROSS JOIN both_sides LEFT JOIN credit c USING (model, touch) LEFT JOIN spent s ON channel = touch ORDER BY n, touch COLLATE "C" $$, min_users, has_value), format('min_users %s, value %s', min_users, has_value))
FROM unnest('{0,1,60}'::int[]) min_users, unnest('{f,t}'::boolean[]) has_value;
-- The first touch in plain SQL, without the aggregate.
SELECT results_eq($$ SELECT touch, conversions, value, cost_per_conversion FROM whole, costs, channel_cost(s, j) WHERE has_value AND model = 'first' AND conversions > 0 $$, $$
	WITH credit AS (SELECT coalesce((SELECT t.touch FROM event t WHERE t.user_id = e.user_id AND t.at <= e.at AND t.at >= e.at - interval '10 minutes' AND t.touch IS NOT NULL ORDER BY t.at LIMIT 1), '(direct)') AS touch, value FROM event e WHERE converts)
	SELECT touch, count(*)::float8, sum(value), (SELECT sum(cost) FROM spend WHERE channel = touch)::float8 / count(*) FROM credit GROUP BY 1 ORDER BY touch COLLATE "C" $$, 'cost per first touch');

-- Numbers of every type; rows of sources; costs without conversions, conversions without costs.
SELECT is(cost, 3::float8, type) FROM whole, unnest('{smallint,bigint,numeric,real,float8,money}'::text[]) type, LATERAL (SELECT CASE type WHEN 'smallint' THEN json_object_agg('ads', c::smallint) WHEN 'bigint' THEN json_object_agg('ads', c::bigint) WHEN 'numeric' THEN json_object_agg('ads', c)
	WHEN 'real' THEN json_object_agg('ads', c::real) WHEN 'float8' THEN json_object_agg('ads', c::float8) ELSE json_object_agg('ads', c::money::numeric) END AS j FROM unnest('{1,2,NULL}'::numeric[]) c) l, channel_cost(s, j) WHERE has_value AND model = 'last' AND touch = 'ads';
SELECT is(cost, 0.3::float8, 'decimals are exact') FROM channel_cost(NULL, (SELECT json_object_agg('a', c) FROM unnest('{0.1,0.2}'::float8[]) c)) WHERE model = 'first';
SELECT results_eq('SELECT * FROM channel_cost(NULL, ''{"b": 2, "a": null, "b": -5e-1}'') WHERE model = ''last''', $$ VALUES ('last', 'a', 0::float8, NULL::float8, NULL::float8, NULL::float8, NULL::float8), ('last', 'b', 0, NULL, 1.5, NULL, NULL) $$, 'no events');
SELECT results_eq('SELECT c.model, c.touch, c.conversions FROM whole, channel_cost(s, NULL) c WHERE num_nulls(cost, cost_per_conversion, return_on_spend) = 3 AND has_value', 'SELECT model, touch, conversions FROM whole, attribution_models(s) WHERE has_value', 'no costs');
SELECT is((SELECT count(*) FROM channel_cost(NULL, j)), 0::bigint, 'neither: ' || coalesce(j::text, 'NULL')) FROM (VALUES (NULL::json), ('null'), ('{}')) v (j);
SELECT is(round(return_on_spend::numeric / 1e30, 12), 1.0, 'the largest return') FROM channel_cost((SELECT attribution(1, moment(0), 'a'::text, true, 1e15, '1 day')), '{"a": 1e-15}') WHERE model = 'first';
SELECT is(cost, 0::float8, 'a cost of nearly nothing is none') FROM channel_cost(NULL, '{"a": 1e-400}') WHERE model = 'first';
SELECT is((SELECT count(*) FROM channel_cost(NULL, (SELECT json_object_agg('k' || i % 5000, i) FROM generate_series(1, 50000) i))), 30000::bigint, 'many keywords');

-- With top the costs of touches that are not shown, and of those that never came, are of (other).
SELECT results_eq(format($$ SELECT touch, conversions, cost FROM costs, channel_cost((SELECT attribution(user_id, at, touch, converts, '10 minutes', 'top %s') FROM event), j) WHERE model = 'linear' AND conversions > 0 $$, n),
	format($$ WITH shown AS (SELECT touch, linear FROM attribution_touches((SELECT attribution(user_id, at, touch, converts, '10 minutes', 'top %s') FROM event)) WHERE conversions > 0)
	SELECT touch, linear, (SELECT sum(cost)::float8 FROM spend WHERE channel = touch OR (touch = '(other)' AND channel NOT IN (SELECT touch FROM shown))) FROM shown $$, n), 'top ' || n) FROM unnest('{1,2,3}'::int[]) n;
SELECT results_eq($$ SELECT touch, cost FROM costs, channel_cost((SELECT attribution(user_id, at, touch, converts, '10 minutes', 'top 100') FROM event), j) WHERE model = 'linear' $$, 'SELECT touch, cost FROM whole, costs, channel_cost(s, j) WHERE model = ''linear'' AND NOT has_value', 'top that shows all');

-- The costs are the caller's to read: rows that row-level security hides do not count.
CREATE ROLE journey_test_teller;
GRANT USAGE ON SCHEMA journey_test, journey TO journey_test_teller;
GRANT SELECT ON spend, whole TO journey_test_teller;
ALTER TABLE spend ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON spend FOR SELECT TO journey_test_teller USING (channel = 'ads');
SET LOCAL ROLE journey_test_teller;
SELECT results_eq('SELECT DISTINCT touch, cost FROM whole, channel_cost(s, (SELECT json_object_agg(channel, cost) FROM spend)) WHERE cost IS NOT NULL', 'SELECT channel, sum(cost)::float8 FROM spend WHERE channel = ''ads'' GROUP BY 1', 'row-level security');
RESET ROLE;

SELECT throws_ok(format('SELECT channel_cost(NULL, %L%s)', costs, more), state, message, message)
FROM (VALUES ('[1]', '', '22023', 'costs must be an object of JSON, not array'), ('5', '', '22023', 'costs must be an object of JSON, not number'), ('{"a": "NaN"}', '', '22023', 'costs has "NaN" for touch "a", which is no number'), ('{"a": {"b": 1}}', '', '22023', 'costs has {"b": 1} for touch "a", which is no number'),
	('{"a": true}', '', '22023', 'costs has true for touch "a", which is no number'), ('{"a": 1e15, "a": 1}', '', '22003', 'the cost of touch "a" is 1000000000000001, beyond 1e15'), ('{"a": -1e300}', '', '22003', 'the cost of touch "a" is -' || rpad('1', 39, '0') || ', beyond 1e15'), ('{}', ', NULL', '22004', 'min_users must not be NULL'),
	('{"a": 1e999999}', '', '22003', 'value overflows numeric format'), ('{"a": }', '', '22P02', 'invalid input syntax for type json')) v (costs, more, state, message);
SELECT throws_ok('SELECT channel_cost(NULL, ''{"a": 1}''::jsonb)', '42883', NULL, 'jsonb has lost costs already');

SELECT * FROM finish();
ROLLBACK;
