-- job: when segments and tags are refreshed.

-- One field of a cron expression as the numbers it stands for.
FUNCTION journey_internal.cron_field(field text, what text, lower int, upper int, names text[] DEFAULT '{}') -> int[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'The numbers that one field of a cron expression denotes.'
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
			part := regexp_replace(part, '\m' || names[i] || '\M', (i - 1 + lower)::text, 'g');
		END LOOP;
		piece := regexp_match(part, '^(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?$');
		first := coalesce(piece[2]::int, lower);
		last := coalesce(piece[3]::int, CASE WHEN piece[2] IS NULL OR piece[4] IS NOT NULL THEN upper ELSE first END);
		step := coalesce(piece[4]::int, 1);
		IF piece IS NULL OR first < lower OR last > upper OR first > last OR step < 1 THEN
			RAISE EXCEPTION '"%" is no % of a cron expression', field, what USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Write *, numbers from %s to %s, ranges such as 1-5, steps such as */10, and lists of these.', lower, upper);
		END IF;
		result := result || ARRAY(SELECT generate_series(first, last, step));
	END LOOP;
	IF cardinality(result) = 0 THEN
		RAISE EXCEPTION 'a cron expression has an empty %', what USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN ARRAY(SELECT DISTINCT n FROM unnest(result) AS n ORDER BY n);
END $$;

-- The first time of a schedule after `at`, or the last one not after it.
FUNCTION journey_internal.schedule_time(schedule text, time_zone text, at timestamptz, forward boolean DEFAULT true) -> timestamptz LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The first time of a schedule after a time; if forward is false, the last time not after it. schedule: a cron expression of five fields in this time zone, or an interval. Multiples of an interval count from midnight, 1 January 2001 in this time zone; where clocks change, this is one o''clock for half of the year. If an hour occurs twice, it counts twice if the expression has * for the hour.'
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
	minutes := journey_internal.cron_field(fields[1], 'minute'::text, 0, 59, '{}'::text[]);
	hours := journey_internal.cron_field(fields[2], 'hour'::text, 0, 23, '{}'::text[]);
	days := journey_internal.cron_field(fields[3], 'day of month'::text, 1, 31, '{}'::text[]);
	months := journey_internal.cron_field(fields[4], 'month'::text, 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'::text[]);
	weekdays := journey_internal.cron_field(fields[5], 'day of week'::text, 0, 7, '{sun,mon,tue,wed,thu,fri,sat}'::text[]);
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

FUNCTION schedule_refresh(name text, schedule text, time_zone text DEFAULT current_setting('TimeZone'), retries int DEFAULT 0, retry_after interval DEFAULT '10 minutes', stale_inputs boolean DEFAULT false) -> timestamptz LANGUAGE plpgsql
	'Schedules a segment, tag or tracking plan of yours for refresh_due(): at the times of a cron expression in a time zone, such as ''30 2 * * *'', or at an interval, such as ''6 hours''. Returns when it is first due. retries: how often a failed refresh is retried before the next scheduled time; retry_after: the time between tries. stale_inputs: whether it may be computed from older versions if the refresh of what it uses failed.'
AS $$
#variable_conflict use_variable
DECLARE
	due timestamptz := journey_internal.schedule_time(schedule, time_zone, clock_timestamp(), true);
	one @extschema@.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	-- what is no Area/City is looked up, but for the session's zone, which can be a specification
	IF time_zone !~ '^[A-Za-z]+/[A-Za-z_/]+$' AND time_zone <> current_setting('TimeZone')
		AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE lower(z.name) = lower(time_zone)) THEN
		RAISE EXCEPTION 'time_zone "%" is a POSIX specification or an abbreviation, and not the name of a time zone', time_zone
			USING ERRCODE = 'invalid_parameter_value',
			DETAIL = 'In a specification + counts hours to the west: UTC+8 is eight hours behind UTC, not ahead. An abbreviation such as CST has several meanings.',
			HINT = 'Write a name such as ''Asia/Shanghai'', or ''Etc/GMT-8'' for eight hours ahead of UTC; pg_timezone_names lists them.';
	END IF;
	IF retries IS NULL OR retries NOT BETWEEN 0 AND 1000 THEN
		RAISE EXCEPTION 'retries is %', retries USING ERRCODE = 'invalid_parameter_value', HINT = 'How often what failed is tried again before its next time: from 0 to 1000.';
	ELSIF retry_after IS NULL OR retry_after < interval '1 second' THEN
		RAISE EXCEPTION 'retry_after is %', retry_after USING ERRCODE = 'invalid_parameter_value', HINT = 'How long after it failed it is tried again, such as ''10 minutes''.';
	ELSIF stale_inputs IS NULL THEN
		RAISE EXCEPTION 'stale_inputs must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	INSERT INTO @extschema@.schedules AS s (id, schedule, time_zone, next_due, retries, retry_after, stale_inputs) VALUES (one.id, schedule, time_zone, due, retries, retry_after, stale_inputs)
	ON CONFLICT ON CONSTRAINT schedules_pkey DO UPDATE SET schedule = excluded.schedule, time_zone = excluded.time_zone, next_due = excluded.next_due,
		retries = excluded.retries, retry_after = excluded.retry_after, stale_inputs = excluded.stale_inputs, failures = 0;
	RETURN due;
EXCEPTION WHEN foreign_key_violation THEN
	RAISE EXCEPTION '"%" was dropped at this moment', name USING ERRCODE = 'undefined_object';
END $$;

FUNCTION unschedule_refresh(name text) -> void LANGUAGE plpgsql
	'Removes the schedule of a segment or tag of yours.'
AS $$
DECLARE
	one @extschema@.definitions := journey_internal.own_definition(name, NULL::text);
BEGIN
	DELETE FROM @extschema@.schedules AS s WHERE s.id = one.id;
END $$;
