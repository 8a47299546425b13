/*-------------------------------------------------------------------------
 *
 * pg_journey.c
 *		The module: its magic block.  Each analysis lives in a room of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat.h"
#include "pg_journey.h"

JOURNEY_MODULE_MAGIC;
