// The README's sum as an OpenMP program, which knows nothing of pinfold.
#include <cmath>
#include <iostream>

int main() {
    double zeta = 0;
#pragma omp parallel for reduction(+ : zeta)
    for (long k = 1; k < 10'000'000; ++k) {
        zeta += std::pow(static_cast<double>(k), -2.0);
    }
    std::cout << "pi is about " << std::sqrt(6 * zeta) << '\n';
}
