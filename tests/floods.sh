#!/usr/bin/env bash
# Holds the program itself to its limits: each flood of `tests/suite/floods.rs`, just below 100 kB, is checked, built and formatted under a
# limit of memory and of time, and a table of those that took longest is printed. By hand, with an optimised build:
#
#   cargo build --release && tests/floods.sh target/release/talosc
#
# SECONDS_EACH and MEGABYTES say how much is allowed, 1 and 1000 if nothing is said.
set -euo pipefail
talosc=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${SECONDS_EACH:-1}
megabytes=${MEGABYTES:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
FLOODS="$work/floods" cargo test --locked --quiet --test suite -- floods_are_written >/dev/null

failed=0
for flood in "$work"/floods/*/; do
    name=$(cat "$flood/name")
    rm "$flood/name"
    for command in "check -q" "build -q" "fmt --check"; do
        code=0
        TIMEFORMAT='%U %S'
        # shellcheck disable=SC2086
        took=$( { time (cd "$flood" && ulimit -v $((megabytes * 1024)) && timeout 30 "$talosc" $command >/dev/null 2>"$work/said") 2>&1; } 2>&1) || code=$?
        took=$(awk '{ print $1 + $2 }' <<<"$took")
        printf '%8.2f  %3d  %-12s %s\n' "$took" "$code" "$command" "$name" >>"$work/table"
        # 0, 1 and 2 are verdicts; all else is a crash, and a bug is said to be one.
        if [ "$code" -gt 2 ] || grep -q 'bug in talosc' "$work/said" || awk -v t="$took" -v m="$seconds" 'BEGIN { exit !(t > m) }'; then
            printf 'failed: %.2f s, exit code %d: talosc %s: %s\n' "$took" "$code" "$command" "$name"
            failed=$((failed + 1))
        fi
    done
done
echo "seconds, exit code, command and flood:"
sort -rn "$work/table" | head -40 || true
echo "$(wc -l <"$work/table") runs, $failed failed"
[ "$failed" -eq 0 ]
