-- catalog: definitions of segments and tags by name and number, what they use, how they are stored,
-- and what computes them.

-- ---- reading --------------------------------------------------------------------------

-- The definition of this name and kind that the caller may see, or an error.
FUNCTION journey_internal.definition_of(name text, kind text) -> definitions LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The segment or tag of this name (kind NULL: either). Raises an error unless it exists and you may read it.'
AS $$
DECLARE
	found @extschema@.definitions;
BEGIN
	SELECT * INTO found FROM @extschema@.definitions AS d WHERE d.name = definition_of.name;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'there is no % "%" that you may read', coalesce(kind, 'segment or tag'), name
			USING ERRCODE = 'undefined_object', HINT = CASE WHEN kind = 'report' THEN 'The view reports lists those that you may.' ELSE 'The views segments, tags and plans list those that you may.' END;
	ELSIF found.kind <> kind THEN
		RAISE EXCEPTION '"%" is a %, not a %', name, found.kind, kind USING ERRCODE = 'wrong_object_type';
	END IF;
	RETURN found;
END $$;

-- The same, for somebody who wants to change it.
FUNCTION journey_internal.own_definition(name text, kind text) -> definitions LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The segment or tag of this name. Raises an error unless you have the rights of its owner.'
AS $$
DECLARE
	found @extschema@.definitions := journey_internal.definition_of(name, kind);
BEGIN
	IF NOT journey_internal.owns(found.owner) THEN
		RAISE EXCEPTION '% "%" belongs to %', found.kind, name, found.owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner and members of that role may change or refresh it.';
	END IF;
	RETURN found;
END $$;

-- What is computed goes by number: a name may mean something else by then.
FUNCTION journey_internal.definition_by_id(id bigint) -> definitions LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The segment or tag of this number. Raises an error unless it exists and you may read it.'
AS $$
DECLARE
	found @extschema@.definitions;
BEGIN
	SELECT * INTO found FROM @extschema@.definitions AS d WHERE d.id = definition_by_id.id;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'segment or tag number % was dropped, or you may no longer read it', id USING ERRCODE = 'undefined_object';
	END IF;
	RETURN found;
END $$;

FUNCTION journey_internal.used_names(of_id bigint) -> text[] LANGUAGE sql STABLE PARALLEL SAFE
	'Current names of the segments and tags that a definition uses. For those that are not visible, the names in the definition.'
	AS $$ SELECT ARRAY(SELECT coalesce(d.name, u.name) FROM @extschema@.definition_uses AS u LEFT JOIN @extschema@.definitions AS d ON d.id = u.used WHERE u.id = of_id ORDER BY 1) $$;

FUNCTION journey_internal.source_names(of_id bigint) -> text[] LANGUAGE sql STABLE PARALLEL SAFE
	'Current names of the sources that a rule reads. For those that you cannot see, the names in the rule.'
	AS $$ SELECT ARRAY(SELECT coalesce(s.name, u.name) FROM @extschema@.definition_sources AS u LEFT JOIN @extschema@.sources AS s ON s.id = u.source WHERE u.id = of_id ORDER BY 1) $$;

-- The sources of a definition, in the order of their names in it.
FUNCTION journey_internal.definition_sources(of_id bigint) -> bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The sources that a rule reads. Raises an error if one was dropped.'
AS $$
DECLARE
	missing text;
BEGIN
	SELECT u.name INTO missing FROM @extschema@.definition_sources AS u WHERE u.id = of_id AND u.source IS NULL LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'the source "%" was dropped', missing USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
	RETURN ARRAY(SELECT u.source FROM @extschema@.definition_sources AS u WHERE u.id = of_id ORDER BY u.name);
END $$;

FUNCTION journey_internal.uses_of(of_id bigint) -> jsonb LANGUAGE sql STABLE PARALLEL SAFE
	'Support function of rules: the numbers of the segments and tags that a definition uses, as a JSON object by name.'
	AS $$ SELECT coalesce(jsonb_object_agg(u.name, u.used), '{}') FROM @extschema@.definition_uses AS u WHERE u.id = of_id $$;

-- ---- storing --------------------------------------------------------------------------

FUNCTION journey_internal.default_keep_versions() -> int STABLE PARALLEL SAFE
	'The setting journey.keep_versions; NULL if it is 0, which keeps all.';

FUNCTION journey_internal.default_keep_for() -> interval STABLE PARALLEL SAFE
	'The setting journey.keep_for; NULL if it is empty, which keeps all.';

FUNCTION journey_internal.creation_mode(name text, replace boolean) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of create_segment and create_tag: replace, if that is wanted and there is something of this name that you may read; else create.'
AS $$
BEGIN
	IF replace IS NULL THEN
		RAISE EXCEPTION 'replace must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	RETURN CASE WHEN replace AND EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.name = creation_mode.name) THEN 'replace' ELSE 'create' END;
END $$;

-- Which segments and tags does a query name? It is one that analyze_query has written, where a
-- literal stands in one form only, however it was spelt.
FUNCTION journey_internal.names_used(query text) -> text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Names of the segments and tags that a stored definition in SQL reads with segment(''...''), tag_users(''...'') and the other functions that take a name.'
	AS $$ SELECT ARRAY(SELECT DISTINCT replace(name, '''''', '''')
		FROM regexp_matches(query, '\m@extschema@\.(segment|segment_diff|segment_trend|tag_users|tag_users_where|tag_users_between|tag_numset|tag_summary|tag_stats|tag_histogram|tag_cross)\((?:as_of => (?:[^''(),]|''[^'']*''|\((?:[^()]|\(\))*\))+, )?(?:name(?:_a)? => )?''((?:[^'']|'''')+)''::text(?:, (?:name_b => )?''((?:[^'']|'''')+)''::text)?', 'g') AS m,
			unnest(CASE m[1] WHEN 'tag_cross' THEN m[2:3] ELSE m[2:2] END) AS name
		WHERE name IS NOT NULL ORDER BY 1) $$;

-- What names of segments and tags mean to the caller.
FUNCTION journey_internal.used_ids(name text, names text[]) -> bigint[] LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The segments and tags of these names, which the definition of the first name uses. Raises an error unless each exists and you may read it.'
AS $$
DECLARE
	missing text;
BEGIN
	SELECT n INTO missing FROM unnest(names) AS n WHERE NOT EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.name = n);
	IF missing = name THEN
		RAISE EXCEPTION '"%" would depend on itself', name USING ERRCODE = 'invalid_recursion';
	ELSIF missing IS NOT NULL THEN
		RAISE EXCEPTION '"%" uses "%", which is no segment or tag that you may read', name, missing
			USING ERRCODE = 'undefined_object', HINT = 'Create it first, or have its owner grant it to you.';
	END IF;
	RETURN ARRAY(SELECT d.id FROM unnest(names) WITH ORDINALITY AS n(name, place) JOIN @extschema@.definitions AS d ON d.name = n.name ORDER BY n.place);
END $$;

-- Looks at each definition once, however many ways lead to it.
FUNCTION journey_internal.refuse_cycle(id bigint, uses bigint[]) -> void LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Raises an error if a definition would use itself through others.'
AS $$
DECLARE
	seen bigint[] := uses;
	user_of bigint[] := array_fill(id, ARRAY[cardinality(uses)]);
	at int := 0;
	frontier bigint[] := uses;
	step record;
	path bigint[] := ARRAY[id];
BEGIN
	WHILE cardinality(frontier) > 0 AND id <> ALL (seen) LOOP
		SELECT coalesce(array_agg(n.used), '{}') AS used, coalesce(array_agg(n.id), '{}') AS ids INTO step
		FROM (SELECT DISTINCT ON (u.used) u.used, u.id FROM @extschema@.definition_uses AS u
			WHERE u.id = ANY (frontier) AND u.used <> ALL (seen) ORDER BY u.used, u.id) AS n;
		seen := seen || step.used;
		user_of := user_of || step.ids;
		frontier := step.used;
	END LOOP;
	IF id = ANY (seen) THEN
		LOOP
			path := user_of[array_position(seen, path[1])] || path;
			EXIT WHEN path[1] = id;
		END LOOP;
		RAISE EXCEPTION '"%" would depend on itself: %', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = refuse_cycle.id),
			(SELECT string_agg(d.name, ' -> ' ORDER BY p.place) FROM unnest(path) WITH ORDINALITY AS p(id, place) JOIN @extschema@.definitions AS d ON d.id = p.id)
			USING ERRCODE = 'invalid_recursion', HINT = 'Which must be refreshed first? Take one of these out.';
	END IF;
END $$;

-- Store a checked definition. mode: create a new one; replace an old one with all that it says; or
-- alter how an old one is defined, and nothing else.
FUNCTION journey_internal.store_definition(new_definition definitions, sources text[], uses text[], mode text) -> bigint LANGUAGE plpgsql
	'Support function of create_segment, create_tag, alter_segment and alter_tag: stores a definition and the numbers of what it uses. Returns the number of the definition.'
AS $$
DECLARE
	new ALIAS FOR new_definition;
	source_ids CONSTANT bigint[] := journey_internal.source_ids(sources, journey_internal.caller()::regrole);
	used_ids bigint[];
	old @extschema@.definitions;
BEGIN
	PERFORM journey_internal.check_name(new.name, new.kind);
	IF new.keep_for <= interval '0' OR new.keep_versions <= 0 THEN
		RAISE EXCEPTION 'keep_for and keep_versions must be more than nothing' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'NULL keeps all versions.';
	END IF;
	-- one at a time, or two could make a cycle together
	PERFORM pg_advisory_xact_lock(journey_internal.lock_space(), 0);
	used_ids := journey_internal.used_ids(new.name, uses);
	IF mode <> 'create' THEN
		old := journey_internal.own_definition(new.name, new.kind);
		PERFORM journey_internal.refuse_cycle(old.id, used_ids);
		UPDATE @extschema@.definitions AS d SET method = new.method, definition = new.definition, query = new.query, time_zone = current_setting('TimeZone'), scale = new.scale, changed_at = now(),
			keep_for = CASE mode WHEN 'alter' THEN d.keep_for ELSE new.keep_for END, keep_versions = CASE mode WHEN 'alter' THEN d.keep_versions ELSE new.keep_versions END,
			description = CASE mode WHEN 'alter' THEN d.description ELSE new.description END
		WHERE d.id = old.id RETURNING d.id INTO new.id;
		IF new.id IS NULL THEN
			RAISE EXCEPTION '"%" was dropped at this moment', new.name USING ERRCODE = 'undefined_object';
		END IF;
		DELETE FROM @extschema@.definition_uses AS u WHERE u.id = new.id;
		DELETE FROM @extschema@.definition_sources AS u WHERE u.id = new.id;
	ELSE
		INSERT INTO @extschema@.definitions AS d (name, kind, method, definition, query, scale, keep_for, keep_versions, description)
		VALUES (new.name, new.kind, new.method, new.definition, new.query, new.scale, new.keep_for, new.keep_versions, new.description)
		RETURNING d.id INTO new.id;
	END IF;
	INSERT INTO @extschema@.definition_uses (id, name, used) SELECT new.id, u.name, u.used FROM unnest(uses, used_ids) AS u(name, used);
	INSERT INTO @extschema@.definition_sources (id, name, source) SELECT new.id, u.name, u.source FROM unnest(sources, source_ids) AS u(name, source);
	RETURN new.id;
EXCEPTION WHEN foreign_key_violation THEN
	RAISE EXCEPTION 'something that "%" uses, or that itself, was dropped at this moment', new.name USING ERRCODE = 'undefined_object';
WHEN unique_violation THEN
	RAISE EXCEPTION '% named "%" exists already', CASE WHEN new.kind = 'report' THEN 'a segment, tag or report' ELSE 'a segment or tag' END, new.name
		USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role. With replace => true, one of your own is replaced.';
END $$;

-- Of SQL, what is written as a literal is looked up by name when it runs: it must be what it was.
FUNCTION journey_internal.check_uses(of_id bigint) -> void LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Raises an error unless all names of segments and tags in a definition in SQL still refer to the same objects as when it was written.'
AS $$
DECLARE
	changed text;
BEGIN
	SELECT u.name INTO changed FROM @extschema@.definition_uses AS u JOIN @extschema@.definitions AS one ON one.id = u.id
		LEFT JOIN @extschema@.definitions AS d ON d.name = u.name
	WHERE u.id = of_id AND (u.used IS NULL OR d.id IS DISTINCT FROM u.used AND u.name = ANY (journey_internal.names_used(one.query))) ORDER BY u.name LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'what was called "%" was dropped or renamed, or may no longer be read', changed USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
END $$;

FUNCTION journey_internal.is_rule(definition text) -> boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Whether a definition is a rule; otherwise it is a SELECT.'
	AS $$ SELECT definition ~ '^\s*\{' $$;

-- ---- what computes them -----------------------------------------------------------------

-- Definitions in JSON as one SELECT, by the functions that their methods name.
FUNCTION journey_internal.compile_definitions(those definitions[], sources bigint[], uses jsonb[], as_of timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Definitions in JSON of one owner, with their sources and the numbers of what each uses, as one SELECT: id, value, members; for a numeric tag: id, NULL, numbers.'
AS $$
DECLARE
	how @extschema@.methods;
	rule jsonb;
	result text;
BEGIN
	FOR i IN 1 .. cardinality(those) LOOP
		IF how.method IS NULL OR how.method <> those[i].method OR how.kind <> those[i].kind THEN
			SELECT * INTO how FROM @extschema@.methods AS m WHERE m.kind = those[i].kind AND m.method = those[i].method;
			IF how.query_function IS NULL THEN
				RAISE EXCEPTION '"%" cannot be computed: it is a % by "%"', those[i].name, those[i].kind, those[i].method USING ERRCODE = 'object_not_in_prerequisite_state';
			END IF;
		END IF;
		IF how.rule_function IS NOT NULL THEN
			EXECUTE format('SELECT %s($1)', how.rule_function) INTO rule USING those[i].definition::jsonb;
			those[i].definition := rule::text;
		END IF;
	END LOOP;
	EXECUTE format('SELECT %s($1, $2, $3, $4)', how.query_function) INTO result USING those, sources, uses, as_of;
	RETURN result;
END $$;

-- What computes a definition, or several of one owner over the same sources.
FUNCTION journey_internal.do_refresh_query(ids bigint[], as_of timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of refresh_query, which calls it: what that does.'
AS $$
DECLARE
	first @extschema@.definitions := journey_internal.definition_by_id(ids[1]);
	one record;
	how text;
	sources bigint[];
	those @extschema@.definitions[] := '{}';
	uses jsonb[] := '{}';
BEGIN
	IF first.query IS NOT NULL THEN
		PERFORM journey_internal.check_uses(first.id);
		RETURN format('SELECT %s::pg_catalog.int8, q.* FROM (%s) AS q', first.id, first.query);
	END IF;
	FOR one IN SELECT d AS definition, d.name, d.owner, coalesce(m.query_function, '') AS how, journey_internal.definition_sources(d.id) AS sources, journey_internal.uses_of(d.id) AS uses
		FROM @extschema@.definitions AS d LEFT JOIN @extschema@.methods AS m ON m.kind = d.kind AND m.method = d.method WHERE d.id = ANY (ids) ORDER BY d.name
	LOOP
		how := coalesce(how, one.how);
		sources := coalesce(sources, one.sources);
		IF one.owner OPERATOR(@extschema@.<>) first.owner OR one.sources <> sources OR one.how <> how THEN
			RAISE EXCEPTION '"%" was changed meanwhile', one.name USING ERRCODE = 'object_not_in_prerequisite_state';
		END IF;
		those := those || one.definition;
		uses := uses || one.uses;
	END LOOP;
	RETURN journey_internal.compile_definitions(those, sources, uses, as_of);
END $$;
FUNCTION journey_internal.refresh_query(ids bigint[], as_of timestamptz) -> text CALLS short_context STABLE PARALLEL UNSAFE
	'The SELECT that computes these segments or tags: id, value, members; for a numeric tag: id, rows, numbers.';
