# shellcheck shell=bash disable=SC2034,SC2154
# Read by ../../bootstrap: the processes it starts, how they are found again and
# how they end.  Uses STATE, RUN, LOG, AS and LOCK_FD of its caller.

nap() {
	read -rt "$1" -u "$NAP_FD" _ # never written to: sleeps without a process
}

# A pid alone may be somebody else's by now: with the time it began and the
# boot it lives in, it is one process.  A zombie is over, reaped or not.
birth() { # PID -> its start time, if it lives
	local line
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return
	set -- ${line##*) }
	[ "$1" != Z ] && echo "${20}"
}

gone() {
	local line
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
	line=${line##*) }
	[ "${line:0:1}" = Z ]
}

wait_gone() { # PID SECONDS
	local left=$(($2 * 20))
	until gone "$1"; do
		((left-- > 0)) || return
		nap 0.05
	done
	return 0
}

as_service() {
	if ((${#AS[@]})); then setpriv "${AS[@]}" -- "$@"; else "$@"; fi
}

put() { # FILE: standard input into it, by the service's user
	as_service tee "$1" >/dev/null
}

wait_all_gone() { # SECONDS PID...
	local pid
	for pid in "${@:2}"; do
		wait_gone "$pid" "$1" || return
	done
}

note() { # NAME: what the next start needs to find this process again
	echo "${PID[$1]} $(birth "${PID[$1]}") $(</proc/sys/kernel/random/boot_id)" |
		put "$RUN/$1.pid"
}

# found NAME -> the pid that the note of an earlier run names, if it still lives
found() {
	local pid began boot
	{ read -r pid began boot <"$RUN/$1.pid"; } 2>/dev/null || return
	[ "$boot" = "$(</proc/sys/kernel/random/boot_id)" ] &&
		[ -n "$began" ] && [ "$(birth "$pid")" = "$began" ] && echo "$pid"
}

# Prefix of LOG COMMAND...
LOGGED=(sh -c 'log=$1; shift; exec "$@" >>"$log" 2>&1' sh)

# launch NAME SIGNAL [setpriv option...] -- COMMAND...: in a session of its own,
# so that a terminal's Ctrl-C reaches only us and the order of stopping stays
# ours; with the signals that `&` takes away given back; told to end should we
# be killed.  The log is opened by the service's user: root writes no file into
# a folder where somebody else could have put a link.
launch() {
	local name=$1 signal=$2 own=()
	shift 2
	while [ "$1" != -- ]; do own+=("$1") && shift; done
	setsid env --default-signal=INT,QUIT,PIPE "HOME=$STATE" \
		setpriv "${own[@]}" --pdeathsig "$signal" -- \
		"${LOGGED[@]}" "$LOG/$name.log" "${@:2}" \
		</dev/null {LOCK_FD}>&- {NAP_FD}>&- &
	PID[$name]=$!
	note "$name"
}

stop_pid() { # PID SIGNAL SECONDS: what it started goes with it (its session)
	kill "-$2" "$1" 2>/dev/null
	wait_gone "$1" "$3" || say "process $1 did not end within $3 s: killed"
	kill -KILL -- "-$1" 2>/dev/null
	wait_gone "$1" 2
}

# Postgres: INT is its fast shutdown; after TERM it would wait for clients.
stop_service() {
	local name=$1 pid=$2
	case $name in
	tocsind) stop_pid "$pid" TERM $STOP_TOCSIND ;;
	catcher) stop_pid "$pid" TERM $STOP_CATCHER ;;
	postgres) stop_pid "$pid" INT $STOP_POSTGRES ;;
	esac
	rm -f "$RUN/$name.pid"
}

stop_services() {
	local name
	for name in $SERVICES; do
		[ -n "${PID[$name]-}" ] && stop_service "$name" "${PID[$name]}"
	done
	PID=()
	drop_short_sockets
	rm -f "$RUN/bootstrap.pid"
}

stop_leftovers() {
	local name pid
	for name in $SERVICES; do
		pid=$(found "$name") || continue
		say "ending $name (pid $pid), left by a run that was killed"
		stop_service "$name" "$pid"
	done
	drop_short_sockets
}

