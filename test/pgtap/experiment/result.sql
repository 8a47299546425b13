-- experiment_stats as a type: text and binary forms, hostile bytes and text, rollup.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS
SELECT i, u, u % 8 AS shard, moment(rnd(i, 2, 200000)) AS at, (ARRAY['control', '', 'b"\', E'line\nbreak', '柜台 🏦'])[1 + u % 5] AS variant, rnd(i, 3, 3) = 0 AS shown, rnd(i, 4, 1000) / 7.0 - 50 AS value, rnd(i, 5, 5) = 0 AS goal
FROM generate_series(1, 8000) i, LATERAL (SELECT 1 + rnd(i, 1, 3000) AS u) c;
CREATE TABLE kept (name text, call text, s experiment_stats);
INSERT INTO kept (name, call) VALUES
	('values', 'experiment(u, at, variant, shown, value, ''2 h'')'), ('before', 'experiment(u, at, variant, shown, value, ''2 h'', ''20 h'')'), ('goals', 'experiment(u, at, variant, shown, goal, ''2 h'', ''20 h'')'),
	('until', 'experiment(u, at, variant, shown, goal, ''20 h'', NULL, ''2024-01-02'')'), ('of nobody', 'experiment(u, at, variant, NULL, goal, ''20 h'')'), ('each its own', 'experiment(u, at, u::text, shown, value, ''53375995 d'', ''0'')');
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS experiment_stats LANGUAGE plpgsql AS $$
DECLARE
	s experiment_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);
CREATE FUNCTION makes_sense(s experiment_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM experiment_variants(s) WHERE exposed <> crossed + open + users)
		AND NOT EXISTS (SELECT FROM (SELECT min(variant) AS control FROM experiment_variants(s)) c, experiment_results(s, control) r WHERE control IS NOT NULL AND (lower > upper OR NOT p_value BETWEEN 0 AND 1 OR sequential_lower > sequential_upper)) $$;
\set type experiment_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'u < 20\') FROM kept)'
\ir ../stats_type.psql

SELECT is((SELECT rollup(stats_of(call, 'shard = ' || n))::text FROM generate_series(0, 7) n), s::text, name || ': shards') FROM kept;
SELECT throws_ok($$ SELECT rollup(s) FROM kept WHERE name IN ('values', 'goals') $$, '22023', NULL, 'another outcome');
SELECT throws_ok($$ SELECT rollup(s) FROM kept WHERE name IN ('values', 'before') $$, '22023', NULL, 'another time before');
SELECT * FROM finish();
ROLLBACK;
