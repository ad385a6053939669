#!/bin/sh
# Runs a program that must not outlive the process that started it, not even when that one is killed with -9.
#
#   sh guard.sh <output file> <command> [argument ...]
#
# Standard input is a pipe that the starter holds open and never writes to; when it closes, the program gets TERM and, 10 seconds
# later, KILL. The first line of standard output is the program's process id. Ends with the program and with its exit code.
output=$1
shift
exec 3<&0
"$@" >"$output" 2>&1 </dev/null 3<&- &
program=$!
echo "$program"

{
  while read -r _; do :; done
  kill -TERM "$program"
  tenths=0
  while [ "$tenths" -lt 100 ]; do
    sleep 0.1
    tenths=$((tenths + 1))
  done
  kill -KILL "$program"
} <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-

wait "$program"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
