// A plug-in with maps. The test builds it several times: they differ in what their maps return.
#include <cstdint>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/range.hpp>

extern "C" void map_of_plug_in(const void*, const pinfold::Chunk&, const pinfold::PhaseMemory&,
                               void* result) {
    *static_cast<std::uint64_t*>(result) = PINFOLD_ANSWER;
}

extern "C" void phase_of_plug_in(const void*, const pinfold::Chunk&, const pinfold::PhaseMemory&) {}
