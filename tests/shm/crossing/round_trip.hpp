#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <vector>

namespace pinfold::shm {

template <typename T>
std::vector<std::byte> message_of(const T& value) {
    std::vector<std::byte> message(CrossingOf<T>::write(value, {}));
    EXPECT_EQ(CrossingOf<T>::write(value, message), message.size());
    return message;
}

/// What comes back. Every shorter message and a longer one are refused on the way.
template <typename T>
T round_trip(const T& value) {
    using Crossing = CrossingOf<T>;
    static_assert(Crossing::is_there && check_crossing<T>());
    std::vector<std::byte> message = message_of(value);
    const std::span<const std::byte> whole(message);
    EXPECT_TRUE(Crossing::are_same(whole, message_of(value)));
    const std::size_t step = 1 + whole.size() / 64;
    for (std::size_t size = 0; size < whole.size(); size += step) {
        EXPECT_THROW((void)Crossing::read(whole.first(size)), BadMessage) << size;
    }
    T back = Crossing::read(whole);
    message.push_back({});
    EXPECT_THROW((void)Crossing::read(message), BadMessage);
    return back;
}

template <typename T>
void expect_crosses(const T& value) {
    EXPECT_TRUE(round_trip(value) == value);
}

}  // namespace pinfold::shm
