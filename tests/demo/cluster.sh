# shellcheck shell=bash disable=SC2034,SC2154
# Read by ../../bootstrap: the private PostgreSQL cluster, or the one given.

uri_escape() {
	local c i out=
	local LC_ALL=C
	for ((i = 0; i < ${#1}; i++)); do
		c=${1:i:1}
		case $c in
		[A-Za-z0-9/._-]) out+=$c ;;
		*) out+=$(printf '%%%02X' "'$c") ;;
		esac
	done
	echo "$out"
}

# A folder that is too deep for a socket gets a short one.
place_sockets() {
	if ((${#SOCKETS} + 16 > SOCKET_PATH_MAX)) || [[ $SOCKETS == *,* ]]; then
		SOCKETS=$(as_service mktemp -d /tmp/tocsin-XXXXXX) ||
			die "can't make a folder for the database's socket in /tmp"
		echo "$SOCKETS" | put "$RUN/sockets"
	fi
	DATABASE="postgresql:///tocsin?host=$(uri_escape "$SOCKETS")"
	DATABASE+="&port=5432&user=tocsin"
}

drop_short_sockets() {
	local dir
	{ read -r dir <"$RUN/sockets"; } 2>/dev/null || return 0
	[[ $dir == /tmp/tocsin-?????? ]] && as_service rm -rf "$dir"
	rm -f "$RUN/sockets"
}

find_postgres() {
	local want
	want=$(cat "$CLUSTER/data/PG_VERSION" 2>/dev/null)
	PROGRAMS=$(printf '%s\n' /usr/lib/postgresql/${want:-*}/bin |
		sort -V | tail -n 1)
	[ -x "$PROGRAMS/initdb" ] || die "no PostgreSQL ${want:+$want }in" \
		"/usr/lib/postgresql; is the package postgresql installed?"
}

# Whoever reaches the socket is let in: the mode of its folder lets only the
# owner (and root) reach it.  A half-made cluster never gets the final name.
make_cluster() {
	local new=$CLUSTER/data.new log=$LOG/initdb.log
	[ -d "$CLUSTER/data" ] && return
	say "making the database cluster"
	as_service rm -rf "$new"
	: | put "$log"
	job /dev/null setpriv "${AS[@]}" --pdeathsig TERM -- "${LOGGED[@]}" "$log" \
		"$PROGRAMS/initdb" -D "$new" -U postgres \
		-A trust -E UTF8 --locale=C.UTF-8 || die_with_log "$log" "initdb failed"
	echo 'local all all trust' | put "$new/pg_hba.conf"
	as_service mv "$new" "$CLUSTER/data"
}

# PostgreSQL takes any process with the number in its lock file for its own
# predecessor, a zombie that nobody reaps (a container without init) included.
# The locks may go when nothing works in the data folder.
drop_stale_lock() {
	local data=$CLUSTER/data here
	[ -e "$data/postmaster.pid" ] || [ -e "$SOCKETS/.s.PGSQL.5432" ] || return 0
	here=$(stat -c %d:%i "$data")
	stat -L -c %d:%i /proc/[0-9]*/cwd 2>/dev/null | grep -qxF "$here" ||
		as_service rm -f "$data/postmaster.pid" "$SOCKETS/.s.PGSQL.5432" \
			"$SOCKETS/.s.PGSQL.5432.lock"
}

launch_postgres() {
	drop_stale_lock
	launch postgres INT "${AS[@]}" -- "$PROGRAMS/postgres" -D "$CLUSTER/data" \
		-p 5432 -c listen_addresses= -c unix_socket_permissions=0700 \
		-c "unix_socket_directories=$SOCKETS"
}

# Also makes the role and the database: the daemon is no superuser.
database_answers() {
	as_service psql -XAtq -h "$SOCKETS" -p 5432 -U postgres -d postgres \
		>/dev/null 2>&1 <<-'END'
	SELECT 'CREATE ROLE tocsin LOGIN' WHERE NOT EXISTS
	  (SELECT FROM pg_roles WHERE rolname = 'tocsin') \gexec
	SELECT 'CREATE DATABASE tocsin OWNER tocsin' WHERE NOT EXISTS
	  (SELECT FROM pg_database WHERE datname = 'tocsin') \gexec
	SELECT 1;
	END
}

start_cluster() {
	local end=$((SECONDS + READY_MAX)) name
	for name in ${!PG@}; do unset "$name"; done # they would lead elsewhere
	find_postgres
	make_cluster
	place_sockets
	launch_postgres
	until database_answers; do
		gone "${PID[postgres]}" || ((SECONDS > end)) &&
			die_with_log "$LOG/postgres.log" "the private database did not start"
		nap 0.05
	done
}

# A given database may know the caller (peer, .pgpass) and not the user whom
# root's tocsind would run as; then the caller is taken.
use_database() {
	local why
	DATABASE=$TOCSIN_DATABASE
	why=$(as_service psql -XAtqc 'SELECT 1' -d "$DATABASE" 2>&1) && return
	((${#AS[@]})) && psql -XAtqc 'SELECT 1' -d "$DATABASE" >/dev/null 2>&1 ||
		die "TOCSIN_DATABASE can't be used: ${why%%$'\n'*}"
	say "that database knows you, not an unprivileged user: tocsind runs as you"
	AS_REST=()
}

