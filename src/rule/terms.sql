-- rule: what conditions are made of: lengths of time, windows, comparisons, filters and events.

-- What the names in a rule mean.  Attributes are columns of alias, their names behind prefix.
CREATE TYPE journey_internal.rule_scope AS (as_of timestamptz, uses jsonb, alias text, prefix text, attributes jsonb, has_json boolean);
COMMENT ON TYPE journey_internal.rule_scope IS 'The context in which a rule is compiled: its time; the numbers of segments and tags by name; the types of attributes by name, and which attributes are columns; and whether a column attrs holds others.';

-- An event of a rule: which rows of the stream are it?
CREATE TYPE journey_internal.rule_event AS (names text[], filter text, sql text);
COMMENT ON TYPE journey_internal.rule_event IS 'An event of a rule: its names (NULL: any); its filter in SQL, or NULL; and both together in SQL.';

FUNCTION journey_internal.check_keys(object jsonb, allowed text[], what text) -> void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Raises an error unless this is an object and has only these keys.'
AS $$
DECLARE
	unknown text;
BEGIN
	IF jsonb_typeof(object) IS DISTINCT FROM 'object' THEN
		RAISE EXCEPTION '% is %, not an object', what, coalesce(object::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is an object of ' || array_to_string(allowed, ', ') || '. docs/segment.md describes rules.';
	END IF;
	SELECT k INTO unknown FROM jsonb_object_keys(object) AS k WHERE k <> ALL (allowed) ORDER BY k LIMIT 1;
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION '% has no "%": %', what, unknown, object USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It may have ' || array_to_string(allowed, ', ') || '.';
	END IF;
END $$;

-- A length of time in a rule, in days of 24 hours.
FUNCTION journey_internal.rule_duration(duration jsonb, what text) -> interval LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	'A duration in a rule, up to a million days. Months are an error.'
AS $$
DECLARE
	result interval;
BEGIN
	IF jsonb_typeof(duration) IS DISTINCT FROM 'string' THEN
		RAISE EXCEPTION '% is %, not a length of time', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write it as "30 days" or "12 hours".';
	END IF;
	BEGIN
		result := (duration #>> '{}')::interval;
	EXCEPTION WHEN invalid_datetime_format OR interval_field_overflow OR datetime_field_overflow THEN
		RAISE EXCEPTION '% is %, not a length of time', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write it as "30 days" or "12 hours".';
	END;
	IF extract(year FROM result) <> 0 OR extract(month FROM result) <> 0 THEN
		RAISE EXCEPTION '% is %: months differ in length', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Use days, such as "30 days".';
	ELSIF result < interval '0' THEN
		RAISE EXCEPTION '% is %, before its own beginning', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write a length without a minus.';
	ELSIF result > interval '1000000 days' THEN
		RAISE EXCEPTION '% is %, which is too long', what, duration USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write up to "1000000 days", or leave the window out for all of the past.';
	END IF;
	RETURN make_interval(hours => (extract(day FROM result) * 24)::int) + (result - make_interval(days => extract(day FROM result)::int));
END $$;

FUNCTION journey_internal.rule_time(at jsonb, what text) -> timestamptz LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'A time in a rule. It must be finite and have a time zone.'
AS $$
DECLARE
	result timestamptz;
BEGIN
	result := (at #>> '{}')::timestamptz;
	IF jsonb_typeof(at) <> 'string' OR NOT isfinite(result) THEN
		RAISE invalid_datetime_format;
	END IF;
	-- without a zone it would mean another time for another runner
	IF NOT (at #>> '{}') ~* '([+-]\d\d(:?\d\d)?|z|utc|gmt)\s*$' OR (at #>> '{}') ~ '^\s*\d+-\d+-\d+\s*$' THEN
		RAISE EXCEPTION '% is %, without a time zone', what, at USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write the offset too, such as "2026-01-31 00:00+08".';
	END IF;
	RETURN result;
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow OR invalid_text_representation THEN
	RAISE EXCEPTION '% is %, not a time', what, at USING ERRCODE = 'invalid_parameter_value',
		HINT = 'Write it as "2026-01-31 00:00+08".';
END $$;

-- The window of a condition: since <= at < until.
FUNCTION journey_internal.rule_window(condition jsonb, as_of timestamptz, OUT since timestamptz, OUT until timestamptz) -> record LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'The window of a condition of a rule, evaluated at as_of.'
AS $$
BEGIN
	since := '-infinity';
	until := as_of;
	IF condition ? 'within' AND (condition ? 'from' OR condition ? 'to') THEN
		RAISE EXCEPTION 'a condition has both within and from or to: %', condition USING ERRCODE = 'invalid_parameter_value',
			HINT = 'within slides with as_of, from and to stand still: use one of them.';
	ELSIF jsonb_typeof(condition -> 'within') = 'array' THEN
		IF jsonb_array_length(condition -> 'within') <> 2 THEN
			RAISE EXCEPTION 'within is %, not two lengths of time', condition -> 'within' USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write ["60 days", "30 days"] for the time from 60 to 30 days ago.';
		END IF;
		since := as_of - journey_internal.rule_duration(condition #> '{within,0}', 'within'::text);
		until := as_of - journey_internal.rule_duration(condition #> '{within,1}', 'within'::text);
	ELSIF condition ? 'within' THEN
		since := as_of - journey_internal.rule_duration(condition -> 'within', 'within'::text);
	ELSE
		IF condition ? 'from' THEN
			since := journey_internal.rule_time(condition -> 'from', 'from'::text);
		END IF;
		IF condition ? 'to' THEN
			until := least(as_of, journey_internal.rule_time(condition -> 'to', 'to'::text));
		END IF;
	END IF;
	-- a fixed window may lie after as_of; then nobody did anything in it
	IF condition ? 'within' AND since >= until
		OR condition ? 'from' AND condition ? 'to' AND since >= journey_internal.rule_time(condition -> 'to', 'to'::text) THEN
		RAISE EXCEPTION 'the window of a condition is empty: %', condition USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It does not begin before its end.';
	END IF;
END $$;

-- Rules run where only pg_catalog is looked into. There = would find that of another type for
-- one like citext, to which values of it can be cast.
FUNCTION journey_internal.type_operator(type text, operator text) -> text LANGUAGE sql STABLE PARALLEL SAFE
	'The operator =, !=, <, <=, > or >= of a type, in SQL. It is qualified with its schema if the type is outside of pg_catalog and has the operator in its default operator class.'
	AS $$ SELECT coalesce((
		SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
		FROM pg_type AS t
			JOIN pg_opclass AS c ON c.opcintype = t.oid AND c.opcdefault
			JOIN pg_am AS m ON m.oid = c.opcmethod
			JOIN pg_amop AS a ON a.amopfamily = c.opcfamily AND a.amoplefttype = t.oid AND a.amoprighttype = t.oid
			JOIN pg_operator AS e ON e.oid = a.amopopr
			JOIN pg_operator AS o ON o.oid = CASE operator WHEN '!=' THEN e.oprnegate ELSE e.oid END
			JOIN pg_namespace AS n ON n.oid = o.oprnamespace
		WHERE t.oid = type::regtype AND t.typnamespace <> 'pg_catalog'::regnamespace
			AND (m.amname = 'btree' AND a.amopstrategy = CASE operator WHEN '<' THEN 1 WHEN '<=' THEN 2 WHEN '=' THEN 3 WHEN '!=' THEN 3 WHEN '>=' THEN 4 WHEN '>' THEN 5 END
				OR m.amname = 'hash' AND operator IN ('=', '!='))
		ORDER BY m.amname LIMIT 1),
		replace(operator, '!=', '<>')) $$;

-- The comparison of an expression of a type with a value, all of a rule.
FUNCTION journey_internal.rule_comparison(operand text, type text, comparison jsonb, what text) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'A comparison of a rule in SQL.'
AS $$
DECLARE
	operator text;
	given jsonb;
	result text[] := '{}';
	one text;
	own text;
BEGIN
	CASE jsonb_typeof(comparison)
		WHEN 'null' THEN comparison := '{"exists": false}';
		WHEN 'array' THEN comparison := jsonb_build_object('in', comparison);
		WHEN 'object' THEN NULL;
		ELSE comparison := jsonb_build_object('=', comparison);
	END CASE;
	IF comparison = '{}' THEN
		RAISE EXCEPTION 'the comparison of % is empty', what USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 3}, for example.';
	END IF;
	FOR operator, given IN SELECT * FROM jsonb_each(comparison) LOOP
		IF operator IN ('=', '!=', '<', '<=', '>', '>=') AND jsonb_typeof(given) IN ('string', 'number', 'boolean') THEN
			IF type = 'attrs' AND jsonb_typeof(given) = 'string' THEN
				one := format('(%s #>> ''{}''::pg_catalog.text[]) %s %L', operand, replace(operator, '!=', '<>'), given #>> '{}');
			ELSIF type = 'attrs' THEN
				one := format('(pg_catalog.jsonb_typeof(%1$s) = %2$L AND %1$s %3$s %4$L::pg_catalog.jsonb)', operand, jsonb_typeof(given), replace(operator, '!=', '<>'), given::text);
			ELSE
				one := format('%s %s %L::%s', operand, journey_internal.type_operator(type, operator), given #>> '{}', type);
			END IF;
		ELSIF operator = 'in' AND jsonb_typeof(given) = 'array' AND jsonb_array_length(given) > 0 THEN
			SELECT '(' || string_agg(journey_internal.rule_comparison(operand, type, jsonb_build_object('=', g), what), ' OR ') || ')' INTO one
			FROM jsonb_array_elements(given) AS g;
		ELSIF operator IN ('like', 'not like') AND jsonb_typeof(given) = 'string' THEN
			-- a type may have its own, as citext has
			SELECT format('%s OPERATOR(%I.%s) %L::%s', operand, n.nspname, o.oprname, given #>> '{}', type) INTO own
			FROM pg_type AS t JOIN pg_operator AS o ON o.oprleft = t.oid AND o.oprright = t.oid AND o.oprnamespace = t.typnamespace
				JOIN pg_namespace AS n ON n.oid = o.oprnamespace
			WHERE type <> 'attrs' AND t.oid = to_regtype(type) AND t.typnamespace <> 'pg_catalog'::regnamespace
				AND o.oprname = CASE operator WHEN 'like' THEN '~~' ELSE '!~~' END;
			one := coalesce(own, format(CASE type WHEN 'attrs' THEN '(%s #>> ''{}''::pg_catalog.text[]) %s %L' ELSE '(%s)::pg_catalog.text %s %L' END,
				operand, upper(operator), given #>> '{}'));
		ELSIF operator = 'exists' AND jsonb_typeof(given) = 'boolean' THEN
			-- the null of JSON is none, too
			one := format(CASE type WHEN 'attrs' THEN '(%s #>> ''{}''::pg_catalog.text[]) IS %s' ELSE '%s IS %s' END,
				operand, CASE WHEN given::boolean THEN 'NOT NULL' ELSE 'NULL' END);
		ELSE
			RAISE EXCEPTION '% is compared by "%" with %', what, operator, given USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Operators are =, !=, <, <=, >, >= with a value, in with an array of values, like and not like with a string, exists with true or false.';
		END IF;
		result := result || one;
	END LOOP;
	RETURN array_to_string(result, ' AND ');
END $$;

-- An attribute in SQL, and its type: 'attrs' for a member of a jsonb.
FUNCTION journey_internal.rule_attribute(name text, scope journey_internal.rule_scope, OUT operand text, OUT type text) -> record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'An attribute that a rule names, in SQL.'
AS $$
BEGIN
	IF name = 'value' AND scope.alias = 'e' THEN
		operand := 'e.value';
		type := 'double precision';
	ELSIF scope.attributes ? name THEN
		operand := format('%s.%I', scope.alias, concat(scope.prefix, name));
		type := scope.attributes ->> name;
	ELSIF scope.has_json THEN
		operand := format('(%s.attrs -> %L)', scope.alias, name);
		type := 'attrs';
	ELSE
		RAISE EXCEPTION 'there is no attribute "%"', name USING ERRCODE = 'undefined_column',
			HINT = 'There are: ' || concat_ws(', ', CASE scope.alias WHEN 'e' THEN 'value' END, (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(scope.attributes) AS k)) || '.';
	END IF;
END $$;

FUNCTION journey_internal.rule_filter(filter jsonb, scope journey_internal.rule_scope) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'A filter of a rule in SQL.'
AS $$
DECLARE
	key text;
	given jsonb;
	attribute record;
	result text[] := '{}';
BEGIN
	IF jsonb_typeof(filter) IS DISTINCT FROM 'object' OR filter = '{}' THEN
		RAISE EXCEPTION 'a filter is %, not an object', filter USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write {"channel": "app", "amount": {">=": 1000}}.';
	END IF;
	FOR key, given IN SELECT * FROM jsonb_each(filter) LOOP
		IF key IN ('and', 'or') THEN
			IF jsonb_typeof(given) <> 'array' OR jsonb_array_length(given) = 0 THEN
				RAISE EXCEPTION '"%" of a filter is %, not an array of filters', key, given USING ERRCODE = 'invalid_parameter_value';
			END IF;
			result := result || (SELECT '(' || string_agg(journey_internal.rule_filter(g, scope), CASE key WHEN 'and' THEN ' AND ' ELSE ' OR ' END) || ')'
				FROM jsonb_array_elements(given) AS g);
		ELSIF key = 'not' THEN
			-- also when what it denies is unknown
			result := result || format('(%s) IS NOT TRUE', journey_internal.rule_filter(given, scope));
		ELSE
			SELECT * INTO attribute FROM journey_internal.rule_attribute(key, scope);
			result := result || journey_internal.rule_comparison(attribute.operand, attribute.type, given, format('"%s"', key));
		END IF;
	END LOOP;
	RETURN array_to_string(result, ' AND ');
END $$;

FUNCTION journey_internal.event_of_rule(event jsonb, filter jsonb, scope journey_internal.rule_scope) -> journey_internal.rule_event LANGUAGE plpgsql STABLE PARALLEL SAFE
	'An event that a rule names, with its filter.'
AS $$
DECLARE
	result journey_internal.rule_event;
BEGIN
	IF jsonb_typeof(event) = 'string' THEN
		event := jsonb_build_array(event);
	END IF;
	IF jsonb_typeof(event) IS DISTINCT FROM 'array' OR jsonb_array_length(event) = 0 OR EXISTS (SELECT FROM jsonb_array_elements(event) AS n WHERE jsonb_typeof(n) <> 'string') THEN
		RAISE EXCEPTION 'an event is %', coalesce(event::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write its name, an array of names for any of them, or "*" for any event.';
	END IF;
	IF event <> '["*"]' THEN
		result.names := ARRAY(SELECT jsonb_array_elements_text(event));
	END IF;
	IF filter IS NOT NULL THEN
		result.filter := journey_internal.rule_filter(filter, scope);
	END IF;
	result.sql := concat(CASE WHEN result.names IS NULL THEN 'true'
		WHEN cardinality(result.names) = 1 THEN format('e.event = %L::pg_catalog.text', result.names[1])
		ELSE format('e.event = ANY (%L::pg_catalog.text[])', result.names) END, ' AND ' || result.filter);
	RETURN result;
END $$;
