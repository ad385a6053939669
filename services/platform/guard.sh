#!/bin/sh
# Runs a program that must not outlive the process that started it, not even when that one is killed with -9.
#
#   sh guard.sh <output file> <command> [argument ...]
#
# Standard input is a pipe that the starter holds open. A line on it asks the program to end: it gets TERM and, 30 seconds later,
# KILL. When the pipe closes without one, the starter is gone, and KILL follows after 4 seconds. The first line of standard output
# is the program's process id. Ends with the program and with its exit code.
output=$1
shift
exec 3<&0
"$@" >"$output" 2>&1 </dev/null 3<&- &
program=$!
echo "$program"

{
  tenths=40
  read -r _ && tenths=300
  kill -TERM "$program"
  while [ "$tenths" -gt 0 ]; do
    sleep 0.1
    tenths=$((tenths - 1))
  done
  kill -KILL "$program"
} <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-

wait "$program"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
