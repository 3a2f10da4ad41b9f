#include "report/drawing/child_process.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <pinfold/shm/descriptor.hpp>
#include <system_error>

namespace pinfold::apps::report {

namespace {

using Clock = std::chrono::steady_clock;

// No drawing comes near it. A program that writes without end is ended before it fills the memory.
constexpr off_t most_output = off_t{64} << 20;

shm::Descriptor memory_file(const char* name, std::string_view text) {
    shm::Descriptor file(memfd_create(name, MFD_CLOEXEC));
    while (file.number() >= 0 && !text.empty()) {
        const ssize_t written = write(file.number(), text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "cannot hand over a script");
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    if (file.number() < 0 || lseek(file.number(), 0, SEEK_SET) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot make a file in memory");
    }
    return file;
}

off_t size_of(const shm::Descriptor& file) {
    struct stat found {};
    return fstat(file.number(), &found) == 0 ? found.st_size : 0;
}

std::string text_of(const shm::Descriptor& file) {
    std::string text(static_cast<std::size_t>(std::min(size_of(file), most_output)), '\0');
    std::size_t got = 0;
    while (got < text.size()) {
        const ssize_t more =
            pread(file.number(), text.data() + got, text.size() - got, static_cast<off_t>(got));
        if (more <= 0 && errno != EINTR) {
            break;
        }
        got += static_cast<std::size_t>(std::max<ssize_t>(more, 0));
    }
    text.resize(got);
    return text;
}

/// Numbers are written with a point and texts are UTF-8, whatever the user's language.
std::vector<std::string> plain_environment() {
    std::vector<std::string> variables{"LC_ALL=C.UTF-8"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (!text.starts_with("LC_") && !text.starts_with("LANG")) {
            variables.emplace_back(text);
        }
    }
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

/// What a child starts with: its streams, a process group of its own, no signal held back.
class Start {
  public:
    Start(const shm::Descriptor& input, const shm::Descriptor& output,
          const shm::Descriptor& error) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, input.number(), STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, output.number(), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, error.number(), STDERR_FILENO);
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        sigset_t to_default;
        sigemptyset(&to_default);
        sigaddset(&to_default, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes_, &to_default);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    ~Start() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    Start(const Start&) = delete;
    Start& operator=(const Start&) = delete;

    /// 0, or the system's error.
    int operator()(pid_t& child, std::vector<std::string> words) const {
        std::vector<std::string> variables = plain_environment();
        return posix_spawnp(&child, words.front().c_str(), &actions_, &attributes_,
                            pointers(words).data(), pointers(variables).data());
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Whether the child ended by itself. It is not reaped yet, so its number is still its own.
bool ends_within(pid_t child, std::chrono::milliseconds patience, const shm::Descriptor& output) {
    constexpr int slice_ms = 20;
    const shm::Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
    const auto deadline = Clock::now() + patience;
    while (Clock::now() < deadline && size_of(output) < most_output) {
        // Where the system has no such handle, poll() passes over it and is a sleep.
        pollfd event{handle.number(), POLLIN, 0};
        poll(&event, 1, slice_ms);
        siginfo_t info{};
        if (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
            info.si_pid == child) {
            return true;
        }
    }
    return false;
}

int reap(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) == -1 && errno == EINTR) {
    }
    return status;
}

/// gnuplot first repeats the script's line; what was wrong with it comes last.
std::string last_line(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n.");
    if (end == std::string::npos) {
        return "";
    }
    const std::size_t begin = text.rfind('\n', end) + 1;  // none: npos + 1 is 0
    return text.substr(begin, end + 1 - begin);
}

std::string ending(const std::string& name, int status, const std::string& error) {
    const std::string said = error.empty() ? "" : ": " + last_line(error).substr(0, 200);
    if (WIFSIGNALED(status)) {
        return fmt::format("{} was ended by signal {}{}", name, WTERMSIG(status), said);
    }
    if (WEXITSTATUS(status) != 0) {
        return fmt::format("{} failed with exit status {}{}", name, WEXITSTATUS(status), said);
    }
    return "";
}

}  // namespace

ChildOutcome run_child(const std::vector<std::string>& words, std::string_view input,
                       std::chrono::milliseconds patience) {
    const std::string& name = words.front();
    const shm::Descriptor in = memory_file("pinfold-input", input);
    const shm::Descriptor out = memory_file("pinfold-output", "");
    const shm::Descriptor err = memory_file("pinfold-error", "");
    pid_t child = -1;
    if (const int error = Start(in, out, err)(child, words); error != 0) {
        const bool is_missing = error == ENOENT;
        return {.problem = is_missing ? name + " was not found"
                                      : name + " could not be started: " + std::strerror(error),
                .try_again = false};
    }
    const bool ended = ends_within(child, patience, out);
    kill(-child, SIGKILL);  // also what it started and left behind
    const int status = reap(child);
    if (!ended) {
        return {
            .problem = fmt::format("{} did not end within {} s, or wrote too much, and was killed",
                                   name, std::chrono::duration<double>(patience).count()),
            .try_again = false};
    }
    return {.output = text_of(out), .problem = ending(name, status, text_of(err))};
}

}  // namespace pinfold::apps::report
