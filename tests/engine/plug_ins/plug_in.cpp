// A plug-in with maps. The test builds it several times: they differ in what their maps return.
#include <cstdint>
#include <pinfold/engine/detail/chunk_row.hpp>

using pinfold::detail::ChunkRow;

extern "C" void map_of_plug_in(ChunkRow& chunks) {
    pinfold::detail::run_row_with_results<std::uint64_t>(
        chunks, [](const ChunkRow&) -> std::uint64_t { return PINFOLD_ANSWER; });
}

extern "C" void phase_of_plug_in(ChunkRow& chunks) {
    pinfold::detail::run_row(chunks, [](const ChunkRow&) {});
}
