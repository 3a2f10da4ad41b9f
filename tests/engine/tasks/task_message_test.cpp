#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <pinfold/engine/detail/tasks/task_call.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <tuple>
#include <vector>

namespace {
std::atomic<int> allocations = 0;
}

[[gnu::noinline]] void* operator new(std::size_t bytes) {
    ++allocations;
    if (void* const block = std::malloc(bytes)) {
        return block;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
    std::free(block);
}

namespace pinfold::detail {
namespace {

void nothing() {}

template <typename... Parts>
std::size_t bytes_of_message(const Parts&... parts) {
    TaskMessage message(TaskLayout<Parts...>::fixed);
    TaskLayout<Parts...>::write(message, parts...);
    return message.all().size();
}

TEST(TaskMessages, OfEmptyTasksCostNoAllocation) {
    const auto empty = [] {};
    void (*const pointer)() = nothing;
    const auto small = [a = 1, b = 2.0] { return a + b; };
    const std::string text = "text";
    const int before = allocations;
    const std::size_t of_empty = bytes_of_message(empty);
    const std::size_t of_pointer = bytes_of_message(pointer);
    const std::size_t of_small = bytes_of_message(small, 1, 'c');
    const std::size_t of_text = bytes_of_message(pointer, text);
    EXPECT_EQ(allocations, before);
    EXPECT_EQ(of_empty, 0U);
    EXPECT_EQ(of_pointer, sizeof pointer);
    EXPECT_EQ(of_small, sizeof small + sizeof(int) + 1);
    EXPECT_LT(of_text, sizeof pointer + sizeof(std::size_t) + 2 * text.size());
}

TEST(TaskMessages, SayWhereEachPartIs) {
    using Layout = TaskLayout<int, std::string, char, std::vector<int>, double>;
    const std::string text(2000, 't');  // more than a message's own room
    const std::vector<int> numbers{1, 2, 3};
    TaskMessage message(Layout::fixed);
    Layout::write(message, 7, text, 'c', numbers, 0.5);
    const auto parts = Layout::read(message.all().data());
    EXPECT_EQ(MadePart<int>(parts[0]).value(), 7);
    EXPECT_EQ(MadePart<std::string>(parts[1]).value(), text);
    EXPECT_EQ(MadePart<char>(parts[2]).value(), 'c');
    EXPECT_EQ(MadePart<std::vector<int>>(parts[3]).value(), numbers);
    EXPECT_EQ(MadePart<double>(parts[4]).value(), 0.5);
    EXPECT_EQ(parts[4].data() - parts[2].data(), 1 + static_cast<int>(sizeof(std::size_t)));
}

/// Of results that have room in their slot.
class NoBlocks final : public ResultBlocks {
  public:
    [[nodiscard]] std::byte* take(std::size_t) override { throw std::bad_alloc(); }
    void give_over() noexcept override {}
    void drop() noexcept override {}
};

TEST(TaskMessages, AreMadeAgainAsOftenAsATaskStarts) {
    const auto call = [](std::string&& text) {
        const std::string taken = std::move(text);
        return taken.size();
    };
    using Call = TaskCall<std::decay_t<decltype(call)>, std::string>;
    const std::string text = "what each attempt may move from";
    TaskMessage message(Call::Layout::fixed);
    Call::Layout::write(message, call, text);
    NoBlocks no_blocks;
    for (int attempt = 0; attempt < 2; ++attempt) {
        ResultSlot slot{};
        Call::run({message.all().data(), message.all().size(), &slot, &no_blocks});
        EXPECT_EQ(read_task_result<std::size_t>(slot), text.size());
    }
}

}  // namespace
}  // namespace pinfold::detail
