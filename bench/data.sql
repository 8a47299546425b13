-- The bench's event log: a table "events" of :events rows of about :users users.
--
--     psql -v events=1000000 -v users=25000 -f bench/data.sql
--
-- It is what a bank's own log looks like: rows in the order they came, so that a
-- user's events lie far apart; 20 event kinds; 90 days. A user comes back about
-- ten times, for one to eight events some 78 seconds apart. Every value is a hash
-- of the row number, so the same parameters always give the same table.
--
-- No user has two events at the same second: "slots" users are active at a time,
-- each event belongs to the next slot in turn, and a slot has its own users
-- (user_id modulo slots). Ties are for the tests; here every engine, whatever its
-- order of simultaneous events, must give the same answer.

\set ON_ERROR_STOP on
SELECT greatest(1, :events / 200000) AS slots \gset

DROP TABLE IF EXISTS events, events_new;
CREATE UNLOGGED TABLE events_new AS
SELECT :slots * (hashint8extended(visit, 1) & 2147483647) % greatest(:slots, :users / :slots * :slots)
           + slot AS user_id,
       timestamptz '2025-01-01 00:00:00+00' + (i * 7776000 / :events) * interval '1 second' AS at,
       ('{login,view_balance,view_statement,transfer_start,transfer_done,pay_scan,pay_done,
          card_apply,card_bind,kyc_start,kyc_done,fund_view,fund_buy,loan_view,loan_apply,
          loan_sign,coupon_get,coupon_use,search,logout}'::text[])[1 + (hash & 65535) % 20] AS event,
       ('{app,wechat,web,branch,phone}'::text[])[1 + (hash >> 16 & 65535) % 5] AS channel,
       hash >> 32 & 65535 AS amount
FROM (SELECT i,
             slot,
             -- eight turns of a slot are shared by two users, divided at random
             place * 2 + (turn >= (hashint8extended(place, 2) & 7))::int AS visit,
             hashint8extended(i, 3) AS hash
      FROM (SELECT i,
                   i % :slots AS slot,
                   i / :slots % 8 AS turn,
                   i / (:slots * 8) * :slots + i % :slots AS place
            FROM generate_series(0::bigint, :events - 1) AS i
            OFFSET 0) AS rows
      OFFSET 0) AS hashed;
VACUUM (FREEZE, ANALYZE) events_new;
-- The name is given last: a table "events" is a complete one.
ALTER TABLE events_new RENAME TO events;
