"""From a question to a frozen view model. Knows neither Dash nor Plotly.

`unit_map`, `unit_panel`, `published_values`, `search_units`, `centres_layer` and `about` take the store, the catalogue
and a `ViewState`; all of them answer from one release and are remembered for as long as it is served.
"""
