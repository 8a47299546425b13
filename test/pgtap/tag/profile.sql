-- What profile() says of a user's tags: always what the sets of the version say, whichever
-- way they are looked up.
\ir ../setup.psql

SELECT plan(66);

-- the values of one tag after the other, as a refresh finds them
CREATE TABLE given (tag text, user_id bigint, value text);
INSERT INTO given
SELECT 'five', i * 48271 % 99999989, (ARRAY['none', 'low', 'middle', 'high', 'top'])[1 + rnd(i, 1, 5)] FROM generate_series(1, 20000) AS i UNION ALL
SELECT 'dense', i, CASE WHEN i % 7 > 2 THEN 'yes' ELSE 'no' END FROM generate_series(-30000, 30000) AS i UNION ALL
SELECT 'many', hashint8extended(i, 1), 'value ' || i % 3000 FROM generate_series(1, 9000) AS i UNION ALL
SELECT 'everybody another', hashint8extended(i, 2), i::text FROM generate_series(1, 2000) AS i UNION ALL
SELECT 'ends', u, 'end ' || u % 3 FROM unnest('{-9223372036854775808,-9223372036854775807,-1,0,1,9223372036854775806,9223372036854775807}'::bigint[]) AS u UNION ALL
SELECT 'words', i, (ARRAY[' ', 'ä', 'Z', 'a', '客户', E'new\nline', 'A'])[1 + i % 7] FROM generate_series(1, 100) AS i UNION ALL
SELECT 'runs', i, CASE i / 70000 % 2 WHEN 0 THEN 'left' ELSE 'right' END FROM generate_series(1, 200000) AS i UNION ALL
-- somebody has two values
SELECT 'several', i, 'all' FROM generate_series(1, 3000) AS i UNION ALL SELECT 'several', i, 'some' FROM generate_series(2000, 4000) AS i UNION ALL
SELECT 'one value', i, 'this' FROM generate_series(5, 500, 5) AS i;
CREATE INDEX ON given (tag, user_id);
ANALYZE given;
CREATE VIEW current AS SELECT * FROM given;
SELECT create_tag(tag, format('SELECT user_id, value FROM current WHERE tag = %L', tag), 'sql') FROM (SELECT DISTINCT tag FROM given) AS t;
SELECT create_tag('nobody', 'SELECT 1, ''x'' WHERE false', 'sql');
SELECT create_tag('number', 'SELECT user_id, user_id % 100 FROM given WHERE tag = ''five''', 'numeric');
SELECT create_segment('dense people', 'SELECT user_id FROM given WHERE tag = ''dense''');
SELECT is((SELECT count(*)::int FROM definitions d, LATERAL (SELECT r.error FROM refresh_tag(d.name, moment(0)) AS r WHERE d.kind = 'tag') AS r WHERE r.error IS NULL), 11, 'refreshed');
SELECT is((SELECT error FROM refresh_segment('dense people', moment(0))), NULL, 'refreshed');

SELECT results_eq($$SELECT name, count(*) > 1 FROM numbers_by_user JOIN definitions USING (id) GROUP BY 1 ORDER BY name COLLATE "C"$$,
	$$VALUES ('dense', true), ('ends', false), ('everybody another', true), ('five', true), ('many', true), ('number', true), ('runs', true), ('words', false)$$,
	'kept user by user: where nobody has two values, and there are several');

-- For users of every kind, and those next to them: what a tag says of them against what it was given.
CREATE FUNCTION wrong(tag text, version timestamptz, nth int) RETURNS TABLE (user_id bigint, said text[], expected text[]) LANGUAGE sql AS $$
	WITH asked AS (
		SELECT user_id FROM (SELECT user_id, row_number() OVER (ORDER BY user_id) AS i FROM current WHERE current.tag = $1) AS u WHERE i % nth = 0
		UNION SELECT least(user_id, 9223372036854775806) + 1 FROM given WHERE given.tag = $1 AND rnd(user_id, 1, nth) = 0
		UNION SELECT greatest(user_id, -9223372036854775807) - 1 FROM given WHERE given.tag = $1 AND rnd(user_id, 2, nth) = 0
		UNION SELECT unnest('{-9223372036854775808,-5,0,5,123456789,9223372036854775807}'::bigint[]))
	SELECT * FROM (
		SELECT a.user_id, (SELECT array_agg(p.value ORDER BY p.value) FROM journey_internal.profile_values(a.user_id, version) AS p WHERE p.name = $1) AS said,
			coalesce((SELECT array_agg(c.value ORDER BY c.value) FROM current AS c WHERE c.tag = $1 AND c.user_id = a.user_id), '{NULL}') AS expected
		FROM asked AS a) AS s
	WHERE said IS DISTINCT FROM expected $$;
SELECT is_empty(format('SELECT * FROM wrong(%L, NULL, %s)', tag, 1 + n / 150), 'user by user: ' || tag) FROM (SELECT tag, count(*) AS n FROM given GROUP BY tag ORDER BY tag) AS t;
SELECT is((SELECT count(*)::int FROM given AS g, journey_internal.profile_values(g.user_id, NULL) AS p WHERE g.tag = 'words' AND p.name = 'number' AND p.value IS NOT NULL), 0, 'no number for whom there is none');
SELECT is_empty($$SELECT user_id FROM given AS g, journey_internal.profile_values(g.user_id, NULL) AS p WHERE g.tag = 'five' AND user_id % 17 = 0 AND p.name = 'number' AND p.value <> (user_id % 100)::text$$, 'and the numbers of the others');
SELECT is(ARRAY(SELECT value FROM unnest('{-30001,-30000,30000,30001}'::bigint[]) AS u, journey_internal.profile_values(u, NULL) AS p WHERE name = 'dense people' ORDER BY u), '{false,true,true,false}', 'a segment');
SELECT is((SELECT count(*)::int FROM journey_internal.profile_values(5, NULL)), 12, 'a row for each');

-- Another version: everybody else has other values, and the older version is looked up in its sets.
CREATE OR REPLACE VIEW current AS SELECT tag, user_id, reverse(value) AS value FROM given WHERE user_id % 3 > 0;
SELECT is((SELECT count(*)::int FROM (VALUES ('five'), ('words')) AS d(name), refresh_tag(d.name, moment(86400)) AS r WHERE r.error IS NULL), 2, 'refreshed again');
SELECT is_empty(format('SELECT * FROM wrong(%L, NULL, 100)', tag), 'the newest version: ' || tag) FROM unnest('{five,words}'::text[]) AS tag;
SELECT is((SELECT count(DISTINCT as_of)::int FROM numbers_by_user WHERE id IN (id_of('five'), id_of('words'))), 1, 'only it is kept user by user');
CREATE OR REPLACE VIEW current AS SELECT tag, user_id, value FROM given;
SELECT is_empty(format('SELECT * FROM wrong(%L, moment(80000), 100)', tag), 'the older version: ' || tag) FROM unnest('{five,words}'::text[]) AS tag;
-- refreshed once more, an older one changes nothing
SELECT is((SELECT error FROM refresh_tag('five', moment(-86400))), NULL, 'an older one, refreshed');
SELECT is((SELECT count(DISTINCT as_of)::int FROM numbers_by_user WHERE id = id_of('five') AND as_of = moment(86400)), 1, 'does not replace the newest');
-- the same version once more, with other values
CREATE OR REPLACE VIEW current AS SELECT tag, user_id, upper(value) AS value FROM given WHERE user_id % 5 > 0;
SELECT is((SELECT error FROM refresh_tag('five', moment(86400))), NULL, 'the same version, refreshed');
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'has the new values');
-- refreshed in vain
SELECT lives_ok($$SELECT alter_tag('five', 'SELECT user_id, (1 / (user_id - user_id))::text FROM current', 'sql')$$, 'a definition that fails');
SET LOCAL client_min_messages = error;
SELECT is((SELECT error FROM refresh_tag('five', moment(90000))), 'division by zero', 'fails');
RESET client_min_messages;
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'and the values stay');
-- a copy that is gone, as after a restore, and made again
DELETE FROM numbers_by_user WHERE id IN (id_of('five'), id_of('number'));
DELETE FROM value_numbers WHERE id = id_of('five');
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'looked up in the sets');
SELECT lives_ok($$SELECT journey_internal.store_by_user(id, as_of) FROM tags WHERE as_of IS NOT NULL$$, 'made again');
SELECT is(ARRAY(SELECT name FROM numbers_by_user JOIN definitions USING (id) WHERE name IN ('five', 'number', 'several') GROUP BY 1 HAVING count(*) > 10 ORDER BY 1), '{five,number}', 'is there');
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'and right');
SELECT lives_ok($$SELECT journey_internal.store_by_user(id_of('five'), moment(0)), journey_internal.store_by_user(id_of('five'), moment(99999)), journey_internal.store_by_user(-1, moment(0)), journey_internal.store_by_user(NULL, NULL)$$, 'for a version that is not the newest');
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'nothing changes');
-- the newest version taken away: the one before it is looked up in its sets
SAVEPOINT deleted;
DELETE FROM versions WHERE id = id_of('five') AND as_of = moment(86400);
CREATE OR REPLACE VIEW current AS SELECT tag, user_id, value FROM given;
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'without the newest version');
SELECT is((SELECT count(*)::int FROM numbers_by_user WHERE id = id_of('five')) + (SELECT count(*)::int FROM value_numbers WHERE id = id_of('five')), 0, 'nothing of it is left');
ROLLBACK TO deleted;
-- asked by a role to which they are granted
CREATE ROLE journey_reader;
GRANT USAGE ON SCHEMA journey, journey_test TO journey_reader;
GRANT SELECT ON current, given TO journey_reader;
SELECT lives_ok($$SELECT grant_tag(name, 'journey_reader') FROM unnest('{five,several,number,many}'::text[]) AS name$$, 'granted');
SET LOCAL ROLE journey_reader;
SELECT is(ARRAY(SELECT DISTINCT name FROM journey_internal.profile_values(1, NULL) ORDER BY 1), '{five,many,number,several}', 'sees those');
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'as they are');
SELECT throws_ok($$INSERT INTO value_numbers SELECT id, as_of, 7, 'mine' FROM versions WHERE id = id_of('five') ORDER BY as_of DESC LIMIT 1$$, '42501', NULL, 'but adds no values');
SELECT is_empty($$DELETE FROM value_numbers RETURNING id$$, 'and takes none away');
RESET ROLE;
-- numbers that an owner has written by hand stand for no value
SAVEPOINT spoilt;
DELETE FROM numbers_by_user WHERE id = id_of('five');
INSERT INTO numbers_by_user
SELECT id_of('five'), (SELECT max(as_of) FROM versions WHERE id = id_of('five')), r.*
FROM journey_internal.numbers_by_user('{1:-1,2:5,3:2147483648,4:-9223372036854775808,5:9223372036854775807,6:1}') AS r;
SELECT is(ARRAY(SELECT value FROM generate_series(1, 6) AS u, profile(u, events => 0) AS p WHERE name = 'five' ORDER BY u), '{NULL,NULL,NULL,NULL,NULL,LOW}', 'numbers of no value');
ROLLBACK TO spoilt;
-- another kind, and back
SELECT lives_ok($$SELECT alter_tag('five', 'SELECT user_id, 5 FROM given WHERE tag = ''five''', 'numeric')$$, 'numbers');
SELECT is((SELECT error FROM refresh_tag('five', moment(100000))), NULL, 'are refreshed');
SELECT is((SELECT value FROM journey_internal.profile_values(48271, NULL) WHERE name = 'five') || (SELECT count(*)::text FROM value_numbers WHERE id = id_of('five')), '50', 'a number, and no values');
-- a version in which somebody has two values leaves nothing behind
SELECT lives_ok($$SELECT alter_tag('five', 'SELECT i, v FROM generate_series(1, 9) AS i, unnest(''{a,b}''::text[]) AS v', 'sql')$$, 'two values each');
SELECT is((SELECT error FROM refresh_tag('five', moment(172800))), NULL, 'are refreshed');
SELECT is((SELECT array_agg(value ORDER BY value) FROM journey_internal.profile_values(7, NULL) WHERE name = 'five') || (SELECT count(*)::text FROM numbers_by_user WHERE id = id_of('five')), '{a,b,0}', 'are both said');
SELECT lives_ok($$SELECT alter_tag('five', 'SELECT user_id, value FROM current WHERE tag = ''five''', 'sql')$$, 'one value again');
SELECT is((SELECT error FROM refresh_tag('five', moment(200000))), NULL, 'is refreshed');
SELECT is_empty($$SELECT * FROM wrong('five', NULL, 100)$$, 'is said');
-- more values than are kept user by user
SELECT lives_ok($$SELECT alter_tag('one value', 'SELECT i, i FROM generate_series(1, 100001) AS i', 'sql')$$, 'very many values');
SELECT is((SELECT error FROM refresh_tag('one value', moment(86400))), NULL, 'are refreshed');
SELECT is((SELECT count(*)::int FROM numbers_by_user WHERE id = id_of('one value')), 0, 'not kept user by user');
SELECT is((SELECT value FROM journey_internal.profile_values(77, NULL) WHERE name = 'one value'), '77', 'but found');

-- Sets given directly.
SELECT is_empty($$SELECT * FROM journey_internal.members_by_user('{}')$$, 'no sets');
SELECT results_eq($$SELECT u, journey_internal.number_in_row(numbers, first_user, u) FROM journey_internal.members_by_user(ARRAY['{1,5}', NULL, '{}', '{5,9}']::userset[]), generate_series(1, 9, 4) AS u$$,
	$$VALUES (1, 0::bigint), (5, 0), (9, 3)$$, 'who is in two sets is in the first; no set is an empty one');

-- ---- a source that never ends ---------------------------------------------------------------

CREATE TABLE log AS SELECT 1 AS user_id, now() - i * interval '1 hour' AS at, 'e' || i AS event, i + 0.5 AS amount FROM generate_series(1, 5) AS i;
CREATE FUNCTION endless() RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN LOOP END LOOP; END';
CREATE VIEW stuck AS SELECT user_id, at, event FROM log WHERE endless();
SELECT add_source('a stuck one', 'stuck'), add_source('log', 'log', value => 'amount'), add_source('sleeping', 'log', event => 'event || pg_sleep(100)::text');
SET LOCAL client_min_messages = error;
SELECT results_eq($$SELECT name, value, source FROM profile(1, time_limit => '100 ms') WHERE kind = 'event'$$, $$SELECT 'e' || i, (i + 0.5)::text, 'log'::text FROM generate_series(1, 5) AS i$$,
	'a profile shows the others, with their values');
SET LOCAL client_min_messages = warning;
SELECT throws_ok($$SELECT * FROM profile(1, sources => '{a stuck one}', time_limit => '100 ms')$$, '53400', 'it takes longer than 100 ms', 'an error if it is asked for');
SELECT throws_ok($$SELECT * FROM profile(1, sources => '{sleeping}', time_limit => '100 ms')$$, '53400', 'it takes longer than 100 ms', 'also if it sleeps');
SELECT throws_ok($$SELECT * FROM profile(1, time_limit => '0 ms')$$, '22023', 'time_limit is 00:00:00', 'no time at all');
SELECT throws_ok($$SELECT * FROM profile(1, time_limit => NULL)$$, '22023', 'time_limit is <NULL>', 'nor an unlimited one');
-- what cancels the statement is none of the timer's business
CREATE FUNCTION profile_is_cancelled() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM profile(1, time_limit => '1 min');
	RETURN false;
EXCEPTION WHEN query_canceled THEN
	RETURN true;
END $$;
SET LOCAL statement_timeout = '200 ms';
SELECT ok(profile_is_cancelled(), 'a statement that is cancelled ends');
SET LOCAL statement_timeout = '5 min';
-- nor does the timer go on: it would cancel this
SELECT is((SELECT count(*)::int FROM profile(1, sources => '{log}', time_limit => '200 ms') WHERE kind = 'event'), 5, 'a source that ends in time');
SELECT lives_ok('SELECT pg_sleep(0.3)', 'and what comes after it');

SELECT * FROM finish();
ROLLBACK;
