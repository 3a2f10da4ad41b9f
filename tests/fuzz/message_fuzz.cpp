// The first byte of an input chooses a type, the others are a message of it. A decoder takes just
// the messages that its encoder writes, and no more memory than a constant for each byte.

#include <algorithm>
#include <array>
#include <cereal/types/base_class.hpp>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <pinfold/shm/crossing.hpp>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz_target.hpp"

// Only AddressSanitizer's allocator has it: elsewhere nothing is counted.
extern "C" [[gnu::weak]] int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*));

namespace pinfold::fuzz {
namespace {

using shm::BadMessage;
using shm::CrossingOf;

/// What the program has asked for since it began.
std::size_t allocated_bytes() {
    static std::size_t bytes = 0;
    static const bool is_counted =
        __sanitizer_install_malloc_and_free_hooks != nullptr &&
        __sanitizer_install_malloc_and_free_hooks(
            [](const volatile void*, std::size_t block) { bytes += block; },
            [](const volatile void*) {}) > 0;
    return is_counted ? bytes : 0;
}

struct Tree {
    std::string name;
    std::vector<Tree> children;
};

struct Point {
    float x = 0;
    float y = 0;
};

struct Flags {
    bool is_set = false;
    std::string text[2];
    char letters[3] = {};
    std::vector<bool> bits;
};

struct Record {
    Point at;
    std::int16_t number = 0;
    std::string name;
    std::vector<std::uint8_t> bytes;
    std::vector<Flags> flags;
    std::vector<Point> path;
    std::optional<std::string> note;
};

using Choice = std::variant<std::monostate, std::string, std::vector<std::string>, std::tuple<>>;

class Node {
  public:
    template <typename Archive>
    void serialize(Archive& archive) {
        archive(name_, CEREAL_NVP(number_));
        archive& children_;
    }

  private:
    std::string name_;
    std::int32_t number_ = 0;
    std::vector<Node> children_;
};

/// Writes nothing at all.
class Nothing {
  public:
    Nothing() = default;
    Nothing(const Nothing&) noexcept {}
    Nothing& operator=(const Nothing&) noexcept { return *this; }
    ~Nothing() = default;
    template <typename Archive>
    void serialize(Archive&) {}
};

class Text {
  public:
    template <typename Archive>
    void save(Archive& archive) const {
        archive(cereal::make_size_tag(text_.size()));
        archive(cereal::binary_data(text_.data(), text_.size()));
    }
    template <typename Archive>
    void load(Archive& archive) {
        cereal::size_type size = 0;
        archive(cereal::make_size_tag(size));
        text_.resize(size);
        archive(cereal::binary_data(text_.data(), text_.size()));
    }

  private:
    std::string text_;
};

class Name : public Text {
  public:
    template <typename Archive>
    void serialize(Archive& archive, std::uint32_t) {
        archive(cereal::base_class<Text>(this), minor_);
    }

  private:
    std::uint16_t minor_ = 0;
};

class Minimal {
  public:
    template <typename Archive>
    [[nodiscard]] std::string save_minimal(const Archive&) const {
        return text_;
    }
    template <typename Archive>
    void load_minimal(const Archive&, const std::string& text) {
        text_ = text;
    }

  private:
    std::string text_;
};

}  // namespace
}  // namespace pinfold::fuzz

// Its base class has save() and load().
template <typename Archive>
struct cereal::specialize<Archive, pinfold::fuzz::Name, cereal::specialization::member_serialize> {
};

namespace pinfold::fuzz {
namespace {

/// A class takes messages of other versions, and writes its own.
template <typename T>
constexpr bool has_version = std::is_same_v<T, std::vector<Name>>;

template <typename T>
std::vector<std::byte> written(const T& value) {
    std::vector<std::byte> message(CrossingOf<T>::write(value, {}));
    require(CrossingOf<T>::write(value, message) == message.size(), "a value has one size");
    return message;
}

/// The largest value that a byte of a message of T makes, with what a container takes beside it.
template <typename T>
void check(std::span<const std::byte> message, std::size_t largest = 256) {
    const std::size_t before = allocated_bytes();
    const auto value = accepted<BadMessage>([&] { return CrossingOf<T>::read(message); });
    // Vectors that grow by doubling ask for as much again, and so do moves of a table.
    require(allocated_bytes() - before <= 4 * largest * (message.size() + 16),
            "memory is taken for what arrived, and not for what a size says");
    if (!value) {
        return;
    }
    const std::vector<std::byte> again = written(*value);
    require(again.size() == message.size(), "a message is as long as its value's");
    if constexpr (requires { typename T::hasher; }) {
        require(CrossingOf<T>::read(again) == *value, "a hash table has another order at most");
    } else if constexpr (!has_version<T>) {
        require(std::ranges::equal(again, message), "a value has one message");
    }
    require(CrossingOf<T>::are_same(again, again), "a message says what it says");
    for (std::size_t room = 0; room < message.size(); room += 1 + message.size() / 4) {
        std::vector<std::byte> less(room);
        require(CrossingOf<T>::write(*value, less) == message.size(),
                "a value's size does not depend on the room");
    }
}

template <typename T>
void check_plain(std::span<const std::byte> message) {
    check<T>(message);
}

template <typename E>
void check_large(std::span<const std::byte> message) {
    check<std::vector<std::optional<E>>>(message, sizeof(std::optional<E>));
}

using Check = void (*)(std::span<const std::byte>);

constexpr auto checks = std::to_array<Check>({
    check_plain<std::string>,
    check_plain<std::vector<std::string>>,
    check_plain<std::vector<double>>,
    check_plain<std::vector<bool>>,
    check_plain<std::map<std::string, std::vector<double>>>,
    check_plain<std::unordered_map<std::string, std::int32_t>>,
    check_plain<std::multimap<std::int32_t, std::string>>,
    check_plain<std::set<std::string>>,
    check_plain<std::unordered_set<std::uint16_t>>,
    check_plain<std::tuple<std::string, std::list<Point>, std::deque<std::string>>>,
    check_plain<std::pair<std::array<std::string, 3>, bool>>,
    check_plain<std::vector<Choice>>,
    check_plain<Tree>,
    check_plain<Record>,
    check_plain<Node>,
    check_plain<std::vector<Nothing>>,
    check_plain<std::deque<std::tuple<>>>,
    check_plain<std::list<Text>>,
    check_plain<std::vector<Name>>,
    check_plain<std::map<std::string, Node>>,
    check_plain<std::vector<Minimal>>,
    check_large<std::array<double, 100>>,
});

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    if (size > 0) {
        const auto message = std::as_bytes(std::span(data, size)).subspan(1);
        checks[data[0] % checks.size()](message);
    }
    return 0;
}
