#include "shared_accounts.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "shared_site.hpp"

namespace chaos {

namespace {

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

std::size_t at(Act act) {
    return static_cast<std::size_t>(act);
}

/// Whether a number is what was done, but for what lives may have done that ended amid it.
void require_between(std::uint64_t number, std::uint64_t least, std::uint64_t most,
                     const char* what) {
    require(number >= least && number <= most, std::string(what) + ": " + std::to_string(number) +
                                                   " is not " + std::to_string(least) + " to " +
                                                   std::to_string(most));
}

/// Whether what a life waits for is there.
bool is_there(const Site& site, Act act) {
    switch (act) {
        case Act::put_parcel:
            return site.parcels.size() == 0;  // one that nobody gets may be in the way
        case Act::get_parcel:
        case Act::lease_parcel:
            return site.parcels.size() != 0;
        case Act::get_pipe:
            return site.pipe.second.size() != 0;
        case Act::acquire:
            return site.signals.value() != 0;
        case Act::wait_event:
            return site.event.is_set();
        case Act::take_item:
            return site.accounts().items.load() != 0;
        case Act::arrive:
            return site.barrier.arrived() == 2 || site.barrier.is_broken();
        default:  // a lock, a permit, room for a note: nobody keeps that
            return true;
    }
}

template <typename Use>
void for_each_waiting(const Site& site, Use use) {
    for (std::uint32_t i = 0; i < site.accounts().lines.load() && i < most_lines; ++i) {
        const Line& line = site.lines[i];
        if (line.act.load() != Act::none && line.waits.load() && site.is_there(i)) {
            use(line);
        }
    }
}

/// How far one was with its act that ended amid it.
Moment moment_of(const Line& line) {
    switch (line.stage.load()) {
        case Stage::mending:
        case Stage::holding:
            return Moment::holding;
        case Stage::releasing:
            return Moment::letting_go;
        default:
            return line.was_asleep.load() ? Moment::asleep_in_it : Moment::in_the_call;
    }
}

Sums sums_of(const Site& site) {
    Sums sums;
    for (std::uint32_t i = 0; i < site.accounts().lines.load(); ++i) {
        const Line& line = site.lines[i];
        for (std::size_t act = 0; act < acts; ++act) {
            const std::uint64_t done = line.done[act].load();
            const std::uint64_t begun = line.begun[act].load();
            require(begun == done || begun == done + 1, "a line has begun two things at once");
            sums.done[act] += done;
            sums.open[act] += begun - done;
            sums.kills[act][static_cast<std::size_t>(moment_of(line))] += begun - done;
        }
    }
    return sums;
}

void settle_notes(const Site& site, const Collector& collector, Act act, const Line* teller) {
    for (std::uint32_t i = 0; i < site.accounts().lines.load(); ++i) {
        const Line& line = site.lines[i];
        if (&line != teller) {
            require_between(collector.last_of(i), line.done[at(act)], line.begun[at(act)],
                            act_names[at(act)]);
        }
    }
}

/// What the host told through the pipe came, or somebody died who had just got it.
void settle_told(const Site& site, const Line& teller, const Sums& sums) {
    std::uint64_t missing = 0;
    for (std::uint32_t number = 1; number <= teller.done[at(Act::put_pipe)].load(); ++number) {
        missing += site.told[number].load() == 0 ? 1U : 0U;
    }
    require(missing <= sums.open[at(Act::get_pipe)], "messages of a pipe are lost");
}

/// Each that was put was got once, or done in a lease; or somebody died who had just got it.
void settle_parcels(const Site& site, Sums& sums) {
    std::uint64_t done_by_dead = 0;
    for (std::uint32_t i = 0; i < site.accounts().lines.load(); ++i) {
        const std::uint32_t put = site.lines[i].done[at(Act::put_parcel)];
        for (std::uint32_t number = 1; number <= put; ++number) {
            const Marks& marks = site.marks_of(i, number);
            const int ends = marks.got.load() + marks.done.load();
            require(ends <= 1, "a message came twice");
            if (ends == 0) {
                marks.ending.load() != 0 ? ++done_by_dead : ++sums.got_by_dead;
            }
        }
    }
    require(done_by_dead <= sums.open[at(Act::lease_parcel)], "messages of leases are lost");
    require(sums.got_by_dead <= sums.open[at(Act::get_parcel)], "messages are lost");
    require(site.parcels.size() == 0, "messages are left");
}

void settle_lock(const Site& site, Act act, const Guarded& guarded) {
    std::uint64_t held = 0;  // when a life ended
    std::uint64_t maybe = 0;
    for (std::uint32_t i = 0; i < site.accounts().lines.load(); ++i) {
        const Line& line = site.lines[i];
        if (line.act.load() == act) {
            const Stage stage = line.stage.load();
            held += stage == Stage::holding ? 1 : 0;
            maybe += stage != Stage::holding && stage != Stage::outside ? 1 : 0;
        }
    }
    require_between(guarded.mended.load(), held, held + maybe,
                    (std::string("owners that died, told by ") + act_names[at(act)]).c_str());
    require(guarded.begun.load() == guarded.ended.load() && guarded.inside.load() == 0,
            "what a lock protects is half changed");
}

void settle_values(const Site& site, const Sums& sums) {
    const auto about = [&](std::uint64_t number, Act act) {
        require_between(number, sums.done[at(act)], sums.done[at(act)] + sums.open[at(act)],
                        act_names[at(act)]);
    };
    about(static_cast<std::uint64_t>(site.hits.load()), Act::add_hit);
    about(site.pairs.load().numbers[0], Act::update_pair);
}

/// What was raised and what was lowered differ by what is there.
void settle_difference(std::uint64_t there, Act raise, Act lower, std::uint64_t flooded,
                       const Sums& sums) {
    const std::uint64_t raised = sums.done[at(raise)] + flooded;
    const std::uint64_t lowered = sums.done[at(lower)];
    require_between(there + lowered, raised - std::min(raised, sums.open[at(lower)]),
                    raised + sums.open[at(raise)], act_names[at(lower)]);
}

}  // namespace

void Collector::check(const Note& note) {
    bool is_whole = note.line < most_lines;
    for (std::size_t i = 0; is_whole && i < words_of_a_note; ++i) {
        is_whole = note.words[i] == word_of(note.line, note.number, i);
    }
    require(is_whole, "a message is torn");
    const std::uint32_t expected = ++last_[note.line];
    require(note.number == expected, "message " + std::to_string(note.number) +
                                         " of a life came in place of its " +
                                         std::to_string(expected));
}

void Collector::collect_from_queue() try {
    while (const auto note = site_.notes.get()) {
        check(*note);
    }
} catch (const std::exception& e) {
    site_.tell_fault(std::string("from a queue: ") + e.what());
}

/// When all who used the other end are dead, others come.
void Collector::collect_from_pipe() try {
    while (!site_.pipe.first.is_closed() || site_.pipe.first.size() != 0) {
        if (const auto note = site_.pipe.first.get()) {
            check(*note);
        } else {
            usleep(100);
        }
    }
} catch (const std::exception& e) {
    site_.tell_fault(std::string("from a pipe: ") + e.what());
}

bool is_calm(const Site& site) {
    bool calm = true;
    for_each_waiting(site,
                     [&](const Line& line) { calm = calm && !is_there(site, line.act.load()); });
    return calm;
}

std::string who_waits(const Site& site) {
    std::string all;
    for_each_waiting(site, [&](const Line& line) {
        all += std::string(" ") + std::to_string(line.pid.load()) + " " +
               act_names[at(line.act.load())] + ",";
    });
    return all;
}

Sums settle_accounts(const Site& site, const Collector& of_queue, const Collector& of_pipe,
                     const Line& teller, std::uint64_t flooded) {
    const Accounts& all = site.accounts();
    Sums sums = sums_of(site);
    settle_notes(site, of_queue, Act::put_note, nullptr);
    settle_notes(site, of_pipe, Act::put_pipe, &teller);
    settle_told(site, teller, sums);
    settle_parcels(site, sums);
    settle_lock(site, Act::lock, all.by_lock);
    settle_lock(site, Act::lock_again, all.by_lock_again);
    settle_lock(site, Act::write, all.by_write);
    settle_lock(site, Act::lock_array, all.by_lock_array);
    settle_values(site, sums);
    settle_difference(site.signals.value(), Act::release, Act::acquire, flooded, sums);
    settle_difference(all.items.load(), Act::add_item, Act::take_item, 0, sums);
    require(site.bounded.available() == permits, "permits did not come back");
    const std::uint64_t arrived = sums.done[at(Act::arrive)];
    const std::uint64_t open = sums.open[at(Act::arrive)];
    require_between(2 * all.last_arrivals.load(), arrived - std::min(arrived, 2 * open),
                    arrived + 2 * open, "arrivals at a barrier");
    return sums;
}

}  // namespace chaos
