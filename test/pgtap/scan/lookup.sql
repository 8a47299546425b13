-- A join by a lookup in the scan gives what PostgreSQL's join gives: types of keys, kinds of join,
-- conditions, groups, in one process and in several.
\ir ../setup.psql
SELECT plan(86);
\ir ../lookup.psql

-- keys of many types, on both sides
SELECT same(format('SELECT tier, funnel(log.user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(*), sum(score) FROM log JOIN customer ON %s GROUP BY tier', condition))
FROM unnest(ARRAY['id = user_id', 'user_id = id', 'number = user_id', 'number = n', 'id = n', 'n = number AND user_id = id', 'id = user_id + 1', 'id = user_id AND more % 3 = 0',
                  'id = user_id AND more > score', 'id = user_id AND score > 3', 'id = log.user_id AND born < at', 'id = user_id AND note || n > event', 'id = abs(user_id - 20)', 'user_id = number AND n = score']) AS condition;
CREATE FUNCTION typed(type text, expression text, looks text DEFAULT 'Lookup Cond') RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE typed AS SELECT DISTINCT ON (k) k, tier, score FROM (SELECT (%s)::%s AS k, * FROM (SELECT id AS user_id, * FROM customer) AS c) AS c ORDER BY k, id', expression, type);
    CREATE UNIQUE INDEX ON typed (k);
    ANALYZE typed;
    RETURN NEXT same(format('SELECT k, tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(*) FROM log LEFT JOIN typed ON k = (%s)::%s GROUP BY k, tier', expression, type), looks);
    DROP TABLE typed;
END $$;
SELECT typed(type, expression)
FROM (VALUES ('text', 'user_id'), ('varchar', '''a'' || user_id'), ('bpchar', 'user_id'), ('text COLLATE blind', 'chr(97 + user_id::int % 20)'), ('numeric', 'user_id / 2.0'),
             ('uuid', 'md5(user_id::text)'), ('date', '''2025-01-01''::date + user_id::int'), ('timestamp', '''2025-01-01''::timestamp + user_id * interval ''1 hour'''), ('timestamptz', '''2025-01-01''::timestamp + user_id * interval ''1 hour'''), ('interval', 'user_id * interval ''1 hour'''),
             ('float8', 'CASE WHEN user_id = 4 THEN ''NaN'' ELSE user_id::float8 END'), ('float8', 'CASE user_id WHEN 4 THEN ''-0'' WHEN 6 THEN 0::float8 ELSE user_id END'), ('float4', 'user_id'), ('int2', 'user_id'), ('oid', 'user_id'), ('oid', '4294967290 - user_id'), ('bool', 'user_id % 3 = 0'),
             ('mood', 'CASE user_id % 3 WHEN 0 THEN ''new'' WHEN 1 THEN ''old'' END'), ('int[]', 'ARRAY[user_id, NULL]'), ('inet', '''10.0.0.0''::inet + user_id'), ('bytea', 'user_id::text'), ('jsonb', 'to_jsonb(user_id)'), ('name', 'user_id'), ('char', 'chr(97 + user_id::int % 20)')) AS v (type, expression);
SELECT same('SELECT kind, funnel(user_id, at, step_of(log.event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN word ON word.event = log.event GROUP BY kind');
SELECT same('SELECT kind, funnel(user_id, at, step_of(log.event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN word ON word.event = log.event COLLATE "C" GROUP BY kind');

-- kinds of join
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(*) FROM log LEFT JOIN customer ON id = user_id GROUP BY tier', 'Left Lookup Cond');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(score), count(*) FILTER (WHERE tier IS NULL) FROM log LEFT JOIN customer ON id = user_id AND score > n', 'Left Lookup Filter');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id WHERE coalesce(score, 3) = 3 OR tier IS NULL', 'Left Lookup Cond');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id WHERE id IS NULL', 'Anti Lookup Cond');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id WHERE score IS NULL', 'Left Lookup Cond');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE EXISTS (SELECT FROM vip WHERE id = user_id AND level < n)', 'Semi Lookup Filter');
SELECT same('SELECT n, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE NOT EXISTS (SELECT FROM vip WHERE id = user_id AND level < n) GROUP BY n', 'Anti Lookup Filter');
SELECT same('SELECT n, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE NOT EXISTS (SELECT FROM vip WHERE id = user_id) GROUP BY n', 'Anti Lookup Cond');
SELECT same('SELECT n, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE EXISTS (SELECT FROM vip WHERE id = user_id AND level::text = event) GROUP BY n', 'Lookup');
SELECT same('SELECT n, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE user_id IN (SELECT id FROM vip) GROUP BY n');
SELECT same('SELECT n, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE user_id::text IN (SELECT id::text FROM vip) GROUP BY n');

-- rows that are unique because they are made so
SELECT same('SELECT most, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN (SELECT id, max(level) AS most FROM vip GROUP BY id) AS v ON id = user_id GROUP BY most');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN (SELECT DISTINCT id, level FROM vip) AS v ON id = user_id AND level = n');
SELECT same('SELECT w, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN (SELECT id, coalesce(tier, ''none'') AS w FROM customer) AS c ON id = user_id GROUP BY w');
SELECT same('SELECT w, c, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN (SELECT id, score, coalesce(tier, ''none'') AS w, customer AS c FROM customer WHERE score > 1) AS c ON id = user_id WHERE w IS NULL OR score < 5 GROUP BY w, c');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN vip ON id = user_id', '^');

-- several lookups; a column of one is the key of the next
SELECT same('SELECT tier, kind, funnel(user_id, at, step_of(log.event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id LEFT JOIN word ON word.event = log.event WHERE tier IS NULL OR kind <> tier GROUP BY tier, kind', 'Lookup Cond.*Lookup Cond');
SELECT same('SELECT c.tier, d.tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer AS c ON c.id = user_id LEFT JOIN customer AS d ON d.number = c.score GROUP BY 1, 2', 'Lookup Cond.*Lookup Cond');
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id WHERE NOT EXISTS (SELECT FROM vip WHERE vip.id = user_id) GROUP BY tier', 'Lookup Cond.*Lookup Cond');

-- what is looked up in arguments, conditions, keys; what the executor evaluates; large values
SELECT same('SELECT score % 3, funnel(coalesce(number, user_id), least(at, born), step_of(event || coalesce(tier, ''''), ''{a,btier 1,ctier 2}''), ''1 day'')::text, max(length(note)), min(note), count(*) FILTER (WHERE tier LIKE ''%2''), max(score) FROM log LEFT JOIN customer ON id = user_id GROUP BY 1');
SELECT same('SELECT note, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id GROUP BY note');
SELECT same('SELECT customer, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, max(log.ctid), min(log::text) FROM log LEFT JOIN customer ON id = user_id GROUP BY customer');
SELECT same('SELECT late, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id WHERE late::text ~ ''3'' AND tier::text ~ ''[12]'' AND n > 1 GROUP BY late');
SELECT same('SELECT CASE n WHEN 1 THEN tier WHEN 2 THEN event ELSE note END, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id GROUP BY 1');
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id WHERE false GROUP BY tier', '');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN (SELECT * FROM customer WHERE id < 0) AS c ON id = user_id', '');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id WHERE n > (SELECT min(level) FROM vip)', '');
-- what fails
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = 12 / (n - 3) GROUP BY tier');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id AND 12 / (n - score) > 3');
SELECT same('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id WHERE 12 / (n - 3) > coalesce(score, 3)');
-- many groups
SET LOCAL journey.enable_aggregate = always;
SELECT same('SELECT user_id, tier, window_funnel(at, step_of(event, ''{a,b,c}''), ''1 day'') FROM log LEFT JOIN customer ON id = user_id GROUP BY user_id, tier', 'JourneyGroup.*Lookup Cond');
SET LOCAL journey.enable_aggregate = off;
-- functions with effects keep PostgreSQL's join
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id AND random() < 2 GROUP BY tier', '^');

-- parameters: the rows that are looked up are others each time
SELECT same('SELECT level, f FROM (SELECT DISTINCT level FROM vip) AS v, LATERAL (SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text AS f FROM log JOIN (SELECT * FROM customer WHERE score > level) AS c ON id = user_id) AS l', 'Lookup Cond');
SELECT same('SELECT level, f FROM (SELECT DISTINCT level FROM vip) AS v, LATERAL (SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text AS f FROM log JOIN customer AS c ON id = user_id WHERE n > level) AS l', 'Lookup Cond');
SELECT same('SELECT level, f FROM (SELECT DISTINCT level FROM vip) AS v, LATERAL (SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text AS f FROM log JOIN customer AS c ON id = user_id + level) AS l', 'Lookup Cond');
PREPARE q(int, text) AS SELECT funnel(user_id, at, step_of(event, '{a,b,c}'), '1 day')::text FROM log JOIN customer ON id = user_id AND score > $1 WHERE tier = $2;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT set_all('off', 'off', '0', '4MB');
CREATE TABLE expected_1 AS EXECUTE q(2, 'tier 1');
CREATE TABLE expected_2 AS EXECUTE q(1, 'tier 2');
SELECT set_all('on', 'on', '0', '4MB');
DISCARD PLANS;
SELECT matches(plan_of('EXECUTE q(2, ''tier 1'')'), 'Lookup Cond', 'a prepared statement looks rows up');
CREATE TABLE got_1 AS EXECUTE q(2, 'tier 1');
CREATE TABLE got_2 AS EXECUTE q(1, 'tier 2');
SELECT results_eq('TABLE got_1 UNION ALL TABLE got_2', 'TABLE expected_1 UNION ALL TABLE expected_2', 'a prepared statement');

-- rights: rows of either side that a policy hides, a barrier, a function that may not be called
CREATE ROLE looker;
GRANT USAGE ON SCHEMA journey_test, journey TO looker;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA journey_test TO looker;
GRANT SELECT ON log, customer, vip TO looker;
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON log TO looker USING (n < 6);
CREATE POLICY p ON customer TO looker USING (score < 5);
CREATE FUNCTION leak(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE COST 0.0001 AS $$ BEGIN IF $1 IS NOT DISTINCT FROM '5' OR $1 IS NOT DISTINCT FROM '8' THEN RAISE 'leaked'; END IF; RETURN true; END $$;
SET LOCAL ROLE looker;
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id GROUP BY tier', '');
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log LEFT JOIN customer ON id = user_id WHERE leak(score::text) AND leak(n::text) GROUP BY tier', '');
SELECT same('SELECT tier, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer ON id = user_id AND leak(score || coalesce(n, 0)::text) GROUP BY tier', '');
SET LOCAL ROLE NONE;

-- what is counted
CREATE FUNCTION counts(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    PERFORM set_all('on', 'on', '0', '4MB');
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    plan := plan->0->'Plan'->'Plans'->0;
    RETURN concat_ws(' ', (plan->>'Actual Rows')::float8, plan->>'Rows Removed by Filter', (plan->'Plans'->0->>'Actual Rows')::float8);
END $$;
SELECT is(counts('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'') FROM log LEFT JOIN customer ON id = user_id WHERE n > 3 AND (tier IS NULL OR score > 2)'),
          format('%s %s %s', count(*) FILTER (WHERE n > 3 AND (tier IS NULL OR score > 2)), count(*) FILTER (WHERE (n > 3 AND (tier IS NULL OR score > 2)) IS NOT TRUE), (SELECT count(*) FROM customer)), 'rows counted')
FROM log LEFT JOIN customer ON id = user_id;

-- rows that are looked up are read once more only if they, or their keys, depend on what has changed
CREATE FUNCTION loops(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    PERFORM set_all('on', 'on', '0', '4MB');
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    RETURN substring(plan::text FROM '"Lookup Cond".*"Relation Name": "customer".*?"Actual Loops": (\d+)');
END $$;
SELECT is(loops(format('SELECT x, (SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log JOIN customer AS c ON %s) FROM generate_series(1, 3) AS x', condition)), expected, 'times read: ' || condition)
FROM (VALUES ('id = user_id AND n > x', '1'), ('id = user_id AND score > x', '3'), ('abs(id - x) = user_id AND number = user_id', '3')) AS v (condition, expected);

-- the memory of what is evaluated for a row is freed, whether or not any row is found
CREATE FUNCTION peak() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN CASE WHEN NOT pg_stat_file('/proc/self/status', true) IS NULL THEN (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+)'))[1]::bigint / 1024 END;
END $$;
CREATE FUNCTION peak_grows_less(query text, megabytes bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before bigint := peak();
BEGIN
    PERFORM set_all('on', 'on', '0', '4MB');
    IF plan_of(query) !~ 'Lookup Cond' THEN
        RETURN fail('no lookup: ' || query);
    END IF;
    EXECUTE query;
    IF before IS NULL THEN
        RETURN skip('no /proc here', 1);
    END IF;
    RETURN cmp_ok(peak() - before, '<', megabytes, 'memory: ' || query);
END $$;
SELECT peak_grows_less('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'') FROM log WHERE EXISTS (SELECT FROM word WHERE word.event = log.event || repeat(log.event, 50000))', 60);
CREATE TABLE alike AS SELECT 'a'::text AS event, i FROM generate_series(1, 4000) AS i;
ANALYZE alike;
SELECT peak_grows_less('SELECT funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'') FROM log WHERE more < 200 AND EXISTS (SELECT FROM alike WHERE alike.event = log.event AND repeat(log.event, 2000) || i = log.event)', 60);

SELECT * FROM finish();
ROLLBACK;
