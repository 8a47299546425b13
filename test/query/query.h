/*-------------------------------------------------------------------------
 *
 * query.h
 *		Random queries, as trees of pieces of SQL.
 *
 * node.c       the pieces: made, written, and made smaller
 * tables.c     random tables to ask
 * generate.c   random queries
 * queries.c    asks them in several ways and compares the answers
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

/* ---- text that grows --------------------------------------------------------- */

typedef struct Text
{
	char	   *bytes;
	size_t		length;
	size_t		room;
} Text;

extern void text_clear(Text *text);
extern void text_add(Text *text, const char *more);
extern void text_add_n(Text *text, const char *more, size_t n);
extern void text_print(Text *text, const char *format,...) __attribute__((format(printf, 2, 3)));

/* ---- chance ------------------------------------------------------------------ */

extern void chance_seed(uint64_t seed, uint64_t number);
extern uint32_t chance(uint32_t n); /* 0 .. n - 1 */
extern bool percent(uint32_t n);

/* ---- types ------------------------------------------------------------------- */

typedef enum Type
{
	NOTHING,					/* of a piece that is no expression */
	BOOL, CHR, I2, I4, I8, OID, DATE, TS, TZ, F4, F8, NUM, TEXT, VCHAR, BPCHAR, BYTEA, ENUM,
	DOM, UUID, I4S, TEXTS, STEPS, STEPS3, USERS, SPAN, MAC, NAME, TIMETZ,
	NOCASE,
	NTYPES
} Type;

typedef struct TypeInfo
{
	const char *name;			/* in SQL */
	const char *column;			/* names of columns begin so */
	bool		ordered;		/* has < and min()? */
	const char *values[16];		/* some, in SQL */
} TypeInfo;

extern const TypeInfo types[NTYPES];
extern const char *some_value(Type type);

/* ---- pieces ------------------------------------------------------------------ */

typedef enum NodeKind
{
	TEMPLATE,					/* `text`, with @1 .. @9 for the parts */
	LIST,						/* parts between `text`, `between` and
								 * `after`; none: nothing */
	PARAM						/* a parameter whose value is `text`, then
								 * `after` */
} NodeKind;

typedef struct Node
{
	NodeKind	kind;
	Type		type;
	const char *text;
	const char *between;
	const char *after;
	int			least;			/* of a list: how many parts must remain */
	int			nparts;
	int			room;
	struct Node **parts;
} Node;

extern void nodes_clear(void);	/* forget all nodes, and what else was taken */
extern void *take(size_t size);
extern char *keep(const char *format,...) __attribute__((format(printf, 1, 2)));
extern Node *node(Type type, const char *text,...); /* parts, up to a NULL */
extern Node *list(Type type, const char *before, const char *between, const char *after,
				  int least);
extern Node *param(Type type, const char *value, const char *then);
extern Node *with(Node *node, Node *part);

/* How parameters are written. */
typedef enum ParamStyle
{
	AS_VALUES, AS_NUMBERS, AS_VARIABLES
} ParamStyle;

#define MOST_PARAMS 64

typedef struct Params
{
	ParamStyle	style;
	int			n;
	const Node *values[MOST_PARAMS];
} Params;

extern void write_node(Text *text, const Node *node, Params *params);

/* Make a tree smaller while a test holds of it. */
extern void shrink(Node **root, bool (*holds) (const Node *root, void *arg), void *arg);

/* ---- tables ------------------------------------------------------------------ */

typedef struct Column
{
	Type		type;
	const char *name;			/* as written in an expression */
} Column;

#define MOST_COLUMNS 64

extern Column table_columns[MOST_COLUMNS];
extern int	ntable_columns;
extern bool has_nocase;			/* are there collations that ignore case? */

extern void tables_choose(void);	/* which columns there are */
extern void tables_script(Text *script);	/* what makes the tables */
extern void tables_pending(Text *script);	/* what another transaction leaves
											 * undone */

/* ---- queries ----------------------------------------------------------------- */

typedef enum Frame
{
	PLAIN, PREPARED, PLPGSQL, CURSOR, NFRAMES
} Frame;

typedef struct Query
{
	Node	   *root;
	Frame		frame;
	bool		generic;		/* plans that hold for all parameters */
	bool		groups;			/* rows are brought together in groups by the
								 * extension, not by PostgreSQL */
	bool		twice;			/* run again with other parameters */
	int			fetch;			/* rows that a cursor gives at once */
	int			scroll;			/* 0: a cursor that only goes forward; 2: one
								 * marked to go back */
	bool		ordered;		/* do rows come in an order? */
	bool		correlated;		/* does a query run for each of some rows? */
	bool		parallel;		/* is the answer the same in any order of
								 * rows? */
	bool		effects;		/* can it be seen which parts are evaluated,
								 * and when? */
	int			may_fail;		/* how many parts can fail */
} Query;

extern Query generate(void);

#endif							/* QUERY_H */
