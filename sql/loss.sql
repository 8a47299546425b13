-- loss: why the users of a funnel stopped at a step.
SET search_path = journey, public;
SET timezone = 'UTC';
SET intervalstyle = 'postgres';

CREATE TABLE card_log (user_id int, at timestamptz, event text);
INSERT INTO card_log VALUES
    (1, '2026-03-01 09:00', 'register'), (1, '2026-03-01 09:05', 'bind_card'), (1, '2026-03-02 10:00', 'buy_fund'),
    (2, '2026-03-01 10:00', 'register'), (2, '2026-03-01 10:02', 'help'), (2, '2026-03-12 08:00', 'bind_card'),
    (3, '2026-03-02 11:00', 'bind_card'), (3, '2026-03-02 12:00', 'register'),
    (4, '2026-03-04 16:00', 'register'), (4, '2026-03-04 16:01', 'bind_failed'),
    (5, '2026-03-14 09:00', 'register');

SELECT * FROM loss_reasons((SELECT funnel_losses(user_id, at, event, step_of(event, '{register,bind_card,buy_fund}'), '7 days', '', '2026-03-15') FROM card_log));
SELECT * FROM loss_nodes((SELECT funnel_losses(user_id, at, event, step_of(event, '{register,bind_card,buy_fund}'), '7 days', '', '2026-03-15') FROM card_log));
SELECT * FROM unnest((SELECT loss_members(user_id, at, event, step_of(event, '{register,bind_card,buy_fund}'), '7 days', '', '2026-03-15') FROM card_log));
SELECT rollup(s) FROM (SELECT funnel_losses(user_id, at, event, step_of(event, '{register,bind_card}'), '7 days') AS s FROM card_log GROUP BY user_id % 2) g;

-- bad input
SELECT funnel_losses(user_id, at, event, step_of(event, '{register,bind_card}'), '7 days', 'count sessions') FROM card_log;
SELECT funnel_losses(user_id, at, event, step_of(event, '{register,bind_card}'), '1 month') FROM card_log;
SELECT '{"version": 2}'::loss_stats;
DROP TABLE card_log;
