/*-------------------------------------------------------------------------
 *
 * rights.h
 *		With whose rights stored queries run: the module's part in it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RIGHTS_H
#define JOURNEY_RIGHTS_H

extern void rights_init(void);

#endif							/* JOURNEY_RIGHTS_H */
