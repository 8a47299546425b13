-- The install script of pg_journey, made from src/*/*.sql by the Makefile.
\echo Use "CREATE EXTENSION pg_journey" to load this file. \quit

