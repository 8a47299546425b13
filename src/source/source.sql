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
	description text COMMENT 'What its owner says of it.',
	identity bigint COMMENT 'The number of the identity space to whose persons events count; NULL: to user_id itself.',
	id_type text COMMENT 'The type of ids in that space that user_id has.',
	history interval COMMENT 'How long before its id belonged to a person an event counts for it; NULL: however long.'
) OWNED DUMPED
	'Tables and views that add_source registered as streams of events. A role sees its own and those granted to it.';
-- the number is the sequence's: who could choose one could take that of something dropped
GRANT SELECT, INSERT (name, owner, readers, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description, identity, id_type, history),
	UPDATE (name, owner, readers, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description, identity, id_type, history), DELETE ON sources TO PUBLIC;
GRANT INSERT ON sources TO pg_database_owner;

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

-- The persons of a source.
FUNCTION journey_internal.source_space(name text, identity text, id_type text, history interval) -> bigint LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of add_source: the number of an identity space that has ids of this type. Raises an error unless you may read it.'
AS $$
DECLARE
	space @extschema@.identity_spaces;
BEGIN
	IF identity IS NULL THEN
		IF id_type IS NOT NULL OR history IS NOT NULL THEN
			RAISE EXCEPTION 'source "%" has % and no identity', name, CASE WHEN id_type IS NOT NULL THEN 'an id_type' ELSE 'a history' END
				USING ERRCODE = 'invalid_parameter_value', HINT = 'identity names the identity space whose ids user_id has.';
		END IF;
		RETURN NULL;
	ELSIF id_type IS NULL THEN
		RAISE EXCEPTION 'source "%" has an identity and no id_type', name USING ERRCODE = 'null_value_not_allowed', HINT = 'id_type is the type of the ids in user_id, such as ''device''.';
	ELSIF history < interval '0' THEN
		RAISE EXCEPTION 'history of source "%" is %', name, history USING ERRCODE = 'invalid_parameter_value', HINT = 'Write an interval of 0 or more, or NULL for any time.';
	END IF;
	space := journey_internal.identity_space_of(identity);
	IF NOT EXISTS (SELECT FROM @extschema@.identity_types AS t WHERE t.id = space.id AND t.id_type = source_space.id_type) THEN
		RAISE EXCEPTION 'identity space "%" has no ids of type "%"', identity, id_type
			USING ERRCODE = 'undefined_object', HINT = format('It has: %s.', (SELECT string_agg(t.id_type, ', ' ORDER BY t.priority, t.id_type) FROM @extschema@.identity_types AS t WHERE t.id = space.id));
	END IF;
	RETURN space.id;
END $$;

FUNCTION journey_internal.source_space_name(source sources) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of alter_source: the name of the identity space of a source; NULL if it has none. Raises an error if it was dropped or you may not read it.'
AS $$
DECLARE
	found text;
BEGIN
	SELECT s.name INTO found FROM @extschema@.identity_spaces AS s WHERE s.id = source.identity;
	IF found IS NULL AND source.identity IS NOT NULL THEN
		RAISE EXCEPTION 'source "%": its identity space was dropped, or you may no longer read it', source.name
			USING ERRCODE = 'undefined_object', HINT = 'Name another: alter_source(name, identity => ''...''), or none: identity => ''''.';
	END IF;
	RETURN found;
END $$;

FUNCTION journey_internal.do_store_source(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, description text, mode text, identity text, id_type text, history interval, analyzed record) -> void LANGUAGE plpgsql
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
	space CONSTANT bigint := journey_internal.source_space(name, identity, id_type, history);
BEGIN
	FOR i IN 1 .. cardinality(analyzed.columns) LOOP
		type := analyzed.types[i]::regtype;
		wanted := NULL;
		CASE
			WHEN i = 1 AND space IS NOT NULL THEN wanted := '{smallint,integer,bigint,text,"character varying",character,name,uuid,numeric}'; expected := 'text';
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
					HINT = CASE WHEN i = 1 AND space IS NULL THEN 'Users are numbered by smallint, integer or bigint. An identity space gives numbers to other ids: see identity and id_type of add_source.'
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
				-- 1.0 is the id 1, as in an identity space
				WHEN i = 1 AND type = 'numeric'::regtype THEN 'pg_catalog.trim_scale(s.user_id)::pg_catalog.text AS user_id'
				ELSE format('s.%I::pg_catalog.%s AS %1$I', analyzed.columns[i], replace(expected, 'bigint', 'int8')) END;
	END LOOP;
	new_query := format('SELECT %s FROM (%s) AS s', list, analyzed.query);
	IF mode = 'create' THEN
		INSERT INTO @extschema@.sources (name, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description, identity, id_type, history)
		VALUES (name, relation, user_id, at, event, attrs, value, new_query, journey_internal.query_relation(analyzed.query, relation), new_attributes, description, space, id_type, history);
	ELSE
		old := journey_internal.own_source(name);
		UPDATE @extschema@.sources AS s SET relation = journey_internal.table_ref(do_store_source.relation), user_id = do_store_source.user_id, at = do_store_source.at, event = do_store_source.event, attrs = do_store_source.attrs, value = do_store_source.value,
			query = new_query, query_relation = journey_internal.query_relation(analyzed.query, do_store_source.relation), attributes = new_attributes, description = do_store_source.description,
			identity = space, id_type = do_store_source.id_type, history = do_store_source.history
		WHERE s.id = old.id;
	END IF;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a source named "%" exists already', name
		USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role. With replace => true, one of your own is replaced.';
END $$;
FUNCTION journey_internal.store_source(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, description text, mode text, identity text, id_type text, history interval, analyzed record) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
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
		event text DEFAULT 'event', attrs jsonb DEFAULT NULL, value text DEFAULT NULL, description text DEFAULT NULL, replace boolean DEFAULT false,
		identity text DEFAULT NULL, id_type text DEFAULT NULL, history interval DEFAULT NULL) -> void LANGUAGE sql UNSET search_path
	'Registers a table or view as a stream of events; nothing is copied. user_id, at, event and value are columns or expressions over it: an integer, a time, a text and a number. Times without a time zone are converted in the current TimeZone. attrs: an object of attribute names and expressions, or a string with an expression of type jsonb. The source belongs to the current role. replace: if you own a source of this name, it is replaced; its grants, and what uses it, are kept. identity: an identity space that you may read; then user_id is an id of type id_type in it, an integer, a text or a uuid, and each event counts for the person of this id. history: how long before the id belonged to a person (such as before log-in) events count for that person; NULL: however long.'
	AS $$ SELECT journey_internal.store_source($1, $2, $3, $4, $5, $6, $7, $8, journey_internal.source_mode($1, $9), $10, $11, $12,
		journey_internal.analyze_query(journey_internal.source_select($1, $2, $3, $4, $5, $6, $7), pg_catalog.concat('source "'::pg_catalog.text, $1, '"'::pg_catalog.text))) $$;

FUNCTION journey_internal.do_source_with(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, identity text, id_type text, history interval)
	-> TABLE (new_relation regclass, new_user_id text, new_at text, new_event text, new_attrs jsonb, new_value text, description text, new_identity text, new_id_type text, new_history interval) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of source_with, which calls it: what that does.'
AS $$
DECLARE
	old @extschema@.sources := journey_internal.own_source(name);
BEGIN
	IF relation IS NULL AND old.relation::oid = 0 THEN
		RAISE EXCEPTION 'source "%": relation % does not exist', name, format('"%s"', substr(old.relation::text, 2))
			USING ERRCODE = 'undefined_table', HINT = 'Name another: alter_source(name, relation => ''...'').';
	END IF;
	RETURN QUERY SELECT coalesce(relation, journey_internal.regclass(old.relation)), coalesce(user_id, old.user_id), coalesce(at, old.at), coalesce(event, old.event), nullif(coalesce(attrs, old.attrs), '{}'), nullif(coalesce(value, old.value), ''), old.description,
		coalesce(nullif(identity, ''), CASE WHEN identity IS NULL THEN journey_internal.source_space_name(old) END), CASE WHEN identity IS DISTINCT FROM '' THEN coalesce(id_type, old.id_type) END, CASE WHEN identity IS DISTINCT FROM '' THEN coalesce(history, old.history) END;
END $$;
FUNCTION journey_internal.source_with(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, identity text, id_type text, history interval)
	-> TABLE (new_relation regclass, new_user_id text, new_at text, new_event text, new_attrs jsonb, new_value text, description text, new_identity text, new_id_type text, new_history interval) CALLS short_context STABLE PARALLEL SAFE
	'Support function of alter_source: what a source is, but for what is given.';

FUNCTION alter_source(name text, relation regclass DEFAULT NULL, user_id text DEFAULT NULL, at text DEFAULT NULL,
		event text DEFAULT NULL, attrs jsonb DEFAULT NULL, value text DEFAULT NULL, identity text DEFAULT NULL, id_type text DEFAULT NULL, history interval DEFAULT NULL) -> void LANGUAGE sql UNSET search_path
	'Changes a source of yours: arguments that are NULL leave it unchanged. All its expressions are resolved again, as by add_source. attrs => ''{}'', value => '''' and identity => '''' remove them.'
	AS $$ SELECT journey_internal.store_source($1, s.new_relation, s.new_user_id, s.new_at, s.new_event, s.new_attrs, s.new_value, s.description, 'replace'::pg_catalog.text, s.new_identity, s.new_id_type, s.new_history,
			journey_internal.analyze_query(journey_internal.source_select($1, s.new_relation, s.new_user_id, s.new_at, s.new_event, s.new_attrs, s.new_value), pg_catalog.concat('source "'::pg_catalog.text, $1, '"'::pg_catalog.text)))
		FROM journey_internal.source_with($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS s $$;

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

-- The query of a source that `reader` may use, as it is registered.
FUNCTION journey_internal.registered_query(id bigint, reader regrole) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The SELECT of a source, whose user_id is an id of an identity space if it has one. Raises an error unless it exists and role reader may use it.'
AS $$
DECLARE
	source @extschema@.sources;
BEGIN
	SELECT * INTO source FROM @extschema@.sources AS s WHERE s.id = registered_query.id;
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

-- Persons instead of ids, if the source has an identity space.
FUNCTION journey_internal.source_query(id bigint, reader regrole) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The SELECT of a source. Raises an error unless it exists and role reader may use it, and may read its identity space.'
AS $$
DECLARE
	registered CONSTANT text := journey_internal.registered_query(id, reader);
	source @extschema@.sources;
	space @extschema@.identity_spaces;
	who oid;
BEGIN
	SELECT * INTO source FROM @extschema@.sources AS s WHERE s.id = source_query.id;
	IF source.identity IS NULL THEN
		RETURN registered;
	END IF;
	SELECT * INTO space FROM @extschema@.identity_spaces AS s WHERE s.id = source.identity;
	-- as with its tables: both the user of the source and its owner
	FOREACH who IN ARRAY ARRAY[reader::oid, source.owner::oid] LOOP
		IF space.id IS NULL OR NOT journey_internal.may_use(who, space.owner, space.readers) THEN
			RAISE EXCEPTION 'source "%": role % may not read its identity space%', source.name, who::regrole, ' "' || space.name || '"'
				USING ERRCODE = 'insufficient_privilege', HINT = 'grant_identity_space lets it. If the space was dropped, alter_source names another.';
		END IF;
	END LOOP;
	RETURN format('SELECT journey_internal.identify_event(%L::pg_catalog.int8, %L::pg_catalog.text, i.user_id, i.at, %L::pg_catalog.interval) AS user_id, i.at, i.event, i.value%s FROM (%s) AS i',
		source.identity, source.id_type, source.history,
		CASE jsonb_typeof(source.attrs) WHEN 'string' THEN ', i.attrs' WHEN 'object' THEN (SELECT string_agg(format(', i.%I', 'attr_' || k), '' ORDER BY k) FROM jsonb_object_keys(source.attributes) AS k) END, registered);
END $$;

-- Whoever uses a source reads with rights of their own, so it may read no more than its owner could.
FUNCTION journey_internal.usable_query(id bigint, reader regrole) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The SELECT of a source, as source_query returns it. Raises an error if it reads what the owner of the source may not read.'
AS $$
DECLARE
	source @extschema@.sources;
BEGIN
	SELECT * INTO source FROM @extschema@.sources AS s WHERE s.id = usable_query.id;
	IF source.owner::oid <> reader::oid THEN
		PERFORM journey_internal.check_reads(journey_internal.registered_query(id, reader), source.owner::oid, format('source "%s"', source.name));
	END IF;
	RETURN journey_internal.source_query(id, reader);
END $$;

-- Numbers of persons mean something in one space only.
FUNCTION journey_internal.check_same_persons(ids bigint[]) -> void LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Raises an error unless the users of these sources are persons of one identity space, or of none.'
AS $$
DECLARE
	first record;
	other text;
BEGIN
	SELECT s.name, s.identity INTO first FROM @extschema@.sources AS s WHERE s.id = ANY (ids) ORDER BY s.name LIMIT 1;
	SELECT s.name INTO other FROM @extschema@.sources AS s WHERE s.id = ANY (ids) AND s.identity IS DISTINCT FROM first.identity ORDER BY s.name LIMIT 1;
	IF other IS NOT NULL THEN
		RAISE EXCEPTION 'the sources "%" and "%" number their users differently', first.name, other
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Give both the same identity space: alter_source(name, identity => ''...'', id_type => ''...'').';
	END IF;
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
	PERFORM journey_internal.check_same_persons(ids);
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
