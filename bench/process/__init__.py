"""Child processes: the parent starts one with a job, the child runs the job's work and reports through a channel."""
