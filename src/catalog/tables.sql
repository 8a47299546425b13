-- catalog: the tables of segments and tags, their versions, and their refreshes.

-- How definitions become SQL.  Each room adds the methods of its own when the extension is installed;
-- nobody else can, so that what is named here may be called.
CREATE TABLE methods (
	kind text CHECK (kind IN ('segment', 'tag')),
	method text,
	numeric boolean NOT NULL DEFAULT false,
	together boolean NOT NULL DEFAULT false,
	rule_function text,
	query_function text,
	stored_function text,
	PRIMARY KEY (kind, method)
);
GRANT SELECT ON methods TO PUBLIC;
COMMENT ON TABLE methods IS 'The methods by which segments and tags are defined. The extension fills this table when it is installed; do not change it.';
COMMENT ON COLUMN methods.numeric IS 'Whether it has numbers instead of values.';
COMMENT ON COLUMN methods.together IS 'Whether several definitions of one owner over the same sources can be computed in one query.';
COMMENT ON COLUMN methods.rule_function IS 'The function that turns a definition in JSON into a rule: (jsonb) returns jsonb. NULL: the definition already is a rule, or cannot be one.';
COMMENT ON COLUMN methods.query_function IS 'The function that returns the SELECT for such definitions, their sources, the numbers of what they use, and a time: (definitions[], bigint[], jsonb[], timestamptz) returns text. NULL: the definition itself is a SELECT.';
COMMENT ON COLUMN methods.stored_function IS 'The function that is called after a version is stored: (id bigint, as_of timestamptz). NULL: none.';

CREATE TABLE definitions (
	id bigint PRIMARY KEY DEFAULT nextval('@extschema@.ids'),
	name text NOT NULL UNIQUE,
	kind text NOT NULL CHECK (kind IN ('segment', 'tag')),
	method text NOT NULL,
	owner role_ref NOT NULL DEFAULT journey_internal.caller(),
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
CREATE POLICY readers ON definitions FOR SELECT USING (journey_internal.may_read(owner, readers));
CREATE POLICY owners_add ON definitions FOR INSERT WITH CHECK (journey_internal.may_restore(owner));
CREATE POLICY owners_change ON definitions FOR UPDATE USING (journey_internal.may_accept(owner)) WITH CHECK (journey_internal.owns(owner));
CREATE POLICY owners_drop ON definitions FOR DELETE USING (journey_internal.owns(owner));
-- the number is the sequence's: who could choose one could take that of something dropped
GRANT SELECT, INSERT (name, kind, method, owner, readers, definition, query, time_zone, scale, keep_for, keep_versions, description, created_at, changed_at),
	UPDATE (name, kind, method, owner, readers, definition, query, time_zone, scale, keep_for, keep_versions, description, created_at, changed_at), DELETE ON definitions TO PUBLIC;
GRANT INSERT ON definitions TO pg_database_owner;
CREATE TRIGGER restored BEFORE INSERT ON definitions FOR EACH ROW EXECUTE FUNCTION journey_internal.restored();
SELECT pg_catalog.pg_extension_config_dump('definitions', '');
COMMENT ON TABLE definitions IS
	'Segments and tags. A role sees its own and those granted to it, and changes its own. Change them only with the functions.';
COMMENT ON COLUMN definitions.id IS 'The number to which all other tables refer; never reused.';
COMMENT ON COLUMN definitions.owner IS 'The role with whose rights it runs.';
COMMENT ON COLUMN definitions.readers IS 'Roles, besides the owner, that may read it.';
COMMENT ON COLUMN definitions.definition IS 'The definition as the user wrote it: a SELECT or a rule.';
COMMENT ON COLUMN definitions.query IS 'The query that is executed for a definition in SQL, with all names qualified: value and members, or rows and numbers.';
COMMENT ON COLUMN definitions.time_zone IS 'The time zone of the session that wrote the definition. It is computed in this time zone.';
COMMENT ON COLUMN definitions.scale IS 'For a numeric tag, the number of decimals; NULL for all others.';

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
	OR EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.used AND journey_internal.owns(d.owner)));
-- what may not be read may not be used, and so kept from being dropped
CREATE POLICY owners_add ON definition_uses FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.id AND journey_internal.may_restore(d.owner))
		AND (used IS NULL OR EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.used)));
CREATE POLICY owners_drop ON definition_uses FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_uses.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON definition_uses TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('definition_uses', '');
COMMENT ON TABLE definition_uses IS 'Segments and tags that a definition uses and that are refreshed before it, by the names in the definition. Visible to readers of the definition; the owner of what is used sees only the numbers.';
COMMENT ON COLUMN definition_uses.used IS 'The number of the segment or tag that had this name when the definition was written; NULL if it was dropped.';

CREATE TABLE definition_sources (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	name text,
	source bigint REFERENCES sources ON DELETE SET NULL,
	PRIMARY KEY (id, name)
);
CREATE INDEX ON definition_sources (source);
ALTER TABLE definition_sources ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON definition_sources FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_sources.id)
	OR EXISTS (SELECT FROM @extschema@.sources AS s WHERE s.id = definition_sources.source AND journey_internal.owns(s.owner)));
-- what may not be read may not be used, and so kept from being dropped
CREATE POLICY owners_add ON definition_sources FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_sources.id AND journey_internal.may_restore(d.owner))
		AND (source IS NULL OR EXISTS (SELECT FROM @extschema@.sources AS s WHERE s.id = definition_sources.source)));
CREATE POLICY owners_drop ON definition_sources FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = definition_sources.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON definition_sources TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('definition_sources', '');
COMMENT ON TABLE definition_sources IS 'Sources that the rule of a segment or tag reads, by the names in the rule. Visible to readers of the definition; the owner of the source sees only the numbers.';
COMMENT ON COLUMN definition_sources.source IS 'The number of the source that had this name when the rule was written; NULL if it was dropped.';

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
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = versions.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON versions FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = versions.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON versions FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = versions.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON versions TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('versions', '');
COMMENT ON TABLE versions IS 'The versions of segments and tags. Visible to readers of the definition.';
COMMENT ON COLUMN versions.as_of IS 'The time for which the version was computed.';
COMMENT ON COLUMN versions.entered IS 'Users of this version who were not in the version before.';
COMMENT ON COLUMN versions.exited IS 'Users of the version before who are not in this one.';
COMMENT ON COLUMN versions.single IS 'Whether each user has at most one value. If so, a profile stops at the first value that it finds, and the newest version of a tag is also kept by user.';
COMMENT ON COLUMN versions.inputs IS 'The versions of segments and tags from which it was computed: id, name, as_of and computed_at of each; stale if the refresh of a newer version had failed.';
COMMENT ON COLUMN versions.scale IS 'For a numeric tag, the number of decimals: version_numbers holds its numbers times 10 to this power. NULL for all others.';

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
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_members.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_drop ON version_members FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_members.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON version_members TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('version_members', '');
COMMENT ON TABLE version_members IS 'The users of each version, by value. The value of a segment is empty.';

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
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_numbers.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_drop ON version_numbers FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = version_numbers.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON version_numbers TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('version_numbers', '');
COMMENT ON TABLE version_numbers IS 'The numbers of each version of a numeric tag, times 10 to the power of versions.scale.';

CREATE TABLE refresh_log (
	id bigint NOT NULL,
	as_of timestamptz,
	started_at timestamptz NOT NULL CHECK (isfinite(started_at)),
	finished_at timestamptz CHECK (isfinite(finished_at)),
	status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'interrupted')),
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
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_log.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON refresh_log FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_log.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON refresh_log FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_log.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_log TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('refresh_log', '');
COMMENT ON TABLE refresh_log IS 'Every refresh: when, by whom, and how it ended.';
COMMENT ON COLUMN refresh_log.finished_at IS 'When it ended; for an interrupted refresh, when the next runner noticed.';
COMMENT ON COLUMN refresh_log.sqlstate IS 'The SQLSTATE of the failure. Its message is in refresh_errors.';
CREATE INDEX refresh_log_running ON refresh_log (id) WHERE status = 'running';

-- Errors quote what could not be cast or divided: they are for those who may read the sources.
CREATE TABLE refresh_errors (
	id bigint,
	started_at timestamptz,
	pid int,
	error text NOT NULL,
	PRIMARY KEY (id, started_at, pid),
	FOREIGN KEY (id, started_at, pid) REFERENCES refresh_log ON DELETE CASCADE
);
ALTER TABLE refresh_errors ENABLE ROW LEVEL SECURITY;
CREATE POLICY owners ON refresh_errors FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.may_read(d.owner, '{}')));
CREATE POLICY owners_add ON refresh_errors FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON refresh_errors FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON refresh_errors FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_errors TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('refresh_errors', '');
COMMENT ON TABLE refresh_errors IS 'Messages of failed refreshes. Visible to the owner of the definition only, because a message may quote data of the sources.';

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
CREATE POLICY readers ON exports FOR SELECT USING (journey_internal.may_read(exported_by, '{}')
	OR EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = exports.id AND journey_internal.owns(d.owner)));
CREATE POLICY restored ON exports FOR INSERT WITH CHECK (journey_internal.may_restore('?nobody'));
-- segment_export adds rows, for nobody else can
GRANT SELECT ON exports TO PUBLIC;
GRANT INSERT ON exports TO pg_database_owner;
SELECT pg_catalog.pg_extension_config_dump('exports', '');
COMMENT ON TABLE exports IS
	'Exports of segments: who exported which members, when, how many, and why. Only segment_export adds rows; they outlive the segment. Visible to the role that exported and to the owner of the segment.';
COMMENT ON COLUMN exports.id IS 'The number of the segment; never reused.';
COMMENT ON COLUMN exports.name IS 'The name of the segment at that time.';
COMMENT ON COLUMN exports.as_of IS 'The as_of of the exported version.';
COMMENT ON COLUMN exports.exported_at IS 'When the members were exported.';
COMMENT ON COLUMN exports.exported_by IS 'The role that exported, after SET ROLE.';
COMMENT ON COLUMN exports.logged_in_as IS 'The role that had logged in.';
COMMENT ON COLUMN exports.users IS 'The number of users.';
COMMENT ON COLUMN exports.reason IS 'The reason, as the user gave it.';

CREATE TABLE schedules (
	id bigint PRIMARY KEY REFERENCES definitions ON DELETE CASCADE,
	schedule text NOT NULL,
	time_zone text NOT NULL,
	next_due timestamptz NOT NULL,
	retries int NOT NULL DEFAULT 0 CHECK (retries BETWEEN 0 AND 1000),
	retry_after interval NOT NULL DEFAULT '10 minutes' CHECK (retry_after >= '1 second'),
	stale_inputs boolean NOT NULL DEFAULT false,
	failures int NOT NULL DEFAULT 0
);
ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON schedules FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id));
CREATE POLICY owners_add ON schedules FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON schedules FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON schedules FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('schedules', '');
COMMENT ON TABLE schedules IS 'When segments and tags are refreshed. refresh_due() refreshes those that are due.';
COMMENT ON COLUMN schedules.retries IS 'How often a failed refresh is retried before the next scheduled time.';
COMMENT ON COLUMN schedules.retry_after IS 'The time from a failure to the next retry.';
COMMENT ON COLUMN schedules.stale_inputs IS 'Whether it may be computed from older versions if the refresh of what it uses failed.';
COMMENT ON COLUMN schedules.failures IS 'The number of failures since the last scheduled time, if it is to be retried.';
