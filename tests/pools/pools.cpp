// Makes and ends pools, first in a row and then side by side, and checks every value and that the
// process holds no more at the end than at the start: no process, descriptor, mapping or file.
//
//     pools --pools N
//
// Ends with status 1 at the first thing that is wrong, and by SIGALRM when it hangs.
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "process_tree.hpp"

namespace pools {
namespace {

namespace testing = pinfold::testing;
using pinfold::Chunk;
using pinfold::Range;

// Threads that make pools side by side. The C library keeps the stacks of as many for the next
// ones.
constexpr int hosts = 4;

/// What the process has of the system. The folder for temporary files is its own.
struct Holdings {
    std::vector<int> processes = testing::descendants(getpid());
    std::size_t descriptors = testing::names_in("/proc/self/fd").size();
    std::size_t mappings = count_mappings();
    std::set<std::string> shared_memory = testing::names_in("/dev/shm");
    std::set<std::string> files = testing::names_in(std::filesystem::temp_directory_path());

    static std::size_t count_mappings() {
        std::ifstream maps("/proc/self/maps");
        return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(maps), {}, '\n'));
    }
};

void refuse_more(const Holdings& before, const Holdings& after) {
    const auto check = [](std::string_view what, std::size_t had, std::size_t has) {
        if (has > had) {
            throw std::runtime_error(std::to_string(has) + " " + std::string(what) + ", not " +
                                     std::to_string(had));
        }
    };
    check("processes", before.processes.size(), after.processes.size());
    check("descriptors", before.descriptors, after.descriptors);
    check("mappings", before.mappings, after.mappings);
    check("names in /dev/shm", before.shared_memory.size(), after.shared_memory.size());
    check("temporary files", before.files.size(), after.files.size());
    if (waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD) {
        throw std::runtime_error("a child is left unreaped");
    }
}

/// Makes a pool of processes, runs a job and ends the pool. In one pool of five the first attempt
/// at a chunk kills its worker.
void use_pool(int number) {
    pinfold::Pool pool(
        {.workers = 1 + number % 3, .pin = "none", .arena_bytes = std::size_t{1} << 20});
    const auto starts = pool.array<std::uint32_t>(1);
    starts[0] = number % 5 == 0 ? 0 : 1;
    pinfold::JobOptions<std::uint64_t> options;
    options.grain = 10;
    const auto result = pinfold::map_reduce(
        pool, Range{0, 1000}, starts.data(),
        [](std::uint32_t* const& count, const Chunk& chunk) {
            if (chunk.index == 50 && std::atomic_ref(*count).fetch_add(1) == 0) {
                raise(SIGKILL);
            }
            return testing::sum_map(testing::Empty{}, chunk);
        },
        std::plus<>{}, options);
    if (result.value != testing::sum_below(1000)) {
        throw std::runtime_error("a wrong value in pool " + std::to_string(number));
    }
}

void in_a_row(int pools) {
    for (int number = 0; number < pools; ++number) {
        use_pool(number);
    }
}

void side_by_side(int pools) {
    std::mutex mutex;
    std::exception_ptr thrown;
    std::atomic<int> next{0};
    std::latch all_started(hosts);
    std::vector<std::jthread> threads;
    for (int host = 0; host < hosts; ++host) {
        threads.emplace_back([&] {
            all_started.arrive_and_wait();
            try {
                for (int number = next++; number < pools; number = next++) {
                    use_pool(number);
                }
            } catch (...) {
                const std::scoped_lock lock(mutex);
                thrown = std::current_exception();
            }
        });
    }
    threads.clear();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

/// Where all temporary files of this process go, while it lives.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        if (mkdtemp(name_.data()) == nullptr || setenv("TMPDIR", name_.c_str(), 1) != 0) {
            throw std::system_error(errno, std::generic_category(), name_);
        }
    }
    ~TemporaryFolder() { std::filesystem::remove_all(name_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  private:
    std::string name_ = std::filesystem::temp_directory_path() / "pinfold_pools_XXXXXX";
};

int run(int pools) {
    testing::bar_core_files();
    mallopt(M_ARENA_MAX, 1);  // the allocator's own mappings would depend on chance
    try {
        const TemporaryFolder folder;
        Holdings before;
        side_by_side(4 * hosts);
        before.mappings = Holdings::count_mappings();  // with the threads' stacks, which stay
        in_a_row(pools);
        const Holdings between;
        refuse_more(before, between);
        side_by_side(pools);
        const Holdings after;
        refuse_more(before, after);
        std::printf("%d pools in a row, %d side by side from %d threads: every value right\n",
                    pools, pools, hosts);
        std::printf("%zu descriptors and %zu mappings before, %zu and %zu after; nothing left\n",
                    before.descriptors, before.mappings, after.descriptors, after.mappings);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "pools: %s\n", e.what());
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace pools

int main(int count, char** words) {
    int pools = 0;
    const std::string_view number = count == 3 ? words[2] : "";
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), pools);
    if (count != 3 || std::string_view(words[1]) != "--pools" || pools < 1 ||
        parsed.ptr != number.data() + number.size()) {
        std::fprintf(stderr, "usage: pools --pools N\n");
        return 2;
    }
    alarm(120 + static_cast<unsigned>(pools));
    return pools::run(pools);
}
