#!/bin/bash
# Checks the model of the claim protocol: every small pool must keep the laws, and every planted fault
# must be found. Usage: check.sh [build folder]. Exit status 77 when spin is not installed. Takes some
# 80 s of one CPU and at most 1 GB.
set -euo pipefail

model=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/claim.pml
folder=${1:-build/model}
most_megabytes=1000
most_depth=20000 # steps from the first to the last; pan says when it is not enough

if ! command -v spin >/dev/null; then
    echo "spin is not installed: the protocol's model was not checked"
    exit 77
fi

# explore <name> <options of the model>...: prints what pan found.
explore() {
    local name=$1
    shift
    mkdir -p "$folder/$name"
    (
        cd "$folder/$name"
        spin -a "$@" "$model" >spin.log || { cat spin.log; exit 1; }
        cc -O1 -w -DSAFETY -DCOLLAPSE -DMEMLIM=$most_megabytes -o pan pan.c
        ./pan -n -b -m$most_depth
    )
}

failures=0
fail() {
    echo "  $1: FAILED: $2 (see $folder/$1)"
    failures=$((failures + 1))
}

# What is not explored to the end, for whatever reason, has not been checked.
keeps_the_laws() {
    local out
    out=$(explore "$@") || true
    if grep -q 'errors: 0' <<<"$out" && ! grep -q 'Search not completed' <<<"$out"; then
        echo "  $1: $(grep -o '[0-9.e+]* states, stored' <<<"$out")"
    else
        fail "$1" "$(grep -m1 '^pan:' <<<"$out" || tail -n1 <<<"$out")"
    fi
}

finds() {
    local out fault=$1
    shift
    out=$(explore "$fault" "-DFAULT_$fault" "$@") || true
    if grep -q 'errors: 1' <<<"$out"; then
        echo "  $fault: $(sed -n '/^pan:1: /{s///;s/ (.*//;p;q}' <<<"$out")"
    else
        fail "$fault" "not found"
    fi
}

echo "The laws hold in:"
keeps_the_laws two_chunks -DFIRST=2 -DBATCH=1
keeps_the_laws two_phases -DFIRST=1 -DLAST=1
keeps_the_laws two_jobs -DFIRST=1 -DJOBS=2
keeps_the_laws doorbells -DFIRST=1 -DFUTEX
keeps_the_laws stops -DFIRST=1 -DSTOPS -DTHROWS -DMAX_ATTEMPTS=1
keeps_the_laws skipping -DFIRST=1 -DSKIP -DTHROWS -DMAX_ATTEMPTS=1
keeps_the_laws empty_phase -DWORKERS=1 -DFIRST=0 -DLAST=2 -DDEATHS=2
keeps_the_laws one_worker -DWORKERS=1 -DFIRST=1 -DLAST=1 -DJOBS=2 -DDEATHS=2 -DFUTEX -DSTOPS -DTHROWS

echo "Planted faults are found:"
finds CLAIM_BY_STORE -DFIRST=1 -DDEATHS=0
finds COUNTED_BEFORE_COMMIT -DFIRST=1 -DDEATHS=0
finds LOOKS_BEFORE_IT_COMMITS -DFIRST=2 -DBATCH=1
finds NO_LOOK_AFTER_JOIN -DFIRST=1 -DJOBS=2 -DDEATHS=0
finds REUSES_WITHOUT_LOOKING -DFIRST=1 -DJOBS=2 -DDEATHS=0
finds NO_RING_AT_THE_END -DFIRST=1 -DDEATHS=0
finds LEAVES_WITHOUT_RING -DFIRST=1 -DSTOPS -DDEATHS=0
finds READS_THE_BELL_LATE -DFIRST=1 -DDEATHS=0
finds NAMED_AFTER_THE_CLAIM -DFIRST=1
finds NOT_ANNOUNCED -DFIRST=2
finds ANNOUNCED_LATE -DFIRST=2
finds NO_RING_AT_BURIAL -DFIRST=1 -DMAX_ATTEMPTS=1
finds BURIAL_TRUSTS_THE_FLAG -DFIRST=1 -DFUTEX
finds BURIES_ON_A_LATE_JOIN -DFIRST=1 -DJOBS=2
finds BLAMES_WHAT_THE_LINE_NAMES -DFIRST=1
finds FORGETS_AN_EXCEPTION -DWORKERS=1 -DFIRST=1 -DTHROWS
finds NO_LIMIT -DWORKERS=1 -DFIRST=1 -DDEATHS=2

if [ $failures -ne 0 ]; then
    echo "$failures of the model's checks failed"
    exit 1
fi
