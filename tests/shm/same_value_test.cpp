#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstring>
#include <memory>
#include <optional>
#include <pinfold/shm/array.hpp>
#include <pinfold/shm/same_value.hpp>
#include <string>
#include <vector>

namespace pinfold::shm {
namespace {

struct Padded {
    char letter;
    double number;

    bool operator==(const Padded&) const = default;
};

struct NoOperator {
    char letter;
    double number;
};

struct Numbers {
    double a;
    double b;

    bool operator==(const Numbers&) const = default;
};

struct Empty {};

struct Holder {
    std::array<NoOperator, 2> inside;
};

/// Makes a T of `value` in memory full of `fill`: what it leaves in its padding.
template <typename T>
std::array<unsigned char, sizeof(T)> with_padding(const T& value, int fill) {
    alignas(T) std::array<unsigned char, sizeof(T)> bytes;
    std::memset(bytes.data(), fill, bytes.size());
    auto* const made = reinterpret_cast<T*>(bytes.data());
    if constexpr (requires { made->letter; }) {
        made->letter = value.letter;
        made->number = value.number;
    } else {
        std::memcpy(made, &value, sizeof(T));
    }
    return bytes;
}

bool says_same(SameValue same, void* a, void* b) {
    return same != nullptr && same(a, b);
}

template <typename T>
bool are_same(const T& a, const T& b) {
    auto of_a = with_padding(a, 0x00);
    auto of_b = with_padding(b, 0xff);
    return std::memcmp(of_a.data(), of_b.data(), sizeof(T)) == 0 ||
           says_same(same_value<T>(), of_a.data(), of_b.data());
}

TEST(SameValue, IsTheBytesWhereThereIsNoPadding) {
    static_assert(same_value<int>() == nullptr);
    static_assert(same_value<double>() == nullptr);
    static_assert(same_value<int*>() == nullptr);
    static_assert(same_value<std::array<int, 3>>() == nullptr);
    static_assert(same_value<std::byte[4]>() == nullptr);
    EXPECT_TRUE(are_same(std::nan("1"), std::nan("1")));
    EXPECT_FALSE(are_same(std::nan("1"), std::nan("2")));
    EXPECT_FALSE(are_same(1, 2));
}

TEST(SameValue, DoesNotLookAtPadding) {
    EXPECT_TRUE(are_same(Padded{'a', 0.5}, Padded{'a', 0.5}));
    EXPECT_FALSE(are_same(Padded{'a', 0.5}, Padded{'b', 0.5}));
    EXPECT_FALSE(are_same(Padded{'a', 0.5}, Padded{'a', 0.25}));
    EXPECT_TRUE(are_same(Numbers{1, 2}, Numbers{1, 2}));
    EXPECT_FALSE(are_same(Numbers{1, 2}, Numbers{1, 3}));
    EXPECT_FALSE(are_same(1.5L, 2.5L));
    EXPECT_FALSE(are_same(std::complex<double>(1, 2), std::complex<double>(1, 3)));
    EXPECT_FALSE(are_same(std::array<Padded, 2>{{{'a', 1}, {'b', 2}}},
                          std::array<Padded, 2>{{{'a', 1}, {'b', 3}}}));
    EXPECT_TRUE(same_value<Empty>()(nullptr, nullptr));
}

TEST(SameValue, OfAnOptionalLooksAtTheValueThatIsThere) {
    using Maybe = std::optional<Padded>;
    const SameValue same = same_value<Maybe>();
    Maybe a = Padded{'a', 0.5};
    Maybe b = Padded{'a', 0.5};
    EXPECT_TRUE(same(&a, &b));
    b->number = 1;
    EXPECT_FALSE(same(&a, &b));
    b.reset();
    EXPECT_FALSE(same(&a, &b));
    a.reset();  // what was there stays in its bytes
    EXPECT_TRUE(same(&a, &b));
    std::array<std::optional<int>, 2> numbers{1, std::nullopt};
    std::array<std::optional<int>, 2> others{1, 5};
    EXPECT_FALSE((same_value<std::array<std::optional<int>, 2>>()(&numbers, &others)));
    others[1].reset();
    EXPECT_TRUE((same_value<std::array<std::optional<int>, 2>>()(&numbers, &others)));
}

TEST(SameValue, CompilesForTypesThatHaveNoEquality) {
    EXPECT_NE(same_value<NoOperator>(), nullptr);
    EXPECT_NE((same_value<std::array<NoOperator, 3>>()), nullptr);
    EXPECT_NE(same_value<Holder>(), nullptr);
    EXPECT_NE(same_value<std::optional<NoOperator>>(), nullptr);
    EXPECT_NE(same_value<NoOperator[2]>(), nullptr);
#if defined(PINFOLD_CLEARS_PADDING)
    EXPECT_TRUE(are_same(NoOperator{'a', 0.5}, NoOperator{'a', 0.5}));
    EXPECT_FALSE(are_same(NoOperator{'a', 0.5}, NoOperator{'a', 0.25}));
#else
    EXPECT_EQ(same_value<NoOperator>(), detail::cannot_compare);
    EXPECT_EQ((same_value<std::array<NoOperator, 3>>()), detail::cannot_compare);
#endif
}

TEST(ArraysOfAnArena, AreTheOnesThatLive) {
    const auto arena = std::make_shared<Arena>(ArenaOptions{.bytes = std::size_t{16} << 20});
    void* const block = arena->allocate(100);
    const auto arrays = [&] {
        std::vector<ArrayBytes> all;
        arena->for_each_array([&](const ArrayBytes& array) { all.push_back(array); });
        return all;
    };
    EXPECT_TRUE(arrays().empty());
    const Array<int> kept(arena, 10);
    {
        const Array<Padded> one(arena, 3);
        const Array<Padded> same = one;
        EXPECT_EQ(arrays().size(), 2U);
    }
    ASSERT_EQ(arrays().size(), 1U);
    EXPECT_EQ(arrays()[0].data, reinterpret_cast<std::byte*>(kept.data()));
    EXPECT_EQ(arrays()[0].bytes, 10 * sizeof(int));
    EXPECT_EQ(arrays()[0].type.bytes, sizeof(int));
    EXPECT_EQ(arrays()[0].type.same, nullptr);
    arena->deallocate(block);
}

}  // namespace
}  // namespace pinfold::shm
