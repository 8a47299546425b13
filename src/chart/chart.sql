-- chart: pictures of rows, as SVG.

CREATE FUNCTION journey_internal.chart_svg_transition(internal, record, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_chart_svg_transition'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.chart_svg_transition(internal, record, text) IS 'Support function of chart_svg: adds one row.';
CREATE FUNCTION journey_internal.chart_svg_transition(internal, record, text, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_chart_svg_transition'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.chart_svg_transition(internal, record, text, jsonb) IS 'Support function of chart_svg: adds one row.';
CREATE FUNCTION journey_internal.chart_svg_final(internal) RETURNS text
	AS 'MODULE_PATHNAME', 'journey_chart_svg_final'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.chart_svg_final(internal) IS 'Support function of chart_svg: draws the rows.';

-- Rows are drawn in the order in which they come, so one process adds them all.
CREATE AGGREGATE chart_svg(rows record, kind text) (
	SFUNC = journey_internal.chart_svg_transition, STYPE = internal, SSPACE = 100000,
	FINALFUNC = journey_internal.chart_svg_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE chart_svg(record, text) IS
	'A picture of the rows of a query, as SVG: SELECT chart_svg(r, ''line'') FROM (SELECT ...) AS r. kind: line, step, bar, stacked, histogram, heat_map, calendar, funnel, forest, box, sankey or graph (rows with source, target and a number), venn or upset (rows with sets and users). The first column is the label, the next one that is no number the series; without such, each column of numbers is a series. Rows are drawn in the order in which they come; labels that are times or numbers in their own. A NULL in place of a row is skipped; no rows give NULL.';
CREATE AGGREGATE chart_svg(rows record, kind text, options jsonb) (
	SFUNC = journey_internal.chart_svg_transition, STYPE = internal, SSPACE = 100000,
	FINALFUNC = journey_internal.chart_svg_final, PARALLEL = SAFE
);
COMMENT ON AGGREGATE chart_svg(record, text, jsonb) IS
	'chart_svg with options, a JSON object: title, width, height, language (en, zh), theme (auto, light, dark), palette, number_format, percent_format, top, label, series, value, names, label_title, value_title, numbers, horizontal, reference.';

-- Pictures of results. The outer join gives a row of NULL if there are no rows, and so a picture
-- that says that there is no data.

FUNCTION journey_internal.chart_min_users(options jsonb) -> bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of pictures of results: the option min_users, 0 if it is not given.'
	AS $$ SELECT coalesce(($1 ->> 'min_users')::bigint, 0) $$;
FUNCTION journey_internal.chart_options(defaults jsonb, given jsonb) -> jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
	'Support function of pictures of results: the options that chart_svg() gets.'
	AS $$ SELECT $1 || (coalesce($2, '{}') - 'min_users') $$;

FUNCTION funnel_svg(stats funnel_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of funnel_steps(), as SVG: a bar for each step, who is lost above it, and the share that goes on and the median time between two steps. The option names gives the names of the steps, min_users is that of funnel_steps().'
	AS $$ SELECT @extschema@.chart_svg(r, 'funnel', journey_internal.chart_options('{}', $2))
		FROM (SELECT) AS one LEFT JOIN @extschema@.funnel_steps($1, journey_internal.chart_min_users($2)) AS r ON true $$;

FUNCTION funnel_breakdown_svg(stats funnel_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of funnel_breakdown_steps(), as SVG: the bars of the groups side by side, as shares of the users of step 1. Options as in funnel_svg().'
	AS $$ SELECT @extschema@.chart_svg(r, 'funnel', journey_internal.chart_options('{}', $2))
		FROM (SELECT) AS one LEFT JOIN @extschema@.funnel_breakdown_steps($1, journey_internal.chart_min_users($2)) AS r ON true $$;

FUNCTION funnel_trend_svg(stats funnel_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of funnel_trend_steps(), as SVG: a line for each step after the first, the share of step 1 that reached it, by the time of the start. The option names gives the names of the steps, value another column, min_users is that of funnel_trend_steps().'
	AS $$ SELECT @extschema@.chart_svg(r, 'line', journey_internal.chart_options('{"value": "conversion_rate"}', $2 - 'names'))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(t.bucket_date::timestamp, t.bucket::timestamp) AS bucket,
				coalesce($2 -> 'names' ->> (t.step - 1), t.step::text) AS step, t.conversion_rate, t.users, t.median_time, t.median_time_from_start, t.complete
			FROM @extschema@.funnel_trend_steps($1, journey_internal.chart_min_users($2)) AS t WHERE t.step > 1) AS r ON true $$;

FUNCTION retention_svg(stats retention_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of retention_cells(), as SVG: a heat map of cohorts and periods. Cells that are not complete are hatched. The users of a cohort stand behind its date. The option value chooses another column, min_users is that of retention_cells().'
	AS $$ SELECT @extschema@.chart_svg(r, 'heat_map', journey_internal.chart_options('{"value": "retention_rate"}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT concat(coalesce(c.cohort_date::text, to_char(c.cohort, 'YYYY-MM-DD HH24:MI')), ' (' || c.cohort_users || ')') AS cohort,
				concat(c.period, '-' || nullif(c.last_period, c.period)) AS period, c.retention_rate, c.users, c.value, c.value_per_user, c.complete
			FROM @extschema@.retention_cells($1, journey_internal.chart_min_users($2)) AS c) AS r ON true $$;

FUNCTION retention_curve_svg(stats retention_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of retention_curve(), as SVG: the share of users who came back, by period. The option value chooses another column, min_users is that of retention_curve().'
	AS $$ SELECT @extschema@.chart_svg(r, 'line', journey_internal.chart_options('{"label": "period", "value": "retention_rate"}', $2))
		FROM (SELECT) AS one LEFT JOIN @extschema@.retention_curve($1, journey_internal.chart_min_users($2)) AS r ON true $$;

FUNCTION survival_svg(stats survival_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of survival_curve(), as SVG: the share of users who stay, by the periods since their start, a line of steps for each group. The option value chooses another column, min_users is that of survival_curve().'
	AS $$ SELECT @extschema@.chart_svg(r, 'step', journey_internal.chart_options('{"label": "period", "series": "breakdown", "value": "survival"}', $2))
		FROM (SELECT) AS one LEFT JOIN @extschema@.survival_curve($1, min_users => journey_internal.chart_min_users($2)) AS r ON true $$;

FUNCTION lifecycle_svg(stats activity_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of lifecycle_buckets(), as SVG: returning, new and resurrected users of each bucket stacked above zero, dormant users below. The option min_users is that of lifecycle_buckets().'
	AS $$ SELECT @extschema@.chart_svg(r, 'stacked', journey_internal.chart_options('{}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(l.bucket_date::timestamp, l.bucket::timestamp) AS bucket,
				l."returning", l.new, l.resurrected, -l.dormant AS dormant, l.complete
			FROM @extschema@.lifecycle_buckets($1, journey_internal.chart_min_users($2)) AS l) AS r ON true $$;

FUNCTION active_ratio_svg(stats activity_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of active_ratio_buckets(), as SVG: a line of the ratio. The option value chooses short_active and long_active instead, min_users is that of active_ratio_buckets().'
	AS $$ SELECT @extschema@.chart_svg(r, 'line', journey_internal.chart_options('{"value": "active_ratio"}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(a.bucket_date::timestamp, a.bucket::timestamp) AS bucket, a.active_ratio, a.short_active, a.long_active, a.complete
			FROM @extschema@.active_ratio_buckets($1, journey_internal.chart_min_users($2)) AS a) AS r ON true $$;

FUNCTION stickiness_svg(stats activity_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of stickiness_buckets(), as SVG: for the newest complete bucket, or the newest if none is, a bar for each number of active units. The option value chooses users_or_more or share, min_users is that of stickiness_buckets().'
	AS $$ SELECT @extschema@.chart_svg(r, 'bar', journey_internal.chart_options('{"label": "active_units", "value": "users"}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT s.active_units, s.users, s.users_or_more, s.share, s.complete
			FROM (SELECT t.*, rank() OVER (ORDER BY t.complete DESC, t.bucket DESC) AS place FROM @extschema@.stickiness_buckets($1, journey_internal.chart_min_users($2)) AS t) AS s
			WHERE s.place = 1 ORDER BY s.active_units) AS r ON true $$;

FUNCTION frequency_svg(stats activity_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of frequency_bins(), as SVG: a bar for each number of times, or for ranges if they are many. The option value chooses share, min_users is that of frequency_bins().'
	AS $$ SELECT @extschema@.chart_svg(r, 'histogram', journey_internal.chart_options('{"value": "users"}', $2))
		FROM (SELECT) AS one LEFT JOIN @extschema@.frequency_bins($1,
			(SELECT array_agg(b ORDER BY b) FROM (SELECT max(f.lower) FILTER (WHERE f.users IS NOT NULL) FROM @extschema@.frequency_bins($1, NULL, journey_internal.chart_min_users($2)) AS f) AS m(most), unnest('{1,2,3,4,5,7,10,20,50,100,200,500,1000,2000,5000,10000,100000,1000000}'::bigint[]) AS b WHERE m.most > 20 AND b <= m.most), journey_internal.chart_min_users($2)) AS r ON true $$;

FUNCTION metric_svg(stats metric_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of metric_rows(), as SVG: a line of events for each breakdown value. The option value chooses users, events_per_user, value_sum, value_avg, value_median or value_p90, min_users is that of metric_rows().'
	AS $$ SELECT @extschema@.chart_svg(r, 'line', journey_internal.chart_options('{}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(m.bucket_date::timestamp, m.bucket::timestamp) AS bucket,
				m.breakdown, m.events, m.users, m.events_per_user, m.value_sum, m.value_avg, m.value_median, m.value_p90, m.complete
			FROM @extschema@.metric_rows($1, journey_internal.chart_min_users($2)) AS m) AS r ON true $$;

FUNCTION metric_change_svg(stats metric_stats, periods integer DEFAULT 1, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of metric_change(), as SVG: a line for each breakdown value, the change of events against periods buckets before. The option value chooses users_change_rate or value_sum_change_rate, min_users is that of metric_change().'
	AS $$ SELECT @extschema@.chart_svg(r, 'line', journey_internal.chart_options('{}', $3))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(m.bucket_date::timestamp, m.bucket::timestamp) AS bucket,
				m.breakdown, m.events_change_rate, m.users_change_rate, m.value_sum_change_rate, m.complete
			FROM @extschema@.metric_change($1, $2, journey_internal.chart_min_users($3)) AS m) AS r ON true $$;

FUNCTION distribution_svg(stats distribution_stats, bounds double precision[] DEFAULT NULL, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of distribution_rows(), as SVG: a bar for each range of numbers, and side by side the buckets if there are several. bounds: the lower bounds of the ranges; NULL: 0, 1, 2, 5, 10 and so on. The option value chooses share, min_users is that of distribution_rows().'
	AS $$ SELECT @extschema@.chart_svg(r, 'histogram', journey_internal.chart_options('{}', $3))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(d.lower, '-infinity') AS lower, d.upper, d.users, d.share, coalesce(d.bucket_date::timestamp, d.bucket::timestamp) AS bucket, d.complete
			FROM @extschema@.distribution_rows($1, coalesce($2, (SELECT array_agg(b ORDER BY b)
					FROM (SELECT min(m.min_number), max(m.max_number) FROM @extschema@.distribution_buckets($1, journey_internal.chart_min_users($3)) AS m) AS m(least, most),
						LATERAL (SELECT 0 UNION SELECT floor(m.least) UNION SELECT s * n * 10::float8 ^ e FROM generate_series(0, 15) AS e, unnest('{1,2,5}'::float8[]) AS n, unnest('{-1,1}'::float8[]) AS s) AS u(b)
					WHERE b BETWEEN least(m.least, 0) AND m.most)), journey_internal.chart_min_users($3)) AS d
			WHERE d.lower IS NOT NULL OR d.users > 0) AS r ON true $$;

FUNCTION week_hours_svg(stats week_hours_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of week_hours_rows(), as SVG: a heat map of the events in each hour of each weekday. The option value chooses users or share, min_users is that of week_hours_rows().'
	AS $$ SELECT @extschema@.chart_svg(r, 'heat_map', journey_internal.chart_options('{"label": "weekday", "series": "hour", "value": "events"}', $2))
		FROM (SELECT) AS one LEFT JOIN @extschema@.week_hours_rows($1, journey_internal.chart_min_users($2)) AS r ON true $$;

FUNCTION intervals_svg(stats interval_stats, bounds interval[] DEFAULT NULL, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of interval_histogram(), as SVG: a bar for each range of times. bounds: the lower bounds of the ranges; NULL: 1 second, 5 seconds and so on to years. The option value chooses share, min_users is that of interval_histogram().'
	AS $$ SELECT @extschema@.chart_svg(r, 'histogram', journey_internal.chart_options('{"value": "count"}', $3))
		FROM (SELECT) AS one LEFT JOIN @extschema@.interval_histogram($1, coalesce($2, (SELECT array_agg(b ORDER BY b)
				FROM @extschema@.interval_summary($1, journey_internal.chart_min_users($3)) AS s, unnest('{0 s,1 s,5 s,15 s,30 s,1 min,5 min,15 min,30 min,1 hour,3 hours,6 hours,12 hours,1 day,2 days,3 days,7 days,14 days,30 days,90 days,180 days,365 days,730 days,3650 days}'::interval[]) AS b
				WHERE b <= s.max_time)), journey_internal.chart_min_users($3)) AS r ON true $$;

FUNCTION driver_svg(stats driver_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of driver_rows(), as SVG: the odds ratio of each event with its interval, and a line at 1, where an event makes no difference. The 30 events with the greatest information value are shown. The option value chooses adjusted_odds_ratio, min_users is that of driver_rows().'
	AS $$ SELECT @extschema@.chart_svg(r, 'forest', journey_internal.chart_options('{"value": "odds_ratio", "reference": 1}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT concat_ws(' ', d.factor, CASE WHEN d.times > 1 THEN '>= ' || d.times END, CASE WHEN d.days IS NOT NULL THEN '(' || d.days || ' d)' END) AS factor,
				d.odds_ratio, d.adjusted_odds_ratio,
				CASE WHEN $2 ->> 'value' = 'adjusted_odds_ratio' THEN d.adjusted_lower ELSE d.lower END AS lower, CASE WHEN $2 ->> 'value' = 'adjusted_odds_ratio' THEN d.adjusted_upper ELSE d.upper END AS upper
			FROM @extschema@.driver_rows($1, 0.95, journey_internal.chart_min_users($2)) AS d LIMIT 30) AS r ON true $$;

FUNCTION session_svg(stats session_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of session_buckets(), as SVG: lines of sessions and users. The option value chooses events, bounce_rate, avg_duration, median_duration or avg_depth, min_users is that of session_buckets().'
	AS $$ SELECT @extschema@.chart_svg(r, 'line', journey_internal.chart_options('{"value": ["sessions", "users"]}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(s.bucket_date::timestamp, s.bucket::timestamp) AS bucket,
				s.sessions, s.users, s.events, s.bounce_rate, s.avg_duration, s.median_duration, s.avg_depth, s.complete
			FROM @extschema@.session_buckets($1, journey_internal.chart_min_users($2)) AS s) AS r ON true $$;

FUNCTION session_channel_svg(stats session_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of session_channel_buckets(), as SVG: the sessions of the channels, stacked for each bucket. The option value chooses users or events, min_users is that of session_channel_buckets().'
	AS $$ SELECT @extschema@.chart_svg(r, 'stacked', journey_internal.chart_options('{}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(s.bucket_date::timestamp, s.bucket::timestamp) AS bucket, s.channel, s.sessions, s.users, s.events, s.complete
			FROM @extschema@.session_channel_buckets($1, journey_internal.chart_min_users($2)) AS s) AS r ON true $$;

FUNCTION attribution_svg(stats attribution_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of attribution_models(), as SVG: for each touch the conversions that the models credit to it, side by side. The option value chooses value or share, min_users is that of attribution_models().'
	AS $$ SELECT @extschema@.chart_svg(r, 'bar', journey_internal.chart_options('{}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT m.touch, m.model, m.conversions, m.value, m.share FROM @extschema@.attribution_models($1, journey_internal.chart_min_users($2)) AS m) AS r ON true $$;

FUNCTION segment_svg(name text, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of segment_trend(), as SVG: a line of the users of the versions of a segment. The option value chooses entered and exited, min_users is that of segment_trend().'
	AS $$ SELECT @extschema@.chart_svg(r, 'line', journey_internal.chart_options('{"label": "as_of", "value": "users"}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT t.as_of, t.users, t.entered, t.exited FROM @extschema@.segment_trend($1, journey_internal.chart_min_users($2)) AS t) AS r ON true $$;

FUNCTION tag_svg(name text, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of tag_summary(), as SVG: a bar for each value of a tag. The option value chooses share, min_users is that of tag_summary().'
	AS $$ SELECT @extschema@.chart_svg(r, 'bar', journey_internal.chart_options('{"label": "value", "value": "users"}', $2))
		FROM (SELECT) AS one LEFT JOIN @extschema@.tag_summary($1, NULL, journey_internal.chart_min_users($2)) AS r ON true $$;

FUNCTION tag_cross_svg(name_a text, name_b text, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of tag_cross(), as SVG: a heat map of the values of two tags. The option value chooses share, min_users is that of tag_cross().'
	AS $$ SELECT @extschema@.chart_svg(r, 'heat_map', journey_internal.chart_options('{"label": "value_a", "series": "value_b", "value": "users"}', $3))
		FROM (SELECT) AS one LEFT JOIN @extschema@.tag_cross($1, $2, NULL, journey_internal.chart_min_users($3)) AS r ON true $$;

FUNCTION rfm_svg(name text, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of a tag of kind rfm whose groups are scores, as SVG: a heat map of the scores of recency and frequency. The option min_users is that of tag_summary().'
	AS $$ SELECT @extschema@.chart_svg(r, 'heat_map', journey_internal.chart_options('{"label": "recency", "series": "frequency", "value": "users"}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT 'R ' || left(t.value, 1) AS recency, 'F ' || substr(t.value, 2, 1) AS frequency, sum(t.users)::bigint AS users
			FROM @extschema@.tag_summary($1, NULL, journey_internal.chart_min_users($2)) AS t WHERE t.value ~ '^[1-9]{3}$' GROUP BY 1, 2 ORDER BY 1 DESC, 2) AS r ON true $$;

FUNCTION quality_svg(stats quality_stats, k double precision DEFAULT 3, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of quality_buckets(), as SVG: of days a calendar of rows, where gaps have a frame, of other units a line with the band of what is expected. Stray buckets are left out. k is that of quality_buckets(). The option value chooses users, duplicate_ids, duplicate_rows, out_of_order, future, median_lateness or p90_lateness, min_users is that of quality_buckets().'
	AS $$ SELECT @extschema@.chart_svg(r, CASE WHEN $1::text::json ->> 'unit' = 'day' THEN 'calendar' ELSE 'line' END, journey_internal.chart_options('{"value": "rows"}', $3))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce(q.bucket_date::timestamp, q.bucket::timestamp) AS bucket, q.rows, q.users, CASE WHEN q.of_rows THEN q.lower END AS lower, CASE WHEN q.of_rows THEN q.upper END AS upper,
				(q.gap AND q.of_rows)::int AS gap, q.duplicate_ids, q.duplicate_rows, q.out_of_order, q.future, q.median_lateness, q.p90_lateness, q.complete
			FROM (SELECT b.*, coalesce($3 ->> 'value', 'rows') = 'rows' AS of_rows FROM @extschema@.quality_buckets($1, $2, journey_internal.chart_min_users($3)) AS b) AS q,
				(SELECT min(e.bucket) AS least, max(e.bucket) AS most FROM @extschema@.quality_buckets($1, $2) AS e WHERE e.expected IS NOT NULL) AS known
			WHERE known.least IS NULL OR q.bucket BETWEEN known.least AND known.most) AS r ON true $$;

FUNCTION path_flow_svg(stats flow_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of flow_links() and the exits of flow_nodes(), as SVG: a Sankey diagram of the sessions of path_flow(), a layer for each position. The option value chooses users, top the number of nodes of a position, min_users is that of flow_links().'
	AS $$ SELECT @extschema@.chart_svg(r, 'sankey', journey_internal.chart_options('{"value": "sessions"}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT l."position", l.source, l.target, l.users, l.sessions, l.median_time FROM @extschema@.flow_links($1, journey_internal.chart_min_users($2)) AS l
			UNION ALL SELECT n."position", n.node, NULL, NULL, n.exits, NULL FROM @extschema@.flow_nodes($1, journey_internal.chart_min_users($2)) AS n WHERE n.exits > 0) AS r ON true $$;

FUNCTION transitions_svg(stats transition_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of transition_links() and the entries and exits of transition_nodes(), as SVG: the directly-follows graph. The width of a link is its count. The option top gives the number of nodes, min_users is that of transition_links().'
	AS $$ SELECT @extschema@.chart_svg(r, 'graph', journey_internal.chart_options('{"value": "count"}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT l.source, l.target, l.count, l.users, l.share, l.median_time FROM @extschema@.transition_links($1, journey_internal.chart_min_users($2)) AS l
			UNION ALL SELECT NULL, n.node, n.entries, NULL, NULL, NULL FROM @extschema@.transition_nodes($1, journey_internal.chart_min_users($2)) AS n WHERE n.entries > 0
			UNION ALL SELECT n.node, NULL, n.exits, NULL, NULL, NULL FROM @extschema@.transition_nodes($1, journey_internal.chart_min_users($2)) AS n WHERE n.exits > 0) AS r ON true $$;

FUNCTION journey_internal.overlap_rows(usersets userset[], options jsonb) -> TABLE (sets text, degree integer, users bigint) LANGUAGE sql STABLE PARALLEL SAFE
	'Support function of report_html: overlap_regions(), the sets by the option names, without the users of regions smaller than min_users.'
	AS $$ SELECT (SELECT string_agg(coalesce($2 -> 'names' ->> (s.number - 1), s.number::text), ' + ' ORDER BY s.place) FROM unnest(o.sets) WITH ORDINALITY AS s(number, place)),
			o.degree, CASE WHEN o.users >= journey_internal.chart_min_users($2) THEN o.users END
		FROM @extschema@.overlap_regions($1) AS o $$;

FUNCTION overlap_svg(usersets userset[], options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of overlap_regions(), as SVG: a Venn diagram of up to three sets, an UpSet plot of up to eight. The option names gives the names of the sets, top the number of regions of an UpSet plot. With min_users, the numbers of smaller regions, and of the sets that have such, are not shown.'
	AS $$ SELECT @extschema@.chart_svg(r, CASE WHEN cardinality($1) <= 3 THEN 'venn' ELSE 'upset' END, journey_internal.chart_options('{}', $2))
		FROM (SELECT) AS one LEFT JOIN (SELECT o.sets, CASE WHEN o.users >= journey_internal.chart_min_users($2) THEN o.users END AS users FROM @extschema@.overlap_regions($1) AS o
			UNION ALL SELECT ARRAY[i], 0 FROM generate_subscripts($1, 1) AS i) AS r ON true $$;

FUNCTION loss_svg(stats loss_stats, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of loss_reasons(), as SVG: for each step the users who stopped there, stacked by reason. The option names gives the names of the steps, value chooses share, min_users is that of loss_reasons().'
	AS $$ SELECT @extschema@.chart_svg(r, 'stacked', journey_internal.chart_options('{}', $2 - 'names'))
		FROM (SELECT) AS one LEFT JOIN (SELECT coalesce($2 -> 'names' ->> (l.step - 1), l.step::text) AS step, l.reason, l.users, l.share
			FROM @extschema@.loss_reasons($1, journey_internal.chart_min_users($2)) AS l) AS r ON true $$;

FUNCTION experiment_svg(stats experiment_stats, control text, options jsonb DEFAULT '{}') -> text LANGUAGE sql STABLE PARALLEL SAFE
	'A picture of experiment_results(), as SVG: for each other variant its difference from the control with its interval, and a line at 0. The option min_users is that of experiment_results().'
	AS $$ SELECT @extschema@.chart_svg(r, 'forest', journey_internal.chart_options('{}', $3))
		FROM (SELECT) AS one LEFT JOIN (SELECT e.variant, e.difference, e.lower, e.upper, e.users, e.p_value
			FROM @extschema@.experiment_results($1, $2, 0.95, 10000, journey_internal.chart_min_users($3)) AS e WHERE e.variant <> $2) AS r ON true $$;
