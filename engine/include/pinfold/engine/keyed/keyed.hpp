#pragma once

// Jobs by keys.

#include <pinfold/api.hpp>
#include <pinfold/engine/keyed/errors.hpp>
#include <pinfold/engine/keyed/group_by.hpp>
#include <pinfold/engine/keyed/groups.hpp>
#include <pinfold/engine/keyed/keyed_table.hpp>
#include <pinfold/engine/keyed/map_reduce_by_key.hpp>
