-- distribution_stats as a type: text and binary forms, hostile bytes and text, rollup.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS SELECT i, 1 + rnd(i, 1, 300) AS u, moment(rnd(i, 2, 2000) * 6000) AS at, CASE rnd(i, 4, 9) WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE rnd(i, 5, 100000) / 7.0 - 5000 END::float8 AS v FROM generate_series(1, 2000) i;
CREATE FUNCTION stats_of(measure text, unit text, condition text DEFAULT 'true') RETURNS distribution_stats LANGUAGE plpgsql AS $$
DECLARE
	s distribution_stats;
BEGIN
	EXECUTE format('SELECT distribution(u, at, v, %L, %L, ''Asia/Kathmandu'', CASE %2$L WHEN ''month'' THEN timestamptz ''2024-06-15'' END) FROM event WHERE %s', measure, unit, condition) INTO s;
	RETURN s;
END $$;
CREATE FUNCTION makes_sense(s distribution_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM distribution_rows(s) WHERE users < 1 OR share NOT BETWEEN 0 AND 1 OR lower >= upper) AND NOT EXISTS (SELECT FROM distribution_rows(s, '{-3,1,2.5,1e9}') WHERE users < 0)
		AND NOT EXISTS (SELECT FROM distribution_buckets(s) WHERE users < 0 OR min_number > max_number OR median_number NOT BETWEEN min_number AND max_number OR p90_number < median_number)
$$;
\set type distribution_stats
\set values '(SELECT measure || \' \' || unit AS name, stats_of(measure, unit) AS s FROM unnest(ARRAY[\'times\', \'days\', \'sum\', \'average\']) measure, unnest(ARRAY[\'week\', \'month\']) unit UNION ALL SELECT \'small \' || measure, stats_of(measure, \'week\', \'i < 7\') FROM unnest(ARRAY[\'times\', \'sum\']) measure)'
\ir ../stats_type.psql
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT distribution(u, moment(i * 50000), NULL, 'times', 'day', 'UTC') AS s FROM (VALUES (1, 1), (1, 2), (2, 1), (3, 1)) e (u, i);
SELECT is(s::text, '{"version": 1, "measure": "times", "unit": "day", "time_zone": "UTC", "newest": 757482400000000, "cells": [[8766, [0, 0, [393088, 3, 0, 0]]], [8767, [0, 0, [393088, 1, 0, 0]]]]}', 'version 1 as text') FROM version_1;
SELECT is(send_of(s), '\x010001035554430080a081d6a3bbd80202fc880101000080ff170300000201000080ff17010000', 'version 1 as bytes') FROM version_1;
SELECT is(receive(send_of(s)), s::text, 'read') FROM version_1;

SELECT * FROM finish();
ROLLBACK;
