-- catalog: which version of a segment or tag holds at a time, and who is in it.  What rules are
-- compiled to reads here.

-- The version that holds at a time.
FUNCTION journey_internal.version_at(id bigint, at timestamptz) -> timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The as_of of the newest version that is not newer than this time (NULL: of the newest version; in a definition, of the newest at as_of()). Raises an error if there is none.'
AS $$
DECLARE
	found timestamptz;
	one @extschema@.definitions;
BEGIN
	-- in a definition: what holds at the time for which it is being computed
	at := coalesce(at, nullif(current_setting('journey.as_of', true), '')::timestamptz);
	SELECT v.as_of INTO found FROM @extschema@.versions AS v
	WHERE v.id = version_at.id AND (at IS NULL OR v.as_of <= at) ORDER BY v.as_of DESC LIMIT 1;
	IF found IS NULL THEN
		one := journey_internal.definition_by_id(id);
		RAISE EXCEPTION '"%" has no version %', one.name, CASE WHEN at IS NULL THEN 'yet' ELSE concat('as of ', at) END
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Compute one: SELECT refresh_%s(%L%s).', one.kind, one.name, ', ' || quote_literal(at));
	END IF;
	RETURN found;
END $$;

FUNCTION common_as_of(names text[], as_of timestamptz DEFAULT NULL) -> timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The newest time, at most as_of, for which all of these segments and tags have a version. Use it to compare them: segment(a, v), segment(b, v). Raises an error if there is no such time.'
AS $$
DECLARE
	ids bigint[] := '{}';
	wanted text;
	one @extschema@.definitions;
	found timestamptz;
BEGIN
	IF names IS NULL OR cardinality(names) = 0 THEN
		RAISE EXCEPTION 'names is %', coalesce(names::text, 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'Write the names of segments and tags: ARRAY[''rich'', ''dormant''].';
	END IF;
	FOREACH wanted IN ARRAY names LOOP
		one := journey_internal.definition_of(wanted, NULL::text);
		IF one.id <> ALL (ids) THEN
			ids := ids || one.id;
		END IF;
	END LOOP;
	SELECT v.as_of INTO found FROM @extschema@.versions AS v
	WHERE v.id = ANY (ids) AND (common_as_of.as_of IS NULL OR v.as_of <= common_as_of.as_of)
	GROUP BY v.as_of HAVING count(*) = cardinality(ids) ORDER BY v.as_of DESC LIMIT 1;
	IF found IS NULL THEN
		RAISE EXCEPTION 'there is no time for which all of these have a version: %', array_to_string(names, ', ') USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Compute them for the same time, such as by refresh_segments(names, as_of), or give them the same schedule.';
	END IF;
	RETURN found;
END $$;

-- What rules are compiled to. Names are for errors, and for who reads the SQL.
FUNCTION journey_internal.used_definition(id bigint, name text, kind text) -> bigint LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The number of the segment or tag to which this name in a rule refers. Raises an error if it was dropped or you may not read it.'
AS $$
DECLARE
	found text;
BEGIN
	SELECT d.kind INTO found FROM @extschema@.definitions AS d WHERE d.id = used_definition.id;
	IF found IS NULL THEN
		RAISE EXCEPTION 'the % "%" was dropped, or % may no longer read it', coalesce(kind, 'segment or tag'), name, current_user USING ERRCODE = 'undefined_object';
	ELSIF found <> kind THEN
		RAISE EXCEPTION '"%" is a %, not a %', name, found, kind USING ERRCODE = 'wrong_object_type';
	END IF;
	RETURN id;
END $$;

FUNCTION journey_internal.do_segment_by_id(id bigint, name text, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of segment_by_id, which calls it: what that does.'
AS $$
DECLARE
	wanted bigint := journey_internal.used_definition(id, name, 'segment'::text);
	result @extschema@.userset;
BEGIN
	SELECT m.members INTO result FROM @extschema@.version_members AS m
	WHERE m.id = wanted AND m.value = '' AND m.as_of = journey_internal.version_at(wanted, do_segment_by_id.as_of);
	RETURN result;
END $$;
FUNCTION journey_internal.segment_by_id(id bigint, name text, as_of timestamptz DEFAULT NULL) -> userset CALLS short_context STABLE PARALLEL SAFE
	'Building block of rules: the users of the segment of this number. name: how errors call it.';

-- The decimals of a numeric tag in one of its versions; NULL if it has no numbers there.
FUNCTION journey_internal.version_scale(tag bigint, version timestamptz) -> int LANGUAGE sql STABLE PARALLEL SAFE
	'The number of decimals of a tag in the version of exactly this time; NULL if the tag is not numeric in this version.'
	AS $$ SELECT v.scale FROM @extschema@.versions AS v WHERE v.id = tag AND v.as_of = version $$;

FUNCTION journey_internal.do_tag_numset_by_id(tag bigint, name text, as_of timestamptz DEFAULT NULL) -> numset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of tag_numset_by_id, which calls it: what that does.'
AS $$
DECLARE
	wanted bigint := journey_internal.used_definition(tag, name, 'tag'::text);
	result @extschema@.numset;
BEGIN
	SELECT m.numbers INTO result FROM @extschema@.version_numbers AS m
	WHERE m.id = wanted AND m.as_of = journey_internal.version_at(wanted, do_tag_numset_by_id.as_of);
	IF result IS NULL THEN
		RAISE EXCEPTION 'tag "%" is not numeric', name USING ERRCODE = 'wrong_object_type', HINT = 'tag_users() gives the users of one of its values.';
	END IF;
	RETURN result;
END $$;
FUNCTION journey_internal.tag_numset_by_id(tag bigint, name text, as_of timestamptz DEFAULT NULL) -> numset CALLS short_context STABLE PARALLEL SAFE
	'tag_numset of the tag of this number. name: how errors call it.';

FUNCTION journey_internal.do_tag_users_where_by_id(tag bigint, name text, operator text, number numeric, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of tag_users_where_by_id, which calls it: what that does.'
AS $$
DECLARE
	numbers @extschema@.numset := journey_internal.tag_numset_by_id(tag, name, as_of);
	-- what the numset holds lies on one side of it, or is equal
	bound numeric;
	lower numeric;
	upper numeric;
BEGIN
	IF operator IS NULL OR operator <> ALL ('{=,!=,<>,<,<=,>,>=}') THEN
		RAISE EXCEPTION 'operator is %', coalesce(operator, 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'There are =, !=, <, <=, > and >=.';
	ELSIF number IS NULL THEN
		RAISE EXCEPTION 'number must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF number = 'NaN' THEN
		RAISE EXCEPTION 'number is NaN' USING ERRCODE = 'invalid_parameter_value', HINT = 'Nothing can be compared with it.';
	END IF;
	bound := number * ('1e' || journey_internal.version_scale(tag, journey_internal.version_at(tag, as_of)))::numeric;
	CASE
		WHEN operator IN ('=', '!=', '<>') THEN lower := ceil(bound); upper := floor(bound);
		WHEN operator = '<' THEN upper := ceil(bound) - 1;
		WHEN operator = '<=' THEN upper := floor(bound);
		WHEN operator = '>' THEN lower := floor(bound) + 1;
		ELSE lower := ceil(bound);
	END CASE;
	IF lower > 9223372036854775807 OR upper < -9223372036854775808 OR lower > upper THEN
		RETURN CASE WHEN operator IN ('!=', '<>') THEN @extschema@.numset_users(numbers) ELSE '{}' END;
	ELSIF operator IN ('!=', '<>') THEN
		RETURN @extschema@.numset_users_ne(numbers, lower::bigint);
	END IF;
	RETURN @extschema@.numset_users_between(numbers, greatest(lower, -9223372036854775808)::bigint, least(upper, 9223372036854775807)::bigint);
END $$;
FUNCTION journey_internal.tag_users_where_by_id(tag bigint, name text, operator text, number numeric, as_of timestamptz DEFAULT NULL) -> userset CALLS short_context STABLE PARALLEL SAFE
	'Building block of rules: tag_users_where of the tag of this number. name: how errors call it.';

FUNCTION journey_internal.do_tag_users_by_id(tag bigint, name text, value text, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of tag_users_by_id, which calls it: what that does.'
AS $$
DECLARE
	wanted bigint := journey_internal.used_definition(tag, name, 'tag'::text);
	version timestamptz := journey_internal.version_at(wanted, as_of);
	result @extschema@.userset;
BEGIN
	IF journey_internal.version_scale(wanted, version) IS NOT NULL AND value IS NOT NULL THEN
		-- not by catching the error of a cast, which cannot be done in a parallel plan
		IF length(value) > 1000 OR value !~* '^\s*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?|nan|[+-]?inf(inity)?)\s*$' THEN
			RAISE EXCEPTION 'tag "%" is numeric, and its value cannot be "%"', name, value USING ERRCODE = 'invalid_text_representation',
				HINT = 'Write a number. tag_users_between() takes two.';
		END IF;
		RETURN journey_internal.tag_users_where_by_id(wanted, name, '='::text, value::numeric, version);
	END IF;
	SELECT m.members INTO result FROM @extschema@.version_members AS m
	WHERE m.id = wanted AND m.value = do_tag_users_by_id.value AND m.as_of = version;
	RETURN coalesce(result, '{}'::@extschema@.userset);
END $$;
FUNCTION journey_internal.tag_users_by_id(tag bigint, name text, value text, as_of timestamptz DEFAULT NULL) -> userset CALLS short_context STABLE PARALLEL SAFE
	'Building block of rules: tag_users of the tag of this number. name: how errors call it.';

-- All users of a version, whatever their value.
FUNCTION journey_internal.version_users(id bigint, as_of timestamptz) -> userset LANGUAGE sql STABLE PARALLEL SAFE
	'The users of the version of exactly this time, whatever their value. Empty if there is none.'
	AS $$ SELECT coalesce(@extschema@.union_agg(u.members), '{}') FROM (
			SELECT m.members FROM @extschema@.version_members AS m WHERE m.id = version_users.id AND m.as_of = version_users.as_of
				-- who is held out of a segment is none of its users
				AND (m.value <> 'holdout' OR NOT EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_users.id AND d.kind = 'segment'))
			UNION ALL
			SELECT @extschema@.numset_users(m.numbers) FROM @extschema@.version_numbers AS m WHERE m.id = version_users.id AND m.as_of = version_users.as_of) AS u $$;
