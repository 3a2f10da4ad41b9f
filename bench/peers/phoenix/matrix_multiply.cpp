#define main matrix_multiply_main
#include <tests/matrix_multiply/matrix_multiply.cpp>
#undef main

#include "peers/phoenix/programs.hpp"
#include "peers/phoenix/seconds.hpp"

namespace bench::phoenix {

Timed matrix_multiply(int* a, int* b, int* product, int size) {
    MatrixMulMR program(a, b, size, product);
    std::vector<MatrixMulMR::keyval> nothing;
    return {seconds_of([&] { program.run(nothing); }), {}};
}

}  // namespace bench::phoenix
