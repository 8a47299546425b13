-- title: A tracking plan of 30 rules
-- question: How many events break a rule, over 30 rules of seven events? (One filter alone is one thirtieth of the question.)

-- run: plain
SELECT (count(*) FILTER (WHERE event = 'login' AND amount IS NULL)
    + count(*) FILTER (WHERE event = 'login' AND amount < 100)
    + count(*) FILTER (WHERE event = 'login' AND amount > 60000)
    + count(*) FILTER (WHERE event = 'login' AND channel NOT IN ('app', 'wechat', 'web', 'branch'))
    + count(*) FILTER (WHERE event = 'transfer_done' AND amount IS NULL)
    + count(*) FILTER (WHERE event = 'transfer_done' AND amount < 100)
    + count(*) FILTER (WHERE event = 'transfer_done' AND amount > 60000)
    + count(*) FILTER (WHERE event = 'transfer_done' AND channel NOT IN ('app', 'wechat', 'web', 'branch'))
    + count(*) FILTER (WHERE event = 'pay_done' AND amount IS NULL)
    + count(*) FILTER (WHERE event = 'pay_done' AND amount < 100)
    + count(*) FILTER (WHERE event = 'pay_done' AND amount > 60000)
    + count(*) FILTER (WHERE event = 'pay_done' AND channel NOT IN ('app', 'wechat', 'web', 'branch'))
    + count(*) FILTER (WHERE event = 'card_apply' AND amount IS NULL)
    + count(*) FILTER (WHERE event = 'card_apply' AND amount < 100)
    + count(*) FILTER (WHERE event = 'card_apply' AND amount > 60000)
    + count(*) FILTER (WHERE event = 'card_apply' AND channel NOT IN ('app', 'wechat', 'web', 'branch'))
    + count(*) FILTER (WHERE event = 'kyc_done' AND amount IS NULL)
    + count(*) FILTER (WHERE event = 'kyc_done' AND amount < 100)
    + count(*) FILTER (WHERE event = 'kyc_done' AND amount > 60000)
    + count(*) FILTER (WHERE event = 'kyc_done' AND channel NOT IN ('app', 'wechat', 'web', 'branch'))
    + count(*) FILTER (WHERE event = 'fund_buy' AND amount IS NULL)
    + count(*) FILTER (WHERE event = 'fund_buy' AND amount < 100)
    + count(*) FILTER (WHERE event = 'fund_buy' AND amount > 60000)
    + count(*) FILTER (WHERE event = 'fund_buy' AND channel NOT IN ('app', 'wechat', 'web', 'branch'))
    + count(*) FILTER (WHERE event = 'loan_apply' AND amount IS NULL)
    + count(*) FILTER (WHERE event = 'loan_apply' AND amount < 100)
    + count(*) FILTER (WHERE event = 'loan_apply' AND amount > 60000)
    + count(*) FILTER (WHERE event = 'loan_apply' AND channel NOT IN ('app', 'wechat', 'web', 'branch'))
    + count(*) FILTER (WHERE user_id IS NULL)
    + count(*) FILTER (WHERE at IS NULL))::numeric AS bad
FROM events;

-- setup: journey
SELECT journey.add_source('planned', 'events', attrs => '{"amount": "amount", "channel": "channel"}')
WHERE NOT EXISTS (SELECT FROM journey.sources WHERE name = 'planned');
SELECT journey.create_plan('planned', 'planned', '{"events": {"login": {"attributes": {"amount": {"required": true, "min": 100, "max": 60000}, "channel": {"values": ["app", "wechat", "web", "branch"]}}}, "transfer_done": {"attributes": {"amount": {"required": true, "min": 100, "max": 60000}, "channel": {"values": ["app", "wechat", "web", "branch"]}}}, "pay_done": {"attributes": {"amount": {"required": true, "min": 100, "max": 60000}, "channel": {"values": ["app", "wechat", "web", "branch"]}}}, "card_apply": {"attributes": {"amount": {"required": true, "min": 100, "max": 60000}, "channel": {"values": ["app", "wechat", "web", "branch"]}}}, "kyc_done": {"attributes": {"amount": {"required": true, "min": 100, "max": 60000}, "channel": {"values": ["app", "wechat", "web", "branch"]}}}, "fund_buy": {"attributes": {"amount": {"required": true, "min": 100, "max": 60000}, "channel": {"values": ["app", "wechat", "web", "branch"]}}}, "loan_apply": {"attributes": {"amount": {"required": true, "min": 100, "max": 60000}, "channel": {"values": ["app", "wechat", "web", "branch"]}}}}}')
WHERE NOT EXISTS (SELECT FROM journey.plans WHERE name = 'planned');

-- run: journey
SELECT sum(bad) AS bad FROM journey.check_plan('planned');
