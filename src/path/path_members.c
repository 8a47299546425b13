/*-------------------------------------------------------------------------
 *
 * path_members.c
 *		path_members: who went from one node to another, was at a node, or left
 *		there; top_path_members: who took a path.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "path/path_visit.h"
#include "utils/timestamp.h"

/* Is the event at a place of a path the node that one end of the link names? */
static bool
is_link_end(PathVisit *visit, const Event *events, const Path *path, int place,
			uint32 wanted, bool wants_other)
{
	const int	position = visit->backward ? path->length - 1 - place : place;
	const uint32 node = event_node(&events[path->first + place]);

	if (path_node_at_position(visit, position, node) != node)
		return wants_other;
	return node == wanted;
}

/*
 * Does a path go through the link, or without a target through its source, and
 * if so when does it arrive?
 */
static bool
path_has_link(PathVisit *visit, const Event *events, const Path *path, int64 *at)
{
	/* where in the path the link's source stands */
	int			k = visit->position > 0 ? visit->position - 1 : path->length + visit->position;

	if (k < 0 || k + (visit->any_target ? 0 : 1) >= path->length)
		return false;
	if (visit->any_target)
	{
		*at = events[path->first + k].at;
		return is_link_end(visit, events, path, k, visit->source, visit->source_other) &&
			(!visit->params->exits ||
			 (k + 1 == path->length && (visit->backward || path->whole)));
	}
	*at = events[path->first + k + 1].at;
	return is_link_end(visit, events, path, k, visit->source, visit->source_other) &&
		is_link_end(visit, events, path, k + 1, visit->target, visit->target_other);
}

/* Is it the path whose members are wanted? */
static bool
path_is_wanted(const PathVisit *visit, const Event *events, const Path *path)
{
	int			k;

	if (path->length != visit->nnodes)
		return false;
	for (k = 0; k < path->length; k++)
		if (event_node(&events[path->first + k]) != visit->nodes[k])
			return false;
	return true;
}

/* Keep a user who went through the link, or took the path. */
static void
path_visit_member(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PathVisit  *visit = arg;
	uint64		passes = 0;
	int64		first_at = 0;
	Datum		columns[3];
	bool		nulls[3] = {false};
	size_t		begin;
	size_t		taken;

	(void) values;
	for (begin = 0; begin < n; begin += taken)
	{
		const Event *session = events + begin;
		size_t		search = 0;
		size_t		length;
		size_t		i;
		Path		path;
		int64		at;

		taken = path_session(events + begin, n - begin, &visit->spec, &length);
		CHECK_FOR_INTERRUPTS();
		if (visit->nnodes > 0)
		{
			/* top_paths counts the first path of a session */
			if (path_next(session, length, &visit->spec, &search, &path) &&
				path_is_wanted(visit, session, &path) && passes++ == 0)
				first_at = session[path.first].at;
			continue;
		}
		if (visit->position == 0)
		{
			for (i = 0; visit->any_target && i < length; i++)
				if (event_node(&session[i]) == visit->source && passes++ == 0)
					first_at = session[i].at;
			for (i = 1; !visit->any_target && i < length; i++)
				if (event_node(&session[i - 1]) == visit->source &&
					event_node(&session[i]) == visit->target && passes++ == 0)
					first_at = session[i].at;
			continue;
		}
		while (path_next(session, length, &visit->spec, &search, &path))
		{
			CHECK_FOR_INTERRUPTS();
			if (path_has_link(visit, session, &path, &at) && passes++ == 0)
				first_at = at;
		}
	}
	if (passes == 0)
		return;

	columns[1] = Int64GetDatum((int64) passes);
	columns[2] = TimestampTzGetDatum(first_at);
	members_add(visit->members, user, 0, columns, nulls);
}

static void
path_visit_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	Population *population = (Population *) store;
	PathVisit	visit;

	path_begin_visit(fcinfo, population, &visit);
	visit.members = members;
	visit.position = (int) visit.params->given.list[PATH_POSITION].number;
	visit.source = path_node_param(fcinfo, population, visit.params, PATH_SOURCE);
	visit.any_target = !visit.params->given.list[PATH_TARGET].given;
	visit.target = path_node_param(fcinfo, population, visit.params, PATH_TARGET);
	if (visit.params->top > 0)
	{
		visit.source_other = path_param_is_other(visit.params, PATH_SOURCE);
		visit.target_other = path_param_is_other(visit.params, PATH_TARGET);
		path_find_top_nodes(&visit, population);
	}
	population_visit(population, path_visit_member, &visit);
}

/*
 * path_members_final(state): an array of path_member, by user_id.
 */
MEMBERS_FINAL(journey_path_members_final, journey_path_member_list_final,
			  .row = "path_member",
			  .call = "path_members(user_id, at, node, gap, source, target)",
			  .list = "path_member_list(user_id, at, node, gap, source, target)",
			  .visit = path_visit_members)

static void
path_visit_top_path_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	Population *population = (Population *) store;
	TextSlice	nodes[PATH_DEPTH_MAX];
	PathVisit	visit;
	int			i;

	path_begin_visit(fcinfo, population, &visit);
	if (!visit.params->given.list[PATH_NODES].given)
		serialized_refuse();
	visit.members = members;
	visit.nnodes = path_parse_nodes(visit.params, nodes);
	for (i = 0; i < visit.nnodes; i++)
		visit.nodes[i] = path_find_node(fcinfo, population, "path", nodes[i], false);
	population_visit(population, path_visit_member, &visit);
}

/*
 * top_path_members_final(state): an array of path_member, by user_id.
 */
MEMBERS_FINAL(journey_top_path_members_final, journey_top_path_member_list_final,
			  .row = "path_member",
			  .call = "top_path_members(user_id, at, node, gap, depth, path)",
			  .list = "top_path_member_list(user_id, at, node, gap, depth, path)",
			  .visit = path_visit_top_path_members)
