#pragma once

#include <signal.h>

#include <pinfold/shm/descriptor.hpp>

namespace pinfold::detail {

using shm::Descriptor;

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

// What the processes of a tree watch and tell each other by. Each is closed on exec, and has a
// number above 2: where a program closed its stdout, what a map prints must not land in a pipe of
// ours. Throw std::system_error.
[[nodiscard]] Pipe open_pipe();
[[nodiscard]] Descriptor open_event();
[[nodiscard]] Descriptor open_process(int pid);
[[nodiscard]] Descriptor open_signals(const sigset_t& signals);

/// Adds 1 to an eventfd. It cannot block before 2^64 - 2 of these.
void signal_event(const Descriptor& event) noexcept;

/// Takes an eventfd back to 0. Returns whether it was above.
bool take_event(const Descriptor& event) noexcept;

}  // namespace pinfold::detail
