-- title: Shape: sequence_match GROUP BY user_id
-- question: How many customers have a transfer started, done within an hour, and a coupon used later?

-- run: journey
SET journey.enable_aggregate = on;
SELECT count(*) FILTER (WHERE m) FROM (SELECT sequence_match(at, step_of(event, ARRAY['transfer_start', 'transfer_done', 'coupon_use']), '(?1)(?t<=3600)(?2).*(?3)') AS m FROM events GROUP BY user_id) AS u;

-- run: clickhouse
SELECT countIf(m) FROM (SELECT sequenceMatch('(?1)(?t<=3600)(?2).*(?3)')(at, event = 'transfer_start', event = 'transfer_done', event = 'coupon_use') AS m FROM events GROUP BY user_id);
