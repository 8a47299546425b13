-- stepset: which of N conditions one event meets.
SET search_path = journey, public;

-- text form, and back
SELECT '101'::stepset, '0'::stepset, repeat('1', 58)::stepset;
SELECT steps(true, false, true), steps(NULL, true), steps(VARIADIC ARRAY[true, NULL, false]);
SELECT step_of('login', ARRAY['login', 'pay']),
       step_of('pay', ARRAY['login', 'pay']),
       step_of('logout', ARRAY['login', 'pay']),
       step_of(NULL, ARRAY['login', 'pay']),
       step_of('pay', ARRAY['pay', NULL, 'pay']);

-- equality, and what needs it
SELECT '10'::stepset = steps(true, false) AS same,
       '10'::stepset = '100'::stepset AS same_bits_other_n,
       '10'::stepset <> '01'::stepset AS differ;
SELECT step, count(*)
FROM (VALUES ('10'::stepset), ('01'), ('10')) AS v(step)
GROUP BY step ORDER BY step;
SELECT count(DISTINCT step), array_agg(DISTINCT step) FROM (VALUES ('10'::stepset), ('01'), ('10'), ('1'), ('011')) AS v(step);
-- the order is that of the text forms
SELECT bool_and((a < b) = (a::text < b::text COLLATE "C") AND (a <= b) = (a::text <= b::text COLLATE "C")
    AND (a > b) = (b < a) AND (a >= b) = (b <= a)) AS same_order
FROM (SELECT substr(bits::bit(10)::text, 1, n)::stepset AS a FROM generate_series(0, 1023, 7) AS bits, generate_series(1, 10) AS n) AS x,
     (SELECT substr(bits::bit(10)::text, 1, n)::stepset AS b FROM generate_series(0, 1023, 31) AS bits, generate_series(1, 10) AS n) AS y;

-- binary form: condition 1 is the highest bit, N the lowest six
SELECT journey_internal.stepset_send('101');

-- what is not a stepset
SELECT ''::stepset;
SELECT '10 1'::stepset;
SELECT repeat('1', 59)::stepset;
SELECT steps(1, true);
SELECT steps(VARIADIC ARRAY[1, 2]);
SELECT steps(VARIADIC NULL::boolean[]);
SELECT steps(VARIADIC '{}'::boolean[]);
SELECT step_of('login', '{}');
SELECT step_of('login', NULL);
SELECT step_of('login', '{{login,pay},{a,b}}');
