"""One thin module per step: arguments in, one library function called. Rules and people use them."""
