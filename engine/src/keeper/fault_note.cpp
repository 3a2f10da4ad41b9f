#include "keeper/fault_note.hpp"

#include <signal.h>

#include <cerrno>
#include <pinfold/shm/parties/known_memory.hpp>

namespace pinfold::detail {

namespace {

constinit std::atomic<std::uintptr_t>* place_of_missed = nullptr;

// The handler is gone when it runs, so the instruction that failed ends the process now.
void note_fault(int signal, siginfo_t* info, void*) {
    const int error = errno;
    if (info->si_code <= 0) {
        raise(signal);  // somebody sent it: no instruction will fail again
    } else if (!shm::KnownMemory::holds(info->si_addr)) {
        place_of_missed->store(reinterpret_cast<std::uintptr_t>(info->si_addr),
                               std::memory_order_release);
    }
    errno = error;
}

}  // namespace

void note_missed_memory(std::atomic<std::uintptr_t>& missed) noexcept {
    struct sigaction before {};
    sigaction(SIGSEGV, nullptr, &before);
    if (before.sa_handler != SIG_DFL) {
        return;  // the program ignores it
    }
    place_of_missed = &missed;
    struct sigaction action {};
    action.sa_sigaction = note_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
    sigaction(SIGSEGV, &action, nullptr);
}

}  // namespace pinfold::detail
