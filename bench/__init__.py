"""Speed and scale against peers: `python -m bench SUITE [--quick] [--json]`. Ratios of one run, never bare seconds."""
