/*-------------------------------------------------------------------------
 *
 * rights.h
 *		The rights with which stored queries run: what is done when the
 *		library is loaded, and the time for which one runs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RIGHTS_H
#define JOURNEY_RIGHTS_H

extern void rights_init(void);
extern const char *rights_as_of(void);

#endif							/* JOURNEY_RIGHTS_H */
