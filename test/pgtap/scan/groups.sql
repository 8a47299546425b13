-- The scan under a HashAggregate feeds its groups: the rows, and the errors, are those of
-- a sequential scan.
\ir ../setup.psql
SELECT plan(29);
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_sort = off;
SET LOCAL hash_mem_multiplier = 1;

CREATE TABLE log (i int, user_id bigint, at timestamptz, event text, number int, amount numeric, long text);
INSERT INTO log
SELECT i, rnd(i, 1, 500), moment(rnd(i, 2, 5000)), chr(97 + rnd(i, 3, 5)), nullif(rnd(i, 4, 10), 9),
       CASE rnd(i, 5, 3) WHEN 0 THEN 1.0 WHEN 1 THEN 1.00 ELSE 'NaN' END,
       repeat('long ' || rnd(i, 6, 3), 40 + rnd(i, 6, 3) * 1000)
FROM generate_series(1, 10000) AS i;
ANALYZE log;

-- The rows of a query as one text, or its error.
CREATE FUNCTION rows_of(query text, scan text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM set_config('journey.enable_scan', scan, true);
    EXECUTE format('SELECT count(*) || '' rows '' || md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM (%s OFFSET 0) AS t', query) INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE FUNCTION same(query text, error text DEFAULT '% rows %') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    expected text := rows_of(query, 'off');
    plan text := '';
    line text;
BEGIN
    IF expected NOT LIKE error THEN
        RETURN is(expected, error, query);
    END IF;
    PERFORM set_config('journey.enable_scan', 'on', true);
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        plan := plan || line;
    END LOOP;
    RETURN CASE WHEN plan ~ 'HashAggregate.*Custom Scan \(JourneyScan\)' THEN is(rows_of(query, 'on'), expected, query) ELSE fail(query || ' is read by the scan') END;
END $$;

SELECT same(format('SELECT %s, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(*), sum(amount), min(event) FROM log GROUP BY 1', key))
FROM unnest(ARRAY['number', 'event', 'left(long, 300)', 'number > 3', 'i / 30', 'event || number']) AS key;
SELECT same('SELECT amount::float8, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(*) FROM log GROUP BY amount');

-- a key that cannot be evaluated for a row, which a condition removes that is tested row by row
SELECT same('SELECT 10 / number, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE abs(number::numeric) > 0 GROUP BY 1');
SELECT same('SELECT 10 / number, event, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log WHERE number <> 0 AND abs(number::numeric) < 8 GROUP BY 1, 2');
SELECT same('SELECT number, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, max(10 / number) FILTER (WHERE abs(number::numeric) > 0) FROM log GROUP BY number');
-- and what does fail
SELECT same('SELECT 10 / number, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log GROUP BY 1', '22012');
SELECT same('SELECT event, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log GROUP BY 1 HAVING min(10 / number) > 3', '22012');
SELECT same('SELECT event, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text, count(10 / number) FROM log GROUP BY 1', '22012');

-- units of time, where clocks are set back over midnight (in St. John's at 00:01, in Havana at 01:00) and
-- forward, in order and not, at the ends of time, and as a column
CREATE TABLE times AS
SELECT CASE WHEN i % 400 = 0 THEN (ARRAY['infinity', '-infinity', '4713-01-01 00:00:01 BC', '294276-12-31 23:59:59', '1999-12-31 23:59:59.999999 UTC'])[1 + i / 400 % 5]::timestamptz
            ELSE t.begin + i * interval '0.9 s' + rnd(i, 1, rough) * interval '1 s' END AS at,
       (ARRAY['day', 'hour', 'week', 'minute'])[1 + i % 4] AS unit, (ARRAY['UTC', 'America/St_Johns'])[1 + i % 2] AS zone, 'a' AS event, i % 50 AS user_id
FROM (VALUES (1, timestamptz '2005-10-30 01:30 UTC', 1), (2, '2005-04-03 02:30 UTC', 1), (3, '2023-11-05 04:00 UTC', 9000), (4, '1883-11-18 15:30 UTC', 7000), (5, '1999-12-31 23:00 UTC', 7000)) AS t (part, begin, rough),
     generate_series(1, 9000) AS i
ORDER BY part, i;
ANALYZE times;
SET LOCAL work_mem = '64MB';
SET LOCAL timezone = 'America/St_Johns';
SELECT same(format('SELECT %s AS unit, funnel(user_id, ''2020-01-01''::timestamptz, step_of(event, ''{a,b}''), ''1 day'')::text, count(*) FROM times GROUP BY 1', key))
FROM unnest(ARRAY['date_trunc(''day'', at)', 'at::date', 'date_trunc(''hour'', at)', 'date_trunc(''day'', at, ''America/Havana'')', 'date_trunc(''day'', at, ''UTC'')',
                  'date_trunc(''day'', at, ''America/New_York'')', 'date_trunc(''quarter'', at, ''Asia/Kathmandu'')', 'date_trunc(''minute'', at)', 'date_trunc(''day'', at::timestamp)',
                  'date_trunc(unit, timestamptz ''2005-10-30 10:11:12'')', 'date_trunc(unit, at)', 'date_trunc(''day'', timestamptz ''2005-10-30 01:11:12 UTC'', zone)']) AS key;
SET LOCAL timezone = 'UTC';
SELECT same('SELECT at::date AS day, funnel(user_id, ''2020-01-01''::timestamptz, step_of(event, ''{a,b}''), ''1 day'')::text, count(*) FROM times GROUP BY 1');
SELECT same('SELECT date_trunc(''aeon'', at) AS unit, funnel(user_id, ''2020-01-01''::timestamptz, step_of(event, ''{a,b}''), ''1 day'')::text FROM times GROUP BY 1', '22023');

-- what is removed is counted once
CREATE FUNCTION removed(query text, scan text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    PERFORM set_config('journey.enable_scan', scan, true);
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    RETURN substring(plan::text FROM '"Rows Removed by Filter": (\d+)');
END $$;
SELECT is(removed(query, 'on'), removed(query, 'off'), 'rows removed')
FROM (VALUES ('SELECT event, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'') FROM log WHERE number <> 3 AND abs(number::numeric) < 8 GROUP BY 1')) AS v (query);

-- each time that the table is read once more, what was known of groups is freed
CREATE FUNCTION memory() RETURNS bigint LANGUAGE sql VOLATILE RETURN (SELECT sum(total_bytes) FROM pg_backend_memory_contexts);
SELECT cmp_ok(max(m) - min(m), '<', 1000000::bigint, 'memory of 300 runs')
FROM (SELECT r, max(m) AS m
      FROM generate_series(1, 300) AS r, LATERAL (SELECT CASE WHEN r IN (50, 299) THEN memory() END AS m OFFSET 0) AS q,
           LATERAL (SELECT event || i % 500, funnel(user_id, at, step_of(event, '{a,b,c}'), '1 day') FROM log WHERE i % 5 = 0 AND i > r GROUP BY 1 OFFSET 0) AS t
      WHERE r > 0 GROUP BY r) AS runs;

SELECT * FROM finish();
ROLLBACK;
