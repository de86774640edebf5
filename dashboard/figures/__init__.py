"""View models to pictures: map style, charts."""
