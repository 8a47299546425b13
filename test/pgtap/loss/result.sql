-- loss_stats as a type: text and binary forms, hostile bytes and text, rollup.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE event AS
SELECT i, u, u % 8 AS shard, moment(rnd(i, 2, 200000)) AS at, (rnd(i, 3, 8) & rnd(i, 4, 8))::bit(3)::text::stepset AS step,
	(ARRAY['app', '', NULL, 'web"\', E'line\nbreak', '柜台 🏦'])[1 + rnd(i, 5, 6)] AS node, (ARRAY['a', NULL, 'b'])[1 + rnd(i, 6, 3)] AS property
FROM generate_series(1, 20000) i, LATERAL (SELECT 1 + rnd(i, 1, 5000) AS u) c;

CREATE TABLE kept (name text, call text, s loss_stats);
INSERT INTO kept (name, call) VALUES
	('losses', 'funnel_losses(u, at, node, step, ''2 h'')'), ('of nobody', 'funnel_losses(u, at, node, ''010''::stepset, ''2 h'')'), ('of one step', 'funnel_losses(u, at, node, left(step::text, 1)::stepset, ''0'')'),
	('of 58 steps', 'funnel_losses(u, at, node, rpad(step::text, 58, ''1'')::stepset, ''53375995 d'')'),
	('until', 'funnel_losses(u, at, node, step, ''2 h'', ''strict_once, first_chain'', ''2024-01-02 12:00+00'')'), ('any_order', 'funnel_losses(u, at, node, step, ''2 h'', ''any_order'')'),
	('rules', 'funnel_losses(u, at, node, step, ''2 h'', ''exclude 3 between 1 and 2, within 1 h from 1 to 2'')'), ('dropped', 'funnel_losses(u, at, node, step, ''20 h'', ''exclude 3 dropping users'')'),
	('bucket', 'funnel_losses(u, at, node, step, ''20 h'', ''same day in Asia/Shanghai'')'),
	('holding', 'funnel_losses_holding_constant(u, at, node, step, ''2 h'', property)'), ('users as nodes', 'funnel_losses(u, at, u::text, step, ''2 h'')');
CREATE FUNCTION stats_of(call text, condition text DEFAULT 'true') RETURNS loss_stats LANGUAGE plpgsql AS $$
DECLARE
	s loss_stats;
BEGIN
	EXECUTE format('SELECT %s FROM event WHERE %s', call, condition) INTO s;
	RETURN s;
END $$;
UPDATE kept SET s = stats_of(call);
CREATE FUNCTION makes_sense(s loss_stats) RETURNS boolean LANGUAGE sql AS $$
	SELECT NOT EXISTS (SELECT FROM loss_reasons(s) r WHERE users <= 0 OR NOT share <= 1 OR avg_lateness < '0' OR (median_lateness IS NOT NULL) <> (reason = 'too_late')) AND NOT EXISTS (SELECT FROM loss_nodes(s, 3) n WHERE users <= 0 OR NOT share <= 1)
		AND (SELECT coalesce(sum(users), 0) FROM loss_reasons(s)) = (SELECT coalesce(sum(users), 0) FROM loss_nodes(s)) $$;
\set type loss_stats
\set values '(SELECT name, s FROM kept UNION ALL SELECT \'small \' || name, stats_of(call, \'u < 20\') FROM kept WHERE name !~ \'58\')'
\ir ../stats_type.psql

-- Shards by user add up to the whole.
SELECT is((SELECT rollup(stats_of(call, 'shard = ' || n))::text FROM generate_series(0, 7) n), s::text, name || ': shards') FROM kept;
SELECT throws_ok($$ SELECT rollup(s) FROM kept WHERE name IN ('losses', 'any_order') $$, '22023', NULL, 'other options');
SELECT throws_ok($$ SELECT rollup(s) FROM kept WHERE name IN ('losses', 'of one step') $$, '22023', NULL, 'other steps');
SELECT throws_ok($$ SELECT rollup(s) FROM kept WHERE name IN ('losses', 'holding') $$, '22023', NULL, 'a property held');
SELECT * FROM finish();
ROLLBACK;
