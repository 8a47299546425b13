/*-------------------------------------------------------------------------
 *
 * source.h
 *		What the room of sources does when the module is loaded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SOURCE_H
#define JOURNEY_SOURCE_H

extern void source_init(void);

#endif							/* JOURNEY_SOURCE_H */
