-- tag: named values of users, versioned as segments are.

-- ---- creating and changing ------------------------------------------------------------

FUNCTION journey_internal.do_store_tag(name text, definition text, method text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, scale int, mode text) -> void LANGUAGE plpgsql
	'Support function of store_tag, which calls it: what that does.'
AS $$
#variable_conflict use_variable
DECLARE
	new @extschema@.definitions;
	sources text[] := '{}';
	uses text[];
	rule jsonb;
BEGIN
	IF definition IS NULL THEN
		RAISE EXCEPTION 'definition must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF NOT EXISTS (SELECT FROM @extschema@.methods AS m WHERE m.kind = 'tag' AND m.method = do_store_tag.method) THEN
		RAISE EXCEPTION 'there is no method "%" for tags', method USING ERRCODE = 'invalid_parameter_value',
			HINT = 'The methods are rule, sql, numeric, attribute, rfm and lifecycle.';
	ELSIF scale IS NOT NULL AND (method <> 'numeric' OR scale NOT BETWEEN 0 AND 18) THEN
		RAISE EXCEPTION 'scale is % for a tag by method "%"', scale, method USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is the number of decimals of a numeric tag, from 0 to 18.';
	ELSIF method <> 'numeric' AND journey_internal.is_rule(definition) = (method = 'sql') THEN
		RAISE EXCEPTION 'a tag by method "%" is not defined by %', method, CASE WHEN journey_internal.is_rule(definition) THEN 'JSON' ELSE 'SQL' END
			USING ERRCODE = 'invalid_parameter_value', HINT = 'The method sql is defined by a SELECT, numeric by a SELECT or JSON, all others by JSON.';
	END IF;
	new.name := name;
	new.kind := 'tag';
	new.method := method;
	new.definition := definition;
	new.keep_for := keep_for;
	new.keep_versions := keep_versions;
	new.description := description;
	IF method = 'numeric' THEN
		new.scale := coalesce(scale, CASE WHEN mode = 'alter' THEN (SELECT d.scale FROM @extschema@.definitions AS d WHERE d.name = new.name) END, 0);
	END IF;
	IF journey_internal.is_rule(definition) THEN
		rule := definition::jsonb;
		sources := journey_internal.rule_sources(rule);
		uses := journey_internal.rule_uses(rule);
		PERFORM journey_internal.check_sources(journey_internal.source_ids(sources, journey_internal.caller()::regrole), journey_internal.caller()::regrole);
		IF method = 'rule' THEN
			PERFORM journey_internal.check_keys(rule, '{source,base,values}'::text[], 'the rule of a tag'::text);
			IF NOT rule ? 'values' THEN
				RAISE EXCEPTION 'the rule of tag "%" has no values', name USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Write "values": [{"value": "gold", "when": ...}, {"value": "other"}].';
			END IF;
		END IF;
	ELSE
		uses := journey_internal.names_used(analyzed.query);
		IF cardinality(analyzed.types) <> 2 THEN
			RAISE EXCEPTION 'the definition of tag "%" returns % columns', name, cardinality(analyzed.types)
				USING ERRCODE = 'invalid_column_definition', HINT = 'It returns two: the id of the user, and the value.';
		ELSIF analyzed.types[1]::regtype NOT IN ('smallint'::regtype, 'int'::regtype, 'bigint'::regtype) THEN
			RAISE EXCEPTION 'the definition of tag "%" returns users of type %', name, format_type(analyzed.types[1], NULL)
				USING ERRCODE = 'datatype_mismatch', HINT = 'User ids are smallint, integer or bigint.';
		END IF;
		IF method = 'numeric' AND format_type(analyzed.types[2], NULL) NOT IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
			RAISE EXCEPTION 'the definition of tag "%" returns numbers of type %', name, format_type(analyzed.types[2], NULL)
				USING ERRCODE = 'datatype_mismatch', HINT = 'Numbers are smallint, integer, bigint, numeric, real or double precision.';
		END IF;
		new.query := CASE method WHEN 'numeric' THEN format('SELECT pg_catalog.count(*), @extschema@.numset_agg(q.u::pg_catalog.int8, %s) FROM (%s) AS q(u, v) WHERE q.u IS NOT NULL AND q.v IS NOT NULL',
				journey_internal.number_expression('q.v'::text, format_type(analyzed.types[2], NULL), new.scale), analyzed.query)
			ELSE format('SELECT q.v::pg_catalog.text, @extschema@.userset_agg(q.u::pg_catalog.int8) FROM (%s) AS q(u, v) WHERE q.v IS NOT NULL AND q.v::pg_catalog.text <> '''' GROUP BY q.v::pg_catalog.text', analyzed.query) END;
	END IF;
	uses := ARRAY(SELECT DISTINCT n FROM unnest(uses || coalesce(depends_on, '{}')) AS n ORDER BY n);
	IF rule IS NOT NULL THEN
		PERFORM journey_internal.check_rule(new, sources, uses, mode, concat('the definition of tag "', name, '"'));
	END IF;
	PERFORM journey_internal.store_definition(new, sources, uses, mode);
END $$;
FUNCTION journey_internal.store_tag(name text, definition text, method text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, scale int, mode text) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of create_tag and alter_tag: checks a definition and stores it.';

FUNCTION create_tag(name text, definition text, method text, depends_on text[] DEFAULT '{}', keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, scale int DEFAULT NULL, replace boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Creates a tag that belongs to the current role. method: rule (an ordered list of values and conditions; the first true condition counts), sql (a SELECT of user and value), numeric (a SELECT of user and number, or JSON; scale: the number of decimals, 0 to 18, 0 if NULL; more decimals are an error), attribute (the first, last or most frequent of an event), rfm, lifecycle. The other arguments are those of create_segment.'
	AS $$ SELECT journey_internal.store_tag($1, $2, $3,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of tag "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$4, $5, $6, $7, $8, journey_internal.creation_mode($1, $9)) $$;

FUNCTION alter_tag(name text, definition text, method text, depends_on text[] DEFAULT '{}', scale int DEFAULT NULL) -> void LANGUAGE sql UNSET search_path
	'Replaces the definition of a tag of yours. Its versions are kept. scale: for a numeric tag; NULL leaves it unchanged.'
	AS $$ SELECT journey_internal.store_tag($1, $2, $3,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of tag "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$4, NULL::pg_catalog.interval, NULL::pg_catalog.int4, NULL::pg_catalog.text, $5, 'alter'::pg_catalog.text) $$;

FUNCTION drop_tag(name text, force boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Drops a tag of yours with its versions. An error while another segment or tag uses it, unless force is true; refreshing those then fails.'
	AS $$ SELECT journey_internal.drop_definition($1, 'tag'::pg_catalog.text, $2) $$;
FUNCTION rename_tag(name text, new_name text, force boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Gives a tag of yours another name. Rules that use it still do, whatever name they call it by. An error while a SELECT names it, unless force is true; refreshing that then fails until it is altered.'
	AS $$ SELECT journey_internal.rename_definition($1, 'tag'::pg_catalog.text, $2, $3) $$;
FUNCTION grant_tag(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Lets a role (or public) read a tag of yours: its definition, its versions and their users.'
	AS $$ SELECT journey_internal.change_readers($1, 'tag'::pg_catalog.text, $2, true) $$;
FUNCTION revoke_tag(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Revokes what grant_tag granted.'
	AS $$ SELECT journey_internal.change_readers($1, 'tag'::pg_catalog.text, $2, false) $$;

FUNCTION refresh_tag(name text, as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	-> TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text) LANGUAGE sql UNSET search_path
	'Computes a tag as of a time and stores the version, as refresh_segment does. entered: users who have a value but had none before; exited: users who had a value but have none.'
	AS $$ SELECT * FROM journey_internal.refresh_definitions(ARRAY[$1], $2, 'tag'::pg_catalog.text, $3) $$;

FUNCTION refresh_tags(names text[], as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	-> TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text) LANGUAGE sql UNSET search_path
	'Computes several tags, as refresh_segments does.'
	AS $$ SELECT * FROM journey_internal.refresh_definitions($1, $2, 'tag'::pg_catalog.text, $3) $$;

FUNCTION explain_tag(name text, as_of timestamptz DEFAULT NULL) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The SQL that a refresh of the tag runs.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.refresh_query(ARRAY[one.id], coalesce(as_of, now()));
END $$;

-- ---- reading --------------------------------------------------------------------------

FUNCTION tag_numset(name text, as_of timestamptz DEFAULT NULL) -> numset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The numbers of a numeric tag, times 10 to the power of its scale, in its newest version, or in the newest not newer than as_of. An error if the tag is not numeric.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.tag_numset_by_id(one.id, one.name, as_of);
END $$;

FUNCTION tag_users_where(name text, operator text, number numeric, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The users whose number of a numeric tag is =, !=, <, <=, > or >= a number, in its newest version, or in the newest not newer than as_of. Users without a number are never in the result.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.tag_users_where_by_id(one.id, one.name, operator, number, as_of);
END $$;

FUNCTION tag_users_between(name text, lower numeric, upper numeric, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The users whose number of a numeric tag is from lower to upper, both included. A NULL bound means no bound.'
AS $$
BEGIN
	RETURN @extschema@.tag_users_where(name, '>='::text, coalesce(lower, '-Infinity'), as_of)
		OPERATOR(@extschema@.&) @extschema@.tag_users_where(name, '<='::text, coalesce(upper, 'Infinity'), as_of);
END $$;

FUNCTION tag_users(name text, value text, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The users who have this value of a tag, in its newest version, or in the newest not newer than as_of. Empty if nobody has it. The value of a numeric tag is a number.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.tag_users_by_id(one.id, one.name, value, as_of);
END $$;

FUNCTION journey_internal.users_shown(users bigint, min_users bigint) -> bigint
	'users, NULL if they are fewer than min_users.';

-- The values of a version and their users; of numbers up to 20 different ones, or else ten
-- ranges with about as many users each.
FUNCTION journey_internal.tag_groups(tag bigint, version timestamptz, min_users bigint) -> TABLE (place int, value text, users bigint, members userset) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of tag_summary and tag_cross: the values of the version of exactly this time, or ranges of numbers in ascending order, and their users.'
AS $$
#variable_conflict use_variable
DECLARE
	scale int := journey_internal.version_scale(tag, version);
	numbers @extschema@.numset;
	low bigint;
	high bigint;
	highs bigint[] := '{}';
BEGIN
	IF scale IS NULL THEN
		RETURN QUERY SELECT 0, m.value, m.users, m.members FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version;
		RETURN;
	END IF;
	SELECT m.numbers INTO numbers FROM @extschema@.version_numbers AS m WHERE m.id = tag AND m.as_of = version;
	low := @extschema@.numset_min(numbers);
	WHILE low IS NOT NULL AND cardinality(highs) <= 20 LOOP
		highs := highs || low;
		low := @extschema@.numset_min(numbers, @extschema@.numset_users_gt(numbers, low));
	END LOOP;
	IF low IS NOT NULL THEN
		highs := ARRAY(SELECT DISTINCT @extschema@.numset_quantile(numbers, (i / 10.0)::float8) FROM generate_series(1, 10) AS i ORDER BY 1);
	END IF;
	place := 0;
	FOREACH high IN ARRAY highs LOOP
		members := CASE WHEN place = 0 THEN @extschema@.numset_users_le(numbers, high) ELSE @extschema@.numset_users_between(numbers, highs[place] + 1, high) END;
		low := @extschema@.numset_min(numbers, members);
		place := place + 1;
		users := @extschema@.cardinality(members);
		-- the numbers of few are theirs
		value := CASE WHEN journey_internal.users_shown(users, min_users) IS NOT NULL THEN concat(journey_internal.tag_value(low, scale), CASE WHEN high > low THEN concat(' to ', journey_internal.tag_value(high, scale)) END) END;
		RETURN NEXT;
	END LOOP;
END $$;

FUNCTION tag_summary(name text, as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0) -> TABLE (value text, users bigint, share float8) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The values of a tag, the most frequent first: the number of users of each, and their share of all users with a value, 0 to 1. For a numeric tag with at most 20 different numbers: the numbers in ascending order. For other numeric tags: ten ranges with about the same number of users each. min_users: users and share of fewer users are NULL, and so are their numbers.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'tag'::text);
	version timestamptz := journey_internal.version_at(one.id, as_of);
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
	everybody bigint;
BEGIN
	SELECT v.users INTO everybody FROM @extschema@.versions AS v WHERE v.id = one.id AND v.as_of = version;
	IF journey_internal.version_scale(one.id, version) IS NOT NULL THEN
		RETURN QUERY SELECT g.value, s.users, s.users / nullif(everybody, 0)::float8
			FROM journey_internal.tag_groups(one.id, version, fewest) AS g, LATERAL journey_internal.users_shown(g.users, fewest) AS s(users) ORDER BY g.place;
	ELSE
		RETURN QUERY SELECT m.value, s.users, s.users / nullif(everybody, 0)::float8
			FROM @extschema@.version_members AS m, LATERAL journey_internal.users_shown(m.users, fewest) AS s(users)
			WHERE m.id = one.id AND m.as_of = version ORDER BY s.users DESC NULLS LAST, m.value;
	END IF;
END $$;

FUNCTION tag_cross(name_a text, name_b text, as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0) -> TABLE (value_a text, value_b text, users bigint, share float8) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The number of users for each pair of values of two tags, and their share of the users with value_a. Pairs without users are omitted. Numbers are grouped as in tag_summary. min_users: users and share of fewer users are NULL.'
AS $$
DECLARE
	one_a @extschema@.definitions := journey_internal.definition_of(name_a, 'tag'::text);
	one_b @extschema@.definitions := journey_internal.definition_of(name_b, 'tag'::text);
	version_a timestamptz := journey_internal.version_at(one_a.id, as_of);
	version_b timestamptz := journey_internal.version_at(one_b.id, as_of);
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
BEGIN
	IF version_a <> version_b THEN
		RAISE NOTICE 'the versions are of different times: "%" of %, "%" of %', one_a.name, version_a, one_b.name, version_b
			USING HINT = 'common_as_of(ARRAY[name_a, name_b]) gives a time for which both have one.';
	END IF;
	RETURN QUERY SELECT a.value, b.value, s.users, s.users / nullif(a.users, 0)::float8
		FROM journey_internal.tag_groups(one_a.id, version_a, fewest) AS a, journey_internal.tag_groups(one_b.id, version_b, fewest) AS b,
			LATERAL (SELECT @extschema@.cardinality(a.members OPERATOR(@extschema@.&) b.members) AS users) AS c, LATERAL journey_internal.users_shown(c.users, fewest) AS s(users)
		WHERE c.users > 0
		ORDER BY a.place, a.value, b.place, b.value;
END $$;

FUNCTION tag_stats(name text, as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0)
	-> TABLE (users bigint, sum numeric, avg numeric, min numeric, p25 numeric, median numeric, p75 numeric, p90 numeric, p99 numeric, max numeric) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'One row about the numbers of a numeric tag: how many users have one, sum, mean, smallest, quantiles (each is a number of some user), greatest. NULLs if nobody, or fewer than min_users, have a number.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'tag'::text);
	numbers @extschema@.numset := journey_internal.tag_numset_by_id(one.id, one.name, as_of);
	scale int := journey_internal.version_scale(one.id, journey_internal.version_at(one.id, as_of));
	unit numeric := ('1e-' || scale)::numeric;
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
	q numeric[] := ARRAY(SELECT journey_internal.tag_value(@extschema@.numset_quantile(numbers, f), scale) FROM unnest('{0.25,0.5,0.75,0.9,0.99}'::float8[]) WITH ORDINALITY AS u(f, n) ORDER BY n);
BEGIN
	IF journey_internal.users_shown(@extschema@.numset_count(numbers), fewest) IS NULL THEN
		RETURN QUERY SELECT NULL::bigint, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric;
		RETURN;
	END IF;
	RETURN QUERY SELECT @extschema@.numset_count(numbers), @extschema@.numset_sum(numbers) * unit, @extschema@.numset_avg(numbers) * unit,
		journey_internal.tag_value(@extschema@.numset_min(numbers), scale), q[1], q[2], q[3], q[4], q[5], journey_internal.tag_value(@extschema@.numset_max(numbers), scale);
END $$;

FUNCTION tag_histogram(name text, bounds numeric[], as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0) -> TABLE (lower numeric, upper numeric, users bigint, share float8) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The number of users whose number of a numeric tag is below the first bound, from each bound to the next (lower <= number < upper), and from the last bound on; NULL where there is no bound. Bounds that do not ascend, or have more decimals than the tag, are an error. min_users: users and share of fewer users are NULL.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'tag'::text);
	numbers @extschema@.numset := journey_internal.tag_numset_by_id(one.id, one.name, as_of);
	scale int := journey_internal.version_scale(one.id, journey_internal.version_at(one.id, as_of));
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
BEGIN
	RETURN QUERY SELECT journey_internal.tag_value(h.lower, scale), journey_internal.tag_value(h.upper, scale), s.users, s.users / nullif(@extschema@.numset_count(numbers), 0)::float8
		FROM @extschema@.numset_histogram(numbers, ARRAY(SELECT journey_internal.tag_number(b, scale) FROM unnest(bounds) WITH ORDINALITY AS u(b, n) ORDER BY n)) AS h,
			LATERAL journey_internal.users_shown(h.users, fewest) AS s(users);
END $$;

CREATE VIEW tags WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.method, d.definition, journey_internal.source_names(d.id) AS sources, journey_internal.used_names(d.id) AS depends_on,
	d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.users, v.computed_at, d.id
FROM @extschema@.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
WHERE d.kind = 'tag';
GRANT SELECT ON tags TO PUBLIC;
COMMENT ON VIEW tags IS 'The tags that you may read, with their newest versions.';
COMMENT ON COLUMN tags.name IS 'Its name.';
COMMENT ON COLUMN tags.owner IS 'The role with whose rights the definition runs, and whose members may change it. "?name": the role does not exist (any more); "!name": the role has not yet accepted the restored definition, see set_definition_owner.';
COMMENT ON COLUMN tags.method IS 'The method of the definition: rule, sql, numeric, attribute, rfm or lifecycle.';
COMMENT ON COLUMN tags.definition IS 'The definition as the user wrote it.';
COMMENT ON COLUMN tags.sources IS 'The sources that the rule reads.';
COMMENT ON COLUMN tags.depends_on IS 'The segments and tags that it uses; they are refreshed before it.';
COMMENT ON COLUMN tags.keep_for IS 'The next refresh drops versions older than this; NULL keeps all.';
COMMENT ON COLUMN tags.keep_versions IS 'The next refresh keeps at most this number of versions; NULL keeps all.';
COMMENT ON COLUMN tags.description IS 'A description by the owner.';
COMMENT ON COLUMN tags.created_at IS 'When it was created.';
COMMENT ON COLUMN tags.changed_at IS 'When its definition was last changed.';
COMMENT ON COLUMN tags.as_of IS 'The time for which the newest version was computed; NULL if there is none yet.';
COMMENT ON COLUMN tags.users IS 'The number of users of the newest version.';
COMMENT ON COLUMN tags.computed_at IS 'When the newest version was computed.';
COMMENT ON COLUMN tags.id IS 'Its number, which a rename does not change and which is never reused.';
