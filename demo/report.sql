-- report: The bank in 2025
-- The report that scripts/demo writes with journey-report.

-- # Channels
-- kind: bar
-- options: {"value": "customers"}
SELECT channel, cardinality(userset_agg(user_id)) AS customers, count(*) AS events
FROM events
GROUP BY channel
ORDER BY customers DESC;

-- # Events by month
SELECT event_metrics(user_id, at, channel, 'month')
FROM events;

-- # From the first visit to the first deposit, within a week
-- options: {"names": ["visit", "register", "identity check", "check passed", "card bound", "deposit"]}
SELECT funnel(user_id, at, step_of(event, '{visit,register,kyc_start,kyc_pass,card_bind,first_deposit}'), '7 days')
FROM events;

-- # The same by the channel of the first visit
-- kind: funnel_breakdown
-- options: {"names": ["visit", "register", "check passed", "fund bought"]}
SELECT funnel_breakdown(user_id, at, step_of(event, '{visit,register,kyc_pass,fund_buy}'), '90 days', channel, 'first_touch', 'first_chain')
FROM events;

-- # Who still comes, by months since the account was opened
-- options: {"percent_format": "0%"}
SELECT cohort_retention(user_id, at, event = 'kyc_pass', true, 'month', 12, '', '', '2026-01-01')
FROM events;

-- # Customers by month
SELECT lifecycle(user_id, at, 'month', '', '2026-01-01')
FROM events;

-- # Weekdays and hours
SELECT week_hours(user_id, at)
FROM events;

-- # Sessions in December
SELECT sessions(user_id, at, event, '30 minutes')
FROM events
WHERE at >= '2025-12-01';

-- # How long an application takes
SELECT intervals(user_id, at, steps(event = 'loan_apply', event IN ('loan_approve', 'loan_reject')), '30 days', 'latest')
FROM events;

-- # Which channel sells funds
-- options: {"value": "share"}
SELECT attribution(user_id, at, CASE WHEN event IN ('visit', 'app_open', 'wechat_open', 'web_login', 'branch_visit', 'call') THEN channel END,
         event = 'fund_buy', '30 days')
FROM events;

-- # Funds bought, by age
-- kind: line
SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date AS month, age_band, sum(amount) AS amount
FROM events JOIN customers USING (user_id)
WHERE event = 'fund_buy'
GROUP BY 1, 2
ORDER BY 1, 2;

-- # Best customers
SELECT user_id, age_band, city_tier, sum(amount) AS bought, count(*) AS purchases, max(at)::date AS last_purchase
FROM events JOIN customers USING (user_id)
WHERE event = 'fund_buy'
GROUP BY user_id, age_band, city_tier
ORDER BY bought DESC, user_id
LIMIT 20;
