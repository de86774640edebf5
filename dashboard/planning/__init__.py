"""Where the next centres should stand, asked of a release: question, answer, and long runs beside the pages."""
