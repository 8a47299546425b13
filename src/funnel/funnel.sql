-- funnel: how far users get through a chain of steps.

STATE window_funnel SPACE 128;
AGGREGATE window_funnel(at timestamptz, step stepset, within interval [, options text]) -> integer STATE window_funnel
	'How many of the conditions of step, 0 to N, the rows of one user meet in order, the last at most `within` (inclusive; no months) after the first. Rows with a NULL at or step are skipped; no rows give 0.'
	WITH options 'window_funnel with options, separated by commas: strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry (with strict_order), any_order, consecutive; which chain counts: latest_chain, the default, or first_chain; and rules: exclude 4 between 1 and 2 [dropping users], optional 2, within 1 hour from 1 to 2, same day [from 1 to 2] [in Asia/Shanghai]. Excluded conditions come last in step and are no steps.';
AGGREGATE window_funnel_times(at timestamptz, step stepset, within interval [, options text]) -> timestamptz[] STATE window_funnel
	TRANSITION window_funnel
	'The time of each step that window_funnel counts, in order; NULL when it counts none, and at an optional step left out. Of several chains, the first to reach that level; of those the one that starts last, in first_chain the one that starts first.'
	WITH options 'window_funnel_times with options, as window_funnel has.';

-- funnel_stats: the result of a funnel over a population.

TYPE funnel_stats
	'The result of a funnel over a population: users of each step and histograms of the times between steps. Made by funnel(), merged by rollup(), read by funnel_steps() and its relatives. Text form: JSON.';
STATE rollup SPACE 10000;
AGGREGATE rollup(funnel_stats) -> funnel_stats STATE rollup
	'The results of one funnel over different users as one result. The users must be disjoint, as in shards or partitions by user; steps, within and options must agree. NULLs are skipped.';

-- funnel and its relatives: the users are grouped inside the aggregate, not by GROUP BY.

STATE funnel SPACE 1000000 READ_WRITE
	WITH options '% with options, as window_funnel has, and what is counted: count users, the default; count completions, every attempt; count sessions [of 30 minutes], the chain of each session.'
	WITH seq '% with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
AGGREGATE funnel(user_id anyelement, at timestamptz [, seq bigint], step stepset, within interval [, options text]) -> funnel_stats STATE funnel
	'window_funnel for every user at once, without GROUP BY user_id: how many users reach each step, and in what time. user_id is of any type that can be hashed; rows with a NULL user_id, at or step are skipped; no rows give NULL. Read it with funnel_steps().';

-- Each user in the group of a value.
AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz [, seq bigint], step stepset, within interval, breakdown text, breakdown_step integer [, options text]) -> funnel_stats STATE funnel
	'funnel with each user in one group: the value of breakdown at the event that was step breakdown_step (1 to N) of their chain, which of several that convert is the one that starts last (option first_chain: first); users who did not get so far are in the group NULL. Read it with funnel_breakdown_steps().'
	WITH options 'funnel_breakdown with options, as window_funnel has, and top N: only the N values with the most users are shown, the others as (other).';
AGGREGATE funnel_breakdown(user_id anyelement, at timestamptz [, seq bigint], step stepset, within interval, breakdown text, breakdown_event text [, options text]) -> funnel_stats STATE funnel
	CALLS funnel_breakdown_event
	'funnel with each user in the group of a value of breakdown: that of their first or last event of all that has one, whatever its step (breakdown_event first_touch or last_touch), or of a step of their chain (1 to N, as text); or in the group of each value, with the events that have it or none (each_value). Read it with funnel_breakdown_steps().'
	WITH options 'funnel_breakdown with options, as window_funnel has, and top N: only the N values with the most users are shown, the others as (other).';

-- By the calendar bucket in which a chain starts.
AGGREGATE funnel_trend(user_id anyelement, at timestamptz [, seq bigint], step stepset, within interval, unit text [, options text [, time_zone text [, until timestamptz]]]) -> funnel_stats STATE funnel
	'funnel by calendar bucket: hour, day, week (Monday to Sunday), month or quarter, in the time zone of the session. A user counts in each bucket in which they meet step 1, with the deepest chain that starts there. Read it with funnel_trend_steps().'
	WITH time_zone 'funnel_trend in a time zone, such as Asia/Shanghai.'
	WITH options 'funnel_trend with options, as window_funnel has, but for any_order. With first_chain or latest_chain a user counts once, in the bucket in which that chain starts.'
	WITH until 'funnel_trend with the end of observation: rows at or after it do not count, and what has passed by it is complete; NULL is as if it were not given, when the newest event is the end. An empty text gives the default options, and the session''s time zone.'
	WITH seq, until 'funnel_trend with a seq, as above, and the end of observation.';

-- By bucket and value.
AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz [, seq bigint], step stepset, within interval, breakdown text, breakdown_step integer, unit text [, options text [, time_zone text [, until timestamptz]]]) -> funnel_stats STATE funnel
	'funnel_trend with the users of each bucket in groups: by the value of breakdown at the event that was step breakdown_step (1 to N) of their chain in that bucket, else NULL. Read it with funnel_trend_breakdown_steps().'
	WITH options 'funnel_trend_breakdown with options, as funnel_trend has, and top N: only the N values with the most users over all buckets are shown, the others as (other).'
	WITH time_zone 'funnel_trend_breakdown in a time zone, such as Asia/Shanghai.'
	WITH until 'funnel_trend_breakdown with the end of observation, as funnel_trend has.'
	WITH seq, until 'funnel_trend_breakdown with a seq, as above, and the end of observation.';
AGGREGATE funnel_trend_breakdown(user_id anyelement, at timestamptz [, seq bigint], step stepset, within interval, breakdown text, breakdown_event text, unit text [, options text [, time_zone text [, until timestamptz]]]) -> funnel_stats STATE funnel
	CALLS funnel_trend_breakdown_event
	'funnel_trend with the users of each bucket in groups, as funnel_breakdown has: by first_touch, last_touch, a step of their chain in that bucket (1 to N, as text), or each_value. Read it with funnel_trend_breakdown_steps().'
	WITH options 'funnel_trend_breakdown with options, as funnel_trend has, and top N: only the N values with the most users over all buckets are shown, the others as (other).'
	WITH time_zone 'funnel_trend_breakdown in a time zone, such as Asia/Shanghai.'
	WITH until 'funnel_trend_breakdown with the end of observation, as funnel_trend has.'
	WITH seq, until 'funnel_trend_breakdown with a seq, as above, and the end of observation.';

-- Chains whose events carry one value.
AGGREGATE funnel_holding_constant(user_id anyelement, at timestamptz [, seq bigint], step stepset, within interval, property text [, options text]) -> funnel_stats STATE funnel
	'funnel whose chains hold a property constant, such as the number of a loan application: all events of a chain that have one carry the same. NULL goes with any value. Read it with funnel_steps().';

-- Who reached which step, and when.
ROW funnel_member(
	user_id id 'Who.',
	level integer 'The step reached, 1 to N.',
	times timestamptz[] 'When each step was reached; as many as level says.')
	'A user of a funnel%: the level reached, 1 to N, and the time of each step reached.';
AGGREGATE funnel_members(user_id id, at timestamptz [, seq bigint], step stepset, within interval [, options text]) -> funnel_member[] STATE funnel
	CALLS funnel LIST funnel_member_list
	'The users of a funnel who reached step 1, by user_id, each with the level and the time of each step reached. SELECT * FROM unnest((SELECT funnel_members(...) FROM ...)).';

-- Who is in which group, by bucket and value.
ROW funnel_group_member(
	user_id id 'Who.',
	bucket timestamptz 'Beginning of the bucket; NULL without a trend.',
	bucket_date date 'The date of bucket in the time zone of the trend; NULL for hours, and without a trend.',
	breakdown text 'The value of the group; NULL without a breakdown, or if the user has none.',
	level integer 'The step reached, 1 to N.',
	times timestamptz[] 'When each step was reached; NULL for an optional step left out.')
	'A user% in a bucket of funnel_trend, in a group of funnel_breakdown, or in both of funnel_trend_breakdown.';
AGGREGATE funnel_breakdown_members(user_id id, at timestamptz [, seq bigint], step stepset, within interval, breakdown text, breakdown_event text [, options text]) -> funnel_group_member[] STATE funnel
	CALLS funnel_breakdown_event LIST funnel_breakdown_member_list
	'The users of each group of funnel_breakdown, by user_id, each with the level and the time of each step reached in it. breakdown_event is first_touch, last_touch, each_value, or a step as text. SELECT * FROM unnest((SELECT funnel_breakdown_members(...) FROM ...)).'
	WITH options 'funnel_breakdown_members with options, as funnel_breakdown has, but for top.';
AGGREGATE funnel_trend_members(user_id id, at timestamptz [, seq bigint], step stepset, within interval, unit text [, options text [, time_zone text [, until timestamptz]]]) -> funnel_group_member[] STATE funnel
	CALLS funnel_trend LIST funnel_trend_member_list
	'The users of each bucket of funnel_trend, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_members(...) FROM ...)).'
	WITH options 'funnel_trend_members with options, as funnel_trend has, but for top.'
	WITH time_zone 'funnel_trend_members in a time zone, such as Asia/Shanghai.'
	WITH until 'funnel_trend_members with the end of observation, as funnel_trend has.'
	WITH seq, until 'funnel_trend_members with a seq, as above, and the end of observation.';
AGGREGATE funnel_trend_breakdown_members(user_id id, at timestamptz [, seq bigint], step stepset, within interval, breakdown text, breakdown_event text, unit text [, options text [, time_zone text [, until timestamptz]]]) -> funnel_group_member[] STATE funnel
	CALLS funnel_trend_breakdown_event LIST funnel_trend_breakdown_member_list
	'The users of each bucket and group of funnel_trend_breakdown, by user_id, each with the level and the time of each step reached in it. SELECT * FROM unnest((SELECT funnel_trend_breakdown_members(...) FROM ...)).'
	WITH options 'funnel_trend_breakdown_members with options, as funnel_trend_breakdown has, but for top.'
	WITH time_zone 'funnel_trend_breakdown_members in a time zone, such as Asia/Shanghai.'
	WITH until 'funnel_trend_breakdown_members with the end of observation, as funnel_trend has.'
	WITH seq, until 'funnel_trend_breakdown_members with a seq, as above, and the end of observation.';

-- For rules of segments.
FUNCTION journey_internal.funnel_options(options text, conditions integer, OUT steps integer, OUT every_event boolean) -> record STABLE STRICT PARALLEL SAFE
	'What options mean for a funnel of so many conditions: how many of them are steps, and whether events that meet none count. An error if they mean nothing.';

-- Rows to plot.

FUNCTION funnel_steps(funnel_stats, min_users bigint DEFAULT 0, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT step_conversion_rate double precision, OUT dropped_off bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 5 SUPPORT journey_internal.planner_support
	'A row for each step: users who reached it, their share of step 1 and of the step before, how many got no further (NULL for the last step), and mean, median and 90th percentile of the time from the step before and from step 1. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
FUNCTION funnel_breakdown_steps(funnel_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT step_conversion_rate double precision, OUT dropped_off bigint, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 50 SUPPORT journey_internal.planner_support
	'funnel_steps for each group of funnel_breakdown(), in the order of their bytes, NULL last. With the option top N the values that are not among the N with the most users at step 1 are shown as (other). min_users: what rests on fewer users is NULL.';
FUNCTION funnel_trend_steps(funnel_stats, min_users bigint DEFAULT 0, OUT bucket timestamptz, OUT bucket_date date, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT complete boolean, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100 SUPPORT journey_internal.planner_support
	'For each calendar bucket of funnel_trend() and each step: the users whose chain starts in the bucket and reaches the step, their share of step 1, and whether the bucket and the windows that start in it have passed by the newest event, or the end of observation; and mean, median and 90th percentile of the time from the step before and from step 1, as in funnel_steps. bucket_date is the date on which the bucket begins in the time zone of the analysis: NULL for hours, and for results that version 0.1.0 stored. min_users: what rests on fewer users is NULL.';
FUNCTION funnel_trend_breakdown_steps(funnel_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT bucket timestamptz, OUT bucket_date date, OUT step integer, OUT users bigint, OUT conversion_rate double precision, OUT complete boolean, OUT avg_time interval, OUT median_time interval, OUT p90_time interval, OUT avg_time_from_start interval, OUT median_time_from_start interval, OUT p90_time_from_start interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000 SUPPORT journey_internal.planner_support
	'funnel_trend_steps for each group of funnel_trend_breakdown(), by bucket and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users at step 1 over all buckets are shown as (other). min_users: what rests on fewer users is NULL.';
FUNCTION funnel_times(funnel_stats, step integer, from_start boolean DEFAULT false, bounds interval[] DEFAULT NULL, min_users bigint DEFAULT 0, OUT lower interval, OUT upper interval, OUT users bigint) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 200 SUPPORT journey_internal.planner_support
	'The histogram of the time from the step before (or from step 1) to a step, 2 to N: lower <= time < upper, and users. With bounds: in bins of your own, given by their lower bounds in ascending order. The first bin begins at 0, the last has no upper bound (NULL). A time equal to a bound counts in the bin that begins there; a time up to 1.6 % shorter may count there, too. min_users: what rests on fewer users is NULL.';
