-- sequence: patterns over the events of users.

STATE sequence SPACE 128;
AGGREGATE sequence_match(at timestamptz, step stepset, pattern text) -> boolean STATE sequence
	TRANSITION sequence
	'Whether the rows of one user contain the pattern: (?N) an event that meets condition N, (?N|M) N or M, (?!N) not N, . any event, .* any events, (?t<=1h) the time between two events: >= > <= < == != and a value in seconds or with s, m, h, d; (A|B) groups and alternatives, ? * + {m,n} optional and repeated parts, ^ the first event of the user, $ the last, (?w<=7d) the time limit of the whole match. Rows whose at or step is NULL, and rows that meet no condition, are skipped; no rows give false.';
AGGREGATE sequence_count(at timestamptz, step stepset, pattern text) -> bigint STATE sequence
	TRANSITION sequence
	'The number of matches of the pattern in the rows of one user that do not overlap. Each match ends as early as possible, and the next begins after it; with ^ or $ there is at most one. Patterns are those of sequence_match; no rows give 0.';
AGGREGATE sequence_progress(at timestamptz, step stepset, pattern text) -> integer STATE sequence
	TRANSITION sequence
	'How far the rows of one user get in the pattern: how many of the events (?N) that every match needs were reached, without optional events and (?!N). More exactly, the fewest (?N) that a match needs, less the fewest that are still missing. Patterns as for sequence_match; no rows give 0.';
AGGREGATE sequence_match_events(at timestamptz, step stepset, pattern text) -> timestamptz[] STATE sequence
	TRANSITION sequence
	'The times of the events of the first match of the pattern, one for each matched event. If there is no match: the times up to the furthest event of the pattern that was reached; NULL if none was. Patterns are those of sequence_match.';

-- Over a population: who.
STATE sequence_users SPACE 1000000 READ_WRITE;
AGGREGATE users_matching(user_id bigint, at timestamptz [, seq bigint], step stepset, pattern text) -> userset STATE sequence_users
	FINAL sequence_users TRANSITION sequence_users
	'The users for whom sequence_match(at, step, pattern) is true, without GROUP BY user_id. Rows whose user_id, at or step is NULL are skipped; no rows give NULL.'
	WITH seq 'users_matching with seq, which orders events of the same time, NULL last.';

-- All matches, as rows.
ROW pattern_match(
	user_id id 'Whose events match.',
	match_number bigint 'The number of the match, from 1, in the order of matches.',
	first_at timestamptz 'The time of its first event.',
	last_at timestamptz 'The time of its last event.',
	times timestamptz[] 'The times of its events, those in gaps not included.',
	"values" text[] 'The values of its events.')
	'A match in the events of a user%: its number among those of the user, and the times and values of its events.';
STATE pattern_matches SPACE 1000000 READ_WRITE
	WITH seq '% with events of equal at in the order of seq, a NULL seq last.';
AGGREGATE pattern_matches(user_id id, at timestamptz [, seq bigint], step stepset, value text, pattern text [, options text]) -> pattern_match[] STATE pattern_matches
	LIST pattern_match_list
	'The matches of the pattern in the events of each user, by user_id and in order: each ends as early as it can, and the next begins after it, as sequence_count counts them. Rows with a NULL user_id, at or step are skipped; no rows give NULL. SELECT * FROM unnest((SELECT pattern_matches(...) FROM ...)).'
	WITH options 'pattern_matches with the option overlapping: a match for each event that one can begin with, the one that ends first.';

STATE sequence_next_node SPACE 512;
AGGREGATE sequence_next_node(at timestamptz, step stepset, value text, is_base boolean, direction text, anchor text) -> text STATE sequence_next_node
	'The value of the row directly after (direction forward) or directly before (backward) a chain of consecutive rows of one user that meet conditions 1 to N. The chain begins at the anchor: head, tail, first_match or last_match; is_base must be true there. Rows whose at, step or value is NULL are skipped. NULL if there is no such chain.';
