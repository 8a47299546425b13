-- So many events that the users of a share are not grouped at once: processes give each other
-- records, and what each has read is put into the order of time on the way.
\ir ../setup.psql

SELECT plan(15);

-- in the order of time; pages come up late, so that processes number them differently
CREATE TABLE log AS
SELECT rnd(i, 1, 30000)::bigint AS user_id, moment(i * 3) AS at, 'page ' || rnd(i, 2, 20) + i / 300000 * 10 AS page
FROM generate_series(1, 1200000) AS i;
-- in none, and one user, whose number is negative, has a third of all
CREATE TABLE jumble AS
SELECT CASE WHEN rnd(i, 1, 3) = 0 THEN -7 ELSE rnd(i, 2, 30000) END::bigint AS user_id,
       moment(rnd(i, 3, 10000000)) AS at, 'page ' || rnd(i, 4, 30) AS page
FROM generate_series(1, 1200000) AS i;
-- few events in part
INSERT INTO log SELECT user_id, at, page FROM jumble LIMIT 20000;
ALTER TABLE log SET (parallel_workers = 3);
ALTER TABLE jumble SET (parallel_workers = 3);
-- the same in partitions
CREATE TABLE parted (LIKE log) PARTITION BY RANGE (at);
SELECT format('CREATE TABLE parted_%s PARTITION OF parted FOR VALUES FROM (%L) TO (%L); ALTER TABLE parted_%1$s SET (parallel_workers = 3)', i, moment(i * 1000000), moment((i + 1) * 1000000)) FROM generate_series(0, 9) AS i \gexec
INSERT INTO parted TABLE log;
ANALYZE log, jumble, parted;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;

-- Workers that read a table, and how much they may keep in memory: is the answer that of a
-- single process that reads it as PostgreSQL does?
CREATE FUNCTION shared(aggregate text, what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    query text := format('SELECT md5((%s)::text) FROM %I', aggregate, what);
    expected text;
    got text;
    workers int;
    memory text;
BEGIN
    PERFORM set_config('work_mem', '1GB', true);
    PERFORM set_config('journey.enable_scan', 'off', true);
    PERFORM set_config('max_parallel_workers_per_gather', '0', true);
    EXECUTE query INTO expected;
    PERFORM set_config('journey.enable_scan', 'on', true);
    FOR workers, memory IN VALUES (0, '1GB'), (1, '1GB'), (3, '1GB'), (1, '4MB') LOOP
        PERFORM set_config('work_mem', memory, true);
        PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
        EXECUTE query INTO got;
        IF expected IS NULL OR got IS DISTINCT FROM expected THEN
            RETURN NEXT is(got, expected, format('%s workers, %s: %s', workers, memory, query));
        END IF;
    END LOOP;
    RETURN NEXT pass(query);
END $$;

SELECT shared(aggregate, what)
FROM (VALUES ('log'), ('jumble')) AS w (what),
     (VALUES ($$sessions(user_id, at, page, '1 hour', 'UTC')$$),
             ($$transitions(user_id, at, page, '1 hour')$$),
             ($$funnel(user_id, at, steps(page < 'page 2', page > 'page 15', page > 'page 25'), '3 hours')$$),
             ($$sessions('user ' || user_id, at, page, '1 hour', 'UTC')$$),
             ($$sessions(user_id, at, page = 'page 4', page = 'page 5', page, '1 day', 'UTC')$$)) AS a (aggregate);

SELECT shared($$transitions(user_id, at, page, '1 hour')$$, 'parted');
SELECT shared($$sessions('user ' || user_id, at, page, '1 hour', 'UTC')$$, 'parted');

-- The processes do share the users, unless all others come late, for which the condition gives
-- them time: a process may need longer to begin than one to read the table. And the numbers are
-- those that SQL counts.
CREATE FUNCTION plan_of(query text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
    RETURN plan;
END $$;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL work_mem = '1GB';
SELECT ok(EXISTS (SELECT FROM generate_series(1, 20)
                  WHERE substring(plan_of(format('SELECT sessions(user_id, at, page, ''1 hour'') FROM %I WHERE md5(md5(page)) <> ''''', what))::text
                                  FROM '"Processes Sharing Users": (\d+)')::int > 1), 'processes share the users of ' || what)
FROM unnest(ARRAY['log', 'parted']) AS what;
SELECT results_eq(
    $$SELECT sessions, users, events FROM session_totals((SELECT sessions(user_id, at, page, '1 hour') FROM log))$$,
    $$SELECT count(*) FILTER (WHERE (at - before <= interval '1 hour') IS NOT TRUE), count(DISTINCT user_id), count(*)
      FROM (SELECT user_id, at, lag(at) OVER (PARTITION BY user_id ORDER BY at) AS before FROM log) AS e$$,
    'sessions as SQL counts them');

SELECT * FROM finish();
ROLLBACK;
