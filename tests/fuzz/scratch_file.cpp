#include "scratch_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace pinfold::fuzz {
namespace {

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

ScratchFile::ScratchFile() : descriptor_(memfd_create("pinfold-fuzz", MFD_CLOEXEC)) {
    if (descriptor_ < 0) {
        throw_errno("memfd_create");
    }
}

ScratchFile::~ScratchFile() {
    close(descriptor_);
}

void ScratchFile::write(std::string_view content) const {
    if (ftruncate(descriptor_, 0) != 0) {
        throw_errno("ftruncate");
    }
    const ssize_t written = pwrite(descriptor_, content.data(), content.size(), 0);
    if (written != static_cast<ssize_t>(content.size())) {
        throw_errno("pwrite");
    }
}

std::filesystem::path ScratchFile::path() const {
    return "/proc/self/fd/" + std::to_string(descriptor_);
}

}  // namespace pinfold::fuzz
