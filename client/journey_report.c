/*-------------------------------------------------------------------------
 *
 * journey_report.c
 *		journey-report: writes a report of a database as one file of HTML.
 *
 * A report is a file of SELECT statements, or a stored report.  Statements of
 * a file run one after the other, on one snapshot, read-only, with the rights
 * of the role that connects; each becomes a section.  Nothing is written
 * unless all of them have succeeded, and then the file appears at once.
 * SIGINT and SIGTERM cancel the statement that runs.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>

#define EXIT_FAILED	1			/* a statement, the connection, or a file */
#define EXIT_USAGE	2

/* A statement of a file, with what the comments before it say. */
typedef struct Statement
{
	char	   *title;
	char	   *kind;			/* or NULL */
	char	   *options;		/* or NULL */
	char	   *query;
	int			line;			/* where the query begins */
	char	   *section;		/* its HTML */
} Statement;

typedef struct Script
{
	char	   *title;			/* of the report, or NULL */
	Statement  *statements;
	int			n;
} Script;

static const char *program = "journey-report";
static bool quiet = false;
static bool in_line = false;	/* progress has begun a line */
static volatile sig_atomic_t stopped_by = 0;	/* a signal */
static PGcancel *volatile cancel = NULL;

/* Ends the program: by the signal that stopped it, if one did. */
static void __attribute__((format(printf, 1, 2), noreturn))
fail(const char *format,...)
{
	va_list		args;

	if (in_line)
		fputc('\n', stderr);
	if (stopped_by != 0)
	{
		fprintf(stderr, "%s: cancelled\n", program);
		signal(stopped_by, SIG_DFL);
		raise(stopped_by);
		exit(EXIT_FAILED);
	}
	fprintf(stderr, "%s: ", program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILED);
}

/* Cancels the statement that runs.  A second signal does not wait for the server. */
static void
stop(int number)
{
	char		error[256];

	if (stopped_by != 0)
		_exit(128 + number);
	stopped_by = number;
	if (cancel != NULL)
		PQcancel(cancel, error, sizeof(error));
}

static void
check_stopped(void)
{
	if (stopped_by != 0)
		fail("cancelled");
}

static void *
allocated(void *memory)
{
	if (memory == NULL)
		fail("out of memory");
	return memory;
}

static char *
copy_text(const char *text, size_t length)
{
	char	   *copy = allocated(malloc(length + 1));

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

/* Without blanks at both ends. */
static char *
copy_trimmed(const char *text, size_t length)
{
	while (length > 0 && isspace((unsigned char) text[0]))
		text++, length--;
	while (length > 0 && isspace((unsigned char) text[length - 1]))
		length--;
	return copy_text(text, length);
}

static void
usage(void)
{
	printf("%s writes a report of a PostgreSQL database with pg_journey as one file of HTML.\n\n", program);
	printf("usage: %s [OPTION]... FILE\n", program);
	printf("       %s [OPTION]... --stored NAME\n\n", program);
	printf("FILE has one SELECT for each part, each ended by a semicolon (- is standard input).\n"
		   "Comments before it say how it is shown:\n\n"
		   "    -- report: The week              the title of the report\n"
		   "    -- # Events by channel           the title of the part\n"
		   "    -- kind: bar                     as in report_part(); without it a table\n"
		   "    -- options: {\"top\": 5}           of the picture\n"
		   "    SELECT channel, count(*) FROM events GROUP BY channel;\n\n");
	printf("  -s, --stored NAME      the newest version of a stored report\n"
		   "      --refresh          compute it first\n"
		   "      --as-of TIME       its version as of a time\n"
		   "  -o, --output FILE      where the HTML goes; default: standard output\n"
		   "      --svg DIRECTORY    write each picture there, too: part-1.svg ...\n"
		   "  -t, --title TEXT       the title of the report\n"
		   "      --language WORD    en or zh\n"
		   "      --theme WORD       auto, light or dark\n"
		   "  -q, --quiet            no progress\n"
		   "      --help             this help\n\n");
	printf("  -d, --dbname NAME      the database, or a connection string\n"
		   "  -h, --host NAME        \n"
		   "  -p, --port NUMBER      \n"
		   "  -U, --username NAME    \n\n");
	printf("PGHOST, PGDATABASE and the other variables of libpq, and .pgpass, are honoured.\n"
		   "The exit status is 0 if the report was written, 1 if something failed (standard error\n"
		   "names the statement), 2 if the arguments are wrong.\n");
}

/* ---- files ---------------------------------------------------------------- */

static char *
read_file(const char *path)
{
	FILE	   *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	size_t		size = 0;
	size_t		room = 65536;
	char	   *text = allocated(malloc(room));
	size_t		n;

	if (file == NULL)
		fail("cannot read %s: %s", path, strerror(errno));
	while ((n = fread(text + size, 1, room - size - 1, file)) > 0)
	{
		size += n;
		if (size == room - 1)
			text = allocated(realloc(text, room *= 2));
	}
	if (ferror(file))
		fail("cannot read %s: %s", path, strerror(errno));
	if (file != stdin)
		fclose(file);
	text[size] = '\0';
	if (strlen(text) != size)
		fail("%s is no text: it has bytes that are 0", path);
	/* a byte order mark is not of the first statement */
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		memmove(text, text + 3, size - 2);
	return text;
}

/* Write a file, which others see when it is complete; or into a pipe or device as it comes. */
static void
write_file(const char *path, const char *text, size_t length)
{
	struct stat info;
	const bool	exists = path != NULL && lstat(path, &info) == 0;
	const bool	whole = path != NULL && (!exists || S_ISREG(info.st_mode));
	char	   *part = NULL;
	FILE	   *file;

	if (whole)
	{
		part = allocated(malloc(strlen(path) + 32));
		sprintf(part, "%s.%ld.part", path, (long) getpid());
	}
	file = path == NULL ? stdout : fopen(whole ? part : path, "wb");
	if (file == NULL)
		fail("cannot write %s: %s", path, strerror(errno));
	if (exists && whole)
		(void) fchmod(fileno(file), info.st_mode & 07777);
	if (fwrite(text, 1, length, file) != length || (path == NULL ? fflush(file) : fclose(file)) != 0 ||
		(whole && rename(part, path) != 0))
	{
		const char *why = strerror(errno);

		if (whole)
			unlink(part);
		fail("cannot write %s: %s", path == NULL ? "standard output" : path, why);
	}
	free(part);
}

/* The pictures of a page.  Text in it is escaped, so each <svg is one of the page's own. */
static void
write_pictures(const char *directory, const char *page)
{
	const char *at = page;
	char		path[4096];

	if (mkdir(directory, 0777) != 0 && errno != EEXIST)
		fail("cannot make directory %s: %s", directory, strerror(errno));
	while ((at = strstr(at, "<section id=\"part-")) != NULL)
	{
		const int	number = atoi(at += strlen("<section id=\"part-"));
		const char *next = strstr(at, "<section id=\"part-");
		const char *svg = strstr(at, "<svg ");
		const char *end;

		if (svg == NULL || (next != NULL && svg > next))
			continue;
		end = strstr(svg, "</svg>");
		if (end == NULL)
			fail("the picture of part %d does not end", number);
		if (snprintf(path, sizeof(path), "%s/part-%d.svg", directory, number) >= (int) sizeof(path))
			fail("the name of directory %s is too long", directory);
		write_file(path, svg, end + strlen("</svg>") - svg);
	}
}

/* ---- statements ------------------------------------------------------------ */

/*
 * The end of a quoted text, a quoted name, a dollar-quoted text or a comment
 * that begins here; NULL: none does.  If it does not end, `open` says what it
 * is.
 */
static const char *
skip_token(const char *at, bool escapes, const char **open)
{
	if (at[0] == '\'' || at[0] == '"')
	{
		const char	quote = *at;

		for (at++; *at != '\0'; at++)
		{
			if (*at == '\\' && escapes && at[1] != '\0')
				at++;
			else if (*at == quote && at[1] == quote)
				at++;
			else if (*at == quote)
				return at + 1;
		}
		*open = quote == '"' ? "a quoted name" : "a quoted text";
		return at;
	}
	if (at[0] == '-' && at[1] == '-')
		return at + strcspn(at, "\n");
	if (at[0] == '/' && at[1] == '*')
	{
		int			depth = 0;

		do
		{
			if (at[0] == '/' && at[1] == '*')
				depth++, at += 2;
			else if (at[0] == '*' && at[1] == '/')
				depth--, at += 2;
			else
				at++;
		} while (depth > 0 && *at != '\0');
		if (depth > 0)
			*open = "a comment";
		return at;
	}
	if (at[0] == '$')
	{
		const char *tag_end = at + 1;
		char	   *tag;
		const char *end;

		while (isalnum((unsigned char) *tag_end) || *tag_end == '_' || (unsigned char) *tag_end >= 128)
			tag_end++;
		if (*tag_end != '$' || isdigit((unsigned char) at[1]))
			return NULL;
		tag = copy_text(at, tag_end + 1 - at);
		end = strstr(tag_end + 1, tag);
		if (end == NULL)
			*open = "a dollar-quoted text";
		end = end == NULL ? at + strlen(at) : end + strlen(tag);
		free(tag);
		return end;
	}
	return NULL;
}

/* What a comment says, if it is of this kind: -- WORD text */
static bool
comment_says(const char *at, const char *end, const char *word, char **text)
{
	at += 2;
	while (at < end && *at == ' ')
		at++;
	if (strncmp(at, word, strlen(word)) != 0)
		return false;
	free(*text);
	*text = copy_trimmed(at + strlen(word), end - at - strlen(word));
	return true;
}

/* Split a file into statements. */
static void
read_script(const char *path, const char *text, Script *script)
{
	const char *at = text;
	const char *begin = NULL;	/* of the statement */
	int			line = 1;
	int			begin_line = 0;
	Statement	next = {0};

	for (;;)
	{
		const bool	escapes = *at == '\'' && at > text && (at[-1] == 'E' || at[-1] == 'e') &&
			(at - 1 == text || !(isalnum((unsigned char) at[-2]) || at[-2] == '_'));
		const bool	in_word = *at == '$' && at > text && (isalnum((unsigned char) at[-1]) || at[-1] == '_');
		const char *open = NULL;
		const char *end = in_word ? NULL : skip_token(at, escapes, &open);

		if (open != NULL)
			fail("%s:%d: %s begins here and does not end", path, line, open);
		if (begin == NULL && *at == '-' && at[1] == '-')
		{
			if (!comment_says(at, end, "report:", &script->title) &&
				!comment_says(at, end, "# ", &next.title) &&
				!comment_says(at, end, "kind:", &next.kind))
				(void) comment_says(at, end, "options:", &next.options);
		}
		else if (begin == NULL && *at != ';' && *at != '\0' && !isspace((unsigned char) *at) && !(*at == '/' && at[1] == '*'))
		{
			begin = at;
			begin_line = line;
		}
		if (*at == ';' || *at == '\0')
		{
			if (begin != NULL)
			{
				char		number[32];

				next.query = copy_trimmed(begin, at - begin);
				next.line = begin_line;
				snprintf(number, sizeof(number), "%d", script->n + 1);
				if (next.title == NULL)
					next.title = copy_text(number, strlen(number));
				script->statements = allocated(realloc(script->statements, (script->n + 1) * sizeof(Statement)));
				script->statements[script->n++] = next;
				memset(&next, 0, sizeof(next));
			}
			begin = NULL;
			if (*at == '\0')
				return;
		}
		if (end == NULL)
			end = at + 1;
		for (; at < end; at++)
			line += *at == '\n';
	}
}

/* ---- the database ---------------------------------------------------------- */

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double began;			/* the part whose progress is shown */

static void
begin_progress(int number, int of, const char *title)
{
	began = now();
	if (quiet)
		return;
	fprintf(stderr, "%d/%d %s ... ", number, of, title);
	in_line = true;
}

static void
end_progress(void)
{
	if (in_line)
		fprintf(stderr, "%.1f s\n", now() - began);
	in_line = false;
}

/* The server says which part of a stored report it begins. */
static void
hear(void *unused, const char *message)
{
	const char *at = strstr(message, "report: part ");
	char	   *end;
	int			number;
	int			of;

	if (at == NULL || strncmp(message, "DEBUG", strlen("DEBUG")) != 0)
		return;
	number = (int) strtol(at + strlen("report: part "), &end, 10);
	if (strncmp(end, " of ", strlen(" of ")) != 0)
		return;
	of = (int) strtol(end + strlen(" of "), &end, 10);
	end_progress();
	begin_progress(number, of, copy_trimmed(end, strcspn(end, "\n")));
}

static PGconn *
connect_to(const char *dbname, const char *host, const char *port, const char *user)
{
	const char *const keywords[] = {"dbname", "host", "port", "user", "fallback_application_name", "client_encoding", NULL};
	const char *const values[] = {dbname, host, port, user, program, "UTF8", NULL};
	PGconn	   *connection = PQconnectdbParams(keywords, values, 1);

	if (PQstatus(connection) != CONNECTION_OK)
		fail("%s", PQerrorMessage(connection));
	cancel = PQgetCancel(connection);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	return connection;
}

/* What a statement of the program itself returns, or the end. */
static PGresult *
ask(PGconn *connection, const char *query, int n, const char *const *values)
{
	PGresult   *result;

	check_stopped();
	result = PQexecParams(connection, query, n, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		fail("%s", PQerrorMessage(connection));
	return result;
}

static void
run_statement(PGconn *connection, const char *path, Statement *statement, int number, int of, const char *language, const char *theme)
{
	char		digits[32];
	const char *values[] = {statement->title, statement->query, statement->kind, statement->options, digits, language, theme};
	PGresult   *result;

	snprintf(digits, sizeof(digits), "%d", number);
	check_stopped();
	begin_progress(number, of, statement->title);
	result = PQexecParams(connection,
						  "SELECT journey_internal.report_one(journey.report_part($1, $2, $3, $4::jsonb), $5::int, $6, $7)",
						  7, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
		const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
		const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);

		fail("%s:%d: statement %d \"%s\" failed: %s%s%s%s%s", path, statement->line, number, statement->title,
			 message != NULL ? message : PQerrorMessage(connection),
			 detail != NULL ? "\nDETAIL: " : "", detail != NULL ? detail : "", hint != NULL ? "\nHINT: " : "", hint != NULL ? hint : "");
	}
	statement->section = copy_text(PQgetvalue(result, 0, 0), PQgetlength(result, 0, 0));
	PQclear(result);
	end_progress();
}

/* A text[] of so many parameters. */
static char *
array_of(int first, int n)
{
	char	   *text = allocated(malloc(32 + 16 * (size_t) n));
	char	   *at = text + sprintf(text, "ARRAY[");
	int			i;

	for (i = 0; i < n; i++)
		at += sprintf(at, i == 0 ? "$%d" : ", $%d", first + i);
	strcpy(at, "]::text[]");
	return text;
}

/* The page of the statements of a file. */
static PGresult *
run_file(PGconn *connection, const char *path, const char *title, const char *language, const char *theme)
{
	Script		script = {0};
	const char **values;
	char	   *titles;
	char	   *sections;
	char	   *query;
	int			i;

	read_script(path, read_file(path), &script);
	if (script.n == 0)
		fail("%s has no statement", path);
	if (script.n > 200)
		fail("%s has %d statements, more than 200", path, script.n);
	PQclear(ask(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL));
	for (i = 0; i < script.n; i++)
		run_statement(connection, path, &script.statements[i], i + 1, script.n, language, theme);
	values = allocated(malloc((3 + 2 * script.n) * sizeof(char *)));
	values[0] = title != NULL ? title : script.title != NULL ? script.title : path;
	values[1] = language;
	values[2] = theme;
	for (i = 0; i < script.n; i++)
	{
		values[3 + i] = script.statements[i].title;
		values[3 + script.n + i] = script.statements[i].section;
	}
	titles = array_of(4, script.n);
	sections = array_of(4 + script.n, script.n);
	query = allocated(malloc(strlen(titles) + strlen(sections) + 200));
	sprintf(query, "SELECT journey_internal.report_page($1::text, %s, %s, NULL::text, $2::text, $3::text)", titles, sections);
	return ask(connection, query, 3 + 2 * script.n, values);
}

/* The page of a stored report. */
static PGresult *
run_stored(PGconn *connection, const char *name, bool refresh, const char *as_of)
{
	const char *values[] = {name, as_of};

	if (refresh)
	{
		PGresult   *result;

		PQsetNoticeProcessor(connection, hear, NULL);
		PQclear(ask(connection, quiet ? "SET client_min_messages = error" : "SET client_min_messages = debug1", 0, NULL));
		result = ask(connection, "SELECT error FROM journey.refresh_report($1, coalesce($2::timestamptz, now()))", 2, values);
		end_progress();
		if (PQntuples(result) == 0)
			fail("\"%s\" is being refreshed by another session", name);
		if (!PQgetisnull(result, 0, 0))
			fail("refreshing \"%s\" failed: %s", name, PQgetvalue(result, 0, 0));
		PQclear(result);
	}
	return ask(connection, "SELECT journey.report($1, $2::timestamptz)", 2, values);
}

int
main(int argc, char **argv)
{
	enum
	{
		HELP = 256, REFRESH, AS_OF, SVG, LANGUAGE, THEME
	};
	static const struct option options[] = {
		{"help", no_argument, NULL, HELP}, {"stored", required_argument, NULL, 's'},
		{"refresh", no_argument, NULL, REFRESH}, {"as-of", required_argument, NULL, AS_OF},
		{"output", required_argument, NULL, 'o'}, {"svg", required_argument, NULL, SVG},
		{"title", required_argument, NULL, 't'}, {"language", required_argument, NULL, LANGUAGE},
		{"theme", required_argument, NULL, THEME}, {"quiet", no_argument, NULL, 'q'},
		{"dbname", required_argument, NULL, 'd'}, {"host", required_argument, NULL, 'h'},
		{"port", required_argument, NULL, 'p'}, {"username", required_argument, NULL, 'U'},
		{NULL, 0, NULL, 0}
	};
	const char *stored = NULL;
	const char *as_of = NULL;
	const char *output = NULL;
	const char *svg = NULL;
	const char *title = NULL;
	const char *language = "en";
	const char *theme = "auto";
	const char *dbname = NULL;
	const char *host = NULL;
	const char *port = NULL;
	const char *user = NULL;
	bool		refresh = false;
	PGconn	   *connection;
	PGresult   *page;
	int			option;

	while ((option = getopt_long(argc, argv, "s:o:t:qd:h:p:U:", options, NULL)) != -1)
	{
		switch (option)
		{
			case HELP:
				usage();
				return 0;
			case 's':
				stored = optarg;
				break;
			case REFRESH:
				refresh = true;
				break;
			case AS_OF:
				as_of = optarg;
				break;
			case 'o':
				output = optarg;
				break;
			case SVG:
				svg = optarg;
				break;
			case 't':
				title = optarg;
				break;
			case LANGUAGE:
				language = optarg;
				break;
			case THEME:
				theme = optarg;
				break;
			case 'q':
				quiet = true;
				break;
			case 'd':
				dbname = optarg;
				break;
			case 'h':
				host = optarg;
				break;
			case 'p':
				port = optarg;
				break;
			case 'U':
				user = optarg;
				break;
			default:
				fprintf(stderr, "Try \"%s --help\".\n", program);
				return EXIT_USAGE;
		}
	}
	if (argc - optind != (stored == NULL ? 1 : 0) || (stored == NULL && (refresh || as_of != NULL)) || (stored != NULL && title != NULL))
	{
		fprintf(stderr, "%s: give either a file, or --stored with a name\nTry \"%s --help\".\n", program, program);
		return EXIT_USAGE;
	}
	connection = connect_to(dbname, host, port, user);
	page = stored != NULL ? run_stored(connection, stored, refresh, as_of) : run_file(connection, argv[optind], title, language, theme);
	check_stopped();
	if (svg != NULL)
		write_pictures(svg, PQgetvalue(page, 0, 0));
	write_file(output, PQgetvalue(page, 0, 0), PQgetlength(page, 0, 0));
	PQclear(page);
	PQfinish(connection);
	return 0;
}
