-- segment: named sets of users, computed by their owner's definition, version by version.

INSERT INTO methods (kind, method, together, query_function) VALUES
	('segment', 'sql', false, NULL),
	('segment', 'rule', true, 'journey_internal.compile_rules');

-- ---- reading --------------------------------------------------------------------------

FUNCTION segment(name text, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The users of a segment in its newest version, or in the newest version not newer than as_of. In a definition, the version is not newer than the time for which the definition is computed. In a WHERE clause write (SELECT segment(...)), so that the set is fetched once.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'segment'::text);
BEGIN
	RETURN journey_internal.segment_by_id(one.id, one.name, as_of);
END $$;

FUNCTION segment_holdout(name text, as_of timestamptz DEFAULT NULL) -> userset LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The users who meet the rule of a segment and are kept out of it by its holdout, in the version that segment() reads. Empty if the rule had no holdout. An error if there is no such version.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'segment'::text);
	version timestamptz := journey_internal.version_at(one.id, as_of);
BEGIN
	RETURN (SELECT coalesce(@extschema@.union_agg(m.members) FILTER (WHERE m.value = 'holdout'), '{}') FROM @extschema@.version_members AS m WHERE m.id = one.id AND m.as_of = version);
END $$;

CREATE VIEW segments WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.method, d.definition, journey_internal.source_names(d.id) AS sources, journey_internal.used_names(d.id) AS depends_on,
	d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.users, v.computed_at, d.id
FROM @extschema@.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
WHERE d.kind = 'segment';
GRANT SELECT ON segments TO PUBLIC;
COMMENT ON VIEW segments IS 'The segments that you may read, with their newest versions.';
COMMENT ON COLUMN segments.name IS 'Its name.';
COMMENT ON COLUMN segments.owner IS 'The role with whose rights the definition runs, and whose members may change it. "?name": the role does not exist (any more); "!name": the role has not yet accepted the restored definition, see set_definition_owner.';
COMMENT ON COLUMN segments.method IS 'The method of the definition: rule or sql.';
COMMENT ON COLUMN segments.definition IS 'The definition as the user wrote it.';
COMMENT ON COLUMN segments.sources IS 'The sources that the rule reads.';
COMMENT ON COLUMN segments.depends_on IS 'The segments and tags that it uses; they are refreshed before it.';
COMMENT ON COLUMN segments.keep_for IS 'The next refresh drops versions older than this; NULL keeps all.';
COMMENT ON COLUMN segments.keep_versions IS 'The next refresh keeps at most this number of versions; NULL keeps all.';
COMMENT ON COLUMN segments.description IS 'A description by the owner.';
COMMENT ON COLUMN segments.created_at IS 'When it was created.';
COMMENT ON COLUMN segments.changed_at IS 'When its definition was last changed.';
COMMENT ON COLUMN segments.as_of IS 'The time for which the newest version was computed; NULL if there is none yet.';
COMMENT ON COLUMN segments.users IS 'The number of users of the newest version.';
COMMENT ON COLUMN segments.computed_at IS 'When the newest version was computed.';
COMMENT ON COLUMN segments.id IS 'Its number, which a rename does not change and which is never reused.';

FUNCTION segment_trend(name text, min_users bigint DEFAULT 0)
	-> TABLE (as_of timestamptz, users bigint, entered bigint, exited bigint, computed_at timestamptz, duration interval, inputs jsonb) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The versions of a segment in order of time: the number of users, how many entered and exited since the version before, and the versions of segments and tags from which it was computed. min_users: users are NULL if they are fewer; entered and exited are NULL if users or either of them is, because together they give it away.'
AS $$
DECLARE
	one CONSTANT @extschema@.definitions := journey_internal.definition_of(name, 'segment'::text);
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
BEGIN
	RETURN QUERY SELECT v.as_of, journey_internal.users_shown(v.users, fewest), CASE WHEN c.shown THEN v.entered END, CASE WHEN c.shown THEN v.exited END,
			v.computed_at, v.duration, v.inputs
		FROM @extschema@.versions AS v, LATERAL (SELECT least(v.users, v.entered, v.exited) >= fewest) AS c(shown)
		WHERE v.id = one.id ORDER BY v.as_of;
END $$;

FUNCTION segment_diff(name text, from_as_of timestamptz, to_as_of timestamptz)
	-> TABLE (change text, users bigint, members userset) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Who entered, exited and stayed in a segment between the versions of two times.'
AS $$
DECLARE
	before @extschema@.userset := @extschema@.segment(name, from_as_of);
	after @extschema@.userset := @extschema@.segment(name, to_as_of);
BEGIN
	RETURN QUERY SELECT c.change, @extschema@.cardinality(c.members), c.members
		FROM (VALUES ('entered'::text, after OPERATOR(@extschema@.-) before), ('exited', before OPERATOR(@extschema@.-) after),
			('stayed', before OPERATOR(@extschema@.&) after)) AS c(change, members);
END $$;

-- The row is written as the owner of the table, by C code that has read the members with the
-- caller's rights: who takes members out leaves it, and nobody can invent one.
CREATE FUNCTION journey_internal.export_members(id bigint, as_of timestamptz, reason text) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_export_members'
	LANGUAGE C VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION journey_internal.export_members(bigint, timestamptz, text) IS 'Support function of segment_export: the members of a version of a segment. The export is recorded in the table exports.';

FUNCTION segment_export(name text, reason text) -> SETOF bigint LANGUAGE plpgsql
	'The users of a segment''s newest version, for export from the database. The table exports records who exported, when, how many users, and why.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'segment'::text);
BEGIN
	IF reason IS NULL OR btrim(reason) = '' THEN
		RAISE EXCEPTION 'an export needs a reason' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write why the customers are taken out, such as ''fund campaign 2026-11''.';
	END IF;
	RETURN QUERY SELECT @extschema@.members(journey_internal.export_members(one.id, journey_internal.version_at(one.id, NULL::timestamptz), reason));
END $$;

-- ---- creating and changing ------------------------------------------------------------

-- Check a definition and store it. `analyzed` is NULL for a rule.
FUNCTION journey_internal.do_store_segment(name text, definition text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, mode text) -> void LANGUAGE plpgsql
	'Support function of store_segment, which calls it: what that does.'
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
	END IF;
	new.name := name;
	new.kind := 'segment';
	new.definition := definition;
	new.keep_for := keep_for;
	new.keep_versions := keep_versions;
	new.description := description;
	IF journey_internal.is_rule(definition) THEN
		rule := definition::jsonb;
		new.method := 'rule';
		sources := journey_internal.rule_sources(rule);
		uses := journey_internal.rule_uses(rule);
		PERFORM journey_internal.check_sources(journey_internal.source_ids(sources, journey_internal.caller()::regrole), journey_internal.caller()::regrole);
		PERFORM journey_internal.rule_outputs('segment'::text, rule);
	ELSE
		new.method := 'sql';
		uses := journey_internal.names_used(analyzed.query);
		IF cardinality(analyzed.types) <> 1 THEN
			RAISE EXCEPTION 'the definition of segment "%" returns % columns', name, cardinality(analyzed.types)
				USING ERRCODE = 'invalid_column_definition', HINT = 'It returns one: the ids of the users, or a userset.';
		ELSIF analyzed.types[1]::regtype IN ('smallint'::regtype, 'int'::regtype, 'bigint'::regtype) THEN
			new.query := format('SELECT ''''::pg_catalog.text, coalesce(@extschema@.userset_agg(q.u::pg_catalog.int8), ''{}'') FROM (%s) AS q(u)', analyzed.query);
		ELSIF analyzed.types[1] = '@extschema@.userset'::regtype THEN
			new.query := format('SELECT ''''::pg_catalog.text, coalesce(@extschema@.union_agg(q.u), ''{}'') FROM (%s) AS q(u)', analyzed.query);
		ELSE
			RAISE EXCEPTION 'the definition of segment "%" returns values of type %', name, format_type(analyzed.types[1], NULL)
				USING ERRCODE = 'datatype_mismatch', HINT = 'It returns user ids (smallint, integer or bigint), or usersets.';
		END IF;
	END IF;
	uses := ARRAY(SELECT DISTINCT n FROM unnest(uses || coalesce(depends_on, '{}')) AS n ORDER BY n);
	IF rule IS NOT NULL THEN
		PERFORM journey_internal.check_rule(new, sources, uses, mode, concat('the rule of segment "', name, '"'));
	END IF;
	PERFORM journey_internal.store_definition(new, sources, uses, mode);
END $$;
FUNCTION journey_internal.store_segment(name text, definition text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, mode text) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of create_segment and alter_segment: checks a definition and stores it.';

FUNCTION create_segment(name text, definition text, depends_on text[] DEFAULT '{}', keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, replace boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Creates a segment that belongs to the current role. definition: a SELECT that returns user ids (or usersets), or a rule as JSON. It is checked but not run. depends_on: segments and tags that it uses, besides those in segment(''...''). keep_for, keep_versions: the next refresh drops versions older than keep_for, and all but the newest keep_versions; NULL keeps all. The default of keep_versions is the setting journey.keep_versions. replace: if you own a segment of this name, it is replaced; its versions, grants and schedule are kept.'
	AS $$ SELECT journey_internal.store_segment($1, $2,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of segment "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$3, $4, $5, $6, journey_internal.creation_mode($1, $7)) $$;

FUNCTION create_segment(name text, rule jsonb, keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, replace boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'create_segment with a rule given as jsonb.'
	AS $$ SELECT @extschema@.create_segment($1, $2::pg_catalog.text, '{}'::pg_catalog.text[], $3, $4, $5, $6) $$;

FUNCTION alter_segment(name text, definition text, depends_on text[] DEFAULT '{}') -> void LANGUAGE sql UNSET search_path
	'Replaces the definition of a segment of yours. Its versions are kept.'
	AS $$ SELECT journey_internal.store_segment($1, $2,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of segment "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$3, NULL::pg_catalog.interval, NULL::pg_catalog.int4, NULL::pg_catalog.text, 'alter'::pg_catalog.text) $$;

FUNCTION drop_segment(name text, force boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Drops a segment of yours with its versions. An error while another segment or tag uses it, unless force is true; refreshing those then fails. The records of its exports are kept.'
	AS $$ SELECT journey_internal.drop_definition($1, 'segment'::pg_catalog.text, $2) $$;

FUNCTION rename_segment(name text, new_name text, force boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Gives a segment of yours another name. Rules that use it still do, whatever name they call it by. An error while a SELECT names it, unless force is true; refreshing that then fails until it is altered.'
	AS $$ SELECT journey_internal.rename_definition($1, 'segment'::pg_catalog.text, $2, $3) $$;

FUNCTION grant_segment(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Lets a role (or public) read a segment of yours: its definition, its versions and their users. The role cannot refresh or change it.'
	AS $$ SELECT journey_internal.change_readers($1, 'segment'::pg_catalog.text, $2, true) $$;
FUNCTION revoke_segment(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Revokes what grant_segment granted.'
	AS $$ SELECT journey_internal.change_readers($1, 'segment'::pg_catalog.text, $2, false) $$;

-- ---- refreshing -----------------------------------------------------------------------

FUNCTION refresh_segment(name text, as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	-> TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text) LANGUAGE sql UNSET search_path
	'Computes a segment as of a time and stores the version; a version of the same time is replaced. If the refresh fails, only the log changes, and error says why. The refresh also fails if a segment or tag that it uses has failed since its last version; with stale_inputs that last version is used, with a warning. Returns no row if another session is computing the segment.'
	AS $$ SELECT * FROM journey_internal.refresh_definitions(ARRAY[$1], $2, 'segment'::pg_catalog.text, $3) $$;

FUNCTION refresh_segments(names text[], as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	-> TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text) LANGUAGE sql UNSET search_path
	'Computes several segments; those that others use come first. If one fails, segments that use it fail, too, except with stale_inputs. Rules of one owner over the same sources share one pass over the sources.'
	AS $$ SELECT * FROM journey_internal.refresh_definitions($1, $2, 'segment'::pg_catalog.text, $3) $$;

FUNCTION explain_segment(name text, as_of timestamptz DEFAULT NULL) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The SQL that a refresh of the segment runs, compiled from its rule.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_of(name, 'segment'::text);
BEGIN
	RETURN journey_internal.refresh_query(ARRAY[one.id], coalesce(as_of, now()));
END $$;
