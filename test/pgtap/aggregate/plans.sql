-- Every aggregate under every plan that the executor may choose: the same answers. Each
-- test looks at the plan that ran, so that it cannot pass by running another.
\ir ../setup.psql
SELECT plan(83);

-- ---- data -------------------------------------------------------------------------------

-- 60,000 events of 6,000 users in no order of user or time; many equal times.
CREATE TABLE event (user_id int, at timestamptz, step stepset, value text, base boolean, tie int, region int);
INSERT INTO event
SELECT u, CASE WHEN rnd(i, 2, 50) > 0 THEN moment(rnd(i, 3, 40)) END,
	((rnd(i, 4, 16) & rnd(i, 5, 16))::bit(4)::text)::stepset, (ARRAY['home', 'fund', '贷款', 'card', ''])[1 + rnd(i, 6, 5)],
	rnd(i, 7, 2) = 0, i, u % 5
FROM generate_series(1, 60000) i, LATERAL (SELECT 1 + rnd(i, 1, 6000) AS u) c;
ALTER TABLE event SET (parallel_workers = 4);
ANALYZE event;

CREATE TABLE by_user (LIKE event) PARTITION BY HASH (user_id);
CREATE TABLE by_user_0 PARTITION OF by_user FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_user_1 PARTITION OF by_user FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_user TABLE event;
ANALYZE by_user;

CREATE TABLE by_tie (LIKE event) PARTITION BY RANGE (tie);
CREATE TABLE by_tie_0 PARTITION OF by_tie FOR VALUES FROM (MINVALUE) TO (10000);
CREATE TABLE by_tie_1 PARTITION OF by_tie FOR VALUES FROM (10000) TO (30000);
CREATE TABLE by_tie_2 PARTITION OF by_tie FOR VALUES FROM (30000) TO (MAXVALUE);
INSERT INTO by_tie TABLE event;
ANALYZE by_tie;

-- Every aggregate, in every mode and with every kind of parameter; %s is its ORDER BY.
CREATE TABLE call (name text, call text);
INSERT INTO call
SELECT 'funnel' || row_number() OVER (), format('window_funnel(at, step, ''12 s'', %L %%s)', mode)
FROM unnest(ARRAY['', 'strict_order', 'strict_order,allow_reentry', 'strict_deduplication',
	'strict_increase', 'strict_once', 'any_order']) mode;
INSERT INTO call VALUES
	('funnel0', 'window_funnel(at, step, ''12 s'' %s)'),
	('times0', 'window_funnel_times(at, step, ''12 s'' %s)'),
	('times1', 'window_funnel_times(at, step, ''12 s'', ''strict_once'' %s)'),
	('times2', 'window_funnel_times(at, step, ''12 s'', ''strict_order'' %s)'),
	('retained', 'retention(step %s)'),
	('matches', 'sequence_match(at, step, ''(?1)(?t<=9)(?2).*(?3)'' %s)'),
	('matches1', 'sequence_match(at, step, ''(?1)(?t>=4)(?2)'' %s)'),
	('count0', 'sequence_count(at, step, ''(?1).(?2)'' %s)'),
	('progress', 'sequence_progress(at, step, ''(?1)(?!3)*(?2).*(?3)'' %s)'),
	('times3', 'sequence_match_events(at, step, ''(?1)(?t!=5)(?2).*(?3)'' %s)'),
	('next0', 'sequence_next_node(at, step, value, base, ''forward'', ''first_match'' %s)'),
	('next1', 'sequence_next_node(at, left(step::text, 1)::stepset, value, base, ''forward'', ''head'' %s)'),
	('next2', 'sequence_next_node(at, left(step::text, 2)::stepset, value, base, ''backward'', ''last_match'' %s)');

CREATE FUNCTION calls(ordered text DEFAULT '', suffix text DEFAULT '') RETURNS text LANGUAGE sql
	RETURN (SELECT string_agg(format(call, ordered) || suffix || ' AS ' || name, ', ' ORDER BY name) FROM call);

-- ---- running a query under a plan -------------------------------------------------------

CREATE TABLE ran (name text, plan jsonb);

-- Make a table of a query's rows, and keep the plan with which it really ran.
CREATE FUNCTION run(name text, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE format('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) CREATE TABLE %I AS %s', name, query) INTO plan;
	INSERT INTO ran VALUES (name, plan::jsonb);
END $$;

-- Was there a node of the plan that fits?
CREATE FUNCTION ran_with(name text, condition text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN ok((SELECT jsonb_path_exists(plan, ('$.** ? (' || condition || ')')::jsonpath) FROM ran WHERE ran.name = ran_with.name),
			ran_with.name || ' ran with ' || condition);
END $$;

CREATE FUNCTION same(name text, other text DEFAULT 'sorted') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN is_empty(format('(TABLE %1$I EXCEPT ALL TABLE %2$I) UNION ALL (TABLE %2$I EXCEPT ALL TABLE %1$I) LIMIT 3', name, other),
		name || ': the answers of ' || other);
END $$;

-- How many rows a node gave, over all its loops.
CREATE FUNCTION rows_of(name text, node text) RETURNS numeric LANGUAGE sql
	RETURN (SELECT sum((n->>'Actual Rows')::numeric * (n->>'Actual Loops')::numeric)
		FROM ran, jsonb_path_query(plan, ('$.** ? (' || node || ')')::jsonpath) n WHERE ran.name = rows_of.name);

CREATE FUNCTION grouped(source text, ordered text DEFAULT '') RETURNS text LANGUAGE sql
	RETURN 'SELECT user_id, ' || calls(ordered) || ' FROM ' || source || ' GROUP BY user_id';

SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off;
SET LOCAL journey.enable_aggregate = off;

-- ---- one process: sorted, hash, hash that spills ----------------------------------------

SET LOCAL enable_hashagg = off;
SELECT run('sorted', grouped('event'));
SELECT ran_with('sorted', '@."Node Type" == "Aggregate" && @.Strategy == "Sorted" && @."Partial Mode" == "Simple"');
SELECT ok(bool_and(n > 1), 'every aggregate gives different answers: ' || string_agg(key, ', ' ORDER BY key))
FROM (SELECT key, count(DISTINCT value) AS n FROM sorted, jsonb_each(to_jsonb(sorted)) GROUP BY key) d;
RESET enable_hashagg;

SET LOCAL enable_sort = off;
SELECT run('hash', grouped('event'));
SELECT ran_with('hash', '@."Node Type" == "Aggregate" && @.Strategy == "Hashed" && @."HashAgg Batches" == 1');
SELECT same('hash');

SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT run('spilled', grouped('event'));
SELECT ran_with('spilled', '@."Node Type" == "Aggregate" && @.Strategy == "Hashed" && @."HashAgg Batches" > 4');
SELECT same('spilled');
SET LOCAL work_mem = '64MB';
RESET hash_mem_multiplier;
RESET enable_sort;

-- ---- rows brought together in groups, in memory and in files ------------------------------

SET LOCAL journey.enable_aggregate = on;
SELECT run('together', grouped('event'));
SELECT ran_with('together', '@."Custom Plan Provider" == "JourneyGroup" && !exists(@."Disk Usage")');
SELECT same('together');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT run('together_spilled', grouped('event'));
SELECT ran_with('together_spilled', '@."Custom Plan Provider" == "JourneyGroup" && @."Disk Usage" > 1000');
SELECT same('together_spilled');
SET LOCAL work_mem = '64MB';
RESET hash_mem_multiplier;
SET LOCAL journey.enable_aggregate = off;

-- ---- any input order --------------------------------------------------------------------

SELECT run('shuffled' || i, grouped('event', format('ORDER BY hashint8extended(tie, %s)', i))) FROM generate_series(1, 3) i;
SELECT same('shuffled' || i) FROM generate_series(1, 3) i;
SELECT run('by_time', grouped('event', 'ORDER BY at, tie'));
SELECT same('by_time');
SELECT run('by_time_backward', grouped('event', 'ORDER BY at DESC, tie'));
SELECT same('by_time_backward');

-- ---- parallel ---------------------------------------------------------------------------

SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;

SET LOCAL journey.enable_aggregate = on;
SELECT run('together_parallel', grouped('event'));
SELECT ran_with('together_parallel', '@."Custom Plan Provider" == "JourneyGroup" && @."Parallel Aware" == true && @."Actual Loops" > 1');
SELECT same('together_parallel');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SET LOCAL parallel_leader_participation = off;
SELECT run('together_parallel_spilled', grouped('event'));
SELECT ran_with('together_parallel_spilled', '@."Custom Plan Provider" == "JourneyGroup" && @."Parallel Aware" == true && @."Actual Loops" > 1');
SELECT same('together_parallel_spilled');
RESET parallel_leader_participation;
SET LOCAL work_mem = '64MB';
RESET hash_mem_multiplier;
SET LOCAL journey.enable_aggregate = off;

-- More rows from the workers than there are groups: so some states were combined.
CREATE FUNCTION ran_in_parallel(name text, strategy text, gather text, groups bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT ran_with(name, format('@."Node Type" == "Aggregate" && @."Partial Mode" == "Partial" && @.Strategy == "%s"', strategy));
	RETURN NEXT ran_with(name, format('@."Node Type" == "%s" && @."Workers Launched" > 0', gather));
	RETURN NEXT cmp_ok(rows_of(name, format('@."Node Type" == "%s"', gather)), '>', groups::numeric,
		name || ': more than one process saw some group');
END $$;

SET LOCAL enable_sort = off;
SELECT run('parallel_hash', grouped('event'));
SELECT ran_in_parallel('parallel_hash', 'Hashed', 'Gather', (SELECT count(*) FROM sorted));
SELECT same('parallel_hash');

SET LOCAL parallel_leader_participation = off;
SELECT run('workers_only_hash', grouped('event'));
SELECT ran_in_parallel('workers_only_hash', 'Hashed', 'Gather', (SELECT count(*) FROM sorted));
SELECT same('workers_only_hash');

-- The planner shuns spilling twice for what it costs: make the disk free.
SET LOCAL seq_page_cost = 0;
SET LOCAL random_page_cost = 0;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT run('parallel_spilled', grouped('event'));
SELECT ran_in_parallel('parallel_spilled', 'Hashed', 'Gather', (SELECT count(*) FROM sorted));
SELECT ran_with('parallel_spilled', '@."Node Type" == "Aggregate" && @."Partial Mode" == "Finalize" && @."HashAgg Batches" > 1');
SELECT same('parallel_spilled');
RESET seq_page_cost;
RESET random_page_cost;
SET LOCAL work_mem = '64MB';
RESET hash_mem_multiplier;
RESET enable_sort;

SET LOCAL enable_hashagg = off;
SELECT run('workers_only_sorted', grouped('event'));
SELECT ran_in_parallel('workers_only_sorted', 'Sorted', 'Gather Merge', (SELECT count(*) FROM sorted));
SELECT same('workers_only_sorted');

SET LOCAL parallel_leader_participation = on;
SELECT run('parallel_sorted', grouped('event'));
SELECT ran_in_parallel('parallel_sorted', 'Sorted', 'Gather Merge', (SELECT count(*) FROM sorted));
SELECT same('parallel_sorted');
RESET enable_hashagg;

-- All rows as one user.
SELECT run('parallel_plain', 'SELECT ' || calls() || ' FROM event');
SELECT ran_in_parallel('parallel_plain', 'Plain', 'Gather', 1);
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT run('plain', 'SELECT ' || calls() || ' FROM event');
SELECT ran_with('plain', '@."Node Type" == "Aggregate" && @.Strategy == "Plain" && @."Partial Mode" == "Simple"');
SELECT same('parallel_plain', 'plain');

-- ---- partitions -------------------------------------------------------------------------

SELECT run('regions', 'SELECT region, ' || calls() || ' FROM event GROUP BY region');
SET LOCAL enable_partitionwise_aggregate = on;
SELECT run('per_partition', grouped('by_user'));
SELECT ran_with('per_partition', '@."Node Type" == "Append" && @.Plans[*]."Node Type" == "Aggregate" && @.Plans[*]."Partial Mode" == "Simple"');
SELECT same('per_partition');

-- Partial groups pay when rows are dear to pass on.
SET LOCAL cpu_tuple_cost = 1;
SET LOCAL enable_sort = off;
SELECT run('across_partitions', grouped('by_tie'));
SELECT ran_with('across_partitions', '@."Node Type" == "Append" && @.Plans[*]."Partial Mode" == "Partial" && @.Plans[*].Strategy == "Hashed"');
SELECT same('across_partitions');
SET LOCAL enable_sort = on;

SET LOCAL enable_hashagg = off;
SELECT run('across_partitions_sorted', grouped('by_tie'));
SELECT ran_with('across_partitions_sorted', '@.Plans[*]."Partial Mode" == "Partial" && @.Plans[*].Strategy == "Sorted"');
SELECT same('across_partitions_sorted');
SET LOCAL enable_hashagg = on;

SELECT run('across_partitions_plain', 'SELECT ' || calls() || ' FROM by_tie');
SELECT ran_with('across_partitions_plain', '@."Node Type" == "Append" && @.Plans[*]."Partial Mode" == "Partial" && @.Plans[*].Strategy == "Plain"');
SELECT same('across_partitions_plain', 'plain');

SET LOCAL max_parallel_workers_per_gather = 4;
SELECT run('parallel_across_partitions', 'SELECT region, ' || calls() || ' FROM by_tie GROUP BY region');
SELECT ran_with('parallel_across_partitions', '@."Partial Mode" == "Finalize"');
SELECT ran_with('parallel_across_partitions', '@."Node Type" starts with "Gather" && @."Workers Launched" > 0');
SELECT ran_with('parallel_across_partitions', '@."Node Type" == "Append" && @.Plans[*]."Partial Mode" == "Partial"');
SELECT same('parallel_across_partitions', 'regions');
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_partitionwise_aggregate = off;
RESET cpu_tuple_cost;

-- ---- grouping sets ----------------------------------------------------------------------

SELECT run('separate', 'SELECT NULL::int AS region, * FROM sorted UNION ALL
	SELECT region, NULL, ' || (SELECT string_agg(name, ', ' ORDER BY name) FROM call) || ' FROM regions UNION ALL
	SELECT NULL, NULL, * FROM plain');

SELECT run('grouping_sets', 'SELECT region, user_id, ' || calls() || ' FROM event GROUP BY GROUPING SETS ((user_id), (region), ())');
SELECT ran_with('grouping_sets', '@.Strategy == "Mixed"');
SELECT same('grouping_sets', 'separate');
SET LOCAL enable_hashagg = off;
SELECT run('grouping_sets_sorted', 'SELECT region, user_id, ' || calls() || ' FROM event GROUP BY GROUPING SETS ((user_id), (region), ())');
SELECT ran_with('grouping_sets_sorted', '@.Strategy == "Sorted" && exists (@."Grouping Sets")');
SELECT same('grouping_sets_sorted', 'separate');
SELECT run('rollup', 'SELECT region, user_id, ' || calls() || ' FROM event GROUP BY ROLLUP (region, user_id)');
SELECT ran_with('rollup', '@.Strategy == "Sorted" && exists (@."Grouping Sets")');
SELECT run('rollup_separate', 'SELECT user_id % 5 AS region, * FROM sorted UNION ALL
	SELECT region, NULL, ' || (SELECT string_agg(name, ', ' ORDER BY name) FROM call) || ' FROM regions UNION ALL
	SELECT NULL, NULL, * FROM plain');
SELECT same('rollup', 'rollup_separate');
SET LOCAL enable_hashagg = on;

-- ---- window aggregates ------------------------------------------------------------------

CREATE TABLE few AS SELECT * FROM event WHERE user_id <= 300;
SELECT run('few_grouped', 'SELECT f.user_id, f.tie, ' || (SELECT string_agg('s.' || name, ', ' ORDER BY name) FROM call)
	|| ' FROM few f JOIN sorted s USING (user_id)');
SELECT run('few_prefixes', 'SELECT f.user_id, f.tie, a.* FROM few f, LATERAL (SELECT ' || calls() || '
	FROM few p WHERE p.user_id = f.user_id AND p.tie <= f.tie) a');
SELECT run('few_sliding', 'SELECT f.user_id, f.tie, a.* FROM few f, LATERAL (SELECT ' || calls() || '
	FROM (SELECT * FROM few p WHERE p.user_id = f.user_id AND p.tie <= f.tie ORDER BY p.tie DESC LIMIT 4) p) a');

SELECT run('window_whole', 'SELECT user_id, tie, ' || calls(suffix => ' OVER (PARTITION BY user_id)') || ' FROM few');
SELECT ran_with('window_whole', '@."Node Type" == "WindowAgg"');
SELECT same('window_whole', 'few_grouped');
SELECT run('window_running', 'SELECT user_id, tie, ' || calls(suffix => ' OVER (PARTITION BY user_id ORDER BY tie ROWS UNBOUNDED PRECEDING)') || ' FROM few');
SELECT same('window_running', 'few_prefixes');
SELECT run('window_sliding', 'SELECT user_id, tie, ' || calls(suffix => ' OVER (PARTITION BY user_id ORDER BY tie ROWS 3 PRECEDING)') || ' FROM few');
SELECT same('window_sliding', 'few_sliding');
SELECT run('window_after', 'SELECT user_id, tie, ' || calls(suffix => ' OVER (PARTITION BY user_id ORDER BY tie ROWS BETWEEN 3 FOLLOWING AND UNBOUNDED FOLLOWING)') || ' FROM few');
SELECT run('few_after', 'SELECT f.user_id, f.tie, a.* FROM few f, LATERAL (SELECT ' || calls() || '
	FROM (SELECT * FROM few p WHERE p.user_id = f.user_id AND p.tie > f.tie ORDER BY p.tie OFFSET 2) p) a');
SELECT same('window_after', 'few_after');
-- Two windows, one of them the answer of the other's aggregate.
SELECT is_empty($$
	SELECT FROM (SELECT user_id, max(level) OVER (PARTITION BY user_id) AS deepest, whole FROM (
		SELECT user_id, window_funnel(at, step, '12 s') OVER (PARTITION BY user_id ORDER BY tie) AS level,
			window_funnel(at, step, '12 s') OVER (PARTITION BY user_id) AS whole FROM few) r) d
	WHERE deepest <> whole $$, 'a running level ends at the level of the whole');

-- ---- inside the call, and around it -----------------------------------------------------

SELECT run('filtered', 'SELECT user_id, ' || calls(suffix => ' FILTER (WHERE tie % 3 = 0)') || ' FROM event GROUP BY user_id');
SELECT run('where', 'SELECT u.user_id, a.* FROM (SELECT DISTINCT user_id FROM event) u, LATERAL (SELECT ' || calls() || '
	FROM (SELECT e.* FROM event e WHERE e.user_id = u.user_id AND e.tie % 3 = 0 OFFSET 0) e) a WHERE u.user_id <= 200');
SELECT run('filtered_few', 'SELECT * FROM filtered WHERE user_id <= 200');
SELECT same('filtered_few', 'where');

SELECT is_empty($$
	SELECT user_id FROM event GROUP BY user_id
	HAVING window_funnel(at, step, '12 s') <> coalesce(cardinality(window_funnel_times(at, step, '12 s')), 0) $$,
	'aggregates that share one state, in HAVING');
-- A repeated row changes neither a funnel nor retention.
SELECT is_empty($$
	SELECT user_id, window_funnel(at, step, '12 s'), retention(step) FROM event GROUP BY user_id
	EXCEPT SELECT user_id, window_funnel(at, step, '12 s'), retention(step)
	FROM (TABLE event UNION ALL TABLE event) e GROUP BY user_id $$, 'repeated rows');
SELECT is((SELECT retention(DISTINCT step) FROM event), (SELECT retained FROM plain), 'DISTINCT inside the call');
SELECT is((SELECT retention(step) FROM (SELECT DISTINCT step FROM event) d), (SELECT retained FROM plain), 'DISTINCT before it works');

-- ---- no rows ----------------------------------------------------------------------------

SELECT run('nothing', 'SELECT ' || calls() || ' FROM event WHERE false');
SELECT run('nulls', 'SELECT ' || calls() || ' FROM (SELECT NULL::timestamptz AS at, NULL::stepset AS step, NULL::text AS value, NULL::boolean AS base
	FROM generate_series(1, 3)) n');
SELECT is((SELECT jsonb_object_agg(key, value) FROM nothing, jsonb_each(to_jsonb(nothing))),
	(SELECT jsonb_object_agg(name, CASE WHEN name ~ 'funnel|count|progress' THEN to_jsonb(0) WHEN name ~ 'matches' THEN to_jsonb(false) ELSE 'null' END) FROM call),
	'no rows: 0, false or NULL');
SELECT same('nulls', 'nothing');
SELECT run('filtered_away', 'SELECT ' || calls(suffix => ' FILTER (WHERE tie < 0)') || ' FROM event');
SELECT same('filtered_away', 'nothing');
SELECT is_empty('SELECT user_id, ' || calls() || ' FROM event WHERE false GROUP BY user_id', 'no rows, no groups');
SELECT is_empty('SELECT ' || calls(suffix => ' OVER (PARTITION BY user_id)') || ' FROM event WHERE false', 'no rows, no windows');
SELECT run('empty_frames', 'SELECT DISTINCT ' || calls(suffix => ' OVER (ORDER BY tie ROWS BETWEEN 2 PRECEDING AND 5 PRECEDING)') || ' FROM few');
SELECT same('empty_frames', 'nothing');
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT run('parallel_nothing', 'SELECT ' || calls() || ' FROM event WHERE tie * 0 < 0');
SELECT ran_with('parallel_nothing', '@."Partial Mode" == "Partial"');
SELECT same('parallel_nothing', 'nothing');

-- ---- the bytes between processes --------------------------------------------------------

-- The states as bytes, by aggregates whose final function is the serial function; then back
-- through a parallel plan, above. Their size is the documented few bytes an event.
CREATE AGGREGATE funnel_bytes(timestamptz, stepset, interval) (
	SFUNC = journey_internal.window_funnel_transition, STYPE = internal, FINALFUNC = journey_internal.window_funnel_serialize);
SELECT cmp_ok(octet_length(funnel_bytes(moment(i * 86400), '0100000', '1 h')), '<', 7100, 'a daily event takes seven bytes')
FROM generate_series(1, 1000) i;

SELECT * FROM finish();
ROLLBACK;
