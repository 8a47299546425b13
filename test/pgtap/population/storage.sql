-- Records of an integer id, a time, and steps or a node are packed in memory when there are
-- many, those of other ids are not: are the answers the same, whatever the numbers?
\ir ../setup.psql

SELECT plan(46);

-- the numbers of a bank
CREATE TABLE usual AS
SELECT rnd(i, 1, 3000)::int AS user_id, moment(i * 20 + rnd(i, 2, 300)) AS at, rnd(i, 3, 40) AS event
FROM generate_series(1, 150000) AS i;
-- numbers that are as far apart as they can be
CREATE TABLE extreme AS
SELECT CASE rnd(i, 1, 4) WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775807 - 1
           ELSE hashint8extended(rnd(i, 2, 3000), 7) END AS user_id,
       timestamptz '4713-01-01 BC' + rnd(i, 4, 2) * interval '298000 years' + rnd(i, 5, 5000) * interval '1 minute' AS at,
       rnd(i, 3, 40) AS event
FROM generate_series(1, 150000) AS i;
-- one that becomes so in the midst
CREATE TABLE late AS
SELECT user_id::bigint, at, event FROM usual WHERE user_id < 1500
UNION ALL SELECT * FROM extreme WHERE user_id > 0 AND at > '2000-01-01'
UNION ALL SELECT user_id, at, event + 40 FROM usual WHERE user_id < 1500;
-- one user, one time
CREATE TABLE same AS
SELECT 5::bigint AS user_id, moment(0) AS at, event FROM usual;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{usual,extreme,late,same}'::text[] LOOP
        EXECUTE format('ALTER TABLE %I SET (parallel_workers = 2)', name);
        EXECUTE 'ANALYZE ' || name;
    END LOOP;
END $$;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;

CREATE FUNCTION same_packed(aggregate text, what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    expected text;
    got text;
    workers int;
    memory text;
    scan text;
BEGIN
    PERFORM set_config('work_mem', '1GB', true);
    PERFORM set_config('journey.enable_scan', 'on', true);
    PERFORM set_config('max_parallel_workers_per_gather', '0', true);
    EXECUTE format('SELECT md5((%s)::text) FROM %I', replace(aggregate, 'user_id', 'user_id::text'), what) INTO expected;
    -- in memory; shared; spilled when nothing has been packed, or something
    FOR workers, memory, scan IN VALUES (0, '1GB', 'on'), (0, '1GB', 'off'), (2, '1GB', 'on'), (2, '1GB', 'off'),
                                        (0, '64kB', 'on'), (0, '1MB', 'on'), (2, '1MB', 'on'), (2, '64kB', 'off') LOOP
        PERFORM set_config('work_mem', memory, true);
        PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
        PERFORM set_config('journey.enable_scan', scan, true);
        EXECUTE format('SELECT md5((%s)::text) FROM %I', aggregate, what) INTO got;
        IF expected IS NULL OR got IS DISTINCT FROM expected THEN
            RETURN NEXT is(got, expected, format('%s workers, %s, scan %s: %s of %s', workers, memory, scan, aggregate, what));
        END IF;
    END LOOP;
    RETURN NEXT pass(format('%s of %s', aggregate, what));
END $$;

SELECT same_packed(aggregate, what)
FROM (VALUES ('usual'), ('extreme'), ('late'), ('same')) AS w (what),
     (VALUES ($$funnel(user_id, at, steps(event < 20, event % 3 = 1, event > 30), '3 hours')$$),
             ($$funnel(user_id, at, steps(event < 20, event % 3 = 1, event > 30, event = 1, event = 2, event = 3, event = 4, event = 5), '3 hours')$$),
             ($$sessions(user_id, at, 'page ' || event, '10 minutes', 'UTC')$$),
             ($$transitions(user_id, at, 'page ' || event, '10 minutes')$$),
             -- visits the users twice
             ($$path_flow(user_id, at, 'page ' || event, '10 minutes', 5, NULL, NULL, 'top 3')$$),
             ($$intervals(user_id, at, steps(event < 20, event > 30), '1 day')$$)) AS a (aggregate);

-- and those of each user
SELECT results_eq(
    format($$SELECT step, users FROM funnel_steps((SELECT funnel(user_id, at, steps(event < 20, event %% 3 = 1, event > 30), '3 hours') FROM %I))$$, what),
    format($$SELECT step, (SELECT count(*) FROM (SELECT window_funnel(at, steps(event < 20, event %% 3 = 1, event > 30), '3 hours') AS level
                                                FROM %I GROUP BY user_id) AS u WHERE level >= step) AS users
             FROM generate_series(1, 3) AS step$$, what),
    what || ': as window_funnel of each user')
FROM (VALUES ('usual'), ('extreme'), ('late'), ('same')) AS w (what);
SELECT results_eq(
    $$SELECT sessions, users, events FROM session_totals((SELECT sessions(user_id, at, 'page ' || event, '10 minutes') FROM late))$$,
    $$SELECT count(*) FILTER (WHERE (at - before <= interval '10 minutes') IS NOT TRUE), count(DISTINCT user_id), count(*)
      FROM (SELECT user_id, at, lag(at) OVER (PARTITION BY user_id ORDER BY at) AS before FROM late) AS e$$,
    'sessions as SQL counts them');
SELECT results_eq(
    $$SELECT users, events FROM session_totals((SELECT sessions(user_id, at, 'page ' || event, '10 minutes') FROM extreme))$$,
    $$SELECT count(DISTINCT user_id), count(*) FROM extreme$$,
    'users and views as SQL counts them');

-- The same query once more for each row of another one: what was packed before is not met
-- again, and many events follow few. Workers take no value of the other query, so they
-- have as many each time.
CREATE FUNCTION again(aggregate text, nworkers int, memory text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT string_agg(x, '','' ORDER BY g) FROM unnest(ARRAY[150001, 0, 200, 150001, 70000, 150001]) WITH ORDINALITY AS n (most, g)
        LEFT JOIN LATERAL (SELECT md5((%s)::text) AS x FROM numbered WHERE event < %s OFFSET 0) AS s ON g > 0',
        aggregate, CASE nworkers WHEN 0 THEN 'most' ELSE '150001' END);
    expected text;
    got text;
    plan json;
BEGIN
    PERFORM set_config('work_mem', '1GB', true);
    PERFORM set_config('max_parallel_workers_per_gather', '0', true);
    EXECUTE replace(query, 'user_id', 'user_id::text') INTO expected;
    PERFORM set_config('work_mem', memory, true);
    PERFORM set_config('max_parallel_workers_per_gather', nworkers::text, true);
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    EXECUTE query INTO got;
    RETURN NEXT is(substring(plan::text FROM CASE nworkers WHEN 0 THEN '"Alias": "numbered".*?"Actual Loops": (\d+)' ELSE '"Node Type": "Gather".*?"Actual Loops": (\d+)' END),
                   '6', format('six times, %s workers, %s: %s', nworkers, memory, aggregate));
    RETURN NEXT is(got, expected, format('each time anew, %s workers, %s: %s', nworkers, memory, aggregate));
END $$;
CREATE TABLE numbered AS
SELECT user_id, at, (row_number() OVER ())::int AS event FROM usual;
ALTER TABLE numbered SET (parallel_workers = 2);
ANALYZE numbered;
SET LOCAL enable_material = off;
SELECT again(aggregate, workers, memory)
FROM (VALUES (0, '1GB'), (0, '64kB'), (2, '1GB'), (2, '1MB')) AS m (workers, memory),
     (VALUES ($$funnel(user_id, at, steps(event % 40 < 20, event % 3 = 1, event % 40 > 30), '3 hours')$$),
             ($$transitions(user_id, at, 'page ' || event % 40, '10 minutes')$$)) AS a (aggregate);

SELECT * FROM finish();
ROLLBACK;
