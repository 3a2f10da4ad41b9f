/* Who owns the block of a result: the worker that took it, the job whose chunk's word is committed,
 * or the host that has consumed it.
 *
 *     take ──► write ──► commit ──► give over ──► name the next chunk
 *     └ held by the worker ────────┘
 *               └ the job's, from the commit on, until the host frees it
 *
 * Two workers, and their successors when they die, run chunks whose results each need a block. The
 * host consumes them in order as soon as they are committed, as a stream does; a fold does the same
 * later. Taking a block and putting it into the worker's line is one step here: what lies between
 * is the heap's affair (shm/model).
 *
 * Laws: the host finds the block of each chunk with the chunk's own result in it; no block is freed
 * twice; when all is over none is taken. Nobody hangs.
 *
 * Faults that must be found, by -DFAULT_...: see check.sh.
 */

#ifndef CHUNKS
#define CHUNKS 2
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#define BLOCKS 3
#define NONE 255

mtype = { open, claimed, committed };

mtype word[CHUNKS] = open;
byte worker_of[CHUNKS]; /* in the same word */
byte slot[CHUNKS];

bool is_taken[BLOCKS];
byte content[BLOCKS];

byte doing[WORKERS] = NONE; /* the line: the chunk that is named */
byte held[WORKERS] = NONE;  /* the line of the heap */
bool is_dead[WORKERS];

byte deaths = 0;
byte consumed = 0;
byte finished = 0;

#define MAY_DIE                                                                                    \
    if                                                                                             \
    :: deaths < DEATHS -> deaths++; goto dies                                                      \
    :: true                                                                                        \
    fi

inline free(block) {
    assert(is_taken[block]);
    is_taken[block] = false
}

inline take(w, block) {
    atomic {
        block = 0;
        do
        :: is_taken[block] -> block++
        :: else -> break
        od;
        assert(block < BLOCKS);
        is_taken[block] = true;
        held[w] = block
    }
}

inline give_over(w) {
    held[w] = NONE
}

proctype Worker(byte w) {
    byte chunk;
    byte block;
    bool has_it;

begins:
    chunk = 0;
    do
    :: chunk == CHUNKS -> break
    :: chunk < CHUNKS ->
        doing[w] = chunk;
        MAY_DIE;
#ifdef FAULT_NAMES_BEFORE_IT_GIVES_OVER
        give_over(w);
        MAY_DIE;
#endif
        atomic {
            has_it = (word[chunk] == open);
            if
            :: has_it -> word[chunk] = claimed; worker_of[chunk] = w
            :: else
            fi
        }
        MAY_DIE;
        if
        :: has_it ->
            take(w, block);
            MAY_DIE;
            content[block] = chunk;
            slot[chunk] = block;
            MAY_DIE;
#ifdef FAULT_GIVES_OVER_BEFORE_THE_COMMIT
            give_over(w);
            MAY_DIE;
#endif
            word[chunk] = committed;
            MAY_DIE;
#if !defined(FAULT_NAMES_BEFORE_IT_GIVES_OVER) && !defined(FAULT_GIVES_OVER_BEFORE_THE_COMMIT)
            give_over(w);
            MAY_DIE
#endif
        :: else
        fi;
        chunk++
    od;
#ifdef FAULT_NAMES_BEFORE_IT_GIVES_OVER
    give_over(w);
#endif
    /* what a burial opens again is for the successor */
    finished++;
    goto ends;

dies:
    is_dead[w] = true;
    !is_dead[w];
    goto begins;
ends:
}

proctype Supervisor() {
    byte w;
    byte chunk;
    bool is_published;

end:
    do
    :: atomic { is_dead[0] -> w = 0 };
        goto buries
    :: atomic { WORKERS > 1 && is_dead[WORKERS - 1] -> w = WORKERS - 1 };
        goto buries
    od;

buries:
    chunk = doing[w];
    is_published = (chunk != NONE && word[chunk] == committed && worker_of[chunk] == w);
#ifdef FAULT_TAKES_ALL_THAT_IS_HELD
    is_published = false;
#endif
#ifdef FAULT_OPENS_BEFORE_IT_FREES
    if
    :: chunk != NONE && word[chunk] == claimed && worker_of[chunk] == w -> word[chunk] = open
    :: else
    fi;
    is_published = (chunk != NONE && word[chunk] == committed);
#endif
    if
    :: held[w] != NONE && !is_published -> free(held[w])
    :: else
    fi;
    held[w] = NONE;
    if
    :: chunk != NONE && word[chunk] == claimed && worker_of[chunk] == w -> word[chunk] = open
    :: else
    fi;
    doing[w] = NONE;
    is_dead[w] = false;
    goto end
}

proctype Host() {
    do
    :: consumed == CHUNKS -> break
    :: consumed < CHUNKS && word[consumed] == committed ->
        assert(content[slot[consumed]] == consumed);
        free(slot[consumed]);
        consumed++
    od
}

init {
    byte i;
    atomic {
        run Supervisor();
        run Host();
        i = 0;
        do
        :: i < WORKERS -> run Worker(i); i++
        :: else -> break
        od
    }
    finished == WORKERS && consumed == CHUNKS;
    i = 0;
    do
    :: i < BLOCKS -> assert(!is_taken[i]); i++
    :: else -> break
    od
}
