-- difference: how two groups of users differ in a result, and how sure that is. A row of two results
-- becomes one by what it is of; intervals and tests are those of room inference.

-- Rates of two groups as columns: of each key users and total in both.
FUNCTION journey_internal.rate_differences(keys bigint[], users_a bigint[], total_a bigint[], users_b bigint[], total_b bigint[], level double precision, min_users bigint, OUT key bigint, OUT users_a_ bigint, OUT users_b_ bigint, OUT rate_a double precision, OUT rate_b double precision, OUT difference double precision, OUT lower double precision, OUT upper double precision, OUT p_value double precision, OUT q_value double precision) -> SETOF record LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
	'Support function of differences: for each key the rates of two groups, users divided by total, their difference with the interval of Newcombe, the chi-square test, and the q value over all keys. What rests on fewer than min_users users is NULL.'
AS $$
	WITH tested AS MATERIALIZED (
		SELECT g.key, g.ua, g.ub, g.ua / nullif(g.ta, 0)::float8 AS ra, g.ub / nullif(g.tb, 0)::float8 AS rb, d.*
		FROM unnest($1, $2, $3, $4, $5) AS g(key, ua, ta, ub, tb), LATERAL @extschema@.proportion_difference(g.ua, g.ta, g.ub, g.tb, $6) AS d),
	ranked AS MATERIALIZED (SELECT k.key, k.q FROM (SELECT array_agg(t.key) AS keys, @extschema@.q_values(array_agg(t.p_value)) AS qs FROM tested AS t) AS a, unnest(a.keys, a.qs) AS k(key, q))
	SELECT t.key, CASE WHEN t.ua >= $7 THEN t.ua END, CASE WHEN t.ub >= $7 THEN t.ub END, CASE WHEN t.ua >= $7 THEN t.ra END, CASE WHEN t.ub >= $7 THEN t.rb END,
		CASE WHEN least(t.ua, t.ub) >= $7 THEN t.difference END, CASE WHEN least(t.ua, t.ub) >= $7 THEN t.lower END, CASE WHEN least(t.ua, t.ub) >= $7 THEN t.upper END,
		CASE WHEN least(t.ua, t.ub) >= $7 THEN t.p_value END, CASE WHEN least(t.ua, t.ub) >= $7 THEN r.q END
	FROM tested AS t JOIN ranked AS r USING (key)
$$;

FUNCTION funnel_difference(a funnel_stats, b funnel_stats, level double precision DEFAULT 0.95, min_users bigint DEFAULT 0, OUT step integer, OUT users_a bigint, OUT users_b bigint, OUT rate_a double precision, OUT rate_b double precision, OUT difference double precision, OUT lower double precision, OUT upper double precision, OUT p_value double precision, OUT q_value double precision) -> SETOF record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 10
	'A row for each step of two funnels: the users who reached it, their share of those of step 1 (rate_a, rate_b, as conversion_rate), the difference rate_a - rate_b with the interval of Newcombe at a level, 0.95 unless given, the two-sided p value of the chi-square test without correction, and the q value of Benjamini and Hochberg over all steps. The users of both must be disjoint, and the steps as many. Step 1, in which all are, is not tested. If a or b is NULL, there are no rows. min_users: what rests on fewer users is NULL.'
AS $$
#variable_conflict use_column
DECLARE
	shown CONSTANT bigint := journey_internal.check_min_users(min_users);
	steps_a CONSTANT integer := (SELECT max(s.step) FROM @extschema@.funnel_steps(a) AS s);
	steps_b CONSTANT integer := (SELECT max(s.step) FROM @extschema@.funnel_steps(b) AS s);
	wanted CONSTANT double precision := level;
BEGIN
	IF level IS NULL THEN
		RAISE EXCEPTION 'level must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave it out for 0.95.';
	END IF;
	IF steps_a <> steps_b THEN
		RAISE EXCEPTION 'a has % steps, but b has %', steps_a, steps_b USING ERRCODE = 'invalid_parameter_value', HINT = 'Compare funnels of the same steps.';
	END IF;
	RETURN QUERY
		SELECT d.key::integer, d.users_a_, d.users_b_, d.rate_a, d.rate_b, d.difference, d.lower, d.upper, d.p_value, d.q_value
		FROM (SELECT array_agg(x.step::bigint) AS keys, array_agg(x.users) AS ua, array_agg(x.total) AS ta, array_agg(y.users) AS ub, array_agg(y.total) AS tb
				FROM (SELECT s.step, s.users, first_value(s.users) OVER (ORDER BY s.step) AS total FROM @extschema@.funnel_steps(a) AS s) AS x
				JOIN (SELECT s.step, s.users, first_value(s.users) OVER (ORDER BY s.step) AS total FROM @extschema@.funnel_steps(b) AS s) AS y ON y.step = x.step) AS g,
			LATERAL journey_internal.rate_differences(g.keys, g.ua, g.ta, g.ub, g.tb, wanted, shown) AS d
		ORDER BY d.key;
END $$;

FUNCTION retention_difference(a retention_stats, b retention_stats, level double precision DEFAULT 0.95, min_users bigint DEFAULT 0, OUT period integer, OUT last_period integer, OUT cohort_users_a bigint, OUT cohort_users_b bigint, OUT users_a bigint, OUT users_b bigint, OUT rate_a double precision, OUT rate_b double precision, OUT difference double precision, OUT lower double precision, OUT upper double precision, OUT p_value double precision, OUT q_value double precision) -> SETOF record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 30
	'A row for each period of retention_curve() of two results: the users of complete cohorts, those of them who came back, their share (rate_a, rate_b, as retention_rate), the difference rate_a - rate_b with the interval of Newcombe at a level, 0.95 unless given, the two-sided p value of the chi-square test without correction, and the q value of Benjamini and Hochberg over all periods. The users of both must be disjoint. A period of one result only has no row. If a or b is NULL, there are no rows. min_users: what rests on fewer users is NULL.'
AS $$
#variable_conflict use_column
DECLARE
	shown CONSTANT bigint := journey_internal.check_min_users(min_users);
	wanted CONSTANT double precision := level;
BEGIN
	IF level IS NULL THEN
		RAISE EXCEPTION 'level must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave it out for 0.95.';
	END IF;
	RETURN QUERY
		WITH both_ AS MATERIALIZED (
			SELECT row_number() OVER (ORDER BY x.period, x.last_period) AS key, x.period, x.last_period, x.cohort_users AS ta, y.cohort_users AS tb, x.users AS ua, y.users AS ub
			FROM @extschema@.retention_curve(a) AS x JOIN @extschema@.retention_curve(b) AS y ON y.period = x.period AND y.last_period = x.last_period)
		SELECT p.period, p.last_period, CASE WHEN p.ta >= shown THEN p.ta END, CASE WHEN p.tb >= shown THEN p.tb END,
			d.users_a_, d.users_b_, d.rate_a, d.rate_b, d.difference, d.lower, d.upper, d.p_value, d.q_value
		FROM (SELECT array_agg(b.key) AS keys, array_agg(b.ua) AS ua, array_agg(b.ta) AS ta, array_agg(b.ub) AS ub, array_agg(b.tb) AS tb FROM both_ AS b) AS g,
			LATERAL journey_internal.rate_differences(g.keys, g.ua, g.ta, g.ub, g.tb, wanted, shown) AS d JOIN both_ AS p ON p.key = d.key
		ORDER BY d.key;
END $$;

FUNCTION flow_difference(a flow_stats, b flow_stats, level double precision DEFAULT 0.95, min_users bigint DEFAULT 0, OUT "position" integer, OUT source text, OUT target text, OUT users_a bigint, OUT users_b bigint, OUT rate_a double precision, OUT rate_b double precision, OUT difference double precision, OUT lower double precision, OUT upper double precision, OUT p_value double precision, OUT q_value double precision) -> SETOF record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 100
	'A row for each link of two flows: the users who went from the source, at this position, to the target, their share of the users of the source there (rate_a, rate_b), the difference rate_a - rate_b with the interval of Newcombe at a level, 0.95 unless given, the two-sided p value of the chi-square test without correction, and the q value of Benjamini and Hochberg over all links. The users of both must be disjoint. A link of one flow only has 0 users in the other. If a or b is NULL, there are no rows. min_users: what rests on fewer users is NULL.'
AS $$
#variable_conflict use_column
DECLARE
	shown CONSTANT bigint := journey_internal.check_min_users(min_users);
	wanted CONSTANT double precision := level;
BEGIN
	IF level IS NULL THEN
		RAISE EXCEPTION 'level must not be NULL' USING ERRCODE = 'null_value_not_allowed', HINT = 'Leave it out for 0.95.';
	END IF;
	IF a IS NULL OR b IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY
		WITH link AS MATERIALIZED (
			SELECT row_number() OVER (ORDER BY k.position, k.source COLLATE "C", k.target COLLATE "C") AS key, k.position, k.source, k.target,
				coalesce(x.users, 0) AS ua, coalesce(y.users, 0) AS ub, coalesce(m.users, 0) AS ta, coalesce(n.users, 0) AS tb
			FROM (SELECT l.position, l.source, l.target FROM @extschema@.flow_links(a) AS l UNION SELECT l.position, l.source, l.target FROM @extschema@.flow_links(b) AS l) AS k
			LEFT JOIN @extschema@.flow_links(a) AS x ON x.position = k.position AND x.source = k.source AND x.target = k.target
			LEFT JOIN @extschema@.flow_links(b) AS y ON y.position = k.position AND y.source = k.source AND y.target = k.target
			LEFT JOIN @extschema@.flow_nodes(a) AS m ON m.position = k.position AND m.node = k.source
			LEFT JOIN @extschema@.flow_nodes(b) AS n ON n.position = k.position AND n.node = k.source)
		SELECT l.position, l.source, l.target, d.users_a_, d.users_b_, d.rate_a, d.rate_b, d.difference, d.lower, d.upper, d.p_value, d.q_value
		FROM (SELECT array_agg(k.key) AS keys, array_agg(k.ua) AS ua, array_agg(k.ta) AS ta, array_agg(k.ub) AS ub, array_agg(k.tb) AS tb FROM link AS k) AS g,
			LATERAL journey_internal.rate_differences(g.keys, g.ua, g.ta, g.ub, g.tb, wanted, shown) AS d JOIN link AS l ON l.key = d.key
		ORDER BY d.key;
END $$;
