#pragma once

// Objects that threads of all processes share, and Processes.

#include <pinfold/api.hpp>
#include <pinfold/engine/shared/barrier.hpp>
#include <pinfold/engine/shared/bounded_semaphore.hpp>
#include <pinfold/engine/shared/condition.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/event.hpp>
#include <pinfold/engine/shared/locked_array.hpp>
#include <pinfold/engine/shared/mutex.hpp>
#include <pinfold/engine/shared/pipe.hpp>
#include <pinfold/engine/shared/process.hpp>
#include <pinfold/engine/shared/queue.hpp>
#include <pinfold/engine/shared/recursive_mutex.hpp>
#include <pinfold/engine/shared/semaphore.hpp>
#include <pinfold/engine/shared/shared.hpp>
#include <pinfold/engine/shared/shared_mutex.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/engine/shared/value.hpp>
