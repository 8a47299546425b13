-- Lists of members for member_rows(): the rows that the arrays have, by every plan, in small memory;
-- which row types; values that have been read, or have ended; errors halfway.
\ir ../setup.psql
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL hash_mem_multiplier = 1;
SELECT no_plan();

CREATE TABLE event AS
SELECT NULLIF(rnd(i, 1, 700), 0)::bigint AS user_id, CASE WHEN rnd(i, 2, 50) > 0 THEN moment(rnd(i, 3, 900) * 7200) END AS at, NULLIF(rnd(i, 4, 4), 0)::bigint AS seq,
	NULLIF(chr(96 + rnd(i, 5, 6)), '`') AS node, (ARRAY['app', 'web', '', '柜台', NULL])[1 + rnd(i, 6, 5)] AS channel, rnd(i, 8, 3) = 0 AS is_start, rnd(i, 9, 3) = 0 AS is_return
FROM generate_series(1, 12000) AS i;
ALTER TABLE event SET (parallel_workers = 3);
CREATE TABLE typed AS SELECT 'user ' || user_id AS as_text, ('user ' || user_id)::varchar AS as_varchar, md5(user_id::text)::uuid AS as_uuid, user_id::int AS as_int, user_id::smallint AS as_smallint, event.* FROM event;
ANALYZE event, typed;

-- An aggregate of an array, that of a list, the row type, and what follows the user_id.
CREATE TABLE call (members text, list text, row_type text, arguments text);
INSERT INTO call VALUES
	('funnel_members', 'funnel_member_list', 'funnel_member', 'at, step_of(node, ''{a,b,c}''), ''2 days'''),
	('funnel_members', 'funnel_member_list', 'funnel_member', 'at, seq, step_of(node, ''{a,b,c}''), ''2 days'', ''count completions, optional 2'''),
	('funnel_breakdown_members', 'funnel_breakdown_member_list', 'funnel_group_member', 'at, step_of(node, ''{a,b}''), ''2 days'', channel, ''each_value'''),
	('funnel_trend_members', 'funnel_trend_member_list', 'funnel_group_member', 'at, step_of(node, ''{a,b}''), ''2 days'', ''week'', '''', ''Asia/Shanghai'''),
	('funnel_trend_breakdown_members', 'funnel_trend_breakdown_member_list', 'funnel_group_member', 'at, seq, step_of(node, ''{a,b}''), ''2 days'', channel, ''1'', ''day'''),
	('retention_members', 'retention_member_list', 'retention_member', 'at, is_start, is_return, ''week'', ''{1,3}'', ''every'''),
	('retention_members', 'retention_member_list', 'retention_member', 'at, is_start, is_return, ''rolling week'', 2, ''every'''),
	('retention_members_by', 'retention_member_list_by', 'retention_member_by', 'at, is_start, is_return, channel, ''month'', 3, ''top 2'''),
	('attribution_members', 'attribution_member_list', 'attribution_member', 'at, channel, is_return, ''3 days'''),
	('path_members', 'path_member_list', 'path_member', 'at, node, ''1 day'', ''a'', ''b'''),
	('path_members', 'path_member_list', 'path_member', 'at, seq, node, ''1 day'', 3, NULL, NULL, ''top 3'', 1, ''a'', ''(other)'''),
	('top_path_members', 'top_path_member_list', 'path_member', 'at, node, ''1 day'', 2, ''{a,b}'''),
	('pattern_matches', 'pattern_match_list', 'pattern_match', 'at, step_of(node, ''{a,b}''), channel, ''(?1).*(?2)'', ''overlapping''');
-- Who is a member is a row; how many rows are in one of both only, and how many there are.
CREATE FUNCTION differ(call call, id text, suffix text, source text DEFAULT 'event', OUT differences bigint, OUT n bigint) LANGUAGE plpgsql AS $$
DECLARE
	suffixed text := call.row_type || suffix;
BEGIN
	EXECUTE format('WITH m AS (SELECT to_jsonb(r) AS r FROM unnest((SELECT %s(%s, %s) FROM %s)) AS r), l AS (SELECT to_jsonb(r) AS r FROM member_rows((SELECT %s(%s, %s) FROM %s), NULL::%s) AS r)
		SELECT (SELECT count(*) FROM (TABLE m EXCEPT ALL TABLE l) AS d) + (SELECT count(*) FROM (TABLE l EXCEPT ALL TABLE m) AS d), (SELECT count(*) FROM l)',
		call.members, CASE WHEN id ~ 'int' THEN id || '::bigint' ELSE id END, call.arguments, source, call.list, id, call.arguments, source, suffixed) INTO differences, n;
END $$;
SELECT cmp_ok(n, '>', 20::bigint, list || ' gives something') FROM call, differ(call, 'user_id', '');
SELECT is(differences, 0::bigint, concat_ws(', ', list, id, arguments)) FROM call,
	(VALUES ('user_id', '', 'event'), ('as_text', '_text', 'typed'), ('as_varchar', '_text', 'typed'), ('as_uuid', '_uuid', 'typed'), ('as_int', '', 'typed'), ('as_smallint', '', 'typed')) AS v(id, suffix, source), differ(call, id, suffix, source);
SET LOCAL journey.enable_scan = off;
SELECT is(differences, 0::bigint, list || ' without the scan') FROM call, differ(call, 'user_id', '');
RESET journey.enable_scan;
SET LOCAL work_mem = '64kB';
SELECT is(differences, 0::bigint, concat_ws(' ', list, id, 'in little memory')) FROM call, (VALUES ('user_id', ''), ('as_text', '_text')) AS v(id, suffix), differ(call, id, suffix, 'typed');
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT is(differences, 0::bigint, list || ' in parallel, in little memory') FROM call, differ(call, 'user_id', '');
RESET work_mem;
SELECT is(differences, 0::bigint, list || ' in parallel') FROM call, differ(call, 'as_uuid', '_uuid', 'typed');
SET LOCAL max_parallel_workers_per_gather = 0;

-- ---- groups --------------------------------------------------------------------------------

\set list 'funnel_member_list(user_id, at, step_of(node, \'{a,b,c}\'), \'2 days\')'
\set of_groups 'SELECT g, count(*) AS n FROM (SELECT user_id % 5 AS g, ' :list ' AS list FROM event WHERE user_id IS NOT NULL GROUP BY 1) AS l, member_rows(list, NULL::funnel_member) GROUP BY 1 ORDER BY 1'
CREATE TABLE by_group AS SELECT user_id % 5 AS g, count(*) AS n FROM unnest((SELECT funnel_members(user_id, at, step_of(node, '{a,b,c}'), '2 days') FROM event)) GROUP BY 1;
SELECT results_eq(:'of_groups', 'TABLE by_group ORDER BY 1', 'groups that are hashed');
SET LOCAL enable_hashagg = off;
SELECT results_eq(:'of_groups', 'TABLE by_group ORDER BY 1', 'groups that are sorted');
RESET enable_hashagg;
SELECT results_eq('SELECT g, (SELECT count(*) FROM member_rows((SELECT ' || :'list' || ' FROM event WHERE user_id % 5 = g), NULL::funnel_member)) FROM by_group ORDER BY 1', 'TABLE by_group ORDER BY 1', 'run again for each row');
SELECT is((SELECT count(*) FROM (SELECT FROM member_rows((SELECT :list FROM event), NULL::funnel_member) LIMIT 3) AS s), 3::bigint, 'LIMIT');
SELECT is((SELECT count(*) FROM (SELECT (member_rows(:list, NULL::funnel_member)).* FROM event) AS s), (SELECT sum(n) FROM by_group)::bigint, 'in the SELECT list');
-- nobody reads them, in memory and in files
SELECT lives_ok($$ SELECT user_id % 3, funnel_member_list(user_id, at, step_of(node, '{a,b,c}'), '2 days'), retention_member_list(user_id, at, is_start, is_return, 'day', 3) FROM event GROUP BY 1 $$, 'unread lists');
SET LOCAL work_mem = '64kB';
SELECT lives_ok($$ SELECT user_id % 3, funnel_member_list(user_id, at, step_of(node, '{a,b,c}'), '2 days'), retention_member_list('user ' || user_id, at, is_start, is_return, 'day', 3) FROM event GROUP BY 1 $$, 'unread lists in files');
RESET work_mem;

-- ---- refused --------------------------------------------------------------------------------

SELECT throws_ok(format('SELECT * FROM member_rows((SELECT funnel_member_list(%s, at, step_of(node, ''{a,b,c}''), ''2 days'') FROM typed), %s)', id, row_type), '42804', message, message)
FROM (VALUES ('user_id', 'NULL::funnel_member_text', 'the rows of this member_list are of type funnel_member, not funnel_member_text'),
	('as_text', 'NULL::funnel_member', 'the rows of this member_list are of type funnel_member_text, not funnel_member'),
	('user_id', 'NULL::path_member', 'the rows of this member_list are of type funnel_member, not path_member'),
	('user_id', 'NULL::event', 'the rows of this member_list are of type funnel_member, not event'),
	('user_id', '1', 'the second argument of member_rows is of type integer, which has no columns'),
	('user_id::numeric', 'NULL::funnel_member', 'the users of a member_list are of type numeric'),
	('NULL::int', '1', 'the second argument of member_rows is of type integer, which has no columns')) AS v(id, row_type, message);
CREATE TYPE funnel_member AS (user_id bigint, level int, times timestamptz[]);
SELECT throws_ok('SELECT * FROM member_rows((SELECT ' || :'list' || ' FROM event), NULL::journey_test.funnel_member)', '42804', NULL, 'a type of the same name');
DROP TYPE funnel_member;
SELECT is_empty('SELECT * FROM member_rows(NULL, NULL::funnel_member)', 'NULL has no rows');
SELECT is_empty('SELECT * FROM member_rows((SELECT ' || :'list' || ' FROM event WHERE false), NULL::funnel_member)', 'nor have no events');
SELECT throws_ok('WITH l AS MATERIALIZED (SELECT ' || :'list' || ' AS list FROM event) SELECT count(*) FROM l, member_rows(list, NULL::funnel_member) AS a, member_rows(list, NULL::funnel_member) AS b', '55000', 'the member_list has been read', 'read twice');
SELECT throws_ok('SELECT ' || :'list' || ' OVER () FROM event', '0A000', NULL, 'not as a window function');
SELECT throws_ok('SELECT ' || replace(:'list', 'at,', '''infinity''::timestamptz,') || ' FROM event', '22008', 'at must be a finite time, not infinity', 'infinity');
CREATE TABLE kept AS SELECT :list AS list FROM event;
SELECT throws_ok('SELECT member_rows(list, NULL::funnel_member) FROM kept', '55000', 'the member_list has ended', 'a stored one');
SELECT throws_ok('SELECT member_rows(list::text::member_list, NULL::funnel_member) FROM kept', '55000', 'the member_list has ended', 'one that was dumped and restored');
SELECT throws_ok($$ SELECT '\x'::text::member_list $$, '0A000', 'a member_list cannot be written');

-- An error halfway: what is left cannot be read, and its files are closed.
CREATE FUNCTION interrupted(query text, row_type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	c refcursor;
	list member_list;
BEGIN
	OPEN c FOR EXECUTE query;
	FETCH c INTO list;
	BEGIN
		PERFORM set_config('temp_file_limit', '8MB', true);
		EXECUTE format('SELECT count(*) FROM member_rows($1, NULL::%s)', row_type) USING list;
	EXCEPTION WHEN configuration_limit_exceeded THEN
		PERFORM set_config('temp_file_limit', '-1', true);
		BEGIN
			EXECUTE format('SELECT count(*) FROM member_rows($1, NULL::%s)', row_type) USING list;
		EXCEPTION WHEN object_not_in_prerequisite_state THEN
			CLOSE c;
			RETURN SQLERRM;
		END;
	END;
	RETURN 'read';
END $$;
SET LOCAL work_mem = '1MB';
SELECT matches(interrupted(format('SELECT %s FROM generate_series(1, 300000) AS i', call), row_type), '^the member_list has (been read|ended)$', call)
FROM (VALUES ('retention_member_list(i % 100000, moment(i), true, true, ''hour'', 200)', 'retention_member'),
	('retention_member_list((i % 100000)::text, moment(i), true, true, ''hour'', 200)', 'retention_member_text'),
	('funnel_member_list((i % 100000)::text, moment(i), steps(true, true), ''1 day'', ''count completions'')', 'funnel_member_text')) AS v(call, row_type);
RESET work_mem;
SELECT is((SELECT count(*) FROM member_rows((SELECT :list FROM event), NULL::funnel_member)), (SELECT sum(n)::bigint FROM by_group), 'and works on');

-- ---- rights ----------------------------------------------------------------------------------

CREATE ROLE journey_reader;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_reader;
SET LOCAL ROLE journey_reader;
SELECT throws_ok('SELECT * FROM member_rows((SELECT ' || :'list' || ' FROM event), NULL::funnel_member)', '42501', 'permission denied for table event', 'the table of another role');
RESET ROLE;
GRANT SELECT ON event TO journey_reader;
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON event USING (user_id < 10);
SET LOCAL ROLE journey_reader;
SELECT cmp_ok((SELECT max(user_id) FROM member_rows((SELECT :list FROM event), NULL::funnel_member)), '<', 10::bigint, 'rows that a policy allows');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
