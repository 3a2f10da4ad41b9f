#pragma once

// All that a program needs: jobs, tasks, and objects that processes share.

#include <pinfold/api.hpp>
#include <pinfold/engine/algorithms.hpp>
#include <pinfold/engine/algorithms/copy_if.hpp>
#include <pinfold/engine/algorithms/find_if.hpp>
#include <pinfold/engine/algorithms/histogram.hpp>
#include <pinfold/engine/algorithms/scan.hpp>
#include <pinfold/engine/algorithms/sort.hpp>
#include <pinfold/engine/algorithms/sort_by_key.hpp>
#include <pinfold/engine/algorithms/top_k.hpp>
#include <pinfold/engine/algorithms/unique.hpp>
#include <pinfold/engine/chunk_seed.hpp>
#include <pinfold/engine/errors.hpp>
#include <pinfold/engine/gather.hpp>
#include <pinfold/engine/inputs/files.hpp>
#include <pinfold/engine/inputs/fixed_records.hpp>
#include <pinfold/engine/inputs/lines.hpp>
#include <pinfold/engine/inputs/neighbours.hpp>
#include <pinfold/engine/inputs/records.hpp>
#include <pinfold/engine/inputs/split_words.hpp>
#include <pinfold/engine/inputs/words.hpp>
#include <pinfold/engine/journal.hpp>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/engine/map_fold.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/shared.hpp>
#include <pinfold/engine/stream.hpp>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/engine/timeline.hpp>
#include <pinfold/engine/trust.hpp>
