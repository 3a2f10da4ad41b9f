// A run of a study, and who may die:
//
//     pinfold scale ─fork─► the run ─► whatever it starts
//
//     the run ends         its pidfd says so. Its group is killed while it is a zombie and its
//                          number is its own; then it is reaped, then what fell to us.
//     the run hangs        its deadline ends it; without one the user does, by Ctrl-C.
//     pinfold scale dies   PR_SET_PDEATHSIG kills the run's first process. One of ours takes its
//                          workers along; another program's children are its own affair.
//     a child of the run   is the run's affair while it lives, and falls to us afterwards.
//
// Between fork and exec the child makes system calls only: other threads of ours may hold any lock.

#include "scale/process/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <pinfold/shm/descriptor.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "scale/process/stray_processes.hpp"

namespace pinfold::apps {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto grace = 100ms;                 // between SIGTERM and SIGKILL
constexpr std::size_t most_error = 64 << 10;  // its last lines are shown

int checked(int result, const char* what) {
    if (result == -1) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

struct Pipe {
    shm::Descriptor read_end;
    shm::Descriptor write_end;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    checked(pipe2(ends.data(), O_CLOEXEC), "pipe2");
    return {shm::Descriptor(ends[0]), shm::Descriptor(ends[1])};
}

/// What the child needs, made before the fork.
class Preparation {
  public:
    explicit Preparation(const ChildRequest& request)
        : program_(request.program), words_(request.words) {
        for (char** variable = environ; *variable != nullptr; ++variable) {
            const std::string_view text = *variable;
            const std::string_view name = text.substr(0, text.find('='));
            const bool replaced = std::ranges::any_of(
                request.environment, [&](const auto& added) { return added.first == name; });
            if (!replaced) {
                variables_.emplace_back(text);
            }
        }
        for (const auto& [name, value] : request.environment) {
            variables_.push_back(fmt::format("{}={}", name, value));
        }
        point_at(words_, argv_);
        point_at(variables_, envp_);
    }

    /// The child's whole life in this program. Async-signal-safe.
    [[noreturn]] void become(pid_t parent) const {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(gate.write_end.number());  // its own copy
        if (getppid() != parent) {
            _exit(exec_failed);  // it died before it was watched
        }
        // Until the parent watches, or is gone.
        char gone = 0;
        [[maybe_unused]] const ssize_t opened = read(gate.read_end.number(), &gone, sizeof gone);
        // What this program ignores; other ignored ones, as under nohup, stay so.
        for (const int number : {SIGPIPE, SIGXFSZ}) {
            signal(number, SIG_DFL);
        }
        sigset_t none;
        sigemptyset(&none);
        const bool ready = dup2(null.number(), STDIN_FILENO) != -1 &&
                           dup2(output.write_end.number(), STDOUT_FILENO) != -1 &&
                           dup2(error.write_end.number(), STDERR_FILENO) != -1 &&
                           sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
        if (ready) {
            execvpe(program_.c_str(), argv_.data(), envp_.data());
        }
        const int why = errno;
        [[maybe_unused]] const ssize_t told = write(refusal.write_end.number(), &why, sizeof why);
        _exit(exec_failed);
    }

    Pipe output = make_pipe();
    Pipe error = make_pipe();
    Pipe gate = make_pipe();     // open for the child when its other end is closed
    Pipe refusal = make_pipe();  // an errno, if the program cannot be run
    shm::Descriptor null{checked(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null")};

  private:
    static constexpr int exec_failed = 127;

    static void point_at(std::vector<std::string>& texts, std::vector<char*>& pointers) {
        for (std::string& text : texts) {
            pointers.push_back(text.data());
        }
        pointers.push_back(nullptr);
    }

    std::string program_;
    std::vector<std::string> words_;
    std::vector<std::string> variables_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
};

/// One stream of the child, of which the end is kept.
class Stream {
  public:
    Stream(shm::Descriptor descriptor, std::size_t most)
        : descriptor_(std::move(descriptor)), most_(most) {
        checked(fcntl(descriptor_.number(), F_SETFL, O_NONBLOCK), "fcntl");
    }

    [[nodiscard]] pollfd watched() const { return {descriptor_.number(), POLLIN, 0}; }

    /// Reads what is there, but not for ever from one who writes for ever.
    void read_some() {
        constexpr int most_reads = 64;
        std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): is read
        for (int reads = 0; reads < most_reads && descriptor_.number() >= 0; ++reads) {
            const ssize_t bytes = read(descriptor_.number(), buffer.data(), buffer.size());
            if (bytes > 0) {
                add({buffer.data(), static_cast<std::size_t>(bytes)});
            } else if (bytes == -1 && errno == EINTR) {
                continue;
            } else {
                if (bytes == 0 || errno != EAGAIN) {
                    descriptor_.reset();
                }
                return;
            }
        }
    }

    [[nodiscard]] std::string take() { return std::move(text_); }
    [[nodiscard]] bool cut() const { return cut_; }

  private:
    void add(std::string_view bytes) {
        text_ += bytes;
        // Twice as much, so that the move of the rest is paid by as many bytes that came.
        if (text_.size() > 2 * most_) {
            text_.erase(0, text_.size() - most_);
            cut_ = true;
        }
    }

    shm::Descriptor descriptor_;
    std::size_t most_;
    std::string text_;
    bool cut_ = false;
};

/// Rings when a stop is requested.
class StopBell {
  public:
    explicit StopBell(const std::stop_token& stop)
        : bell_(checked(eventfd(0, EFD_CLOEXEC), "eventfd")),
          callback_(stop, [this] { eventfd_write(bell_.number(), 1); }) {}

    [[nodiscard]] pollfd watched() const { return {bell_.number(), POLLIN, 0}; }

  private:
    shm::Descriptor bell_;
    std::stop_callback<std::function<void()>> callback_;
};

class Child {
  public:
    Child(const ChildRequest& request, const std::stop_token& stop, ChildWatch* watch)
        : request_(request), observer_(watch), bell_(stop) {}

    void start() {
        Preparation preparation(request_);
        const pid_t parent = getpid();
        if (observer_ != nullptr) {
            observer_->begin();
        }
        started_ = Clock::now();
        pid_ = checked(fork(), "cannot start a run");
        if (pid_ == 0) {
            preparation.become(parent);
        }
        setpgid(pid_, pid_);  // whoever is first, the child or we
        if (observer_ != nullptr) {
            const Clock::time_point forked = Clock::now();
            observer_->started(pid_);
            started_ += Clock::now() - forked;  // that wait is no part of the run
        }
        preparation.gate.write_end.reset();
        preparation.output.write_end.reset();
        preparation.error.write_end.reset();
        preparation.refusal.write_end.reset();
        check_that_it_runs(preparation.refusal.read_end);
        watch_ = shm::Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
        checked(watch_.number(), "pidfd_open");
        streams_.emplace_back(std::move(preparation.output.read_end), most_output);
        streams_.emplace_back(std::move(preparation.error.read_end), most_error);
    }

    ~Child() {
        if (pid_ > 0) {  // an error on the way: nothing of it stays
            kill(-pid_, SIGKILL);
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    ChildEnding finish() {
        ChildEnding ending;
        wait_for_end(ending);
        ending.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
        kill(-pid_, SIGKILL);
        reap(ending);
        ending.left_behind = end_stray_processes();
        for (Stream& stream : streams_) {
            stream.read_some();
        }
        ending.output = streams_[0].take();
        ending.output_cut = streams_[0].cut();
        ending.error = streams_[1].take();
        return ending;
    }

  private:
    void check_that_it_runs(const shm::Descriptor& refusal) {
        int why = 0;
        ssize_t bytes = 0;
        do {
            bytes = read(refusal.number(), &why, sizeof why);
        } while (bytes == -1 && errno == EINTR);
        if (bytes > 0) {
            throw std::invalid_argument(
                fmt::format("cannot run '{}': {}", request_.words.front(), strerror(why)));
        }
    }

    /// Until its first process has ended, on its own or by us.
    void wait_for_end(ChildEnding& ending) {
        std::array<pollfd, 4> events{pollfd{watch_.number(), POLLIN, 0}, bell_.watched(), {}, {}};
        Clock::time_point end = request_.deadline.count() == 0 ? Clock::time_point::max()
                                                               : started_ + request_.deadline;
        while (true) {
            events[2] = streams_[0].watched();
            events[3] = streams_[1].watched();
            const int ready =
                poll(events.data(), events.size(), milliseconds_to(std::min(end, next_tick())));
            if (ready > 0 && events[0].revents != 0) {
                return;
            }
            if (ready > 0 && events[1].revents != 0) {
                ending.end = ChildEnd::stopped;
                events[1].fd = -1;
                kill(-pid_, SIGTERM);
                end = Clock::now() + grace;
            }
            for (Stream& stream : streams_) {
                stream.read_some();
            }
            if (Clock::now() >= next_tick()) {
                observer_->tick();
            }
            if (Clock::now() >= end) {
                if (ending.end != ChildEnd::stopped) {
                    ending.end = ChildEnd::timed_out;
                }
                kill(-pid_, SIGKILL);
                end = Clock::time_point::max();
            }
        }
    }

    [[nodiscard]] Clock::time_point next_tick() const {
        return observer_ == nullptr ? Clock::time_point::max() : observer_->due();
    }

    [[nodiscard]] static int milliseconds_to(Clock::time_point end) {
        constexpr int for_ever = -1;
        constexpr auto longest = 1h;
        if (end == Clock::time_point::max()) {
            return for_ever;
        }
        const auto left = std::min<Clock::duration>(end - Clock::now(), longest);
        return left.count() <= 0
                   ? 0
                   : static_cast<int>(
                         std::chrono::duration_cast<std::chrono::milliseconds>(left).count()) +
                         1;
    }

    void reap(ChildEnding& ending) {
        int status = 0;
        rusage usage{};
        pid_t reaped = 0;
        do {
            reaped = wait4(pid_, &status, 0, &usage);
        } while (reaped == -1 && errno == EINTR);
        checked(reaped, "wait4");
        pid_ = -1;
        if (observer_ != nullptr) {
            observer_->ended(usage);
        }
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
        };
        constexpr double bytes_of_a_kilobyte = 1024;
        ending.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
        ending.rss_bytes = bytes_of_a_kilobyte * static_cast<double>(usage.ru_maxrss);
        if (ending.end == ChildEnd::exited && WIFSIGNALED(status)) {
            ending.end = ChildEnd::killed;
        }
        ending.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }

    const ChildRequest& request_;
    ChildWatch* observer_;
    StopBell bell_;
    Clock::time_point started_ = Clock::now();
    pid_t pid_ = -1;
    shm::Descriptor watch_;  // a pidfd
    std::vector<Stream> streams_;
};

}  // namespace

ChildEnding run_child(const ChildRequest& request, const std::stop_token& stop, ChildWatch* watch) {
    adopt_stray_processes();
    Child child(request, stop, watch);
    child.start();
    return child.finish();
}

}  // namespace pinfold::apps
