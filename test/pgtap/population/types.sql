-- Users of every type: the same answer as with an integer for each, in memory, spilled to
-- temporary files, and from parallel workers.
\ir ../setup.psql
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT plan(248);

CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN customer_no AS int CHECK (VALUE >= 0);
CREATE DOMAIN customer_code AS text CHECK (VALUE <> '?');
CREATE DOMAIN customer_name AS text COLLATE ci;
CREATE DOMAIN tags AS text[];

-- A type all of whose values have one of three hashes.
CREATE TYPE alike;
CREATE FUNCTION alike_in(cstring) RETURNS alike LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteain';
CREATE FUNCTION alike_out(alike) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaout';
CREATE TYPE alike (INPUT = alike_in, OUTPUT = alike_out, LIKE = bytea);
CREATE CAST (bytea AS alike) WITHOUT FUNCTION;
CREATE CAST (alike AS bytea) WITHOUT FUNCTION;
CREATE FUNCTION alike_eq(alike, alike) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaeq';
CREATE FUNCTION alike_hash(alike) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT get_byte($1::bytea, 3) % 3';
CREATE OPERATOR = (LEFTARG = alike, RIGHTARG = alike, FUNCTION = alike_eq, HASHES);
CREATE OPERATOR CLASS alike_ops DEFAULT FOR TYPE alike USING hash AS OPERATOR 1 =, FUNCTION 1 alike_hash(alike);

-- 16,000 events of 1,000 users; the same user is written in different ways, by i.
CREATE TABLE event AS
SELECT i, u, moment(rnd(i, 2, 100000)) AS at, (rnd(i, 3, 8) & rnd(i, 4, 8))::bit(3)::text::stepset AS step,
	'customer ' || u AS plain, repeat('客户' || u % 7, 300) || u AS compressed, repeat(md5(u::text), 80) AS stored, (ARRAY['app', 'App', 'web'])[1 + i % 3] AS value
FROM generate_series(1, 16000) i, LATERAL (SELECT 1 + rnd(i, 1, 1000) AS u) c;
ALTER TABLE event ALTER compressed SET STORAGE main, ALTER stored SET STORAGE external;
CREATE TABLE stored AS TABLE event WITH NO DATA;
ALTER TABLE stored ALTER compressed SET STORAGE main, ALTER stored SET STORAGE external, SET (parallel_workers = 3, toast_tuple_target = 128);
INSERT INTO stored SELECT i, u, at, step, plain, compressed, stored || '', value FROM event;
ANALYZE stored;
SELECT ok((SELECT bool_and(pg_column_size(stored) = 2560) AND bool_and(pg_column_size(compressed) < 1000) FROM stored)
	AND pg_relation_size((SELECT reltoastrelid FROM pg_class WHERE oid = 'stored'::regclass)) > 10000000, 'some ids are compressed, some out of line');

-- A numeric for each user: below and above those of 64 bits, and fractions.
CREATE FUNCTION varied(u int) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (ARRAY[u, -u, u * 1e15, u + 0.5, u * 1e-20, 9.2e18 + u * 1e14, -9.2e18 - u * 1e14, 1e30 + u, (u - 6) * 1e8, 1 / u::numeric])[1 + u % 10];

-- Each with the integer that it stands for.
CREATE TABLE id (name text, expression text, stands_for text DEFAULT 'u');
INSERT INTO id VALUES
	('int2', '(u - 500)::int2'), ('int4', '(u - 500) * 4000000'), ('int8', '(u - 500) * 9000000000000000'),
	('int2, the extremes', 'CASE u WHEN 1 THEN -32768 WHEN 2 THEN 32767 ELSE u END::int2'),
	('int4, the extremes', 'CASE u WHEN 1 THEN -2147483648 WHEN 2 THEN 2147483647 ELSE u END::int4'),
	('int8, the extremes', 'CASE u WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 ELSE u END::int8'),
	('oid', 'u::oid'), ('date', 'date ''2000-01-01'' - 500 + u'), ('date, infinite', 'CASE u WHEN 1 THEN ''infinity'' WHEN 2 THEN ''-infinity'' ELSE date ''2000-01-01'' + u END'),
	('timestamptz', 'moment(u)'), ('timestamp', 'moment(u)::timestamp'), ('time', 'time ''00:00'' + u * interval ''1 s'''), ('timetz', '(time ''00:00'' + u * interval ''1 s'')::timetz'),
	('interval, 1 day = 24 hours', 'CASE i % 2 WHEN 0 THEN make_interval(days => u) ELSE make_interval(hours => 24 * u) END'),
	('text', 'plain'), ('text, one of them empty', 'CASE u WHEN 1 THEN '''' ELSE u::text END'), ('text of 8 kB', 'repeat(''x'', 8000) || u'),
	('text, compressed', 'compressed'), ('text, out of line', 'stored'), ('text, multibyte', '''客户🏦'' || u'), ('text, collation C', 'plain COLLATE "C"'),
	('text, nondeterministic', 'CASE i % 2 WHEN 0 THEN upper(plain) ELSE plain END COLLATE ci'),
	('text, case matters', 'CASE i % 2 WHEN 0 THEN upper(plain) ELSE plain END'),
	('varchar', 'plain::varchar(40)'), ('char(n), trailing blanks', '(plain || repeat('' '', i % 3))::bpchar'), ('char(30)', 'plain::char(30)'), ('name', 'plain::name'),
	('"char"', 'chr(65 + u % 26)::"char"'), ('uuid', 'md5(u::text)::uuid'), ('bytea', 'int4send(u)'), ('a type of three hashes', 'int4send(u)::alike'), ('bytea, zeros', 'decode(repeat(''00'', u), ''hex'')'),
	('numeric, 1.0 = 1.00', '(u::text || ''.'' || repeat(''0'', 1 + i % 5))::numeric'), ('numeric of 100 digits', '(repeat(''9'', 96) || lpad(u::text, 4, ''0''))::numeric'),
	('numeric, NaN and infinity', 'CASE u WHEN 1 THEN ''NaN'' WHEN 2 THEN ''Infinity'' WHEN 3 THEN ''-Infinity'' ELSE u::text END::numeric'),
	('numeric, whole or not, small and large, of any scale', 'CASE i % 4 WHEN 3 THEN trim_scale(varied(u)) ELSE round(varied(u), 30 + i % 4 * 30) END'),
	('float8', 'u / 7.0::float8'), ('float8, 0 = -0 and NaN', 'CASE u WHEN 1 THEN CASE i % 2 WHEN 0 THEN ''0'' ELSE ''-0'' END WHEN 2 THEN ''NaN'' WHEN 3 THEN ''-Infinity'' ELSE u::text END::float8'), ('float4', 'u::float4'),
	('boolean', 'u % 2 = 0'), ('enum', '(ARRAY[''red'', ''green'', ''blue''])[1 + u % 3]::colour'),
	('int[]', 'ARRAY[u, NULL, 7]'), ('text[]', 'ARRAY[plain, NULL, '''']'), ('text[], nondeterministic', 'ARRAY[CASE i % 2 WHEN 0 THEN upper(plain) ELSE plain END COLLATE ci]'), ('numeric[][]', 'ARRAY[[u::numeric], [(u::text || repeat(''0'', i % 3 * 0) || ''.'' || repeat(''0'', 1 + i % 4))::numeric]]'),
	('array of 1,000', 'array_fill(u, ARRAY[1000])'), ('composite', 'ROW(u, plain)::pair'), ('composite with NULL', 'ROW(CASE u WHEN 1 THEN NULL ELSE u END, NULL)::pair'),
	('domain over int', 'u::customer_no'), ('domain over text', 'plain::customer_code'), ('domain over nondeterministic text', 'CASE i % 2 WHEN 0 THEN upper(plain) ELSE plain END::customer_name'), ('domain over text[]', 'ARRAY[plain]::tags'),
	('int4range', 'int4range(u, u + 5)'), ('int4multirange', 'int4multirange(int4range(u, u + 5), int4range(u + 10, u + 15))'), ('jsonb, 1 = 1.0', 'jsonb_build_object(''id'', (u::text || ''.'' || repeat(''0'', 1 + i % 3))::numeric)'),
	('inet', '''10.0.0.0''::inet + u'), ('macaddr', '(''08002b01'' || lpad(to_hex(u), 4, ''0''))::macaddr'), ('pg_lsn', '(''0/'' || to_hex(u))::pg_lsn'), ('tid', '(''('' || u || '',1)'')::tid'), ('xid8', 'u::text::xid8');
UPDATE id SET stands_for = s FROM (VALUES ('text, case matters', 'u * 2 + i % 2'), ('"char"', 'u % 26'), ('boolean', 'u % 2'), ('enum', 'u % 3')) v (n, s) WHERE name = n;

-- What the funnel says, or why it does not.
CREATE FUNCTION funnel_of(expression text, what text DEFAULT 'funnel(%s, at, step, ''2 h'')') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE 'SELECT ' || format(what, expression) || '::text FROM stored' INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN expression || ': ' || SQLERRM;
END $$;

SELECT is(funnel_of(expression), funnel_of(stands_for), name) FROM id;
SELECT is(funnel_of(expression, 'funnel_holding_constant(%s, at, step, ''2 h'', value)'), funnel_of(stands_for, 'funnel_holding_constant(%s, at, step, ''2 h'', value)'), name || ', with values')
FROM id WHERE name ~ '^(int8|text|numeric|composite|boolean|uuid)';

SELECT is(funnel_of(expression, 'lifecycle(%s, at, ''hour'')'), funnel_of(stands_for, 'lifecycle(%s, at, ''hour'')'), name || ', their periods')
FROM id WHERE name ~ '^(int8|text|numeric|composite|boolean|uuid)';

SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is(funnel_of(expression), funnel_of(stands_for), name || ', spilled') FROM id;
SET LOCAL work_mem = '64MB';

SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT is(funnel_of(expression), funnel_of(stands_for), name || ', parallel') FROM id;
SET LOCAL max_parallel_workers_per_gather = 0;

-- ---- NULL -------------------------------------------------------------------------------

SELECT is(funnel(CASE WHEN u % 3 > 0 THEN u END, at, step, '2 h')::text, funnel(u, at, step, '2 h') FILTER (WHERE u % 3 > 0)::text, 'a NULL id is skipped') FROM event;
SELECT is(funnel(CASE WHEN u % 3 > 0 THEN plain END, at, step, '2 h')::text, funnel(plain, at, step, '2 h') FILTER (WHERE u % 3 > 0)::text, 'a NULL text, too') FROM event;
SELECT is((SELECT users FROM funnel_steps(f) WHERE step = 1), 2::bigint, 'ROW(NULL, NULL) is a user, as in GROUP BY')
FROM (SELECT funnel(r, moment(0), '1', '1 h') AS f FROM (VALUES (ROW(NULL, NULL)::pair), (NULL), (ROW(1, NULL)::pair), (ROW(NULL, NULL)::pair)) v (r)) f;

-- ---- collations -------------------------------------------------------------------------

-- The users' collation is that of user_id, whatever the other arguments have.
CREATE TABLE mixed (u text, c char(5) COLLATE "C", v text COLLATE ci, w text COLLATE "C");
INSERT INTO mixed VALUES ('a', 'a', 'x', 'x'), ('A', 'A', 'x', 'x');
SELECT is((SELECT sum(users) FROM funnel_breakdown_steps(f)), n::numeric, name)
FROM (SELECT funnel_breakdown(u, moment(0), '1', '1 h', v, 1), 2, 'a breakdown whose collation ignores case does not make one user of two' FROM mixed
	UNION ALL SELECT funnel_breakdown(c, moment(0), '1', '1 h', v, 1), 2, 'two collations' FROM mixed
	UNION ALL SELECT funnel_breakdown(v || u, moment(0), '1', '1 h', w, 1), 1, 'users whose collation ignores case, and a breakdown in C' FROM mixed) f (f, n, name);
SELECT is((SELECT count(*) FROM funnel_breakdown_steps(f)), 2::bigint, 'values are told apart by their bytes')
FROM (SELECT funnel_breakdown(i, moment(0), '1', '1 h', v, 1) AS f FROM (VALUES (1, 'x' COLLATE ci), (2, 'X')) v (i, v)) f;

-- A user whose rows spell the id in several ways is shown by the shortest spelling, of those the
-- first by its bytes, in whatever order and plan the rows come: 'ÅA' takes fewer bytes than its
-- decomposed form, and 'AN' is before 'An'.
CREATE TABLE spelt AS
SELECT i, (ARRAY['AN', 'An', 'aN', 'an'])[1 + rnd(i, 2, 4)] || (ARRAY[U&'\00C5', U&'A\030A', U&'\00E5'])[1 + rnd(i, 3, 3)] || rnd(i, 1, 300) AS u, moment(rnd(i, 4, 40000)) AS at, 'n' || rnd(i, 5, 2) AS node
FROM generate_series(1, 20000) i;
ALTER TABLE spelt ALTER u TYPE text COLLATE ci, SET (parallel_workers = 3);
CREATE TABLE spelling AS SELECT (array_agg(u ORDER BY octet_length(u), u COLLATE "C"))[1] AS u, count(DISTINCT u COLLATE "C") AS n FROM spelt GROUP BY spelt.u;
SELECT cmp_ok(max(n), '>', 5::bigint, 'users of many spellings') FROM spelling;
CREATE FUNCTION spellings(inside text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT user_id COLLATE "C" FROM (SELECT unnest(retention_members(u, at, true, true, ''day'', 3 %1$s)) AS m FROM spelt) x, LATERAL (SELECT (m).user_id) y', inside);
	RETURN QUERY EXECUTE format('SELECT user_id COLLATE "C" FROM (SELECT unnest(path_members(u, at, node, NULL, ''n0'', ''n1'' %1$s)) AS m FROM spelt) x, LATERAL (SELECT (m).user_id) y', inside);
END $$;
CREATE FUNCTION spelt_well(name text, inside text DEFAULT '') RETURNS text LANGUAGE sql RETURN
	is((SELECT string_agg(encode(convert_to(s, 'UTF8'), 'hex'), ' ' ORDER BY s COLLATE "C") FROM spellings(inside) AS s), (SELECT string_agg(encode(convert_to(u, 'UTF8'), 'hex'), ' ' ORDER BY u COLLATE "C") FROM spelling, generate_series(1, 2)), 'an id of many spellings: ' || name);
SELECT spelt_well('one process');
SELECT spelt_well('backward', 'ORDER BY i DESC');
SET LOCAL work_mem = '64kB';
SELECT spelt_well('in files');
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_workers_per_gather = 3;
SELECT spelt_well('in workers, in files');
RESET work_mem;
SELECT spelt_well('in workers');
SET LOCAL max_parallel_workers_per_gather = 0;

-- ---- what is refused --------------------------------------------------------------------

SELECT throws_ok(format('SELECT funnel(%s, at, step, ''1 h'') FROM event', expression), '42883', message, message)
FROM (VALUES ('to_json(u)', 'user_id must be of a type that can be hashed, not json'), ('point(u, u)', 'user_id must be of a type that can be hashed, not point'),
	('u::bit(10)', 'user_id must be of a type that can be hashed, not bit'), ('ARRAY[to_json(u)]', 'user_id must be of a type that can be hashed, not json[]'),
	('u::money', 'user_id must be of a type that can be hashed, not money'), ('ROW(u, plain)', 'user_id must be of a type that can be hashed, not record')) v (expression, message);
SELECT throws_ok(format('SELECT funnel(%s, at, step, ''1 h'') FROM event', v), '42804', NULL, 'a literal without a type: ' || v) FROM unnest(ARRAY['''7''', 'NULL']) v;
SELECT throws_like('SELECT funnel_members(row(plain), at, step, ''1 h'') FROM event', '%funnel_members%', 'funnel_members is for bigint, text and uuid');
SELECT is(funnel_members(u, at, step, '1 h')::text, funnel_members(u::bigint, at, step, '1 h')::text, 'and integer') FROM event;

SELECT * FROM finish();
ROLLBACK;
