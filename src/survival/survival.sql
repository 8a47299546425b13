-- survival: how long users stay.

TYPE survival_stats
	'How long users stay: for each period since their start, how many ended in it and how many were censored. Made by survival() and survival_by(), merged by rollup(), read by survival_curve(), survival_summary() and survival_test(). Text form: JSON.';
STATE survival_rollup SPACE 10000;
AGGREGATE rollup(survival_stats) -> survival_stats STATE survival_rollup FINAL survival_rollup TRANSITION survival_rollup
	'Merges results of survival() or survival_by(). Their users must be disjoint, as in shards or partitions by user; unit, periods, time zone and until must be equal, and all or none have groups. NULLs are skipped.';

STATE survival SPACE 1000000 READ_WRITE
	WITH time_zone '% in a time zone, such as Asia/Shanghai.'
	WITH until '% with until, the end of observation: rows at or after until are ignored, and users who have not ended are censored at until rather than at their last event. NULL: at their last event, as by default. An empty time_zone means the session''s.';
AGGREGATE survival(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, unit text, periods integer [, time_zone text [, until timestamptz]]) -> survival_stats STATE survival
	FINAL survival
	'How long users stay, from their first row with is_start to the first row with is_end at that time or later. Users who have not ended are censored at their last row: that they stayed so long is known, and no more. unit is hour, day, week (from Monday), week_sunday, month or quarter of the calendar, in the time zone of the session: period 0 is that of the start. Or rolling hour, rolling day or rolling week: period 0 is that much time from the start. periods: 1 to 10000; users who stay longer are censored in that period. Users without a start do not count. user_id has any type that can be hashed. Rows whose user_id or at is NULL are skipped; a NULL is_start or is_end means false; an infinite at is an error; no rows give NULL. Read the result with survival_curve(), survival_summary() and survival_test().';
AGGREGATE survival_by(user_id anyelement, at timestamptz, is_start boolean, is_end boolean, breakdown text, unit text, periods integer [, time_zone text [, until timestamptz]]) -> survival_stats STATE survival
	FINAL survival
	'survival with the users in groups, by the value of breakdown in the row of their start; of several starts at that time, the lowest value; NULL if none has one.';

-- Rows to plot.

FUNCTION survival_curve(survival_stats, level double precision DEFAULT 0.95, min_users bigint DEFAULT 0, OUT breakdown text, OUT period integer, OUT at_risk bigint, OUT ended bigint, OUT censored bigint, OUT survival double precision, OUT std_error double precision, OUT lower double precision, OUT upper double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'The curve of Kaplan and Meier: a row for each group, by the bytes of breakdown, NULL last, and each period since the start in which anybody is at risk. at_risk: users at the beginning of the period; ended: users who ended in it; censored: users of whom no more is known, after those who ended. survival: the estimated share of users who have not ended by the end of the period. std_error: of survival, by Greenwood''s formula; lower, upper: its interval at the level, 0.95 unless given, above 0 and below 1, by way of its logarithm. They are NULL where survival is 0. min_users: what rests on fewer users is NULL.';
FUNCTION survival_summary(survival_stats, min_users bigint DEFAULT 0, OUT breakdown text, OUT users bigint, OUT ended bigint, OUT censored bigint, OUT median_period integer, OUT avg_periods double precision, OUT expected double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 10
	'A row for each group, by the bytes of breakdown, NULL last. median_period: the first period by whose end half of the users have ended; NULL if more stay. avg_periods: how many of the first periods, up to the number given to survival(), users stay on average: the area below the curve; NULL if the last at risk are censored before. expected: how many users would have ended if all groups were alike, as the log-rank test counts them. At most 500 groups. min_users: what rests on fewer users is NULL.';
FUNCTION survival_test(survival_stats, min_users bigint DEFAULT 0, OUT groups integer, OUT chi_square double precision, OUT degrees integer, OUT p_value double precision) -> record IMMUTABLE PARALLEL SAFE
	'The log-rank test: could the groups of survival_by() differ so much by chance, if users of all stayed alike? chi_square: the statistic, with the hypergeometric variance; degrees: of freedom; p_value: small if they differ. NULL without two groups to compare. At most 500 groups. min_users: both are NULL if a group has fewer users.';
