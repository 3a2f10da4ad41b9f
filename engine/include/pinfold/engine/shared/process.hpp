#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/enrolment.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pinfold {

namespace detail {
class ProcessState;
}  // namespace detail

/// What a Process is made with.
struct ProcessOptions {
    /// What it is called; `ps` and `top` show its first 15 bytes. Empty takes "Process-1",
    /// "Process-2" and so on.
    std::string name{};

    /// Whether it lives on when the program that made it ends. See Process.
    bool detached = false;

    /// The Barriers and ends of pipes that it takes part in from its birth on: so others are told
    /// of its end also when it comes before the Process has first used them. A Barrier that several
    /// of its threads come to is named so often.
    std::vector<detail::Enrolment> uses{};
};

/// A function that runs in a process of its own, a fork of the program, where it uses the shared
/// objects of a Pool or a Shared.
///
///     pinfold::Pool pool;
///     const pinfold::Queue<long> jobs(pool, 64), answers(pool, 64);
///     pinfold::Process process(pool, [&] {
///         while (const auto n = jobs.get()) {
///             answers.put(*n * *n);
///         }
///     });
///     jobs.put(12);
///     jobs.close();
///     process.join();
///     assert(process.exit_code() == 0 && answers.get() == 144);
///
/// The function may capture anything, by reference too: the process has a copy of all of the
/// program's memory, as it was when the Process was made. What it changes there, nobody else sees:
/// answers go through shared objects. It can use each object of its space: those made before, and
/// those made later whose handle it is sent through a Queue. A space is one Pool or one Shared.
/// Objects of other spaces throw std::logic_error in it, where it has them in its memory: those of
/// spaces that were there at its birth. So make spaces first, then Processes.
///
/// It is the only thread of its process at first, and may start others, which are parties of their
/// own. thread_local variables are those of a new thread; locks that other threads of the program
/// held at the fork stay locked in it. When the function returns, the process ends as by _exit(0),
/// after it has written what it printed: neither exit handlers of the program nor destructors of
/// its statics run. std::exit() ends it with another code. An exception that leaves the function
/// is written to stderr, and the exit code is 1; see error().
///
/// Signals. SIGTERM ends it. SIGINT, SIGHUP and SIGQUIT, which a terminal sends to all, it ignores;
/// what else the program ignores, it ignores too. No handler of the program's runs in it, until it
/// sets one.
///
/// Deaths. Its death is that of all its threads: see each object. A Barrier or an end of a pipe
/// that it has not used yet is told of it only where the option `uses` names it. When the program
/// ends, however it does, or calls exec, the Process is killed, unless it is detached; one that
/// changes its credentials calls prctl(PR_SET_PDEATHSIG, SIGKILL) again for that. A detached one
/// lives on: as soon as the program has ended, or no handle or object of its space is left there,
/// waits on shared objects throw PoolBroken in it, since nobody would tell deaths. It has one more
/// thread for that. When a pool's supervisor is killed, waits throw PoolBroken in the pool's
/// Processes as well. What a Process itself has started is its own to end.
///
/// The destructor waits for its end, as that of std::jthread does, unless it is detached. So call
/// kill() or terminate() first where it may wait for what does not come.
///
/// Only the program that made a Pool or a Shared makes Processes of it. A Process may make a Pool
/// or a Shared of its own, and Processes of that.
///
/// Thread-safety: all members but moves and the destructor. Fork: in another process the members
/// throw std::logic_error, and the destructor does nothing. Lifetime: it may outlive its pool.
/// Cost: that of a fork, which grows with the memory of the program, and two wake-ups of threads. A
/// descriptor while it lives.
class PINFOLD_API Process {
  public:
    /// Forks the process, and returns when it runs. Throws std::system_error where the system
    /// refuses (resource_unavailable_try_again when as many Processes live as the option
    /// `processes` of the Pool or Shared says); PoolBroken when the pool's processes have ended;
    /// std::logic_error in a process that did not make the pool, in a worker, and where `uses`
    /// names an object of another one, or a Barrier whose members are all there. Whatever it
    /// throws, the function did not run.
    template <typename Function>
    requires std::invocable<Function&> Process(const Space& space, Function&& function,
                                               ProcessOptions options = {})
        : Process(space, std::move(options), std::function<void()>(std::ref(function))) {}

    ~Process();
    Process(Process&& other) noexcept;
    /// Waits for the end of the one that it was, as the destructor does.
    Process& operator=(Process&& other) noexcept;

    [[nodiscard]] int pid() const;
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Waits for its end. By then whatever it was in is undone, and its place is free. May be
    /// called again, and by several threads.
    void join() const;

    /// The same, for so long at most. Returns whether it has ended.
    template <typename Rep, typename Period>
    [[nodiscard]] bool join_for(const std::chrono::duration<Rep, Period>& time) const {
        return join_before(shm::after(time));
    }

    [[nodiscard]] bool is_alive() const { return !exit_code().has_value(); }

    /// How it ended: its exit code, or the negative of the signal, so -9 when it was killed.
    /// Nothing while it lives. Where the program reaps its children itself, as by wait(), a signal
    /// is not known, and the code is 70.
    [[nodiscard]] std::optional<int> exit_code() const;

    /// The type and the text of the exception that ended it, up to 1 KiB; that it used an object of
    /// a Pool or a Shared that was made after it, and ended by SIGSEGV; else empty.
    [[nodiscard]] std::string error() const;

    /// Sends SIGTERM, or SIGKILL, unless it has ended. They do not wait.
    void terminate() const;
    void kill() const;

  private:
    Process(const Space& space, ProcessOptions options, const std::function<void()>& function);

    [[nodiscard]] bool join_before(shm::Until until) const;
    [[nodiscard]] detail::ProcessState& state() const;
    void leave() noexcept;

    shm::ProcessMark maker_;
    std::string name_;
    bool is_detached_ = false;
    std::shared_ptr<detail::SpaceCore> space_;
    std::shared_ptr<detail::ProcessState> state_;
};

}  // namespace pinfold
