# Starts the observer of a launch as nobody's child, and is gone at once: sh start-observer.sh NODE … observer.cjs --settings FILE …
# Both hooks run it, in a session of its own, with one end of a pair of sockets as descriptor 3.
#
# Near a limit of processes Node can stand still for ever before the first line of ours: it waits for a thread that was refused.
# Nobody would be there to end it. So where there is little room one process more looks after it for a while. It also sees
# an observer that ends at once, as Node does where address space is limited: V8 reserves gigabytes that it never fills.

SECONDS_TO_START=15
ROOM=16

# Whether a limit may be near. None of it is exact: what counts is that it is never far when this says so.
is_near() {
  # A user's limit counts all that this user runs, here and in other containers; all that runs is at least as much.
  read -r _ _ _ running _ </proc/loadavg || return 1
  running=${running#*/}
  while read -r _ what soft more _; do
    case $what in
      processes) [ "$soft" = unlimited ] || [ $((soft - running)) -ge $ROOM ] || return 0 ;;
      address) [ "$more" = unlimited ] || return 0 ;;
    esac
  done </proc/self/limits
  for file in threads-max pid_max; do
    read -r most <"/proc/sys/kernel/$file" && [ $((most - running)) -lt $ROOM ] && return 0
  done
  while IFS=: read -r _ controllers group; do
    case ",$controllers," in
      ,,) root=/sys/fs/cgroup ;;
      *,pids,*) root=/sys/fs/cgroup/pids ;;
      *) continue ;;
    esac
    # In a container the path may be the host's; the folder at its root is the container's own.
    group=$root${group%/}
    while :; do
      is_full "$group/pids" && return 0
      [ ${#group} -gt ${#root} ] || break
      group=${group%/*}
    done
  done </proc/self/cgroup
  return 1
}

is_full() {
  read -r most <"$1.max" && read -r now <"$1.current" && [ "$most" != max ] && [ $((most - now)) -lt $ROOM ]
}

# The observer catches SIGHUP, signal 1, as its first act; Node by itself does not.
has_begun() {
  while read -r name caught; do
    [ "$name" = SigCgt: ] && case $caught in *[13579bdf]) return 0 ;; esac
  done <"/proc/$1/status"
  return 1
}

watched() {
  # A fork that fails ends the shell: bash by way of its trap, and of `command eval` the others come back.
  trap 'leave_word "$@"' EXIT
  # Before the observer: without it nothing is begun.
  command eval 'sleep $SECONDS_TO_START 3>&- &' || exit
  watch=$!
  command eval '"$@" &' || exit
  observer=$!
  exec 3>&-
  wait $watch
  # What has ended is a child of ours until now, so the number is nobody else's; some shells let go of it at once.
  read -r self _ </proc/self/stat
  read -r _ _ _ parent _ <"/proc/$observer/stat"
  if [ "$parent" != "$self" ]; then
    wait $observer && trap - EXIT
  elif has_begun $observer; then
    trap - EXIT
  else
    kill -9 $observer
  fi
}

# The program may have ended long since: the next launch with these settings says it.
leave_word() {
  while [ $# -gt 1 ] && [ "$1" != --settings ]; do shift; done
  [ $# -eq 1 ] || [ -e "$2.word" ] ||
    echo "an observer could not start, and its calls are lost: few processes or little address space are allowed (ulimit -u, ulimit -v, pids.max)" >"$2.word"
}

begin() {
  is_near || exec "$@"
  watched "$@"
}

cd / || exit
# Where Node ends because of a limit, it is no crash to be kept.
ulimit -c 0
# What the program took for itself alone; a hard limit stays.
ulimit -S -v unlimited 2>/dev/null
trap 'leave_word "$@"' EXIT
command eval 'begin "$@" 2>/dev/null &' && trap - EXIT
