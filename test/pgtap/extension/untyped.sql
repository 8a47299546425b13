-- Parameters without a type, as node-pg, asyncpg and ODBC send them: for each public function and
-- aggregate, each choice of typed and untyped ones finds a function, and the one that is meant.
\i test/pgtap/setup.psql

SELECT plan(10);

-- The columns that an aggregate reads have a type; so have its results, which functions read, and
-- an argument that only says of which type something is.
CREATE FUNCTION is_data(name text, type regtype) RETURNS boolean
	LANGUAGE sql IMMUTABLE
	RETURN name = ANY ('{a,b,user_id,at,seq,step,node,channel,touch,is_conversion,value,breakdown,property,is_start,is_end,is_return,is_base,event,is_entry,is_goal,stratum,is_exposure,variant,rows}')
		OR type::text LIKE '%\_stats' OR type IN ('stepset'::regtype, 'userset'::regtype);

-- A call of each public function, its places 1 to n: which may be without a type.
CREATE TABLE calls AS
SELECT p.oid::regprocedure AS f, p.proname, p.prokind, coalesce(p.proargnames[1:p.pronargs], array_fill(''::text, ARRAY[p.pronargs::int])) AS names,
	types, ARRAY(SELECT i FROM generate_series(1, p.pronargs) AS i
		WHERE CASE p.prokind WHEN 'a' THEN NOT is_data(p.proargnames[i], types[i]) ELSE types[i] <> 'anyelement'::regtype END) AS free
FROM pg_proc AS p, LATERAL (SELECT array_agg(t ORDER BY i) FROM unnest(p.proargtypes::oid[]::regtype[]) WITH ORDINALITY AS u(t, i)) AS u(types)
WHERE p.pronamespace = 'journey'::regnamespace AND p.pronargs > 0 AND p.provariadic = 0
	AND p.prokind <> 'p';	-- CALL cannot be prepared

-- Which calls find no function, or one whose arguments are others.
CREATE TABLE misses (f regprocedure, untyped text, problem text);
DO $$
DECLARE
	c record;
	chosen int;
	arguments text;
	untyped text;
	found text[];
BEGIN
	FOR c IN SELECT * FROM calls LOOP
		FOR chosen IN 1..(1 << least(cardinality(c.free), 8)) - 1 LOOP
			SELECT string_agg(CASE WHEN open THEN '$' || i
					WHEN c.types[i] = 'anyelement'::regtype THEN format('$%s::bigint', i)
					ELSE format('$%s::%s', i, c.types[i]) END, ', ' ORDER BY i),
				string_agg(CASE WHEN open THEN coalesce(nullif(c.names[i], ''), '$' || i) END, ', ' ORDER BY i)
			INTO arguments, untyped
			FROM generate_series(1, cardinality(c.types)) AS i,
				LATERAL (SELECT coalesce((chosen >> (array_position(c.free, i) - 1)) & 1, 0) = 1) AS o(open);
			BEGIN
				EXECUTE format('PREPARE untyped AS SELECT journey.%I(%s)%s', c.proname, arguments,
					CASE WHEN c.prokind = 'w' THEN ' OVER ()' END);
				-- A parameter is what the function that was found takes there: nothing but what is meant, or text.
				SELECT parameter_types INTO found FROM pg_prepared_statements WHERE name = 'untyped';
				INSERT INTO misses
				SELECT c.f, untyped, format('%s is %s', c.names[i], found[i])
				FROM unnest(c.free) AS i
				WHERE found[i] NOT IN ('text', c.types[i]::text);
				DEALLOCATE untyped;
			EXCEPTION WHEN undefined_function OR ambiguous_function OR indeterminate_datatype OR syntax_error THEN
				INSERT INTO misses VALUES (c.f, untyped, sqlerrm);
			END;
		END LOOP;
	END LOOP;
END $$;

SELECT cmp_ok((SELECT count(*) FROM calls), '>', 200::bigint, 'public functions and aggregates were called');
SELECT is_empty($$ SELECT * FROM misses
	-- Without a type, what comes third is depends_on as well as keep_for: write keep_for => $3.
	WHERE f::text NOT LIKE 'create_segment(text,jsonb,interval,%' $$,
	'each finds its function with any of its parameters untyped');
SELECT is(count(*), 2::bigint, 'but for create_segment with a jsonb rule, untyped from there on') FROM misses;

-- What such parameters mean.
CREATE TABLE visits AS
SELECT rnd(i, 1, 40)::bigint AS user_id, moment(rnd(i, 2, 90 * 86400)) AS at, rnd(i, 3, 3) = 0 AS is_start, rnd(i, 4, 2) = 0 AS is_return, rnd(i, 5, 100)::float8 AS value
FROM generate_series(1, 2000) AS i;
PREPARE cells AS SELECT cohort_retention(user_id, at, is_start, is_return, $1, $2, $3, $4, $5)::text FROM visits;
PREPARE values_of_cells AS SELECT cohort_retention(user_id, at, is_start, is_return, value, $1, $2, $3, $4, $5)::text FROM visits;
PREPARE members AS SELECT retention_members(user_id, at, is_start, is_return, $1, $2, $3, $4, $5)::text FROM visits;
SET LOCAL timezone = 'Asia/Shanghai';
SELECT results_eq($$ EXECUTE cells('day', ' { 1, 7,"30" } ', 'every, within', 'UTC', '2024-03-01 06:00') $$,
	$$ SELECT cohort_retention(user_id, at, is_start, is_return, 'day', ARRAY[1, 7, 30], 'every, within', 'UTC', timestamptz '2024-03-01 06:00')::text FROM visits $$,
	'brackets of periods and an end of observation as text');
SELECT results_eq($$ EXECUTE values_of_cells('week', '8', '', '', NULL) $$,
	$$ SELECT cohort_retention(user_id, at, is_start, is_return, value, 'week', 8, '', '', NULL::timestamptz)::text FROM visits $$,
	'a number of periods as text, after a value');
SELECT results_eq($$ EXECUTE members('rolling day', '1,7,30', '', '', '2024-03-01') $$,
	$$ SELECT retention_members(user_id, at, is_start, is_return, 'rolling day', ARRAY[1, 7, 30], '', '', timestamptz '2024-03-01')::text FROM visits $$,
	'retention_members: a list without braces');

CREATE FUNCTION error_of(periods text) RETURNS text
	LANGUAGE plpgsql
	AS $$ BEGIN PERFORM cohort_retention(user_id, at, is_start, is_return, 'day', periods) FROM visits; RETURN 'none'; EXCEPTION WHEN others THEN RETURN sqlerrm; END $$;
SELECT results_eq($$ SELECT p, error_of(p) FROM unnest('{"","1;2","abc","{1","1}","{}","{1,,2}","{{1}}","1-2","{,}","0","10001","-1","99999999999","{7,1}"}'::text[]) AS u(p) $$,
	$$ SELECT p, format(CASE WHEN place <= 10 THEN 'periods must be a number or a list of them, not "%s"' WHEN p = '{7,1}' THEN 'periods must ascend: 1 comes after 7'
			ELSE 'periods must be from 1 to 10000, not %s' END, left(p, 10))
		FROM unnest('{"","1;2","abc","{1","1}","{}","{1,,2}","{{1}}","1-2","{,}","0","10001","-1","99999999999","{7,1}"}'::text[]) WITH ORDINALITY AS u(p, place) $$,
	'periods that are neither');
SELECT is(error_of(NULL), 'periods must not be NULL', 'periods that are NULL');

PREPARE sets AS SELECT cardinality($1), cardinality(userset($2));
SELECT results_eq($$ EXECUTE sets('{1-5,9}', '{7}') $$, $$ VALUES (6::bigint, 1::bigint) $$, 'sets without a type');

-- Where an operator cannot be found by its symbol, a public function does the same.
SELECT is_empty($$ SELECT o.oid::regoperator, o.oprcode FROM pg_operator AS o JOIN pg_proc AS p ON p.oid = o.oprcode
	WHERE o.oprleft IN ('userset'::regtype, 'numset'::regtype) AND p.pronamespace <> 'journey'::regnamespace $$,
	'each operator of usersets and numsets has a function in journey');
SELECT finish();
ROLLBACK;
