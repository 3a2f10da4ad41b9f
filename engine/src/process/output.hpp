#pragma once

namespace pinfold::detail {

/// In the parent before a fork: writes what stdout has buffered, so that it comes before what the
/// child prints. Leaves it where another thread has the stream, which may hold it for ever.
void flush_stdout_if_free() noexcept;

/// In a child at its birth: drops what the parent had buffered, which is the parent's to write, of
/// all stdio streams and of std::cout and its sisters. Takes no lock.
void drop_inherited_output() noexcept;

/// Writes what this process has printed. It may block, where a pipe is full; what cannot be written
/// is lost.
void flush_standard_output() noexcept;

/// The same of all streams, at the end of the process.
void flush_all_output() noexcept;

}  // namespace pinfold::detail
