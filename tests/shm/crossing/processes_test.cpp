// What a message carries from one process to another, and what it shows of a value.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <optional>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/array.hpp>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "child_process.hpp"
#include "round_trip.hpp"

namespace pinfold::shm {
namespace {

struct Job {
    Array<double> values;
    std::vector<std::string> names;
};

std::shared_ptr<Arena> make_arena() {
    return std::make_shared<Arena>(ArenaOptions{.bytes = std::size_t{1} << 20});
}

TEST(CrossingProcesses, ReadWhatAChildWrote) {
    const auto arena = make_arena();
    const std::size_t room = 4096;
    auto* const block = static_cast<std::byte*>(arena->allocate(room));
    using Counts = std::map<std::string, int>;
    const Counts counts{{"one", 1}, {"two", 2}};
    const pid_t child = fork();
    if (child == 0) {
        const std::size_t size = CrossingOf<Counts>::write(counts, {block + 8, room - 8});
        std::memcpy(block, &size, sizeof size);
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    std::size_t size = 0;
    std::memcpy(&size, block, sizeof size);
    EXPECT_EQ(CrossingOf<Counts>::read({block + 8, size}), counts);
    arena->deallocate(block);
}

TEST(CrossingProcesses, CountAnArrayInItsMakersAlone) {
    const auto arena = make_arena();
    const std::size_t nothing = arena->used_bytes();
    std::optional<Job> job(Job{{arena, 100}, {"a", "b"}});
    job->values[7] = 0.5;
    const std::vector<std::byte> message = message_of(*job);

    const pid_t child = fork();
    if (child == 0) {
        bool is_right = false;
        {
            const Job view = CrossingOf<Job>::read(message);
            is_right = view.values[7] == 0.5 && view.names == job->names;
        }
        _exit(is_right && job->values[7] == 0.5 ? 0 : 1);
    }
    int status = 1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);

    std::optional<Job> copy(CrossingOf<Job>::read(message));
    const std::size_t with_array = arena->used_bytes();
    job.reset();
    EXPECT_EQ(arena->used_bytes(), with_array) << "the copy owns the elements too";
    EXPECT_EQ(copy->values[7], 0.5);
    copy.reset();
    EXPECT_EQ(arena->used_bytes(), nothing);
}

struct Piece {
    std::vector<std::span<const double>> spans;
    std::string name;
    std::optional<std::span<const double>> last;
    double number = 0;
};

TEST(CrossingProcesses, ShowThePiecesThatMayHoldAnAddress) {
    const std::vector<double> values(3);
    const Piece piece{{values, values}, "name", values, 1};
    std::vector<const double*> seen;
    CrossingOf<Piece>::for_each_shareable(piece, [&](const auto& part) {
        std::span<const double> span;
        static_assert(sizeof part >= sizeof span);
        std::memcpy(static_cast<void*>(&span), &part, sizeof span);
        seen.push_back(span.data());
    });
    EXPECT_EQ(seen, std::vector<const double*>(3, values.data()));
}

struct Padded {
    char letter;
    double number;
};

/// The message of a vector with one element, with other bytes where the element has padding.
std::vector<std::byte> message_with_padding(std::byte fill) {
    std::vector<std::byte> message(1 + sizeof(Padded), fill);
    message[0] = std::byte{1};
    message[1] = std::byte{'a'};
    const double number = 0.5;
    std::memcpy(message.data() + 1 + offsetof(Padded, number), &number, sizeof number);
    return message;
}

TEST(CrossingProcesses, TellPaddingFromWhatIsSaid) {
    using Crossing = CrossingOf<std::vector<Padded>>;
    const auto a = message_with_padding(std::byte{0});
    auto b = message_with_padding(std::byte{0xff});
    EXPECT_NE(a, b);
#if defined(__GNUC__) && !defined(__clang__)
    EXPECT_TRUE(Crossing::are_same(a, b));
#endif
    EXPECT_TRUE(Crossing::are_same(b, b));
    b[1] = std::byte{'b'};
    EXPECT_FALSE(Crossing::are_same(a, b));
}

TEST(CrossingProcesses, TellOtherSizesApart) {
    using Texts = std::vector<std::string>;
    EXPECT_FALSE(CrossingOf<Texts>::are_same(message_of(Texts{"a"}), message_of(Texts{"a", "b"})));
    EXPECT_FALSE(
        CrossingOf<Texts>::are_same(message_of(Texts{"ab", "c"}), message_of(Texts{"a", "bc"})));
    using Table = std::unordered_map<std::string, int>;
    const Table table{{"a", 1}, {"b", 2}, {"c", 3}};
    EXPECT_TRUE(CrossingOf<Table>::are_same(message_of(table), message_of(table)));
}

}  // namespace
}  // namespace pinfold::shm
