// Messages from one process to another one: pinfold's pipe beside rings of one writer and one
// reader that nobody may leave, a Queue, Boost's message_queue, a POSIX queue, a pipe and a Unix
// socket. As many as go in a row; then one there and one back at a time.

#include <cstdint>
#include <cstring>
#include <pinfold/engine/shared/pipe.hpp>
#include <pinfold/engine/shared/queue.hpp>
#include <pinfold/engine/shared/shared.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <vector>

#include "peers/messages/channels.hpp"
#include "peers/messages/index_ring.hpp"
#include "shm/message_runs.hpp"
#include "shm/round_trips.hpp"

namespace {

using bench::InSharedMemory;
using bench::Message;
using bench::message_capacity;
using bench::run;
using bench::run_channel;
using bench::run_channel_both_ways;
using bench::Shape;

template <std::size_t bytes>
double run_pipe(const Shape& shape) {
    pinfold::Shared space;
    const auto ends = pinfold::make_one_way_pipe<Message<bytes>>(space, message_capacity);
    return run(
        space, shape.writers, shape.messages,
        [end = ends.second](std::uint64_t number, int, auto&) { end.put({.number = number}); },
        [end = ends.first](int, auto&) { return end.get()->number; });
}

template <std::size_t bytes>
double run_pipe_of_strings(const Shape& shape) {
    pinfold::Shared space;
    const auto ends = pinfold::make_one_way_pipe<std::string>(space, message_capacity);
    return run(
        space, shape.writers, shape.messages,
        [end = ends.second, text = std::string(bytes, ' ')](std::uint64_t number, int,
                                                            auto&) mutable {
            std::memcpy(text.data(), &number, sizeof number);
            end.put(text);
        },
        [end = ends.first](int, auto&) {
            const auto text = end.get();
            std::uint64_t number = 0;
            std::memcpy(&number, text->data(), sizeof number);
            return number;
        });
}

template <std::size_t bytes>
double run_queue(const Shape& shape) {
    pinfold::Shared space;
    const pinfold::Queue<Message<bytes>> queue(space, message_capacity);
    return run(
        space, shape.writers, shape.messages,
        [queue](std::uint64_t number, int, auto&) { queue.put({.number = number}); },
        [queue](int, auto&) { return queue.get()->number; });
}

template <std::size_t bytes, std::uint64_t published_after>
double run_index_ring(const Shape& shape) {
    pinfold::Shared space;
    const InSharedMemory<bench::IndexRing<bytes, published_after>> ring;
    return run(
        space, shape.writers, shape.messages,
        [&](std::uint64_t number, int, auto&) {
            const Message<bytes> message{.number = number};
            ring->put(&message, bytes);
            if (number == shape.messages) {
                ring->publish_all();
            }
        },
        [&](int, auto&) {
            Message<bytes> message;
            ring->get(&message, bytes);
            return message.number;
        });
}

template <std::size_t bytes>
double run_pipe_both_ways(const Shape& shape) {
    pinfold::Shared space;
    const auto ends = pinfold::make_pipe<Message<bytes>>(space, message_capacity);
    return bench::run_round_trips(
        space, shape.messages,
        [end = ends.first](std::uint64_t number) {
            end.put({.number = number});
            return end.get()->number;
        },
        [end = ends.second] { end.put(*end.get()); });
}

template <std::size_t bytes>
double run_queues_both_ways(const Shape& shape) {
    pinfold::Shared space;
    const pinfold::Queue<Message<bytes>> there(space, message_capacity);
    const pinfold::Queue<Message<bytes>> back(space, message_capacity);
    return bench::run_round_trips(
        space, shape.messages,
        [=](std::uint64_t number) {
            there.put({.number = number});
            return back.get()->number;
        },
        [=] { back.put(*there.get()); });
}

template <std::size_t bytes>
double run_index_rings_both_ways(const Shape& shape) {
    pinfold::Shared space;
    const InSharedMemory<bench::IndexRing<bytes, 1>> there;
    const InSharedMemory<bench::IndexRing<bytes, 1>> back;
    return bench::run_round_trips_by<bytes>(space, shape, *there, *back);
}

template <std::size_t bytes>
void enter_both_ways(const std::string& name) {
    bench::enter("there_and_back/" + name, {.writers = 1, .messages = 4000},
                 {{"index_ring", run_index_rings_both_ways<bytes>},
                  {"pipe", run_pipe_both_ways<bytes>},
                  {"queue", run_queues_both_ways<bytes>},
                  {"boost_message_queue", run_channel_both_ways<bench::BoostQueue, bytes>},
                  {"posix_queue", run_channel_both_ways<bench::PosixQueue, bytes>},
                  {"unix_pipe", run_channel_both_ways<bench::UnixPipe, bytes>},
                  {"unix_socket", run_channel_both_ways<bench::UnixSocket, bytes>}},
                 {"index_ring", "unix_pipe"});
}

template <std::size_t bytes>
void enter(const std::string& name, const Shape& shape) {
    std::vector<bench::Contestant> contestants{
        {"index_ring", run_index_ring<bytes, 1>},
        {"index_ring_each_64", run_index_ring<bytes, 64>},
        {"pipe", run_pipe<bytes>},
        {"queue", run_queue<bytes>},
        {"boost_message_queue", run_channel<bench::BoostQueue, bytes>},
        {"posix_queue", run_channel<bench::PosixQueue, bytes>},
        {"unix_pipe", run_channel<bench::UnixPipe, bytes>},
        {"unix_socket", run_channel<bench::UnixSocket, bytes>}};
    if (bytes >= 64) {
        contestants.push_back({"pipe_of_strings", run_pipe_of_strings<bytes>});
    }
    bench::enter(name, shape, contestants, {"index_ring", "unix_pipe"});
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run_benches(argc, argv, [] {
        enter<64>("64_bytes", {.writers = 1, .messages = 500'000});
        enter<8>("8_bytes", {.writers = 1, .messages = 500'000});
        enter<4096>("4096_bytes", {.writers = 1, .messages = 100'000});
        enter_both_ways<64>("64_bytes");
        enter_both_ways<8>("8_bytes");
        enter_both_ways<4096>("4096_bytes");
    });
}
