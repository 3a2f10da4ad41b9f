#pragma once

#include <signal.h>

#include <pinfold/shm/descriptor.hpp>

namespace pinfold::detail {

using shm::Descriptor;

/// Two connected sockets.
struct Link {
    Descriptor host;
    Descriptor tree;
};

// What the processes of a tree watch and tell each other by. Each is closed on exec, and has a
// number above 2: where a program closed its stdout, what a map prints must not land in a socket of
// ours. Throw std::system_error.
[[nodiscard]] Link open_link();
[[nodiscard]] Descriptor open_process(int pid);
[[nodiscard]] Descriptor open_signals(const sigset_t& signals);

}  // namespace pinfold::detail
