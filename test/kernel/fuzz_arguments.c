/*-------------------------------------------------------------------------
 *
 * fuzz_arguments.c
 *		Any eight bytes as the binary form of a stepset, and any text after
 *		them as the options of a funnel.
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

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Does an option begin with the word of a phrase? */
static bool
is_phrase(const char *option, size_t length)
{
	static const char *const words[] = {"exclude", "optional", "within", "same", "count", "top"};
	size_t		word = 0;
	int			k;

	while (word < length && !is_blank(option[word]))
		word++;
	for (k = 0; k < 6; k++)
		if (word == strlen(words[k]) && strncasecmp(option, words[k], word) == 0)
			return true;
	return false;
}

static void
read_options(const char *text, size_t length)
{
	uint32		expected = 0;
	FunnelOptions options;
	FunnelOptionError error = funnel_parse_options(text, length, true, &options);
	bool		blank = true;
	bool		known = true;	/* all of it: words only */
	size_t		begin = 0;
	size_t		at;
	int			nsteps;
	int			wrong;

	must(options.bad >= text && options.bad + options.bad_length <= text + length);
	must(options.rules.n <= FUNNEL_RULES_MAX);
	must(error != FUNNEL_OPTION_MALFORMED || options.form != NULL);
	for (at = 0; at < length; at++)
		blank &= is_blank(text[at]);
	for (at = 0; at <= length && !blank && known; at++)
	{
		size_t		end = at;

		if (at < length && text[at] != ',')
			continue;
		while (begin < end && is_blank(text[begin]))
			begin++;
		while (end > begin && is_blank(text[end - 1]))
			end--;
		known = mode_of(text + begin, end - begin) != 0;
		if (!known && !is_phrase(text + begin, end - begin))
			must(error == FUNNEL_OPTION_UNKNOWN && options.bad == text + begin && options.bad_length == end - begin);
		expected |= mode_of(text + begin, end - begin);
		begin = at + 1;
	}
	if (known)
		must(options.modes == expected && error == funnel_check_modes(expected));
	if (error == FUNNEL_OPTIONS_OK)
		for (at = 1; at <= STEPSET_MAX; at++)
			if (funnel_settle_rules(&options.rules, (int) at, &nsteps, &wrong) == FUNNEL_RULES_OK)
			{
				must(nsteps >= 1 && nsteps <= (int) at);
				break;
			}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text;

	if (size < 8)
		return 0;
	read_stepset(data);
	text = fuzz_copy(data + 8, size - 8);
	read_options(text, size - 8);
	free(text);
	return 0;
}
