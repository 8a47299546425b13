-- quality: tracking plans: what the events of a source should be, and which are not.

INSERT INTO methods (kind, method, query_function, rows_function) VALUES
	('plan', 'plan', 'journey_internal.compile_plan', 'journey_internal.store_checks');

TABLE version_checks (
	id bigint,
	as_of timestamptz,
	place int COMMENT 'The place of the rule in the plan as it was then, from 1.',
	rule text NOT NULL,
	dimension text NOT NULL,
	event text COMMENT 'The event; NULL: all events.',
	attribute text COMMENT 'The attribute; NULL: the event itself.',
	rows bigint NOT NULL,
	bad bigint NOT NULL,
	example jsonb,
	PRIMARY KEY (id, as_of, place),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
) OF DEFINITIONS DUMPED
	'What refreshes of tracking plans found, rule by rule. Visible to readers of the plan.';

-- an owner may write its definitions by hand, and everybody reads the view of all plans
ALTER TABLE definitions ADD CONSTRAINT definitions_plan_check CHECK (kind <> 'plan' OR definition::jsonb IS NOT NULL);

-- ---- compiling ------------------------------------------------------------------------

-- All rules of one event are tested by one CASE in one pass. What one event alone cannot tell is a query of its own.
FUNCTION journey_internal.plan_query(plan jsonb, rules journey_internal.plan_rule[], source_query text, lower timestamptz, upper timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of tracking plans: the SELECT of place, rule, dimension, event, attribute, rows, bad and example for each rule, over the events from lower (inclusive) to upper (exclusive).'
AS $$
DECLARE
	events CONSTANT text := format('(%s) AS e', source_query);
	span CONSTANT text := format('(e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz)', coalesce(lower, '-infinity'), coalesce(upper, 'infinity'));
	named CONSTANT text[] := ARRAY(SELECT n FROM jsonb_object_keys(plan -> 'events') AS n WHERE n <> '*' ORDER BY n COLLATE "C");
	one record;
	kinds text := '';
	faults text := '';
	common text;
	tests text;
	conditions text[];
	numbers int[];
	places text[] := '{}';
	found text := '';
	mine text;
BEGIN
	IF cardinality(named) > 999 THEN
		RAISE EXCEPTION 'the plan has % events, more than 999', cardinality(named) USING ERRCODE = 'program_limit_exceeded';
	END IF;
	-- Rules of all events are part 1, so that they are tested once; those of one event are part 2. An event that the plan does
	-- not name is of kind 0.
	FOR k IN -1 .. cardinality(named) LOOP
		SELECT coalesce(array_agg(format('(%s)', u.condition) ORDER BY u.place), '{}'), array_agg(u.place ORDER BY u.place) INTO conditions, numbers
		FROM unnest(rules) WITH ORDINALITY AS u(event, attribute, rule, dimension, form, condition, place)
		WHERE CASE k WHEN -1 THEN u.form = 'row' AND u.event IS NULL WHEN 0 THEN u.form = 'other' ELSE u.form = 'row' AND u.event = named[k] END;
		IF cardinality(conditions) > journey_internal.most_steps() THEN
			RAISE EXCEPTION '% has % rules, more than %', CASE WHEN k > 0 THEN format('event "%s"', named[k]) ELSE 'the event "*"' END, cardinality(conditions), journey_internal.most_steps()
				USING ERRCODE = 'program_limit_exceeded', HINT = 'Divide them between two plans.';
		END IF;
		places := places || ARRAY(SELECT format('(%s, %s, %s, %s)', numbers[i], l, i, CASE k WHEN -1 THEN 1 ELSE 2 END)
				FROM generate_subscripts(conditions, 1) AS i, generate_series(greatest(k, 0), CASE k WHEN -1 THEN cardinality(named) ELSE k END) AS l)
			|| ARRAY(SELECT format('(%s, %s, -1, 2)', u.place, k) FROM unnest(rules) WITH ORDINALITY AS u(event, attribute, rule, dimension, form, condition, place) WHERE u.form = 'other' AND k > 0);
		IF k > 0 THEN
			kinds := kinds || format(' WHEN %L::pg_catalog.text THEN %s', named[k], k);
		END IF;
		tests := format('@extschema@.steps(%s)', array_to_string(conditions, ', '));
		CASE
			WHEN conditions = '{}' THEN NULL;
			WHEN k = -1 THEN common := tests;
			ELSE faults := faults || format(' WHEN %s THEN %s', k, tests);
		END CASE;
	END LOOP;
	-- the table scan evaluates these for the rows of a page together
	kinds := CASE WHEN kinds = '' THEN '0' WHEN cardinality(named) > journey_internal.most_steps() THEN format('CASE e.event%s ELSE 0 END', kinds)
		ELSE format('journey_internal.first_step(@extschema@.step_of(e.event, %L::pg_catalog.text[]))', named) END;
	FOR one IN SELECT * FROM unnest(rules) WITH ORDINALITY AS u(event, attribute, rule, dimension, form, condition, place) WHERE u.form NOT IN ('row', 'other') LOOP
		mine := CASE WHEN one.event IS NULL THEN span ELSE format('%s AND e.event = %L::pg_catalog.text', span, one.event) END;
		found := found || ' UNION ALL ' || CASE one.form
			WHEN 'unique' THEN format('SELECT %s, pg_catalog.sum(g.n), pg_catalog.sum(g.n - 1), pg_catalog.min(g.at) FILTER (WHERE g.n > 1), NULL::pg_catalog.int8 FROM (SELECT pg_catalog.count(*) AS n, pg_catalog.min(e.at) AS at FROM %s WHERE %s AND %4$s IS NOT NULL GROUP BY %4$s) AS g',
				one.place, events, mine, one.condition)
			WHEN 'most' THEN format('SELECT %s, pg_catalog.sum(g.n), pg_catalog.sum(GREATEST(g.n - %s, 0)), pg_catalog.min(g.at) FILTER (WHERE g.n > %2$s), NULL::pg_catalog.int8 FROM (SELECT pg_catalog.count(*) AS n, pg_catalog.min(e.at) AS at FROM %s WHERE %s AND e.user_id IS NOT NULL GROUP BY e.user_id, pg_catalog.date_trunc(''day'', e.at)) AS g',
				one.place, one.condition, events, mine)
			WHEN 'next' THEN format('SELECT %s, pg_catalog.count(g.next), pg_catalog.count(*) FILTER (WHERE g.next <> ALL (%s)), pg_catalog.min(g.at) FILTER (WHERE g.next <> ALL (%2$s)), NULL::pg_catalog.int8 FROM (SELECT e.event, e.at, pg_catalog.lead(e.event) OVER (PARTITION BY e.user_id ORDER BY e.at, e.event COLLATE pg_catalog."C") AS next FROM %s WHERE %s AND e.user_id IS NOT NULL AND e.event IS NOT NULL) AS g WHERE %s',
				one.place, one.condition, events, span, CASE WHEN one.event IS NULL THEN 'true' ELSE format('g.event = %L::pg_catalog.text', one.event) END)
			WHEN 'every' THEN format('SELECT %s, g.n, g.n - g.seen, NULL::pg_catalog.timestamptz, NULL::pg_catalog.int8 FROM (SELECT %s AS n, pg_catalog.count(DISTINCT pg_catalog.date_trunc(%L, e.at)) FILTER (WHERE %s) AS seen FROM %s WHERE %s AND pg_catalog.isfinite(e.at)) AS g',
				one.place, CASE one.condition WHEN 'day' THEN 'pg_catalog.max(e.at)::pg_catalog.date - pg_catalog.min(e.at)::pg_catalog.date + 1'
					ELSE '((extract(epoch FROM pg_catalog.date_trunc(''hour'', pg_catalog.max(e.at))) - extract(epoch FROM pg_catalog.date_trunc(''hour'', pg_catalog.min(e.at)))) / 3600 + 1)::pg_catalog.int8' END,
				one.condition, CASE WHEN one.event IS NULL THEN 'true' ELSE format('e.event = %L::pg_catalog.text', one.event) END, events, span)
			END;
	END LOOP;
	RETURN format('WITH c AS MATERIALIZED (SELECT journey_internal.fault_counts(%1$s, %2$s, e.user_id, e.at) AS c, journey_internal.fault_counts(%1$s, %3$s, e.user_id, e.at) AS d FROM %4$s WHERE %5$s),
	r AS (SELECT a.part, a.c[i][1] AS kind, a.c[i][2] AS bit, a.c[i][3] AS n, a.c[i][4] AS u, CASE WHEN a.c[i][5] < -211813488000000000 THEN ''-infinity'' ELSE ''2000-01-01 00:00:00+00''::pg_catalog.timestamptz + a.c[i][5] / 3600000000 * ''1 hour''::pg_catalog.interval + pg_catalog.mod(a.c[i][5], 3600000000) * ''1 microsecond''::pg_catalog.interval END AS at FROM (SELECT 1 AS part, c.c FROM c UNION ALL SELECT 2, c.d FROM c) AS a, pg_catalog.generate_series(1, pg_catalog.array_length(a.c, 1)) AS i),
	f(place, n, bad, at, u) AS (SELECT p.place, w.n, b.n, b.at, b.u FROM (VALUES %6$s) AS p(place, kind, bit, part) LEFT JOIN r AS w ON w.kind = p.kind AND w.bit = 0 AND w.part = 1 LEFT JOIN r AS b ON b.kind = p.kind AND b.bit = p.bit AND b.part = p.part%7$s),
	t AS (SELECT f.place, pg_catalog.sum(f.n)::pg_catalog.int8 AS n, pg_catalog.sum(f.bad)::pg_catalog.int8 AS bad, NULLIF((pg_catalog.array_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(''user_id'', f.u, ''at'', f.at)) ORDER BY f.at, f.u) FILTER (WHERE f.bad > 0))[1], ''{}'') AS example FROM f GROUP BY f.place)
	SELECT v.place, v.rule, v.dimension, v.event, v.attribute, COALESCE(t.n, 0) AS rows, COALESCE(t.bad, 0) AS bad, t.example FROM (VALUES %8$s) AS v(place, rule, dimension, event, attribute) LEFT JOIN t ON t.place = v.place ORDER BY v.place',
		kinds, common, CASE faults WHEN '' THEN '@extschema@.steps(false)' ELSE format('CASE %s%s ELSE @extschema@.steps(false) END', kinds, faults) END,
		events, CASE WHEN lower IS NULL AND upper IS NULL THEN 'true' ELSE format('(e.at IS NULL OR %s)', span) END,
		array_to_string(places, ', '), found,
		(SELECT string_agg(format('(%s, %L::pg_catalog.text, %L::pg_catalog.text, %L::pg_catalog.text, %L::pg_catalog.text)', u.place, u.rule, u.dimension, u.event, u.attribute), ', ' ORDER BY u.place) FROM unnest(rules) WITH ORDINALITY AS u(event, attribute, rule, dimension, form, condition, place)));
END $$;

FUNCTION journey_internal.rules_of_plan(plan jsonb, source_id bigint) -> journey_internal.plan_rule[] LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of tracking plans: the rules of a plan over a source.'
AS $$
DECLARE
	source @extschema@.sources;
BEGIN
	SELECT * INTO source FROM @extschema@.sources AS s WHERE s.id = source_id;
	RETURN ARRAY(SELECT r FROM journey_internal.compile_plan_rules(plan, source.attributes, jsonb_typeof(source.attrs) IS NOT DISTINCT FROM 'string') AS r);
END $$;

FUNCTION journey_internal.compile_plan(plans definitions[], sources bigint[], uses jsonb[], as_of timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The method of tracking plans: the SELECT of all that a plan finds up to a time, as one jsonb.'
AS $$
DECLARE
	plan CONSTANT jsonb := (plans[1]).definition::jsonb;
	owner CONSTANT regrole := (plans[1]).owner::regrole;
BEGIN
	RETURN format('SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(q)) FROM (%s) AS q', journey_internal.plan_query(plan, journey_internal.rules_of_plan(plan, sources[1]), journey_internal.usable_query(sources[1], owner),
		CASE WHEN plan ? 'over' THEN as_of - journey_internal.rule_duration(plan -> 'over', 'over'::text) END, as_of));
END $$;

FUNCTION journey_internal.store_checks(of_id bigint, as_of timestamptz, rows jsonb) -> void LANGUAGE sql SET lock_timeout = '5s'
	'Support function of refresh: stores what a refresh of a tracking plan found.'
	AS $$ INSERT INTO @extschema@.version_checks (id, as_of, place, rule, dimension, event, attribute, rows, bad, example)
		SELECT of_id, store_checks.as_of, r.place, r.rule, r.dimension, r.event, r.attribute, r.rows, r.bad, r.example
		FROM jsonb_to_recordset(store_checks.rows) AS r(place int, rule text, dimension text, event text, attribute text, rows bigint, bad bigint, example jsonb) $$;

-- ---- creating and changing ------------------------------------------------------------

FUNCTION journey_internal.do_store_plan(name text, source text, plan jsonb, keep_for interval, keep_versions int, description text, mode text) -> void LANGUAGE plpgsql
	'Support function of store_plan, which calls it: what that does.'
AS $$
#variable_conflict use_variable
DECLARE
	new @extschema@.definitions;
	ids CONSTANT bigint[] := journey_internal.source_ids(ARRAY[source], journey_internal.caller()::regrole);
BEGIN
	PERFORM journey_internal.check_sources(ids, journey_internal.caller()::regrole);
	PERFORM journey_internal.plan_query(plan, journey_internal.rules_of_plan(plan, ids[1]), ''::text, NULL::timestamptz, NULL::timestamptz);
	new.name := name;
	new.kind := 'plan';
	new.method := 'plan';
	new.definition := plan::text;
	new.keep_for := keep_for;
	new.keep_versions := keep_versions;
	new.description := description;
	PERFORM journey_internal.store_definition(new, ARRAY[source], '{}'::text[], mode);
END $$;
FUNCTION journey_internal.store_plan(name text, source text, plan jsonb, keep_for interval, keep_versions int, description text, mode text) -> void CALLS short_context VOLATILE PARALLEL UNSAFE
	'Support function of create_plan: checks a tracking plan and stores it.';

FUNCTION create_plan(name text, source text, plan jsonb, keep_for interval DEFAULT journey_internal.default_keep_for(), keep_versions int DEFAULT journey_internal.default_keep_versions(), description text DEFAULT NULL, replace boolean DEFAULT false) -> void LANGUAGE sql UNSET search_path
	'Creates a tracking plan that belongs to the current role: what the events of a source should be. plan: {"events": {"pay": {"attributes": {"amount": {"required": true, "type": "number", "min": 0}}}}}; docs/quality.md describes all rules. It is checked but not run. keep_for, keep_versions: as for create_segment. replace: if you own a plan of this name, it is replaced; its versions, grants and schedule are kept.'
	AS $$ SELECT journey_internal.store_plan($1, $2, $3, $4, $5, $6, journey_internal.creation_mode($1, $7)) $$;

FUNCTION drop_plan(name text) -> void LANGUAGE sql UNSET search_path
	'Drops a tracking plan of yours with its versions.'
	AS $$ SELECT journey_internal.drop_definition($1, 'plan'::pg_catalog.text, true) $$;
FUNCTION grant_plan(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Lets a role (or public) read a tracking plan of yours, and what its refreshes found: numbers, and user and time of examples.'
	AS $$ SELECT journey_internal.change_readers($1, 'plan'::pg_catalog.text, $2, true) $$;
FUNCTION revoke_plan(name text, role text) -> void LANGUAGE sql UNSET search_path
	'Revokes what grant_plan granted.'
	AS $$ SELECT journey_internal.change_readers($1, 'plan'::pg_catalog.text, $2, false) $$;

CREATE VIEW plans WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.definition::jsonb AS plan, (journey_internal.source_names(d.id))[1] AS source, d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.computed_at, d.id
FROM @extschema@.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
WHERE d.kind = 'plan';
GRANT SELECT ON plans TO PUBLIC;
COMMENT ON VIEW plans IS 'The tracking plans that you may read, with their newest versions.';
COMMENT ON COLUMN plans.name IS 'Its name.';
COMMENT ON COLUMN plans.owner IS 'The role with whose rights refreshes read the source.';
COMMENT ON COLUMN plans.plan IS 'The plan.';
COMMENT ON COLUMN plans.source IS 'The source that it is about.';
COMMENT ON COLUMN plans.keep_for IS 'The next refresh drops versions older than this; NULL keeps all.';
COMMENT ON COLUMN plans.keep_versions IS 'The next refresh keeps at most this number of versions; NULL keeps all.';
COMMENT ON COLUMN plans.description IS 'A description by the owner.';
COMMENT ON COLUMN plans.created_at IS 'When it was created.';
COMMENT ON COLUMN plans.changed_at IS 'When it was last changed.';
COMMENT ON COLUMN plans.as_of IS 'The time for which the newest version was computed; NULL if there is none yet.';
COMMENT ON COLUMN plans.computed_at IS 'When the newest version was computed.';
COMMENT ON COLUMN plans.id IS 'Its number, which a rename does not change and which is never reused.';

-- ---- checking -------------------------------------------------------------------------

FUNCTION journey_internal.do_check_query(name text, lower timestamptz, upper timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of check_query, which calls it: what that does.'
AS $$
DECLARE
	one CONSTANT @extschema@.definitions := journey_internal.definition_of(name, 'plan'::text);
	reader CONSTANT regrole := journey_internal.caller()::regrole;
	sources CONSTANT bigint[] := journey_internal.definition_sources(one.id);
BEGIN
	-- as a stored query: neither the plan nor the source need be the caller's
	RETURN journey_internal.plan_query(one.definition::jsonb, journey_internal.rules_of_plan(one.definition::jsonb, sources[1]), journey_internal.usable_query(sources[1], reader), lower, upper);
END $$;
FUNCTION journey_internal.check_query(name text, lower timestamptz, upper timestamptz) -> text CALLS short_context STABLE PARALLEL UNSAFE
	'Support function of check_plan: the SELECT of what a plan finds with the caller''s rights.';

FUNCTION check_plan(name text, "from" timestamptz DEFAULT NULL, "to" timestamptz DEFAULT NULL)
	-> TABLE (rule text, dimension text, event text, attribute text, rows bigint, bad bigint, share double precision, example jsonb) LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'What the events of a source are against a tracking plan, now: of each rule the events that it is about, and how many break it. Read with the caller''s rights, who may use the source. from (inclusive), to (exclusive): only events of these times, and those without a time; NULL: no limit. dimension: true, accurate, continuous, complete or timely. share: of rows. example: user and time of the first event that breaks it.'
AS $$
DECLARE
	query text;
BEGIN
	PERFORM journey_internal.check_sources(journey_internal.definition_sources((journey_internal.definition_of(name, 'plan'::text)).id), journey_internal.caller()::regrole);
	query := journey_internal.check_query(name, $2, $3);
	RETURN QUERY SELECT r.rule, r.dimension, r.event, r.attribute, r.rows, r.bad, r.bad / nullif(r.rows, 0)::float8, r.example
		FROM journey_internal.run_as(journey_internal.caller()::regrole::oid, query, now())
			AS r(place int, rule text, dimension text, event text, attribute text, rows bigint, bad bigint, example jsonb) ORDER BY r.place;
END $$;

FUNCTION refresh_plan(name text, as_of timestamptz DEFAULT now())
	-> TABLE (name text, as_of timestamptz, duration interval, error text) LANGUAGE sql UNSET search_path
	'Checks a tracking plan as of a time, with its owner''s rights, and stores what it finds as a version: over all events before that time, or with "over" in the plan, over those of this length of time before it. If the refresh fails, only the log changes, and error says why. schedule_refresh() does it regularly.'
	AS $$ SELECT r.name, r.as_of, r.duration, r.error FROM journey_internal.refresh_definitions(ARRAY[$1], $2, 'plan'::pg_catalog.text, false) AS r $$;

FUNCTION quality_trend(name text)
	-> TABLE (as_of timestamptz, rule text, dimension text, event text, attribute text, rows bigint, bad bigint, share double precision, example jsonb) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'What the refreshes of a tracking plan found, in order of time: the columns of check_plan for each version. The caller needs to be a reader of the plan, not of its source.'
AS $$
DECLARE
	one CONSTANT @extschema@.definitions := journey_internal.definition_of(name, 'plan'::text);
BEGIN
	RETURN QUERY SELECT c.as_of, c.rule, c.dimension, c.event, c.attribute, c.rows, c.bad, c.bad / nullif(c.rows, 0)::float8, c.example
		FROM @extschema@.version_checks AS c WHERE c.id = one.id ORDER BY c.as_of, c.place;
END $$;
