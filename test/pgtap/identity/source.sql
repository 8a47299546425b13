-- Sources whose users are persons of an identity space: analyses and rules over ids of any type.
\ir ../setup.psql
SELECT no_plan();

CREATE TABLE log (device text, at timestamptz, event text, amount int);
CREATE TABLE logins (device text, customer bigint, at timestamptz, until timestamptz);
INSERT INTO logins VALUES ('d1', 100, moment(864000), NULL), ('d2', 100, moment(1728000), NULL), ('d3', 200, moment(864000), moment(1296000)), (NULL, 300, moment(0), NULL);
INSERT INTO log VALUES
	('d1', moment(0), 'visit', 1), ('d1', moment(863000), 'visit', 2), ('d1', moment(864001), 'pay', 3), ('d2', moment(1727000), 'visit', 4), ('d2', moment(1728001), 'pay', 5),
	('d3', moment(864001), 'visit', 6), ('d3', moment(1296001), 'pay', 7), ('d4', moment(5), 'visit', 8), ('d5', moment(6), 'pay', 9), (NULL, moment(7), 'pay', 10);
SELECT create_identity_space('bank', '{customer,device}');
SELECT add_identity_links('bank', 'log', 'device', 'device', NULL, NULL);
SELECT add_identity_links('bank', 'logins', 'device', 'device', 'customer', 'customer', 'at', 'until');
SELECT refresh_identities('bank', moment(1200000));
SELECT refresh_identities('bank', moment(3000000));

SELECT add_source('any time', 'log', 'device', attrs => '{"amount": "amount"}', identity => 'bank', id_type => 'device');
SELECT add_source('a day', 'log', 'device', attrs => '{"amount": "amount"}', identity => 'bank', id_type => 'device', history => '1 day');
SELECT add_source('none', 'log', 'device', attrs => '{"amount": "amount"}', identity => 'bank', id_type => 'device', history => '0');
CREATE FUNCTION who(source text) RETURNS TABLE (amount int, who text) LANGUAGE sql AS $$
	SELECT (e.attrs ->> 'amount')::int, (SELECT i.id_type || ' ' || i.value FROM identity_ids AS i JOIN identity_spaces AS s ON s.id = i.id AND s.name = 'bank' WHERE i.number = e.user_id)
	FROM events_of(source) AS e $$;
SELECT results_eq($$SELECT * FROM who('any time') ORDER BY 1$$, $$VALUES (1, 'customer 100'), (2, 'customer 100'), (3, 'customer 100'), (4, 'customer 100'), (5, 'customer 100'), (6, 'customer 200'), (7, 'device d3'), (8, 'device d4'), (9, 'device d5'), (10, NULL)$$,
	'events of before log-in count for the person; while a link held for whom it was; after its end for the device');
SELECT results_eq($$SELECT * FROM who('a day') ORDER BY 1$$, $$VALUES (1, 'device d1'), (2, 'customer 100'), (3, 'customer 100'), (4, 'customer 100'), (5, 'customer 100'), (6, 'customer 200'), (7, 'device d3'), (8, 'device d4'), (9, 'device d5'), (10, NULL)$$,
	'as far back as history says');
SELECT results_eq($$SELECT * FROM who('none') ORDER BY 1$$, $$VALUES (1, 'device d1'), (2, 'device d1'), (3, 'customer 100'), (4, 'device d2'), (5, 'customer 100'), (6, 'customer 200'), (7, 'device d3'), (8, 'device d4'), (9, 'device d5'), (10, NULL)$$, 'or not at all');

-- rules and analyses
SELECT create_segment('payers', '{"source": "any time", "rule": {"and": [{"did": "visit"}, {"did": "pay"}]}}');
SELECT is((SELECT users FROM refresh_segment('payers')), 1::bigint, 'a rule over persons: visited and paid, on whatever device');
SELECT is((SELECT m FROM members(segment('payers')) AS m), identify('bank', 'customer', 100), 'who it is');
SELECT create_segment('payers as of then', '{"source": "any time", "rule": {"did": "pay"}}');
SELECT is((SELECT users FROM refresh_segment('payers as of then', moment(1200000))), 2::bigint, 'as of a time: d1''s customer, and d5');
SELECT create_segment('by id', 'SELECT identify(''bank'', ''device'', device) FROM log WHERE event = ''pay'' AND device IS NOT NULL');
SELECT is((SELECT users FROM refresh_segment('by id')), 3::bigint, 'a definition in SQL');
SELECT create_segment('by id then', 'SELECT identify(''bank'', ''device'', ''d2'')');
SELECT refresh_segment('by id then', moment(1200000));
SELECT is(segment('by id then'), ARRAY[identify('bank', 'device', 'd2', moment(1200000))]::userset, 'identify in a definition is as of its time');
CREATE VIEW all_persons AS SELECT device, identify('bank', 'device', device) AS person, at, event FROM log;
SELECT create_event_view('journey_test.persons', 'any time');
SELECT is((SELECT users FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, '{visit,pay}'), '30 days') FROM persons)) WHERE step = 2), 1::bigint, 'a funnel');

-- many ids, in any plan
CREATE TABLE big (device text, at timestamptz, event text);
INSERT INTO big SELECT 'device ' || rnd(i, 1, 5000), moment(i), (ARRAY['a', 'b', 'c'])[1 + rnd(i, 2, 3)] FROM generate_series(1, 40000) AS i;
CREATE TABLE owners AS SELECT 'device ' || d AS device, d % 1000 AS card, moment(0) AS at FROM generate_series(0, 4990) AS d;
SELECT create_identity_space('big', '{card,device}'), add_identity_links('big', 'owners', 'device', 'device', 'card', 'card');
SELECT is((SELECT customers FROM refresh_identities('big')), 1000::bigint, 'persons');
ANALYZE big;
CREATE TABLE looked_up AS SELECT b.device, (SELECT m.user_id FROM identity_ids AS i JOIN identity_members AS m ON m.id = i.id AND m.number = i.number
	WHERE i.id = (SELECT s.id FROM identity_spaces AS s WHERE s.name = 'big') AND i.id_type = 'device' AND i.value = b.device) AS person FROM (SELECT DISTINCT device FROM big) AS b;
SELECT is((SELECT count(*) FROM big JOIN looked_up USING (device) WHERE identify('big', 'device', big.device) IS DISTINCT FROM person), 0::bigint, 'many ids are looked up');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is((SELECT count(*) FROM big JOIN looked_up USING (device) WHERE identify('big', 'device', big.device) IS DISTINCT FROM person), 0::bigint, 'also if they do not fit in memory');
RESET work_mem;
RESET hash_mem_multiplier;
CREATE TABLE answer AS SELECT count(DISTINCT identify('big', 'device', device)) AS persons FROM big;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT is((SELECT cardinality(userset_agg(identify('big', 'device', device))) FROM big), (SELECT persons FROM answer), 'in parallel');

-- ---- errors ------------------------------------------------------------------------------

SELECT throws_ok($$SELECT add_source('x', 'log', 'device')$$, '42804', NULL, 'without a space users are numbers');
SELECT throws_ok($$SELECT add_source('x', 'log', 'device', identity => 'bank')$$, '22004', NULL, 'an identity needs an id_type');
SELECT throws_ok($$SELECT add_source('x', 'log', 'device', id_type => 'device')$$, '22023', NULL, 'an id_type needs an identity');
SELECT throws_ok($$SELECT add_source('x', 'log', 'device', identity => 'bank', id_type => 'cookie')$$, '42704', NULL, 'a type that the space has');
SELECT throws_ok($$SELECT add_source('x', 'log', 'device', identity => 'none', id_type => 'device')$$, '42704', NULL, 'a space that there is');
SELECT throws_ok($$SELECT add_source('x', 'log', 'device', identity => 'bank', id_type => 'device', history => '-1 day')$$, '22023', NULL, 'a history that is not negative');
SELECT throws_ok($$SELECT add_source('x', 'log', 'at', identity => 'bank', id_type => 'device')$$, '42804', NULL, 'a time is no id');
SELECT add_source('numbers', 'log', 'amount');
SELECT throws_ok($$SELECT create_segment('x', '{"source": ["any time", "numbers"], "rule": {"did": "pay"}}')$$, '22023', NULL, 'persons and other numbers do not mix');
SELECT lives_ok($$SELECT alter_source('numbers', user_id => 'device', identity => 'bank', id_type => 'device')$$, 'alter');
SELECT lives_ok($$SELECT create_segment('x', '{"source": ["any time", "numbers"], "rule": {"did": "pay"}}')$$, 'now they do');
SELECT lives_ok($$SELECT alter_source('numbers', value => 'amount')$$, 'other changes keep the space');
SELECT is((SELECT id_type FROM sources WHERE name = 'numbers'), 'device', 'as it was');
SELECT lives_ok($$SELECT alter_source('numbers', user_id => 'amount', identity => '')$$, 'take it away');
SELECT is((SELECT identity FROM sources WHERE name = 'numbers'), NULL, 'it is gone');
SELECT drop_identity_space('bank');
SELECT throws_ok($$SELECT * FROM events_of('any time')$$, NULL, NULL, 'without its space a source cannot be read');

SELECT * FROM finish();
ROLLBACK;
