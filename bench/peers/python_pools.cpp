// A python3 that runs python_pools.py, one for each runner. Jobs and answers are lines of two
// pipes.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "harness/task_runners.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

const char* name_of(PythonPool pool) {
    switch (pool) {
        case PythonPool::multiprocessing_pool:
            return "multiprocessing_pool";
        case PythonPool::multiprocessing_thread_pool:
            return "multiprocessing_thread_pool";
        case PythonPool::thread_pool_executor:
            return "thread_pool_executor";
        case PythonPool::process_pool_executor:
            return "process_pool_executor";
    }
    return "";
}

/// A program of which we write the input and read the output. The destructor ends the input and
/// waits for it.
class Program {
  public:
    explicit Program(const char* const* arguments) {
        std::array<int, 2> input{};
        std::array<int, 2> output{};
        if (pipe2(input.data(), O_CLOEXEC) != 0 || pipe2(output.data(), O_CLOEXEC) != 0) {
            throw std::system_error(errno, std::generic_category(), "pipe2");
        }
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
        const int error = posix_spawnp(&pid_, arguments[0], &actions, nullptr,
                                       const_cast<char* const*>(arguments), environ);
        posix_spawn_file_actions_destroy(&actions);
        close(input[0]);
        close(output[1]);
        to_ = fdopen(input[1], "w");
        from_ = fdopen(output[0], "r");
        if (error != 0) {
            pid_ = -1;
        }
    }
    ~Program() { end(); }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] FILE* to() const { return to_; }
    [[nodiscard]] FILE* from() const { return from_; }

    /// Returns whether it ended well.
    bool end() {
        int status = -1;
        if (to_ != nullptr) {
            std::fclose(std::exchange(to_, nullptr));
            std::fclose(std::exchange(from_, nullptr));
            while (pid_ > 0 && waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
            }
        }
        return status == 0;
    }

  private:
    pid_t pid_ = -1;
    FILE* to_ = nullptr;
    FILE* from_ = nullptr;
};

bool has_python() {
    static const bool has = [] {
        const std::array<const char*, 4> arguments{"python3", "-c", "import multiprocessing",
                                                   nullptr};
        const bool found = Program(arguments.data()).end();
        if (!found) {
            std::cerr << "there is no python3 here: its pools are left out\n";
        }
        return found;
    }();
    return has;
}

class Python final : public Runner {
  public:
    Python(PythonPool pool, std::uint64_t in_flight)
        : arguments_{"python3", PINFOLD_PYTHON_POOLS, name_of(pool), in_flight_.c_str(), nullptr},
          in_flight_(std::to_string(in_flight)) {
        arguments_[3] = in_flight_.c_str();
        python_ = std::make_unique<Program>(arguments_.data());
    }

    Partial run(const Work& work) override {
        const std::uint64_t tasks = std::min(work.chunks, most_python_tasks);
        const std::uint64_t microseconds = work.map == Work::Map::empty ? 0 : work.microseconds;
        std::fprintf(python_->to(), "%llu %llu\n", static_cast<unsigned long long>(tasks),
                     static_cast<unsigned long long>(microseconds));
        std::fflush(python_->to());
        unsigned long long sum = 0;
        require(std::fscanf(python_->from(), "%lf %llu", &seconds_, &sum) == 2, "Python's line");
        require(sum == tasks * (tasks - 1) / 2, "the sum of Python's tasks");
        seconds_ *= static_cast<double>(work.chunks) / static_cast<double>(tasks);
        return run_plainly(work);
    }

    [[nodiscard]] double own_seconds() const override { return seconds_; }

  private:
    std::array<const char*, 5> arguments_;
    std::string in_flight_;
    std::unique_ptr<Program> python_;
    double seconds_ = 0;
};

}  // namespace

MakeRunner python_pool(PythonPool pool, std::uint64_t in_flight) {
    if (!has_python()) {
        return {};
    }
    return [=] { return std::make_unique<Python>(pool, in_flight); };
}

}  // namespace bench
