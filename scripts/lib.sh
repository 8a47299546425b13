# Shared by scripts/check, scripts/demo and scripts/bench. Source it:
#
#   need_postgres               choose PostgreSQL 15..18 and install what is missing
#   make_work                   $WORK: a temporary directory, removed on exit
#   copy_tree DIR               the source tree, without build products
#   install_extension           build pg_journey from such a copy and install it
#   cluster_start DIR [k=v...]  a cluster on a unix socket in DIR; exports PGHOST & co.
#   cluster_stop DIR            stop it and remove DIR
#   throwaway_cluster [k=v...]  a cluster in $WORK, removed on exit
#   need PACKAGE...  need_clang  need_pgtap  need_node

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SUPPORTED="18 17 16 15"

say() { printf '==> %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# ---- packages -------------------------------------------------------------------

# Run a command as root.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root, and there is no sudo: run it as root: $*"
	fi
}

installed() { dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* installed$'; }

# Refresh the package lists, once.
apt_update() {
	command -v apt-get >/dev/null ||
		die "only Debian and Ubuntu packages are installed automatically; install PostgreSQL 15 to 18 with its server headers yourself and set PG_CONFIG"
	if [ -z "${APT_UPDATED:-}" ]; then
		say "apt-get update"
		as_root apt-get update -qq || die "apt-get update failed (is there a network?)"
		APT_UPDATED=1
	fi
}

# apt_install [OPTION] PACKAGE...
apt_install() {
	local output
	apt_update
	say "apt-get install $*"
	output=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends -o DPkg::Lock::Timeout=300 "$@" 2>&1) ||
		die "could not install $*: $output"
}

# Install the Debian packages among these that are missing.
need() {
	local missing=() p
	for p in "$@"; do
		installed "$p" || missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# need_file FILE PACKAGE: also if the package is there but its file is not, as on a
# machine where somebody tidied up PostgreSQL's directories by hand.
need_file() {
	[ -e "$1" ] || need "$2"
	[ -e "$1" ] || apt_install --reinstall "$2"
}

# clang with the sanitizer and fuzzer runtimes, whose package carries clang's version.
need_clang() {
	command -v clang >/dev/null || need clang
	local version
	version=$(clang -dumpversion)
	[ -e "$(clang --print-file-name=include/fuzzer/FuzzedDataProvider.h)" ] &&
		[ -n "$(find "$(clang --print-resource-dir)/lib" -name 'libclang_rt.fuzzer*' -print -quit)" ] ||
		need "libclang-rt-${version%%.*}-dev"
}

# pg_prove, and pgTAP for the chosen PostgreSQL.
need_pgtap() {
	command -v pg_prove >/dev/null || need libtap-parser-sourcehandler-pgtap-perl
	need_file "$("$PG_CONFIG" --sharedir)/extension/pgtap.control" "postgresql-$PG_MAJOR-pgtap"
}

# node and npm, from anywhere on the PATH.
need_node() {
	command -v node >/dev/null && command -v npm >/dev/null || need nodejs npm
}

# Whether packages for node can be had at all: not everyone's network has a registry.
npm_works() {
	(need_node) && npm view --fetch-retries=1 --fetch-timeout=20000 chdb version >/dev/null 2>&1
}

# ---- which PostgreSQL -----------------------------------------------------------

# $PG_CONFIG if set; else the newest installed; else what the distribution offers.
# Sets PG_CONFIG, PG_BIN and PG_MAJOR.
need_postgres() {
	local n
	if [ -n "${PG_CONFIG:-}" ]; then
		command -v "$PG_CONFIG" >/dev/null || die "PG_CONFIG=$PG_CONFIG does not exist"
		PG_CONFIG=$(command -v "$PG_CONFIG")
	else
		PG_MAJOR=
		for n in $SUPPORTED; do
			if [ -x "/usr/lib/postgresql/$n/bin/postgres" ]; then
				PG_MAJOR=$n
				break
			fi
		done
		if [ -z "$PG_MAJOR" ]; then
			apt_update
			for n in $SUPPORTED; do
				if apt-cache show "postgresql-$n" >/dev/null 2>&1; then
					PG_MAJOR=$n
					break
				fi
			done
		fi
		[ -n "$PG_MAJOR" ] ||
			die "this distribution offers no PostgreSQL 15 to 18; add the packages of apt.postgresql.org, or set PG_CONFIG"
		need build-essential "postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR"
		PG_CONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config
	fi
	PG_BIN=$("$PG_CONFIG" --bindir)
	PG_MAJOR=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
	case " $SUPPORTED " in
		*" $PG_MAJOR "*) ;;
		*) die "pg_journey needs PostgreSQL 15 to 18; $PG_CONFIG is $("$PG_CONFIG" --version)" ;;
	esac
	export PG_CONFIG PATH="$PG_BIN:$PATH"
}

# ---- a place to work, and the extension ------------------------------------------

# $WORK, a directory of our own that the server's user can reach too.
make_work() {
	WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/pg_journey.XXXXXX")
	# A socket path has 107 bytes at most, so a long TMPDIR cannot be used.
	if [ ${#WORK} -gt 60 ]; then
		rmdir "$WORK"
		WORK=$(mktemp -d /var/tmp/pg_journey.XXXXXX)
	fi
	chmod 755 "$WORK"
	trap remove_work EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

remove_work() {
	local cluster
	for cluster in "$WORK"/cluster*; do
		cluster_stop "$cluster"
	done
	rm -rf "$WORK"
}

git_here() { git -C "$ROOT" -c safe.directory='*' "$@"; }

# Copy the source tree: with git, all files it does not ignore ("tracked": only those
# it knows, as a clone would have them); otherwise, everything.
copy_tree() {
	local dir=$1 others=(--others --exclude-standard)
	[ "${2:-}" != tracked ] || others=()
	mkdir -p "$dir"
	if git_here rev-parse >/dev/null 2>&1; then
		git_here ls-files -z --cached "${others[@]}" | (
			cd "$ROOT"
			while IFS= read -r -d '' file; do
				[ ! -e "$file" ] || printf '%s\0' "$file"
			done | tar --null --no-recursion -T - -cf -
		) | tar -xf - -C "$dir"
	else
		cp -a "$ROOT/." "$dir/"
	fi
	# Tests read the public logs beside the repository.
	[ -e "$dir/../shared" ] || [ ! -d "$ROOT/../shared" ] || ln -s "$ROOT/../shared" "$dir/../shared"
}

# Build in a copy, so that nothing built for another PostgreSQL is picked up; by CC if it is set.
install_extension() {
	local log=$WORK/install.log with=()
	# PostgreSQL's flags are those of its own compiler: clang cannot link gcc's link-time optimization.
	[ -z "${CC:-}" ] || with=("CC=$CC" LDFLAGS= "COPT=-fno-lto -Wno-unknown-warning-option -Wno-ignored-optimization-argument")
	copy_tree "$WORK/tree"
	say "building pg_journey for PostgreSQL $PG_MAJOR"
	make -s -j"$(nproc)" -C "$WORK/tree" PG_CONFIG="$PG_CONFIG" "${with[@]}" >"$log" 2>&1 ||
		{ cat "$log" >&2; die "pg_journey does not build"; }
	local become=()
	[ -w "$("$PG_CONFIG" --pkglibdir)" ] || become=(as_root)
	("${become[@]}" make -s -C "$WORK/tree" PG_CONFIG="$PG_CONFIG" "${with[@]}" install) >"$log" 2>&1 ||
		{ cat "$log" >&2; die "pg_journey does not install"; }
}

# ---- clusters -------------------------------------------------------------------

# Run a server program: the server refuses root, so root becomes an unprivileged user.
as_server() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && runuser -u "$(server_user)" -- "$@")
	else
		"$@"
	fi
}

server_user() {
	if [ "$(id -u)" != 0 ]; then id -un
	elif id -u postgres >/dev/null 2>&1; then echo postgres
	else echo nobody
	fi
}

# Create and start a cluster that listens on a socket in DIR (an absolute path) and
# nowhere else. It is for data one can make again: nothing is forced to disk.
cluster_start() {
	local dir=$1 setting
	shift
	[ ${#dir} -le 90 ] || die "the path is too long for a socket: $dir"
	mkdir -p "$dir"
	[ -z "$(ls -A "$dir")" ] || die "$dir is not empty, and not a cluster of pg_journey's"
	echo "$PG_BIN" >"$dir/bindir"
	[ "$(id -u)" != 0 ] || chown "$(server_user)" "$dir"
	as_server "$PG_BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 \
		--locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
		{ cat "$dir/initdb.log" >&2; die "initdb failed"; }
	{
		echo "listen_addresses = ''"
		echo "unix_socket_directories = '$dir'"
		echo "port = 5432"
		echo "fsync = off"
		echo "synchronous_commit = off"
		echo "full_page_writes = off"
		echo "wal_level = minimal"
		echo "max_wal_senders = 0"
		echo "max_wal_size = 4GB"
		echo "shared_buffers = 256MB"
		echo "max_worker_processes = 16"
		echo "max_parallel_workers = 8"
		echo "autovacuum = off"
		echo "timezone = 'UTC'"
		echo "log_timezone = 'UTC'"
		for setting in "$@"; do
			echo "${setting%%=*} = '${setting#*=}'"
		done
	} >>"$dir/data/postgresql.conf"
	as_server "$PG_BIN/pg_ctl" start -w -s -D "$dir/data" -l "$dir/server.log" ||
		{ tail -20 "$dir/server.log" >&2; die "the cluster in $dir does not start"; }
	unset PGSERVICE PGHOSTADDR PGPASSFILE PGSSLMODE PGOPTIONS PGTZ PGDATESTYLE
	export PGHOST=$dir PGPORT=5432 PGUSER=postgres PGDATABASE=postgres PGCLIENTENCODING=UTF8
}

# Stop a cluster that cluster_start made and remove it.
cluster_stop() {
	local dir=$1
	[ -e "$dir/bindir" ] || return 0
	if [ -e "$dir/data/postmaster.pid" ]; then
		as_server "$(cat "$dir/bindir")/pg_ctl" stop -s -m immediate -D "$dir/data" || true
	fi
	rm -rf "$dir"
}

throwaway_cluster() { cluster_start "$WORK/cluster" "$@"; }
