#include <gtest/gtest.h>

#include <pinfold/shm/process_mark.hpp>
#include <type_traits>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

static_assert(std::is_trivially_copyable_v<ProcessMark>);

TEST(ProcessMark, HoldsInTheProcessThatMadeIt) {
    const ProcessMark mark = mark_of_this_process();
    EXPECT_TRUE(mark.holds());
    EXPECT_TRUE(mark_of_this_process().holds());
    EXPECT_TRUE(mark.holds());
}

TEST(ProcessMark, HoldsInNoChild) {
    const ProcessMark mark = mark_of_this_process();
    ChildProcess child([mark] {
        const bool before = mark.holds();
        const ProcessMark own = mark_of_this_process();
        ChildProcess grandchild([mark, own] { return mark.holds() || own.holds() ? 1 : 0; });
        return !before && !mark.holds() && own.holds() && grandchild.exit_code() == 0 ? 0 : 1;
    });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_TRUE(mark.holds());
}

TEST(ProcessMark, OfNoProcessHoldsEverywhere) {
    const ProcessMark none;
    EXPECT_TRUE(none.holds());
    ChildProcess child([none] { return none.holds() ? 0 : 1; });
    EXPECT_EQ(child.exit_code(), 0);
}

}  // namespace
}  // namespace pinfold::shm
