-- The table scan under population aggregates: whatever the table and the conditions,
-- it must give what PostgreSQL's own sequential scan gives.
\ir setup.psql

SELECT plan(82);

SET LOCAL max_parallel_workers_per_gather = 0;

-- A table with all that rows can be: NULLs, dropped and added columns, long and short
-- values, columns before and after values of varying length, dead rows.
CREATE TABLE log (gone1 text, user_id bigint, flag boolean, at timestamptz, note text,
                  gone2 int, event text, amount numeric, small smallint, name name,
                  mark "char", price float8, day date);
ALTER TABLE log ALTER note SET STORAGE EXTERNAL;
INSERT INTO log
SELECT repeat('x', rnd(i, 1, 9)),
       nullif(rnd(i, 2, 40), 39),
       CASE rnd(i, 3, 3) WHEN 0 THEN true WHEN 1 THEN false END,
       CASE WHEN rnd(i, 4, 30) > 0 THEN moment(rnd(i, 5, 5000)) END,
       CASE rnd(i, 6, 40) WHEN 0 THEN repeat('long ', 2000) WHEN 1 THEN repeat('y', 200)
                          WHEN 2 THEN '' WHEN 3 THEN NULL ELSE repeat('n', rnd(i, 7, 20)) END,
       i,
       CASE WHEN rnd(i, 8, 20) > 0 THEN chr(97 + rnd(i, 9, 5)) END,
       nullif(rnd(i, 10, 1000), 0) / 7.0, rnd(i, 11, 100), 'n' || rnd(i, 12, 5), 'm',
       nullif(rnd(i, 13, 50), 0), date '2024-01-01' + rnd(i, 14, 9)
FROM generate_series(1, 6000) AS i;
ALTER TABLE log DROP gone1, DROP gone2;
ALTER TABLE log ADD channel text, ADD level int DEFAULT 7;
INSERT INTO log (user_id, at, event, channel, level)
SELECT rnd(i, 21, 40), moment(rnd(i, 22, 5000)), chr(97 + rnd(i, 23, 5)),
       CASE WHEN rnd(i, 24, 5) > 0 THEN 'c' || rnd(i, 25, 4) END, rnd(i, 26, 9)
FROM generate_series(1, 2000) AS i;
DELETE FROM log WHERE small % 10 = 3;
UPDATE log SET event = 'c' WHERE small % 10 = 4;
ANALYZE log;

-- The plan of a query, a line per node.
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        result := result || line || E'\n';
    END LOOP;
    RETURN result;
END $$;

-- Do both scans give the same, and is ours used? `what` goes after FROM.
CREATE FUNCTION same(what text, aggregate text DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    query text := 'SELECT ' || coalesce(aggregate, $q$funnel(user_id, at, step_of(event, '{a,b,c}'), '30 minutes')$q$)
                  || '::text FROM ' || what;
    ours text;
    theirs text;
BEGIN
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN NEXT ok(plan_of(query) LIKE '%JourneyScan%', 'planned: ' || query);
    EXECUTE query INTO ours;
    PERFORM set_config('journey.enable_scan', 'off', true);
    EXECUTE query INTO theirs;
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN NEXT is(ours, theirs, 'same: ' || query);
END $$;

SELECT same('log');
SELECT same('log WHERE event IN (''a'', ''b'', ''c'')');
SELECT same('log WHERE event = ANY (ARRAY[''a'', NULL, ''c'']) OR event IS NULL');
SELECT same('log WHERE NOT (event = ANY (ARRAY[''a'', NULL]))');
SELECT same('log WHERE event = ANY (''{}''::text[]) OR small > 50');
SELECT same('log WHERE flag AND price > 10 AND amount < 100 AND name <> ''n3''');
SELECT same('log WHERE (flag OR price > 25) IS NOT TRUE AND NOT (small < 20)');
SELECT same('log WHERE flag IS NULL AND note IS NOT NULL AND mark = ''m''');
SELECT same('log WHERE length(note) > 15 AND upper(note) LIKE ''%N%''');
SELECT same('log WHERE channel = ''c1'' OR level = 7');
SELECT same('log WHERE at BETWEEN ''2024-01-01 00:10+00'' AND ''2024-01-01 01:00+00'' AND day > ''2024-01-03''');
SELECT same('log WHERE CASE WHEN flag THEN small > 3 ELSE price > 3 END AND coalesce(small, 1) <> 5');
SELECT same('log WHERE tableoid = ''log''::regclass AND (log).small > 5 AND ctid IS NOT NULL');
SELECT same('log WHERE user_id = ANY (ARRAY(SELECT small FROM log AS l WHERE small < 30)) AND (SELECT count(*) FROM log AS l WHERE l.day = log.day) > 0');
SELECT same('log WHERE random() >= 0 AND false IS NOT NULL');
SELECT same('log WHERE now() > ''2000-01-01''');
SELECT same('log WHERE now() < ''2000-01-01''');
SELECT same('log', $q$funnel(user_id, at, steps(event = 'a', flag, amount > 20 OR NULL, note = 'nnn'), '1 hour', 'any_order')$q$);
SELECT same('log', $q$funnel(name || '-' || user_id, at + interval '1 day', step_of(event, '{a,b}'), '1 hour')$q$);
SELECT same('log', $q$funnel_by(user_id, at, step_of(event, '{a,b}'), '1 hour', channel, 1)$q$);
SELECT same('log', $q$funnel_trend(user_id, at, step_of(event, '{a,b}'), '1 hour', 'hour', 'UTC')$q$);
SELECT same('log', $q$funnel_holding(user_id, at, step_of(event, '{a,b}'), '1 hour', note)$q$);
SELECT same('log WHERE user_id = 7 AND at IS NOT NULL', $q$window_funnel_times(at, step_of(event, '{a,b,c}'), '1 hour')$q$);
-- more than one aggregate, or one that needs more than the rows: row by row
SELECT same('log', $q$(funnel(user_id, at, step_of(event, '{a,b}'), '1 hour'), count(*), sum(amount))$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FILTER (WHERE small > 30)$q$);
SELECT same('log', $q$funnel(DISTINCT user_id, at, step_of(event, '{a,b}'), '1 hour')$q$);
SELECT same('log', $q$funnel(user_id, at, step_of(event, '{a,b}'), '1 hour' ORDER BY at DESC)$q$);

-- Where it is not for: groups, joins, views of other things.
SELECT unalike(plan_of($q$SELECT channel, funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log GROUP BY 1$q$),
               '%JourneyScan%', 'not under GROUP BY');
SELECT unalike(plan_of($q$SELECT funnel(l.user_id, l.at, step_of(l.event, '{a,b}'), '1 hour') FROM log AS l JOIN log AS m USING (user_id)$q$),
               '%JourneyScan%', 'not under a join');
SELECT unalike(plan_of('SELECT count(*), max(at) FROM log'), '%JourneyScan%', 'not for other aggregates');
SET LOCAL journey.enable_scan = off;
SELECT unalike(plan_of($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$),
               '%JourneyScan%', 'not when it is switched off');
SET LOCAL journey.enable_scan = on;

-- An empty table, and one of whose rows none counts.
CREATE TABLE empty (LIKE log);
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a}'), '1 hour')::text FROM empty), NULL, 'an empty table');
INSERT INTO empty (event) SELECT 'a' FROM generate_series(1, 1000);
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a}'), '1 hour')::text FROM empty), NULL, 'only NULLs');

-- Once for each row of an outer query: the scan begins anew.
CREATE FUNCTION per_user() RETURNS TABLE (u int, result text) LANGUAGE sql AS $$
    SELECT u, (SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour')::text
               FROM log WHERE user_id = u)
    FROM generate_series(-1, 30) AS u
$$;
CREATE TEMPORARY TABLE ours AS SELECT * FROM per_user();
SET LOCAL journey.enable_scan = off;
SELECT results_eq('SELECT * FROM ours', 'SELECT * FROM per_user()', 'a subquery run for each row');
SET LOCAL journey.enable_scan = on;

-- Partitions: some scanned by us, some by an index.
CREATE TABLE parts (user_id bigint, at timestamptz, event text) PARTITION BY RANGE (user_id);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts2 (event text, extra int, at timestamptz, user_id bigint);
ALTER TABLE parts2 DROP extra;
ALTER TABLE parts ATTACH PARTITION parts2 FOR VALUES FROM (10) TO (20);
CREATE TABLE parts3 PARTITION OF parts FOR VALUES FROM (20) TO (100);
CREATE TABLE parts4 PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT user_id, at, event FROM log;
CREATE INDEX ON parts3 (at);
ANALYZE parts;
SELECT same('parts');
SELECT same('parts WHERE at > ''2024-01-01 01:20+00''');
SELECT same('(SELECT user_id, at, event FROM log UNION ALL SELECT user_id, at, event FROM parts1) AS both_tables');

-- Prepared statements, with and without a generic plan.
PREPARE asked(text, timestamptz) AS
    SELECT funnel(user_id, at, step_of(event, ARRAY[$1, 'b']), '1 hour')::text FROM log WHERE at < $2;
SET LOCAL plan_cache_mode = force_generic_plan;
CREATE TEMPORARY TABLE asked1 AS EXECUTE asked('a', '2024-01-01 01:00+00');
CREATE TEMPORARY TABLE asked2 AS EXECUTE asked('c', '2024-01-01 02:00+00');
RESET plan_cache_mode;
SET LOCAL journey.enable_scan = off;
SELECT is((SELECT * FROM asked1), (SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour')::text
                                   FROM log WHERE at < '2024-01-01 01:00+00'), 'generic plan, first');
SELECT is((SELECT * FROM asked2), (SELECT funnel(user_id, at, step_of(event, '{c,b}'), '1 hour')::text
                                   FROM log WHERE at < '2024-01-01 02:00+00'), 'generic plan, second');
SET LOCAL journey.enable_scan = on;

-- Row-level security and rights.
CREATE ROLE journey_test_reader;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_test_reader;
SET LOCAL ROLE journey_test_reader;
SELECT throws_ok($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$,
                 '42501', NULL, 'a table that one may not read');
RESET ROLE;
GRANT SELECT ON log TO journey_test_reader;
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_small ON log FOR SELECT TO journey_test_reader USING (small < 50);
CREATE FUNCTION peek(small int) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
    IF small >= 50 OR small IS NULL THEN RAISE 'seen: %', small; END IF;
    RETURN true;
END $$;
CREATE TEMPORARY TABLE allowed AS
    SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour')::text AS result
    FROM log WHERE small < 50;
GRANT SELECT ON allowed TO journey_test_reader;
SET LOCAL ROLE journey_test_reader;
SELECT is((SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour')::text FROM log),
          (SELECT result FROM allowed), 'a policy holds');
SELECT lives_ok($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log
                   WHERE peek(small)$q$, 'a condition does not see rows that a policy hides');
RESET ROLE;

-- The counts of EXPLAIN ANALYZE.
CREATE FUNCTION counts(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
    plan := plan->0->'Plan'->'Plans'->0;
    RETURN format('%s %s %s', plan->>'Custom Plan Provider', (plan->>'Actual Rows')::float8::int,
                  plan->>'Rows Removed by Filter');
END $$;
SELECT is(counts($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log WHERE small > 30$q$),
          (SELECT format('JourneyScan %s %s', count(*) FILTER (WHERE small > 30),
                         count(*) FILTER (WHERE (small > 30) IS NOT TRUE)) FROM log),
          'EXPLAIN ANALYZE counts the rows');

-- An error on the way, then the next query.
SELECT throws_ok($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log WHERE 1 / (small - 77) < 9$q$,
                 '22012', NULL, 'an error while rows are fed');
INSERT INTO log (user_id, at, event) VALUES (1, 'infinity', 'a');
SELECT throws_like($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$,
                   '%infinity%', 'an error of the aggregate');
DELETE FROM log WHERE at = 'infinity';

-- With statistics of functions being collected.
SET LOCAL track_functions = 'all';
SELECT same('log WHERE upper(event) < ''D''');
RESET track_functions;

-- Parallel.
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SELECT alike(plan_of($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), '1 hour') FROM log$q$),
             '%Parallel Custom Scan (JourneyScan)%', 'a parallel plan');
SELECT same('log WHERE small > 20');
SELECT same('parts');

SELECT * FROM finish();
ROLLBACK;
