// What locks between processes cost beside those of pthread that processes can share: alone, by two
// at the same time, and when an owner is killed.

#include <benchmark/benchmark.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/engine/shared.hpp>
#include <shared_mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "harness/kernel_contest.hpp"
#include "harness/median.hpp"
#include "harness/rounds.hpp"
#include "peers/require.hpp"
#include "peers/worker_cpus.hpp"

namespace {

using Clock = std::chrono::steady_clock;

const pinfold::Shared& the_space() {
    static const pinfold::Shared space;
    return space;
}

/// In memory that all processes share, on a line of its own.
template <typename T>
T& in_shared_memory() {
    void* const page = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    bench::require(page != MAP_FAILED, "shared memory");
    return *new (page) T();
}

/// A mutex of pthread for several processes, with the members of the standard library's.
class PthreadMutex {
  public:
    PthreadMutex(pthread_mutex_t& mutex, int robust) : mutex_(&mutex) {
        pthread_mutexattr_t attributes;
        bench::require(pthread_mutexattr_init(&attributes) == 0, "pthread_mutexattr_init");
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&attributes, robust);
        bench::require(pthread_mutex_init(mutex_, &attributes) == 0, "pthread_mutex_init");
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
    static const PthreadMutex mutex(in_shared_memory<pthread_mutex_t>(), PTHREAD_MUTEX_ROBUST);
    return mutex;
}

const PthreadMutex& plain_mutex() {
    static const PthreadMutex mutex(in_shared_memory<pthread_mutex_t>(), PTHREAD_MUTEX_STALLED);
    return mutex;
}

const pinfold::Mutex& own_mutex() {
    static const pinfold::Mutex mutex(the_space());
    return mutex;
}

/// The same of a lock for readers and a writer.
class PthreadSharedMutex {
  public:
    PthreadSharedMutex() {
        pthread_rwlockattr_t attributes;
        bench::require(pthread_rwlockattr_init(&attributes) == 0, "pthread_rwlockattr_init");
        pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        bench::require(pthread_rwlock_init(lock_, &attributes) == 0, "pthread_rwlock_init");
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
    static const pinfold::SharedMutex mutex(the_space());
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
    std::atomic<int> arrived{0};
    alignas(128) long counter = 0;
    std::array<long, 2> sums{};
};

/// Calls `body(meeting, side)` in two processes on two CPUs, which begin at the same time. Returns
/// the sum.
template <typename Body>
long in_two_processes(const Body& body) {
    static const std::vector<int> cpus = bench::worker_cpus(2);
    static Meeting& meeting = in_shared_memory<Meeting>();
    meeting.arrived = 0;
    meeting.counter = 0;
    const auto start = [&](long side) {
        return pinfold::Process(the_space(), [&body, side] {
            const auto index = static_cast<std::size_t>(side);
            pinfold::affinity::bind_this_thread(cpus[index]);
            ++meeting.arrived;
            while (meeting.arrived < 2) {
                pause_cpu(1);
            }
            meeting.sums[index] = body(meeting, side);
        });
    };
    pinfold::Process first = start(0);
    pinfold::Process second = start(1);
    first.join();
    second.join();
    bench::require(first.exit_code() == 0 && second.exit_code() == 0, "a process ended badly");
    return meeting.sums[0] + meeting.sums[1];
}

/// Both raise one counter under the lock, until it is `turns`.
template <typename Lock>
std::string raise_together(const Lock& lock, long turns, int pauses_outside) {
    return std::to_string(in_two_processes([&](Meeting& meeting, long) {
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
    return std::to_string(in_two_processes([&](Meeting& meeting, long) {
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
    return std::to_string(in_two_processes([&](Meeting& meeting, long side) {
        long own = 0;
        for (; own < round_trips; ++own) {
            std::unique_lock held(lock);
            wait(held, [&] { return meeting.counter % 2 == side; });
            ++meeting.counter;
            tell();
        }
        return own;
    }));
}

std::string ping_pong_of_pthread() {
    static pthread_cond_t* const condition = [] {
        pthread_condattr_t attributes;
        bench::require(pthread_condattr_init(&attributes) == 0, "pthread_condattr_init");
        pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_cond_t* const made = &in_shared_memory<pthread_cond_t>();
        bench::require(pthread_cond_init(made, &attributes) == 0, "pthread_cond_init");
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
    static const pinfold::Condition condition(the_space());
    return play_ping_pong(
        own_mutex(), [](auto& held, auto is_mine) { condition.wait(held, is_mine); },
        [] { condition.notify_one(); });
}

/// A process is killed that holds the mutex, while a thread of this one sleeps in
/// lock_or_recover(): until that one has it. The median counts, and all must have been told once.
template <typename Mutex>
void recover(benchmark::State& state, const Mutex& mutex) {
    static auto& is_held = in_shared_memory<std::atomic<int>>();
    std::vector<double> seconds;
    int told = 0;
    for ([[maybe_unused]] auto round : state) {
        is_held = 0;
        pinfold::Process owner(the_space(), [&] {
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
    bench::require(told == static_cast<int>(seconds.size()), "a death was not told exactly once");
    bench::keep_rounds(seconds);
    state.counters["median_us"] = bench::median(std::move(seconds)) * 1e6;
    state.counters["told"] = told;
}

/// What no lock of one word goes below that another process takes by the same steps: an exchange,
/// and a store that lets go.
std::string take_a_bare_word() {
    static auto& word = in_shared_memory<std::atomic<std::uint32_t>>();
    return use_alone(
        [] {
            std::uint32_t nobody = 0;
            bench::require(word.compare_exchange_strong(nobody, 1, std::memory_order_acquire),
                           "nobody else takes it");
        },
        [] { word.store(0, std::memory_order_release); });
}

/// The same of one that is named before it is taken, and until it is let go of and nobody sleeps:
/// what makes it one whose owner may die.
std::string take_a_named_word() {
    struct Named {
        std::atomic<std::uint32_t> word{0};
        std::atomic<std::uint32_t> bell{0};
        alignas(64) std::atomic<const void*> name{nullptr};
    };
    static auto& named = in_shared_memory<Named>();
    return use_alone(
        [] {
            named.name.store(&named.word, std::memory_order_release);
            std::uint32_t nobody = 0;
            bench::require(named.word.compare_exchange_strong(nobody, 1, std::memory_order_acquire),
                           "nobody else takes it");
        },
        [] {
            named.word.store(0, std::memory_order_release);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            bench::require(named.bell.load(std::memory_order_relaxed) == 0, "nobody sleeps");
            named.name.store(nullptr, std::memory_order_release);
        });
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
                                  {"pinfold", alone(own_mutex())},
                                  {"bare_word", take_a_bare_word},
                                  {"bare_word_that_is_named", take_a_named_word}}});
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
    bench::require(sem_init(peer, 1, 1) == 0, "sem_init");
    static const pinfold::Semaphore own(the_space(), 1);
    static const pinfold::BoundedSemaphore bounded(the_space(), 4);
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
