#include <sched.h>

#include <array>
#include <cerrno>
#include <limits>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/affinity/cpu_list.hpp>
#include <system_error>

namespace pinfold::affinity {
namespace {

/// A mask of all CPUs up to max_cpu, 1 KiB: cpu_set_t ends at CPU 1023, and CPU_ALLOC takes from a
/// heap that a forked child had better leave alone.
class CpuMask {
  public:
    void add(int cpu) noexcept { words_[word(cpu)] |= bit(cpu); }
    [[nodiscard]] bool has(int cpu) const noexcept { return (words_[word(cpu)] & bit(cpu)) != 0; }

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

}  // namespace

void bind_this_thread(std::span<const int> cpus) {
    if (const int error = set_affinity(cpus); error != 0) {
        throw std::system_error(error, std::generic_category(),
                                "cannot bind a thread to CPU " + format_cpu_list(cpus));
    }
}

void bind_this_thread(int cpu) {
    bind_this_thread(std::span<const int>(&cpu, 1));
}

std::vector<int> bound_cpus() {
    CpuMask mask;
    if (::sched_getaffinity(0, CpuMask::bytes(), mask.data()) != 0) {
        throw std::system_error(errno, std::generic_category(),
                                "cannot read the CPUs of this thread");
    }
    std::vector<int> cpus;
    for (int cpu = 0; cpu <= max_cpu; ++cpu) {
        if (mask.has(cpu)) {
            cpus.push_back(cpu);
        }
    }
    return cpus;
}

ScopedBinding::ScopedBinding(int cpu) : before_(bound_cpus()) {
    bind_this_thread(cpu);
}

ScopedBinding::~ScopedBinding() {
    set_affinity(before_);
}

}  // namespace pinfold::affinity
