/*-------------------------------------------------------------------------
 *
 * main.c
 *		Runs the tests of all kernels.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"
#include "tests.h"

int
main(void)
{
	test_codec();
	test_events();
	test_funnel();
	test_pattern();
	test_sequence();
	test_next_node();
	test_retention();
	test_session();
	test_roaring();
	test_numset();
	test_record_block();
	test_inference();
	test_interval();
	test_survival();
	test_experiment();
	test_loss();
	test_driver();
	test_quality();
	test_attribution();
	test_activity();
	test_cohort();
	test_path();
	test_worst_cases();
	return test_finish();
}
