#include "keeper/keeper.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <pinfold/shm/parties/known_memory.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "caught.hpp"
#include "keeper/orphans.hpp"
#include "keeper/process_life.hpp"
#include "process/fork.hpp"
#include "process/fork_lock.hpp"
#include "process/why_refused.hpp"
#include "tree/exit_handler.hpp"

namespace pinfold::detail {

namespace {

// How often it looks where the program has closed a descriptor that it would wait for.
constexpr int look_if_closed_ms = 100;

/// What a Process missed, and this one has, was mapped after it was forked.
void tell_of_missed_memory(ProcessState::End& end, std::uintptr_t missed) {
    if (end.exit_code == -SIGSEGV && shm::KnownMemory::holds(reinterpret_cast<void*>(missed))) {
        CutText(end.text).add(
            "SIGSEGV: it used an object of a Pool or a Shared that was made after it; make that "
            "first");
    }
}

}  // namespace

Keeper::Keeper(const Places& places, Supervised supervised)
    : places_(places), supervised_(std::move(supervised)), taken_(places.records.size()) {
    living_.reserve(taken_.size());
    news_.reserve(taken_.size() + 2);
    {
        const ForkLock lock;
        call_.emplace();
        if (supervised_.pid != 0) {
            watch();
        }
    }
    thread_ = std::make_unique<OwnThread>([this] { run(); });
}

// A number that stood for it before it ended, and that the program has reaped, may be another's.
void Keeper::watch() {
    if (!supervised_.has_ended()) {
        supervisor_.emplace(supervised_.pid);
        watches_ = true;
    }
    if (supervised_.has_ended()) {
        places_.roster.break_up();
    }
}

Keeper::~Keeper() {
    {
        const std::scoped_lock lock(mutex_);
        is_over_ = true;
    }
    call_->make();
    thread_.reset();
    if (!living_.empty()) {
        std::vector<std::shared_ptr<ProcessState>> orphans;
        std::ranges::transform(living_, std::back_inserter(orphans), &Living::state);
        reap_later(std::move(orphans));
    }
}

void Keeper::forget_supervisor() noexcept {
    const std::scoped_lock lock(mutex_);
    watches_ = false;
}

std::size_t Keeper::living() const {
    const std::scoped_lock lock(mutex_);
    return living_.size();
}

void Keeper::give_birth(const Birth& birth) {
    Asked asked{birth};
    {
        const std::scoped_lock lock(mutex_);
        asked_.push_back(&asked);
    }
    call_->make();
    for (;;) {
        const std::uint32_t seen = answered_.value();
        if (asked.is_done.load(std::memory_order_acquire)) {
            break;
        }
        answered_.wait(seen, std::chrono::nanoseconds(-1));
    }
    if (asked.error) {
        std::rethrow_exception(asked.error);
    }
    // Not the keeper: whoever stops the Process at its birth holds up its maker alone.
    places_.records[asked.place].wait_for_birth(
        [&] { return birth.state->how_it_ended().has_value(); });
}

void Keeper::run() {
    prctl(PR_SET_NAME, "pinfold:keeper");
    while (wait_for_news()) {
        look_at_supervisor();
        bury_the_dead();
        attend_births();
    }
}

/// Returns false when the keeper is to end.
bool Keeper::wait_for_news() {
    news_.assign({{call_->number(), POLLIN, 0}});
    if (supervisor_) {
        news_.push_back({supervisor_->number(), POLLIN, 0});
    }
    for (const Living& each : living_) {
        news_.push_back({each.state->number(), POLLIN, 0});
    }
    const bool has_closed = std::ranges::any_of(news_, [](const pollfd& p) { return p.fd < 0; });
    poll(news_.data(), news_.size(), has_closed ? look_if_closed_ms : -1);
    call_->take();
    const std::scoped_lock lock(mutex_);
    return !is_over_;
}

void Keeper::look_at_supervisor() {
    if (!supervisor_) {
        return;
    }
    pollfd end{supervisor_->number(), POLLIN, 0};
    bool is_needed = false;
    {
        const std::scoped_lock lock(mutex_);  // its pool does not end meanwhile
        const bool has_ended = watches_ && (poll(&end, 1, 0) > 0 || supervised_.has_ended());
        if (has_ended) {
            places_.roster.break_up();
        }
        is_needed = watches_ && !has_ended;
    }
    if (!is_needed) {
        supervisor_.reset();  // takes the ForkLock
    }
}

void Keeper::bury_the_dead() {
    for (std::size_t i = living_.size(); i > 0; --i) {
        const Living each = living_[i - 1];
        if (!each.state->has_ended()) {
            continue;
        }
        {
            const std::scoped_lock lock(mutex_);
            living_.erase(living_.begin() + static_cast<std::ptrdiff_t>(i - 1));
        }
        bury(each);
    }
}

// What it was in is undone, and its place is free, before those who wait for its end hear of it.
void Keeper::bury(const Living& dead) {
    const ProcessRecord& record = places_.records[dead.place];
    const std::optional<int> reaped = dead.state->reap();
    places_.roster.bury(number_of(dead.place));
    const bool has_left = record.has_left.load(std::memory_order_acquire);
    ProcessState::End end;
    if (has_left) {
        end = {record.exit_code.load(std::memory_order_relaxed), record.text};
    }
    if (reaped) {
        end.exit_code = *reaped;
        tell_of_missed_memory(end, record.missed.load(std::memory_order_acquire));
    } else if (!has_left) {
        end.exit_code = child_failed;
        CutText(end.text).add("it is not known how it ended: the program has reaped it");
    }
    taken_[dead.place] = false;
    dead.state->end(end);
}

void Keeper::attend_births() {
    std::unique_lock lock(mutex_);
    while (!asked_.empty()) {
        Asked& asked = *asked_.front();
        asked_.erase(asked_.begin());
        lock.unlock();
        try {
            asked.place = bear(asked.birth);
        } catch (...) {
            asked.error = std::current_exception();
        }
        asked.is_done.store(true, std::memory_order_release);  // its maker may go
        answered_.ring();
        lock.lock();
    }
}

std::size_t Keeper::free_place() const {
    const auto found = std::ranges::find(taken_, false);
    if (found == taken_.end()) {
        throw std::system_error(
            std::make_error_code(std::errc::resource_unavailable_try_again),
            "cannot start a Process: " + std::to_string(taken_.size()) +
                " of this space run already, which the option `processes` of Pool and Shared says");
    }
    return static_cast<std::size_t>(found - taken_.begin());
}

std::size_t Keeper::bear(const Birth& birth) {
    const std::size_t place = free_place();
    places_.records[place].clear();
    fork_enrolled(place, birth);
    taken_[place] = true;
    {
        const std::scoped_lock lock(mutex_);
        living_.push_back({place, birth.state});
    }
    places_.records[place].let_begin();
    return place;
}

// From the fork on its burial tells whatever it uses.
void Keeper::fork_enrolled(std::size_t place, const Birth& birth) const {
    std::size_t enrolled = 0;
    try {
        for (; enrolled < birth.uses.size(); ++enrolled) {
            birth.uses[enrolled].enrol(number_of(place));
        }
        fork_into(place, birth);
    } catch (...) {
        for (const Enrolment& each : birth.uses.first(enrolled)) {
            each.dismiss(number_of(place));
        }
        throw;
    }
}

void Keeper::fork_into(std::size_t place, const Birth& birth) const {
    ProcessRecord& record = places_.records[place];
    const pid_t host = getpid();
    const ForkLock lock;
    arm_exit_handlers();
    const pid_t pid = fork_child(Forked::for_program, [&] {
        return ProcessLife(birth, record, places_.roster, number_of(place), host).run();
    });
    if (pid < 0) {
        throw refusal(errno, "cannot start a Process");
    }
    try {
        birth.state->begin(pid);
    } catch (...) {
        kill(pid, SIGKILL);  // it waits for the word to begin
        while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        throw;
    }
}

}  // namespace pinfold::detail
