"""Reading sources as they are: one module a source, typed rows out, every oddity an error with its place."""
