#pragma once

// What a message there and one back take between two processes on two CPUs, one at a time: nobody
// has anything else to do, so both wait for each message.

#include <cstdint>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/engine/shared/process.hpp>
#include <pinfold/engine/shared/shared.hpp>
#include <vector>

#include "shm/message_runs.hpp"

namespace bench {

/// The seconds of so many round trips. `ask(number)` puts a message and returns the number of the
/// one that comes back; `answer()` gets one and puts it back.
template <typename Ask, typename Answer>
double run_round_trips(pinfold::Shared& space, std::uint64_t trips, Ask ask, Answer answer) {
    InSharedMemory<Gate> gate;
    const std::vector<int> cpus = worker_cpus(2);
    std::vector<pinfold::Process> processes;
    processes.emplace_back(space, [&] {
        pinfold::affinity::bind_this_thread(cpus[0]);
        gate->meet();
        std::uint64_t sum = 0;
        for (std::uint64_t number = 1; number <= trips; ++number) {
            sum += ask(number);
        }
        gate->end = Gate::now();
        gate->sum = sum;
    });
    processes.emplace_back(space, [&] {
        pinfold::affinity::bind_this_thread(cpus[1]);
        gate->meet();
        for (std::uint64_t number = 1; number <= trips; ++number) {
            answer();
        }
    });
    const std::int64_t start = gate->open_for(2);
    processes.clear();  // waits
    require(gate->sum == trips * (trips + 1) / 2, "the sum of all messages that came back");
    return gate->seconds_from(start);
}

/// By two channels, of which each carries messages in one direction: `put(message)`, `get()`.
template <std::size_t bytes, typename There, typename Back>
double run_round_trips_by(pinfold::Shared& space, const Shape& shape, There& there, Back& back) {
    return run_round_trips(
        space, shape.messages,
        [&](std::uint64_t number) {
            const Message<bytes> message{.number = number};
            there.put(&message, bytes);
            Message<bytes> answer;
            back.get(&answer, bytes);
            return answer.number;
        },
        [&] {
            Message<bytes> message;
            there.get(&message, bytes);
            back.put(&message, bytes);
        });
}

template <typename Channel, std::size_t bytes>
double run_channel_both_ways(const Shape& shape) {
    pinfold::Shared space;
    Channel there(bytes);
    Channel back(bytes);
    return run_round_trips_by<bytes>(space, shape, there, back);
}

}  // namespace bench
