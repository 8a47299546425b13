-- tag: what is known of one customer.

-- The newest events of a user in a source, read as `reader`.
FUNCTION journey_internal.profile_events(of_source bigint, reader regrole, of_user bigint, until timestamptz, most int, milliseconds int)
	-> TABLE (source text, at timestamptz, event text, attrs jsonb, value float8) LANGUAGE plpgsql
	'Support function of profile: the newest events of a user.'
AS $$
BEGIN
	RETURN QUERY SELECT r.source, r.at, r.event, r.attrs, r.value
		FROM journey_internal.run_as_within(reader::oid, format('SELECT e.source, e.at, e.event, e.attrs, e.value FROM (%s) AS e WHERE e.user_id = %L::pg_catalog.int8 AND e.at < %L::pg_catalog.timestamptz ORDER BY e.at DESC LIMIT %s',
			journey_internal.stream_query(ARRAY[profile_events.of_source], reader), of_user, until, most), until, milliseconds) AS r(source text, at timestamptz, event text, attrs jsonb, value float8);
END $$;

-- The segments and tags of a user. Each needs a row or two of some tables, which may be so small
-- that the planner would rather read them whole each time, so reading by index is made cheap. The
-- plan is the same for everybody.
FUNCTION journey_internal.profile_values(of_user bigint, until timestamptz)
	-> TABLE (kind text, name text, value text, at timestamptz) LANGUAGE plpgsql SET seq_page_cost = 1 SET random_page_cost = 0.1 SET enable_bitmapscan = off SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_generic_plan
	'Support function of profile: the segments and tags of a user.'
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT d.kind, d.name, CASE d.kind WHEN 'segment' THEN (m.value IS NOT NULL)::text ELSE coalesce(m.value, n.value) END, v.as_of
		FROM @extschema@.definitions AS d
			CROSS JOIN LATERAL (SELECT v.as_of, v.single, v.scale FROM @extschema@.versions AS v
				WHERE v.id = d.id AND (until IS NULL OR v.as_of <= until) ORDER BY v.as_of DESC LIMIT 1) AS v
			LEFT JOIN LATERAL (SELECT true AS there, journey_internal.number_in_row(r.numbers, r.first_user, of_user) AS number FROM @extschema@.numbers_by_user AS r
				WHERE d.kind = 'tag' AND r.id = d.id AND r.as_of = v.as_of AND r.first_user <= of_user
				ORDER BY r.first_user DESC LIMIT 1) AS r ON true
			-- others may come after, or the version is not kept user by user: see store_by_user
			CROSS JOIN LATERAL (SELECT r.there IS NOT NULL OR EXISTS (SELECT FROM @extschema@.numbers_by_user AS o
				WHERE d.kind = 'tag' AND o.id = d.id AND o.as_of = v.as_of) AS by_user OFFSET 0) AS k
			LEFT JOIN LATERAL (
				SELECT w.value FROM @extschema@.value_numbers AS w
				WHERE v.scale IS NULL AND k.by_user AND w.id = d.id AND w.as_of = v.as_of AND w.number = r.number
				UNION ALL
				(SELECT m.value FROM @extschema@.version_members AS m
				WHERE v.scale IS NULL AND NOT k.by_user AND m.id = d.id AND m.as_of = v.as_of AND (d.kind <> 'segment' OR m.value = '') AND @extschema@.contains(m.members, of_user)
				LIMIT CASE WHEN v.single THEN 1 END)) AS m ON true
			LEFT JOIN LATERAL (SELECT journey_internal.tag_value(CASE WHEN k.by_user THEN r.number
				ELSE (SELECT @extschema@.numset_value(m.numbers, of_user) FROM @extschema@.version_numbers AS m WHERE m.id = d.id AND m.as_of = v.as_of) END, v.scale)::text AS value
				WHERE v.scale IS NOT NULL) AS n ON true;
END $$;

FUNCTION profile(user_id bigint, as_of timestamptz DEFAULT NULL, sources text[] DEFAULT NULL, events int DEFAULT 20, time_limit interval DEFAULT '5 seconds')
	-> TABLE (kind text, name text, value text, at timestamptz, attrs jsonb, source text) LANGUAGE plpgsql
	'All that is known about one customer: a row for each segment (value true or false) and tag (its value, NULL if none) that you may read, from the newest versions, or the newest not newer than as_of. Then the newest events of each source: kind is event, name the event, value its number, source its source. sources: the sources to read; by default those of roles whose rights you have. time_limit: the time for each source; a source that takes longer is skipped with a warning.'
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
		FROM @extschema@.sources AS s
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
