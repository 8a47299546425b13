-- The install script of pg_journey, made from src/*/*.sql by the Makefile.
\echo Use "CREATE EXTENSION pg_journey" to load this file. \quit

-- The schemas journey, of what users use, and journey_internal, of the functions that only those
-- call, are members of the extension and belong to the superuser who runs this, also where another
-- role installs a trusted extension: so nobody else can put a function into them that fits a call
-- better than the extension's own. Nothing but qualified names here: the search_path is that of
-- CREATE EXTENSION.
DO $$
DECLARE
	schema pg_catalog.text;
	found pg_catalog.text;
	one pg_catalog.record;
BEGIN
	FOREACH schema IN ARRAY '{journey,journey_internal}'::pg_catalog.text[] LOOP
		IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.=) schema::pg_catalog.name) THEN
			EXECUTE pg_catalog.concat('CREATE SCHEMA '::pg_catalog.text, schema);
			CONTINUE;
		END IF;
		-- A dump of version 0.1.0 creates journey, and so may a user. Whoever put something into it could have
		-- it called by those who use the extension.
		SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) INTO found FROM pg_catalog.pg_depend AS d
		WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) schema::pg_catalog.regnamespace
			AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1;
		IF found IS NOT NULL THEN
			RAISE EXCEPTION 'schema "%" is not empty: it has %', schema, found
				USING ERRCODE = 'invalid_schema_definition', HINT = 'pg_journey is installed into a new schema. Drop what is in this one, or rename it.';
		END IF;
		-- who owns it could be adding something just now
		IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
			WHERE n.nspname OPERATOR(pg_catalog.=) schema::pg_catalog.name AND (r.rolsuper OR r.oid OPERATOR(pg_catalog.=) '@extowner@'::pg_catalog.regrole::pg_catalog.oid)) THEN
			RAISE EXCEPTION 'schema "%" exists and belongs to another role', schema
				USING ERRCODE = 'invalid_schema_definition', HINT = 'pg_journey is installed into a new schema. Drop this one, or rename it.';
		END IF;
		EXECUTE pg_catalog.concat('ALTER SCHEMA '::pg_catalog.text, schema, ' OWNER TO CURRENT_USER'::pg_catalog.text);
		FOR one IN SELECT DISTINCT CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::pg_catalog.text END AS grantee
			FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a
			WHERE n.nspname OPERATOR(pg_catalog.=) schema::pg_catalog.name AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner LOOP
			EXECUTE pg_catalog.concat('REVOKE ALL ON SCHEMA '::pg_catalog.text, schema, ' FROM '::pg_catalog.text, one.grantee, ' CASCADE'::pg_catalog.text);
		END LOOP;
		IF NOT EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname OPERATOR(pg_catalog.=) 'pg_journey'::pg_catalog.name AND e.extnamespace OPERATOR(pg_catalog.=) schema::pg_catalog.regnamespace::pg_catalog.oid) THEN
			EXECUTE pg_catalog.concat('ALTER EXTENSION pg_journey ADD SCHEMA '::pg_catalog.text, schema);
		END IF;
	END LOOP;
	-- who installed it and who owns the database let others use it
	FOR one IN SELECT r.rolname FROM pg_catalog.pg_roles AS r
		WHERE NOT r.rolsuper AND (r.oid OPERATOR(pg_catalog.=) '@extowner@'::pg_catalog.regrole::pg_catalog.oid
			OR r.oid OPERATOR(pg_catalog.=) (SELECT d.datdba FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())) LOOP
		EXECUTE pg_catalog.concat('GRANT USAGE ON SCHEMA journey TO '::pg_catalog.text, pg_catalog.quote_ident(one.rolname::pg_catalog.text), ' WITH GRANT OPTION'::pg_catalog.text);
	END LOOP;
END $$;
COMMENT ON SCHEMA journey IS 'pg_journey: funnels, retention, paths, segments and tags.';
COMMENT ON SCHEMA journey_internal IS 'pg_journey: functions that those of the schema journey call, not for use by others.';
-- Functions written in SQL and PL/pgSQL call those of journey_internal with the rights of their
-- callers, who shall need no second grant. There is nothing but functions in it, and types of their rows, and they all run
-- with the rights of the caller: whatever they read is in journey.
GRANT USAGE ON SCHEMA journey_internal TO PUBLIC;
SET LOCAL search_path = journey, pg_temp;
