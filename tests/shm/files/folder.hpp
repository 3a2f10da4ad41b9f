#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace pinfold::testing {

/// A folder of a test's own, which goes with it.
class Folder {
  public:
    explicit Folder(const std::string& parent = std::filesystem::temp_directory_path())
        : path_(parent + "/pinfold_files_XXXXXX") {
        if (mkdtemp(path_.data()) == nullptr) {
            throw std::filesystem::filesystem_error("mkdtemp", path_, std::error_code());
        }
    }
    ~Folder() {
        if (getpid() == maker_) {
            std::error_code ignored;
            std::filesystem::remove_all(path_, ignored);
        }
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

    /// Makes or replaces a file.
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(path(name), std::ios::binary) << content;
        return path(name);
    }

  private:
    std::string path_;
    pid_t maker_ = getpid();
};

inline std::string content_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

/// Whether the process has the file mapped, whatever it is named by now.
inline bool has_mapped(int pid, const std::string& path) {
    return content_of("/proc/" + std::to_string(pid) + "/maps").find(path) != std::string::npos;
}

inline int open_descriptors() {
    int count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator("/proc/self/fd")) {
        ++count;
    }
    return count;
}

/// Closes the descriptors of a file, as a daemon does that closes all it finds.
inline void close_descriptors_of(const std::string& path) {
    for (int number = 3; number < 1024; ++number) {
        std::error_code error;
        const auto named =
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(number), error);
        if (!error && named == path) {
            close(number);
        }
    }
}

/// Leaves the process as many addresses beside those that it has.
inline bool limit_addresses_to(std::size_t more) {
    const std::string status = content_of("/proc/self/status");
    const std::size_t at = status.find("VmSize:");
    const std::size_t used = std::stoul(status.substr(at + 7)) * 1024;
    const rlimit few{used + more, used + more};
    return setrlimit(RLIMIT_AS, &few) == 0;
}

/// What `call` throws as an E, or a failure of the test.
template <typename E, typename Call>
std::string thrown(const Call& call) {
    try {
        call();
    } catch (const E& e) {
        return e.what();
    } catch (const std::exception& e) {
        ADD_FAILURE() << "another exception: " << e.what();
        return {};
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

/// Whether a message has a part in it.
inline ::testing::AssertionResult says(const char*, const char*, const std::string& text,
                                       const std::string& part) {
    if (text.find(part) != std::string::npos) {
        return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << "\"" << part << "\" is not in: " << text;
}

}  // namespace pinfold::testing

#define EXPECT_SAYS(text, part) EXPECT_PRED_FORMAT2(::pinfold::testing::says, text, part)
