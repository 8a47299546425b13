-- Processes of a parallel plan share the users of each group: whichever groups a process
-- meets, the answer is that of one process.
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL hash_mem_multiplier = 1;
SELECT no_plan();

CREATE TABLE log (user_id bigint, name text, at timestamptz, event text, page text, channel text, rare int,
                  tier numeric, day date, flag boolean, long text, amount float8);
INSERT INTO log
SELECT nullif(rnd(i, 1, 3000), 7), 'customer ' || rnd(i, 1, 3000), moment(rnd(i, 2, 500000)), chr(97 + rnd(i, 4, 5)),
       'page ' || rnd(i, 5, 30), nullif('c' || rnd(i, 6, 4), 'c0'),
       -- groups of one part of the table, which not all processes meet
       i / 5000, CASE rnd(i, 7, 2) WHEN 0 THEN 1.0 ELSE 1.00 END * rnd(i, 8, 3), date '2024-01-01' + rnd(i, 9, 40),
       CASE rnd(i, 10, 3) WHEN 0 THEN true WHEN 1 THEN false END, repeat('long ' || rnd(i, 11, 3), 40 + rnd(i, 11, 3) * 1000), rnd(i, 12, 9)
FROM generate_series(1, 60000) AS i;
CREATE TABLE parted (LIKE log) PARTITION BY LIST (channel);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN ('c1');
CREATE TABLE parted_2 PARTITION OF parted DEFAULT;
INSERT INTO parted TABLE log;
SELECT format('ALTER TABLE %s SET (parallel_workers = 3)', t) FROM unnest('{log,parted_1,parted_2}'::text[]) AS t \gexec
ANALYZE log, parted;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL enable_partitionwise_aggregate = off;

-- The rows of a query as one text, in an order of their own.
CREATE FUNCTION rows_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT count(*) || '' rows '' || md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM (%s OFFSET 0) AS t', query) INTO result;
    RETURN result;
END $$;
CREATE FUNCTION processes(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    RETURN coalesce(substring(plan::text FROM '"Processes Sharing Users": (\d+)')::int, 0);
END $$;
CREATE FUNCTION same(query text, shares boolean DEFAULT true) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    expected text;
    memory text;
    scan text;
    leader text;
    most int := 0;
BEGIN
    PERFORM set_config('journey.enable_scan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true), set_config('work_mem', '64MB', true);
    expected := rows_of(query);
    PERFORM set_config('max_parallel_workers_per_gather', '3', true), set_config('enable_sort', 'off', true);
    FOREACH memory IN ARRAY ARRAY['64MB', '64kB'] LOOP
        FOREACH scan IN ARRAY ARRAY['on', 'off'] LOOP
            FOREACH leader IN ARRAY ARRAY['on', 'off'] LOOP
                PERFORM set_config('work_mem', memory, true), set_config('journey.enable_scan', scan, true), set_config('parallel_leader_participation', leader, true);
                IF rows_of(query) IS DISTINCT FROM expected THEN
                    RETURN NEXT is(rows_of(query), expected, format('%s, scan %s, leader %s: %s', memory, scan, leader, query));
                END IF;
                IF memory = '64MB' AND scan = 'on' THEN
                    most := greatest(most, processes(query));
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    -- a worker that starts late may find no row left for it: then there is nothing to share
    PERFORM set_config('work_mem', '64MB', true), set_config('journey.enable_scan', 'on', true);
    FOR attempt IN 1..100 LOOP
        EXIT WHEN most > 0 OR shares IS DISTINCT FROM true;
        PERFORM set_config('parallel_leader_participation', (attempt % 2 = 0)::text, true);
        most := processes(query);
    END LOOP;
    PERFORM set_config('enable_sort', 'on', true);
    RETURN NEXT ok(expected IS NOT NULL AND coalesce((most > 0) = shares, true), CASE WHEN shares THEN 'shared: ' ELSE 'same: ' END || query);
END $$;

-- groups of a part of the table are shared only if two processes happen to read that part
SELECT same(format('SELECT %s AS k, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log GROUP BY 1', key), CASE WHEN key !~ 'rare' THEN true END)
FROM unnest('{channel,rare,day,flag,nullif(rare\, 3)}'::text[]) AS key;
SELECT same('SELECT long, funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log GROUP BY long', NULL);
SELECT same('SELECT channel, date_trunc(''day'', at), funnel(user_id, at, step_of(event, ''{a,b,c}''), ''1 day'')::text FROM log GROUP BY 1, 2');
SELECT same('SELECT channel, flag, lifecycle(user_id, at, ''hour'', ''UTC'')::text, transitions(name, at, page)::text, count(*), sum(amount) FROM log GROUP BY flag, channel');
SELECT same('SELECT rare, cohort_retention(user_id, at, event = ''a'', event = ''b'', ''day'', 5) FILTER (WHERE rare % 2 = 0)::text, lifecycle(name, at, ''day'') FILTER (WHERE event = ''c'' AND rare > 9)::text FROM log GROUP BY rare', NULL);
SELECT same('SELECT page, funnel_breakdown(name, at, step_of(event, ''{a,b}''), ''1 day'', channel, 1)::text, path_flow(user_id, at, page, ''1 hour'', 4)::text FROM log GROUP BY page');
SELECT same('SELECT channel, sessions(user_id, at, page, ''1 hour'')::text, funnel(name, at, step_of(event, ''{c,b,a}''), ''2 days'')::text FROM parted GROUP BY channel');
SELECT same('SELECT rare, funnel(user_id, at, step_of(event, ''{a,b}''), ''1 day'')::text FROM log WHERE rare = 4 GROUP BY rare', NULL);
SELECT same('SELECT channel, users_matching(user_id, at, step_of(event, ''{a,b}''), ''(?1)(?2)'')::text FROM log GROUP BY channel HAVING count(*) > 5');
-- groups that look different though they are equal, too many groups, and aggregates that do not share
SELECT same('SELECT tier::float8, funnel(user_id, at, step_of(event, ''{a,b}''), ''1 day'')::text FROM log GROUP BY tier::numeric', false);
SELECT same('SELECT user_id, funnel(name, at, step_of(event, ''{a,b}''), ''1 day'')::text FROM log GROUP BY user_id', false);
SELECT same('SELECT day, page, funnel(name, at, step_of(event, ''{a,b}''), ''1 day'')::text FROM log GROUP BY day, page', false);
SELECT same('SELECT channel, userset_agg(user_id)::text FROM log GROUP BY channel', false);
-- blanks behind a char(n) are bytes, and count for nothing
ALTER TABLE log ADD padded bpchar;
UPDATE log SET padded = (CASE rare % 2 WHEN 0 THEN 'a' ELSE 'a  ' END)::bpchar;
ANALYZE log;
SELECT same('SELECT padded = ''a'', funnel(user_id, at, step_of(event, ''{a,b}''), ''1 day'')::text FROM log GROUP BY padded', false);
-- again and again, for the rows of another table
SET LOCAL enable_material = off;
SELECT same('SELECT r, t.* FROM (VALUES (1), (2), (1)) AS v (r), LATERAL (SELECT flag, funnel(user_id, at, step_of(event, ''{a,b}''), ''1 day'')::text FROM log WHERE log.rare > v.r GROUP BY flag OFFSET 0) AS t', false);
SELECT same('SELECT r, t.* FROM (VALUES (1), (2), (1)) AS v (r) LEFT JOIN (SELECT flag, funnel(user_id, at, step_of(event, ''{a,b}''), ''1 day'')::text AS f FROM log GROUP BY flag) AS t ON t.f LIKE ''%'' || r || ''%''');

-- a process that has put rows aside, but has no state until it reads them again
CREATE TABLE uneven (part int, k text, user_id int, at timestamptz, event text, counts boolean) PARTITION BY LIST (part);
CREATE TABLE uneven_1 PARTITION OF uneven FOR VALUES IN (1) WITH (parallel_workers = 0);
CREATE TABLE uneven_2 PARTITION OF uneven FOR VALUES IN (2) WITH (parallel_workers = 0);
INSERT INTO uneven SELECT 1, md5(i::text), i, moment(1), 'a', false FROM generate_series(1, 200000) AS i;
INSERT INTO uneven SELECT 1 + p, 'g' || i % 3, i, moment(1 + p), chr(97 + p), true FROM generate_series(0, 1) AS p, generate_series(1, 30) AS i;
ANALYZE uneven;
SET LOCAL parallel_leader_participation = off;
SET LOCAL enable_sort = off;
SET LOCAL work_mem = '12MB';
SELECT results_eq('SELECT k, (funnel_steps(f)).users FROM (SELECT upper(k) AS k, funnel(user_id, at, step_of(event, ''{a,b}''), ''1 day'') FILTER (WHERE counts) AS f FROM uneven GROUP BY 1 HAVING count(*) > 1) AS t ORDER BY 1, 2',
    'SELECT ''G'' || i / 2, 10::bigint FROM generate_series(0, 5) AS i', 'rows that a process has put aside');
RESET parallel_leader_participation;
SET LOCAL enable_sort = on;
SET LOCAL work_mem = '64MB';

-- a worker that fails ends the query
SELECT throws_ok('SELECT channel, lifecycle(user_id, at, CASE WHEN rare = 11 THEN ''fortnight'' ELSE ''day'' END) FROM log GROUP BY channel', '22023', NULL, 'an error in one process');
SELECT lives_ok('SELECT channel, lifecycle(user_id, at, ''day'') FROM log GROUP BY channel', 'and the next one is answered');

SELECT * FROM finish();
ROLLBACK;
