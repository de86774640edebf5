"""The same layer as a plain Dash page: Plotly's `choropleth_map`, GeoJSON in the figure, a callback that returns it.

Run by `python -m bench.peers.plotly_map` (HOST and PORT as ours). What a careful author would do is done: coordinates
are cut to four decimals (11 m), answers are compressed, the library's script is compressed once, the server is the same
gunicorn with the same workers. It reads the tables of the release by itself, so that its numbers check ours.
"""

from __future__ import annotations

import gzip
import os
from typing import Any

import dash
import duckdb
import flask
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
import shapely
from gunicorn.app.base import BaseApplication

from geodata.settings import data_dir

YEAR = 2020
# Indicator -> the measures it adds up.
INDICATORS = {
    "left_behind_children": ("left_behind_children_rural", "left_behind_children_urban"),
    "migrant_children": ("migrant_children",),
    "children": ("children",),
}
START = "left_behind_children"
# As disclosure asks: a count of 1 to 9 is withheld.
SMALLEST_SHOWN = 10
HTTP_OK = 200
CHINA_VIEW = {"center": {"lat": 36.0, "lon": 104.0}, "zoom": 2.75}


def read_release() -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the counties as GeoJSON, and one row a county with a column an indicator (NaN: not shown)."""
    name = (data_dir() / "CURRENT").read_text().strip()
    with duckdb.connect(str(data_dir() / "releases" / f"{name}.duckdb"), read_only=True) as release:
        outlines = release.execute("SELECT code, wkb FROM boundaries WHERE level = 'county' ORDER BY code").fetchall()
        figures = release.execute("SELECT code, measure, value, state FROM figures WHERE year = ?", [YEAR]).df()
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {},
            "geometry": shapely.set_precision(shapely.from_wkb(bytes(wkb)), 1e-4, mode="pointwise").__geo_interface__,
        }
        for code, wkb in outlines
    ]
    codes = [code for code, _ in outlines]
    values = pd.DataFrame({name: _total(figures, list(parts)).reindex(codes) for name, parts in INDICATORS.items()})
    return {"type": "FeatureCollection", "features": features}, values.rename_axis("code").reset_index()


def _total(figures: pd.DataFrame, measures: list[str]) -> pd.Series[float]:
    parts = figures[figures["measure"].isin(measures)]
    total = parts.groupby("code")["value"].sum(min_count=1)
    hidden = parts.groupby("code")["state"].agg(lambda states: "withheld" in set(states))
    too_small = (total > 0) & (total < SMALLEST_SHOWN)
    return total.mask(too_small | ((total == 0) & hidden))


def make_figure(geojson: dict[str, Any], values: pd.DataFrame, indicator: str) -> go.Figure:
    """Draw the figure anew, as the callback of a plain Dash page does."""
    figure = px.choropleth_map(
        values, geojson=geojson, locations="code", color=indicator, map_style="white-bg", **CHINA_VIEW
    )
    return figure.update_layout(margin=dict.fromkeys("lrtb", 0), meta=indicator)


def make_app() -> dash.Dash:
    """Return the page: a choice of indicators above a map."""
    geojson, values = read_release()
    app = dash.Dash(__name__, use_async=False, compress=False)
    app.layout = dash.html.Div(
        [
            dash.dcc.RadioItems(list(INDICATORS), START, id="indicator", inline=True),
            dash.dcc.Graph(id="map", figure=make_figure(geojson, values, START), style={"height": "860px"}),
        ]
    )

    @app.callback(dash.Output("map", "figure"), dash.Input("indicator", "value"), prevent_initial_call=True)
    def show(indicator: str) -> go.Figure:
        return make_figure(geojson, values, indicator)

    _compress(app.server)
    return app


def _compress(server: flask.Flask) -> None:
    scripts: dict[str, bytes] = {}

    @server.after_request
    def compress(response: flask.Response) -> flask.Response:
        if response.status_code != HTTP_OK:
            return response
        response.direct_passthrough = False
        path = flask.request.path
        if path.startswith("/_dash-component-suites/"):
            if path not in scripts:
                scripts[path] = gzip.compress(response.get_data(), 9)
            response.set_data(scripts[path])
        else:
            response.set_data(gzip.compress(response.get_data(), 5))
        response.headers["Content-Encoding"] = "gzip"
        return response


class Server(BaseApplication):
    """gunicorn with the settings that ours is served with."""

    def load_config(self) -> None:
        for name, value in {
            "bind": f"{os.environ['HOST']}:{os.environ['PORT']}",
            "workers": 2,
            "worker_class": "gthread",
            "threads": 4,
            "keepalive": 30,
            "preload_app": True,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        server: flask.Flask = make_app().server
        server.test_client().get("/")
        return server


if __name__ == "__main__":
    Server().run()
