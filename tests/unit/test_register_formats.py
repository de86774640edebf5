"""Every format people have a register in, and what is refused: bombs, paths out of a ZIP, links, files that lie."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyogrio.raw import write as ogr_write

from etl.read.register import shapes
from etl.read.register.centres import RawCentres, interpret, read_centres
from etl.read.register.formats import read_raw
from etl.read.register.mapping import RegisterReading, load_reading
from geodata.errors import UserError
from tests.support.project import PROJECT_DIR

NAME, LON, LAT = "石桥村儿童之家", 116.31, 40.22
OSM = PROJECT_DIR / "etl" / "sources" / "registers" / "openstreetmap.yaml"


def read(file: Path, reading: RegisterReading | None = None) -> RawCentres:
    return interpret(read_raw(file), file, reading or RegisterReading(), strict=True, sha256="")


def the_centre(found: RawCentres) -> dict[str, object]:
    (centre,) = found.table.to_dict("records")
    assert centre["name_zh"] == NAME
    assert (centre["x"], centre["y"]) == pytest.approx((LON, LAT), abs=1e-6)
    return centre


def packed(file: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return file


def feature(geometry: object, **properties: object) -> str:
    return json.dumps(
        {"type": "FeatureCollection",
         "features": [{"type": "Feature", "geometry": geometry, "properties": {"name": NAME, **properties}}]}
    )  # fmt: skip


def test_xlsx_with_numbers_dates_and_a_stray_cell_far_away(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["编号", "名称", "经度", "纬度", "容量"])
    sheet.append([7, NAME, LON, LAT, 46])
    book.save(tmp_path / "centres.xlsx")
    assert the_centre(read(tmp_path / "centres.xlsx"))["centre_id"] == "7"
    sheet["XFD1048576"] = "x"
    book.save(tmp_path / "far.xlsx")
    the_centre(read_centres(tmp_path / "far.xlsx"))


def test_geojson_points_areas_and_none(tmp_path: Path) -> None:
    file = tmp_path / "c.geojson"
    file.write_text(feature({"type": "Point", "coordinates": [LON, LAT]}, id="g1"), encoding="utf-8")
    assert the_centre(read(file))["centre_id"] == "g1"
    box = shapely.box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    file.write_text(feature(json.loads(shapely.to_geojson(box))), encoding="utf-8")
    the_centre(read(file))
    file.write_text(feature(None, county="昌平区"), encoding="utf-8")
    assert read(file).table[["x", "y"]].isna().all(axis=None)


def test_geojson_in_another_system_says_so(tmp_path: Path) -> None:
    content = json.loads(feature({"type": "Point", "coordinates": [12947555.2, 4891969.8]}))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    file = tmp_path / "c.geojson"
    file.write_text(json.dumps(content), encoding="utf-8")
    centre = read(file).table.iloc[0]
    # x = 6378137 m times the longitude in radians.
    assert centre["x"] == pytest.approx(12947555.2 / 6_378_137 * 57.29577951308232)
    assert centre["crs"] == "file"


KML = f"""<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>{NAME}</name><ExtendedData><Data name="容量"><value>46</value></Data></ExtendedData>
<Point><coordinates>{LON},{LAT},0</coordinates></Point></Placemark></Document></kml>"""


def test_kml_and_kmz(tmp_path: Path) -> None:
    (tmp_path / "c.kml").write_text(KML, encoding="utf-8")
    assert the_centre(read(tmp_path / "c.kml"))["capacity"] == 46.0
    the_centre(read(packed(tmp_path / "c.kmz", **{"doc.kml": KML})))


def ogr(path: Path, driver: str, encoding: str | None = None) -> None:
    field = [NAME, "坏儿童之家", "第二儿童之家"]
    points = shapely.to_wkb(shapely.points([LON, 116.5, 116.6], [LAT, 40.1, 40.2]))
    ogr_write(
        path, points, [np.array(field, dtype=object), np.array(["46", "x", "9"], dtype=object)], ["name", "capacity"],
        geometry_type="Point", crs="EPSG:4326", driver=driver, encoding=encoding,
    )  # fmt: skip


def test_a_geopackage_through_the_child_with_two_drivers(tmp_path: Path) -> None:
    ogr(tmp_path / "c.gpkg", "GPKG")
    found = read_centres(tmp_path / "c.gpkg", None)
    assert (found.format, found.rows_read) == ("geopackage", 3)
    first = found.table.iloc[0]
    assert (first["name_zh"], first["x"], first["y"]) == (NAME, LON, LAT)
    assert list(found.rejected["row"]) == [2]


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("with_cpg", [True, False])
def test_a_zipped_shapefile_in_two_encodings(tmp_path: Path, encoding: str, *, with_cpg: bool) -> None:
    ogr(tmp_path / "c.shp", "ESRI Shapefile", encoding)
    parts = {f"折叠/{p.name}": p.read_bytes() for p in tmp_path.glob("c.*") if with_cpg or p.suffix != ".cpg"}
    found = read_centres(packed(tmp_path / "zipped.zip", **parts))
    assert found.format == "shapefile"
    assert found.table.loc[0, "name_zh"] == NAME
    assert found.table.loc[0, "x"] == LON


KOBO_JSON = {
    "count": 1, "next": None, "results": [
        {"_id": 1, "_uuid": "u-1", "group_a/name": NAME, "group_a/services": "education_support healthcare",
         "group_a/place": f"{LAT} {LON} 31.2 5", "_geolocation": [LAT, LON], "group_a/type": "childrens_place"}
    ],
}  # fmt: skip


def test_kobo_json_csv_and_xlsx(tmp_path: Path) -> None:
    file = tmp_path / "kobo.json"
    file.write_text(json.dumps(KOBO_JSON), encoding="utf-8")
    centre = the_centre(read(file))
    assert centre["services"] == "education_support,healthcare"
    assert centre["centre_id"] == "1"
    head = '"group_a/name";"group_a/type";"place";"_place_latitude";"_place_longitude";"_place_altitude";"_uuid"'
    line = f'"{NAME}";"childrens_place";"{LAT} {LON} 31 5";"{LAT}";"{LON}";"31";"u-1"'
    file = tmp_path / "kobo.csv"
    file.write_text(f"{head}\n{line}\n", encoding="utf-8")
    assert the_centre(read(file))["centre_id"] == "u-1"


def test_odk_central_csv_and_odata(tmp_path: Path) -> None:
    file = tmp_path / "odk.csv"
    file.write_text(
        "SubmissionDate,centre-name,place-Latitude,place-Longitude,place-Accuracy,KEY\n"
        f"2026-01-02T03:04:05Z,{NAME},{LAT},{LON},4,uuid:1\n",
        encoding="utf-8",
    )
    assert the_centre(read(file, RegisterReading(columns={"name": "centre-name"})))["centre_id"] == "uuid:1"
    file = tmp_path / "odk.json"
    answer = {"__id": "uuid:1", "centre": {"name": NAME, "place": {"type": "Point", "coordinates": [LON, LAT, 30]}}}
    file.write_text(json.dumps({"value": [answer]}), encoding="utf-8")
    the_centre(read(file))


def test_an_overpass_answer_with_the_source_file_that_ships(tmp_path: Path) -> None:
    elements = [
        {"type": "node", "id": 5, "lat": LAT, "lon": LON, "tags": {"name": NAME, "amenity": "community_centre"}},
        {"type": "way", "id": 6, "center": {"lat": 40.3, "lon": 116.4}, "nodes": [1, 2],
         "tags": {"name": "某幼儿园", "amenity": "childcare", "start_date": "2019"}},
        {"type": "node", "id": 1, "lat": 40.3, "lon": 116.4},
    ]  # fmt: skip
    file = tmp_path / "overpass.json"
    file.write_text(json.dumps({"version": 0.6, "osm3s": {}, "elements": elements}), encoding="utf-8")
    found = read_centres(file, OSM)
    assert list(found.table["centre_id"]) == ["osm-node-5", "osm-way-6"]
    assert list(found.table["type"]) == ["childrens_centre", "kindergarten"]
    assert set(found.table["licence"]) == {"ODbL 1.0"}
    assert found.table.loc[1, "opened"] == "2019"
    assert found.origin is not None
    assert "OpenStreetMap" in found.origin["citation"]
    file.write_text(json.dumps({"elements": elements, "remark": "runtime error: timed out"}), encoding="utf-8")
    with pytest.raises(UserError, match="before it was done"):
        read(file)


def test_the_query_that_ships_asks_for_every_name_of_the_facts() -> None:
    query = (PROJECT_DIR / "etl" / "sources" / "overpass_centres.ql").read_text(encoding="utf-8")
    for word in ("儿童之家", "留守儿童", "儿童快乐家园", "童心港湾", "童伴之家", "儿童中心", "少年宫", "未成年人保护",
                 "social_facility:for", "youth_centre", "childcare"):  # fmt: skip
        assert word in query
    assert load_reading(OSM)[0].crs is None


# ---- what is refused ------------------------------------------------------------------------------------------------

BOMB = '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><kml><name>&b;</name></kml>'
XXE = '<?xml version="1.0"?><!DOCTYPE k SYSTEM "file:///etc/passwd"><kml/>'
LINK = "<kml><NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink></kml>"


@pytest.mark.parametrize(("text", "words"), [(BOMB, "definitions"), (XXE, "definitions"), (LINK, "links to other")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_grows_or_reaches_out_is_refused(tmp_path: Path, text: str, words: str, encoding: str) -> None:
    file = tmp_path / "c.kml"
    file.write_bytes(text.replace('version="1.0"', f'version="1.0" encoding="{encoding}"').encode(encoding))
    with pytest.raises(UserError, match=words):
        read_raw(file)


def test_zips_that_grow_or_point_outside_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="too large when"):
        read_raw(packed(tmp_path / "bomb.kmz", **{"doc.kml": b"\0" * 30_000_000}))
    with pytest.raises(UserError, match="points outside"):
        read_raw(packed(tmp_path / "up.zip", **{"../../up.shp": b"x"}))
    with pytest.raises(UserError, match="points outside"):
        read_raw(packed(tmp_path / "root.zip", **{"/etc/up.shp": b"x"}))
    with pytest.raises(UserError, match="no register"):
        read_raw(packed(tmp_path / "other.zip", **{"readme.txt": b"x"}))
    with pytest.raises(UserError, match="one Shapefile"):
        read_raw(packed(tmp_path / "two.zip", **{"a.shp": b"x", "b.shp": b"x"}))
    with pytest.raises(UserError, match="no Shapefile"):
        read_raw(packed(tmp_path / "fake.zip", **{"a.shp": b"<OGRVRTDataSource/>"}))


def test_an_xlsx_with_definitions_of_its_own_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["name"])
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = b'<!DOCTYPE w [<!ENTITY a "a">]>' + members[sheet]
    with pytest.raises(UserError, match="definitions"):
        read_raw(packed(tmp_path / "c.xlsx", **members))


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    "</OGRVRTDataSource>"
)


@pytest.mark.parametrize("name", ["c.geojson", "c.json", "c.gpkg", "c.vrt", "c.kml", "c.csv", "c.zip"])
def test_a_vrt_by_any_name_reads_nothing(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(VRT, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_centres(file)
    assert "root:" not in str(caught.value)


def test_only_two_drivers_are_left_to_gdal(tmp_path: Path) -> None:
    script = (
        "import sys; from etl.read.register import shapes; shapes.keep_only_safe_drivers(sys.argv); "
        "import pyogrio; print(sorted(pyogrio.list_drivers()))"
    )
    file = tmp_path / "drivers.py"
    file.write_text(script, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_DIR)}
    done = subprocess.run([sys.executable, str(file)], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sorted(shapes.DRIVERS))


def test_an_sqlite_file_that_is_no_geopackage_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.gpkg"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    with pytest.raises(UserError, match="geopackage cannot be read"):
        read_centres(file)


STARTS = [
    b"",
    b"PK\x03\x04",
    b"SQLite format 3\0",
    b"<kml>",
    b'{"elements":',
    b'[{"name":',
    b'{"type":"Feature",',
    KML.encode(),
]
ENDINGS = [".csv", ".xlsx", ".geojson", ".json", ".kml", ".kmz", ".zip", ".txt"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=200), st.sampled_from(ENDINGS))
def test_any_bytes_give_rows_or_a_user_error(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, content: bytes, ending: str
) -> None:
    if start.startswith(b"SQLite"):
        return  # GDAL reads those in a process of its own
    file = tmp_path_factory.mktemp("any") / f"centres{ending}"
    file.write_bytes(start + content)
    with contextlib.suppress(UserError):
        assert len(read(file).table) > 0, "a register without a centre is refused"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["type", "features", "elements", "tags", "center", "lat", "lon", "results", "value", "geometry",
                         "properties", "coordinates", "name", "_geolocation", "crs", "id"]), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_any_json_gives_rows_or_a_user_error(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    file = tmp_path_factory.mktemp("any") / "centres.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    with contextlib.suppress(UserError):
        assert len(read(file).table) > 0, "a register without a centre is refused"


def good_xlsx() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["name", "lon", "lat"])
    book.worksheets[0].append([NAME, LON, LAT])
    book.save(out)
    return out.getvalue()


# Made once: a workbook holds the time it was saved.
GOOD_XLSX = good_xlsx()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_spoilt_good_file_gives_rows_or_a_user_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("spoilt")
    content = bytearray(GOOD_XLSX)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "centres.xlsx").write_bytes(bytes(content))
    with contextlib.suppress(UserError):
        assert len(read(folder / "centres.xlsx").table) > 0, "a register without a centre is refused"
