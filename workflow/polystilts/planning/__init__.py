"""What a study needs before it runs, and what it will take."""
