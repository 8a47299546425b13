/*-------------------------------------------------------------------------
 *
 * options.h
 *		The options of an aggregate call: words, or phrases, between commas.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_OPTIONS_H
#define JOURNEY_OPTIONS_H

#include "postgres.h"

#include "base/base.h"

extern bool options_next(const char **at, const char *end, TextSlice *word);
extern void options_refuse_comma(TextSlice options);
extern bool option_is(TextSlice word, const char *name);

#endif							/* JOURNEY_OPTIONS_H */
