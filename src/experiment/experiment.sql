-- experiment: users are assigned to variants, and what they did is compared.

FUNCTION assign_variant(user_id anyelement, salt text, weights jsonb) -> text STABLE STRICT PARALLEL SAFE
	'The variant of a user: always the same for the same id, salt and weights. weights: an object of JSON with a weight, 0 or more, for each variant, such as {"control": 50, "new": 50}. The first 52 bits of SHA-256 of the salt, a colon and the id as text, in UTF-8, are a number from 0 to below 1; the variants, by the bytes of their names, share this range by their weights. NULL: NULL.';

FUNCTION holdout(users userset, salt text, share double precision) -> userset LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 10000
	'The members of a set that are held out: those to whom assign_variant(user_id, salt, {"holdout": share, "others": 1 - share}) assigns holdout. share: from 0 to 1. NULL: NULL.'
AS $$
BEGIN
	IF NOT share BETWEEN 0 AND 1 THEN
		RAISE EXCEPTION 'share is %, not from 0 to 1', share USING ERRCODE = 'invalid_parameter_value', HINT = 'Write 0.1 to hold one in ten out.';
	END IF;
	RETURN (SELECT coalesce(@extschema@.userset_agg(u), '{}') FROM @extschema@.members(users) AS u
		WHERE @extschema@.assign_variant(u, salt, jsonb_build_object('holdout', share, 'others', 1 - share)) = 'holdout');
END $$;

TYPE experiment_stats
	'The outcomes of the users of each variant of an experiment. Made by experiment(), merged by rollup(), read by experiment_results(), experiment_variants() and experiment_srm(). Text form: JSON.';
STATE experiment_rollup SPACE 10000;
AGGREGATE rollup(experiment_stats) -> experiment_stats STATE experiment_rollup FINAL experiment_rollup TRANSITION experiment_rollup
	'The outcomes of one experiment over different users as one result. The users must be disjoint, as in shards or partitions by user; kind of outcome, within, before and until must agree. NULLs are skipped.';

STATE experiment SPACE 1000000 READ_WRITE
	WITH before '% with the outcome in the time before the first exposure, at most before long, for CUPED. NULL is as if it were not given.'
	WITH until '% with the end of observation: rows at or after it do not count, and users whose window is not over then are open, and not compared. NULL is as if it were not given: then all windows are over.';
AGGREGATE experiment(user_id anyelement, at timestamptz, variant text, is_exposure boolean, value double precision, within interval [, before interval [, until timestamptz]]) -> experiment_stats STATE experiment
	'The outcome of each user of an experiment: the sum of value from the first row with is_exposure on, which gives the variant, for within long. Users exposed to several variants are counted as crossed, and not compared. value: from -1e12 to 1e12, rounded to 2^-20; NULL is no value. Rows with a NULL user_id or at are skipped, and an exposure with a NULL variant is none; no rows give NULL. Read it with experiment_results().';
AGGREGATE experiment(user_id anyelement, at timestamptz, variant text, is_exposure boolean, is_goal boolean, within interval [, before interval [, until timestamptz]]) -> experiment_stats STATE experiment
	'Whether each user of an experiment reached a goal: a row with is_goal from the first row with is_exposure on, which gives the variant, for within long. Users exposed to several variants are counted as crossed, and not compared. Rows with a NULL user_id or at are skipped, and an exposure with a NULL variant is none; no rows give NULL. Read it with experiment_results().';

-- Rows to plot.

FUNCTION experiment_variants(experiment_stats, min_users bigint DEFAULT 0, OUT variant text, OUT exposed bigint, OUT crossed bigint, OUT open bigint, OUT users bigint) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 3
	'A row for each variant, by the bytes of its name: users whose first exposure it is (exposed); of them those exposed to another variant, too (crossed); of the others those whose window is not over (open); and the rest, who are compared (users). min_users: what rests on fewer users is NULL.';
FUNCTION experiment_results(experiment_stats, control text, level double precision DEFAULT 0.95, tuned_users bigint DEFAULT 10000, min_users bigint DEFAULT 0, OUT variant text, OUT users bigint, OUT mean double precision, OUT stddev double precision, OUT difference double precision, OUT lower double precision, OUT upper double precision, OUT lift double precision, OUT p_value double precision, OUT q_value double precision, OUT sequential_lower double precision, OUT sequential_upper double precision, OUT sequential_p_value double precision, OUT adjusted_difference double precision, OUT adjusted_lower double precision, OUT adjusted_upper double precision, OUT adjusted_p_value double precision, OUT variance_reduction double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 3
	'A row for each variant: users, mean and stddev of the outcome (of goals the rate); its difference from the control variant with an interval of this level (Welch; of goals Newcombe), the difference divided by the mean of the control (lift), p_value, and q_value over all variants (Benjamini and Hochberg). sequential_: an interval and a p value that hold however often they are looked at; the interval is narrowest at about tuned_users users, which is chosen before the experiment. adjusted_: the difference adjusted by the time before the exposure (CUPED), with Welch''s interval, and by how much its variance is less; NULL without before. NULL in the row of the control. min_users: what rests on fewer users is NULL.';
FUNCTION experiment_srm(experiment_stats, weights jsonb, min_users bigint DEFAULT 0, OUT variant text, OUT users bigint, OUT expected double precision, OUT share double precision, OUT expected_share double precision, OUT chi_square double precision, OUT p_value double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 3
	'Did the variants get the users that they were to get? A row for each variant of the weights of assign_variant(): exposed users and as many as expected, and the chi-square test of all variants, the same in each row. A small p value, such as below 0.001, says that users were lost or assigned wrongly, so that the variants cannot be compared. min_users: what rests on fewer users is NULL.';
