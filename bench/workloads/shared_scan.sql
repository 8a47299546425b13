-- title: Fifty segments in one pass
-- question: Refresh one segment, and 50 segments over the same source. (50 may take at most five times as long as the slowest alone.) The mixed ones are 10 each with counts, filters, sums, funnels and patterns.

-- run: journey, one alone
SELECT bool_and(error IS NULL)::text AS refreshed FROM journey.refresh_segment('bench 20', '2025-04-01 00:00+00');

-- run: journey, another alone
SELECT bool_and(error IS NULL)::text AS refreshed FROM journey.refresh_segment('bench 50', '2025-04-01 00:00+00');

-- run: journey, all 50
SELECT bool_and(error IS NULL)::text AS refreshed
FROM journey.refresh_segments(ARRAY(SELECT 'bench ' || i FROM generate_series(1, 50) AS i), '2025-04-01 00:00+00');

-- run: journey, the slowest mixed one alone
SELECT bool_and(error IS NULL)::text AS refreshed FROM journey.refresh_segment('mixed 49', '2025-04-01 00:00+00');

-- run: journey, all 50 mixed ones
SELECT bool_and(error IS NULL)::text AS refreshed
FROM journey.refresh_segments(ARRAY(SELECT 'mixed ' || i FROM generate_series(1, 50) AS i), '2025-04-01 00:00+00');

-- setup: journey
SELECT journey.add_source('bench', 'events', value => 'amount')
WHERE NOT EXISTS (SELECT FROM journey.sources WHERE name = 'bench');
SELECT count(journey.create_segment('bench ' || i, jsonb_build_object('source', 'bench', 'rule', jsonb_build_object('and', jsonb_build_array(
    jsonb_build_object('did', ev[1 + i % 20]),
    jsonb_build_object('not', jsonb_build_object('did', ev[1 + (i * 7 + 3) % 20], 'within', 10 + i || ' days')))))))
FROM generate_series(1, 50) AS i,
     (SELECT ARRAY['login', 'view_balance', 'view_statement', 'transfer_start', 'transfer_done', 'pay_scan', 'pay_done',
          'card_apply', 'card_bind', 'kyc_start', 'kyc_done', 'fund_view', 'fund_buy', 'loan_view', 'loan_apply',
          'loan_sign', 'coupon_get', 'coupon_use', 'search', 'logout'] AS ev) AS e
WHERE NOT EXISTS (SELECT FROM journey.segments WHERE name = 'bench 1');
SELECT count(journey.create_segment('mixed ' || i, jsonb_build_object('source', 'bench', 'rule', jsonb_build_object('within', 30 + i || ' days') || CASE i % 5
    WHEN 0 THEN jsonb_build_object('did', ev[1 + i % 20], 'count', jsonb_build_object('>=', 1 + i % 7))
    WHEN 1 THEN jsonb_build_object('did', ev[1 + i % 20], 'where', jsonb_build_object('value', jsonb_build_object('>', i)))
    WHEN 2 THEN jsonb_build_object('did', ev[1 + i % 20], 'sum', 'value', 'is', jsonb_build_object('>=', 100 * i))
    WHEN 3 THEN jsonb_build_object('sequence', jsonb_build_array(ev[1 + i % 20], ev[1 + (i * 7 + 3) % 20]), 'in', 1 + i % 7 || ' days')
    ELSE jsonb_build_object('sequence', jsonb_build_array(ev[1 + i % 20], ev[1 + (i * 7 + 3) % 20], ev[1 + (i * 3 + 5) % 20]), 'pattern', '(?1)(?t<=' || 1 + i % 7 || 'd)(?2|3)')
    END)))
FROM generate_series(1, 50) AS i,
     (SELECT ARRAY['login', 'view_balance', 'view_statement', 'transfer_start', 'transfer_done', 'pay_scan', 'pay_done',
          'card_apply', 'card_bind', 'kyc_start', 'kyc_done', 'fund_view', 'fund_buy', 'loan_view', 'loan_apply',
          'loan_sign', 'coupon_get', 'coupon_use', 'search', 'logout'] AS ev) AS e
WHERE NOT EXISTS (SELECT FROM journey.segments WHERE name = 'mixed 1');
