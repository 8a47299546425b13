/*-------------------------------------------------------------------------
 *
 * record_shape.h
 *		Reading the records of a population.
 *
 * Record lengths depend on what a population holds.  Those of the most frequent
 * kinds are constants, so the loops over records are compiled once for each shape.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_POPULATION_RECORD_SHAPE_H
#define JOURNEY_POPULATION_RECORD_SHAPE_H

#include "postgres.h"

#include "population/population.h"

/* A record taken apart; the pointers lead into the record. */
typedef struct Record
{
	UserKey		user;
	int64		at;
	uint64		conditions;
	int64		seq;
	uint32		node;
	EventValue	value;
} Record;

static inline bool
population_holds(const Population *population, int what)
{
	return (population->holds & what) != 0;
}

/* Read the record at `at`; returns where the next one begins. */
static inline const char *
record_read(const Population *population, const char *at, Record *record)
{
	int			size = population->layout.conditions;
	uint64		conditions = 0;
	uint32		length;

	memcpy(&record->user.key, at, 8);
	memcpy(&record->at, at + 8, 8);
	at += 16;
	if (likely(size == 1))
	{
		conditions = (unsigned char) *at++;
	}
	else
	{
		int			i;

		for (i = 0; i < size; i++)
			conditions |= (uint64) (unsigned char) *at++ << (8 * i);
	}
	record->conditions = conditions;
	record->seq = 0;
	if (population_holds(population, POPULATION_SEQ))
	{
		memcpy(&record->seq, at, 8);
		at += 8;
	}
	record->node = 0;
	if (population_holds(population, POPULATION_NODES))
	{
		memcpy(&record->node, at, 4);
		at += 4;
	}

	if (population_has_ids(population))
	{
		memcpy(&record->user.length, at, 4);
		record->user.bytes = at + 4;
		at += 4 + (size_t) record->user.length;
	}
	else
	{
		record->user.length = 0;
		record->user.bytes = NULL;
	}

	record->value.bytes = NULL;
	record->value.length = 0;
	if (population_holds(population, POPULATION_VALUES))
	{
		memcpy(&length, at, 4);
		at += 4;
		if (length > 0)
		{
			record->value.bytes = at;
			record->value.length = length - 1;
			at += length - 1;
		}
	}
	return at;
}

/*
 * Records of the most frequent kinds, which have specialized loops: without
 * ids, with a time, and conditions of one byte or a node.
 */
typedef enum RecordShape
{
	RECORDS_OF_ANY_SHAPE,
	RECORDS_WITH_STEPS,
	RECORDS_WITH_NODES
} RecordShape;

#define STEPS_RECORD_SIZE	17
#define NODES_RECORD_SIZE	20

static RecordShape
population_record_shape(const Population *population)
{
	if (population_has_ids(population))
		return RECORDS_OF_ANY_SHAPE;
	if (population->holds == 0 && population->layout.conditions == 1)
		return RECORDS_WITH_STEPS;
	if (population->holds == POPULATION_NODES && population->nsteps == 0)
		return RECORDS_WITH_NODES;
	return RECORDS_OF_ANY_SHAPE;
}

/* record_next() of records whose shape is known when this is compiled. */
static pg_attribute_always_inline const char *
record_skip_shaped(const Population *population, RecordShape shape, const char *at)
{
	switch (shape)
	{
		case RECORDS_WITH_STEPS:
			return at + STEPS_RECORD_SIZE;
		case RECORDS_WITH_NODES:
			return at + NODES_RECORD_SIZE;
		default:
			return record_next(&population->layout, at);
	}
}

/* The same for record_read(), but for what such records do not hold. */
static pg_attribute_always_inline const char *
record_read_shaped(const Population *population, RecordShape shape, const char *at,
				   Record *record)
{
	if (shape == RECORDS_OF_ANY_SHAPE)
		return record_read(population, at, record);
	memset(record, 0, sizeof(Record));
	memcpy(&record->user.key, at, 8);
	memcpy(&record->at, at + 8, 8);
	if (shape == RECORDS_WITH_STEPS)
	{
		record->conditions = (unsigned char) at[16];
		return at + STEPS_RECORD_SIZE;
	}
	memcpy(&record->node, at + 16, 4);
	return at + NODES_RECORD_SIZE;
}

/* A record's key: the id of its user, or the hash of it. */
static inline uint64
record_key(const char *record)
{
	uint64		key;

	memcpy(&key, record, 8);
	return key;
}

/* The key spread out, so that any bits of it will do. */
static inline uint64
record_hash(const char *record)
{
	return spread(record_key(record));
}

/* Give the node of a record its new number. */
static inline void
record_renumber_node(const Population *population, char *record, const uint32 *numbers)
{
	const size_t place = population->layout.head - 4;
	uint32		node;

	memcpy(&node, record + place, 4);
	memcpy(record + place, &numbers[node], 4);
}

/* The time of a record. */
static inline int64
record_time(const char *record)
{
	int64		at;

	memcpy(&at, record + 8, 8);
	return at;
}

#endif							/* JOURNEY_POPULATION_RECORD_SHAPE_H */
