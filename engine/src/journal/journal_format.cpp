#include "journal/journal_format.hpp"

#include <algorithm>
#include <cstddef>
#include <pinfold/engine/chunk_plan.hpp>
#include <stdexcept>

#include "journal/crc64.hpp"

namespace pinfold::detail {

namespace {

constexpr std::array<char, 16> magic{'p', 'i', 'n', 'f', 'o', 'l', 'd', ' ',
                                     'j', 'o', 'u', 'r', 'n', 'a', 'l', '\n'};
constexpr std::uint64_t native_order = 0x0102030405060708U;
constexpr std::uint64_t swapped_order = 0x0807060504030201U;
constexpr std::uint64_t format_version = 1;

// No memory holds a larger result, and the size of a file of max_chunks such slots has 64 bits.
constexpr std::uint64_t max_result_bytes = std::uint64_t{1} << 40;

std::uint64_t checksum_of(const JournalHeader& header) {
    Crc64 crc;
    crc.process_bytes(&header, offsetof(JournalHeader, checksum));
    return crc.checksum();
}

}  // namespace

JournalHeader make_header(const JournalInfo& info) {
    JournalHeader header;
    header.magic = magic;
    header.byte_order = native_order;
    header.format = format_version;
    if (info.kernel.size() >= header.kernel.size() || info.kernel.empty()) {
        throw std::invalid_argument("a journal's kernel name must have 1 to 207 bytes, not " +
                                    std::to_string(info.kernel.size()));
    }
    if (info.kernel.find('\0') != std::string::npos) {
        throw std::invalid_argument("a journal's kernel name must not hold a zero byte");
    }
    if (info.result_bytes > max_result_bytes) {
        throw std::invalid_argument("a journal's results must have at most " +
                                    std::to_string(max_result_bytes) + " bytes each, not " +
                                    std::to_string(info.result_bytes));
    }
    std::ranges::copy(info.kernel, header.kernel.begin());
    header.kernel_version = info.version;
    header.begin = info.range.begin;
    header.end_low = static_cast<std::uint64_t>(info.range.end);
    header.end_high = static_cast<std::uint64_t>(info.range.end >> 64);
    header.grain = info.grain;
    header.result_bytes = info.result_bytes;
    header.checksum = checksum_of(header);
    return header;
}

JournalInfo read_header(const JournalHeader& header) {
    if (header.magic != magic) {
        throw std::invalid_argument("it is no pinfold journal");
    }
    if (header.byte_order == swapped_order) {
        throw std::invalid_argument("it was written on a machine of the other byte order");
    }
    if (header.byte_order != native_order || header.checksum != checksum_of(header)) {
        throw std::invalid_argument("its header is damaged");
    }
    if (header.format != format_version) {
        throw std::invalid_argument("it has format " + std::to_string(header.format) +
                                    ", this program reads " + std::to_string(format_version));
    }
    JournalInfo info;
    info.kernel = std::string(header.kernel.begin(), std::ranges::find(header.kernel, '\0'));
    info.version = header.kernel_version;
    info.range = {header.begin, uint128{header.end_high} << 64 | header.end_low};
    info.result_bytes = header.result_bytes;
    const ChunkPlan plan(info.range, header.grain);
    info.grain = plan.grain();
    info.chunks = plan.size();
    // A checksum can be right by another program's hand; what follows relies on what we write.
    if (make_header(info) != header) {
        throw std::invalid_argument("its header is not one that this program writes");
    }
    return info;
}

}  // namespace pinfold::detail
