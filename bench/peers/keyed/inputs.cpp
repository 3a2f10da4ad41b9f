#include "peers/keyed/inputs.hpp"

#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <pinfold/shm/arena.hpp>
#include <pinfold/shm/array.hpp>
#include <string>

#include "peers/keyed/digest.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

template <typename T>
[[nodiscard]] pinfold::shm::Array<T> shared_array(std::uint64_t size) {
    static const auto arena = std::make_shared<pinfold::shm::Arena>();
    return pinfold::shm::Array<T>(arena, size);
}

/// Ranks below `ranks` by Zipf's law: that of rank r has a probability of about 1 / r.
class ZipfRanks {
  public:
    explicit ZipfRanks(std::uint64_t ranks) : exponent_(std::log(static_cast<double>(ranks))) {}

    [[nodiscard]] std::uint64_t operator()(std::uint64_t place) const {
        const double uniform = static_cast<double>(mixed(place + 1) >> 11U) * 0x1p-53;
        return static_cast<std::uint64_t>(std::exp(uniform * exponent_)) - 1;
    }

  private:
    const double exponent_;
};

/// A word of its own for each rank below 26^4: two or three letters for frequent ones, four to ten
/// for the rest.
[[nodiscard]] std::string word_of(std::uint64_t rank) {
    const bool is_frequent = rank < 26 * 26;
    const std::uint64_t random = mixed(rank + 1);
    std::string word;
    for (int letter = 0; letter < (is_frequent ? 2 : 4); ++letter, rank /= 26) {
        word += static_cast<char>('a' + rank % 26);
    }
    for (std::uint64_t more = random % (is_frequent ? 2 : 7); more > 0; --more) {
        word += static_cast<char>('a' + (random >> (5 * more)) % 26);
    }
    return word;
}

/// Writes as long as whole pieces fit, and lines' ends into what is left.
class TextWriter {
  public:
    explicit TextWriter(std::uint64_t bytes) : text_(shared_array<char>(bytes)) {}

    /// Whether the piece fitted.
    bool write(std::string_view piece) {
        if (piece.size() > text_.size() - size_) {
            return false;
        }
        piece.copy(text_.data() + size_, piece.size());
        size_ += piece.size();
        return true;
    }
    [[nodiscard]] pinfold::shm::Array<char> written() {
        while (write("\n")) {
        }
        return text_;
    }

  private:
    pinfold::shm::Array<char> text_;
    std::size_t size_ = 0;
};

[[nodiscard]] pinfold::shm::Array<char> made_text() {
    constexpr std::uint64_t words = 400'000;
    const ZipfRanks ranks(words);
    TextWriter text(share_of(200'000'000));
    for (std::uint64_t place = 0;; ++place) {
        if (!text.write(word_of(ranks(place)) + (place % 12 == 11 ? '\n' : ' '))) {
            return text.written();
        }
    }
}

[[nodiscard]] pinfold::shm::Array<char> made_pages() {
    constexpr std::uint64_t links_a_page = 20;
    constexpr std::uint64_t words_a_link = 8;
    const ZipfRanks words(400'000);
    const ZipfRanks addresses(100'000);
    TextWriter pages(share_of(200'000'000));
    for (std::uint64_t link = 0;; ++link) {
        const bool begins = link % links_a_page == 0;
        std::string piece = begins ? std::to_string(link / links_a_page) + " <html><body><p>" : "";
        for (std::uint64_t word = 0; word < words_a_link; ++word) {
            piece += word_of(words(link * words_a_link + word)) + ' ';
        }
        const std::string address = word_of(addresses(~link));
        piece += "<a href=\"http://www." + address + ".com/" + address + ".html\">" + address;
        piece += link % links_a_page == links_a_page - 1 ? "</a></p></body></html>\n" : "</a> ";
        if (!pages.write(piece)) {
            return pages.written();
        }
    }
}

[[nodiscard]] pinfold::shm::Array<Row> made_rows(std::uint64_t size, std::uint64_t keys) {
    const auto made = shared_array<Row>(share_of(size));
    for (std::uint64_t k = 0; k < made.size(); ++k) {
        const std::uint64_t random = mixed(k + 1);
        // An odd factor gives each of 2^32 numbers one of its own.
        made[k] = {static_cast<std::uint32_t>((random >> 20U) % keys * 2'654'435'761U),
                   static_cast<std::uint32_t>(random % 1000)};
    }
    return made;
}

[[nodiscard]] pinfold::shm::Array<std::uint64_t> made_numbers() {
    const auto made = shared_array<std::uint64_t>(share_of(100'000'000));
    for (std::uint64_t k = 0; k < made.size(); ++k) {
        made[k] = mixed(k + 1);
    }
    return made;
}

}  // namespace

std::uint64_t share_of(std::uint64_t size) {
    const char* asked = std::getenv("PINFOLD_BENCH_SHARE");
    const double share = asked == nullptr ? 1 : std::strtod(asked, nullptr);
    require(share > 0 && share <= 1, "PINFOLD_BENCH_SHARE, which is above 0 and at most 1");
    return static_cast<std::uint64_t>(static_cast<double>(size) * share);
}

std::string_view zipf_text() {
    static const auto text = made_text();
    return {text.data(), text.size()};
}

std::string_view html_pages() {
    static const auto pages = made_pages();
    return {pages.data(), pages.size()};
}

std::span<const Row> rows(std::uint64_t size, std::uint64_t keys) {
    static std::map<std::uint64_t, pinfold::shm::Array<Row>> all;
    auto found = all.find(keys);
    if (found == all.end()) {
        found = all.emplace(keys, made_rows(size, keys)).first;
    }
    return found->second.span();
}

std::span<const std::uint64_t> numbers() {
    static const auto all = made_numbers();
    return all.span();
}

}  // namespace bench
