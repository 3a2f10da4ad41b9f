// Records with a delimiter of several characters. A text is cut from its begin to its end, and a
// chunk in the middle must find the same delimiters. One that cannot overlap itself is a delimiter
// wherever it stands. Of "\n\n" that is not so: in a row of newlines, which pairs are delimiters
// depends on where the row begins. So the search begins before it, at a place that no occurrence
// reaches across. Cost: a chunk inside of a long row of overlapping delimiters reads all of the row
// before it.

#include <algorithm>
#include <pinfold/engine/inputs/cuts.hpp>
#include <stdexcept>
#include <string>

namespace pinfold::detail {
namespace {

/// Whether some begin of the delimiter is its end as well.
bool has_border(std::string_view delimiter) noexcept {
    for (std::size_t shift = 1; shift < delimiter.size(); ++shift) {
        if (delimiter.starts_with(delimiter.substr(shift))) {
            return true;
        }
    }
    return false;
}

}  // namespace

RecordCut::RecordCut(std::string_view delimiter)
    : size_(static_cast<std::uint8_t>(std::min(delimiter.size(), largest_delimiter))),
      overlaps_itself_(has_border(delimiter)) {
    if (delimiter.empty() || delimiter.size() > largest_delimiter) {
        throw std::invalid_argument(
            "the delimiter of records has " + std::to_string(delimiter.size()) +
            " characters; it may have 1 to " + std::to_string(largest_delimiter));
    }
    delimiter.copy(delimiter_, size_);
}

/// The nearest place up to `at` that no occurrence begins before and ends behind.
std::size_t RecordCut::clear_of_delimiters(std::string_view text, std::size_t at) const noexcept {
    while (at > 0) {
        const std::size_t low = at > size_ - 1U ? at - (size_ - 1U) : 0;
        const std::size_t found =
            text.substr(0, std::min(text.size(), at - 1 + size_)).find(delimiter(), low);
        if (found == nowhere) {
            break;
        }
        at = found;
    }
    return at;
}

std::size_t RecordCut::first_behind_delimiter(std::string_view text, std::size_t from,
                                              std::size_t to) const noexcept {
    std::size_t at = from > size_ ? from - size_ : 0;
    if (overlaps_itself_) {
        at = clear_of_delimiters(text, at);
    }
    const std::string_view before = text.substr(0, to);
    std::size_t start = 0;
    do {
        const std::size_t found = before.find(delimiter(), at);
        if (found == nowhere) {
            return to;
        }
        start = found + size_;
        at = start;
    } while (start < from);
    return start;
}

}  // namespace pinfold::detail
