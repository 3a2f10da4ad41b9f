#include <gtest/gtest.h>

#include <sched.h>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/affinity/cpu_list.hpp>
#include <system_error>
#include <thread>

namespace pinfold::affinity {
namespace {

using List = std::vector<int>;

TEST(Binding, RunsWhereItWasBoundAndReadsThatBack) {
    std::thread([] {
        for (const int cpu : bound_cpus()) {
            bind_this_thread(cpu);
            EXPECT_EQ(bound_cpus(), List{cpu});
            EXPECT_EQ(sched_getcpu(), cpu);
        }
    }).join();
}

TEST(Binding, TakesSeveralCpus) {
    std::thread([] {
        const auto all = bound_cpus();
        bind_this_thread(all.front());
        bind_this_thread(all);
        EXPECT_EQ(bound_cpus(), all);
    }).join();
}

TEST(Binding, IsInherited) {
    const int cpu = bound_cpus().back();
    const ScopedBinding binding(cpu);
    std::thread([cpu] { EXPECT_EQ(bound_cpus(), List{cpu}); }).join();
}

TEST(Binding, ScopeGivesTheCallersCpusBack) {
    const auto before = bound_cpus();
    {
        const ScopedBinding binding(before.back());
        EXPECT_EQ(bound_cpus(), List{before.back()});
    }
    EXPECT_EQ(bound_cpus(), before);
}

TEST(Binding, NamesACpuThatCannotBeHad) {
    const auto before = bound_cpus();
    for (const int cpu : {-1, max_cpu, max_cpu + 1}) {
        try {
            const ScopedBinding binding(cpu);
            if (bound_cpus() == List{cpu}) {
                GTEST_SKIP() << "this machine has CPU " << cpu;
            }
            FAIL() << "bound to CPU " << cpu;
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code(), std::errc::invalid_argument);
            EXPECT_NE(std::string(error.what()).find(std::to_string(cpu)), std::string::npos);
        }
    }
    EXPECT_EQ(bound_cpus(), before);
}

TEST(Binding, RefusesNoCpuAtAll) {
    EXPECT_THROW(bind_this_thread(List{}), std::system_error);
}

}  // namespace
}  // namespace pinfold::affinity
