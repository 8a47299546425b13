/*-------------------------------------------------------------------------
 *
 * stepset.h
 *		The type stepset: what is done when the library is loaded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STEPSET_H
#define JOURNEY_STEPSET_H

extern void stepset_init(void);

#endif							/* JOURNEY_STEPSET_H */
