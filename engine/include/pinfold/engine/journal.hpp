#pragma once

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/journal_options.hpp>
#include <pinfold/engine/range.hpp>
#include <stdexcept>
#include <string>

namespace pinfold {

/// A journal that cannot be used. what() names the file and the reason; the file was not changed,
/// and none was made.
///
///     try {
///         static_cast<void>(pinfold::read_journal("/dev/null"));
///         assert(!"that is a journal");
///     } catch (const pinfold::JournalError& error) {
///         assert(std::string(error.what()) == "journal /dev/null: is no regular file");
///     }
class PINFOLD_API JournalError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What a journal says of itself.
struct JournalInfo {
    std::string kernel;
    std::uint64_t version = 0;
    Range range;
    std::uint64_t grain = 0;
    std::uint64_t result_bytes = 0;
    std::uint64_t chunks = 0;
    std::uint64_t chunks_done = 0;  ///< slots whose checksum holds
};

/// Reads a journal, also one in use. Throws JournalError for anything but a whole journal of this
/// version and byte order, also when the file changes meanwhile. Run time: the file is read once.
[[nodiscard]] PINFOLD_API JournalInfo read_journal(const std::string& name);

}  // namespace pinfold
