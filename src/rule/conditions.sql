-- rule: conditions as expressions over usersets.

-- ---- rules ----------------------------------------------------------------------------
--
-- A rule becomes one SELECT with one pass over its source. What users did is asked in that
-- pass: by step_users, step_totals and pattern_users, each of which answers many questions at
-- once, and for the rest by users_by_total and funnel_members. Each question gives a userset,
-- and and, or, not are operators between usersets. "not" stays unevaluated as long as it can:
-- A and not B is A - B; only what is a complement at the end needs a base.
--
-- While compiling, what is asked in the pass is collected in a jsonb, the context:
--	as_of, uses			the time, and what the names of segments and tags mean, by name
--	attributes, json	what filters may name: types by name; is there a column attrs?
--	names, filters		events: by name alone, and others as rule_event gives them
--	n0, n1 ... f0, f1 ...	questions to each 58 of these: [step, since, until, at_least]
--	operands			SQL of the values of which totals are asked
--	v0, v1 ...			events with these
--	v0_0, v0_1 ...		questions to each 58 of these: [step, since, until, total, operator, bound]
--	e0, e1 ...			events of patterns, up to 58 each
--	p0, p1 ...			patterns over these: [since, until, steps, pattern]
--	totals, chains		SQL of further aggregates

-- Where an element is in an array of the context; it is added if it is not there.
CREATE FUNCTION journey_internal.rule_index(key text, element jsonb, INOUT context jsonb, OUT index int)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT e.n - 1 INTO index FROM jsonb_array_elements(context -> key) WITH ORDINALITY AS e(value, n) WHERE e.value = element;
	IF index IS NULL THEN
		index := coalesce(jsonb_array_length(context -> key), 0);
		context := jsonb_set(context, ARRAY[key], coalesce(context -> key, '[]') || jsonb_build_array(element));
	END IF;
END $$;
COMMENT ON FUNCTION journey_internal.rule_index(text, jsonb, jsonb) IS 'Support function of rules: collects what a pass has to ask.';

-- The users who did something in a window at least so many times.
CREATE FUNCTION journey_internal.rule_did(event record, since timestamptz, until timestamptz, at_least bigint, INOUT context jsonb, OUT set text)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	condition int;
	question int;
	list text;
BEGIN
	IF event.name IS NOT NULL THEN
		SELECT r.context, r.index INTO context, condition FROM journey_internal.rule_index('names'::text, to_jsonb(event.name), context) AS r;
		list := 'n' || condition / 58;
	ELSE
		SELECT r.context, r.index INTO context, condition FROM journey_internal.rule_index('filters'::text, event.parts, context) AS r;
		list := 'f' || condition / 58;
	END IF;
	SELECT r.context, r.index INTO context, question
	FROM journey_internal.rule_index(list, jsonb_build_array(condition % 58 + 1, since, until, at_least), context) AS r;
	set := format('coalesce(s.%s[%s], ''{}'')', list, question + 1);
END $$;
COMMENT ON FUNCTION journey_internal.rule_did(record, timestamptz, timestamptz, bigint, jsonb) IS 'Support function of rules: who did something at least so many times.';

-- A pattern is checked where it is written, not at the first refresh.
CREATE FUNCTION journey_internal.check_pattern(pattern text, steps int) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.sequence_users(1::bigint, '2000-01-01 00:00+00'::timestamptz, (repeat('0', steps))::@extschema@.stepset, pattern);
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE EXCEPTION 'the pattern "%" names more steps than the % there are', pattern, steps USING ERRCODE = 'invalid_parameter_value',
		HINT = '(?1) is the first step of "sequence", (?2) the second.';
END $$;
COMMENT ON FUNCTION journey_internal.check_pattern(text, int) IS 'An error that says where and how, if this is no pattern over so many steps.';

-- A segment or tag as arguments of what rules are compiled to: its number, and what the rule calls it.
CREATE FUNCTION journey_internal.rule_used(name text, kind text, context jsonb) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF context #>> ARRAY['uses', name] IS NULL THEN
		RAISE EXCEPTION 'the % "%" was dropped', kind, name USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
	RETURN format('%s::pg_catalog.int8, %L::pg_catalog.text', context #>> ARRAY['uses', name], name);
END $$;
COMMENT ON FUNCTION journey_internal.rule_used(text, text, jsonb) IS 'Support function of rules: a segment or tag that a rule uses, in SQL. An error if it was dropped.';

-- A condition: an expression of type userset, and whether it is to be read as its complement.
CREATE FUNCTION journey_internal.rule_condition(condition jsonb, INOUT context jsonb, OUT set text, OUT negated boolean)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	windowed CONSTANT text[] := '{within,from,to}';
	as_of CONSTANT timestamptz := context ->> 'as_of';
	verb text;
	verbs text[];
	part record;
	event record;
	attribute record;
	span record;
	element jsonb;
	index int;
	low bigint;
	high bigint;
	number numeric;
	list text[] := '{}';
	steps jsonb := '[]';
	numbers int[] := '{}';
	columns text;
	pattern text;
	others text[] := '{}';
	relation regclass;
	operator text;
	bound jsonb;
BEGIN
	negated := false;
	SELECT array_agg(k ORDER BY k) INTO verbs FROM jsonb_object_keys(CASE jsonb_typeof(condition) WHEN 'object' THEN condition ELSE '{}' END) AS k
	WHERE k IN ('and', 'or', 'not', 'did', 'did_not', 'first', 'last', 'sequence', 'user', 'segment', 'tag');
	IF verbs IS NULL OR cardinality(verbs) <> 1 THEN
		RAISE EXCEPTION 'a condition is %', coalesce(condition::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is an object with exactly one of did, did_not, first, last, sequence, user, segment, tag, and, or, not.';
	END IF;
	verb := verbs[1];

	CASE
	WHEN verb IN ('and', 'or') THEN
		PERFORM journey_internal.check_keys(condition, ARRAY[verb], format('"%s"', verb));
		IF jsonb_typeof(condition -> verb) <> 'array' OR jsonb_array_length(condition -> verb) = 0 THEN
			RAISE EXCEPTION '"%" is %, not an array of conditions', verb, condition -> verb USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write one condition or more: {"and": [{"did": "buy"}, {"did": "login"}]}.';
		END IF;
		FOR element IN SELECT jsonb_array_elements(condition -> verb) LOOP
			SELECT * INTO part FROM journey_internal.rule_condition(element, context);
			context := part.context;
			IF part.negated THEN
				others := others || part.set;
			ELSE
				list := list || part.set;
			END IF;
		END LOOP;
		-- A and B and not C and not D = A & B - (C | D); A or B or not C or not D = not (C & D - (A | B))
		IF verb = 'and' AND cardinality(list) > 0 THEN
			set := array_to_string(list, ' OPERATOR(@extschema@.&) ');
			IF cardinality(others) > 0 THEN
				set := format('(%s) OPERATOR(@extschema@.-) (%s)', set, array_to_string(others, ' OPERATOR(@extschema@.|) '));
			END IF;
		ELSIF verb = 'and' THEN
			set := array_to_string(others, ' OPERATOR(@extschema@.|) ');
			negated := true;
		ELSIF cardinality(others) > 0 THEN
			set := array_to_string(others, ' OPERATOR(@extschema@.&) ');
			IF cardinality(list) > 0 THEN
				set := format('(%s) OPERATOR(@extschema@.-) (%s)', set, array_to_string(list, ' OPERATOR(@extschema@.|) '));
			END IF;
			negated := true;
		ELSE
			set := array_to_string(list, ' OPERATOR(@extschema@.|) ');
		END IF;
		set := '(' || set || ')';

	WHEN verb = 'not' THEN
		PERFORM journey_internal.check_keys(condition, '{not}'::text[], '"not"'::text);
		SELECT * INTO part FROM journey_internal.rule_condition(condition -> 'not', context);
		context := part.context;
		set := part.set;
		negated := NOT part.negated;

	WHEN verb = 'did_not' THEN
		PERFORM journey_internal.check_keys(condition, windowed || '{did_not,where}'::text[], '"did_not"'::text);
		SELECT * INTO part FROM journey_internal.rule_condition(condition - 'did_not' || jsonb_build_object('did', condition -> 'did_not'), context);
		context := part.context;
		set := part.set;
		negated := true;

	WHEN verb = 'did' AND condition ?| '{sum,avg,min,max,distinct}' THEN
		SELECT array_agg(k) INTO verbs FROM jsonb_object_keys(condition) AS k WHERE k IN ('sum', 'avg', 'min', 'max', 'distinct');
		PERFORM journey_internal.check_keys(condition, windowed || ARRAY['did', 'where', 'is', verbs[1]], format('"did" with "%s"', verbs[1]));
		SELECT * INTO event FROM journey_internal.rule_event(condition -> 'did', condition -> 'where', context);
		SELECT * INTO span FROM journey_internal.rule_window(condition, as_of);
		SELECT * INTO attribute FROM journey_internal.rule_attribute(condition ->> verbs[1], context);
		IF jsonb_typeof(condition -> 'is') IS DISTINCT FROM 'object' OR (SELECT count(*) FROM jsonb_object_keys(condition -> 'is')) <> 1 THEN
			RAISE EXCEPTION '"is" is %, not one comparison', coalesce(condition ->> 'is', 'missing') USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write "is": {">=": 1000}.';
		END IF;
		SELECT k, condition -> 'is' -> k INTO operator, bound FROM jsonb_object_keys(condition -> 'is') AS k;
		IF operator <> ALL ('{=,!=,<,<=,>,>=}') OR jsonb_typeof(bound) <> 'number' THEN
			RAISE EXCEPTION '"is" is %', condition -> 'is' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write one of =, !=, <, <=, >, >= and a number: {">=": 1000}.';
		ELSIF abs(bound::numeric) > 1e308 OR bound::numeric <> 0 AND abs(bound::numeric) < 1e-307 THEN
			RAISE EXCEPTION '"is" compares with a number that is out of range: %', left(bound::text, 20) || '...' USING ERRCODE = 'numeric_value_out_of_range',
				HINT = 'Totals are of type float8: write a number from 1e-307 to 1e308, 0, or the negative of one.';
		END IF;
		IF verbs[1] <> 'distinct' AND attribute.type NOT IN ('attrs', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
			RAISE EXCEPTION 'the % of "%" is asked for, which is of type %', verbs[1], condition ->> verbs[1], attribute.type USING ERRCODE = 'datatype_mismatch',
				HINT = 'Only numbers have one. "distinct" counts different values of any type.';
		END IF;
		IF verbs[1] = 'distinct' THEN
			SELECT r.context, r.index INTO context, index FROM journey_internal.rule_index('totals'::text, to_jsonb(format(
				'@extschema@.users_by_total(e.user_id, %s, %L::pg_catalog.text, %L::pg_catalog.text, %L::pg_catalog.text) FILTER (WHERE %s AND e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz)',
				CASE attribute.type WHEN 'attrs' THEN format('nullif((%s)::pg_catalog.text, ''null'')', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END,
				verbs[1], operator, bound::text, event.sql, span.since, span.until)), context) AS r;
			set := format('coalesce(s.t%s, ''{}'')', index);
			RETURN;
		END IF;
		attribute.operand := format('(%s)::pg_catalog.float8', CASE WHEN attribute.type <> 'attrs' THEN attribute.operand
			ELSE format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[]) END', attribute.operand) END);
		SELECT r.context, r.index INTO context, index FROM journey_internal.rule_index('operands'::text, to_jsonb(attribute.operand), context) AS r;
		columns := 'v' || index;
		SELECT r.context, r.index INTO context, index FROM journey_internal.rule_index(columns, event.parts, context) AS r;
		columns := concat(columns, '_', index / 58);
		SELECT r.context, r.index INTO context, index
		FROM journey_internal.rule_index(columns, jsonb_build_array(index % 58 + 1, span.since, span.until, verbs[1], operator, bound::text), context) AS r;
		set := format('coalesce(s.%s[%s], ''{}'')', columns, index + 1);

	WHEN verb = 'did' THEN
		PERFORM journey_internal.check_keys(condition, windowed || '{did,where,count}'::text[], '"did"'::text);
		SELECT * INTO event FROM journey_internal.rule_event(condition -> 'did', condition -> 'where', context);
		SELECT * INTO span FROM journey_internal.rule_window(condition, as_of);
		low := 1;
		IF condition ? 'count' THEN
			low := 0;
			element := condition -> 'count';
			IF jsonb_typeof(element) = 'number' THEN
				element := jsonb_build_object('=', element);
			END IF;
			PERFORM journey_internal.check_keys(element, '{=,<,<=,>,>=}'::text[], '"count"'::text);
			FOR operator, bound IN SELECT * FROM jsonb_each(element) LOOP
				IF jsonb_typeof(bound) <> 'number' OR bound::numeric <> trunc(bound::numeric) OR bound::numeric NOT BETWEEN 0 AND 1e12 THEN
					RAISE EXCEPTION '"count" is compared with %', bound USING ERRCODE = 'invalid_parameter_value',
						HINT = 'Write a whole number from 0 on.';
				END IF;
				number := bound::numeric;
				IF operator IN ('>=', '>', '=') THEN
					low := greatest(low, number + (operator = '>')::int);
				END IF;
				IF operator IN ('<=', '<', '=') THEN
					high := least(high, number - (operator = '<')::int);
				END IF;
			END LOOP;
			IF high < low OR element = '{}' OR (low = 0 AND high IS NULL) THEN
				RAISE EXCEPTION '"count" is %: that holds for %', condition -> 'count', CASE WHEN high < low THEN 'nobody' ELSE 'everybody' END
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 3}, {"=": 1}, {"<=": 2} or {">=": 2, "<=": 5}.';
			END IF;
		END IF;
		IF high IS NOT NULL THEN
			SELECT r.context, r.set INTO context, set FROM journey_internal.rule_did(event, span.since, span.until, high + 1, context) AS r;
			negated := true;
		END IF;
		IF low > 0 THEN
			SELECT * INTO part FROM journey_internal.rule_did(event, span.since, span.until, low, context);
			context := part.context;
			set := CASE WHEN negated THEN format('(%s OPERATOR(@extschema@.-) %s)', part.set, set) ELSE part.set END;
			negated := false;
		END IF;

	WHEN verb IN ('first', 'last') THEN
		PERFORM journey_internal.check_keys(condition, windowed || ARRAY[verb, 'where'], format('"%s"', verb));
		IF NOT condition ?| windowed THEN
			RAISE EXCEPTION '"%" needs a window', verb USING ERRCODE = 'invalid_parameter_value', HINT = 'Add "within": "30 days", or from and to.';
		END IF;
		SELECT * INTO event FROM journey_internal.rule_event(condition -> verb, condition -> 'where', context);
		SELECT * INTO span FROM journey_internal.rule_window(condition, as_of);
		SELECT r.context, r.set INTO context, set FROM journey_internal.rule_did(event, span.since, span.until, 1::bigint, context) AS r;
		IF verb = 'first' THEN
			SELECT * INTO part FROM journey_internal.rule_did(event, '-infinity'::timestamptz, span.since, 1::bigint, context);
		ELSE
			SELECT * INTO part FROM journey_internal.rule_did(event, span.until, as_of, 1::bigint, context);
		END IF;
		context := part.context;
		set := format('(%s OPERATOR(@extschema@.-) %s)', set, part.set);

	WHEN verb = 'sequence' THEN
		PERFORM journey_internal.check_keys(condition, windowed || CASE WHEN condition ? 'pattern' THEN '{sequence,pattern}' ELSE '{sequence,in,mode}' END::text[],
			CASE WHEN condition ? 'pattern' THEN '"sequence" with "pattern"' ELSE '"sequence"' END);
		low := CASE WHEN condition ? 'pattern' THEN 1 ELSE 2 END;
		IF jsonb_typeof(condition -> 'sequence') <> 'array' OR jsonb_array_length(condition -> 'sequence') NOT BETWEEN low AND 58 THEN
			RAISE EXCEPTION '"sequence" is %, not an array of % to 58 steps', condition -> 'sequence', low USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write events in their order: {"sequence": ["view", "buy"]}.';
		ELSIF condition ? 'pattern' AND jsonb_typeof(condition -> 'pattern') <> 'string' THEN
			RAISE EXCEPTION '"pattern" is %, not a string', condition -> 'pattern' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write "(?1)(?t<=1d)(?2)", where (?1) is the first of the steps.';
		ELSIF condition ? 'mode' AND jsonb_typeof(condition -> 'mode') <> 'string' THEN
			RAISE EXCEPTION '"mode" is %, not a string', condition -> 'mode' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write "strict_order", for example.';
		ELSIF condition ? 'mode' THEN
			-- an error that lists the modes, if it is none
			PERFORM @extschema@.funnel_members(1::bigint, '2000-01-01 00:00+00'::timestamptz, '10'::@extschema@.stepset, '1 day'::interval, condition ->> 'mode');
		END IF;
		SELECT * INTO span FROM journey_internal.rule_window(condition, as_of);
		FOR element IN SELECT jsonb_array_elements(condition -> 'sequence') LOOP
			IF jsonb_typeof(element) = 'object' THEN
				PERFORM journey_internal.check_keys(element, '{did,where}'::text[], 'a step of a sequence'::text);
				SELECT * INTO event FROM journey_internal.rule_event(element -> 'did', element -> 'where', context);
			ELSE
				SELECT * INTO event FROM journey_internal.rule_event(element, NULL::jsonb, context);
			END IF;
			list := list || event.sql;
			steps := steps || jsonb_build_array(event.parts);
		END LOOP;
		pattern := condition ->> 'pattern';
		IF pattern IS NOT NULL THEN
			PERFORM journey_internal.check_pattern(pattern, cardinality(list));
		ELSIF NOT condition ? 'mode' AND NOT EXISTS (SELECT FROM jsonb_array_elements(steps) AS e WHERE NOT e ? 'names')
			AND NOT EXISTS (SELECT FROM jsonb_array_elements(steps) AS e, jsonb_array_elements_text(e -> 'names') AS name GROUP BY name HAVING count(*) > 1)
			AND (NOT condition ? 'in' OR extract(microseconds FROM journey_internal.rule_duration(condition -> 'in', 'in'::text))::bigint % 1000000 = 0) THEN
			-- no event can be two steps, so that a funnel is a pattern
			SELECT string_agg(format('(?%s)', n), '.*' ORDER BY n) INTO pattern FROM generate_series(1, cardinality(list)) AS n;
			IF condition ? 'in' THEN
				pattern := format('%s(?w<=%ss)', pattern, extract(epoch FROM journey_internal.rule_duration(condition -> 'in', 'in'::text))::bigint);
			END IF;
		END IF;
		IF pattern IS NOT NULL THEN
			-- where there is room for all its steps
			index := 0;
			WHILE (SELECT count(*) FROM (SELECT e FROM jsonb_array_elements(coalesce(context -> concat('e', index), '[]')) AS e UNION SELECT e FROM jsonb_array_elements(steps) AS e) AS u) > 58 LOOP
				index := index + 1;
			END LOOP;
			columns := 'e' || index;
			FOR element IN SELECT jsonb_array_elements(steps) LOOP
				SELECT r.context, r.index INTO context, index FROM journey_internal.rule_index(columns, element, context) AS r;
				numbers := numbers || index + 1;
			END LOOP;
			columns := 'p' || substr(columns, 2);
			SELECT r.context, r.index INTO context, index
			FROM journey_internal.rule_index(columns, jsonb_build_array(span.since, span.until, array_to_string(numbers, ','), pattern), context) AS r;
			set := format('coalesce(s.%s[%s], ''{}'')', columns, index + 1);
			RETURN;
		END IF;
		SELECT r.context, r.index INTO context, index FROM journey_internal.rule_index('chains'::text, to_jsonb(format(
			'@extschema@.funnel_members(e.user_id, e.at, @extschema@.steps(%s), %L::pg_catalog.interval, %L::pg_catalog.text) FILTER (WHERE e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz%s)',
			array_to_string(list, ', '), journey_internal.rule_duration(coalesce(condition -> 'in', '"36500 days"'), 'in'::text), coalesce(condition ->> 'mode', ''),
			span.since, span.until,
			CASE WHEN condition ->> 'mode' ~ 'strict_order' THEN '' ELSE format(' AND (%s)', array_to_string(list, ' OR ')) END)), context) AS r;
		set := format('coalesce((SELECT @extschema@.userset_agg(m.user_id) FROM pg_catalog.unnest(s.c%s) AS m WHERE m.level = %s), ''{}'')', index, cardinality(list));

	WHEN verb = 'user' THEN
		PERFORM journey_internal.check_keys(condition, '{user,of,id}'::text[], '"user"'::text);
		relation := to_regclass(condition ->> 'of');
		IF relation IS NULL OR jsonb_typeof(condition -> 'of') <> 'string' THEN
			RAISE EXCEPTION '"of" is %, not a table or view', coalesce(condition ->> 'of', 'missing') USING ERRCODE = 'undefined_table',
				HINT = 'Write its name with its schema: {"user": {"city": "Bern"}, "of": "bank.customers", "id": "customer_id"}.';
		END IF;
		IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attname = coalesce(condition ->> 'id', 'user_id') AND NOT attisdropped
			AND atttypid IN ('smallint'::regtype, 'int'::regtype, 'bigint'::regtype)) THEN
			RAISE EXCEPTION '% has no integer column "%"', relation, coalesce(condition ->> 'id', 'user_id') USING ERRCODE = 'undefined_column',
				HINT = '"id" names the column that holds the user, user_id if it is not given.';
		END IF;
		set := format('coalesce((SELECT @extschema@.userset_agg(u.%I::pg_catalog.int8) FROM %s AS u%s), ''{}'')', coalesce(condition ->> 'id', 'user_id'), relation::text,
			CASE WHEN condition -> 'user' = '{}' THEN '' ELSE
			' WHERE ' || journey_internal.rule_filter(condition -> 'user', jsonb_build_object('alias', 'u', 'prefix', '', 'json', false, 'attributes',
				(SELECT jsonb_object_agg(attname, format_type(journey_internal.base_type(atttypid), -1)) FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped))) END);

	WHEN verb = 'segment' THEN
		PERFORM journey_internal.check_keys(condition, '{segment}'::text[], '"segment"'::text);
		IF jsonb_typeof(condition -> 'segment') <> 'string' THEN
			RAISE EXCEPTION '"segment" is %, not a string', condition -> 'segment' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"segment": "dormant buyers"}.';
		END IF;
		set := format('journey_internal.segment_by_id(%s, %L::pg_catalog.timestamptz)', journey_internal.rule_used(condition ->> 'segment', 'segment'::text, context), as_of);

	ELSE
		PERFORM journey_internal.check_keys(condition, '{tag,value,is}'::text[], '"tag"'::text);
		IF jsonb_typeof(condition -> 'tag') <> 'string' THEN
			RAISE EXCEPTION '"tag" is %, not a string', condition -> 'tag' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"tag": "stage", "value": "lost"}.';
		ELSIF condition ? 'value' = condition ? 'is' THEN
			RAISE EXCEPTION '"tag" needs "value" or "is": %', condition USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write {"tag": "stage", "value": "lost"}, or of a numeric tag {"tag": "balance", "is": {">=": 1000}}.';
		ELSIF condition ? 'value' THEN
			set := format('journey_internal.tag_users_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.timestamptz)', journey_internal.rule_used(condition ->> 'tag', 'tag'::text, context), condition ->> 'value', as_of);
		ELSE
			element := CASE jsonb_typeof(condition -> 'is') WHEN 'object' THEN condition -> 'is' ELSE jsonb_build_object('=', condition -> 'is') END;
			FOR operator, bound IN SELECT * FROM jsonb_each(element) LOOP
				IF operator <> ALL ('{=,!=,<,<=,>,>=}') OR jsonb_typeof(bound) <> 'number' THEN
					RAISE EXCEPTION '"is" is %', condition -> 'is' USING ERRCODE = 'invalid_parameter_value',
						HINT = 'Write =, !=, <, <=, >, >= with numbers: {">=": 1000, "<": 5000}.';
				END IF;
				list := list || format('journey_internal.tag_users_where_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.numeric, %L::pg_catalog.timestamptz)',
					journey_internal.rule_used(condition ->> 'tag', 'tag'::text, context), operator, bound::text, as_of);
			END LOOP;
			IF cardinality(list) = 0 THEN
				RAISE EXCEPTION '"is" is empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 1000, "<": 5000}.';
			END IF;
			set := '(' || array_to_string(list, ' OPERATOR(@extschema@.&) ') || ')';
		END IF;
	END CASE;
END $$;
COMMENT ON FUNCTION journey_internal.rule_condition(jsonb, jsonb) IS 'A condition of a rule as an expression of type userset, or the complement of one.';
