"""One file a suite: a module with a docstring and `run(*, quick) -> Iterator[Result]`. Its name is the file's."""
