-- numset: a number for each of many users, as a bit-sliced index.

TYPE numset (INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = external)
	'A number for each of many users: a map from user id to value, both of type bigint, negative ones and 0 included. Text form: ''{1:5,2:-7}''. Stored as bit slices of value - smallest value, at most 1 GB; 10 million users with successive ids and values from 0 to a million take 25 MB. Equal numsets are equal bytes.';

CREATE FUNCTION numset_users_eq(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_eq(numset, bigint) IS
	'Function of the operator =: the users who have this value.';

CREATE OPERATOR = (
	LEFTARG = numset, RIGHTARG = bigint, FUNCTION = numset_users_eq
);
COMMENT ON OPERATOR = (numset, bigint) IS 'the users who have this value';

CREATE FUNCTION numset_users_eq(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_eq(numset, bigint, userset) IS
	'The users of the filter who have this value. Users without a value are never in the result.';

CREATE FUNCTION numset_users_ne(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ne(numset, bigint) IS
	'Function of the operator <>: the users who have another value.';

CREATE OPERATOR <> (
	LEFTARG = numset, RIGHTARG = bigint, FUNCTION = numset_users_ne
);
COMMENT ON OPERATOR <> (numset, bigint) IS 'the users who have another value';

CREATE FUNCTION numset_users_ne(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ne(numset, bigint, userset) IS
	'The users of the filter who have another value. Users without a value are never in the result.';

CREATE FUNCTION numset_users_lt(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_lt(numset, bigint) IS
	'Function of the operator <: the users who have a smaller value.';

CREATE OPERATOR < (
	LEFTARG = numset, RIGHTARG = bigint, FUNCTION = numset_users_lt
);
COMMENT ON OPERATOR < (numset, bigint) IS 'the users who have a smaller value';

CREATE FUNCTION numset_users_lt(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_lt(numset, bigint, userset) IS
	'The users of the filter who have a smaller value. Users without a value are never in the result.';

CREATE FUNCTION numset_users_le(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_le(numset, bigint) IS
	'Function of the operator <=: the users who have this value or a smaller one.';

CREATE OPERATOR <= (
	LEFTARG = numset, RIGHTARG = bigint, FUNCTION = numset_users_le
);
COMMENT ON OPERATOR <= (numset, bigint) IS 'the users who have this value or a smaller one';

CREATE FUNCTION numset_users_le(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_le(numset, bigint, userset) IS
	'The users of the filter who have this value or a smaller one. Users without a value are never in the result.';

CREATE FUNCTION numset_users_gt(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_gt(numset, bigint) IS
	'Function of the operator >: the users who have a greater value.';

CREATE OPERATOR > (
	LEFTARG = numset, RIGHTARG = bigint, FUNCTION = numset_users_gt
);
COMMENT ON OPERATOR > (numset, bigint) IS 'the users who have a greater value';

CREATE FUNCTION numset_users_gt(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_gt(numset, bigint, userset) IS
	'The users of the filter who have a greater value. Users without a value are never in the result.';

CREATE FUNCTION numset_users_ge(numset, value bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ge(numset, bigint) IS
	'Function of the operator >=: the users who have this value or a greater one.';

CREATE OPERATOR >= (
	LEFTARG = numset, RIGHTARG = bigint, FUNCTION = numset_users_ge
);
COMMENT ON OPERATOR >= (numset, bigint) IS 'the users who have this value or a greater one';

CREATE FUNCTION numset_users_ge(numset, value bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_ge(numset, bigint, userset) IS
	'The users of the filter who have this value or a greater one. Users without a value are never in the result.';

CREATE FUNCTION numset_users_between(numset, lower bigint, upper bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_between'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_between(numset, bigint, bigint) IS
	'The users who have a value from lower to upper, both included; none if lower is greater than upper.';

CREATE FUNCTION numset_users_between(numset, lower bigint, upper bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users_between'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users_between(numset, bigint, bigint, userset) IS
	'The users of the filter who have a value from lower to upper, both included; none if lower is greater than upper.';

CREATE FUNCTION numset_users(numset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_users'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_users(numset) IS
	'The users who have a value.';

CREATE FUNCTION numset_count(numset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_count'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_count(numset) IS
	'The number of users who have a value. From a large stored numset, only the first bytes are read.';

CREATE FUNCTION numset_count(numset, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_count'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_count(numset, userset) IS
	'The number of users of the filter who have a value.';

CREATE FUNCTION numset_sum(numset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_sum'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_sum(numset) IS
	'The sum of the values; NULL if there are none.';

CREATE FUNCTION numset_sum(numset, filter userset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_sum'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_sum(numset, userset) IS
	'The sum of the values of the users of the filter; NULL if there are none.';

CREATE FUNCTION numset_avg(numset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_avg'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_avg(numset) IS
	'The mean of the values, as avg(bigint) returns it; NULL if there are none.';

CREATE FUNCTION numset_avg(numset, filter userset) RETURNS numeric
	AS 'MODULE_PATHNAME', 'journey_numset_avg'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_avg(numset, userset) IS
	'The mean of the values of the users of the filter; NULL if there are none.';

CREATE FUNCTION numset_min(numset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_min'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_min(numset) IS
	'The smallest value; NULL if there are none. From a large stored numset, only the first bytes are read.';

CREATE FUNCTION numset_min(numset, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_min'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_min(numset, userset) IS
	'The smallest value of the users of the filter; NULL if there are none.';

CREATE FUNCTION numset_max(numset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_max'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_max(numset) IS
	'The greatest value; NULL if there are none.';

CREATE FUNCTION numset_max(numset, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_max'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_max(numset, userset) IS
	'The greatest value of the users of the filter; NULL if there are none.';

CREATE FUNCTION numset_quantile(numset, fraction double precision) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_quantile'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_quantile(numset, double precision) IS
	'The quantile of the values: the first value in ascending order such that at least this fraction of the users, 0 to 1, has this value or a smaller one. Exact, like percentile_disc(); 0.5 is the median. NULL without users; a fraction outside 0 to 1 is an error.';

CREATE FUNCTION numset_quantile(numset, fraction double precision, filter userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_quantile'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_quantile(numset, double precision, userset) IS
	'numset_quantile for the users of the filter only.';

CREATE FUNCTION numset_top(numset, n bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_top'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_top(numset, bigint) IS
	'The n users with the greatest values, or all if there are fewer. Among equal values, users with smaller ids come first. A negative n is an error.';

CREATE FUNCTION numset_top(numset, n bigint, filter userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_numset_top'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_top(numset, bigint, userset) IS
	'The n users of the filter with the greatest values, or all if there are fewer. Among equal values, users with smaller ids come first. A negative n is an error.';

CREATE FUNCTION numset_histogram(numset, bounds bigint[], OUT lower bigint, OUT upper bigint, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION numset_histogram(numset, bigint[]) IS
	'The number of users with values below the first bound, from each bound to the next, and from the last bound on: lower <= value < upper, NULL where there is no bound. Bounds that do not ascend, or contain NULL, are an error.';

CREATE FUNCTION numset_histogram(numset, bounds bigint[], filter userset, OUT lower bigint, OUT upper bigint, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_histogram'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION numset_histogram(numset, bigint[], userset) IS
	'numset_histogram for the users of the filter only.';

CREATE FUNCTION numset_merge(numset, numset) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_numset_merge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_merge(numset, numset) IS
	'The values of both numsets. A user in both is an error. Use it to combine disjoint parts of a population.';

CREATE FUNCTION numset_add(numset, numset) RETURNS numset
	AS 'MODULE_PATHNAME', 'journey_numset_add'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_add(numset, numset) IS
	'Function of the operator +: the values of both numsets, added for users in both. A sum that overflows bigint is an error.';

CREATE OPERATOR + (
	LEFTARG = numset, RIGHTARG = numset, FUNCTION = numset_add, COMMUTATOR = +
);
COMMENT ON OPERATOR + (numset, numset) IS 'the values of both, added for users in both';

CREATE FUNCTION numset_value(numset, user_id bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_value'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_value(numset, bigint) IS
	'The value of a user; NULL if the user has none. From a large stored numset, only the bytes around the user are read. For many users of one numset, the numset is read once, not once per row.';

CREATE FUNCTION numset_entries(numset, OUT user_id bigint, OUT value bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_entries'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100000;
COMMENT ON FUNCTION numset_entries(numset) IS
	'The users and their values as rows, in ascending order of users.';

CREATE FUNCTION numset_entries(numset, filter userset, OUT user_id bigint, OUT value bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_numset_entries'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100000;
COMMENT ON FUNCTION numset_entries(numset, userset) IS
	'The users of the filter and their values as rows, in ascending order of users.';

CREATE FUNCTION numset_eq(numset, numset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_numset_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_eq(numset, numset) IS
	'Function of the operator =: the same users with the same values.';

CREATE OPERATOR = (
	LEFTARG = numset, RIGHTARG = numset, FUNCTION = numset_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR = (numset, numset) IS 'the same users with the same values';

CREATE FUNCTION numset_ne(numset, numset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_numset_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION numset_ne(numset, numset) IS
	'Function of the operator <>: different users or values.';

CREATE OPERATOR <> (
	LEFTARG = numset, RIGHTARG = numset, FUNCTION = numset_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (numset, numset) IS 'different users or values';

CREATE FUNCTION journey_internal.numset_hash(numset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_numset_hash'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_hash(numset) IS
	'Hash of a numset, for hash operators.';

CREATE FUNCTION journey_internal.numset_hash_extended(numset, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_numset_hash_extended'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.numset_hash_extended(numset, bigint) IS
	'Hash of a numset with a seed, for hash partitioning.';

CREATE OPERATOR CLASS numset_hash_ops DEFAULT FOR TYPE numset USING hash AS
	OPERATOR 1 =(numset, numset),
	FUNCTION 1 journey_internal.numset_hash(numset),
	FUNCTION 2 journey_internal.numset_hash_extended(numset, bigint);
COMMENT ON OPERATOR CLASS numset_hash_ops USING hash IS 'Equality of numsets, for hash joins, GROUP BY, hash indexes and hash partitioning.';
COMMENT ON OPERATOR FAMILY numset_hash_ops USING hash IS 'Equality of numsets, for hash joins, GROUP BY, hash indexes and hash partitioning.';

STATE numset_agg SPACE 0;
AGGREGATE numset_agg(user_id bigint, value bigint) -> numset STATE numset_agg
	'The value of each user, of all rows in any order; values of the same user are summed up, and a sum that is no bigint is an error. Rows with a NULL are left out; without rows it is the empty numset.';
