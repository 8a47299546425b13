-- report: stored reports: pages that are computed by their owner's definition, version by version.

INSERT INTO methods (kind, method, page_function) VALUES ('report', 'parts', 'journey_internal.report_version');

FUNCTION journey_internal.report_version(one definitions, as_of timestamptz) -> text LANGUAGE plpgsql
	'Support function of refresh: the page of a report for a time, computed with the rights of its owner.'
AS $$
DECLARE
	definition CONSTANT jsonb := one.definition::jsonb;
	look CONSTANT journey_internal.report_look := journey_internal.checked_look(definition ->> 'title', definition ->> 'language', definition ->> 'theme');
	parts CONSTANT @extschema@.report_part[] := journey_internal.report_parts_of(definition);
BEGIN
	RETURN journey_internal.report_page((look).title, journey_internal.report_titles(parts),
		journey_internal.report_run(one.owner::oid, one.query, parts, 1, as_of, one.time_zone, (look).language),
		concat((as_of AT TIME ZONE one.time_zone)::timestamp(0), ' ', one.time_zone), (look).language, (look).theme);
END $$;

FUNCTION report(name text, as_of timestamptz DEFAULT NULL) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The page of a stored report in its newest version, or in the newest version not newer than as_of, as HTML.'
AS $$
DECLARE
	one CONSTANT @extschema@.definitions := journey_internal.definition_of(name, 'report'::text);
	version CONSTANT timestamptz := journey_internal.version_at(one.id, as_of);
	result text;
BEGIN
	SELECT p.page INTO result FROM @extschema@.version_pages AS p WHERE p.id = one.id AND p.as_of = version;
	RETURN result;
END $$;

FUNCTION report_versions(name text) -> TABLE (as_of timestamptz, bytes bigint, computed_at timestamptz, duration interval, inputs jsonb) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The versions of a stored report in order of time: the size of the page, when and how long it was computed, and the versions of segments and tags from which.'
AS $$
DECLARE
	one CONSTANT @extschema@.definitions := journey_internal.definition_of(name, 'report'::text);
BEGIN
	RETURN QUERY SELECT v.as_of, octet_length(p.page)::bigint, v.computed_at, v.duration, v.inputs
		FROM @extschema@.versions AS v JOIN @extschema@.version_pages AS p ON p.id = v.id AND p.as_of = v.as_of WHERE v.id = one.id ORDER BY v.as_of;
END $$;

CREATE VIEW reports WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.definition::jsonb AS definition, journey_internal.used_names(d.id) AS depends_on,
	d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.computed_at, d.id
FROM @extschema@.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
WHERE d.kind = 'report';
GRANT SELECT ON reports TO PUBLIC;
COMMENT ON VIEW reports IS 'The stored reports that you may read, with their newest versions.';
COMMENT ON COLUMN reports.name IS 'Its name.';
COMMENT ON COLUMN reports.owner IS 'The role with whose rights the queries run, and whose members may change it. "?name": the role does not exist (any more); "!name": the role has not yet accepted the restored definition, see set_definition_owner.';
COMMENT ON COLUMN reports.definition IS 'The definition as the user wrote it.';
COMMENT ON COLUMN reports.depends_on IS 'The segments and tags that it uses; they are refreshed before it.';
COMMENT ON COLUMN reports.keep_for IS 'The next refresh drops versions older than this; NULL keeps all.';
COMMENT ON COLUMN reports.keep_versions IS 'The next refresh keeps at most this number of versions; NULL keeps all.';
COMMENT ON COLUMN reports.description IS 'A description by the owner.';
COMMENT ON COLUMN reports.created_at IS 'When it was created.';
COMMENT ON COLUMN reports.changed_at IS 'When its definition was last changed.';
COMMENT ON COLUMN reports.as_of IS 'The time for which the newest version was computed; NULL if there is none yet.';
COMMENT ON COLUMN reports.computed_at IS 'When the newest version was computed.';
COMMENT ON COLUMN reports.id IS 'Its number, which a rename does not change and which is never reused.';

-- ---- creating and changing ------------------------------------------------------------

FUNCTION journey_internal.do_store_report(name text, definition jsonb, parts journey_internal.analyzed_part[], depends_on text[], keep_for interval, keep_versions int, description text, mode text) -> void LANGUAGE plpgsql
	'Support function of store_report, which calls it: what that does.'
AS $$
#variable_conflict use_variable
DECLARE
	look CONSTANT journey_internal.report_look := journey_internal.checked_look(definition ->> 'title', definition ->> 'language', definition ->> 'theme');
	new @extschema@.definitions;
BEGIN
	new.name := name;
	new.kind := 'report';
	new.method := 'parts';
	new.definition := definition::text;
	new.query := journey_internal.report_query(parts, (look).defaults);
	new.keep_for := keep_for;
	new.keep_versions := keep_versions;
	new.description := description;
	PERFORM journey_internal.store_definition(new, '{}'::text[],
		ARRAY(SELECT DISTINCT n FROM unnest(journey_internal.names_used(new.query) || coalesce(depends_on, '{}')) AS n ORDER BY n), mode);
END $$;

FUNCTION journey_internal.store_report(name text, definition jsonb, parts journey_internal.analyzed_part[], depends_on text[], keep_for interval, keep_versions int, description text, mode text) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of create_report: checks a definition and stores it.';

FUNCTION create_report(name text, definition jsonb, depends_on text[] DEFAULT '{}', keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, replace boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Creates a stored report that belongs to the current role. definition: a JSON object with title and parts, an array of objects with title, query and perhaps kind and options, and perhaps language (en, zh) and theme (auto, light, dark). The queries are checked but not run. depends_on: segments and tags that it uses, besides those that the queries name. keep_for, keep_versions, replace: as in create_segment().'
	AS $$ SELECT journey_internal.store_report($1, $2,
			(SELECT pg_catalog.array_agg(ROW(p.part, a.query, a.columns, a.types)::journey_internal.analyzed_part ORDER BY p.number)
				FROM journey_internal.checked_parts(journey_internal.report_parts_of($2)) AS p, LATERAL journey_internal.analyze_query((p.part).query, journey_internal.report_query_name(p.number, (p.part).title)) AS a),
			$3, $4, $5, $6, journey_internal.creation_mode($1, $7)) $$;

FUNCTION drop_report(name text, force boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Drops a stored report of yours with its versions.'
	AS $$ SELECT journey_internal.drop_definition($1, 'report'::pg_catalog.text, $2) $$;

FUNCTION rename_report(name text, new_name text, force boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Gives a stored report of yours another name.'
	AS $$ SELECT journey_internal.rename_definition($1, 'report'::pg_catalog.text, $2, $3) $$;

FUNCTION grant_report(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Lets a role (or public) read a stored report of yours: its definition and its pages. The role cannot refresh or change it, and needs no rights on the tables that its queries read.'
	AS $$ SELECT journey_internal.change_readers($1, 'report'::pg_catalog.text, $2, true) $$;
FUNCTION revoke_report(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Revokes what grant_report granted.'
	AS $$ SELECT journey_internal.change_readers($1, 'report'::pg_catalog.text, $2, false) $$;

-- ---- refreshing -----------------------------------------------------------------------

FUNCTION journey_internal.page_bytes(name text, as_of timestamptz) -> bigint LANGUAGE sql
	'Support function of refresh_report: the size of the page of a version.'
	AS $$ SELECT octet_length(p.page)::bigint FROM @extschema@.version_pages AS p JOIN @extschema@.definitions AS d USING (id) WHERE d.name = page_bytes.name AND p.as_of = page_bytes.as_of $$;

FUNCTION refresh_report(name text, as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	-> TABLE (name text, as_of timestamptz, bytes bigint, duration interval, error text) LANGUAGE sql UNSET search_path
	'Computes a stored report as of a time, with the rights of its owner, and stores the page; a version of the same time is replaced. as_of() in its queries is this time. If it fails, only the log changes, and error says why, with the part that failed. stale_inputs: as in refresh_segment(). Returns no row if another session is computing the report.'
	AS $$ SELECT r.name, r.as_of, CASE WHEN r.error IS NULL THEN journey_internal.page_bytes(r.name, r.as_of) END, r.duration, r.error
		FROM journey_internal.refresh_definitions(ARRAY[$1], $2, 'report'::pg_catalog.text, $3) AS r $$;
