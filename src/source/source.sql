-- source: the bank's own tables as streams of events, and the rights under which stored
-- queries run.

-- ---- rights ---------------------------------------------------------------------------

CREATE FUNCTION run_as(owner oid, query text, as_of timestamptz) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_run_as'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION run_as(oid, text, timestamptz) IS
	'The rows of a SELECT, run as role owner in a security-restricted operation with search_path pg_catalog, and with as_of() giving as_of (NULL: now). It only reads, and calls only functions of superusers, of owner, and those that are SECURITY DEFINER. The caller must have the rights of owner; their own are given up meanwhile. All names in query must be qualified. The column types must be exactly those of the column definition list.';

CREATE FUNCTION analyze_query(query text, what text, OUT query text, OUT columns text[], OUT types oid[])
	AS 'MODULE_PATHNAME', 'journey_analyze_query'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION analyze_query(text, text) IS
	'Parses one SELECT under the caller''s search_path, without executing anything, and writes it down again with every name qualified. Also the names and types of its columns. Errors speak of it as what.';

CREATE FUNCTION as_of() RETURNS timestamptz
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(nullif(current_setting('journey.as_of', true), '')::timestamptz, now()) $$;
COMMENT ON FUNCTION as_of() IS
	'In the definition of a segment or tag: the time for which it is being computed. Elsewhere: now().';

CREATE FUNCTION may_read(owner regrole, readers regrole[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_may_read'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION may_read(regrole, regrole[]) IS
	'Does the current role have the rights of owner or of one of readers? "-" among these stands for PUBLIC.';

CREATE FUNCTION role_of(role text) RETURNS regrole
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF role IS NULL THEN
		RAISE EXCEPTION 'role must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF lower(role) = 'public' THEN
		RETURN 0::oid::regrole;
	ELSIF to_regrole(quote_ident(role)) IS NULL THEN
		RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'undefined_object';
	END IF;
	RETURN to_regrole(quote_ident(role));
END $$;
COMMENT ON FUNCTION role_of(text) IS 'The role of this name, "-" for public. An error if there is none.';

CREATE FUNCTION check_name(name text, what text) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF name IS NULL THEN
		RAISE EXCEPTION 'the name of a % must not be NULL', what USING ERRCODE = 'null_value_not_allowed';
	ELSIF name = '' OR length(name) > 63 OR name ~ '[[:cntrl:]]' THEN
		RAISE EXCEPTION '% is no name for a %', quote_literal(name), what
			USING ERRCODE = 'invalid_name', HINT = 'A name has 1 to 63 characters, and no control characters.';
	END IF;
END $$;
COMMENT ON FUNCTION check_name(text, text) IS 'An error unless this can be the name of a source, segment or tag.';

-- ---- sources --------------------------------------------------------------------------

CREATE TABLE sources (
	name text PRIMARY KEY,
	owner regrole NOT NULL DEFAULT quote_ident(current_user)::regrole,
	readers regrole[] NOT NULL DEFAULT '{}',
	relation regclass NOT NULL,
	user_id text NOT NULL,
	at text NOT NULL,
	event text NOT NULL,
	attrs jsonb,
	value text,
	query text NOT NULL,
	attributes jsonb NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE sources ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON sources FOR SELECT USING (@extschema@.may_read(owner, readers));
CREATE POLICY owners_add ON sources FOR INSERT WITH CHECK (pg_has_role(owner::oid, 'USAGE'));
CREATE POLICY owners_change ON sources FOR UPDATE USING (pg_has_role(owner::oid, 'USAGE'));
CREATE POLICY owners_drop ON sources FOR DELETE USING (pg_has_role(owner::oid, 'USAGE'));
GRANT SELECT, INSERT, UPDATE, DELETE ON sources TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('sources', '');
COMMENT ON TABLE sources IS
	'Tables and views registered as streams of events with add_source. A role sees those it owns and those granted to it.';
COMMENT ON COLUMN sources.readers IS 'Roles that may use the source besides its owner; "-" is PUBLIC.';
COMMENT ON COLUMN sources.query IS 'The source as a SELECT with all names qualified.';
COMMENT ON COLUMN sources.attributes IS 'The attributes that rules may name, with their types.';

-- What add_source will analyze: the expressions in their places.
CREATE FUNCTION source_select(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	attribute record;
	result text;
BEGIN
	PERFORM @extschema@.check_name(name, 'source'::text);
	IF relation IS NULL OR user_id IS NULL OR at IS NULL OR event IS NULL THEN
		RAISE EXCEPTION 'relation, user_id, at and event must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	result := format('SELECT (%s) AS user_id, (%s) AS at, (%s) AS event, (%s) AS value', user_id, at, event, coalesce(value, 'NULL::pg_catalog.float8'));
	IF attrs IS NULL THEN
		NULL;
	ELSIF jsonb_typeof(attrs) = 'string' THEN
		result := result || format(', (%s) AS attrs', attrs #>> '{}');
	ELSIF jsonb_typeof(attrs) = 'object' THEN
		FOR attribute IN SELECT a.key, a.value FROM jsonb_each(attrs) AS a ORDER BY a.key LOOP
			IF jsonb_typeof(attribute.value) <> 'string' THEN
				RAISE EXCEPTION 'attrs gives attribute "%" as %, not as a string', attribute.key, attribute.value
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {"channel": "channel_code"}: the name that rules use, and a column or expression.';
			END IF;
			result := result || format(', (%s) AS %I', attribute.value #>> '{}', 'attr_' || attribute.key);
		END LOOP;
	ELSE
		RAISE EXCEPTION 'attrs is %, neither an object nor a string', attrs
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write {"channel": "channel_code", ...}, or "payload" for one column of type jsonb.';
	END IF;
	RETURN result || ' FROM ' || relation::text;
END $$;
COMMENT ON FUNCTION source_select(text, regclass, text, text, text, jsonb, text) IS 'Support function of add_source: its expressions as one SELECT.';

-- Types in rules are named by format_type(type, -1): "character" would mean character(1).
CREATE FUNCTION base_type(type oid) RETURNS regtype
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ WITH RECURSIVE base AS (SELECT t.typtype, t.typbasetype, t.oid FROM pg_type AS t WHERE t.oid = type
			UNION ALL SELECT t.typtype, t.typbasetype, t.oid FROM base AS b JOIN pg_type AS t ON t.oid = b.typbasetype WHERE b.typtype = 'd')
		SELECT b.oid::regtype FROM base AS b WHERE b.typtype <> 'd' $$;
COMMENT ON FUNCTION base_type(oid) IS 'The type under a domain; of any other type itself.';

CREATE FUNCTION store_source(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, analyzed record) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	i int;
	type regtype;
	attributes jsonb := '{}';
	list text := '';
	wanted text[];
	expected text;
BEGIN
	FOR i IN 1 .. cardinality(analyzed.columns) LOOP
		type := analyzed.types[i]::regtype;
		wanted := NULL;
		CASE
			WHEN i = 1 THEN wanted := '{smallint,integer,bigint}'; expected := 'bigint';
			WHEN i = 2 THEN wanted := '{"timestamp with time zone","timestamp without time zone",date}'; expected := 'timestamptz';
			WHEN i = 3 THEN wanted := '{text,"character varying",character,name}'; expected := 'text';
			WHEN i = 4 THEN wanted := '{smallint,integer,bigint,numeric,real,"double precision"}'; expected := 'float8';
			WHEN jsonb_typeof(attrs) = 'string' THEN wanted := '{jsonb}'; expected := 'jsonb';
			ELSE expected := NULL;
		END CASE;
		-- a domain is as good as its base type; an enum is a name, too
		type := @extschema@.base_type(type);
		IF wanted IS NOT NULL AND format_type(type, NULL) <> ALL (wanted)
			AND NOT (i = 3 AND (SELECT typtype FROM pg_type WHERE oid = type) = 'e') THEN
			RAISE EXCEPTION 'source "%": % is of type %', name, analyzed.columns[i], format_type(type, NULL)
				USING ERRCODE = 'datatype_mismatch',
					HINT = CASE i WHEN 1 THEN 'Users are numbered by smallint, integer or bigint. Map other ids to numbers in a view.'
						ELSE format('Write an expression of type %s.', array_to_string(wanted, ' or ')) END;
		END IF;
		IF expected IS NULL THEN
			attributes := attributes || jsonb_build_object(substr(analyzed.columns[i], 6), format_type(type, -1));
		END IF;
		list := list || CASE WHEN i > 1 THEN ', ' ELSE '' END
			|| CASE WHEN expected IS NULL THEN format('s.%I', analyzed.columns[i])
				-- times without a zone are meant in that of whoever registers them
				WHEN i = 2 AND type <> 'timestamptz'::regtype THEN
					format('pg_catalog.timezone(%L::pg_catalog.text, s.at::pg_catalog.timestamp) AS at', current_setting('TimeZone'))
				ELSE format('s.%I::pg_catalog.%s AS %1$I', analyzed.columns[i], replace(expected, 'bigint', 'int8')) END;
	END LOOP;
	INSERT INTO @extschema@.sources (name, relation, user_id, at, event, attrs, value, query, attributes)
	VALUES (name, relation, user_id, at, event, attrs, value, format('SELECT %s FROM (%s) AS s', list, analyzed.query), attributes);
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a source named "%" exists already', name
		USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role. drop_source removes one of your own.';
END $$;
COMMENT ON FUNCTION store_source(text, regclass, text, text, text, jsonb, text, record) IS 'Support function of add_source: checks the types and stores the source.';

CREATE FUNCTION add_source(name text, relation regclass, user_id text DEFAULT 'user_id', at text DEFAULT 'at',
		event text DEFAULT 'event', attrs jsonb DEFAULT NULL, value text DEFAULT NULL) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.store_source($1, $2, $3, $4, $5, $6, $7,
		@extschema@.analyze_query(@extschema@.source_select($1, $2, $3, $4, $5, $6, $7), pg_catalog.concat('source "'::pg_catalog.text, $1, '"'::pg_catalog.text))) $$;
COMMENT ON FUNCTION add_source(text, regclass, text, text, text, jsonb, text) IS
	'Registers a table or view as a stream of events. user_id, at, event and value are columns or expressions over it: integer, time, text and number; times without a zone are taken in the current TimeZone. attrs: an object of attribute names and expressions, or a string, an expression of type jsonb. Nothing is copied. The source belongs to the current role.';

CREATE FUNCTION drop_source(name text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM @extschema@.sources AS s WHERE s.name = drop_source.name;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no source "%" of yours', name USING ERRCODE = 'undefined_object';
	END IF;
END $$;
COMMENT ON FUNCTION drop_source(text) IS
	'Forgets a source of your own. Segments that use it keep their versions; refreshing them fails until there is one of that name again.';

CREATE FUNCTION grant_source(name text, role text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE @extschema@.sources AS s SET readers = array_append(array_remove(s.readers, @extschema@.role_of(role)), @extschema@.role_of(role))
	WHERE s.name = grant_source.name;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no source "%" of yours', name USING ERRCODE = 'undefined_object';
	END IF;
END $$;
COMMENT ON FUNCTION grant_source(text, text) IS
	'Lets a role (or public) use a source of yours in its definitions. It still needs SELECT on the relation.';

CREATE FUNCTION revoke_source(name text, role text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE @extschema@.sources AS s SET readers = array_remove(s.readers, @extschema@.role_of(role))
	WHERE s.name = revoke_source.name;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no source "%" of yours', name USING ERRCODE = 'undefined_object';
	END IF;
END $$;
COMMENT ON FUNCTION revoke_source(text, text) IS 'Takes back what grant_source gave.';

-- The query of a source that `reader` may use.
CREATE FUNCTION source_query(name text, reader regrole) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source record;
BEGIN
	SELECT * INTO source FROM @extschema@.sources AS s WHERE s.name = source_query.name;
	IF source.name IS NULL OR NOT (pg_has_role(reader::oid, source.owner::oid, 'USAGE')
		OR EXISTS (SELECT FROM unnest(source.readers) AS r WHERE r::oid = 0 OR pg_has_role(reader::oid, r::oid, 'USAGE'))) THEN
		RAISE EXCEPTION 'there is no source "%" that role % may use', name, reader
			USING ERRCODE = 'undefined_object', HINT = 'add_source registers one, grant_source lets other roles use it.';
	END IF;
	RETURN source.query;
END $$;
COMMENT ON FUNCTION source_query(text, regrole) IS 'The SELECT of a source. An error if there is none that role reader may use.';

-- Sources that cannot be read any more are named before an error would speak of a table only.
CREATE FUNCTION check_sources(names text[], reader regrole) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted text;
	query text;
BEGIN
	FOREACH wanted IN ARRAY coalesce(names, '{}') LOOP
		query := @extschema@.source_query(wanted, reader);
		BEGIN
			PERFORM @extschema@.analyze_query(query, format('source "%s"', wanted));
		EXCEPTION WHEN syntax_error_or_access_rule_violation OR invalid_schema_name THEN
			IF SQLERRM LIKE 'source "%' THEN
				RAISE;
			END IF;
			RAISE EXCEPTION 'source "%": %', wanted, SQLERRM USING ERRCODE = SQLSTATE,
				HINT = 'Were its table or columns dropped or renamed? drop_source and add_source register it anew.';
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION check_sources(text[], regrole) IS 'An error that names the source, if role reader may not use one of these, or if its tables and columns are no longer there.';

-- Several sources as one: columns user_id, at, event, value, attrs and source.
CREATE FUNCTION stream_query(names text[], reader regrole) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted text;
	source record;
	result text;
	attrs text;
BEGIN
	IF names IS NULL OR cardinality(names) = 0 THEN
		RAISE EXCEPTION 'no source is named' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	FOREACH wanted IN ARRAY names LOOP
		PERFORM @extschema@.source_query(wanted, reader);
		SELECT * INTO source FROM @extschema@.sources AS s WHERE s.name = wanted;
		attrs := CASE jsonb_typeof(source.attrs) WHEN 'string' THEN 'e.attrs'
			WHEN 'object' THEN (SELECT 'pg_catalog.jsonb_build_object(' || string_agg(format('%L::pg_catalog.text, e.%I', k, 'attr_' || k), ', ' ORDER BY k) || ')'
				FROM jsonb_object_keys(source.attributes) AS k)
			END;
		result := concat(result || ' UNION ALL ', format('SELECT %L::pg_catalog.text AS source, e.user_id, e.at, e.event, %s AS attrs, e.value FROM (%s) AS e',
			wanted, coalesce(attrs, 'NULL::pg_catalog.jsonb'), source.query));
	END LOOP;
	RETURN result;
END $$;
COMMENT ON FUNCTION stream_query(text[], regrole) IS 'Several sources as one SELECT: source, user_id, at, event, attrs, value.';

CREATE FUNCTION events_of(VARIADIC sources text[])
	RETURNS TABLE (source text, user_id bigint, at timestamptz, event text, attrs jsonb, value float8)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.check_sources(sources, quote_ident(current_user)::regrole);
	-- as a stored query: the sources' expressions are not the caller's
	RETURN QUERY SELECT r.source, r.user_id, r.at, r.event, r.attrs, r.value
		FROM @extschema@.run_as(quote_ident(current_user)::regrole::oid, @extschema@.stream_query(sources, quote_ident(current_user)::regrole),
			nullif(current_setting('journey.as_of'::text, true), '')::timestamptz)
			AS r(source text, user_id bigint, at timestamptz, event text, attrs jsonb, value float8);
END $$;
COMMENT ON FUNCTION events_of(text[]) IS
	'The events of one or more sources as one stream, with the caller''s rights on the relations; a source that calls functions of a role that lacks these rights is refused. For analyses over many events, make a view with create_event_view: a function''s rows are copied first.';

-- What is written into a source by hand is one SELECT, or it is refused: not the caller's rights for more.
CREATE FUNCTION view_query(sources text[]) RETURNS text
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reader CONSTANT regrole := quote_ident(current_user);
BEGIN
	PERFORM @extschema@.check_sources(sources, reader);
	RETURN (@extschema@.analyze_query(@extschema@.stream_query(sources, reader), 'the stream of these sources'::text)).query;
END $$;
COMMENT ON FUNCTION view_query(text[]) IS 'Support function of create_event_view: the SELECT of the view.';

CREATE FUNCTION create_event_view(view_name text, VARIADIC sources text[]) RETURNS void
	LANGUAGE plpgsql
AS $$
BEGIN
	-- the name is the caller's, resolved by their search_path; so nothing here but pg_catalog
	EXECUTE pg_catalog.concat('CREATE VIEW '::pg_catalog.text,
		(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(part), '.'::pg_catalog.text ORDER BY place) FROM pg_catalog.unnest(pg_catalog.parse_ident(view_name)) WITH ORDINALITY AS name(part, place)),
		' WITH (security_invoker = true) AS '::pg_catalog.text,
		@extschema@.view_query(sources));
END $$;
COMMENT ON FUNCTION create_event_view(text, text[]) IS
	'Creates a view of this name (qualified, or in your search_path) over one or more sources: source, user_id, at, event, attrs, value. Whoever reads it needs SELECT on the relations; their row-level security applies.';
