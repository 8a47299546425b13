-- survival_stats as a type: text and binary forms, hostile bytes and text, rollup.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS SELECT i, 1 + rnd(i, 1, 200) AS u, moment(rnd(i, 2, 200) * 43200) AS at, rnd(i, 3, 3) = 0 AS starts, rnd(i, 4, 4) = 0 AS ends, nullif(chr(97 + rnd(i, 5, 3)), 'c') AS label FROM generate_series(1, 1500) i;
CREATE FUNCTION makes_sense(s survival_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM survival_curve(s) WHERE at_risk < ended + censored OR survival NOT BETWEEN 0 AND 1 OR lower > survival OR upper < survival)
		AND NOT EXISTS (SELECT FROM survival_summary(s) WHERE users <> ended + censored OR expected < 0) AND (survival_test(s)).degrees >= 0
$$;
\set type survival_stats
\set values '(SELECT unit AS name, survival(u, at, starts, ends, unit, 20, \'Asia/Kathmandu\') AS s FROM event, unnest(ARRAY[\'week\', \'rolling day\']) unit GROUP BY unit UNION ALL SELECT \'by \' || n, survival_by(u, at, starts, ends, label, \'month\', 3, \'\', CASE n % 2 WHEN 0 THEN timestamptz \'2024-03-01\' END) FROM event, generate_series(9, 40, 9) n WHERE i < n GROUP BY n)'
\ir ../stats_type.psql
SELECT throws_ok(format('SELECT %L::survival_stats', replace('{"version": 1, "unit": "day", "rolling": false, "periods": 3, "time_zone": "UTC", "by": true, "cells": [["a", 0, 1, 2], [null, 3, 0, 1]]}', a, b)), '22P02', NULL, a || ' as ' || b)
FROM (VALUES ('"day"', '"year"'), ('"day", "rolling": false', '"month", "rolling": true'), ('"by": true', '"by": false'), ('"periods": 3', '"periods": 2'), ('"periods": 3', '"periods": 10001'), ('0, 1, 2]', '0, 0, 0]'), ('0, 1, 2]', '0, 1, -2]'), ('[null, 3', '["a", 0'), ('0, 1, 2]', '0, 9223372036854775807, 2]'), ('"UTC"', '""')) AS v (a, b);
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT survival_by(u, moment(i * 50000), i = 1, i = 3, CASE u WHEN 1 THEN 'a' END, 'day', 3, 'UTC') AS s FROM (VALUES (1, 1), (1, 3), (2, 1), (3, 1), (3, 2)) e (u, i);
SELECT is(s::text, '{"version": 1, "unit": "day", "rolling": false, "periods": 3, "time_zone": "UTC", "by": true, "cells": [["a", 1, 1, 0], [null, 0, 0, 1], [null, 1, 0, 1]]}', 'version 1 as text') FROM version_1;
SELECT is(send_of(s), '\x010100030355544300010302610101000000000100010001', 'version 1 as bytes') FROM version_1;
SELECT is(receive(send_of(s)), s::text, 'read') FROM version_1;

SELECT * FROM finish();
ROLLBACK;
