-- Rows of members without a limit of their number: see docs/internals/rows.md.
TYPE member_list
	'The users of an aggregate such as funnel_member_list(), for member_rows(). It lasts as long as its query: what is stored cannot be read.';
FUNCTION member_rows(member_list, "row" anyelement) -> SETOF anyelement STABLE PARALLEL RESTRICTED ROWS 100000
	'The rows of a list of members, once, in no order: SELECT * FROM member_rows((SELECT ..._member_list(...) FROM ...), NULL::row_type). "row" is a NULL of the type of the rows, that which the aggregate of an array has; for ids of type text or uuid its name ends with _text or _uuid.';

FUNCTION journey_internal.check_min_users(min_users bigint) -> bigint IMMUTABLE PARALLEL SAFE
	'min_users, or an error if it cannot be the fewest users that a number may count.';
