-- pg_journey 0.1.0 to 0.2.0. The part between the marks is what scripts/upgrade-step prints.
--
-- What was kept by name is kept by number, and owners and readers by references that a dump
-- writes as names. So the tables are made anew: what is in them is put aside, and put back at
-- the end. The schema comes to belong to the superuser who runs this, as in a new installation.
-- What has another name, for scripts/upgrade-step:
-- renamed: first_member userset_min
-- renamed: last_member userset_max
-- renamed: nth_member userset_nth
-- renamed: rank_of userset_rank
-- renamed: sample userset_sample
-- renamed: subset_in_range userset_range
-- renamed: value_of numset_value
-- renamed: entries numset_entries
-- renamed: top_n numset_top
-- renamed: numset_same numset_eq
-- renamed: numset_differs numset_ne
-- renamed: numset_eq numset_users_eq
-- renamed: numset_ne numset_users_ne
-- renamed: numset_lt numset_users_lt
-- renamed: numset_le numset_users_le
-- renamed: numset_gt numset_users_gt
-- renamed: numset_ge numset_users_ge
-- renamed: numset_between numset_users_between
-- renamed: active_users lifecycle
-- renamed: interval_stats intervals
-- renamed: funnel_by funnel_breakdown
-- renamed: funnel_holding funnel_holding_constant
-- renamed: session_summary sessions
-- renamed: traffic sessions_by_channel
-- renamed: sequence_users users_matching
-- renamed: keep_versions set_keep_versions
-- renamed: set_owner set_definition_owner
-- renamed: rollup_flow_combine flow_rollup_combine
-- renamed: rollup_flow_serialize flow_rollup_serialize
-- renamed: rollup_flow_deserialize flow_rollup_deserialize
-- renamed: rollup_flow_final flow_rollup_final
-- renamed: rollup_funnel_final rollup_final
\echo Use "ALTER EXTENSION pg_journey UPDATE" to load this file. \quit

-- the search_path is that of ALTER EXTENSION until here
DO $$
DECLARE
	one pg_catalog.record;
BEGIN
	ALTER SCHEMA journey OWNER TO CURRENT_USER;
	FOR one IN SELECT DISTINCT CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::pg_catalog.text END AS grantee
		FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a
		WHERE n.nspname OPERATOR(pg_catalog.=) 'journey'::pg_catalog.name AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE'::pg_catalog.text
			AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner LOOP
		EXECUTE pg_catalog.concat('REVOKE CREATE ON SCHEMA journey FROM '::pg_catalog.text, one.grantee, ' CASCADE'::pg_catalog.text);
	END LOOP;
	FOR one IN SELECT r.rolname FROM pg_catalog.pg_roles AS r
		WHERE NOT r.rolsuper AND (r.oid OPERATOR(pg_catalog.=) '@extowner@'::pg_catalog.regrole::pg_catalog.oid
			OR r.oid OPERATOR(pg_catalog.=) (SELECT d.datdba FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())) LOOP
		EXECUTE pg_catalog.concat('GRANT USAGE ON SCHEMA journey TO '::pg_catalog.text, pg_catalog.quote_ident(one.rolname::pg_catalog.text), ' WITH GRANT OPTION'::pg_catalog.text);
	END LOOP;
	-- Somebody who owned it may have added what fits a call better than the extension's own, or what
	-- has a name of which this script makes use. It is asked for again at the end.
	SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS name INTO one FROM pg_catalog.pg_depend AS d
	WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) 'journey'::pg_catalog.regnamespace
		AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e WHERE e.classid OPERATOR(pg_catalog.=) d.classid AND e.objid OPERATOR(pg_catalog.=) d.objid AND e.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char") LIMIT 1;
	IF one.name IS NOT NULL THEN
		RAISE EXCEPTION 'schema "journey" has something that is not the extension''s: %', one.name
			USING ERRCODE = 'invalid_schema_definition', HINT = 'Move it to another schema, or drop it: nobody adds to this schema from now on.';
	END IF;
END $$;
CREATE SCHEMA journey_internal;
SET LOCAL search_path = journey, pg_temp;

-- ---- what is in the tables is put aside ----------------------------------------------------

CREATE TEMP TABLE was_sources AS TABLE sources;
CREATE TEMP TABLE was_definitions AS TABLE definitions;
CREATE TEMP TABLE was_versions AS TABLE versions;
CREATE TEMP TABLE was_version_members AS TABLE version_members;
CREATE TEMP TABLE was_version_numbers AS TABLE version_numbers;
CREATE TEMP TABLE was_refresh_log AS TABLE refresh_log;
CREATE TEMP TABLE was_exports AS TABLE exports;
CREATE TEMP TABLE was_numbers_by_user AS TABLE numbers_by_user;
CREATE TEMP TABLE was_value_numbers AS TABLE value_numbers;
CREATE TEMP TABLE was_schedules AS TABLE schedules;

ALTER EXTENSION pg_journey DROP TABLE schedules;
ALTER EXTENSION pg_journey DROP TABLE exports;
ALTER EXTENSION pg_journey DROP TABLE refresh_log;
ALTER EXTENSION pg_journey DROP TABLE version_numbers;
ALTER EXTENSION pg_journey DROP TABLE version_members;
ALTER EXTENSION pg_journey DROP TABLE versions;
ALTER EXTENSION pg_journey DROP TABLE definitions;
ALTER EXTENSION pg_journey DROP TABLE sources;

-- ==== from here on: scripts/upgrade-step ====================================================

-- ---- what is gone, or made anew ---------------------------------------------------------

DROP VIEW refresh_progress;
DROP VIEW tags;
DROP VIEW segments;
DROP AGGREGATE path_members(bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text);
DROP AGGREGATE path_members(bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text);
DROP AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer, text, text);
DROP AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer, text, text);
DROP AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer, text);
DROP AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer, text);
DROP AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer);
DROP AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer);
DROP AGGREGATE transitions(anyelement, timestamptz, bigint, text, interval, text);
DROP AGGREGATE transitions(anyelement, timestamptz, text, interval, text);
DROP AGGREGATE transitions(anyelement, timestamptz, bigint, text, interval);
DROP AGGREGATE transitions(anyelement, timestamptz, text, interval);
DROP AGGREGATE transitions(anyelement, timestamptz, bigint, text);
DROP AGGREGATE transitions(anyelement, timestamptz, text);
DROP AGGREGATE lifecycle_members(bigint, timestamptz, text, timestamptz, text, text);
DROP AGGREGATE lifecycle_members(bigint, timestamptz, text, timestamptz, text);
DROP AGGREGATE stickiness(anyelement, timestamptz, text, text, text);
DROP AGGREGATE stickiness(anyelement, timestamptz, text, text);
DROP AGGREGATE active_users(anyelement, timestamptz, text, text);
DROP AGGREGATE active_users(anyelement, timestamptz, text);
DROP AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, boolean, boolean, interval, text);
DROP AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, boolean, boolean, interval);
DROP AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, interval, text);
DROP AGGREGATE traffic(anyelement, timestamptz, bigint, text, text, interval);
DROP AGGREGATE traffic(anyelement, timestamptz, text, text, boolean, boolean, interval, text);
DROP AGGREGATE traffic(anyelement, timestamptz, text, text, boolean, boolean, interval);
DROP AGGREGATE traffic(anyelement, timestamptz, text, text, interval, text);
DROP AGGREGATE traffic(anyelement, timestamptz, text, text, interval);
DROP AGGREGATE session_summary(anyelement, timestamptz, bigint, text, boolean, boolean, interval, text);
DROP AGGREGATE session_summary(anyelement, timestamptz, bigint, text, boolean, boolean, interval);
DROP AGGREGATE session_summary(anyelement, timestamptz, bigint, text, interval, text);
DROP AGGREGATE session_summary(anyelement, timestamptz, bigint, text, interval);
DROP AGGREGATE session_summary(anyelement, timestamptz, text, boolean, boolean, interval, text);
DROP AGGREGATE session_summary(anyelement, timestamptz, text, boolean, boolean, interval);
DROP AGGREGATE session_summary(anyelement, timestamptz, text, interval, text);
DROP AGGREGATE session_summary(anyelement, timestamptz, text, interval);
DROP AGGREGATE sequence_next_node(timestamptz, stepset, text, boolean, text, text);
DROP AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer[], text, text);
DROP AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer[], text);
DROP AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer, text, text);
DROP AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer, text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer, text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer[], text, text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer[], text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer, text, text);
DROP AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer, text);
DROP AGGREGATE funnel_members(bigint, timestamptz, bigint, stepset, interval, text);
DROP AGGREGATE funnel_holding(anyelement, timestamptz, bigint, stepset, interval, text, text);
DROP AGGREGATE funnel_holding(anyelement, timestamptz, bigint, stepset, interval, text);
DROP AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text, text);
DROP AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text);
DROP AGGREGATE funnel_by(anyelement, timestamptz, bigint, stepset, interval, text, integer, text);
DROP AGGREGATE funnel_by(anyelement, timestamptz, bigint, stepset, interval, text, integer);
DROP AGGREGATE funnel(anyelement, timestamptz, bigint, stepset, interval, text);
DROP AGGREGATE funnel_members(bigint, timestamptz, stepset, interval, text);
DROP AGGREGATE funnel_holding(anyelement, timestamptz, stepset, interval, text, text);
DROP AGGREGATE funnel_holding(anyelement, timestamptz, stepset, interval, text);
DROP AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text, text);
DROP AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text);
DROP AGGREGATE funnel_by(anyelement, timestamptz, stepset, interval, text, integer, text);
DROP AGGREGATE funnel_by(anyelement, timestamptz, stepset, interval, text, integer);
DROP AGGREGATE funnel(anyelement, timestamptz, stepset, interval, text);
DROP AGGREGATE window_funnel_times(timestamptz, stepset, interval, text);
DROP AGGREGATE window_funnel(timestamptz, stepset, interval, text);
DROP FUNCTION top_paths_final(internal);
DROP FUNCTION run_claim(claim);
DROP FUNCTION claim_due(claim);
DROP FUNCTION numeric_query(definitions, timestamptz);
DROP FUNCTION rfm_query(definitions, timestamptz);
DROP FUNCTION attribute_query(definitions, timestamptz);
DROP FUNCTION tag_events(definitions, timestamptz);
DROP FUNCTION store_definition(definitions, boolean);
DROP FUNCTION own_definition(text, text);
DROP FUNCTION definition_of(text, text);
DROP PROCEDURE refresh_due();
DROP TABLE schedules;
DROP TABLE value_numbers;
DROP TABLE numbers_by_user;
DROP TABLE exports;
DROP TABLE refresh_log;
DROP TABLE version_numbers;
DROP TABLE version_members;
DROP TABLE versions;
DROP TABLE definitions;
DROP TABLE sources;
DROP FUNCTION transition_loops(flow_stats);
DROP FUNCTION transition_nodes(flow_stats);
DROP FUNCTION transition_links(flow_stats);
DROP FUNCTION flow_nodes(flow_stats);
DROP FUNCTION flow_links(flow_stats);
DROP FUNCTION transitions_final(internal);
DROP FUNCTION give_up_schedule(text);
DROP FUNCTION schedule_refresh(text, text, text);
DROP FUNCTION cron_field(text, text, int, int, text[]);
DROP FUNCTION profile(bigint, timestamptz, text[], int);
DROP FUNCTION profile_events(text[], regrole, bigint, timestamptz, int);
DROP FUNCTION tag_histogram(text, numeric[], timestamptz);
DROP FUNCTION tag_stats(text, timestamptz);
DROP FUNCTION tag_cross(text, text, timestamptz);
DROP FUNCTION tag_summary(text, timestamptz);
DROP FUNCTION tag_groups(text, timestamptz);
DROP FUNCTION tag_users(text, text, timestamptz);
DROP FUNCTION tag_users_between(text, numeric, numeric, timestamptz);
DROP FUNCTION tag_users_where(text, text, numeric, timestamptz);
DROP FUNCTION tag_numset(text, timestamptz);
DROP FUNCTION version_scale(text, timestamptz);
DROP FUNCTION refresh_tag(text, timestamptz);
DROP FUNCTION drop_tag(text);
DROP FUNCTION alter_tag(text, text, text, text[], int);
DROP FUNCTION create_tag(text, text, text, text[], interval, int, text, int);
DROP FUNCTION store_tag(text, text, text, record, text[], interval, int, text, int, boolean);
DROP FUNCTION store_by_user(text, timestamptz);
DROP FUNCTION refresh_segments(text[], timestamptz);
DROP FUNCTION refresh_segment(text, timestamptz);
DROP FUNCTION batches(text[]);
DROP FUNCTION refresh_definitions(text[], timestamptz, text);
DROP FUNCTION try_lock(text);
DROP FUNCTION try_refresh(text[], timestamptz, timestamptz);
DROP FUNCTION failed_source(text);
DROP FUNCTION compute_versions(text[], timestamptz);
DROP FUNCTION prune_versions(text, timestamptz);
DROP FUNCTION count_changes(text, timestamptz);
DROP FUNCTION version_users(text, timestamptz);
DROP FUNCTION refresh_query(text[], timestamptz);
DROP FUNCTION drop_segment(text);
DROP FUNCTION drop_definition(text, text);
DROP FUNCTION create_segment(text, jsonb, interval, int, text);
DROP FUNCTION create_segment(text, text, text[], interval, int, text);
DROP FUNCTION store_segment(text, text, record, text[], interval, int, text, boolean);
DROP FUNCTION rule_outputs(text, jsonb);
DROP FUNCTION rule_query(text[], timestamptz);
DROP FUNCTION rule_pass(jsonb, text);
DROP FUNCTION rule_stream(text[], regrole);
DROP FUNCTION rule_condition(jsonb, jsonb);
DROP FUNCTION rule_did(record, timestamptz, timestamptz, bigint, jsonb);
DROP FUNCTION rule_steps(jsonb);
DROP FUNCTION rule_event(jsonb, jsonb, jsonb);
DROP FUNCTION rule_index(text, jsonb, jsonb);
DROP FUNCTION rule_filter(jsonb, jsonb);
DROP FUNCTION rule_attribute(text, jsonb);
DROP FUNCTION refuse_cycle(text, text[]);
DROP FUNCTION names_used(text);
DROP FUNCTION segment_trend(text);
DROP FUNCTION version_at(text, timestamptz);
DROP FUNCTION stream_query(text[], regrole);
DROP FUNCTION check_sources(text[], regrole);
DROP FUNCTION source_query(text, regrole);
DROP FUNCTION drop_source(text);
DROP FUNCTION add_source(text, regclass, text, text, text, jsonb, text);
DROP FUNCTION store_source(text, regclass, text, text, text, jsonb, text, record);
DROP FUNCTION role_of(text);
DROP FUNCTION may_read(regrole, regrole[]);
DROP FUNCTION analyze_query(text, text);
DROP FUNCTION frequency_bins(activity_stats, bigint[]);
DROP FUNCTION frequency_bins(activity_stats);
DROP FUNCTION stickiness_buckets(activity_stats);
DROP FUNCTION active_ratio_buckets(activity_stats);
DROP FUNCTION lifecycle_buckets(activity_stats);
DROP FUNCTION lifecycle_members_final(internal);
DROP FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text, text);
DROP FUNCTION lifecycle_members_transition(internal, bigint, timestamptz, text, timestamptz, text);
DROP FUNCTION active_users_final(internal);
DROP FUNCTION active_users_transition(internal, anyelement, timestamptz, text, text);
DROP FUNCTION active_users_transition(internal, anyelement, timestamptz, text);
DROP FUNCTION interval_histogram(interval_stats, interval[]);
DROP FUNCTION interval_histogram(interval_stats);
DROP FUNCTION interval_summary(interval_stats);
DROP FUNCTION session_nodes(session_stats);
DROP FUNCTION session_channels(session_stats);
DROP FUNCTION session_days(session_stats);
DROP FUNCTION session_totals(session_stats);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, boolean, boolean, interval, text);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, boolean, boolean, interval);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, bigint, text, text, interval);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, boolean, boolean, interval, text);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, boolean, boolean, interval);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, interval, text);
DROP FUNCTION traffic_transition(internal, anyelement, timestamptz, text, text, interval);
DROP FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, boolean, boolean, interval, text);
DROP FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, boolean, boolean, interval);
DROP FUNCTION session_transition(internal, anyelement, timestamptz, text, boolean, boolean, interval, text);
DROP FUNCTION session_transition(internal, anyelement, timestamptz, text, boolean, boolean, interval);
DROP FUNCTION sessionize(timestamptz, interval, boolean, boolean);
DROP FUNCTION retention_curve(retention_stats);
DROP FUNCTION retention_cells(retention_stats);
DROP FUNCTION funnel_times(funnel_stats, integer, boolean);
DROP FUNCTION funnel_trend_steps(funnel_stats);
DROP FUNCTION funnel_breakdown_steps(funnel_stats);
DROP FUNCTION funnel_steps(funnel_stats);
DROP FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text);
DROP FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text);
DROP FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text);
DROP FUNCTION funnel_by_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer);
DROP FUNCTION funnel_holding_final(internal);
DROP FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, stepset, interval, text, text);
DROP FUNCTION funnel_holding_transition(internal, anyelement, timestamptz, stepset, interval, text);
DROP FUNCTION funnel_by_final(internal);
DROP FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text);
DROP FUNCTION funnel_by_transition(internal, anyelement, timestamptz, stepset, interval, text, integer);
DROP FUNCTION numset_histogram(numset, bigint[], userset);
DROP FUNCTION numset_histogram(numset, bigint[]);
DROP FUNCTION numset_between(numset, bigint, bigint, userset);
DROP FUNCTION numset_between(numset, bigint, bigint);
DROP FUNCTION subset_in_range(userset, bigint, bigint);
DROP TYPE path_variant;
DROP TYPE claim;

-- ---- what has another name or schema ----------------------------------------------------

ALTER AGGREGATE interval_stats(anyelement, timestamptz, bigint, stepset) RENAME TO intervals;
ALTER AGGREGATE interval_stats(anyelement, timestamptz, bigint, stepset, interval) RENAME TO intervals;
ALTER AGGREGATE interval_stats(anyelement, timestamptz, bigint, stepset, interval, text) RENAME TO intervals;
ALTER AGGREGATE interval_stats(anyelement, timestamptz, stepset) RENAME TO intervals;
ALTER AGGREGATE interval_stats(anyelement, timestamptz, stepset, interval) RENAME TO intervals;
ALTER AGGREGATE interval_stats(anyelement, timestamptz, stepset, interval, text) RENAME TO intervals;
ALTER AGGREGATE pattern_users(bigint, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER AGGREGATE step_totals(bigint, timestamptz, stepset, double precision, text) SET SCHEMA journey_internal;
ALTER AGGREGATE step_users(bigint, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER AGGREGATE step_users_once(bigint, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER AGGREGATE users_by_total(bigint, double precision, text, text, text) SET SCHEMA journey_internal;
ALTER AGGREGATE users_by_total(bigint, text, text, text, text) SET SCHEMA journey_internal;
ALTER AGGREGATE sequence_users(bigint, timestamptz, bigint, stepset, text) RENAME TO users_matching;
ALTER AGGREGATE sequence_users(bigint, timestamptz, stepset, text) RENAME TO users_matching;
ALTER FUNCTION active_ratio_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer) SET SCHEMA journey_internal;
ALTER FUNCTION active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION activity_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_rollup_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_rollup_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_rollup_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_rollup_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_rollup_transition(internal, activity_stats) SET SCHEMA journey_internal;
ALTER FUNCTION activity_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_stats_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION activity_stats_out(activity_stats) SET SCHEMA journey_internal;
ALTER FUNCTION activity_stats_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION activity_stats_send(activity_stats) SET SCHEMA journey_internal;
ALTER FUNCTION base_type(oid) SET SCHEMA journey_internal;
ALTER FUNCTION change_readers(text, text, text, boolean) SET SCHEMA journey_internal;
ALTER FUNCTION check_as_of(timestamptz) SET SCHEMA journey_internal;
ALTER FUNCTION check_keys(jsonb, text[], text) SET SCHEMA journey_internal;
ALTER FUNCTION check_name(text, text) SET SCHEMA journey_internal;
ALTER FUNCTION check_pattern(text, int) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[]) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[]) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text) SET SCHEMA journey_internal;
ALTER FUNCTION cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text, text) SET SCHEMA journey_internal;
ALTER FUNCTION contains_support(internal) SET SCHEMA journey_internal;
ALTER FUNCTION first_step(stepset) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_flow_combine(internal, internal) RENAME TO flow_rollup_combine;
ALTER FUNCTION flow_rollup_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_flow_deserialize(bytea, internal) RENAME TO flow_rollup_deserialize;
ALTER FUNCTION flow_rollup_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_flow_final(internal) RENAME TO flow_rollup_final;
ALTER FUNCTION flow_rollup_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_flow_serialize(internal) RENAME TO flow_rollup_serialize;
ALTER FUNCTION flow_rollup_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION flow_stats_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION flow_stats_out(flow_stats) SET SCHEMA journey_internal;
ALTER FUNCTION flow_stats_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION flow_stats_send(flow_stats) SET SCHEMA journey_internal;
ALTER FUNCTION frequency_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION frequency_transition(internal, anyelement, timestamptz, text) SET SCHEMA journey_internal;
ALTER FUNCTION frequency_transition(internal, anyelement, timestamptz, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_members_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_members_transition(internal, bigint, timestamptz, stepset, interval) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_members_transition(internal, bigint, timestamptz, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_stats_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_stats_out(funnel_stats) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_stats_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_stats_send(funnel_stats) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_transition(internal, anyelement, timestamptz, stepset, interval) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_transition(internal, anyelement, timestamptz, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_trend_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION intersect_agg_transition(internal, userset) SET SCHEMA journey_internal;
ALTER FUNCTION interval_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_rollup_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_rollup_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_rollup_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_rollup_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_rollup_transition(internal, interval_stats) SET SCHEMA journey_internal;
ALTER FUNCTION interval_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_stats_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION interval_stats_out(interval_stats) SET SCHEMA journey_internal;
ALTER FUNCTION interval_stats_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION interval_stats_send(interval_stats) SET SCHEMA journey_internal;
ALTER FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval) SET SCHEMA journey_internal;
ALTER FUNCTION interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION interval_transition(internal, anyelement, timestamptz, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION interval_transition(internal, anyelement, timestamptz, stepset, interval) SET SCHEMA journey_internal;
ALTER FUNCTION interval_transition(internal, anyelement, timestamptz, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION is_number_row(bytea) SET SCHEMA journey_internal;
ALTER FUNCTION is_rule(text) SET SCHEMA journey_internal;
ALTER FUNCTION lifecycle_rule(jsonb) SET SCHEMA journey_internal;
ALTER FUNCTION lock_space() SET SCHEMA journey_internal;
ALTER FUNCTION members_by_user(userset[]) SET SCHEMA journey_internal;
ALTER FUNCTION members_support(internal) SET SCHEMA journey_internal;
ALTER FUNCTION number_expression(text, text, int) SET SCHEMA journey_internal;
ALTER FUNCTION number_in_row(bytea, bigint, bigint) SET SCHEMA journey_internal;
ALTER FUNCTION numbers_by_user(numset) SET SCHEMA journey_internal;
ALTER FUNCTION numset_agg_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION numset_agg_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION numset_agg_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION numset_agg_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION numset_agg_transition(internal, bigint, bigint) SET SCHEMA journey_internal;
ALTER FUNCTION numset_hash(numset) SET SCHEMA journey_internal;
ALTER FUNCTION numset_hash_extended(numset, bigint) SET SCHEMA journey_internal;
ALTER FUNCTION numset_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION numset_out(numset) SET SCHEMA journey_internal;
ALTER FUNCTION numset_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION numset_send(numset) SET SCHEMA journey_internal;
ALTER FUNCTION path_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION path_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_members_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_members_transition(internal, bigint, timestamptz, bigint, text, interval, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_members_transition(internal, bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_members_transition(internal, bigint, timestamptz, text, interval, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION path_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION pattern_users_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION pattern_users_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION pattern_users_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION pattern_users_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION pattern_users_transition(internal, bigint, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER FUNCTION planner_support(internal) SET SCHEMA journey_internal;
ALTER FUNCTION profile_values(bigint, timestamptz) SET SCHEMA journey_internal;
ALTER FUNCTION retention_final(stepset) SET SCHEMA journey_internal;
ALTER FUNCTION retention_members_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer) SET SCHEMA journey_internal;
ALTER FUNCTION retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[]) SET SCHEMA journey_internal;
ALTER FUNCTION retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text) SET SCHEMA journey_internal;
ALTER FUNCTION retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text, text) SET SCHEMA journey_internal;
ALTER FUNCTION retention_stats_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION retention_stats_out(retention_stats) SET SCHEMA journey_internal;
ALTER FUNCTION retention_stats_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION retention_stats_send(retention_stats) SET SCHEMA journey_internal;
ALTER FUNCTION retention_transition(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_funnel_final(internal) RENAME TO rollup_final;
ALTER FUNCTION rollup_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_retention_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_retention_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_retention_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_retention_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_retention_transition(internal, retention_stats) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_transition(internal, flow_stats) SET SCHEMA journey_internal;
ALTER FUNCTION rollup_transition(internal, funnel_stats) SET SCHEMA journey_internal;
ALTER FUNCTION rule_comparison(text, text, jsonb, text) SET SCHEMA journey_internal;
ALTER FUNCTION rule_duration(jsonb, text) SET SCHEMA journey_internal;
ALTER FUNCTION rule_sources(jsonb) SET SCHEMA journey_internal;
ALTER FUNCTION rule_time(jsonb, text) SET SCHEMA journey_internal;
ALTER FUNCTION rule_uses(jsonb) SET SCHEMA journey_internal;
ALTER FUNCTION rule_window(jsonb, timestamptz) SET SCHEMA journey_internal;
ALTER FUNCTION run_as(oid, text, timestamptz) SET SCHEMA journey_internal;
ALTER FUNCTION schedule_time(text, text, timestamptz, boolean) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_count_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_match_events_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_match_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_next_node_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_next_node_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_next_node_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_next_node_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_next_node_transition(internal, timestamptz, stepset, text, boolean, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_transition(internal, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_users_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_users_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_users_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_users_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_users_transition(internal, bigint, timestamptz, bigint, stepset, text) SET SCHEMA journey_internal;
ALTER FUNCTION sequence_users_transition(internal, bigint, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER FUNCTION session_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_rollup_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_rollup_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_rollup_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_rollup_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_rollup_transition(internal, session_stats) SET SCHEMA journey_internal;
ALTER FUNCTION session_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_stats_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION session_stats_out(session_stats) SET SCHEMA journey_internal;
ALTER FUNCTION session_stats_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION session_stats_send(session_stats) SET SCHEMA journey_internal;
ALTER FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, interval) SET SCHEMA journey_internal;
ALTER FUNCTION session_transition(internal, anyelement, timestamptz, bigint, text, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION session_transition(internal, anyelement, timestamptz, text, interval) SET SCHEMA journey_internal;
ALTER FUNCTION session_transition(internal, anyelement, timestamptz, text, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION source_select(text, regclass, text, text, text, jsonb, text) SET SCHEMA journey_internal;
ALTER FUNCTION step_totals_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_totals_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_totals_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_totals_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_totals_transition(internal, bigint, timestamptz, stepset, double precision, text) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_once_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_once_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_once_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_once_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_once_transition(internal, bigint, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION step_users_transition(internal, bigint, timestamptz, stepset, text) SET SCHEMA journey_internal;
ALTER FUNCTION steps_at(stepset, "any") SET SCHEMA journey_internal;
ALTER FUNCTION stepset_cmp(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_eq(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_ge(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_gt(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_hash(stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_hash_extended(stepset, bigint) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_le(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_lt(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_ne(stepset, stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_out(stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION stepset_send(stepset) SET SCHEMA journey_internal;
ALTER FUNCTION stickiness_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION stickiness_transition(internal, anyelement, timestamptz, text, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION tag_number(float8, int) SET SCHEMA journey_internal;
ALTER FUNCTION tag_number(numeric, int) SET SCHEMA journey_internal;
ALTER FUNCTION tag_value(bigint, int) SET SCHEMA journey_internal;
ALTER FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer) SET SCHEMA journey_internal;
ALTER FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer) SET SCHEMA journey_internal;
ALTER FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text) SET SCHEMA journey_internal;
ALTER FUNCTION top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text) SET SCHEMA journey_internal;
ALTER FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text, interval) SET SCHEMA journey_internal;
ALTER FUNCTION transitions_transition(internal, anyelement, timestamptz, bigint, text, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION transitions_transition(internal, anyelement, timestamptz, text) SET SCHEMA journey_internal;
ALTER FUNCTION transitions_transition(internal, anyelement, timestamptz, text, interval) SET SCHEMA journey_internal;
ALTER FUNCTION transitions_transition(internal, anyelement, timestamptz, text, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION union_agg_transition(internal, userset) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_transition(internal, timestamptz, bigint, text) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_transition(internal, timestamptz, bigint, text, interval) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_transition(internal, timestamptz, text) SET SCHEMA journey_internal;
ALTER FUNCTION user_path_transition(internal, timestamptz, text, interval) SET SCHEMA journey_internal;
ALTER FUNCTION users_by_distinct_transition(internal, bigint, text, text, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION users_by_total_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION users_by_total_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION users_by_total_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION users_by_total_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION users_by_total_transition(internal, bigint, double precision, text, text, text) SET SCHEMA journey_internal;
ALTER FUNCTION userset_agg_transition(internal, bigint) SET SCHEMA journey_internal;
ALTER FUNCTION userset_builder_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_builder_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_builder_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_cmp(userset, userset) SET SCHEMA journey_internal;
ALTER FUNCTION userset_hash(userset) SET SCHEMA journey_internal;
ALTER FUNCTION userset_hash_extended(userset, bigint) SET SCHEMA journey_internal;
ALTER FUNCTION userset_in(cstring) SET SCHEMA journey_internal;
ALTER FUNCTION userset_intersect_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_intersect_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_intersect_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_intersect_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_out(userset) SET SCHEMA journey_internal;
ALTER FUNCTION userset_recv(internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_send(userset) SET SCHEMA journey_internal;
ALTER FUNCTION userset_union_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION userset_xor_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION view_query(text[]) SET SCHEMA journey_internal;
ALTER FUNCTION window_funnel_combine(internal, internal) SET SCHEMA journey_internal;
ALTER FUNCTION window_funnel_deserialize(bytea, internal) SET SCHEMA journey_internal;
ALTER FUNCTION window_funnel_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION window_funnel_serialize(internal) SET SCHEMA journey_internal;
ALTER FUNCTION window_funnel_times_final(internal) SET SCHEMA journey_internal;
ALTER FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval) SET SCHEMA journey_internal;
ALTER FUNCTION window_funnel_transition(internal, timestamptz, stepset, interval, text) SET SCHEMA journey_internal;
ALTER FUNCTION xor_agg_transition(internal, userset) SET SCHEMA journey_internal;
ALTER FUNCTION entries(numset) RENAME TO numset_entries;
ALTER FUNCTION entries(numset, userset) RENAME TO numset_entries;
ALTER FUNCTION numset_same(numset, numset) RENAME TO numset_eq;
ALTER FUNCTION numset_differs(numset, numset) RENAME TO numset_ne;
ALTER FUNCTION top_n(numset, bigint) RENAME TO numset_top;
ALTER FUNCTION top_n(numset, bigint, userset) RENAME TO numset_top;
ALTER FUNCTION numset_eq(numset, bigint) RENAME TO numset_users_eq;
ALTER FUNCTION numset_eq(numset, bigint, userset) RENAME TO numset_users_eq;
ALTER FUNCTION numset_ge(numset, bigint) RENAME TO numset_users_ge;
ALTER FUNCTION numset_ge(numset, bigint, userset) RENAME TO numset_users_ge;
ALTER FUNCTION numset_gt(numset, bigint) RENAME TO numset_users_gt;
ALTER FUNCTION numset_gt(numset, bigint, userset) RENAME TO numset_users_gt;
ALTER FUNCTION numset_le(numset, bigint) RENAME TO numset_users_le;
ALTER FUNCTION numset_le(numset, bigint, userset) RENAME TO numset_users_le;
ALTER FUNCTION numset_lt(numset, bigint) RENAME TO numset_users_lt;
ALTER FUNCTION numset_lt(numset, bigint, userset) RENAME TO numset_users_lt;
ALTER FUNCTION numset_ne(numset, bigint) RENAME TO numset_users_ne;
ALTER FUNCTION numset_ne(numset, bigint, userset) RENAME TO numset_users_ne;
ALTER FUNCTION value_of(numset, bigint) RENAME TO numset_value;
ALTER FUNCTION set_owner(text, text) RENAME TO set_definition_owner;
ALTER FUNCTION keep_versions(text, interval, int) RENAME TO set_keep_versions;
ALTER FUNCTION last_member(userset) RENAME TO userset_max;
ALTER FUNCTION first_member(userset) RENAME TO userset_min;
ALTER FUNCTION nth_member(userset, bigint) RENAME TO userset_nth;
ALTER FUNCTION rank_of(userset, bigint) RENAME TO userset_rank;
ALTER FUNCTION sample(userset, bigint, bigint) RENAME TO userset_sample;

CREATE TEMP TABLE renamed (place, old, new) AS VALUES
	(1, 'first_member', 'userset_min'),
	(2, 'last_member', 'userset_max'),
	(3, 'nth_member', 'userset_nth'),
	(4, 'rank_of', 'userset_rank'),
	(5, 'sample', 'userset_sample'),
	(6, 'subset_in_range', 'userset_range'),
	(7, 'value_of', 'numset_value'),
	(8, 'entries', 'numset_entries'),
	(9, 'top_n', 'numset_top'),
	(10, 'numset_eq', 'numset_users_eq'),
	(11, 'numset_ne', 'numset_users_ne'),
	(12, 'numset_lt', 'numset_users_lt'),
	(13, 'numset_le', 'numset_users_le'),
	(14, 'numset_gt', 'numset_users_gt'),
	(15, 'numset_ge', 'numset_users_ge'),
	(16, 'numset_between', 'numset_users_between'),
	(17, 'active_users', 'lifecycle'),
	(18, 'interval_stats', 'intervals'),
	(19, 'funnel_by', 'funnel_breakdown'),
	(20, 'funnel_holding', 'funnel_holding_constant'),
	(21, 'session_summary', 'sessions'),
	(22, 'traffic', 'sessions_by_channel'),
	(23, 'sequence_users', 'users_matching'),
	(24, 'keep_versions', 'set_keep_versions'),
	(25, 'set_owner', 'set_definition_owner'),
	(26, 'rollup_flow_combine', 'flow_rollup_combine'),
	(27, 'rollup_flow_serialize', 'flow_rollup_serialize'),
	(28, 'rollup_flow_deserialize', 'flow_rollup_deserialize'),
	(29, 'rollup_flow_final', 'flow_rollup_final'),
	(30, 'rollup_funnel_final', 'rollup_final'),
	(31, 'numset_same', 'numset_eq'),
	(32, 'numset_differs', 'numset_ne');

-- ---- what is new, or differs ------------------------------------------------------------

COMMENT ON SCHEMA journey IS 'pg_journey: funnels, retention, paths, segments and tags.';
COMMENT ON SCHEMA journey_internal IS 'pg_journey: functions that those of the schema journey call, not for use by others.';
GRANT USAGE ON SCHEMA journey_internal TO PUBLIC;
SET LOCAL search_path = journey, pg_temp;
CREATE OR REPLACE FUNCTION journey_internal.stepset_in(cstring) RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_stepset_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_in(cstring) IS 'Support function of the type stepset: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.stepset_out(stepset) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_stepset_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_out(stepset) IS 'Support function of the type stepset: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.stepset_recv(internal) RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_stepset_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_recv(internal) IS 'Support function of the type stepset: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.stepset_send(stepset) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_stepset_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_send(stepset) IS 'Support function of the type stepset: a value as bytes.';
COMMENT ON TYPE stepset IS
	'Which of N conditions one event meets, 1 <= N <= 58. Text form: one 0 or 1 a condition, ''101'' meets conditions 1 and 3 of 3. Eight bytes. In binary: in network order, condition 1 in the highest bit, N in the lowest six.';
CREATE OR REPLACE FUNCTION journey_internal.stepset_eq(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_eq'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_eq(stepset, stepset) IS
	'Function of the operator =: the same conditions are met, of the same number of conditions.';
COMMENT ON OPERATOR = (stepset, stepset) IS 'the same conditions are met, of the same number of conditions';
CREATE OR REPLACE FUNCTION journey_internal.stepset_ne(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_ne'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_ne(stepset, stepset) IS
	'Function of the operator <>: different conditions are met, or the numbers of conditions differ.';
COMMENT ON OPERATOR <> (stepset, stepset) IS 'different conditions are met, or the numbers of conditions differ';
CREATE OR REPLACE FUNCTION journey_internal.stepset_lt(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_lt'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_lt(stepset, stepset) IS
	'Function of the operator <: sorts before, in the order of text forms.';
COMMENT ON OPERATOR < (stepset, stepset) IS 'sorts before, in the order of text forms';
CREATE OR REPLACE FUNCTION journey_internal.stepset_le(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_le'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_le(stepset, stepset) IS
	'Function of the operator <=: sorts before, or is equal.';
COMMENT ON OPERATOR <= (stepset, stepset) IS 'sorts before, or is equal';
CREATE OR REPLACE FUNCTION journey_internal.stepset_gt(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_gt'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_gt(stepset, stepset) IS
	'Function of the operator >: sorts after, in the order of text forms.';
COMMENT ON OPERATOR > (stepset, stepset) IS 'sorts after, in the order of text forms';
CREATE OR REPLACE FUNCTION journey_internal.stepset_ge(stepset, stepset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_stepset_ge'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_ge(stepset, stepset) IS
	'Function of the operator >=: sorts after, or is equal.';
COMMENT ON OPERATOR >= (stepset, stepset) IS 'sorts after, or is equal';
CREATE OR REPLACE FUNCTION journey_internal.stepset_cmp(stepset, stepset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_stepset_cmp'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_cmp(stepset, stepset) IS
	'Order of two stepsets, -1, 0 or 1, for btree operators: that of their text forms.';
CREATE OR REPLACE FUNCTION journey_internal.stepset_hash(stepset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_stepset_hash'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_hash(stepset) IS
	'Hash of a stepset, for hash operators.';
CREATE OR REPLACE FUNCTION journey_internal.stepset_hash_extended(stepset, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_stepset_hash_extended'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stepset_hash_extended(stepset, bigint) IS
	'Hash of a stepset with a seed, for hash partitioning.';
CREATE OR REPLACE FUNCTION journey_internal.planner_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_planner_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.planner_support(internal) IS
	'Support function of steps, step_of, the aggregates and others: lets the planner load the extension and use its table scan.';
CREATE FUNCTION journey_internal.unfit_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_unfit_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.unfit_support(internal) IS
	'Support function of aggregates: refuses arguments that fit none of their forms, when a query is planned.';
CREATE OR REPLACE FUNCTION steps(VARIADIC "any") RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_steps'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
CREATE OR REPLACE FUNCTION step_of(event text, names text[]) RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_step_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION step_of(event text, names text[]) IS
	'The stepset in which condition i is met if event = names[i], compared byte for byte. 1 to 58 names. A NULL event meets no condition; a NULL name is never met. Faster than steps(event = ...).';
CREATE FUNCTION step_of(event text, name text, VARIADIC names text[]) RETURNS stepset
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN step_of(event, ARRAY[name] || names);
COMMENT ON FUNCTION step_of(text, text, text[]) IS
	'step_of(event, name1, name2, ...): step_of with the names as arguments, two or more.';
CREATE OR REPLACE FUNCTION journey_internal.userset_in(cstring) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_in(cstring) IS 'Support function of the type userset: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.userset_out(userset) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_userset_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_out(userset) IS 'Support function of the type userset: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.userset_recv(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_recv(internal) IS 'Support function of the type userset: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.userset_send(userset) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_userset_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_send(userset) IS 'Support function of the type userset: a value as bytes.';
COMMENT ON TYPE userset IS
	'A set of users by their ids, of type bigint, negative ones included. Text form: ids and ranges of ids, ''{1,5-9}''. In binary: the Roaring 64-bit portable format. Stored as a Roaring bitmap, at most 1 GB; 10 million users out of 100 million take 12.5 MB. Equal sets are equal bytes.';
CREATE OR REPLACE FUNCTION cardinality(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cardinality(userset) IS
	'The number of users in the set. From a large stored set, only the last bytes are read.';
CREATE FUNCTION cardinality(userset text) RETURNS bigint
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN cardinality(userset::userset);
COMMENT ON FUNCTION cardinality(text) IS
	'The number of users in a set given as text, ''{1,5-9}''.';
CREATE OR REPLACE FUNCTION journey_internal.contains_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_contains_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.contains_support(internal) IS
	'Planner support of contains(userset, bigint).';
CREATE OR REPLACE FUNCTION contains(userset, user_id bigint) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_contains'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT journey_internal.contains_support;
COMMENT ON FUNCTION contains(userset, user_id bigint) IS
	'Whether the user is in the set. A stored set is read once, not once per row. With a constant set the planner estimates the number of rows and, for up to 1000 users, can use an index on user_id.';
CREATE OR REPLACE FUNCTION journey_internal.members_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_members_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.members_support(internal) IS
	'Planner support of members().';
CREATE OR REPLACE FUNCTION members(userset) RETURNS SETOF bigint
	AS 'MODULE_PATHNAME', 'journey_userset_members'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 1000 SUPPORT journey_internal.members_support;
CREATE OR REPLACE FUNCTION members(userset, after bigint, n bigint DEFAULT NULL) RETURNS SETOF bigint
	AS 'MODULE_PATHNAME', 'journey_userset_members'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000 SUPPORT journey_internal.members_support;
COMMENT ON FUNCTION members(userset, bigint, bigint) IS
	'The users of the set greater than after, at most n of them (NULL: all), in ascending order. For paging: the first page is SELECT members(set) LIMIT n; for each next page, after is the last user of the page before. If after is NULL (the last user of an empty page), no rows.';
CREATE OR REPLACE FUNCTION userset_or(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_or'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_or(userset, userset) IS
	'Function of the operator |: the users who are in at least one of the sets.';
COMMENT ON OPERATOR | (userset, userset) IS 'the users who are in at least one of the sets';
CREATE OR REPLACE FUNCTION userset_and(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_and'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_and(userset, userset) IS
	'Function of the operator &: the users who are in both sets.';
COMMENT ON OPERATOR & (userset, userset) IS 'the users who are in both sets';
CREATE OR REPLACE FUNCTION userset_andnot(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_andnot'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION userset_xor(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_xor'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION userset_contains(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_contains_set'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION userset_contained(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_contained'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION userset_overlaps(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_overlaps'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION userset_eq(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION userset_ne(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_ne(userset, userset) IS
	'Function of the operator <>: different users.';
COMMENT ON OPERATOR <> (userset, userset) IS 'different users';
CREATE OR REPLACE FUNCTION userset_lt(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_lt(userset, userset) IS
	'Function of the operator <: sorts before: fewer users; sets of equal size have an arbitrary, fixed order.';
COMMENT ON OPERATOR < (userset, userset) IS 'sorts before: fewer users; sets of equal size have an arbitrary, fixed order';
CREATE OR REPLACE FUNCTION userset_le(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_le(userset, userset) IS
	'Function of the operator <=: sorts before, or is equal.';
COMMENT ON OPERATOR <= (userset, userset) IS 'sorts before, or is equal';
CREATE OR REPLACE FUNCTION userset_gt(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_gt(userset, userset) IS
	'Function of the operator >: sorts after: more users; sets of equal size have an arbitrary, fixed order.';
COMMENT ON OPERATOR > (userset, userset) IS 'sorts after: more users; sets of equal size have an arbitrary, fixed order';
CREATE OR REPLACE FUNCTION userset_ge(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_ge(userset, userset) IS
	'Function of the operator >=: sorts after, or is equal.';
COMMENT ON OPERATOR >= (userset, userset) IS 'sorts after, or is equal';
CREATE OR REPLACE FUNCTION journey_internal.userset_cmp(userset, userset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_userset_cmp'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_cmp(userset, userset) IS
	'Order of two sets, -1, 0 or 1, for sorting: by the number of users, then arbitrary but fixed.';
CREATE OR REPLACE FUNCTION journey_internal.userset_hash(userset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_userset_hash'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_hash(userset) IS
	'Hash of a set, for hash operators.';
CREATE OR REPLACE FUNCTION journey_internal.userset_hash_extended(userset, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_hash_extended'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_hash_extended(userset, bigint) IS
	'Hash of a set with a seed, for hash partitioning.';
COMMENT ON OPERATOR CLASS userset_ops USING btree IS 'Smaller usersets first; sets of equal size have an arbitrary, fixed order. For ORDER BY, DISTINCT and indexes.';
COMMENT ON OPERATOR FAMILY userset_ops USING btree IS 'Smaller usersets first; sets of equal size have an arbitrary, fixed order. For ORDER BY, DISTINCT and indexes.';
CREATE OR REPLACE FUNCTION and_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_and_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION and_cardinality(userset, userset) IS
	'The number of users in both sets, counted without building the intersection.';
CREATE OR REPLACE FUNCTION or_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_or_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION or_cardinality(userset, userset) IS
	'The number of users in at least one of the sets, counted without building the union.';
CREATE OR REPLACE FUNCTION andnot_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_andnot_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION andnot_cardinality(userset, userset) IS
	'The number of users in the first set but not in the second, counted without building the difference.';
CREATE OR REPLACE FUNCTION xor_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_xor_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION xor_cardinality(userset, userset) IS
	'The number of users in exactly one of the sets, counted without building that set.';
CREATE OR REPLACE FUNCTION jaccard(userset, userset) RETURNS double precision
	AS 'MODULE_PATHNAME', 'journey_userset_jaccard'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION jaccard(userset, userset) IS
	'The Jaccard index: users in both sets divided by users in at least one, 0 to 1. NULL if both sets are empty.';
CREATE OR REPLACE FUNCTION userset_rank(userset, user_id bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_rank'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_rank(userset, user_id bigint) IS
	'The number of users in the set with this id or a smaller one. For a member this is its place, 1 for the first.';
CREATE OR REPLACE FUNCTION userset_nth(userset, n bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_nth'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_nth(userset, n bigint) IS
	'The n-th user of the set in ascending order, 1 for the first; NULL if the set has fewer than n users.';
CREATE OR REPLACE FUNCTION userset_min(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_min'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_min(userset) IS
	'The smallest id of the set; NULL if the set is empty.';
CREATE OR REPLACE FUNCTION userset_max(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_max'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_max(userset) IS
	'The greatest id of the set; NULL if the set is empty.';
CREATE FUNCTION userset_range(userset, lower bigint, upper bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_range'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_range(userset, lower bigint, upper bigint) IS
	'The users of the set with ids from lower to upper, both included; none if lower is greater than upper.';
CREATE OR REPLACE FUNCTION userset_sample(userset, n bigint, seed bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_sample'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_sample(userset, n bigint, seed bigint) IS
	'n users of the set at random, or all if the set has fewer. The same set, n and seed give the same users on every machine.';
CREATE OR REPLACE FUNCTION overlap(usersets userset[], OUT a integer, OUT b integer, OUT users bigint, OUT jaccard double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_userset_overlap'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION overlap(usersets userset[], OUT a integer, OUT b integer, OUT users bigint, OUT jaccard double precision) IS
	'For each pair of sets of the array, with subscripts a <= b: the number of users in both, and the Jaccard index (NULL if both are empty). A NULL set is an error.';
CREATE OR REPLACE FUNCTION overlap_regions(usersets userset[], OUT sets integer[], OUT degree integer, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_userset_overlap_regions'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50;
COMMENT ON FUNCTION overlap_regions(usersets userset[], OUT sets integer[], OUT degree integer, OUT users bigint) IS
	'For each combination of up to 8 sets: the number of users who are in exactly these sets. sets: their subscripts; degree: their number. Regions without users are omitted; the largest comes first. A NULL set is an error.';
CREATE OR REPLACE FUNCTION roaring_to_userset(bytea) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_roaring_to_userset'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roaring_to_userset(bytea) IS
	'A set from the Roaring 64-bit portable format; invalid bytes are an error.';
CREATE OR REPLACE FUNCTION userset_to_roaring(userset) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_userset_to_roaring'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_to_roaring(userset) IS
	'A set in the Roaring 64-bit portable format, which ClickHouse, Spark, Java, Go and pg_roaringbitmap read. A negative id is written as its two''s complement.';
CREATE OR REPLACE FUNCTION userset(bigint[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(bigint[]) IS
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
CREATE FUNCTION userset(integer[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(integer[]) IS
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
CREATE FUNCTION userset(smallint[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(smallint[]) IS
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
CREATE FUNCTION userset(ids text) RETURNS userset
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN ids::userset;
COMMENT ON FUNCTION userset(text) IS
	'The set of the ids and ranges of ids of a text, ''{1,5-9}''.';
CREATE OR REPLACE FUNCTION userset_to_array(userset) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'journey_userset_to_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE CAST (integer[] AS userset) WITH FUNCTION userset(integer[]);
COMMENT ON CAST (integer[] AS userset) IS 'The set of the ids of an array; a NULL element is an error.';
CREATE CAST (smallint[] AS userset) WITH FUNCTION userset(smallint[]);
COMMENT ON CAST (smallint[] AS userset) IS 'The set of the ids of an array; a NULL element is an error.';
CREATE OR REPLACE FUNCTION journey_internal.userset_builder_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_builder_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_builder_combine(internal, internal) IS 'Support function of aggregates over the state userset_union: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.userset_builder_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_userset_builder_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_builder_serialize(internal) IS 'Support function of aggregates over the state userset_union: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.userset_union_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_union_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_union_deserialize(bytea, internal) IS 'Support function of aggregates over the state userset_union: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.userset_builder_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_builder_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_builder_final(internal) IS 'Support function of userset_agg: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.userset_agg_transition(internal, bigint) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_agg_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.userset_agg_transition(internal, bigint) IS 'Support function of userset_agg: adds one row.';
CREATE OR REPLACE AGGREGATE userset_agg(user_id bigint) (
	SFUNC = journey_internal.userset_agg_transition, STYPE = internal, SSPACE = 0,
	FINALFUNC = journey_internal.userset_builder_final,
	COMBINEFUNC = journey_internal.userset_builder_combine, SERIALFUNC = journey_internal.userset_builder_serialize,
	DESERIALFUNC = journey_internal.userset_union_deserialize, PARALLEL = SAFE
);
CREATE OR REPLACE FUNCTION journey_internal.union_agg_transition(internal, userset) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_union_agg_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.union_agg_transition(internal, userset) IS 'Support function of union_agg: adds one row.';
CREATE OR REPLACE AGGREGATE union_agg(userset) (
	SFUNC = journey_internal.union_agg_transition, STYPE = internal, SSPACE = 0,
	FINALFUNC = journey_internal.userset_builder_final,
	COMBINEFUNC = journey_internal.userset_builder_combine, SERIALFUNC = journey_internal.userset_builder_serialize,
	DESERIALFUNC = journey_internal.userset_union_deserialize, PARALLEL = SAFE
);
CREATE OR REPLACE FUNCTION journey_internal.userset_xor_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_xor_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_xor_deserialize(bytea, internal) IS 'Support function of aggregates over the state userset_xor: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.xor_agg_transition(internal, userset) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_xor_agg_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.xor_agg_transition(internal, userset) IS 'Support function of xor_agg: adds one row.';
CREATE OR REPLACE AGGREGATE xor_agg(userset) (
	SFUNC = journey_internal.xor_agg_transition, STYPE = internal, SSPACE = 0,
	FINALFUNC = journey_internal.userset_builder_final,
	COMBINEFUNC = journey_internal.userset_builder_combine, SERIALFUNC = journey_internal.userset_builder_serialize,
	DESERIALFUNC = journey_internal.userset_xor_deserialize, PARALLEL = SAFE
);
CREATE OR REPLACE FUNCTION journey_internal.userset_intersect_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_intersect_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_intersect_combine(internal, internal) IS 'Support function of aggregates over the state userset_intersect: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.userset_intersect_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_userset_intersect_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_intersect_serialize(internal) IS 'Support function of aggregates over the state userset_intersect: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.userset_intersect_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_intersect_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_intersect_deserialize(bytea, internal) IS 'Support function of aggregates over the state userset_intersect: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.userset_intersect_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_intersect_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_intersect_final(internal) IS 'Support function of intersect_agg: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.intersect_agg_transition(internal, userset) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_intersect_agg_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.intersect_agg_transition(internal, userset) IS 'Support function of intersect_agg: adds one row.';
CREATE OR REPLACE AGGREGATE intersect_agg(userset) (
	SFUNC = journey_internal.intersect_agg_transition, STYPE = internal, SSPACE = 0,
	FINALFUNC = journey_internal.userset_intersect_final,
	COMBINEFUNC = journey_internal.userset_intersect_combine, SERIALFUNC = journey_internal.userset_intersect_serialize,
	DESERIALFUNC = journey_internal.userset_intersect_deserialize, PARALLEL = SAFE
);
CREATE OR REPLACE FUNCTION journey_internal.numset_in(cstring) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_numset_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_in(cstring) IS 'Support function of the type numset: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.numset_out(numset) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_numset_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_out(numset) IS 'Support function of the type numset: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.numset_recv(internal) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_numset_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_recv(internal) IS 'Support function of the type numset: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.numset_send(numset) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_numset_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_send(numset) IS 'Support function of the type numset: a value as bytes.';
CREATE OR REPLACE FUNCTION numset_users_eq(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_eq(numset, value bigint) IS
	'Function of the operator =: the users who have this value.';
CREATE OR REPLACE FUNCTION numset_users_eq(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_eq(numset, value bigint, filter userset) IS
	'The users of the filter who have this value. Users without a value are never in the result.';
CREATE OR REPLACE FUNCTION numset_users_ne(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ne(numset, value bigint) IS
	'Function of the operator <>: the users who have another value.';
CREATE OR REPLACE FUNCTION numset_users_ne(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ne(numset, value bigint, filter userset) IS
	'The users of the filter who have another value. Users without a value are never in the result.';
CREATE OR REPLACE FUNCTION numset_users_lt(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_lt(numset, value bigint) IS
	'Function of the operator <: the users who have a smaller value.';
CREATE OR REPLACE FUNCTION numset_users_lt(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_lt(numset, value bigint, filter userset) IS
	'The users of the filter who have a smaller value. Users without a value are never in the result.';
CREATE OR REPLACE FUNCTION numset_users_le(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_le(numset, value bigint) IS
	'Function of the operator <=: the users who have this value or a smaller one.';
CREATE OR REPLACE FUNCTION numset_users_le(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_le(numset, value bigint, filter userset) IS
	'The users of the filter who have this value or a smaller one. Users without a value are never in the result.';
CREATE OR REPLACE FUNCTION numset_users_gt(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_gt(numset, value bigint) IS
	'Function of the operator >: the users who have a greater value.';
CREATE OR REPLACE FUNCTION numset_users_gt(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_gt(numset, value bigint, filter userset) IS
	'The users of the filter who have a greater value. Users without a value are never in the result.';
CREATE OR REPLACE FUNCTION numset_users_ge(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ge(numset, value bigint) IS
	'Function of the operator >=: the users who have this value or a greater one.';
CREATE OR REPLACE FUNCTION numset_users_ge(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ge(numset, value bigint, filter userset) IS
	'The users of the filter who have this value or a greater one. Users without a value are never in the result.';
CREATE FUNCTION numset_users_between(numset, lower bigint, upper bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_between'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_between(numset, lower bigint, upper bigint) IS
	'The users who have a value from lower to upper, both included; none if lower is greater than upper.';
CREATE FUNCTION numset_users_between(numset, lower bigint, upper bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_between'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_between(numset, lower bigint, upper bigint, filter userset) IS
	'The users of the filter who have a value from lower to upper, both included; none if lower is greater than upper.';
CREATE OR REPLACE FUNCTION numset_users(numset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION numset_count(numset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_count'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_count(numset) IS
	'The number of users who have a value. From a large stored numset, only the first bytes are read.';
CREATE OR REPLACE FUNCTION numset_count(numset, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_count'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_count(numset, filter userset) IS
	'The number of users of the filter who have a value.';
CREATE OR REPLACE FUNCTION numset_sum(numset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_sum'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_sum(numset) IS
	'The sum of the values; NULL if there are none.';
CREATE OR REPLACE FUNCTION numset_sum(numset, filter userset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_sum'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_sum(numset, filter userset) IS
	'The sum of the values of the users of the filter; NULL if there are none.';
CREATE OR REPLACE FUNCTION numset_avg(numset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_avg'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_avg(numset) IS
	'The mean of the values, as avg(bigint) returns it; NULL if there are none.';
CREATE OR REPLACE FUNCTION numset_avg(numset, filter userset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_avg'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_avg(numset, filter userset) IS
	'The mean of the values of the users of the filter; NULL if there are none.';
CREATE OR REPLACE FUNCTION numset_min(numset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_min'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_min(numset) IS
	'The smallest value; NULL if there are none. From a large stored numset, only the first bytes are read.';
CREATE OR REPLACE FUNCTION numset_min(numset, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_min'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_min(numset, filter userset) IS
	'The smallest value of the users of the filter; NULL if there are none.';
CREATE OR REPLACE FUNCTION numset_max(numset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_max'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_max(numset) IS
	'The greatest value; NULL if there are none.';
CREATE OR REPLACE FUNCTION numset_max(numset, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_max'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_max(numset, filter userset) IS
	'The greatest value of the users of the filter; NULL if there are none.';
CREATE OR REPLACE FUNCTION numset_quantile(numset, fraction double precision) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_quantile'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_quantile(numset, fraction double precision) IS
	'The quantile of the values: the first value in ascending order such that at least this fraction of the users, 0 to 1, has this value or a smaller one. Exact, like percentile_disc(); 0.5 is the median. NULL without users; a fraction outside 0 to 1 is an error.';
CREATE OR REPLACE FUNCTION numset_quantile(numset, fraction double precision, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_quantile'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_quantile(numset, fraction double precision, filter userset) IS
	'numset_quantile for the users of the filter only.';
CREATE OR REPLACE FUNCTION numset_top(numset, n bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_top'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_top(numset, n bigint) IS
	'The n users with the greatest values, or all if there are fewer. Among equal values, users with smaller ids come first. A negative n is an error.';
CREATE OR REPLACE FUNCTION numset_top(numset, n bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_top'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_top(numset, n bigint, filter userset) IS
	'The n users of the filter with the greatest values, or all if there are fewer. Among equal values, users with smaller ids come first. A negative n is an error.';
CREATE FUNCTION numset_histogram(numset, bounds bigint[], OUT lower bigint, OUT upper bigint, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION numset_histogram(numset, bounds bigint[], OUT lower bigint, OUT upper bigint, OUT users bigint) IS
	'The number of users with values below the first bound, from each bound to the next, and from the last bound on: lower <= value < upper, NULL where there is no bound. Bounds that do not ascend, or contain NULL, are an error.';
CREATE FUNCTION numset_histogram(numset, bounds bigint[], filter userset, OUT lower bigint, OUT upper bigint, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION numset_histogram(numset, bounds bigint[], filter userset, OUT lower bigint, OUT upper bigint, OUT users bigint) IS
	'numset_histogram for the users of the filter only.';
CREATE OR REPLACE FUNCTION numset_merge(numset, numset) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_numset_merge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_merge(numset, numset) IS
	'The values of both numsets. A user in both is an error. Use it to combine disjoint parts of a population.';
CREATE OR REPLACE FUNCTION numset_add(numset, numset) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_numset_add'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_add(numset, numset) IS
	'Function of the operator +: the values of both numsets, added for users in both; a sum that overflows bigint is an error.';
COMMENT ON OPERATOR + (numset, numset) IS 'the values of both numsets, added for users in both; a sum that overflows bigint is an error';
CREATE OR REPLACE FUNCTION numset_value(numset, user_id bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_value'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_value(numset, user_id bigint) IS
	'The value of a user; NULL if the user has none. From a large stored numset, only the bytes around the user are read. For many users of one numset, the numset is read once, not once per row.';
CREATE OR REPLACE FUNCTION numset_entries(numset, OUT user_id bigint, OUT value bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_entries'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100000;
COMMENT ON FUNCTION numset_entries(numset, OUT user_id bigint, OUT value bigint) IS
	'The users and their values as rows, in ascending order of users.';
CREATE OR REPLACE FUNCTION numset_entries(numset, filter userset, OUT user_id bigint, OUT value bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_entries'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100000;
COMMENT ON FUNCTION numset_entries(numset, filter userset, OUT user_id bigint, OUT value bigint) IS
	'The users of the filter and their values as rows, in ascending order of users.';
CREATE OR REPLACE FUNCTION numset_eq(numset, numset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_numset_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_eq(numset, numset) IS
	'Function of the operator =: the same users with the same values.';
CREATE OR REPLACE FUNCTION numset_ne(numset, numset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_numset_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_ne(numset, numset) IS
	'Function of the operator <>: different users or values.';
COMMENT ON OPERATOR <> (numset, numset) IS 'different users or values';
CREATE OR REPLACE FUNCTION journey_internal.numset_hash(numset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_numset_hash'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_hash(numset) IS
	'Hash of a numset, for hash operators.';
CREATE OR REPLACE FUNCTION journey_internal.numset_hash_extended(numset, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_hash_extended'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_hash_extended(numset, bigint) IS
	'Hash of a numset with a seed, for hash partitioning.';
CREATE OR REPLACE FUNCTION journey_internal.numset_agg_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_numset_agg_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_agg_combine(internal, internal) IS 'Support function of aggregates over the state numset_agg: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.numset_agg_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_numset_agg_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_agg_serialize(internal) IS 'Support function of aggregates over the state numset_agg: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.numset_agg_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_numset_agg_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_agg_deserialize(bytea, internal) IS 'Support function of aggregates over the state numset_agg: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.numset_agg_final(internal) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_numset_agg_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_agg_final(internal) IS 'Support function of numset_agg: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.numset_agg_transition(internal, bigint, bigint) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_numset_agg_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.numset_agg_transition(internal, bigint, bigint) IS 'Support function of numset_agg: adds one row.';
CREATE OR REPLACE AGGREGATE numset_agg(user_id bigint, value bigint) (
	SFUNC = journey_internal.numset_agg_transition, STYPE = internal, SSPACE = 0,
	FINALFUNC = journey_internal.numset_agg_final,
	COMBINEFUNC = journey_internal.numset_agg_combine, SERIALFUNC = journey_internal.numset_agg_serialize,
	DESERIALFUNC = journey_internal.numset_agg_deserialize, PARALLEL = SAFE
);
CREATE OR REPLACE FUNCTION journey_internal.window_funnel_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.window_funnel_combine(internal, internal) IS 'Support function of aggregates over the state window_funnel: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.window_funnel_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_window_funnel_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.window_funnel_serialize(internal) IS 'Support function of aggregates over the state window_funnel: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.window_funnel_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.window_funnel_deserialize(bytea, internal) IS 'Support function of aggregates over the state window_funnel: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.window_funnel_final(internal) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_window_funnel_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.window_funnel_final(internal) IS 'Support function of window_funnel: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.window_funnel_transition(internal, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.window_funnel_transition(internal, timestamptz, stepset, interval) IS 'Support function of window_funnel: adds one row.';
CREATE OR REPLACE AGGREGATE window_funnel(at timestamptz, step stepset, within interval) (
	SFUNC = journey_internal.window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.window_funnel_final,
	COMBINEFUNC = journey_internal.window_funnel_combine, SERIALFUNC = journey_internal.window_funnel_serialize,
	DESERIALFUNC = journey_internal.window_funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel(timestamptz, stepset, interval) IS
	'How many of the conditions of step, 0 to N, the rows of one user meet in order, the last at most `within` (inclusive; no months) after the first. Rows with a NULL at or step are skipped; no rows give 0.';
CREATE OR REPLACE FUNCTION journey_internal.window_funnel_transition(internal, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_window_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.window_funnel_transition(internal, timestamptz, stepset, interval, text) IS 'Support function of window_funnel: adds one row.';
CREATE AGGREGATE window_funnel(at timestamptz, step stepset, within interval, options text) (
	SFUNC = journey_internal.window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.window_funnel_final,
	COMBINEFUNC = journey_internal.window_funnel_combine, SERIALFUNC = journey_internal.window_funnel_serialize,
	DESERIALFUNC = journey_internal.window_funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel(timestamptz, stepset, interval, text) IS
	'window_funnel with options, separated by commas: strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry (with strict_order), any_order, consecutive; which chain counts: latest_chain, the default, or first_chain; and rules: exclude 4 between 1 and 2 [dropping users], optional 2, within 1 hour from 1 to 2, same day [from 1 to 2] [in Asia/Shanghai]. Excluded conditions come last in step and are no steps.';
CREATE FUNCTION journey_internal.unfit_transition(integer, VARIADIC "any") RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(integer, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE window_funnel(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = integer, PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel(VARIADIC "any") IS
	'An error that says which arguments window_funnel takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION journey_internal.window_funnel_times_final(internal) RETURNS timestamptz[]
	AS 'MODULE_PATHNAME', 'journey_window_funnel_times_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.window_funnel_times_final(internal) IS 'Support function of window_funnel_times: a state as the result.';
CREATE OR REPLACE AGGREGATE window_funnel_times(at timestamptz, step stepset, within interval) (
	SFUNC = journey_internal.window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.window_funnel_times_final,
	COMBINEFUNC = journey_internal.window_funnel_combine, SERIALFUNC = journey_internal.window_funnel_serialize,
	DESERIALFUNC = journey_internal.window_funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel_times(timestamptz, stepset, interval) IS
	'The time of each step that window_funnel counts, in order; NULL when it counts none, and at an optional step left out. Of several chains, the first to reach that level; of those the one that starts last, in first_chain the one that starts first.';
CREATE AGGREGATE window_funnel_times(at timestamptz, step stepset, within interval, options text) (
	SFUNC = journey_internal.window_funnel_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.window_funnel_times_final,
	COMBINEFUNC = journey_internal.window_funnel_combine, SERIALFUNC = journey_internal.window_funnel_serialize,
	DESERIALFUNC = journey_internal.window_funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel_times(timestamptz, stepset, interval, text) IS
	'window_funnel_times with options, as window_funnel has.';
CREATE FUNCTION journey_internal.unfit_transition(timestamptz[], VARIADIC "any") RETURNS timestamptz[]
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(timestamptz[], VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE window_funnel_times(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = timestamptz[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE window_funnel_times(VARIADIC "any") IS
	'An error that says which arguments window_funnel_times takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_stats_in(cstring) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_stats_in(cstring) IS 'Support function of the type funnel_stats: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_stats_out(funnel_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_stats_out(funnel_stats) IS 'Support function of the type funnel_stats: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_stats_recv(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_stats_recv(internal) IS 'Support function of the type funnel_stats: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_stats_send(funnel_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_funnel_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_stats_send(funnel_stats) IS 'Support function of the type funnel_stats: a value as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_combine(internal, internal) IS 'Support function of aggregates over the state rollup: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_serialize(internal) IS 'Support function of aggregates over the state rollup: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_deserialize(bytea, internal) IS 'Support function of aggregates over the state rollup: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_final(internal) IS 'Support function of rollup: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_transition(internal, funnel_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.rollup_transition(internal, funnel_stats) IS 'Support function of rollup: adds one row.';
CREATE OR REPLACE AGGREGATE rollup(funnel_stats) (
	SFUNC = journey_internal.rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = journey_internal.rollup_final,
	COMBINEFUNC = journey_internal.rollup_combine, SERIALFUNC = journey_internal.rollup_serialize,
	DESERIALFUNC = journey_internal.rollup_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(funnel_stats) IS
	'The results of one funnel over different users as one result. The users must be disjoint, as in shards or partitions by user; steps, within and options must agree. NULLs are skipped.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_combine(internal, internal) IS 'Support function of aggregates over the state funnel: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_funnel_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_serialize(internal) IS 'Support function of aggregates over the state funnel: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_deserialize(bytea, internal) IS 'Support function of aggregates over the state funnel: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_final(internal) IS 'Support function of funnel: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, stepset, interval) IS 'Support function of funnel: adds one row.';
CREATE OR REPLACE AGGREGATE funnel(user_id anyelement, at timestamptz, step stepset, within interval) (
	SFUNC = journey_internal.funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, stepset, interval) IS
	'window_funnel for every user at once, without GROUP BY user_id: how many users reach each step, and in what time. user_id is of any type that can be hashed; rows with a NULL user_id, at or step are skipped; no rows give NULL. Read it with funnel_steps().';
CREATE OR REPLACE FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of funnel: adds one row.';
CREATE AGGREGATE funnel(user_id anyelement, at timestamptz, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, stepset, interval, text) IS
	'funnel with options, as window_funnel has, and what is counted: count users, the default; count completions, every attempt; count sessions [of 30 minutes], the chain of each session.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval) IS 'Support function of funnel: adds one row.';
CREATE OR REPLACE AGGREGATE funnel(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = journey_internal.funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, bigint, stepset, interval) IS
	'funnel with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel: adds one row.';
CREATE AGGREGATE funnel(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'funnel with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.unfit_transition(funnel_stats, VARIADIC "any") RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(funnel_stats, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE funnel(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel(VARIADIC "any") IS
	'An error that says which arguments funnel takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_breakdown_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_final(internal) IS 'Support function of funnel_breakdown: a state as the result.';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, stepset, interval, text, integer) IS
	'funnel with each user in one group: the value of breakdown at the event that was step breakdown_step (1 to N) of their chain, which of several that convert is the one that starts last (option first_chain: first); users who did not get so far are in the group NULL. Read it with funnel_breakdown_steps().';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer, options text) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, stepset, interval, text, integer, text) IS
	'funnel_breakdown with options, as window_funnel has, and top N: only the N values with the most users are shown, the others as (other).';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, integer) IS
	'funnel_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer, options text) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, integer, text) IS
	'funnel_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_breakdown(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(VARIADIC "any") IS
	'An error that says which arguments funnel_breakdown takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, stepset, interval, text, text) IS
	'funnel with each user in the group of a value of breakdown: that of their first or last event of all that has one, whatever its step (breakdown_event first_touch or last_touch), or of a step of their chain (1 to N, as text); or in the group of each value, with the events that have it or none (each_value). Read it with funnel_breakdown_steps().';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, stepset, interval, text, text, text) IS
	'funnel_breakdown with options, as window_funnel has, and top N: only the N values with the most users are shown, the others as (other).';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown: adds one row.';
CREATE AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_trend_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_final(internal) IS 'Support function of funnel_trend: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of funnel_trend: adds one row.';
CREATE OR REPLACE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text) IS
	'funnel by calendar bucket: hour, day, week (Monday to Sunday), month or quarter, in the time zone of the session. A user counts in each bucket in which they meet step 1, with the deepest chain that starts there. Read it with funnel_trend_steps().';
CREATE OR REPLACE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_trend: adds one row.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text) IS
	'funnel_trend with options, as window_funnel has, but for any_order. With first_chain or latest_chain a user counts once, in the bucket in which that chain starts.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend: adds one row.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text, text) IS
	'funnel_trend in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend: adds one row.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend with the end of observation: rows at or after it do not count, and what has passed by it is complete; NULL is as if it were not given, when the newest event is the end. An empty text gives the default options, and the session''s time zone.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_trend: adds one row.';
CREATE OR REPLACE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'funnel_trend with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_trend: adds one row.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_trend with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend: adds one row.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend: adds one row.';
CREATE AGGREGATE funnel_trend(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(anyelement, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend with a seq, as above, and the end of observation.';
CREATE AGGREGATE funnel_trend(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend(VARIADIC "any") IS
	'An error that says which arguments funnel_trend takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_final(internal) IS 'Support function of funnel_trend_breakdown: a state as the result.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, integer, text) IS
	'funnel_trend with the users of each bucket in groups: by the value of breakdown at the event that was step breakdown_step (1 to N) of their chain in that bucket, else NULL. Read it with funnel_trend_breakdown_steps().';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, integer, text, text) IS
	'funnel_trend_breakdown with options, as funnel_trend has, and top N: only the N values with the most users over all buckets are shown, the others as (other).';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, integer, text, text, text) IS
	'funnel_trend_breakdown in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, integer, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_step integer, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, integer, text, text, text, timestamptz) IS
	'funnel_trend_breakdown with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, integer, text) IS
	'funnel_trend_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text) IS
	'funnel_trend_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text, text) IS
	'funnel_trend_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_step integer, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, integer, text, text, text, timestamptz) IS
	'funnel_trend_breakdown with a seq, as above, and the end of observation.';
CREATE AGGREGATE funnel_trend_breakdown(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(VARIADIC "any") IS
	'An error that says which arguments funnel_trend_breakdown takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, text, text) IS
	'funnel_trend with the users of each bucket in groups, as funnel_breakdown has: by first_touch, last_touch, a step of their chain in that bucket (1 to N, as text), or each_value. Read it with funnel_trend_breakdown_steps().';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown with options, as funnel_trend has, and top N: only the N values with the most users over all buckets are shown, the others as (other).';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown(anyelement, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown with a seq, as above, and the end of observation.';
CREATE FUNCTION journey_internal.funnel_holding_constant_final(internal) RETURNS funnel_stats
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_constant_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_holding_constant_final(internal) IS 'Support function of funnel_holding_constant: a state as the result.';
CREATE FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_constant_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of funnel_holding_constant: adds one row.';
CREATE AGGREGATE funnel_holding_constant(user_id anyelement, at timestamptz, step stepset, within interval, property text) (
	SFUNC = journey_internal.funnel_holding_constant_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_holding_constant_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding_constant(anyelement, timestamptz, stepset, interval, text) IS
	'funnel whose chains hold a property constant, such as the number of a loan application: all events of a chain that have one carry the same. NULL goes with any value. Read it with funnel_steps().';
CREATE FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_constant_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_holding_constant: adds one row.';
CREATE AGGREGATE funnel_holding_constant(user_id anyelement, at timestamptz, step stepset, within interval, property text, options text) (
	SFUNC = journey_internal.funnel_holding_constant_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_holding_constant_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding_constant(anyelement, timestamptz, stepset, interval, text, text) IS
	'funnel_holding_constant with options, as window_funnel has, and what is counted: count users, the default; count completions, every attempt; count sessions [of 30 minutes], the chain of each session.';
CREATE FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_constant_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_holding_constant: adds one row.';
CREATE AGGREGATE funnel_holding_constant(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, property text) (
	SFUNC = journey_internal.funnel_holding_constant_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_holding_constant_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding_constant(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'funnel_holding_constant with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_holding_constant_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_holding_constant_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_holding_constant: adds one row.';
CREATE AGGREGATE funnel_holding_constant(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, property text, options text) (
	SFUNC = journey_internal.funnel_holding_constant_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_holding_constant_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding_constant(anyelement, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_holding_constant with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE AGGREGATE funnel_holding_constant(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_holding_constant(VARIADIC "any") IS
	'An error that says which arguments funnel_holding_constant takes, if those given fit none of its other forms.';
CREATE TYPE funnel_member_text AS (user_id text, level integer, times timestamptz[]);
COMMENT ON TYPE funnel_member_text IS 'A user of a funnel whose id is of type text: the level reached, 1 to N, and the time of each step reached.';
COMMENT ON COLUMN funnel_member_text.user_id IS 'Who.';
COMMENT ON COLUMN funnel_member_text.level IS 'The step reached, 1 to N.';
COMMENT ON COLUMN funnel_member_text.times IS 'When each step was reached; as many as level says.';
CREATE TYPE funnel_member_uuid AS (user_id uuid, level integer, times timestamptz[]);
COMMENT ON TYPE funnel_member_uuid IS 'A user of a funnel whose id is of type uuid: the level reached, 1 to N, and the time of each step reached.';
COMMENT ON COLUMN funnel_member_uuid.user_id IS 'Who.';
COMMENT ON COLUMN funnel_member_uuid.level IS 'The step reached, 1 to N.';
COMMENT ON COLUMN funnel_member_uuid.times IS 'When each step was reached; as many as level says.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_members_final(internal) RETURNS funnel_member[]
	AS 'MODULE_PATHNAME', 'journey_funnel_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_members_final(internal) IS 'Support function of funnel_members: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, stepset, interval) IS 'Support function of funnel_members: adds one row.';
CREATE OR REPLACE AGGREGATE funnel_members(user_id bigint, at timestamptz, step stepset, within interval) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, stepset, interval) IS
	'The users of a funnel who reached step 1, by user_id, each with the level and the time of each step reached. SELECT * FROM unnest((SELECT funnel_members(...) FROM ...)).';
CREATE OR REPLACE FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, stepset, interval, text) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id bigint, at timestamptz, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, stepset, interval, text) IS
	'funnel_members with options, as window_funnel has, and what is counted: count users, the default; count completions, every attempt; count sessions [of 30 minutes], the chain of each session.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval) IS 'Support function of funnel_members: adds one row.';
CREATE OR REPLACE AGGREGATE funnel_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, bigint, stepset, interval) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE OR REPLACE FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(bigint, timestamptz, bigint, stepset, interval, text) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.unfit_transition(funnel_member[], VARIADIC "any") RETURNS funnel_member[]
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(funnel_member[], VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE funnel_members(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_member[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(VARIADIC "any") IS
	'An error that says which arguments funnel_members takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_members_text_final(internal) RETURNS funnel_member_text[]
	AS 'MODULE_PATHNAME', 'journey_funnel_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_members_text_final(internal) IS 'Support function of funnel_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, stepset, interval) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id text, at timestamptz, step stepset, within interval) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(text, timestamptz, stepset, interval) IS
	'The users of a funnel who reached step 1, by user_id, each with the level and the time of each step reached. SELECT * FROM unnest((SELECT funnel_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, stepset, interval, text) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id text, at timestamptz, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(text, timestamptz, stepset, interval, text) IS
	'funnel_members with options, as window_funnel has, and what is counted: count users, the default; count completions, every attempt; count sessions [of 30 minutes], the chain of each session.';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, bigint, stepset, interval) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id text, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(text, timestamptz, bigint, stepset, interval) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, text, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(text, timestamptz, bigint, stepset, interval, text) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_members_uuid_final(internal) RETURNS funnel_member_uuid[]
	AS 'MODULE_PATHNAME', 'journey_funnel_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_members_uuid_final(internal) IS 'Support function of funnel_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, stepset, interval) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id uuid, at timestamptz, step stepset, within interval) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(uuid, timestamptz, stepset, interval) IS
	'The users of a funnel who reached step 1, by user_id, each with the level and the time of each step reached. SELECT * FROM unnest((SELECT funnel_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, stepset, interval, text) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id uuid, at timestamptz, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(uuid, timestamptz, stepset, interval, text) IS
	'funnel_members with options, as window_funnel has, and what is counted: count users, the default; count completions, every attempt; count sessions [of 30 minutes], the chain of each session.';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, bigint, stepset, interval) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(uuid, timestamptz, bigint, stepset, interval) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_members: adds one row.';
CREATE AGGREGATE funnel_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, options text) (
	SFUNC = journey_internal.funnel_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_members(uuid, timestamptz, bigint, stepset, interval, text) IS
	'funnel_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE TYPE funnel_group_member AS (user_id bigint, bucket timestamptz, bucket_date date, breakdown text, level integer, times timestamptz[]);
COMMENT ON TYPE funnel_group_member IS 'A user in a bucket of funnel_trend, in a group of funnel_breakdown, or in both of funnel_trend_breakdown.';
COMMENT ON COLUMN funnel_group_member.user_id IS 'Who.';
COMMENT ON COLUMN funnel_group_member.bucket IS 'Beginning of the bucket; NULL without a trend.';
COMMENT ON COLUMN funnel_group_member.bucket_date IS 'The date of bucket in the time zone of the trend; NULL for hours, and without a trend.';
COMMENT ON COLUMN funnel_group_member.breakdown IS 'The value of the group; NULL without a breakdown, or if the user has none.';
COMMENT ON COLUMN funnel_group_member.level IS 'The step reached, 1 to N.';
COMMENT ON COLUMN funnel_group_member.times IS 'When each step was reached; NULL for an optional step left out.';
CREATE TYPE funnel_group_member_text AS (user_id text, bucket timestamptz, bucket_date date, breakdown text, level integer, times timestamptz[]);
COMMENT ON TYPE funnel_group_member_text IS 'A user whose id is of type text in a bucket of funnel_trend, in a group of funnel_breakdown, or in both of funnel_trend_breakdown.';
COMMENT ON COLUMN funnel_group_member_text.user_id IS 'Who.';
COMMENT ON COLUMN funnel_group_member_text.bucket IS 'Beginning of the bucket; NULL without a trend.';
COMMENT ON COLUMN funnel_group_member_text.bucket_date IS 'The date of bucket in the time zone of the trend; NULL for hours, and without a trend.';
COMMENT ON COLUMN funnel_group_member_text.breakdown IS 'The value of the group; NULL without a breakdown, or if the user has none.';
COMMENT ON COLUMN funnel_group_member_text.level IS 'The step reached, 1 to N.';
COMMENT ON COLUMN funnel_group_member_text.times IS 'When each step was reached; NULL for an optional step left out.';
CREATE TYPE funnel_group_member_uuid AS (user_id uuid, bucket timestamptz, bucket_date date, breakdown text, level integer, times timestamptz[]);
COMMENT ON TYPE funnel_group_member_uuid IS 'A user whose id is of type uuid in a bucket of funnel_trend, in a group of funnel_breakdown, or in both of funnel_trend_breakdown.';
COMMENT ON COLUMN funnel_group_member_uuid.user_id IS 'Who.';
COMMENT ON COLUMN funnel_group_member_uuid.bucket IS 'Beginning of the bucket; NULL without a trend.';
COMMENT ON COLUMN funnel_group_member_uuid.bucket_date IS 'The date of bucket in the time zone of the trend; NULL for hours, and without a trend.';
COMMENT ON COLUMN funnel_group_member_uuid.breakdown IS 'The value of the group; NULL without a breakdown, or if the user has none.';
COMMENT ON COLUMN funnel_group_member_uuid.level IS 'The step reached, 1 to N.';
COMMENT ON COLUMN funnel_group_member_uuid.times IS 'When each step was reached; NULL for an optional step left out.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_final(internal) RETURNS funnel_group_member[]
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_final(internal) IS 'Support function of funnel_breakdown_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id bigint, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(bigint, timestamptz, stepset, interval, text, text) IS
	'The users of each group of funnel_breakdown, by user_id, each with the level and the time of each step reached in it. breakdown_event is first_touch, last_touch, each_value, or a step as text. SELECT * FROM unnest((SELECT funnel_breakdown_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id bigint, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(bigint, timestamptz, stepset, interval, text, text, text) IS
	'funnel_breakdown_members with options, as funnel_breakdown has, but for top.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(bigint, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(bigint, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.unfit_transition(funnel_group_member[], VARIADIC "any") RETURNS funnel_group_member[]
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(funnel_group_member[], VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE funnel_breakdown_members(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_group_member[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(VARIADIC "any") IS
	'An error that says which arguments funnel_breakdown_members takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_text_final(internal) RETURNS funnel_group_member_text[]
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_text_final(internal) IS 'Support function of funnel_breakdown_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id text, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(text, timestamptz, stepset, interval, text, text) IS
	'The users of each group of funnel_breakdown, by user_id, each with the level and the time of each step reached in it. breakdown_event is first_touch, last_touch, each_value, or a step as text. SELECT * FROM unnest((SELECT funnel_breakdown_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id text, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(text, timestamptz, stepset, interval, text, text, text) IS
	'funnel_breakdown_members with options, as funnel_breakdown has, but for top.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(text, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(text, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_uuid_final(internal) RETURNS funnel_group_member_uuid[]
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_uuid_final(internal) IS 'Support function of funnel_breakdown_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id uuid, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(uuid, timestamptz, stepset, interval, text, text) IS
	'The users of each group of funnel_breakdown, by user_id, each with the level and the time of each step reached in it. breakdown_event is first_touch, last_touch, each_value, or a step as text. SELECT * FROM unnest((SELECT funnel_breakdown_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id uuid, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(uuid, timestamptz, stepset, interval, text, text, text) IS
	'funnel_breakdown_members with options, as funnel_breakdown has, but for top.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(uuid, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_breakdown_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, options text) (
	SFUNC = journey_internal.funnel_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_breakdown_members(uuid, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_final(internal) RETURNS funnel_group_member[]
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_final(internal) IS 'Support function of funnel_trend_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, stepset, interval, text) IS
	'The users of each bucket of funnel_trend, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, stepset, interval, text, text) IS
	'funnel_trend_members with options, as funnel_trend has, but for top.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, stepset, interval, text, text, text) IS
	'funnel_trend_members in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend_members with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, bigint, stepset, interval, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(bigint, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend_members with a seq, as above, and the end of observation.';
CREATE AGGREGATE funnel_trend_members(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_group_member[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(VARIADIC "any") IS
	'An error that says which arguments funnel_trend_members takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_trend_members_text_final(internal) RETURNS funnel_group_member_text[]
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_text_final(internal) IS 'Support function of funnel_trend_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, stepset, interval, text) IS
	'The users of each bucket of funnel_trend, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, stepset, interval, text, text) IS
	'funnel_trend_members with options, as funnel_trend has, but for top.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, stepset, interval, text, text, text) IS
	'funnel_trend_members in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend_members with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, bigint, stepset, interval, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(text, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend_members with a seq, as above, and the end of observation.';
CREATE FUNCTION journey_internal.funnel_trend_members_uuid_final(internal) RETURNS funnel_group_member_uuid[]
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_uuid_final(internal) IS 'Support function of funnel_trend_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, stepset, interval, text) IS
	'The users of each bucket of funnel_trend, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, stepset, interval, text, text) IS
	'funnel_trend_members with options, as funnel_trend has, but for top.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, stepset, interval, text, text, text) IS
	'funnel_trend_members in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend_members with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, unit text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, bigint, stepset, interval, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, bigint, stepset, interval, text, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS 'Support function of funnel_trend_members: adds one row.';
CREATE AGGREGATE funnel_trend_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_members(uuid, timestamptz, bigint, stepset, interval, text, text, text, timestamptz) IS
	'funnel_trend_members with a seq, as above, and the end of observation.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_final(internal) RETURNS funnel_group_member[]
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_final(internal) IS 'Support function of funnel_trend_breakdown_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, stepset, interval, text, text, text) IS
	'The users of each bucket and group of funnel_trend_breakdown, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_breakdown_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown_members with options, as funnel_trend_breakdown has, but for top.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown_members in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown_members with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, bigint, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, bigint, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id bigint, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(bigint, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown_members with a seq, as above, and the end of observation.';
CREATE AGGREGATE funnel_trend_breakdown_members(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = funnel_group_member[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(VARIADIC "any") IS
	'An error that says which arguments funnel_trend_breakdown_members takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_text_final(internal) RETURNS funnel_group_member_text[]
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_text_final(internal) IS 'Support function of funnel_trend_breakdown_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, stepset, interval, text, text, text) IS
	'The users of each bucket and group of funnel_trend_breakdown, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_breakdown_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown_members with options, as funnel_trend_breakdown has, but for top.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown_members in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown_members with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, bigint, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, text, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id text, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(text, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown_members with a seq, as above, and the end of observation.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_uuid_final(internal) RETURNS funnel_group_member_uuid[]
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_uuid_final(internal) IS 'Support function of funnel_trend_breakdown_members: a state as the result.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, stepset, interval, text, text, text) IS
	'The users of each bucket and group of funnel_trend_breakdown, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_breakdown_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown_members with options, as funnel_trend_breakdown has, but for top.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown_members in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown_members with the end of observation, as funnel_trend has.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, bigint, stepset, interval, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, bigint, stepset, interval, text, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, bigint, stepset, interval, text, text, text, text, text) IS
	'funnel_trend_breakdown_members with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
CREATE FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_event_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.funnel_trend_breakdown_members_transition(internal, uuid, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS 'Support function of funnel_trend_breakdown_members: adds one row.';
CREATE AGGREGATE funnel_trend_breakdown_members(user_id uuid, at timestamptz, seq bigint, step stepset, within interval, breakdown text, breakdown_event text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.funnel_trend_breakdown_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.funnel_trend_breakdown_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.funnel_combine, SERIALFUNC = journey_internal.funnel_serialize,
	DESERIALFUNC = journey_internal.funnel_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_trend_breakdown_members(uuid, timestamptz, bigint, stepset, interval, text, text, text, text, text, timestamptz) IS
	'funnel_trend_breakdown_members with a seq, as above, and the end of observation.';
CREATE FUNCTION journey_internal.funnel_options(options text, conditions integer, OUT steps integer, OUT every_event boolean)
	AS 'MODULE_PATHNAME', 'journey_funnel_options'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.funnel_options(text, integer) IS
	'What options mean for a funnel of so many conditions: how many of them are steps, and whether events that meet none count. An error if they mean nothing.';
CREATE FUNCTION funnel_steps(funnel_stats, min_users bigint DEFAULT 0, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT step_conversion_rate double precision, OUT dropped_off bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_steps'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5 SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION funnel_steps(funnel_stats, min_users bigint, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT step_conversion_rate double precision, OUT dropped_off bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) IS
	'A row for each step: users who reached it, their share of step 1 and of the step before, how many got no further (NULL for the last step), and mean, median and 90th percentile of the time from the step before and from step 1. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION funnel_breakdown_steps(funnel_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT step_conversion_rate double precision, OUT dropped_off bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_breakdown_steps'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 50 SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION funnel_breakdown_steps(funnel_stats, min_users bigint, OUT breakdown text, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT step_conversion_rate double precision, OUT dropped_off bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) IS
	'funnel_steps for each group of funnel_breakdown(), in the order of their bytes, NULL last. With the option top N the values that are not among the N with the most users at step 1 are shown as (other). min_users: what rests on fewer users is NULL.';
CREATE FUNCTION funnel_trend_steps(funnel_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT complete boolean, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_steps'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100 SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION funnel_trend_steps(funnel_stats, min_users bigint, OUT bucket timestamptz, OUT bucket_date date, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT complete boolean, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) IS
	'For each calendar bucket of funnel_trend() and each step: the users whose chain starts in the bucket and reaches the step, their share of step 1, and whether the bucket and the windows that start in it have passed by the newest event, or the end of observation; and mean, median and 90th percentile of the time from the step before and from step 1, as in funnel_steps. bucket_date is the date on which the bucket begins in the time zone of the analysis: NULL for hours, and for results that version 0.1.0 stored. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION funnel_trend_breakdown_steps(funnel_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT complete boolean, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_trend_breakdown_steps'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000 SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION funnel_trend_breakdown_steps(funnel_stats, min_users bigint, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT complete boolean, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) IS
	'funnel_trend_steps for each group of funnel_trend_breakdown(), by bucket and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users at step 1 over all buckets are shown as (other). min_users: what rests on fewer users is NULL.';
CREATE FUNCTION funnel_times(funnel_stats, step integer, from_start boolean DEFAULT false, bounds interval[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT lower interval, OUT upper interval, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_funnel_times'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 200 SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION funnel_times(funnel_stats, step integer, from_start boolean, bounds interval[], min_users bigint, OUT lower interval, OUT upper interval, OUT users bigint) IS
	'The histogram of the time from the step before (or from step 1) to a step, 2 to N: lower <= time < upper, and users. With bounds: in bins of your own, given by their lower bounds in ascending order. The first bin begins at 0, the last has no upper bound (NULL). A time equal to a bound counts in the bin that begins there; a time up to 1.6 % shorter may count there, too. min_users: what rests on fewer users is NULL.';
CREATE OR REPLACE FUNCTION journey_internal.retention_transition(stepset, stepset) RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_retention_transition'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT journey_internal.planner_support;
CREATE OR REPLACE FUNCTION journey_internal.retention_final(stepset) RETURNS boolean[]
	AS 'MODULE_PATHNAME', 'journey_retention_final'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_transition(stepset, stepset) IS 'Support function of retention: the conditions that either meets.';
COMMENT ON FUNCTION journey_internal.retention_final(stepset) IS 'Support function of retention: the conditions as an array.';
CREATE OR REPLACE AGGREGATE retention(step stepset) (
	SFUNC = journey_internal.retention_transition, STYPE = stepset,
	FINALFUNC = journey_internal.retention_final, COMBINEFUNC = journey_internal.retention_transition,
	PARALLEL = SAFE
);
CREATE OR REPLACE FUNCTION journey_internal.retention_stats_in(cstring) RETURNS retention_stats
	AS 'MODULE_PATHNAME', 'journey_retention_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_stats_in(cstring) IS 'Support function of the type retention_stats: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.retention_stats_out(retention_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_retention_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_stats_out(retention_stats) IS 'Support function of the type retention_stats: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.retention_stats_recv(internal) RETURNS retention_stats
	AS 'MODULE_PATHNAME', 'journey_retention_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_stats_recv(internal) IS 'Support function of the type retention_stats: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.retention_stats_send(retention_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_retention_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_stats_send(retention_stats) IS 'Support function of the type retention_stats: a value as bytes.';
COMMENT ON TYPE retention_stats IS
	'The result of a cohort retention over a population: for each cohort and period, the number of users who came back and their value. Made by cohort_retention() and cohort_retention_by(), merged by rollup(), read by retention_cells(), retention_by_cells() and retention_curve(). Text form: JSON.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_retention_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_retention_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_retention_combine(internal, internal) IS 'Support function of aggregates over the state rollup_retention: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_retention_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_rollup_retention_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_retention_serialize(internal) IS 'Support function of aggregates over the state rollup_retention: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_retention_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_retention_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_retention_deserialize(bytea, internal) IS 'Support function of aggregates over the state rollup_retention: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_retention_final(internal) RETURNS retention_stats
	AS 'MODULE_PATHNAME', 'journey_rollup_retention_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.rollup_retention_final(internal) IS 'Support function of rollup: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_retention_transition(internal, retention_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_rollup_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.rollup_retention_transition(internal, retention_stats) IS 'Support function of rollup: adds one row.';
CREATE OR REPLACE AGGREGATE rollup(retention_stats) (
	SFUNC = journey_internal.rollup_retention_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = journey_internal.rollup_retention_final,
	COMBINEFUNC = journey_internal.rollup_retention_combine, SERIALFUNC = journey_internal.rollup_retention_serialize,
	DESERIALFUNC = journey_internal.rollup_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(retention_stats) IS
	'Merges results of cohort retention. Their users must be disjoint, as in shards or partitions by user; unit, periods, options, time zone and until must be equal. NULLs are skipped.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.cohort_retention_combine(internal, internal) IS 'Support function of aggregates over the state cohort_retention: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.cohort_retention_serialize(internal) IS 'Support function of aggregates over the state cohort_retention: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.cohort_retention_deserialize(bytea, internal) IS 'Support function of aggregates over the state cohort_retention: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_final(internal) RETURNS retention_stats
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.cohort_retention_final(internal) IS 'Support function of cohort_retention: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer) IS 'Support function of cohort_retention: adds one row.';
CREATE OR REPLACE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer) IS
	'A cohort is the set of users who first started (a row with is_start) in the same bucket of the calendar. For each cohort: how many users came back (a row with is_return) in each period, from 0 (the bucket of the start) to periods, 1 to 10000. unit is hour, day, week (from Monday), week_sunday (from Sunday), month or quarter; or rolling hour, rolling day or rolling week for periods from the user''s own start. Rows whose user_id or at is NULL are skipped; a NULL is_start or is_return means false; an infinite at is an error; no rows give NULL. Read the result with retention_cells() and retention_curve().';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer, text) IS
	'cohort_retention with options: first (a cohort is of the first start) or every (of each bucket with a start), and on (came back in that period), on_or_after (or later), within (in that or before) or within_from_1 (the same without period 0); separated by a comma.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer, text, text) IS
	'cohort_retention with options and the time zone of the calendar; it is the session''s if empty or not given.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS
	'cohort_retention with until, the end of observation: rows at or after until are ignored, and periods that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[]) IS 'Support function of cohort_retention: adds one row.';
CREATE OR REPLACE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[]) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer[]) IS
	'cohort_retention by brackets of periods, given by the last period of each in ascending order: ARRAY[1, 7, 30] means 0, 1, 2 to 7, and 8 to 30.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer[], text) IS
	'cohort_retention with options: first (a cohort is of the first start) or every (of each bucket with a start), and on (came back in that period), on_or_after (or later), within (in that or before) or within_from_1 (the same without period 0); separated by a comma.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer[], text, text) IS
	'cohort_retention with options and the time zone of the calendar; it is the session''s if empty or not given.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS
	'cohort_retention with until, the end of observation: rows at or after until are ignored, and periods that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, text) IS
	'cohort_retention with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, text, text) IS
	'cohort_retention with options: first (a cohort is of the first start) or every (of each bucket with a start), and on (came back in that period), on_or_after (or later), within (in that or before) or within_from_1 (the same without period 0); separated by a comma.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, text, text, text) IS
	'cohort_retention with options and the time zone of the calendar; it is the session''s if empty or not given.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS
	'cohort_retention with until, the end of observation: rows at or after until are ignored, and periods that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer) IS 'Support function of cohort_retention: adds one row.';
CREATE OR REPLACE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer) IS
	'cohort_retention with the sum of value (of rows with is_return; NULL adds nothing, infinite or NaN is an error) in each cell, and its mean per user of the cohort.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer, options text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer, text) IS
	'cohort_retention with options: first (a cohort is of the first start) or every (of each bucket with a start), and on (came back in that period), on_or_after (or later), within (in that or before) or within_from_1 (the same without period 0); separated by a comma.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text) IS
	'cohort_retention with options and the time zone of the calendar; it is the session''s if empty or not given.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text, timestamptz) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer, text, text, timestamptz) IS
	'cohort_retention with until, the end of observation: rows at or after until are ignored, and periods that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[]) IS 'Support function of cohort_retention: adds one row.';
CREATE OR REPLACE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer[]) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer[]) IS
	'cohort_retention with the sum of value (of rows with is_return; NULL adds nothing, infinite or NaN is an error) in each cell, and its mean per user of the cohort and by brackets of periods: the last period of each, ascending, so that ARRAY[1, 7, 30] stands for 0, 1, 2 to 7, and 8 to 30.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer[], options text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text) IS
	'cohort_retention with options: first (a cohort is of the first start) or every (of each bucket with a start), and on (came back in that period), on_or_after (or later), within (in that or before) or within_from_1 (the same without period 0); separated by a comma.';
CREATE OR REPLACE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text) IS
	'cohort_retention with options and the time zone of the calendar; it is the session''s if empty or not given.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text, timestamptz) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, integer[], text, text, timestamptz) IS
	'cohort_retention with until, the end of observation: rows at or after until are ignored, and periods that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, text) IS
	'cohort_retention with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods text, options text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, text, text) IS
	'cohort_retention with options: first (a cohort is of the first start) or every (of each bucket with a start), and on (came back in that period), on_or_after (or later), within (in that or before) or within_from_1 (the same without period 0); separated by a comma.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text) IS
	'cohort_retention with options and the time zone of the calendar; it is the session''s if empty or not given.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, timestamptz) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, timestamptz) IS
	'cohort_retention with until, the end of observation: rows at or after until are ignored, and periods that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, text) IS 'Support function of cohort_retention: adds one row.';
CREATE AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text, until text) (
	SFUNC = journey_internal.cohort_retention_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention(anyelement, timestamptz, boolean, boolean, text, text, text, text, text) IS
	'cohort_retention with all parameters as text, as those without a type are.';
CREATE FUNCTION journey_internal.cohort_retention_by_final(internal) RETURNS retention_stats
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_final(internal) IS 'Support function of cohort_retention_by: a state as the result.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer) IS
	'cohort_retention with the users of each cohort in groups: by the value of breakdown at the first of their starts in the bucket of the cohort that has one, else NULL. Read it with retention_by_cells().';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer, text) IS
	'cohort_retention_by with options: those of cohort_retention; first_value, the default, or last_value: the value at the last start in the bucket that has one; and top N: only the N values with the most users in all cohorts are shown, the others as (other).';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer, text, text) IS
	'cohort_retention_by with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS
	'cohort_retention_by with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[]) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[]) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer[]) IS
	'cohort_retention_by with brackets of periods, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[], text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer[], text) IS
	'cohort_retention_by with options: those of cohort_retention; first_value, the default, or last_value: the value at the last start in the bucket that has one; and top N: only the N values with the most users in all cohorts are shown, the others as (other).';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[], text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer[], text, text) IS
	'cohort_retention_by with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS
	'cohort_retention_by with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, text) IS
	'cohort_retention_by with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, text, text) IS
	'cohort_retention_by with options: those of cohort_retention; first_value, the default, or last_value: the value at the last start in the bucket that has one; and top N: only the N values with the most users in all cohorts are shown, the others as (other).';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, text, text, text) IS
	'cohort_retention_by with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS
	'cohort_retention_by with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer) IS
	'cohort_retention_by with the sum of value (of rows with is_return; NULL adds nothing, infinite or NaN is an error) in each cell, and its mean per user of the group.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer, options text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text) IS
	'cohort_retention_by with options: those of cohort_retention; first_value, the default, or last_value: the value at the last start in the bucket that has one; and top N: only the N values with the most users in all cohorts are shown, the others as (other).';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text, text) IS
	'cohort_retention_by with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text, text, timestamptz) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer, text, text, timestamptz) IS
	'cohort_retention_by with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[]) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer[]) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[]) IS
	'cohort_retention_by with the sum of value in each cell, and by brackets of periods, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer[], options text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text) IS
	'cohort_retention_by with options: those of cohort_retention; first_value, the default, or last_value: the value at the last start in the bucket that has one; and top N: only the N values with the most users in all cohorts are shown, the others as (other).';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text, text) IS
	'cohort_retention_by with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text, text, timestamptz) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, integer[], text, text, timestamptz) IS
	'cohort_retention_by with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, text) IS
	'cohort_retention_by with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods text, options text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text) IS
	'cohort_retention_by with options: those of cohort_retention; first_value, the default, or last_value: the value at the last start in the bucket that has one; and top N: only the N values with the most users in all cohorts are shown, the others as (other).';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, text) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, text) IS
	'cohort_retention_by with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_value_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.cohort_retention_by_transition(internal, anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, text, timestamptz) IS 'Support function of cohort_retention_by: adds one row.';
CREATE AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, value double precision, breakdown text, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.cohort_retention_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.cohort_retention_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohort_retention_by(anyelement, timestamptz, boolean, boolean, double precision, text, text, text, text, text, timestamptz) IS
	'cohort_retention_by with the end of observation, as cohort_retention has.';
ALTER TYPE retention_member ADD ATTRIBUTE cohort_date date;
COMMENT ON TYPE retention_member IS
	'A user of a cohort, and the periods in which retention_cells() counts the user; for brackets, the first period of each.';
COMMENT ON COLUMN retention_member.cohort IS 'Beginning of the bucket of the start.';
COMMENT ON COLUMN retention_member.cohort_date IS 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.';
COMMENT ON COLUMN retention_member.returned IS 'The periods in which the user counts; for brackets, the first period of each.';
CREATE TYPE retention_member_text AS (user_id text, cohort timestamptz, returned integer[], cohort_date date);
COMMENT ON TYPE retention_member_text IS
	'A user of a cohort, with an id of type text, and the periods in which retention_cells() counts the user; for brackets, the first period of each.';
COMMENT ON COLUMN retention_member_text.user_id IS 'Who.';
COMMENT ON COLUMN retention_member_text.cohort IS 'Beginning of the bucket of the start.';
COMMENT ON COLUMN retention_member_text.cohort_date IS 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.';
COMMENT ON COLUMN retention_member_text.returned IS 'The periods in which the user counts; for brackets, the first period of each.';
CREATE TYPE retention_member_uuid AS (user_id uuid, cohort timestamptz, returned integer[], cohort_date date);
COMMENT ON TYPE retention_member_uuid IS
	'A user of a cohort, with an id of type uuid, and the periods in which retention_cells() counts the user; for brackets, the first period of each.';
COMMENT ON COLUMN retention_member_uuid.user_id IS 'Who.';
COMMENT ON COLUMN retention_member_uuid.cohort IS 'Beginning of the bucket of the start.';
COMMENT ON COLUMN retention_member_uuid.cohort_date IS 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.';
COMMENT ON COLUMN retention_member_uuid.returned IS 'The periods in which the user counts; for brackets, the first period of each.';
CREATE OR REPLACE FUNCTION journey_internal.retention_members_final(internal) RETURNS retention_member[]
	AS 'MODULE_PATHNAME', 'journey_retention_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_members_final(internal) IS 'Support function of retention_members: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer) IS 'Support function of retention_members: adds one row.';
CREATE OR REPLACE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer) IS
	'The users of each cohort of cohort_retention, by user_id and cohort, each with the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members(...) FROM ...)).';
CREATE OR REPLACE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer, text) IS
	'retention_members with options, as cohort_retention has.';
CREATE OR REPLACE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer, text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE OR REPLACE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[]) IS 'Support function of retention_members: adds one row.';
CREATE OR REPLACE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[]) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer[]) IS
	'retention_members by brackets of periods, as cohort_retention has; a bracket is called by its first period.';
CREATE OR REPLACE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer[], text) IS
	'retention_members with options, as cohort_retention has.';
CREATE OR REPLACE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer[], text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, text) IS
	'retention_members with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, text, text) IS
	'retention_members with options, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, text, text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id bigint, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(bigint, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_text_final(internal) RETURNS retention_member_text[]
	AS 'MODULE_PATHNAME', 'journey_retention_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_members_text_final(internal) IS 'Support function of retention_members: a state as the result.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer) IS
	'The users of each cohort of cohort_retention, by user_id and cohort, each with the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer, text) IS
	'retention_members with options, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer, text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[]) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[]) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer[]) IS
	'retention_members by brackets of periods, as cohort_retention has; a bracket is called by its first period.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[], text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer[], text) IS
	'retention_members with options, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[], text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer[], text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, text) IS
	'retention_members with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, text, text) IS
	'retention_members with options, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, text, text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id text, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(text, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_uuid_final(internal) RETURNS retention_member_uuid[]
	AS 'MODULE_PATHNAME', 'journey_retention_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_members_uuid_final(internal) IS 'Support function of retention_members: a state as the result.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer) IS
	'The users of each cohort of cohort_retention, by user_id and cohort, each with the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer, text) IS
	'retention_members with options, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer, text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer, text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[]) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[]) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer[]) IS
	'retention_members by brackets of periods, as cohort_retention has; a bracket is called by its first period.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[], text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer[], text) IS
	'retention_members with options, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[], text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer[], text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, integer[], text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, text) IS
	'retention_members with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, text, text) IS
	'retention_members with options, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, text, text, text) IS
	'retention_members with options and the time zone of the calendar, as cohort_retention has.';
CREATE FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS 'Support function of retention_members: adds one row.';
CREATE AGGREGATE retention_members(user_id uuid, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members(uuid, timestamptz, boolean, boolean, text, text, text, text, timestamptz) IS
	'retention_members with the end of observation, as cohort_retention has.';
CREATE TYPE retention_member_by AS (user_id bigint, breakdown text, cohort timestamptz, returned integer[], cohort_date date);
COMMENT ON TYPE retention_member_by IS
	'A user of a cohort, the group, and the periods in which retention_by_cells() counts the user; for brackets, the first period of each.';
COMMENT ON COLUMN retention_member_by.user_id IS 'Who.';
COMMENT ON COLUMN retention_member_by.breakdown IS 'The group of the user in the cohort; NULL if no start in its bucket has a value.';
COMMENT ON COLUMN retention_member_by.cohort IS 'Beginning of the bucket of the start.';
COMMENT ON COLUMN retention_member_by.cohort_date IS 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.';
COMMENT ON COLUMN retention_member_by.returned IS 'The periods in which the user counts; for brackets, the first period of each.';
CREATE TYPE retention_member_by_text AS (user_id text, breakdown text, cohort timestamptz, returned integer[], cohort_date date);
COMMENT ON TYPE retention_member_by_text IS
	'A user of a cohort, with an id of type text, the group, and the periods in which retention_by_cells() counts the user; for brackets, the first period of each.';
COMMENT ON COLUMN retention_member_by_text.user_id IS 'Who.';
COMMENT ON COLUMN retention_member_by_text.breakdown IS 'The group of the user in the cohort; NULL if no start in its bucket has a value.';
COMMENT ON COLUMN retention_member_by_text.cohort IS 'Beginning of the bucket of the start.';
COMMENT ON COLUMN retention_member_by_text.cohort_date IS 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.';
COMMENT ON COLUMN retention_member_by_text.returned IS 'The periods in which the user counts; for brackets, the first period of each.';
CREATE TYPE retention_member_by_uuid AS (user_id uuid, breakdown text, cohort timestamptz, returned integer[], cohort_date date);
COMMENT ON TYPE retention_member_by_uuid IS
	'A user of a cohort, with an id of type uuid, the group, and the periods in which retention_by_cells() counts the user; for brackets, the first period of each.';
COMMENT ON COLUMN retention_member_by_uuid.user_id IS 'Who.';
COMMENT ON COLUMN retention_member_by_uuid.breakdown IS 'The group of the user in the cohort; NULL if no start in its bucket has a value.';
COMMENT ON COLUMN retention_member_by_uuid.cohort IS 'Beginning of the bucket of the start.';
COMMENT ON COLUMN retention_member_by_uuid.cohort_date IS 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.';
COMMENT ON COLUMN retention_member_by_uuid.returned IS 'The periods in which the user counts; for brackets, the first period of each.';
CREATE FUNCTION journey_internal.retention_members_by_final(internal) RETURNS retention_member_by[]
	AS 'MODULE_PATHNAME', 'journey_retention_members_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_members_by_final(internal) IS 'Support function of retention_members_by: a state as the result.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer) IS
	'The users of each cohort of cohort_retention_by, by user_id and cohort, each with the group and the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members_by(...) FROM ...)).';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer, text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer, text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[]) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[]) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer[]) IS
	'retention_members_by by brackets of periods, as cohort_retention_by has; a bracket is called by its first period.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[], text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer[], text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[], text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer[], text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, text) IS
	'retention_members_by with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, text, text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, text, text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, bigint, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id bigint, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(bigint, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_text_final(internal) RETURNS retention_member_by_text[]
	AS 'MODULE_PATHNAME', 'journey_retention_members_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_members_by_text_final(internal) IS 'Support function of retention_members_by: a state as the result.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer) IS
	'The users of each cohort of cohort_retention_by, by user_id and cohort, each with the group and the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members_by(...) FROM ...)).';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer, text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer, text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[]) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[]) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer[]) IS
	'retention_members_by by brackets of periods, as cohort_retention_by has; a bracket is called by its first period.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[], text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer[], text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[], text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer[], text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, text) IS
	'retention_members_by with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, text, text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, text, text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, text, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id text, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(text, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_uuid_final(internal) RETURNS retention_member_by_uuid[]
	AS 'MODULE_PATHNAME', 'journey_retention_members_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.retention_members_by_uuid_final(internal) IS 'Support function of retention_members_by: a state as the result.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer) IS
	'The users of each cohort of cohort_retention_by, by user_id and cohort, each with the group and the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members_by(...) FROM ...)).';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer, text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer, text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer, text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[]) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[]) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer[]) IS
	'retention_members_by by brackets of periods, as cohort_retention_by has; a bracket is called by its first period.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[], text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer[], text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[], text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[], text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer[], text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer[], options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, integer[], text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, text) IS
	'retention_members_by with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, text, text) IS
	'retention_members_by with options, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text, text) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, text, text, text) IS
	'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.';
CREATE FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_cohort_retention_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.retention_members_by_transition(internal, uuid, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS 'Support function of retention_members_by: adds one row.';
CREATE AGGREGATE retention_members_by(user_id uuid, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.retention_members_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.retention_members_by_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.cohort_retention_combine, SERIALFUNC = journey_internal.cohort_retention_serialize,
	DESERIALFUNC = journey_internal.cohort_retention_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention_members_by(uuid, timestamptz, boolean, boolean, text, text, text, text, text, timestamptz) IS
	'retention_members_by with the end of observation, as cohort_retention_by has.';
CREATE FUNCTION retention_cells(retention_stats, min_users bigint DEFAULT 0, OUT cohort timestamptz, OUT cohort_date date, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT complete boolean, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_retention_cells'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION retention_cells(retention_stats, min_users bigint, OUT cohort timestamptz, OUT cohort_date date, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT complete boolean, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) IS
	'A row for each cohort and period (or bracket, from period to last_period): users who came back, users of the cohort, their ratio (retention_rate), and whether the whole period has passed by the newest event, or by the end of observation (complete). cohort_date: the date of the beginning of the cohort''s bucket in the time zone of the analysis, NULL for hours. With a value: its sum and its mean per user of the cohort, otherwise NULL. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION retention_by_cells(retention_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT cohort timestamptz, OUT cohort_date date, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT complete boolean, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_retention_by_cells'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION retention_by_cells(retention_stats, min_users bigint, OUT breakdown text, OUT cohort timestamptz, OUT cohort_date date, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT complete boolean, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) IS
	'retention_cells for the groups of cohort_retention_by(), by cohort and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
CREATE FUNCTION retention_curve(retention_stats, min_users bigint DEFAULT 0, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT cohorts bigint, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_retention_curve'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 31;
COMMENT ON FUNCTION retention_curve(retention_stats, min_users bigint, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT cohorts bigint, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) IS
	'A row for each period (or bracket), over all cohorts for which it is complete: users who came back, users of the cohorts, their ratio (retention_rate, NULL without cohorts), the number of cohorts, and the value and its mean per user. min_users: what rests on fewer users is NULL.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_combine(internal, internal) IS 'Support function of aggregates over the state sequence: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_sequence_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_serialize(internal) IS 'Support function of aggregates over the state sequence: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_deserialize(bytea, internal) IS 'Support function of aggregates over the state sequence: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_match_final(internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_sequence_match_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_match_final(internal) IS 'Support function of sequence_match: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_transition(internal, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sequence_transition(internal, timestamptz, stepset, text) IS 'Support function of sequence_match: adds one row.';
CREATE OR REPLACE AGGREGATE sequence_match(at timestamptz, step stepset, pattern text) (
	SFUNC = journey_internal.sequence_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.sequence_match_final,
	COMBINEFUNC = journey_internal.sequence_combine, SERIALFUNC = journey_internal.sequence_serialize,
	DESERIALFUNC = journey_internal.sequence_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_match(timestamptz, stepset, text) IS
	'Whether the rows of one user contain the pattern: (?N) an event that meets condition N, (?N|M) N or M, (?!N) not N, . any event, .* any events, (?t<=1h) the time between two events: >= > <= < == != and a value in seconds or with s, m, h, d; (A|B) groups and alternatives, ? * + {m,n} optional and repeated parts, ^ the first event of the user, $ the last, (?w<=7d) the time limit of the whole match. Rows whose at or step is NULL, and rows that meet no condition, are skipped; no rows give false.';
CREATE FUNCTION journey_internal.unfit_transition(boolean, VARIADIC "any") RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(boolean, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE sequence_match(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = boolean, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_match(VARIADIC "any") IS
	'An error that says which arguments sequence_match takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_count_final(internal) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sequence_count_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_count_final(internal) IS 'Support function of sequence_count: a state as the result.';
CREATE OR REPLACE AGGREGATE sequence_count(at timestamptz, step stepset, pattern text) (
	SFUNC = journey_internal.sequence_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.sequence_count_final,
	COMBINEFUNC = journey_internal.sequence_combine, SERIALFUNC = journey_internal.sequence_serialize,
	DESERIALFUNC = journey_internal.sequence_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_count(timestamptz, stepset, text) IS
	'The number of matches of the pattern in the rows of one user that do not overlap. Each match ends as early as possible, and the next begins after it; with ^ or $ there is at most one. Patterns are those of sequence_match; no rows give 0.';
CREATE FUNCTION journey_internal.unfit_transition(bigint, VARIADIC "any") RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(bigint, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE sequence_count(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = bigint, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_count(VARIADIC "any") IS
	'An error that says which arguments sequence_count takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.sequence_progress_final(internal) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_sequence_progress_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_progress_final(internal) IS 'Support function of sequence_progress: a state as the result.';
CREATE AGGREGATE sequence_progress(at timestamptz, step stepset, pattern text) (
	SFUNC = journey_internal.sequence_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.sequence_progress_final,
	COMBINEFUNC = journey_internal.sequence_combine, SERIALFUNC = journey_internal.sequence_serialize,
	DESERIALFUNC = journey_internal.sequence_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_progress(timestamptz, stepset, text) IS
	'How far the rows of one user get in the pattern: how many of the events (?N) that every match needs were reached, without optional events and (?!N). More exactly, the fewest (?N) that a match needs, less the fewest that are still missing. Patterns as for sequence_match; no rows give 0.';
CREATE AGGREGATE sequence_progress(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = integer, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_progress(VARIADIC "any") IS
	'An error that says which arguments sequence_progress takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_match_events_final(internal) RETURNS timestamptz[]
	AS 'MODULE_PATHNAME', 'journey_sequence_match_events_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_match_events_final(internal) IS 'Support function of sequence_match_events: a state as the result.';
CREATE OR REPLACE AGGREGATE sequence_match_events(at timestamptz, step stepset, pattern text) (
	SFUNC = journey_internal.sequence_transition, STYPE = internal, SSPACE = 128,
	FINALFUNC = journey_internal.sequence_match_events_final,
	COMBINEFUNC = journey_internal.sequence_combine, SERIALFUNC = journey_internal.sequence_serialize,
	DESERIALFUNC = journey_internal.sequence_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_match_events(timestamptz, stepset, text) IS
	'The times of the events of the first match of the pattern, one for each matched event. If there is no match: the times up to the furthest event of the pattern that was reached; NULL if none was. Patterns are those of sequence_match.';
CREATE AGGREGATE sequence_match_events(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = timestamptz[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_match_events(VARIADIC "any") IS
	'An error that says which arguments sequence_match_events takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_users_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_users_combine(internal, internal) IS 'Support function of aggregates over the state sequence_users: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_users_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_sequence_users_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_users_serialize(internal) IS 'Support function of aggregates over the state sequence_users: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_users_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_users_deserialize(bytea, internal) IS 'Support function of aggregates over the state sequence_users: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_users_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_sequence_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_users_final(internal) IS 'Support function of users_matching: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_users_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sequence_users_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of users_matching: adds one row.';
CREATE OR REPLACE AGGREGATE users_matching(user_id bigint, at timestamptz, step stepset, pattern text) (
	SFUNC = journey_internal.sequence_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.sequence_users_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.sequence_users_combine, SERIALFUNC = journey_internal.sequence_users_serialize,
	DESERIALFUNC = journey_internal.sequence_users_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE users_matching(bigint, timestamptz, stepset, text) IS
	'The users for whom sequence_match(at, step, pattern) is true, without GROUP BY user_id. Rows whose user_id, at or step is NULL are skipped; no rows give NULL.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_users_transition(internal, bigint, timestamptz, bigint, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_users_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sequence_users_transition(internal, bigint, timestamptz, bigint, stepset, text) IS 'Support function of users_matching: adds one row.';
CREATE OR REPLACE AGGREGATE users_matching(user_id bigint, at timestamptz, seq bigint, step stepset, pattern text) (
	SFUNC = journey_internal.sequence_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.sequence_users_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.sequence_users_combine, SERIALFUNC = journey_internal.sequence_users_serialize,
	DESERIALFUNC = journey_internal.sequence_users_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE users_matching(bigint, timestamptz, bigint, stepset, text) IS
	'users_matching with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(userset, VARIADIC "any") RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(userset, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE users_matching(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = userset, PARALLEL = SAFE
);
COMMENT ON AGGREGATE users_matching(VARIADIC "any") IS
	'An error that says which arguments users_matching takes, if those given fit none of its other forms.';
CREATE TYPE pattern_match AS (user_id bigint, match_number bigint, first_at timestamptz, last_at timestamptz, times timestamptz[], "values" text[]);
COMMENT ON TYPE pattern_match IS 'A match of pattern_matches(): its number among those of the user, and the times and values of its events.';
COMMENT ON COLUMN pattern_match.user_id IS 'Whose events match.';
COMMENT ON COLUMN pattern_match.match_number IS 'The number of the match, from 1, in the order of matches.';
COMMENT ON COLUMN pattern_match.first_at IS 'The time of its first event.';
COMMENT ON COLUMN pattern_match.last_at IS 'The time of its last event.';
COMMENT ON COLUMN pattern_match.times IS 'The times of its events, those in gaps not included.';
COMMENT ON COLUMN pattern_match.values IS 'The values of its events.';
CREATE TYPE pattern_match_text AS (user_id text, match_number bigint, first_at timestamptz, last_at timestamptz, times timestamptz[], "values" text[]);
COMMENT ON TYPE pattern_match_text IS 'A match of pattern_matches() whose user_id is of type text: its number among those of the user, and the times and values of its events.';
COMMENT ON COLUMN pattern_match_text.user_id IS 'Whose events match.';
COMMENT ON COLUMN pattern_match_text.match_number IS 'The number of the match, from 1, in the order of matches.';
COMMENT ON COLUMN pattern_match_text.first_at IS 'The time of its first event.';
COMMENT ON COLUMN pattern_match_text.last_at IS 'The time of its last event.';
COMMENT ON COLUMN pattern_match_text.times IS 'The times of its events, those in gaps not included.';
COMMENT ON COLUMN pattern_match_text.values IS 'The values of its events.';
CREATE TYPE pattern_match_uuid AS (user_id uuid, match_number bigint, first_at timestamptz, last_at timestamptz, times timestamptz[], "values" text[]);
COMMENT ON TYPE pattern_match_uuid IS 'A match of pattern_matches() whose user_id is of type uuid: its number among those of the user, and the times and values of its events.';
COMMENT ON COLUMN pattern_match_uuid.user_id IS 'Whose events match.';
COMMENT ON COLUMN pattern_match_uuid.match_number IS 'The number of the match, from 1, in the order of matches.';
COMMENT ON COLUMN pattern_match_uuid.first_at IS 'The time of its first event.';
COMMENT ON COLUMN pattern_match_uuid.last_at IS 'The time of its last event.';
COMMENT ON COLUMN pattern_match_uuid.times IS 'The times of its events, those in gaps not included.';
COMMENT ON COLUMN pattern_match_uuid.values IS 'The values of its events.';
CREATE FUNCTION journey_internal.pattern_matches_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_matches_combine(internal, internal) IS 'Support function of aggregates over the state pattern_matches: joins two states.';
CREATE FUNCTION journey_internal.pattern_matches_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_matches_serialize(internal) IS 'Support function of aggregates over the state pattern_matches: a state as bytes.';
CREATE FUNCTION journey_internal.pattern_matches_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_matches_deserialize(bytea, internal) IS 'Support function of aggregates over the state pattern_matches: bytes as a state.';
CREATE FUNCTION journey_internal.pattern_matches_final(internal) RETURNS pattern_match[]
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_matches_final(internal) IS 'Support function of pattern_matches: a state as the result.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, stepset, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, stepset, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id bigint, at timestamptz, step stepset, value text, pattern text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(bigint, timestamptz, stepset, text, text) IS
	'The matches of the pattern in the events of each user, by user_id and in order: each ends as early as it can, and the next begins after it, as sequence_count counts them. Rows with a NULL user_id, at or step are skipped; no rows give NULL. SELECT * FROM unnest((SELECT pattern_matches(...) FROM ...)).';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, stepset, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, stepset, text, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id bigint, at timestamptz, step stepset, value text, pattern text, options text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(bigint, timestamptz, stepset, text, text, text) IS
	'pattern_matches with the option overlapping: a match for each event that one can begin with, the one that ends first.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, bigint, stepset, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, bigint, stepset, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id bigint, at timestamptz, seq bigint, step stepset, value text, pattern text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(bigint, timestamptz, bigint, stepset, text, text) IS
	'pattern_matches with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, bigint, stepset, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, bigint, timestamptz, bigint, stepset, text, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id bigint, at timestamptz, seq bigint, step stepset, value text, pattern text, options text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(bigint, timestamptz, bigint, stepset, text, text, text) IS
	'pattern_matches with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION journey_internal.unfit_transition(pattern_match[], VARIADIC "any") RETURNS pattern_match[]
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(pattern_match[], VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE pattern_matches(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = pattern_match[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(VARIADIC "any") IS
	'An error that says which arguments pattern_matches takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.pattern_matches_text_final(internal) RETURNS pattern_match_text[]
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_matches_text_final(internal) IS 'Support function of pattern_matches: a state as the result.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, stepset, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, stepset, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id text, at timestamptz, step stepset, value text, pattern text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(text, timestamptz, stepset, text, text) IS
	'The matches of the pattern in the events of each user, by user_id and in order: each ends as early as it can, and the next begins after it, as sequence_count counts them. Rows with a NULL user_id, at or step are skipped; no rows give NULL. SELECT * FROM unnest((SELECT pattern_matches(...) FROM ...)).';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, stepset, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, stepset, text, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id text, at timestamptz, step stepset, value text, pattern text, options text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(text, timestamptz, stepset, text, text, text) IS
	'pattern_matches with the option overlapping: a match for each event that one can begin with, the one that ends first.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, bigint, stepset, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, bigint, stepset, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id text, at timestamptz, seq bigint, step stepset, value text, pattern text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(text, timestamptz, bigint, stepset, text, text) IS
	'pattern_matches with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, bigint, stepset, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, text, timestamptz, bigint, stepset, text, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id text, at timestamptz, seq bigint, step stepset, value text, pattern text, options text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(text, timestamptz, bigint, stepset, text, text, text) IS
	'pattern_matches with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION journey_internal.pattern_matches_uuid_final(internal) RETURNS pattern_match_uuid[]
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_matches_uuid_final(internal) IS 'Support function of pattern_matches: a state as the result.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, stepset, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, stepset, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id uuid, at timestamptz, step stepset, value text, pattern text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(uuid, timestamptz, stepset, text, text) IS
	'The matches of the pattern in the events of each user, by user_id and in order: each ends as early as it can, and the next begins after it, as sequence_count counts them. Rows with a NULL user_id, at or step are skipped; no rows give NULL. SELECT * FROM unnest((SELECT pattern_matches(...) FROM ...)).';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, stepset, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, stepset, text, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id uuid, at timestamptz, step stepset, value text, pattern text, options text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(uuid, timestamptz, stepset, text, text, text) IS
	'pattern_matches with the option overlapping: a match for each event that one can begin with, the one that ends first.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, bigint, stepset, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, bigint, stepset, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id uuid, at timestamptz, seq bigint, step stepset, value text, pattern text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(uuid, timestamptz, bigint, stepset, text, text) IS
	'pattern_matches with events of equal at in the order of seq, a NULL seq last.';
CREATE FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, bigint, stepset, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_matches_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_matches_transition(internal, uuid, timestamptz, bigint, stepset, text, text, text) IS 'Support function of pattern_matches: adds one row.';
CREATE AGGREGATE pattern_matches(user_id uuid, at timestamptz, seq bigint, step stepset, value text, pattern text, options text) (
	SFUNC = journey_internal.pattern_matches_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_matches_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_matches_combine, SERIALFUNC = journey_internal.pattern_matches_serialize,
	DESERIALFUNC = journey_internal.pattern_matches_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE pattern_matches(uuid, timestamptz, bigint, stepset, text, text, text) IS
	'pattern_matches with events of equal at in the order of seq, a NULL seq last.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_next_node_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_next_node_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_next_node_combine(internal, internal) IS 'Support function of aggregates over the state sequence_next_node: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_next_node_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_sequence_next_node_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_next_node_serialize(internal) IS 'Support function of aggregates over the state sequence_next_node: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_next_node_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_next_node_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_next_node_deserialize(bytea, internal) IS 'Support function of aggregates over the state sequence_next_node: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_next_node_final(internal) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_sequence_next_node_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.sequence_next_node_final(internal) IS 'Support function of sequence_next_node: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.sequence_next_node_transition(internal, timestamptz, stepset, text, boolean, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_sequence_next_node_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sequence_next_node_transition(internal, timestamptz, stepset, text, boolean, text, text) IS 'Support function of sequence_next_node: adds one row.';
CREATE AGGREGATE sequence_next_node(at timestamptz, step stepset, value text, is_base boolean, direction text, anchor text) (
	SFUNC = journey_internal.sequence_next_node_transition, STYPE = internal, SSPACE = 512,
	FINALFUNC = journey_internal.sequence_next_node_final,
	COMBINEFUNC = journey_internal.sequence_next_node_combine, SERIALFUNC = journey_internal.sequence_next_node_serialize,
	DESERIALFUNC = journey_internal.sequence_next_node_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_next_node(timestamptz, stepset, text, boolean, text, text) IS
	'The value of the row directly after (direction forward) or directly before (backward) a chain of consecutive rows of one user that meet conditions 1 to N. The chain begins at the anchor: head, tail, first_match or last_match; is_base must be true there. Rows whose at, step or value is NULL are skipped. NULL if there is no such chain.';
CREATE FUNCTION journey_internal.unfit_transition(text, VARIADIC "any") RETURNS text
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(text, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE sequence_next_node(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = text, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_next_node(VARIADIC "any") IS
	'An error that says which arguments sequence_next_node takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION sessionize(at timestamptz, gap interval) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sessionize'
	LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;
COMMENT ON FUNCTION sessionize(at timestamptz, gap interval) IS
	'Window function: the number of the row''s session, from 1. A session ends when more than `gap` (no months) passes without an event. OVER (PARTITION BY user_id ORDER BY at). If at is NULL, the result is NULL.';
CREATE FUNCTION sessionize(at timestamptz, gap interval, is_start boolean, is_end boolean) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_sessionize'
	LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;
COMMENT ON FUNCTION sessionize(at timestamptz, gap interval, is_start boolean, is_end boolean) IS
	'sessionize with events that cut sessions: a row with is_start begins a session, and a row with is_end is the last of its session. NULL counts as false.';
CREATE OR REPLACE FUNCTION journey_internal.session_stats_in(cstring) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_stats_in(cstring) IS 'Support function of the type session_stats: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.session_stats_out(session_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_session_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_stats_out(session_stats) IS 'Support function of the type session_stats: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.session_stats_recv(internal) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_stats_recv(internal) IS 'Support function of the type session_stats: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.session_stats_send(session_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_session_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_stats_send(session_stats) IS 'Support function of the type session_stats: a value as bytes.';
COMMENT ON TYPE session_stats IS
	'The sessions of all users and the nodes in them. Made by sessions() and sessions_by_channel(), merged by rollup(), read by session_totals(), session_buckets(), session_nodes(), session_channels() and session_channel_buckets(). Text form: JSON.';
CREATE OR REPLACE FUNCTION journey_internal.session_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_rollup_combine(internal, internal) IS 'Support function of aggregates over the state session_rollup: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.session_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_session_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_rollup_serialize(internal) IS 'Support function of aggregates over the state session_rollup: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.session_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_rollup_deserialize(bytea, internal) IS 'Support function of aggregates over the state session_rollup: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.session_rollup_final(internal) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_rollup_final(internal) IS 'Support function of rollup: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.session_rollup_transition(internal, session_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_rollup_transition(internal, session_stats) IS 'Support function of rollup: adds one row.';
CREATE OR REPLACE AGGREGATE rollup(session_stats) (
	SFUNC = journey_internal.session_rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = journey_internal.session_rollup_final,
	COMBINEFUNC = journey_internal.session_rollup_combine, SERIALFUNC = journey_internal.session_rollup_serialize,
	DESERIALFUNC = journey_internal.session_rollup_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(session_stats) IS
	'Merges results of sessions() or of sessions_by_channel(). Their users must be disjoint, as in shards or partitions by user; gap, unit, time zone, until, and whether there are channels and cuts must be equal. NULLs are skipped.';
CREATE OR REPLACE FUNCTION journey_internal.session_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_combine(internal, internal) IS 'Support function of aggregates over the state session: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.session_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_session_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_serialize(internal) IS 'Support function of aggregates over the state session: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.session_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_deserialize(bytea, internal) IS 'Support function of aggregates over the state session: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.session_final(internal) RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_session_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.session_final(internal) IS 'Support function of sessions: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, node text, gap interval) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, text, interval) IS
	'The sessions of all users, and the nodes (pages, screens, steps) in them. A session ends when more than gap, of at most 53375995 days, passes without an event. user_id has any type that can be hashed. Rows whose user_id, at or node is NULL are skipped; an infinite at is an error; no rows give NULL. Buckets are days in the session''s time zone. Read the result with session_totals(), session_buckets() and session_nodes().';
CREATE OR REPLACE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, node text, gap interval, unit text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, text, interval, text) IS
	'sessions in buckets of a unit: ''hour'', ''day'', ''week'' (from Monday), ''week_sunday'', ''month'' or ''quarter''. A time zone instead of the unit, as in 0.1.0, means days in this time zone.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval, text, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, text, interval, text, text) IS
	'sessions in buckets of a unit, in this time zone. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, text, interval, text, text, timestamptz) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, text, interval, text, text, timestamptz) IS
	'sessions with until, the end of observation: rows at or after until are ignored, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, node text, gap interval) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, boolean, boolean, text, interval) IS
	'sessions with events that cut sessions: an event with is_start begins a session, an event with is_end is the last of its session. Among events of the same time, starts come first and ends last. NULL counts as false.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, node text, gap interval, unit text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, boolean, boolean, text, interval, text) IS
	'sessions in buckets of a unit: ''hour'', ''day'', ''week'' (from Monday), ''week_sunday'', ''month'' or ''quarter''. A time zone instead of the unit, as in 0.1.0, means days in this time zone.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval, text, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, boolean, boolean, text, interval, text, text) IS
	'sessions in buckets of a unit, in this time zone. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, boolean, boolean, text, interval, text, text, timestamptz) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, boolean, boolean, text, interval, text, text, timestamptz) IS
	'sessions with until, the end of observation: rows at or after until are ignored, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE OR REPLACE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, text, interval) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, unit text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, text, interval, text) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval, text, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, text, interval, text, text) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, text, interval, text, text, timestamptz) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, text, interval, text, text, timestamptz) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, node text, gap interval) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, boolean, boolean, text, interval) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, node text, gap interval, unit text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, boolean, boolean, text, interval, text) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval, text, text) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, boolean, boolean, text, interval, text, text) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.session_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, interval, text, text, timestamptz) IS 'Support function of sessions: adds one row.';
CREATE AGGREGATE sessions(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.session_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(anyelement, timestamptz, bigint, boolean, boolean, text, interval, text, text, timestamptz) IS
	'sessions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(session_stats, VARIADIC "any") RETURNS session_stats
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(session_stats, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE sessions(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = session_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions(VARIADIC "any") IS
	'An error that says which arguments sessions takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, channel text, node text, gap interval) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, text, text, interval) IS
	'sessions by channel: each session belongs to the channel of its first event, which may be NULL. Read the result with session_channels() and session_channel_buckets(), and with the functions for sessions().';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, channel text, node text, gap interval, unit text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, text, text, interval, text) IS
	'sessions_by_channel in buckets of a unit: ''hour'', ''day'', ''week'' (from Monday), ''week_sunday'', ''month'' or ''quarter''. A time zone instead of the unit, as in 0.1.0, means days in this time zone.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval, text, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, channel text, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, text, text, interval, text, text) IS
	'sessions_by_channel in buckets of a unit, in this time zone. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, text, text, interval, text, text, timestamptz) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, channel text, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, text, text, interval, text, text, timestamptz) IS
	'sessions_by_channel with until, the end of observation: rows at or after until are ignored, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, channel text, node text, gap interval) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, boolean, boolean, text, text, interval) IS
	'sessions_by_channel with events that cut sessions: an event with is_start begins a session, an event with is_end is the last of its session. Among events of the same time, starts come first and ends last. NULL counts as false.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, channel text, node text, gap interval, unit text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, boolean, boolean, text, text, interval, text) IS
	'sessions_by_channel in buckets of a unit: ''hour'', ''day'', ''week'' (from Monday), ''week_sunday'', ''month'' or ''quarter''. A time zone instead of the unit, as in 0.1.0, means days in this time zone.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval, text, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, channel text, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, boolean, boolean, text, text, interval, text, text) IS
	'sessions_by_channel in buckets of a unit, in this time zone. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, boolean, boolean, text, text, interval, text, text, timestamptz) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, channel text, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, boolean, boolean, text, text, interval, text, text, timestamptz) IS
	'sessions_by_channel with until, the end of observation: rows at or after until are ignored, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, channel text, node text, gap interval) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, text, text, interval) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, channel text, node text, gap interval, unit text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, text, text, interval, text) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, channel text, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, text, text, interval, text, text) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, text, text, interval, text, text, timestamptz) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, channel text, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, text, text, interval, text, text, timestamptz) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, channel text, node text, gap interval) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, boolean, boolean, text, text, interval) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, channel text, node text, gap interval, unit text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text, text) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, channel text, node text, gap interval, unit text, time_zone text) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text, text) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_session_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.sessions_by_channel_transition(internal, anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text, text, timestamptz) IS 'Support function of sessions_by_channel: adds one row.';
CREATE AGGREGATE sessions_by_channel(user_id anyelement, at timestamptz, seq bigint, is_start boolean, is_end boolean, channel text, node text, gap interval, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.sessions_by_channel_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.session_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.session_combine, SERIALFUNC = journey_internal.session_serialize,
	DESERIALFUNC = journey_internal.session_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(anyelement, timestamptz, bigint, boolean, boolean, text, text, interval, text, text, timestamptz) IS
	'sessions_by_channel with seq, which orders events of the same time, NULL last.';
CREATE AGGREGATE sessions_by_channel(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = session_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE sessions_by_channel(VARIADIC "any") IS
	'An error that says which arguments sessions_by_channel takes, if those given fit none of its other forms.';
CREATE FUNCTION session_totals(session_stats, min_users bigint DEFAULT 0, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint) RETURNS record
	AS 'MODULE_PATHNAME', 'journey_session_totals'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION session_totals(session_stats, min_users bigint, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint) IS
	'One row: sessions, users, events, the share of sessions with one event, and mean, median and 90th percentile of the time from a session''s first event to its last, and of its number of events. Percentiles are percentile_disc, within 1 %; all others are exact. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION session_buckets(session_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION session_buckets(session_stats, min_users bigint, OUT bucket timestamptz, OUT bucket_date date, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint, OUT complete boolean) IS
	'The columns of session_totals() for each bucket in which a session begins. bucket: its beginning; bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. users: the users who begin a session in the bucket. complete: the bucket has passed by the newest event, or by the end of observation; NULL if version 0.1.0 made the result. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION session_channels(session_stats, min_users bigint DEFAULT 0, OUT channel text, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_channels'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION session_channels(session_stats, min_users bigint, OUT channel text, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint) IS
	'The columns of session_totals() for each channel of sessions_by_channel(), in byte order, NULL last. A user may have sessions of several channels. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION session_channel_buckets(session_stats, min_users bigint DEFAULT 0, OUT channel text, OUT bucket timestamptz, OUT bucket_date date, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_channel_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION session_channel_buckets(session_stats, min_users bigint, OUT channel text, OUT bucket timestamptz, OUT bucket_date date, OUT sessions bigint, OUT users bigint, OUT events bigint, OUT bounce_rate double precision, OUT avg_duration interval, OUT median_duration interval, OUT p90_duration interval, OUT avg_depth double precision, OUT median_depth bigint, OUT p90_depth bigint, OUT complete boolean) IS
	'The columns of session_buckets() for each bucket and each channel of the sessions that begin in it, ordered by bucket and then as in session_channels(). The result must be made by sessions_by_channel() of this version. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION session_nodes(session_stats, min_users bigint DEFAULT 0, OUT node text, OUT events bigint, OUT users bigint, OUT entries bigint, OUT exits bigint, OUT exit_rate double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_session_nodes'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION session_nodes(session_stats, min_users bigint, OUT node text, OUT events bigint, OUT users bigint, OUT entries bigint, OUT exits bigint, OUT exit_rate double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) IS
	'A row for each node, in byte order: its events, the users who have one, the sessions that begin and that end with the node, the share of its events that end a session, and mean, median and 90th percentile of the time to the next event of the session, NULL if no event ever follows. min_users: what rests on fewer users is NULL.';
CREATE OR REPLACE FUNCTION journey_internal.interval_stats_in(cstring) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_stats_in(cstring) IS 'Support function of the type interval_stats: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.interval_stats_out(interval_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_interval_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_stats_out(interval_stats) IS 'Support function of the type interval_stats: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.interval_stats_recv(internal) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_stats_recv(internal) IS 'Support function of the type interval_stats: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.interval_stats_send(interval_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_interval_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_stats_send(interval_stats) IS 'Support function of the type interval_stats: a value as bytes.';
COMMENT ON TYPE interval_stats IS
	'The times from one event to the next over all users. Made by intervals(), merged by rollup(), read by interval_summary() and interval_histogram(). Text form: JSON.';
CREATE OR REPLACE FUNCTION journey_internal.interval_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_rollup_combine(internal, internal) IS 'Support function of aggregates over the state interval_rollup: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.interval_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_rollup_serialize(internal) IS 'Support function of aggregates over the state interval_rollup: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.interval_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_rollup_deserialize(bytea, internal) IS 'Support function of aggregates over the state interval_rollup: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.interval_rollup_final(internal) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_rollup_final(internal) IS 'Support function of rollup: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.interval_rollup_transition(internal, interval_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.interval_rollup_transition(internal, interval_stats) IS 'Support function of rollup: adds one row.';
CREATE OR REPLACE AGGREGATE rollup(interval_stats) (
	SFUNC = journey_internal.interval_rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = journey_internal.interval_rollup_final,
	COMBINEFUNC = journey_internal.interval_rollup_combine, SERIALFUNC = journey_internal.interval_rollup_serialize,
	DESERIALFUNC = journey_internal.interval_rollup_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(interval_stats) IS
	'Merges results of intervals(). Their users must be disjoint, as in shards or partitions by user; number of conditions, within and mode must be equal. NULLs are skipped.';
CREATE OR REPLACE FUNCTION journey_internal.interval_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_combine(internal, internal) IS 'Support function of aggregates over the state interval: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.interval_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_interval_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_serialize(internal) IS 'Support function of aggregates over the state interval: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.interval_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_deserialize(bytea, internal) IS 'Support function of aggregates over the state interval: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.interval_final(internal) RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_interval_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.interval_final(internal) IS 'Support function of intervals: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, stepset) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, stepset) IS 'Support function of intervals: adds one row.';
CREATE OR REPLACE AGGREGATE intervals(user_id anyelement, at timestamptz, step stepset) (
	SFUNC = journey_internal.interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.interval_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.interval_combine, SERIALFUNC = journey_internal.interval_serialize,
	DESERIALFUNC = journey_internal.interval_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE intervals(anyelement, timestamptz, stepset) IS
	'The times from an event that meets condition 1 to the next event that meets condition 2; with a single condition, from each event that meets it to the next. user_id has any type that can be hashed. Rows whose user_id, at or step is NULL are skipped; no rows give NULL. Read the result with interval_summary() and interval_histogram().';
CREATE OR REPLACE FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, stepset, interval) IS 'Support function of intervals: adds one row.';
CREATE OR REPLACE AGGREGATE intervals(user_id anyelement, at timestamptz, step stepset, within interval) (
	SFUNC = journey_internal.interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.interval_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.interval_combine, SERIALFUNC = journey_internal.interval_serialize,
	DESERIALFUNC = journey_internal.interval_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE intervals(anyelement, timestamptz, stepset, interval) IS
	'intervals that are at most within long, 0 to 53375995 days; a day is 24 hours.';
CREATE OR REPLACE FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, stepset, interval, text) IS 'Support function of intervals: adds one row.';
CREATE OR REPLACE AGGREGATE intervals(user_id anyelement, at timestamptz, step stepset, within interval, mode text) (
	SFUNC = journey_internal.interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.interval_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.interval_combine, SERIALFUNC = journey_internal.interval_serialize,
	DESERIALFUNC = journey_internal.interval_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE intervals(anyelement, timestamptz, stepset, interval, text) IS
	'intervals with a mode: each (default): every start before an end counts; latest: only the latest start counts.';
CREATE OR REPLACE FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, bigint, stepset) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, bigint, stepset) IS 'Support function of intervals: adds one row.';
CREATE OR REPLACE AGGREGATE intervals(user_id anyelement, at timestamptz, seq bigint, step stepset) (
	SFUNC = journey_internal.interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.interval_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.interval_combine, SERIALFUNC = journey_internal.interval_serialize,
	DESERIALFUNC = journey_internal.interval_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE intervals(anyelement, timestamptz, bigint, stepset) IS
	'intervals with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval) IS 'Support function of intervals: adds one row.';
CREATE OR REPLACE AGGREGATE intervals(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval) (
	SFUNC = journey_internal.interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.interval_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.interval_combine, SERIALFUNC = journey_internal.interval_serialize,
	DESERIALFUNC = journey_internal.interval_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE intervals(anyelement, timestamptz, bigint, stepset, interval) IS
	'intervals with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_interval_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.interval_transition(internal, anyelement, timestamptz, bigint, stepset, interval, text) IS 'Support function of intervals: adds one row.';
CREATE OR REPLACE AGGREGATE intervals(user_id anyelement, at timestamptz, seq bigint, step stepset, within interval, mode text) (
	SFUNC = journey_internal.interval_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.interval_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.interval_combine, SERIALFUNC = journey_internal.interval_serialize,
	DESERIALFUNC = journey_internal.interval_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE intervals(anyelement, timestamptz, bigint, stepset, interval, text) IS
	'intervals with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(interval_stats, VARIADIC "any") RETURNS interval_stats
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(interval_stats, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE intervals(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = interval_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE intervals(VARIADIC "any") IS
	'An error that says which arguments intervals takes, if those given fit none of its other forms.';
CREATE FUNCTION interval_summary(interval_stats, min_users bigint DEFAULT 0, OUT count bigint, OUT users bigint, OUT avg_time interval, OUT min_time interval, OUT p25_time interval, OUT median_time interval, OUT p75_time interval, OUT max_time interval) RETURNS record
	AS 'MODULE_PATHNAME', 'journey_interval_summary'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION interval_summary(interval_stats, min_users bigint, OUT count bigint, OUT users bigint, OUT avg_time interval, OUT min_time interval, OUT p25_time interval, OUT median_time interval, OUT p75_time interval, OUT max_time interval) IS
	'One row: the number of intervals and of their users, and mean, minimum, quartiles and maximum of the intervals, NULL if there are none. Quartiles are percentile_disc, within 1 %; all others are exact. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION interval_histogram(interval_stats, bounds interval[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT lower interval, OUT upper interval, OUT count bigint, OUT share double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_interval_histogram'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 200;
COMMENT ON FUNCTION interval_histogram(interval_stats, bounds interval[], min_users bigint, OUT lower interval, OUT upper interval, OUT count bigint, OUT share double precision) IS
	'The histogram of the intervals: lower <= interval < upper, their number, and their share of all. The width of a bucket is at most 1.6 % of its lower bound. Empty buckets are omitted. With bounds: in bins of your own, given by their lower bounds in ascending order. The first bin begins at 0 and the last has no upper bound (NULL). An interval equal to a bound counts in the bin that begins there; an interval up to 1.6 % shorter may count there, too. min_users: what rests on fewer intervals is NULL.';
CREATE OR REPLACE FUNCTION journey_internal.activity_stats_in(cstring) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_activity_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_stats_in(cstring) IS 'Support function of the type activity_stats: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.activity_stats_out(activity_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_activity_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_stats_out(activity_stats) IS 'Support function of the type activity_stats: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.activity_stats_recv(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_activity_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_stats_recv(internal) IS 'Support function of the type activity_stats: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.activity_stats_send(activity_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_activity_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_stats_send(activity_stats) IS 'Support function of the type activity_stats: a value as bytes.';
COMMENT ON TYPE activity_stats IS
	'Activity over all users. Made by lifecycle(), active_ratio(), stickiness() and frequency(), and by the same by a breakdown, such as lifecycle_by(); merged by rollup(); read by lifecycle_buckets(), active_ratio_buckets(), stickiness_buckets() and frequency_bins(), and by lifecycle_by_buckets() and the like. Text form: JSON.';
CREATE OR REPLACE FUNCTION journey_internal.activity_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_rollup_combine(internal, internal) IS 'Support function of aggregates over the state activity_rollup: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.activity_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_rollup_serialize(internal) IS 'Support function of aggregates over the state activity_rollup: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.activity_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_rollup_deserialize(bytea, internal) IS 'Support function of aggregates over the state activity_rollup: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.activity_rollup_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_rollup_final(internal) IS 'Support function of rollup: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.activity_rollup_transition(internal, activity_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.activity_rollup_transition(internal, activity_stats) IS 'Support function of rollup: adds one row.';
CREATE OR REPLACE AGGREGATE rollup(activity_stats) (
	SFUNC = journey_internal.activity_rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = journey_internal.activity_rollup_final,
	COMBINEFUNC = journey_internal.activity_rollup_combine, SERIALFUNC = journey_internal.activity_rollup_serialize,
	DESERIALFUNC = journey_internal.activity_rollup_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(activity_stats) IS
	'Merges results of one kind. Their users must be disjoint, as in shards or partitions by user; units, windows, options, time zone and until must be equal. NULLs are skipped.';
CREATE OR REPLACE FUNCTION journey_internal.activity_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_combine(internal, internal) IS 'Support function of aggregates over the state activity: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.activity_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_activity_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_serialize(internal) IS 'Support function of aggregates over the state activity: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.activity_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_activity_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.activity_deserialize(bytea, internal) IS 'Support function of aggregates over the state activity: bytes as a state.';
CREATE FUNCTION journey_internal.lifecycle_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_lifecycle_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.lifecycle_final(internal) IS 'Support function of lifecycle: a state as the result.';
CREATE FUNCTION journey_internal.lifecycle_transition(internal, anyelement, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_transition(internal, anyelement, timestamptz, text) IS 'Support function of lifecycle: adds one row.';
CREATE AGGREGATE lifecycle(user_id anyelement, at timestamptz, unit text) (
	SFUNC = journey_internal.lifecycle_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle(anyelement, timestamptz, text) IS
	'Lifecycle accounting: for each hour, day, week (Monday to Sunday), week_sunday (Sunday to Saturday), month or quarter, in the time zone of the session, the number of users who are active, new, returning, resurrected and dormant. Each row is an activity. user_id has any type that can be hashed. Rows whose user_id or at is NULL are skipped; no rows give NULL. Read the result with lifecycle_buckets().';
CREATE FUNCTION journey_internal.lifecycle_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of lifecycle: adds one row.';
CREATE AGGREGATE lifecycle(user_id anyelement, at timestamptz, unit text, time_zone text) (
	SFUNC = journey_internal.lifecycle_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle(anyelement, timestamptz, text, text) IS
	'lifecycle in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.lifecycle_transition(internal, anyelement, timestamptz, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_transition(internal, anyelement, timestamptz, text, text, timestamptz) IS 'Support function of lifecycle: adds one row.';
CREATE AGGREGATE lifecycle(user_id anyelement, at timestamptz, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.lifecycle_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle(anyelement, timestamptz, text, text, timestamptz) IS
	'lifecycle with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE OR REPLACE FUNCTION journey_internal.active_ratio_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_active_ratio_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.active_ratio_final(internal) IS 'Support function of active_ratio: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer) IS 'Support function of active_ratio: adds one row.';
CREATE OR REPLACE AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer) (
	SFUNC = journey_internal.active_ratio_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.active_ratio_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio(anyelement, timestamptz, text, integer, integer) IS
	'Rolling activity, such as DAU / MAU: for each bucket of a unit, the number of users active in the last short_window buckets and in the last long_window buckets, both including the bucket itself; 1 <= short_window < long_window <= 100000. Read the result with active_ratio_buckets().';
CREATE OR REPLACE FUNCTION journey_internal.active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text) IS 'Support function of active_ratio: adds one row.';
CREATE OR REPLACE AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer, time_zone text) (
	SFUNC = journey_internal.active_ratio_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.active_ratio_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
CREATE FUNCTION journey_internal.active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.active_ratio_transition(internal, anyelement, timestamptz, text, integer, integer, text, timestamptz) IS 'Support function of active_ratio: adds one row.';
CREATE AGGREGATE active_ratio(user_id anyelement, at timestamptz, unit text, short_window integer, long_window integer, time_zone text, until timestamptz) (
	SFUNC = journey_internal.active_ratio_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.active_ratio_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio(anyelement, timestamptz, text, integer, integer, text, timestamptz) IS
	'active_ratio with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE OR REPLACE FUNCTION journey_internal.stickiness_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_stickiness_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stickiness_final(internal) IS 'Support function of stickiness: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.stickiness_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.stickiness_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of stickiness: adds one row.';
CREATE AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, per text) (
	SFUNC = journey_internal.stickiness_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.stickiness_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness(anyelement, timestamptz, text, text) IS
	'On how many days of a week, or any other unit of a longer one, users are active: for each bucket of per, the number of users active in exactly k of its units. Weeks do not fit into months or quarters. Read the result with stickiness_buckets().';
CREATE OR REPLACE FUNCTION journey_internal.stickiness_transition(internal, anyelement, timestamptz, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.stickiness_transition(internal, anyelement, timestamptz, text, text, text) IS 'Support function of stickiness: adds one row.';
CREATE AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, per text, time_zone text) (
	SFUNC = journey_internal.stickiness_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.stickiness_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness(anyelement, timestamptz, text, text, text) IS
	'stickiness in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.stickiness_transition(internal, anyelement, timestamptz, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.stickiness_transition(internal, anyelement, timestamptz, text, text, text, timestamptz) IS 'Support function of stickiness: adds one row.';
CREATE AGGREGATE stickiness(user_id anyelement, at timestamptz, unit text, per text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.stickiness_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.stickiness_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness(anyelement, timestamptz, text, text, text, timestamptz) IS
	'stickiness with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE OR REPLACE FUNCTION journey_internal.frequency_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_frequency_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.frequency_final(internal) IS 'Support function of frequency: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.frequency_transition(internal, anyelement, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.frequency_transition(internal, anyelement, timestamptz, text) IS 'Support function of frequency: adds one row.';
CREATE OR REPLACE AGGREGATE frequency(user_id anyelement, at timestamptz, unit text) (
	SFUNC = journey_internal.frequency_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.frequency_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency(anyelement, timestamptz, text) IS
	'How often users are active: the number of users with exactly k rows (unit times), or active in exactly k distinct hours, days, weeks, months or quarters. Read the result with frequency_bins().';
CREATE OR REPLACE FUNCTION journey_internal.frequency_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.frequency_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of frequency: adds one row.';
CREATE OR REPLACE AGGREGATE frequency(user_id anyelement, at timestamptz, unit text, time_zone text) (
	SFUNC = journey_internal.frequency_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.frequency_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
CREATE FUNCTION journey_internal.frequency_transition(internal, anyelement, timestamptz, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.frequency_transition(internal, anyelement, timestamptz, text, text, timestamptz) IS 'Support function of frequency: adds one row.';
CREATE AGGREGATE frequency(user_id anyelement, at timestamptz, unit text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.frequency_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.frequency_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency(anyelement, timestamptz, text, text, timestamptz) IS
	'frequency with until, the end of observation: rows at or after until are ignored. NULL: as if it were not given. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.lifecycle_users_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.lifecycle_users_final(internal) IS 'Support function of lifecycle_users: a state as the result.';
CREATE FUNCTION journey_internal.lifecycle_users_transition(internal, bigint, timestamptz, text, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_users_transition(internal, bigint, timestamptz, text, timestamptz, text) IS 'Support function of lifecycle_users: adds one row.';
CREATE AGGREGATE lifecycle_users(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text) (
	SFUNC = journey_internal.lifecycle_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_users_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_users(bigint, timestamptz, text, timestamptz, text) IS
	'The users who are in a state in a bucket: new, returning, resurrected, dormant or active, as lifecycle() counts them. bucket: any time in the bucket. NULL without rows.';
CREATE FUNCTION journey_internal.lifecycle_users_transition(internal, bigint, timestamptz, text, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_users_transition(internal, bigint, timestamptz, text, timestamptz, text, text) IS 'Support function of lifecycle_users: adds one row.';
CREATE AGGREGATE lifecycle_users(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text, time_zone text) (
	SFUNC = journey_internal.lifecycle_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_users_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_users(bigint, timestamptz, text, timestamptz, text, text) IS
	'lifecycle_users in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.lifecycle_users_transition(internal, bigint, timestamptz, text, timestamptz, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_users_transition(internal, bigint, timestamptz, text, timestamptz, text, text, timestamptz) IS 'Support function of lifecycle_users: adds one row.';
CREATE AGGREGATE lifecycle_users(user_id bigint, at timestamptz, unit text, bucket timestamptz, state text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.lifecycle_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_users_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_users(bigint, timestamptz, text, timestamptz, text, text, timestamptz) IS
	'lifecycle_users with until, the end of observation, as in lifecycle.';
CREATE FUNCTION journey_internal.lifecycle_by_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_lifecycle_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.lifecycle_by_final(internal) IS 'Support function of lifecycle_by: a state as the result.';
CREATE FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of lifecycle_by: adds one row.';
CREATE AGGREGATE lifecycle_by(user_id anyelement, at timestamptz, breakdown text, unit text) (
	SFUNC = journey_internal.lifecycle_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_by(anyelement, timestamptz, text, text) IS
	'lifecycle with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with lifecycle_by_buckets().';
CREATE FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text, text) IS 'Support function of lifecycle_by: adds one row.';
CREATE AGGREGATE lifecycle_by(user_id anyelement, at timestamptz, breakdown text, unit text, options text) (
	SFUNC = journey_internal.lifecycle_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_by(anyelement, timestamptz, text, text, text) IS
	'lifecycle_by with options: first_value, the default, last_value or each_value, in which a user is in the group of each value, with the events that have it; and top N: only the N values with the most users are shown, the others as (other).';
CREATE FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text, text, text) IS 'Support function of lifecycle_by: adds one row.';
CREATE AGGREGATE lifecycle_by(user_id anyelement, at timestamptz, breakdown text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.lifecycle_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_by(anyelement, timestamptz, text, text, text, text) IS
	'lifecycle_by in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_by_transition(internal, anyelement, timestamptz, text, text, text, text, timestamptz) IS 'Support function of lifecycle_by: adds one row.';
CREATE AGGREGATE lifecycle_by(user_id anyelement, at timestamptz, breakdown text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.lifecycle_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_by(anyelement, timestamptz, text, text, text, text, timestamptz) IS
	'lifecycle_by with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.active_ratio_by_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_active_ratio_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.active_ratio_by_final(internal) IS 'Support function of active_ratio_by: a state as the result.';
CREATE FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer) IS 'Support function of active_ratio_by: adds one row.';
CREATE AGGREGATE active_ratio_by(user_id anyelement, at timestamptz, breakdown text, unit text, short_window integer, long_window integer) (
	SFUNC = journey_internal.active_ratio_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.active_ratio_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio_by(anyelement, timestamptz, text, text, integer, integer) IS
	'active_ratio with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with active_ratio_by_buckets().';
CREATE FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer, text) IS 'Support function of active_ratio_by: adds one row.';
CREATE AGGREGATE active_ratio_by(user_id anyelement, at timestamptz, breakdown text, unit text, short_window integer, long_window integer, options text) (
	SFUNC = journey_internal.active_ratio_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.active_ratio_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio_by(anyelement, timestamptz, text, text, integer, integer, text) IS
	'active_ratio_by with options: first_value, the default, last_value or each_value, in which a user is in the group of each value, with the events that have it; and top N: only the N values with the most users are shown, the others as (other).';
CREATE FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer, text, text) IS 'Support function of active_ratio_by: adds one row.';
CREATE AGGREGATE active_ratio_by(user_id anyelement, at timestamptz, breakdown text, unit text, short_window integer, long_window integer, options text, time_zone text) (
	SFUNC = journey_internal.active_ratio_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.active_ratio_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio_by(anyelement, timestamptz, text, text, integer, integer, text, text) IS
	'active_ratio_by in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_active_ratio_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.active_ratio_by_transition(internal, anyelement, timestamptz, text, text, integer, integer, text, text, timestamptz) IS 'Support function of active_ratio_by: adds one row.';
CREATE AGGREGATE active_ratio_by(user_id anyelement, at timestamptz, breakdown text, unit text, short_window integer, long_window integer, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.active_ratio_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.active_ratio_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE active_ratio_by(anyelement, timestamptz, text, text, integer, integer, text, text, timestamptz) IS
	'active_ratio_by with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.stickiness_by_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_stickiness_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.stickiness_by_final(internal) IS 'Support function of stickiness_by: a state as the result.';
CREATE FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text) IS 'Support function of stickiness_by: adds one row.';
CREATE AGGREGATE stickiness_by(user_id anyelement, at timestamptz, breakdown text, unit text, per text) (
	SFUNC = journey_internal.stickiness_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.stickiness_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness_by(anyelement, timestamptz, text, text, text) IS
	'stickiness with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with stickiness_by_buckets().';
CREATE FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text, text) IS 'Support function of stickiness_by: adds one row.';
CREATE AGGREGATE stickiness_by(user_id anyelement, at timestamptz, breakdown text, unit text, per text, options text) (
	SFUNC = journey_internal.stickiness_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.stickiness_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness_by(anyelement, timestamptz, text, text, text, text) IS
	'stickiness_by with options: first_value, the default, last_value or each_value, in which a user is in the group of each value, with the events that have it; and top N: only the N values with the most users are shown, the others as (other).';
CREATE FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text, text, text) IS 'Support function of stickiness_by: adds one row.';
CREATE AGGREGATE stickiness_by(user_id anyelement, at timestamptz, breakdown text, unit text, per text, options text, time_zone text) (
	SFUNC = journey_internal.stickiness_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.stickiness_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness_by(anyelement, timestamptz, text, text, text, text, text) IS
	'stickiness_by in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_stickiness_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.stickiness_by_transition(internal, anyelement, timestamptz, text, text, text, text, text, timestamptz) IS 'Support function of stickiness_by: adds one row.';
CREATE AGGREGATE stickiness_by(user_id anyelement, at timestamptz, breakdown text, unit text, per text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.stickiness_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.stickiness_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE stickiness_by(anyelement, timestamptz, text, text, text, text, text, timestamptz) IS
	'stickiness_by with until, the end of observation: rows at or after until are ignored, buckets continue up to it, and buckets that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
CREATE FUNCTION journey_internal.frequency_by_final(internal) RETURNS activity_stats
	AS 'MODULE_PATHNAME', 'journey_frequency_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.frequency_by_final(internal) IS 'Support function of frequency_by: a state as the result.';
CREATE FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text) IS 'Support function of frequency_by: adds one row.';
CREATE AGGREGATE frequency_by(user_id anyelement, at timestamptz, breakdown text, unit text) (
	SFUNC = journey_internal.frequency_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.frequency_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency_by(anyelement, timestamptz, text, text) IS
	'frequency with the users in groups: by the value of breakdown at the first of their events that has one, else NULL. Read the result with frequency_by_bins().';
CREATE FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text, text) IS 'Support function of frequency_by: adds one row.';
CREATE AGGREGATE frequency_by(user_id anyelement, at timestamptz, breakdown text, unit text, options text) (
	SFUNC = journey_internal.frequency_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.frequency_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency_by(anyelement, timestamptz, text, text, text) IS
	'frequency_by with options: first_value, the default, last_value or each_value, in which a user is in the group of each value, with the events that have it; and top N: only the N values with the most users are shown, the others as (other).';
CREATE FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text, text, text) IS 'Support function of frequency_by: adds one row.';
CREATE AGGREGATE frequency_by(user_id anyelement, at timestamptz, breakdown text, unit text, options text, time_zone text) (
	SFUNC = journey_internal.frequency_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.frequency_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency_by(anyelement, timestamptz, text, text, text, text) IS
	'frequency_by in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_frequency_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.frequency_by_transition(internal, anyelement, timestamptz, text, text, text, text, timestamptz) IS 'Support function of frequency_by: adds one row.';
CREATE AGGREGATE frequency_by(user_id anyelement, at timestamptz, breakdown text, unit text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.frequency_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.frequency_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE frequency_by(anyelement, timestamptz, text, text, text, text, timestamptz) IS
	'frequency_by with until, the end of observation: rows at or after until are ignored. NULL: as if it were not given. An empty time_zone means the session''s.';
CREATE TYPE lifecycle_group AS (breakdown text, users userset);
COMMENT ON TYPE lifecycle_group IS 'The users of a group of lifecycle_by() who are in a state in a bucket.';
COMMENT ON COLUMN lifecycle_group.breakdown IS 'The group; NULL: the users without a value.';
COMMENT ON COLUMN lifecycle_group.users IS 'Who is in the state; empty if nobody is.';
CREATE FUNCTION journey_internal.lifecycle_users_by_final(internal) RETURNS lifecycle_group[]
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_by_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.lifecycle_users_by_final(internal) IS 'Support function of lifecycle_users_by: a state as the result.';
CREATE FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text) IS 'Support function of lifecycle_users_by: adds one row.';
CREATE AGGREGATE lifecycle_users_by(user_id bigint, at timestamptz, breakdown text, unit text, bucket timestamptz, state text) (
	SFUNC = journey_internal.lifecycle_users_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_users_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_users_by(bigint, timestamptz, text, text, timestamptz, text) IS
	'The users of each group of lifecycle_by() who are in a state in a bucket: new, returning, resurrected, dormant or active. bucket: any time in the bucket. NULL without rows. SELECT * FROM unnest((SELECT lifecycle_users_by(...) FROM ...)).';
CREATE FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text, text) IS 'Support function of lifecycle_users_by: adds one row.';
CREATE AGGREGATE lifecycle_users_by(user_id bigint, at timestamptz, breakdown text, unit text, bucket timestamptz, state text, options text) (
	SFUNC = journey_internal.lifecycle_users_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_users_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_users_by(bigint, timestamptz, text, text, timestamptz, text, text) IS
	'lifecycle_users_by with options: first_value, the default, last_value or each_value, in which a user is in the group of each value, with the events that have it; and top N: only the N values with the most users are shown, the others as (other).';
CREATE FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text, text, text) IS 'Support function of lifecycle_users_by: adds one row.';
CREATE AGGREGATE lifecycle_users_by(user_id bigint, at timestamptz, breakdown text, unit text, bucket timestamptz, state text, options text, time_zone text) (
	SFUNC = journey_internal.lifecycle_users_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_users_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_users_by(bigint, timestamptz, text, text, timestamptz, text, text, text) IS
	'lifecycle_users_by in a time zone, such as Asia/Shanghai.';
CREATE FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text, text, text, timestamptz) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_lifecycle_users_by_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.lifecycle_users_by_transition(internal, bigint, timestamptz, text, text, timestamptz, text, text, text, timestamptz) IS 'Support function of lifecycle_users_by: adds one row.';
CREATE AGGREGATE lifecycle_users_by(user_id bigint, at timestamptz, breakdown text, unit text, bucket timestamptz, state text, options text, time_zone text, until timestamptz) (
	SFUNC = journey_internal.lifecycle_users_by_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.lifecycle_users_by_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.activity_combine, SERIALFUNC = journey_internal.activity_serialize,
	DESERIALFUNC = journey_internal.activity_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE lifecycle_users_by(bigint, timestamptz, text, text, timestamptz, text, text, text, timestamptz) IS
	'lifecycle_users_by with until, the end of observation, as in lifecycle_by.';
CREATE FUNCTION lifecycle_buckets(activity_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint, OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_lifecycle_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION lifecycle_buckets(activity_stats, min_users bigint, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint, OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean) IS
	'The result of lifecycle(): a row for each bucket from the first event to the newest, or to the end of observation, including empty buckets. bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. active = new (active for the first time) + returning (also active in the bucket before) + resurrected (active again after at least one bucket without activity). dormant: active in the bucket before, but not in this one. complete: the bucket has passed by the newest event, or by the end of observation. At most 1000000 rows. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION active_ratio_buckets(activity_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint, OUT active_ratio double precision, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_active_ratio_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION active_ratio_buckets(activity_stats, min_users bigint, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint, OUT active_ratio double precision, OUT complete boolean) IS
	'The result of active_ratio(): a row for each bucket from the first event to the newest, or to the end of observation. bucket_date: the date of its beginning in the time zone of the analysis, NULL for hours. short_active, long_active: users active in the last short_window and long_window buckets; active_ratio: their ratio, NULL if there are none. complete: the bucket has passed by the newest event, or by the end of observation, and the long window does not begin before the first bucket. At most 1000000 rows. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION stickiness_buckets(activity_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint, OUT users_or_more bigint, OUT share double precision, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_stickiness_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION stickiness_buckets(activity_stats, min_users bigint, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint, OUT users_or_more bigint, OUT share double precision, OUT complete boolean) IS
	'The result of stickiness(): a row for each bucket of the longer unit and each number of active units in it, from 1. bucket_date: the date of its beginning in the time zone of the analysis. users: users active in exactly this number of units; users_or_more: in at least this number; share: users divided by all users active in the bucket, NULL if there are none. complete: the bucket has passed by the newest event, or by the end of observation. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION frequency_bins(activity_stats, bounds bigint[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_frequency_bins'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION frequency_bins(activity_stats, bounds bigint[], min_users bigint, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) IS
	'The result of frequency(): a row for each number of times that occurs, from lower to upper, the number plus 1: its users, and their share of all. With bounds: in bins of your own, given by their lower bounds in ascending order. The first bin begins at 1 and the last has no upper bound (NULL). lower is inclusive, upper exclusive. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION lifecycle_by_buckets(activity_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint, OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_lifecycle_by_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION lifecycle_by_buckets(activity_stats, min_users bigint, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT active bigint, OUT new bigint, OUT "returning" bigint, OUT resurrected bigint, OUT dormant bigint, OUT complete boolean) IS
	'lifecycle_buckets for the groups of lifecycle_by(): a row for each bucket of all users and each group, by bucket and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
CREATE FUNCTION active_ratio_by_buckets(activity_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint, OUT active_ratio double precision, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_active_ratio_by_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION active_ratio_by_buckets(activity_stats, min_users bigint, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT short_active bigint, OUT long_active bigint, OUT active_ratio double precision, OUT complete boolean) IS
	'active_ratio_buckets for the groups of active_ratio_by(): a row for each bucket of all users and each group, by bucket and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
CREATE FUNCTION stickiness_by_buckets(activity_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint, OUT users_or_more bigint, OUT share double precision, OUT complete boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_stickiness_by_buckets'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000;
COMMENT ON FUNCTION stickiness_by_buckets(activity_stats, min_users bigint, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT active_units integer, OUT users bigint, OUT users_or_more bigint, OUT share double precision, OUT complete boolean) IS
	'stickiness_buckets for the groups of stickiness_by(): rows for each bucket of all users and each group, by bucket and then by the bytes of breakdown, NULL last. share: of the group''s users who are active in the bucket. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
CREATE FUNCTION frequency_by_bins(activity_stats, bounds bigint[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT breakdown text, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_frequency_by_bins'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION frequency_by_bins(activity_stats, bounds bigint[], min_users bigint, OUT breakdown text, OUT lower bigint, OUT upper bigint, OUT users bigint, OUT share double precision) IS
	'frequency_bins for the groups of frequency_by(), by the bytes of breakdown, NULL last. share: of the group''s users. With the option top N the values that are not among the N with the most users are shown as (other). With bounds: in bins of your own, as in frequency_bins. min_users: what rests on fewer users is NULL.';
CREATE OR REPLACE FUNCTION journey_internal.flow_stats_in(cstring) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_flow_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_stats_in(cstring) IS 'Support function of the type flow_stats: text as a value.';
CREATE OR REPLACE FUNCTION journey_internal.flow_stats_out(flow_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_flow_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_stats_out(flow_stats) IS 'Support function of the type flow_stats: a value as text.';
CREATE OR REPLACE FUNCTION journey_internal.flow_stats_recv(internal) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_flow_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_stats_recv(internal) IS 'Support function of the type flow_stats: bytes, every one of which is checked, as a value.';
CREATE OR REPLACE FUNCTION journey_internal.flow_stats_send(flow_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_flow_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_stats_send(flow_stats) IS 'Support function of the type flow_stats: a value as bytes.';
COMMENT ON TYPE flow_stats IS
	'The flow of a population from node to node, by position: users and sessions of each node and link, and histograms of the times between nodes. Made by path_flow(), merged by rollup(), read by flow_links() and flow_nodes(). Text form: JSON.';
CREATE OR REPLACE FUNCTION journey_internal.flow_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_rollup_combine(internal, internal) IS 'Support function of aggregates over the state flow_rollup: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.flow_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_rollup_serialize(internal) IS 'Support function of aggregates over the state flow_rollup: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.flow_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_rollup_deserialize(bytea, internal) IS 'Support function of aggregates over the state flow_rollup: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.flow_rollup_final(internal) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.flow_rollup_final(internal) IS 'Support function of rollup: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.rollup_transition(internal, flow_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_flow_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.rollup_transition(internal, flow_stats) IS 'Support function of rollup: adds one row.';
CREATE OR REPLACE AGGREGATE rollup(flow_stats) (
	SFUNC = journey_internal.rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = journey_internal.flow_rollup_final,
	COMBINEFUNC = journey_internal.flow_rollup_combine, SERIALFUNC = journey_internal.flow_rollup_serialize,
	DESERIALFUNC = journey_internal.flow_rollup_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(flow_stats) IS
	'Merges results of path_flow(). Their users must be disjoint, as in shards or partitions by user; their parameters must be equal. NULLs are skipped.';
CREATE TYPE transition_stats;
CREATE FUNCTION journey_internal.transition_stats_in(cstring) RETURNS transition_stats
	AS 'MODULE_PATHNAME', 'journey_transition_stats_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_stats_in(cstring) IS 'Support function of the type transition_stats: text as a value.';
CREATE FUNCTION journey_internal.transition_stats_out(transition_stats) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_transition_stats_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_stats_out(transition_stats) IS 'Support function of the type transition_stats: a value as text.';
CREATE FUNCTION journey_internal.transition_stats_recv(internal) RETURNS transition_stats
	AS 'MODULE_PATHNAME', 'journey_transition_stats_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_stats_recv(internal) IS 'Support function of the type transition_stats: bytes, every one of which is checked, as a value.';
CREATE FUNCTION journey_internal.transition_stats_send(transition_stats) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_transition_stats_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_stats_send(transition_stats) IS 'Support function of the type transition_stats: a value as bytes.';
CREATE TYPE transition_stats (
	INPUT = journey_internal.transition_stats_in, OUTPUT = journey_internal.transition_stats_out,
	RECEIVE = journey_internal.transition_stats_recv, SEND = journey_internal.transition_stats_send,
	STORAGE = extended
);
COMMENT ON TYPE transition_stats IS
	'Which node directly follows which in a population: users and sessions of each node and link, and histograms of the times between nodes. Made by transitions(), merged by rollup(), read by transition_links(), transition_nodes() and transition_loops(). Text form: JSON.';
CREATE FUNCTION journey_internal.transition_rollup_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transition_rollup_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_rollup_combine(internal, internal) IS 'Support function of aggregates over the state transition_rollup: joins two states.';
CREATE FUNCTION journey_internal.transition_rollup_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_transition_rollup_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_rollup_serialize(internal) IS 'Support function of aggregates over the state transition_rollup: a state as bytes.';
CREATE FUNCTION journey_internal.transition_rollup_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transition_rollup_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_rollup_deserialize(bytea, internal) IS 'Support function of aggregates over the state transition_rollup: bytes as a state.';
CREATE FUNCTION journey_internal.transition_rollup_final(internal) RETURNS transition_stats
	AS 'MODULE_PATHNAME', 'journey_transition_rollup_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transition_rollup_final(internal) IS 'Support function of rollup: a state as the result.';
CREATE FUNCTION journey_internal.rollup_transition(internal, transition_stats) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transition_rollup_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.rollup_transition(internal, transition_stats) IS 'Support function of rollup: adds one row.';
CREATE AGGREGATE rollup(transition_stats) (
	SFUNC = journey_internal.rollup_transition, STYPE = internal, SSPACE = 10000,
	FINALFUNC = journey_internal.transition_rollup_final,
	COMBINEFUNC = journey_internal.transition_rollup_combine, SERIALFUNC = journey_internal.transition_rollup_serialize,
	DESERIALFUNC = journey_internal.transition_rollup_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(transition_stats) IS
	'Merges results of transitions(). Their users must be disjoint, as in shards or partitions by user; their parameters must be equal. NULLs are skipped.';
CREATE FUNCTION transition_stats(flow_stats) RETURNS transition_stats
	AS 'MODULE_PATHNAME', 'journey_flow_as_transitions'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION transition_stats(flow_stats) IS
	'A result of transitions() that version 0.1.0 stored as flow_stats; a result of path_flow() is an error.';
CREATE CAST (flow_stats AS transition_stats) WITH FUNCTION transition_stats(flow_stats) AS ASSIGNMENT;
COMMENT ON CAST (flow_stats AS transition_stats) IS
	'A result of transitions() that version 0.1.0 stored as flow_stats.';
CREATE TYPE path_variant AS (path text[], users bigint, sessions bigint, conversion_rate double precision, median_duration interval);
COMMENT ON TYPE path_variant IS 'A path of top_paths(): its nodes, the users and sessions that took it, the share of those sessions that have the conversion node (NULL without one), and the median time from its first node to its last.';
COMMENT ON TYPE path_member IS 'A user of path_members() or top_path_members(): how often they went through the link, and when they first arrived at its target; how often they were at the node, and when first; or how often they took the path, and when they first began it.';
COMMENT ON COLUMN path_member.passes IS 'How often they went through the link, were at the node, or took the path.';
COMMENT ON COLUMN path_member.first_at IS 'When they first arrived at its target, or at the node, or began the path.';
CREATE TYPE path_member_text AS (user_id text, passes bigint, first_at timestamptz);
COMMENT ON TYPE path_member_text IS 'A user of path_members() or top_path_members() whose id is of type text: how often they went through the link, and when they first arrived at its target; how often they were at the node, and when first; or how often they took the path, and when they first began it.';
COMMENT ON COLUMN path_member_text.user_id IS 'Who.';
COMMENT ON COLUMN path_member_text.passes IS 'How often they went through the link, were at the node, or took the path.';
COMMENT ON COLUMN path_member_text.first_at IS 'When they first arrived at its target, or at the node, or began the path.';
CREATE TYPE path_member_uuid AS (user_id uuid, passes bigint, first_at timestamptz);
COMMENT ON TYPE path_member_uuid IS 'A user of path_members() or top_path_members() whose id is of type uuid: how often they went through the link, and when they first arrived at its target; how often they were at the node, and when first; or how often they took the path, and when they first began it.';
COMMENT ON COLUMN path_member_uuid.user_id IS 'Who.';
COMMENT ON COLUMN path_member_uuid.passes IS 'How often they went through the link, were at the node, or took the path.';
COMMENT ON COLUMN path_member_uuid.first_at IS 'When they first arrived at its target, or at the node, or began the path.';
COMMENT ON COLUMN path_variant.path IS 'The nodes, in order.';
COMMENT ON COLUMN path_variant.users IS 'Users who took it.';
COMMENT ON COLUMN path_variant.sessions IS 'Sessions that took it.';
COMMENT ON COLUMN path_variant.conversion_rate IS 'Share of these sessions that have the conversion node, in the path or after it; NULL without one.';
COMMENT ON COLUMN path_variant.median_duration IS 'Median time from the first node to the last, within 1 %.';
CREATE OR REPLACE FUNCTION journey_internal.path_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.path_combine(internal, internal) IS 'Support function of aggregates over the state path: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.path_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_path_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.path_serialize(internal) IS 'Support function of aggregates over the state path: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.path_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.path_deserialize(bytea, internal) IS 'Support function of aggregates over the state path: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_final(internal) RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_path_flow_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.path_flow_final(internal) IS 'Support function of path_flow: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer) IS
	'The flow of all users through the first depth (1 to 50) nodes of each session: how many users and sessions go from one node to the next. A session ends when more than gap (no months; NULL: never) passes without an event. Rows whose user_id, at or node is NULL are skipped; no rows give NULL. Read the result with flow_links() and flow_nodes().';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer, start_node text) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer, text) IS
	'path_flow that begins at the first start_node of each session.';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer, text, text) IS
	'path_flow between a start_node and an end_node: from the first start_node to the first end_node after it, in sessions where this takes at most depth nodes. If start_node is NULL: backwards from the first end_node of each session, with positions -1 (the end), -2 (the node before), and so on.';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, text, interval, integer, text, text, text) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text, options text) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, text, interval, integer, text, text, text) IS
	'path_flow with options, separated by commas: collapse (merge consecutive events of the same node), ignore NODE (drop a node; may be given several times), top N (keep the N most frequent nodes of each position, merge the others into (other)), every (a path for each occurrence of the start_node or end_node, not only for the first of a session).';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer) IS
	'path_flow with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer, text) IS
	'path_flow with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer, text, text) IS
	'path_flow with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_flow_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_flow_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, text, text, text) IS 'Support function of path_flow: adds one row.';
CREATE OR REPLACE AGGREGATE path_flow(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text, options text) (
	SFUNC = journey_internal.path_flow_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_flow_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(anyelement, timestamptz, bigint, text, interval, integer, text, text, text) IS
	'path_flow with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(flow_stats, VARIADIC "any") RETURNS flow_stats
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(flow_stats, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE path_flow(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = flow_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_flow(VARIADIC "any") IS
	'An error that says which arguments path_flow takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.transitions_final(internal) RETURNS transition_stats
	AS 'MODULE_PATHNAME', 'journey_transitions_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.transitions_final(internal) IS 'Support function of transitions: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, text) IS 'Support function of transitions: adds one row.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, node text) (
	SFUNC = journey_internal.transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.transitions_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, text) IS
	'Which node directly follows which in the histories of all users: the directly-follows graph. Rows whose user_id, at or node is NULL are skipped; no rows give NULL. Read the result with transition_links(), transition_nodes() and transition_loops().';
CREATE OR REPLACE FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, text, interval) IS 'Support function of transitions: adds one row.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, node text, gap interval) (
	SFUNC = journey_internal.transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.transitions_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, text, interval) IS
	'transitions within sessions: a session ends when more than gap (no months; NULL: never) passes without an event.';
CREATE OR REPLACE FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, text, interval, text) IS 'Support function of transitions: adds one row.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, node text, gap interval, options text) (
	SFUNC = journey_internal.transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.transitions_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, text, interval, text) IS
	'transitions with options, separated by commas: collapse (merge consecutive events of the same node), ignore NODE (drop a node; may be given several times).';
CREATE OR REPLACE FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, bigint, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, bigint, text) IS 'Support function of transitions: adds one row.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, seq bigint, node text) (
	SFUNC = journey_internal.transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.transitions_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, bigint, text) IS
	'transitions with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, bigint, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, bigint, text, interval) IS 'Support function of transitions: adds one row.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval) (
	SFUNC = journey_internal.transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.transitions_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, bigint, text, interval) IS
	'transitions with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, bigint, text, interval, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_transitions_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.transitions_transition(internal, anyelement, timestamptz, bigint, text, interval, text) IS 'Support function of transitions: adds one row.';
CREATE AGGREGATE transitions(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, options text) (
	SFUNC = journey_internal.transitions_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.transitions_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(anyelement, timestamptz, bigint, text, interval, text) IS
	'transitions with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(transition_stats, VARIADIC "any") RETURNS transition_stats
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(transition_stats, VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE transitions(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = transition_stats, PARALLEL = SAFE
);
COMMENT ON AGGREGATE transitions(VARIADIC "any") IS
	'An error that says which arguments transitions takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.top_paths_final(internal) RETURNS path_variant[]
	AS 'MODULE_PATHNAME', 'journey_top_paths_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.top_paths_final(internal) IS 'Support function of top_paths: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer) IS 'Support function of top_paths: adds one row.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, node text, gap interval, depth integer, n integer) (
	SFUNC = journey_internal.top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_paths_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer) IS
	'The n most frequent paths through the first depth (1 to 50) nodes of each session, the most frequent first. Among equally frequent paths, the one with more users comes first, then the first in byte order of its nodes. Sessions are those of path_flow. SELECT * FROM unnest((SELECT top_paths(...) FROM ...)).';
CREATE OR REPLACE FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text) IS 'Support function of top_paths: adds one row.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, node text, gap interval, depth integer, n integer, conversion_node text) (
	SFUNC = journey_internal.top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_paths_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer, text) IS
	'top_paths with the share of the sessions of each path that have the node conversion_node, in the path or after it.';
CREATE OR REPLACE FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, text, interval, integer, integer, text, text) IS 'Support function of top_paths: adds one row.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, node text, gap interval, depth integer, n integer, conversion_node text, options text) (
	SFUNC = journey_internal.top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_paths_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, text, interval, integer, integer, text, text) IS
	'top_paths with the options collapse and ignore NODE, as path_flow has.';
CREATE OR REPLACE FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer) IS 'Support function of top_paths: adds one row.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, n integer) (
	SFUNC = journey_internal.top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_paths_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer) IS
	'top_paths with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text) IS 'Support function of top_paths: adds one row.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, n integer, conversion_node text) (
	SFUNC = journey_internal.top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_paths_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer, text) IS
	'top_paths with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_paths_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_paths_transition(internal, anyelement, timestamptz, bigint, text, interval, integer, integer, text, text) IS 'Support function of top_paths: adds one row.';
CREATE AGGREGATE top_paths(user_id anyelement, at timestamptz, seq bigint, node text, gap interval, depth integer, n integer, conversion_node text, options text) (
	SFUNC = journey_internal.top_paths_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_paths_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(anyelement, timestamptz, bigint, text, interval, integer, integer, text, text) IS
	'top_paths with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(path_variant[], VARIADIC "any") RETURNS path_variant[]
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(path_variant[], VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE top_paths(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = path_variant[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_paths(VARIADIC "any") IS
	'An error that says which arguments top_paths takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION journey_internal.path_members_final(internal) RETURNS path_member[]
	AS 'MODULE_PATHNAME', 'journey_path_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.path_members_final(internal) IS 'Support function of path_members: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, text, interval, text, text) IS 'Support function of path_members: adds one row.';
CREATE OR REPLACE AGGREGATE path_members(user_id bigint, at timestamptz, node text, gap interval, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, text, interval, text, text) IS
	'The users who went directly from source to target in a session, ordered by user_id, as transitions() counts them; with a NULL target those who were at source. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
CREATE OR REPLACE FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, bigint, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, bigint, text, interval, text, text) IS 'Support function of path_members: adds one row.';
CREATE OR REPLACE AGGREGATE path_members(user_id bigint, at timestamptz, seq bigint, node text, gap interval, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, bigint, text, interval, text, text) IS
	'path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(path_member[], VARIADIC "any") RETURNS path_member[]
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(path_member[], VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE path_members(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = path_member[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(VARIADIC "any") IS
	'An error that says which arguments path_members takes, if those given fit none of its other forms.';
CREATE OR REPLACE FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id bigint, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS
	'The users of the link with this position, source and target in path_flow(..., gap, depth, start_node, end_node, options), ordered by user_id. With option top, (other) means the merged nodes of its position.';
CREATE OR REPLACE FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id bigint, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(bigint, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS
	'path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.path_members_text_final(internal) RETURNS path_member_text[]
	AS 'MODULE_PATHNAME', 'journey_path_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.path_members_text_final(internal) IS 'Support function of path_members: a state as the result.';
CREATE FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, text, interval, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id text, at timestamptz, node text, gap interval, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(text, timestamptz, text, interval, text, text) IS
	'The users who went directly from source to target in a session, ordered by user_id, as transitions() counts them; with a NULL target those who were at source. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, bigint, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, bigint, text, interval, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id text, at timestamptz, seq bigint, node text, gap interval, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(text, timestamptz, bigint, text, interval, text, text) IS
	'path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id text, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(text, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS
	'The users of the link with this position, source and target in path_flow(..., gap, depth, start_node, end_node, options), ordered by user_id. With option top, (other) means the merged nodes of its position.';
CREATE FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, text, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id text, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(text, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS
	'path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.path_members_uuid_final(internal) RETURNS path_member_uuid[]
	AS 'MODULE_PATHNAME', 'journey_path_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.path_members_uuid_final(internal) IS 'Support function of path_members: a state as the result.';
CREATE FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, text, interval, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id uuid, at timestamptz, node text, gap interval, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(uuid, timestamptz, text, interval, text, text) IS
	'The users who went directly from source to target in a session, ordered by user_id, as transitions() counts them; with a NULL target those who were at source. SELECT * FROM unnest((SELECT path_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, bigint, text, interval, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, bigint, text, interval, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id uuid, at timestamptz, seq bigint, node text, gap interval, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(uuid, timestamptz, bigint, text, interval, text, text) IS
	'path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id uuid, at timestamptz, node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(uuid, timestamptz, text, interval, integer, text, text, text, integer, text, text) IS
	'The users of the link with this position, source and target in path_flow(..., gap, depth, start_node, end_node, options), ordered by user_id. With option top, (other) means the merged nodes of its position.';
CREATE FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.path_members_transition(internal, uuid, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS 'Support function of path_members: adds one row.';
CREATE AGGREGATE path_members(user_id uuid, at timestamptz, seq bigint, node text, gap interval, depth integer, start_node text, end_node text, options text, "position" integer, source text, target text) (
	SFUNC = journey_internal.path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE path_members(uuid, timestamptz, bigint, text, interval, integer, text, text, text, integer, text, text) IS
	'path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.top_path_members_final(internal) RETURNS path_member[]
	AS 'MODULE_PATHNAME', 'journey_top_path_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.top_path_members_final(internal) IS 'Support function of top_path_members: a state as the result.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, text, interval, integer, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, text, interval, integer, text[]) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id bigint, at timestamptz, node text, gap interval, depth integer, path text[]) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(bigint, timestamptz, text, interval, integer, text[]) IS
	'The users who took this path, as top_paths(..., gap, depth, n) counts them, ordered by user_id: passes are their sessions that took it, first_at is when they first began it. Ids are of type bigint, text or uuid. SELECT * FROM unnest((SELECT top_path_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, text, interval, integer, text[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, text, interval, integer, text[], text) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id bigint, at timestamptz, node text, gap interval, depth integer, path text[], options text) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(bigint, timestamptz, text, interval, integer, text[], text) IS
	'top_path_members with the options collapse and ignore NODE, as top_paths has.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text[]) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id bigint, at timestamptz, seq bigint, node text, gap interval, depth integer, path text[]) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(bigint, timestamptz, bigint, text, interval, integer, text[]) IS
	'top_path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, bigint, timestamptz, bigint, text, interval, integer, text[], text) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id bigint, at timestamptz, seq bigint, node text, gap interval, depth integer, path text[], options text) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(bigint, timestamptz, bigint, text, interval, integer, text[], text) IS
	'top_path_members with seq, which orders events of the same time, NULL last.';
CREATE AGGREGATE top_path_members(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = path_member[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(VARIADIC "any") IS
	'An error that says which arguments top_path_members takes, if those given fit none of its other forms.';
CREATE FUNCTION journey_internal.top_path_members_text_final(internal) RETURNS path_member_text[]
	AS 'MODULE_PATHNAME', 'journey_top_path_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.top_path_members_text_final(internal) IS 'Support function of top_path_members: a state as the result.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, text, interval, integer, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, text, interval, integer, text[]) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id text, at timestamptz, node text, gap interval, depth integer, path text[]) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(text, timestamptz, text, interval, integer, text[]) IS
	'The users who took this path, as top_paths(..., gap, depth, n) counts them, ordered by user_id: passes are their sessions that took it, first_at is when they first began it. Ids are of type bigint, text or uuid. SELECT * FROM unnest((SELECT top_path_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, text, interval, integer, text[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, text, interval, integer, text[], text) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id text, at timestamptz, node text, gap interval, depth integer, path text[], options text) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(text, timestamptz, text, interval, integer, text[], text) IS
	'top_path_members with the options collapse and ignore NODE, as top_paths has.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, bigint, text, interval, integer, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, bigint, text, interval, integer, text[]) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id text, at timestamptz, seq bigint, node text, gap interval, depth integer, path text[]) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(text, timestamptz, bigint, text, interval, integer, text[]) IS
	'top_path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, bigint, text, interval, integer, text[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, text, timestamptz, bigint, text, interval, integer, text[], text) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id text, at timestamptz, seq bigint, node text, gap interval, depth integer, path text[], options text) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_text_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(text, timestamptz, bigint, text, interval, integer, text[], text) IS
	'top_path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.top_path_members_uuid_final(internal) RETURNS path_member_uuid[]
	AS 'MODULE_PATHNAME', 'journey_top_path_members_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.top_path_members_uuid_final(internal) IS 'Support function of top_path_members: a state as the result.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, text, interval, integer, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, text, interval, integer, text[]) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id uuid, at timestamptz, node text, gap interval, depth integer, path text[]) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(uuid, timestamptz, text, interval, integer, text[]) IS
	'The users who took this path, as top_paths(..., gap, depth, n) counts them, ordered by user_id: passes are their sessions that took it, first_at is when they first began it. Ids are of type bigint, text or uuid. SELECT * FROM unnest((SELECT top_path_members(...) FROM ...)).';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, text, interval, integer, text[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, text, interval, integer, text[], text) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id uuid, at timestamptz, node text, gap interval, depth integer, path text[], options text) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(uuid, timestamptz, text, interval, integer, text[], text) IS
	'top_path_members with the options collapse and ignore NODE, as top_paths has.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, bigint, text, interval, integer, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, bigint, text, interval, integer, text[]) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id uuid, at timestamptz, seq bigint, node text, gap interval, depth integer, path text[]) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(uuid, timestamptz, bigint, text, interval, integer, text[]) IS
	'top_path_members with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, bigint, text, interval, integer, text[], text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_top_path_members_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.top_path_members_transition(internal, uuid, timestamptz, bigint, text, interval, integer, text[], text) IS 'Support function of top_path_members: adds one row.';
CREATE AGGREGATE top_path_members(user_id uuid, at timestamptz, seq bigint, node text, gap interval, depth integer, path text[], options text) (
	SFUNC = journey_internal.top_path_members_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.top_path_members_uuid_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.path_combine, SERIALFUNC = journey_internal.path_serialize,
	DESERIALFUNC = journey_internal.path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_path_members(uuid, timestamptz, bigint, text, interval, integer, text[], text) IS
	'top_path_members with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.user_path_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.user_path_combine(internal, internal) IS 'Support function of aggregates over the state user_path: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.user_path_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_user_path_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.user_path_serialize(internal) IS 'Support function of aggregates over the state user_path: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.user_path_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.user_path_deserialize(bytea, internal) IS 'Support function of aggregates over the state user_path: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.user_path_final(internal) RETURNS text[]
	AS 'MODULE_PATHNAME', 'journey_user_path_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.user_path_final(internal) IS 'Support function of user_path: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.user_path_transition(internal, timestamptz, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.user_path_transition(internal, timestamptz, text) IS 'Support function of user_path: adds one row.';
CREATE OR REPLACE AGGREGATE user_path(at timestamptz, node text) (
	SFUNC = journey_internal.user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = journey_internal.user_path_final,
	COMBINEFUNC = journey_internal.user_path_combine, SERIALFUNC = journey_internal.user_path_serialize,
	DESERIALFUNC = journey_internal.user_path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(timestamptz, text) IS
	'The nodes of the rows of one user in order of time; those of the same time in byte order. Rows whose at or node is NULL are skipped; no rows give NULL.';
CREATE OR REPLACE FUNCTION journey_internal.user_path_transition(internal, timestamptz, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.user_path_transition(internal, timestamptz, text, interval) IS 'Support function of user_path: adds one row.';
CREATE OR REPLACE AGGREGATE user_path(at timestamptz, node text, gap interval) (
	SFUNC = journey_internal.user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = journey_internal.user_path_final,
	COMBINEFUNC = journey_internal.user_path_combine, SERIALFUNC = journey_internal.user_path_serialize,
	DESERIALFUNC = journey_internal.user_path_deserialize, PARALLEL = SAFE
);
CREATE OR REPLACE FUNCTION journey_internal.user_path_transition(internal, timestamptz, bigint, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.user_path_transition(internal, timestamptz, bigint, text) IS 'Support function of user_path: adds one row.';
CREATE OR REPLACE AGGREGATE user_path(at timestamptz, seq bigint, node text) (
	SFUNC = journey_internal.user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = journey_internal.user_path_final,
	COMBINEFUNC = journey_internal.user_path_combine, SERIALFUNC = journey_internal.user_path_serialize,
	DESERIALFUNC = journey_internal.user_path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(timestamptz, bigint, text) IS
	'user_path with seq, which orders events of the same time, NULL last.';
CREATE OR REPLACE FUNCTION journey_internal.user_path_transition(internal, timestamptz, bigint, text, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_user_path_seq_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.user_path_transition(internal, timestamptz, bigint, text, interval) IS 'Support function of user_path: adds one row.';
CREATE OR REPLACE AGGREGATE user_path(at timestamptz, seq bigint, node text, gap interval) (
	SFUNC = journey_internal.user_path_transition, STYPE = internal, SSPACE = 256,
	FINALFUNC = journey_internal.user_path_final,
	COMBINEFUNC = journey_internal.user_path_combine, SERIALFUNC = journey_internal.user_path_serialize,
	DESERIALFUNC = journey_internal.user_path_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(timestamptz, bigint, text, interval) IS
	'user_path with sessions, and with seq, which orders events of the same time, NULL last.';
CREATE FUNCTION journey_internal.unfit_transition(text[], VARIADIC "any") RETURNS text[]
	AS 'MODULE_PATHNAME', 'journey_unfit_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.unfit_support;
COMMENT ON FUNCTION journey_internal.unfit_transition(text[], VARIADIC "any") IS 'Support function of aggregates: refuses arguments that fit none of their forms.';
CREATE AGGREGATE user_path(VARIADIC "any") (
	SFUNC = journey_internal.unfit_transition, STYPE = text[], PARALLEL = SAFE
);
COMMENT ON AGGREGATE user_path(VARIADIC "any") IS
	'An error that says which arguments user_path takes, if those given fit none of its other forms.';
CREATE FUNCTION path_variants(path_variant[], min_users bigint DEFAULT 0) RETURNS SETOF path_variant
	AS 'MODULE_PATHNAME', 'journey_path_variants'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION path_variants(path_variant[], min_users bigint) IS
	'A row for each path of top_paths(), in its order. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION flow_links(flow_stats, min_users bigint DEFAULT 0, OUT "position" integer, OUT source text, OUT target text, OUT users bigint, OUT sessions bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_flow_links'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION flow_links(flow_stats, min_users bigint, OUT "position" integer, OUT source text, OUT target text, OUT users bigint, OUT sessions bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) IS
	'A row for each link of path_flow(): the position of its source (1 is the first node of a path; with only an end_node, -1 is the last node and -2 the one before), the users and sessions that took the link at this position, and mean, median and 90th percentile of the time from source to target. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION flow_nodes(flow_stats, min_users bigint DEFAULT 0, OUT "position" integer, OUT node text, OUT users bigint, OUT sessions bigint, OUT entries bigint, OUT exits bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_flow_nodes'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 50;
COMMENT ON FUNCTION flow_nodes(flow_stats, min_users bigint, OUT "position" integer, OUT node text, OUT users bigint, OUT sessions bigint, OUT entries bigint, OUT exits bigint) IS
	'A row for each position and node of path_flow(): the users and sessions with this node at this position, the paths that begin there (entries), and the paths that end there (exits), without those that depth cut off. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION transition_links(transition_stats, min_users bigint DEFAULT 0, OUT source text, OUT target text, OUT count bigint, OUT users bigint, OUT sessions bigint, OUT share double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_links'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION transition_links(transition_stats, min_users bigint, OUT source text, OUT target text, OUT count bigint, OUT users bigint, OUT sessions bigint, OUT share double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) IS
	'A row for each pair of nodes of transitions(): how often target directly followed source (count), for how many users, in how many sessions, the share of all transitions from source, and mean, median and 90th percentile of the time between them. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION transition_nodes(transition_stats, min_users bigint DEFAULT 0, OUT node text, OUT count bigint, OUT users bigint, OUT sessions bigint, OUT entries bigint, OUT exits bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_nodes'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION transition_nodes(transition_stats, min_users bigint, OUT node text, OUT count bigint, OUT users bigint, OUT sessions bigint, OUT entries bigint, OUT exits bigint) IS
	'A row for each node of transitions(): how often it occurred, for how many users, in how many sessions, and how many sessions began and ended with it. min_users: what rests on fewer users is NULL.';
CREATE FUNCTION transition_loops(transition_stats, min_users bigint DEFAULT 0, OUT node text, OUT repeats bigint, OUT returns bigint, OUT users bigint, OUT sessions bigint, OUT avg_steps double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_transition_loops'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION transition_loops(transition_stats, min_users bigint, OUT node text, OUT repeats bigint, OUT returns bigint, OUT users bigint, OUT sessions bigint, OUT avg_steps double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) IS
	'A row for each node of transitions() that came again in a session: how often directly (repeats) and how often through other nodes (returns). For the returns: users, sessions, the mean number of transitions from one occurrence to the next, and mean, median and 90th percentile of the time between. min_users: what rests on fewer users is NULL.';
CREATE OR REPLACE FUNCTION journey_internal.run_as(owner oid, query text, as_of timestamptz) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_run_as'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.run_as(owner oid, query text, as_of timestamptz) IS
	'The rows of a SELECT, run as role owner in a read-only, security-restricted operation with search_path pg_catalog; as_of() returns as_of (NULL: now). The SELECT may call functions of superusers, of owner, and SECURITY DEFINER functions. The caller must have the rights of owner; during the call the caller''s own rights are dropped. All names in query must be qualified. The column types must be exactly those of the column definition list.';
CREATE FUNCTION journey_internal.run_as(owner oid, query text, as_of timestamptz, time_zone text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_run_as_in_zone'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.run_as(owner oid, query text, as_of timestamptz, time_zone text) IS
	'run_as in this time zone instead of the session''s.';
CREATE FUNCTION journey_internal.run_as_within(owner oid, query text, as_of timestamptz, milliseconds int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_run_as_within'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.run_as_within(owner oid, query text, as_of timestamptz, milliseconds int) IS
	'run_as with a time limit in milliseconds. Beyond the limit it raises an error; the calling statement is not cancelled.';
CREATE FUNCTION journey_internal.analyze_query(query text, what text, OUT query text, OUT columns text[], OUT types oid[]) RETURNS record
	AS 'MODULE_PATHNAME', 'journey_analyze_query'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.analyze_query(query text, what text, OUT query text, OUT columns text[], OUT types oid[]) IS
	'Parses one SELECT under the caller''s search_path, without executing it, and returns it with every name qualified, with the names and types of its columns. what: how errors call the query.';
CREATE FUNCTION journey_internal.check_reads(query text, role oid, what text) RETURNS void
	AS 'MODULE_PATHNAME', 'journey_check_reads'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.check_reads(query text, role oid, what text) IS
	'Raises an error unless the role itself may read everything that the query reads. what: how errors call the query.';
COMMENT ON FUNCTION as_of() IS
	'In the definition of a segment or tag: the time for which it is computed. Elsewhere: now().';
CREATE TYPE role_ref;
CREATE FUNCTION journey_internal.role_ref_in(cstring) RETURNS role_ref
	AS 'MODULE_PATHNAME', 'journey_role_ref_in' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.role_ref_out(role_ref) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_role_ref_out' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.role_ref_recv(internal) RETURNS role_ref
	AS 'MODULE_PATHNAME', 'journey_role_ref_recv' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.role_ref_send(role_ref) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_role_ref_send' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE TYPE role_ref (
	INPUT = journey_internal.role_ref_in, OUTPUT = journey_internal.role_ref_out, RECEIVE = journey_internal.role_ref_recv, SEND = journey_internal.role_ref_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = plain
);
COMMENT ON TYPE role_ref IS 'A reference to a role. The text form is its current name; "public" is everybody, "?name" a role that does not exist (any more), "!name" a role that has not yet accepted what was restored for it.';
COMMENT ON FUNCTION journey_internal.role_ref_in(cstring) IS 'Input of type role_ref.';
COMMENT ON FUNCTION journey_internal.role_ref_out(role_ref) IS 'Output of type role_ref.';
COMMENT ON FUNCTION journey_internal.role_ref_recv(internal) IS 'Binary input of type role_ref.';
COMMENT ON FUNCTION journey_internal.role_ref_send(role_ref) IS 'Binary output of type role_ref.';
CREATE FUNCTION journey_internal.role_ref(regrole) RETURNS role_ref
	AS 'MODULE_PATHNAME', 'journey_role_ref_from_oid' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.regrole(role_ref) RETURNS regrole
	AS 'MODULE_PATHNAME', 'journey_role_ref_to_oid' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.oid(role_ref) RETURNS oid
	AS 'MODULE_PATHNAME', 'journey_role_ref_to_oid' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE CAST (regrole AS role_ref) WITH FUNCTION journey_internal.role_ref(regrole) AS ASSIGNMENT;
CREATE CAST (role_ref AS regrole) WITH FUNCTION journey_internal.regrole(role_ref) AS ASSIGNMENT;
CREATE CAST (role_ref AS oid) WITH FUNCTION journey_internal.oid(role_ref);
CREATE CAST (role_ref AS text) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (regrole AS role_ref) IS 'the reference to a role that the catalogue stores';
COMMENT ON CAST (role_ref AS regrole) IS 'the role';
COMMENT ON CAST (role_ref AS oid) IS 'the number of the role';
COMMENT ON CAST (role_ref AS text) IS 'The name with its mark (? or !).';
COMMENT ON FUNCTION journey_internal.role_ref(regrole) IS 'A role as role_ref.';
COMMENT ON FUNCTION journey_internal.regrole(role_ref) IS 'The role; 0, written "-", for everybody, for a missing role, and for a role that has not yet accepted.';
COMMENT ON FUNCTION journey_internal.oid(role_ref) IS 'The number of the role; 0 for everybody, for a missing role, and for a role that has not yet accepted.';
CREATE FUNCTION journey_internal.role_ref_eq(role_ref, role_ref) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_role_ref_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.role_ref_ne(role_ref, role_ref) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_role_ref_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.role_ref_hash(role_ref) RETURNS int
	AS 'MODULE_PATHNAME', 'journey_role_ref_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OPERATOR = (LEFTARG = role_ref, RIGHTARG = role_ref, FUNCTION = journey_internal.role_ref_eq, COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES);
CREATE OPERATOR <> (LEFTARG = role_ref, RIGHTARG = role_ref, FUNCTION = journey_internal.role_ref_ne, COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR CLASS role_ref_hash_ops DEFAULT FOR TYPE role_ref USING hash AS OPERATOR 1 =, FUNCTION 1 journey_internal.role_ref_hash(role_ref);
COMMENT ON OPERATOR FAMILY role_ref_hash_ops USING hash IS 'equality of roles';
COMMENT ON OPERATOR CLASS role_ref_hash_ops USING hash IS 'equality of roles';
COMMENT ON FUNCTION journey_internal.role_ref_eq(role_ref, role_ref) IS 'Function of the operator =: the same role, or missing roles of the same name.';
COMMENT ON FUNCTION journey_internal.role_ref_ne(role_ref, role_ref) IS 'Function of the operator <>: different roles, or missing roles of different names.';
COMMENT ON FUNCTION journey_internal.role_ref_hash(role_ref) IS 'Hash of a role reference, for hash operators.';
COMMENT ON OPERATOR = (role_ref, role_ref) IS 'the same role, or missing roles of the same name';
COMMENT ON OPERATOR <> (role_ref, role_ref) IS 'different roles, or missing roles of different names';
CREATE FUNCTION journey_internal.caller() RETURNS role_ref
	AS 'MODULE_PATHNAME', 'journey_caller' LANGUAGE C STABLE PARALLEL SAFE;
CREATE FUNCTION journey_internal.pending(role_ref) RETURNS role_ref
	AS 'MODULE_PATHNAME', 'journey_role_ref_pending' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.role_name(role_ref) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_role_ref_name' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.caller() IS 'The current role.';
COMMENT ON FUNCTION journey_internal.pending(role_ref) IS 'The reference to the same role, marked as not yet accepted.';
COMMENT ON FUNCTION journey_internal.role_name(role_ref) IS 'The name without a mark.';
CREATE TYPE table_ref;
CREATE FUNCTION journey_internal.table_ref_in(cstring) RETURNS table_ref
	AS 'MODULE_PATHNAME', 'journey_table_ref_in' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.table_ref_out(table_ref) RETURNS cstring
	AS 'MODULE_PATHNAME', 'journey_table_ref_out' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.table_ref_recv(internal) RETURNS table_ref
	AS 'MODULE_PATHNAME', 'journey_table_ref_recv' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.table_ref_send(table_ref) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_table_ref_send' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE TYPE table_ref (
	INPUT = journey_internal.table_ref_in, OUTPUT = journey_internal.table_ref_out, RECEIVE = journey_internal.table_ref_recv, SEND = journey_internal.table_ref_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = plain
);
COMMENT ON TYPE table_ref IS 'A reference to a table or view. The text form is its current name with its schema; "?name" if it does not exist (any more).';
COMMENT ON FUNCTION journey_internal.table_ref_in(cstring) IS 'Input of type table_ref.';
COMMENT ON FUNCTION journey_internal.table_ref_out(table_ref) IS 'Output of type table_ref.';
COMMENT ON FUNCTION journey_internal.table_ref_recv(internal) IS 'Binary input of type table_ref.';
COMMENT ON FUNCTION journey_internal.table_ref_send(table_ref) IS 'Binary output of type table_ref.';
CREATE FUNCTION journey_internal.table_ref(regclass) RETURNS table_ref
	AS 'MODULE_PATHNAME', 'journey_table_ref_from_oid' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.regclass(table_ref) RETURNS regclass
	AS 'MODULE_PATHNAME', 'journey_table_ref_to_oid' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.oid(table_ref) RETURNS oid
	AS 'MODULE_PATHNAME', 'journey_table_ref_to_oid' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE CAST (regclass AS table_ref) WITH FUNCTION journey_internal.table_ref(regclass) AS ASSIGNMENT;
CREATE CAST (table_ref AS regclass) WITH FUNCTION journey_internal.regclass(table_ref) AS ASSIGNMENT;
CREATE CAST (table_ref AS oid) WITH FUNCTION journey_internal.oid(table_ref);
CREATE CAST (table_ref AS text) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (regclass AS table_ref) IS 'the reference to a table that the catalogue stores';
COMMENT ON CAST (table_ref AS regclass) IS 'the table';
COMMENT ON CAST (table_ref AS oid) IS 'the number of the table';
COMMENT ON CAST (table_ref AS text) IS 'The name with its schema, and with its mark (?).';
COMMENT ON FUNCTION journey_internal.table_ref(regclass) IS 'A table as table_ref.';
COMMENT ON FUNCTION journey_internal.regclass(table_ref) IS 'The table; 0, written "-", if it does not exist.';
COMMENT ON FUNCTION journey_internal.oid(table_ref) IS 'The number of the table; 0 if it does not exist.';
CREATE FUNCTION journey_internal.may_read(owner role_ref, readers role_ref[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_may_read' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
CREATE FUNCTION journey_internal.may_use(role oid, owner role_ref, readers role_ref[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_may_use' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION journey_internal.owns(owner role_ref) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_owns' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
CREATE FUNCTION journey_internal.may_accept(owner role_ref) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_may_accept' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
CREATE FUNCTION journey_internal.may_restore(owner role_ref) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_may_restore' LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
CREATE FUNCTION journey_internal.is_role(role_ref) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_is_role' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.may_read(role_ref, role_ref[]) IS
	'Whether the current role may see what belongs to owner and is granted to readers. True also for the owner of the database, and for a role that may accept it.';
COMMENT ON FUNCTION journey_internal.may_use(oid, role_ref, role_ref[]) IS 'Whether a role has the rights of owner or of one of readers. False if there is no owner.';
COMMENT ON FUNCTION journey_internal.owns(role_ref) IS 'Whether the current role has the rights of this owner. If the owner does not exist or has not yet accepted, true only for a superuser.';
COMMENT ON FUNCTION journey_internal.may_accept(role_ref) IS 'Whether the current role is the owner, or may become it: the role for which it was restored, or, if there is no owner, the owner of the database.';
COMMENT ON FUNCTION journey_internal.may_restore(role_ref) IS 'Whether the current role may insert a row with this owner into the catalogue: its own row, or, as owner of the database, a row without effect until it is accepted.';
COMMENT ON FUNCTION journey_internal.is_role(role_ref) IS 'Whether this is an existing role that has accepted what was restored for it.';
CREATE FUNCTION journey_internal.role_of(role text) RETURNS role_ref
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF role IS NULL THEN
		RAISE EXCEPTION 'role must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF role = 'public' THEN
		RETURN 'public'::journey.role_ref;
	ELSIF to_regrole(quote_ident(role)) IS NULL THEN
		RAISE EXCEPTION 'role "%" does not exist', role USING ERRCODE = 'undefined_object',
			HINT = CASE WHEN lower(role) = 'public' THEN 'Everybody is "public".' ELSE 'Write the name as it is, without quotes.' END;
	END IF;
	RETURN journey_internal.role_ref(to_regrole(quote_ident(role)));
END $$;
COMMENT ON FUNCTION journey_internal.role_of(text) IS 'The role of exactly this name; "public" is everybody. Raises an error if the role does not exist.';
CREATE FUNCTION journey_internal.readers_without(readers role_ref[], role text) RETURNS role_ref[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT r.reader FROM unnest(readers) WITH ORDINALITY AS r(reader, place)
		WHERE NOT (r.reader::text = role OR journey_internal.role_name(r.reader) = role) ORDER BY r.place) $$;
COMMENT ON FUNCTION journey_internal.readers_without(role_ref[], text) IS 'Support function of revoke_source, revoke_segment and revoke_tag: the readers without the one of this name, or of this text form.';
CREATE FUNCTION journey_internal.check_new_owner(name text, new_owner role_ref) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT journey_internal.is_role(new_owner) OR NOT journey_internal.owns(new_owner) THEN
		RAISE EXCEPTION '"%" cannot be given to %, whose rights you do not have', name, new_owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Name a role of which you are a member.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.check_new_owner(text, role_ref) IS 'Raises an error unless the current role can give this object to this role.';
CREATE FUNCTION journey_internal.restored() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT journey_internal.owns(NEW.owner) AND journey_internal.may_restore(journey_internal.pending(NEW.owner)) THEN
		NEW.owner := journey_internal.pending(NEW.owner);
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION journey_internal.restored() IS 'Support function of the catalogue: marks a restored row as not yet accepted if the current role lacks the rights of its owner.';
CREATE SEQUENCE ids AS bigint;
GRANT USAGE ON SEQUENCE ids TO PUBLIC;
GRANT SELECT, UPDATE ON SEQUENCE ids TO pg_database_owner;
SELECT pg_catalog.pg_extension_config_dump('ids', '');
COMMENT ON SEQUENCE ids IS 'Numbers of sources, segments and tags.';
CREATE OR REPLACE FUNCTION journey_internal.check_name(name text, what text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF name IS NULL THEN
		RAISE EXCEPTION 'the name of a % must not be NULL', what USING ERRCODE = 'null_value_not_allowed';
	-- [[:cntrl:]] has 128 to 159 as well, which are letters in some encodings, and in SQL_ASCII any byte
	ELSIF name = '' OR length(name) > 63 OR name ~ '[\x01-\x1f\x7f]'
		OR getdatabaseencoding() = 'UTF8' AND name ~ '[\x80-\x9f]' THEN
		RAISE EXCEPTION '% is no name for a %', quote_literal(name), what
			USING ERRCODE = 'invalid_name', HINT = 'A name has 1 to 63 characters, and no control characters.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.check_name(text, text) IS 'Raises an error unless this is a valid name of a source, segment or tag.';
CREATE TABLE sources (
	id bigint PRIMARY KEY DEFAULT nextval('journey.ids'),
	name text NOT NULL UNIQUE,
	owner role_ref NOT NULL DEFAULT journey_internal.caller(),
	readers role_ref[] NOT NULL DEFAULT '{}',
	relation table_ref NOT NULL,
	user_id text NOT NULL,
	at text NOT NULL,
	event text NOT NULL,
	attrs jsonb,
	value text,
	query text NOT NULL,
	query_relation text,
	attributes jsonb NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	description text
);
ALTER TABLE sources ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON sources FOR SELECT USING (journey_internal.may_read(owner, readers));
CREATE POLICY owners_add ON sources FOR INSERT WITH CHECK (journey_internal.may_restore(owner));
CREATE POLICY owners_change ON sources FOR UPDATE USING (journey_internal.may_accept(owner)) WITH CHECK (journey_internal.owns(owner));
CREATE POLICY owners_drop ON sources FOR DELETE USING (journey_internal.owns(owner));
GRANT SELECT, INSERT (name, owner, readers, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description),
	UPDATE (name, owner, readers, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description), DELETE ON sources TO PUBLIC;
GRANT INSERT ON sources TO pg_database_owner;
CREATE TRIGGER restored BEFORE INSERT ON sources FOR EACH ROW EXECUTE FUNCTION journey_internal.restored();
SELECT pg_catalog.pg_extension_config_dump('sources', '');
COMMENT ON TABLE sources IS
	'Tables and views that add_source registered as streams of events. A role sees its own and those granted to it.';
COMMENT ON COLUMN sources.id IS 'The number to which segments and tags refer; never reused.';
COMMENT ON COLUMN sources.readers IS 'Roles, besides the owner, that may use the source.';
COMMENT ON COLUMN sources.query IS 'The source as a SELECT with all names qualified, as it was registered.';
COMMENT ON COLUMN sources.query_relation IS 'The name of the relation in query, which is replaced by its current name. NULL: it cannot be replaced.';
COMMENT ON COLUMN sources.description IS 'What its owner says of it.';
COMMENT ON COLUMN sources.attributes IS 'The attributes that rules may name, with their types.';
CREATE FUNCTION journey_internal.check_expression(expression text, what text) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_check_expression'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.check_expression(text, text) IS 'The text, if it is exactly one expression in SQL; it can be put in parentheses. what: how errors call the expression.';
CREATE FUNCTION journey_internal.do_source_columns(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	RETURNS TABLE (column_name text, expression text, what text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	given record;
BEGIN
	PERFORM journey_internal.check_name($1, 'source'::text);
	FOR given IN SELECT * FROM (VALUES ('relation', relation::text), ('user_id', $3), ('at', $4), ('event', $5)) AS g(argument, value) WHERE g.value IS NULL LIMIT 1 LOOP
		RAISE EXCEPTION '% of source "%" must not be NULL', given.argument, $1 USING ERRCODE = 'null_value_not_allowed';
	END LOOP;
	IF jsonb_typeof(attrs) NOT IN ('string', 'object') THEN
		RAISE EXCEPTION 'attrs is %, neither an object nor a string', attrs
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write {"channel": "channel_code", ...}, or "payload" for one column of type jsonb.';
	END IF;
	FOR given IN SELECT a.key, a.value FROM jsonb_each(CASE jsonb_typeof(attrs) WHEN 'object' THEN attrs ELSE '{}' END) AS a WHERE jsonb_typeof(a.value) <> 'string' LIMIT 1 LOOP
		RAISE EXCEPTION 'attrs gives attribute "%" as %, not as a string', given.key, given.value
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {"channel": "channel_code"}: the name that rules use, and a column or expression.';
	END LOOP;
	RETURN QUERY SELECT g.name, journey_internal.check_expression(g.expression, w.what), w.what
		FROM (SELECT * FROM (VALUES (1, 'user_id', $3), (2, 'at', $4), (3, 'event', $5), (4, 'value', coalesce($7, 'NULL::pg_catalog.float8'))) AS v(place, name, expression)
			UNION ALL SELECT 5, 'attrs', attrs #>> '{}' WHERE jsonb_typeof(attrs) = 'string'
			UNION ALL SELECT 5, concat('attr_', a.key), a.value #>> '{}' FROM jsonb_each(CASE jsonb_typeof(attrs) WHEN 'object' THEN attrs ELSE '{}' END) AS a) AS g(place, name, expression),
			LATERAL (SELECT format(CASE WHEN g.place = 5 AND g.name <> 'attrs' THEN 'attribute "%s" of source "%s"' ELSE '%s of source "%s"' END, regexp_replace(g.name, '^attr_', ''), $1)) AS w(what)
		ORDER BY g.place, g.name;
END $$;
COMMENT ON FUNCTION journey_internal.do_source_columns(text, regclass, text, text, text, jsonb, text) IS 'Support function of source_columns, which calls it: what that does.';
CREATE FUNCTION journey_internal.source_columns(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	RETURNS TABLE (column_name text, expression text, what text)
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.source_columns(text, regclass, text, text, text, jsonb, text) IS 'Support function of add_source: the columns of the stream, an expression for each, and what errors call it.';
CREATE OR REPLACE FUNCTION journey_internal.source_select(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text) RETURNS text
	LANGUAGE sql
	AS $$ SELECT pg_catalog.concat('SELECT '::pg_catalog.text,
			pg_catalog.string_agg(pg_catalog.concat('('::pg_catalog.text, c.expression, ') AS '::pg_catalog.text, pg_catalog.quote_ident(c.column_name)), ', '::pg_catalog.text ORDER BY c.place),
			' FROM '::pg_catalog.text, journey_internal.table_ref($2))
		FROM journey_internal.source_columns($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS c(column_name, expression, what, place)
		WHERE (journey_internal.analyze_query(pg_catalog.concat('SELECT ('::pg_catalog.text, c.expression, ') FROM '::pg_catalog.text, journey_internal.table_ref($2)), c.what)).query IS NOT NULL $$;
COMMENT ON FUNCTION journey_internal.source_select(text, regclass, text, text, text, jsonb, text) IS 'Support function of add_source: the expressions of the source as one SELECT.';
CREATE OR REPLACE FUNCTION journey_internal.base_type(type oid) RETURNS regtype
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ WITH RECURSIVE base AS (SELECT t.typtype, t.typbasetype, t.oid FROM pg_type AS t WHERE t.oid = type
			UNION ALL SELECT t.typtype, t.typbasetype, t.oid FROM base AS b JOIN pg_type AS t ON t.oid = b.typbasetype WHERE b.typtype = 'd')
		SELECT b.oid::regtype FROM base AS b WHERE b.typtype <> 'd' $$;
COMMENT ON FUNCTION journey_internal.base_type(oid) IS 'The base type of a domain; any other type itself.';
CREATE FUNCTION journey_internal.query_relation(query text, relation regclass) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT n.name FROM unnest(ARRAY[journey_internal.table_ref(relation)::text, relation::text]) AS n(name)
		WHERE right(query, length(n.name) + 5) = concat('FROM ', n.name) LIMIT 1 $$;
COMMENT ON FUNCTION journey_internal.query_relation(text, regclass) IS 'Support function of add_source: the name of the relation at the end of a query over it; NULL if the query does not end with a name.';
CREATE FUNCTION journey_internal.do_store_source(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, description text, mode text, analyzed record) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	i int;
	type regtype;
	new_attributes jsonb := '{}';
	new_query text;
	old journey.sources;
	list text := '';
	wanted text[];
	expected text;
BEGIN
	FOR i IN 1 .. cardinality(analyzed.columns) LOOP
		type := analyzed.types[i]::regtype;
		wanted := NULL;
		CASE
			WHEN i = 1 THEN wanted := '{smallint,integer,bigint}'; expected := 'bigint';
			WHEN i = 2 THEN wanted := '{"timestamp with time zone","timestamp without time zone",date}'; expected := 'timestamptz';
			WHEN i = 3 THEN wanted := '{text,"character varying",character,name}'; expected := 'text';
			WHEN i = 4 THEN wanted := '{smallint,integer,bigint,numeric,real,"double precision"}'; expected := 'float8';
			WHEN jsonb_typeof(attrs) = 'string' THEN wanted := '{jsonb}'; expected := 'jsonb';
			ELSE expected := NULL;
		END CASE;
		-- a domain is as good as its base type; an enum is a name, too
		type := journey_internal.base_type(type);
		IF wanted IS NOT NULL AND format_type(type, NULL) <> ALL (wanted)
			AND NOT (i = 3 AND (SELECT typtype FROM pg_type WHERE oid = type) = 'e') THEN
			RAISE EXCEPTION 'source "%": % is of type %', name, analyzed.columns[i], format_type(type, NULL)
				USING ERRCODE = 'datatype_mismatch',
					HINT = CASE i WHEN 1 THEN 'Users are numbered by smallint, integer or bigint. Map other ids to numbers in a view.'
						ELSE format('Write an expression of type %s.', array_to_string(wanted, ' or ')) END;
		END IF;
		IF expected IS NULL THEN
			new_attributes := new_attributes || jsonb_build_object(substr(analyzed.columns[i], 6), format_type(type, -1));
		END IF;
		list := list || CASE WHEN i > 1 THEN ', ' ELSE '' END
			|| CASE WHEN expected IS NULL THEN format('s.%I', analyzed.columns[i])
				-- times without a zone are meant in that of whoever registers them
				WHEN i = 2 AND type <> 'timestamptz'::regtype THEN
					format('pg_catalog.timezone(%L::pg_catalog.text, s.at::pg_catalog.timestamp) AS at', current_setting('TimeZone'))
				ELSE format('s.%I::pg_catalog.%s AS %1$I', analyzed.columns[i], replace(expected, 'bigint', 'int8')) END;
	END LOOP;
	new_query := format('SELECT %s FROM (%s) AS s', list, analyzed.query);
	IF mode = 'create' THEN
		INSERT INTO journey.sources (name, relation, user_id, at, event, attrs, value, query, query_relation, attributes, description)
		VALUES (name, relation, user_id, at, event, attrs, value, new_query, journey_internal.query_relation(analyzed.query, relation), new_attributes, description);
	ELSE
		old := journey_internal.own_source(name);
		UPDATE journey.sources AS s SET relation = journey_internal.table_ref(do_store_source.relation), user_id = do_store_source.user_id, at = do_store_source.at, event = do_store_source.event, attrs = do_store_source.attrs, value = do_store_source.value,
			query = new_query, query_relation = journey_internal.query_relation(analyzed.query, do_store_source.relation), attributes = new_attributes, description = do_store_source.description
		WHERE s.id = old.id;
	END IF;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a source named "%" exists already', name
		USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role. With replace => true, one of your own is replaced.';
END $$;
COMMENT ON FUNCTION journey_internal.do_store_source(text, regclass, text, text, text, jsonb, text, text, text, record) IS 'Support function of store_source, which calls it: what that does.';
CREATE FUNCTION journey_internal.store_source(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text, description text, mode text, analyzed record) RETURNS void
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.store_source(text, regclass, text, text, text, jsonb, text, text, text, record) IS 'Support function of add_source: checks the types and stores the source.';
CREATE FUNCTION journey_internal.source_mode(name text, replace boolean) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF replace IS NULL THEN
		RAISE EXCEPTION 'replace must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	RETURN CASE WHEN replace AND EXISTS (SELECT FROM journey.sources AS s WHERE s.name = source_mode.name) THEN 'replace' ELSE 'create' END;
END $$;
COMMENT ON FUNCTION journey_internal.source_mode(text, boolean) IS 'Support function of add_source: replace, if that is wanted and there is a source of this name that you may see; else create.';
CREATE FUNCTION add_source(name text, relation regclass, user_id text DEFAULT 'user_id', at text DEFAULT 'at',
		event text DEFAULT 'event', attrs jsonb DEFAULT NULL, value text DEFAULT NULL, description text DEFAULT NULL, replace boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.store_source($1, $2, $3, $4, $5, $6, $7, $8, journey_internal.source_mode($1, $9),
		journey_internal.analyze_query(journey_internal.source_select($1, $2, $3, $4, $5, $6, $7), pg_catalog.concat('source "'::pg_catalog.text, $1, '"'::pg_catalog.text))) $$;
COMMENT ON FUNCTION add_source(text, regclass, text, text, text, jsonb, text, text, boolean) IS
	'Registers a table or view as a stream of events; nothing is copied. user_id, at, event and value are columns or expressions over it: an integer, a time, a text and a number. Times without a time zone are converted in the current TimeZone. attrs: an object of attribute names and expressions, or a string with an expression of type jsonb. The source belongs to the current role. replace: if you own a source of this name, it is replaced; its grants, and what uses it, are kept.';
CREATE FUNCTION journey_internal.do_source_with(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	RETURNS TABLE (new_relation regclass, new_user_id text, new_at text, new_event text, new_attrs jsonb, new_value text, description text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	old journey.sources := journey_internal.own_source(name);
BEGIN
	IF relation IS NULL AND old.relation::oid = 0 THEN
		RAISE EXCEPTION 'source "%": relation % does not exist', name, format('"%s"', substr(old.relation::text, 2))
			USING ERRCODE = 'undefined_table', HINT = 'Name another: alter_source(name, relation => ''...'').';
	END IF;
	RETURN QUERY SELECT coalesce(relation, journey_internal.regclass(old.relation)), coalesce(user_id, old.user_id), coalesce(at, old.at), coalesce(event, old.event), nullif(coalesce(attrs, old.attrs), '{}'), nullif(coalesce(value, old.value), ''), old.description;
END $$;
COMMENT ON FUNCTION journey_internal.do_source_with(text, regclass, text, text, text, jsonb, text) IS 'Support function of source_with, which calls it: what that does.';
CREATE FUNCTION journey_internal.source_with(name text, relation regclass, user_id text, at text, event text, attrs jsonb, value text)
	RETURNS TABLE (new_relation regclass, new_user_id text, new_at text, new_event text, new_attrs jsonb, new_value text, description text)
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.source_with(text, regclass, text, text, text, jsonb, text) IS 'Support function of alter_source: what a source is, but for what is given.';
CREATE FUNCTION alter_source(name text, relation regclass DEFAULT NULL, user_id text DEFAULT NULL, at text DEFAULT NULL,
		event text DEFAULT NULL, attrs jsonb DEFAULT NULL, value text DEFAULT NULL) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.store_source($1, s.new_relation, s.new_user_id, s.new_at, s.new_event, s.new_attrs, s.new_value, s.description, 'replace'::pg_catalog.text,
			journey_internal.analyze_query(journey_internal.source_select($1, s.new_relation, s.new_user_id, s.new_at, s.new_event, s.new_attrs, s.new_value), pg_catalog.concat('source "'::pg_catalog.text, $1, '"'::pg_catalog.text)))
		FROM journey_internal.source_with($1, $2, $3, $4, $5, $6, $7) AS s $$;
COMMENT ON FUNCTION alter_source(text, regclass, text, text, text, jsonb, text) IS
	'Changes a source of yours: arguments that are NULL leave it unchanged. All its expressions are resolved again, as by add_source. attrs => ''{}'' and value => '''' remove them.';
CREATE FUNCTION journey_internal.source_of(name text) RETURNS sources
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found journey.sources;
BEGIN
	SELECT * INTO found FROM journey.sources AS s WHERE s.name = source_of.name;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'there is no source "%" that you may use', name
			USING ERRCODE = 'undefined_object', HINT = 'add_source registers one. The table sources lists those that you may use.';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION journey_internal.source_of(text) IS 'The source of this name. Raises an error unless it exists and you may see it.';
CREATE FUNCTION journey_internal.own_source(name text) RETURNS sources
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found journey.sources;
BEGIN
	SELECT * INTO found FROM journey.sources AS s WHERE s.name = own_source.name;
	IF found.id IS NULL OR NOT journey_internal.owns(found.owner) THEN
		RAISE EXCEPTION 'there is no source "%" of yours', name USING ERRCODE = 'undefined_object';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION journey_internal.own_source(text) IS 'The source of this name. Raises an error unless you have the rights of its owner.';
CREATE OR REPLACE FUNCTION grant_source(name text, role text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source journey.sources := journey_internal.own_source(name);
	reader journey.role_ref := journey_internal.role_of(role);
BEGIN
	UPDATE journey.sources AS s SET readers = array_append(array_remove(s.readers, reader), reader) WHERE s.id = source.id;
END $$;
COMMENT ON FUNCTION grant_source(text, text) IS
	'Lets a role (or public) use a source of yours in its definitions. The role also needs SELECT on the relation.';
CREATE OR REPLACE FUNCTION revoke_source(name text, role text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source journey.sources := journey_internal.own_source(name);
BEGIN
	UPDATE journey.sources AS s SET readers = journey_internal.readers_without(s.readers, role) WHERE s.id = source.id;
END $$;
COMMENT ON FUNCTION revoke_source(text, text) IS 'Revokes what grant_source granted.';
CREATE FUNCTION set_source_owner(name text, role text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source journey.sources := journey_internal.source_of(name);
	new_owner journey.role_ref := journey_internal.role_of(role);
BEGIN
	IF NOT journey_internal.may_accept(source.owner) THEN
		RAISE EXCEPTION 'source "%" belongs to %', name, source.owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner and members of that role may change it.';
	END IF;
	PERFORM journey_internal.check_new_owner(name, new_owner);
	UPDATE journey.sources AS s SET owner = new_owner WHERE s.id = source.id;
END $$;
COMMENT ON FUNCTION set_source_owner(text, text) IS 'Gives a source of yours to another role, of which you must be a member. Also accepts a source that was restored for you.';
CREATE FUNCTION journey_internal.source_ids(names text[], reader regrole) RETURNS bigint[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted text;
	source journey.sources;
	result bigint[] := '{}';
BEGIN
	FOREACH wanted IN ARRAY coalesce(names, '{}') LOOP
		SELECT * INTO source FROM journey.sources AS s WHERE s.name = wanted;
		IF source.id IS NULL OR NOT journey_internal.may_use(reader::oid, source.owner, source.readers) THEN
			RAISE EXCEPTION 'there is no source "%" that role % may use', wanted, reader
				USING ERRCODE = 'undefined_object', HINT = 'add_source registers one, grant_source lets other roles use it.';
		END IF;
		result := result || source.id;
	END LOOP;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.source_ids(text[], regrole) IS 'The sources of these names. Raises an error unless role reader may use each.';
CREATE FUNCTION journey_internal.source_query(id bigint, reader regrole) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source journey.sources;
BEGIN
	SELECT * INTO source FROM journey.sources AS s WHERE s.id = source_query.id;
	IF source.id IS NULL THEN
		RAISE EXCEPTION 'source number % was dropped, or role % may no longer use it', id, reader USING ERRCODE = 'undefined_object';
	ELSIF NOT journey_internal.may_use(reader::oid, source.owner, source.readers) THEN
		RAISE EXCEPTION 'there is no source "%" that role % may use', source.name, reader
			USING ERRCODE = 'undefined_object', HINT = 'add_source registers one, grant_source lets other roles use it.';
	ELSIF source.relation::oid = 0 THEN
		RAISE EXCEPTION 'source "%": relation % does not exist', source.name, format('"%s"', substr(source.relation::text, 2))
			USING ERRCODE = 'undefined_table', HINT = 'alter_source registers it anew.';
	ELSIF source.query_relation IS NULL OR source.query_relation = source.relation::text THEN
		RETURN source.query;
	END IF;
	-- the relation was renamed: "... FROM old) AS s"
	RETURN concat(left(source.query, -length(source.query_relation) - 6), source.relation::text, ' AS ',
		quote_ident((parse_ident(source.query_relation))[cardinality(parse_ident(source.query_relation))]), ') AS s');
END $$;
COMMENT ON FUNCTION journey_internal.source_query(bigint, regrole) IS 'The SELECT of a source. Raises an error unless it exists and role reader may use it.';
CREATE FUNCTION journey_internal.usable_query(id bigint, reader regrole) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result CONSTANT text := journey_internal.source_query(id, reader);
	source journey.sources;
BEGIN
	SELECT * INTO source FROM journey.sources AS s WHERE s.id = usable_query.id;
	IF source.owner::oid <> reader::oid THEN
		PERFORM journey_internal.check_reads(result, source.owner::oid, format('source "%s"', source.name));
	END IF;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.usable_query(bigint, regrole) IS 'The SELECT of a source, as source_query returns it. Raises an error if it reads what the owner of the source may not read.';
CREATE FUNCTION journey_internal.check_sources(ids bigint[], reader regrole) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint;
	name text;
	query text;
BEGIN
	FOREACH wanted IN ARRAY coalesce(ids, '{}') LOOP
		query := journey_internal.source_query(wanted, reader);
		SELECT s.name INTO name FROM journey.sources AS s WHERE s.id = wanted;
		BEGIN
			PERFORM journey_internal.analyze_query(query, format('source "%s"', name));
			PERFORM journey_internal.usable_query(wanted, reader);
		EXCEPTION WHEN syntax_error_or_access_rule_violation OR invalid_schema_name THEN
			IF SQLERRM LIKE 'source "%' THEN
				RAISE;
			END IF;
			RAISE EXCEPTION 'source "%": %', name, SQLERRM USING ERRCODE = SQLSTATE,
				HINT = 'Were its table or columns dropped or renamed? alter_source registers it anew.';
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION journey_internal.check_sources(bigint[], regrole) IS 'Raises an error with the name of the source if role reader may not use one of these, or if its tables or columns no longer exist.';
CREATE FUNCTION journey_internal.stream_query(ids bigint[], reader regrole) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint;
	source journey.sources;
	result text;
	attrs text;
BEGIN
	IF ids IS NULL OR cardinality(ids) = 0 THEN
		RAISE EXCEPTION 'no source is named' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	FOREACH wanted IN ARRAY ids LOOP
		SELECT * INTO source FROM journey.sources AS s WHERE s.id = wanted;
		attrs := CASE jsonb_typeof(source.attrs) WHEN 'string' THEN 'e.attrs'
			WHEN 'object' THEN (SELECT 'pg_catalog.jsonb_build_object(' || string_agg(format('%L::pg_catalog.text, e.%I', k, 'attr_' || k), ', ' ORDER BY k) || ')'
				FROM jsonb_object_keys(source.attributes) AS k)
			END;
		result := concat(result || ' UNION ALL ', format('SELECT %L::pg_catalog.text AS source, e.user_id, e.at, e.event, %s AS attrs, e.value FROM (%s) AS e',
			source.name, coalesce(attrs, 'NULL::pg_catalog.jsonb'), journey_internal.usable_query(wanted, reader)));
	END LOOP;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.stream_query(bigint[], regrole) IS 'Several sources as one SELECT: source, user_id, at, event, attrs, value.';
CREATE OR REPLACE FUNCTION events_of(VARIADIC sources text[])
	RETURNS TABLE (source text, user_id bigint, at timestamptz, event text, attrs jsonb, value float8)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reader CONSTANT regrole := journey_internal.caller()::regrole;
	ids CONSTANT bigint[] := journey_internal.source_ids(sources, reader);
BEGIN
	PERFORM journey_internal.check_sources(ids, reader);
	-- as a stored query: the sources' expressions are not the caller's
	RETURN QUERY SELECT r.source, r.user_id, r.at, r.event, r.attrs, r.value
		FROM journey_internal.run_as(reader::oid, journey_internal.stream_query(ids, reader), nullif(current_setting('journey.as_of'::text, true), '')::timestamptz)
			AS r(source text, user_id bigint, at timestamptz, event text, attrs jsonb, value float8);
END $$;
COMMENT ON FUNCTION events_of(text[]) IS
	'The events of one or more sources as one stream, read with the caller''s rights. A source that calls functions of a role without these rights is an error. For analyses over many events, create a view with create_event_view, because the rows of a function are first copied.';
CREATE FUNCTION journey_internal.do_view_query(sources text[]) RETURNS text
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	reader CONSTANT regrole := journey_internal.caller()::regrole;
	ids CONSTANT bigint[] := journey_internal.source_ids(sources, reader);
BEGIN
	PERFORM journey_internal.check_sources(ids, reader);
	RETURN (journey_internal.analyze_query(journey_internal.stream_query(ids, reader), 'the stream of these sources'::text)).query;
END $$;
COMMENT ON FUNCTION journey_internal.do_view_query(text[]) IS 'Support function of view_query, which calls it: what that does.';
CREATE OR REPLACE FUNCTION journey_internal.view_query(sources text[]) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.view_query(text[]) IS 'Support function of create_event_view: the SELECT of the view.';
CREATE OR REPLACE FUNCTION create_event_view(view_name text, VARIADIC sources text[]) RETURNS void
	LANGUAGE plpgsql
AS $$
DECLARE
	-- the name is the caller's, resolved by their search_path; so nothing here but pg_catalog
	name CONSTANT pg_catalog.text := (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(part), '.'::pg_catalog.text ORDER BY place) FROM pg_catalog.unnest(pg_catalog.parse_ident(view_name)) WITH ORDINALITY AS name(part, place));
	query CONSTANT pg_catalog.text := journey_internal.view_query(sources);
BEGIN
	EXECUTE pg_catalog.concat('CREATE VIEW '::pg_catalog.text, name, ' WITH (security_invoker = true) AS '::pg_catalog.text, query);
END $$;
COMMENT ON FUNCTION create_event_view(text, text[]) IS
	'Creates a view of this name (qualified, or in your search_path) over one or more sources: source, user_id, at, event, attrs, value. A reader of the view needs SELECT on the relations; their row-level security applies to the reader.';
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
	id bigint PRIMARY KEY DEFAULT nextval('journey.ids'),
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
CREATE TABLE definition_uses (
	id bigint REFERENCES definitions ON DELETE CASCADE,
	name text,
	used bigint REFERENCES definitions ON DELETE SET NULL,
	PRIMARY KEY (id, name)
);
CREATE INDEX ON definition_uses (used);
ALTER TABLE definition_uses ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON definition_uses FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_uses.id)
	OR EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_uses.used AND journey_internal.owns(d.owner)));
CREATE POLICY owners_add ON definition_uses FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_uses.id AND journey_internal.may_restore(d.owner))
		AND (used IS NULL OR EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_uses.used)));
CREATE POLICY owners_drop ON definition_uses FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_uses.id AND journey_internal.owns(d.owner)));
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
CREATE POLICY readers ON definition_sources FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_sources.id)
	OR EXISTS (SELECT FROM journey.sources AS s WHERE s.id = definition_sources.source AND journey_internal.owns(s.owner)));
CREATE POLICY owners_add ON definition_sources FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_sources.id AND journey_internal.may_restore(d.owner))
		AND (source IS NULL OR EXISTS (SELECT FROM journey.sources AS s WHERE s.id = definition_sources.source)));
CREATE POLICY owners_drop ON definition_sources FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = definition_sources.id AND journey_internal.owns(d.owner)));
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
CREATE POLICY readers ON versions FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = versions.id));
CREATE POLICY owners_add ON versions FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = versions.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON versions FOR UPDATE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = versions.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON versions FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = versions.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON versions TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('versions', '');
COMMENT ON TABLE versions IS 'The versions of segments and tags. Visible to readers of the definition.';
COMMENT ON COLUMN versions.as_of IS 'The time for which the version was computed.';
COMMENT ON COLUMN versions.entered IS 'Users of this version who were not in the version before.';
COMMENT ON COLUMN versions.exited IS 'Users of the version before who are not in this one.';
COMMENT ON COLUMN versions.single IS 'Whether each user has at most one value. If so, a profile stops at the first value that it finds, and the newest version of a tag is also kept by user.';
COMMENT ON COLUMN versions.inputs IS 'The versions of segments and tags from which it was computed: id, name, as_of and computed_at of each; stale if the refresh of a newer version had failed.';
COMMENT ON COLUMN versions.scale IS 'For a numeric tag, the number of decimals: version_numbers holds its numbers times 10 to this power. NULL for all others.';
CREATE TABLE version_members (
	id bigint,
	as_of timestamptz,
	value text,
	users bigint NOT NULL,
	members journey.userset NOT NULL,
	PRIMARY KEY (id, as_of, value),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
ALTER TABLE version_members ALTER COLUMN members SET STORAGE EXTERNAL;
ALTER TABLE version_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON version_members FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = version_members.id));
CREATE POLICY owners_add ON version_members FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = version_members.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_drop ON version_members FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = version_members.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON version_members TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('version_members', '');
COMMENT ON TABLE version_members IS 'The users of each version, by value. The value of a segment is empty.';
CREATE TABLE version_numbers (
	id bigint,
	as_of timestamptz,
	numbers journey.numset NOT NULL,
	PRIMARY KEY (id, as_of),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
ALTER TABLE version_numbers ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON version_numbers FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = version_numbers.id));
CREATE POLICY owners_add ON version_numbers FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = version_numbers.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_drop ON version_numbers FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = version_numbers.id AND journey_internal.owns(d.owner)));
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
CREATE POLICY readers ON refresh_log FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_log.id));
CREATE POLICY owners_add ON refresh_log FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_log.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON refresh_log FOR UPDATE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_log.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON refresh_log FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_log.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_log TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('refresh_log', '');
COMMENT ON TABLE refresh_log IS 'Every refresh: when, by whom, and how it ended.';
COMMENT ON COLUMN refresh_log.finished_at IS 'When it ended; for an interrupted refresh, when the next runner noticed.';
COMMENT ON COLUMN refresh_log.sqlstate IS 'The SQLSTATE of the failure. Its message is in refresh_errors.';
CREATE INDEX refresh_log_running ON refresh_log (id) WHERE status = 'running';
CREATE TABLE refresh_errors (
	id bigint,
	started_at timestamptz,
	pid int,
	error text NOT NULL,
	PRIMARY KEY (id, started_at, pid),
	FOREIGN KEY (id, started_at, pid) REFERENCES refresh_log ON DELETE CASCADE
);
ALTER TABLE refresh_errors ENABLE ROW LEVEL SECURITY;
CREATE POLICY owners ON refresh_errors FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.may_read(d.owner, '{}')));
CREATE POLICY owners_add ON refresh_errors FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON refresh_errors FOR UPDATE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON refresh_errors FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = refresh_errors.id AND journey_internal.owns(d.owner)));
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
	OR EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = exports.id AND journey_internal.owns(d.owner)));
CREATE POLICY restored ON exports FOR INSERT WITH CHECK (journey_internal.may_restore('?nobody'));
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
CREATE POLICY readers ON schedules FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = schedules.id));
CREATE POLICY owners_add ON schedules FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = schedules.id AND journey_internal.may_restore(d.owner)));
CREATE POLICY owners_change ON schedules FOR UPDATE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = schedules.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON schedules FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = schedules.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('schedules', '');
COMMENT ON TABLE schedules IS 'When segments and tags are refreshed. refresh_due() refreshes those that are due.';
COMMENT ON COLUMN schedules.retries IS 'How often a failed refresh is retried before the next scheduled time.';
COMMENT ON COLUMN schedules.retry_after IS 'The time from a failure to the next retry.';
COMMENT ON COLUMN schedules.stale_inputs IS 'Whether it may be computed from older versions if the refresh of what it uses failed.';
COMMENT ON COLUMN schedules.failures IS 'The number of failures since the last scheduled time, if it is to be retried.';
CREATE FUNCTION journey_internal.definition_of(name text, kind text) RETURNS definitions
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found journey.definitions;
BEGIN
	SELECT * INTO found FROM journey.definitions AS d WHERE d.name = definition_of.name;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'there is no % "%" that you may read', coalesce(kind, 'segment or tag'), name
			USING ERRCODE = 'undefined_object', HINT = 'The views segments and tags list those that you may.';
	ELSIF found.kind <> kind THEN
		RAISE EXCEPTION '"%" is a %, not a %', name, found.kind, kind USING ERRCODE = 'wrong_object_type';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION journey_internal.definition_of(text, text) IS 'The segment or tag of this name (kind NULL: either). Raises an error unless it exists and you may read it.';
CREATE FUNCTION journey_internal.own_definition(name text, kind text) RETURNS definitions
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found journey.definitions := journey_internal.definition_of(name, kind);
BEGIN
	IF NOT journey_internal.owns(found.owner) THEN
		RAISE EXCEPTION '% "%" belongs to %', found.kind, name, found.owner
			USING ERRCODE = 'insufficient_privilege', HINT = 'Only its owner and members of that role may change or refresh it.';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION journey_internal.own_definition(text, text) IS 'The segment or tag of this name. Raises an error unless you have the rights of its owner.';
CREATE FUNCTION journey_internal.definition_by_id(id bigint) RETURNS definitions
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found journey.definitions;
BEGIN
	SELECT * INTO found FROM journey.definitions AS d WHERE d.id = definition_by_id.id;
	IF found.id IS NULL THEN
		RAISE EXCEPTION 'segment or tag number % was dropped, or you may no longer read it', id USING ERRCODE = 'undefined_object';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION journey_internal.definition_by_id(bigint) IS 'The segment or tag of this number. Raises an error unless it exists and you may read it.';
CREATE FUNCTION journey_internal.used_names(of_id bigint) RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT coalesce(d.name, u.name) FROM journey.definition_uses AS u LEFT JOIN journey.definitions AS d ON d.id = u.used WHERE u.id = of_id ORDER BY 1) $$;
COMMENT ON FUNCTION journey_internal.used_names(bigint) IS 'Current names of the segments and tags that a definition uses. For those that are not visible, the names in the definition.';
CREATE FUNCTION journey_internal.source_names(of_id bigint) RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT coalesce(s.name, u.name) FROM journey.definition_sources AS u LEFT JOIN journey.sources AS s ON s.id = u.source WHERE u.id = of_id ORDER BY 1) $$;
COMMENT ON FUNCTION journey_internal.source_names(bigint) IS 'Current names of the sources that a rule reads. For those that you cannot see, the names in the rule.';
CREATE FUNCTION journey_internal.definition_sources(of_id bigint) RETURNS bigint[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing text;
BEGIN
	SELECT u.name INTO missing FROM journey.definition_sources AS u WHERE u.id = of_id AND u.source IS NULL LIMIT 1;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'the source "%" was dropped', missing USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
	RETURN ARRAY(SELECT u.source FROM journey.definition_sources AS u WHERE u.id = of_id ORDER BY u.name);
END $$;
COMMENT ON FUNCTION journey_internal.definition_sources(bigint) IS 'The sources that a rule reads. Raises an error if one was dropped.';
CREATE FUNCTION journey_internal.uses_of(of_id bigint) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(jsonb_object_agg(u.name, u.used), '{}') FROM journey.definition_uses AS u WHERE u.id = of_id $$;
COMMENT ON FUNCTION journey_internal.uses_of(bigint) IS 'Support function of rules: the numbers of the segments and tags that a definition uses, as a JSON object by name.';
CREATE FUNCTION journey_internal.default_keep_versions() RETURNS int
	AS 'MODULE_PATHNAME', 'journey_default_keep_versions'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.default_keep_versions() IS 'The setting journey.keep_versions; NULL if it is 0, which keeps all.';
CREATE FUNCTION journey_internal.default_keep_for() RETURNS interval
	AS 'MODULE_PATHNAME', 'journey_default_keep_for'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.default_keep_for() IS 'The setting journey.keep_for; NULL if it is empty, which keeps all.';
CREATE FUNCTION journey_internal.creation_mode(name text, replace boolean) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF replace IS NULL THEN
		RAISE EXCEPTION 'replace must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	RETURN CASE WHEN replace AND EXISTS (SELECT FROM journey.definitions AS d WHERE d.name = creation_mode.name) THEN 'replace' ELSE 'create' END;
END $$;
COMMENT ON FUNCTION journey_internal.creation_mode(text, boolean) IS 'Support function of create_segment and create_tag: replace, if that is wanted and there is something of this name that you may read; else create.';
CREATE FUNCTION journey_internal.names_used(query text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT DISTINCT replace(name, '''''', '''')
		FROM regexp_matches(query, '\mjourney\.(segment|segment_diff|segment_trend|tag_users|tag_users_where|tag_users_between|tag_numset|tag_summary|tag_stats|tag_histogram|tag_cross)\((?:as_of => (?:[^''(),]|''[^'']*''|\((?:[^()]|\(\))*\))+, )?(?:name(?:_a)? => )?''((?:[^'']|'''')+)''::text(?:, (?:name_b => )?''((?:[^'']|'''')+)''::text)?', 'g') AS m,
			unnest(CASE m[1] WHEN 'tag_cross' THEN m[2:3] ELSE m[2:2] END) AS name
		WHERE name IS NOT NULL ORDER BY 1) $$;
COMMENT ON FUNCTION journey_internal.names_used(text) IS 'Names of the segments and tags that a stored definition in SQL reads with segment(''...''), tag_users(''...'') and the other functions that take a name.';
CREATE FUNCTION journey_internal.used_ids(name text, names text[]) RETURNS bigint[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing text;
BEGIN
	SELECT n INTO missing FROM unnest(names) AS n WHERE NOT EXISTS (SELECT FROM journey.definitions AS d WHERE d.name = n);
	IF missing = name THEN
		RAISE EXCEPTION '"%" would depend on itself', name USING ERRCODE = 'invalid_recursion';
	ELSIF missing IS NOT NULL THEN
		RAISE EXCEPTION '"%" uses "%", which is no segment or tag that you may read', name, missing
			USING ERRCODE = 'undefined_object', HINT = 'Create it first, or have its owner grant it to you.';
	END IF;
	RETURN ARRAY(SELECT d.id FROM unnest(names) WITH ORDINALITY AS n(name, place) JOIN journey.definitions AS d ON d.name = n.name ORDER BY n.place);
END $$;
COMMENT ON FUNCTION journey_internal.used_ids(text, text[]) IS 'The segments and tags of these names, which the definition of the first name uses. Raises an error unless each exists and you may read it.';
CREATE FUNCTION journey_internal.refuse_cycle(id bigint, uses bigint[]) RETURNS void
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
		FROM (SELECT DISTINCT ON (u.used) u.used, u.id FROM journey.definition_uses AS u
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
		RAISE EXCEPTION '"%" would depend on itself: %', (SELECT d.name FROM journey.definitions AS d WHERE d.id = refuse_cycle.id),
			(SELECT string_agg(d.name, ' -> ' ORDER BY p.place) FROM unnest(path) WITH ORDINALITY AS p(id, place) JOIN journey.definitions AS d ON d.id = p.id)
			USING ERRCODE = 'invalid_recursion', HINT = 'Which must be refreshed first? Take one of these out.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.refuse_cycle(bigint, bigint[]) IS 'Raises an error if a definition would use itself through others.';
CREATE FUNCTION journey_internal.store_definition(new_definition definitions, sources text[], uses text[], mode text) RETURNS bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	new ALIAS FOR new_definition;
	source_ids CONSTANT bigint[] := journey_internal.source_ids(sources, journey_internal.caller()::regrole);
	used_ids bigint[];
	old journey.definitions;
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
		UPDATE journey.definitions AS d SET method = new.method, definition = new.definition, query = new.query, time_zone = current_setting('TimeZone'), scale = new.scale, changed_at = now(),
			keep_for = CASE mode WHEN 'alter' THEN d.keep_for ELSE new.keep_for END, keep_versions = CASE mode WHEN 'alter' THEN d.keep_versions ELSE new.keep_versions END,
			description = CASE mode WHEN 'alter' THEN d.description ELSE new.description END
		WHERE d.id = old.id RETURNING d.id INTO new.id;
		IF new.id IS NULL THEN
			RAISE EXCEPTION '"%" was dropped at this moment', new.name USING ERRCODE = 'undefined_object';
		END IF;
		DELETE FROM journey.definition_uses AS u WHERE u.id = new.id;
		DELETE FROM journey.definition_sources AS u WHERE u.id = new.id;
	ELSE
		INSERT INTO journey.definitions AS d (name, kind, method, definition, query, scale, keep_for, keep_versions, description)
		VALUES (new.name, new.kind, new.method, new.definition, new.query, new.scale, new.keep_for, new.keep_versions, new.description)
		RETURNING d.id INTO new.id;
	END IF;
	INSERT INTO journey.definition_uses (id, name, used) SELECT new.id, u.name, u.used FROM unnest(uses, used_ids) AS u(name, used);
	INSERT INTO journey.definition_sources (id, name, source) SELECT new.id, u.name, u.source FROM unnest(sources, source_ids) AS u(name, source);
	RETURN new.id;
EXCEPTION WHEN foreign_key_violation THEN
	RAISE EXCEPTION 'something that "%" uses, or that itself, was dropped at this moment', new.name USING ERRCODE = 'undefined_object';
WHEN unique_violation THEN
	RAISE EXCEPTION 'a segment or tag named "%" exists already', new.name
		USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role. With replace => true, one of your own is replaced.';
END $$;
COMMENT ON FUNCTION journey_internal.store_definition(definitions, text[], text[], text) IS 'Support function of create_segment, create_tag, alter_segment and alter_tag: stores a definition and the numbers of what it uses. Returns the number of the definition.';
CREATE FUNCTION journey_internal.check_uses(of_id bigint) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	changed text;
BEGIN
	SELECT u.name INTO changed FROM journey.definition_uses AS u JOIN journey.definitions AS one ON one.id = u.id
		LEFT JOIN journey.definitions AS d ON d.name = u.name
	WHERE u.id = of_id AND (u.used IS NULL OR d.id IS DISTINCT FROM u.used AND u.name = ANY (journey_internal.names_used(one.query))) ORDER BY u.name LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'what was called "%" was dropped or renamed, or may no longer be read', changed USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.check_uses(bigint) IS 'Raises an error unless all names of segments and tags in a definition in SQL still refer to the same objects as when it was written.';
CREATE OR REPLACE FUNCTION journey_internal.lock_space() RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	AS $$ SELECT 1785686393 $$;
COMMENT ON FUNCTION journey_internal.lock_space() IS 'The first key of this extension''s advisory locks; the second is 0, or the hash of a name.';
CREATE OR REPLACE FUNCTION journey_internal.is_rule(definition text) RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT definition ~ '^\s*\{' $$;
COMMENT ON FUNCTION journey_internal.is_rule(text) IS 'Whether a definition is a rule; otherwise it is a SELECT.';
CREATE FUNCTION journey_internal.compile_definitions(those definitions[], sources bigint[], uses jsonb[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	how journey.methods;
	rule jsonb;
	result text;
BEGIN
	FOR i IN 1 .. cardinality(those) LOOP
		IF how.method IS NULL OR how.method <> those[i].method OR how.kind <> those[i].kind THEN
			SELECT * INTO how FROM journey.methods AS m WHERE m.kind = those[i].kind AND m.method = those[i].method;
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
COMMENT ON FUNCTION journey_internal.compile_definitions(definitions[], bigint[], jsonb[], timestamptz) IS 'Definitions in JSON of one owner, with their sources and the numbers of what each uses, as one SELECT: id, value, members; for a numeric tag: id, NULL, numbers.';
CREATE FUNCTION journey_internal.do_refresh_query(ids bigint[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	first journey.definitions := journey_internal.definition_by_id(ids[1]);
	one record;
	how text;
	sources bigint[];
	those journey.definitions[] := '{}';
	uses jsonb[] := '{}';
BEGIN
	IF first.query IS NOT NULL THEN
		PERFORM journey_internal.check_uses(first.id);
		RETURN format('SELECT %s::pg_catalog.int8, q.* FROM (%s) AS q', first.id, first.query);
	END IF;
	FOR one IN SELECT d AS definition, d.name, d.owner, coalesce(m.query_function, '') AS how, journey_internal.definition_sources(d.id) AS sources, journey_internal.uses_of(d.id) AS uses
		FROM journey.definitions AS d LEFT JOIN journey.methods AS m ON m.kind = d.kind AND m.method = d.method WHERE d.id = ANY (ids) ORDER BY d.name
	LOOP
		how := coalesce(how, one.how);
		sources := coalesce(sources, one.sources);
		IF one.owner OPERATOR(journey.<>) first.owner OR one.sources <> sources OR one.how <> how THEN
			RAISE EXCEPTION '"%" was changed meanwhile', one.name USING ERRCODE = 'object_not_in_prerequisite_state';
		END IF;
		those := those || one.definition;
		uses := uses || one.uses;
	END LOOP;
	RETURN journey_internal.compile_definitions(those, sources, uses, as_of);
END $$;
COMMENT ON FUNCTION journey_internal.do_refresh_query(bigint[], timestamptz) IS 'Support function of refresh_query, which calls it: what that does.';
CREATE FUNCTION journey_internal.refresh_query(ids bigint[], as_of timestamptz) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C STABLE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.refresh_query(bigint[], timestamptz) IS 'The SELECT that computes these segments or tags: id, value, members; for a numeric tag: id, rows, numbers.';
CREATE FUNCTION journey_internal.version_at(id bigint, at timestamptz) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found timestamptz;
	one journey.definitions;
BEGIN
	-- in a definition: what holds at the time for which it is being computed
	at := coalesce(at, nullif(current_setting('journey.as_of', true), '')::timestamptz);
	SELECT v.as_of INTO found FROM journey.versions AS v
	WHERE v.id = version_at.id AND (at IS NULL OR v.as_of <= at) ORDER BY v.as_of DESC LIMIT 1;
	IF found IS NULL THEN
		one := journey_internal.definition_by_id(id);
		RAISE EXCEPTION '"%" has no version %', one.name, CASE WHEN at IS NULL THEN 'yet' ELSE concat('as of ', at) END
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('Compute one: SELECT refresh_%s(%L%s).', one.kind, one.name, ', ' || quote_literal(at));
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION journey_internal.version_at(bigint, timestamptz) IS 'The as_of of the newest version that is not newer than this time (NULL: of the newest version; in a definition, of the newest at as_of()). Raises an error if there is none.';
CREATE FUNCTION common_as_of(names text[], as_of timestamptz DEFAULT NULL) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	ids bigint[] := '{}';
	wanted text;
	one journey.definitions;
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
	SELECT v.as_of INTO found FROM journey.versions AS v
	WHERE v.id = ANY (ids) AND (common_as_of.as_of IS NULL OR v.as_of <= common_as_of.as_of)
	GROUP BY v.as_of HAVING count(*) = cardinality(ids) ORDER BY v.as_of DESC LIMIT 1;
	IF found IS NULL THEN
		RAISE EXCEPTION 'there is no time for which all of these have a version: %', array_to_string(names, ', ') USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Compute them for the same time, such as by refresh_segments(names, as_of), or give them the same schedule.';
	END IF;
	RETURN found;
END $$;
COMMENT ON FUNCTION common_as_of(text[], timestamptz) IS
	'The newest time, at most as_of, for which all of these segments and tags have a version. Use it to compare them: segment(a, v), segment(b, v). Raises an error if there is no such time.';
CREATE FUNCTION journey_internal.used_definition(id bigint, name text, kind text) RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found text;
BEGIN
	SELECT d.kind INTO found FROM journey.definitions AS d WHERE d.id = used_definition.id;
	IF found IS NULL THEN
		RAISE EXCEPTION 'the % "%" was dropped, or % may no longer read it', coalesce(kind, 'segment or tag'), name, current_user USING ERRCODE = 'undefined_object';
	ELSIF found <> kind THEN
		RAISE EXCEPTION '"%" is a %, not a %', name, found, kind USING ERRCODE = 'wrong_object_type';
	END IF;
	RETURN id;
END $$;
COMMENT ON FUNCTION journey_internal.used_definition(bigint, text, text) IS 'The number of the segment or tag to which this name in a rule refers. Raises an error if it was dropped or you may not read it.';
CREATE FUNCTION journey_internal.do_segment_by_id(id bigint, name text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint := journey_internal.used_definition(id, name, 'segment'::text);
	result journey.userset;
BEGIN
	SELECT m.members INTO result FROM journey.version_members AS m
	WHERE m.id = wanted AND m.value = '' AND m.as_of = journey_internal.version_at(wanted, do_segment_by_id.as_of);
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.do_segment_by_id(bigint, text, timestamptz) IS 'Support function of segment_by_id, which calls it: what that does.';
CREATE FUNCTION journey_internal.segment_by_id(id bigint, name text, as_of timestamptz DEFAULT NULL) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.segment_by_id(bigint, text, timestamptz) IS 'Building block of rules: the users of the segment of this number. name: how errors call it.';
CREATE FUNCTION journey_internal.version_scale(tag bigint, version timestamptz) RETURNS int
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT v.scale FROM journey.versions AS v WHERE v.id = tag AND v.as_of = version $$;
COMMENT ON FUNCTION journey_internal.version_scale(bigint, timestamptz) IS 'The number of decimals of a tag in the version of exactly this time; NULL if the tag is not numeric in this version.';
CREATE FUNCTION journey_internal.do_tag_numset_by_id(tag bigint, name text, as_of timestamptz DEFAULT NULL) RETURNS numset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint := journey_internal.used_definition(tag, name, 'tag'::text);
	result journey.numset;
BEGIN
	SELECT m.numbers INTO result FROM journey.version_numbers AS m
	WHERE m.id = wanted AND m.as_of = journey_internal.version_at(wanted, do_tag_numset_by_id.as_of);
	IF result IS NULL THEN
		RAISE EXCEPTION 'tag "%" is not numeric', name USING ERRCODE = 'wrong_object_type', HINT = 'tag_users() gives the users of one of its values.';
	END IF;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.do_tag_numset_by_id(bigint, text, timestamptz) IS 'Support function of tag_numset_by_id, which calls it: what that does.';
CREATE FUNCTION journey_internal.tag_numset_by_id(tag bigint, name text, as_of timestamptz DEFAULT NULL) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.tag_numset_by_id(bigint, text, timestamptz) IS 'tag_numset of the tag of this number. name: how errors call it.';
CREATE FUNCTION journey_internal.do_tag_users_where_by_id(tag bigint, name text, operator text, number numeric, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	numbers journey.numset := journey_internal.tag_numset_by_id(tag, name, as_of);
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
		RETURN CASE WHEN operator IN ('!=', '<>') THEN journey.numset_users(numbers) ELSE '{}' END;
	ELSIF operator IN ('!=', '<>') THEN
		RETURN journey.numset_users_ne(numbers, lower::bigint);
	END IF;
	RETURN journey.numset_users_between(numbers, greatest(lower, -9223372036854775808)::bigint, least(upper, 9223372036854775807)::bigint);
END $$;
COMMENT ON FUNCTION journey_internal.do_tag_users_where_by_id(bigint, text, text, numeric, timestamptz) IS 'Support function of tag_users_where_by_id, which calls it: what that does.';
CREATE FUNCTION journey_internal.tag_users_where_by_id(tag bigint, name text, operator text, number numeric, as_of timestamptz DEFAULT NULL) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.tag_users_where_by_id(bigint, text, text, numeric, timestamptz) IS 'Building block of rules: tag_users_where of the tag of this number. name: how errors call it.';
CREATE FUNCTION journey_internal.do_tag_users_by_id(tag bigint, name text, value text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint := journey_internal.used_definition(tag, name, 'tag'::text);
	version timestamptz := journey_internal.version_at(wanted, as_of);
	result journey.userset;
BEGIN
	IF journey_internal.version_scale(wanted, version) IS NOT NULL AND value IS NOT NULL THEN
		-- not by catching the error of a cast, which cannot be done in a parallel plan
		IF length(value) > 1000 OR value !~* '^\s*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?|nan|[+-]?inf(inity)?)\s*$' THEN
			RAISE EXCEPTION 'tag "%" is numeric, and its value cannot be "%"', name, value USING ERRCODE = 'invalid_text_representation',
				HINT = 'Write a number. tag_users_between() takes two.';
		END IF;
		RETURN journey_internal.tag_users_where_by_id(wanted, name, '='::text, value::numeric, version);
	END IF;
	SELECT m.members INTO result FROM journey.version_members AS m
	WHERE m.id = wanted AND m.value = do_tag_users_by_id.value AND m.as_of = version;
	RETURN coalesce(result, '{}'::journey.userset);
END $$;
COMMENT ON FUNCTION journey_internal.do_tag_users_by_id(bigint, text, text, timestamptz) IS 'Support function of tag_users_by_id, which calls it: what that does.';
CREATE FUNCTION journey_internal.tag_users_by_id(tag bigint, name text, value text, as_of timestamptz DEFAULT NULL) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.tag_users_by_id(bigint, text, text, timestamptz) IS 'Building block of rules: tag_users of the tag of this number. name: how errors call it.';
CREATE FUNCTION journey_internal.version_users(id bigint, as_of timestamptz) RETURNS userset
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(journey.union_agg(u.members), '{}') FROM (
			SELECT m.members FROM journey.version_members AS m WHERE m.id = version_users.id AND m.as_of = version_users.as_of
			UNION ALL
			SELECT journey.numset_users(m.numbers) FROM journey.version_numbers AS m WHERE m.id = version_users.id AND m.as_of = version_users.as_of) AS u $$;
COMMENT ON FUNCTION journey_internal.version_users(bigint, timestamptz) IS 'The users of the version of exactly this time, whatever their value. Empty if there is none.';
CREATE FUNCTION journey_internal.do_drop_definition(name text, kind text, force boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.own_definition(name, kind);
	user_of record;
BEGIN
	SELECT d.name INTO user_of FROM journey.definition_uses AS u LEFT JOIN journey.definitions AS d ON d.id = u.id
	WHERE u.used = one.id ORDER BY d.name LIMIT 1;
	IF FOUND AND force IS NOT TRUE THEN
		RAISE EXCEPTION '"%" is used by %', one.name, CASE WHEN user_of.name IS NULL THEN 'a definition of another role' ELSE format('"%s"', user_of.name) END USING ERRCODE = 'dependent_objects_still_exist',
			HINT = format('Drop or alter that first. drop_%s(..., force => true) drops it all the same; what uses it cannot be refreshed until it is altered.', one.kind);
	END IF;
	DELETE FROM journey.definitions AS d WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION journey_internal.do_drop_definition(text, text, boolean) IS 'Support function of drop_definition, which calls it: what that does.';
CREATE FUNCTION journey_internal.drop_definition(name text, kind text, force boolean) RETURNS void
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.drop_definition(text, text, boolean) IS 'Support function of drop_segment and drop_tag.';
CREATE FUNCTION drop_source(name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source journey.sources := journey_internal.own_source(name);
	user_of record;
BEGIN
	SELECT d.name INTO user_of FROM journey.definition_sources AS u LEFT JOIN journey.definitions AS d ON d.id = u.id
	WHERE u.source = source.id ORDER BY d.name LIMIT 1;
	IF FOUND AND force IS NOT TRUE THEN
		RAISE EXCEPTION 'source "%" is used by %', source.name, CASE WHEN user_of.name IS NULL THEN 'a definition of another role' ELSE format('"%s"', user_of.name) END USING ERRCODE = 'dependent_objects_still_exist',
			HINT = 'Drop or alter that first. drop_source(..., force => true) drops it all the same; what uses it cannot be refreshed until it is altered.';
	END IF;
	DELETE FROM journey.sources AS s WHERE s.id = source.id;
END $$;
COMMENT ON FUNCTION drop_source(text, boolean) IS
	'Drops a source of yours from the catalogue. An error while a segment or tag uses it, unless force is true. With force, these keep their versions, and refreshing them fails until you alter them.';
CREATE FUNCTION journey_internal.do_rename_definition(name text, kind text, new_name text, force boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.own_definition(name, kind);
	user_of record;
BEGIN
	PERFORM journey_internal.check_name(new_name, kind);
	-- a rule knows its number; what a definition is that may not be read, nobody can tell
	SELECT d.name INTO user_of FROM journey.definition_uses AS u LEFT JOIN journey.definitions AS d ON d.id = u.id
	WHERE u.used = one.id AND (d.id IS NULL OR one.name = ANY (journey_internal.names_used(d.query))) ORDER BY d.name LIMIT 1;
	IF FOUND AND force IS NOT TRUE THEN
		RAISE EXCEPTION '"%" is used by %', one.name, CASE WHEN user_of.name IS NULL THEN 'a definition of another role' ELSE format('"%s", a SELECT that names it', user_of.name) END USING ERRCODE = 'dependent_objects_still_exist',
			HINT = format('rename_%s(..., force => true) renames it all the same; a SELECT that names it cannot be refreshed until it is altered.', one.kind);
	END IF;
	UPDATE journey.definitions AS d SET name = new_name WHERE d.id = one.id;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a segment or tag named "%" exists already', new_name USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role.';
END $$;
COMMENT ON FUNCTION journey_internal.do_rename_definition(text, text, text, boolean) IS 'Support function of rename_definition, which calls it: what that does.';
CREATE FUNCTION journey_internal.rename_definition(name text, kind text, new_name text, force boolean) RETURNS void
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.rename_definition(text, text, text, boolean) IS 'Support function of rename_segment and rename_tag.';
CREATE FUNCTION rename_source(name text, new_name text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source journey.sources := journey_internal.own_source(name);
BEGIN
	PERFORM journey_internal.check_name(new_name, 'source'::text);
	UPDATE journey.sources AS s SET name = new_name WHERE s.id = source.id;
EXCEPTION WHEN unique_violation THEN
	RAISE EXCEPTION 'a source named "%" exists already', new_name USING ERRCODE = 'duplicate_object', HINT = 'It may belong to another role.';
END $$;
COMMENT ON FUNCTION rename_source(text, text) IS 'Gives a source of yours another name. Rules that read it go on, by whatever name they call it. Views that create_event_view made show the old one in their column source, and what calls events_of by it fails.';
CREATE FUNCTION set_source_description(name text, description text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source journey.sources := journey_internal.own_source(name);
BEGIN
	UPDATE journey.sources AS s SET description = set_source_description.description WHERE s.id = source.id;
END $$;
COMMENT ON FUNCTION set_source_description(text, text) IS 'Says what a source of yours is. NULL: nothing.';
CREATE FUNCTION set_definition_description(name text, description text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	UPDATE journey.definitions AS d SET description = set_definition_description.description WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION set_definition_description(text, text) IS 'Says what a segment or tag of yours is. NULL: nothing.';
CREATE OR REPLACE FUNCTION set_keep_versions(name text, keep_for interval, keep_versions int DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	IF keep_for <= interval '0' OR keep_versions <= 0 THEN
		RAISE EXCEPTION 'keep_for and keep_versions must be more than nothing' USING ERRCODE = 'invalid_parameter_value', HINT = 'NULL keeps all versions.';
	END IF;
	UPDATE journey.definitions AS d SET keep_for = set_keep_versions.keep_for, keep_versions = set_keep_versions.keep_versions WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION set_keep_versions(text, interval, int) IS 'Limits which versions of a segment or tag of yours are kept: versions at most keep_for older than the newest, and at most keep_versions of them. NULL: no limit. The next refresh drops the others.';
CREATE OR REPLACE FUNCTION set_definition_owner(name text, role text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, NULL::text);
	new_owner CONSTANT journey.role_ref := journey_internal.role_of(role);
BEGIN
	IF NOT journey_internal.may_accept(one.owner) THEN
		one := journey_internal.own_definition(name, NULL::text);
	END IF;
	PERFORM journey_internal.check_new_owner(name, new_owner);
	UPDATE journey.definitions AS d SET owner = new_owner WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION set_definition_owner(text, text) IS 'Gives a segment or tag of yours to another role, of which you must be a member. Refreshes then use that role''s rights. Also accepts a definition that was restored for you: check it first.';
CREATE FUNCTION journey_internal.do_change_readers(name text, kind text, role text, granted boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.own_definition(name, kind);
	reader journey.role_ref := CASE WHEN granted THEN journey_internal.role_of(role) END;
BEGIN
	UPDATE journey.definitions AS d
	SET readers = CASE WHEN granted THEN array_append(array_remove(d.readers, reader), reader) ELSE journey_internal.readers_without(d.readers, role) END
	WHERE d.id = one.id;
END $$;
COMMENT ON FUNCTION journey_internal.do_change_readers(text, text, text, boolean) IS 'Support function of change_readers, which calls it: what that does.';
CREATE OR REPLACE FUNCTION journey_internal.change_readers(name text, kind text, role text, granted boolean) RETURNS void
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.change_readers(text, text, text, boolean) IS 'Support function of grant_segment, revoke_segment, grant_tag and revoke_tag.';
CREATE VIEW orphans WITH (security_invoker = true) AS
WITH owned AS (
	SELECT d.kind, d.name, d.owner, d.readers FROM journey.definitions AS d
	UNION ALL SELECT 'source', s.name, s.owner, s.readers FROM journey.sources AS s)
SELECT o.kind, o.name, 'owner' AS part, journey_internal.role_name(o.owner) AS role, CASE WHEN p.pending THEN 'has not accepted it' ELSE 'does not exist' END AS problem,
	format('SELECT journey.%s(%L, %L)', CASE o.kind WHEN 'source' THEN 'set_source_owner' ELSE 'set_definition_owner' END, o.name,
		CASE WHEN p.pending THEN journey_internal.role_name(o.owner) ELSE current_user END) AS mend
FROM owned AS o, LATERAL (SELECT left(o.owner::text, 1) = '!' AS pending) AS p WHERE NOT journey_internal.is_role(o.owner)
UNION ALL
SELECT o.kind, o.name, 'reader', journey_internal.role_name(r.reader), 'does not exist', format('SELECT journey.revoke_%s(%L, %L)', o.kind, o.name, r.reader::text)
FROM owned AS o, unnest(o.readers) AS r(reader) WHERE left(r.reader::text, 1) = '?';
GRANT SELECT ON orphans TO PUBLIC;
COMMENT ON VIEW orphans IS 'Visible sources, segments and tags whose owner or reader does not exist (any more), or has not yet accepted what was restored for it.';
COMMENT ON COLUMN orphans.kind IS 'source, segment or tag.';
COMMENT ON COLUMN orphans.name IS 'Its name.';
COMMENT ON COLUMN orphans.part IS 'owner or reader: which role has the problem.';
COMMENT ON COLUMN orphans.role IS 'The name of the role, or its last name.';
COMMENT ON COLUMN orphans.problem IS 'The problem with this role.';
COMMENT ON COLUMN orphans.mend IS 'A statement that solves the problem: gives the object to you, accepts it (run the statement as that role), or revokes the grant.';
CREATE FUNCTION journey_internal.count_changes(id bigint, as_of timestamptz) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	present journey.userset := journey_internal.version_users(id, as_of);
	before journey.userset := journey_internal.version_users(id,
		(SELECT max(v.as_of) FROM journey.versions AS v WHERE v.id = count_changes.id AND v.as_of < count_changes.as_of));
BEGIN
	UPDATE journey.versions AS v
	SET users = journey.cardinality(present),
		single = v.scale IS NOT NULL OR journey.cardinality(present) = (SELECT coalesce(sum(m.users), 0) FROM journey.version_members AS m
			WHERE m.id = count_changes.id AND m.as_of = count_changes.as_of),
		entered = journey.cardinality(present OPERATOR(journey.-) before),
		exited = journey.cardinality(before OPERATOR(journey.-) present)
	WHERE v.id = count_changes.id AND v.as_of = count_changes.as_of;
END $$;
COMMENT ON FUNCTION journey_internal.count_changes(bigint, timestamptz) IS 'Support function of refresh: counts who entered and exited since the version before.';
CREATE FUNCTION journey_internal.prune_versions(id bigint, kept timestamptz) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_by_id(id);
BEGIN
	DELETE FROM journey.versions AS v
	WHERE v.id = prune_versions.id AND v.as_of <> kept
		AND (v.as_of < (SELECT max(w.as_of) FROM journey.versions AS w WHERE w.id = v.id) - one.keep_for
			OR one.keep_versions IS NOT NULL AND v.as_of < (SELECT w.as_of FROM journey.versions AS w WHERE w.id = v.id ORDER BY w.as_of DESC OFFSET one.keep_versions - 1 LIMIT 1));
END $$;
COMMENT ON FUNCTION journey_internal.prune_versions(bigint, timestamptz) IS 'Support function of refresh: drops expired versions, except the one of time kept.';
CREATE FUNCTION journey_internal.refreshing_elsewhere(ids bigint[]) RETURNS bigint[]
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT i FROM unnest(ids) AS i WHERE EXISTS (SELECT FROM pg_locks AS k
			WHERE k.locktype = 'advisory' AND k.granted AND k.pid <> pg_backend_pid() AND k.classid::bigint = journey_internal.lock_space() AND k.objid::bigint = journey_internal.lock_key(i)
				AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database()))) $$;
COMMENT ON FUNCTION journey_internal.refreshing_elsewhere(bigint[]) IS 'Which of these segments and tags another session is computing.';
CREATE FUNCTION journey_internal.is_at_work(of_pid int, id bigint) RETURNS boolean
	LANGUAGE sql PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT EXISTS (SELECT FROM pg_locks AS k WHERE k.locktype = 'advisory' AND k.granted AND k.pid = of_pid AND k.classid::bigint = journey_internal.lock_space() AND k.objid::bigint = journey_internal.lock_key(id)
			AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())) $$;
COMMENT ON FUNCTION journey_internal.is_at_work(int, bigint) IS 'Whether the session of this process is computing this segment or tag.';
CREATE FUNCTION journey_internal.inputs_of(of_id bigint, as_of timestamptz, OUT id bigint, OUT name text, OUT version timestamptz, OUT computed_at timestamptz, OUT problem text) RETURNS SETOF record
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT u.used, coalesce(d.name, u.name), v.as_of, v.computed_at,
			CASE WHEN f.id IS NOT NULL THEN format('its input "%s" %s%s', coalesce(d.name, u.name), CASE f.status WHEN 'failed' THEN 'failed' ELSE 'was interrupted' END,
					-- who reads the one need not own the other
					CASE WHEN pg_has_role(one.owner::oid, d.owner::oid, 'USAGE') THEN ': ' || m.error ELSE format(' (SQLSTATE %s)', f.sqlstate) END)
				WHEN s.id IS NOT NULL THEN format('its input "%s" is due, and has no owner who could refresh it', d.name)
				WHEN v.stale THEN format('its input "%s" was computed from a stale input', coalesce(d.name, u.name)) END
		FROM journey.definition_uses AS u JOIN journey.definitions AS one ON one.id = u.id LEFT JOIN journey.definitions AS d ON d.id = u.used
			LEFT JOIN LATERAL (SELECT w.as_of, w.computed_at, jsonb_path_exists(w.inputs, '$[*] ? (@.stale == true)') AS stale
				FROM journey.versions AS w WHERE w.id = u.used AND w.as_of <= inputs_of.as_of ORDER BY w.as_of DESC LIMIT 1) AS v ON true
			LEFT JOIN LATERAL (SELECT l.* FROM journey.refresh_log AS l
				-- without a time: its schedule could not be read
				WHERE l.id = u.used AND (l.as_of IS NULL OR l.as_of <= inputs_of.as_of)
					AND (v.as_of IS NULL OR l.as_of > v.as_of OR coalesce(l.as_of, v.as_of) = v.as_of AND l.started_at > v.computed_at)
					-- what nobody is at any more was interrupted, whether or not a runner has noticed
					AND CASE l.status WHEN 'running' THEN NOT journey_internal.is_at_work(l.pid, l.id) ELSE l.status IN ('failed', 'interrupted') END
				ORDER BY l.started_at DESC LIMIT 1) AS f ON true
			LEFT JOIN journey.refresh_errors AS m ON m.id = f.id AND m.started_at = f.started_at AND m.pid = f.pid
			-- by hand nobody else can refresh it either
			LEFT JOIN journey.schedules AS s ON s.id = d.id AND NOT journey_internal.is_role(d.owner) AND s.next_due <= inputs_of.as_of AND v.as_of < inputs_of.as_of
		WHERE u.id = of_id AND u.used <> of_id ORDER BY 2 $$;
COMMENT ON FUNCTION journey_internal.inputs_of(bigint, timestamptz) IS 'The segments and tags that a definition uses, their newest versions at a time, and why these are stale; problem is NULL if they are not stale.';
CREATE FUNCTION journey_internal.version_inputs(of_id bigint, as_of timestamptz) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', i.id, 'name', i.name, 'as_of', i.version, 'computed_at', i.computed_at,
			'stale', CASE WHEN i.problem IS NOT NULL THEN true END)) ORDER BY i.name), '[]')
		FROM journey_internal.inputs_of(of_id, as_of) AS i WHERE i.version IS NOT NULL $$;
COMMENT ON FUNCTION journey_internal.version_inputs(bigint, timestamptz) IS 'The value of versions.inputs for a version computed now.';
CREATE FUNCTION journey_internal.begin_versions(ids bigint[], owner oid, as_of timestamptz, began timestamptz, scale int, inputs jsonb) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	here bigint[];
BEGIN
	SELECT coalesce(array_agg(l.id), '{}') INTO here
	FROM (SELECT d.id FROM journey.definitions AS d WHERE d.id = ANY (ids) AND d.owner::oid = begin_versions.owner FOR KEY SHARE SKIP LOCKED) AS l;
	DELETE FROM journey.versions AS v WHERE v.id = ANY (here) AND v.as_of = begin_versions.as_of;
	INSERT INTO journey.versions (id, as_of, computed_at, duration, users, entered, exited, scale, inputs)
	SELECT n, begin_versions.as_of, began, '0', 0, 0, 0, begin_versions.scale, coalesce(begin_versions.inputs -> n::text, '[]') FROM unnest(here) AS n;
	RETURN here;
END $$;
COMMENT ON FUNCTION journey_internal.begin_versions(bigint[], oid, timestamptz, timestamptz, int, jsonb) IS 'Support function of refresh: creates versions whose members are written next, and replaces versions of the same time. Returns the definitions that still exist.';
CREATE FUNCTION journey_internal.compute_versions(ids bigint[], as_of timestamptz) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions;
	how journey.methods;
	query text;
	began timestamptz := clock_timestamp();
	wanted bigint;
	next timestamptz;
	computed record;
	here bigint[];
	-- rows on their way into the table
	some_ids bigint[] := '{}';
	some_values text[] := '{}';
	some_members journey.userset[] := '{}';
	some_bytes bigint := 0;
BEGIN
	one := journey_internal.definition_by_id(ids[1]);
	IF NOT journey_internal.is_role(one.owner) THEN
		RAISE EXCEPTION '"%" has no owner: %', one.name, one.owner USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'set_definition_owner gives it one, or accepts what was restored.';
	END IF;
	-- as of one moment, or an ALTER between would have its numbers taken for those of the old scale
	SELECT q.definition, q.query INTO computed
	FROM (SELECT d AS definition, journey_internal.refresh_query(ids, compute_versions.as_of) AS query FROM journey_internal.definition_by_id(ids[1]) AS d) AS q;
	one := computed.definition;
	query := computed.query;
	SELECT * INTO how FROM journey.methods AS m WHERE m.kind = one.kind AND m.method = one.method;
	-- with the inputs as the query sees them
	IF how.numeric THEN
		SELECT r.rows, r.numbers, jsonb_build_object(one.id, journey_internal.version_inputs(one.id, compute_versions.as_of)) AS inputs INTO computed
		FROM journey_internal.run_as(one.owner::oid, query, compute_versions.as_of, one.time_zone)
			AS r(id bigint, rows bigint, numbers journey.numset);
		IF computed.rows <> journey.numset_count(computed.numbers) THEN
			RAISE EXCEPTION 'the definition of tag "%" returns % rows for % users', one.name, computed.rows, journey.numset_count(computed.numbers)
				USING ERRCODE = 'cardinality_violation', HINT = 'A numeric tag has one number for each user: group by the user, and choose which number.';
		END IF;
		here := journey_internal.begin_versions(ids, one.owner::oid, compute_versions.as_of, began, one.scale, computed.inputs);
		INSERT INTO journey.version_numbers (id, as_of, numbers) SELECT n, compute_versions.as_of, computed.numbers FROM unnest(here) AS n;
	ELSE
		-- the query has run to its end before the first row comes
		FOR computed IN
			SELECT r.id, r.value, r.members, i.inputs
			FROM (SELECT jsonb_object_agg(u.id, journey_internal.version_inputs(u.id, compute_versions.as_of)) AS inputs
					FROM (SELECT DISTINCT w.id FROM journey.definition_uses AS w WHERE w.id = ANY (ids)) AS u) AS i
				LEFT JOIN (SELECT r.id, r.value, journey.union_agg(r.members) AS members
					FROM journey_internal.run_as(one.owner::oid, query, compute_versions.as_of, one.time_zone)
						AS r(id bigint, value text, members journey.userset)
					-- a query that was changed by hand must not write what is another's
					WHERE r.value IS NOT NULL AND r.id = ANY (ids) GROUP BY r.id, r.value) AS r ON r.value = '' OR journey.cardinality(r.members) > 0
		LOOP
			here := coalesce(here, journey_internal.begin_versions(ids, one.owner::oid, compute_versions.as_of, began, one.scale, computed.inputs));
			CONTINUE WHEN computed.id IS NULL OR computed.id <> ALL (here);
			some_ids := some_ids || computed.id;
			some_values := some_values || computed.value;
			some_members := some_members || computed.members;
			some_bytes := some_bytes + pg_column_size(computed.members);
			IF some_bytes > 33554432 OR cardinality(some_ids) >= 1000 THEN
				PERFORM journey_internal.add_members(compute_versions.as_of, some_ids, some_values, some_members);
				some_ids := '{}';
				some_values := '{}';
				some_members := '{}';
				some_bytes := 0;
			END IF;
		END LOOP;
		PERFORM journey_internal.add_members(compute_versions.as_of, some_ids, some_values, some_members);
	END IF;
	IF one.query IS NOT NULL AND here <> '{}' THEN
		-- nothing may have been dropped and made anew while it ran
		PERFORM journey_internal.check_uses(one.id);
	END IF;
	FOREACH wanted IN ARRAY here LOOP
		IF wanted <> one.id THEN
			SELECT m.stored_function INTO how.stored_function FROM journey.definitions AS d JOIN journey.methods AS m ON m.kind = d.kind AND m.method = d.method WHERE d.id = wanted;
		END IF;
		PERFORM journey_internal.count_changes(wanted, compute_versions.as_of);
		IF how.stored_function IS NOT NULL THEN
			EXECUTE format('SELECT %s($1, $2)', how.stored_function) USING wanted, compute_versions.as_of;
		END IF;
		-- before the next one is looked for, or it might be one that goes
		PERFORM journey_internal.prune_versions(wanted, compute_versions.as_of);
		SELECT min(v.as_of) INTO next FROM journey.versions AS v WHERE v.id = wanted AND v.as_of > compute_versions.as_of;
		IF next IS NOT NULL THEN
			PERFORM journey_internal.count_changes(wanted, next);
		END IF;
	END LOOP;
	UPDATE journey.versions AS v SET computed_at = clock_timestamp(), duration = clock_timestamp() - began
	WHERE v.id = ANY (here) AND v.as_of = compute_versions.as_of;
	RETURN here;
END $$;
COMMENT ON FUNCTION journey_internal.compute_versions(bigint[], timestamptz) IS 'Support function of refresh: computes segments or tags and stores their versions. Returns the definitions that still exist.';
CREATE FUNCTION journey_internal.add_members(as_of timestamptz, ids bigint[], tag_values text[], sets userset[]) RETURNS void
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
	AS $$ INSERT INTO journey.version_members (id, as_of, value, users, members)
		SELECT n.id, add_members.as_of, n.value, journey.cardinality(n.members), n.members FROM unnest(ids, tag_values, sets) AS n(id, value, members) $$;
COMMENT ON FUNCTION journey_internal.add_members(timestamptz, bigint[], text[], userset[]) IS 'Support function of refresh: writes the members of versions.';
CREATE FUNCTION journey_internal.failed_source(id bigint) RETURNS text
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_by_id(id);
	source record;
BEGIN
	FOR source IN SELECT u.source AS id, coalesce(s.name, u.name) AS name FROM journey.definition_sources AS u LEFT JOIN journey.sources AS s ON s.id = u.source
		WHERE u.id = one.id AND journey_internal.is_role(one.owner) ORDER BY u.name
	LOOP
		BEGIN
			IF source.id IS NULL THEN
				RETURN format('the source "%s" was dropped', source.name);
			END IF;
			PERFORM FROM journey_internal.run_as(one.owner::oid,
				format('SELECT 1 FROM (SELECT * FROM (%s) AS s LIMIT 0) AS s', journey_internal.source_query(source.id, one.owner::regrole)), now()) AS r(x int);
		EXCEPTION WHEN OTHERS THEN
			RETURN CASE WHEN SQLERRM LIKE 'there is no source %' OR SQLERRM LIKE 'source %' THEN SQLERRM ELSE format('source "%s": %s', source.name, SQLERRM) END;
		END;
	END LOOP;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION journey_internal.failed_source(bigint) IS 'Which source of a segment or tag cannot be read, and why; NULL if all can be read.';
CREATE FUNCTION journey_internal.log_refresh(ids bigint[], as_of timestamptz, began timestamptz, status text, state text, error text) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	here bigint[];
BEGIN
	SELECT coalesce(array_agg(l.id), '{}') INTO here
	FROM (SELECT d.id FROM journey.definitions AS d WHERE d.id = ANY (ids) AND journey_internal.owns(d.owner) FOR KEY SHARE SKIP LOCKED) AS l;
	BEGIN
		INSERT INTO journey.refresh_log AS l (id, as_of, started_at, finished_at, status, sqlstate, users)
		SELECT n, log_refresh.as_of, began, CASE WHEN log_refresh.status <> 'running' THEN clock_timestamp() END, log_refresh.status, state,
			(SELECT v.users FROM journey.versions AS v WHERE log_refresh.status = 'succeeded' AND v.id = n AND v.as_of = log_refresh.as_of)
		FROM unnest(here) AS n
		ON CONFLICT (id, started_at, pid) DO UPDATE
		SET finished_at = excluded.finished_at, status = excluded.status, sqlstate = excluded.sqlstate, users = excluded.users;
		IF log_refresh.error IS NOT NULL THEN
			INSERT INTO journey.refresh_errors AS m (id, started_at, pid, error)
			SELECT n, began, pg_backend_pid(), log_refresh.error FROM unnest(here) AS n
			ON CONFLICT (id, started_at, pid) DO UPDATE SET error = excluded.error;
		END IF;
	EXCEPTION WHEN lock_not_available THEN
		IF cardinality(here) = 1 THEN
			RAISE WARNING 'how refreshing "%" ended cannot be recorded: %', (SELECT d.name FROM journey.definitions AS d WHERE d.id = here[1]), SQLERRM;
		ELSE
			here := ARRAY(SELECT l FROM unnest(here) AS n, unnest(journey_internal.log_refresh(ARRAY[n], as_of, began, status, state, error)) AS l);
		END IF;
	END;
	RETURN here;
END $$;
COMMENT ON FUNCTION journey_internal.log_refresh(bigint[], timestamptz, timestamptz, text, text, text) IS 'Support function of refresh: writes the status of refreshes into the log. Returns the definitions that still exist.';
CREATE FUNCTION journey_internal.try_refresh(ids bigint[], as_of timestamptz, began timestamptz, may_be_stale bigint[]) RETURNS bigint[]
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
		FROM journey.definitions AS d, LATERAL (SELECT * FROM journey_internal.inputs_of(d.id, try_refresh.as_of) AS i WHERE i.problem IS NOT NULL LIMIT 1) AS i
		WHERE d.id = ANY (ids) AND EXISTS (SELECT FROM journey.definition_uses AS u WHERE u.id = d.id) ORDER BY d.name
	LOOP
		IF stale.id = ANY (may_be_stale) AND stale.version IS NOT NULL THEN
			RAISE WARNING '"%" is computed from what "%" was as of %: %', stale.name, stale.input, stale.version, stale.problem;
		ELSE
			rest := array_remove(rest, stale.id);
			failed := failed || journey_internal.log_refresh(ARRAY[stale.id], as_of, began, 'failed'::text, '55000'::text, stale.problem);
			RAISE WARNING 'refreshing "%" failed: %', stale.name, stale.problem USING HINT = 'The last good version stays. With stale_inputs, it is computed from the last good version of its input.';
		END IF;
	END LOOP;
	IF cardinality(rest) = 0 THEN
		RETURN failed;
	END IF;
	BEGIN
		here := journey_internal.compute_versions(rest, as_of);
	EXCEPTION WHEN OTHERS THEN
		state := SQLSTATE;
		problem := SQLERRM;
	END;
	IF problem IS NULL THEN
		PERFORM journey_internal.log_refresh(here, as_of, began, 'succeeded'::text, NULL::text, NULL::text);
		-- what was given away meanwhile
		failed := failed || journey_internal.log_refresh(ARRAY(SELECT n FROM unnest(rest) AS n WHERE n <> ALL (here)), as_of, began, 'failed'::text, '55000'::text,
			'it was given to another owner, or is being dropped'::text);
	ELSIF cardinality(rest) = 1 THEN
		BEGIN
			problem := coalesce(journey_internal.failed_source(rest[1]), problem);
		EXCEPTION WHEN OTHERS THEN
			NULL;	-- it was dropped
		END;
		here := journey_internal.log_refresh(rest, as_of, began, 'failed'::text, state, problem);
		IF here <> '{}' THEN
			RAISE WARNING 'refreshing "%" failed: %', (SELECT d.name FROM journey.definitions AS d WHERE d.id = rest[1]), problem USING HINT = 'The last good version stays.';
		END IF;
		failed := failed || here;
	ELSE
		-- together they failed: which of them?
		FOREACH wanted IN ARRAY rest LOOP
			failed := failed || journey_internal.try_refresh(ARRAY[wanted], as_of, began, may_be_stale);
		END LOOP;
	END IF;
	RETURN failed;
END $$;
COMMENT ON FUNCTION journey_internal.try_refresh(bigint[], timestamptz, timestamptz, bigint[]) IS 'Support function of refresh: computes segments or tags of one owner, and records success or failure. Returns the ones that failed.';
CREATE FUNCTION journey_internal.lock_key(id bigint) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ((id - 1) % 2147483647 + 1)::int $$;
COMMENT ON FUNCTION journey_internal.lock_key(bigint) IS 'The second key of the advisory lock of a segment or tag: its number, as an integer.';
CREATE FUNCTION journey_internal.try_lock(id bigint) RETURNS boolean
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT pg_try_advisory_xact_lock(journey_internal.lock_space(), journey_internal.lock_key(id)) $$;
COMMENT ON FUNCTION journey_internal.try_lock(bigint) IS 'Takes the lock that protects the computation of a segment or tag until the end of the transaction. False if another session holds it.';
CREATE OR REPLACE FUNCTION journey_internal.check_as_of(as_of timestamptz) RETURNS timestamptz
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
COMMENT ON FUNCTION journey_internal.check_as_of(timestamptz) IS 'Raises an error unless a version can be computed for this time.';
CREATE FUNCTION journey_internal.do_refresh_definitions(names text[], at timestamptz, kind text, stale_inputs boolean)
	RETURNS TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	wanted text;
	one journey.definitions;
	began timestamptz := clock_timestamp();
	locked bigint[] := '{}';
	batch bigint[];
	busy record;
BEGIN
	PERFORM journey_internal.check_as_of(at);
	IF stale_inputs IS NULL THEN
		RAISE EXCEPTION 'stale_inputs must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	FOR wanted IN SELECT DISTINCT n FROM unnest(names) AS n ORDER BY n LOOP
		one := journey_internal.own_definition(wanted, kind);
		IF journey_internal.try_lock(one.id) THEN
			locked := locked || one.id;
		ELSE
			RAISE NOTICE '"%" is being refreshed by another session', wanted;
		END IF;
	END LOOP;
	FOR batch IN SELECT b.ids FROM journey_internal.batches(locked) AS b(ids, place) ORDER BY b.place LOOP
		-- what another session is computing is about to be old
		FOR busy IN SELECT DISTINCT ON (u.id) u.id, i.name AS input, d.name FROM journey.definition_uses AS u JOIN journey.definitions AS d ON d.id = u.id JOIN journey.definitions AS i ON i.id = u.used
			WHERE NOT stale_inputs AND u.id = ANY (batch) AND u.used <> u.id AND journey_internal.refreshing_elsewhere(ARRAY[u.used]) <> '{}' ORDER BY u.id, i.name
		LOOP
			PERFORM journey_internal.log_refresh(ARRAY[busy.id], at, began, 'failed'::text, '55006'::text, format('its input "%s" is being refreshed by another session', busy.input));
			RAISE WARNING 'refreshing "%" failed: its input "%" is being refreshed by another session', busy.name, busy.input USING HINT = 'Try again when that is done, or with stale_inputs.';
			batch := array_remove(batch, busy.id);
		END LOOP;
		IF cardinality(batch) > 0 THEN
			PERFORM journey_internal.try_refresh(batch, at, began, CASE WHEN stale_inputs THEN batch ELSE '{}' END);
		END IF;
	END LOOP;
	RETURN QUERY SELECT d.name, l.as_of, v.users, v.entered, v.exited, v.duration, m.error
		FROM journey.refresh_log AS l JOIN journey.definitions AS d ON d.id = l.id LEFT JOIN journey.refresh_errors AS m ON m.id = l.id AND m.started_at = l.started_at AND m.pid = l.pid
			LEFT JOIN journey.versions AS v ON l.status = 'succeeded' AND v.id = l.id AND v.as_of = l.as_of
		WHERE l.id = ANY (locked) AND l.started_at = began AND l.pid = pg_backend_pid() ORDER BY d.name;
END $$;
COMMENT ON FUNCTION journey_internal.do_refresh_definitions(text[], timestamptz, text, boolean) IS 'Support function of refresh_definitions, which calls it: what that does.';
CREATE FUNCTION journey_internal.refresh_definitions(names text[], at timestamptz, kind text, stale_inputs boolean)
	RETURNS TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.refresh_definitions(text[], timestamptz, text, boolean) IS 'Support function of refresh_segment, refresh_segments and refresh_tag.';
CREATE FUNCTION journey_internal.batches(ids bigint[]) RETURNS TABLE (batch bigint[], place bigint)
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
			SELECT u.id FROM unnest(missing) AS m JOIN journey.definition_uses AS u ON u.id = m JOIN unnest(missing) AS n ON n = u.used AND n <> m);
		-- a cycle by way of definitions that its members could not see: any order is as good
		IF cardinality(ready) = 0 THEN
			ready := missing;
		END IF;
		RETURN QUERY SELECT array_agg(d.id ORDER BY d.name), depth FROM unnest(ready) AS r JOIN journey.definitions AS d ON d.id = r LEFT JOIN journey.methods AS m ON m.kind = d.kind AND m.method = d.method
			GROUP BY d.owner::oid, d.time_zone, m.query_function, CASE WHEN m.together THEN ARRAY(SELECT u.source FROM journey.definition_sources AS u WHERE u.id = d.id ORDER BY u.name) ELSE ARRAY[-d.id] END;
		missing := ARRAY(SELECT m FROM unnest(missing) AS m EXCEPT SELECT r FROM unnest(ready) AS r);
		depth := depth + 1;
	END LOOP;
END $$;
COMMENT ON FUNCTION journey_internal.batches(bigint[]) IS 'Support function of refresh: groups of definitions that can be computed together, in order of dependency.';
CREATE FUNCTION journey_internal.most_steps() RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	AS $$ SELECT 58 $$;
COMMENT ON FUNCTION journey_internal.most_steps() IS 'The largest number of conditions in a stepset.';
CREATE OR REPLACE FUNCTION journey_internal.first_step(stepset) RETURNS int
	AS 'MODULE_PATHNAME', 'journey_first_step'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.first_step(stepset) IS 'Support function of rules: the number of the first condition that is met, from 1; 0 if no condition is met.';
CREATE OR REPLACE FUNCTION journey_internal.steps_at(places stepset, VARIADIC conditions "any") RETURNS stepset
	AS 'MODULE_PATHNAME', 'journey_steps_at'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.steps_at(stepset, "any") IS 'Support function of rules: a stepset in which the given booleans are the conditions at the ones of places; all other conditions are false. NULL counts as false.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_combine(internal, internal) IS 'Support function of aggregates over the state step_users: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_users_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_serialize(internal) IS 'Support function of aggregates over the state step_users: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_deserialize(bytea, internal) IS 'Support function of aggregates over the state step_users: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_final(internal) IS 'Support function of step_users: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.step_users_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of step_users: adds one row.';
CREATE OR REPLACE AGGREGATE journey_internal.step_users(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = journey_internal.step_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.step_users_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.step_users_combine, SERIALFUNC = journey_internal.step_users_serialize,
	DESERIALFUNC = journey_internal.step_users_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE journey_internal.step_users(bigint, timestamptz, stepset, text) IS
	'Who met a step how often and when: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included) and a number of times: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) 3'' holds for users who met step 1 at least three times in January; several are separated by semicolons. Rows with a NULL are skipped; no rows give NULL. Rules are made of it.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_once_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_once_combine(internal, internal) IS 'Support function of aggregates over the state step_users_once: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_once_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_users_once_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_once_serialize(internal) IS 'Support function of aggregates over the state step_users_once: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_once_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_once_deserialize(bytea, internal) IS 'Support function of aggregates over the state step_users_once: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_once_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_users_once_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_users_once_final(internal) IS 'Support function of step_users_once: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.step_users_once_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_users_once_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.step_users_once_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of step_users_once: adds one row.';
CREATE OR REPLACE AGGREGATE journey_internal.step_users_once(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = journey_internal.step_users_once_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.step_users_once_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.step_users_once_combine, SERIALFUNC = journey_internal.step_users_once_serialize,
	DESERIALFUNC = journey_internal.step_users_once_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE journey_internal.step_users_once(bigint, timestamptz, stepset, text) IS
	'The same as step_users for questions that all ask for one time only: faster, as nothing is counted.';
CREATE OR REPLACE FUNCTION journey_internal.step_totals_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_totals_combine(internal, internal) IS 'Support function of aggregates over the state step_totals: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.step_totals_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_step_totals_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_totals_serialize(internal) IS 'Support function of aggregates over the state step_totals: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.step_totals_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_totals_deserialize(bytea, internal) IS 'Support function of aggregates over the state step_totals: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.step_totals_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_step_totals_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.step_totals_final(internal) IS 'Support function of step_totals: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.step_totals_transition(internal, bigint, timestamptz, stepset, double precision, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_step_totals_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.step_totals_transition(internal, bigint, timestamptz, stepset, double precision, text) IS 'Support function of step_totals: adds one row.';
CREATE OR REPLACE AGGREGATE journey_internal.step_totals(user_id bigint, at timestamptz, step stepset, value double precision, questions text) (
	SFUNC = journey_internal.step_totals_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.step_totals_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.step_totals_combine, SERIALFUNC = journey_internal.step_totals_serialize,
	DESERIALFUNC = journey_internal.step_totals_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE journey_internal.step_totals(bigint, timestamptz, stepset, double precision, text) IS
	'Whose values of a step come to something: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included), sum, avg, min or max, and a comparison, with a semicolon after it: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) sum >= 100;''. A sum or mean that is as near to the bound as float8 can tell is equal to it. Rows with a NULL are skipped; no rows give NULL.';
CREATE OR REPLACE FUNCTION journey_internal.users_by_total_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.users_by_total_combine(internal, internal) IS 'Support function of aggregates over the state users_by_total: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.users_by_total_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_users_by_total_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.users_by_total_serialize(internal) IS 'Support function of aggregates over the state users_by_total: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.users_by_total_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.users_by_total_deserialize(bytea, internal) IS 'Support function of aggregates over the state users_by_total: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.users_by_total_final(internal) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_users_by_total_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.users_by_total_final(internal) IS 'Support function of users_by_total: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.users_by_total_transition(internal, bigint, double precision, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_total_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.users_by_total_transition(internal, bigint, double precision, text, text, text) IS 'Support function of users_by_total: adds one row.';
CREATE OR REPLACE AGGREGATE journey_internal.users_by_total(user_id bigint, value double precision, total text, operator text, bound text) (
	SFUNC = journey_internal.users_by_total_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.users_by_total_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.users_by_total_combine, SERIALFUNC = journey_internal.users_by_total_serialize,
	DESERIALFUNC = journey_internal.users_by_total_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE journey_internal.users_by_total(bigint, double precision, text, text, text) IS
	'The users whose values come to something: users_by_total(user_id, amount, ''sum'', ''>='', ''1000''). total: sum, avg, min or max. Rows with a NULL user or value are skipped; no rows give NULL.';
CREATE OR REPLACE FUNCTION journey_internal.users_by_distinct_transition(internal, bigint, text, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_users_by_distinct_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.users_by_distinct_transition(internal, bigint, text, text, text, text) IS 'Support function of users_by_total: adds one row.';
CREATE OR REPLACE AGGREGATE journey_internal.users_by_total(user_id bigint, value text, total text, operator text, bound text) (
	SFUNC = journey_internal.users_by_distinct_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.users_by_total_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.users_by_total_combine, SERIALFUNC = journey_internal.users_by_total_serialize,
	DESERIALFUNC = journey_internal.users_by_total_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE journey_internal.users_by_total(bigint, text, text, text, text) IS
	'The users with so many different values: users_by_total(user_id, channel, ''distinct'', ''>='', ''3''). Rows with a NULL user or value are skipped; no rows give NULL.';
CREATE OR REPLACE FUNCTION journey_internal.pattern_users_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_users_combine'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_users_combine(internal, internal) IS 'Support function of aggregates over the state pattern_users: joins two states.';
CREATE OR REPLACE FUNCTION journey_internal.pattern_users_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_pattern_users_serialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_users_serialize(internal) IS 'Support function of aggregates over the state pattern_users: a state as bytes.';
CREATE OR REPLACE FUNCTION journey_internal.pattern_users_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_users_deserialize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_users_deserialize(bytea, internal) IS 'Support function of aggregates over the state pattern_users: bytes as a state.';
CREATE OR REPLACE FUNCTION journey_internal.pattern_users_final(internal) RETURNS userset[]
	AS 'MODULE_PATHNAME', 'journey_pattern_users_final'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.pattern_users_final(internal) IS 'Support function of pattern_users: a state as the result.';
CREATE OR REPLACE FUNCTION journey_internal.pattern_users_transition(internal, bigint, timestamptz, stepset, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_pattern_users_transition'
	LANGUAGE C IMMUTABLE PARALLEL SAFE SUPPORT journey_internal.planner_support;
COMMENT ON FUNCTION journey_internal.pattern_users_transition(internal, bigint, timestamptz, stepset, text) IS 'Support function of pattern_users: adds one row.';
CREATE OR REPLACE AGGREGATE journey_internal.pattern_users(user_id bigint, at timestamptz, step stepset, questions text) (
	SFUNC = journey_internal.pattern_users_transition, STYPE = internal, SSPACE = 1000000,
	FINALFUNC = journey_internal.pattern_users_final, FINALFUNC_MODIFY = READ_WRITE,
	COMBINEFUNC = journey_internal.pattern_users_combine, SERIALFUNC = journey_internal.pattern_users_serialize,
	DESERIALFUNC = journey_internal.pattern_users_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE journey_internal.pattern_users(bigint, timestamptz, stepset, text) IS
	'The users whom each of several patterns matches, for all in one pass: an array of one userset a question. A question is a window (its end not included), the conditions that are the steps of a pattern, and the pattern: ''[-infinity, 2026-02-01 00:00+00) 1,3: (?1)(?2);'', where (?2) is condition 3; each has a semicolon after it. Rows outside the window or without a step of the pattern are not there for it. Rows with a NULL are skipped; no rows give NULL.';
CREATE TYPE journey_internal.rule_scope AS (as_of timestamptz, uses jsonb, alias text, prefix text, attributes jsonb, has_json boolean);
COMMENT ON TYPE journey_internal.rule_scope IS 'The context in which a rule is compiled: its time; the numbers of segments and tags by name; the types of attributes by name, and which attributes are columns; and whether a column attrs holds others.';
CREATE TYPE journey_internal.rule_event AS (names text[], filter text, sql text);
COMMENT ON TYPE journey_internal.rule_event IS 'An event of a rule: its names (NULL: any); its filter in SQL, or NULL; and both together in SQL.';
CREATE OR REPLACE FUNCTION journey_internal.check_keys(object jsonb, allowed text[], what text) RETURNS void
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
COMMENT ON FUNCTION journey_internal.check_keys(jsonb, text[], text) IS 'Raises an error unless this is an object and has only these keys.';
CREATE OR REPLACE FUNCTION journey_internal.rule_duration(duration jsonb, what text) RETURNS interval
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
COMMENT ON FUNCTION journey_internal.rule_duration(jsonb, text) IS 'A duration in a rule, up to a million days. Months are an error.';
CREATE OR REPLACE FUNCTION journey_internal.rule_time(at jsonb, what text) RETURNS timestamptz
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
COMMENT ON FUNCTION journey_internal.rule_time(jsonb, text) IS 'A time in a rule. It must be finite and have a time zone.';
CREATE OR REPLACE FUNCTION journey_internal.rule_window(condition jsonb, as_of timestamptz, OUT since timestamptz, OUT until timestamptz)
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
		since := as_of - journey_internal.rule_duration(condition #> '{within,0}', 'within'::text);
		until := as_of - journey_internal.rule_duration(condition #> '{within,1}', 'within'::text);
	ELSIF condition ? 'within' THEN
		since := as_of - journey_internal.rule_duration(condition -> 'within', 'within'::text);
	ELSE
		IF condition ? 'from' THEN
			since := journey_internal.rule_time(condition -> 'from', 'from'::text);
		END IF;
		IF condition ? 'to' THEN
			until := least(as_of, journey_internal.rule_time(condition -> 'to', 'to'::text));
		END IF;
	END IF;
	-- a fixed window may lie after as_of; then nobody did anything in it
	IF condition ? 'within' AND since >= until
		OR condition ? 'from' AND condition ? 'to' AND since >= journey_internal.rule_time(condition -> 'to', 'to'::text) THEN
		RAISE EXCEPTION 'the window of a condition is empty: %', condition USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It does not begin before its end.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.rule_window(jsonb, timestamptz) IS 'The window of a condition of a rule, evaluated at as_of.';
CREATE FUNCTION journey_internal.type_operator(type text, operator text) RETURNS text
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
COMMENT ON FUNCTION journey_internal.type_operator(text, text) IS 'The operator =, !=, <, <=, > or >= of a type, in SQL. It is qualified with its schema if the type is outside of pg_catalog and has the operator in its default operator class.';
CREATE OR REPLACE FUNCTION journey_internal.rule_comparison(operand text, type text, comparison jsonb, what text) RETURNS text
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
				one := format('%s %s %L::%s', operand, journey_internal.type_operator(type, operator), given #>> '{}', type);
			END IF;
		ELSIF operator = 'in' AND jsonb_typeof(given) = 'array' AND jsonb_array_length(given) > 0 THEN
			SELECT '(' || string_agg(journey_internal.rule_comparison(operand, type, jsonb_build_object('=', g), what), ' OR ') || ')' INTO one
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
COMMENT ON FUNCTION journey_internal.rule_comparison(text, text, jsonb, text) IS 'A comparison of a rule in SQL.';
CREATE FUNCTION journey_internal.rule_attribute(name text, scope journey_internal.rule_scope, OUT operand text, OUT type text)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF name = 'value' AND scope.alias = 'e' THEN
		operand := 'e.value';
		type := 'double precision';
	ELSIF scope.attributes ? name THEN
		operand := format('%s.%I', scope.alias, concat(scope.prefix, name));
		type := scope.attributes ->> name;
	ELSIF scope.has_json THEN
		operand := format('(%s.attrs -> %L)', scope.alias, name);
		type := 'attrs';
	ELSE
		RAISE EXCEPTION 'there is no attribute "%"', name USING ERRCODE = 'undefined_column',
			HINT = 'There are: ' || concat_ws(', ', CASE scope.alias WHEN 'e' THEN 'value' END, (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(scope.attributes) AS k)) || '.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.rule_attribute(text, journey_internal.rule_scope) IS 'An attribute that a rule names, in SQL.';
CREATE FUNCTION journey_internal.rule_filter(filter jsonb, scope journey_internal.rule_scope) RETURNS text
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
			result := result || (SELECT '(' || string_agg(journey_internal.rule_filter(g, scope), CASE key WHEN 'and' THEN ' AND ' ELSE ' OR ' END) || ')'
				FROM jsonb_array_elements(given) AS g);
		ELSIF key = 'not' THEN
			-- also when what it denies is unknown
			result := result || format('(%s) IS NOT TRUE', journey_internal.rule_filter(given, scope));
		ELSE
			SELECT * INTO attribute FROM journey_internal.rule_attribute(key, scope);
			result := result || journey_internal.rule_comparison(attribute.operand, attribute.type, given, format('"%s"', key));
		END IF;
	END LOOP;
	RETURN array_to_string(result, ' AND ');
END $$;
COMMENT ON FUNCTION journey_internal.rule_filter(jsonb, journey_internal.rule_scope) IS 'A filter of a rule in SQL.';
CREATE FUNCTION journey_internal.event_of_rule(event jsonb, filter jsonb, scope journey_internal.rule_scope) RETURNS journey_internal.rule_event
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result journey_internal.rule_event;
BEGIN
	IF jsonb_typeof(event) = 'string' THEN
		event := jsonb_build_array(event);
	END IF;
	IF jsonb_typeof(event) IS DISTINCT FROM 'array' OR jsonb_array_length(event) = 0 OR EXISTS (SELECT FROM jsonb_array_elements(event) AS n WHERE jsonb_typeof(n) <> 'string') THEN
		RAISE EXCEPTION 'an event is %', coalesce(event::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write its name, an array of names for any of them, or "*" for any event.';
	END IF;
	IF event <> '["*"]' THEN
		result.names := ARRAY(SELECT jsonb_array_elements_text(event));
	END IF;
	IF filter IS NOT NULL THEN
		result.filter := journey_internal.rule_filter(filter, scope);
	END IF;
	result.sql := concat(CASE WHEN result.names IS NULL THEN 'true'
		WHEN cardinality(result.names) = 1 THEN format('e.event = %L::pg_catalog.text', result.names[1])
		ELSE format('e.event = ANY (%L::pg_catalog.text[])', result.names) END, ' AND ' || result.filter);
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.event_of_rule(jsonb, jsonb, journey_internal.rule_scope) IS 'An event that a rule names, with its filter.';
CREATE TYPE journey_internal.rule_question AS (kind text, events journey_internal.rule_event[], operand text, since timestamptz, until timestamptz, ask text);
COMMENT ON TYPE journey_internal.rule_question IS 'A question of a rule to its source. By kind: named, filtered: who met an event at least a number of times (ask); total: for whom the aggregated values (operand) of an event satisfy comparisons (ask); pattern: whose events match a pattern (ask); distinct, chain: the result of a separate aggregate (ask).';
CREATE TYPE journey_internal.rule_part AS (set text, negated boolean, questions journey_internal.rule_question[]);
COMMENT ON TYPE journey_internal.rule_part IS 'A condition as an expression of type userset, a template of format(); whether the condition is the complement of this set; and its questions.';
CREATE FUNCTION journey_internal.count_question(event journey_internal.rule_event, since timestamptz, until timestamptz, at_least bigint) RETURNS journey_internal.rule_question
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN ROW(CASE WHEN cardinality(event.names) = 1 AND event.filter IS NULL THEN 'named' ELSE 'filtered' END, ARRAY[event], NULL, since, until, at_least)::journey_internal.rule_question;
END $$;
COMMENT ON FUNCTION journey_internal.count_question(journey_internal.rule_event, timestamptz, timestamptz, bigint) IS 'Adds a question: who met an event at least a number of times.';
CREATE OR REPLACE FUNCTION journey_internal.check_pattern(pattern text, steps int) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM journey.users_matching(1::bigint, '2000-01-01 00:00+00'::timestamptz, (repeat('0', steps))::journey.stepset, pattern);
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE EXCEPTION 'the pattern "%" names more steps than the % there are', pattern, steps USING ERRCODE = 'invalid_parameter_value',
		HINT = '(?1) is the first step of "sequence", (?2) the second.';
END $$;
COMMENT ON FUNCTION journey_internal.check_pattern(text, int) IS 'Raises an error with the position and the reason unless this is a valid pattern over this number of steps.';
CREATE FUNCTION journey_internal.rule_used(name text, kind text, scope journey_internal.rule_scope) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF scope.uses ->> name IS NULL THEN
		RAISE EXCEPTION 'the % "%" was dropped', kind, name USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
	RETURN format('%s::pg_catalog.int8, %L::pg_catalog.text', scope.uses ->> name, name);
END $$;
COMMENT ON FUNCTION journey_internal.rule_used(text, text, journey_internal.rule_scope) IS 'Support function of rules: the expression, in SQL, for a segment or tag that a rule uses. Raises an error if it was dropped.';
CREATE FUNCTION journey_internal.check_comparison(given jsonb, hint text, OUT operator text, OUT bound jsonb) RETURNS SETOF record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	FOR operator, bound IN SELECT * FROM jsonb_each(given) LOOP
		IF operator <> ALL ('{=,!=,<,<=,>,>=}') OR jsonb_typeof(bound) <> 'number' THEN
			RAISE EXCEPTION '"is" is %', given USING ERRCODE = 'invalid_parameter_value', HINT = hint;
		END IF;
		RETURN NEXT;
	END LOOP;
END $$;
COMMENT ON FUNCTION journey_internal.check_comparison(jsonb, text) IS 'The comparisons of an "is". Raises an error unless all compare with numbers.';
CREATE FUNCTION journey_internal.combined(verb text, parts journey_internal.rule_part[]) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one record;
	result journey_internal.rule_part;
BEGIN
	SELECT string_agg(p.set, ' OPERATOR(journey.&) ' ORDER BY p.n) FILTER (WHERE p.negated = (verb = 'or')) AS all_of,
		string_agg(p.set, ' OPERATOR(journey.|) ' ORDER BY p.n) FILTER (WHERE p.negated <> (verb = 'or')) AS any_of
	INTO one FROM unnest(parts) WITH ORDINALITY AS p(set, negated, questions, n);
	-- what is all of some is negated if these are; so is any of the others, if there are no such
	result.negated := (verb = 'or') = (one.all_of IS NOT NULL);
	result.set := CASE WHEN one.all_of IS NULL OR one.any_of IS NULL THEN '(' || coalesce(one.all_of, one.any_of) || ')'
		ELSE format('((%s) OPERATOR(journey.-) (%s))', one.all_of, one.any_of) END;
	result.questions := '{}';
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.combined(text, journey_internal.rule_part[]) IS 'Parts combined by and, or by or; a NULL set if there are none. Their questions are already collected.';
CREATE FUNCTION journey_internal.rule_and_or(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	verb CONSTANT text := CASE WHEN condition ? 'and' THEN 'and' ELSE 'or' END;
	element jsonb;
	part journey_internal.rule_part;
	parts journey_internal.rule_part[] := '{}';
	questions journey_internal.rule_question[] := '{}';
BEGIN
	PERFORM journey_internal.check_keys(condition, ARRAY[verb], format('"%s"', verb));
	IF jsonb_typeof(condition -> verb) <> 'array' OR jsonb_array_length(condition -> verb) = 0 THEN
		RAISE EXCEPTION '"%" is %, not an array of conditions', verb, condition -> verb USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write one condition or more: {"and": [{"did": "buy"}, {"did": "login"}]}.';
	END IF;
	FOR element IN SELECT jsonb_array_elements(condition -> verb) LOOP
		part := journey_internal.rule_condition(element, scope, asked + cardinality(questions));
		questions := questions || part.questions;
		part.questions := NULL;
		parts := parts || part;
	END LOOP;
	part := journey_internal.combined(verb, parts);
	part.questions := questions;
	RETURN part;
END $$;
COMMENT ON FUNCTION journey_internal.rule_and_or(jsonb, journey_internal.rule_scope, int) IS '{"and": [...]}, {"or": [...]}.';
CREATE FUNCTION journey_internal.rule_not(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result journey_internal.rule_part;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{not}'::text[], '"not"'::text);
	result := journey_internal.rule_condition(condition -> 'not', scope, asked);
	result.negated := NOT result.negated;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.rule_not(jsonb, journey_internal.rule_scope, int) IS '{"not": ...}.';
CREATE FUNCTION journey_internal.rule_count(given jsonb, OUT lower bigint, OUT upper bigint)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	count jsonb := CASE jsonb_typeof(given) WHEN 'number' THEN jsonb_build_object('=', given) ELSE given END;
	operator text;
	bound jsonb;
	number numeric;
BEGIN
	PERFORM journey_internal.check_keys(count, '{=,<,<=,>,>=}'::text[], '"count"'::text);
	lower := 0;
	FOR operator, bound IN SELECT * FROM jsonb_each(count) LOOP
		IF jsonb_typeof(bound) <> 'number' OR bound::numeric <> trunc(bound::numeric) OR bound::numeric NOT BETWEEN 0 AND 1e12 THEN
			RAISE EXCEPTION '"count" is compared with %', bound USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write a whole number from 0 on.';
		END IF;
		number := bound::numeric;
		IF operator IN ('>=', '>', '=') THEN
			lower := greatest(lower, number + (operator = '>')::int);
		END IF;
		IF operator IN ('<=', '<', '=') THEN
			upper := least(upper, number - (operator = '<')::int);
		END IF;
	END LOOP;
	IF upper < lower OR count = '{}' OR (lower = 0 AND upper IS NULL) THEN
		RAISE EXCEPTION '"count" is %: that holds for %', given, CASE WHEN upper < lower THEN 'nobody' ELSE 'everybody' END
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 3}, {"=": 1}, {"<=": 2} or {">=": 2, "<=": 5}.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.rule_count(jsonb) IS 'The "count" of a condition, as a range: from lower to upper times.';
CREATE FUNCTION journey_internal.rule_did(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	event journey_internal.rule_event;
	span record;
	times record;
	result journey_internal.rule_part;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{within,from,to,did,where,count}'::text[], '"did"'::text);
	event := journey_internal.event_of_rule(condition -> 'did', condition -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	IF NOT condition ? 'count' THEN
		RETURN ROW(format('%%%s$s', asked + 1), false, ARRAY[journey_internal.count_question(event, span.since, span.until, 1::bigint)])::journey_internal.rule_part;
	END IF;
	SELECT * INTO times FROM journey_internal.rule_count(condition -> 'count');
	result := ROW(format('%%%s$s', asked + 1), false, '{}');
	IF times.lower > 0 THEN
		result.questions := result.questions || journey_internal.count_question(event, span.since, span.until, times.lower);
	END IF;
	IF times.upper IS NOT NULL THEN
		result.questions := result.questions || journey_internal.count_question(event, span.since, span.until, times.upper + 1);
		IF times.lower > 0 THEN
			result.set := format('(%%%s$s OPERATOR(journey.-) %%%s$s)', asked + 1, asked + 2);
		ELSE
			result.negated := true;
		END IF;
	END IF;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.rule_did(jsonb, journey_internal.rule_scope, int) IS '{"did": "buy", "where": ..., "count": ..., "within": ...}.';
CREATE FUNCTION journey_internal.rule_did_not(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result journey_internal.rule_part;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{within,from,to,did_not,where}'::text[], '"did_not"'::text);
	result := journey_internal.rule_did(condition - 'did_not' || jsonb_build_object('did', condition -> 'did_not'), scope, asked);
	result.negated := true;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.rule_did_not(jsonb, journey_internal.rule_scope, int) IS '{"did_not": "buy", "where": ..., "within": ...}.';
CREATE FUNCTION journey_internal.rule_total(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	total text := (SELECT min(k) FROM jsonb_object_keys(condition) AS k WHERE k IN ('sum', 'avg', 'min', 'max', 'distinct'));
	event journey_internal.rule_event;
	span record;
	attribute record;
	test record;
BEGIN
	PERFORM journey_internal.check_keys(condition, ARRAY['within', 'from', 'to', 'did', 'where', 'is', total], format('"did" with "%s"', total));
	event := journey_internal.event_of_rule(condition -> 'did', condition -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	SELECT * INTO attribute FROM journey_internal.rule_attribute(condition ->> total, scope);
	IF jsonb_typeof(condition -> 'is') IS DISTINCT FROM 'object' OR (SELECT count(*) FROM jsonb_object_keys(condition -> 'is')) <> 1 THEN
		RAISE EXCEPTION '"is" is %, not one comparison', coalesce(condition ->> 'is', 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write "is": {">=": 1000}.';
	END IF;
	SELECT * INTO test FROM journey_internal.check_comparison(condition -> 'is', 'Write one of =, !=, <, <=, >, >= and a number: {">=": 1000}.'::text);
	IF abs(test.bound::numeric) > 1e308 OR test.bound::numeric <> 0 AND abs(test.bound::numeric) < 1e-307 THEN
		RAISE EXCEPTION '"is" compares with a number that is out of range: %', left(test.bound::text, 20) || '...' USING ERRCODE = 'numeric_value_out_of_range',
			HINT = 'Totals are of type float8: write a number from 1e-307 to 1e308, 0, or the negative of one.';
	END IF;
	IF total = 'distinct' THEN
		RETURN ROW(format('coalesce(%%%s$s, ''{}'')', asked + 1), false, ARRAY[ROW('distinct', '{}', NULL, span.since, span.until, format(
			'journey_internal.users_by_total(e.user_id, %s, %L::pg_catalog.text, %L::pg_catalog.text, %L::pg_catalog.text) FILTER (WHERE %s AND e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz)',
			CASE attribute.type WHEN 'attrs' THEN format('nullif((%s)::pg_catalog.text, ''null'')', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END,
			total, test.operator, test.bound::text, event.sql, span.since, span.until))::journey_internal.rule_question])::journey_internal.rule_part;
	ELSIF attribute.type NOT IN ('attrs', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
		RAISE EXCEPTION 'the % of "%" is asked for, which is of type %', total, condition ->> total, attribute.type USING ERRCODE = 'datatype_mismatch',
			HINT = 'Only numbers have one. "distinct" counts different values of any type.';
	END IF;
	RETURN ROW(format('%%%s$s', asked + 1), false, ARRAY[ROW('total', ARRAY[event],
		format('(%s)::pg_catalog.float8', CASE WHEN attribute.type <> 'attrs' THEN attribute.operand
			ELSE format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[]) END', attribute.operand) END),
		span.since, span.until, format('%s %s %s', total, test.operator, test.bound))::journey_internal.rule_question])::journey_internal.rule_part;
END $$;
COMMENT ON FUNCTION journey_internal.rule_total(jsonb, journey_internal.rule_scope, int) IS '{"did": "buy", "sum": "amount", "is": {">=": 1000}, ...}.';
CREATE FUNCTION journey_internal.rule_first_last(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	verb CONSTANT text := CASE WHEN condition ? 'first' THEN 'first' ELSE 'last' END;
	event journey_internal.rule_event;
	span record;
BEGIN
	PERFORM journey_internal.check_keys(condition, ARRAY['within', 'from', 'to', verb, 'where'], format('"%s"', verb));
	IF NOT condition ?| '{within,from,to}' THEN
		RAISE EXCEPTION '"%" needs a window', verb USING ERRCODE = 'invalid_parameter_value', HINT = 'Add "within": "30 days", or from and to.';
	END IF;
	event := journey_internal.event_of_rule(condition -> verb, condition -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	-- in the window, and not before, or after, it
	RETURN ROW(format('(%%%s$s OPERATOR(journey.-) %%%s$s)', asked + 1, asked + 2), false, ARRAY[journey_internal.count_question(event, span.since, span.until, 1::bigint),
		CASE verb WHEN 'first' THEN journey_internal.count_question(event, '-infinity'::timestamptz, span.since, 1::bigint)
			ELSE journey_internal.count_question(event, span.until, scope.as_of, 1::bigint) END])::journey_internal.rule_part;
END $$;
COMMENT ON FUNCTION journey_internal.rule_first_last(jsonb, journey_internal.rule_scope, int) IS '{"first": "buy", "within": ...}, {"last": "buy", "within": ...}.';
CREATE FUNCTION journey_internal.rule_sequence(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	pattern text := condition ->> 'pattern';
	-- version 0.1.0 called them mode
	options jsonb := coalesce(condition -> 'options', condition -> 'mode');
	span record;
	step jsonb;
	steps journey_internal.rule_event[] := '{}';
	sqls text[];
	fewest CONSTANT int := CASE WHEN condition ? 'pattern' THEN 1 ELSE 2 END;
	means record;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{within,from,to,sequence}'::text[] || CASE WHEN condition ? 'pattern' THEN '{pattern}' ELSE '{in,options,mode}' END::text[],
		CASE WHEN condition ? 'pattern' THEN '"sequence" with "pattern"' ELSE '"sequence"' END);
	IF jsonb_typeof(condition -> 'sequence') <> 'array' OR jsonb_array_length(condition -> 'sequence') NOT BETWEEN fewest AND journey_internal.most_steps() THEN
		RAISE EXCEPTION '"sequence" is %, not an array of % to % steps', condition -> 'sequence', fewest, journey_internal.most_steps() USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write events in their order: {"sequence": ["view", "buy"]}.';
	ELSIF condition ? 'pattern' AND jsonb_typeof(condition -> 'pattern') <> 'string' THEN
		RAISE EXCEPTION '"pattern" is %, not a string', condition -> 'pattern' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write "(?1)(?t<=1d)(?2)", where (?1) is the first of the steps.';
	ELSIF jsonb_typeof(options) <> 'string' THEN
		RAISE EXCEPTION '"options" is %, not a string', options USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write "strict_order", for example.';
	ELSIF options IS NOT NULL THEN
		-- an error that lists the options, if it is none
		SELECT * INTO means FROM journey_internal.funnel_options(options #>> '{}', jsonb_array_length(condition -> 'sequence'));
	END IF;
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	FOR step IN SELECT jsonb_array_elements(condition -> 'sequence') LOOP
		IF jsonb_typeof(step) = 'object' THEN
			PERFORM journey_internal.check_keys(step, '{did,where}'::text[], 'a step of a sequence'::text);
			steps := steps || journey_internal.event_of_rule(step -> 'did', step -> 'where', scope);
		ELSE
			steps := steps || journey_internal.event_of_rule(step, NULL::jsonb, scope);
		END IF;
	END LOOP;
	IF pattern IS NOT NULL THEN
		PERFORM journey_internal.check_pattern(pattern, cardinality(steps));
	ELSIF options IS NULL AND NOT EXISTS (SELECT FROM unnest(steps) AS s WHERE s.names IS NULL)
		AND NOT EXISTS (SELECT FROM unnest(steps) AS s, unnest(s.names) AS name GROUP BY name HAVING count(*) > 1)
		AND (NOT condition ? 'in' OR extract(microseconds FROM journey_internal.rule_duration(condition -> 'in', 'in'::text))::bigint % 1000000 = 0) THEN
		-- no event can be two steps, so that a funnel is a pattern
		SELECT string_agg(format('(?%s)', n), '.*' ORDER BY n) INTO pattern FROM generate_series(1, cardinality(steps)) AS n;
		IF condition ? 'in' THEN
			pattern := format('%s(?w<=%ss)', pattern, extract(epoch FROM journey_internal.rule_duration(condition -> 'in', 'in'::text))::bigint);
		END IF;
	END IF;
	IF pattern IS NOT NULL THEN
		RETURN ROW(format('%%%s$s', asked + 1), false, ARRAY[ROW('pattern', steps, NULL, span.since, span.until, pattern)::journey_internal.rule_question])::journey_internal.rule_part;
	END IF;
	sqls := ARRAY(SELECT s.sql FROM unnest(steps) WITH ORDINALITY AS s(names, filter, sql, n) ORDER BY s.n);
	RETURN ROW(format('coalesce((SELECT journey.userset_agg(m.user_id) FROM pg_catalog.unnest(%%%s$s) AS m WHERE m.level = %s), ''{}'')', asked + 1, CASE WHEN options IS NULL THEN cardinality(steps) ELSE means.steps END), false,
		ARRAY[ROW('chain', '{}', NULL, span.since, span.until, format(
			'journey.funnel_members(e.user_id, e.at, journey.steps(%s), %L::pg_catalog.interval, %L::pg_catalog.text) FILTER (WHERE e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz%s)',
			array_to_string(sqls, ', '), journey_internal.rule_duration(coalesce(condition -> 'in', '"36500 days"'), 'in'::text), coalesce(options #>> '{}', ''),
			span.since, span.until,
			CASE WHEN options IS NOT NULL AND means.every_event THEN '' ELSE format(' AND (%s)', array_to_string(sqls, ' OR ')) END))::journey_internal.rule_question])::journey_internal.rule_part;
END $$;
COMMENT ON FUNCTION journey_internal.rule_sequence(jsonb, journey_internal.rule_scope, int) IS '{"sequence": ["view", "buy"], "in": ..., "pattern": ...}.';
CREATE FUNCTION journey_internal.rule_user(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relation regclass;
	set text;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{user,of,id}'::text[], '"user"'::text);
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
	set := format('coalesce((SELECT journey.userset_agg(u.%I::pg_catalog.int8) FROM %s AS u%s), ''{}'')', coalesce(condition ->> 'id', 'user_id'), relation::text,
		CASE WHEN condition -> 'user' = '{}' THEN '' ELSE
		' WHERE ' || journey_internal.rule_filter(condition -> 'user', ROW(scope.as_of, scope.uses, 'u', '',
			(SELECT jsonb_object_agg(attname, format_type(journey_internal.base_type(atttypid), -1)) FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped), false)::journey_internal.rule_scope) END);
	RETURN ROW(replace(set, '%', '%%'), false, '{}')::journey_internal.rule_part;
END $$;
COMMENT ON FUNCTION journey_internal.rule_user(jsonb, journey_internal.rule_scope, int) IS '{"user": {"city": "Bern"}, "of": "bank.customers", "id": ...}.';
CREATE FUNCTION journey_internal.rule_segment(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	set text;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{segment}'::text[], '"segment"'::text);
	IF jsonb_typeof(condition -> 'segment') <> 'string' THEN
		RAISE EXCEPTION '"segment" is %, not a string', condition -> 'segment' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"segment": "dormant buyers"}.';
	END IF;
	set := format('journey_internal.segment_by_id(%s, %L::pg_catalog.timestamptz)', journey_internal.rule_used(condition ->> 'segment', 'segment'::text, scope), scope.as_of);
	RETURN ROW(replace(set, '%', '%%'), false, '{}')::journey_internal.rule_part;
END $$;
COMMENT ON FUNCTION journey_internal.rule_segment(jsonb, journey_internal.rule_scope, int) IS '{"segment": "rich"}.';
CREATE FUNCTION journey_internal.rule_tag(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	set text;
	test record;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{tag,value,is}'::text[], '"tag"'::text);
	IF jsonb_typeof(condition -> 'tag') <> 'string' THEN
		RAISE EXCEPTION '"tag" is %, not a string', condition -> 'tag' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"tag": "stage", "value": "lost"}.';
	ELSIF condition ? 'value' = condition ? 'is' THEN
		RAISE EXCEPTION '"tag" needs "value" or "is": %', condition USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write {"tag": "stage", "value": "lost"}, or of a numeric tag {"tag": "balance", "is": {">=": 1000}}.';
	ELSIF condition ? 'value' THEN
		set := format('journey_internal.tag_users_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.timestamptz)', journey_internal.rule_used(condition ->> 'tag', 'tag'::text, scope), condition ->> 'value', scope.as_of);
	ELSE
		FOR test IN SELECT * FROM journey_internal.check_comparison(CASE jsonb_typeof(condition -> 'is') WHEN 'object' THEN condition -> 'is' ELSE jsonb_build_object('=', condition -> 'is') END,
				'Write =, !=, <, <=, >, >= with numbers: {">=": 1000, "<": 5000}.'::text) LOOP
			set := concat(set || ' OPERATOR(journey.&) ', format('journey_internal.tag_users_where_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.numeric, %L::pg_catalog.timestamptz)',
				journey_internal.rule_used(condition ->> 'tag', 'tag'::text, scope), test.operator, test.bound::text, scope.as_of));
		END LOOP;
		IF set IS NULL THEN
			RAISE EXCEPTION '"is" is empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 1000, "<": 5000}.';
		END IF;
		set := format('(%s)', set);
	END IF;
	RETURN ROW(replace(set, '%', '%%'), false, '{}')::journey_internal.rule_part;
END $$;
COMMENT ON FUNCTION journey_internal.rule_tag(jsonb, journey_internal.rule_scope, int) IS '{"tag": "stage", "value": "lost"}, {"tag": "balance", "is": {">=": 1000}}.';
CREATE FUNCTION journey_internal.rule_condition(condition jsonb, scope journey_internal.rule_scope, asked int) RETURNS journey_internal.rule_part
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	verbs text[];
BEGIN
	SELECT array_agg(k) INTO verbs FROM jsonb_object_keys(CASE jsonb_typeof(condition) WHEN 'object' THEN condition ELSE '{}' END) AS k
	WHERE k IN ('and', 'or', 'not', 'did', 'did_not', 'first', 'last', 'sequence', 'user', 'segment', 'tag');
	IF verbs IS NULL OR cardinality(verbs) <> 1 THEN
		RAISE EXCEPTION 'a condition is %', coalesce(condition::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is an object with exactly one of did, did_not, first, last, sequence, user, segment, tag, and, or, not.';
	END IF;
	CASE verbs[1]
		WHEN 'did' THEN
			IF condition ?| '{sum,avg,min,max,distinct}' THEN
				RETURN journey_internal.rule_total(condition, scope, asked);
			END IF;
			RETURN journey_internal.rule_did(condition, scope, asked);
		WHEN 'did_not' THEN RETURN journey_internal.rule_did_not(condition, scope, asked);
		WHEN 'not' THEN RETURN journey_internal.rule_not(condition, scope, asked);
		WHEN 'sequence' THEN RETURN journey_internal.rule_sequence(condition, scope, asked);
		WHEN 'user' THEN RETURN journey_internal.rule_user(condition, scope, asked);
		WHEN 'segment' THEN RETURN journey_internal.rule_segment(condition, scope, asked);
		WHEN 'tag' THEN RETURN journey_internal.rule_tag(condition, scope, asked);
		WHEN 'first', 'last' THEN RETURN journey_internal.rule_first_last(condition, scope, asked);
		ELSE RETURN journey_internal.rule_and_or(condition, scope, asked);
	END CASE;
END $$;
COMMENT ON FUNCTION journey_internal.rule_condition(jsonb, journey_internal.rule_scope, int) IS 'A condition of a rule, of any kind.';
CREATE OR REPLACE FUNCTION journey_internal.rule_uses(rule jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT DISTINCT n #>> '{}' FROM (
		SELECT jsonb_path_query(rule, 'strict $.**.segment ? (@.type() == "string")')
		UNION ALL SELECT jsonb_path_query(rule, 'strict $.**.tag ? (@.type() == "string")')) AS used(n)) $$;
COMMENT ON FUNCTION journey_internal.rule_uses(jsonb) IS 'Names of the segments and tags that a rule uses.';
CREATE OR REPLACE FUNCTION journey_internal.rule_sources(rule jsonb) RETURNS text[]
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
COMMENT ON FUNCTION journey_internal.rule_sources(jsonb) IS 'Names of the sources of a rule, sorted.';
CREATE FUNCTION journey_internal.rule_stream(ids bigint[], reader regrole, OUT query text, OUT attributes jsonb, OUT has_json boolean)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint;
	source record;
	conflict text;
BEGIN
	FOREACH wanted IN ARRAY ids LOOP
		PERFORM journey_internal.source_query(wanted, reader);
	END LOOP;
	SELECT jsonb_object_agg(a.key, a.type), max(a.key) FILTER (WHERE a.types > 1) INTO attributes, conflict
	FROM (SELECT a.key, min(a.value) AS type, count(DISTINCT a.value) AS types FROM journey.sources AS s, jsonb_each_text(s.attributes) AS a
		WHERE s.id = ANY (ids) GROUP BY a.key) AS a;
	IF conflict IS NOT NULL THEN
		RAISE EXCEPTION 'attribute "%" has different types in these sources: %', conflict, (SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM journey.sources AS s WHERE s.id = ANY (ids))
			USING ERRCODE = 'datatype_mismatch', HINT = 'Register one of them with a cast.';
	END IF;
	attributes := coalesce(attributes, '{}');
	-- they are written into the query of somebody else, perhaps by hand
	SELECT max(a.key) INTO conflict FROM jsonb_each_text(attributes) AS a WHERE format_type(to_regtype(a.value)::oid, -1) IS DISTINCT FROM a.value;
	IF conflict IS NOT NULL THEN
		RAISE EXCEPTION 'attribute "%" is of type "%", which does not exist', conflict, attributes ->> conflict
			USING ERRCODE = 'undefined_object', HINT = 'alter_source registers it anew.';
	END IF;
	has_json := EXISTS (SELECT FROM journey.sources AS s WHERE s.id = ANY (ids) AND jsonb_typeof(s.attrs) = 'string');
	FOR source IN SELECT s.*, journey_internal.usable_query(s.id, reader) AS present FROM journey.sources AS s WHERE s.id = ANY (ids) ORDER BY s.name LOOP
		query := concat(query || ' UNION ALL ', 'SELECT e.user_id, e.at, e.event, e.value',
			(SELECT string_agg(format(CASE WHEN source.attributes ? a.key THEN ', e.%1$I' ELSE ', NULL::%2$s AS %1$I' END, 'attr_' || a.key, a.value), '' ORDER BY a.key)
				FROM jsonb_each_text(attributes) AS a),
			CASE WHEN has_json THEN CASE WHEN jsonb_typeof(source.attrs) = 'string' THEN ', e.attrs' ELSE ', NULL::pg_catalog.jsonb AS attrs' END END,
			format(' FROM (%s) AS e', source.present));
	END LOOP;
END $$;
COMMENT ON FUNCTION journey_internal.rule_stream(bigint[], regrole) IS 'The events that rules over these sources read, as one SELECT.';
CREATE FUNCTION journey_internal.rule_steps(events journey_internal.rule_event[]) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known text[];
	i int;
	places text;
	conditions text;
	branches text := '';
BEGIN
	IF NOT EXISTS (SELECT FROM unnest(events) AS e WHERE e.names IS NULL OR cardinality(e.names) <> 1 OR e.filter IS NOT NULL) THEN
		RETURN format('journey.step_of(e.event, %L::pg_catalog.text[])', ARRAY(SELECT e.names[1] FROM unnest(events) WITH ORDINALITY AS e(names, filter, sql, n) ORDER BY e.n));
	END IF;
	known := ARRAY(SELECT DISTINCT name FROM unnest(events) AS e, unnest(e.names) AS name ORDER BY name);
	IF cardinality(events) <= 3 OR cardinality(known) NOT BETWEEN 1 AND journey_internal.most_steps() THEN
		RETURN format('journey.steps(%s)', (SELECT string_agg(e.sql, ', ' ORDER BY e.n) FROM unnest(events) WITH ORDINALITY AS e(names, filter, sql, n)));
	END IF;
	-- the last branch is that of events with other names
	FOR i IN 1 .. cardinality(known) + 1 LOOP
		SELECT concat('''', string_agg(CASE WHEN e.possible THEN '1' ELSE '0' END, '' ORDER BY e.n), '''::journey.stepset'),
			string_agg(coalesce(e.filter, 'true'), ', ' ORDER BY e.n) FILTER (WHERE e.possible)
		INTO places, conditions
		FROM (SELECT e.filter, e.n, e.names IS NULL OR coalesce(known[i] = ANY (e.names), false) AS possible FROM unnest(events) WITH ORDINALITY AS e(names, filter, sql, n)) AS e;
		branches := concat(branches, CASE WHEN i <= cardinality(known) THEN format(' WHEN %s THEN ', i) ELSE ' ELSE ' END,
			CASE WHEN conditions IS NULL THEN places ELSE format('journey_internal.steps_at(%s, %s)', places, conditions) END);
	END LOOP;
	RETURN format('CASE journey_internal.first_step(journey.step_of(e.event, %L::pg_catalog.text[]))%s END', known, branches);
END $$;
COMMENT ON FUNCTION journey_internal.rule_steps(journey_internal.rule_event[]) IS 'The stepset expression, in SQL, for the events of rules.';
CREATE TYPE journey_internal.rule_batch AS (kind text, operand text, events journey_internal.rule_event[], asks text[], once boolean);
COMMENT ON TYPE journey_internal.rule_batch IS 'The questions that one aggregate answers: of one kind, about one operand, over these events; and whether all of them ask for a single occurrence.';
CREATE FUNCTION journey_internal.rule_pass(questions journey_internal.rule_question[], stream text, as_of timestamptz, OUT query text, OUT answers text[])
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey_internal.rule_question;
	event journey_internal.rule_event;
	batches journey_internal.rule_batch[] := '{}';
	batch journey_internal.rule_batch;
	others text[] := '{}';
	n int;
	place int;
	steps int[];
	span record;
	events record;
	wheres text[];
BEGIN
	answers := '{}';
	FOREACH one IN ARRAY questions LOOP
		IF one.kind IN ('distinct', 'chain') THEN
			n := array_position(others, one.ask);
			IF n IS NULL THEN
				others := others || one.ask;
				n := cardinality(others);
			END IF;
			answers := answers || concat('s.b', n);
			CONTINUE;
		END IF;
		-- the first batch of its kind where there is room for all its events
		SELECT b.n INTO n FROM unnest(batches) WITH ORDINALITY AS b(kind, operand, events, asks, once, n)
		WHERE b.kind = one.kind AND b.operand IS NOT DISTINCT FROM one.operand
			AND (cardinality(b.events) + cardinality(one.events) <= journey_internal.most_steps()
				OR cardinality(b.events) + (SELECT count(DISTINCT e) FROM unnest(one.events) AS e WHERE e <> ALL (b.events)) <= journey_internal.most_steps())
		ORDER BY b.n LIMIT 1;
		IF n IS NULL THEN
			n := cardinality(batches) + 1;
			batch := ROW(one.kind, one.operand, '{}', '{}', true);
		ELSE
			batch := batches[n];
		END IF;
		steps := '{}';
		FOREACH event IN ARRAY one.events LOOP
			place := array_position(batch.events, event);
			IF place IS NULL THEN
				batch.events := batch.events || event;
				place := cardinality(batch.events);
			END IF;
			steps := steps || place;
		END LOOP;
		one.ask := CASE one.kind WHEN 'pattern' THEN format('[%s, %s) %s: %s;', to_jsonb(one.since) #>> '{}', to_jsonb(one.until) #>> '{}', array_to_string(steps, ','), one.ask)
			ELSE format('%s [%s, %s) %s;', steps[1], to_jsonb(one.since) #>> '{}', to_jsonb(one.until) #>> '{}', one.ask) END;
		place := array_position(batch.asks, one.ask);
		IF place IS NULL THEN
			batch.asks := batch.asks || one.ask;
			place := cardinality(batch.asks);
		END IF;
		batch.once := batch.once AND right(one.ask, 4) = ') 1;';
		batches[n] := batch;
		answers := answers || format('coalesce(s.a%s[%s], ''{}'')', n, place);
	END LOOP;
	IF cardinality(questions) = 0 THEN
		query := 'SELECT 1 AS nothing';
		RETURN;
	END IF;
	-- what no question is about need not be read; an index may help, if they are few
	IF cardinality(others) > 0 THEN
		wheres := ARRAY[format('e.at < %L::pg_catalog.timestamptz', as_of)];
	ELSE
		SELECT min(q.since) AS since, max(q.until) AS until INTO span FROM unnest(questions) AS q;
		SELECT count(*) AS n, bool_or(e.names IS NULL AND e.filter IS NULL) AS everything, array_agg(e.names[1]) FILTER (WHERE b.kind = 'named') AS names,
			array_agg(e.sql) FILTER (WHERE b.kind <> 'named') AS others INTO events FROM unnest(batches) AS b, unnest(b.events) AS e;
		IF events.n <= 8 AND NOT events.everything THEN
			wheres := ARRAY[format('(%s)', array_to_string(('e.event = ANY (' || quote_literal(events.names) || '::pg_catalog.text[])') || events.others, ' OR '))];
		END IF;
		wheres := wheres || CASE WHEN isfinite(span.since) THEN ARRAY[format('e.at >= %L::pg_catalog.timestamptz', span.since)] END
			|| format('e.at < %L::pg_catalog.timestamptz', span.until);
	END IF;
	SELECT format('SELECT %s FROM (%s) AS e WHERE %s', string_agg(c.sql, ', ' ORDER BY c.kind, c.n), stream, array_to_string(wheres, ' AND ')) INTO query
	FROM (SELECT 'a' AS kind, b.n, format('journey_internal.%s(e.user_id, e.at, %s%s, %L::pg_catalog.text) AS a%s',
			CASE b.kind WHEN 'total' THEN 'step_totals' WHEN 'pattern' THEN 'pattern_users' ELSE CASE WHEN b.once THEN 'step_users_once' ELSE 'step_users' END END,
			journey_internal.rule_steps(b.events), ', ' || b.operand, array_to_string(b.asks, ' '), b.n) AS sql
		FROM unnest(batches) WITH ORDINALITY AS b(kind, operand, events, asks, once, n)
		UNION ALL SELECT 'b', o.n, format('%s AS b%s', o.sql, o.n) FROM unnest(others) WITH ORDINALITY AS o(sql, n)) AS c;
END $$;
COMMENT ON FUNCTION journey_internal.rule_pass(journey_internal.rule_question[], text, timestamptz) IS 'The subquery that reads the source once and answers all questions of rules, and the place of each answer in it.';
CREATE FUNCTION journey_internal.compile_rules(rules definitions[], sources bigint[], uses jsonb[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions;
	i int;
	stream record;
	scope journey_internal.rule_scope;
	questions journey_internal.rule_question[] := '{}';
	rows text[] := '{}';
	output record;
	base journey_internal.rule_part;
	part journey_internal.rule_part;
	before journey_internal.rule_part[];
	others journey_internal.rule_part;
	pass record;
BEGIN
	SELECT * INTO stream FROM journey_internal.rule_stream(sources, (rules[1]).owner::regrole);
	FOR i IN 1 .. cardinality(rules) LOOP
		one := rules[i];
		scope := ROW(as_of, uses[i], 'e', 'attr_', stream.attributes, stream.has_json);
		base := NULL;
		IF one.definition::jsonb ? 'base' THEN
			base := journey_internal.rule_condition(CASE one.definition::jsonb -> 'base' WHEN '"source"' THEN '{"did": "*"}' ELSE one.definition::jsonb -> 'base' END, scope, cardinality(questions));
			questions := questions || base.questions;
			IF base.negated THEN
				RAISE EXCEPTION '"base" is a complement: %', one.definition::jsonb -> 'base' USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Who is everybody? Write "source" for all users of the source, or a condition that says who, not who not.';
			END IF;
		END IF;
		before := '{}';
		FOR output IN SELECT * FROM journey_internal.rule_outputs(one.kind, one.definition::jsonb) LOOP
			-- the first value that holds is that of a user; one without a condition, of all the others
			IF NOT output.others OR before = '{}' THEN
				part := journey_internal.rule_condition(CASE WHEN output.others THEN '{"did": "*"}' ELSE output.condition END, scope, cardinality(questions));
				questions := questions || part.questions;
				part.questions := NULL;
				before := before || part;
				others := journey_internal.combined('or'::text, before[: cardinality(before) - 1]);
			ELSE
				part := NULL;
				others := journey_internal.combined('or'::text, before);
			END IF;
			others.negated := NOT others.negated;
			part := CASE WHEN others.set IS NULL THEN part WHEN part.set IS NULL THEN others ELSE journey_internal.combined('and'::text, ARRAY[part, others]) END;
			IF part.negated AND base.set IS NULL THEN
				RAISE EXCEPTION 'the rule of "%" holds for users who did nothing at all: %', one.name, CASE WHEN output.others THEN format('"%s" is for all the others', output.value) ELSE output.condition::text END
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a base to take them from, such as "base": "source" for all users of the source.';
			END IF;
			rows := rows || format('(%s::pg_catalog.int8, %s::pg_catalog.text, %s)', one.id, replace(quote_literal(output.value), '%', '%%'),
				CASE WHEN part.negated THEN format('%s OPERATOR(journey.-) %s', base.set, part.set)
					WHEN base.set IS NOT NULL THEN format('%s OPERATOR(journey.&) %s', base.set, part.set)
					ELSE part.set END);
		END LOOP;
	END LOOP;
	SELECT * INTO pass FROM journey_internal.rule_pass(questions, stream.query, as_of);
	RETURN format('SELECT d.id, d.value, d.members FROM (%s) AS s, LATERAL (VALUES %s) AS d(id, value, members)',
		pass.query, format(array_to_string(rows, ', '), VARIADIC pass.answers));
END $$;
COMMENT ON FUNCTION journey_internal.compile_rules(definitions[], bigint[], jsonb[], timestamptz) IS 'The method "rule" of segments and tags: one SELECT for rules, with their sources and the numbers of what each uses.';
CREATE FUNCTION journey_internal.rule_event_names(rule jsonb) RETURNS text[]
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
COMMENT ON FUNCTION journey_internal.rule_event_names(jsonb) IS 'Support function of create_segment, create_tag, alter_segment and alter_tag: the names of events in a definition in JSON.';
CREATE FUNCTION journey_internal.tell_unknown_events(rule jsonb, sources bigint[]) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names CONSTANT text[] := journey_internal.rule_event_names(rule);
	unknown text;
BEGIN
	IF cardinality(names) > 0 THEN
		FOR unknown IN SELECT r.name FROM journey_internal.run_as_within(journey_internal.caller()::regrole::oid,
				format('SELECT n.name FROM pg_catalog.unnest(%L::pg_catalog.text[]) AS n(name) LEFT JOIN LATERAL (SELECT true AS found FROM (%s) AS e WHERE e.event = n.name LIMIT 1) AS f ON true WHERE f.found IS NULL',
					names, journey_internal.stream_query(sources, journey_internal.caller()::regrole)), now(), 500) AS r(name text) LOOP
			RAISE NOTICE 'no event is named "%" yet', unknown
				USING HINT = 'Names must be the same to the letter, capitals and blanks included.';
		END LOOP;
	END IF;
EXCEPTION WHEN OTHERS THEN
	-- not found out in time, or a source that fails: nothing is told
	NULL;
END $$;
COMMENT ON FUNCTION journey_internal.tell_unknown_events(jsonb, bigint[]) IS 'Support function of create_segment, create_tag, alter_segment and alter_tag: a notice for each event in a definition that no row of the sources has. The search is limited to half a second.';
CREATE FUNCTION journey_internal.check_rule(new_definition definitions, sources text[], uses text[], mode text, what text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := new_definition;
	source_ids CONSTANT bigint[] := journey_internal.source_ids(sources, journey_internal.caller()::regrole);
	names CONSTANT jsonb := (SELECT coalesce(jsonb_object_agg(u.name, u.used), '{}') FROM unnest(uses, journey_internal.used_ids(one.name, uses)) AS u(name, used));
	old journey.definitions;
BEGIN
	IF mode <> 'create' THEN
		old := journey_internal.own_definition(one.name, one.kind);
		one.id := old.id;
		one.owner := old.owner;
	ELSE
		one.id := 0;
		one.owner := journey_internal.caller();
	END IF;
	PERFORM journey_internal.analyze_query(journey_internal.compile_definitions(ARRAY[one], source_ids, ARRAY[names], now()), what);
	PERFORM journey_internal.tell_unknown_events(one.definition::jsonb, source_ids);
END $$;
COMMENT ON FUNCTION journey_internal.check_rule(definitions, text[], text[], text, text) IS 'Support function of create_segment, create_tag, alter_segment and alter_tag: raises an error unless a definition in JSON can be compiled.';
CREATE FUNCTION journey_internal.rule_outputs(kind text, rule jsonb) RETURNS TABLE (value text, condition jsonb, others boolean)
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	element jsonb;
BEGIN
	others := false;
	IF kind = 'tag' AND rule ? 'values' THEN
		PERFORM journey_internal.check_keys(rule, '{source,base,values}'::text[], 'the rule of a tag'::text);
		IF jsonb_typeof(rule -> 'values') <> 'array' OR jsonb_array_length(rule -> 'values') = 0 THEN
			RAISE EXCEPTION '"values" is %, not an array', rule -> 'values' USING ERRCODE = 'invalid_parameter_value';
		END IF;
		FOR element IN SELECT jsonb_array_elements(rule -> 'values') LOOP
			PERFORM journey_internal.check_keys(element, '{value,when}'::text[], 'a value'::text);
			IF jsonb_typeof(element -> 'value') IS DISTINCT FROM 'string' OR element ->> 'value' = '' THEN
				RAISE EXCEPTION 'a value is %, not a string', coalesce(element ->> 'value', 'missing') USING ERRCODE = 'invalid_parameter_value';
			END IF;
			IF others THEN
				RAISE EXCEPTION 'a value stands after one without a condition: %', element USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Only the last value may be without "when": it is for all the others.';
			END IF;
			value := element ->> 'value';
			condition := element -> 'when';
			others := NOT element ? 'when';
			RETURN NEXT;
		END LOOP;
	ELSE
		PERFORM journey_internal.check_keys(rule, '{source,base,rule}'::text[], 'a rule'::text);
		value := '';
		condition := rule -> 'rule';
		RETURN NEXT;
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.rule_outputs(text, jsonb) IS 'The values of a rule and their conditions, and whether a value is for all other users. A segment has one condition, without a value.';
INSERT INTO methods (kind, method, together, query_function) VALUES
	('segment', 'sql', false, NULL),
	('segment', 'rule', true, 'journey_internal.compile_rules');
CREATE OR REPLACE FUNCTION segment(name text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'segment'::text);
BEGIN
	RETURN journey_internal.segment_by_id(one.id, one.name, as_of);
END $$;
COMMENT ON FUNCTION segment(text, timestamptz) IS
	'The users of a segment in its newest version, or in the newest version not newer than as_of. In a definition, the version is not newer than the time for which the definition is computed. In a WHERE clause write (SELECT segment(...)), so that the set is fetched once.';
CREATE VIEW segments WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.method, d.definition, journey_internal.source_names(d.id) AS sources, journey_internal.used_names(d.id) AS depends_on,
	d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.users, v.computed_at, d.id
FROM journey.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM journey.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
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
CREATE FUNCTION segment_trend(name text)
	RETURNS TABLE (as_of timestamptz, users bigint, entered bigint, exited bigint, computed_at timestamptz, duration interval, inputs jsonb)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'segment'::text);
BEGIN
	RETURN QUERY SELECT v.as_of, v.users, v.entered, v.exited, v.computed_at, v.duration, v.inputs
		FROM journey.versions AS v WHERE v.id = one.id ORDER BY v.as_of;
END $$;
COMMENT ON FUNCTION segment_trend(text) IS
	'The versions of a segment in order of time: the number of users, how many entered and exited since the version before, and the versions of segments and tags from which it was computed.';
CREATE OR REPLACE FUNCTION segment_diff(name text, from_as_of timestamptz, to_as_of timestamptz)
	RETURNS TABLE (change text, users bigint, members userset)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	before journey.userset := journey.segment(name, from_as_of);
	after journey.userset := journey.segment(name, to_as_of);
BEGIN
	RETURN QUERY SELECT c.change, journey.cardinality(c.members), c.members
		FROM (VALUES ('entered'::text, after OPERATOR(journey.-) before), ('exited', before OPERATOR(journey.-) after),
			('stayed', before OPERATOR(journey.&) after)) AS c(change, members);
END $$;
CREATE FUNCTION journey_internal.export_members(id bigint, as_of timestamptz, reason text) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_export_members'
	LANGUAGE C VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION journey_internal.export_members(bigint, timestamptz, text) IS 'Support function of segment_export: the members of a version of a segment. The export is recorded in the table exports.';
CREATE OR REPLACE FUNCTION segment_export(name text, reason text) RETURNS SETOF bigint
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'segment'::text);
BEGIN
	IF reason IS NULL OR btrim(reason) = '' THEN
		RAISE EXCEPTION 'an export needs a reason' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write why the customers are taken out, such as ''fund campaign 2026-11''.';
	END IF;
	RETURN QUERY SELECT journey.members(journey_internal.export_members(one.id, journey_internal.version_at(one.id, NULL::timestamptz), reason));
END $$;
COMMENT ON FUNCTION segment_export(text, text) IS
	'The users of a segment''s newest version, for export from the database. The table exports records who exported, when, how many users, and why.';
CREATE FUNCTION journey_internal.do_store_segment(name text, definition text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, mode text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	new journey.definitions;
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
			new.query := format('SELECT ''''::pg_catalog.text, coalesce(journey.userset_agg(q.u::pg_catalog.int8), ''{}'') FROM (%s) AS q(u)', analyzed.query);
		ELSIF analyzed.types[1] = 'journey.userset'::regtype THEN
			new.query := format('SELECT ''''::pg_catalog.text, coalesce(journey.union_agg(q.u), ''{}'') FROM (%s) AS q(u)', analyzed.query);
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
COMMENT ON FUNCTION journey_internal.do_store_segment(text, text, record, text[], interval, int, text, text) IS 'Support function of store_segment, which calls it: what that does.';
CREATE FUNCTION journey_internal.store_segment(name text, definition text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, mode text) RETURNS void
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.store_segment(text, text, record, text[], interval, int, text, text) IS 'Support function of create_segment and alter_segment: checks a definition and stores it.';
CREATE FUNCTION create_segment(name text, definition text, depends_on text[] DEFAULT '{}', keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, replace boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.store_segment($1, $2,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of segment "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$3, $4, $5, $6, journey_internal.creation_mode($1, $7)) $$;
COMMENT ON FUNCTION create_segment(text, text, text[], interval, int, text, boolean) IS
	'Creates a segment that belongs to the current role. definition: a SELECT that returns user ids (or usersets), or a rule as JSON. It is checked but not run. depends_on: segments and tags that it uses, besides those in segment(''...''). keep_for, keep_versions: the next refresh drops versions older than keep_for, and all but the newest keep_versions; NULL keeps all. The default of keep_versions is the setting journey.keep_versions. replace: if you own a segment of this name, it is replaced; its versions, grants and schedule are kept.';
CREATE FUNCTION create_segment(name text, rule jsonb, keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, replace boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey.create_segment($1, $2::pg_catalog.text, '{}'::pg_catalog.text[], $3, $4, $5, $6) $$;
COMMENT ON FUNCTION create_segment(text, jsonb, interval, int, text, boolean) IS 'create_segment with a rule given as jsonb.';
CREATE OR REPLACE FUNCTION alter_segment(name text, definition text, depends_on text[] DEFAULT '{}') RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.store_segment($1, $2,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of segment "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$3, NULL::pg_catalog.interval, NULL::pg_catalog.int4, NULL::pg_catalog.text, 'alter'::pg_catalog.text) $$;
COMMENT ON FUNCTION alter_segment(text, text, text[]) IS 'Replaces the definition of a segment of yours. Its versions are kept.';
CREATE FUNCTION drop_segment(name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.drop_definition($1, 'segment'::pg_catalog.text, $2) $$;
COMMENT ON FUNCTION drop_segment(text, boolean) IS 'Drops a segment of yours with its versions. An error while another segment or tag uses it, unless force is true; refreshing those then fails. The records of its exports are kept.';
CREATE FUNCTION rename_segment(name text, new_name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.rename_definition($1, 'segment'::pg_catalog.text, $2, $3) $$;
COMMENT ON FUNCTION rename_segment(text, text, boolean) IS 'Gives a segment of yours another name. Rules that use it still do, whatever name they call it by. An error while a SELECT names it, unless force is true; refreshing that then fails until it is altered.';
CREATE OR REPLACE FUNCTION grant_segment(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.change_readers($1, 'segment'::pg_catalog.text, $2, true) $$;
COMMENT ON FUNCTION grant_segment(text, text) IS 'Lets a role (or public) read a segment of yours: its definition, its versions and their users. The role cannot refresh or change it.';
CREATE OR REPLACE FUNCTION revoke_segment(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.change_readers($1, 'segment'::pg_catalog.text, $2, false) $$;
COMMENT ON FUNCTION revoke_segment(text, text) IS 'Revokes what grant_segment granted.';
CREATE FUNCTION refresh_segment(name text, as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	RETURNS TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE sql
	AS $$ SELECT * FROM journey_internal.refresh_definitions(ARRAY[$1], $2, 'segment'::pg_catalog.text, $3) $$;
COMMENT ON FUNCTION refresh_segment(text, timestamptz, boolean) IS
	'Computes a segment as of a time and stores the version; a version of the same time is replaced. If the refresh fails, only the log changes, and error says why. The refresh also fails if a segment or tag that it uses has failed since its last version; with stale_inputs that last version is used, with a warning. Returns no row if another session is computing the segment.';
CREATE FUNCTION refresh_segments(names text[], as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	RETURNS TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE sql
	AS $$ SELECT * FROM journey_internal.refresh_definitions($1, $2, 'segment'::pg_catalog.text, $3) $$;
COMMENT ON FUNCTION refresh_segments(text[], timestamptz, boolean) IS
	'Computes several segments; those that others use come first. If one fails, segments that use it fail, too, except with stale_inputs. Rules of one owner over the same sources share one pass over the sources.';
CREATE OR REPLACE FUNCTION explain_segment(name text, as_of timestamptz DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'segment'::text);
BEGIN
	RETURN journey_internal.refresh_query(ARRAY[one.id], coalesce(as_of, now()));
END $$;
COMMENT ON FUNCTION explain_segment(text, timestamptz) IS 'The SQL that a refresh of the segment runs, compiled from its rule.';
INSERT INTO methods (kind, method, numeric, together, rule_function, query_function, stored_function) VALUES
	('tag', 'sql', false, false, NULL, NULL, 'journey_internal.store_by_user'),
	('tag', 'rule', false, true, NULL, 'journey_internal.compile_rules', 'journey_internal.store_by_user'),
	('tag', 'lifecycle', false, true, 'journey_internal.lifecycle_rule', 'journey_internal.compile_rules', 'journey_internal.store_by_user'),
	('tag', 'attribute', false, false, NULL, 'journey_internal.attribute_query', 'journey_internal.store_by_user'),
	('tag', 'rfm', false, false, NULL, 'journey_internal.rfm_query', 'journey_internal.store_by_user'),
	('tag', 'numeric', true, false, NULL, 'journey_internal.numeric_query', 'journey_internal.store_by_user');
CREATE OR REPLACE FUNCTION journey_internal.lifecycle_rule(definition jsonb) RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	event jsonb := jsonb_build_object('where', definition -> 'where');
	did jsonb := jsonb_build_object('did', coalesce(definition -> 'event', '"*"'));
	lengths interval[];
	part text;
BEGIN
	PERFORM journey_internal.check_keys(definition, '{source,event,where,new,active,dormant,returned}'::text[], 'a lifecycle'::text);
	definition := '{"new": "30 days", "active": "30 days", "dormant": "90 days", "returned": "90 days"}' || definition;
	FOREACH part IN ARRAY '{new,active,dormant,returned}'::text[] LOOP
		lengths := lengths || journey_internal.rule_duration(definition -> part, part);
	END LOOP;
	IF lengths[3] <= lengths[2] THEN
		RAISE EXCEPTION 'dormant is %, active %', definition -> 'dormant', definition -> 'active' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Both count back from as_of: who did something within active is active, else within dormant is dormant, else lost.';
	END IF;
	IF definition ? 'where' THEN
		did := did || event;
	END IF;
	RETURN jsonb_build_object('source', definition -> 'source', 'values', jsonb_build_array(
		jsonb_build_object('value', 'new', 'when', did - 'did' || jsonb_build_object('first', did -> 'did', 'within', definition -> 'new')),
		jsonb_build_object('value', 'returned', 'when', jsonb_build_object('and', jsonb_build_array(
			did || jsonb_build_object('within', definition -> 'active'),
			jsonb_build_object('not', did || jsonb_build_object('within', jsonb_build_array((lengths[2] + lengths[4])::text, lengths[2]::text))),
			-- who is there for the first time does not come back
			jsonb_build_object('not', did - 'did' || jsonb_build_object('first', did -> 'did', 'within', definition -> 'active'))))),
		jsonb_build_object('value', 'active', 'when', did || jsonb_build_object('within', definition -> 'active')),
		jsonb_build_object('value', 'dormant', 'when', did || jsonb_build_object('within', definition -> 'dormant')),
		jsonb_build_object('value', 'lost', 'when', did)));
END $$;
COMMENT ON FUNCTION journey_internal.lifecycle_rule(jsonb) IS 'A lifecycle as a rule: new, returned, active, dormant, lost; the first true condition counts.';
CREATE FUNCTION journey_internal.tag_events(one definitions, source_ids bigint[], as_of timestamptz, OUT stream text, OUT condition text, OUT scope journey_internal.rule_scope)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rule jsonb := one.definition::jsonb;
	source record;
	event journey_internal.rule_event;
	span record;
BEGIN
	SELECT * INTO source FROM journey_internal.rule_stream(source_ids, one.owner::regrole);
	stream := source.query;
	scope := ROW(as_of, '{}', 'e', 'attr_', source.attributes, source.has_json);
	event := journey_internal.event_of_rule(coalesce(rule -> 'event', '"*"'), rule -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(rule, as_of);
	condition := format('%s AND e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz', event.sql, span.since, span.until);
END $$;
COMMENT ON FUNCTION journey_internal.tag_events(definitions, bigint[], timestamptz) IS 'Support function of tags: the events of a definition.';
CREATE FUNCTION journey_internal.attribute_query(those definitions[], source_ids bigint[], uses jsonb[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := those[1];
	rule jsonb := one.definition::jsonb;
	events record;
	attribute record;
	operand text;
BEGIN
	PERFORM journey_internal.check_keys(rule, '{source,event,where,within,from,to,attribute,take}'::text[], 'an attribute'::text);
	SELECT * INTO events FROM journey_internal.tag_events(one, source_ids, as_of);
	IF jsonb_typeof(rule -> 'attribute') IS DISTINCT FROM 'string' THEN
		RAISE EXCEPTION '"attribute" is %', coalesce(rule ->> 'attribute', 'missing') USING ERRCODE = 'invalid_parameter_value', HINT = 'Name an attribute of the source.';
	END IF;
	SELECT * INTO attribute FROM journey_internal.rule_attribute(rule ->> 'attribute', events.scope);
	operand := CASE attribute.type WHEN 'attrs' THEN format('(%s #>> ''{}''::pg_catalog.text[])', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END;
	IF rule ->> 'take' NOT IN ('first', 'last', 'most frequent') OR NOT rule ? 'take' THEN
		RAISE EXCEPTION '"take" is %', coalesce(rule ->> 'take', 'missing') USING ERRCODE = 'invalid_parameter_value', HINT = 'Write first, last or most frequent.';
	END IF;
	RETURN format('SELECT %s::pg_catalog.int8, u.value, journey.userset_agg(u.user_id) FROM (%s) AS u(user_id, value) GROUP BY u.value', one.id,
		CASE rule ->> 'take'
		WHEN 'most frequent' THEN format('SELECT e.user_id, pg_catalog.mode() WITHIN GROUP (ORDER BY %1$s COLLATE "C") FROM (%2$s) AS e WHERE %3$s AND %1$s <> '''' GROUP BY e.user_id', operand, events.stream, events.condition)
		ELSE format('SELECT DISTINCT ON (e.user_id) e.user_id, %1$s FROM (%2$s) AS e WHERE %3$s AND %1$s <> '''' ORDER BY e.user_id, e.at%4$s, %1$s COLLATE "C"', operand, events.stream, events.condition,
			CASE rule ->> 'take' WHEN 'last' THEN ' DESC' ELSE '' END) END);
END $$;
COMMENT ON FUNCTION journey_internal.attribute_query(definitions[], bigint[], jsonb[], timestamptz) IS 'A tag of the first, last or most frequent attribute of an event, in SQL.';
CREATE FUNCTION journey_internal.rfm_query(those definitions[], source_ids bigint[], uses jsonb[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := those[1];
	rule jsonb := one.definition::jsonb;
	events record;
	attribute record;
	eight boolean := rule ->> 'groups' IS DISTINCT FROM 'scores';
	part text;
	cut jsonb;
	cuts text[];
	score text[] := '{}';
	scores text;
BEGIN
	PERFORM journey_internal.check_keys(rule, '{source,event,where,within,from,to,value,groups,cuts}'::text[], 'an RFM tag'::text);
	IF rule ? 'groups' AND rule ->> 'groups' NOT IN ('eight', 'scores') THEN
		RAISE EXCEPTION '"groups" is %', rule -> 'groups' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write eight (the default) or scores.';
	END IF;
	SELECT * INTO events FROM journey_internal.tag_events(one, source_ids, as_of);
	SELECT * INTO attribute FROM journey_internal.rule_attribute(coalesce(rule ->> 'value', 'value'), events.scope);
	IF attribute.type = 'attrs' THEN
		attribute.operand := format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[]) END', attribute.operand);
	END IF;
	-- recency counts backwards: the fewer seconds ago, the better
	FOREACH part IN ARRAY '{recency,frequency,monetary}'::text[] LOOP
		IF rule ? 'cuts' THEN
			PERFORM journey_internal.check_keys(rule -> 'cuts', '{recency,frequency,monetary}'::text[], '"cuts"'::text);
			cuts := '{}';
			IF jsonb_typeof(rule #> ARRAY['cuts', part]) IS DISTINCT FROM 'array' OR jsonb_array_length(rule #> ARRAY['cuts', part]) <> (CASE WHEN eight THEN 1 ELSE jsonb_array_length(rule #> ARRAY['cuts', part]) END)
				OR jsonb_array_length(rule #> ARRAY['cuts', part]) NOT BETWEEN 1 AND 8 THEN
				RAISE EXCEPTION '"cuts" has % as %', part, coalesce(rule #>> ARRAY['cuts', part], 'missing') USING ERRCODE = 'invalid_parameter_value',
					HINT = CASE WHEN eight THEN 'The eight groups need one cut each: {"recency": ["30 days"], "frequency": [3], "monetary": [1000]}.'
						ELSE 'Write an array of one to eight cuts for each of recency, frequency and monetary.' END;
			END IF;
			FOR cut IN SELECT jsonb_array_elements(rule #> ARRAY['cuts', part]) LOOP
				IF part = 'recency' THEN
					cuts := cuts || extract(epoch FROM -journey_internal.rule_duration(cut, 'recency'::text))::text;
				ELSIF jsonb_typeof(cut) = 'number' THEN
					cuts := cuts || (cut #>> '{}');
				ELSE
					RAISE EXCEPTION '"cuts" has % as %', part, cut USING ERRCODE = 'invalid_parameter_value', HINT = 'Write numbers.';
				END IF;
			END LOOP;
			score := score || format('(1 + (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(%L::pg_catalog.float8[]) AS c WHERE u.%s >= c))', cuts, part);
		ELSIF eight THEN
			score := score || format('(1 + (u.%s > q.%1$s)::pg_catalog.int4)', part);
		ELSE
			-- a fifth of the users by how many have no more, rounded up
			score := score || format('((5 * pg_catalog.count(*) OVER (ORDER BY u.%s) + pg_catalog.count(*) OVER () - 1) / pg_catalog.count(*) OVER ())', part);
		END IF;
	END LOOP;
	scores := format('%s, %s, %s', score[1], score[2], score[3]);
	RETURN format($q$WITH u AS MATERIALIZED (SELECT e.user_id, -EXTRACT(epoch FROM (%L::pg_catalog.timestamptz - pg_catalog.max(e.at)))::pg_catalog.float8 AS recency,
	pg_catalog.count(*)::pg_catalog.float8 AS frequency, coalesce(pg_catalog.sum((%s)::pg_catalog.numeric), 0)::pg_catalog.float8 AS monetary
	FROM (%s) AS e WHERE %s GROUP BY e.user_id),
q AS (SELECT pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY u.recency) AS recency,
	pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY u.frequency) AS frequency,
	pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY u.monetary) AS monetary FROM u)
SELECT %5$s::pg_catalog.int8, %6$s, journey.userset_agg(s.user_id)
FROM (SELECT u.user_id, %7$s FROM u, q) AS s(user_id, r, f, m) GROUP BY s.r, s.f, s.m$q$,
		as_of, attribute.operand, events.stream, events.condition, one.id,
		CASE WHEN eight THEN $v$(CASE WHEN s.m > 1 THEN 'important ' ELSE 'general ' END || CASE WHEN s.r > 1 THEN CASE WHEN s.f > 1 THEN 'value' ELSE 'development' END
			ELSE CASE WHEN s.f > 1 THEN 'retention' ELSE 'win-back' END END)$v$ ELSE $v$pg_catalog.concat(s.r, s.f, s.m)$v$ END,
		scores);
END $$;
COMMENT ON FUNCTION journey_internal.rfm_query(definitions[], bigint[], jsonb[], timestamptz) IS 'A tag by recency, frequency and monetary value, in SQL.';
CREATE OR REPLACE FUNCTION journey_internal.tag_number(number numeric, scale int) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_tag_number_of_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION journey_internal.tag_number(number float8, scale int) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_tag_number_of_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION journey_internal.tag_value(number bigint, scale int) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_tag_value'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.tag_number(numeric, int) IS 'The number that the numset of a numeric tag stores: times 10 to the power of scale, 0 to 18. More decimals, or a result that overflows bigint, are an error.';
COMMENT ON FUNCTION journey_internal.tag_number(float8, int) IS 'tag_number of a float8, which is rounded to 15 significant decimal digits.';
COMMENT ON FUNCTION journey_internal.tag_value(bigint, int) IS 'The number of a numeric tag whose numset stores this value: the value divided by 10 to the power of scale, 0 to 18.';
CREATE OR REPLACE FUNCTION journey_internal.number_expression(operand text, type text, scale int) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT CASE
		WHEN type IN ('smallint', 'integer', 'bigint') AND scale = 0 THEN format('(%s)::pg_catalog.int8', operand)
		WHEN type = 'double precision' THEN format('journey_internal.tag_number(%s, %s)', operand, scale)
		ELSE format('journey_internal.tag_number((%s)::pg_catalog.numeric, %s)', operand, scale) END $$;
COMMENT ON FUNCTION journey_internal.number_expression(text, text, int) IS 'Support function of numeric tags: a numeric expression times 10 to the power of scale, in SQL.';
CREATE FUNCTION journey_internal.numeric_query(those definitions[], source_ids bigint[], uses jsonb[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := those[1];
	rule jsonb := one.definition::jsonb;
	take text := rule ->> 'take';
	events record;
	attribute record;
	measure text;
BEGIN
	PERFORM journey_internal.check_keys(rule, '{source,event,where,within,from,to,attribute,take}'::text[], 'a numeric tag'::text);
	SELECT * INTO events FROM journey_internal.tag_events(one, source_ids, as_of);
	IF take IS NULL OR take <> ALL ('{count,sum,avg,min,max,distinct,first,last,days since first,days since last}') THEN
		RAISE EXCEPTION '"take" is %', coalesce(take, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write count, sum, avg, min, max, distinct, first, last, days since first or days since last.';
	ELSIF take IN ('count', 'days since first', 'days since last') THEN
		IF rule ? 'attribute' THEN
			RAISE EXCEPTION '"take" is %, which is of no attribute', take USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave "attribute" out.';
		ELSIF take = 'count' THEN
			RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, journey.numset_agg(e.user_id, %s) FROM (%s) AS e WHERE %s',
				one.id, journey_internal.number_expression('1'::text, 'bigint'::text, one.scale), events.stream, events.condition);
		END IF;
		measure := format('pg_catalog.trunc(EXTRACT(epoch FROM (%L::pg_catalog.timestamptz - pg_catalog.%s(e.at)))::pg_catalog.numeric / 86400, %s)',
			as_of, CASE take WHEN 'days since first' THEN 'min' ELSE 'max' END, one.scale);
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, journey.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, %s FROM (%s) AS e WHERE %s GROUP BY e.user_id) AS u(user_id, number)',
			one.id, journey_internal.number_expression('u.number'::text, 'numeric'::text, one.scale), measure, events.stream, events.condition);
	END IF;
	IF rule ? 'attribute' AND jsonb_typeof(rule -> 'attribute') <> 'string' THEN
		RAISE EXCEPTION '"attribute" is %', rule -> 'attribute' USING ERRCODE = 'invalid_parameter_value', HINT = 'Name an attribute of the source.';
	END IF;
	SELECT * INTO attribute FROM journey_internal.rule_attribute(coalesce(rule ->> 'attribute', 'value'), events.scope);
	IF take = 'distinct' THEN
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, journey.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, pg_catalog.count(DISTINCT %s) FROM (%s) AS e WHERE %s AND %3$s IS NOT NULL GROUP BY e.user_id) AS u(user_id, number)',
			one.id, journey_internal.number_expression('u.number'::text, 'bigint'::text, one.scale),
			CASE attribute.type WHEN 'attrs' THEN format('nullif((%s)::pg_catalog.text, ''null'')', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END,
			events.stream, events.condition);
	ELSIF attribute.type = 'attrs' THEN
		attribute.operand := format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[])::pg_catalog.numeric END', attribute.operand);
		attribute.type := 'numeric';
	ELSIF attribute.type NOT IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
		RAISE EXCEPTION 'the % of "%" is asked for, which is of type %', take, rule ->> 'attribute', attribute.type USING ERRCODE = 'datatype_mismatch',
			HINT = 'Only numbers have one. "distinct" counts different values of any type.';
	END IF;
	IF take = 'sum' THEN
		-- numset_agg sums up by itself
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, journey.numset_agg(e.user_id, %s) FROM (%s) AS e WHERE %s',
			one.id, journey_internal.number_expression(attribute.operand, attribute.type, one.scale), events.stream, events.condition);
	ELSIF take IN ('first', 'last') THEN
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, journey.numset_agg(u.user_id, %s) FROM (SELECT DISTINCT ON (e.user_id) e.user_id, %s FROM (%s) AS e WHERE %s AND %3$s IS NOT NULL ORDER BY e.user_id, e.at%6$s, %3$s) AS u(user_id, number)',
			one.id, journey_internal.number_expression('u.number'::text, attribute.type, one.scale), attribute.operand, events.stream, events.condition,
			CASE take WHEN 'last' THEN ' DESC' ELSE '' END);
	END IF;
	measure := CASE take WHEN 'avg' THEN format('pg_catalog.round(pg_catalog.avg((%s)::pg_catalog.numeric), %s)', attribute.operand, one.scale)
		ELSE format('pg_catalog.%s(%s)', take, attribute.operand) END;
	RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, journey.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, %s FROM (%s) AS e WHERE %s GROUP BY e.user_id) AS u(user_id, number)',
		one.id, journey_internal.number_expression('u.number'::text, CASE take WHEN 'avg' THEN 'numeric' ELSE attribute.type END, one.scale), measure, events.stream, events.condition);
END $$;
COMMENT ON FUNCTION journey_internal.numeric_query(definitions[], bigint[], jsonb[], timestamptz) IS 'A numeric tag over events in SQL: id, NULL, numbers.';
CREATE OR REPLACE FUNCTION journey_internal.numbers_by_user(tag_numbers numset, OUT first_user bigint, OUT numbers bytea) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numbers_by_user'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10000;
CREATE OR REPLACE FUNCTION journey_internal.members_by_user(sets userset[], OUT first_user bigint, OUT numbers bytea) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_members_by_user'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10000;
CREATE OR REPLACE FUNCTION journey_internal.number_in_row(numbers bytea, first_user bigint, user_id bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_number_in_row'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION journey_internal.is_number_row(numbers bytea) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_is_number_row'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.is_number_row(bytea) IS 'Support function of the table numbers_by_user: whether these bytes are a valid row.';
COMMENT ON FUNCTION journey_internal.numbers_by_user(numset) IS 'Support function of refresh: the contents of the table numbers_by_user for this numset.';
COMMENT ON FUNCTION journey_internal.members_by_user(userset[]) IS 'Support function of refresh: the contents of the table numbers_by_user for disjoint sets. The number of a user is the number of the set, from 0.';
COMMENT ON FUNCTION journey_internal.number_in_row(bytea, bigint, bigint) IS 'Support function of profile: the number of a user in a row of the table numbers_by_user; NULL if the user has none.';
CREATE TABLE numbers_by_user (
	id bigint,
	as_of timestamptz,
	first_user bigint,
	numbers bytea NOT NULL CHECK (journey_internal.is_number_row(numbers)),
	PRIMARY KEY (id, as_of, first_user),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
ALTER TABLE numbers_by_user ALTER COLUMN numbers SET STORAGE EXTERNAL;
ALTER TABLE numbers_by_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON numbers_by_user FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = numbers_by_user.id));
CREATE POLICY owners_add ON numbers_by_user FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = numbers_by_user.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON numbers_by_user FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = numbers_by_user.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON numbers_by_user TO PUBLIC;
COMMENT ON TABLE numbers_by_user IS 'The newest version of a tag, some hundred users a row, in which a profile looks up one user. For a numeric tag: the numbers as in the numset. For a tag with 2 to 100000 values and at most one value per user: the number of the value, see value_numbers.';
CREATE TABLE value_numbers (
	id bigint,
	as_of timestamptz,
	number int,
	value text NOT NULL,
	PRIMARY KEY (id, as_of, number),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
ALTER TABLE value_numbers ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON value_numbers FOR SELECT USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = value_numbers.id));
CREATE POLICY owners_add ON value_numbers FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = value_numbers.id AND journey_internal.owns(d.owner)));
CREATE POLICY owners_drop ON value_numbers FOR DELETE
	USING (EXISTS (SELECT FROM journey.definitions AS d WHERE d.id = value_numbers.id AND journey_internal.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON value_numbers TO PUBLIC;
COMMENT ON TABLE value_numbers IS 'The values to which the numbers in numbers_by_user refer, for tags that are not numeric.';
CREATE FUNCTION journey_internal.store_by_user(tag bigint, version timestamptz) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	newest record;
BEGIN
	SELECT v.as_of, v.single INTO newest
	FROM journey.versions AS v JOIN journey.definitions AS d ON d.id = v.id AND d.kind = 'tag' WHERE v.id = tag ORDER BY v.as_of DESC LIMIT 1;
	-- of a segment, and in an older version, users are looked up in the sets
	IF newest.as_of IS DISTINCT FROM version THEN
		RETURN;
	END IF;
	DELETE FROM journey.numbers_by_user AS r WHERE r.id = tag;
	DELETE FROM journey.value_numbers AS n WHERE n.id = tag;
	INSERT INTO journey.numbers_by_user (id, as_of, first_user, numbers)
	SELECT tag, version, r.first_user, r.numbers
	FROM journey.version_numbers AS m, journey_internal.numbers_by_user(m.numbers) AS r WHERE m.id = tag AND m.as_of = version;
	-- Of one value there is only one set to look into. The sets are in memory twice meanwhile, and a
	-- kilobyte for each.
	IF newest.single AND (SELECT count(*) BETWEEN 2 AND 100000 AND sum(pg_column_size(m.members)) < 268435456
			FROM journey.version_members AS m WHERE m.id = tag AND m.as_of = version) THEN
		INSERT INTO journey.value_numbers (id, as_of, number, value)
		SELECT tag, version, row_number() OVER (ORDER BY m.value) - 1, m.value FROM journey.version_members AS m WHERE m.id = tag AND m.as_of = version;
		INSERT INTO journey.numbers_by_user (id, as_of, first_user, numbers)
		SELECT tag, version, r.first_user, r.numbers
		-- in the order of the numbers; joining them would be quadratic, as nothing is known yet of how many there are
		FROM (SELECT array_agg(m.members ORDER BY m.value) AS sets FROM journey.version_members AS m WHERE m.id = tag AND m.as_of = version) AS s,
			journey_internal.members_by_user(s.sets) AS r;
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.store_by_user(bigint, timestamptz) IS 'Support function of refresh: also stores a version of a tag by user, for profiles, if it is the newest and qualifies.';
CREATE FUNCTION journey_internal.do_store_tag(name text, definition text, method text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, scale int, mode text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	new journey.definitions;
	sources text[] := '{}';
	uses text[];
	rule jsonb;
BEGIN
	IF definition IS NULL THEN
		RAISE EXCEPTION 'definition must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF NOT EXISTS (SELECT FROM journey.methods AS m WHERE m.kind = 'tag' AND m.method = do_store_tag.method) THEN
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
		new.scale := coalesce(scale, CASE WHEN mode = 'alter' THEN (SELECT d.scale FROM journey.definitions AS d WHERE d.name = new.name) END, 0);
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
		new.query := CASE method WHEN 'numeric' THEN format('SELECT pg_catalog.count(*), journey.numset_agg(q.u::pg_catalog.int8, %s) FROM (%s) AS q(u, v) WHERE q.u IS NOT NULL AND q.v IS NOT NULL',
				journey_internal.number_expression('q.v'::text, format_type(analyzed.types[2], NULL), new.scale), analyzed.query)
			ELSE format('SELECT q.v::pg_catalog.text, journey.userset_agg(q.u::pg_catalog.int8) FROM (%s) AS q(u, v) WHERE q.v IS NOT NULL AND q.v::pg_catalog.text <> '''' GROUP BY q.v::pg_catalog.text', analyzed.query) END;
	END IF;
	uses := ARRAY(SELECT DISTINCT n FROM unnest(uses || coalesce(depends_on, '{}')) AS n ORDER BY n);
	IF rule IS NOT NULL THEN
		PERFORM journey_internal.check_rule(new, sources, uses, mode, concat('the definition of tag "', name, '"'));
	END IF;
	PERFORM journey_internal.store_definition(new, sources, uses, mode);
END $$;
COMMENT ON FUNCTION journey_internal.do_store_tag(text, text, text, record, text[], interval, int, text, int, text) IS 'Support function of store_tag, which calls it: what that does.';
CREATE FUNCTION journey_internal.store_tag(name text, definition text, method text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, scale int, mode text) RETURNS void
	AS 'MODULE_PATHNAME', 'journey_short_context'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.store_tag(text, text, text, record, text[], interval, int, text, int, text) IS 'Support function of create_tag and alter_tag: checks a definition and stores it.';
CREATE FUNCTION create_tag(name text, definition text, method text, depends_on text[] DEFAULT '{}', keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, scale int DEFAULT NULL, replace boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.store_tag($1, $2, $3,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of tag "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$4, $5, $6, $7, $8, journey_internal.creation_mode($1, $9)) $$;
COMMENT ON FUNCTION create_tag(text, text, text, text[], interval, int, text, int, boolean) IS
	'Creates a tag that belongs to the current role. method: rule (an ordered list of values and conditions; the first true condition counts), sql (a SELECT of user and value), numeric (a SELECT of user and number, or JSON; scale: the number of decimals, 0 to 18, 0 if NULL; more decimals are an error), attribute (the first, last or most frequent of an event), rfm, lifecycle. The other arguments are those of create_segment.';
CREATE FUNCTION alter_tag(name text, definition text, method text, depends_on text[] DEFAULT '{}', scale int DEFAULT NULL) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.store_tag($1, $2, $3,
		CASE WHEN $2 IS NULL OR journey_internal.is_rule($2) THEN NULL ELSE journey_internal.analyze_query($2, pg_catalog.concat('the definition of tag "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$4, NULL::pg_catalog.interval, NULL::pg_catalog.int4, NULL::pg_catalog.text, $5, 'alter'::pg_catalog.text) $$;
COMMENT ON FUNCTION alter_tag(text, text, text, text[], int) IS 'Replaces the definition of a tag of yours. Its versions are kept. scale: for a numeric tag; NULL leaves it unchanged.';
CREATE FUNCTION drop_tag(name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.drop_definition($1, 'tag'::pg_catalog.text, $2) $$;
COMMENT ON FUNCTION drop_tag(text, boolean) IS 'Drops a tag of yours with its versions. An error while another segment or tag uses it, unless force is true; refreshing those then fails.';
CREATE FUNCTION rename_tag(name text, new_name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.rename_definition($1, 'tag'::pg_catalog.text, $2, $3) $$;
COMMENT ON FUNCTION rename_tag(text, text, boolean) IS 'Gives a tag of yours another name. Rules that use it still do, whatever name they call it by. An error while a SELECT names it, unless force is true; refreshing that then fails until it is altered.';
CREATE OR REPLACE FUNCTION grant_tag(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.change_readers($1, 'tag'::pg_catalog.text, $2, true) $$;
CREATE OR REPLACE FUNCTION revoke_tag(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT journey_internal.change_readers($1, 'tag'::pg_catalog.text, $2, false) $$;
COMMENT ON FUNCTION revoke_tag(text, text) IS 'Revokes what grant_tag granted.';
CREATE FUNCTION refresh_tag(name text, as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	RETURNS TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE sql
	AS $$ SELECT * FROM journey_internal.refresh_definitions(ARRAY[$1], $2, 'tag'::pg_catalog.text, $3) $$;
COMMENT ON FUNCTION refresh_tag(text, timestamptz, boolean) IS
	'Computes a tag as of a time and stores the version, as refresh_segment does. entered: users who have a value but had none before; exited: users who had a value but have none.';
CREATE FUNCTION refresh_tags(names text[], as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	RETURNS TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE sql
	AS $$ SELECT * FROM journey_internal.refresh_definitions($1, $2, 'tag'::pg_catalog.text, $3) $$;
COMMENT ON FUNCTION refresh_tags(text[], timestamptz, boolean) IS 'Computes several tags, as refresh_segments does.';
CREATE OR REPLACE FUNCTION explain_tag(name text, as_of timestamptz DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.refresh_query(ARRAY[one.id], coalesce(as_of, now()));
END $$;
COMMENT ON FUNCTION explain_tag(text, timestamptz) IS 'The SQL that a refresh of the tag runs.';
CREATE FUNCTION tag_numset(name text, as_of timestamptz DEFAULT NULL) RETURNS numset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.tag_numset_by_id(one.id, one.name, as_of);
END $$;
COMMENT ON FUNCTION tag_numset(text, timestamptz) IS
	'The numbers of a numeric tag, times 10 to the power of its scale, in its newest version, or in the newest not newer than as_of. An error if the tag is not numeric.';
CREATE FUNCTION tag_users_where(name text, operator text, number numeric, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.tag_users_where_by_id(one.id, one.name, operator, number, as_of);
END $$;
COMMENT ON FUNCTION tag_users_where(text, text, numeric, timestamptz) IS
	'The users whose number of a numeric tag is =, !=, <, <=, > or >= a number, in its newest version, or in the newest not newer than as_of. Users without a number are never in the result.';
CREATE FUNCTION tag_users_between(name text, lower numeric, upper numeric, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN journey.tag_users_where(name, '>='::text, coalesce(lower, '-Infinity'), as_of)
		OPERATOR(journey.&) journey.tag_users_where(name, '<='::text, coalesce(upper, 'Infinity'), as_of);
END $$;
COMMENT ON FUNCTION tag_users_between(text, numeric, numeric, timestamptz) IS
	'The users whose number of a numeric tag is from lower to upper, both included. A NULL bound means no bound.';
CREATE FUNCTION tag_users(name text, value text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'tag'::text);
BEGIN
	RETURN journey_internal.tag_users_by_id(one.id, one.name, value, as_of);
END $$;
COMMENT ON FUNCTION tag_users(text, text, timestamptz) IS
	'The users who have this value of a tag, in its newest version, or in the newest not newer than as_of. Empty if nobody has it. The value of a numeric tag is a number.';
CREATE FUNCTION journey_internal.check_min_users(min_users bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_check_min_users'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.check_min_users(min_users bigint) IS
	'min_users, or an error if it cannot be the fewest users that a number may count.';
CREATE FUNCTION journey_internal.users_shown(users bigint, min_users bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_users_shown'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.users_shown(users bigint, min_users bigint) IS
	'users, NULL if they are fewer than min_users.';
CREATE FUNCTION journey_internal.tag_groups(tag bigint, version timestamptz, min_users bigint) RETURNS TABLE (place int, value text, users bigint, members userset)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	scale int := journey_internal.version_scale(tag, version);
	numbers journey.numset;
	low bigint;
	high bigint;
	highs bigint[] := '{}';
BEGIN
	IF scale IS NULL THEN
		RETURN QUERY SELECT 0, m.value, m.users, m.members FROM journey.version_members AS m WHERE m.id = tag AND m.as_of = version;
		RETURN;
	END IF;
	SELECT m.numbers INTO numbers FROM journey.version_numbers AS m WHERE m.id = tag AND m.as_of = version;
	low := journey.numset_min(numbers);
	WHILE low IS NOT NULL AND cardinality(highs) <= 20 LOOP
		highs := highs || low;
		low := journey.numset_min(numbers, journey.numset_users_gt(numbers, low));
	END LOOP;
	IF low IS NOT NULL THEN
		highs := ARRAY(SELECT DISTINCT journey.numset_quantile(numbers, (i / 10.0)::float8) FROM generate_series(1, 10) AS i ORDER BY 1);
	END IF;
	place := 0;
	FOREACH high IN ARRAY highs LOOP
		members := CASE WHEN place = 0 THEN journey.numset_users_le(numbers, high) ELSE journey.numset_users_between(numbers, highs[place] + 1, high) END;
		low := journey.numset_min(numbers, members);
		place := place + 1;
		users := journey.cardinality(members);
		-- the numbers of few are theirs
		value := CASE WHEN journey_internal.users_shown(users, min_users) IS NOT NULL THEN concat(journey_internal.tag_value(low, scale), CASE WHEN high > low THEN concat(' to ', journey_internal.tag_value(high, scale)) END) END;
		RETURN NEXT;
	END LOOP;
END $$;
COMMENT ON FUNCTION journey_internal.tag_groups(bigint, timestamptz, bigint) IS 'Support function of tag_summary and tag_cross: the values of the version of exactly this time, or ranges of numbers in ascending order, and their users.';
CREATE FUNCTION tag_summary(name text, as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0) RETURNS TABLE (value text, users bigint, share float8)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'tag'::text);
	version timestamptz := journey_internal.version_at(one.id, as_of);
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
	everybody bigint;
BEGIN
	SELECT v.users INTO everybody FROM journey.versions AS v WHERE v.id = one.id AND v.as_of = version;
	IF journey_internal.version_scale(one.id, version) IS NOT NULL THEN
		RETURN QUERY SELECT g.value, s.users, s.users / nullif(everybody, 0)::float8
			FROM journey_internal.tag_groups(one.id, version, fewest) AS g, LATERAL journey_internal.users_shown(g.users, fewest) AS s(users) ORDER BY g.place;
	ELSE
		RETURN QUERY SELECT m.value, s.users, s.users / nullif(everybody, 0)::float8
			FROM journey.version_members AS m, LATERAL journey_internal.users_shown(m.users, fewest) AS s(users)
			WHERE m.id = one.id AND m.as_of = version ORDER BY s.users DESC NULLS LAST, m.value;
	END IF;
END $$;
COMMENT ON FUNCTION tag_summary(text, timestamptz, bigint) IS 'The values of a tag, the most frequent first: the number of users of each, and their share of all users with a value, 0 to 1. For a numeric tag with at most 20 different numbers: the numbers in ascending order. For other numeric tags: ten ranges with about the same number of users each. min_users: users and share of fewer users are NULL, and so are their numbers.';
CREATE FUNCTION tag_cross(name_a text, name_b text, as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0) RETURNS TABLE (value_a text, value_b text, users bigint, share float8)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one_a journey.definitions := journey_internal.definition_of(name_a, 'tag'::text);
	one_b journey.definitions := journey_internal.definition_of(name_b, 'tag'::text);
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
			LATERAL (SELECT journey.cardinality(a.members OPERATOR(journey.&) b.members) AS users) AS c, LATERAL journey_internal.users_shown(c.users, fewest) AS s(users)
		WHERE c.users > 0
		ORDER BY a.place, a.value, b.place, b.value;
END $$;
COMMENT ON FUNCTION tag_cross(text, text, timestamptz, bigint) IS 'The number of users for each pair of values of two tags, and their share of the users with value_a. Pairs without users are omitted. Numbers are grouped as in tag_summary. min_users: users and share of fewer users are NULL.';
CREATE FUNCTION tag_stats(name text, as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0)
	RETURNS TABLE (users bigint, sum numeric, avg numeric, min numeric, p25 numeric, median numeric, p75 numeric, p90 numeric, p99 numeric, max numeric)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'tag'::text);
	numbers journey.numset := journey_internal.tag_numset_by_id(one.id, one.name, as_of);
	scale int := journey_internal.version_scale(one.id, journey_internal.version_at(one.id, as_of));
	unit numeric := ('1e-' || scale)::numeric;
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
	q numeric[] := ARRAY(SELECT journey_internal.tag_value(journey.numset_quantile(numbers, f), scale) FROM unnest('{0.25,0.5,0.75,0.9,0.99}'::float8[]) WITH ORDINALITY AS u(f, n) ORDER BY n);
BEGIN
	IF journey_internal.users_shown(journey.numset_count(numbers), fewest) IS NULL THEN
		RETURN QUERY SELECT NULL::bigint, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric;
		RETURN;
	END IF;
	RETURN QUERY SELECT journey.numset_count(numbers), journey.numset_sum(numbers) * unit, journey.numset_avg(numbers) * unit,
		journey_internal.tag_value(journey.numset_min(numbers), scale), q[1], q[2], q[3], q[4], q[5], journey_internal.tag_value(journey.numset_max(numbers), scale);
END $$;
COMMENT ON FUNCTION tag_stats(text, timestamptz, bigint) IS 'One row about the numbers of a numeric tag: how many users have one, sum, mean, smallest, quantiles (each is a number of some user), greatest. NULLs if nobody, or fewer than min_users, have a number.';
CREATE FUNCTION tag_histogram(name text, bounds numeric[], as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0) RETURNS TABLE (lower numeric, upper numeric, users bigint, share float8)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.definition_of(name, 'tag'::text);
	numbers journey.numset := journey_internal.tag_numset_by_id(one.id, one.name, as_of);
	scale int := journey_internal.version_scale(one.id, journey_internal.version_at(one.id, as_of));
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
BEGIN
	RETURN QUERY SELECT journey_internal.tag_value(h.lower, scale), journey_internal.tag_value(h.upper, scale), s.users, s.users / nullif(journey.numset_count(numbers), 0)::float8
		FROM journey.numset_histogram(numbers, ARRAY(SELECT journey_internal.tag_number(b, scale) FROM unnest(bounds) WITH ORDINALITY AS u(b, n) ORDER BY n)) AS h,
			LATERAL journey_internal.users_shown(h.users, fewest) AS s(users);
END $$;
COMMENT ON FUNCTION tag_histogram(text, numeric[], timestamptz, bigint) IS 'The number of users whose number of a numeric tag is below the first bound, from each bound to the next (lower <= number < upper), and from the last bound on; NULL where there is no bound. Bounds that do not ascend, or have more decimals than the tag, are an error. min_users: users and share of fewer users are NULL.';
CREATE VIEW tags WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.method, d.definition, journey_internal.source_names(d.id) AS sources, journey_internal.used_names(d.id) AS depends_on,
	d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.users, v.computed_at, d.id
FROM journey.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM journey.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
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
CREATE FUNCTION journey_internal.profile_events(of_source bigint, reader regrole, of_user bigint, until timestamptz, most int, milliseconds int)
	RETURNS TABLE (source text, at timestamptz, event text, attrs jsonb, value float8)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT r.source, r.at, r.event, r.attrs, r.value
		FROM journey_internal.run_as_within(reader::oid, format('SELECT e.source, e.at, e.event, e.attrs, e.value FROM (%s) AS e WHERE e.user_id = %L::pg_catalog.int8 AND e.at < %L::pg_catalog.timestamptz ORDER BY e.at DESC LIMIT %s',
			journey_internal.stream_query(ARRAY[profile_events.of_source], reader), of_user, until, most), until, milliseconds) AS r(source text, at timestamptz, event text, attrs jsonb, value float8);
END $$;
COMMENT ON FUNCTION journey_internal.profile_events(bigint, regrole, bigint, timestamptz, int, int) IS 'Support function of profile: the newest events of a user.';
CREATE OR REPLACE FUNCTION journey_internal.profile_values(of_user bigint, until timestamptz)
	RETURNS TABLE (kind text, name text, value text, at timestamptz)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET seq_page_cost = 1
	SET random_page_cost = 0.1
	SET enable_bitmapscan = off
	SET jit = off
	SET max_parallel_workers_per_gather = 0
	SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT d.kind, d.name, CASE d.kind WHEN 'segment' THEN (m.value IS NOT NULL)::text ELSE coalesce(m.value, n.value) END, v.as_of
		FROM journey.definitions AS d
			CROSS JOIN LATERAL (SELECT v.as_of, v.single, v.scale FROM journey.versions AS v
				WHERE v.id = d.id AND (until IS NULL OR v.as_of <= until) ORDER BY v.as_of DESC LIMIT 1) AS v
			LEFT JOIN LATERAL (SELECT true AS there, journey_internal.number_in_row(r.numbers, r.first_user, of_user) AS number FROM journey.numbers_by_user AS r
				WHERE d.kind = 'tag' AND r.id = d.id AND r.as_of = v.as_of AND r.first_user <= of_user
				ORDER BY r.first_user DESC LIMIT 1) AS r ON true
			-- others may come after, or the version is not kept user by user: see store_by_user
			CROSS JOIN LATERAL (SELECT r.there IS NOT NULL OR EXISTS (SELECT FROM journey.numbers_by_user AS o
				WHERE d.kind = 'tag' AND o.id = d.id AND o.as_of = v.as_of) AS by_user OFFSET 0) AS k
			LEFT JOIN LATERAL (
				SELECT w.value FROM journey.value_numbers AS w
				WHERE v.scale IS NULL AND k.by_user AND w.id = d.id AND w.as_of = v.as_of AND w.number = r.number
				UNION ALL
				(SELECT m.value FROM journey.version_members AS m
				WHERE v.scale IS NULL AND NOT k.by_user AND m.id = d.id AND m.as_of = v.as_of AND journey.contains(m.members, of_user)
				LIMIT CASE WHEN v.single THEN 1 END)) AS m ON true
			LEFT JOIN LATERAL (SELECT journey_internal.tag_value(CASE WHEN k.by_user THEN r.number
				ELSE (SELECT journey.numset_value(m.numbers, of_user) FROM journey.version_numbers AS m WHERE m.id = d.id AND m.as_of = v.as_of) END, v.scale)::text AS value
				WHERE v.scale IS NOT NULL) AS n ON true;
END $$;
COMMENT ON FUNCTION journey_internal.profile_values(bigint, timestamptz) IS 'Support function of profile: the segments and tags of a user.';
CREATE FUNCTION profile(user_id bigint, as_of timestamptz DEFAULT NULL, sources text[] DEFAULT NULL, events int DEFAULT 20, time_limit interval DEFAULT '5 seconds')
	RETURNS TABLE (kind text, name text, value text, at timestamptz, attrs jsonb, source text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	one record;
	milliseconds CONSTANT numeric := extract(epoch FROM time_limit) * 1000;
BEGIN
	IF profile.user_id IS NULL THEN
		RAISE EXCEPTION 'user_id must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF profile.events IS NULL OR profile.events < 0 THEN
		RAISE EXCEPTION 'events is %', profile.events USING ERRCODE = 'invalid_parameter_value', HINT = 'How many of the newest events to show; 0 for none.';
	ELSIF milliseconds IS NULL OR milliseconds < 1 OR milliseconds > 86400000 THEN
		RAISE EXCEPTION 'time_limit is %', time_limit USING ERRCODE = 'invalid_parameter_value', HINT = 'How long each source may take: from ''1 millisecond'' to ''1 day''.';
	END IF;
	RETURN QUERY SELECT v.kind, v.name, v.value, v.at, NULL::jsonb, NULL::text
		FROM journey_internal.profile_values(profile.user_id, profile.as_of) AS v ORDER BY v.kind, v.name, v.value;
	-- A source is read with its owner's rights where the caller has them; others' sources only if
	-- they are named, for their expressions then run with the caller's.
	FOR one IN SELECT s.id, s.name, CASE WHEN journey_internal.owns(s.owner) THEN s.owner::regrole ELSE journey_internal.caller()::regrole END AS reader
		FROM journey.sources AS s
		WHERE profile.events > 0 AND journey_internal.is_role(s.owner) AND CASE WHEN profile.sources IS NULL THEN journey_internal.owns(s.owner) AND has_table_privilege(s.owner::oid, s.relation::oid, 'SELECT')
			ELSE s.name = ANY (profile.sources) END
		ORDER BY s.name
	LOOP
		BEGIN
			RETURN QUERY SELECT 'event'::text, e.event, e.value::text, e.at, e.attrs, e.source
				FROM journey_internal.profile_events(one.id, one.reader, profile.user_id, coalesce(profile.as_of, clock_timestamp()), profile.events, milliseconds::int) AS e;
		EXCEPTION WHEN OTHERS THEN
			-- one role's source must not stop everybody's profiles
			IF profile.sources IS NOT NULL THEN
				RAISE;
			END IF;
			RAISE WARNING 'source "%" cannot be read: %', one.name, SQLERRM;
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION profile(bigint, timestamptz, text[], int, interval) IS
	'All that is known about one customer: a row for each segment (value true or false) and tag (its value, NULL if none) that you may read, from the newest versions, or the newest not newer than as_of. Then the newest events of each source: kind is event, name the event, value its number, source its source. sources: the sources to read; by default those of roles whose rights you have. time_limit: the time for each source; a source that takes longer is skipped with a warning.';
CREATE FUNCTION journey_internal.cron_field(field text, what text, lower int, upper int, names text[] DEFAULT '{}') RETURNS int[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	part text;
	piece text[];
	first int;
	last int;
	step int;
	result int[] := '{}';
	i int;
BEGIN
	FOREACH part IN ARRAY string_to_array(lower(field), ',') LOOP
		FOR i IN 1 .. cardinality(names) LOOP
			part := regexp_replace(part, '\m' || names[i] || '\M', (i - 1 + lower)::text, 'g');
		END LOOP;
		piece := regexp_match(part, '^(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?$');
		first := coalesce(piece[2]::int, lower);
		last := coalesce(piece[3]::int, CASE WHEN piece[2] IS NULL OR piece[4] IS NOT NULL THEN upper ELSE first END);
		step := coalesce(piece[4]::int, 1);
		IF piece IS NULL OR first < lower OR last > upper OR first > last OR step < 1 THEN
			RAISE EXCEPTION '"%" is no % of a cron expression', field, what USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Write *, numbers from %s to %s, ranges such as 1-5, steps such as */10, and lists of these.', lower, upper);
		END IF;
		result := result || ARRAY(SELECT generate_series(first, last, step));
	END LOOP;
	IF cardinality(result) = 0 THEN
		RAISE EXCEPTION 'a cron expression has an empty %', what USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN ARRAY(SELECT DISTINCT n FROM unnest(result) AS n ORDER BY n);
END $$;
COMMENT ON FUNCTION journey_internal.cron_field(text, text, int, int, text[]) IS 'The numbers that one field of a cron expression denotes.';
CREATE OR REPLACE FUNCTION journey_internal.schedule_time(schedule text, time_zone text, at timestamptz, forward boolean DEFAULT true) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	fields text[] := regexp_split_to_array(btrim(schedule), '\s+');
	every interval;
	minutes int[];
	hours int[];
	days int[];
	months int[];
	weekdays int[];
	today date;
	result timestamptz;
	tried int;
BEGIN
	IF schedule IS NULL OR time_zone IS NULL OR at IS NULL THEN
		RAISE EXCEPTION 'schedule, time_zone and at must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	BEGIN
		today := (at AT TIME ZONE time_zone)::date;
	EXCEPTION WHEN invalid_parameter_value THEN
		RAISE EXCEPTION 'time zone "%" does not exist', time_zone USING ERRCODE = 'invalid_parameter_value', HINT = 'Write the name of one, such as ''Asia/Shanghai'' or ''UTC''.';
	END;
	IF cardinality(fields) <> 5 OR schedule ~* '[0-9]\s+(second|sec|minute|min|hour|day|week|month|year)s?\M' THEN
		BEGIN
			every := schedule::interval;
		EXCEPTION WHEN invalid_datetime_format OR interval_field_overflow OR datetime_field_overflow THEN
			RAISE EXCEPTION '"%" is no schedule', schedule USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write a cron expression of five fields, such as ''30 2 * * *'' for 02:30 every day, or an interval such as ''6 hours''.';
		END;
		IF extract(year FROM every) <> 0 OR extract(month FROM every) <> 0 OR every < interval '1 minute' THEN
			RAISE EXCEPTION 'the schedule "%" has months, or is shorter than a minute', schedule USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Use days, hours or minutes; for every month a cron expression such as ''0 3 1 * *''.';
		END IF;
		-- multiples of the interval since a midnight: so that many schedules agree
		result := date_bin(every, at, '2001-01-01'::timestamp AT TIME ZONE time_zone);
		RETURN CASE WHEN forward THEN result + make_interval(secs => extract(epoch FROM every)) ELSE result END;
	END IF;
	minutes := journey_internal.cron_field(fields[1], 'minute'::text, 0, 59, '{}'::text[]);
	hours := journey_internal.cron_field(fields[2], 'hour'::text, 0, 23, '{}'::text[]);
	days := journey_internal.cron_field(fields[3], 'day of month'::text, 1, 31, '{}'::text[]);
	months := journey_internal.cron_field(fields[4], 'month'::text, 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'::text[]);
	weekdays := journey_internal.cron_field(fields[5], 'day of week'::text, 0, 7, '{sun,mon,tue,wed,thu,fri,sat}'::text[]);
	IF 7 = ANY (weekdays) THEN
		weekdays := weekdays || 0;
	END IF;
	-- a day with all that is asked for comes within 28 years, or never: 29 February on one weekday
	FOR tried IN 0 .. 10300 LOOP
		IF extract(month FROM today) <> ALL (months) THEN
			-- to the day before the next month, or that after the one before
			today := date_trunc('month', today)::date + CASE WHEN forward THEN interval '1 month' - interval '1 day' ELSE interval '0' END;
		ELSIF
			-- as cron has it: if both are restricted, one of them is enough
			(CASE WHEN left(fields[3], 1) <> '*' AND left(fields[5], 1) <> '*'
				THEN extract(day FROM today) = ANY (days) OR extract(dow FROM today) = ANY (weekdays)
				ELSE extract(day FROM today) = ANY (days) AND extract(dow FROM today) = ANY (weekdays) END)
		THEN
			SELECT CASE WHEN forward THEN min(t) FILTER (WHERE t > at) ELSE max(t) FILTER (WHERE t <= at) END INTO result
			FROM unnest(hours) AS h, unnest(minutes) AS m, LATERAL (
				SELECT (today + make_interval(hours => h, mins => m)) AT TIME ZONE time_zone AS t
				-- an hour that comes twice, when clocks are set back, counts twice for who names no hour
				UNION ALL
				SELECT l.t - back FROM (SELECT (today + make_interval(hours => h, mins => m)) AT TIME ZONE time_zone) AS l(t), unnest('{30 min,1 hour}'::interval[]) AS back
				WHERE left(fields[2], 1) = '*' AND (l.t - back) AT TIME ZONE time_zone = today + make_interval(hours => h, mins => m)) AS u;
			IF result IS NOT NULL THEN
				RETURN result;
			END IF;
		END IF;
		today := today + CASE WHEN forward THEN 1 ELSE -1 END;
	END LOOP;
	RAISE EXCEPTION 'the schedule "%" never comes', schedule USING ERRCODE = 'invalid_parameter_value', HINT = 'Is there such a day?';
END $$;
COMMENT ON FUNCTION journey_internal.schedule_time(text, text, timestamptz, boolean) IS
	'The first time of a schedule after a time; if forward is false, the last time not after it. schedule: a cron expression of five fields in this time zone, or an interval. Multiples of an interval count from midnight, 1 January 2001 in this time zone; where clocks change, this is one o''clock for half of the year. If an hour occurs twice, it counts twice if the expression has * for the hour.';
CREATE FUNCTION schedule_refresh(name text, schedule text, time_zone text DEFAULT current_setting('TimeZone'), retries int DEFAULT 0, retry_after interval DEFAULT '10 minutes', stale_inputs boolean DEFAULT false) RETURNS timestamptz
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	due timestamptz := journey_internal.schedule_time(schedule, time_zone, clock_timestamp(), true);
	one journey.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	-- what is no Area/City is looked up, but for the session's zone, which can be a specification
	IF time_zone !~ '^[A-Za-z]+/[A-Za-z_/]+$' AND time_zone <> current_setting('TimeZone')
		AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE lower(z.name) = lower(time_zone)) THEN
		RAISE EXCEPTION 'time_zone "%" is a POSIX specification or an abbreviation, and not the name of a time zone', time_zone
			USING ERRCODE = 'invalid_parameter_value',
			DETAIL = 'In a specification + counts hours to the west: UTC+8 is eight hours behind UTC, not ahead. An abbreviation such as CST has several meanings.',
			HINT = 'Write a name such as ''Asia/Shanghai'', or ''Etc/GMT-8'' for eight hours ahead of UTC; pg_timezone_names lists them.';
	END IF;
	IF retries IS NULL OR retries NOT BETWEEN 0 AND 1000 THEN
		RAISE EXCEPTION 'retries is %', retries USING ERRCODE = 'invalid_parameter_value', HINT = 'How often what failed is tried again before its next time: from 0 to 1000.';
	ELSIF retry_after IS NULL OR retry_after < interval '1 second' THEN
		RAISE EXCEPTION 'retry_after is %', retry_after USING ERRCODE = 'invalid_parameter_value', HINT = 'How long after it failed it is tried again, such as ''10 minutes''.';
	ELSIF stale_inputs IS NULL THEN
		RAISE EXCEPTION 'stale_inputs must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	INSERT INTO journey.schedules AS s (id, schedule, time_zone, next_due, retries, retry_after, stale_inputs) VALUES (one.id, schedule, time_zone, due, retries, retry_after, stale_inputs)
	ON CONFLICT ON CONSTRAINT schedules_pkey DO UPDATE SET schedule = excluded.schedule, time_zone = excluded.time_zone, next_due = excluded.next_due,
		retries = excluded.retries, retry_after = excluded.retry_after, stale_inputs = excluded.stale_inputs, failures = 0;
	RETURN due;
EXCEPTION WHEN foreign_key_violation THEN
	RAISE EXCEPTION '"%" was dropped at this moment', name USING ERRCODE = 'undefined_object';
END $$;
COMMENT ON FUNCTION schedule_refresh(text, text, text, int, interval, boolean) IS
	'Schedules a segment or tag of yours for refresh_due(): at the times of a cron expression in a time zone, such as ''30 2 * * *'', or at an interval, such as ''6 hours''. Returns when it is first due. retries: how often a failed refresh is retried before the next scheduled time; retry_after: the time between tries. stale_inputs: whether it may be computed from older versions if the refresh of what it uses failed.';
CREATE OR REPLACE FUNCTION unschedule_refresh(name text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one journey.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	DELETE FROM journey.schedules AS s WHERE s.id = one.id;
END $$;
COMMENT ON FUNCTION unschedule_refresh(text) IS 'Removes the schedule of a segment or tag of yours.';
CREATE FUNCTION journey_internal.check_may_commit() RETURNS void
	AS 'MODULE_PATHNAME', 'journey_check_may_commit'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION journey_internal.check_may_commit() IS 'Support function of refresh_due: raises an error if the calling procedure cannot commit.';
CREATE TYPE journey_internal.claim AS (ids bigint[], as_of timestamptz, began timestamptz, passed bigint[], planned bigint[], batches int[], done int, failed bigint[]);
COMMENT ON TYPE journey_internal.claim IS 'The work of a runner of refresh_due(): the claimed definitions, as of when, since when; those that are finished or that another runner computes; the next definitions, in batches; how many are done, and which failed.';
CREATE FUNCTION journey_internal.give_up_schedule(id bigint) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schedule journey.schedules;
BEGIN
	SELECT * INTO schedule FROM journey.schedules AS s WHERE s.id = give_up_schedule.id FOR UPDATE SKIP LOCKED;
	PERFORM journey_internal.schedule_time(schedule.schedule, schedule.time_zone, clock_timestamp(), forward)
	FROM unnest('{true,false}'::boolean[]) AS forward WHERE schedule.id IS NOT NULL;
EXCEPTION WHEN OTHERS THEN
	PERFORM journey_internal.log_refresh(ARRAY[give_up_schedule.id], NULL::timestamptz, clock_timestamp(), 'failed'::text, SQLSTATE, SQLERRM);
	UPDATE journey.schedules AS s SET next_due = 'infinity' WHERE s.id = give_up_schedule.id;
	RAISE WARNING 'the schedule of "%" cannot be read: %', (SELECT d.name FROM journey.definitions AS d WHERE d.id = give_up_schedule.id), SQLERRM;
END $$;
COMMENT ON FUNCTION journey_internal.give_up_schedule(bigint) IS 'Support function of refresh_due: if a schedule is invalid, records a failure and makes it no longer due. Other schedules are unchanged.';
CREATE FUNCTION journey_internal.may_run(owner role_ref, as_superuser boolean) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT journey_internal.owns(owner) AND journey_internal.is_role(owner)
		AND (as_superuser OR NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = current_user AND r.rolsuper)
			OR EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = owner::oid AND r.rolsuper)) $$;
COMMENT ON FUNCTION journey_internal.may_run(role_ref, boolean) IS 'Whether refresh_due runs definitions of this role: the role must exist and the runner must have its rights. If the runner is a superuser and the role is not, as_superuser must be true, too.';
CREATE FUNCTION journey_internal.due_ids(as_superuser boolean) RETURNS bigint[]
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT s.id FROM journey.schedules AS s JOIN journey.definitions AS d USING (id)
		WHERE s.next_due <= clock_timestamp() AND journey_internal.may_run(d.owner, as_superuser)) $$;
COMMENT ON FUNCTION journey_internal.due_ids(boolean) IS 'Support function of refresh_due: the due definitions that the caller may run.';
CREATE FUNCTION journey_internal.warn_of_others(as_superuser boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	others record;
BEGIN
	SELECT count(*) FILTER (WHERE s.next_due <= clock_timestamp() AND journey_internal.is_role(d.owner) AND journey_internal.owns(d.owner) AND NOT journey_internal.may_run(d.owner, as_superuser)) AS told,
		count(*) FILTER (WHERE s.next_due <= clock_timestamp() AND journey_internal.is_role(d.owner) AND NOT journey_internal.owns(d.owner)) AS foreign,
		count(*) FILTER (WHERE s.next_due <= clock_timestamp() AND NOT journey_internal.is_role(d.owner)) AS ownerless,
		count(*) FILTER (WHERE journey_internal.may_run(d.owner, as_superuser)) AS mine, count(*) AS known INTO others
	FROM journey.schedules AS s JOIN journey.definitions AS d USING (id);
	IF others.told > 0 THEN
		RAISE WARNING 'left out, as their owners are no superusers: % due segments and tags', others.told
			USING HINT = 'Run them as a role that is a member of their owners and no superuser, or CALL refresh_due(as_superuser => true).';
	END IF;
	IF others.foreign > 0 THEN
		RAISE WARNING 'left out, as role "%" does not have the rights of their owners: % due segments and tags', current_user, others.foreign
			USING HINT = 'GRANT their owners to it.';
	END IF;
	IF others.ownerless > 0 THEN
		RAISE WARNING 'left out, as they have no owner: % due segments and tags', others.ownerless USING HINT = 'set_definition_owner gives them one.';
	END IF;
	IF others.mine = 0 AND others.told + others.foreign + others.ownerless = 0 THEN
		RAISE NOTICE 'nothing that is scheduled belongs to a role whose rights "%" has', current_user;
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.warn_of_others(boolean) IS 'Support function of refresh_due: warns about due definitions that the caller sees but may not run.';
CREATE FUNCTION journey_internal.end_interrupted() RETURNS void
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	AS $$ UPDATE journey.refresh_log AS l SET status = 'interrupted', finished_at = clock_timestamp()
		FROM (SELECT r.id, r.started_at, r.pid FROM journey.refresh_log AS r
			WHERE r.status = 'running' AND r.id IN (SELECT d.id FROM journey.definitions AS d WHERE journey_internal.owns(d.owner))
				AND NOT journey_internal.is_at_work(r.pid, r.id)
			FOR UPDATE OF r SKIP LOCKED) AS gone
		WHERE l.id = gone.id AND l.started_at = gone.started_at AND l.pid = gone.pid $$;
COMMENT ON FUNCTION journey_internal.end_interrupted() IS 'Support function of refresh_due: marks refreshes as interrupted if the log says that they run and their session has ended.';
CREATE FUNCTION journey_internal.with_users(ids bigint[], due bigint[]) RETURNS bigint[]
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found bigint[] := ids;
	users bigint[] := ids;
BEGIN
	WHILE cardinality(users) > 0 LOOP
		users := ARRAY(SELECT DISTINCT u.id FROM unnest(users) AS n JOIN journey.definition_uses AS u ON u.used = n JOIN unnest(due) AS m ON m = u.id
			WHERE NOT EXISTS (SELECT FROM unnest(found) AS f WHERE f = u.id));
		found := found || users;
	END LOOP;
	RETURN found;
END $$;
COMMENT ON FUNCTION journey_internal.with_users(bigint[], bigint[]) IS 'Support function of refresh_due: these definitions, and the due definitions that use them.';
CREATE FUNCTION journey_internal.plan_due(due bigint[]) RETURNS TABLE (batch bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	stopped bigint[] := ARRAY(SELECT n FROM unnest(due) AS n, LATERAL (SELECT * FROM journey.refresh_log AS l WHERE l.id = n
		ORDER BY CASE l.status WHEN 'interrupted' THEN l.started_at ELSE coalesce(l.finished_at, l.started_at) END DESC LIMIT 1) AS l WHERE l.status IN ('running', 'interrupted'));
	last bigint[] := journey_internal.with_users(stopped, due);
	near bigint[] := journey_internal.with_users(ARRAY(SELECT n FROM unnest(due) AS n JOIN journey.definitions AS d ON d.id = n
		WHERE d.owner::oid IN (SELECT o.owner::oid FROM unnest(stopped) AS l JOIN journey.definitions AS o ON o.id = l)), due);
BEGIN
	RETURN QUERY SELECT b.batch FROM journey_internal.batches(ARRAY(SELECT n FROM unnest(due) AS n EXCEPT SELECT l FROM unnest(last || near) AS l)) AS b ORDER BY b.place, b.batch;
	RETURN QUERY SELECT b.batch FROM journey_internal.batches(ARRAY(SELECT n FROM unnest(near) AS n EXCEPT SELECT l FROM unnest(last) AS l)) AS b ORDER BY b.place, b.batch;
	RETURN QUERY SELECT b.batch FROM journey_internal.batches(last) AS b
		ORDER BY b.place, (SELECT max(l.started_at) FROM journey.refresh_log AS l WHERE l.id = ANY (b.batch) AND l.status IN ('running', 'interrupted')) NULLS FIRST, b.batch;
END $$;
COMMENT ON FUNCTION journey_internal.plan_due(bigint[]) IS 'Support function of refresh_due: the due definitions in batches, in the order of execution.';
CREATE FUNCTION journey_internal.awaited_input(of_id bigint, mine bigint[]) RETURNS text
	LANGUAGE sql
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT coalesce(d.name, u.name) FROM journey.definition_uses AS u LEFT JOIN journey.definitions AS d ON d.id = u.used LEFT JOIN journey.schedules AS s ON s.id = u.used
		WHERE u.id = of_id AND u.used <> of_id AND u.used <> ALL (mine)
			AND (s.next_due <= clock_timestamp() AND journey_internal.is_role(d.owner) OR journey_internal.refreshing_elsewhere(ARRAY[u.used]) <> '{}')
		ORDER BY 1 LIMIT 1 $$;
COMMENT ON FUNCTION journey_internal.awaited_input(bigint, bigint[]) IS 'Support function of refresh_due: a segment or tag that this one uses and that another runner must compute first.';
CREATE FUNCTION journey_internal.claim_due(before journey_internal.claim, as_superuser boolean DEFAULT false) RETURNS journey_internal.claim
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result journey_internal.claim := before;
	due bigint[];
	ready bigint[];
	wanted bigint;
	mine boolean;
	input text;
BEGIN
	IF before IS NULL THEN
		PERFORM journey_internal.end_interrupted();
		PERFORM journey_internal.warn_of_others(as_superuser);
		result.planned := '{}';
		result.done := 0;
		result.failed := '{}';
	END IF;
	result.passed := coalesce(result.passed, '{}') || coalesce(result.ids, '{}');
	LOOP
		IF cardinality(result.planned) = 0 THEN
			SELECT coalesce(array_agg(n.id ORDER BY b.place, n.place), '{}'), array_agg(b.place ORDER BY b.place, n.place) INTO result.planned, result.batches
			FROM journey_internal.plan_due(ARRAY(SELECT n FROM unnest(journey_internal.due_ids(as_superuser)) AS n EXCEPT SELECT p FROM unnest(result.passed) AS p)) WITH ORDINALITY AS b(ids, place),
				unnest(b.ids) WITH ORDINALITY AS n(id, place);
			IF cardinality(result.planned) = 0 THEN
				result.ids := NULL;
				RETURN result;
			END IF;
		END IF;
		-- the first batch; of it those that are due for the same time
		due := result.planned[1 : (SELECT count(*) FROM unnest(result.batches) AS b WHERE b = result.batches[1])];
		ready := NULL;
		BEGIN
			SELECT array_agg(t.id), t.at INTO ready, result.as_of
			FROM (SELECT s.id, journey_internal.schedule_time(s.schedule, s.time_zone, clock_timestamp(), false) AS at
				FROM unnest(due) AS n JOIN journey.schedules AS s ON s.id = n) AS t GROUP BY t.at ORDER BY t.at LIMIT 1;
		EXCEPTION WHEN OTHERS THEN
			-- rows are written by hand, too, and time zones come and go: that stops nobody else
			FOREACH wanted IN ARRAY due LOOP
				PERFORM journey_internal.give_up_schedule(wanted);
			END LOOP;
			ready := ARRAY(SELECT s.id FROM journey.schedules AS s WHERE s.id = ANY (due) AND s.next_due = 'infinity');
			IF cardinality(ready) = 0 THEN
				ready := due;
			END IF;
			result.failed := result.failed || ready;
			result.passed := result.passed || ready;
			result.as_of := NULL;
		END;
		ready := coalesce(ready, due);
		-- the others of the batch stay where they are
		due := ARRAY(SELECT n FROM unnest(due) AS n EXCEPT SELECT r FROM unnest(ready) AS r ORDER BY 1);
		result.planned := due || result.planned[cardinality(due) + cardinality(ready) + 1 :];
		result.batches := result.batches[cardinality(ready) + 1 :];
		CONTINUE WHEN result.as_of IS NULL;
		result.ids := '{}';
		FOREACH wanted IN ARRAY ready LOOP
			-- to others a lock means that it is being computed: so none is taken without need
			input := journey_internal.awaited_input(wanted, ready || result.planned);
			IF input IS NOT NULL AND NOT (SELECT s.stale_inputs FROM journey.schedules AS s WHERE s.id = wanted) THEN
				IF EXISTS (SELECT FROM journey.schedules AS s WHERE s.id = wanted AND s.next_due < result.as_of)
					AND journey_internal.refreshing_elsewhere(ARRAY(SELECT u.used FROM journey.definition_uses AS u WHERE u.id = wanted)) = '{}' THEN
					-- its time has come again meanwhile: perhaps there is no such runner
					RAISE WARNING '"%" waits for "%", which no other runner has computed', (SELECT d.name FROM journey.definitions AS d WHERE d.id = wanted), input
						USING HINT = 'Have it refreshed or unscheduled by its owner, or schedule the other with stale_inputs.';
					result.failed := result.failed || wanted;
				ELSE
					RAISE NOTICE '"%" waits for "%", which another runner is to compute', (SELECT d.name FROM journey.definitions AS d WHERE d.id = wanted), input;
				END IF;
				result.passed := result.passed || wanted;
				CONTINUE;
			END IF;
			mine := EXISTS (SELECT FROM journey.schedules AS s WHERE s.id = wanted AND s.next_due <= clock_timestamp()) AND journey_internal.try_lock(wanted);
			-- who had the lock may have done it meanwhile: a statement of its own sees that
			IF NOT mine OR NOT EXISTS (SELECT FROM journey.schedules AS s JOIN journey.definitions AS d USING (id)
				WHERE s.id = wanted AND s.next_due <= clock_timestamp() AND journey_internal.may_run(d.owner, as_superuser)) THEN
				result.passed := result.passed || wanted;
			ELSE
				result.ids := result.ids || wanted;
			END IF;
		END LOOP;
		CONTINUE WHEN cardinality(result.ids) = 0;
		result.began := clock_timestamp();
		result.ids := journey_internal.log_refresh(result.ids, result.as_of, result.began, 'running'::text, NULL::text, NULL::text);
		EXIT WHEN cardinality(result.ids) > 0;
	END LOOP;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.claim_due(journey_internal.claim, boolean) IS 'Support function of refresh_due: claims the first due definitions and logs them as running.';
CREATE FUNCTION journey_internal.reschedule(of_id bigint, after timestamptz, failed boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schedule journey.schedules;
	regular timestamptz;
	again timestamptz;
BEGIN
	SELECT * INTO schedule FROM journey.schedules AS s WHERE s.id = of_id FOR UPDATE SKIP LOCKED;
	IF schedule.id IS NULL THEN
		RETURN;
	END IF;
	regular := journey_internal.schedule_time(schedule.schedule, schedule.time_zone, after, true);
	IF failed AND schedule.failures < schedule.retries THEN
		again := clock_timestamp() + schedule.retry_after;
	ELSIF failed THEN
		SELECT max(i.next_due) INTO again FROM journey.definition_uses AS u JOIN journey.schedules AS i ON i.id = u.used AND u.used <> of_id
		WHERE u.id = of_id AND i.failures > 0;
	END IF;
	UPDATE journey.schedules AS s
	SET next_due = least(regular, again), failures = CASE WHEN again < regular THEN s.failures + 1 ELSE 0 END
	WHERE s.id = of_id;
EXCEPTION WHEN OTHERS THEN
	PERFORM journey_internal.give_up_schedule(of_id);
END $$;
COMMENT ON FUNCTION journey_internal.reschedule(bigint, timestamptz, boolean) IS 'Support function of refresh_due: sets when the finished definitions are due again.';
CREATE FUNCTION journey_internal.run_claim(claim journey_internal.claim) RETURNS journey_internal.claim
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result journey_internal.claim := claim;
	mine bigint[] := '{}';
	wanted bigint;
	locked boolean;
	failed bigint[];
BEGIN
	FOREACH wanted IN ARRAY result.ids LOOP
		locked := journey_internal.try_lock(wanted);
		-- a statement of its own, as above
		IF locked AND EXISTS (SELECT FROM journey.schedules AS s WHERE s.id = wanted AND s.next_due <= result.began) THEN
			mine := mine || wanted;
		END IF;
	END LOOP;
	DELETE FROM journey.refresh_log AS l USING (SELECT r.id, r.started_at, r.pid FROM journey.refresh_log AS r
		WHERE r.id = ANY (result.ids) AND r.id <> ALL (mine) AND r.started_at = result.began AND r.pid = pg_backend_pid() FOR UPDATE SKIP LOCKED) AS g
	WHERE l.id = g.id AND l.started_at = g.started_at AND l.pid = g.pid;
	IF cardinality(mine) > 0 THEN
		failed := journey_internal.try_refresh(mine, result.as_of, result.began, ARRAY(SELECT s.id FROM journey.schedules AS s WHERE s.id = ANY (mine) AND s.stale_inputs));
		FOREACH wanted IN ARRAY mine LOOP
			PERFORM journey_internal.reschedule(wanted, greatest(result.as_of, result.began), wanted = ANY (failed));
		END LOOP;
		result.done := result.done + cardinality(mine);
		result.failed := result.failed || failed;
	END IF;
	RETURN result;
END $$;
COMMENT ON FUNCTION journey_internal.run_claim(journey_internal.claim) IS 'Support function of refresh_due: computes the claimed definitions, and sets when they are due next.';
CREATE FUNCTION journey_internal.raise_failures(claim journey_internal.claim) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF cardinality((claim).failed) > 0 THEN
		RAISE EXCEPTION '% of % refreshes failed: %', cardinality((claim).failed), greatest((claim).done, cardinality((claim).failed)),
			(SELECT string_agg(format('"%s"', d.name), ', ' ORDER BY d.name) FROM journey.definitions AS d WHERE d.id = ANY ((claim).failed))
			USING HINT = 'What was done is done. refresh_progress says why the others failed.';
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.raise_failures(journey_internal.claim) IS 'Support function of refresh_due: raises an error if any refresh failed.';
CREATE PROCEDURE refresh_due(raise_error boolean DEFAULT false, as_superuser boolean DEFAULT false)
	LANGUAGE plpgsql
AS $$
DECLARE
	claim journey_internal.claim;
BEGIN
	PERFORM journey_internal.check_may_commit();
	-- what others have done meanwhile must be seen, whatever the default is
	COMMIT;
	SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
	LOOP
		claim := journey_internal.claim_due(claim, as_superuser);
		EXIT WHEN (claim).ids IS NULL;
		COMMIT;
		SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
		claim := journey_internal.run_claim(claim);
		COMMIT;
		SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
	END LOOP;
	COMMIT;
	IF raise_error THEN
		PERFORM journey_internal.raise_failures(claim);
	END IF;
END $$;
COMMENT ON PROCEDURE refresh_due(boolean, boolean) IS
	'Refreshes the scheduled segments and tags that are due and whose owners'' rights you have. Each is computed as of its scheduled time; those that others use come first. Each is committed separately, so a failure does not undo the others. Definitions that another session is computing are skipped. raise_error: raise an error at the end if any failed. as_superuser: a superuser also runs definitions of other roles. Cannot run inside a transaction block.';
CREATE VIEW refresh_progress WITH (security_invoker = true) AS
SELECT d.name, d.kind, s.next_due,
	CASE WHEN k.pid <> pg_backend_pid() OR k.pid IS NOT NULL AND l.status = 'running' THEN 'running' WHEN l.status = 'running' THEN 'interrupted' ELSE l.status END AS status,
	l.as_of, l.started_at, l.finished_at, coalesce(l.finished_at, clock_timestamp()) - l.started_at AS duration, l.users,
	CASE WHEN l.status = 'failed' THEN coalesce(m.error, format('failed with SQLSTATE %s; its owner may read why', l.sqlstate)) END AS error,
	coalesce(k.pid, l.pid) AS pid, l.runner, v.inputs
FROM journey.definitions AS d
	LEFT JOIN journey.schedules AS s ON s.id = d.id
	LEFT JOIN (SELECT k.objid::bigint AS key, min(k.pid) AS pid FROM pg_locks AS k
		WHERE k.locktype = 'advisory' AND k.granted AND k.classid::bigint = journey_internal.lock_space()
			AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())
		GROUP BY k.objid) AS k ON k.key = journey_internal.lock_key(d.id)
	LEFT JOIN LATERAL (SELECT * FROM journey.refresh_log AS l
		-- what runs now is in the log only if refresh_due() does it
		WHERE l.id = d.id AND (k.pid IS NULL OR k.pid = pg_backend_pid() OR l.status = 'running' AND l.pid = k.pid)
		-- a runner that was killed with work in its hand that another one has done is of no interest
		ORDER BY CASE l.status WHEN 'interrupted' THEN l.started_at ELSE coalesce(l.finished_at, l.started_at) END DESC, l.started_at DESC LIMIT 1) AS l ON true
	LEFT JOIN journey.refresh_errors AS m ON m.id = l.id AND m.started_at = l.started_at AND m.pid = l.pid
	LEFT JOIN journey.versions AS v ON l.status = 'succeeded' AND v.id = l.id AND v.as_of = l.as_of;
GRANT SELECT ON refresh_progress TO PUBLIC;
COMMENT ON VIEW refresh_progress IS
	'The latest refresh of each segment and tag that you may read: running, succeeded, failed, interrupted (its session has ended; the next runner will do it), or NULL if there was none; and when it is due next.';
COMMENT ON COLUMN refresh_progress.name IS 'The segment or tag.';
COMMENT ON COLUMN refresh_progress.kind IS 'segment or tag.';
COMMENT ON COLUMN refresh_progress.next_due IS 'When it is due next; NULL without a schedule.';
COMMENT ON COLUMN refresh_progress.status IS 'running, succeeded, failed, interrupted (its session has ended), or NULL if there was none.';
COMMENT ON COLUMN refresh_progress.as_of IS 'The time for which it is or was computed.';
COMMENT ON COLUMN refresh_progress.started_at IS 'When it began.';
COMMENT ON COLUMN refresh_progress.finished_at IS 'When it ended; NULL while it runs.';
COMMENT ON COLUMN refresh_progress.duration IS 'How long it took, or has taken so far.';
COMMENT ON COLUMN refresh_progress.users IS 'The number of users of the version.';
COMMENT ON COLUMN refresh_progress.error IS 'Why it failed. Only the owner sees the message, because it may quote data of the sources; others see the SQLSTATE.';
COMMENT ON COLUMN refresh_progress.inputs IS 'The versions of segments and tags from which it was computed.';
COMMENT ON COLUMN refresh_progress.pid IS 'The process id of the session.';
COMMENT ON COLUMN refresh_progress.runner IS 'The role that had logged in to that session.';

-- ==== to here: scripts/upgrade-step =========================================================

-- ---- what was in the tables is put back ----------------------------------------------------

-- until this is committed its owner of before can add to the schema: nothing is looked up there
SET LOCAL search_path = pg_catalog, pg_temp;

-- arguments with other names, of functions by their names of now
CREATE TEMP TABLE renamed_arguments (function, old, new) AS VALUES
	('tag_users', 'tag', 'name'),
	('tag_users_where', 'tag', 'name'),
	('tag_users_between', 'tag', 'name'),
	('tag_users_between', 'low', 'lower'),
	('tag_users_between', 'high', 'upper'),
	('tag_numset', 'tag', 'name'),
	('tag_summary', 'tag', 'name'),
	('tag_stats', 'tag', 'name'),
	('tag_histogram', 'tag', 'name'),
	('tag_cross', 'tag_a', 'name_a'),
	('tag_cross', 'tag_b', 'name_b'),
	('numset_users_between', 'low', 'lower'),
	('numset_users_between', 'high', 'upper'),
	('userset_range', 'first', 'lower'),
	('userset_range', 'last', 'upper'),
	('sessionize', 'starts', 'is_start'),
	('sessionize', 'ends', 'is_end');

-- stored queries call functions by their names in the schema, and give arguments by theirs
DO $$
DECLARE
	one record;
	piece text;
	open text[];
	result text;
BEGIN
	FOR one IN SELECT concat(E'\\mjourney\\.', r.old, E'\\(') AS pattern, concat('journey.', r.new, '(') AS new FROM pg_temp.renamed AS r ORDER BY r.place LOOP
		UPDATE pg_temp.was_definitions AS d SET query = regexp_replace(d.query, one.pattern, one.new, 'g') WHERE d.query ~ one.pattern;
		UPDATE pg_temp.was_sources AS s SET query = regexp_replace(s.query, one.pattern, one.new, 'g') WHERE s.query ~ one.pattern;
	END LOOP;
	SELECT '\mjourney\.(step_users|step_users_once|step_totals|users_by_total|pattern_users|tag_number|tag_value)\(' AS pattern, 'journey_internal.\1(' AS new INTO one;
	UPDATE pg_temp.was_definitions AS d SET query = regexp_replace(d.query, one.pattern, one.new, 'g') WHERE d.query ~ one.pattern;
	UPDATE pg_temp.was_sources AS s SET query = regexp_replace(s.query, one.pattern, one.new, 'g') WHERE s.query ~ one.pattern;
	-- names of arguments: those of the function whose parenthesis was opened last, and is open
	FOR one IN SELECT d.name, d.query FROM pg_temp.was_definitions AS d WHERE d.query ~ ' => ' LOOP
		open := '{}';
		result := '';
		-- literals, quoted names, a parenthesis with what is before it, its end, the name of an argument, and the rest
		FOR piece IN SELECT m[1] FROM regexp_matches(one.query, '(''(?:[^'']|'''')*''|"(?:[^"]|"")*"|[\w.]*\(|\)|\w+ => |[\w.]+|[^\w.()''"]+)', 'g') AS m LOOP
			IF right(piece, 1) = '(' AND left(piece, 1) NOT IN ('''', '"') THEN
				open := array_append(open, piece);
			ELSIF piece = ')' THEN
				open := trim_array(open, 1);
			ELSIF piece LIKE '% => ' THEN
				piece := concat(coalesce((SELECT a.new FROM pg_temp.renamed_arguments AS a WHERE concat('journey.', a.function, '(') = open[cardinality(open)] AND concat(a.old, ' => ') = piece), left(piece, -4)), ' => ');
			END IF;
			result := concat(result, piece);
		END LOOP;
		UPDATE pg_temp.was_definitions AS d SET query = result WHERE d.name = one.name;
	END LOOP;
END $$;

INSERT INTO journey.sources (name, owner, readers, relation, user_id, at, event, attrs, value, query, query_relation, attributes, created_at)
SELECT s.name, s.owner::journey.role_ref, ARRAY(SELECT CASE r::oid WHEN 0 THEN 'public'::journey.role_ref ELSE r::journey.role_ref END FROM unnest(s.readers) AS r), s.relation::journey.table_ref, s.user_id, s.at, s.event, s.attrs, s.value,
	s.query, journey_internal.query_relation(left(s.query, -length(') AS s')), s.relation), s.attributes, s.created_at
FROM pg_temp.was_sources AS s ORDER BY s.created_at, s.name;

-- a query no longer says whose it is
INSERT INTO journey.definitions (name, kind, method, owner, readers, definition, query, scale, keep_for, keep_versions, description, created_at, changed_at)
SELECT d.name, d.kind, d.method, d.owner::journey.role_ref, ARRAY(SELECT CASE r::oid WHEN 0 THEN 'public'::journey.role_ref ELSE r::journey.role_ref END FROM unnest(d.readers) AS r), d.definition,
	CASE WHEN starts_with(d.query, format('SELECT %L::pg_catalog.text, ', d.name))
		THEN concat('SELECT ', substr(d.query, length(format('SELECT %L::pg_catalog.text, ', d.name)) + 1)) ELSE d.query END,
	d.scale, d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at
FROM pg_temp.was_definitions AS d ORDER BY d.created_at, d.name;

INSERT INTO journey.definition_uses (id, name, used)
SELECT DISTINCT d.id, n, u.id FROM pg_temp.was_definitions AS w JOIN journey.definitions AS d ON d.name = w.name,
	-- also what 0.1.0 did not find, as it was spelt in another way
	unnest(w.depends_on || ARRAY(SELECT f FROM unnest(journey_internal.names_used(w.query)) AS f JOIN journey.definitions AS x ON x.name = f WHERE f <> w.name)) AS n LEFT JOIN journey.definitions AS u ON u.name = n;

INSERT INTO journey.definition_sources (id, name, source)
SELECT DISTINCT d.id, n, s.id FROM pg_temp.was_definitions AS w JOIN journey.definitions AS d ON d.name = w.name, unnest(w.sources) AS n LEFT JOIN journey.sources AS s ON s.name = n;

INSERT INTO journey.versions (id, as_of, computed_at, duration, users, entered, exited, single, scale)
SELECT d.id, v.as_of, v.computed_at, v.duration, v.users, v.entered, v.exited, v.single, v.scale FROM pg_temp.was_versions AS v JOIN journey.definitions AS d ON d.name = v.name;

INSERT INTO journey.version_members (id, as_of, value, users, members)
SELECT d.id, m.as_of, m.value, m.users, m.members FROM pg_temp.was_version_members AS m JOIN journey.definitions AS d ON d.name = m.name;

INSERT INTO journey.version_numbers (id, as_of, numbers)
SELECT d.id, m.as_of, m.numbers FROM pg_temp.was_version_numbers AS m JOIN journey.definitions AS d ON d.name = m.name;

INSERT INTO journey.numbers_by_user (id, as_of, first_user, numbers)
SELECT d.id, m.as_of, m.first_user, m.numbers FROM pg_temp.was_numbers_by_user AS m JOIN journey.definitions AS d ON d.name = m.name;

INSERT INTO journey.value_numbers (id, as_of, number, value)
SELECT d.id, m.as_of, m.number, m.value FROM pg_temp.was_value_numbers AS m JOIN journey.definitions AS d ON d.name = m.name;

-- what ran when the server was updated is over
INSERT INTO journey.refresh_log (id, as_of, started_at, finished_at, status, users, pid, runner)
SELECT d.id, l.as_of, l.started_at, coalesce(l.finished_at, l.started_at), CASE l.status WHEN 'running' THEN 'interrupted' WHEN 'done' THEN 'succeeded' ELSE l.status END, l.users, l.pid, l.runner
FROM pg_temp.was_refresh_log AS l JOIN journey.definitions AS d ON d.name = l.name;

INSERT INTO journey.refresh_errors (id, started_at, pid, error)
SELECT d.id, l.started_at, l.pid, l.message FROM pg_temp.was_refresh_log AS l JOIN journey.definitions AS d ON d.name = l.name WHERE l.message IS NOT NULL;

-- exports of what was dropped are shown to who made them, and to nobody else
INSERT INTO journey.exports (id, name, as_of, exported_at, exported_by, logged_in_as, users, reason)
SELECT coalesce(d.id, nextval('journey.ids')), e.name, e.as_of, e.exported_at,
	coalesce((SELECT r.oid::regrole::journey.role_ref FROM pg_roles AS r WHERE r.rolname = e.exported_by), concat('?', e.exported_by)::journey.role_ref), e.logged_in_as, e.users, e.reason
FROM pg_temp.was_exports AS e LEFT JOIN journey.definitions AS d ON d.name = e.name AND d.created_at <= e.exported_at;

INSERT INTO journey.schedules (id, schedule, time_zone, next_due)
SELECT d.id, s.schedule, s.time_zone, s.next_due FROM pg_temp.was_schedules AS s JOIN journey.definitions AS d ON d.name = s.name;

DROP TABLE pg_temp.renamed, pg_temp.renamed_arguments, pg_temp.was_sources, pg_temp.was_definitions, pg_temp.was_versions, pg_temp.was_version_members, pg_temp.was_version_numbers, pg_temp.was_refresh_log,
	pg_temp.was_exports, pg_temp.was_numbers_by_user, pg_temp.was_value_numbers, pg_temp.was_schedules;

-- The schema is no member of the extension here, as it contains the extension: a dump is to
-- carry all that was granted on it.
DELETE FROM pg_catalog.pg_init_privs WHERE objoid = 'journey'::pg_catalog.regnamespace AND classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass;

-- what was added meanwhile could have been found by what was made above
DO $$
DECLARE
	one pg_catalog.record;
BEGIN
	SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS name INTO one FROM pg_catalog.pg_depend AS d
	WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) 'journey'::pg_catalog.regnamespace
		AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e WHERE e.classid OPERATOR(pg_catalog.=) d.classid AND e.objid OPERATOR(pg_catalog.=) d.objid AND e.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char") LIMIT 1;
	IF one.name IS NOT NULL THEN
		RAISE EXCEPTION 'schema "journey" has something that is not the extension''s: %', one.name
			USING ERRCODE = 'invalid_schema_definition', HINT = 'Move it to another schema, or drop it: nobody adds to this schema from now on.';
	END IF;
END $$;
