-- driver_stats as a type: text and binary forms, hostile bytes and text, rollup; and plans.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS SELECT i, 1 + rnd(i, 1, 200) AS u, moment(rnd(i, 2, 2000) * 600) AS at, (ARRAY['app', 'call', '', NULL, 'é'])[1 + rnd(i, 3, 5)] AS e, rnd(i, 4, 9) = 0 AS entry, rnd(i, 5, 7) = 0 AS goal,
	(ARRAY['low', 'é', '', NULL])[1 + rnd(i, 6, 4)] AS stratum FROM generate_series(1, 2000) i;
CREATE TABLE kept (name text, call text, s driver_stats);
INSERT INTO kept (name, call) VALUES ('plain', 'event_drivers(u, at, e, entry, goal, ''2 days'')'), ('numbers', 'event_drivers(u, at, e, entry, goal, ''2 days'', ''times 1 2, days 1 2'')'), ('strata', 'event_drivers(u, at, e, entry, goal, ''5 days'', '''', stratum)'),
	('until', 'event_drivers(u, at, e, entry, goal, ''5 days'', ''times 3'', stratum, ''2024-01-12 17:30+00'')'), ('nobody', 'event_drivers(u, at, e, false, goal, ''5 days'')'), ('no factors', 'event_drivers(u, at, NULL, entry, goal, ''5 days'')');
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS driver_stats LANGUAGE plpgsql AS $$
DECLARE
	s driver_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);
CREATE FUNCTION makes_sense(s driver_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM driver_rows(s) WHERE users_with < 1 OR users_without < 0 OR goal_with > users_with OR goal_without > users_without OR p_value NOT BETWEEN 0 AND 1 OR q_value < p_value)
		AND (SELECT goal_users <= users AND open_users >= 0 FROM driver_summary(s))
$$;
\set type driver_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'u < 6\') FROM kept)'
\ir ../stats_type.psql

SELECT throws_ok(format('SELECT %L::driver_stats', replace(s::text, a, b)), '22P02', NULL, a || ' as ' || b)
FROM (VALUES ('"within": 172800000000', '"within": -1'), ('"times": [1, 0', '"times": [0, 0'), ('"times": [1, 0', '"times": [1, 1'), ('"times": [1, 0, 0', '"times": [1, 0, 2'), ('"times": [1, 0', '"times": [2, 1'), ('"days": [0, 0', '"days": [3, 2'), ('"days": [0, 0', '"days": [0, 1'), ('"has_strata": false', '"has_strata": 2'),
	('"strata": [[null', '"strata": [["x"'), ('"names": ["", "app"', '"names": ["app", ""'), ('"names": ["", "app"', '"names": ["app"'), ('"cells": [[0, 0, null, ', '"cells": [[9, 0, null, '), ('"cells": [[0, 0, null, ', '"cells": [[0, 1, null, '), ('"cells": [[0, 0, null, ', '"cells": [[0, 0, "x", '), ('"cells": [[0, 0, null, ', '"cells": [[0, 0, null, 99')) v (a, b),
	(SELECT s FROM kept WHERE name = 'plain') k;

-- rollup of disjoint users is the whole, if the end of observation is given
SELECT is((SELECT rollup(s)::text FROM (SELECT event_drivers(u, at, e, entry, goal, '5 days', 'times 3', stratum, '2024-01-12 17:30+00') AS s FROM event GROUP BY u % 3) g), s::text, 'rollup: the whole') FROM kept WHERE name = 'until';

-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT s, s::text AS text FROM (SELECT event_drivers(u, moment(t), e, e = 'in', e = 'out', '1 hour', 'times 1 2, days 3', stratum) AS s
	FROM (VALUES (1, 0, 'in', 'x'), (1, 5, 'call', NULL), (1, 9, 'out', NULL), (2, 0, 'in', NULL), (2, 9, 'call', NULL), (3, 0, 'in', 'x'), (4, 86400, 'in', 'x')) v (u, t, e, stratum)) e;
SELECT is(text, '{"version": 1, "within": 3600000000, "newest": 757468800000000, "times": [1, 2, 0, 0, 0, 0, 0, 0], "days": [3, 0, 0, 0, 0, 0, 0, 0], "has_strata": true, "open_users": 1, "names": ["call"], "strata": [["x", 2, 1], [null, 1, 0]], "cells": [[0, 0, "x", 1, 1], [0, 0, null, 1, 0]]}', 'version 1 as text') FROM version_1;
SELECT is(send_of(s), '\x0180c8ceb40d00808085acbebad802010200000000000003000000000000000101010563616c6c0202780201000100020000027801010000000100', 'version 1 as bytes') FROM version_1;
SELECT is(receive(send_of(s)), text, 'read') FROM version_1;

-- every plan
CREATE TABLE many AS SELECT i, 1 + rnd(i, 1, 900) AS u, moment(rnd(i, 2, 2000) * 600) AS at, i::bigint AS seq, (ARRAY['app', 'call', '', NULL, 'é'])[1 + rnd(i, 3, 5)] AS e, rnd(i, 4, 9) = 0 AS entry, rnd(i, 5, 7) = 0 AS goal, (ARRAY['low', 'é', NULL])[1 + rnd(i, 6, 3)] AS stratum, i % 3 AS g FROM generate_series(1, 20000) i;
CREATE TABLE call (call text);
INSERT INTO call VALUES ('event_drivers(u, at, e, entry, goal, ''2 days'')'), ('event_drivers(u::text, at, seq, e, entry, goal, ''5 days'', ''times 1 2, days 1 3'', stratum)'), ('event_drivers(u, at, e, entry, goal, ''2 days'', '''', stratum, ''2024-01-12+00'')');
\ir ../plans.psql
SELECT * FROM finish();
ROLLBACK;
