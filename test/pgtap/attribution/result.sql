-- The type attribution_stats: text and bytes, hostile ones; what is stored today.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(55);

CREATE TABLE event AS
SELECT i, 1 + rnd(i, 1, 40) AS user_id, moment(rnd(i, 2, 100) * 3600) AS at, (ARRAY['ads', 'mail', '(direct)', 'é', NULL, NULL])[1 + rnd(i, 3, 6)] AS touch, rnd(i, 4, 3) = 0 AS converts,
	(rnd(i, 5, 1000) - 100) / 7.0::float8 AS amount, i % 4 AS g FROM generate_series(1, 300) i;
CREATE TABLE kept AS
SELECT 'plain' AS name, attribution(user_id, at, touch, converts, '1 day') AS s FROM event
UNION ALL SELECT 'value', attribution(user_id, at, touch, converts, amount, '30 days', 'reset') FROM event
UNION ALL SELECT 'small ' || g, attribution(user_id, at, touch, converts, amount, '5 h', 'same day, direct é, depth 2', 'Asia/Shanghai') FROM event WHERE user_id < 6 GROUP BY g
UNION ALL SELECT 'touches', attribution(user_id, at, touch, false, '1 day', 'depth 1') FROM event WHERE i < 9
UNION ALL SELECT 'conversions', attribution(user_id, at, NULL, converts, amount, '1 day') FROM event WHERE i < 9
UNION ALL SELECT 'nothing', attribution(user_id, at, NULL, false, '1 day') FROM event;

CREATE FUNCTION makes_sense(s attribution_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM attribution_touches(s) WHERE NOT (converted_users <= users AND converted_users <= conversions AND first >= 0 AND time_decay >= 0))
		AND NOT EXISTS (SELECT FROM attribution_paths(s) WHERE NOT (conversions >= 0 AND non_conversions >= 0 AND conversion_rate BETWEEN 0 AND 1))
		AND (SELECT count(*) FROM attribution_models(s)) % 6 = 0
$$;
\set type attribution_stats
\set values '(SELECT * FROM kept)'
\ir ../stats_type.psql

-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT attribution(u, moment(s), touch, touch IS NULL, value, '1 h', 'same hour, position 1 2 1, half_life 10 minutes, direct none, depth 5', 'UTC') AS f
FROM (VALUES (1, 0, 'a', NULL), (1, 60, 'b', NULL), (1, 120, NULL, 2.5::float8), (2, 0, NULL, -1), (3, 0, 'a', 7)) v (u, s, touch, value);
SELECT is(f::text, '{"version": 1, "look_back": 3600000000, "reset": false, "unit": "hour", "time_zone": "UTC", "half_life": 600000000, "first": 288230376151711744, "middle": 576460752303423488, "last": 288230376151711744, "direct": "none", "depth": 5, "has_values": true, "users": 3, "conversions": 2, "converted_users": 2, "value": "1729382256910270464", "names": ["a", "b", "none"], "touches": [{"touch": [0, 2, 2, 1, 1, 2], "times": {"sum": "120000000", "least": 120000000, "most": 120000000, "buckets": [[1394, 1]]}, "credits": ["1152921504606846976", "0", "0", "576460752303423488", "576460752303423488", "556490140189084608"], "values": ["2882303761517117440", "0", "0", "1441151880758558720", "1441151880758558720", "1391225350472711424"]}, {"touch": [1, 1, 1, 1, 1, 2], "times": {"sum": "60000000", "least": 60000000, "most": 60000000, "buckets": [[1330, 1]]}, "credits": ["0", "1152921504606846976", "1152921504606846976", "576460752303423488", "576460752303423488", "596431364417762368"], "values": ["0", "2882303761517117440", "2882303761517117440", "1441151880758558720", "1441151880758558720", "1491078411044406016"]}, {"touch": [2, 0, 1, 1, 1, 0], "times": {"sum": "0", "least": 0, "most": 0, "buckets": []}, "credits": ["1152921504606846976", "1152921504606846976", "1152921504606846976", "1152921504606846976", "1152921504606846976", "1152921504606846976"], "values": ["-1152921504606846976", "-1152921504606846976", "-1152921504606846976", "-1152921504606846976", "-1152921504606846976", "-1152921504606846976"]}], "paths": [{"nodes": [], "path": [1, 1, 0], "value": "-1152921504606846976"}, {"nodes": [0], "path": [1, 0, 1], "value": "0"}, {"nodes": [0, 1], "path": [1, 1, 0], "value": "2882303761517117440"}]}', 'text of version 1') FROM version_1;
SELECT is(journey_internal.attribution_stats_send(f), '\x0180c8ceb40d000103555443808c8d9e02808080808080808004808080808080808008808080808080808004056e6f6e650501030202808080808080808018000302610262056e6f6e65030002020101020100809c9c39809c9c39809c9c39f20a0180808080808080801000000000008080808080808080080080808080808080800800c097e9b7d89ac3dc07008080808080808080280000000000808080808080808014008080808080808080140080fac68bdd82a8a713000101010101020100808ece1c808ece1c808ece1cb20a01000080808080808080801000808080808080808010008080808080808080080080808080808080800800c0e896c8a7e5bca308000000808080808080808028008080808080808080280080808080808080801400808080808080808014008086b9f4a2fdd7d81400020001010100008080808080808080100080808080808080801000808080808080808010008080808080808080100080808080808080801000808080808080808010008080808080808080f001018080808080808080f001018080808080808080f001018080808080808080f001018080808080808080f001018080808080808080f0010103000101008080808080808080f001010100010001000002000101010080808080808080802800', 'bytes of version 1') FROM version_1;
SELECT is(receive(journey_internal.attribution_stats_send(f)), f::text, 'bytes of version 1, read') FROM version_1;

SELECT throws_ok(format('SELECT %L::attribution_stats', jsonb_set(f::text::jsonb, path::text[], value::jsonb)), '22P02', format('invalid input for type attribution_stats: "%s" is missing or not as it should be', what), path || ' is ' || value)
FROM version_1, (VALUES ('{version}', '2', 'version'), ('{look_back}', '-1', 'look_back'), ('{look_back}', '1', 'touches'), ('{reset}', '2', 'reset'), ('{unit}', '"year"', 'unit'), ('{unit}', '"none"', 'last'), ('{half_life}', '0', 'half_life'),
	('{first}', '0', 'last'), ('{middle}', '1152921504606846977', 'middle'), ('{direct}', 'null', 'direct'), ('{depth}', '51', 'depth'), ('{depth}', '1', 'nodes'), ('{has_values}', '"x"', 'has_values'), ('{has_values}', 'false', 'users'),
	('{users}', '1', 'users'), ('{users}', '-1', 'users'), ('{conversions}', '0', 'users'), ('{converted_users}', '0', 'users'), ('{value}', '1', 'value'), ('{value}', '"1x"', 'value'), ('{value}', '"-"', 'value'), ('{value}', '""', 'value'),
	('{value}', '"99999999999999999999999999999999999999"', 'value'), ('{names}', '["b", "a", "none"]', 'touches'), ('{names}', '["a", "b", null]', 'names'), ('{names}', '["a"]', 'nodes'), ('{touches,0,touch}', '[0, 2]', 'touch'),
	('{touches,0,touch,0}', '3', 'touches'), ('{touches,0,touch,3}', '9', 'touches'), ('{touches,0,credits}', '["1"]', 'credits'), ('{touches,0,credits,0}', '"-1"', 'touches'), ('{touches,0,credits,0}', '"9223372036854775808000"', 'touches'), ('{touches,0,times}', '[]', 'buckets'),
	('{paths,0,nodes}', '[7]', 'nodes'), ('{paths,0,nodes}', '[0, 0, 0, 0, 0, 0]', 'nodes'), ('{paths,0,path,0}', '0', 'touches'), ('{paths,0,path,2}', '1', 'touches'), ('{paths,0,value}', '7', 'value')) c (path, value, what);

-- Rolled up is what the users of all give.
SELECT is((SELECT rollup(s)::text FROM (SELECT attribution(user_id, at, touch, converts, amount, '30 days', 'reset') AS s FROM event GROUP BY user_id) e), (SELECT s::text FROM kept WHERE name = 'value'), 'one result for each user, rolled up');
SELECT throws_ok('SELECT rollup(s) FROM kept', '22023', 'cannot roll up attributions that differ in look_back, options, time zone, or in having values');

SELECT * FROM finish();
ROLLBACK;
