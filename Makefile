# pg_journey: make && make install, then CREATE EXTENSION pg_journey.
# PG_CONFIG chooses the PostgreSQL, versions 15 to 18.

EXTENSION = pg_journey
JOURNEY_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" pg_journey.control)

# The SQL of the rooms, in the order in which the install script creates it: a file calls only those
# before it.
ANALYSES = inference stepset userset numset funnel loss experiment retention sequence session interval activity metric path attribution driver difference quality survival
CATALOG = rights/rights identity/components identity/spaces identity/refresh identity/identify source/source \
	catalog/tables catalog/definitions catalog/versions catalog/grants catalog/refresh \
	rule/questions rule/terms rule/conditions rule/compile segment/segment \
	tag/kinds tag/by_user tag/tag tag/drivers tag/profile job/schedule job/job quality/rules quality/plan quality/reconcile chart/chart report/parts report/page report/stored
SQL = src/header.sql src/aggregate/aggregate.sql $(foreach room,$(ANALYSES),src/$(room)/$(room).sql) $(CATALOG:%=src/%.sql) src/footer.sql

# The module carries its version: until ALTER EXTENSION UPDATE a database goes on with the
# one that its functions were declared for.
MODULE_big = pg_journey-$(JOURNEY_VERSION)
SOURCES = $(sort $(wildcard src/*.c src/*/*.c))
OBJS = $(SOURCES:.c=.o)
DATA_built = $(EXTENSION)--$(JOURNEY_VERSION).sql
DATA = $(wildcard updates/$(EXTENSION)--*.sql)
EXTRA_CLEAN = $(OBJS:.o=.bc) client/journey-report

REGRESS = $(ANALYSES) source segment tag job population errors plans
REGRESS_OPTS = --load-extension=pg_journey

PG_CONFIG ?= pg_config
# -isystem: the server's headers are not ours to warn about
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) \
	-I$(CURDIR)/src -DJOURNEY_VERSION='"$(JOURNEY_VERSION)"'
PG_CFLAGS = -fvisibility=hidden

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# Objects depend on every header: there are few, and a stale one costs a day.
$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h src/*/*.h) Makefile pg_journey.control

# The client program: C over libpq, into the directory of psql.
all: client/journey-report
client/journey-report: client/journey_report.c Makefile
	$(CC) $(CFLAGS) -isystem $(includedir) $< -o $@ $(LDFLAGS) -L$(libdir) -lpq
install: install-client
install-client: client/journey-report
	$(MKDIR_P) '$(DESTDIR)$(bindir)'
	$(INSTALL_PROGRAM) client/journey-report '$(DESTDIR)$(bindir)/'
uninstall: uninstall-client
uninstall-client:
	rm -f '$(DESTDIR)$(bindir)/journey-report'
.PHONY: install-client uninstall-client

# The install script is the rooms' own SQL, whose aggregates scripts/aggregates writes out. They write
# @extschema@ for the schema that header.sql makes, which is not that of the extension: a schema can't
# be a member of the extension in it.
$(EXTENSION)--$(JOURNEY_VERSION).sql: scripts/aggregates $(SQL) Makefile
	scripts/aggregates $(SQL) >$@ || { rm -f $@; exit 1; }
