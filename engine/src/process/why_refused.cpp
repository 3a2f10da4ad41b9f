// Linux tells a refusal by one number, and several limits give the same one. Here the limits
// themselves are read, once something was refused.
#include "process/why_refused.hpp"

#include <sys/resource.h>

#include <cerrno>
#include <optional>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/affinity/process_limits.hpp>

namespace pinfold::detail {

namespace {

/// The limit as text, if there is one.
std::optional<std::string> limit_text(__rlimit_resource_t resource, rlim_t unit) {
    rlimit limit{};
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return std::nullopt;
    }
    return std::to_string(limit.rlim_cur / unit);
}

std::string lack_of_memory() {
    if (const auto kib = limit_text(RLIMIT_AS, 1024)) {
        return "ulimit -v allows " + *kib + " KiB of address space";
    }
    const affinity::MemoryHeadroom headroom = affinity::memory_headroom();
    return headroom.limit + " leaves " + std::to_string(headroom.bytes) + " bytes";
}

}  // namespace

std::string why_refused(int error) {
    switch (error) {
        case EAGAIN:
            // A thread's stack that does not fit is told so too.
            if (const auto kib = limit_text(RLIMIT_AS, 1024)) {
                return affinity::process_limits() + "; ulimit -v allows " + *kib +
                       " KiB of address space";
            }
            return affinity::process_limits();
        case ENOMEM:
            return lack_of_memory();
        case EMFILE:
            return "ulimit -n allows " + limit_text(RLIMIT_NOFILE, 1).value_or("no more") +
                   " open files";
        case ENFILE:
            return "the system's table of open files is full: see fs.file-max";
        case ENOSYS:
            return "an old kernel, an emulator such as valgrind, or a filter such as a "
                   "container's does not have this call";
        case EPERM:
        case EACCES:
            return "a filter such as a container's seccomp does not allow this call";
        default:
            return "";
    }
}

std::system_error refusal(int error, const std::string& what) {
    const std::string why = why_refused(error);
    return {error, std::generic_category(), why.empty() ? what : what + " (" + why + ")"};
}

}  // namespace pinfold::detail
