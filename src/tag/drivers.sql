-- drivers: which values of tags go with being in a set of users.

-- As event_drivers has it: of a fourfold table, 0.5 more in each count if one is 0.
FUNCTION journey_internal.information_value(with_yes bigint, with_no bigint, without_yes bigint, without_no bigint) -> double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of tag_drivers: the information value of a factor that users have or have not. NULL if a row or a column of the four is 0.'
	AS $$ SELECT (yes - no) * ln(yes / no) + (no - yes) * ln((1 - yes) / (1 - no))
		FROM (SELECT CASE WHEN 0 IN ($1, $2, $3, $4) THEN 0.5::float8 ELSE 0 END AS more) AS m, LATERAL (SELECT ($1 + more) / ($1 + $3 + 2 * more) AS yes, ($2 + more) / ($2 + $4 + 2 * more) AS no) AS s
		WHERE $1 + $2 > 0 AND $3 + $4 > 0 AND $1 + $3 > 0 AND $2 + $4 > 0 $$;

FUNCTION tag_drivers(goal userset, base userset, tags text[] DEFAULT NULL, level float8 DEFAULT 0.95, as_of timestamptz DEFAULT NULL, min_users bigint DEFAULT 0)
	-> TABLE (tag text, value text, users_with bigint, users_without bigint, goal_with bigint, goal_without bigint, rate_with float8, rate_without float8, lift float8, odds_ratio float8, lower float8, upper float8, p_value float8, q_value float8, information_value float8) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Which values of tags go with being in goal, among the users of base: a row for each value that anyone in base has, and one, with value NULL, for those in base who have no value of the tag; the greatest information value first. Numbers of a numeric tag are grouped as in tag_summary: up to 20 different ones, or ten ranges with about as many users each. tags: their names; NULL: all that you may read and that have a version. as_of: their newest versions not newer than this; NULL: the newest. Users of goal who are not in base do not count. The columns are those of driver_rows(): users with the value and without, how many of both are in goal, and their shares; lift; the odds ratio with Wald''s interval at the level (0.95 unless given) and Fisher''s p value, as odds_ratio() gives them; the q value of Benjamini and Hochberg over all rows; the information value. min_users: what rests on fewer users, in goal or not, is NULL. Take tags as of a time before that of goal, or it explains itself. An association is not a cause.'
AS $$
DECLARE
	fewest CONSTANT bigint := journey_internal.check_min_users(min_users);
	names CONSTANT text[] := coalesce(tags, ARRAY(SELECT t.name FROM @extschema@.tags AS t
		WHERE EXISTS (SELECT FROM @extschema@.versions AS v WHERE v.id = t.id AND (tag_drivers.as_of IS NULL OR v.as_of <= tag_drivers.as_of))));
	reached CONSTANT @extschema@.userset := goal OPERATOR(@extschema@.&) base;
	everybody CONSTANT bigint := @extschema@.cardinality(base);
	all_reached CONSTANT bigint := @extschema@.cardinality(reached);
BEGIN
	IF goal IS NULL OR base IS NULL THEN
		RAISE EXCEPTION '% must not be NULL', CASE WHEN goal IS NULL THEN 'goal' ELSE 'base' END USING ERRCODE = 'null_value_not_allowed',
			HINT = 'Write a set of users, such as segment(''lost'').';
	ELSIF level IS NULL OR NOT (level > 0 AND level < 1) THEN
		RAISE EXCEPTION 'level is %, which is not between 0 and 1', coalesce(level::text, 'NULL') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write 0.95 for intervals that contain the true number in 95 of 100 cases.';
	END IF;
	RETURN QUERY
	WITH groups AS MATERIALIZED (
		SELECT n.name, g.place, g.value, g.members FROM (SELECT DISTINCT name FROM unnest(names) AS name) AS n, journey_internal.definition_of(n.name, 'tag'::text) AS d,
			journey_internal.version_at(d.id, tag_drivers.as_of) AS version, journey_internal.tag_groups(d.id, version, fewest) AS g),
	every AS (SELECT * FROM groups UNION ALL
		SELECT n.name, 2147483647, NULL, base OPERATOR(@extschema@.-) coalesce((SELECT @extschema@.union_agg(g.members) FROM groups AS g WHERE g.name = n.name), @extschema@.userset('{}'::bigint[]))
		FROM (SELECT DISTINCT name FROM unnest(names) AS name) AS n),
	counts AS (SELECT e.name, e.place, e.value, c.users, c.goals, everybody - c.users AS other_users, all_reached - c.goals AS other_goals
		FROM every AS e, LATERAL (SELECT @extschema@.and_cardinality(e.members, base) AS users, @extschema@.and_cardinality(e.members, reached) AS goals) AS c WHERE c.users > 0),
	measured AS (SELECT c.*, r.*, journey_internal.information_value(c.goals, c.users - c.goals, c.other_goals, c.other_users - c.other_goals) AS iv
		FROM counts AS c, LATERAL @extschema@.odds_ratio(c.goals, c.users - c.goals, c.other_goals, c.other_users - c.other_goals, level) AS r),
	ranked AS (SELECT m.*, row_number() OVER (ORDER BY m.iv DESC NULLS LAST, m.name, m.place, m.value) AS n FROM measured AS m),
	q AS (SELECT u.q, u.n FROM unnest(@extschema@.q_values(ARRAY(SELECT m.p_value FROM ranked AS m ORDER BY m.n))) WITH ORDINALITY AS u(q, n))
	SELECT m.name, m.value, journey_internal.users_shown(m.users, fewest), journey_internal.users_shown(m.other_users, fewest),
		CASE WHEN f.with_few >= fewest THEN m.goals END, CASE WHEN f.without_few >= fewest THEN m.other_goals END,
		CASE WHEN f.with_few >= fewest THEN m.goals / m.users::float8 END, CASE WHEN f.without_few >= fewest THEN m.other_goals / nullif(m.other_users, 0)::float8 END,
		CASE WHEN f.few >= fewest THEN m.goals / m.users::float8 / nullif(all_reached / nullif(everybody, 0)::float8, 0) END,
		CASE WHEN f.few >= fewest THEN m.odds_ratio END, CASE WHEN f.few >= fewest THEN m.lower END, CASE WHEN f.few >= fewest THEN m.upper END,
		CASE WHEN f.few >= fewest THEN m.p_value END, CASE WHEN f.few >= fewest THEN q.q END, CASE WHEN f.few >= fewest THEN m.iv END
	FROM ranked AS m JOIN q USING (n), LATERAL (SELECT least(m.goals, m.users - m.goals) AS with_few, least(m.other_goals, m.other_users - m.other_goals) AS without_few,
		least(m.goals, m.users - m.goals, m.other_goals, m.other_users - m.other_goals) AS few) AS f
	ORDER BY m.n;
END $$;
