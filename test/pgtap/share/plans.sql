-- Processes share the users whatever plan hands them the rows: scans of partitions, joins,
-- UNION ALL. The answers are those of one table that holds the same rows.
\ir ../setup.psql
SELECT plan(50);

-- 40,000 events of 3,000 users in no order of user or time; many equal times, some NULLs.
CREATE TABLE one (user_id int, at timestamptz, step stepset, node text, tie int);
INSERT INTO one
SELECT 1 + rnd(i, 1, 3000), CASE WHEN rnd(i, 2, 50) > 0 THEN moment(rnd(i, 3, 900)) END,
	((rnd(i, 4, 16) & rnd(i, 5, 16))::bit(4)::text)::stepset, (ARRAY['home', 'fund', '贷款', 'card', NULL])[1 + rnd(i, 6, 5)], i
FROM generate_series(1, 40000) i;
ANALYZE one;

-- partitions: several levels, an empty one, a default one, one of other columns in another order
CREATE TABLE parted (LIKE one) PARTITION BY RANGE (tie);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES FROM (MINVALUE) TO (10000);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (10000) TO (25000) PARTITION BY HASH (user_id);
CREATE TABLE parted_1_0 PARTITION OF parted_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1_1 PARTITION OF parted_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE parted_2 (gone text, tie int, node text, also_gone int, step stepset, at timestamptz, user_id int);
ALTER TABLE parted_2 DROP COLUMN gone, DROP COLUMN also_gone;
ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES FROM (25000) TO (32000);
CREATE TABLE parted_3 PARTITION OF parted FOR VALUES FROM (50000) TO (60000);
CREATE TABLE parted_4 PARTITION OF parted DEFAULT;
INSERT INTO parted TABLE one;
ANALYZE parted;

CREATE TABLE parent (LIKE one);
CREATE TABLE child_1 () INHERITS (parent);
CREATE TABLE child_2 (more text) INHERITS (parent);
INSERT INTO parent SELECT * FROM one WHERE tie % 3 = 0;
INSERT INTO child_1 SELECT * FROM one WHERE tie % 3 = 1;
INSERT INTO child_2 SELECT * FROM one WHERE tie % 3 = 2;
ANALYZE parent, child_1, child_2;

-- Aggregates that share users between processes, one that does not, and PostgreSQL's own.
CREATE TABLE asked (n int, call text);
INSERT INTO asked SELECT row_number() OVER (), call FROM unnest(ARRAY[
	'funnel(user_id, at, step, ''20 s'')',
	'funnel(user_id, at, tie::bigint, step, ''20 s'', ''strict_order'')',
	'funnel_breakdown(user_id, at, step, ''20 s'', node, 1)',
	'cohort_retention(user_id, at, step >= ''1000''::stepset, true, ''hour'', 5)',
	'lifecycle(user_id, at, ''hour'')',
	'intervals(user_id, at, left(step::text, 2)::stepset)',
	'sessions(user_id, at, node, ''10 s'')',
	'transitions(user_id, at, node, ''10 s'')',
	'path_flow(user_id, at, node, ''10 s'', 4)',
	'userset_agg(user_id)',
	'numset_agg(user_id, tie)',
	'sum(tie) FILTER (WHERE node = ''fund'')', 'count(*)']) AS call;
CREATE FUNCTION answers(relation text, condition text DEFAULT 'true') RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	result text[];
BEGIN
	EXECUTE format('SELECT ARRAY[%s] FROM %s WHERE %s', (SELECT string_agg(call || '::text', ', ' ORDER BY n) FROM asked), relation, condition) INTO result;
	RETURN result;
END $$;
-- The plan that really ran, with workers.
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		lines := concat(lines, line, E'\n');
	END LOOP;
	RETURN lines;
END $$;

SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL journey.enable_scan = off;
CREATE TABLE expected AS SELECT condition, answers('one', condition) AS a FROM unnest(ARRAY['true', 'tie < 9000', 'user_id < 40', 'tie = 31000', 'tie < 0']) AS condition;
SELECT is(count(DISTINCT a)::int, 5, 'the conditions give different answers') FROM expected;
SET LOCAL journey.enable_scan = on;

SELECT is(answers(relation, condition), a, format('%s where %s, no workers', relation, condition)) FROM expected, unnest(ARRAY['parted', 'parent']) AS relation;

SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT matches(plan_of('SELECT transitions(user_id, at, node) FROM parted'), 'JourneyShare.*Processes Sharing Users: [1-9].*JourneyScan', 'processes share the users of all partitions');
SELECT matches(plan_of('SELECT transitions(user_id, at, node) FROM parent'), 'JourneyShare.*Processes Sharing Users: [1-9].*JourneyScan', 'and of an inheritance tree');
SELECT matches(plan_of('SELECT transitions(user_id, at, node) FROM parted WHERE tie < 5000'), 'JourneyShare[^>]*Processes Sharing Users: [1-9][^>]*-> *Parallel Custom Scan .JourneyScan. on parted_0', 'and of the only partition left');
SELECT is(answers(relation, condition), a, format('%s where %s, two workers', relation, condition)) FROM expected, unnest(ARRAY['parted', 'parent']) AS relation;

SET LOCAL work_mem = '64kB';
SELECT is(answers('parted'), a, 'little memory') FROM expected WHERE condition = 'true';
RESET work_mem;
SET LOCAL enable_parallel_append = off;
SELECT alike(plan_of('SELECT transitions(user_id, at, node) FROM parted'), '%JourneyShare%', 'without PostgreSQL''s parallel append, too');
SELECT is(answers('parted'), a, 'the same') FROM expected WHERE condition = 'true';
SET LOCAL enable_parallel_append = on;
SET LOCAL parallel_leader_participation = off;
SELECT is(answers('parted'), a, 'a leader that takes no part') FROM expected WHERE condition = 'true';
SET LOCAL parallel_leader_participation = on;

-- an aggregate of its own for each partition: users are not shared, as they are in several
SET LOCAL enable_partitionwise_aggregate = on;
SELECT matches(plan_of('SELECT funnel(user_id, at, step, ''20 s'') FROM parted'), 'Append.*Partial Aggregate.*JourneyScan', 'partial aggregates of partitions');
SELECT unalike(plan_of('SELECT funnel(user_id, at, step, ''20 s'') FROM parted'), '%Sharing%', 'share nothing');
SELECT is(answers('parted'), a, 'the same') FROM expected WHERE condition = 'true';
SET LOCAL enable_partitionwise_aggregate = off;

-- some of the scans may not feed: a volatile condition; none of them is left: an index is better
SELECT is((SELECT funnel(user_id, at, step, '20 s')::text FROM parted WHERE random() >= 0), (SELECT a[1] FROM expected WHERE condition = 'true'), 'a volatile condition');
CREATE INDEX ON parted_0 (tie); CREATE INDEX ON parted_4 (tie);
SET LOCAL enable_seqscan = off;
SELECT is(answers('parted', 'tie < 9000'), a, 'an index') FROM expected WHERE condition = 'tie < 9000';
SET LOCAL enable_seqscan = on;

-- joins, and several tables as one
SET LOCAL journey.enable_scan = off;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE tier AS SELECT u AS user_id, rnd(u, 9, 3) AS tier FROM generate_series(1, 3000) AS u WHERE u % 7 > 0;
ANALYZE tier;
CREATE VIEW all_events AS SELECT * FROM one UNION ALL SELECT user_id, at + interval '1 s', step, node, tie FROM parted;
CREATE TABLE shape (what text, source text, plan text, a text[]);
INSERT INTO shape SELECT what, source, plan, answers(source) FROM (VALUES
	('a hash join', 'one JOIN tier USING (user_id)', 'JourneyShare.*Hash Join'),
	('a join with partitions', 'parted JOIN tier USING (user_id)', 'JourneyShare.*Join.*parted_0'),
	('an outer join', '(SELECT o.*, t.tier FROM one AS o LEFT JOIN tier AS t ON t.user_id = o.user_id AND t.tier > 0) AS j', 'JourneyShare.*Join'),
	('UNION ALL', 'all_events', 'JourneyShare.*JourneyScan. on one.*JourneyScan. on parted_0')) AS s (what, source, plan);
SET LOCAL journey.enable_scan = on;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT matches(plan_of('SELECT transitions(user_id, at, node) FROM ' || source), plan, what || ': the plan') FROM shape;
SELECT is(answers(source), a, what) FROM shape;

-- a join in batches, which the processes go through one by one and wait in, too
CREATE TABLE many AS SELECT user_id FROM tier UNION ALL SELECT u FROM generate_series(3001, 40000) AS u;
ANALYZE many;
SET LOCAL work_mem = '64kB'; SET LOCAL hash_mem_multiplier = 1; SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off;
SELECT matches(plan_of('SELECT transitions(user_id, at, node) FROM one JOIN many USING (user_id)'), 'JourneyShare.*Parallel Hash Join.*Batches: ([2-9]|\d\d)', 'a join in batches: the plan');
SELECT is(answers('one JOIN many USING (user_id)'), a, 'a join in batches') FROM shape WHERE what = 'a hash join';
RESET work_mem; RESET hash_mem_multiplier; RESET enable_mergejoin; RESET enable_nestloop;

-- once more: other parameters, a cursor, an error in the middle
CREATE TABLE several AS SELECT x FROM generate_series(0, 2) AS x;
ANALYZE several;
CREATE FUNCTION lateral_query(relation text) RETURNS text LANGUAGE sql
	RETURN format('SELECT x, t FROM several, LATERAL (SELECT transitions(user_id, at, node)::text AS t FROM %s WHERE tie %% 3 = x OR x = 7) AS l', relation);
SELECT results_eq(lateral_query('parted') || ' ORDER BY x', lateral_query('one') || ' ORDER BY x', 'once for each row of another table');
PREPARE bound (int) AS SELECT transitions(user_id, at, node)::text AS t FROM parted WHERE tie < $1;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT results_eq('EXECUTE bound (20000)', 'SELECT transitions(user_id, at, node)::text FROM one WHERE tie < 20000', 'a generic plan');
SELECT alike(plan_of('EXECUTE bound (5000)'), '%JourneyShare%Subplans Removed: %', 'partitions are left out when it runs');
SELECT results_eq('EXECUTE bound (-1)', 'SELECT NULL::text', 'whose parameter leaves no row');
SELECT throws_ok('SELECT transitions(user_id, at, node), sum(1 / (tie - 39999)) FROM parted', '22012', NULL, 'an error in one partition');
SELECT is(answers('parted'), a, 'and once more') FROM expected WHERE condition = 'true';

-- each role sees its rows
CREATE ROLE journey_partition_reader;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_partition_reader;
GRANT SELECT ON parted TO journey_partition_reader;
ALTER TABLE parted ENABLE ROW LEVEL SECURITY;
CREATE POLICY odd ON parted USING (user_id % 2 = 1);
SELECT transitions(user_id, at, node)::text AS odd FROM one WHERE user_id % 2 = 1 \gset
SET LOCAL ROLE journey_partition_reader;
SELECT is((SELECT transitions(user_id, at, node)::text FROM parted), :'odd', 'row security of the parent holds for all partitions');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
