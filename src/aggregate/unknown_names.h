/*-------------------------------------------------------------------------
 *
 * unknown_names.h
 *		A notice about names in an aggregate's parameters that no row has.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_UNKNOWN_NAMES_H
#define JOURNEY_UNKNOWN_NAMES_H

#include "postgres.h"

#include "event/event.h"
#include "fmgr.h"

extern void unknown_names_note(FunctionCallInfo fcinfo, const char *parameter, TextSlice name,
							   bool known);
extern void unknown_names_tell(const char *parameter, TextSlice name);

#endif							/* JOURNEY_UNKNOWN_NAMES_H */
