#pragma once

namespace bench {

/// Registers what tasks and jobs that share two workers cost each other, on threads and processes:
///
/// - task_beside_a_job: an empty task, from submit to result, while a job of chunks of a
///   millisecond runs on all workers. Its counters are the median and the greatest of these times.
/// - job_beside_tasks: what part of the workers' time a job of such chunks gets while as many tasks
///   of a millisecond as the table holds wait. Its counter is that share: of all chunks and tasks
///   that were done meanwhile, the chunks.
///
/// With PINFOLD_BENCH_FULL=1 in the environment the first job takes 5 s, and the second one runs
/// beside a million tasks. Both want the scheduler of other programs: a real-time one leaves a CPU
/// with a worker for a whole slice, and so the host without.
void enter_tasks_beside_jobs();

}  // namespace bench
