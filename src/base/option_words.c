/*-------------------------------------------------------------------------
 *
 * option_words.c
 *		The grammar of options: a text as options, an option as words.
 *
 *-------------------------------------------------------------------------
 */
#include "base/option_words.h"

static bool
option_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
option_skip_blanks(const char *at, const char *end)
{
	while (at < end && option_is_blank(*at))
		at++;
	return at;
}

/* The end of the word that begins here. */
static const char *
option_word_end(const char *at, const char *end)
{
	if (*at != '"')
	{
		while (at < end && *at != ',' && !option_is_blank(*at))
			at++;
		return at;
	}
	do
	{
		at = memchr(at + 1, '"', end - at - 1);
		if (at == NULL)
			return end;
		at++;
	} while (at < end && *at == '"');
	return at;
}

/* The next option, without the blanks around it; false at the end. */
bool
options_next(const char **at, const char *end, TextSlice *option)
{
	const char *past;			/* its last word */

	*at = option_skip_blanks(*at, end);
	if (*at == end)
		return false;
	option->bytes = past = *at;
	while (*at < end && **at != ',')
	{
		past = option_word_end(*at, end);
		*at = option_skip_blanks(past, end);
	}
	option->length = (uint32) (past - option->bytes);
	if (*at < end)
		(*at)++;
	return true;
}

/* Is there a comma after the last option? */
bool
options_end_with_comma(TextSlice options)
{
	const char *at = options.bytes;
	const char *end = options.bytes + options.length;
	TextSlice	option;
	bool		comma = false;

	while (options_next(&at, end, &option))
		comma = at[-1] == ',' && at > option.bytes + option.length;
	return comma;
}

/* The next word; false at the end of the option. */
bool
option_word(TextSlice *option, TextSlice *word)
{
	const char *end = option->bytes + option->length;
	const char *at;

	if (option->length == 0)
		return false;
	word->bytes = option->bytes;
	at = option_word_end(word->bytes, end);
	word->length = (uint32) (at - word->bytes);
	option->bytes = option_skip_blanks(at, end);
	option->length = (uint32) (end - option->bytes);
	return true;
}

/* Is this the next word?  Then go past it. */
bool
option_accept(TextSlice *option, const char *name)
{
	TextSlice	ahead = *option;
	TextSlice	word;

	if (!option_word(&ahead, &word) || !option_is(word, name))
		return false;
	*option = ahead;
	return true;
}

/* A whole number from 1 to `most`. */
bool
option_number(TextSlice *option, int most, int *number)
{
	TextSlice	word;
	int64		value = 0;
	uint32		i;

	if (!option_word(option, &word))
		return false;
	for (i = 0; i < word.length; i++)
	{
		if (word.bytes[i] < '0' || word.bytes[i] > '9')
			return false;
		value = value * 10 + (word.bytes[i] - '0');
		if (value > most)
			return false;
	}
	*number = (int) value;
	return value >= 1;
}

/*
 * A word in double quotes, without them, in `text`, which is as long as the
 * option; false if it does not end.
 */
bool
option_unquote(TextSlice *option, char *text, TextSlice *word)
{
	TextSlice	quoted;
	uint32		i;

	if (!option_word(option, &quoted))
		return false;
	word->bytes = text;
	word->length = 0;
	for (i = 1; i < quoted.length; i++)
	{
		if (quoted.bytes[i] == '"' && ++i == quoted.length)
			return true;
		text[word->length++] = quoted.bytes[i];
	}
	return false;
}

/* Is a word this name of small letters? */
bool
option_is(TextSlice word, const char *name)
{
	return option_index(word, &name, 1) == 0;
}

/* Which of n names of small letters a word is; n if none. */
int
option_index(TextSlice word, const char *const *names, int n)
{
	int			k;

	for (k = 0; k < n; k++)
	{
		uint32		i;

		for (i = 0; i < word.length && names[k][i] != '\0'; i++)
			if ((word.bytes[i] >= 'A' && word.bytes[i] <= 'Z' ?
				 word.bytes[i] + 'a' - 'A' : word.bytes[i]) != names[k][i])
				break;
		if (i == word.length && names[k][i] == '\0')
			break;
	}
	return k;
}
