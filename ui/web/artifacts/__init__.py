"""What steps have made, shown from the summaries that were written with them."""
