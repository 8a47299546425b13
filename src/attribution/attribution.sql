-- attribution: which touches lead to a conversion, and how they share the credit for it.

TYPE attribution_stats
	'How touches share the credit for the conversions of all users, by every model, and the paths of touches. Made by attribution(), merged by rollup(), read by attribution_touches(), attribution_models() and attribution_paths(). Text form: JSON.';
STATE attribution_rollup SPACE 10000;
AGGREGATE rollup(attribution_stats) -> attribution_stats STATE attribution_rollup FINAL attribution_rollup TRANSITION attribution_rollup
	'Merges results of attribution(). Their users must be disjoint, as in shards or partitions by user; look_back, options, time zone, and whether there are values must be equal. NULLs are skipped.';

STATE attribution SPACE 1000000 READ_WRITE;
AGGREGATE attribution(user_id anyelement, at timestamptz [, seq bigint], touch text, is_conversion boolean [, value double precision], look_back interval|text [, options text [, time_zone text]]) -> attribution_stats STATE attribution
	COLUMNS BY TYPE
	'How the touches of each user share the credit for the conversions of the user, by six models at once: first, last, last_non_direct, linear, position and time_decay. A row is a touch if touch is not NULL, a conversion if is_conversion is true, or both. A conversion is credited to the touches before it, or of its time, that are at most look_back older; without any, to the touch (direct). user_id has any type that can be hashed. Rows whose user_id or at is NULL are skipped; no rows give NULL. Read the result with attribution_touches(), attribution_models() and attribution_paths().'
	WITH look_back text 'attribution with look_back as a text such as ''30 days'', which is read as an interval.'
	WITH value 'attribution with the value of conversions, which touches share alike. The value of a touch does not count; NULL is 0.'
	WITH options 'attribution with options, separated by commas: same day (or another unit: only touches of the conversion''s calendar day), reset (a conversion uses up its touches), position FIRST MIDDLE LAST (weights; default 0.4 0.2 0.4), half_life DURATION (of time_decay; default a quarter of look_back, at most 7 days), direct NAME (the name of direct touches, and of what conversions without touches are credited to), depth N (paths have at most their last N touches, 1 to 50, the default).'
	WITH time_zone 'attribution with options in a time zone, such as Asia/Shanghai.'
	WITH seq 'attribution with seq, which orders events of the same time, NULL last.'
	WITH seq, value 'attribution with seq, which orders events of the same time, NULL last, and with the value of conversions.';

-- Rows to plot.

FUNCTION attribution_touches(attribution_stats, min_users bigint DEFAULT 0, OUT touch text, OUT touches bigint, OUT users bigint, OUT converted_users bigint, OUT conversions bigint, OUT first double precision, OUT last double precision, OUT last_non_direct double precision, OUT linear double precision, OUT "position" double precision, OUT time_decay double precision, OUT first_value double precision, OUT last_value double precision, OUT last_non_direct_value double precision, OUT linear_value double precision, OUT position_value double precision, OUT time_decay_value double precision, OUT avg_touches double precision, OUT avg_time interval, OUT median_time interval, OUT p90_time interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'A row for each touch, in byte order: how often it came, for how many users, the users and conversions that it led to, the conversions and the value credited to it by each model, the mean number of touches of these conversions, and mean, median and 90th percentile of the time from such a touch to the first conversion that it led to. Values are NULL if attribution() was given none. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
FUNCTION attribution_models(attribution_stats, min_users bigint DEFAULT 0, OUT model text, OUT touch text, OUT conversions double precision, OUT value double precision, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'A row for each model and each touch that led to a conversion: the conversions and the value that the model credits to the touch, and its share of all conversions. min_users: what rests on fewer converted users is NULL.';
FUNCTION attribution_paths(attribution_stats, n integer DEFAULT NULL, min_users bigint DEFAULT 0, OUT path text[], OUT users bigint, OUT conversions bigint, OUT non_conversions bigint, OUT conversion_rate double precision, OUT value double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'A row for each path of touches, or for the first n, those with the most conversions first: its users, how often it led to a conversion and how often to none, the share of the former, and the value of the conversions. The path of a conversion without touches is empty. Touches that lead to no conversion are a path as long as they could lead to the same one. min_users: what rests on fewer users is NULL.';
