/* The window of a stream (engine/src/job/streaming.hpp): a host that consumes results in chunk order
 * while workers map the chunks below a limit, which it raises. check.sh runs it.
 *
 * How a chunk is claimed, and what a burial does with it, is claim.pml's affair: here a claim is one
 * step. What is looked at is who sleeps for whom. Workers that find nothing below the limit sleep on
 * their bell until the host raises it. The host names the chunk that it sleeps for; the worker that
 * finds it over after its own commit and count rings.
 *
 * DEATHS workers die at any step. A supervisor buries them: what they had claimed is open again, what
 * they had committed is counted, both bells ring as after a death, and a successor starts.
 *
 * The laws: no chunk is claimed at or beyond LOOK_AHEAD from the next one to consume; all are consumed
 * in the end, which a lost ring would show as a state in which nobody moves. No wait has a time-out
 * here.
 *
 * FAULT_x breaks one rule each, and must be found.
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef CHUNKS
#define CHUNKS 3
#endif
#ifndef LOOK_AHEAD
#define LOOK_AHEAD 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

#define NOTHING CHUNKS /* is awaited */
#define NONE CHUNKS    /* is held */

#define OPEN 0
#define CLAIMED 1
#define OVER 2

byte state[CHUNKS];
byte cursor;            /* chunks below it were handed out */
byte returned = NONE;   /* a chunk that a burial opened again */
byte over;              /* the count of chunks that are over */

byte limit;
byte awaited = NOTHING;
byte consumed;

/* The two bells, seen by each who waits on one: whether it rang since he read its value, and whether
 * he sleeps. */
bool work_rang[WORKERS];
bool work_asleep[WORKERS];
bool host_rang;
bool host_asleep;

byte holds[WORKERS];    /* the chunk that its line names */
bool owes[WORKERS];     /* it has committed that, and not counted it */
bool dead[WORKERS];
byte deaths_left = DEATHS;

/* A worker may end before its next step; then the rest of it never happens. */
inline may_die() {
    if
    :: deaths_left > 0 -> deaths_left--; dead[me] = true; goto ended
    :: true
    fi
}

/* One who dies between the two steps has woken nobody. */
inline ring_host() {
    atomic { may_die(); host_rang = true };
    atomic { may_die(); host_asleep = false }
}

inline ring_for_workers() {
    atomic {
        work_rang[0] = true;
        work_asleep[0] = false;
#if WORKERS > 1
        work_rang[1] = true;
        work_asleep[1] = false
#endif
    }
}

proctype Worker(byte me) {
    byte chunk = NONE;
    byte found;
look:
#ifndef FAULT_WORKER_READS_ITS_BELL_LATE
    atomic { may_die(); work_rang[me] = false };
#endif
again:
    atomic { may_die(); found = limit }; /* what it takes lies below what it read */
    atomic {
        may_die();
        chunk = NONE;
        if
        :: returned != NONE -> chunk = returned; returned = NONE
#ifdef FAULT_HEEDS_NO_LIMIT
        :: returned == NONE && cursor < CHUNKS -> chunk = cursor; cursor++
        :: returned == NONE && cursor == CHUNKS
#else
        :: returned == NONE && cursor < found -> chunk = cursor; cursor++
        :: returned == NONE && cursor >= found
#endif
        fi;
        if
        :: chunk != NONE ->
            assert(state[chunk] == OPEN);
            assert(chunk < consumed + LOOK_AHEAD);
            state[chunk] = CLAIMED;
            holds[me] = chunk
        :: else
        fi;
        found = 0
    };
    if
    :: chunk == NONE -> goto sleep
    :: else
    fi;
#ifdef FAULT_TELLS_BEFORE_IT_COMMITS
    atomic { may_die(); found = awaited == chunk };
#endif
    atomic { may_die(); state[chunk] = OVER; owes[me] = true };
    atomic {
        may_die();
        over++;
        owes[me] = false;
        holds[me] = NONE;
        chunk = NONE;
        if
        :: over < CHUNKS -> goto counted
        :: else
        fi
    };
    ring_host();
counted:
#ifndef FAULT_TELLS_BEFORE_IT_COMMITS
    atomic {
        may_die();
        chunk = awaited;
        if
        :: chunk != NOTHING && state[chunk] == OVER -> found = 1
        :: else -> chunk = NONE
        fi
    };
#endif
    if
    :: found ->
        found = 0;
        atomic { /* a compare-and-swap */
            may_die();
            if
            :: awaited == chunk -> awaited = NOTHING; found = 1
            :: else
            fi;
            chunk = NONE
        };
        if
        :: found -> found = 0; ring_host()
        :: else
        fi
    :: else
    fi;
    goto look;

sleep:
#ifdef FAULT_WORKER_READS_ITS_BELL_LATE
    atomic { may_die(); work_rang[me] = false };
#endif
    atomic {
        may_die();
        if
        :: !work_rang[me] -> work_asleep[me] = true
        :: else -> goto look
        fi
    };
end_asleep:
    if
    :: atomic { deaths_left > 0 && work_asleep[me] ->
        deaths_left--; work_asleep[me] = false; dead[me] = true; goto ended }
    :: !work_asleep[me] -> goto look
    fi;
ended:
    skip
}

proctype Supervisor() {
    byte me;
end_watching:
    atomic {
        if
        :: dead[0] -> me = 0
#if WORKERS > 1
        :: dead[1] -> me = 1
#endif
        fi;
        dead[me] = false;
        if
        :: holds[me] != NONE && state[holds[me]] == CLAIMED ->
            state[holds[me]] = OPEN;
            returned = holds[me]
        :: else
        fi;
        if
        :: owes[me] -> over++
        :: else
        fi;
        owes[me] = false;
        holds[me] = NONE
    };
#ifndef FAULT_BURIAL_DOES_NOT_RING_FOR_THE_HOST
    atomic { host_rang = true; host_asleep = false };
#endif
    ring_for_workers();
    atomic { run Worker(me); me = 0 };
    goto end_watching
}

inline raise_limit() {
    if
    :: limit < CHUNKS && limit < consumed + LOOK_AHEAD ->
#ifdef FAULT_RINGS_BEFORE_IT_RAISES
        ring_for_workers();
#endif
        limit = (consumed + LOOK_AHEAD < CHUNKS -> consumed + LOOK_AHEAD : CHUNKS);
#if !defined(FAULT_RINGS_BEFORE_IT_RAISES) && !defined(FAULT_RAISES_WITHOUT_A_RING)
        ring_for_workers();
#endif
    :: else
    fi
}

active proctype Host() {
    byte next;
    bool is_over;
    atomic {
        holds[0] = NONE;
#if WORKERS > 1
        holds[1] = NONE;
#endif
        run Supervisor();
        run Worker(0);
#if WORKERS > 1
        run Worker(1)
#endif
    };
    raise_limit();
look:
    host_rang = false;
    if
    :: over == CHUNKS && consumed == CHUNKS -> goto ended
    :: else
    fi;
    if
    :: consumed == CHUNKS -> goto sleep /* for the count */
    :: consumed < CHUNKS && state[consumed] == OVER ->
        consumed++;
        raise_limit();
        goto look
    :: else
    fi;
    atomic {
        next = consumed;
        do /* one further on, where chunks are short */
#ifdef FAULT_AWAITS_BEYOND_THE_LIMIT
        :: next + 1 < CHUNKS -> next++
#else
        :: next + 1 < limit -> next++
#endif
        :: break
        od;
        if
        :: state[next] == OVER -> next = consumed
        :: else
        fi
    };
#ifdef FAULT_LOOKS_BEFORE_IT_AWAITS
    is_over = state[next] == OVER;
    awaited = next;
#else
    awaited = next;
    is_over = state[next] == OVER;
#endif
    if
    :: is_over -> is_over = false; awaited = NOTHING; goto look
    :: else
    fi;
sleep:
#ifdef FAULT_HOST_READS_ITS_BELL_LATE
    host_rang = false;
#endif
    atomic {
        next = 0;
        if
        :: !host_rang -> host_asleep = true
        :: else
        fi
    };
    !host_asleep;
    awaited = NOTHING;
    goto look;
ended:
    skip
}
