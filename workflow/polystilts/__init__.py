"""Code-switched intermediate-task training for zero-shot cross-lingual transfer on XTREME."""
