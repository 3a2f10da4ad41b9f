/* A word with an owner who may die, and the one way to sleep of shared objects
 * (shm/include/pinfold/shm/parties/owner_word.hpp). check.sh runs it.
 *
 *      Party ── names, takes, lets go, sleeps ──► word, bell, seat ◄── buries ── Burier
 *
 * What each part of the model stands for:
 *      take             owner_word.cpp: take(), take_or_wait(), wait_to_take()
 *      let_go           owner_word.cpp: let_go(); named_sleep.hpp: wake_after_change()
 *      ring, ring_one   doorbell.hpp: ring(), ring_for(1)
 *      bury             seat_burial.cpp: bury_seat(); owner_word.cpp: bury()
 *      break_up         roster.cpp: break_up()
 *
 * PARTIES take the word TURNS times each. The first REFUSES of them leave a word whose owner died, as
 * lock() does; the others take it and mend what it protects, as lock_or_recover() does. MAY_NOT_MEND:
 * or leave it as it is. DEATHS parties die at any step: while they own the word, asleep, woken, between the change of the word and
 * the ring. A burier that was told of the death undoes it. RESTARTS burials are cut off at any step and
 * begun anew. BREAKS: nobody buries any more at some moment, and all are told.
 *
 * The laws:
 *   - at most one party owns the word;
 *   - what an owner leaves half done when it dies is told to the next one that takes the word;
 *   - a word that nobody died of is told to nobody;
 *   - no word speaks of a party after its burial;
 *   - all living parties come to their end: a lost wake shows as a state in which nobody moves.
 *
 * Each step is one access to shared memory, or one system call: the kernel compares the bell and queues
 * the sleeper under one lock. Steps are sequentially consistent. The light fence of an unlock is the
 * order of its two steps; the heavy one of a sleeper is what makes that order hold
 * (asymmetric_fence.hpp).
 *
 * FAULT_x breaks one rule each, and must be found.
 */

#ifndef PARTIES
#define PARTIES 2
#endif
#ifndef TURNS
#define TURNS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef RESTARTS
#define RESTARTS 0
#endif
#ifndef REFUSES
#define REFUSES 0
#endif
#define NOBODY PARTIES

byte owner = NOBODY;
bool abandoned;
byte count;              /* the bell: its value */
bit sleeping;            /* and its sleepers' bit */
bool asleep[PARTIES];    /* the kernel's queue */
byte queued;

bool named[PARTIES];     /* the seats */
bool sleeps_on[PARTIES];

bool is_broken;
bool torn;               /* what the word protects is half changed */
byte inside;             /* how many are between taking and letting go, and alive */
bool dead[PARTIES];      /* not buried yet */
byte deaths_left = DEATHS;
byte restarts_left = RESTARTS;
byte deaths_of_owners;

inline may_die() {
    if
    :: is_party && deaths_left > 0 ->
        deaths_left--; deaths_of_owners = deaths_of_owners + (owner == me); dead[me] = true; goto died
    :: !is_party && restarts_left > 0 -> restarts_left--; goto cut_off
    :: true
    fi
}

/* The same for one that owns the word: it may leave things half changed. */
inline may_die_inside() {
    if
    :: deaths_left > 0 ->
        deaths_left--; deaths_of_owners = deaths_of_owners + (owner == me); inside--;
        dead[me] = true; goto died
    :: true
    fi
}

inline wake(most) {
    woken = 0;
    do
    :: woken < most && queued > 0 ->
        if
        :: asleep[0] -> asleep[0] = false
        :: asleep[1] -> asleep[1] = false
#if PARTIES > 2
        :: asleep[2] -> asleep[2] = false
#endif
#if PARTIES > 3
        :: asleep[3] -> asleep[3] = false
#endif
        fi;
        queued--;
        woken++
    :: else -> break
    od
}

/* Rings for all, also where a dead one took the bit. */
inline ring_after_death() {
    atomic { may_die(); count++ };
    atomic { may_die(); wake(PARTIES); woken = 0 }
}

inline ring() {
    atomic { may_die(); had = sleeping; sleeping = 0; count++ };
    atomic {
        may_die();
        if
        :: had -> wake(PARTIES)
        :: else
        fi;
        had = 0;
        woken = 0
    }
}

inline ring_one() {
    atomic { may_die(); count++ };
    atomic { may_die(); wake(1); had = woken < 1; woken = 0 };
    if
    :: had -> had = 0; ring()
    :: else
    fi
}

proctype Party(byte me) {
    bool is_party = true;
    byte turns = TURNS;
    byte seen;
    byte woken;
    bit had;
    bool was_told;
next:
#ifdef FAULT_NAMES_AFTER_THE_TAKE
    skip;
#else
    atomic { may_die(); named[me] = true };
#endif
    /* The quick way. */
    atomic {
        may_die();
        if
        :: owner == NOBODY && !abandoned -> owner = me; goto owned
        :: else
        fi
    };
    atomic { may_die(); sleeps_on[me] = true };
look:
    atomic { may_die(); sleeping = 1; seen = count };
#ifdef FAULT_LOOKS_BEFORE_IT_PREPARES
    /* The bit comes after the look: see below. */
    sleeping = 0;
#endif
    atomic {
        may_die();
        if
        :: owner == NOBODY && abandoned && me < REFUSES ->
            was_told = true
        :: owner == NOBODY && !(abandoned && me < REFUSES) ->
            was_told = abandoned;
            owner = me;
            goto slept
        :: else
        fi
    };
    if
    :: was_told ->
#ifndef FAULT_LEAVES_WITHOUT_RING
        ring();
#endif
        goto refused
    :: else
    fi;
    atomic {
        may_die();
        if
        :: is_broken -> goto told_of_the_end
        :: else
        fi
    };
#ifdef FAULT_LOOKS_BEFORE_IT_PREPARES
    atomic { sleeping = 1; seen = count };
#endif
    atomic {
        may_die();
        if
        :: count == seen && sleeping -> asleep[me] = true; queued++
        :: else -> goto look
        fi
    };
asleep_now:
    if
    :: atomic { deaths_left > 0 && asleep[me] ->
        deaths_left--; asleep[me] = false; queued--; dead[me] = true; goto died }
    :: !asleep[me] -> seen = 0; goto look
    fi;

slept:
    atomic { may_die(); sleeps_on[me] = false };
owned:
#ifdef FAULT_NAMES_AFTER_THE_TAKE
    atomic { may_die(); named[me] = true };
#endif
    atomic {
        seen = 0;
        inside++;
        assert(inside == 1);
        assert(!torn || was_told);           /* what is torn is told */
        assert(!was_told || deaths_of_owners > 0)
    };
    if
    :: was_told ->
#ifdef MAY_NOT_MEND
        if
        :: goto let_go
        :: true
        fi;
#endif
        /* Mends it, and says so. */
        atomic { may_die_inside(); torn = false };
        atomic { may_die_inside(); abandoned = false; was_told = false }
    :: else
    fi;
    atomic { may_die_inside(); torn = true };
    atomic { may_die_inside(); torn = false };
let_go:
#ifdef FAULT_FORGETS_BEFORE_IT_LETS_GO
    atomic { may_die_inside(); named[me] = false };
#endif
    atomic {
        may_die_inside();
        inside--;
#ifdef FAULT_LOOKS_BEFORE_IT_LETS_GO
        had = sleeping
    };
    atomic {
        may_die();
        owner = NOBODY
    };
#else
        owner = NOBODY
    };
    atomic { may_die(); had = sleeping };
#endif
    if
    :: had -> had = 0; ring_one()
    :: else
    fi;
#ifndef FAULT_FORGETS_BEFORE_IT_LETS_GO
    atomic { may_die(); named[me] = false };
#endif
    was_told = false;
    turns--;
    if
    :: turns > 0 -> goto next
    :: else -> goto ended
    fi;

refused:
    atomic { was_told = false; may_die(); sleeps_on[me] = false };
    atomic { may_die(); named[me] = false };
    goto ended;
told_of_the_end:
    atomic { sleeps_on[me] = false; named[me] = false };
    goto ended;
died:
cut_off:
    skip;
ended:
    skip
}

proctype Burier() {
    byte me;
    bool is_party;
    byte woken;
    bit had;
end_watching:
    atomic {
        if
        :: dead[0] -> me = 0
        :: dead[1] -> me = 1
#if PARTIES > 2
        :: dead[2] -> me = 2
#endif
#if PARTIES > 3
        :: dead[3] -> me = 3
#endif
        fi
    };
    atomic {
        may_die();
        had = named[me]
    };
    if
    :: had ->
        had = 0;
#ifdef FAULT_BURIAL_FORGETS_FIRST
        atomic { may_die(); named[me] = false };
#endif
        atomic {
            may_die();
            if
            :: owner == me ->
                owner = NOBODY;
#ifndef FAULT_BURIAL_TELLS_NOBODY
                abandoned = true
#endif
            :: else
            fi
        };
#ifdef FAULT_BURIAL_TRUSTS_THE_WORD
        /* Not the owner, so nobody waits for it. */
        skip;
#else
        ring_after_death();
#endif
#ifndef FAULT_BURIAL_FORGETS_FIRST
        atomic { may_die(); named[me] = false }
#endif
    :: else
    fi;
    atomic { may_die(); had = sleeps_on[me] };
    if
    :: had ->
        had = 0;
        ring_after_death();
        atomic { may_die(); sleeps_on[me] = false }
    :: else
    fi;
    atomic {
        assert(owner != me);
        dead[me] = false;
        me = 0
    };
cut_off:
    had = 0;
    goto end_watching;
died:
    skip
}

#ifdef BREAKS
/* The burier is gone: nobody is told of deaths any more. */
proctype Breaker() {
    byte me;
    bool is_party;
    byte woken;
    bit had;
    byte each;
    is_broken = true;
    do
    :: each < PARTIES ->
        atomic { had = sleeps_on[each] };
        if
        :: had -> had = 0; count++; atomic { wake(PARTIES); woken = 0 }
        :: else
        fi;
        each++
    :: else -> break
    od
}
#endif

init {
    byte each;
    atomic {
        do
        :: each < PARTIES -> run Party(each); each++
        :: else -> break
        od;
#ifdef BREAKS
        run Breaker()
#else
        run Burier()
#endif
    }
}
