/*-------------------------------------------------------------------------
 *
 * tests.h
 *		The tests of each kernel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TESTS_H
#define KERNEL_TESTS_H

extern void test_codec(void);
extern void test_events(void);
extern void test_funnel(void);
extern void test_pattern(void);
extern void test_sequence(void);
extern void test_next_node(void);
extern void test_retention(void);
extern void test_session(void);
extern void test_roaring(void);
extern void test_numset(void);
extern void test_record_block(void);
extern void test_inference(void);
extern void test_interval(void);
extern void test_survival(void);
extern void test_experiment(void);
extern void test_loss(void);
extern void test_driver(void);
extern void test_quality(void);
extern void test_attribution(void);
extern void test_activity(void);
extern void test_cohort(void);
extern void test_path(void);
extern void test_worst_cases(void);

#endif							/* KERNEL_TESTS_H */
