-- userset: which users, a compressed set of 64-bit ids.

TYPE userset (INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = external)
	'A set of users by their ids, of type bigint, negative ones included. Text form: ids and ranges of ids, ''{1,5-9}''. In binary: the Roaring 64-bit portable format. Stored as a Roaring bitmap, at most 1 GB; 10 million users out of 100 million take 12.5 MB. Equal sets are equal bytes.';

CREATE FUNCTION cardinality(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cardinality(userset) IS
	'The number of users in the set. From a large stored set, only the last bytes are read.';
-- Without it, a literal or a parameter without a type could be an array as well.
CREATE FUNCTION cardinality(userset text) RETURNS bigint
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN cardinality(userset::userset);
COMMENT ON FUNCTION cardinality(text) IS
	'The number of users in a set given as text, ''{1,5-9}''.';

CREATE FUNCTION journey_internal.contains_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_contains_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.contains_support(internal) IS
	'Planner support of contains(userset, bigint).';

CREATE FUNCTION contains(userset, user_id bigint) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_contains'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT journey_internal.contains_support;
COMMENT ON FUNCTION contains(userset, bigint) IS
	'Whether the user is in the set. A stored set is read once, not once per row. With a constant set the planner estimates the number of rows and, for up to 1000 users, can use an index on user_id.';

CREATE FUNCTION journey_internal.members_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_members_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.members_support(internal) IS
	'Planner support of members().';

CREATE FUNCTION members(userset) RETURNS SETOF bigint
	AS 'MODULE_PATHNAME', 'journey_userset_members'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 1000 SUPPORT journey_internal.members_support;
COMMENT ON FUNCTION members(userset) IS
	'The users of the set as rows, in ascending order.';

CREATE FUNCTION members(userset, after bigint, n bigint DEFAULT NULL) RETURNS SETOF bigint
	AS 'MODULE_PATHNAME', 'journey_userset_members'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 1000 SUPPORT journey_internal.members_support;
COMMENT ON FUNCTION members(userset, bigint, bigint) IS
	'The users of the set greater than after, at most n of them (NULL: all), in ascending order. For paging: the first page is SELECT members(set) LIMIT n; for each next page, after is the last user of the page before. If after is NULL (the last user of an empty page), no rows.';

CREATE FUNCTION userset_or(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_or'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_or(userset, userset) IS
	'Function of the operator |: the users who are in at least one of the sets.';

CREATE OPERATOR | (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_or, COMMUTATOR = |
);
COMMENT ON OPERATOR | (userset, userset) IS 'the users who are in at least one of the sets';

CREATE FUNCTION userset_and(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_and'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_and(userset, userset) IS
	'Function of the operator &: the users who are in both sets.';

CREATE OPERATOR & (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_and, COMMUTATOR = &
);
COMMENT ON OPERATOR & (userset, userset) IS 'the users who are in both sets';

CREATE FUNCTION userset_andnot(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_andnot'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_andnot(userset, userset) IS
	'Function of the operator -: the users of the first set who are not in the second.';

CREATE OPERATOR - (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_andnot
);
COMMENT ON OPERATOR - (userset, userset) IS 'the users of the first set who are not in the second';

CREATE FUNCTION userset_xor(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_xor'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_xor(userset, userset) IS
	'Function of the operator #: the users of exactly one of the sets.';

CREATE OPERATOR # (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_xor, COMMUTATOR = #
);
COMMENT ON OPERATOR # (userset, userset) IS 'the users of exactly one of the sets';

CREATE FUNCTION userset_contains(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_contains_set'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_contains(userset, userset) IS
	'Function of the operator @>: are all users of the second set in the first?';

CREATE OPERATOR @> (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_contains,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (userset, userset) IS 'are all users of the second set in the first?';

CREATE FUNCTION userset_contained(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_contained'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_contained(userset, userset) IS
	'Function of the operator <@: are all users of the first set in the second?';

CREATE OPERATOR <@ (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_contained,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (userset, userset) IS 'are all users of the first set in the second?';

CREATE FUNCTION userset_overlaps(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_overlaps'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_overlaps(userset, userset) IS
	'Function of the operator &&: is any user in both sets?';

CREATE OPERATOR && (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_overlaps,
	COMMUTATOR = &&, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR && (userset, userset) IS 'is any user in both sets?';

CREATE FUNCTION userset_eq(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_eq(userset, userset) IS
	'Function of the operator =: the same users.';

CREATE OPERATOR = (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (userset, userset) IS 'the same users';

CREATE FUNCTION userset_ne(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_ne(userset, userset) IS
	'Function of the operator <>: different users.';

CREATE OPERATOR <> (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (userset, userset) IS 'different users';

CREATE FUNCTION userset_lt(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_lt(userset, userset) IS
	'Function of the operator <: sorts before: fewer users; sets of equal size have an arbitrary, fixed order.';

CREATE OPERATOR < (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (userset, userset) IS 'sorts before: fewer users; sets of equal size have an arbitrary, fixed order';

CREATE FUNCTION userset_le(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_le(userset, userset) IS
	'Function of the operator <=: sorts before, or is equal.';

CREATE OPERATOR <= (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (userset, userset) IS 'sorts before, or is equal';

CREATE FUNCTION userset_gt(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_gt(userset, userset) IS
	'Function of the operator >: sorts after: more users; sets of equal size have an arbitrary, fixed order.';

CREATE OPERATOR > (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (userset, userset) IS 'sorts after: more users; sets of equal size have an arbitrary, fixed order';

CREATE FUNCTION userset_ge(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_ge(userset, userset) IS
	'Function of the operator >=: sorts after, or is equal.';

CREATE OPERATOR >= (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (userset, userset) IS 'sorts after, or is equal';

CREATE FUNCTION journey_internal.userset_cmp(userset, userset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_userset_cmp'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_cmp(userset, userset) IS
	'Order of two sets, -1, 0 or 1, for sorting: by the number of users, then arbitrary but fixed.';

CREATE FUNCTION journey_internal.userset_hash(userset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_userset_hash'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_hash(userset) IS
	'Hash of a set, for hash operators.';

CREATE FUNCTION journey_internal.userset_hash_extended(userset, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_hash_extended'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_hash_extended(userset, bigint) IS
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

CREATE FUNCTION and_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_and_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION and_cardinality(userset, userset) IS
	'The number of users in both sets, counted without building the intersection.';

CREATE FUNCTION or_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_or_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION or_cardinality(userset, userset) IS
	'The number of users in at least one of the sets, counted without building the union.';

CREATE FUNCTION andnot_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_andnot_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION andnot_cardinality(userset, userset) IS
	'The number of users in the first set but not in the second, counted without building the difference.';

CREATE FUNCTION xor_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_xor_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION xor_cardinality(userset, userset) IS
	'The number of users in exactly one of the sets, counted without building that set.';

CREATE FUNCTION jaccard(userset, userset) RETURNS double precision
	AS 'MODULE_PATHNAME', 'journey_userset_jaccard'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION jaccard(userset, userset) IS
	'The Jaccard index: users in both sets divided by users in at least one, 0 to 1. NULL if both sets are empty.';

CREATE FUNCTION userset_rank(userset, user_id bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_rank'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_rank(userset, bigint) IS
	'The number of users in the set with this id or a smaller one. For a member this is its place, 1 for the first.';

CREATE FUNCTION userset_nth(userset, n bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_nth'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_nth(userset, bigint) IS
	'The n-th user of the set in ascending order, 1 for the first; NULL if the set has fewer than n users.';

CREATE FUNCTION userset_min(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_min'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_min(userset) IS
	'The smallest id of the set; NULL if the set is empty.';

CREATE FUNCTION userset_max(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_max'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_max(userset) IS
	'The greatest id of the set; NULL if the set is empty.';

CREATE FUNCTION userset_range(userset, lower bigint, upper bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_range'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_range(userset, bigint, bigint) IS
	'The users of the set with ids from lower to upper, both included; none if lower is greater than upper.';

CREATE FUNCTION userset_sample(userset, n bigint, seed bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_sample'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_sample(userset, bigint, bigint) IS
	'n users of the set at random, or all if the set has fewer. The same set, n and seed give the same users on every machine.';

CREATE FUNCTION overlap(usersets userset[], OUT a integer, OUT b integer, OUT users bigint, OUT jaccard double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_userset_overlap'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION overlap(userset[]) IS
	'For each pair of sets of the array, with subscripts a <= b: the number of users in both, and the Jaccard index (NULL if both are empty). A NULL set is an error.';

CREATE FUNCTION overlap_regions(usersets userset[], OUT sets integer[], OUT degree integer, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_userset_overlap_regions'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50;
COMMENT ON FUNCTION overlap_regions(userset[]) IS
	'For each combination of up to 8 sets: the number of users who are in exactly these sets. sets: their subscripts; degree: their number. Regions without users are omitted; the largest comes first. A NULL set is an error.';

CREATE FUNCTION roaring_to_userset(bytea) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_roaring_to_userset'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roaring_to_userset(bytea) IS
	'A set from the Roaring 64-bit portable format; invalid bytes are an error.';

CREATE FUNCTION userset_to_roaring(userset) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_userset_to_roaring'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_to_roaring(userset) IS
	'A set in the Roaring 64-bit portable format, which ClickHouse, Spark, Java, Go and pg_roaringbitmap read. A negative id is written as its two''s complement.';

CREATE FUNCTION userset(bigint[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(bigint[]) IS
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
CREATE FUNCTION userset(integer[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(integer[]) IS
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
CREATE FUNCTION userset(smallint[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(smallint[]) IS
	'The set of the ids of an array. The array may be in any order and have duplicates. A NULL element is an error.';
CREATE FUNCTION userset(ids text) RETURNS userset
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN ids::userset;
COMMENT ON FUNCTION userset(text) IS
	'The set of the ids and ranges of ids of a text, ''{1,5-9}''.';

CREATE FUNCTION userset_to_array(userset) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'journey_userset_to_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_to_array(userset) IS
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
