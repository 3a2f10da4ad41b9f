#include <pinfold/pinfold.hpp>
