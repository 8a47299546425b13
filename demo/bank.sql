-- A synthetic bank: 18 months of customers who meet the bank in one of five channels,
-- open an account or give up on the way, live with it, go quiet, leave, and sometimes
-- come back. scripts/demo loads this file, calls bank.add_customers() in batches and
-- then bank.finish().
--
-- Everything is a hash of (customer, occasion), in integer and exact float arithmetic:
-- the same customers on every run and on every version of PostgreSQL.

CREATE TABLE customers (
	user_id    bigint PRIMARY KEY,
	first_seen date NOT NULL,
	channel    text NOT NULL,		-- where the bank first met the customer
	city_tier  int  NOT NULL,		-- 1 the largest cities … 4 the countryside
	age_band   text NOT NULL
);
COMMENT ON TABLE customers IS 'everyone the bank has met, whether or not they opened an account';

CREATE TABLE events (
	user_id bigint NOT NULL,
	at      timestamptz NOT NULL,
	event   text NOT NULL,
	channel text NOT NULL,			-- where it happened
	product text,
	amount  numeric(12,2)
);
COMMENT ON TABLE events IS 'everything customers did, from 2024-07-01 to 2025-12-31';

CREATE TABLE spend (
	month   date NOT NULL,
	channel text NOT NULL,
	cost    numeric(12,2) NOT NULL
);
COMMENT ON TABLE spend IS 'what the bank spent on each channel to win customers';

CREATE TABLE logins (
	device text NOT NULL,
	openid text NOT NULL,			-- of WeChat
	at     timestamptz NOT NULL
);
COMMENT ON TABLE logins IS 'the first time that a WeChat account was used on a device';

CREATE TABLE bindings (
	openid  text NOT NULL,
	user_id bigint NOT NULL,
	at      timestamptz NOT NULL
);
COMMENT ON TABLE bindings IS 'when a customer bound a WeChat account';

CREATE SCHEMA bank;
CREATE UNLOGGED TABLE bank.unordered (LIKE events);

-- The nth random number in [0, 1) of one thing.
CREATE FUNCTION bank.rnd(thing bigint, n bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(thing, n) & 9007199254740991)::float8 / 9007199254740992.0::float8;

-- Weights as running shares of their sum, as width_bucket() takes them.
CREATE FUNCTION bank.running(weights float8[]) RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT array_agg(s / total ORDER BY i)
		FROM (SELECT i, sum(w) OVER (ORDER BY i) AS s, sum(w) OVER () AS total
			  FROM unnest(weights) WITH ORDINALITY AS u(w, i)) AS r);

-- ---- what channels are like -------------------------------------------------------

CREATE TABLE bank.channel (
	channel text PRIMARY KEY,
	share   float8 NOT NULL,		-- of new customers
	opening text NOT NULL,			-- the event a visit starts with
	effort  float8 NOT NULL,		-- >1: fewer get through a process
	loyalty float8 NOT NULL,		-- >1: customers stay longer
	age     float8[] NOT NULL,		-- running shares of the age bands
	hour    float8[] NOT NULL		-- running shares of the hours of a day
);
INSERT INTO bank.channel
SELECT channel, share, opening, effort, loyalty, bank.running(age), bank.running(hour)
FROM (VALUES
	('app', 0.34, 'app_open', 1.00, 1.15, '{24,34,22,13,7}'::float8[],
	 '{9,5,3,2,2,4,14,34,48,42,40,44,58,48,38,36,36,40,46,54,64,66,48,24}'::float8[]),
	('wechat', 0.30, 'wechat_open', 1.35, 0.60, '{30,34,20,11,5}',
	 '{12,6,3,2,2,4,12,30,40,36,36,44,62,48,36,34,36,42,52,62,72,76,56,30}'),
	('web', 0.16, 'web_login', 1.10, 0.90, '{10,28,30,22,10}',
	 '{3,2,1,1,1,2,6,20,52,68,70,62,44,56,66,64,58,44,26,26,30,28,16,7}'),
	('branch', 0.12, 'branch_visit', 0.60, 1.40, '{4,12,22,30,32}',
	 '{0,0,0,0,0,0,0,0,8,78,90,80,42,52,74,76,58,10,0,0,0,0,0,0}'),
	('call_centre', 0.08, 'call', 0.85, 0.80, '{8,18,26,28,20}',
	 '{2,1,1,1,1,2,4,14,44,72,76,64,40,50,66,64,56,44,30,22,18,12,6,3}')
) AS c(channel, share, opening, effort, loyalty, age, hour);

-- How busy each day is: weekdays, the days after pay day (the 10th), shopping day
-- (11 November), year end, and the spring festival, when people are elsewhere.
CREATE TABLE bank.day AS
SELECT day, i::int,
	   (ARRAY[0.75, 1.00, 0.98, 0.97, 1.00, 1.08, 0.85])[1 + extract(dow FROM day)::int]
	   * CASE WHEN extract(day FROM day) BETWEEN 10 AND 12 THEN 1.6
			  WHEN extract(day FROM day) >= 27 THEN 1.15 ELSE 1 END
	   * CASE WHEN to_char(day, 'MM-DD') = '11-11' THEN 1.3
			  WHEN to_char(day, 'MM-DD') >= '12-15' THEN 1.3 ELSE 1 END
	   * CASE WHEN day BETWEEN '2025-01-28' AND '2025-02-04' THEN 0.5 ELSE 1 END AS weight
FROM (SELECT date '2024-07-01' + i AS day, i FROM generate_series(0, 548) AS i) AS d;

-- ---- what a process looks like ----------------------------------------------------

-- A customer draws one number u per process, times the channel's effort, and meets the
-- events whose [floor, reach) contains it: the smaller u, the further they get.
CREATE TABLE bank.script (
	process text NOT NULL,
	channel text,					-- NULL: any
	n       int NOT NULL,			-- position in the process
	event   text,					-- NULL: the channel's opening
	elsewhere text,					-- the channel it happens in, if another
	product text,
	floor   float8 NOT NULL,
	reach   float8 NOT NULL,
	odds    float8 NOT NULL,		-- chance that it happens to one who gets there
	seconds float8 NOT NULL,		-- after the start, at usual speed
	amount_from int,
	amount_to   int
);

-- Opening an account: how many of a hundred visitors reach each step.
INSERT INTO bank.script
SELECT 'onboarding', channel, n, event, NULL, 'account', 0, reach / 100, 1, seconds,
	   CASE event WHEN 'first_deposit' THEN 100 END, CASE event WHEN 'first_deposit' THEN 50000 END
FROM (VALUES
	('app',         '{999, 64, 56, 48, 41, 33}'::float8[]),
	('wechat',      '{999, 49, 39, 27, 20, 13}'),
	('web',         '{999, 41, 35, 28, 22, 17}'),
	('branch',      '{999, 88, 86, 82, 76, 69}'),
	('call_centre', '{999, 55, 47, 34, 27, 21}')
) AS c(channel, reaches),
unnest(reaches,
	   '{visit,register,kyc_start,kyc_pass,card_bind,first_deposit}'::text[],
	   '{1,2,3,6,8,9}'::int[],
	   '{0,80,190,420,1500,30000}'::float8[]) AS s(reach, event, n, seconds);

-- Most who stop after kyc_start have failed it, often twice; some call for help.
INSERT INTO bank.script
SELECT 'onboarding', s.channel, f.n, f.event, f.elsewhere, 'account',
	   CASE WHEN f.stopped THEN p.reach ELSE 0 END, CASE WHEN f.stopped THEN s.reach ELSE p.reach END,
	   f.odds, f.seconds
FROM bank.script AS s JOIN bank.script AS p USING (process, channel),
	 (VALUES (4, 'kyc_fail', NULL, true, 0.75, 260), (5, 'kyc_fail', NULL, true, 0.50, 330),
			 (7, 'call', 'call_centre', true, 0.25, 5400),
			 (4, 'kyc_fail', NULL, false, 0.18, 260)) AS f(n, event, elsewhere, stopped, odds, seconds)
WHERE s.event = 'kyc_start' AND p.event = 'kyc_pass';

-- What customers do afterwards; every visit starts with the channel's opening.
INSERT INTO bank.script VALUES
	('account', NULL, 1, NULL,            NULL, NULL,      0,   999,  1.0, 0),
	('account', NULL, 2, 'balance_view',  NULL, 'account', 0,   0.93, 1.0, 12),
	('account', NULL, 3, 'bill_view',     NULL, 'account', 0,   0.40, 1.0, 50),
	('pay',     NULL, 1, NULL,            NULL, NULL,      0,   999,  1.0, 0),
	('pay',     NULL, 2, 'balance_view',  NULL, 'account', 0,   0.95, 0.6, 10),
	('pay',     NULL, 3, 'transfer_start',NULL, 'account', 0,   0.94, 1.0, 30),
	('card',    NULL, 1, NULL,            NULL, NULL,      0,   999,  1.0, 0),
	('card',    NULL, 2, 'card_bill_view',NULL, 'card',    0,   0.92, 1.0, 15),
	('fund',    NULL, 1, NULL,            NULL, NULL,      0,   999,  1.0, 0),
	('fund',    NULL, 2, 'fund_list',     NULL, 'fund',    0,   0.92, 1.0, 14),
	('fund',    NULL, 3, 'fund_view',     NULL, 'fund',    0,   0.74, 1.0, 40),
	('fund',    NULL, 4, 'fund_view',     NULL, 'fund',    0,   0.60, 0.6, 110),
	('fund',    NULL, 5, 'risk_test',     NULL, 'fund',    0,   0.38, 0.9, 260),
	('loan',    NULL, 1, NULL,            NULL, NULL,      0,   999,  1.0, 0),
	('loan',    NULL, 2, 'loan_view',     NULL, 'loan',    0,   0.94, 1.0, 20),
	('loan',    NULL, 3, 'loan_apply',    NULL, 'loan',    0,   0.46, 1.0, 400),
	('loan',    NULL, 4, 'loan_documents',NULL, 'loan',    0,   0.36, 1.0, 9000),
	('loan',    NULL, 5, 'loan_reject',   NULL, 'loan',    0.22,0.34, 1.0, 130000),
	('loan',    NULL, 5, 'loan_approve',  NULL, 'loan',    0,   0.22, 1.0, 110000),
	('service', NULL, 1, NULL,            NULL, NULL,      0,   999,  1.0, 0),
	('service', NULL, 2, 'question',      NULL, NULL,      0,   0.80, 1.0, 45),
	('service', NULL, 3, 'complaint',     NULL, NULL,      0,   0.18, 1.0, 200),
	('service', NULL, 4, 'call', 'call_centre', NULL,      0,   0.14, 0.7, 4000);
INSERT INTO bank.script VALUES
	('pay',     NULL, 4, 'transfer_done', NULL, 'account', 0,   0.86, 1.0, 75, 10, 20000),
	('card',    NULL, 3, 'card_repay',    NULL, 'card',    0,   0.64, 1.0, 60, 200, 15000),
	('fund',    NULL, 6, 'fund_buy',      NULL, 'fund',    0,   0.24, 1.0, 420, 1000, 90000),
	('fund',    NULL, 7, 'fund_redeem',   NULL, 'fund',    0,   0.09, 1.0, 4500000, 1000, 60000),
	('loan',    NULL, 6, 'loan_drawdown', NULL, 'loan',    0,   0.18, 1.0, 200000, 5000, 200000),
	('loan',    NULL, 7, 'loan_repay',    NULL, 'loan',    0,   0.18, 1.0, 2700000, 500, 9000),
	('loan',    NULL, 8, 'loan_repay',    NULL, 'loan',    0,   0.17, 1.0, 5300000, 500, 9000);

-- ---- the customers ----------------------------------------------------------------

-- Some sleep on a process for days: before which step, and how long.
CREATE FUNCTION bank.pause_at(key bigint) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN bank.rnd(key, 6) < 0.22 THEN 2 + floor(6 * bank.rnd(key, 7))::int ELSE 99 END;

CREATE FUNCTION bank.pause_days(key bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 0.5 + 14 * bank.rnd(key, 8) * bank.rnd(key, 9);

-- Let customers number lo to hi live their lives.
CREATE FUNCTION bank.add_customers(lo bigint, hi bigint) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	-- Who they are. More come on busy days, and more every month.
	INSERT INTO customers
	SELECT id, d.first_day + width_bucket(bank.rnd(id, 1), d.busy), c.channel,
		   1 + floor(4 * bank.rnd(id, 2))::int,
		   (ARRAY['18-24', '25-34', '35-44', '45-54', '55+'])[1 + width_bucket(bank.rnd(id, 3), c.age)]
	FROM (SELECT min(day) AS first_day,
				 bank.running(array_agg(weight * (1 + i / 800.0) ORDER BY i)) AS busy
		  FROM bank.day) AS d,
		 generate_series(lo, hi) AS n,
		 LATERAL (SELECT 10000000 + n) AS i(id),
		 (SELECT *, sum(share) OVER (ORDER BY channel) AS upto FROM bank.channel) AS c
	WHERE bank.rnd(id, 4) < c.upto AND bank.rnd(id, 4) >= c.upto - c.share;

	-- What they do: open an account, and visit while they stay.
	INSERT INTO bank.unordered
	WITH member AS (
		SELECT u.*, u.user_id * 4096 AS key, c.loyalty,
			   bank.rnd(u.user_id * 4096, 1) < s.reach AS joined,
			   u.first_seen + 1 + CASE WHEN bank.pause_at(u.user_id * 4096) > s.n THEN 0
									   ELSE ceil(bank.pause_days(u.user_id * 4096))::int END AS joined_on
		FROM customers AS u
		JOIN bank.channel AS c USING (channel)
		JOIN bank.script AS s ON s.channel = u.channel AND s.event = 'kyc_pass'
		WHERE u.user_id BETWEEN 10000000 + lo AND 10000000 + hi
	),
	-- A quarter leave within weeks; the others after months or years, sooner if they
	-- came for the gifts of shopping day and year end. One in five comes back for a while.
	stay AS (
		SELECT *, CASE WHEN bank.rnd(user_id, 10) < 0.25 THEN 3 + 25 * bank.rnd(user_id, 11)
					   ELSE 20 + 900 * loyalty * bank.rnd(user_id, 11) * bank.rnd(user_id, 12)
							* CASE WHEN to_char(first_seen, 'MM-DD') >= '11-11' THEN 0.6 ELSE 1 END
					   END AS days,
			   0.5 + 7 * bank.rnd(user_id, 13) * bank.rnd(user_id, 14) * bank.rnd(user_id, 15) AS per_week
		FROM member WHERE joined
	),
	stays AS (
		SELECT user_id, key, channel, joined_on, days, per_week, 1 AS first_visit FROM stay
		UNION ALL
		SELECT user_id, key, channel,
			   joined_on + (days + 45 + 150 * bank.rnd(user_id, 17))::int,
			   40 + 200 * bank.rnd(user_id, 18), per_week, 2001
		FROM stay WHERE bank.rnd(user_id, 16) < 0.2
	),
	-- More visits at the start of a stay, and on busy days.
	visit AS (
		SELECT s.user_id, s.key + n AS key, s.channel AS home,
			   s.joined_on + (s.days * f * (0.6 + 0.4 * f))::int AS day
		FROM stays AS s,
			 generate_series(first_visit, first_visit + least(1900, s.days * s.per_week / 3.5)::int) AS n,
			 LATERAL (SELECT (n - first_visit + bank.rnd(s.key + n, 10))
							 / (1 + s.days * s.per_week / 3.5)) AS x(f)
	),
	process AS (
		SELECT user_id, key, 'onboarding' AS process, channel, first_seen AS day FROM member
		UNION ALL
		SELECT v.user_id, v.key,
			   (ARRAY['account', 'pay', 'fund', 'card', 'loan', 'service'])
			   [1 + width_bucket(bank.rnd(v.key, 12), ARRAY[0.42, 0.66, 0.83, 0.91, 0.97])],
			   CASE WHEN bank.rnd(v.key, 13) < 0.65 THEN v.home
					ELSE (ARRAY['app', 'wechat', 'web', 'branch', 'call_centre'])
						 [1 + width_bucket(bank.rnd(v.key, 14), ARRAY[0.56, 0.78, 0.90, 0.96])] END,
			   v.day
		FROM visit AS v JOIN bank.day AS d USING (day)
		WHERE bank.rnd(v.key, 11) * 2.3 < d.weight
	),
	drawn AS (
		SELECT p.*, c.opening,
			   bank.rnd(key, 1) * CASE process WHEN 'onboarding' THEN 1 ELSE c.effort END AS u,
			   p.day + make_interval(hours => width_bucket(bank.rnd(key, 15), c.hour),
									 secs => floor(3600 * bank.rnd(key, 16))) AS started,
			   0.4 + bank.rnd(key, 2) + 4 * bank.rnd(key, 3) * bank.rnd(key, 4) * bank.rnd(key, 5) AS pace,
			   CASE WHEN process IN ('onboarding', 'fund') THEN bank.pause_at(key) ELSE 99 END AS pause_at
		FROM process AS p JOIN bank.channel AS c USING (channel)
	),
	played AS (
		SELECT d.user_id, coalesce(s.event, d.opening) AS event,
			   coalesce(s.elsewhere, d.channel) AS channel, s.product,
			   d.started + make_interval(secs => round(s.seconds * d.pace
				   + CASE WHEN s.n < d.pause_at THEN 0 ELSE 86400 * bank.pause_days(d.key) END)) AS at,
			   round((s.amount_from + (s.amount_to - s.amount_from)
					  * bank.rnd(d.user_id, 19) * bank.rnd(d.key, 17))::numeric, -1) AS amount
		FROM drawn AS d
		JOIN bank.script AS s ON s.process = d.process AND (s.channel IS NULL OR s.channel = d.channel)
		WHERE d.u >= s.floor AND d.u < s.reach
		  AND (s.odds = 1 OR bank.rnd(d.key, 20 + s.n) < s.odds)
	)
	SELECT user_id, at AT TIME ZONE 'UTC', event, channel, product, amount
	FROM played WHERE at < timestamp '2026-01-01';
END;

-- A bank's events lie in the order they happened. Winning a customer costs about as much each
-- month, in which branches cost most.
CREATE FUNCTION bank.finish() RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	INSERT INTO events SELECT * FROM bank.unordered ORDER BY at, user_id, event;
	INSERT INTO spend
	SELECT date_trunc('month', first_seen), channel,
		   sum((0.8 + 0.4 * bank.rnd(user_id, 30)) * CASE channel WHEN 'app' THEN 24 WHEN 'wechat' THEN 11
			   WHEN 'web' THEN 17 WHEN 'branch' THEN 160 ELSE 58 END)::numeric
	FROM customers GROUP BY 1, 2 ORDER BY 1, 2;
	-- each tenth customer uses WeChat on a phone, half of these on a tablet, too
	INSERT INTO logins
	SELECT device || '-' || (user_id * 7919 % 1000003), 'wx_' || (user_id * 104729 % 1000003), first_seen::timestamp AT TIME ZONE 'UTC' + days * interval '1 day'
	FROM customers, (VALUES ('phone', 1.0, 0), ('tablet', 0.5, 6)) AS d(device, share, days)
	WHERE user_id % 10 = 0 AND bank.rnd(user_id, 31) < share AND first_seen + days < '2026-01-01' ORDER BY 3, 1;
	INSERT INTO bindings
	SELECT 'wx_' || (user_id * 104729 % 1000003), user_id, min(at) FROM events WHERE user_id % 10 = 0 AND event = 'kyc_pass' GROUP BY user_id ORDER BY 3, 2;
END;
