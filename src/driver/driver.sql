-- driver: which events go with reaching a goal.

TYPE driver_stats
	'How many users with and without each event reached a goal, by stratum. Made by event_drivers(), merged by rollup(), read by driver_rows() and driver_summary(). Text form: JSON.';
STATE driver_rollup SPACE 10000;
AGGREGATE rollup(driver_stats) -> driver_stats STATE driver_rollup FINAL driver_rollup TRANSITION driver_rollup
	'Merges results of event_drivers(). Their users must be disjoint, as in shards or partitions by user; within, options, until, and whether there are strata must be equal. NULLs are skipped.';

STATE driver SPACE 1000000 READ_WRITE;
AGGREGATE event_drivers(user_id anyelement, at timestamptz [, seq bigint], event text, is_entry boolean, is_goal boolean, within interval [, options text [, stratum text [, until timestamptz]]]) -> driver_stats STATE driver
	FINAL event_drivers TRANSITION event_drivers COLUMNS BY TYPE
	'For each event: how many users who had it, and who had not, reached a goal within some time of their first entry. Only events after the entry and before the goal count, or, without a goal, up to the end of the window. Users whose window is not over at the newest event are left out and reported as open. user_id has any type that can be hashed. A row is an entry or a goal where is_entry or is_goal is true, and has an event unless that is NULL. Rows whose user_id or at is NULL are skipped; no rows give NULL. Read the result with driver_rows() and driver_summary(). An association is not a cause.'
	WITH options 'event_drivers with options, separated by commas: times K... (at least so many times, up to 8 ascending numbers; default 1), days K... (within so many days after the entry, likewise; default: the whole window). Each combination has rows of its own.'
	WITH stratum 'event_drivers with a stratum, whose value at the entry puts the user among users who are alike; NULL is a stratum, too. driver_rows() then has an odds ratio among users of the same stratum.'
	WITH until 'event_drivers with the end of observation: later events, and those of this time, are left out. NULL: the newest event.'
	WITH seq 'event_drivers with seq, which orders events of the same time, NULL last.';

-- Rows to plot.

FUNCTION driver_rows(driver_stats, level double precision DEFAULT 0.95, min_users bigint DEFAULT 0, OUT factor text, OUT times integer, OUT days integer, OUT users_with bigint, OUT users_without bigint, OUT goal_with bigint, OUT goal_without bigint, OUT rate_with double precision, OUT rate_without double precision, OUT lift double precision, OUT odds_ratio double precision, OUT lower double precision, OUT upper double precision, OUT p_value double precision, OUT q_value double precision, OUT information_value double precision, OUT adjusted_odds_ratio double precision, OUT adjusted_lower double precision, OUT adjusted_upper double precision, OUT adjusted_p_value double precision) -> SETOF record IMMUTABLE PARALLEL SAFE COST 1000 ROWS 100
	'A row for each event that counts for anyone, and each option, the greatest information value first: the users who had it at least so many times, in so many days after the entry (NULL: in the whole window), and those who had not; how many of both reached the goal, and their shares; the share of those with it divided by that of all (lift); the odds ratio with Wald''s interval and Fisher''s p value, as odds_ratio() gives them; the q value of Benjamini and Hochberg over all rows; the information value; and with strata the odds ratio of Mantel and Haenszel, with the interval of Robins, Breslow and Greenland. level: that of the intervals, 0.95 unless given. min_users: what rests on fewer users, with or without the goal, is NULL.';
FUNCTION driver_summary(driver_stats, min_users bigint DEFAULT 0, OUT users bigint, OUT goal_users bigint, OUT goal_rate double precision, OUT open_users bigint, OUT as_of timestamptz) -> record IMMUTABLE PARALLEL SAFE
	'One row: the users whose window is over, how many of them reached the goal, and their share; the users who are left out because their window is not over; and the end of observation, the newest event unless it was given. min_users: what rests on fewer users is NULL.';
