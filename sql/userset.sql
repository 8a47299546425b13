-- userset: which users, a compressed set of 64-bit ids.
SET search_path = public, journey;

-- text form, and back
SELECT '{1,5-9}'::userset, '{9, 1-3 ,2-4,-5--1,0}'::userset, '{}'::userset, ' { } '::userset;
SELECT '{-9223372036854775808,9223372036854775807}'::userset, '{-70000-70000}'::userset,
       '{4294967294-4294967297}'::userset, '{1,2,4,5,6}'::userset;
SELECT ''::userset;
SELECT '{1,,2}'::userset;
SELECT '{1,2'::userset;
SELECT '{1}x'::userset;
SELECT '{5-1}'::userset;
SELECT '{9223372036854775808}'::userset;
SELECT '{-9223372036854775809}'::userset;
SELECT '{1-9223372036854775807}'::userset;
-- more than 1 GB, which is known before it is made
SELECT '{1-4990000000000}'::userset;
SELECT '{-9223372036854775808--1,5}'::userset;

-- binary form: the Roaring 64-bit portable format
SELECT journey_internal.userset_send('{}'), userset_to_roaring('{1,3,70000}');
SELECT roaring_to_userset('\x0100000000000000ffffffff3b30000001ffff0f000100f0ff0f00');
SELECT roaring_to_userset(userset_to_roaring('{1-100000,200000,-7,4294967296}'));
-- an array that would be smaller as runs is rewritten: equal sets are equal bytes
SELECT roaring_to_userset('\x0100000000000000000000003a3000000100000000000300100000000100020003000400') = '{1-4}' AS same;
SELECT roaring_to_userset('\x0100000000000000000000003a3000000100000000000300100000000100020002000400');
SELECT roaring_to_userset('\x01000000000000000000');
SELECT roaring_to_userset('');

-- arrays
SELECT ARRAY[3, 1, 2, 3]::bigint[]::userset, '{-2-2}'::userset::bigint[], '{}'::bigint[]::userset,
       '{}'::userset::bigint[];
SELECT ARRAY[1, NULL]::bigint[]::userset;

-- operators
SELECT a | b AS "or", a & b AS "and", a - b AS "andnot", a # b AS "xor",
       a @> b AS "@>", a <@ b AS "<@", a && b AS "&&", a = b AS "=", a <> b AS "<>"
FROM (VALUES ('{1,5-9}'::userset, '{6-12}'::userset), ('{1-9}', '{2,3}'), ('{1}', '{2}'), ('{1}', '{1}'), ('{}', '{}')) AS v(a, b);
SELECT cardinality(a), or_cardinality(a, b), and_cardinality(a, b), andnot_cardinality(a, b),
       xor_cardinality(a, b), round(jaccard(a, b)::numeric, 3) AS jaccard
FROM (VALUES ('{1,5-9}'::userset, '{6-12}'::userset), ('{1-1000000}', '{500000-2000000}'), ('{}', '{}')) AS v(a, b);

-- members
SELECT u AS user_id, contains('{-5,7,9-11}', u), userset_rank('{-5,7,9-11}', u), userset_nth('{-5,7,9-11}', n)
FROM unnest(ARRAY[-6, -5, 0, 7, 10, 12]) WITH ORDINALITY AS v(u, n);
SELECT userset_min('{-5,7,9-11}'), userset_max('{-5,7,9-11}'), userset_min('{}'), userset_max('{}');
SELECT userset_nth('{1}', 0);
SELECT userset_range('{-10-10}', -3, 2), userset_range('{-10-10}', 2, -3);
SELECT * FROM members('{-2-2,1000000}');
SELECT ARRAY(SELECT members('{-2-2,1000000}', 0, 2)) AS page, ARRAY(SELECT members('{-2-2,1000000}', 2)) AS rest,
       ARRAY(SELECT members('{-2-2}', NULL, 2)) AS after_null, ARRAY(SELECT members('{-2-2}', 0, NULL)) AS n_null, ARRAY(SELECT members('{1}', 9223372036854775807)) AS none;
SELECT * FROM members('{1}', 0, -1);
SELECT userset_sample('{1-1000}', 5, 42), userset_sample('{1-1000}', 5, 43) = userset_sample('{1-1000}', 5, 42) AS other_seed,
       userset_sample('{1-3}', 10, 1) AS all_of_them, userset_sample('{1-3}', 0, 1) AS none;
SELECT userset_sample('{1-3}', -1, 1);

-- aggregates
SELECT userset_agg(u), userset_agg(u) FILTER (WHERE u > 100) AS none
FROM unnest(ARRAY[3, 1, NULL, 2, 3]) AS u;
SELECT union_agg(s), intersect_agg(s), xor_agg(s)
FROM (VALUES ('{1-5}'::userset), (NULL), ('{3-8}'), ('{5,10}')) AS v(s);
SELECT userset_agg(NULL), union_agg(NULL), xor_agg(NULL), intersect_agg(NULL);
SELECT day, cardinality(userset_agg(u) OVER (ORDER BY day)) AS so_far
FROM (VALUES (1, 7), (2, 7), (3, 9), (4, 8)) AS v(day, u);

-- several sets
SELECT * FROM overlap(ARRAY['{1-10}', '{5-20}', '{}']::userset[]);
SELECT * FROM overlap_regions(ARRAY['{1-10}', '{5-20}', '{7,8,100}']::userset[]);
SELECT * FROM overlap_regions(array_fill('{1}'::userset, ARRAY[9]));
SELECT * FROM overlap(ARRAY['{1}', NULL]::userset[]);
SELECT * FROM overlap_regions('{}'::userset[]);

-- grouped, sorted, joined
SELECT s, count(*) FROM (VALUES ('{1,2}'::userset), ('{3}'), ('{2,1}'), ('{}')) AS v(s) GROUP BY s ORDER BY s;
SELECT count(DISTINCT s) FROM (VALUES ('{1,2}'::userset), ('{3}'), ('{2,1}'), ('{}')) AS v(s);

-- what the planner knows
CREATE TABLE visits AS SELECT g % 1000 AS n, (g % 5000)::bigint AS user_id FROM generate_series(1, 20000) AS g;
CREATE INDEX ON visits (user_id);
ANALYZE visits;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM visits WHERE contains('{3,17,4000}', user_id);
SELECT user_id, count(*) FROM visits WHERE contains('{3,17,4000,7000}', user_id) GROUP BY user_id ORDER BY user_id;
EXPLAIN (COSTS OFF) SELECT * FROM visits WHERE contains('{0-2000}', user_id);
EXPLAIN (COSTS OFF) SELECT * FROM visits WHERE contains('{}', user_id);
RESET enable_bitmapscan;
DROP TABLE visits;
-- integer[] and smallint[] as bigint[]
SELECT ARRAY[3, 1, -2, 1]::userset, ARRAY[-1, 32767]::smallint[]::userset, '{}'::int[]::userset, ARRAY[1, 2]::userset = ARRAY[1, 2]::bigint[]::userset AS same;
SELECT ARRAY[1, NULL]::userset;
