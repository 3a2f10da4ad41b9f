#include <pinfold/shm/mapped_file.hpp>

#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <stdexcept>
#include <utility>

#include "files/opened_file.hpp"

namespace pinfold::shm {

namespace {

namespace bi = boost::interprocess;

/// What mapped_region takes. Boost's own file_mapping opens files so that programs which this one
/// starts inherit them, and waits where a pipe has come in the file's place.
struct Mappable {
    int file;

    [[nodiscard]] bi::mapping_handle_t get_mapping_handle() const {
        return bi::ipcdetail::mapping_handle_from_file_handle(file);
    }
    [[nodiscard]] bi::mode_t get_mode() const { return bi::read_only; }
};

}  // namespace

struct MappedFile::Region {
    bi::mapped_region mapped;
};

FileIdentity identify_file(const std::string& path) {
    return open_to_read(path).identity;
}

MappedFile::MappedFile() = default;
MappedFile::~MappedFile() = default;
MappedFile::MappedFile(MappedFile&& other) noexcept
    : region_(std::move(other.region_)), bytes_(std::exchange(other.bytes_, {})) {}
MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(region_, other.region_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

MappedFile::MappedFile(const std::string& path) {
    const OpenedFile opened = open_to_read(path);
    map(opened.descriptor.number(), opened.identity.bytes, opened.path);
}

MappedFile::MappedFile(const std::string& path, const FileIdentity& expected) {
    const OpenedFile opened = open_to_read(path);
    require_unchanged(opened, expected);
    map(opened.descriptor.number(), opened.identity.bytes, opened.path);
}

void MappedFile::map(int file, std::size_t bytes, const std::string& path) {
    if (bytes == 0) {
        return;
    }
    try {
        region_ = std::make_unique<Region>(
            Region{bi::mapped_region(Mappable{file}, bi::read_only, 0, bytes)});
    } catch (const bi::interprocess_exception& e) {
        const int error = e.get_native_error();
        refuse_file(error, path, why_not_mapped(error));
    }
    bytes_ = {static_cast<const std::byte*>(region_->mapped.get_address()), bytes};
}

}  // namespace pinfold::shm
