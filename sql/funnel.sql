-- window_funnel and window_funnel_times: how far users get.
SET search_path = journey, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

CREATE TABLE log (user_id int, at timestamptz, event text);
INSERT INTO log VALUES
    (1, '2026-01-01 09:00', 'register'), (1, '2026-01-01 09:05', 'bind_card'), (1, '2026-01-03 10:00', 'buy_fund'),
    (2, '2026-01-01 09:00', 'register'), (2, '2026-01-09 09:00', 'bind_card'),
    (3, '2026-01-02 09:00', 'bind_card'), (3, '2026-01-02 09:01', 'register'),
    (4, '2026-01-02 09:00', 'open_app'),
    (5, '2026-01-02 09:00', 'register'), (5, '2026-01-02 09:00', 'bind_card'), (5, '2026-01-02 09:00', 'buy_fund'),
    (6, NULL, 'register');

SELECT user_id,
       window_funnel(at, step_of(event, ARRAY['register', 'bind_card', 'buy_fund']), '7 days') AS level,
       window_funnel_times(at, step_of(event, ARRAY['register', 'bind_card', 'buy_fund']), '7 days') AS times
FROM log GROUP BY user_id ORDER BY user_id;

-- the window is inclusive
SELECT within, window_funnel(at, step_of(event, ARRAY['register', 'bind_card']), within) AS level
FROM log, (VALUES (interval '8 days'), ('7 days 23:59:59.999999')) AS w(within)
WHERE user_id = 2 GROUP BY within ORDER BY within;

-- no rows, no conditions
SELECT window_funnel(at, '1', '1 day'), window_funnel_times(at, '1', '1 day') FROM log WHERE false;
SELECT window_funnel(at, '000', '1 day'), window_funnel_times(at, '000', '1 day') FROM log;

-- modes, on one history each: letters are the conditions an event meets
CREATE FUNCTION history(text) RETURNS TABLE (at timestamptz, step stepset)
LANGUAGE sql IMMUTABLE SET search_path = journey, pg_catalog AS $$
    -- 'a0 b3 ab5' is three events at seconds 0, 3 and 5, of conditions a, b, c
    SELECT timestamptz 'epoch' + substring(e from '\d+')::int * interval '1 s',
           steps(e ~ 'a', e ~ 'b', e ~ 'c')
    FROM regexp_split_to_table($1, ' ') AS e
$$;
SELECT events, mode, window_funnel(at, step, '10 s', mode) AS level,
       window_funnel_times(at, step, '10 s', mode)::text AS times
FROM (VALUES
    ('a0 b1 c2', ''),
    ('a0 c1 b2', ''), ('a0 c1 b2', 'any_order'), ('a0 c1 b12', 'any_order'),
    ('a0 x1 b2 c3', 'strict_order'), ('a0 c1 b2 c3', 'strict_order'),
    ('a0 c1 b2 c3', 'strict_order, allow_reentry'),
    ('a0 b1 b2 c3', ''), ('a0 b1 b2 c3', 'strict_deduplication'),
    ('a0 b0 c1', ''), ('a0 b0 c1', 'strict_increase'), ('a0 a1 b1', 'strict_increase'),
    ('ab0 c1', ''), ('ab0 c1', 'strict_once'), ('ab0 ab0 c1', 'strict_once')
) AS v(events, mode), history(events)
GROUP BY events, mode, v ORDER BY v;

-- a repeated start: the latest one leaves the most of the window
SELECT window_funnel_times(at, step, '5 s') FROM history('a0 a4 b5 b6 c9');

-- as a window aggregate, the level so far
SELECT at, event, window_funnel(at, step_of(event, ARRAY['register', 'bind_card', 'buy_fund']), '7 days') OVER (ORDER BY at)
FROM log WHERE user_id = 1;

DROP FUNCTION history(text);
DROP TABLE log;
