-- catalog: the tables of segments, tags and reports, their versions, and their refreshes.

-- How definitions become SQL.  Each room adds the methods of its own when the extension is installed;
-- nobody else can, so that what is named here may be called.
TABLE methods (
	kind text CHECK (kind IN ('segment', 'tag', 'plan', 'report')),
	method text,
	numeric boolean NOT NULL DEFAULT false COMMENT 'Whether it has numbers instead of values.',
	together boolean NOT NULL DEFAULT false COMMENT 'Whether several definitions of one owner over the same sources can be computed in one query.',
	rule_function text COMMENT 'The function that turns a definition in JSON into a rule: (jsonb) returns jsonb. NULL: the definition already is a rule, or cannot be one.',
	query_function text COMMENT 'The function that returns the SELECT for such definitions, their sources, the numbers of what they use, and a time: (definitions[], bigint[], jsonb[], timestamptz) returns text. NULL: the definition itself is a SELECT.',
	rows_function text COMMENT 'The function that stores what the SELECT returns, rows of one jsonb each: (id bigint, as_of timestamptz, rows jsonb). NULL: it returns members or numbers.',
	stored_function text COMMENT 'The function that is called after a version is stored: (id bigint, as_of timestamptz). NULL: none.',
	page_function text COMMENT 'The function that computes the page of a version: (definitions, timestamptz) returns text. NULL: a version has users or numbers instead of a page.',
	PRIMARY KEY (kind, method)
)
	'The methods by which segments, tags, plans and reports are defined. The extension fills this table when it is installed; do not change it.';
GRANT SELECT ON methods TO PUBLIC;

TABLE definitions (
	id bigint PRIMARY KEY DEFAULT nextval('@extschema@.ids') COMMENT 'The number to which all other tables refer; never reused.',
	name text NOT NULL UNIQUE,
	kind text NOT NULL CHECK (kind IN ('segment', 'tag', 'plan', 'report')),
	method text NOT NULL,
	owner role_ref NOT NULL DEFAULT journey_internal.caller() COMMENT 'The role with whose rights it runs.',
	readers role_ref[] NOT NULL DEFAULT '{}' COMMENT 'Roles, besides the owner, that may read it.',
	definition text NOT NULL COMMENT 'The definition as the user wrote it: a SELECT or a rule.',
	query text COMMENT 'The query that is executed for a definition in SQL, with all names qualified: value and members, or rows and numbers.',
	time_zone text NOT NULL DEFAULT current_setting('TimeZone') COMMENT 'The time zone of the session that wrote the definition. It is computed in this time zone.',
	scale int CHECK (scale BETWEEN 0 AND 18) COMMENT 'For a numeric tag, the number of decimals; NULL for all others.',
	keep_for interval CHECK (keep_for > '0'),
	keep_versions int CHECK (keep_versions > 0),
	description text,
	created_at timestamptz NOT NULL DEFAULT now(),
	changed_at timestamptz NOT NULL DEFAULT now()
) OWNED DUMPED
	'Segments, tags and reports. A role sees its own and those granted to it, and changes its own. Change them only with the functions.';
-- the number is the sequence's: who could choose one could take that of something dropped
GRANT SELECT, INSERT (name, kind, method, owner, readers, definition, query, time_zone, scale, keep_for, keep_versions, description, created_at, changed_at),
	UPDATE (name, kind, method, owner, readers, definition, query, time_zone, scale, keep_for, keep_versions, description, created_at, changed_at), DELETE ON definitions TO PUBLIC;
GRANT INSERT ON definitions TO pg_database_owner;

-- What a name in a definition means was settled when it was written. It is NULL once that was dropped.
TABLE definition_uses (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	name text,
	used bigint REFERENCES definitions ON DELETE SET NULL COMMENT 'The number of the segment or tag that had this name when the definition was written; NULL if it was dropped.',
	PRIMARY KEY (id, name)
) OF DEFINITIONS NAMING used IN definitions DUMPED
	'Segments and tags that a definition uses and that are refreshed before it, by the names in the definition. Visible to readers of the definition; the owner of what is used sees only the numbers.';
CREATE INDEX ON definition_uses (used);

TABLE definition_sources (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	name text,
	source bigint REFERENCES sources ON DELETE SET NULL COMMENT 'The number of the source that had this name when the rule was written; NULL if it was dropped.',
	PRIMARY KEY (id, name)
) OF DEFINITIONS NAMING source IN sources DUMPED
	'Sources that the rule of a segment or tag reads, by the names in the rule. Visible to readers of the definition; the owner of the source sees only the numbers.';
CREATE INDEX ON definition_sources (source);

TABLE versions (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	as_of timestamptz CHECK (isfinite(as_of)) COMMENT 'The time for which the version was computed.',
	computed_at timestamptz NOT NULL,
	duration interval NOT NULL,
	users bigint NOT NULL,
	entered bigint NOT NULL COMMENT 'Users of this version who were not in the version before.',
	exited bigint NOT NULL COMMENT 'Users of the version before who are not in this one.',
	single boolean NOT NULL DEFAULT false COMMENT 'Whether each user has at most one value. If so, a profile stops at the first value that it finds, and the newest version of a tag is also kept by user.',
	scale int CHECK (scale BETWEEN 0 AND 18) COMMENT 'For a numeric tag, the number of decimals: version_numbers holds its numbers times 10 to this power. NULL for all others.',
	inputs jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(inputs) = 'array') COMMENT 'The versions of segments and tags from which it was computed: id, name, as_of and computed_at of each; stale if the refresh of a newer version had failed.',
	PRIMARY KEY (id, as_of)
) OF DEFINITIONS UPDATED DUMPED
	'The versions of segments, tags and reports. Visible to readers of the definition.';

-- A segment has one row a version, with the value '', and one for who is held out; a tag has one for each
-- value.
TABLE version_members (
	id bigint,
	as_of timestamptz,
	value text,
	users bigint NOT NULL,
	members @extschema@.userset NOT NULL,
	PRIMARY KEY (id, as_of, value),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
) OF DEFINITIONS DUMPED
	'The users of each version, by value. The value of a segment is empty, or holdout for those who are kept out of it.';
-- not compressed, so that one user is looked up without reading the whole
ALTER TABLE version_members ALTER COLUMN members SET STORAGE EXTERNAL;

-- A numeric tag has one row a version here, and none there.
TABLE version_numbers (
	id bigint,
	as_of timestamptz,
	numbers @extschema@.numset NOT NULL,
	PRIMARY KEY (id, as_of),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
) OF DEFINITIONS DUMPED
	'The numbers of each version of a numeric tag, times 10 to the power of versions.scale.';

-- A report has one row a version here, and no users.
TABLE version_pages (
	id bigint,
	as_of timestamptz,
	page text NOT NULL COMMENT 'HTML, one file.',
	PRIMARY KEY (id, as_of),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
) OF DEFINITIONS DUMPED
	'The page of each version of a report.';

TABLE refresh_log (
	id bigint NOT NULL,
	as_of timestamptz,
	started_at timestamptz NOT NULL CHECK (isfinite(started_at)),
	finished_at timestamptz CHECK (isfinite(finished_at)) COMMENT 'When it ended; for an interrupted refresh, when the next runner noticed.',
	status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'interrupted')),
	sqlstate text COMMENT 'The SQLSTATE of the failure. Its message is in refresh_errors.',
	users bigint,
	pid int NOT NULL DEFAULT pg_backend_pid(),
	runner text NOT NULL DEFAULT session_user,
	PRIMARY KEY (id, started_at, pid),
	FOREIGN KEY (id) REFERENCES definitions ON DELETE CASCADE
) OF DEFINITIONS UPDATED DUMPED
	'Every refresh: when, by whom, and how it ended.';
CREATE INDEX refresh_log_running ON refresh_log (id) WHERE status = 'running';

-- Errors quote what could not be cast or divided: they are for those who may read the sources.
TABLE refresh_errors (
	id bigint,
	started_at timestamptz,
	pid int,
	error text NOT NULL,
	PRIMARY KEY (id, started_at, pid),
	FOREIGN KEY (id, started_at, pid) REFERENCES refresh_log ON DELETE CASCADE
) OF DEFINITIONS UPDATED SECRET DUMPED
	'Messages of failed refreshes. Visible to the owner of the definition only, because a message may quote data of the sources.';

TABLE exports (
	id bigint NOT NULL COMMENT 'The number of the segment; never reused.',
	name text NOT NULL COMMENT 'The name of the segment at that time.',
	as_of timestamptz NOT NULL COMMENT 'The as_of of the exported version.',
	exported_at timestamptz NOT NULL DEFAULT clock_timestamp() COMMENT 'When the members were exported.',
	exported_by role_ref NOT NULL COMMENT 'The role that exported, after SET ROLE.',
	logged_in_as text NOT NULL DEFAULT session_user COMMENT 'The role that had logged in.',
	users bigint NOT NULL COMMENT 'The number of users.',
	reason text NOT NULL COMMENT 'The reason, as the user gave it.'
) DUMPED
	'Exports of segments: who exported which members, when, how many, and why. Only segment_export adds rows; they outlive the segment. Visible to the role that exported and to the owner of the segment.';
CREATE INDEX ON exports (id, exported_at);
ALTER TABLE exports ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON exports FOR SELECT USING (journey_internal.may_read(exported_by, '{}')
	OR EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = exports.id AND journey_internal.owns(d.owner)));
CREATE POLICY restored ON exports FOR INSERT WITH CHECK (journey_internal.may_restore('?nobody'));
-- segment_export adds rows, for nobody else can
GRANT SELECT ON exports TO PUBLIC;
GRANT INSERT ON exports TO pg_database_owner;

TABLE schedules (
	id bigint PRIMARY KEY REFERENCES definitions ON DELETE CASCADE,
	schedule text NOT NULL,
	time_zone text NOT NULL,
	next_due timestamptz NOT NULL,
	retries int NOT NULL DEFAULT 0 CHECK (retries BETWEEN 0 AND 1000) COMMENT 'How often a failed refresh is retried before the next scheduled time.',
	retry_after interval NOT NULL DEFAULT '10 minutes' CHECK (retry_after >= '1 second') COMMENT 'The time from a failure to the next retry.',
	stale_inputs boolean NOT NULL DEFAULT false COMMENT 'Whether it may be computed from older versions if the refresh of what it uses failed.',
	failures int NOT NULL DEFAULT 0 COMMENT 'The number of failures since the last scheduled time, if it is to be retried.'
) OF DEFINITIONS UPDATED DUMPED
	'When segments and tags are refreshed. refresh_due() refreshes those that are due.';
