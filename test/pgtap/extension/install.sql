-- Installed by a role that is no superuser: the schemas belong to a superuser all the same,
-- nobody else can add to them, and who installed it can let others use it and drop it.
\ir ../setup.psql

DROP EXTENSION pg_journey CASCADE;
CREATE ROLE journey_dba; CREATE ROLE journey_mallory; CREATE ROLE journey_analyst;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO journey_dba, journey_mallory', current_database()); END $$;
GRANT ALL ON SCHEMA journey_test, public TO PUBLIC;
-- who may do what with the schema
CREATE VIEW rights AS SELECT r.rolsuper AS owner_is_superuser,
	(SELECT string_agg(concat(coalesce(a.grantee::regrole::text, 'PUBLIC'), ' ', privilege_type, CASE WHEN is_grantable THEN '*' END), ', ' ORDER BY a.grantee::regrole::text) FROM aclexplode(nspacl) a WHERE a.grantee <> nspowner) AS granted
FROM pg_namespace n JOIN pg_roles r ON r.oid = nspowner WHERE nspname = 'journey';
GRANT SELECT ON rights TO PUBLIC;

SELECT no_plan();

-- all that there is, but for what the statements themselves are written down by
CREATE FUNCTION everything() RETURNS TABLE (catalogue regclass, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOR catalogue IN SELECT c.oid FROM pg_class AS c WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data') ORDER BY 1 LOOP
		EXECUTE format('SELECT count(*) FROM %s', catalogue) INTO rows;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE TEMP TABLE without AS SELECT * FROM everything();
CREATE EXTENSION pg_journey;
CREATE TABLE log_of_removal AS SELECT 1 AS user_id, now() - interval '1 hour' AS at, 'a'::text AS event;
SELECT lives_ok($$SELECT journey.add_source('log', 'log_of_removal'), journey.create_segment('s', '{"source": "log", "rule": {"did": "a"}}'), journey.create_tag('t', 'SELECT 1, 2', 'numeric'), journey.schedule_refresh('s', '1 day')$$, 'used');
SELECT is((SELECT s.users + t.users FROM journey.refresh_segment('s') AS s, journey.refresh_tag('t') AS t), 2::bigint, 'and refreshed');
DROP TABLE log_of_removal;
DROP EXTENSION pg_journey;
SELECT results_eq('SELECT * FROM everything()', 'SELECT * FROM without', 'nothing is left behind');

SELECT is((SELECT count(*)::int FROM pg_namespace WHERE nspname IN ('journey', 'journey_internal')), 0, 'DROP EXTENSION drops the schema, too');
SET LOCAL ROLE journey_dba;
SELECT lives_ok('CREATE EXTENSION pg_journey', 'a role with CREATE on the database installs it');
SELECT results_eq('SELECT * FROM rights', $$VALUES (true, 'journey_dba USAGE*')$$, 'the schema belongs to a superuser; who installed it may use it, and let others use it');
SELECT lives_ok('GRANT USAGE ON SCHEMA journey TO journey_analyst', 'as it does');
SELECT results_eq('SELECT granted FROM rights', $$VALUES ('journey_analyst USAGE, journey_dba USAGE*')$$, 'the grant is there');
-- who has that one grant runs all there is: what is in journey_internal is called for them
CREATE TABLE visits AS SELECT u AS user_id, timestamptz '2025-01-01 00:00+00' + d * interval '1 day' AS at, 'v' || d % 2 AS event FROM generate_series(1, 9) u, generate_series(1, 4) d;
GRANT SELECT ON visits TO PUBLIC;
SET LOCAL ROLE journey_analyst;
SELECT is((SELECT count(*)::int FROM (SELECT journey.rollup(f) AS f FROM (SELECT journey.funnel(user_id, at, journey.step_of(event, '{v1,v0}'), '2 days') AS f FROM visits GROUP BY user_id % 2) v) w, journey.funnel_steps(f::text::journey.funnel_stats)), 2, 'such as aggregates and types');
SELECT is((SELECT count(*)::int FROM (SELECT journey.userset_agg(user_id) AS u FROM visits GROUP BY at) v GROUP BY u), 4, 'operators behind GROUP BY');
SELECT lives_ok($$SELECT journey.add_source('visits', 'journey_test.visits', 'user_id', 'at', 'event')$$, 'sources');
SELECT lives_ok($$SELECT journey.create_segment('twice', '{"source": "visits", "rule": {"did": "v1", "count": {">=": 2}}}')$$, 'rules');
SELECT is((SELECT users FROM journey.refresh_segment('twice', '2025-02-01 00:00+00')), 9::bigint, 'and segments');
SET LOCAL ROLE journey_mallory;
SELECT throws_ok('SELECT journey.segment(''twice'')', '42501', NULL, 'who has none runs nothing');
SELECT throws_ok('SELECT journey_internal.' || call, '42501', NULL, 'nor reads anything: ' || call) FROM unnest(ARRAY['definition_of(''twice'', NULL)', 'definition_by_id(1)', 'stream_query(ARRAY[1::bigint], ''journey_mallory'')']) call;
SET LOCAL ROLE journey_dba;
SELECT throws_ok(statement, '42501', NULL, 'cannot: ' || statement) FROM unnest(ARRAY[
	'CREATE FUNCTION journey.segment(varchar) RETURNS int LANGUAGE sql AS ''SELECT 1''', 'CREATE OPERATOR journey.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)', 'CREATE TABLE journey.x (a int)',
	'CREATE VIEW journey.x AS SELECT 1', 'CREATE TYPE journey.x AS ENUM (''a'')', 'CREATE DOMAIN journey.x AS int', 'CREATE SEQUENCE journey.x', 'CREATE AGGREGATE journey.x(int) (SFUNC = int4pl, STYPE = int)',
	'CREATE OR REPLACE FUNCTION journey.as_of() RETURNS timestamptz LANGUAGE sql AS ''SELECT now()''', 'ALTER FUNCTION journey.as_of() OWNER TO journey_dba', 'ALTER FUNCTION journey.as_of() SET search_path = public',
	'ALTER SCHEMA journey OWNER TO journey_dba', 'ALTER SCHEMA journey RENAME TO x', 'DROP SCHEMA journey CASCADE', 'DROP FUNCTION journey_internal.run_as(oid, text, timestamptz)', 'DROP TABLE journey.definitions CASCADE',
	'ALTER EXTENSION pg_journey DROP FUNCTION journey.as_of()', 'ALTER EXTENSION pg_journey DROP SCHEMA journey', 'ALTER TABLE journey.definitions DISABLE ROW LEVEL SECURITY', 'DROP POLICY readers ON journey.definitions',
	'CREATE FUNCTION journey_internal.x(varchar) RETURNS int LANGUAGE sql AS ''SELECT 1''', 'ALTER SCHEMA journey_internal OWNER TO journey_dba', 'DROP SCHEMA journey_internal CASCADE', 'ALTER EXTENSION pg_journey DROP SCHEMA journey_internal',
	'CREATE POLICY x ON journey.definitions', 'CREATE TRIGGER x BEFORE INSERT ON journey.definitions FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'CREATE INDEX ON journey.definitions (name)',
	'CREATE RULE x AS ON INSERT TO journey.definitions DO INSTEAD NOTHING', 'CREATE CAST (journey.userset AS text) WITH INOUT', 'ALTER TYPE journey.userset OWNER TO journey_dba', 'ALTER VIEW journey.segments SET (security_invoker = false)']) statement;
CREATE FUNCTION segment(varchar) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT throws_ok('ALTER FUNCTION segment(varchar) SET SCHEMA journey', '42501', NULL, 'nor move anything into it');
SELECT throws_like('ALTER EXTENSION pg_journey SET SCHEMA public', '%does not support SET SCHEMA', 'nor move the extension');
SET LOCAL client_min_messages = error;
GRANT CREATE ON SCHEMA journey TO journey_dba;
SET LOCAL client_min_messages = warning;
SELECT results_eq('SELECT granted FROM rights', $$VALUES ('journey_analyst USAGE, journey_dba USAGE*')$$, 'nor grant itself the right to');
RESET ROLE;
SELECT is_empty($$SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d WHERE refclassid = 'pg_namespace'::regclass AND refobjid IN ('journey'::regnamespace, 'journey_internal'::regnamespace) AND deptype = 'n'
	AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype IN ('e', 'i') AND m.refclassid = ANY ('{pg_extension,pg_class,pg_type}'::regclass[]))$$, 'all that is in them is the extension''s');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_roles r ON r.oid = proowner WHERE pronamespace IN ('journey'::regnamespace, 'journey_internal'::regnamespace) AND NOT rolsuper$$, 'and belongs to a superuser: functions');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN pg_roles r ON r.oid = relowner WHERE relnamespace = 'journey'::regnamespace AND NOT rolsuper$$, 'tables and views');
SELECT is_empty($$SELECT t.oid::regtype FROM pg_type t JOIN pg_roles r ON r.oid = typowner WHERE typnamespace = 'journey'::regnamespace AND NOT rolsuper$$, 'types');
SELECT is_empty($$SELECT o.oid::regoperator FROM pg_operator o JOIN pg_roles r ON r.oid = oprowner WHERE oprnamespace = 'journey'::regnamespace AND NOT rolsuper$$, 'operators');
SELECT is((SELECT array_agg(concat(grantee, ' ', privilege_type)) FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'journey_internal' AND grantee <> nspowner), '{0 USAGE}', 'everybody may use journey_internal');
SELECT is((SELECT count(*)::int FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'journey_internal'::regnamespace AND classid NOT IN ('pg_proc'::regclass, 'pg_type'::regclass) AND NOT (classid = 'pg_class'::regclass AND (SELECT relkind FROM pg_class WHERE oid = objid) = 'c')), 0, 'there are functions and row types only in it');
SET LOCAL ROLE journey_dba;
SELECT lives_ok('DROP EXTENSION pg_journey CASCADE', 'who installed it drops it');
RESET ROLE;
SELECT is((SELECT count(*)::int FROM pg_namespace WHERE nspname IN ('journey', 'journey_internal')), 0, 'and the schema');

SELECT * FROM finish();
ROLLBACK;
