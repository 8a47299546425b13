-- retention: which conditions users met, given the first.

FUNCTION journey_internal.retention_transition(stepset, stepset) -> stepset SUPPORT journey_internal.planner_support
	'Support function of retention: the conditions that either meets.';
FUNCTION journey_internal.retention_final(stepset) -> boolean[]
	'Support function of retention: the conditions as an array.';


CREATE AGGREGATE retention(step stepset) (
	SFUNC = journey_internal.retention_transition, STYPE = stepset,
	FINALFUNC = journey_internal.retention_final, COMBINEFUNC = journey_internal.retention_transition,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE retention(stepset) IS
	'For the rows of one user: r[1] = some row meets condition 1; r[i] = r[1] and some row meets condition i. NULL steps are skipped; no rows give NULL.';

-- retention_stats: the result of a cohort retention over a population.

TYPE retention_stats
	'The result of a cohort retention over a population: for each cohort and period, the number of users who came back and their value. Made by cohort_retention() and cohort_retention_by(), merged by rollup(), read by retention_cells(), retention_by_cells() and retention_curve(). Text form: JSON.';
STATE rollup_retention SPACE 10000;
AGGREGATE rollup(retention_stats) -> retention_stats STATE rollup_retention FINAL rollup_retention TRANSITION rollup_retention
	'Merges results of cohort retention. Their users must be disjoint, as in shards or partitions by user; unit, periods, options, time zone and until must be equal. NULLs are skipped.';

-- cohort_retention: the users are grouped inside the aggregate, not by GROUP BY.

STATE cohort_retention SPACE 1000000 READ_WRITE;
AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean [, value double precision], unit text, periods integer|integer[]|text [, options text [, time_zone text [, until timestamptz]]]) -> retention_stats STATE cohort_retention
	'A cohort is the set of users who first started (a row with is_start) in the same bucket of the calendar. For each cohort: how many users came back (a row with is_return) in each period, from 0 (the bucket of the start) to periods, 1 to 10000. unit is hour, day, week (from Monday), week_sunday (from Sunday), month or quarter; or rolling hour, rolling day or rolling week for periods from the user''s own start. Rows whose user_id or at is NULL are skipped; a NULL is_start or is_return means false; an infinite at is an error; no rows give NULL. Read the result with retention_cells() and retention_curve().'
	WITH periods integer[] 'cohort_retention by brackets of periods, given by the last period of each in ascending order: ARRAY[1, 7, 30] means 0, 1, 2 to 7, and 8 to 30.'
	WITH periods text 'cohort_retention with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.'
	WITH value 'cohort_retention with the sum of value (of rows with is_return; NULL adds nothing, infinite or NaN is an error) in each cell, and its mean per user of the cohort.'
	WITH value, periods integer[] 'cohort_retention with the sum of value (of rows with is_return; NULL adds nothing, infinite or NaN is an error) in each cell, and its mean per user of the cohort and by brackets of periods: the last period of each, ascending, so that ARRAY[1, 7, 30] stands for 0, 1, 2 to 7, and 8 to 30.'
	WITH options 'cohort_retention with options: first (a cohort is of the first start) or every (of each bucket with a start), and on (came back in that period), on_or_after (or later), within (in that or before) or within_from_1 (the same without period 0); separated by a comma.'
	WITH time_zone 'cohort_retention with options and the time zone of the calendar; it is the session''s if empty or not given.'
	WITH until 'cohort_retention with until, the end of observation: rows at or after until are ignored, and periods that have passed by then are complete. NULL: the newest event is the end, as by default. An empty time_zone means the session''s.';
-- Of this many parameters without a type, the last would else be time_zone after a value.
AGGREGATE cohort_retention(user_id anyelement, at timestamptz, is_start boolean, is_return boolean, unit text, periods text, options text, time_zone text, until text) -> retention_stats STATE cohort_retention
	'cohort_retention with all parameters as text, as those without a type are.';

-- Each user in the group of a value of their start.
AGGREGATE cohort_retention_by(user_id anyelement, at timestamptz, is_start boolean, is_return boolean [, value double precision], breakdown text, unit text, periods integer|integer[]|text [, options text [, time_zone text [, until timestamptz]]]) -> retention_stats STATE cohort_retention
	'cohort_retention with the users of each cohort in groups: by the value of breakdown at the first of their starts in the bucket of the cohort that has one, else NULL. Read it with retention_by_cells().'
	WITH periods integer[] 'cohort_retention_by with brackets of periods, as cohort_retention has.'
	WITH periods text 'cohort_retention_by with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.'
	WITH value 'cohort_retention_by with the sum of value (of rows with is_return; NULL adds nothing, infinite or NaN is an error) in each cell, and its mean per user of the group.'
	WITH value, periods integer[] 'cohort_retention_by with the sum of value in each cell, and by brackets of periods, as cohort_retention has.'
	WITH options 'cohort_retention_by with options: those of cohort_retention; first_value, the default, or last_value: the value at the last start in the bucket that has one; and top N: only the N values with the most users in all cohorts are shown, the others as (other).'
	WITH time_zone 'cohort_retention_by with options and the time zone of the calendar, as cohort_retention has.'
	WITH until 'cohort_retention_by with the end of observation, as cohort_retention has.';

-- Who came back, and who did not: a row type for each type of id.
ROW retention_member(
	user_id id 'Who.',
	cohort timestamptz 'Beginning of the bucket of the start.',
	returned integer[] 'The periods in which the user counts; for brackets, the first period of each.',
	cohort_date date 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.')
	'A user of a cohort%, and the periods in which retention_cells() counts the user; for brackets, the first period of each.';
AGGREGATE retention_members(user_id id, at timestamptz, is_start boolean, is_return boolean, unit text, periods integer|integer[]|text [, options text [, time_zone text [, until timestamptz]]]) -> retention_member[] STATE cohort_retention
	CALLS cohort_retention LIST retention_member_list
	'The users of each cohort of cohort_retention, by user_id and cohort, each with the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members(...) FROM ...)).'
	WITH periods integer[] 'retention_members by brackets of periods, as cohort_retention has; a bracket is called by its first period.'
	WITH periods text 'retention_members with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.'
	WITH options 'retention_members with options, as cohort_retention has.'
	WITH time_zone 'retention_members with options and the time zone of the calendar, as cohort_retention has.'
	WITH until 'retention_members with the end of observation, as cohort_retention has.';

-- The same in groups.
ROW retention_member_by(
	user_id id 'Who.',
	breakdown text 'The group of the user in the cohort; NULL if no start in its bucket has a value.',
	cohort timestamptz 'Beginning of the bucket of the start.',
	returned integer[] 'The periods in which the user counts; for brackets, the first period of each.',
	cohort_date date 'The date of cohort in the time zone of the buckets; NULL if these are shorter than a day.')
	'A user of a cohort%, the group, and the periods in which retention_by_cells() counts the user; for brackets, the first period of each.';
AGGREGATE retention_members_by(user_id id, at timestamptz, is_start boolean, is_return boolean, breakdown text, unit text, periods integer|integer[]|text [, options text [, time_zone text [, until timestamptz]]]) -> retention_member_by[] STATE cohort_retention
	CALLS cohort_retention_by LIST retention_member_list_by
	'The users of each cohort of cohort_retention_by, by user_id and cohort, each with the group and the periods in which they count as having come back. SELECT * FROM unnest((SELECT retention_members_by(...) FROM ...)).'
	WITH periods integer[] 'retention_members_by by brackets of periods, as cohort_retention_by has; a bracket is called by its first period.'
	WITH periods text 'retention_members_by with periods as text, as a parameter without a type is: ''30'' or ''{1,7,30}''.'
	WITH options 'retention_members_by with options, as cohort_retention_by has.'
	WITH time_zone 'retention_members_by with options and the time zone of the calendar, as cohort_retention_by has.'
	WITH until 'retention_members_by with the end of observation, as cohort_retention_by has.';

-- Rows to plot.

FUNCTION retention_cells(retention_stats, min_users bigint DEFAULT 0, OUT cohort timestamptz, OUT cohort_date date, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT complete boolean, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'A row for each cohort and period (or bracket, from period to last_period): users who came back, users of the cohort, their ratio (retention_rate), and whether the whole period has passed by the newest event, or by the end of observation (complete). cohort_date: the date of the beginning of the cohort''s bucket in the time zone of the analysis, NULL for hours. With a value: its sum and its mean per user of the cohort, otherwise NULL. min_users: what rests on fewer users is NULL.';
FUNCTION retention_by_cells(retention_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT cohort timestamptz, OUT cohort_date date, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT complete boolean, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 1000
	'retention_cells for the groups of cohort_retention_by(), by cohort and then by the bytes of breakdown, NULL last. With the option top N the values that are not among the N with the most users are shown as (other). min_users: what rests on fewer users is NULL.';
FUNCTION retention_curve(retention_stats, min_users bigint DEFAULT 0, OUT period integer, OUT users bigint, OUT cohort_users bigint, OUT retention_rate double precision, OUT cohorts bigint, OUT last_period integer, OUT value double precision, OUT value_per_user double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 31
	'A row for each period (or bracket), over all cohorts for which it is complete: users who came back, users of the cohorts, their ratio (retention_rate, NULL without cohorts), the number of cohorts, and the value and its mean per user. min_users: what rests on fewer users is NULL.';

