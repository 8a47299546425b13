/*-------------------------------------------------------------------------
 *
 * funnel_options.c
 *		The options of a funnel: from text to modes and rules.
 *
 * Options are separated by commas.  Each is a word, the name of a mode, or a
 * phrase:
 *
 *	exclude E [between I and J] [dropping users]
 *	optional K
 *	within DURATION from I to J
 *	same UNIT [from I to J] [in ZONE]
 *	count users | completions | sessions [of DURATION]
 *	top N (of a breakdown)
 *
 * Words are in any case.  Conditions and steps are numbered from 1, as steps()
 * lists them.  This file knows neither durations nor units nor zones: it leaves
 * them as text to who calls it.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel/funnel.h"

/* The names of the modes, in the order of their bits. */
static const char *const mode_names[FUNNEL_NMODES] = {
	"strict_order", "strict_deduplication", "strict_increase",
	"strict_once", "allow_reentry", "any_order", "first_chain", "latest_chain",
	"consecutive"
};

/* Modes that go with rules: the others have their own idea of what ends a chain. */
#define RULED_MODES		(FUNNEL_STRICT_INCREASE | FUNNEL_CHAIN_MODES)

/* Modes whose attempts can be cut out of a user's events. */
#define COUNTED_MODES	(RULED_MODES | FUNNEL_STRICT_ONCE)

/* What phrases begin with, and how they are written, for messages. */
static const char *const phrases[] = {"exclude", "optional", "within", "same", "count", "top"};

#define EXCLUDE_FORM	"exclude 4', 'exclude 4 between 1 and 2' or 'exclude 4 between 1 and 2 dropping users"
#define OPTIONAL_FORM	"optional 2"
#define WITHIN_FORM		"within 1 hour from 1 to 2"
#define SAME_FORM		"same day', 'same week from 1 to 2' or 'same day in Asia/Shanghai"
#define TOP_FORM		"top 10"
#define COUNT_FORM		"count users', 'count completions', 'count sessions' or 'count sessions of 30 minutes"

/* The name of the mode whose bit is 1 << mode. */
const char *
funnel_mode_name(int mode)
{
	return mode_names[mode];
}

/* Do these modes go together? */
FunnelOptionError
funnel_check_modes(uint32 modes)
{
	if ((modes & FUNNEL_ALLOW_REENTRY) && !(modes & FUNNEL_STRICT_ORDER))
		return FUNNEL_REENTRY_ALONE;
	if ((modes & FUNNEL_ANY_ORDER) && (modes & ~(uint32) FUNNEL_CHAIN_MODES) != FUNNEL_ANY_ORDER)
		return FUNNEL_ANY_ORDER_COMBINED;
	if ((modes & FUNNEL_CONSECUTIVE) && (modes & ~(uint32) FUNNEL_CHAIN_MODES) != FUNNEL_CONSECUTIVE)
		return FUNNEL_CONSECUTIVE_COMBINED;
	if ((modes & FUNNEL_CHAIN_MODES) == FUNNEL_CHAIN_MODES)
		return FUNNEL_CHAIN_TWICE;
	return FUNNEL_OPTIONS_OK;
}

/* What is left of one option. */
typedef struct OptionReader
{
	const char *at;
	const char *end;
} OptionReader;

static bool
option_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word, up to a blank; false at the end. */
static bool
option_word(OptionReader *in, const char **word, size_t *length)
{
	while (in->at < in->end && option_is_blank(*in->at))
		in->at++;
	*word = in->at;
	while (in->at < in->end && !option_is_blank(*in->at))
		in->at++;
	*length = (size_t) (in->at - *word);
	return *length > 0;
}

/* Is a text this word of small letters, in whatever case? */
static bool
option_is(const char *text, size_t length, const char *word)
{
	size_t		i;

	for (i = 0; i < length && word[i] != '\0'; i++)
		if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 'a' - 'A' : text[i]) != word[i])
			return false;
	return i == length && word[i] == '\0';
}

/* Is this the next word?  Then go past it. */
static bool
option_accept(OptionReader *in, const char *word)
{
	OptionReader ahead = *in;
	const char *text;
	size_t		length;

	if (!option_word(&ahead, &text, &length) || !option_is(text, length, word))
		return false;
	*in = ahead;
	return true;
}

/* A whole number from 1 to `most`. */
static bool
option_number(OptionReader *in, int most, int *number)
{
	const char *text;
	size_t		length;
	int			value = 0;
	size_t		i;

	if (!option_word(in, &text, &length))
		return false;
	for (i = 0; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
		if (value > most)
			return false;
	}
	*number = value;
	return value >= 1;
}

/* The number of a step or condition, which is kept from 0. */
static bool
option_step(OptionReader *in, int *step)
{
	if (!option_number(in, STEPSET_MAX, step))
		return false;
	(*step)--;
	return true;
}

/* "I and J" or "I to J", I before J. */
static bool
option_pair(OptionReader *in, const char *word, FunnelRule *rule)
{
	return option_step(in, &rule->from) && option_accept(in, word) &&
		option_step(in, &rule->to) && rule->from < rule->to;
}

/* Words up to one of two, or the end, as they are written; false if there are none. */
static bool
option_text(OptionReader *in, const char *before, const char *or, const char **text, size_t *length)
{
	const char *word;
	size_t		word_length;
	OptionReader ahead = *in;

	*text = NULL;
	*length = 0;
	while (option_word(&ahead, &word, &word_length) &&
		   !option_is(word, word_length, before) && !option_is(word, word_length, or))
	{
		if (*text == NULL)
			*text = word;
		*length = (size_t) (word + word_length - *text);
		*in = ahead;
	}
	return *text != NULL;
}

static bool
option_read_exclude(OptionReader *in, FunnelRules *rules, FunnelRule *rule)
{
	rule->kind = FUNNEL_EXCLUDE;
	if (!option_step(in, &rule->condition) ||
		(option_accept(in, "between") && !option_pair(in, "and", rule)))
		return false;
	rules->excluded |= stepset_bit(rule->condition);
	if (!option_accept(in, "dropping"))
		return true;
	rule->drops = true;
	return option_accept(in, "users");
}

static bool
option_read_same(OptionReader *in, FunnelRules *rules, FunnelRule *rule)
{
	rule->kind = FUNNEL_SAME_BUCKET;
	if (!option_text(in, "from", "in", &rule->text, &rule->length) ||
		(option_accept(in, "from") && !option_pair(in, "to", rule)))
		return false;
	return !option_accept(in, "in") ||
		option_text(in, ",", ",", &rules->zone_name, &rules->zone_length);
}

static bool
option_read_count(OptionReader *in, FunnelRules *rules)
{
	if (option_accept(in, "users"))
		return true;
	if (option_accept(in, "completions"))
	{
		rules->count = FUNNEL_COUNT_COMPLETIONS;
		return true;
	}
	if (!option_accept(in, "sessions"))
		return false;
	rules->count = FUNNEL_COUNT_SESSIONS;
	rules->gap = FUNNEL_SESSION_GAP;
	return !option_accept(in, "of") || option_text(in, ",", ",", &rules->gap_text, &rules->gap_length);
}

/* One option, from its first to its last sign that is not blank. */
static FunnelOptionError
option_read(OptionReader in, bool breakdown, FunnelOptions *options, bool *counted)
{
	FunnelRules *rules = &options->rules;
	FunnelRule	rule = {0};
	const char *zone_name = rules->zone_name;
	size_t		zone_length = rules->zone_length;
	const char *word;
	size_t		length;
	bool		well;
	int			step;
	int			k;

	if (!option_word(&in, &word, &length))
		return FUNNEL_OPTION_UNKNOWN;
	rule.to = FUNNEL_LAST_STEP;
	for (k = 0; k < FUNNEL_NMODES && !option_is(word, length, mode_names[k]); k++)
		;
	if (k < FUNNEL_NMODES)
	{
		options->modes |= UINT32_C(1) << k;
		return in.at == in.end ? FUNNEL_OPTIONS_OK : FUNNEL_OPTION_UNKNOWN;
	}
	for (k = 0; k < (int) (sizeof(phrases) / sizeof(phrases[0])) && !option_is(word, length, phrases[k]); k++)
		;
	if (k == (int) (sizeof(phrases) / sizeof(phrases[0])))
		return FUNNEL_OPTION_UNKNOWN;
	if (option_is(word, length, "top"))
	{
		options->form = TOP_FORM;
		if (!breakdown)
			return FUNNEL_OPTION_UNKNOWN;
		if (options->top > 0)
			return FUNNEL_OPTION_TWICE;
		return option_number(&in, FUNNEL_TOP_MOST, &options->top) && in.at == in.end ?
			FUNNEL_OPTIONS_OK : FUNNEL_OPTION_MALFORMED;
	}
	options->modes |= FUNNEL_RULED;
	if (option_is(word, length, "exclude"))
	{
		options->form = EXCLUDE_FORM;
		well = option_read_exclude(&in, rules, &rule);
	}
	else if (option_is(word, length, "optional"))
	{
		options->form = OPTIONAL_FORM;
		well = option_step(&in, &step);
		if (well && (rules->optional & stepset_bit(step)) != 0)
			return FUNNEL_OPTION_TWICE;
		if (well)
			rules->optional |= stepset_bit(step);
		return well && in.at == in.end ? FUNNEL_OPTIONS_OK : FUNNEL_OPTION_MALFORMED;
	}
	else if (option_is(word, length, "within"))
	{
		options->form = WITHIN_FORM;
		rule.kind = FUNNEL_WITHIN_PAIR;
		well = option_text(&in, "from", "from", &rule.text, &rule.length) &&
			option_accept(&in, "from") && option_pair(&in, "to", &rule);
	}
	else if (option_is(word, length, "same"))
	{
		options->form = SAME_FORM;
		well = option_read_same(&in, rules, &rule);
	}
	else
	{
		options->form = COUNT_FORM;
		if (*counted)
			return FUNNEL_OPTION_TWICE;
		*counted = true;
		well = option_read_count(&in, rules);
		if (rules->count == FUNNEL_COUNT_SESSIONS)
			options->modes |= FUNNEL_BY_SESSION;
		return well && in.at == in.end ? FUNNEL_OPTIONS_OK : FUNNEL_OPTION_MALFORMED;
	}
	if (!well || in.at != in.end)
		return FUNNEL_OPTION_MALFORMED;
	if (zone_name != NULL && rules->zone_name != zone_name &&
		(rules->zone_length != zone_length || memcmp(rules->zone_name, zone_name, zone_length) != 0))
		return FUNNEL_OPTION_TWICE;
	if (rules->n == FUNNEL_RULES_MAX)
		return FUNNEL_TOO_MANY_RULES;
	rules->list[rules->n++] = rule;
	return FUNNEL_OPTIONS_OK;
}

/*
 * Read options, of a breakdown or not; empty text gives the default.  On an error, `bad` is the part
 * of the text that is wrong.
 */
FunnelOptionError
funnel_parse_options(const char *text, size_t length, bool breakdown, FunnelOptions *options)
{
	const char *end = text + length;
	const char *at = text;
	bool		counted = false;

	memset(options, 0, offsetof(FunnelOptions, rules) + offsetof(FunnelRules, list));
	options->bad = text;
	options->bad_length = length;
	options->form = NULL;
	while (at < end && option_is_blank(*at))
		at++;
	if (at == end)
		return FUNNEL_OPTIONS_OK;
	for (at = text;; at++)
	{
		OptionReader in = {at, at};
		FunnelOptionError error;

		while (in.end < end && *in.end != ',')
			in.end++;
		at = in.end;
		while (in.at < in.end && option_is_blank(*in.at))
			in.at++;
		while (in.end > in.at && option_is_blank(in.end[-1]))
			in.end--;
		options->bad = in.at;
		options->bad_length = (size_t) (in.end - in.at);
		error = option_read(in, breakdown, options, &counted);
		if (error != FUNNEL_OPTIONS_OK)
			return error;
		if (at == end)
			break;
	}
	options->bad = text;
	options->bad_length = length;
	if (options->rules.n == 0 && options->rules.optional == 0 && options->rules.count == FUNNEL_COUNT_USERS)
		options->modes &= ~(uint32) FUNNEL_RULED;
	if ((options->rules.n > 0 || options->rules.optional != 0) &&
		(options->modes & FUNNEL_ALL_MODES & ~(uint32) RULED_MODES) != 0)
		return FUNNEL_RULE_COMBINED;
	if (options->rules.count == FUNNEL_COUNT_COMPLETIONS &&
		(options->modes & FUNNEL_ALL_MODES & ~(uint32) COUNTED_MODES) != 0)
		return FUNNEL_RULE_COMBINED;
	return funnel_check_modes(options->modes & FUNNEL_ALL_MODES);
}

/* The order in which settled rules are kept, so that the same are written alike. */
static int
rule_order(const FunnelRule *a, const FunnelRule *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->condition != b->condition)
		return a->condition < b->condition ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	if (a->drops != b->drops)
		return a->drops ? 1 : -1;
	if (a->within != b->within)
		return a->within < b->within ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

/*
 * Settle rules for events of so many conditions: how many of these are steps,
 * and which step is the last.  On an error, `wrong` is the step or condition
 * that it is about.
 */
FunnelRulesError
funnel_settle_rules(FunnelRules *rules, int nconditions, int *nsteps, int *wrong)
{
	int			i;
	int			n = 0;

	*nsteps = rules->excluded == 0 ? nconditions : stepset_lowest(rules->excluded);
	for (i = 0; i < STEPSET_MAX; i++)
	{
		const bool	excluded = (rules->excluded & stepset_bit(i)) != 0;

		*wrong = i;
		if (excluded && i >= nconditions)
			return FUNNEL_RULES_NO_CONDITION;
		if (!excluded && i > *nsteps && i < nconditions)
			return FUNNEL_RULES_NOT_LAST;
		if ((rules->optional & stepset_bit(i)) != 0 && (i == 0 || i >= *nsteps - 1))
			return FUNNEL_RULES_NO_STEP;
	}
	if ((rules->n > 0 || rules->optional != 0) &&
		*nsteps - __builtin_popcountll(rules->optional) < 2)
		return FUNNEL_RULES_NOTHING_LEFT;
	for (i = 0; i < rules->n; i++)
	{
		FunnelRule	rule = rules->list[i];
		int			place;

		if (rule.to == FUNNEL_LAST_STEP)
			rule.to = *nsteps - 1;
		*wrong = rule.to;
		if (rule.to >= *nsteps || (rules->optional & stepset_bit(rule.to)) != 0)
			return FUNNEL_RULES_NO_STEP;
		*wrong = rule.from;
		if (rule.from >= rule.to || (rules->optional & stepset_bit(rule.from)) != 0)
			return FUNNEL_RULES_NO_STEP;
		for (place = n; place > 0 && rule_order(&rules->list[place - 1], &rule) > 0; place--)
			;
		if (place > 0 && rule_order(&rules->list[place - 1], &rule) == 0)
			continue;
		memmove(&rules->list[place + 1], &rules->list[place], (n - place) * sizeof(FunnelRule));
		rules->list[place] = rule;
		n++;
	}
	rules->n = n;
	return FUNNEL_RULES_OK;
}
