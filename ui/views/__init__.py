"""What pages, command and API show, as plain data that JSON can carry."""
