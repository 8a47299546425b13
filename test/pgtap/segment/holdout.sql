-- Hold-outs of segments: who is held out is never in the segment, and is a set of its own.
\ir ../setup.psql
SET LOCAL jit = off;
SELECT no_plan();

CREATE TABLE log AS SELECT u AS user_id, moment(n * 86400 + u) AS at, (ARRAY['view', 'buy'])[1 + rnd(u * 10 + n, 1, 2)] AS event FROM generate_series(1, 3000) u, generate_series(0, 2) n;
SELECT lives_ok($$ SELECT add_source('app', 'log') $$, 'a source');
SELECT lives_ok($$ SELECT create_segment('all buyers', '{"source": "app", "rule": {"did": "buy"}}'), create_segment('buyers', '{"source": "app", "rule": {"did": "buy"}, "holdout": {"salt": "10%''s", "share": 0.2}}'),
	create_segment('others', '{"source": "app", "base": "source", "rule": {"not": {"did": "buy"}}, "holdout": {"salt": "x", "share": 0.5}}') $$, 'segments with and without a holdout');
SELECT is((SELECT count(*) FILTER (WHERE error IS NULL) FROM refresh_segments('{all buyers,buyers,others}', '2024-01-03')), 3::bigint, 'they are computed together');
SELECT is(segment('buyers') | segment_holdout('buyers'), segment('all buyers'), 'both together are who meet the rule');
SELECT is(segment_holdout('buyers'), (SELECT userset_agg(u) FROM members(segment('all buyers')) u WHERE assign_variant(u, '10%''s', '{"holdout": 0.2, "others": 0.8}') = 'holdout'), 'held out by assign_variant');
SELECT is(segment_holdout('buyers'), holdout(segment('all buyers'), '10%''s', 0.2), 'holdout() says the same');
SELECT ok(cardinality(segment_holdout('buyers')) / cardinality(segment('all buyers'))::float8 BETWEEN 0.17 AND 0.23, 'a fifth');
SELECT is(segment('others') | segment_holdout('others'), (SELECT userset_agg(user_id) FROM (SELECT user_id FROM log WHERE at < '2024-01-03' GROUP BY 1 HAVING bool_and(event <> 'buy')) u), 'of a complement');
SELECT is((SELECT users FROM segments WHERE name = 'buyers'), cardinality(segment('buyers')), 'the holdout is none of its users');
SELECT is(segment_holdout('all buyers'), '{}', 'without a holdout nobody is held out');
-- A later version: who is held out stays so, and nobody enters or exits by it.
CREATE TABLE refreshed AS SELECT * FROM refresh_segment('buyers', '2024-01-05');
SELECT is((SELECT entered FROM refreshed), cardinality(segment('buyers') - segment('buyers', '2024-01-03')), 'entered');
SELECT ok(segment_holdout('buyers', '2024-01-03') <@ segment_holdout('buyers') AND NOT segment_holdout('buyers', '2024-01-03') && segment('buyers'), 'for ever');
SELECT is((SELECT exited FROM segment_trend('buyers') ORDER BY as_of DESC LIMIT 1), 0::bigint, 'nobody exited');
SELECT is((SELECT string_agg(p.value, '') FROM profile((SELECT userset_min(segment_holdout('buyers')))) p WHERE p.name = 'buyers'), 'false', 'nor does a profile show it');
SELECT lives_ok($$ SELECT alter_segment('buyers', '{"source": "app", "rule": {"did": "buy"}}') $$, 'without it again');
SELECT is((SELECT users FROM refresh_segment('buyers', '2024-01-05')), (SELECT users FROM refresh_segment('all buyers', '2024-01-05')), 'all are back');
SELECT is(segment_holdout('buyers'), '{}', 'and nobody is held out');
SELECT throws_ok(format('SELECT create_segment(''x'', %L)', '{"source": "app", "rule": {"did": "buy"}, "holdout": ' || h || '}'), '22023', NULL, 'holdout ' || h)
FROM unnest(ARRAY['1', '{"salt": "x"}', '{"share": 0.1}', '{"salt": 1, "share": 0.1}', '{"salt": "x", "share": 2}', '{"salt": "x", "share": -0.1}', '{"salt": "x", "share": 0.1, "n": 1}']) h;
SELECT throws_ok($$ SELECT create_tag('x', '{"source": "app", "rule": {"did": "buy"}, "holdout": {"salt": "x", "share": 0.1}}', 'rule') $$, '22023', NULL, 'a tag has none');
SELECT throws_ok($$ SELECT holdout('{1}', 'x', 'NaN') $$, '22023', NULL, 'no share');
SELECT is(holdout(NULL, 'x', 0.1), NULL, 'NULL');
SELECT is(holdout('{1,2,3}', 'x', 1), '{1,2,3}', 'all');
SELECT is(holdout('{1,2,3}', 'x', 0), '{}', 'none');
SELECT throws_like($$ SELECT segment_holdout('others', '2020-01-01') $$, '%has no version%', 'no version');
SELECT * FROM finish();
ROLLBACK;
