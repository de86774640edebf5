"""Access to services: distance, travel time, catchments, places, norms, priority, equity. Numbers in, numbers out."""
