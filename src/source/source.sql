-- source: the bank's own tables as streams of events.

TABLE sources (
	id bigint PRIMARY KEY DEFAULT nextval('@extschema@.ids') COMMENT 'The number to which segments and tags refer; never reused.',
	name text NOT NULL UNIQUE,
	owner role_ref NOT NULL DEFAULT journey_internal.caller(),
	readers role_ref[] NOT NULL DEFAULT '{}' COMMENT 'Roles, besides the owner, that may use the source.',
	relation table_ref NOT NULL,
	user_id text NOT NULL,
	at text NOT NULL,
	event text NOT NULL,
	attrs jsonb,
	value text,
	query text NOT NULL COMMENT 'The source as a SELECT with all names qualified, as it was registered.',
	query_relation text COMMENT 'The name of the relation in query, which is replaced by its current name. NULL: it cannot be replaced.',
	attributes jsonb NOT NULL COMMENT 'The attributes that rules may name, with their types.',
	created_at timestamptz NOT NULL DEFAULT now(),
	description text COMMENT 'What its owner says of it.'
) OWNED DUMPED
	'Tables and views that add_source registered as streams of events. A role sees its own and those granted to it.';
-- the number is the sequence's: who could choose one could take that of something dropped
GRANT SELECT, INSERT (name, owner, readers, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description),
	UPDATE (name, owner, readers, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description), DELETE ON sources TO PUBLIC;
GRANT INSERT ON sources TO pg_database_owner;

FUNCTION journey_internal.check_expression(expression text, what text) -> text IMMUTABLE PARALLEL SAFE
	'The text, if it is exactly one expression in SQL; it can be put in parentheses. what: how errors call the expression.';

-- What add_source is given, in the order of the columns of the stream. `what` is for errors.
FUNCTION journey_internal.do_source_columns(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	-> TABLE (column_name text, expression text, what text) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of source_columns, which calls it: what that does.'
AS $$
#variable_conflict use_column
DECLARE
	given record;
BEGIN
	PERFORM journey_internal.check_name($1, 'source'::text);
	FOR given IN SELECT * FROM (VALUES ('relation', relation::text), ('user_id', $3), ('at', $4), ('event', $5)) AS g(argument, value) WHERE g.value IS NULL LIMIT 1 LOOP
		RAISE EXCEPTION '% of source "%" must not be NULL', given.argument, $1 USING ERRCODE = 'null_value_not_allowed';
	END LOOP;
	IF jsonb_typeof(attrs) NOT IN ('string', 'object') THEN
		RAISE EXCEPTION 'attrs is %, neither an object nor a string', attrs
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write {"channel": "channel_code", ...}, or "payload" for one column of type jsonb.';
	END IF;
	FOR given IN SELECT a.key, a.value FROM jsonb_each(CASE jsonb_typeof(attrs) WHEN 'object' THEN attrs ELSE '{}' END) AS a WHERE jsonb_typeof(a.value) <> 'string' LIMIT 1 LOOP
		RAISE EXCEPTION 'attrs gives attribute "%" as %, not as a string', given.key, given.value
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {"channel": "channel_code"}: the name that rules use, and a column or expression.';
	END LOOP;
	RETURN QUERY SELECT g.name, journey_internal.check_expression(g.expression, w.what), w.what
		FROM (SELECT * FROM (VALUES (1, 'user_id', $3), (2, 'at', $4), (3, 'event', $5), (4, 'value', coalesce($7, 'NULL::pg_catalog.float8'))) AS v(place, name, expression)
			UNION ALL SELECT 5, 'attrs', attrs #>> '{}' WHERE jsonb_typeof(attrs) = 'string'
			UNION ALL SELECT 5, concat('attr_', a.key), a.value #>> '{}' FROM jsonb_each(CASE jsonb_typeof(attrs) WHEN 'object' THEN attrs ELSE '{}' END) AS a) AS g(place, name, expression),
			LATERAL (SELECT format(CASE WHEN g.place = 5 AND g.name <> 'attrs' THEN 'attribute "%s" of source "%s"' ELSE '%s of source "%s"' END, regexp_replace(g.name, '^attr_', ''), $1)) AS w(what)
		ORDER BY g.place, g.name;
END $$;
FUNCTION journey_internal.source_columns(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	-> TABLE (column_name text, expression text, what text) CALLS short_context STABLE PARALLEL SAFE
	'Support function of add_source: the columns of the stream, an expression for each, and what errors call it.';

-- Names in the expressions are the caller's, resolved by their search_path; so nothing here but
-- pg_catalog. Each is analyzed by itself, so that an error says which it is.
FUNCTION journey_internal.source_select(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text) -> text LANGUAGE sql UNSET search_path
	'Support function of add_source: the expressions of the source as one SELECT.'
	AS $$ SELECT pg_catalog.concat('SELECT '::pg_catalog.text,
			pg_catalog.string_agg(pg_catalog.concat('('::pg_catalog.text, c.expression, ') AS '::pg_catalog.text, pg_catalog.quote_ident(c.column_name)), ', '::pg_catalog.text ORDER BY c.place),
			' FROM '::pg_catalog.text, journey_internal.table_ref($2))
		FROM journey_internal.source_columns($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS c(column_name, expression, what, place)
		WHERE (journey_internal.analyze_query(pg_catalog.concat('SELECT ('::pg_catalog.text, c.expression, ') FROM '::pg_catalog.text, journey_internal.table_ref($2)), c.what)).query IS NOT NULL $$;

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

FUNCTION journey_internal.do_store_source(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, description text, mode text, analyzed record) -> void LANGUAGE plpgsql
	'Support function of store_source, which calls it: what that does.'
AS $$
#variable_conflict use_variable
DECLARE
	i int;
	type regtype;
	new_attributes jsonb := '{}';
	new_query text;
	old @extschema@.sources;
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
		type := journey_internal.base_type(type);
		IF wanted IS NOT NULL AND format_type(type, NULL) <> ALL (wanted)
			AND NOT (i = 3 AND (SELECT typtype FROM pg_type WHERE oid = type) = 'e') THEN
			RAISE EXCEPTION 'source "%": % is of type %', name, analyzed.columns[i], format_type(type, NULL)
				USING ERRCODE = 'datatype_mismatch',
					HINT = CASE i WHEN 1 THEN 'Users are numbered by smallint, integer or bigint. Map other ids to numbers in a view.'
						ELSE format('Write an expression of type %s.', array_to_string(wanted, ' or ')) END;
		END IF;
		IF expected IS NULL THEN
			new_attributes := new_attributes || jsonb_build_object(substr(analyzed.columns[i], 6), format_type(type, -1));
		END IF;
		list := list || CASE WHEN i > 1 THEN ', ' ELSE '' END
			|| CASE WHEN expected IS NULL THEN format('s.%I', analyzed.columns[i])
				-- times without a zone are meant in that of whoever registers them
				WHEN i = 2 AND type <> 'timestamptz'::regtype THEN
					format('pg_catalog.timezone(%L::pg_catalog.text, s.at::pg_catalog.timestamp) AS at', current_setting('TimeZone'))
				ELSE format('s.%I::pg_catalog.%s AS %1$I', analyzed.columns[i], replace(expected, 'bigint', 'int8')) END;
	END LOOP;
	new_query := format('SELECT %s FROM (%s) AS s', list, analyzed.query);
	IF mode = 'create' THEN
		INSERT INTO @extschema@.sources (name, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description)
		VALUES (name, relation, user_id, at, event, attrs, value, new_query, journey_internal.query_relation(analyzed.query, relation), new_attributes, description);
	ELSE
		old := journey_internal.own_source(name);
		UPDATE @extschema@.sources AS s SET relation = journey_internal.table_ref(do_store_source.relation), user_id = do_store_source.user_id, at = do_store_source.at, event = do_store_source.event, attrs = do_store_source.attrs, value = do_store_source.value,
			query = new_query, query_relation = journey_internal.query_relation(analyzed.query, do_store_source.relation), attributes = new_attributes, description = do_store_source.description
		WHERE s.id = old.id;
	END IF;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a source named "%" exists already', name
		USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role. With replace => true, one of your own is replaced.';
END $$;
FUNCTION journey_internal.store_source(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, description text, mode text, analyzed record) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of add_source: checks the types and stores the source.';

FUNCTION journey_internal.source_mode(name text, replace boolean) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of add_source: replace, if that is wanted and there is a source of this name that you may see; else create.'
AS $$
BEGIN
	IF replace IS NULL THEN
		RAISE EXCEPTION 'replace must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	RETURN CASE WHEN replace AND EXISTS (SELECT FROM @extschema@.sources AS s WHERE s.name = source_mode.name) THEN 'replace' ELSE 'create' END;
END $$;

FUNCTION add_source(name text, relation regclass, user_id text DEFAULT 'user_id', at text DEFAULT 'at',
		event text DEFAULT 'event', attrs jsonb DEFAULT NULL, value text DEFAULT NULL, description text DEFAULT NULL, replace boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Registers a table or view as a stream of events; nothing is copied. user_id, at, event and value are columns or expressions over it: an integer, a time, a text and a number. Times without a time zone are converted in the current TimeZone. attrs: an object of attribute names and expressions, or a string with an expression of type jsonb. The source belongs to the current role. replace: if you own a source of this name, it is replaced; its grants, and what uses it, are kept.'
	AS $$ SELECT journey_internal.store_source($1, $2, $3, $4, $5, $6, $7, $8, journey_internal.source_mode($1, $9),
		journey_internal.analyze_query(journey_internal.source_select($1, $2, $3, $4, $5, $6, $7), pg_catalog.concat('source "'::pg_catalog.text, $1, '"'::pg_catalog.text))) $$;

FUNCTION journey_internal.do_source_with(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	-> TABLE (new_relation regclass, new_user_id text, new_at text, new_event text, new_attrs jsonb, new_value text, description text) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of source_with, which calls it: what that does.'
AS $$
DECLARE
	old @extschema@.sources := journey_internal.own_source(name);
BEGIN
	IF relation IS NULL AND old.relation::oid = 0 THEN
		RAISE EXCEPTION 'source "%": relation % does not exist', name, format('"%s"', substr(old.relation::text, 2))
			USING ERRCODE = 'undefined_table', HINT = 'Name another: alter_source(name, relation => ''...'').';
	END IF;
	RETURN QUERY SELECT coalesce(relation, journey_internal.regclass(old.relation)), coalesce(user_id, old.user_id), coalesce(at, old.at), coalesce(event, old.event), nullif(coalesce(attrs, old.attrs), '{}'), nullif(coalesce(value, old.value), ''), old.description;
END $$;
FUNCTION journey_internal.source_with(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	-> TABLE (new_relation regclass, new_user_id text, new_at text, new_event text, new_attrs jsonb, new_value text, description text) CALLS short_context STABLE PARALLEL SAFE
	'Support function of alter_source: what a source is, but for what is given.';

FUNCTION alter_source(name text, relation regclass DEFAULT NULL, user_id text DEFAULT NULL, at text DEFAULT NULL,
		event text DEFAULT NULL, attrs jsonb DEFAULT NULL, value text DEFAULT NULL) -> void LANGUAGE sql UNSET search_path
	'Changes a source of yours: arguments that are NULL leave it unchanged. All its expressions are resolved again, as by add_source. attrs => ''{}'' and value => '''' remove them.'
	AS $$ SELECT journey_internal.store_source($1, s.new_relation, s.new_user_id, s.new_at, s.new_event, s.new_attrs, s.new_value, s.description, 'replace'::pg_catalog.text,
			journey_internal.analyze_query(journey_internal.source_select($1, s.new_relation, s.new_user_id, s.new_at, s.new_event, s.new_attrs, s.new_value), pg_catalog.concat('source "'::pg_catalog.text, $1, '"'::pg_catalog.text)))
		FROM journey_internal.source_with($1, $2, $3, $4, $5, $6, $7) AS s $$;

-- The source of this name that the caller may see, or an error.
FUNCTION journey_internal.source_of(name text) -> sources LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The source of this name. Raises an error unless it exists and you may see it.'
AS $$
DECLARE
	found @extschema@.sources;
BEGIN
	SELECT * INTO found FROM @extschema@.sources AS s WHERE s.name = source_of.name;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'there is no source "%" that you may use', name
			USING ERRCODE = 'undefined_object', HINT = 'add_source registers one. The table sources lists those that you may use.';
	END IF;
	RETURN found;
END $$;

FUNCTION journey_internal.own_source(name text) -> sources LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The source of this name. Raises an error unless you have the rights of its owner.'
AS $$
DECLARE
	found @extschema@.sources;
BEGIN
	SELECT * INTO found FROM @extschema@.sources AS s WHERE s.name = own_source.name;
	IF found.id IS NULL OR NOT journey_internal.owns(found.owner) THEN
		RAISE EXCEPTION 'there is no source "%" of yours', name USING ERRCODE = 'undefined_object';
	END IF;
	RETURN found;
END $$;

FUNCTION grant_source(name text, role text) -> void LANGUAGE plpgsql
	'Lets a role (or public) use a source of yours in its definitions. The role also needs SELECT on the relation.'
AS $$
DECLARE
	source @extschema@.sources := journey_internal.own_source(name);
	reader @extschema@.role_ref := journey_internal.role_of(role);
BEGIN
	UPDATE @extschema@.sources AS s SET readers = array_append(array_remove(s.readers, reader), reader) WHERE s.id = source.id;
END $$;

FUNCTION revoke_source(name text, role text) -> void LANGUAGE plpgsql
	'Revokes what grant_source granted.'
AS $$
DECLARE
	source @extschema@.sources := journey_internal.own_source(name);
BEGIN
	UPDATE @extschema@.sources AS s SET readers = journey_internal.readers_without(s.readers, role) WHERE s.id = source.id;
END $$;

FUNCTION set_source_owner(name text, role text) -> void LANGUAGE plpgsql
	'Gives a source of yours to another role, of which you must be a member. Also accepts a source that was restored for you.'
AS $$
DECLARE
	source @extschema@.sources := journey_internal.source_of(name);
	new_owner @extschema@.role_ref := journey_internal.role_of(role);
BEGIN
	IF NOT journey_internal.may_accept(source.owner) THEN
		RAISE EXCEPTION 'source "%" belongs to %', name, source.owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner and members of that role may change it.';
	END IF;
	PERFORM journey_internal.check_new_owner(name, new_owner);
	UPDATE @extschema@.sources AS s SET owner = new_owner WHERE s.id = source.id;
END $$;

-- The sources of these names, in this order.
FUNCTION journey_internal.source_ids(names text[], reader regrole) -> bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The sources of these names. Raises an error unless role reader may use each.'
AS $$
DECLARE
	wanted text;
	source @extschema@.sources;
	result bigint[] := '{}';
BEGIN
	FOREACH wanted IN ARRAY coalesce(names, '{}') LOOP
		SELECT * INTO source FROM @extschema@.sources AS s WHERE s.name = wanted;
		IF source.id IS NULL OR NOT journey_internal.may_use(reader::oid, source.owner, source.readers) THEN
			RAISE EXCEPTION 'there is no source "%" that role % may use', wanted, reader
				USING ERRCODE = 'undefined_object', HINT = 'add_source registers one, grant_source lets other roles use it.';
		END IF;
		result := result || source.id;
	END LOOP;
	RETURN result;
END $$;

-- The query of a source that `reader` may use.
FUNCTION journey_internal.source_query(id bigint, reader regrole) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The SELECT of a source. Raises an error unless it exists and role reader may use it.'
AS $$
DECLARE
	source @extschema@.sources;
BEGIN
	SELECT * INTO source FROM @extschema@.sources AS s WHERE s.id = source_query.id;
	IF source.id IS NULL THEN
		RAISE EXCEPTION 'source number % was dropped, or role % may no longer use it', id, reader USING ERRCODE = 'undefined_object';
	ELSIF NOT journey_internal.may_use(reader::oid, source.owner, source.readers) THEN
		RAISE EXCEPTION 'there is no source "%" that role % may use', source.name, reader
			USING ERRCODE = 'undefined_object', HINT = 'add_source registers one, grant_source lets other roles use it.';
	ELSIF source.relation::oid = 0 THEN
		RAISE EXCEPTION 'source "%": relation % does not exist', source.name, format('"%s"', substr(source.relation::text, 2))
			USING ERRCODE = 'undefined_table', HINT = 'alter_source registers it anew.';
	ELSIF source.query_relation IS NULL OR source.query_relation = source.relation::text THEN
		RETURN source.query;
	END IF;
	-- the relation was renamed: "... FROM old) AS s"
	RETURN concat(left(source.query, -length(source.query_relation) - 6), source.relation::text, ' AS ',
		quote_ident((parse_ident(source.query_relation))[cardinality(parse_ident(source.query_relation))]), ') AS s');
END $$;

-- Whoever uses a source reads with rights of their own, so it may read no more than its owner could.
FUNCTION journey_internal.usable_query(id bigint, reader regrole) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The SELECT of a source, as source_query returns it. Raises an error if it reads what the owner of the source may not read.'
AS $$
DECLARE
	result CONSTANT text := journey_internal.source_query(id, reader);
	source @extschema@.sources;
BEGIN
	SELECT * INTO source FROM @extschema@.sources AS s WHERE s.id = usable_query.id;
	IF source.owner::oid <> reader::oid THEN
		PERFORM journey_internal.check_reads(result, source.owner::oid, format('source "%s"', source.name));
	END IF;
	RETURN result;
END $$;

-- Sources that cannot be read any more are named before an error would speak of a table only.
FUNCTION journey_internal.check_sources(ids bigint[], reader regrole) -> void LANGUAGE plpgsql
	'Raises an error with the name of the source if role reader may not use one of these, or if its tables or columns no longer exist.'
AS $$
DECLARE
	wanted bigint;
	name text;
	query text;
BEGIN
	FOREACH wanted IN ARRAY coalesce(ids, '{}') LOOP
		query := journey_internal.source_query(wanted, reader);
		SELECT s.name INTO name FROM @extschema@.sources AS s WHERE s.id = wanted;
		BEGIN
			PERFORM journey_internal.analyze_query(query, format('source "%s"', name));
			PERFORM journey_internal.usable_query(wanted, reader);
		EXCEPTION WHEN syntax_error_or_access_rule_violation OR invalid_schema_name THEN
			IF SQLERRM LIKE 'source "%' THEN
				RAISE;
			END IF;
			RAISE EXCEPTION 'source "%": %', name, SQLERRM USING ERRCODE = SQLSTATE,
				HINT = 'Were its table or columns dropped or renamed? alter_source registers it anew.';
		END;
	END LOOP;
END $$;

-- Several sources as one: columns user_id, at, event, value, attrs and source.
FUNCTION journey_internal.stream_query(ids bigint[], reader regrole) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Several sources as one SELECT: source, user_id, at, event, attrs, value.'
AS $$
DECLARE
	wanted bigint;
	source @extschema@.sources;
	result text;
	attrs text;
BEGIN
	IF ids IS NULL OR cardinality(ids) = 0 THEN
		RAISE EXCEPTION 'no source is named' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	FOREACH wanted IN ARRAY ids LOOP
		SELECT * INTO source FROM @extschema@.sources AS s WHERE s.id = wanted;
		attrs := CASE jsonb_typeof(source.attrs) WHEN 'string' THEN 'e.attrs'
			WHEN 'object' THEN (SELECT 'pg_catalog.jsonb_build_object(' || string_agg(format('%L::pg_catalog.text, e.%I', k, 'attr_' || k), ', ' ORDER BY k) || ')'
				FROM jsonb_object_keys(source.attributes) AS k)
			END;
		result := concat(result || ' UNION ALL ', format('SELECT %L::pg_catalog.text AS source, e.user_id, e.at, e.event, %s AS attrs, e.value FROM (%s) AS e',
			source.name, coalesce(attrs, 'NULL::pg_catalog.jsonb'), journey_internal.usable_query(wanted, reader)));
	END LOOP;
	RETURN result;
END $$;

FUNCTION events_of(VARIADIC sources text[])
	-> TABLE (source text, user_id bigint, at timestamptz, event text, attrs jsonb, value float8) LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The events of one or more sources as one stream, read with the caller''s rights. A source that calls functions of a role without these rights is an error. For analyses over many events, create a view with create_event_view, because the rows of a function are first copied.'
AS $$
DECLARE
	reader CONSTANT regrole := journey_internal.caller()::regrole;
	ids CONSTANT bigint[] := journey_internal.source_ids(sources, reader);
BEGIN
	PERFORM journey_internal.check_sources(ids, reader);
	-- as a stored query: the sources' expressions are not the caller's
	RETURN QUERY SELECT r.source, r.user_id, r.at, r.event, r.attrs, r.value
		FROM journey_internal.run_as(reader::oid, journey_internal.stream_query(ids, reader), nullif(current_setting('journey.as_of'::text, true), '')::timestamptz)
			AS r(source text, user_id bigint, at timestamptz, event text, attrs jsonb, value float8);
END $$;

-- What is written into a source by hand is one SELECT, or it is refused: not the caller's rights for more.
FUNCTION journey_internal.do_view_query(sources text[]) -> text LANGUAGE plpgsql
	'Support function of view_query, which calls it: what that does.'
AS $$
DECLARE
	reader CONSTANT regrole := journey_internal.caller()::regrole;
	ids CONSTANT bigint[] := journey_internal.source_ids(sources, reader);
BEGIN
	PERFORM journey_internal.check_sources(ids, reader);
	RETURN (journey_internal.analyze_query(journey_internal.stream_query(ids, reader), 'the stream of these sources'::text)).query;
END $$;
FUNCTION journey_internal.view_query(sources text[]) -> text CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of create_event_view: the SELECT of the view.';

FUNCTION create_event_view(view_name text, VARIADIC sources text[]) -> void LANGUAGE plpgsql UNSET search_path
	'Creates a view of this name (qualified, or in your search_path) over one or more sources: source, user_id, at, event, attrs, value. A reader of the view needs SELECT on the relations; their row-level security applies to the reader.'
AS $$
DECLARE
	-- the name is the caller's, resolved by their search_path; so nothing here but pg_catalog
	name CONSTANT pg_catalog.text := (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(part), '.'::pg_catalog.text ORDER BY place) FROM pg_catalog.unnest(pg_catalog.parse_ident(view_name)) WITH ORDINALITY AS name(part, place));
	query CONSTANT pg_catalog.text := journey_internal.view_query(sources);
BEGIN
	EXECUTE pg_catalog.concat('CREATE VIEW '::pg_catalog.text, name, ' WITH (security_invoker = true) AS '::pg_catalog.text, query);
END $$;
