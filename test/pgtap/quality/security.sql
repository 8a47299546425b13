-- Whose rights a tracking plan has, who may see and change it, and that a hostile plan or source gains nothing.
\ir ../setup.psql
CREATE ROLE journey_alice; CREATE ROLE journey_mallory; CREATE ROLE journey_bob;
GRANT USAGE ON SCHEMA journey, journey_internal TO journey_alice, journey_mallory, journey_bob;
GRANT ALL ON SCHEMA journey_test, public TO PUBLIC;
SELECT no_plan();

CREATE TABLE secret (user_id int, at timestamptz, event text, region text, amount text);
INSERT INTO secret SELECT i, moment(i), 'login', CASE WHEN i <= 10 THEN 'north' ELSE 'south' END, i::text FROM generate_series(1, 30) i;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY north ON secret USING (region = 'north' OR current_user = 'journey_bob');
GRANT SELECT ON secret TO journey_alice, journey_bob;

SET LOCAL ROLE journey_alice;
SELECT lives_ok($$ SELECT add_source('secret', 'secret', attrs => '{"region": "region", "amount": "amount"}') $$, 'alice: a source');
SELECT lives_ok($$ SELECT create_plan('hers', 'secret', '{"events": {"login": {"attributes": {"region": {"values": ["south"]}}}}}') $$, 'and a plan');
SELECT is((SELECT bad FROM check_plan('hers') WHERE rule = 'values'), 10::bigint, 'the table''s own row-level security applies to her');
SELECT is((SELECT error FROM refresh_plan('hers')), NULL, 'a refresh');
SELECT is((SELECT rows FROM quality_trend('hers') WHERE rule = 'values'), 10::bigint, 'sees the same');
SELECT lives_ok($$ SELECT grant_plan('hers', 'journey_mallory'), grant_plan('hers', 'journey_bob'), grant_source('secret', 'journey_bob') $$, 'grants');
RESET ROLE;
SELECT is((SELECT rows FROM check_plan('hers') WHERE rule = 'values'), 30::bigint, 'a superuser checks with their own rights');
SELECT is((SELECT error FROM refresh_plan('hers', now() - interval '1 minute')), NULL, 'and refreshes');
SELECT is((SELECT array_agg(rows) FROM quality_trend('hers') WHERE rule = 'values'), '{10,10}', 'with the owner''s');
SET LOCAL ROLE journey_bob;
SELECT is((SELECT rows FROM check_plan('hers') WHERE rule = 'values'), 30::bigint, 'a reader of plan and source checks with his own rights');
SELECT throws_ok($$ SELECT * FROM refresh_plan('hers') $$, '42501', NULL, 'but does not refresh');
SELECT throws_ok($$ SELECT drop_plan('hers') $$, '42501', NULL, 'nor drop');
SELECT throws_ok($$ SELECT create_plan('hers', 'secret', '{"events": {}}', replace => true) $$, '42501', NULL, 'nor replace');
SELECT throws_ok($$ SELECT schedule_refresh('hers', '1 day') $$, '42501', NULL, 'nor schedule');
SET LOCAL ROLE journey_mallory;
SELECT is((SELECT count(*) FROM quality_trend('hers') WHERE rule = 'values'), 2::bigint, 'a reader of the plan sees what refreshes found');
SELECT throws_ok($$ SELECT * FROM check_plan('hers') $$, '42704', NULL, 'but may not check a source that is not theirs');
SELECT throws_ok($$ SELECT plan_of('secret') $$, '42704', NULL, 'nor have a plan of it');
SELECT throws_ok($$ SELECT create_plan('mine', 'secret', '{"events": {}}') $$, '42704', NULL, 'nor make one');
SELECT throws_ok($$ SELECT * FROM reconcile('secret', 'secret', '{region}', '1 s') $$, '42704', NULL, 'nor reconcile');
SELECT is_empty($$ UPDATE version_checks SET bad = 0 RETURNING 1 $$, 'nor change what was found') WHERE has_table_privilege('journey.version_checks', 'UPDATE');
SELECT throws_ok($$ INSERT INTO version_checks (id, as_of, place, rule, dimension, rows, bad) SELECT id, as_of, 99, 'x', 'true', 0, 0 FROM plans $$, '42501', NULL, 'nor add to it');
SELECT throws_ok($$ INSERT INTO methods (kind, method, rows_function) VALUES ('plan', 'x', 'pg_catalog.pg_terminate_backend') $$, '42501', NULL, 'nor add a method');
SET LOCAL ROLE journey_alice;
SELECT lives_ok($$ SELECT revoke_plan('hers', 'journey_mallory') $$, 'revoked');
SET LOCAL ROLE journey_mallory;
SELECT throws_ok($$ SELECT * FROM quality_trend('hers') $$, '42704', NULL, 'is gone');
SELECT is((SELECT count(*) FROM version_checks), 0::bigint, 'rows and all');

-- A source whose function is mallory's, and a plan that she rewrote by hand: nobody else runs her code.
CREATE TABLE hers (user_id int, at timestamptz, event text, x text);
INSERT INTO hers VALUES (1, moment(1), 'e', 'x');
GRANT SELECT ON hers TO PUBLIC;
CREATE FUNCTION trap(x text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap run by %', current_user; END $$;
SELECT lives_ok($$ SELECT add_source('trap', 'hers', attrs => '{"x": "journey_test.trap(x)"}'), grant_source('trap', 'public') $$, 'mallory: a source with a trap');
SELECT lives_ok($$ SELECT create_plan('trap', 'trap', '{"events": {"e": {"attributes": {"x": {"required": true, "unique": true}}}}}'), grant_plan('trap', 'public') $$, 'and a plan');
SELECT is((SELECT error FROM refresh_plan('trap')), 'trap run by journey_mallory', 'her own trap');
SET LOCAL ROLE journey_alice;
SELECT throws_ok($$ SELECT * FROM check_plan('trap') $$, '42501', NULL, 'is not run by others');
SELECT throws_ok($$ SELECT plan_of('trap') $$, '42501', NULL, 'nor for a plan of it');
SELECT throws_ok($$ SELECT * FROM reconcile('trap', 'trap', '{x}', '1 s') $$, '42501', NULL, 'nor for reconciling');
RESET ROLE;
SELECT isnt((SELECT error FROM refresh_plan('trap', now() - interval '1 minute')), NULL, 'a superuser''s refresh');
SELECT is((SELECT array_agg(DISTINCT error) FROM refresh_errors JOIN plans USING (id) WHERE name = 'trap'), '{"trap run by journey_mallory"}', 'runs it as its owner');
SET LOCAL ROLE journey_mallory;
SELECT lives_ok($$ SELECT add_source('plain', 'hers', attrs => '{"x": "x"}'), grant_source('plain', 'public'), create_plan('plain', 'plain', '{"events": {}}'), grant_plan('plain', 'public') $$, 'mallory: a source without');
SELECT lives_ok(format($$ UPDATE definitions SET definition = %L WHERE name = 'plain' $$, d), 'and a definition by hand') FROM (VALUES ('{"events": {"e": {"attributes": {"x": {"pattern": "''; DROP TABLE secret; --", "values": ["'') OR journey_test.trap(''x''"]}}}}}')) v (d);
RESET ROLE;
SELECT lives_ok($$ SELECT * FROM check_plan('plain') $$, 'is a plan, and no SQL');
SET LOCAL ROLE journey_mallory;
SELECT lives_ok($$ UPDATE definitions SET definition = '{"events": {"e": {"attributes": {"x": {"required": 1}}}}}' WHERE name = 'plain' $$, 'one that is none');
SELECT throws_ok($$ UPDATE definitions SET definition = 'no plan' WHERE name = 'plain' $$, '22P02', NULL, 'but no text on which the view of all plans would stumble');
RESET ROLE;
SELECT throws_ok($$ SELECT * FROM check_plan('plain') $$, '22023', NULL, 'is refused');
SET LOCAL ROLE journey_mallory;
SELECT lives_ok($$ UPDATE definitions SET definition = '{"events": {}}', query = 'SELECT journey_test.trap(''x'')' WHERE name = 'plain' $$, 'a query');
RESET ROLE;
SELECT lives_ok($$ SELECT * FROM check_plan('plain') $$, 'is not asked');
SELECT isnt((SELECT error FROM refresh_plan('plain')), NULL, 'and fails as mallory''s when it is refreshed');
SET LOCAL ROLE journey_mallory;
SELECT lives_ok($$ UPDATE sources SET attributes = '{"x": "timestamp with time zone", "y\"'') --": "numeric"}' WHERE name = 'plain' $$, 'attributes by hand');
SELECT lives_ok($$ UPDATE definitions SET query = NULL, definition = '{"received": "x", "events": {"e": {"attributes": {"y\"'') --": {"min": 1}}}}}' WHERE name = 'plain' $$, 'and a plan of them');
RESET ROLE;
SELECT throws_ok($$ SELECT * FROM check_plan('plain') $$, NULL, NULL, 'are errors');

-- Traps in the search_path: operators and functions of the caller's schemas are not those of the plan.
SET LOCAL ROLE journey_alice;
CREATE FUNCTION journey_test.steps(boolean, boolean) RETURNS stepset LANGUAGE sql AS $$ SELECT NULL::stepset $$;
CREATE FUNCTION journey_test.not_equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR journey_test.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = journey_test.not_equal);
SET LOCAL search_path = journey_test, journey, pg_catalog, public;
SELECT is((SELECT bad FROM check_plan('hers') WHERE rule = 'values'), 10::bigint, 'whatever the search_path');

SELECT * FROM finish();
ROLLBACK;
