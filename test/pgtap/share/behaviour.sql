-- Processes of a parallel scan share the users: whatever the aggregate, the ids, the
-- memory and the number of processes, the answer is that of one process.
\ir ../setup.psql

SELECT plan(75);

CREATE TABLE log (user_id bigint, name text, at timestamptz, seq int, event text, page text,
                  channel text, amount float8);
INSERT INTO log
SELECT u, CASE WHEN u % 50 = 0 THEN repeat('long name ', 300) ELSE 'customer ' END || u,
       moment(rnd(i, 2, 500000)), nullif(rnd(i, 3, 9), 0), chr(97 + rnd(i, 4, 5)),
       -- pages come up late, so that processes meet them in different orders
       'page ' || rnd(i, 5, 3) + i / 9000, nullif('c' || rnd(i, 6, 4), 'c0'), rnd(i, 7, 100)
FROM generate_series(1, 60000) AS i, LATERAL (SELECT nullif(rnd(i, 1, 3000), 7) AS u) AS r;
-- one user with a fifth of all events
INSERT INTO log
SELECT 1, 'customer 1', moment(rnd(i, 2, 500000)), rnd(i, 3, 9), chr(97 + rnd(i, 4, 5)), 'page 1',
       'c1', 1
FROM generate_series(1, 15000) AS i;
ANALYZE log;
SELECT set_config('max_parallel_workers_per_gather', '0', true);

-- The answer, and how many processes shared the users, or 0.
CREATE FUNCTION answer(query text, OUT answer text, OUT processes int) LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE query INTO answer;
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    processes := coalesce(substring(plan::text FROM '"Processes Sharing Users": (\d+)')::int, 0);
END $$;

CREATE FUNCTION single(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM set_config('journey.enable_scan', 'off', true);
    PERFORM set_config('max_parallel_workers_per_gather', '0', true);
    EXECUTE query INTO result;
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN result;
END $$;

-- One process and PostgreSQL's own scan against several processes, with memory and without.
CREATE FUNCTION shared(aggregate text, what text DEFAULT 'log', shares boolean DEFAULT true)
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    query text := 'SELECT (' || aggregate || ')::text FROM ' || what;
    workers int;
    memory text;
    expected text := single(query);
    got record;
    sharing int := 0;
BEGIN
    FOREACH memory IN ARRAY ARRAY['64MB', '64kB'] LOOP
        FOREACH workers IN ARRAY ARRAY[1, 3] LOOP
            PERFORM set_config('work_mem', memory, true);
            PERFORM set_config('hash_mem_multiplier', '1', true);
            PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
            got := answer(query);
            sharing := greatest(sharing, got.processes);
            IF expected IS NULL OR got.answer IS DISTINCT FROM expected THEN
                RETURN NEXT is(got.answer, expected,
                               format('%s workers, %s: %s', workers, memory, query));
            END IF;
        END LOOP;
    END LOOP;
    RESET work_mem;
    RETURN NEXT ok(shares IS NULL OR (sharing > 0) = shares,
                   CASE WHEN shares THEN 'shared: ' ELSE 'same: ' END || query);
END $$;

SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
ALTER TABLE log SET (parallel_workers = 3);

SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$);
SELECT shared($q$funnel(name, at, step_of(event, '{a,b,c}'), '1 hour')$q$);
SELECT shared($q$funnel(user_id::int, at, seq, step_of(event, '{a,b,c}'), '1 hour', 'strict_once')$q$);
SELECT shared($q$funnel(md5(name)::uuid, at, step_of(event, '{a,b,c}'), '1 hour')$q$);
SELECT shared($q$funnel_breakdown(user_id, at, step_of(event, '{a,b,c}'), '1 hour', channel, 1)$q$);
SELECT shared($q$funnel_breakdown(user_id, at, seq, step_of(event, '{a,b,c}'), '1 hour', channel, 'last_touch', 'first_chain')$q$);
SELECT shared($q$funnel_breakdown(name, at, seq, step_of(event, '{a,b,c}'), '1 hour', name, 1)$q$);
SELECT shared($q$funnel_trend(user_id, at, step_of(event, '{a,b,c}'), '1 hour', 'day', '', 'UTC')$q$);
SELECT shared($q$funnel_holding_constant(name, at, step_of(event, '{a,b,c}'), '1 day', channel)$q$);
SELECT shared($q$intervals(user_id, at, step_of(event, '{a,b}'))$q$);
SELECT shared($q$event_drivers(name, at, seq, event, event = 'a', event = 'c', '1 hour', 'times 1 2', channel, '2024-01-20')$q$);
SELECT shared($q$sessions(user_id, at, page, '10 minutes', 'UTC')$q$);
SELECT shared($q$sessions(name, at, seq, event = 'a', event = 'b', page, '10 minutes', 'UTC')$q$);
SELECT shared($q$sessions_by_channel(user_id, at, channel, page, '10 minutes', 'UTC')$q$);
SELECT shared($q$sessions_by_channel(user_id, at, channel, page, '10 minutes', 'week', 'top 2', 'UTC')$q$);
SELECT shared($q$transitions(user_id, at, page, '1 hour')$q$);
SELECT shared($q$transitions(user_id, at, seq::bigint, page)$q$);
SELECT shared($q$path_flow(user_id, at, page, '1 hour', 5)$q$);
SELECT shared($q$path_flow(name, at, name, '1 hour', 3)$q$);
SELECT shared($q$journey_internal.step_users(user_id, at, step_of(event, '{a,b}'), '1 [-infinity,infinity) 5; 2 [2024-01-02,2024-01-04) 3')$q$);
SELECT shared($q$journey_internal.step_totals(user_id, at, step_of(event, '{a,b}'), amount, '1 [-infinity,infinity) sum > 500; 2 [2024-01-02,2024-01-04) max = 90; 2 [-infinity,infinity) avg < 45;')$q$);
SELECT shared($q$users_matching(user_id, at, step_of(event, '{a,b,c}'), '(?1)(?t<=1h)(?2)(?3)')$q$);
SELECT shared($q$journey_internal.pattern_users(user_id, at, step_of(event, '{a,b,c}'), '[-infinity,infinity) 1,2: (?1){3}(?2); [2024-01-02,2024-01-04) 3,1: (?1)(?t<=2h)(?2)(?w<=1d); [-infinity,infinity) 2,2: (?1)(?2)$;')$q$);
SELECT shared($q$journey_internal.users_by_total(user_id, amount, 'sum', '>', '1000')$q$);
SELECT shared($q$journey_internal.users_by_total(user_id, page, 'distinct', '>=', '5')$q$);
SELECT shared($q$cohort_retention(user_id, at, event = 'a', event <> 'b', 'hour', 30)$q$);
SELECT shared($q$cohort_retention(name, at, event = 'a', true, 'day', 3, 'every', 'Asia/Shanghai')$q$);
SELECT shared($q$cohort_retention(user_id, at, true, true, amount, 'hour', 10)$q$);
SELECT shared($q$cohort_retention(name, at, event = 'a', event = 'b', 'rolling day', 5)$q$);
SELECT shared($q$survival(user_id, at, event = 'a', event = 'b', 'hour', 30, 'UTC')$q$);
SELECT shared($q$survival_by(name, at, event = 'a', event = 'b', channel, 'rolling hour', 30)$q$);
SELECT shared($q$lifecycle(user_id, at, 'hour', 'UTC')$q$);
SELECT shared($q$lifecycle(name, at, 'day', 'UTC')$q$);
SELECT shared($q$active_ratio(user_id, at, 'day', 1, 3, 'UTC')$q$);
SELECT shared($q$stickiness(user_id, at, 'day', 'week', 'UTC')$q$);
SELECT shared($q$frequency(user_id, at, 'hour', 'UTC')$q$);
-- several aggregates, each with its users: with others, with FILTER, twice the same
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour'), transitions(user_id, at, page, '1 hour'), lifecycle(name, at, 'hour', 'UTC'), cohort_retention(user_id, at, event = 'a', event <> 'b', 'hour', 30)$q$);
SELECT shared($q$count(*), cohort_retention(user_id, at, event = 'a', event = 'b', 'rolling day', 5), max(at), funnel(name, at, step_of(event, '{a,b,c}'), '1 hour') FILTER (WHERE channel = 'c1'), sum(seq), funnel(name, at, step_of(event, '{a,b,c}'), '1 hour')$q$);
SELECT shared($q$journey_internal.step_users(user_id, at, step_of(event, '{a,b}'), '1 [-infinity,infinity) 5'), journey_internal.step_users_once(user_id, at, step_of(event, '{a,b}'), '1 [-infinity,infinity) 1'), journey_internal.pattern_users(user_id, at, step_of(event, '{a,b,c}'), '[-infinity,infinity) 1,2: (?1){3}(?2);'), journey_internal.step_totals(user_id, at, step_of(event, '{a,b}'), amount, '1 [-infinity,infinity) sum > 500;'), journey_internal.users_by_total(user_id, page, 'distinct', '>=', '5') FILTER (WHERE event = 'b')$q$);
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour'), md5(funnel_members(user_id, at, step_of(event, '{a,b,c}'), '1 hour')::text), path_flow(user_id, at, page, '1 hour', 5, NULL, NULL, 'top 2'), funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$);
SELECT shared($q$active_ratio(user_id, at, 'day', 1, 3, 'UTC'), stickiness(user_id, at, 'day', 'week', 'UTC'), frequency(user_id, at, 'hour', 'UTC'), lifecycle(user_id, at, 'hour', 'UTC'), frequency(user_id, at, 'hour', 'UTC')$q$);
-- more than there are rounds for
SELECT shared((SELECT string_agg(format($q$intervals(user_id, at, step_of(event, '{a,b}')) FILTER (WHERE seq > %s AND amount > %s)$q$, i % 8, i), ', ') FROM generate_series(1, 18) AS i));
-- one has rows in some processes only, one has none at all, one gets them late
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour') FILTER (WHERE page = 'page 8'), lifecycle(user_id, at, 'hour', 'UTC'), transitions(user_id, at, page, '1 hour') FILTER (WHERE page = 'page 8'), funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour') FILTER (WHERE seq = 99)$q$);
SELECT shared($q$transitions(user_id, at, page, '1 hour') FILTER (WHERE user_id = 1), funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$, 'log WHERE page = ''page 8'' OR user_id = 1', NULL);
-- those that sort their rows are not computed in parallel
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour'), count(DISTINCT user_id)$q$, shares => false);
-- with conditions that leave some processes without a row
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$, 'log WHERE user_id = 1', NULL);
SELECT shared($q$lifecycle(user_id, at, 'hour', 'UTC')$q$, 'log WHERE user_id = 1', NULL);
SELECT shared($q$transitions(user_id, at, page, '1 hour')$q$, 'log WHERE page = ''page 8''', NULL);

-- what cannot be put together from results for different users is not shared
SELECT shared($q$path_flow(user_id, at, page, '1 hour', 5, NULL, NULL, 'top 2')$q$, shares => false);
SELECT shared($q$top_paths(user_id, at, page, '1 hour', 4, 10)$q$, shares => false);
SELECT shared($q$funnel_members(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$, 'log WHERE user_id < 50', false);

-- nor are users where each partition has an aggregate of its own: others may have the same users
CREATE TABLE parts (LIKE log) PARTITION BY LIST (channel);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN ('c1', 'c2');
CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
INSERT INTO parts TABLE log;
ANALYZE parts;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$, 'parts', false);
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour'), lifecycle(user_id, at, 'hour', 'UTC')$q$, 'parts', false);
RESET enable_partitionwise_aggregate;
-- one aggregate over all partitions
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$, 'parts');

-- The same once more for each row of another table: the scan and the exchange begin anew.
SET LOCAL enable_material = off;
SET LOCAL max_parallel_workers_per_gather = 3;
CREATE FUNCTION again(aggregate text, memory text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT min(x) || max(x) || count(x) FROM generate_series(1, 4) AS g
        LEFT JOIN LATERAL (SELECT md5((%s)::text) AS x FROM log OFFSET 0) AS s ON g > 0', aggregate);
    expected text := md5(single(format('SELECT (%s)::text FROM log', aggregate)));
    plan json;
    result text;
BEGIN
    PERFORM set_config('max_parallel_workers_per_gather', '3', true);
    PERFORM set_config('work_mem', memory, true);
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    EXECUTE query INTO result;
    RETURN NEXT is(substring(plan::text FROM '"Node Type": "Gather".*?"Actual Loops": (\d+)'), '4', 'four times: ' || aggregate);
    RETURN NEXT is(result, expected || expected || '4', 'each time the same: ' || aggregate);
END $$;
SELECT again($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$, '64MB');
SELECT again($q$transitions(name, at, page)$q$, '64kB');
SELECT again($q$lifecycle(name, at, 'hour', 'UTC')$q$, '64kB');
SELECT again($q$(lifecycle(name, at, 'hour', 'UTC'), count(*), funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour') FILTER (WHERE seq > 3), transitions(name, at, page))$q$, '64kB');

-- What processes have given is given back: of a query that begins anew again and again, and
-- of many aggregates, as much shared memory is in use as of one.
CREATE FUNCTION mapped() RETURNS float8 LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
    SELECT coalesce(sum(('x' || lpad(m[2], 16, '0'))::bit(64)::bigint - ('x' || lpad(m[1], 16, '0'))::bit(64)::bigint), 0)
    FROM pg_read_file('/proc/' || pg_backend_pid() || '/maps', 0, 1000000, true) AS maps,
         regexp_matches(maps, '^([0-9a-f]+)-([0-9a-f]+)[^\n]*/dev/shm/PostgreSQL', 'gn') AS m
$$;
CREATE FUNCTION mapped_by(naggregates int, loops int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    aggregates text := (SELECT string_agg(format('md5(transitions(user_id, at, page, interval ''%s s'')::text)', i), ' || ')
                        FROM generate_series(1, naggregates) AS i);
    bytes float8;
BEGIN
    PERFORM set_config('work_mem', '64MB', true);
    EXECUTE format('CREATE TEMP TABLE loops ON COMMIT DROP AS SELECT x, mapped() AS bytes FROM generate_series(1, %s) AS g
        LEFT JOIN LATERAL (SELECT %s AS x FROM log OFFSET 0) AS s ON g > 0', loops, aggregates);
    SELECT max(l.bytes) FROM loops AS l INTO bytes;
    DROP TABLE loops;
    RETURN bytes;
END $$;
SELECT cmp_ok(mapped_by(1, 20), '<', 12e6::float8, 'shared memory of a query that begins anew');
SELECT cmp_ok(mapped_by(15, 2), '<', 12e6::float8, 'shared memory of many aggregates');
RESET enable_material;
RESET work_mem;

-- Workers alone; an error and a cancelled query while users are shared; then nothing is
-- left behind, and the next query works.
SET LOCAL parallel_leader_participation = off;
SELECT shared($q$funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour')$q$, 'log', false);
RESET parallel_leader_participation;
SET LOCAL work_mem = '64kB';
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT throws_ok($q$SELECT funnel(user_id, at, step_of(event, '{a,b,c}'), '1 hour') FROM log
                    WHERE user_id <> 5 OR 1 / (length(name) - 10) > 5$q$, '22012', NULL, 'an error in a process');
INSERT INTO log (user_id, at, page) SELECT 5, moment(i), 'x' FROM generate_series(1, 20) AS i;
SELECT throws_like($q$SELECT path_flow(user_id, at, CASE WHEN page = 'x' THEN (1 / (extract(second FROM at) - 7))::text
                                                         ELSE page END, '1 hour', 3) FROM log$q$,
                   '%division by zero%', 'an error while the others may wait');
SELECT throws_like($q$SELECT funnel(user_id, at, step_of(event, CASE WHEN user_id % 2 = 0 THEN '{a,b}'::text[] ELSE '{a,b,c}' END), '1 hour')
                      FROM log$q$, '%', 'processes that disagree about the number of steps');
SELECT throws_like($q$SELECT funnel(user_id, at, step_of(event, '{a,b}'), CASE WHEN user_id % 2 = 0 THEN interval '1 hour' ELSE '2 hours' END)
                      FROM log$q$, '%within%', 'processes that disagree about a parameter');
SELECT throws_like($q$SELECT count(*), transitions(user_id, at, page, '1 hour'), path_flow(user_id, at, CASE WHEN page = 'x' THEN (1 / (extract(second FROM at) - 7))::text
                                                         ELSE page END, '1 hour', 3) FROM log$q$,
                   '%division by zero%', 'an error in one of several aggregates');
SELECT throws_like($q$SELECT lifecycle(user_id, at, 'hour', 'UTC'), funnel(user_id, at, step_of(event, CASE WHEN user_id % 2 = 0 THEN '{a,b}'::text[] ELSE '{a,b,c}' END), '1 hour'), transitions(user_id, at, page, '1 hour')
                      FROM log$q$, '%', 'processes that disagree in one of several aggregates');
CREATE FUNCTION cancel(pid int) RETURNS text LANGUAGE plpgsql PARALLEL SAFE AS $$
BEGIN
    PERFORM pg_cancel_backend(pid);
    RETURN 'page';
END $$;
CREATE FUNCTION cancelled(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
    RETURN 'finished';
EXCEPTION WHEN query_canceled THEN
    RETURN 'cancelled';
END $$;
SELECT is(cancelled(format($q$SELECT transitions(user_id, at, CASE WHEN page = 'x' AND at = moment(7) THEN cancel(%s) ELSE page END)
                              FROM log$q$, pg_backend_pid())), 'cancelled', 'cancelled');
SELECT is(cancelled(format($q$SELECT lifecycle(user_id, at, 'hour', 'UTC'), transitions(user_id, at, CASE WHEN page = 'x' AND at = moment(7) THEN cancel(%s) ELSE page END)
                              FROM log$q$, pg_backend_pid())), 'cancelled', 'cancelled with several aggregates');
SELECT is((SELECT count(*) FROM pg_ls_dir('base/pgsql_tmp', true, false)), 0::bigint, 'no temporary file is left');
SELECT shared($q$transitions(user_id, at, page, '1 hour')$q$);

SELECT * FROM finish();
ROLLBACK;
