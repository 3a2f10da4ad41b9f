#include "commands/primality_rows.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <pinfold/shm/descriptor.hpp>
#include <stdexcept>
#include <string>

namespace pinfold::apps {
namespace {

constexpr std::array<std::uint64_t, 5> listed{97, 91, 2, 0, 18446744073709551557U};

/// What print_answers() writes of the listed numbers in chunks of two, the second chunk skipped.
class PrimalityRows : public testing::Test {
  protected:
    PrimalityRows() {
        result_.bits.bytes = pool_.array<std::uint8_t>(3);
        result_.bits.first_byte = pool_.array<std::uint64_t>(3);
        for (std::size_t i = 0; i < 3; ++i) {
            result_.bits.bytes[i] = 1;  // the first number of each chunk is prime
            result_.bits.first_byte[i] = i;
        }
        result_.report.skipped.push_back({.chunk = plan_[1]});
    }

    template <NumberSource Source>
    [[nodiscard]] std::string rows(const Source& source, Format format) const {
        const shm::Descriptor file(memfd_create("rows", MFD_CLOEXEC));
        Output output(file.number());
        print_answers(output, format, source, plan_, result_);
        output.finish();
        std::string text(1000, '\0');
        const ssize_t size = pread(file.number(), text.data(), text.size(), 0);
        EXPECT_GE(size, 0);
        text.resize(static_cast<std::size_t>(size));
        return text;
    }

  private:
    Pool pool_{{.crew = Crew::serial}};
    ChunkPlan plan_{{0, listed.size()}, 2};
    PrimalityResult result_;
};

TEST_F(PrimalityRows, AreLinesOfText) {
    EXPECT_EQ(rows(ListedNumbers{listed}, Format::text),
              "97 prime\n91 not prime\n2 unknown\n0 unknown\n18446744073709551557 prime\n");
}

TEST_F(PrimalityRows, AreCsv) {
    EXPECT_EQ(rows(ListedNumbers{listed}, Format::csv),
              "97,prime\n91,not prime\n2,unknown\n0,unknown\n18446744073709551557,prime\n");
}

TEST_F(PrimalityRows, AreJson) {
    EXPECT_EQ(rows(ListedNumbers{listed}, Format::json),
              R"({"n":"97","answer":"prime"},{"n":"91","answer":"not prime"},)"
              R"({"n":"2","answer":"unknown"},{"n":"0","answer":"unknown"},)"
              R"({"n":"18446744073709551557","answer":"prime"})");
}

// The plan of these tests cuts the text "7\n7\n7" into chunks of two bytes, a line each.
TEST_F(PrimalityRows, OfATextThatChangedAreRefused) {
    const std::array<std::uint64_t, 3> counts{1, 1, 1};
    EXPECT_EQ(rows(NumbersOfLines{{"7\n7\n7"}, counts}, Format::text),
              "7 prime\n7 unknown\n7 prime\n");
    EXPECT_THROW((void)rows(NumbersOfLines{{"\n\n7\n7"}, counts}, Format::text),
                 std::runtime_error);
    EXPECT_THROW((void)rows(NumbersOfLines{{"7\nx\n7"}, counts}, Format::text), std::runtime_error);
}

}  // namespace
}  // namespace pinfold::apps
