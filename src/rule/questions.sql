-- rule: the aggregates that answer what rules ask of the events, many questions at once.

FUNCTION journey_internal.most_steps() -> int LANGUAGE sql IMMUTABLE PARALLEL SAFE UNSET search_path
	'The largest number of conditions in a stepset.'
	AS $$ SELECT 58 $$;

FUNCTION journey_internal.first_step(stepset) -> int
	'Support function of rules: the number of the first condition that is met, from 1; 0 if no condition is met.';
FUNCTION journey_internal.steps_at(places stepset, VARIADIC conditions "any") -> stepset IMMUTABLE PARALLEL SAFE
	'Support function of rules: a stepset in which the given booleans are the conditions at the ones of places; all other conditions are false. NULL counts as false.';

STATE step_users SPACE 1000000 READ_WRITE;
AGGREGATE journey_internal.step_users(user_id bigint, at timestamptz, step stepset, questions text) -> userset[] STATE step_users
	'Who met a step how often and when: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included) and a number of times: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) 3'' holds for users who met step 1 at least three times in January; several are separated by semicolons. Rows with a NULL are skipped; no rows give NULL. Rules are made of it.';

STATE step_users_once SPACE 1000000 READ_WRITE;
AGGREGATE journey_internal.step_users_once(user_id bigint, at timestamptz, step stepset, questions text) -> userset[] STATE step_users_once
	'The same as step_users for questions that all ask for one time only: faster, as nothing is counted.';

STATE step_totals SPACE 1000000 READ_WRITE;
AGGREGATE journey_internal.step_totals(user_id bigint, at timestamptz, step stepset, value double precision, questions text) -> userset[] STATE step_totals
	'Whose values of a step come to something: an array of one userset a question, for all in one pass. A question is a step, a window (its end not included), sum, avg, min or max, and a comparison, with a semicolon after it: ''1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) sum >= 100;''. A sum or mean that is as near to the bound as float8 can tell is equal to it. Rows with a NULL are skipped; no rows give NULL.';

STATE users_by_total SPACE 1000000 READ_WRITE;
AGGREGATE journey_internal.users_by_total(user_id bigint, value double precision, total text, operator text, bound text) -> userset STATE users_by_total
	'The users whose values come to something: users_by_total(user_id, amount, ''sum'', ''>='', ''1000''). total: sum, avg, min or max. Rows with a NULL user or value are skipped; no rows give NULL.';
AGGREGATE journey_internal.users_by_total(user_id bigint, value text, total text, operator text, bound text) -> userset STATE users_by_total
	TRANSITION users_by_distinct
	'The users with so many different values: users_by_total(user_id, channel, ''distinct'', ''>='', ''3''). Rows with a NULL user or value are skipped; no rows give NULL.';

STATE pattern_users SPACE 1000000 READ_WRITE;
AGGREGATE journey_internal.pattern_users(user_id bigint, at timestamptz, step stepset, questions text) -> userset[] STATE pattern_users
	'The users whom each of several patterns matches, for all in one pass: an array of one userset a question. A question is a window (its end not included), the conditions that are the steps of a pattern, and the pattern: ''[-infinity, 2026-02-01 00:00+00) 1,3: (?1)(?2);'', where (?2) is condition 3; each has a semicolon after it. Rows outside the window or without a step of the pattern are not there for it. Rows with a NULL are skipped; no rows give NULL.';
