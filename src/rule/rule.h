/*-------------------------------------------------------------------------
 *
 * rule.h
 *		Rules: the module's part in them, the stepsets of many conditions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RULE_H
#define JOURNEY_RULE_H

extern void rule_steps_init(void);

#endif							/* JOURNEY_RULE_H */
