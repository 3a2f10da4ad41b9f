// Files that workers open by path, and know again by what the host saw of them. Nothing of them is
// mapped: what happens to a file while it is read is an exception, and no SIGBUS that would end a
// program whose workers are threads.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <pinfold/engine/detail/call_checks.hpp>
#include <pinfold/engine/inputs/files.hpp>
#include <stdexcept>

namespace pinfold {
namespace {

/// Workers have the current directory that the host had at the pool's birth.
std::string absolute(const std::string& path) {
    std::error_code error;
    std::string found = path.empty() ? "" : std::filesystem::absolute(path, error).string();
    return error ? path : found;
}

}  // namespace

Files::Files(const std::shared_ptr<shm::Arena>& arena, const std::vector<std::string>& paths)
    : identities_(arena, paths.size()), ends_(arena, paths.size()) {
    std::vector<std::string> absolutes;
    std::vector<std::string> refusals(paths.size());
    absolutes.reserve(paths.size());
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        absolutes.push_back(absolute(paths[i]));
        try {
            identities_[i] = shm::identify_file(paths[i]);
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const std::exception& e) {
            refusals[i] = e.what();
        }
        end += identities_[i].bytes;
        ends_[i] = end;
    }
    paths_ = shm::Strings(arena, absolutes);
    refusals_ = shm::Strings(arena, refusals);
}

Files Files::readable(const std::shared_ptr<shm::Arena>& arena) const {
    std::vector<std::string> paths;
    for (const InputFile& file : *this) {
        if (file.error().empty()) {
            paths.emplace_back(file.path());
        }
    }
    return {arena, paths};
}

std::string_view InputFile::text() const {
    if (!is_read_) {
        const shm::FileReader file(std::string(path()), files_.identities[number_]);
        auto content = std::make_unique_for_overwrite<char[]>(size());
        file.read(0, {content.get(), size()});
        content_ = std::move(content);
        is_read_ = true;
    }
    return {content_.get(), size()};
}

namespace detail {

void check_all_opened(const FilesTable& files) {
    constexpr std::size_t most_told = 5;
    std::string told;
    std::size_t refused = 0;
    for (const std::string_view refusal : files.refusals) {
        if (!refusal.empty() && ++refused <= most_told) {
            told.append(refused == 1 ? "" : "; ").append(refusal);
        }
    }
    if (refused > most_told) {
        told += "; and " + std::to_string(refused - most_told) + " more";
    }
    if (refused > 0) {
        throw std::runtime_error("of " + std::to_string(files.size()) + " files " +
                                 std::to_string(refused) + " cannot be read: " + told);
    }
}

void check_files(const Pool& pool, const FilesTable& files) {
    check_in_arena(pool, "the input", files.ends, files.size(), sizeof(std::uint64_t));
}

std::uint64_t grain_of_texts(const FilesTable& files, std::size_t result_bytes) {
    constexpr std::uint64_t least = std::uint64_t{256} << 10;
    return std::max(least, default_grain(static_cast<std::size_t>(files.bytes()), 1, result_bytes));
}

}  // namespace detail
}  // namespace pinfold
