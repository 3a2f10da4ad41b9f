#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace pinfold::apps {

/// An example that runs as a user runs it, in a process group of its own; the test adopts what it
/// leaves behind.
class Program {
  public:
    /// `prepare` is called in its process before it begins.
    explicit Program(
        const std::string& path, std::vector<std::string> arguments = {},
        const std::function<void()>& prepare = [] {});
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// To all of its group, as a terminal's Ctrl-C does.
    void signal_group(int number) const;

    /// What a program and all that it started had said when all had ended.
    struct Outcome {
        int status = 0;  ///< of its exit, or the signal's number, negative
        std::string output;
        std::string error;
    };
    Outcome finish();

  private:
    int output_ = -1;
    int error_ = -1;
    pid_t pid_ = -1;
};

/// Its end, if it took no longer than a test may; nothing that it started is left.
Program::Outcome outcome_of(
    const std::string& path, std::vector<std::string> arguments = {},
    const std::function<void()>& prepare = [] {});

/// For `prepare`: nobody reads what it prints.
void close_output();

}  // namespace pinfold::apps
