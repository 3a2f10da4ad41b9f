// What locks between processes cost beside those of pthread that processes can share: alone, by two
// at the same time, and when an owner is killed.

#include <benchmark/benchmark.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/kernel_contest.hpp"
#include "harness/median.hpp"
#include "harness/rounds.hpp"

namespace {

using pinfold::Crew;
using pinfold::Pool;
using Clock = std::chrono::steady_clock;

/// Two workers, each bound to a CPU of its own.
Pool& the_pool() {
    static Pool pool({.crew = Crew::processes, .workers = 2, .pin = "cores"});
    return pool;
}

/// On a line of its own, in memory that all processes share.
template <typename T>
struct alignas(128) Line {
    T value;
};

template <typename T>
T& in_shared_memory() {
    static const auto lines = the_pool().array<Line<T>>(1);
    return lines[0].value;
}

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "lock_bench: %s\n", why.c_str());
    std::abort();
}

void require(bool is_good, const char* what) {
    if (!is_good) {
        give_up(what);
    }
}

/// A mutex of pthread for several processes, with the members of the standard library's.
class PthreadMutex {
  public:
    PthreadMutex(pthread_mutex_t& mutex, int robust) : mutex_(&mutex) {
        pthread_mutexattr_t attributes;
        require(pthread_mutexattr_init(&attributes) == 0, "pthread_mutexattr_init");
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&attributes, robust);
        require(pthread_mutex_init(mutex_, &attributes) == 0, "pthread_mutex_init");
    }

    /// Returns whether the owner before has died.
    bool lock_or_recover() const {
        const bool has_died = pthread_mutex_lock(mutex_) == EOWNERDEAD;
        if (has_died) {
            pthread_mutex_consistent(mutex_);
        }
        return has_died;
    }
    void lock() const { lock_or_recover(); }
    void unlock() const { pthread_mutex_unlock(mutex_); }
    [[nodiscard]] pthread_mutex_t* get() const { return mutex_; }

  private:
    pthread_mutex_t* mutex_;
};

const PthreadMutex& robust_mutex() {
    struct Robust {
        pthread_mutex_t mutex;
    };
    static const PthreadMutex mutex(in_shared_memory<Robust>().mutex, PTHREAD_MUTEX_ROBUST);
    return mutex;
}

const PthreadMutex& plain_mutex() {
    struct Plain {
        pthread_mutex_t mutex;
    };
    static const PthreadMutex mutex(in_shared_memory<Plain>().mutex, PTHREAD_MUTEX_STALLED);
    return mutex;
}

const pinfold::Mutex& own_mutex() {
    static const pinfold::Mutex mutex(the_pool());
    return mutex;
}

/// The same of a lock for readers and a writer.
class PthreadSharedMutex {
  public:
    PthreadSharedMutex() {
        pthread_rwlockattr_t attributes;
        require(pthread_rwlockattr_init(&attributes) == 0, "pthread_rwlockattr_init");
        pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        require(pthread_rwlock_init(lock_, &attributes) == 0, "pthread_rwlock_init");
    }
    void lock() const { pthread_rwlock_wrlock(lock_); }
    void unlock() const { pthread_rwlock_unlock(lock_); }
    void lock_shared() const { pthread_rwlock_rdlock(lock_); }
    void unlock_shared() const { pthread_rwlock_unlock(lock_); }

  private:
    pthread_rwlock_t* lock_ = &in_shared_memory<pthread_rwlock_t>();
};

const PthreadSharedMutex& peer_shared_mutex() {
    static const PthreadSharedMutex mutex;
    return mutex;
}

const pinfold::SharedMutex& own_shared_mutex() {
    static const pinfold::SharedMutex mutex(the_pool());
    return mutex;
}

void pause_cpu(int turns) {
    for (int turn = 0; turn < turns; ++turn) {
        asm volatile("" ::: "memory");
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
}

constexpr long turns_alone = 2'000'000;

/// One thread, whom nobody meets.
template <typename Enter, typename Leave>
std::string use_alone(Enter enter, Leave leave) {
    long counter = 0;
    for (long turn = 0; turn < turns_alone; ++turn) {
        enter();
        asm volatile("" : "+r"(counter)::"memory");
        ++counter;
        leave();
    }
    return std::to_string(counter);
}

struct Meeting {
    std::atomic<int> arrived;
    long counter;
    long read;
};

/// Calls `body()` in two processes, which begin at the same time. Returns the sum.
template <typename Body>
long in_two_processes(Body body) {
    Meeting& meeting = in_shared_memory<Meeting>();
    meeting.arrived = 0;
    meeting.counter = 0;
    return pinfold::map_reduce(the_pool(), pinfold::Range{0, 2},
                               [body, &meeting](const pinfold::Chunk& chunk) {
                                   ++meeting.arrived;
                                   while (meeting.arrived < 2) {
                                       pause_cpu(1);
                                   }
                                   return body(meeting, chunk.begin);
                               },
                               std::plus<>{}, {.grain = 1})
        .value;
}

/// Both raise one counter under the lock, until it is `turns`.
template <typename Lock>
std::string raise_together(const Lock& lock, long turns, int pauses_outside) {
    return std::to_string(
        in_two_processes([lock, turns, pauses_outside](Meeting& meeting, std::uint64_t) {
            for (long own = 0;; ++own) {
                lock.lock();
                const bool is_over = meeting.counter == turns;
                meeting.counter += is_over ? 0 : 1;
                lock.unlock();
                if (is_over) {
                    return own;
                }
                pause_cpu(pauses_outside);
            }
        }));
}

/// The same, but of 16 turns of each 15 only read it.
template <typename Lock>
std::string raise_and_read_together(const Lock& lock, long turns) {
    return std::to_string(in_two_processes([lock, turns](Meeting& meeting, std::uint64_t) {
        long own = 0;
        for (long turn = 0;; ++turn) {
            bool is_over = false;
            if (turn % 16 == 0) {
                lock.lock();
                is_over = meeting.counter == turns;
                meeting.counter += is_over ? 0 : 1;
                own += is_over ? 0 : 1;
                lock.unlock();
            } else {
                lock.lock_shared();
                is_over = meeting.counter == turns;
                lock.unlock_shared();
            }
            if (is_over) {
                return own;
            }
        }
    }));
}

constexpr long round_trips = 2000;

/// Two processes wake each other in turns. `wait(is_mine)` waits under the lock, `tell()` wakes.
template <typename Lock, typename Wait, typename Tell>
std::string play_ping_pong(const Lock& lock, Wait wait, Tell tell) {
    return std::to_string(in_two_processes([=](Meeting& meeting, std::uint64_t side) {
        long own = 0;
        for (; own < round_trips; ++own) {
            std::unique_lock held(lock);
            wait(held, [&] { return meeting.counter % 2 == static_cast<long>(side); });
            ++meeting.counter;
            tell();
        }
        return own;
    }));
}

std::string ping_pong_of_pthread() {
    static pthread_cond_t* const condition = [] {
        pthread_condattr_t attributes;
        require(pthread_condattr_init(&attributes) == 0, "pthread_condattr_init");
        pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_cond_t* const made = &in_shared_memory<pthread_cond_t>();
        require(pthread_cond_init(made, &attributes) == 0, "pthread_cond_init");
        return made;
    }();
    return play_ping_pong(
        plain_mutex(),
        [](auto& held, auto is_mine) {
            while (!is_mine()) {
                pthread_cond_wait(condition, held.mutex()->get());
            }
        },
        [] { pthread_cond_signal(condition); });
}

std::string ping_pong_of_our_own() {
    static const pinfold::Condition condition(the_pool());
    return play_ping_pong(
        own_mutex(), [](auto& held, auto is_mine) { condition.wait(held, is_mine); },
        [] { condition.notify_one(); });
}

/// A process is killed that holds the mutex, while a thread of this one sleeps in
/// lock_or_recover(): until that one has it. The median counts, and all must have been told once.
template <typename Mutex>
void recover(benchmark::State& state, const Mutex& mutex) {
    auto& is_held = in_shared_memory<std::atomic<int>>();
    std::vector<double> seconds;
    int told = 0;
    for ([[maybe_unused]] auto round : state) {
        is_held = 0;
        pinfold::Process owner(the_pool(), [&] {
            mutex.lock();
            is_held = 1;
            pause();
        });
        while (is_held == 0) {
            std::this_thread::yield();
        }
        Clock::time_point end;
        std::thread sleeper([&] {
            told += mutex.lock_or_recover() ? 1 : 0;
            end = Clock::now();
            if constexpr (std::is_same_v<Mutex, pinfold::Mutex>) {
                mutex.make_consistent();
            }
            mutex.unlock();
            told += mutex.lock_or_recover() ? 1 : 0;
            mutex.unlock();
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        const auto begin = Clock::now();
        owner.kill();
        sleeper.join();
        seconds.push_back(std::chrono::duration<double>(end - begin).count());
        state.SetIterationTime(seconds.back());
    }
    require(told == static_cast<int>(seconds.size()), "a death was not told exactly once");
    bench::keep_rounds(seconds);
    state.counters["median_us"] = bench::median(std::move(seconds)) * 1e6;
    state.counters["told"] = told;
}

void enter_contests() {
    const auto alone = [](const auto& lock) {
        return [&lock] { return use_alone([&lock] { lock.lock(); }, [&lock] { lock.unlock(); }); };
    };
    const auto readers = [](const auto& lock) {
        return [&lock] {
            return use_alone([&lock] { lock.lock_shared(); }, [&lock] { lock.unlock_shared(); });
        };
    };
    constexpr int repeats = 11;
    bench::enter({.name = "mutex/alone",
                  .repeats = repeats,
                  .contestants = {{"pthread_robust", alone(robust_mutex())},
                                  {"pthread_plain", alone(plain_mutex())},
                                  {"pinfold", alone(own_mutex())}}});
    for (const int pauses : {0, 20}) {
        const auto together = [pauses](const auto& lock) {
            return [&lock, pauses] { return raise_together(lock, 1'000'000, pauses); };
        };
        bench::enter({.name = "mutex/two_processes/" + std::to_string(pauses) + "_pauses_outside",
                      .repeats = repeats,
                      .contestants = {{"pthread_robust", together(robust_mutex())},
                                      {"pthread_plain", together(plain_mutex())},
                                      {"pinfold", together(own_mutex())}}});
    }
    bench::enter({.name = "shared_mutex/reader_alone",
                  .contestants = {{"pthread_rwlock", readers(peer_shared_mutex())},
                                  {"pinfold", readers(own_shared_mutex())}}});
    bench::enter({.name = "shared_mutex/writer_alone",
                  .contestants = {{"pthread_rwlock", alone(peer_shared_mutex())},
                                  {"pinfold", alone(own_shared_mutex())}}});
    bench::enter(
        {.name = "shared_mutex/two_processes_that_write_1_of_16",
         .repeats = repeats,
         .contestants = {
             {"pthread_rwlock",
              [] { return raise_and_read_together(peer_shared_mutex(), 50'000); }},
             {"pinfold", [] { return raise_and_read_together(own_shared_mutex(), 50'000); }}}});
    bench::enter({.name = "condition/2000_round_trips",
                  .contestants = {{"pthread_cond", ping_pong_of_pthread},
                                  {"pinfold", ping_pong_of_our_own}}});
}

void enter_semaphores() {
    static sem_t* const peer = &in_shared_memory<sem_t>();
    require(sem_init(peer, 1, 1) == 0, "sem_init");
    static const pinfold::Semaphore own(the_pool(), 1);
    static const pinfold::BoundedSemaphore bounded(the_pool(), 4);
    bench::enter(
        {.name = "semaphore/alone",
         .contestants = {
             {"sem_t", [] { return use_alone([] { sem_wait(peer); }, [] { sem_post(peer); }); }},
             {"pinfold", [] { return use_alone([] { own.acquire(); }, [] { own.release(); }); }},
             {"pinfold_bounded",
              [] { return use_alone([] { bounded.acquire(); }, [] { bounded.release(); }); }}}});
}

void enter_recoveries() {
    const auto set = [](benchmark::internal::Benchmark* bench) {
        bench->Iterations(100)->UseManualTime()->Unit(benchmark::kMicrosecond);
    };
    set(benchmark::RegisterBenchmark("mutex/owner_killed/pthread_robust",
                                     [](auto& state) { recover(state, robust_mutex()); }));
    set(benchmark::RegisterBenchmark("mutex/owner_killed/pinfold",
                                     [](auto& state) { recover(state, own_mutex()); }));
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run_benches(argc, argv, [] {
        enter_contests();
        enter_semaphores();
        enter_recoveries();
    });
}
