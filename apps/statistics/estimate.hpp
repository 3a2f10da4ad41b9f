#pragma once

namespace pinfold::apps {

/// A value, and an interval that holds the true one with a probability of `level`.
struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;
    double level = 0;  ///< such as 0.979; 0: there is no interval, and low and high mean nothing
};

}  // namespace pinfold::apps
