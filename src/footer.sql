-- Until this is committed, who owned the schema before can add to it: what was added meanwhile
-- could have been found by what was made above.
DO $$
DECLARE
	found text;
BEGIN
	SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) INTO found FROM pg_catalog.pg_depend AS d
	WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) 'journey'::pg_catalog.regnamespace
		AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e WHERE e.classid OPERATOR(pg_catalog.=) d.classid AND e.objid OPERATOR(pg_catalog.=) d.objid AND e.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char") LIMIT 1;
	IF found IS NOT NULL THEN
		RAISE EXCEPTION 'schema "journey" has something that is not the extension''s: %', found
			USING ERRCODE = 'invalid_schema_definition', HINT = 'pg_journey is installed into a new schema. Drop what is in this one, or rename it.';
	END IF;
END $$;
