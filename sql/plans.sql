-- The plans that DBAs expect: partial aggregates in parallel workers.
SET search_path = journey, public;

CREATE TABLE log AS
SELECT i % 100 AS user_id, timestamptz '2026-01-01' + i * interval '1 minute' AS at,
       (ARRAY['a', 'b', 'c'])[1 + i % 3] AS event
FROM generate_series(1, 10000) AS i;
ANALYZE log;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;

EXPLAIN (COSTS OFF)
SELECT user_id, window_funnel(at, step_of(event, ARRAY['a', 'b', 'c']), '1 day')
FROM log GROUP BY user_id;
EXPLAIN (COSTS OFF)
SELECT sequence_match(at, steps(event = 'a', event = 'b'), '(?1)(?2)'), retention(steps(event = 'a', event = 'b')),
       sequence_next_node(at, steps(event = 'a'), event, true, 'forward', 'first_match')
FROM log;

SELECT level, count(*) FROM (
    SELECT window_funnel(at, step_of(event, ARRAY['a', 'b', 'c']), '1 day') AS level
    FROM log GROUP BY user_id) AS users GROUP BY level ORDER BY level;
SET max_parallel_workers_per_gather = 0;
SELECT level, count(*) FROM (
    SELECT window_funnel(at, step_of(event, ARRAY['a', 'b', 'c']), '1 day') AS level
    FROM log GROUP BY user_id) AS users GROUP BY level ORDER BY level;

-- funnel() on a large table is parallel without being asked
RESET ALL;
SET search_path = journey, public;
CREATE TABLE large AS
SELECT i % 5000 AS user_id, timestamptz '2026-01-01' + i * interval '1 second' AS at,
       (ARRAY['a', 'b', 'c'])[1 + i % 3] AS event, repeat('x', 40) AS filler
FROM generate_series(1, 300000) AS i;
ALTER TABLE large SET (parallel_workers = 2);
ANALYZE large;
EXPLAIN (COSTS OFF)
SELECT funnel(user_id, at, step_of(event, ARRAY['a', 'b', 'c']), '7 days') FROM large;
SELECT step, users
FROM funnel_steps((SELECT funnel(user_id, at, step_of(event, ARRAY['a', 'b', 'c']), '7 days') FROM large));
SELECT level, count(*) FROM (
    SELECT window_funnel(at, step_of(event, ARRAY['a', 'b', 'c']), '7 days') AS level
    FROM large GROUP BY user_id) AS users GROUP BY level ORDER BY level;
-- our table scan serves the first query of a session already, which loads the library
\c -
SET search_path = journey, public;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF) SELECT transitions(user_id, at, event) FROM large WHERE event <> 'd';
\c -
SET search_path = journey, public;
EXPLAIN (COSTS OFF) SELECT transitions(user_id, at, event || '?'), count(*) FROM large;
\c -
SET search_path = journey, public;
SELECT source, target, count, users FROM transition_links((SELECT transitions(user_id, at, event) FROM large));
DROP TABLE large;

-- every function and aggregate of the extension has a comment, and is parallel safe, unless it changes something
SELECT p.oid::regprocedure FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_journey'
WHERE obj_description(p.oid, 'pg_proc') IS NULL
	-- and catches no error, for which there can be no subtransaction in a parallel plan
	OR (p.proparallel <> 's' AND p.provolatile <> 'v' AND p.prosrc !~ 'EXCEPTION WHEN'
		AND p.prosrc !~ '^journey_(short_context|session_rows|member_rows|component_rows)$|EXECUTE format|journey(_internal)?\.(rule_\w+|compile_\w+|check_\w+|\w+_query|tag_events|lifecycle_rule)\(')
	OR (p.proparallel = 's' AND p.prosrc ~ '^\s*EXCEPTION WHEN|\n\s*EXCEPTION WHEN');
-- a function whose errors are short is as the one that it calls
SELECT p.oid::regprocedure FROM pg_proc p LEFT JOIN pg_proc d
	ON d.proname = 'do_' || p.proname AND d.pronamespace = p.pronamespace AND d.proargtypes::text = p.proargtypes::text AND (d.prorettype, d.provolatile, d.proparallel, d.proisstrict, d.proretset) = (p.prorettype, p.provolatile, p.proparallel, p.proisstrict, p.proretset)
WHERE p.prosrc = 'journey_short_context' AND d.oid IS NULL;
-- everything else in it has a comment, too (but the types of arrays and tables, which are in it from 17 on)
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'pg_journey'
WHERE d.deptype = 'e' AND obj_description(d.objid, d.classid::regclass::text) IS NULL
	AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
		WHERE t.oid = d.objid AND (t.typcategory = 'A' OR c.relkind <> 'c')));
-- as have the columns of views and of the rows that functions give
SELECT c.oid::regclass, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'journey'::regnamespace AND c.relkind IN ('v', 'c') AND a.attnum > 0
	AND col_description(c.oid, a.attnum) IS NULL;
-- the install script must do in databases of every encoding, so it is in ASCII
SELECT p.oid::regprocedure FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_journey'
WHERE concat(p.prosrc, obj_description(p.oid, 'pg_proc')) ~ '[^\x01-\x7f]';

DROP TABLE log;
