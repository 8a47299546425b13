/*-------------------------------------------------------------------------
 *
 * option_words.h
 *		The grammar of options: a text as options, an option as words.
 *
 * Options are separated by commas, the words of an option by blanks.  A word
 * that begins with a double quote ends with the next one, whatever is between
 * them, and "" in it is one double quote.  Names are read in any case.  A text
 * of blanks has no options.
 *
 * Each function that reads takes what it has read off the front of the text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_OPTION_WORDS_H
#define JOURNEY_OPTION_WORDS_H

#include "base/text_slice.h"

extern bool options_next(const char **at, const char *end, TextSlice *option);
extern bool options_end_with_comma(TextSlice options);
extern bool option_word(TextSlice *option, TextSlice *word);
extern bool option_accept(TextSlice *option, const char *name);
extern bool option_number(TextSlice *option, int most, int *number);
extern bool option_unquote(TextSlice *option, char *text, TextSlice *word);
extern bool option_is(TextSlice word, const char *name);
extern int	option_index(TextSlice word, const char *const *names, int n);

#endif							/* JOURNEY_OPTION_WORDS_H */
