-- What the table scan does with anything volatile: it hands up each row by itself, so that
-- effects come in their order, and as often, as without it.
\ir ../setup.psql

SELECT plan(11);

SET LOCAL max_parallel_workers_per_gather = 0;

CREATE TABLE r AS
SELECT i::bigint AS id, (i % 7) AS a, moment(i) AS at, chr(97 + i % 3) AS ev FROM generate_series(1, 1000) AS i;
CREATE TABLE few AS SELECT i::bigint AS id FROM generate_series(1, 3) AS i;
ANALYZE r;
CREATE SEQUENCE s;
CREATE SEQUENCE t;

-- Functions that have an effect, whatever they look like.
CREATE FUNCTION next_even(bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN (nextval('s') + $1) % 2 = 0; END $$;
CREATE OPERATOR %% (FUNCTION = next_even, RIGHTARG = bigint);
CREATE FUNCTION next_less(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN nextval('s') % 3 = 0 OR $1 < $2; END $$;
CREATE OPERATOR <% (FUNCTION = next_less, LEFTARG = bigint, RIGHTARG = bigint);
CREATE FUNCTION next_added(bigint, bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (coalesce($1, 0) * 31 + nextval('s') * coalesce($2, 1)) % 1000003; END $$;
CREATE AGGREGATE next_sum(bigint) (sfunc = next_added, stype = bigint);
CREATE FUNCTION pure_added(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT ($1 * 31 + $2) % 1000003 $$;
CREATE AGGREGATE pure_sum(bigint) (sfunc = pure_added, stype = bigint, initcond = '0');
CREATE AGGREGATE next_moving(bigint) (sfunc = pure_added, stype = bigint, initcond = '0', msfunc = next_added, minvfunc = next_added, mstype = bigint);
CREATE FUNCTION count_up(bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('test.n', (coalesce(nullif(current_setting('test.n', true), ''), '0')::int + 1)::text, true); RETURN $1; END $$;
CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT coalesce(nullif(current_setting('test.n', true), ''), '0')::bigint $$;
CREATE VIEW numbered AS SELECT id, a, at, ev, nextval('s') AS n FROM r;

-- What a query gives, or the error, and what the sequences and the setting are then.
CREATE FUNCTION outcome(query text, scan text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    PERFORM setval('s', 1, false), setval('t', 1, false), set_config('test.n', '', true), set_config('journey.enable_scan', scan, true);
    BEGIN
        EXECUTE query INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE || ' ' || SQLERRM;
    END;
    PERFORM set_config('journey.enable_scan', 'on', true);
    RETURN concat_ws(' ', coalesce(result, 'NULL'), (SELECT last_value FROM s), (SELECT last_value FROM t), counted());
END $$;

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

-- Those of some queries that are not planned with the scan, that are, or are not, fed row by
-- row, or that give something else without it.
CREATE FUNCTION differing(queries text[], row_by_row boolean) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT CASE WHEN plan_of(query) NOT LIKE '%JourneyScan%' THEN 'not planned: ' || query
                WHEN row_by_row <> (plan_of(query) LIKE '%Row by Row: true%') THEN 'row by row: ' || query
                ELSE format('%s: %s, not %s', query, left(ours, 100), left(theirs, 100)) END
    FROM unnest(queries) AS query, LATERAL (SELECT outcome(query, 'on') AS ours, outcome(query, 'off') AS theirs OFFSET 0) AS o
    WHERE ours <> theirs OR plan_of(query) NOT LIKE '%JourneyScan%' OR row_by_row <> (plan_of(query) LIKE '%Row by Row: true%')
$$;
CREATE FUNCTION same(queries text[], what text, row_by_row boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
    SELECT is((SELECT array_agg(d) FROM (SELECT d FROM differing(queries, row_by_row) AS d LIMIT 4) AS first_ones), NULL, what)
$$;

SELECT is((SELECT (max(v), userset_agg(v))::text FROM (SELECT nextval('t') AS v FROM few WHERE contains('{1,2}', id)) AS q),
          '(2,"{1,2}")', 'a volatile column has one value in a row');

SELECT same(ARRAY[
    'SELECT (max(v), userset_agg(v))::text FROM (SELECT nextval(''s'') AS v FROM few WHERE contains(''{1,2}'', id)) AS q',
    'SELECT (max(n), userset_agg(n), userset_agg(n) FILTER (WHERE n % 3 = 0))::text FROM (SELECT nextval(''s'') AS n FROM r WHERE contains(''{1-800}'', id)) AS q',
    'SELECT (userset_agg(n), sum(n))::text FROM (SELECT nextval(''s'') + nextval(''t'') * 0 AS n FROM r WHERE contains(''{5-900}'', id) UNION ALL SELECT id FROM few) AS q',
    'SELECT userset_agg(id) FILTER (WHERE n % 2 = 0) FROM (SELECT id, nextval(''s'') AS n FROM r WHERE contains(''{3-700}'', id)) AS q',
    'SELECT (userset_agg(n), max(n))::text FROM numbered WHERE contains(''{3-700}'', id)'],
    'columns of subqueries');
SELECT same(ARRAY[
    'SELECT userset_agg(nextval(''s'')) FROM r WHERE nextval(''s'') > 0',
    'SELECT userset_agg(id) FROM r WHERE nextval(''s'') % 3 = 0 AND nextval(''t'') % 2 = 0',
    'SELECT (userset_agg(id), sum(id * counted()))::text FROM r WHERE count_up(id) > 0',
    'SELECT (userset_agg(counted()), string_agg(current_setting(''test.n''), '',''))::text FROM r WHERE id > 7 AND set_config(''test.n'', id::text, true) <> ''''',
    'SELECT userset_agg(counted()) FROM r WHERE count_up(id) > counted() - 5',
    'SELECT userset_agg(id) FROM r WHERE %% id',
    'SELECT userset_agg(id) FROM r WHERE id <% ANY (ARRAY[5, 700]::bigint[]) AND id <> nextval(''s'')',
    'SELECT userset_agg(id) FROM r WHERE CASE WHEN id > 900 THEN nextval(''s'') ELSE 1 END < 50 AND nextval(''s'') > 3',
    'SELECT userset_agg(id + (random() * 0)::bigint) FROM r WHERE random() >= 0'],
    'conditions');
SELECT same(ARRAY[
    'SELECT (userset_agg(nextval(''s'')), userset_agg(nextval(''s'')), count(*))::text FROM r',
    'SELECT (userset_agg(id) FILTER (WHERE nextval(''s'') % 2 = 0), userset_agg(id) FILTER (WHERE nextval(''s'') % 3 = 0))::text FROM r',
    'SELECT (userset_agg(id), sum(nextval(''s'') * a), sum(counted() * id), max(count_up(id)))::text FROM r',
    'SELECT (userset_agg(id), string_agg(ev, '','' ORDER BY nextval(''s'') % 11), sum(nextval(''s'') * id))::text FROM r',
    'SELECT (userset_agg(id), count(DISTINCT nextval(''s'') % 11), sum(nextval(''s'') * id))::text FROM r',
    'SELECT (userset_agg(id), sum(nextval(''s'') * id) FILTER (WHERE %% id))::text FROM r',
    'SELECT funnel(id % 9, at, steps(nextval(''s'') % 2 = 0, ev = ''b''), ''1 hour'')::text FROM r WHERE nextval(''s'') > 0',
    'SELECT userset_agg(id) FROM r HAVING max(nextval(''s'') * id + nextval(''t'')) > 0 AND min(nextval(''s'') * 7 - nextval(''t'')) < 0'],
    'arguments, filters and orders');
SELECT same(ARRAY[
    'SELECT (userset_agg(id), next_sum(id), sum(last_value * id))::text FROM r, LATERAL (SELECT 0 AS last_value) AS l',
    'SELECT (userset_agg(id), next_sum(id), next_sum(a))::text FROM r',
    'SELECT (next_sum(id), userset_agg(id) FILTER (WHERE a > 3), next_sum(a) FILTER (WHERE id % 2 = 0))::text FROM r',
    'SELECT (userset_agg(id), next_sum(id))::text FROM r WHERE nextval(''s'') > 0',
    'SELECT userset_agg(id) FROM r HAVING next_sum(id) + next_sum(a) > 0'],
    'transition functions of other aggregates');
SELECT same(ARRAY[
    'SELECT (userset_agg(id), sum((SELECT nextval(''s'') * r.id FROM few LIMIT 1)), sum((SELECT nextval(''s'') * r.a FROM few LIMIT 1)))::text FROM r',
    'SELECT (userset_agg(id) FILTER (WHERE (SELECT max(nextval(''s'')) + r.id FROM few) % 2 = 0), userset_agg(nextval(''s'')))::text FROM r',
    'SELECT userset_agg((SELECT nextval(''s'') + 0 * r.id FROM few LIMIT 1)) FROM r WHERE (SELECT nextval(''s'') + r.id FROM few LIMIT 1) > 0',
    'SELECT (userset_agg((SELECT max(x) FROM (SELECT (SELECT nextval(''s'') + few.id * 0 + r.id * 0) AS x FROM few) AS q)), count(*))::text FROM r',
    'SELECT (userset_agg(id), sum((SELECT next_sum(few.id + r.id) FROM few)), sum((SELECT next_sum(few.id - r.a) FROM few)))::text FROM r',
    'SELECT (userset_agg(id), sum((SELECT f.n FROM few, LATERAL nextval(''s'') AS f (n) WHERE few.id = 1 + r.id % 2) * id), sum((SELECT count(*) FROM few WHERE %% (few.id + r.a))))::text FROM r',
    'SELECT (sum(counted()), userset_agg(id) FILTER (WHERE id > (SELECT count_up(max(id)) FROM few)))::text FROM r',
    'SELECT (userset_agg(id), sum(counted()) FILTER (WHERE id > 5), sum((SELECT count_up(id) FROM few LIMIT 1)) FILTER (WHERE id > 7))::text FROM r',
    'WITH w AS MATERIALIZED (SELECT count_up(id) AS id FROM few) SELECT (userset_agg(id), sum(counted()), userset_agg((SELECT w.id + r.a FROM w WHERE w.id = r.a)) FILTER (WHERE id > 5))::text FROM r',
    'SELECT userset_agg(id) FROM r WHERE id = ANY (SELECT nextval(''s'') + 3 * r.a FROM few) OR id < 0'],
    'subselects');

-- A domain's conditions, also of what is in an array, or of a domain of a domain.
CREATE DOMAIN counting AS bigint CHECK (count_up(value) IS NOT NULL AND value < 2000);
CREATE DOMAIN also_counting AS counting CHECK (value > -5);
SELECT same(ARRAY[
    'SELECT (userset_agg(id), sum(counted() * id::counting))::text FROM r',
    'SELECT (userset_agg(id), sum(counted() * a))::text FROM r WHERE (id + 1)::also_counting > 7',
    'SELECT userset_agg(counted()) FROM r WHERE (ARRAY[id, a]::counting[])[1] > 3',
    'SELECT (userset_agg(id) FILTER (WHERE id::text::counting > 5), sum(counted() * id))::text FROM r'],
    'domains');

-- The same as an aggregate over a subquery, and in the branches of a UNION ALL.
SELECT same(ARRAY[
    'SELECT (userset_agg(id), sum(nextval(''s'') * id), sum(nextval(''s'')))::text FROM (SELECT id, a FROM r WHERE contains(''{5-900}'', id) OFFSET 0) AS q',
    'SELECT (userset_agg(id), sum(nextval(''s'') * id), sum(nextval(''s'')))::text FROM (SELECT id FROM r UNION ALL SELECT id FROM few) AS q',
    'SELECT (userset_agg(id), next_sum(id), next_sum(id + 1))::text FROM (SELECT id FROM r WHERE contains(''{5-900}'', id) UNION ALL SELECT id FROM few WHERE contains(''{1,2}'', id)) AS q',
    'SELECT (userset_agg(id), userset_agg(counted()))::text FROM (SELECT id FROM r WHERE count_up(id) > 0 AND contains(''{3-700}'', id) UNION ALL SELECT id FROM r WHERE contains(''{5,9-800}'', id) AND count_up(id) > 0) AS q'],
    'over subqueries');

CREATE DOMAIN plain AS bigint CHECK (value < 2000);
-- What is not volatile is fed, and so is what is volatile elsewhere.
SELECT same(ARRAY[
    'SELECT userset_agg(id) FROM r WHERE at < now() AND ev = ''a''',
    'SELECT (userset_agg(id::plain), sum(id::plain))::text FROM r WHERE id::plain < 500',
    'SELECT (userset_agg(id), pure_sum(id), string_agg(ev, '',''), sum(counted()), count(*) FILTER (WHERE at > current_date))::text FROM r WHERE id < 500 + counted()',
    'SELECT (userset_agg(id), next_moving(id))::text FROM r',
    'SELECT userset_agg(id) FROM r WHERE id NOT IN (SELECT id FROM few) AND id > (SELECT min(id) FROM few)',
    'SELECT funnel(id % 9, at, step_of(ev, ''{a,b}''), ''1 hour'')::text FROM r HAVING count(*) > 3',
    'SELECT (nextval(''s''), userset_agg(id), max(id) + nextval(''t''))::text FROM r',
    'SELECT (userset_agg(id), (SELECT nextval(''s'')))::text FROM r',
    'WITH w AS MATERIALIZED (SELECT count_up(id) AS id FROM few) SELECT (userset_agg(id), (SELECT sum(id) FROM w))::text FROM r',
    'SELECT string_agg((SELECT userset_agg(id) FROM r WHERE a = v)::text, '';'') FROM (SELECT nextval(''s'') AS v FROM few OFFSET 0) AS q'],
    'what is fed', false);

-- What a function is declared to be is asked anew.
CREATE FUNCTION given(bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN $1; END $$;
CREATE FUNCTION row_by_row() RETURNS boolean LANGUAGE sql AS $$
    SELECT plan_of('SELECT userset_agg(given(id)) FROM r WHERE given(id) > 3') LIKE '%Row by Row: true%'
$$;
SELECT is(row_by_row(), false, 'a stable function');
ALTER FUNCTION given VOLATILE;
SELECT is(row_by_row(), true, 'the same, volatile');

SELECT * FROM finish();
ROLLBACK;
