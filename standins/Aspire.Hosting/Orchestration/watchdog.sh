# Ends the AppHost's children when the AppHost itself is gone, however it went (kill -9 included).
# stdin is a pipe that only the AppHost writes to; its end of file is the AppHost's end.
#   + PID        a process (leader of its own session) was started
#   - PID        it has ended
#   c RUN NAME   a container was started; d RUN NAME: it is removed
# A pid counts only together with the time at which its process started: the number may have been given away again.
exec >/dev/null 2>&1
trap '' INT TERM HUP
children=' '
containers=''

born() {
    if [ -r /proc/self/stat ]; then
        stat=$(cat "/proc/$1/stat") || return 1
        set -- ${stat##*) }
        shift 19
        echo "$1"
    else
        ps -o lstart= -p "$1" | tr ' ' '_'
    fi
}

while read -r what first second; do
    case $what in
        +) children="$children$first=$(born "$first") " ;;
        -) case $children in *" $first="*) rest=${children#*" $first="}; children="${children%%" $first="*} ${rest#* }" ;; esac ;;
        c) containers="$containers
$first $second" ;;
        d) containers=$(printf '%s\n' "$containers" | grep -vx "$first $second") ;;
    esac
done

signal() {
    alive=1
    for child in $children; do
        pid=${child%%=*}
        now=$(born "$pid")
        # Ours while it lives; once it is gone, its number cannot be another's as long as its group has members.
        if [ -z "$now" ] || [ "$now" = "${child#*=}" ]; then
            kill -s "$1" -- "-$pid" || kill -s "$1" "$pid"
            [ $? = 0 ] && alive=0
        fi
    done
    return $alive
}

signal TERM
n=0
while [ $n -lt 50 ] && signal 0; do sleep 0.1; n=$((n + 1)); done
signal KILL
printf '%s\n' "$containers" | while read -r runtime name; do [ -n "$name" ] && "$runtime" rm -f "$name"; done
exit 0
