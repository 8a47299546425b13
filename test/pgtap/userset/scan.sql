-- The table scan under a condition contains(set, user_id): whatever the table and the
-- query around it, it must give what PostgreSQL's own sequential scan gives.
\ir ../setup.psql

SELECT plan(79);

SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '64MB';

-- Ids as bigint, integer and smallint, before and behind values of varying length, with
-- NULLs and with columns that some rows do not have.
CREATE TABLE log (gone text, id bigint, note text, far bigint, small smallint, normal int,
                  event text, sparse bigint);
INSERT INTO log
SELECT 'x', CASE WHEN rnd(i, 1, 30) > 0 THEN rnd(i, 2, 60000)::bigint * 1000003 - 20000000000 END,
       CASE WHEN rnd(i, 3, 5) > 0 THEN repeat('n', rnd(i, 4, 40)) END,
       CASE WHEN rnd(i, 5, 9) > 0 THEN rnd(i, 6, 8000000) END,
       rnd(i, 7, 60000) - 30000, rnd(i, 8, 2000000) - 1000000, chr(97 + rnd(i, 9, 5)), i
FROM generate_series(1, 20000) AS i;
ALTER TABLE log DROP gone;
ALTER TABLE log ADD late bigint, ADD later int DEFAULT 7;
INSERT INTO log
SELECT rnd(i, 11, 60000)::bigint * 1000003 - 20000000000, NULL, rnd(i, 16, 8000000), rnd(i, 17, 60000) - 30000,
       rnd(i, 18, 2000000) - 1000000, chr(97 + rnd(i, 19, 5)), i, rnd(i, 12, 8000000), rnd(i, 13, 9)
FROM generate_series(20001, 26000) AS i;
DELETE FROM log WHERE sparse % 11 = 3;
UPDATE log SET event = 'z' WHERE sparse % 13 = 4;
ANALYZE log;

-- Sets of arrays, of bitmaps and of runs, so large that the scan looks ahead, and a small one.
CREATE TABLE sets (name text PRIMARY KEY, users userset);
INSERT INTO sets VALUES
    ('arrays', (SELECT userset_agg(rnd(i, 21, 60000)::bigint * 1000003 - 20000000000) | userset_agg(rnd(i, 22, 8000000)) FROM generate_series(1, 90000) AS i)
             | (SELECT userset_agg(i * 7919) FROM generate_series(1, 200000) AS i)),
    ('bitmaps', (SELECT userset_agg(rnd(i, 23, 10000000) - 2000000) FROM generate_series(1, 2000000) AS i)),
    ('runs', (SELECT userset_agg(i / 4 * 100 + i % 4 - 600000) FROM generate_series(1, 340000) AS i)),
    ('small', '{-5-900,20000-30000,1000000-1200000}');
ALTER TABLE sets ALTER users SET STORAGE EXTERNAL;
SELECT ok(bool_and(octet_length(journey_internal.userset_send(users)) > 262144), 'large sets') FROM sets WHERE name <> 'small';

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

-- Do both scans give the same rows, some and not all, and is ours used?
CREATE FUNCTION same(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    summary text := 'SELECT count(*) || '' '' || coalesce(sum(hashtextextended(q::text, 1)), 0) FROM (' || query || ') AS q';
    ours text;
    theirs text;
BEGIN
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN NEXT alike(plan_of(summary), '%JourneyScan%', 'planned: ' || query);
    EXECUTE summary INTO ours;
    PERFORM set_config('journey.enable_scan', 'off', true);
    EXECUTE summary INTO theirs;
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN NEXT is(ours, theirs, 'same: ' || query);
    RETURN NEXT ok(theirs NOT LIKE '0 %', 'some rows: ' || query);
END $$;

SELECT same(format('SELECT id, note, far, ctid FROM log WHERE contains((SELECT users FROM sets WHERE name = %L), %s)', name, expression))
FROM sets, unnest(ARRAY['id', 'small', 'normal', 'far']) AS expression
WHERE (name, expression) IN (('arrays', 'id'), ('arrays', 'far'), ('bitmaps', 'far'), ('bitmaps', 'normal'), ('bitmaps', 'small'),
                             ('runs', 'normal'), ('runs', 'small'), ('small', 'small'));
SELECT same('SELECT * FROM log WHERE contains((SELECT users FROM sets WHERE name = ''bitmaps''), late)');
SELECT same('SELECT log FROM log WHERE NOT contains((SELECT users FROM sets WHERE name = ''arrays''), id) AND event <> ''b''');
SELECT same('SELECT * FROM log WHERE (contains((SELECT users FROM sets WHERE name = ''arrays''), id)
                                      AND contains((SELECT users FROM sets WHERE name = ''bitmaps''), far)) OR later = 3');
SELECT same('SELECT event, count(*), max(note) FROM log WHERE contains((SELECT users FROM sets WHERE name = ''bitmaps''), far) GROUP BY event');
SELECT same('SELECT l.far, m.event FROM log AS l JOIN log AS m ON m.normal = l.far WHERE contains((SELECT users FROM sets WHERE name = ''bitmaps''), l.far)');
SELECT same('SELECT DISTINCT event FROM log WHERE contains(''{0-700000}'', far)');
SELECT same('SELECT s.name, (SELECT count(*) FROM log WHERE contains(s.users, far)) FROM sets AS s');
SELECT same('SELECT s.name, l.far FROM sets AS s CROSS JOIN LATERAL (SELECT far FROM log WHERE contains(s.users, far) ORDER BY far LIMIT 7) AS l');
SELECT same('SELECT * FROM (SELECT far, row_number() OVER (ORDER BY far, ctid) AS n FROM log WHERE contains((SELECT users FROM sets WHERE name = ''runs''), far)) AS w WHERE n % 3 = 0');

-- Against members, without contains() at all.
SELECT results_eq('SELECT far FROM log WHERE contains((SELECT users FROM sets WHERE name = ''bitmaps''), far) ORDER BY far',
                  'SELECT far FROM log WHERE far IN (SELECT members(users) FROM sets WHERE name = ''bitmaps'') ORDER BY far',
                  'contains() and members() say the same');
SELECT is((SELECT count(*) FROM log WHERE contains((SELECT users FROM sets WHERE name = 'none'), far)), 0::bigint, 'a set that is NULL');

-- A subquery that would fail does not run when no row comes to it.
SELECT alike(plan_of($q$SELECT count(*) FROM log WHERE (event = 'none' AND contains((SELECT users FROM sets), far)) OR event IS NULL$q$), '%JourneyScan%', 'the plan with a subquery');
SELECT is((SELECT count(*) FROM log WHERE (event = 'none' AND contains((SELECT users FROM sets), far)) OR event IS NULL), 0::bigint, 'inside of AND and OR');
SELECT throws_ok($q$SELECT count(*) FROM log WHERE contains((SELECT users FROM sets), far)$q$, '21000', NULL, 'when a row comes to it, it fails');

-- Where it is not for.
SELECT unalike(plan_of($q$UPDATE log SET event = 'u' WHERE contains('{0-700000}', far)$q$), '%JourneyScan%', 'not to update');
SELECT unalike(plan_of($q$DELETE FROM log WHERE contains('{0-700000}', far)$q$), '%JourneyScan%', 'not to delete');
SELECT unalike(plan_of($q$SELECT * FROM log WHERE contains('{0-700000}', far) FOR UPDATE$q$), '%JourneyScan%', 'not to lock rows');
SELECT unalike(plan_of($q$SELECT * FROM log WHERE contains('{0-700000}', far + 1)$q$), '%JourneyScan%', 'not of an expression');
SELECT unalike(plan_of($q$SELECT * FROM log WHERE userset_rank('{0-700000}', far) > 5$q$), '%JourneyScan%', 'not of another function');
SELECT unalike(plan_of($q$SELECT contains('{0-700000}', far) FROM log$q$), '%JourneyScan%', 'not without a condition');

-- A cursor: backwards too, and its row can be updated.
CREATE TABLE target AS SELECT i AS far, 'as it was' AS what FROM generate_series(1, 5000) AS i;
SELECT alike(plan_of($q$SELECT far FROM target WHERE contains((SELECT users FROM sets WHERE name = 'bitmaps'), far)$q$), '%JourneyScan%', 'the plan of the cursor');
DECLARE rows SCROLL CURSOR FOR SELECT far FROM target WHERE contains((SELECT users FROM sets WHERE name = 'bitmaps'), far);
MOVE 300 FROM rows;
CREATE FUNCTION fetch_from(direction text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    c refcursor := 'rows';
    r record;
BEGIN
    IF direction = 'back' THEN FETCH PRIOR FROM c INTO r; ELSE FETCH NEXT FROM c INTO r; END IF;
    RETURN r.far;
END $$;
SELECT is(fetch_from('back') || ' ' || fetch_from('on'),
          (SELECT string_agg(far::text, ' ' ORDER BY far)
           FROM (SELECT far FROM target WHERE far IN (SELECT members(users) FROM sets WHERE name = 'bitmaps') ORDER BY far OFFSET 298 LIMIT 2) AS f),
          'a cursor goes back');
CLOSE rows;
DECLARE one NO SCROLL CURSOR FOR SELECT far FROM target WHERE contains((SELECT users FROM sets WHERE name = 'bitmaps'), far);
MOVE 400 FROM one;
UPDATE target SET what = 'changed' WHERE CURRENT OF one;
CLOSE one;
SELECT results_eq('SELECT far FROM target WHERE what = ''changed''',
                  'SELECT far FROM target WHERE far IN (SELECT members(users) FROM sets WHERE name = ''bitmaps'') ORDER BY far OFFSET 399 LIMIT 1',
                  'WHERE CURRENT OF is the row of the cursor');

-- Prepared statements: the set is a parameter.
PREPARE asked(userset) AS SELECT count(*) FROM log WHERE contains($1, far);
SET LOCAL plan_cache_mode = force_generic_plan;
CREATE FUNCTION asked(name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('EXECUTE asked(%L)', (SELECT users FROM sets WHERE sets.name = asked.name)) INTO n;
    RETURN n;
END $$;
SELECT is(asked(name), (SELECT count(*) FROM log WHERE far IN (SELECT members(users) FROM sets AS s WHERE s.name = n.name)), 'a parameter: ' || name)
FROM unnest(ARRAY['bitmaps', 'runs', 'bitmaps']) AS n (name);
RESET plan_cache_mode;

-- Parallel, and partitions.
CREATE TABLE parts (far bigint, event text) PARTITION BY LIST (event);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES IN ('a', 'b');
CREATE TABLE parts2 PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT far, event FROM log;
ANALYZE parts;
SELECT same('SELECT * FROM parts WHERE contains((SELECT users FROM sets WHERE name = ''bitmaps''), far)');
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SELECT alike(plan_of($q$SELECT count(*) FROM log WHERE contains((SELECT users FROM sets WHERE name = 'bitmaps'), far)$q$),
             '%Parallel Custom Scan (JourneyScan)%', 'a parallel plan');
SELECT same('SELECT * FROM log WHERE contains((SELECT users FROM sets WHERE name = ''bitmaps''), far)');
SELECT same('SELECT * FROM parts WHERE contains((SELECT users FROM sets WHERE name = ''arrays''), far)');

SELECT * FROM finish();
ROLLBACK;
