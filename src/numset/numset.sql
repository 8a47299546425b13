-- numset: a number for each of many users, as a bit-sliced index.

TYPE numset (INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = external)
	'A number for each of many users: a map from user id to value, both of type bigint, negative ones and 0 included. Text form: ''{1:5,2:-7}''. Stored as bit slices of value - smallest value, at most 1 GB; 10 million users with successive ids and values from 0 to a million take 25 MB. Equal numsets are equal bytes.';

FUNCTION numset_users_eq(numset, value bigint [, filter userset]) -> userset
	'the users who have this value'
	WITH filter 'The users of the filter who have this value. Users without a value are never in the result.'
	OPERATOR =;
FUNCTION numset_users_ne(numset, value bigint [, filter userset]) -> userset
	'the users who have another value'
	WITH filter 'The users of the filter who have another value. Users without a value are never in the result.'
	OPERATOR <>;
FUNCTION numset_users_lt(numset, value bigint [, filter userset]) -> userset
	'the users who have a smaller value'
	WITH filter 'The users of the filter who have a smaller value. Users without a value are never in the result.'
	OPERATOR <;
FUNCTION numset_users_le(numset, value bigint [, filter userset]) -> userset
	'the users who have this value or a smaller one'
	WITH filter 'The users of the filter who have this value or a smaller one. Users without a value are never in the result.'
	OPERATOR <=;
FUNCTION numset_users_gt(numset, value bigint [, filter userset]) -> userset
	'the users who have a greater value'
	WITH filter 'The users of the filter who have a greater value. Users without a value are never in the result.'
	OPERATOR >;
FUNCTION numset_users_ge(numset, value bigint [, filter userset]) -> userset
	'the users who have this value or a greater one'
	WITH filter 'The users of the filter who have this value or a greater one. Users without a value are never in the result.'
	OPERATOR >=;
FUNCTION numset_users_between(numset, lower bigint, upper bigint [, filter userset]) -> userset
	'The users who have a value from lower to upper, both included; none if lower is greater than upper.'
	WITH filter 'The users of the filter who have a value from lower to upper, both included; none if lower is greater than upper.';
FUNCTION numset_users(numset) -> userset
	'The users who have a value.';
FUNCTION numset_count(numset [, filter userset]) -> bigint
	'The number of users who have a value. From a large stored numset, only the first bytes are read.'
	WITH filter 'The number of users of the filter who have a value.';
FUNCTION numset_sum(numset [, filter userset]) -> numeric
	'The sum of the values; NULL if there are none.'
	WITH filter 'The sum of the values of the users of the filter; NULL if there are none.';
FUNCTION numset_avg(numset [, filter userset]) -> numeric
	'The mean of the values, as avg(bigint) returns it; NULL if there are none.'
	WITH filter 'The mean of the values of the users of the filter; NULL if there are none.';
FUNCTION numset_min(numset [, filter userset]) -> bigint
	'The smallest value; NULL if there are none. From a large stored numset, only the first bytes are read.'
	WITH filter 'The smallest value of the users of the filter; NULL if there are none.';
FUNCTION numset_max(numset [, filter userset]) -> bigint
	'The greatest value; NULL if there are none.'
	WITH filter 'The greatest value of the users of the filter; NULL if there are none.';
FUNCTION numset_quantile(numset, fraction double precision [, filter userset]) -> bigint
	'The quantile of the values: the first value in ascending order such that at least this fraction of the users, 0 to 1, has this value or a smaller one. Exact, like percentile_disc(); 0.5 is the median. NULL without users; a fraction outside 0 to 1 is an error.'
	WITH filter 'numset_quantile for the users of the filter only.';
FUNCTION numset_top(numset, n bigint [, filter userset]) -> userset
	'The n users with the greatest values, or all if there are fewer. Among equal values, users with smaller ids come first. A negative n is an error.'
	WITH filter 'The n users of the filter with the greatest values, or all if there are fewer. Among equal values, users with smaller ids come first. A negative n is an error.';
FUNCTION numset_histogram(numset, bounds bigint[], OUT lower bigint, OUT upper bigint, OUT users bigint) -> SETOF record ROWS 20
	'The number of users with values below the first bound, from each bound to the next, and from the last bound on: lower <= value < upper, NULL where there is no bound. Bounds that do not ascend, or contain NULL, are an error.';
FUNCTION numset_histogram(numset, bounds bigint[], filter userset, min_users bigint DEFAULT 0, OUT lower bigint, OUT upper bigint, OUT users bigint) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'numset_histogram for the users of the filter only: those of numset_users(numset) are all. If one of numset, bounds and filter is NULL, there are no rows. min_users: users are NULL if they are fewer.';
FUNCTION numset_merge(numset, numset) -> numset
	'The values of both numsets. A user in both is an error. Use it to combine disjoint parts of a population.';
FUNCTION numset_add(numset, numset) -> numset
	'the values of both numsets, added for users in both; a sum that overflows bigint is an error'
	OPERATOR + COMMUTATOR +;
FUNCTION numset_value(numset, user_id bigint) -> bigint
	'The value of a user; NULL if the user has none. From a large stored numset, only the bytes around the user are read. For many users of one numset, the numset is read once, not once per row.';
FUNCTION numset_entries(numset [, filter userset], OUT user_id bigint, OUT value bigint) -> SETOF record ROWS 100000
	'The users and their values as rows, in ascending order of users.'
	WITH filter 'The users of the filter and their values as rows, in ascending order of users.';
FUNCTION numset_eq(numset, numset) -> boolean
	'the same users with the same values'
	OPERATOR = COMMUTATOR = NEGATOR <> RESTRICT eqsel JOIN eqjoinsel HASHES;
FUNCTION numset_ne(numset, numset) -> boolean
	'different users or values'
	OPERATOR <> COMMUTATOR <> NEGATOR = RESTRICT neqsel JOIN neqjoinsel;
FUNCTION journey_internal.numset_hash(numset) -> integer
	'Hash of a numset, for hash operators.';
FUNCTION journey_internal.numset_hash_extended(numset, bigint) -> bigint
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
