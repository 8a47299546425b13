/*-------------------------------------------------------------------------
 *
 * userset.h
 *		The type userset: what is done when the library is loaded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USERSET_H
#define JOURNEY_USERSET_H

extern void userset_init(void);

#endif							/* JOURNEY_USERSET_H */
