/*-------------------------------------------------------------------------
 *
 * path_transitions.c
 *		transitions: which node comes next after which, in whole sessions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "path/path_visit.h"

/* A node came again, through other nodes. */
static inline void
count_loop(const FlowCounts *counts, NodeCount *node, uint64 steps, int64 at)
{
	time_counts_add(&node->loop_times, histogram_duration(node->last_at, at), counts->context);
	node->loop_steps += steps;
	if (node->loop_last_session == counts->sessions)
		return;
	node->loop_last_session = counts->sessions;
	node->loop_sessions++;
	if (node->loop_last_user == counts->users)
		return;
	node->loop_last_user = counts->users;
	node->loop_users++;
}

static void
visit_transitions(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PathVisit  *visit = arg;
	FlowCounts *counts = &visit->counts;
	bool		counted = false;
	size_t		begin;
	size_t		taken;

	(void) user;
	(void) values;
	for (begin = 0; begin < n; begin += taken)
	{
		const Event *session = events + begin;
		size_t		length;
		size_t		i;
		uint32		before = 0;

		taken = path_session(events + begin, n - begin, &visit->spec, &length);
		if (length == 0)
			continue;
		counts->sessions++;
		if (!counted)
			counts->users++;
		counted = true;
		for (i = 0; i < length; i++)
		{
			uint32		name = event_node(&session[i]);
			NodeCount  *node = flow_counts_node(counts, 0, name);

			if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
				CHECK_FOR_INTERRUPTS();
			if (node->last_session == counts->sessions && node->last_place + 1 < i)
				count_loop(counts, node, i - node->last_place, session[i].at);
			node->last_place = i;
			node->last_at = session[i].at;
			path_count_node(counts, node);
			node->entries += i == 0;
			node->exits += i + 1 == length;
			if (i > 0)
				path_count_link(counts, flow_counts_link(counts, 0, before, name),
								session[i - 1].at, session[i].at);
			before = name;
		}
	}
}

static Datum
transitions_final_users(PG_FUNCTION_ARGS)
{
	PathVisit	visit;
	Population *population;

	population = (Population *) PG_GETARG_POINTER(0);
	path_begin_visit(fcinfo, population, &visit);
	flow_counts_init(&visit.counts, CurrentMemoryContext, population->nodes->n, 1);
	population_visit(population, visit_transitions, &visit);
	PG_RETURN_DATUM(path_flow_result(&visit, population, &transition_stats_type));
}

/*
 * transitions_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_transitions_final, transitions_final_users(fcinfo),
			  .type = &transition_stats_type)
