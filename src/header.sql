-- The install script of pg_journey, made from src/*/*.sql by the Makefile.
\echo Use "CREATE EXTENSION pg_journey" to load this file. \quit

-- Whoever put something into the schema before could have it called by those who use the
-- extension: a function of the same name that fits an argument better is enough.
DO $$
DECLARE
	found text;
BEGIN
	SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) INTO found FROM pg_catalog.pg_depend AS d
	WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) '@extschema@'::pg_catalog.regnamespace
		AND d.classid OPERATOR(pg_catalog.=) ANY ('{pg_catalog.pg_proc,pg_catalog.pg_operator,pg_catalog.pg_class,pg_catalog.pg_type}'::pg_catalog.regclass[]) LIMIT 1;
	IF found IS NOT NULL THEN
		RAISE EXCEPTION 'schema "@extschema@" is not empty: it has %', found
			USING ERRCODE = 'invalid_schema_definition', HINT = 'pg_journey is installed into a new schema. Drop what is in this one, or rename it.';
	END IF;
END $$;

