-- # The table
-- What has the bank recorded?
SELECT channel, count(*) AS events, count(DISTINCT user_id) AS customers,
       min(at)::date AS first_day, max(at)::date AS last_day
FROM events
GROUP BY channel
ORDER BY events DESC;

-- # Data quality
-- Can the log be trusted? Rows that came twice, and rows without a customer, of the most frequent events.
SELECT event, rows, users AS customers, duplicate_rows, null_users, null_times
FROM quality_events((SELECT log_quality(user_id, at, NULL, event, NULL::text, 'day') FROM events))
ORDER BY rows DESC, event
LIMIT 6;

-- # Identity
-- A customer is a device, then a WeChat account, then a number. Who has the most ids?
SELECT create_identity_space('people', '{customer,openid,device}') \gset
SELECT add_identity_links('people', 'logins', 'device', 'device', 'openid', 'openid'),
       add_identity_links('people', 'bindings', 'openid', 'openid', 'customer', 'user_id') \gset
SELECT customers FROM refresh_identities('people', '2026-01-01') \gset
WITH person AS (
  SELECT identify('people', 'openid', openid) AS id
  FROM logins JOIN bindings AS b USING (openid)
  GROUP BY 1
  ORDER BY count(*) DESC, min(b.user_id)
  LIMIT 1
)
SELECT i.id_type, i.id, i.since::date AS since FROM person AS p, identities('people', p.id) AS i;

-- # Funnel
-- How far do newcomers get in opening an account within a week, and which channel
-- brings the customers who get there?
WITH reached AS (
  SELECT user_id,
         window_funnel(at, step_of(event,
           '{visit,register,kyc_start,kyc_pass,card_bind,first_deposit}'),
           '7 days') AS step
  FROM events
  GROUP BY user_id
)
SELECT coalesce(channel, 'all') AS channel, count(*) AS visitors,
       round(100 * avg((step >= 2)::int), 1) AS "register %",
       round(100 * avg((step >= 4)::int), 1) AS "KYC %",
       round(100 * avg((step >= 5)::int), 1) AS "card %",
       round(100 * avg((step >= 6)::int), 1) AS "deposit %",
       repeat('█', (20 * avg((step >= 6)::int))::int) AS deposit
FROM reached JOIN customers USING (user_id)
GROUP BY ROLLUP (channel)
ORDER BY avg((step >= 6)::int) DESC;

-- # Drop-off
-- Where do we lose them, and how long does each step take those who go on?
SELECT name AS step, users AS customers, dropped_off AS lost_here,
       date_trunc('second', median_time) AS median_time,
       date_trunc('second', p90_time) AS "90% within",
       repeat('█', (20 * conversion_rate)::int) AS "left"
FROM funnel_steps((
       SELECT funnel(user_id, at, step_of(event,
                '{visit,register,kyc_start,kyc_pass,card_bind,first_deposit}'),
                '7 days')
       FROM events)) AS f
JOIN unnest('{visit,register,kyc_start,kyc_pass,card_bind,first_deposit}'::text[])
     WITH ORDINALITY AS s(name, n) ON n = step
ORDER BY f.step;

-- # The people behind the number
-- Whom should we call? They passed the identity check this week and bound no card.
WITH f AS (
  SELECT user_id,
         window_funnel_times(at, step_of(event,
           '{visit,register,kyc_start,kyc_pass,card_bind}'), '7 days') AS t
  FROM events
  GROUP BY user_id
)
SELECT user_id, channel, city_tier, age_band, t[4]::timestamp(0) AS passed_kyc
FROM f JOIN customers USING (user_id)
WHERE cardinality(t) = 4 AND t[4] >= '2025-12-25'
ORDER BY t[4] DESC
LIMIT 8;

-- # Retention
-- Of the customers who joined in a month, how many % still came in month 1, 2, 3 … after?
SELECT cohort_date, max(cohort_users) AS joined,
       round(100 * max(retention_rate) FILTER (WHERE period = 1)) AS "month 1",
       round(100 * max(retention_rate) FILTER (WHERE period = 2)) AS "month 2",
       round(100 * max(retention_rate) FILTER (WHERE period = 3)) AS "month 3",
       round(100 * max(retention_rate) FILTER (WHERE period = 4)) AS "month 4",
       round(100 * max(retention_rate) FILTER (WHERE period = 5)) AS "month 5"
FROM retention_cells((SELECT cohort_retention(user_id, at, event = 'kyc_pass', true, 'month', 5)
                      FROM events))
WHERE complete
GROUP BY cohort_date
ORDER BY cohort_date;

-- # Activity
-- Month by month: who is new, who comes back, whom do we get back, whom do we lose?
SELECT to_char(l.bucket_date, 'YYYY-MM') AS month, l.active, l.new, l.returning, l.resurrected, l.dormant,
       repeat('█', (30.0 * l.dormant / nullif(lag(l.active) OVER (ORDER BY l.bucket), 0))::int) AS "lost of last month"
FROM lifecycle_buckets((SELECT lifecycle(user_id, at, 'month') FROM events)) AS l
WHERE l.complete
ORDER BY l.bucket;

-- # Channels
-- What does each channel bring, from the first visit to the first fund, and is it worth its cost?
SELECT channel, new_users AS visitors, activated_users AS opened_account,
       round(100 * retention_rate) AS "back in month 2 %", converted_users AS bought_fund,
       date_trunc('hour', median_time) AS median_time, round(cost) AS cost,
       round(cost_per_user) AS "per visitor", round(cost_per_conversion) AS "per fund",
       round(return_on_spend) AS "sold per 1 spent"
FROM (SELECT funnel_breakdown(user_id, at, step_of(event, '{visit,kyc_pass,fund_buy}'),
               '90 days', channel, 'first_touch', 'first_chain') AS funnel,
             cohort_retention_by(user_id, at, event = 'kyc_pass', true, channel, 'month', 2) AS retention,
             attribution(user_id, at, CASE WHEN event IN ('visit', 'app_open', 'wechat_open', 'web_login',
                           'branch_visit', 'call') THEN channel END,
               event = 'fund_buy', amount, '30 days') AS credit
      FROM events) AS e,
     channel_report(funnel, retention, credit,
       (SELECT json_object_agg(channel, cost) FROM spend), 'linear');

-- # Attribution
-- Which channel sells funds? Five models, and one that learns from all paths, side by side:
-- of 100 funds that are bought, how many does each credit to a channel?
WITH credit AS MATERIALIZED (
  SELECT attribution(user_id, at, CASE WHEN event IN ('visit', 'app_open', 'wechat_open', 'web_login',
                       'branch_visit', 'call') THEN channel END,
           event = 'fund_buy', '30 days') AS result
  FROM events
)
SELECT touch AS channel, (max(100 * share) FILTER (WHERE model = 'first'))::numeric(4, 1) AS "first",
       (max(100 * share) FILTER (WHERE model = 'last'))::numeric(4, 1) AS "last",
       (max(100 * share) FILTER (WHERE model = 'linear'))::numeric(4, 1) AS linear,
       (max(100 * share) FILTER (WHERE model = 'position'))::numeric(4, 1) AS position,
       (max(100 * share) FILTER (WHERE model = 'time_decay'))::numeric(4, 1) AS time_decay,
       (max(100 * share) FILTER (WHERE model = 'markov'))::numeric(4, 1) AS markov
FROM (SELECT m.model, m.touch, m.share FROM credit, attribution_models(result) AS m
      UNION ALL SELECT 'markov', m.touch, m.share FROM credit, attribution_markov(result) AS m) AS models
GROUP BY touch
ORDER BY linear DESC;

-- # Patterns
-- Who failed the identity check twice within the hour, and did they call us that day?
WITH s AS (
  SELECT user_id,
         sequence_match(at, step_of(event, '{kyc_fail,call}'),
                        '(?1)(?t<=1h)(?1)') AS failed_twice,
         sequence_match(at, step_of(event, '{kyc_fail,call}'),
                        '(?1)(?t<=1h)(?1)(?t<=1d)(?2)') AS then_called
  FROM events
  GROUP BY user_id
  HAVING bool_or(event = 'kyc_start')
)
SELECT channel, count(*) AS started_kyc,
       count(*) FILTER (WHERE failed_twice) AS failed_twice,
       round(100 * avg(failed_twice::int), 1) AS "failed twice %",
       count(*) FILTER (WHERE then_called) AS then_called
FROM s JOIN customers USING (user_id)
GROUP BY channel
ORDER BY "failed twice %" DESC;

-- # How often
-- How many loan applications did we answer within one, two, three days?
WITH s AS (
  SELECT user_id, count(*) FILTER (WHERE event = 'loan_apply') AS applied,
         sequence_count(at, steps(event = 'loan_apply',
           event IN ('loan_approve', 'loan_reject')), '(?1)(?t<=1d)(?2)') AS in_1,
         sequence_count(at, steps(event = 'loan_apply',
           event IN ('loan_approve', 'loan_reject')), '(?1)(?t<=2d)(?2)') AS in_2,
         sequence_count(at, steps(event = 'loan_apply',
           event IN ('loan_approve', 'loan_reject')), '(?1)(?t<=3d)(?2)') AS in_3
  FROM events
  GROUP BY user_id
)
SELECT age_band, sum(applied) AS applications,
       round(100 * sum(in_1) / sum(applied), 1) AS "1 day %",
       round(100 * sum(in_2) / sum(applied), 1) AS "2 days %",
       round(100 * sum(in_3) / sum(applied), 1) AS "3 days %"
FROM s JOIN customers USING (user_id)
GROUP BY age_band
ORDER BY age_band;

-- # How long
-- And how long do we take to answer an application, from the latest one on?
SELECT age_band, s.count AS answers, s.users AS customers,
       date_trunc('minute', s.p25_time) AS "25% within", date_trunc('minute', s.median_time) AS "50% within",
       date_trunc('minute', s.p75_time) AS "75% within", date_trunc('minute', s.max_time) AS longest
FROM (SELECT age_band,
             intervals(user_id, at, steps(event = 'loan_apply',
               event IN ('loan_approve', 'loan_reject')), '30 days', 'latest') AS result
      FROM events JOIN customers USING (user_id)
      GROUP BY age_band) AS g,
     interval_summary(result) AS s
ORDER BY age_band;

-- # Next step
-- What do people do right after the first time they fail the identity check?
WITH s AS (
  SELECT sequence_next_node(at, step_of(event, '{kyc_fail}'), event, true,
                            'forward', 'first_match') AS next_event
  FROM events
  GROUP BY user_id
  HAVING bool_or(event = 'kyc_fail')
)
SELECT coalesce(next_event, '(never seen again)') AS next_event, count(*) AS customers,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS "%",
       repeat('█', (30.0 * count(*) / sum(count(*)) OVER ())::int) AS share
FROM s
GROUP BY 1
ORDER BY customers DESC
LIMIT 8;

-- # Sessions
-- How long are visits in December, and how many end after the first screen?
SELECT channel, sessions, users AS customers, round(avg_depth::numeric, 1) AS events_each,
       date_trunc('second', median_duration) AS median_length,
       round(100 * bounce_rate::numeric, 1) AS "one screen %"
FROM session_channels((SELECT sessions_by_channel(user_id, at, channel, event, '30 minutes')
                       FROM events
                       WHERE at >= '2025-12-01'))
ORDER BY sessions DESC;

-- # Traffic
-- Where do these visits begin, where do they end, and how long do customers stay there?
SELECT node AS screen, events, users AS customers, entries, exits,
       round(100 * exit_rate::numeric, 1) AS "exit %",
       date_trunc('second', median_time) AS median_time,
       repeat('█', (30.0 * exits / sum(exits) OVER ())::int) AS "of all exits"
FROM session_nodes((SELECT sessions(user_id, at, event, '30 minutes')
                    FROM events
                    WHERE at >= '2025-12-01'))
ORDER BY events DESC
LIMIT 10;

-- # Paths
-- Which way do newcomers walk from their first visit? A row is a band of a Sankey diagram.
SELECT position, source, target, users AS customers,
       date_trunc('second', median_time) AS median_time,
       repeat('█', ceil(24.0 * users / max(users) OVER ())::int) AS flow
FROM (SELECT *
      FROM flow_links((
             SELECT path_flow(user_id, at, event, '7 days', 5, 'visit', NULL,
                      'collapse, top 4')
             FROM events))
      ORDER BY users DESC
      LIMIT 14) AS widest
ORDER BY position, users DESC, source, target;

-- # Losses
-- Why do customers stop on the way to a card, and what do they do instead?
SELECT (ARRAY['kyc_start', 'kyc_pass'])[step] AS "stopped at", reason, users AS customers,
       round(100 * share::numeric, 1) AS "%", median_lateness::interval(0) AS "too late by", instead
FROM (SELECT funnel_losses(user_id, at, event, step_of(event, '{kyc_start,kyc_pass,card_bind}'),
                           '1 day', '', '2026-01-01') AS l
      FROM events) AS losses, loss_reasons(l),
     LATERAL (SELECT string_agg(node, ', ' ORDER BY n.users DESC) AS instead
              FROM loss_nodes(l, 3) AS n
              WHERE n.step = loss_reasons.step AND n.reason = loss_reasons.reason) AS nodes
ORDER BY step, users DESC;

-- # The drivers of churn
-- What do customers do in the 30 days after their first deposit who are not seen again in the
-- next 30, and what do others do? Odds of staying with it, by those without it.
WITH e AS (
  SELECT user_id, at, event, channel,
         min(at) FILTER (WHERE event = 'first_deposit') OVER (PARTITION BY user_id) AS opened
  FROM events
)
SELECT factor, users_with AS "with", users_without AS without,
       round(100 - 100 * rate_with) AS "left % with", round(100 - 100 * rate_without) AS "left % without",
       round(odds_ratio::numeric, 2) AS "odds of staying",
       round(lower::numeric, 2) AS lower, round(upper::numeric, 2) AS upper,
       round(adjusted_odds_ratio::numeric, 2) AS "in the same channel", round(q_value::numeric, 4) AS q_value
FROM driver_rows((SELECT event_drivers(user_id, at, event, at = opened,
                                       at > opened + interval '30 days', '60 days', 'days 30', channel)
                  FROM e))
ORDER BY q_value, factor
LIMIT 8;

-- # A test of the test
-- Two halves of the customers who begin, chosen by assign_variant, see the same page. Does
-- the experiment say so? With a new page for one half, this is the A/B test.
SELECT variant, users AS customers, round(100 * mean::numeric, 1) AS "% who bind a card",
       round(100 * difference::numeric, 1) AS difference,
       round(100 * lower::numeric, 1) || ' to ' || round(100 * upper::numeric, 1) AS "95 % interval",
       round(p_value::numeric, 2) AS p, round(sequential_p_value::numeric, 2) AS "p at any time"
FROM experiment_results((
       SELECT experiment(user_id, at,
                assign_variant(user_id, 'card page', '{"control": 50, "new": 50}'),
                event = 'kyc_start', event = 'card_bind', '7 days')
       FROM events), 'control');

-- # The classic
-- Who bought a fund, still holds it, and has not opened the app for over a month?
SELECT user_id, age_band, city_tier,
       sum(amount) FILTER (WHERE event = 'fund_buy') AS bought,
       max(at) FILTER (WHERE event = 'app_open')::date AS last_opened,
       count(*) OVER () AS "customers in all"
FROM events JOIN customers USING (user_id)
GROUP BY user_id, age_band, city_tier
HAVING window_funnel(at, step_of(event, '{fund_buy,fund_redeem}'), '600 days') = 1
   AND max(at) FILTER (WHERE event = 'app_open') < timestamptz '2026-01-01' - interval '31 days'
ORDER BY bought DESC
LIMIT 8;

-- # Segment
-- Whoever bought a fund and has not opened the app for over a month, or never, redeemed
-- or not, as a segment with a history: how many are they, week by week?
SELECT add_source('bank', 'events', attrs => '{"channel": "channel"}', value => 'amount') \gset
SELECT create_segment('dormant fund buyers', '{"source": "bank", "rule": {"and": [
         {"did": "fund_buy"},
         {"not": {"did": "app_open", "within": "31 days"}}]}}') \gset
SELECT count(*) AS versions
FROM generate_series(timestamptz '2025-11-06', '2026-01-01', '7 days') AS week,
     refresh_segment('dormant fund buyers', week) \gset
SELECT as_of::date, users AS customers, entered, exited,
       date_trunc('milliseconds', duration) AS took
FROM segment_trend('dormant fund buyers');

-- # Lifecycle
-- In which stage of life are the customers who use the bank?
SELECT create_tag('stage', '{"source": "bank", "event": ["app_open", "wechat_open", "transfer_done", "fund_buy"],
         "new": "30 days", "active": "30 days", "returned": "90 days", "dormant": "120 days"}', 'lifecycle') \gset
SELECT count(*) AS refreshed FROM refresh_tag('stage', '2026-01-01') \gset
SELECT value AS stage, users AS customers, round(100 * share::numeric, 1) AS "%",
       repeat('█', (40 * share)::int) AS share
FROM tag_summary('stage');

-- # RFM
-- Which fund buyers are worth most, and in which stage are these?
SELECT create_tag('fund value', '{"source": "bank", "event": "fund_buy", "within": "365 days"}', 'rfm') \gset
SELECT count(*) AS refreshed FROM refresh_tag('fund value', '2026-01-01') \gset
SELECT value_a AS fund_value, value_b AS stage, users AS customers, round(100 * share::numeric, 1) AS "%"
FROM tag_cross('fund value', 'stage')
WHERE value_a LIKE 'important%'
ORDER BY value_a, users DESC;

-- # One customer
-- Who is on the line? All that is known of one of the valuable customers we are losing.
SELECT kind, name, value, at::timestamp(0)
FROM profile((SELECT userset_min(segment('dormant fund buyers')
                                  & tag_users('fund value', 'important win-back'))),
             '2026-01-01', events => 5);
