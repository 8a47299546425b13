-- The schema is there before: made by a dump of version 0.1.0, or by somebody else.
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

SET LOCAL ROLE journey_mallory;
CREATE SCHEMA journey;
SET LOCAL ROLE journey_dba;
SELECT throws_ok('CREATE EXTENSION pg_journey', '42P15', 'schema "journey" exists and belongs to another role', 'not into somebody else''s schema');
RESET ROLE;
SELECT throws_ok('CREATE EXTENSION pg_journey', '42P15', 'schema "journey" exists and belongs to another role', 'a superuser neither');
DROP SCHEMA journey;
SET LOCAL ROLE journey_mallory;
CREATE SCHEMA journey_internal;
SET LOCAL ROLE journey_dba;
SELECT throws_ok('CREATE EXTENSION pg_journey', '42P15', 'schema "journey_internal" exists and belongs to another role', 'nor with somebody else''s journey_internal');
RESET ROLE;
DROP SCHEMA journey_internal;
SET LOCAL ROLE journey_dba;
CREATE SCHEMA journey;
CREATE COLLATION journey.x FROM "C";
SELECT throws_ok('CREATE EXTENSION pg_journey SCHEMA journey', '42P15', 'schema "journey" is not empty: it has collation x', 'nor into one that has something in it');
DROP COLLATION journey.x;
GRANT ALL ON SCHEMA journey TO journey_mallory WITH GRANT OPTION;
GRANT ALL ON SCHEMA journey TO PUBLIC;
SET LOCAL ROLE journey_mallory;
GRANT CREATE ON SCHEMA journey TO journey_analyst;
SET LOCAL ROLE journey_dba;
CREATE SCHEMA journey_internal;
GRANT ALL ON SCHEMA journey_internal TO journey_mallory;
SELECT lives_ok('CREATE EXTENSION pg_journey SCHEMA journey', 'into an empty one of one''s own');
SELECT results_eq('SELECT * FROM rights', $$VALUES (true, 'journey_dba USAGE*')$$, 'which then belongs to a superuser, and nobody else may add to it');
SELECT ok(NOT has_schema_privilege('journey_mallory', 'journey_internal', 'CREATE') AND NOT has_schema_privilege('journey_dba', 'journey_internal', 'CREATE'), 'nor to journey_internal');
DROP EXTENSION pg_journey CASCADE;
RESET ROLE;
DROP SCHEMA journey;
CREATE SCHEMA journey;
SET LOCAL ROLE journey_dba;
SELECT lives_ok('CREATE EXTENSION pg_journey', 'or into one of a superuser');
DROP EXTENSION pg_journey CASCADE;
RESET ROLE;
SELECT is((SELECT count(*)::int FROM pg_namespace WHERE nspname IN ('journey', 'journey_internal')), 0, 'it is the extension''s then');
SELECT lives_ok('CREATE EXTENSION pg_journey', 'a superuser installs it');
SELECT is((SELECT count(*)::int FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'journey' AND grantee NOT IN (nspowner, (SELECT datdba FROM pg_database WHERE datname = current_database()))), 0, 'nobody may use it yet');

SELECT * FROM finish();
ROLLBACK;
