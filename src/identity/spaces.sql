-- identity: spaces of ids, what links them, and the rules of who can be one person.

TABLE identity_spaces (
	id bigint PRIMARY KEY DEFAULT nextval('@extschema@.ids') COMMENT 'The number to which sources and all tables of identities refer; never reused.',
	name text NOT NULL UNIQUE,
	owner role_ref NOT NULL DEFAULT journey_internal.caller() COMMENT 'The role with whose rights links are read.',
	readers role_ref[] NOT NULL DEFAULT '{}' COMMENT 'Roles, besides the owner, that may read identities.',
	as_of timestamptz CHECK (isfinite(as_of)) COMMENT 'The time of the last refresh; NULL if there was none.',
	computed_at timestamptz COMMENT 'When that was computed.',
	ids bigint NOT NULL DEFAULT 0 CHECK (ids >= 0) COMMENT 'The number of known ids, and the greatest number of one.',
	customers bigint NOT NULL DEFAULT 0 CHECK (customers >= 0) COMMENT 'The number of persons.',
	rules_changed boolean NOT NULL DEFAULT false COMMENT 'Whether the next refresh must look at all ids again.',
	created_at timestamptz NOT NULL DEFAULT now(),
	description text COMMENT 'What its owner says of it.'
) OWNED DUMPED
	'Identity spaces: whose ids are linked. A role sees its own and those granted to it.';
GRANT SELECT, INSERT (name, owner, readers, as_of, computed_at, ids, customers, rules_changed, created_at, description),
	UPDATE (name, owner, readers, as_of, computed_at, ids, customers, rules_changed, created_at, description), DELETE ON identity_spaces TO PUBLIC;
GRANT INSERT ON identity_spaces TO pg_database_owner;

TABLE identity_types (
	id bigint REFERENCES identity_spaces ON DELETE CASCADE,
	id_type text,
	priority int NOT NULL COMMENT 'The strongest type has the least.',
	most bigint CHECK (most > 0) COMMENT 'How many ids of this type a person has at most; NULL: any number.',
	PRIMARY KEY (id, id_type)
) OF IDENTITY_SPACES UPDATED DUMPED
	'The types of ids of each identity space. Visible to readers of the space.';

TABLE identity_relations (
	id bigint REFERENCES identity_spaces ON DELETE CASCADE,
	number int COMMENT 'Counts the relations of a space from 1.',
	relation table_ref NOT NULL,
	id_type_a text NOT NULL,
	id_a text NOT NULL,
	id_type_b text,
	id_b text,
	at text NOT NULL,
	until text,
	query text NOT NULL COMMENT 'The links as a SELECT with all names qualified, as it was registered.',
	query_relation text COMMENT 'The name of the relation in query, which is replaced by its current name. NULL: it cannot be replaced.',
	PRIMARY KEY (id, number)
) OF IDENTITY_SPACES UPDATED DUMPED
	'Tables and views with links of ids, as add_identity_links registered them. Visible to readers of the space.';

TABLE identity_ids (
	id bigint REFERENCES identity_spaces ON DELETE CASCADE,
	number bigint COMMENT 'The number of the id in its space, which never changes.',
	id_type text NOT NULL,
	value text NOT NULL,
	first_at timestamptz NOT NULL COMMENT 'The first time of a link of it, when it was first seen.',
	component bigint NOT NULL COMMENT 'The least number of the ids to which links lead from it, whatever rules say.',
	PRIMARY KEY (id, number),
	UNIQUE (id, id_type, value)
) OF IDENTITY_SPACES UPDATED DUMPED
	'The ids of each identity space. Visible to readers of the space.';
CREATE INDEX ON identity_ids (id, component);

TABLE identity_members (
	id bigint REFERENCES identity_spaces ON DELETE CASCADE,
	number bigint COMMENT 'Of the id.',
	user_id bigint NOT NULL COMMENT 'The number of the person: that of its strongest id.',
	since timestamptz,
	until timestamptz NOT NULL DEFAULT 'infinity' COMMENT 'Infinity: it belongs to this person now.',
	PRIMARY KEY (id, number, since)
) OF IDENTITY_SPACES UPDATED DUMPED
	'Which id belongs to which person, from when until when. Visible to readers of the space.';
CREATE INDEX ON identity_members (id, user_id);

TABLE identity_links (
	id bigint REFERENCES identity_spaces ON DELETE CASCADE,
	relation int COMMENT 'The number of the relation that has it.',
	a bigint,
	b bigint,
	at timestamptz,
	PRIMARY KEY (id, a, b, relation, at)
) OF IDENTITY_SPACES UPDATED DUMPED
	'The links that held at the last refresh, by the numbers of ids. Visible to readers of the space.';
CREATE INDEX ON identity_links (id, b);

TABLE identity_conflict_links (
	id bigint REFERENCES identity_spaces ON DELETE CASCADE,
	a bigint COMMENT 'The number of the stronger id.',
	b bigint COMMENT 'The number of the weaker id.',
	at timestamptz NOT NULL,
	id_type text NOT NULL COMMENT 'The type whose rule would be broken.',
	kind text NOT NULL CHECK (kind IN ('exceeds', 'shared')),
	component bigint NOT NULL,
	PRIMARY KEY (id, a, b)
) OF IDENTITY_SPACES UPDATED DUMPED
	'Links that join nobody, because of a rule. Visible to readers of the space.';
CREATE INDEX ON identity_conflict_links (id, component);

-- ---- spaces ---------------------------------------------------------------------------

FUNCTION journey_internal.identity_space_of(name text) -> identity_spaces LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The identity space of this name. Raises an error unless it exists and you may read it.'
AS $$
DECLARE
	found @extschema@.identity_spaces;
BEGIN
	SELECT * INTO found FROM @extschema@.identity_spaces AS s WHERE s.name = identity_space_of.name;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'there is no identity space "%" that you may read', name
			USING ERRCODE = 'undefined_object', HINT = 'create_identity_space makes one. The table identity_spaces lists those that you may read.';
	END IF;
	RETURN found;
END $$;

FUNCTION journey_internal.own_identity_space(name text) -> identity_spaces LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The identity space of this name. Raises an error unless you have the rights of its owner.'
AS $$
DECLARE
	found @extschema@.identity_spaces := journey_internal.identity_space_of(name);
BEGIN
	IF NOT journey_internal.owns(found.owner) THEN
		RAISE EXCEPTION 'identity space "%" belongs to %', name, found.owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner and members of that role may change or refresh it.';
	END IF;
	RETURN found;
END $$;

FUNCTION create_identity_space(name text, id_types text[] DEFAULT '{}', description text DEFAULT NULL) -> void LANGUAGE plpgsql
	'Creates an identity space that belongs to the current role: ids of persons, and links between them. id_types: types of ids, the strongest first, such as {customer,openid,device}. A person has the number of its strongest id, of equally strong ones that which was first known. A type that only add_identity_links names is stronger than all before if it is id_type_b, else weaker.'
AS $$
DECLARE
	new_id bigint;
	one text;
BEGIN
	PERFORM journey_internal.check_name(name, 'identity space'::text);
	INSERT INTO @extschema@.identity_spaces AS s (name, description) VALUES (create_identity_space.name, create_identity_space.description) RETURNING s.id INTO new_id;
	FOREACH one IN ARRAY coalesce(id_types, '{}') LOOP
		PERFORM journey_internal.check_name(one, 'type of ids'::text);
	END LOOP;
	INSERT INTO @extschema@.identity_types (id, id_type, priority) SELECT new_id, t.id_type, t.place FROM unnest(id_types) WITH ORDINALITY AS t(id_type, place);
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION '%', CASE WHEN new_id IS NULL THEN format('an identity space named "%s" exists already', name) ELSE format('id_types names a type twice: %s', id_types) END
		USING ERRCODE = 'duplicate_object', HINT = CASE WHEN new_id IS NULL THEN 'It may belong to another role.' ELSE 'Name each type once, the strongest first.' END;
END $$;

FUNCTION drop_identity_space(name text) -> void LANGUAGE plpgsql
	'Drops an identity space of yours with its ids. Sources that use it cannot be read until alter_source gives them another.'
AS $$
DECLARE
	one @extschema@.identity_spaces := journey_internal.own_identity_space(name);
BEGIN
	DELETE FROM @extschema@.identity_spaces AS s WHERE s.id = one.id;
END $$;

FUNCTION grant_identity_space(name text, role text) -> void LANGUAGE plpgsql
	'Lets a role (or public) read an identity space of yours: its ids, links, persons and conflicts.'
AS $$
DECLARE
	one @extschema@.identity_spaces := journey_internal.own_identity_space(name);
	reader @extschema@.role_ref := journey_internal.role_of(role);
BEGIN
	UPDATE @extschema@.identity_spaces AS s SET readers = array_append(array_remove(s.readers, reader), reader) WHERE s.id = one.id;
END $$;

FUNCTION revoke_identity_space(name text, role text) -> void LANGUAGE plpgsql
	'Revokes what grant_identity_space granted.'
AS $$
DECLARE
	one @extschema@.identity_spaces := journey_internal.own_identity_space(name);
BEGIN
	UPDATE @extschema@.identity_spaces AS s SET readers = journey_internal.readers_without(s.readers, role) WHERE s.id = one.id;
END $$;

FUNCTION set_identity_space_owner(name text, role text) -> void LANGUAGE plpgsql
	'Gives an identity space of yours to another role, of which you must be a member. Refreshes then use that role''s rights. Also accepts a space that was restored for you: check its relations first.'
AS $$
DECLARE
	one @extschema@.identity_spaces := journey_internal.identity_space_of(name);
	new_owner CONSTANT @extschema@.role_ref := journey_internal.role_of(role);
BEGIN
	IF NOT journey_internal.may_accept(one.owner) THEN
		one := journey_internal.own_identity_space(name);
	END IF;
	PERFORM journey_internal.check_new_owner(name, new_owner);
	UPDATE @extschema@.identity_spaces AS s SET owner = new_owner WHERE s.id = one.id;
END $$;

-- ---- rules ----------------------------------------------------------------------------

FUNCTION set_identity_rule(space text, id_type text, most bigint, priority int DEFAULT NULL) -> void LANGUAGE plpgsql
	'Says how many ids of a type a person has at most (NULL: any number), and how strong the type is: the least priority is the strongest (NULL: as before). Links that would break a rule are conflicts, which identity_conflicts lists, and join nobody. Takes effect at the next refresh, which looks at all ids again.'
AS $$
DECLARE
	one @extschema@.identity_spaces := journey_internal.own_identity_space(space);
BEGIN
	PERFORM journey_internal.check_name(id_type, 'type of ids'::text);
	IF most <= 0 THEN
		RAISE EXCEPTION 'most is %', most USING ERRCODE = 'invalid_parameter_value', HINT = 'Write 1 or more, or NULL for any number.';
	END IF;
	INSERT INTO @extschema@.identity_types AS t (id, id_type, most, priority)
	VALUES (one.id, id_type, most, coalesce(priority, (SELECT coalesce(max(o.priority), 0) + 1 FROM @extschema@.identity_types AS o WHERE o.id = one.id)))
	ON CONFLICT ON CONSTRAINT identity_types_pkey DO UPDATE SET most = excluded.most, priority = coalesce(set_identity_rule.priority, t.priority);
	UPDATE @extschema@.identity_spaces AS s SET rules_changed = true WHERE s.id = one.id;
END $$;

-- ---- links ----------------------------------------------------------------------------

FUNCTION journey_internal.do_identity_columns(space text, relation regclass, id_type_a text, id_a text, id_type_b text, id_b text, at text, until text)
	-> TABLE (column_name text, expression text, what text) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of identity_columns, which calls it: what that does.'
AS $$
#variable_conflict use_column
DECLARE
	given record;
BEGIN
	PERFORM journey_internal.own_identity_space(space);
	FOR given IN SELECT * FROM (VALUES ('relation', relation::text), ('id_type_a', id_type_a), ('id_a', id_a), ('at', $7)) AS g(argument, value) WHERE g.value IS NULL LIMIT 1 LOOP
		RAISE EXCEPTION '% must not be NULL', given.argument USING ERRCODE = 'null_value_not_allowed';
	END LOOP;
	IF (id_type_b IS NULL) <> (id_b IS NULL) THEN
		RAISE EXCEPTION 'id_type_b is %, and id_b is %', coalesce(quote_literal(id_type_b), 'NULL'), coalesce(quote_literal(id_b), 'NULL')
			USING ERRCODE = 'null_value_not_allowed', HINT = 'Give both, or neither: then the relation has ids without links.';
	END IF;
	PERFORM journey_internal.check_name(id_type_a, 'type of ids'::text);
	IF id_type_b IS NOT NULL THEN
		PERFORM journey_internal.check_name(id_type_b, 'type of ids'::text);
	END IF;
	RETURN QUERY SELECT g.name, journey_internal.check_expression(g.expression, w.what), w.what
		FROM (VALUES ('id_a', $4), ('id_b', coalesce($6, 'NULL::pg_catalog.text')), ('at', $7), ('until', coalesce($8, 'NULL::pg_catalog.timestamptz'))) AS g(name, expression),
			LATERAL (SELECT format('%s of identity space "%s"', g.name, $1)) AS w(what);
END $$;
FUNCTION journey_internal.identity_columns(space text, relation regclass, id_type_a text, id_a text, id_type_b text, id_b text, at text, until text)
	-> TABLE (column_name text, expression text, what text) CALLS short_context STABLE PARALLEL SAFE
	'Support function of add_identity_links: the columns of the links, an expression for each, and what errors call it.';

-- Names in the expressions are the caller's, resolved by their search_path; so nothing here but
-- pg_catalog. Each is analyzed by itself, so that an error says which it is.
FUNCTION journey_internal.identity_select(space text, relation regclass, id_type_a text, id_a text, id_type_b text, id_b text, at text, until text) -> text LANGUAGE sql UNSET search_path
	'Support function of add_identity_links: the expressions of the links as one SELECT.'
	AS $$ SELECT pg_catalog.concat('SELECT '::pg_catalog.text,
			pg_catalog.string_agg(pg_catalog.concat('('::pg_catalog.text, c.expression, ') AS '::pg_catalog.text, pg_catalog.quote_ident(c.column_name)), ', '::pg_catalog.text ORDER BY c.place),
			' FROM '::pg_catalog.text, journey_internal.table_ref($2))
		FROM journey_internal.identity_columns($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY AS c(column_name, expression, what, place)
		WHERE (journey_internal.analyze_query(pg_catalog.concat('SELECT ('::pg_catalog.text, c.expression, ') FROM '::pg_catalog.text, journey_internal.table_ref($2)), c.what)).query IS NOT NULL $$;

FUNCTION journey_internal.do_store_identity_links(space text, relation regclass, id_type_a text, id_a text, id_type_b text, id_b text, at text, until text, analyzed record) -> void LANGUAGE plpgsql
	'Support function of store_identity_links, which calls it: what that does.'
AS $$
#variable_conflict use_variable
DECLARE
	one @extschema@.identity_spaces := journey_internal.own_identity_space(space);
	list text := '';
	type regtype;
	expected text;
BEGIN
	FOR i IN 1 .. 4 LOOP
		type := journey_internal.base_type(analyzed.types[i]);
		IF i <= 2 AND type::text <> ALL ('{smallint,integer,bigint,text,"character varying",character,name,uuid,numeric}') THEN
			expected := 'an integer, a text or a uuid';
		ELSIF i > 2 AND type::text <> ALL ('{"timestamp with time zone","timestamp without time zone",date}') THEN
			expected := 'a time';
		END IF;
		IF expected IS NOT NULL THEN
			RAISE EXCEPTION 'links of identity space "%": % is of type %', space, analyzed.columns[i], format_type(type, NULL)
				USING ERRCODE = 'datatype_mismatch', HINT = format('Write an expression that is %s.', expected);
		END IF;
		list := concat(list, CASE WHEN i > 1 THEN ', ' END, CASE
			WHEN i <= 2 THEN format(CASE WHEN type = 'numeric'::regtype THEN 'pg_catalog.trim_scale(l.%I)::pg_catalog.text AS %1$I' ELSE 'l.%I::pg_catalog.text AS %1$I' END, analyzed.columns[i])
			-- times without a zone are meant in that of whoever registers them
			WHEN type <> 'timestamptz'::regtype THEN format('pg_catalog.timezone(%L::pg_catalog.text, l.%I::pg_catalog.timestamp) AS %2$I', current_setting('TimeZone'), analyzed.columns[i])
			ELSE format('l.%I', analyzed.columns[i]) END);
	END LOOP;
	-- a new type is stronger than all if it is b, and weaker than all if it is a
	INSERT INTO @extschema@.identity_types AS t (id, id_type, priority)
	SELECT one.id, id_type_b, (SELECT coalesce(min(o.priority), 1) - 1 FROM @extschema@.identity_types AS o WHERE o.id = one.id) WHERE id_type_b IS NOT NULL
	ON CONFLICT ON CONSTRAINT identity_types_pkey DO NOTHING;
	INSERT INTO @extschema@.identity_types AS t (id, id_type, priority)
	SELECT one.id, id_type_a, (SELECT coalesce(max(o.priority), 0) + 1 FROM @extschema@.identity_types AS o WHERE o.id = one.id)
	ON CONFLICT ON CONSTRAINT identity_types_pkey DO NOTHING;
	INSERT INTO @extschema@.identity_relations (id, number, relation, id_type_a, id_a, id_type_b, id_b, at, until, query, query_relation)
	VALUES (one.id, (SELECT coalesce(max(r.number), 0) + 1 FROM @extschema@.identity_relations AS r WHERE r.id = one.id),
		relation, id_type_a, id_a, id_type_b, id_b, at, until, format('SELECT %s FROM (%s) AS l', list, analyzed.query), journey_internal.query_relation(analyzed.query, relation));
END $$;
FUNCTION journey_internal.store_identity_links(space text, relation regclass, id_type_a text, id_a text, id_type_b text, id_b text, at text, until text, analyzed record) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of add_identity_links: checks the types and stores the links.';

FUNCTION add_identity_links(space text, relation regclass, id_type_a text, id_a text, id_type_b text, id_b text, at text DEFAULT 'at', until text DEFAULT NULL) -> void LANGUAGE sql UNSET search_path
	'Registers a table or view whose rows link an id of type id_type_a with one of type id_type_b; nothing is copied before the next refresh. id_a and id_b are columns or expressions over it: integers, texts or uuids. at: the time from which a link holds; until: the time at which it ends, NULL if it still holds. A row with one id that is NULL makes the other known without a link; so does a relation with id_type_b and id_b NULL.'
	AS $$ SELECT journey_internal.store_identity_links($1, $2, $3, $4, $5, $6, $7, $8,
		journey_internal.analyze_query(journey_internal.identity_select($1, $2, $3, $4, $5, $6, $7, $8), pg_catalog.concat('links of identity space "'::pg_catalog.text, $1, '"'::pg_catalog.text))) $$;

FUNCTION drop_identity_links(space text, number int) -> void LANGUAGE plpgsql
	'Removes a relation of links from an identity space of yours: that of this number in identity_relations. The next refresh ends its links.'
AS $$
DECLARE
	one @extschema@.identity_spaces := journey_internal.own_identity_space(space);
BEGIN
	DELETE FROM @extschema@.identity_relations AS r WHERE r.id = one.id AND r.number = drop_identity_links.number;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'identity space "%" has no relation of number %', space, coalesce(number::text, 'NULL') USING ERRCODE = 'undefined_object', HINT = 'The table identity_relations lists them.';
	END IF;
END $$;
