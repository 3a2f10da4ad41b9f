#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/cuts.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <pinfold/engine/inputs/text_input.hpp>
#include <string_view>
#include <utility>

namespace pinfold {

/// The records that start in a chunk.
using ChunkRecords = Pieces<detail::RecordCut>;

/// The records of a text, as an input; see Lines. A delimiter ends each record and is not part of
/// it: one character, such as '\0', or a string of up to 46, such as "\n\n". A last record may lack
/// its delimiter. An empty record stands between two delimiters.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("first\npoem\n\nsecond\n\n\n\nlast"));
///     const auto poems = pinfold::count_if(pool, pinfold::Records(text, "\n\n"),
///                                          [](std::string_view poem) { return !poem.empty(); });
///     assert(poems.value == 3);
///
/// Delimiters are found from the text's begin on, as std::string::find() does, one behind the
/// other: of four newlines in a row "\n\n" takes two and two. Run time: a chunk that begins inside
/// of many such in a row reads all of them to tell.
///
/// Throws std::invalid_argument for an empty delimiter or a longer one.
template <typename Source>
class Records {
    static_assert(detail::check_text<Source>());

  public:
    Records(Source source, std::string_view delimiter)
        : source_(std::move(source)), cut_(delimiter) {}
    Records(Source source, char delimiter)
        : Records(std::move(source), std::string_view(&delimiter, 1)) {}

    /// Not for users: what calls make of it.
    [[nodiscard]] auto input() const { return detail::cut_input(cut_, source_); }

  private:
    Source source_;
    detail::RecordCut cut_;
};

}  // namespace pinfold
