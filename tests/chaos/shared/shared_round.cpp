#include "shared_round.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <optional>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/shm/heap.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "leftovers.hpp"
#include "process_tree.hpp"
#include "shared_accounts.hpp"
#include "shared_party.hpp"
#include "shared_site.hpp"

namespace chaos {

namespace {

using namespace std::chrono_literals;
using pinfold::Process;
using pinfold::testing::eventually;
using pinfold::testing::Leftovers;

constexpr int parties = 8;  // Processes; beside them workers, and threads of the host
constexpr int workers = 2;
constexpr int acts_of_a_task = 40;
constexpr int acts_of_a_process = 1'000'000'000;
constexpr int looks_for_a_victim = 2000;
constexpr unsigned longest_pause_us = 6000;
constexpr unsigned time_to_gather_us = 3000;
constexpr int times_of_waking = 3;
constexpr unsigned longest_stop_us = 3000;

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

/// Where a round's objects are: a pool of workers, or a Shared.
class Place {
  public:
    explicit Place(bool has_workers) {
        // As many as there are at a time, so that none may be left in use.
        constexpr int processes = parties;
        constexpr int seats = parties + workers + 7;
        constexpr std::size_t bytes = std::size_t{1} << 27;
        if (has_workers) {
            pool_.emplace(pinfold::PoolOptions{.crew = pinfold::Crew::processes,
                                               .workers = workers,
                                               .pin = "none",
                                               .arena_bytes = bytes,
                                               .processes = processes,
                                               .seats = seats});
        } else {
            shared_.emplace(
                pinfold::SharedOptions{.bytes = bytes, .processes = processes, .seats = seats});
        }
    }

    [[nodiscard]] pinfold::Space space() const {
        return pool_ ? pinfold::Space(*pool_) : pinfold::Space(*shared_);
    }
    [[nodiscard]] pinfold::Pool* pool() { return pool_ ? &*pool_ : nullptr; }

  private:
    std::optional<pinfold::Pool> pool_;
    std::optional<pinfold::Shared> shared_;
};

/// Has all who are made meanwhile on the first `most` of the CPUs that this thread may use, so that
/// there are more parties than CPUs on any machine.
class Confined {
  public:
    explicit Confined(std::size_t most) {
        require(sched_getaffinity(0, sizeof before_, &before_) == 0, "sched_getaffinity");
        cpu_set_t some;
        CPU_ZERO(&some);
        std::size_t chosen = 0;
        for (std::size_t cpu = 0; cpu < CPU_SETSIZE && chosen < most; ++cpu) {
            if (CPU_ISSET(cpu, &before_)) {
                CPU_SET(cpu, &some);
                ++chosen;
            }
        }
        require(sched_setaffinity(0, sizeof some, &some) == 0, "sched_setaffinity");
    }
    ~Confined() { static_cast<void>(sched_setaffinity(0, sizeof before_, &before_)); }
    Confined(const Confined&) = delete;
    Confined& operator=(const Confined&) = delete;

  private:
    cpu_set_t before_{};
};

/// A round: who takes part, and who kills them.
class Round {
  public:
    Round(const pinfold::Space& space, pinfold::Pool* pool, Site& site, std::minstd_rand& random,
          SharedFigures& figures)
        : space_(space),
          pool_(pool),
          site_(site),
          random_(random),
          figures_(figures),
          host_(site, random()),
          feeder_(site, random()),
          of_queue_(site),
          of_pipe_(site) {}

    void run(int kills, int stop_seconds) {
        {
            std::jthread collecting([this] { of_queue_.collect_from_queue(); });
            std::jthread piping([this] { of_pipe_.collect_from_pipe(); });
            std::jthread feeding([this] { feeder_.feed(); });
            std::jthread tasking([this] { submit_tasks(); });
            const Ending ending(*this);
            for (int i = 0; i < parties; ++i) {
                processes_.push_back(start());
            }
            disturb(kills, stop_seconds);
        }
        check_fault();
        host_.clear_up();
        check_fault();
        const Sums sums =
            settle_accounts(site_, of_queue_, of_pipe_, feeder_.line(), host_.flooded());
        for (std::size_t act = 0; act < acts; ++act) {
            figures_.done[act] += sums.done[act];
            for (std::size_t moment = 0; moment < moments; ++moment) {
                figures_.kills[act][moment] += sums.kills[act][moment];
            }
        }
        figures_.got_by_dead += sums.got_by_dead;
    }

  private:
    /// Lets all go at the end, also when something was wrong: the threads are to be joined.
    class Ending {
      public:
        explicit Ending(Round& round) : round_(round) {}
        ~Ending() { round_.end(); }
        Ending(const Ending&) = delete;
        Ending& operator=(const Ending&) = delete;

      private:
        Round& round_;
    };

    [[nodiscard]] std::unique_ptr<Process> start() {
        const std::uint64_t seed = random_();
        return std::make_unique<Process>(
            space_, [this, seed] { Life(site_, seed).live(acts_of_a_process); });
    }

    void submit_tasks() try {
        while (pool_ != nullptr && !site_.accounts().is_over.load()) {
            std::vector<pinfold::Future<int>> futures;
            for (int i = 0; i < 2 * workers; ++i) {
                futures.push_back(pool_->submit({.max_attempts = 100}, task, &site_, i + tasks_));
            }
            tasks_ += 2 * workers;
            for (auto& future : futures) {
                static_cast<void>(future.get());
            }
        }
        tasks_ended_ = true;
    } catch (const std::exception& e) {
        site_.tell_fault(std::string("a task: ") + e.what());
        tasks_ended_ = true;
    }

    static int task(Site* site, int number) {
        site->at_work[0].note();
        Life(*site, static_cast<std::uint64_t>(number)).live(acts_of_a_task);
        return 0;
    }

    void disturb(int kills, int stop_seconds) {
        for (int kill = 0; kill < kills; ++kill) {
            usleep(static_cast<useconds_t>(random_() % longest_pause_us));
            check_fault();
            if (random_() % 4 == 0) {
                stop_for_a_while(static_cast<unsigned>(random_()) % longest_stop_us);
            }
            if (kill == kills / 2 && stop_seconds != 0) {
                stop_for_long(stop_seconds);
            }
            kill_one();
        }
        // All come where some sleep at the end: see kill_who_is_woken().
        site_.accounts().avoided = ~(bit_of(Act::acquire) | bit_of(Act::take_item));
        usleep(time_to_gather_us);
        site_.accounts().is_over = true;
    }

    void kill_one() {
        if (pool_ != nullptr && random_() % 3 == 0 && kill_a_worker()) {
            ++figures_.worker_kills;
            return;
        }
        std::unique_ptr<Process>& one = processes_[choose()];
        one->kill();
        one->join();
        require(one->exit_code() == -SIGKILL, "a Process ended by itself: " + one->error());
        one = start();
        ++figures_.process_kills;
    }

    /// Whom to kill: mostly one that is at some act, and so far with it, if one comes there soon.
    /// At random moments nearly all wait for messages.
    [[nodiscard]] std::size_t choose() {
        const std::size_t any = random_() % parties;
        const auto act = static_cast<Act>(1 + random_() % (acts - 1));
        const auto moment = static_cast<Moment>(random_() % moments);
        if (random_() % 4 != 0) {
            std::array<Line*, parties> lines{};
            for (std::size_t i = 0; i < parties; ++i) {
                lines[i] = line_of(processes_[i]->pid());
            }
            for (int look = 0; look < looks_for_a_victim; ++look) {
                for (std::size_t i = 0; i < parties; ++i) {
                    if (lines[i] != nullptr && is_at(*lines[i], act, moment)) {
                        return i;
                    }
                }
                sched_yield();
            }
        }
        note_whether_asleep(processes_[any]->pid());
        return any;
    }

    [[nodiscard]] bool is_at(Line& line, Act act, Moment moment) const {
        if (line.act.load() != act) {
            return false;
        }
        const Stage stage = line.stage.load();
        switch (moment) {
            case Moment::holding:
                return stage == Stage::holding || stage == Stage::mending;
            case Moment::letting_go:
                return stage == Stage::releasing;
            case Moment::asleep_in_it:
                note_whether_asleep(line.pid.load());
                return stage == Stage::taking && line.was_asleep.load();
            default:
                return stage == Stage::taking;
        }
    }

    [[nodiscard]] bool kill_a_worker() {
        const int supervisor = pinfold::testing::supervisor_of(getpid());
        return site_.at_work[0].offer(random_, [&](int pid) {
            note_whether_asleep(pid);
            return pinfold::testing::signal_child(supervisor, pid, SIGKILL);
        });
    }

    void stop_for_a_while(unsigned us) {
        const int pid = processes_[random_() % parties]->pid();
        kill(pid, SIGSTOP);  // our own child, which nobody else ends
        usleep(us);
        kill(pid, SIGCONT);
        ++figures_.stops;
    }

    /// Whoever does not come to what the stopped one is at goes on.
    void stop_for_long(int seconds) {
        const int pid = processes_[random_() % parties]->pid();
        kill(pid, SIGSTOP);
        siginfo_t stop{};
        require(waitid(P_PID, static_cast<id_t>(pid), &stop, WSTOPPED | WNOWAIT) == 0,
                "a Process does not stop");
        const Act at = act_of(pid);
        const std::uint32_t before = site_.accounts().avoided.load();
        site_.accounts().avoided = before | needed_by(at);
        usleep(10'000);
        const auto begin = done_so_far();
        sleep(static_cast<unsigned>(seconds));
        const auto end = done_so_far();
        // All may have come to what it has before they could avoid that.
        const std::uint32_t is_free =
            are_others_held_up(needed_by(at), pid) ? 0 : ~(before | needed_by(at) | of_few(at));
        site_.accounts().avoided = before;
        kill(pid, SIGCONT);
        for (std::size_t act = 1; act < acts; ++act) {
            require((is_free >> act & 1) == 0 || end[act] > begin[act],
                    std::string("nobody got on with ") + act_names[act] +
                        " while a Process was stopped at " +
                        act_names[static_cast<std::size_t>(at)] + "; there wait" +
                        who_waits(site_));
        }
        ++figures_.long_stops;
    }

    /// By what the stopped one has, or since whoever feeds them is.
    [[nodiscard]] bool are_others_held_up(std::uint32_t by, int but_for) const {
        constexpr std::uint32_t fed =
            parcels | bit_of(Act::get_pipe) | bit_of(Act::acquire) | bit_of(Act::wait_event);
        const bool is_feeder = (bit_of(feeder_.line().act.load()) & by) != 0;
        // And at a barrier the last one waits for some other.
        const std::uint32_t at = by | bit_of(Act::arrive) | (is_feeder ? fed : 0);
        return std::ranges::all_of(processes_, [&](const auto& each) {
            return each->pid() == but_for || (bit_of(act_of(each->pid())) & at) != 0;
        });
    }

    /// What waits for one that is stopped at that.
    [[nodiscard]] static std::uint32_t needed_by(Act at) {
        constexpr std::uint32_t locks = bit_of(Act::write) | bit_of(Act::read);
        constexpr std::uint32_t items = bit_of(Act::add_item) | bit_of(Act::take_item);
        for (const std::uint32_t together : {locks, items, parcels}) {
            if ((together & bit_of(at)) != 0) {
                return together;
            }
        }
        return bit_of(at);
    }

    /// What nobody may do for a while: lives put so many parcels, and the host, which perhaps waits
    /// for the items, alone tells by the pipe.
    [[nodiscard]] static std::uint32_t of_few(Act at) {
        const bool has_items = at == Act::add_item || at == Act::take_item;
        return parcels | (has_items ? bit_of(Act::get_pipe) : 0);
    }

    static constexpr std::uint32_t parcels =
        bit_of(Act::put_parcel) | bit_of(Act::get_parcel) | bit_of(Act::lease_parcel);

    /// The last one of that process, or nullptr.
    [[nodiscard]] Line* line_of(int pid) const {
        for (std::uint32_t i = site_.accounts().lines.load(); i > 0; --i) {
            if (site_.lines[i - 1].pid.load() == pid) {
                return &site_.lines[i - 1];
            }
        }
        return nullptr;
    }
    [[nodiscard]] Act act_of(int pid) const {
        const Line* const line = line_of(pid);
        return line == nullptr ? Act::none : line->act.load();
    }

    /// For the figures: the kernel says so of one that is about to be killed.
    void note_whether_asleep(int pid) const {
        const std::vector<std::string> fields = pinfold::testing::stat_fields(pid);
        if (Line* const line = line_of(pid)) {
            line->was_asleep = !fields.empty() && fields[0] == "S";
        }
    }

    [[nodiscard]] std::array<std::uint64_t, acts> done_so_far() const {
        std::array<std::uint64_t, acts> sums{};
        for (std::uint32_t i = 0; i < site_.accounts().lines.load(); ++i) {
            for (std::size_t act = 0; act < acts; ++act) {
                sums[act] += site_.lines[i].done[act].load();
            }
        }
        return sums;
    }

    void check_fault() const {
        require(!site_.accounts().has_fault.load(), site_.accounts().fault.data());
    }

    /// Where two sleep for signals or items, one is there for them, and whoever is perhaps woken
    /// for it is killed before it can look: then the other one is to get it.
    void kill_who_is_woken() {
        for (const Act act : {Act::acquire, Act::take_item}) {
            std::vector<std::size_t> asleep;
            for (std::size_t i = 0; i < processes_.size(); ++i) {
                Line* const line = line_of(processes_[i]->pid());
                if (line != nullptr && line->waits.load() &&
                    is_at(*line, act, Moment::asleep_in_it)) {
                    asleep.push_back(i);
                }
            }
            if (asleep.size() < 2) {
                continue;
            }
            const Process& one = *processes_[asleep[random_() % asleep.size()]];
            host_.give_one(act);
            one.kill();
            one.join();
            ++figures_.process_kills;
            ++figures_.woken_kills;
        }
    }

    /// When nobody begins anything any more, nobody waits for what is there. Then all are let go.
    void end() noexcept try {
        site_.accounts().is_over = true;
        host_.tell_of_items();
        bool calm = true;
        for (int i = 0; i < times_of_waking && calm && !site_.accounts().has_fault.load(); ++i) {
            kill_who_is_woken();
            calm = eventually([&] { return is_calm(site_); });
        }
        if (!calm) {
            site_.tell_fault("somebody waits for what is there:" + who_waits(site_));
        }
        const bool has_ended = eventually([&] {
            host_.let_all_go();
            return tasks_ended_.load() &&
                   std::ranges::none_of(processes_, [](const auto& p) { return p->is_alive(); });
        });
        if (!has_ended) {
            site_.tell_fault("somebody does not end:" + who_waits(site_));
            alarm(1);
        }
        site_.notes.close();
        site_.pipe.first.close();
        processes_.clear();
    } catch (const std::exception& e) {
        site_.tell_fault(std::string("at the end: ") + e.what());
        alarm(1);
    }

    const pinfold::Space space_;
    pinfold::Pool* const pool_;
    Site& site_;
    std::minstd_rand& random_;
    SharedFigures& figures_;
    Life host_;
    Life feeder_;
    Collector of_queue_;
    Collector of_pipe_;
    int tasks_ = 0;
    std::atomic<bool> tasks_ended_{false};
    std::vector<std::unique_ptr<Process>> processes_;
};

void require_nothing_left(const Leftovers& before, const Leftovers& after) {
    require(after.processes == before.processes, "processes are left");
    require(after.descriptors == before.descriptors, "descriptors are left");
    require_no_new_name(before);
}

/// Blocks of objects that have ended go back when the next one is made, at the latest.
bool is_free_again(const pinfold::Space& space, std::size_t used, std::size_t used_of_heap) {
    return eventually([&] {
        { const pinfold::Mutex any(space); }
        return space.arena()->used_bytes() == used &&
               space.arena()->heap()->used_bytes() == used_of_heap;
    });
}

}  // namespace

// Other programs of the machine may have some for a while.
void require_no_new_name(const Leftovers& before) {
    require(eventually([&] {
                return std::ranges::includes(before.shared_memory,
                                             pinfold::testing::names_in("/dev/shm"));
            }),
            "a name in /dev/shm is left");
}

void run_shared_round(std::minstd_rand& random, int stop_seconds, SharedFigures& figures) {
    const Leftovers before;
    {
        // One, two or all.
        const std::size_t cpus = random() % 3;
        const Confined confined(cpus == 0 ? CPU_SETSIZE : cpus);
        figures.confined_rounds += cpus == 0 ? 0 : 1;
        Place place(random() % 2 == 0);
        const pinfold::Space space = place.space();
        const pinfold::shm::Array<std::byte> room(space.arena(), sizeof(Site));
        const std::size_t used = space.arena()->used_bytes();
        const std::size_t used_of_heap = space.arena()->heap()->used_bytes();
        std::string fault;
        std::thread([&] {  // so that the host's seats go with it
            auto* const site = new (room.data()) Site(space);
            try {
                // Without get() no message may be missing, whoever dies.
                site->accounts().avoided = random() % 3 == 0 ? bit_of(Act::get_parcel) : 0;
                Round(space, place.pool(), *site, random, figures)
                    .run(20 + static_cast<int>(random() % 40), stop_seconds);
            } catch (const std::exception& e) {
                site->tell_fault(e.what());
            }
            fault = site->accounts().has_fault.load() ? site->accounts().fault.data() : "";
            std::destroy_at(site);
        })
            .join();
        require(fault.empty(), fault);
        require(is_free_again(space, used, used_of_heap), "memory of objects or messages is left");
    }
    ++figures.rounds;
    require_nothing_left(before, Leftovers());
}

}  // namespace chaos
