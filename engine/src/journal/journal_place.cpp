#include "journal/journal_place.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace pinfold::detail {

namespace {

shm::Descriptor open_if_same(const char* path, const FileIdentity& wanted) noexcept {
    // A pipe in the journal's stead would wait for a reader.
    shm::Descriptor opened = open_file(path, O_WRONLY | O_NONBLOCK);
    FileIdentity found;
    if (opened.number() >= 0 && (!identify(opened.number(), found) || found != wanted)) {
        opened.reset();
        errno = ESTALE;
    }
    return opened;
}

}  // namespace

JournalHandle open_journal_at(const JournalPlace& place) {
    shm::Descriptor opened = open_if_same(place.path.data(), place.identity);
    if (opened.number() < 0) {
        const int why = errno;
        std::array<char, 64> held{};
        std::snprintf(held.data(), held.size(), "/proc/%d/fd/%d", place.host, place.host_number);
        opened = open_if_same(held.data(), place.identity);
        errno = why;
    }
    const int why = errno;
    JournalHandle handle(std::move(opened), place.identity, place.file_bytes, place.slots);
    errno = why;
    return handle;
}

}  // namespace pinfold::detail
