-- quality: the rules of a tracking plan, and what each is in SQL.

-- One attribute of the events e: its text, its number (NULL if it is none), and what is not of a type.
CREATE TYPE journey_internal.plan_attribute AS (text text, number text, json text, type text);
COMMENT ON TYPE journey_internal.plan_attribute IS 'Support type of tracking plans: SQL expressions for an attribute of the events e: its text, its number, and its jsonb (NULL if the source has columns); and the type of its column.';

FUNCTION journey_internal.plan_attribute(name text, attributes jsonb, has_json boolean) -> journey_internal.plan_attribute LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of tracking plans: an attribute of a source. Raises an error if there is none of this name.'
AS $$
DECLARE
	column_type CONSTANT text := attributes ->> name;
	result journey_internal.plan_attribute;
	-- no text that this accepts is too long or too large for numeric
	number_of CONSTANT text := 'CASE WHEN pg_catalog.length(%1$s) <= 200 AND %1$s ~ ''^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?$'' THEN (%1$s)::pg_catalog.numeric END';
BEGIN
	IF column_type IS NOT NULL THEN
		result.type := column_type;
		result.text := format('(e.%I)::pg_catalog.text', 'attr_' || name);
		result.number := CASE WHEN column_type IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN format('(e.%I)::pg_catalog.numeric', 'attr_' || name)
			ELSE format(number_of, result.text) END;
	ELSIF has_json THEN
		result.json := format('(e.attrs -> %L::pg_catalog.text)', name);
		result.text := format('(e.attrs ->> %L::pg_catalog.text)', name);
		result.number := format('CASE WHEN pg_catalog.jsonb_typeof(%1$s) = ''number'' THEN %1$s::pg_catalog.numeric END', result.json);
	ELSIF name = 'value' THEN
		result.type := 'double precision';
		result.text := '(e.value)::pg_catalog.text';
		result.number := '(e.value)::pg_catalog.numeric';
	ELSE
		RAISE EXCEPTION 'the source has no attribute "%"', name USING ERRCODE = 'invalid_parameter_value',
			HINT = coalesce('Its attributes are ' || (SELECT string_agg(format('"%s"', k), ', ' ORDER BY k) FROM jsonb_object_keys(attributes) AS k) || '; "value" is its value.', 'It has only "value".');
	END IF;
	RETURN result;
END $$;

FUNCTION journey_internal.plan_type_condition(type text, attribute journey_internal.plan_attribute) -> text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Support function of tracking plans: a condition that holds for values of a type.'
AS $$
BEGIN
	RETURN CASE type
		WHEN 'number' THEN format('(%s) IS NOT NULL', attribute.number)
		WHEN 'integer' THEN format('(%1$s) = pg_catalog.trunc(%1$s)', attribute.number)
		WHEN 'string' THEN CASE WHEN attribute.json IS NOT NULL THEN format('pg_catalog.jsonb_typeof(%s) = ''string''', attribute.json)
			ELSE (attribute.type IN ('text', 'character varying', 'character', 'name'))::text END
		WHEN 'boolean' THEN CASE WHEN attribute.json IS NOT NULL THEN format('pg_catalog.jsonb_typeof(%s) = ''boolean''', attribute.json)
			WHEN attribute.type = 'boolean' THEN 'true' ELSE format('%s IN (''true'', ''false'')', attribute.text) END
		WHEN 'date' THEN CASE WHEN attribute.type IN ('date', 'timestamp without time zone', 'timestamp with time zone') THEN 'true'
			ELSE format('%s ~ ''^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$''', attribute.text) END
		WHEN 'time' THEN CASE WHEN attribute.type IN ('timestamp without time zone', 'timestamp with time zone') THEN 'true'
			ELSE format('%s ~ ''^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)?$''', attribute.text) END
	END;
END $$;

-- A number, true or false, or a text of a plan, or an error.
FUNCTION journey_internal.plan_value(plan jsonb, key text, type text, what text) -> jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Support function of tracking plans: the value of a key, NULL if it is not there. Raises an error unless it is of this JSON type.'
AS $$
BEGIN
	IF jsonb_typeof(plan -> key) <> type THEN
		RAISE EXCEPTION '% says "%": %', what, key, plan -> key USING ERRCODE = 'invalid_parameter_value', HINT = format('Write a JSON %s.', type);
	END IF;
	RETURN plan -> key;
END $$;

FUNCTION journey_internal.plan_list(plan jsonb, key text, what text) -> text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Support function of tracking plans: the texts, numbers and booleans in a list, NULL if it is not there.'
AS $$
BEGIN
	PERFORM journey_internal.plan_value(plan, key, 'array'::text, what);
	IF plan -> key = '[]' OR jsonb_path_exists(plan -> key, 'strict $[*] ? (@.type() == "null" || @.type() == "array" || @.type() == "object")') THEN
		RAISE EXCEPTION '% says "%": %', what, key, plan -> key USING ERRCODE = 'invalid_parameter_value', HINT = 'Write a list of texts or numbers, with at least one of them.';
	END IF;
	RETURN CASE WHEN plan ? key THEN ARRAY(SELECT v FROM jsonb_array_elements_text(plan -> key) AS v) END;
END $$;

FUNCTION journey_internal.check_pattern(pattern text, what text) -> text LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	'Support function of tracking plans: a regular expression. Raises an error unless it is one, of at most 1000 characters and without back references.'
AS $$
BEGIN
	IF length(pattern) > 1000 OR pattern ~ '\\[1-9]' THEN
		RAISE EXCEPTION '% says "pattern": %', what, left(pattern, 100) USING ERRCODE = 'invalid_parameter_value',
			HINT = 'A pattern has at most 1000 characters and no back references, which can take very long.';
	END IF;
	PERFORM '' ~ pattern;
	RETURN pattern;
EXCEPTION WHEN invalid_regular_expression THEN
	RAISE EXCEPTION '% says "pattern": %: %', what, pattern, SQLERRM USING ERRCODE = 'invalid_regular_expression';
END $$;

-- form: "row", a condition of one event that is bad; "other", of events that are not in the plan; "unique", "most",
-- "next" and "every" are counted by queries of their own.
CREATE TYPE journey_internal.plan_rule AS (event text, attribute text, rule text, dimension text, form text, condition text);
COMMENT ON TYPE journey_internal.plan_rule IS 'Support type of tracking plans: a rule; event is NULL for all events, and condition is what form needs in SQL.';

FUNCTION journey_internal.attribute_rules(of_event text, name text, plan jsonb, attributes jsonb, has_json boolean) -> SETOF journey_internal.plan_rule LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of tracking plans: the rules of an attribute. of_event: NULL for all events.'
AS $$
DECLARE
	what CONSTANT text := format('attribute "%s" of %s', name, coalesce(format('event "%s"', of_event), 'all events'));
	a CONSTANT journey_internal.plan_attribute := journey_internal.plan_attribute(name, attributes, has_json);
	bound record;
	type CONSTANT text := journey_internal.plan_value(plan, 'type'::text, 'string'::text, what) #>> '{}';
	pattern CONSTANT text := journey_internal.check_pattern(journey_internal.plan_value(plan, 'pattern'::text, 'string'::text, what) #>> '{}', what);
	list CONSTANT text[] := journey_internal.plan_list(plan, 'values'::text, what);
BEGIN
	PERFORM journey_internal.check_keys(plan, '{required,type,values,min,max,pattern,unique}'::text[], what);
	IF journey_internal.plan_value(plan, 'required'::text, 'boolean'::text, what) = 'true' THEN
		RETURN NEXT ROW(of_event, name, 'required', 'complete', 'row', format('%s IS NULL', a.text))::journey_internal.plan_rule;
	END IF;
	IF type IS NOT NULL THEN
		IF type NOT IN ('number', 'integer', 'string', 'boolean', 'date', 'time') THEN
			RAISE EXCEPTION '% is of type "%"', what, type USING ERRCODE = 'invalid_parameter_value', HINT = 'The types are number, integer, string, boolean, date and time.';
		END IF;
		RETURN NEXT ROW(of_event, name, 'type ' || type, 'accurate', 'row', format('%s IS NOT NULL AND (%s) IS NOT TRUE', a.text, journey_internal.plan_type_condition(type, a)))::journey_internal.plan_rule;
	END IF;
	IF list IS NOT NULL THEN
		RETURN NEXT ROW(of_event, name, 'values', 'accurate', 'row', format('NOT %s = ANY (%L::pg_catalog.text[])', a.text, list))::journey_internal.plan_rule;
	END IF;
	FOR bound IN SELECT * FROM (VALUES ('min', '<'), ('max', '>')) AS b(key, operator) LOOP
		IF journey_internal.plan_value(plan, bound.key, 'number'::text, what) IS NOT NULL THEN
			RETURN NEXT ROW(of_event, name, format('%s %s', bound.key, plan -> bound.key), 'accurate', 'row', CASE
				-- integers are compared as such, which is faster
				WHEN a.type IN ('integer', 'bigint') AND (plan ->> bound.key)::numeric BETWEEN -2147483648 AND 2147483647 AND (plan ->> bound.key)::numeric = trunc((plan ->> bound.key)::numeric)
					THEN format('e.%I %s %L::pg_catalog.%s', 'attr_' || name, bound.operator, trunc((plan ->> bound.key)::numeric), CASE a.type WHEN 'integer' THEN 'int4' ELSE 'int8' END)
				ELSE format('(%s) %s %L::pg_catalog.numeric', a.number, bound.operator, plan ->> bound.key) END)::journey_internal.plan_rule;
		END IF;
	END LOOP;
	IF pattern IS NOT NULL THEN
		RETURN NEXT ROW(of_event, name, 'pattern ' || pattern, 'accurate', 'row', format('%s%s !~ %L::pg_catalog.text',
			CASE WHEN a.json IS NOT NULL THEN format('pg_catalog.jsonb_typeof(%s) = ''string'' AND ', a.json) ELSE '' END, a.text, pattern))::journey_internal.plan_rule;
	END IF;
	IF journey_internal.plan_value(plan, 'unique'::text, 'boolean'::text, what) = 'true' THEN
		RETURN NEXT ROW(of_event, name, 'unique', 'true', 'unique', a.text)::journey_internal.plan_rule;
	END IF;
END $$;

FUNCTION journey_internal.event_rules(of_event text, plan jsonb, attributes jsonb, has_json boolean) -> SETOF journey_internal.plan_rule LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of tracking plans: the rules of an event. of_event: NULL for all events.'
AS $$
DECLARE
	what CONSTANT text := coalesce(format('event "%s"', of_event), 'the event "*"');
	part record;
	most CONSTANT numeric := journey_internal.plan_value(plan, 'at_most'::text, 'number'::text, what);
	following CONSTANT text[] := journey_internal.plan_list(plan, 'next'::text, what);
	unit CONSTANT text := journey_internal.plan_value(plan, 'every'::text, 'string'::text, what) #>> '{}';
BEGIN
	PERFORM journey_internal.check_keys(plan, '{attributes,at_most,next,every}'::text[], what);
	PERFORM journey_internal.plan_value(plan, 'attributes'::text, 'object'::text, what);
	FOR part IN SELECT a.key, a.value FROM jsonb_each(plan -> 'attributes') AS a ORDER BY a.key LOOP
		IF jsonb_typeof(part.value) <> 'object' THEN
			RAISE EXCEPTION 'attribute "%" of % is %, not an object', part.key, what, part.value USING ERRCODE = 'invalid_parameter_value', HINT = 'Write for example {"required": true, "type": "number"}.';
		END IF;
		RETURN QUERY SELECT * FROM journey_internal.attribute_rules(of_event, part.key, part.value, attributes, has_json);
	END LOOP;
	IF most IS NOT NULL THEN
		IF most NOT BETWEEN 1 AND 1000000000 OR most <> trunc(most) THEN
			RAISE EXCEPTION '% says "at_most": %', what, most USING ERRCODE = 'invalid_parameter_value', HINT = 'How often a user may have it in a day: a whole number from 1.';
		END IF;
		RETURN NEXT ROW(of_event, NULL, format('at most %s per user and day', most), 'true', 'most', most::text)::journey_internal.plan_rule;
	END IF;
	IF following IS NOT NULL THEN
		RETURN NEXT ROW(of_event, NULL, 'next', 'true', 'next', format('%L::pg_catalog.text[]', following))::journey_internal.plan_rule;
	END IF;
	IF unit IS NOT NULL THEN
		IF unit NOT IN ('hour', 'day') THEN
			RAISE EXCEPTION '% says "every": "%"', what, unit USING ERRCODE = 'invalid_parameter_value', HINT = 'Write "hour" or "day".';
		END IF;
		RETURN NEXT ROW(of_event, NULL, 'every ' || unit, 'continuous', 'every', unit)::journey_internal.plan_rule;
	END IF;
END $$;

FUNCTION journey_internal.compile_plan_rules(plan jsonb, attributes jsonb, has_json boolean) -> SETOF journey_internal.plan_rule LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of tracking plans: the rules of a plan over a source with these attributes. Raises an error unless the plan is as it should be.'
AS $$
DECLARE
	what CONSTANT text := 'the plan';
	part record;
	received CONSTANT text := journey_internal.plan_value(plan, 'received'::text, 'string'::text, what) #>> '{}';
	type CONSTANT text := attributes ->> received;
	allowed text;
BEGIN
	IF plan IS NULL OR jsonb_typeof(plan) <> 'object' THEN
		RAISE EXCEPTION 'the plan is %, not an object', coalesce(plan::text, 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {"events": {"pay": {"attributes": {"amount": {"required": true, "type": "number"}}}}}.';
	END IF;
	PERFORM journey_internal.check_keys(plan, '{events,only,received,within,over}'::text[], what);
	IF plan -> 'events' IS NULL OR jsonb_typeof(plan -> 'events') <> 'object' THEN
		RAISE EXCEPTION 'the plan has no object "events"' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {"events": {"pay": {"attributes": {"amount": {"required": true, "type": "number"}}}}}.';
	ELSIF (plan ? 'within') AND received IS NULL THEN
		RAISE EXCEPTION 'the plan says "within" without "received"' USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the attribute that is the time of arrival: "received": "received_at".';
	END IF;
	IF plan ? 'over' THEN
		PERFORM journey_internal.rule_duration(plan -> 'over', 'over'::text);
	END IF;
	RETURN NEXT ROW(NULL, 'user_id', 'required', 'complete', 'row', 'e.user_id IS NULL')::journey_internal.plan_rule;
	RETURN NEXT ROW(NULL, 'at', 'required', 'complete', 'row', 'e.at IS NULL')::journey_internal.plan_rule;
	IF journey_internal.plan_value(plan, 'only'::text, 'boolean'::text, what) = 'true' THEN
		RETURN NEXT ROW(NULL, NULL, 'in the plan', 'true', 'other', 'true')::journey_internal.plan_rule;
	END IF;
	IF received IS NOT NULL THEN
		IF type IS NULL OR type <> 'timestamp with time zone' THEN
			RAISE EXCEPTION 'the plan says "received": "%", which is no attribute of type timestamp with time zone', received USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Give the source such an attribute: alter_source(name, attrs => ''{"received_at": "..."}'').';
		END IF;
		RETURN NEXT ROW(NULL, received, 'not before at', 'true', 'row', format('e.%I < e.at', 'attr_' || received))::journey_internal.plan_rule;
		IF plan ? 'within' THEN
			allowed := journey_internal.rule_duration(plan -> 'within', 'within'::text);
			RETURN NEXT ROW(NULL, received, 'within ' || allowed, 'timely', 'row', format('journey_internal.is_late(e.at, e.%I, %s::pg_catalog.int8)', 'attr_' || received, (extract(epoch FROM allowed::interval) * 1000000)::bigint))::journey_internal.plan_rule;
		END IF;
	END IF;
	FOR part IN SELECT p.key, p.value FROM jsonb_each(plan -> 'events') AS p ORDER BY p.key <> '*', p.key LOOP
		IF jsonb_typeof(part.value) <> 'object' THEN
			RAISE EXCEPTION 'event "%" of the plan is %, not an object', part.key, part.value USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {} for an event without rules.';
		END IF;
		RETURN QUERY SELECT * FROM journey_internal.event_rules(nullif(part.key, '*'), part.value, attributes, has_json);
	END LOOP;
END $$;
