-- segment: named sets of users, computed by their owner's definition, version by version.

-- ---- the catalogue --------------------------------------------------------------------

CREATE TABLE definitions (
	id bigint PRIMARY KEY DEFAULT nextval('@extschema@.ids'),
	name text NOT NULL UNIQUE,
	kind text NOT NULL CHECK (kind IN ('segment', 'tag')),
	method text NOT NULL,
	owner role_ref NOT NULL DEFAULT @extschema@.caller(),
	readers role_ref[] NOT NULL DEFAULT '{}',
	definition text NOT NULL,
	query text,
	time_zone text NOT NULL DEFAULT current_setting('TimeZone'),
	scale int CHECK (scale BETWEEN 0 AND 18),
	keep_for interval CHECK (keep_for > '0'),
	keep_versions int CHECK (keep_versions > 0),
	description text,
	created_at timestamptz NOT NULL DEFAULT now(),
	changed_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE definitions ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON definitions FOR SELECT USING (@extschema@.may_read(owner, readers));
CREATE POLICY owners_add ON definitions FOR INSERT WITH CHECK (@extschema@.may_restore(owner));
CREATE POLICY owners_change ON definitions FOR UPDATE USING (@extschema@.may_accept(owner)) WITH CHECK (@extschema@.owns(owner));
CREATE POLICY owners_drop ON definitions FOR DELETE USING (@extschema@.owns(owner));
-- the number is the sequence's: who could choose one could take that of something dropped
GRANT SELECT, INSERT (name, kind, method, owner, readers, definition, query, time_zone, scale, keep_for, keep_versions, description, created_at, changed_at),
	UPDATE (name, kind, method, owner, readers, definition, query, time_zone, scale, keep_for, keep_versions, description, created_at, changed_at), DELETE ON definitions TO PUBLIC;
GRANT INSERT ON definitions TO pg_database_owner;
CREATE TRIGGER restored BEFORE INSERT ON definitions FOR EACH ROW EXECUTE FUNCTION restored();
SELECT pg_catalog.pg_extension_config_dump('definitions', '');
COMMENT ON TABLE definitions IS
	'Segments and tags. A role sees those it owns and those granted to it, and changes those it owns. Change them with the functions, not by hand.';
COMMENT ON COLUMN definitions.id IS 'What everything else refers to; never given twice.';
COMMENT ON COLUMN definitions.owner IS 'The role whose rights it runs with.';
COMMENT ON COLUMN definitions.readers IS 'Roles that may read besides the owner.';
COMMENT ON COLUMN definitions.definition IS 'As it was given: a SELECT or a rule.';
COMMENT ON COLUMN definitions.query IS 'A definition in SQL with all names qualified: value and members, or rows and numbers; this is what runs.';
COMMENT ON COLUMN definitions.time_zone IS 'The time zone of the session that wrote it; it is computed in this one.';
COMMENT ON COLUMN definitions.scale IS 'Of a numeric tag: how many decimals its numbers have. NULL for all others.';

-- What a name in a definition means was settled when it was written. It is NULL once that was dropped.
CREATE TABLE definition_uses (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	name text,
	used bigint REFERENCES definitions ON DELETE SET NULL,
	PRIMARY KEY (id, name)
);
CREATE INDEX ON definition_uses (used);
ALTER TABLE definition_uses ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON definition_uses FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.id)
	OR EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.used AND @extschema@.owns(d.owner)));
-- what may not be read may not be used, and so kept from being dropped
CREATE POLICY owners_add ON definition_uses FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.id AND @extschema@.may_restore(d.owner))
		AND (used IS NULL OR EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.used)));
CREATE POLICY owners_drop ON definition_uses FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON definition_uses TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('definition_uses', '');
COMMENT ON TABLE definition_uses IS 'Segments and tags that must be refreshed before another, as this names them. Seen by who may read the other, and the number alone by the owner of what is used.';
COMMENT ON COLUMN definition_uses.used IS 'What the name meant when the definition was written; NULL if that was dropped.';

CREATE TABLE definition_sources (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	name text,
	source bigint REFERENCES sources ON DELETE SET NULL,
	PRIMARY KEY (id, name)
);
CREATE INDEX ON definition_sources (source);
ALTER TABLE definition_sources ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON definition_sources FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_sources.id)
	OR EXISTS (SELECT FROM @extschema@.sources AS s WHERE s.id = definition_sources.source AND @extschema@.owns(s.owner)));
-- what may not be read may not be used, and so kept from being dropped
CREATE POLICY owners_add ON definition_sources FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_sources.id AND @extschema@.may_restore(d.owner))
		AND (source IS NULL OR EXISTS (SELECT FROM @extschema@.sources AS s WHERE s.id = definition_sources.source)));
CREATE POLICY owners_drop ON definition_sources FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_sources.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON definition_sources TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('definition_sources', '');
COMMENT ON TABLE definition_sources IS 'Sources that the rule of a segment or tag reads, as it names them. Seen by who may read the definition, and the number alone by the owner of the source.';
COMMENT ON COLUMN definition_sources.source IS 'What the name meant when the rule was written; NULL if that was dropped.';

CREATE TABLE versions (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	as_of timestamptz CHECK (isfinite(as_of)),
	computed_at timestamptz NOT NULL,
	duration interval NOT NULL,
	users bigint NOT NULL,
	entered bigint NOT NULL,
	exited bigint NOT NULL,
	single boolean NOT NULL DEFAULT false,
	scale int CHECK (scale BETWEEN 0 AND 18),
	inputs jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(inputs) = 'array'),
	PRIMARY KEY (id, as_of)
);
ALTER TABLE versions ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON versions FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = versions.id));
CREATE POLICY owners_add ON versions FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = versions.id AND @extschema@.may_restore(d.owner)));
CREATE POLICY owners_change ON versions FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = versions.id AND @extschema@.owns(d.owner)));
CREATE POLICY owners_drop ON versions FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = versions.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON versions TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('versions', '');
COMMENT ON TABLE versions IS 'The versions of segments and tags. Who may read the definition may read these.';
COMMENT ON COLUMN versions.as_of IS 'The time for which it was computed.';
COMMENT ON COLUMN versions.entered IS 'Users who were not in the version before.';
COMMENT ON COLUMN versions.exited IS 'Users of the version before who are not in this one.';
COMMENT ON COLUMN versions.single IS 'Has nobody more than one value? Then a profile need not look further than the first, and the newest version of a tag is kept user by user, too.';
COMMENT ON COLUMN versions.inputs IS 'The versions of segments and tags that it was computed from: of each the id, name, as_of and computed_at; stale if a newer one was asked for and failed.';
COMMENT ON COLUMN versions.scale IS 'Of a numeric tag: its numbers stand in version_numbers, times 10 to the power of this. NULL for all others.';

-- A segment has one row a version, with the value ''; a tag has one for each value.
CREATE TABLE version_members (
	id bigint,
	as_of timestamptz,
	value text,
	users bigint NOT NULL,
	members @extschema@.userset NOT NULL,
	PRIMARY KEY (id, as_of, value),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
-- not compressed, so that one user is looked up without reading the whole
ALTER TABLE version_members ALTER COLUMN members SET STORAGE EXTERNAL;
ALTER TABLE version_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON version_members FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_members.id));
CREATE POLICY owners_add ON version_members FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_members.id AND @extschema@.may_restore(d.owner)));
CREATE POLICY owners_drop ON version_members FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_members.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON version_members TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('version_members', '');
COMMENT ON TABLE version_members IS 'The users of each version, by value; of a segment the value is empty.';

-- A numeric tag has one row a version here, and none there.
CREATE TABLE version_numbers (
	id bigint,
	as_of timestamptz,
	numbers @extschema@.numset NOT NULL,
	PRIMARY KEY (id, as_of),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
ALTER TABLE version_numbers ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON version_numbers FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_numbers.id));
CREATE POLICY owners_add ON version_numbers FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_numbers.id AND @extschema@.may_restore(d.owner)));
CREATE POLICY owners_drop ON version_numbers FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_numbers.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON version_numbers TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('version_numbers', '');
COMMENT ON TABLE version_numbers IS 'The numbers of each version of a numeric tag, times 10 to the power of versions.scale.';

CREATE TABLE refresh_log (
	id bigint NOT NULL,
	as_of timestamptz,
	started_at timestamptz NOT NULL CHECK (isfinite(started_at)),
	finished_at timestamptz CHECK (isfinite(finished_at)),
	status text NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
	sqlstate text,
	users bigint,
	pid int NOT NULL DEFAULT pg_backend_pid(),
	runner text NOT NULL DEFAULT session_user,
	PRIMARY KEY (id, started_at, pid),
	FOREIGN KEY (id) REFERENCES definitions ON DELETE CASCADE
);
ALTER TABLE refresh_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON refresh_log FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_log.id));
CREATE POLICY owners_add ON refresh_log FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_log.id AND @extschema@.may_restore(d.owner)));
CREATE POLICY owners_change ON refresh_log FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_log.id AND @extschema@.owns(d.owner)));
CREATE POLICY owners_drop ON refresh_log FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_log.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_log TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('refresh_log', '');
COMMENT ON TABLE refresh_log IS 'Every refresh: when, by whom, and how it ended.';
COMMENT ON COLUMN refresh_log.finished_at IS 'When it ended; of an interrupted one, when a runner noticed.';
COMMENT ON COLUMN refresh_log.sqlstate IS 'The SQLSTATE of what failed. The message is in refresh_messages.';
CREATE INDEX refresh_log_running ON refresh_log (id) WHERE status = 'running';

-- Messages quote what could not be cast or divided: they are for those who may read the sources.
CREATE TABLE refresh_messages (
	id bigint,
	started_at timestamptz,
	pid int,
	message text NOT NULL,
	PRIMARY KEY (id, started_at, pid),
	FOREIGN KEY (id, started_at, pid) REFERENCES refresh_log ON DELETE CASCADE
);
ALTER TABLE refresh_messages ENABLE ROW LEVEL SECURITY;
CREATE POLICY owners ON refresh_messages FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_messages.id AND @extschema@.may_read(d.owner, '{}')));
CREATE POLICY owners_add ON refresh_messages FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_messages.id AND @extschema@.may_restore(d.owner)));
CREATE POLICY owners_change ON refresh_messages FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_messages.id AND @extschema@.owns(d.owner)));
CREATE POLICY owners_drop ON refresh_messages FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_messages.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_messages TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('refresh_messages', '');
COMMENT ON TABLE refresh_messages IS 'Why refreshes failed. Only the owner of a definition sees this, for a message may quote what the sources hold.';

CREATE TABLE exports (
	id bigint NOT NULL,
	name text NOT NULL,
	as_of timestamptz NOT NULL,
	exported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	exported_by role_ref NOT NULL,
	logged_in_as text NOT NULL DEFAULT session_user,
	users bigint NOT NULL,
	reason text NOT NULL
);
CREATE INDEX ON exports (id, exported_at);
ALTER TABLE exports ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON exports FOR SELECT USING (@extschema@.may_read(exported_by, '{}')
	OR EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = exports.id AND @extschema@.owns(d.owner)));
CREATE POLICY restored ON exports FOR INSERT WITH CHECK (@extschema@.may_restore('?nobody'));
-- segment_export adds rows, for nobody else can
GRANT SELECT ON exports TO PUBLIC;
GRANT INSERT ON exports TO pg_database_owner;
SELECT pg_catalog.pg_extension_config_dump('exports', '');
COMMENT ON TABLE exports IS
	'Who took the members of which segment out, when, how many, and why. Rows are only added, by segment_export; they outlive the segment. Seen by who exported and by the segment''s owner.';
COMMENT ON COLUMN exports.id IS 'The segment. Its number is not given again when it is dropped.';
COMMENT ON COLUMN exports.name IS 'What it was called.';
COMMENT ON COLUMN exports.as_of IS 'Its version.';
COMMENT ON COLUMN exports.exported_at IS 'When.';
COMMENT ON COLUMN exports.exported_by IS 'The role that did, after SET ROLE.';
COMMENT ON COLUMN exports.logged_in_as IS 'The role that had logged in.';
COMMENT ON COLUMN exports.users IS 'How many users.';
COMMENT ON COLUMN exports.reason IS 'Why, as given.';

-- ---- reading the catalogue ------------------------------------------------------------

-- The definition of this name and kind that the caller may see, or an error.
CREATE FUNCTION definition_of(name text, kind text) RETURNS definitions
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found @extschema@.definitions;
BEGIN
	SELECT * INTO found FROM @extschema@.definitions AS d WHERE d.name = definition_of.name;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'there is no % "%" that you may read', coalesce(kind, 'segment or tag'), name
			USING ERRCODE = 'undefined_object', HINT = 'The views segments and tags list those that you may.';
	ELSIF found.kind <> kind THEN
		RAISE EXCEPTION '"%" is a %, not a %', name, found.kind, kind USING ERRCODE = 'wrong_object_type';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION definition_of(text, text) IS 'The segment or tag of this name (kind NULL: either). An error if there is none that you may read.';

-- The same, for somebody who wants to change it.
CREATE FUNCTION own_definition(name text, kind text) RETURNS definitions
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found @extschema@.definitions := @extschema@.definition_of(name, kind);
BEGIN
	IF NOT @extschema@.owns(found.owner) THEN
		RAISE EXCEPTION '% "%" belongs to %', found.kind, name, found.owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner and members of that role may change or refresh it.';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION own_definition(text, text) IS 'The segment or tag of this name. An error unless you have the rights of its owner.';

-- What is computed goes by number: a name may mean something else by then.
CREATE FUNCTION definition_by_id(id bigint) RETURNS definitions
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION definition_by_id(bigint) IS 'The segment or tag of this number. An error if there is none that you may read.';

-- What rules are compiled to. Names are for errors, and for who reads the SQL.
CREATE FUNCTION used_definition(id bigint, name text, kind text) RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION used_definition(bigint, text, text) IS 'The number of a segment or tag that a rule uses, and names so. An error if it was dropped or may not be read.';

CREATE FUNCTION used_names(of_id bigint) RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT coalesce(d.name, u.name) FROM @extschema@.definition_uses AS u LEFT JOIN @extschema@.definitions AS d ON d.id = u.used WHERE u.id = of_id ORDER BY 1) $$;
COMMENT ON FUNCTION used_names(bigint) IS 'Names of the segments and tags that a definition uses, as they are now, or as it calls those that it cannot see.';

CREATE FUNCTION source_names(of_id bigint) RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT coalesce(s.name, u.name) FROM @extschema@.definition_sources AS u LEFT JOIN @extschema@.sources AS s ON s.id = u.source WHERE u.id = of_id ORDER BY 1) $$;
COMMENT ON FUNCTION source_names(bigint) IS 'Names of the sources that a rule reads, as they are now, or as it calls those that you cannot see.';

-- The sources of a definition, in the order of their names in it.
CREATE FUNCTION definition_sources(of_id bigint) RETURNS bigint[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION definition_sources(bigint) IS 'The sources that a rule reads. An error if one was dropped.';

-- The version that holds at a time.
CREATE FUNCTION version_at(id bigint, at timestamptz) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
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
		one := @extschema@.definition_by_id(id);
		RAISE EXCEPTION '"%" has no version %', one.name, CASE WHEN at IS NULL THEN 'yet' ELSE concat('as of ', at) END
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Compute one: SELECT refresh_%s(%L%s).', one.kind, one.name, ', ' || quote_literal(at));
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION version_at(bigint, timestamptz) IS 'as_of of the newest version not newer than this time (NULL: of the newest; in a definition, not newer than as_of()). An error if there is none.';

CREATE FUNCTION common_version(names text[], as_of timestamptz DEFAULT NULL) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
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
		one := @extschema@.definition_of(wanted, NULL::text);
		IF one.id <> ALL (ids) THEN
			ids := ids || one.id;
		END IF;
	END LOOP;
	SELECT v.as_of INTO found FROM @extschema@.versions AS v
	WHERE v.id = ANY (ids) AND (common_version.as_of IS NULL OR v.as_of <= common_version.as_of)
	GROUP BY v.as_of HAVING count(*) = cardinality(ids) ORDER BY v.as_of DESC LIMIT 1;
	IF found IS NULL THEN
		RAISE EXCEPTION 'there is no time for which all of these have a version: %', array_to_string(names, ', ') USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Compute them for the same time, such as by refresh_segments(names, as_of), or give them the same schedule.';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION common_version(text[], timestamptz) IS
	'The newest time, not after as_of, for which all of these segments and tags have a version, so that they can be compared: segment(a, v), segment(b, v). An error if there is none.';

CREATE FUNCTION segment_by_id(id bigint, name text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint := @extschema@.used_definition(id, name, 'segment'::text);
	result @extschema@.userset;
BEGIN
	SELECT m.members INTO result FROM @extschema@.version_members AS m
	WHERE m.id = wanted AND m.value = '' AND m.as_of = @extschema@.version_at(wanted, segment_by_id.as_of);
	RETURN result;
END $$;
COMMENT ON FUNCTION segment_by_id(bigint, text, timestamptz) IS 'The users of the segment of this number; errors call it name. Rules are made of it.';

CREATE FUNCTION segment(name text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(name, 'segment'::text);
BEGIN
	RETURN @extschema@.segment_by_id(one.id, one.name, as_of);
END $$;
COMMENT ON FUNCTION segment(text, timestamptz) IS
	'The users of a segment: of its newest version, or of the newest not newer than as_of; in a definition, which is computed for a time, not newer than that. In a WHERE clause write (SELECT segment(...)), so that it is fetched once.';

CREATE VIEW segments WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.method, d.definition, @extschema@.source_names(d.id) AS sources, @extschema@.used_names(d.id) AS depends_on,
	d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.users, v.computed_at, d.id
FROM @extschema@.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
WHERE d.kind = 'segment';
GRANT SELECT ON segments TO PUBLIC;
COMMENT ON VIEW segments IS 'The segments that you may read, with their newest versions.';
COMMENT ON COLUMN segments.name IS 'What it is called.';
COMMENT ON COLUMN segments.owner IS 'The role whose rights its definition runs with, and whose members may change it. "?name": the role does not exist (any more); "!name": it has yet to accept what was restored for it, see set_owner.';
COMMENT ON COLUMN segments.method IS 'How it is defined: rule or sql.';
COMMENT ON COLUMN segments.definition IS 'As it was given.';
COMMENT ON COLUMN segments.sources IS 'Sources that its rule reads.';
COMMENT ON COLUMN segments.depends_on IS 'Segments and tags that it uses, refreshed before it.';
COMMENT ON COLUMN segments.keep_for IS 'The next refresh drops versions older than this; NULL keeps all.';
COMMENT ON COLUMN segments.keep_versions IS 'The next refresh keeps only so many; NULL keeps all.';
COMMENT ON COLUMN segments.description IS 'What its owner says of it.';
COMMENT ON COLUMN segments.created_at IS 'When it was created.';
COMMENT ON COLUMN segments.changed_at IS 'When its definition was last changed.';
COMMENT ON COLUMN segments.as_of IS 'The time for which the newest version was computed; NULL if there is none yet.';
COMMENT ON COLUMN segments.users IS 'How many users the newest version has.';
COMMENT ON COLUMN segments.computed_at IS 'When the newest version was computed.';
COMMENT ON COLUMN segments.id IS 'Its number, which stays when it is renamed and is never given again.';

CREATE FUNCTION segment_trend(name text)
	RETURNS TABLE (as_of timestamptz, users bigint, entered bigint, exited bigint, computed_at timestamptz, duration interval, inputs jsonb)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(name, 'segment'::text);
BEGIN
	RETURN QUERY SELECT v.as_of, v.users, v.entered, v.exited, v.computed_at, v.duration, v.inputs
		FROM @extschema@.versions AS v WHERE v.id = one.id ORDER BY v.as_of;
END $$;
COMMENT ON FUNCTION segment_trend(text) IS
	'The versions of a segment in order of time: how many users, how many entered and exited since the version before, and which versions of others it was computed from.';

CREATE FUNCTION segment_diff(name text, from_as_of timestamptz, to_as_of timestamptz)
	RETURNS TABLE (change text, users bigint, members userset)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	before @extschema@.userset := @extschema@.segment(name, from_as_of);
	after @extschema@.userset := @extschema@.segment(name, to_as_of);
BEGIN
	RETURN QUERY SELECT c.change, @extschema@.cardinality(c.members), c.members
		FROM (VALUES ('entered'::text, after OPERATOR(@extschema@.-) before), ('exited', before OPERATOR(@extschema@.-) after),
			('stayed', before OPERATOR(@extschema@.&) after)) AS c(change, members);
END $$;
COMMENT ON FUNCTION segment_diff(text, timestamptz, timestamptz) IS
	'Who entered, exited and stayed in a segment between the versions of two times.';

-- The row is written as the owner of the table, by C code that has read the members with the
-- caller's rights: who takes members out leaves it, and nobody can invent one.
CREATE FUNCTION export_members(id bigint, as_of timestamptz, reason text) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_export_members'
	LANGUAGE C VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION export_members(bigint, timestamptz, text) IS 'Support function of segment_export: the members of a version of a segment. Who, when, how many and why is written into exports.';

CREATE FUNCTION segment_export(name text, reason text) RETURNS SETOF bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(name, 'segment'::text);
BEGIN
	IF reason IS NULL OR btrim(reason) = '' THEN
		RAISE EXCEPTION 'an export needs a reason' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write why the customers are taken out, such as ''fund campaign 2026-11''.';
	END IF;
	RETURN QUERY SELECT @extschema@.members(@extschema@.export_members(one.id, @extschema@.version_at(one.id, NULL::timestamptz), reason));
END $$;
COMMENT ON FUNCTION segment_export(text, text) IS
	'The users of a segment''s newest version, for taking them out of the database. Who, when, how many and why is written into exports.';

-- ---- creating and changing ------------------------------------------------------------

-- Which segments and tags does a query name? It is one that analyze_query has written, where a
-- literal stands in one form only, however it was spelt.
CREATE FUNCTION names_used(query text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT DISTINCT replace(name, '''''', '''')
		FROM regexp_matches(query, '\m@extschema@\.(segment|segment_diff|segment_trend|tag_users|tag_users_where|tag_users_between|tag_numset|tag_summary|tag_stats|tag_histogram|tag_cross)\((?:as_of => (?:[^''(),]|''[^'']*''|\((?:[^()]|\(\))*\))+, )?(?:(?:name|tag|tag_a) => )?''((?:[^'']|'''')+)''::text(?:, (?:tag_b => )?''((?:[^'']|'''')+)''::text)?', 'g') AS m,
			unnest(CASE m[1] WHEN 'tag_cross' THEN m[2:3] ELSE m[2:2] END) AS name
		WHERE name IS NOT NULL ORDER BY 1) $$;
COMMENT ON FUNCTION names_used(text) IS 'Names of segments and tags that a definition in SQL, as it is stored, fetches by segment(''...''), tag_users(''...'') and its like.';

-- What names of segments and tags mean to the caller.
CREATE FUNCTION used_ids(name text, names text[]) RETURNS bigint[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION used_ids(text, text[]) IS 'The segments and tags of these names, used by the one of the first name. An error if there is none that you may read.';

-- Looks at each definition once, however many ways lead to it.
CREATE FUNCTION refuse_cycle(id bigint, uses bigint[]) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION refuse_cycle(bigint, bigint[]) IS 'An error if a definition used itself by way of others.';

-- Store a checked definition: a new one, or in place of an old one.
CREATE FUNCTION store_definition(new_definition definitions, sources text[], uses text[], replace boolean) RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	new ALIAS FOR new_definition;
	source_ids CONSTANT bigint[] := @extschema@.source_ids(sources, @extschema@.caller()::regrole);
	used_ids bigint[];
	old @extschema@.definitions;
BEGIN
	PERFORM @extschema@.check_name(new.name, new.kind);
	IF new.keep_for <= interval '0' OR new.keep_versions <= 0 THEN
		RAISE EXCEPTION 'keep_for and keep_versions must be more than nothing' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'NULL keeps all versions.';
	END IF;
	-- one at a time, or two could make a cycle together
	PERFORM pg_advisory_xact_lock(@extschema@.lock_space(), 0);
	used_ids := @extschema@.used_ids(new.name, uses);
	IF replace THEN
		old := @extschema@.own_definition(new.name, new.kind);
		PERFORM @extschema@.refuse_cycle(old.id, used_ids);
		UPDATE @extschema@.definitions AS d SET method = new.method, definition = new.definition, query = new.query, time_zone = current_setting('TimeZone'), scale = new.scale, changed_at = now()
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
	RAISE EXCEPTION 'a segment or tag named "%" exists already', new.name
		USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role. alter_segment and alter_tag change one of your own.';
END $$;
COMMENT ON FUNCTION store_definition(definitions, text[], text[], boolean) IS 'Support function of create_segment, create_tag and their like: stores a definition, and what the names in it mean. Returns its number.';

CREATE FUNCTION lock_space() RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	AS $$ SELECT 1785686393 $$;
COMMENT ON FUNCTION lock_space() IS 'The first key of this extension''s advisory locks; the second is 0, or the hash of a name.';

CREATE FUNCTION is_rule(definition text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT definition ~ '^\s*\{' $$;
COMMENT ON FUNCTION is_rule(text) IS 'Is a definition a rule, rather than a SELECT?';

-- ---- aggregates of rules ----------------------------------------------------------------

CREATE FUNCTION first_step(stepset) RETURNS int
	AS 'MODULE_PATHNAME', 'journey_first_step'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_step(stepset) IS 'Support function of rules: the number of the first condition that is met, from 1; 0 if none is.';
CREATE FUNCTION steps_at(places stepset, VARIADIC conditions "any") RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_steps_at'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION steps_at(stepset, "any") IS 'Support function of rules: a stepset of conditions, booleans, that stand where places has ones; the others are false. NULL counts as false.';

CREATE FUNCTION step_users_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION step_users_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of step_users: adds one row.';
CREATE FUNCTION step_users_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION step_users_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_users_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_users_combine(internal, internal) IS 'Support function of step_users: joins the states of two workers.';
COMMENT ON FUNCTION step_users_serialize(internal) IS 'Support function of step_users: a state as bytes.';
COMMENT ON FUNCTION step_users_deserialize(bytea, internal) IS 'Support function of step_users: bytes as a state.';
COMMENT ON FUNCTION step_users_final(internal) IS 'Support function of step_users: groups the rows by user and says who.';
CREATE AGGREGATE step_users(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = step_users_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = step_users_combine, SERIALFUNC = step_users_serialize, DESERIALFUNC = step_users_deserialize,
	FINALFUNC = step_users_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE step_users(bigint, timestamptz, stepset, text) IS
	'Who met a step how often and when: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included) and a number of times: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) 3'' holds for users who met step 1 at least three times in January; several are separated by semicolons. Rows with a NULL are skipped; no rows give NULL. Rules are made of it.';

CREATE FUNCTION step_users_once_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION step_users_once_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of step_users_once: adds one row.';
CREATE FUNCTION step_users_once_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION step_users_once_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_users_once_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_once_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_users_once_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_users_once_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_users_once_combine(internal, internal) IS 'Support function of step_users_once: joins the states of two workers.';
COMMENT ON FUNCTION step_users_once_serialize(internal) IS 'Support function of step_users_once: a state as bytes.';
COMMENT ON FUNCTION step_users_once_deserialize(bytea, internal) IS 'Support function of step_users_once: bytes as a state.';
COMMENT ON FUNCTION step_users_once_final(internal) IS 'Support function of step_users_once: groups the rows by user and says who.';
CREATE AGGREGATE step_users_once(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = step_users_once_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = step_users_once_combine, SERIALFUNC = step_users_once_serialize, DESERIALFUNC = step_users_once_deserialize,
	FINALFUNC = step_users_once_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE step_users_once(bigint, timestamptz, stepset, text) IS
	'The same as step_users for questions that all ask for one time only: faster, as nothing is counted.';

CREATE FUNCTION step_totals_transition(internal, bigint, timestamptz, stepset, double precision, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_totals_transition(internal, bigint, timestamptz, stepset, double precision, text) IS 'Support function of step_totals: adds one row.';
CREATE FUNCTION step_totals_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION step_totals_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_totals_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_totals_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION step_totals_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_totals_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION step_totals_combine(internal, internal) IS 'Support function of step_totals: joins the states of two workers.';
COMMENT ON FUNCTION step_totals_serialize(internal) IS 'Support function of step_totals: a state as bytes.';
COMMENT ON FUNCTION step_totals_deserialize(bytea, internal) IS 'Support function of step_totals: bytes as a state.';
COMMENT ON FUNCTION step_totals_final(internal) IS 'Support function of step_totals: groups the rows by user and says who.';
CREATE AGGREGATE step_totals(user_id bigint, at timestamptz, step stepset, value double precision, questions text) (
	SFUNC = step_totals_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = step_totals_combine, SERIALFUNC = step_totals_serialize, DESERIALFUNC = step_totals_deserialize,
	FINALFUNC = step_totals_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE step_totals(bigint, timestamptz, stepset, double precision, text) IS
	'Whose values of a step come to something: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included), sum, avg, min or max, and a comparison, with a semicolon after it: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) sum >= 100;''. A sum or mean that is as near to the bound as float8 can tell is equal to it. Rows with a NULL are skipped; no rows give NULL.';

CREATE FUNCTION users_by_total_transition(internal, bigint, double precision, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION users_by_total_transition(internal, bigint, double precision, text, text, text) IS 'Support function of users_by_total: adds one row.';
CREATE FUNCTION users_by_total_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION users_by_total_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_users_by_total_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION users_by_total_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION users_by_total_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_users_by_total_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION users_by_total_combine(internal, internal) IS 'Support function of users_by_total: joins the states of two workers.';
COMMENT ON FUNCTION users_by_total_serialize(internal) IS 'Support function of users_by_total: a state as bytes.';
COMMENT ON FUNCTION users_by_total_deserialize(bytea, internal) IS 'Support function of users_by_total: bytes as a state.';
COMMENT ON FUNCTION users_by_total_final(internal) IS 'Support function of users_by_total: groups the rows by user and says who.';
CREATE AGGREGATE users_by_total(user_id bigint, value double precision, total text, operator text, bound text) (
	SFUNC = users_by_total_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = users_by_total_combine, SERIALFUNC = users_by_total_serialize, DESERIALFUNC = users_by_total_deserialize,
	FINALFUNC = users_by_total_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE users_by_total(bigint, double precision, text, text, text) IS
	'The users whose values come to something: users_by_total(user_id, amount, ''sum'', ''>='', ''1000''). total: sum, avg, min or max. Rows with a NULL user or value are skipped; no rows give NULL.';

CREATE FUNCTION users_by_distinct_transition(internal, bigint, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_distinct_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION users_by_distinct_transition(internal, bigint, text, text, text, text) IS 'Support function of users_by_total: adds one row.';
CREATE AGGREGATE users_by_total(user_id bigint, value text, total text, operator text, bound text) (
	SFUNC = users_by_distinct_transition, STYPE = internal, SSPACE = 1000000,
	COMBINEFUNC = users_by_total_combine, SERIALFUNC = users_by_total_serialize, DESERIALFUNC = users_by_total_deserialize,
	FINALFUNC = users_by_total_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE users_by_total(bigint, text, text, text, text) IS
	'The users with so many different values: users_by_total(user_id, channel, ''distinct'', ''>='', ''3''). Rows with a NULL user or value are skipped; no rows give NULL.';

-- ---- rules ----------------------------------------------------------------------------
--
-- A rule becomes one SELECT with one pass over its source. What users did is asked in that
-- pass: by step_users, step_totals and pattern_users, each of which answers many questions at
-- once, and for the rest by users_by_total and funnel_members. Each question gives a userset,
-- and and, or, not are operators between usersets. "not" stays unevaluated as long as it can:
-- A and not B is A - B; only what is a complement at the end needs a base.
--
-- While compiling, what is asked in the pass is collected in a jsonb, the context:
--	as_of, uses			the time, and what the names of segments and tags mean, by name
--	attributes, json	what filters may name: types by name; is there a column attrs?
--	names, filters		events: by name alone, and others as rule_event gives them
--	n0, n1 ... f0, f1 ...	questions to each 58 of these: [step, since, until, at_least]
--	operands			SQL of the values of which totals are asked
--	v0, v1 ...			events with these
--	v0_0, v0_1 ...		questions to each 58 of these: [step, since, until, total, operator, bound]
--	e0, e1 ...			events of patterns, up to 58 each
--	p0, p1 ...			patterns over these: [since, until, steps, pattern]
--	totals, chains		SQL of further aggregates

CREATE FUNCTION check_keys(object jsonb, allowed text[], what text) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
BEGIN
	IF jsonb_typeof(object) IS DISTINCT FROM 'object' THEN
		RAISE EXCEPTION '% is %, not an object', what, coalesce(object::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is an object of ' || array_to_string(allowed, ', ') || '. docs/segment.md describes rules.';
	END IF;
	SELECT k INTO unknown FROM jsonb_object_keys(object) AS k WHERE k <> ALL (allowed) ORDER BY k LIMIT 1;
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION '% has no "%": %', what, unknown, object USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It may have ' || array_to_string(allowed, ', ') || '.';
	END IF;
END $$;
COMMENT ON FUNCTION check_keys(jsonb, text[], text) IS 'An error unless this is an object with no keys but these.';

-- A length of time in a rule, in days of 24 hours.
CREATE FUNCTION rule_duration(duration jsonb, what text) RETURNS interval
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result interval;
BEGIN
	IF jsonb_typeof(duration) IS DISTINCT FROM 'string' THEN
		RAISE EXCEPTION '% is %, not a length of time', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write it as "30 days" or "12 hours".';
	END IF;
	BEGIN
		result := (duration #>> '{}')::interval;
	EXCEPTION WHEN invalid_datetime_format OR interval_field_overflow OR datetime_field_overflow THEN
		RAISE EXCEPTION '% is %, not a length of time', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write it as "30 days" or "12 hours".';
	END;
	IF extract(year FROM result) <> 0 OR extract(month FROM result) <> 0 THEN
		RAISE EXCEPTION '% is %: months differ in length', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Use days, such as "30 days".';
	ELSIF result < interval '0' THEN
		RAISE EXCEPTION '% is %, before its own beginning', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write a length without a minus.';
	ELSIF result > interval '1000000 days' THEN
		RAISE EXCEPTION '% is %, which is too long', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write up to "1000000 days", or leave the window out for all of the past.';
	END IF;
	RETURN make_interval(hours => (extract(day FROM result) * 24)::int) + (result - make_interval(days => extract(day FROM result)::int));
END $$;
COMMENT ON FUNCTION rule_duration(jsonb, text) IS 'A length of time in a rule, up to a million days. Months are refused.';

CREATE FUNCTION rule_time(at jsonb, what text) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result timestamptz;
BEGIN
	result := (at #>> '{}')::timestamptz;
	IF jsonb_typeof(at) <> 'string' OR NOT isfinite(result) THEN
		RAISE invalid_datetime_format;
	END IF;
	-- without a zone it would mean another time for another runner
	IF NOT (at #>> '{}') ~* '([+-]\d\d(:?\d\d)?|z|utc|gmt)\s*$' OR (at #>> '{}') ~ '^\s*\d+-\d+-\d+\s*$' THEN
		RAISE EXCEPTION '% is %, without a time zone', what, at USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write the offset too, such as "2026-01-31 00:00+08".';
	END IF;
	RETURN result;
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow OR invalid_text_representation THEN
	RAISE EXCEPTION '% is %, not a time', what, at USING ERRCODE = 'invalid_parameter_value',
		HINT = 'Write it as "2026-01-31 00:00+08".';
END $$;
COMMENT ON FUNCTION rule_time(jsonb, text) IS 'A time in a rule. It must be finite and say its zone.';

-- The window of a condition: since <= at < until.
CREATE FUNCTION rule_window(condition jsonb, as_of timestamptz, OUT since timestamptz, OUT until timestamptz)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	since := '-infinity';
	until := as_of;
	IF condition ? 'within' AND (condition ? 'from' OR condition ? 'to') THEN
		RAISE EXCEPTION 'a condition has both within and from or to: %', condition USING ERRCODE = 'invalid_parameter_value',
			HINT = 'within slides with as_of, from and to stand still: use one of them.';
	ELSIF jsonb_typeof(condition -> 'within') = 'array' THEN
		IF jsonb_array_length(condition -> 'within') <> 2 THEN
			RAISE EXCEPTION 'within is %, not two lengths of time', condition -> 'within' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write ["60 days", "30 days"] for the time from 60 to 30 days ago.';
		END IF;
		since := as_of - @extschema@.rule_duration(condition #> '{within,0}', 'within'::text);
		until := as_of - @extschema@.rule_duration(condition #> '{within,1}', 'within'::text);
	ELSIF condition ? 'within' THEN
		since := as_of - @extschema@.rule_duration(condition -> 'within', 'within'::text);
	ELSE
		IF condition ? 'from' THEN
			since := @extschema@.rule_time(condition -> 'from', 'from'::text);
		END IF;
		IF condition ? 'to' THEN
			until := least(as_of, @extschema@.rule_time(condition -> 'to', 'to'::text));
		END IF;
	END IF;
	-- a fixed window may lie after as_of; then nobody did anything in it
	IF condition ? 'within' AND since >= until
		OR condition ? 'from' AND condition ? 'to' AND since >= @extschema@.rule_time(condition -> 'to', 'to'::text) THEN
		RAISE EXCEPTION 'the window of a condition is empty: %', condition USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It does not begin before its end.';
	END IF;
END $$;
COMMENT ON FUNCTION rule_window(jsonb, timestamptz) IS 'The window of a condition of a rule, evaluated at as_of.';

-- Rules run where only pg_catalog is looked into. There = would find that of another type for
-- one like citext, to which values of it can be cast.
CREATE FUNCTION type_operator(type text, operator text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce((
		SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
		FROM pg_type AS t
			JOIN pg_opclass AS c ON c.opcintype = t.oid AND c.opcdefault
			JOIN pg_am AS m ON m.oid = c.opcmethod
			JOIN pg_amop AS a ON a.amopfamily = c.opcfamily AND a.amoplefttype = t.oid AND a.amoprighttype = t.oid
			JOIN pg_operator AS e ON e.oid = a.amopopr
			JOIN pg_operator AS o ON o.oid = CASE operator WHEN '!=' THEN e.oprnegate ELSE e.oid END
			JOIN pg_namespace AS n ON n.oid = o.oprnamespace
		WHERE t.oid = type::regtype AND t.typnamespace <> 'pg_catalog'::regnamespace
			AND (m.amname = 'btree' AND a.amopstrategy = CASE operator WHEN '<' THEN 1 WHEN '<=' THEN 2 WHEN '=' THEN 3 WHEN '!=' THEN 3 WHEN '>=' THEN 4 WHEN '>' THEN 5 END
				OR m.amname = 'hash' AND operator IN ('=', '!='))
		ORDER BY m.amname LIMIT 1),
		replace(operator, '!=', '<>')) $$;
COMMENT ON FUNCTION type_operator(text, text) IS 'How =, !=, <, <=, > or >= of a type is written in SQL: with its schema, if the type is not of pg_catalog and has one in its default operator class.';

-- The comparison of an expression of a type with a value, all of a rule.
CREATE FUNCTION rule_comparison(operand text, type text, comparison jsonb, what text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	operator text;
	given jsonb;
	result text[] := '{}';
	one text;
	own text;
BEGIN
	CASE jsonb_typeof(comparison)
		WHEN 'null' THEN comparison := '{"exists": false}';
		WHEN 'array' THEN comparison := jsonb_build_object('in', comparison);
		WHEN 'object' THEN NULL;
		ELSE comparison := jsonb_build_object('=', comparison);
	END CASE;
	IF comparison = '{}' THEN
		RAISE EXCEPTION 'the comparison of % is empty', what USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 3}, for example.';
	END IF;
	FOR operator, given IN SELECT * FROM jsonb_each(comparison) LOOP
		IF operator IN ('=', '!=', '<', '<=', '>', '>=') AND jsonb_typeof(given) IN ('string', 'number', 'boolean') THEN
			IF type = 'attrs' AND jsonb_typeof(given) = 'string' THEN
				one := format('(%s #>> ''{}''::pg_catalog.text[]) %s %L', operand, replace(operator, '!=', '<>'), given #>> '{}');
			ELSIF type = 'attrs' THEN
				one := format('(pg_catalog.jsonb_typeof(%1$s) = %2$L AND %1$s %3$s %4$L::pg_catalog.jsonb)', operand, jsonb_typeof(given), replace(operator, '!=', '<>'), given::text);
			ELSE
				one := format('%s %s %L::%s', operand, @extschema@.type_operator(type, operator), given #>> '{}', type);
			END IF;
		ELSIF operator = 'in' AND jsonb_typeof(given) = 'array' AND jsonb_array_length(given) > 0 THEN
			SELECT '(' || string_agg(@extschema@.rule_comparison(operand, type, jsonb_build_object('=', g), what), ' OR ') || ')' INTO one
			FROM jsonb_array_elements(given) AS g;
		ELSIF operator IN ('like', 'not like') AND jsonb_typeof(given) = 'string' THEN
			-- a type may have its own, as citext has
			SELECT format('%s OPERATOR(%I.%s) %L::%s', operand, n.nspname, o.oprname, given #>> '{}', type) INTO own
			FROM pg_type AS t JOIN pg_operator AS o ON o.oprleft = t.oid AND o.oprright = t.oid AND o.oprnamespace = t.typnamespace
				JOIN pg_namespace AS n ON n.oid = o.oprnamespace
			WHERE type <> 'attrs' AND t.oid = to_regtype(type) AND t.typnamespace <> 'pg_catalog'::regnamespace
				AND o.oprname = CASE operator WHEN 'like' THEN '~~' ELSE '!~~' END;
			one := coalesce(own, format(CASE type WHEN 'attrs' THEN '(%s #>> ''{}''::pg_catalog.text[]) %s %L' ELSE '(%s)::pg_catalog.text %s %L' END,
				operand, upper(operator), given #>> '{}'));
		ELSIF operator = 'exists' AND jsonb_typeof(given) = 'boolean' THEN
			-- the null of JSON is none, too
			one := format(CASE type WHEN 'attrs' THEN '(%s #>> ''{}''::pg_catalog.text[]) IS %s' ELSE '%s IS %s' END,
				operand, CASE WHEN given::boolean THEN 'NOT NULL' ELSE 'NULL' END);
		ELSE
			RAISE EXCEPTION '% is compared by "%" with %', what, operator, given USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Operators are =, !=, <, <=, >, >= with a value, in with an array of values, like and not like with a string, exists with true or false.';
		END IF;
		result := result || one;
	END LOOP;
	RETURN array_to_string(result, ' AND ');
END $$;
COMMENT ON FUNCTION rule_comparison(text, text, jsonb, text) IS 'A comparison of a rule in SQL.';

-- An attribute in SQL, and its type: 'attrs' for a member of a jsonb.
CREATE FUNCTION rule_attribute(name text, context jsonb, OUT operand text, OUT type text)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF name = 'value' AND context ->> 'alias' = 'e' THEN
		operand := 'e.value';
		type := 'double precision';
	ELSIF context -> 'attributes' ? name THEN
		operand := format('%s.%I', context ->> 'alias', concat(context ->> 'prefix', name));
		type := context -> 'attributes' ->> name;
	ELSIF (context ->> 'json')::boolean THEN
		operand := format('(%s.attrs -> %L)', context ->> 'alias', name);
		type := 'attrs';
	ELSE
		RAISE EXCEPTION 'there is no attribute "%"', name USING ERRCODE = 'undefined_column',
			HINT = 'There are: ' || concat_ws(', ', CASE context ->> 'alias' WHEN 'e' THEN 'value' END, (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(context -> 'attributes') AS k)) || '.';
	END IF;
END $$;
COMMENT ON FUNCTION rule_attribute(text, jsonb) IS 'An attribute that a rule names, in SQL.';

CREATE FUNCTION rule_filter(filter jsonb, context jsonb) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	key text;
	given jsonb;
	attribute record;
	result text[] := '{}';
BEGIN
	IF jsonb_typeof(filter) IS DISTINCT FROM 'object' OR filter = '{}' THEN
		RAISE EXCEPTION 'a filter is %, not an object', filter USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write {"channel": "app", "amount": {">=": 1000}}.';
	END IF;
	FOR key, given IN SELECT * FROM jsonb_each(filter) LOOP
		IF key IN ('and', 'or') THEN
			IF jsonb_typeof(given) <> 'array' OR jsonb_array_length(given) = 0 THEN
				RAISE EXCEPTION '"%" of a filter is %, not an array of filters', key, given USING ERRCODE = 'invalid_parameter_value';
			END IF;
			result := result || (SELECT '(' || string_agg(@extschema@.rule_filter(g, context), CASE key WHEN 'and' THEN ' AND ' ELSE ' OR ' END) || ')'
				FROM jsonb_array_elements(given) AS g);
		ELSIF key = 'not' THEN
			-- also when what it denies is unknown
			result := result || format('(%s) IS NOT TRUE', @extschema@.rule_filter(given, context));
		ELSE
			SELECT * INTO attribute FROM @extschema@.rule_attribute(key, context);
			result := result || @extschema@.rule_comparison(attribute.operand, attribute.type, given, format('"%s"', key));
		END IF;
	END LOOP;
	RETURN array_to_string(result, ' AND ');
END $$;
COMMENT ON FUNCTION rule_filter(jsonb, jsonb) IS 'A filter of a rule in SQL.';

-- Where an element is in an array of the context; it is added if it is not there.
CREATE FUNCTION rule_index(key text, element jsonb, INOUT context jsonb, OUT index int)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT e.n - 1 INTO index FROM jsonb_array_elements(context -> key) WITH ORDINALITY AS e(value, n) WHERE e.value = element;
	IF index IS NULL THEN
		index := coalesce(jsonb_array_length(context -> key), 0);
		context := jsonb_set(context, ARRAY[key], coalesce(context -> key, '[]') || jsonb_build_array(element));
	END IF;
END $$;
COMMENT ON FUNCTION rule_index(text, jsonb, jsonb) IS 'Support function of rules: collects what a pass has to ask.';

-- An event of a rule, with its filter: the name alone, or a condition in SQL.
CREATE FUNCTION rule_event(event jsonb, filter jsonb, context jsonb, OUT name text, OUT sql text, OUT parts jsonb)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	condition text;
BEGIN
	IF jsonb_typeof(event) = 'string' AND event <> '"*"' THEN
		sql := format('e.event = %L::pg_catalog.text', event #>> '{}');
		name := CASE WHEN filter IS NULL THEN event #>> '{}' END;
	ELSIF event = '"*"' THEN
		sql := 'true';
	ELSIF jsonb_typeof(event) = 'array' AND jsonb_array_length(event) > 0 AND NOT EXISTS (SELECT FROM jsonb_array_elements(event) AS n WHERE jsonb_typeof(n) <> 'string') THEN
		sql := format('e.event = ANY (%L::pg_catalog.text[])', ARRAY(SELECT jsonb_array_elements_text(event)));
	ELSE
		RAISE EXCEPTION 'an event is %', coalesce(event::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write its name, an array of names for any of them, or "*" for any event.';
	END IF;
	IF filter IS NOT NULL THEN
		condition := @extschema@.rule_filter(filter, context);
		sql := format('%s AND %s', sql, condition);
	END IF;
	parts := jsonb_build_object('names', CASE jsonb_typeof(event) WHEN 'array' THEN event ELSE jsonb_build_array(event) END, 'filter', condition, 'sql', sql);
	IF event = '"*"' THEN
		parts := parts - 'names';
	END IF;
END $$;
COMMENT ON FUNCTION rule_event(jsonb, jsonb, jsonb) IS 'An event of a rule, with its filter. parts: the names, if it has any, the filter and both, in SQL.';

-- The stepset of a row: which of these events is it? Where there are many, first by name.
CREATE FUNCTION rule_steps(events jsonb) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	n CONSTANT int := jsonb_array_length(events);
	names text[];
	i int;
	places text;
	conditions text;
	branches text := '';
BEGIN
	IF NOT EXISTS (SELECT FROM jsonb_array_elements(events) AS e WHERE NOT e ? 'names' OR jsonb_array_length(e -> 'names') <> 1 OR e ->> 'filter' IS NOT NULL) THEN
		RETURN format('@extschema@.step_of(e.event, %L::pg_catalog.text[])', ARRAY(SELECT e.event #>> '{names,0}' FROM jsonb_array_elements(events) WITH ORDINALITY AS e(event, n) ORDER BY e.n));
	ELSIF n <= 3 THEN
		RETURN format('@extschema@.steps(%s)', (SELECT string_agg(e.event ->> 'sql', ', ' ORDER BY e.n) FROM jsonb_array_elements(events) WITH ORDINALITY AS e(event, n)));
	END IF;
	names := ARRAY(SELECT DISTINCT name FROM jsonb_array_elements(events) AS e, jsonb_array_elements_text(e -> 'names') AS name ORDER BY name);
	IF cardinality(names) NOT BETWEEN 1 AND 58 THEN
		RETURN format('@extschema@.steps(%s)', (SELECT string_agg(e.event ->> 'sql', ', ' ORDER BY e.n) FROM jsonb_array_elements(events) WITH ORDINALITY AS e(event, n)));
	END IF;
	-- the last branch is that of events with other names
	FOR i IN 1 .. cardinality(names) + 1 LOOP
		SELECT concat('''', string_agg(CASE WHEN e.event -> 'names' ? names[i] OR NOT e.event ? 'names' THEN '1' ELSE '0' END, '' ORDER BY e.n), '''::@extschema@.stepset'),
			string_agg(coalesce(e.event ->> 'filter', 'true'), ', ' ORDER BY e.n) FILTER (WHERE e.event -> 'names' ? names[i] OR NOT e.event ? 'names')
		INTO places, conditions FROM jsonb_array_elements(events) WITH ORDINALITY AS e(event, n);
		branches := concat(branches, CASE WHEN i <= cardinality(names) THEN format(' WHEN %s THEN ', i) ELSE ' ELSE ' END,
			CASE WHEN conditions IS NULL THEN places ELSE format('@extschema@.steps_at(%s, %s)', places, conditions) END);
	END LOOP;
	RETURN format('CASE @extschema@.first_step(@extschema@.step_of(e.event, %L::pg_catalog.text[]))%s END', names, branches);
END $$;
COMMENT ON FUNCTION rule_steps(jsonb) IS 'Up to 58 events of rules, as rule_event gives them in parts, as a stepset in SQL.';

-- The users who did something in a window at least so many times.
CREATE FUNCTION rule_did(event record, since timestamptz, until timestamptz, at_least bigint, INOUT context jsonb, OUT set text)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	condition int;
	question int;
	list text;
BEGIN
	IF event.name IS NOT NULL THEN
		SELECT r.context, r.index INTO context, condition FROM @extschema@.rule_index('names'::text, to_jsonb(event.name), context) AS r;
		list := 'n' || condition / 58;
	ELSE
		SELECT r.context, r.index INTO context, condition FROM @extschema@.rule_index('filters'::text, event.parts, context) AS r;
		list := 'f' || condition / 58;
	END IF;
	SELECT r.context, r.index INTO context, question
	FROM @extschema@.rule_index(list, jsonb_build_array(condition % 58 + 1, since, until, at_least), context) AS r;
	set := format('coalesce(s.%s[%s], ''{}'')', list, question + 1);
END $$;
COMMENT ON FUNCTION rule_did(record, timestamptz, timestamptz, bigint, jsonb) IS 'Support function of rules: who did something at least so many times.';

-- A pattern is checked where it is written, not at the first refresh.
CREATE FUNCTION check_pattern(pattern text, steps int) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.sequence_users(1::bigint, '2000-01-01 00:00+00'::timestamptz, (repeat('0', steps))::@extschema@.stepset, pattern);
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE EXCEPTION 'the pattern "%" names more steps than the % there are', pattern, steps USING ERRCODE = 'invalid_parameter_value',
		HINT = '(?1) is the first step of "sequence", (?2) the second.';
END $$;
COMMENT ON FUNCTION check_pattern(text, int) IS 'An error that says where and how, if this is no pattern over so many steps.';

-- A segment or tag as arguments of what rules are compiled to: its number, and what the rule calls it.
CREATE FUNCTION rule_used(name text, kind text, context jsonb) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF context #>> ARRAY['uses', name] IS NULL THEN
		RAISE EXCEPTION 'the % "%" was dropped', kind, name USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
	RETURN format('%s::pg_catalog.int8, %L::pg_catalog.text', context #>> ARRAY['uses', name], name);
END $$;
COMMENT ON FUNCTION rule_used(text, text, jsonb) IS 'Support function of rules: a segment or tag that a rule uses, in SQL. An error if it was dropped.';

-- A condition: an expression of type userset, and whether it is to be read as its complement.
CREATE FUNCTION rule_condition(condition jsonb, INOUT context jsonb, OUT set text, OUT negated boolean)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	windowed CONSTANT text[] := '{within,from,to}';
	as_of CONSTANT timestamptz := context ->> 'as_of';
	verb text;
	verbs text[];
	part record;
	event record;
	attribute record;
	span record;
	element jsonb;
	index int;
	low bigint;
	high bigint;
	number numeric;
	list text[] := '{}';
	steps jsonb := '[]';
	numbers int[] := '{}';
	columns text;
	pattern text;
	others text[] := '{}';
	relation regclass;
	operator text;
	bound jsonb;
BEGIN
	negated := false;
	SELECT array_agg(k ORDER BY k) INTO verbs FROM jsonb_object_keys(CASE jsonb_typeof(condition) WHEN 'object' THEN condition ELSE '{}' END) AS k
	WHERE k IN ('and', 'or', 'not', 'did', 'did_not', 'first', 'last', 'sequence', 'user', 'segment', 'tag');
	IF verbs IS NULL OR cardinality(verbs) <> 1 THEN
		RAISE EXCEPTION 'a condition is %', coalesce(condition::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is an object with exactly one of did, did_not, first, last, sequence, user, segment, tag, and, or, not.';
	END IF;
	verb := verbs[1];

	CASE
	WHEN verb IN ('and', 'or') THEN
		PERFORM @extschema@.check_keys(condition, ARRAY[verb], format('"%s"', verb));
		IF jsonb_typeof(condition -> verb) <> 'array' OR jsonb_array_length(condition -> verb) = 0 THEN
			RAISE EXCEPTION '"%" is %, not an array of conditions', verb, condition -> verb USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write one condition or more: {"and": [{"did": "buy"}, {"did": "login"}]}.';
		END IF;
		FOR element IN SELECT jsonb_array_elements(condition -> verb) LOOP
			SELECT * INTO part FROM @extschema@.rule_condition(element, context);
			context := part.context;
			IF part.negated THEN
				others := others || part.set;
			ELSE
				list := list || part.set;
			END IF;
		END LOOP;
		-- A and B and not C and not D = A & B - (C | D); A or B or not C or not D = not (C & D - (A | B))
		IF verb = 'and' AND cardinality(list) > 0 THEN
			set := array_to_string(list, ' OPERATOR(@extschema@.&) ');
			IF cardinality(others) > 0 THEN
				set := format('(%s) OPERATOR(@extschema@.-) (%s)', set, array_to_string(others, ' OPERATOR(@extschema@.|) '));
			END IF;
		ELSIF verb = 'and' THEN
			set := array_to_string(others, ' OPERATOR(@extschema@.|) ');
			negated := true;
		ELSIF cardinality(others) > 0 THEN
			set := array_to_string(others, ' OPERATOR(@extschema@.&) ');
			IF cardinality(list) > 0 THEN
				set := format('(%s) OPERATOR(@extschema@.-) (%s)', set, array_to_string(list, ' OPERATOR(@extschema@.|) '));
			END IF;
			negated := true;
		ELSE
			set := array_to_string(list, ' OPERATOR(@extschema@.|) ');
		END IF;
		set := '(' || set || ')';

	WHEN verb = 'not' THEN
		PERFORM @extschema@.check_keys(condition, '{not}'::text[], '"not"'::text);
		SELECT * INTO part FROM @extschema@.rule_condition(condition -> 'not', context);
		context := part.context;
		set := part.set;
		negated := NOT part.negated;

	WHEN verb = 'did_not' THEN
		PERFORM @extschema@.check_keys(condition, windowed || '{did_not,where}'::text[], '"did_not"'::text);
		SELECT * INTO part FROM @extschema@.rule_condition(condition - 'did_not' || jsonb_build_object('did', condition -> 'did_not'), context);
		context := part.context;
		set := part.set;
		negated := true;

	WHEN verb = 'did' AND condition ?| '{sum,avg,min,max,distinct}' THEN
		SELECT array_agg(k) INTO verbs FROM jsonb_object_keys(condition) AS k WHERE k IN ('sum', 'avg', 'min', 'max', 'distinct');
		PERFORM @extschema@.check_keys(condition, windowed || ARRAY['did', 'where', 'is', verbs[1]], format('"did" with "%s"', verbs[1]));
		SELECT * INTO event FROM @extschema@.rule_event(condition -> 'did', condition -> 'where', context);
		SELECT * INTO span FROM @extschema@.rule_window(condition, as_of);
		SELECT * INTO attribute FROM @extschema@.rule_attribute(condition ->> verbs[1], context);
		IF jsonb_typeof(condition -> 'is') IS DISTINCT FROM 'object' OR (SELECT count(*) FROM jsonb_object_keys(condition -> 'is')) <> 1 THEN
			RAISE EXCEPTION '"is" is %, not one comparison', coalesce(condition ->> 'is', 'missing') USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write "is": {">=": 1000}.';
		END IF;
		SELECT k, condition -> 'is' -> k INTO operator, bound FROM jsonb_object_keys(condition -> 'is') AS k;
		IF operator <> ALL ('{=,!=,<,<=,>,>=}') OR jsonb_typeof(bound) <> 'number' THEN
			RAISE EXCEPTION '"is" is %', condition -> 'is' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write one of =, !=, <, <=, >, >= and a number: {">=": 1000}.';
		ELSIF abs(bound::numeric) > 1e308 OR bound::numeric <> 0 AND abs(bound::numeric) < 1e-307 THEN
			RAISE EXCEPTION '"is" compares with a number that is out of range: %', left(bound::text, 20) || '...' USING ERRCODE = 'numeric_value_out_of_range',
				HINT = 'Totals are of type float8: write a number from 1e-307 to 1e308, 0, or the negative of one.';
		END IF;
		IF verbs[1] <> 'distinct' AND attribute.type NOT IN ('attrs', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
			RAISE EXCEPTION 'the % of "%" is asked for, which is of type %', verbs[1], condition ->> verbs[1], attribute.type USING ERRCODE = 'datatype_mismatch',
				HINT = 'Only numbers have one. "distinct" counts different values of any type.';
		END IF;
		IF verbs[1] = 'distinct' THEN
			SELECT r.context, r.index INTO context, index FROM @extschema@.rule_index('totals'::text, to_jsonb(format(
				'@extschema@.users_by_total(e.user_id, %s, %L::pg_catalog.text, %L::pg_catalog.text, %L::pg_catalog.text) FILTER (WHERE %s AND e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz)',
				CASE attribute.type WHEN 'attrs' THEN format('nullif((%s)::pg_catalog.text, ''null'')', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END,
				verbs[1], operator, bound::text, event.sql, span.since, span.until)), context) AS r;
			set := format('coalesce(s.t%s, ''{}'')', index);
			RETURN;
		END IF;
		attribute.operand := format('(%s)::pg_catalog.float8', CASE WHEN attribute.type <> 'attrs' THEN attribute.operand
			ELSE format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[]) END', attribute.operand) END);
		SELECT r.context, r.index INTO context, index FROM @extschema@.rule_index('operands'::text, to_jsonb(attribute.operand), context) AS r;
		columns := 'v' || index;
		SELECT r.context, r.index INTO context, index FROM @extschema@.rule_index(columns, event.parts, context) AS r;
		columns := concat(columns, '_', index / 58);
		SELECT r.context, r.index INTO context, index
		FROM @extschema@.rule_index(columns, jsonb_build_array(index % 58 + 1, span.since, span.until, verbs[1], operator, bound::text), context) AS r;
		set := format('coalesce(s.%s[%s], ''{}'')', columns, index + 1);

	WHEN verb = 'did' THEN
		PERFORM @extschema@.check_keys(condition, windowed || '{did,where,count}'::text[], '"did"'::text);
		SELECT * INTO event FROM @extschema@.rule_event(condition -> 'did', condition -> 'where', context);
		SELECT * INTO span FROM @extschema@.rule_window(condition, as_of);
		low := 1;
		IF condition ? 'count' THEN
			low := 0;
			element := condition -> 'count';
			IF jsonb_typeof(element) = 'number' THEN
				element := jsonb_build_object('=', element);
			END IF;
			PERFORM @extschema@.check_keys(element, '{=,<,<=,>,>=}'::text[], '"count"'::text);
			FOR operator, bound IN SELECT * FROM jsonb_each(element) LOOP
				IF jsonb_typeof(bound) <> 'number' OR bound::numeric <> trunc(bound::numeric) OR bound::numeric NOT BETWEEN 0 AND 1e12 THEN
					RAISE EXCEPTION '"count" is compared with %', bound USING ERRCODE = 'invalid_parameter_value',
						HINT = 'Write a whole number from 0 on.';
				END IF;
				number := bound::numeric;
				IF operator IN ('>=', '>', '=') THEN
					low := greatest(low, number + (operator = '>')::int);
				END IF;
				IF operator IN ('<=', '<', '=') THEN
					high := least(high, number - (operator = '<')::int);
				END IF;
			END LOOP;
			IF high < low OR element = '{}' OR (low = 0 AND high IS NULL) THEN
				RAISE EXCEPTION '"count" is %: that holds for %', condition -> 'count', CASE WHEN high < low THEN 'nobody' ELSE 'everybody' END
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 3}, {"=": 1}, {"<=": 2} or {">=": 2, "<=": 5}.';
			END IF;
		END IF;
		IF high IS NOT NULL THEN
			SELECT r.context, r.set INTO context, set FROM @extschema@.rule_did(event, span.since, span.until, high + 1, context) AS r;
			negated := true;
		END IF;
		IF low > 0 THEN
			SELECT * INTO part FROM @extschema@.rule_did(event, span.since, span.until, low, context);
			context := part.context;
			set := CASE WHEN negated THEN format('(%s OPERATOR(@extschema@.-) %s)', part.set, set) ELSE part.set END;
			negated := false;
		END IF;

	WHEN verb IN ('first', 'last') THEN
		PERFORM @extschema@.check_keys(condition, windowed || ARRAY[verb, 'where'], format('"%s"', verb));
		IF NOT condition ?| windowed THEN
			RAISE EXCEPTION '"%" needs a window', verb USING ERRCODE = 'invalid_parameter_value', HINT = 'Add "within": "30 days", or from and to.';
		END IF;
		SELECT * INTO event FROM @extschema@.rule_event(condition -> verb, condition -> 'where', context);
		SELECT * INTO span FROM @extschema@.rule_window(condition, as_of);
		SELECT r.context, r.set INTO context, set FROM @extschema@.rule_did(event, span.since, span.until, 1::bigint, context) AS r;
		IF verb = 'first' THEN
			SELECT * INTO part FROM @extschema@.rule_did(event, '-infinity'::timestamptz, span.since, 1::bigint, context);
		ELSE
			SELECT * INTO part FROM @extschema@.rule_did(event, span.until, as_of, 1::bigint, context);
		END IF;
		context := part.context;
		set := format('(%s OPERATOR(@extschema@.-) %s)', set, part.set);

	WHEN verb = 'sequence' THEN
		PERFORM @extschema@.check_keys(condition, windowed || CASE WHEN condition ? 'pattern' THEN '{sequence,pattern}' ELSE '{sequence,in,mode}' END::text[],
			CASE WHEN condition ? 'pattern' THEN '"sequence" with "pattern"' ELSE '"sequence"' END);
		low := CASE WHEN condition ? 'pattern' THEN 1 ELSE 2 END;
		IF jsonb_typeof(condition -> 'sequence') <> 'array' OR jsonb_array_length(condition -> 'sequence') NOT BETWEEN low AND 58 THEN
			RAISE EXCEPTION '"sequence" is %, not an array of % to 58 steps', condition -> 'sequence', low USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write events in their order: {"sequence": ["view", "buy"]}.';
		ELSIF condition ? 'pattern' AND jsonb_typeof(condition -> 'pattern') <> 'string' THEN
			RAISE EXCEPTION '"pattern" is %, not a string', condition -> 'pattern' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write "(?1)(?t<=1d)(?2)", where (?1) is the first of the steps.';
		ELSIF condition ? 'mode' AND jsonb_typeof(condition -> 'mode') <> 'string' THEN
			RAISE EXCEPTION '"mode" is %, not a string', condition -> 'mode' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write "strict_order", for example.';
		ELSIF condition ? 'mode' THEN
			-- an error that lists the modes, if it is none
			PERFORM @extschema@.funnel_members(1::bigint, '2000-01-01 00:00+00'::timestamptz, '10'::@extschema@.stepset, '1 day'::interval, condition ->> 'mode');
		END IF;
		SELECT * INTO span FROM @extschema@.rule_window(condition, as_of);
		FOR element IN SELECT jsonb_array_elements(condition -> 'sequence') LOOP
			IF jsonb_typeof(element) = 'object' THEN
				PERFORM @extschema@.check_keys(element, '{did,where}'::text[], 'a step of a sequence'::text);
				SELECT * INTO event FROM @extschema@.rule_event(element -> 'did', element -> 'where', context);
			ELSE
				SELECT * INTO event FROM @extschema@.rule_event(element, NULL::jsonb, context);
			END IF;
			list := list || event.sql;
			steps := steps || jsonb_build_array(event.parts);
		END LOOP;
		pattern := condition ->> 'pattern';
		IF pattern IS NOT NULL THEN
			PERFORM @extschema@.check_pattern(pattern, cardinality(list));
		ELSIF NOT condition ? 'mode' AND NOT EXISTS (SELECT FROM jsonb_array_elements(steps) AS e WHERE NOT e ? 'names')
			AND NOT EXISTS (SELECT FROM jsonb_array_elements(steps) AS e, jsonb_array_elements_text(e -> 'names') AS name GROUP BY name HAVING count(*) > 1)
			AND (NOT condition ? 'in' OR extract(microseconds FROM @extschema@.rule_duration(condition -> 'in', 'in'::text))::bigint % 1000000 = 0) THEN
			-- no event can be two steps, so that a funnel is a pattern
			SELECT string_agg(format('(?%s)', n), '.*' ORDER BY n) INTO pattern FROM generate_series(1, cardinality(list)) AS n;
			IF condition ? 'in' THEN
				pattern := format('%s(?w<=%ss)', pattern, extract(epoch FROM @extschema@.rule_duration(condition -> 'in', 'in'::text))::bigint);
			END IF;
		END IF;
		IF pattern IS NOT NULL THEN
			-- where there is room for all its steps
			index := 0;
			WHILE (SELECT count(*) FROM (SELECT e FROM jsonb_array_elements(coalesce(context -> concat('e', index), '[]')) AS e UNION SELECT e FROM jsonb_array_elements(steps) AS e) AS u) > 58 LOOP
				index := index + 1;
			END LOOP;
			columns := 'e' || index;
			FOR element IN SELECT jsonb_array_elements(steps) LOOP
				SELECT r.context, r.index INTO context, index FROM @extschema@.rule_index(columns, element, context) AS r;
				numbers := numbers || index + 1;
			END LOOP;
			columns := 'p' || substr(columns, 2);
			SELECT r.context, r.index INTO context, index
			FROM @extschema@.rule_index(columns, jsonb_build_array(span.since, span.until, array_to_string(numbers, ','), pattern), context) AS r;
			set := format('coalesce(s.%s[%s], ''{}'')', columns, index + 1);
			RETURN;
		END IF;
		SELECT r.context, r.index INTO context, index FROM @extschema@.rule_index('chains'::text, to_jsonb(format(
			'@extschema@.funnel_members(e.user_id, e.at, @extschema@.steps(%s), %L::pg_catalog.interval, %L::pg_catalog.text) FILTER (WHERE e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz%s)',
			array_to_string(list, ', '), @extschema@.rule_duration(coalesce(condition -> 'in', '"36500 days"'), 'in'::text), coalesce(condition ->> 'mode', ''),
			span.since, span.until,
			CASE WHEN condition ->> 'mode' ~ 'strict_order' THEN '' ELSE format(' AND (%s)', array_to_string(list, ' OR ')) END)), context) AS r;
		set := format('coalesce((SELECT @extschema@.userset_agg(m.user_id) FROM pg_catalog.unnest(s.c%s) AS m WHERE m.level = %s), ''{}'')', index, cardinality(list));

	WHEN verb = 'user' THEN
		PERFORM @extschema@.check_keys(condition, '{user,of,id}'::text[], '"user"'::text);
		relation := to_regclass(condition ->> 'of');
		IF relation IS NULL OR jsonb_typeof(condition -> 'of') <> 'string' THEN
			RAISE EXCEPTION '"of" is %, not a table or view', coalesce(condition ->> 'of', 'missing') USING ERRCODE = 'undefined_table',
				HINT = 'Write its name with its schema: {"user": {"city": "Bern"}, "of": "bank.customers", "id": "customer_id"}.';
		END IF;
		IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attname = coalesce(condition ->> 'id', 'user_id') AND NOT attisdropped
			AND atttypid IN ('smallint'::regtype, 'int'::regtype, 'bigint'::regtype)) THEN
			RAISE EXCEPTION '% has no integer column "%"', relation, coalesce(condition ->> 'id', 'user_id') USING ERRCODE = 'undefined_column',
				HINT = '"id" names the column that holds the user, user_id if it is not given.';
		END IF;
		set := format('coalesce((SELECT @extschema@.userset_agg(u.%I::pg_catalog.int8) FROM %s AS u%s), ''{}'')', coalesce(condition ->> 'id', 'user_id'), relation::text,
			CASE WHEN condition -> 'user' = '{}' THEN '' ELSE
			' WHERE ' || @extschema@.rule_filter(condition -> 'user', jsonb_build_object('alias', 'u', 'prefix', '', 'json', false, 'attributes',
				(SELECT jsonb_object_agg(attname, format_type(@extschema@.base_type(atttypid), -1)) FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped))) END);

	WHEN verb = 'segment' THEN
		PERFORM @extschema@.check_keys(condition, '{segment}'::text[], '"segment"'::text);
		IF jsonb_typeof(condition -> 'segment') <> 'string' THEN
			RAISE EXCEPTION '"segment" is %, not a string', condition -> 'segment' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"segment": "dormant buyers"}.';
		END IF;
		set := format('@extschema@.segment_by_id(%s, %L::pg_catalog.timestamptz)', @extschema@.rule_used(condition ->> 'segment', 'segment'::text, context), as_of);

	ELSE
		PERFORM @extschema@.check_keys(condition, '{tag,value,is}'::text[], '"tag"'::text);
		IF jsonb_typeof(condition -> 'tag') <> 'string' THEN
			RAISE EXCEPTION '"tag" is %, not a string', condition -> 'tag' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"tag": "stage", "value": "lost"}.';
		ELSIF condition ? 'value' = condition ? 'is' THEN
			RAISE EXCEPTION '"tag" needs "value" or "is": %', condition USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write {"tag": "stage", "value": "lost"}, or of a numeric tag {"tag": "balance", "is": {">=": 1000}}.';
		ELSIF condition ? 'value' THEN
			set := format('@extschema@.tag_users_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.timestamptz)', @extschema@.rule_used(condition ->> 'tag', 'tag'::text, context), condition ->> 'value', as_of);
		ELSE
			element := CASE jsonb_typeof(condition -> 'is') WHEN 'object' THEN condition -> 'is' ELSE jsonb_build_object('=', condition -> 'is') END;
			FOR operator, bound IN SELECT * FROM jsonb_each(element) LOOP
				IF operator <> ALL ('{=,!=,<,<=,>,>=}') OR jsonb_typeof(bound) <> 'number' THEN
					RAISE EXCEPTION '"is" is %', condition -> 'is' USING ERRCODE = 'invalid_parameter_value',
						HINT = 'Write =, !=, <, <=, >, >= with numbers: {">=": 1000, "<": 5000}.';
				END IF;
				list := list || format('@extschema@.tag_users_where_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.numeric, %L::pg_catalog.timestamptz)',
					@extschema@.rule_used(condition ->> 'tag', 'tag'::text, context), operator, bound::text, as_of);
			END LOOP;
			IF cardinality(list) = 0 THEN
				RAISE EXCEPTION '"is" is empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 1000, "<": 5000}.';
			END IF;
			set := '(' || array_to_string(list, ' OPERATOR(@extschema@.&) ') || ')';
		END IF;
	END CASE;
END $$;
COMMENT ON FUNCTION rule_condition(jsonb, jsonb) IS 'A condition of a rule as an expression of type userset, or the complement of one.';

-- Segments and tags that a rule uses.
CREATE FUNCTION rule_uses(rule jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT DISTINCT n #>> '{}' FROM (
		SELECT jsonb_path_query(rule, 'strict $.**.segment ? (@.type() == "string")')
		UNION ALL SELECT jsonb_path_query(rule, 'strict $.**.tag ? (@.type() == "string")')) AS used(n)) $$;
COMMENT ON FUNCTION rule_uses(jsonb) IS 'Names of the segments and tags that a rule uses.';

-- The sources of a rule.
CREATE FUNCTION rule_sources(rule jsonb) RETURNS text[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF jsonb_typeof(rule -> 'source') = 'string' THEN
		RETURN ARRAY[rule ->> 'source'];
	ELSIF jsonb_typeof(rule -> 'source') = 'array' AND jsonb_array_length(rule -> 'source') > 0 THEN
		RETURN ARRAY(SELECT DISTINCT n FROM jsonb_array_elements_text(rule -> 'source') AS n ORDER BY n);
	END IF;
	RAISE EXCEPTION 'the source of a rule is %', coalesce(rule ->> 'source', 'missing') USING ERRCODE = 'invalid_parameter_value',
		HINT = 'Write "source": "app", or ["app", "cards"] for several as one stream.';
END $$;
COMMENT ON FUNCTION rule_sources(jsonb) IS 'Names of the sources of a rule, sorted.';

-- The stream that rules over these sources read, what its columns are called, and of which types.
CREATE FUNCTION rule_stream(ids bigint[], reader regrole, OUT query text, OUT attributes jsonb, OUT has_json boolean)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint;
	source record;
	conflict text;
BEGIN
	FOREACH wanted IN ARRAY ids LOOP
		PERFORM @extschema@.source_query(wanted, reader);
	END LOOP;
	SELECT jsonb_object_agg(a.key, a.type), max(a.key) FILTER (WHERE a.types > 1) INTO attributes, conflict
	FROM (SELECT a.key, min(a.value) AS type, count(DISTINCT a.value) AS types FROM @extschema@.sources AS s, jsonb_each_text(s.attributes) AS a
		WHERE s.id = ANY (ids) GROUP BY a.key) AS a;
	IF conflict IS NOT NULL THEN
		RAISE EXCEPTION 'attribute "%" has different types in these sources: %', conflict, (SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM @extschema@.sources AS s WHERE s.id = ANY (ids))
			USING ERRCODE = 'datatype_mismatch', HINT = 'Register one of them with a cast.';
	END IF;
	attributes := coalesce(attributes, '{}');
	-- they are written into the query of somebody else, perhaps by hand
	SELECT max(a.key) INTO conflict FROM jsonb_each_text(attributes) AS a WHERE format_type(to_regtype(a.value)::oid, -1) IS DISTINCT FROM a.value;
	IF conflict IS NOT NULL THEN
		RAISE EXCEPTION 'attribute "%" is of type "%", which does not exist', conflict, attributes ->> conflict
			USING ERRCODE = 'undefined_object', HINT = 'drop_source and add_source register the source anew.';
	END IF;
	has_json := EXISTS (SELECT FROM @extschema@.sources AS s WHERE s.id = ANY (ids) AND jsonb_typeof(s.attrs) = 'string');
	FOR source IN SELECT s.*, @extschema@.usable_query(s.id, reader) AS present FROM @extschema@.sources AS s WHERE s.id = ANY (ids) ORDER BY s.name LOOP
		query := concat(query || ' UNION ALL ', 'SELECT e.user_id, e.at, e.event, e.value',
			(SELECT string_agg(format(CASE WHEN source.attributes ? a.key THEN ', e.%1$I' ELSE ', NULL::%2$s AS %1$I' END, 'attr_' || a.key, a.value), '' ORDER BY a.key)
				FROM jsonb_each_text(attributes) AS a),
			CASE WHEN has_json THEN CASE WHEN jsonb_typeof(source.attrs) = 'string' THEN ', e.attrs' ELSE ', NULL::pg_catalog.jsonb AS attrs' END END,
			format(' FROM (%s) AS e', source.present));
	END LOOP;
END $$;
COMMENT ON FUNCTION rule_stream(bigint[], regrole) IS 'The events that rules over these sources read, as one SELECT.';

-- The pass over the source that a context asks for: columns n0 ..., f0 ..., t0 ..., c0 ...
CREATE FUNCTION rule_pass(context jsonb, stream text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns text[] := '{}';
	questions record;
	events jsonb;
	everything boolean := context ?| '{totals,chains}';
	earliest timestamptz := 'infinity';
	latest timestamptz := '-infinity';
	wheres text[] := '{}';
	asked int := 0;
BEGIN
	FOR questions IN
		SELECT k AS list, left(k, 1) AS kind, substring(k, '\d+$')::int AS batch,
			min((q ->> (CASE left(k, 1) WHEN 'p' THEN 0 ELSE 1 END))::timestamptz) AS since, max((q ->> (CASE left(k, 1) WHEN 'p' THEN 1 ELSE 2 END))::timestamptz) AS until,
			bool_and(q ->> 3 = '1') AS once,
			string_agg(CASE left(k, 1)
				WHEN 'v' THEN format('%s [%s, %s) %s %s %s;', q ->> 0, q ->> 1, q ->> 2, q ->> 3, q ->> 4, q ->> 5)
				WHEN 'p' THEN format('[%s, %s) %s: %s;', q ->> 0, q ->> 1, q ->> 2, q ->> 3)
				ELSE format('%s [%s, %s) %s;', q ->> 0, q ->> 1, q ->> 2, q ->> 3) END, ' ' ORDER BY n) AS text
		FROM jsonb_object_keys(context) AS k, jsonb_array_elements(context -> k) WITH ORDINALITY AS e(q, n)
		WHERE k ~ '^([nfp]\d+|v\d+_\d+)$' GROUP BY k ORDER BY k
	LOOP
		SELECT jsonb_agg(CASE questions.kind WHEN 'n' THEN jsonb_build_object('names', jsonb_build_array(e.c), 'sql', format('e.event = %L::pg_catalog.text', e.c #>> '{}')) ELSE e.c END ORDER BY e.n) INTO events
		FROM jsonb_array_elements(context -> CASE questions.kind WHEN 'n' THEN 'names' WHEN 'f' THEN 'filters' WHEN 'v' THEN substring(questions.list, '^v\d+') ELSE 'e' || questions.batch END) WITH ORDINALITY AS e(c, n)
		WHERE questions.kind = 'p' OR (e.n - 1) / 58 = questions.batch;
		IF questions.kind = 'n' THEN
			wheres := wheres || format('e.event = ANY (%L::pg_catalog.text[])', ARRAY(SELECT e #>> '{names,0}' FROM jsonb_array_elements(events) AS e));
		ELSE
			wheres := wheres || ARRAY(SELECT e ->> 'sql' FROM jsonb_array_elements(events) AS e);
		END IF;
		asked := asked + jsonb_array_length(events);
		columns := columns || format('@extschema@.%s(e.user_id, e.at, %s%s, %L::pg_catalog.text) AS %s',
			CASE questions.kind WHEN 'v' THEN 'step_totals' WHEN 'p' THEN 'pattern_users' ELSE CASE WHEN questions.once THEN 'step_users_once' ELSE 'step_users' END END,
			@extschema@.rule_steps(events),
			CASE questions.kind WHEN 'v' THEN ', ' || (context -> 'operands' ->> substring(questions.list, '^v(\d+)')::int) END,
			questions.text, questions.list);
		earliest := least(earliest, questions.since);
		latest := greatest(latest, questions.until);
	END LOOP;
	columns := columns || ARRAY(SELECT format('%s AS t%s', e.sql, e.n - 1) FROM jsonb_array_elements_text(context -> 'totals') WITH ORDINALITY AS e(sql, n) ORDER BY e.n)
		|| ARRAY(SELECT format('%s AS c%s', e.sql, e.n - 1) FROM jsonb_array_elements_text(context -> 'chains') WITH ORDINALITY AS e(sql, n) ORDER BY e.n);
	IF cardinality(columns) = 0 THEN
		RETURN 'SELECT 1 AS nothing';
	END IF;
	-- what no question is about need not be read; an index may help, if they are few
	IF everything THEN
		wheres := ARRAY[format('e.at < %L::pg_catalog.timestamptz', context ->> 'as_of')];
	ELSE
		wheres := CASE WHEN asked <= 8 AND NOT 'true' = ANY (wheres) THEN ARRAY[format('(%s)', array_to_string(wheres, ' OR '))] ELSE '{}' END
			|| CASE WHEN isfinite(earliest) THEN ARRAY[format('e.at >= %L::pg_catalog.timestamptz', earliest)] END
			|| format('e.at < %L::pg_catalog.timestamptz', latest);
	END IF;
	RETURN format('SELECT %s FROM (%s) AS e WHERE %s', array_to_string(columns, ', '), stream, array_to_string(wheres, ' AND '));
END $$;
COMMENT ON FUNCTION rule_pass(jsonb, text) IS 'The one pass over the source that answers all that rules ask of it.';

CREATE FUNCTION uses_of(of_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(jsonb_object_agg(u.name, u.used), '{}') FROM @extschema@.definition_uses AS u WHERE u.id = of_id $$;
COMMENT ON FUNCTION uses_of(bigint) IS 'Support function of rules: what the names of segments and tags in a definition mean, as an object of numbers.';

-- Rules of one owner over the same sources, in one pass: id, value, members.
CREATE FUNCTION rule_query(ids bigint[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one record;
	owner @extschema@.role_ref;
	sources bigint[];
	rules @extschema@.definitions[] := '{}';
	uses jsonb[] := '{}';
BEGIN
	FOR one IN SELECT d AS rule, d.name, d.owner, @extschema@.definition_sources(d.id) AS sources, @extschema@.uses_of(d.id) AS uses
		FROM @extschema@.definitions AS d WHERE d.id = ANY (ids) ORDER BY d.name
	LOOP
		owner := coalesce(owner, one.owner);
		sources := coalesce(sources, one.sources);
		IF one.owner OPERATOR(@extschema@.<>) owner OR one.sources <> sources THEN
			RAISE EXCEPTION '"%" was changed meanwhile', one.name USING ERRCODE = 'object_not_in_prerequisite_state';
		END IF;
		rules := rules || one.rule;
		uses := uses || one.uses;
	END LOOP;
	RETURN @extschema@.compile_rules(rules, sources, uses, as_of);
END $$;
COMMENT ON FUNCTION rule_query(bigint[], timestamptz) IS 'Rules of one owner over the same sources, as one SELECT with one pass: id, value, members.';

CREATE FUNCTION compile_rules(rules definitions[], sources bigint[], uses jsonb[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions;
	i int;
	stream record;
	context jsonb;
	rows text[] := '{}';
	output record;
	base record;
	part record;
BEGIN
	FOR i IN 1 .. cardinality(rules) LOOP
		one := rules[i];
		IF context IS NULL THEN
			SELECT * INTO stream FROM @extschema@.rule_stream(sources, one.owner::regrole);
			context := jsonb_build_object('as_of', as_of, 'alias', 'e', 'prefix', 'attr_', 'attributes', stream.attributes, 'json', stream.has_json);
		END IF;
		context := jsonb_set(context, '{uses}', uses[i]);
		SELECT NULL::text AS set INTO base;
		IF one.definition::jsonb -> 'base' = '"source"' THEN
			SELECT * INTO base FROM @extschema@.rule_condition('{"did": "*"}'::jsonb, context);
			context := base.context;
		ELSIF one.definition::jsonb ? 'base' THEN
			SELECT * INTO base FROM @extschema@.rule_condition(one.definition::jsonb -> 'base', context);
			context := base.context;
			IF base.negated THEN
				RAISE EXCEPTION '"base" is a complement: %', one.definition::jsonb -> 'base' USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Who is everybody? Write "source" for all users of the source, or a condition that says who, not who not.';
			END IF;
		END IF;
		FOR output IN SELECT * FROM @extschema@.rule_outputs(one.method, one.definition::jsonb) LOOP
			SELECT * INTO part FROM @extschema@.rule_condition(output.condition, context);
			context := part.context;
			IF part.negated AND base.set IS NULL THEN
				RAISE EXCEPTION 'the rule of "%" holds for users who did nothing at all: %', one.name, output.condition
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a base to take them from, such as "base": "source" for all users of the source.';
			END IF;
			rows := rows || format('(%s::pg_catalog.int8, %L::pg_catalog.text, %s)', one.id, output.value,
				CASE WHEN part.negated THEN format('%s OPERATOR(@extschema@.-) %s', base.set, part.set)
					WHEN base.set IS NOT NULL THEN format('%s OPERATOR(@extschema@.&) %s', base.set, part.set)
					ELSE part.set END);
		END LOOP;
	END LOOP;
	RETURN format('SELECT d.id, d.value, d.members FROM (%s) AS s, LATERAL (VALUES %s) AS d(id, value, members)',
		@extschema@.rule_pass(context, stream.query), array_to_string(rows, ', '));
END $$;
COMMENT ON FUNCTION compile_rules(definitions[], bigint[], jsonb[], timestamptz) IS 'Support function of rule_query: rules, their sources, and what the names in each mean, as one SELECT.';

-- Before anything is stored: what is compiled for long keeps no lock from others.
-- The names of events in a definition in JSON. Below "where" stand attributes, whatever their names.
CREATE FUNCTION rule_event_names(rule jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ WITH RECURSIVE part(key, value) AS (
			SELECT ''::text, rule
			UNION ALL
			SELECT c.key, c.value FROM part AS p, LATERAL (
				SELECT e.key, e.value FROM jsonb_each(CASE jsonb_typeof(p.value) WHEN 'object' THEN p.value ELSE '{}' END) AS e
				UNION ALL
				SELECT p.key, a FROM jsonb_array_elements(CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value ELSE '[]' END) AS a) AS c
			WHERE c.key <> 'where')
		SELECT ARRAY(SELECT DISTINCT p.value #>> '{}' FROM part AS p
			WHERE p.key = ANY ('{did,first,last,sequence,event}') AND jsonb_typeof(p.value) = 'string' AND p.value <> '"*"' ORDER BY 1) $$;
COMMENT ON FUNCTION rule_event_names(jsonb) IS 'Support function of create_segment, create_tag and their like: the names of events in a definition in JSON.';

-- A name that is not spelled as in the source gives an empty segment, which looks like any other. A large
-- source is not read to its end for that.
CREATE FUNCTION tell_unknown_events(rule jsonb, sources bigint[]) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names CONSTANT text[] := @extschema@.rule_event_names(rule);
	unknown text;
BEGIN
	IF cardinality(names) > 0 THEN
		FOR unknown IN SELECT r.name FROM @extschema@.run_as_within(@extschema@.caller()::regrole::oid,
				format('SELECT n.name FROM pg_catalog.unnest(%L::pg_catalog.text[]) AS n(name) LEFT JOIN LATERAL (SELECT true AS found FROM (%s) AS e WHERE e.event = n.name LIMIT 1) AS f ON true WHERE f.found IS NULL',
					names, @extschema@.stream_query(sources, @extschema@.caller()::regrole)), now(), 500) AS r(name text) LOOP
			RAISE NOTICE 'no event is named "%" yet', unknown
				USING HINT = 'Names must be the same to the letter, capitals and blanks included.';
		END LOOP;
	END IF;
EXCEPTION WHEN OTHERS THEN
	-- not found out in time, or a source that fails: nothing is told
	NULL;
END $$;
COMMENT ON FUNCTION tell_unknown_events(jsonb, bigint[]) IS 'Support function of create_segment, create_tag and their like: a notice of each event in a definition that no row of the sources has, if half a second is enough to find out.';

CREATE FUNCTION check_rule(new_definition definitions, sources text[], uses text[], replace boolean, what text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := new_definition;
	source_ids CONSTANT bigint[] := @extschema@.source_ids(sources, @extschema@.caller()::regrole);
	names CONSTANT jsonb := (SELECT coalesce(jsonb_object_agg(u.name, u.used), '{}') FROM unnest(uses, @extschema@.used_ids(one.name, uses)) AS u(name, used));
	old @extschema@.definitions;
BEGIN
	IF replace THEN
		old := @extschema@.own_definition(one.name, one.kind);
		one.id := old.id;
		one.owner := old.owner;
	ELSE
		one.id := 0;
		one.owner := @extschema@.caller();
	END IF;
	PERFORM @extschema@.analyze_query(@extschema@.compile_definition(one, source_ids, names, now()), what);
	PERFORM @extschema@.tell_unknown_events(one.definition::jsonb, source_ids);
END $$;
COMMENT ON FUNCTION check_rule(definitions, text[], text[], boolean, text) IS 'Support function of create_segment, create_tag and their like: an error unless a definition in JSON can be compiled.';

CREATE FUNCTION compile_definition(one definitions, sources bigint[], uses jsonb, as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CASE one.method
		WHEN 'attribute' THEN RETURN @extschema@.attribute_query(one, sources, as_of);
		WHEN 'rfm' THEN RETURN @extschema@.rfm_query(one, sources, as_of);
		WHEN 'numeric' THEN RETURN @extschema@.numeric_query(one, sources, as_of);
		ELSE RETURN @extschema@.compile_rules(ARRAY[one], sources, ARRAY[uses], as_of);
	END CASE;
END $$;
COMMENT ON FUNCTION compile_definition(definitions, bigint[], jsonb, timestamptz) IS 'The SELECT that a definition in JSON becomes, given its sources and what the names in it mean.';

-- What a definition consists of: values and their conditions; of a segment one, without a value.
CREATE FUNCTION rule_outputs(method text, rule jsonb) RETURNS TABLE (value text, condition jsonb)
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	element jsonb;
	before jsonb := '[]';
BEGIN
	IF method = 'lifecycle' THEN
		rule := @extschema@.lifecycle_rule(rule);
	END IF;
	IF method IN ('rule', 'lifecycle') AND rule ? 'values' THEN
		PERFORM @extschema@.check_keys(rule, '{source,base,values}'::text[], 'the rule of a tag'::text);
		IF jsonb_typeof(rule -> 'values') <> 'array' OR jsonb_array_length(rule -> 'values') = 0 THEN
			RAISE EXCEPTION '"values" is %, not an array', rule -> 'values' USING ERRCODE = 'invalid_parameter_value';
		END IF;
		FOR element IN SELECT jsonb_array_elements(rule -> 'values') LOOP
			PERFORM @extschema@.check_keys(element, '{value,when}'::text[], 'a value'::text);
			IF jsonb_typeof(element -> 'value') IS DISTINCT FROM 'string' OR element ->> 'value' = '' THEN
				RAISE EXCEPTION 'a value is %, not a string', coalesce(element ->> 'value', 'missing') USING ERRCODE = 'invalid_parameter_value';
			END IF;
			IF before @> '[null]' THEN
				RAISE EXCEPTION 'a value stands after one without a condition: %', element USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Only the last value may be without "when": it is for all the others.';
			END IF;
			value := element ->> 'value';
			-- the first that matches wins; without a condition: all the others
			condition := CASE WHEN NOT element ? 'when' AND before = '[]' THEN '{"did": "*"}'
				WHEN NOT element ? 'when' THEN jsonb_build_object('not', jsonb_build_object('or', before))
				WHEN before = '[]' THEN element -> 'when'
				ELSE jsonb_build_object('and', jsonb_build_array(element -> 'when', jsonb_build_object('not', jsonb_build_object('or', before)))) END;
			before := before || jsonb_build_array(element -> 'when');
			RETURN NEXT;
		END LOOP;
	ELSE
		PERFORM @extschema@.check_keys(rule, '{source,base,rule}'::text[], 'a rule'::text);
		value := '';
		condition := rule -> 'rule';
		RETURN NEXT;
	END IF;
END $$;
COMMENT ON FUNCTION rule_outputs(text, jsonb) IS 'The values of a rule and their conditions; of a segment one, without a value.';

-- ---- creating -------------------------------------------------------------------------

-- Check a definition and store it. `analyzed` is NULL for a rule.
CREATE FUNCTION store_segment(name text, definition text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, replace boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
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
	IF @extschema@.is_rule(definition) THEN
		rule := definition::jsonb;
		new.method := 'rule';
		sources := @extschema@.rule_sources(rule);
		uses := @extschema@.rule_uses(rule);
		PERFORM @extschema@.check_sources(@extschema@.source_ids(sources, @extschema@.caller()::regrole), @extschema@.caller()::regrole);
		PERFORM @extschema@.rule_outputs('segment'::text, rule);
	ELSE
		new.method := 'sql';
		uses := @extschema@.names_used(analyzed.query);
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
		PERFORM @extschema@.check_rule(new, sources, uses, replace, concat('the rule of segment "', name, '"'));
	END IF;
	PERFORM @extschema@.store_definition(new, sources, uses, replace);
END $$;
COMMENT ON FUNCTION store_segment(text, text, record, text[], interval, int, text, boolean) IS 'Support function of create_segment and alter_segment: checks a definition and stores it.';

CREATE FUNCTION create_segment(name text, definition text, depends_on text[] DEFAULT '{}', keep_for interval DEFAULT NULL, keep_versions int DEFAULT NULL, description text DEFAULT NULL) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.store_segment($1, $2,
		CASE WHEN $2 IS NULL OR @extschema@.is_rule($2) THEN NULL ELSE @extschema@.analyze_query($2, pg_catalog.concat('the definition of segment "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$3, $4, $5, $6, false) $$;
COMMENT ON FUNCTION create_segment(text, text, text[], interval, int, text) IS
	'Creates a segment that belongs to the current role. definition: a SELECT that returns user ids (or usersets), or a rule as JSON. It is checked, not run. depends_on: segments and tags it uses, other than those it names in segment(''...''). keep_for, keep_versions: versions older than this, or beyond so many, are dropped by the next refresh; NULL keeps all.';

CREATE FUNCTION create_segment(name text, rule jsonb, keep_for interval DEFAULT NULL, keep_versions int DEFAULT NULL, description text DEFAULT NULL) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.create_segment($1, $2::pg_catalog.text, '{}'::pg_catalog.text[], $3, $4, $5) $$;
COMMENT ON FUNCTION create_segment(text, jsonb, interval, int, text) IS 'create_segment with a rule given as jsonb.';

CREATE FUNCTION alter_segment(name text, definition text, depends_on text[] DEFAULT '{}') RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.store_segment($1, $2,
		CASE WHEN $2 IS NULL OR @extschema@.is_rule($2) THEN NULL ELSE @extschema@.analyze_query($2, pg_catalog.concat('the definition of segment "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$3, NULL::pg_catalog.interval, NULL::pg_catalog.int4, NULL::pg_catalog.text, true) $$;
COMMENT ON FUNCTION alter_segment(text, text, text[]) IS 'Gives a segment of yours another definition. Its versions stay.';

CREATE FUNCTION drop_definition(name text, kind text, force boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.own_definition(name, kind);
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
COMMENT ON FUNCTION drop_definition(text, text, boolean) IS 'Support function of drop_segment and drop_tag.';

CREATE FUNCTION drop_segment(name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.drop_definition($1, 'segment'::pg_catalog.text, $2) $$;
COMMENT ON FUNCTION drop_segment(text, boolean) IS 'Drops a segment of yours with its versions. Refused while another segment or tag uses it, unless force is true; that cannot be refreshed then. The record of its exports stays.';

CREATE FUNCTION drop_source(name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source @extschema@.sources := @extschema@.own_source(name);
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
COMMENT ON FUNCTION drop_source(text, boolean) IS
	'Forgets a source of yours. Refused while a segment or tag uses it, unless force is true: they keep their versions then, and refreshing them fails until they are altered.';

CREATE FUNCTION keep_versions(name text, keep_for interval, keep_versions int DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.own_definition(name, NULL::text);
BEGIN
	IF keep_for <= interval '0' OR keep_versions <= 0 THEN
		RAISE EXCEPTION 'keep_for and keep_versions must be more than nothing' USING ERRCODE = 'invalid_parameter_value', HINT = 'NULL keeps all versions.';
	END IF;
	UPDATE @extschema@.definitions AS d SET keep_for = keep_versions.keep_for, keep_versions = keep_versions.keep_versions WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION keep_versions(text, interval, int) IS 'Says which versions of a segment or tag of yours to keep: those of this time before the newest, and at most so many. NULL: no limit. The next refresh drops the others.';

CREATE FUNCTION set_owner(name text, role text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(name, NULL::text);
	new_owner CONSTANT @extschema@.role_ref := @extschema@.role_of(role);
BEGIN
	IF NOT @extschema@.may_accept(one.owner) THEN
		one := @extschema@.own_definition(name, NULL::text);
	END IF;
	PERFORM @extschema@.check_new_owner(name, new_owner);
	UPDATE @extschema@.definitions AS d SET owner = new_owner WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION set_owner(text, text) IS 'Gives a segment or tag of yours to another role, of which you must be a member, too. It will be refreshed with that role''s rights. Also accepts one that was restored for you: look at its definition first.';

CREATE FUNCTION change_readers(name text, kind text, role text, granted boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.own_definition(name, kind);
	reader @extschema@.role_ref := CASE WHEN granted THEN @extschema@.role_of(role) END;
BEGIN
	UPDATE @extschema@.definitions AS d
	SET readers = CASE WHEN granted THEN array_append(array_remove(d.readers, reader), reader) ELSE @extschema@.readers_without(d.readers, role) END
	WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION change_readers(text, text, text, boolean) IS 'Support function of grant_segment, revoke_segment, grant_tag and revoke_tag.';

CREATE FUNCTION grant_segment(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.change_readers($1, 'segment'::pg_catalog.text, $2, true) $$;
COMMENT ON FUNCTION grant_segment(text, text) IS 'Lets a role (or public) read a segment of yours: its definition, its versions and their users. Not refresh or change it.';
CREATE FUNCTION revoke_segment(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.change_readers($1, 'segment'::pg_catalog.text, $2, false) $$;
COMMENT ON FUNCTION revoke_segment(text, text) IS 'Takes back what grant_segment gave.';

-- ---- what roles left behind -------------------------------------------------------------

CREATE VIEW orphans WITH (security_invoker = true) AS
WITH owned AS (
	SELECT d.kind, d.name, d.owner, d.readers FROM @extschema@.definitions AS d
	UNION ALL SELECT 'source', s.name, s.owner, s.readers FROM @extschema@.sources AS s)
SELECT o.kind, o.name, 'owner' AS part, @extschema@.role_name(o.owner) AS role, CASE WHEN p.pending THEN 'has not accepted it' ELSE 'does not exist' END AS problem,
	format('SELECT @extschema@.%s(%L, %L)', CASE o.kind WHEN 'source' THEN 'set_source_owner' ELSE 'set_owner' END, o.name,
		CASE WHEN p.pending THEN @extschema@.role_name(o.owner) ELSE current_user END) AS mend
FROM owned AS o, LATERAL (SELECT left(o.owner::text, 1) = '!' AS pending) AS p WHERE NOT @extschema@.is_role(o.owner)
UNION ALL
SELECT o.kind, o.name, 'reader', @extschema@.role_name(r.reader), 'does not exist', format('SELECT @extschema@.revoke_%s(%L, %L)', o.kind, o.name, r.reader::text)
FROM owned AS o, unnest(o.readers) AS r(reader) WHERE left(r.reader::text, 1) = '?';
GRANT SELECT ON orphans TO PUBLIC;
COMMENT ON VIEW orphans IS 'Sources, segments and tags, of those that you may see, whose owner or a reader does not exist (any more), or has yet to accept what was restored for it.';
COMMENT ON COLUMN orphans.kind IS 'source, segment or tag.';
COMMENT ON COLUMN orphans.name IS 'What it is called.';
COMMENT ON COLUMN orphans.part IS 'Is it about its owner or a reader?';
COMMENT ON COLUMN orphans.role IS 'What the role is or was called.';
COMMENT ON COLUMN orphans.problem IS 'What is the matter with that role.';
COMMENT ON COLUMN orphans.mend IS 'A statement that mends it: gives it to you, accepts it (run it as that role), or takes the grant back.';

-- ---- refreshing -----------------------------------------------------------------------

-- Of SQL, what is written as a literal is looked up by name when it runs: it must be what it was.
CREATE FUNCTION check_uses(of_id bigint) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	changed text;
BEGIN
	SELECT u.name INTO changed FROM @extschema@.definition_uses AS u JOIN @extschema@.definitions AS one ON one.id = u.id
		LEFT JOIN @extschema@.definitions AS d ON d.name = u.name
	WHERE u.id = of_id AND (u.used IS NULL OR d.id IS DISTINCT FROM u.used AND u.name = ANY (@extschema@.names_used(one.query))) ORDER BY u.name LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'what was called "%" was dropped or renamed, or may no longer be read', changed USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
END $$;
COMMENT ON FUNCTION check_uses(bigint) IS 'An error unless all names of segments and tags that a definition in SQL uses still mean what they meant when it was written.';

-- What computes a definition, or several rules of one owner over the same sources.
CREATE FUNCTION refresh_query(ids bigint[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_by_id(ids[1]);
BEGIN
	IF one.query IS NOT NULL THEN
		PERFORM @extschema@.check_uses(one.id);
		RETURN format('SELECT %s::pg_catalog.int8, q.* FROM (%s) AS q', one.id, one.query);
	END IF;
	IF one.method IN ('rule', 'lifecycle') THEN
		RETURN @extschema@.rule_query(ids, as_of);
	END IF;
	RETURN @extschema@.compile_definition(one, @extschema@.definition_sources(one.id), '{}'::jsonb, as_of);
END $$;
COMMENT ON FUNCTION refresh_query(bigint[], timestamptz) IS 'The SELECT that computes these segments or tags: id, value, members; of a numeric tag: id, rows, numbers.';

CREATE FUNCTION explain_segment(name text, as_of timestamptz DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(name, 'segment'::text);
BEGIN
	RETURN @extschema@.refresh_query(ARRAY[one.id], coalesce(as_of, now()));
END $$;
COMMENT ON FUNCTION explain_segment(text, timestamptz) IS 'The SQL that refreshing a segment runs: what its rule becomes.';

-- All users of a version, whatever their value.
CREATE FUNCTION version_users(id bigint, as_of timestamptz) RETURNS userset
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(@extschema@.union_agg(u.members), '{}') FROM (
			SELECT m.members FROM @extschema@.version_members AS m WHERE m.id = version_users.id AND m.as_of = version_users.as_of
			UNION ALL
			SELECT @extschema@.numset_users(m.numbers) FROM @extschema@.version_numbers AS m WHERE m.id = version_users.id AND m.as_of = version_users.as_of) AS u $$;
COMMENT ON FUNCTION version_users(bigint, timestamptz) IS 'The users of the version of exactly this time, whatever their value. Empty if there is none.';

-- What is written may be locked by whoever may write it, too: nobody waits long for that.

-- Count who entered and exited since the version before.
CREATE FUNCTION count_changes(id bigint, as_of timestamptz) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	present @extschema@.userset := @extschema@.version_users(id, as_of);
	before @extschema@.userset := @extschema@.version_users(id,
		(SELECT max(v.as_of) FROM @extschema@.versions AS v WHERE v.id = count_changes.id AND v.as_of < count_changes.as_of));
BEGIN
	UPDATE @extschema@.versions AS v
	SET users = @extschema@.cardinality(present),
		single = v.scale IS NOT NULL OR @extschema@.cardinality(present) = (SELECT coalesce(sum(m.users), 0) FROM @extschema@.version_members AS m
			WHERE m.id = count_changes.id AND m.as_of = count_changes.as_of),
		entered = @extschema@.cardinality(present OPERATOR(@extschema@.-) before),
		exited = @extschema@.cardinality(before OPERATOR(@extschema@.-) present)
	WHERE v.id = count_changes.id AND v.as_of = count_changes.as_of;
END $$;
COMMENT ON FUNCTION count_changes(bigint, timestamptz) IS 'Support function of refresh: counts who entered and exited since the version before.';

CREATE FUNCTION prune_versions(id bigint, kept timestamptz) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_by_id(id);
BEGIN
	DELETE FROM @extschema@.versions AS v
	WHERE v.id = prune_versions.id AND v.as_of <> kept
		AND (v.as_of < (SELECT max(w.as_of) FROM @extschema@.versions AS w WHERE w.id = v.id) - one.keep_for
			OR one.keep_versions IS NOT NULL AND v.as_of < (SELECT w.as_of FROM @extschema@.versions AS w WHERE w.id = v.id ORDER BY w.as_of DESC OFFSET one.keep_versions - 1 LIMIT 1));
END $$;
COMMENT ON FUNCTION prune_versions(bigint, timestamptz) IS 'Support function of refresh: drops the versions that need not be kept, but not the one of time kept.';

-- Which of these does another session compute?
CREATE FUNCTION refreshing_elsewhere(ids bigint[]) RETURNS bigint[]
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT i FROM unnest(ids) AS i WHERE EXISTS (SELECT FROM pg_locks AS k
			WHERE k.locktype = 'advisory' AND k.granted AND k.pid <> pg_backend_pid() AND k.classid::bigint = @extschema@.lock_space() AND k.objid::bigint = @extschema@.lock_key(i)
				AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database()))) $$;
COMMENT ON FUNCTION refreshing_elsewhere(bigint[]) IS 'Those of these segments and tags that another session is computing.';

CREATE FUNCTION is_at_work(of_pid int, id bigint) RETURNS boolean
	LANGUAGE sql PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT EXISTS (SELECT FROM pg_locks AS k WHERE k.locktype = 'advisory' AND k.granted AND k.pid = of_pid AND k.classid::bigint = @extschema@.lock_space() AND k.objid::bigint = @extschema@.lock_key(id)
			AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())) $$;
COMMENT ON FUNCTION is_at_work(int, bigint) IS 'Is the session of this process computing this segment or tag?';

-- What a definition uses, in which versions, and why these are stale: for a later time, up to as_of,
-- it was tried, or once more for the time of the version, and did not come to its end; or it was due
-- and has no owner; or they were computed from what was stale.
CREATE FUNCTION inputs_of(of_id bigint, as_of timestamptz, OUT id bigint, OUT name text, OUT version timestamptz, OUT computed_at timestamptz, OUT problem text) RETURNS SETOF record
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT u.used, coalesce(d.name, u.name), v.as_of, v.computed_at,
			CASE WHEN f.id IS NOT NULL THEN format('its input "%s" %s%s', coalesce(d.name, u.name), CASE f.status WHEN 'failed' THEN 'failed' ELSE 'was interrupted' END,
					-- who reads the one need not own the other
					CASE WHEN pg_has_role(one.owner::oid, d.owner::oid, 'USAGE') THEN ': ' || m.message ELSE format(' (SQLSTATE %s)', f.sqlstate) END)
				WHEN s.id IS NOT NULL THEN format('its input "%s" is due, and has no owner who could refresh it', d.name)
				WHEN v.stale THEN format('its input "%s" was computed from a stale input', coalesce(d.name, u.name)) END
		FROM @extschema@.definition_uses AS u JOIN @extschema@.definitions AS one ON one.id = u.id LEFT JOIN @extschema@.definitions AS d ON d.id = u.used
			LEFT JOIN LATERAL (SELECT w.as_of, w.computed_at, jsonb_path_exists(w.inputs, '$[*] ? (@.stale == true)') AS stale
				FROM @extschema@.versions AS w WHERE w.id = u.used AND w.as_of <= inputs_of.as_of ORDER BY w.as_of DESC LIMIT 1) AS v ON true
			LEFT JOIN LATERAL (SELECT l.* FROM @extschema@.refresh_log AS l
				-- without a time: its schedule could not be read
				WHERE l.id = u.used AND (l.as_of IS NULL OR l.as_of <= inputs_of.as_of)
					AND (v.as_of IS NULL OR l.as_of > v.as_of OR coalesce(l.as_of, v.as_of) = v.as_of AND l.started_at > v.computed_at)
					-- what nobody is at any more was interrupted, whether or not a runner has noticed
					AND CASE l.status WHEN 'running' THEN NOT @extschema@.is_at_work(l.pid, l.id) ELSE l.status IN ('failed', 'interrupted') END
				ORDER BY l.started_at DESC LIMIT 1) AS f ON true
			LEFT JOIN @extschema@.refresh_messages AS m ON m.id = f.id AND m.started_at = f.started_at AND m.pid = f.pid
			-- by hand nobody else can refresh it either
			LEFT JOIN @extschema@.schedules AS s ON s.id = d.id AND NOT @extschema@.is_role(d.owner) AND s.next_due <= inputs_of.as_of AND v.as_of < inputs_of.as_of
		WHERE u.id = of_id AND u.used <> of_id ORDER BY 2 $$;
COMMENT ON FUNCTION inputs_of(bigint, timestamptz) IS 'The segments and tags that a definition uses, the versions of them that hold at a time, and why these are stale; problem is NULL if they are not.';

CREATE FUNCTION version_inputs(of_id bigint, as_of timestamptz) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', i.id, 'name', i.name, 'as_of', i.version, 'computed_at', i.computed_at,
			'stale', CASE WHEN i.problem IS NOT NULL THEN true END)) ORDER BY i.name), '[]')
		FROM @extschema@.inputs_of(of_id, as_of) AS i WHERE i.version IS NOT NULL $$;
COMMENT ON FUNCTION version_inputs(bigint, timestamptz) IS 'What versions.inputs says of a version computed now.';

-- Make room for versions that have been computed. Those that are being dropped, or were given to
-- another owner meanwhile, are left out: nothing waits for them. The others stay until the end.
CREATE FUNCTION begin_versions(ids bigint[], owner oid, as_of timestamptz, began timestamptz, scale int, inputs jsonb) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	here bigint[];
BEGIN
	SELECT coalesce(array_agg(l.id), '{}') INTO here
	FROM (SELECT d.id FROM @extschema@.definitions AS d WHERE d.id = ANY (ids) AND d.owner::oid = begin_versions.owner FOR KEY SHARE SKIP LOCKED) AS l;
	DELETE FROM @extschema@.versions AS v WHERE v.id = ANY (here) AND v.as_of = begin_versions.as_of;
	INSERT INTO @extschema@.versions (id, as_of, computed_at, duration, users, entered, exited, scale, inputs)
	SELECT n, begin_versions.as_of, began, '0', 0, 0, 0, begin_versions.scale, coalesce(begin_versions.inputs -> n::text, '[]') FROM unnest(here) AS n;
	RETURN here;
END $$;
COMMENT ON FUNCTION begin_versions(bigint[], oid, timestamptz, timestamptz, int, jsonb) IS 'Support function of refresh: versions whose members are about to be written, in place of those of the same time. Returns those of the definitions that are still there.';

-- Compute and store, or fail. All of one owner. While a query runs nothing is locked that a drop
-- would wait for.
CREATE FUNCTION compute_versions(ids bigint[], as_of timestamptz) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions;
	query text;
	began timestamptz := clock_timestamp();
	wanted bigint;
	next timestamptz;
	computed record;
	here bigint[];
	-- rows on their way into the table
	some_ids bigint[] := '{}';
	some_values text[] := '{}';
	some_members @extschema@.userset[] := '{}';
	some_bytes bigint := 0;
BEGIN
	one := @extschema@.definition_by_id(ids[1]);
	IF NOT @extschema@.is_role(one.owner) THEN
		RAISE EXCEPTION '"%" has no owner: %', one.name, one.owner USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'set_owner gives it one, or accepts what was restored.';
	END IF;
	-- as of one moment, or an ALTER between would have its numbers taken for those of the old scale
	SELECT q.definition, q.query INTO computed
	FROM (SELECT d AS definition, @extschema@.refresh_query(ids, compute_versions.as_of) AS query FROM @extschema@.definition_by_id(ids[1]) AS d) AS q;
	one := computed.definition;
	query := computed.query;
	-- with the inputs as the query sees them
	IF one.method = 'numeric' THEN
		SELECT r.rows, r.numbers, jsonb_build_object(one.id, @extschema@.version_inputs(one.id, compute_versions.as_of)) AS inputs INTO computed
		FROM @extschema@.run_as(one.owner::oid, query, compute_versions.as_of, one.time_zone)
			AS r(id bigint, rows bigint, numbers @extschema@.numset);
		IF computed.rows <> @extschema@.numset_count(computed.numbers) THEN
			RAISE EXCEPTION 'the definition of tag "%" returns % rows for % users', one.name, computed.rows, @extschema@.numset_count(computed.numbers)
				USING ERRCODE = 'cardinality_violation', HINT = 'A numeric tag has one number for each user: group by the user, and choose which number.';
		END IF;
		here := @extschema@.begin_versions(ids, one.owner::oid, compute_versions.as_of, began, one.scale, computed.inputs);
		INSERT INTO @extschema@.version_numbers (id, as_of, numbers) SELECT n, compute_versions.as_of, computed.numbers FROM unnest(here) AS n;
	ELSE
		-- the query has run to its end before the first row comes
		FOR computed IN
			SELECT r.id, r.value, r.members, i.inputs
			FROM (SELECT jsonb_object_agg(u.id, @extschema@.version_inputs(u.id, compute_versions.as_of)) AS inputs
					FROM (SELECT DISTINCT w.id FROM @extschema@.definition_uses AS w WHERE w.id = ANY (ids)) AS u) AS i
				LEFT JOIN (SELECT r.id, r.value, @extschema@.union_agg(r.members) AS members
					FROM @extschema@.run_as(one.owner::oid, query, compute_versions.as_of, one.time_zone)
						AS r(id bigint, value text, members @extschema@.userset)
					-- a query that was changed by hand must not write what is another's
					WHERE r.value IS NOT NULL AND r.id = ANY (ids) GROUP BY r.id, r.value) AS r ON r.value = '' OR @extschema@.cardinality(r.members) > 0
		LOOP
			here := coalesce(here, @extschema@.begin_versions(ids, one.owner::oid, compute_versions.as_of, began, one.scale, computed.inputs));
			CONTINUE WHEN computed.id IS NULL OR computed.id <> ALL (here);
			some_ids := some_ids || computed.id;
			some_values := some_values || computed.value;
			some_members := some_members || computed.members;
			some_bytes := some_bytes + pg_column_size(computed.members);
			IF some_bytes > 33554432 OR cardinality(some_ids) >= 1000 THEN
				PERFORM @extschema@.add_members(compute_versions.as_of, some_ids, some_values, some_members);
				some_ids := '{}';
				some_values := '{}';
				some_members := '{}';
				some_bytes := 0;
			END IF;
		END LOOP;
		PERFORM @extschema@.add_members(compute_versions.as_of, some_ids, some_values, some_members);
	END IF;
	IF one.query IS NOT NULL AND here <> '{}' THEN
		-- nothing may have been dropped and made anew while it ran
		PERFORM @extschema@.check_uses(one.id);
	END IF;
	FOREACH wanted IN ARRAY here LOOP
		PERFORM @extschema@.count_changes(wanted, compute_versions.as_of);
		PERFORM @extschema@.store_by_user(wanted, compute_versions.as_of);
		-- before the next one is looked for, or it might be one that goes
		PERFORM @extschema@.prune_versions(wanted, compute_versions.as_of);
		SELECT min(v.as_of) INTO next FROM @extschema@.versions AS v WHERE v.id = wanted AND v.as_of > compute_versions.as_of;
		IF next IS NOT NULL THEN
			PERFORM @extschema@.count_changes(wanted, next);
		END IF;
	END LOOP;
	UPDATE @extschema@.versions AS v SET computed_at = clock_timestamp(), duration = clock_timestamp() - began
	WHERE v.id = ANY (here) AND v.as_of = compute_versions.as_of;
	RETURN here;
END $$;
COMMENT ON FUNCTION compute_versions(bigint[], timestamptz) IS 'Support function of refresh: computes segments or tags and stores their versions. Returns those of them that are still there.';

CREATE FUNCTION add_members(as_of timestamptz, ids bigint[], tag_values text[], sets userset[]) RETURNS void
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
	AS $$ INSERT INTO @extschema@.version_members (id, as_of, value, users, members)
		SELECT n.id, add_members.as_of, n.value, @extschema@.cardinality(n.members), n.members FROM unnest(ids, tag_values, sets) AS n(id, value, members) $$;
COMMENT ON FUNCTION add_members(timestamptz, bigint[], text[], userset[]) IS 'Support function of refresh: writes the members of versions.';

-- Why did a refresh fail? If a source cannot be read any more, say which.
CREATE FUNCTION failed_source(id bigint) RETURNS text
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_by_id(id);
	source record;
BEGIN
	FOR source IN SELECT u.source AS id, coalesce(s.name, u.name) AS name FROM @extschema@.definition_sources AS u LEFT JOIN @extschema@.sources AS s ON s.id = u.source
		WHERE u.id = one.id AND @extschema@.is_role(one.owner) ORDER BY u.name
	LOOP
		BEGIN
			IF source.id IS NULL THEN
				RETURN format('the source "%s" was dropped', source.name);
			END IF;
			PERFORM FROM @extschema@.run_as(one.owner::oid,
				format('SELECT 1 FROM (SELECT * FROM (%s) AS s LIMIT 0) AS s', @extschema@.source_query(source.id, one.owner::regrole)), now()) AS r(x int);
		EXCEPTION WHEN OTHERS THEN
			RETURN CASE WHEN SQLERRM LIKE 'there is no source %' OR SQLERRM LIKE 'source %' THEN SQLERRM ELSE format('source "%s": %s', source.name, SQLERRM) END;
		END;
	END LOOP;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION failed_source(bigint) IS 'Which source of a segment or tag cannot be read, and why; NULL if all can.';

-- Of definitions that are being dropped, or whose rows are locked, there is nothing to say, and
-- nothing waits for them.
CREATE FUNCTION log_refresh(ids bigint[], as_of timestamptz, began timestamptz, status text, state text, message text) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	here bigint[];
BEGIN
	SELECT coalesce(array_agg(l.id), '{}') INTO here
	FROM (SELECT d.id FROM @extschema@.definitions AS d WHERE d.id = ANY (ids) AND @extschema@.owns(d.owner) FOR KEY SHARE SKIP LOCKED) AS l;
	BEGIN
		INSERT INTO @extschema@.refresh_log AS l (id, as_of, started_at, finished_at, status, sqlstate, users)
		SELECT n, log_refresh.as_of, began, CASE WHEN log_refresh.status <> 'running' THEN clock_timestamp() END, log_refresh.status, state,
			(SELECT v.users FROM @extschema@.versions AS v WHERE log_refresh.status = 'done' AND v.id = n AND v.as_of = log_refresh.as_of)
		FROM unnest(here) AS n
		ON CONFLICT (id, started_at, pid) DO UPDATE
		SET finished_at = excluded.finished_at, status = excluded.status, sqlstate = excluded.sqlstate, users = excluded.users;
		IF log_refresh.message IS NOT NULL THEN
			INSERT INTO @extschema@.refresh_messages AS m (id, started_at, pid, message)
			SELECT n, began, pg_backend_pid(), log_refresh.message FROM unnest(here) AS n
			ON CONFLICT (id, started_at, pid) DO UPDATE SET message = excluded.message;
		END IF;
	EXCEPTION WHEN lock_not_available THEN
		IF cardinality(here) = 1 THEN
			RAISE WARNING 'how refreshing "%" ended cannot be recorded: %', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = here[1]), SQLERRM;
		ELSE
			here := ARRAY(SELECT l FROM unnest(here) AS n, unnest(@extschema@.log_refresh(ARRAY[n], as_of, began, status, state, message)) AS l);
		END IF;
	END;
	RETURN here;
END $$;
COMMENT ON FUNCTION log_refresh(bigint[], timestamptz, timestamptz, text, text, text) IS 'Support function of refresh: writes into the log how refreshes stand. Returns those of the definitions that are still there.';

-- Compute definitions of one owner, or record that it failed. The caller holds their locks.
-- Returns those that failed. may_be_stale: those that may be computed from stale inputs.
CREATE FUNCTION try_refresh(ids bigint[], as_of timestamptz, began timestamptz, may_be_stale bigint[]) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	stale record;
	rest bigint[] := ids;
	wanted bigint;
	here bigint[];
	failed bigint[] := '{}';
	state text;
	problem text;
BEGIN
	FOR stale IN SELECT d.id, d.name, i.name AS input, i.version, i.problem
		FROM @extschema@.definitions AS d, LATERAL (SELECT * FROM @extschema@.inputs_of(d.id, try_refresh.as_of) AS i WHERE i.problem IS NOT NULL LIMIT 1) AS i
		WHERE d.id = ANY (ids) AND EXISTS (SELECT FROM @extschema@.definition_uses AS u WHERE u.id = d.id) ORDER BY d.name
	LOOP
		IF stale.id = ANY (may_be_stale) AND stale.version IS NOT NULL THEN
			RAISE WARNING '"%" is computed from what "%" was as of %: %', stale.name, stale.input, stale.version, stale.problem;
		ELSE
			rest := array_remove(rest, stale.id);
			failed := failed || @extschema@.log_refresh(ARRAY[stale.id], as_of, began, 'failed'::text, '55000'::text, stale.problem);
			RAISE WARNING 'refreshing "%" failed: %', stale.name, stale.problem USING HINT = 'The last good version stays. With stale_inputs, it is computed from the last good version of its input.';
		END IF;
	END LOOP;
	IF cardinality(rest) = 0 THEN
		RETURN failed;
	END IF;
	BEGIN
		here := @extschema@.compute_versions(rest, as_of);
	EXCEPTION WHEN OTHERS THEN
		state := SQLSTATE;
		problem := SQLERRM;
	END;
	IF problem IS NULL THEN
		PERFORM @extschema@.log_refresh(here, as_of, began, 'done'::text, NULL::text, NULL::text);
		-- what was given away meanwhile
		failed := failed || @extschema@.log_refresh(ARRAY(SELECT n FROM unnest(rest) AS n WHERE n <> ALL (here)), as_of, began, 'failed'::text, '55000'::text,
			'it was given to another owner, or is being dropped'::text);
	ELSIF cardinality(rest) = 1 THEN
		BEGIN
			problem := coalesce(@extschema@.failed_source(rest[1]), problem);
		EXCEPTION WHEN OTHERS THEN
			NULL;	-- it was dropped
		END;
		here := @extschema@.log_refresh(rest, as_of, began, 'failed'::text, state, problem);
		IF here <> '{}' THEN
			RAISE WARNING 'refreshing "%" failed: %', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = rest[1]), problem USING HINT = 'The last good version stays.';
		END IF;
		failed := failed || here;
	ELSE
		-- together they failed: which of them?
		FOREACH wanted IN ARRAY rest LOOP
			failed := failed || @extschema@.try_refresh(ARRAY[wanted], as_of, began, may_be_stale);
		END LOOP;
	END IF;
	RETURN failed;
END $$;
COMMENT ON FUNCTION try_refresh(bigint[], timestamptz, timestamptz, bigint[]) IS 'Support function of refresh: computes segments or tags of one owner, and records success or failure. Returns those that failed.';

CREATE FUNCTION lock_key(id bigint) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ((id - 1) % 2147483647 + 1)::int $$;
COMMENT ON FUNCTION lock_key(bigint) IS 'The second key of the advisory lock of a segment or tag: its number, while there are no more than two billion.';

CREATE FUNCTION try_lock(id bigint) RETURNS boolean
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT pg_try_advisory_xact_lock(@extschema@.lock_space(), @extschema@.lock_key(id)) $$;
COMMENT ON FUNCTION try_lock(bigint) IS 'Takes the lock that whoever computes a segment or tag holds to the end of the transaction. False if another holds it.';

CREATE FUNCTION check_as_of(as_of timestamptz) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF as_of IS NULL THEN
		RAISE EXCEPTION 'as_of must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF NOT isfinite(as_of) OR as_of > clock_timestamp() THEN
		RAISE EXCEPTION 'as_of is %', as_of USING ERRCODE = 'invalid_parameter_value', HINT = 'A version is computed as of now, or of a time that has passed.';
	END IF;
	RETURN as_of;
END $$;
COMMENT ON FUNCTION check_as_of(timestamptz) IS 'An error unless a version can be computed for this time.';

CREATE FUNCTION refresh_definitions(names text[], as_of timestamptz, kind text, stale_inputs boolean)
	RETURNS TABLE (name text, version timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	wanted text;
	one @extschema@.definitions;
	began timestamptz := clock_timestamp();
	locked bigint[] := '{}';
	batch bigint[];
	busy record;
BEGIN
	PERFORM @extschema@.check_as_of(as_of);
	IF stale_inputs IS NULL THEN
		RAISE EXCEPTION 'stale_inputs must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	FOR wanted IN SELECT DISTINCT n FROM unnest(names) AS n ORDER BY n LOOP
		one := @extschema@.own_definition(wanted, kind);
		IF @extschema@.try_lock(one.id) THEN
			locked := locked || one.id;
		ELSE
			RAISE NOTICE '"%" is being refreshed by another session', wanted;
		END IF;
	END LOOP;
	FOR batch IN SELECT b.ids FROM @extschema@.batches(locked) AS b(ids, place) ORDER BY b.place LOOP
		-- what another session is computing is about to be old
		FOR busy IN SELECT DISTINCT ON (u.id) u.id, i.name AS input, d.name FROM @extschema@.definition_uses AS u JOIN @extschema@.definitions AS d ON d.id = u.id JOIN @extschema@.definitions AS i ON i.id = u.used
			WHERE NOT stale_inputs AND u.id = ANY (batch) AND u.used <> u.id AND @extschema@.refreshing_elsewhere(ARRAY[u.used]) <> '{}' ORDER BY u.id, i.name
		LOOP
			PERFORM @extschema@.log_refresh(ARRAY[busy.id], as_of, began, 'failed'::text, '55006'::text, format('its input "%s" is being refreshed by another session', busy.input));
			RAISE WARNING 'refreshing "%" failed: its input "%" is being refreshed by another session', busy.name, busy.input USING HINT = 'Try again when that is done, or with stale_inputs.';
			batch := array_remove(batch, busy.id);
		END LOOP;
		IF cardinality(batch) > 0 THEN
			PERFORM @extschema@.try_refresh(batch, as_of, began, CASE WHEN stale_inputs THEN batch ELSE '{}' END);
		END IF;
	END LOOP;
	RETURN QUERY SELECT d.name, l.as_of, v.users, v.entered, v.exited, v.duration, m.message
		FROM @extschema@.refresh_log AS l JOIN @extschema@.definitions AS d ON d.id = l.id LEFT JOIN @extschema@.refresh_messages AS m ON m.id = l.id AND m.started_at = l.started_at AND m.pid = l.pid
			LEFT JOIN @extschema@.versions AS v ON l.status = 'done' AND v.id = l.id AND v.as_of = l.as_of
		WHERE l.id = ANY (locked) AND l.started_at = began AND l.pid = pg_backend_pid() ORDER BY d.name;
END $$;
COMMENT ON FUNCTION refresh_definitions(text[], timestamptz, text, boolean) IS 'Support function of refresh_segment, refresh_segments and refresh_tag.';

-- Which of these can be computed together, and in which order? Rules of one owner over the
-- same sources that come equally far after what they use.
CREATE FUNCTION batches(ids bigint[]) RETURNS TABLE (batch bigint[], place bigint)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing bigint[] := ids;
	ready bigint[];
	depth bigint := 0;
BEGIN
	WHILE cardinality(missing) > 0 LOOP
		ready := ARRAY(SELECT m FROM unnest(missing) AS m EXCEPT
			SELECT u.id FROM unnest(missing) AS m JOIN @extschema@.definition_uses AS u ON u.id = m JOIN unnest(missing) AS n ON n = u.used AND n <> m);
		-- a cycle by way of definitions that its members could not see: any order is as good
		IF cardinality(ready) = 0 THEN
			ready := missing;
		END IF;
		RETURN QUERY SELECT array_agg(d.id ORDER BY d.name), depth FROM unnest(ready) AS r JOIN @extschema@.definitions AS d ON d.id = r
			GROUP BY d.owner::oid, d.time_zone, CASE WHEN d.method IN ('rule', 'lifecycle') THEN ARRAY(SELECT u.source FROM @extschema@.definition_sources AS u WHERE u.id = d.id ORDER BY u.name) ELSE ARRAY[-d.id] END;
		missing := ARRAY(SELECT m FROM unnest(missing) AS m EXCEPT SELECT r FROM unnest(ready) AS r);
		depth := depth + 1;
	END LOOP;
END $$;
COMMENT ON FUNCTION batches(bigint[]) IS 'Support function of refresh: what can be computed together, in order of dependency.';

CREATE FUNCTION refresh_segment(name text, as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	RETURNS TABLE (name text, version timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE sql
	AS $$ SELECT * FROM @extschema@.refresh_definitions(ARRAY[$1], $2, 'segment'::pg_catalog.text, $3) $$;
COMMENT ON FUNCTION refresh_segment(text, timestamptz, boolean) IS
	'Computes a segment as of a time and stores the version, in place of one of the same time. If it fails, nothing changes but the log: error says why. It fails, too, if what it uses has failed since its last version; with stale_inputs that version is used, and a warning says so. No row: another session is at it.';

CREATE FUNCTION refresh_segments(names text[], as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	RETURNS TABLE (name text, version timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE sql
	AS $$ SELECT * FROM @extschema@.refresh_definitions($1, $2, 'segment'::pg_catalog.text, $3) $$;
COMMENT ON FUNCTION refresh_segments(text[], timestamptz, boolean) IS
	'Computes several segments, those before which others use; if one fails, what uses it fails, too, unless stale_inputs. Rules of one owner over the same sources share one pass over these.';
