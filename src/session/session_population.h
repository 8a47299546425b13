/*-------------------------------------------------------------------------
 *
 * session_population.h
 *		The parameters of the aggregates of sessions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SESSION_POPULATION_H
#define JOURNEY_SESSION_POPULATION_H

#include "postgres.h"

extern int64 session_params_gap(const void *params);

#endif							/* JOURNEY_SESSION_POPULATION_H */
