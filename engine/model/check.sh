#!/bin/bash
# Checks the models of the claim protocol, of the doorbell, of a stream's window, of results' blocks, of the
# shared heap, of tasks, of words with an owner and of the ring of a Queue: every small pool must keep the
# laws, and every planted fault must be found. Usage:
# check.sh [build folder]. Exit status 77 when spin is not installed. Takes some 230 s of CPU, on up to four
# cores, and at most 1 GB per core.
set -euo pipefail

models=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-build/model}
most_megabytes=1000
most_depth=20000 # steps from the first to the last; pan says when it is not enough
cores=$(nproc)
at_once=$((cores < 4 ? cores : 4)) # the longest check takes as long as the rest on four cores

if ! command -v spin >/dev/null; then
    echo "spin is not installed: the protocol's models were not checked"
    exit 77
fi

# A check's name is MODEL/NAME, or NAME for one of the claim protocol.
# explore <optimisation> <name> <options of the model>...: prints what pan found.
explore() {
    local optimisation=$1
    local name=$2
    shift 2
    local model=$models/claim.pml
    [[ $name != */* ]] || model=$models/${name%%/*}.pml
    (
        cd "$folder/$name"
        spin -a "$@" "$model" >spin.log || { cat spin.log; exit 1; }
        cc "$optimisation" -w -DSAFETY -DCOLLAPSE -DMEMLIM=$most_megabytes -o pan pan.c
        ./pan -n -b -m$most_depth
    )
}

# What is not explored to the end, for whatever reason, has not been checked.
keeps_the_laws() {
    local out optimisation=-O0
    # The claim protocol has the longest searches. Other models' programs take half a minute to optimise.
    [[ $1 == */* ]] || optimisation=-O1
    out=$(explore "$optimisation" "$@") || true
    if grep -q 'errors: 0' <<<"$out" && ! grep -q 'Search not completed' <<<"$out"; then
        echo "ok: $(grep -o '[0-9.e+]* states, stored' <<<"$out")"
    else
        grep -m1 '^pan:' <<<"$out" || tail -n1 <<<"$out"
    fi
}

# A fault is found so soon that optimising the search takes longer than it saves.
finds() {
    local out fault=$1
    shift
    out=$(explore -O0 "$fault" "-DFAULT_${fault##*/}" "$@") || true
    if grep -q 'errors: 1' <<<"$out"; then
        echo "ok: $(sed -n '/^pan:1: /{s///;s/ (.*//;p;q}' <<<"$out")"
    else
        echo "not found"
    fi
}

# begin <check> <name> <options of the model>...: runs it beside the others. Its verdict goes to a file.
begin() {
    local check=$1
    local name=$2
    shift 2
    while (($(jobs -rp | wc -l) >= at_once)); do
        wait -n || true
    done
    mkdir -p "$folder/$name"
    rm -f "$folder/$name/verdict"
    "$check" "$name" "$@" >"$folder/$name/verdict" &
    names+=("$name")
}

law() { begin keeps_the_laws "$@"; }
fault() { begin finds "$@"; }

failures=0
# report <name>...: prints the verdicts. A check that left none, whatever ended it, has failed.
report() {
    local name verdict
    for name in "$@"; do
        verdict=$(<"$folder/$name/verdict")
        if [[ $verdict == ok:* ]]; then
            echo "  $name:${verdict#ok:}"
        else
            echo "  $name: FAILED: ${verdict:-it ended without a verdict} (see $folder/$name)"
            failures=$((failures + 1))
        fi
    done
}

names=()
law counts -DFIRST=2 -DBATCH=1 -DCOARSE_CHUNKS
law dealing -DFIRST=2 -DBATCH=1 -DCOARSE_COUNTS
law two_phases -DFIRST=1 -DLAST=1 -DCOARSE_COUNTS -DCOARSE_CHUNKS
law two_jobs -DFIRST=1 -DJOBS=2 -DCOARSE_COUNTS -DCOARSE_CHUNKS
law doorbells -DFIRST=1 -DFUTEX -DCOARSE_COUNTS -DCOARSE_CHUNKS
law turns -DFIRST=2 -DBATCH=1 -DTURNS -DCOARSE_COUNTS -DCOARSE_CHUNKS
law condemns -DFIRST=2 -DDEATHS=0 -DCONDEMNS=1 -DCOARSE_COUNTS -DCOARSE_CHUNKS
law condemns_beside_deaths -DWORKERS=1 -DFIRST=2 -DDEATHS=1 -DCONDEMNS=2 -DMAX_ATTEMPTS=3
law stops -DFIRST=1 -DSTOPS -DTHROWS -DMAX_ATTEMPTS=1
law skipping -DFIRST=1 -DSKIP -DTHROWS -DMAX_ATTEMPTS=1
law empty_phase -DWORKERS=1 -DFIRST=0 -DLAST=2 -DDEATHS=2
law one_worker -DWORKERS=1 -DFIRST=1 -DLAST=1 -DJOBS=2 -DDEATHS=2 -DFUTEX -DSTOPS -DTHROWS
law doorbell/two_workers -DWORKERS=2 -DDEATHS=2
law doorbell/rings_for_all -DWORKERS=2 -DDEATHS=2 -DRINGS_FOR_ALL
law doorbell/more_first -DWORKERS=3 -DFIRST=2 -DDEATHS=0
law doorbell/more_second -DWORKERS=3 -DSECOND=2 -DDEATHS=0
law leases -DLEASES -DFIRST=2 -DCOARSE_COUNTS -DCOARSE_CHUNKS
law leases_condemned -DLEASES -DFIRST=2 -DDEATHS=0 -DCONDEMNS=1 -DCOARSE_COUNTS -DCOARSE_CHUNKS
law leases_of_one_worker -DLEASES -DWORKERS=1 -DFIRST=2 -DLAST=2 -DDEATHS=2 -DCONDEMNS=1 -DMAX_ATTEMPTS=3
law stream/window -DCHUNKS=4 -DDEATHS=0
law stream/deaths -DCHUNKS=2
law stream/one_ahead -DCHUNKS=2 -DLOOK_AHEAD=1
law stream/one_worker -DWORKERS=1 -DDEATHS=2
law blocks/two_workers -DDEATHS=1
law blocks/one_worker -DWORKERS=1 -DDEATHS=3
law heap/deaths -DTAKES=2 -DFREES=1
law heap/two_deaths -DTAKES=1 -DFREES=1 -DDEATHS=2
law heap/burials_begun_anew -DTAKES=1 -DFREES=1 -DRESTARTS=1
law heap/frees_of_the_host -DTAKES=2 -DFREES=0 -DHOST_FREES=1
law heap/no_death -DTAKES=3 -DFREES=1 -DDEATHS=0
law tasks/hints -DBARE
law tasks/stale_hints -DBARE -DDEATHS=0 -DROUNDS=3 -DMAY_CANCEL
law tasks/all_begin -DBARE -DDEATHS=0 -DROUNDS=2 -DHOST_SLOTS=2 -DTOGETHER
law tasks/futures -DCOARSE_HINTS -DROUNDS=2 -DMAY_DROP -DMAY_CANCEL -DTHROWS -DMESSAGES
law tasks/callbacks -DCOARSE_HINTS -DMAY_WATCH
law tasks/nested -DNESTED -DDEATHS=0
law tasks/nested_deaths -DCOARSE_HINTS -DNESTED -DMAY_DROP
law tasks/nested_two_deaths -DCOARSE_HINTS -DNESTED -DDEATHS=2 -DMAX_ATTEMPTS=1
law owner/two_turns -DTURNS=2
law owner/two_deaths -DPARTIES=3 -DDEATHS=2 -DREFUSES=1
law owner/burials_begun_anew -DTURNS=2 -DDEATHS=2 -DRESTARTS=1
law owner/left_as_it_is -DPARTIES=3 -DREFUSES=2 -DMAY_NOT_MEND
law owner/nobody_buries -DPARTIES=3 -DDEATHS=0 -DBREAKS
law ring/full -DWRITERS=2 -DREADERS=2 -DGETS=1 -DFILLED -DDEATHS=0
law ring/two_writers -DWRITERS=2
law ring/one_slot -DWRITERS=2 -DSLOTS=1 -DMAY_GIVE_UP
law ring/two_readers -DREADERS=2 -DMAY_PUT_BACK
law ring/two_deaths -DSLOTS=1 -DPUTS=2 -DDEATHS=2 -DRESTARTS=1
law ring/laps -DPUTS=3 -DMAY_UNDO -DMAY_PUT_BACK
law ring/closed -DPUTS=2 -DCLOSERS=1 -DMAY_UNDO
law ring/closed_for_two_readers -DREADERS=2 -DCLOSERS=1 -DMAY_PUT_BACK -DDEATHS=0
law ring/orderly -DORDERLY -DPUTS=2 -DREADERS=2 -DDEATHS=0
law ring/orderly_beside_deaths -DORDERLY -DPUTS=3
laws=${#names[@]}

fault CLAIM_BY_STORE -DFIRST=1 -DDEATHS=0
fault COUNTED_BEFORE_PUBLISHED -DFIRST=1
fault LOOKS_BEFORE_IT_PUBLISHES -DFIRST=2 -DBATCH=1 -DCOARSE_CHUNKS
fault NO_LOOK_AFTER_JOIN -DFIRST=1 -DJOBS=2 -DDEATHS=0
fault REUSES_WITHOUT_LOOKING -DFIRST=1 -DJOBS=2 -DDEATHS=0
fault NO_RING_AT_THE_END -DFIRST=1 -DDEATHS=0
fault LEAVES_WITHOUT_RING -DFIRST=1 -DSTOPS -DDEATHS=0
fault READS_THE_BELL_LATE -DFIRST=1 -DDEATHS=0
fault SLEEPS_AFTER_ITS_TURN -DWORKERS=1 -DFIRST=2 -DBATCH=1 -DTURNS -DDEATHS=0
fault NAMED_AFTER_THE_CLAIM -DFIRST=1
fault TAKES_BEFORE_IT_ANNOUNCES -DWORKERS=1 -DFIRST=1
fault RETURNS_NO_BATCH -DWORKERS=1 -DFIRST=1
fault RETURNS_BEFORE_IT_OPENS -DFIRST=1
fault LEAVES_THE_PREDECESSORS_FOR_LAST -DWORKERS=1 -DFIRST=2 -DBATCH=1 -DDEATHS=2
fault FORGETS_AN_UNNOTED_START -DWORKERS=1 -DFIRST=1
fault COUNTS_WHAT_IT_OPENS -DWORKERS=1 -DFIRST=1
fault COUNTS_AGAIN -DFIRST=2 -DBATCH=1 -DCOARSE_CHUNKS
fault NOT_ANNOUNCED -DWORKERS=1 -DFIRST=1
fault ANNOUNCED_LATE -DFIRST=2 -DBATCH=1 -DCOARSE_CHUNKS
fault NO_RING_AT_BURIAL -DFIRST=1 -DMAX_ATTEMPTS=1
fault BURIAL_TRUSTS_THE_FLAG -DFIRST=1 -DFUTEX
fault STARTS_WHILE_CONDEMNED -DWORKERS=1 -DFIRST=2 -DDEATHS=0 -DCONDEMNS=1
fault LOOKS_BEFORE_IT_CONDEMNS -DWORKERS=1 -DFIRST=2 -DDEATHS=0 -DCONDEMNS=1
fault BLAMES_WHAT_DID_NOT_START -DWORKERS=1 -DFIRST=2 -DDEATHS=0 -DCONDEMNS=1
fault CONDEMNS_AGAIN -DWORKERS=1 -DFIRST=2 -DDEATHS=0 -DCONDEMNS=2
fault BURIES_ON_A_LATE_JOIN -DFIRST=1 -DJOBS=2
fault BLAMES_WHAT_THE_LINE_NAMES -DFIRST=1
fault FORGETS_AN_EXCEPTION -DWORKERS=1 -DFIRST=1 -DTHROWS
fault NO_LIMIT -DWORKERS=1 -DFIRST=1 -DDEATHS=2
fault doorbell/TAKES_THE_BIT -DWORKERS=3 -DDEATHS=0
fault doorbell/TAKES_THE_BIT_BACK -DWORKERS=2 -DDEATHS=0
fault doorbell/READS_THE_VALUE_LATE -DWORKERS=2 -DDEATHS=0
fault doorbell/BURIAL_DOES_NOT_RING -DWORKERS=2
fault doorbell/BURIAL_TRUSTS_THE_BIT -DWORKERS=2 -DRINGS_FOR_ALL
fault doorbell/BURIAL_RINGS_FOR_ONE -DWORKERS=3 -DSECOND=2
fault LEASE_BY_STORE -DLEASES -DFIRST=2 -DCOARSE_COUNTS
fault LEASES_WHAT_IS_BEGUN -DLEASES -DFIRST=2 -DCOARSE_COUNTS
fault NAMES_AFTER_THE_LEASE -DLEASES -DFIRST=2 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault LOOKS_BEFORE_IT_NAMES -DLEASES -DFIRST=2 -DDEATHS=0 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault READS_BEFORE_IT_ASKS -DLEASES -DFIRST=2 -DDEATHS=0 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault SPLITS_WITHOUT_A_CLAIM -DLEASES -DFIRST=2 -DDEATHS=0 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault DROPS_WHAT_IS_CLAIMED_FOR_IT -DLEASES -DFIRST=2 -DDEATHS=0 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault LEAVES_A_CLAIM_THAT_FAILED -DLEASES -DFIRST=2 -DDEATHS=0 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault CLAIMS_FOR_THE_BURIED -DLEASES -DFIRST=2 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault LEAVES_WHAT_WAS_NOT_BEGUN -DLEASES -DFIRST=2 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault FORGETS_THE_LAST_OF_A_LEASE -DLEASES -DFIRST=2 -DCOARSE_COUNTS -DCOARSE_CHUNKS
fault stream/HEEDS_NO_LIMIT -DDEATHS=0
fault stream/RAISES_WITHOUT_A_RING -DDEATHS=0
fault stream/RINGS_BEFORE_IT_RAISES -DDEATHS=0
fault stream/WORKER_READS_ITS_BELL_LATE -DDEATHS=0
fault stream/HOST_READS_ITS_BELL_LATE -DDEATHS=0
fault stream/LOOKS_BEFORE_IT_AWAITS -DDEATHS=0
fault stream/AWAITS_BEYOND_THE_LIMIT -DDEATHS=0
fault stream/TELLS_BEFORE_IT_COMMITS -DDEATHS=0
fault stream/BURIAL_DOES_NOT_RING_FOR_THE_HOST
fault blocks/GIVES_OVER_BEFORE_THE_COMMIT -DDEATHS=1
fault blocks/NAMES_BEFORE_IT_GIVES_OVER -DDEATHS=1
fault blocks/TAKES_ALL_THAT_IS_HELD -DDEATHS=1
fault blocks/OPENS_BEFORE_IT_FREES -DDEATHS=1
fault heap/NAMES_AFTER_THE_CLAIM -DTAKES=1 -DFREES=0
fault heap/TAKES_WHAT_IS_NAMED -DTAKES=2 -DFREES=1
fault heap/HOLDS_AFTER_THE_RUN -DTAKES=1 -DFREES=0
fault heap/HOLDS_AFTER_THE_BIT -DTAKES=1 -DFREES=0
fault heap/CLOSES_WITHOUT_A_SECOND_LOOK -DTAKES=2 -DFREES=1 -DDEATHS=2
fault heap/DOES_NOT_LOOK_AFTER_IT_RESTS -DTAKES=2 -DFREES=1 -DDEATHS=0
fault heap/OPENS_BEFORE_IT_NAMES -DTAKES=3 -DFREES=1
fault heap/EMPTIES_AGAIN -DTAKES=2 -DFREES=1
fault heap/FREES_THE_FIRST_UNIT_FIRST -DTAKES=2 -DFREES=1
fault heap/FREES_WHATEVER_LIES_BEHIND -DTAKES=2 -DFREES=1
fault heap/LETS_GO_BEFORE_IT_NAMES -DTAKES=1 -DFREES=0
fault heap/GIVES_OVER_BEFORE_IT_PUBLISHES -DTAKES=1 -DFREES=0
fault heap/FREES_BEFORE_IT_NAMES -DTAKES=1 -DFREES=1
fault heap/LEAVES_THE_LAST_LOOK_OUT -DTAKES=1 -DFREES=1
fault heap/FREES_WHAT_IS_PUBLISHED -DTAKES=1 -DFREES=1
fault heap/RESTS_THE_SLABS_FIRST -DTAKES=2 -DFREES=0
fault tasks/NAMES_AFTER_THE_CLAIM -DCOARSE_HINTS
fault tasks/CLAIM_DROPS_THE_FLAGS -DCOARSE_HINTS -DDEATHS=0
fault tasks/READS_THE_BELL_LATE -DBARE -DDEATHS=0
fault tasks/CLOSES_WITHOUT_A_SECOND_LOOK -DBARE -DDEATHS=0 -DROUNDS=2
fault tasks/OPENS_WITHOUT_A_RING -DBARE -DDEATHS=0 -DROUNDS=2 -DHOST_SLOTS=2 -DTOGETHER
fault tasks/FORGETS_A_FULL_QUEUE -DBARE -DDEATHS=0 -DROUNDS=3 -DMAY_CANCEL
fault tasks/FORGETS_TAKEN_HINTS -DBARE
fault tasks/NAMES_AFTER_IT_TAKES_THE_HINT -DBARE
fault tasks/NAMES_AFTER_THE_SCAN -DBARE -DWORKERS=1 -DDEATHS=2
fault tasks/BURIAL_OPENS_NO_LANE -DBARE -DROUNDS=2
fault tasks/COMMITS_BY_STORE -DCOARSE_HINTS -DDEATHS=0
fault tasks/GIVES_OVER_BEFORE_THE_COMMIT -DCOARSE_HINTS
fault tasks/POPS_BEFORE_IT_GIVES_OVER -DCOARSE_HINTS
fault tasks/WAITER_READS_ITS_BELL_LATE -DCOARSE_HINTS -DDEATHS=0
fault tasks/READS_THE_NEWS_LATE -DCOARSE_HINTS -DDEATHS=0 -DMAY_WATCH
fault tasks/FREES_BEFORE_IT_HOLDS -DCOARSE_HINTS -DMAY_DROP
fault tasks/NULLS_BEFORE_IT_HOLDS -DCOARSE_HINTS -DMAY_DROP -DMESSAGES
fault tasks/DOES_NOT_NAME_WHAT_IT_SUBMITS -DCOARSE_HINTS -DNESTED
fault tasks/GIVES_THE_MESSAGE_OVER_FIRST -DCOARSE_HINTS -DNESTED
fault tasks/BLAMES_WHAT_IT_ONLY_NAMED -DCOARSE_HINTS
fault tasks/LEAVES_THE_RESULT_NAMED -DCOARSE_HINTS -DTHROWS
fault tasks/BURIAL_MOVES_BY_STORE -DCOARSE_HINTS -DMAY_DROP
fault tasks/BURIAL_RINGS_FOR_NO_WAITER -DCOARSE_HINTS
fault tasks/BURIAL_FREES_ALL_THAT_IS_HELD -DCOARSE_HINTS
fault tasks/LOOKS_AT_HANDS_LATE -DCOARSE_HINTS -DNESTED
fault tasks/LEAVES_ORPHANS -DCOARSE_HINTS -DNESTED
fault tasks/HEEDS_NO_ORPHANS -DCOARSE_HINTS -DNESTED
fault tasks/NO_LIMIT -DCOARSE_HINTS -DDEATHS=2
fault owner/NAMES_AFTER_THE_TAKE
fault owner/LOOKS_BEFORE_IT_PREPARES -DDEATHS=0
fault owner/LEAVES_WITHOUT_RING -DPARTIES=4 -DREFUSES=2 -DMAY_NOT_MEND
fault owner/FORGETS_BEFORE_IT_LETS_GO
fault owner/LOOKS_BEFORE_IT_LETS_GO -DDEATHS=0
fault owner/BURIAL_FORGETS_FIRST -DRESTARTS=1
fault owner/BURIAL_TELLS_NOBODY
fault owner/BURIAL_TRUSTS_THE_WORD -DPARTIES=3
fault ring/NAMES_AFTER_THE_CLAIM
fault ring/NOTES_THE_SLOT_AFTER_THE_CLAIM -DPUTS=2
fault ring/CLAIMS_BY_STORE -DWRITERS=2 -DDEATHS=0
fault ring/PUBLISHES_BEFORE_IT_HAS_WRITTEN -DDEATHS=0
fault ring/LOOKS_BEFORE_IT_PREPARES -DDEATHS=0
fault ring/PUBLISHES_WITHOUT_RING -DDEATHS=0
fault ring/FORGETS_BEFORE_IT_RINGS
fault ring/FREES_WITHOUT_RING -DSLOTS=1 -DPUTS=2 -DDEATHS=0
fault ring/WAKES_NO_NEXT_WRITER -DWRITERS=2 -DREADERS=2 -DGETS=1 -DFILLED -DDEATHS=0
fault ring/PUTS_BACK_WITHOUT_RING -DREADERS=2 -DGETS=1 -DMAY_PUT_BACK -DDEATHS=0
fault ring/DOES_NOT_LOOK_AGAIN_AT_WHAT_WAS_WRITTEN -DORDERLY -DPUTS=2 -DDEATHS=0
fault ring/THE_HINT_PASSES_WHAT_OTHERS_READ -DREADERS=2 -DPUTS=2
fault ring/LOOKS_LATE_WHETHER_IT_IS_CLOSED -DCLOSERS=1 -DDEATHS=0
fault ring/DOES_NOT_LOOK_AGAIN_WHETHER_IT_IS_CLOSED -DCLOSERS=1 -DDEATHS=0
fault ring/AWAITS_NOTHING_FROM_OTHERS -DREADERS=2 -DCLOSERS=1 -DMAY_PUT_BACK -DDEATHS=0
fault ring/TELLS_NOBODY_OF_A_CLOSED_RING -DREADERS=2 -DCLOSERS=1 -DDEATHS=0
fault ring/BURIAL_FORGETS_FIRST -DRESTARTS=1
fault ring/BURIAL_DROPS_WHAT_IS_READ
fault ring/BURIAL_PUBLISHES
fault ring/BURIAL_LEAVES_THE_LAP -DWRITERS=2 -DSLOTS=1
fault ring/BURIAL_TRUSTS_THE_SLOT
fault ring/BURIAL_RINGS_FOR_NO_READER
fault ring/BURIAL_RINGS_FOR_NO_WRITER -DSLOTS=1 -DPUTS=2

wait
echo "The laws hold in:"
report "${names[@]:0:laws}"
echo "Planted faults are found:"
report "${names[@]:laws}"
if [ $failures -ne 0 ]; then
    echo "$failures of the model's checks failed"
    exit 1
fi
