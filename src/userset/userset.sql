-- userset: which users, a compressed set of 64-bit ids.

TYPE userset (INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = external)
	'A set of users by their ids, of type bigint, negative ones included. Text form: ids and ranges of ids, ''{1,5-9}''. In binary: the Roaring 64-bit portable format. Stored as a Roaring bitmap, at most 1 GB; 10 million users out of 100 million take 12.5 MB. Equal sets are equal bytes.';

FUNCTION cardinality(userset) -> bigint CALLS userset_cardinality
	'The number of users in the set. From a large stored set, only the last bytes are read.';
-- Without it, a literal or a parameter without a type could be an array as well.
CREATE FUNCTION cardinality(userset text) RETURNS bigint
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN cardinality(userset::userset);
COMMENT ON FUNCTION cardinality(text) IS
	'The number of users in a set given as text, ''{1,5-9}''.';

FUNCTION journey_internal.contains_support(internal) -> internal CALLS userset_contains_support
	'Planner support of contains(userset, bigint).';
FUNCTION contains(userset, user_id bigint) -> boolean CALLS userset_contains SUPPORT journey_internal.contains_support
	'Whether the user is in the set. A stored set is read once, not once per row. With a constant set the planner estimates the number of rows and, for up to 1000 users, can use an index on user_id.';
FUNCTION journey_internal.members_support(internal) -> internal CALLS userset_members_support
	'Planner support of members().';
FUNCTION members(userset) -> SETOF bigint CALLS userset_members ROWS 1000 SUPPORT journey_internal.members_support
	'The users of the set as rows, in ascending order.';

FUNCTION members(userset, after bigint, n bigint DEFAULT NULL) -> SETOF bigint CALLS userset_members IMMUTABLE PARALLEL SAFE ROWS 1000 SUPPORT journey_internal.members_support
	'The users of the set greater than after, at most n of them (NULL: all), in ascending order. For paging: the first page is SELECT members(set) LIMIT n; for each next page, after is the last user of the page before. If after is NULL (the last user of an empty page), no rows.';

FUNCTION userset_or(userset, userset) -> userset
	'the users who are in at least one of the sets'
	OPERATOR | COMMUTATOR |;
FUNCTION userset_and(userset, userset) -> userset
	'the users who are in both sets'
	OPERATOR & COMMUTATOR &;
FUNCTION userset_andnot(userset, userset) -> userset
	'the users of the first set who are not in the second'
	OPERATOR -;
FUNCTION userset_xor(userset, userset) -> userset
	'the users of exactly one of the sets'
	OPERATOR # COMMUTATOR #;
FUNCTION userset_contains(userset, userset) -> boolean CALLS userset_contains_set
	'are all users of the second set in the first?'
	OPERATOR @> COMMUTATOR <@ RESTRICT contsel JOIN contjoinsel;
FUNCTION userset_contained(userset, userset) -> boolean
	'are all users of the first set in the second?'
	OPERATOR <@ COMMUTATOR @> RESTRICT contsel JOIN contjoinsel;
FUNCTION userset_overlaps(userset, userset) -> boolean
	'is any user in both sets?'
	OPERATOR && COMMUTATOR && RESTRICT contsel JOIN contjoinsel;
FUNCTION userset_eq(userset, userset) -> boolean
	'the same users'
	OPERATOR = COMMUTATOR = NEGATOR <> RESTRICT eqsel JOIN eqjoinsel HASHES MERGES;
FUNCTION userset_ne(userset, userset) -> boolean
	'different users'
	OPERATOR <> COMMUTATOR <> NEGATOR = RESTRICT neqsel JOIN neqjoinsel;
FUNCTION userset_lt(userset, userset) -> boolean
	'sorts before: fewer users; sets of equal size have an arbitrary, fixed order'
	OPERATOR < COMMUTATOR > NEGATOR >= RESTRICT scalarltsel JOIN scalarltjoinsel;
FUNCTION userset_le(userset, userset) -> boolean
	'sorts before, or is equal'
	OPERATOR <= COMMUTATOR >= NEGATOR > RESTRICT scalarlesel JOIN scalarlejoinsel;
FUNCTION userset_gt(userset, userset) -> boolean
	'sorts after: more users; sets of equal size have an arbitrary, fixed order'
	OPERATOR > COMMUTATOR < NEGATOR <= RESTRICT scalargtsel JOIN scalargtjoinsel;
FUNCTION userset_ge(userset, userset) -> boolean
	'sorts after, or is equal'
	OPERATOR >= COMMUTATOR <= NEGATOR < RESTRICT scalargesel JOIN scalargejoinsel;
FUNCTION journey_internal.userset_cmp(userset, userset) -> integer
	'Order of two sets, -1, 0 or 1, for sorting: by the number of users, then arbitrary but fixed.';
FUNCTION journey_internal.userset_hash(userset) -> integer
	'Hash of a set, for hash operators.';
FUNCTION journey_internal.userset_hash_extended(userset, bigint) -> bigint
	'Hash of a set with a seed, for hash partitioning.';

CREATE OPERATOR CLASS userset_ops DEFAULT FOR TYPE userset USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 journey_internal.userset_cmp(userset, userset);
COMMENT ON OPERATOR CLASS userset_ops USING btree IS 'Smaller usersets first; sets of equal size have an arbitrary, fixed order. For ORDER BY, DISTINCT and indexes.';
COMMENT ON OPERATOR FAMILY userset_ops USING btree IS 'Smaller usersets first; sets of equal size have an arbitrary, fixed order. For ORDER BY, DISTINCT and indexes.';

CREATE OPERATOR CLASS userset_hash_ops DEFAULT FOR TYPE userset USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 journey_internal.userset_hash(userset),
	FUNCTION 2 journey_internal.userset_hash_extended(userset, bigint);
COMMENT ON OPERATOR CLASS userset_hash_ops USING hash IS 'Equality of usersets, for hash joins, GROUP BY, hash indexes and hash partitioning.';
COMMENT ON OPERATOR FAMILY userset_hash_ops USING hash IS 'Equality of usersets, for hash joins, GROUP BY, hash indexes and hash partitioning.';

FUNCTION and_cardinality(userset, userset) -> bigint CALLS userset_and_cardinality
	'The number of users in both sets, counted without building the intersection.';
FUNCTION or_cardinality(userset, userset) -> bigint CALLS userset_or_cardinality
	'The number of users in at least one of the sets, counted without building the union.';
FUNCTION andnot_cardinality(userset, userset) -> bigint CALLS userset_andnot_cardinality
	'The number of users in the first set but not in the second, counted without building the difference.';
FUNCTION xor_cardinality(userset, userset) -> bigint CALLS userset_xor_cardinality
	'The number of users in exactly one of the sets, counted without building that set.';
FUNCTION jaccard(userset, userset) -> double precision CALLS userset_jaccard
	'The Jaccard index: users in both sets divided by users in at least one, 0 to 1. NULL if both sets are empty.';
FUNCTION userset_rank(userset, user_id bigint) -> bigint
	'The number of users in the set with this id or a smaller one. For a member this is its place, 1 for the first.';
FUNCTION userset_nth(userset, n bigint) -> bigint
	'The n-th user of the set in ascending order, 1 for the first; NULL if the set has fewer than n users.';
FUNCTION userset_min(userset) -> bigint
	'The smallest id of the set; NULL if the set is empty.';
FUNCTION userset_max(userset) -> bigint
	'The greatest id of the set; NULL if the set is empty.';
FUNCTION userset_range(userset, lower bigint, upper bigint) -> userset
	'The users of the set with ids from lower to upper, both included; none if lower is greater than upper.';
FUNCTION userset_sample(userset, n bigint, seed bigint) -> userset
	'n users of the set at random, or all if the set has fewer. The same set, n and seed give the same users on every machine.';
FUNCTION overlap(usersets userset[], OUT a integer, OUT b integer, OUT users bigint, OUT jaccard double precision) -> SETOF record CALLS userset_overlap ROWS 100
	'For each pair of sets of the array, with subscripts a <= b: the number of users in both, and the Jaccard index (NULL if both are empty). A NULL set is an error.';
FUNCTION overlap_regions(usersets userset[], OUT sets integer[], OUT degree integer, OUT users bigint) -> SETOF record CALLS userset_overlap_regions ROWS 50
	'For each combination of up to 8 sets: the number of users who are in exactly these sets. sets: their subscripts; degree: their number. Regions without users are omitted; the largest comes first. A NULL set is an error.';
FUNCTION roaring_to_userset(bytea) -> userset
	'A set from the Roaring 64-bit portable format; invalid bytes are an error.';
FUNCTION userset_to_roaring(userset) -> bytea
	'A set in the Roaring 64-bit portable format, which ClickHouse, Spark, Java, Go and pg_roaringbitmap read. A negative id is written as its two''s complement.';
FUNCTION userset(bigint[]) -> userset CALLS userset_from_array
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
FUNCTION userset(integer[]) -> userset CALLS userset_from_array
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
FUNCTION userset(smallint[]) -> userset CALLS userset_from_array
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
CREATE FUNCTION userset(ids text) RETURNS userset
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN ids::userset;
COMMENT ON FUNCTION userset(text) IS
	'The set of the ids and ranges of ids of a text, ''{1,5-9}''.';

FUNCTION userset_to_array(userset) -> bigint[]
	'The ids of the set in ascending order, at most 134 million.';

CREATE CAST (bigint[] AS userset) WITH FUNCTION userset(bigint[]);
COMMENT ON CAST (bigint[] AS userset) IS 'The set of the ids of an array; a NULL element is an error.';
CREATE CAST (integer[] AS userset) WITH FUNCTION userset(integer[]);
COMMENT ON CAST (integer[] AS userset) IS 'The set of the ids of an array; a NULL element is an error.';
CREATE CAST (smallint[] AS userset) WITH FUNCTION userset(smallint[]);
COMMENT ON CAST (smallint[] AS userset) IS 'The set of the ids of an array; a NULL element is an error.';
CREATE CAST (userset AS bigint[]) WITH FUNCTION userset_to_array(userset);
COMMENT ON CAST (userset AS bigint[]) IS 'The ids of the set in ascending order.';

STATE userset_union SPACE 0 COMBINE userset_builder;
AGGREGATE userset_agg(user_id bigint) -> userset STATE userset_union
	FINAL userset_builder
	'The set of the users of all rows, in any order, with duplicates. NULLs are left out; without rows it is the empty set.';
AGGREGATE union_agg(userset) -> userset STATE userset_union
	FINAL userset_builder
	'The users of any of the sets. NULLs are left out; without rows it is the empty set.';

STATE userset_xor SPACE 0 COMBINE userset_builder;
AGGREGATE xor_agg(userset) -> userset STATE userset_xor
	FINAL userset_builder
	'The users of an odd number of the sets. NULLs are left out; without rows it is the empty set.';

STATE userset_intersect SPACE 0;
AGGREGATE intersect_agg(userset) -> userset STATE userset_intersect
	FINAL userset_intersect
	'The users of all the sets. NULLs are left out; without rows it is NULL.';
