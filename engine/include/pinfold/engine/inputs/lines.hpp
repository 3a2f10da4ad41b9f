#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/cuts.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <pinfold/engine/inputs/text_input.hpp>
#include <utility>

namespace pinfold {

/// The lines that start in a chunk.
using ChunkLines = Pieces<detail::LineCut>;

/// The lines of a text, as an input. The text is an array of characters, a span of one, a file or
/// files.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("to be\nor not\nto be\n"));
///     const auto same = pinfold::count_if(pool, pinfold::Lines(text),
///                                         [](std::string_view line) { return line == "to be"; });
///     assert(same.value == 2);
///
/// A map of a chunk gets `(const ChunkLines& lines, chunk)` or the lines alone: a range of
/// std::string_view. Functions of elements get one line each. The chunk is a range of bytes, and so
/// is the grain; a line is of the chunk in which it starts, however long it is. No line is seen
/// twice or cut in two, whatever the grain.
///
/// "\n" or "\r\n" ends a line and is not part of it. A last line may lack its end; nothing behind
/// the last end is no line: "a\n" has one line, "a\n\n" two, "" none. Records(text, '\n') leaves
/// every '\r' where it is.
///
/// It holds the array or the file, as a copy does. Of a source that is no text the compiler says
/// so.
template <typename Source>
class Lines {
    static_assert(detail::check_text<Source>());

  public:
    explicit Lines(Source source) : source_(std::move(source)) {}

    /// Not for users: what calls make of it.
    [[nodiscard]] auto input() const { return detail::cut_input(detail::LineCut{}, source_); }

  private:
    Source source_;
};

}  // namespace pinfold
