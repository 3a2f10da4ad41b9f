/* The claim protocol of the engine, for the model checker spin. check.sh runs it.
 *
 *      Host ── opens, closes, reuses ──► one board ◄── join, claim, commit, count, leave ── Worker
 *                                            ▲                                                │
 *           Supervisor ── buries the dead ───┘◄──────────────── dies at any step ─────────────┘
 *
 * What each part of the model stands for:
 *      claim, commit, lose          chunk_state.hpp: claim(), settle()
 *      work_on_board, leave         claim_loop.cpp: ClaimLoop::join(), leave()
 *      run_board                    claim_loop.hpp: ClaimLoop::run()
 *      next_batch, announce         dealing.cpp: Dealing::next(), announce()
 *      look_for_a_batch, take_batch dealing.cpp: Dealing::from_cursors(), take_returned()
 *      look_at_others               dealing.cpp: Dealing::from_others(), from_the_dead()
 *      run_batch, run_chunk         batch_run.cpp: BatchRun::run(), claim_one()
 *      run_lease, run_row           batch_run.cpp: BatchRun::take_lease(); chunk_row.hpp: ChunkRow
 *      ask_for_a_lease              dealing.cpp: Dealing::ask_for_lease_of(), claim_for()
 *      map_threw, count             batch_run.cpp: BatchRun::lose(); claim_loop.cpp: ClaimLoop::count()
 *      advance_if_over              claim_loop.cpp: advance_if_over(), phase_is_over()
 *      condemn, start_map           oversight.cpp: condemn(); batch_run.cpp: heed_condemnation()
 *      look_at_last, note_start     burial.cpp: last_chunk(), bury_on()
 *      take_back_claim, end_lease   burial.cpp: take_back_claim(), end_lease(), give_up_asking()
 *      bury, bury_on, release       burial.cpp: bury(), bury_on(), release_chunk();
 *      return_batch, count_for      burial.cpp: return_batch(), count_for();
 *                                   supervisor.cpp: Supervisor::bury()
 *      ring_*, wake_*, wait_for     shm/doorbell: ring(), ring_after_death(), wait()
 *      Worker                       worker_process.cpp: WorkerProcess::run()
 *      prepare                      board_storage.cpp: BoardStorage::prepare()
 *      wait_until_free              boards.cpp: Boards::is_quiet(), take_free()
 *      init, wait_*                 pool_core.cpp: PoolCore::run(); job_run.cpp
 *
 * What is checked, over every order of steps and every place of death:
 *   - each chunk of each job is committed exactly once, and no commit is undone or lost;
 *   - a job that ends complete has a result of its own generation for every chunk, and its phases ran
 *     one after the other;
 *   - nobody works on a board, or buries on it, while the host writes it for another job;
 *   - nothing is counted that is not over, whatever died where, and what the workers of a complete
 *     job published adds up to its chunks;
 *   - a chunk starts at most MAX_ATTEMPTS times, and a death is blamed on the chunk that its worker
 *     was executing and on no other;
 *   - who is killed for a chunk that seems late starts no later one, and no other chunk is blamed;
 *   - nobody runs a chunk that another one runs, whether by a claim or under a lease;
 *   - nobody waits for ever: a state in which nothing moves and somebody is not at its end is an
 *     error. The time-outs of the real waits are left out, so the rings alone carry this.
 *
 * What is simplified: one board, which with TURNS a worker may leave for others after any batch; each
 * step is sequentially consistent (the comments at the code argue its weaker orders; ThreadSanitizer
 * watches them in protocol_threads_test); reads that follow each other and of which only the last can
 * matter are one step; a thief takes any open chunk of the phase or none, which includes whatever the
 * hints may say; a worker that is to end for lack of memory is one that dies; retirement of workers
 * and journals are left out. Without LEASES every chunk is claimed. With it, a lease is for two
 * chunks, a light and a heavy fence together keep the order of the steps, and whoever finds nothing
 * to take may ask for any lease.
 *
 * COARSE_CHUNKS and COARSE_COUNTS make one step of a few, and the former has no thieves but those
 * who have asked for a lease, for more chunks than could be explored otherwise; what the one leaves
 * out is in the other.
 *
 * FAULT_x breaks one rule each, and must be found: it shows that the model can see the rule.
 */

#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef FIRST /* chunks of the first phase */
#define FIRST 2
#endif
#ifndef LAST /* chunks of the second and last phase; without it the first is the last */
#define PHASES 1
#define LAST 0
#else
#define PHASES 2
#endif
#ifndef JOBS
#define JOBS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef MAX_ATTEMPTS
#define MAX_ATTEMPTS 2
#endif
#ifndef BATCH
#define BATCH 2
#endif

#define CHUNKS (FIRST + LAST)
#define SIZE(p) ((p) == 0 -> FIRST : LAST)
#define PLACE(p, i) ((p) == 0 -> (i) : FIRST + (i))
#define IN_LAST_PHASE(place) (PHASES == 1 || (place) >= FIRST)

/* Kinds of chunk states. */
#define OPEN 0
#define CLAIMED 1
#define COMMITTED 2
#define LOST 3

#ifdef LEASES
/* Kinds of leases. */
#define NONE 0
#define LEASED 1
#define ASKED 2
#define SPLIT 3
#define LEASE_OF(place) ((place) / 2)
#endif

/* Special values of a line's chunk; see board.hpp. */
#define JOINING 14
#define NO_CHUNK 15

typedef Word {
    unsigned generation : 2;
    unsigned worker : 2;
    unsigned attempts : 2;
    unsigned kind : 2
};

/* The board. */
unsigned generation : 2;
Word states[CHUNKS];
#ifdef LEASES
typedef Lease {
    unsigned generation : 2;
    unsigned holder : 2;
    unsigned kind : 2
};
Lease leases[(CHUNKS + 1) / 2];
byte asks[WORKERS]; /* of the lines: the lease + 1 */
bool is_leased[WORKERS]; /* of the lines: the chunk was named under a lease */
#endif
byte cursor[PHASES];
byte over[PHASES];
unsigned phase : 2;
unsigned uncertain : 2;
bool stopping;

/* The tallies, and what the lines say of batches: the place of the first chunk + 1, and how many. */
typedef Tally {
    unsigned generation : 2;
    unsigned started : 4; /* starts - base: of the line, really */
    unsigned attempts : 4;
    unsigned undone : 3;
    unsigned chunks : 4;
    unsigned counted : 4;
    unsigned returned : 3;
    unsigned returned_size : 2
};
Tally tally[WORKERS];
typedef Range {
    unsigned first : 3;
    unsigned size : 2
};
Range batch[WORKERS];

/* The control and the lines. */
unsigned open : 2;
bool closing;
byte joined[WORKERS];
byte chunk_of[WORKERS];
byte started_before[WORKERS]; /* the chunk was named */

/* The doorbells. Each party waits on one of them: a worker on `work`, the host on its own. Rung: the
 * word has changed since this party read it. Flagged: the word's sleepers' bit. */
#define HOST WORKERS
#define IMMORTAL WORKERS /* a party beyond the workers */
bool rung[WORKERS + 1];
bool asleep[WORKERS + 1];
bool work_flagged;
bool host_flagged;

/* Life and death. Instead of a step that others can see, a worker may die. To die before a step that
 * only reads is to die before the next one that writes. */
bool dead[WORKERS];
byte deaths;
#ifndef CONDEMNS /* workers that the supervisor condemns, to kill them or to let them go on */
#define CONDEMNS 0
#define STEP(step) \
    if \
    :: step \
    :: atomic { me < WORKERS && deaths < DEATHS -> deaths++; goto died } \
    fi
#else
/* Some moment after its kill a worker dies. */
#define STEP(step) \
    if \
    :: step \
    :: atomic { me < WORKERS && deaths < DEATHS -> deaths++; goto died } \
    :: atomic { me < WORKERS && killed[me] -> goto died } \
    fi
#endif
bool killed[WORKERS + 1];
byte condemned[WORKERS + 1]; /* the place of the chunk + 1 */
byte condemns;

/* What only the laws look at. */
bool rewriting;
byte executing[WORKERS]; /* place + 1 of the claimed chunk */
byte mapping[WORKERS]; /* the same, when its map has started */
byte starts[CHUNKS];
byte commits[CHUNKS];
byte result[CHUNKS]; /* the generation that wrote it */

#define IS_OPEN(place) \
    (states[place].generation < g || \
     (states[place].generation == g && states[place].kind == OPEN))
#define IS_OVER(place) \
    (states[place].generation == generation && \
     (states[place].kind == COMMITTED || (states[place].kind == LOST && may_skip(place))))
#ifdef SKIP
#define may_skip(place) IN_LAST_PHASE(place)
#else
#define may_skip(place) false
#endif

/* Nobody else has the chunk. */
#if WORKERS == 1
#define RUNS_ALONE skip
#else
#define RUNS_ALONE assert(executing[(me + 1) % WORKERS] != place + 1)
#endif

/* Whoever touches the board must be protected from its reuse. */
#define ON_BOARD(g) assert(!rewriting && generation == (g))

/* ---- doorbells ---------------------------------------------------------------------------- */

inline bump_work() {
    d_step {
        for (k : 0 .. WORKERS - 1) {
            rung[k] = true
        }
        k = 0;
        must_wake = work_flagged;
        work_flagged = false
    }
}

inline bump_host() {
    d_step { rung[HOST] = true; must_wake = host_flagged; host_flagged = false }
}

#ifdef FUTEX
/* In full: a flag for sleepers, and a kernel that wakes. A death between the two halves of a ring
 * leaves sleepers without their flag. */

inline wake_workers() {
    d_step {
        for (k : 0 .. WORKERS - 1) {
            asleep[k] = false
        }
        k = 0;
        must_wake = false
    }
}

inline wake_host() {
    d_step { asleep[HOST] = false; must_wake = false }
}

inline ring_work() {
    STEP(bump_work());
    if
    :: must_wake -> STEP(wake_workers())
    :: else
    fi
}

inline ring_host() {
    STEP(bump_host());
    if
    :: must_wake -> STEP(wake_host())
    :: else
    fi
}

/* A burial wakes whether it sees the flag or not. */
inline ring_after_death() {
#ifdef FAULT_BURIAL_TRUSTS_THE_FLAG
    ring_host();
    ring_work();
#else
    bump_host();
    wake_host();
    bump_work();
    wake_workers();
#endif
}

inline wait_for(flagged) {
    do
    :: rung[me] -> break
    :: atomic { !rung[me] -> flagged = true };
       if
       :: rung[me] /* the kernel compares once more */
       :: atomic { !rung[me] -> asleep[me] = true };
          STEP(!asleep[me])
       fi
    od
}

#else /* A bell as it is meant to be. */

inline ring_work() {
    STEP(bump_work())
}

inline ring_host() {
    STEP(bump_host())
}

inline ring_after_death() {
    bump_host();
    bump_work()
}

inline wait_for(flagged) {
    STEP(rung[me])
}
#endif

/* ---- the end of a phase ------------------------------------------------------------------- */

/* The look and the compare-and-swap that follows it. One step: what is over or published stays so,
 * and the look adds it up, so it finds what a look at one moment could find. */
inline move_phase_on() {
    d_step {
        ON_BOARD(g);
        ph = phase;
        if
        :: ph == PHASES
        :: ph < PHASES ->
           is_over = over[ph] == SIZE(ph);
           if
           :: !is_over && uncertain != 0 ->
              sum = 0;
              for (k : 0 .. WORKERS - 1) {
                  sum = sum + (tally[k].generation == g -> tally[k].chunks : 0)
              }
              k = 0;
              is_over = sum == (ph == 0 -> FIRST : CHUNKS);
              sum = 0
           :: else
           fi;
           if
           :: is_over ->
              for (k : 0 .. SIZE(ph) - 1) {
                  assert(IS_OVER(PLACE(ph, k)))
              }
              k = 0;
              ph++;
              phase = ph;
              advanced = true
           :: else
           fi
        fi
    }
}

inline advance_if_over() {
    do
    :: STEP(move_phase_on());
       if
       :: is_over -> is_over = false
       :: else -> break
       fi
    od;
    if
    :: advanced && ph < PHASES -> ring_work()
    :: else
    fi;
#ifndef FAULT_NO_RING_AT_THE_END
    if
    :: ph == PHASES -> ring_host()
    :: else
    fi;
#endif
    ph = 0;
    advanced = false
}

#ifdef LEASES
#define KIND_OF_LEASE(l) (leases[l].generation < g -> NONE : leases[l].kind)
#define HOLDS_LEASE(w, l) \
    (leases[l].generation == g && leases[l].holder == (w) && \
     (leases[l].kind == LEASED || leases[l].kind == ASKED))
#define MAY_CLAIM(place) \
    (KIND_OF_LEASE(LEASE_OF(place)) == SPLIT || HOLDS_LEASE(me, LEASE_OF(place)))
#else
#define MAY_CLAIM(place) true
#endif

/* ---- workers ------------------------------------------------------------------------------ */

/* Takes the chunk. Its map starts: in its phase's time, and not too often. */
inline take() {
    d_step {
        ON_BOARD(g);
        if
        :: states[place].generation < g -> states[place].attempts = 0
        :: else
        fi;
        states[place].generation = g;
        states[place].worker = me;
        states[place].attempts = states[place].attempts + 1;
        states[place].kind = CLAIMED;
        RUNS_ALONE;
        executing[me] = place + 1;
#ifdef COARSE_CHUNKS
        tally[me].started = tally[me].started + 1;
#endif
        starts[place] = starts[place] + 1;
        assert(starts[place] <= MAX_ATTEMPTS);
        if
        :: PHASES == 2 && IN_LAST_PHASE(place) ->
           for (k : 0 .. FIRST - 1) {
               assert(states[k].generation == g && states[k].kind == COMMITTED)
           }
           k = 0
        :: else
        fi
    }
}

inline claim() {
#ifdef FAULT_CLAIM_BY_STORE
    got = IS_OPEN(place);
    if
    :: got -> STEP(take())
    :: else
    fi
#else
#ifdef FAULT_LEAVES_A_CLAIM_THAT_FAILED
    must_wake = IS_OPEN(place); /* what it saw, before the compare-and-swap */
#define SAW_IT_OPEN must_wake
#define SAW_ITS_OWN !must_wake
#else
#define SAW_IT_OPEN true
#define SAW_ITS_OWN true
#endif
    d_step {
        if
        :: SAW_IT_OPEN && IS_OPEN(place) -> got = true; take()
#if defined(LEASES) && !defined(FAULT_DROPS_WHAT_IS_CLAIMED_FOR_IT)
        :: SAW_ITS_OWN && states[place].generation == g && states[place].kind == CLAIMED &&
           states[place].worker == me ->
           got = true;
           RUNS_ALONE;
           executing[me] = place + 1;
#ifdef COARSE_CHUNKS
           tally[me].started = tally[me].started + 1;
#endif
           starts[place] = starts[place] + 1
#endif
        :: else
        fi;
        must_wake = false
    }
#endif
}

/* The map's end, its result's last byte and the commit: what it writes before, a next attempt writes
 * again. */
inline commit() {
    d_step {
        ON_BOARD(g);
#ifdef LEASES
        assert(executing[me] == place + 1);
        if
        :: states[place].generation < g -> states[place].attempts = 1
        :: else
        fi;
        states[place].generation = g;
        states[place].worker = me;
        assert(states[place].attempts > 0);
#else
        assert(states[place].generation == g && states[place].kind == CLAIMED &&
               states[place].worker == me);
#endif
        result[place] = g;
        states[place].kind = COMMITTED;
        commits[place] = commits[place] + 1;
        assert(commits[place] == 1);
        executing[me] = 0;
        mapping[me] = 0
    }
}

inline lose() {
    d_step {
        ON_BOARD(g);
#ifdef LEASES
        if
        :: states[place].generation < g -> states[place].attempts = 1
        :: else
        fi;
        states[place].generation = g;
        states[place].worker = me;
#endif
        states[place].kind = LOST;
        executing[me] = 0;
        mapping[me] = 0;
        must_stop = !may_skip(place)
    }
}

inline map_threw() {
    STEP(lose());
    if
    :: must_stop -> STEP(stopping = true); must_stop = false; counts = false; from = to
    :: else
    fi
}

/* Who was found where it is to be killed starts no other chunk. */
inline start_map() {
#ifdef FAULT_STARTS_WHILE_CONDEMNED
    d_step { assert(!killed[me]); mapping[me] = place + 1 };
#else
    if
    :: atomic { condemned[me] == 0 -> assert(!killed[me]); mapping[me] = place + 1 }
    :: atomic { condemned[me] != 0 && killed[me] -> goto died }
    fi
#endif
}

inline run_map() {
#ifndef COARSE_CHUNKS
    STEP(tally[me].started = tally[me].started + 1);
#endif
#if CONDEMNS > 0
    start_map();
#endif
    if
#ifdef THROWS
    :: map_threw()
#endif
    :: STEP(commit())
    fi;
    got = false
}

inline name() {
    d_step {
        chunk_of[me] = place;
#ifdef LEASES
        is_leased[me] = false;
#endif
        started_before[me] = tally[me].started
    }
}

inline split_if_free() {
    d_step {
        ON_BOARD(g);
        if
        :: KIND_OF_LEASE(LEASE_OF(place)) == NONE ->
           leases[LEASE_OF(place)].generation = g;
           leases[LEASE_OF(place)].holder = 0;
           leases[LEASE_OF(place)].kind = SPLIT
        :: else
        fi
    }
}

inline run_chunk() {
    if
    :: stopping
#ifdef FAULT_NAMED_AFTER_THE_CLAIM
    :: !stopping ->
       STEP(claim());
       STEP(name());
#else
    :: atomic { !stopping -> name() };
#ifdef LEASES
       STEP(split_if_free());
#endif
       if
       :: MAY_CLAIM(place) -> STEP(claim())
       :: else
       fi;
#endif
       if
       :: got -> run_map()
       :: else
       fi
    fi
}

#ifdef LEASES
inline name_leased() {
    d_step {
        ON_BOARD(g);
        chunk_of[me] = place;
        is_leased[me] = true;
        started_before[me] = tally[me].started
    }
}

/* The map of a leased chunk starts. */
inline begin_leased() {
    assert(!killed[me]);
    RUNS_ALONE;
    executing[me] = place + 1;
#if CONDEMNS > 0
    mapping[me] = place + 1;
#endif
    starts[place] = starts[place] + 1;
    assert(starts[place] <= MAX_ATTEMPTS)
}

#ifdef FAULT_LEASES_WHAT_IS_BEGUN
#define IS_NEW(l) (KIND_OF_LEASE(l) == NONE || KIND_OF_LEASE(l) == SPLIT)
#else
#define IS_NEW(l) (KIND_OF_LEASE(l) == NONE)
#endif

inline take_lease() {
    d_step {
        ON_BOARD(g);
        if
#ifdef FAULT_LEASE_BY_STORE
        :: true ->
#else
        :: IS_NEW(LEASE_OF(place)) ->
#endif
           leases[LEASE_OF(place)].generation = g;
           leases[LEASE_OF(place)].holder = me;
           leases[LEASE_OF(place)].kind = LEASED;
           got = true
        :: else
        fi
    }
}

#define IS_UNASKED \
    (leases[LEASE_OF(place)].kind == LEASED && leases[LEASE_OF(place)].holder == me && \
     leases[LEASE_OF(place)].generation == g && condemned[me] == 0 && !stopping)

/* The next chunk is the worker's from its name on, though it may not begin it. */
inline name_next() {
    d_step {
        ON_BOARD(g);
        place++;
        chunk_of[me] = place;
        started_before[me] = started_before[me] + 1
    }
}

inline go_on() {
#ifdef FAULT_LOOKS_BEFORE_IT_NAMES
    got = IS_UNASKED;
    STEP(name_next());
    if
    :: got -> d_step { begin_leased() }
    :: else
    fi
#else
    STEP(name_next());
    if
    :: atomic { IS_UNASKED -> begin_leased() }
    :: atomic { !(IS_UNASKED) -> got = false }
    fi
#endif
}

inline note_starts() {
    STEP(tally[me].started = started_before[me] + 1)
}

/* The two chunks of a lease. One that is not begun is named once more, and claimed. */
inline run_lease() {
    place = PLACE(p, from);
#ifdef FAULT_NAMES_AFTER_THE_LEASE
    STEP(take_lease());
    STEP(name_leased());
#else
    STEP(name_leased());
    STEP(take_lease());
#endif
    if
    :: got ->
#if CONDEMNS > 0
       if
       :: atomic { condemned[me] == 0 -> begin_leased() }
       :: atomic { condemned[me] != 0 && killed[me] -> goto died }
       fi;
#else
       d_step { begin_leased() };
#endif
       from++;
       if
#ifdef THROWS
       :: note_starts(); map_threw()
#endif
       :: STEP(commit());
          go_on();
          if
          :: got ->
             from++;
             if
#ifdef THROWS
             :: note_starts(); map_threw()
#endif
             :: STEP(commit()); note_starts()
             fi
          :: else -> STEP(tally[me].started = started_before[me])
          fi
       fi;
       got = false
    :: else
    fi;
    place = 0
}

#define IS_OF_ANOTHER(l) (KIND_OF_LEASE(l) == LEASED && leases[l].holder != me)

/* Asks another worker for its lease, and splits it. */
inline ask_for_the_lease(l) {
    STEP(asks[me] = l + 1);
#ifdef FAULT_READS_BEFORE_IT_ASKS
    place = chunk_of[leases[l].holder];
#endif
    STEP(d_step {
        if
        :: IS_OF_ANOTHER(l) ->
           leases[l].kind = ASKED;
           whose = leases[l].holder + 1
        :: else
        fi
    });
    if
    :: whose != 0 ->
#ifndef FAULT_READS_BEFORE_IT_ASKS
       place = chunk_of[whose - 1];
#endif
#ifndef FAULT_SPLITS_WITHOUT_A_CLAIM
       if
       :: place < CHUNKS && LEASE_OF(place) == l -> STEP(claim_for())
       :: else
       fi;
#endif
       STEP(d_step {
           if
           :: KIND_OF_LEASE(l) == ASKED -> leases[l].kind = SPLIT; got = true
           :: else
           fi
       })
    :: else
    fi;
    place = 0;
    whose = 0;
    STEP(asks[me] = 0)
}

inline claim_for() {
    d_step {
        ON_BOARD(g);
        if
#ifdef FAULT_CLAIMS_FOR_THE_BURIED
        :: IS_OPEN(place) ->
#else
        :: states[place].generation < g ->
#endif
           states[place].generation = g;
           states[place].worker = whose - 1;
           states[place].attempts = 1;
           states[place].kind = CLAIMED
        :: else
        fi
    }
}
#endif

/* Of the worker's own chunks: those that are not yet counted, and the whole. */
inline publish() {
    ON_BOARD(g);
    tally[me].attempts = tally[me].started;
    tally[me].chunks = tally[me].started - tally[me].undone
}

inline add_to_over() {
    ON_BOARD(g);
    over[p] = over[p] + tally[me].started - tally[me].undone - tally[me].counted;
    counted = over[p]
}

inline count() {
#ifdef FAULT_LOOKS_BEFORE_IT_PUBLISHES
    lost = uncertain;
#endif
#ifdef FAULT_COUNTED_BEFORE_PUBLISHED
    STEP(d_step { add_to_over() });
    STEP(d_step { publish() });
    STEP(tally[me].counted = tally[me].chunks);
#elif defined(COARSE_COUNTS)
    STEP(d_step { publish(); add_to_over(); tally[me].counted = tally[me].chunks });
#else
    STEP(d_step { publish() });
    STEP(d_step { add_to_over() });
    STEP(tally[me].counted = tally[me].chunks);
#endif
#ifndef FAULT_LOOKS_BEFORE_IT_PUBLISHES
    lost = uncertain;
#endif
    if
    :: counted + lost * BATCH >= SIZE(p) ->
       counted = 0;
       lost = 0;
       advance_if_over()
    :: else ->
       counted = 0;
       lost = 0
    fi
}

#ifdef LEASES
#define IS_LEASABLE \
    (!stopping && PLACE(p, from) % 2 == 0 && to - from >= 2 && IS_NEW(LEASE_OF(PLACE(p, from))))
#else
#define IS_LEASABLE false
#endif

inline run_batch() {
    counts = true;
    do
#ifdef LEASES
    :: from < to && IS_LEASABLE -> run_lease()
#endif
    :: from < to && !(IS_LEASABLE) ->
       place = PLACE(p, from);
       from++;
       run_chunk();
       place = 0
    :: else -> break
    od;
    from = 0;
    to = 0;
    ran = true;
    if
    :: counts -> counts = false; count()
    :: else
    fi
}

#define IS_RETURNED(w) \
    (tally[w].generation == g && tally[w].returned > PLACE(p, 0) && \
     tally[w].returned <= PLACE(p, 0) + SIZE(p))

inline look_at_returned(w) {
    whose = w + 1;
    from = tally[w].returned - 1 - PLACE(p, 0);
    to = from + tally[w].returned_size
}

inline look_at_the_cursor() {
    whose = 0;
    from = cursor[p];
    to = (from + BATCH < SIZE(p) -> from + BATCH : SIZE(p))
}

/* What the predecessor left, else from the cursor. Nobody fills the place of a living worker. */
inline look_for_a_batch() {
    d_step {
        ON_BOARD(g);
        if
#ifdef FAULT_LEAVES_THE_PREDECESSORS_FOR_LAST
        :: cursor[p] < SIZE(p) -> look_at_the_cursor()
        :: else ->
           if
           :: IS_RETURNED(me) -> look_at_returned(me)
           :: else
           fi
#else
        :: IS_RETURNED(me) -> look_at_returned(me)
        :: else ->
           if
           :: cursor[p] < SIZE(p) -> look_at_the_cursor()
           :: else
           fi
#endif
        fi
    }
}

#ifdef LEASES /* what else there is to steal is in the other laws */
#define MAY_STEAL got
#else
#define MAY_STEAL true
#endif

/* A thief may find any open chunk, or none although there is one, and then what was returned. */
inline look_at_others() {
    if
#if defined(LEASES) || !defined(COARSE_CHUNKS)
    :: MAY_STEAL && SIZE(p) > 0 && IS_OPEN(PLACE(p, 0)) -> to = 1; is_stolen = true
    :: MAY_STEAL && SIZE(p) > 1 && IS_OPEN(PLACE(p, SIZE(p) - 1)) ->
       from = SIZE(p) - 1;
       to = SIZE(p);
       is_stolen = true
#endif
    :: true ->
       k = 0;
       do
       :: k == WORKERS -> break
       :: else ->
          d_step {
              ON_BOARD(g);
              if
              :: IS_RETURNED(k) -> look_at_returned(k)
              :: else
              fi
          };
          if
          :: to > 0 -> break
          :: else -> k++
          fi
       od;
       k = 0
    fi
}

inline announce() {
    batch[me].first = PLACE(p, from) + 1;
    batch[me].size = to - from
}

/* The compare-and-swap on the cursor, or on the place of what was returned. */
inline take_batch() {
    ON_BOARD(g);
    if
    :: whose == 0 && cursor[p] == from -> cursor[p] = to
    :: whose != 0 && tally[whose - 1].returned == PLACE(p, from) + 1 ->
       tally[whose - 1].returned = 0;
       tally[whose - 1].returned_size = 0
    :: else -> from = 0; to = 0
    fi;
    whose = 0
}

inline announce_and_take() {
#ifdef FAULT_TAKES_BEFORE_IT_ANNOUNCES
    STEP(d_step { take_batch() });
    if
    :: to > 0 -> STEP(d_step { announce() })
    :: else
    fi
#elif defined(COARSE_CHUNKS)
    STEP(d_step { announce(); take_batch() })
#else
    STEP(d_step { announce() });
    STEP(d_step { take_batch() })
#endif
}

inline next_batch() {
    do
    :: look_for_a_batch();
       if
       :: to == 0 -> break
       :: else -> announce_and_take()
       fi;
       if
       :: to > 0 -> break
       :: else
       fi
    od;
    if
    :: to > 0
    :: else ->
#ifdef LEASES
       if
       :: true
       :: p < PHASES && IS_OF_ANOTHER(0) -> ask_for_the_lease(0)
#if CHUNKS > 2
       :: p < PHASES && IS_OF_ANOTHER(1) -> ask_for_the_lease(1)
#endif
       fi;
#endif
       look_at_others();
       got = false;
       if
       :: is_stolen -> is_stolen = false; STEP(d_step { announce() })
       :: else ->
          if
          :: to > 0 -> announce_and_take()
          :: else
          fi
       fi
    fi
}

inline run_board() {
    do
    :: d_step { ON_BOARD(g); p = (stopping -> PHASES : phase) };
       if
       :: p < PHASES -> next_batch()
       :: else
       fi;
       if
       :: to > 0 -> run_batch()
#ifdef TURNS
          ;
          if
          :: break /* the turn is over, and another board is open */
          :: true
          fi
#endif
       :: else ->
          if
          :: p == PHASES -> break
          :: else ->
             if
             :: phase == p -> break
             :: else
             fi
          fi
       fi
    od;
    p = 0
}

inline leave() {
    STEP(d_step { joined[me] = 0; chunk_of[me] = 0; started_before[me] = 0; batch[me].first = 0; batch[me].size = 0
#ifdef LEASES
           ; is_leased[me] = false
#endif
    });
#if CONDEMNS > 0
    if
    :: condemned[me] == 0
    :: atomic { condemned[me] != 0 && killed[me] -> goto died }
    fi;
#endif
#ifndef FAULT_LEAVES_WITHOUT_RING
    if
    :: open != g || stopping -> ring_host()
    :: else
    fi;
#endif
    g = 0
}

/* The first one of its number that comes to the job. */
inline begin_tally() {
    if
    :: tally[me].generation != g ->
       tally[me].generation = g;
       tally[me].attempts = 0;
       tally[me].undone = 0;
       tally[me].chunks = 0;
       tally[me].counted = 0;
       tally[me].returned = 0;
       tally[me].returned_size = 0
    :: else
    fi;
    tally[me].started = tally[me].attempts;
    chunk_of[me] = NO_CHUNK
}

/* The join is the look at `open` between the two stores. */
inline work_on_board() {
    STEP(d_step { chunk_of[me] = JOINING; joined[me] = g });
    if
#ifdef FAULT_NO_LOOK_AFTER_JOIN
    :: true ->
#else
    :: open != g
    :: open == g ->
#endif
       STEP(d_step { begin_tally() });
       run_board()
    fi;
    leave()
}

proctype Worker(byte me) {
    unsigned g : 2, p : 2, ph : 2, k : 3, place : 3, from : 3, to : 3;
    unsigned counted : 3, lost : 2, sum : 4, whose : 2;
    bool got, must_stop, ran, must_wake, is_over, advanced, counts, is_stolen;
born:
    do
    :: closing -> break
#ifdef FAULT_READS_THE_BELL_LATE
    :: !closing ->
#else
    :: atomic { !closing -> rung[me] = false }; /* seen = work.value() */
#endif
       g = open;
       if
       :: g != 0 -> work_on_board()
       :: else
       fi;
#ifdef FAULT_READS_THE_BELL_LATE
       rung[me] = false;
#endif
       if
#ifndef FAULT_SLEEPS_AFTER_ITS_TURN
       :: ran -> ran = false
#endif
       :: else ->
          if
          :: closing
          :: else -> wait_for(work_flagged)
          fi
       fi
    od;
    goto at_end;
died:
    atomic {
        g = 0; p = 0; ph = 0; k = 0; place = 0; from = 0; to = 0;
        counted = 0; lost = 0; sum = 0; whose = 0; counts = false;
        is_stolen = false;
        got = false; must_stop = false; ran = false; must_wake = false;
        is_over = false; advanced = false;
        asleep[me] = false;
        dead[me] = true
    };
    !dead[me];
    goto born;
at_end:
    skip
}

/* ---- burial ------------------------------------------------------------------------------- */

inline release() {
    d_step {
        ON_BOARD(g);
        assert(states[place].kind != COMMITTED);
        assert(condemned[w] == 0 || condemned[w] == place + 1);
#ifdef LEASES /* or it was about to, and nobody else was */
        assert(executing[w] == place + 1 || (executing[w] == 0 && chunk_of[w] == place));
#else
        assert(executing[w] == place + 1);
#endif
        executing[w] = 0;
#ifndef FAULT_FORGETS_AN_UNNOTED_START
        tally[w].started = started_before[w] + 1;
#endif
#ifdef FAULT_NO_LIMIT
        states[place].kind = OPEN;
#else
        states[place].kind = (states[place].attempts < MAX_ATTEMPTS -> OPEN : LOST);
        must_stop = states[place].kind == LOST && !may_skip(place);
#endif
#ifndef FAULT_COUNTS_WHAT_IT_OPENS
        if
        :: states[place].kind == OPEN -> tally[w].undone = tally[w].undone + 1
        :: else
        fi
#endif
    }
}

inline take_back_claim() {
    d_step {
        ON_BOARD(g);
        tally[w].started = started_before[w];
        executing[w] = 0;
#ifdef LEASES
        if
        :: is_unbegun || is_leased[w]
        :: else -> starts[place] = starts[place] - 1
        fi;
        is_unbegun = false;
#else
        starts[place] = starts[place] - 1;
#endif
        states[place].attempts = states[place].attempts - 1;
        states[place].kind = OPEN
    }
}

inline return_batch() {
    d_step {
        ON_BOARD(g);
        if
#ifdef FAULT_RETURNS_NO_BATCH
        :: false ->
#else
        :: batch[w].first != 0 ->
#endif
           tally[w].returned = batch[w].first;
           tally[w].returned_size = batch[w].size
        :: else
        fi
    }
}

inline count_for() {
#if !defined(FAULT_NOT_ANNOUNCED) && !defined(FAULT_ANNOUNCED_LATE)
    d_step {
        ON_BOARD(g);
        if
        :: tally[w].chunks != tally[w].counted -> uncertain++
        :: else
        fi
    };
#endif
    d_step {
        ON_BOARD(g);
#ifdef FAULT_COUNTS_AGAIN
        sum = tally[w].started - tally[w].undone - tally[w].counted;
#else
        sum = tally[w].started - tally[w].undone - tally[w].chunks;
#endif
        tally[w].attempts = tally[w].started;
        tally[w].chunks = tally[w].started - tally[w].undone
    };
    d_step {
        if
        :: sum != 0 -> over[phase] = over[phase] + sum; sum = 0
        :: else
        fi;
#ifdef FAULT_ANNOUNCED_LATE
        was_uncertain = tally[w].chunks != tally[w].counted;
#endif
        tally[w].counted = tally[w].chunks
    }
}

#ifdef LEASES
inline look_at_lease() {
    d_step {
        ON_BOARD(g);
        holds = chunk_of[w] < CHUNKS && HOLDS_LEASE(w, LEASE_OF(chunk_of[w]))
    }
}

inline end_lease() {
    d_step {
        ON_BOARD(g);
        if
        :: holds && HOLDS_LEASE(w, LEASE_OF(chunk_of[w])) ->
           leases[LEASE_OF(chunk_of[w])].kind = SPLIT
        :: else
        fi;
        holds = false
    }
}

inline give_up_asking() {
    d_step {
        ON_BOARD(g);
        if
        :: asks[w] != 0 && KIND_OF_LEASE(asks[w] - 1) == ASKED -> leases[asks[w] - 1].kind = LEASED
        :: else
        fi
    }
}
#endif

inline bury_on() {
#ifdef LEASES
    look_at_lease();
#endif
    d_step {
        ON_BOARD(g);
        if
#ifdef FAULT_BLAMES_WHAT_THE_LINE_NAMES
        :: chunk_of[w] < CHUNKS -> had_chunk = true
#else
        :: chunk_of[w] < CHUNKS && states[chunk_of[w]].generation == g &&
           states[chunk_of[w]].kind == CLAIMED && states[chunk_of[w]].worker == w ->
           had_chunk = true
#endif
#ifdef LEASES
#ifdef FAULT_LEAVES_WHAT_WAS_NOT_BEGUN
        :: chunk_of[w] < CHUNKS && states[chunk_of[w]].generation < g && holds && is_leased[w] ->
#else
        :: chunk_of[w] < CHUNKS && states[chunk_of[w]].generation < g && holds ->
#endif
           had_chunk = is_leased[w];
           is_unbegun = !had_chunk;
           states[chunk_of[w]].generation = g;
           states[chunk_of[w]].worker = w;
           states[chunk_of[w]].attempts = 1;
           states[chunk_of[w]].kind = CLAIMED
#endif
        :: else -> assert(executing[w] == 0)
        fi;
#if defined(LEASES) && !defined(FAULT_FORGETS_THE_LAST_OF_A_LEASE)
        if
        :: !had_chunk && chunk_of[w] < CHUNKS && is_leased[w] ->
           tally[w].started = started_before[w] +
                              (states[chunk_of[w]].generation == g &&
                               states[chunk_of[w]].worker == w -> 1 : 0)
        :: else
        fi;
#endif
#ifndef FAULT_FORGETS_AN_EXCEPTION
        if
        :: chunk_of[w] < CHUNKS && states[chunk_of[w]].generation == g &&
           states[chunk_of[w]].kind == LOST && states[chunk_of[w]].worker == w ->
           must_stop = !may_skip(chunk_of[w])
        :: else
        fi
#endif
    };
#ifdef FAULT_RETURNS_BEFORE_IT_OPENS
    return_batch();
#endif
    if
#ifdef LEASES
    :: is_unbegun ->
       place = chunk_of[w];
       take_back_claim();
       place = 0
#endif
#ifndef FAULT_BLAMES_WHAT_DID_NOT_START
    :: had_chunk && condemned[w] != 0 && condemned[w] != chunk_of[w] + 1 ->
       had_chunk = false;
       place = chunk_of[w];
       take_back_claim();
       place = 0
    :: had_chunk && (condemned[w] == 0 || condemned[w] == chunk_of[w] + 1) ->
#else
    :: had_chunk ->
#endif
       had_chunk = false;
       place = chunk_of[w];
       release();
       place = 0
    :: !had_chunk && !is_unbegun
    fi;
#ifdef LEASES
    end_lease();
    give_up_asking();
#endif
#ifndef FAULT_RETURNS_BEFORE_IT_OPENS
    return_batch();
#endif
    if
    :: must_stop -> must_stop = false; stopping = true
    :: else -> count_for()
    fi;
    advance_if_over()
#ifdef FAULT_ANNOUNCED_LATE
    ; uncertain = uncertain + was_uncertain
#endif
}

inline bury() {
    g = joined[w];
    if
#ifdef FAULT_BURIES_ON_A_LATE_JOIN
    :: g != 0 && generation == g -> bury_on()
#else
    :: g != 0 && chunk_of[w] != JOINING -> bury_on()
#endif
    :: else
    fi;
    joined[w] = 0;
#ifndef FAULT_NO_RING_AT_BURIAL
    ring_after_death();
#endif
    g = 0
}

inline reap() {
    bury();
    d_step {
        executing[w] = 0;
        mapping[w] = 0;
        chunk_of[w] = 0;
        started_before[w] = 0;
#ifdef LEASES
        is_leased[w] = false;
        asks[w] = 0;
#endif
        batch[w].first = 0;
        batch[w].size = 0;
        condemned[w] = 0;
        killed[w] = false;
        dead[w] = false;
        w = 0
    }
}

/* A chunk seems late. What `doing` is made of is read at one time, and looked at again. */
inline condemn(worker) {
    atomic {
#ifndef FAULT_CONDEMNS_AGAIN
        condemned[worker] == 0 &&
#endif
        condemns < CONDEMNS && !dead[worker] && joined[worker] != 0 && chunk_of[worker] < CHUNKS ->
        condemns++;
        was_doing = chunk_of[worker];
        was_started = started_before[worker]
    };
#ifdef FAULT_LOOKS_BEFORE_IT_CONDEMNS
    seems_there = chunk_of[worker] == was_doing && started_before[worker] == was_started;
    condemned[worker] = was_doing + 1;
#else
    condemned[worker] = was_doing + 1;
    seems_there = chunk_of[worker] == was_doing && started_before[worker] == was_started &&
                  joined[worker] != 0;
#endif
    if
    :: seems_there ->
       d_step {
           killed[worker] = true;
           assert(mapping[worker] == 0 || mapping[worker] == was_doing + 1)
       }
    :: else -> condemned[worker] = 0
    fi;
    d_step { seems_there = false; was_doing = 0; was_started = 0 }
}

active proctype Supervisor() {
#if CONDEMNS > 0
    unsigned was_doing : 4, was_started : 4;
    bool seems_there;
#endif
    unsigned g : 2, w : 2, ph : 2, k : 3;
    unsigned place : 4, sum : 4;
    bool had_chunk, holds, is_unbegun, must_stop, must_wake, is_over, advanced, was_uncertain;
    byte me = IMMORTAL;
died: /* never reached, but the steps name it */
end:
    do
    :: dead[0] -> w = 0; reap()
#if CONDEMNS > 0
    :: condemn(0)
#endif
#if WORKERS > 1
    :: dead[1] -> w = 1; reap()
#endif
#if WORKERS > 2
    :: dead[2] -> w = 2; reap()
#endif
    od
}

/* ---- the host ----------------------------------------------------------------------------- */

/* Not one step: a worker may come or go between two lines. */
inline wait_until_free() {
    do
#ifndef FAULT_REUSES_WITHOUT_LOOKING
    :: w < WORKERS -> generation == 0 || joined[w] != generation; w++
#endif
    :: else -> break
    od;
    w = 0
}

/* The generation first, then the frame, then the phase: the order of BoardStorage::prepare(). */
inline prepare() {
    d_step {
        rewriting = true;
        g++;
        generation = g
    };
    d_step {
        for (k : 0 .. PHASES - 1) {
            cursor[k] = 0;
            over[k] = 0
        }
        k = 0
    };
    d_step {
        phase = 0;
        uncertain = 0;
        stopping = false;
        for (k : 0 .. CHUNKS - 1) {
            starts[k] = 0;
            commits[k] = 0
        }
        k = 0;
        rewriting = false
    }
}

inline wait_for_end() {
    do
    :: true ->
       rung[HOST] = false;
       if
       :: phase == PHASES -> complete = true; break
       :: else
       fi;
       if
       :: stopping -> break
       :: else
       fi;
       if
#ifdef STOPS
       :: cancelled = true; break
#endif
       :: wait_for(host_flagged)
       fi
    od
}

inline wait_until_quiet() {
    do
    :: true ->
       rung[HOST] = false;
       w = 0;
       do
       :: w < WORKERS && joined[w] != generation -> w++
       :: else -> break
       od;
       if
       :: w == WORKERS -> break
       :: else -> wait_for(host_flagged)
       fi
    od;
    w = 0
}

inline fold() {
    d_step {
        for (k : 0 .. CHUNKS - 1) {
            assert(IS_OVER(k));
            assert(states[k].kind == LOST || (commits[k] == 1 && result[k] == generation))
        }
        sum = 0;
        for (k : 0 .. WORKERS - 1) {
            sum = sum + (tally[k].generation == generation -> tally[k].chunks : 0)
        }
        assert(sum == CHUNKS);
        sum = 0;
        k = 0
    }
}

inline explain_failure() {
    d_step {
        for (k : 0 .. CHUNKS - 1) {
            one_is_lost = one_is_lost ||
                          (states[k].generation == generation && states[k].kind == LOST)
        }
        k = 0;
        assert(one_is_lost);
        one_is_lost = false
    }
}

init {
    unsigned g : 2, w : 2, ph : 2, k : 3, sum : 4;
    bool complete, cancelled, one_is_lost, must_wake, is_over, advanced;
    byte me = HOST;
    atomic {
        for (w : 0 .. WORKERS - 1) {
            run Worker(w)
        }
        w = 0
    }
    do
    :: g < JOBS ->
       wait_until_free();
       prepare();
       open = g;
#if FIRST == 0
       advance_if_over(); /* the real host always does; only here it finds something */
#endif
       ring_work();
       wait_for_end();
       if
       :: complete -> open = 0
       :: else ->
          stopping = true;
          open = 0;
          wait_until_quiet()
       fi;
       if
       :: complete -> fold()
       :: cancelled
       :: else -> explain_failure()
       fi;
       d_step { complete = false; cancelled = false }
    :: else -> break
    od;
    closing = true;
    ring_work();
died: /* never reached */
    skip
}
