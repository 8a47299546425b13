-- rule: rules as one SELECT with one pass over their sources.

-- Segments and tags that a rule uses.
CREATE FUNCTION journey_internal.rule_uses(rule jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT ARRAY(SELECT DISTINCT n #>> '{}' FROM (
		SELECT jsonb_path_query(rule, 'strict $.**.segment ? (@.type() == "string")')
		UNION ALL SELECT jsonb_path_query(rule, 'strict $.**.tag ? (@.type() == "string")')) AS used(n)) $$;
COMMENT ON FUNCTION journey_internal.rule_uses(jsonb) IS 'Names of the segments and tags that a rule uses.';

-- The sources of a rule.
CREATE FUNCTION journey_internal.rule_sources(rule jsonb) RETURNS text[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF jsonb_typeof(rule -> 'source') = 'string' THEN
		RETURN ARRAY[rule ->> 'source'];
	ELSIF jsonb_typeof(rule -> 'source') = 'array' AND jsonb_array_length(rule -> 'source') > 0 THEN
		RETURN ARRAY(SELECT DISTINCT n FROM jsonb_array_elements_text(rule -> 'source') AS n ORDER BY n);
	END IF;
	RAISE EXCEPTION 'the source of a rule is %', coalesce(rule ->> 'source', 'missing') USING ERRCODE = 'invalid_parameter_value',
		HINT = 'Write "source": "app", or ["app", "cards"] for several as one stream.';
END $$;
COMMENT ON FUNCTION journey_internal.rule_sources(jsonb) IS 'Names of the sources of a rule, sorted.';

-- The stream that rules over these sources read, what its columns are called, and of which types.
CREATE FUNCTION journey_internal.rule_stream(ids bigint[], reader regrole, OUT query text, OUT attributes jsonb, OUT has_json boolean)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint;
	source record;
	conflict text;
BEGIN
	FOREACH wanted IN ARRAY ids LOOP
		PERFORM journey_internal.source_query(wanted, reader);
	END LOOP;
	SELECT jsonb_object_agg(a.key, a.type), max(a.key) FILTER (WHERE a.types > 1) INTO attributes, conflict
	FROM (SELECT a.key, min(a.value) AS type, count(DISTINCT a.value) AS types FROM @extschema@.sources AS s, jsonb_each_text(s.attributes) AS a
		WHERE s.id = ANY (ids) GROUP BY a.key) AS a;
	IF conflict IS NOT NULL THEN
		RAISE EXCEPTION 'attribute "%" has different types in these sources: %', conflict, (SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM @extschema@.sources AS s WHERE s.id = ANY (ids))
			USING ERRCODE = 'datatype_mismatch', HINT = 'Register one of them with a cast.';
	END IF;
	attributes := coalesce(attributes, '{}');
	-- they are written into the query of somebody else, perhaps by hand
	SELECT max(a.key) INTO conflict FROM jsonb_each_text(attributes) AS a WHERE format_type(to_regtype(a.value)::oid, -1) IS DISTINCT FROM a.value;
	IF conflict IS NOT NULL THEN
		RAISE EXCEPTION 'attribute "%" is of type "%", which does not exist', conflict, attributes ->> conflict
			USING ERRCODE = 'undefined_object', HINT = 'drop_source and add_source register the source anew.';
	END IF;
	has_json := EXISTS (SELECT FROM @extschema@.sources AS s WHERE s.id = ANY (ids) AND jsonb_typeof(s.attrs) = 'string');
	FOR source IN SELECT s.*, journey_internal.usable_query(s.id, reader) AS present FROM @extschema@.sources AS s WHERE s.id = ANY (ids) ORDER BY s.name LOOP
		query := concat(query || ' UNION ALL ', 'SELECT e.user_id, e.at, e.event, e.value',
			(SELECT string_agg(format(CASE WHEN source.attributes ? a.key THEN ', e.%1$I' ELSE ', NULL::%2$s AS %1$I' END, 'attr_' || a.key, a.value), '' ORDER BY a.key)
				FROM jsonb_each_text(attributes) AS a),
			CASE WHEN has_json THEN CASE WHEN jsonb_typeof(source.attrs) = 'string' THEN ', e.attrs' ELSE ', NULL::pg_catalog.jsonb AS attrs' END END,
			format(' FROM (%s) AS e', source.present));
	END LOOP;
END $$;
COMMENT ON FUNCTION journey_internal.rule_stream(bigint[], regrole) IS 'The events that rules over these sources read, as one SELECT.';

-- The pass over the source that a context asks for: columns n0 ..., f0 ..., t0 ..., c0 ...
CREATE FUNCTION journey_internal.rule_pass(context jsonb, stream text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns text[] := '{}';
	questions record;
	events jsonb;
	everything boolean := context ?| '{totals,chains}';
	earliest timestamptz := 'infinity';
	latest timestamptz := '-infinity';
	wheres text[] := '{}';
	asked int := 0;
BEGIN
	FOR questions IN
		SELECT k AS list, left(k, 1) AS kind, substring(k, '\d+$')::int AS batch,
			min((q ->> (CASE left(k, 1) WHEN 'p' THEN 0 ELSE 1 END))::timestamptz) AS since, max((q ->> (CASE left(k, 1) WHEN 'p' THEN 1 ELSE 2 END))::timestamptz) AS until,
			bool_and(q ->> 3 = '1') AS once,
			string_agg(CASE left(k, 1)
				WHEN 'v' THEN format('%s [%s, %s) %s %s %s;', q ->> 0, q ->> 1, q ->> 2, q ->> 3, q ->> 4, q ->> 5)
				WHEN 'p' THEN format('[%s, %s) %s: %s;', q ->> 0, q ->> 1, q ->> 2, q ->> 3)
				ELSE format('%s [%s, %s) %s;', q ->> 0, q ->> 1, q ->> 2, q ->> 3) END, ' ' ORDER BY n) AS text
		FROM jsonb_object_keys(context) AS k, jsonb_array_elements(context -> k) WITH ORDINALITY AS e(q, n)
		WHERE k ~ '^([nfp]\d+|v\d+_\d+)$' GROUP BY k ORDER BY k
	LOOP
		SELECT jsonb_agg(CASE questions.kind WHEN 'n' THEN jsonb_build_object('names', jsonb_build_array(e.c), 'sql', format('e.event = %L::pg_catalog.text', e.c #>> '{}')) ELSE e.c END ORDER BY e.n) INTO events
		FROM jsonb_array_elements(context -> CASE questions.kind WHEN 'n' THEN 'names' WHEN 'f' THEN 'filters' WHEN 'v' THEN substring(questions.list, '^v\d+') ELSE 'e' || questions.batch END) WITH ORDINALITY AS e(c, n)
		WHERE questions.kind = 'p' OR (e.n - 1) / 58 = questions.batch;
		IF questions.kind = 'n' THEN
			wheres := wheres || format('e.event = ANY (%L::pg_catalog.text[])', ARRAY(SELECT e #>> '{names,0}' FROM jsonb_array_elements(events) AS e));
		ELSE
			wheres := wheres || ARRAY(SELECT e ->> 'sql' FROM jsonb_array_elements(events) AS e);
		END IF;
		asked := asked + jsonb_array_length(events);
		columns := columns || format('@extschema@.%s(e.user_id, e.at, %s%s, %L::pg_catalog.text) AS %s',
			CASE questions.kind WHEN 'v' THEN 'step_totals' WHEN 'p' THEN 'pattern_users' ELSE CASE WHEN questions.once THEN 'step_users_once' ELSE 'step_users' END END,
			journey_internal.rule_steps(events),
			CASE questions.kind WHEN 'v' THEN ', ' || (context -> 'operands' ->> substring(questions.list, '^v(\d+)')::int) END,
			questions.text, questions.list);
		earliest := least(earliest, questions.since);
		latest := greatest(latest, questions.until);
	END LOOP;
	columns := columns || ARRAY(SELECT format('%s AS t%s', e.sql, e.n - 1) FROM jsonb_array_elements_text(context -> 'totals') WITH ORDINALITY AS e(sql, n) ORDER BY e.n)
		|| ARRAY(SELECT format('%s AS c%s', e.sql, e.n - 1) FROM jsonb_array_elements_text(context -> 'chains') WITH ORDINALITY AS e(sql, n) ORDER BY e.n);
	IF cardinality(columns) = 0 THEN
		RETURN 'SELECT 1 AS nothing';
	END IF;
	-- what no question is about need not be read; an index may help, if they are few
	IF everything THEN
		wheres := ARRAY[format('e.at < %L::pg_catalog.timestamptz', context ->> 'as_of')];
	ELSE
		wheres := CASE WHEN asked <= 8 AND NOT 'true' = ANY (wheres) THEN ARRAY[format('(%s)', array_to_string(wheres, ' OR '))] ELSE '{}' END
			|| CASE WHEN isfinite(earliest) THEN ARRAY[format('e.at >= %L::pg_catalog.timestamptz', earliest)] END
			|| format('e.at < %L::pg_catalog.timestamptz', latest);
	END IF;
	RETURN format('SELECT %s FROM (%s) AS e WHERE %s', array_to_string(columns, ', '), stream, array_to_string(wheres, ' AND '));
END $$;
COMMENT ON FUNCTION journey_internal.rule_pass(jsonb, text) IS 'The one pass over the source that answers all that rules ask of it.';

CREATE FUNCTION journey_internal.compile_rules(rules definitions[], sources bigint[], uses jsonb[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions;
	i int;
	stream record;
	context jsonb;
	rows text[] := '{}';
	output record;
	base record;
	part record;
BEGIN
	FOR i IN 1 .. cardinality(rules) LOOP
		one := rules[i];
		IF context IS NULL THEN
			SELECT * INTO stream FROM journey_internal.rule_stream(sources, one.owner::regrole);
			context := jsonb_build_object('as_of', as_of, 'alias', 'e', 'prefix', 'attr_', 'attributes', stream.attributes, 'json', stream.has_json);
		END IF;
		context := jsonb_set(context, '{uses}', uses[i]);
		SELECT NULL::text AS set INTO base;
		IF one.definition::jsonb -> 'base' = '"source"' THEN
			SELECT * INTO base FROM journey_internal.rule_condition('{"did": "*"}'::jsonb, context);
			context := base.context;
		ELSIF one.definition::jsonb ? 'base' THEN
			SELECT * INTO base FROM journey_internal.rule_condition(one.definition::jsonb -> 'base', context);
			context := base.context;
			IF base.negated THEN
				RAISE EXCEPTION '"base" is a complement: %', one.definition::jsonb -> 'base' USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Who is everybody? Write "source" for all users of the source, or a condition that says who, not who not.';
			END IF;
		END IF;
		FOR output IN SELECT * FROM journey_internal.rule_outputs(one.kind, one.definition::jsonb) LOOP
			SELECT * INTO part FROM journey_internal.rule_condition(output.condition, context);
			context := part.context;
			IF part.negated AND base.set IS NULL THEN
				RAISE EXCEPTION 'the rule of "%" holds for users who did nothing at all: %', one.name, output.condition
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a base to take them from, such as "base": "source" for all users of the source.';
			END IF;
			rows := rows || format('(%s::pg_catalog.int8, %L::pg_catalog.text, %s)', one.id, output.value,
				CASE WHEN part.negated THEN format('%s OPERATOR(@extschema@.-) %s', base.set, part.set)
					WHEN base.set IS NOT NULL THEN format('%s OPERATOR(@extschema@.&) %s', base.set, part.set)
					ELSE part.set END);
		END LOOP;
	END LOOP;
	RETURN format('SELECT d.id, d.value, d.members FROM (%s) AS s, LATERAL (VALUES %s) AS d(id, value, members)',
		journey_internal.rule_pass(context, stream.query), array_to_string(rows, ', '));
END $$;
COMMENT ON FUNCTION journey_internal.compile_rules(definitions[], bigint[], jsonb[], timestamptz) IS 'A method of segments and tags: rules, their sources, and what the names in each mean, as one SELECT.';

-- The names of events in a definition in JSON. Below "where" stand attributes, whatever their names.
CREATE FUNCTION journey_internal.rule_event_names(rule jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ WITH RECURSIVE part(key, value) AS (
			SELECT ''::text, rule
			UNION ALL
			SELECT c.key, c.value FROM part AS p, LATERAL (
				SELECT e.key, e.value FROM jsonb_each(CASE jsonb_typeof(p.value) WHEN 'object' THEN p.value ELSE '{}' END) AS e
				UNION ALL
				SELECT p.key, a FROM jsonb_array_elements(CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value ELSE '[]' END) AS a) AS c
			WHERE c.key <> 'where')
		SELECT ARRAY(SELECT DISTINCT p.value #>> '{}' FROM part AS p
			WHERE p.key = ANY ('{did,first,last,sequence,event}') AND jsonb_typeof(p.value) = 'string' AND p.value <> '"*"' ORDER BY 1) $$;
COMMENT ON FUNCTION journey_internal.rule_event_names(jsonb) IS 'Support function of create_segment, create_tag and their like: the names of events in a definition in JSON.';

-- A name that is not spelled as in the source gives an empty segment, which looks like any other. A large
-- source is not read to its end for that.
CREATE FUNCTION journey_internal.tell_unknown_events(rule jsonb, sources bigint[]) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names CONSTANT text[] := journey_internal.rule_event_names(rule);
	unknown text;
BEGIN
	IF cardinality(names) > 0 THEN
		FOR unknown IN SELECT r.name FROM journey_internal.run_as_within(journey_internal.caller()::regrole::oid,
				format('SELECT n.name FROM pg_catalog.unnest(%L::pg_catalog.text[]) AS n(name) LEFT JOIN LATERAL (SELECT true AS found FROM (%s) AS e WHERE e.event = n.name LIMIT 1) AS f ON true WHERE f.found IS NULL',
					names, journey_internal.stream_query(sources, journey_internal.caller()::regrole)), now(), 500) AS r(name text) LOOP
			RAISE NOTICE 'no event is named "%" yet', unknown
				USING HINT = 'Names must be the same to the letter, capitals and blanks included.';
		END LOOP;
	END IF;
EXCEPTION WHEN OTHERS THEN
	-- not found out in time, or a source that fails: nothing is told
	NULL;
END $$;
COMMENT ON FUNCTION journey_internal.tell_unknown_events(jsonb, bigint[]) IS 'Support function of create_segment, create_tag and their like: a notice of each event in a definition that no row of the sources has, if half a second is enough to find out.';

-- Before anything is stored: what is compiled for long keeps no lock from others.
CREATE FUNCTION journey_internal.check_rule(new_definition definitions, sources text[], uses text[], replace boolean, what text) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := new_definition;
	source_ids CONSTANT bigint[] := journey_internal.source_ids(sources, journey_internal.caller()::regrole);
	names CONSTANT jsonb := (SELECT coalesce(jsonb_object_agg(u.name, u.used), '{}') FROM unnest(uses, journey_internal.used_ids(one.name, uses)) AS u(name, used));
	old @extschema@.definitions;
BEGIN
	IF replace THEN
		old := journey_internal.own_definition(one.name, one.kind);
		one.id := old.id;
		one.owner := old.owner;
	ELSE
		one.id := 0;
		one.owner := journey_internal.caller();
	END IF;
	PERFORM journey_internal.analyze_query(journey_internal.compile_definitions(ARRAY[one], source_ids, ARRAY[names], now()), what);
	PERFORM journey_internal.tell_unknown_events(one.definition::jsonb, source_ids);
END $$;
COMMENT ON FUNCTION journey_internal.check_rule(definitions, text[], text[], boolean, text) IS 'Support function of create_segment, create_tag and their like: an error unless a definition in JSON can be compiled.';

-- What a definition consists of: values and their conditions; of a segment one, without a value.
CREATE FUNCTION journey_internal.rule_outputs(kind text, rule jsonb) RETURNS TABLE (value text, condition jsonb)
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	element jsonb;
	before jsonb := '[]';
BEGIN
	IF kind = 'tag' AND rule ? 'values' THEN
		PERFORM journey_internal.check_keys(rule, '{source,base,values}'::text[], 'the rule of a tag'::text);
		IF jsonb_typeof(rule -> 'values') <> 'array' OR jsonb_array_length(rule -> 'values') = 0 THEN
			RAISE EXCEPTION '"values" is %, not an array', rule -> 'values' USING ERRCODE = 'invalid_parameter_value';
		END IF;
		FOR element IN SELECT jsonb_array_elements(rule -> 'values') LOOP
			PERFORM journey_internal.check_keys(element, '{value,when}'::text[], 'a value'::text);
			IF jsonb_typeof(element -> 'value') IS DISTINCT FROM 'string' OR element ->> 'value' = '' THEN
				RAISE EXCEPTION 'a value is %, not a string', coalesce(element ->> 'value', 'missing') USING ERRCODE = 'invalid_parameter_value';
			END IF;
			IF before @> '[null]' THEN
				RAISE EXCEPTION 'a value stands after one without a condition: %', element USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Only the last value may be without "when": it is for all the others.';
			END IF;
			value := element ->> 'value';
			-- the first that matches wins; without a condition: all the others
			condition := CASE WHEN NOT element ? 'when' AND before = '[]' THEN '{"did": "*"}'
				WHEN NOT element ? 'when' THEN jsonb_build_object('not', jsonb_build_object('or', before))
				WHEN before = '[]' THEN element -> 'when'
				ELSE jsonb_build_object('and', jsonb_build_array(element -> 'when', jsonb_build_object('not', jsonb_build_object('or', before)))) END;
			before := before || jsonb_build_array(element -> 'when');
			RETURN NEXT;
		END LOOP;
	ELSE
		PERFORM journey_internal.check_keys(rule, '{source,base,rule}'::text[], 'a rule'::text);
		value := '';
		condition := rule -> 'rule';
		RETURN NEXT;
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.rule_outputs(text, jsonb) IS 'The values of a rule and their conditions; of a segment one, without a value.';
