-- rule: rules as one SELECT with one pass over their sources.

-- Segments and tags that a rule uses.
FUNCTION journey_internal.rule_uses(rule jsonb) -> text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Names of the segments and tags that a rule uses.'
	AS $$ SELECT ARRAY(SELECT DISTINCT n #>> '{}' FROM (
		SELECT jsonb_path_query(rule, 'strict $.**.segment ? (@.type() == "string")')
		UNION ALL SELECT jsonb_path_query(rule, 'strict $.**.tag ? (@.type() == "string")')) AS used(n)) $$;

-- The sources of a rule.
FUNCTION journey_internal.rule_sources(rule jsonb) -> text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Names of the sources of a rule, sorted.'
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

-- The stream that rules over these sources read, what its columns are called, and of which types.
FUNCTION journey_internal.rule_stream(ids bigint[], reader regrole, OUT query text, OUT attributes jsonb, OUT has_json boolean) -> record LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The events that rules over these sources read, as one SELECT.'
AS $$
DECLARE
	wanted bigint;
	source record;
	conflict text;
BEGIN
	PERFORM journey_internal.check_same_persons(ids);
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
			USING ERRCODE = 'undefined_object', HINT = 'alter_source registers it anew.';
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

-- The stepset of a row: which of these events is it? Where there are many, first by name.
FUNCTION journey_internal.rule_steps(events journey_internal.rule_event[]) -> text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'The stepset expression, in SQL, for the events of rules.'
AS $$
DECLARE
	known text[];
	i int;
	places text;
	conditions text;
	branches text := '';
BEGIN
	IF NOT EXISTS (SELECT FROM unnest(events) AS e WHERE e.names IS NULL OR cardinality(e.names) <> 1 OR e.filter IS NOT NULL) THEN
		RETURN format('@extschema@.step_of(e.event, %L::pg_catalog.text[])', ARRAY(SELECT e.names[1] FROM unnest(events) WITH ORDINALITY AS e(names, filter, sql, n) ORDER BY e.n));
	END IF;
	known := ARRAY(SELECT DISTINCT name FROM unnest(events) AS e, unnest(e.names) AS name ORDER BY name);
	IF cardinality(events) <= 3 OR cardinality(known) NOT BETWEEN 1 AND journey_internal.most_steps() THEN
		RETURN format('@extschema@.steps(%s)', (SELECT string_agg(e.sql, ', ' ORDER BY e.n) FROM unnest(events) WITH ORDINALITY AS e(names, filter, sql, n)));
	END IF;
	-- the last branch is that of events with other names
	FOR i IN 1 .. cardinality(known) + 1 LOOP
		SELECT concat('''', string_agg(CASE WHEN e.possible THEN '1' ELSE '0' END, '' ORDER BY e.n), '''::@extschema@.stepset'),
			string_agg(coalesce(e.filter, 'true'), ', ' ORDER BY e.n) FILTER (WHERE e.possible)
		INTO places, conditions
		FROM (SELECT e.filter, e.n, e.names IS NULL OR coalesce(known[i] = ANY (e.names), false) AS possible FROM unnest(events) WITH ORDINALITY AS e(names, filter, sql, n)) AS e;
		branches := concat(branches, CASE WHEN i <= cardinality(known) THEN format(' WHEN %s THEN ', i) ELSE ' ELSE ' END,
			CASE WHEN conditions IS NULL THEN places ELSE format('journey_internal.steps_at(%s, %s)', places, conditions) END);
	END LOOP;
	RETURN format('CASE journey_internal.first_step(@extschema@.step_of(e.event, %L::pg_catalog.text[]))%s END', known, branches);
END $$;

-- One call of an aggregate, which answers many questions over events that fit into a stepset.
CREATE TYPE journey_internal.rule_batch AS (kind text, operand text, events journey_internal.rule_event[], asks text[], once boolean);
COMMENT ON TYPE journey_internal.rule_batch IS 'The questions that one aggregate answers: of one kind, about one operand, over these events; and whether all of them ask for a single occurrence.';

-- The one pass over the source that answers all questions: columns a1 ... of batches, b1 ... of
-- aggregates for one question. answers: where in it that to each question is.
FUNCTION journey_internal.rule_pass(questions journey_internal.rule_question[], stream text, as_of timestamptz, OUT query text, OUT answers text[]) -> record LANGUAGE plpgsql STABLE PARALLEL SAFE
	'The subquery that reads the source once and answers all questions of rules, and the place of each answer in it.'
AS $$
DECLARE
	one journey_internal.rule_question;
	event journey_internal.rule_event;
	batches journey_internal.rule_batch[] := '{}';
	batch journey_internal.rule_batch;
	others text[] := '{}';
	n int;
	place int;
	steps int[];
	span record;
	events record;
	wheres text[];
BEGIN
	answers := '{}';
	FOREACH one IN ARRAY questions LOOP
		IF one.kind IN ('distinct', 'chain') THEN
			n := array_position(others, one.ask);
			IF n IS NULL THEN
				others := others || one.ask;
				n := cardinality(others);
			END IF;
			answers := answers || concat('s.b', n);
			CONTINUE;
		END IF;
		-- the first batch of its kind where there is room for all its events
		SELECT b.n INTO n FROM unnest(batches) WITH ORDINALITY AS b(kind, operand, events, asks, once, n)
		WHERE b.kind = one.kind AND b.operand IS NOT DISTINCT FROM one.operand
			AND (cardinality(b.events) + cardinality(one.events) <= journey_internal.most_steps()
				OR cardinality(b.events) + (SELECT count(DISTINCT e) FROM unnest(one.events) AS e WHERE e <> ALL (b.events)) <= journey_internal.most_steps())
		ORDER BY b.n LIMIT 1;
		IF n IS NULL THEN
			n := cardinality(batches) + 1;
			batch := ROW(one.kind, one.operand, '{}', '{}', true);
		ELSE
			batch := batches[n];
		END IF;
		steps := '{}';
		FOREACH event IN ARRAY one.events LOOP
			place := array_position(batch.events, event);
			IF place IS NULL THEN
				batch.events := batch.events || event;
				place := cardinality(batch.events);
			END IF;
			steps := steps || place;
		END LOOP;
		one.ask := CASE one.kind WHEN 'pattern' THEN format('[%s, %s) %s: %s;', to_jsonb(one.since) #>> '{}', to_jsonb(one.until) #>> '{}', array_to_string(steps, ','), one.ask)
			ELSE format('%s [%s, %s) %s;', steps[1], to_jsonb(one.since) #>> '{}', to_jsonb(one.until) #>> '{}', one.ask) END;
		place := array_position(batch.asks, one.ask);
		IF place IS NULL THEN
			batch.asks := batch.asks || one.ask;
			place := cardinality(batch.asks);
		END IF;
		batch.once := batch.once AND right(one.ask, 4) = ') 1;';
		batches[n] := batch;
		answers := answers || format('coalesce(s.a%s[%s], ''{}'')', n, place);
	END LOOP;
	IF cardinality(questions) = 0 THEN
		query := 'SELECT 1 AS nothing';
		RETURN;
	END IF;
	-- what no question is about need not be read; an index may help, if they are few
	IF cardinality(others) > 0 THEN
		wheres := ARRAY[format('e.at < %L::pg_catalog.timestamptz', as_of)];
	ELSE
		SELECT min(q.since) AS since, max(q.until) AS until INTO span FROM unnest(questions) AS q;
		SELECT count(*) AS n, bool_or(e.names IS NULL AND e.filter IS NULL) AS everything, array_agg(e.names[1]) FILTER (WHERE b.kind = 'named') AS names,
			array_agg(e.sql) FILTER (WHERE b.kind <> 'named') AS others INTO events FROM unnest(batches) AS b, unnest(b.events) AS e;
		IF events.n <= 8 AND NOT events.everything THEN
			wheres := ARRAY[format('(%s)', array_to_string(('e.event = ANY (' || quote_literal(events.names) || '::pg_catalog.text[])') || events.others, ' OR '))];
		END IF;
		wheres := wheres || CASE WHEN isfinite(span.since) THEN ARRAY[format('e.at >= %L::pg_catalog.timestamptz', span.since)] END
			|| format('e.at < %L::pg_catalog.timestamptz', span.until);
	END IF;
	SELECT format('SELECT %s FROM (%s) AS e WHERE %s', string_agg(c.sql, ', ' ORDER BY c.kind, c.n), stream, array_to_string(wheres, ' AND ')) INTO query
	FROM (SELECT 'a' AS kind, b.n, format('journey_internal.%s(e.user_id, e.at, %s%s, %L::pg_catalog.text) AS a%s',
			CASE b.kind WHEN 'total' THEN 'step_totals' WHEN 'pattern' THEN 'pattern_users' ELSE CASE WHEN b.once THEN 'step_users_once' ELSE 'step_users' END END,
			journey_internal.rule_steps(b.events), ', ' || b.operand, array_to_string(b.asks, ' '), b.n) AS sql
		FROM unnest(batches) WITH ORDINALITY AS b(kind, operand, events, asks, once, n)
		UNION ALL SELECT 'b', o.n, format('%s AS b%s', o.sql, o.n) FROM unnest(others) WITH ORDINALITY AS o(sql, n)) AS c;
END $$;

FUNCTION journey_internal.compile_rules(rules definitions[], sources bigint[], uses jsonb[], as_of timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The method "rule" of segments and tags: one SELECT for rules, with their sources and the numbers of what each uses.'
AS $$
DECLARE
	one @extschema@.definitions;
	i int;
	stream record;
	scope journey_internal.rule_scope;
	questions journey_internal.rule_question[] := '{}';
	rows text[] := '{}';
	output record;
	base journey_internal.rule_part;
	part journey_internal.rule_part;
	before journey_internal.rule_part[];
	others journey_internal.rule_part;
	pass record;
	held text;	-- the set that is kept out of a segment
BEGIN
	SELECT * INTO stream FROM journey_internal.rule_stream(sources, (rules[1]).owner::regrole);
	FOR i IN 1 .. cardinality(rules) LOOP
		one := rules[i];
		scope := ROW(as_of, uses[i], 'e', 'attr_', stream.attributes, stream.has_json);
		base := NULL;
		IF one.definition::jsonb ? 'base' THEN
			base := journey_internal.rule_condition(CASE one.definition::jsonb -> 'base' WHEN '"source"' THEN '{"did": "*"}' ELSE one.definition::jsonb -> 'base' END, scope, cardinality(questions));
			questions := questions || base.questions;
			IF base.negated THEN
				RAISE EXCEPTION '"base" is a complement: %', one.definition::jsonb -> 'base' USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Who is everybody? Write "source" for all users of the source, or a condition that says who, not who not.';
			END IF;
		END IF;
		before := '{}';
		FOR output IN SELECT * FROM journey_internal.rule_outputs(one.kind, one.definition::jsonb) LOOP
			-- the first value that holds is that of a user; one without a condition, of all the others
			IF NOT output.others OR before = '{}' THEN
				part := journey_internal.rule_condition(CASE WHEN output.others THEN '{"did": "*"}' ELSE output.condition END, scope, cardinality(questions));
				questions := questions || part.questions;
				part.questions := NULL;
				before := before || part;
				others := journey_internal.combined('or'::text, before[: cardinality(before) - 1]);
			ELSE
				part := NULL;
				others := journey_internal.combined('or'::text, before);
			END IF;
			others.negated := NOT others.negated;
			part := CASE WHEN others.set IS NULL THEN part WHEN part.set IS NULL THEN others ELSE journey_internal.combined('and'::text, ARRAY[part, others]) END;
			IF part.negated AND base.set IS NULL THEN
				RAISE EXCEPTION 'the rule of "%" holds for users who did nothing at all: %', one.name, CASE WHEN output.others THEN format('"%s" is for all the others', output.value) ELSE output.condition::text END
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a base to take them from, such as "base": "source" for all users of the source.';
			END IF;
			part.set := CASE WHEN part.negated THEN format('%s OPERATOR(@extschema@.-) %s', base.set, part.set)
					WHEN base.set IS NOT NULL THEN format('%s OPERATOR(@extschema@.&) %s', base.set, part.set)
					ELSE part.set END;
			IF one.definition::jsonb ? 'holdout' THEN
				held := format('@extschema@.holdout(%s, %s, %s)', part.set, replace(quote_literal(one.definition::jsonb -> 'holdout' ->> 'salt'), '%', '%%'), one.definition::jsonb -> 'holdout' ->> 'share');
				rows := rows || format('(%s::pg_catalog.int8, %L::pg_catalog.text, %s)', one.id, 'holdout', held);
				part.set := format('(%s) OPERATOR(@extschema@.-) %s', part.set, held);
			END IF;
			rows := rows || format('(%s::pg_catalog.int8, %s::pg_catalog.text, %s)', one.id, replace(quote_literal(output.value), '%', '%%'), part.set);
		END LOOP;
	END LOOP;
	SELECT * INTO pass FROM journey_internal.rule_pass(questions, stream.query, as_of);
	RETURN format('SELECT d.id, d.value, d.members FROM (%s) AS s, LATERAL (VALUES %s) AS d(id, value, members)',
		pass.query, format(array_to_string(rows, ', '), VARIADIC pass.answers));
END $$;

-- The names of events in a definition in JSON. Below "where" stand attributes, whatever their names.
FUNCTION journey_internal.rule_event_names(rule jsonb) -> text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of create_segment, create_tag, alter_segment and alter_tag: the names of events in a definition in JSON.'
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

-- A name that is not spelled as in the source gives an empty segment, which looks like any other. A large
-- source is not read to its end for that.
FUNCTION journey_internal.tell_unknown_events(rule jsonb, sources bigint[]) -> void LANGUAGE plpgsql
	'Support function of create_segment, create_tag, alter_segment and alter_tag: a notice for each event in a definition that no row of the sources has. The search is limited to half a second.'
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

-- Before anything is stored: what is compiled for long keeps no lock from others.
FUNCTION journey_internal.check_rule(new_definition definitions, sources text[], uses text[], mode text, what text) -> void LANGUAGE plpgsql
	'Support function of create_segment, create_tag, alter_segment and alter_tag: raises an error unless a definition in JSON can be compiled.'
AS $$
DECLARE
	one @extschema@.definitions := new_definition;
	source_ids CONSTANT bigint[] := journey_internal.source_ids(sources, journey_internal.caller()::regrole);
	names CONSTANT jsonb := (SELECT coalesce(jsonb_object_agg(u.name, u.used), '{}') FROM unnest(uses, journey_internal.used_ids(one.name, uses)) AS u(name, used));
	old @extschema@.definitions;
BEGIN
	IF mode <> 'create' THEN
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

-- What a definition consists of: values and their conditions; of a segment one, without a value.
FUNCTION journey_internal.rule_outputs(kind text, rule jsonb) -> TABLE (value text, condition jsonb, others boolean) LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	'The values of a rule and their conditions, and whether a value is for all other users. A segment has one condition, without a value.'
AS $$
DECLARE
	element jsonb;
BEGIN
	others := false;
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
			IF others THEN
				RAISE EXCEPTION 'a value stands after one without a condition: %', element USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Only the last value may be without "when": it is for all the others.';
			END IF;
			value := element ->> 'value';
			condition := element -> 'when';
			others := NOT element ? 'when';
			RETURN NEXT;
		END LOOP;
	ELSE
		PERFORM journey_internal.check_keys(rule, CASE kind WHEN 'segment' THEN '{source,base,rule,holdout}' ELSE '{source,base,rule}' END::text[], 'a rule'::text);
		IF rule ? 'holdout' THEN
			PERFORM journey_internal.check_keys(rule -> 'holdout', '{salt,share}'::text[], 'a holdout'::text);
			IF jsonb_typeof(rule -> 'holdout' -> 'salt') IS DISTINCT FROM 'string' OR jsonb_typeof(rule -> 'holdout' -> 'share') IS DISTINCT FROM 'number' THEN
				RAISE EXCEPTION 'a holdout is %, without a salt or a share', rule -> 'holdout' USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Write "holdout": {"salt": "autumn campaign", "share": 0.1}.';
			END IF;
			PERFORM @extschema@.holdout('{}'::@extschema@.userset, ''::text, (rule -> 'holdout' ->> 'share')::float8);
		END IF;
		value := '';
		condition := rule -> 'rule';
		RETURN NEXT;
	END IF;
END $$;
