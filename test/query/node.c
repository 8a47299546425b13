/*-------------------------------------------------------------------------
 *
 * node.c
 *		Pieces of queries.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"

/* ---- text that grows --------------------------------------------------------- */

void
text_clear(Text *text)
{
	text->length = 0;
	if (text->bytes != NULL)
		text->bytes[0] = '\0';
}

void
text_add_n(Text *text, const char *more, size_t n)
{
	if (text->length + n + 1 > text->room)
	{
		text->room = (text->length + n + 1) * 2 + 1024;
		text->bytes = realloc(text->bytes, text->room);
		if (text->bytes == NULL)
			abort();
	}
	memcpy(text->bytes + text->length, more, n);
	text->length += n;
	text->bytes[text->length] = '\0';
}

void
text_add(Text *text, const char *more)
{
	text_add_n(text, more, strlen(more));
}

void
text_print(Text *text, const char *format,...)
{
	char		small[4096];
	va_list		args;
	int			n;

	va_start(args, format);
	n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n < 0 || n >= (int) sizeof(small))
		abort();
	text_add_n(text, small, (size_t) n);
}

/* ---- chance ------------------------------------------------------------------ */

static uint64_t chance_state;

/* splitmix64 */
static uint64_t
chance_next(void)
{
	uint64_t	z = (chance_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void
chance_seed(uint64_t seed, uint64_t number)
{
	chance_state = seed;
	chance_state = chance_next() ^ number;
	(void) chance_next();
}

uint32_t
chance(uint32_t n)
{
	return (uint32_t) ((chance_next() >> 32) * n >> 32);
}

bool
percent(uint32_t n)
{
	return chance(100) < n;
}

/* ---- memory ------------------------------------------------------------------ */

#define BLOCK (1 << 20)

typedef struct Block
{
	struct Block *next;
	char		bytes[BLOCK];
} Block;

static Block *blocks = NULL;
static Block *block = NULL;
static size_t used = BLOCK;

void *
take(size_t size)
{
	void	   *taken;

	size = (size + 15) & ~(size_t) 15;
	if (size > BLOCK)
		abort();
	if (used + size > BLOCK)
	{
		Block	   *next = block == NULL ? blocks : block->next;

		if (next == NULL)
		{
			next = calloc(1, sizeof(Block));
			if (next == NULL)
				abort();
			if (block == NULL)
				blocks = next;
			else
				block->next = next;
		}
		block = next;
		used = 0;
	}
	taken = block->bytes + used;
	used += size;
	return memset(taken, 0, size);
}

void
nodes_clear(void)
{
	block = NULL;
	used = BLOCK;
}

char *
keep(const char *format,...)
{
	char		small[8192];
	va_list		args;
	int			n;

	va_start(args, format);
	n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n < 0 || n >= (int) sizeof(small))
		abort();
	return memcpy(take((size_t) n + 1), small, (size_t) n + 1);
}

/* ---- nodes ------------------------------------------------------------------- */

static Node *
new_node(NodeKind kind, Type type, const char *text)
{
	Node	   *made = take(sizeof(Node));

	made->kind = kind;
	made->type = type;
	made->text = text;
	return made;
}

Node *
with(Node *to, Node *part)
{
	if (to->nparts == to->room)
	{
		Node	  **before = to->parts;

		to->room = to->room * 2 + 4;
		to->parts = take((size_t) to->room * sizeof(Node *));
		if (to->nparts > 0)
			memcpy(to->parts, before, (size_t) to->nparts * sizeof(Node *));
	}
	to->parts[to->nparts++] = part;
	return to;
}

Node *
node(Type type, const char *text,...)
{
	Node	   *made = new_node(TEMPLATE, type, text);
	Node	   *part;
	va_list		args;

	va_start(args, text);
	while ((part = va_arg(args, Node *)) != NULL)
		with(made, part);
	va_end(args);
	return made;
}

Node *
list(Type type, const char *before, const char *between, const char *after, int least)
{
	Node	   *made = new_node(LIST, type, before);

	made->between = between;
	made->after = after;
	made->least = least;
	return made;
}

Node *
param(Type type, const char *value, const char *then)
{
	Node	   *made = new_node(PARAM, type, value);

	made->after = then;
	return made;
}

static void
write_param(Text *text, const Node *of, Params *params)
{
	if (params->style == AS_VALUES || params->n == MOST_PARAMS)
	{
		text_add(text, of->text);
		return;
	}
	params->values[params->n++] = of;
	text_print(text, params->style == AS_NUMBERS ? "$%d" : "v%d_", params->n);
}

void
write_node(Text *text, const Node *of, Params *params)
{
	const char *at = of->text;
	int			i;

	if (of->kind == PARAM)
		write_param(text, of, params);
	else if (of->kind == TEMPLATE)
	{
		for (; *at != '\0'; at++)
			if (at[0] == '@' && at[1] >= '1' && at[1] <= '9')
				write_node(text, of->parts[*++at - '1'], params);
			else
				text_add_n(text, at, 1);
	}
	else if (of->nparts > 0)
	{
		text_add(text, of->text);
		for (i = 0; i < of->nparts; i++)
		{
			if (i > 0)
				text_add(text, of->between);
			write_node(text, of->parts[i], params);
		}
		text_add(text, of->after);
	}
}

/* ---- making smaller ---------------------------------------------------------- */

typedef struct Shrinking
{
	Node	  **root;
	bool		(*holds) (const Node *root, void *arg);
	void	   *arg;
	int			tries;			/* left */
	bool		progress;
} Shrinking;

static bool
still_holds(Shrinking *shrinking)
{
	return shrinking->tries-- > 0 && shrinking->holds(*shrinking->root, shrinking->arg);
}

/* Try another node in place of one. */
static bool
try_instead(Shrinking *shrinking, Node **place, Node *instead)
{
	Node	   *before = *place;

	*place = instead;
	if (still_holds(shrinking))
		return shrinking->progress = true;
	*place = before;
	return false;
}

static void
drop_parts(Shrinking *shrinking, Node *of)
{
	int			i;

	for (i = of->nparts - 1; i >= 0 && of->nparts > of->least; i--)
	{
		Node	   *part = of->parts[i];

		memmove(&of->parts[i], &of->parts[i + 1], (size_t) (of->nparts - i - 1) * sizeof(Node *));
		of->nparts--;
		if (still_holds(shrinking))
		{
			shrinking->progress = true;
			continue;
		}
		memmove(&of->parts[i + 1], &of->parts[i], (size_t) (of->nparts - i) * sizeof(Node *));
		of->parts[i] = part;
		of->nparts++;
	}
}

/* Try the nodes of the same type below one instead of it. */
static bool
lift(Shrinking *shrinking, Node **place, const Node *below)
{
	int			i;

	for (i = 0; i < below->nparts; i++)
	{
		if (below->parts[i]->type == (*place)->type &&
			try_instead(shrinking, place, below->parts[i]))
			return true;
		if (lift(shrinking, place, below->parts[i]))
			return true;
	}
	return false;
}

static void
shrink_at(Shrinking *shrinking, Node **place)
{
	int			i;

	if (shrinking->tries <= 0)
		return;
	if ((*place)->kind == LIST)
		drop_parts(shrinking, *place);
	if ((*place)->type != NOTHING)
	{
		while (lift(shrinking, place, *place))
			;
		if ((*place)->nparts > 0 && (*place)->type == BOOL &&
			!try_instead(shrinking, place, node(BOOL, "true", NULL)))
			(void) try_instead(shrinking, place, node(BOOL, "false", NULL));
		else if ((*place)->nparts > 0)
			(void) try_instead(shrinking, place,
							   node((*place)->type, types[(*place)->type].values[0], NULL));
		if ((*place)->kind == PARAM)
			(void) try_instead(shrinking, place, node((*place)->type, (*place)->text, NULL));
	}
	for (i = 0; i < (*place)->nparts; i++)
		shrink_at(shrinking, &(*place)->parts[i]);
}

void
shrink(Node **root, bool (*holds) (const Node *root, void *arg), void *arg)
{
	Shrinking	shrinking = {root, holds, arg, 400, true};

	while (shrinking.progress && shrinking.tries > 0)
	{
		shrinking.progress = false;
		shrink_at(&shrinking, root);
	}
}
