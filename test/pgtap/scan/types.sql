-- What the table scan compares and widens: values whose upper bits, as PostgreSQL's own
-- functions leave them, are not those of their sign, from wherever they come; errors of what
-- the executor would not have come to; and the rows that a cursor gives backward.
\ir ../setup.psql

SELECT plan(25);

SET LOCAL max_parallel_workers_per_gather = 0;

-- Ids of rows with integers of all widths and what is stored like them; each value often
-- enough to make several pages.
CREATE TABLE r (gone int, id bigint, a int, b bigint, s smallint, d date, o oid, f float8,
                flag boolean, mark "char", at timestamptz, ev text);
INSERT INTO r
SELECT 1, i, v, v, v % 32768, CASE WHEN v > -2000000 THEN date '2000-01-01' + v % 2000000 END,
       CASE WHEN v < 0 THEN v::bigint + 4294967296 ELSE v END::oid, v, v > 0,
       chr(abs(v % 127) + 1)::"char", moment(i), chr(97 + i % 3)
FROM generate_series(1, 1400) AS i,
     LATERAL (SELECT (ARRAY[hashtext('k1'), hashtext('k2'), hashtext('k3'), -1, 0, 1, 7, NULL, 2147483647,
                            -2147483648, -32768, 32767, x'80000000'::int, x'fffffffe'::int])[1 + i % 14] AS v) AS x;
ALTER TABLE r DROP gone, ADD late int DEFAULT x'fffffff9'::int;
ANALYZE r;
CREATE TABLE keys AS SELECT k, hashtext(k) AS v FROM unnest(ARRAY['k1', 'k2', 'k3']) AS k;

-- What a query gives, or the error.
CREATE FUNCTION outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE query INTO result;
    RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

CREATE FUNCTION is_ours(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line LIKE '%JourneyScan%' THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- Those of some queries that give something else with the scan than without it, or that do
-- without it.  `planned` says that all are planned with it.
CREATE FUNCTION differing(queries text[], planned boolean DEFAULT true) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    query text;
    ours text;
    theirs text;
BEGIN
    IF queries IS NULL THEN
        RETURN NEXT 'no queries';
    END IF;
    FOREACH query IN ARRAY queries LOOP
        PERFORM set_config('journey.enable_scan', 'on', true);
        IF planned AND NOT is_ours(query) THEN
            RETURN NEXT 'not planned: ' || query;
        END IF;
        ours := outcome(query);
        PERFORM set_config('journey.enable_scan', 'off', true);
        theirs := outcome(query);
        PERFORM set_config('journey.enable_scan', 'on', true);
        IF ours IS DISTINCT FROM theirs THEN
            RETURN NEXT format('%s: %s, not %s', query, left(ours, 200), left(theirs, 200));
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION same(queries text[], what text, planned boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
    SELECT is((SELECT array_agg(d) FROM (SELECT left(d, 300) AS d FROM differing(queries, planned) AS d LIMIT 4) AS first_ones), NULL, what)
$$;

-- A row that is there, whatever the scan: the case that was found.
SELECT is((SELECT cardinality(userset_agg(id)) FROM r WHERE a = hashtext('k1')), 100::bigint, 'the rows of a hash');

-- Values that the planner folds to constants; what they are compared with.
CREATE TABLE constants AS
SELECT c, t FROM (VALUES
    ('hashtext(''k1'')', 'int'), ('hashtext(''k2'')', 'int'), ('hashtext(''k3'')', 'int'),
    ('x''ffffffff''::int', 'int'), ('x''80000000''::int', 'int'), ('b''1''::int', 'int'),
    ('4294967295::oid::int', 'int'), ('2147483648::oid::int', 'int'), ('(-1)::int', 'int'), ('0', 'int'),
    ('hash_array(ARRAY[1,2])', 'int'), ('hashoid(7)', 'int'), ('hashfloat8(1.5)', 'int'),
    ('(ARRAY[7, x''ffffffff''::int])[2]', 'int'),
    ('(CASE WHEN true THEN x''fffffffe''::int END)', 'int'),
    ('(-1)::smallint', 'smallint'), ('(-32768)::smallint', 'smallint'), ('7::smallint', 'smallint'),
    ('(x''ffffffff''::int)::bigint', 'bigint'), ('(-1)::bigint', 'bigint')) AS v(c, t);
CREATE TABLE columns AS SELECT * FROM unnest(ARRAY['a', 'b', 's', 'late']) AS name;
CREATE TABLE operators AS SELECT * FROM unnest(ARRAY['=', '<>', '<', '<=', '>', '>=']) AS op;

SELECT same((SELECT array_agg(format('SELECT userset_agg(id) FROM r WHERE %s %s %s', name, op, c)) FROM constants, columns, operators),
            'constants in conditions');
SELECT same((SELECT array_agg(format('SELECT userset_agg(id) FROM r WHERE %2$s %1$s %3$s', op, c, name)) FROM constants, columns, operators WHERE op IN ('=', '<')),
            'constants on the left');
SELECT same((SELECT array_agg(format('SELECT (userset_agg(id) FILTER (WHERE %1$s %2$s %3$s), count(*) FILTER (WHERE NOT (%1$s %2$s %3$s)), funnel(a, at, steps(%1$s %2$s %3$s, ev = ''b''), ''1 hour''))::text FROM r', name, op, c)) FROM constants, columns, operators WHERE op IN ('=', '<=', '>')),
            'constants in FILTER and in arguments');
SELECT same((SELECT array_agg(format('SELECT userset_agg(id) FROM r WHERE %s', replace(condition, '$', c)))
             FROM constants, unnest(ARRAY['a BETWEEN $ AND 7', 'a IN ($, 7)', 'a = ANY (ARRAY[$, NULL, 7])', 'a NOT IN ($, 1)',
                  'CASE WHEN id > 20 THEN $ ELSE 5 END = a', 'coalesce(nullif(a, 7), $) = a', 'f = ($)::float8', 'f < ($)::float8',
                  'a + 0 > $', '($)::bigint = b', 'abs(a::bigint) = abs(($)::bigint)', 'a IS NOT DISTINCT FROM $',
                  'contains(''{-5--1,7}'', a) AND a >= $']) AS condition
             WHERE t = 'int'),
            'constants in ranges, lists, CASE and casts');
SELECT same((SELECT array_agg(format('SELECT userset_agg(id) FROM r WHERE %s', condition))
             FROM unnest(ARRAY['d = (date ''2000-01-01'' + x''ffffffff''::int)', 'd > date ''2000-01-01'' + (4294967295::oid::int)', 'd < ''infinity''', 'd > ''-infinity''',
                  'o = (-1)::int::oid', 'o > 7', 'o = 4294967295', 'o::int = x''ffffffff''::int', 'o::int < 0', 'o::int8 > 2147483648',
                  'flag = true', 'flag', 'flag = (x''ffffffff''::int)::boolean', 'NOT flag', 'flag <> (SELECT true)', 'mark = ''a''', 'mark > 5::"char"',
                  'CASE a WHEN 7 THEN b > x''ffffffff''::int WHEN 0 THEN s > -1 ELSE late < hashtext(''k1'') END']) AS condition),
            'dates, numbers of objects, booleans, characters');

-- The same as parameters: of subselects, correlated, of prepared statements, of PL/pgSQL.
SELECT same((SELECT array_agg(format('SELECT userset_agg(id) FROM r WHERE %s %s (SELECT %s FROM pg_sleep(0) LIMIT 1)', name, op, c)) FROM constants, columns, operators WHERE op IN ('=', '<', '>=')),
            'results of subselects');
SELECT same((SELECT array_agg(format('SELECT (userset_agg((SELECT %1$s FROM pg_sleep(0) LIMIT 1)::bigint + id - id), userset_agg((SELECT %1$s FROM pg_sleep(0) LIMIT 1)::bigint), funnel((SELECT %1$s FROM pg_sleep(0) LIMIT 1), at, steps(a = (SELECT %1$s FROM pg_sleep(0) LIMIT 1), f = (SELECT %1$s FROM pg_sleep(0) LIMIT 1)::float8), ''1 hour''), numset_agg(id, (SELECT %1$s FROM pg_sleep(0) LIMIT 1)))::text FROM r', c)) FROM constants),
            'results of subselects, widened, as users and as numbers');
SELECT same((SELECT array_agg(format('SELECT string_agg((SELECT %s FROM r WHERE %s)::text, '';'' ORDER BY k) FROM (SELECT k, hashtext(k) AS v, hashtext(k)::bigint AS w FROM keys OFFSET 0) AS q', aggregate, condition))
             FROM unnest(ARRAY['userset_agg(id)', 'userset_agg(id) FILTER (WHERE b <> v::bigint)', 'funnel(v, at, steps(a = v, b = v), ''1 hour'')']) AS aggregate,
                  unnest(ARRAY['a = v', 'a < v', 'b = v', 's > v', 'a = w', 'f > v::float8', 'CASE WHEN a = v THEN true END', 'o::int = v']) AS condition),
            'correlated parameters');
CREATE FUNCTION by_plan(mode text, scan text, given text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM set_config('plan_cache_mode', mode, true), set_config('journey.enable_scan', scan, true);
    EXECUTE format('PREPARE asked(%s) AS SELECT (userset_agg(id) FILTER (WHERE b = $1), userset_agg(id) FILTER (WHERE s < $1), funnel($1, at, steps(a = $1, b < $1, f = $1::float8), ''1 hour''), userset_agg($1::bigint))::text FROM r WHERE (a >= $1 OR s = $1) AND id > 0', type);
    EXECUTE format('EXECUTE asked(%s)', given) INTO result;
    DEALLOCATE asked;
    PERFORM set_config('plan_cache_mode', 'auto', true), set_config('journey.enable_scan', 'on', true);
    RETURN coalesce(result, 'NULL');
END $$;
SELECT is((SELECT array_agg(mode || ' ' || c) FROM constants, unnest(ARRAY['force_custom_plan', 'force_generic_plan']) AS mode
           WHERE by_plan(mode, 'on', c, t) IS DISTINCT FROM by_plan(mode, 'off', c, t)),
          NULL, 'parameters of prepared statements');
CREATE FUNCTION by_variable(mode text, scan text, given text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v int := hashtext(given);
    w int[] := ARRAY[hashtext(given), 7];
    sets text;
BEGIN
    PERFORM set_config('plan_cache_mode', mode, true), set_config('journey.enable_scan', scan, true);
    SELECT (userset_agg(id), userset_agg(id) FILTER (WHERE b = v), userset_agg(v::bigint), funnel(v, at, steps(a = v, a = w[1]), '1 hour'))::text
    INTO sets FROM r WHERE (a = v OR a >= w[1] OR s = v) AND a = ANY (w);
    PERFORM set_config('plan_cache_mode', 'auto', true), set_config('journey.enable_scan', 'on', true);
    RETURN sets;
END $$;
SELECT is((SELECT array_agg(mode || ' ' || k) FROM keys, unnest(ARRAY['force_custom_plan', 'force_generic_plan']) AS mode
           WHERE by_variable(mode, 'on', k) IS DISTINCT FROM by_variable(mode, 'off', k)),
          NULL, 'variables of PL/pgSQL');
SELECT same((SELECT array_agg(format('SELECT (userset_agg(v::bigint), funnel(v, at, steps(v > 0, v = %1$s), ''1 hour''))::text FROM (SELECT a AS v, at FROM r UNION ALL SELECT %1$s, at FROM r WHERE a > %1$s UNION ALL SELECT (SELECT %1$s FROM pg_sleep(0) LIMIT 1), at FROM r) AS tables', c)) FROM constants WHERE t = 'int'),
            'a column of one table, a constant and a subselect of others');

-- What the executor would not have come to is not evaluated, and what it evaluates is.
SELECT same(ARRAY[
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR step_of(ev, ''{}'') IS NULL',
    'SELECT userset_agg(id) FROM r WHERE id < 700 OR step_of(ev, ''{}'') IS NULL',
    'SELECT userset_agg(id) FROM r WHERE NOT (id < 0 AND step_of(ev, NULL) IS NULL)',
    'SELECT userset_agg(id) FROM r WHERE NOT (id < 9 AND step_of(ev, NULL) IS NULL)',
    'SELECT userset_agg(id) FROM r WHERE id < 0 AND step_of(ev, ''{{a,b},{c,d}}'') IS NOT NULL',
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR (id > 3 AND step_of(ev, array_fill(''x''::text, ARRAY[100])) IS NULL)',
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR journey_internal.first_step(step_of(ev, ''{}'')) = 1',
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR journey_internal.steps_at(NULL, ev = ''a'') = ''1''',
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR journey_internal.steps_at(''11'', ev = ''a'') = ''11''',
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR steps(a) = ''1''',
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR steps(ev = ''a'', a) IS NULL',
    'SELECT funnel(id, at, steps(ev = ''a'', id > 0 OR step_of(ev, ''{}'') IS NULL), ''1 hour'')::text FROM r',
    'SELECT funnel(id, at, steps(ev = ''a'', id < 0 AND journey_internal.first_step(step_of(ev, NULL)) = 1), ''1 hour'')::text FROM r',
    'SELECT funnel(id, at, CASE id::int WHEN -5 THEN step_of(ev, ''{}'') ELSE ''10'' END, ''1 hour'')::text FROM r',
    'SELECT funnel(id, at, CASE id::int WHEN 5 THEN step_of(ev, ''{}'') ELSE ''10'' END, ''1 hour'')::text FROM r',
    'SELECT funnel(id, at, CASE WHEN id > 0 THEN ''10'' ELSE step_of(ev, ''{}'') END, ''1 hour'')::text FROM r',
    'SELECT funnel(id, at, coalesce(CASE a WHEN -7 THEN NULL ELSE stepset ''10'' END, step_of(ev, NULL)), ''1 hour'')::text FROM r',
    'SELECT (count(*), userset_agg(id) FILTER (WHERE id < 0 AND step_of(ev, ''{}'') IS NULL))::text FROM r',
    'SELECT (count(*), funnel(id, at, step_of(ev, ''{}''), ''1 hour'') FILTER (WHERE id < 0), userset_agg(id))::text FROM r',
    'SELECT (userset_agg(id), sum(1 / (id - 5)) FILTER (WHERE id <> 5))::text FROM r',
    'SELECT userset_agg(id) FROM r WHERE id < 0 AND id > (SELECT 1 / (count(*) - 3) FROM keys)',
    'SELECT userset_agg(id) FROM r WHERE id > 0 OR id > (SELECT 1 / (count(*) - 3) FROM keys)',
    'SELECT (userset_agg(id), count(*) FILTER (WHERE id < 0 AND id > (SELECT 1 / (count(*) - 3) FROM keys)))::text FROM r'],
    'short circuits');
SELECT is((SELECT array_agg(outcome(q)) FROM unnest(ARRAY['SELECT cardinality(userset_agg(id)) FROM r WHERE id > 0 OR step_of(ev, ''{}'') IS NULL', 'SELECT cardinality(userset_agg(id)) FROM r WHERE id > 1 OR step_of(ev, ''{}'') IS NULL']) AS q),
          ARRAY['1400', '54000 the names of step_of() must number 1 to 58, not 0'], 'with and without an error');

-- All arguments of a strict function are evaluated, also after a NULL.
SELECT same(ARRAY[
    'SELECT userset_agg(id) FROM r WHERE (a = 1 / (id - 1400)) IS NULL',
    'SELECT userset_agg(id) FROM r WHERE a IS NULL AND a = 1 / (id - 7)',
    'SELECT userset_agg(id) FROM r WHERE a IS NULL AND (a = 1 / (id - 8)) IS NOT NULL',
    'SELECT userset_agg(id) FROM r WHERE (NULL::int = 1 / (id - 7)) IS NULL',
    'SELECT userset_agg(id) FROM r WHERE (nullif(a, a) + 1 / (id - 7)) IS NULL',
    'SELECT (userset_agg(id), count(*) FILTER (WHERE (late + a = 1 / (id - 7)) IS NULL))::text FROM r',
    'SELECT (userset_agg(id), sum(a + 1 / (id - 7)) FILTER (WHERE a IS NULL))::text FROM r',
    'SELECT userset_agg(id) FROM r WHERE contains(NULL::userset, 1 / (id - 7)) IS NULL'],
    'arguments after a NULL');

-- A column of a subquery is computed for each of its rows, whichever an aggregate takes.
SELECT same(ARRAY[
    'SELECT (userset_agg(id) FILTER (WHERE id <> 5), sum(v) FILTER (WHERE id <> 5))::text FROM (SELECT id, 1 / (id - 5) AS v FROM r OFFSET 0) AS q',
    'SELECT (userset_agg(id), sum(v) FILTER (WHERE id <> 5))::text FROM (SELECT id, 1 / (id - 5) AS v FROM r WHERE contains(''{1-2000}'', id) OFFSET 0) AS q',
    'SELECT (userset_agg(id), sum(v) FILTER (WHERE id <> 5))::text FROM (SELECT id, 1 / (id - 6) AS v FROM r UNION ALL SELECT id, 1 / (id - 5) FROM r) AS q',
    'SELECT (userset_agg(id), sum(v) FILTER (WHERE id <> 5))::text FROM (SELECT id, 1 / (id + 6) AS v FROM r UNION ALL SELECT id, 1 / (id - 5) FROM r) AS q',
    'SELECT (userset_agg(id), sum(CASE WHEN id <> 5 THEN v END))::text FROM (SELECT id, a AS v FROM r UNION ALL SELECT id, 1 / (id - 5) FROM r) AS q',
    'SELECT (userset_agg(id), sum(v) FILTER (WHERE id <> 5))::text FROM (SELECT id, a AS v FROM r UNION ALL SELECT id, 1 / id FROM r) AS q',
    'SELECT (userset_agg(id), sum(v), min(v) FILTER (WHERE id <> 5))::text FROM (SELECT id, a::bigint AS v FROM r UNION ALL SELECT id, 1 / (id - 5) FROM r) AS q'],
    'columns of subqueries', false);

-- Cursors that say nothing of it go backward, as they do with a sequential scan.
CREATE FUNCTION walk(scan text, query text, steps text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    step text;
    c refcursor := 'walked';
    result text := '';
    got bigint;
BEGIN
    PERFORM set_config('journey.enable_scan', scan, true);
    OPEN c FOR EXECUTE query;
    FOREACH step IN ARRAY steps LOOP
        got := NULL;
        CASE step
            WHEN 'next' THEN FETCH NEXT FROM c INTO got;
            WHEN 'prior' THEN FETCH PRIOR FROM c INTO got;
            WHEN 'last' THEN FETCH LAST FROM c INTO got;
            WHEN 'first' THEN FETCH FIRST FROM c INTO got;
            WHEN 'end' THEN MOVE FORWARD ALL FROM c;
            WHEN 'begin' THEN MOVE BACKWARD ALL FROM c;
            WHEN 'far' THEN MOVE FORWARD 400 FROM c; FETCH NEXT FROM c INTO got;
            WHEN 'back' THEN MOVE BACKWARD 300 FROM c; FETCH PRIOR FROM c INTO got;
        END CASE;
        result := result || ' ' || coalesce(got::text, 'none');
    END LOOP;
    CLOSE c;
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
SELECT is(walk('on', query, steps), walk('off', query, steps), 'backward: ' || query)
FROM (VALUES ('SELECT id FROM r WHERE contains(''{3,5-1395}'', id)'),
             ('SELECT id + 0 FROM r WHERE contains(''{3,5-1395}'', id) AND id % 3 > 0')) AS q(query),
     (VALUES (ARRAY['prior', 'next', 'next', 'prior', 'prior', 'next', 'far', 'prior', 'back', 'next', 'far', 'far', 'prior', 'end', 'prior', 'prior',
                    'next', 'next', 'next', 'prior', 'back', 'begin', 'next', 'last', 'prior', 'next', 'first', 'prior', 'next', 'far', 'back', 'far'])) AS s(steps);

-- What is counted when no more rows are asked for: as much as without the scan.
CREATE FUNCTION counts(query text, scan text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before bigint := pg_stat_get_xact_tuples_returned('r'::regclass);
    plan json;
BEGIN
    PERFORM set_config('journey.enable_scan', scan, true);
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN format('%s removed, %s read, %s of the plan', substring(plan::text from '"Rows Removed by Filter": (\d+)'),
                  pg_stat_get_xact_tuples_returned('r'::regclass) - before,
                  (SELECT array_agg(m[1]) FROM regexp_matches(plan::text, '"Actual Rows": ([0-9.]+)', 'g') AS m));
END $$;
SELECT is(counts(query, 'on'), counts(query, 'off'), query)
FROM unnest(ARRAY['SELECT id FROM r WHERE contains(''{3,5-1395}'', id) AND a > 0 LIMIT 1',
                  'SELECT id FROM r WHERE contains(''{3,5-1395}'', id) AND a > 0 LIMIT 260',
                  'SELECT id FROM r WHERE contains(''{3,5-1395}'', id) AND id % 3 > 0 LIMIT 260',
                  'SELECT id FROM r WHERE contains(''{3,5-1395}'', id) AND id % 3 > 0',
                  'SELECT userset_agg(id) FROM r WHERE a > 0',
                  'SELECT (userset_agg(id), count(*)) FROM (SELECT id FROM r WHERE a > 0 UNION ALL SELECT id FROM r) AS q',
                  'SELECT (SELECT id FROM r WHERE contains(''{3,5-1395}'', id) AND a > i LIMIT 1) FROM generate_series(-3, 9) AS i']) AS query;

SELECT * FROM finish();
ROLLBACK;
