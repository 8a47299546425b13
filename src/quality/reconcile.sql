-- quality: a plan proposed from the data, and two sources that should say the same.

-- Nothing but names that are qualified: it runs with the caller's rights, and search_path pg_catalog.
FUNCTION plan_of(source text) -> jsonb LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'A tracking plan that the events of a source keep now, to be edited and given to create_plan: for each of the 200 most frequent events and each attribute whether it is required, its type, its values if there are at most 20 of them, its least and greatest number, and whether it is unique. Read with the caller''s rights. It reads the source twice and sorts the values of each attribute; of a large log give it a source over a part.'
AS $$
DECLARE
	reader CONSTANT regrole := journey_internal.caller()::regrole;
	ids CONSTANT bigint[] := journey_internal.source_ids(ARRAY[source], reader);
	stream text;
	result jsonb;
BEGIN
	PERFORM journey_internal.check_sources(ids, reader);
	stream := journey_internal.stream_query(ids, reader);
	SELECT r.plan INTO result FROM journey_internal.run_as(reader::oid, format($q$
		WITH n AS MATERIALIZED (SELECT e.event, pg_catalog.count(*) AS n FROM (%1$s) AS e WHERE e.event IS NOT NULL GROUP BY e.event ORDER BY 2 DESC, e.event COLLATE pg_catalog."C" LIMIT 200),
		a AS (SELECT e.event, a.key, pg_catalog.count(*) AS n, pg_catalog.count(DISTINCT a.value) AS values, pg_catalog.min(pg_catalog.jsonb_typeof(a.value)) AS type, pg_catalog.max(pg_catalog.jsonb_typeof(a.value)) AS other_type,
				pg_catalog.min(CASE WHEN pg_catalog.jsonb_typeof(a.value) = 'number' THEN a.value::pg_catalog.numeric END) AS least, pg_catalog.max(CASE WHEN pg_catalog.jsonb_typeof(a.value) = 'number' THEN a.value::pg_catalog.numeric END) AS most,
				pg_catalog.bool_and(CASE WHEN pg_catalog.jsonb_typeof(a.value) = 'number' THEN a.value::pg_catalog.numeric = pg_catalog.trunc(a.value::pg_catalog.numeric) END) AS whole,
				pg_catalog.bool_and((a.value #>> '{}') ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$') AS dates,
				COALESCE(%2$L::pg_catalog.jsonb ->> a.key IN ('text', 'character varying', 'character', 'name'), true) AS is_text
			FROM (%1$s) AS e, pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(e.attrs) WHEN 'object' THEN e.attrs END) AS a
			WHERE e.event IS NOT NULL AND pg_catalog.jsonb_typeof(a.value) <> 'null' GROUP BY e.event, a.key),
		few AS (SELECT DISTINCT e.event, a.key, a.value FROM (%1$s) AS e, pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(e.attrs) WHEN 'object' THEN e.attrs END) AS a
			WHERE (e.event, a.key) IN (SELECT f.event, f.key FROM a AS f WHERE f.values <= 20 AND f.n >= 10 * f.values AND f.type = 'string' AND f.other_type = 'string' AND f.is_text) AND pg_catalog.jsonb_typeof(a.value) <> 'null'),
		lists AS (SELECT f.event, f.key, pg_catalog.jsonb_agg(f.value ORDER BY f.value #>> '{}' COLLATE pg_catalog."C") AS list FROM few AS f GROUP BY f.event, f.key),
		spec AS (SELECT a.event, pg_catalog.jsonb_object_agg(a.key, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('required', CASE WHEN a.n = n.n THEN true END,
				'type', CASE WHEN NOT a.is_text AND a.type = 'string' THEN CASE WHEN %2$L::pg_catalog.jsonb ->> a.key = 'date' THEN 'date' WHEN %2$L::pg_catalog.jsonb ->> a.key LIKE 'timestamp %%' THEN 'time' END WHEN a.type <> a.other_type THEN NULL WHEN a.type = 'number' AND a.whole THEN 'integer' WHEN a.type = 'string' AND a.dates THEN 'date' WHEN a.type IN ('number', 'string', 'boolean') THEN a.type END,
				'values', l.list, 'min', CASE WHEN a.type = 'number' AND a.other_type = 'number' THEN a.least END, 'max', CASE WHEN a.type = 'number' AND a.other_type = 'number' THEN a.most END,
				'unique', CASE WHEN a.values = a.n AND a.n >= 20 AND (a.type = 'string' OR a.whole) THEN true END))) AS spec
			FROM a JOIN n ON n.event = a.event LEFT JOIN lists AS l ON l.event = a.event AND l.key = a.key GROUP BY a.event)
		SELECT pg_catalog.jsonb_build_object('only', (SELECT pg_catalog.count(*) < 200 FROM n), 'events', COALESCE(pg_catalog.jsonb_object_agg(n.event, CASE WHEN s.spec IS NULL THEN '{}'::pg_catalog.jsonb ELSE pg_catalog.jsonb_build_object('attributes', s.spec) END), '{}')) FROM n LEFT JOIN spec AS s ON s.event = n.event
	$q$, stream, (SELECT s.attributes FROM @extschema@.sources AS s WHERE s.id = ids[1])), now()) AS r(plan jsonb);
	RETURN result;
END $$;

-- Events that have the same keys are paired in their order of time, the first with the first.
FUNCTION journey_internal.do_reconcile_query(source_a text, source_b text, keys text[], within interval) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of reconcile_query, which calls it: what that does.'
AS $$
DECLARE
	reader CONSTANT regrole := journey_internal.caller()::regrole;
	a CONSTANT bigint[] := journey_internal.source_ids(ARRAY[source_a], reader);
	b CONSTANT bigint[] := journey_internal.source_ids(ARRAY[source_b], reader);
	list text;
	side text;
BEGIN
	IF keys IS NULL OR cardinality(keys) = 0 OR array_position(keys, NULL) IS NOT NULL THEN
		RAISE EXCEPTION 'keys is %', coalesce(keys::text, 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the attributes that identify an event in both sources, such as ''{order_no}''. user_id may be one of them.';
	ELSIF within IS NULL OR within < interval '0' OR extract(year FROM within) <> 0 OR extract(month FROM within) <> 0 THEN
		RAISE EXCEPTION 'within is %', coalesce(within::text, 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'Write how far apart the times of an event may be in the two sources, such as ''1 hour''.';
	END IF;
	IF 'user_id' = ANY (keys) THEN
		PERFORM journey_internal.check_same_persons(a || b);
	END IF;
	SELECT string_agg(CASE k.key WHEN 'user_id' THEN 'e.user_id::pg_catalog.text' ELSE format('(e.attrs ->> %L::pg_catalog.text)', k.key) END, ', ' ORDER BY k.place) INTO list FROM unnest(keys) WITH ORDINALITY AS k(key, place);
	side := format('SELECT ARRAY[%s]::pg_catalog.text[] AS k, e.user_id, e.at, e.event, e.value FROM (%%s) AS e', replace(list, '%', '%%'));
	side := format('SELECT s.*, CASE WHEN pg_catalog.array_position(s.k, NULL) IS NULL THEN pg_catalog.row_number() OVER (PARTITION BY s.k ORDER BY s.at, s.value, s.event COLLATE pg_catalog."C", s.user_id) END AS n FROM (%s) AS s', side);
	RETURN format('SELECT COALESCE(a.k, b.k) AS k, a.k IS NOT NULL AS in_a, b.k IS NOT NULL AS in_b, a.user_id AS user_a, b.user_id AS user_b, a.event AS event_a, b.event AS event_b, a.at AS at_a, b.at AS at_b, a.value AS value_a, b.value AS value_b
		FROM (%s) AS a FULL JOIN (%s) AS b ON a.k = b.k AND a.n = b.n 
			AND (a.at <= LEAST(b.at, ''290000-01-01 00:00:00+00''::pg_catalog.timestamptz) + %3$L::pg_catalog.interval OR a.at <= b.at)
			AND (b.at <= LEAST(a.at, ''290000-01-01 00:00:00+00''::pg_catalog.timestamptz) + %3$L::pg_catalog.interval OR b.at <= a.at)',
		format(side, journey_internal.stream_query(a, reader)), format(side, journey_internal.stream_query(b, reader)), make_interval(secs => extract(epoch FROM within)::float8));
END $$;
FUNCTION journey_internal.reconcile_query(source_a text, source_b text, keys text[], within interval) -> text CALLS short_context STABLE PARALLEL UNSAFE
	'Support function of reconcile: the SELECT of the pairs of events, and of those without another.';

FUNCTION reconcile(source_a text, source_b text, keys text[], within interval, unit text DEFAULT 'day')
	-> TABLE (bucket timestamptz, in_both bigint, only_a bigint, only_b bigint, value_a double precision, value_b double precision, different_values bigint) LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Which events are in both of two sources, such as the app''s log and the ledger, by the bucket of their time in source_a, or else in source_b, in the session''s time zone. Two events are one if all keys, attributes or user_id, are equal as texts and not NULL, and their times are at most within apart; if several have the same keys, the first is paired with the first, the second with the second, and so on, by time. value_a, value_b: sums of the values of events that are in both; different_values: those whose values differ. Read with the caller''s rights. unit: hour, day, week, month or quarter.'
AS $$
DECLARE
	query text;
BEGIN
	PERFORM journey_internal.check_sources(journey_internal.source_ids(ARRAY[source_a], journey_internal.caller()::regrole), journey_internal.caller()::regrole);
	PERFORM journey_internal.check_sources(journey_internal.source_ids(ARRAY[source_b], journey_internal.caller()::regrole), journey_internal.caller()::regrole);
	IF unit IS NULL OR lower(unit) <> ALL ('{hour,day,week,month,quarter}') THEN
		RAISE EXCEPTION 'unit is %', coalesce(format('"%s"', unit), 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'Write ''hour'', ''day'', ''week'', ''month'' or ''quarter''.';
	END IF;
	query := journey_internal.reconcile_query(source_a, source_b, keys, within);
	RETURN QUERY SELECT r.bucket, r.pairs, r.only_a, r.only_b, r.value_a, r.value_b, r.different
		FROM journey_internal.run_as(journey_internal.caller()::regrole::oid, format($q$
			SELECT pg_catalog.date_trunc(%L::pg_catalog.text, COALESCE(p.at_a, p.at_b)), pg_catalog.count(*) FILTER (WHERE p.in_a AND p.in_b), pg_catalog.count(*) FILTER (WHERE NOT p.in_b), pg_catalog.count(*) FILTER (WHERE NOT p.in_a),
				COALESCE(pg_catalog.sum(p.value_a) FILTER (WHERE p.in_a AND p.in_b), 0), COALESCE(pg_catalog.sum(p.value_b) FILTER (WHERE p.in_a AND p.in_b), 0), pg_catalog.count(*) FILTER (WHERE p.in_a AND p.in_b AND p.value_a IS DISTINCT FROM p.value_b)
			FROM (%s) AS p GROUP BY 1 ORDER BY 1$q$, lower(unit), query), now())
			AS r(bucket timestamptz, pairs bigint, only_a bigint, only_b bigint, value_a double precision, value_b double precision, different bigint);
END $$;

FUNCTION reconcile_list(source_a text, source_b text, keys text[], within interval)
	-> TABLE (problem text, key text[], user_a bigint, user_b bigint, event_a text, event_b text, at_a timestamptz, at_b timestamptz, value_a double precision, value_b double precision) LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The events that reconcile() counts as only_a, only_b and different_values, one a row, by time. problem: only_a, only_b or value.'
AS $$
DECLARE
	query text;
BEGIN
	PERFORM journey_internal.check_sources(journey_internal.source_ids(ARRAY[source_a], journey_internal.caller()::regrole), journey_internal.caller()::regrole);
	PERFORM journey_internal.check_sources(journey_internal.source_ids(ARRAY[source_b], journey_internal.caller()::regrole), journey_internal.caller()::regrole);
	query := journey_internal.reconcile_query(source_a, source_b, keys, within);
	RETURN QUERY SELECT r.problem, r.key, r.user_a, r.user_b, r.event_a, r.event_b, r.at_a, r.at_b, r.value_a, r.value_b
		FROM journey_internal.run_as(journey_internal.caller()::regrole::oid, format($q$
			SELECT CASE WHEN NOT p.in_b THEN 'only_a' WHEN NOT p.in_a THEN 'only_b' ELSE 'value' END, p.k, p.user_a, p.user_b, p.event_a, p.event_b, p.at_a, p.at_b, p.value_a, p.value_b
			FROM (%s) AS p WHERE NOT p.in_a OR NOT p.in_b OR p.value_a IS DISTINCT FROM p.value_b ORDER BY COALESCE(p.at_a, p.at_b), p.k, 1$q$, query), now())
			AS r(problem text, key text[], user_a bigint, user_b bigint, event_a text, event_b text, at_a timestamptz, at_b timestamptz, value_a double precision, value_b double precision);
END $$;
