#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <pinfold/shm/descriptor.hpp>
#include <type_traits>
#include <utility>

namespace pinfold::shm {
namespace {

static_assert(!std::is_copy_constructible_v<Descriptor>);

bool is_open(int number) {
    return fcntl(number, F_GETFD) != -1;
}

Descriptor open_null() {
    return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(Descriptor, ClosesItselfAtTheEnd) {
    int number = -1;
    {
        const Descriptor file = open_null();
        number = file.number();
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(Descriptor, ClosesAtOnceWhenToldAndOnlyOnce) {
    Descriptor file = open_null();
    const int number = file.number();
    file.reset();
    EXPECT_FALSE(is_open(number));
    EXPECT_LT(file.number(), 0);
    const Descriptor next = open_null();  // often the same number
    file.reset();
    EXPECT_TRUE(is_open(next.number()));
}

TEST(Descriptor, IsHandedOverByAMove) {
    Descriptor first = open_null();
    const int number = first.number();
    Descriptor second(std::move(first));
    EXPECT_EQ(second.number(), number);
    Descriptor third = open_null();
    third = std::move(second);
    EXPECT_EQ(third.number(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(Descriptor, OfNothingClosesNothing) {
    const Descriptor none;
    EXPECT_LT(none.number(), 0);
    const Descriptor refused(open("/nonexistent", O_RDONLY | O_CLOEXEC));
    EXPECT_LT(refused.number(), 0);
}

}  // namespace
}  // namespace pinfold::shm
