#pragma once

#include <vector>

#include "jobs/words/word_counts.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"

namespace pinfold::apps {

/// Who reads the rows: a program gets each byte of a word, a terminal no control characters.
enum class Reader { program, terminal };

/// Writes a row for each word, behind what `result` has of all of them: its count and itself. Text
/// is as `uniq -c` writes it. Of words that are no UTF-8, JSON has U+FFFD in place of each wrong
/// byte. Throws like Output::write().
void print_words(Output& output, Format format, Reader reader, const Result& result,
                 const std::vector<WordCounts::Entry>& rows);

}  // namespace pinfold::apps
