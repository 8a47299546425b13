-- activity: how many users are active, come back, or stay away, bucket by bucket.

CREATE TYPE activity_stats;
CREATE FUNCTION activity_stats_in(cstring) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_activity_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION activity_stats_out(activity_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_activity_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION activity_stats_recv(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_activity_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION activity_stats_send(activity_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_activity_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE TYPE activity_stats (
	INPUT = activity_stats_in, OUTPUT = activity_stats_out,
	RECEIVE = activity_stats_recv, SEND = activity_stats_send,
	INTERNALLENGTH = VARIABLE, STORAGE = EXTENDED
);
COMMENT ON TYPE activity_stats IS 'Activity over all users, as active_users(), active_ratio(), stickiness() and frequency() make it: read it with lifecycle_buckets(), active_ratio_buckets(), stickiness_buckets() and frequency_bins(); those of different users add up with rollup(). The text form is JSON.';
COMMENT ON FUNCTION activity_stats_in(cstring) IS 'Support function of the type activity_stats: JSON as a value.';
COMMENT ON FUNCTION activity_stats_out(activity_stats) IS 'Support function of the type activity_stats: a value as JSON.';
COMMENT ON FUNCTION activity_stats_recv(internal) IS 'Support function of the type activity_stats: bytes as a value.';
COMMENT ON FUNCTION activity_stats_send(activity_stats) IS 'Support function of the type activity_stats: a value as bytes.';

CREATE FUNCTION activity_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_combine(internal, internal) IS 'Support function of active_users and its relatives: joins the activity of two workers.';
CREATE FUNCTION activity_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_activity_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION activity_serialize(internal) IS 'Support function of active_users and its relatives: the activity as bytes.';
CREATE FUNCTION activity_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION activity_deserialize(bytea, internal) IS 'Support function of active_users and its relatives: bytes as activity.';

CREATE FUNCTION active_users_transition(internal, anyelement, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION active_users_transition(internal, anyelement, timestamptz, text) IS 'Support function of active_users: adds one activity.';
CREATE FUNCTION active_users_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION active_users_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of active_users: adds one activity.';
CREATE FUNCTION active_users_transition(internal, anyelement, timestamptz, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION active_users_transition(internal, anyelement, timestamptz, text, text, timestamptz) IS 'Support function of active_users: adds one activity.';
CREATE FUNCTION active_users_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_active_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION active_users_final(internal) IS 'Support function of active_users: groups the activity by user and counts by bucket and state.';
CREATE AGGREGATE active_users(user_id anyelement, at timestamptz, unit text) (
	SFUNC = active_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = active_users_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_users(anyelement, timestamptz, text) IS
	'Lifecycle accounting: for each hour, day, week (Monday to Sunday), month or quarter, in the time zone of the session, how many users are active, new, returning, resurrected and dormant. A row is an activity. user_id is of any type that can be hashed; rows with a NULL user_id or at are skipped; no rows give NULL. Read it with lifecycle_buckets().';
CREATE AGGREGATE active_users(user_id anyelement, at timestamptz, unit text, time_zone text) (
	SFUNC = active_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = active_users_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_users(anyelement, timestamptz, text, text) IS
	'active_users in a time zone, such as Asia/Shanghai.';
CREATE AGGREGATE active_users(user_id anyelement, at timestamptz, unit text, time_zone text, until timestamptz) (
	SFUNC = active_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = active_users_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_users(anyelement, timestamptz, text, text, timestamptz) IS
	'active_users with the end of observation: rows at or after it do not count, buckets go up to it, and those that have passed by it are complete; NULL is as if it were not given, when the newest event is the end. An empty time_zone is the session''s.';

CREATE FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer) IS 'Support function of active_ratio: adds one activity.';
CREATE FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text) IS 'Support function of active_ratio: adds one activity.';
CREATE FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text, timestamptz) IS 'Support function of active_ratio: adds one activity.';
CREATE FUNCTION active_ratio_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_active_ratio_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION active_ratio_final(internal) IS 'Support function of active_ratio: groups the activity by user and counts by bucket and window.';
CREATE AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer) (
	SFUNC = active_ratio_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = active_ratio_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio(anyelement, timestamptz, text, integer, integer) IS
	'Rolling activity, such as DAU / MAU: for each bucket of a unit, how many users were active in the last short_window buckets and in the last long_window ones, itself among them; 1 <= short_window < long_window <= 100000. Read it with active_ratio_buckets().';
CREATE AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer, time_zone text) (
	SFUNC = active_ratio_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = active_ratio_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio(anyelement, timestamptz, text, integer, integer, text) IS
	'active_ratio in a time zone, such as Asia/Shanghai.';
CREATE AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer, time_zone text, until timestamptz) (
	SFUNC = active_ratio_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = active_ratio_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio(anyelement, timestamptz, text, integer, integer, text, timestamptz) IS
	'active_ratio with the end of observation: rows at or after it do not count, buckets go up to it, and those that have passed by it are complete; NULL is as if it were not given, when the newest event is the end. An empty time_zone is the session''s.';

CREATE FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of stickiness: adds one activity.';
CREATE FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text, text) IS 'Support function of stickiness: adds one activity.';
CREATE FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text, text, timestamptz) IS 'Support function of stickiness: adds one activity.';
CREATE FUNCTION stickiness_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_stickiness_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION stickiness_final(internal) IS 'Support function of stickiness: groups the activity by user and counts by bucket and number of units.';
CREATE AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, over_unit text) (
	SFUNC = stickiness_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = stickiness_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness(anyelement, timestamptz, text, text) IS
	'On how many days of a week, or any unit of a longer one, users are active: for each bucket of over_unit, how many users were active in exactly k of its units. Weeks fit into no longer unit. Read it with stickiness_buckets().';
CREATE AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, over_unit text, time_zone text) (
	SFUNC = stickiness_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = stickiness_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness(anyelement, timestamptz, text, text, text) IS
	'stickiness in a time zone, such as Asia/Shanghai.';
CREATE AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, over_unit text, time_zone text, until timestamptz) (
	SFUNC = stickiness_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = stickiness_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness(anyelement, timestamptz, text, text, text, timestamptz) IS
	'stickiness with the end of observation: rows at or after it do not count, buckets go up to it, and those that have passed by it are complete; NULL is as if it were not given, when the newest event is the end. An empty time_zone is the session''s.';

CREATE FUNCTION frequency_transition(internal, anyelement, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION frequency_transition(internal, anyelement, timestamptz, text) IS 'Support function of frequency: adds one activity.';
CREATE FUNCTION frequency_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION frequency_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of frequency: adds one activity.';
CREATE FUNCTION frequency_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_frequency_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION frequency_final(internal) IS 'Support function of frequency: groups the activity by user and counts by number of times.';
CREATE AGGREGATE frequency(user_id anyelement, at timestamptz, unit text) (
	SFUNC = frequency_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = frequency_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency(anyelement, timestamptz, text) IS
	'How often users did it: how many users did it exactly k times (unit times), or in k different hours, days, weeks, months or quarters. Read it with frequency_bins().';
CREATE AGGREGATE frequency(user_id anyelement, at timestamptz, unit text, time_zone text) (
	SFUNC = frequency_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = frequency_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency(anyelement, timestamptz, text, text) IS
	'frequency in a time zone, such as Asia/Shanghai.';

CREATE FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text) IS 'Support function of lifecycle_members: adds one activity.';
CREATE FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text, text) IS 'Support function of lifecycle_members: adds one activity.';
CREATE FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text, text, timestamptz) IS 'Support function of lifecycle_members: adds one activity.';
CREATE FUNCTION lifecycle_members_final(internal) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'journey_lifecycle_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION lifecycle_members_final(internal) IS 'Support function of lifecycle_members: groups the activity by user and lists the users.';
CREATE AGGREGATE lifecycle_members(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text) (
	SFUNC = lifecycle_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = lifecycle_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_members(bigint, timestamptz, text, timestamptz, text) IS
	'The users who are in a state in a bucket, by user_id: new, returning, resurrected, dormant or active, as active_users() counts them. bucket is any time in it. SELECT unnest(lifecycle_members(...)) FROM ....';
CREATE AGGREGATE lifecycle_members(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text, time_zone text) (
	SFUNC = lifecycle_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = lifecycle_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_members(bigint, timestamptz, text, timestamptz, text, text) IS
	'lifecycle_members in a time zone, such as Asia/Shanghai.';
CREATE AGGREGATE lifecycle_members(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text, time_zone text, until timestamptz) (
	SFUNC = lifecycle_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = lifecycle_members_final, FINALFUNC_MODIFY = READ_WRITE, COMBINEFUNC = activity_combine,
	SERIALFUNC = activity_serialize, DESERIALFUNC = activity_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_members(bigint, timestamptz, text, timestamptz, text, text, timestamptz) IS
	'lifecycle_members with the end of observation, as active_users has.';

-- Rows to plot.

CREATE FUNCTION lifecycle_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint,
		OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_lifecycle_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION lifecycle_buckets(activity_stats) IS
	'The result of active_users(): a row for each bucket from the first event to the newest, or to the end of observation, empty ones too; bucket_date: the date on which it begins in the time zone of the analysis, NULL for hours. active = new + returning + resurrected: active for the first time, active as in the bucket before, active again after at least one bucket without; dormant: active in the bucket before, but not in this one; complete: the bucket has passed by the newest event, or the end of observation. At most 1000000 rows.';
CREATE FUNCTION active_ratio_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint,
		OUT ratio double precision, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_active_ratio_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION active_ratio_buckets(activity_stats) IS
	'The result of active_ratio(): a row for each bucket from the first event to the newest, or to the end of observation; bucket_date: the date on which it begins in the time zone of the analysis, NULL for hours: users active in the last short_window and in the last long_window buckets, and their ratio, NULL where there are none; complete: the bucket has passed by the newest event, or the end of observation, and the long window does not begin before the first one. At most 1000000 rows.';
CREATE FUNCTION stickiness_buckets(activity_stats, OUT bucket timestamptz, OUT bucket_date date, OUT units integer, OUT users bigint,
		OUT users_or_more bigint, OUT share double precision, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_stickiness_buckets'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION stickiness_buckets(activity_stats) IS
	'The result of stickiness(): for each bucket of the longer unit (bucket_date: the date on which it begins in the time zone of the analysis) and each number of units that it has, from 1: users active in exactly so many, users active in so many or more, and the share of the former among all who are active in the bucket, NULL where there are none; complete: the bucket has passed by the newest event, or the end of observation.';
CREATE FUNCTION frequency_bins(activity_stats, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_frequency_bins'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION frequency_bins(activity_stats) IS
	'The result of frequency(): a row for each number of times that any user has: users, and their share of all. lower and upper are both that number.';
CREATE FUNCTION frequency_bins(activity_stats, bounds bigint[], OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_frequency_bins'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION frequency_bins(activity_stats, bigint[]) IS
	'The result of frequency() in bins of your own, given the least number of each in ascending order; the first bin begins at 1 and the last has no end (NULL). lower and upper are in the bin.';

CREATE FUNCTION activity_rollup_transition(internal, activity_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT planner_support;
COMMENT ON FUNCTION activity_rollup_transition(internal, activity_stats) IS 'Support function of rollup: adds one result.';
CREATE FUNCTION activity_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_rollup_combine(internal, internal) IS 'Support function of rollup: joins two states.';
CREATE FUNCTION activity_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION activity_rollup_serialize(internal) IS 'Support function of rollup: the state as bytes.';
CREATE FUNCTION activity_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION activity_rollup_deserialize(bytea, internal) IS 'Support function of rollup: bytes as a state.';
CREATE FUNCTION activity_rollup_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION activity_rollup_final(internal) IS 'Support function of rollup: the results as one.';
CREATE AGGREGATE rollup(activity_stats) (
	SFUNC = activity_rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = activity_rollup_final, COMBINEFUNC = activity_rollup_combine,
	SERIALFUNC = activity_rollup_serialize, DESERIALFUNC = activity_rollup_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(activity_stats) IS
	'Activity of different users as one result. The users must be disjoint, as in shards or partitions by user; kind, units, windows and time zone must agree. NULLs are skipped.';

