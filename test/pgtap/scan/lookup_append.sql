-- Joins by a lookup in the scans of partitions, of children, and of what UNION ALL appends, give
-- what PostgreSQL's join gives.
\ir ../setup.psql
SELECT plan(39);
\ir ../lookup.psql

-- partitions with columns in other orders, dropped ones, and partitions of their own
CREATE TABLE parts (user_id bigint, at timestamptz, event text, n int, amount numeric, more int, late int) PARTITION BY LIST (event);
CREATE TABLE parts_a (more int, gone text, event text, n int, late int, at timestamptz, user_id bigint, amount numeric);
ALTER TABLE parts_a DROP COLUMN gone;
ALTER TABLE parts ATTACH PARTITION parts_a FOR VALUES IN ('a');
CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b', 'c') PARTITION BY RANGE (more);
CREATE TABLE parts_b1 PARTITION OF parts_b FOR VALUES FROM (0) TO (2000);
CREATE TABLE parts_b2 (gone int, amount numeric, late int, more int, n int, user_id bigint, event text, at timestamptz);
ALTER TABLE parts_b2 DROP COLUMN gone;
ALTER TABLE parts_b ATTACH PARTITION parts_b2 FOR VALUES FROM (2000) TO (5000);
CREATE TABLE parts_other PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT user_id, at, event, n, amount, more, late FROM log;
-- the same rows of a parent and its child
CREATE TABLE parent (user_id bigint, at timestamptz, event text, n int, amount numeric, more int, late int);
CREATE TABLE child (extra text DEFAULT 'extra') INHERITS (parent);
INSERT INTO parent SELECT user_id, at, event, n, amount, more, late FROM log WHERE more % 3 = 0;
INSERT INTO child SELECT user_id, at, event, n, amount, more, late FROM log WHERE more % 3 > 0;
-- and of a view
CREATE VIEW both_logs AS
SELECT user_id, at, event, n, amount, more, late FROM log
UNION ALL SELECT user_id + 0, at, 'b', n, amount, more, 3 FROM parts_b1
UNION ALL SELECT user_id, at, event, n, amount, more, late FROM parts;
ANALYZE;

-- kinds of join
SELECT same(format('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(*), sum(score) FROM %s AS log JOIN customer ON id = user_id GROUP BY tier', source), looks)
FROM (VALUES ('parts', '-> +Append.*Lookup Cond.*Lookup Cond.*Lookup Cond.*Lookup Cond'), ('parent', 'Append.*Lookup Cond.*Lookup Cond'), ('both_logs', 'Append(.*Lookup Cond){6}')) AS v (source, looks);
SELECT same(format('SELECT tier, event, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(*) FROM %s AS log LEFT JOIN customer ON id = user_id AND score > n GROUP BY tier, event', source), '(Left Lookup Filter.*){2}')
FROM unnest(ARRAY['parts', 'parent', 'both_logs']) AS source;
SELECT same(format('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM %s AS log LEFT JOIN customer ON id = user_id WHERE coalesce(score, 3) = 3 OR tier IS NULL OR n = 3', source), '(Left Lookup Cond.*){2}')
FROM unnest(ARRAY['parts', 'parent', 'both_logs']) AS source;
SELECT same(format('SELECT n, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM %s AS log WHERE NOT EXISTS (SELECT FROM vip WHERE id = user_id AND level < n) GROUP BY n', source), '(Anti Lookup Filter.*){2}')
FROM unnest(ARRAY['parts', 'parent', 'both_logs']) AS source;
SELECT same(format('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM %s AS log WHERE user_id IN (SELECT id FROM vip)', source), '(Lookup Cond.*){2}')
FROM unnest(ARRAY['parts', 'parent', 'both_logs']) AS source;

-- keys
SELECT same(format('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM parts AS log JOIN customer ON %s GROUP BY tier', condition), '(Lookup Cond.*){2}')
FROM unnest(ARRAY['id = user_id + 1', 'n = number AND user_id = id', 'id = user_id AND more > score', 'id = log.user_id AND born < at', 'id = abs(user_id - 20) AND more > 10', 'number = n']) AS condition;
SELECT same('SELECT kind, funnel(user_id, at, step_of(log.event, ''{a,b,c}''), ''1 day'')::text FROM both_logs AS log LEFT JOIN word ON word.event = log.event GROUP BY kind', '(Lookup Cond.*){2}');

-- several lookups, of which one needs another's column
SELECT same('SELECT tier, kind, funnel(user_id, at, step_of(log.event, ''{a,b,c}''), ''1 day'')::text FROM parts AS log LEFT JOIN customer ON id = user_id LEFT JOIN word ON word.event = log.event WHERE tier IS NULL OR kind <> tier GROUP BY tier, kind', '(Lookup Cond.*Lookup Cond.*){4}');
SELECT same('SELECT c.tier, d.tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM both_logs AS log LEFT JOIN customer AS c ON c.id = user_id LEFT JOIN customer AS d ON d.number = c.score GROUP BY 1, 2', '(Lookup Cond.*Lookup Cond.*){4}');

-- expressions of groups and arguments, whole rows, columns of the system
SELECT same('SELECT score % 3, date_trunc(''hour'', at), funnel(coalesce(number, user_id), least(at, born), step_of(event || coalesce(tier, ''''), ''{a,btier 1,ctier 2}''), ''1 day'')::text, max(length(note)), count(*) FILTER (WHERE tier LIKE ''%2'') FROM parts LEFT JOIN customer ON id = user_id GROUP BY 1, 2', '');
SELECT same('SELECT score % 3, funnel(coalesce(number, user_id), least(at, born), step_of(event || coalesce(tier, ''''), ''{a,btier 1,ctier 2}''), ''1 day'')::text, max(length(note)), count(*) FILTER (WHERE tier LIKE ''%2'') FROM both_logs LEFT JOIN customer ON id = user_id GROUP BY 1', 'Append.*Lookup Cond');
SELECT same('SELECT customer, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, max(parts.tableoid::regclass::text), min(parts::text) FROM parts LEFT JOIN customer ON id = user_id GROUP BY customer', '');
-- partitions that the condition leaves out, a condition that fails, one that is the same for all rows
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM parts JOIN customer ON id = user_id WHERE event = ''b'' AND more < 2000 GROUP BY tier', 'JourneyScan\) on parts_b1');
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM parts JOIN customer ON id = 12 / (n - 3) GROUP BY tier');
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM parts JOIN customer ON id = user_id WHERE (SELECT count(*) FROM vip) > 3 GROUP BY tier', '');
-- many groups
SET LOCAL journey.enable_aggregate = always;
SELECT same('SELECT user_id, tier, window_funnel(at, step_of(event, ''{a,b,c}''), ''1 day'') FROM parts LEFT JOIN customer ON id = user_id GROUP BY user_id, tier', 'JourneyGroup.*Lookup Cond');
SET LOCAL journey.enable_aggregate = off;
-- a table that the scan does not read: the join stays
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE parts_file PARTITION OF parts FOR VALUES IN ('file') SERVER files OPTIONS (filename '/dev/null');
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM parts JOIN customer ON id = user_id GROUP BY tier', '^');
DROP FOREIGN TABLE parts_file;

-- parameters: pruned as the query runs; rows looked up that are others each time
PREPARE q(text) AS SELECT tier, funnel(user_id, at, step_of(event, '{a,b,c}'), '1 day')::text FROM parts JOIN customer ON id = user_id WHERE event = $1 GROUP BY tier;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT set_all('off', 'off', '0', '4MB');
CREATE TABLE expected AS EXECUTE q('a');
SELECT set_all('on', 'on', '0', '4MB');
DISCARD PLANS;
CREATE TABLE got AS EXECUTE q('a');
SELECT results_eq('TABLE got ORDER BY tier', 'TABLE expected ORDER BY tier', 'a prepared statement');
SELECT matches(plan_of('EXECUTE q(''a'')'), 'Subplans Removed: 3.*Lookup Cond', 'tables are pruned');
SELECT same('SELECT level, f FROM (SELECT DISTINCT level FROM vip) AS v, LATERAL (SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text AS f FROM parts JOIN (SELECT * FROM customer WHERE score > level) AS c ON id = user_id) AS l', 'Lookup Cond');
SELECT same('SELECT level, f FROM (SELECT DISTINCT level FROM vip) AS v, LATERAL (SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text AS f FROM parts JOIN customer AS c ON id = user_id + level WHERE n > level) AS l', 'Lookup Cond');

-- one process makes one hash table
CREATE FUNCTION times_read(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    PERFORM set_all('on', 'on', '0', '4MB');
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    RETURN sum(m[1]::bigint) FROM regexp_matches(plan::text, '"Relation Name": "customer".*?"Actual Loops": (\d+)', 'g') AS m;
END $$;
SELECT is(times_read(format('SELECT x, (SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM parts JOIN customer AS c ON %s) FROM generate_series(1, 3) AS x', condition)), expected, 'times read: ' || condition)
FROM (VALUES ('id = user_id AND n > x', 1::bigint), ('id = user_id AND id > x', 12), ('abs(id - x) = user_id AND number = user_id', 12)) AS v (condition, expected);

SELECT * FROM finish();
ROLLBACK;
