// Exit handlers run in the reverse order of their registration, so the last one of the host's is
// the first that a child comes to: it ends the process, and those before it never run. It is
// registered anew before each child, since the host may have registered others meanwhile.
//
// atexit() cannot take a handler back, and does not tell it the exit status. What it calls can: the
// functions of the C++ ABI take an owner, by which __cxa_finalize() takes back all that is
// registered in its name, and the C library hands the status to each handler as its second
// argument.

#include "tree/exit_handler.hpp"

#include "process/fork.hpp"

extern "C" {
int __cxa_atexit(void (*handler)(void*), void* argument, void* owner) noexcept;
int __cxa_at_quick_exit(void (*handler)(void*), void* owner) noexcept;
void __cxa_finalize(void* owner) noexcept;
}

namespace pinfold::detail {

namespace {

// Handlers that are taken back are called as well.
constinit bool takes_back = false;

void leave_if_child(void*, int status) {
    if (inside_child() && !takes_back) {
        leave_child(status);
    }
}

/// The handlers of this process, taken back when the code that they call is unloaded.
class ExitHandlers {
  public:
    ExitHandlers() = default;
    ~ExitHandlers() { take_back(); }
    ExitHandlers(const ExitHandlers&) = delete;
    ExitHandlers& operator=(const ExitHandlers&) = delete;

    // A host that is itself about to exit() may be refused: nothing is left then that could run.
    void put_last() noexcept {
        take_back();
        using Handler = void (*)(void*);
        const auto handler =
            reinterpret_cast<Handler>(reinterpret_cast<void (*)()>(leave_if_child));
        static_cast<void>(__cxa_atexit(handler, nullptr, &owner_));
        static_cast<void>(__cxa_at_quick_exit(handler, &owner_));
    }

  private:
    void take_back() noexcept {
        takes_back = true;
        __cxa_finalize(&owner_);
        takes_back = false;
    }

    char owner_ = 0;
};

}  // namespace

void arm_exit_handlers() {
    static ExitHandlers handlers;
    handlers.put_last();
}

}  // namespace pinfold::detail
