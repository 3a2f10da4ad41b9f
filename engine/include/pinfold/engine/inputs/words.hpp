#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/inputs/cuts.hpp>
#include <pinfold/engine/inputs/pieces.hpp>
#include <pinfold/engine/inputs/text_input.hpp>
#include <string_view>
#include <utility>

namespace pinfold {

/// The words that start in a chunk.
using ChunkWords = Pieces<detail::WordCut>;

/// The words of a text, as an input; see Lines. A word is as many characters in a row as are no
/// separators, and at least one. Separators are single bytes: by default those of isspace() in the
/// C locale, " \t\n\v\f\r". In UTF-8 a separator beyond ASCII has several bytes, and cannot be one
/// here.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("One, two;  three"));
///     const pinfold::Words words(text, " ,;");
///     const auto letters = pinfold::transform_reduce(
///         pool, words, std::size_t{0}, std::plus<>{},
///         [](std::string_view word) { return word.size(); });
///     assert(letters.value == 11);
template <typename Source>
class Words {
    static_assert(detail::check_text<Source>());

  public:
    explicit Words(Source source, std::string_view separators = " \t\n\v\f\r")
        : source_(std::move(source)), cut_(separators) {}

    /// Not for users: what calls make of it.
    [[nodiscard]] auto input() const { return detail::cut_input(cut_, source_); }

  private:
    Source source_;
    detail::WordCut cut_;
};

}  // namespace pinfold
