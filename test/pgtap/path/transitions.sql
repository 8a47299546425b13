-- transition_stats: text, bytes, and what is spoilt in them.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(12);

CREATE TABLE event AS SELECT moment(i) AS at, (ARRAY['ab', 'c', '', '贷款', 'c'])[i] AS node FROM generate_series(1, 5) i;
CREATE TABLE kept (name text, s transition_stats);
INSERT INTO kept
SELECT 'many', transitions(i % 7, at + i * interval '1 min', node, '1 h') FROM event, generate_series(1, 300) i
UNION ALL SELECT 'few', transitions(i, at, node) FROM event, generate_series(1, 2) i
UNION ALL SELECT 'options', transitions(i % 7, at + i * interval '1 min', node, '1 h', 'collapse, ignore ab') FROM event, generate_series(1, 30) i
UNION ALL SELECT 'one', transitions(1, at, node) FROM event WHERE node = 'ab'
UNION ALL SELECT 'nothing', transitions(1, at, node, NULL, 'ignore ab') FROM event WHERE node = 'ab';
CREATE FUNCTION makes_sense(s transition_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM transition_links(s) WHERE NOT (users BETWEEN 1 AND sessions AND sessions <= count AND share BETWEEN 0 AND 1 AND median_time <= p90_time))
		AND NOT EXISTS (SELECT FROM transition_nodes(s) WHERE users > sessions) AND NOT EXISTS (SELECT FROM transition_loops(s) WHERE users > sessions)
$$;
\set type transition_stats
\set values kept
\ir ../stats_type.psql

SELECT * FROM finish();
ROLLBACK;
