/* The doorbell that calls workers (shm/include/pinfold/shm/doorbell.hpp), where a ring wakes as many
 * as there are things to take. check.sh runs it.
 *
 * A host puts FIRST things out and rings for so many. Whoever takes the last of them puts SECOND more
 * out and rings for those, as a worker does that moves a job to its next phase. Who has taken a thing
 * is done with it when none is left to take: so a thing that nobody comes for holds up all, and one
 * worker that is awake cannot hide that others were not called.
 *
 * DEATHS workers die at any step: asleep, woken, with a thing in hand, inside a ring. A supervisor
 * buries them: it puts what they held back, rings as after a death, and starts a successor.
 *
 * RINGS_FOR_ALL: that worker rings for all, and may have taken the sleepers' bit when it dies.
 *
 * The laws: all things are taken in the end, which a lost ring would show as a state in which nobody
 * moves and the host is not at its end; and a ring for some wakes no more than it may.
 *
 * Each step is one access to the word, or one system call: the kernel compares the word and queues
 * the sleeper under one lock.
 *
 * FAULT_x breaks one rule each, and must be found.
 */

#ifndef WORKERS
#define WORKERS 3
#endif
#ifndef FIRST
#define FIRST 1
#endif
#ifndef SECOND
#define SECOND 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

byte count;             /* the word: its value */
bit sleeping;           /* and its sleepers' bit */
bool asleep[WORKERS];   /* the kernel's queue */
byte queued;            /* how many are in it */

byte things;            /* that may be taken */
byte done;
bool has_second;        /* the others were put out */

bool dead[WORKERS];     /* not buried yet */
bool holds[WORKERS];    /* has taken a thing that it has not done */
byte deaths_left = DEATHS;

/* A worker may end before its next step; then the rest of it never happens. */
inline may_die() {
    if
    :: is_worker && deaths_left > 0 -> deaths_left--; dead[me] = true; goto ended
    :: true
    fi
}

/* Wakes up to `most` sleepers, any of them: priorities decide, not the order of their coming. */
inline wake(most) {
    woken = 0;
    do
    :: woken < most && queued > 0 ->
        if
        :: asleep[0] -> asleep[0] = false
        :: asleep[1] -> asleep[1] = false
#if WORKERS > 2
        :: asleep[2] -> asleep[2] = false
#endif
        fi;
        queued--;
        woken++
    :: else -> break
    od
}

inline ring_for_all() {
    atomic { may_die(); had = sleeping; sleeping = 0; count++ };
    atomic {
        may_die();
        if
        :: had -> wake(WORKERS)
        :: else
        fi;
        had = 0;
        woken = 0
    }
}

inline ring_for(most) {
    atomic {
        may_die();
        had = sleeping;
#ifdef FAULT_TAKES_THE_BIT
        sleeping = 0;
#endif
        count++
    };
    atomic {
        may_die();
        if
        :: had ->
            wake(most);
            assert(woken <= most);
            had = woken < most
        :: else
        fi;
        woken = 0
    };
    if
    :: had ->
#ifdef FAULT_TAKES_THE_BIT_BACK
        atomic { sleeping = 0; had = 0 }
#else
        ring_for_all()
#endif
    :: else
    fi
}

proctype Worker(byte me) {
    bool is_worker = true;
    byte seen;
    byte woken;
    bit had;
    bool found;
look:
#ifndef FAULT_READS_THE_VALUE_LATE
    atomic { may_die(); seen = count };
#endif
    atomic {
        may_die();
        found = things > 0;
        if
        :: found -> things--; holds[me] = true
        :: else
        fi
    };
#ifdef FAULT_READS_THE_VALUE_LATE
    seen = count;
#endif
    if
    :: !found -> goto sleep
    :: else -> seen = 0
    fi;
    atomic {
        may_die();
        found = !has_second && things == 0;
        if
        :: found -> has_second = true; things = SECOND
        :: else
        fi
    };
    if
#ifdef RINGS_FOR_ALL
    :: found -> found = false; ring_for_all()
#else
    :: found -> found = false; ring_for(SECOND)
#endif
    :: else
    fi;
    atomic { things == 0 && has_second -> may_die(); holds[me] = false; done++ };
    goto look;

sleep:
    atomic {
        may_die();
        if
        :: count != seen -> goto look
        :: count == seen && sleeping -> skip
        :: count == seen && !sleeping -> found = true
        fi
    };
    if
    :: found ->
        atomic {
            may_die();
            found = false;
            if
            :: count == seen && !sleeping -> sleeping = 1
            :: else -> goto sleep
            fi
        }
    :: else
    fi;
    atomic {
        may_die();
        if
        :: count == seen && sleeping -> asleep[me] = true; queued++
        :: else -> goto sleep
        fi
    };
end_asleep:
    if
    :: atomic { deaths_left > 0 && asleep[me] ->
        deaths_left--; asleep[me] = false; queued--; dead[me] = true; goto ended }
    :: !asleep[me] -> goto sleep
    fi;
ended:
    skip
}

proctype Supervisor() {
    byte me;
    bool is_worker;
    byte woken;
    bit had;
end_watching:
    atomic {
        if
        :: dead[0] -> me = 0
        :: dead[1] -> me = 1
#if WORKERS > 2
        :: dead[2] -> me = 2
#endif
        fi;
        dead[me] = false;
        if
        :: holds[me] -> holds[me] = false; things++
        :: else
        fi
    };
#if defined(FAULT_BURIAL_DOES_NOT_RING)
    skip;
#elif defined(FAULT_BURIAL_TRUSTS_THE_BIT)
    ring_for_all();
#elif defined(FAULT_BURIAL_RINGS_FOR_ONE)
    count++;
    atomic { wake(1); woken = 0 };
#else
    count++;
    atomic { wake(WORKERS); woken = 0 };
#endif
    atomic { run Worker(me); me = 0 };
    goto end_watching;
ended:
    skip
}

active proctype Host() {
    byte me;
    bool is_worker;
    byte woken;
    bit had;
    atomic {
        run Supervisor();
        run Worker(0);
        run Worker(1);
#if WORKERS > 2
        run Worker(2)
#endif
    };
    things = FIRST;
    ring_for(FIRST);
    done == FIRST + SECOND;
ended:
    skip
}
