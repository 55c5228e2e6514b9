"""What a page can show of an artifact without loading it, computed once when it is written."""
