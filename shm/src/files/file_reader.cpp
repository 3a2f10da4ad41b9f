#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <pinfold/shm/file_reader.hpp>
#include <stdexcept>
#include <utility>

#include "files/opened_file.hpp"

namespace pinfold::shm {

FileReader::FileReader(const std::string& path, const FileIdentity& expected) {
    OpenedFile opened = open_to_read(path);
    require_unchanged(opened, expected);
    path_ = std::move(opened.path);
    descriptor_ = std::move(opened.descriptor);
    bytes_ = opened.identity.bytes;
}

void FileReader::read(std::uint64_t offset, std::span<char> to) const {
    while (!to.empty()) {
        const ssize_t count =
            pread(descriptor_.number(), to.data(), to.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            refuse_file(errno, path_, "cannot be read");
        }
        if (count == 0) {
            throw std::runtime_error("file " + path_ + ": is not as it was: it had " +
                                     std::to_string(bytes_) + " bytes, and ends before byte " +
                                     std::to_string(offset) + " now");
        }
        offset += static_cast<std::uint64_t>(count);
        to = to.subspan(static_cast<std::size_t>(count));
    }
}

}  // namespace pinfold::shm
