#include "journal/journal_mapping.hpp"

#include <sys/stat.h>

#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/file_mapping.hpp>
#include <cerrno>
#include <string>
#include <system_error>

#include "journal/journal_format.hpp"

namespace pinfold::detail {

namespace interprocess = boost::interprocess;

JournalMapping::JournalMapping(const char* path, interprocess::mode_t mode,
                               std::uint64_t result_bytes, std::uint64_t identity)
    : region_(interprocess::file_mapping(path, mode), mode),
      slots_(static_cast<std::byte*>(region_.get_address()) + journal_header_bytes, result_bytes,
             identity) {}

JournalMapping JournalMapping::of_worker(const JournalPlace& place) {
    const char* const path = place.path.data();
    JournalMapping mapping;
    try {
        mapping = {path, interprocess::read_write, place.result_bytes, place.identity};
    } catch (const interprocess::interprocess_exception& e) {
        throw std::system_error(e.get_native_error(), std::generic_category(),
                                std::string("a worker cannot map the journal ") + path);
    }
    struct stat status {};
    if (stat(path, &status) != 0 || status.st_dev != place.device || status.st_ino != place.inode) {
        throw std::system_error(ESTALE, std::generic_category(),
                                std::string("the journal was replaced: ") + path);
    }
    return mapping;
}

}  // namespace pinfold::detail
