# shellcheck shell=bash disable=SC2034,SC2154
# Read by ../../bootstrap: the state folder, the user who owns what is in it, and
# the way there when a parent is closed to that user.

locate_state() {
	STATE=${1:-$HERE/var}
	{ mkdir -p "$STATE" && STATE=$(cd "$STATE" && pwd -P); } 2>/dev/null ||
		die "can't make or enter the state folder $STATE (TOCSIN_STATE)"
	RUN=$STATE/run LOG=$STATE/log
}

# Nobody runs a database or reads strangers' mail as root.  The user is the one
# that an earlier run used, else the clone's owner, else one made for it: not
# postgres, who owns the machine's own clusters.
choose_user() {
	local uid=0 gid place
	((EUID == 0)) || return 0
	for place in "$RUN" "$HERE"; do
		[ -d "$place" ] && read -r uid gid < <(stat -c '%u %g' "$place")
		((uid)) && break
	done
	if ((uid == 0)); then
		getent passwd tocsin >/dev/null || {
			say "making the system user tocsin, who runs what must not be root"
			useradd --system --user-group --no-create-home \
				--home-dir /nonexistent --shell /usr/sbin/nologin tocsin
		} || die "can't make the system user tocsin"
		uid=$(id -u tocsin) gid=$(id -g tocsin)
	fi
	AS=("--reuid=$uid" "--regid=$gid" --clear-groups)
	OWN="$uid:$gid"
}

# The first folder on the way to PATH that the service's user can't pass.
closed_on_the_way() {
	local part path=
	local IFS=/
	for part in ${1#/}; do
		path+=/$part
		as_service test -x "$path" || { echo "$path" && return; }
	done
}

# Under a closed parent, root's home say, the unprivileged user can't get here.
# In a mount namespace of our own an empty folder lies over that parent, and on
# it, at their old paths, the clone and the state: all is reached as ever, and
# the rest of the closed folder is out of sight for what we start.
open_the_way() {
	local path closed fd
	((${#AS[@]})) || return 0
	[ -n "$(closed_on_the_way "$HERE")$(closed_on_the_way "$STATE")" ] || return 0
	if [ -z "${TOCSIN_INSIDE-}" ]; then
		unshare --mount true 2>/dev/null || return 0
		TOCSIN_STATE=$STATE TOCSIN_INSIDE=$$ exec unshare --mount "$BASH" "$HERE/bootstrap" "$@"
	fi
	for path in "$HERE" "$STATE"; do
		closed=$(closed_on_the_way "$path")
		[ -n "$closed" ] && [ "$closed" != "$path" ] || continue
		exec {fd}<"$path"
		mount -t tmpfs -o mode=755,size=1m tocsin "$closed" &&
			mkdir -p "$path" && mount -c --bind "/proc/self/fd/$fd" "$path" ||
			die "can't open a way to $path for an unprivileged user"
		exec {fd}<&-
	done
}

# Only the folders in it get an owner: the state folder itself may be one that
# somebody chose, and all it must do is let us pass.
own_state() {
	local place=$STATE
	((EUID == 0)) && chmod a+x "$STATE"
	AS_REST=("${AS[@]}")
	if [ -n "$(closed_on_the_way "$STATE")$(closed_on_the_way "$HERE")" ]; then
		place=/var/lib/tocsin-$(cksum <<<"$STATE" | cut -d' ' -f1)
		AS_REST=() RUN=$place/run LOG=$place/log
		say "no unprivileged user can reach this folder: tocsind runs as root," \
			"database and logs are in $place"
		install -d -m 711 "$place"
	fi
	CLUSTER=$place/pg SOCKETS=$place/pg/sock
	own_folder "${AS[*]:+$OWN}" "$CLUSTER" "$SOCKETS" "$RUN" "$LOG"
	own_folder "${AS_REST[*]:+$OWN}" "$STATE/data" "$STATE/mail"
}

own_folder() { # OWNER PATH...
	local own=$1 path
	for path in "${@:2}"; do
		install -d -m 700 ${own:+-o "${own%:*}" -g "${own#*:}"} "$path" \
			2>/dev/null && [ -w "$path" ] ||
			die "can't write to $path: it belongs to" \
				"$(stat -c %U "$path" 2>/dev/null || stat -c %U "$STATE")" \
				"(run as that user or root, or choose another TOCSIN_STATE)"
	done
}

# The lock is on the folder and goes with us, however we end.
lock_state() {
	exec {LOCK_FD}<"$STATE"
	flock -n "$LOCK_FD" || die "another bootstrap" \
		"(pid $(cut -d' ' -f1 "$RUN/bootstrap.pid" 2>/dev/null)) already runs" \
		"on $STATE; stop it or set TOCSIN_STATE"
}

