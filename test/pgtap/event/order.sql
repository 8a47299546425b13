-- seq: the order of events of one time, in every population aggregate that takes steps.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(62);

-- Events at whole seconds, most of them at the same time as others. Of those seq decides,
-- but some have the same, or none. `alone` is the same order in times that differ.
CREATE TABLE event (u int, at timestamptz, seq bigint, step stepset, value text, alone timestamptz, i int);
INSERT INTO event
SELECT 1 + rnd(i, 1, 600), at, seq, (rnd(i, 4, 8) & rnd(i, 5, 8))::bit(3)::text::stepset, (ARRAY['a', 'b', NULL])[1 + rnd(i, 6, 3)],
	at + coalesce(seq + 6000, 20000) * interval '1 us', i
FROM generate_series(1, 6000) i, LATERAL (SELECT moment(rnd(i, 3, 15)) AS at, CASE WHEN i % 5 > 0 THEN rnd(i, 7, 9) - 4 END AS seq) c;
SELECT cmp_ok(count(*), '>', 1000::bigint, 'events that seq alone orders') FROM event e WHERE EXISTS (SELECT FROM event f WHERE e.u = f.u AND e.at = f.at AND e.seq <> f.seq);
SELECT cmp_ok(count(*), '>', 300::bigint, 'and events that it does not') FROM event e WHERE EXISTS (SELECT FROM event f WHERE e.u = f.u AND e.at = f.at AND e.seq IS NOT DISTINCT FROM f.seq AND e.i <> f.i);

CREATE TABLE call (name text, with_seq text, alone text);
INSERT INTO call
SELECT name, replace(call, 'AT', 'at, seq'), replace(call, 'AT', 'alone')
FROM (VALUES ('funnel', 'funnel(u, AT, step, ''7.5 s'')'), ('strict_order', 'funnel(u, AT, step, ''7.5 s'', ''strict_order'')'),
	('text users', 'funnel(''c'' || u, AT, step, ''7.5 s'')'), ('by', 'funnel_breakdown(u, AT, step, ''7.5 s'', value, 2)'), ('by, once', 'funnel_breakdown(u, AT, step, ''7.5 s'', value, 1, ''strict_once'')'),
	('first', 'funnel_breakdown(u, AT, step, ''7.5 s'', value, 1, ''first_chain'')'), ('trend, first', 'funnel_trend(u, AT, step, ''7.5 s'', ''day'', ''first_chain'', ''UTC'')'),
	('touch', 'funnel_breakdown(u, AT, step, ''7.5 s'', value, ''first_touch'')'), ('holding, first', 'funnel_holding_constant(u, AT, step, ''7.5 s'', value, ''first_chain'')'),
	('trend', 'funnel_trend(u, AT, step, ''7.5 s'', ''day'')'), ('zone', 'funnel_trend(u, AT, step, ''7.5 s'', ''week'', '''', ''UTC'')'), ('zone, once', 'funnel_trend(u, AT, step, ''7.5 s'', ''day'', ''strict_once'', ''UTC'')'),
	('holding', 'funnel_holding_constant(u, AT, step, ''7.5 s'', value)'), ('holding, once', 'funnel_holding_constant(u, AT, step, ''7.5 s'', value, ''strict_once'')')) c (name, call);

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

SELECT is((SELECT array_agg((m.user_id, m.level)::text ORDER BY m.user_id) FROM unnest((SELECT funnel_members(u, at, seq, step, '7.5 s') FROM event)) m),
	(SELECT array_agg((m.user_id, m.level)::text ORDER BY m.user_id) FROM unnest((SELECT funnel_members(u, alone, step, '7.5 s') FROM event)) m), 'funnel_members, user by user');

-- Events without a seq are as simultaneous as without the argument.
CREATE FUNCTION answer(call text, source text DEFAULT 'event') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT %s::text FROM %s', call, source) INTO answer;
	RETURN answer;
END $$;
SELECT is(answer(replace(with_seq, 'seq', 'NULL::bigint')), answer(replace(with_seq, 'at, seq', 'at')), name || ': no seq anywhere') FROM call;
SELECT is(answer('funnel_members(u, at, 7, step, ''7.5 s'')'), answer('funnel_members(u, at, step, ''7.5 s'')'), 'funnel_members: one seq everywhere');

-- intervals, by brute force: the first end after each start, in the order of at, seq,
-- and, where both are equal, the conditions; and the latest start before each end.
CREATE TABLE tied AS SELECT u, at, seq, substr(step::text, 1, 2)::stepset AS step,
	row_number() OVER (PARTITION BY u ORDER BY at, seq, step::text DESC) AS place FROM event WHERE u <= 200;
CREATE TABLE found AS
SELECT a.u, a.place, b.place AS until, b.at - a.at AS time FROM tied a, LATERAL
	(SELECT * FROM tied e WHERE e.u = a.u AND e.place > a.place AND meets(e.step::text, 2) ORDER BY e.place LIMIT 1) b
WHERE meets(a.step::text, 1);
SELECT results_eq(format($$ SELECT count, users, avg_time, min_time, max_time FROM interval_summary((SELECT intervals(u, at, seq, step, '7.5 s', %L) FROM tied)) $$, mode),
	format($$ SELECT count(*), count(DISTINCT u), avg(time), min(time), max(time) FROM found f WHERE time <= '7.5 s' AND (%L = 'each' OR NOT EXISTS (SELECT FROM found g WHERE g.u = f.u AND g.until = f.until AND g.place > f.place)) $$, mode),
	'intervals, ' || mode) FROM unnest(ARRAY['each', 'latest']) mode;
SELECT isnt(answer('intervals(u, at, seq, step, ''7.5 s'')', 'tied'), answer('intervals(u, at, step, ''7.5 s'')', 'tied'), 'intervals: seq matters');
SELECT is(answer('intervals(u, at, NULL::bigint, step)', 'tied'), answer('intervals(u, at, step)', 'tied'), 'intervals: no seq anywhere');

SELECT isnt(answer('users_matching(u, at, seq, step, ''(?1)(?2)(?3)'')'), answer('users_matching(u, at, step, ''(?1)(?2)(?3)'')'), 'users_matching: seq matters');
SELECT is(answer(format('users_matching(u, at, seq, step, %L)', p)), answer(format('users_matching(u, alone, step, %L)', p)), 'users_matching: ' || p)
FROM unnest(ARRAY['(?1)(?2)(?3)', '^(?1)', '(?1)(?!3)*(?2)(?3)', '(?1|2).*(?3)$']) p;
SELECT is(answer('users_matching(u, at, NULL::bigint, step, ''(?1)(?2)(?3)'')'), answer('users_matching(u, at, step, ''(?1)(?2)(?3)'')'), 'users_matching: no seq anywhere');

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
