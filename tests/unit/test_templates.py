"""Templates: what the command line writes, the dashboard hands out and the readers understand is one thing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.settings import Settings
from etl.__main__ import main
from etl.read.counts import read_counts
from etl.read.register.centres import read_centres
from geodata.catalogue import Catalogue
from geodata.catalogue.templates import COLUMNS, ENDINGS, TEMPLATES, explanations, template
from geodata.store import Store
from geodata.text import LANGUAGES, Language


@pytest.fixture(scope="module")
def client(toy_release_dir: Path, store: Store, catalogue: Catalogue) -> FlaskClient:
    return create_app(Settings(toy_release_dir), store, catalogue).server.test_client()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_readers_understand_the_templates_of_either_language(tmp_path: Path, lang: Language, ending: str) -> None:
    file = tmp_path / f"centres.{ending}"
    file.write_bytes(template("centres", ending, lang))
    read = read_centres(file)
    assert read.mapping.unused == (), "every head is known"
    assert len(read.table) == 1
    row = read.table.iloc[0]
    assert (row["type"], row["status"], row["crs"]) == ("childrens_place", "open", "WGS-84")
    assert row["services"] == "education_support,family_education"
    assert (row["x"], row["y"], row["capacity"], row["county"]) == (116.23, 40.22, 46, "110114")
    file = tmp_path / f"counts.{ending}"
    file.write_bytes(template("counts", ending, lang))
    assert [one.definition for one in read_counts(file).rows] == ["NBS_LBC", "NBS_MIG", "MCA_LBC", "MOE_LBC"]


@pytest.mark.parametrize("what", TEMPLATES)
def test_every_column_is_explained_in_both_languages(what: str) -> None:
    for lang in LANGUAGES:
        told = explanations(next(one for one in TEMPLATES if one == what), lang)
        assert len(told) == len(COLUMNS[next(one for one in TEMPLATES if one == what)])
        assert all(text and "{" not in text for _, text in told)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", TEMPLATES)
def test_command_and_dashboard_give_the_same_table(
    client: FlaskClient, tmp_path: Path, what: str, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"{what}.csv"
    assert main(["template", what, str(out), "--lang", lang]) == 0
    assert str(out) in capsys.readouterr().out
    answer = client.get(f"/download/template/{what}.csv?lang={lang}")
    assert answer.get_data() == out.read_bytes()
    assert f"{what}_template_{lang}.csv" in answer.headers["Content-Disposition"]
    assert main(["template", what, str(out)]) == 1, "nothing is overwritten"
    assert client.get(f"/download/template/{what}.xlsx?lang={lang}").get_data()[:2] == b"PK"


def test_what_is_no_template_is_refused(client: FlaskClient) -> None:
    for address in ("centres.pdf", "children.csv", "centres"):
        answer = client.get(f"/download/template/{address}")
        assert answer.status_code == 404
        assert "centres.xlsx" in answer.get_json()["error"]["allowed"]
    assert client.get("/download/template/centres.csv?lang=fr").status_code == 400


@pytest.mark.parametrize(("path", "words"), [("/gap", "模板"), ("/distance?lang=en", "Template")])
def test_the_pages_offer_the_template(client: FlaskClient, path: str, words: str) -> None:
    layout = client.get("/_dash-layout", headers={"Referer": f"http://localhost{path}"}).get_data(as_text=True)
    assert "/download/template/centres.xlsx" in layout.replace("\\/", "/").replace("\\u002f", "/")
    assert words in layout or words.encode("unicode_escape").decode() in layout


def test_the_page_about_offers_all_templates(client: FlaskClient) -> None:
    page = client.get("/about?lang=zh").get_data(as_text=True)
    for what in TEMPLATES:
        for ending in ENDINGS:
            assert f"/download/template/{what}.{ending}?lang=zh" in page
