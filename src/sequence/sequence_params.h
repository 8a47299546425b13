/*-------------------------------------------------------------------------
 *
 * sequence_params.h
 *		The pattern that a call of an aggregate gives.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SEQUENCE_PARAMS_H
#define JOURNEY_SEQUENCE_PARAMS_H

#include "postgres.h"

#include "sequence/pattern.h"

extern void sequence_compile(const char *text, uint32 length, Pattern *pattern);
extern void sequence_check_steps(const Pattern *pattern, int nsteps);

#endif							/* JOURNEY_SEQUENCE_PARAMS_H */
