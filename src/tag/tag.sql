-- tag: named values of users, versioned as segments are, and what is known of one user.

-- ---- kinds of tags that become rules or SQL -------------------------------------------

-- The stages of a customer's life as the values of a rule.
CREATE FUNCTION lifecycle_rule(definition jsonb) RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	event jsonb := jsonb_build_object('where', definition -> 'where');
	did jsonb := jsonb_build_object('did', coalesce(definition -> 'event', '"*"'));
	lengths interval[];
	part text;
BEGIN
	PERFORM @extschema@.check_keys(definition, '{source,event,where,new,active,dormant,returned}'::text[], 'a lifecycle'::text);
	definition := '{"new": "30 days", "active": "30 days", "dormant": "90 days", "returned": "90 days"}' || definition;
	FOREACH part IN ARRAY '{new,active,dormant,returned}'::text[] LOOP
		lengths := lengths || @extschema@.rule_duration(definition -> part, part);
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
COMMENT ON FUNCTION lifecycle_rule(jsonb) IS 'A lifecycle as a rule: new, returned, active, dormant, lost; the first that holds.';

-- The events that a definition of an attribute or of RFM is about, and their condition.
CREATE FUNCTION tag_events(one definitions, source_ids bigint[], as_of timestamptz, OUT stream text, OUT condition text, OUT context jsonb)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rule jsonb := one.definition::jsonb;
	source record;
	event record;
	span record;
BEGIN
	SELECT * INTO source FROM @extschema@.rule_stream(source_ids, one.owner::regrole);
	stream := source.query;
	context := jsonb_build_object('as_of', as_of, 'alias', 'e', 'prefix', 'attr_', 'attributes', source.attributes, 'json', source.has_json);
	SELECT * INTO event FROM @extschema@.rule_event(coalesce(rule -> 'event', '"*"'), rule -> 'where', context);
	SELECT * INTO span FROM @extschema@.rule_window(rule, as_of);
	condition := format('%s AND e.at >= %L::pg_catalog.timestamptz AND e.at < %L::pg_catalog.timestamptz', event.sql, span.since, span.until);
END $$;
COMMENT ON FUNCTION tag_events(definitions, bigint[], timestamptz) IS 'Support function of tags: the events that a definition is about.';

CREATE FUNCTION attribute_query(one definitions, source_ids bigint[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rule jsonb := one.definition::jsonb;
	events record;
	attribute record;
	operand text;
BEGIN
	PERFORM @extschema@.check_keys(rule, '{source,event,where,within,from,to,attribute,take}'::text[], 'an attribute'::text);
	SELECT * INTO events FROM @extschema@.tag_events(one, source_ids, as_of);
	IF jsonb_typeof(rule -> 'attribute') IS DISTINCT FROM 'string' THEN
		RAISE EXCEPTION '"attribute" is %', coalesce(rule ->> 'attribute', 'missing') USING ERRCODE = 'invalid_parameter_value', HINT = 'Name an attribute of the source.';
	END IF;
	SELECT * INTO attribute FROM @extschema@.rule_attribute(rule ->> 'attribute', events.context);
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
COMMENT ON FUNCTION attribute_query(definitions, bigint[], timestamptz) IS 'A tag of the first, last or most frequent attribute of an event, in SQL.';

CREATE FUNCTION rfm_query(one definitions, source_ids bigint[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rule jsonb := one.definition::jsonb;
	events record;
	attribute record;
	eight boolean := rule ->> 'groups' IS DISTINCT FROM 'scores';
	part text;
	cut jsonb;
	cuts text[];
	score text[] := '{}';
	scores text;
	quantiles text;
BEGIN
	PERFORM @extschema@.check_keys(rule, '{source,event,where,within,from,to,value,groups,cuts}'::text[], 'an RFM tag'::text);
	IF rule ? 'groups' AND rule ->> 'groups' NOT IN ('eight', 'scores') THEN
		RAISE EXCEPTION '"groups" is %', rule -> 'groups' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write eight (the default) or scores.';
	END IF;
	SELECT * INTO events FROM @extschema@.tag_events(one, source_ids, as_of);
	SELECT * INTO attribute FROM @extschema@.rule_attribute(coalesce(rule ->> 'value', 'value'), events.context);
	IF attribute.type = 'attrs' THEN
		attribute.operand := format('CASE WHEN pg_catalog.jsonb_typeof(%s) = ''number'' THEN (%1$s #>> ''{}''::pg_catalog.text[]) END', attribute.operand);
	END IF;
	-- recency counts backwards: the fewer seconds ago, the better
	quantiles := CASE WHEN eight THEN '{0.5}' ELSE '{0.2,0.4,0.6,0.8}' END;
	FOREACH part IN ARRAY '{recency,frequency,monetary}'::text[] LOOP
		IF rule ? 'cuts' THEN
			PERFORM @extschema@.check_keys(rule -> 'cuts', '{recency,frequency,monetary}'::text[], '"cuts"'::text);
			cuts := '{}';
			IF jsonb_typeof(rule #> ARRAY['cuts', part]) IS DISTINCT FROM 'array' OR jsonb_array_length(rule #> ARRAY['cuts', part]) <> (CASE WHEN eight THEN 1 ELSE jsonb_array_length(rule #> ARRAY['cuts', part]) END)
				OR jsonb_array_length(rule #> ARRAY['cuts', part]) NOT BETWEEN 1 AND 8 THEN
				RAISE EXCEPTION '"cuts" has % as %', part, coalesce(rule #>> ARRAY['cuts', part], 'missing') USING ERRCODE = 'invalid_parameter_value',
					HINT = CASE WHEN eight THEN 'The eight groups need one cut each: {"recency": ["30 days"], "frequency": [3], "monetary": [1000]}.'
						ELSE 'Write an array of one to eight cuts for each of recency, frequency and monetary.' END;
			END IF;
			FOR cut IN SELECT jsonb_array_elements(rule #> ARRAY['cuts', part]) LOOP
				IF part = 'recency' THEN
					cuts := cuts || extract(epoch FROM -@extschema@.rule_duration(cut, 'recency'::text))::text;
				ELSIF jsonb_typeof(cut) = 'number' THEN
					cuts := cuts || (cut #>> '{}');
				ELSE
					RAISE EXCEPTION '"cuts" has % as %', part, cut USING ERRCODE = 'invalid_parameter_value', HINT = 'Write numbers.';
				END IF;
			END LOOP;
			score := score || format('(1 + (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(%L::pg_catalog.float8[]) AS c WHERE u.%s >= c))', cuts, part);
		ELSE
			score := score || format('(1 + (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(q.%s) AS c WHERE u.%1$s > c))', part);
		END IF;
	END LOOP;
	scores := format('%s, %s, %s', score[1], score[2], score[3]);
	RETURN format($q$WITH u AS MATERIALIZED (SELECT e.user_id, -EXTRACT(epoch FROM (%L::pg_catalog.timestamptz - pg_catalog.max(e.at)))::pg_catalog.float8 AS recency,
	pg_catalog.count(*)::pg_catalog.float8 AS frequency, coalesce(pg_catalog.sum((%s)::pg_catalog.numeric), 0)::pg_catalog.float8 AS monetary
	FROM (%s) AS e WHERE %s GROUP BY e.user_id),
q AS (SELECT pg_catalog.percentile_disc(%L::pg_catalog.float8[]) WITHIN GROUP (ORDER BY u.recency) AS recency,
	pg_catalog.percentile_disc(%5$L::pg_catalog.float8[]) WITHIN GROUP (ORDER BY u.frequency) AS frequency,
	pg_catalog.percentile_disc(%5$L::pg_catalog.float8[]) WITHIN GROUP (ORDER BY u.monetary) AS monetary FROM u)
SELECT %6$s::pg_catalog.int8, %7$s, @extschema@.userset_agg(s.user_id)
FROM (SELECT u.user_id, %8$s FROM u, q) AS s(user_id, r, f, m) GROUP BY s.r, s.f, s.m$q$,
		as_of, attribute.operand, events.stream, events.condition, quantiles, one.id,
		CASE WHEN eight THEN $v$(CASE WHEN s.m > 1 THEN 'important ' ELSE 'general ' END || CASE WHEN s.r > 1 THEN CASE WHEN s.f > 1 THEN 'value' ELSE 'development' END
			ELSE CASE WHEN s.f > 1 THEN 'retention' ELSE 'win-back' END END)$v$ ELSE $v$pg_catalog.concat(s.r, s.f, s.m)$v$ END,
		scores);
END $$;
COMMENT ON FUNCTION rfm_query(definitions, bigint[], timestamptz) IS 'A tag by recency, frequency and monetary value, in SQL.';

-- ---- numbers --------------------------------------------------------------------------

CREATE FUNCTION tag_number(number numeric, scale int) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_tag_number_of_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION tag_number(number float8, scale int) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_tag_number_of_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION tag_value(number bigint, scale int) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_tag_value'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION tag_number(numeric, int) IS 'A number as the numset of a numeric tag holds it: times 10 to the power of scale, 0 to 18. More decimals than that, or a result that is no bigint, are an error.';
COMMENT ON FUNCTION tag_number(float8, int) IS 'tag_number of a float8, which is taken for the decimal number that its first 15 digits say.';
COMMENT ON FUNCTION tag_value(bigint, int) IS 'The number that a numset of a numeric tag holds so: divided by 10 to the power of scale, 0 to 18.';

CREATE FUNCTION numbers_by_user(tag_numbers numset, OUT first_user bigint, OUT numbers bytea) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numbers_by_user'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10000;
CREATE FUNCTION members_by_user(sets userset[], OUT first_user bigint, OUT numbers bytea) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_members_by_user'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10000;
CREATE FUNCTION number_in_row(numbers bytea, first_user bigint, user_id bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_number_in_row'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION is_number_row(numbers bytea) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_is_number_row'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION is_number_row(bytea) IS 'Support function of the table numbers_by_user: are these bytes a row of it?';
COMMENT ON FUNCTION numbers_by_user(numset) IS 'Support function of refresh: the contents of the table numbers_by_user for this numset.';
COMMENT ON FUNCTION members_by_user(userset[]) IS 'Support function of refresh: the contents of the table numbers_by_user for sets that share nobody. The number of a user is that of the set, from 0.';
COMMENT ON FUNCTION number_in_row(bytea, bigint, bigint) IS 'Support function of profile: the number of a user in a row of the table numbers_by_user; NULL if there is none.';

-- The newest version of a tag once more. Not dumped: the next refresh makes it again.
CREATE TABLE numbers_by_user (
	id bigint,
	as_of timestamptz,
	first_user bigint,
	numbers bytea NOT NULL CHECK (@extschema@.is_number_row(numbers)),
	PRIMARY KEY (id, as_of, first_user),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
ALTER TABLE numbers_by_user ALTER COLUMN numbers SET STORAGE EXTERNAL;
ALTER TABLE numbers_by_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON numbers_by_user FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = numbers_by_user.id));
CREATE POLICY owners_add ON numbers_by_user FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = numbers_by_user.id AND @extschema@.owns(d.owner)));
CREATE POLICY owners_drop ON numbers_by_user FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = numbers_by_user.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON numbers_by_user TO PUBLIC;
COMMENT ON TABLE numbers_by_user IS 'The newest version of a tag, some hundred users a row, from which a profile looks up one of them: of a numeric tag the numbers as the numset holds them; of one with 2 to 100000 values, of which nobody has two, which of them, see value_numbers.';

CREATE TABLE value_numbers (
	id bigint,
	as_of timestamptz,
	number int,
	value text NOT NULL,
	PRIMARY KEY (id, as_of, number),
	FOREIGN KEY (id, as_of) REFERENCES versions ON DELETE CASCADE
);
ALTER TABLE value_numbers ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON value_numbers FOR SELECT USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = value_numbers.id));
CREATE POLICY owners_add ON value_numbers FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = value_numbers.id AND @extschema@.owns(d.owner)));
CREATE POLICY owners_drop ON value_numbers FOR DELETE
	USING (EXISTS (SELECT FROM @extschema@.definitions AS d WHERE d.id = value_numbers.id AND @extschema@.owns(d.owner)));
GRANT SELECT, INSERT, DELETE ON value_numbers TO PUBLIC;
COMMENT ON TABLE value_numbers IS 'The values to which the numbers in numbers_by_user refer, where the tag is not numeric.';

CREATE FUNCTION store_by_user(tag bigint, version timestamptz) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '5s'
AS $$
DECLARE
	newest record;
BEGIN
	SELECT v.as_of, v.single INTO newest
	FROM @extschema@.versions AS v JOIN @extschema@.definitions AS d ON d.id = v.id AND d.kind = 'tag' WHERE v.id = tag ORDER BY v.as_of DESC LIMIT 1;
	-- of a segment, and in an older version, users are looked up in the sets
	IF newest.as_of IS DISTINCT FROM version THEN
		RETURN;
	END IF;
	DELETE FROM @extschema@.numbers_by_user AS r WHERE r.id = tag;
	DELETE FROM @extschema@.value_numbers AS n WHERE n.id = tag;
	INSERT INTO @extschema@.numbers_by_user (id, as_of, first_user, numbers)
	SELECT tag, version, r.first_user, r.numbers
	FROM @extschema@.version_numbers AS m, @extschema@.numbers_by_user(m.numbers) AS r WHERE m.id = tag AND m.as_of = version;
	-- Of one value there is only one set to look into. The sets are in memory twice meanwhile, and a
	-- kilobyte for each.
	IF newest.single AND (SELECT count(*) BETWEEN 2 AND 100000 AND sum(pg_column_size(m.members)) < 268435456
			FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version) THEN
		INSERT INTO @extschema@.value_numbers (id, as_of, number, value)
		SELECT tag, version, row_number() OVER (ORDER BY m.value) - 1, m.value FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version;
		INSERT INTO @extschema@.numbers_by_user (id, as_of, first_user, numbers)
		SELECT tag, version, r.first_user, r.numbers
		-- in the order of the numbers; joining them would be quadratic, as nothing is known yet of how many there are
		FROM (SELECT array_agg(m.members ORDER BY m.value) AS sets FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version) AS s,
			@extschema@.members_by_user(s.sets) AS r;
	END IF;
END $$;
COMMENT ON FUNCTION store_by_user(bigint, timestamptz) IS 'Support function of refresh: keeps a version of a tag user by user, too, for profiles, if it is the newest and suits. Also of use to its owner after a restore.';

-- An expression as what goes into the numset.
CREATE FUNCTION number_expression(operand text, type text, scale int) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT CASE
		WHEN type IN ('smallint', 'integer', 'bigint') AND scale = 0 THEN format('(%s)::pg_catalog.int8', operand)
		WHEN type = 'double precision' THEN format('@extschema@.tag_number(%s, %s)', operand, scale)
		ELSE format('@extschema@.tag_number((%s)::pg_catalog.numeric, %s)', operand, scale) END $$;
COMMENT ON FUNCTION number_expression(text, text, int) IS 'Support function of numeric tags: an expression of a type of numbers, times 10 to the power of scale, in SQL.';

CREATE FUNCTION numeric_query(one definitions, source_ids bigint[], as_of timestamptz) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	rule jsonb := one.definition::jsonb;
	take text := rule ->> 'take';
	events record;
	attribute record;
	measure text;
BEGIN
	PERFORM @extschema@.check_keys(rule, '{source,event,where,within,from,to,attribute,take}'::text[], 'a numeric tag'::text);
	SELECT * INTO events FROM @extschema@.tag_events(one, source_ids, as_of);
	IF take IS NULL OR take <> ALL ('{count,sum,avg,min,max,distinct,first,last,days since first,days since last}') THEN
		RAISE EXCEPTION '"take" is %', coalesce(take, 'missing') USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write count, sum, avg, min, max, distinct, first, last, days since first or days since last.';
	ELSIF take IN ('count', 'days since first', 'days since last') THEN
		IF rule ? 'attribute' THEN
			RAISE EXCEPTION '"take" is %, which is of no attribute', take USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave "attribute" out.';
		ELSIF take = 'count' THEN
			RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(e.user_id, %s) FROM (%s) AS e WHERE %s',
				one.id, @extschema@.number_expression('1'::text, 'bigint'::text, one.scale), events.stream, events.condition);
		END IF;
		measure := format('pg_catalog.trunc(EXTRACT(epoch FROM (%L::pg_catalog.timestamptz - pg_catalog.%s(e.at)))::pg_catalog.numeric / 86400, %s)',
			as_of, CASE take WHEN 'days since first' THEN 'min' ELSE 'max' END, one.scale);
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, %s FROM (%s) AS e WHERE %s GROUP BY e.user_id) AS u(user_id, number)',
			one.id, @extschema@.number_expression('u.number'::text, 'numeric'::text, one.scale), measure, events.stream, events.condition);
	END IF;
	IF rule ? 'attribute' AND jsonb_typeof(rule -> 'attribute') <> 'string' THEN
		RAISE EXCEPTION '"attribute" is %', rule -> 'attribute' USING ERRCODE = 'invalid_parameter_value', HINT = 'Name an attribute of the source.';
	END IF;
	SELECT * INTO attribute FROM @extschema@.rule_attribute(coalesce(rule ->> 'attribute', 'value'), events.context);
	IF take = 'distinct' THEN
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, pg_catalog.count(DISTINCT %s) FROM (%s) AS e WHERE %s AND %3$s IS NOT NULL GROUP BY e.user_id) AS u(user_id, number)',
			one.id, @extschema@.number_expression('u.number'::text, 'bigint'::text, one.scale),
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
			one.id, @extschema@.number_expression(attribute.operand, attribute.type, one.scale), events.stream, events.condition);
	ELSIF take IN ('first', 'last') THEN
		RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT DISTINCT ON (e.user_id) e.user_id, %s FROM (%s) AS e WHERE %s AND %3$s IS NOT NULL ORDER BY e.user_id, e.at%6$s, %3$s) AS u(user_id, number)',
			one.id, @extschema@.number_expression('u.number'::text, attribute.type, one.scale), attribute.operand, events.stream, events.condition,
			CASE take WHEN 'last' THEN ' DESC' ELSE '' END);
	END IF;
	measure := CASE take WHEN 'avg' THEN format('pg_catalog.round(pg_catalog.avg((%s)::pg_catalog.numeric), %s)', attribute.operand, one.scale)
		ELSE format('pg_catalog.%s(%s)', take, attribute.operand) END;
	RETURN format('SELECT %s::pg_catalog.int8, NULL::pg_catalog.int8, @extschema@.numset_agg(u.user_id, %s) FROM (SELECT e.user_id, %s FROM (%s) AS e WHERE %s GROUP BY e.user_id) AS u(user_id, number)',
		one.id, @extschema@.number_expression('u.number'::text, CASE take WHEN 'avg' THEN 'numeric' ELSE attribute.type END, one.scale), measure, events.stream, events.condition);
END $$;
COMMENT ON FUNCTION numeric_query(definitions, bigint[], timestamptz) IS 'A numeric tag over events in SQL: id, NULL, numbers.';

-- ---- creating -------------------------------------------------------------------------

CREATE FUNCTION store_tag(name text, definition text, kind text, analyzed record, depends_on text[], keep_for interval, keep_versions int, description text, scale int, replace boolean) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	new @extschema@.definitions;
	sources text[] := '{}';
	uses text[];
	rule jsonb;
BEGIN
	IF definition IS NULL THEN
		RAISE EXCEPTION 'definition must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF kind IS NULL OR kind NOT IN ('rule', 'sql', 'numeric', 'attribute', 'rfm', 'lifecycle') THEN
		RAISE EXCEPTION 'there is no kind of tag "%"', kind USING ERRCODE = 'invalid_parameter_value',
			HINT = 'The kinds are rule, sql, numeric, attribute, rfm and lifecycle.';
	ELSIF scale IS NOT NULL AND (kind <> 'numeric' OR scale NOT BETWEEN 0 AND 18) THEN
		RAISE EXCEPTION 'scale is % for a tag of kind %', scale, kind USING ERRCODE = 'invalid_parameter_value',
			HINT = 'It is the number of decimals of a numeric tag, from 0 to 18.';
	ELSIF kind <> 'numeric' AND @extschema@.is_rule(definition) = (kind = 'sql') THEN
		RAISE EXCEPTION 'a tag of kind % is not defined by %', kind, CASE WHEN @extschema@.is_rule(definition) THEN 'JSON' ELSE 'SQL' END
			USING ERRCODE = 'invalid_parameter_value', HINT = 'The kind sql is defined by a SELECT, numeric by a SELECT or JSON, all others by JSON.';
	END IF;
	new.name := name;
	new.kind := 'tag';
	new.method := kind;
	new.definition := definition;
	new.keep_for := keep_for;
	new.keep_versions := keep_versions;
	new.description := description;
	IF kind = 'numeric' THEN
		new.scale := coalesce(scale, CASE WHEN replace THEN (SELECT d.scale FROM @extschema@.definitions AS d WHERE d.name = new.name) END, 0);
	END IF;
	IF @extschema@.is_rule(definition) THEN
		rule := definition::jsonb;
		sources := @extschema@.rule_sources(rule);
		uses := @extschema@.rule_uses(rule);
		PERFORM @extschema@.check_sources(@extschema@.source_ids(sources, @extschema@.caller()::regrole), @extschema@.caller()::regrole);
		IF kind = 'rule' THEN
			PERFORM @extschema@.check_keys(rule, '{source,base,values}'::text[], 'the rule of a tag'::text);
			IF NOT rule ? 'values' THEN
				RAISE EXCEPTION 'the rule of tag "%" has no values', name USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Write "values": [{"value": "gold", "when": ...}, {"value": "other"}].';
			END IF;
		END IF;
	ELSE
		uses := @extschema@.names_used(analyzed.query);
		IF cardinality(analyzed.types) <> 2 THEN
			RAISE EXCEPTION 'the definition of tag "%" returns % columns', name, cardinality(analyzed.types)
				USING ERRCODE = 'invalid_column_definition', HINT = 'It returns two: the id of the user, and the value.';
		ELSIF analyzed.types[1]::regtype NOT IN ('smallint'::regtype, 'int'::regtype, 'bigint'::regtype) THEN
			RAISE EXCEPTION 'the definition of tag "%" returns users of type %', name, format_type(analyzed.types[1], NULL)
				USING ERRCODE = 'datatype_mismatch', HINT = 'User ids are smallint, integer or bigint.';
		END IF;
		IF kind = 'numeric' AND format_type(analyzed.types[2], NULL) NOT IN ('smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
			RAISE EXCEPTION 'the definition of tag "%" returns numbers of type %', name, format_type(analyzed.types[2], NULL)
				USING ERRCODE = 'datatype_mismatch', HINT = 'Numbers are smallint, integer, bigint, numeric, real or double precision.';
		END IF;
		new.query := CASE kind WHEN 'numeric' THEN format('SELECT pg_catalog.count(*), @extschema@.numset_agg(q.u::pg_catalog.int8, %s) FROM (%s) AS q(u, v) WHERE q.u IS NOT NULL AND q.v IS NOT NULL',
				@extschema@.number_expression('q.v'::text, format_type(analyzed.types[2], NULL), new.scale), analyzed.query)
			ELSE format('SELECT q.v::pg_catalog.text, @extschema@.userset_agg(q.u::pg_catalog.int8) FROM (%s) AS q(u, v) WHERE q.v IS NOT NULL AND q.v::pg_catalog.text <> '''' GROUP BY q.v::pg_catalog.text', analyzed.query) END;
	END IF;
	uses := ARRAY(SELECT DISTINCT n FROM unnest(uses || coalesce(depends_on, '{}')) AS n ORDER BY n);
	IF rule IS NOT NULL THEN
		PERFORM @extschema@.check_rule(new, sources, uses, replace, concat('the definition of tag "', name, '"'));
	END IF;
	PERFORM @extschema@.store_definition(new, sources, uses, replace);
END $$;
COMMENT ON FUNCTION store_tag(text, text, text, record, text[], interval, int, text, int, boolean) IS 'Support function of create_tag and alter_tag: checks a definition and stores it.';

CREATE FUNCTION create_tag(name text, definition text, kind text, depends_on text[] DEFAULT '{}', keep_for interval DEFAULT NULL, keep_versions int DEFAULT NULL, description text DEFAULT NULL, scale int DEFAULT NULL) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.store_tag($1, $2, $3,
		CASE WHEN $2 IS NULL OR @extschema@.is_rule($2) THEN NULL ELSE @extschema@.analyze_query($2, pg_catalog.concat('the definition of tag "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$4, $5, $6, $7, $8, false) $$;
COMMENT ON FUNCTION create_tag(text, text, text, text[], interval, int, text, int) IS
	'Creates a tag that belongs to the current role. kind: rule (an ordered list of values and conditions, the first that holds wins), sql (a SELECT of user and value), numeric (a SELECT of user and number, or JSON; scale: how many decimals, 0 to 18, 0 if NULL; more are an error), attribute (the first, last or most frequent of an event), rfm, lifecycle. The others as for create_segment.';

CREATE FUNCTION alter_tag(name text, definition text, kind text, depends_on text[] DEFAULT '{}', scale int DEFAULT NULL) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.store_tag($1, $2, $3,
		CASE WHEN $2 IS NULL OR @extschema@.is_rule($2) THEN NULL ELSE @extschema@.analyze_query($2, pg_catalog.concat('the definition of tag "'::pg_catalog.text, $1, '"'::pg_catalog.text)) END,
		$4, NULL::pg_catalog.interval, NULL::pg_catalog.int4, NULL::pg_catalog.text, $5, true) $$;
COMMENT ON FUNCTION alter_tag(text, text, text, text[], int) IS 'Gives a tag of yours another definition. Its versions stay. scale: of a numeric tag; NULL leaves it as it is.';

CREATE FUNCTION drop_tag(name text, force boolean DEFAULT false) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.drop_definition($1, 'tag'::pg_catalog.text, $2) $$;
COMMENT ON FUNCTION drop_tag(text, boolean) IS 'Drops a tag of yours with its versions. Refused while another segment or tag uses it, unless force is true; that cannot be refreshed then.';
CREATE FUNCTION grant_tag(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.change_readers($1, 'tag'::pg_catalog.text, $2, true) $$;
COMMENT ON FUNCTION grant_tag(text, text) IS 'Lets a role (or public) read a tag of yours: its definition, its versions and their users.';
CREATE FUNCTION revoke_tag(name text, role text) RETURNS void
	LANGUAGE sql
	AS $$ SELECT @extschema@.change_readers($1, 'tag'::pg_catalog.text, $2, false) $$;
COMMENT ON FUNCTION revoke_tag(text, text) IS 'Takes back what grant_tag gave.';

CREATE FUNCTION refresh_tag(name text, as_of timestamptz DEFAULT now(), stale_inputs boolean DEFAULT false)
	RETURNS TABLE (name text, version timestamptz, users bigint, entered bigint, exited bigint, duration interval, error text)
	LANGUAGE sql
	AS $$ SELECT * FROM @extschema@.refresh_definitions(ARRAY[$1], $2, 'tag'::pg_catalog.text, $3) $$;
COMMENT ON FUNCTION refresh_tag(text, timestamptz, boolean) IS
	'Computes a tag as of a time and stores the version, as refresh_segment does. entered, exited: users who have a value now and had none, or the other way round.';

CREATE FUNCTION explain_tag(name text, as_of timestamptz DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(name, 'tag'::text);
BEGIN
	RETURN @extschema@.refresh_query(ARRAY[one.id], coalesce(as_of, now()));
END $$;
COMMENT ON FUNCTION explain_tag(text, timestamptz) IS 'The SQL that refreshing a tag runs.';

-- ---- reading --------------------------------------------------------------------------

-- The decimals of a numeric tag in one of its versions; NULL if it has no numbers there.
CREATE FUNCTION version_scale(tag bigint, version timestamptz) RETURNS int
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
	AS $$ SELECT v.scale FROM @extschema@.versions AS v WHERE v.id = tag AND v.as_of = version $$;
COMMENT ON FUNCTION version_scale(bigint, timestamptz) IS 'How many decimals the numbers of a tag have in the version of exactly this time; NULL if it is not numeric there.';

CREATE FUNCTION tag_numset_by_id(tag bigint, name text, as_of timestamptz DEFAULT NULL) RETURNS numset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint := @extschema@.used_definition(tag, name, 'tag'::text);
	result @extschema@.numset;
BEGIN
	SELECT m.numbers INTO result FROM @extschema@.version_numbers AS m
	WHERE m.id = wanted AND m.as_of = @extschema@.version_at(wanted, tag_numset_by_id.as_of);
	IF result IS NULL THEN
		RAISE EXCEPTION 'tag "%" is not numeric', name USING ERRCODE = 'wrong_object_type', HINT = 'tag_users() gives the users of one of its values.';
	END IF;
	RETURN result;
END $$;
COMMENT ON FUNCTION tag_numset_by_id(bigint, text, timestamptz) IS 'tag_numset of the tag of this number; errors call it name.';

CREATE FUNCTION tag_numset(tag text, as_of timestamptz DEFAULT NULL) RETURNS numset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(tag, 'tag'::text);
BEGIN
	RETURN @extschema@.tag_numset_by_id(one.id, one.name, as_of);
END $$;
COMMENT ON FUNCTION tag_numset(text, timestamptz) IS
	'The numbers of a numeric tag, times 10 to the power of its scale: of its newest version, or of the newest not newer than as_of. An error for tags of other kinds.';

CREATE FUNCTION tag_users_where_by_id(tag bigint, name text, operator text, number numeric, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	numbers @extschema@.numset := @extschema@.tag_numset_by_id(tag, name, as_of);
	-- what the numset holds lies on one side of it, or is equal
	bound numeric;
	low numeric;
	high numeric;
BEGIN
	IF operator IS NULL OR operator <> ALL ('{=,!=,<>,<,<=,>,>=}') THEN
		RAISE EXCEPTION 'operator is %', coalesce(operator, 'NULL') USING ERRCODE = 'invalid_parameter_value', HINT = 'There are =, !=, <, <=, > and >=.';
	ELSIF number IS NULL THEN
		RAISE EXCEPTION 'number must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF number = 'NaN' THEN
		RAISE EXCEPTION 'number is NaN' USING ERRCODE = 'invalid_parameter_value', HINT = 'Nothing can be compared with it.';
	END IF;
	bound := number * ('1e' || @extschema@.version_scale(tag, @extschema@.version_at(tag, as_of)))::numeric;
	CASE
		WHEN operator IN ('=', '!=', '<>') THEN low := ceil(bound); high := floor(bound);
		WHEN operator = '<' THEN high := ceil(bound) - 1;
		WHEN operator = '<=' THEN high := floor(bound);
		WHEN operator = '>' THEN low := floor(bound) + 1;
		ELSE low := ceil(bound);
	END CASE;
	IF low > 9223372036854775807 OR high < -9223372036854775808 OR low > high THEN
		RETURN CASE WHEN operator IN ('!=', '<>') THEN @extschema@.numset_users(numbers) ELSE '{}' END;
	ELSIF operator IN ('!=', '<>') THEN
		RETURN @extschema@.numset_ne(numbers, low::bigint);
	END IF;
	RETURN @extschema@.numset_between(numbers, greatest(low, -9223372036854775808)::bigint, least(high, 9223372036854775807)::bigint);
END $$;
COMMENT ON FUNCTION tag_users_where_by_id(bigint, text, text, numeric, timestamptz) IS 'tag_users_where of the tag of this number; errors call it name. Rules are made of it.';

CREATE FUNCTION tag_users_where(tag text, operator text, number numeric, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(tag, 'tag'::text);
BEGIN
	RETURN @extschema@.tag_users_where_by_id(one.id, one.name, operator, number, as_of);
END $$;
COMMENT ON FUNCTION tag_users_where(text, text, numeric, timestamptz) IS
	'The users whose number of a numeric tag is =, !=, <, <=, > or >= a number: in its newest version, or in the newest not newer than as_of. Who has none is not among them.';

CREATE FUNCTION tag_users_between(tag text, low numeric, high numeric, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN @extschema@.tag_users_where(tag, '>='::text, coalesce(low, '-Infinity'), as_of)
		OPERATOR(@extschema@.&) @extschema@.tag_users_where(tag, '<='::text, coalesce(high, 'Infinity'), as_of);
END $$;
COMMENT ON FUNCTION tag_users_between(text, numeric, numeric, timestamptz) IS
	'The users whose number of a numeric tag lies from low to high, both included; NULL: without that bound.';

CREATE FUNCTION tag_users_by_id(tag bigint, name text, value text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wanted bigint := @extschema@.used_definition(tag, name, 'tag'::text);
	version timestamptz := @extschema@.version_at(wanted, as_of);
	result @extschema@.userset;
BEGIN
	IF @extschema@.version_scale(wanted, version) IS NOT NULL AND value IS NOT NULL THEN
		-- not by catching the error of a cast, which cannot be done in a parallel plan
		IF length(value) > 1000 OR value !~* '^\s*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?|nan|[+-]?inf(inity)?)\s*$' THEN
			RAISE EXCEPTION 'tag "%" is numeric, and its value cannot be "%"', name, value USING ERRCODE = 'invalid_text_representation',
				HINT = 'Write a number. tag_users_between() takes two.';
		END IF;
		RETURN @extschema@.tag_users_where_by_id(wanted, name, '='::text, value::numeric, version);
	END IF;
	SELECT m.members INTO result FROM @extschema@.version_members AS m
	WHERE m.id = wanted AND m.value = tag_users_by_id.value AND m.as_of = version;
	RETURN coalesce(result, '{}'::@extschema@.userset);
END $$;
COMMENT ON FUNCTION tag_users_by_id(bigint, text, text, timestamptz) IS 'tag_users of the tag of this number; errors call it name. Rules are made of it.';

CREATE FUNCTION tag_users(tag text, value text, as_of timestamptz DEFAULT NULL) RETURNS userset
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(tag, 'tag'::text);
BEGIN
	RETURN @extschema@.tag_users_by_id(one.id, one.name, value, as_of);
END $$;
COMMENT ON FUNCTION tag_users(text, text, timestamptz) IS
	'The users that have a value of a tag: in its newest version, or in the newest not newer than as_of. Empty if nobody has it. The value of a numeric tag is a number.';

-- The values of a version and their users; of numbers up to 20 different ones, or else ten
-- ranges with about as many users each.
CREATE FUNCTION tag_groups(tag bigint, version timestamptz) RETURNS TABLE (place int, value text, users bigint, members userset)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	scale int := @extschema@.version_scale(tag, version);
	numbers @extschema@.numset;
	low bigint;
	high bigint;
	highs bigint[] := '{}';
BEGIN
	IF scale IS NULL THEN
		RETURN QUERY SELECT 0, m.value, m.users, m.members FROM @extschema@.version_members AS m WHERE m.id = tag AND m.as_of = version;
		RETURN;
	END IF;
	SELECT m.numbers INTO numbers FROM @extschema@.version_numbers AS m WHERE m.id = tag AND m.as_of = version;
	low := @extschema@.numset_min(numbers);
	WHILE low IS NOT NULL AND cardinality(highs) <= 20 LOOP
		highs := highs || low;
		low := @extschema@.numset_min(numbers, @extschema@.numset_gt(numbers, low));
	END LOOP;
	IF low IS NOT NULL THEN
		highs := ARRAY(SELECT DISTINCT @extschema@.numset_quantile(numbers, (i / 10.0)::float8) FROM generate_series(1, 10) AS i ORDER BY 1);
	END IF;
	place := 0;
	FOREACH high IN ARRAY highs LOOP
		members := CASE WHEN place = 0 THEN @extschema@.numset_le(numbers, high) ELSE @extschema@.numset_between(numbers, highs[place] + 1, high) END;
		low := @extschema@.numset_min(numbers, members);
		place := place + 1;
		value := concat(@extschema@.tag_value(low, scale), CASE WHEN high > low THEN concat(' to ', @extschema@.tag_value(high, scale)) END);
		users := @extschema@.cardinality(members);
		RETURN NEXT;
	END LOOP;
END $$;
COMMENT ON FUNCTION tag_groups(bigint, timestamptz) IS 'Support function of tag_summary and tag_cross: the values of the version of exactly this time, or ranges of numbers in ascending order, and their users.';

CREATE FUNCTION tag_summary(tag text, as_of timestamptz DEFAULT NULL) RETURNS TABLE (value text, users bigint, share float8)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(tag, 'tag'::text);
	version timestamptz := @extschema@.version_at(one.id, as_of);
	everybody bigint;
BEGIN
	SELECT v.users INTO everybody FROM @extschema@.versions AS v WHERE v.id = one.id AND v.as_of = version;
	IF @extschema@.version_scale(one.id, version) IS NOT NULL THEN
		RETURN QUERY SELECT g.value, g.users, g.users / nullif(everybody, 0)::float8 FROM @extschema@.tag_groups(one.id, version) AS g ORDER BY g.place;
	ELSE
		RETURN QUERY SELECT m.value, m.users, m.users / nullif(everybody, 0)::float8
			FROM @extschema@.version_members AS m WHERE m.id = one.id AND m.as_of = version ORDER BY m.users DESC, m.value;
	END IF;
END $$;
COMMENT ON FUNCTION tag_summary(text, timestamptz) IS 'The values of a tag: how many users have each, and their share of all that have one, 0 to 1. The most frequent first. Of a numeric tag the numbers in ascending order, if they are no more than 20 different ones, or else ten ranges with about as many users each.';

CREATE FUNCTION tag_cross(tag_a text, tag_b text, as_of timestamptz DEFAULT NULL) RETURNS TABLE (value_a text, value_b text, users bigint, share float8)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one_a @extschema@.definitions := @extschema@.definition_of(tag_a, 'tag'::text);
	one_b @extschema@.definitions := @extschema@.definition_of(tag_b, 'tag'::text);
	version_a timestamptz := @extschema@.version_at(one_a.id, as_of);
	version_b timestamptz := @extschema@.version_at(one_b.id, as_of);
BEGIN
	IF version_a <> version_b THEN
		RAISE NOTICE 'the versions are of different times: "%" of %, "%" of %', one_a.name, version_a, one_b.name, version_b
			USING HINT = 'common_version(ARRAY[tag_a, tag_b]) gives a time for which both have one.';
	END IF;
	RETURN QUERY SELECT a.value, b.value, c.users, c.users / nullif(a.users, 0)::float8
		FROM @extschema@.tag_groups(one_a.id, version_a) AS a, @extschema@.tag_groups(one_b.id, version_b) AS b,
			LATERAL (SELECT @extschema@.cardinality(a.members OPERATOR(@extschema@.&) b.members) AS users) AS c
		WHERE c.users > 0
		ORDER BY a.place, a.value, b.place, b.value;
END $$;
COMMENT ON FUNCTION tag_cross(text, text, timestamptz) IS 'How many users have each pair of values of two tags, and their share of those with value_a. Pairs that nobody has are left out. Numbers are grouped as by tag_summary.';

CREATE FUNCTION tag_stats(tag text, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (users bigint, sum numeric, avg numeric, min numeric, p25 numeric, median numeric, p75 numeric, p90 numeric, p99 numeric, max numeric)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(tag, 'tag'::text);
	numbers @extschema@.numset := @extschema@.tag_numset_by_id(one.id, one.name, as_of);
	scale int := @extschema@.version_scale(one.id, @extschema@.version_at(one.id, as_of));
	unit numeric := ('1e-' || scale)::numeric;
	q numeric[] := ARRAY(SELECT @extschema@.tag_value(@extschema@.numset_quantile(numbers, f), scale) FROM unnest('{0.25,0.5,0.75,0.9,0.99}'::float8[]) WITH ORDINALITY AS u(f, n) ORDER BY n);
BEGIN
	RETURN QUERY SELECT @extschema@.numset_count(numbers), @extschema@.numset_sum(numbers) * unit, @extschema@.numset_avg(numbers) * unit,
		@extschema@.tag_value(@extschema@.numset_min(numbers), scale), q[1], q[2], q[3], q[4], q[5], @extschema@.tag_value(@extschema@.numset_max(numbers), scale);
END $$;
COMMENT ON FUNCTION tag_stats(text, timestamptz) IS 'Of the numbers of a numeric tag: how many users have one, sum, mean, smallest, quantiles (numbers that some user has), greatest. One row; NULLs if nobody has any.';

CREATE FUNCTION tag_histogram(tag text, bounds numeric[], as_of timestamptz DEFAULT NULL) RETURNS TABLE (bin int, low numeric, high numeric, users bigint, share float8)
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	one @extschema@.definitions := @extschema@.definition_of(tag, 'tag'::text);
	numbers @extschema@.numset := @extschema@.tag_numset_by_id(one.id, one.name, as_of);
	scale int := @extschema@.version_scale(one.id, @extschema@.version_at(one.id, as_of));
BEGIN
	RETURN QUERY SELECT h.bin, @extschema@.tag_value(h.low, scale), @extschema@.tag_value(h.high, scale), h.users, h.users / nullif(@extschema@.numset_count(numbers), 0)::float8
		FROM @extschema@.numset_histogram(numbers, ARRAY(SELECT @extschema@.tag_number(b, scale) FROM unnest(bounds) WITH ORDINALITY AS u(b, n) ORDER BY n)) AS h;
END $$;
COMMENT ON FUNCTION tag_histogram(text, numeric[], timestamptz) IS 'How many users have numbers of a numeric tag below the first bound, from each bound to the next (low <= number < high), and from the last on; NULL where there is no bound. Bounds ascend, and have no more decimals than the tag.';

CREATE VIEW tags WITH (security_invoker = true) AS
SELECT d.name, d.owner::text AS owner, d.method AS kind, d.definition, @extschema@.source_names(d.id) AS sources, @extschema@.used_names(d.id) AS depends_on,
	d.keep_for, d.keep_versions, d.description, d.created_at, d.changed_at, v.as_of, v.users, v.computed_at, d.id
FROM @extschema@.definitions AS d
	LEFT JOIN LATERAL (SELECT * FROM @extschema@.versions AS v WHERE v.id = d.id ORDER BY v.as_of DESC LIMIT 1) AS v ON true
WHERE d.kind = 'tag';
GRANT SELECT ON tags TO PUBLIC;
COMMENT ON VIEW tags IS 'The tags that you may read, with their newest versions.';
COMMENT ON COLUMN tags.name IS 'What it is called.';
COMMENT ON COLUMN tags.owner IS 'The role whose rights its definition runs with, and whose members may change it. "?name": the role does not exist (any more); "!name": it has yet to accept what was restored for it, see set_owner.';
COMMENT ON COLUMN tags.kind IS 'rule, sql, numeric, attribute, rfm or lifecycle.';
COMMENT ON COLUMN tags.definition IS 'As it was given.';
COMMENT ON COLUMN tags.sources IS 'Sources that its rule reads.';
COMMENT ON COLUMN tags.depends_on IS 'Segments and tags that it uses, refreshed before it.';
COMMENT ON COLUMN tags.keep_for IS 'The next refresh drops versions older than this; NULL keeps all.';
COMMENT ON COLUMN tags.keep_versions IS 'The next refresh keeps only so many; NULL keeps all.';
COMMENT ON COLUMN tags.description IS 'What its owner says of it.';
COMMENT ON COLUMN tags.created_at IS 'When it was created.';
COMMENT ON COLUMN tags.changed_at IS 'When its definition was last changed.';
COMMENT ON COLUMN tags.as_of IS 'The time for which the newest version was computed; NULL if there is none yet.';
COMMENT ON COLUMN tags.users IS 'How many users the newest version has.';
COMMENT ON COLUMN tags.computed_at IS 'When the newest version was computed.';
COMMENT ON COLUMN tags.id IS 'Its number, which stays when it is renamed and is never given again.';

-- ---- one customer ---------------------------------------------------------------------

CREATE FUNCTION run_as_within(owner oid, query text, as_of timestamptz, milliseconds int) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_run_as_within'
	LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION run_as_within(oid, text, timestamptz, int) IS 'run_as for so many milliseconds at most: then an error, which is not a cancellation of the statement.';

-- The newest events of a user in a source, read as `reader`.
CREATE FUNCTION profile_events(of_source bigint, reader regrole, of_user bigint, until timestamptz, most int, milliseconds int)
	RETURNS TABLE (source text, at timestamptz, event text, attrs jsonb, value float8)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT r.source, r.at, r.event, r.attrs, r.value
		FROM @extschema@.run_as_within(reader::oid, format('SELECT e.source, e.at, e.event, e.attrs, e.value FROM (%s) AS e WHERE e.user_id = %L::pg_catalog.int8 AND e.at < %L::pg_catalog.timestamptz ORDER BY e.at DESC LIMIT %s',
			@extschema@.stream_query(ARRAY[profile_events.of_source], reader), of_user, until, most), until, milliseconds) AS r(source text, at timestamptz, event text, attrs jsonb, value float8);
END $$;
COMMENT ON FUNCTION profile_events(bigint, regrole, bigint, timestamptz, int, int) IS 'Support function of profile: the newest events of a user.';

-- The segments and tags of a user. Each needs a row or two of some tables, which may be so small
-- that the planner would rather read them whole each time, so reading by index is made cheap. The
-- plan is the same for everybody.
CREATE FUNCTION profile_values(of_user bigint, until timestamptz)
	RETURNS TABLE (kind text, name text, value text, at timestamptz)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET seq_page_cost = 1
	SET random_page_cost = 0.1
	SET enable_bitmapscan = off
	SET jit = off
	SET max_parallel_workers_per_gather = 0
	SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT d.kind, d.name, CASE d.kind WHEN 'segment' THEN (m.value IS NOT NULL)::text ELSE coalesce(m.value, n.value) END, v.as_of
		FROM @extschema@.definitions AS d
			CROSS JOIN LATERAL (SELECT v.as_of, v.single, v.scale FROM @extschema@.versions AS v
				WHERE v.id = d.id AND (until IS NULL OR v.as_of <= until) ORDER BY v.as_of DESC LIMIT 1) AS v
			LEFT JOIN LATERAL (SELECT true AS there, @extschema@.number_in_row(r.numbers, r.first_user, of_user) AS number FROM @extschema@.numbers_by_user AS r
				WHERE d.kind = 'tag' AND r.id = d.id AND r.as_of = v.as_of AND r.first_user <= of_user
				ORDER BY r.first_user DESC LIMIT 1) AS r ON true
			-- others may come after, or the version is not kept user by user: see store_by_user
			CROSS JOIN LATERAL (SELECT r.there IS NOT NULL OR EXISTS (SELECT FROM @extschema@.numbers_by_user AS o
				WHERE d.kind = 'tag' AND o.id = d.id AND o.as_of = v.as_of) AS by_user OFFSET 0) AS k
			LEFT JOIN LATERAL (
				SELECT w.value FROM @extschema@.value_numbers AS w
				WHERE v.scale IS NULL AND k.by_user AND w.id = d.id AND w.as_of = v.as_of AND w.number = r.number
				UNION ALL
				(SELECT m.value FROM @extschema@.version_members AS m
				WHERE v.scale IS NULL AND NOT k.by_user AND m.id = d.id AND m.as_of = v.as_of AND @extschema@.contains(m.members, of_user)
				LIMIT CASE WHEN v.single THEN 1 END)) AS m ON true
			LEFT JOIN LATERAL (SELECT @extschema@.tag_value(CASE WHEN k.by_user THEN r.number
				ELSE (SELECT @extschema@.value_of(m.numbers, of_user) FROM @extschema@.version_numbers AS m WHERE m.id = d.id AND m.as_of = v.as_of) END, v.scale)::text AS value
				WHERE v.scale IS NOT NULL) AS n ON true;
END $$;
COMMENT ON FUNCTION profile_values(bigint, timestamptz) IS 'Support function of profile: the segments and tags of a user.';

CREATE FUNCTION profile(user_id bigint, as_of timestamptz DEFAULT NULL, sources text[] DEFAULT NULL, events int DEFAULT 20, time_limit interval DEFAULT '5 seconds')
	RETURNS TABLE (kind text, name text, value text, at timestamptz, attrs jsonb, source text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	one record;
	milliseconds CONSTANT numeric := extract(epoch FROM time_limit) * 1000;
BEGIN
	IF profile.user_id IS NULL THEN
		RAISE EXCEPTION 'user_id must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF profile.events IS NULL OR profile.events < 0 THEN
		RAISE EXCEPTION 'events is %', profile.events USING ERRCODE = 'invalid_parameter_value', HINT = 'How many of the newest events to show; 0 for none.';
	ELSIF milliseconds IS NULL OR milliseconds < 1 OR milliseconds > 86400000 THEN
		RAISE EXCEPTION 'time_limit is %', time_limit USING ERRCODE = 'invalid_parameter_value', HINT = 'How long each source may take: from ''1 millisecond'' to ''1 day''.';
	END IF;
	RETURN QUERY SELECT v.kind, v.name, v.value, v.at, NULL::jsonb, NULL::text
		FROM @extschema@.profile_values(profile.user_id, profile.as_of) AS v ORDER BY v.kind, v.name, v.value;
	-- A source is read with its owner's rights where the caller has them; others' sources only if
	-- they are named, for their expressions then run with the caller's.
	FOR one IN SELECT s.id, s.name, CASE WHEN @extschema@.owns(s.owner) THEN s.owner::regrole ELSE @extschema@.caller()::regrole END AS reader
		FROM @extschema@.sources AS s
		WHERE profile.events > 0 AND @extschema@.is_role(s.owner) AND CASE WHEN profile.sources IS NULL THEN @extschema@.owns(s.owner) AND has_table_privilege(s.owner::oid, s.relation::oid, 'SELECT')
			ELSE s.name = ANY (profile.sources) END
		ORDER BY s.name
	LOOP
		BEGIN
			RETURN QUERY SELECT 'event'::text, e.event, e.value::text, e.at, e.attrs, e.source
				FROM @extschema@.profile_events(one.id, one.reader, profile.user_id, coalesce(profile.as_of, clock_timestamp()), profile.events, milliseconds::int) AS e;
		EXCEPTION WHEN OTHERS THEN
			-- one role's source must not stop everybody's profiles
			IF profile.sources IS NOT NULL THEN
				RAISE;
			END IF;
			RAISE WARNING 'source "%" cannot be read: %', one.name, SQLERRM;
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION profile(bigint, timestamptz, text[], int, interval) IS
	'What is known of one customer: a row for each segment (value true or false) and tag (its value, NULL if none) that you may read, from the newest versions or those not newer than as_of; then the newest events of each source (kind event, name the event, value its number, source where it comes from). sources: those to look into; without it, those of roles whose rights you have. time_limit: how long each source may take; one that takes longer is left out with a warning.';
