#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pinfold::detail {

// Values as JSON. Bytes of a text that are no UTF-8 become U+FFFD; a number that is not finite is
// null.

[[nodiscard]] std::string json_of(std::string_view text);
[[nodiscard]] std::string json_of(double number);
[[nodiscard]] std::string json_of(std::uint64_t number);
[[nodiscard]] std::string json_of(int number);

inline std::string json_of(const std::string& text) {
    return json_of(std::string_view(text));
}
inline std::string json_of(const char* text) {
    return json_of(std::string_view(text));
}

/// An object, to which members are added one after the other.
class JsonObject {
  public:
    template <typename T>
    JsonObject& add(std::string_view name, const T& value) {
        return add_written(name, json_of(value));
    }

    /// An array of what `write` makes of each of the values.
    template <typename Values, typename Write>
    JsonObject& add_array(std::string_view name, const Values& values, Write write) {
        std::string array;
        for (const auto& value : values) {
            array += (array.empty() ? "" : ",") + write(value);
        }
        return add_written(name, "[" + array + "]");
    }

    /// A member whose value is JSON already.
    JsonObject& add_written(std::string_view name, std::string_view json) {
        members_ += members_.empty() ? "" : ",";
        members_ += json_of(name) + ":";
        members_ += json;
        return *this;
    }

    [[nodiscard]] std::string text() const { return "{" + members_ + "}"; }

  private:
    std::string members_;
};

}  // namespace pinfold::detail
