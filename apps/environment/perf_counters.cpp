#include "environment/perf_counters.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace pinfold::apps {

namespace {

struct Kind {
    std::uint32_t type;
    std::uint64_t config;
};

// By Counter.
constexpr std::array<Kind, counters> kinds{{
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
}};

/// What the kernel answers to a read.
struct Reading {
    std::uint64_t count = 0;
    std::uint64_t enabled_ns = 0;
    std::uint64_t running_ns = 0;
};

shm::Descriptor open_event(const Kind& kind, int pid, bool without_kernel) noexcept {
    perf_event_attr event{};
    event.size = sizeof event;
    event.type = kind.type;
    event.config = kind.config;
    event.inherit = 1;  // what ends adds its count to this one
    event.exclude_kernel = without_kernel ? 1 : 0;
    event.exclude_hv = 1;
    event.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    const long file = syscall(SYS_perf_event_open, &event, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    return shm::Descriptor(static_cast<int>(file));
}

/// perf_event_paranoid may forbid to count inside the kernel, and still allow the rest.
shm::Descriptor open_what_is_allowed(const Kind& kind, int pid) noexcept {
    shm::Descriptor event = open_event(kind, pid, false);
    if (event.number() < 0 && (errno == EACCES || errno == EPERM)) {
        event = open_event(kind, pid, true);
    }
    return event;
}

}  // namespace

void PerfCounters::open(int pid) noexcept {
    for (std::size_t i = 0; i < counters; ++i) {
        events_[i] = open_what_is_allowed(kinds[i], pid);
    }
}

std::optional<double> PerfCounters::value(Counter counter) const noexcept {
    const shm::Descriptor& event = events_[static_cast<std::size_t>(counter)];
    Reading reading;
    if (event.number() < 0 || read(event.number(), &reading, sizeof reading) != sizeof reading ||
        reading.running_ns == 0) {
        return std::nullopt;
    }
    const double share =
        static_cast<double>(reading.enabled_ns) / static_cast<double>(reading.running_ns);
    return static_cast<double>(reading.count) * share;
}

std::string hardware_counters() {
    const Kind& cycles = kinds[static_cast<std::size_t>(Counter::cycles)];
    if (open_event(cycles, 0, false).number() >= 0) {
        return "available";
    }
    const int refused = errno;
    if (open_event(cycles, 0, true).number() >= 0) {
        return "of user mode alone";
    }
    return refused == ENOENT || refused == EOPNOTSUPP
               ? "none: this machine does not have them, or its hypervisor hides them"
               : "refused: " + std::generic_category().message(refused);
}

}  // namespace pinfold::apps
