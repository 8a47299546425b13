-- sequence_match, sequence_count, sequence_match_events, sequence_next_node.
SET search_path = journey, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- 'a0 b3 x4' is three events at seconds 0, 3 and 4; x meets no condition
CREATE FUNCTION history(text) RETURNS TABLE (at timestamptz, step stepset, name text)
LANGUAGE sql IMMUTABLE SET search_path = journey, pg_catalog AS $$
    SELECT timestamptz 'epoch' + substring(e from '\d+')::int * interval '1 s',
           steps(e ~ 'a', e ~ 'b', e ~ 'c'), e
    FROM regexp_split_to_table($1, ' ') AS e
$$;

SELECT events, pattern, sequence_match(at, step, pattern) AS match,
       sequence_count(at, step, pattern) AS count,
       (SELECT array_agg(extract(epoch FROM t)::int)
        FROM unnest(sequence_match_events(at, step, pattern)) AS t) AS seconds
FROM (VALUES
    ('a0 b1 c2', '(?1)(?2)(?3)'),
    ('a0 c1 b2', '(?1)(?2)'), ('a0 c1 b2', '(?1).*(?2)'), ('a0 c1 b2', '(?1).(?2)'),
    ('a0 x1 b2', '(?1)(?2)'),
    ('a0 b5 b9', '(?1)(?t<=4)(?2)'), ('a0 b5 b9', '(?1)(?t>5)(?2)'),
    ('a0 b5 b9', '(?1)(?t!=5)(?2)'), ('a0 b5 b9', '(?1)(?t==9s)(?2)'),
    ('a0 b5 b9', '(?1)(?t>5)(?t<9)(?2)'), ('a0 b5 b9', ' (?1) .* (?t >= 6 s) (?2) '),
    ('a0 c1 b2', '(?1).*(?t<=1)(?2)'),
    ('a0 a60 b3600', '(?1)(?t<=1h)(?2)'), ('a0 b90000', '(?1)(?t<1d)(?2)'),
    ('a0 b1 a2 b3 a4', '(?1).*(?2)'), ('a0 a1 a2 a3 a4', '(?1)(?1)'),
    ('ab0', '(?1)(?2)'), ('a0 b0', '(?1)(?2)'), ('a0 b0', '(?2)(?1)'),
    ('c0 c1', '(?1).*(?2)'),
    ('a0 c1 b2', '(?1|3)(?2)'), ('a0 c1 b2', '(?1)(?!2)(?2)'), ('a0 c1 b2', '(?1)(?!1|3)'),
    ('a0 c1 c2 b3', '(?1)(?3)*(?2)'), ('a0 b3', '(?1)(?3)*(?2)'), ('a0 b3', '(?1)(?3)+(?2)'),
    ('a0 b1 c2 a3 c4', '((?1)(?2)?(?3)){2}'), ('a0 a1 a2 a3 a4', '(?1){2,3}'), ('a0 b1 b2 c3', '(?1)((?2){3}|(?2){2})(?3)'),
    ('a0 b1 a2', '^(?2)'), ('a0 b1 a2', '^(?1)'), ('a0 b1 a2', '(?2).*$'), ('a0 b1 a2', '(?2)$'),
    ('a0 b5 b9 c10', '(?1)((?t<=5)(?2))+(?3)'), ('a0 b5 c10', '(?1)(?2)?(?t<=5)(?3)'), ('a0 c10', '(?1)(?2)?(?t<=5)(?3)'),
    ('a0 a6 b9', '(?1).*(?2)(?w<=5s)'), ('a0 b9 c10', '(?1).*(?2).*(?3)(?w<=9)'), ('a0 b9 c10', '(?1).*(?2).*(?3)(?w<10s)')
) AS v(events, pattern), history(events)
GROUP BY events, pattern, v ORDER BY v;

-- no rows
SELECT sequence_match(at, step, '(?1)'), sequence_count(at, step, '(?1)'),
       sequence_match_events(at, step, '(?1)')
FROM history('a0') WHERE false;

-- what came after a, b; what came before b, a
SELECT events, direction, anchor,
       sequence_next_node(at, steps(name ~ 'a', name ~ 'b'), name, true, direction, anchor) AS forward_ab,
       sequence_next_node(at, steps(name ~ 'b', name ~ 'a'), name, true, direction, anchor) AS backward_ba
FROM (VALUES ('x0 a1 b2 y3 a4 b5 z6')) AS v(events),
     (VALUES ('forward', 'head'), ('forward', 'first_match'), ('forward', 'last_match'),
             ('backward', 'tail'), ('backward', 'first_match'), ('backward', 'last_match')) AS d(direction, anchor),
     history(events)
GROUP BY events, direction, anchor, d ORDER BY d;

-- base says which rows may begin the chain
SELECT sequence_next_node(at, steps(name ~ 'a'), name, name = 'a4', 'forward', 'first_match')
FROM history('x0 a1 b2 y3 a4 b5 z6');

-- over a population
SELECT users_matching(user_id, at, steps(name ~ 'a', name ~ 'b'), '(?1).*(?2)')
FROM (VALUES (1, 'a0 b3'), (2, 'b0 a1'), (3, 'x0'), (NULL, 'a0 b1'), (-4, 'a0 a1 b2')) AS users(user_id, events), history(events);
SELECT users_matching(user_id, at, steps(name ~ 'a'), '(?2)') FROM (VALUES (1, 'a0')) AS users(user_id, events), history(events);
SELECT users_matching(1, at, steps(name ~ 'a'), '(?1)') FROM history('a0') WHERE false;

DROP FUNCTION history(text);
