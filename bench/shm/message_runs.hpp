#pragma once

// What messages from some processes to another one take, whatever carries them: a case's time is
// that of all messages, from the moment at which all processes are there.

#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/engine/shared/process.hpp>
#include <pinfold/engine/shared/shared.hpp>
#include <string>
#include <thread>
#include <vector>

#include "harness/median.hpp"
#include "harness/rounds.hpp"
#include "peers/require.hpp"
#include "peers/worker_cpus.hpp"

namespace bench {

/// In messages; channels.cpp has the same.
inline constexpr std::size_t message_capacity = 1024;

/// Rounds in which all contestants run in turn.
inline constexpr int message_repeats = 5;

/// In memory that all processes share.
template <typename T>
class InSharedMemory {
  public:
    InSharedMemory() {
        void* const place = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        require(place != MAP_FAILED, "shared memory");
        value_ = new (place) T();
    }
    ~InSharedMemory() { munmap(value_, sizeof(T)); }
    InSharedMemory(const InSharedMemory&) = delete;
    InSharedMemory& operator=(const InSharedMemory&) = delete;
    T* operator->() const { return value_; }
    T& operator*() const { return *value_; }

  private:
    T* value_;
};

template <std::size_t bytes>
struct Message {
    std::uint64_t number = 0;
    std::array<char, bytes - sizeof(std::uint64_t)> rest{};
};
template <>
struct Message<8> {
    std::uint64_t number = 0;
};

/// Where the processes of a run meet.
struct Gate {
    alignas(64) std::atomic<int> there{0};
    alignas(64) std::atomic<bool> is_open{false};
    alignas(64) std::atomic<std::int64_t> end{0};
    std::atomic<std::uint64_t> sum{0};
    /// A party's note of what it is about to claim, on a line of its own.
    struct alignas(128) Note {
        std::atomic<std::uint64_t> intent{0};
    };
    std::array<Note, 4> notes;

    void meet() {
        there.fetch_add(1);
        while (!is_open) {
            std::this_thread::yield();
        }
    }

    /// By the host: opens when so many are there. Returns when that was.
    [[nodiscard]] std::int64_t open_for(int parties) {
        while (there < parties) {
            usleep(200);
        }
        const std::int64_t start = now();
        is_open = true;
        return start;
    }
    [[nodiscard]] double seconds_from(std::int64_t start) const {
        return std::chrono::duration<double>(std::chrono::steady_clock::duration(end - start))
            .count();
    }

    [[nodiscard]] static std::int64_t now() {
        return std::chrono::steady_clock::now().time_since_epoch().count();
    }
};

/// The seconds that `messages` take from so many writers to one reader. `put(number, party)` and
/// `get(party)` are what each does.
template <typename Put, typename Get>
double run(pinfold::Shared& space, int writers, std::uint64_t messages, Put put, Get get) {
    InSharedMemory<Gate> gate;
    const std::vector<int> cpus = worker_cpus(2);
    std::vector<pinfold::Process> processes;
    for (int writer = 0; writer < writers; ++writer) {
        processes.emplace_back(space, [&, writer] {
            pinfold::affinity::bind_this_thread(cpus[static_cast<std::size_t>(writer)]);
            gate->meet();
            for (auto i = static_cast<std::uint64_t>(writer); i < messages;
                 i += static_cast<std::uint64_t>(writers)) {
                put(i + 1, writer, gate->notes[static_cast<std::size_t>(writer)].intent);
            }
        });
    }
    processes.emplace_back(space, [&] {
        pinfold::affinity::bind_this_thread(writers == 1 ? cpus[1] : cpus[0]);
        gate->meet();
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < messages; ++i) {
            sum += get(writers, gate->notes[static_cast<std::size_t>(writers)].intent);
        }
        gate->end = Gate::now();
        gate->sum = sum;
    });
    const std::int64_t start = gate->open_for(writers + 1);
    processes.clear();  // waits
    require(gate->sum == messages * (messages + 1) / 2, "the sum of all messages");
    return gate->seconds_from(start);
}

struct Shape {
    int writers;
    std::uint64_t messages;
};

template <typename Channel, std::size_t bytes>
double run_channel(const Shape& shape) {
    pinfold::Shared space;
    Channel channel(bytes);
    return run(
        space, shape.writers, shape.messages,
        [&](std::uint64_t number, int, auto&) {
            const Message<bytes> message{.number = number};
            channel.put(&message, bytes);
        },
        [&](int, auto&) {
            Message<bytes> message;
            channel.get(&message, bytes);
            return message.number;
        });
}

struct Contestant {
    std::string name;
    std::function<double(const Shape&)> run;
};

using Rates = std::map<std::string, std::vector<double>>;  // messages a second, by contestant

/// All contestants in turn, several times round.
[[nodiscard]] inline Rates run_all(const std::vector<Contestant>& contestants, const Shape& shape) {
    Rates rates;
    for (int round = 0; round < message_repeats; ++round) {
        for (const Contestant& each : contestants) {
            rates[each.name].push_back(static_cast<double>(shape.messages) / each.run(shape));
        }
    }
    return rates;
}

[[nodiscard]] inline double median_ratio(const std::vector<double>& of,
                                         const std::vector<double>& to) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < of.size(); ++round) {
        ratios.push_back(of[round] / to[round]);
    }
    return median(ratios);
}

/// A case for each contestant, whose counters are its rate, and its ratios to the rates of others.
inline void enter(const std::string& name, const Shape& shape,
                  const std::vector<Contestant>& contestants,
                  const std::vector<std::string>& yardsticks) {
    const auto rates = std::make_shared<Rates>();
    for (const Contestant& each : contestants) {
        const auto report = [=](benchmark::State& state) {
            if (rates->empty()) {
                *rates = run_all(contestants, shape);
            }
            const std::vector<double>& own = rates->at(each.name);
            std::vector<Round> rounds;
            for ([[maybe_unused]] auto repeat : state) {
                const std::size_t round = rounds.size();
                const double seconds = static_cast<double>(shape.messages) / own[round];
                state.SetIterationTime(seconds);
                rounds.push_back({seconds, own[round] / rates->at(yardsticks.front())[round]});
            }
            keep_rounds(rounds);
            state.counters["M_per_s"] = median(own) / 1e6;
            for (const std::string& yardstick : yardsticks) {
                state.counters["vs_" + yardstick] = median_ratio(own, rates->at(yardstick));
            }
        };
        benchmark::RegisterBenchmark((name + "/" + each.name).c_str(), report)
            ->Iterations(message_repeats)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
    }
}

}  // namespace bench
