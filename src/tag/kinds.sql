-- tag: kinds of tags that become rules or SQL.

INSERT INTO methods (kind, method, numeric, together, rule_function, query_function, stored_function) VALUES
	('tag', 'sql', false, false, NULL, NULL, 'journey_internal.store_by_user'),
	('tag', 'rule', false, true, NULL, 'journey_internal.compile_rules', 'journey_internal.store_by_user'),
	('tag', 'lifecycle', false, true, 'journey_internal.lifecycle_rule', 'journey_internal.compile_rules', 'journey_internal.store_by_user'),
	('tag', 'attribute', false, false, NULL, 'journey_internal.attribute_query', 'journey_internal.store_by_user'),
	('tag', 'rfm', false, false, NULL, 'journey_internal.rfm_query', 'journey_internal.store_by_user'),
	('tag', 'numeric', true, false, NULL, 'journey_internal.numeric_query', 'journey_internal.store_by_user');

-- The stages of a customer's life as the values of a rule.
FUNCTION journey_internal.lifecycle_rule(definition jsonb) -> jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	'A lifecycle as a rule: new, returned, active, dormant, lost; the first true condition counts.'
AS $$
DECLARE
	event jsonb := jsonb_build_object('where', definition -> 'where');
	did jsonb := jsonb_build_object('did', coalesce(definition -> 'event', '"*"'));
	lengths interval[];
	part text;
BEGIN
	PERFORM journey_internal.check_keys(definition, '{source,event,where,new,active,dormant,returned}'::text[], 'a lifecycle'::text);
	definition := '{"new": "30 days", "active": "30 days", "dormant": "90 days", "returned": "90 days"}' || definition;
	FOREACH part IN ARRAY '{new,active,dormant,returned}'::text[] LOOP
		lengths := lengths || journey_internal.rule_duration(definition -> part, part);
	END LOOP;
	IF lengths[3] <= lengths[2] THEN
		RAISE EXCEPTION 'dormant is %, active %', definition -> 'dormant', definition -> 'active' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Both count back from as_of: who did something within active is active, else within dormant is dormant, else lost.';
	END IF;
	IF definition ? 'where' THEN
		did := did || event;
	END IF;
	RETURN jsonb_build_object('source', definition -> 'source', 'values', jsonb_build_array(
		jsonb_build_object('value', 'new', 'when', did - 'did' || jsonb_build_object('first', did -> 'did', 'within', definition -> 'new')),
		jsonb_build_object('value', 'returned', 'when', jsonb_build_object('and', jsonb_build_array(
			did || jsonb_build_object('within', definition -> 'active'),
			jsonb_build_object('not', did || jsonb_build_object('within', jsonb_build_array((lengths[2] + lengths[4])::text, lengths[2]::text))),
			-- who is there for the first time does not come back
			jsonb_build_object('not', did - 'did' || jsonb_build_object('first', did -> 'did', 'within', definition -> 'active'))))),
		jsonb_build_object('value', 'active', 'when', did || jsonb_build_object('within', definition -> 'active')),
		jsonb_build_object('value', 'dormant', 'when', did || jsonb_build_object('within', definition -> 'dormant')),
		jsonb_build_object('value', 'lost', 'when', did)));
END $$;

-- The events that a definition of an attribute or of RFM is about, and their condition.
FUNCTION journey_internal.tag_events(one definitions, source_ids bigint[], as_of timestamptz, OUT stream text, OUT condition text, OUT scope journey_internal.rule_scope) -> record LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of tags: the events of a definition.'
AS $$
DECLARE
	rule jsonb := one.definition::jsonb;
	source record;
	event journey_internal.rule_event;
	span record;
BEGIN
	SELECT * INTO source FROM journey_internal.rule_stream(source_ids, one.owner::regrole);
	stream := source.query;
	scope := ROW(as_of, '{}', 'e', 'attr_', source.attributes, source.has_json);
	event := journey_internal.event_of_rule(coalesce(rule -> 'event', '"*"'), rule -> 'where', scope);
	SELECT * INTO span FROM journey_internal.rule_window(rule, as_of);
	condition := format('%s AND e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz', event.sql, span.since, span.until);
END $$;

FUNCTION journey_internal.attribute_query(those definitions[], source_ids bigint[], uses jsonb[], as_of timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'A tag of the first, last or most frequent attribute of an event, in SQL.'
AS $$
DECLARE
	one @extschema@.definitions := those[1];
	rule jsonb := one.definition::jsonb;
	events record;
	attribute record;
	operand text;
BEGIN
	PERFORM journey_internal.check_keys(rule, '{source,event,where,within,from,to,attribute,take}'::text[], 'an attribute'::text);
	SELECT * INTO events FROM journey_internal.tag_events(one, source_ids, as_of);
	IF jsonb_typeof(rule -> 'attribute') IS DISTINCT FROM 'string' THEN
		RAISE EXCEPTION '"attribute" is %', coalesce(rule ->> 'attribute', 'missing') USING ERRCODE = 'invalid_parameter_value', HINT = 'Name an attribute of the source.';
	END IF;
	SELECT * INTO attribute FROM journey_internal.rule_attribute(rule ->> 'attribute', events.scope);
	operand := CASE attribute.type WHEN 'attrs' THEN format('(%s #>> ''{}''::pg_catalog.text[])', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END;
	IF rule ->> 'take' NOT IN ('first', 'last', 'most frequent') OR NOT rule ? 'take' THEN
		RAISE EXCEPTION '"take" is %', coalesce(rule ->> 'take', 'missing') USING ERRCODE = 'invalid_parameter_value', HINT = 'Write first, last or most frequent.';
	END IF;
	RETURN format('SELECT %s::pg_catalog.int8, u.value, @extschema@.userset_agg(u.user_id) FROM (%s) AS u(user_id, value) GROUP BY u.value', one.id,
		CASE rule ->> 'take'
		WHEN 'most frequent' THEN format('SELECT e.user_id, pg_catalog.mode() WITHIN GROUP (ORDER BY %1$s COLLATE "C") FROM (%2$s) AS e WHERE %3$s AND %1$s <> '''' GROUP BY e.user_id', operand, events.stream, events.condition)
		ELSE format('SELECT DISTINCT ON (e.user_id) e.user_id, %1$s FROM (%2$s) AS e WHERE %3$s AND %1$s <> '''' ORDER BY e.user_id, e.at%4$s, %1$s COLLATE "C"', operand, events.stream, events.condition,
			CASE rule ->> 'take' WHEN 'last' THEN ' DESC' ELSE '' END) END);
END $$;

FUNCTION journey_internal.rfm_query(those definitions[], source_ids bigint[], uses jsonb[], as_of timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'A tag by recency, frequency and monetary value, in SQL.'
AS $$
DECLARE
	one @extschema@.definitions := those[1];
	rule jsonb := one.definition::jsonb;
	events record;
	attribute record;
	eight boolean := rule ->> 'groups' IS DISTINCT FROM 'scores';
	part text;
	cut jsonb;
	cuts text[];
	score text[] := '{}';
	scores text;
BEGIN
	PERFORM journey_internal.check_keys(rule, '{source,event,where,within,from,to,value,groups,cuts}'::text[], 'an RFM tag'::text);
	IF rule ? 'groups' AND rule ->> 'groups' NOT IN ('eight', 'scores') THEN
		RAISE EXCEPTION '"groups" is %', rule -> 'groups' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write eight (the default) or scores.';
	END IF;
	SELECT * INTO events FROM journey_internal.tag_events(one, source_ids, as_of);
	SELECT * INTO attribute FROM journey_internal.rule_attribute(coalesce(rule ->> 'value', 'value'), events.scope);
	IF attribute.type = 'attrs' THEN
		attribute.operand := format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[]) END', attribute.operand);
	END IF;
	-- recency counts backwards: the fewer seconds ago, the better
	FOREACH part IN ARRAY '{recency,frequency,monetary}'::text[] LOOP
		IF rule ? 'cuts' THEN
			PERFORM journey_internal.check_keys(rule -> 'cuts', '{recency,frequency,monetary}'::text[], '"cuts"'::text);
			cuts := '{}';
			IF jsonb_typeof(rule #> ARRAY['cuts', part]) IS DISTINCT FROM 'array' OR jsonb_array_length(rule #> ARRAY['cuts', part]) <> (CASE WHEN eight THEN 1 ELSE jsonb_array_length(rule #> ARRAY['cuts', part]) END)
				OR jsonb_array_length(rule #> ARRAY['cuts', part]) NOT BETWEEN 1 AND 8 THEN
				RAISE EXCEPTION '"cuts" has % as %', part, coalesce(rule #>> ARRAY['cuts', part], 'missing') USING ERRCODE = 'invalid_parameter_value',
					HINT = CASE WHEN eight THEN 'The eight groups need one cut each: {"recency": ["30 days"], "frequency": [3], "monetary": [1000]}.'
						ELSE 'Write an array of one to eight cuts for each of recency, frequency and monetary.' END;
			END IF;
			FOR cut IN SELECT jsonb_array_elements(rule #> ARRAY['cuts', part]) LOOP
				IF part = 'recency' THEN
					cuts := cuts || extract(epoch FROM -journey_internal.rule_duration(cut, 'recency'::text))::text;
				ELSIF jsonb_typeof(cut) = 'number' THEN
					cuts := cuts || (cut #>> '{}');
				ELSE
					RAISE EXCEPTION '"cuts" has % as %', part, cut USING ERRCODE = 'invalid_parameter_value', HINT = 'Write numbers.';
				END IF;
			END LOOP;
			score := score || format('(1 + (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(%L::pg_catalog.float8[]) AS c WHERE u.%s >= c))', cuts, part);
		ELSIF eight THEN
			score := score || format('(1 + (u.%s > q.%1$s)::pg_catalog.int4)', part);
		ELSE
			-- a fifth of the users by how many have no more, rounded up
			score := score || format('((5 * pg_catalog.count(*) OVER (ORDER BY u.%s) + pg_catalog.count(*) OVER () - 1) / pg_catalog.count(*) OVER ())', part);
		END IF;
	END LOOP;
	scores := format('%s, %s, %s', score[1], score[2], score[3]);
	RETURN format($q$WITH u AS MATERIALIZED (SELECT e.user_id, -EXTRACT(epoch FROM (%L::pg_catalog.timestamptz - pg_catalog.max(e.at)))::pg_catalog.float8 AS recency,
	pg_catalog.count(*)::pg_catalog.float8 AS frequency, coalesce(pg_catalog.sum((%s)::pg_catalog.numeric), 0)::pg_catalog.float8 AS monetary
	FROM (%s) AS e WHERE %s GROUP BY e.user_id),
q AS (SELECT pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY u.recency) AS recency,
	pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY u.frequency) AS frequency,
	pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY u.monetary) AS monetary FROM u)
SELECT %5$s::pg_catalog.int8, %6$s, @extschema@.userset_agg(s.user_id)
FROM (SELECT u.user_id, %7$s FROM u, q) AS s(user_id, r, f, m) GROUP BY s.r, s.f, s.m$q$,
		as_of, attribute.operand, events.stream, events.condition, one.id,
		CASE WHEN eight THEN $v$(CASE WHEN s.m > 1 THEN 'important ' ELSE 'general ' END || CASE WHEN s.r > 1 THEN CASE WHEN s.f > 1 THEN 'value' ELSE 'development' END
			ELSE CASE WHEN s.f > 1 THEN 'retention' ELSE 'win-back' END END)$v$ ELSE $v$pg_catalog.concat(s.r, s.f, s.m)$v$ END,
		scores);
END $$;

-- ---- numbers --------------------------------------------------------------------------

FUNCTION journey_internal.tag_number(number numeric, scale int) -> bigint CALLS tag_number_of_numeric
	'The number that the numset of a numeric tag stores: times 10 to the power of scale, 0 to 18. More decimals, or a result that overflows bigint, are an error.';
FUNCTION journey_internal.tag_number(number float8, scale int) -> bigint CALLS tag_number_of_float8
	'tag_number of a float8, which is rounded to 15 significant decimal digits.';
FUNCTION journey_internal.tag_value(number bigint, scale int) -> numeric
	'The number of a numeric tag whose numset stores this value: the value divided by 10 to the power of scale, 0 to 18.';

-- An expression as what goes into the numset.
FUNCTION journey_internal.number_expression(operand text, type text, scale int) -> text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of numeric tags: a numeric expression times 10 to the power of scale, in SQL.'
	AS $$ SELECT CASE
		WHEN type IN ('smallint', 'integer', 'bigint') AND scale = 0 THEN format('(%s)::pg_catalog.int8', operand)
		WHEN type = 'double precision' THEN format('journey_internal.tag_number(%s, %s)', operand, scale)
		ELSE format('journey_internal.tag_number((%s)::pg_catalog.numeric, %s)', operand, scale) END $$;

FUNCTION journey_internal.numeric_query(those definitions[], source_ids bigint[], uses jsonb[], as_of timestamptz) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'A numeric tag over events in SQL: id, NULL, numbers.'
AS $$
DECLARE
	one @extschema@.definitions := those[1];
	rule jsonb := one.definition::jsonb;
	take text := rule ->> 'take';
	events record;
	attribute record;
	measure text;
BEGIN
	PERFORM journey_internal.check_keys(rule, '{source,event,where,within,from,to,attribute,take}'::text[], 'a numeric tag'::text);
	SELECT * INTO events FROM journey_internal.tag_events(one, source_ids, as_of);
	IF take IS NULL OR take <> ALL ('{count,sum,avg,min,max,distinct,first,last,days since first,days since last}') THEN
		RAISE EXCEPTION '"take" is %', coalesce(take, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write count, sum, avg, min, max, distinct, first, last, days since first or days since last.';
	ELSIF take IN ('count', 'days since first', 'days since last') THEN
		IF rule ? 'attribute' THEN
			RAISE EXCEPTION '"take" is %, which is of no attribute', take USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave "attribute" out.';
		ELSIF take = 'count' THEN
			RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(e.user_id, %s) FROM (%s) AS e WHERE %s',
				one.id, journey_internal.number_expression('1'::text, 'bigint'::text, one.scale), events.stream, events.condition);
		END IF;
		measure := format('pg_catalog.trunc(EXTRACT(epoch FROM (%L::pg_catalog.timestamptz - pg_catalog.%s(e.at)))::pg_catalog.numeric / 86400, %s)',
			as_of, CASE take WHEN 'days since first' THEN 'min' ELSE 'max' END, one.scale);
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, %s FROM (%s) AS e WHERE %s GROUP BY e.user_id) AS u(user_id, number)',
			one.id, journey_internal.number_expression('u.number'::text, 'numeric'::text, one.scale), measure, events.stream, events.condition);
	END IF;
	IF rule ? 'attribute' AND jsonb_typeof(rule -> 'attribute') <> 'string' THEN
		RAISE EXCEPTION '"attribute" is %', rule -> 'attribute' USING ERRCODE = 'invalid_parameter_value', HINT = 'Name an attribute of the source.';
	END IF;
	SELECT * INTO attribute FROM journey_internal.rule_attribute(coalesce(rule ->> 'attribute', 'value'), events.scope);
	IF take = 'distinct' THEN
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, pg_catalog.count(DISTINCT %s) FROM (%s) AS e WHERE %s AND %3$s IS NOT NULL GROUP BY e.user_id) AS u(user_id, number)',
			one.id, journey_internal.number_expression('u.number'::text, 'bigint'::text, one.scale),
			CASE attribute.type WHEN 'attrs' THEN format('nullif((%s)::pg_catalog.text, ''null'')', attribute.operand) ELSE format('(%s)::pg_catalog.text', attribute.operand) END,
			events.stream, events.condition);
	ELSIF attribute.type = 'attrs' THEN
		attribute.operand := format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[])::pg_catalog.numeric END', attribute.operand);
		attribute.type := 'numeric';
	ELSIF attribute.type NOT IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
		RAISE EXCEPTION 'the % of "%" is asked for, which is of type %', take, rule ->> 'attribute', attribute.type USING ERRCODE = 'datatype_mismatch',
			HINT = 'Only numbers have one. "distinct" counts different values of any type.';
	END IF;
	IF take = 'sum' THEN
		-- numset_agg sums up by itself
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(e.user_id, %s) FROM (%s) AS e WHERE %s',
			one.id, journey_internal.number_expression(attribute.operand, attribute.type, one.scale), events.stream, events.condition);
	ELSIF take IN ('first', 'last') THEN
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT DISTINCT ON (e.user_id) e.user_id, %s FROM (%s) AS e WHERE %s AND %3$s IS NOT NULL ORDER BY e.user_id, e.at%6$s, %3$s) AS u(user_id, number)',
			one.id, journey_internal.number_expression('u.number'::text, attribute.type, one.scale), attribute.operand, events.stream, events.condition,
			CASE take WHEN 'last' THEN ' DESC' ELSE '' END);
	END IF;
	measure := CASE take WHEN 'avg' THEN format('pg_catalog.round(pg_catalog.avg((%s)::pg_catalog.numeric), %s)', attribute.operand, one.scale)
		ELSE format('pg_catalog.%s(%s)', take, attribute.operand) END;
	RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, %s FROM (%s) AS e WHERE %s GROUP BY e.user_id) AS u(user_id, number)',
		one.id, journey_internal.number_expression('u.number'::text, CASE take WHEN 'avg' THEN 'numeric' ELSE attribute.type END, one.scale), measure, events.stream, events.condition);
END $$;
