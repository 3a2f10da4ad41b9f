#include <sched.h>

#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <limits>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/affinity/cpu_list.hpp>
#include <string>
#include <system_error>

namespace pinfold::affinity {
namespace {

/// A mask of all CPUs up to max_cpu, 1 KiB: cpu_set_t ends at CPU 1023, and CPU_ALLOC takes from a
/// heap that a forked child had better leave alone.
class CpuMask {
  public:
    void add(int cpu) noexcept { words_[word(cpu)] |= bit(cpu); }

    /// Calls `found(cpu)` for each CPU, ascending, until it returns false.
    template <typename Found>
    void for_each(Found found) const {
        for (std::size_t at = 0; at < words_.size(); ++at) {
            for (unsigned long left = words_[at]; left != 0; left &= left - 1) {
                if (!found(static_cast<int>(at) * word_bits + std::countr_zero(left))) {
                    return;
                }
            }
        }
    }

    /// What the calls of sched.h take.
    [[nodiscard]] cpu_set_t* data() noexcept { return reinterpret_cast<cpu_set_t*>(words_.data()); }
    [[nodiscard]] static constexpr std::size_t bytes() noexcept { return sizeof(words_); }

  private:
    static constexpr int word_bits = std::numeric_limits<unsigned long>::digits;
    static std::size_t word(int cpu) noexcept { return static_cast<std::size_t>(cpu / word_bits); }
    static unsigned long bit(int cpu) noexcept { return 1UL << (cpu % word_bits); }

    std::array<unsigned long, (max_cpu + 1) / word_bits> words_{};
};

/// 0 or an errno value.
int set_affinity(std::span<const int> cpus) noexcept {
    CpuMask mask;
    for (const int cpu : cpus) {
        if (cpu < 0 || cpu > max_cpu) {
            return EINVAL;
        }
        mask.add(cpu);
    }
    return ::sched_setaffinity(0, CpuMask::bytes(), mask.data()) == 0 ? 0 : errno;
}

[[noreturn]] void refuse(int error, const std::string& to) {
    throw std::system_error(
        error, std::generic_category(),
        "cannot bind a thread" + to + " (--pin none, the policy \"none\", binds nothing)");
}

[[noreturn]] void refuse(int error, std::span<const int> cpus) {
    refuse(error, " to CPU " + format_cpu_list(cpus));
}

}  // namespace

void bind_this_thread(std::span<const int> cpus) {
    if (const int error = set_affinity(cpus); error != 0) {
        refuse(error, cpus);
    }
}

void bind_this_thread(int cpu) {
    bind_this_thread(std::span<const int>(&cpu, 1));
}

bool bind_this_thread_if_there(int cpu) {
    const std::span<const int> cpus(&cpu, 1);
    const int error = set_affinity(cpus);
    if (error != 0 && error != EINVAL) {
        refuse(error, cpus);
    }
    return error == 0;
}

// Who may bind is told that no CPU is none. That takes the system some 15 µs, so it is asked until
// it has once said so; whom a filter stops later hears of it when it binds.
void require_binding() {
    static constinit std::atomic<bool> is_known{false};
    if (is_known.load(std::memory_order_relaxed)) {
        return;
    }
    const int error = set_affinity({});
    if (error != EINVAL) {
        refuse(error, "");
    }
    is_known.store(true, std::memory_order_relaxed);
}

bool runs_on(int cpu) noexcept {
    return ::sched_getcpu() == cpu;
}

int bound_cpu() noexcept {
    CpuMask mask;
    if (::sched_getaffinity(0, CpuMask::bytes(), mask.data()) != 0) {
        return -1;
    }
    int only = -1;
    mask.for_each([&](int cpu) {
        const bool is_first = only < 0;
        only = is_first ? cpu : -1;
        return is_first;
    });
    return only;
}

std::vector<int> bound_cpus() {
    CpuMask mask;
    if (::sched_getaffinity(0, CpuMask::bytes(), mask.data()) != 0) {
        throw std::system_error(errno, std::generic_category(),
                                "cannot read the CPUs of this thread (sched_getaffinity)");
    }
    std::vector<int> cpus;
    mask.for_each([&](int cpu) {
        cpus.push_back(cpu);
        return true;
    });
    return cpus;
}

ScopedBinding::ScopedBinding(int cpu) : before_(bound_cpus()) {
    bind_this_thread(cpu);
}

ScopedBinding::~ScopedBinding() {
    set_affinity(before_);
}

}  // namespace pinfold::affinity
