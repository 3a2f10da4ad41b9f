// An input with an odd first byte is a file as it is. After an even one it is a job's identity, a
// kernel's name and the fate of each slot, which the target makes into a sealed file:
//
//   0  version  begin  end (16 bytes)  grain  result_bytes  name_bytes (1 byte)  name  fates...

#include <algorithm>
#include <cstring>
#include <pinfold/engine/journal.hpp>
#include <string>

#include "fuzz_target.hpp"
#include "journal/journal_format.hpp"
#include "journal/journal_slots.hpp"
#include "scratch_file.hpp"

namespace pinfold::fuzz {
namespace {

using detail::journal_header_bytes;
using detail::JournalHeader;
using detail::JournalSlots;

const ScratchFile& file() {
    static const ScratchFile made;
    return made;
}

std::optional<JournalInfo> read_file(std::string_view content) {
    file().write(content);
    return accepted<JournalError>([] { return read_journal(file().path()); });
}

/// The bytes of an input, taken off its front; zeros follow the last one.
class Bytes {
  public:
    explicit Bytes(std::string_view rest) : rest_(rest) {}

    template <typename T>
    T take() {
        T value{};
        const std::string_view bytes = take_text(sizeof value);
        std::memcpy(&value, bytes.data(), bytes.size());
        return value;
    }

    std::string_view take_text(std::size_t size) {
        const std::string_view text = rest_.substr(0, size);
        rest_.remove_prefix(text.size());
        return text;
    }

  private:
    std::string_view rest_;
};

JournalInfo take_identity(Bytes& bytes) {
    JournalInfo info;
    info.version = bytes.take<std::uint64_t>();
    info.range.begin = bytes.take<std::uint64_t>();
    info.range.end = bytes.take<uint128>();
    info.grain = bytes.take<std::uint64_t>();
    info.result_bytes = bytes.take<std::uint64_t>();
    info.kernel = bytes.take_text(bytes.take<std::uint8_t>());
    return info;
}

uint128 whole_file_bytes(const JournalInfo& info) {
    const uint128 result_words = (uint128{info.result_bytes} + 7) / 8;
    return journal_header_bytes + info.chunks * (16 + 8 * result_words);
}

/// The header that this identity makes, if reading accepts it; `info` gets its number of chunks.
std::optional<JournalHeader> seal(JournalInfo& info) {
    const auto header = accepted([&] { return detail::make_header(info); });
    if (!header) {
        return std::nullopt;
    }
    const auto read = accepted([&] { return detail::read_header(*header); });
    if (!read) {
        return std::nullopt;
    }
    require(detail::make_header(*read) == *header, "what a header says makes the same header");
    info = *read;
    return header;
}

/// Writes slots into `content` as the fates say, one byte each, and returns how many are whole:
/// 0 leaves the slot empty, 1 writes it, any other writes it and then damages a byte.
std::uint64_t fill_slots(std::string& content, const JournalHeader& header, const JournalInfo& info,
                         Bytes& fates) {
    auto* const first = reinterpret_cast<std::byte*>(content.data() + journal_header_bytes);
    const JournalSlots slots(info.result_bytes, header.checksum);
    const std::size_t slot_bytes = JournalSlots::slot_bytes(info.result_bytes);
    const std::string result(info.result_bytes, 'r');
    std::uint64_t whole = 0;
    for (std::uint64_t i = 0; i < info.chunks; ++i) {
        const auto fate = fates.take<std::uint8_t>();
        if (fate == 0) {
            continue;
        }
        const auto head = slots.head(i, reinterpret_cast<const std::byte*>(result.data()));
        std::memcpy(first + i * slot_bytes, &head, sizeof head);
        std::memcpy(first + i * slot_bytes + sizeof head, result.data(), result.size());
        // Only the head and the result are sealed, not the padding behind them.
        const std::size_t damaged = (fate - 2U) % (16 + info.result_bytes);
        first[i * slot_bytes + damaged] ^= fate == 1 ? std::byte{0} : std::byte{0x40};
        whole += fate == 1 ? 1U : 0U;
    }
    return whole;
}

std::string file_with(const JournalHeader& header, std::size_t bytes) {
    std::string content(std::max(bytes, journal_header_bytes), '\0');
    std::memcpy(content.data(), &header, sizeof header);
    return content;
}

void check_whole_file(const JournalHeader& header, const JournalInfo& info, Bytes& fates) {
    std::string content = file_with(header, static_cast<std::size_t>(whole_file_bytes(info)));
    const std::uint64_t whole = fill_slots(content, header, info, fates);
    const auto read = read_file(content);
    require(read.has_value(), "a file of the length that its header asks for is a journal");
    require(read->chunks == info.chunks && read->chunks_done == whole,
            "just the slots that were written and not damaged count");
    require(!read_file(content + '\0'), "a file that was added to is refused");
}

void check_other_file(const JournalHeader& header, std::size_t slots_bytes) {
    const std::string content = file_with(header, journal_header_bytes + slots_bytes);
    const auto read = read_file(content);
    require(!read || whole_file_bytes(*read) == content.size(),
            "a file of another length than its header asks for is refused");
}

void check_sealed(Bytes bytes) {
    constexpr std::size_t most_bytes = std::size_t{1} << 16;
    JournalInfo info = take_identity(bytes);
    const auto header = seal(info);
    if (!header) {
        return;
    }
    if (whole_file_bytes(info) <= most_bytes && info.result_bytes <= most_bytes) {
        check_whole_file(*header, info, bytes);
    }
    check_other_file(*header, 16 * std::min<std::uint64_t>(info.chunks, most_bytes / 16));
}

void check_raw(std::string_view content) {
    const auto info = read_file(content);
    require(!info || info->chunks_done <= info->chunks, "no more chunks are done than there are");
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    const std::string_view input = as_text(data, size);
    if (!input.empty() && input.front() % 2 == 0) {
        check_sealed(Bytes(input.substr(1)));
    } else {
        check_raw(input.substr(input.empty() ? 0 : 1));
    }
    return 0;
}
