-- Tracking plans: planted damage with known numbers, every rule against plain SQL over sources of both kinds, plans that
-- are proposed, versions, schedules, what is refused.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

-- A clean log of 28 days, and a copy with damage.
CREATE TABLE clean AS
SELECT i, 1 + rnd(i, 1, 50) AS user_id, moment((i % 28) * 86400 + rnd(i, 2, 80000)) AS at, (ARRAY['visit', 'pay', 'refund'])[1 + rnd(i, 3, 3)] AS event, 10 + rnd(i, 4, 500) AS amount, (ARRAY['app', 'web'])[1 + rnd(i, 5, 2)] AS channel, 'N' || lpad(i::text, 6, '0') AS order_no
FROM generate_series(1, 2800) i;
CREATE TABLE log AS SELECT i, user_id, at, at + rnd(i, 6, 50) * interval '1 second' AS received_at, event, jsonb_build_object('amount', amount, 'channel', channel, 'order_no', order_no) AS props, amount, channel, order_no FROM clean;
SELECT lives_ok($$ SELECT add_source('clean', 'log', attrs => '"props"') $$, 'a source with jsonb');
CREATE TABLE plan_text AS SELECT '{"only": true, "events": {"*": {"every": "day", "attributes": {"channel": {"required": true, "values": ["app", "web"]}}}, "visit": {}, "refund": {},
	"pay": {"at_most": 9, "attributes": {"amount": {"required": true, "type": "integer", "min": 10, "max": 509}, "order_no": {"type": "string", "pattern": "^N[0-9]{6}$", "unique": true}}}}}'::jsonb AS p;
SELECT lives_ok($$ SELECT create_plan('clean', 'clean', p) FROM plan_text $$, 'a plan');
SELECT is_empty($$ SELECT * FROM check_plan('clean') WHERE bad > 0 $$, 'a clean log');
SELECT results_eq($$ SELECT DISTINCT event, rows FROM check_plan('clean') WHERE event IS NOT NULL AND rule <> 'every day' ORDER BY 1 $$, $$ SELECT event, count(*) FROM log WHERE event = 'pay' GROUP BY 1 $$, 'rows are those of the event');

-- The damage: so many of each.
UPDATE log SET props = props - 'amount', amount = NULL WHERE i IN (SELECT i FROM clean WHERE event = 'pay' ORDER BY i LIMIT 3);
UPDATE log SET props = props || '{"amount": "much"}' WHERE i IN (SELECT i FROM clean WHERE event = 'pay' ORDER BY i OFFSET 3 LIMIT 4);
UPDATE log SET props = props || '{"amount": 3}' WHERE i IN (SELECT i FROM clean WHERE event = 'pay' ORDER BY i OFFSET 7 LIMIT 5);
UPDATE log SET props = props || '{"amount": 12.5}' WHERE i IN (SELECT i FROM clean WHERE event = 'pay' ORDER BY i OFFSET 12 LIMIT 6);
UPDATE log SET props = props || '{"amount": 1e10}' WHERE i IN (SELECT i FROM clean WHERE event = 'pay' ORDER BY i OFFSET 18 LIMIT 7);
UPDATE log SET props = props || '{"order_no": "n1"}' WHERE i IN (SELECT i FROM clean WHERE event = 'pay' ORDER BY i OFFSET 25 LIMIT 8);
UPDATE log SET props = props || '{"channel": "fax"}' WHERE i IN (SELECT i FROM clean WHERE event = 'visit' ORDER BY i LIMIT 9);
UPDATE log SET event = 'boo' WHERE i IN (SELECT i FROM clean WHERE event = 'refund' ORDER BY i LIMIT 10);
UPDATE log SET user_id = NULL WHERE i IN (SELECT i FROM clean WHERE event = 'refund' ORDER BY i OFFSET 10 LIMIT 11);
UPDATE log SET at = NULL WHERE i IN (SELECT i FROM clean WHERE event = 'refund' ORDER BY i OFFSET 21 LIMIT 12);
DELETE FROM log WHERE at >= '2024-01-11' AND at < '2024-01-12';
INSERT INTO log SELECT 9000 + n, 77, moment(40 + n), moment(41 + n), 'pay', jsonb_build_object('amount', 20, 'channel', 'app', 'order_no', 'N' || 900000 + n), 20, 'app', 'x' FROM generate_series(1, 13) n;
SELECT results_eq($$ SELECT rule, event, attribute, bad FROM check_plan('clean') WHERE bad > 0 AND dimension <> 'complete' AND rule <> 'type integer' AND rule <> 'min 10' AND rule <> 'max 509' AND rule <> 'values' ORDER BY rule $$,
	$$ VALUES ('at most 9 per user and day'::text, 'pay'::text, NULL::text, 4::bigint), ('every day', NULL, NULL, 1), ('in the plan', NULL, NULL, (SELECT count(*) FROM log WHERE event = 'boo')), ('pattern ^N[0-9]{6}$', 'pay', 'order_no', (SELECT count(*) FROM log WHERE props ->> 'order_no' = 'n1')), ('unique', 'pay', 'order_no', (SELECT count(*) - 1 FROM log WHERE props ->> 'order_no' = 'n1')) $$, 'damage that was planted');
SELECT is((SELECT array_agg(bad ORDER BY attribute) FROM check_plan('clean') WHERE rule = 'required'), ARRAY[(SELECT count(*) FROM log WHERE event = 'pay' AND NOT props ? 'amount'), (SELECT count(*) FROM log WHERE at IS NULL), 0, (SELECT count(*) FROM log WHERE user_id IS NULL)], 'what is missing');
SELECT is((SELECT array_agg(bad ORDER BY rule) FROM check_plan('clean') WHERE rule IN ('max 509', 'min 10', 'type integer', 'values')),
	(SELECT ARRAY[count(*) FILTER (WHERE event = 'pay' AND props ->> 'amount' = '10000000000'), count(*) FILTER (WHERE event = 'pay' AND props ->> 'amount' = '3'), count(*) FILTER (WHERE event = 'pay' AND props ->> 'amount' IN ('much', '12.5')), count(*) FILTER (WHERE props ->> 'channel' = 'fax')] FROM log), 'what is wrong');
SELECT is((SELECT example FROM check_plan('clean') WHERE rule = 'at most 9 per user and day'), jsonb_build_object('at', moment(41)), 'the example is the first');
SELECT is((SELECT example FROM check_plan('clean') WHERE rule = 'values'), (SELECT jsonb_build_object('at', at, 'user_id', user_id) FROM log WHERE props ->> 'channel' = 'fax' AND at IS NOT NULL ORDER BY at, user_id LIMIT 1), 'with its user');
-- The same by columns, with and without workers, with and without the scan.
SELECT lives_ok($$ SELECT add_source('typed', 'log', attrs => '{"amount": "(props ->> ''amount'')::text", "channel": "props ->> ''channel''", "order_no": "props ->> ''order_no''", "received_at": "received_at", "number": "amount", "day": "at::date"}', value => 'amount') $$, 'a source with columns');
SELECT lives_ok($$ SELECT create_plan('typed', 'typed', p) FROM plan_text $$, 'the same plan');
CREATE TABLE found AS SELECT rule, dimension, event, attribute, rows, bad, example FROM check_plan('clean');
SELECT set_eq($$ SELECT rule, dimension, event, attribute, rows, bad, example FROM check_plan('typed') $$, 'TABLE found', 'by columns');
ALTER TABLE log SET (parallel_workers = 2);
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT set_eq($$ SELECT rule, dimension, event, attribute, rows, bad, example FROM check_plan('typed') $$, 'TABLE found', 'by workers');
SET LOCAL journey.enable_scan = off;
SELECT set_eq($$ SELECT rule, dimension, event, attribute, rows, bad, example FROM check_plan('typed') $$, 'TABLE found', 'without the scan');
SET LOCAL journey.enable_scan = on;
SET LOCAL max_parallel_workers_per_gather = 0;
-- From, and to: every row is in one part, but those without a time.
SELECT set_eq($$ SELECT rule, event, attribute, sum(rows) AS rows, sum(bad) AS bad FROM (SELECT * FROM check_plan('typed', NULL, '2024-01-14') UNION ALL SELECT * FROM check_plan('typed', '2024-01-14', NULL)) c WHERE dimension = 'accurate' AND event = 'pay' GROUP BY 1, 2, 3 $$,
	$$ SELECT rule, event, attribute, (rows + (SELECT count(*) FROM log WHERE event = 'pay' AND at IS NULL))::numeric, bad::numeric FROM found WHERE dimension = 'accurate' AND event = 'pay' $$, 'parts add up');

-- ---- every rule ---------------------------------------------------------------------------

-- Values of every kind, as jsonb and as columns.
CREATE TABLE vals AS SELECT i, 1 AS user_id, moment(i) AS at, 'e'::text AS event, v FROM unnest(ARRAY['null', '1', '1.5', '-7', '1e3', '"1"', '"abc"', '"true"', 'true', 'false', '"2024-02-30"', '"2024-13-01"', '"2024-02-01T10:00:00Z"', '""', '[1]', '{"a": 1}', '"1e99"', '"1e999999"', '"it''s"', '"%s"', '"a\"b"']::jsonb[]) WITH ORDINALITY AS v(v, i);
SELECT lives_ok($$ SELECT add_source('vals', 'vals', attrs => '"jsonb_build_object(''x'', v)"') $$, 'values');
CREATE FUNCTION bad_of(spec jsonb, source text DEFAULT 'vals') RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	PERFORM create_plan('one', source, jsonb_build_object('events', jsonb_build_object('e', jsonb_build_object('attributes', jsonb_build_object('x', spec)))), replace => true);
	RETURN (SELECT bad FROM check_plan('one') WHERE attribute = 'x');
END $$;
CREATE TABLE wants (spec jsonb, condition text);
INSERT INTO wants VALUES ('{"required": true}', 'v = ''null'''), ('{"type": "number"}', 'jsonb_typeof(v) NOT IN (''null'', ''number'')'), ('{"type": "integer"}', 'v <> ''null'' AND (jsonb_typeof(v) <> ''number'' OR v = ''1.5'')'), ('{"type": "string"}', 'jsonb_typeof(v) NOT IN (''null'', ''string'')'),
	('{"type": "boolean"}', 'jsonb_typeof(v) NOT IN (''null'', ''boolean'')'), ('{"type": "date"}', 'v <> ''null'' AND v <> ''"2024-02-30"'''), ('{"type": "time"}', 'v <> ''null'' AND v <> ''"2024-02-01T10:00:00Z"'''), ('{"min": 1}', 'v = ''-7'''), ('{"max": 1}', 'v IN (''1.5'', ''1e3'')'),
	('{"values": [1, "abc", true, "it''s", "%s"]}', 'v <> ''null'' AND v #>> ''{}'' NOT IN (''1'', ''abc'', ''true'', ''it''''s'', ''%s'')'), ('{"pattern": "^[a-z]+$"}', 'jsonb_typeof(v) = ''string'' AND v #>> ''{}'' !~ ''^[a-z]+$'''), ('{"pattern": "it''s|%s|\""}', 'jsonb_typeof(v) = ''string'' AND v #>> ''{}'' !~ ''it''''s|%s|"'''), ('{"unique": true}', 'v = ''"1"'' OR v = ''"true"''');
CREATE FUNCTION count_of(condition text) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN EXECUTE 'SELECT count(*) FROM vals WHERE ' || condition INTO n; RETURN n; END $$;
SELECT is(bad_of(spec), count_of(condition), spec::text) FROM wants;
SELECT lives_ok($$ SELECT add_source('vals_text', 'vals', attrs => '{"x": "v #>> ''{}''"}') $$, 'as text');
SELECT is(bad_of(spec, 'vals_text'), want, 'text ' || spec::text) FROM (VALUES ('{"required": true}'::jsonb, 1::bigint), ('{"type": "number"}', 14), ('{"type": "string"}', 0), ('{"type": "boolean"}', 17), ('{"min": 1}', 1), ('{"max": 1e4}', 1), ('{"type": "date"}', 19)) v (spec, want);
-- Arrival, successors, days.
SELECT lives_ok($$ SELECT create_plan('flow', 'typed', '{"received": "received_at", "within": "20 s", "events": {"visit": {"next": ["pay", "visit"], "every": "hour"}, "pay": {"attributes": {"number": {"type": "number", "max": 100}, "day": {"type": "date"}, "value": {"min": 50}}}}}') $$, 'a plan of arrival and order');
SELECT is((SELECT array_agg(bad ORDER BY rule) FROM check_plan('flow') WHERE attribute = 'received_at'), ARRAY[0, (SELECT count(*) FROM log WHERE received_at - at > interval '20 s')], 'arrival');
SELECT is((SELECT array_agg(ARRAY[rows, bad]) FROM check_plan('flow') WHERE rule = 'next'), (SELECT ARRAY[ARRAY[count(n), count(*) FILTER (WHERE n NOT IN ('pay', 'visit'))]] FROM (SELECT event, lead(event) OVER (PARTITION BY user_id ORDER BY at, event COLLATE "C") AS n FROM log WHERE user_id IS NOT NULL AND at IS NOT NULL) s WHERE event = 'visit'), 'successors');
SELECT is((SELECT array_agg(ARRAY[rows, bad]) FROM check_plan('flow') WHERE rule = 'every hour'), (SELECT ARRAY[ARRAY[n, n - seen]] FROM (SELECT (extract(epoch FROM date_trunc('hour', max(at)) - date_trunc('hour', min(at))) / 3600 + 1)::bigint AS n, count(DISTINCT date_trunc('hour', at)) FILTER (WHERE event = 'visit') AS seen FROM log) s), 'every hour');
SELECT is((SELECT array_agg(bad ORDER BY attribute, rule) FROM check_plan('flow') WHERE attribute IN ('number', 'day', 'value')), ARRAY[0, (SELECT count(*) FROM log WHERE event = 'pay' AND amount > 100), 0, (SELECT count(*) FROM log WHERE event = 'pay' AND amount < 50)], 'typed columns, and the value');

-- ---- proposed ---------------------------------------------------------------------------

CREATE TABLE proposed AS SELECT plan_of('clean') AS p, plan_of('typed') AS typed;
SELECT is(p #> '{events,refund,attributes}', '{"amount": {"max": 509, "min": 10, "type": "integer", "required": true}, "channel": {"type": "string", "values": ["app", "web"], "required": true}, "order_no": {"type": "string", "unique": true, "required": true}}', 'a plan proposed')
FROM (SELECT jsonb_set(p, '{events,refund,attributes,amount}', (p #> '{events,refund,attributes,amount}') || '{"min": 10, "max": 509}') AS p FROM proposed) s;
SELECT lives_ok($$ SELECT create_plan('proposed', 'clean', p), create_plan('proposed typed', 'typed', typed) FROM proposed $$, 'is one');
SELECT is_empty(format($$ SELECT * FROM check_plan(%L) WHERE bad > 0 AND attribute NOT IN ('user_id', 'at') $$, p), p || ' is kept') FROM unnest('{proposed,proposed typed}'::text[]) p;
CREATE TABLE nothing (user_id int, at timestamptz, event text);
SELECT lives_ok($$ SELECT add_source('nothing', 'nothing') $$, 'an empty source');
SELECT is(plan_of('nothing'), '{"only": true, "events": {}}', 'its plan');
SELECT lives_ok($$ SELECT create_plan('nothing', 'nothing', plan_of('nothing')) $$, 'is one, too');
SELECT results_eq($$ SELECT rule, rows, bad, share FROM check_plan('nothing') $$, $$ VALUES ('required'::text, 0::bigint, 0::bigint, NULL::float8), ('required', 0, 0, NULL), ('in the plan', 0, 0, NULL) $$, 'of no rows');

-- ---- versions ---------------------------------------------------------------------------

SELECT is((SELECT error FROM refresh_plan('clean', '2024-01-20 00:00+00')), NULL, 'a refresh');
SELECT is((SELECT error FROM refresh_plan('clean', '2024-01-10 00:00+00')), NULL, 'and another');
SELECT results_eq($$ SELECT rule, event, attribute, rows, bad FROM quality_trend('clean') WHERE as_of = '2024-01-10 00:00+00' $$, $$ SELECT rule, event, attribute, rows, bad FROM check_plan('clean', NULL, '2024-01-10 00:00+00') $$, 'is what a check finds');
SELECT results_eq($$ SELECT as_of, count(*) FROM quality_trend('clean') GROUP BY 1 ORDER BY 1 $$, $$ VALUES (timestamptz '2024-01-10 00:00+00', 14::bigint), ('2024-01-20 00:00+00', 14) $$, 'two versions');
SELECT lives_ok($$ SELECT create_plan('over', 'clean', p || '{"over": "3 days"}') FROM plan_text $$, 'a plan over three days');
SELECT is((SELECT error FROM refresh_plan('over', '2024-01-10 00:00+00')), NULL, 'is refreshed');
SELECT results_eq($$ SELECT rule, event, attribute, rows, bad FROM quality_trend('over') $$, $$ SELECT rule, event, attribute, rows, bad FROM check_plan('over', '2024-01-07 00:00+00', '2024-01-10 00:00+00') $$, 'of these days');
SELECT is((SELECT array_agg(status) FROM refresh_log l JOIN plans p USING (id) WHERE p.name = 'clean'), '{succeeded,succeeded}', 'the log');
SELECT lives_ok($$ SELECT schedule_refresh('clean', '1 day'), set_keep_versions('clean', NULL, 1) $$, 'a schedule');
SELECT is((SELECT error FROM refresh_plan('clean', '2024-01-25 00:00+00')), NULL, 'one more');
SELECT is((SELECT array_agg(DISTINCT as_of) FROM quality_trend('clean')), '{2024-01-25 00:00+00}'::timestamptz[], 'of which one is kept');
SELECT throws_ok($$ SELECT drop_source('clean') $$, '2BP01', NULL, 'a source that plans use');
ALTER TABLE log RENAME COLUMN props TO properties;
SELECT isnt((SELECT error FROM refresh_plan('clean')), NULL, 'a refresh that fails says why');
ALTER TABLE log RENAME COLUMN properties TO props;
SELECT is((SELECT array_agg(name::text ORDER BY name) FROM plans), '{clean,flow,nothing,one,over,proposed,"proposed typed",typed}', 'plans');
SELECT lives_ok($$ SELECT drop_plan('over') $$, 'one is dropped');
SELECT is((SELECT count(*) FROM version_checks WHERE id NOT IN (SELECT id FROM plans)), 0::bigint, 'with its versions');

-- ---- errors -----------------------------------------------------------------------------

SELECT throws_ok(format('SELECT create_plan(''bad'', ''vals'', %L)', plan), '22023', NULL, plan) FROM unnest(ARRAY['null', '[]', '{}', '{"events": []}', '{"events": {}, "x": 1}', '{"events": {"a": 1}}', '{"events": {"a": {"b": 1}}}', '{"events": {"a": {"attributes": []}}}', '{"events": {"a": {"attributes": {"x": 1}}}}',
	'{"events": {"a": {"attributes": {"x": {"requires": true}}}}}', '{"events": {"a": {"attributes": {"x": {"required": "yes"}}}}}', '{"events": {"a": {"attributes": {"x": {"type": "int"}}}}}', '{"events": {"a": {"attributes": {"x": {"type": null}}}}}', '{"events": {"a": {"attributes": {"x": {"values": []}}}}}', '{"events": {"a": {"attributes": {"x": {"values": [null]}}}}}',
	'{"events": {"a": {"attributes": {"x": {"values": "x"}}}}}', '{"events": {"a": {"attributes": {"x": {"min": "1"}}}}}', '{"events": {"a": {"attributes": {"x": {"pattern": "(a)\\1"}}}}}', '{"events": {"a": {"at_most": 0}}}', '{"events": {"a": {"at_most": 1.5}}}', '{"events": {"a": {"next": "b"}}}', '{"events": {"a": {"every": "week"}}}',
	'{"events": {}, "within": "1 day"}', '{"events": {}, "received": "x"}', '{"events": {}, "over": "1 month"}', '{"events": {}, "over": 7}', '{"events": {}, "only": 1}']) plan;
SELECT throws_ok($$ SELECT create_plan('bad', 'vals', '{"events": {"a": {"attributes": {"x": {"pattern": "("}}}}}') $$, '2201B', NULL, 'no pattern');
SELECT throws_ok($$ SELECT create_plan('bad', 'vals_text', '{"events": {"a": {"attributes": {"y": {"required": true}}}}}') $$, '22023', 'the source has no attribute "y"', 'no attribute');
SELECT throws_ok($$ SELECT create_plan('bad', 'nowhere', '{"events": {}}') $$, '42704', NULL, 'no source');
SELECT throws_ok($$ SELECT create_plan('one', 'vals', '{"events": {}}') $$, '42710', NULL, 'there is one');
SELECT throws_ok($$ SELECT create_plan(NULL, 'vals', '{"events": {}}') $$, '22004', NULL, 'no name');
SELECT throws_ok($$ SELECT * FROM check_plan('nowhere') $$, '42704', NULL, 'no plan');
SELECT throws_ok($$ SELECT create_plan('bad', 'vals', jsonb_build_object('events', jsonb_build_object('a', jsonb_build_object('attributes', (SELECT jsonb_object_agg('x' || i, '{"required": true}'::jsonb) FROM generate_series(1, 59) i))))) $$, '54000', NULL, 'too many rules of one event');
SELECT lives_ok($$ SELECT create_plan('wide', 'vals', jsonb_build_object('events', jsonb_build_object('e', jsonb_build_object('attributes', (SELECT jsonb_object_agg('x' || i, '{"required": true}'::jsonb) FROM generate_series(1, 58) i))))) $$, 'as many as there may be');
SELECT is((SELECT sum(bad) FROM check_plan('wide')), 58 * (SELECT count(*) FROM vals)::numeric, 'are all counted');
-- Names that are none of SQL.
SELECT lives_ok($$ SELECT create_plan('odd', 'vals', jsonb_build_object('events', jsonb_build_object('it''s "e" %s $1', '{"attributes": {"x'' OR true --": {"required": true, "values": ["'')::text; SELECT 1/0; --", "\\"], "unique": true}}, "next": ["''", "\\''"]}'::jsonb, 'e', '{"attributes": {"%L %I": {"type": "string", "pattern": "%s''\\\\"}}}'::jsonb))) $$, 'odd names');
SELECT is((SELECT sum(bad) FROM check_plan('odd')), 0::numeric, 'are names');

SELECT * FROM finish();
ROLLBACK;
