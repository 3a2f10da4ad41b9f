/* The heap in shared memory (shm/include/pinfold/shm/heap.hpp). check.sh runs it.
 *
 *      Worker ── takes, publishes, drops, frees ──► units, bits, lines ◄── frees ── Host
 *        │ dies at any step                              ▲
 *        └──────────────────► Supervisor ── buries ──────┘
 *
 * What each part of the model stands for:
 *      claim, release_claim         units.cpp: claim(), release()
 *      take_run                     heap.cpp: take_run(); units.cpp: publish_run()
 *      free_run                    units.cpp: free_run(), go_on_freeing()
 *      take_small, look_for_blocks slabs.cpp: take(), refill(), find_in_slab(), free_blocks()
 *      reopen, open_new, let_rest    slabs.cpp: reopen(), open_new(), rest()
 *      close_if_empty              slabs.cpp: close_if_empty(), finish_closing()
 *      free_named                  heap.cpp: free_named(); slabs.cpp: free()
 *      bury, bury_*                burial.cpp
 *      publish                     the user's: one store makes what a party holds reachable
 *
 * What is checked, over every order of steps and every place of death:
 *   - no memory is handed out that is somebody's: a cell of a unit has one block at a time;
 *   - no memory of a living block goes back to the system;
 *   - each free finds its block alive: nothing is freed twice;
 *   - in the end, when all parties are buried and all that was given over is freed, every unit is
 *     free, every bit is clear and every line is empty: nothing is lost.
 *
 * What is simplified: two units, each a slab of two blocks or a part of a run; the hands of a line
 * are a set; the words of a slab's bits are one; a party that ends is buried like one that dies; what
 * a run's pages hold goes back to the system at every free; the budget, the top of the units and the
 * searches are left out, since nothing follows from them but which unit is tried. Each step is
 * sequentially consistent; the comments at the code argue its weaker orders.
 *
 * RESTARTS: burials that are cut off at any step and begun anew.
 * FAULT_x breaks one rule each, and must be found: it shows that the model can see the rule.
 */

#ifndef TAKES
#define TAKES 2
#endif
#ifndef FREES
#define FREES 2
#endif
#ifndef HOST_FREES
#define HOST_FREES 0
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef RESTARTS
#define RESTARTS 0
#endif
#define UNITS 2
#define HOST 2

/* Kinds of units. */
#define FREE 0
#define CLAIMED 1
#define RUN 2
#define TAIL 3
#define EMPTYING 4
#define FREED 5
#define OPEN 6
#define RESTING 7
#define CLOSING 8

/* party: who claimed it, frees it or owns the slab; rest: units of a run, the first of a tail's, who
 * looks at a slab. */
typedef Unit {
    unsigned kind : 4;
    unsigned party : 2;
    unsigned rest : 2;
    unsigned bits : 2
};
Unit unit[UNITS];

/* The lines. A block is a bit of a set: 2 * unit, or that + 1 for a slab's second one. */
typedef Line {
    unsigned freeing : 3; /* the block + 1 */
    unsigned closing : 2; /* the unit + 1 */
    unsigned first : 2;
    unsigned count : 2;
    unsigned hands : 4;
    unsigned open : 2 /* the unit + 1 */
};
Line line[2];

unsigned given : 4;      /* blocks that others can find */
bool committed[2];       /* what the party holds is among them */
unsigned cells : 4;      /* whose memory is somebody's: what the heap must not confuse */
unsigned takes_left : 3 = TAKES;
unsigned frees_left : 3 = FREES;
unsigned host_frees_left : 2 = HOST_FREES;
unsigned deaths_left : 2 = DEATHS;
unsigned restarts_left : 2 = RESTARTS;
bool dead[2];
bool ended[2];           /* died with nothing left to do: has no successor */

#define BLOCK(b) (1 << (b))
#define UNIT_OF(b) ((b) / 2)
#define CELLS_OF_RUN(u, n) ((n) == 2 -> 15 : 3 << (2 * (u)))
#define NAMED_BIT(w, u) (line[w].freeing != 0 && UNIT_OF(line[w].freeing - 1) == (u) -> 1 << ((line[w].freeing - 1) % 2) : 0)

/* A worker may end before its next step, and a burial, which is begun anew; the host may not. */
#define WORKER 0
#define BURIAL 1
#define NOBODY 2
inline may_die() {
    if
    :: who == WORKER && deaths_left > 0 -> deaths_left--; goto died
    :: who == BURIAL && restarts_left > 0 -> restarts_left--; goto died
    :: true
    fi
}

inline mark(set) {
    assert((cells & (set)) == 0);
    cells = cells | (set)
}

inline unmark(set) {
    assert((cells & (set)) == (set));
    cells = cells & ~(set)
}

/* ---- taking */

/* Frees the claimed units from first to before `u`, from the last on, and forgets them. */
inline release_claim() {
    do
    :: u > line[me].first ->
        atomic { may_die(); u--; unit[u].kind = FREE; unit[u].party = 0; unit[u].rest = 0 }
    :: else -> break
    od;
    atomic { may_die(); line[me].count = 0; line[me].first = 0; u = 0 }
}

/* ok: all `n` units from `f` on are claimed. */
inline claim(f, n) {
    ok = true;
#ifndef FAULT_NAMES_AFTER_THE_CLAIM
    atomic { may_die(); line[me].first = f; line[me].count = n };
#endif
    u = f;
    do
    :: u < f + n ->
        atomic {
            may_die();
            if
            :: unit[u].kind == FREE -> unit[u].kind = CLAIMED; unit[u].party = me; u++
            :: else -> ok = false
            fi
        };
        if
        :: !ok -> break
        :: else
        fi
    :: else -> break
    od;
#ifdef FAULT_NAMES_AFTER_THE_CLAIM
    atomic { may_die(); line[me].first = f; line[me].count = n };
#endif
#ifndef FAULT_TAKES_WHAT_IS_NAMED
    if
    :: ok ->
        atomic {
            may_die();
            other = 1 - me;
            if
            :: line[other].freeing != 0 && UNIT_OF(line[other].freeing - 1) >= f &&
               UNIT_OF(line[other].freeing - 1) < f + n -> ok = false
            :: else
            fi;
            other = 0
        }
    :: else
    fi;
#endif
    if
    :: !ok -> release_claim()
    :: else
    fi;
    u = 0
}

inline end_taking() {
    atomic { may_die(); line[me].count = 0; line[me].first = 0 }
}

inline take_run(f, n) {
    claim(f, n);
    if
    :: ok ->
        if
        :: n == 2 -> atomic { may_die(); unit[f + 1].kind = TAIL; unit[f + 1].rest = f }
        :: else
        fi;
#ifndef FAULT_HOLDS_AFTER_THE_RUN
        atomic { may_die(); line[me].hands = line[me].hands | BLOCK(2 * f) };
#endif
        atomic {
            may_die();
            unit[f].kind = RUN;
            unit[f].rest = n;
            mark(CELLS_OF_RUN(f, n))
        };
        end_taking();
#ifdef FAULT_HOLDS_AFTER_THE_RUN
        atomic { may_die(); line[me].hands = line[me].hands | BLOCK(2 * f) };
#endif
    :: else
    fi
}

/* blocks: those of the slab `s` that are free and that nobody's line names. */
inline look_for_blocks(s) {
    atomic { may_die(); blocks = 3 & ~unit[s].bits };
#ifndef FAULT_TAKES_WHAT_IS_NAMED
    atomic { may_die(); blocks = blocks & ~NAMED_BIT(1 - me, s) };
#endif
}

inline close_if_empty(s) {
    do
    :: atomic {
        may_die();
        if
        :: unit[s].kind == RESTING && unit[s].bits == 0
        :: else -> break
        fi
      };
      if
      :: me != HOST -> atomic { may_die(); line[me].closing = s + 1 }
      :: else
      fi;
      atomic {
          may_die();
          if
          :: unit[s].kind == RESTING -> unit[s].kind = CLOSING; unit[s].rest = me; closes = true
          :: else -> closes = false
          fi
      };
      if
      :: closes ->
          closes = false;
          finish_closing(s)
      :: else
      fi;
      if
      :: me != HOST -> atomic { may_die(); line[me].closing = 0 }
      :: else
      fi
    od
}

inline finish_closing(s) {
#ifdef FAULT_CLOSES_WITHOUT_A_SECOND_LOOK
    atomic { may_die(); unit[s].kind = FREE; unit[s].party = 0; unit[s].rest = 0 }
#else
    atomic { may_die(); closes = unit[s].bits == 0 };
    atomic {
        may_die();
        if
        :: closes -> unit[s].kind = FREE; unit[s].party = 0
        :: else -> unit[s].kind = RESTING
        fi;
        unit[s].rest = 0;
        closes = false
    }
#endif
}

/* Of the party `me`, or in its stead. */
inline let_rest(s) {
    atomic { may_die(); unit[s].kind = RESTING };
#ifndef FAULT_DOES_NOT_LOOK_AFTER_IT_RESTS
    close_if_empty(s);
#endif
    atomic { may_die(); line[me].open = 0 }
}

/* Has `slab` and `blocks` name a slab with room; none when there is no unit. */
inline refill() {
    if
    :: slab != 0 ->
        look_for_blocks(slab - 1);
        if
        :: blocks == 0 -> let_rest(slab - 1); slab = 0
        :: else
        fi
    :: else
    fi;
    /* Slabs of its own that rest, in either order. */
    if
    :: slab == 0 && blocks == 0 && unit[0].kind == RESTING && unit[0].party == me -> reopen(0)
    :: slab == 0 && blocks == 0 && unit[1].kind == RESTING && unit[1].party == me -> reopen(1)
    :: else
    fi;
    if
    :: slab == 0 && unit[0].kind == FREE -> open_new(0)
    :: slab == 0 && unit[1].kind == FREE -> open_new(1)
    :: else
    fi
}

inline reopen(s) {
    look_for_blocks(s);
    if
    :: blocks != 0 ->
#ifndef FAULT_OPENS_BEFORE_IT_NAMES
        atomic { may_die(); line[me].open = s + 1 };
#endif
        atomic {
            may_die();
            if
            :: unit[s].kind == RESTING && unit[s].party == me -> unit[s].kind = OPEN; slab = s + 1
            :: else -> blocks = 0
            fi
        };
#ifdef FAULT_OPENS_BEFORE_IT_NAMES
        atomic { may_die(); line[me].open = s + 1 };
#endif
    :: else
    fi
}

inline open_new(s) {
    claim(s, 1);
    if
    :: ok ->
        atomic { may_die(); line[me].open = s + 1 };
        atomic { may_die(); assert(unit[s].bits == 0); unit[s].kind = OPEN };
        end_taking();
        slab = s + 1;
        blocks = 3
    :: else
    fi
}

inline take_small() {
    if
    :: blocks == 0 -> refill()
    :: else
    fi;
    if
    :: blocks != 0 ->
        block = 2 * (slab - 1) + (blocks % 2 == 0 -> 1 : 0);
        blocks = blocks & (blocks - 1);
#ifndef FAULT_HOLDS_AFTER_THE_BIT
        atomic { may_die(); line[me].hands = line[me].hands | BLOCK(block) };
#endif
        atomic {
            may_die();
            unit[UNIT_OF(block)].bits = unit[UNIT_OF(block)].bits | BLOCK(block % 2);
            mark(BLOCK(block))
        };
#ifdef FAULT_HOLDS_AFTER_THE_BIT
        atomic { may_die(); line[me].hands = line[me].hands | BLOCK(block) };
#endif
        block = 0
    :: else
    fi
}

/* ---- freeing */

/* The rest of freeing a run, from wherever it stopped: `s` is EMPTYING or FREED by `me`. */
inline go_on_freeing(s) {
    if
    :: unit[s].kind == EMPTYING ->
        /* Its pages go: they are nobody's. */
        atomic { may_die(); assert((cells & CELLS_OF_RUN(s, unit[s].rest)) == 0) };
#ifndef FAULT_EMPTIES_AGAIN
        atomic { may_die(); unit[s].kind = FREED }
#endif
    :: else
    fi;
#ifdef FAULT_FREES_THE_FIRST_UNIT_FIRST
    atomic { may_die(); other = unit[s].rest; unit[s].kind = FREE; unit[s].party = 0; unit[s].rest = 0 };
    if
    :: other == 2 -> atomic { may_die(); unit[s + 1].kind = FREE; unit[s + 1].party = 0; unit[s + 1].rest = 0 }
    :: else
    fi;
    other = 0
#else
    if
    :: unit[s].rest == 2 ->
        atomic {
            may_die();
            if
#ifdef FAULT_FREES_WHATEVER_LIES_BEHIND
            :: true ->
#else
            :: unit[s + 1].kind == TAIL && unit[s + 1].rest == s ->
#endif
                unit[s + 1].kind = FREE; unit[s + 1].party = 0; unit[s + 1].rest = 0
#ifndef FAULT_FREES_WHATEVER_LIES_BEHIND
            :: else
#endif
            fi
        }
    :: else
    fi;
    atomic { may_die(); unit[s].kind = FREE; unit[s].party = 0; unit[s].rest = 0 }
#endif
}

/* Frees a block that is alive. */
inline free_named(b) {
    if
    :: unit[UNIT_OF(b)].kind == RUN ->
        atomic {
            may_die();
            unmark(CELLS_OF_RUN(UNIT_OF(b), unit[UNIT_OF(b)].rest));
            unit[UNIT_OF(b)].kind = EMPTYING;
            unit[UNIT_OF(b)].party = me
        };
        go_on_freeing(UNIT_OF(b))
    :: else ->
        atomic {
            may_die();
            assert(unit[UNIT_OF(b)].kind >= OPEN && (unit[UNIT_OF(b)].bits & BLOCK(b % 2)) != 0);
            unit[UNIT_OF(b)].bits = unit[UNIT_OF(b)].bits & ~BLOCK(b % 2);
            unmark(BLOCK(b))
        };
        close_if_empty(UNIT_OF(b))
    fi
}

#define IS_ALIVE(b) (unit[UNIT_OF(b)].kind == RUN -> (b) % 2 == 0 : (unit[UNIT_OF(b)].kind >= OPEN && (unit[UNIT_OF(b)].bits & BLOCK((b) % 2)) != 0))
#define IS_FREED_BY(w, s) ((unit[s].kind == EMPTYING || unit[s].kind == FREED) && unit[s].party == (w))

inline forget_freeing() {
    atomic { may_die(); line[me].freeing = 0 }
}

/* Any block of a set. */
inline choose(set) {
    if
    :: (set) & 1 -> block = 0
    :: (set) & 2 -> block = 1
    :: (set) & 4 -> block = 2
    :: (set) & 8 -> block = 3
    fi
}

inline drop_held() {
    do
    :: line[me].hands != 0 ->
        choose(line[me].hands);
#ifdef FAULT_LETS_GO_BEFORE_IT_NAMES
        atomic { may_die(); line[me].hands = line[me].hands & ~BLOCK(block) };
        atomic { may_die(); line[me].freeing = block + 1 };
#else
        atomic { may_die(); line[me].freeing = block + 1 };
        atomic { may_die(); line[me].hands = line[me].hands & ~BLOCK(block) };
#endif
        free_named(block);
        forget_freeing();
        block = 0
    :: else -> break
    od
}

/* ---- a worker */

proctype Worker(bit me) {
    unsigned who : 2 = WORKER;
    bool ok, closes;
    unsigned u : 2;
    unsigned other : 2;
    unsigned slab : 2;
    unsigned blocks : 2;
    unsigned block : 2;
next:
    if
    /* A piece of work: it takes up to two blocks, and publishes or drops them. */
    :: atomic { takes_left > 0 -> takes_left--; may_die(); committed[me] = false };
        if
        :: true -> take_small()
        :: unit[0].kind == FREE -> take_run(0, 1)
        :: unit[0].kind == FREE -> take_run(0, 2)
        :: unit[1].kind == FREE -> take_run(1, 1)
        fi;
        if
        :: line[me].hands != 0 ->
            if
            :: true ->
#ifdef FAULT_GIVES_OVER_BEFORE_IT_PUBLISHES
                other = line[me].hands; /* two bits are enough for two blocks of one unit */
                atomic { may_die(); block = (line[me].hands >= 4 -> 2 : 0); other = line[me].hands >> block; line[me].hands = 0 };
                atomic { may_die(); given = given | (other << block); committed[me] = true; other = 0; block = 0 };
#else
                atomic { may_die(); given = given | line[me].hands; committed[me] = true };
                atomic { may_die(); line[me].hands = 0 }
#endif
            :: true -> drop_held()
            fi
        :: else
        fi
    :: atomic { frees_left > 0 && given != 0 ->
        frees_left--;
        may_die();
        choose(given);
        given = given & ~BLOCK(block);
#ifndef FAULT_FREES_BEFORE_IT_NAMES
        line[me].freeing = block + 1
#endif
       };
        free_named(block);
        forget_freeing();
        block = 0
    :: atomic { takes_left == 0 && (frees_left == 0 || given == 0) ->
        ended[me] = true; dead[me] = true; goto over }
    fi;
    ok = false;
    goto next;
died:
    dead[me] = true;
over:
    skip
}

/* ---- burials */

inline bury_freeing() {
    if
    :: line[me].freeing != 0 ->
        block = line[me].freeing - 1;
        atomic { may_die(); line[me].hands = line[me].hands & ~BLOCK(block) };
        if
        :: IS_ALIVE(block) -> free_named(block)
        :: !IS_ALIVE(block) && IS_FREED_BY(me, UNIT_OF(block)) -> go_on_freeing(UNIT_OF(block))
        :: else ->
#ifndef FAULT_LEAVES_THE_LAST_LOOK_OUT
            close_if_empty(UNIT_OF(block))
#endif
        fi;
        forget_freeing();
        block = 0
    :: else
    fi
}

#define IS_BEING_TAKEN(s) ((unit[s].kind == CLAIMED && unit[s].party == me) || (unit[s].kind == TAIL && unit[s].rest == line[me].first))

inline bury_taking() {
    if
    :: line[me].count != 0 ->
        if
        :: unit[line[me].first].kind == CLAIMED && unit[line[me].first].party == me ->
            atomic { may_die(); line[me].hands = line[me].hands & ~BLOCK(2 * line[me].first) }
        :: else
        fi;
        u = line[me].first;
        do
        :: u < line[me].first + line[me].count && IS_BEING_TAKEN(u) -> u++
        :: else -> break
        od;
        release_claim()
    :: else
    fi
}

inline bury_slabs() {
    if
    :: line[me].open != 0 ->
        other = line[me].open - 1;
        if
        :: unit[other].kind == OPEN && unit[other].party == me -> let_rest(other)
        :: else -> close_if_empty(other)
        fi;
        other = 0
    :: else
    fi;
    atomic { may_die(); line[me].open = 0 }
}

proctype Supervisor() {
    unsigned me : 2;
    unsigned who : 2 = BURIAL;
    bool ok, closes;
    unsigned u : 2;
    unsigned other : 2;
    unsigned block : 2;
end_watching:
    if
    :: dead[0] -> me = 0
    :: dead[1] -> me = 1
    fi;
bury:
    if
    :: line[me].closing != 0 ->
        if
        :: unit[line[me].closing - 1].kind == CLOSING && unit[line[me].closing - 1].rest == me ->
            finish_closing(line[me].closing - 1)
        :: else
        fi;
        block = line[me].closing;
        close_if_empty(block - 1);
        block = 0;
        atomic { may_die(); line[me].closing = 0 }
    :: else
    fi;
    bury_freeing();
    bury_taking();
#ifdef FAULT_RESTS_THE_SLABS_FIRST
    bury_slabs();
#endif
#ifndef FAULT_FREES_WHAT_IS_PUBLISHED
    if
    :: committed[me] -> atomic { may_die(); line[me].hands = 0 }
    :: else
    fi;
#endif
    do
    :: line[me].hands != 0 ->
        choose(line[me].hands);
        atomic { may_die(); line[me].freeing = block + 1 };
        bury_freeing()
    :: else -> break
    od;
#ifndef FAULT_RESTS_THE_SLABS_FIRST
    bury_slabs();
#endif
    atomic {
        dead[me] = false;
        committed[me] = false;
        if
        :: !ended[me] -> run Worker(me)
        :: else
        fi;
        me = 0
    };
    goto end_watching;
died:
    u = 0;
    other = 0;
    block = 0;
    ok = false;
    closes = false;
    goto bury
}

/* ---- the host frees what it finds, and in the end all of it */

active proctype Host() {
    unsigned me : 2 = HOST;
    unsigned who : 2 = NOBODY;
    bool closes;
    unsigned other : 2;
    unsigned block : 2;
    atomic {
        run Supervisor();
        run Worker(0);
        run Worker(1)
    };
    do
    :: atomic { host_frees_left > 0 && given != 0 ->
        host_frees_left--;
        choose(given);
        given = given & ~BLOCK(block)
       };
        free_named(block);
        block = 0
    :: ended[0] && ended[1] && !dead[0] && !dead[1] -> break
    od;
    do
    :: given != 0 ->
        choose(given);
        given = given & ~BLOCK(block);
        free_named(block)
    :: else -> break
    od;
    assert(cells == 0);
    assert(unit[0].kind == FREE && unit[1].kind == FREE && unit[0].bits == 0 && unit[1].bits == 0);
    assert(line[0].freeing == 0 && line[0].closing == 0 && line[0].count == 0 && line[0].hands == 0);
    assert(line[1].freeing == 0 && line[1].closing == 0 && line[1].count == 0 && line[1].hands == 0);
died:
    skip
}
