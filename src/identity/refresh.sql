-- identity: who is who: reading links, finding the persons, and keeping what was before.

FUNCTION journey_internal.identity_conflicts_among(strong bigint[], weak bigint[], strong_type int[], weak_type int[], most bigint[])
	-> TABLE (link int, kind text, type int) IMMUTABLE STRICT PARALLEL SAFE
	'Support function of refresh_identities: which links, of those of one component in their order, join nobody, and the type whose rule that is; subscripts of arrays. most: of each type, NULL if any number.';

FUNCTION journey_internal.identity_query(link identity_relations, space text) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The SELECT of a relation of links: a, b, at, until. Raises an error if the relation does not exist.'
AS $$
BEGIN
	IF link.relation::oid = 0 THEN
		RAISE EXCEPTION 'identity space "%": relation % does not exist', space, format('"%s"', substr(link.relation::text, 2))
			USING ERRCODE = 'undefined_table', HINT = format('drop_identity_links(%L, %s) removes it, add_identity_links adds another.', space, link.number);
	ELSIF link.query_relation IS NULL OR link.query_relation = link.relation::text THEN
		RETURN link.query;
	END IF;
	-- the relation was renamed: "... FROM old) AS l"
	RETURN concat(left(link.query, -length(link.query_relation) - 6), link.relation::text, ' AS ',
		quote_ident((parse_ident(link.query_relation))[cardinality(parse_ident(link.query_relation))]), ') AS l');
END $$;

-- What a relation has is compared with what it had. Ids are never forgotten.
FUNCTION journey_internal.read_identity_links(space identity_spaces, link identity_relations, as_of timestamptz,
		OUT touched bigint[], OUT new_ids bigint, OUT unbound bigint[], OUT unbound_at timestamptz[]) -> record LANGUAGE plpgsql SET enable_nestloop = off SET plan_cache_mode = force_custom_plan
	'Support function of refresh_identities: adds new ids and links of a relation, and removes links that ended. touched: the ids of all these; unbound: ids whose links ended at the times of unbound_at.'
AS $$
BEGIN
	WITH incoming AS MATERIALIZED (
			-- an id that no index can have is none
			SELECT CASE WHEN octet_length(r.a) BETWEEN 1 AND 1000 THEN r.a END AS a, CASE WHEN octet_length(r.b) BETWEEN 1 AND 1000 THEN r.b END AS b, r.at, r.until, coalesce(r.until > as_of, true) AS holds
			FROM journey_internal.run_as(space.owner::oid, journey_internal.identity_query(link, space.name), as_of) AS r(a text, b text, at timestamptz, until timestamptz)
			WHERE r.at <= as_of AND r.at > '-infinity'),
		seen AS (
			SELECT s.id_type, s.value, min(s.at) AS first_at
			FROM (SELECT link.id_type_a AS id_type, i.a AS value, i.at FROM incoming AS i UNION ALL SELECT link.id_type_b, i.b, i.at FROM incoming AS i) AS s
			WHERE s.value IS NOT NULL GROUP BY s.id_type, s.value),
		named AS MATERIALIZED (
			SELECT s.*, space.ids + row_number() OVER (ORDER BY t.priority, s.first_at, s.id_type COLLATE "C", s.value COLLATE "C") AS number
			FROM seen AS s JOIN @extschema@.identity_types AS t ON t.id = space.id AND t.id_type = s.id_type
			WHERE NOT EXISTS (SELECT FROM @extschema@.identity_ids AS k WHERE k.id = space.id AND k.id_type = s.id_type AND k.value = s.value)),
		known AS (
			SELECT k.number, k.id_type, k.value FROM @extschema@.identity_ids AS k WHERE k.id = space.id AND k.id_type IN (link.id_type_a, link.id_type_b)
			UNION ALL SELECT f.number, f.id_type, f.value FROM named AS f),
		numbered AS (
			SELECT a.number AS a, b.number AS b, i.at, i.until, i.holds
			FROM incoming AS i JOIN known AS a ON a.id_type = link.id_type_a AND a.value = i.a JOIN known AS b ON b.id_type = link.id_type_b AND b.value = i.b
			WHERE a.number <> b.number),
		-- of new ids: mostly it stays the component, and the row needs no update
		guessed AS (SELECT r.id, r.component FROM @extschema@.component_rows((SELECT @extschema@.connected_components(n.a, n.b) FROM numbered AS n WHERE n.holds AND greatest(n.a, n.b) > space.ids), NULL::bigint) AS r),
		fresh AS (
			INSERT INTO @extschema@.identity_ids AS n (id, number, id_type, value, first_at, component)
			SELECT space.id, f.number, f.id_type, f.value, f.first_at, coalesce(g.component, f.number) FROM named AS f LEFT JOIN guessed AS g ON g.id = f.number
			RETURNING n.number),
		links AS (SELECT n.a, n.b, min(n.at) AS at FROM numbered AS n WHERE n.holds GROUP BY n.a, n.b),
		ended AS (
			DELETE FROM @extschema@.identity_links AS l
			WHERE l.id = space.id AND l.relation = link.number AND NOT EXISTS (SELECT FROM links AS n WHERE n.a = l.a AND n.b = l.b AND n.at = l.at)
			RETURNING l.a, l.b),
		begun AS (
			INSERT INTO @extschema@.identity_links AS l (id, relation, a, b, at)
			SELECT space.id, link.number, n.a, n.b, n.at FROM links AS n
			WHERE NOT EXISTS (SELECT FROM @extschema@.identity_links AS o WHERE o.id = space.id AND o.relation = link.number AND o.a = n.a AND o.b = n.b AND o.at = n.at)
			RETURNING l.a, l.b),
		ends AS (
			SELECT e.number, max(e.until) AS until
			FROM (SELECT d.a AS number, n.until FROM ended AS d JOIN numbered AS n ON n.a = d.a AND n.b = d.b AND NOT n.holds
				UNION ALL SELECT d.b, n.until FROM ended AS d JOIN numbered AS n ON n.a = d.a AND n.b = d.b AND NOT n.holds) AS e
			GROUP BY e.number)
	SELECT ARRAY(SELECT f.number FROM fresh AS f UNION SELECT e.a FROM ended AS e UNION SELECT e.b FROM ended AS e UNION SELECT g.a FROM begun AS g UNION SELECT g.b FROM begun AS g),
		(SELECT count(*) FROM fresh), ARRAY(SELECT e.number FROM ends AS e ORDER BY e.number), ARRAY(SELECT e.until FROM ends AS e ORDER BY e.number)
	INTO touched, new_ids, unbound, unbound_at;
END $$;

-- Only components with an id that was touched can have changed.
FUNCTION journey_internal.join_identities(space bigint, touched bigint[], unbound bigint[], unbound_at timestamptz[], as_of timestamptz,
		OUT customers bigint, OUT merged bigint, OUT split bigint) -> record LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan SET enable_nestloop = on
	'Support function of refresh_identities: finds the persons of all ids that links lead to from those touched. customers: how many there are more than before.'
AS $$
DECLARE
	type_names CONSTANT text[] := ARRAY(SELECT t.id_type FROM @extschema@.identity_types AS t WHERE t.id = space ORDER BY t.priority, t.id_type COLLATE "C");
	type_most CONSTANT bigint[] := ARRAY(SELECT t.most FROM @extschema@.identity_types AS t WHERE t.id = space ORDER BY t.priority, t.id_type COLLATE "C");
	before bigint[];
	numbers bigint[];
	components bigint[];
	broken bigint[];
BEGIN
	-- the planner takes a space that was just filled for empty, because it has no statistics
	PERFORM set_config('enable_nestloop'::text, 'off'::text, true) WHERE cardinality(touched) > 1000;
	before := ARRAY(SELECT DISTINCT i.component FROM unnest(touched) AS t(number) JOIN @extschema@.identity_ids AS i ON i.id = space AND i.number = t.number);
	numbers := ARRAY(SELECT i.number FROM unnest(before) AS b(component) JOIN @extschema@.identity_ids AS i ON i.id = space AND i.component = b.component);
	PERFORM set_config('enable_nestloop'::text, 'off'::text, true) WHERE cardinality(numbers) > 1000;
	SELECT array_agg(r.id), array_agg(r.component) INTO numbers, components
	FROM @extschema@.component_rows((SELECT @extschema@.connected_components(x.a, x.b)
		FROM (SELECT l.a, l.b FROM unnest(numbers) AS n(number) JOIN @extschema@.identity_links AS l ON l.id = space AND l.a = n.number
			UNION ALL SELECT n.number, NULL FROM unnest(numbers) AS n(number)) AS x), NULL::bigint) AS r;
	DELETE FROM @extschema@.identity_conflict_links AS c USING unnest(before) AS b(component) WHERE c.id = space AND c.component = b.component;
	UPDATE @extschema@.identity_ids AS i SET component = r.component
	FROM unnest(numbers, components) AS r(number, component) WHERE i.id = space AND i.number = r.number AND i.component <> r.component;
	broken := ARRAY(SELECT DISTINCT g.component
		FROM (SELECT r.component, i.id_type, count(*) AS n FROM unnest(numbers, components) AS r(number, component) JOIN @extschema@.identity_ids AS i ON i.id = space AND i.number = r.number
			WHERE type_most[array_position(type_names, i.id_type)] IS NOT NULL GROUP BY r.component, i.id_type) AS g
		WHERE g.n > type_most[array_position(type_names, g.id_type)]);
	IF broken <> '{}' THEN
		-- links of stronger ids come first, of these the oldest, and then by the ids themselves: never by numbers
		INSERT INTO @extschema@.identity_conflict_links (id, a, b, at, id_type, kind, component)
		SELECT space, g.strong[f.link], g.weak[f.link], g.at[f.link], type_names[f.type], f.kind, g.component
		FROM (SELECT l.component, array_agg(l.strong ORDER BY l.place) AS strong, array_agg(l.weak ORDER BY l.place) AS weak, array_agg(l.at ORDER BY l.place) AS at,
				array_agg(l.strong_type ORDER BY l.place) AS strong_type, array_agg(l.weak_type ORDER BY l.place) AS weak_type
			FROM (SELECT o.component, o.strong, o.weak, o.strong_type, o.weak_type, min(o.at) AS at,
					row_number() OVER (ORDER BY o.strong_type, o.weak_type, min(o.at), o.strong_value COLLATE "C", o.weak_value COLLATE "C") AS place
				FROM (SELECT u.component, l.at, CASE WHEN p.a_first THEN a.number ELSE b.number END AS strong, CASE WHEN p.a_first THEN b.number ELSE a.number END AS weak,
						CASE WHEN p.a_first THEN p.a_type ELSE p.b_type END AS strong_type, CASE WHEN p.a_first THEN p.b_type ELSE p.a_type END AS weak_type,
						CASE WHEN p.a_first THEN a.value ELSE b.value END AS strong_value, CASE WHEN p.a_first THEN b.value ELSE a.value END AS weak_value
					FROM unnest(broken) AS u(component) JOIN @extschema@.identity_ids AS a ON a.id = space AND a.component = u.component
						JOIN @extschema@.identity_links AS l ON l.id = space AND l.a = a.number JOIN @extschema@.identity_ids AS b ON b.id = space AND b.number = l.b,
						LATERAL (SELECT t.a_type, t.b_type, t.a_type < t.b_type OR t.a_type = t.b_type AND a.value COLLATE "C" < b.value COLLATE "C" AS a_first
							FROM (SELECT array_position(type_names, a.id_type) AS a_type, array_position(type_names, b.id_type) AS b_type) AS t) AS p) AS o
				GROUP BY o.component, o.strong, o.weak, o.strong_type, o.weak_type, o.strong_value, o.weak_value) AS l
			GROUP BY l.component) AS g,
			LATERAL journey_internal.identity_conflicts_among(g.strong, g.weak, g.strong_type, g.weak_type, type_most) AS f;
		-- without these links, who is joined?
		SELECT array_agg(r.id), array_agg(r.component) INTO numbers, components
		FROM (SELECT r.number AS id, r.component FROM unnest(numbers, components) AS r(number, component) WHERE NOT EXISTS (SELECT FROM unnest(broken) AS u(component) WHERE u.component = r.component)
			UNION ALL
			SELECT r.id, r.component FROM @extschema@.component_rows((SELECT @extschema@.connected_components(x.a, x.b)
				FROM (SELECT i.number AS a, NULL::bigint AS b FROM unnest(broken) AS u(component) JOIN @extschema@.identity_ids AS i ON i.id = space AND i.component = u.component
					UNION ALL
					SELECT l.a, l.b FROM unnest(broken) AS u(component) JOIN @extschema@.identity_ids AS i ON i.id = space AND i.component = u.component
						JOIN @extschema@.identity_links AS l ON l.id = space AND l.a = i.number
					WHERE NOT EXISTS (SELECT FROM @extschema@.identity_conflict_links AS c WHERE c.id = space AND c.a = l.a AND c.b = l.b)
						AND NOT EXISTS (SELECT FROM @extschema@.identity_conflict_links AS c WHERE c.id = space AND c.a = l.b AND c.b = l.a)) AS x), NULL::bigint) AS r) AS r;
	END IF;
	WITH strongest AS (
			-- type and number as one
			SELECT r.component, min(array_position(type_names, i.id_type)::bigint << 48 | i.number) & 281474976710655 AS user_id
			FROM unnest(numbers, components) AS r(number, component) JOIN @extschema@.identity_ids AS i ON i.id = space AND i.number = r.number GROUP BY r.component),
		persons AS MATERIALIZED (
			SELECT r.number, s.user_id, m.user_id AS old, m.since AS old_since
			FROM unnest(numbers, components) AS r(number, component) JOIN strongest AS s ON s.component = r.component
				LEFT JOIN @extschema@.identity_members AS m ON m.id = space AND m.number = r.number AND m.until = 'infinity'),
		changed AS (SELECT p.* FROM persons AS p WHERE p.old IS DISTINCT FROM p.user_id),
		-- the latest link that leads to who was not of the same person before may have brought it
		own AS (
			SELECT l.number, min(l.at) AS first_at, max(l.at) FILTER (WHERE p.old IS DISTINCT FROM l.old) AS last_at
			FROM (SELECT c.number, c.old, l.b AS other, l.at, l.a, l.b FROM changed AS c JOIN @extschema@.identity_links AS l ON l.id = space AND l.a = c.number
				UNION ALL SELECT c.number, c.old, l.a, l.at, l.a, l.b FROM changed AS c JOIN @extschema@.identity_links AS l ON l.id = space AND l.b = c.number) AS l
				JOIN persons AS p ON p.number = l.other
			WHERE NOT EXISTS (SELECT FROM @extschema@.identity_conflict_links AS k WHERE k.id = space AND k.a = l.a AND k.b = l.b)
				AND NOT EXISTS (SELECT FROM @extschema@.identity_conflict_links AS k WHERE k.id = space AND k.a = l.b AND k.b = l.a)
			GROUP BY l.number),
		dated AS MATERIALIZED (
			SELECT c.number, c.user_id, c.old_since,
				CASE WHEN c.old IS NULL THEN CASE WHEN c.user_id = c.number THEN i.first_at ELSE coalesce(o.first_at, i.first_at) END
					WHEN c.user_id <> c.number AND o.last_at > c.old_since THEN o.last_at
					ELSE coalesce(e.until, join_identities.as_of) END AS since
			FROM changed AS c JOIN @extschema@.identity_ids AS i ON i.id = space AND i.number = c.number LEFT JOIN own AS o ON o.number = c.number
				LEFT JOIN unnest(unbound, unbound_at) AS e(number, until) ON e.number = c.number),
		-- a person who was none for any time is forgotten
		corrected AS (UPDATE @extschema@.identity_members AS m SET user_id = d.user_id FROM dated AS d
			WHERE m.id = space AND m.number = d.number AND m.until = 'infinity' AND d.since <= d.old_since),
		closed AS (UPDATE @extschema@.identity_members AS m SET until = d.since FROM dated AS d
			WHERE m.id = space AND m.number = d.number AND m.until = 'infinity' AND d.since > d.old_since),
		opened AS (INSERT INTO @extschema@.identity_members (id, number, user_id, since) SELECT space, d.number, d.user_id, d.since FROM dated AS d
			WHERE d.old_since IS NULL OR d.since > d.old_since)
	SELECT (SELECT count(DISTINCT p.user_id) - count(DISTINCT p.old) FROM persons AS p),
		(SELECT count(*) FROM persons AS p WHERE p.old = p.number AND p.user_id <> p.number),
		(SELECT count(*) FROM (SELECT FROM persons AS p WHERE p.old IS NOT NULL GROUP BY p.old HAVING count(DISTINCT p.user_id) > 1) AS s)
	INTO customers, merged, split;
END $$;

FUNCTION journey_internal.do_refresh_identities_of(space text, as_of timestamptz)
	-> TABLE (customers bigint, ids bigint, merged bigint, split bigint, conflicts bigint) LANGUAGE plpgsql
	'Support function of refresh_identities_of, which calls it: what that does.'
AS $$
#variable_conflict use_column
DECLARE
	one @extschema@.identity_spaces := journey_internal.own_identity_space(space);
	link @extschema@.identity_relations;
	found record;
	touched bigint[] := '{}';
	unbound bigint[] := '{}';
	unbound_at timestamptz[] := '{}';
	joined record;
BEGIN
	IF $2 IS NULL THEN
		RAISE EXCEPTION 'as_of must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF NOT isfinite($2) OR $2 > clock_timestamp() THEN
		RAISE EXCEPTION 'as_of is %', $2 USING ERRCODE = 'invalid_parameter_value', HINT = 'Identities are found as of now, or of a time that has passed.';
	ELSIF NOT journey_internal.is_role(one.owner) THEN
		RAISE EXCEPTION 'identity space "%" has no owner: %', space, one.owner USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'set_identity_space_owner gives it one, or accepts what was restored.';
	ELSIF NOT journey_internal.try_lock(one.id) THEN
		RAISE NOTICE 'identity space "%" is being refreshed by another session', space;
		RETURN;
	END IF;
	-- as another session left it, which had the lock before
	SELECT * INTO one FROM @extschema@.identity_spaces AS s WHERE s.id = one.id FOR UPDATE;
	IF one.id IS NULL THEN
		RAISE EXCEPTION 'identity space "%" was dropped', space USING ERRCODE = 'undefined_object';
	END IF;
	IF one.as_of > $2 THEN
		RAISE EXCEPTION 'identity space "%" was refreshed as of %, which is after %', space, one.as_of, $2
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Refreshes go forward. identify(space, id_type, id, as_of) gives who it was at a time.';
	END IF;
	FOR link IN SELECT r.* FROM @extschema@.identity_relations AS r WHERE r.id = one.id ORDER BY r.number LOOP
		SELECT * INTO found FROM journey_internal.read_identity_links(one, link, $2);
		one.ids := one.ids + found.new_ids;
		touched := touched || found.touched;
		unbound := unbound || found.unbound;
		unbound_at := unbound_at || found.unbound_at;
	END LOOP;
	-- links of a relation that was removed
	WITH ended AS (DELETE FROM @extschema@.identity_links AS l WHERE l.id = one.id AND NOT EXISTS (SELECT FROM @extschema@.identity_relations AS r WHERE r.id = one.id AND r.number = l.relation) RETURNING l.a, l.b)
	SELECT touched || coalesce(array_agg(e.number), '{}') INTO touched FROM (SELECT d.a AS number FROM ended AS d UNION ALL SELECT d.b FROM ended AS d) AS e;
	IF one.rules_changed THEN
		touched := ARRAY(SELECT i.number FROM @extschema@.identity_ids AS i WHERE i.id = one.id);
	END IF;
	SELECT coalesce(array_agg(u.number ORDER BY u.number), '{}') AS numbers, coalesce(array_agg(u.until ORDER BY u.number), '{}') AS until INTO found
	FROM (SELECT u.number, max(u.until) AS until FROM unnest(unbound, unbound_at) AS u(number, until) GROUP BY u.number) AS u;
	SELECT * INTO joined FROM journey_internal.join_identities(one.id, touched, found.numbers, found.until, $2);
	UPDATE @extschema@.identity_spaces AS s
	SET as_of = $2, computed_at = clock_timestamp(), ids = one.ids, customers = one.customers + joined.customers, rules_changed = false
	WHERE s.id = one.id;
	RETURN QUERY SELECT one.customers + joined.customers, one.ids, joined.merged, joined.split,
		(SELECT count(*) FROM @extschema@.identity_conflict_links AS c WHERE c.id = one.id);
END $$;
FUNCTION journey_internal.refresh_identities_of(space text, as_of timestamptz)
	-> TABLE (customers bigint, ids bigint, merged bigint, split bigint, conflicts bigint) CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of refresh_identities.';

FUNCTION refresh_identities(space text, as_of timestamptz DEFAULT now())
	-> TABLE (customers bigint, ids bigint, merged bigint, split bigint, conflicts bigint) LANGUAGE sql UNSET search_path
	'Reads the links of an identity space of yours that hold at a time, and finds the persons. customers: persons; ids: known ids; merged: persons of the last refresh whose number is now another person''s id; split: those whose ids are now of several persons; conflicts: links that join nobody because of a rule. Only persons whose links began or ended are found anew. Returns no row if another session is refreshing the space.'
	AS $$ SELECT * FROM journey_internal.refresh_identities_of($1, $2) $$;

FUNCTION identity_conflicts(space text)
	-> TABLE (id_type text, most bigint, kind text, id_type_a text, id_a text, user_id_a bigint, id_type_b text, id_b text, user_id_b bigint, at timestamptz) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The links that join nobody. id_type, most: the rule. kind: exceeds, if the link would break the rule; shared, if another link of its weaker id would. Then the stronger and the weaker id with their persons, and the time from which the link holds.'
AS $$
DECLARE
	one CONSTANT @extschema@.identity_spaces := journey_internal.identity_space_of(space);
BEGIN
	RETURN QUERY SELECT c.id_type, t.most, c.kind, a.id_type, a.value, x.user_id, b.id_type, b.value, y.user_id, c.at
		FROM @extschema@.identity_conflict_links AS c LEFT JOIN @extschema@.identity_types AS t ON t.id = c.id AND t.id_type = c.id_type
			JOIN @extschema@.identity_ids AS a ON a.id = c.id AND a.number = c.a JOIN @extschema@.identity_ids AS b ON b.id = c.id AND b.number = c.b
			JOIN @extschema@.identity_members AS x ON x.id = c.id AND x.number = c.a AND x.until = 'infinity'
			JOIN @extschema@.identity_members AS y ON y.id = c.id AND y.number = c.b AND y.until = 'infinity'
		WHERE c.id = one.id ORDER BY b.id_type, b.value, a.id_type, a.value;
END $$;

FUNCTION identities(space text, user_id bigint, as_of timestamptz DEFAULT NULL)
	-> TABLE (id_type text, id text, since timestamptz, until timestamptz) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The ids of a person, now or at a time, the strongest first, and from when until when they belong to it (infinity: still). In a definition, the default of as_of is the time for which it is computed.'
AS $$
DECLARE
	one CONSTANT @extschema@.identity_spaces := journey_internal.identity_space_of(space);
	moment CONSTANT timestamptz := coalesce(as_of, nullif(current_setting('journey.as_of', true), '')::timestamptz, 'infinity');
BEGIN
	RETURN QUERY SELECT i.id_type, i.value, m.since, m.until
		FROM @extschema@.identity_members AS m JOIN @extschema@.identity_ids AS i ON i.id = m.id AND i.number = m.number JOIN @extschema@.identity_types AS t ON t.id = m.id AND t.id_type = i.id_type
		WHERE m.id = one.id AND m.user_id = identities.user_id AND m.since <= moment AND (m.until > moment OR m.until = 'infinity')
		ORDER BY t.priority, i.number;
END $$;
