#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {

/// How many chunks of a trace a study holds: more are no longer told apart on its page.
inline constexpr std::size_t most_traced_chunks = 100'000;

/// The name of a series' timeline beside its study: "trace-processes-cores.json".
[[nodiscard]] std::string trace_file_name(const std::string& series);

/// The chunks in a file that --trace wrote, by rising begin, which counts from the first of them.
/// Of more than `most` every second is left out, or three of four, and so on.
///
/// Memory: 24 bytes a chunk, since the file is read line by line. Throws std::invalid_argument that
/// names the file and the line that is wrong.
[[nodiscard]] std::vector<TracedChunk> read_traced_chunks(const std::string& file,
                                                          std::size_t most = most_traced_chunks);

}  // namespace pinfold::apps
