# A test that is no GoogleTest program: run under `lockable`, it finds its boards in the environment.
#   usage: smoke.sh COUNT      how many boards it must have been given
set -eu

fail() {
  echo "smoke.sh: $*" >&2
  exit 1
}

: "${ID:?}" "${PORT:?}" "${LOCKABLE_RESOURCE_PORT:?}" "${LOCKABLE_ALLOCATIONS:?}"
[ "$PORT" = "$LOCKABLE_RESOURCE_PORT" ] || fail "PORT is $PORT, LOCKABLE_RESOURCE_PORT is $LOCKABLE_RESOURCE_PORT"
[ -L "$PORT" ] || fail "$PORT is no link to a serial port"

count=$(printf '%s' "$LOCKABLE_ALLOCATIONS" | grep -o '"alloc_id"' | wc -l)
[ "$count" -eq "$1" ] || fail "$count allocations, not $1: $LOCKABLE_ALLOCATIONS"

# The board itself: hello and goodbye.
session="$$-smoke"
exec 3<>"$PORT"
printf '\nHELLO %s smoke.sh:%s %s\n' "$session" "$1" "${BENCH_RUN:--}" >&3
read -r answer <&3
case "$answer" in
  "OK "*" $ID") ;;
  *) fail "$ID answered \"$answer\"" ;;
esac
printf 'BYE %s\n' "$session" >&3
read -r answer <&3
[ "$answer" = OK ] || fail "$ID answered \"$answer\" to BYE"
