/*-------------------------------------------------------------------------
 *
 * job.h
 *		What the module must know of segments and tags: their settings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_JOB_H
#define JOURNEY_JOB_H

extern void job_init(void);

#endif							/* JOURNEY_JOB_H */
