#include "shared_ends.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks.hpp>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "leftovers.hpp"
#include "process_tree.hpp"
#include "shared_party.hpp"
#include "shared_site.hpp"

namespace chaos {

namespace {

using namespace std::chrono_literals;
using pinfold::PoolBroken;
using pinfold::Process;
using pinfold::testing::eventually;
using pinfold::testing::HostProcess;
using pinfold::testing::Leftovers;

using Clock = std::chrono::steady_clock;

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

pinfold::PoolOptions options() {
    return {.crew = pinfold::Crew::processes,
            .workers = 2,
            .pin = "none",
            .arena_bytes = std::size_t{1} << 26};
}

/// Objects that somebody has, is at, or has filled, so that whoever else comes waits.
class Taken {
  public:
    explicit Taken(const pinfold::Space& space)
        : empty(space, 2),
          full(space, 1),
          full_pipe(pinfold::make_pipe<int>(space, 1)),
          mutex(space),
          recursive(space),
          written(space),
          was_read(space),
          array(space, 1),
          signals(space),
          bounded(space, 1),
          barrier(space, 3),
          event(space),
          free_mutex(space),
          condition(space),
          news(space.arena(), most_waits) {
        full.put(1);
        full_pipe.first.put(1);
        mutex.lock();
        recursive.lock();
        written.lock();
        was_read.lock_shared();
        array.lock();
        bounded.acquire();
    }

    /// What does not return.
    [[nodiscard]] std::vector<std::function<void()>> waits() const {
        return {[this] { static_cast<void>(empty.get()); },
                [this] { static_cast<void>(empty.lease()); },
                [this] { full.put(2); },
                [this] { full.join(); },
                [this] { full_pipe.first.put(2); },
                [this] { static_cast<void>(full_pipe.first.get()); },
                [this] { static_cast<void>(empty.get_for(24h)); },
                [this] { mutex.lock(); },
                [this] { static_cast<void>(mutex.try_lock_for(24h)); },
                [this] { static_cast<void>(mutex.lock_or_recover()); },
                [this] { recursive.lock(); },
                [this] { written.lock(); },
                [this] { written.lock_shared(); },
                [this] { was_read.lock(); },
                [this] { array.lock(); },
                [this] { signals.acquire(); },
                [this] { bounded.acquire(); },
                [this] { static_cast<void>(barrier.arrive_and_wait()); },
                [this] { event.wait(); },
                [this] {
                    std::unique_lock lock(free_mutex);
                    condition.wait(lock, [] { return false; });
                }};
    }

    static constexpr std::size_t most_waits = 64;

    pinfold::Queue<int> empty;
    pinfold::Queue<int> full;
    std::pair<pinfold::PipeEnd<int>, pinfold::PipeEnd<int>> full_pipe;
    pinfold::Mutex mutex;
    pinfold::RecursiveMutex recursive;
    pinfold::SharedMutex written;
    pinfold::SharedMutex was_read;
    pinfold::LockedArray<int> array;
    pinfold::Semaphore signals;
    pinfold::BoundedSemaphore bounded;
    pinfold::Barrier barrier;
    pinfold::Event event;
    pinfold::Mutex free_mutex;
    pinfold::Condition condition;

    enum class Told : int { nothing, waits, broken, returned, other };
    struct News {
        std::atomic<Told> told{Told::nothing};
        std::atomic<std::int64_t> at_ns{0};
    };
    pinfold::shm::Array<News> news;

    /// Waits, and notes what comes of it.
    void wait(const std::function<void()>& what, std::size_t number) const {
        News& mine = news[number];
        mine.told = Told::waits;
        Told told = Told::returned;
        try {
            what();
        } catch (const PoolBroken&) {
            told = Told::broken;
        } catch (const std::exception& e) {
            std::fprintf(stderr, "%zu: %s\n", number, e.what());
            told = Told::other;
        }
        mine.at_ns = Clock::now().time_since_epoch().count();
        mine.told = told;
    }

    [[nodiscard]] std::string who_does_not_know(std::size_t of) const {
        std::string all;
        for (std::size_t i = 0; i < of; ++i) {
            const Told told = news[i].told.load();
            if (told != Told::broken) {
                all +=
                    " " + std::to_string(i) + (told == Told::waits ? " does not know," : " left,");
            }
        }
        return all;
    }

    [[nodiscard]] std::size_t count(Told told, std::size_t of) const {
        return static_cast<std::size_t>(
            std::count_if(news.begin(), news.begin() + of,
                          [told](const News& each) { return each.told.load() == told; }));
    }
};

}  // namespace

void kill_a_supervisor(SharedFigures& figures) {
    const Leftovers before;
    {
        pinfold::Pool pool(options());
        const int supervisor = pinfold::testing::supervisor_of(getpid());
        const Taken taken{pinfold::Space(pool)};
        const auto waits = taken.waits();
        const std::size_t waiters = 2 * waits.size();
        std::vector<std::unique_ptr<Process>> processes;
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < waits.size(); ++i) {
            processes.push_back(
                std::make_unique<Process>(pool, [&, i] { taken.wait(waits[i], 2 * i); }));
            threads.emplace_back([&, i] { taken.wait(waits[i], 2 * i + 1); });
        }
        const bool all_wait =
            eventually([&] { return taken.count(Taken::Told::waits, waiters) == waiters; });
        usleep(50'000);  // most of them sleep
        const auto killed_at = Clock::now();
        pinfold::testing::signal_child(getpid(), supervisor, SIGKILL);
        const bool all_know =
            eventually([&] { return taken.count(Taken::Told::broken, waiters) == waiters; });
        if (!all_know) {
            alarm(1);  // the threads do not end
        }
        require(all_wait && all_know, "a supervisor was killed, and of those who wait" +
                                          taken.who_does_not_know(waiters));
        for (const Taken::News& each : taken.news) {
            figures.slowest_news =
                std::max(figures.slowest_news, std::chrono::nanoseconds(each.at_ns.load()) -
                                                   killed_at.time_since_epoch());
        }
    }
    ++figures.supervisor_kills;
    require(Leftovers().processes == before.processes, "processes outlive their supervisor");
}

void kill_a_host(SharedFigures& figures, std::uint64_t seed) {
    const Leftovers before;
    HostProcess host([seed](const HostProcess::Tell& tell) {
        pinfold::Pool pool(options());
        const pinfold::shm::Array<std::byte> room(pool.arena(), sizeof(Site));
        auto* const site = new (room.data()) Site(pinfold::Space(pool));
        std::vector<std::unique_ptr<Process>> processes;
        for (std::uint64_t i = 0; i < 6; ++i) {
            processes.push_back(std::make_unique<Process>(
                pool, [&, i] { Life(*site, seed + i).live(1'000'000'000); }));
        }
        std::vector<pinfold::Future<int>> futures;
        for (std::uint64_t i = 0; i < 2; ++i) {
            futures.push_back(pool.submit(
                [](Site* at, std::uint64_t its_seed) {
                    Life(*at, its_seed).live(1'000'000'000);
                    return 0;
                },
                site, seed + 10 + i));
        }
        tell("all are there");
        pause();
    });
    require(host.next_line() == "all are there", "a host could not start");
    usleep(static_cast<useconds_t>(seed % 30'000));
    const std::vector<int> all = pinfold::testing::descendants(host.pid());
    host.end(SIGKILL);
    require(all.size() >= 9, "too few processes to be killed with their host");
    require(eventually([&] { return pinfold::testing::none_alive(all); }),
            "processes outlive their host");
    ++figures.host_kills;
    require_no_new_name(before);
}

}  // namespace chaos
