#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pinfold::apps::report {

/// A tag of an SVG file, or the text between two.
struct SvgToken {
    enum class Kind { begin, end, text };
    Kind kind = Kind::text;
    bool is_empty = false;  ///< of a begin: it ends at once, <path/>
    std::string name;       ///< of a tag; of a text, the text as it stands there
    std::map<std::string, std::string, std::less<>> attributes;

    /// An attribute's value; empty where it is not there.
    [[nodiscard]] std::string_view get(std::string_view attribute) const;
};

/// Reads the tags of an SVG file one after the other, and passes over declarations and comments.
class SvgReader {
  public:
    explicit SvgReader(std::string_view text) : rest_(text) {}

    /// False at the end. Throws std::invalid_argument where a tag does not end.
    bool next(SvgToken& token);

    /// Goes behind the end of the element that was just begun.
    void skip(const SvgToken& begun);

  private:
    std::string_view take_up_to(std::string_view end);

    std::string_view rest_;
};

}  // namespace pinfold::apps::report
