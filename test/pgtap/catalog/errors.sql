-- Errors of sources, segments and tags: they name the argument, and show little of how the
-- extension works inside.
\ir ../setup.psql
SELECT plan(44);

CREATE TABLE log (user_id int, at timestamptz, event text, other text);
INSERT INTO log SELECT i % 5, moment(i), (ARRAY['a', 'b'])[1 + i % 2] FROM generate_series(1, 20) AS i;

-- The CONTEXT of an error, but for what this function is in it.
CREATE FUNCTION context_of(statement text, OUT message text, OUT context text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, context = PG_EXCEPTION_CONTEXT;
	context := left(context, greatest(strpos(context, 'SQL statement "' || statement) - 1, 0));
END $$;
CREATE FUNCTION lines(context text) RETURNS int LANGUAGE sql AS $$ SELECT count(*)::int FROM regexp_split_to_table(context, '\n') AS l WHERE l <> '' $$;

SELECT lives_ok($$SELECT add_source('log', 'log')$$, 'a source');
SELECT lives_ok($$SELECT create_segment('a', 'SELECT 1')$$, 'a segment without a version');
SELECT lives_ok($$SELECT create_tag('t', 'SELECT 1, 2', 'numeric')$$, 'a tag');

CREATE TABLE wrong (statement text, message text);
INSERT INTO wrong VALUES
	($$SELECT add_source('x', 'log', 'u')$$, 'column "u" does not exist'),
	($$SELECT add_source('x', 'log', at => 'user_id')$$, 'source "x": at is of type integer'),
	($$SELECT add_source('x', 'log', at => 'a b')$$, 'syntax error at or near "b"'),
	($$SELECT add_source('x', 'log', event => NULL)$$, 'event of source "x" must not be NULL'),
	($$SELECT add_source('x', NULL)$$, 'relation of source "x" must not be NULL'),
	($$SELECT add_source('x', 'log', attrs => '{"c": "chan"}')$$, 'column "chan" does not exist'),
	($$SELECT add_source('x', 'log', attrs => '{"c": 1}')$$, 'attrs gives attribute "c" as 1, not as a string'),
	($$SELECT create_segment('b', '{"source": "log", "rule": {"di": "a"}}'::jsonb)$$, 'a condition is {"di": "a"}'),
	($$SELECT create_segment('b', '{"source": "log", "rule": {"and": [{"or": [{"not": {"did": "a", "within": "2 months"}}]}]}}'::jsonb)$$, 'within is "2 months": months differ in length'),
	($$SELECT create_segment('b', '{"source": "nowhere", "rule": {"did": "a"}}'::jsonb)$$, 'there is no source "nowhere" that role %'),
	($$SELECT create_segment('b', '{"source": "log", "rule": {"segment": "no"}}'::jsonb)$$, '"b" uses "no", which is no segment or tag that you may read'),
	($$SELECT create_segment('b', '{"source": "log", '::text)$$, 'invalid input syntax for type json'),
	($$SELECT create_segment('b', 'SELECT now()')$$, 'the definition of segment "b" returns values of type timestamp with time zone'),
	($$SELECT create_segment('b', 'SELECT nobody FROM log')$$, 'column "nobody" does not exist'),
	($$SELECT create_segment('a', 'SELECT 1')$$, 'a segment or tag named "a" exists already'),
	($$SELECT alter_segment('a', '{"source": "log", "rule": {"did": "a", "count": {"<": 0}}}')$$, '"count" is {"<": 0}: that holds for nobody'),
	($$SELECT create_tag('x', '{"source": "log", "take": "modus"}', 'numeric')$$, '"take" is modus'),
	($$SELECT create_tag('x', '{"source": "log", "attribute": "no", "take": "last"}', 'attribute')$$, 'there is no attribute "no"'),
	($$SELECT create_tag('x', 'SELECT 1', 'sql')$$, 'the definition of tag "x" returns 1 columns'),
	($$SELECT segment('a')$$, '"a" has no version yet'),
	($$SELECT tag_users_where('t', '>', 1)$$, '"t" has no version yet'),
	($$SELECT drop_segment('nothing')$$, 'there is no segment "nothing" that you may read'),
	($$SELECT grant_tag('t', 'nobody at all')$$, 'role "nobody at all" does not exist'),
	($$SELECT refresh_segment('a', 'infinity')$$, 'as_of is infinity'),
	($$SELECT explain_tag('nothing')$$, 'there is no tag "nothing" that you may read'),
	($$SELECT create_event_view('v', 'nowhere')$$, 'there is no source "nowhere" that role %'),
	($$SELECT set_definition_owner('a', 'nobody at all')$$, 'role "nobody at all" does not exist');
SELECT is(CASE WHEN e.message LIKE w.message AND lines(e.context) <= 2 THEN 'short' ELSE concat_ws(E'\n', e.message, e.context) END, 'short', w.message) FROM wrong AS w, context_of(w.statement) AS e;

-- which argument of add_source
SELECT is((SELECT regexp_replace(context, '\n.*', '') FROM context_of(statement)), expected, expected) FROM (VALUES
	($$SELECT add_source('x', 'log', 'u')$$, 'user_id of source "x"'),
	($$SELECT add_source('x', 'log', at => 'a b')$$, 'at of source "x"'),
	($$SELECT add_source('x', 'log', event => 'user_id + event')$$, 'event of source "x"'),
	($$SELECT add_source('x', 'log', attrs => '{"c": "chan"}')$$, 'attribute "c" of source "x"'),
	($$SELECT add_source('x', 'log', attrs => '"payload"')$$, 'attrs of source "x"')) AS v(statement, expected);

-- who calls it stays in it, and an error that is caught leaves nothing behind
CREATE FUNCTION caller(name text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM create_segment(name, 'SELECT now()'); END $$;
CREATE FUNCTION catcher() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM caller('b');
EXCEPTION WHEN datatype_mismatch THEN
	PERFORM create_segment('b', 'SELECT 1');
	RAISE division_by_zero;
END $$;
SELECT matches((SELECT context FROM context_of($$SELECT caller('b')$$)), E'^PL/pgSQL function journey_internal.do_store_segment\\([^\n]*\nSQL statement "[^\n]*\nPL/pgSQL function caller\\(text\\) line 1 at PERFORM\n$', 'the caller is shown');
SELECT matches((SELECT context FROM context_of($$SELECT catcher()$$)), E'^PL/pgSQL function catcher\\(\\) line 6 at RAISE\n$', 'after an error that was caught');
SELECT is((SELECT context FROM context_of($$SELECT caller(E'b\ncalled by the extension: store_segment\nc')$$)) !~ '\mdo_store_segment.*\n.*journey_internal', true, 'a name that looks like a line of it');
SELECT results_eq($$SELECT name, as_of, users, error FROM refresh_segments('{a}', moment(0))$$, $$SELECT 'a'::text, moment(0), 1::bigint, NULL::text$$, 'rows pass');
SELECT is(array_agg(cardinality(segment(n)))::text, '{1,1,1}', 'called for many rows') FROM unnest('{a,a,a}'::text[]) AS n;

-- as another role, from a function of which the rights were taken
CREATE ROLE journey_ann;
GRANT USAGE ON SCHEMA journey_test, journey TO journey_ann;
GRANT SELECT ON log TO journey_ann;
SET LOCAL ROLE journey_ann;
SELECT throws_ok($$SELECT drop_segment('a')$$, '42704', 'there is no segment "a" that you may read', 'what others own is not seen');
SELECT lives_ok($$SELECT create_segment('hers', 'SELECT user_id FROM log')$$, 'hers');
SELECT is(owner, 'journey_ann', 'belongs to her') FROM segments WHERE name = 'hers';
RESET ROLE;
REVOKE EXECUTE ON FUNCTION journey_internal.do_store_segment(text, text, record, text[], interval, int, text, text) FROM PUBLIC;
SET LOCAL ROLE journey_ann;
SELECT throws_ok($$SELECT create_segment('more', 'SELECT user_id FROM log')$$, '42501', 'permission denied for function do_store_segment', 'rights on what is called are asked for');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
