#pragma once

#include <concepts>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfold::apps {

/// A JSON value that is made to be written. A default one is null.
class Json {
  public:
    /// The members of an object, in the order in which they are written.
    using Members = std::vector<std::pair<std::string, Json>>;

    Json() = default;

    // Implicit, so that members and cells can be listed in braces.
    Json(std::string text) : text_(std::move(text)), is_string_(true) {}  // NOLINT
    Json(std::string_view text) : Json(std::string(text)) {}              // NOLINT
    Json(const char* text) : Json(std::string(text)) {}                   // NOLINT
    Json(double number);                                                  // NOLINT
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) Json(Number number)
        : text_(std::to_string(number)) {}  // NOLINT
    template <std::same_as<bool> Truth>
    Json(Truth truth) : text_(truth ? "true" : "false") {}  // NOLINT

    [[nodiscard]] static Json object(const Members& members);
    [[nodiscard]] static Json array(const std::vector<Json>& elements);

    /// An array of what `convert` makes of each of the values.
    template <typename Values, typename Convert>
    [[nodiscard]] static Json array(const Values& values, Convert convert) {
        std::vector<Json> elements;
        elements.reserve(std::size(values));
        for (const auto& value : values) {
            elements.push_back(convert(value));
        }
        return array(elements);
    }

    /// The members of an object that is written already.
    [[nodiscard]] static Members members_of(std::string_view object);

    /// The value on one line. Bytes of a text that are no UTF-8 become U+FFFD.
    [[nodiscard]] std::string dump() const;

    /// The same for a cell of a table: a text stands there without quotes.
    [[nodiscard]] const std::string& cell() const noexcept { return text_; }

  private:
    std::string text_ = "null";
    bool is_string_ = false;
};

}  // namespace pinfold::apps
