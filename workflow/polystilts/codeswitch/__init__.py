"""Dictionary code-switching of task data on character offsets, decided by hash."""
