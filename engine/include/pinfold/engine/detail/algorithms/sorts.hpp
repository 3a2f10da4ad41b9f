#pragma once

// The calls of sort.hpp and sort_by_key.hpp, checked and brought to one form. Not for users.

#include <cstdint>
#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/merge_sort_job.hpp>
#include <pinfold/engine/detail/algorithms/orders.hpp>
#include <pinfold/engine/detail/algorithms/radix_sort_job.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/call_checks.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <type_traits>

namespace pinfold::detail {

template <typename In>
consteval bool check_sorted_input() {
    if constexpr (check_input<In>()) {
        static_assert(has_elements_in_place<In>,
                      "pinfold: what is sorted is an array of the pool, pool.array(v), a span of "
                      "one, or a file of numbers, pool.file(path).as<T>()");
        return has_elements_in_place<In>;
    }
    return false;
}

/// An input and its output.
template <typename In, typename Out>
consteval bool check_sorted() {
    if constexpr (check_sorted_input<In>() && check_output<Out>()) {
        constexpr bool is_same =
            std::is_same_v<typename InputOf<In>::Element, typename OutputOf<Out>::Element>;
        static_assert(is_same, "pinfold: the output of a sort has elements of the input's type");
        return is_same;
    }
    return false;
}

template <typename Data, typename Less>
JobReport run_sort(Pool& pool, const Data& data, const Less& less, const JobSettings& settings) {
    if constexpr (has_radix_key<typename Data::Key, Less>) {
        return run_radix_sort(pool, data, less, settings);
    } else {
        return run_merge_sort(pool, data, less, settings);
    }
}

template <typename Input, typename Output, typename Less>
void check_sort_here(const Pool& pool, const char* what, const Input& input, const Output& output,
                     const Less& less, const JobSettings& settings) {
    input.check(pool);
    check_output_here(pool, input, output);
    check_pointers(pool, "the order", less);
    check_runs_all_chunks(what, settings);
}

template <typename In, typename Out, typename Less>
JobReport sort_array(Pool& pool, const In& in, const Out& out, const Less& less,
                     const JobSettings& settings) {
    if constexpr (check_sorted<In, Out>() && check_order<Less, In>()) {
        const auto input = input_of(in);
        const auto output = output_of(out);
        check_sort_here(pool, "sort", input, output, less, settings);
        using Data = SortData<typename InputOf<In>::Data, typename OutputOf<Out>::Data>;
        const Data data{input.data(), output.data(0), {}, {}, output.size(), 0};
        return run_sort(pool, data, meant(less), settings);
    }
    return {};
}

template <typename Keys, typename Values, typename KeysOut, typename ValuesOut, typename Less>
JobReport sort_keys_and_values(Pool& pool, const Keys& keys, const Values& values,
                               const KeysOut& keys_out, const ValuesOut& values_out,
                               const Less& less, const JobSettings& settings) {
    if constexpr (check_sorted<Keys, KeysOut>() && check_sorted<Values, ValuesOut>() &&
                  check_order<Less, Keys>()) {
        const auto key_input = input_of(keys);
        const auto key_output = output_of(keys_out);
        const auto value_input = input_of(values);
        const auto value_output = output_of(values_out);
        check_same_size(key_output.size(), value_output.size());
        check_sort_here(pool, "sort_by_key", key_input, key_output, less, settings);
        value_input.check(pool);
        check_output_here(pool, value_input, value_output);
        check_overlap(key_input.bytes(), value_output.bytes());
        check_overlap(value_input.bytes(), key_output.bytes());
        check_outputs_apart(key_output.bytes(), value_output.bytes());
        using Data = SortData<typename InputOf<Keys>::Data, typename OutputOf<KeysOut>::Data,
                              typename InputOf<Values>::Data, typename OutputOf<ValuesOut>::Data>;
        const Data data{key_input.data(),     key_output.data(0), value_input.data(),
                        value_output.data(0), key_output.size(),  0};
        return run_sort(pool, data, meant(less), settings);
    }
    return {};
}

}  // namespace pinfold::detail
