#pragma once

#include <unistd.h>
#include <string>
#include <string_view>

namespace pinfold::apps {

/// Makes sure that descriptors 0 to 2 are taken, so that no file or socket that is opened later
/// becomes "standard output" by accident. A closed one is replaced by a /dev/null on which every
/// read or write fails. Throws std::system_error when that is not possible.
void hold_standard_descriptors();

/// A buffered writer to a descriptor that never loses an error: a full disk, a closed pipe and a
/// closed descriptor all throw std::system_error. SIGPIPE must be ignored.
///
/// Nothing is written by the destructor: what was not finished with finish() is dropped.
class Output {
  public:
    explicit Output(int descriptor = STDOUT_FILENO) : descriptor_(descriptor) {}

    void write(std::string_view text);

    /// Writes what is buffered and asks the file for errors that it still holds back.
    void finish();

  private:
    void flush();

    int descriptor_;
    std::string buffer_;
};

/// Throws std::system_error if standard output cannot be written at all: it was closed, or was
/// opened for reading only. Costs one system call; asked before long work starts.
void check_standard_output();

/// The text with control characters of ASCII as \\x1b: a terminal then shows it, and obeys nothing.
[[nodiscard]] std::string escaped(std::string_view text);

/// Writes one line, "pinfold: " and `message`, to standard error. Control characters in the message
/// are escaped, so it stays one line. Errors are ignored: there is nobody left to tell.
void print_error(std::string_view message) noexcept;

}  // namespace pinfold::apps
