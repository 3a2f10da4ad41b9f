#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace pinfold::testing {

/// A cgroup of v2 below the root, with all limits that the machine's kernel has. Its processes must
/// have ended when it does.
class Cgroup {
  public:
    explicit Cgroup(const std::string& name) : folder_(root / name) {
        write(root / "cgroup.subtree_control", "+cpuset +cpu +memory +pids");
        std::filesystem::create_directory(folder_);
    }
    ~Cgroup() {
        std::error_code ignored;
        std::filesystem::remove(folder_, ignored);
    }
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    void set(const std::string& file, const std::string& text) const {
        write(folder_ / file, text);
    }

    /// Moves the calling process there.
    void enter() const { set("cgroup.procs", std::to_string(getpid())); }

    /// The number behind `word` in the file memory.events.
    [[nodiscard]] long events_of_memory(const std::string& word) const {
        std::ifstream events(folder_ / "memory.events");
        std::string name;
        for (long count = 0; events >> name >> count;) {
            if (name == word) {
                return count;
            }
        }
        throw std::runtime_error("memory.events has no " + word);
    }

  private:
    inline static const std::filesystem::path root = "/sys/fs/cgroup";

    static void write(const std::filesystem::path& file, const std::string& text) {
        std::ofstream out(file);
        out << text << std::flush;
        if (!out) {
            throw std::runtime_error(file.string() + " does not take '" + text + "'");
        }
    }

    std::filesystem::path folder_;
};

}  // namespace pinfold::testing
