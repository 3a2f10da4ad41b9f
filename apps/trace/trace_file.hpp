#pragma once

#include <functional>
#include <pinfold/engine/timeline.hpp>
#include <string>
#include <string_view>

namespace pinfold::apps {

/// The file of --trace, for all jobs of a command.
///
/// It is tried when the object is made, before any work: a file that cannot be written is then a
/// std::invalid_argument, and so is one that is there and is no timeline, which nobody wants to
/// lose. A command that fails leaves what its jobs had done; `tell` hears why that cannot be
/// written.
class TraceFile {
  public:
    TraceFile(std::string file, std::function<void(std::string_view)> tell);
    ~TraceFile();
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    [[nodiscard]] Timeline& timeline() noexcept { return timeline_; }

    /// Writes it. Throws std::system_error when that fails, as on a full disk.
    void finish();

  private:
    const std::string file_;
    const std::function<void(std::string_view)> tell_;
    Timeline timeline_;
    bool is_finished_ = false;
};

}  // namespace pinfold::apps
