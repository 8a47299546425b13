-- job: refreshing segments and tags when they are due.

FUNCTION journey_internal.check_may_commit() -> void VOLATILE PARALLEL UNSAFE
	'Support function of refresh_due: raises an error if the calling procedure cannot commit.';

CREATE TYPE journey_internal.claim AS (ids bigint[], as_of timestamptz, began timestamptz, passed bigint[], planned bigint[], batches int[], done int, failed bigint[]);
COMMENT ON TYPE journey_internal.claim IS 'The work of a runner of refresh_due(): the claimed definitions, as of when, since when; those that are finished or that another runner computes; the next definitions, in batches; how many are done, and which failed.';

-- A schedule that cannot be read any more is not due again until somebody sets another.
FUNCTION journey_internal.give_up_schedule(id bigint) -> void LANGUAGE plpgsql
	'Support function of refresh_due: if a schedule is invalid, records a failure and makes it no longer due. Other schedules are unchanged.'
AS $$
DECLARE
	schedule @extschema@.schedules;
BEGIN
	SELECT * INTO schedule FROM @extschema@.schedules AS s WHERE s.id = give_up_schedule.id FOR UPDATE SKIP LOCKED;
	PERFORM journey_internal.schedule_time(schedule.schedule, schedule.time_zone, clock_timestamp(), forward)
	FROM unnest('{true,false}'::boolean[]) AS forward WHERE schedule.id IS NOT NULL;
EXCEPTION WHEN OTHERS THEN
	PERFORM journey_internal.log_refresh(ARRAY[give_up_schedule.id], NULL::timestamptz, clock_timestamp(), 'failed'::text, SQLSTATE, SQLERRM);
	UPDATE @extschema@.schedules AS s SET next_due = 'infinity' WHERE s.id = give_up_schedule.id;
	RAISE WARNING 'the schedule of "%" cannot be read: %', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = give_up_schedule.id), SQLERRM;
END $$;

-- The definitions of others are not run by a superuser who did not ask for that: the rights of
-- their owners are enough, and more should not be in the hands of what runs them.
FUNCTION journey_internal.may_run(owner role_ref, as_superuser boolean) -> boolean LANGUAGE sql STABLE PARALLEL SAFE
	'Whether refresh_due runs definitions of this role: the role must exist and the runner must have its rights. If the runner is a superuser and the role is not, as_superuser must be true, too.'
	AS $$ SELECT journey_internal.owns(owner) AND journey_internal.is_role(owner)
		AND (as_superuser OR NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = current_user AND r.rolsuper)
			OR EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = owner::oid AND r.rolsuper)) $$;

FUNCTION journey_internal.due_ids(as_superuser boolean) -> bigint[] LANGUAGE sql
	'Support function of refresh_due: the due definitions that the caller may run.'
	AS $$ SELECT ARRAY(SELECT s.id FROM @extschema@.schedules AS s JOIN @extschema@.definitions AS d USING (id)
		WHERE s.next_due <= clock_timestamp() AND journey_internal.may_run(d.owner, as_superuser)) $$;

-- Say what is left to others, or a runner without rights would seem to have nothing to do.
FUNCTION journey_internal.warn_of_others(as_superuser boolean) -> void LANGUAGE plpgsql
	'Support function of refresh_due: warns about due definitions that the caller sees but may not run.'
AS $$
DECLARE
	others record;
BEGIN
	SELECT count(*) FILTER (WHERE s.next_due <= clock_timestamp() AND journey_internal.is_role(d.owner) AND journey_internal.owns(d.owner) AND NOT journey_internal.may_run(d.owner, as_superuser)) AS told,
		count(*) FILTER (WHERE s.next_due <= clock_timestamp() AND journey_internal.is_role(d.owner) AND NOT journey_internal.owns(d.owner)) AS foreign,
		count(*) FILTER (WHERE s.next_due <= clock_timestamp() AND NOT journey_internal.is_role(d.owner)) AS ownerless,
		count(*) FILTER (WHERE journey_internal.may_run(d.owner, as_superuser)) AS mine, count(*) AS known INTO others
	FROM @extschema@.schedules AS s JOIN @extschema@.definitions AS d USING (id);
	IF others.told > 0 THEN
		RAISE WARNING 'left out, as their owners are no superusers: % due segments and tags', others.told
			USING HINT = 'Run them as a role that is a member of their owners and no superuser, or CALL refresh_due(as_superuser => true).';
	END IF;
	IF others.foreign > 0 THEN
		RAISE WARNING 'left out, as role "%" does not have the rights of their owners: % due segments and tags', current_user, others.foreign
			USING HINT = 'GRANT their owners to it.';
	END IF;
	IF others.ownerless > 0 THEN
		RAISE WARNING 'left out, as they have no owner: % due segments and tags', others.ownerless USING HINT = 'set_definition_owner gives them one.';
	END IF;
	IF others.mine = 0 AND others.told + others.foreign + others.ownerless = 0 THEN
		RAISE NOTICE 'nothing that is scheduled belongs to a role whose rights "%" has', current_user;
	END IF;
END $$;

-- What a session that is gone was at did not come to its end. One that has said what it takes on,
-- and takes the lock the moment after, writes over it.
FUNCTION journey_internal.end_interrupted() -> void LANGUAGE sql
	'Support function of refresh_due: marks refreshes as interrupted if the log says that they run and their session has ended.'
	AS $$ UPDATE @extschema@.refresh_log AS l SET status = 'interrupted', finished_at = clock_timestamp()
		FROM (SELECT r.id, r.started_at, r.pid FROM @extschema@.refresh_log AS r
			WHERE r.status = 'running' AND r.id IN (SELECT d.id FROM @extschema@.definitions AS d WHERE journey_internal.owns(d.owner))
				AND NOT journey_internal.is_at_work(r.pid, r.id)
			FOR UPDATE OF r SKIP LOCKED) AS gone
		WHERE l.id = gone.id AND l.started_at = gone.started_at AND l.pid = gone.pid $$;

FUNCTION journey_internal.with_users(ids bigint[], due bigint[]) -> bigint[] LANGUAGE plpgsql
	'Support function of refresh_due: these definitions, and the due definitions that use them.'
AS $$
DECLARE
	found bigint[] := ids;
	users bigint[] := ids;
BEGIN
	WHILE cardinality(users) > 0 LOOP
		users := ARRAY(SELECT DISTINCT u.id FROM unnest(users) AS n JOIN @extschema@.definition_uses AS u ON u.used = n JOIN unnest(due) AS m ON m = u.id
			WHERE NOT EXISTS (SELECT FROM unnest(found) AS f WHERE f = u.id));
		found := found || users;
	END LOOP;
	RETURN found;
END $$;

-- Batches of what is due, in order. From what a runner did not come back, as it took too long,
-- must not keep all others waiting: that comes last, with what uses it; and before that what
-- belongs to the same owners, who may have more of the kind.
FUNCTION journey_internal.plan_due(due bigint[]) -> TABLE (batch bigint[]) LANGUAGE plpgsql
	'Support function of refresh_due: the due definitions in batches, in the order of execution.'
AS $$
DECLARE
	stopped bigint[] := ARRAY(SELECT n FROM unnest(due) AS n, LATERAL (SELECT * FROM @extschema@.refresh_log AS l WHERE l.id = n
		ORDER BY CASE l.status WHEN 'interrupted' THEN l.started_at ELSE coalesce(l.finished_at, l.started_at) END DESC LIMIT 1) AS l WHERE l.status IN ('running', 'interrupted'));
	last bigint[] := journey_internal.with_users(stopped, due);
	near bigint[] := journey_internal.with_users(ARRAY(SELECT n FROM unnest(due) AS n JOIN @extschema@.definitions AS d ON d.id = n
		WHERE d.owner::oid IN (SELECT o.owner::oid FROM unnest(stopped) AS l JOIN @extschema@.definitions AS o ON o.id = l)), due);
BEGIN
	RETURN QUERY SELECT b.batch FROM journey_internal.batches(ARRAY(SELECT n FROM unnest(due) AS n EXCEPT SELECT l FROM unnest(last || near) AS l)) AS b ORDER BY b.place, b.batch;
	RETURN QUERY SELECT b.batch FROM journey_internal.batches(ARRAY(SELECT n FROM unnest(near) AS n EXCEPT SELECT l FROM unnest(last) AS l)) AS b ORDER BY b.place, b.batch;
	RETURN QUERY SELECT b.batch FROM journey_internal.batches(last) AS b
		ORDER BY b.place, (SELECT max(l.started_at) FROM @extschema@.refresh_log AS l WHERE l.id = ANY (b.batch) AND l.status IN ('running', 'interrupted')) NULLS FIRST, b.batch;
END $$;

-- What this uses is due, or being computed, and not by this runner: that comes before.
FUNCTION journey_internal.awaited_input(of_id bigint, mine bigint[]) -> text LANGUAGE sql
	'Support function of refresh_due: a segment or tag that this one uses and that another runner must compute first.'
	AS $$ SELECT coalesce(d.name, u.name) FROM @extschema@.definition_uses AS u LEFT JOIN @extschema@.definitions AS d ON d.id = u.used LEFT JOIN @extschema@.schedules AS s ON s.id = u.used
		WHERE u.id = of_id AND u.used <> of_id AND u.used <> ALL (mine)
			AND (s.next_due <= clock_timestamp() AND journey_internal.is_role(d.owner) OR journey_internal.refreshing_elsewhere(ARRAY[u.used]) <> '{}')
		ORDER BY 1 LIMIT 1 $$;

-- Take what is due first, and say so in the log. ids is NULL when nothing is left.
FUNCTION journey_internal.claim_due(before journey_internal.claim, as_superuser boolean DEFAULT false) -> journey_internal.claim LANGUAGE plpgsql
	'Support function of refresh_due: claims the first due definitions and logs them as running.'
AS $$
DECLARE
	result journey_internal.claim := before;
	due bigint[];
	ready bigint[];
	wanted bigint;
	mine boolean;
	input text;
BEGIN
	IF before IS NULL THEN
		PERFORM journey_internal.end_interrupted();
		PERFORM journey_internal.warn_of_others(as_superuser);
		result.planned := '{}';
		result.done := 0;
		result.failed := '{}';
	END IF;
	result.passed := coalesce(result.passed, '{}') || coalesce(result.ids, '{}');
	LOOP
		IF cardinality(result.planned) = 0 THEN
			SELECT coalesce(array_agg(n.id ORDER BY b.place, n.place), '{}'), array_agg(b.place ORDER BY b.place, n.place) INTO result.planned, result.batches
			FROM journey_internal.plan_due(ARRAY(SELECT n FROM unnest(journey_internal.due_ids(as_superuser)) AS n EXCEPT SELECT p FROM unnest(result.passed) AS p)) WITH ORDINALITY AS b(ids, place),
				unnest(b.ids) WITH ORDINALITY AS n(id, place);
			IF cardinality(result.planned) = 0 THEN
				result.ids := NULL;
				RETURN result;
			END IF;
		END IF;
		-- the first batch; of it those that are due for the same time
		due := result.planned[1 : (SELECT count(*) FROM unnest(result.batches) AS b WHERE b = result.batches[1])];
		ready := NULL;
		BEGIN
			SELECT array_agg(t.id), t.at INTO ready, result.as_of
			FROM (SELECT s.id, journey_internal.schedule_time(s.schedule, s.time_zone, clock_timestamp(), false) AS at
				FROM unnest(due) AS n JOIN @extschema@.schedules AS s ON s.id = n) AS t GROUP BY t.at ORDER BY t.at LIMIT 1;
		EXCEPTION WHEN OTHERS THEN
			-- rows are written by hand, too, and time zones come and go: that stops nobody else
			FOREACH wanted IN ARRAY due LOOP
				PERFORM journey_internal.give_up_schedule(wanted);
			END LOOP;
			ready := ARRAY(SELECT s.id FROM @extschema@.schedules AS s WHERE s.id = ANY (due) AND s.next_due = 'infinity');
			IF cardinality(ready) = 0 THEN
				ready := due;
			END IF;
			result.failed := result.failed || ready;
			result.passed := result.passed || ready;
			result.as_of := NULL;
		END;
		ready := coalesce(ready, due);
		-- the others of the batch stay where they are
		due := ARRAY(SELECT n FROM unnest(due) AS n EXCEPT SELECT r FROM unnest(ready) AS r ORDER BY 1);
		result.planned := due || result.planned[cardinality(due) + cardinality(ready) + 1 :];
		result.batches := result.batches[cardinality(ready) + 1 :];
		CONTINUE WHEN result.as_of IS NULL;
		result.ids := '{}';
		FOREACH wanted IN ARRAY ready LOOP
			-- to others a lock means that it is being computed: so none is taken without need
			input := journey_internal.awaited_input(wanted, ready || result.planned);
			IF input IS NOT NULL AND NOT (SELECT s.stale_inputs FROM @extschema@.schedules AS s WHERE s.id = wanted) THEN
				IF EXISTS (SELECT FROM @extschema@.schedules AS s WHERE s.id = wanted AND s.next_due < result.as_of)
					AND journey_internal.refreshing_elsewhere(ARRAY(SELECT u.used FROM @extschema@.definition_uses AS u WHERE u.id = wanted)) = '{}' THEN
					-- its time has come again meanwhile: perhaps there is no such runner
					RAISE WARNING '"%" waits for "%", which no other runner has computed', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = wanted), input
						USING HINT = 'Have it refreshed or unscheduled by its owner, or schedule the other with stale_inputs.';
					result.failed := result.failed || wanted;
				ELSE
					RAISE NOTICE '"%" waits for "%", which another runner is to compute', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = wanted), input;
				END IF;
				result.passed := result.passed || wanted;
				CONTINUE;
			END IF;
			mine := EXISTS (SELECT FROM @extschema@.schedules AS s WHERE s.id = wanted AND s.next_due <= clock_timestamp()) AND journey_internal.try_lock(wanted);
			-- who had the lock may have done it meanwhile: a statement of its own sees that
			IF NOT mine OR NOT EXISTS (SELECT FROM @extschema@.schedules AS s JOIN @extschema@.definitions AS d USING (id)
				WHERE s.id = wanted AND s.next_due <= clock_timestamp() AND journey_internal.may_run(d.owner, as_superuser)) THEN
				result.passed := result.passed || wanted;
			ELSE
				result.ids := result.ids || wanted;
			END IF;
		END LOOP;
		CONTINUE WHEN cardinality(result.ids) = 0;
		result.began := clock_timestamp();
		result.ids := journey_internal.log_refresh(result.ids, result.as_of, result.began, 'running'::text, NULL::text, NULL::text);
		EXIT WHEN cardinality(result.ids) > 0;
	END LOOP;
	RETURN result;
END $$;

-- When is it due again? What failed is tried again after a while, if it may; what failed as its
-- input did is tried again with that.
FUNCTION journey_internal.reschedule(of_id bigint, after timestamptz, failed boolean) -> void LANGUAGE plpgsql
	'Support function of refresh_due: sets when the finished definitions are due again.'
AS $$
DECLARE
	schedule @extschema@.schedules;
	regular timestamptz;
	again timestamptz;
BEGIN
	SELECT * INTO schedule FROM @extschema@.schedules AS s WHERE s.id = of_id FOR UPDATE SKIP LOCKED;
	IF schedule.id IS NULL THEN
		RETURN;
	END IF;
	regular := journey_internal.schedule_time(schedule.schedule, schedule.time_zone, after, true);
	IF failed AND schedule.failures < schedule.retries THEN
		again := clock_timestamp() + schedule.retry_after;
	ELSIF failed THEN
		SELECT max(i.next_due) INTO again FROM @extschema@.definition_uses AS u JOIN @extschema@.schedules AS i ON i.id = u.used AND u.used <> of_id
		WHERE u.id = of_id AND i.failures > 0;
	END IF;
	UPDATE @extschema@.schedules AS s
	SET next_due = least(regular, again), failures = CASE WHEN again < regular THEN s.failures + 1 ELSE 0 END
	WHERE s.id = of_id;
EXCEPTION WHEN OTHERS THEN
	PERFORM journey_internal.give_up_schedule(of_id);
END $$;

-- Do it, unless somebody else has meanwhile.
FUNCTION journey_internal.run_claim(claim journey_internal.claim) -> journey_internal.claim LANGUAGE plpgsql
	'Support function of refresh_due: computes the claimed definitions, and sets when they are due next.'
AS $$
DECLARE
	result journey_internal.claim := claim;
	mine bigint[] := '{}';
	wanted bigint;
	locked boolean;
	failed bigint[];
BEGIN
	FOREACH wanted IN ARRAY result.ids LOOP
		locked := journey_internal.try_lock(wanted);
		-- a statement of its own, as above
		IF locked AND EXISTS (SELECT FROM @extschema@.schedules AS s WHERE s.id = wanted AND s.next_due <= result.began) THEN
			mine := mine || wanted;
		END IF;
	END LOOP;
	DELETE FROM @extschema@.refresh_log AS l USING (SELECT r.id, r.started_at, r.pid FROM @extschema@.refresh_log AS r
		WHERE r.id = ANY (result.ids) AND r.id <> ALL (mine) AND r.started_at = result.began AND r.pid = pg_backend_pid() FOR UPDATE SKIP LOCKED) AS g
	WHERE l.id = g.id AND l.started_at = g.started_at AND l.pid = g.pid;
	IF cardinality(mine) > 0 THEN
		failed := journey_internal.try_refresh(mine, result.as_of, result.began, ARRAY(SELECT s.id FROM @extschema@.schedules AS s WHERE s.id = ANY (mine) AND s.stale_inputs));
		FOREACH wanted IN ARRAY mine LOOP
			PERFORM journey_internal.reschedule(wanted, greatest(result.as_of, result.began), wanted = ANY (failed));
		END LOOP;
		result.done := result.done + cardinality(mine);
		result.failed := result.failed || failed;
	END IF;
	RETURN result;
END $$;

-- Each failure was a warning when it came; whoever looks at the exit code only wants an error.
FUNCTION journey_internal.raise_failures(claim journey_internal.claim) -> void LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of refresh_due: raises an error if any refresh failed.'
AS $$
BEGIN
	IF cardinality((claim).failed) > 0 THEN
		RAISE EXCEPTION '% of % refreshes failed: %', cardinality((claim).failed), greatest((claim).done, cardinality((claim).failed)),
			(SELECT string_agg(format('"%s"', d.name), ', ' ORDER BY d.name) FROM @extschema@.definitions AS d WHERE d.id = ANY ((claim).failed))
			USING HINT = 'What was done is done. refresh_progress says why the others failed.';
	END IF;
END $$;

-- It commits, so it cannot pin its search_path: nothing here but qualified names, and no operators.
CREATE PROCEDURE refresh_due(raise_error boolean DEFAULT false, as_superuser boolean DEFAULT false)
	LANGUAGE plpgsql
AS $$
DECLARE
	claim journey_internal.claim;
BEGIN
	PERFORM journey_internal.check_may_commit();
	-- what others have done meanwhile must be seen, whatever the default is
	COMMIT;
	SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
	LOOP
		claim := journey_internal.claim_due(claim, as_superuser);
		EXIT WHEN (claim).ids IS NULL;
		COMMIT;
		SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
		claim := journey_internal.run_claim(claim);
		COMMIT;
		SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
	END LOOP;
	COMMIT;
	IF raise_error THEN
		PERFORM journey_internal.raise_failures(claim);
	END IF;
END $$;
COMMENT ON PROCEDURE refresh_due(boolean, boolean) IS
	'Refreshes the scheduled segments and tags that are due and whose owners'' rights you have. Each is computed as of its scheduled time; those that others use come first. Each is committed separately, so a failure does not undo the others. Definitions that another session is computing are skipped. raise_error: raise an error at the end if any failed. as_superuser: a superuser also runs definitions of other roles. Cannot run inside a transaction block.';

CREATE VIEW refresh_progress WITH (security_invoker = true) AS
SELECT d.name, d.kind, s.next_due,
	CASE WHEN k.pid <> pg_backend_pid() OR k.pid IS NOT NULL AND l.status = 'running' THEN 'running' WHEN l.status = 'running' THEN 'interrupted' ELSE l.status END AS status,
	l.as_of, l.started_at, l.finished_at, coalesce(l.finished_at, clock_timestamp()) - l.started_at AS duration, l.users,
	CASE WHEN l.status = 'failed' THEN coalesce(m.error, format('failed with SQLSTATE %s; its owner may read why', l.sqlstate)) END AS error,
	coalesce(k.pid, l.pid) AS pid, l.runner, v.inputs
FROM @extschema@.definitions AS d
	LEFT JOIN @extschema@.schedules AS s ON s.id = d.id
	LEFT JOIN (SELECT k.objid::bigint AS key, min(k.pid) AS pid FROM pg_locks AS k
		WHERE k.locktype = 'advisory' AND k.granted AND k.classid::bigint = journey_internal.lock_space()
			AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())
		GROUP BY k.objid) AS k ON k.key = journey_internal.lock_key(d.id)
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.refresh_log AS l
		-- what runs now is in the log only if refresh_due() does it
		WHERE l.id = d.id AND (k.pid IS NULL OR k.pid = pg_backend_pid() OR l.status = 'running' AND l.pid = k.pid)
		-- a runner that was killed with work in its hand that another one has done is of no interest
		ORDER BY CASE l.status WHEN 'interrupted' THEN l.started_at ELSE coalesce(l.finished_at, l.started_at) END DESC, l.started_at DESC LIMIT 1) AS l ON true
	LEFT JOIN @extschema@.refresh_errors AS m ON m.id = l.id AND m.started_at = l.started_at AND m.pid = l.pid
	LEFT JOIN @extschema@.versions AS v ON l.status = 'succeeded' AND v.id = l.id AND v.as_of = l.as_of;
GRANT SELECT ON refresh_progress TO PUBLIC;
COMMENT ON VIEW refresh_progress IS
	'The latest refresh of each segment and tag that you may read: running, succeeded, failed, interrupted (its session has ended; the next runner will do it), or NULL if there was none; and when it is due next.';
COMMENT ON COLUMN refresh_progress.name IS 'The segment or tag.';
COMMENT ON COLUMN refresh_progress.kind IS 'segment or tag.';
COMMENT ON COLUMN refresh_progress.next_due IS 'When it is due next; NULL without a schedule.';
COMMENT ON COLUMN refresh_progress.status IS 'running, succeeded, failed, interrupted (its session has ended), or NULL if there was none.';
COMMENT ON COLUMN refresh_progress.as_of IS 'The time for which it is or was computed.';
COMMENT ON COLUMN refresh_progress.started_at IS 'When it began.';
COMMENT ON COLUMN refresh_progress.finished_at IS 'When it ended; NULL while it runs.';
COMMENT ON COLUMN refresh_progress.duration IS 'How long it took, or has taken so far.';
COMMENT ON COLUMN refresh_progress.users IS 'The number of users of the version.';
COMMENT ON COLUMN refresh_progress.error IS 'Why it failed. Only the owner sees the message, because it may quote data of the sources; others see the SQLSTATE.';
COMMENT ON COLUMN refresh_progress.inputs IS 'The versions of segments and tags from which it was computed.';
COMMENT ON COLUMN refresh_progress.pid IS 'The process id of the session.';
COMMENT ON COLUMN refresh_progress.runner IS 'The role that had logged in to that session.';
