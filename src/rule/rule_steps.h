/*-------------------------------------------------------------------------
 *
 * rule_steps.h
 *		Stepsets of rules.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SEGMENT_RULE_STEPS_H
#define JOURNEY_SEGMENT_RULE_STEPS_H

extern void rule_steps_init(void);

#endif							/* JOURNEY_SEGMENT_RULE_STEPS_H */
