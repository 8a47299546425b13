/*-------------------------------------------------------------------------
 *
 * options.c
 *		The options of an aggregate call: words, or phrases, between commas.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/options.h"

/* The next option, without the blanks around it; false at the end. */
bool
options_next(const char **at, const char *end, TextSlice *word)
{
	const char *comma;

	if (*at >= end)
		return false;
	comma = memchr(*at, ',', end - *at);
	word->bytes = *at;
	*at = comma == NULL ? end : comma;
	while (word->bytes < *at && *word->bytes == ' ')
		word->bytes++;
	word->length = (uint32) (*at - word->bytes);
	while (word->length > 0 && word->bytes[word->length - 1] == ' ')
		word->length--;
	if (comma != NULL)
		(*at)++;
	return true;
}

/* Refuse options whose last character is a comma. */
void
options_refuse_comma(TextSlice options)
{
	if (options.length > 0 && options.bytes[options.length - 1] == ',')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"%s\" end with a comma", pnstrdup(options.bytes, options.length)),
				 errhint("Leave it out.")));
}

bool
option_is(TextSlice word, const char *name)
{
	return word.length == strlen(name) && pg_strncasecmp(word.bytes, name, word.length) == 0;
}
