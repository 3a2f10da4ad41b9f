/* Tasks (engine/src/tasks): the word of a slot, hints of a lane's queue, sleep and wake, and what a
 * burial does. check.sh runs it.
 *
 *      Host ── submit, wait, cancel, drop ──► slots of lane 0 ◄── take, run, commit ── Worker
 *                                                                                        │ submits
 *      Supervisor ── buries the dead ───────► slots of lane w+1 ◄────────────────────────┘ and waits
 *
 * The host has HOST_SLOTS slots and fills them ROUNDS times. With each future it does what MAY_... let
 * it: it waits for the task and takes its result, drops the future, or cancels. With NESTED each task
 * of the host is a parent: it submits a child into the lane of its worker, and then waits for the
 * child, or drops it. A worker that waits runs the child itself, unless another has taken it.
 *
 * DEATHS workers die at any step. A task has MAX_ATTEMPTS. The supervisor buries them, one step after
 * the other, while the others go on.
 *
 * Memory: a message and a result each lie in a block, of few, of which the lowest free one is taken,
 * so that blocks come back soon. A worker holds what it takes until others can find it. How the heap
 * itself comes through a death is heap.pml's affair: a call of it is one step here.
 *
 * The laws:
 *   - each task is committed at most once, by the attempt that its word names; it starts at most
 *     MAX_ATTEMPTS times; what is cancelled never runs; who waits gets the task's own result, or hears
 *     that it is lost after its last attempt;
 *   - nobody frees what is free, or reads it; in the end no block is taken, no slot is in use, and
 *     no task of a dead attempt is left;
 *   - nobody waits for ever: no wait has a time-out here. With TOGETHER a task ends only when all are
 *     taken, so that a ready one which nobody comes for is seen even if its turn would come later.
 *
 * Each step is one access to shared memory of those that others race with. A compare-and-swap loop is
 * one step: the turn of it that wins.
 *
 * FAULT_x breaks one rule each, and must be found.
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef HOST_SLOTS
#define HOST_SLOTS 1
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef MAX_ATTEMPTS
#define MAX_ATTEMPTS 2
#endif

#ifdef NESTED
#define LANES (1 + WORKERS)
#define SLOTS (HOST_SLOTS + WORKERS)
#else
#define LANES 1
#define SLOTS HOST_SLOTS
#endif
#define LANE(s) ((s) < HOST_SLOTS -> 0 : (s) - HOST_SLOTS + 1)
#define FIRST_OF(l) ((l) == 0 -> 0 : HOST_SLOTS + (l) - 1)
#define BEHIND(l) ((l) == 0 -> HOST_SLOTS : HOST_SLOTS + (l))
#define OWN(w) (HOST_SLOTS + (w))

#define FREE 0
#define READY 1
#define RUNNING 2
#define DONE 3
#define CANCELLED 4
#define DISCARDED 5

typedef Slot {
    /* the word */
    unsigned kind : 3;
    unsigned lap : 2;
    unsigned worker : 1;
    unsigned attempts : 2;
    bit awaited;
    bit watched;
    bit unwanted;
    bit orphan;
    /* the body */
    unsigned message : 3; /* a block + 1 */
    unsigned result : 3;
    bit lost;             /* the outcome */
    unsigned parent : 2;  /* a slot of the host + 1 */
    unsigned parent_lap : 2;
    /* the law */
    bit committed;
};
Slot slot[SLOTS];

/* The queue of a lane. Taking an entry and moving the cursor is one compare-and-swap. */
chan queue[LANES] = [2] of { byte };
byte rescan[LANES];
byte scan[LANES];    /* of which rescan, and where: one word */
byte scan_at[LANES];
bit listed[LANES];

/* What a worker tells of itself, for the burial. */
typedef Line {
    unsigned task : 3; /* the bottom of its stack: a slot + 1 */
    unsigned lap : 2;
    unsigned here : 3; /* the child that it runs while it waits */
    unsigned here_lap : 2;
    unsigned submitting : 3;
    unsigned submitting_lap : 2;
    unsigned freeing : 3;
    unsigned freeing_lap : 2;
    byte hands; /* the heap's: blocks that it holds */
};
Line line[WORKERS];
bool dead[WORKERS];
byte deaths_left = DEATHS;

byte taken; /* blocks */

#define B(block) (1 << ((block) - 1))

/* The bells, as each who waits on one sees it: whether it rang since he read its value, and whether he
 * sleeps. Worker w waits on bell w for work, the owner of a lane on that of the lane for tasks, and the
 * host's callback thread for news. */
bool work_rang[WORKERS];
bool work_asleep[WORKERS];
bool lane_rang[LANES];
bool lane_asleep[LANES];
bool news_rang;
bool news_asleep;

/* A worker may end before its next step; then the rest of it never happens. */
inline may_die() {
    if
    :: deaths_left > 0 -> deaths_left--; goto died
    :: true
    fi
}

inline ring_lane(l) { lane_rang[l] = true; lane_asleep[l] = false }
inline ring_news() { news_rang = true; news_asleep = false }

/* For one: any of those who sleep. Who is about to sleep does not. */
inline ring_for_one() {
    work_rang[0] = true;
#if WORKERS > 1
    work_rang[1] = true;
#endif
    if
    :: work_asleep[0] -> work_asleep[0] = false
#if WORKERS > 1
    :: work_asleep[1] -> work_asleep[1] = false
    :: !work_asleep[0] && !work_asleep[1]
#else
    :: else
#endif
    fi
}

inline ring_for_all() {
    work_rang[0] = true; work_asleep[0] = false;
#if WORKERS > 1
    work_rang[1] = true; work_asleep[1] = false
#endif
}

inline take_block() {
    block = 1;
    do
    :: (taken & B(block)) != 0 -> block++; assert(block < 8)
    :: else -> break
    od;
    taken = taken | B(block)
}

inline free_block(b) {
    assert((taken & B(b)) != 0);
    taken = taken & ~B(b)
}

inline clear_flags(s) {
    slot[s].awaited = 0; slot[s].watched = 0; slot[s].unwanted = 0; slot[s].orphan = 0
}

/* The word says free, and who waits for room in a lane hears of it. */
inline set_free(s) {
    assert(slot[s].message == 0 && slot[s].result == 0);
    flagged = slot[s].awaited;
    slot[s].kind = FREE;
    slot[s].attempts = 0; slot[s].worker = 0; slot[s].lost = 0; slot[s].committed = 0;
    slot[s].parent = 0; slot[s].parent_lap = 0;
    clear_flags(s)
}

/* ---- a worker frees what a slot names: held, then not named, then freed */

#ifdef FAULT_FREES_BEFORE_IT_HOLDS
inline free_named(pointer) {
    if
    :: pointer != 0 ->
        block = pointer;
        atomic { may_die(); free_block(block); line[me].hands = line[me].hands & ~B(block) };
        atomic { may_die(); pointer = 0 };
        block = 0
    :: else
    fi
}
#elif defined(FAULT_NULLS_BEFORE_IT_HOLDS)
inline free_named(pointer) {
    if
    :: pointer != 0 ->
        block = pointer;
        atomic { may_die(); pointer = 0 };
        atomic { may_die(); line[me].hands = line[me].hands | B(block) };
        atomic { may_die(); free_block(block); line[me].hands = line[me].hands & ~B(block) };
        block = 0
    :: else
    fi
}
#else
inline free_named(pointer) {
    if
    :: pointer != 0 ->
        block = pointer;
        atomic { may_die(); line[me].hands = line[me].hands | B(block) };
        atomic { may_die(); pointer = 0 };
        atomic { may_die(); free_block(block); line[me].hands = line[me].hands & ~B(block) };
        block = 0
    :: else
    fi
}
#endif

/* The line names it, as a task on the stack or as what it frees. */
inline free_slot(s) {
    free_named(slot[s].message);
    free_named(slot[s].result);
    atomic { may_die(); set_free(s) };
    if
    :: flagged -> atomic { may_die(); ring_lane(LANE(s)); flagged = 0 }
    :: else
    fi
}

/* ---- a worker takes: s is what it has claimed, or NOTHING. A hint is of one lap. */

#define NOTHING 7
#define HINT(s) ((s) + 8 * slot[s].lap)

inline name(expected, its_lap) {
    atomic { may_die(); line[me].task = expected + 1; line[me].lap = its_lap }
}
inline unname() {
    atomic { may_die(); line[me].task = 0; line[me].lap = 0 }
}

/* What is named, if it is ready still. */
inline claim_named() {
    atomic {
        may_die();
        s = line[me].task - 1;
        if
        :: slot[s].kind == READY && slot[s].lap == line[me].lap ->
            slot[s].kind = RUNNING;
            slot[s].worker = me;
            slot[s].attempts++;
#ifdef FAULT_CLAIM_DROPS_THE_FLAGS
            clear_flags(s);
#endif
            assert(slot[s].attempts <= MAX_ATTEMPTS)
        :: else -> s = NOTHING
        fi
    };
    if
    :: s == NOTHING -> unname()
    :: else
    fi
}

#ifdef FAULT_NAMES_AFTER_THE_CLAIM
inline claim(expected) {
    atomic {
        may_die();
        s = expected;
        if
        :: slot[s].kind == READY -> slot[s].kind = RUNNING; slot[s].worker = me; slot[s].attempts++
        :: else -> s = NOTHING
        fi
    };
    if
    :: s != NOTHING -> name(s, slot[s].lap)
    :: else
    fi
}
#else
inline claim(expected) {
    name(expected, slot[expected].lap);
    claim_named()
}
#endif

#define IS_SCANNED(l) (scan[l] == rescan[l] && scan_at[l] == BEHIND(l))
#define HAS_HINTS(l) (len(queue[l]) > 0 || !IS_SCANNED(l))

/* Goes on where takers look at each slot. Whoever moves the scan on looks at that slot. */
inline walk(l) {
    do
    :: s != NOTHING || IS_SCANNED(l) -> break
    :: else ->
        atomic {
            may_die();
            seen = rescan[l];
            was_scan = scan[l];
            was_at = scan_at[l];
            at = (was_scan == seen -> was_at : FIRST_OF(l))
        };
        if
        :: at < BEHIND(l) ->
#ifndef FAULT_NAMES_AFTER_THE_SCAN
            name(at, slot[at].lap);
#endif
            atomic {
                may_die();
                if
                :: scan[l] == was_scan && scan_at[l] == was_at ->
                    scan[l] = seen;
                    scan_at[l] = at + 1;
                    flagged = true
                :: else
                fi
            };
#ifdef FAULT_NAMES_AFTER_THE_SCAN
            name(at, slot[at].lap);
#endif
            if
            :: flagged -> flagged = false; claim_named()
            :: else -> unname()
            fi
        :: else
        fi
    od;
    seen = 0;
    at = 0;
    was_scan = 0;
    was_at = 0
}

/* Closes the lane when nothing is in it, and looks once more. */
inline look_into(l) {
    do
    :: s != NOTHING || !listed[l] -> break
    :: else ->
        if
        :: len(queue[l]) > 0 ->
            /* It names what the next entry says, then takes that out unless another has. */
            atomic {
                may_die();
                if
                :: len(queue[l]) > 0 -> queue[l] ? < at >;
#ifndef FAULT_NAMES_AFTER_IT_TAKES_THE_HINT
                    line[me].task = at % 8 + 1;
                    line[me].lap = at / 8
#endif
                :: else -> at = NOTHING
                fi
            };
            if
            :: at != NOTHING ->
                atomic {
                    may_die();
                    flagged = false;
                    if
                    :: len(queue[l]) > 0 ->
                        queue[l] ? < seen >;
                        if
                        :: seen == at -> queue[l] ? seen; flagged = true
                        :: else
                        fi;
                        seen = 0
                    :: else
                    fi
                };
#ifdef FAULT_NAMES_AFTER_IT_TAKES_THE_HINT
                name(at % 8, at / 8);
#endif
                if
                :: flagged -> flagged = false; claim_named()
                :: else -> unname()
                fi
            :: else
            fi;
            at = 0
        :: len(queue[l]) == 0 && !IS_SCANNED(l) -> walk(l)
        :: else ->
            atomic { may_die(); listed[l] = 0 };
#ifndef FAULT_CLOSES_WITHOUT_A_SECOND_LOOK
            if
            :: HAS_HINTS(l) ->
                atomic { may_die(); listed[l] = 1 };
#ifndef FAULT_OPENS_WITHOUT_A_RING
                atomic { may_die(); ring_for_one() }
#endif
            :: else
            fi
#endif
        fi
    od
}

/* The owner publishes: the body first, then the word, then the hints. */
inline publish(s, flag_of_parent, lap_of_parent) {
    slot[s].parent = flag_of_parent;
    slot[s].parent_lap = lap_of_parent;
    slot[s].lap = slot[s].lap + 1;
    slot[s].kind = READY
}

inline push(l, s) {
    if
    :: len(queue[l]) < 2 -> queue[l] ! HINT(s)
    :: else ->
#ifndef FAULT_FORGETS_A_FULL_QUEUE
        rescan[l]++
#else
        skip
#endif
    fi
}

proctype Worker(bit me) {
    byte s = NOTHING;
    byte at;
    byte seen;
    byte was_scan;
    byte was_at;
    byte block;
    bit flagged;
    bit watched;
    bit discards;

look:
#ifdef COARSE_HINTS
end_idle:
    if
    :: slot[0].kind == READY -> claim(0)
#if HOST_SLOTS + WORKERS > 2 && defined(NESTED)
    :: slot[1].kind == READY -> claim(1)
    :: slot[2].kind == READY -> claim(2)
#endif
    fi;
    if
    :: s == NOTHING -> goto look
    :: else
    fi;
#else
#ifndef FAULT_READS_THE_BELL_LATE
    atomic { may_die(); work_rang[me] = false };
#endif
#ifdef NESTED
    look_into(me + 1);
#endif
    look_into(0);
#if defined(NESTED) && WORKERS > 1
    look_into(2 - me);
#endif
    if
    :: s == NOTHING -> goto sleep
    :: else
    fi;
#endif
#ifdef NESTED
    if
    :: s < HOST_SLOTS -> goto submits
    :: else
    fi;
#endif

commits:
#ifdef TOGETHER
    /* as one that needs the others to have begun */
#if HOST_SLOTS > 1
    slot[0].kind != READY && slot[1].kind != READY;
#endif
#endif
#ifndef BARE
    if
    :: true ->
        atomic { may_die(); take_block(); line[me].hands = line[me].hands | B(block) };
        atomic { may_die(); slot[s].result = block; block = 0 }
#ifdef THROWS
    :: true /* it throws: there is no result */
#endif
    fi;
#endif
#ifdef FAULT_GIVES_OVER_BEFORE_THE_COMMIT
    atomic { may_die(); line[me].hands = 0 };
#endif
#ifdef FAULT_COMMITS_BY_STORE
    atomic {
        may_die();
        discards = slot[s].unwanted || slot[s].orphan;
        flagged = slot[s].awaited;
        watched = slot[s].watched
    };
#endif
    atomic {
        may_die();
        assert(slot[s].kind == RUNNING && slot[s].worker == me && !slot[s].committed);
#ifndef FAULT_COMMITS_BY_STORE
        discards = slot[s].unwanted || slot[s].orphan;
#ifdef FAULT_HEEDS_NO_ORPHANS
        discards = slot[s].unwanted;
#endif
        flagged = slot[s].awaited;
        watched = slot[s].watched;
#else
        clear_flags(s);
#endif
        slot[s].committed = true;
        slot[s].kind = (discards -> DISCARDED : DONE)
    };
#ifdef FAULT_POPS_BEFORE_IT_GIVES_OVER
    atomic {
        may_die();
        if
        :: line[me].here != 0 -> line[me].here = 0; line[me].here_lap = 0
        :: else -> line[me].task = 0; line[me].lap = 0
        fi
    };
#endif
    if
    :: discards -> flagged = 0; free_slot(s)
    :: else ->
#if !defined(FAULT_GIVES_OVER_BEFORE_THE_COMMIT) && !defined(BARE)
        atomic { may_die(); line[me].hands = 0 };
#endif
        if
        :: flagged -> atomic { may_die(); ring_lane(LANE(s)); flagged = 0 }
        :: else
        fi;
        if
        :: watched -> atomic { may_die(); ring_news(); watched = 0 }
        :: else
        fi
    fi;
    atomic {
        may_die();
        discards = 0;
        flagged = 0;
        watched = 0;
        if
        :: line[me].here != 0 -> line[me].here = 0; line[me].here_lap = 0; s = line[me].task - 1;
#ifdef NESTED
            goto waits
#endif
        :: else -> line[me].task = 0; line[me].lap = 0
        fi;
        s = NOTHING
    };
    goto look;

#ifdef NESTED
submits:
    if
    :: slot[OWN(me)].kind == FREE
    :: slot[OWN(me)].kind != FREE -> goto commits /* no room: the child's call is the parent's */
    fi;
#ifndef FAULT_DOES_NOT_NAME_WHAT_IT_SUBMITS
    atomic {
        may_die();
        line[me].submitting = OWN(me) + 1;
        line[me].submitting_lap = slot[OWN(me)].lap + 1
    };
#endif
    atomic { may_die(); take_block(); line[me].hands = line[me].hands | B(block) };
    atomic { may_die(); slot[OWN(me)].message = block; block = 0 };
#ifdef FAULT_GIVES_THE_MESSAGE_OVER_FIRST
    atomic { may_die(); line[me].hands = 0 };
#endif
    atomic { may_die(); publish(OWN(me), s + 1, slot[s].lap) };
    atomic { may_die(); line[me].hands = 0 };
    atomic { may_die(); line[me].submitting = 0; line[me].submitting_lap = 0 };
#ifndef COARSE_HINTS
    atomic { may_die(); push(me + 1, OWN(me)) };
    atomic { may_die(); listed[me + 1] = 1 };
#endif
#ifndef COARSE_HINTS
    atomic { may_die(); ring_for_one() };
#endif
    if
    :: true -> goto waits
#ifdef MAY_DROP
    :: true
#endif
    fi;
    /* It drops the future. */
    atomic {
        may_die();
        if
        :: slot[OWN(me)].kind == READY || slot[OWN(me)].kind == RUNNING ->
            slot[OWN(me)].unwanted = 1; goto commits
        :: else -> assert(slot[OWN(me)].kind == DONE)
        fi
    };
releases:
    atomic { may_die(); line[me].freeing = OWN(me) + 1; line[me].freeing_lap = slot[OWN(me)].lap };
    free_slot(OWN(me));
    atomic { may_die(); line[me].freeing = 0; line[me].freeing_lap = 0 };
    goto commits;

waits:
    atomic { may_die(); lane_rang[me + 1] = false };
    if
    :: slot[OWN(me)].kind == READY ->
        atomic { may_die(); line[me].here = OWN(me) + 1; line[me].here_lap = slot[OWN(me)].lap };
        atomic {
            may_die();
            if
            :: slot[OWN(me)].kind == READY ->
                slot[OWN(me)].kind = RUNNING;
                slot[OWN(me)].worker = me;
                slot[OWN(me)].attempts++;
                s = OWN(me);
                goto commits
            :: else
            fi
        };
        atomic { may_die(); line[me].here = 0; line[me].here_lap = 0; goto waits }
    :: slot[OWN(me)].kind == DONE ->
        assert(slot[OWN(me)].lost || slot[OWN(me)].committed);
        if
        :: slot[OWN(me)].result != 0 -> assert((taken & B(slot[OWN(me)].result)) != 0)
        :: else
        fi;
        goto releases
    :: slot[OWN(me)].kind == RUNNING
    fi;
    atomic {
        may_die();
        if
        :: slot[OWN(me)].kind == RUNNING -> slot[OWN(me)].awaited = 1
        :: else -> goto waits
        fi
    };
    atomic {
        may_die();
        if
        :: !lane_rang[me + 1] -> lane_asleep[me + 1] = true
        :: else -> goto waits
        fi
    };
    if
    :: atomic { deaths_left > 0 && lane_asleep[me + 1] -> deaths_left--; lane_asleep[me + 1] = false; goto died }
    :: !lane_asleep[me + 1] -> goto waits
    fi;
#endif

#ifndef COARSE_HINTS
sleep:
#ifdef FAULT_READS_THE_BELL_LATE
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
    :: atomic { deaths_left > 0 && work_asleep[me] -> deaths_left--; work_asleep[me] = false; goto died }
    :: !work_asleep[me] -> goto look
    fi;
#endif
died:
    atomic { s = 0; at = 0; seen = 0; was_scan = 0; was_at = 0; block = 0; flagged = 0; watched = 0; discards = 0; dead[me] = true }
}

/* ---- burials */

#ifdef FAULT_BLAMES_WHAT_IT_ONLY_NAMED
#define IS_RUNNING(s, l) (slot[s].kind == RUNNING && slot[s].lap == (l))
#else
#define IS_RUNNING(s, l) (slot[s].kind == RUNNING && slot[s].worker == me && slot[s].lap == (l))
#endif
#define IS_DISCARDED(s, l) (slot[s].kind == DISCARDED && slot[s].worker == me && slot[s].lap == (l))

/* What a slot names is held for the dead, and not named any more: heap.bury() frees it. */
inline hold_for_the_dead(s) {
    atomic {
        if
        :: slot[s].message != 0 -> line[me].hands = line[me].hands | B(slot[s].message)
        :: else
        fi;
        if
        :: slot[s].result != 0 -> line[me].hands = line[me].hands | B(slot[s].result)
        :: else
        fi;
        slot[s].message = 0;
        slot[s].result = 0
    };
    atomic { set_free(s); ring_lane(LANE(s)); flagged = 0 }
}

/* The attempt of a task ended with its worker. */
inline charge(the_lap) {
    if
    :: IS_RUNNING(s, the_lap) ->
#ifndef FAULT_LEAVES_THE_RESULT_NAMED
        slot[s].result = 0;
#endif
#ifdef FAULT_BURIAL_MOVES_BY_STORE
        atomic { flagged = slot[s].awaited; discards = slot[s].unwanted };
#endif
        atomic {
            if
            :: slot[s].orphan || s == also_orphan -> slot[s].kind = DISCARDED
            :: else ->
                if
#ifndef FAULT_NO_LIMIT
                :: slot[s].attempts == MAX_ATTEMPTS ->
                    slot[s].lost = 1;
                    slot[s].kind = (slot[s].unwanted -> DISCARDED : DONE)
#endif
                :: else ->
                    slot[s].kind = READY
                fi
            fi
#ifdef FAULT_BURIAL_MOVES_BY_STORE
            clear_flags(s); slot[s].awaited = flagged; slot[s].unwanted = discards; flagged = 0; discards = 0
#endif
        };
#if !defined(COARSE_HINTS) && !defined(FAULT_FORGETS_TAKEN_HINTS)
        atomic {
            if
            :: slot[s].kind == READY -> rescan[LANE(s)]++
            :: else
            fi
        }
#endif
    :: else ->
#if !defined(COARSE_HINTS) && !defined(FAULT_FORGETS_TAKEN_HINTS)
        if
        :: !IS_DISCARDED(s, the_lap) -> rescan[LANE(s)]++ /* it may have taken its hint */
        :: else
        fi
#else
        skip
#endif
    fi;
    if
    :: IS_DISCARDED(s, the_lap) -> hold_for_the_dead(s)
    :: else
    fi;
#ifndef FAULT_BURIAL_RINGS_FOR_NO_WAITER
    atomic { ring_lane(LANE(s)); ring_news() }
#endif
}

#define IS_OVER(s, l) (!IS_RUNNING(s, l) && !IS_DISCARDED(s, l))

/* Is what it holds where others can find it? It holds blocks for one purpose at a time. */
inline look_at_hands() {
    if
    :: line[me].submitting != 0 ->
        s = line[me].submitting - 1;
        is_over = slot[s].lap == line[me].submitting_lap
    :: line[me].submitting == 0 && line[me].task != 0 && line[me].freeing == 0 ->
        s = (line[me].here != 0 -> line[me].here : line[me].task) - 1;
        is_over = (line[me].here != 0 -> IS_OVER(s, line[me].here_lap) : IS_OVER(s, line[me].lap))
    :: else -> is_over = false
    fi;
#ifdef FAULT_BURIAL_FREES_ALL_THAT_IS_HELD
    is_over = false;
#endif
    atomic {
        if
        :: is_over -> line[me].hands = 0
        :: else
        fi;
        is_over = false
    }
}

proctype Supervisor() {
    bit me;
    byte s;
    byte also_orphan = NOTHING;
    bit flagged;
    bit discards;
    bit is_over;
    byte left; /* of the dead's lane: freed when the heap was buried */

end_watching:
    atomic {
        if
        :: dead[0] -> me = 0
#if WORKERS > 1
        :: dead[1] -> me = 1
#endif
        fi
    };
#ifndef FAULT_LOOKS_AT_HANDS_LATE
    look_at_hands();
#endif
    if
    :: line[me].freeing != 0 ->
        s = line[me].freeing - 1;
        if
        :: slot[s].lap == line[me].freeing_lap && slot[s].kind != FREE -> hold_for_the_dead(s)
        :: else
        fi
    :: else
    fi;

#ifdef NESTED
    if
    :: line[me].here != 0 ->
        s = line[me].here - 1;
        also_orphan = s;
        charge(line[me].here_lap);
        also_orphan = NOTHING
    :: else
    fi;
    /* Its lane. A task of the host that is committed has ended; what it dropped goes on. */
    s = OWN(me);
    is_over = line[me].task == 0 || !IS_RUNNING(line[me].task - 1, line[me].lap) ||
        slot[s].parent != line[me].task || slot[s].parent_lap != line[me].lap;
    atomic {
        if
        :: slot[s].kind == READY && !is_over -> slot[s].kind = CANCELLED; left = 1
        :: slot[s].kind == READY && is_over -> slot[s].unwanted = 1
        :: slot[s].kind == RUNNING && !is_over ->
#ifndef FAULT_LEAVES_ORPHANS
            slot[s].orphan = 1
#endif
        :: slot[s].kind == RUNNING && is_over -> slot[s].unwanted = 1
        :: slot[s].kind == DONE || slot[s].kind == CANCELLED -> left = 1
        :: else
        fi
    };
    is_over = false;
#ifdef FAULT_LOOKS_AT_HANDS_LATE
    atomic { slot[s].kind != RUNNING }; /* meanwhile another has freed it */
    look_at_hands();
#endif
#endif
    if
    :: line[me].task != 0 -> s = line[me].task - 1; charge(line[me].lap)
    :: else
    fi;

    /* heap.bury() */
    atomic {
        s = 1;
        do
        :: line[me].hands == 0 -> break
        :: line[me].hands != 0 && (line[me].hands & B(s)) != 0 ->
            free_block(s);
            line[me].hands = line[me].hands & ~B(s)
        :: line[me].hands != 0 && (line[me].hands & B(s)) == 0 -> s++
        od;
        s = 0
    };
    /* clear_up(): as the dead's party */
#ifdef NESTED
    if
    :: left ->
        left = 0;
        s = OWN(me);
        atomic {
            if
            :: slot[s].message != 0 -> free_block(slot[s].message); slot[s].message = 0
            :: else
            fi;
            if
            :: slot[s].result != 0 -> free_block(slot[s].result); slot[s].result = 0
            :: else
            fi
        };
        atomic { set_free(s); flagged = 0 }
    :: else
    fi;
#endif
    atomic {
        line[me].task = 0; line[me].lap = 0; line[me].here = 0; line[me].here_lap = 0;
        line[me].submitting = 0; line[me].submitting_lap = 0;
        line[me].freeing = 0; line[me].freeing_lap = 0;
        dead[me] = false
    };
    /* It may have died between the closing of a lane and its second look. */
#if !defined(FAULT_BURIAL_OPENS_NO_LANE) && !defined(COARSE_HINTS)
    s = 0;
    do
    :: s == LANES -> break
    :: else -> atomic { listed[s] = 1; s++ }
    od;
#endif
    s = 0;
#ifndef COARSE_HINTS
    atomic { ring_for_all() };
#endif
    atomic { run Worker(me); me = 0 };
    goto end_watching
}

/* ---- the host */

/* One step: nobody but the owner looks at what is done. */
inline free_in_host(s) {
    atomic {
        if
        :: slot[s].message != 0 -> free_block(slot[s].message); slot[s].message = 0
        :: else
        fi;
        if
        :: slot[s].result != 0 ->
            assert(!slot[s].lost);
            free_block(slot[s].result);
            slot[s].result = 0
        :: else
        fi;
        set_free(s);
        flagged = 0
    }
}

#ifdef MAY_WATCH
proctype Callbacks() {
    byte s;
    bit flagged;
look:
#ifndef FAULT_READS_THE_NEWS_LATE
    news_rang = false;
#endif
    s = 0;
    do
    :: s == HOST_SLOTS -> break
    :: else ->
        if
        :: slot[s].kind == DONE && slot[s].watched -> free_in_host(s)
        :: else
        fi;
        s++
    od;
#ifdef FAULT_READS_THE_NEWS_LATE
    news_rang = false;
#endif
    atomic {
        s = 0;
        if
        :: !news_rang -> news_asleep = true
        :: else
        fi
    };
end_asleep:
    !news_asleep;
    goto look
}
#endif

/* Waits for a slot that is not free; flags it while it is of one of two kinds. */
inline sleep_for(s) {
#ifndef FAULT_WAITER_READS_ITS_BELL_LATE
    lane_rang[0] = false;
#endif
    atomic {
        if
        :: slot[s].kind == READY || slot[s].kind == RUNNING || slot[s].kind == DISCARDED ->
            slot[s].awaited = 1
        :: else -> goto looked
        fi
    };
#ifdef FAULT_WAITER_READS_ITS_BELL_LATE
    lane_rang[0] = false;
#endif
    atomic {
        if
        :: !lane_rang[0] -> lane_asleep[0] = true
        :: else
        fi
    };
    !lane_asleep[0];
looked:
    skip
}

active proctype Host() {
    byte s;
    byte round;
    byte block;
    bit flagged;
    atomic {
        do
        :: s == LANES -> break
        :: else -> scan_at[s] = BEHIND(s); s++
        od;
        s = 0;
        run Supervisor();
#ifdef MAY_WATCH
        run Callbacks();
#endif
#if WORKERS > 1
        run Worker(1);
#endif
        run Worker(0)
    };
    do
    :: round == ROUNDS -> break
    :: else ->
        s = 0;
        do
        :: s == HOST_SLOTS -> break
        :: else ->
            do
            :: slot[s].kind == FREE -> break
            :: else -> sleep_for(s)
            od;
#ifdef MESSAGES
            atomic { take_block(); slot[s].message = block; block = 0 };
#endif
            publish(s, 0, 0);
#ifndef COARSE_HINTS
            atomic { push(0, s) };
            listed[0] = 1;
            atomic { ring_for_one() };
#endif
            s++
        od;
        s = 0;
        do
        :: s == HOST_SLOTS -> break
        :: else ->
            if
            :: true -> skip
#ifdef MAY_DROP
            :: true ->
                atomic {
                    if
                    :: slot[s].kind == READY || slot[s].kind == RUNNING ->
                        slot[s].unwanted = 1;
                        goto next
                    :: else
                    fi
                }
#endif
#ifdef MAY_CANCEL
            :: true ->
                atomic {
                    if
                    :: slot[s].kind == READY -> slot[s].kind = CANCELLED; goto releases
                    :: else
                    fi
                }
#endif
#ifdef MAY_WATCH
            :: true ->
                atomic {
                    if
                    :: slot[s].kind == READY || slot[s].kind == RUNNING ->
                        slot[s].watched = 1;
                        goto next
                    :: else
                    fi
                }
#endif
            fi;
            do
            :: slot[s].kind == DONE -> break
            :: else -> sleep_for(s)
            od;
            assert(slot[s].committed || (slot[s].lost && slot[s].attempts == MAX_ATTEMPTS));
            if
            :: slot[s].result != 0 -> assert((taken & B(slot[s].result)) != 0)
            :: else
            fi;
releases:
            free_in_host(s);
next:
            s++
        od;
        round++
    od;
    s = 0;
    do
    :: s == SLOTS -> break
    :: s < SLOTS && slot[s].kind == FREE -> s++
    od;
    !dead[0];
#if WORKERS > 1
    !dead[1];
#endif
    taken == 0
}
