-- week_hours_stats as a type: text and binary forms, hostile bytes and text, rollup.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS SELECT i, 1 + rnd(i, 1, 300) AS u, moment(rnd(i, 2, 2000) * 6000) AS at FROM generate_series(1, 2000) i;
CREATE FUNCTION makes_sense(s week_hours_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT count(*) IN (0, 168) AND NOT coalesce(bool_or(users < 0 OR events < users OR share NOT BETWEEN 0 AND 1), false) FROM week_hours_rows(s)
$$;
\set type week_hours_stats
\set values '(SELECT zone AS name, week_hours(u, at, zone) AS s FROM event, unnest(ARRAY[\'UTC\', \'Asia/Kathmandu\', \'Australia/Lord_Howe\']) zone GROUP BY zone UNION ALL SELECT \'small \' || n, week_hours(u, at) FROM event, generate_series(2, 60, 9) n WHERE i < n GROUP BY n)'
\ir ../stats_type.psql
-- What is stored today must be read by every later version.
CREATE TABLE version_1 AS SELECT week_hours(u, moment(i * 50000), 'UTC') AS s FROM (VALUES (1, 1), (1, 2), (2, 1), (3, 1), (3, 1)) e (u, i);
SELECT is(s::text, '{"version": 1, "time_zone": "UTC", "users": 3, "hours": [[13, 4, 3], [27, 1, 1]]}', 'version 1 as text') FROM version_1;
SELECT is(send_of(s), '\x010355544303020d04031b0101', 'version 1 as bytes') FROM version_1;
SELECT is(receive(send_of(s)), s::text, 'read') FROM version_1;

SELECT * FROM finish();
ROLLBACK;
