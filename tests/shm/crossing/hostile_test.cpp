// Messages that nobody wrote: each is a BadMessage, and costs no more than its bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <initializer_list>
#include <list>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "round_trip.hpp"

namespace pinfold::shm {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<int> values) {
    Bytes made;
    for (const int value : values) {
        made.push_back(static_cast<std::byte>(value));
    }
    return made;
}

/// A size that takes nine bytes, and bytes behind it.
Bytes with_size(std::uint64_t size, std::size_t behind) {
    Bytes made(9 + behind);
    made[0] = std::byte{0xff};
    std::memcpy(made.data() + 1, &size, sizeof size);
    return made;
}

/// How often it was asked for memory, and for how much at most.
struct Asked {
    std::size_t times = 0;
    std::size_t most_bytes = 0;
};
Asked asked;

template <typename T>
struct Allocator {
    using value_type = T;
    Allocator() = default;
    template <typename U>
    Allocator(const Allocator<U>&) noexcept {}

    T* allocate(std::size_t size) {
        ++asked.times;
        asked.most_bytes = std::max(asked.most_bytes, size * sizeof(T));
        return std::allocator<T>().allocate(size);
    }
    void deallocate(T* block, std::size_t size) { std::allocator<T>().deallocate(block, size); }
    bool operator==(const Allocator&) const = default;
};

template <typename T>
using Vector = std::vector<T, Allocator<T>>;

using Large = std::array<std::string, 100>;

template <typename T>
Asked asked_for(const Bytes& message) {
    asked = {};
    EXPECT_THROW((void)CrossingOf<T>::read(message), BadMessage);
    return asked;
}

TEST(HostileMessages, LieAboutSizes) {
    for (const std::uint64_t size :
         {std::uint64_t{300}, std::uint64_t{1} << 32, std::uint64_t{1} << 60, ~std::uint64_t{0}}) {
        const Bytes message = with_size(size, 200);
        EXPECT_EQ(asked_for<Vector<double>>(message).times, 0U);
        EXPECT_EQ(asked_for<Vector<std::string>>(message).times, 0U);
        EXPECT_EQ(asked_for<Vector<Large>>(message).times, 0U);
        EXPECT_THROW((void)CrossingOf<std::string>::read(message), BadMessage);
        EXPECT_THROW((void)CrossingOf<std::wstring>::read(message), BadMessage);
        EXPECT_THROW((void)CrossingOf<std::deque<int>>::read(message), BadMessage);
        EXPECT_THROW((void)CrossingOf<std::list<std::string>>::read(message), BadMessage);
        EXPECT_THROW((void)(CrossingOf<std::map<int, std::string>>::read(message)), BadMessage);
        EXPECT_THROW((void)(CrossingOf<std::unordered_map<int, int>>::read(message)), BadMessage);
    }
    for (const std::uint64_t size : {std::uint64_t{3000}, ~std::uint64_t{0}}) {
        EXPECT_THROW((void)CrossingOf<std::vector<bool>>::read(with_size(size, 200)), BadMessage);
    }
}

TEST(HostileMessages, GetMemoryForTheirBytesAlone) {
    // 200 elements may follow in 200 bytes, but the first is not whole. A Large takes 3200 bytes.
    Bytes message = with_size(300, 400);
    std::fill(message.begin() + 9, message.end(), std::byte{0xff});
    EXPECT_LE(asked_for<Vector<std::optional<Large>>>(message).most_bytes,
              4 * message.size() + sizeof(std::optional<Large>));
}

TEST(HostileMessages, SayOneThingInTwoWays) {
    EXPECT_THROW((void)CrossingOf<std::string>::read(with_size(3, 3)), BadMessage);
    EXPECT_EQ(CrossingOf<std::string>::read(bytes({3, 'a', 'b', 'c'})), "abc");
    EXPECT_THROW((void)CrossingOf<std::vector<bool>>::read(bytes({3, 0x0f})), BadMessage);
    EXPECT_EQ(CrossingOf<std::vector<bool>>::read(bytes({3, 0x07})), std::vector<bool>(3, true));
    EXPECT_THROW((void)CrossingOf<std::set<std::string>>::read(bytes({2, 1, 'b', 1, 'a'})),
                 BadMessage);
    EXPECT_THROW((void)CrossingOf<std::set<std::string>>::read(bytes({2, 1, 'a', 1, 'a'})),
                 BadMessage);
    using Table = std::unordered_map<std::string, std::uint8_t>;
    EXPECT_THROW((void)CrossingOf<Table>::read(bytes({2, 1, 'a', 1, 1, 'a', 2})), BadMessage);
    EXPECT_THROW((void)CrossingOf<std::deque<std::tuple<>>>::read(bytes({1, 1})), BadMessage);
}

TEST(HostileMessages, HaveFlagsAndIndicesThatAreNone) {
    EXPECT_THROW((void)CrossingOf<std::optional<std::string>>::read(bytes({2, 0})), BadMessage);
    using Flag = std::pair<bool, std::string>;
    EXPECT_THROW((void)CrossingOf<Flag>::read(bytes({2, 0})), BadMessage);
    EXPECT_EQ(CrossingOf<Flag>::read(bytes({1, 0})), Flag(true, ""));
    using Choice = std::variant<std::string, int>;
    EXPECT_THROW((void)CrossingOf<Choice>::read(bytes({2, 0})), BadMessage);
    EXPECT_THROW((void)CrossingOf<Choice>::read(with_size(1 << 20, 9)), BadMessage);
}

TEST(HostileMessages, SayWhatIsWrong) {
    try {
        (void)CrossingOf<std::vector<double>>::read(with_size(500, 80));
        FAIL();
    } catch (const BadMessage& error) {
        EXPECT_STREQ(error.what(), "a message speaks of 500 elements, and has 80 bytes left");
    }
    try {
        (void)CrossingOf<std::string>::read(bytes({2, 'a', 'b', 'c'}));
        FAIL();
    } catch (const BadMessage& error) {
        EXPECT_STREQ(error.what(), "a message has 1 bytes more than its value");
    }
}

}  // namespace
}  // namespace pinfold::shm
