/*-------------------------------------------------------------------------
 *
 * fuzz_arguments.c
 *		Any eight bytes as the binary form of a stepset, and any text after
 *		them as options: of any room, and of a funnel.
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

/*
 * Read options sign by sign.  What of each sign: a comma between options, blank,
 * part of a word, or the first of a word.
 */
static void
mark_signs(const char *text, size_t length, char *marks)
{
	bool		inside = false; /* a word */
	bool		quoted = false;
	size_t		i;

	for (i = 0; i < length; i++)
	{
		if (quoted)
		{
			marks[i] = 'w';
			if (text[i] != '"')
				continue;
			if (i + 1 < length && text[i + 1] == '"')
				marks[++i] = 'w';
			else
				inside = quoted = false;
			continue;
		}
		marks[i] = text[i] == ',' ? ',' : is_blank(text[i]) ? ' ' : inside ? 'w' : 'W';
		quoted = marks[i] == 'W' && text[i] == '"';
		inside = marks[i] == 'w' || marks[i] == 'W';
	}
}

/* A word in double quotes is as long as its signs, but for doubled ones. */
static void
unquote(TextSlice quoted, bool last)
{
	char	   *space = fuzz_allocate(quoted.length);
	uint32		length = quoted.length;
	uint32		quotes = 0;
	uint32		i;
	TextSlice	word;

	for (i = 0; i < length; i++)
		quotes += quoted.bytes[i] == '"';
	if (option_unquote(&quoted, space, &word))
		must(quotes % 2 == 0 && word.length == length - quotes / 2 - 1 && quoted.length == 0);
	else
		must(quotes % 2 == 1 && last);
	free(space);
}

/* Options and their words are where the marks are. */
static void
read_words(TextSlice options)
{
	const char *const text = options.bytes;
	const size_t length = options.length;
	const char *const end = text + length;
	const char *next = text;
	char	   *marks = fuzz_allocate(length);
	TextSlice	option;
	size_t		at = 0;			/* up to here signs are accounted for */
	bool		comma = false;

	mark_signs(text, length, marks);
	while (options_next(&next, end, &option))
	{
		const char *option_end = option.bytes + option.length;
		const bool	empty = option.length == 0;
		TextSlice	word;

		must(option.bytes >= text + at && option_end <= end);
		while (option_word(&option, &word))
		{
			size_t		begin = (size_t) (word.bytes - text);

			for (; at < begin; at++)
				must(marks[at] == ' ');
			must(word.length > 0 && marks[at] == 'W');
			while (++at < begin + word.length)
				must(marks[at] == 'w');
			must(at == length || marks[at] != 'w');
			if (word.bytes[0] == '"')
				unquote(word, at == length);
		}
		must(option.length == 0 && (empty || option_end == text + at));
		for (; at < (size_t) (next - text); at++)
			must(marks[at] == ' ' || (marks[at] == ',' && text + at + 1 == next));
		comma = at > 0 && marks[at - 1] == ',';
		must(comma || next == end);
	}
	for (; at < length; at++)
		must(marks[at] == ' ');
	must(options_end_with_comma(options) == comma);
	free(marks);
}

static void
read_options(TextSlice text)
{
	uint32		expected = 0;
	FunnelOptions options;
	FunnelOptionError error = funnel_parse_options(text, true, &options);
	const char *next = text.bytes;
	TextSlice	option;
	bool		known = true;	/* all of it: words only */
	size_t		at;
	int			nsteps;
	int			wrong;

	must(options.bad.bytes >= text.bytes && options.bad.bytes + options.bad.length <= text.bytes + text.length);
	must(options.rules.n <= FUNNEL_RULES_MAX);
	must(error != FUNNEL_OPTION_MALFORMED || options.form != NULL);
	while (known && options_next(&next, text.bytes + text.length, &option))
	{
		known = mode_of(option.bytes, option.length) != 0;
		if (!known && !is_phrase(option.bytes, option.length))
			must(error == FUNNEL_OPTION_UNKNOWN && options.bad.bytes == option.bytes && options.bad.length == option.length);
		expected |= mode_of(option.bytes, option.length);
	}
	if (known)
		must(options.modes == expected &&
			 error == (options_end_with_comma(text) ? FUNNEL_OPTION_UNKNOWN : funnel_check_modes(expected)));
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
	TextSlice	text;

	if (size < 8)
		return 0;
	read_stepset(data);
	text.bytes = fuzz_copy(data + 8, size - 8);
	text.length = (uint32) (size - 8);
	read_words(text);
	read_options(text);
	free((void *) text.bytes);
	return 0;
}
