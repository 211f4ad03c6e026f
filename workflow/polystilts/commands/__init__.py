"""One thin module per step: arguments in, one library function called."""
