#!/bin/sh
# layers.sh: lines of code per layer, comments and blank lines not counted.
# SPDX-License-Identifier: MIT
#
# usage: bench/layers.sh [source directory]
set -eu
root=${1:-$(dirname "$0")/..}

# Lines that are neither blank nor wholly comment, over the C files below the given folders.
code_lines() {
    find "$@" -name '*.[ch]' -exec cat {} + 2>/dev/null | awk '
        { line = $0; gsub(/[ \t]/, "", line) }
        inside { if (line ~ /\*\//) { inside = 0; sub(/.*\*\//, "", line) } else next }
        line ~ /^\/\*/ { if (line !~ /\*\//) { inside = 1; next } sub(/\/\*.*\*\//, "", line) }
        line != "" { count++ }
        END { print count + 0 }'
}

printf '%-14s %6s %6s\n' layer files code
for layer in lib/base lib/model lib/flow lib/analysis lib/api include tools examples bench tests; do
    [ -d "$root/$layer" ] || continue
    files=$(find "$root/$layer" -name '*.[ch]' | wc -l)
    printf '%-14s %6d %6d\n' "$layer" "$files" "$(code_lines "$root/$layer")"
done
