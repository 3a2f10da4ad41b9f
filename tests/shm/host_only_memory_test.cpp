#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#include <pinfold/shm/host_only_memory.hpp>
#include <span>
#include <system_error>
#include <vector>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));

/// What a child that is forked now finds in a byte: its value, or the signal that it dies of.
int in_a_child(const std::byte& byte) {
    ChildProcess child([&byte] {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGSEGV, SIG_DFL);  // a sanitizer has a handler of its own
        return static_cast<int>(*static_cast<const volatile std::byte*>(&byte));
    });
    return child.exit_code();
}

std::vector<std::byte> pages_of_sevens(std::size_t count) {
    return std::vector<std::byte>(count * page, std::byte{7});
}

TEST(HostOnlyMemory, IsNotThereInChildrenButInItsProcess) {
    std::vector<std::byte> data = pages_of_sevens(100);
    const HostOnlyMemory kept(data);
    ASSERT_GE(kept.bytes().size(), 98 * page);
    EXPECT_EQ(in_a_child(kept.bytes().front()), -SIGSEGV);
    EXPECT_EQ(in_a_child(kept.bytes().back()), -SIGSEGV);
    EXPECT_EQ(kept.bytes().front(), std::byte{7});
}

TEST(HostOnlyMemory, LeavesItsNeighboursToChildren) {
    std::vector<std::byte> data = pages_of_sevens(4);
    const std::span<std::byte> some = std::span(data).subspan(1, data.size() - 2);
    const HostOnlyMemory kept(some);
    EXPECT_GE(kept.bytes().data(), some.data());
    EXPECT_LE(kept.bytes().data() + kept.bytes().size(), some.data() + some.size());
    EXPECT_EQ(in_a_child(data.front()), 7);
    EXPECT_EQ(in_a_child(data.back()), 7);
}

TEST(HostOnlyMemory, IsThereAgainInChildrenThatAreForkedAfterIt) {
    std::vector<std::byte> data = pages_of_sevens(4);
    std::optional<HostOnlyMemory> kept(std::in_place, data);
    const std::byte& byte = kept->bytes().front();
    EXPECT_EQ(in_a_child(byte), -SIGSEGV);
    kept.reset();
    EXPECT_EQ(in_a_child(byte), 7);
}

TEST(HostOnlyMemory, IsEmptyWhereThereIsNoWholePage) {
    std::vector<std::byte> data(100, std::byte{7});
    const HostOnlyMemory kept(data);
    EXPECT_TRUE(kept.bytes().empty());
    EXPECT_EQ(in_a_child(data.front()), 7);
}

TEST(HostOnlyMemory, RefusesWhatIsNotMapped) {
    void* const gone = mmap(nullptr, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(gone, MAP_FAILED);
    munmap(gone, 4 * page);
    EXPECT_THROW(HostOnlyMemory({static_cast<std::byte*>(gone), 4 * page}), std::system_error);
}

}  // namespace
}  // namespace pinfold::shm
