// The program of a user who looks for faults of their own with a sanitizer, and hands things from
// thread to thread by shared objects: not one complaint about them.
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <pinfold/engine/shared.hpp>
#include <shared_mutex>
#include <thread>

namespace {

using pinfold::Space;

constexpr int rounds = 50'000;  // so many that both threads are at it at a time

struct Large {
    std::array<std::uint64_t, 40> words{};
};

template <typename First, typename Second>
void run_beside(const First& first, const Second& second) {
    std::thread beside(second);
    first();
    beside.join();
}

/// Two threads raise a count that nothing but the lock protects.
template <typename Lock>
bool keeps_apart(const Lock& lock) {
    int count = 0;
    const auto raise = [&] {
        for (int i = 0; i < rounds; ++i) {
            const std::lock_guard guard(lock);
            ++count;
        }
    };
    run_beside(raise, raise);
    return count == 2 * rounds;
}

bool readers_see_all(const Space& space) {
    const pinfold::SharedMutex mutex(space);
    int count = 0;
    int seen = 0;
    run_beside(
        [&] {
            for (int i = 0; i < rounds; ++i) {
                const std::lock_guard guard(mutex);
                ++count;
            }
        },
        [&] {
            for (int i = 0; i < rounds; ++i) {
                const std::shared_lock guard(mutex);
                seen = count;
            }
        });
    return count == rounds && seen <= count;
}

bool values_are_whole(const Space& space) {
    const pinfold::Value<Large> value(space);
    const auto raise = [&] {
        for (int i = 0; i < rounds; ++i) {
            value.update([](Large& large) { ++large.words[7]; });
        }
    };
    run_beside(raise, raise);
    return value.load().words[7] == 2 * std::uint64_t{rounds};
}

/// What it points to is read by the one who gets the message.
template <typename Writer, typename Reader>
bool messages_arrive(const Writer& writer, const Reader& reader) {
    static std::array<int, rounds> pointees;
    pointees.fill(0);
    int sum = 0;
    run_beside(
        [&] {
            for (std::size_t i = 0; i < rounds; ++i) {
                pointees[i] = 1;
                Large large;
                large.words[0] = i;
                writer.put(large);
            }
            writer.close();
        },
        [&] {
            while (const auto large = reader.get()) {
                sum += pointees[large->words[0]];
            }
        });
    return sum == rounds;
}

bool leases_are_joined(const Space& space) {
    const pinfold::Queue<int> queue(space, 8);
    int sum = 0;
    bool is_right = true;
    run_beside(
        [&] {
            for (int i = 1; i <= 1000; ++i) {
                queue.put(1);
                queue.join();
                is_right = is_right && sum == i;
            }
            queue.close();
        },
        [&] {
            while (auto lease = queue.lease()) {
                sum += **lease;
                lease->task_done();
            }
        });
    return is_right;
}

bool turns_are_kept(const Space& space) {
    const pinfold::Semaphore go(space);
    const pinfold::Event gone(space);
    const pinfold::Barrier barrier(space, 2);
    int count = 0;
    std::atomic<int> wrong = 0;
    run_beside(
        [&] {
            for (int i = 0; i < 2000; ++i) {
                ++count;
                go.release();
                gone.wait();
                gone.clear();
                wrong += count == 2 * i + 2 ? 0 : 1;
                barrier.arrive_and_wait();
                barrier.arrive_and_wait();
            }
        },
        [&] {
            for (int i = 0; i < 2000; ++i) {
                go.acquire();
                ++count;
                gone.set();
                barrier.arrive_and_wait();
                wrong += count == 2 * i + 2 ? 0 : 1;
                barrier.arrive_and_wait();
            }
        });
    return wrong == 0;
}

bool news_are_told(const Space& space) {
    const pinfold::Mutex mutex(space);
    const pinfold::Condition changed(space);
    int turn = 0;
    const auto take_turns = [&](int mine) {
        for (int i = 0; i < 2000; ++i) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return turn % 2 == mine; });
            ++turn;
            changed.notify_all();
        }
    };
    run_beside([&] { take_turns(0); }, [&] { take_turns(1); });
    return turn == 4000;
}

}  // namespace

int main() {
    const pinfold::Shared space;
    const pinfold::LockedArray<int> array(space, 10);
    const pinfold::Queue<Large> queue(space, 8);
    const auto [reader, writer] = pinfold::make_one_way_pipe<Large>(space, 8);
    const bool is_right = keeps_apart(pinfold::Mutex(space)) &&
                          keeps_apart(pinfold::RecursiveMutex(space)) &&
                          keeps_apart(pinfold::SharedMutex(space)) &&
                          keeps_apart(pinfold::BoundedSemaphore(space, 1)) && keeps_apart(array) &&
                          readers_see_all(space) && values_are_whole(space) &&
                          messages_arrive(queue, queue) && messages_arrive(writer, reader) &&
                          leases_are_joined(space) && turns_are_kept(space) && news_are_told(space);
    return is_right ? 0 : 1;
}
