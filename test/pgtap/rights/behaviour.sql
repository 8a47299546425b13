-- A definition means, once stored, what it meant to its author: operators of types that are not
-- of pg_catalog, such as citext and those of the extension, and constants under any setting.
\ir ../setup.psql
CREATE EXTENSION IF NOT EXISTS citext;
SELECT extnamespace::regnamespace::text AS citext FROM pg_extension WHERE extname = 'citext' \gset

CREATE TABLE customers AS SELECT i AS user_id, (ARRAY['Gold', 'gold', 'GOLD', 'silver', 'Silver'])[i % 5 + 1]::citext AS plan, now() - interval '1 hour' AS at, 'login'::text AS event,
	('{' || i % 3 || '}')::userset AS friends, steps(i % 2 = 0, i % 3 = 0) AS step, 'x' || i % 2 AS code, timestamptz '2026-02-03 04:05:06+00' + i * interval '1 day' AS since
FROM generate_series(1, 25) i;
CREATE TABLE plans AS SELECT plan::citext, price FROM (VALUES ('GOLD', 10), ('SILVER', 5)) v(plan, price);
CREATE TABLE codes AS SELECT 'x0' AS code;
CREATE TYPE grade AS ENUM ('low', 'high');
CREATE DOMAIN short AS citext;
ALTER TABLE customers ADD level grade, ADD nick short;
UPDATE customers SET level = CASE WHEN user_id > 20 THEN 'high' ELSE 'low' END::grade, nick = plan;

SELECT plan(96);

-- The users that a SELECT gives, and those of a segment of it. NULL: it was refused, with this.
CREATE FUNCTION direct(query text) RETURNS userset LANGUAGE plpgsql AS $$ DECLARE r userset; BEGIN EXECUTE format('SELECT userset_agg(u) FROM (%s) q(u)', query) INTO r; RETURN coalesce(r, '{}'); END $$;
CREATE FUNCTION stored(definition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	problem text;
BEGIN
	BEGIN
		PERFORM create_segment('stored', definition);
	EXCEPTION WHEN feature_not_supported THEN
		RETURN 'refused: ' || SQLERRM;
	END;
	SELECT error INTO problem FROM refresh_segment('stored', clock_timestamp());
	definition := coalesce(problem, segment('stored')::text);
	PERFORM drop_segment('stored');
	RETURN definition;
END $$;

-- ---- what has no place for the schema of an operator ----------------------------------

SELECT is(stored(q), 'refused: the definition of segment "stored" compares by operator ' || op || ' in ' || c, q)
FROM (SELECT q, c, replace(op, 'citext', :'citext' || '.citext') AS op FROM (VALUES
	('SELECT user_id FROM customers WHERE nullif(plan, ''gold'') IS NULL', :'citext' || '.=(citext,citext)', 'NULLIF'),
	('SELECT user_id FROM customers WHERE plan IS NOT DISTINCT FROM ''gold''', :'citext' || '.=(citext,citext)', 'IS DISTINCT FROM'),
	('SELECT user_id FROM customers WHERE plan IS DISTINCT FROM ''gold''', :'citext' || '.=(citext,citext)', 'IS DISTINCT FROM'),
	('SELECT user_id FROM customers WHERE CASE plan WHEN ''gold'' THEN true END', :'citext' || '.=(citext,citext)', 'CASE x WHEN value'),
	('SELECT user_id FROM customers JOIN plans USING (plan) WHERE price > 5', :'citext' || '.=(citext,citext)', 'JOIN USING or NATURAL JOIN'),
	('SELECT user_id FROM customers NATURAL JOIN plans WHERE price > 5', :'citext' || '.=(citext,citext)', 'JOIN USING or NATURAL JOIN'),
	('SELECT user_id FROM customers NATURAL LEFT JOIN plans WHERE price > 5', :'citext' || '.=(citext,citext)', 'JOIN USING or NATURAL JOIN'),
	('WITH g AS (SELECT user_id FROM customers WHERE nullif(plan, ''gold'') IS NULL) SELECT user_id FROM g', :'citext' || '.=(citext,citext)', 'NULLIF'),
	('SELECT user_id FROM customers c WHERE EXISTS (SELECT FROM plans p WHERE p.plan IS NOT DISTINCT FROM c.plan AND price > 5)', :'citext' || '.=(citext,citext)', 'IS DISTINCT FROM'),
	('SELECT user_id FROM customers WHERE nullif(friends, ''{1}'') IS NULL', 'journey.=(journey.userset,journey.userset)', 'NULLIF'),
	('SELECT user_id FROM customers WHERE friends IS DISTINCT FROM ''{1}''', 'journey.=(journey.userset,journey.userset)', 'IS DISTINCT FROM'),
	('SELECT user_id FROM customers WHERE CASE friends WHEN ''{1}'' THEN true END', 'journey.=(journey.userset,journey.userset)', 'CASE x WHEN value'),
	('SELECT a.user_id FROM customers a JOIN customers b USING (friends)', 'journey.=(journey.userset,journey.userset)', 'JOIN USING or NATURAL JOIN'),
	('SELECT user_id FROM customers WHERE (plan, user_id) < (''gold'', 11)', :'citext' || '.<(citext,citext)', 'a comparison of rows'),
	('SELECT user_id FROM customers WHERE (user_id, plan) < (11, ''gold'')', :'citext' || '.<(citext,citext)', 'a comparison of rows'),
	('SELECT user_id FROM customers WHERE (plan, user_id) IN (SELECT plan, price FROM plans)', :'citext' || '.=(citext,citext)', 'a comparison of rows'),
	('SELECT user_id FROM customers WHERE (user_id, plan) NOT IN (SELECT price, plan FROM plans)', :'citext' || '.=(citext,citext)', 'a comparison of rows'),
	('SELECT user_id FROM customers WHERE nullif(step, ''10'') IS NULL', 'journey.=(journey.stepset,journey.stepset)', 'NULLIF'),
	('SELECT user_id FROM customers WHERE CASE step WHEN ''10'' THEN true END', 'journey.=(journey.stepset,journey.stepset)', 'CASE x WHEN value')) v(q, op, c)) v;
SELECT throws_ok('SELECT create_tag(''t'', ''SELECT user_id, nullif(plan, ''''gold'''') FROM customers'', ''sql'')', '0A000', NULL, 'a tag is refused, too');
SELECT throws_ok('SELECT add_source(''s'', ''customers'', attrs => ''{"p": "nullif(plan, ''''gold'''')"}'')', '0A000', NULL, 'and a source');

-- ---- what has one, and what is of pg_catalog -------------------------------------------

SELECT is(stored(q), direct(q)::text, q) FROM unnest(ARRAY[
	'SELECT user_id FROM customers WHERE plan = ''gold''', 'SELECT user_id FROM customers WHERE plan <> ''gold''', 'SELECT user_id FROM customers WHERE plan IN (''gold'', ''x'')', 'SELECT user_id FROM customers WHERE plan NOT IN (''gold'', ''x'')',
	'SELECT user_id FROM customers WHERE plan = ANY (''{gold,x}'')', 'SELECT user_id FROM customers WHERE plan <> ALL (''{gold,x}'')', 'SELECT user_id FROM customers WHERE plan IN (SELECT plan FROM plans WHERE price > 5)',
	'SELECT user_id FROM customers WHERE plan NOT IN (SELECT plan FROM plans WHERE price > 5)', 'SELECT user_id FROM customers WHERE plan < ANY (SELECT plan FROM plans)', 'SELECT user_id FROM customers WHERE (plan, event) = (''gold'', ''login'')',
	'SELECT user_id FROM customers WHERE (plan, event) IN ((''gold'', ''login''), (''x'', ''y''))', 'SELECT user_id FROM customers WHERE (plan, nick) < (''gold'', ''h'')', 'SELECT user_id FROM customers WHERE (plan, nick) IN (SELECT plan, plan FROM plans)',
	'SELECT user_id FROM customers WHERE plan BETWEEN ''g'' AND ''h''', 'SELECT user_id FROM customers WHERE plan BETWEEN SYMMETRIC ''h'' AND ''g''', 'SELECT user_id FROM customers WHERE plan LIKE ''g%''', 'SELECT user_id FROM customers WHERE plan ~ ''^g''',
	'SELECT c.user_id FROM customers c JOIN plans p ON p.plan = c.plan WHERE price > 5', 'SELECT min(user_id) FROM customers GROUP BY plan', 'SELECT DISTINCT ON (plan) user_id FROM customers ORDER BY plan, user_id', 'SELECT user_id FROM customers ORDER BY plan, user_id LIMIT 3',
	'SELECT user_id FROM customers ORDER BY plan USING >, user_id LIMIT 3', 'SELECT u FROM (SELECT user_id AS u, rank() OVER (PARTITION BY plan ORDER BY user_id) AS r FROM customers) x WHERE r = 1', 'SELECT count(DISTINCT plan) FROM customers',
	'SELECT length(string_agg(p, '''')) FROM (SELECT plan AS p FROM customers UNION SELECT plan FROM plans) u', 'SELECT user_id FROM customers WHERE greatest(plan, ''h'') = ''H''', 'SELECT user_id FROM customers WHERE CASE WHEN plan = ''gold'' THEN true END',
	'SELECT user_id FROM customers WHERE plan::text IS NOT DISTINCT FROM ''gold''', 'SELECT user_id FROM customers WHERE nullif(code, ''x0'') IS NULL', 'SELECT user_id FROM customers WHERE code IS DISTINCT FROM ''x0''', 'SELECT user_id FROM customers WHERE CASE code WHEN ''x0'' THEN true END',
	'SELECT user_id FROM customers JOIN codes USING (code)', 'SELECT user_id FROM customers NATURAL JOIN codes', 'SELECT user_id FROM customers c FULL JOIN (SELECT 30 AS user_id) d USING (user_id)', 'SELECT user_id FROM customers WHERE user_id IS DISTINCT FROM 3::bigint',
	'SELECT user_id FROM customers WHERE friends = ''{1}''', 'SELECT user_id FROM customers WHERE friends IN (''{1}'', ''{2}'')', 'SELECT user_id FROM customers WHERE friends IN (SELECT ''{1}''::userset)', 'SELECT user_id FROM customers WHERE (friends, code) = (''{1}'', ''x1'')',
	'SELECT user_id FROM customers WHERE step <> ''10''', 'SELECT user_id FROM customers WHERE friends & ''{1}'' <> ''{}''', 'SELECT min(user_id) FROM customers GROUP BY step', 'SELECT user_id FROM customers WHERE friends @> ''{1}''',
	'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r', 'SELECT user_id FROM customers WHERE since > ''2026-02-10'' AND user_id = -(-12)', 'VALUES (1), (2)', 'SELECT 1 WHERE extract(day FROM timestamp ''2026-01-02'') = 2']) q;

-- ---- constants, written under one setting and read under another ---------------------------

SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL intervalstyle = 'sql_standard';
SET LOCAL timezone = 'Asia/Shanghai';
SELECT is((SELECT string_agg(c, ' ') FROM (SELECT create_segment('dates', 'SELECT user_id FROM customers WHERE since::date > ''05/02/2026'' AND since > ''07/02/2026 12:00'' AND since < timestamptz ''01/03/2026'' - interval ''-1 2:00:00''')::text AS c) x), '', 'a segment with dates as its author writes them');
SELECT direct('SELECT user_id FROM customers WHERE since::date > ''05/02/2026'' AND since > ''07/02/2026 12:00'' AND since < timestamptz ''01/03/2026'' - interval ''-1 2:00:00''') AS meant \gset
SET LOCAL datestyle = 'ISO, MDY';
SET LOCAL intervalstyle = 'postgres';
SELECT is((SELECT error FROM refresh_segment('dates', clock_timestamp())), NULL, 'is refreshed by somebody who writes them otherwise');
SELECT is(segment('dates'), :'meant'::userset, 'and means the same');
SET LOCAL timezone = 'UTC';

-- the time zone is that of the author, too
SET LOCAL timezone = 'Asia/Shanghai';
SELECT is((SELECT count(create_segment(n, d))::int FROM (VALUES ('night', 'SELECT user_id FROM customers WHERE extract(hour FROM since) = 12'), ('day', 'SELECT user_id FROM customers WHERE since::date <= date ''2026-02-10'''), ('now', 'SELECT 1 WHERE as_of()::date = date ''2026-03-02''')) v(n, d)), 3, 'segments by local time');
SET LOCAL timezone = 'America/New_York';
SELECT is((SELECT string_agg(error, ';') FROM refresh_segments('{night,day,now}', '2026-03-01 20:00+00')), NULL, 'are refreshed elsewhere');
SET LOCAL timezone = 'Asia/Shanghai';
SELECT is(segment('night'), direct('SELECT user_id FROM customers WHERE extract(hour FROM since) = 12'), 'and mean the same: an hour');
SELECT is(segment('day'), direct('SELECT user_id FROM customers WHERE since::date <= date ''2026-02-10'''), 'a day');
SELECT is(segment('now')::text, '{1}', 'the day for which it is computed');
SET LOCAL timezone = 'UTC';
SELECT lives_ok($$SELECT alter_segment('now', 'SELECT 1 WHERE as_of()::date = date ''2026-03-01''')$$, 'altered elsewhere');
SELECT is((SELECT users FROM refresh_segment('now', '2026-03-01 20:00+00')), 1::bigint, 'it is computed as it is meant there');

-- ---- rules ------------------------------------------------------------------------------

SELECT add_source('customers', 'customers', attrs => '{"plan": "plan", "nick": "nick", "level": "level", "friends": "friends", "code": "code"}');
CREATE FUNCTION rule(filter text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM create_segment('rule', format('{"source": "customers", "rule": {"did": "login", "where": %s}}', filter));
	filter := (SELECT error FROM refresh_segment('rule', clock_timestamp()));
	filter := coalesce(filter, segment('rule')::text);
	PERFORM drop_segment('rule');
	RETURN filter;
END $$;
SELECT is(rule(f), direct('SELECT user_id FROM customers WHERE ' || c)::text, f) FROM (VALUES ('{"plan": "gold"}', 'plan = ''gold'''), ('{"plan": {"!=": "gold"}}', 'plan <> ''gold'''), ('{"plan": {">=": "GOLDEN"}}', 'plan >= ''GOLDEN'''), ('{"plan": {"<": "GOLDEN"}}', 'plan < ''GOLDEN'''),
	('{"plan": ["GOLD", "x"]}', 'plan IN (''gold'', ''x'')'), ('{"plan": {"like": "g%"}}', 'plan LIKE ''g%'''), ('{"plan": {"not like": "g%"}}', 'plan NOT LIKE ''g%'''), ('{"not": {"plan": "gold"}}', 'plan <> ''gold'''), ('{"nick": "gold"}', 'nick = ''gold'''),
	('{"level": "high"}', 'level = ''high'''), ('{"level": {"<": "high"}}', 'level < ''high'''), ('{"friends": "{1}"}', 'friends = ''{1}'''), ('{"friends": {"!=": "{1}"}}', 'friends <> ''{1}'''), ('{"code": "x1"}', 'code = ''x1'''), ('{"code": {"like": "%1"}}', 'code LIKE ''%1''')) v(f, c);
SELECT is((SELECT string_agg(c, '') FROM (SELECT create_segment('user', '{"source": "customers", "rule": {"user": {"plan": "gold"}, "of": "journey_test.customers"}}'::text)::text AS c) x), '', 'a rule about customers');
SELECT is((SELECT error FROM refresh_segment('user', clock_timestamp())), NULL, 'is refreshed');
SELECT is(segment('user'), direct('SELECT user_id FROM customers WHERE plan = ''gold'''), 'and means the same');

SELECT * FROM finish();
ROLLBACK;
