-- stepset, steps and step_of.
\ir ../setup.psql
SELECT plan(65);

-- ---- text and bytes, there and back -----------------------------------------------------

-- Every length with nothing, everything, each end, and random conditions.
CREATE TABLE sample AS
SELECT n, v, CASE v WHEN 0 THEN repeat('0', n) WHEN 1 THEN repeat('1', n)
	WHEN 2 THEN overlay(repeat('0', n) PLACING '1' FROM 1) WHEN 3 THEN overlay(repeat('0', n) PLACING '1' FROM n)
	ELSE (SELECT string_agg(rnd(n * 64 + v * 4096 + i, 1, 2)::text, '' ORDER BY i) FROM generate_series(1, n) i) END AS s
FROM generate_series(1, 58) n, generate_series(0, 20) v;

SELECT is_empty('SELECT s FROM sample WHERE s::stepset::text <> s', 'text round trip');
SELECT is_empty($$ SELECT s FROM sample WHERE s::stepset <> ALL (ARRAY[s::stepset]) OR s::stepset IS DISTINCT FROM s::text::stepset $$, 'equal to itself');
SELECT is_empty($$
	SELECT s FROM sample WHERE journey_internal.stepset_send(s::stepset) <>
		decode(lpad(to_hex((rpad(s, 58, '0') || n::bit(6)::text)::bit(64)::bigint), 16, '0'), 'hex') $$,
	'bytes: conditions from the highest bit, the number in the lowest six');

-- Through COPY, which uses the receive function.
CREATE TABLE binary_copy (step stepset);
CREATE FUNCTION octal(bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE
	RETURN (SELECT string_agg('\' || lpad(to_char(get_byte(bytes, i) / 64, 'FM0') || to_char(get_byte(bytes, i) / 8 % 8, 'FM0') || to_char(get_byte(bytes, i) % 8, 'FM0'), 3, '0'), '' ORDER BY i)
		FROM generate_series(0, octet_length(bytes) - 1) i);
CREATE FUNCTION copy_bytes(steps bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'COPY binary_copy FROM PROGRAM ' || quote_literal('printf ''PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000'
		|| (SELECT string_agg('\000\001' || octal(int4send(octet_length(s))) || coalesce(octal(s), ''), '' ORDER BY place)
			FROM unnest(steps) WITH ORDINALITY u (s, place)) || '\377\377''') || ' (FORMAT binary)';
END $$;
SELECT lives_ok($$ SELECT copy_bytes(array_agg(journey_internal.stepset_send(s::stepset))) FROM sample $$, 'COPY in binary reads what it wrote');
SELECT bag_eq('SELECT step::text FROM binary_copy', 'SELECT s FROM sample', 'binary round trip');

-- ---- equality and hashing ---------------------------------------------------------------

SELECT is_empty($$
	SELECT a.s, b.s FROM sample a, sample b WHERE a.n <= 12 AND b.n <= 12
		AND ((a.s::stepset = b.s::stepset) <> (a.s = b.s) OR (a.s::stepset <> b.s::stepset) <> (a.s <> b.s)) LIMIT 3 $$, '= and <> are those of the text');
SELECT is_empty($$
	SELECT s FROM sample WHERE journey_internal.stepset_hash(s::stepset) <> journey_internal.stepset_hash(s::text::stepset)
		OR journey_internal.stepset_hash_extended(s::stepset, 5) <> journey_internal.stepset_hash_extended(s::text::stepset, 5) $$, 'equal values hash equally');
SELECT cmp_ok(count(DISTINCT journey_internal.stepset_hash(s::stepset)), '>', (0.99 * count(DISTINCT s))::bigint, 'different ones differently') FROM sample;
SELECT cmp_ok(count(DISTINCT journey_internal.stepset_hash_extended(s::stepset, 1)), '>', (0.99 * count(DISTINCT s))::bigint, 'with a seed as well') FROM sample;
SELECT is(count(*) FILTER (WHERE journey_internal.stepset_hash_extended(s::stepset, 1) = journey_internal.stepset_hash_extended(s::stepset, 2)), 0::bigint, 'and another one with another seed') FROM sample;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		lines := lines || line || '|';
	END LOOP;
	RETURN lines;
END $$;
SELECT ok(plan_of('SELECT s::stepset, count(*) FROM sample GROUP BY 1') ~ 'HashAggregate', 'GROUP BY step is a hash aggregate');
SELECT bag_eq('SELECT step::text, count FROM (SELECT s::stepset AS step, count(*) FROM sample GROUP BY 1) g', 'SELECT s, count(*) FROM sample GROUP BY 1', 'and right');
SET LOCAL enable_mergejoin = off;
SELECT ok(plan_of('SELECT FROM binary_copy a JOIN binary_copy b USING (step)') ~ 'Hash Join', 'a join on step is a hash join');
RESET enable_mergejoin;
SELECT is((SELECT count(*) FROM binary_copy a JOIN binary_copy b USING (step)), (SELECT count(*) FROM sample a JOIN sample b USING (s)), 'and right');
CREATE TABLE parts (step stepset) PARTITION BY HASH (step);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT s::stepset FROM sample;
SELECT ok((SELECT count(*) FROM parts_0) BETWEEN 400 AND 800, 'a table can be partitioned by the hash of step');
CREATE INDEX ON binary_copy USING hash (step);
SET LOCAL enable_seqscan = off;
SELECT ok(plan_of($$ SELECT FROM binary_copy WHERE step = '101' $$) ~ 'Index Scan|Bitmap', 'a hash index is used');
SELECT is((SELECT count(*) FROM binary_copy WHERE step = '1'::stepset), (SELECT count(*) FROM sample WHERE s = '1'), 'and right');
RESET enable_seqscan;

-- ---- bad literals -----------------------------------------------------------------------

SELECT throws_ok(format('SELECT %L::stepset', s), '22P02', format('invalid input syntax for type stepset: "%s"', s), format('%s is no stepset', to_json(s)))
FROM unnest(ARRAY['', '2', '10 ', ' 10', '1O1', '1,0', 'B''101''', '１０', E'10\n', '-1', '0x1']) s;
SELECT throws_ok(format('SELECT %L::stepset', repeat('1', 59)), '54000', format('a stepset of 59 conditions is too long: "%s"', repeat('1', 59)), '59 conditions are too many');
SELECT throws_ok(format('SELECT %L::stepset', repeat('0', 100000)), '54000', NULL, '100,000 as well');

-- Bytes that are no stepset, and a message too short or too long.
SELECT throws_ok(format('SELECT copy_bytes(ARRAY[%L]::bytea[])', b), s, NULL, format('bytes %s are refused', b))
FROM (VALUES ('\x0000000000000000', '22P03'), ('\xffffffffffffffff', '22P03'), ('\x800000000000003b', '22P03'), ('\x800000000000003f', '22P03'),
	('\x4000000000000001', '22P03'), ('\x0000000000000041', '22P03'), ('\xffffffffffffffc1', '22P03'), ('\x', '08P01'), ('\x80000000000001', '08P01'),
	('\x800000000000000101', '22P03')) v (b, s);

-- ---- steps() ----------------------------------------------------------------------------

CREATE FUNCTION steps_of(conditions boolean[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	step text;
BEGIN
	EXECUTE 'SELECT steps(' || (SELECT string_agg(quote_nullable(c) || '::boolean', ', ' ORDER BY place) FROM unnest(conditions) WITH ORDINALITY u (c, place)) || ')' INTO step;
	RETURN step;
END $$;
SELECT is_empty($$
	SELECT s FROM sample, LATERAL (SELECT array_agg(CASE c WHEN '1' THEN true WHEN '0' THEN NULLIF(place % 3 = 0, true) END ORDER BY place) AS a
		FROM unnest(string_to_array(s, NULL)) WITH ORDINALITY u (c, place)) x
	WHERE v IN (0, 1, 2, 3, 7, 8) AND (steps_of(a) <> s OR steps(VARIADIC a)::text <> s) LIMIT 3 $$,
	'steps() of 1 to 58 conditions, separate and as an array; NULL counts as false');
SELECT throws_ok('SELECT steps_of(array_fill(true, ARRAY[59]))', '54000', 'the conditions of steps() must number 1 to 58, not 59', '59 conditions are too many');
SELECT throws_ok($$ SELECT steps(VARIADIC array_fill(true, ARRAY[59])) $$, '54000', 'the conditions of steps() must number 1 to 58, not 59', 'in an array too');
SELECT throws_ok($$ SELECT steps(VARIADIC '{}'::boolean[]) $$, '54000', 'the conditions of steps() must number 1 to 58, not 0', 'none are too few');
SELECT throws_ok($$ SELECT steps(VARIADIC NULL::boolean[]) $$, '22004', NULL, 'no array');
SELECT throws_ok($$ SELECT steps(true, 1) $$, '42804', 'condition 2 of steps() is of type integer, not boolean', 'a condition is boolean');
SELECT throws_ok($$ SELECT steps(VARIADIC ARRAY[1]) $$, '42804', 'the array given to steps() is of type integer, not boolean', 'in an array too');
CREATE DOMAIN flag AS boolean;
SELECT is(ARRAY[steps(true::flag, false)::text, steps(VARIADIC ARRAY[false, true]::flag[])::text], ARRAY['10', '01'], 'a domain over boolean is boolean');
SELECT is(steps(true, NULL, NULL::boolean)::text, '100', 'an untyped NULL is false');
SELECT is_empty($$
	SELECT i FROM (SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE i % 3 = 1 END AS a, i % 2 = 0 AS b FROM generate_series(1, 1000) i) e
	WHERE steps(a, b, a AND b, true)::text <> concat((a IS TRUE)::int, b::int, ((a AND b) IS TRUE)::int, 1) $$, 'row by row');

-- ---- step_of() --------------------------------------------------------------------------

-- Names of all lengths from 0 to 20, many with the same beginning and end; events of them
-- and near them.
CREATE TABLE name AS
SELECT row_number() OVER () AS i, w FROM (
	SELECT DISTINCT w FROM generate_series(0, 20) l, unnest(ARRAY[repeat('a', l), overlay(repeat('a', l) PLACING 'b' FROM 1 + l / 2),
		repeat('é', l), left('prefix__' || repeat('m', l), 12) || 'suffix__', 'prefix__' || l || 'suffix__',
		repeat('名', l) || '字', overlay(repeat('a', l) PLACING 'c' FROM greatest(1, l))]) w) d;

CREATE FUNCTION step_by_comparing(event text, names text[]) RETURNS text LANGUAGE sql
	RETURN (SELECT string_agg(coalesce((event COLLATE "C" = n)::int, 0)::text, '' ORDER BY place) FROM unnest(names) WITH ORDINALITY u (n, place));

CREATE TABLE lookup AS
SELECT key, (SELECT w FROM name ORDER BY i OFFSET rnd(key, 1, 100) LIMIT 1) AS event,
	ARRAY(SELECT CASE WHEN rnd(key * 64 + j, 2, 12) > 0 THEN (SELECT w FROM name ORDER BY i OFFSET rnd(key * 64 + j, 3, 100) LIMIT 1) END
		FROM generate_series(1, 1 + rnd(key, 4, 58)) j) AS names
FROM generate_series(1, 1500) key;
SELECT ok((SELECT count(*) FROM name) >= 100 AND count(*) FILTER (WHERE step_by_comparing(event, names) ~ '1') > 200
	AND count(*) FILTER (WHERE step_by_comparing(event, names) ~ '1.*1') > 50
	AND count(*) FILTER (WHERE cardinality(names) = 58) > 5, 'events that meet no, one and several names') FROM lookup;
SELECT is_empty($$
	SELECT key, step_of(event, names), step_by_comparing(event, names) FROM lookup WHERE step_of(event, names)::text <> step_by_comparing(event, names) LIMIT 3 $$,
	'step_of with other names in every row; duplicates; NULL names');
-- With constant names, over all events.
CREATE FUNCTION constant_names_agree(names text[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	wrong bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM name WHERE step_of(w, %1$L)::text <> step_by_comparing(w, %1$L)', names) INTO wrong;
	RETURN wrong = 0;
END $$;
SELECT is_empty('SELECT names FROM lookup WHERE key <= 100 AND NOT constant_names_agree(names)', 'step_of with constant names');
SELECT is(step_of(NULL, ARRAY['a', NULL])::text, '00', 'a NULL event meets no condition, not even a NULL name');
SELECT is(step_of('', ARRAY['', ' '])::text, '10', 'the empty name');
SELECT is(step_of('e' || U&'\0301', ARRAY['é', U&'e\0301'])::text, '01', 'byte for byte: no normal forms');
SELECT is(step_of('b', '[5:6]={a,b}')::text, '01', 'an array may begin anywhere');
SELECT throws_ok(q, s, m, m) FROM (VALUES
	($$ SELECT step_of('a', '{}') $$, '54000', 'the names of step_of() must number 1 to 58, not 0'),
	($$ SELECT step_of('a', array_fill('a'::text, ARRAY[59])) $$, '54000', 'the names of step_of() must number 1 to 58, not 59'),
	($$ SELECT step_of('a', NULL) $$, '22004', 'names must not be NULL'),
	($$ SELECT step_of('a', '{{a},{b}}') $$, '2202E', 'names must be a one-dimensional array, not one of 2 dimensions')) v (q, s, m);
-- Events stored compressed and out of line.
CREATE TABLE long_event (w text);
INSERT INTO long_event SELECT repeat('long', 10000) || i FROM generate_series(1, 3) i
	UNION ALL SELECT (SELECT string_agg(md5(j::text), '') FROM generate_series(1, 500) j) || i FROM generate_series(1, 3) i;
SELECT is_empty($$ SELECT FROM long_event WHERE step_of(w, ARRAY[repeat('long', 10000) || '2', (SELECT string_agg(md5(j::text), '') FROM generate_series(1, 500) j) || '1'])::text
	<> concat((w = repeat('long', 10000) || '2')::int, (right(w, 1) = '1' AND w !~ '^long')::int) $$, 'long events');

-- An expression of PL/pgSQL keeps what a function has cached from one loop to the next.
CREATE FUNCTION in_a_loop() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	names text[];
	step stepset;
	result text := '';
BEGIN
	FOREACH names SLICE 1 IN ARRAY '{{a,b},{b,a},{c,d}}'::text[] LOOP
		step := step_of('a', names);
		result := result || step::text || ' ';
	END LOOP;
	RETURN result;
END $$;
SELECT is(in_a_loop(), '10 01 00 ', 'names in a variable that changes');
PREPARE prepared (text[]) AS SELECT step_of(e, $1)::text FROM unnest(ARRAY['a', 'b']) e;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT results_eq('EXECUTE prepared (''{a,c}'')', ARRAY['10', '00'], 'names in a parameter');
SELECT results_eq('EXECUTE prepared (''{b,a,c}'')', ARRAY['010', '100'], 'and another value of it');

SELECT * FROM finish();
ROLLBACK;
