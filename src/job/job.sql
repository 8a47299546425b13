-- job: refreshing segments and tags when they are due.

-- ---- schedules ------------------------------------------------------------------------

-- One field of a cron expression as the numbers it stands for.
CREATE FUNCTION cron_field(field text, what text, low int, high int, names text[] DEFAULT '{}') RETURNS int[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	part text;
	piece text[];
	first int;
	last int;
	step int;
	result int[] := '{}';
	i int;
BEGIN
	FOREACH part IN ARRAY string_to_array(lower(field), ',') LOOP
		FOR i IN 1 .. cardinality(names) LOOP
			part := regexp_replace(part, '\m' || names[i] || '\M', (i - 1 + low)::text, 'g');
		END LOOP;
		piece := regexp_match(part, '^(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?$');
		first := coalesce(piece[2]::int, low);
		last := coalesce(piece[3]::int, CASE WHEN piece[2] IS NULL OR piece[4] IS NOT NULL THEN high ELSE first END);
		step := coalesce(piece[4]::int, 1);
		IF piece IS NULL OR first < low OR last > high OR first > last OR step < 1 THEN
			RAISE EXCEPTION '"%" is no % of a cron expression', field, what USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Write *, numbers from %s to %s, ranges such as 1-5, steps such as */10, and lists of these.', low, high);
		END IF;
		result := result || ARRAY(SELECT generate_series(first, last, step));
	END LOOP;
	IF cardinality(result) = 0 THEN
		RAISE EXCEPTION 'a cron expression has an empty %', what USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN ARRAY(SELECT DISTINCT n FROM unnest(result) AS n ORDER BY n);
END $$;
COMMENT ON FUNCTION cron_field(text, text, int, int, text[]) IS 'The numbers that one field of a cron expression stands for.';

-- The first time of a schedule after `at`, or the last one not after it.
CREATE FUNCTION schedule_time(schedule text, time_zone text, at timestamptz, forward boolean DEFAULT true) RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	fields text[] := regexp_split_to_array(btrim(schedule), '\s+');
	every interval;
	minutes int[];
	hours int[];
	days int[];
	months int[];
	weekdays int[];
	today date;
	result timestamptz;
	tried int;
BEGIN
	IF schedule IS NULL OR time_zone IS NULL OR at IS NULL THEN
		RAISE EXCEPTION 'schedule, time_zone and at must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	BEGIN
		today := (at AT TIME ZONE time_zone)::date;
	EXCEPTION WHEN invalid_parameter_value THEN
		RAISE EXCEPTION 'time zone "%" does not exist', time_zone USING ERRCODE = 'invalid_parameter_value', HINT = 'Write the name of one, such as ''Asia/Shanghai'' or ''UTC''.';
	END;
	IF cardinality(fields) <> 5 OR schedule ~* '[0-9]\s+(second|sec|minute|min|hour|day|week|month|year)s?\M' THEN
		BEGIN
			every := schedule::interval;
		EXCEPTION WHEN invalid_datetime_format OR interval_field_overflow OR datetime_field_overflow THEN
			RAISE EXCEPTION '"%" is no schedule', schedule USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write a cron expression of five fields, such as ''30 2 * * *'' for 02:30 every day, or an interval such as ''6 hours''.';
		END;
		IF extract(year FROM every) <> 0 OR extract(month FROM every) <> 0 OR every < interval '1 minute' THEN
			RAISE EXCEPTION 'the schedule "%" has months, or is shorter than a minute', schedule USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Use days, hours or minutes; for every month a cron expression such as ''0 3 1 * *''.';
		END IF;
		-- multiples of the interval since a midnight: so that many schedules agree
		result := date_bin(every, at, '2001-01-01'::timestamp AT TIME ZONE time_zone);
		RETURN CASE WHEN forward THEN result + make_interval(secs => extract(epoch FROM every)) ELSE result END;
	END IF;
	minutes := @extschema@.cron_field(fields[1], 'minute'::text, 0, 59, '{}'::text[]);
	hours := @extschema@.cron_field(fields[2], 'hour'::text, 0, 23, '{}'::text[]);
	days := @extschema@.cron_field(fields[3], 'day of month'::text, 1, 31, '{}'::text[]);
	months := @extschema@.cron_field(fields[4], 'month'::text, 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'::text[]);
	weekdays := @extschema@.cron_field(fields[5], 'day of week'::text, 0, 7, '{sun,mon,tue,wed,thu,fri,sat}'::text[]);
	IF 7 = ANY (weekdays) THEN
		weekdays := weekdays || 0;
	END IF;
	-- a day with all that is asked for comes within 28 years, or never: 29 February on one weekday
	FOR tried IN 0 .. 10300 LOOP
		IF extract(month FROM today) <> ALL (months) THEN
			-- to the day before the next month, or that after the one before
			today := date_trunc('month', today)::date + CASE WHEN forward THEN interval '1 month' - interval '1 day' ELSE interval '0' END;
		ELSIF
			-- as cron has it: if both are restricted, one of them is enough
			(CASE WHEN left(fields[3], 1) <> '*' AND left(fields[5], 1) <> '*'
				THEN extract(day FROM today) = ANY (days) OR extract(dow FROM today) = ANY (weekdays)
				ELSE extract(day FROM today) = ANY (days) AND extract(dow FROM today) = ANY (weekdays) END)
		THEN
			SELECT CASE WHEN forward THEN min(t) FILTER (WHERE t > at) ELSE max(t) FILTER (WHERE t <= at) END INTO result
			FROM unnest(hours) AS h, unnest(minutes) AS m, LATERAL (
				SELECT (today + make_interval(hours => h, mins => m)) AT TIME ZONE time_zone AS t
				-- an hour that comes twice, when clocks are set back, counts twice for who names no hour
				UNION ALL
				SELECT l.t - back FROM (SELECT (today + make_interval(hours => h, mins => m)) AT TIME ZONE time_zone) AS l(t), unnest('{30 min,1 hour}'::interval[]) AS back
				WHERE left(fields[2], 1) = '*' AND (l.t - back) AT TIME ZONE time_zone = today + make_interval(hours => h, mins => m)) AS u;
			IF result IS NOT NULL THEN
				RETURN result;
			END IF;
		END IF;
		today := today + CASE WHEN forward THEN 1 ELSE -1 END;
	END LOOP;
	RAISE EXCEPTION 'the schedule "%" never comes', schedule USING ERRCODE = 'invalid_parameter_value', HINT = 'Is there such a day?';
END $$;
COMMENT ON FUNCTION schedule_time(text, text, timestamptz, boolean) IS
	'The first time of a schedule after a time; with forward false the last one not after it. schedule: a cron expression of five fields in that time zone, or an interval, whose multiples count from midnight (of 1 January 2001 there: where clocks are changed, from one o''clock for half of the year). An hour that comes twice counts twice if the expression has * for the hour.';

CREATE TABLE schedules (
	id bigint PRIMARY KEY REFERENCES definitions ON DELETE CASCADE,
	schedule text NOT NULL,
	time_zone text NOT NULL,
	next_due timestamptz NOT NULL
);
ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON schedules FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id));
CREATE POLICY owners_add ON schedules FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id AND @extschema@.may_restore(d.owner)));
CREATE POLICY owners_change ON schedules FOR UPDATE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id AND @extschema@.owns(d.owner)));
CREATE POLICY owners_drop ON schedules FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = schedules.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('schedules', '');
COMMENT ON TABLE schedules IS 'When segments and tags are refreshed. refresh_due() does what is due.';

CREATE FUNCTION schedule_refresh(name text, schedule text, time_zone text DEFAULT current_setting('TimeZone')) RETURNS timestamptz
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	due timestamptz := @extschema@.schedule_time(schedule, time_zone, clock_timestamp(), true);
	one @extschema@.definitions := @extschema@.own_definition(name, NULL::text);
BEGIN
	-- what is no Area/City is looked up, but for the session's zone, which can be a specification
	IF time_zone !~ '^[A-Za-z]+/[A-Za-z_/]+$' AND time_zone <> current_setting('TimeZone')
		AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE lower(z.name) = lower(time_zone)) THEN
		RAISE EXCEPTION 'time_zone "%" is a POSIX specification or an abbreviation, and not the name of a time zone', time_zone
			USING ERRCODE = 'invalid_parameter_value',
			DETAIL = 'In a specification + counts hours to the west: UTC+8 is eight hours behind UTC, not ahead. An abbreviation such as CST has several meanings.',
			HINT = 'Write a name such as ''Asia/Shanghai'', or ''Etc/GMT-8'' for eight hours ahead of UTC; pg_timezone_names lists them.';
	END IF;
	INSERT INTO @extschema@.schedules AS s (id, schedule, time_zone, next_due) VALUES (one.id, schedule, time_zone, due)
	ON CONFLICT ON CONSTRAINT schedules_pkey DO UPDATE SET schedule = excluded.schedule, time_zone = excluded.time_zone, next_due = excluded.next_due;
	RETURN due;
END $$;
COMMENT ON FUNCTION schedule_refresh(text, text, text) IS
	'Has a segment or tag of yours refreshed regularly by refresh_due(): at the times of a cron expression in a time zone, such as ''30 2 * * *'', or every interval, such as ''6 hours''. Returns when it is due first.';

CREATE FUNCTION unschedule_refresh(name text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.own_definition(name, NULL::text);
BEGIN
	DELETE FROM @extschema@.schedules AS s WHERE s.id = one.id;
END $$;
COMMENT ON FUNCTION unschedule_refresh(text) IS 'Has a segment or tag of yours no longer refreshed regularly.';

-- ---- running what is due --------------------------------------------------------------

CREATE TYPE claim AS (ids bigint[], as_of timestamptz, began timestamptz, passed bigint[]);
COMMENT ON TYPE claim IS 'What a runner of refresh_due() has taken on: which definitions, as of when, since when; and those that it is done with or that others do.';

-- A schedule that cannot be read any more is not due again until somebody sets another.
CREATE FUNCTION give_up_schedule(id bigint) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schedule @extschema@.schedules;
BEGIN
	SELECT * INTO schedule FROM @extschema@.schedules AS s WHERE s.id = give_up_schedule.id FOR UPDATE;
	PERFORM @extschema@.schedule_time(schedule.schedule, schedule.time_zone, clock_timestamp(), forward)
	FROM unnest('{true,false}'::boolean[]) AS forward WHERE schedule.id IS NOT NULL;
EXCEPTION WHEN OTHERS THEN
	INSERT INTO @extschema@.refresh_log (id, started_at, finished_at, status, message)
	VALUES (give_up_schedule.id, clock_timestamp(), clock_timestamp(), 'failed', SQLERRM);
	UPDATE @extschema@.schedules AS s SET next_due = 'infinity' WHERE s.id = give_up_schedule.id;
	RAISE WARNING 'the schedule of "%" cannot be read: %', (SELECT d.name FROM @extschema@.definitions AS d WHERE d.id = give_up_schedule.id), SQLERRM;
END $$;
COMMENT ON FUNCTION give_up_schedule(bigint) IS 'Support function of refresh_due: a schedule that cannot be read is recorded as failed, and no longer due. Others are left alone.';

-- Take what is due first, and say so in the log. ids is NULL when nothing is left.
CREATE FUNCTION claim_due(before claim) RETURNS claim
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result @extschema@.claim;
	pending bigint[];
	wanting bigint[];
	due bigint[];
	ready bigint[];
	wanted bigint;
	mine boolean;
BEGIN
	result.passed := coalesce((before).passed, '{}') || coalesce((before).ids, '{}');
	LOOP
		SELECT array_agg(s.id) INTO pending FROM @extschema@.schedules AS s JOIN @extschema@.definitions AS d USING (id)
		WHERE s.next_due <= clock_timestamp() AND @extschema@.owns(d.owner) AND @extschema@.is_role(d.owner);
		SELECT array_agg(p) INTO wanting FROM unnest(pending) AS p WHERE p <> ALL (result.passed);
		-- from what a runner did not come back, as it took too long, must not keep all others waiting: these first
		SELECT array_agg(w) INTO due FROM unnest(wanting) AS w WHERE NOT EXISTS (SELECT FROM @extschema@.refresh_log AS l
			WHERE l.id = w AND l.status = 'running' AND l.started_at > coalesce((SELECT max(e.finished_at) FROM @extschema@.refresh_log AS e WHERE e.id = w), '-infinity'));
		-- what another session is at comes before what uses it, directly or not; that session will do both
		LOOP
			SELECT array_agg(d.id) INTO ready FROM @extschema@.definitions AS d
			WHERE d.id = ANY (due) AND NOT EXISTS (SELECT FROM @extschema@.definition_uses AS u WHERE u.id = d.id AND u.used = ANY (pending) AND u.used <> ALL (due));
			IF coalesce(cardinality(ready), 0) = coalesce(cardinality(due), 0) THEN
				EXIT WHEN ready IS NOT NULL OR wanting IS NULL;
				ready := wanting;
				wanting := NULL;
			END IF;
			due := ready;
		END LOOP;
		IF due IS NULL THEN
			result.ids := NULL;
			RETURN result;
		END IF;
		-- the first batch; of it those that are due for the same time
		SELECT b.batch INTO due FROM @extschema@.batches(due) AS b
		ORDER BY b.place, (SELECT max(l.started_at) FROM @extschema@.refresh_log AS l WHERE l.id = ANY (b.batch) AND l.status = 'running') NULLS FIRST, b.batch LIMIT 1;
		BEGIN
			SELECT array_agg(t.id), t.at INTO ready, result.as_of
			FROM (SELECT s.id, @extschema@.schedule_time(s.schedule, s.time_zone, clock_timestamp(), false) AS at
				FROM @extschema@.schedules AS s WHERE s.id = ANY (due)) AS t GROUP BY t.at ORDER BY t.at LIMIT 1;
		EXCEPTION WHEN OTHERS THEN
			-- rows are written by hand, too, and time zones come and go: that stops nobody else
			FOREACH wanted IN ARRAY due LOOP
				PERFORM @extschema@.give_up_schedule(wanted);
			END LOOP;
			IF NOT EXISTS (SELECT FROM @extschema@.schedules AS s WHERE s.id = ANY (due) AND s.next_due = 'infinity') THEN
				result.passed := result.passed || due;
			END IF;
			CONTINUE;
		END;
		due := coalesce(ready, '{}');
		result.ids := '{}';
		FOREACH wanted IN ARRAY due LOOP
			mine := @extschema@.try_lock(wanted);
			-- who had the lock may have done it meanwhile: a statement of its own sees that
			IF mine AND EXISTS (SELECT FROM @extschema@.schedules AS s WHERE s.id = wanted AND s.next_due <= clock_timestamp()) THEN
				result.ids := result.ids || wanted;
			ELSE
				result.passed := result.passed || wanted;
			END IF;
		END LOOP;
		EXIT WHEN cardinality(result.ids) > 0;
	END LOOP;
	result.began := clock_timestamp();
	INSERT INTO @extschema@.refresh_log (id, as_of, started_at, status)
	SELECT n, result.as_of, result.began, 'running' FROM unnest(result.ids) AS n;
	RETURN result;
END $$;
COMMENT ON FUNCTION claim_due(claim) IS 'Support function of refresh_due: takes what is due first and writes into the log that it is running.';

-- Do it, unless somebody else has meanwhile.
CREATE FUNCTION run_claim(claim claim) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	mine bigint[] := '{}';
	wanted bigint;
	schedule record;
BEGIN
	FOREACH wanted IN ARRAY (claim).ids LOOP
		IF @extschema@.try_lock(wanted) THEN
			SELECT s.next_due INTO schedule FROM @extschema@.schedules AS s WHERE s.id = wanted FOR UPDATE;
			IF schedule.next_due <= (claim).began THEN
				mine := mine || wanted;
			END IF;
		END IF;
	END LOOP;
	DELETE FROM @extschema@.refresh_log AS l
	WHERE l.id = ANY ((claim).ids) AND l.id <> ALL (mine) AND l.started_at = (claim).began AND l.pid = pg_backend_pid();
	IF cardinality(mine) > 0 THEN
		PERFORM @extschema@.try_refresh(mine, (claim).as_of, (claim).began);
		BEGIN
			UPDATE @extschema@.schedules AS s
			SET next_due = @extschema@.schedule_time(s.schedule, s.time_zone, greatest((claim).as_of, (claim).began), true)
			WHERE s.id = ANY (mine);
		EXCEPTION WHEN OTHERS THEN
			FOREACH wanted IN ARRAY mine LOOP
				PERFORM @extschema@.give_up_schedule(wanted);
			END LOOP;
			UPDATE @extschema@.schedules AS s
			SET next_due = @extschema@.schedule_time(s.schedule, s.time_zone, greatest((claim).as_of, (claim).began), true)
			WHERE s.id = ANY (mine) AND s.next_due <> 'infinity';
		END;
	END IF;
END $$;
COMMENT ON FUNCTION run_claim(claim) IS 'Support function of refresh_due: computes what was claimed, and says when it is due next.';

-- It commits, so it cannot pin its search_path: nothing here but qualified names, and no operators.
CREATE PROCEDURE refresh_due()
	LANGUAGE plpgsql
AS $$
DECLARE
	claim @extschema@.claim;
BEGIN
	LOOP
		claim := @extschema@.claim_due(claim);
		EXIT WHEN (claim).ids IS NULL;
		COMMIT;
		PERFORM @extschema@.run_claim(claim);
		COMMIT;
	END LOOP;
END $$;
COMMENT ON PROCEDURE refresh_due() IS
	'Refreshes the scheduled segments and tags that are due and whose owners'' rights you have: first those that others use, each as of the time for which it was scheduled, and commits each, so that one failure does not undo the others. What another session is computing is left to it. Cannot run inside a transaction block.';

CREATE VIEW refresh_progress WITH (security_invoker = true) AS
SELECT d.name, d.kind, s.next_due,
	CASE WHEN l.status IS NULL OR l.status <> 'running' THEN l.status
		WHEN EXISTS (SELECT FROM pg_locks AS k
			WHERE k.locktype = 'advisory' AND k.granted AND k.pid = l.pid AND k.classid::bigint = @extschema@.lock_space()
				AND k.objid::bigint = @extschema@.lock_key(d.id)
				AND k.database = (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database())) THEN 'running'
		ELSE 'interrupted' END AS status,
	l.as_of, l.started_at, l.finished_at, coalesce(l.finished_at, clock_timestamp()) - l.started_at AS duration, l.users, l.message, l.pid, l.runner
FROM @extschema@.definitions AS d
	LEFT JOIN @extschema@.schedules AS s ON s.id = d.id
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.refresh_log AS l WHERE l.id = d.id
		-- a runner that was killed with work in its hand that another one has done is of no interest
		ORDER BY coalesce(l.finished_at, l.started_at) DESC, l.started_at DESC LIMIT 1) AS l ON true;
GRANT SELECT ON refresh_progress TO PUBLIC;
COMMENT ON VIEW refresh_progress IS
	'The latest refresh of each segment and tag that you may read: running, done, failed, NULL if there was none, or interrupted (its session is gone; what is due will be done by the next runner), and when it is due next.';
COMMENT ON COLUMN refresh_progress.name IS 'The segment or tag.';
COMMENT ON COLUMN refresh_progress.kind IS 'segment or tag.';
COMMENT ON COLUMN refresh_progress.next_due IS 'When it is due next; NULL without a schedule.';
COMMENT ON COLUMN refresh_progress.status IS 'running, done, failed, interrupted (its session is gone), or NULL if there was none.';
COMMENT ON COLUMN refresh_progress.as_of IS 'The time for which it is or was computed.';
COMMENT ON COLUMN refresh_progress.started_at IS 'When it began.';
COMMENT ON COLUMN refresh_progress.finished_at IS 'When it ended; NULL while it runs.';
COMMENT ON COLUMN refresh_progress.duration IS 'How long it took, or has taken so far.';
COMMENT ON COLUMN refresh_progress.users IS 'How many users the version has.';
COMMENT ON COLUMN refresh_progress.message IS 'Why it failed.';
COMMENT ON COLUMN refresh_progress.pid IS 'The process that did it.';
COMMENT ON COLUMN refresh_progress.runner IS 'The role that had logged in there.';
