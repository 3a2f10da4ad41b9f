#include "journal/journal_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pinfold::detail {

namespace {

// Large enough that the calls cost little beside the checksums, and small enough for the cache.
constexpr std::size_t buffer_bytes = std::size_t{256} << 10;

}  // namespace

JournalReader::JournalReader(int file, const JournalSlots& slots)
    : file_(file), slots_(slots), buffer_(buffer_bytes) {}

bool JournalReader::read(std::uint64_t index, std::byte* result) {
    std::uint64_t at = slots_.offset(index);
    SlotHead head{};
    if (!read_head(at, head) || head.done != 1) {
        return false;
    }
    at += sizeof head;
    Crc64 crc = slots_.begin_checksum(index);
    for (std::uint64_t left = slots_.result_bytes(); left != 0;) {
        const std::span<const std::byte> piece = bytes_at(at, left);
        if (piece.empty()) {
            return false;
        }
        crc.process_bytes(piece.data(), piece.size());
        if (result != nullptr) {
            result = std::ranges::copy(piece, result).out;
        }
        at += piece.size();
        left -= piece.size();
    }
    return crc.checksum() == head.checksum;
}

bool JournalReader::read_head(std::uint64_t at, SlotHead& head) {
    auto* to = reinterpret_cast<std::byte*>(&head);
    for (std::size_t left = sizeof head; left != 0;) {
        const std::span<const std::byte> piece = bytes_at(at, left);
        if (piece.empty()) {
            return false;
        }
        to = std::ranges::copy(piece, to).out;
        at += piece.size();
        left -= piece.size();
    }
    return true;
}

/// Some of the file's bytes from `at` on, at most `most`; none at the file's end or an error.
std::span<const std::byte> JournalReader::bytes_at(std::uint64_t at, std::uint64_t most) {
    if (at < begin_ || at >= begin_ + size_) {
        ssize_t got = 0;
        do {
            got = pread(file_, buffer_.data(), buffer_.size(), static_cast<off_t>(at));
        } while (got < 0 && errno == EINTR);
        if (got < 0 && error_ == 0) {
            error_ = errno;
        }
        begin_ = at;
        size_ = got < 0 ? 0 : static_cast<std::size_t>(got);
    }
    const std::uint64_t skipped = at - begin_;
    return {buffer_.data() + skipped,
            static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - skipped))};
}

}  // namespace pinfold::detail
