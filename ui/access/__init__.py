"""Who may come in: the gate in front of every page, route and socket, with its login page."""
