-- Reports: queries only read, with the rights that they should have; names and values are text.
\ir ../setup.psql
CREATE ROLE journey_alice; CREATE ROLE journey_mallory; CREATE ROLE journey_reader;
GRANT USAGE ON SCHEMA journey TO journey_alice, journey_mallory, journey_reader;
GRANT ALL ON SCHEMA journey_test, public TO PUBLIC;
SELECT no_plan();

CREATE TABLE secret (region text, n int);
INSERT INTO secret VALUES ('north', 1), ('south', 2);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY north ON secret USING (region = 'north');
GRANT SELECT, INSERT, UPDATE ON secret TO journey_alice;
CREATE SEQUENCE numbers;
GRANT ALL ON numbers TO PUBLIC;
GRANT SELECT ON secret TO journey_alice;

-- ---- only one SELECT, that only reads ------------------------------------------------------

SET LOCAL ROLE journey_alice;
SELECT throws_ok(format('SELECT report_html(''x'', report_part(''hostile'', %L))', q), state, NULL, 'refused: ' || q)
FROM (VALUES ('42601', 'DELETE FROM secret'), ('42601', 'SELECT 1; SELECT 2'), ('42601', ''), ('42601', 'CREATE TABLE t ()'), ('42601', 'COMMIT'), ('42601', 'SET ROLE postgres'),
	('42601', 'SELECT 1) AS q) SELECT (SELECT 1'), ('42601', 'SELECT 1 -- '')'), ('25006', 'SELECT nextval(''numbers'')'), ('25006', 'SELECT set_config(''search_path'', ''x'', false)'),
	('25006', 'SELECT pg_advisory_lock(1)'), ('25006', 'SELECT lo_create(0)')) AS v(state, q) WHERE q <> 'SELECT 1 -- '')';
SELECT throws_ok(format('SELECT report_html(''x'', report_part(''hostile'', %L))', q), NULL, NULL, 'refused: ' || q)
FROM unnest(ARRAY['WITH d AS (DELETE FROM secret RETURNING 1) SELECT * FROM d', 'SELECT n FROM secret FOR UPDATE', 'SELECT 1 INTO t', 'TABLE nowhere', 'COPY secret TO STDOUT', 'EXPLAIN ANALYZE DELETE FROM secret']) AS q;
SELECT throws_ok(format('SELECT create_report(''x'', %L)', jsonb_build_object('title', 'x', 'parts', jsonb_build_array(jsonb_build_object('title', 'hostile', 'query', q)))), NULL, NULL, 'not stored: ' || q)
FROM unnest(ARRAY['DELETE FROM secret', 'SELECT 1; SELECT 2', 'SELECT nextval(''numbers'')', 'SELECT 1) AS q) SELECT (SELECT 1', '']) AS q;
RESET ROLE;
SELECT is((SELECT count(*)::int FROM secret), 2, 'nothing was deleted');
-- a comment at the end ends with the line
SELECT ok(p LIKE '%<td class="n">7</td>%', 'a comment at the end') FROM report_html('x', report_part('c', 'SELECT 7 AS n -- the end')) AS p;

-- ---- whose rights ---------------------------------------------------------------------------

SET LOCAL ROLE journey_alice;
SELECT is((SELECT count(*)::int FROM regexp_matches(report_html('x', report_part('a', 'SELECT region FROM secret')), '<td>', 'g')), 1, 'row-level security is that of the caller');
SELECT lives_ok($$SELECT create_report('hers', '{"title": "Hers", "parts": [{"title": "Regions", "query": "SELECT region, n, current_user::text AS who FROM secret", "kind": "bar"}]}')$$, 'alice: a report');
SET LOCAL ROLE journey_mallory;
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT region FROM secret'))$$, '42501', NULL, 'no rights, no rows');
SELECT is((SELECT count(*)::int FROM reports), 0, 'mallory does not see it');
SELECT throws_ok(s, '42704', NULL, 'mallory: ' || s)
FROM unnest(ARRAY['SELECT report(''hers'')', 'SELECT * FROM refresh_report(''hers'')', 'SELECT drop_report(''hers'')', 'SELECT grant_report(''hers'', ''journey_mallory'')', 'SELECT * FROM report_versions(''hers'')', 'SELECT rename_report(''hers'', ''mine'')']) AS s;
SELECT throws_ok($$SELECT create_report('hers', '{"title": "x", "parts": [{"title": "a", "query": "SELECT 1"}]}', replace => true)$$, '42710', NULL, 'mallory does not replace it');
RESET ROLE;
SELECT is((SELECT error FROM refresh_report('hers')), NULL, 'a superuser refreshes it');
SELECT ok(report('hers') LIKE '%>journey_alice<%' AND report('hers') NOT LIKE '%south%', 'with the rights of its owner, and her row-level security');
SET LOCAL ROLE journey_alice;
SELECT lives_ok($$SELECT grant_report('hers', 'journey_reader')$$, 'alice grants it');
SET LOCAL ROLE journey_reader;
SELECT ok(report('hers') LIKE '%north%', 'a reader reads it without rights on the table');
SELECT throws_ok($$SELECT * FROM refresh_report('hers')$$, '42501', NULL, 'but does not refresh it');
SELECT throws_ok($$SELECT drop_report('hers')$$, '42501', NULL, 'nor drop it');
SELECT throws_ok($$INSERT INTO version_pages SELECT id, as_of + interval '1 s', 'forged' FROM versions$$, NULL, NULL, 'nor write a page');
SELECT is((SELECT count(*)::int FROM version_pages), 1, 'and sees the pages that are granted');
SET LOCAL ROLE journey_mallory;
SELECT is((SELECT count(*)::int FROM version_pages), 0, 'mallory sees none');
SELECT throws_ok($$INSERT INTO version_pages SELECT 1, now(), 'forged'$$, NULL, NULL, 'and writes none');
RESET ROLE;
-- rights that are taken away
REVOKE ALL ON secret FROM journey_alice;
SET LOCAL client_min_messages = error;
SELECT is((SELECT error FROM refresh_report('hers')), 'part 1 "Regions" failed: permission denied for table secret', 'without her rights it fails');
SET LOCAL ROLE journey_reader;
SELECT is((SELECT error FROM refresh_progress WHERE name = 'hers'), 'failed with SQLSTATE 42501; its owner may read why', 'readers do not see the message');
RESET ROLE;

-- ---- code of others ---------------------------------------------------------------------------

-- mallory's functions in a schema that others have in their search_path
SET LOCAL ROLE journey_mallory;
CREATE FUNCTION public.concat(VARIADIC text[]) RETURNS text LANGUAGE sql AS 'SELECT ''mallory''';
CREATE FUNCTION public.gain() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'GRANT postgres TO journey_mallory'; RETURN 1; END $$;
CREATE FUNCTION public.trap(jsonb, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'mallory was called'; END $$;
CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = public.trap);
CREATE FUNCTION public.array_agg(journey_internal.analyzed_part) RETURNS journey_internal.analyzed_part[] LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'mallory was called'; END $$;
RESET ROLE;
SET LOCAL search_path = public, pg_catalog, journey, journey_test;
SELECT lives_ok($$SELECT report_html('x', report_part('a', 'SELECT region FROM journey_test.secret', 'table'))$$, 'the functions of others in the search_path are not called');
SELECT lives_ok($$SELECT report_html('{"title": "x", "language": "zh", "parts": [{"title": "a", "query": "SELECT 1 AS n"}]}'::jsonb)$$, 'nor for a definition');
SELECT lives_ok($$SELECT create_report('safe', '{"title": "x", "parts": [{"title": "a", "query": "SELECT region FROM journey_test.secret"}]}')$$, 'nor for a stored one');
SELECT throws_ok($$SELECT report_html('x', report_part('a', 'SELECT public.gain()'))$$, '42501', NULL, 'nor when a superuser''s query names it');
SELECT throws_ok($$SELECT create_report('y', '{"title": "x", "parts": [{"title": "a", "query": "SELECT gain()"}]}')$$, '42501', NULL, 'nor in a stored one');
SET LOCAL search_path = journey_test, journey, public;
-- a name means what it meant
CREATE SCHEMA one; CREATE SCHEMA two;
CREATE TABLE one.t AS SELECT 'one' AS t; CREATE TABLE two.t AS SELECT 'two' AS t;
SET LOCAL search_path = one, journey, journey_test, public;
SELECT lives_ok($$SELECT create_report('named', '{"title": "x", "parts": [{"title": "a", "query": "SELECT t FROM t"}]}')$$, 'names are those of whoever creates it');
SET LOCAL search_path = two, journey, journey_test, public;
SELECT is((SELECT error FROM refresh_report('named')), NULL, 'refreshed elsewhere');
SELECT ok(report('named') LIKE '%<td>one</td>%', 'they are the same');
SET LOCAL search_path = journey_test, journey, public;

-- ---- text is text ---------------------------------------------------------------------------

CREATE FUNCTION hostile() RETURNS text LANGUAGE sql AS $$ SELECT '</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)> " onmouseover="alert(1)'' onload=''x &lt; ]]> <!-- ' || chr(8232) || chr(1) $$;
SELECT is((SELECT count(*)::int FROM regexp_matches(p, '<script', 'g')) || ' ' || (SELECT count(*)::int FROM regexp_matches(p, '<img', 'g')) || ' ' || (SELECT count(*)::int FROM regexp_matches(p, ' on[a-z]+=[''"]', 'g')) || ' ' || (SELECT count(*)::int FROM regexp_matches(p, '<!--|\x01', 'g')), '1 0 0 0', 'a hostile name: ' || what)
FROM (VALUES ('title', report_html(hostile(), report_part('a', 'SELECT 1'))),
	('heading', report_html('x', report_part(hostile(), 'SELECT 1'), report_part(hostile(), 'SELECT ''a'' AS a, 1 AS n', 'bar'))),
	('query', report_html('x', report_part('a', format('SELECT 1 /* %s */', hostile())))),
	('value', report_html('x', report_part('a', format('SELECT %L AS a, 1 AS n', hostile()), 'bar'), report_part('a', format('SELECT %L AS a', hostile())))),
	('column', report_html('x', report_part('a', format('SELECT ''a'' AS a, 1 AS %I', left(hostile(), 60)), 'bar')))) AS v(what, p);
-- a picture of a query may be anything: it is an image
SELECT is((SELECT count(*)::int FROM regexp_matches(p, '<script', 'g')), 1, 'a picture with a script')
FROM report_html('x', report_part('a', $$SELECT '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'::text$$, 'svg')) AS p;
SELECT ok(p LIKE '%<img alt="a" src="data:image/svg+xml;base64,PHN2Zy%', 'is an image')
FROM report_html('x', report_part('a', $$SELECT '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'::text$$, 'svg')) AS p;

SELECT * FROM finish();
ROLLBACK;
