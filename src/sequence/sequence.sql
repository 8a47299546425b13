-- sequence: patterns over the events of users.

STATE sequence SPACE 128;
AGGREGATE sequence_match(at timestamptz, step stepset, pattern text) -> boolean STATE sequence
	TRANSITION sequence
	'Do the rows of one user contain the pattern? (?N) an event that meets condition N, (?N|M) N or M, (?!N) not N, . any event, .* any events, (?t<=1h) the time between two events: >= > <= < == != and a value in seconds or with s, m, h, d; (A|B) groups and alternatives, ? * + {m,n} for what is left out or repeated, ^ the first event of the user, $ the last, (?w<=7d) the time that the whole match may take. Rows with a NULL at or step are skipped, as are rows that meet no condition; no rows give false.';
AGGREGATE sequence_count(at timestamptz, step stepset, pattern text) -> bigint STATE sequence
	TRANSITION sequence
	'How many matches of the pattern the rows of one user contain one after the other: each ends as early as it can, and the next begins after it; with ^ or $ one at most. Patterns as for sequence_match; no rows give 0.';
AGGREGATE sequence_progress(at timestamptz, step stepset, pattern text) -> integer STATE sequence
	TRANSITION sequence
	'How far the rows of one user get in the pattern: how many of the events (?N) that every match needs were reached, without optional events and (?!N). More exactly, the fewest (?N) that a match needs, less the fewest that are still missing. Patterns as for sequence_match; no rows give 0.';
AGGREGATE sequence_match_events(at timestamptz, step stepset, pattern text) -> timestamptz[] STATE sequence
	TRANSITION sequence
	'The times of the events of the first match of the pattern, one for each event that it matched; if there is none, of a match up to the furthest event of the pattern that was reached; NULL if not even its first event was. Patterns as for sequence_match.';

-- Over a population: who.
STATE sequence_users SPACE 1000000 READ_WRITE;
AGGREGATE users_matching(user_id bigint, at timestamptz [, seq bigint], step stepset, pattern text) -> userset STATE sequence_users
	FINAL sequence_users TRANSITION sequence_users
	'The users for whom sequence_match(at, step, pattern) is true, grouped inside. Rows with a NULL user_id, at or step are skipped; no rows give NULL.'
	WITH seq 'users_matching with events of equal at in the order of seq, a NULL seq last.';

STATE sequence_next_node SPACE 512;
AGGREGATE sequence_next_node(at timestamptz, step stepset, value text, is_base boolean, direction text, anchor text) -> text STATE sequence_next_node
	'The value of the row right after (direction forward) or right before (backward) a chain of consecutive rows of one user that meet conditions 1 to N, beginning at the anchor: head, tail, first_match or last_match. Only a row with is_base may begin the chain. Rows with a NULL at, step or value are skipped; no such chain gives NULL.';
