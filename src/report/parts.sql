-- report: parts of a report: a question in SQL, and how its answer is shown.

ROW report_part(
	title text 'Its heading.',
	query text 'One SELECT.',
	kind text 'How it is shown: table, svg, a kind of chart_svg(), or the name of the picture of a result without _svg. NULL: as the result is usually drawn; any other rows as a table.',
	options jsonb 'Options of the picture; NULL: none.')
	'A part of a report for report_html(). It has the query as text and not its rows, because the page shows the query, and because the report itself runs it, read-only.';

FUNCTION report_part(title text, query text, kind text DEFAULT NULL, options jsonb DEFAULT NULL) -> report_part LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'A part of a report: a heading, a SELECT, how its rows are shown, and options of the picture. kind: table, svg, a kind of chart_svg() such as line or bar, or the name of the picture of a result without _svg, such as retention_curve. NULL: a result such as funnel_stats is drawn as it usually is, any other rows are a table.'
	AS $$ SELECT ROW($1, $2, $3, $4)::@extschema@.report_part $$;

CREATE TYPE journey_internal.analyzed_part AS (part report_part, query text, columns text[], types oid[]);
COMMENT ON TYPE journey_internal.analyzed_part IS 'A part of a report with what analyze_query() says of its query.';

CREATE FUNCTION journey_internal.report_rows_transition(internal, record) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_report_rows_transition'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.report_rows_transition(internal, record) IS 'Support function of report_rows: adds one row.';
CREATE FUNCTION journey_internal.report_rows_final(internal) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_report_rows_final'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.report_rows_final(internal) IS 'Support function of report_rows: ends the table.';
CREATE AGGREGATE journey_internal.report_rows(rows record) (
	SFUNC = journey_internal.report_rows_transition, STYPE = internal, SSPACE = 100000,
	FINALFUNC = journey_internal.report_rows_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE journey_internal.report_rows(record) IS 'Support function of report_html: the number of rows, a line break, and the first 1000 rows as a table in HTML. A NULL in place of a row is skipped; no rows give NULL.';

FUNCTION journey_internal.report_escape(text) -> text
	'Support function of report_html: a text for HTML, between tags or in quotes.';

-- Pictures of results: the type, the function that draws it and its arguments after the value, and
-- the function of its rows and its arguments. The first of a type is the usual one.
FUNCTION journey_internal.report_kinds() -> TABLE (kind text, type regtype, draws text, rows_of text) LANGUAGE sql STABLE PARALLEL SAFE
	'Support function of report_html: pictures of results. draws, rows_of: the function and its arguments, of the value q.v, options %1$s and min_users %2$s.'
	AS $$ VALUES
		('funnel', '@extschema@.funnel_stats'::regtype, 'funnel_svg(q.v, %1$s)', '@extschema@.funnel_steps(q.v, %2$s)'),
		('funnel_breakdown', '@extschema@.funnel_stats'::regtype, 'funnel_breakdown_svg(q.v, %1$s)', '@extschema@.funnel_breakdown_steps(q.v, %2$s)'),
		('funnel_trend', '@extschema@.funnel_stats'::regtype, 'funnel_trend_svg(q.v, %1$s)', '@extschema@.funnel_trend_steps(q.v, %2$s)'),
		('retention', '@extschema@.retention_stats'::regtype, 'retention_svg(q.v, %1$s)', '@extschema@.retention_cells(q.v, %2$s)'),
		('retention_curve', '@extschema@.retention_stats'::regtype, 'retention_curve_svg(q.v, %1$s)', '@extschema@.retention_curve(q.v, %2$s)'),
		('lifecycle', '@extschema@.activity_stats'::regtype, 'lifecycle_svg(q.v, %1$s)', '@extschema@.lifecycle_buckets(q.v, %2$s)'),
		('active_ratio', '@extschema@.activity_stats'::regtype, 'active_ratio_svg(q.v, %1$s)', '@extschema@.active_ratio_buckets(q.v, %2$s)'),
		('stickiness', '@extschema@.activity_stats'::regtype, 'stickiness_svg(q.v, %1$s)', '@extschema@.stickiness_buckets(q.v, %2$s)'),
		('frequency', '@extschema@.activity_stats'::regtype, 'frequency_svg(q.v, %1$s)', '@extschema@.frequency_bins(q.v, NULL, %2$s)'),
		('metric', '@extschema@.metric_stats'::regtype, 'metric_svg(q.v, %1$s)', '@extschema@.metric_rows(q.v, %2$s)'),
		('metric_change', '@extschema@.metric_stats'::regtype, 'metric_change_svg(q.v, 1, %1$s)', '@extschema@.metric_change(q.v, 1, %2$s)'),
		('distribution', '@extschema@.distribution_stats'::regtype, 'distribution_svg(q.v, NULL, %1$s)', '@extschema@.distribution_buckets(q.v, %2$s)'),
		('week_hours', '@extschema@.week_hours_stats'::regtype, 'week_hours_svg(q.v, %1$s)', '@extschema@.week_hours_rows(q.v, %2$s)'),
		('intervals', '@extschema@.interval_stats'::regtype, 'intervals_svg(q.v, NULL, %1$s)', '@extschema@.interval_summary(q.v, %2$s)'),
		('session', '@extschema@.session_stats'::regtype, 'session_svg(q.v, %1$s)', '@extschema@.session_buckets(q.v, %2$s)'),
		('session_channel', '@extschema@.session_stats'::regtype, 'session_channel_svg(q.v, %1$s)', '@extschema@.session_channel_buckets(q.v, %2$s)'),
		('attribution', '@extschema@.attribution_stats'::regtype, 'attribution_svg(q.v, %1$s)', '@extschema@.attribution_models(q.v, %2$s)'),
		('path_flow', '@extschema@.flow_stats'::regtype, 'path_flow_svg(q.v, %1$s)', '@extschema@.flow_links(q.v, %2$s)'),
		('transitions', '@extschema@.transition_stats'::regtype, 'transitions_svg(q.v, %1$s)', '@extschema@.transition_links(q.v, %2$s)'),
		('overlap', '@extschema@.userset[]'::regtype, 'overlap_svg(q.v, %1$s)', 'journey_internal.overlap_rows(q.v, %1$s)'),
		('quality', '@extschema@.quality_stats'::regtype, 'quality_svg(q.v, 3, %1$s)', '@extschema@.quality_buckets(q.v, 3, %2$s)') $$;

-- The parts are one query, a row each, so that one definition has one query; with a condition on
-- the number, only that part is computed. A whole row is written r.*, which no column can hide.
FUNCTION journey_internal.report_branch(analyzed journey_internal.analyzed_part, number int, defaults jsonb) -> text LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of report_html: the SELECT of one part: its number, its picture, and its rows as a table in HTML. defaults: options of all pictures of the report.'
AS $$
DECLARE
	part CONSTANT @extschema@.report_part := (analyzed).part;
	types CONSTANT oid[] := (analyzed).types;
	options CONSTANT jsonb := defaults || coalesce((part).options, '{}');
	how record;
	picture text := 'NULL';
	row_table text := 'SELECT journey_internal.report_rows(r.*) FROM q AS r';
BEGIN
	SELECT * INTO how FROM (SELECT k.*, row_number() OVER () AS place FROM journey_internal.report_kinds() AS k) AS k
	WHERE ARRAY[k.type::oid] = types AND k.kind = coalesce((part).kind, k.kind) ORDER BY k.place LIMIT 1;
	IF how.kind IS NOT NULL THEN
		picture := format('SELECT @extschema@.%s FROM q', format(how.draws, format('%L::pg_catalog.jsonb', options)));
		row_table := format('SELECT journey_internal.report_rows(r.*) FROM q, %s AS r', format(how.rows_of, format('%L::pg_catalog.jsonb', options), format('%s::pg_catalog.int8', journey_internal.chart_min_users(options))));
	ELSIF (part).kind = 'svg' THEN
		IF types IS DISTINCT FROM ARRAY['text'::regtype::oid] THEN
			RAISE EXCEPTION 'a part of kind svg returns one text, a picture' USING ERRCODE = 'datatype_mismatch', HINT = 'Select what a function such as tag_svg() returns.';
		END IF;
		picture := 'SELECT q.v FROM q';
		row_table := 'NULL';
	ELSIF (part).kind IS NOT NULL AND (part).kind <> 'table' THEN
		IF EXISTS (SELECT FROM journey_internal.report_kinds() AS k WHERE k.kind = (part).kind AND k.kind <> 'funnel') THEN
			RAISE EXCEPTION 'a part of kind % returns one value of type %', (part).kind, (SELECT k.type FROM journey_internal.report_kinds() AS k WHERE k.kind = (part).kind)
				USING ERRCODE = 'datatype_mismatch', HINT = 'It is drawn from a result. For rows, name a kind of chart_svg().';
		END IF;
		-- an error now rather than when it runs
		PERFORM @extschema@.chart_svg(NULL::record, (part).kind, options);
		picture := format('SELECT @extschema@.chart_svg(r.*, %L::pg_catalog.text, %L::pg_catalog.jsonb) FROM (SELECT) AS one LEFT JOIN q AS r ON true', (part).kind, options);
	ELSIF (part).kind IS NULL AND (part).options IS NOT NULL AND (part).options NOT IN ('{}', 'null') THEN
		RAISE EXCEPTION 'a part without a picture has no options' USING ERRCODE = 'invalid_parameter_value', HINT = 'Name its kind, such as line or bar.';
	END IF;
	RETURN format('SELECT %s::pg_catalog.int4 AS part, p.picture, p.row_table FROM (WITH q%s AS MATERIALIZED (%s) SELECT (%s)::pg_catalog.text AS picture, (%s)::pg_catalog.text AS row_table) AS p',
		number, CASE WHEN cardinality(types) = 1 AND (how.kind IS NOT NULL OR (part).kind = 'svg') THEN '(v)' ELSE '' END, (analyzed).query, picture, row_table);
END $$;

FUNCTION journey_internal.report_query(parts journey_internal.analyzed_part[], defaults jsonb) -> text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	'Support function of report_html and create_report: all parts of a report as one SELECT. Errors name the part.'
AS $$
DECLARE
	branches text[] := '{}';
	detail text;
	hint text;
BEGIN
	FOR i IN 1 .. cardinality(parts) LOOP
		BEGIN
			branches := branches || journey_internal.report_branch(parts[i], i, defaults);
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			PERFORM journey_internal.report_fail(concat(journey_internal.report_part_name(i, ((parts[i]).part).title), ' cannot be shown: ', SQLERRM), SQLSTATE, detail, hint);
		END;
	END LOOP;
	RETURN array_to_string(branches, ' UNION ALL ');
END $$;

FUNCTION journey_internal.report_part_name(number int, title text) -> text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of report_html: how errors call a part.'
	AS $$ SELECT concat('part ', number, ' "' || left(title, 100) || '"') $$;

FUNCTION journey_internal.report_fail(message text, state text, detail text, hint text) -> void LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of report_html: raises an error. An empty detail or hint is none.'
AS $$
BEGIN
	IF detail <> '' AND hint <> '' THEN
		RAISE EXCEPTION '%', message USING ERRCODE = state, DETAIL = detail, HINT = hint;
	ELSIF detail <> '' THEN
		RAISE EXCEPTION '%', message USING ERRCODE = state, DETAIL = detail;
	ELSIF hint <> '' THEN
		RAISE EXCEPTION '%', message USING ERRCODE = state, HINT = hint;
	END IF;
	RAISE EXCEPTION '%', message USING ERRCODE = state;
END $$;

FUNCTION journey_internal.checked_parts(parts report_part[]) -> TABLE (part report_part, number int) LANGUAGE plpgsql STABLE PARALLEL SAFE
	'Support function of report_html: the parts one by one. Raises an error unless each has a title and a query.'
AS $$
BEGIN
	IF parts IS NULL OR cardinality(parts) = 0 THEN
		RAISE EXCEPTION 'a report has no parts' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write report_part(title, query) for each.';
	ELSIF cardinality(parts) > 200 THEN
		RAISE EXCEPTION 'a report has % parts, more than 200', cardinality(parts) USING ERRCODE = 'program_limit_exceeded';
	END IF;
	number := 0;
	FOREACH part IN ARRAY parts LOOP
		number := number + 1;
		IF part IS NULL OR (part).title IS NULL OR (part).query IS NULL THEN
			RAISE EXCEPTION 'part % of a report has no title or no query', number USING ERRCODE = 'null_value_not_allowed', HINT = 'Write report_part(title, query).';
		ELSIF jsonb_typeof((part).options) NOT IN ('object', 'null') THEN
			RAISE EXCEPTION 'the options of % are no JSON object', journey_internal.report_part_name(number, (part).title) USING ERRCODE = 'invalid_parameter_value', HINT = 'Write them such as {"top": 10}.';
		END IF;
		IF jsonb_typeof((part).options) = 'null' THEN
			part.options := NULL;
		END IF;
		RETURN NEXT;
	END LOOP;
END $$;

FUNCTION journey_internal.report_query_name(number int, title text) -> text LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of report_html: how errors call the query of a part.'
	AS $$ SELECT concat('the query of ', journey_internal.report_part_name(number, title)) $$;

FUNCTION journey_internal.report_titles(parts report_part[]) -> text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of report_html: the headings of the parts.'
	AS $$ SELECT array_agg(p.title ORDER BY p.number) FROM unnest(parts) WITH ORDINALITY AS p(title, query, kind, options, number) $$;

CREATE TYPE journey_internal.report_look AS (title text, language text, theme text, defaults jsonb);
COMMENT ON TYPE journey_internal.report_look IS 'What a report says of the whole page, and the options that all its pictures get from that.';

FUNCTION journey_internal.checked_look(title text, language text, theme text) -> journey_internal.report_look LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Support function of report_html: title, language and theme of a report. Raises an error unless they are valid.'
AS $$
BEGIN
	IF title IS NULL OR btrim(title) = '' THEN
		RAISE EXCEPTION 'a report has no title' USING ERRCODE = 'invalid_parameter_value', HINT = 'The title is a text.';
	ELSIF language NOT IN ('en', 'zh') THEN
		RAISE EXCEPTION 'language "%" of a report does not exist', language USING ERRCODE = 'invalid_parameter_value', HINT = 'The languages are en and zh.';
	ELSIF theme NOT IN ('auto', 'light', 'dark') THEN
		RAISE EXCEPTION 'theme "%" of a report does not exist', theme USING ERRCODE = 'invalid_parameter_value', HINT = 'The themes are auto, light and dark.';
	END IF;
	language := coalesce(language, 'en');
	theme := coalesce(theme, 'auto');
	RETURN ROW(title, language, theme, jsonb_build_object('language', language, 'theme', theme));
END $$;

FUNCTION journey_internal.report_parts_of(definition jsonb) -> report_part[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	'Support function of create_report: the parts of a definition. Raises an error unless it is an object of known members.'
AS $$
DECLARE
	one jsonb;
	unknown text;
	parts @extschema@.report_part[] := '{}';
BEGIN
	IF jsonb_typeof(definition) IS DISTINCT FROM 'object' OR jsonb_typeof(definition -> 'parts') IS DISTINCT FROM 'array' THEN
		RAISE EXCEPTION 'the definition of a report is no JSON object with parts' USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write {"title": "...", "parts": [{"title": "...", "query": "SELECT ..."}]}.';
	END IF;
	SELECT k INTO unknown FROM jsonb_object_keys(definition) AS k WHERE k NOT IN ('title', 'language', 'theme', 'parts') ORDER BY 1 LIMIT 1;
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'member "%" of a report does not exist', unknown USING ERRCODE = 'invalid_parameter_value', HINT = 'The members are title, language, theme and parts.';
	END IF;
	FOR one IN SELECT e FROM jsonb_array_elements(definition -> 'parts') WITH ORDINALITY AS p(e, place) ORDER BY p.place LOOP
		IF jsonb_typeof(one) <> 'object' THEN
			RAISE EXCEPTION 'a part of a report is no JSON object' USING ERRCODE = 'invalid_parameter_value', HINT = 'Write {"title": "...", "query": "SELECT ..."}.';
		END IF;
		SELECT k INTO unknown FROM jsonb_object_keys(one) AS k WHERE k NOT IN ('title', 'query', 'kind', 'options') ORDER BY 1 LIMIT 1;
		IF unknown IS NOT NULL THEN
			RAISE EXCEPTION 'member "%" of a part of a report does not exist', unknown USING ERRCODE = 'invalid_parameter_value', HINT = 'The members are title, query, kind and options.';
		END IF;
		parts := array_append(parts, ROW(one ->> 'title', one ->> 'query', one ->> 'kind', one -> 'options')::@extschema@.report_part);
	END LOOP;
	RETURN parts;
END $$;
