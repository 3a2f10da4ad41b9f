// What holds for all values and all bytes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "round_trip.hpp"

namespace pinfold::shm {
namespace {

using Rows = std::map<std::string, std::vector<std::pair<std::int16_t, std::string>>>;
using Mix = std::tuple<Rows, std::vector<bool>, std::set<std::string>, std::vector<double>>;

struct Record {
    std::string name;
    std::vector<Record> inside;
    std::array<std::uint8_t, 3> bytes{};

    bool operator==(const Record&) const = default;
};

Record arbitrary_record(int depth) {
    Record record{
        *rc::gen::arbitrary<std::string>(), {}, *rc::gen::arbitrary<std::array<std::uint8_t, 3>>()};
    const int children = depth > 0 ? *rc::gen::inRange(0, 4) : 0;
    for (int i = 0; i < children; ++i) {
        record.inside.push_back(arbitrary_record(depth - 1));
    }
    return record;
}

RC_GTEST_PROP(CrossingLaws, GiveBackEachValue, (const Mix& value)) {
    RC_ASSERT(CrossingOf<Mix>::read(message_of(value)) == value);
}

RC_GTEST_PROP(CrossingLaws, GiveBackEachTree, ()) {
    const Record value = arbitrary_record(3);
    RC_ASSERT(CrossingOf<Record>::read(message_of(value)) == value);
}

RC_GTEST_PROP(CrossingLaws, TellDifferentValuesApart, (const Mix& a, const Mix& b)) {
    RC_ASSERT(CrossingOf<Mix>::are_same(message_of(a), message_of(b)) == (a == b));
}

/// A message with one byte changed is refused, or says something else.
RC_GTEST_PROP(CrossingLaws, HaveNoByteWithoutAMeaning, (const Rows& value)) {
    std::vector<std::byte> message = message_of(value);
    const auto at = *rc::gen::inRange<std::size_t>(0, message.size());
    message[at] ^= static_cast<std::byte>(*rc::gen::inRange(1, 256));
    try {
        const Rows other = CrossingOf<Rows>::read(message);
        RC_ASSERT(other != value);
        RC_ASSERT(message_of(other) == message);
    } catch (const BadMessage&) {
        RC_SUCCEED("refused");
    }
}

}  // namespace
}  // namespace pinfold::shm
