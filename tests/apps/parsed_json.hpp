#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfold::apps {

/// A JSON value that was read from a text. It is compared with others and with plain values. A
/// member that an object has not, or a value of another kind than is asked for, is an exception.
/// The library behind it is compiled once, for it takes longer than the test that needs it.
class ParsedJson {
  public:
    ParsedJson();  ///< null

    [[nodiscard]] static ParsedJson parse(std::string_view text);
    [[nodiscard]] static ParsedJson array();  ///< an empty one

    [[nodiscard]] ParsedJson operator[](std::string_view member) const;
    [[nodiscard]] ParsedJson operator[](std::size_t index) const;
    [[nodiscard]] ParsedJson back() const;
    [[nodiscard]] std::vector<ParsedJson> elements() const;

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool empty() const;
    [[nodiscard]] bool is_array() const;
    [[nodiscard]] bool contains(std::string_view member) const;

    /// For a std::string, a std::int64_t or a std::uint64_t.
    template <typename T>
    [[nodiscard]] T get() const;

    friend bool operator==(const ParsedJson& a, const ParsedJson& b);
    friend bool operator==(const ParsedJson& a, const char* text) {
        return a.get<std::string>() == text;
    }
    template <std::integral Number>
    friend bool operator==(const ParsedJson& a, Number number) {
        return std::cmp_equal(a.get<std::int64_t>(), number);
    }
    template <std::integral Number>
    friend std::strong_ordering operator<=>(const ParsedJson& a, Number number) {
        return a.get<std::int64_t>() <=> static_cast<std::int64_t>(number);
    }

    /// What GoogleTest shows.
    friend void PrintTo(const ParsedJson& json, std::ostream* out);

  private:
    struct Value;

    explicit ParsedJson(std::shared_ptr<const Value> value) : value_(std::move(value)) {}

    std::shared_ptr<const Value> value_;
};

}  // namespace pinfold::apps
