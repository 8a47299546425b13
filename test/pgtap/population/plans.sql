-- The population aggregates under every plan that the executor may choose, and wherever a
-- query may stand: the same answers. And bad input, between rows, partitions and workers.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(122);

-- 40,000 events of 4,000 users in no order; many equal times.
CREATE TABLE event (user_id int, code text, at timestamptz, step stepset, value text, channel int, i int);
INSERT INTO event
SELECT u, 'customer ' || u, CASE WHEN rnd(i, 2, 50) > 0 THEN moment(rnd(i, 3, 300)) END, (rnd(i, 4, 8) & rnd(i, 5, 8))::bit(3)::text::stepset,
	(ARRAY['a', 'b', NULL, '贷款', ''])[1 + rnd(i, 6, 5)], rnd(i, 7, 6), i
FROM generate_series(1, 40000) i, LATERAL (SELECT 1 + rnd(i, 1, 4000) AS u) c;
ALTER TABLE event SET (parallel_workers = 4);
CREATE TABLE part (LIKE event) PARTITION BY LIST (channel);
CREATE TABLE part_0 PARTITION OF part FOR VALUES IN (0, 1, 2);
CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (3, 4);
CREATE TABLE part_2 PARTITION OF part FOR VALUES IN (5);
INSERT INTO part TABLE event;
ANALYZE event;
ANALYZE part;

-- Every aggregate; %s is its ORDER BY or so.
CREATE TABLE call (name text, call text);
INSERT INTO call VALUES
	('funnel', 'funnel(user_id, at, step, ''12 s'' %s)'), ('funnel_code', 'funnel(code, at, step, ''12 s'', ''strict_once'' %s)'), ('funnel_any', 'funnel(user_id, at, step, ''12 s'', ''any_order'' %s)'),
	('by', 'funnel_breakdown(user_id, at, step, ''12 s'', value, 2 %s)'), ('by_code', 'funnel_breakdown(code, at, step, ''12 s'', value, 1, ''strict_order'' %s)'),
	('trend', 'funnel_trend(user_id, at, step, ''12 s'', ''hour'' %s)'), ('holding', 'funnel_holding_constant(user_id, at, step, ''12 s'', value %s)'), ('members', 'funnel_members(user_id, at, step, ''12 s'' %s)'),
	('first', 'funnel_breakdown(user_id, at, step, ''12 s'', value, 1, ''first_chain'' %s)'), ('first_touch', 'funnel_breakdown(user_id, at, step, ''12 s'', value, ''first_touch'' %s)'),
	('last_touch', 'funnel_breakdown(code, at, step, ''12 s'', value, ''last_touch'', ''strict_once'' %s)'),
	('retention_by', 'cohort_retention_by(user_id, at + mod(i, 7) * interval ''1 day'', mod(i, 3) = 0, true, value, ''day'', 3, ''every, last_value'' %s)'), ('retention_by_value', 'cohort_retention_by(code, at + mod(i, 7) * interval ''1 day'', mod(i, 3) = 0, true, i, value, ''day'', 3, ''every, top 2'' %s)'),
	('retention_by_members', 'retention_members_by(user_id, at + mod(i, 7) * interval ''1 day'', mod(i, 3) = 0, true, value, ''day'', 3, ''every, top 2'' %s)'),
	('lifecycle_by', 'lifecycle_by(user_id, at + mod(i, 7) * interval ''1 hour'', value, ''hour'', ''last_value'' %s)'), ('lifecycle_each', 'lifecycle_by(code, at + mod(i, 7) * interval ''1 hour'', value, ''hour'', ''each_value, top 2'' %s)'),
	('lifecycle_groups', 'lifecycle_users_by(user_id, at + mod(i, 7) * interval ''1 hour'', value, ''hour'', ''2024-01-01 03:00'', ''returning'' %s)'),
	('frequency_by', 'frequency_by(user_id, at, value || mod(i, 30), ''times'', ''each_value'' %s)'),
	('matches', 'pattern_matches(user_id, at, step, value, ''(?1).*(?2)'' %s)');
CREATE FUNCTION calls(inside text DEFAULT '', suffix text DEFAULT '') RETURNS text LANGUAGE sql
	RETURN (SELECT string_agg(format(call, inside) || suffix || '::text AS ' || quote_ident(name), ', ' ORDER BY name) FROM call);

CREATE TABLE ran (name text, plan jsonb);
-- Make a table of a query's rows, and keep the plan with which it ran.
CREATE FUNCTION run(name text, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE format('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) CREATE TABLE %I AS %s', name, query) INTO plan;
	INSERT INTO ran VALUES (name, plan::jsonb);
END $$;
CREATE FUNCTION ran_with(name text, condition text) RETURNS text LANGUAGE sql RETURN
	ok((SELECT jsonb_path_exists(plan, ('$.** ? (' || condition || ')')::jsonpath) FROM ran WHERE ran.name = ran_with.name), ran_with.name || ' ran with ' || condition);
CREATE FUNCTION same(name text, other text) RETURNS text LANGUAGE sql RETURN
	is_empty(format('(TABLE %1$I EXCEPT ALL TABLE %2$I) UNION ALL (TABLE %2$I EXCEPT ALL TABLE %1$I) LIMIT 3', name, other), name || ': the answers of ' || other);

-- ---- one process ------------------------------------------------------------------------

SELECT run('plain', 'SELECT ' || calls() || ' FROM event');
SELECT ran_with('plain', '@."Node Type" == "Aggregate" && @.Strategy == "Plain" && @."Partial Mode" == "Simple"');
SELECT ok(bool_and(length(value) > 500), 'each says something') FROM plain, jsonb_each_text(to_jsonb(plain));
SELECT run('shuffled' || i, 'SELECT ' || calls(format('ORDER BY hashint8extended(i, %s)', i)) || ' FROM event') FROM generate_series(1, 2) i;
SELECT same('shuffled' || i, 'plain') FROM generate_series(1, 2) i;
SELECT run('backward', 'SELECT ' || calls('ORDER BY at DESC, step') || ' FROM event');
SELECT same('backward', 'plain');
SELECT is(funnel(DISTINCT user_id, at, step, '12 s')::text, funnel(user_id, at, step, '12 s')::text, 'DISTINCT') FROM (TABLE event UNION ALL TABLE event) e;

SET LOCAL enable_hashagg = off;
SELECT run('sorted', 'SELECT channel, ' || calls() || ' FROM event GROUP BY channel');
SELECT ran_with('sorted', '@.Strategy == "Sorted"');
SET LOCAL enable_hashagg = on;
SET LOCAL enable_sort = off;
SET LOCAL hash_mem_multiplier = 100;
SELECT run('hash', 'SELECT channel, ' || calls() || ' FROM event GROUP BY channel');
SELECT ran_with('hash', '@.Strategy == "Hashed" && @."HashAgg Batches" == 1');
SELECT same('hash', 'sorted');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT run('hash_spilled', 'SELECT channel, ' || calls() || ' FROM event GROUP BY channel');
SELECT ran_with('hash_spilled', '@.Strategy == "Hashed" && @."HashAgg Batches" > 1');
SELECT same('hash_spilled', 'sorted');
RESET work_mem;
SET LOCAL hash_mem_multiplier = 100;
SELECT run('each', (SELECT string_agg(format('SELECT %s AS channel, %s FROM event WHERE channel = %1$s', c, calls()), ' UNION ALL ') FROM generate_series(0, 5) c));
SELECT same('each', 'sorted');
SELECT run('filtered', 'SELECT ' || calls(suffix => ' FILTER (WHERE channel = 3)') || ' FROM event');
SELECT run('where', 'SELECT ' || calls() || ' FROM event WHERE channel = 3');
SELECT same('filtered', 'where');
SELECT run('grouping_sets', 'SELECT channel, ' || calls() || ' FROM event GROUP BY GROUPING SETS ((channel), ())');
SELECT run('separate', 'TABLE sorted UNION ALL SELECT NULL, * FROM plain');
SELECT same('grouping_sets', 'separate');
SET LOCAL enable_sort = on;
SELECT run('rollup', 'SELECT channel, ' || calls() || ' FROM event GROUP BY ROLLUP (channel)');
SELECT same('rollup', 'separate');

-- ---- parallel, partitions ---------------------------------------------------------------

SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION in_parallel(name text, strategy text) RETURNS SETOF text LANGUAGE sql
	AS $$ SELECT unnest(ARRAY[ran_with(name, format('@."Partial Mode" == "Partial" && @.Strategy == "%s"', strategy)), ran_with(name, '@."Workers Launched" > 1')]) $$;
SELECT run('parallel', 'SELECT ' || calls() || ' FROM event');
SELECT in_parallel('parallel', 'Plain');
SELECT same('parallel', 'plain');
SET LOCAL parallel_leader_participation = off;
SELECT run('workers_only', 'SELECT ' || calls() || ' FROM event');
SELECT in_parallel('workers_only', 'Plain');
SELECT same('workers_only', 'plain');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT run('workers_spilled', 'SELECT ' || calls() || ' FROM event');
SELECT in_parallel('workers_spilled', 'Plain');
SELECT same('workers_spilled', 'plain');
RESET work_mem;
SET LOCAL hash_mem_multiplier = 100;
SET LOCAL enable_sort = off;
SELECT run('parallel_hash', 'SELECT channel, ' || calls() || ' FROM event GROUP BY channel');
SELECT in_parallel('parallel_hash', 'Hashed');
SELECT same('parallel_hash', 'sorted');
SET LOCAL enable_sort = on;
SET LOCAL enable_hashagg = off;
SELECT run('parallel_sorted', 'SELECT channel, ' || calls() || ' FROM event GROUP BY channel');
SELECT in_parallel('parallel_sorted', 'Sorted');
SELECT same('parallel_sorted', 'sorted');
SET LOCAL enable_hashagg = on;
SET LOCAL parallel_leader_participation = on;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT run('parallel_partitions', 'SELECT ' || calls() || ' FROM part');
SELECT ran_with('parallel_partitions', '@."Workers Launched" > 0');
SELECT same('parallel_partitions', 'plain');
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT run('per_partition', 'SELECT channel, ' || calls() || ' FROM part GROUP BY channel');
SELECT ran_with('per_partition', '@."Node Type" == "Append" && @.Plans[*]."Partial Mode" == "Simple"');
SELECT same('per_partition', 'sorted');
SET LOCAL cpu_tuple_cost = 1;
SELECT run('across_partitions', 'SELECT ' || calls() || ' FROM part');
SELECT ran_with('across_partitions', '@."Node Type" == "Append" && @.Plans[*]."Partial Mode" == "Partial"');
SELECT same('across_partitions', 'plain');
RESET cpu_tuple_cost;

-- ---- wherever a query may stand ---------------------------------------------------------

-- A window would use up the state row by row.
SELECT throws_like(format('SELECT %s OVER () FROM event', format(call, '')), '%does not support use as a window function%', name || ' OVER ()') FROM call;

-- Prepared, past the fifth execution with a generic plan, with its parameters.
PREPARE prepared(int, interval, text) AS SELECT funnel(user_id, at, step, $2, $3)::text FROM event WHERE channel = $1;
CREATE FUNCTION direct(channel int, within interval, mode text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT funnel(user_id, at, step, %L, %L)::text FROM event WHERE channel = %s', within, mode, channel) INTO answer;
	RETURN answer;
END $$;
CREATE FUNCTION executed() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	FOR n IN 1 .. 10 LOOP
		EXECUTE format('EXECUTE prepared(%s, %L, %L)', n % 6, n * interval '3 s', CASE n % 2 WHEN 0 THEN '' ELSE 'strict_increase' END) INTO answer;
		RETURN NEXT is(answer, direct(n % 6, n * interval '3 s', CASE n % 2 WHEN 0 THEN '' ELSE 'strict_increase' END), 'prepared, execution ' || n);
	END LOOP;
END $$;
SELECT executed();

-- Variables that change between runs of one statement; loops; cursors.
CREATE FUNCTION looped() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	within interval;
	answer text;
	c CURSOR (n int) FOR SELECT channel, funnel_breakdown(code, at, step, within, value, n)::text FROM event GROUP BY channel ORDER BY channel;
	d refcursor;
	r record;
	rows text[];
BEGIN
	FOR n IN 1 .. 8 LOOP
		within := n * interval '2 s';
		SELECT funnel(user_id, at, step, within)::text INTO answer FROM event WHERE channel = n % 6;
		RETURN NEXT is(answer, direct(n % 6, within, ''), 'a variable, turn ' || n);
	END LOOP;
	within := '12 s';
	FOR r IN c(2) LOOP
		within := '1 h';		-- after the query has begun
		rows := rows || r.funnel_breakdown;
	END LOOP;
	RETURN NEXT is(rows, (SELECT array_agg(f ORDER BY channel) FROM (SELECT channel, funnel_breakdown(code, at, step, '12 s', value, 2)::text AS f FROM event GROUP BY channel) g), 'a cursor whose variable changes while it is open');
	OPEN c(3);
	FETCH c INTO r;
	MOVE c;
	CLOSE c;
	RETURN NEXT ok(r.funnel_breakdown IS NOT NULL, 'a cursor that is closed early');
	BEGIN
		OPEN d FOR SELECT channel, funnel(code, at, step, '12 s')::text AS f FROM event GROUP BY channel ORDER BY channel;
		FETCH d INTO r;
		PERFORM 1 / 0;
	EXCEPTION WHEN division_by_zero THEN
		RETURN NEXT pass('a cursor of a block that fails');
	END;
	BEGIN
		PERFORM funnel(code, at, CASE i WHEN 30000 THEN '1' ELSE step END, '12 s') FROM event;
	EXCEPTION WHEN invalid_parameter_value THEN
		RETURN NEXT is((SELECT funnel(user_id, at, step, '12 s')::text FROM event), (SELECT funnel FROM plain), 'after an error inside the aggregate');
	END;
END $$;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT looped();
RESET work_mem;
SET LOCAL hash_mem_multiplier = 100;

-- Rescans: correlated, with parameters that change, and such as end early.
SELECT is(s.f, g.funnel, 'correlated: channel ' || g.channel) FROM sorted g, LATERAL (SELECT funnel(user_id, at, step, '12 s')::text AS f FROM (SELECT * FROM event e WHERE e.channel = g.channel OFFSET 0) e) s ORDER BY g.channel;
SELECT is_empty($$
	SELECT w FROM generate_series(0, 20) w WHERE
		(SELECT funnel(user_id, at, step, w * interval '1 s', CASE w % 3 WHEN 0 THEN '' ELSE 'strict_once' END)::text FROM event e WHERE e.channel = w % 6) <> direct(w % 6, w * interval '1 s', CASE w % 3 WHEN 0 THEN '' ELSE 'strict_once' END) $$,
	'correlated: within and mode change from scan to scan');
SELECT is(count(f), 100::bigint, 'groups that are never asked for') FROM generate_series(1, 100) n, LATERAL (SELECT user_id % 50, funnel(code, at, step, '12 s')::text AS f FROM event WHERE i < 2000 + n GROUP BY 1 LIMIT 1) g;
CREATE FUNCTION temporary_files(turn int) RETURNS bigint LANGUAGE sql VOLATILE RETURN (SELECT count(*) FROM pg_ls_tmpdir() WHERE turn > 0);
SET LOCAL work_mem = '1MB';
SET LOCAL hash_mem_multiplier = 8;
SET LOCAL enable_sort = off;
SELECT is(max(files) FILTER (WHERE f IS NOT NULL), 0::bigint, 'and that take none of the memory of the next')
FROM generate_series(1, 40) n, LATERAL (SELECT user_id % 4, funnel(user_id, at, step, '12 s')::text AS f FROM event WHERE n > 0 AND i <= 20000 GROUP BY 1 LIMIT 1) g, LATERAL temporary_files(n) files;
SET LOCAL enable_sort = on;
RESET work_mem;
SET LOCAL hash_mem_multiplier = 100;
SELECT is((SELECT min(f) || max(f) FROM (SELECT (SELECT funnel(user_id, at, step, '12 s')::text FROM event WHERE n > 0) AS f FROM generate_series(1, 3) n) s), (SELECT funnel || funnel FROM plain), 'the same again');
SELECT ok(a.f = p.funnel AND a.g = p.funnel_code AND a.h = p.funnel, 'several in one query')
FROM plain p, (SELECT funnel(user_id, at, step, '12 s')::text AS f, funnel(code, at, step, '12 s', 'strict_once')::text AS g, funnel(code, at, step, '12 s')::text AS h FROM event) a;

-- A hundred thousand groups of a few rows.
CREATE FUNCTION timed(query text, OUT ms float8, OUT answer text) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	EXECUTE query INTO answer;
	ms := extract(epoch FROM clock_timestamp() - began) * 1000;
END $$;
CREATE TABLE groups AS SELECT i % 100000 AS g, rnd(i, 1, 3) AS u, moment(i / 100000) AS at, (ARRAY['10', '01', '11']::stepset[])[1 + rnd(i, 2, 3)] AS step FROM generate_series(1, 400000) i;
ANALYZE groups;
SELECT unnest(ARRAY[is(t.answer, w.answer, name || ': 100,000 groups'), cmp_ok(t.ms, '<', 30000::float8, name || ': in time')])
FROM timed('SELECT sum(window_funnel) FROM (SELECT window_funnel(at, step, ''2 s'') FROM groups GROUP BY g, u) w') w,
	(VALUES ('hash', 'off'), ('sorted', 'on')) v (name, sort), LATERAL (SELECT set_config('enable_sort', sort, true), set_config('enable_hashagg', CASE sort WHEN 'on' THEN 'off' ELSE 'on' END, true)) c,
	LATERAL timed('SELECT sum(users) FROM (SELECT funnel(u, at, step, ''2 s'') AS f FROM groups GROUP BY g) f, funnel_steps(f)') t;
SET LOCAL enable_sort = on;
SET LOCAL enable_hashagg = on;

-- ---- bad input --------------------------------------------------------------------------

SELECT throws_ok(format('SELECT %s FROM event', call), state, message, call)
FROM (VALUES ('funnel(user_id, at, step, NULL)', '22004', 'within must not be NULL'), ('funnel(user_id, at, step, ''1 mon'')', '22023', 'within must not contain months or years: 1 mon'),
	('funnel(user_id, at, step, ''-1 s'')', '22023', 'within must not be negative: -00:00:01'), ('funnel(NULL::int, NULL::timestamptz, NULL, NULL)', '22004', 'within must not be NULL'),
	('funnel(user_id, at, step, ''1 h'', NULL)', '22004', 'options must not be NULL'), ('funnel(user_id, at, step, ''1 h'', ''strict'')', '22023', 'option "strict" does not exist'),
	('funnel(user_id, ''infinity'', step, ''1 h'')', '22008', 'at must be a finite time, not infinity'), ('funnel_breakdown(code, ''-infinity'', step, ''1 h'', value, 1)', '22008', 'at must be a finite time, not -infinity'),
	('funnel_breakdown(user_id, at, step, ''1 h'', value, 0)', '22023', 'breakdown_step must be a step of the funnel, not 0'), ('funnel_breakdown(user_id, at, step, ''1 h'', value, -1)', '22023', 'breakdown_step must be a step of the funnel, not -1'),
	('funnel_breakdown(user_id, at, step, ''1 h'', value, 59)', '22023', 'breakdown_step must be a step of the funnel, not 59'), ('funnel_breakdown(user_id, at, step, ''1 h'', value, 4)', '22023', 'breakdown_step is 4, but step has 3 conditions'),
	('funnel_breakdown(user_id, at, step, ''1 h'', value, NULL::int)', '22004', 'breakdown_step must not be NULL'), ('funnel_holding_constant(user_id, at, step, NULL, value)', '22004', 'within must not be NULL'), ('funnel_members(user_id, at, step, NULL)', '22004', 'within must not be NULL')) v (call, state, message);

CREATE TABLE changing (name text, message text, call text);
INSERT INTO changing VALUES ('N', 'step has # conditions where the rows before have #', 'funnel(user_id, at, CASE WHEN @ THEN step ELSE ''0101'' END, ''1 h'')'),
	('within', 'within must be the same for all rows of one group', 'funnel(code, at, step, CASE WHEN @ THEN interval ''1 h'' ELSE ''2 h'' END)'),
	('mode', 'options must be the same for all rows of one group', 'funnel_members(user_id, at, step, ''1 h'', CASE WHEN @ THEN '''' ELSE ''strict_once'' END)'),
	('breakdown_step', 'breakdown_step must be the same for all rows of one group', 'funnel_breakdown(user_id, at, step, ''1 h'', value, CASE WHEN @ THEN 1 ELSE 2 END)'),
	('unit', 'unit must be the same for all rows of one group', 'funnel_trend(user_id, at, step, ''1 h'', CASE WHEN @ THEN ''day'' ELSE ''week'' END)');
CREATE FUNCTION message_of(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN 'no error';
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN regexp_replace(SQLERRM, '\d', '#', 'g');
END $$;
SELECT is(message_of('SELECT ' || replace(call, '@', 'i < 20000') || ' FROM event'), message, name || ' changes between rows') FROM changing;
SET LOCAL cpu_tuple_cost = 1;
SELECT is(message_of('SELECT ' || replace(call, '@', 'channel < 3') || ' FROM part'), message, name || ' changes between partial aggregates') FROM changing;
RESET cpu_tuple_cost;
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is(message_of('SELECT ' || replace(call, '@', 'i < 20000') || ' FROM event'), message, name || ' changes between workers') FROM changing;

SELECT * FROM finish();
ROLLBACK;
