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

/* The phrases: first those that are rules. */
typedef enum FunnelPhrase
{
	PHRASE_EXCLUDE = FUNNEL_EXCLUDE,
	PHRASE_WITHIN = FUNNEL_WITHIN_PAIR,
	PHRASE_SAME = FUNNEL_SAME_BUCKET,
	PHRASE_OPTIONAL,
	PHRASE_COUNT,
	PHRASE_TOP
} FunnelPhrase;

#define FUNNEL_NPHRASES	(PHRASE_TOP + 1)

/* What they begin with. */
static const char *const phrases[FUNNEL_NPHRASES] = {
	"exclude", "within", "same", "optional", "count", "top"
};

/* How they are written, for messages. */
static const char *const forms[FUNNEL_NPHRASES] = {
	"exclude 4', 'exclude 4 between 1 and 2' or 'exclude 4 between 1 and 2 dropping users",
	"within 1 hour from 1 to 2",
	"same day', 'same week from 1 to 2' or 'same day in Asia/Shanghai",
	"optional 2",
	"count users', 'count completions', 'count sessions' or 'count sessions of 30 minutes",
	"top 10"
};

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

/* The number of a step or condition, which is kept from 0. */
static bool
funnel_read_step(TextSlice *option, int *step)
{
	if (!option_number(option, STEPSET_MAX, step))
		return false;
	(*step)--;
	return true;
}

/* "I and J" or "I to J", I before J. */
static bool
funnel_read_pair(TextSlice *option, const char *word, FunnelRule *rule)
{
	return funnel_read_step(option, &rule->from) && option_accept(option, word) &&
		funnel_read_step(option, &rule->to) && rule->from < rule->to;
}

/* Words up to one of these, or to the end, as they are written; false if there are none. */
static bool
funnel_read_text(TextSlice *option, const char *const *before, int nbefore, TextSlice *text)
{
	TextSlice	ahead = *option;
	TextSlice	word;

	text->bytes = option->bytes;
	text->length = 0;
	while (option_word(&ahead, &word) && option_index(word, before, nbefore) == nbefore)
	{
		text->length = (uint32) (word.bytes + word.length - text->bytes);
		*option = ahead;
	}
	return text->length > 0;
}

static bool
funnel_read_exclude(TextSlice *option, FunnelRules *rules, FunnelRule *rule)
{
	if (!funnel_read_step(option, &rule->condition) ||
		(option_accept(option, "between") && !funnel_read_pair(option, "and", rule)))
		return false;
	rules->excluded |= stepset_bit(rule->condition);
	rule->drops = option_accept(option, "dropping");
	return !rule->drops || option_accept(option, "users");
}

/* A duration or unit, and the steps that it is for; a unit also without steps, or with a zone. */
static bool
funnel_read_limit(TextSlice *option, FunnelRules *rules, FunnelRule *rule)
{
	static const char *const before[] = {"from", "in"};
	const bool	same = rule->kind == FUNNEL_SAME_BUCKET;

	if (!funnel_read_text(option, before, same ? 2 : 1, &rule->text))
		return false;
	if (option_accept(option, "from") ? !funnel_read_pair(option, "to", rule) : !same)
		return false;
	return !same || !option_accept(option, "in") || funnel_read_text(option, NULL, 0, &rules->zone_name);
}

static bool
funnel_read_count(TextSlice *option, FunnelOptions *options)
{
	FunnelRules *rules = &options->rules;

	if (option_accept(option, "users"))
		return true;
	if (option_accept(option, "completions"))
	{
		rules->count = FUNNEL_COUNT_COMPLETIONS;
		return true;
	}
	if (!option_accept(option, "sessions"))
		return false;
	options->modes |= FUNNEL_BY_SESSION;
	rules->count = FUNNEL_COUNT_SESSIONS;
	rules->gap = FUNNEL_SESSION_GAP;
	return !option_accept(option, "of") || funnel_read_text(option, NULL, 0, &rules->gap_text);
}

static FunnelOptionError
funnel_read_option(TextSlice option, bool breakdown, FunnelOptions *options, bool *counted)
{
	FunnelRules *rules = &options->rules;
	const TextSlice zone = rules->zone_name;
	FunnelRule	rule = {0};
	TextSlice	word = {NULL, 0};
	bool		well = false;
	bool		twice = false;
	int			phrase;
	int			mode;
	int			step;

	(void) option_word(&option, &word);
	mode = option_index(word, mode_names, FUNNEL_NMODES);
	if (mode < FUNNEL_NMODES)
	{
		options->modes |= UINT32_C(1) << mode;
		return option.length == 0 ? FUNNEL_OPTIONS_OK : FUNNEL_OPTION_UNKNOWN;
	}
	phrase = option_index(word, phrases, breakdown ? FUNNEL_NPHRASES : PHRASE_TOP);
	if (phrase == (breakdown ? FUNNEL_NPHRASES : PHRASE_TOP))
		return FUNNEL_OPTION_UNKNOWN;
	options->form = forms[phrase];
	if (phrase != PHRASE_TOP)
		options->modes |= FUNNEL_RULED;
	rule.kind = (FunnelRuleKind) phrase;
	rule.to = FUNNEL_LAST_STEP;
	switch ((FunnelPhrase) phrase)
	{
		case PHRASE_EXCLUDE:
			well = funnel_read_exclude(&option, rules, &rule);
			break;
		case PHRASE_WITHIN:
		case PHRASE_SAME:
			well = funnel_read_limit(&option, rules, &rule);
			break;
		case PHRASE_OPTIONAL:
			well = funnel_read_step(&option, &step);
			twice = well && (rules->optional & stepset_bit(step)) != 0;
			if (well)
				rules->optional |= stepset_bit(step);
			break;
		case PHRASE_COUNT:
			twice = *counted;
			*counted = true;
			well = !twice && funnel_read_count(&option, options);
			break;
		case PHRASE_TOP:
			twice = options->top > 0;
			well = !twice && option_number(&option, FUNNEL_TOP_MOST, &options->top);
			break;
	}
	if (twice)
		return FUNNEL_OPTION_TWICE;
	if (!well || option.length > 0)
		return FUNNEL_OPTION_MALFORMED;
	if (phrase > PHRASE_SAME)
		return FUNNEL_OPTIONS_OK;
	if (zone.bytes != NULL && !slice_equal(rules->zone_name, zone))
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
funnel_parse_options(TextSlice text, bool breakdown, FunnelOptions *options)
{
	const char *at = text.bytes;
	const char *end = text.bytes + text.length;
	bool		counted = false;

	memset(options, 0, offsetof(FunnelOptions, rules) + offsetof(FunnelRules, list));
	while (options_next(&at, end, &options->bad))
	{
		FunnelOptionError error = funnel_read_option(options->bad, breakdown, options, &counted);

		if (error != FUNNEL_OPTIONS_OK)
			return error;
	}
	options->bad = (TextSlice)
	{
		end, 0
	};
	if (options_end_with_comma(text))
		return FUNNEL_OPTION_UNKNOWN;
	options->bad = text;
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
