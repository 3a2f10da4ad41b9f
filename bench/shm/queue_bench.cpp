// Messages from one or two processes to another one: pinfold's Queue beside the ring that is the
// floor under it, Boost's message_queue, a POSIX queue, a pipe and a Unix socket. Each put and each
// get waits where it has to. A case's time is that of all messages, from the moment at which all
// processes are there.

#include <cstdint>
#include <cstring>
#include <pinfold/engine/shared/queue.hpp>
#include <pinfold/engine/shared/shared.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <vector>

#include "peers/messages/bare_ring.hpp"
#include "peers/messages/channels.hpp"
#include "shm/message_runs.hpp"

namespace {

using bench::InSharedMemory;
using bench::Message;
using bench::run;
using bench::run_channel;
using bench::Shape;

template <std::size_t bytes>
double run_queue(const Shape& shape) {
    pinfold::Shared space;
    const pinfold::Queue<Message<bytes>> queue(space, bench::message_capacity);
    return run(
        space, shape.writers, shape.messages,
        [queue](std::uint64_t number, int, auto&) { queue.put({.number = number}); },
        [queue](int, auto&) { return queue.get()->number; });
}

template <std::size_t bytes>
double run_queue_of_strings(const Shape& shape) {
    pinfold::Shared space;
    const pinfold::Queue<std::string> queue(space, bench::message_capacity);
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

template <std::size_t bytes>
void enter(const std::string& name, const Shape& shape) {
    std::vector<bench::Contestant> contestants{
        {"bare_ring", run_bare_ring<bytes>},
        {"queue", run_queue<bytes>},
        {"boost_message_queue", run_channel<bench::BoostQueue, bytes>},
        {"posix_queue", run_channel<bench::PosixQueue, bytes>},
        {"pipe", run_channel<bench::UnixPipe, bytes>},
        {"unix_socket", run_channel<bench::UnixSocket, bytes>}};
    if (bytes >= 64) {
        contestants.push_back({"queue_of_strings", run_queue_of_strings<bytes>});
    }
    bench::enter(name, shape, contestants, {"bare_ring", "boost_message_queue"});
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
