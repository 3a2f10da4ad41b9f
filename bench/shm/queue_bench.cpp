// Messages from one or two processes to another one: pinfold's Queue beside the ring that is the
// floor under it, Boost's message_queue, a POSIX queue, a pipe and a Unix socket. Each put and each
// get waits where it has to. A case's time is that of all messages, from the moment at which all
// processes are there.

#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/engine/shared/process.hpp>
#include <pinfold/engine/shared/queue.hpp>
#include <pinfold/engine/shared/shared.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <thread>
#include <vector>

#include "harness/median.hpp"
#include "harness/rounds.hpp"
#include "peers/messages/bare_ring.hpp"
#include "peers/messages/channels.hpp"
#include "peers/require.hpp"
#include "peers/worker_cpus.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t capacity = 1024;
constexpr int repeats = 5;

/// In memory that all processes share.
template <typename T>
class InSharedMemory {
  public:
    InSharedMemory() {
        void* const place = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        bench::require(place != MAP_FAILED, "shared memory");
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
};

std::int64_t now() {
    return Clock::now().time_since_epoch().count();
}

/// The seconds that `messages` take from so many writers to one reader. `put(number, party)` and
/// `get(party)` are what each does.
template <typename Put, typename Get>
double run(pinfold::Shared& space, int writers, std::uint64_t messages, Put put, Get get) {
    InSharedMemory<Gate> gate;
    const std::vector<int> cpus = bench::worker_cpus(2);
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
        gate->end = now();
        gate->sum = sum;
    });
    while (gate->there < writers + 1) {
        usleep(200);
    }
    const std::int64_t start = now();
    gate->is_open = true;
    processes.clear();  // waits
    bench::require(gate->sum == messages * (messages + 1) / 2, "the sum of all messages");
    return std::chrono::duration<double>(Clock::duration(gate->end - start)).count();
}

struct Shape {
    int writers;
    std::uint64_t messages;
};

template <std::size_t bytes>
double run_queue(const Shape& shape) {
    pinfold::Shared space;
    const pinfold::Queue<Message<bytes>> queue(space, capacity);
    return run(
        space, shape.writers, shape.messages,
        [queue](std::uint64_t number, int, auto&) { queue.put({.number = number}); },
        [queue](int, auto&) { return queue.get()->number; });
}

template <std::size_t bytes>
double run_queue_of_strings(const Shape& shape) {
    pinfold::Shared space;
    const pinfold::Queue<std::string> queue(space, capacity);
    return run(
        space, shape.writers, shape.messages,
        [queue, text = std::string(bytes, ' ')](std::uint64_t number, int, auto&) mutable {
            std::memcpy(text.data(), &number, sizeof number);
            queue.put(text);
        },
        [queue](int, auto&) {
            const auto text = queue.get();
            std::uint64_t number = 0;
            std::memcpy(&number, text->data(), sizeof number);
            return number;
        });
}

template <std::size_t bytes>
double run_bare_ring(const Shape& shape) {
    pinfold::Shared space;
    const InSharedMemory<bench::BareRing<bytes>> ring;
    return run(
        space, shape.writers, shape.messages,
        [&](std::uint64_t number, int party, auto& intent) {
            const Message<bytes> message{.number = number};
            ring->put(&message, static_cast<std::uint64_t>(party) + 1, intent);
        },
        [&](int party, auto& intent) {
            Message<bytes> message;
            ring->get(&message, static_cast<std::uint64_t>(party) + 1, intent);
            return message.number;
        });
}

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
Rates run_all(const std::vector<Contestant>& contestants, const Shape& shape) {
    Rates rates;
    for (int round = 0; round < repeats; ++round) {
        for (const Contestant& each : contestants) {
            rates[each.name].push_back(static_cast<double>(shape.messages) / each.run(shape));
        }
    }
    return rates;
}

double median_ratio(const std::vector<double>& of, const std::vector<double>& to) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < of.size(); ++round) {
        ratios.push_back(of[round] / to[round]);
    }
    return bench::median(ratios);
}

template <std::size_t bytes>
void enter(const std::string& name, const Shape& shape) {
    std::vector<Contestant> contestants{
        {"bare_ring", run_bare_ring<bytes>},
        {"queue", run_queue<bytes>},
        {"boost_message_queue", run_channel<bench::BoostQueue, bytes>},
        {"posix_queue", run_channel<bench::PosixQueue, bytes>},
        {"pipe", run_channel<bench::UnixPipe, bytes>},
        {"unix_socket", run_channel<bench::UnixSocket, bytes>}};
    if (bytes >= 64) {
        contestants.push_back({"queue_of_strings", run_queue_of_strings<bytes>});
    }
    const auto rates = std::make_shared<Rates>();
    for (const Contestant& each : contestants) {
        const auto report = [=](benchmark::State& state) {
            if (rates->empty()) {
                *rates = run_all(contestants, shape);
            }
            const std::vector<double>& own = rates->at(each.name);
            std::vector<bench::Round> rounds;
            for ([[maybe_unused]] auto repeat : state) {
                const std::size_t round = rounds.size();
                const double seconds = static_cast<double>(shape.messages) / own[round];
                state.SetIterationTime(seconds);
                rounds.push_back({seconds, own[round] / rates->at("bare_ring")[round]});
            }
            bench::keep_rounds(rounds);
            state.counters["M_per_s"] = bench::median(own) / 1e6;
            state.counters["vs_bare_ring"] = median_ratio(own, rates->at("bare_ring"));
            state.counters["vs_boost"] = median_ratio(own, rates->at("boost_message_queue"));
        };
        benchmark::RegisterBenchmark((name + "/" + each.name).c_str(), report)
            ->Iterations(repeats)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
    }
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run_benches(argc, argv, [] {
        enter<64>("64_bytes/1_writer", {.writers = 1, .messages = 500'000});
        enter<64>("64_bytes/2_writers", {.writers = 2, .messages = 500'000});
        enter<8>("8_bytes/1_writer", {.writers = 1, .messages = 500'000});
        enter<4096>("4096_bytes/1_writer", {.writers = 1, .messages = 100'000});
    });
}
