#pragma once

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/shm/file_space.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace pinfold {

/// One way in which an attempt at a chunk ended without a result.
struct Death {
    int worker = 0;  ///< the worker's number, from 0
    int pid = 0;     ///< its process, or 0 if no process died
    /// "signal 11 (Segmentation fault)", "exit code 3", "killed past the chunk deadline", ...
    std::string how;
};

/// A chunk that found no result: its map threw, or it used up its attempts.
struct ChunkFailure {
    Chunk chunk;
    int worker = 0;              ///< who ran it last
    int attempts = 0;            ///< how often it was started
    std::vector<Death> deaths;   ///< what ended each attempt, oldest first
    std::string exception_type;  ///< the C++ type of what the map threw, or empty
    /// Its what() and those nested in it; the value of what is no std::exception; or empty. At
    /// most 895 bytes: what was cut ends in "[...]".
    std::string exception_text;
    /// Files of the program that are shorter now than when they were opened, if an attempt ended
    /// by SIGBUS, as reading beyond the end of one does, or by shm::FileShrank.
    std::vector<shm::ShrunkFile> shrunk_files;
};

/// The job has no value: a map threw, or a chunk used up its attempts.
///
/// what() tells all of the details. The pool stays usable.
///
///     pinfold::Pool pool;
///     try {
///         pinfold::map_reduce(
///             pool, pinfold::Range{0, 10}, 0,
///             [](const int&, const pinfold::Chunk& c) -> int {
///                 throw std::runtime_error("no value for " + std::to_string(c.begin));
///             },
///             std::plus<>{});
///     } catch (const pinfold::JobFailed& failure) {
///         assert(failure.details().exception_text.starts_with("no value for "));
///     }
class PINFOLD_API JobFailed : public std::runtime_error {
  public:
    /// Of the lowest chunk that failed before all workers stopped.
    using Details = ChunkFailure;

    explicit JobFailed(Details details);

    [[nodiscard]] const Details& details() const noexcept { return details_; }

  private:
    Details details_;
};

/// A task that found no result.
struct FailedTask {
    std::uint64_t number =
        0;             ///< from 1, among the tasks of the host or of the worker that submitted it
    std::string name;  ///< TaskOptions::name, as far as reports have it
    int attempts = 0;  ///< how often it was started
    std::vector<Death> deaths;   ///< what ended attempts, oldest first; the newest eight
    std::string exception_type;  ///< the C++ type of what it threw, or empty
    std::string exception_text;  ///< its text, as in ChunkFailure
};

/// What Future::get() throws for a task without a value: its function threw, or its workers died
/// as often as it may start. what() tells all of the details. The pool stays usable.
///
///     pinfold::Pool pool;
///     auto future = pool.submit([](int x) -> int { throw std::out_of_range("no value"); }, 7);
///     try {
///         future.get();
///         assert(!"that throws");
///     } catch (const pinfold::TaskFailed& failure) {
///         assert(failure.details().exception_type == "std::out_of_range");
///         assert(failure.details().exception_text == "no value");
///         try {
///             std::rethrow_if_nested(failure);
///         } catch (const std::out_of_range& what_it_was) {
///             assert(what_it_was.what() == failure.details().exception_text);
///         }
///     }
///
/// Nested in it, on every crew, is what the function threw if that is one of these, made again of
/// its text: the exceptions of <stdexcept>, std::bad_alloc, std::bad_array_new_length,
/// std::bad_cast, std::bad_typeid, std::bad_function_call, std::bad_optional_access,
/// std::bad_variant_access, std::bad_weak_ptr, std::exception itself, and a std::system_error whose
/// text ends in the text of an errno, as `"open: " + strerror(ENOENT)` does. Its code is that errno
/// of std::system_category(). Of all other types, classes derived from these too, it is the text
/// that crosses, and nothing is nested.
class PINFOLD_API TaskFailed : public std::runtime_error {
  public:
    using Details = FailedTask;

    explicit TaskFailed(Details details);

    [[nodiscard]] const Details& details() const noexcept { return details_; }

  private:
    Details details_;
};

/// A job that was rehearsed gave another value, or left other elements in an array, when its chunks
/// had started a second time. what() names the first such chunk, or the array and the element, and
/// says what to look for. The pool stays usable; arrays hold what the second run left.
///
///     pinfold::Pool pool({.workers = 1});
///     const auto numbers = pool.array<int>(100);
///     numbers[0] = 1;
///     try {
///         pinfold::map_reduce(
///             pool, pinfold::Range{0, 100},
///             [numbers](const pinfold::Chunk& c) {
///                 return numbers[c.begin] *= 2;  // a second start doubles again
///             },
///             std::plus<>{}, {.rehearse = true});
///         assert(!"that is repeatable");
///     } catch (const pinfold::NotRepeatable& error) {
///         assert(std::string(error.what()).find("chunk 0 [0, 1)") != std::string::npos);
///     }
class PINFOLD_API NotRepeatable : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

/// The pool's processes can no longer run jobs: the supervisor ended, or workers die at start-up.
///
///     try {
///         pinfold::Pool pool({.initializer = [] { throw std::runtime_error("no licence"); }});
///     } catch (const pinfold::PoolBroken& broken) {
///         assert(std::string(broken.what()).ends_with("no licence"));
///     }
class PINFOLD_API PoolBroken : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A stop was requested by the job's stop_token before all chunks were done.
///
///     pinfold::Pool pool;
///     std::stop_source source;
///     source.request_stop();
///     try {
///         pinfold::map_reduce(
///             pool, pinfold::Range{0, 10}, 0, [](const int&, const pinfold::Chunk&) { return 1; },
///             std::plus<>{}, pinfold::JobOptions<int>{.stop = source.get_token()});
///     } catch (const pinfold::Cancelled&) {
///         // as it was asked for
///     }
class PINFOLD_API Cancelled : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The job's deadline passed before all chunks were done.
///
///     pinfold::Pool pool;
///     try {
///         pinfold::map_reduce(
///             pool, pinfold::Range{0, 4000}, 0,
///             [](const int&, const pinfold::Chunk&) { return usleep(1000); }, std::plus<>{},
///             pinfold::JobOptions<int>{.deadline = std::chrono::milliseconds(10)});
///         assert(!"this takes seconds");
///     } catch (const pinfold::Timeout&) {
///         // the chunks that had started were waited for
///     }
class PINFOLD_API Timeout : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace pinfold
