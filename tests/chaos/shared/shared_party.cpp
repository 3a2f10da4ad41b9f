#include "shared_party.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <pinfold/engine/errors.hpp>
#include <shared_mutex>
#include <stdexcept>
#include <string>

#include "shared_site.hpp"

namespace chaos {

namespace {

using namespace std::chrono_literals;
using pinfold::BarrierBroken;
using pinfold::BrokenPipe;
using pinfold::OwnerDied;
using pinfold::PoolBroken;
using pinfold::QueueClosed;
using pinfold::Timeout;

constexpr auto short_time = 300us;
constexpr std::size_t most_words = 400;  // beyond what a slot has room for

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what);
}

std::uint32_t new_line(Site& site) {
    const std::uint32_t number = site.accounts().lines.fetch_add(1);
    if (number >= most_lines) {
        fail("too many lives for a round");
    }
    return number;
}

std::size_t words_in_parcel(std::uint32_t line, std::uint32_t number) {
    const std::uint64_t random = word_of(line, number, 7) >> 20;
    return random % 3 == 0 ? random % most_words : random % 12;
}

}  // namespace

/// An act in the life's line, until it is done. What throws, or gives up, was not begun.
class Life::Doing {
  public:
    Doing(Line& line, Act act, bool waits) : line_(line), act_(static_cast<std::size_t>(act)) {
        line_.begun[act_].fetch_add(1);
        line_.waits.store(waits);
        line_.stage.store(Stage::taking);
        line_.act.store(act);
    }
    ~Doing() {
        line_.act.store(Act::none);
        line_.stage.store(Stage::outside);
        if (!is_done_) {
            line_.begun[act_].fetch_sub(1);
        }
    }
    Doing(const Doing&) = delete;
    Doing& operator=(const Doing&) = delete;

    void done() {
        line_.done[act_].fetch_add(1);
        is_done_ = true;
    }

  private:
    Line& line_;
    const std::size_t act_;
    bool is_done_ = false;
};

Life::Life(Site& site, std::uint64_t seed)
    : site_(site),
      random_(static_cast<std::minstd_rand::result_type>(seed % 2'147'483'646 + 1)),
      number_(new_line(site)),
      line_(site.lines[number_]) {
    line_.pid.store(getpid());
    random_.discard(2);
}

void Life::live(int most_acts) {
    try {
        for (int i = 0; i < most_acts && !is_over(); ++i) {
            act_once();
        }
    } catch (const PoolBroken&) {
        site_.accounts().broken.fetch_add(1);
    } catch (const std::exception& e) {
        site_.tell_fault(e.what());
    }
}

bool Life::is_avoided(Act act) const {
    return (site_.accounts().avoided.load() & bit_of(act)) != 0;
}

bool Life::is_over() const {
    return site_.accounts().is_over.load();
}

/// So that there is now too much and now too little of all that some give and others take.
Act Life::any_act() {
    const auto act = static_cast<Act>(1 + random_() % (acts - 1));
    switch (act) {
        case Act::get_parcel:
        case Act::lease_parcel:
            return chance(5) ? Act::put_parcel : act;
        case Act::add_item:
            return chance(16) ? Act::take_item : act;
        case Act::release:
            return chance(12) ? Act::acquire : act;
        default:
            return act;
    }
}

void Life::act_once() {
    using enum Act;
    const Act act = any_act();
    if (is_avoided(act)) {
        return;
    }
    switch (act) {
        case put_note:
            return this->put_note();
        case put_parcel:
            return this->put_parcel(true);
        case get_parcel:
            return this->get_parcel(true);
        case lease_parcel:
            return this->lease_parcel();
        case put_pipe:
            return this->put_pipe();
        case get_pipe:
            return this->get_pipe(true);
        case update_pair:
            return this->update_pair();
        case lock:
        case lock_again:
        case write:
        case lock_array:
            return take_turn_with(act);
        case read:
            return this->read();
        case acquire:
            return this->acquire();
        case hold_permit:
            return this->hold_permit();
        case arrive:
            return this->arrive();
        case set_event:
        case wait_event:
            return use_event();
        case add_item:
            return this->add_item();
        case take_item:
            return this->take_item();
        default:
            return add_or_release(act);
    }
}

void Life::add_or_release(Act act) {
    Doing doing(line_, act, false);
    act == Act::release ? site_.signals.release() : static_cast<void>(site_.hits += 1);
    doing.done();
}

void Life::take_turn_with(Act lock) {
    Accounts& all = site_.accounts();
    switch (lock) {
        case Act::lock:
            return take_turn(lock, site_.mutex, all.by_lock);
        case Act::lock_again:
            return take_turn(lock, site_.recursive, all.by_lock_again);
        case Act::write:
            return take_turn(lock, site_.many, all.by_write);
        default:
            return take_turn(lock, site_.array.mutex(), all.by_lock_array);
    }
}

/// Mostly short, sometimes such that others fall asleep.
void Life::pause() {
    if (chance(16)) {
        usleep(static_cast<useconds_t>(random_() % 300));
        return;
    }
    for (unsigned turn = random_() % 256; turn > 0; --turn) {
        static_cast<void>(is_over());
    }
}

// ---- messages

Note Life::note_of(Act act) const {
    Note note{number_, line_.begun[static_cast<std::size_t>(act)].load(), {}};
    for (std::size_t i = 0; i < words_of_a_note; ++i) {
        note.words[i] = word_of(note.line, note.number, i);
    }
    return note;
}

void Life::put_note() {
    const bool waits = chance(2);
    Doing doing(line_, Act::put_note, waits);
    const Note note = note_of(Act::put_note);
    if (waits) {
        site_.notes.put(note);
    } else if (!(chance(2) ? site_.notes.try_put(note) : site_.notes.put_for(note, short_time))) {
        return;
    }
    doing.done();
}

void Life::put_pipe() try {
    const bool waits = chance(2);
    Doing doing(line_, Act::put_pipe, waits);
    const Note note = note_of(Act::put_pipe);
    const auto& end = site_.pipe.second;
    if (waits) {
        end.put(note);
    } else if (!(chance(2) ? end.try_put(note) : end.put_for(note, short_time))) {
        return;
    }
    doing.done();
} catch (const BrokenPipe&) {
    if (!is_over()) {
        throw;
    }
}

/// What the host tells comes whole, in its order, and each once.
void Life::get_pipe(bool may_wait) try {
    const bool waits = may_wait && chance(8);
    Doing doing(line_, Act::get_pipe, waits);
    const auto& end = site_.pipe.second;
    const auto note = waits ? end.get() : chance(2) ? end.try_get() : end.get_for(short_time);
    if (!note) {
        return;
    }
    set(Stage::holding);
    bool is_whole = note->number > told_;
    for (std::size_t i = 0; i < words_of_a_note; ++i) {
        is_whole = is_whole && note->words[i] == word_of(note->line, note->number, i);
    }
    told_ = note->number;
    if (!is_whole || site_.told[note->number % most_told].fetch_add(1) != 0) {
        fail("what came from a pipe is torn, late or came twice");
    }
    doing.done();
} catch (const Timeout&) {
}

/// For one thread of the host. Those who use the other end may all be dead for a moment.
void Life::tell_by_pipe() try {
    if (told_ + 1 < most_told) {
        Doing doing(line_, Act::put_pipe, false);
        Note note = note_of(Act::put_pipe);
        if (site_.pipe.first.try_put(note)) {
            told_ = note.number;
            doing.done();
        }
    }
} catch (const BrokenPipe&) {
}

/// Who puts no more parcels does not wait for one either.
bool Life::may_put() const {
    return line_.begun[static_cast<std::size_t>(Act::put_parcel)].load() < most_parcels;
}

void Life::put_parcel(bool may_wait) try {
    const bool waits = may_wait && chance(8);
    if (!may_put()) {
        return;
    }
    const std::uint32_t number = line_.begun[static_cast<std::size_t>(Act::put_parcel)].load() + 1;
    Doing doing(line_, Act::put_parcel, waits);
    Parcel parcel{number_, number, {}};
    for (std::size_t i = 0; i < words_in_parcel(number_, number); ++i) {
        parcel.words.push_back(word_of(number_, number, i));
    }
    if (waits) {
        site_.parcels.put(parcel);
    } else if (!(chance(2) ? site_.parcels.try_put(parcel)
                           : site_.parcels.put_for(parcel, short_time))) {
        return;
    }
    doing.done();
} catch (const QueueClosed&) {
    if (!is_over()) {
        throw;
    }
}

void Life::check_parcel(const Parcel& parcel) const {
    bool is_whole = parcel.line < most_lines && parcel.number >= 1 &&
                    parcel.number <= most_parcels &&
                    parcel.words.size() == words_in_parcel(parcel.line, parcel.number);
    for (std::size_t i = 0; is_whole && i < parcel.words.size(); ++i) {
        is_whole = parcel.words[i] == word_of(parcel.line, parcel.number, i);
    }
    if (!is_whole) {
        fail("a message is torn");
    }
}

void Life::get_parcel(bool may_wait) try {
    const bool waits = may_wait && may_put() && chance(8);
    Doing doing(line_, Act::get_parcel, waits);
    const auto parcel = waits       ? site_.parcels.get()
                        : chance(2) ? site_.parcels.try_get()
                                    : site_.parcels.get_for(short_time);
    if (!parcel) {
        return;
    }
    set(Stage::holding);
    check_parcel(*parcel);
    Marks& marks = site_.marks_of(parcel->line, parcel->number);
    if (marks.got.fetch_add(1) != 0 || marks.done.load() != 0) {
        fail("a message came twice");
    }
    doing.done();
} catch (const Timeout&) {
}

void Life::lease_parcel() try {
    const bool waits = may_put() && chance(8);
    Doing doing(line_, Act::lease_parcel, waits);
    auto lease = waits       ? site_.parcels.lease()
                 : chance(2) ? site_.parcels.try_lease()
                             : site_.parcels.lease_for(short_time);
    if (!lease) {
        return;
    }
    set(Stage::holding);
    check_parcel(**lease);
    Marks& marks = site_.marks_of((*lease)->line, (*lease)->number);
    if (marks.got.load() != 0 || marks.done.load() != 0) {
        fail("a message came again in a lease");
    }
    pause();
    if (!chance(4)) {
        marks.ending.store(1);
        set(Stage::releasing);
        lease->task_done();
        if (marks.done.fetch_add(1) != 0) {
            fail("a message was done twice");
        }
    }
    doing.done();
} catch (const Timeout&) {
}

// ---- values

void Life::update_pair() {
    Doing doing(line_, Act::update_pair, false);
    const auto is_whole = [](const Pair& pair) {
        return std::ranges::all_of(pair.numbers,
                                   [&](auto number) { return number == pair.numbers[0]; });
    };
    const Pair before = site_.pairs.update([this](Pair& pair) {
        set(Stage::holding);
        for (std::uint64_t& number : pair.numbers) {
            ++number;
            pause();
        }
        set(Stage::releasing);
    });
    if (!is_whole(before) || !is_whole(site_.pairs.load())) {
        fail("a value is half changed");
    }
    doing.done();
}

// ---- locks

/// Whether it is told of a death; nothing when the time is over.
template <typename Lock>
std::optional<bool> Life::take(const Lock& lock) {
    try {
        switch (random_() % 4) {
            case 0:
                return lock.lock_or_recover();
            case 1:
                return lock.try_lock() ? std::optional(false) : std::nullopt;
            case 2:
                return lock.try_lock_for(short_time) ? std::optional(false) : std::nullopt;
            default:
                lock.lock();
                return false;
        }
    } catch (const OwnerDied&) {
        return lock.lock_or_recover();
    }
}

template <typename Lock>
void Life::take_turn(Act act, const Lock& lock, Guarded& guarded) {
    Doing doing(line_, act, true);
    const std::optional<bool> is_told = take(lock);
    if (!is_told) {
        return;
    }
    if (*is_told) {
        set(Stage::mending);
        guarded.ended.store(guarded.begun.load());
        guarded.inside.store(0);
        lock.make_consistent();
        guarded.mended.fetch_add(1);
    }
    set(Stage::holding);
    change(guarded);
    if constexpr (std::is_same_v<Lock, pinfold::RecursiveMutex>) {
        const std::lock_guard again(lock);
        if (lock.depth() != 2) {
            fail("a recursive mutex does not know how often it is held");
        }
    }
    set(Stage::releasing);
    lock.unlock();
    doing.done();
}

void Life::change(Guarded& guarded) {
    if (guarded.inside.exchange(number_ + 1) != 0) {
        fail("two hold a lock");
    }
    if (guarded.begun.load() != guarded.ended.load()) {
        fail("nobody was told of a change that a dead one had begun");
    }
    guarded.begun.fetch_add(1);
    pause();
    guarded.ended.fetch_add(1);
    if (guarded.inside.exchange(0) != number_ + 1) {
        fail("another one came in under a lock");
    }
}

void Life::read() {
    Doing doing(line_, Act::read, true);
    bool is_told = false;
    try {
        site_.many.lock_shared();
    } catch (const OwnerDied&) {
        is_told = site_.many.lock_shared_or_recover();
    }
    set(Stage::holding);
    const Guarded& guarded = site_.accounts().by_write;
    const std::uint64_t begun = guarded.begun.load();
    pause();
    const bool is_whole = guarded.inside.load() == 0 && guarded.ended.load() == begun &&
                          guarded.begun.load() == begun;
    set(Stage::releasing);
    site_.many.unlock_shared();
    if (!is_told && !is_whole) {
        fail("one writes where others read");
    }
    doing.done();
}

// ---- signals, permits, meetings

void Life::acquire() {
    const bool waits = chance(2);
    Doing doing(line_, Act::acquire, waits);
    if (waits) {
        site_.signals.acquire();
    } else if (!site_.signals.try_acquire_for(short_time)) {
        return;
    }
    doing.done();
}

void Life::hold_permit() {
    Doing doing(line_, Act::hold_permit, true);
    if (chance(2)) {
        site_.bounded.acquire();
    } else if (!site_.bounded.try_acquire_for(short_time)) {
        return;
    }
    set(Stage::holding);
    const std::size_t cell = take_cell();
    for (int i = 0; i < 4; ++i) {
        pause();  // others come meanwhile
    }
    site_.accounts().cells[cell].store(0);
    set(Stage::releasing);
    site_.bounded.release();
    doing.done();
}

/// A cell for each permit: it is free, or that of a dead one, whose permit is given back before its
/// process's number is.
std::size_t Life::take_cell() const {
    for (int looks = 0; looks < 10'000; ++looks) {
        for (std::size_t i = 0; i < permits; ++i) {
            std::atomic<std::uint32_t>& cell = site_.accounts().cells[i];
            std::uint32_t seen = cell.load();
            if ((seen == 0 || !site_.is_there(seen - 1)) &&
                cell.compare_exchange_strong(seen, number_ + 1)) {
                return i;
            }
        }
        usleep(100);
    }
    fail("more have a permit than there are");
}

void Life::arrive() {
    const bool waits = chance(4);
    Doing doing(line_, Act::arrive, waits);
    try {
        const bool was_last =
            waits ? site_.barrier.arrive_and_wait() : site_.barrier.arrive_and_wait_for(short_time);
        site_.accounts().last_arrivals.fetch_add(was_last ? 1 : 0);
        doing.done();
    } catch (const BarrierBroken&) {
        if (!is_over()) {
            site_.barrier.reset();
        }
    } catch (const Timeout&) {
    } catch (const pinfold::ObjectEnded&) {
        throw;
    } catch (const std::logic_error&) {  // both members are others
    }
    site_.barrier.leave();
}

void Life::use_event() {
    if (chance(4)) {
        Doing doing(line_, Act::set_event, false);
        chance(4) ? site_.event.clear() : site_.event.set();
        doing.done();
        return;
    }
    const bool waits = chance(8);
    Doing doing(line_, Act::wait_event, waits);
    if (waits) {
        site_.event.wait();
    } else if (!site_.event.wait_for(short_time)) {
        return;
    }
    doing.done();
}

/// Under the items' mutex. Whoever mends it wakes all: the dead one had perhaps not notified.
void Life::enter_items() const {
    if (site_.items_mutex.lock_or_recover()) {
        site_.items_mutex.make_consistent();
        site_.items_changed.notify_all();
    }
}

void Life::add_item() {
    Doing doing(line_, Act::add_item, false);
    enter_items();
    set(Stage::holding);
    site_.accounts().items.fetch_add(1);
    site_.items_changed.notify_one();  // under the lock, or a death could come between
    set(Stage::releasing);
    site_.items_mutex.unlock();
    doing.done();
}

void Life::take_item() {
    Doing doing(line_, Act::take_item, true);
    enter_items();
    const bool is_there = wait_for_item();
    set(Stage::holding);
    if (is_there) {
        site_.accounts().items.fetch_sub(1);
    }
    set(Stage::releasing);
    site_.items_mutex.unlock();
    if (is_there) {
        doing.done();
    }
}

/// Whether one is there, and waiters are not let go. Holds the mutex before and after.
bool Life::wait_for_item() {
    std::unique_lock lock(site_.items_mutex, std::adopt_lock);
    const Accounts& all = site_.accounts();
    while (all.items.load() == 0 && !all.lets_go.load()) {
        try {
            site_.items_changed.wait(lock);
        } catch (const OwnerDied&) {
            lock.release();
            enter_items();
            lock = std::unique_lock(site_.items_mutex, std::adopt_lock);
        }
    }
    lock.release();
    return all.items.load() != 0;
}

// ---- the host's

void Life::feed() {
    const auto one = [this](Act act) {
        Doing doing(line_, act, false);
        act == Act::release ? site_.signals.release() : site_.event.set();
        doing.done();
    };
    try {
        while (!is_over()) {
            one(random_() % 2 == 0 ? Act::release : Act::set_event);
            if (!is_avoided(Act::add_item)) {
                add_item();
            }
            for (unsigned times = static_cast<unsigned>(random_()) % 16; times > 0; --times) {
                tell_by_pipe();
            }
            chance(2) ? put_parcel(false) : get_parcel(false);  // also for those who wait there
            usleep(static_cast<useconds_t>(random_() % 2000));
        }
    } catch (const PoolBroken&) {
        site_.accounts().broken.fetch_add(1);
    } catch (const std::exception& e) {
        site_.tell_fault(e.what());
    }
}

void Life::give_one(Act to) {
    to == Act::acquire ? add_or_release(Act::release) : add_item();
}

void Life::tell_of_items() {
    enter_items();
    site_.items_mutex.unlock();
}

void Life::let_all_go() {
    site_.parcels.close();
    site_.pipe.first.close();
    site_.event.set();
    site_.signals.release(64);
    flooded_ += 64;
    enter_items();
    site_.accounts().lets_go = true;
    site_.items_changed.notify_all();
    site_.items_mutex.unlock();
    site_.barrier.abort();
}

void Life::clear_up() {
    while (site_.parcels.size() != 0) {
        get_parcel(false);
    }
    while (site_.pipe.second.size() != 0) {
        get_pipe(false);
    }
    for (const Act lock : {Act::lock, Act::lock_again, Act::write, Act::lock_array}) {
        take_turn_with(lock);
    }
}

}  // namespace chaos
