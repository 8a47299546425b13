-- catalog: refreshing definitions: computing their versions, and recording how that ended.

-- What is written may be locked by whoever may write it, too: nobody waits long for that.

-- Count who entered and exited since the version before.
FUNCTION journey_internal.count_changes(id bigint, as_of timestamptz) -> void LANGUAGE plpgsql SET lock_timeout = '5s'
	'Support function of refresh: counts who entered and exited since the version before.'
AS $$
DECLARE
	present @extschema@.userset := journey_internal.version_users(id, as_of);
	before @extschema@.userset := journey_internal.version_users(id,
		(SELECT max(v.as_of) FROM @extschema@.versions AS v WHERE v.id = count_changes.id AND v.as_of < count_changes.as_of));
BEGIN
	UPDATE @extschema@.versions AS v
	SET users = @extschema@.cardinality(present),
		single = v.scale IS NOT NULL OR @extschema@.cardinality(present) = (SELECT coalesce(sum(m.users), 0) FROM @extschema@.version_members AS m
			WHERE m.id = count_changes.id AND m.as_of = count_changes.as_of),
		entered = @extschema@.cardinality(present OPERATOR(@extschema@.-) before),
		exited = @extschema@.cardinality(before OPERATOR(@extschema@.-) present)
	WHERE v.id = count_changes.id AND v.as_of = count_changes.as_of;
END $$;

FUNCTION journey_internal.prune_versions(id bigint, kept timestamptz) -> void LANGUAGE plpgsql SET lock_timeout = '5s'
	'Support function of refresh: drops expired versions, except the one of time kept.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_by_id(id);
BEGIN
	DELETE FROM @extschema@.versions AS v
	WHERE v.id = prune_versions.id AND v.as_of <> kept
		AND (v.as_of < (SELECT max(w.as_of) FROM @extschema@.versions AS w WHERE w.id = v.id) - one.keep_for
			OR one.keep_versions IS NOT NULL AND v.as_of < (SELECT w.as_of FROM @extschema@.versions AS w WHERE w.id = v.id ORDER BY w.as_of DESC OFFSET one.keep_versions - 1 LIMIT 1));
END $$;

-- Which of these does another session compute?
FUNCTION journey_internal.refreshing_elsewhere(ids bigint[]) -> bigint[] LANGUAGE sql
	'Which of these segments and tags another session is computing.'
	AS $$ SELECT ARRAY(SELECT i FROM unnest(ids) AS i WHERE EXISTS (SELECT FROM pg_locks AS k
			WHERE k.locktype = 'advisory' AND k.granted AND k.pid <> pg_backend_pid() AND k.classid::bigint = journey_internal.lock_space() AND k.objid::bigint = journey_internal.lock_key(i)
				AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database()))) $$;

FUNCTION journey_internal.is_at_work(of_pid int, id bigint) -> boolean LANGUAGE sql PARALLEL SAFE
	'Whether the session of this process is computing this segment or tag.'
	AS $$ SELECT EXISTS (SELECT FROM pg_locks AS k WHERE k.locktype = 'advisory' AND k.granted AND k.pid = of_pid AND k.classid::bigint = journey_internal.lock_space() AND k.objid::bigint = journey_internal.lock_key(id)
			AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())) $$;

-- What a definition uses, in which versions, and why these are stale: for a later time, up to as_of,
-- it was tried, or once more for the time of the version, and did not come to its end; or it was due
-- and has no owner; or they were computed from what was stale.
FUNCTION journey_internal.inputs_of(of_id bigint, as_of timestamptz, OUT id bigint, OUT name text, OUT version timestamptz, OUT computed_at timestamptz, OUT problem text) -> SETOF record LANGUAGE sql STABLE PARALLEL SAFE
	'The segments and tags that a definition uses, their newest versions at a time, and why these are stale; problem is NULL if they are not stale.'
	AS $$ SELECT u.used, coalesce(d.name, u.name), v.as_of, v.computed_at,
			CASE WHEN f.id IS NOT NULL THEN format('its input "%s" %s%s', coalesce(d.name, u.name), CASE f.status WHEN 'failed' THEN 'failed' ELSE 'was interrupted' END,
					-- who reads the one need not own the other
					CASE WHEN pg_has_role(one.owner::oid, d.owner::oid, 'USAGE') THEN ': ' || m.error ELSE format(' (SQLSTATE %s)', f.sqlstate) END)
				WHEN s.id IS NOT NULL THEN format('its input "%s" is due, and has no owner who could refresh it', d.name)
				WHEN v.stale THEN format('its input "%s" was computed from a stale input', coalesce(d.name, u.name)) END
		FROM @extschema@.definition_uses AS u JOIN @extschema@.definitions AS one ON one.id = u.id LEFT JOIN @extschema@.definitions AS d ON d.id = u.used
			LEFT JOIN LATERAL (SELECT w.as_of, w.computed_at, jsonb_path_exists(w.inputs, '$[*] ? (@.stale == true)') AS stale
				FROM @extschema@.versions AS w WHERE w.id = u.used AND w.as_of <= inputs_of.as_of ORDER BY w.as_of DESC LIMIT 1) AS v ON true
			LEFT JOIN LATERAL (SELECT l.* FROM @extschema@.refresh_log AS l
				-- without a time: its schedule could not be read
				WHERE l.id = u.used AND (l.as_of IS NULL OR l.as_of <= inputs_of.as_of)
					AND (v.as_of IS NULL OR l.as_of > v.as_of OR coalesce(l.as_of, v.as_of) = v.as_of AND l.started_at > v.computed_at)
					-- what nobody is at any more was interrupted, whether or not a runner has noticed
					AND CASE l.status WHEN 'running' THEN NOT journey_internal.is_at_work(l.pid, l.id) ELSE l.status IN ('failed', 'interrupted') END
				ORDER BY l.started_at DESC LIMIT 1) AS f ON true
			LEFT JOIN @extschema@.refresh_errors AS m ON m.id = f.id AND m.started_at = f.started_at AND m.pid = f.pid
			-- by hand nobody else can refresh it either
			LEFT JOIN @extschema@.schedules AS s ON s.id = d.id AND NOT journey_internal.is_role(d.owner) AND s.next_due <= inputs_of.as_of AND v.as_of < inputs_of.as_of
		WHERE u.id = of_id AND u.used <> of_id ORDER BY 2 $$;

FUNCTION journey_internal.version_inputs(of_id bigint, as_of timestamptz) -> jsonb LANGUAGE sql STABLE PARALLEL SAFE
	'The value of versions.inputs for a version computed now.'
	AS $$ SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', i.id, 'name', i.name, 'as_of', i.version, 'computed_at', i.computed_at,
			'stale', CASE WHEN i.problem IS NOT NULL THEN true END)) ORDER BY i.name), '[]')
		FROM journey_internal.inputs_of(of_id, as_of) AS i WHERE i.version IS NOT NULL $$;

-- Make room for versions that have been computed. Those that are being dropped, or were given to
-- another owner meanwhile, are left out: nothing waits for them. The others stay until the end.
FUNCTION journey_internal.begin_versions(ids bigint[], owner oid, as_of timestamptz, began timestamptz, scale int, inputs jsonb) -> bigint[] LANGUAGE plpgsql SET lock_timeout = '5s'
	'Support function of refresh: creates versions whose members are written next, and replaces versions of the same time. Returns the definitions that still exist.'
AS $$
DECLARE
	here bigint[];
BEGIN
	SELECT coalesce(array_agg(l.id), '{}') INTO here
	FROM (SELECT d.id FROM @extschema@.definitions AS d WHERE d.id = ANY (ids) AND d.owner::oid = begin_versions.owner FOR KEY SHARE SKIP LOCKED) AS l;
	DELETE FROM @extschema@.versions AS v WHERE v.id = ANY (here) AND v.as_of = begin_versions.as_of;
	INSERT INTO @extschema@.versions (id, as_of, computed_at, duration, users, entered, exited, scale, inputs)
	SELECT n, begin_versions.as_of, began, '0', 0, 0, 0, begin_versions.scale, coalesce(begin_versions.inputs -> n::text, '[]') FROM unnest(here) AS n;
	RETURN here;
END $$;

-- Compute and store, or fail. All of one owner. While a query runs nothing is locked that a drop
-- would wait for.
FUNCTION journey_internal.compute_versions(ids bigint[], as_of timestamptz) -> bigint[] LANGUAGE plpgsql
	'Support function of refresh: computes segments or tags and stores their versions. Returns the definitions that still exist.'
AS $$
DECLARE
	one @extschema@.definitions;
	how @extschema@.methods;
	query text;
	began timestamptz := clock_timestamp();
	wanted bigint;
	next timestamptz;
	computed record;
	here bigint[];
	-- rows on their way into the table
	some_ids bigint[] := '{}';
	some_values text[] := '{}';
	some_members @extschema@.userset[] := '{}';
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
	SELECT * INTO how FROM @extschema@.methods AS m WHERE m.kind = one.kind AND m.method = one.method;
	-- with the inputs as the query sees them
	IF how.page_function IS NOT NULL THEN
		EXECUTE format('SELECT %s($1, $2) AS page, jsonb_build_object($3, journey_internal.version_inputs($3, $2)) AS inputs', how.page_function) INTO computed USING one, compute_versions.as_of, one.id;
		here := journey_internal.begin_versions(ids, one.owner::oid, compute_versions.as_of, began, NULL::int, computed.inputs);
		INSERT INTO @extschema@.version_pages (id, as_of, page) SELECT n, compute_versions.as_of, computed.page FROM unnest(here) AS n;
	ELSIF how.rows_function IS NOT NULL THEN
		SELECT r.rows, jsonb_build_object(one.id, journey_internal.version_inputs(one.id, compute_versions.as_of)) AS inputs INTO computed
		FROM journey_internal.run_as(one.owner::oid, query, compute_versions.as_of, one.time_zone) AS r(rows jsonb);
		here := journey_internal.begin_versions(ids, one.owner::oid, compute_versions.as_of, began, NULL::int, computed.inputs);
		IF here <> '{}' THEN
			EXECUTE format('SELECT %s($1, $2, $3)', how.rows_function) USING one.id, compute_versions.as_of, computed.rows;
		END IF;
	ELSIF how.numeric THEN
		SELECT r.rows, r.numbers, jsonb_build_object(one.id, journey_internal.version_inputs(one.id, compute_versions.as_of)) AS inputs INTO computed
		FROM journey_internal.run_as(one.owner::oid, query, compute_versions.as_of, one.time_zone)
			AS r(id bigint, rows bigint, numbers @extschema@.numset);
		IF computed.rows <> @extschema@.numset_count(computed.numbers) THEN
			RAISE EXCEPTION 'the definition of tag "%" returns % rows for % users', one.name, computed.rows, @extschema@.numset_count(computed.numbers)
				USING ERRCODE = 'cardinality_violation', HINT = 'A numeric tag has one number for each user: group by the user, and choose which number.';
		END IF;
		here := journey_internal.begin_versions(ids, one.owner::oid, compute_versions.as_of, began, one.scale, computed.inputs);
		INSERT INTO @extschema@.version_numbers (id, as_of, numbers) SELECT n, compute_versions.as_of, computed.numbers FROM unnest(here) AS n;
	ELSE
		-- the query has run to its end before the first row comes
		FOR computed IN
			SELECT r.id, r.value, r.members, i.inputs
			FROM (SELECT jsonb_object_agg(u.id, journey_internal.version_inputs(u.id, compute_versions.as_of)) AS inputs
					FROM (SELECT DISTINCT w.id FROM @extschema@.definition_uses AS w WHERE w.id = ANY (ids)) AS u) AS i
				LEFT JOIN (SELECT r.id, r.value, @extschema@.union_agg(r.members) AS members
					FROM journey_internal.run_as(one.owner::oid, query, compute_versions.as_of, one.time_zone)
						AS r(id bigint, value text, members @extschema@.userset)
					-- a query that was changed by hand must not write what is another's
					WHERE r.value IS NOT NULL AND r.id = ANY (ids) GROUP BY r.id, r.value) AS r ON r.value = '' OR @extschema@.cardinality(r.members) > 0
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
			SELECT m.stored_function INTO how.stored_function FROM @extschema@.definitions AS d JOIN @extschema@.methods AS m ON m.kind = d.kind AND m.method = d.method WHERE d.id = wanted;
		END IF;
		PERFORM journey_internal.count_changes(wanted, compute_versions.as_of);
		IF how.stored_function IS NOT NULL THEN
			EXECUTE format('SELECT %s($1, $2)', how.stored_function) USING wanted, compute_versions.as_of;
		END IF;
		-- before the next one is looked for, or it might be one that goes
		PERFORM journey_internal.prune_versions(wanted, compute_versions.as_of);
		SELECT min(v.as_of) INTO next FROM @extschema@.versions AS v WHERE v.id = wanted AND v.as_of > compute_versions.as_of;
		IF next IS NOT NULL THEN
			PERFORM journey_internal.count_changes(wanted, next);
		END IF;
	END LOOP;
	UPDATE @extschema@.versions AS v SET computed_at = clock_timestamp(), duration = clock_timestamp() - began
	WHERE v.id = ANY (here) AND v.as_of = compute_versions.as_of;
	RETURN here;
END $$;

FUNCTION journey_internal.add_members(as_of timestamptz, ids bigint[], tag_values text[], sets userset[]) -> void LANGUAGE sql SET lock_timeout = '5s'
	'Support function of refresh: writes the members of versions.'
	AS $$ INSERT INTO @extschema@.version_members (id, as_of, value, users, members)
		SELECT n.id, add_members.as_of, n.value, @extschema@.cardinality(n.members), n.members FROM unnest(ids, tag_values, sets) AS n(id, value, members) $$;

-- Why did a refresh fail? If a source cannot be read any more, say which.
FUNCTION journey_internal.failed_source(id bigint) -> text LANGUAGE plpgsql
	'Which source of a segment or tag cannot be read, and why; NULL if all can be read.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.definition_by_id(id);
	source record;
BEGIN
	FOR source IN SELECT u.source AS id, coalesce(s.name, u.name) AS name FROM @extschema@.definition_sources AS u LEFT JOIN @extschema@.sources AS s ON s.id = u.source
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

-- Of definitions that are being dropped, or whose rows are locked, there is nothing to say, and
-- nothing waits for them.
FUNCTION journey_internal.log_refresh(ids bigint[], as_of timestamptz, began timestamptz, status text, state text, error text) -> bigint[] LANGUAGE plpgsql SET lock_timeout = '5s'
	'Support function of refresh: writes the status of refreshes into the log. Returns the definitions that still exist.'
AS $$
DECLARE
	here bigint[];
BEGIN
	SELECT coalesce(array_agg(l.id), '{}') INTO here
	FROM (SELECT d.id FROM @extschema@.definitions AS d WHERE d.id = ANY (ids) AND journey_internal.owns(d.owner) FOR KEY SHARE SKIP LOCKED) AS l;
	BEGIN
		INSERT INTO @extschema@.refresh_log AS l (id, as_of, started_at, finished_at, status, sqlstate, users)
		SELECT n, log_refresh.as_of, began, CASE WHEN log_refresh.status <> 'running' THEN clock_timestamp() END, log_refresh.status, state,
			(SELECT v.users FROM @extschema@.versions AS v WHERE log_refresh.status = 'succeeded' AND v.id = n AND v.as_of = log_refresh.as_of)
		FROM unnest(here) AS n
		ON CONFLICT (id, started_at, pid) DO UPDATE
		SET finished_at = excluded.finished_at, status = excluded.status, sqlstate = excluded.sqlstate, users = excluded.users;
		IF log_refresh.error IS NOT NULL THEN
			INSERT INTO @extschema@.refresh_errors AS m (id, started_at, pid, error)
			SELECT n, began, pg_backend_pid(), log_refresh.error FROM unnest(here) AS n
			ON CONFLICT (id, started_at, pid) DO UPDATE SET error = excluded.error;
		END IF;
	EXCEPTION WHEN lock_not_available THEN
		IF cardinality(here) = 1 THEN
			RAISE WARNING 'how refreshing "%" ended cannot be recorded: %', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = here[1]), SQLERRM;
		ELSE
			here := ARRAY(SELECT l FROM unnest(here) AS n, unnest(journey_internal.log_refresh(ARRAY[n], as_of, began, status, state, error)) AS l);
		END IF;
	END;
	RETURN here;
END $$;

-- Compute definitions of one owner, or record that it failed. The caller holds their locks.
-- Returns those that failed. may_be_stale: those that may be computed from stale inputs.
FUNCTION journey_internal.try_refresh(ids bigint[], as_of timestamptz, began timestamptz, may_be_stale bigint[]) -> bigint[] LANGUAGE plpgsql
	'Support function of refresh: computes segments or tags of one owner, and records success or failure. Returns the ones that failed.'
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
		FROM @extschema@.definitions AS d, LATERAL (SELECT * FROM journey_internal.inputs_of(d.id, try_refresh.as_of) AS i WHERE i.problem IS NOT NULL LIMIT 1) AS i
		WHERE d.id = ANY (ids) AND EXISTS (SELECT FROM @extschema@.definition_uses AS u WHERE u.id = d.id) ORDER BY d.name
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
			RAISE WARNING 'refreshing "%" failed: %', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = rest[1]), problem USING HINT = 'The last good version stays.';
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

FUNCTION journey_internal.check_as_of(as_of timestamptz) -> timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Raises an error unless a version can be computed for this time.'
AS $$
BEGIN
	IF as_of IS NULL THEN
		RAISE EXCEPTION 'as_of must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF NOT isfinite(as_of) OR as_of > clock_timestamp() THEN
		RAISE EXCEPTION 'as_of is %', as_of USING ERRCODE = 'invalid_parameter_value', HINT = 'A version is computed as of now, or of a time that has passed.';
	END IF;
	RETURN as_of;
END $$;

FUNCTION journey_internal.do_refresh_definitions(names text[], at timestamptz, kind text, stale_inputs boolean)
	-> TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text) LANGUAGE plpgsql
	'Support function of refresh_definitions, which calls it: what that does.'
AS $$
#variable_conflict use_column
DECLARE
	wanted text;
	one @extschema@.definitions;
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
		FOR busy IN SELECT DISTINCT ON (u.id) u.id, i.name AS input, d.name FROM @extschema@.definition_uses AS u JOIN @extschema@.definitions AS d ON d.id = u.id JOIN @extschema@.definitions AS i ON i.id = u.used
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
		FROM @extschema@.refresh_log AS l JOIN @extschema@.definitions AS d ON d.id = l.id LEFT JOIN @extschema@.refresh_errors AS m ON m.id = l.id AND m.started_at = l.started_at AND m.pid = l.pid
			LEFT JOIN @extschema@.versions AS v ON l.status = 'succeeded' AND v.id = l.id AND v.as_of = l.as_of
		WHERE l.id = ANY (locked) AND l.started_at = began AND l.pid = pg_backend_pid() ORDER BY d.name;
END $$;
FUNCTION journey_internal.refresh_definitions(names text[], at timestamptz, kind text, stale_inputs boolean)
	-> TABLE (name text, as_of timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text) CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of refresh_segment, refresh_segments and refresh_tag.';

-- Which of these can be computed together, and in which order? Those of one owner over the same
-- sources that come equally far after what they use, if their method has it so.
FUNCTION journey_internal.batches(ids bigint[]) -> TABLE (batch bigint[], place bigint) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of refresh: groups of definitions that can be computed together, in order of dependency.'
AS $$
DECLARE
	missing bigint[] := ids;
	ready bigint[];
	depth bigint := 0;
BEGIN
	WHILE cardinality(missing) > 0 LOOP
		ready := ARRAY(SELECT m FROM unnest(missing) AS m EXCEPT
			SELECT u.id FROM unnest(missing) AS m JOIN @extschema@.definition_uses AS u ON u.id = m JOIN unnest(missing) AS n ON n = u.used AND n <> m);
		-- a cycle by way of definitions that its members could not see: any order is as good
		IF cardinality(ready) = 0 THEN
			ready := missing;
		END IF;
		RETURN QUERY SELECT array_agg(d.id ORDER BY d.name), depth FROM unnest(ready) AS r JOIN @extschema@.definitions AS d ON d.id = r LEFT JOIN @extschema@.methods AS m ON m.kind = d.kind AND m.method = d.method
			GROUP BY d.owner::oid, d.time_zone, m.query_function, CASE WHEN m.together THEN ARRAY(SELECT u.source FROM @extschema@.definition_sources AS u WHERE u.id = d.id ORDER BY u.name) ELSE ARRAY[-d.id] END;
		missing := ARRAY(SELECT m FROM unnest(missing) AS m EXCEPT SELECT r FROM unnest(ready) AS r);
		depth := depth + 1;
	END LOOP;
END $$;
