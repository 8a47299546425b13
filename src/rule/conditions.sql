-- rule: conditions as expressions over usersets.
--
-- A rule becomes one SELECT with one pass over its source. What users did is asked in that
-- pass: by step_users, step_totals and pattern_users, each of which answers many questions at
-- once, and for the rest by users_by_total and funnel_members. Each question gives a userset,
-- and and, or, not are operators between usersets. "not" stays unevaluated as long as it can:
-- A and not B is A - B; only what is a complement at the end needs a base.
--
-- There is a function for each verb. It gets the condition, what names mean, and how many
-- questions others have asked before, and returns a part: an expression, and the questions of
-- its own. The expression is a template of format() in which %3$s stands for the answer to the
-- third question, so that what comes from users has its percent signs doubled.

CREATE TYPE journey_internal.rule_question AS (kind text, events journey_internal.rule_event[], operand text, since timestamptz, until timestamptz, ask text);
COMMENT ON TYPE journey_internal.rule_question IS 'A question of a rule to its source. By kind: named, filtered: who met an event at least a number of times (ask); total: for whom the aggregated values (operand) of an event satisfy comparisons (ask); pattern: whose events match a pattern (ask); distinct, chain: the result of a separate aggregate (ask).';

CREATE TYPE journey_internal.rule_part AS (set text, negated boolean, questions journey_internal.rule_question[]);
COMMENT ON TYPE journey_internal.rule_part IS 'A condition as an expression of type userset, a template of format(); whether the condition is the complement of this set; and its questions.';

-- The users who met an event in a window at least so many times.
FUNCTION journey_internal.count_question(event journey_internal.rule_event, since timestamptz, until timestamptz, at_least bigint) -> journey_internal.rule_question LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Adds a question: who met an event at least a number of times.'
AS $$
BEGIN
	RETURN ROW(CASE WHEN cardinality(event.names) = 1 AND event.filter IS NULL THEN 'named' ELSE 'filtered' END, ARRAY[event], NULL, since, until, at_least)::journey_internal.rule_question;
END $$;

-- A pattern is checked where it is written, not at the first refresh.
FUNCTION journey_internal.check_pattern(pattern text, steps int) -> void LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	'Raises an error with the position and the reason unless this is a valid pattern over this number of steps.'
AS $$
BEGIN
	PERFORM @extschema@.users_matching(1::bigint, '2000-01-01 00:00+00'::timestamptz, (repeat('0', steps))::@extschema@.stepset, pattern);
EXCEPTION WHEN invalid_parameter_value THEN
	RAISE EXCEPTION 'the pattern "%" names more steps than the % there are', pattern, steps USING ERRCODE = 'invalid_parameter_value',
		HINT = '(?1) is the first step of "sequence", (?2) the second.';
END $$;

-- A segment or tag as arguments of what rules are compiled to: its number, and what the rule calls it.
FUNCTION journey_internal.rule_used(name text, kind text, scope journey_internal.rule_scope) -> text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Support function of rules: the expression, in SQL, for a segment or tag that a rule uses. Raises an error if it was dropped.'
AS $$
BEGIN
	IF scope.uses ->> name IS NULL THEN
		RAISE EXCEPTION 'the % "%" was dropped', kind, name USING ERRCODE = 'undefined_object',
			HINT = 'Another of that name is not it: alter_segment or alter_tag writes the definition anew.';
	END IF;
	RETURN format('%s::pg_catalog.int8, %L::pg_catalog.text', scope.uses ->> name, name);
END $$;

-- The numbers of an "is": =, !=, <, <=, > or >= and what to compare with.
FUNCTION journey_internal.check_comparison(given jsonb, hint text, OUT operator text, OUT bound jsonb) -> SETOF record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'The comparisons of an "is". Raises an error unless all compare with numbers.'
AS $$
BEGIN
	FOR operator, bound IN SELECT * FROM jsonb_each(given) LOOP
		IF operator <> ALL ('{=,!=,<,<=,>,>=}') OR jsonb_typeof(bound) <> 'number' THEN
			RAISE EXCEPTION '"is" is %', given USING ERRCODE = 'invalid_parameter_value', HINT = hint;
		END IF;
		RETURN NEXT;
	END LOOP;
END $$;

-- A and B and not C and not D = A & B - (C | D); A or B or not C or not D = not (C & D - (A | B))
FUNCTION journey_internal.combined(verb text, parts journey_internal.rule_part[]) -> journey_internal.rule_part LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Parts combined by and, or by or; a NULL set if there are none. Their questions are already collected.'
AS $$
DECLARE
	one record;
	result journey_internal.rule_part;
BEGIN
	SELECT string_agg(p.set, ' OPERATOR(@extschema@.&) ' ORDER BY p.n) FILTER (WHERE p.negated = (verb = 'or')) AS all_of,
		string_agg(p.set, ' OPERATOR(@extschema@.|) ' ORDER BY p.n) FILTER (WHERE p.negated <> (verb = 'or')) AS any_of
	INTO one FROM unnest(parts) WITH ORDINALITY AS p(set, negated, questions, n);
	-- what is all of some is negated if these are; so is any of the others, if there are no such
	result.negated := (verb = 'or') = (one.all_of IS NOT NULL);
	result.set := CASE WHEN one.all_of IS NULL OR one.any_of IS NULL THEN '(' || coalesce(one.all_of, one.any_of) || ')'
		ELSE format('((%s) OPERATOR(@extschema@.-) (%s))', one.all_of, one.any_of) END;
	result.questions := '{}';
	RETURN result;
END $$;

FUNCTION journey_internal.rule_and_or(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"and": [...]}, {"or": [...]}.'
AS $$
DECLARE
	verb CONSTANT text := CASE WHEN condition ? 'and' THEN 'and' ELSE 'or' END;
	element jsonb;
	part journey_internal.rule_part;
	parts journey_internal.rule_part[] := '{}';
	questions journey_internal.rule_question[] := '{}';
BEGIN
	PERFORM journey_internal.check_keys(condition, ARRAY[verb], format('"%s"', verb));
	IF jsonb_typeof(condition -> verb) <> 'array' OR jsonb_array_length(condition -> verb) = 0 THEN
		RAISE EXCEPTION '"%" is %, not an array of conditions', verb, condition -> verb USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write one condition or more: {"and": [{"did": "buy"}, {"did": "login"}]}.';
	END IF;
	FOR element IN SELECT jsonb_array_elements(condition -> verb) LOOP
		part := journey_internal.rule_condition(element, scope, asked + cardinality(questions));
		questions := questions || part.questions;
		part.questions := NULL;
		parts := parts || part;
	END LOOP;
	part := journey_internal.combined(verb, parts);
	part.questions := questions;
	RETURN part;
END $$;

FUNCTION journey_internal.rule_not(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"not": ...}.'
AS $$
DECLARE
	result journey_internal.rule_part;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{not}'::text[], '"not"'::text);
	result := journey_internal.rule_condition(condition -> 'not', scope, asked);
	result.negated := NOT result.negated;
	RETURN result;
END $$;

-- How often: at least lower, and at most upper times, if it is not NULL.
FUNCTION journey_internal.rule_count(given jsonb, OUT lower bigint, OUT upper bigint) -> record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'The "count" of a condition, as a range: from lower to upper times.'
AS $$
DECLARE
	count jsonb := CASE jsonb_typeof(given) WHEN 'number' THEN jsonb_build_object('=', given) ELSE given END;
	operator text;
	bound jsonb;
	number numeric;
BEGIN
	PERFORM journey_internal.check_keys(count, '{=,<,<=,>,>=}'::text[], '"count"'::text);
	lower := 0;
	FOR operator, bound IN SELECT * FROM jsonb_each(count) LOOP
		IF jsonb_typeof(bound) <> 'number' OR bound::numeric <> trunc(bound::numeric) OR bound::numeric NOT BETWEEN 0 AND 1e12 THEN
			RAISE EXCEPTION '"count" is compared with %', bound USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write a whole number from 0 on.';
		END IF;
		number := bound::numeric;
		IF operator IN ('>=', '>', '=') THEN
			lower := greatest(lower, number + (operator = '>')::int);
		END IF;
		IF operator IN ('<=', '<', '=') THEN
			upper := least(upper, number - (operator = '<')::int);
		END IF;
	END LOOP;
	IF upper < lower OR count = '{}' OR (lower = 0 AND upper IS NULL) THEN
		RAISE EXCEPTION '"count" is %: that holds for %', given, CASE WHEN upper < lower THEN 'nobody' ELSE 'everybody' END
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 3}, {"=": 1}, {"<=": 2} or {">=": 2, "<=": 5}.';
	END IF;
END $$;

FUNCTION journey_internal.rule_did(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"did": "buy", "where": ..., "count": ..., "within": ...}.'
AS $$
DECLARE
	event journey_internal.rule_event;
	span record;
	times record;
	result journey_internal.rule_part;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{within,from,to,did,where,count}'::text[], '"did"'::text);
	event := journey_internal.event_of_rule(condition -> 'did', condition -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	IF NOT condition ? 'count' THEN
		RETURN ROW(format('%%%s$s', asked + 1), false, ARRAY[journey_internal.count_question(event, span.since, span.until, 1::bigint)])::journey_internal.rule_part;
	END IF;
	SELECT * INTO times FROM journey_internal.rule_count(condition -> 'count');
	result := ROW(format('%%%s$s', asked + 1), false, '{}');
	IF times.lower > 0 THEN
		result.questions := result.questions || journey_internal.count_question(event, span.since, span.until, times.lower);
	END IF;
	IF times.upper IS NOT NULL THEN
		result.questions := result.questions || journey_internal.count_question(event, span.since, span.until, times.upper + 1);
		IF times.lower > 0 THEN
			result.set := format('(%%%s$s OPERATOR(@extschema@.-) %%%s$s)', asked + 1, asked + 2);
		ELSE
			result.negated := true;
		END IF;
	END IF;
	RETURN result;
END $$;

FUNCTION journey_internal.rule_did_not(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"did_not": "buy", "where": ..., "within": ...}.'
AS $$
DECLARE
	result journey_internal.rule_part;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{within,from,to,did_not,where}'::text[], '"did_not"'::text);
	result := journey_internal.rule_did(condition - 'did_not' || jsonb_build_object('did', condition -> 'did_not'), scope, asked);
	result.negated := true;
	RETURN result;
END $$;

FUNCTION journey_internal.rule_total(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"did": "buy", "sum": "amount", "is": {">=": 1000}, ...}.'
AS $$
DECLARE
	total text := (SELECT min(k) FROM jsonb_object_keys(condition) AS k WHERE k IN ('sum', 'avg', 'min', 'max', 'distinct'));
	event journey_internal.rule_event;
	span record;
	attribute record;
	test record;
BEGIN
	PERFORM journey_internal.check_keys(condition, ARRAY['within', 'from', 'to', 'did', 'where', 'is', total], format('"did" with "%s"', total));
	event := journey_internal.event_of_rule(condition -> 'did', condition -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	SELECT * INTO attribute FROM journey_internal.rule_attribute(condition ->> total, scope);
	IF jsonb_typeof(condition -> 'is') IS DISTINCT FROM 'object' OR (SELECT count(*) FROM jsonb_object_keys(condition -> 'is')) <> 1 THEN
		RAISE EXCEPTION '"is" is %, not one comparison', coalesce(condition ->> 'is', 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write "is": {">=": 1000}.';
	END IF;
	SELECT * INTO test FROM journey_internal.check_comparison(condition -> 'is', 'Write one of =, !=, <, <=, >, >= and a number: {">=": 1000}.'::text);
	IF abs(test.bound::numeric) > 1e308 OR test.bound::numeric <> 0 AND abs(test.bound::numeric) < 1e-307 THEN
		RAISE EXCEPTION '"is" compares with a number that is out of range: %', left(test.bound::text, 20) || '...' USING ERRCODE = 'numeric_value_out_of_range',
			HINT = 'Totals are of type float8: write a number from 1e-307 to 1e308, 0, or the negative of one.';
	END IF;
	IF total = 'distinct' THEN
		RETURN ROW(format('coalesce(%%%s$s, ''{}'')', asked + 1), false, ARRAY[ROW('distinct', '{}', NULL, span.since, span.until, format(
			'journey_internal.users_by_total(e.user_id, %s, %L::pg_catalog.text, %L::pg_catalog.text, %L::pg_catalog.text) FILTER (WHERE %s AND e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz)',
			CASE attribute.type WHEN 'attrs' THEN format('nullif((%s)::pg_catalog.text, ''null'')', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END,
			total, test.operator, test.bound::text, event.sql, span.since, span.until))::journey_internal.rule_question])::journey_internal.rule_part;
	ELSIF attribute.type NOT IN ('attrs', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
		RAISE EXCEPTION 'the % of "%" is asked for, which is of type %', total, condition ->> total, attribute.type USING ERRCODE = 'datatype_mismatch',
			HINT = 'Only numbers have one. "distinct" counts different values of any type.';
	END IF;
	RETURN ROW(format('%%%s$s', asked + 1), false, ARRAY[ROW('total', ARRAY[event],
		format('(%s)::pg_catalog.float8', CASE WHEN attribute.type <> 'attrs' THEN attribute.operand
			ELSE format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[]) END', attribute.operand) END),
		span.since, span.until, format('%s %s %s', total, test.operator, test.bound))::journey_internal.rule_question])::journey_internal.rule_part;
END $$;

FUNCTION journey_internal.rule_first_last(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"first": "buy", "within": ...}, {"last": "buy", "within": ...}.'
AS $$
DECLARE
	verb CONSTANT text := CASE WHEN condition ? 'first' THEN 'first' ELSE 'last' END;
	event journey_internal.rule_event;
	span record;
BEGIN
	PERFORM journey_internal.check_keys(condition, ARRAY['within', 'from', 'to', verb, 'where'], format('"%s"', verb));
	IF NOT condition ?| '{within,from,to}' THEN
		RAISE EXCEPTION '"%" needs a window', verb USING ERRCODE = 'invalid_parameter_value', HINT = 'Add "within": "30 days", or from and to.';
	END IF;
	event := journey_internal.event_of_rule(condition -> verb, condition -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	-- in the window, and not before, or after, it
	RETURN ROW(format('(%%%s$s OPERATOR(@extschema@.-) %%%s$s)', asked + 1, asked + 2), false, ARRAY[journey_internal.count_question(event, span.since, span.until, 1::bigint),
		CASE verb WHEN 'first' THEN journey_internal.count_question(event, '-infinity'::timestamptz, span.since, 1::bigint)
			ELSE journey_internal.count_question(event, span.until, scope.as_of, 1::bigint) END])::journey_internal.rule_part;
END $$;

FUNCTION journey_internal.rule_sequence(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"sequence": ["view", "buy"], "in": ..., "pattern": ...}.'
AS $$
DECLARE
	pattern text := condition ->> 'pattern';
	-- version 0.1.0 called them mode
	options jsonb := coalesce(condition -> 'options', condition -> 'mode');
	span record;
	step jsonb;
	steps journey_internal.rule_event[] := '{}';
	sqls text[];
	fewest CONSTANT int := CASE WHEN condition ? 'pattern' THEN 1 ELSE 2 END;
	means record;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{within,from,to,sequence}'::text[] || CASE WHEN condition ? 'pattern' THEN '{pattern}' ELSE '{in,options,mode}' END::text[],
		CASE WHEN condition ? 'pattern' THEN '"sequence" with "pattern"' ELSE '"sequence"' END);
	IF jsonb_typeof(condition -> 'sequence') <> 'array' OR jsonb_array_length(condition -> 'sequence') NOT BETWEEN fewest AND journey_internal.most_steps() THEN
		RAISE EXCEPTION '"sequence" is %, not an array of % to % steps', condition -> 'sequence', fewest, journey_internal.most_steps() USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write events in their order: {"sequence": ["view", "buy"]}.';
	ELSIF condition ? 'pattern' AND jsonb_typeof(condition -> 'pattern') <> 'string' THEN
		RAISE EXCEPTION '"pattern" is %, not a string', condition -> 'pattern' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write "(?1)(?t<=1d)(?2)", where (?1) is the first of the steps.';
	ELSIF jsonb_typeof(options) <> 'string' THEN
		RAISE EXCEPTION '"options" is %, not a string', options USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write "strict_order", for example.';
	ELSIF options IS NOT NULL THEN
		-- an error that lists the options, if it is none
		SELECT * INTO means FROM journey_internal.funnel_options(options #>> '{}', jsonb_array_length(condition -> 'sequence'));
	END IF;
	SELECT * INTO span FROM journey_internal.rule_window(condition, scope.as_of);
	FOR step IN SELECT jsonb_array_elements(condition -> 'sequence') LOOP
		IF jsonb_typeof(step) = 'object' THEN
			PERFORM journey_internal.check_keys(step, '{did,where}'::text[], 'a step of a sequence'::text);
			steps := steps || journey_internal.event_of_rule(step -> 'did', step -> 'where', scope);
		ELSE
			steps := steps || journey_internal.event_of_rule(step, NULL::jsonb, scope);
		END IF;
	END LOOP;
	IF pattern IS NOT NULL THEN
		PERFORM journey_internal.check_pattern(pattern, cardinality(steps));
	ELSIF options IS NULL AND NOT EXISTS (SELECT FROM unnest(steps) AS s WHERE s.names IS NULL)
		AND NOT EXISTS (SELECT FROM unnest(steps) AS s, unnest(s.names) AS name GROUP BY name HAVING count(*) > 1)
		AND (NOT condition ? 'in' OR extract(microseconds FROM journey_internal.rule_duration(condition -> 'in', 'in'::text))::bigint % 1000000 = 0) THEN
		-- no event can be two steps, so that a funnel is a pattern
		SELECT string_agg(format('(?%s)', n), '.*' ORDER BY n) INTO pattern FROM generate_series(1, cardinality(steps)) AS n;
		IF condition ? 'in' THEN
			pattern := format('%s(?w<=%ss)', pattern, extract(epoch FROM journey_internal.rule_duration(condition -> 'in', 'in'::text))::bigint);
		END IF;
	END IF;
	IF pattern IS NOT NULL THEN
		RETURN ROW(format('%%%s$s', asked + 1), false, ARRAY[ROW('pattern', steps, NULL, span.since, span.until, pattern)::journey_internal.rule_question])::journey_internal.rule_part;
	END IF;
	sqls := ARRAY(SELECT s.sql FROM unnest(steps) WITH ORDINALITY AS s(names, filter, sql, n) ORDER BY s.n);
	RETURN ROW(format('coalesce((SELECT @extschema@.userset_agg(m.user_id) FROM pg_catalog.unnest(%%%s$s) AS m WHERE m.level = %s), ''{}'')', asked + 1, CASE WHEN options IS NULL THEN cardinality(steps) ELSE means.steps END), false,
		ARRAY[ROW('chain', '{}', NULL, span.since, span.until, format(
			'@extschema@.funnel_members(e.user_id, e.at, @extschema@.steps(%s), %L::pg_catalog.interval, %L::pg_catalog.text) FILTER (WHERE e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz%s)',
			array_to_string(sqls, ', '), journey_internal.rule_duration(coalesce(condition -> 'in', '"36500 days"'), 'in'::text), coalesce(options #>> '{}', ''),
			span.since, span.until,
			CASE WHEN options IS NOT NULL AND means.every_event THEN '' ELSE format(' AND (%s)', array_to_string(sqls, ' OR ')) END))::journey_internal.rule_question])::journey_internal.rule_part;
END $$;

FUNCTION journey_internal.rule_user(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"user": {"city": "Bern"}, "of": "bank.customers", "id": ...}.'
AS $$
DECLARE
	relation regclass;
	set text;
BEGIN
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
		' WHERE ' || journey_internal.rule_filter(condition -> 'user', ROW(scope.as_of, scope.uses, 'u', '',
			(SELECT jsonb_object_agg(attname, format_type(journey_internal.base_type(atttypid), -1)) FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped), false)::journey_internal.rule_scope) END);
	RETURN ROW(replace(set, '%', '%%'), false, '{}')::journey_internal.rule_part;
END $$;

FUNCTION journey_internal.rule_segment(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"segment": "rich"}.'
AS $$
DECLARE
	set text;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{segment}'::text[], '"segment"'::text);
	IF jsonb_typeof(condition -> 'segment') <> 'string' THEN
		RAISE EXCEPTION '"segment" is %, not a string', condition -> 'segment' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"segment": "dormant buyers"}.';
	END IF;
	set := format('journey_internal.segment_by_id(%s, %L::pg_catalog.timestamptz)', journey_internal.rule_used(condition ->> 'segment', 'segment'::text, scope), scope.as_of);
	RETURN ROW(replace(set, '%', '%%'), false, '{}')::journey_internal.rule_part;
END $$;

FUNCTION journey_internal.rule_tag(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'{"tag": "stage", "value": "lost"}, {"tag": "balance", "is": {">=": 1000}}.'
AS $$
DECLARE
	set text;
	test record;
BEGIN
	PERFORM journey_internal.check_keys(condition, '{tag,value,is}'::text[], '"tag"'::text);
	IF jsonb_typeof(condition -> 'tag') <> 'string' THEN
		RAISE EXCEPTION '"tag" is %, not a string', condition -> 'tag' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write its name: {"tag": "stage", "value": "lost"}.';
	ELSIF condition ? 'value' = condition ? 'is' THEN
		RAISE EXCEPTION '"tag" needs "value" or "is": %', condition USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write {"tag": "stage", "value": "lost"}, or of a numeric tag {"tag": "balance", "is": {">=": 1000}}.';
	ELSIF condition ? 'value' THEN
		set := format('journey_internal.tag_users_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.timestamptz)', journey_internal.rule_used(condition ->> 'tag', 'tag'::text, scope), condition ->> 'value', scope.as_of);
	ELSE
		FOR test IN SELECT * FROM journey_internal.check_comparison(CASE jsonb_typeof(condition -> 'is') WHEN 'object' THEN condition -> 'is' ELSE jsonb_build_object('=', condition -> 'is') END,
				'Write =, !=, <, <=, >, >= with numbers: {">=": 1000, "<": 5000}.'::text) LOOP
			set := concat(set || ' OPERATOR(@extschema@.&) ', format('journey_internal.tag_users_where_by_id(%s, %L::pg_catalog.text, %L::pg_catalog.numeric, %L::pg_catalog.timestamptz)',
				journey_internal.rule_used(condition ->> 'tag', 'tag'::text, scope), test.operator, test.bound::text, scope.as_of));
		END LOOP;
		IF set IS NULL THEN
			RAISE EXCEPTION '"is" is empty' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {">=": 1000, "<": 5000}.';
		END IF;
		set := format('(%s)', set);
	END IF;
	RETURN ROW(replace(set, '%', '%%'), false, '{}')::journey_internal.rule_part;
END $$;

FUNCTION journey_internal.rule_condition(condition jsonb, scope journey_internal.rule_scope, asked int) -> journey_internal.rule_part LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'A condition of a rule, of any kind.'
AS $$
DECLARE
	verbs text[];
BEGIN
	SELECT array_agg(k) INTO verbs FROM jsonb_object_keys(CASE jsonb_typeof(condition) WHEN 'object' THEN condition ELSE '{}' END) AS k
	WHERE k IN ('and', 'or', 'not', 'did', 'did_not', 'first', 'last', 'sequence', 'user', 'segment', 'tag');
	IF verbs IS NULL OR cardinality(verbs) <> 1 THEN
		RAISE EXCEPTION 'a condition is %', coalesce(condition::text, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is an object with exactly one of did, did_not, first, last, sequence, user, segment, tag, and, or, not.';
	END IF;
	CASE verbs[1]
		WHEN 'did' THEN
			IF condition ?| '{sum,avg,min,max,distinct}' THEN
				RETURN journey_internal.rule_total(condition, scope, asked);
			END IF;
			RETURN journey_internal.rule_did(condition, scope, asked);
		WHEN 'did_not' THEN RETURN journey_internal.rule_did_not(condition, scope, asked);
		WHEN 'not' THEN RETURN journey_internal.rule_not(condition, scope, asked);
		WHEN 'sequence' THEN RETURN journey_internal.rule_sequence(condition, scope, asked);
		WHEN 'user' THEN RETURN journey_internal.rule_user(condition, scope, asked);
		WHEN 'segment' THEN RETURN journey_internal.rule_segment(condition, scope, asked);
		WHEN 'tag' THEN RETURN journey_internal.rule_tag(condition, scope, asked);
		WHEN 'first', 'last' THEN RETURN journey_internal.rule_first_last(condition, scope, asked);
		ELSE RETURN journey_internal.rule_and_or(condition, scope, asked);
	END CASE;
END $$;
