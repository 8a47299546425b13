-- rights: whose rights a stored query runs with, roles and tables as the catalogue keeps them, and
-- who may read and change its rows.

-- ---- stored queries -------------------------------------------------------------------

FUNCTION journey_internal.run_as(owner oid, query text, as_of timestamptz) -> SETOF record VOLATILE PARALLEL UNSAFE
	'The rows of a SELECT, run as role owner in a read-only, security-restricted operation with search_path pg_catalog; as_of() returns as_of (NULL: now). The SELECT may call functions of superusers, of owner, and SECURITY DEFINER functions. The caller must have the rights of owner; during the call the caller''s own rights are dropped. All names in query must be qualified. The column types must be exactly those of the column definition list.';
FUNCTION journey_internal.run_as(owner oid, query text, as_of timestamptz, time_zone text) -> SETOF record CALLS run_as_in_zone VOLATILE PARALLEL UNSAFE
	'run_as in this time zone instead of the session''s.';
FUNCTION journey_internal.run_as_within(owner oid, query text, as_of timestamptz, milliseconds int) -> SETOF record VOLATILE PARALLEL UNSAFE
	'run_as with a time limit in milliseconds. Beyond the limit it raises an error; the calling statement is not cancelled.';
FUNCTION journey_internal.analyze_query(query text, what text, OUT query text, OUT columns text[], OUT types oid[]) -> record VOLATILE PARALLEL UNSAFE
	'Parses one SELECT under the caller''s search_path, without executing it, and returns it with every name qualified, with the names and types of its columns. what: how errors call the query.';
FUNCTION journey_internal.check_reads(query text, role oid, what text) -> void STABLE PARALLEL SAFE
	'Raises an error unless the role itself may read everything that the query reads. what: how errors call the query.';

FUNCTION as_of() -> timestamptz LANGUAGE sql STABLE PARALLEL SAFE
	'In the definition of a segment or tag: the time for which it is computed. Elsewhere: now().'
	AS $$ SELECT coalesce(nullif(current_setting('journey.as_of', true), '')::timestamptz, now()) $$;

-- ---- roles and tables that rows of the catalogue are about ------------------------------
--
-- OIDs in the server, names outside, so that renaming does not matter and pg_dump carries
-- names. What does not exist costs its own row only: src/rights/reference.c.

TYPE role_ref STABLE (INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = plain)
	'A reference to a role. The text form is its current name; "public" is everybody, "?name" a role that does not exist (any more), "!name" a role that has not yet accepted what was restored for it.';

FUNCTION journey_internal.role_ref(regrole) -> role_ref CALLS role_ref_from_oid STABLE STRICT PARALLEL SAFE
	'A role as role_ref.';
FUNCTION journey_internal.regrole(role_ref) -> regrole CALLS role_ref_to_oid STABLE STRICT PARALLEL SAFE
	'The role; 0, written "-", for everybody, for a missing role, and for a role that has not yet accepted.';
FUNCTION journey_internal.oid(role_ref) -> oid CALLS role_ref_to_oid STABLE STRICT PARALLEL SAFE
	'The number of the role; 0 for everybody, for a missing role, and for a role that has not yet accepted.';
CREATE CAST (regrole AS role_ref) WITH FUNCTION journey_internal.role_ref(regrole) AS ASSIGNMENT;
CREATE CAST (role_ref AS regrole) WITH FUNCTION journey_internal.regrole(role_ref) AS ASSIGNMENT;
CREATE CAST (role_ref AS oid) WITH FUNCTION journey_internal.oid(role_ref);
-- so that it is compared with names without the schema in the search_path, too
CREATE CAST (role_ref AS text) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (regrole AS role_ref) IS 'the reference to a role that the catalogue stores';
COMMENT ON CAST (role_ref AS regrole) IS 'the role';
COMMENT ON CAST (role_ref AS oid) IS 'the number of the role';
COMMENT ON CAST (role_ref AS text) IS 'The name with its mark (? or !).';

FUNCTION journey_internal.role_ref_eq(role_ref, role_ref) -> boolean
	'the same role, or missing roles of the same name'
	OPERATOR = COMMUTATOR = NEGATOR <> RESTRICT eqsel JOIN eqjoinsel HASHES;
FUNCTION journey_internal.role_ref_ne(role_ref, role_ref) -> boolean
	'different roles, or missing roles of different names'
	OPERATOR <> COMMUTATOR <> NEGATOR = RESTRICT neqsel JOIN neqjoinsel;
FUNCTION journey_internal.role_ref_hash(role_ref) -> int
	'Hash of a role reference, for hash operators.';
CREATE OPERATOR CLASS role_ref_hash_ops DEFAULT FOR TYPE role_ref USING hash AS OPERATOR 1 =, FUNCTION 1 journey_internal.role_ref_hash(role_ref);
COMMENT ON OPERATOR FAMILY role_ref_hash_ops USING hash IS 'equality of roles';
COMMENT ON OPERATOR CLASS role_ref_hash_ops USING hash IS 'equality of roles';

FUNCTION journey_internal.caller() -> role_ref STABLE PARALLEL SAFE
	'The current role.';
FUNCTION journey_internal.pending(role_ref) -> role_ref CALLS role_ref_pending STABLE STRICT PARALLEL SAFE
	'The reference to the same role, marked as not yet accepted.';
FUNCTION journey_internal.role_name(role_ref) -> text CALLS role_ref_name STABLE STRICT PARALLEL SAFE
	'The name without a mark.';

TYPE table_ref STABLE (INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = plain)
	'A reference to a table or view. The text form is its current name with its schema; "?name" if it does not exist (any more).';
FUNCTION journey_internal.table_ref(regclass) -> table_ref CALLS table_ref_from_oid STABLE STRICT PARALLEL SAFE
	'A table as table_ref.';
FUNCTION journey_internal.regclass(table_ref) -> regclass CALLS table_ref_to_oid STABLE STRICT PARALLEL SAFE
	'The table; 0, written "-", if it does not exist.';
FUNCTION journey_internal.oid(table_ref) -> oid CALLS table_ref_to_oid STABLE STRICT PARALLEL SAFE
	'The number of the table; 0 if it does not exist.';
CREATE CAST (regclass AS table_ref) WITH FUNCTION journey_internal.table_ref(regclass) AS ASSIGNMENT;
CREATE CAST (table_ref AS regclass) WITH FUNCTION journey_internal.regclass(table_ref) AS ASSIGNMENT;
CREATE CAST (table_ref AS oid) WITH FUNCTION journey_internal.oid(table_ref);
CREATE CAST (table_ref AS text) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (regclass AS table_ref) IS 'the reference to a table that the catalogue stores';
COMMENT ON CAST (table_ref AS regclass) IS 'the table';
COMMENT ON CAST (table_ref AS oid) IS 'the number of the table';
COMMENT ON CAST (table_ref AS text) IS 'The name with its schema, and with its mark (?).';

-- their COST: a row of the catalogue is better looked up than all of them
FUNCTION journey_internal.may_read(owner role_ref, readers role_ref[]) -> boolean STABLE STRICT PARALLEL SAFE COST 100
	'Whether the current role may see what belongs to owner and is granted to readers. True also for the owner of the database, and for a role that may accept it.';
FUNCTION journey_internal.may_use(role oid, owner role_ref, readers role_ref[]) -> boolean STABLE STRICT PARALLEL SAFE
	'Whether a role has the rights of owner or of one of readers. False if there is no owner.';
FUNCTION journey_internal.owns(owner role_ref) -> boolean STABLE STRICT PARALLEL SAFE COST 100
	'Whether the current role has the rights of this owner. If the owner does not exist or has not yet accepted, true only for a superuser.';
FUNCTION journey_internal.may_accept(owner role_ref) -> boolean STABLE STRICT PARALLEL SAFE COST 100
	'Whether the current role is the owner, or may become it: the role for which it was restored, or, if there is no owner, the owner of the database.';
FUNCTION journey_internal.may_restore(owner role_ref) -> boolean STABLE STRICT PARALLEL SAFE COST 100
	'Whether the current role may insert a row with this owner into the catalogue: its own row, or, as owner of the database, a row without effect until it is accepted.';
FUNCTION journey_internal.is_role(role_ref) -> boolean STABLE STRICT PARALLEL SAFE
	'Whether this is an existing role that has accepted what was restored for it.';

FUNCTION journey_internal.role_of(role text) -> role_ref LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The role of exactly this name; "public" is everybody. Raises an error if the role does not exist.'
AS $$
BEGIN
	IF role IS NULL THEN
		RAISE EXCEPTION 'role must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF role = 'public' THEN
		RETURN 'public'::@extschema@.role_ref;
	ELSIF to_regrole(quote_ident(role)) IS NULL THEN
		RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'undefined_object',
			HINT = CASE WHEN lower(role) = 'public' THEN 'Everybody is "public".' ELSE 'Write the name as it is, without quotes.' END;
	END IF;
	RETURN journey_internal.role_ref(to_regrole(quote_ident(role)));
END $$;

FUNCTION journey_internal.readers_without(readers role_ref[], role text) -> role_ref[] LANGUAGE sql STABLE PARALLEL SAFE
	'Support function of revoke_source, revoke_segment and revoke_tag: the readers without the one of this name, or of this text form.'
	AS $$ SELECT ARRAY(SELECT r.reader FROM unnest(readers) WITH ORDINALITY AS r(reader, place)
		WHERE NOT (r.reader::text = role OR journey_internal.role_name(r.reader) = role) ORDER BY r.place) $$;

FUNCTION journey_internal.check_new_owner(name text, new_owner role_ref) -> void LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Raises an error unless the current role can give this object to this role.'
AS $$
BEGIN
	IF NOT journey_internal.is_role(new_owner) OR NOT journey_internal.owns(new_owner) THEN
		RAISE EXCEPTION '"%" cannot be given to %, whose rights you do not have', name, new_owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Name a role of which you are a member.';
	END IF;
END $$;

-- What the owner of a database restores for others does nothing until they accept it: it could
-- have written it itself.
FUNCTION journey_internal.restored() -> trigger LANGUAGE plpgsql
	'Support function of the catalogue: marks a restored row as not yet accepted if the current role lacks the rights of its owner.'
AS $$
BEGIN
	IF NOT journey_internal.owns(NEW.owner) AND journey_internal.may_restore(journey_internal.pending(NEW.owner)) THEN
		NEW.owner := journey_internal.pending(NEW.owner);
	END IF;
	RETURN NEW;
END $$;

-- Numbers of sources, segments and tags. None is given twice, so what refers to one can never
-- come to mean another.
CREATE SEQUENCE ids AS bigint;
GRANT USAGE ON SEQUENCE ids TO PUBLIC;
GRANT SELECT, UPDATE ON SEQUENCE ids TO pg_database_owner;
SELECT pg_catalog.pg_extension_config_dump('ids', '');
COMMENT ON SEQUENCE ids IS 'Numbers of sources, segments and tags.';

FUNCTION journey_internal.check_name(name text, what text) -> void LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Raises an error unless this is a valid name of a source, segment or tag.'
AS $$
BEGIN
	IF name IS NULL THEN
		RAISE EXCEPTION 'the name of a % must not be NULL', what USING ERRCODE = 'null_value_not_allowed';
	-- [[:cntrl:]] has 128 to 159 as well, which are letters in some encodings, and in SQL_ASCII any byte
	ELSIF name = '' OR length(name) > 63 OR name ~ '[\x01-\x1f\x7f]'
		OR getdatabaseencoding() = 'UTF8' AND name ~ '[\x80-\x9f]' THEN
		RAISE EXCEPTION '% is no name for a %', quote_literal(name), what
			USING ERRCODE = 'invalid_name', HINT = 'A name has 1 to 63 characters, and no control characters.';
	END IF;
END $$;

-- ---- tables that the catalogue reads ----------------------------------------------------

FUNCTION journey_internal.check_expression(expression text, what text) -> text IMMUTABLE PARALLEL SAFE
	'The text, if it is exactly one expression in SQL; it can be put in parentheses. what: how errors call the expression.';

-- Types in rules are named by format_type(type, -1): "character" would mean character(1).
FUNCTION journey_internal.base_type(type oid) -> regtype LANGUAGE sql STABLE PARALLEL SAFE
	'The base type of a domain; any other type itself.'
	AS $$ WITH RECURSIVE base AS (SELECT t.typtype, t.typbasetype, t.oid FROM pg_type AS t WHERE t.oid = type
			UNION ALL SELECT t.typtype, t.typbasetype, t.oid FROM base AS b JOIN pg_type AS t ON t.oid = b.typbasetype WHERE b.typtype = 'd')
		SELECT b.oid::regtype FROM base AS b WHERE b.typtype <> 'd' $$;

-- A query over one relation ends with its name.
FUNCTION journey_internal.query_relation(query text, relation regclass) -> text LANGUAGE sql STABLE PARALLEL SAFE
	'Support function of add_source: the name of the relation at the end of a query over it; NULL if the query does not end with a name.'
	AS $$ SELECT n.name FROM unnest(ARRAY[journey_internal.table_ref(relation)::text, relation::text]) AS n(name)
		WHERE right(query, length(n.name) + 5) = concat('FROM ', n.name) LIMIT 1 $$;

-- ---- locks ------------------------------------------------------------------------------

FUNCTION journey_internal.lock_space() -> int LANGUAGE sql IMMUTABLE PARALLEL SAFE UNSET search_path
	'The first key of this extension''s advisory locks; the second is 0, or the hash of a name.'
	AS $$ SELECT 1785686393 $$;

FUNCTION journey_internal.lock_key(id bigint) -> int LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'The second key of the advisory lock of a segment or tag: its number, as an integer.'
	AS $$ SELECT ((id - 1) % 2147483647 + 1)::int $$;

FUNCTION journey_internal.try_lock(id bigint) -> boolean LANGUAGE sql
	'Takes the lock that protects the computation of a segment or tag until the end of the transaction. False if another session holds it.'
	AS $$ SELECT pg_try_advisory_xact_lock(journey_internal.lock_space(), journey_internal.lock_key(id)) $$;
