-- title: steps() of five comparisons, over the five comparisons
-- goal: 40 ns
--
-- The names do not occur, so every comparison is false. OR stops at the first true
-- comparison; here it evaluates all five, as steps() does. The names are as long as names
-- that do occur, so their bytes are compared, not only their lengths. The same aggregate
-- counts the results.

-- run: baseline
SELECT count(event = 'loan_xxxx' OR event = 'loan_xxxxx' OR event = 'kyc_xxxx'
             OR event = 'login_xxxx' OR event = 'pay_xxxx') FROM events;

-- run: measured
SELECT count(steps(event = 'loan_xxxx', event = 'loan_xxxxx', event = 'kyc_xxxx',
                   event = 'login_xxxx', event = 'pay_xxxx')) FROM events;
