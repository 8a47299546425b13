/*-------------------------------------------------------------------------
 *
 * rights.h
 *		The rights with which stored queries run: what is done when the
 *		library is loaded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RIGHTS_H
#define JOURNEY_RIGHTS_H

extern void rights_init(void);

#endif							/* JOURNEY_RIGHTS_H */
