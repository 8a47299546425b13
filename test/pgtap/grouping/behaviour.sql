-- Rows brought together in groups by the extension: whatever the key, the aggregates, the
-- plan below, the memory and the number of processes, the answer is PostgreSQL's own.
\ir ../setup.psql

SELECT no_plan();

CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE log (gone text, user_id bigint, at timestamptz, event text, number int, small smallint,
                  price float8, amount numeric, name text COLLATE nocase, day date, note text, card uuid,
                  flag boolean, pad char(4), outside text);
ALTER TABLE log ALTER outside SET STORAGE EXTERNAL;
INSERT INTO log
SELECT 'x', nullif(rnd(i, 1, 1500), 7), CASE WHEN rnd(i, 2, 50) > 0 THEN moment(rnd(i, 3, 5000)) END,
       CASE WHEN rnd(i, 4, 40) > 0 THEN chr(97 + rnd(i, 5, 5)) END, nullif(rnd(i, 6, 9), 0) - 4,
       rnd(i, 7, 40) - 20, CASE rnd(i, 8, 9) WHEN 0 THEN float8 '-0' WHEN 1 THEN 0 WHEN 2 THEN float8 'NaN' ELSE rnd(i, 9, 5) END,
       -- the same group under operators, though the digits differ
       CASE rnd(i, 10, 2) WHEN 0 THEN 1.0 ELSE 1.00 END * rnd(i, 11, 900),
       CASE rnd(i, 12, 2) WHEN 0 THEN 'Name ' ELSE 'NAME ' END || rnd(i, 13, 700),
       date '2024-01-01' + rnd(i, 14, 400),
       CASE rnd(i, 15, 30) WHEN 0 THEN repeat('long ', 2000 + rnd(i, 16, 3)) WHEN 1 THEN NULL WHEN 2 THEN ''
                           ELSE repeat('n', rnd(i, 17, 900)) END,
       md5(rnd(i, 18, 1200)::text)::uuid, CASE rnd(i, 19, 3) WHEN 0 THEN true WHEN 1 THEN false END,
       'p' || rnd(i, 20, 30), CASE WHEN rnd(i, 24, 9) = 0 THEN repeat('outside ' || rnd(i, 25, 7), 500) END
FROM generate_series(1, 12000) AS i;
ALTER TABLE log DROP gone, ADD channel text, ADD level int DEFAULT 7;
INSERT INTO log (user_id, at, event, channel) SELECT rnd(i, 21, 1500), moment(rnd(i, 22, 5000)), 'a', 'c' || rnd(i, 23, 3) FROM generate_series(1, 2000) AS i;
DELETE FROM log WHERE number = 2 AND small = 3;
ANALYZE log;

CREATE TABLE parted (LIKE log) PARTITION BY RANGE (at);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES FROM (MINVALUE) TO ('2024-01-01 00:20+00');
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2024-01-01 00:20+00') TO (MAXVALUE);
CREATE TABLE parted_2 PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT * FROM log;
ANALYZE parted;
CREATE TABLE tier AS SELECT u AS user_id, 't' || u % 3 AS tier FROM generate_series(0, 1400) AS u;
ANALYZE tier;

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

-- The rows of a query as one text, in an order of their own.
CREATE FUNCTION rows_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT count(*) || '' rows '' || coalesce(md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")), ''-'') FROM (%s OFFSET 0) AS t', query) INTO result;
    RETURN result;
EXCEPTION WHEN division_by_zero OR invalid_parameter_value OR null_value_not_allowed OR SQLSTATE '22008' THEN
    RETURN sqlstate || sqlerrm;
END $$;

-- PostgreSQL's own plan against ours. `ours` is whether ours may be chosen.
CREATE FUNCTION same(query text, ours boolean DEFAULT true) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    expected text;
    workers int;
    memory text;
    scan text;
BEGIN
    PERFORM set_config('journey.enable_aggregate', 'off', true), set_config('journey.enable_scan', 'off', true),
            set_config('max_parallel_workers_per_gather', '0', true), set_config('work_mem', '64MB', true);
    expected := rows_of(query);
    PERFORM set_config('journey.enable_aggregate', 'always', true);
    FOREACH workers IN ARRAY ARRAY[0, 2] LOOP
        FOREACH memory IN ARRAY ARRAY['64MB', '64kB'] LOOP
            FOREACH scan IN ARRAY ARRAY['on', 'off'] LOOP
                PERFORM set_config('journey.enable_scan', scan, true), set_config('work_mem', memory, true),
                        set_config('max_parallel_workers_per_gather', workers::text, true);
                IF (plan_of(query) LIKE '%JourneyGroup%') IS DISTINCT FROM ours THEN
                    RETURN NEXT fail(format('%s JourneyGroup, %s workers, %s, scan %s: %s', CASE WHEN ours THEN 'no' ELSE 'a' END, workers, memory, scan, query));
                    RETURN NEXT diag(plan_of(query));
                END IF;
                IF rows_of(query) IS DISTINCT FROM expected THEN
                    RETURN NEXT is(rows_of(query), expected, format('%s workers, %s, scan %s: %s', workers, memory, scan, query));
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    -- under PostgreSQL's HashAggregate the scan feeds the rows of groups
    PERFORM set_config('journey.enable_aggregate', 'off', true), set_config('journey.enable_scan', 'on', true),
            set_config('enable_sort', 'off', true);
    FOREACH workers IN ARRAY ARRAY[0, 2] LOOP
        FOREACH memory IN ARRAY ARRAY['64MB', '64kB'] LOOP
            PERFORM set_config('work_mem', memory, true), set_config('max_parallel_workers_per_gather', workers::text, true);
            IF rows_of(query) IS DISTINCT FROM expected THEN
                RETURN NEXT is(rows_of(query), expected, format('%s workers, %s, HashAggregate: %s', workers, memory, query));
            END IF;
        END LOOP;
    END LOOP;
    PERFORM set_config('enable_sort', 'on', true), set_config('work_mem', '64MB', true);
    RETURN NEXT isnt(expected, NULL, query);
END $$;

SET LOCAL hash_mem_multiplier = 1;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
ALTER TABLE log SET (parallel_workers = 2);

-- aggregates per user
SELECT same($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b,c}'), '10 minutes') FROM log GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, window_funnel(at, steps(event = 'a', price > 1, amount / (small + 21) > 0.3), '10 minutes', 'strict_order') AS level, max(at), count(*), min(note) FROM log WHERE number > -3 GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, sequence_match(at, step_of(event, '{a,b}'), '(?1)(?2)'), sequence_count(at, step_of(event, '{a,b}'), '(?1).*(?2)') FROM log GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, retention(steps(event = 'a', event = 'b', flag)) FROM log GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, user_path(at, event, '5 minutes') FROM log GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, window_funnel_times(at, step_of(event, '{a,b,c}'), '10 minutes') FROM log GROUP BY user_id$q$);
-- of populations
SELECT same($q$SELECT channel, funnel(user_id, at, step_of(event, '{a,b,c}'), '10 minutes')::text FROM log GROUP BY channel$q$);
SELECT same($q$SELECT day, transitions(user_id, at, event)::text, lifecycle(user_id, at, 'hour', 'UTC')::text FROM log GROUP BY day$q$);
SELECT same($q$SELECT number, userset_agg(user_id)::text FROM log GROUP BY number$q$);
-- keys
SELECT same(format('SELECT %s AS key, count(*), sum(small), window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'') FROM log GROUP BY %1$s', key))
FROM unnest(ARRAY['user_id::int', 'small', 'number', 'event', 'day', 'card', 'flag', 'pad', 'at', 'lower(note)', 'note', 'outside',
                  'date_trunc(''hour'', at)', 'ARRAY[number, small]', 'number::oid', 'event::"char"', 'event::name',
                  'number % 2 = 0', 'hashtext(event)']) AS key;
-- of those that differ and are equal, any may represent a group
SELECT same(format('SELECT %s AS key, count(*), sum(small), window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'') FROM log GROUP BY %s', shown, key))
FROM (VALUES ('upper(name)', 'name'), ('trim_scale(amount)', 'amount'), ('price + 0', 'price')) AS k (shown, key);
SELECT same('SELECT user_id, event, flag, count(*), retention(steps(number > 0, small > 0)) FROM log GROUP BY user_id, flag, event');
SELECT same('SELECT note, user_id, name = ''name 5'', count(*), retention(steps(number > 0, small > 0)) FROM log GROUP BY user_id, note, name');
-- aggregates
SELECT same('SELECT user_id, count(*), count(event), avg(amount), bool_or(flag), max(note), min(card::text), stddev(small) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, count(*) FILTER (WHERE event = ''a''), retention(steps(number > 0, small > 0)) FILTER (WHERE flag), max(100 / number) FILTER (WHERE number <> 0) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, max(100 / (number + 3)), count(*) FROM log GROUP BY user_id');
SELECT same('SELECT number, min(ctid) FILTER (WHERE flag), max(ctid) FILTER (WHERE small > 0), sum(hashtext(ctid::text)) FILTER (WHERE true), min(tableoid::oid) FILTER (WHERE flag), sum(hashtext(l.*::text)) FILTER (WHERE flag), sum(hashtext(card::text)) FILTER (WHERE true), count(*) FROM log AS l GROUP BY number');
SELECT same('SELECT ctid, count(*), max(ctid) FROM log GROUP BY ctid');
SELECT same('SELECT user_id, count(DISTINCT event), retention(steps(number > 0, small > 0)) FROM log GROUP BY user_id', false);
SELECT same('SELECT user_id, array_agg(event ORDER BY event), retention(steps(number > 0, small > 0)) FROM log GROUP BY user_id', false);
SELECT same('SELECT user_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY small) FROM log GROUP BY user_id', false);
SELECT same('SELECT user_id, event, count(*), grouping(user_id) FROM log GROUP BY GROUPING SETS ((user_id), (user_id, event), ())', false);
SELECT same('SELECT user_id, event, count(*) FROM log GROUP BY ROLLUP (user_id, event)', false);
SELECT same('SELECT count(*), max(at) FROM log', false);
SELECT same('SELECT DISTINCT user_id FROM log', false);
SELECT same('SELECT user_id, event, grouping(user_id), grouping(event, user_id) + count(*), retention(steps(number > 0, small > 0)) FROM log GROUP BY user_id, event HAVING grouping(user_id) = 0');
-- states that are numbers: no row is stored
CREATE AGGREGATE sum_from_5 (int) (SFUNC = int4_sum, STYPE = bigint, INITCOND = '5');
CREATE AGGREGATE count_from_1 (*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '1');
CREATE FUNCTION rows_stored(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('journey.enable_aggregate', 'always', true);
    RETURN substring(plan_of(query) FROM 'Rows Stored: (\w+)');
END $$;
SELECT same(format('SELECT %s AS key, count(*), count(event), count(1), sum(small), sum(number), max(at), min(at), max(day), min(day), max(price), min(price), max(small), min(number), bool_and(flag), bool_or(flag), every(small > 0), max(at::time), min(at::timestamp), retention(steps(number > 0, small > 0)) FROM log GROUP BY 1', key))
FROM unnest(ARRAY['user_id', 'number', 'small', 'flag', 'event::"char"', 'day', 'at', 'user_id % 3', 'number + NULL']) AS key;
SELECT same('SELECT number, small + number, max(number) + count(*) FROM log GROUP BY number, small + number HAVING max(at) > min(at) OR bool_or(flag)');
SELECT same('SELECT user_id + 1, user_id * 2 + max(small) FROM log GROUP BY user_id HAVING count(flag) > 2 AND user_id > 9');
SELECT same('SELECT user_id, sum_from_5(number), count_from_1(*) FROM log GROUP BY user_id');
CREATE AGGREGATE avg_from_5 (int) (SFUNC = int4_avg_accum, STYPE = bigint[], FINALFUNC = int8_avg, INITCOND = '{5,5}');
CREATE AGGREGATE sum_and_count (int) (SFUNC = int4_avg_accum, STYPE = bigint[], INITCOND = '{0,0}');
SELECT same('SELECT user_id, avg_from_5(number), sum_and_count(number), avg(number) FROM log GROUP BY user_id');
-- their conditions
SELECT same('SELECT user_id, count(*) FILTER (WHERE event = ''a''), count(event) FILTER (WHERE flag), sum(number) FILTER (WHERE NOT flag), avg(small) FILTER (WHERE small > 0 OR flag), max(price) FILTER (WHERE event > ''b''), bool_or(flag) FILTER (WHERE number IS NULL), min(at) FILTER (WHERE NULL), sum(user_id) FILTER (WHERE flag) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, count(*) FILTER (WHERE 100 / (number + 3) > 20), max(small) FILTER (WHERE flag) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, retention(s) FILTER (WHERE flag), window_funnel(at, s, ''10 minutes'') FILTER (WHERE flag), sequence_match(at, s, ''(?1)(?2)''), count(*) FROM (SELECT user_id, at, flag, step_of(event, ''{a,b}'') AS s FROM log OFFSET 0) AS t GROUP BY user_id');
SELECT same('SELECT user_id, window_funnel(at, s, ''10 minutes'') FILTER (WHERE flag), window_funnel(at, s, ''10 minutes'') FILTER (WHERE small > 0) FROM (SELECT user_id, at, flag, small, step_of(event, ''{a,b}'') AS s FROM log OFFSET 0) AS t GROUP BY user_id');
-- sums and averages of integers, past 64 bits
SELECT same('SELECT small, sum(n), avg(n), avg(number), avg(small), sum(n) FILTER (WHERE flag), avg(n) FILTER (WHERE false) FROM (SELECT small, number, flag, CASE WHEN number > 2 THEN NULL WHEN small < 0 THEN -9223372036854775808 WHEN small > 9 THEN 9223372036854775807 ELSE user_id - 700 END AS n FROM log) AS t GROUP BY small');
-- keys by their bytes, NULLs among them, and of several columns
SELECT same(format('SELECT %s, count(*), count(event), max(at), avg(number), sum(user_id) FILTER (WHERE flag), bool_and(flag), window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'') FROM log GROUP BY %1$s', key))
FROM unnest(ARRAY['event', 'card', 'note', 'user_id, flag', 'event, flag, number', 'card, day, note', 'repeat(outside, 3), event', 'event::name, user_id']) AS key;
SELECT same(format('SELECT %s, count(*), max(at), avg(number), sum(user_id) FILTER (WHERE flag), bool_and(flag) FROM log GROUP BY %1$s', key))
FROM unnest(ARRAY['card', 'note', 'flag, user_id', 'event, flag, number', 'repeat(outside, 3), event', 'event::name, user_id']) AS key;
SELECT same('SELECT k, count(*), max(at) FROM (SELECT left(note, 1 + number) || repeat(''x'', small) AS k, at FROM log WHERE number >= 0) AS t GROUP BY k HAVING count(*) > 1');
-- PostgreSQL's aggregates beside those of the extension
SELECT same('SELECT user_id, window_funnel(at, step_of(event, ''{a,b,c}''), ''10 minutes''), count(*), max(at), avg(small), retention(step_of(event, ''{c,d}'')), bool_or(flag) FILTER (WHERE number > 0) FROM log GROUP BY user_id HAVING count(*) > 5');
SELECT same('SELECT user_id, user_path(at, event, ''5 minutes''), count(*), count(event), avg(small), sum(user_id), sum(small * 0.5::float8), avg(price) FILTER (WHERE price < 9), max(price), retention(steps(flag, small > 0)) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, event, window_funnel(at, step_of(event, ''{a,b,c}''), ''10 minutes''), sum(amount), count(*), avg(number) FROM log GROUP BY user_id, event');
SELECT same('SELECT user_id, count(NULL), count(number + NULL), sum(NULL::int), max(NULL::int) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, max(CASE WHEN small > 0 THEN float8 ''-0'' WHEN small < -10 THEN ''NaN'' END) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, retention(CASE WHEN number > 1 THEN steps(flag, small > 0) ELSE steps(flag) END) FROM log WHERE user_id = 5 GROUP BY user_id');
SELECT same('SELECT count(*), max(m), sum(n) FROM (SELECT user_id, max(at) AS m, count(*) AS n FROM log GROUP BY user_id) AS t');
SELECT same('SELECT n, count(*) FROM (SELECT user_id, count(*) AS n FROM parted GROUP BY user_id) AS t GROUP BY n');
SELECT same('SELECT t.user_id, t.n, l.n FROM (SELECT user_id, count(*) AS n FROM log GROUP BY user_id) AS t LEFT JOIN (SELECT user_id, max(small) AS n FROM parted GROUP BY user_id) AS l USING (user_id)');
SELECT same('SELECT user_id, n FROM (SELECT user_id, count(*) AS n FROM log GROUP BY user_id) AS t UNION ALL SELECT user_id, m FROM (SELECT user_id, min(small) AS m FROM parted GROUP BY user_id) AS l');
SELECT same('SELECT DISTINCT count(*), max(small) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, max(small) FROM log GROUP BY user_id ORDER BY 2, 1 LIMIT 9');
SELECT same('SELECT u, (SELECT sum(n + m) FROM (SELECT count(*) AS n, max(number) AS m FROM log AS l WHERE l.number >= u GROUP BY l.user_id) AS a) FROM generate_series(-3, 4) AS u');
SELECT is(rows_stored('SELECT ' || what || ' FROM log GROUP BY user_id'), stored, what)
FROM (VALUES ('count(*), max(at), retention(steps(flag))', 'none'), ('user_id + 1, user_id * max(small)', 'none'), ('sum_from_5(number)', 'all'), ('count_from_1(*)', 'all'),
             ('sum(amount)', 'all'), ('max(small) FILTER (WHERE flag)', 'none'), ('max(number + 1) FILTER (WHERE flag)', 'all'), ('count(*), avg(small), sum(user_id), avg(user_id)', 'none'),
             ('sum(price)', 'all'), ('avg(price)', 'all'), ('avg_from_5(number)', 'all'), ('sum_and_count(number)', 'all'), ('count(NULL)', 'all'), ('max(event)', 'all'),
             ('count(*), window_funnel(at, step_of(event, ''{a}''), ''1 hour''), avg(small)', 'some'), ('sum(user_id), window_funnel(at, step_of(event, ''{a}''), ''1 hour'')', 'all')) AS v (what, stored);
SELECT is(rows_stored('SELECT user_id, event, count(*) FROM log GROUP BY user_id, event'), 'none', 'a key of two columns');
SELECT is(rows_stored('SELECT event, count(*) FROM log GROUP BY event'), 'none', 'a text as key');
SELECT is(rows_stored('SELECT name, count(*) FROM log GROUP BY name'), 'all', 'a key that is equal by more than its bytes');
CREATE TABLE keyed (id int PRIMARY KEY, number int);
INSERT INTO keyed SELECT i, i % 7 FROM generate_series(1, 3000) AS i;
SELECT same('SELECT id, number, max(number), count(*), avg(small), window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'') FROM keyed LEFT JOIN (SELECT user_id, small, at, event FROM log) AS l ON user_id = id GROUP BY id');
SELECT same('SELECT id, number, max(number), count(*), avg(small) FROM keyed LEFT JOIN (SELECT user_id, small FROM log) AS l ON user_id = id GROUP BY id');
SELECT is(rows_stored('SELECT id, number, max(number) FROM keyed GROUP BY id'), 'all', 'another column is shown');

-- events: of those that meet no condition, the first is enough
SELECT same(format('SELECT user_id, window_funnel(at, %s, ''10 minutes''%s) FROM log GROUP BY user_id', step, options))
FROM unnest(ARRAY['step_of(event, ''{a,b}'')', 'CASE WHEN event <> ''d'' THEN step_of(event, ''{a,b}'') END', 'steps(false, false)']) AS step,
     unnest(ARRAY['', $q$, ''$q$, $q$, 'strict_order'$q$, $q$, 'consecutive'$q$, $q$, 'strict_increase, optional 2'$q$, $q$, 'count sessions'$q$, $q$, 'no_such'$q$, ', NULL']) AS options;
SELECT same('SELECT user_id, window_funnel_times(at, step_of(event, ''{a,b}''), ''1 minute''), retention(step_of(event, ''{c,d,e}'')), sequence_match(at, steps(flag, small > 0), ''(?1)(?2)'') FROM log GROUP BY user_id');
SELECT same('SELECT user_id, window_funnel(at, CASE WHEN event < ''c'' THEN steps(false) ELSE steps(false, false) END, ''1 minute'') FROM log WHERE user_id = 5 GROUP BY user_id');
SELECT same('SELECT user_id, sequence_match(at, step_of(event, ''{a,b}''), ''(?1)(?3)'') FROM log GROUP BY user_id');
SELECT same('SELECT user_id, window_funnel(CASE WHEN event = ''d'' AND small = 7 THEN ''infinity'' ELSE at END, step_of(event, ''{a,b}''), ''1 minute'') FROM log GROUP BY user_id');
SELECT same('SELECT user_id, window_funnel(CASE WHEN small < 0 THEN at END, step_of(event, ''{a,b}''), ''1 minute'') FROM log GROUP BY user_id');
SELECT same('SELECT level, count(*) FROM (SELECT user_id % 90, window_funnel(at, step_of(event, ''{a,b}''), ''1 minute'') AS level FROM parted GROUP BY 1) AS t GROUP BY level');
SELECT is(rows_stored('SELECT ' || what || ' FROM log GROUP BY user_id'), stored, what)
FROM (VALUES ('window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'')', 'some'), ('window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'', ''strict_once'')', 'some'),
             ('window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'', ''strict_order'')', 'all'), ('window_funnel(at, step_of(event, ''{a,b}''), ''1 hour'', ''consecutive'')', 'all'),
             ('window_funnel(at, step_of(event, ''{a,b}''), CASE WHEN flag THEN interval ''1 hour'' ELSE ''2 hours'' END)', 'all'),
             ('window_funnel(at, step_of(event, ''{a,b}''), ''1 hour''), user_path(at, event)', 'all'),
             ('sequence_match(at, step_of(event, ''{a,b}''), ''(?1)(?2)''), retention(steps(flag))', 'some')) AS v (what, stored);

-- conditions, and what is above
SELECT same('SELECT user_id, count(*) AS n FROM log GROUP BY user_id HAVING count(*) > 8 AND max(price) > 1 ORDER BY n DESC, user_id LIMIT 20');
SELECT same($q$SELECT level, count(*) FROM (SELECT window_funnel(at, step_of(event, '{a,b,c}'), '10 minutes') AS level FROM log GROUP BY user_id) AS u GROUP BY level$q$);
SELECT same('SELECT user_id, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) FROM log GROUP BY user_id');
SELECT same('SELECT user_id, n FROM (SELECT user_id, count(*) AS n FROM log GROUP BY user_id) AS a WHERE n < (SELECT avg(n) FROM (SELECT count(*) AS n FROM log GROUP BY event) AS b)');
SELECT same('SELECT u, (SELECT sum(n) FROM (SELECT count(*) AS n FROM log AS l WHERE l.number = u GROUP BY l.event) AS a) FROM generate_series(-3, 4) AS u');
SELECT same('SELECT u, a.* FROM generate_series(-3, 4) AS u, LATERAL (SELECT event, count(*), max(small + u) FROM log AS l WHERE l.number = u GROUP BY l.event) AS a');
SELECT same('SELECT user_id, count(*), generate_series(1, 2) FROM log GROUP BY user_id');
SELECT same('SELECT 1 FROM log WHERE false GROUP BY user_id HAVING count(*) > 0');
SELECT same('SELECT event, count(*) FROM log WHERE user_id < 0 GROUP BY event');
-- from what
SELECT same($q$SELECT tier, count(*), funnel(user_id, at, step_of(event, '{a,b,c}'), '10 minutes')::text FROM log JOIN tier USING (user_id) GROUP BY tier$q$);
SELECT same($q$SELECT user_id, max(tier), window_funnel(at, step_of(event, '{a,b,c}'), '10 minutes') FROM log LEFT JOIN tier USING (user_id) GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b,c}'), '10 minutes'), max(note) FROM parted GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, count(*), max(i) FROM (SELECT user_id, i FROM log, generate_series(1, 2) AS i OFFSET 0) AS t GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, count(*), max(x) FROM (SELECT user_id, small AS x FROM log UNION ALL SELECT user_id, number FROM parted) AS t GROUP BY user_id$q$);
SELECT same('SELECT i % 100 AS k, count(*), sum(i) FROM generate_series(1, 5000) AS i GROUP BY k');
SELECT same('SELECT column1, count(*) FROM (VALUES (1, ''a''), (2, ''b''), (1, NULL)) AS v GROUP BY column1');

-- few groups, each larger than memory
SELECT same('SELECT outside, number > 0, count(*), sum(small), max(note) FROM log GROUP BY 1, 2');
SELECT same('SELECT repeat(outside, 3) AS k, count(*), max(number) FROM log GROUP BY 1');

-- errors are those of a plan that looks at all rows
SELECT same('SELECT user_id, max(1 / small), count(*) FROM log GROUP BY user_id');
SELECT same($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b}'), CASE WHEN small > 0 THEN interval '1 hour' ELSE '2 hours' END) FROM log WHERE user_id = 5 GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b}'), CASE WHEN user_id % 2 = 0 THEN interval '1 hour' ELSE '2 hours' END) FROM log GROUP BY user_id$q$);
SELECT same($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b}'), NULL) FROM log GROUP BY user_id$q$);

-- the same order of rows within a group as PostgreSQL's, in one process
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT set_config('journey.enable_aggregate', 'off', true);
CREATE TABLE expected AS SELECT user_id, array_agg(event) AS events, sum(price) AS sum, string_agg(note, ',') AS notes FROM log GROUP BY user_id;
SELECT set_config('journey.enable_aggregate', 'always', true), set_config('work_mem', '64kB', true);
CREATE TABLE got AS SELECT user_id, array_agg(event) AS events, sum(price) AS sum, string_agg(note, ',') AS notes FROM log GROUP BY user_id;
SELECT is_empty('(TABLE expected EXCEPT ALL TABLE got) UNION ALL (TABLE got EXCEPT ALL TABLE expected)', 'rows of a group keep their order');

-- under PostgreSQL's HashAggregate the scan feeds some thousands of groups, unless they spill
SELECT set_config('journey.enable_aggregate', 'off', true), set_config('work_mem', '64MB', true), set_config('enable_sort', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true);
CREATE FUNCTION groups_fed(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ' || query LOOP
        IF line LIKE '%Groups Fed%' THEN
            RETURN trim(line);
        END IF;
    END LOOP;
    RETURN 'none';
END $$;
SELECT is(groups_fed('SELECT number, userset_agg(user_id) FROM log WHERE number IS NOT NULL GROUP BY number'), 'Groups Fed: 8', 'groups by an integer');
SELECT is(groups_fed('SELECT event, flag, userset_agg(user_id), count(*) FROM log GROUP BY event, flag'), 'Groups Fed: ' || (SELECT count(*) FROM (SELECT DISTINCT event, flag FROM log) AS t), 'by two columns with NULLs');
SELECT is(groups_fed('SELECT date_trunc(''hour'', at), userset_agg(user_id) FROM log WHERE at IS NOT NULL GROUP BY 1'), 'Groups Fed: 2', 'by an expression');
SELECT is(groups_fed('SELECT ctid::text, userset_agg(user_id) FROM log GROUP BY 1'), 'Groups Fed: 0', 'not too many');
SELECT is(groups_fed('SELECT ctid, userset_agg(user_id) FROM log GROUP BY 1'), 'none', 'nor where the planner knows that there are many');
SELECT is(groups_fed('SELECT amount, userset_agg(user_id) FROM log GROUP BY 1'), 'Groups Fed: ' || (SELECT count(DISTINCT coalesce(amount::text, '')) FROM log), 'what is equal but looks different is noted twice');
SELECT set_config('enable_sort', 'on', true);
-- the planner does not know how few days there are
SELECT is(groups_fed('SELECT date_trunc(''day'', at), userset_agg(user_id) FROM log WHERE at IS NOT NULL GROUP BY 1'), 'Groups Fed: 1', 'by an expression, without a sort');
SELECT is(groups_fed('SELECT date_trunc(''day'', at), user_id, userset_agg(user_id) FROM log WHERE at IS NOT NULL GROUP BY 1, 2'), 'none', 'by an expression and a column with many values');

-- volatile: PostgreSQL's own plan
CREATE SEQUENCE s;
SELECT unalike(plan_of(query), '%JourneyGroup%', 'volatile: ' || query)
FROM unnest(ARRAY['SELECT (random() * 5)::int AS k, count(*) FROM log GROUP BY k',
                  'SELECT user_id, max(nextval(''s'')), count(*) FROM log GROUP BY user_id',
                  'SELECT user_id, count(*) FILTER (WHERE random() < 0.5) FROM log GROUP BY user_id',
                  'SELECT user_id, count(*) FROM log WHERE nextval(''s'') > 0 GROUP BY user_id',
                  'SELECT user_id, count(*) FROM log GROUP BY user_id HAVING count(*) > random()']) AS query;

-- cursors and generic plans
SELECT set_config('plan_cache_mode', 'force_generic_plan', true);
PREPARE levels(interval, text[], int) AS SELECT count(*), sum(level) FROM (SELECT window_funnel(at, step_of(event, $2), $1) AS level FROM log WHERE number <> $3 GROUP BY user_id) AS t;
CREATE FUNCTION levels() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
    n bigint;
    s bigint;
BEGIN
    EXECUTE $q$EXECUTE levels('10 minutes', '{a,b,c}', 3)$q$ INTO n, s;
    result := n || ' ' || s;
    EXECUTE $q$EXECUTE levels('1 minute', '{b,c}', -3)$q$ INTO n, s;
    RETURN result || ' ' || n || ' ' || s;
END $$;
CREATE TABLE ours AS SELECT levels();
SELECT set_config('journey.enable_aggregate', 'off', true);
DEALLOCATE levels;
PREPARE levels(interval, text[], int) AS SELECT count(*), sum(level) FROM (SELECT window_funnel(at, step_of(event, $2), $1) AS level FROM log WHERE number <> $3 GROUP BY user_id) AS t;
SELECT is((SELECT levels FROM ours), levels(), 'a generic plan');
SELECT set_config('journey.enable_aggregate', 'always', true);
DECLARE c CURSOR FOR SELECT user_id, count(*) FROM log GROUP BY user_id;
MOVE 1200 FROM c;
CREATE FUNCTION fetched() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    c refcursor := 'c';
    r record;
    n int := 0;
BEGIN
    LOOP
        FETCH c INTO r;
        EXIT WHEN NOT FOUND;
        n := n + 1;
    END LOOP;
    RETURN n;
END $$;
SELECT is(fetched(), (SELECT count(DISTINCT coalesce(user_id, -1))::int - 1200 FROM log), 'a cursor');
CLOSE c;

-- processes share the groups
SELECT set_config('max_parallel_workers_per_gather', '2', true);
SELECT matches(plan_of($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b}'), '1 hour') FROM log GROUP BY user_id$q$), 'Gather.*GroupAggregate.*Parallel Custom Scan .JourneyGroup..*Parallel Custom Scan .JourneyScan.', 'a parallel plan');
SELECT matches(plan_of($q$SELECT user_id, count(*) FROM parted GROUP BY user_id$q$), 'Gather.*GroupAggregate.*Parallel Custom Scan .JourneyGroup..*Parallel Append', 'of partitions');
SELECT set_config('max_parallel_workers_per_gather', '0', true);

-- chosen by cost, where there are many groups and an aggregate of the extension
SELECT set_config('journey.enable_aggregate', 'on', true), set_config('work_mem', '4MB', true);
CREATE TABLE many AS SELECT i % 5000 AS user_id, moment(i) AS at, 'a' AS event FROM generate_series(1, 20000) AS i;
ANALYZE many;
SELECT alike(plan_of($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b}'), '1 hour') FROM many GROUP BY user_id$q$), '%JourneyGroup%JourneyScan%', 'many groups');
SELECT unalike(plan_of($q$SELECT event, window_funnel(at, step_of(event, '{a,b}'), '1 hour') FROM log GROUP BY event$q$), '%JourneyGroup%', 'few groups');
SELECT unalike(plan_of($q$SELECT user_id, max(at) FROM log GROUP BY user_id$q$), '%JourneyGroup%', 'PostgreSQL''s aggregates');

-- rows that a policy or a view hides are not seen by what is evaluated below
CREATE FUNCTION leak(text) RETURNS text LANGUAGE plpgsql IMMUTABLE COST 0.0001 AS $$
BEGIN
    IF $1 = 'e' THEN RAISE EXCEPTION 'leaked'; END IF;
    RETURN $1;
END $$;
CREATE VIEW safe WITH (security_barrier) AS SELECT * FROM log WHERE event <> 'e';
SELECT set_config('journey.enable_aggregate', 'always', true);
SELECT lives_ok($q$SELECT user_id, max(leak(event)), window_funnel(at, step_of(leak(event), '{a,b}'), '1 hour') FROM safe GROUP BY user_id$q$, 'a security-barrier view');
CREATE ROLE journey_grouping_reader;
GRANT USAGE ON SCHEMA journey_test, journey TO journey_grouping_reader;
GRANT SELECT ON log TO journey_grouping_reader;
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
CREATE POLICY hidden ON log USING (event <> 'e');
SET LOCAL ROLE journey_grouping_reader;
SELECT lives_ok($q$SELECT user_id, max(leak(event)), window_funnel(at, step_of(leak(event), '{a,b}'), '1 hour') FROM log GROUP BY user_id$q$, 'row-level security');
SELECT throws_ok($q$SELECT user_id, window_funnel(at, step_of(event, '{a,b}'), '1 hour') FROM tier JOIN log USING (user_id) GROUP BY user_id$q$, '42501', NULL, 'a table that may not be read');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
