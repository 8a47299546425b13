-- seq: the order of events of one time, in every population aggregate that takes steps.
\ir setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(27);

-- Events at whole seconds, most of them at the same time as others; seq decides, and is
-- no two rows' own. `alone` is the same order in times that differ.
CREATE TABLE event (u int, at timestamptz, seq bigint, step stepset, value text, alone timestamptz, i int);
INSERT INTO event
SELECT 1 + rnd(i, 1, 600), at, seq, (rnd(i, 4, 8) & rnd(i, 5, 8))::bit(3)::text::stepset, (ARRAY['a', 'b', NULL])[1 + rnd(i, 6, 3)],
	at + coalesce(seq + 6000, 20000 + i) * interval '1 us', i
FROM generate_series(1, 6000) i, LATERAL (SELECT moment(rnd(i, 3, 40)) AS at, CASE WHEN i % 97 > 0 THEN (i * 7919) % 6000 - 3000 END AS seq) c;
-- Of the events without a seq, those of one user and time would be ordered by their steps.
DELETE FROM event e USING event f WHERE e.seq IS NULL AND f.seq IS NULL AND e.u = f.u AND e.at = f.at AND e.i > f.i;
SELECT cmp_ok(count(*), '>', 1000::bigint, 'events that seq alone orders') FROM event e WHERE EXISTS (SELECT FROM event f WHERE e.u = f.u AND e.at = f.at AND e.i <> f.i);

CREATE TABLE call (name text, with_seq text, alone text);
INSERT INTO call
SELECT name, replace(call, 'AT', 'at, seq'), replace(call, 'AT', 'alone')
FROM (VALUES ('funnel', 'funnel(u, AT, step, ''7.5 s'')'), ('strict_order', 'funnel(u, AT, step, ''7.5 s'', ''strict_order'')'),
	('text users', 'funnel(''c'' || u, AT, step, ''7.5 s'')'), ('by', 'funnel_by(u, AT, step, ''7.5 s'', value, 2)'), ('by, once', 'funnel_by(u, AT, step, ''7.5 s'', value, 1, ''strict_once'')'),
	('trend', 'funnel_trend(u, AT, step, ''7.5 s'', ''day'')'), ('zone', 'funnel_trend(u, AT, step, ''7.5 s'', ''week'', ''UTC'')'), ('zone, once', 'funnel_trend(u, AT, step, ''7.5 s'', ''day'', ''UTC'', ''strict_once'')'),
	('holding', 'funnel_holding(u, AT, step, ''7.5 s'', value)'), ('holding, once', 'funnel_holding(u, AT, step, ''7.5 s'', value, ''strict_once'')')) c (name, call);

-- Users of each step. Of several values at one time a breakdown takes the first that can be,
-- so its groups are added up.
CREATE FUNCTION users(call text, source text DEFAULT 'event') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(n::text, '' '' ORDER BY i) FROM (SELECT i, sum(n::int) AS n FROM jsonb_array_elements((SELECT %s FROM %s)::text::jsonb->''groups'') g, jsonb_array_elements(g->''users'') WITH ORDINALITY u (n, i) GROUP BY i) s', call, source) INTO answer;
	RETURN answer;
END $$;
SELECT is(users(with_seq), users(alone), name || ': seq orders what at does not') FROM call;
SELECT isnt(users(replace(with_seq, 'at, seq', 'at')), users(with_seq), 'and it matters') FROM call WHERE name = 'funnel';
SELECT is(users(with_seq, '(SELECT * FROM event ORDER BY hashint4(i)) e'), users(with_seq), name || ': in another order of rows') FROM call;
SELECT is_empty($$ (SELECT (unnest(funnel_members(u, at, seq, step, '7.5 s'))).level FROM event GROUP BY u) EXCEPT (SELECT (unnest(funnel_members(u, alone, step, '7.5 s'))).level FROM event GROUP BY u) $$, 'funnel_members');
SELECT is((SELECT string_agg(m.level::text, '' ORDER BY m.user_id) FROM unnest((SELECT funnel_members(u, at, seq, step, '7.5 s', 'strict_once') FROM event)) m),
	(SELECT string_agg(m.level::text, '' ORDER BY m.user_id) FROM unnest((SELECT funnel_members(u, alone, step, '7.5 s', 'strict_once') FROM event)) m), 'funnel_members, with a mode');

-- Spilled, and packed by workers.
CREATE TABLE large AS SELECT u + 600 * j AS u, at, seq, step, value, i FROM event, generate_series(1, 20) j;
ALTER TABLE large SET (parallel_workers = 2);
ANALYZE large;
CREATE TABLE answer AS SELECT name, users(with_seq, 'large') AS plain FROM call;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is(string_agg(users(with_seq, 'large'), '; ' ORDER BY name), string_agg(plain, '; ' ORDER BY name), 'spilled') FROM answer JOIN call USING (name);
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(string_agg(users(with_seq, 'large'), '; ' ORDER BY name), string_agg(plain, '; ' ORDER BY name), 'packed by workers') FROM answer JOIN call USING (name);
SET LOCAL work_mem = '64MB';
SELECT is(string_agg(users(with_seq, 'large'), '; ' ORDER BY name), string_agg(plain, '; ' ORDER BY name), 'from workers as they are') FROM answer JOIN call USING (name);
SELECT * FROM finish();
ROLLBACK;
