-- attribution: which touches lead to a conversion, and how they share the credit for it.

TYPE attribution_stats
	'How touches share the credit for the conversions of all users, by every model, and the paths of touches. Made by attribution() and attribution_holding_constant(), merged by rollup(), read by attribution_touches(), attribution_models() and attribution_paths(). Text form: JSON.';
STATE attribution_rollup SPACE 10000;
AGGREGATE rollup(attribution_stats) -> attribution_stats STATE attribution_rollup FINAL attribution_rollup TRANSITION attribution_rollup
	'Merges results of attribution(). Their users must be disjoint, as in shards or partitions by user; look_back, options, time zone, and whether there are values must be equal. NULLs are skipped.';

STATE attribution SPACE 1000000 READ_WRITE;
AGGREGATE attribution(user_id anyelement, at timestamptz [, seq bigint], touch text, is_conversion boolean [, value double precision], look_back interval|text [, options text [, time_zone text]]) -> attribution_stats STATE attribution
	COLUMNS BY TYPE
	'How the touches of each user share the credit for the conversions of the user, by six models at once: first, last, last_non_direct, linear, position and time_decay. A row is a touch if touch is not NULL, a conversion if is_conversion is true, or both. A conversion is credited to the touches before it, or of its time, that are at most look_back older; without any, to the touch (direct). user_id has any type that can be hashed. Rows whose user_id or at is NULL are skipped; no rows give NULL. Read the result with attribution_touches(), attribution_models() and attribution_paths().'
	WITH look_back text 'attribution with look_back as a text such as ''30 days'', which is read as an interval.'
	WITH value 'attribution with the value of conversions, which touches share alike. The value of a touch does not count; NULL is 0.'
	WITH options 'attribution with options, separated by commas: same day (or another unit: only touches of the conversion''s calendar day), reset (a conversion uses up its touches), position FIRST MIDDLE LAST (weights; default 0.4 0.2 0.4), half_life DURATION (of time_decay; default a quarter of look_back, at most 7 days), direct NAME (the name of direct touches, and of what conversions without touches are credited to), depth N (paths have at most their last N touches, 1 to 50, the default), top N (the touches with the most users; all others are one touch, (other)), through NAME (a touch counts only if an event with this touch, which is none itself, comes between it and the conversion).'
	WITH time_zone 'attribution with options in a time zone, such as Asia/Shanghai.'
	WITH seq 'attribution with seq, which orders events of the same time, NULL last.'
	WITH seq, value 'attribution with seq, which orders events of the same time, NULL last, and with the value of conversions.';

-- Touches and conversions that carry one value.
AGGREGATE attribution_holding_constant(user_id anyelement, at timestamptz [, seq bigint], touch text, is_conversion boolean [, value double precision], property text, look_back interval|text [, options text [, time_zone text]]) -> attribution_stats STATE attribution
	FINAL attribution COLUMNS BY TYPE
	'attribution that holds a property constant, such as the number of an order: a conversion is credited to touches that have its property or none; one without a property, to all. Steps of option through must have it, too. Read it with attribution_touches().'
	WITH look_back text 'attribution_holding_constant with look_back as a text such as ''30 days'', which is read as an interval.'
	WITH value 'attribution_holding_constant with the value of conversions, which touches share alike. The value of a touch does not count; NULL is 0.'
	WITH options 'attribution_holding_constant with options, as attribution has. With reset a conversion uses up its touches for later conversions of its property.'
	WITH time_zone 'attribution_holding_constant with options in a time zone, such as Asia/Shanghai.'
	WITH seq 'attribution_holding_constant with seq, which orders events of the same time, NULL last.'
	WITH seq, value 'attribution_holding_constant with seq, which orders events of the same time, NULL last, and with the value of conversions.';

-- Who.
ROW attribution_member(
	user_id id 'Who.',
	touch text 'The touch.',
	touches bigint 'How often the user had it.',
	conversions bigint 'How many conversions it led to; of the direct one also those without touches. 0: the user did not convert after it.',
	first_at timestamptz 'When the user first had it; NULL if never, as a conversion without touches.',
	converted_at timestamptz 'The first conversion that it led to; NULL if there is none.')
	'A user of attribution_members()%: a touch, how often the user had it and when first, and the conversions that it led to.';
AGGREGATE attribution_members(user_id id, at timestamptz [, seq bigint], touch text, is_conversion boolean, look_back interval|text [, options text [, time_zone text]]) -> attribution_member[] STATE attribution
	CALLS attribution COLUMNS BY TYPE LIST attribution_member_list
	'The users of each touch of attribution, by user_id and touch, who have converted after it, or not: how often they had it, and how many conversions it led to. As many as users of attribution_touches(), and with conversions as converted_users. SELECT * FROM unnest((SELECT attribution_members(...) FROM ...)).'
	WITH look_back text 'attribution_members with look_back as a text such as ''30 days'', which is read as an interval.'
	WITH options 'attribution_members with options, as attribution has.'
	WITH time_zone 'attribution_members with options in a time zone, such as Asia/Shanghai.'
	WITH seq 'attribution_members with seq, which orders events of the same time, NULL last.';

-- Rows to plot.

FUNCTION attribution_touches(attribution_stats, min_users bigint DEFAULT 0, OUT touch text, OUT touches bigint, OUT users bigint, OUT converted_users bigint, OUT conversions bigint, OUT first double precision, OUT last double precision, OUT last_non_direct double precision, OUT linear double precision, OUT "position" double precision, OUT time_decay double precision, OUT first_value double precision, OUT last_value double precision, OUT last_non_direct_value double precision, OUT linear_value double precision, OUT position_value double precision, OUT time_decay_value double precision, OUT avg_touches double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'A row for each touch, in byte order: how often it came, for how many users, the users and conversions that it led to, the conversions and the value credited to it by each model, the mean number of touches of these conversions, and mean, median and 90th percentile of the time from such a touch to the first conversion that it led to. Values are NULL if attribution() was given none. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
FUNCTION attribution_models(attribution_stats, min_users bigint DEFAULT 0, OUT model text, OUT touch text, OUT conversions double precision, OUT value double precision, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'A row for each model and each touch that led to a conversion: the conversions and the value that the model credits to the touch, and its share of all conversions. min_users: what rests on fewer converted users is NULL.';
FUNCTION attribution_paths(attribution_stats, n integer DEFAULT NULL, min_users bigint DEFAULT 0, OUT path text[], OUT users bigint, OUT conversions bigint, OUT non_conversions bigint, OUT conversion_rate double precision, OUT value double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'A row for each path of touches, or for the first n, those with the most conversions first: its users, how often it led to a conversion and how often to none, the share of the former, and the value of the conversions. The path of a conversion without touches is empty. Touches that lead to no conversion are a path as long as they could lead to the same one. min_users: what rests on fewer users is NULL.';
FUNCTION attribution_markov(attribution_stats, "order" integer DEFAULT 1, min_users bigint DEFAULT 0, OUT touch text, OUT removal_effect double precision, OUT conversions double precision, OUT value double precision, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE COST 1000 ROWS 20
	'A row for each touch: the part of the probability of a conversion that is lost if every path ends, without a conversion, where the touch comes (removal_effect), in the Markov chain of the paths, in which a touch depends on the last order (1 to 3) touches; and the conversions and the value that are credited to the touch in proportion to this effect. Solved exactly, not simulated. Conversions without touches are those of the direct one. min_users: what rests on fewer converted users is NULL.';
FUNCTION attribution_shapley(attribution_stats, min_users bigint DEFAULT 0, OUT touch text, OUT shapley_value double precision, OUT conversions double precision, OUT value double precision, OUT share double precision, OUT standard_error double precision) -> SETOF record IMMUTABLE PARALLEL SAFE COST 1000 ROWS 20
	'A row for each touch: its Shapley value, if a set of touches is worth the rate of converting of the paths whose touches are all in the set; and the conversions and the value that are credited to it in proportion. A touch that lowers the rate has less than 0. Exact up to 16 touches; of more, at most 10000, it is the mean over a sample of orders of touches, which is always the same, and standard_error says how far it may be off. Conversions without touches are those of the direct one. min_users: what rests on fewer converted users is NULL.';

-- What conversions cost. json, as jsonb would keep one cost of those of a touch.
FUNCTION channel_cost(attribution attribution_stats, costs json, min_users bigint DEFAULT 0, OUT model text, OUT touch text, OUT conversions double precision, OUT value double precision, OUT cost double precision, OUT cost_per_conversion double precision, OUT return_on_spend double precision) -> SETOF record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 100
	'A row for each model of an attribution and each touch that led to a conversion or has a cost: the conversions and the value that the model credits to the touch, its cost, its cost per conversion (cost_per_conversion, NULL without conversions), and its value for each unit of cost (return_on_spend, NULL without cost). costs: an object of JSON with the cost of each touch, as (SELECT json_object_agg(channel, cost) FROM spend) gives it; several costs of a touch add up, and with the option top those of touches that are not shown are of (other). cost: exact, rounded once; NULL if there is none. min_users: what rests on fewer converted users is NULL.'
AS $$
#variable_conflict use_column
DECLARE
	models CONSTANT text[] := '{first,last,last_non_direct,linear,position,time_decay}';
	wrong record;
	has_value boolean;
	kept text[];	-- the touches that are shown, if the others are one touch
BEGIN
	IF json_typeof(costs) NOT IN ('object', 'null') THEN
		RAISE EXCEPTION 'costs must be an object of JSON, not %', json_typeof(costs) USING ERRCODE = 'invalid_parameter_value',
			HINT = 'Write (SELECT json_object_agg(channel, cost) FROM spend) or ''{"ads": 120.50, "mail": 30}''.';
	END IF;
	costs := CASE json_typeof(costs) WHEN 'object' THEN costs ELSE '{}' END;
	SELECT c.key, c.value INTO wrong FROM json_each(costs) AS c WHERE json_typeof(c.value) NOT IN ('number', 'null') LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'costs has % for touch "%", which is no number', wrong.value, wrong.key USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT c.key, sum(c.value::numeric) AS cost INTO wrong FROM json_each_text(costs) AS c GROUP BY c.key HAVING abs(sum(c.value::numeric)) > 1e15 LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'the cost of touch "%" is %, beyond 1e15', wrong.key, left(wrong.cost::text, 40) USING ERRCODE = 'numeric_value_out_of_range';
	END IF;
	SELECT coalesce(bool_or(t.first_value IS NOT NULL), false), CASE WHEN bool_or(t.touch = '(other)') AND attribution::text::json ->> 'top' <> '0' THEN array_agg(t.touch) END
	INTO has_value, kept FROM @extschema@.attribution_touches(attribution) AS t;
	RETURN QUERY
		WITH spent AS MATERIALIZED (
				SELECT p.touch, round(sum(c.value::numeric), 15)::float8 AS cost
				FROM json_each_text(costs) AS c, LATERAL (SELECT CASE WHEN kept IS NULL OR c.key = ANY (kept) THEN c.key ELSE '(other)' END) AS p(touch) GROUP BY p.touch),
			credited AS MATERIALIZED (SELECT * FROM @extschema@.attribution_models(attribution, min_users)),
			credit AS (
				SELECT c.model, c.touch, c.conversions, c.value FROM credited AS c
				-- nobody converted after them
				UNION ALL SELECT m.model, s.touch, CASE WHEN min_users = 0 THEN 0 END, CASE WHEN min_users = 0 AND has_value THEN 0 END
				FROM spent AS s CROSS JOIN unnest(models) AS m(model) WHERE s.touch NOT IN (SELECT c.touch FROM credited AS c))
		SELECT c.model, c.touch, c.conversions, c.value, s.cost, s.cost / nullif(c.conversions, 0), c.value / nullif(s.cost, 0)
		FROM credit AS c LEFT JOIN spent AS s ON s.touch = c.touch
		ORDER BY array_position(models, c.model), c.touch COLLATE "C";
END $$;

-- From acquisition to payment.
FUNCTION channel_report(funnel funnel_stats, retention retention_stats, attribution attribution_stats, costs json DEFAULT NULL, model text DEFAULT 'linear', period integer DEFAULT NULL, min_users bigint DEFAULT 0, OUT channel text, OUT new_users bigint, OUT activated_users bigint, OUT retained_users bigint, OUT retention_rate double precision, OUT converted_users bigint, OUT conversion_rate double precision, OUT avg_time interval, OUT median_time interval, OUT conversions double precision, OUT value double precision, OUT cost double precision, OUT cost_per_user double precision, OUT cost_per_conversion double precision, OUT return_on_spend double precision) -> SETOF record LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 20
	'A row for each channel, from acquisition to payment, by its bytes, NULL last. funnel: of funnel_breakdown() by channel: new_users are those of step 1, activated_users of step 2, converted_users of the last step, with their share of step 1 (conversion_rate) and the mean and median time since step 1 (avg_time, median_time). retention: of cohort_retention_by() by channel: retained_users came back in a period, the last or the one named, of cohorts for which it is complete, retention_rate is their share. attribution, costs and model: conversions, value, cost, cost_per_conversion and return_on_spend of channel_cost(). cost_per_user: the cost of each new user. What a result that is NULL would give is NULL. min_users: what rests on fewer users is NULL.'
AS $$
#variable_conflict use_column
DECLARE
	models CONSTANT text[] := '{first,last,last_non_direct,linear,position,time_decay}';
	shown CONSTANT text := model;
	of_period integer;
	last_step integer;
	nobody CONSTANT bigint := CASE min_users WHEN 0 THEN 0 END;
	nothing bigint;
BEGIN
	IF shown IS NULL THEN
		RAISE EXCEPTION 'model must not be NULL' USING ERRCODE = 'null_value_not_allowed';
	ELSIF shown <> ALL (models) THEN
		RAISE EXCEPTION 'model "%" does not exist', shown USING ERRCODE = 'invalid_parameter_value', HINT = format('Write one of %s.', array_to_string(models, ', '));
	END IF;
	SELECT max(s.step) INTO last_step FROM @extschema@.funnel_breakdown_steps(funnel) AS s;
	SELECT max(c.period) INTO of_period FROM @extschema@.retention_by_cells(retention) AS c WHERE c.period = channel_report.period OR channel_report.period IS NULL;
	IF of_period IS NULL AND channel_report.period IS NOT NULL AND retention IS NOT NULL THEN
		RAISE EXCEPTION 'retention has no period %', channel_report.period USING ERRCODE = 'invalid_parameter_value', HINT = 'Name one of its periods, or the first of a bracket.';
	END IF;
	SELECT CASE WHEN bool_or(t.first_value IS NOT NULL) THEN nobody END INTO nothing FROM @extschema@.attribution_touches(attribution) AS t;
	RETURN QUERY
		WITH part AS (
			SELECT s.breakdown AS channel, 1 AS part, s.step, s.users, s.conversion_rate, s.avg_time_from_start, s.median_time_from_start FROM @extschema@.funnel_breakdown_steps(funnel, min_users) AS s
			UNION ALL SELECT c.breakdown, 2, NULL, sum(c.users) FILTER (WHERE c.complete)::bigint, sum(c.users) FILTER (WHERE c.complete) / nullif(sum(c.cohort_users) FILTER (WHERE c.complete), 0)::float8, NULL, NULL
				FROM @extschema@.retention_by_cells(retention) AS c WHERE c.period = of_period GROUP BY c.breakdown),
		reached AS (
			SELECT p.channel, max(p.users) FILTER (WHERE p.step = 1) AS new_users, max(p.users) FILTER (WHERE p.step = 2) AS activated_users, max(p.users) FILTER (WHERE p.part = 2 AND p.users >= min_users) AS retained_users, max(p.conversion_rate) FILTER (WHERE p.part = 2 AND p.users >= min_users) AS retention_rate,
				max(p.users) FILTER (WHERE p.step = last_step) AS converted_users, max(p.conversion_rate) FILTER (WHERE p.step = last_step) AS conversion_rate, max(p.avg_time_from_start) FILTER (WHERE p.step = last_step) AS avg_time, max(p.median_time_from_start) FILTER (WHERE p.step = last_step) AS median_time,
				bool_or(p.part = 1) AS in_funnel, bool_or(p.part = 2) AS in_retention
			FROM part AS p GROUP BY p.channel),
		credit AS (SELECT c.* FROM @extschema@.channel_cost(attribution, costs, min_users) AS c WHERE c.model = shown)
		SELECT n.channel, CASE WHEN r.in_funnel THEN r.new_users WHEN funnel IS NOT NULL THEN nobody END, CASE WHEN r.in_funnel THEN r.activated_users WHEN last_step > 1 THEN nobody END,
			CASE WHEN r.in_retention THEN r.retained_users WHEN retention IS NOT NULL THEN nobody END, r.retention_rate,
			CASE WHEN r.in_funnel THEN r.converted_users WHEN funnel IS NOT NULL THEN nobody END, r.conversion_rate, r.avg_time, r.median_time,
			CASE WHEN c.model IS NOT NULL THEN c.conversions WHEN attribution IS NOT NULL THEN nobody END, CASE WHEN c.model IS NOT NULL THEN c.value ELSE nothing END, c.cost, c.cost / nullif(r.new_users, 0), c.cost_per_conversion, c.return_on_spend
		FROM reached AS r FULL JOIN credit AS c ON c.touch = r.channel CROSS JOIN LATERAL (SELECT coalesce(r.channel, c.touch)) AS n(channel)
		ORDER BY n.channel COLLATE "C";
END $$;
