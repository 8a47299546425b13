/*-------------------------------------------------------------------------
 *
 * fuzz_seeds.c
 *		Writes a few good inputs for each fuzz target, to begin with:
 *		fuzz_seeds DIRECTORY
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "event/event.h"
#include "funnel/funnel.h"
#include "numset/numset.h"
#include "roaring/roaring.h"
#include "sequence/next_node.h"

static const char *directory;

static void
write_seed(const char *target, int number, const void *bytes, size_t size)
{
	char		path[1000];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s", directory, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%d", directory, target, number);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
	{
		perror(path);
		exit(1);
	}
}

static void
write_patterns(void)
{
	static const char *const texts[] = {
		"(?1)", "(?1)(?2)", "(?1).*(?2)", "(?1).(?2)", "(?1)(?t<=3600)(?2)",
		"(?1).*(?t<=3600)(?2).*(?1).*(?2)", "(?1)(?t>=1m)(?t!=2h)(?2)(?t==1s)(?8)",
		".*(?1)(?t>0)(?t<7d).(?58).*", " (? 1 ) (? t > 5 ) (?2)",
		"^(?1|2)(?!3)*(?t<5)((?2)|.*(?1)){2,3}(?w<=1d)", "((?1)+.*(?2)?(?t>=1)){2}(?1)$"
	};
	static const unsigned char events[] = {0, 128, 3, 64, 5, 192, 0, 128, 6, 1, 4, 64, 2, 128};
	unsigned char bytes[200];
	size_t		i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		size_t		length = strlen(texts[i]);

		memcpy(bytes, texts[i], length);
		bytes[length] = '\n';
		memcpy(bytes + length + 1, events, sizeof(events));
		write_seed("pattern", (int) i, bytes, length + 1 + sizeof(events));
	}
}

static void
write_events(void)
{
	static const Event events[] = {
		{0, UINT64_C(1) << 63 | 3}, {1000000, UINT64_C(1) << 62 | 3},
		{1000000, UINT64_C(7) << 61 | 3}, {EVENT_TIME_END - 1, UINT64_C(1) << 61 | 3},
		{EVENT_TIME_MIN, 3}
	};
	static const char *const params[] = {
		"\x05", "\x80\x80\x40strict_order, allow_reentry", "\x64strict_once", "\x64" "any_order",
		"\x64strict_increase,strict_deduplication", "(?1)(?t<=1)(?2).*(?3)", "(?1)(?t>=1).",
		"(?1)(?t<=2)(?3).*(?2)(?w<=9)"
	};
	unsigned char bytes[300];
	int			i;

	for (i = 0; i < 8; i++)
	{
		EventsHeader header = {(const unsigned char *) params[i], strlen(params[i]), 3, 5, false};
		ByteWriter	out = {bytes};

		events_write_header(&header, &out);
		events_encode(events, 5, &out);
		write_seed("events", i, bytes, (size_t) (out.at - bytes));
	}
}

static void
write_rows(void)
{
	static const NodeRow rows[] = {
		{0, UINT64_C(1) << 63 | 2, 0, 4, true}, {5, UINT64_C(1) << 62 | 2, 4, 4, false},
		{5, UINT64_C(3) << 62 | 2, 8, 0, true}, {9, 2, 8, 3, false}
	};
	unsigned char bytes[300];
	int			i;

	for (i = 0; i < 4; i++)
	{
		unsigned char params[3] = {(unsigned char) (i % 2), (unsigned char) i, 11};
		EventsHeader header = {params, 3, 2, 4, false};
		ByteWriter	out = {bytes};

		events_write_header(&header, &out);
		node_rows_encode(rows, 4, "homecartpay", &out);
		write_seed("next_node", i, bytes, (size_t) (out.at - bytes));
	}
}

static void
write_arguments(void)
{
	static const char *const texts[] = {
		"\xa0\0\0\0\0\0\0\3strict_order, allow_reentry",
		"\xff\xff\xff\xff\xff\xff\xff\xfa" "any_order ",
		"\0\0\0\0\0\0\0\1strict_once,strict_increase,strict_deduplication",
		"\0\0\0\0\0\0\0\1" "exclude 4 between 1 and 2 dropping users, optional 2",
		"\0\0\0\0\0\0\0\1" "within 1 hour from 1 to 2, same week_sunday from 1 to 3 in Asia/Shanghai",
		"\0\0\0\0\0\0\0\1" "count sessions of 30 minutes, first_chain",
		"\0\0\0\0\0\0\0\1" "collapse, ignore \"a \"\"b\"\", c\", top 3,"
	};
	int			i;

	for (i = 0; i < 7; i++)
		write_seed("arguments", i, texts[i], 8 + strlen(texts[i] + 8));
}

static void
write_funnels(void)
{
	unsigned char bytes[] = {3, 0, 0, 5, 0, 128, 1, 192, 1, 64, 2, 32, 2, 240, 4, 16, 5, 128};
	int			modes;

	for (modes = 0; modes <= 32; modes++)
	{
		bytes[1] = (unsigned char) modes;
		bytes[0] = modes % 5 == 4 ? 57 : 3;
		write_seed("funnel", modes, bytes, sizeof(bytes));
	}
	bytes[0] = 3;
	bytes[1] = 0;
	bytes[2] = FUNNEL_CONSECUTIVE >> 8;
	write_seed("funnel", modes, bytes, sizeof(bytes));
}

/* Exclusions, optional steps, limits; see fuzz_rules.c. */
static void
write_rules(void)
{
	unsigned char bytes[] = {0x30, 0, 40, 0, 0, 1, 0, 0, 0, 4, 1, 1, 9, 0, 2, 8, 1, 0,
	1, 128, 2, 192, 1, 64, 2, 32, 2, 112, 3, 16, 0, 144, 1, 64};
	int			i;

	for (i = 0; i < 24; i++)
	{
		bytes[1] = (unsigned char) (i % 8);
		bytes[5] = (unsigned char) (1 + i % 3);
		bytes[4] = i % 4 == 3 ? 4 : 0;
		bytes[6] = i % 5 == 4 ? 201 : 0;
		write_seed("rules", i, bytes, sizeof(bytes));
	}
}

/* Two sets each: members and ranges around the ends of containers, buckets and signs. */
static void
write_roaring(void)
{
	static const RoaringRange ranges[][3] = {
		{{1, 1}, {5, 9}, {70000, 70000}},
		{{0, 200000}, {UINT64_C(0xffffffff), UINT64_C(0x100000003)}, {UINT64_MAX - 5, UINT64_MAX}},
		{{60000, 70000}, {UINT64_C(0x7fffffffffffffff), UINT64_C(0x8000000000000000)}, {UINT64_MAX, UINT64_MAX}},
		{{2, 2}, {4, 4}, {6, 6}},
		{{131072, 196607}, {196609, 196700}, {327680, 327681}}
	};
	unsigned char bytes[1000];
	int			i;

	for (i = 0; i < 25; i++)
	{
		size_t		size = 2;
		int			k;

		for (k = 0; k < 2; k++)
		{
			RoaringRange copy[3];
			RoaringWriter writer;
			Roaring		set;

			memcpy(copy, ranges[k == 0 ? i / 5 : i % 5], sizeof(copy));
			roaring_writer_init(&writer, 0, 0);
			roaring_write_ranges(&writer, copy, 3);
			set = roaring_writer_finish(&writer);
			memcpy(bytes + size, set.bytes, set.size);
			size += set.size;
			if (k == 0)
			{
				bytes[0] = (unsigned char) (set.size >> 8);
				bytes[1] = (unsigned char) set.size;
			}
			free(writer.memory);
		}
		write_seed("roaring", i, bytes, size);
	}
}

/* Parameters of fuzz_path.c, then events: the time from the one before, and a node. */
static void
write_paths(void)
{
	static const unsigned char parameters[][8] = {
		{30, 4, 0, 0, 0, 0}, {255, 49, 4, 0, 0, 0}, {5, 2, 1, 1, 0, 0}, {255, 3, 2, 0, 1, 4},
		{9, 4, 11, 0, 1, 0}, {9, 4, 15, 2, 2, 128}
	};
	static const unsigned char events[] = {0, 0, 1, 1, 1, 1, 7, 0, 0, 2, 3, 1, 40, 0, 2, 2, 0, 7, 1, 1};
	unsigned char bytes[8 + sizeof(events)];
	size_t		i;

	for (i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
	{
		memcpy(bytes, parameters[i], 8);
		memcpy(bytes + 8, events, sizeof(events));
		write_seed("path", (int) i, bytes, sizeof(bytes));
	}
}

/* Numsets of few and many users, with values of few and many bits. */
static void
write_numsets(void)
{
	static unsigned char bytes[1000];
	int			i;

	for (i = 0; i < 16; i++)
	{
		NumsetGather gather;
		NumsetWriter writer;
		int64		user;
		int			k;

		numset_gather_init(&gather);
		for (k = 0; k < (i % 4 == 0 ? i / 4 : 30); k++)
			numset_gather_add(&gather, (uint64) k * (i % 2 == 0 ? 1 : UINT64_C(0x123456789abcd)),
							  i / 4 == 0 ? 7 : i / 4 == 1 ? k * k - 100 : i / 4 == 2 ? INT64_MIN + k : k % 3);
		if (numset_gather_write(&gather, &writer, 0, &user) == NUMSET_FINE && writer.size < sizeof(bytes))
		{
			bytes[0] = (unsigned char) i;
			memcpy(bytes + 1, writer.memory, writer.size);
			write_seed("numset", i, bytes, writer.size + 1);
		}
		free(writer.memory);
		free(gather.entries);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2)
	{
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 1;
	}
	directory = argv[1];
	mkdir(directory, 0777);
	write_patterns();
	write_events();
	write_rows();
	write_arguments();
	write_funnels();
	write_rules();
	write_roaring();
	write_paths();
	write_numsets();
	return 0;
}
