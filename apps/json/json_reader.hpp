#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfold::apps {

/// A JSON value that was read from a text of unknown origin. Whatever it is not, or has not, throws
/// std::invalid_argument that names the text, the place in it and what was expected there:
/// "study.json: samples[3].command_seconds is no number".
///
/// Copies share the text's values. Run time: a look at a member searches the members of its object.
class JsonReader {
  public:
    /// `origin` is what errors call the text, such as its file.
    [[nodiscard]] static JsonReader parse(std::string_view text, const std::string& origin);

    [[nodiscard]] JsonReader operator[](std::string_view member) const;
    [[nodiscard]] JsonReader operator[](std::size_t index) const;

    /// Whether it is an object that has this member, which may be null.
    [[nodiscard]] bool has(std::string_view member) const;
    [[nodiscard]] bool is_null() const;
    [[nodiscard]] bool is_number() const;
    [[nodiscard]] bool is_string() const;
    [[nodiscard]] bool is_array() const;
    [[nodiscard]] bool is_object() const;

    /// Of an array or an object.
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::vector<JsonReader> elements() const;
    [[nodiscard]] std::vector<std::pair<std::string, JsonReader>> members() const;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] double number() const;  ///< finite
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] int integer() const;  ///< may be negative
    [[nodiscard]] bool truth() const;

    /// The value as JSON on one line.
    [[nodiscard]] std::string dump() const;

    /// For what a caller does not take: throws "study.json: samples[3].role " and `what`.
    [[noreturn]] void refuse(std::string_view what) const;

    /// Where it stands, as errors say it.
    [[nodiscard]] const std::string& place() const noexcept { return place_; }

  private:
    struct Document;

    JsonReader(std::shared_ptr<const Document> document, const void* value, std::string place);

    std::shared_ptr<const Document> document_;
    const void* value_;  // of the document
    std::string place_;
};

}  // namespace pinfold::apps
