// Any bytes, cut at any grain: what all chunks get of them, one behind the other, is what a simple
// cut from begin to end gives. The first bytes choose:
//
//   0  lines, words, records or fixed records; from 4 on by windows   1  grain
//   2  length of the delimiter   delimiter
//
// The rest is text. Before each byte 0xfe a new file begins, of which the text is the content.

#include <algorithm>
#include <pinfold/engine/inputs/fixed_records.hpp>
#include <pinfold/engine/inputs/lines.hpp>
#include <pinfold/engine/inputs/neighbours.hpp>
#include <pinfold/engine/inputs/parts.hpp>
#include <pinfold/engine/inputs/records.hpp>
#include <pinfold/engine/inputs/split_words.hpp>
#include <pinfold/engine/inputs/words.hpp>
#include <string>
#include <vector>

#include "fuzz_target.hpp"
#include "inputs/cut_oracle.hpp"

namespace pinfold::fuzz {
namespace {

using testing::Strings;

// A text of its own memory, where a sanitizer sees a read beyond the end.
using Text = std::vector<char>;

std::string_view view_of(const Text& text) {
    return {text.data(), text.size()};
}

struct Asked {
    unsigned kind = 0;
    bool by_windows = false;
    std::uint64_t grain = 1;
    std::string delimiter;
    std::vector<Text> files;
    std::vector<std::uint64_t> ends;
};

std::string_view taken(std::string_view& from, std::size_t size) {
    const std::string_view first = from.substr(0, size);
    from.remove_prefix(first.size());
    return first;
}

Asked asked(std::string_view input) {
    const auto number = [&input] {
        const std::string_view byte = taken(input, 1);
        return byte.empty() ? 0U : static_cast<unsigned char>(byte[0]);
    };
    Asked a;
    const unsigned first = number();
    a.kind = first % 4;
    a.by_windows = first / 4 % 2 == 1;
    a.grain = number() + 1;
    a.delimiter = taken(input, number() % 64);
    for (const std::string_view file : split(input, "\xfe")) {
        a.files.emplace_back(file.begin(), file.end());
        a.ends.push_back((a.ends.empty() ? 0 : a.ends.back()) + file.size());
    }
    return a;
}

void check_place(const auto& pieces, const auto& at, const Asked& a) {
    const TextPlace place = at.place();
    const std::string_view text = view_of(a.files[place.file]);
    require(text.substr(place.offset).starts_with(*at), "a piece stands where it says");
    require(pieces.place_of(*at) == place, "a piece is found again");
    const std::uint64_t before = place.file == 0 ? 0 : a.ends[place.file - 1];
    require(at.offset() == before + place.offset, "files stand one behind the other");
}

/// A file that is read in windows.
struct Source {
    const Text& text;

    [[nodiscard]] std::uint64_t size() const noexcept { return text.size(); }
    void read(std::uint64_t offset, std::span<char> to) const {
        require(!to.empty() && offset + to.size() <= text.size(), "reads what is there");
        std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
    }
};

/// What a chunk has of a file: the text, or a window, which `memory` keeps.
template <typename Cut>
detail::TextPart part_of(const Cut& cut, const Asked& a, const detail::PartPlace& place,
                         std::vector<Text>& memory) {
    const Text& text = a.files[place.text];
    if (!a.by_windows) {
        return {view_of(text), place.begin, place.end, 0, place.offset, place.text};
    }
    detail::TextWindow window(Source{text}, place.begin, place.end, cut, a.grain % 3);
    const auto begin = static_cast<std::size_t>(window.begin());
    memory.emplace_back(window.text().begin(), window.text().end());
    return {view_of(memory.back()), place.begin - begin, place.end - begin, begin,
            place.offset,           place.text};
}

/// The pieces of all chunks of all files.
template <typename Cut>
Strings pieces_of(const Cut& cut, const Asked& a) {
    Strings all;
    const ChunkPlan plan(Range{0, a.ends.back()}, a.grain);
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        const Chunk chunk = plan[i];
        std::vector<Text> memory;
        std::vector<detail::TextPart> parts;
        detail::for_each_part(a.ends, chunk.begin, chunk.begin + chunk.size(),
                              [&](const detail::PartPlace& place) {
                                  parts.push_back(part_of(cut, a, place, memory));
                              });
        const Pieces<Cut> pieces(cut, parts);
        for (auto at = pieces.begin(); at != pieces.end(); ++at) {
            const std::uint64_t start = at.offset();
            require(chunk.begin <= start && start < chunk.begin + chunk.size(),
                    "a chunk owns what starts in it");
            check_place(pieces, at, a);
            all.emplace_back(*at);
        }
    }
    return all;
}

template <typename Cut, typename Oracle>
void check_cut(const Cut& cut, const Asked& a, const Oracle& oracle) {
    Strings expected;
    for (const Text& file : a.files) {
        const Strings of_file = oracle(view_of(file));
        expected.insert(expected.end(), of_file.begin(), of_file.end());
    }
    require(pieces_of(cut, a) == expected, "each piece is there once, whole and in order");
}

/// The words of each text in memory.
void check_split(const Asked& a) {
    const auto check = [](const auto& found, const Strings& expected) {
        require(Strings(found.begin(), found.end()) == expected, "words() are those of the cut");
    };
    for (const Text& file : a.files) {
        const std::string_view text = view_of(file);
        check(words(text, a.delimiter), testing::words_of(text, a.delimiter));
        check(words(text), testing::words_of(text));
    }
}

/// The records of a whole number of them, and each byte with its neighbours.
void check_fixed(const Asked& a) {
    const Text& all = a.files.front();
    const std::size_t record = a.delimiter.size();
    const auto refused = !accepted([&] { return FixedRecords(std::span(all), record); });
    require(refused == (record == 0 || all.size() % record != 0), "records fill their text");
    const auto read = [&](const auto& in, const auto& use) {
        const auto input = detail::input_of(in);
        const ChunkPlan plan(input.range, a.grain);
        for (std::uint64_t i = 0; i < plan.size(); ++i) {
            input.data().give(plan[i], use);
        }
    };
    if (!refused) {
        std::string joined;
        read(FixedRecords(std::span(all), record), [&](const FixedRecordsSpan& records) {
            for (const std::string_view one : records) {
                joined += one;
            }
        });
        require(joined == view_of(all), "fixed records have all bytes");
    }
    std::size_t at = 0;
    read(Neighbours(std::span(all), record, 2 * record), [&](const Neighbourhood<char>& near) {
        require(near.before() == std::min(at, record), "neighbours on the left");
        require(near.after() == std::min(all.size() - at - near.size(), 2 * record),
                "neighbours on the right");
        const std::string_view seen(near.all().data(), near.all().size());
        require(seen == view_of(all).substr(at - near.before(), seen.size()), "neighbours");
        at += near.size();
    });
    require(at == all.size(), "each byte is some chunk's own");
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold;
    using namespace pinfold::fuzz;
    const Asked a = asked(as_text(data, size));
    if (a.kind == 0) {
        check_cut(detail::LineCut{}, a, testing::lines_of);
    } else if (a.kind == 1) {
        check_cut(detail::WordCut(a.delimiter), a,
                  [&](std::string_view text) { return testing::words_of(text, a.delimiter); });
        check_split(a);
    } else if (a.kind == 3) {
        check_fixed(a);
    } else if (const auto cut = accepted([&] { return detail::RecordCut(a.delimiter); })) {
        check_cut(*cut, a,
                  [&](std::string_view text) { return testing::records_of(text, a.delimiter); });
    } else {
        require(a.delimiter.empty() || a.delimiter.size() > detail::RecordCut::largest_delimiter,
                "a delimiter is refused for its length");
    }
    return 0;
}
