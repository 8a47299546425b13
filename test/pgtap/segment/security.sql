-- Whose rights a definition runs with, who may see and change what, and that a hostile
-- definition, source or search_path gains nothing.
\ir ../setup.psql

DROP EXTENSION pg_journey CASCADE;
DROP SCHEMA IF EXISTS journey CASCADE;
CREATE ROLE journey_dba; CREATE ROLE journey_alice; CREATE ROLE journey_mallory; CREATE ROLE journey_team; CREATE ROLE journey_agent;
GRANT journey_team TO journey_alice;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO journey_dba', current_database()); END $$;
GRANT ALL ON SCHEMA journey_test, public TO PUBLIC;

SELECT plan(123);

-- ---- installed by somebody who is no superuser ------------------------------------------

-- somebody was there before
CREATE SCHEMA journey AUTHORIZATION journey_mallory;
SET LOCAL ROLE journey_mallory;
CREATE FUNCTION journey.segment(varchar, timestamptz) RETURNS int LANGUAGE sql AS 'SELECT 1';
RESET ROLE;
SELECT throws_like('CREATE EXTENSION pg_journey', 'schema "journey" is not empty: it has function %segment(%', 'not into a schema that already has a trap');
DROP SCHEMA journey CASCADE;
SET LOCAL ROLE journey_dba;
SELECT lives_ok('CREATE EXTENSION pg_journey', 'a role with CREATE on the database installs it');
GRANT USAGE ON SCHEMA journey TO journey_alice, journey_mallory, journey_team, journey_agent;
SELECT ok(NOT rolsuper, 'it is no superuser') FROM pg_roles WHERE rolname = current_user;
SELECT lives_ok($$SELECT create_segment('dba', 'SELECT 1')$$, 'and may create segments');
SELECT is((SELECT users FROM refresh_segment('dba')), 1::bigint, 'and refresh them');
SELECT throws_ok($$SELECT * FROM journey_internal.run_as('postgres'::regrole, 'SELECT 1', NULL) AS r(x int)$$, '42501', NULL, 'but not run as a superuser')
	WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'postgres');
SELECT throws_ok(format($$SELECT * FROM journey_internal.run_as(%s, 'SELECT 1', NULL) AS r(x int)$$, 10), '42501', NULL, 'but not run as a superuser');
RESET ROLE;
SELECT is((SELECT count(*)::int FROM pg_proc WHERE pronamespace IN ('journey'::regnamespace, 'journey_internal'::regnamespace) AND prosecdef), 0, 'no function is SECURITY DEFINER');
SELECT is((SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p JOIN pg_language l ON l.oid = prolang
	WHERE pronamespace IN ('journey'::regnamespace, 'journey_internal'::regnamespace) AND lanname = 'plpgsql' AND proname NOT IN ('refresh_due', 'create_event_view')
		AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)), NULL, 'functions in PL/pgSQL pin their search_path');
SELECT is((SELECT string_agg(relname, ', ') FROM pg_class WHERE relnamespace = 'journey'::regnamespace AND relkind = 'r' AND NOT relrowsecurity), 'methods', 'all tables have row-level security, but for one that is the same for all');

-- ---- who sees and changes what ----------------------------------------------------------

CREATE TABLE secret (user_id int, at timestamptz, event text, region text);
INSERT INTO secret SELECT i, now() - interval '1 hour', 'login', CASE WHEN i <= 10 THEN 'north' ELSE 'south' END FROM generate_series(1, 30) i;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY north ON secret USING (region = 'north' AND pg_has_role('journey_team', 'USAGE'));
GRANT SELECT ON secret TO journey_team, journey_mallory;

SET LOCAL ROLE journey_alice;
SELECT lives_ok($$SELECT add_source('secret', 'secret')$$, 'alice: a source');
SELECT lives_ok($$SELECT create_segment('hers', 'SELECT user_id FROM secret')$$, 'a segment');
SELECT lives_ok($$SELECT create_segment('rule', '{"source": "secret", "rule": {"did": "login"}}')$$, 'and a rule');
SELECT is((SELECT users FROM refresh_segment('hers')), 10::bigint, 'the table''s own row-level security applies to her');
SET LOCAL ROLE journey_team;
SELECT lives_ok($$SELECT create_segment('the team''s', 'SELECT user_id FROM secret')$$, 'the team: a segment');
SET LOCAL ROLE journey_alice;
SELECT is((SELECT users FROM refresh_segment('the team''s')), 10::bigint, 'its members may refresh it');
SELECT is((SELECT owner FROM segments WHERE name = 'hers'), 'journey_alice', 'hers is hers');
RESET ROLE;
SELECT is((SELECT string_agg(users::text, ',') FROM refresh_segments('{hers,rule}', now() - interval '1 minute')), '10,10', 'the rights are the owner''s also when a superuser refreshes');

SET LOCAL ROLE journey_mallory;
SELECT is_empty($$SELECT * FROM segments$$, 'mallory sees no segments');
SELECT is_empty($$SELECT * FROM sources$$, 'no sources');
SELECT is_empty($$SELECT * FROM versions$$, 'no versions');
SELECT is_empty($$SELECT * FROM version_members$$, 'no members');
SELECT is_empty($$SELECT * FROM refresh_log$$, 'no log');
SELECT is_empty($$SELECT * FROM refresh_progress$$, 'no progress');
SELECT throws_like($$SELECT segment('hers')$$, 'there is no segment "hers" that you may read', 'cannot read');
SELECT throws_like($$SELECT refresh_segment('hers')$$, 'there is no segment "hers" that you may read', 'cannot refresh');
SELECT throws_like($$SELECT create_segment('hers', 'SELECT 1')$$, 'a segment or tag named "hers" exists already', 'cannot take its name');
SELECT throws_like($$SELECT create_segment('x', '{"source": "secret", "rule": {"did": "login"}}')$$, 'there is no source "secret" that role % may use', 'cannot use the source');
SELECT is_empty($$UPDATE definitions SET query = 'SELECT 1' RETURNING name$$, 'cannot change definitions by hand');
SELECT is_empty($$DELETE FROM versions RETURNING id$$, 'nor versions');
SELECT throws_ok($$INSERT INTO definitions (name, kind, method, owner, definition) VALUES ('x', 'segment', 'sql', 'journey_alice', 'SELECT 1')$$, '42501', NULL, 'cannot create one that is alice''s');
SELECT throws_ok($$INSERT INTO versions VALUES (1, now(), now(), '0', 0, 0, 0)$$, '42501', NULL, 'cannot add a version');
SELECT throws_ok($$INSERT INTO exports (id, name, as_of, users, reason, exported_by) VALUES (1, 'hers', now(), 0, 'x', journey_internal.caller())$$, '42501', NULL, 'cannot invent exports');
SELECT throws_ok($$DELETE FROM exports$$, '42501', NULL, 'cannot delete exports');
SELECT throws_ok(statement, '42501', NULL, 'cannot choose what is called: ' || statement) FROM unnest(ARRAY['INSERT INTO methods (kind, method, query_function) VALUES (''tag'', ''x'', ''journey_test.x'')', 'UPDATE methods SET query_function = ''journey_test.x''', 'DELETE FROM methods']) AS statement;
SELECT throws_like($$SELECT profile(1, sources => '{secret}') LIMIT 1$$, NULL, 'x') WHERE false;
SELECT is_empty($$SELECT * FROM profile(1, sources => '{secret}')$$, 'a profile shows nothing');

SET LOCAL ROLE journey_alice;
SELECT lives_ok($$SELECT grant_segment('hers', 'journey_mallory')$$, 'alice grants it');
SET LOCAL ROLE journey_mallory;
SELECT is(cardinality(segment('hers')), 10::bigint, 'mallory reads it');
SELECT results_eq($$SELECT name FROM segments$$, $$VALUES ('hers')$$, 'and only it');
SELECT throws_like($$SELECT refresh_segment('hers')$$, 'segment "hers" belongs to journey_alice', 'but cannot refresh');
SELECT throws_like($$SELECT alter_segment('hers', 'SELECT 1')$$, 'segment "hers" belongs to journey_alice', 'nor alter');
SELECT throws_like($$SELECT drop_segment('hers')$$, 'segment "hers" belongs to journey_alice', 'nor drop');
SELECT throws_like($$SELECT grant_segment('hers', 'public')$$, 'segment "hers" belongs to journey_alice', 'nor grant');
SELECT throws_like($$SELECT set_definition_owner('hers', 'journey_mallory')$$, 'segment "hers" belongs to journey_alice', 'nor take it');
SELECT is((SELECT count(*)::int FROM segment_export('hers', 'audit')), 10, 'exporting is reading');
SET LOCAL ROLE journey_alice;
SELECT results_eq($$SELECT exported_by::text, users, reason FROM exports$$, $$VALUES ('journey_mallory', 10::bigint, 'audit')$$, 'and alice sees who did');
SELECT throws_ok($$SELECT set_definition_owner('hers', 'journey_mallory')$$, '42501', '"hers" cannot be given to journey_mallory, whose rights you do not have', 'alice cannot give to whom she is no member of');
SELECT lives_ok($$SELECT set_definition_owner('hers', 'journey_team')$$, 'she can to her team');
SELECT lives_ok($$SELECT revoke_segment('hers', 'journey_mallory')$$, 'and takes the grant back');
SET LOCAL ROLE journey_mallory;
SELECT throws_like($$SELECT segment('hers')$$, 'there is no segment "hers" that you may read', 'mallory reads it no more');

-- ---- hostile definitions ----------------------------------------------------------------

-- What mallory's functions try when a superuser's job runs them.
RESET ROLE;
CREATE SCHEMA hostile AUTHORIZATION journey_mallory;
SET LOCAL ROLE journey_mallory;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
CREATE TABLE hostile.loot (who text);
CREATE FUNCTION hostile.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.loot VALUES (current_user); RETURN NULL; END $$;
CREATE TABLE hostile.trap (x int);
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON hostile.trap DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hostile.fire();
CREATE TABLE attack (n int GENERATED ALWAYS AS IDENTITY, statement text, message text);
GRANT ALL ON attack TO PUBLIC;
INSERT INTO attack (statement, message) VALUES
('ALTER ROLE journey_mallory SUPERUSER', 'a stored query cannot execute ALTER ROLE'),
('SET ROLE NONE', 'a stored query cannot execute SET'),
('RESET ROLE', 'a stored query cannot execute RESET'),
('SET SESSION AUTHORIZATION DEFAULT', 'a stored query cannot execute SET'),
('SELECT set_config(''role'', ''none'', false)', 'a stored query cannot call function pg_catalog.set_config(text,text,boolean)'),
('SET transaction_read_only = off', 'a stored query cannot execute SET'),
('INSERT INTO hostile.trap VALUES (1)', 'a stored query cannot execute INSERT'),
('CREATE TEMP TABLE t (x int)', 'a stored query cannot execute CREATE TABLE'),
('CREATE FUNCTION pg_temp.cardinality(x int) RETURNS int LANGUAGE sql AS ''SELECT 1''', 'a stored query cannot execute CREATE FUNCTION'),
('PREPARE stay AS SELECT 1', 'a stored query cannot execute PREPARE'),
('DECLARE stay CURSOR WITH HOLD FOR SELECT 1', 'a stored query cannot execute DECLARE CURSOR'),
('LISTEN stay', 'a stored query cannot execute LISTEN'),
('SELECT count(*) FROM pg_authid', 'permission denied for table pg_authid');
CREATE FUNCTION hostile.run(statement text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN 1; END $$;
SELECT is((SELECT count(create_segment('attack ' || n, format('SELECT hostile.run(%L)', statement)))::int FROM attack), (SELECT count(*)::int FROM attack), 'definitions that attack');
SELECT lives_ok($$SELECT create_segment('who', 'SELECT CASE current_user WHEN ''journey_mallory'' THEN 1 ELSE 666 END')$$, 'one that says who it is');
-- a function that sets a role while it runs
CREATE FUNCTION hostile.as_owner() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION hostile.as_owner() SET role = 'none';
SELECT lives_ok($$SELECT create_segment('setter', 'SELECT hostile.as_owner()')$$, 'and one whose function has SET role');
-- functions, operators and a type that shadow what refreshing uses
CREATE FUNCTION hostile.steal(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.loot VALUES (current_user); RETURN true; END $$;
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.steal);
CREATE FUNCTION hostile.hashtext(text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.loot VALUES (current_user); RETURN 1; END $$;
CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.loot VALUES (current_user); RETURN '2026-01-01'; END $$;
CREATE FUNCTION hostile.concat(text, text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.loot VALUES (current_user); RETURN ''; END $$;
CREATE FUNCTION hostile.cardinality(journey.userset) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.loot VALUES (current_user); RETURN 1; END $$;
CREATE FUNCTION hostile.checked(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hostile.loot VALUES (current_user); RETURN true; END $$;
CREATE DOMAIN hostile.text AS pg_catalog.text CHECK (hostile.checked(VALUE::pg_catalog.text));
-- a source whose expression tells who reads it
CREATE FUNCTION hostile.reader() RETURNS text LANGUAGE sql AS 'SELECT current_user::pg_catalog.text';
CREATE TABLE hostile.bait AS SELECT 1 AS user_id, now() - interval '1 hour' AS at;
GRANT SELECT ON hostile.bait TO PUBLIC;
SELECT lives_ok($$SELECT add_source('bait', 'hostile.bait', event => 'hostile.reader()')$$, 'a source that tells who reads it');
SELECT lives_ok($$SELECT grant_source('bait', 'public')$$, 'granted to everybody');
RESET ROLE;

SET LOCAL client_min_messages = error;
SELECT is((SELECT error FROM refresh_segment('attack ' || n)) LIKE message, true, statement) FROM attack ORDER BY n;
SELECT is((SELECT error FROM refresh_segment('setter')), 'cannot set parameter "role" within security-restricted operation', 'a function with SET role');
SET LOCAL client_min_messages = warning;
SELECT is((SELECT users FROM refresh_segment('who')), 1::bigint, 'a superuser''s refresh works');
SELECT is(segment('who')::text, '{1}', 'and inside it the current user is the owner');
SELECT is(current_user::text || current_setting('transaction_read_only') || current_setting('journey.as_of'), 'postgresoff', 'afterwards all is as before') WHERE current_user = 'postgres';

SET LOCAL search_path = hostile, pg_catalog, journey;
SELECT journey.create_segment('of a superuser', 'SELECT 7', '{}'::pg_catalog.text[]) IS NOT NULL AS created \gset
SELECT count(*) AS refreshed FROM journey.refresh_segment('of a superuser', pg_catalog.clock_timestamp()) \gset
SELECT journey.grant_segment('of a superuser', 'public') IS NOT NULL AS granted, journey.alter_segment('of a superuser', 'SELECT 8') IS NOT NULL AS altered \gset
SELECT count(*) AS n FROM journey.profile(1), journey.segment_export('of a superuser', 'test') \gset
SELECT journey.schedule_refresh('of a superuser', '1 day', 'UTC') IS NOT NULL AS scheduled \gset
SELECT journey.schedule_refresh('of a superuser', '1 day') IS NOT NULL AS scheduled \gset
SELECT journey.create_tag('tag', 'SELECT 1, 2', 'sql') IS NOT NULL AS tagged \gset
SELECT count(*) AS n FROM journey.refresh_tag('tag', pg_catalog.clock_timestamp()) \gset
SELECT count(*) AS n FROM journey.tag_summary('tag') \gset
SELECT journey.add_source('attrs', 'hostile.bait', event => '''x''') IS NOT NULL AS added, journey.create_event_view('public.bait_events', 'attrs') IS NOT NULL AS viewed \gset
SELECT journey.drop_tag('tag') IS NOT NULL AS dropped, journey.drop_segment('of a superuser') IS NOT NULL AS dropped, journey.drop_source('attrs') IS NOT NULL AS dropped \gset
SET LOCAL search_path = journey_test, journey, public;
SELECT is_empty('SELECT * FROM hostile.loot', 'a search_path with hostile functions, operators and types gains nothing');
SELECT is((SELECT name FROM profile(1) WHERE kind = 'event' AND source = 'bait'), 'journey_mallory', 'a superuser''s profile reads a source with its owner''s rights');
SET LOCAL ROLE journey_alice;
SELECT is((SELECT count(*)::int FROM profile(1) WHERE kind = 'event' AND source = 'bait'), 0, 'alice''s profile leaves out what others grant to everybody');
SELECT throws_ok($$SELECT * FROM profile(1, sources => '{bait}')$$, '42501', 'a stored query cannot call function hostile.reader() of role "journey_mallory"', 'and if she names it, it is refused: mallory''s function would run as alice');
RESET ROLE;
SELECT is((SELECT count(*)::int FROM pg_roles WHERE rolname = 'journey_mallory' AND rolsuper), 0, 'mallory is no superuser');

-- ---- what one role leaves behind must not stop the others -----------------------------------

-- rows written by hand: owners may write what they like into their own rows
SET LOCAL ROLE journey_mallory;
SELECT lives_ok($$SELECT create_segment('hers too', 'SELECT 1')$$, 'mallory: a segment');
SELECT throws_ok($$INSERT INTO refresh_log (id, started_at, status) VALUES (id_of('hers too'), 'infinity', 'succeeded')$$, '23514', NULL, 'times in the log are finite');
SELECT throws_ok($$INSERT INTO refresh_log (id, started_at, finished_at, status) VALUES (id_of('hers too'), now(), '-infinity', 'succeeded')$$, '23514', NULL, 'both of them');
SELECT lives_ok($$INSERT INTO schedules VALUES (id_of('hers too'), 'whenever', 'UTC', '-infinity'), (id_of('who'), '* * * * *', 'Nowhere/City', '-infinity'), (id_of('setter'), '0 0 30 2 *', 'UTC', '-infinity')$$, 'schedules that cannot be read');
SELECT lives_ok($$SELECT create_tag('numbers', 'SELECT 1, 2', 'numeric')$$, 'a numeric tag');
SELECT lives_ok($$SELECT refresh_tag('numbers')$$, 'refreshed');
SELECT throws_ok(format($$INSERT INTO numbers_by_user SELECT id, as_of, -5, %L FROM versions WHERE id = id_of('numbers')$$, spoilt), '23514', NULL, concat('numbers that cannot be read: ', spoilt))
FROM unnest('{\\x,\\x00,\\x000000000000000000000000,\\x41000100000000000000000000,\\x4000ffff0000000000000000,\\x00000100000000000000000000}'::bytea[]) spoilt;
SELECT lives_ok($$SELECT grant_tag('numbers', 'public')$$, 'granted to everybody');
CREATE VIEW hostile.failing AS SELECT 1 AS user_id, now() - interval '1 hour' AS at, (1 / (length(current_user::pg_catalog.text) - length(current_user::pg_catalog.text)))::pg_catalog.text AS event;
SELECT lives_ok($$SELECT add_source('failing', 'hostile.failing')$$, 'a source that fails');
RESET ROLE;
SELECT lives_ok($$SELECT create_segment('on time', 'SELECT 1'), schedule_refresh('on time', '1 minute', 'UTC')$$, 'a superuser: a segment');
UPDATE schedules SET next_due = now() - interval '1 hour' WHERE id = id_of('on time');
SET LOCAL client_min_messages = error;
SELECT is((SELECT string_agg(names_of(ids)::text, ';') FROM (WITH RECURSIVE claims AS (SELECT journey_internal.claim_due(NULL, true) AS c UNION ALL SELECT journey_internal.claim_due(c, true) FROM claims WHERE (c).ids IS NOT NULL) SELECT (c).ids FROM claims) AS c), '{"on time"}', 'schedules that cannot be read do not stop what is due');
SELECT is((SELECT count(*)::int FROM refresh_log JOIN definitions USING (id) JOIN refresh_errors USING (id, started_at, pid) WHERE name IN ('hers too', 'who', 'setter') AND status = 'failed' AND error ~ 'schedule|time zone'), 3, 'their owners are told');
SELECT is((SELECT count(*)::int FROM schedules JOIN definitions USING (id) WHERE name IN ('hers too', 'who', 'setter') AND next_due = 'infinity'), 3, 'once');
SELECT is((SELECT count(*)::int FROM profile(1) WHERE name = 'numbers' AND value = '2'), 1, 'nor does a source that fails stop a profile');
SELECT is((SELECT name FROM profile(1) WHERE kind = 'event' AND source = 'bait'), 'journey_mallory', 'which has the other events');
SELECT throws_like($$SELECT * FROM profile(1, sources => '{failing}')$$, 'division by zero', 'unless it is asked for');
SELECT lives_ok('SELECT * FROM refresh_progress', 'refresh_progress');
-- a name is a name
SELECT throws_ok(format('SELECT create_event_view(%L, ''bait'')', name), '22023', NULL, 'no name of a view: ' || name) FROM unnest(ARRAY['public.v AS SELECT 1; DROP TABLE attack; --', 'v (a) AS SELECT 1 --', 'a.b c', '']) name;
SELECT lives_ok($$SELECT add_source('no trap', 'hostile.bait', event => '''x'''), create_event_view('public."My ""view"""', 'no trap')$$, 'a quoted name');
SELECT is((SELECT count(*)::int FROM public."My ""view"""), 1, 'is that name');

-- roles that are dropped: what they own stays, nobody else is stopped
CREATE ROLE journey_gone;
GRANT USAGE ON SCHEMA journey TO journey_gone;
SET LOCAL ROLE journey_gone;
SELECT lives_ok($$SELECT create_segment('orphan', 'SELECT 1'), schedule_refresh('orphan', '1 minute', 'UTC'), grant_segment('orphan', 'journey_alice'), add_source('orphan', 'hostile.bait', event => '''x''')$$, 'one that will be dropped');
SELECT is((SELECT users FROM refresh_segment('orphan')), 1::bigint, 'refreshes');
RESET ROLE;
REVOKE USAGE ON SCHEMA journey FROM journey_gone;
DROP ROLE journey_gone;
SET LOCAL ROLE journey_alice;
SELECT is(cardinality(segment('orphan')), 1::bigint, 'those to whom it was granted still read it');
SELECT throws_like($$SELECT refresh_segment('orphan')$$, 'segment "orphan" belongs to %', 'and cannot refresh it');
SELECT lives_ok('SELECT * FROM profile(1)', 'profiles work');
RESET ROLE;
SELECT lives_ok('SELECT * FROM profile(1)', 'a superuser''s, too');
SELECT alike((SELECT error FROM refresh_segment('orphan', clock_timestamp())), '"orphan" has no owner: ?journey\_gone', 'a superuser cannot refresh it');
SELECT throws_like($$SELECT set_definition_owner('orphan', 'public')$$, '"orphan" cannot be given to public, %', 'not to everybody');
SELECT lives_ok($$SELECT set_definition_owner('orphan', 'journey_team')$$, 'but give it away');
SELECT is((SELECT users FROM refresh_segment('orphan', clock_timestamp())), 1::bigint, 'then it is refreshed');
-- tables that are dropped
DROP TABLE hostile.bait CASCADE;
SELECT lives_ok('SELECT * FROM profile(1)', 'profiles work without a table');
SET LOCAL client_min_messages = warning;

-- a source that was changed by hand into more than one SELECT
SET LOCAL ROLE journey_mallory;
CREATE TABLE lure (user_id int, at timestamptz, event text);
SELECT add_source('lure', 'lure');
SELECT grant_source('lure', 'public');
UPDATE sources SET query = 'SELECT 1::bigint AS user_id, now() AS at, ''e''::text AS event, 1::float8 AS value) AS e; ALTER ROLE journey_mallory SUPERUSER; SELECT * FROM (SELECT 1' WHERE name = 'lure';
RESET ROLE;
SELECT throws_ok($$SELECT create_event_view('journey_test.lured', 'lure')$$, '42601', NULL, 'makes no view');
SELECT throws_ok($$SELECT * FROM events_of('lure')$$, '42601', NULL, 'and has no events');
SELECT ok(NOT rolsuper, 'nothing of it was run') FROM pg_roles WHERE rolname = 'journey_mallory';

-- a definition that was changed by hand to return users of another's segment
SET LOCAL ROLE journey_alice;
SELECT create_tag('her tag', 'SELECT 1, ''gold''', 'sql');
SET LOCAL ROLE journey_mallory;
SELECT create_segment('intruder', 'SELECT 2');
UPDATE definitions SET query = $$SELECT 'platinum'::text, '{666}'::journey.userset UNION ALL SELECT '', '{666}'$$ WHERE name = 'intruder';
RESET ROLE;
SELECT count(*) FROM refresh_tag('her tag', '2026-01-01 00:00+00');
SELECT is((SELECT users FROM refresh_segment('intruder', '2026-01-01 00:00+00')), 1::bigint, 'a superuser refreshes what mallory wrote');
SELECT is((SELECT string_agg(value, ',') FROM tag_summary('her tag')), 'gold', 'and it says nothing of alice''s tag');

SELECT * FROM finish();
ROLLBACK;
