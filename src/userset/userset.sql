-- userset: which users, a compressed set of 64-bit ids.

TYPE userset (INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = external)
	'A set of users by their ids, of type bigint, negative ones included. Text form: ids and ranges of ids, ''{1,5-9}''. In binary: the Roaring 64-bit portable format. Stored as a Roaring bitmap, at most 1 GB; 10 million users out of 100 million take 12.5 MB. Equal sets are equal bytes.';

CREATE FUNCTION cardinality(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cardinality(userset) IS
	'How many users the set has. Of a large stored set only the last bytes are read.';

CREATE FUNCTION journey_internal.contains_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'journey_userset_contains_support'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.contains_support(internal) IS
	'Planner support of contains(userset, bigint).';

CREATE FUNCTION contains(userset, user_id bigint) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_contains'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE SUPPORT journey_internal.contains_support;
COMMENT ON FUNCTION contains(userset, bigint) IS
	'Is the user in the set? A stored set is read once and not for each row. With a constant set the planner knows how many rows to expect and, for up to 1000 users, can use an index on user_id.';

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
	'The users of the set greater than after, at most n of them (NULL: all), in ascending order. For paging: the first page is SELECT members(set) LIMIT n, and the last user of a page is the after of the next. A NULL after, the last user of an empty page, gives no rows.';

CREATE FUNCTION userset_or(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_or'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_or(userset, userset) IS
	'Function of the operator |: the users of either set.';

CREATE OPERATOR | (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_or, COMMUTATOR = |
);
COMMENT ON OPERATOR | (userset, userset) IS 'the users of either set';

CREATE FUNCTION userset_and(userset, userset) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_and'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_and(userset, userset) IS
	'Function of the operator &: the users of both sets.';

CREATE OPERATOR & (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = userset_and, COMMUTATOR = &
);
COMMENT ON OPERATOR & (userset, userset) IS 'the users of both sets';

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

CREATE FUNCTION journey_internal.userset_eq(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_eq(userset, userset) IS
	'Function of the operator =: the same users.';

CREATE OPERATOR = (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = journey_internal.userset_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (userset, userset) IS 'the same users';

CREATE FUNCTION journey_internal.userset_ne(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_ne(userset, userset) IS
	'Function of the operator <>: not the same users.';

CREATE OPERATOR <> (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = journey_internal.userset_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (userset, userset) IS 'not the same users';

CREATE FUNCTION journey_internal.userset_lt(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_lt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_lt(userset, userset) IS
	'Function of the operator <: comes before: fewer users, or as many in an order without meaning.';

CREATE OPERATOR < (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = journey_internal.userset_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (userset, userset) IS 'comes before: fewer users, or as many in an order without meaning';

CREATE FUNCTION journey_internal.userset_le(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_le'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_le(userset, userset) IS
	'Function of the operator <=: comes before, or is equal.';

CREATE OPERATOR <= (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = journey_internal.userset_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (userset, userset) IS 'comes before, or is equal';

CREATE FUNCTION journey_internal.userset_gt(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_gt'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_gt(userset, userset) IS
	'Function of the operator >: comes after: more users, or as many in an order without meaning.';

CREATE OPERATOR > (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = journey_internal.userset_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (userset, userset) IS 'comes after: more users, or as many in an order without meaning';

CREATE FUNCTION journey_internal.userset_ge(userset, userset) RETURNS boolean
	AS 'MODULE_PATHNAME', 'journey_userset_ge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_ge(userset, userset) IS
	'Function of the operator >=: comes after, or is equal.';

CREATE OPERATOR >= (
	LEFTARG = userset, RIGHTARG = userset, FUNCTION = journey_internal.userset_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (userset, userset) IS 'comes after, or is equal';

CREATE FUNCTION journey_internal.userset_cmp(userset, userset) RETURNS integer
	AS 'MODULE_PATHNAME', 'journey_userset_cmp'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION journey_internal.userset_cmp(userset, userset) IS
	'Order of two sets, -1, 0 or 1, for sorting: by the number of users, then without a meaning.';

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
COMMENT ON OPERATOR CLASS userset_ops USING btree IS 'Smaller usersets first, and no other meaning: for ORDER BY, DISTINCT and indexes.';
COMMENT ON OPERATOR FAMILY userset_ops USING btree IS 'Smaller usersets first, and no other meaning: for ORDER BY, DISTINCT and indexes.';

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
	'How many users are in both sets; counted without making that set.';

CREATE FUNCTION or_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_or_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION or_cardinality(userset, userset) IS
	'How many users are in either set; counted without making that set.';

CREATE FUNCTION andnot_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_andnot_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION andnot_cardinality(userset, userset) IS
	'How many users are in the first set and not in the second; counted without making that set.';

CREATE FUNCTION xor_cardinality(userset, userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_xor_cardinality'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION xor_cardinality(userset, userset) IS
	'How many users are in exactly one of the sets; counted without making that set.';

CREATE FUNCTION jaccard(userset, userset) RETURNS double precision
	AS 'MODULE_PATHNAME', 'journey_userset_jaccard'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION jaccard(userset, userset) IS
	'The Jaccard index: users in both sets divided by users in either, 0 to 1. NULL if both are empty.';

CREATE FUNCTION userset_rank(userset, user_id bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_rank'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_rank(userset, bigint) IS
	'How many users of the set have this id or a smaller one; of a member, its place, 1 for the first.';

CREATE FUNCTION userset_nth(userset, n bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_nth'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_nth(userset, bigint) IS
	'The n-th user of the set in ascending order, 1 for the first; NULL if it has fewer than n.';

CREATE FUNCTION userset_min(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_min'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_min(userset) IS
	'The smallest id of the set; NULL if it is empty.';

CREATE FUNCTION userset_max(userset) RETURNS bigint
	AS 'MODULE_PATHNAME', 'journey_userset_max'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_max(userset) IS
	'The greatest id of the set; NULL if it is empty.';

CREATE FUNCTION userset_range(userset, lower bigint, upper bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_range'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_range(userset, bigint, bigint) IS
	'The users of the set with ids from lower to upper, both included; none if lower is greater than upper.';

CREATE FUNCTION userset_sample(userset, n bigint, seed bigint) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_sample'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_sample(userset, bigint, bigint) IS
	'n users of the set at random, or all if it has not so many. The same set, n and seed give the same users, on every machine.';

CREATE FUNCTION overlap(usersets userset[], OUT a integer, OUT b integer, OUT users bigint, OUT jaccard double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_userset_overlap'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 100;
COMMENT ON FUNCTION overlap(userset[]) IS
	'For each pair of sets of the array, a <= b being their subscripts: how many users are in both, and the Jaccard index (NULL if both are empty). A NULL set is an error.';

CREATE FUNCTION overlap_regions(usersets userset[], OUT sets integer[], OUT degree integer, OUT users bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'journey_userset_overlap_regions'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 50;
COMMENT ON FUNCTION overlap_regions(userset[]) IS
	'For each combination of up to 8 sets: how many users are in these sets, given by their subscripts, and in no other; degree is the number of sets. Regions without users are left out; the largest comes first. A NULL set is an error.';

CREATE FUNCTION roaring_to_userset(bytea) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_roaring_to_userset'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roaring_to_userset(bytea) IS
	'A set from the Roaring 64-bit portable format; bytes that are not that are an error.';

CREATE FUNCTION userset_to_roaring(userset) RETURNS bytea
	AS 'MODULE_PATHNAME', 'journey_userset_to_roaring'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset_to_roaring(userset) IS
	'A set in the Roaring 64-bit portable format, as ClickHouse, Spark, Java, Go and pg_roaringbitmap read it. A negative id is its two''s complement.';

CREATE FUNCTION userset(bigint[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(bigint[]) IS
	'The set of the ids of an array, in any order, with duplicates. A NULL element is an error.';
CREATE FUNCTION userset(integer[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(integer[]) IS
	'The set of the ids of an array, in any order, with duplicates. A NULL element is an error.';
CREATE FUNCTION userset(smallint[]) RETURNS userset
	AS 'MODULE_PATHNAME', 'journey_userset_from_array'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION userset(smallint[]) IS
	'The set of the ids of an array, in any order, with duplicates. A NULL element is an error.';

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
