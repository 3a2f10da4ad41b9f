// What a block of the shared heap costs beside one of malloc's: taken, written, and given back.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <vector>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"

namespace {

using pinfold::shm::Arena;
using pinfold::shm::Heap;

Heap& the_heap() {
    static Arena arena({.bytes = std::size_t{1} << 30, .heap_parties = 2});
    return *arena.heap();
}

/// Takes `alive` blocks, then gives them back, `rounds` times. The answer is the sum of their ends.
template <typename Take, typename GiveBack>
std::string use_blocks(std::size_t bytes, std::size_t alive, std::size_t rounds, Take take,
                       GiveBack give_back) {
    std::vector<unsigned char*> blocks(alive);
    std::size_t sum = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < alive; ++i) {
            blocks[i] = static_cast<unsigned char*>(take(bytes));
            std::memset(blocks[i], static_cast<int>(i % 256), bytes);
        }
        for (unsigned char* const block : blocks) {
            sum += block[bytes - 1];
            give_back(block);
        }
    }
    return std::to_string(sum);
}

void enter(const std::string& name, std::size_t bytes, std::size_t alive, std::size_t rounds) {
    bench::enter(
        {.name = name,
         .contestants = {
             {"malloc", [=] { return use_blocks(bytes, alive, rounds, std::malloc, std::free); }},
             {"heap", [=] {
                  Heap& heap = the_heap();
                  const auto take = [&heap](std::size_t size) {
                      void* const block = heap.allocate(1, size);
                      heap.give_over(1);
                      return block;
                  };
                  return use_blocks(bytes, alive, rounds, take,
                                    [&heap](void* block) { heap.deallocate(0, block); });
              }}}});
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run_benches(argc, argv, [] {
        enter("100_bytes/100_alive", 100, 100, 3000);
        enter("100_bytes/100000_alive", 100, 100'000, 3);
        enter("4_KiB/1000_alive", 4096, 1000, 30);
        enter("100_KiB/100_alive", 100 << 10, 100, 20);
        enter("4_MiB/4_alive", 4 << 20, 4, 10);
    });
}
