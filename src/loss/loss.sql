-- loss: why the users of a funnel stopped at a step.

TYPE loss_stats
	'Why the users of a funnel stopped at a step, and what they did instead. Made by funnel_losses() and funnel_losses_holding_constant(), merged by rollup(), read by loss_reasons() and loss_nodes(). Text form: JSON.';
STATE loss_rollup SPACE 10000;
AGGREGATE rollup(loss_stats) -> loss_stats STATE loss_rollup FINAL loss_rollup TRANSITION loss_rollup
	'The losses of one funnel over different users as one result. The users must be disjoint, as in shards or partitions by user; steps, within, options and until must agree. NULLs are skipped.';

STATE loss SPACE 1000000 READ_WRITE
	WITH options '% with options, as window_funnel has, but for count.'
	WITH until '% with the end of observation: rows at or after it do not count, and the users whose window is not over then are still_open. NULL is as if it were not given: then all windows are over.'
	WITH seq '% with events of equal at in the order of seq, a NULL seq last; events of equal seq remain simultaneous.';
AGGREGATE funnel_losses(user_id anyelement, at timestamptz [, seq bigint], node text, step stepset, within interval [, options text [, until timestamptz]]) -> loss_stats STATE loss
	'Why the users of a funnel stopped: for each who entered it and did not reach its last step, the weakest relaxation of its rules that would have let them on (still_open, too_late, interrupted, other_order, never), and the next event after the step reached, its node. Rows with a NULL user_id, at or step are skipped; a row with a NULL node is no next event; no rows give NULL. Read it with loss_reasons() and loss_nodes().';
AGGREGATE funnel_losses_holding_constant(user_id anyelement, at timestamptz [, seq bigint], node text, step stepset, within interval, property text [, options text [, until timestamptz]]) -> loss_stats STATE loss
	FINAL funnel_losses OF funnel_losses
	'funnel_losses of chains that hold a property constant, as funnel_holding_constant() has; the reason may be other_value, too: the user went on with another value of the property. NULL goes with any value. Read it with loss_reasons() and loss_nodes().';

-- Who.
ROW loss_member(
	user_id id 'Who.',
	step integer 'The step at which the user stopped, from 1; 0: an exclusion dropped the user.',
	reason text 'still_open, too_late, interrupted, other_value, other_order or never.',
	at timestamptz 'When the user reached the step; NULL if step is 0.',
	lateness interval 'Of too_late: by how much the next step came too late; else NULL.',
	node text 'The next event after the step, in the window; NULL if there is none.')
	'A user of funnel_losses()% who stopped: at which step, when, why, and the next event.';
AGGREGATE loss_members(user_id id, at timestamptz [, seq bigint], node text, step stepset, within interval [, options text [, until timestamptz]]) -> loss_member[] STATE loss
	CALLS funnel_losses LIST loss_member_list
	'The users of funnel_losses() who stopped, by user_id, each with the step, the reason, the lateness and the next event. SELECT * FROM unnest((SELECT loss_members(...) FROM ...)).';
AGGREGATE loss_members_holding_constant(user_id id, at timestamptz [, seq bigint], node text, step stepset, within interval, property text [, options text [, until timestamptz]]) -> loss_member[] STATE loss
	FINAL loss_members CALLS funnel_losses_holding_constant
	'The users of funnel_losses_holding_constant() who stopped, by user_id, each with the step, the reason, the lateness and the next event. SELECT * FROM unnest((SELECT loss_members_holding_constant(...) FROM ...)).';

-- Rows to plot.

FUNCTION loss_reasons(loss_stats, min_users bigint DEFAULT 0, OUT step integer, OUT reason text, OUT users bigint, OUT share double precision, OUT avg_lateness interval, OUT median_lateness interval, OUT p90_lateness interval) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 20
	'A row for each step at which users stopped and each reason, from the weakest relaxation to never: users, and their share of all who stopped there; of too_late mean, median and 90th percentile of how much later than allowed the next step came. Step 0: those whom an exclusion dropped. Quantiles are percentile_disc, within 1 %. min_users: what rests on fewer users is NULL.';
FUNCTION loss_nodes(loss_stats, n integer DEFAULT NULL, min_users bigint DEFAULT 0, OUT step integer, OUT reason text, OUT node text, OUT users bigint, OUT share double precision) -> SETOF record IMMUTABLE PARALLEL SAFE ROWS 100
	'What those who stopped at a step for a reason did next, in the window: a row for each node, or for the first n of each step and reason, those with the most users first: users, and their share of the step and reason. The node NULL is of those who did nothing. min_users: what rests on fewer users is NULL.';
