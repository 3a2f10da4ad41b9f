#pragma once

#include <optional>
#include <pinfold/shm/descriptor.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {

// A study's directory. Who may die, and what is left then:
//
//     study.json      the whole study. It is replaced by a rename, so it is always the old or the
//                     new one. Until the study is complete its samples are not in it.
//     samples.jsonl   a line that names the study, then a sample a line. It only grows: a sample is
//                     written and flushed to the disk before the next run starts. What a kill or a
//                     full disk leaves of a line is no sample, and is cut off before the next one.
//
// One process at a time writes: it holds a lock on the directory, which the system takes back
// however that process ends.

/// What to write as samples.jsonl's first line, and check when it is read.
[[nodiscard]] std::string samples_header(const Study& study);

/// The directory of a study that is being taken.
class StudyStore {
  public:
    /// Makes the directory where it is not there, and takes its lock.
    ///
    /// Throws std::invalid_argument that names the directory where it cannot be made or written to,
    /// or where another process takes a study in it.
    explicit StudyStore(const std::string& directory);

    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

    /// The study that is there, with all samples that were taken, or nothing. Throws as
    /// read_study().
    [[nodiscard]] std::optional<Study> kept() const;

    /// Writes what is known before the first sample, and makes ready to take samples.
    void begin(const Study& study);

    /// The same for the study that kept() gave: samples are added to those that are there.
    void go_on(const Study& study);

    /// Keeps a sample. When it returns, neither a kill nor a power cut takes it. Throws
    /// std::system_error that names the file; then all samples before this one are kept.
    void add(const Sample& sample);

    /// Replaces a file of the directory by a whole new one. Throws std::system_error.
    void replace(const std::string& name, std::string_view text) const;

    /// The path of a file of the directory.
    [[nodiscard]] std::string path_of(const std::string& name) const;

  private:
    void open_samples();

    std::string directory_;
    shm::Descriptor lock_;  // the directory itself
    shm::Descriptor samples_;
};

/// Replaces a file by a whole new one: whatever ends this process, it is the old or the new one.
/// Throws std::system_error that names the file.
void replace_file(const std::string& path, std::string_view text);

/// The first of the options in which two studies differ, as "repetitions is 10 there and 5 here";
/// empty if they are the same study. Where it was started from and the seed, which a study makes up
/// by itself, may differ.
[[nodiscard]] std::string difference(const StudyOptions& there, const StudyOptions& here);

}  // namespace pinfold::apps
