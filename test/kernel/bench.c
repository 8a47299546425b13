/*-------------------------------------------------------------------------
 *
 * bench.c
 *		How many million events a second the kernels work through.
 *
 * One core, events in memory that is larger than the cache, no server.  Each
 * line printed is a name, a tab and the median of several runs.  A kernel that
 * has its answer stops, so what counts as worked through are the events up to
 * there and no others.  The clock is the processor's, so that other programs
 * disturb less.
 *
 * "Many users" are a quarter of a million users with ten million events: 20 to
 * 60 each, in visits of one to eight events some 78 seconds apart, visits
 * nine days apart, about half a year altogether.  Each event meets one of three
 * conditions, at random; one of the three is rare, one event in a hundred, and
 * the other two come equally often.  The rare one is what a question ends with,
 * so that most users are read to their last event.
 *
 * "One user" has ten million events, a second apart on average, half of them
 * meeting condition 1 and half condition 2; the very last one alone meets
 * condition 3.
 *
 * Of sets of users it is million members of both sets a second: two random sets of
 * ten million from 100 million.  "Any processor" is the code without AVX2.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "event/event.h"
#include "funnel/funnel.h"
#include "random.h"
#include "roaring/roaring.h"
#include "roaring/roaring_words.h"
#include "sequence/next_node.h"
#include "sequence/sequence.h"

#define RUNS 7
#define USERS 250000
#define MAX_USER_EVENTS 60
#define ONE_USER_EVENTS 10000000
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

/* The events of several users, one user after the other. */
typedef struct Log
{
	size_t		nusers;
	size_t	   *first;			/* of each user, and the end of the last */
	Event	   *events;
	Event	   *pristine;		/* a copy, for runs that change the events */
} Log;

/*
 * One measurement.  What a run returns is how many events it has read, or 0
 * where that is counted beforehand.
 */
typedef struct Measurement
{
	const char *name;
	Log			(*log) (void);	/* makes the events */
	size_t		(*run) (const Log *log);
	const char *pattern;		/* for sequence_* */
} Measurement;

/* What the kernels answer goes here, so that nothing is optimised away. */
static volatile uint64 sink;

static Pattern pattern;
static uint64 *history;
static Event *scratch;
static NodeRow *rows;

static void *
allocate(size_t size)
{
	void	   *memory = malloc(size);

	if (memory == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	return memory;
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* A stepset of three that meets one condition, counted from 0. */
static uint64
step_of_three(int condition)
{
	return stepset_bit(condition) | 3;
}

/* Many users, to whom condition `rare` (from 0) seldom happens. */
static Log
make_users(int rare)
{
	Random		random = {1};
	Log			log;
	size_t		n = 0;
	size_t		user;

	log.nusers = USERS;
	log.first = allocate((USERS + 1) * sizeof(size_t));
	log.events = allocate(USERS * MAX_USER_EVENTS * sizeof(Event));
	for (user = 0; user < USERS; user++)
	{
		size_t		left = 20 + random_below(&random, 41);
		int64		at = (int64) random_below(&random, 10 * DAY);

		log.first[user] = n;
		while (left > 0)
		{
			size_t		visit = 1 + random_below(&random, 8);

			at += (int64) random_below(&random, 18 * DAY);
			for (; visit > 0 && left > 0; visit--, left--)
			{
				int			condition = (int) random_below(&random, 2);

				if (condition >= rare)
					condition++;
				if (random_below(&random, 100) == 0)
					condition = rare;
				at += 1 + (int64) random_below(&random, 156 * SECOND);
				log.events[n].at = at;
				log.events[n++].step = step_of_three(condition);
			}
		}
	}
	log.first[USERS] = n;
	log.pristine = NULL;
	return log;
}

static Log
many_users(void)
{
	return make_users(2);
}

static Log
many_users_rarely_2(void)
{
	return make_users(1);
}

static Log
one_user(void)
{
	Random		random = {2};
	Log			log;
	int64		at = 0;
	size_t		i;

	log.nusers = 1;
	log.first = allocate(2 * sizeof(size_t));
	log.first[0] = 0;
	log.first[1] = ONE_USER_EVENTS;
	log.events = allocate(ONE_USER_EVENTS * sizeof(Event));
	for (i = 0; i < ONE_USER_EVENTS; i++)
	{
		at += (int64) random_below(&random, 2 * SECOND);
		log.events[i].at = at;
		log.events[i].step = step_of_three((int) random_below(&random, 2));
	}
	log.events[ONE_USER_EVENTS - 1].step = step_of_three(2);
	log.pristine = NULL;
	return log;
}

/*
 * The same users with the events of each in another order: at random, or
 * "nearly sorted": two sorted halves laid end to end, as when two processes
 * have each read some of the rows.
 */
static Log
unsorted(Log log, bool nearly)
{
	Random		random = {3};
	size_t		user;

	log.pristine = allocate(log.first[log.nusers] * sizeof(Event));
	for (user = 0; user < log.nusers; user++)
	{
		const Event *from = log.events + log.first[user];
		Event	   *to = log.pristine + log.first[user];
		size_t		count = log.first[user + 1] - log.first[user];
		size_t		i;

		if (nearly)
		{
			Event	   *half = to;
			int			second;

			for (second = 0; second < 2; second++)
			{
				random.state = user;
				for (i = 0; i < count; i++)
					if (random_below(&random, 2) == (uint64) second)
						*half++ = from[i];
			}
			continue;
		}
		memcpy(to, from, count * sizeof(Event));
		for (i = count; i > 1; i--)
		{
			size_t		other = random_below(&random, i);
			Event		moving = to[i - 1];

			to[i - 1] = to[other];
			to[other] = moving;
		}
	}
	return log;
}

static Log
many_users_shuffled(void)
{
	return unsorted(many_users(), false);
}

static Log
many_users_in_halves(void)
{
	return unsorted(many_users(), true);
}

static Log
one_user_shuffled(void)
{
	return unsorted(one_user(), false);
}

static Log
one_user_in_halves(void)
{
	return unsorted(one_user(), true);
}

static const FunnelSpec seven_days = {7 * DAY, 0, NULL};

static int
funnel_of(const Event *events, size_t n)
{
	return funnel_level(events, n, 3, &seven_days, NULL);
}

/* How many events a funnel reads: up to the one at which its last step is met. */
static size_t
funnel_events_read(const Event *events, size_t n)
{
	size_t		low = 0;
	size_t		high = n;

	if (funnel_of(events, n) < 3)
		return n;
	while (low + 1 < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (funnel_of(events, middle) < 3)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static size_t
run_funnel(const Log *log)
{
	uint64		answer = 0;
	size_t		user;

	for (user = 0; user < log->nusers; user++)
		answer += (uint64) funnel_of(log->events + log->first[user],
									 log->first[user + 1] - log->first[user]);
	sink = answer;
	return 0;
}

/* With the sort, every event counts: all are sorted. */
static size_t
run_sort_funnel(const Log *log)
{
	uint64		answer = 0;
	size_t		user;

	for (user = 0; user < log->nusers; user++)
	{
		Event	   *events = log->events + log->first[user];
		size_t		n = log->first[user + 1] - log->first[user];

		events_sort(events, n, scratch);
		answer += (uint64) funnel_of(events, n);
	}
	sink = answer;
	return log->first[log->nusers];
}

static size_t
run_match(const Log *log)
{
	size_t		read = 0;
	uint64		answer = 0;
	size_t		user;

	for (user = 0; user < log->nusers; user++)
	{
		SequenceMatch match = sequence_find(&pattern, log->events + log->first[user], 0,
											log->first[user + 1] - log->first[user], history);

		answer += (uint64) match.nevents;
		read += match.end;
	}
	sink = answer;
	return read;
}

static size_t
run_count(const Log *log)
{
	uint64		answer = 0;
	size_t		user;

	for (user = 0; user < log->nusers; user++)
		answer += sequence_count_matches(&pattern, log->events + log->first[user],
										 log->first[user + 1] - log->first[user], history);
	sink = answer;
	return log->first[log->nusers];
}

/*
 * Next node after a first match: a row of condition 1 may be the base if it is
 * one in a hundred, so most users are read to the last row.
 */
static size_t
run_next_node(const Log *log)
{
	uint64		answer = 0;
	size_t		user;

	for (user = 0; user < log->nusers; user++)
		answer += node_find(rows + log->first[user],
							log->first[user + 1] - log->first[user], 1,
							NODE_FORWARD, NODE_FIRST_MATCH);
	sink = answer;
	return 0;
}

static void
make_rows(const Log *log)
{
	Random		random = {4};
	size_t		n = log->first[log->nusers];
	size_t		i;

	rows = allocate(n * sizeof(NodeRow));
	for (i = 0; i < n; i++)
	{
		rows[i].at = log->events[i].at;
		rows[i].step = stepset_conditions(log->events[i].step) | 1;
		rows[i].step &= stepset_bit(0) | 63;
		rows[i].value = 0;
		rows[i].length = 0;
		rows[i].is_base = random_below(&random, 100) == 0;
	}
}

/* The rows that a next-node search reads. */
static size_t
rows_read(const Log *log)
{
	size_t		read = 0;
	size_t		user;

	for (user = 0; user < log->nusers; user++)
	{
		size_t		i;

		for (i = log->first[user]; i < log->first[user + 1]; i++)
		{
			read++;
			if (rows[i].is_base && (rows[i].step & stepset_bit(0)) != 0)
				break;
		}
	}
	return read;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static void
measure(const Measurement *m)
{
	const Log	log = m->log();
	const size_t n = log.first[log.nusers];
	double		speeds[RUNS];
	size_t		read = 0;
	size_t		user;
	int			run;

	history = allocate(8 * n * sizeof(uint64));
	scratch = allocate(events_sort_scratch(n) * sizeof(Event));
	rows = NULL;
	if (m->pattern != NULL)
	{
		PatternError error;

		if (!pattern_parse(m->pattern, strlen(m->pattern), &pattern, &error))
		{
			fprintf(stderr, "%s: %s\n", m->pattern, error.message);
			exit(1);
		}
	}
	if (m->run == run_next_node)
	{
		make_rows(&log);
		read = rows_read(&log);
	}
	if (m->run == run_funnel)
		for (user = 0; user < log.nusers; user++)
			read += funnel_events_read(log.events + log.first[user],
									   log.first[user + 1] - log.first[user]);

	for (run = 0; run < RUNS; run++)
	{
		double		began;
		size_t		n_read;

		if (log.pristine != NULL)
			memcpy(log.events, log.pristine, n * sizeof(Event));
		began = seconds_now();
		n_read = m->run(&log);
		speeds[run] = (double) (n_read != 0 ? n_read : read) / (seconds_now() - began) / 1e6;
	}
	qsort(speeds, RUNS, sizeof(double), compare_doubles);
	printf("%s\t%.0f\n", m->name, speeds[RUNS / 2]);
	fflush(stdout);

	free(log.first);
	free(log.events);
	free(log.pristine);
	free(history);
	free(scratch);
	free(rows);
}

static const Measurement measurements[] = {
	{"window_funnel", many_users, run_funnel, NULL},
	{"window_funnel, one user", one_user, run_funnel, NULL},
	{"sequence_match", many_users_rarely_2, run_match, "(?1)(?t<=3600)(?2)"},
	{"sequence_match, (?1).*(?2).*(?3)", many_users, run_match, "(?1).*(?2).*(?3)"},
	{"sequence_match, one user, (?1).*(?2).*(?3)", one_user, run_match, "(?1).*(?2).*(?3)"},
	{"sequence_match, one user, (?1)(?t>=3600)(?3)", one_user, run_match, "(?1)(?t>=3600)(?3)"},
	{"sequence_match, one user, (?1)(?2)*(?3)", one_user, run_match, "(?1)(?2)*(?3)"},
	{"sequence_match, one user, (?1).*(?!2).*(?3)(?w<=3600)", one_user, run_match, "(?1).*(?!2).*(?3)(?w<=3600)"},
	{"sequence_count, (?1)(?t<=3600)(?2)", many_users_rarely_2, run_count, "(?1)(?t<=3600)(?2)"},
	{"sequence_count, one user, (?1)(?t<=3600)(?2)", one_user, run_count, "(?1)(?t<=3600)(?2)"},
	{"sequence_next_node, first_match", many_users, run_next_node, NULL},
	{"sort and window_funnel, random order", many_users_shuffled, run_sort_funnel, NULL},
	{"sort and window_funnel, two sorted halves", many_users_in_halves, run_sort_funnel, NULL},
	{"sort and window_funnel, one user, random order", one_user_shuffled, run_sort_funnel, NULL},
	{"sort and window_funnel, one user, two sorted halves", one_user_in_halves, run_sort_funnel, NULL},
};

/* Ten million users of 100 million. */
static Roaring
many_members(uint64 factor)
{
	const size_t n = 10000000;
	uint64	   *members = malloc(n * sizeof(uint64));
	RoaringWriter writer;
	size_t		i;

	for (i = 0; i < n; i++)
		members[i] = (i + 1) * factor % 100000000;
	roaring_writer_init(&writer, 0, n * 2);
	roaring_write_members(&writer, members, n);
	free(members);
	return roaring_writer_finish(&writer);
}

/* How fast two sets are combined, or only counted together. */
static void
measure_sets(const char *wanted)
{
	static const char *const names[] = {"userset &", "userset |", "userset #", "userset -", "and_cardinality"};
	Roaring		a = {NULL, 0, NULL};
	Roaring		b = {NULL, 0, NULL};
	int			operation;
	int			any;
	int			run;

	for (operation = 0; operation < 5; operation++)
		for (any = 0; any < 2; any++)
		{
			double		speeds[RUNS];
			char		name[100];

			snprintf(name, sizeof(name), "%s%s", names[operation], any ? ", any processor" : "");
			if (wanted != NULL && strstr(name, wanted) == NULL)
				continue;
			if (a.bytes == NULL)
			{
				a = many_members(48271171);
				b = many_members(69621133);
			}
			roaring_use_processor(!any);
			for (run = 0; run < RUNS; run++)
			{
				double		began = seconds_now();

				if (operation == 4)
					(void) roaring_and_cardinality(a, b);
				else
				{
					RoaringWriter writer;

					roaring_writer_init(&writer, 0, a.size + b.size);
					roaring_combine(&writer, (RoaringOperation) operation, a, b);
					(void) roaring_writer_finish(&writer);
					free(writer.memory);
				}
				speeds[run] = 20 / (seconds_now() - began);
			}
			qsort(speeds, RUNS, sizeof(double), compare_doubles);
			printf("%s\t%.0f\n", name, speeds[RUNS / 2]);
			fflush(stdout);
		}
	roaring_use_processor(true);
}

int
main(int argc, char **argv)
{
	size_t		i;

	/* a word on the command line: only the measurements whose names have it */
	for (i = 0; i < sizeof(measurements) / sizeof(measurements[0]); i++)
		if (argc < 2 || strstr(measurements[i].name, argv[1]) != NULL)
			measure(&measurements[i]);
	measure_sets(argc < 2 ? NULL : argv[1]);
	return 0;
}
