// What the first use of an array costs a worker, which maps its pages one fault at a time: one word
// per page is read or written by a process that was forked before. Beside it, the whole part is
// mapped at once by madvise, and huge pages, where the system has any for shared memory.

#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <pinfold/shm/arena.hpp>
#include <stdexcept>
#include <string>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"

namespace {

using pinfold::shm::Arena;

constexpr std::size_t bytes = std::size_t{64} << 20;
constexpr std::size_t page = 4096;
constexpr std::size_t bytes_of_a_chunk = 64 << 10;

/// An array that the host has brought in, and a word of it for the child's answer.
struct Shared {
    explicit Shared(bool huge)
        : words(static_cast<std::uint64_t*>(arena.allocate(bytes, 64, {.huge = huge}))),
          answer(static_cast<std::uint64_t*>(arena.allocate(sizeof(std::uint64_t)))) {}

    Arena arena{{.bytes = 2 * bytes}};
    std::uint64_t* words;
    std::uint64_t* answer;
};

enum class Use { nothing, read, write };

/// A child's use of one word per page, after `advice` for all of them, if it is not 0. The answer
/// is the number of pages.
std::string in_child(Shared& shared, Use use, int advice) {
    const pid_t child = fork();
    if (child < 0) {
        throw std::runtime_error("no child");
    }
    if (child == 0) {
        if (advice != 0 && madvise(shared.words, bytes, advice) != 0) {
            _exit(1);
        }
        std::uint64_t pages = 0;
        for (std::size_t at = 0; at < bytes / sizeof(std::uint64_t); at += page / 8) {
            volatile std::uint64_t& word = shared.words[at];
            if (use == Use::write) {
                word = 0;
            }
            pages += use == Use::nothing || word == 0 ? 1U : 0U;
        }
        *shared.answer = pages;
        _exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) {
        throw std::runtime_error("the child failed");
    }
    return std::to_string(*shared.answer);
}

void enter_use(const std::string& name, Use use, int populate) {
    static Shared small(false);
    static Shared huge(true);
    const auto child = [](Shared& shared, Use use_of_page, int advice = 0) {
        return [&shared, use_of_page, advice] { return in_child(shared, use_of_page, advice); };
    };
    bench::enter({.name = "64_MiB/" + name,
                  .contestants = {{"fork_alone", child(small, Use::nothing)},
                                  {"faults", child(small, use)},
                                  {"populate_" + name, child(small, use, populate)},
                                  {"huge_pages", child(huge, use)}}});
}

/// A job's pass over an array whose pages are there, chunk by chunk, after `advice` for the chunk
/// if it is not 0.
std::string pass_again(Shared& shared, int advice) {
    auto* const first = reinterpret_cast<std::byte*>(shared.words);
    for (std::size_t at = 0; at < bytes; at += bytes_of_a_chunk) {
        if (advice != 0 && madvise(first + at, bytes_of_a_chunk, advice) != 0) {
            throw std::runtime_error("madvise is refused");
        }
        std::memset(first + at, 1, bytes_of_a_chunk);
    }
    return std::to_string(shared.words[bytes / sizeof(std::uint64_t) - 1]);
}

void enter_again() {
    static Shared shared(false);
    pass_again(shared, 0);
    bench::enter(
        {.name = "64_MiB/again",
         .contestants = {{"write", [] { return pass_again(shared, 0); }},
                         {"populate", [] { return pass_again(shared, MADV_POPULATE_WRITE); }}}});
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run_benches(argc, argv, [] {
        enter_use("read", Use::read, MADV_POPULATE_READ);
        enter_use("write", Use::write, MADV_POPULATE_WRITE);
        enter_again();
    });
}
