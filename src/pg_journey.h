/*-------------------------------------------------------------------------
 *
 * pg_journey.h
 *		What the whole extension shares: its version.
 *
 * The version is the Makefile's, which reads it from pg_journey.control.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_JOURNEY_H
#define PG_JOURNEY_H

#ifndef JOURNEY_VERSION
#error "JOURNEY_VERSION comes from the Makefile"
#endif

#endif							/* PG_JOURNEY_H */
