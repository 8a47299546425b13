-- Until this is committed, who owned a schema before can add to it: what was added meanwhile
-- could have been found by what was made above.
DO $$
DECLARE
	schema text;
	found text;
BEGIN
	FOREACH schema IN ARRAY '{journey,journey_internal}'::pg_catalog.text[] LOOP
		SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) INTO found FROM pg_catalog.pg_depend AS d
		WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) schema::pg_catalog.regnamespace
			AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e WHERE e.classid OPERATOR(pg_catalog.=) d.classid AND e.objid OPERATOR(pg_catalog.=) d.objid AND e.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char") LIMIT 1;
		IF found IS NOT NULL THEN
			RAISE EXCEPTION 'schema "%" has something that is not the extension''s: %', schema, found
				USING ERRCODE = 'invalid_schema_definition', HINT = 'pg_journey is installed into a new schema. Drop what is in this one, or rename it.';
		END IF;
	END LOOP;
END $$;
