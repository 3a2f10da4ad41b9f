#include "commands/primality_rows.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pinfold::apps {

namespace {

/// What stands around a row's two cells.
struct RowForm {
    std::string_view before;
    std::string_view between;
    std::string_view behind;
    std::string_view next;  // between this row and the next
};

constexpr RowForm row_form(Format format) {
    switch (format) {
        case Format::text:
            return {"", " ", "\n", ""};
        case Format::csv:
            return {"", ",", "\n", ""};
        case Format::json:
            break;
    }
    return {R"({"n":")", R"(","answer":")", R"("})", ","};
}

class RowWriter {
  public:
    RowWriter(Output& output, Format format) : output_(output), form_(row_form(format)) {}

    void write(std::uint64_t number, std::string_view answer) {
        const fmt::format_int digits(number);
        rows_ += next_;
        rows_ += form_.before;
        rows_.append(digits.data(), digits.size());
        rows_ += form_.between;
        rows_ += answer;
        rows_ += form_.behind;
        next_ = form_.next;
    }

    void flush() {
        output_.write(rows_);
        rows_.clear();
    }

  private:
    Output& output_;
    RowForm form_;
    std::string_view next_;
    std::string rows_;
};

/// The answers of one chunk.
class ChunkAnswers {
  public:
    /// No bits: the chunk was skipped.
    explicit ChunkAnswers(const std::uint8_t* bits) : bits_(bits) {}

    [[nodiscard]] std::string_view operator[](std::uint64_t i) const {
        if (bits_ == nullptr) {
            return "unknown";
        }
        return (bits_[i / 8] >> (i % 8) & 1) != 0 ? "prime" : "not prime";
    }

  private:
    const std::uint8_t* bits_;
};

template <NumberSource Source>
void print_chunk(RowWriter& rows, const Source& source, const Chunk& chunk,
                 const ChunkAnswers& answers) {
    std::array<std::uint64_t, 1024> batch;
    const std::uint64_t expected = source.count_in(chunk);
    auto reader = source.reader(chunk);
    std::uint64_t done = 0;
    while (const std::size_t size = reader.read(batch)) {
        if (size > expected - done) {
            break;
        }
        for (std::size_t i = 0; i < size; ++i) {
            rows.write(batch[i], answers[done + i]);
        }
        rows.flush();
        done += size;
    }
    if (done != expected) {
        throw std::runtime_error("the numbers changed while their answers were written");
    }
}

}  // namespace

template <NumberSource Source>
void print_answers(Output& output, Format format, const Source& source, const ChunkPlan& plan,
                   const PrimalityResult& result) {
    RowWriter rows(output, format);
    auto skipped = result.report.skipped.begin();
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        const bool is_skipped = skipped != result.report.skipped.end() && skipped->chunk.index == i;
        skipped += is_skipped ? 1 : 0;
        const std::uint8_t* const bits = result.bits.bytes.data() + result.bits.first_byte[i];
        print_chunk(rows, source, plan[i], ChunkAnswers(is_skipped ? nullptr : bits));
    }
}

template void print_answers(Output&, Format, const ListedNumbers&, const ChunkPlan&,
                            const PrimalityResult&);
template void print_answers(Output&, Format, const RandomNumbers&, const ChunkPlan&,
                            const PrimalityResult&);
template void print_answers(Output&, Format, const NumbersOfLines&, const ChunkPlan&,
                            const PrimalityResult&);

}  // namespace pinfold::apps
