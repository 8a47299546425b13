/*-------------------------------------------------------------------------
 *
 * fuzz_arguments.c
 *		Any eight bytes as the binary form of a stepset, and any text after
 *		them as the mode of a funnel.
 *
 *-------------------------------------------------------------------------
 */
#include <strings.h>

#include "funnel/funnel.h"
#include "fuzz.h"

/* Eight bytes, highest first, as stepset_recv() reads them. */
static void
read_stepset(const uint8_t *data)
{
	uint64		step = 0;
	uint64		rebuilt;
	uint64		left;
	int			k;

	for (k = 0; k < 8; k++)
		step = step << 8 | data[k];
	if (!stepset_is_valid(step))
		return;
	must(stepset_size(step) >= 1 && stepset_size(step) <= STEPSET_MAX);
	rebuilt = (uint64) stepset_size(step);
	for (k = 0; k < stepset_size(step); k++)
		rebuilt |= step & stepset_bit(k);
	must(rebuilt == step);
	for (left = stepset_conditions(step); left != 0; left &= ~stepset_bit(k))
	{
		k = stepset_lowest(left);
		must(k < stepset_size(step) && (left & stepset_bit(k)) != 0);
	}
}

/* The mode that one name between commas stands for, in any case, or 0. */
static uint32
mode_of(const char *name, size_t length)
{
	static const char *const names[] = {
		"strict_order", "strict_deduplication", "strict_increase", "strict_once",
		"allow_reentry", "any_order", "first_chain", "latest_chain", "consecutive"
	};
	int			k;

	for (k = 0; k < FUNNEL_NMODES; k++)
		if (length == strlen(names[k]) && strncasecmp(name, names[k], length) == 0)
			return UINT32_C(1) << k;
	return 0;
}

static void
read_modes(const char *text, size_t length)
{
	uint32		modes = 0;
	uint32		expected = 0;
	size_t		bad = SIZE_MAX;
	size_t		bad_length = SIZE_MAX;
	FunnelModeError error = funnel_parse_modes(text, length, &modes, &bad, &bad_length);
	bool		unknown = false;
	bool		blank = true;
	size_t		begin = 0;
	size_t		at;

	for (at = 0; at < length; at++)
		blank &= text[at] == ' ';
	for (at = 0; at <= length && !blank && !unknown; at++)
	{
		size_t		end = at;

		if (at < length && text[at] != ',')
			continue;
		while (begin < end && text[begin] == ' ')
			begin++;
		while (end > begin && text[end - 1] == ' ')
			end--;
		unknown = mode_of(text + begin, end - begin) == 0;
		if (unknown)
			must(error == FUNNEL_MODE_UNKNOWN && bad == begin && bad_length == end - begin);
		expected |= mode_of(text + begin, end - begin);
		begin = at + 1;
	}
	must(modes == expected);
	if (!unknown)
		must(error == funnel_check_modes(expected));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text;

	if (size < 8)
		return 0;
	read_stepset(data);
	text = fuzz_copy(data + 8, size - 8);
	read_modes(text, size - 8);
	free(text);
	return 0;
}
