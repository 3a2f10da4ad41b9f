/* The ring of a Queue, whose writers and readers may die at any step
 * (shm/include/pinfold/shm/parties/message_ring.hpp). check.sh runs it.
 *
 *      Writer ──► slots, tail ──► Reader ──► head          Closer ──► closed
 *         └────────── named in a seat, and asleep on a bell ───┘
 *                               ▲
 *                             Burier
 *
 * What each part of the model stands for, in message_ring.cpp where no other file is named:
 *      Writer           claim_to_write(), try_to_write(), publish(), undo()
 *      Reader           claim_to_read(), try_to_read(), first_full(), settle(), put_back()
 *      Closer           close()
 *      free_slot        free_slot()
 *      wake_sleepers    named_sleep.hpp: wake_sleepers(); doorbell.hpp: ring_for(1), ring()
 *      no_room, nothing wait_for(); named_sleep.hpp: NamedSleep
 *      Burier           seat_burial.cpp: bury_seat(); bury()
 *
 * WRITERS put PUTS messages each into SLOTS slots, READERS take what there is until the ring is closed and
 * empty, or GETS messages, and CLOSERS close it at any moment. FILLED: it is full at first. MAY_UNDO: a
 * writer takes back what it has begun. MAY_PUT_BACK: the first reader puts a message back, once.
 * MAY_GIVE_UP: a waiter's time may be over whenever it would sleep. DEATHS parties die at any step:
 * between claim and message, half through a message, between the change of a slot and the ring, asleep,
 * woken. A burier that was told of the death undoes it. RESTARTS burials are cut off at any step and
 * begun anew. ORDERLY: only writers die, and nothing is put back.
 *
 * The laws:
 *   - a slot is in the hands of one at a time;
 *   - a message is whole when it is read, or never was;
 *   - it goes to exactly one reader whose get returns, or stays in the ring;
 *   - when nobody moves any more, no reader sleeps beside a message, no writer beside room, and nobody
 *     when the ring is closed;
 *   - what a reader found closed and empty stays so;
 *   - no slot speaks of a party after its burial; each slot comes back;
 *   - ORDERLY: nobody takes a writer's message while an earlier one of it is there.
 *
 * Each step is one access to shared memory, or one system call. But a look at the hint that a party
 * starts from is one step with the look at whether the ring is closed, and what it notes in its seat
 * one with the look before: nobody else reads that while it lives. Steps are sequentially consistent:
 * see owner.pml for the fences. Of a bell's value the model knows who has seen it as it is: those
 * `armed`. Blocks of long messages are not here: crash points go through them, and heap.pml.
 *
 * FAULT_x breaks one rule each, and must be found.
 */

#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef READERS
#define READERS 1
#endif
#ifndef CLOSERS
#define CLOSERS 0
#endif
#ifndef PUTS
#define PUTS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef RESTARTS
#define RESTARTS 0
#endif
#ifndef GETS
#define GETS 255
#endif
#define PARTIES (WRITERS + READERS + CLOSERS)
#define NOBODY PARTIES

#ifdef ORDERLY
#define MORTAL(party) (party < WRITERS)
#else
#define MORTAL(party) true
#endif

#define FREE 0
#define WRITING 1
#define FULL 2
#define READING 3

#define NONE 255 /* no position */

typedef Slot {
    byte kind;
    byte lap;
    byte owner = NOBODY;
    byte message; /* of all writers', one after the other */
    bool whole;
};
Slot slots[SLOTS];
bool is_closed;
byte tail; /* hints: positions, from 0 */
byte head;

#define SLOT(position) slots[(position) % SLOTS]
#define BIT(position) (1 << SLOT(position).message)
#define LAP(position) ((position) / SLOTS)
/* Behind the last claim that the slot at `position` tells of. */
#define NEXT_TO_WRITE(position)                                                                    \
    ((SLOT(position).lap - (SLOT(position).kind == FREE -> 1 : 0)) * SLOTS + (position) % SLOTS + 1)

#define NOT_EMPTY 0 /* the bells */
#define NOT_FULL 1
bit sleeping[2];  /* the sleepers' bit */
byte armed[2];    /* a bit for each who prepared, and saw no ring since */
byte asleep[2];   /* the kernel's queue */
#define ME (1 << me)

bool named[PARTIES]; /* the seats */
byte part[PARTIES];
bool sleeps_on[PARTIES];

bool dead[PARTIES]; /* not buried yet */
byte deaths_left = DEATHS;
byte restarts_left = RESTARTS;

byte claims;    /* of writers, so far */
byte published; /* a bit for each message */
byte taken;     /* by a get that returned, or whose caller died behind that */
byte ended;     /* how many parties are at their end, or buried */
bool drained;   /* a reader was told that it is closed and empty */

inline may_die() {
    if
    :: is_party && deaths_left > 0 && MORTAL(me) -> deaths_left--; dead[me] = true; goto died
    :: !is_party && restarts_left > 0 -> restarts_left--; goto cut_off
    :: true
    fi
}

inline wake_one(bell) {
    if
    :: asleep[bell] & 1 -> asleep[bell] = asleep[bell] & ~1
    :: asleep[bell] & 2 -> asleep[bell] = asleep[bell] & ~2
    :: asleep[bell] & 4 -> asleep[bell] = asleep[bell] & ~4
    :: asleep[bell] & 8 -> asleep[bell] = asleep[bell] & ~8
    :: else
    fi
}

inline ring(bell) {
    atomic { may_die(); had = sleeping[bell]; sleeping[bell] = 0; armed[bell] = 0 };
    if
    :: had -> atomic { may_die(); had = false; asleep[bell] = 0 }
    :: else
    fi
}

/* Rings for all, also where a dead one took the bit. */
inline ring_after_death(bell) {
    atomic { may_die(); armed[bell] = 0 };
    atomic { may_die(); asleep[bell] = 0 }
}

inline wake_sleepers(bell) {
    atomic { may_die(); had = sleeping[bell] };
    if
    :: had ->
        atomic { may_die(); had = sleeping[bell]; armed[bell] = 0 };
        if
        :: had ->
            atomic { may_die(); had = asleep[bell] == 0; wake_one(bell) };
            if
            :: had -> had = false; ring(bell)
            :: else
            fi
        :: else
        fi
    :: else
    fi
}

/* Whoever has it in its hands makes it free for the next lap. */
inline free_slot() {
#ifndef FAULT_FREES_WITHOUT_RING
    wake_sleepers(NOT_FULL);
#endif
#ifndef FAULT_TELLS_NOBODY_OF_A_CLOSED_RING
    atomic { may_die(); had = is_closed };
    if
    :: had -> had = false; ring(NOT_EMPTY)
    :: else
    fi
#endif
}

inline forget() {
    atomic { may_die(); named[me] = false }
}

proctype Writer(byte me) {
    bool is_party = true;
    byte puts;
    byte at;
    bool prepared;   /* has named the bell, and set the bit */
    bool has_waited;
    bool had;
next:
#ifndef FAULT_NAMES_AFTER_THE_CLAIM
    atomic { may_die(); named[me] = true };
#endif
look:
    atomic {
        may_die();
        if
        :: is_closed -> goto refused
        :: else -> at = tail
        fi
    };
go_on:
    atomic {
        may_die();
        if
        :: SLOT(at).lap < LAP(at) -> goto no_room
        :: SLOT(at).lap > LAP(at) || (SLOT(at).lap == LAP(at) && SLOT(at).kind != FREE) ->
            at = NEXT_TO_WRITE(at);
            goto go_on
        :: else ->
#ifndef FAULT_NOTES_THE_SLOT_AFTER_THE_CLAIM
            part[me] = at % SLOTS
#endif
        fi
    };
    atomic {
        may_die();
#ifndef FAULT_CLAIMS_BY_STORE
        if
        :: SLOT(at).kind == FREE && SLOT(at).lap == LAP(at)
        :: else -> goto go_on
        fi;
#endif
        SLOT(at).kind = WRITING;
        SLOT(at).owner = me;
        claims++;
        goto claimed
    };

no_room:
    has_waited = true;
    if
    :: !prepared -> atomic { may_die(); sleeps_on[me] = true; prepared = true }
    :: else ->
#ifdef MAY_GIVE_UP
        if
        :: goto refused
        :: true
        fi;
#endif
#ifdef FAULT_LOOKS_BEFORE_IT_PREPARES
        atomic { sleeping[NOT_FULL] = 1; armed[NOT_FULL] = armed[NOT_FULL] | ME };
#endif
        atomic {
            may_die();
            if
            :: armed[NOT_FULL] & ME -> asleep[NOT_FULL] = asleep[NOT_FULL] | ME
            :: else
            fi
        };
        if
        :: atomic { deaths_left > 0 && MORTAL(me) && (asleep[NOT_FULL] & ME) ->
            asleep[NOT_FULL] = asleep[NOT_FULL] & ~ME; deaths_left--; dead[me] = true; goto died }
        :: !(asleep[NOT_FULL] & ME)
        fi
    fi;
    atomic {
        may_die();
#ifndef FAULT_LOOKS_BEFORE_IT_PREPARES
        sleeping[NOT_FULL] = 1;
        armed[NOT_FULL] = armed[NOT_FULL] | ME
#endif
    };
    goto look;

claimed:
#ifdef FAULT_NAMES_AFTER_THE_CLAIM
    atomic { may_die(); named[me] = true };
#endif
#ifdef FAULT_NOTES_THE_SLOT_AFTER_THE_CLAIM
    atomic { may_die(); part[me] = at % SLOTS };
#endif
    atomic { may_die(); tail = at + 1 };
    if
    :: prepared -> atomic { may_die(); sleeps_on[me] = false; prepared = false }
    :: else
    fi;
#ifndef FAULT_DOES_NOT_LOOK_AGAIN_WHETHER_IT_IS_CLOSED
    atomic {
        may_die();
        if
        :: is_closed -> goto undo
        :: else
        fi
    };
#endif
    if
    :: has_waited ->
#ifndef FAULT_WAKES_NO_NEXT_WRITER
        atomic { may_die(); had = SLOT(at + 1).kind == FREE };
        if
        :: had -> had = false; wake_sleepers(NOT_FULL)
        :: else
        fi;
#endif
        has_waited = false
    :: else
    fi;
    atomic {
        may_die();
        assert(SLOT(at).kind == WRITING && SLOT(at).owner == me);
        SLOT(at).whole = false;
        SLOT(at).message = me * PUTS + puts
    };
#ifdef MAY_UNDO
    if
    :: goto undo
    :: true
    fi;
#endif
#ifdef FAULT_PUBLISHES_BEFORE_IT_HAS_WRITTEN
    atomic { may_die(); SLOT(at).kind = FULL; published = published | BIT(at) };
    atomic { may_die(); SLOT(at).whole = true };
#else
    atomic { may_die(); SLOT(at).whole = true };
    atomic {
        may_die();
        assert(SLOT(at).kind == WRITING && SLOT(at).owner == me);
        assert(!drained);
        SLOT(at).kind = FULL;
        SLOT(at).owner = NOBODY;
        published = published | BIT(at)
    };
#endif
#ifdef FAULT_FORGETS_BEFORE_IT_RINGS
    forget();
    wake_sleepers(NOT_EMPTY);
#else
#ifndef FAULT_PUBLISHES_WITHOUT_RING
    wake_sleepers(NOT_EMPTY);
#endif
    forget();
#endif
    goto one_more;

undo:
    atomic {
        may_die();
        assert(SLOT(at).kind == WRITING && SLOT(at).owner == me);
        SLOT(at).kind = FREE;
        SLOT(at).lap = SLOT(at).lap + 1;
        SLOT(at).owner = NOBODY
    };
    free_slot();
    forget();
one_more:
    atomic { at = 0; has_waited = false; had = false; puts++ };
    if
    :: puts < PUTS -> goto next
    :: else -> goto at_its_end
    fi;
refused:
    if
    :: prepared -> atomic { may_die(); sleeps_on[me] = false }
    :: else
    fi;
    forget();
at_its_end:
    ended++;
died:
cut_off:
    skip
}


proctype Reader(byte me) {
    bool is_party = true;
    byte at;
    byte start;     /* the hint */
    byte again;
    byte unsettled = NONE; /* the first of those passed over */
    byte unwritten = NONE;
    bool sees_closed;
    bool prepared;
    bool may_put_back = me == WRITERS;
    byte gets = GETS;
    bool had;
next:
#ifndef FAULT_NAMES_AFTER_THE_CLAIM
    atomic { may_die(); named[me] = true };
#endif
look:
    atomic {
        may_die();
        sees_closed = is_closed;
        start = head;
        at = head;
        unsettled = NONE;
        unwritten = NONE
    };
go_on:
    atomic {
        may_die();
        if
        :: SLOT(at).lap > LAP(at) ->
            /* Behind it, or behind what lies more than a lap before the last claim. */
            again = NEXT_TO_WRITE(at);
            at = (again > at + 1 + SLOTS -> again - SLOTS : at + 1);
            again = 0;
            goto go_on
        :: SLOT(at).lap < LAP(at) || (SLOT(at).lap == LAP(at) && SLOT(at).kind == FREE) ->
#ifdef FAULT_LOOKS_LATE_WHETHER_IT_IS_CLOSED
            goto look_late
#endif
            if
#ifdef FAULT_AWAITS_NOTHING_FROM_OTHERS
            :: sees_closed -> drained = true; goto refused
#else
            :: sees_closed && unsettled == NONE -> drained = true; goto refused
#endif
            :: else -> goto nothing
            fi
        :: SLOT(at).lap == LAP(at) && (SLOT(at).kind == WRITING || SLOT(at).kind == READING) ->
            unsettled = (unsettled == NONE -> at : unsettled);
            unwritten = (unwritten == NONE && SLOT(at).kind == WRITING -> at : unwritten);
            at++;
            goto go_on
        :: else ->
            again = (unwritten == NONE -> at : unwritten)
        fi
    };
#ifdef FAULT_DOES_NOT_LOOK_AGAIN_AT_WHAT_WAS_WRITTEN
    again = at;
#endif
    do
    :: again < at ->
        atomic {
            may_die();
            if
            :: SLOT(again).kind == FULL && SLOT(again).lap == LAP(again) ->
                at = again;
                again = 0;
                goto go_on
            :: else -> again++
            fi
        }
    :: else -> break
    od;
    again = 0;
    atomic { may_die(); part[me] = at % SLOTS };
    atomic {
        may_die();
        if
        :: SLOT(at).kind == FULL && SLOT(at).lap == LAP(at)
        :: else -> goto go_on
        fi;
        SLOT(at).kind = READING;
        SLOT(at).owner = me;
#ifdef ORDERLY
        do
        :: again < SLOTS ->
            assert(!(slots[again].kind == FULL && slots[again].message < SLOT(at).message &&
                     slots[again].message / PUTS == SLOT(at).message / PUTS));
            again++
        :: else -> break
        od;
        again = 0;
#endif
        goto claimed
    };

#ifdef FAULT_LOOKS_LATE_WHETHER_IT_IS_CLOSED
look_late:
    atomic {
        may_die();
        if
        :: is_closed && unsettled == NONE -> drained = true; goto refused
        :: else
        fi
    };
#endif
nothing:
    if
    :: !prepared -> atomic { may_die(); sleeps_on[me] = true; prepared = true }
    :: else ->
#ifdef MAY_GIVE_UP
        if
        :: goto refused
        :: true
        fi;
#endif
#ifdef FAULT_LOOKS_BEFORE_IT_PREPARES
        atomic { sleeping[NOT_EMPTY] = 1; armed[NOT_EMPTY] = armed[NOT_EMPTY] | ME };
#endif
        atomic {
            may_die();
            if
            :: armed[NOT_EMPTY] & ME -> asleep[NOT_EMPTY] = asleep[NOT_EMPTY] | ME
            :: else
            fi
        };
        if
        :: atomic { deaths_left > 0 && MORTAL(me) && (asleep[NOT_EMPTY] & ME) ->
            asleep[NOT_EMPTY] = asleep[NOT_EMPTY] & ~ME; deaths_left--; dead[me] = true; goto died }
        :: !(asleep[NOT_EMPTY] & ME)
        fi
    fi;
    atomic {
        may_die();
#ifndef FAULT_LOOKS_BEFORE_IT_PREPARES
        sleeping[NOT_EMPTY] = 1;
        armed[NOT_EMPTY] = armed[NOT_EMPTY] | ME
#endif
    };
    goto look;

claimed:
#ifdef FAULT_NAMES_AFTER_THE_CLAIM
    atomic { may_die(); named[me] = true };
#endif
    if
    :: unsettled != NONE && start < unsettled -> atomic { may_die(); head = unsettled }
    :: else
    fi;
    atomic { start = 0; unwritten = NONE; sees_closed = false };
    if
    :: prepared -> atomic { may_die(); sleeps_on[me] = false; prepared = false }
    :: else
    fi;
    atomic {
        may_die();
        assert(SLOT(at).kind == READING && SLOT(at).owner == me);
        assert(SLOT(at).whole)
    };
#ifdef MAY_PUT_BACK
    if
    :: may_put_back ->
        may_put_back = false;
        atomic {
            may_die();
            assert(SLOT(at).kind == READING && SLOT(at).owner == me);
            assert(!drained);
            SLOT(at).kind = FULL;
            SLOT(at).owner = NOBODY
        };
#ifndef FAULT_PUTS_BACK_WITHOUT_RING
        wake_sleepers(NOT_EMPTY);
#endif
        forget();
        goto one_more
    :: true
    fi;
#endif
    atomic {
        may_die();
        assert(SLOT(at).kind == READING && SLOT(at).owner == me);
        assert((published & BIT(at)) && !(taken & BIT(at)));
        taken = taken | BIT(at);
        SLOT(at).kind = FREE;
        SLOT(at).lap = SLOT(at).lap + 1;
        SLOT(at).owner = NOBODY
    };
    free_slot();
#ifndef FAULT_THE_HINT_PASSES_WHAT_OTHERS_READ
    if
    :: unsettled == NONE -> atomic { may_die(); head = at + 1 }
    :: else
    fi;
#else
    atomic { may_die(); head = at + 1 };
#endif
    forget();
one_more:
    atomic { at = 0; unsettled = NONE; had = false; gets = gets - (GETS == 255 -> 0 : 1) };
    if
    :: gets > 0 -> goto next
    :: else -> goto at_its_end
    fi;

refused:
    if
    :: prepared -> atomic { may_die(); sleeps_on[me] = false }
    :: else
    fi;
    forget();
at_its_end:
    ended++;
died:
cut_off:
    skip
}

proctype Closer(byte me) {
    bool is_party = true;
    bool had;
    atomic { may_die(); named[me] = true };
    atomic { may_die(); is_closed = true };
    ring(NOT_EMPTY);
    ring(NOT_FULL);
    forget();
    ended++;
died:
cut_off:
    skip
}

proctype Burier() {
    byte me;
    bool is_party;
    bool had;
end_watching:
    atomic {
        if
        :: dead[0] -> me = 0
        :: dead[1] -> me = 1
#if WRITERS + READERS + CLOSERS > 2
        :: dead[2] -> me = 2
#endif
#if WRITERS + READERS + CLOSERS > 3
        :: dead[3] -> me = 3
#endif
        fi
    };
    atomic { may_die(); had = named[me] };
    if
    :: had ->
        had = false;
#ifdef FAULT_BURIAL_FORGETS_FIRST
        atomic { may_die(); named[me] = false };
#endif
        atomic {
            may_die();
            if
            :: slots[part[me]].owner == me && slots[part[me]].kind == READING ->
                assert(!drained);
#ifdef FAULT_BURIAL_DROPS_WHAT_IS_READ
                slots[part[me]].kind = FREE;
                slots[part[me]].lap = slots[part[me]].lap + 1;
#else
                slots[part[me]].kind = FULL;
#endif
                slots[part[me]].owner = NOBODY
            :: slots[part[me]].owner == me && slots[part[me]].kind == WRITING ->
#ifdef FAULT_BURIAL_PUBLISHES
                slots[part[me]].kind = FULL;
#else
                slots[part[me]].kind = FREE;
#ifndef FAULT_BURIAL_LEAVES_THE_LAP
                slots[part[me]].lap = slots[part[me]].lap + 1;
#endif
#endif
                slots[part[me]].owner = NOBODY
            :: else ->
#ifdef FAULT_BURIAL_TRUSTS_THE_SLOT
                named[me] = false;  /* It had none, so nobody waits for it. */
                goto its_sleep
#endif
            fi
        };
#ifndef FAULT_BURIAL_RINGS_FOR_NO_READER
        ring_after_death(NOT_EMPTY);
#endif
#ifndef FAULT_BURIAL_RINGS_FOR_NO_WRITER
        ring_after_death(NOT_FULL);
#endif
#ifndef FAULT_BURIAL_FORGETS_FIRST
        atomic { may_die(); named[me] = false }
#endif
    :: else
    fi;
its_sleep:
    atomic { may_die(); had = sleeps_on[me] };
    if
    :: had ->
        had = false;
        if
        :: me < WRITERS -> ring_after_death(NOT_FULL)
        :: else -> ring_after_death(NOT_EMPTY)
        fi;
        atomic { may_die(); sleeps_on[me] = false }
    :: else
    fi;
    atomic {
        had = false;
        part[me] = 0;
        do
        :: part[me] < SLOTS -> assert(slots[part[me]].owner != me); part[me] = part[me] + 1
        :: else -> part[me] = 0; break
        od;
        dead[me] = false;
        ended++;
        me = 0
    };
    goto end_watching;
cut_off:
    had = false;
    goto end_watching;
died:
    skip
}

/* Looks when nobody moves any more. */
proctype Monitor() {
    byte each;
    byte there; /* the messages that nobody took */
    timeout;
    atomic {
        assert(!(is_closed && (asleep[NOT_EMPTY] || asleep[NOT_FULL])));
        assert(!(asleep[NOT_FULL] && SLOT(claims).kind == FREE));
        do
        :: each < SLOTS ->
            assert(!(asleep[NOT_EMPTY] && slots[each].kind == FULL));
            assert(slots[each].owner == NOBODY);
            there = there | (slots[each].kind == FULL -> BIT(each) : 0);
            each++
        :: else -> break
        od;
        assert((there | taken) == published && (there & taken) == 0);
        each = 0;
        there = 0;
        is_closed = true; /* lets go whoever still waits */
        armed[NOT_EMPTY] = 0;
        armed[NOT_FULL] = 0;
        asleep[NOT_EMPTY] = 0;
        asleep[NOT_FULL] = 0
    };
    timeout;
    atomic {
        assert(ended == PARTIES);
        do
        :: each < SLOTS ->
            assert(!(drained && slots[each].kind == FULL));
            there = there | (slots[each].kind == FULL -> BIT(each) : 0);
            each++
        :: else -> break
        od;
        assert((there | taken) == published && (there & taken) == 0)
    };
end_of_all:
    false
}

init {
    byte each;
    atomic {
#ifdef FILLED
        do
        :: each < SLOTS ->
            slots[each].kind = FULL;
            slots[each].message = WRITERS * PUTS + each;
            slots[each].whole = true;
            published = published | BIT(each);
            each++
        :: else -> each = 0; break
        od;
        claims = SLOTS;
        tail = SLOTS;
#endif
        do
        :: each < WRITERS -> run Writer(each); each++
        :: each >= WRITERS && each < WRITERS + READERS -> run Reader(each); each++
        :: each >= WRITERS + READERS && each < PARTIES -> run Closer(each); each++
        :: else -> break
        od;
        run Burier();
        run Monitor()
    }
}
