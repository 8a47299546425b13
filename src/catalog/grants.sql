-- catalog: dropping, renaming, describing, giving away and granting, and what roles left behind.

FUNCTION journey_internal.do_drop_definition(name text, kind text, force boolean) -> void LANGUAGE plpgsql
	'Support function of drop_definition, which calls it: what that does.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.own_definition(name, kind);
	user_of record;
BEGIN
	SELECT d.name INTO user_of FROM @extschema@.definition_uses AS u LEFT JOIN @extschema@.definitions AS d ON d.id = u.id
	WHERE u.used = one.id ORDER BY d.name LIMIT 1;
	IF FOUND AND force IS NOT TRUE THEN
		RAISE EXCEPTION '"%" is used by %', one.name, CASE WHEN user_of.name IS NULL THEN 'a definition of another role' ELSE format('"%s"', user_of.name) END USING ERRCODE = 'dependent_objects_still_exist',
			HINT = format('Drop or alter that first. drop_%s(..., force => true) drops it all the same; what uses it cannot be refreshed until it is altered.', one.kind);
	END IF;
	DELETE FROM @extschema@.definitions AS d WHERE d.id = one.id;
END $$;
FUNCTION journey_internal.drop_definition(name text, kind text, force boolean) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of drop_segment and drop_tag.';

FUNCTION drop_source(name text, force boolean DEFAULT false) -> void LANGUAGE plpgsql
	'Drops a source of yours from the catalogue. An error while a segment or tag uses it, unless force is true. With force, these keep their versions, and refreshing them fails until you alter them.'
AS $$
DECLARE
	source @extschema@.sources := journey_internal.own_source(name);
	user_of record;
BEGIN
	SELECT d.name INTO user_of FROM @extschema@.definition_sources AS u LEFT JOIN @extschema@.definitions AS d ON d.id = u.id
	WHERE u.source = source.id ORDER BY d.name LIMIT 1;
	IF FOUND AND force IS NOT TRUE THEN
		RAISE EXCEPTION 'source "%" is used by %', source.name, CASE WHEN user_of.name IS NULL THEN 'a definition of another role' ELSE format('"%s"', user_of.name) END USING ERRCODE = 'dependent_objects_still_exist',
			HINT = 'Drop or alter that first. drop_source(..., force => true) drops it all the same; what uses it cannot be refreshed until it is altered.';
	END IF;
	DELETE FROM @extschema@.sources AS s WHERE s.id = source.id;
END $$;

FUNCTION journey_internal.do_rename_definition(name text, kind text, new_name text, force boolean) -> void LANGUAGE plpgsql
	'Support function of rename_definition, which calls it: what that does.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.own_definition(name, kind);
	user_of record;
BEGIN
	PERFORM journey_internal.check_name(new_name, kind);
	-- a rule knows its number; what a definition is that may not be read, nobody can tell
	SELECT d.name INTO user_of FROM @extschema@.definition_uses AS u LEFT JOIN @extschema@.definitions AS d ON d.id = u.id
	WHERE u.used = one.id AND (d.id IS NULL OR one.name = ANY (journey_internal.names_used(d.query))) ORDER BY d.name LIMIT 1;
	IF FOUND AND force IS NOT TRUE THEN
		RAISE EXCEPTION '"%" is used by %', one.name, CASE WHEN user_of.name IS NULL THEN 'a definition of another role' ELSE format('"%s", a SELECT that names it', user_of.name) END USING ERRCODE = 'dependent_objects_still_exist',
			HINT = format('rename_%s(..., force => true) renames it all the same; a SELECT that names it cannot be refreshed until it is altered.', one.kind);
	END IF;
	UPDATE @extschema@.definitions AS d SET name = new_name WHERE d.id = one.id;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a segment or tag named "%" exists already', new_name USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role.';
END $$;
FUNCTION journey_internal.rename_definition(name text, kind text, new_name text, force boolean) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of rename_segment and rename_tag.';

FUNCTION rename_source(name text, new_name text) -> void LANGUAGE plpgsql
	'Gives a source of yours another name. Rules that read it go on, by whatever name they call it. Views that create_event_view made show the old one in their column source, and what calls events_of by it fails.'
AS $$
DECLARE
	source @extschema@.sources := journey_internal.own_source(name);
BEGIN
	PERFORM journey_internal.check_name(new_name, 'source'::text);
	UPDATE @extschema@.sources AS s SET name = new_name WHERE s.id = source.id;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a source named "%" exists already', new_name USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role.';
END $$;

FUNCTION set_source_description(name text, description text) -> void LANGUAGE plpgsql
	'Says what a source of yours is. NULL: nothing.'
AS $$
DECLARE
	source @extschema@.sources := journey_internal.own_source(name);
BEGIN
	UPDATE @extschema@.sources AS s SET description = set_source_description.description WHERE s.id = source.id;
END $$;

FUNCTION set_definition_description(name text, description text) -> void LANGUAGE plpgsql
	'Says what a segment or tag of yours is. NULL: nothing.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	UPDATE @extschema@.definitions AS d SET description = set_definition_description.description WHERE d.id = one.id;
END $$;

FUNCTION set_keep_versions(name text, keep_for interval, keep_versions int DEFAULT NULL) -> void LANGUAGE plpgsql
	'Limits which versions of a segment or tag of yours are kept: versions at most keep_for older than the newest, and at most keep_versions of them. NULL: no limit. The next refresh drops the others.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	IF keep_for <= interval '0' OR keep_versions <= 0 THEN
		RAISE EXCEPTION 'keep_for and keep_versions must be more than nothing' USING ERRCODE = 'invalid_parameter_value', HINT = 'NULL keeps all versions.';
	END IF;
	UPDATE @extschema@.definitions AS d SET keep_for = set_keep_versions.keep_for, keep_versions = set_keep_versions.keep_versions WHERE d.id = one.id;
END $$;

FUNCTION set_definition_owner(name text, role text) -> void LANGUAGE plpgsql
	'Gives a segment or tag of yours to another role, of which you must be a member. Refreshes then use that role''s rights. Also accepts a definition that was restored for you: check it first.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, NULL::text);
	new_owner CONSTANT @extschema@.role_ref := journey_internal.role_of(role);
BEGIN
	IF NOT journey_internal.may_accept(one.owner) THEN
		one := journey_internal.own_definition(name, NULL::text);
	END IF;
	PERFORM journey_internal.check_new_owner(name, new_owner);
	UPDATE @extschema@.definitions AS d SET owner = new_owner WHERE d.id = one.id;
END $$;

FUNCTION journey_internal.do_change_readers(name text, kind text, role text, granted boolean) -> void LANGUAGE plpgsql
	'Support function of change_readers, which calls it: what that does.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.own_definition(name, kind);
	reader @extschema@.role_ref := CASE WHEN granted THEN journey_internal.role_of(role) END;
BEGIN
	UPDATE @extschema@.definitions AS d
	SET readers = CASE WHEN granted THEN array_append(array_remove(d.readers, reader), reader) ELSE journey_internal.readers_without(d.readers, role) END
	WHERE d.id = one.id;
END $$;
FUNCTION journey_internal.change_readers(name text, kind text, role text, granted boolean) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of grant_segment, revoke_segment, grant_tag and revoke_tag.';

CREATE VIEW orphans WITH (security_invoker = true) AS
WITH owned AS (
	SELECT d.kind, d.name, d.owner, d.readers FROM @extschema@.definitions AS d
	UNION ALL SELECT 'source', s.name, s.owner, s.readers FROM @extschema@.sources AS s
	UNION ALL SELECT 'identity_space', i.name, i.owner, i.readers FROM @extschema@.identity_spaces AS i)
SELECT o.kind, o.name, 'owner' AS part, journey_internal.role_name(o.owner) AS role, CASE WHEN p.pending THEN 'has not accepted it' ELSE 'does not exist' END AS problem,
	format('SELECT @extschema@.%s(%L, %L)', CASE WHEN o.kind IN ('source', 'identity_space') THEN concat('set_', o.kind, '_owner') ELSE 'set_definition_owner' END, o.name,
		CASE WHEN p.pending THEN journey_internal.role_name(o.owner) ELSE current_user END) AS mend
FROM owned AS o, LATERAL (SELECT left(o.owner::text, 1) = '!' AS pending) AS p WHERE NOT journey_internal.is_role(o.owner)
UNION ALL
SELECT o.kind, o.name, 'reader', journey_internal.role_name(r.reader), 'does not exist', format('SELECT @extschema@.revoke_%s(%L, %L)', o.kind, o.name, r.reader::text)
FROM owned AS o, unnest(o.readers) AS r(reader) WHERE left(r.reader::text, 1) = '?';
GRANT SELECT ON orphans TO PUBLIC;
COMMENT ON VIEW orphans IS 'Visible sources, identity spaces, segments, tags and reports whose owner or reader does not exist (any more), or has not yet accepted what was restored for it.';
COMMENT ON COLUMN orphans.kind IS 'source, segment, tag, report or identity_space.';
COMMENT ON COLUMN orphans.name IS 'Its name.';
COMMENT ON COLUMN orphans.part IS 'owner or reader: which role has the problem.';
COMMENT ON COLUMN orphans.role IS 'The name of the role, or its last name.';
COMMENT ON COLUMN orphans.problem IS 'The problem with this role.';
COMMENT ON COLUMN orphans.mend IS 'A statement that solves the problem: gives the object to you, accepts it (run the statement as that role), or revokes the grant.';
