-- metric_stats as a type: text and binary forms, hostile bytes and text, rollup.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS SELECT i, 1 + rnd(i, 1, 300) AS u, moment(rnd(i, 2, 2000) * 6000) AS at, (ARRAY['a', 'bb', '', NULL, 'é'])[1 + rnd(i, 3, 5)] AS c,
	CASE rnd(i, 4, 9) WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' WHEN 3 THEN 'Infinity' ELSE rnd(i, 5, 100000) / 7.0 - 5000 END::float8 AS v FROM generate_series(1, 2000) i;
CREATE TABLE kept (name text, call text, s metric_stats);
INSERT INTO kept (name, call) VALUES ('plain', 'event_metrics(u, at, c, ''day'')'), ('values', 'event_metrics(u, at, v, c, ''week'')'), ('top', 'event_metrics(u, at, c, ''month'', ''top 2'')'), ('top and values', 'event_metrics(u, at, v, c, ''quarter'', ''top 1'', ''Asia/Kathmandu'')'),
	('until', 'event_metrics(u, at, v, c, ''month'', '''', ''America/New_York'', ''2024-04-05 17:30+00'')'), ('one', 'event_metrics(1, at, ''x''::text, ''hour'', '''', ''Etc/GMT-8'')'), ('no values', 'event_metrics(u, at, NULL::float8, c, ''quarter'')');
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS metric_stats LANGUAGE plpgsql AS $$
DECLARE
	s metric_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);
CREATE FUNCTION makes_sense(s metric_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM metric_rows(s) WHERE users < 0 OR events < users OR value_min > value_max OR value_median NOT BETWEEN value_min AND value_max OR value_p90 < value_median)
		AND NOT EXISTS (SELECT FROM metric_buckets(s) WHERE users < 0 OR value_median NOT BETWEEN value_min AND value_max) AND NOT EXISTS (SELECT FROM metric_breakdowns(s) WHERE events < users OR users < 1)
		AND (metric_summary(s)).users >= 0
$$;
\set type metric_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'i < 6\') FROM kept)'
\ir ../stats_type.psql
SELECT throws_ok(format('SELECT %L::metric_stats', replace((SELECT s::text FROM kept WHERE name = name_of), a, b)), '22P02', NULL, a || ' as ' || b)
FROM (VALUES ('plain', '"unit": "day"', '"unit": "days"'), ('plain', '"top": 0', '"top": -1'), ('plain', '"top": 0', '"top": 10001'), ('plain', '"has_values": false', '"has_values": true'), ('values', '"has_values": true', '"has_values": false'), ('plain', '["cell", false, ', '["cell", true, '), ('plain', '["cell", ', '["call", '),
	('plain', '["whole", false, 0, null, 2000', '["whole", false, 0, null, 2001'), ('plain', '["whole", false, 0, ', '["whole", false, 1, '), ('plain', '["breakdown", false, 0, "a", ', '["breakdown", false, 7, "a", '), ('top', '"top": 2', '"top": 0'), ('values', ', []', ', [1]')) v (name_of, a, b);
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT s, s::text AS text FROM (SELECT event_metrics(u, moment(u * 50000), u * 1.5, CASE WHEN u < 3 THEN 'a' END, 'day', 'top 3') AS s FROM generate_series(1, 3) u) e;
SELECT is(text, '{"version": 1, "unit": "day", "time_zone": "UTC", "newest": 757532400000000, "top": 3, "has_values": true, "cells": [["cell", false, 8766, "a", 1, 1, 1, [0, 0, [393152, 1, 0, 0]]], ["cell", false, 8767, "a", 1, 1, 1, [0, 0, [393280, 1, 0, 0]]], ["cell", false, 8767, null, 1, 1, 1, [0, 0, [393360, 1, 0, 0]]], ["bucket", false, 8766, null, 1, 1, 1, []], ["bucket", false, 8767, null, 2, 2, 2, []], ["breakdown", false, 0, "a", 2, 2, 2, []], ["breakdown", false, 0, null, 1, 1, 1, []], ["whole", false, 0, null, 3, 3, 3, []]]}', 'version 1 as text') FROM version_1;
SELECT is(send_of(s), '\x0101035554430080f0dc9998bed8020301080000fc88010261010101010000c0ff170100000000020261010101010000c0801801000000000000010101010000908118010000010001000101010001000200020202000200fd880102610202020002000000010101000300000003030300', 'version 1 as bytes') FROM version_1;
SELECT is(receive(send_of(s)), text, 'read') FROM version_1;

SELECT * FROM finish();
ROLLBACK;
