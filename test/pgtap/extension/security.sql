-- Every call that the extension makes to its own functions and operators is exact in its types.
-- For each of them there are overloads here that fit every inexact call better: other types of
-- the same kind, text for untyped literals, fewer arguments for those with defaults. Each raises
-- an error. The whole workload of segments, tags and jobs must come through without one.
\ir ../setup.psql
SET LOCAL search_path = journey_test, public;

CREATE ROLE journey_hostile;
GRANT CREATE, USAGE ON SCHEMA journey, journey_internal TO journey_hostile;

-- What else an argument could be taken for.
CREATE FUNCTION alternatives(type regtype) RETURNS regtype[] LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN type IN ('text', 'varchar', 'name') THEN '{varchar,bpchar,name}'::regtype[]
		WHEN type = 'bigint'::regtype THEN '{int,smallint,text}'
		WHEN type = 'int'::regtype THEN '{smallint,text}'
		WHEN type = 'numeric'::regtype THEN '{bigint,int,smallint,text}'
		WHEN type = 'float8'::regtype THEN '{numeric,real,bigint,int,text}'
		WHEN type = 'timestamptz'::regtype THEN '{timestamp,date,text}'
		WHEN type = 'interval'::regtype THEN '{time,text}'
		WHEN type = 'oid'::regtype THEN '{regrole,regclass,int,bigint,text}'
		WHEN type IN ('regclass'::regtype, 'regrole'::regtype) THEN '{oid,text}'
		WHEN type = 'text[]'::regtype THEN '{varchar[],name[],text}'
		WHEN type = 'bigint[]'::regtype THEN '{int[],text}'
		WHEN type = 'numeric[]'::regtype THEN '{bigint[],int[],text}'
		WHEN type = 'float8[]'::regtype THEN '{numeric[],text}'
		ELSE '{text}' END $$;

-- The hostile overloads: one argument another, and the first arguments only.
CREATE TEMP TABLE overload AS
WITH own AS (
	SELECT p.oid, pronamespace::regnamespace AS schema, proname, pronargdefaults, pronargs, provariadic, ARRAY(SELECT t::regtype FROM unnest(proargtypes) WITH ORDINALITY u(t, n) ORDER BY n) AS args
	FROM pg_proc p
	WHERE pronamespace IN ('journey'::regnamespace, 'journey_internal'::regnamespace)
		AND NOT EXISTS (SELECT FROM unnest(proargtypes) t WHERE t IN ('internal'::regtype, 'cstring'::regtype, '"any"'::regtype))
), wanted AS (
	SELECT schema, proname, args[:i - 1] || a || args[i + 1:k] AS args, k
	FROM own, generate_series(greatest(pronargs - pronargdefaults, 1), pronargs) AS k, generate_series(1, k) AS i, unnest(alternatives(args[i])) AS a
	UNION
	SELECT schema, proname, args[:k], k FROM own, generate_series(pronargs - pronargdefaults, pronargs - 1) AS k
)
SELECT DISTINCT schema, proname, (SELECT coalesce(string_agg(format_type(t, NULL), ', ' ORDER BY n), '') FROM unnest(args) WITH ORDINALITY u(t, n)) AS args
FROM wanted
WHERE NOT EXISTS (SELECT FROM own WHERE own.schema = wanted.schema AND own.proname = wanted.proname AND own.args = wanted.args)
	-- a function that returns nothing of the kind may take the place of an aggregate, too
	AND NOT EXISTS (SELECT FROM unnest(args) t WHERE t = 'anyelement'::regtype);
GRANT SELECT ON overload TO PUBLIC;
SET LOCAL ROLE journey_hostile;
DO $$
DECLARE
	one record;
BEGIN
	SET LOCAL check_function_bodies = off;
	FOR one IN SELECT * FROM overload LOOP
		EXECUTE format('CREATE FUNCTION %s.%I(%s) RETURNS text LANGUAGE plpgsql AS %L', one.schema, one.proname, one.args,
			format('BEGIN RAISE EXCEPTION %L; END', format('hostile %s(%s) was called', one.proname, one.args)));
	END LOOP;
END $$;
RESET ROLE;
-- and operators, where the extension has such, and where PostgreSQL has
DO $$
DECLARE
	one record;
BEGIN
	FOR one IN
		SELECT DISTINCT o.oprname, l AS lefttype, r AS righttype
		FROM pg_operator o, unnest(ARRAY[oprleft::regtype, 'text', 'varchar', 'int', 'smallint']) l, unnest(ARRAY[oprright::regtype, 'text', 'varchar', 'int', 'smallint']) r
		WHERE oprnamespace = 'journey'::regnamespace AND oprkind = 'b' AND (l = oprleft OR r = oprright)
			AND NOT EXISTS (SELECT FROM pg_operator p WHERE p.oprnamespace = o.oprnamespace AND p.oprname = o.oprname AND p.oprleft = l AND p.oprright = r)
		UNION SELECT op, t, t FROM unnest('{=,<>,<,<=,>,>=,||,+,-,~}'::name[]) op, unnest('{text,bigint,int,timestamptz,jsonb,name,boolean}'::regtype[]) t
	LOOP
		IF to_regprocedure(format('journey_test.hostile_operator(%s, %s)', one.lefttype, one.righttype)) IS NULL THEN
			EXECUTE format('CREATE FUNCTION journey_test.hostile_operator(%s, %s) RETURNS boolean LANGUAGE plpgsql AS %L', one.lefttype, one.righttype,
				format('BEGIN RAISE EXCEPTION %L; END', format('a hostile operator of %s and %s was called', one.lefttype, one.righttype)));
		END IF;
		EXECUTE format('CREATE OPERATOR journey.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = journey_test.hostile_operator)', one.oprname, one.lefttype, one.righttype);
	END LOOP;
END $$;

SELECT plan(7);

-- ---- the overloads do fit better -----------------------------------------------------

CREATE FUNCTION run(statement text) RETURNS text LANGUAGE plpgsql SET search_path = journey, pg_catalog AS $$ BEGIN EXECUTE statement; RETURN NULL; EXCEPTION WHEN OTHERS THEN RETURN SQLERRM; END $$;
SELECT cmp_ok((SELECT count(*)::int FROM pg_proc WHERE pronamespace IN ('journey'::regnamespace, 'journey_internal'::regnamespace) AND proowner = 'journey_hostile'::regrole), '>', 2000, 'there are many');
SELECT is(journey_test.run(call), 'hostile ' || f || ' was called', call) FROM (VALUES
	('SELECT journey.users_matching(1, ''2000-01-01 00:00+00'', ''1''::journey.stepset, ''(?1)''::text)', 'users_matching(integer, timestamp with time zone, journey.stepset, text)'),
	('SELECT journey_internal.check_as_of(''2000-01-01'')', 'check_as_of(text)'),
	('SELECT journey.numset_quantile(''{}''::journey.numset, 1 / 10.0)', 'numset_quantile(journey.numset, numeric)')) v(call, f);

-- ---- the workload, each call of its own exact -------------------------------------------

CREATE TABLE events (user_id bigint, at timestamptz, event text, channel text, amount float8, payload jsonb);
INSERT INTO events SELECT u, now() - make_interval(days => d), (ARRAY['view', 'cart', 'buy', 'login'])[1 + (u + d) % 4], (ARRAY['app', 'web'])[1 + u % 2], u * d, jsonb_build_object('city', 'c' || u % 3, 'n', u) FROM generate_series(1, 40) u, generate_series(0, 120, 7) d;
CREATE TABLE customers AS SELECT u AS user_id, 'c' || u % 3 AS city, u AS age FROM generate_series(1, 40) u;
CREATE TEMP TABLE work (n int GENERATED ALWAYS AS IDENTITY, statement text);
INSERT INTO work (statement) VALUES
	($w$SELECT journey.add_source('app'::text, 'journey_test.events'::regclass, 'user_id'::text, 'at'::text, 'event'::text, '{"channel": "channel", "amount": "amount"}'::jsonb, 'amount'::text, NULL::text, false, NULL::text, NULL::text, NULL::interval)$w$),
	($w$SELECT journey.add_source('json'::text, 'journey_test.events'::regclass, 'user_id'::text, 'at'::text, 'event'::text, '"payload"'::jsonb, 'amount'::text, NULL::text, false, NULL::text, NULL::text, NULL::interval)$w$),
	($w$SELECT journey.add_source('local'::text, 'journey_test.events'::regclass, 'user_id'::text, 'at::timestamp'::text, 'event'::text, NULL::jsonb, NULL::text, NULL::text, false, NULL::text, NULL::text, NULL::interval)$w$),
	($w$SELECT * FROM journey.events_of(VARIADIC ARRAY['app', 'json']::text[])$w$),
	($w$SELECT journey.create_event_view('journey_test.viewed'::text, VARIADIC ARRAY['app', 'json']::text[])$w$),
	($w$SELECT journey.create_segment('did'::text, '{"source": "app", "rule": {"did": "buy"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('count'::text, '{"source": "app", "rule": {"did": "buy", "count": {">=": 2, "<=": 5}, "within": "60 days"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('few'::text, '{"source": "app", "rule": {"and": [{"did": "view"}, {"did": "buy", "count": {"<": 3}}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('not'::text, '{"source": "app", "rule": {"and": [{"did": "view"}, {"not": {"did": "buy", "within": "30 days"}}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('did not'::text, '{"source": "app", "rule": {"and": [{"did": "view"}, {"did_not": "buy", "within": ["60 days", "30 days"]}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('or'::text, '{"source": "app", "rule": {"or": [{"did": "buy", "where": {"channel": "app"}}, {"did": ["cart", "view"], "where": {"or": [{"channel": ["web", "x"]}, {"amount": {">=": 10}}]}}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('sum'::text, '{"source": "app", "rule": {"did": "buy", "sum": "amount", "is": {">=": 100}}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('avg'::text, '{"source": "app", "rule": {"did": "buy", "avg": "value", "is": {"<": 1000}, "within": "90 days"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('distinct'::text, '{"source": "app", "rule": {"did": "*", "distinct": "channel", "is": {">=": 1}}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('first'::text, '{"source": "app", "rule": {"first": "buy", "within": "90 days"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('last'::text, '{"source": "app", "rule": {"last": "buy", "from": "2020-01-01 00:00+00", "to": "2099-01-01 00:00+00"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('sequence'::text, '{"source": "app", "rule": {"sequence": ["view", "cart"], "in": "30 days"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('mode'::text, '{"source": "app", "rule": {"sequence": ["view", "cart"], "in": "30 days", "mode": "strict_order"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('overlapping'::text, '{"source": "app", "rule": {"sequence": ["view", {"did": "view", "where": {"channel": "app"}}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('pattern'::text, '{"source": "app", "rule": {"sequence": ["view", "cart", "buy"], "pattern": "(?1).*(?2)(?t<=30d)(?3)"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('user'::text, '{"source": "app", "rule": {"user": {"city": "c1", "age": {">": 3}}, "of": "journey_test.customers"}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('like'::text, '{"source": "app", "rule": {"did": "buy", "where": {"channel": {"like": "a%"}, "not": {"amount": null}}}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('many'::text, '{"source": "app", "rule": {"or": [{"did": "e0", "where": {"channel": "app"}}, {"did": "e1", "where": {"channel": "app"}}, {"did": "e2", "where": {"channel": "app"}}, {"did": "e3", "where": {"channel": "app"}}, {"did": "e4", "where": {"channel": "app"}}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('json'::text, '{"source": "json", "rule": {"and": [{"did": "buy", "where": {"city": "c1", "n": {">": 3}}}, {"did": "buy", "sum": "n", "is": {">=": 1}}, {"did": "*", "distinct": "city", "is": {">=": 1}}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('both'::text, '{"source": ["app", "json"], "base": "source", "rule": {"not": {"did": "buy", "within": "10 days"}}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('sql'::text, 'SELECT user_id FROM journey_test.customers'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('sets'::text, 'SELECT journey.segment(''did''::text, journey.as_of()) OPERATOR(journey.&) journey.segment(''sql''::text, journey.as_of())'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_tag('stage'::text, '{"source": "app"}'::text, 'lifecycle'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('spent'::text, '{"source": "app", "event": "buy", "take": "sum"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 2::int, false)$w$),
	($w$SELECT journey.create_segment('uses'::text, '{"source": "app", "rule": {"and": [{"segment": "did"}, {"tag": "stage", "value": "active"}, {"tag": "spent", "is": {">=": 1, "<": 5000}}]}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.create_segment('jsonb'::text, '{"source": "app", "rule": {"did": "buy"}}'::jsonb, NULL::interval, 2::int, NULL::text, false)$w$),
	($w$SELECT journey.create_tag('rule'::text, '{"source": "app", "base": "source", "values": [{"value": "a", "when": {"did": "buy", "count": 3}}, {"value": "b", "when": {"did": "cart"}}, {"value": "c"}]}'::text, 'rule'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('sql tag'::text, 'SELECT user_id, city FROM journey_test.customers'::text, 'sql'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('ages'::text, 'SELECT user_id, age FROM journey_test.customers'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('halves'::text, 'SELECT user_id, age / 2.0 FROM journey_test.customers'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 1::int, false)$w$),
	($w$SELECT journey.create_tag('floats'::text, 'SELECT user_id, age / 2::float8 FROM journey_test.customers'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 1::int, false)$w$),
	($w$SELECT journey.create_tag('numeric count'::text, '{"source": "app", "event": "buy", "take": "count"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 0::int, false)$w$),
	($w$SELECT journey.create_tag('numeric sum'::text, '{"source": "app", "event": "buy", "take": "sum"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('numeric avg'::text, '{"source": "app", "event": "buy", "take": "avg"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('numeric min'::text, '{"source": "app", "event": "buy", "take": "min"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('numeric max'::text, '{"source": "app", "event": "buy", "take": "max"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('numeric distinct'::text, '{"source": "app", "event": "buy", "take": "distinct"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 0::int, false)$w$),
	($w$SELECT journey.create_tag('numeric first'::text, '{"source": "app", "event": "buy", "take": "first"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('numeric last'::text, '{"source": "app", "event": "buy", "take": "last"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('numeric days since first'::text, '{"source": "app", "event": "buy", "take": "days since first"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('numeric days since last'::text, '{"source": "app", "event": "buy", "take": "days since last"}'::text, 'numeric'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, 3::int, false)$w$),
	($w$SELECT journey.create_tag('attribute first'::text, '{"source": "app", "event": "buy", "attribute": "channel", "take": "first"}'::text, 'attribute'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('attribute last'::text, '{"source": "app", "event": "buy", "attribute": "channel", "take": "last"}'::text, 'attribute'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('attribute most frequent'::text, '{"source": "app", "event": "buy", "attribute": "channel", "take": "most frequent"}'::text, 'attribute'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('json attribute'::text, '{"source": "json", "event": "buy", "attribute": "city", "take": "last"}'::text, 'attribute'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('rfm'::text, '{"source": "app", "event": "buy", "value": "amount"}'::text, 'rfm'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.create_tag('scores'::text, '{"source": "app", "event": "buy", "groups": "scores", "cuts": {"recency": ["30 days"], "frequency": [3], "monetary": [10, 100]}}'::text, 'rfm'::text, '{}'::text[], NULL::interval, 3::int, NULL::text, NULL::int, false)$w$),
	($w$SELECT journey.refresh_tag('stage'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('spent'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('rule'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('sql tag'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('ages'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('halves'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('floats'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('json attribute'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('rfm'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('scores'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric count'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric sum'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric avg'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric min'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric max'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric distinct'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric first'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric last'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric days since first'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('numeric days since last'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('attribute first'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('attribute last'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('attribute most frequent'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segments('{did,sql,count,sets,json,both}'::text[], clock_timestamp() - interval '1 day', false)$w$),
	($w$SELECT journey.refresh_segment('did'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('count'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('few'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('not'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('did not'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('or'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('sum'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('avg'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('distinct'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('first'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('last'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('sequence'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('mode'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('overlapping'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('pattern'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('user'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('like'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('many'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('json'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('both'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('sql'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('jsonb'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('sets'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_segment('uses'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('stage'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('spent'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('rule'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('sql tag'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('ages'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.refresh_tag('halves'::text, clock_timestamp(), false)$w$),
	($w$SELECT journey.alter_segment('count'::text, 'SELECT 1'::text, '{}'::text[])$w$),
	($w$SELECT journey.alter_segment('count'::text, '{"source": "app", "rule": {"did": "view"}}'::text, '{}'::text[])$w$),
	($w$SELECT journey.alter_tag('halves'::text, 'SELECT user_id, age / 4.0 FROM journey_test.customers'::text, 'numeric'::text, '{}'::text[], 2::int)$w$),
	($w$SELECT journey.explain_segment('sequence'::text, NULL::timestamptz)$w$),
	($w$SELECT journey.explain_tag('rfm'::text, NULL::timestamptz)$w$),
	($w$SELECT journey.segment('did'::text, NULL::timestamptz)$w$),
	($w$SELECT journey.segment_trend('did'::text, 2::bigint)$w$),
	($w$SELECT journey.segment_diff('did'::text, now(), clock_timestamp())$w$),
	($w$SELECT journey.segment_export('did'::text, 'test'::text)$w$),
	($w$SELECT journey.tag_users('stage'::text, 'active'::text, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users('ages'::text, '7'::text, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users_between('ages'::text, 3::numeric, NULL::numeric, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users_where('spent'::text, '='::text, 10.5::numeric, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users_where('spent'::text, '!='::text, 10.5::numeric, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users_where('spent'::text, '<'::text, 10.5::numeric, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users_where('spent'::text, '<='::text, 10.5::numeric, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users_where('spent'::text, '>'::text, 10.5::numeric, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_users_where('spent'::text, '>='::text, 10.5::numeric, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_numset('ages'::text, NULL::timestamptz)$w$),
	($w$SELECT journey.tag_summary('stage'::text, NULL::timestamptz, 2::bigint)$w$),
	($w$SELECT journey.tag_summary('ages'::text, NULL::timestamptz, 2::bigint)$w$),
	($w$SELECT journey.tag_cross('stage'::text, 'ages'::text, NULL::timestamptz, 2::bigint)$w$),
	($w$SELECT journey.tag_stats('spent'::text, NULL::timestamptz, 2::bigint)$w$),
	($w$SELECT journey.tag_histogram('ages'::text, '{10,20}'::numeric[], NULL::timestamptz, 2::bigint)$w$),
	($w$SELECT journey.profile(7::bigint, NULL::timestamptz, NULL::text[], 5::int, interval '1 min')$w$),
	($w$SELECT journey.profile(7::bigint, pg_catalog.now(), '{app}'::text[], 5::int, interval '1 min')$w$),
	($w$SELECT * FROM journey.segments$w$),
	($w$SELECT * FROM journey.tags$w$),
	($w$SELECT * FROM journey.refresh_progress$w$),
	($w$SELECT * FROM journey.sources$w$),
	($w$SELECT * FROM journey.exports$w$),
	($w$SELECT journey.grant_segment('did'::text, 'public'::text)$w$),
	($w$SELECT journey.grant_segment('did'::text, 'journey_hostile'::text)$w$),
	($w$SELECT journey.revoke_segment('did'::text, 'journey_hostile'::text)$w$),
	($w$SELECT journey.grant_tag('stage'::text, 'public'::text)$w$),
	($w$SELECT journey.revoke_tag('stage'::text, 'public'::text)$w$),
	($w$SELECT journey.grant_source('app'::text, 'public'::text)$w$),
	($w$SELECT journey.revoke_source('app'::text, 'public'::text)$w$),
	($w$SELECT journey.set_keep_versions('did'::text, interval '10 days', 2::int)$w$),
	($w$SELECT journey.set_definition_owner('sql'::text, 'journey_hostile'::text)$w$),
	($w$SELECT journey.schedule_refresh('did'::text, '*/5 * * * *'::text, 'UTC'::text, 0, interval '10 minutes', false)$w$),
	($w$SELECT journey.schedule_refresh('stage'::text, '6 hours'::text, 'UTC'::text, 0, interval '10 minutes', false)$w$),
	($w$SELECT journey.schedule_refresh('sets'::text, '6 hours'::text, 'UTC'::text, 0, interval '10 minutes', false)$w$),
	($w$UPDATE journey.schedules SET next_due = pg_catalog.now() OPERATOR(pg_catalog.-) interval '1 day'$w$),
	($w$SELECT journey.schedule_refresh('sum'::text, '6 hours'::text, 'UTC'::text, 0, interval '10 minutes', false)$w$),
	($w$UPDATE journey.schedules SET schedule = 'never', next_due = pg_catalog.now() OPERATOR(pg_catalog.-) interval '1 day' WHERE id OPERATOR(pg_catalog.=) (SELECT d.id FROM journey.definitions AS d WHERE d.name OPERATOR(pg_catalog.=) 'sum')$w$),
	($w$SELECT journey.unschedule_refresh('sets'::text)$w$),
	($w$DO $do$ DECLARE c journey_internal.claim; BEGIN LOOP c := journey_internal.claim_due(c, true); EXIT WHEN (c).ids IS NULL; c := journey_internal.run_claim(c); END LOOP; c.failed := NULL; PERFORM journey_internal.raise_failures(c); END $do$$w$),
	($w$SELECT journey.common_as_of('{did}'::text[], NULL::timestamptz)$w$),
	($w$SELECT journey.set_source_owner('local'::text, 'journey_hostile'::text)$w$),
	($w$SELECT journey.unschedule_refresh('did'::text)$w$),
	($w$SELECT journey.alter_source('local'::text, 'journey_test.events'::regclass, 'user_id'::text, 'at'::text, 'event'::text, '{"channel": "channel"}'::jsonb, 'amount'::text, NULL::text, NULL::text, NULL::interval)$w$),
	($w$SELECT journey.add_source('local'::text, 'journey_test.events'::regclass, 'user_id'::text, 'at'::text, 'event'::text, NULL::jsonb, 'amount'::text, 'again'::text, true, NULL::text, NULL::text, NULL::interval)$w$),
	($w$SELECT journey.rename_source('local'::text, 'local too'::text)$w$),
	($w$SELECT journey.rename_source('local too'::text, 'local'::text)$w$),
	($w$SELECT journey.set_source_description('local'::text, 'what it is'::text)$w$),
	($w$SELECT journey.set_definition_description('did'::text, 'what it is'::text)$w$),
	($w$SELECT journey.create_segment('did'::text, '{"source": "app", "rule": {"did": "view"}}'::text, '{}'::text[], NULL::interval, 3::int, 'again'::text, true)$w$),
	($w$SELECT journey.create_tag('stage'::text, '{"source": "app"}'::text, 'lifecycle'::text, '{}'::text[], NULL::interval, 3::int, 'again'::text, NULL::int, true)$w$),
	($w$SELECT journey.rename_segment('did'::text, 'did too'::text, true)$w$),
	($w$SELECT journey.rename_segment('did too'::text, 'did'::text, true)$w$),
	($w$SELECT journey.rename_tag('stage'::text, 'stage too'::text, true)$w$),
	($w$SELECT journey.rename_tag('stage too'::text, 'stage'::text, true)$w$),
	($w$SELECT * FROM journey.refresh_tags('{stage}'::text[], pg_catalog.now(), false)$w$),
	($w$SELECT journey.create_identity_space('bank'::text, '{user,channel}'::text[], 'whose'::text)$w$),
	($w$SELECT journey.add_identity_links('bank'::text, 'journey_test.events'::regclass, 'channel'::text, 'channel || user_id'::text, 'user'::text, 'user_id'::text, 'at'::text, NULL::text)$w$),
	($w$SELECT journey.add_identity_links('bank'::text, 'journey_test.events'::regclass, 'channel'::text, 'channel'::text, NULL::text, NULL::text, 'at::date'::text, NULL::text)$w$),
	($w$SELECT journey.add_identity_links('bank'::text, 'journey_test.events'::regclass, 'city'::text, 'channel'::text, 'user'::text, 'user_id'::text, 'at'::text, NULL::text)$w$),
	($w$SELECT journey.set_identity_rule('bank'::text, 'user'::text, 1::bigint, NULL::int)$w$),
	($w$SELECT * FROM journey.refresh_identities('bank'::text, clock_timestamp() - interval '1 second')$w$),
	($w$SELECT * FROM journey.refresh_identities('bank'::text, clock_timestamp())$w$),
	($w$SELECT journey.identify('bank'::text, 'user'::text, '1'::text), journey.identify('bank'::text, 'user'::text, 1::bigint), journey.identify('bank'::text, 'user'::text, '1'::text, now())$w$),
	($w$SELECT * FROM journey.identities('bank'::text, 1::bigint, now())$w$),
	($w$SELECT * FROM journey.identity_conflicts('bank'::text)$w$),
	($w$SELECT journey.add_source('persons'::text, 'journey_test.events'::regclass, 'channel || user_id'::text, 'at'::text, 'event'::text, '{"city": "channel"}'::jsonb, 'amount'::text, NULL::text, false, 'bank'::text, 'channel'::text, interval '1 day')$w$),
	($w$SELECT journey.create_segment('persons'::text, '{"source": "persons", "rule": {"did": "buy", "where": {"city": "app"}}}'::text, '{}'::text[], NULL::interval, NULL::int, NULL::text, false)$w$),
	($w$SELECT journey.refresh_segment('persons'::text, clock_timestamp(), false)$w$),
	($w$SELECT * FROM journey.events_of(VARIADIC '{persons}'::text[])$w$),
	($w$SELECT journey.grant_identity_space('bank'::text, 'public'::text), journey.revoke_identity_space('bank'::text, 'public'::text)$w$),
	($w$SELECT journey.set_identity_space_owner('bank'::text, 'journey_hostile'::text)$w$),
	($w$SELECT journey.drop_identity_links('bank'::text, 3::int)$w$),
	($w$SELECT journey.drop_identity_space('bank'::text)$w$),
	($w$SELECT journey.drop_tag('rfm'::text, false)$w$),
	($w$SELECT journey.drop_segment('sets'::text, false)$w$),
	($w$SELECT journey.drop_segment('uses'::text, false)$w$),
	($w$SELECT journey.drop_source('local'::text, false)$w$);
SET LOCAL client_min_messages = error;
CREATE TABLE outcome AS SELECT n, statement, NULL::text AS problem FROM work;
DO $$
DECLARE
	one record;
BEGIN
	FOR one IN SELECT * FROM work ORDER BY n LOOP
		UPDATE outcome SET problem = journey_test.run(one.statement) WHERE n = one.n;
	END LOOP;
END $$;
SELECT is_empty('SELECT n, statement, problem FROM outcome WHERE problem IS NOT NULL ORDER BY n', 'no call of the extension is inexact');
SELECT is_empty($$SELECT id, error FROM journey.refresh_errors WHERE error NOT LIKE '%is no schedule'$$, 'nor one in what is refreshed');

-- steps() takes any conditions, so a call of it cannot be exact; but it is called in stored
-- queries only, and these call nobody's functions but a superuser's and their owner's
SET LOCAL ROLE journey_hostile;
CREATE FUNCTION journey.steps(boolean, boolean) RETURNS journey.stepset LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''hostile steps was called''; END';
RESET ROLE;
SELECT is((SELECT error FROM journey.refresh_segment('or', pg_catalog.clock_timestamp(), false)), 'a stored query cannot call function journey.steps(boolean,boolean) of role "journey_hostile"', 'nor is steps() called');

SELECT * FROM finish();
ROLLBACK;
