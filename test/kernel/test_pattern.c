/*-------------------------------------------------------------------------
 *
 * test_pattern.c
 *		Reading patterns: what is one, and what is said about what is none.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"
#include "oracle.h"
#include "sequence/pattern.h"
#include "tap.h"
#include "tests.h"

/* Parse from memory of exactly the text's length. */
static bool
parse(const char *text, size_t length, Pattern *pattern, PatternError *error)
{
	char	   *copy = copy_of(text, length);
	bool		good = pattern_parse(copy, length, pattern, error);

	free(copy);
	return good;
}

static void
test_good(const char *text, int nevents, int highest)
{
	Pattern		pattern;
	PatternError error = {0, "", ""};
	bool		good = parse(text, strlen(text), &pattern, &error);

	if (!test_ok(good && pattern.nevents == nevents && pattern.highest == highest,
				 "pattern: %s has %d events", text, nevents))
		test_note("%s", good ? "another number of events or conditions" : error.message);
}

static void
test_bad(const char *text, size_t at, const char *message)
{
	Pattern		pattern;
	PatternError error = {0, "", ""};
	bool		good = parse(text, strlen(text), &pattern, &error);

	if (!test_ok(!good && error.at == at && strcmp(error.message, message) == 0,
				 "pattern: %s: %s, at %zu", text, message, at))
		test_note("%s at %zu", good ? "it is accepted" : error.message, error.at);
}

/* The same piece of text again and again. */
static void
test_repeated(const char *before, const char *piece, int times, const char *after,
			  bool expected, const char *message)
{
	char	   *text = allocate(strlen(before) + strlen(piece) * (size_t) times + strlen(after) + 1);
	Pattern		pattern;
	PatternError error = {0, "", ""};
	bool		good;
	int			i;

	strcpy(text, before);
	for (i = 0; i < times; i++)
		strcat(text, piece);
	strcat(text, after);
	good = parse(text, strlen(text), &pattern, &error);
	if (!test_ok(good == expected && (good || strcmp(error.message, message) == 0),
				 "pattern: %s%d times %s%s", before, times, piece, after))
		test_note("%s", good ? "it is accepted" : error.message);
	free(text);
}

/*
 * Texts made of pieces of patterns, mostly wrong somewhere: the parser and the
 * plain parser agree on which are patterns, and an error lies in the text.
 */
static void
test_random_texts(void)
{
	static const char *const pieces[] = {
		"(?1)", "(?2)", "(?58)", ".", ".*", "(?t>=1)", "(?t<2h)", "(", ")", "|", "*", "+", "?", "{2}",
		"{0,3}", "(?!1)", "(?1|2)", "^", "$", "(?w<=1d)", "{2,}", "(?! 1 | 3 )", "{", "}", "{1",
		",", "{9}", "{3,2}", "{0}", "(?w<0)", "(? w < 5 )", "(?w>5)", "!", "(?1|", "(?59)", "(?t!=3m)",
		"(?t==0 s )", "(?t>53375995d)", "(?t<=53375996d)", "(?t >\t1)", "(?t", "(?", "(", ")",
		" ", "1", "t", "<", "=", "d", "(?0)", "( ?1)", "(? 1 )", "(?t > 1 )", "\n"
	};
	const int	npieces = (int) (sizeof(pieces) / sizeof(pieces[0]));
	Random		random = {41};
	int			wrong = 0;
	int			ngood = 0;
	int			i;

	for (i = 0; i < 400000; i++)
	{
		char		text[256] = "";
		Pattern		pattern;
		PatternError error = {SIZE_MAX, NULL, NULL};
		static OraclePattern plain;
		int			count = (int) random_below(&random, 9);
		bool		good;

		while (count-- > 0)
			strcat(text, pieces[random_below(&random, random_below(&random, 6) == 0 ?
											 (uint64) npieces : 20)]);
		good = parse(text, strlen(text), &pattern, &error);
		if (good != oracle_parse(text, strlen(text), &plain) ||
			(good ? pattern.nevents != plain.nevents :
			 error.at > strlen(text) || error.message == NULL || error.hint == NULL))
		{
			if (wrong++ == 0)
				test_note("\"%s\" is %s", text, good ? "accepted" : "refused");
		}
		ngood += good;
	}
	test_ok(wrong == 0 && ngood > 10000, "pattern: random texts are read as a plain parser reads them");
}

/* A pattern reversed twice is the pattern. */
static void
test_reverse(void)
{
	const char *text = "^.*(?1)(.(?t>1)(?t!=5)(?2)|.*(?!3)+)*(?t==0)(?1|5)?(?2)(?w<5)";
	Pattern		pattern;
	Pattern		reversed;
	Pattern		again;
	PatternError error;
	bool		good = parse(text, strlen(text), &pattern, &error);

	if (good)
	{
		pattern_reverse(&pattern, pattern.nevents, true, &reversed);
		pattern_reverse(&reversed, reversed.nevents, true, &again);
	}
	test_ok(good && again.nevents == pattern.nevents && again.adjacent == pattern.adjacent &&
			again.free == pattern.free && again.timed == pattern.timed &&
			again.any == pattern.any && again.looks_back == pattern.looks_back &&
			again.begin_any == pattern.begin_any && again.begin_first == pattern.begin_first &&
			again.end_any == pattern.end_any && again.end_last == pattern.end_last &&
			again.at_begin == pattern.at_begin && again.at_end == pattern.at_end &&
			again.within == pattern.within && again.negated == pattern.negated &&
			memcmp(again.enters, pattern.enters, sizeof(pattern.enters)) == 0 &&
			memcmp(again.bars, pattern.bars, sizeof(pattern.bars)) == 0 &&
			memcmp(again.conditions, pattern.conditions, sizeof(pattern.conditions)) == 0 &&
			memcmp(again.adjacent_to, pattern.adjacent_to, sizeof(pattern.adjacent_to)) == 0 &&
			memcmp(again.free_to, pattern.free_to, sizeof(pattern.free_to)) == 0 &&
			memcmp(again.first_range, pattern.first_range, sizeof(int) * (size_t) (pattern.nevents + 1)) == 0 &&
			memcmp(again.ranges, pattern.ranges,
				   sizeof(PatternRange) * (size_t) pattern.first_range[pattern.nevents]) == 0,
			"pattern: reversed twice it is itself");
}

void
test_pattern(void)
{
	const char *no_number = "expected a condition number, ! or t";
	const char *between = "a time condition stands before the first event";
	const char *no_event = "a group or an alternative names no event";
	const char *repeats = "the repeats make too many events";
	const char *no_operator = "expected a comparison operator";
	const char *stray = "unexpected character";

	test_good("(?1)", 1, 1);
	test_good(".", 1, 0);
	test_good(".*(?3).*", 1, 3);
	test_good("(?1)(?2)", 2, 2);
	test_good("(?1).*(?t<=3600)(?2).*(?1).*(?2)", 4, 2);
	test_good("(?1)(?t>=90s)(?t<30m)(?t!=2h)(?t==7d)(?58)", 2, 58);
	test_good("  (? 1 ) .* (? t <= 5 ) (?2)  ", 2, 2);
	test_good("(?1)(?t<0)(?2)", 2, 2);
	test_good("(?1)(?t<5 s)(?2)", 2, 2);
	test_good("(?1)(?t<=53375995d)(?2)", 2, 2);
	test_good("(?1)(?t<=4611686018427s)(?2)", 2, 2);

	test_good("(?1)(?2)?(?1)", 3, 2);
	test_good("(?1|2|58)", 1, 58);
	test_good("(?!1)(?! 2 | 3 )", 2, 3);
	test_good("((?1)(?2)|(?3))+", 3, 3);
	test_good("( (?1) (?2){3} ){2,4}", 16, 2);
	test_good("(?1){2}", 2, 1);
	test_good("(?1){2,}", 2, 1);
	test_good("(?1){0,5}(?2)", 6, 2);
	test_good("(?1){64}", 64, 1);
	test_good("((?1){8}){8}", 64, 1);
	test_good("^(?1).*$", 1, 1);
	test_good("(?w<=7d)^(?1)$", 1, 1);
	test_good("(?1)$ (?w<7d) ", 1, 1);
	test_good("(?1)((?t<=1h)(?2))*", 2, 2);
	test_good("(?1)(?2)?(?t<5)(?3)", 3, 3);
	test_good("((?1)?)*(?2)", 2, 2);
	test_good("((?1)?(?2)*){0,3}(?2)", 7, 2);

	test_bad("", 0, "the pattern names no event");
	test_bad("   ", 0, "the pattern names no event");
	test_bad(".*", 0, "the pattern names no event");
	test_bad("(?", 2, no_number);
	test_bad("(?)", 2, no_number);
	test_bad("(?x)", 2, no_number);
	test_bad("(?1).*(?-1)", 8, no_number);
	test_bad("(?0)", 2, "condition 0 does not exist");
	test_bad("(?59)", 2, "the condition number is too large");
	test_bad("(?99999999999999999999999)", 2, "the condition number is too large");
	test_bad("(?1", 3, "expected ) after a condition number");
	test_bad("(?1(?2)", 3, "expected ) after a condition number");
	test_bad("a", 0, stray);
	test_bad("(?1)\t(?2)", 4, stray);
	test_bad("(1)", 1, stray);
	test_bad("(?1) x", 5, stray);
	test_bad("(?1)**", 5, stray);
	test_bad("(?1)+?", 5, stray);
	test_bad("(?1) *", 5, stray);
	test_bad("*", 0, stray);
	test_bad(".*?", 2, stray);
	test_bad("(?1)(?t<5)*(?2)", 10, stray);
	test_bad("(?1))", 4, stray);
	test_bad("(?!)", 3, "expected a condition number");
	test_bad("(?1|)", 4, "expected a condition number");
	test_bad("(?1|!2)", 4, "expected a condition number");
	test_bad("(?!0)", 3, "condition 0 does not exist");
	test_bad("(?1|2", 5, "expected ) after a condition number");
	test_bad("()", 1, no_event);
	test_bad("((?1)|)", 6, no_event);
	test_bad("(?1)(.*)(?2)", 5, no_event);
	test_bad("((?1)", 0, "the group is not closed");
	test_bad("(?1)|(?2)", 4, "| stands outside of parentheses");
	test_bad("(?1)^", 4, "^ does not stand at the beginning");
	test_bad(".*^(?1)", 2, "^ does not stand at the beginning");
	test_bad("^^(?1)", 1, "^ does not stand at the beginning");
	test_bad("(^(?1))", 1, "^ does not stand at the beginning");
	test_bad("(?1)$(?2)", 5, "something follows $");
	test_bad("(?1)$$", 5, "something follows $");
	test_bad("((?1)$)", 5, "$ does not stand at the end");
	test_bad("(?1)?", 0, "the pattern may match no event");
	test_bad("^.*$", 0, "the pattern names no event");
	test_bad("((?1)|(?2)*)", 0, "the pattern may match no event");
	test_bad("(?1){x}", 5, "expected a number of repeats");
	test_bad("(?1){2", 6, "expected } after the number of repeats");
	test_bad("(?1){2,3,4}", 8, "expected } after the number of repeats");
	test_bad("(?1){0}", 4, "it is repeated no times");
	test_bad("(?1){0,0}", 4, "it is repeated no times");
	test_bad("(?1){3,2}", 4, "the least number of repeats is above the most");
	test_bad("(?1){65}", 4, repeats);
	test_bad("(?1){2,99999999999999999999}", 4, repeats);
	test_bad("(?2)(?1){64}", 8, repeats);
	test_bad("((?1){8}){9}", 9, repeats);
	test_bad("((((((?1){9}){9}){9}){9}){9}){9}", 13, repeats);
	test_bad("(?1)(.*(?2)?)*(?3)", 13, "what is repeated may match no event, but has a gap");
	test_bad("(?1)((?t<5)(?2)?)+(?3)", 17, "what is repeated may match no event, but has a gap");
	test_bad("(?w<=1d)", 0, "the pattern names no event");
	test_bad("(?1)(?w<=1d)(?w<=1d)", 12, "there are two windows");
	test_bad("((?1)(?w<=1d))", 5, "the window stands inside a group");
	test_bad("(?1)(?w>=1d)", 7, "expected <= or <");
	test_bad("(?1)(?w<)", 8, "expected a number");
	test_bad("(?1)(?w<0)", 4, "no match is so short");
	test_bad("(?1)(?w<=53375996d)", 9, "the duration is too large");
	test_bad("(?1)(?w<=1d", 11, "expected ) after the window");
	test_bad("(?t<5)(?1)", 0, between);
	test_bad("(?1)?(?t<5)(?2)", 5, between);
	test_bad("((?t<5)(?1))+", 1, between);
	test_bad("(?1)(?t<5)(?2)?", 4, "a time condition stands after the last event");
	test_bad("(?1)(?t<5)", 4, "a time condition stands after the last event");
	test_bad("(?1).*(?t<5).*", 6, "a time condition stands after the last event");
	test_bad("(?1)(?t)(?2)", 7, no_operator);
	test_bad("(?1)(?t=5)(?2)", 7, no_operator);
	test_bad("(?1)(?t 5)(?2)", 8, no_operator);
	test_bad("(?1)(?t<)(?2)", 8, "expected a number");
	test_bad("(?1)(?t<-5)(?2)", 8, "expected a number");
	test_bad("(?1)(?t<5", 9, "expected ) after a time condition");
	test_bad("(?1)(?t<5w)(?2)", 9, "expected ) after a time condition");
	test_bad("(?1)(?t<5 w)(?2)", 10, "expected ) after a time condition");
	test_bad("(?1)(?t<53375996d)(?2)", 8, "the duration is too large");
	test_bad("(?1)(?t<4611686018428)(?2)", 8, "the duration is too large");
	test_bad("(?1)(?t<99999999999999999999999d)(?2)", 8, "the duration is too large");

	test_repeated("", "(?1)", 64, "", true, "");
	test_repeated("", "(?1)", 65, "", false, "too many events");
	test_repeated("", ".", 64, "", true, "");
	test_repeated("(?1)", "((?t!=9)(?2)|(?3))?", 31, "", true, "");
	test_repeated("(?1)", "((?t!=9)(?t!=8)(?2))?", 60, "(?3)", false, "too many time conditions");
	test_repeated("((?1)|(?2)", "|(?3)", 62, ")+", true, "");
	test_repeated("", "(", 100000, "", false, "too many groups inside groups");
	test_repeated("((((((((((((((((", "((((((((((((((((", 1, "(?1)))))))))))))))))))))))))))))))))", true, "");
	test_repeated("((((((((((((((((", "((((((((((((((((", 1, "((?1))))))))))))))))))))))))))))))))))", false, "too many groups inside groups");
	test_repeated("(?1)", ".*", 1000, "(?2)", true, "");
	test_repeated("(?1)", "(?t<9)", 1000, "(?2)", true, "");
	test_repeated("(?1)", "(?t!=9)", 128, "(?2)", true, "");
	test_repeated("(?1)", "(?t!=9)", 129, "(?2)", false, "too many time conditions");
	test_repeated("(?1)", "(?t!=9)(?2)", 63, "", true, "");
	test_repeated("(?1)", "(?t!=9)(?t!=8)(?2)", 42, "", true, "");
	test_repeated("(?1)", "(?t!=9)(?t!=8)(?2)", 43, "", false, "too many time conditions");

	test_random_texts();
	test_reverse();
}
